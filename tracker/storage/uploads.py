"""Find videos that are gone, or were uploaded again under a new id, and make two rows that are one work one row."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime

from tracker.models import Upload
from tracker.storage.connection import Connection
from tracker.storage.rows import decode, encode, stamp

# Gone: the list says so itself, or complete listings of two days were without it wherever it stood (M28, M30).
_GONE = (
    "(availability IN ('private', 'deleted', 'unavailable')"
    " OR (EXISTS (SELECT 1 FROM appearances WHERE entry = entries.id AND left_at IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM appearances AS own JOIN feeds ON feeds.id = own.feed"
    " WHERE own.entry = entries.id AND own.left_at IS NULL"
    " AND NOT coalesce(max(own.listed_at, own.last_seen) < feeds.listing_before_at, 0))))"
)
_MISSED = (
    "SELECT 1 FROM appearances AS own JOIN feeds ON feeds.id = own.feed JOIN entries ON entries.id = own.entry"
    " WHERE own.feed = ?1 AND own.left_at IS NULL AND availability = ''"
    " AND json_extract(extra, '$.availability') IS NULL"  # those for members only stand in no feed
    " AND own.last_seen < (SELECT max(last_seen) FROM appearances WHERE feed = ?1)"
    " AND NOT coalesce(max(own.listed_at, own.last_seen) < feeds.listing_before_at, 0) LIMIT 1"
)
_PLACE = "SELECT 1 FROM issue_entries AS place WHERE place.entry = "
_PAIRS = (
    "SELECT again.id AS again, before.id AS before FROM appearances AS own"  # noqa: S608 - constants of this module
    " JOIN entries AS again ON again.id = own.entry JOIN entries AS before"
    " ON before.duration BETWEEN again.duration - 2 AND again.duration + 2"
    " WHERE own.feed = ? AND own.backlog = '' AND own.left_at IS NULL AND again.kind = 'video'"
    " AND before.kind = 'video' AND before.id <> again.id"
    f" AND NOT EXISTS ({_PLACE} again.id)"
    # What an issue has left out was not told to anybody: then the new upload may be.
    f" AND NOT EXISTS ({_PLACE} before.id AND role = 'news' AND NOT is_shown)"
    " ORDER BY again.id, before.id"
)
# What the page says and links to is the new upload's; keys, dates and places in issues stay the work's own.
_TAKEN = ("title", "url", "duration", "availability", "extra", "fingerprint", "text_door", "upcoming_at", "release_at")
_FILLED = {"authors": "'[]'", "summary": "''", "words": "0"}  # column → what counts as nothing


class Uploads:
    """The methods of Storage about works that were uploaded again."""

    _db: Connection

    def misses_some(self, feed: str) -> bool:
        """Whether videos of a playlist are missing from its latest document, and nothing says yet why (M28, M30)."""
        return bool(self._db.read(_MISSED, (encode(feed),)))

    def uploaded_again(self, feed: str) -> tuple[tuple[Upload, Upload], ...]:
        """Pair the news of a feed that no issue holds with other videos of the same length: (again, before).

        Lengths are equal within two seconds, and both known. Whether it is one work is for the poll to say.
        """
        pairs = [(row["again"], row["before"]) for row in self._db.read(_PAIRS, (encode(feed),))]
        rows = self._db.read_in(
            f"SELECT id, title, duration, extra, first_seen, {_GONE} AS is_gone"  # noqa: S608 - constants of this module
            " FROM entries WHERE id IN ({marks})",
            {number for pair in pairs for number in pair},
        )
        found = {row["id"]: _upload(row) for row in rows}
        return tuple((found[again], found[before]) for again, before in pairs)

    def merge(self, again: int, before: int, *, at: datetime) -> None:
        """Make `again` a later upload of `before`: its key becomes an alias, its link, words and places are taken over.

        What `before` was to a feed (news or backlog) and to closed issues stays.
        """
        with self._db.transaction():
            self._take_words(again, before)
            self._take_places(again, before)
            self._db.write("UPDATE aliases SET entry = ? WHERE entry = ?", (before, again))
            self._db.write(
                "INSERT INTO aliases (key, entry, at) SELECT key, ?, ? FROM entries WHERE id = ?",
                (before, stamp(at), again),
            )
            self._db.write("DELETE FROM entries WHERE id = ?", (again,))

    def _take_words(self, again: int, before: int) -> None:
        filled = [
            f"{name} = coalesce(nullif(again.{name}, {nothing}), entries.{name})" for name, nothing in _FILLED.items()
        ]
        taken = [f"{name} = again.{name}" for name in _TAKEN]
        self._db.write(
            f"UPDATE entries SET {', '.join((*taken, *filled))} FROM (SELECT * FROM entries WHERE id = ?) AS again"  # noqa: S608 - constant names
            " WHERE entries.id = ?",
            (again, before),
        )
        self._db.write("DELETE FROM mentions WHERE entry = ?", (before,))
        self._db.write("UPDATE mentions SET entry = ? WHERE entry = ?", (before, again))
        for table in ("mentions", "marks"):
            self._db.write(
                f"UPDATE OR IGNORE {table} SET key = (SELECT key FROM entries WHERE id = ?)"  # noqa: S608 - constant names
                " WHERE key = (SELECT key FROM entries WHERE id = ?)",
                (before, again),
            )

    def _take_places(self, again: int, before: int) -> None:
        self._db.write(
            "UPDATE appearances SET guid = again.guid, position = again.position, last_seen = again.last_seen,"
            " listed_at = again.listed_at, left_at = again.left_at, fingerprint = again.fingerprint"
            " FROM (SELECT * FROM appearances WHERE entry = ?) AS again"
            " WHERE appearances.entry = ? AND appearances.feed = again.feed",
            (again, before),
        )
        self._db.write("UPDATE OR IGNORE appearances SET entry = ? WHERE entry = ?", (before, again))
        self._db.write("DELETE FROM appearances WHERE entry = ?", (again,))


def _upload(row: sqlite3.Row) -> Upload:
    columns = decode(row, ("id", "title", "duration", "first_seen", "is_gone"))
    return Upload(**columns, channel=str(json.loads(row["extra"]).get("channel_id") or ""))
