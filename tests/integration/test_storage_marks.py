"""What the reader said about works: which marks hold, who said them, and which works a link may mean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import NOW, make_entry, make_mark, store_entries, subscribe
from tracker.models import MarkName, Reading
from tracker.storage import Storage

KEY = "arxiv:2203.15556"
HOUR = timedelta(hours=1)
DONE, STARRED, HIDDEN = MarkName.DONE, MarkName.STARRED, MarkName.HIDDEN


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    """One subscription, nothing stored."""
    with Storage.open(tmp_path / "tracker.db", now=NOW) as storage:
        subscribe(storage)
        yield storage


def names(storage: Storage, key: str = KEY) -> tuple[MarkName, ...]:
    mark = storage.marks().get(key)
    return mark.names if mark else ()


def test_a_work_can_be_done_and_starred_but_not_starred_and_hidden(storage: Storage) -> None:
    """The later of star and hidden holds; done stands beside either."""
    assert storage.mark(KEY, DONE, at=NOW)
    assert storage.mark(KEY, STARRED, at=NOW + HOUR)
    assert not storage.mark(KEY, STARRED, at=NOW + 2 * HOUR)
    assert names(storage) == (DONE, STARRED)
    assert storage.mark(KEY, HIDDEN, at=NOW + 3 * HOUR)
    assert names(storage) == (DONE, HIDDEN)
    assert storage.mark(KEY, STARRED, at=NOW + 4 * HOUR)
    assert names(storage) == (DONE, STARRED)


def test_a_mark_is_as_old_as_its_star(storage: Storage) -> None:
    """What is ticked later does not move the moment from which new versions are told; the origin is named."""
    storage.mark(KEY, STARRED, at=NOW, file="2026-W48.md")
    storage.mark(KEY, DONE, at=NOW + HOUR)
    mark = storage.marks()[KEY]
    assert (mark.at, mark.origin) == (NOW, "2026-W48.md")
    storage.unmark(KEY, STARRED)
    mark = storage.marks()[KEY]
    assert (mark.at, mark.origin) == (NOW + HOUR, "a command")


def test_taking_back_counts_until_it_is_said_anew(storage: Storage) -> None:
    """A command takes back what files say; the same file says it again only after its box was empty."""
    storage.mark(KEY, STARRED, at=NOW, file="a.md")
    storage.mark(KEY, STARRED, at=NOW)
    assert storage.unmark(KEY, STARRED)
    assert not storage.unmark(KEY, STARRED)
    assert storage.marks() == {}
    storage.mark(KEY, STARRED, at=NOW + HOUR, file="a.md")
    assert storage.marks() == {}
    storage.untick("a.md", KEY)
    storage.mark(KEY, STARRED, at=NOW + HOUR, file="a.md")
    assert names(storage) == (STARRED,)


def test_an_emptied_box_takes_back_what_its_file_said(storage: Storage) -> None:
    """Another file that is there, and a command, keep a mark; one that is gone does not."""
    for file in ("a.md", "b.md", "gone.md"):
        storage.mark(KEY, DONE, at=NOW, file=file)
    storage.drop_reading("gone.md")
    storage.untick("a.md", KEY)
    assert names(storage) == (DONE,)
    storage.untick("b.md", KEY)
    assert names(storage) == ()
    storage.mark(KEY, DONE, at=NOW, file="a.md")
    storage.mark(KEY, DONE, at=NOW)
    storage.untick("a.md", KEY)
    assert names(storage) == (DONE,)


def test_a_file_that_is_gone_or_has_moved_takes_nothing_back(storage: Storage) -> None:
    """What it said stays said, under its new name where it has one."""
    storage.save_reading(Reading(path="a.md", issue="2026-W48", signature="1"))
    storage.mark(KEY, DONE, at=NOW, file="a.md")
    storage.drop_reading("a.md", moved_to="old/a.md")
    assert storage.ticks("old/a.md") == {KEY: {DONE}}
    assert (storage.ticks("a.md"), storage.readings()) == ({}, {})
    storage.drop_reading("old/a.md")
    assert names(storage) == (DONE,)


def test_a_mark_set_whole_replaces_what_was_said(storage: Storage) -> None:
    """Setting a mark overrules files and commands of before, and can be taken back like any other."""
    storage.mark(KEY, HIDDEN, at=NOW, file="a.md")
    storage.set_mark(make_mark(KEY, starred=True, at=NOW + HOUR))
    assert names(storage) == (DONE, STARRED)
    storage.unmark(KEY, STARRED)
    assert names(storage) == (DONE,)


def test_a_link_finds_the_works_that_it_may_mean(storage: Storage) -> None:
    """By key, by keys that share an address, by the address of today."""
    entries = [
        make_entry(1),
        make_entry(2, key="web:weeknight.example/1#ab", url="https://weeknight.example/1", guid="x"),
        make_entry(3, key="web:old.example/3", url="https://www.new.example/3/?utm_source=feed"),
        make_entry(4, key="web:weeknight.example/11"),
    ]
    store_entries(storage, entries)
    found = storage.works(
        ("web:weeknight.example/1", "web:new.example/3", "web:old.example/3", "web:nowhere.example/", KEY)
    )
    assert found == {
        "web:weeknight.example/1": (("web:weeknight.example/1", "Post 1"), ("web:weeknight.example/1#ab", "Post 2")),
        "web:new.example/3": (("web:old.example/3", "Post 3"),),
        "web:old.example/3": (("web:old.example/3", "Post 3"),),
    }
    assert storage.newest_keys(2) == ("web:weeknight.example/11", "web:old.example/3")


def test_pages_are_kept_of_the_last_writings_only(storage: Storage) -> None:
    """The hash of every writing stays, the page itself only as long as an edition of it may stand in the file."""
    for number in range(6):
        page = f"page {number}".encode()
        storage.remember_file("a.md", f"hash {number}", at=NOW + number * HOUR, page=page)
    assert storage.file_pages("a.md") == {f"hash {number}": f"page {number}".encode() for number in (5, 4, 3)}
    assert list(storage.file_pages("a.md")) == ["hash 5", "hash 4", "hash 3"]
    assert len(storage.file_hashes("a.md")) == 6
    storage.drop_pages("a.md")
    assert storage.file_pages("a.md") == {}
