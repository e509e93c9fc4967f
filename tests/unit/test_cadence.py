"""Which doors are due, and when next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories import make_door, make_feed, make_poll, make_subscription
from tracker.errors import BlockedError, FeedError, FeedGoneError, NetworkError, RateLimitedError
from tracker.models import Door, Feed, Outcome, SourceName, Subscription
from tracker.poll import cadence

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

LIST = make_subscription(id="list", playlist="PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ")
CHANNEL = make_subscription(id="channel", channel="UCXUPKJO5MZQN11PqgIvyuvQ")
LETTER = make_subscription(id="letter", publication="https://example.substack.com")
CATEGORY = make_subscription(id="category", categories=("cs.CL",))
QUERY = make_subscription(id="query", query="all:x")
BLOG = make_subscription(id="blog", url="https://weeknight.example/feed")

FEED, LISTING = Door.FEED, Door.LISTING


def state(sub: Subscription, **fields: Any) -> Feed:
    """Have answered an hour ago and be due in an hour, unless told otherwise."""
    door = make_door(url="", next_due_at=NOW + HOUR, last_polled_at=NOW - HOUR, last_success_at=NOW - HOUR, entries=10)
    return make_feed(**{"id": sub.id, "source": sub.source, "feed": door, **fields})


def listed(sub: Subscription, **fields: Any) -> Feed:
    """Have a complete listing of an hour ago."""
    listing = make_door(url="", next_due_at=NOW + 23 * HOUR, last_polled_at=NOW - HOUR, last_success_at=NOW - HOUR)
    return state(sub, **{"listing": listing, "listing_complete_at": NOW - HOUR, **fields})


def wait(
    sub: Subscription,
    feed: Feed | None = None,
    *,
    headers: dict[str, str] | None = None,
    retry_after: str = "",
    now: datetime = NOW,
    published: Sequence[datetime] = (),
    order: Sequence[datetime] = (),
    **poll: Any,
) -> timedelta:
    """Say how long the door is left alone after this poll."""
    done = make_poll(feed=sub.id, at=now, **poll)
    due = cadence.next_due(
        feed or state(sub),
        sub,
        poll=done,
        answer_headers=headers or {},
        retry_after=retry_after,
        now=now,
        published=published,
        order=order,
    )
    return due - now


def failed(sub: Subscription, failures: int, *, door: Door = FEED, retry_after: str = "", **poll: Any) -> timedelta:
    """Say how long the door is left alone after so many failures."""
    down = make_door(url="", failures=failures, failing_since=NOW - DAY)
    feed = state(sub, feed=down) if door is FEED else state(sub, listing=down)
    return wait(sub, feed, retry_after=retry_after, **{"outcome": Outcome.FAILED, "door": door, "status": None, **poll})


def is_about(actual: timedelta, expected: timedelta) -> bool:
    """Allow the spread: never earlier, at most a tenth later, at most an hour."""
    return expected <= actual <= expected + min(expected / 10, HOUR)


# ---------------------------------------------------------------- doors


def test_a_new_feed_is_due_at_once() -> None:
    """A feed that was never asked is due, and a playlist's listing with it."""
    new = make_feed(source=SourceName.YOUTUBE, feed=make_door(next_due_at=None), first_polled_at=None)

    assert cadence.doors_due(new, LIST, now=NOW) == (FEED, LISTING)
    assert cadence.doors_due(new, CHANNEL, now=NOW) == (FEED,)
    assert cadence.doors_due(new, BLOG, now=NOW) == (FEED,)


def test_a_restart_asks_nobody_early() -> None:
    """M75: only the stored time counts; a moment before it nothing is due, at it the feed is."""
    feed = state(BLOG, feed=make_door(next_due_at=NOW))

    assert cadence.doors_due(feed, BLOG, now=NOW - timedelta(seconds=1)) == ()
    assert cadence.doors_due(feed, BLOG, now=NOW) == (FEED,)


def test_a_time_beyond_every_rule_was_a_wrong_clock() -> None:
    """A next time set while the clock stood years ahead does not park a feed."""
    assert cadence.is_due(state(BLOG, feed=make_door(next_due_at=NOW + 400 * DAY)), BLOG, door=FEED, now=NOW)
    assert not cadence.is_due(state(BLOG, feed=make_door(next_due_at=NOW + 7 * DAY)), BLOG, door=FEED, now=NOW)


