"""A web page's own words about itself: which feeds it names, in whatever character set it says."""

from __future__ import annotations

import pytest

from tracker.subscribe.discover import read_page

PAGE = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head><body>' + "-" * 3_000_000


@pytest.mark.parametrize("charset", ["utf-8", "latin-1", "punycode", "idna", "hex", "undefined", "unknown-8"])
def test_a_page_in_any_charset_is_read(charset: str) -> None:
    """A codec that is no character set, such as punycode, which takes hours for a page, is not tried: it is read as UTF-8."""
    found = read_page(PAGE.encode(), content_type=f"text/html; charset={charset}", url="https://a.example/")
    assert found.feeds == ("https://a.example/feed",)
