"""Call feedparser: the one place that knows how it is asked, and what spares it time; serves xml_feed.

feedparser gets bytes, never an address or a string (a string may make it open files, M88), and neither cleans HTML nor
resolves links in it: that damages plain text and costs three to ten times the time; `normalize` does it.
"""

from __future__ import annotations

import gc
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any

from tracker.errors import ParseError

# Addresses of which urllib's urljoin makes themselves, whatever the base, and bases that it can take apart.
_WHOLE = re.compile(r"https?://[A-Za-z0-9.-]+(?:/[\w.~%/=&+,:@!-]*(?:\?[\w.~%/=&+,:@!-]+)?)?", re.ASCII)
_PLAIN_BASE = re.compile("https?://[!-Z^-~]*")
_WINDOWS = re.compile("[\x80-\x9f]")


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
    """Import feedparser; spare it what it works out anew at each element, or each document.

    The gains are of feedparser's CPU at a first poll of benchmarks/feeds.py; what comes out is the same.
    """
    import feedparser
    from feedparser import api, mixin, util

    # How an address resolves: a fifth.
    mixin.make_safe_absolute_uri = lru_cache(maxsize=256)(mixin.make_safe_absolute_uri)
    mixin._urljoin = _joined(mixin._urljoin)  # noqa: SLF001 -- what it calls has no public name
    _look_up_plainly(util.FeedParserDict)
    # Its copies are of texts and numbers by name: 15.4 → 13.9 ms a feed.
    mixin.copy = SimpleNamespace(deepcopy=util.FeedParserDict)
    # Instead of a driver that is nowhere installed, which is looked for at each document: 18.3 → 18.0 ms.
    api.PREFERRED_XML_PARSERS = [f"{__package__}.elements"]
    api.StrictFeedParser.decode_entities = staticmethod(_sound)
    return feedparser


def _joined(join: Callable[[str, str], str]) -> Callable[[str, str], str]:
    """Leave a whole address as it is: 13.9 → 11.9 ms a feed."""

    def join_plainly(base: str, address: str) -> str:
        return address if _WHOLE.fullmatch(address) and is_plain(base) else join(base, address)

    is_plain = lru_cache(maxsize=16)(lambda base: _PLAIN_BASE.fullmatch(base) is not None)
    return join_plainly


class _Sound(str):
    """Text without the characters that feedparser takes for windows-1252's."""

    __slots__ = ()

    def translate(self, _: Any, /) -> str:
        return str(self)


def _sound(_: str, text: str) -> str:
    """Spare a text the look-up of each of its characters, which one beyond ASCII costs: 50 ms for a megabyte."""
    return text if text.isascii() or _WINDOWS.search(text) else _Sound(text)


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
