"""Keep the book of arXiv's batches: which day of a category feed was read, fetched afterwards, or is missing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date

from tracker.models import Batch, BatchState
from tracker.storage.connection import Connection
from tracker.storage.rows import decode, encode, stamp

_OTHERS = ("feed", "at", "start", "tries", "cut")


class Batches:
    """The methods of Storage about batches."""

    _db: Connection

    def batches(self, feed: str | None = None) -> tuple[Batch, ...]:
        """Give every expected batch, or one feed's, in the order of days."""
        if feed is None:
            rows = self._db.read("SELECT * FROM batches ORDER BY day, feed")
        else:
            rows = self._db.read("SELECT * FROM batches WHERE feed = ? ORDER BY day", (encode(feed),))
        return tuple(_batch(row) for row in rows)

    def latest_batches(self, feed: str, *, since: date) -> tuple[Batch, ...]:
        """Give a feed's batches from `since` on, and the last one before that, in the order of days."""
        rows = self._db.read(
            "SELECT * FROM batches WHERE feed = ?1 AND day >="
            " coalesce((SELECT max(day) FROM batches WHERE feed = ?1 AND day < ?2), ?2) ORDER BY day",
            (encode(feed), since.isoformat()),
        )
        return tuple(_batch(row) for row in rows)

    def expect_batches(self, feed: str, days: Iterable[date]) -> None:
        """Note days whose batch a feed must bring; what is noted of a day already stays."""
        self._db.write_many(
            "INSERT OR IGNORE INTO batches (feed, day, state) VALUES (?, ?, 'missing')",
            [(encode(feed), day.isoformat()) for day in days],
        )

    def save_batch(self, batch: Batch) -> None:
        """Store what became of a batch."""
        self._db.write(
            "INSERT OR REPLACE INTO batches (feed, day, state, at, start, tries, cut) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(encode(batch.feed), batch.day.isoformat(), batch.state.value),
                *(batch.at and stamp(batch.at), batch.start, batch.tries, batch.cut),
            ),
        )


def _batch(row: sqlite3.Row) -> Batch:
    return Batch(**decode(row, _OTHERS), day=date.fromisoformat(row["day"]), state=BatchState(row["state"]))
