"""Know what a document may hold already, and store what was identified: entries, appearances, mentions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from tracker.models import Door, Entry, Identified, KnownEntry, Recognised, StoreCounts, Verdict
from tracker.storage.conditions import NEWS
from tracker.storage.connection import Connection
from tracker.storage.rows import as_json, decode, encode, stamp, stamped, text, whole
from tracker.storage.slices import Slices, forget_others

_ENTRY = (
    *("key", "kind", "title", "url", "authors", "summary", "words", "duration", "paywalled", "published", "updated"),
    *("first_seen", "version", "availability", "extra", "fingerprint", "text_door"),
    *("upcoming_at", "release_at"),
)
_APPEARANCE = (
    *("feed", "entry", "guid", "position", "announce_type", "backlog", "first_seen", "last_seen", "listed_at"),
    *("fed_at", "left_at", "fingerprint", "slice", "address"),
)
_INSERT_ENTRY = f"INSERT INTO entries ({', '.join(_ENTRY)}) VALUES ({', '.join('?' * len(_ENTRY))})"  # noqa: S608 - constant names


class Entries(Slices):
    """The methods of Storage between identify and the tables."""

    _db: Connection

    def known(self, feed: str, *, guids: Collection[str], keys: Collection[str]) -> tuple[KnownEntry, ...]:
        """Give the stored entries that a document of `feed` may hold: by their guid in this feed, or by key in any.

        `fingerprint` is that of this feed's own wording where it has one, so that two feeds that word one work
        differently do not change it in turns.
        """
        own = "own.guid, own.first_seen AS seen_here, coalesce(nullif(own.fingerprint, ''), entries.fingerprint)"
        columns = (
            f"SELECT entries.id, key, title, published, version, {own} AS fingerprint,"  # noqa: S608 - constants of this module
            f" NOT {NEWS} AS is_backlog FROM "
        )
        # After a subscription turned to another URL its old guids still tell works apart only where they are
        # made to be unique in the world: "17" is not.
        is_here = "own.feed = ? AND (own.left_at IS NULL OR own.guid LIKE '%:%')"
        by_guid = f"appearances AS own JOIN entries ON entries.id = own.entry WHERE {is_here}"
        by_key = f"entries LEFT JOIN appearances AS own ON own.entry = entries.id AND {is_here}"
        rows = [
            *self._db.read_in(f"{columns}{by_guid} AND guid IN ({{marks}})", _given(guids), (feed,)),
            *self._db.read_in(f"{columns}{by_key} WHERE key IN ({{marks}})", _given(keys), (feed,)),
        ]
        return tuple({row["id"]: KnownEntry(**decode(row, tuple(row.keys()))) for row in rows}.values())

    def store(
        self,
        feed: str,
        found: Sequence[Identified],
        *,
        door: Door,
        at: datetime,
        recognised: Sequence[Recognised] = (),
    ) -> StoreCounts:
        """Store one document's entries as seen at `at`, all or none; say what that changed.

        An appearance that is news stays news, and one that becomes news promotes its entry. First-seen times
        never change. A title that only says why a video cannot be watched changes nothing but that (M28); a
        listing never overwrites dates or a feed's own text (M24); positions change freely (M2). Of `recognised`
        there is nothing to store but that and where they were seen.
        """
        with self._db.transaction():
            storing = _Storing(self._db, feed, door=door, at=at)
            storing.look_up(found)
            for item in found:
                storing.take(item)
            storing.write()
            if recognised:
                self.see_again(feed, recognised, at=at)
            elif door is Door.FEED:
                forget_others(self._db, feed, at=at)
        return StoreCounts(**storing.counts)


class _Storing:
    """One document on its way into the tables."""

    def __init__(self, db: Connection, feed: str, *, door: Door, at: datetime) -> None:
        self._db = db
        self._feed = encode(feed)
        self._door = door
        self._at = stamp(at)
        self._by_id: dict[int, sqlite3.Row] = {}
        self._by_key: dict[str, sqlite3.Row] = {}
        self._seen: set[str] = set()
        self._altered: set[int] = set()
        self._appeared: dict[int, sqlite3.Row] = {}
        self._appearances: list[tuple[Any, ...]] = []
        self._mentions: list[tuple[int, str, str]] = []
        self._first_new: int | None = None
        self.counts = dict.fromkeys(StoreCounts.__dataclass_fields__, 0)

    def look_up(self, found: Sequence[Identified]) -> None:
        """Read what is stored of these entries, inside the transaction that will write."""
        columns = f"SELECT *, NOT {NEWS} AS is_backlog FROM entries WHERE"  # noqa: S608 - constants of this module
        ids = {item.id for item in found if item.id is not None}
        rows = self._db.read_in(f"{columns} id IN ({{marks}})", ids)
        rows += self._db.read_in(f"{columns} key IN ({{marks}})", {encode(item.key) for item in found})
        self._by_id = {row["id"]: row for row in rows}
        self._by_key = {row["key"]: row for row in rows}
        own = "SELECT * FROM appearances WHERE feed = ? AND entry IN ({marks})"
        self._appeared = {row["entry"]: row for row in self._db.read_in(own, self._by_id, (self._feed,))}
        feed = self._db.read_one("SELECT listing_complete_at FROM feeds WHERE id = ?", (self._feed,))
        self._has_listing = feed is not None and feed["listing_complete_at"] is not None

    def take(self, item: Identified) -> None:
        """Store one entry; its appearance and mentions wait for `write`."""
        row = self._by_key.get(encode(item.key)) if item.id is None else self._by_id.get(item.id)
        key = row["key"] if row else encode(item.key)
        if item.verdict is Verdict.IGNORED or (row is None and item.entry.placeholder):
            self.counts["ignored"] += 1
        elif key in self._seen:
            self.counts["unchanged"] += 1  # within one document the first wins (M92)
        elif row is None:
            self._insert(item)
        else:
            self._update(row, item)
        self._seen.add(key)

    def write(self) -> None:
        """Write what was gathered."""
        if self._first_new is not None:
            # A trigger would do it row by row, and FTS5 writes a segment for each statement: 31 µs an entry, not 13.
            self._db.write(
                "INSERT INTO entries_fts (rowid, title, authors, summary)"
                " SELECT id, title, authors, summary FROM entries WHERE id >= ?",
                (self._first_new,),
            )
        marks = ", ".join("?" * len(_APPEARANCE))
        self._db.write_many(
            f"INSERT OR REPLACE INTO appearances ({', '.join(_APPEARANCE)}) VALUES ({marks})",  # noqa: S608 - constant names
            self._appearances,
        )
        self._db.write_many("INSERT OR IGNORE INTO mentions (entry, key, url) VALUES (?, ?, ?)", self._mentions)

    def _insert(self, item: Identified) -> None:
        new = self._db.insert(_INSERT_ENTRY, _new_entry(item, door=self._door, at=self._at))
        if self._first_new is None:
            self._first_new = new  # nobody else can insert meanwhile, so the ids of the others are higher
        self._appear(new, item)
        self._mention(new, item.entry)
        self.counts["new"] += 1
        self.counts["backlog"] += bool(item.backlog)

    def _update(self, row: sqlite3.Row, item: Identified) -> None:
        takes_text = _takes_text(row, item, self._door)
        wanted = _merged(row, item.entry, self._door, takes_text=takes_text)
        if self._door is Door.LISTING and not item.entry.placeholder:
            upcoming = self._at if item.entry.is_upcoming else None
            wanted |= {"upcoming_at": upcoming, "release_at": encode(item.entry.release_at)}
        differing = {name: value for name, value in wanted.items() if value != row[name]}
        if differing:
            self._altered.add(row["id"])
            setters = ", ".join(f"{name} = ?" for name in differing)
            self._db.write(f"UPDATE entries SET {setters} WHERE id = ?", (*differing.values(), row["id"]))  # noqa: S608 - constant names
        if takes_text:
            self._keep_versions(row, {**dict(row), **wanted})
            self._db.write("DELETE FROM mentions WHERE entry = ?", (row["id"],))
        self.counts["changed" if takes_text and differing else "unchanged"] += 1
        self.counts["promoted"] += bool(row["is_backlog"]) and not item.backlog
        self._appear(row["id"], item)
        self._mention(row["id"], item.entry)

    def _keep_versions(self, old: sqlite3.Row, new: Mapping[str, Any]) -> None:
        """Keep a revised paper's former text beside the new one; what is worded anew inside a version replaces that."""
        text = ("title", "summary")
        if _is_newer(old, new["version"]):
            self._db.write_many(
                "INSERT INTO versions (entry, version, first_seen, title, summary) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (entry, version) DO UPDATE SET title = excluded.title, summary = excluded.summary",
                (
                    (old["id"], old["version"], old["first_seen"], *(old[name] for name in text)),
                    (old["id"], new["version"], self._at, *(new[name] for name in text)),
                ),
            )
        else:
            self._db.write(
                "UPDATE versions SET title = ?, summary = ? WHERE entry = ? AND version = ?",
                (*(new[name] for name in text), old["id"], new["version"]),
            )

    def _mention(self, number: int, entry: Entry) -> None:
        self._mentions += [(number, encode(each.key), encode(each.url)) for each in entry.mentions]

    def _appear(self, number: int, item: Identified) -> None:
        prior = self._appeared.get(number)
        entry, is_listing = item.entry, self._door is Door.LISTING
        own = dict(prior) if prior else _first_appearance(self._feed, number, item, at=self._at)
        own |= {"last_seen": self._at, "left_at": None}
        if self._door is Door.FEED:
            own["fed_at"] = self._at
        own["backlog"] = encode(item.backlog) and own["backlog"]
        if prior is None or not entry.announce_type.startswith("replace"):
            # How it was announced stays known when its new versions are (M59).
            own["announce_type"] = encode(entry.announce_type) or own["announce_type"]
        if is_listing:
            own |= {"listed_at": self._at, "position": encode(entry.position)}
            own["guid"] = own["guid"] or encode(entry.guid)
        elif not entry.placeholder and (self._door is Door.FEED or not prior):
            own |= {"guid": encode(entry.guid) or own["guid"], "fingerprint": encode(entry.fingerprint)}
            # a listing numbers the whole playlist, a feed only its own 15 entries (M2)
            if not self._has_listing and own["listed_at"] is None:
                own["position"] = encode(entry.position)
        if self._door is Door.FEED:
            own |= {"slice": entry.slice, "address": encode(entry.address) if entry.slice else ""}
        elif number in self._altered:
            own |= {"slice": "", "address": ""}  # as the trigger has said, and what was looked up before has not
        self._appearances.append(tuple(own[name] for name in _APPEARANCE))


