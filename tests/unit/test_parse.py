"""parse_feed: what is a feed, what came instead, what is too much, and how dates, waits and encodings are read."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tracker.errors import ParseError, TooManyEntriesError
from tracker.models import RawFeed, Text
from tracker.poll.parse import parse_feed

URL = "https://blog.example.org/feed"


def parse(text: str | bytes, content_type: str = "application/rss+xml") -> RawFeed:
    body = text.encode() if isinstance(text, str) else text
    return parse_feed(body, content_type=content_type, url=URL)


def rss(*items: str, head: str = "", start: str = "") -> str:
    return f'{start}<rss version="2.0"><channel><title>t</title>{head}{"".join(items)}</channel></rss>'


def item(inside: str) -> str:
    return f"<item><title>a</title>{inside}</item>"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("<!doctype html><title>x</title>", "an HTML page"),
        ("<html><body>nothing</body></html>", "an HTML page"),
        ('<html><script src="/cdn-cgi/challenge-platform/x.js"></script></html>', "a Cloudflare challenge page"),
        ('<html><form action="https://consent.youtube.com/save"></form></html>', "a consent page"),
        ('<html><input type="password"></html>', "a login page"),
        ('<?xml version="1.0"?><!-- list --><opml version="2.0"><body/></opml>', "an OPML list of feeds"),
        ("<urlset><url/></urlset>", "a sitemap"),
        ("<Error><Code>AccessDenied</Code></Error>", "an XML document of the kind <Error>"),
        ("Rate exceeded.", "plain text"),
        (b"%PDF-1.7 \xff\xfe", "no text but binary data"),
        (b"\x1f\x8b\x08\x00abc", "no text but binary data"),
        ("<!-- only a remark -->", "text with some markup"),
    ],
)
def test_what_came_instead_of_a_feed_is_said(body: str | bytes, what: str) -> None:
    """What is no feed is an error whatever the status was, and its sentence says what it is (M7, M48)."""
    with pytest.raises(ParseError, match=f"^the answer is {what}, not a feed$"):
        parse(body)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ('{"items": []}', "JSON that does not call itself a JSON Feed"),
        ("[1, 2]", "JSON that does not call itself a JSON Feed"),
        ('{"version": "https://jsonfeed.org/version/1"}', "without a list of items"),
        ('{"version": "https://jsonfeed.org/version/1", "items": [', "cannot be read as such"),
        ("[" * 100_000, "cannot be read as such"),
    ],
)
def test_json_that_is_no_feed_is_an_error(body: str, sentence: str) -> None:
    """JSON is a feed only when it says so and holds items; broken or bottomless JSON ends in the same error (M7)."""
    with pytest.raises(ParseError, match=sentence):
        parse(body, content_type="application/json")


def test_a_further_page_is_noticed() -> None:
    """RFC 5005's `rel=next` and JSON Feed's `next_url` are known to be there; other links are none (M87)."""
    link = '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="{}" href="https://a.example/feed?page=2"/>'
    assert parse(rss(head=link.format("next"))).has_next
    assert not parse(rss(head=link.format("self"))).has_next
    text = {"version": "https://jsonfeed.org/version/1.1", "title": "A", "items": []}
    assert not parse(json.dumps(text), content_type="application/json").has_next
    text["next_url"] = "https://a.example/feed?page=2"
    assert parse(json.dumps(text), content_type="application/json").has_next


def test_feed_without_entries_is_a_feed() -> None:
    """A valid feed with no entries is healthy: releases of a repository without tags (M6)."""
    assert parse(rss()) == RawFeed(title="t")


@pytest.mark.parametrize("many", [10_000, 10_001])
def test_entries_are_counted_before_they_are_parsed(many: int) -> None:
    """More entries than any honest feed has are refused, exactly above the cap."""
    body = rss(*(["<item/>"] * many))
    if many > 10_000:
        with pytest.raises(TooManyEntriesError, match="more than 10,000 entries"):
            parse(body)
    else:
        assert len(parse(body).entries) == many


HOSTILE: dict[str, Callable[[], str]] = {
    "laughs": lambda: rss(
        item("&c;"), start='<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'
    ),
    "quadratic": lambda: rss(item("&a;" * 50_000), start=f'<!DOCTYPE x [<!ENTITY a "{"ha" * 200}">]>'),
    "subset": lambda: rss(start=f"<!DOCTYPE x [{'<!ENTITY a SYSTEM>' * 10_000}]>"),
    "depth": lambda: "<rss version='2.0'>" + "<a>" * 300_000,
    "elements": lambda: rss("<a/>" * 500_000),
    "categories": lambda: rss(item("".join(f"<category>{n}</category>" for n in range(20_000)))),
    "keywords": lambda: rss(item(f"<tags>{','.join(map(str, range(20_000)))}</tags>")),
    "name": lambda: rss(item(f"<author>{'a.' * 100_000}</author>")),
    "name-in-pieces": lambda: rss(item(f"<author>{'a.<x/>' * 50_000}</author>")),
    "namespaces": lambda: rss("".join(f'<x xmlns:n{n}="urn:{n}"/>' for n in range(2_000))),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_would_stop_the_parser_is_refused(kind: str) -> None:
    """Entity bombs, bottomless nests and the like end in a sentence, not in minutes or gigabytes."""
    body = HOSTILE[kind]()
    tracemalloc.start()
    with pytest.raises(ParseError, match=r"^(?:the document|an entry of the document|a name in the document)"):
        parse(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 20 * len(body) + 2**20


def test_documents_own_plain_entities_are_kept() -> None:
    """An honest DOCTYPE with a few names for characters is no bomb."""
    feed = parse(
        rss(
            item("<description>&copy; &who;</description>"),
            start="""<?xml version="1.0"?>
        <!DOCTYPE rss [<!ENTITY copy "&#169;"><!ENTITY who 'Ada'>]>""",
        )
    )

    assert feed.entries[0].summary.value == "© Ada"
    assert feed.is_well_formed


@pytest.mark.parametrize("reference", ["&#0;", "&#x1F;", "&#99999999999;", f"&#{'9' * 5_000};", "\x0b", "\ufffe"])
def test_characters_that_xml_forbids_cost_a_warning_not_the_entry(reference: str) -> None:
    """One forbidden character neither loses an entry nor makes the whole document go to the loose parser (M90)."""
    feed = parse(rss("<item><title>a b</title></item>").replace("a b", f"a{reference}b"))

    assert [entry.title.value for entry in feed.entries] == ["ab"]
    assert feed.warnings == ("characters that XML forbids were left out",)


def test_text_before_the_document_is_skipped() -> None:
    """What a broken server prints before the declaration does not hide the feed (M90)."""
    feed = parse('Notice: sample in x.php\n<?xml version="1.0"?>' + rss(item("")))

    assert len(feed.entries) == 1
    assert feed.warnings == ("there was other text before the document began",)


def test_malformed_later_entry_keeps_the_others() -> None:
    """A broken document gives its entries with a warning (M90)."""
    feed = parse(rss(item("<description>one</description>"), "<item><title>b & c</title><link>x</guid></item>"))

    assert [entry.title.value for entry in feed.entries] == ["a", "b & c"]
    assert not feed.is_well_formed
    assert "not well-formed (line" in feed.warnings[0]


@pytest.mark.parametrize(
    ("declared", "header", "encoding", "is_clean"),
    [
        ("utf-8", "text/xml; charset=iso-8859-1", "latin-1", True),
        ("iso-8859-1", "text/xml", "latin-1", True),
        ("utf-8", "text/xml", "utf-8", True),
        ("utf-8", "text/xml; charset=us-ascii", "utf-8", True),
        ("utf-8", "application/xml; charset=utf-8", "latin-1", False),
        ("punycode", "application/xml; charset=zlib", "utf-8", True),
        ("utf-16", "application/xml", "utf-16", True),
        ("utf-16", "application/xml", "utf-16-le", True),
        ("utf-8", "application/xml; charset=latin-1", "utf-8-sig", True),
    ],
)
def test_charset_of_the_header_beats_the_declaration(
    declared: str, header: str, encoding: str, *, is_clean: bool
) -> None:
    """Mark, then header, then declaration say the charset; a wrong one loses no entry (M89)."""
    body = f'<?xml version="1.0" encoding="{declared}"?>' + rss("<item><title>Café</title></item>")
    feed = parse(body.encode(encoding), content_type=header)

    assert [entry.title.value for entry in feed.entries] == ["Café"]
    assert (not feed.warnings) is is_clean


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Wed, 25 Nov 2026 08:00:00 +0100", datetime(2026, 11, 25, 7, tzinfo=UTC)),
        ("Wed, 25 Nov 2026 08:00:00 EST", datetime(2026, 11, 25, 13, tzinfo=UTC)),
        ("2026-07-01T00:30:00+02:00", datetime(2026, 6, 30, 22, 30, tzinfo=UTC)),
        ("someday", None),
        ("", None),
        ("Wed, 99 Nov 2026 99:00:00 GMT", None),
    ],
)
def test_dates_are_utc_whatever_the_zone_here(
    given: str, expected: datetime | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dates are read as UTC, never through the machine's own zone; garbage is no date (M91)."""
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")

    assert parse(rss(item(f"<pubDate>{given}</pubDate>"))).entries[0].published == expected


