"""What a feed's dates tell of its rhythm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tracker.health.rhythm import Rhythm, learn, shortest_stretch, usual_stretch
from tracker.health.words import every

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def ago(*days: float) -> list[datetime]:
    return [NOW - DAY * each for each in days]


def test_the_gap_is_the_usual_one_between_days() -> None:
    """The median of the gaps is the rhythm, the longest is kept, and the order of the dates does not matter."""
    assert learn(ago(29, 1, 8, 15, 3 * 29), now=NOW) == Rhythm(last=NOW - DAY, gap=10.5 * DAY, longest=58 * DAY)


def test_entries_of_a_day_count_once() -> None:
    """A day with six entries is a day."""
    dates = [each - HOUR * hour for each in ago(1, 8, 15, 22, 29) for hour in range(6)]

    assert learn(dates, now=NOW) == Rhythm(last=NOW - DAY, gap=7 * DAY, longest=7 * DAY)


def test_few_days_are_no_rhythm() -> None:
    """With four days only the last is known; without a past date nothing is."""
    assert learn(ago(1, 8, 15, 22), now=NOW) == Rhythm(last=NOW - DAY)
    assert learn(ago(-1, -400), now=NOW) is None
    assert learn([], now=NOW) is None


def test_many_entries_on_few_days_are_a_busy_feed() -> None:
    """Of a feed with forty entries a day the latest sixty reach back two days, and it is a daily one."""
    assert learn([NOW - HOUR * each for each in range(60)], now=NOW) == Rhythm(last=NOW, gap=DAY)


def test_the_future_is_no_date() -> None:
    """A scheduled or mistaken date ahead changes neither gap nor last."""
    assert learn([*ago(1, 8, 15, 22, 29), NOW + 90 * DAY], now=NOW) == learn(ago(1, 8, 15, 22, 29), now=NOW)


def test_the_shortest_stretch_is_the_tightest() -> None:
    """Three entries came within a day at the tightest, two within half of one; nine never came."""
    dates = ago(1, 10, 10.5, 11, 30)

    assert shortest_stretch(dates, 3, now=NOW) == DAY
    assert shortest_stretch(dates, 2, now=NOW) == DAY / 2
    assert shortest_stretch(dates, 9, now=NOW) is None


def test_only_two_months_are_remembered() -> None:
    """What came longer ago counts in neither stretch."""
    dates = ago(80, 80.1, 80.2, 20, 10)

    assert shortest_stretch(dates, 2, now=NOW) == 10 * DAY
    assert usual_stretch(dates, 3, now=NOW) == 90 * DAY


def test_the_usual_stretch_is_the_average() -> None:
    """Of a young feed only its own time counts, of an older one two months; less than two entries have no average."""
    assert usual_stretch(ago(20, 10), 3, now=NOW) == 30 * DAY
    assert usual_stretch(ago(0, 80), 3, now=NOW) is None
    assert usual_stretch(ago(0), 3, now=NOW) is None


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (1, "every day"),
        (1.5, "every two days"),
        (7, "every week"),
        (10, "every week"),
        (21, "every three weeks"),
        (30, "every month"),
        (365, "every 12 months"),
    ],
)
def test_a_gap_in_words(gap: float, said: str) -> None:
    """A gap is said in days, weeks or months, whichever is the largest that fits."""
    assert every(gap * DAY) == said
