"""Whatever feeds contain comes back, and whatever happens in whatever order, an entry is news once."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import (
    NOW,
    WEEK_START,
    make_door,
    make_entry,
    make_identified,
    make_issue,
    make_placed,
    make_poll,
    make_subscription,
    store_entries,
    subscribe,
)
from tracker.models import Door, Entry, Feed, Kind, Mention, Verdict
from tracker.storage import Storage

# every string that Python can hold: NUL, lone surrogates, controls, right-to-left marks, anything
any_text = st.text(st.characters(), max_size=40)
# years that stay within Python's when another zone is added
any_moment = st.integers(-62_135_000_000, 253_402_000_000).map(
    lambda seconds: datetime(1970, 1, 1, 0, 0, 0, 7, UTC) + timedelta(seconds=seconds)
)
any_number = st.none() | st.integers(-(2**70), 2**70)


def clean(value: str) -> str:
    """Be what storage makes of a string: readable by every SQLite tool."""
    return "".join("\ufffd" if char == "\x00" or "\ud800" <= char <= "\udfff" else char for char in value)


def cut(value: int | None) -> int | None:
    """Be what storage makes of a number: SQLite's integers have 64 bits."""
    return value if value is None else max(-(2**63) + 1, min(value, 2**63 - 1))


def second(moment: datetime | None) -> datetime | None:
    """Be what storage makes of a moment: whole seconds."""
    return moment and moment.replace(microsecond=0)


