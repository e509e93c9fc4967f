"""Turn the bytes of an answer into a RawFeed: the second stage of a poll, between fetch and normalize.

No network, no clock. Whatever the bytes are, the outcome is a RawFeed or a ParseError whose sentence says what came.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tracker.errors import ParseError
from tracker.models import RawFeed, Recognised
from tracker.poll.parse import json_feed, xml_feed
from tracker.poll.parse.document import Document, read
from tracker.poll.parse.listing import parse_listing
from tracker.poll.parse.slices import Cut, cut

__all__ = ("Recognise", "parse_feed", "parse_listing", "parse_unread")

# Of a document's slices, in order and by their hashes, the known ones, each with its place there.
Recognise = Callable[[Sequence[str]], Mapping[str, Recognised]]


def parse_feed(body: bytes, *, content_type: str, url: str) -> RawFeed:
    """Parse RSS, Atom, RDF or JSON Feed, whichever it is; `content_type` is only believed about the charset (M89).

    `url` is the document's own address, against which its relative links are read. Raises ParseError when the bytes
    are no feed (M7) or a feed that reports an error, TooManyEntriesError above the cap on entries.
    """
    document = read(body, content_type=content_type)
    if document.text.startswith(("{", "[")):
        return json_feed.parse(document)
    return xml_feed.parse(document, url=url)


def parse_unread(body: bytes, *, content_type: str, url: str, salt: str, recognise: Recognise) -> RawFeed:
    """Parse a feed like `parse_feed`, but leave out the entries whose very bytes were read before.

    They are in `recognised` instead; the others carry the hash of their slice, if they can be recognised next time.
    Where anything speaks against it, the whole document is parsed. `salt`: see slices.cut.
    """
    document = read(body, content_type=content_type)
    if document.text.startswith(("{", "[")):
        return json_feed.parse(document)
    pieces = cut(document, salt=salt)
    if pieces is None:
        return xml_feed.parse(document, url=url)
    known = recognise(pieces.hashes)
    seen = tuple(known[each] for each in pieces.hashes if each in known)
    if len(seen) == len(pieces.hashes):
        return RawFeed(title="", recognised=seen)
    return (_unread(pieces, known, seen, url=url) if seen else None) or _whole(document, pieces, url=url)


def _unread(pieces: Cut, known: Mapping[str, Recognised], seen: tuple[Recognised, ...], *, url: str) -> RawFeed | None:
    text = pieces.reduced(known)
    try:
        raw = xml_feed.parse(Document(text=text, was=""), url=url) if text else None
    except ParseError:
        return None
    places = [(place, each) for place, each in enumerate(pieces.hashes) if each not in known]
    if raw is None or not raw.is_well_formed or len(raw.entries) != len(places):
        return None
    entries = (
        replace(entry, position=place, slice=name) for entry, (place, name) in zip(raw.entries, places, strict=True)
    )
    return replace(raw, entries=tuple(entries), recognised=seen)


def _whole(document: Document, pieces: Cut, *, url: str) -> RawFeed:
    raw = xml_feed.parse(document, url=url)
    is_certain = raw.is_well_formed and len(raw.entries) == len(pieces.hashes) and pieces.reduced(())
    if not is_certain:
        return raw
    named = zip(raw.entries, pieces.hashes, strict=True)
    return replace(raw, entries=tuple(replace(entry, slice=name) for entry, name in named))
