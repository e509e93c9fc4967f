"""What a feed's row holds after a poll: counters, baselines, validators, moves; values in, values out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.factories import NOW, WEEK_START, make_answer, make_door, make_feed, make_raw_feed, make_request
from tracker.errors import ExtractorError, FeedGoneError, NetworkError, ParseError, StatusError
from tracker.models import Door, Failure, Feed, Outcome, Poll, RawFeed, SourceName
from tracker.poll import settle

DAY = timedelta(days=1)
URL = "https://weeknight.example/feed"
RAW = make_raw_feed(site_url="https://weeknight.example/", wait=7200.0)


def outcome(**fields: Any) -> Poll:
    given = {"feed": "weeknight", "door": Door.FEED, "at": NOW, "outcome": Outcome.NEW, "entries": 3, "new": 2}
    return Poll(**{**given, **fields})


def after(feed: Feed, poll: Poll | None = None, *, raw: RawFeed | None = RAW, **answer: Any) -> Feed:
    poll = poll or outcome()
    newest, now = answer.pop("newest", None), answer.pop("now", NOW)
    given = make_answer(**{"request": make_request(door=poll.door), **answer})
    return settle.after_answer(feed, given, raw=raw, poll=poll, newest=newest, now=now)


def test_an_answer_settles_its_door_only() -> None:
    """A good answer resets the door's counters and errors and leaves the other door as it was."""
    bad = make_door(failures=4, failing_since=WEEK_START, last_error="no", last_stage="fetch", last_status=500)
    feed = after(make_feed(feed=bad, listing=bad, gone_since=WEEK_START))
    door = feed.feed
    assert (door.failures, door.failing_since, door.last_error, door.last_stage) == (0, None, "", "")
    assert (door.last_status, door.entries, door.last_polled_at, door.last_success_at) == (200, 3, NOW, NOW)
    assert feed.listing == bad
    assert feed.gone_since is None


def test_news_moves_last_new_and_backlog_does_not() -> None:
    """`last_new_at` follows news only; the newest date never goes back."""
    feed = make_feed(last_new_at=None, newest_published=NOW)
    assert after(feed, outcome(new=2, backlog=2)).last_new_at is None
    told = after(feed, outcome(new=2, backlog=1), newest=NOW - DAY)
    assert (told.last_new_at, told.newest_published) == (NOW, NOW)
    assert after(feed, newest=NOW + DAY).newest_published == NOW + DAY


def test_the_baseline_is_taken_once_and_only_by_a_whole_answer() -> None:
    """The first complete answer takes a door's baseline and later ones keep it; a partial one takes none (M29)."""
    new = make_feed(feed=make_door(baseline_at=None), first_polled_at=None)
    first = after(new)
    assert (first.feed.baseline_at, first.first_polled_at) == (NOW, NOW)
    later = after(first, now=NOW + DAY)
    assert (later.feed.baseline_at, later.first_polled_at) == (NOW, NOW)
    partial = outcome(door=Door.LISTING, outcome=Outcome.PARTIAL)
    assert after(make_feed(), partial).listing.baseline_at is None


@pytest.mark.parametrize(
    ("how", "items", "is_whole"),
    [
        (Outcome.NEW, None, True),
        (Outcome.UNCHANGED, None, True),
        (Outcome.PARTIAL, None, False),
        (Outcome.NEW, 30, False),
    ],
)
def test_a_listing_is_complete_or_not(how: Outcome, items: int | None, *, is_whole: bool) -> None:
    """Only a whole listing, asked for without a bound, makes "absent from it" mean something."""
    poll = outcome(door=Door.LISTING, outcome=how)
    feed = after(make_feed(etag='"kept"'), poll, request=make_request(door=Door.LISTING, items=items))
    assert feed.listing_complete_at == (NOW if is_whole else None)
    assert feed.etag == '"kept"'


def test_complete_listings_of_two_days_are_known() -> None:
    """The last complete listing of an earlier day is kept: two on one day prove no more than one (M30)."""
    listed = outcome(door=Door.LISTING, outcome=Outcome.UNCHANGED)
    first = after(make_feed(), listed)
    again = after(first, listed, now=NOW + timedelta(hours=7))
    assert (first.listing_before_at, again.listing_before_at) == (None, None)
    next_day = after(again, listed, now=NOW + DAY)
    assert (next_day.listing_before_at, next_day.listing_complete_at) == (NOW + timedelta(hours=7), NOW + DAY)
    partial = after(next_day, outcome(door=Door.LISTING, outcome=Outcome.PARTIAL), now=NOW + 2 * DAY)
    assert (partial.listing_before_at, partial.listing_complete_at) == (NOW + timedelta(hours=7), NOW + DAY)


