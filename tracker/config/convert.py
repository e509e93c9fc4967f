"""Serve `config`: a TOML table → a checked one, with every mistake in it instead of the first.

msgspec stops at the first error: the bad key is dropped and the rest converted again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import msgspec
from msgspec import inspect

from tracker.config import schema
from tracker.config.values import did_you_mean, nearest, shown

Table = TypeVar("Table", bound=msgspec.Struct)
Path = tuple[str | int, ...]

_WHERE = r" - at `\$\.([a-z_]+)(?:\[(\d+)\])?`$"
_BUILT_IN = ("Expected `", "Invalid enum value")
_ELSEWHERE = {
    "handle": "`tracker subscribe https://www.youtube.com/@…` finds the channel's lasting id",
    "user": "`tracker subscribe` finds the channel's lasting id",
    "interval": "how often a feed is asked follows from its source and its own headers",
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong at a place, before its line is known."""

    path: Path
    text: str


def convert(kind: type[Table], table: Mapping[str, object], *, path: Path) -> tuple[Table, list[Mistake], set[str]]:
    """Convert what can be; also return the mistakes, and the keys that were meant but cannot be used."""
    mistakes: list[Mistake] = []
    known = kind.__struct_fields__
    good = {key: value for key, value in table.items() if key in known}
    dropped = set()
    for key in table.keys() - set(known):
        mistakes.append(Mistake((*path, key), unknown(key, [*known], kind=kind)))
        dropped.add(nearest(key, known))
    while True:
        try:
            return msgspec.convert(good, kind, dec_hook=schema.read), mistakes, dropped
        except msgspec.ValidationError as error:
            key, text = _explain(str(error), _types(kind), values=good)
            mistakes.append(Mistake((*path, key), text))
            dropped.add(key)
            del good[key]


@cache
def _types(kind: type[msgspec.Struct]) -> Mapping[str, inspect.Type]:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    return {field.name: field.type for field in info.fields}


def unknown(key: str, known: list[str], *, kind: type[msgspec.Struct] | None = None) -> str:
    """Say that a key is not known, where it belongs or what was probably meant."""
    if key in _ELSEWHERE:
        return f"is no key; {_ELSEWHERE[key]}"
    tables: dict[str, type[msgspec.Struct]] = {**schema.TABLES, "[feed]": schema.FeedTable}
    meant = nearest(key, known)
    if meant:
        return f"is no key here{did_you_mean(meant)}"
    elsewhere = {name for table in tables.values() for name in table.__struct_fields__ if table is not kind}
    meant = nearest(key, sorted(elsewhere))
    homes = [f"[{name}]" for name, table in tables.items() if meant in table.__struct_fields__ and table is not kind]
    if not homes:
        return f"is no key here; there are {', '.join(known)}"
    return f"is no key here; {meant if meant != key else 'it'} belongs under {' or '.join(homes)}"


def _explain(error: str, known: Mapping[str, inspect.Type], *, values: Mapping[str, object]) -> tuple[str, str]:
    place = re.search(_WHERE, error)
    assert place, error
    key = place[1]
    if not error.startswith(_BUILT_IN):
        return key, error[: place.start()]
    value = values[key]
    if place[2] and isinstance(value, list):
        value = value[int(place[2])]
    kind = known[key]
    return key, f"expected {expected(kind)}, not {shown(value)}{_near_choice(kind, value)}"


def expected(kind: inspect.Type) -> str:
    """Say in words what a key takes, for the types that msgspec itself knows."""
    if isinstance(kind, inspect.Metadata):
        return _with_example(kind)
    if isinstance(kind, inspect.VarTupleType):
        return f"a list of {_joined(kind) or 'texts'}"
    if isinstance(kind, inspect.UnionType):
        kind = next(each for each in kind.types if not isinstance(each, inspect.NoneType))
    if isinstance(kind, inspect.LiteralType):
        return f"one of {_joined(kind)}"
    if isinstance(kind, inspect.IntType):
        return f"a whole number from {kind.ge} to {kind.le}"
    return "true or false"


def _joined(kind: inspect.Type) -> str:
    return ", ".join(shown(choice) for choice in _choices(kind))


def _with_example(kind: inspect.Metadata) -> str:
    examples = (kind.extra_json_schema or {}).get("examples", [])
    words = expected(kind.type)
    if isinstance(kind.type, inspect.VarTupleType) and examples:
        return f"{words} such as [{', '.join(shown(each) for each in examples[0])}]"
    return words


def _near_choice(kind: inspect.Type, value: object) -> str:
    choices = [each for each in _choices(kind) if isinstance(each, str)]
    return did_you_mean(nearest(value, choices)) if isinstance(value, str) else ""


def _choices(kind: inspect.Type) -> tuple[object, ...]:
    if isinstance(kind, inspect.Metadata):
        return _choices(kind.type)
    if isinstance(kind, inspect.VarTupleType):
        return _choices(kind.item_type)
    if isinstance(kind, inspect.UnionType):
        return tuple(choice for each in kind.types for choice in _choices(each))
    return tuple(kind.values) if isinstance(kind, inspect.LiteralType) else ()
