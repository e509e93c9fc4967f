"""The internet in a box answers as the real one does, and remembers what was asked."""

from __future__ import annotations

import gzip
import os
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPResponse, IncompleteRead, RemoteDisconnected
from urllib.error import HTTPError

import pytest

from tests.internet import Internet
from tests.internet_replies import Reply, drip, rate_limited, truncated

FEED = "https://example.org/feed"
Get = Callable[..., HTTPResponse | HTTPError]


@pytest.fixture
def get(net: Internet) -> Get:
    """Ask through the box with the standard library's client."""
    trust = ssl.create_default_context(cafile=str(net.certificates))
    proxies = {"http": net.origin, "https": net.origin}
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler(proxies), urllib.request.HTTPSHandler(context=trust), _NoRedirects()
    )

    def ask(url: str, **headers: str) -> HTTPResponse | HTTPError:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            response: HTTPResponse = opener.open(urllib.request.Request(url, headers=named), timeout=10)
        except HTTPError as error:
            return error
        return response

    return ask


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow nothing: the redirect itself is looked at."""


def test_a_document_comes_with_its_headers(net: Internet, get: Get) -> None:
    """What is served over TLS arrives, and the request is remembered with its headers and status."""
    net.serve(FEED, "<rss/>", etag='"1"', content_type="application/rss+xml")
    answer = get(FEED, X_Asked="yes")
    assert answer.read() == b"<rss/>"
    assert (answer.headers["etag"], answer.headers["content-type"]) == ('"1"', "application/rss+xml")
    (seen,) = net.requests_to("example.org")
    assert (seen.url, seen.headers["x-asked"], seen.status) == (FEED, "yes", 200)
    assert net.strays == []


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("If_None_Match", '"1"', 304),
        ("If_None_Match", 'W/"1"', 304),
        ("If_None_Match", '"0", "1"', 304),
        ("If_None_Match", '"2"', 200),
        ("If_Modified_Since", "Mon, 23 Nov 2026 07:00:00 GMT", 304),
        ("If_Modified_Since", "Sun, 22 Nov 2026 07:00:00 GMT", 200),
    ],
)
def test_conditions_are_honoured(net: Internet, get: Get, header: str, value: str, status: int) -> None:
    """A request with current validators gets 304 and no body, one with older ones the document."""
    net.serve(FEED, "<rss/>", etag='"1"', last_modified="Mon, 23 Nov 2026 07:00:00 GMT")
    answer = get(FEED, **{header: value})
    assert (answer.status, answer.read()) == (status, b"<rss/>" if status == 200 else b"")


def test_content_may_depend_on_the_request(net: Internet, get: Get) -> None:
    """A body may be a function of the request and its scripted time, and its automatic tag follows it."""
    net.clock = lambda: datetime(2026, 11, 23, 7, tzinfo=UTC)
    net.serve(FEED, lambda seen: f"{seen.params['q']} at {seen.at:%H:%M}", etag="auto")
    first, second = get(f"{FEED}?q=a"), get(f"{FEED}?q=b")
    assert (first.read(), second.read()) == (b"a at 07:00", b"b at 07:00")
    assert first.headers["etag"] != second.headers["etag"]


def test_compression_is_offered_to_those_who_ask(net: Internet, get: Get) -> None:
    """A document is packed only for a client that accepts gzip."""
    net.serve(FEED, "<rss/>")
    assert get(FEED).headers["content-encoding"] is None
    packed = get(FEED, Accept_Encoding="gzip")
    assert (packed.headers["content-encoding"], gzip.decompress(packed.read())) == ("gzip", b"<rss/>")


def test_faults_end(net: Internet, get: Get) -> None:
    """A fault can last for so many requests, or for a span of the scripted time."""
    start = datetime(2026, 11, 23, 7, tzinfo=UTC)
    net.serve(FEED, "<rss/>")
    net.fail(FEED, 404, times=2)
    net.fail("example.org", rate_limited("120"), since=start, until=start + timedelta(hours=1))
    found = []
    for hours in (-3, -2, -1, 0):
        net.clock = partial(datetime.__add__, start, timedelta(hours=hours))
        answer = get(FEED)
        answer.read()
        found.append((answer.status, answer.headers["retry-after"]))
    assert found == [(404, None), (404, None), (200, None), (429, "120")]


def test_redirects_and_unknown_paths(net: Internet, get: Get) -> None:
    """A redirect keeps its status and target; a known host has no other paths."""
    net.redirect(FEED, "https://example.net/", status=308)
    moved, missing = get(FEED), get("https://example.org/other")
    assert (moved.read(), missing.read()[:9]) == (b"", b"<!doctype")
    assert (moved.status, moved.headers["location"]) == (308, "https://example.net/")
    assert missing.status == 404


@pytest.mark.parametrize("url", [FEED, "http://example.org/feed"])
def test_who_asks_is_known_by_name(net: Internet, url: str) -> None:
    """A program that was given a name logs in with it, through a tunnel and plainly; one without a name has none."""
    net.serve(url, "<rss/>")
    for client in ("p0001", ""):
        environ = os.environ | net.environ(client=client)
        subprocess.run([sys.executable, "-c", ASK, url], env=environ, check=True, timeout=60)
    assert [seen.client for seen in net.requests] == ["p0001", ""]


ASK = """
import sys, urllib.request
urllib.request.urlopen(sys.argv[1]).read()
"""


def test_unknown_hosts_are_strays(net: Internet, get: Get) -> None:
    """A host from which nothing is served gets 502, tunnelled or plain, and is told."""
    with pytest.raises(OSError, match="502"):
        get("https://elsewhere.example/")
    answer = get("http://nowhere.example/")
    answer.read()
    assert answer.status == 502
    assert net.strays == ["elsewhere.example", "nowhere.example"]


def test_refused_tunnels_are_no_strays(net: Internet, get: Get) -> None:
    """A host whose tunnel is refused on purpose does not spoil the test."""
    net.refuse("example.org", status=503)
    with pytest.raises(OSError, match="503"):
        get(FEED)
    assert net.strays == []


def test_broken_answers(net: Internet, get: Get) -> None:
    """Answers can come in parts, break off, or not come at all."""
    net.answer(FEED, drip(b"0123456789", parts=3, pause=0.01))
    assert get(FEED).read() == b"0123456789"
    net.answer(FEED, truncated(b"0123456789", keep=4))
    with pytest.raises((IncompleteRead, ssl.SSLError)):
        get(FEED).read()
    net.unplug()
    with pytest.raises((RemoteDisconnected, OSError)):
        get(FEED)
    net.plug()
    net.answer(FEED, Reply(status=410))
    answer = get(FEED)
    answer.read()
    assert answer.status == 410


def test_it_is_reached_without_a_proxy_too(net: Internet) -> None:
    """The box's own address is a host with a private address."""
    net.serve(f"{net.origin}/feed", "<rss/>")
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(f"{net.origin}/feed", timeout=10) as answer:
        assert answer.read() == b"<rss/>"


def test_a_mistake_in_a_handler_is_told() -> None:
    """What a handler raises is raised again when the box is cleared or closed."""

    def broken(_: object) -> Reply:
        raise KeyError("a mistake")

    box = Internet()
    with box:
        box.answer(f"{box.origin}/", broken)
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with pytest.raises(RemoteDisconnected):
            direct.open(f"{box.origin}/", timeout=10)
        with pytest.raises(KeyError, match="a mistake"):
            box.clear()


def test_clearing_forgets_everything(net: Internet, get: Get) -> None:
    """After clear() nothing is served and nothing has been asked."""
    net.serve(FEED, "<rss/>")
    get(FEED).read()
    net.clear()
    assert net.requests == []
    with pytest.raises(OSError, match="502"):
        get(FEED)