def _new_entry(item: Identified, *, door: Door, at: str) -> tuple[Any, ...]:
    """Give the columns of `_ENTRY`; spelt out, since asking each value what it is takes 20 µs an entry."""
    entry = item.entry
    return (
        *(text(item.key), entry.kind.value, text(entry.title), text(entry.url), as_json(entry.authors)),
        *(text(entry.summary), whole(entry.words), whole(entry.duration), int(entry.paywalled)),
        *(stamped(entry.published), stamped(entry.updated), at, whole(entry.version), "", as_json(entry.extra)),
        *(text(entry.fingerprint), door.value, at if entry.is_upcoming else None, stamped(entry.release_at)),
    )


def _first_appearance(feed: str, number: int, item: Identified, *, at: str) -> dict[str, Any]:
    empty = dict.fromkeys(("guid", "announce_type", "fingerprint", "slice", "address"), "")
    unknown = dict.fromkeys(("position", "listed_at", "fed_at", "left_at"))
    return {**empty, **unknown, "feed": feed, "entry": number, "backlog": encode(item.backlog), "first_seen": at}


def _takes_text(row: sqlite3.Row, item: Identified, door: Door) -> bool:
    if item.verdict is not Verdict.CHANGED or item.entry.placeholder:
        return False
    is_older = (item.entry.version or 0) < (row["version"] or 0)
    # A flat listing has no descriptions and may translate titles; the archive words the same text a little otherwise.
    is_better = door is Door.FEED or row["text_door"] != Door.FEED or _is_newer(row, item.entry.version)
    return not is_older and is_better


