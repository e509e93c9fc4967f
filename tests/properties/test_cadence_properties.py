"""The next time is never past, never beyond its cap, always the same, and no failure ends a feed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_door, make_feed, make_poll, make_subscription
from tracker.errors import BlockedError, RateLimitedError
from tracker.models import Door, Feed, Outcome, Poll, SourceName, Subscription
from tracker.poll import cadence

DAY = timedelta(days=1)
WEEK = timedelta(days=7)

SUBS = st.sampled_from(
    [
        make_subscription(id="list", playlist="PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"),
        make_subscription(id="channel", channel="UCXUPKJO5MZQN11PqgIvyuvQ", videos=("long",)),
        make_subscription(id="letter", publication="https://example.substack.com"),
        make_subscription(id="category", categories=("cs.CL", "cs.LG")),
        make_subscription(id="query", query="all:x"),
        make_subscription(id="blog", url="https://weeknight.example/feed"),
    ]
)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- the strategy wants naive bounds
TEXTS = st.one_of(
    st.text(max_size=30),
    st.integers(-(10**12), 10**12).map(str),
    st.datetimes().map(lambda each: each.strftime("%a, %d %b %Y %H:%M:%S GMT")),
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "cache-control": st.one_of(TEXTS, TEXTS.map("public, max-age={}".format)),
        "expires": TEXTS,
        "date": TEXTS,
        "age": TEXTS,
    },
)
POLLS = st.builds(
    make_poll,
    door=st.sampled_from(Door),
    outcome=st.sampled_from(Outcome),
    status=st.sampled_from([None, 200, 304, 400, 401, 403, 404, 410, 429, 500, 503]),
    new=st.integers(0, 3),
    is_local=st.booleans(),
    is_transient=st.booleans(),
)


def row(sub: Subscription, failures: int, waited: float | None, gone: datetime | None) -> Feed:
    door = make_door(url="", failures=failures)
    return make_feed(id=sub.id, source=sub.source, feed=door, listing=door, wait=waited, gone_since=gone)


@given(
    sub=SUBS,
    poll=POLLS,
    now=MOMENTS,
    headers=HEADERS,
    retry_after=TEXTS,
    failures=st.integers(0, 10**6),
    waited=st.one_of(st.none(), st.floats()),
)
def test_next_due_is_neither_past_nor_beyond_its_cap(
    *,
    sub: Subscription,
    poll: Poll,
    now: datetime,
    headers: dict[str, str],
    retry_after: str,
    failures: int,
    waited: float | None,
) -> None:
    """M79, M80, M84: any answer leads to a moment from now to a week on; without Retry-After or a gone feed, a day.

    ArXiv waits for the next batch instead, over a weekend.
    """
    feed = row(sub, failures, waited, now - 2 * DAY)
    due = cadence.next_due(feed, sub, poll=poll, answer_headers=headers, retry_after=retry_after, now=now)
    calm = cadence.next_due(feed, sub, poll=poll, answer_headers=headers, retry_after="", now=now)
    again = cadence.next_due(feed, sub, poll=poll, answer_headers=headers, retry_after=retry_after, now=now)

    assert now <= calm <= due <= now + WEEK
    assert due == again
    if poll.status != 410 and sub.source is not SourceName.ARXIV:
        assert calm <= now + DAY + timedelta(hours=1)


@given(
    sub=SUBS,
    now=MOMENTS,
    ages=st.lists(st.timedeltas(-WEEK, WEEK * 200), max_size=60),
    holds=st.integers(0, 10_000),
)
def test_no_rhythm_lets_an_entry_wait_for_long(
    sub: Subscription, now: datetime, ages: list[timedelta], holds: int
) -> None:
    """M21: whatever the dates, a feed that answers is asked hourly at most; M93: and within 11 hours, the spread included.

    arXiv keeps its calendar.
    """
    feed = replace(row(sub, 0, None, None), feed=make_door(url="", entries=holds))
    poll = make_poll(door=Door.FEED, outcome=Outcome.UNCHANGED)
    dates = [now - age for age in ages]
    due = cadence.next_due(feed, sub, poll=poll, answer_headers={}, retry_after="", now=now, published=dates)

    if not (sub.categories or sub.query):
        assert timedelta(hours=1) <= due - now <= timedelta(hours=11)


@given(sub=SUBS, polls=st.lists(POLLS, min_size=1, max_size=30), now=MOMENTS, retry_after=TEXTS)
def test_no_row_of_failures_parks_a_feed(sub: Subscription, polls: list[Poll], now: datetime, retry_after: str) -> None:
    """M19, M84: whatever the failures, a feed that is asked when it is due is due again within a week, for ever."""
    feed = row(sub, 0, None, now)
    for poll in polls:
        door = replace(feed.feed, failures=feed.feed.failures + 1, failing_since=feed.feed.failing_since or now)
        failure = replace(poll, door=Door.FEED, outcome=Outcome.FAILED, at=now)
        due = cadence.next_due(
            replace(feed, feed=door), sub, poll=failure, answer_headers={}, retry_after=retry_after, now=now
        )
        feed = replace(feed, feed=replace(door, next_due_at=due))
        assert due - now <= WEEK
        assert Door.FEED in cadence.doors_due(feed, sub, now=due)
        now = due


@given(sub=SUBS, now=MOMENTS, ahead=st.timedeltas(-WEEK * 100, WEEK * 100), seen=st.timedeltas(timedelta(), WEEK))
def test_some_moment_within_eight_days_is_due(
    sub: Subscription, now: datetime, ahead: timedelta, seen: timedelta
) -> None:
    """A stored time that a wrong clock left makes no feed wait longer than the longest rule."""
    feed = replace(row(sub, 1, None, None), feed=make_door(next_due_at=now + ahead, last_polled_at=now - seen))

    moments = [now + DAY * number for number in range(9)]
    assert any(cadence.is_due(feed, sub, door=Door.FEED, now=each) for each in moments)


@given(retry_after=TEXTS, failures=st.integers(0, 10**6), now=MOMENTS, is_blocked=st.booleans())
def test_a_host_waits_a_week_at_most(retry_after: str, failures: int, now: datetime, is_blocked: bool) -> None:
    """M21, M80: a host's pause is a quarter of an hour at least and a week at most."""
    kind = BlockedError if is_blocked else RateLimitedError
    until = cadence.host_pause(kind("x", status=429, retry_after=retry_after), now=now, failures=failures)

    assert until is not None
    assert now + timedelta(minutes=15) <= until <= now + WEEK