@pytest.mark.parametrize(
    ("feed", "sub"),
    [
        (state(LIST, is_paused=True), LIST),
        (state(LIST, unsubscribed_at=NOW), LIST),
        (state(LIST), make_subscription(id="list", playlist="PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ", paused=True)),
    ],
    ids=["feed paused", "unsubscribed", "paused in feeds.toml"],
)
def test_a_resting_feed_is_never_due(feed: Feed, sub: Subscription) -> None:
    """Paused and unsubscribed feeds are not asked, not even by force."""
    assert cadence.doors_due(feed, sub, now=NOW + 30 * DAY, force=True, has_questions=True) == ()
    assert not cadence.is_due(feed, sub, door=FEED, now=NOW + 30 * DAY)


@pytest.mark.parametrize(
    ("sub", "fields", "lacks", "expected"),
    [
        (LIST, {}, False, False),
        (LIST, {"listing_complete_at": None}, False, True),
        (LIST, {"feed": make_door(entries=15, next_due_at=NOW + HOUR)}, False, True),
        (LIST, {"feed": make_door(entries=14, next_due_at=NOW + HOUR)}, False, False),
        (LIST, {}, True, True),
        (LIST, {"feed": make_door(failures=5, failing_since=NOW - DAY, next_due_at=NOW + HOUR)}, False, True),
        (LIST, {"feed": make_door(failures=1, failing_since=NOW - HOUR, next_due_at=NOW + HOUR)}, False, False),
        (CHANNEL, {"feed": make_door(entries=15, next_due_at=NOW + HOUR)}, False, False),
        (CHANNEL, {}, True, True),
        (CHANNEL, {"feed": make_door(failures=5, failing_since=NOW - DAY, next_due_at=NOW + HOUR)}, False, True),
        (BLOG, {"listing_complete_at": None}, True, False),
    ],
    ids=(
        *("all seen", "never listed", "full", "not full", "no durations", "down for a day", "down for an hour"),
        *("full channel", "channel without durations", "channel down", "no listing door"),
    ),
)
def test_the_listing_is_asked_where_it_says_more(
    sub: Subscription, fields: dict[str, Any], lacks: bool, expected: bool
) -> None:
    """M9: a full playlist feed is listed daily; also one never listed, without durations, or with its feed down."""
    yesterday = make_door(url="", next_due_at=NOW, last_polled_at=NOW - DAY, last_success_at=NOW - DAY)
    feed = listed(sub, **{"listing": yesterday, **fields})

    assert (LISTING in cadence.doors_due(feed, sub, now=NOW, has_questions=lacks)) is expected


def test_a_gap_calls_for_the_listing() -> None:
    """M8: a listing that is wanted because of a gap is asked, a channel's too, and waits for its due time like any other."""
    due = make_door(url="", next_due_at=NOW, last_polled_at=NOW - HOUR, last_success_at=NOW - HOUR)
    failed = make_door(url="", next_due_at=NOW + HOUR, last_polled_at=NOW - HOUR, failures=1)

    assert LISTING in cadence.doors_due(listed(CHANNEL, listing=due, gap_since=NOW), CHANNEL, now=NOW)
    assert LISTING not in cadence.doors_due(listed(CHANNEL, listing=failed, gap_since=NOW), CHANNEL, now=NOW)
    assert LISTING in cadence.doors_due(listed(CHANNEL, listing=failed, gap_since=NOW), CHANNEL, now=NOW + HOUR)
    assert LISTING not in cadence.doors_due(listed(CHANNEL, listing=due), CHANNEL, now=NOW + 30 * DAY)


def test_force_skips_the_interval_but_not_six_hours_of_a_listing() -> None:
    """M34: by force the feed is asked at once, its listing not twice in six hours."""
    feed = listed(LIST, feed=make_door(entries=15, next_due_at=NOW + HOUR))

    assert cadence.doors_due(feed, LIST, now=NOW, force=True) == (FEED,)
    assert cadence.doors_due(feed, LIST, now=NOW + 5 * HOUR, force=True) == (FEED, LISTING)


