"""Answer what the digest and people ask: what waits, what a span brought, a course, a search."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from tracker.models import Appearance, Counts, Kind, Mention, StoredEntry, Version
from tracker.storage.conditions import HAS_LEFT, NEWS, WAITING, WAITS
from tracker.storage.connection import Connection
from tracker.storage.rows import decode, encode, stamp, text

_PLACE_IN = (
    "EXISTS (SELECT 1 FROM issue_entries AS place JOIN issues ON issues.id = place.issue"
    " WHERE place.entry = entries.id AND role = 'news' AND"
)
_ENTRY = tuple(
    name for name in StoredEntry.__dataclass_fields__ if name not in {"appearances", "issue", "shown", "cut"}
)
_APPEARANCE = tuple(Appearance.__dataclass_fields__)
_VERSION = tuple(Version.__dataclass_fields__)
_COUNTS = tuple(Counts.__dataclass_fields__)
MOST_RANKED = 10_000  # matches of a search that are compared with each other
_NEWEST_FIRST = "ORDER BY entries.first_seen DESC, entries.published DESC, entries.key"


class Questions:
    """The methods of Storage that read entries."""

    _db: Connection

    def unassigned(self, *, before: datetime, now: datetime) -> tuple[StoredEntry, ...]:
        """Give the news that a window ending at `before` must take, by first seen, then key.

        Not backlog, in no issue yet, first seen before the end, or after `now` by a clock that was wrong.
        Former subscriptions are included: their entries are assigned too.
        """
        return self._entries(
            f"WHERE entries.id IN ({WAITING}) AND (entries.first_seen < ? OR entries.first_seen > ?)"
            " ORDER BY entries.first_seen, entries.key",
            (stamp(before), stamp(now)),
        )

    def span(self, *, since: datetime, until: datetime) -> tuple[StoredEntry, ...]:
        """Give what was first seen from `since` until before `until`, backlog left out; assigns nothing."""
        return self._entries(
            f"WHERE {NEWS} AND entries.first_seen >= ? AND entries.first_seen < ?"
            " ORDER BY entries.first_seen, entries.key",
            (stamp(since), stamp(until)),
        )

    def entries(
        self,
        *,
        feed: str | None = None,
        issue: str | None = None,
        not_shown: bool = False,
        since: datetime | None = None,
        limit: int | None = None,
    ) -> tuple[StoredEntry, ...]:
        """Give entries, newest first: of a feed, of an issue (its news), only what was not shown, first seen since."""
        asked = (
            ("EXISTS (SELECT 1 FROM appearances WHERE entry = entries.id AND feed = ?)", encode(feed)),
            (f"{_PLACE_IN} label = ?)", encode(issue)),
            (f"{_PLACE_IN} is_shown = ?)", 0 if not_shown else None),
            ("entries.first_seen >= ?", since and stamp(since)),
        )
        wanted = [(condition, value) for condition, value in asked if value is not None]
        where = " AND ".join(condition for condition, _ in wanted) or "1"
        values = [value for _, value in wanted]
        return self._entries(f"WHERE {where} {_NEWEST_FIRST} LIMIT ?", (*values, -1 if limit is None else limit))

    def entry(self, key: str) -> StoredEntry | None:
        """Give one entry by its key."""
        found = self._entries("WHERE entries.key = ?", (encode(key),))
        return found[0] if found else None

    def marked(self) -> tuple[StoredEntry, ...]:
        """Give the stored entries on which the reader has put a mark, by key."""
        return self._entries("JOIN marks ON marks.key = entries.key ORDER BY entries.key", ())

    def entries_by_id(self, ids: Collection[int]) -> Mapping[int, StoredEntry]:
        """Give entries by their ids; unknown ids are left out."""
        with self._db.snapshot():
            rows = self._db.read_in("SELECT * FROM entries WHERE id IN ({marks}) ORDER BY id", ids)
            return {entry.id: entry for entry in self._complete(rows)}

    def entries_by_key(self, keys: Collection[str]) -> tuple[StoredEntry, ...]:
        """Give entries by their keys, by id; keys that are not stored are left out."""
        with self._db.snapshot():
            rows = self._db.read_in(
                "SELECT * FROM entries WHERE key IN ({marks}) ORDER BY id", [encode(key) for key in keys]
            )
            return self._complete(rows)

    def revised(self, keys: Collection[str]) -> tuple[StoredEntry, ...]:
        """Give those of these works that were revised after they had been stored, by id."""
        with self._db.snapshot():
            rows = self._db.read_in(
                "SELECT * FROM entries WHERE id IN (SELECT entry FROM versions) AND key IN ({marks}) ORDER BY id",
                [encode(key) for key in keys],
            )
            return self._complete(rows)

    def versions(self, entries: Collection[int]) -> Mapping[int, tuple[Version, ...]]:
        """Give the known versions of each of these entries that was revised, oldest first, by entry id."""
        found: dict[int, list[Version]] = {}
        sql = "SELECT * FROM versions WHERE entry IN ({marks}) ORDER BY entry, version"
        for row in self._db.read_in(sql, entries):
            found.setdefault(row["entry"], []).append(Version(**decode(row, _VERSION)))
        return {entry: tuple(versions) for entry, versions in found.items()}

    def search(self, query: str, *, limit: int) -> tuple[StoredEntry, ...]:
        """Give the best matches for words in title, authors and summary; "quoted words" are a phrase, word* a start.

        Best is what FTS5's bm25 says, a title counting most; of equal ones the newest. Where more than `MOST_RANKED`
        match, that is not worth reading all of them (1.0 s for a million): then the newest come first, those that have
        everything in the title before all others.
        """
        match = search_expression(query)
        if not match:
            return ()
        with self._db.snapshot():
            newest = self._matches(match, order="rowid DESC", limit=MOST_RANKED + 1)
            if len(newest) <= MOST_RANKED:
                ids = self._matches(match, order="bm25(entries_fts, 8.0, 4.0, 1.0), rowid DESC", limit=limit)
            else:
                titled = self._matches(f"{{title}}: ({match})", order="rowid DESC", limit=limit)
                ids = list(dict.fromkeys((*titled, *newest)))[:limit]
            found = self.entries_by_id(ids)
        return tuple(found[each] for each in ids if each in found)  # whoever writes by hand may forget the index

    def course(self, feed: str) -> tuple[StoredEntry, ...]:
        """Give a playlist's lectures in its present order, those that cannot be watched too (`availability`).

        What complete listings of two days held no longer, nor the feed since, is left out (M30); what only the feed
        has shown comes last.
        """
        return self._entries(
            "JOIN appearances AS own ON own.entry = entries.id AND own.feed = ?1 JOIN feeds ON feeds.id = own.feed"  # noqa: S608 - constants of storage
            " WHERE own.left_at IS NULL"
            f" AND NOT ({HAS_LEFT}"
            " AND EXISTS (SELECT 1 FROM appearances WHERE feed = ?1 AND listed_at >= feeds.listing_complete_at))"
            " ORDER BY own.position IS NULL, own.position, entries.published, entries.key",
            (encode(feed),),
        )

    def mentions(self, entries: Collection[int]) -> Mapping[int, tuple[Mention, ...]]:
        """Say which works each of these entries links to, by entry id."""
        found: dict[int, list[Mention]] = {}
        for row in self._db.read_in("SELECT * FROM mentions WHERE entry IN ({marks}) ORDER BY entry, key", entries):
            found.setdefault(row["entry"], []).append(Mention(row["key"], row["url"]))
        return {entry: tuple(mentions) for entry, mentions in found.items()}

    def mentioned_by(self, keys: Collection[str]) -> Mapping[str, tuple[int, ...]]:
        """Say which entries link to each of these works, by the work's key; ids in order of storing."""
        found: dict[str, list[int]] = {}
        wanted = [encode(key) for key in keys]
        for row in self._db.read_in(
            "SELECT key, entry FROM mentions WHERE key IN ({marks}) ORDER BY key, entry", wanted
        ):
            found.setdefault(row["key"], []).append(row["entry"])
        return {key: tuple(entries) for key, entries in found.items()}

    def counts(self) -> Counts:
        """Count everything that is stored, each work once."""
        row = self._db.read_one(
            f"SELECT count(*) AS entries, coalesce(sum(NOT {NEWS}), 0) AS backlog,"  # noqa: S608 - constants of this module
            f" coalesce(sum({WAITS}), 0) AS unassigned FROM entries"
        )
        return Counts(**dict(row)) if row else Counts()

    def feed_counts(self) -> Mapping[str, Counts]:
        """Count what each feed holds, by its id; a feed without entries is left out."""
        rows = self._db.read(
            "SELECT feed, count(*) AS entries, sum(appearances.backlog <> '') AS backlog,"  # noqa: S608 - constants of this module
            f" sum(appearances.backlog = '' AND {WAITS}) AS unassigned"
            " FROM appearances JOIN entries ON entries.id = appearances.entry GROUP BY feed ORDER BY feed"
        )
        return {row["feed"]: Counts(**decode(row, _COUNTS)) for row in rows}

    def _matches(self, match: str, *, order: str, limit: int) -> list[int]:
        sql = f"SELECT rowid FROM entries_fts WHERE entries_fts MATCH ? ORDER BY {order} LIMIT ?"  # noqa: S608 - from this class
        return [row["rowid"] for row in self._db.read(sql, (match, limit))]

    def _entries(self, clause: str, values: Sequence[Any]) -> tuple[StoredEntry, ...]:
        with self._db.snapshot():
            return self._complete(self._db.read(f"SELECT entries.* FROM entries {clause}", values))  # noqa: S608 - from this class

    def _complete(self, rows: Sequence[sqlite3.Row]) -> tuple[StoredEntry, ...]:
        ids = [row["id"] for row in rows]
        appearances: dict[int, list[Appearance]] = {}
        for each in self._db.read_in("SELECT * FROM appearances WHERE entry IN ({marks}) ORDER BY entry, feed", ids):
            appearances.setdefault(each["entry"], []).append(Appearance(**decode(each, _APPEARANCE)))
        places = {
            place["entry"]: place
            for place in self._db.read_in(
                "SELECT entry, label, is_shown, cut FROM issue_entries JOIN issues ON issues.id = issue"
                " WHERE role = 'news' AND entry IN ({marks})",
                ids,
            )
        }
        return tuple(_stored(row, appearances.get(row["id"], []), places.get(row["id"])) for row in rows)


def search_expression(query: str) -> str:
    """Write what a person typed as an FTS5 expression: every word counts, and no character is an operator."""
    terms = []
    # odd pieces stood between quotation marks; one that was never closed reaches to the end
    for number, piece in enumerate(text(query).split('"')):
        terms += [piece] if number % 2 else piece.split()
    return " ".join(
        f'"{term.rstrip("*")}"' + ("*" if term.endswith("*") else "") for term in terms if term.strip("* \t\r\n")
    )


def _stored(row: sqlite3.Row, appearances: Sequence[Appearance], place: sqlite3.Row | None) -> StoredEntry:
    columns = decode(row, _ENTRY)
    columns["kind"] = Kind(columns["kind"])
    if place:
        columns |= {"issue": place["label"], "shown": bool(place["is_shown"]), "cut": place["cut"]}
    return StoredEntry(**columns, appearances=tuple(appearances))