@pytest.mark.parametrize(
    ("head", "seconds"),
    [
        ("<ttl>60</ttl>", 3600.0),
        ("<ttl>abc</ttl>", None),
        ("<ttl>-5</ttl>", None),
        ("<ttl></ttl>", None),
        ("<ttl>0</ttl>", None),
        ("<ttl>99999999999999999999999</ttl>", None),
        ("<ttl>999999999</ttl>", 366 * 86400.0),
        ('<sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">daily</sy:updatePeriod>', 86400.0),
    ],
)
def test_wait_is_read_and_garbage_ignored(head: str, seconds: float | None) -> None:
    """`ttl` and `sy:` become seconds; what is no plain number is ignored (M79)."""
    assert parse(rss(head=head)).wait == seconds


def test_nothing_in_the_document_is_opened() -> None:
    """A body that looks like an address or a path is text, and external entities stay outside (M88)."""
    with pytest.raises(ParseError, match="plain text"):
        parse("http://127.0.0.1:9/feed")
    feed = parse(rss(item("<description>&x;</description>"), start='<!DOCTYPE x [<!ENTITY x SYSTEM "/etc/hostname">]>'))
    assert feed.entries[0].summary.value in {"", "&x;"}


def test_html_is_handed_on_as_it_came() -> None:
    """Text keeps its markup and says whether it is markup; cleaning is normalize's (M88)."""
    feed = parse(rss(item("<description>&lt;p onclick='x()'&gt;a &amp;amp; b&lt;/p&gt;</description>")))

    assert feed.entries[0].summary == Text("<p onclick='x()'>a &amp; b</p>", is_html=True)