@pytest.mark.parametrize(
    ("stored", "expected"),
    [(NOW - 7 * DAY, False), (NOW - 8 * DAY, True), (NOW + DAY, True), (None, True)],
    ids=["a week old", "eight days old", "from the future", "never stored"],
)
def test_validators_expire(stored: datetime | None, expected: bool) -> None:
    """M22: after eight days one request goes without validators, so that a stuck 304 heals; M73: otherwise with."""
    assert cadence.validators_expired(state(BLOG, validators_at=stored), now=NOW) is expected


# ---------------------------------------------------------------- after an answer


@pytest.mark.parametrize(
    ("sub", "expected"),
    [(LIST, 2 * HOUR), (CHANNEL, 2 * HOUR), (LETTER, 4 * HOUR), (BLOG, 6 * HOUR)],
    ids=lambda value: value.id if isinstance(value, Subscription) else "",
)
def test_each_source_has_its_own_interval(sub: Subscription, expected: timedelta) -> None:
    """The defaults of sources.md §8; M21: no YouTube feed more than hourly."""
    assert is_about(wait(sub), expected)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"cache-control": "public, max-age=900"}, 6 * HOUR),
        ({"cache-control": "max-age=36000"}, 10 * HOUR),
        ({"cache-control": 'Public,Max-Age="36000"'}, 10 * HOUR),
        ({"cache-control": "max-age=36000", "age": "7200"}, 8 * HOUR),
        ({"cache-control": "max-age=504576000"}, DAY),
        ({"cache-control": "max-age=" + "9" * 400}, DAY),
        ({"cache-control": "max-age=-36000"}, 6 * HOUR),
        ({"cache-control": "max-age=soon"}, 6 * HOUR),
        ({"cache-control": "no-cache"}, 6 * HOUR),
        ({"cache-control": "s-maxage=36000"}, 6 * HOUR),
        ({"expires": "Tue, 24 Nov 2026 19:00:00 GMT"}, 10 * HOUR),
        ({"expires": "Tue, 24 Nov 2026 20:00:00 GMT", "date": "Tue, 24 Nov 2026 10:00:00 GMT"}, 10 * HOUR),
        ({"expires": "0"}, 6 * HOUR),
        ({"expires": "Mon, 01 Jan 0001 00:00:00 +1400"}, 6 * HOUR),
        ({"cache-control": "max-age=0", "expires": "Tue, 24 Nov 2026 19:00:00 GMT"}, 6 * HOUR),
    ],
)
def test_headers_lengthen_the_interval_within_a_day(headers: dict[str, str], expected: timedelta) -> None:
    """M79: max-age shortens nothing and lengthens to a day at most; M39: `no-cache` does not mean "poll now"."""
    assert is_about(wait(BLOG, headers=headers), expected)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (36000.0, 10 * HOUR),
        (900.0, 6 * HOUR),
        (-5.0, 6 * HOUR),
        (1e12, DAY),
        (float("nan"), 6 * HOUR),
        (None, 6 * HOUR),
    ],
)
def test_the_feeds_own_wish_lengthens_it_too(told: float | None, expected: timedelta) -> None:
    """M79: `ttl` and `sy:` count as max-age does, nonsense and negative ones do not."""
    assert is_about(wait(BLOG, state(BLOG, wait=told)), expected)


FALLING = [NOW - each * DAY for each in range(16)]


@pytest.mark.parametrize(
    ("order", "entries", "newest", "expected"),
    [
        (FALLING, 15, NOW - 6 * DAY, DAY),
        (FALLING, 15, NOW - 7 * DAY, 10 * HOUR),
        (FALLING, 15, None, 10 * HOUR),
        (FALLING, 14, NOW - 7 * DAY, DAY),
        (FALLING[::-1], 15, NOW - 6 * DAY, 10 * HOUR),
        (FALLING[::-1], 14, NOW - 6 * DAY, 10 * HOUR),
        ([*FALLING, NOW - HOUR], 15, NOW - HOUR, 10 * HOUR),
        ([NOW] * 16, 15, NOW, 10 * HOUR),
        ([NOW], 1, NOW, 10 * HOUR),
    ],
    ids=[
        *("newest first", "nothing young in it", "no dates in it", "newest first, not full"),
        *("newest last", "newest last, not full", "old ones, then new ones", "all of one second", "one"),
    ],
)
def test_a_list_that_may_grow_at_its_end_is_asked_for_twice_a_day(
    order: list[datetime], entries: int, newest: datetime | None, expected: timedelta
) -> None:
    """M9: a feed may show its first 15 for ever, so the list of a playlist that is not newest first stands in for it (M34)."""
    feed = state(LIST, newest_published=newest)
    feed = replace(feed, feed=replace(feed.feed, entries=entries))
    assert is_about(wait(LIST, feed, door=LISTING, order=order), expected)
    channel = state(CHANNEL, newest_published=newest, feed=feed.feed)
    assert is_about(wait(CHANNEL, channel, door=LISTING, order=order), DAY)


