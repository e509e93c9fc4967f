"""Turn the text of a JSON Feed (1.0, 1.1; jsonfeed.org) into a RawFeed with msgspec; called by parse_feed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from tracker.errors import ParseError, TooManyEntriesError
from tracker.models import Enclosure, RawEntry, RawFeed, Text
from tracker.poll.parse import json_text
from tracker.poll.parse.document import Document
from tracker.poll.parse.limits import MOST_ENTRIES


class _Item(msgspec.Struct):
    """What must have its type for an entry to be usable; the rest is read with forbearance."""

    id: str | int | float | None = None
    url: str | None = None
    external_url: str | None = None
    title: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    summary: str | None = None
    date_published: Any = None
    date_modified: Any = None
    author: Any = None
    authors: Any = None
    tags: Any = None
    attachments: Any = None


def parse(document: Document) -> RawFeed:
    """Parse one JSON document; a bad entry is left out with a warning. Raises ParseError, TooManyEntriesError."""
    feed = _decoded(document)
    items = feed.get("items")
    if not isinstance(items, list):
        raise ParseError("the answer is a JSON Feed without a list of items")
    if len(items) > MOST_ENTRIES:
        raise TooManyEntriesError(f"the document holds more than {MOST_ENTRIES:,} entries")
    authors = tuple(_authors(feed))
    entries = []
    for position, item in enumerate(items):
        try:
            entries.append(_entry(msgspec.convert(item, _Item), position, authors=authors))
        except (msgspec.ValidationError, ValueError):
            continue
    dropped = len(items) - len(entries)
    left_out = (f"{dropped} of {len(items)} entries are not as JSON Feed wants them and were left out",)
    return RawFeed(
        title=_string(feed.get("title")),
        site_url=_string(feed.get("home_page_url")),
        entries=tuple(entries),
        is_well_formed=not dropped,
        has_next=bool(_string(feed.get("next_url"))),
        warnings=document.warnings + (left_out if dropped else ()),
    )


def _decoded(document: Document) -> Mapping[str, Any]:
    try:
        feed = json_text.decode(document.text)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise ParseError("the answer begins like JSON but cannot be read as such, and is not a feed") from error
    version = feed.get("version") if isinstance(feed, dict) else None
    if not isinstance(feed, dict) or "jsonfeed.org/version/" not in str(version):
        raise ParseError(
            f"the answer is {document.was} that does not call itself a JSON Feed",
            remedy="Look at the address in a browser.",
        )
    return feed


def _entry(item: _Item, position: int, *, authors: tuple[str, ...]) -> RawEntry:
    is_html = bool(item.content_html)
    return RawEntry(
        position=position,
        guid="" if item.id is None else str(item.id).strip(),
        link=(item.url or item.external_url or "").strip(),
        title=Text(item.title or ""),
        authors=tuple(_authors({"authors": item.authors, "author": item.author})) or authors,
        published=_date(item.date_published),
        updated=_date(item.date_modified),
        summary=Text(item.summary or ""),
        content=Text(item.content_html or item.content_text or "", is_html),
        enclosures=tuple(_enclosures(item.attachments)),
        categories=tuple(tag for tag in item.tags if isinstance(tag, str)) if isinstance(item.tags, list) else (),
        duration=_duration(item.attachments),
    )


def _authors(element: Mapping[str, Any]) -> Iterator[str]:
    """Read version 1.1's list, or version 1.0's one author."""
    people = element.get("authors") or [element.get("author")]
    for person in people if isinstance(people, list) else ():
        if isinstance(person, Mapping) and (name := _string(person.get("name")).strip()):
            yield name


def _enclosures(attachments: object) -> Iterator[Enclosure]:
    for each in _mappings(attachments):
        size = each.get("size_in_bytes")
        length = int(size) if isinstance(size, int | float) and 0 < size < 2**62 else 0
        if url := _string(each.get("url")):
            yield Enclosure(url=url, type=_string(each.get("mime_type")).lower(), length=length)


def _duration(attachments: object) -> int | None:
    seconds = (each.get("duration_in_seconds") for each in _mappings(attachments))
    return next((int(each) for each in seconds if isinstance(each, int | float) and 0 < each < 10**7), None)


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    return iter([each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else ())


def _date(value: object) -> datetime | None:
    """Read RFC 3339; without an offset it is taken for UTC, anything else is no date (M91)."""
    try:
        date = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
        return None if date is None else date.replace(tzinfo=date.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