def test_second_page_of_a_search_may_be_empty() -> None:
    """Only an empty first page is arXiv's fault; past the end there is nothing (M68)."""
    start = "<opensearch:startIndex>50</opensearch:startIndex>"
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
        f"<id>https://arxiv.org/api/x</id><opensearch:totalResults>50</opensearch:totalResults>{start}</feed>"
    )

    assert parse(body).announced == 50
    with pytest.raises(ParseError, match="announces 50 papers"):
        parse(body.replace(start, ""))


def test_large_honest_feed_is_parsed_whole() -> None:
    """A feed of many megabytes is no reason to refuse it (M41)."""
    words = "<p>word &amp; word</p>" * 20_000
    feed = parse(rss(*(item(f"<description><![CDATA[{words}]]></description>") for _ in range(20))))

    assert len(feed.entries) == 20
    assert all(len(entry.summary.value) == len(words) for entry in feed.entries)


def test_document_on_which_the_parser_stumbles_is_an_error() -> None:
    """Where feedparser itself gives up with an exception of its own, the feed fails with a sentence (M7)."""
    with pytest.raises(ParseError, match="the document is too broken to be read"):
        parse(rss(item("<link>https://<entry/>example.org</link>")))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2026-11-25T08:00:00", datetime(2026, 11, 25, 8, tzinfo=UTC)),
        ("2026-11-25T08:00:00+09:00", datetime(2026, 11, 24, 23, tzinfo=UTC)),
        ("0001-01-01T00:00:00+09:00", None),
        ("someday", None),
        (1764057600, None),
    ],
)
def test_dates_of_json_feed_are_utc(given: object, expected: datetime | None) -> None:
    """A date without an offset is UTC, what is no date is none (M91)."""
    feed = {"version": "https://jsonfeed.org/version/1", "items": [{"id": "1", "date_published": given}]}

    assert parse(json.dumps(feed)).entries[0].published == expected


def test_json_feed_beyond_any_honest_length_is_refused() -> None:
    """The cap on entries holds for JSON Feed, too."""
    feed = {"version": "https://jsonfeed.org/version/1", "items": [{}] * 10_001}
    with pytest.raises(TooManyEntriesError, match="10,000"):
        parse(json.dumps(feed))


def test_duration_of_an_episode_is_read_in_its_forms() -> None:
    """`itunes:duration` comes as seconds or with colons; anything else is no duration."""
    given = ("3723", "1:02:03", "62:03", "1:02:03.5", "an hour", "")
    name = 'itunes:duration xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
    feed = parse(rss(*(item(f"<{name}>{each}</itunes:duration>") for each in given)))

    assert [entry.duration for entry in feed.entries] == [3723, 3723, 3723, 3723, None, None]


@pytest.mark.parametrize(
    "body", [b"<rss version='2.0'><channel>", b"<rss version='2.0'><channel><title>Cut", b"<rss version='2.0'><ch"]
)
def test_a_document_that_is_cut_off_is_not_an_empty_feed(body: bytes) -> None:
    """What ends before its first entry says nothing, and is no "nothing new" (M90 M7); an empty feed is healthy (M6)."""
    with pytest.raises(ParseError, match=r"breaks off before its first entry|not a feed"):
        parse_feed(body, content_type="application/xml", url="https://a.example/feed")
    whole = b"<rss version='2.0'><channel><title>Empty</title></channel></rss>"
    assert parse_feed(whole, content_type="application/xml", url="https://a.example/feed").entries == ()