def test_where_lengths_decide_the_list_is_asked_for_them_twice_a_day() -> None:
    """With `min_duration` a length that is wanted is asked for every ten hours, so that it is there at the close."""
    assert is_about(wait(replace(CHANNEL, min_duration=600.0), door=LISTING), 10 * HOUR)


def test_a_listing_is_asked_once_a_day() -> None:
    """M34: after an answer, complete or not, the listing rests for a day."""
    assert is_about(wait(CHANNEL, door=LISTING), DAY)
    assert is_about(wait(LIST, door=LISTING, order=FALLING, outcome=Outcome.PARTIAL), DAY)


@pytest.mark.parametrize(
    ("now", "new", "expected"),
    [
        ("2026-11-24T05:31", 200, "2026-11-25T05:30"),
        ("2026-11-24T05:31", 0, "2026-11-24T11:30"),
        ("2026-11-24T11:31", 0, "2026-11-25T05:30"),
        ("2026-11-24T18:20", 200, "2026-11-25T05:30"),
        ("2026-11-25T02:00", 200, "2026-11-25T05:30"),
        ("2026-11-26T05:31", 200, "2026-11-27T05:30"),
        ("2026-11-27T05:31", 0, "2026-11-30T05:30"),
        ("2026-11-28T12:00", 0, "2026-11-30T05:30"),
        ("2026-11-30T05:31", 0, "2026-11-30T11:30"),
    ],
)
def test_a_category_is_asked_when_its_batch_is_ready(now: str, new: int, expected: str) -> None:
    """M52: once a day after 05:30 and once more if the batch was not there; M53: not on weekends."""
    at = datetime.fromisoformat(f"{now}+00:00")
    due = at + wait(CATEGORY, now=at, new=new, outcome=Outcome.NEW if new else Outcome.UNCHANGED)
    ready = datetime.fromisoformat(f"{expected}+00:00")

    assert ready <= due <= ready + HOUR


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-24T05:29", "2026-11-24T05:30"),
        ("2026-11-24T06:29", "2026-11-25T05:30"),
        ("2026-11-24T18:20", "2026-11-25T05:30"),
        ("2026-11-26T06:00", "2026-11-27T05:30"),
        ("2026-11-27T06:00", "2026-11-30T05:30"),
        ("2026-11-29T12:00", "2026-11-30T05:30"),
    ],
)
@pytest.mark.parametrize("new", [0, 3])
def test_the_api_is_asked_once_a_weekday_after_the_rollover(now: str, new: int, expected: str) -> None:
    """M66: a query, papers and authors are asked when the day's answers are there; not on weekends, on holidays once."""
    at = datetime.fromisoformat(f"{now}+00:00")
    ready = datetime.fromisoformat(f"{expected}+00:00")
    for sub in (QUERY, make_subscription(papers=("2203.15556",)), make_subscription(authors=("Andrej Karpathy",))):
        due = at + wait(sub, now=at, new=new)

        assert ready <= due <= ready + HOUR


