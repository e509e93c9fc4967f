"""Find videos that are missing without a reason, and those that may be one work, uploaded again under a new id."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection

from tracker.models import Upload
from tracker.storage.conditions import HAS_LEFT, MISSES_SOME, WAITING, WAITS
from tracker.storage.connection import Connection
from tracker.storage.rows import decode, encode

# Gone: the list says so itself, or complete listings of two days were without it wherever it stood (M28, M30).
_GONE = (
    "(availability IN ('private', 'deleted', 'unavailable')"  # noqa: S608 - constants of storage
    " OR (EXISTS (SELECT 1 FROM appearances WHERE entry = entries.id AND left_at IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM appearances AS own JOIN feeds ON feeds.id = own.feed"
    " WHERE own.entry = entries.id AND own.left_at IS NULL"
    f" AND NOT {HAS_LEFT})))"
)
_PLACE = "SELECT 1 FROM issue_entries WHERE issue_entries.entry = entries.id AND"
_OF_FEEDS = "SELECT entry FROM appearances WHERE feed IN ({marks})"
# Twice the two seconds that two uploads of one work may differ, so that each comes with all that it could belong to.
_LIKE = (
    "SELECT DISTINCT other.id FROM entries AS own JOIN entries AS other"
    " ON other.kind = 'video' AND other.duration BETWEEN own.duration - 4 AND own.duration + 4"
    " WHERE own.kind = 'video' AND own.id IN"
)
_UPLOAD = ("id", "key", "title", "duration", "published", "first_seen", "is_gone", "is_told", "is_waiting")


class Uploads:
    """The methods of Storage about what became of videos."""

    _db: Connection

    def misses_some(self, feed: str) -> bool:
        """Whether videos of a playlist are missing from its latest document, and nothing says yet why (M28, M30)."""
        return self._db.read_one(f"SELECT 1 FROM feeds WHERE id = ? AND {MISSES_SOME}", (encode(feed),)) is not None  # noqa: S608 - a constant of storage

    def uploads(self, feeds: Collection[str]) -> tuple[Upload, ...]:
        """Give the videos that wait for an issue or stand in these feeds, and all of about their lengths, by id.

        Whether two are one work is for the digest to say.
        """
        with self._db.snapshot():
            ids = {row["id"] for row in self._db.read(f"{_LIKE} ({WAITING})")}
            ids |= {row["id"] for row in self._db.read_in(f"{_LIKE} ({_OF_FEEDS})", [encode(each) for each in feeds])}
            rows = self._db.read_in(
                f"SELECT *, {_GONE} AS is_gone, ({WAITS}) AS is_waiting,"  # noqa: S608 - constants of this module
                f" EXISTS ({_PLACE} is_shown AND role IN ('news', 'course')) AS is_told"
                " FROM entries WHERE id IN ({marks})",
                sorted(ids),
            )
        return tuple(_upload(row) for row in rows)


def _upload(row: sqlite3.Row) -> Upload:
    return Upload(**decode(row, _UPLOAD), channel=str(json.loads(row["extra"]).get("channel_id") or ""))
