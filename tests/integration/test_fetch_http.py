"""Feeds are asked politely and their answers judged: the fetcher against the internet in a box."""

from __future__ import annotations

import gzip
import itertools
import os
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.internet import Internet
from tests.internet_replies import Reply, Seen, bomb, drip, encoded, rate_limited, truncated
from tracker import __version__
from tracker.errors import (
    BlockedError,
    BodyTooLargeError,
    FeedGoneError,
    FetchError,
    NetworkError,
    RateLimitedError,
    StatusError,
    UnsafeRedirectError,
)
from tracker.models import Answer, Door, Failure, Fetched, HttpSettings, Request
from tracker.poll.fetch import Fetcher, HostClock, redact
from tracker.poll.fetch.certificates import certificate_store

SITE = "https://example.org"
FEED = f"{SITE}/feed"
RSS = b"<rss><channel><title>Notes</title></channel></rss>"
HTML = b"<!DOCTYPE html><html><title>Before you continue</title></html>"
MIB = 2**20


@pytest.fixture(autouse=True)
def _through_the_box(net: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in net.environ().items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def fetcher() -> Fetcher:
    return Fetcher(HttpSettings(host_delay=0.0, max_body=MIB), contact="https://reader.example/about")


def request(url: str = FEED, **changes: object) -> Request:
    """Make a feed's request, without a delay unless one is given."""
    values: dict[str, object] = {
        "feed": "notes",
        "door": Door.FEED,
        "url": url,
        "host": changes.get("host") or urlsplit(url).hostname,
        "delay": 0.0,
        "timeout": 10.0,
    }
    return Request(**(values | changes))  # type: ignore[arg-type]  # keywords of a test


def ask(fetcher: Fetcher, *requests: Request) -> list[Fetched]:
    """Fetch to the end."""
    return list(fetcher.fetch(requests))


def answer_to(fetcher: Fetcher, asked: Request) -> Answer:
    """Fetch what must succeed."""
    (found,) = ask(fetcher, asked)
    assert isinstance(found, Answer), found
    return found


def error_of(fetcher: Fetcher, asked: Request) -> FetchError:
    """Fetch what must fail."""
    (found,) = ask(fetcher, asked)
    assert isinstance(found, Failure), found
    assert found.error.feed == asked.feed
    return found.error


# ---------------------------------------------------------------- what is sent


def test_a_feed_comes_whole(net: Internet, fetcher: Fetcher) -> None:
    """A document arrives unpacked, with lower-case header names and the URL that was asked (M88)."""
    net.serve(FEED, RSS, content_type="application/rss+xml", etag='"1"')
    found = answer_to(fetcher, request())
    assert (found.status, found.body, found.url, found.moved_to) == (200, RSS, FEED, "")
    assert (found.headers["etag"], found.headers["content-type"]) == ('"1"', "application/rss+xml")
    assert not found.is_not_modified


def test_requests_say_who_asks_and_nothing_more(net: Internet, fetcher: Fetcher) -> None:
    """User-Agent is name, version and contact; no cookie, no Referer, no A-IM, no query of ours (M40 M49 M74 M86)."""
    net.serve(FEED, RSS, headers={"set-cookie": "id=1"})
    net.redirect(f"{SITE}/old", "/feed")
    found = ask(fetcher, request(f"{SITE}/old"), request(feed="again"))
    assert ["set-cookie" in each.headers for each in found if isinstance(each, Answer)] == [False, False]
    for seen in net.requests:
        assert seen.headers["user-agent"] == f"tracker/{__version__} (+https://reader.example/about)"
        assert set(seen.headers) == {"host", "user-agent", "accept", "accept-encoding"}
        assert (seen.headers["accept-encoding"], seen.query) == ("gzip, deflate", "")
    assert len(net.requests) == 3


def test_no_contact_no_brackets(net: Internet) -> None:
    """Without a contact the User-Agent is name and version only, and a hostile one adds no header (M49)."""
    net.serve(FEED, RSS)
    for contact in ("", "me\r\nX-Evil: 1"):
        answer_to(Fetcher(HttpSettings(host_delay=0.0), contact=contact), request())
    assert [seen.headers["user-agent"] for seen in net.requests] == [
        f"tracker/{__version__}",
        f"tracker/{__version__} (+meX-Evil: 1)",
    ]
    assert all("x-evil" not in seen.headers for seen in net.requests)


@pytest.mark.parametrize("etag", ['"abc"', 'W/"abc"', "0a1b2c", '"a,b"', '"caf\xe9"'])
def test_validators_go_back_byte_for_byte(net: Internet, fetcher: Fetcher, etag: str) -> None:
    """Weak, unquoted and odd tags and any Last-Modified are echoed exactly, and 304 is an answer (M39 M62 M76 M77)."""
    modified = "Mon, 23 Nov 2026 7:00:00 GMT"
    net.serve(FEED, RSS, etag=etag, last_modified=modified)
    first = answer_to(fetcher, request())
    second = answer_to(fetcher, request(etag=first.headers["etag"], last_modified=first.headers["last-modified"]))
    sent = net.requests[-1].headers
    assert (sent["if-none-match"], sent["if-modified-since"]) == (etag, modified)
    assert (second.status, second.is_not_modified, second.body) == (304, True, b"")


def test_a_used_handle_forgets_validators(net: Internet) -> None:
    """The next feed's request does not carry the validators of the one before (M76)."""
    hosts = [f"https://h{number}.example/feed" for number in range(3)]
    for url in hosts:
        net.serve(url, RSS)
    one_by_one = Fetcher(HttpSettings(host_delay=0.0, concurrency=1), contact="")
    ask(one_by_one, request(hosts[0], etag='"1"', last_modified="yesterday"), request(hosts[1]), request(hosts[2]))
    assert ["if-none-match" in seen.headers for seen in net.requests] == [True, False, False]
    assert ["if-modified-since" in seen.headers for seen in net.requests] == [True, False, False]


def test_validators_cannot_smuggle_headers(net: Internet, fetcher: Fetcher) -> None:
    """A stored validator with a line break in it is not sent."""
    net.serve(FEED, RSS)
    answer_to(fetcher, request(etag='"1"\r\nCookie: a=b'))
    assert {"if-none-match", "cookie"}.isdisjoint(net.requests[-1].headers)


def test_headers_that_come_twice(net: Internet, fetcher: Fetcher) -> None:
    """Lists are joined; of what can be there but once, the first counts."""
    twice = {"Cache-Control": "no-cache", "cache-control": "max-age=9", "ETag": '"1"', "etag": '"2"'}
    net.answer(FEED, Reply(body=RSS, headers=twice))
    found = answer_to(fetcher, request())
    assert (found.headers["cache-control"], found.headers["etag"]) == ("no-cache, max-age=9", '"1"')


def test_addresses_are_written_in_ascii(net: Internet, fetcher: Fetcher) -> None:
    """A URL with spaces and letters beyond ASCII is asked in its wire form and kept in its own."""
    net.serve("https://xn--bcher-kva.example/d%C3%A9j%C3%A0%20vu", RSS)
    url = "https://bücher.example/déjà vu#top"
    assert answer_to(fetcher, request(url)).url == url


@pytest.mark.parametrize("url", ["file:///etc/passwd", "nonsense", "https://", "ftp://example.org/", "https://[::1/"])
def test_other_addresses_are_not_asked(net: Internet, fetcher: Fetcher, url: str) -> None:
    """What is no web address fails alone and goes nowhere (M35)."""
    net.serve(FEED, RSS)
    bad, good = ask(fetcher, request(url, host="somewhere", feed="bad"), request())
    assert isinstance(bad, Failure)
    assert "no address" in str(bad.error)
    assert isinstance(good, Answer)
    assert [seen.url for seen in net.requests] == [FEED]


# ---------------------------------------------------------------- bodies


def deflated(data: bytes, bits: int) -> bytes:
    """Pack with zlib's container or without any."""
    packer = zlib.compressobj(wbits=bits)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(RSS)),
        ("X-GZIP", gzip.compress(RSS[:20]) + gzip.compress(RSS[20:])),
        ("gzip", gzip.compress(RSS) + bytes(8)),
        ("deflate", deflated(RSS, 15)),
        ("deflate", deflated(RSS, -15)),
        ("identity", RSS),
    ],
    ids=["gzip", "two members", "padded", "zlib", "bare deflate", "identity"],
)
def test_packed_bodies(net: Internet, fetcher: Fetcher, encoding: str, packed: bytes) -> None:
    """Gzip and deflate are unpacked in all the forms that servers send."""
    net.answer(FEED, encoded(packed, encoding))
    assert answer_to(fetcher, request()).body == RSS


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (encoded(b"\x8b\x02\x80", "br"), "unsupported encoding (br)"),
        (encoded(b"abc", "rot13"), "unsupported encoding (rot13)"),
        (encoded(gzip.compress(gzip.compress(RSS)), "gzip, gzip"), "unsupported encoding"),
        (encoded(gzip.compress(os.urandom(4000))[:2000], "gzip"), "broke off"),
        (encoded(b"\x1f\x8b\x08" + bytes(50), "gzip"), "the packing is broken"),
        (encoded(RSS, "gzip"), "the packing is broken"),
        (truncated(RSS, keep=10), "broke off"),
    ],
    ids=["brotli", "unknown", "twice", "cut gzip", "bad gzip", "not gzip", "cut"],
)
def test_unusable_bodies(net: Internet, fetcher: Fetcher, reply: Reply, said: str) -> None:
    """An encoding that was not asked for and a truncated body are failures, not half a feed (M85)."""
    net.answer(FEED, reply)
    error = error_of(fetcher, request())
    assert isinstance(error, NetworkError)
    assert said in str(error)
    assert (error.local, error.transient) == (False, True)


