"""Ask one URL once: a hop of fetch, with pycurl handles in one CurlMulti (design: fetching)."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pycurl

from tracker.errors import BodyTooLargeError, FetchError, NetworkError, UnsafeRedirectError
from tracker.poll.fetch.body import Body, BodyError, TooLarge
from tracker.poll.fetch.redact import host_of, redact
from tracker.poll.fetch.redirects import is_private_address, is_proxied
from tracker.poll.fetch.trouble import Trouble, Verdict, explain

CONNECT_TIMEOUT = 10.0
_STORES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Arch, Gentoo
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, Alpine, BSD
)
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t\r\n]*\Z", re.DOTALL)
_UNSENDABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]|[^\x00-\xff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One request to one URL (ASCII, http or https).

    Validators go out byte for byte (M76). `is_guarded` refuses addresses that are not public.
    """

    url: str
    timeout: float
    etag: str = ""
    last_modified: str = ""
    is_guarded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HopAnswer:
    """What came back. `peer` is the address that answered, "" behind a proxy."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    peer: str


@dataclass(slots=True, kw_only=True, eq=False)
class _Transfer:
    hop: Hop
    token: Any
    body: Body
    is_proxied: bool
    began: float = field(default_factory=time.monotonic)
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    has_body: bool = False
    body_error: BodyError | None = None
    refused: str = ""

    def on_header(self, line: bytes) -> None:
        """Take one line; a status line begins a new set (after 1xx, or a proxy's CONNECT answer)."""
        if line.startswith(b"HTTP/"):
            self.headers = {}
            return
        found = _HEADER.match(line)
        if found:
            name = found[1].decode("ascii").lower()
            value = found[2].decode("latin-1")
            if name in self.headers and name in ("cache-control", "link"):
                value = f"{self.headers[name]}, {value}"
            elif name in self.headers:
                return
            if name != "set-cookie":  # no cookie is kept (M40)
                self.headers[name] = value

    def on_body(self, data: bytes) -> int:
        """Take bytes; a short count makes libcurl give up (an exception here would only be printed)."""
        try:
            if not self.has_body:
                self.has_body = True
                self.body.expect(self.headers.get("content-encoding", ""))
            self.body.add(data)
        except BodyError as error:
            self.body_error = error
            return -1
        return len(data)

    def on_socket(self, _: int, address: tuple[int, int, int, tuple[Any, ...]]) -> socket.socket | int:
        """Open a socket unless the name has led to an address that is not public."""
        family, kind, protocol, where = address
        if is_private_address(str(where[0])):
            self.refused = str(where[0])
            return int(pycurl.SOCKET_BAD)
        return socket.socket(family, kind, protocol)


class Transfers:
    """Running hops. `start` some, `run` a little, take what is `finished`."""

    def __init__(self, *, user_agent: str, max_body: int) -> None:
        self._multi = pycurl.CurlMulti()
        self._idle: list[pycurl.Curl] = []
        self._active: dict[pycurl.Curl, _Transfer] = {}
        self._finished: list[tuple[Any, HopAnswer | Verdict]] = []
        self._user_agent = _UNSENDABLE.sub("", user_agent).encode("latin-1")
        self._max_body = max_body
        self._store = certificate_store()

    def __len__(self) -> int:
        return len(self._active)

    def start(self, hop: Hop, token: Any) -> None:
        """Begin a hop; its answer comes out of `finished` with the token."""
        transfer = _Transfer(hop=hop, token=token, body=Body(self._max_body), is_proxied=is_proxied(hop.url))
        handle = self._idle.pop() if self._idle else pycurl.Curl()
        self._configure(handle, transfer)
        self._active[handle] = transfer
        self._multi.add_handle(handle)

    def run(self, seconds: float) -> None:
        """Let the transfers go on, and wait up to so long for something to happen."""
        self._perform()
        if self._active and not self._finished and seconds > 0:
            if self._multi.select(seconds) == -1:
                time.sleep(min(seconds, 0.01))  # libcurl has no socket yet (a name is being resolved)
            self._perform()

    def finished(self) -> Iterator[tuple[Any, HopAnswer | Verdict]]:
        """Give each finished hop's token with its answer, or with the error and its doubt."""
        while self._finished:
            yield self._finished.pop(0)

    def has_got_through(self) -> bool:
        """Tell whether any running hop has a connection to its host itself, not only to a proxy."""
        return any(
            handle.getinfo(pycurl.APPCONNECT_TIME) > 0
            or (handle.getinfo(pycurl.CONNECT_TIME) > 0 and not transfer.is_proxied)
            for handle, transfer in self._active.items()
        )

    def cancel(self) -> Iterator[Any]:
        """Break off every running hop; gives their tokens."""
        for handle, transfer in list(self._active.items()):
            self._release(handle)
            yield transfer.token

    def close(self) -> None:
        """Close everything."""
        for _ in self.cancel():
            pass
        for handle in self._idle:
            handle.close()
        self._idle.clear()
        self._multi.close()

    def _configure(self, handle: pycurl.Curl, transfer: _Transfer) -> None:
        hop = transfer.hop
        options: dict[int, Any] = {
            pycurl.URL: hop.url.encode("ascii"),
            pycurl.NOSIGNAL: 1,
            pycurl.FOLLOWLOCATION: 0,
            pycurl.PROTOCOLS: pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS,
            pycurl.TIMEOUT_MS: max(1, int(hop.timeout * 1000)),
            pycurl.CONNECTTIMEOUT_MS: max(1, int(min(hop.timeout, CONNECT_TIMEOUT) * 1000)),
            pycurl.USERAGENT: self._user_agent,
            pycurl.HTTPHEADER: _headers(hop),
            pycurl.HEADERFUNCTION: transfer.on_header,
            pycurl.WRITEFUNCTION: transfer.on_body,
        }
        if self._store:
            options |= {pycurl.CAINFO: self._store, pycurl.PROXY_CAINFO: self._store}
        if hop.is_guarded and not transfer.is_proxied:
            # A connection kept from an earlier, configured host would not come past `on_socket`.
            options |= {pycurl.OPENSOCKETFUNCTION: transfer.on_socket, pycurl.FRESH_CONNECT: 1}
        for option, value in options.items():
            handle.setopt(option, value)

    def _perform(self) -> None:
        self._multi.perform()
        waiting = 1
        while waiting:
            waiting, good, bad = self._multi.info_read()
            for handle in good:
                self._finish(handle, 0)
            for handle, code, _ in bad:
                self._finish(handle, code)

    def _finish(self, handle: pycurl.Curl, code: int) -> None:
        transfer = self._active[handle]
        outcome = _outcome(handle, transfer, code)
        self._release(handle)
        self._finished.append((transfer.token, outcome))

    def _release(self, handle: pycurl.Curl) -> None:
        self._multi.remove_handle(handle)
        del self._active[handle]
        # A handle remembers what it was told; even an empty header list keeps the former validators.
        handle.reset()
        self._idle.append(handle)


def certificate_store() -> str:
    """Find the file of trusted certificates: SSL_CERT_FILE, else the system's, else certifi's.

    libcurl reads none of them by itself when it comes in a wheel.
    """
    named = os.environ.get("SSL_CERT_FILE")
    if named:
        return named
    for path in (ssl.get_default_verify_paths().cafile, *_STORES):
        if path and Path(path).is_file():
            return path
    with contextlib.suppress(ImportError):  # certifi is a dependency, but distributions drop it
        import certifi

        return certifi.where()
    return ""


def _headers(hop: Hop) -> list[bytes]:
    """Give what goes beyond libcurl's own: no cookie, no referer, no A-IM (M74, M86)."""
    fields = {
        "Accept-Encoding": "gzip, deflate",
        "If-None-Match": hop.etag,
        "If-Modified-Since": hop.last_modified,
    }
    return [
        f"{name}: {value}".encode("latin-1")
        for name, value in fields.items()
        if value and not _UNSENDABLE.search(value)
    ]


def _outcome(handle: pycurl.Curl, transfer: _Transfer, code: int) -> HopAnswer | Verdict:
    url = transfer.hop.url
    if transfer.body_error is not None:
        return Verdict(_body_error(transfer.body_error, url))
    if transfer.refused:
        return Verdict(_refused(url))
    if code:
        return explain(_trouble(handle, transfer, code))
    try:
        content = transfer.body.finish()
    except BodyError as error:
        return Verdict(_body_error(error, url))
    peer = "" if transfer.is_proxied else str(handle.getinfo(pycurl.PRIMARY_IP))
    return HopAnswer(
        status=int(handle.getinfo(pycurl.RESPONSE_CODE)), headers=transfer.headers, body=content, peer=peer
    )


def _trouble(handle: pycurl.Curl, transfer: _Transfer, code: int) -> Trouble:
    return Trouble(
        code=code,
        url=transfer.hop.url,
        timeout=transfer.hop.timeout,
        is_proxied=transfer.is_proxied,
        has_address=handle.getinfo(pycurl.NAMELOOKUP_TIME) > 0,
        has_connection=handle.getinfo(pycurl.CONNECT_TIME) > 0,
        tunnel=int(handle.getinfo(pycurl.HTTP_CONNECTCODE)),
        os_error=int(handle.getinfo(pycurl.OS_ERRNO)),
        milliseconds=int((time.monotonic() - transfer.began) * 1000),
    )


def _body_error(error: BodyError, url: str) -> FetchError:
    text = f"The answer of {host_of(url)} {error}."
    if isinstance(error, TooLarge):
        return BodyTooLargeError(
            text, url=redact(url), remedy="If the feed is really that large, raise `max_body` in [http]."
        )
    return NetworkError(text, url=redact(url), remedy="It is tried again later.")


def _refused(url: str) -> FetchError:
    text = f"A redirect leads to {host_of(url)}, which is a private address; that is not followed."
    return UnsafeRedirectError(text, url=redact(url), remedy="If that is meant, put the new address into feeds.toml.")
