"""Answers that come together are stored together, and nobody waits for them, nor loses by another's failure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import NOW, make_identified, make_subscription, subscribe
from tracker.errors import StorageError
from tracker.models import Door, Feed, Outcome, Poll
from tracker.poll import together
from tracker.poll.settle import with_due
from tracker.poll.together import Together
from tracker.storage import Storage


def polled(path: Path) -> list[str]:
    """Say whose rows another program sees."""
    with Storage.open(path, now=NOW) as other:
        return [each.id for each in other.feeds()]


def test_what_was_taken_is_stored_before_anything_is_waited_for(tmp_path: Path) -> None:
    """Another program sees two answers once fetch looks whether to stop, and neither of them before."""
    path = tmp_path / "tracker.db"
    with Storage.open(path, now=NOW) as storage:
        group = Together(storage)
        look = group.before(lambda: False)
        group.begin()
        subscribe(storage, make_subscription(id="one"))
        assert polled(path) == []
        group.begin()
        subscribe(storage, make_subscription(id="one"), make_subscription(id="two"))
        assert look() is False

        assert polled(path) == ["one", "two"]


def test_one_that_fails_takes_no_other_with_it(tmp_path: Path) -> None:
    """What fails in the middle is undone alone."""
    path = tmp_path / "tracker.db"
    with Storage.open(path, now=NOW) as storage:
        group = Together(storage)
        group.begin()
        subscribe(storage, make_subscription(id="one"))
        with suppress(ValueError), storage.transaction():
            subscribe(storage, make_subscription(id="one"), make_subscription(id="two"))
            raise ValueError
        group.end()

    assert polled(path) == ["one"]


def test_other_programs_wait_a_moment_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many answers come one after the other, the lock is given up in between."""
    path = tmp_path / "tracker.db"
    monkeypatch.setattr(together, "LONGEST", 0.0)
    with Storage.open(path, now=NOW) as storage:
        group = Together(storage)
        group.begin()
        subscribe(storage, make_subscription(id="one"))
        group.end_if_long()

        assert polled(path) == ["one"]
        group.end()


def test_what_another_program_changes_meanwhile_is_seen(tmp_path: Path) -> None:
    """A row that was known is looked up anew once another program has turned the feed to something else."""
    path = tmp_path / "tracker.db"
    with Storage.open(path, now=NOW) as storage:
        subscribe(storage, make_subscription(id="one"))
        group = Together(storage)
        group.know({each.id: each for each in storage.feeds()})
        with Storage.open(path, now=NOW) as other:
            other.reconcile((make_subscription(id="one"),), {"one": "url:elsewhere.example"}, now=NOW)
        group.begin()
        row = group.row("one")
        group.end()

    assert row is not None
    assert row.target == "url:elsewhere.example"


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    """A database with one subscription."""
    with Storage.open(tmp_path / "tracker.db", now=NOW) as storage:
        subscribe(storage, make_subscription(id="one"))
        yield storage


def row_of(holder: Together | Storage) -> Feed:
    """Look the one feed up."""
    row = holder.row("one") if isinstance(holder, Together) else holder.feed("one")
    assert row is not None
    return row


def test_what_was_learnt_is_stored_at_the_end(storage: Storage) -> None:
    """A feed's two doors that are polled together keep what each has learnt, and the history tells of both."""
    group = Together(storage)
    group.begin()
    for door in (Door.FEED, Door.LISTING):
        done = Poll(feed="one", door=door, at=NOW, outcome=Outcome.UNCHANGED)
        group.keep(with_due(replace(row_of(group), title="Weeknight"), door, NOW), door, done)
    group.end()
    stored = row_of(storage)
    assert (stored.title, stored.feed.next_due_at, stored.listing.next_due_at) == ("Weeknight", NOW, NOW)
    assert [each.door for each in storage.polls()] == [Door.FEED, Door.LISTING]


def test_what_was_learnt_is_stored_when_the_feed_is_looked_up_again(storage: Storage) -> None:
    """What a feed's second answer makes the database look for finds what its first one has taught."""
    group = Together(storage)
    group.begin()
    group.keep(replace(row_of(group), title="Weeknight"), Door.FEED, None)
    assert row_of(storage).title == ""
    row_of(group)
    assert row_of(storage).title == "Weeknight"
    group.end()


def test_a_claimed_door_is_stored_even_where_nothing_is_new(storage: Storage) -> None:
    """A second poll at the same moment learns what the first has, and still puts its due time in the claim's place."""
    group = Together(storage)
    group.begin()
    learnt = with_due(row_of(group), Door.FEED, NOW)
    group.keep(learnt, Door.FEED, None)
    group.end()
    storage.claim([(learnt, Door.FEED)], until=NOW + timedelta(hours=1))
    group.begin()
    assert row_of(group) == learnt
    group.keep(learnt, Door.FEED, None)
    group.end()
    assert row_of(storage).feed.next_due_at == NOW


def test_what_cannot_be_stored_at_the_end_leaves_nothing_by_half(storage: Storage) -> None:
    """Entries are never kept without their feed's row: where that cannot be written, all of the group is undone."""
    group = Together(storage)
    group.begin()
    row = row_of(group)
    storage.store("one", [make_identified()], door=Door.FEED, at=NOW)
    nobodys = Poll(feed="nobody", door=Door.FEED, at=NOW, outcome=Outcome.NEW)
    group.keep(with_due(row, Door.FEED, NOW), Door.FEED, nobodys)
    with pytest.raises(StorageError):
        group.end()
    group.end()  # nothing is left to do
    assert storage.span(since=NOW - timedelta(days=1), until=NOW + timedelta(days=1)) == ()
    assert row_of(storage) == row
