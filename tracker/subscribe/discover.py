"""Serve `subscribe`: the feeds that a web page points to; pure.

Only the tags that matter are looked at, each found by the next "<" and ended by the next ">": linear in the size of a
hostile page, where an HTML parser is quadratic.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

MOST_TAGS = 1000
LONGEST_TAG = 4000
MOST_FEEDS = 50

GUESSES = ("/feed", "/rss", "/atom.xml", "/index.xml", "/feed.xml")

_TYPES = frozenset(("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"))
_START = re.compile(r"<(!--|(?:link|base|meta|body|script|style|template|noscript)(?=[\s/>]))", re.IGNORECASE)
_SKIPPED = {"!--": "-->"}
_COMMENTS = re.compile(r"/comments(?:/|$)|[?&]comments?\b", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page says of itself: its feeds' addresses, absolute and http(s), and which program made it."""

    feeds: tuple[str, ...]
    generator: str


def read_page(body: bytes, *, content_type: str, url: str) -> Page:
    """Look for `<link rel="alternate">` in a page's head; `url` is the page's own address."""
    base, generator = url, ""
    found: dict[str, bool] = {}
    for name, attributes in _tags(_decoded(body, content_type)):
        if name == "base" and base == url:
            base = _joined(url, attributes.get("href", "")) or url
        elif name == "meta" and attributes.get("name", "").lower() == "generator":
            generator = generator or attributes.get("content", "")[:100]
        elif name == "link" and (feed := _feed(attributes, base)):
            found.setdefault(feed, _is_of_comments(feed, attributes))
    wanted = [feed for feed, is_of_comments in found.items() if not is_of_comments] or [*found]
    return Page(feeds=tuple(wanted[:MOST_FEEDS]), generator=generator)


def guesses(url: str) -> tuple[str, ...]:
    """List where sites keep a feed that their page does not mention."""
    return tuple(urljoin(url, guess) for guess in GUESSES)


def _decoded(body: bytes, content_type: str) -> str:
    from tracker.poll.parse.document import known_charset

    declared = _CHARSET.search(content_type) or _CHARSET.search(body[:2000].decode("ascii", "replace"))
    return body.decode((known_charset(declared[1]) if declared else "") or "utf-8", "replace")


def _tags(text: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the tags of a head that say something, in order."""
    place = 0
    for _ in range(MOST_TAGS):
        start = _START.search(text, place)
        name = start[1].lower() if start else "body"
        if start is None or name == "body":
            return
        if name in {"link", "base", "meta"}:
            tag, place = cut_tag(text, start.start())
            yield name, attributes_of(tag)
        else:
            place = _end(text, start.end(), _SKIPPED.get(name, f"</{name}"))
        if place < 0:
            return


def cut_tag(text: str, start: int, *, longest: int = LONGEST_TAG) -> tuple[str, int]:
    """Cut out a tag, and say where it ends, -1 for nowhere; a ">" inside of quotes does not end it."""
    window = text[start : start + longest]
    quoted = re.match(r"<[^<>\"']*(?:(?:\"[^\"]*\"|'[^']*')[^<>\"']*)*>", window)
    if quoted:
        return quoted[0], start + quoted.end()
    end = text.find(">", start)
    return (text[start : end + 1][:longest], end + 1) if end >= 0 else ("", -1)


def _end(text: str, start: int, mark: str) -> int:
    found = re.compile(re.escape(mark), re.IGNORECASE).search(text, start)
    return found.end() if found else -1


class _Attributes(HTMLParser):
    """Read the attributes of the one tag that it is fed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        for name, value in attrs:
            self.found.setdefault(name, value or "")


def attributes_of(tag: str) -> Mapping[str, str]:
    """Read a tag's attributes; their names are lower-case."""
    parser = _Attributes()
    parser.feed(tag)
    return parser.found


def _feed(attributes: Mapping[str, str], base: str) -> str:
    is_alternate = "alternate" in attributes.get("rel", "").lower().split()
    kind = attributes.get("type", "").partition(";")[0].strip().lower()
    if not is_alternate or kind not in _TYPES:
        return ""
    return _joined(base, attributes.get("href", ""))


def _joined(base: str, link: str) -> str:
    """Make a link absolute; "" for what is no address of the web."""
    try:
        url = urljoin(base, link.strip())
        parts = urlsplit(url)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return ""
    return url.partition("#")[0] if is_web and link.strip() and url.isprintable() else ""


def _is_of_comments(url: str, attributes: Mapping[str, str]) -> bool:
    return bool(_COMMENTS.search(url)) or "comment" in attributes.get("title", "").lower()
