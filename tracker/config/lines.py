"""Serve `config` and `subscribe`: which lines of feeds.toml hold what.

tomllib and tomlkit keep no line numbers. But every statement of a TOML file (a header, or a key
with its value, however many lines) is a TOML document of its own, and no beginning of one is:
so tomllib itself can tell where each ends.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Lines `first` to `last` (from 0): a header, a key with its value, a comment or nothing (no `path`)."""

    first: int
    last: int
    path: tuple[str, ...] = ()
    is_header: bool = False
    is_array: bool = False
    is_comment: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether nothing stands there."""
        return not self.path and not self.is_comment


def statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a text that tomllib takes as a whole."""
    first = 0
    chunk = ""
    for last, line in enumerate(text.split("\n")):
        chunk += line + "\n"
        try:
            document = tomllib.loads(chunk)
        except tomllib.TOMLDecodeError:
            continue
        yield _statement(chunk.lstrip(), document, first=first, last=last)
        first, chunk = last + 1, ""


def _statement(chunk: str, document: dict[str, object], *, first: int, last: int) -> Statement:
    is_header = chunk.startswith("[")
    path: list[str] = []
    inner: object = document
    while isinstance(inner, dict) and len(inner) == 1:
        path.append(next(iter(inner)))
        inner = inner[path[-1]]
        # The path of a header ends in an empty table; that of a key in its value, which may be a table too.
        if isinstance(inner, list) and is_header:
            break
    return Statement(
        first=first,
        last=last,
        path=tuple(path),
        is_header=is_header,
        is_array=is_header and isinstance(inner, list),
        is_comment=chunk.startswith("#"),
    )


def places(text: str) -> dict[Path, int]:
    """Map each table and key, and each table of an array by its number, to its line (from 1)."""
    found: dict[Path, int] = {}
    table: Path = ()
    counts: dict[tuple[str, ...], int] = {}
    for statement in statements(text):
        if not statement.path:
            continue
        if statement.is_array:
            counts[statement.path] = counts.get(statement.path, -1) + 1
            table = (*statement.path, counts[statement.path])
        elif statement.is_header:
            table = statement.path
        path = table if statement.is_header else (*table, *statement.path)
        for length in range(1, len(path) + 1):
            found.setdefault(path[:length], statement.first + 1)
    return found


def line_of(path: Path, found: dict[Path, int]) -> int | None:
    """Look up a path's line, or that of the nearest thing that holds it."""
    for length in range(len(path), 0, -1):
        if path[:length] in found:
            return found[path[:length]]
    return None
