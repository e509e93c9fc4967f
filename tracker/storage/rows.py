"""Turn values into columns and rows into values: the conventions that every table keeps.

Times are TEXT `2026-11-23T07:00:00Z`, yes and no are 1 and 0, lists are JSON. What a column holds
can be told from its name, and the decoding below relies on that.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

_LARGEST = 2**63 - 1
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # made once: `json.dumps` makes one at each call
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_TIMES = frozenset(
    {
        "at",
        "published",
        "updated",
        "first_seen",
        "last_seen",
        "seen_here",
        "newest_published",
        "paused_until",
        "span_start",
        "span_end",
    }
)
_BOOLS = frozenset({"paywalled", "done", "starred", "hidden"})
_LISTS = frozenset({"authors", "warnings", "covers", "reasons"})


def stamp(moment: datetime) -> str:
    """Write an aware datetime as UTC text, its fraction of a second dropped; text order is time order."""
    if moment.tzinfo is None:
        raise ValueError(f"a datetime without a zone cannot be stored: {moment!r}")
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat()[:19] + "Z"


def stamp_up(moment: datetime) -> str:
    """Write a datetime like `stamp`, but rounded up, for waits that must not get shorter."""
    return stamp(moment + timedelta(microseconds=999_999))


def text(value: str) -> str:
    """Make any string storable: lone surrogates have no UTF-8, and many SQLite tools stop at a NUL."""
    return value if value.isascii() and "\0" not in value else _UNSTORABLE.sub("\ufffd", value)


def whole(value: int | None) -> int | None:
    """Make a whole number a column's value: beyond SQLite's it is cut to its largest."""
    return value if value is None else max(-_LARGEST, min(int(value), _LARGEST))


def stamped(value: datetime | None) -> str | None:
    """Write a time that may be unknown."""
    return value if value is None else stamp(value)


def encode(value: object) -> Any:
    """Make one value a column's value."""
    # By its very type; an enum or the like by what it stands for.
    encoder = _ENCODERS.get(type(value))
    return encoder(value) if encoder else _encode_other(value)


def encode_fields(value: object, columns: Iterable[str]) -> tuple[Any, ...]:
    """Make columns of a dataclass's fields of the same names."""
    return tuple([encode(getattr(value, column)) for column in columns])


def as_json(value: object) -> str:
    """Write JSON that people can read; keys keep their order."""
    return text(_JSON.encode(dict(value) if isinstance(value, Mapping) else value))


def decode(row: sqlite3.Row, columns: tuple[str, ...]) -> dict[str, Any]:
    """Read columns back, by the conventions of their names."""
    values = {column: row[column] for column in columns}
    for column, read in _readers(columns):
        if values[column] is not None:
            values[column] = read(values[column])
    return values


@cache
def _readers(columns: tuple[str, ...]) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """Tell which columns are not simply what they hold: every row of a poll asks, and lists of columns are few."""
    readers = ((column, _reader(column)) for column in columns)
    return tuple((column, reader) for column, reader in readers if reader is not None)


def _reader(column: str) -> Callable[[Any], Any] | None:
    if column in _TIMES or column.endswith(("_at", "_since")):
        return datetime.fromisoformat
    if column in _BOOLS or column.startswith("is_"):
        return bool
    if column in _LISTS:
        return _as_tuple
    return json.loads if column in {"extra", "terms"} else None


def _encode_other(value: object) -> Any:
    if isinstance(value, int):
        return whole(value)
    if isinstance(value, str):
        return text(value)
    if isinstance(value, datetime):
        return stamp(value)
    return as_json(value) if isinstance(value, Mapping | tuple) else value


def _as_tuple(value: str) -> tuple[Any, ...]:
    return tuple(json.loads(value))


_ENCODERS: Mapping[type, Callable[[Any], Any]] = {
    type(None): lambda _: None,
    str: text,
    int: whole,
    bool: int,
    datetime: stamp,
    tuple: as_json,
    dict: as_json,
}
