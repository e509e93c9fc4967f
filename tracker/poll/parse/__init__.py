"""Turn the bytes of an answer into a RawFeed: the second stage of a poll, between fetch and normalize.

No network, no clock. Whatever the bytes are, the outcome is a RawFeed or a ParseError whose sentence says what came.
"""

from __future__ import annotations

from tracker.models import RawFeed
from tracker.poll.parse import json_feed, xml_feed
from tracker.poll.parse.document import read
from tracker.poll.parse.listing import parse_listing

__all__ = ("parse_feed", "parse_listing")


def parse_feed(body: bytes, *, content_type: str, url: str) -> RawFeed:
    """Parse RSS, Atom, RDF or JSON Feed, whichever it is; `content_type` is only believed about the charset (M89).

    `url` is the document's own address, against which its relative links are read. Raises ParseError when the bytes
    are no feed (M7) or a feed that reports an error, TooManyEntriesError above the cap on entries.
    """
    document = read(body, content_type=content_type)
    if document.text.startswith(("{", "[")):
        return json_feed.parse(document)
    return xml_feed.parse(document, url=url)