def test_a_bomb_stops_at_the_limit(net: Internet, fetcher: Fetcher) -> None:
    """A small answer that unpacks to a gigabyte is broken off at `max_body` (M85)."""
    net.answer(FEED, bomb(1024 * MIB))
    error = error_of(fetcher, request())
    assert isinstance(error, BodyTooLargeError)
    assert "1.049 MB" in str(error)


@pytest.mark.parametrize(("size", "is_allowed"), [(MIB, True), (MIB + 1, False)])
def test_the_limit_counts_bytes(net: Internet, fetcher: Fetcher, size: int, is_allowed: bool) -> None:
    """`max_body` bytes are allowed and one more is not (M41)."""
    net.serve(FEED, bytes(size), compress=False)
    (found,) = ask(fetcher, request())
    assert isinstance(found, Answer) is is_allowed


# ---------------------------------------------------------------- statuses


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=404, body=RSS), StatusError),
        (Reply(status=500), StatusError),
        (Reply(status=503), StatusError),
        (Reply(status=300), StatusError),
        (Reply(status=410), FeedGoneError),
        (Reply(status=401), BlockedError),
        (Reply(status=403, body=HTML), BlockedError),
        (Reply(status=200, body=HTML, headers={"cf-mitigated": "challenge"}), BlockedError),
        (rate_limited(), RateLimitedError),
        (Reply(status=503, headers={"retry-after": "120"}), RateLimitedError),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Reply) else value.__name__,
)
def test_statuses_become_errors(net: Internet, fetcher: Fetcher, reply: Reply, kind: type[StatusError]) -> None:
    """Each refusal is its own kind of error, whatever the body holds (M48 M61)."""
    net.answer(FEED, reply)
    error = error_of(fetcher, request())
    assert isinstance(error, StatusError)
    assert (type(error), error.status) == (kind, reply.status)
    assert "example.org" in str(error)
    assert error.remedy


