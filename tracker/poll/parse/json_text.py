"""Serve the parsers of JSON: decode it, even where it holds what no text can."""

from __future__ import annotations

import re
from typing import Any

import msgspec

# Every escape is taken whole, so that a backslash of its own begins none.
_ESCAPE = re.compile(
    r"\\(?:[^u]|u(?!d[89a-f])|ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}|(?P<half>ud[89a-f][0-9a-f]{2}))", re.IGNORECASE
)


def decode(text: str | bytes) -> Any:
    r"""Decode JSON; half a character (`\ud83d` alone), which JSON can say and nothing can write, is left out.

    Raises msgspec.DecodeError, RecursionError or ValueError for what is no JSON.
    """
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        whole = text if isinstance(text, str) else text.decode()
        mended = _ESCAPE.sub(lambda found: "" if found["half"] else found[0], whole)
        if mended == whole:
            raise
        return msgspec.json.decode(mended)
