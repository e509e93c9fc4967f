"""How feedparser is called: what spares it time changes nothing of what it says."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

import pytest

from tracker.poll.parse.feedparser_calls import call

FEEDS = sorted((Path(__file__).parent.parent / "feeds").glob("*/*.xml"))
# Elements whose names are keys that feedparser reads as others, and some that it makes up.
ODD = (
    "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>t</title><link>/</link><item>"
    "<guid>1</guid><url>/u</url><date>2026-01-01</date><modified>2026-01-02</modified><issued>2026-01-03</issued>"
    "<copyright>c</copyright><tagline>g</tagline><description>d</description><category>a</category><category>b"
    "</category><enclosure url='/e' type='audio/mpeg' length='1'/><link rel='license' href='/l'/><items>i</items>"
    "<channel>n</channel><dc:date>2026-01-04</dc:date><updated_parsed>x</updated_parsed></item></channel></rss>"
)
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom' {}><id>1</id><entry><id>2</id>{}</entry></feed>"
RSS = "<rss version='2.0' {}><channel><title>t</title><item><guid>1</guid>{}</item></channel></rss>"
LINKS = (
    "http://a.example",
    "http://A.example/b/../c",
    "HTTP://a.example/b",
    "http:///a.example/b",
    "http://a.example/b?",
    "http://a.example/b?x=1&amp;y=2#",
    "http://a.example//b;p?q?r",
    "https://a.example:80/b",
    "http://[a.example/b",
    "http://a.ex\u2100mple/b",
    "http://a.example/\u00e9",
    "https://a.example/b?",
    "https://a.example/b?x=1&amp;y=2",
    "https://a.example/b?x#",
    "https://A.example/b/../c;",
    "//b.example/c",
    " /d ",
    "?e",
    "http:relative",
    "javascript:alert(1)",
)
NAMESPACES = (
    "http://purl.org/dc/elements/1.1/",
    "HTTP://PURL.ORG/DC/ELEMENTS/1.1/",
    "http://search.yahoo.com/mrss",
    "http://backend.userland.com/RSS2",
    "http://backend.userland.com/creativeCommonsRssModule",
    "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "http://www.w3.org/1999/xlink",
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/2005/Atom",
    "urn:unknown",
    "urn:\u00a0 unknown",
    " ",
)
INSIDE = (
    "<p:Title Type='A' type='b' p:type='c' xml:lang='de'>x</p:Title><p:creator>y</p:creator><p:\u03a3>z</p:\u03a3>",
    "<p:content type='xhtml'><p:div p:Href='/h' xlink='1'><b>c</b> <p:svg><p:title>d</p:title></p:svg></p:div></p:content>",
    "<author><p:name>n</p:name><uri>/u</uri></author><p:description>\u00c3\u00a9 \u0092 \u2019</p:description>",
    "<content type='xhtml' xml:base='http://[x'><div>a <i>\u2019</i>\n\n</div> </content><summary>s &lt;b&gt;</summary>",
    "<content type='image/png'>YWJj</content><content mode='base64'>4oCZ</content><p:summary src='/s'>x</p:summary>",
    "<odd xmlns:q='http://www.w3.org/1999/xlink' a='b'/><odder q='r'/>",
    "<title>a\u2019s \x80</title><title type='text/plain'>\u00e2\u0080\u0099</title><description>&amp;lt;/b&gt;</description>",
)
# What feedparser gets is not always well-formed, and its other parser is spared the same things.
BROKEN = (
    "{}",
    "<?xml version='1.0' encoding='latin-1'>{}",
    "{}<p:undeclared/>",
    "<!DOCTYPE feed [<!ENTITY e '\u2019'>]>{}&e;",
)
HOSTILE = (
    *(
        RSS.format(f"xml:base='{base}'", "".join(f"<link>{each}</link><source url='{each}'/>" for each in LINKS))
        for base in ("http://[x", "//y", "ftp://z/", "")
    ),
    *(ATOM.format("", f"<link href='{each}'/><id>{each}</id><author><uri>{each}</uri></author>") for each in LINKS),
    *(form.format(f"xmlns:p='{space}'", "".join(INSIDE)) for form in (RSS, ATOM) for space in NAMESPACES),
    *(
        around.format(form.format("xmlns:p='urn:p'", each))
        for form in (RSS, ATOM)
        for each in INSIDE
        for around in BROKEN
    ),
)
KEYS = (
    "guid",
    "date",
    "updated",
    "modified_parsed",
    "issued",
    "description",
    "category",
    "enclosures",
    "license",
    "url",
)


@pytest.fixture(scope="module")
def plain() -> ModuleType:
    """Give a feedparser of its own, as it is installed."""
    names = [each for each in sys.modules if each.partition(".")[0] == "feedparser"]
    with patch.dict(sys.modules):
        for each in names:
            del sys.modules[each]
        import feedparser

        return feedparser


def kinds(value: object) -> object:
    """Give the types of a value and of all that it holds."""
    if isinstance(value, dict):
        return type(value).__name__, [(type(key), kinds(each)) for key, each in value.items()]
    return (list, [kinds(each) for each in value]) if isinstance(value, list) else type(value)


@pytest.mark.filterwarnings("ignore:To avoid breaking existing software:DeprecationWarning")
@pytest.mark.parametrize("url", ["https://a.example/feed", "http://[x"])
@pytest.mark.parametrize(
    "text", [ODD, *HOSTILE, *(each.read_text(encoding="utf-8", errors="replace") for each in FEEDS)]
)
def test_the_same_comes_out_as_without(plain: ModuleType, text: str, url: str) -> None:
    """A document gives the same values under the same keys, those that mean others too."""
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    bare = plain.parse(
        io.BytesIO(text.encode()), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    ours = call(text, url=url)
    assert [repr(each) for each in ours.entries] == [repr(each) for each in bare.entries]
    assert repr(ours.feed) == repr(bare.feed)
    assert (ours.version, ours.namespaces, ours.encoding) == (bare.version, bare.namespaces, bare.encoding)
    assert str(ours.get("bozo_exception")) == str(bare.get("bozo_exception"))
    assert (kinds(ours.entries), kinds(ours.feed)) == (kinds(bare.entries), kinds(bare.feed))
    for own, other in zip(ours.entries, bare.entries, strict=True):
        assert [(own.get(key), key in own) for key in KEYS] == [(other.get(key), key in other) for key in KEYS]