def test_feeds_of_one_host_spread_out() -> None:
    """M93: many feeds answered at one moment are not all due at one moment again, and the spread is the same always."""
    subs = [make_subscription(id=f"list-{number}", playlist=f"PL{number:032}") for number in range(50)]
    waits = [wait(sub) for sub in subs]

    assert len({each // MINUTE for each in waits}) >= 10
    assert waits == [wait(sub) for sub in subs]
    assert all(is_about(each, 2 * HOUR) for each in waits)


# ---------------------------------------------------------------- the feed's own rhythm


def came(count: int, *, every: timedelta, last: datetime = NOW) -> list[datetime]:
    """Give the dates of a feed that has published steadily until `last`, newest first."""
    return [last - every * number for number in range(count)]


def holding(sub: Subscription, entries: int, **fields: Any) -> Feed:
    """Hold so many entries."""
    return state(sub, feed=make_door(url="", entries=entries), **fields)


@pytest.mark.parametrize(
    ("sub", "every", "expected"),
    [
        (CHANNEL, DAY, 6 * HOUR),
        (CHANNEL, 7 * DAY, 10 * HOUR),
        (LETTER, DAY, 6 * HOUR),
        (LETTER, 90 * DAY, 10 * HOUR),
        (BLOG, DAY, 6 * HOUR),
        (BLOG, 2 * DAY, 10 * HOUR),
    ],
)
def test_a_slow_feed_is_asked_more_rarely(sub: Subscription, every: timedelta, expected: timedelta) -> None:
    """A quarter of the usual gap is waited, the source's own interval at least and ten hours at most."""
    assert is_about(wait(sub, holding(sub, 15), published=came(15, every=every)), expected)


def test_a_day_full_of_entries_is_one_sign_of_life() -> None:
    """Eight videos in an afternoon once in a fortnight make no busy channel."""
    bursts = [NOW - 14 * DAY * burst - 20 * MINUTE * each for burst in range(6) for each in range(8)]

    assert is_about(wait(CHANNEL, holding(CHANNEL, 15), published=bursts), 10 * HOUR)


def test_silence_makes_any_feed_slow() -> None:
    """A daily feed that has fallen silent, a single old entry, and a feed that never held one are asked rarely."""
    fallen = came(15, every=DAY, last=NOW - 30 * DAY)
    empty = holding(CHANNEL, 0, first_polled_at=NOW - 30 * DAY)

    assert is_about(wait(CHANNEL, holding(CHANNEL, 15), published=fallen), 10 * HOUR)
    assert is_about(wait(CHANNEL, holding(CHANNEL, 1), published=[NOW - 30 * DAY]), 10 * HOUR)
    assert is_about(wait(CHANNEL, empty), 10 * HOUR)


def test_without_a_rhythm_the_sources_interval_holds() -> None:
    """Entries without dates, dates in the future, or two of them yesterday say nothing about the next."""
    assert is_about(wait(BLOG, holding(BLOG, 10)), 6 * HOUR)
    assert is_about(wait(CHANNEL, holding(CHANNEL, 10), published=[NOW + 400 * DAY]), 2 * HOUR)
    assert is_about(wait(CHANNEL, holding(CHANNEL, 2), published=came(2, every=HOUR, last=NOW - 9 * HOUR)), 2 * HOUR)


@pytest.mark.parametrize(
    ("sub", "holds", "a_day", "half"),
    [(BLOG, 10, 40, 3 * HOUR), (BLOG, 30, 120, 3 * HOUR), (BLOG, 10, 1000, HOUR), (CHANNEL, 15, 90, 2 * HOUR)],
)
def test_a_feed_that_scrolls_is_asked_in_time(sub: Subscription, holds: int, a_day: int, half: timedelta) -> None:
    """A feed that holds N entries and publishes R a day is asked at least every N/R/2 days, hourly at most (M21)."""
    waited = wait(sub, holding(sub, holds), published=came(60, every=DAY / a_day))

    assert half * 0.9 <= waited <= half * 1.1


def test_a_young_feed_is_not_full() -> None:
    """Two posts within an hour fill no feed that has never dropped one; one that holds two and has, they do."""
    two = came(2, every=HOUR, last=NOW - 9 * HOUR)
    slow = came(9, every=30 * DAY, last=NOW - DAY)

    assert is_about(wait(BLOG, holding(BLOG, 2), published=two), 6 * HOUR)
    assert is_about(wait(CHANNEL, holding(CHANNEL, 2), published=two), 2 * HOUR)
    assert wait(BLOG, holding(BLOG, 2), published=[*two, *slow]) < 2 * HOUR


def test_a_crowd_counts_more_than_the_average() -> None:
    """Where ten entries once came within five hours, a feed that holds twelve is asked within these."""
    crowd = [NOW - 20 * DAY - HOUR / 2 * each for each in range(10)]
    calm = came(12, every=4 * DAY)

    assert wait(BLOG, holding(BLOG, 12), published=[*calm, *crowd]) <= 5 * HOUR
    assert is_about(wait(BLOG, holding(BLOG, 30), published=[*calm, *crowd]), 6 * HOUR) is False
    assert is_about(wait(BLOG, holding(BLOG, 30), published=[*calm, *crowd]), 10 * HOUR)


def test_a_crowd_is_forgotten_and_a_move_is_none() -> None:
    """What was crowded months ago, and posts that all bear the second of their import, make no feed hasty."""
    calm = came(12, every=4 * DAY)
    old = [NOW - 90 * DAY - MINUTE * each for each in range(10)]
    imported = [NOW - 9 * DAY] * 40

    assert is_about(wait(BLOG, holding(BLOG, 12), published=[*calm, *old]), 10 * HOUR)
    assert is_about(wait(BLOG, holding(BLOG, 12), published=[*calm, *imported]), 10 * HOUR)


def test_what_the_host_asks_for_outweighs_the_rhythm() -> None:
    """M79: max-age and ttl lengthen the interval of a busy feed too, and `max-age=900` does not shorten a slow one's."""
    busy, slow = came(60, every=DAY / 40), came(15, every=7 * DAY)

    assert is_about(wait(BLOG, published=busy, headers={"cache-control": "max-age=36000"}), 10 * HOUR)
    assert is_about(wait(BLOG, state(BLOG, wait=36000.0), published=busy), 10 * HOUR)
    assert is_about(wait(CHANNEL, published=slow, headers={"cache-control": "max-age=900"}), 10 * HOUR)
    assert is_about(wait(CHANNEL, published=slow, headers={"cache-control": "max-age=504576000"}), DAY)


def test_arxiv_keeps_its_calendar() -> None:
    """M52, M53: neither a category nor a query is asked by rhythm."""
    papers = came(60, every=MINUTE)

    assert wait(QUERY, holding(QUERY, 100), published=papers) == wait(QUERY)
    assert wait(CATEGORY, published=papers, new=9) == wait(CATEGORY, new=9)


# ---------------------------------------------------------------- after a failure


@pytest.mark.parametrize(
    ("failures", "expected"),
    [(1, 30 * MINUTE), (2, HOUR), (3, 2 * HOUR), (6, 16 * HOUR), (7, DAY), (10_000, DAY)],
)
def test_back_off_doubles_up_to_a_day(failures: int, expected: timedelta) -> None:
    """M84: 5xx, timeouts and DNS: half an hour, doubling, a day at most, for ever."""
    assert is_about(failed(BLOG, failures, status=503), expected)
    assert is_about(failed(BLOG, failures), expected)


@pytest.mark.parametrize("status", [404, 410, 500])
def test_youtube_is_never_given_up(status: int) -> None:
    """M19: YouTube's 404, 410 and 500 wait four hours at most, however often they came."""
    assert is_about(failed(LIST, 1, status=status, is_transient=status != 410), HOUR)
    assert is_about(failed(LIST, 1000, status=status, is_transient=status != 410), 4 * HOUR)


def test_a_block_is_waited_out() -> None:
    """M48, M83: 401 and 403 wait from six hours to a day; M21: 429 from a quarter of an hour to six."""
    assert is_about(failed(LETTER, 1, status=403), 6 * HOUR)
    assert is_about(failed(LETTER, 9, status=401), DAY)
    assert is_about(failed(LIST, 1, status=429), 15 * MINUTE)
    assert is_about(failed(LIST, 99, status=429), 6 * HOUR)


def test_gone_is_believed_on_another_day_and_still_not_for_good() -> None:
    """M83: after a 410 the feed is asked the next day, and once confirmed once a week."""
    first = state(BLOG, feed=make_door(url="", failures=1), gone_since=NOW)
    confirmed = state(BLOG, feed=make_door(url="", failures=2), gone_since=NOW - DAY)

    assert is_about(wait(BLOG, first, outcome=Outcome.FAILED, status=410, is_transient=False), DAY)
    assert wait(BLOG, confirmed, outcome=Outcome.FAILED, status=410, is_transient=False) == 7 * DAY


def test_what_trying_again_does_not_help_is_tried_rarely() -> None:
    """A failure that is not transient (too large, a redirect loop) starts at six hours."""
    assert is_about(failed(BLOG, 1, is_transient=False), 6 * HOUR)


def test_a_listing_that_fails_is_not_hammered() -> None:
    """M34: a listing that failed is not asked again within six hours."""
    assert is_about(failed(LIST, 1, door=LISTING), 6 * HOUR)
    assert is_about(failed(LIST, 5, door=LISTING), DAY)


def test_without_a_network_it_is_tried_soon() -> None:
    """M94: no host was asked, so the wait is ten minutes however long the network is away."""
    assert is_about(failed(BLOG, 0, is_local=True), 10 * MINUTE)
    assert is_about(failed(BLOG, 9, is_local=True), 10 * MINUTE)


def test_what_was_not_asked_stays_due() -> None:
    """A request that was cancelled before it was sent counts for nothing."""
    assert failed(BLOG, 0) == timedelta()


def test_a_batch_that_fails_is_hurried_for_and_a_weekend_is_not() -> None:
    """M52: on an announcement day arXiv's back-off ends at four hours; without a batch the next one is waited for."""
    down = state(CATEGORY, feed=make_door(url="", failures=9))
    saturday = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
    monday = datetime(2026, 11, 30, 5, 30, tzinfo=UTC)

    assert is_about(failed(CATEGORY, 9, status=503), 4 * HOUR)
    assert is_about(wait(CATEGORY, down, now=saturday, outcome=Outcome.FAILED, status=503), monday - saturday)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120", 30 * MINUTE),
        ("7200", 2 * HOUR),
        ("Tue, 24 Nov 2026 12:00:00 GMT", 3 * HOUR),
        ("Tue, 24 Nov 2026 14:00:00 +0200", 3 * HOUR),
        ("Tue, 24 Nov 2020 12:00:00 GMT", 30 * MINUTE),
        ("soon", 30 * MINUTE),
        ("", 30 * MINUTE),
        ("-7200", 30 * MINUTE),
        ("７２００", 30 * MINUTE),
        ("Mon, 99 Foo 2026", 30 * MINUTE),
    ],
)
def test_retry_after_is_kept(text: str, expected: timedelta) -> None:
    """M80: seconds and dates lengthen the back-off; what is past or garbage leaves it as it is."""
    assert is_about(failed(BLOG, 1, status=503, retry_after=text), expected)


