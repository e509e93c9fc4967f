"""The stored subscriptions follow feeds.toml: renamed, turned, left, taken up again, paused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.factories import (
    NOW,
    WEEK_END,
    WEEK_START,
    make_door,
    make_entry,
    make_feed,
    make_identified,
    make_poll,
    make_subscription,
    make_video,
    store_entries,
    subscribe,
)
from tracker.models import Door, DoorState, Outcome, SourceName, Subscription, Verdict
from tracker.storage import Storage


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    with Storage.open(tmp_path / "tracker.db", now=NOW) as opened:
        yield opened


def reconcile(storage: Storage, *subscriptions: Subscription, now: datetime = NOW, **targets: str) -> tuple[str, ...]:
    """Reconcile with each id's target named `<id>` unless given."""
    return storage.reconcile(subscriptions, {each.id: targets.get(each.id, each.id) for each in subscriptions}, now=now)


def learn(storage: Storage, feed: str) -> None:
    """Poll a feed once, so that there is state to keep or lose."""
    stored = storage.feed(feed)
    assert stored is not None
    learnt = replace(
        stored,
        title="As learnt",
        feed=make_door(),
        listing=make_door(url="https://list.example"),
        etag='"abc"',
        last_modified="Mon, 23 Nov 2026 07:00:00 GMT",
        validators_url="https://weeknight.example/feed",
        validators_at=NOW,
        body_hash="hash",
        wait=3600.5,
        listing_complete_at=NOW,
        listing_before_at=WEEK_START,
        first_polled_at=WEEK_START,
        last_new_at=NOW,
        newest_published=NOW,
        moved_to="https://new.example/feed",
        moved_since=NOW,
        gone_since=NOW,
    )
    assert storage.save_feed(learnt)
    assert storage.feed(feed) == learnt


def test_a_new_subscription_has_no_state(storage: Storage) -> None:
    """A new id gets a row without a baseline, and no sentence: the first poll of a long list is no news of each."""
    said = reconcile(storage, make_subscription(id="a"), a="url:https://a.example")
    assert said == ()
    feed = storage.feed("a")
    assert feed is not None
    assert (feed.source, feed.target, feed.subscribed_at) == (SourceName.WEB, "url:https://a.example", NOW)
    assert feed.feed == feed.listing == DoorState()
    assert feed.first_polled_at is None


def test_nothing_changed_says_nothing(storage: Storage) -> None:
    """The same subscriptions again change and say nothing."""
    reconcile(storage, make_subscription(id="a"))
    learn(storage, "a")
    before = storage.feed("a")
    assert reconcile(storage, make_subscription(id="a"), now=WEEK_END) == ()
    assert storage.feed("a") == before


def test_a_feed_keeps_every_column(storage: Storage) -> None:
    """What is saved comes back equal, both doors included; an unknown feed is None."""
    reconcile(storage, make_subscription(id="a"))
    learn(storage, "a")  # asserts the round trip
    assert storage.feed("b") is None


def test_a_rename_keeps_everything(storage: Storage) -> None:
    """A new id with a vanished id's target takes over state, entries and history; the old id is gone."""
    reconcile(storage, make_subscription(id="old"), old="url:x", now=WEEK_START)
    learn(storage, "old")
    store_entries(storage, [make_entry()], feed="old")
    storage.add_poll(make_poll(feed="old"))
    before = storage.feed("old")
    assert before is not None
    said = reconcile(storage, make_subscription(id="new", paused=True), new="url:x")
    assert said == ("old is called new now: its history is kept", "new is paused")
    assert storage.feed("old") is None
    assert storage.feed("new") == replace(before, id="new", is_paused=True)
    assert [each.feed for each in storage.entries()[0].appearances] == ["new"]
    assert [poll.feed for poll in storage.polls()] == ["new"]
    assert storage.integrity() == ()


def test_a_rename_needs_the_same_source(storage: Storage) -> None:
    """The same target text of another source is no rename."""
    reconcile(storage, make_subscription(id="old"), old="x")
    said = reconcile(storage, make_subscription(id="new", playlist="PL1"), new="x")
    assert said == ("old is unsubscribed: its entries are kept",)


def test_two_vanished_ids_are_renamed_once_each(storage: Storage) -> None:
    """Two subscriptions to one target become two new ids, never one."""
    both = make_subscription(id="a"), make_subscription(id="b")
    reconcile(storage, *both, a="x", b="x")
    said = reconcile(storage, make_subscription(id="c"), make_subscription(id="d"), c="x", d="x")
    assert said == ("a is called c now: its history is kept", "b is called d now: its history is kept")
    assert [feed.id for feed in storage.feeds()] == ["c", "d"]