@pytest.mark.parametrize(
    ("reply", "is_host_wide"),
    [
        (Reply(status=403, headers={"server": "cloudflare"}), True),
        (Reply(status=403, body=HTML), True),
        (Reply(status=403, body=b"<Error><Code>AccessDenied</Code></Error>"), False),
        (Reply(status=401, body=HTML), False),
    ],
    ids=["cloudflare", "page", "access rule", "login"],
)
def test_a_wall_is_told_from_a_closed_door(net: Internet, fetcher: Fetcher, reply: Reply, is_host_wide: bool) -> None:
    """A 403 of Cloudflare or with a page blocks the host; a login or an access rule is one feed's (M48)."""
    net.answer(FEED, reply)
    error = error_of(fetcher, request())
    assert isinstance(error, BlockedError)
    assert error.is_host_wide is is_host_wide


@pytest.mark.parametrize("text", ["120", "Mon, 23 Nov 2026 07:00:00 GMT", "soon"])
def test_retry_after_is_passed_on_raw(net: Internet, fetcher: Fetcher, text: str) -> None:
    """What the host says of when to come back is handed on as it came (M80)."""
    net.answer(FEED, rate_limited(text))
    error = error_of(fetcher, request())
    assert isinstance(error, RateLimitedError)
    assert error.retry_after == text


def test_a_304_that_nobody_asked_for_is_no_answer(net: Internet, fetcher: Fetcher) -> None:
    """Without validators there is nothing that could be unmodified."""
    net.answer(FEED, Reply(status=304))
    error = error_of(fetcher, request())
    assert isinstance(error, StatusError)
    assert error.status == 304


def test_a_delta_is_an_answer(net: Internet, fetcher: Fetcher) -> None:
    """226 is handed on as it is: what it holds is additions (M86)."""
    net.answer(FEED, Reply(status=226, body=RSS))
    assert answer_to(fetcher, request()).status == 226


# ---------------------------------------------------------------- redirects


@pytest.mark.parametrize(
    ("chain", "moved"),
    [
        ([301], True),
        ([308, 301], True),
        ([302], False),
        ([301, 302], False),
        ([307, 308], False),
        ([303], False),
        ([301] * 5, True),
    ],
    ids=str,
)
def test_only_a_permanent_chain_is_a_move(net: Internet, fetcher: Fetcher, chain: list[int], moved: bool) -> None:
    """A new address is told only if every hop was 301 or 308, of up to five (M81 M82)."""
    urls = [FEED, *(f"https://h{number}.example/feed" for number in range(len(chain)))]
    for (url, target), status in zip(itertools.pairwise(urls), chain, strict=True):
        net.redirect(url, target, status=status)
    net.serve(urls[-1], RSS)
    found = answer_to(fetcher, request())
    assert (found.url, found.moved_to) == (urls[-1], urls[-1] if moved else "")
    assert [seen.url for seen in net.requests] == urls


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (FEED, "back to where it came from"),
        ("http://example.org/feed2", "unprotected http"),
        ("https://127.0.0.1/", "private address"),
        ("https://127.1/", "private address"),
        ("https://2130706433/", "private address"),
        ("https://0x7f.1/", "private address"),
        ("https://[::1]/", "private address"),
        ("https://[::ffff:10.0.0.1]/", "private address"),
        ("https://[fe80::1%25eth0]/", "private address"),
        ("https://169.254.169.254/latest/meta-data", "private address"),
        ("https://192.168.0.1:8443/", "private address"),
        ("https://localhost./", "private address"),
        ("https://printer.local/", "private address"),
        ("https://１２７.0.0.1/", "private address"),
        ("file:///etc/passwd", "no web address"),
        ("javascript:alert(1)", "no web address"),
        ("https://[::1", "no address"),
        ("/a\tb", "control characters"),
    ],
)
def test_unsafe_redirects_are_not_followed(net: Internet, fetcher: Fetcher, target: str, said: str) -> None:
    """Loops, lost TLS, private addresses in any spelling and other schemes are refused on every hop (M82)."""
    net.redirect(FEED, "/second", status=302)
    net.answer(f"{SITE}/second", Reply(status=302, headers={"location": target.encode().decode("latin-1")}))
    error = error_of(fetcher, request())
    assert isinstance(error, UnsafeRedirectError)
    assert said in str(error)
    assert [seen.path for seen in net.requests] == ["/feed", "/second"]
    assert net.strays == []


