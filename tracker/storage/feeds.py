"""Keep the state of every subscription, and bring it in line with feeds.toml."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tracker.models import Door, DoorState, Feed, SourceName, Subscription
from tracker.sources import redact
from tracker.sources.youtube import FULL_FEED
from tracker.storage.conditions import LACKS_DURATIONS, MISSES_SOME
from tracker.storage.connection import Connection
from tracker.storage.rows import as_json, decode, encode, encode_fields, stamp, text

_OF_FEEDS_TOML = ("source", "target", "subscribed_at", "unsubscribed_at", "is_paused")
STATE = (
    *("title", "site_url", "first_polled_at", "last_new_at", "newest_published", "etag", "last_modified"),
    *("validators_url", "validators_at", "body_hash", "wait", "listing_complete_at", "moved_to", "moved_since"),
    "listing_before_at",
    "gone_since",
    "gap_since",
)
_FEED = ("id", *_OF_FEEDS_TOML, *STATE)
DOOR = tuple(DoorState.__dataclass_fields__)
SAVED = (*STATE, "id", "target", "subscribed_at")  # the parameters of SAVE_FEED
SAVE_FEED = (
    f"UPDATE feeds SET {', '.join(f'{column} = ?' for column in STATE)}"  # noqa: S608 - constant names
    " WHERE id = ? AND target = ? AND subscribed_at = ? AND unsubscribed_at IS NULL"
)
SAVE_DOOR = (
    f"INSERT OR REPLACE INTO doors (feed, door, {', '.join(DOOR)})"  # noqa: S608 - the same
    f" VALUES ({', '.join('?' * (2 + len(DOOR)))})"
)
_UNTRIED = DoorState()
_CHILDREN = ("doors", "appearances", "polls", "batches")  # the tables that name a feed
_BELIEVED = timedelta(days=366)  # a first poll long before the first issue is one of a clock that was not set
_FIRST_ANSWER = (
    "SELECT min(at) AS at FROM (SELECT min(baseline_at) AS at FROM doors WHERE baseline_at BETWEEN ?1 AND ?2"
    " UNION ALL SELECT at FROM (SELECT at FROM polls WHERE at BETWEEN ?1 AND ?2 AND outcome <> 'failed'"
    " ORDER BY at LIMIT 1))"
)
_FIRST_ATTEMPT = (
    "SELECT min(at) AS at FROM (SELECT min(first_polled_at) AS at FROM feeds WHERE first_polled_at BETWEEN ?1 AND ?2"
    " UNION ALL SELECT min(at) FROM polls WHERE at BETWEEN ?1 AND ?2)"
)
# Of a door's row: its time has come, or was written by a clock that was wrong.
_COME = "(next_due_at IS NULL OR next_due_at <= ?1 OR next_due_at > ?2 OR last_polled_at > ?1)"
_OF_FEED = "SELECT 1 FROM doors WHERE doors.feed = feeds.id AND door"
_DUE = f"NOT EXISTS ({_OF_FEED} = 'feed') OR EXISTS ({_OF_FEED} <> 'listing' AND {_COME})"
_LISTING_DUE = (
    f"source = 'youtube' AND NOT EXISTS ({_OF_FEED} = 'listing' AND NOT coalesce({_COME}, 0))"
    " AND (gap_since IS NOT NULL"
    f" OR EXISTS ({_OF_FEED} = 'feed' AND failing_since IS NOT NULL)"
    " OR target LIKE 'playlist:%' AND (listing_complete_at IS NULL"
    f" OR EXISTS ({_OF_FEED} = 'feed' AND entries >= {FULL_FEED}))"
    f" OR {LACKS_DURATIONS} OR {MISSES_SOME})"
)
_Followed = tuple[str, str]  # source and target
_Wanted = Mapping[str, _Followed]  # by id


class Feeds:
    """The methods of Storage about subscriptions."""

    _db: Connection

    def feeds(self) -> tuple[Feed, ...]:
        """Give the state of every subscription that stands in feeds.toml, by id."""
        return self._load("unsubscribed_at IS NULL")

    def feed(self, feed: str) -> Feed | None:
        """Give one feed's state, also of a former subscription."""
        found = self._load("id = ?", (encode(feed),))
        return found[0] if found else None

    def feeds_of(self, ids: Iterable[str]) -> tuple[Feed, ...]:
        """Give the state of these subscriptions that stand in feeds.toml, by id."""
        named = as_json([text(each) for each in ids])
        return self._load("unsubscribed_at IS NULL AND id IN (SELECT value FROM json_each(?))", (named,))

    def due(self, *, now: datetime, latest: datetime) -> tuple[Feed, ...]:
        """Give the subscriptions that may have a door to ask now, and those that are paused, by id.

        Which have one, cadence decides.

        `latest`: no rule gives a later due time, so one after it counts as come. A listing counts where it can say more
        than the feed: never fewer of them than `cadence.doors_due` wants, whose reasons these are.
        """
        times = (stamp(now), stamp(latest))
        return self._load(f"unsubscribed_at IS NULL AND (is_paused OR {_DUE} OR {_LISTING_DUE})", times)

    def save_feed(self, feed: Feed) -> bool:
        """Store what a poll has learnt; what feeds.toml says (target, paused, subscribed) stays as it is.

        False, with nothing written, when the subscription was renamed, retargeted, removed or subscribed anew
        since `feed` was read: what was learnt belongs to the old one.
        """
        with self._db.transaction():
            touched = self._db.write(SAVE_FEED, encode_fields(feed, SAVED))
            if touched:
                self._save_doors(feed)
            return bool(touched)

    def save_feeds(self, feeds: Iterable[Feed]) -> int:
        """Store many at once, e.g. after a poll full of 304s; give how many were still as they had been read."""
        with self._db.transaction():
            return sum(self.save_feed(feed) for feed in feeds)

    def reconcile(
        self, subscriptions: Sequence[Subscription], targets: Mapping[str, str], *, now: datetime
    ) -> tuple[str, ...]:
        """Make the stored subscriptions those of feeds.toml; give a sentence for each thing that changed.

        Of a new one there is none: whoever has written it into feeds.toml knows.

        `targets`: what each id follows, as the sources name it. What is followed under another id now is renamed
        and keeps everything, also when its former id follows something else. A new target starts afresh
        (validators, baselines), as does one that was unsubscribed and is back. What vanished keeps its entries.
        """
        wanted = {encode(each.id): (encode(each.source), encode(targets[each.id])) for each in subscriptions}
        paused = {encode(each.id) for each in subscriptions if each.paused}
        if self._is_in_line(wanted, paused):
            return ()
        with self._db.transaction():
            said = self._rename_all(wanted)
            stored = {row["id"]: row for row in self._db.read("SELECT * FROM feeds")}
            for subscription in subscriptions:
                row = stored.get(encode(subscription.id))
                if row is None:
                    self._add(subscription, encode(targets[subscription.id]), now=now)
                else:
                    said += self._change(row, subscription, encode(targets[subscription.id]), now=now)
            gone = (feed for feed, row in sorted(stored.items()) if feed not in wanted and not row["unsubscribed_at"])
            said += [self._unsubscribe(feed, now=now) for feed in gone]
            return tuple(said)

    def _is_in_line(self, wanted: _Wanted, paused: Collection[str]) -> bool:
        """Tell whether there is nothing to change: at every tick of a daemon but the one after an edit."""
        rows = self._db.read("SELECT id, source, target, is_paused FROM feeds WHERE unsubscribed_at IS NULL")
        return len(rows) == len(wanted) and all(
            wanted.get(feed) == (source, target) and bool(is_paused) == (feed in paused)
            for feed, source, target, is_paused in rows
        )

    def _add(self, subscription: Subscription, target: str, *, now: datetime) -> None:
        self._db.write(
            "INSERT INTO feeds (id, source, target, subscribed_at, is_paused) VALUES (?, ?, ?, ?, ?)",
            (encode(subscription.id), encode(subscription.source), target, stamp(now), int(subscription.paused)),
        )

    def _rename_all(self, wanted: _Wanted) -> list[str]:
        renamed = _find_renamed({row["id"]: row for row in self._db.read("SELECT * FROM feeds")}, wanted)
        # Two may have exchanged their ids: each leaves its own before any takes its new one, under no possible id.
        for old, new in renamed.items():
            self._rename(old, f"{new} (renamed)")
        for new in renamed.values():
            self._rename(f"{new} (renamed)", new)
        return [f"{old} is called {new} now: its history is kept" for old, new in renamed.items()]

    def _rename(self, old: str, new: str) -> None:
        columns = ", ".join((*_OF_FEEDS_TOML, *STATE))
        self._db.write(
            f"INSERT INTO feeds (id, {columns}) SELECT ?, {columns} FROM feeds WHERE id = ?",  # noqa: S608 - constant names
            (new, old),
        )
        for table in _CHILDREN:
            self._db.write(f"UPDATE {table} SET feed = ? WHERE feed = ?", (new, old))  # noqa: S608 - a constant's name
        self._db.write("DELETE FROM feeds WHERE id = ?", (old,))

    def _change(self, row: sqlite3.Row, subscription: Subscription, target: str, *, now: datetime) -> list[str]:
        feed, said = row["id"], []
        is_back = row["unsubscribed_at"] is not None
        is_other = (row["source"], row["target"]) != (subscription.source, target)
        if is_other:
            said.append(f"{feed} follows something else now ({_shown(target)}): it starts afresh")
            self._turn(feed, subscription, target, now=now)
        if is_back:
            said.append(f"{feed} is subscribed again: it starts afresh")
            self._db.write(
                "UPDATE feeds SET unsubscribed_at = NULL, subscribed_at = ? WHERE id = ?", (stamp(now), feed)
            )
        if said:
            self._forget(feed)
        if bool(row["is_paused"]) != subscription.paused:
            said.append(f"{feed} is {'paused' if subscription.paused else 'polled again'}")
            self._db.write("UPDATE feeds SET is_paused = ? WHERE id = ?", (int(subscription.paused), feed))
        return said

    def _turn(self, feed: str, subscription: Subscription, target: str, *, now: datetime) -> None:
        self._db.write(
            "UPDATE feeds SET source = ?, target = ?, title = '', site_url = '', newest_published = NULL,"
            " last_new_at = NULL, subscribed_at = ? WHERE id = ?",
            (encode(subscription.source), target, stamp(now), feed),
        )
        self._db.write("UPDATE appearances SET left_at = ? WHERE feed = ?", (stamp(now), feed))

    def _forget(self, feed: str) -> None:
        # Without the validators a 304 would hide what the new baseline must see.
        self._db.write("DELETE FROM doors WHERE feed = ?", (feed,))
        self._db.write("DELETE FROM batches WHERE feed = ?", (feed,))
        self._db.write(
            "UPDATE feeds SET etag = '', last_modified = '', validators_url = '', validators_at = NULL, body_hash = '',"
            " wait = NULL, listing_complete_at = NULL, listing_before_at = NULL, moved_to = '', moved_since = NULL,"
            " gone_since = NULL, gap_since = NULL"
            " WHERE id = ?",
            (feed,),
        )

    def _unsubscribe(self, feed: str, *, now: datetime) -> str:
        self._db.write("UPDATE feeds SET unsubscribed_at = ? WHERE id = ?", (stamp(now), feed))
        return f"{feed} is unsubscribed: its entries are kept"

    def first_polled_at(self, *, now: datetime) -> datetime | None:
        """Say when a feed answered for the first time; before the first answer, when one was first asked.

        What was written by a wrong clock does not count: later than now, or more than a year ago.
        """
        between = stamp(now - _BELIEVED), stamp(now)
        return self._moment(_FIRST_ANSWER, between) or self._moment(_FIRST_ATTEMPT, between)

    def last_success_at(self) -> datetime | None:
        """Say when a feed last answered."""
        return self._moment("SELECT max(last_success_at) AS at FROM doors")

    def next_due_at(self) -> datetime | None:
        """Say when the next feed is due, its listing apart; None when nothing is subscribed or was ever polled."""
        return self._moment(
            "SELECT min(next_due_at) AS at FROM doors JOIN feeds ON feeds.id = doors.feed"
            " WHERE unsubscribed_at IS NULL AND is_paused = 0 AND door <> 'listing'"
        )

    def _moment(self, sql: str, parameters: Sequence[Any] = ()) -> datetime | None:
        row = self._db.read_one(sql, parameters)
        moment: datetime | None = decode(row, ("at",))["at"] if row else None
        return moment

    def _load(self, where: str, parameters: Sequence[Any] = ()) -> tuple[Feed, ...]:
        with self._db.snapshot():
            rows = self._db.read(f"SELECT * FROM feeds WHERE {where} ORDER BY id", parameters)  # noqa: S608 - from this module
            doors: dict[str, dict[str, DoorState]] = {}
            of_these = f"SELECT * FROM doors WHERE feed IN (SELECT id FROM feeds WHERE {where})"  # noqa: S608 - the same
            for row in self._db.read(of_these, parameters):
                doors.setdefault(row["feed"], {})[row["door"]] = DoorState(**decode(row, DOOR))
        return tuple(_feed(row, doors.get(row["id"], {})) for row in rows)

    def _save_doors(self, feed: Feed) -> None:
        # a door that was never tried has no row, so that the table reads as what happened
        tried = [(door, state) for door, state in doors(feed) if state != DoorState()]
        self._db.write_many(
            SAVE_DOOR, [(encode(feed.id), door.value, *encode_fields(state, DOOR)) for door, state in tried]
        )
        others = sorted({*Door} - {door for door, _ in tried})
        self._db.write(
            f"DELETE FROM doors WHERE feed = ? AND door IN ({', '.join('?' * len(others))})",  # noqa: S608 - marks
            (encode(feed.id), *others),
        )


