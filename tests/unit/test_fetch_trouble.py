"""libcurl's error numbers become sentences, and whose fault it is: the host's, the network's, or not clear yet."""

from __future__ import annotations

import errno
import socket

import pytest

from tracker.errors import FetchError, NetworkError
from tracker.poll.fetch.trouble import Trouble, as_own, explain

URL = "https://example.org/feed?token=s3cret"


def trouble(code: int, **values: object) -> Trouble:
    """Make a trouble of a direct request that got an address."""
    return Trouble(**{"code": code, "url": URL, "timeout": 30.0, "has_address": True} | values)  # type: ignore[arg-type]  # keywords of a test


@pytest.mark.parametrize(
    ("found", "said", "is_local", "is_doubtful"),
    [
        (trouble(5, is_proxied=True), "proxy cannot be reached", True, True),
        (trouble(7, is_proxied=True), "proxy cannot be reached", True, True),
        (trouble(7, is_proxied=True, tunnel=407), "proxy wants a login", True, True),
        (trouble(7, is_proxied=True, tunnel=403), "proxy answered 403", False, False),
        (trouble(7, is_proxied=True, tunnel=504), "proxy answered 504", False, True),
        (trouble(7, os_error=errno.ENETUNREACH), "no way out", True, True),
        (trouble(7, os_error=errno.EHOSTUNREACH), "takes no connections", False, True),
        (trouble(7, os_error=errno.ECONNREFUSED), "takes no connections", False, False),
        (trouble(28, has_address=False), "no name server answers", True, True),
        (trouble(28), "takes no connections", False, True),
        (trouble(28, has_connection=True), "within 30 s", False, False),
        (trouble(56, is_proxied=True), "proxy closed the connection", True, True),
        (trouble(56, is_proxied=True, tunnel=200), "broke off", False, False),
        (trouble(18), "broke off", False, False),
        (trouble(35), "certificate", False, False),
        (trouble(60), "certificate", False, False),
        (trouble(77), "file of certificates", False, False),
        (trouble(43), "libcurl error 43", False, False),
    ],
    ids=lambda value: str(value.code) if isinstance(value, Trouble) else None,
)
def test_troubles_are_told(found: Trouble, said: str, is_local: bool, is_doubtful: bool) -> None:
    """Each number gives a sentence with the host, a remedy, and no secret (M50)."""
    verdict = explain(found)
    assert isinstance(verdict.error, NetworkError)
    assert said in str(verdict.error)
    assert (verdict.error.local, verdict.is_doubtful) == (is_local, is_doubtful)
    assert str(verdict.error).startswith("example.org ")
    assert verdict.error.remedy
    assert "s3cret" not in f"{verdict.error} {verdict.error.url}"


def test_what_is_no_address_is_no_network_error() -> None:
    """A URL that libcurl cannot read is a mistake in feeds.toml."""
    error = explain(trouble(3)).error
    assert type(error) is FetchError
    assert "feeds.toml" in error.remedy


@pytest.mark.parametrize(
    ("milliseconds", "answer", "is_local"),
    [
        (20, socket.EAI_NONAME, False),
        (20, socket.EAI_AGAIN, True),
        (20, socket.EAI_FAIL, True),
        (20, None, False),
        (9000, socket.EAI_NONAME, True),
    ],
    ids=["no such host", "temporary", "failing", "known after all", "slow"],
)
def test_a_missing_name_is_told_from_a_missing_name_server(
    monkeypatch: pytest.MonkeyPatch, milliseconds: int, answer: int | None, is_local: bool
) -> None:
    """One unknown host is its own fault; a resolver that does not answer is ours."""

    def resolve(_host: str, _port: None) -> list[object]:
        if answer is not None:
            raise socket.gaierror(answer, "said the resolver")
        return []

    monkeypatch.setattr("socket.getaddrinfo", resolve)
    verdict = explain(trouble(6, has_address=False, milliseconds=milliseconds))
    assert isinstance(verdict.error, NetworkError)
    assert (verdict.error.local, verdict.is_doubtful) == (is_local, True)


def test_a_name_that_hangs_beside_others_is_its_hosts_trouble() -> None:
    """Once others are reached, a failure before the host is the host's own, and counts for its feed (M94)."""
    error = as_own(explain(trouble(28, has_address=False)).error)
    assert isinstance(error, NetworkError)
    assert not error.local
    assert str(error) == "example.org was not asked: no name server answers, although others are reached."
    broken = explain(trouble(18)).error
    assert as_own(broken) is broken
