"""Call feedparser: the one place that knows how it is asked, and what spares it time; serves xml_feed.

feedparser gets bytes, never an address or a string (a string may make it open files, M88), and neither cleans HTML nor
resolves links in it: that damages plain text and costs three to ten times the time; `normalize` does it.
"""

from __future__ import annotations

import gc
import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

from tracker.errors import ParseError


def call(text: str, *, url: str) -> Any:
    """Give what feedparser makes of a tame document; raises ParseError where it breaks down."""
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    read = _feedparser().parse
    try:
        with _uncollected():
            return read(
                io.BytesIO(text.encode("utf-8", "replace")),
                response_headers=headers,
                sanitize_html=False,
                resolve_relative_uris=False,
            )
    except Exception as error:  # its old parsers raise all sorts of things on broken markup
        raise ParseError(f"the document is too broken to be read ({type(error).__name__})") from error


@cache
def _feedparser() -> Any:
    """Import feedparser; spare it two things that it works out anew at each element's start.

    The gains are those of a first poll of benchmarks/feeds.py; what comes out is the same.
    """
    import feedparser
    from feedparser import mixin, util

    # How an address resolves: a fifth of its time.
    mixin.make_safe_absolute_uri = lru_cache(maxsize=256)(mixin.make_safe_absolute_uri)
    _look_up_plainly(util.FeedParserDict)
    return feedparser


def _look_up_plainly(kind: Any) -> None:
    """Let its dictionaries be such for keys that mean only themselves: 26 → 20 ms a feed."""
    named = frozenset(("category", "enclosures", "license", "updated", "updated_parsed", *kind.keymap))
    get, contains, getitem = kind.get, kind.__contains__, kind.__getitem__

    def get_plainly(self: Any, key: Any, default: Any = None) -> Any:
        return get(self, key, default) if key in named else dict.get(self, key, default)

    def contains_plainly(self: Any, key: Any) -> bool:
        return bool(contains(self, key)) if key in named else dict.__contains__(self, key)

    def getitem_plainly(self: Any, key: Any) -> Any:
        return getitem(self, key) if key in named else dict.__getitem__(self, key)

    kind.get, kind.__contains__, kind.__getitem__ = get_plainly, contains_plainly, getitem_plainly
    kind.has_key = contains_plainly


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let Python look for cycles after a document, not all the time while its dictionaries are made: 20 → 18 ms."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