def doors(feed: Feed) -> tuple[tuple[Door, DoorState], ...]:
    """Give the state of each way to read a feed."""
    return (Door.FEED, feed.feed), (Door.LISTING, feed.listing), (Door.ARCHIVE, feed.archive)


def _shown(target: str) -> str:
    # an address may hold a token (M50); the other targets are ids and words that people gave
    return redact(target) if target.startswith(("url:", "publication:")) else target


def _feed(row: sqlite3.Row, doors: Mapping[str, DoorState]) -> Feed:
    columns = decode(row, _FEED)
    columns["source"] = SourceName(columns["source"])
    columns |= {door.value: doors.get(door, _UNTRIED) for door in Door}
    return Feed(**columns)


def _find_renamed(stored: Mapping[str, sqlite3.Row], wanted: _Wanted) -> dict[str, str]:
    """Map ids to those under which the same is followed now."""
    free: dict[_Followed, list[str]] = {}
    for feed, row in sorted(stored.items()):
        if row["unsubscribed_at"] is None and wanted.get(feed) != _followed(row):
            free.setdefault(_followed(row), []).append(feed)
    renamed: dict[str, str] = {}
    for new in sorted(wanted, key=lambda each: each in stored):
        is_there = new in stored and _followed(stored[new]) == wanted[new]
        if not is_there and free.get(wanted[new]):
            renamed[free[wanted[new]].pop(0)] = new
    # An id whose own history goes nowhere keeps that, and only follows something else.
    while held := [old for old, new in renamed.items() if new in stored and new not in renamed]:
        for old in held:
            del renamed[old]
    return renamed


def _followed(row: sqlite3.Row) -> _Followed:
    return row["source"], row["target"]