def test_an_id_that_is_used_again_at_once_is_a_rename_too(storage: Storage) -> None:
    """One edit renames a feed and gives its id to another: the first keeps everything, the second is new."""
    reconcile(storage, make_subscription(id="a"), a="url:x", now=WEEK_START)
    learn(storage, "a")
    store_entries(storage, [make_entry()], feed="a")
    before = storage.feed("a")
    assert before is not None
    said = reconcile(storage, make_subscription(id="a"), make_subscription(id="b"), a="url:y", b="url:x")
    assert said == ("a is called b now: its history is kept",)
    assert storage.feed("b") == replace(before, id="b")
    assert storage.feed("a") == make_feed(
        id="a", target="url:y", title="", site_url="", subscribed_at=NOW, first_polled_at=None, feed=DoorState()
    )
    assert [each.feed for each in storage.entries()[0].appearances] == ["b"]


def test_ids_that_change_places_keep_their_feeds(storage: Storage) -> None:
    """Three ids exchange what they follow in one edit: each history goes to where its address went."""
    names = ("a", "b", "c")
    reconcile(storage, *(make_subscription(id=each) for each in names), a="x", b="y", c="z")
    for number, each in enumerate(names):
        learn(storage, each)
        store_entries(storage, [make_entry(number)], feed=each)
    before = {feed.target: feed for feed in storage.feeds()}
    said = reconcile(storage, *(make_subscription(id=each) for each in names), a="y", b="z", c="x")
    assert sorted(said) == [f"{old} is called {new} now: its history is kept" for old, new in ("ac", "ba", "cb")]
    for feed in storage.feeds():
        assert feed == replace(before[feed.target], id=feed.id)
    found = {entry.title: [each.feed for each in entry.appearances] for entry in storage.entries()}
    assert found == {"Post 0": ["c"], "Post 1": ["a"], "Post 2": ["b"]}
    assert storage.integrity() == ()


def test_a_history_never_takes_the_place_of_another(storage: Storage) -> None:
    """An id that follows what a vanished one followed keeps its own history and starts afresh."""
    reconcile(storage, make_subscription(id="a"), make_subscription(id="b"), a="x", b="y")
    store_entries(storage, [make_entry(1)], feed="a")
    store_entries(storage, [make_entry(2)], feed="b")
    said = reconcile(storage, make_subscription(id="a"), a="y")
    assert said == ("a follows something else now (y): it starts afresh", "b is unsubscribed: its entries are kept")
    assert [len(storage.entries(feed=each)) for each in "ab"] == [1, 1]


def test_another_target_starts_afresh(storage: Storage) -> None:
    """A changed target drops validators, baselines and what was learnt, and keeps id, entries and first poll."""
    reconcile(storage, make_subscription(id="a"), a="url:x", now=WEEK_START)
    learn(storage, "a")
    store_entries(storage, [make_entry()], feed="a")
    said = reconcile(storage, make_subscription(id="a"), a="url:y")
    assert said == ("a follows something else now (url:y): it starts afresh",)
    expected = make_feed(id="a", target="url:y", title="", site_url="", subscribed_at=NOW, first_polled_at=WEEK_START)
    assert storage.feed("a") == replace(expected, feed=DoorState())
    assert len(storage.entries(feed="a")) == 1
    assert storage.oldest_published("a") is None


def test_no_sentence_holds_a_token(storage: Storage) -> None:
    """What is said about a private address is logged and printed, and hides what opens it (M50)."""
    reconcile(storage, make_subscription(id="a"), a="url:x.example/feed")
    said = reconcile(storage, make_subscription(id="a"), a="url:x.example/feed/private/HUSH?token=HUSH&page=2")
    assert said == ("a follows something else now (url:x.example/feed/private/…?token=…&page=2): it starts afresh",)
    (said_of_words,) = reconcile(storage, make_subscription(id="a", query="x"), a='query:abs:"scaling laws"')
    assert '(query:abs:"scaling laws")' in said_of_words


def test_the_same_target_of_another_source_starts_afresh(storage: Storage) -> None:
    """A source that changes under one id changes what is followed."""
    reconcile(storage, make_subscription(id="a"), a="x")
    learn(storage, "a")
    assert len(reconcile(storage, make_subscription(id="a", publication="https://a.example"), a="x")) == 1
    feed = storage.feed("a")
    assert feed is not None
    assert (feed.source, feed.etag, feed.feed) == (SourceName.SUBSTACK, "", DoorState())


def test_what_vanished_keeps_its_entries(storage: Storage) -> None:
    """An unsubscribed feed leaves the list, and its entries stay and still wait for their issue."""
    reconcile(storage, make_subscription(id="a"), make_subscription(id="b"), now=WEEK_START)
    learn(storage, "a")
    store_entries(storage, [make_entry()], feed="a")
    assert reconcile(storage, make_subscription(id="b")) == ("a is unsubscribed: its entries are kept",)
    assert [feed.id for feed in storage.feeds()] == ["b"]
    former = storage.feed("a")
    assert former is not None
    assert former.unsubscribed_at == NOW
    assert former.etag == '"abc"'
    assert len(storage.unassigned(before=WEEK_END, now=NOW)) == 1
    assert reconcile(storage, make_subscription(id="b")) == ()


