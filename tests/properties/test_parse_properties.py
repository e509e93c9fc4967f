"""Whatever the bytes are, parse gives a feed or a ParseError whose sentence can be shown."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.errors import ParseError
from tracker.models import RawFeed
from tracker.poll.parse import parse_feed, parse_listing

RSS = (
    '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE rss [<!ENTITY who "Ada">]><rss version="2.0"><channel><title>t</title>'
    "<ttl>60</ttl><item><title>a &amp; b &who;</title><link>https://example.org/a</link><guid>g</guid>"
    "<author>a@b.c (A)</author><pubDate>Wed, 25 Nov 2026 08:00:00 GMT</pubDate><description><![CDATA[<p>x</p>]]>"
    '</description><enclosure url="https://example.org/a.mp3" length="1" type="audio/mpeg"/></item></channel></rss>'
)
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:yt="http://www.youtube.com/xml/schemas/2015"><title>t</title><entry>'
    "<id>yt:video:VMj-3S1tku0</id><yt:videoId>VMj-3S1tku0</yt:videoId><title>a</title><author><name>n</name></author>"
    '<link rel="alternate" href="https://www.youtube.com/watch?v=VMj-3S1tku0"/><published>2026-11-25T08:00:00Z</published>'
    '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div></content></entry></feed>'
)
JSON = (
    '{"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [{"id": "1", "title": "a", "content_html":'
    ' "<p>x</p>", "date_published": "2026-11-25T08:00:00Z", "attachments": [{"url": "u", "size_in_bytes": 5}]}]}'
)
LIST = (
    '{"id": "PLx", "title": "t", "playlist_count": 2, "entries": [{"id": "VMj-3S1tku0", "title": "a", "duration": 5}]}'
)
MARKUP = (b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"<!DOCTYPE x [", b"</item>", b"<item>", b"<a:b>", b"xmlns=")
ELEMENTS = (b"<author>", b"<title>", b"</title>", b"<entry/>", b"<source>", b"<image>", b"<?xml encoding='utf-16'?>")
CHARACTERS = (b"&#x1;", b"&#99999999999;", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800")
VALUES = (b'"', b"{", b"}", b"[", b"null", b"-1e999", b"9" * 30, b"9" * 5_000)
PIECES = st.sampled_from((*MARKUP, *ELEMENTS, *CHARACTERS, *VALUES))
CONTENT_TYPES = st.sampled_from(("", "text/xml", "application/json", "text/html; charset=utf-16", "x; charset=latin-1"))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A good document with up to eight pieces put in, or taken out."""
    body = draw(st.sampled_from((RSS, ATOM, JSON, LIST))).encode()
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(body)))
        body = body[:at] + draw(PIECES | st.binary(max_size=4)) + body[at + draw(st.integers(0, 20)) :]
    return body


@settings(deadline=None)
@given(st.binary(max_size=400) | mutated(), CONTENT_TYPES)
def test_parse_gives_a_feed_or_a_clear_error(body: bytes, content_type: str) -> None:
    """No bytes raise anything but ParseError, and its sentence is one printable line."""
    try:
        feed = parse_feed(body, content_type=content_type, url="https://example.org/feed")
    except ParseError as error:
        said = str(error)
    else:
        assert isinstance(feed, RawFeed)
        assert [each.position for each in feed.entries] == sorted({each.position for each in feed.entries})
        assert all(date is None or date.tzinfo for each in feed.entries for date in (each.published, each.updated))
        said = " ".join(feed.warnings)
    assert said == "" or said.isprintable()


@settings(deadline=None)
@given(st.binary(max_size=400) | mutated())
def test_listing_gives_videos_or_a_clear_error(body: bytes) -> None:
    """No output of yt-dlp's raises anything but ParseError; every entry has its id and no date (M24, M27)."""
    try:
        feed = parse_listing(body)
    except ParseError as error:
        said = str(error)
    else:
        said = "yt-dlp"
        assert all(len(each.video_id) == 11 and each.published is None for each in feed.entries)
        assert feed.announced is None or feed.announced >= len(feed.entries)
    assert "yt-dlp" in said
