"""Take the same documents into two databases, one reading every document whole: for tests that nothing else differs."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.factories import NOW, make_answer, make_config, make_request
from tracker.models import Door, Feed, Poll, Subscription
from tracker.poll import reading, reconcile, taking
from tracker.poll.asking import Pass
from tracker.poll.parse import slices
from tracker.poll.together import Together
from tracker.sources import source_of
from tracker.storage import Storage

OUR_OWN = {"slice", "address"}  # the columns in which the two may differ


class SideBySide:
    """Two databases of the same subscriptions, a day apart from document to document."""

    def __init__(self, folder: Path, *subscriptions: Subscription) -> None:
        self.now = NOW - timedelta(days=30)
        self.read = 0  # entries that feedparser had to read on the way with slices
        self.polls: list[Poll] = []
        self._folders = [folder / name for name in ("sliced", "whole")]
        for each in self._folders:
            each.mkdir(parents=True)
            shutil.copy(_template(folder), each / "tracker.db")
        self._storages = [Storage.open(each / "tracker.db", now=self.now) for each in self._folders]
        self.follow(*subscriptions)

    def follow(self, *subscriptions: Subscription) -> None:
        """Make these what feeds.toml says."""
        self._subscriptions = subscriptions
        for here in self._passes():
            reconcile(here.config, here.storage, now=self.now)

    def take(self, feed: str, body: bytes, *, compare: bool = True, **fields: Any) -> Poll:
        """Take a document a day later; compare all that is stored, if that is not left for later, and what is said."""
        self.now += timedelta(days=1)
        said = []
        for here, is_sliced in zip(self._passes(), (True, False), strict=True):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(reading, "SLICES", is_sliced)
                if is_sliced:
                    patch.setattr(slices.Cut, "reduced", self._counted(slices.Cut.reduced))
                said.append(taking.take(here, self._answer(feed, body, **fields)))
        self.polls.append(said[0])
        assert said[0] == said[1]
        if compare:
            self.compare()
        return said[0]

    def compare(self) -> None:
        """Compare all tables."""
        sliced, whole = (_tables(each / "tracker.db") for each in self._folders)
        for table, rows in whole.items():
            assert sliced[table] == rows, table

    def known(self) -> int:
        """Count the appearances that would be recognised."""
        with closing(sqlite3.connect(self._folders[0] / "tracker.db")) as db:
            return int(db.execute("SELECT count(*) FROM appearances WHERE slice <> ''").fetchone()[0])

    def close(self) -> None:
        """Close both."""
        for each in self._storages:
            each.close()

    @property
    def storages(self) -> Sequence[Storage]:
        """Both, for what else happens to them."""
        return self._storages

    def feed(self, feed: str) -> Feed:
        """Give a feed's row."""
        found = self._storages[0].feed(feed)
        assert found
        return found

    def _passes(self) -> list[Pass]:
        return [
            Pass(
                config=make_config(folder / "feeds.toml", subscriptions=self._subscriptions),
                storage=storage,
                together=Together(storage),
                now=self.now,
                since=NOW - timedelta(days=30),
                rows={each.id: each for each in storage.feeds()},
            )
            for folder, storage in zip(self._folders, self._storages, strict=True)
        ]

    def _answer(self, feed: str, body: bytes, *, door: Door = Door.FEED, url: str = "", **fields: Any) -> Any:
        subscription = next(each for each in self._subscriptions if each.id == feed)
        source = source_of(subscription)
        asked = source.feed_url(subscription) if door is Door.FEED else source.listing_url(subscription)
        answer = make_answer(body, request=make_request(feed=feed, door=door, url=asked), **fields)
        return replace(answer, url=url) if url else answer

    def _counted(self, reduced: Any) -> Any:
        def counting(cut: slices.Cut, known: Any) -> str:
            self.read += sum(each not in known for each in cut.hashes)
            text: str = reduced(cut, known)
            return text

        return counting


@contextmanager
def side_by_side(folder: Path, *subscriptions: Subscription) -> Iterator[SideBySide]:
    """Open the two in a folder of their own."""
    both = SideBySide(folder, *subscriptions)
    try:
        yield both
    finally:
        both.close()


def _template(folder: Path) -> Path:
    """Make an empty database once, since making one takes longer than a document."""
    path = folder.parent / "template.db"
    if not path.exists():
        Storage.open(path, now=NOW).close()
    return path


def _tables(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(path)) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        wanted = sorted(name for name in names if not name.startswith(("sqlite", "entries_fts_", "_sqlite")))
        return {name: sorted(db.execute(f"SELECT {_columns(db, name)} FROM {name}"), key=repr) for name in wanted}


def _columns(db: sqlite3.Connection, table: str) -> str:
    names = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    return ", ".join(name for name in names if name not in OUR_OWN)