def test_subscribed_again_means_a_new_baseline(storage: Storage) -> None:
    """Baselines and validators are gone when a subscription comes back: a 304 would hide what it missed."""
    reconcile(storage, make_subscription(id="a"), now=WEEK_START)
    learn(storage, "a")
    reconcile(storage)
    assert reconcile(storage, make_subscription(id="a"), now=WEEK_END) == ("a is subscribed again: it starts afresh",)
    feed = storage.feed("a")
    assert feed is not None
    assert (feed.unsubscribed_at, feed.subscribed_at, feed.title) == (None, WEEK_END, "As learnt")
    assert (feed.feed.baseline_at, feed.etag, feed.listing_complete_at, feed.gone_since) == (None, "", None, None)


def test_pausing_touches_nothing_else(storage: Storage) -> None:
    """Paused and polled again: the state stays, the sentences say it."""
    reconcile(storage, make_subscription(id="a"))
    learn(storage, "a")
    before = storage.feed("a")
    assert before is not None
    assert reconcile(storage, make_subscription(id="a", paused=True)) == ("a is paused",)
    assert storage.feed("a") == replace(before, is_paused=True)
    assert reconcile(storage, make_subscription(id="a")) == ("a is polled again",)
    assert storage.feed("a") == before


@pytest.mark.parametrize("change", ["renamed", "turned", "unsubscribed", "again"])
def test_a_poll_of_what_was_does_not_come_back(storage: Storage, change: str) -> None:
    """A poll that began before feeds.toml changed writes nothing over the changed subscription."""
    reconcile(storage, make_subscription(id="a"), a="x", now=WEEK_START)
    before = storage.feed("a")
    assert before is not None
    if change == "renamed":
        reconcile(storage, make_subscription(id="b"), b="x")
    elif change == "turned":
        reconcile(storage, make_subscription(id="a"), a="y")
    else:
        reconcile(storage)
        if change == "again":
            reconcile(storage, make_subscription(id="a"), a="x", now=NOW)
    stored = storage.feed("a")
    assert not storage.save_feed(replace(before, title="too late", feed=make_door()))
    assert storage.feed("a") == stored


def test_saving_leaves_what_feeds_toml_says(storage: Storage) -> None:
    """A subscription paused while it was polled stays paused."""
    reconcile(storage, make_subscription(id="a"))
    before = storage.feed("a")
    assert before is not None
    reconcile(storage, make_subscription(id="a", paused=True))
    assert storage.save_feed(replace(before, title="polled"))
    feed = storage.feed("a")
    assert feed is not None
    assert (feed.title, feed.is_paused) == ("polled", True)


def test_many_feeds_are_saved_at_once(storage: Storage) -> None:
    """One call stores many states and says how many still stood."""
    reconcile(storage, make_subscription(id="a"), make_subscription(id="b"))
    feeds = [replace(feed, etag='"1"') for feed in storage.feeds()]
    reconcile(storage, make_subscription(id="b"))
    assert storage.save_feeds(feeds) == 1
    assert [(feed.id, feed.etag) for feed in storage.feeds()] == [("b", '"1"')]


def test_a_door_that_was_never_tried_has_no_row(storage: Storage) -> None:
    """The doors table holds what happened, and forgets a door whose state was reset."""
    reconcile(storage, make_subscription(id="a"))
    feed = storage.feed("a")
    assert feed is not None
    storage.save_feed(replace(feed, feed=make_door(), listing=make_door()))
    storage.save_feed(replace(feed, feed=make_door()))
    assert [row["door"] for row in storage._db.read("SELECT door FROM doors")] == ["feed"]


def test_what_is_due_is_found_by_the_database(storage: Storage) -> None:
    """May be due: never asked, or a door whose hour has come, a listing's only where it can tell more than the feed.

    Not: later, former; paused ones come too, to be named.
    """
    ids = ("never", "now", "later", "paused", "former", "listing")
    reconcile(storage, *(make_subscription(id=each) for each in ids))
    hour = timedelta(hours=1)
    doors = {
        "now": {"feed": make_door(next_due_at=NOW)},
        "later": {"feed": make_door(next_due_at=NOW + hour)},
        "listing": {
            "feed": make_door(next_due_at=NOW + hour),
            "listing": make_door(next_due_at=NOW - hour),
        },
    }
    for feed in storage.feeds():
        storage.save_feed(replace(feed, **doors.get(feed.id, {})))
    kept = [make_subscription(id=each, paused=each == "paused") for each in ids if each != "former"]
    reconcile(storage, *kept)
    assert [feed.id for feed in storage.due(now=NOW, latest=NOW + 9 * 24 * hour)] == ["never", "now", "paused"]
    assert [feed.id for feed in storage.due(now=NOW, latest=NOW)] == ["later", "listing", "never", "now", "paused"]
    assert storage.next_due_at() == NOW


