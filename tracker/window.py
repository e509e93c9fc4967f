"""Say which span an issue covers, what it is called, and whether it is overdue; for digest, and for what is news; pure.

A regular boundary is a local hour in the digest's zone (`at`), once every day, week or month. An
hour that a clock change skips is the first valid moment after it; one that comes twice is the first
of the two. Windows are half-open, `[start, end)`, and each starts where the last one ended, so that
they tile time whatever happened in between.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from tracker.config import Rhythm, parse_at
from tracker.errors import DigestError
from tracker.models import DigestSettings, Window

Every = Literal["day", "week", "month"]

LATE = timedelta(minutes=10)
SECOND = timedelta(seconds=1)
_PERIODS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=31)}


@dataclass(frozen=True, slots=True)
class LedgerEnd:
    """Where the ledger stands: the end of the last issue that a clock which can be believed has closed."""

    end: datetime


@dataclass(frozen=True, slots=True)
class Boundary:
    """A regular closing moment: `at` in UTC, `planned` the local hour it stands for."""

    at: datetime
    planned: datetime


def believable_until(settings: DigestSettings, now: datetime) -> datetime:
    """Say up to when an issue may have ended: one that ends a whole period ahead was closed by a wrong clock."""
    return now + _PERIODS[settings.every]


def open_window(
    settings: DigestSettings,
    *,
    last: LedgerEnd | None,
    first_polled_at: datetime | None,
    now: datetime,
    labels: Collection[str],
) -> Window:
    """Describe the window that is running: from the last issue's end to now, named for its next close.

    It ends with the present second, so that what was stored in this second is inside. `labels` are
    those already given, covered ones included. Before the first poll the window is the period up to
    now.
    """
    start = _start(settings, last, first_polled_at or now)
    boundary = next_boundary(settings, max(now, start))
    base = label_of(settings.every, boundary.planned)
    return Window(
        label=_unique(base, labels),
        start=start,
        end=max(min(_end_of_second(now), boundary.at), start),
        closes_at=boundary.at,
        is_first=last is None,
        repeats=base if base in labels else "",
    )


def overdue(
    settings: DigestSettings,
    *,
    last: LedgerEnd | None,
    first_polled_at: datetime | None,
    now: datetime,
    labels: Collection[str],
) -> Window | None:
    """Tell which window must be closed now, or None.

    Missed windows are covered by one, named for the last boundary passed (design: Labels). More
    than ten minutes late, or after missed windows, it ends now, or rather with this second, so that
    what was stored in the same second belongs to it. A clock that runs behind the last issue's end
    makes nothing overdue.
    """
    since = last.end if last else first_polled_at
    if since is None:
        return None
    passed = list(_boundaries(settings, since, now))
    if not passed:
        return None
    boundary = passed[-1]
    names = [label_of(settings.every, each.planned) for each in passed]
    covers = tuple(name for name in names[:-1] if name not in labels)
    is_late = now - boundary.at > LATE or bool(covers)
    return Window(
        label=_unique(names[-1], labels),
        start=_start(settings, last, since),
        end=_end_of_second(now) if is_late else boundary.at,
        closes_at=boundary.at,
        covers=covers,
        is_late=is_late,
        is_first=last is None,
        repeats=names[-1] if names[-1] in labels else "",
    )


def delayed(window: Window, now: datetime) -> Window:
    """Let a window that closes by its hour end now all the same: nobody had been asked for it before its hour."""
    return replace(window, end=_end_of_second(now), is_late=True)


def early(
    settings: DigestSettings,
    *,
    last: LedgerEnd | None,
    first_polled_at: datetime | None,
    now: datetime,
    labels: Collection[str],
) -> Window:
    """Describe the running window closed at this moment, under the label it would have had.

    A window that passed unclosed meanwhile is covered. Raises DigestError when the clock has not passed the last
    issue's end.
    """
    running = open_window(settings, last=last, first_polled_at=first_polled_at, now=now, labels=labels)
    if now < running.start:
        raise DigestError(
            f"the clock says {now:%Y-%m-%d %H:%M} UTC, before the end of the last issue: nothing to close",
            issue=running.label,
        )
    return Window(
        label=running.label,
        start=running.start,
        end=running.end,
        closes_at=running.closes_at,
        covers=_missed(settings, running, last.end if last else first_polled_at, now=now, labels=labels),
        is_early=True,
        is_first=running.is_first,
        repeats=running.repeats,
    )


def _missed(
    settings: DigestSettings, running: Window, since: datetime | None, *, now: datetime, labels: Collection[str]
) -> tuple[str, ...]:
    """Name the windows that passed since the last issue and were never closed."""
    passed = _boundaries(settings, since, now) if since else ()
    names = dict.fromkeys(label_of(settings.every, each.planned) for each in passed)
    return tuple(name for name in names if name not in labels and name != running.label)


def next_close(settings: DigestSettings, after: datetime) -> datetime:
    """Tell the first regular closing moment after another moment, in UTC."""
    return next_boundary(settings, after).at


def label_of(every: Every, planned: datetime) -> str:
    """Name a boundary by the day, ISO week or month in which its window mostly lies.

    Half a period is taken from the wall clock, not from elapsed time: a day of 23 hours must not
    fall back on its predecessor's name.
    """
    if every == "day":
        return f"{planned - timedelta(hours=12):%Y-%m-%d}"
    if every == "month":
        return f"{planned - timedelta(days=15):%Y-%m}"
    year, week, _ = (planned - timedelta(days=3, hours=12)).isocalendar()
    return f"{year:04}-W{week:02}"


def next_boundary(settings: DigestSettings, after: datetime) -> Boundary:
    """Find the first boundary after a moment."""
    plan = _plan(settings, after)
    found = next(each for each in plan if each.at > after)
    # Where a zone skipped a whole day, two planned hours are one moment: the later gives the name.
    following = next(plan)
    return following if following.at == found.at else found


def _boundaries(settings: DigestSettings, after: datetime, until: datetime) -> Iterator[Boundary]:
    """Give the boundaries in `(after, until]`, in order."""
    boundary = next_boundary(settings, after)
    while boundary.at <= until:
        yield boundary
        boundary = next_boundary(settings, boundary.at)


def _plan(settings: DigestSettings, around: datetime) -> Iterator[Boundary]:
    """Give boundaries in order for ever, from safely before a moment."""
    rhythm = parse_at(settings.every, settings.at)
    zone = ZoneInfo(settings.timezone)
    for day in _days(rhythm, around.astimezone(zone).date()):
        planned = datetime.combine(day, time(rhythm.hour, rhythm.minute))
        yield Boundary(_to_utc(planned, zone), planned)


def _days(rhythm: Rhythm, around: date) -> Iterator[date]:
    """Give the days that have a boundary, from one or two periods before a day."""
    if rhythm.day is not None:
        yield from _month_days(rhythm.day, around)
    step = timedelta(days=1 if rhythm.weekday is None else 7)
    current = around - 2 * step
    if rhythm.weekday is not None:
        current += timedelta(days=(rhythm.weekday - current.weekday()) % 7)
    while True:
        yield current
        current += step


def _month_days(day: int, around: date) -> Iterator[date]:
    """Give a day of every month; where a month is shorter, its last."""
    month = around.year * 12 + around.month - 3
    while True:
        year, index = divmod(month, 12)
        yield date(year, index + 1, min(day, monthrange(year, index + 1)[1]))
        month += 1


def _to_utc(planned: datetime, zone: ZoneInfo) -> datetime:
    """Turn a local hour into a moment: the first of two, or the first valid one after a gap."""
    moment = planned.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == planned:
        return moment
    # Inside a gap the two folds lie on either side of the change; look for the second it happens.
    before = int(planned.replace(tzinfo=zone, fold=1).timestamp())
    after = int(moment.timestamp())
    offset = moment.astimezone(zone).utcoffset()
    while after - before > 1:
        middle = (before + after) // 2
        is_after = datetime.fromtimestamp(middle, zone).utcoffset() == offset
        before, after = (before, middle) if is_after else (middle, after)
    return datetime.fromtimestamp(after, UTC)


def _start(settings: DigestSettings, last: LedgerEnd | None, first: datetime) -> datetime:
    """Start where the last issue ended; the first window reaches one whole period back."""
    return last.end if last else period_before(settings, first)


def period_before(settings: DigestSettings, moment: datetime) -> datetime:
    """Go one whole period back on the wall clock of the digest's zone."""
    zone = ZoneInfo(settings.timezone)
    local = moment.astimezone(zone).replace(tzinfo=None)
    if settings.every == "month":
        year, month = (local.year, local.month - 1) if local.month > 1 else (local.year - 1, 12)
        back = local.replace(year=year, month=month, day=min(local.day, monthrange(year, month)[1]))
    else:
        back = local - timedelta(days=7 if settings.every == "week" else 1)
    return _to_utc(back.replace(microsecond=0), zone)


def _end_of_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0) + SECOND


def _unique(base: str, labels: Collection[str]) -> str:
    """Add -2, -3, … until nobody has the label."""
    number, label = 1, base
    while label in labels:
        number += 1
        label = f"{base}-{number}"
    return label
