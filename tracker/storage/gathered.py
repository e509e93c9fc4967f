"""Write what polls have learnt of feeds, many of them in one go: rows, doors and the history."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from tracker.models import Door, DoorState, Feed, Poll
from tracker.storage.connection import Connection
from tracker.storage.feeds import DOOR, SAVE_DOOR, SAVE_FEED, SAVED, STATE, doors
from tracker.storage.polls import ADD_POLL, POLL
from tracker.storage.rows import encode, encode_fields

_state = attrgetter(*STATE)
_UNTRIED = encode_fields(DoorState(), DOOR)


class Gathered:
    """What is to be written of polled feeds, encoded: whatever cannot be encoded is told when it is added."""

    def __init__(self) -> None:
        self._feeds: list[tuple[Any, ...]] = []
        self._doors: list[tuple[Any, ...]] = []
        self._untried: list[tuple[Any, ...]] = []
        self._polls: list[tuple[Any, ...]] = []

    def add(self, was: Feed, feed: Feed, door: Door, poll: Poll | None) -> None:
        """Add a feed whose stored row says what `was` does, but for the polled door, which has been claimed.

        Only what differs is written: of a feed that has not changed, its door's row.
        """
        is_other = _state(feed) != _state(was)
        state = [encode_fields(feed, SAVED)] if is_other else []
        found = [(encode(feed.id), each.value, *encode_fields(now, DOOR)) for each, now in _differing(was, feed, door)]
        if poll:
            self._polls.append(encode_fields(poll, POLL))
        if was.unsubscribed_at is None:  # what was learnt of a former subscription is of no use to it
            self._feeds += state
            self._doors += [row for row in found if row[2:] != _UNTRIED]
            self._untried += [row[:2] for row in found if row[2:] == _UNTRIED]

    def write(self, db: Connection) -> None:
        """Write all of it, inside the transaction in which the rows were looked up."""
        for sql, rows in (
            (SAVE_FEED, self._feeds),
            (SAVE_DOOR, self._doors),
            ("DELETE FROM doors WHERE feed = ? AND door = ?", self._untried),
            (ADD_POLL, self._polls),
        ):
            if rows:
                db.write_many(sql, rows)


def _differing(was: Feed, feed: Feed, polled: Door) -> Iterator[tuple[Door, DoorState]]:
    for (door, before), (_, state) in zip(doors(was), doors(feed), strict=True):
        if door is polled or (state is not before and state != before):
            yield door, state
