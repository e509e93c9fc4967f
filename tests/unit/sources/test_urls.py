"""URLs to compare, to show, and to tell works by."""

from __future__ import annotations

import pytest

from tracker.sources.urls import canonical_url, clean_url, domain, work_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://example.com/a", "https://www.example.com/a/"),
        ("https://EXAMPLE.com:443/a", "http://example.com:80/a"),
        ("https://example.com/a?utm_source=x&b=1&a=2", "https://example.com/a?a=2&b=1"),
        ("https://example.com/%7euser/%c3%a9", "https://example.com/~user/é"),
        ("https://example.com./a", "https://example.com/a"),
        ("https://user:secret@example.com/a", "https://example.com/a"),
        ("https://bücher.example/", "https://xn--bcher-kva.example"),
        ("https://youtu.be/zjkBMFhNj_g?si=abc", "https://youtu.be/zjkBMFhNj_g"),
        ("https://x.substack.com/p/a?isFreemail=true&triedRedirect=true", "https://x.substack.com/p/a"),
    ],
)
def test_spellings_of_one_page_are_equal(one: str, other: str) -> None:
    """Scheme, case, www, ports, tracking, order, encoding and user make no difference."""
    assert canonical_url(one) == canonical_url(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.com/a", "https://example.com/A"),
        ("https://example.com/changes#v1", "https://example.com/changes#v2"),
        ("https://example.com/?p=1", "https://example.com/?p=2"),
        ("https://example.com:8080/a", "https://example.com/a"),
        ("https://a.example.com/", "https://b.example.com/"),
        ("https://example.com/a?si=1", "https://example.com/a"),
        ("https://example.com/a%2Fb", "https://example.com/a/b"),
    ],
)
def test_different_pages_stay_different(one: str, other: str) -> None:
    """Path, query, fragment, port and subdomain do; a parameter that tracks at one host may not at another."""
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "mailto:a@b.c", "word"]
)
def test_no_canonical_form_without_the_web(url: str) -> None:
    """Anything but http(s) compares with nothing."""
    assert canonical_url(url) == ""
    assert clean_url(url) == ""


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.com/a?utm_campaign=x&id=3#part", "https://example.com/a?id=3#part"),
        ("https://www.Example.com/a/", "https://www.example.com/a/"),
        ("https://paypal.com@evil.example/", "https://evil.example/"),
        ("https://example.com/a b\u202e(c)", "https://example.com/a%20b%E2%80%AE(c)"),
        ("https://example.com/<b>\"'`|", "https://example.com/%3Cb%3E%22%27%60%7C"),
        ("https://example.com/é", "https://example.com/é"),
        ("https://example.com/\ud800", "https://example.com/\ufffd"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://example.com:8443/x", "https://example.com:8443/x"),
        ("https://example.com/a\u200bb", "https://example.com/a%E2%80%8Bb"),
        ("  https://example.com/x\n", "https://example.com/x"),
        ("http://[2001:db8::1]/x", "http://[2001:db8::1]/x"),
    ],
)
def test_what_is_shown_hides_nothing(url: str, shown: str) -> None:
    """Users, tracking and invisible characters are gone or encoded, the page is the same."""
    assert clean_url(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        "https://exam\u202eple.com/",
        "https://exa\u200bmple.com/",
        "https://example.com:99999/",
        "https://" + "a" * 300 + ".example/",
        "https://example.com/" + "a" * 5000,
        "https://a..b/",
        "https://0.\u00af/",
        "https://a|b.example/",
        "https://" + "\u00e9" * 70 + ".example/",
        "http://[::1",
        "example.com/without-scheme",
    ],
)
def test_what_deceives_is_not_shown(url: str) -> None:
    """A host with invisible characters, a wrong port or an endless path gives no link at all."""
    assert clean_url(url) == ""


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://arxiv.org/pdf/2203.15556v1", "arxiv:2203.15556"),
        ("https://www.youtube.com/watch?v=zjkBMFhNj_g", "youtube:zjkBMFhNj_g"),
        ("https://youtu.be/zjkBMFhNj_g", "youtube:zjkBMFhNj_g"),
        ("arXiv:2203.15556", "arxiv:2203.15556"),
        ("https://example.com/2203.15556", ""),
        ("https://www.youtube.com/@AndrejKarpathy", ""),
        ("programming", ""),
        ("", ""),
    ],
)
def test_links_to_works_give_keys(url: str, key: str) -> None:
    """Videos and papers are known by any link to them, pages are not works."""
    assert work_key(url) == key


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://blog.example.com/feed", "example.com"),
        ("example.com", "example.com"),
        ("https://www.example.co.uk/", "example.co.uk"),
        ("a.b.example.com.au", "example.com.au"),
        ("https://one.substack.com/feed", "one.substack.com"),
        ("https://me.github.io/feed.xml", "me.github.io"),
        ("http://127.0.0.1:8000/x", "127.0.0.1"),
        ("http://[::1]/x", "::1"),
        ("localhost", "localhost"),
        ("co.uk", "co.uk"),
        ("", ""),
    ],
)
def test_the_owner_of_a_host(address: str, expected: str) -> None:
    """Subdomains belong to one owner, except under countries' second levels and on platforms."""
    assert domain(address) == expected