def test_a_gap_makes_the_listing_due() -> None:
    """A YouTube feed of nothing but unknown entries makes the listing due now (M8); other sources have none."""
    gap = after(make_feed(source=SourceName.YOUTUBE), outcome(gap_since=WEEK_START))
    assert (gap.listing.next_due_at, gap.gap_since) == (NOW, WEEK_START)
    again = after(gap, outcome(gap_since=NOW), now=NOW + DAY)
    assert again.gap_since == WEEK_START
    assert after(make_feed(source=SourceName.YOUTUBE)).listing.next_due_at is None
    letter = after(make_feed(source=SourceName.SUBSTACK), outcome(gap_since=WEEK_START))
    assert (letter.listing.next_due_at, letter.gap_since) == (None, None)


def test_validators_belong_to_the_address_that_was_asked() -> None:
    """ETag and Last-Modified are kept as they came with the URL asked for, not the one a redirect led to (M76)."""
    headers = {"etag": 'W/"1"', "last-modified": "yesterday"}
    feed = after(make_feed(etag='"old"'), headers=headers, url="https://elsewhere.example/feed")
    assert (feed.etag, feed.last_modified) == ('W/"1"', "yesterday")
    assert (feed.validators_url, feed.validators_at) == (URL, NOW)
    bare = after(feed, headers={})
    assert (bare.etag, bare.last_modified) == ("", "")


def test_an_answer_that_was_cut_off_is_not_the_whole() -> None:
    """It takes no baseline at the first time, and keeps no validators: a 304 would hide what it lacked (M76)."""
    new = make_feed(feed=make_door(baseline_at=None, last_success_at=None), first_polled_at=None)
    half = make_raw_feed(is_cut_off=True)
    first = after(new, raw=half, headers={"etag": '"1"'})
    assert (first.feed.baseline_at, first.etag, first.validators_url) == (None, "", "")
    assert after(first, now=NOW + DAY).feed.baseline_at == NOW + DAY
    # One that is always cut off is all that there is to see.
    assert after(first, raw=half, now=NOW + DAY).feed.baseline_at == NOW + DAY


def test_not_modified_keeps_what_is_known() -> None:
    """A 304 keeps validators with their day, title and wait (M77); equal bytes bring new ones, of today (M22 M73 M78)."""
    feed = make_feed(etag='"1"', validators_url=URL, validators_at=WEEK_START, wait=60.0)
    same = after(feed, outcome(outcome=Outcome.UNCHANGED, new=0), raw=None, status=304, headers={"etag": '"2"'})
    assert (same.etag, same.validators_at, same.title, same.wait) == ('"1"', WEEK_START, feed.title, 60.0)
    equal = after(feed, outcome(outcome=Outcome.UNCHANGED, new=0), raw=None, headers={"etag": '"2"'})
    assert (equal.etag, equal.validators_at) == ('"2"', NOW)


def test_a_feed_describes_itself() -> None:
    """Title, site and wait come from the document; an empty title does not erase the known one."""
    feed = after(make_feed(title="Old"), raw=make_raw_feed(title="", site_url="", wait=None))
    assert (feed.title, feed.site_url, feed.wait) == ("Old", "https://weeknight.example/", None)


@pytest.mark.parametrize(
    ("target", "days", "is_adopted"),
    [
        ("https://weeknight.example/posts.xml", 2, False),
        ("https://weeknight.example/posts.xml", 3, True),
        ("https://www.weeknight.example/feed", 3, True),
        ("https://elsewhere.example/feed", 30, False),
    ],
)
def test_a_move_takes_time_and_the_same_domain(target: str, days: int, *, is_adopted: bool) -> None:
    """A permanent redirect inside the registered domain is adopted when it has held for three days (M81)."""
    feed = after(make_feed(), moved_to=target)
    assert (feed.moved_to, feed.moved_since) == (target, NOW)
    later = after(feed, moved_to=target, now=NOW + days * DAY)
    assert (later.feed.url == target) is is_adopted
    assert (later.moved_to, later.moved_since) == (("", None) if is_adopted else (target, NOW))


