"""arXiv's calendar: days with and without a batch, and when to look."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tracker.sources import arxiv_calendar


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-11-23", True),
        ("2026-11-26", True),
        ("2026-11-27", False),
        ("2026-11-28", False),
        ("2026-11-29", False),
        ("2026-11-30", True),
        ("2026-07-03", True),
        ("2026-07-06", False),
        ("2026-12-28", False),
        ("2026-12-30", False),
        ("2027-01-01", False),
        ("2025-06-20", False),
        ("2025-07-07", False),
        ("2025-09-02", False),
        ("2025-12-26", False),
    ],
)
def test_the_calendar_knows_weekends_and_holidays(day: str, expected: bool) -> None:
    """M53: no batch on weekends, on the day after a holiday's evening, and on the Monday after a free Friday."""
    assert arxiv_calendar.is_announcement_day(date.fromisoformat(day)) is expected


def test_announcement_days_of_a_week() -> None:
    """M53: the week of Thanksgiving 2026 has four batches."""
    days = arxiv_calendar.announcement_days(date(2026, 11, 23), date(2026, 11, 29))

    assert [each.day for each in days] == [23, 24, 25, 26]


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-24T00:00", "2026-11-24T05:30"),
        ("2026-11-24T05:30", "2026-11-24T11:30"),
        ("2026-11-24T11:30", "2026-11-25T05:30"),
        ("2026-11-27T04:00", "2026-11-27T05:30"),
        ("2026-11-27T05:30", "2026-11-30T05:30"),
    ],
)
def test_looks_are_twice_on_weekdays(now: str, expected: str) -> None:
    """M52: 05:30 and 11:30 on weekdays, a holiday is looked at once, weekends never."""
    assert arxiv_calendar.next_look(datetime.fromisoformat(f"{now}+00:00")) == datetime.fromisoformat(
        f"{expected}+00:00"
    )


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-26T05:00", "2026-11-26T05:30"),
        ("2026-11-26T06:00", "2026-11-30T05:30"),
        ("2026-12-24T06:00", "2026-12-25T05:30"),
        ("2026-12-25T06:00", "2026-12-29T05:30"),
    ],
)
def test_the_next_batch_skips_holidays(now: str, expected: str) -> None:
    """M53: the next batch is ready at 05:30 on the next announcement day."""
    assert arxiv_calendar.next_batch(datetime.fromisoformat(f"{now}+00:00")) == datetime.fromisoformat(
        f"{expected}+00:00"
    )


def test_the_batch_turns_at_midnight_eastern_in_both_times_of_year() -> None:
    """M52: at 05:30 UTC the feed holds the day's batch, in summer and in winter; at 03:59 never."""
    moment = datetime(2026, 1, 1, 5, 30, tzinfo=UTC)
    for offset in range(365):
        ready = moment + timedelta(days=offset)
        assert arxiv_calendar.batch_day(ready) == ready.date()
        assert arxiv_calendar.batch_day(ready - timedelta(minutes=91)) == ready.date() - timedelta(days=1)
