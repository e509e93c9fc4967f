"""Serve merge: keep a reader's properties in the front matter of a page made anew; pure.

What the page says of itself is the program's: a property of that name is always the fresh one. The title, the tags and
whatever else stands there are the reader's as soon as they have changed them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

OWN = frozenset(("date", "issue", "status", "from", "to", "minutes", "feeds_in_trouble"))
_NAME = re.compile(r"(?P<name>[^\s:#\-][^:]*):(?:\s|$)")


def merge_properties(base: Sequence[str], mine: Sequence[str], fresh: Sequence[str]) -> list[str]:
    """Merge three front matters, fences included."""
    before, theirs, after = (_groups(lines[1:-1]) for lines in (base, mine, fresh))
    merged: list[str] = []
    more: list[str] = []
    for name, lines in after.items():
        own, former = theirs.get(name, []), before.get(name, [])
        merged += own if name not in OWN and own and former and _is_other(own, former) else lines
        # A line that was typed below a property of ours hangs on it by its indentation only.
        more += [line for line in own[1:] if name in OWN and line not in former]
    more += [
        line for name, lines in theirs.items() if name not in after and before.get(name) != lines for line in lines
    ]
    return [fresh[0], *merged, *more, fresh[-1]]


def _groups(lines: Sequence[str]) -> dict[str, list[str]]:
    """Give each property's lines by its name; a line that is none, and continues none, stands for itself."""
    groups: dict[str, list[str]] = {}
    name = ""
    for line in lines:
        found = _NAME.match(line)
        if found:
            name = found["name"].strip()
        elif not line.startswith((" ", "\t", "- ")):
            name = f"\n{line}"
        groups.setdefault(name, []).append(line)
    return groups


def _is_other(own: Sequence[str], former: Sequence[str]) -> bool:
    """Tell whether a property says something else, or has got a comment."""
    has_comment = any("#" in line for line in own if line not in former)
    return has_comment or _value(own) != _value(former)


def _value(lines: Sequence[str]) -> object:
    """Read a property's value, so that another way of writing it is no change; its text where it cannot be read."""
    import yaml

    try:
        return yaml.safe_load("\n".join(lines))
    except (yaml.YAMLError, ValueError, RecursionError):
        return list(lines)
