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


@pytest.mark.filterwarnings("ignore:To avoid breaking existing software:DeprecationWarning")
@pytest.mark.parametrize("text", [ODD, *(each.read_text(encoding="utf-8", errors="replace") for each in FEEDS)])
def test_the_same_comes_out_as_without(plain: ModuleType, text: str) -> None:
    """A document gives the same values under the same keys, those that mean others too."""
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": "https://a.example/feed"}
    bare = plain.parse(
        io.BytesIO(text.encode()), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    ours = call(text, url="https://a.example/feed")
    assert [repr(each) for each in ours.entries] == [repr(each) for each in bare.entries]
    assert repr(ours.feed) == repr(bare.feed)
    for own, other in zip(ours.entries, bare.entries, strict=True):
        assert [(own.get(key), key in own) for key in KEYS] == [(other.get(key), key in other) for key in KEYS]