def test_a_move_that_changes_or_ends_starts_anew() -> None:
    """Another target starts the time anew; an answer without a redirect forgets it; plain TLS is taken at once (M81)."""
    one, two = f"{URL}/1", f"{URL}/2"
    feed = after(after(make_feed(), moved_to=one), moved_to=two, now=NOW + 4 * DAY)
    assert (feed.moved_to, feed.moved_since) == (two, NOW + 4 * DAY)
    assert after(feed).moved_to == ""
    plain = make_request(url="http://weeknight.example/feed")
    assert after(make_feed(), request=plain, moved_to=URL).feed.url == URL


def test_a_failure_counts_and_keeps_the_rest() -> None:
    """A failure raises the door's counter from its first moment, and touches no validators, title or baseline."""
    feed = make_feed(etag='"1"', validators_url=URL)
    error = StatusError("a.example answered 500.", status=500)
    poll = settle.failed_poll(Failure(request=make_request(), error=error, milliseconds=7), error, now=NOW)
    once = settle.after_failure(feed, make_request(), poll=poll, error=error, now=NOW)
    twice = settle.after_failure(once, make_request(), poll=poll, error=error, now=NOW + DAY)
    door = twice.feed
    assert (door.failures, door.failing_since, door.last_polled_at) == (2, NOW, NOW + DAY)
    assert (door.last_error, door.last_stage, door.last_status) == ("a.example answered 500.", "fetch", 500)
    assert (door.baseline_at, door.last_success_at, twice.etag) == (WEEK_START, WEEK_START, '"1"')
    assert twice.listing == feed.listing


def test_gone_is_remembered_until_another_word() -> None:
    """The first 410 sets the day, a second keeps it, another failure takes it back (M83)."""
    gone, down = FeedGoneError("gone", status=410), StatusError("down", status=500)
    feed = make_feed()
    for error, now, since in ((gone, NOW, NOW), (gone, NOW + DAY, NOW), (down, NOW + 2 * DAY, None)):
        poll = settle.failed_poll(Failure(request=make_request(), error=error), error, now=now)
        feed = settle.after_failure(feed, make_request(), poll=poll, error=error, now=now)
        assert feed.gone_since == since


@pytest.mark.parametrize(
    ("error", "stage", "status", "is_local"),
    [
        (NetworkError("no way out", local=True), "fetch", None, True),
        (NetworkError("no answer"), "fetch", None, False),
        (StatusError("limited", status=429), "fetch", 429, False),
        (ExtractorError("unknown", is_gone=True), "fetch", None, False),
    ],
)
def test_history_keeps_why(error: Any, stage: str, status: int | None, *, is_local: bool) -> None:
    """A failure's row says the stage, the status, the words and the remedy, and whether the network was to blame (M94)."""
    error.remedy = "Wait."
    poll = settle.failed_poll(Failure(request=make_request(), error=error, milliseconds=7), error, now=NOW)
    assert (poll.outcome, poll.stage, poll.status, poll.is_local) == (Outcome.FAILED, stage, status, is_local)
    assert (poll.error, poll.remedy, poll.milliseconds, poll.host) == (str(error), "Wait.", 7, "weeknight.example")


def test_an_answer_that_is_no_feed_keeps_its_status() -> None:
    """A body that cannot be parsed is a failure of the parse stage with the answer's status and size (M7)."""
    poll = settle.failed_poll(make_answer(b"<html>"), ParseError("no feed"), now=NOW)
    assert (poll.stage, poll.status, poll.bytes) == ("parse", 200, 6)


def test_a_title_is_one_plain_line() -> None:
    """What a feed calls itself is kept as a line of visible characters, its page as a web address; neither costs what was known."""
    feed = after(
        make_feed(), raw=make_raw_feed(title=" A\u202eb\n\x1b[31m\u3164 c\ud83d ", site_url="https://u:p@a.example/x y")
    )
    assert (feed.title, feed.site_url) == ("Ab [31m c", "https://a.example/x%20y")
    assert len(after(make_feed(), raw=make_raw_feed(title="long " * 10_000)).title) <= settle.LONGEST_TITLE
    kept = after(make_feed(title="Old"), raw=make_raw_feed(title="\u200b\ufe0f", site_url="javascript:alert(1)"))
    assert (kept.title, kept.site_url) == ("Old", make_feed().site_url)
