"""Know arXiv's calendar for every stage: which days bring a batch, and when its feeds and its API are worth asking.

Facts: spec M51 to M53, M63. "Batch" is what one day's category feed holds.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BATCH_READY = time(5, 30)  # UTC; the feed rolls over at midnight Eastern: 04:00 or 05:00 UTC (M52)
BATCH_RETRY = time(11, 30)  # UTC; the one second look of a day (M52, M63)

_EASTERN = ZoneInfo("America/New_York")

# Days (Eastern) on whose evening arXiv announces nothing: Monday to Thursday, or a Friday, whose papers then wait for
# Monday instead of Sunday. 2025 and 2026 stand on arXiv's own list; from June to December 2025 the papers' dates agree
# with it. For 2027 no list is out: only the days that arXiv has kept in every year since 2023 (likely, not certain).
_HOLIDAYS = frozenset(
    date.fromisoformat(day)
    for day in (
        *(
            "2025-01-01",
            "2025-01-20",
            "2025-06-19",
            "2025-07-04",
            "2025-09-01",
            "2025-11-27",
            "2025-12-25",
            "2025-12-30",
        ),
        *(
            "2026-01-01",
            "2026-01-19",
            "2026-06-19",
            "2026-07-03",
            "2026-09-07",
            "2026-11-26",
            "2026-12-25",
            "2026-12-29",
        ),
        *("2026-12-31", "2027-01-01", "2027-01-18", "2027-09-06", "2027-11-25"),
    )
)


def is_announcement_day(day: date) -> bool:
    """Tell whether the category feed of this day (Eastern) holds a batch: it was announced on the evening before.

    Monday's was announced on Sunday, unless Friday was a holiday.
    """
    evening = day - timedelta(days=3 if day.weekday() == 0 else 1)
    return day.weekday() < 5 and evening not in _HOLIDAYS


def announcement_days(first: date, last: date) -> tuple[date, ...]:
    """List the days from `first` to `last`, both included, whose category feed holds a batch."""
    every = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return tuple(day for day in every if is_announcement_day(day))


def batch_day(now: datetime) -> date:
    """Name the day (Eastern) whose batch the category feed holds at this moment."""
    return now.astimezone(_EASTERN).date()


def next_look(now: datetime) -> datetime:
    """Say when a category feed is next worth asking (UTC): 05:30 on weekdays, 11:30 again on announcement days.

    A holiday is looked at once: the list of them is made by people, and a batch missed is gone from the feed.
    """
    day = now.astimezone(UTC).date()
    for offset in range(5):
        for moment in _looks(day + timedelta(days=offset)):
            if moment > now:
                return moment
    raise AssertionError("five days hold a weekday")


def next_rollover(now: datetime) -> datetime:
    """Say when the API's answers are next worth asking for (UTC): once a weekday, when what was announced is in them.

    They change once a day (M66), as the feeds roll over. A holiday is asked all the same, a weekend never.
    """
    day = now.astimezone(UTC).date()
    every = (datetime.combine(day + timedelta(days=offset), BATCH_READY, tzinfo=UTC) for offset in range(4))
    return next(each for each in every if each > now and each.weekday() < 5)


def next_batch(now: datetime) -> datetime:
    """Say when the next announcement's feed will be ready (UTC, 05:30 on its day)."""
    day = now.astimezone(UTC).date()
    for offset in range(15):
        ready = datetime.combine(day + timedelta(days=offset), BATCH_READY, tzinfo=UTC)
        if ready > now and is_announcement_day(ready.date()):
            return ready
    raise AssertionError("fifteen days hold an announcement day")


def _looks(day: date) -> list[datetime]:
    times = () if day.weekday() > 4 else (BATCH_READY, BATCH_RETRY) if is_announcement_day(day) else (BATCH_READY,)
    return [datetime.combine(day, each, tzinfo=UTC) for each in times]
