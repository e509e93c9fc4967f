"""Serve marks and merge: where the front matter of an issue's file stands, and what one of its lines says; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_SAID = re.compile(r"(?P<name>[a-z_]+):\s*['\"]?(?P<value>[^'\"#]+?)['\"]?\s*(?:\s#.*)?")
_MOST = 200  # lines in which the front matter must end


def bounds(lines: Sequence[str]) -> tuple[int, int]:
    """Give the bounds of the front matter, fences inside, (0, 0) without one; lines may have been typed above it."""
    fences = [number for number, line in enumerate(lines[:_MOST]) if line.rstrip() == "---"]
    for start, end in pairwise(fences):
        if start == 0 or any(line.startswith("issue:") for line in lines[start:end]):
            return start, end + 1
    return 0, 0


def said(text: str, name: str) -> str:
    """Give the value of a property of one line, "" without it."""
    lines = text.removeprefix("\ufeff").splitlines()
    start, end = bounds(lines)
    found = (_SAID.fullmatch(line) for line in lines[start + 1 : max(start, end - 1)])
    return next((each["value"] for each in found if each and each["name"] == name), "")