def _is_newer(row: sqlite3.Row, version: int | None) -> bool:
    return row["version"] is not None and version is not None and version > row["version"]


def _merged(row: sqlite3.Row, entry: Entry, door: Door, *, takes_text: bool) -> dict[str, Any]:
    if entry.placeholder:
        return {"availability": encode(str(entry.extra.get("availability") or entry.placeholder))}
    given = {name: encode(getattr(entry, name)) for name in ("words", "duration", "published", "updated")}
    merged = {name: row[name] if value is None else value for name, value in given.items()}
    if door is Door.LISTING or (row["text_door"] == Door.FEED and not takes_text):
        # dates and word counts go with the text that they belong to, but fill what is not known
        merged |= {name: row[name] for name in ("words", "published", "updated") if row[name] is not None}
    merged["version"] = max(
        (each for each in (row["version"], encode(entry.version)) if each is not None), default=None
    )
    merged["extra"] = _merged_extra(row["extra"], entry.extra, door)
    merged["availability"] = ""
    if door is Door.FEED:
        merged["paywalled"] = int(entry.paywalled)
    if takes_text:
        merged |= {name: encode(getattr(entry, name)) or row[name] for name in ("title", "url", "authors")}
        merged["summary"] = encode(entry.summary) or (row["summary"] if door is Door.LISTING else "")
        merged |= {"fingerprint": encode(entry.fingerprint), "text_door": door.value}
    return merged


def _merged_extra(stored: str, given: Mapping[str, object], door: Door) -> str:
    # each door knows something else; what one does not say must not erase what the other said
    known = {name: value for name, value in given.items() if value not in (None, "")}
    kept = json.loads(stored)
    # Videos for members only are in no feed, and a listing marks them at every look (M25, M26).
    kept.pop("availability", None)
    if door is Door.LISTING and "live_status" in kept:
        # What is over may be marked no longer; that it was a stream stays true.
        kept["live_status"] = {"is_upcoming": "", "is_live": "was_live"}.get(kept["live_status"], kept["live_status"])
    merged = {name: value for name, value in {**kept, **known}.items() if value not in (None, "")}
    return stored if merged == json.loads(stored) else as_json(merged)


def _given(values: Collection[str]) -> set[Any]:
    return {encode(value) for value in values} - {""}
