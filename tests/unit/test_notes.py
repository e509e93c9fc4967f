"""What the page says about feeds, in proportion: a feed that has ended is told when it does, and then every four weeks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import make_subscription
from tracker.digest.composition import FeedNote
from tracker.digest.notes import take_notes
from tracker.models import Health, HealthReport, Outage, State, Window

WEEK = timedelta(days=7)
MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)
LETTER = make_subscription(id="letter", title="Old Letter")


def told(began: datetime, *, days: int, issues: int) -> list[int]:
    """Number the issues, of so many days each from `MONDAY` on, that tell of a feed that ended for certain then."""
    health = Health(
        feed="letter", title="Old Letter", state=State.STALE, since=began, evidence="ended", told_from=began
    )
    report = HealthReport(feeds=(health,), outages=(), last_success_at=None)
    found = []
    for number in range(issues):
        start = MONDAY + number * timedelta(days=days)
        end = start + timedelta(days=days)
        window = Window(label=f"{number}", start=start, end=end, closes_at=end)
        if take_notes(report, window=window, subscriptions={"letter": LETTER}, missed=()):
            found.append(number)
    return found


@pytest.mark.parametrize(
    ("days", "issues", "wanted"),
    [(7, 14, [2, 6, 10]), (30, 4, [0, 1, 2, 3]), (1, 60, [15, 43])],
    ids=["weekly", "monthly", "daily"],
)
def test_a_feed_that_has_ended_is_told_about_once_a_month(days: int, issues: int, wanted: list[int]) -> None:
    """The issue in whose span it became certain tells it, then one every four weeks, whatever the period (rule 10)."""
    assert told(MONDAY + 15 * timedelta(days=1) + timedelta(hours=3), days=days, issues=issues) == wanted


def test_what_had_ended_before_is_told_in_turn() -> None:
    """An ending of long ago is told in every fourth weekly issue, in none between."""
    assert told(MONDAY - 100 * WEEK + timedelta(hours=1), days=7, issues=8) == [0, 4]


def test_other_states_are_told_every_time() -> None:
    """Yesterday's batch, say, is news each time."""
    health = Health(feed="letter", title="Old Letter", state=State.STALE, evidence="yesterday's batch")
    report = HealthReport(feeds=(health,), outages=(), last_success_at=None)
    window = Window(label="0", start=MONDAY, end=MONDAY + WEEK, closes_at=MONDAY + WEEK)
    assert len(take_notes(report, window=window, subscriptions={"letter": LETTER}, missed=())) == 1


@pytest.mark.parametrize(("feed", "is_whole"), [("letter", False), ("other", True)])
def test_an_outage_that_left_a_gap_says_so(feed: str, is_whole: bool) -> None:
    """The line about an outage that is over does not say that nothing is missing where its own feed has a gap (M41)."""
    hour = timedelta(hours=1)
    outage = Outage(host="substack.com", since=MONDAY, until=MONDAY + hour, feeds=("letter",), error="503")
    report = HealthReport(outages=(outage,))
    window = Window(label="0", start=MONDAY, end=MONDAY + WEEK, closes_at=MONDAY + WEEK)
    gap = FeedNote(kind="gap", feed=feed, since=MONDAY - hour, until=MONDAY + hour)
    first, second = take_notes(report, window=window, subscriptions={"letter": LETTER}, missed=(gap,))
    assert (first.kind, first.is_whole, second) == ("outage", is_whole, gap)


@pytest.mark.parametrize(("failed", "is_at_most"), [(1, True), (8, False)], ids=["slept", "went on asking"])
def test_an_outage_whose_end_nobody_saw_is_told_as_at_most(failed: int, is_at_most: bool) -> None:
    """Of fourteen hours without an answer in which nobody asked for most of the time, the page says "at most"."""
    hour = timedelta(hours=1)
    outage = Outage(
        host="youtube.com",
        since=MONDAY,
        until=MONDAY + 14 * hour,
        feeds=("a", "b"),
        error="404",
        failed_at=MONDAY + failed * hour,
    )
    window = Window(label="0", start=MONDAY, end=MONDAY + WEEK, closes_at=MONDAY + WEEK)
    (line,) = take_notes(HealthReport(outages=(outage,)), window=window, subscriptions={}, missed=())
    assert (line.seconds, line.is_at_most) == (14 * 3600, is_at_most)
