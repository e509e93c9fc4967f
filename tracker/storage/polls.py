"""Keep the history of polls, and what is remembered of hosts between two commands."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tracker.models import Door, Feed, HostRow, Outcome, Poll
from tracker.storage.connection import Connection
from tracker.storage.rows import decode, encode, encode_fields, stamp, stamp_up

POLL = tuple(Poll.__dataclass_fields__)
ADD_POLL = f"INSERT INTO polls ({', '.join(POLL)}) VALUES ({', '.join('?' * len(POLL))})"  # noqa: S608 - constant names
_HOST = tuple(HostRow.__dataclass_fields__)


class Polls:
    """The methods of Storage about what is and was asked."""

    _db: Connection

    def claim(self, doors: Iterable[tuple[Feed, Door]], *, until: datetime) -> None:
        """Make doors due at a moment, of feeds that are still as they were read."""
        as_read = ("id", "target", "subscribed_at")
        self._db.write_many(
            "INSERT INTO doors (feed, door, next_due_at) SELECT id, ?, ? FROM feeds"
            " WHERE id = ? AND target = ? AND subscribed_at = ? AND unsubscribed_at IS NULL"
            " ON CONFLICT (feed, door) DO UPDATE SET next_due_at = excluded.next_due_at",
            [(door.value, stamp(until), *encode_fields(feed, as_read)) for feed, door in doors],
        )

    def add_poll(self, poll: Poll) -> None:
        """Add one poll to the history; its feed must be stored."""
        self._db.write(ADD_POLL, encode_fields(poll, POLL))

    def polls(
        self, *, feed: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[Poll, ...]:
        """Give polls in the order in which they were made; `since` is inside, `until` is not."""
        wanted = [
            (condition, value)
            for condition, value in (
                ("feed = ?", encode(feed)),
                ("at >= ?", since and stamp(since)),
                ("at < ?", until and stamp(until)),
            )
            if value is not None
        ]
        where = " AND ".join(condition for condition, _ in wanted) or "1"
        rows = self._db.read(
            f"SELECT * FROM polls WHERE {where} ORDER BY at, id",  # noqa: S608 - conditions from this function
            [value for _, value in wanted],
        )
        return tuple(_poll(row) for row in rows)

    def prune_polls(self, before: datetime) -> int:
        """Drop polls made before a moment; give how many."""
        return self._db.write("DELETE FROM polls WHERE at < ?", (stamp(before),))

    def hosts(self) -> Mapping[str, HostRow]:
        """Give every host's row by the slot's name."""
        return self._hosts("1")

    def paused_hosts(self) -> Mapping[str, HostRow]:
        """Give the rows of hosts that were to be left alone until some moment, by the slot's name."""
        return self._hosts("paused_until IS NOT NULL")

    def host(self, name: str) -> HostRow | None:
        """Give one host's row."""
        return self._hosts("host = ?", (encode(name),)).get(name)

    def _hosts(self, where: str, parameters: Sequence[Any] = ()) -> Mapping[str, HostRow]:
        rows = self._db.read(f"SELECT * FROM hosts WHERE {where} ORDER BY host", parameters)  # noqa: S608 - from this module
        return {row["host"]: HostRow(**decode(row, _HOST)) for row in rows}

    def host_times(self) -> Mapping[str, datetime]:
        """Say when each host was last asked, so that its delay holds between two commands."""
        rows = self._db.read("SELECT host, last_request_at AS at FROM hosts WHERE last_request_at IS NOT NULL")
        return {row["host"]: decode(row, ("at",))["at"] for row in rows}

    def save_host(
        self, host: str, *, last_request_at: datetime | None, paused_until: datetime | None, reason: str
    ) -> None:
        """Store a host's row as given; `paused_until` None ends a pause. Both times are rounded up to seconds."""
        times = (moment and stamp_up(moment) for moment in (last_request_at, paused_until))
        self._db.write(
            "INSERT OR REPLACE INTO hosts (host, last_request_at, paused_until, reason) VALUES (?, ?, ?, ?)",
            (encode(host), *times, encode(reason)),
        )

    def save_host_times(self, times: Mapping[str, datetime]) -> None:
        """Note when hosts were asked; their pauses stay."""
        self._db.write_many(
            "INSERT INTO hosts (host, last_request_at) VALUES (?, ?)"
            " ON CONFLICT (host) DO UPDATE SET last_request_at = excluded.last_request_at",
            [(encode(host), stamp_up(moment)) for host, moment in times.items()],
        )


def _poll(row: sqlite3.Row) -> Poll:
    columns = decode(row, POLL)
    return Poll(**{**columns, "door": Door(columns["door"]), "outcome": Outcome(columns["outcome"])})