@contextmanager
def new_storage(*ids: str) -> Iterator[Storage]:
    """Open an empty database with these subscriptions."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Storage.open(Path(folder) / "tracker.db", now=NOW) as storage,
    ):
        subscribe(storage, *(make_subscription(id=each) for each in ids))
        yield storage


@st.composite
def hostile_entries(draw: st.DrawFn) -> Entry:
    """Be an entry with anything in it."""
    json_values = st.recursive(
        st.none() | st.booleans() | any_text | st.integers(-(2**53), 2**53),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
        max_leaves=5,
    )
    return Entry(
        position=draw(st.integers(0, 2**70)),
        key=draw(any_text.filter(bool)),
        guid=draw(any_text),
        kind=draw(st.sampled_from(Kind)),
        title=draw(any_text),
        url=draw(any_text),
        authors=tuple(draw(st.lists(any_text, max_size=3))),
        summary=draw(any_text),
        words=draw(any_number),
        duration=draw(any_number),
        paywalled=draw(st.booleans()),
        published=draw(st.none() | any_moment),
        updated=draw(st.none() | any_moment),
        version=draw(any_number),
        announce_type=draw(any_text),
        fingerprint=draw(any_text),
        mentions=tuple(draw(st.lists(st.builds(Mention, any_text, any_text), max_size=2))),
        extra=draw(st.dictionaries(any_text, json_values, max_size=3)),
    )


@settings(max_examples=60, deadline=None)
@given(entry=hostile_entries(), backlog=any_text)
def test_an_entry_comes_back_whatever_it_contains(entry: Entry, backlog: str) -> None:
    """Texts come back equal but for NUL and lone surrogates, which become U+FFFD; nothing raises."""
    with new_storage("weeknight") as storage:
        storage.store("weeknight", [make_identified(entry, backlog=backlog)], door=Door.FEED, at=NOW)
        found = storage.entry(entry.key)
        assert found is not None
        assert [found.key, found.title, found.url, found.summary] == [
            clean(each) for each in (entry.key, entry.title, entry.url, entry.summary)
        ]
        assert tuple(clean(each) for each in found.authors) == tuple(clean(each) for each in entry.authors)
        assert [found.words, found.duration, found.version] == [
            cut(each) for each in (entry.words, entry.duration, entry.version)
        ]
        assert (found.published, found.updated) == (second(entry.published), second(entry.updated))
        assert (found.kind, found.paywalled) == (entry.kind, entry.paywalled)
        expected = json.loads(clean(json.dumps(dict(entry.extra), ensure_ascii=False)))
        assert found.extra == expected
        (appearance,) = found.appearances
        assert (appearance.guid, appearance.backlog) == (clean(entry.guid), clean(backlog))
        known = storage.known("weeknight", guids=[entry.guid], keys=[entry.key])
        assert [each.key for each in known] == [clean(entry.key)]
        assert storage.integrity() == ()


@settings(max_examples=40, deadline=None)
@given(first=hostile_entries(), second_=hostile_entries(), door=st.sampled_from(Door))
def test_any_change_can_be_stored(first: Entry, second_: Entry, door: Door) -> None:
    """A known entry may turn into anything: first seen stays, a known length is not lost, the index keeps up."""
    with new_storage("weeknight") as storage:
        stored = store_entries(storage, [first])[first.key]
        changed = make_identified(second_, key=stored.key, id=stored.id, verdict=Verdict.CHANGED)
        storage.store("weeknight", [changed], door=door, at=NOW + timedelta(days=1))
        (found,) = storage.entries()
        assert (found.id, found.key, found.first_seen) == (stored.id, stored.key, NOW)
        assert found.duration == (stored.duration if second_.duration is None else cut(second_.duration))
        assert storage.integrity() == ()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_feeds_and_polls_come_back_whatever_they_contain(data: st.DataObject) -> None:
    """Titles, errors, ETags and warnings of strangers are kept; moments keep their second."""
    text, moment = data.draw(any_text), data.draw(any_moment)
    with new_storage("weeknight") as storage:
        (feed,) = storage.feeds()
        names = ("title", "site_url", "etag", "last_modified", "validators_url", "moved_to")
        fields: dict[str, Any] = dict.fromkeys(names, text)
        learnt = replace(feed, **fields, validators_at=moment, feed=make_door(last_error=text, failing_since=moment))
        assert storage.save_feed(learnt)
        kept = {name: clean(value) for name, value in fields.items()}
        door = make_door(last_error=clean(text), failing_since=second(moment))
        expected: Feed = replace(learnt, **kept, validators_at=second(moment), feed=door)
        assert storage.feed("weeknight") == expected
        poll = make_poll(error=text, remedy=text, host=text, at=moment)
        storage.add_poll(poll)
        assert storage.polls() == (
            replace(poll, error=clean(text), remedy=clean(text), host=clean(text), at=second(moment) or moment),
        )


@pytest.fixture(scope="module")
def library() -> Iterator[Storage]:
    """One database for all searches: they only read."""
    with new_storage("weeknight") as storage:
        store_entries(storage, [make_entry(1), make_entry(2, title="and or not near")])
        yield storage


@settings(max_examples=200, deadline=None)
@given(query=st.text(st.characters() | st.sampled_from('"*()^:-+{}\x00 '), max_size=30))
def test_any_text_can_be_searched(library: Storage, query: str) -> None:
    """No query is an error, and none finds what is not there."""
    assert {entry.id for entry in library.search(query, limit=5)} <= {1, 2}


@dataclass(frozen=True)
class Step:
    """Something that happens, through one of two connections."""

    what: str
    by: int
    feed: str
    numbers: tuple[int, ...]
    backlog: bool
    hours: int


steps = st.builds(
    Step,
    what=st.sampled_from(["store", "store", "store", "close", "close", "leave", "rename", "fail", "mark"]),
    by=st.integers(0, 1),
    feed=st.sampled_from(["a", "b", "c"]),
    numbers=st.lists(st.integers(0, 6), max_size=4).map(tuple),
    backlog=st.booleans(),
    hours=st.integers(-300, 300),
)


def interrupt() -> None:
    """Be whatever ends a transaction half-way."""
    raise InterruptedError


class History:
    """Two connections to one database, and what must be true of it whatever they do."""

    def __init__(self, one: Storage, two: Storage) -> None:
        self.connections = (one, two)
        self.news: set[str] = set()
        self.closed = 0
        self.now = NOW

    def take(self, step: Step) -> None:
        """Let one thing happen; the clock jumps as it likes."""
        storage = self.connections[step.by]
        self.now = max(WEEK_START, NOW + timedelta(hours=step.hours))
        getattr(self, f"_{step.what}")(storage, step)

    def _store(self, storage: Storage, step: Step) -> None:
        # What is stored again may have another date.
        entries = [make_entry(number, published=self.now) for number in step.numbers]
        with storage.transaction():
            if not any(feed.id == step.feed for feed in storage.feeds()):
                return
            known = {
                each.key: each.id for each in storage.known(step.feed, guids=(), keys=[each.key for each in entries])
            }
            found = [
                make_identified(
                    each,
                    id=known.get(each.key),
                    verdict=Verdict.CHANGED if each.key in known else Verdict.NEW,
                    backlog="older" if step.backlog else "",
                )
                for each in entries
            ]
            storage.store(step.feed, found, door=Door.LISTING if step.hours % 2 else Door.FEED, at=self.now)
            storage.published(step.feed, keep=step.hours % 3 > 0)
        if not step.backlog:
            self.news |= {each.key for each in entries}

    def _close(self, storage: Storage, step: Step) -> None:
        del step
        with storage.transaction():
            waiting = storage.unassigned(before=self.now, now=self.now)
            self.closed += 1
            storage.add_issue(make_issue(label=f"issue-{self.closed}"), [make_placed(each.id) for each in waiting])

    def _fail(self, storage: Storage, step: Step) -> None:
        before = set(self.news), self.closed
        with suppress(InterruptedError), storage.transaction():
            self._store(storage, step)
            self._close(storage, step)
            interrupt()
        self.news, self.closed = before

    def _leave(self, storage: Storage, step: Step) -> None:
        kept = [feed for feed in storage.feeds() if feed.id != step.feed]
        storage.reconcile(
            [make_subscription(id=each.id) for each in kept], {each.id: each.target for each in kept}, now=self.now
        )

    def _rename(self, storage: Storage, step: Step) -> None:
        feeds = {feed.id: feed.target for feed in storage.feeds() if feed.id != step.feed}
        wanted = {**feeds, step.feed: f"target:{sorted(step.numbers)}"}
        storage.reconcile([make_subscription(id=each) for each in wanted], wanted, now=self.now)

    def _mark(self, storage: Storage, step: Step) -> None:
        if self.closed and storage.issue(f"issue-{self.closed}"):
            storage.mark_delivered(f"issue-{self.closed}", at=self.now, file=str(step.by))

    def check(self) -> None:
        """Everything that was news is news once or waits, and nothing else is."""
        one, two = self.connections
        placed = Counter(place.entry for issue in one.issues() for place in one.placed(issue.label))
        assert not [entry for entry, times in placed.items() if times > 1]
        far = NOW + timedelta(days=10_000)
        waiting = {entry.id for entry in two.unassigned(before=far, now=far)}
        assert not waiting & set(placed)
        entries = {entry.key: entry for entry in one.entries()}
        assert {entries[key].id for key in self.news} == waiting | set(placed)
        assert {key for key, entry in entries.items() if not entry.is_backlog} == self.news
        for feed in one.feeds():
            assert two.published(feed.id, keep=self.closed % 2 > 0) == dates_of(one, feed.id)


def dates_of(storage: Storage, feed: str) -> tuple[datetime, ...]:
    """Tell from a feed's entries when they were published, newest first, those left out that it followed before."""
    with closing(sqlite3.connect(storage.path)) as db:
        rows = db.execute("SELECT entry FROM appearances WHERE feed = ? AND left_at IS NULL", (feed,)).fetchall()
    found = (each.published for each in storage.entries_by_id([entry for (entry,) in rows]).values())
    return tuple(sorted(filter(None, found), reverse=True))


@settings(max_examples=60, deadline=None)
@given(history=st.lists(steps, max_size=25))
def test_every_entry_is_news_exactly_once(history: list[Step]) -> None:
    """What waits, and each feed's dates, are what entries say: stored, promoted, closed, renamed, unsubscribed, failed, by two connections, under a clock that jumps."""
    with new_storage("a", "b", "c") as one, Storage.open(one.path, now=NOW) as two:
        played = History(one, two)
        for step in history:
            played.take(step)
            played.check()
        assert one.integrity() == ()
