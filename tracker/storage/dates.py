"""Tell cadence the dates of a feed's entries: its rhythm, its order, and what it has not told of them yet."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from tracker.storage.conditions import LACKS_DURATIONS, VIDEOS
from tracker.storage.connection import Connection
from tracker.storage.rows import decode, encode

LATEST = 60  # dates that show a rhythm


class Dates:
    """The methods of Storage about when a feed's entries came."""

    _db: Connection

    def oldest_published(self, feed: str) -> datetime | None:
        """Give the oldest publication date known of a feed (M10)."""
        row = self._db.read_one(
            "SELECT min(published) AS at FROM appearances JOIN entries ON entries.id = entry"
            " WHERE feed = ? AND left_at IS NULL",
            (encode(feed),),
        )
        return _moment(row)

    def published(self, feed: str, *, keep: bool = False) -> tuple[datetime, ...]:
        """Give the publication dates of a feed's latest entries, newest first: its rhythm.

        They are kept beside the feed until a trigger sees one of them change; then they are read from the entries,
        and kept again with `keep`, inside a transaction.
        """
        kept = self._db.read_one("SELECT dates FROM rhythms WHERE feed = ?", (encode(feed),))
        if kept:
            return tuple(map(datetime.fromisoformat, json.loads(kept["dates"])))
        rows = self._db.read(
            "SELECT published FROM appearances JOIN entries ON entries.id = entry"
            " WHERE feed = ? AND left_at IS NULL AND published IS NOT NULL ORDER BY published DESC LIMIT ?",
            (encode(feed), LATEST),
        )
        dates = [row["published"] for row in rows]
        if keep:
            self._db.write(
                "INSERT OR REPLACE INTO rhythms (feed, dates) VALUES (?, ?)", (encode(feed), json.dumps(dates))
            )
        return tuple(map(datetime.fromisoformat, dates))

    def in_order(self, feed: str) -> tuple[datetime, ...]:
        """Give the dates of a playlist's entries from its top on; of news without one, when it was first seen."""
        rows = self._db.read(
            "SELECT coalesce(published, CASE backlog WHEN '' THEN appearances.first_seen END) AS at"
            " FROM appearances JOIN entries ON entries.id = entry WHERE feed = ?1 AND left_at IS NULL"
            " AND listed_at = (SELECT max(listed_at) FROM appearances WHERE feed = ?1) ORDER BY position",
            (encode(feed),),
        )
        return tuple(moment for moment in map(_moment, rows) if moment)

    def lacks_durations(self, feed: str) -> bool:
        """Whether unassigned news of a feed are videos whose length is not known yet, or that cannot be watched yet."""
        return self._db.read_one(f"SELECT 1 FROM feeds WHERE id = ? AND {LACKS_DURATIONS}", (encode(feed),)) is not None  # noqa: S608 - a constant of storage

    def unlisted_since(self, feed: str) -> datetime | None:
        """Say when the latest video came that is unassigned news and whose length is not known; None without one."""
        latest = f"SELECT max(appearances.first_seen) {VIDEOS} AND duration IS NULL AND upcoming_at IS NULL"
        return _moment(self._db.read_one(f"SELECT ({latest}) AS at FROM feeds WHERE id = ?", (encode(feed),)))  # noqa: S608 - the same


def _moment(row: sqlite3.Row | None) -> datetime | None:
    moment: datetime | None = decode(row, ("at",))["at"] if row else None
    return moment