@pytest.mark.parametrize("text", ["315360000", "9" * 300, "Tue, 24 Nov 2036 12:00:00 GMT"])
def test_retry_after_ends_after_a_week(text: str) -> None:
    """M80: ten years are a week."""
    assert failed(BLOG, 1, status=503, retry_after=text) == 7 * DAY


@pytest.mark.parametrize(
    ("error", "failures", "expected"),
    [
        (RateLimitedError("429", status=429), 1, 15 * MINUTE),
        (RateLimitedError("429", status=429), 3, HOUR),
        (RateLimitedError("429", status=429), 50, 6 * HOUR),
        (RateLimitedError("429", status=429, retry_after="3600"), 1, HOUR),
        (RateLimitedError("429", status=429, retry_after="1"), 1, 15 * MINUTE),
        (RateLimitedError("429", status=429, retry_after="315360000"), 1, 7 * DAY),
        (RateLimitedError("503", status=503, retry_after="Tue, 24 Nov 2026 12:00:00 GMT"), 1, 3 * HOUR),
        (BlockedError("403", status=403), 1, 15 * MINUTE),
        (BlockedError("401", status=401, is_host_wide=False), 9, None),
        (FeedGoneError("410", status=410), 9, None),
        (NetworkError("timed out"), 9, None),
    ],
)
def test_the_whole_host_waits(error: FeedError, failures: int, expected: timedelta | None) -> None:
    """M21, M67: after a 429 or a block the host is left alone, at most six hours unless it asks for more (M80)."""
    until = cadence.host_pause(error, now=NOW, failures=failures)

    assert until == (NOW + expected if expected is not None else None)