def test_the_moments_of_the_whole_database(storage: Storage) -> None:
    """First poll and last success anywhere count former subscriptions too; nothing yet is None."""
    assert (storage.first_polled_at(now=NOW), storage.last_success_at(), storage.next_due_at()) == (None, None, None)
    reconcile(storage, make_subscription(id="a"), make_subscription(id="b"))
    for number, feed in enumerate(storage.feeds()):
        at = WEEK_START + timedelta(days=number)
        storage.save_feed(replace(feed, first_polled_at=at, feed=make_door(last_success_at=at)))
    reconcile(storage, make_subscription(id="b"))
    assert storage.first_polled_at(now=NOW) == WEEK_START
    assert storage.last_success_at() == WEEK_START + timedelta(days=1)


def test_the_first_poll_is_the_first_that_can_be_believed(storage: Storage) -> None:
    """An answer goes before attempts; what a clock in 1970 or in 2036 wrote does not count."""
    reconcile(storage, make_subscription(id="a"))
    (feed,) = storage.feeds()
    of_1970, of_2036 = datetime(1970, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
    storage.save_feed(replace(feed, first_polled_at=of_1970, feed=make_door(baseline_at=of_2036)))
    storage.add_poll(make_poll(feed="a", at=of_1970, outcome=Outcome.FAILED, error="no route"))
    assert storage.first_polled_at(now=NOW) is None
    day = timedelta(days=1)
    storage.add_poll(make_poll(feed="a", at=NOW - 3 * day, outcome=Outcome.FAILED, error="no route"))
    assert storage.first_polled_at(now=NOW) == NOW - 3 * day
    storage.add_poll(make_poll(feed="a", at=NOW - 2 * day))
    storage.add_poll(make_poll(feed="a", at=NOW - day))
    assert storage.first_polled_at(now=NOW) == NOW - 2 * day


def test_the_oldest_date_of_a_feed_is_known(storage: Storage) -> None:
    """M10 compares with the oldest publication date of this feed alone; undated entries say nothing."""
    subscribe(storage, make_subscription(id="a"), make_subscription(id="b"))
    old = datetime(2012, 1, 1, tzinfo=UTC)
    store_entries(storage, [make_entry(1, published=NOW), make_entry(2, published=None)], feed="a")
    store_entries(storage, [make_entry(3, published=old)], feed="b")
    assert (storage.oldest_published("a"), storage.oldest_published("b")) == (NOW, old)
    assert storage.oldest_published("c") is None


def test_the_latest_dates_of_a_feed_are_known(storage: Storage) -> None:
    """A feed's rhythm is read from its own latest dates, newest first; undated entries say nothing."""
    subscribe(storage, make_subscription(id="a"), make_subscription(id="b"))
    days = [NOW - timedelta(days=number) for number in range(5)]
    store_entries(storage, [make_entry(number, published=day) for number, day in enumerate(days)], feed="a")
    store_entries(storage, [make_entry(8, published=None)], feed="a")
    store_entries(storage, [make_entry(9, published=NOW)], feed="b")

    assert storage.published("a") == tuple(days)
    assert storage.published("c") == ()


def test_sixty_dates_of_a_feed_are_enough(storage: Storage) -> None:
    """Of a feed with years of entries, the latest 60 dates tell its rhythm."""
    subscribe(storage)
    days = [NOW - timedelta(days=number) for number in range(70)]
    store_entries(storage, [make_entry(number, published=day) for number, day in enumerate(days)])

    assert storage.published("weeknight", keep=True) == storage.published("weeknight") == tuple(days[:60])


def test_missing_durations_of_waiting_videos_are_noticed(storage: Storage) -> None:
    """Only unassigned news that are videos without a length ask for the listing."""
    subscribe(storage, make_subscription(id="a"))
    store_entries(storage, [make_entry(1)], feed="a")
    store_entries(storage, [make_video("aaaaaaaaaaa")], feed="a", backlog="older")
    assert not storage.lacks_durations("a")
    video = make_video("bbbbbbbbbbb")
    store_entries(storage, [video], feed="a")
    assert storage.lacks_durations("a")
    stored = storage.entry(video.key)
    assert stored is not None
    known = make_identified(replace(video, duration=90), id=stored.id, verdict=Verdict.UNCHANGED)
    storage.store("a", [known], door=Door.LISTING, at=NOW)
    assert not storage.lacks_durations("a")