def test_six_redirects_are_one_too_many(net: Internet, fetcher: Fetcher) -> None:
    """Five redirects are followed, the sixth is not (M82)."""
    for number in range(7):
        net.redirect(f"{SITE}/{number}", f"/{number + 1}")
    error = error_of(fetcher, request(f"{SITE}/0"))
    assert isinstance(error, UnsafeRedirectError)
    assert [seen.path for seen in net.requests] == [f"/{number}" for number in range(6)]


def test_a_redirect_without_a_target_is_a_status(net: Internet, fetcher: Fetcher) -> None:
    """A 302 that does not say where to is told as what it is."""
    net.answer(FEED, Reply(status=302))
    error = error_of(fetcher, request())
    assert isinstance(error, StatusError)
    assert error.status == 302


def test_a_redirect_does_not_log_us_in(net: Internet, fetcher: Fetcher) -> None:
    """User and password in a Location are dropped."""
    net.redirect(FEED, "https://user:secret@example.net/feed")
    net.serve("https://example.net/feed", RSS)
    assert answer_to(fetcher, request()).url == "https://example.net/feed"
    assert "authorization" not in net.requests[-1].headers


def test_a_configured_private_address_is_asked(
    net: Internet, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home server that was named is asked, and may redirect to itself."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    net.redirect(f"{net.origin}/old", "/feed")
    net.serve(f"{net.origin}/feed", RSS)
    found = answer_to(fetcher, request(f"{net.origin}/old"))
    assert (found.body, found.moved_to) == (RSS, f"{net.origin}/feed")


def test_a_name_that_leads_home_is_refused(net: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a proxy a redirect's name is refused for its address, before anything is sent to it (M82).

    A connection that is still open from when the same host was asked on purpose makes no difference,
    nor does the refusal to the next one who asks it on purpose.
    """
    home = f"http://home.localhost:{urlsplit(net.origin).port}/feed"
    monkeypatch.setenv("no_proxy", "localhost")
    monkeypatch.setattr("tracker.poll.fetch.redirects.is_private_host", lambda host: host == "home")
    net.serve(home, RSS)
    net.redirect("http://example.org/feed", home)
    fetcher = Fetcher(HttpSettings(host_delay=0.0, concurrency=1), contact="")
    asked = (request(home, host="first.example"), request("http://example.org/feed"), request(home))
    before, led, after = ask(fetcher, *asked)
    assert isinstance(before, Answer)
    assert isinstance(led, Failure)
    assert isinstance(led.error, UnsafeRedirectError)
    assert isinstance(after, Answer)
    assert [seen.url for seen in net.requests] == [home, "http://example.org/feed", home]


def test_a_consent_page_is_no_feed(net: Internet, fetcher: Fetcher) -> None:
    """A redirect to another host that ends in a web page is a login, and the URL is not touched (M23)."""
    net.redirect(FEED, "https://consent.example.com/m?continue=x", status=301)
    net.serve("https://consent.example.com/m", HTML, content_type="text/html")
    error = error_of(fetcher, request())
    assert "consent or login page" in str(error)
    assert "consent.example.com" in str(error)


def test_a_feed_under_a_wrong_type_is_no_consent_page(net: Internet, fetcher: Fetcher) -> None:
    """A moved feed that is served as text/html is still taken; so is a page on the same site, for the parser."""
    net.redirect(FEED, "https://example.net/feed")
    net.serve("https://example.net/feed", b'<?xml version="1.0"?>' + RSS, content_type="text/html")
    assert answer_to(fetcher, request()).status == 200
    net.redirect(FEED, "https://www.example.org/")
    net.serve("https://www.example.org/", HTML, content_type="text/html")
    assert answer_to(fetcher, request()).body == HTML


def test_get_can_be_stopped(net: Internet, fetcher: Fetcher) -> None:
    """A person who interrupts gets an error, not an answer."""
    net.serve(FEED, RSS)
    with pytest.raises(NetworkError, match="Stopped"):
        fetcher.get(FEED, stop=lambda: True)
    assert net.requests == []


def test_a_person_may_be_led_to_a_page(net: Internet, fetcher: Fetcher) -> None:
    """`get` is for looking at what a person named: a page elsewhere is an answer, a refusal is raised."""
    net.redirect(FEED, "https://example.net/about")
    net.serve("https://example.net/about", HTML, content_type="text/html")
    assert fetcher.get(FEED).body == HTML
    net.answer(FEED, Reply(status=410))
    with pytest.raises(FeedGoneError):
        fetcher.get(FEED)


@pytest.mark.parametrize(
    ("is_redirected", "status", "is_unknown"), [(True, 404, True), (False, 404, False), (True, 500, False)]
)
def test_an_unknown_publication_is_told_so(
    net: Internet, fetcher: Fetcher, is_redirected: bool, status: int, is_unknown: bool
) -> None:
    """Substack's 302 to a name that answers 404 is "no such publication"; nothing else is (M47)."""
    first, last = "https://no-such.substack.com/feed", "https://nosuch.substack.com/feed"
    net.redirect(first, last, status=302)
    net.answer(last, Reply(status=status))
    error = error_of(fetcher, request(first if is_redirected else last))
    assert isinstance(error, StatusError)
    assert ("no such publication" in str(error)) is is_unknown


# ---------------------------------------------------------------- hosts


def overlaps(seen: list[Seen]) -> bool:
    """Tell whether any two requests were in the works at once."""
    ordered = sorted(seen, key=lambda each: each.began)
    return any(second.began < (first.ended or 0) for first, second in itertools.pairwise(ordered))


def gaps(seen: list[Seen]) -> list[float]:
    """Give the seconds between the end of each request and the next one's beginning."""
    return [second.began - (first.ended or 0) for first, second in itertools.pairwise(seen)]


def test_one_request_at_a_time_per_slot(net: Internet, fetcher: Fetcher) -> None:
    """Hosts that share a slot are asked one after the other, in order and `delay` apart (M65 M93)."""
    urls = ["https://rss.arxiv.org/rss/cs.CL", "https://export.arxiv.org/api/query", "https://arxiv.org/rss/cs.LG"]
    for url in urls:
        net.answer(url, drip(RSS, parts=3, pause=0.02))
    found = ask(fetcher, *(request(url, host="arxiv.org", delay=0.2) for url in urls))
    assert all(isinstance(each, Answer) for each in found)
    assert [seen.url for seen in net.requests] == urls
    assert not overlaps(net.requests)
    # The box sees a request's end a moment after, and its beginning a moment after, the fetcher does.
    assert min(gaps(net.requests)) > 0.15


def test_different_hosts_are_asked_at_once(net: Internet, fetcher: Fetcher) -> None:
    """Up to `concurrency` hosts are asked at the same time: each answers only when all have asked."""
    meeting = threading.Barrier(5)

    def meet(_: Seen) -> Reply:
        meeting.wait(timeout=10)
        return Reply(body=RSS)

    urls = [f"https://h{number}.example/feed" for number in range(5)]
    for url in urls:
        net.answer(url, meet)
    assert all(isinstance(each, Answer) for each in ask(fetcher, *map(request, urls)))


def test_concurrency_is_bounded(net: Internet) -> None:
    """With a concurrency of one, hosts are asked one after the other."""
    urls = [f"https://h{number}.example/feed" for number in range(4)]
    for url in urls:
        net.answer(url, drip(RSS, parts=2, pause=0.02))
    ask(Fetcher(HttpSettings(host_delay=0.0, concurrency=1), contact=""), *map(request, urls))
    assert len(net.requests) == 4
    assert not overlaps(net.requests)


@pytest.mark.parametrize(
    ("target", "is_same_slot"),
    [("https://rss.arxiv.org/rss/cs.CL", True), ("https://elsewhere.example/feed", False)],
)
def test_a_redirect_waits_for_its_own_host(net: Internet, fetcher: Fetcher, target: str, is_same_slot: bool) -> None:
    """A hop takes the slot of the host it leads to, arXiv's hosts being one (M65)."""
    net.redirect("https://arxiv.org/rss/cs.CL", target)
    net.serve(target, RSS)
    clock = HostClock()
    found = Fetcher(HttpSettings(host_delay=0.0), contact="", hosts=clock)
    answer_to(found, request("https://arxiv.org/rss/cs.CL", host="arxiv.org", delay=0.2))
    assert set(clock.times()) == ({"arxiv.org"} if is_same_slot else {"arxiv.org", "elsewhere.example"})
    assert (gaps(net.requests)[0] > 0.15) is is_same_slot


def test_the_delay_holds_from_one_command_to_the_next(net: Internet) -> None:
    """What host_times() gives makes the next Fetcher wait; a clock set back makes it wait once, not for ever (M93)."""
    net.serve(FEED, RSS)
    first = Fetcher(HttpSettings(host_delay=0.0), contact="")
    answer_to(first, request())
    for stored in (first.host_times(), {"example.org": datetime.now(UTC) + timedelta(days=400)}):
        net.requests.clear()
        again = Fetcher(HttpSettings(host_delay=0.0), contact="", hosts=stored)
        started = datetime.now(UTC)
        answer_to(again, request(delay=0.3))
        assert net.requests[0].at - started > timedelta(seconds=0.15)
    long_ago = Fetcher(HttpSettings(), contact="", hosts={"example.org": datetime(2026, 1, 1, tzinfo=UTC)})
    assert answer_to(long_ago, request(delay=300)).status == 200


@pytest.mark.parametrize(
    ("reply", "kind"),
    [(rate_limited("600"), RateLimitedError), (Reply(status=403, body=HTML), BlockedError)],
    ids=["429", "403"],
)
def test_a_host_that_wants_peace_gets_it(
    net: Internet, fetcher: Fetcher, reply: Reply, kind: type[StatusError]
) -> None:
    """After a 429 or a block nothing more of the slot is sent; other hosts go on (M21 M48)."""
    net.answer("https://a.substack.com/feed", reply)
    net.serve("https://b.substack.com/feed", RSS)
    net.serve(FEED, RSS)
    slot = {"host": "substack.com"}
    blocked = request("https://a.substack.com/feed", feed="a", **slot)
    spared = request("https://b.substack.com/feed", feed="b", **slot)
    found = {each.request.feed: each for each in ask(fetcher, blocked, spared, request())}
    assert isinstance(found["notes"], Answer)
    first, second = found["a"], found["b"]
    assert isinstance(first, Failure)
    assert isinstance(second, Failure)
    assert (first.was_sent, second.was_sent) == (True, False)
    assert isinstance(second.error, kind)
    assert second.error.retry_after == reply.headers.get("retry-after", "")
    assert "left alone" in str(second.error)
    assert net.requests_to("b.substack.com") == []


def test_one_closed_feed_does_not_close_its_host(net: Internet, fetcher: Fetcher) -> None:
    """A login wanted for one feed does not keep the host's others from being asked."""
    net.answer(f"{SITE}/private", Reply(status=401))
    net.serve(FEED, RSS)
    _, other = ask(fetcher, request(f"{SITE}/private"), request())
    assert isinstance(other, Answer)


# ---------------------------------------------------------------- time


@pytest.mark.parametrize(
    "reply", [Reply(hang=True), drip(RSS, parts=40, pause=0.1)], ids=["silent", "one byte at a time"]
)
def test_the_deadline_is_for_the_whole_request(net: Internet, fetcher: Fetcher, reply: Reply) -> None:
    """A host that says nothing, or a little for ever, is left after `timeout` seconds (M67)."""
    net.answer(FEED, reply)
    error = error_of(fetcher, request(timeout=0.5))
    assert isinstance(error, NetworkError)
    assert "within 0.5 s" in str(error)
    assert not error.local


def test_time_spent_elsewhere_is_not_the_hosts(net: Internet, fetcher: Fetcher) -> None:
    """While the caller stores one answer, another host's deadline stands still: it has answered in time."""
    net.serve(FEED, RSS)
    is_back = threading.Event()

    def halves() -> Iterator[bytes]:
        yield RSS[:10]
        is_back.wait(10)
        yield RSS[10:]

    net.answer("https://late.example/feed", Reply(body=halves()))
    answers = fetcher.fetch([request(), request("https://late.example/feed", timeout=0.4)])
    assert next(answers).request.url == FEED
    threading.Event().wait(0.6)  # longer than the other one's deadline
    is_back.set()
    assert isinstance(next(answers), Answer)


def test_large_answers_take_turns(net: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that would need too much room together wait for one another, and all of them come whole."""
    monkeypatch.setattr("tracker.poll.fetch.http.ROOM", MIB)
    hosts = [f"https://big{number}.example/feed" for number in range(6)]
    for url in hosts:
        net.answer(url, Reply(body=[RSS, bytes(MIB), bytes(MIB)]))
    fetcher = Fetcher(HttpSettings(host_delay=0.0, max_body=3 * MIB), contact="")
    found = ask(fetcher, *map(request, hosts))
    assert [len(each.body) for each in found if isinstance(each, Answer)] == [len(RSS) + 2 * MIB] * 6


def test_redirects_share_the_deadline(net: Internet, fetcher: Fetcher) -> None:
    """Slow hops add up: the second has only what the first has left."""
    slow = drip(b"moved", parts=2, pause=0.2)
    net.answer(FEED, Reply(status=302, headers={"location": "/next"}, body=slow.body, pause=0.2))
    net.answer(f"{SITE}/next", drip(RSS, parts=2, pause=0.2))
    assert isinstance(error_of(fetcher, request(timeout=0.6)), NetworkError)
    assert [seen.path for seen in net.requests] == ["/feed", "/next"]


def test_stopping_ends_at_once(net: Internet, fetcher: Fetcher) -> None:
    """Once asked to stop, nothing more is started or awaited; what has arrived has been given."""
    stopping = threading.Event()

    def hang(_: Seen) -> Reply:
        stopping.set()
        return Reply(hang=True)

    net.serve(FEED, RSS)
    net.answer("https://slow.example/feed", hang)
    waiting = request("https://late.example/feed", host="slow.example")
    first = request("https://slow.example/feed")
    found = list(fetcher.fetch([first, waiting, request()], stop=stopping.is_set))
    assert all(each.request.url == FEED for each in found)
    assert [seen.host for seen in net.requests if seen.host == "late.example"] == []
    assert "slow.example" in fetcher.host_times()


def test_what_has_arrived_is_given_before_the_end(net: Internet, fetcher: Fetcher) -> None:
    """An answer that came while another was stored is not thrown away by a stop: its host would be asked again."""
    is_asked, may_answer, is_sent = threading.Event(), threading.Event(), threading.Event()

    def late() -> Iterator[bytes]:
        assert may_answer.wait(10)
        yield RSS
        is_sent.set()

    def hold(_: Seen) -> Reply:
        is_asked.set()
        return Reply(body=late(), length=len(RSS))

    net.answer("https://late.example/feed", hold)
    net.answer(FEED, lambda _: Reply(body=RSS if is_asked.wait(10) else b""))
    results = fetcher.fetch([request("https://late.example/feed"), request()], stop=is_sent.is_set)
    assert next(results).request.url == FEED
    may_answer.set()
    assert is_sent.wait(10)
    assert [each.request.url for each in results] == ["https://late.example/feed"]


def test_closing_the_iterator_closes_the_connections(net: Internet, fetcher: Fetcher) -> None:
    """Dropping out of the loop breaks off what runs: the host sees its reader go."""
    started, closed = threading.Event(), threading.Event()

    def endless() -> Iterator[bytes]:
        started.set()
        try:
            yield from itertools.repeat(b"x")
        finally:
            closed.set()

    net.answer(FEED, lambda _: Reply(body=RSS if started.wait(10) else b""))
    net.answer("https://slow.example/feed", lambda _: Reply(body=endless(), pause=0.01))
    results = fetcher.fetch([request("https://slow.example/feed"), request()])
    assert isinstance(next(results), Answer)
    results.close()  # type: ignore[attr-defined]  # a generator, told as an iterator
    assert closed.wait(10)


# ---------------------------------------------------------------- the way there


def free_port() -> int:
    """Find a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def hosts(count: int) -> list[Request]:
    """Make requests to so many different hosts."""
    return [request(f"https://h{number}.example/feed", feed=f"h{number}") for number in range(count)]


def test_certificates_are_checked(net: Internet, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the authority the host is not trusted, and the error says how SSL_CERT_FILE helps."""
    net.serve(FEED, RSS)
    monkeypatch.delenv("SSL_CERT_FILE")
    error = error_of(Fetcher(HttpSettings(), contact=""), request())
    assert isinstance(error, NetworkError)
    assert "certificate" in str(error)
    assert "SSL_CERT_FILE" in error.remedy
    assert not error.local
    assert net.requests == []


@pytest.mark.parametrize(
    ("named", "cafile", "stores", "is_found"),
    [
        ("named.pem", "python.pem", ("system.pem",), "named.pem"),
        ("", "python.pem", ("missing.pem", "system.pem"), "system.pem"),
        ("", "python.pem", ("missing.pem",), "python.pem"),
        ("", "missing.pem", ("missing.pem",), "cacert.pem"),
        ("", "", (), "cacert.pem"),
    ],
)
def test_certificates_are_found(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    named: str,
    cafile: str,
    stores: tuple[str, ...],
    is_found: str,
) -> None:
    """SSL_CERT_FILE goes before the system's store, Python's and certifi's."""
    monkeypatch.chdir(tmp_path)
    for name in ("python.pem", "system.pem"):
        (tmp_path / name).touch()
    monkeypatch.setenv("SSL_CERT_FILE", named)
    paths = ssl.get_default_verify_paths()._replace(cafile=cafile)
    monkeypatch.setattr("ssl.get_default_verify_paths", lambda: paths)
    monkeypatch.setattr("tracker.poll.fetch.certificates._STORES", stores)
    assert Path(certificate_store()).name == is_found


def test_a_missing_certificate_file_is_named(net: Internet, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """A SSL_CERT_FILE that is not there is not ignored."""
    net.serve(FEED, RSS)
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    error = error_of(fetcher, request())
    assert "SSL_CERT_FILE" in error.remedy


@pytest.mark.parametrize(
    "proxy", [lambda: f"http://127.0.0.1:{free_port()}", lambda: "http://proxy.invalid:1"], ids=["closed", "unknown"]
)
def test_a_dead_proxy_is_a_local_fault(
    net: Internet, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch, proxy: Callable[[], str]
) -> None:
    """A proxy that cannot be reached is no fault of the host."""
    monkeypatch.setenv("https_proxy", proxy())
    error = error_of(fetcher, request())
    assert isinstance(error, NetworkError)
    assert error.local
    assert "proxy" in str(error)


@pytest.mark.parametrize(("status", "is_local"), [(407, True), (403, False), (502, False)])
def test_a_refused_tunnel_is_told(net: Internet, fetcher: Fetcher, status: int, is_local: bool) -> None:
    """A proxy that refuses one host is not a dead one; one that wants a login is a local matter."""
    net.refuse("example.org", status=status)
    error = error_of(fetcher, request())
    assert isinstance(error, NetworkError)
    assert error.local is is_local
    assert "proxy" in str(error)


def test_no_proxy_is_honoured(net: Internet, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host in NO_PROXY is asked without the proxy."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    net.serve(f"{net.origin}/feed", RSS)
    assert answer_to(fetcher, request(f"{net.origin}/feed")).body == RSS


def test_a_closed_port_is_the_hosts_fault(fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that takes no connections is not a network that is down."""
    monkeypatch.setenv("no_proxy", "*")
    error = error_of(fetcher, request(f"http://127.0.0.1:{free_port()}/feed"))
    assert isinstance(error, NetworkError)
    assert not error.local
    assert "takes no connections" in str(error)


def test_a_network_that_is_down_is_found_out_soon(net: Internet) -> None:
    """After three hosts in vain and none that answered, the rest is not asked: one outage, quickly told (M94)."""
    net.unplug()
    found = ask(Fetcher(HttpSettings(host_delay=0.0, concurrency=3), contact=""), *hosts(40))
    assert len(found) == 40
    failures = [each for each in found if isinstance(each, Failure)]
    assert all(isinstance(each.error, NetworkError) and each.error.local for each in failures)
    assert 3 <= sum(each.was_sent for each in failures) <= 5  # three, and what was on its way meanwhile


def test_hosts_that_cannot_be_reached_are_no_outage_while_another_answers(net: Internet, fetcher: Fetcher) -> None:
    """Dead hosts are told as what they are when any host has answered, however late (M94)."""
    for number in range(6):
        net.refuse(f"h{number}.example", status=504)
    net.answer(FEED, drip(RSS, parts=2, pause=0.2))
    found = ask(fetcher, *hosts(6), request())
    assert sum(isinstance(each, Answer) for each in found) == 1
    failures = [each for each in found if isinstance(each, Failure)]
    assert [(each.was_sent, getattr(each.error, "local", None)) for each in failures] == [(True, False)] * 6


def test_a_slow_host_shows_that_the_network_is_up(
    net: Internet, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host that is connected and takes its time for the answer counts as one that answers (M67 M94)."""
    monkeypatch.setattr("tracker.poll.fetch.run.DOWN_PATIENCE", 0.1)
    meeting = threading.Barrier(2)

    def answer(_: Seen) -> Reply:
        meeting.wait(timeout=10)
        return Reply(body=RSS)

    for number in range(3):
        net.refuse(f"h{number}.example", status=504)
    net.answer(FEED, answer)
    results = fetcher.fetch([request(), *hosts(3)])
    dead = [next(results) for _ in range(3)]
    meeting.wait(timeout=10)
    assert [getattr(each.error, "local", None) for each in dead if isinstance(each, Failure)] == [False] * 3
    assert isinstance(next(results), Answer)


def test_hosts_that_cannot_be_reached_are_an_outage_when_none_answers(net: Internet, fetcher: Fetcher) -> None:
    """A proxy without a way out refuses everybody: that is the network (M94)."""
    for number in range(3):
        net.refuse(f"h{number}.example", status=503)
    found = ask(fetcher, *hosts(3))
    assert [getattr(each.error, "local", None) for each in found if isinstance(each, Failure)] == [True] * 3


def test_nobody_waits_for_a_host_that_heard_nothing(net: Internet, fetcher: Fetcher) -> None:
    """Without a network, ten feeds of one host fail at once, not one per `delay`."""
    net.unplug()
    found = ask(fetcher, *(request(f"{SITE}/{number}", delay=3600.0) for number in range(10)))
    assert [getattr(each.error, "local", None) for each in found if isinstance(each, Failure)] == [True] * 10


def test_two_dead_hosts_alone_are_two_dead_hosts(net: Internet, fetcher: Fetcher) -> None:
    """Too few to tell: nothing is claimed about the network."""
    for number in range(2):
        net.refuse(f"h{number}.example", status=503)
    found = ask(fetcher, *hosts(2))
    assert [getattr(each.error, "local", None) for each in found if isinstance(each, Failure)] == [False] * 2


# ---------------------------------------------------------------- secrets


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pw@example.org/feed", "https://…@example.org/feed"),
        ("https://x.substack.com/feed/private/abc-123", "https://x.substack.com/feed/private/…"),
        ("https://a.example/podcast/1/private/u-u.rss?x=1", "https://a.example/podcast/1/private/…?x=1"),
        ("https://a.example/f?token=abc&page=2", "https://a.example/f?token=…&page=2"),
        ("https://a.example/f?api_key=abc&AUTH=x&sig=y", "https://a.example/f?api_key=…&AUTH=…&sig=…"),
        ("https://a.example/f?private_key=abc#top", "https://a.example/f?private_key=…"),
        ("https://a.example/f?monkey=abc&user=K", "https://a.example/f?monkey=abc&user=K"),
        (
            "https://www.youtube.com/feeds/videos.xml?playlist_id=PLx",
            "https://www.youtube.com/feeds/videos.xml?playlist_id=PLx",
        ),
        ("https://a.example/\x1b[31m\n", "https://a.example/?[31m?"),
        ("https://[::1", "…"),
    ],
)
def test_secrets_are_hidden(url: str, shown: str) -> None:
    """Userinfo, telling query values and private paths do not appear, nor do control characters (M50)."""
    assert redact(url) == shown


@pytest.mark.parametrize("reply", [Reply(status=404), Reply(status=429), truncated(RSS, keep=3), encoded(RSS, "br")])
def test_errors_tell_no_secret(net: Internet, fetcher: Fetcher, reply: Reply) -> None:
    """Neither the text nor the URL of an error holds the token of a private feed (M50)."""
    url = "https://x.substack.com/feed/private/s3cret?token=s3cret"
    net.answer(url, reply)
    net.redirect(FEED, url)
    for asked in (request(url), request(FEED)):
        error = error_of(fetcher, asked)
        assert "s3cret" not in f"{error} {error.url} {error.remedy}"
        assert "/feed/private/" in error.url
