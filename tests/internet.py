"""Stand in for the internet, in tests and in the demo: a loopback proxy that serves scripted hosts.

    with Internet() as net:
        net.serve("https://example.org/feed", body=RSS, etag='"1"')
        subprocess.run(command, env={**os.environ, **net.environ()})
        assert [seen.status for seen in net.requests_to("example.org")] == [200]

`CONNECT` is answered with a certificate of a test authority for whatever name is asked, plain
requests through the proxy and straight ones to `net.origin` are answered too. A host that nothing
is served from gets 502 and is kept in `net.strays`. Times are those of `net.clock`.
"""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http.client import responses
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import trustme

from tests.internet_replies import Body, Handler, Reply, Seen, document


@dataclass(slots=True, kw_only=True)
class _Fault:
    """An answer that is given instead of the served one, for some time or some times."""

    reply: Reply
    times: int | None
    since: datetime | None
    until: datetime | None

    def strikes(self, now: datetime) -> bool:
        """Tell whether it holds now, and count."""
        if (self.since and now < self.since) or (self.until and now >= self.until) or self.times == 0:
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Internet:
    """The box: serve hosts, ask what was requested. Use it as a context manager."""

    def __init__(self, *, clock: Callable[[], datetime] | None = None) -> None:
        self.clock = clock or _utc_now
        self.requests: list[Seen] = []
        self.strays: list[str] = []
        self._routes: dict[str, Handler] = {}
        self._faults: dict[str, list[_Fault]] = {}
        self._hosts: set[str] = set()
        self._refused: dict[str, int] = {}
        self._swallowed: set[str] = set()
        self._bugs: list[Exception] = []
        self._authority = trustme.CA()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._now = threading.local()

    # ------------------------------------------------------------ what to serve

    def serve(
        self,
        url: str,
        body: Body = b"",
        *,
        content_type: str = "application/xml; charset=utf-8",
        etag: str = "",
        last_modified: str = "",
        headers: Mapping[str, str] | None = None,
        compress: bool = True,
    ) -> None:
        """Serve a document with real conditional answers (RFC 9110 §13).

        `etag="auto"` is a hash of the body, so that changing content changes it. A URL without a
        query answers any query that has no route of its own.
        """
        fields = {"content-type": content_type, "etag": etag, "last-modified": last_modified, **(headers or {})}
        self.answer(url, document(body, fields, compress=compress))

    def answer(self, url: str, reply: Reply | Handler) -> None:
        """Serve a scripted reply, or what a function makes of each request."""
        key = _key(url)
        self._hosts.add(urlsplit(url).netloc.lower())
        self._routes[key] = reply if callable(reply) else lambda _: reply

    def redirect(self, url: str, to: str, *, status: int = 301) -> None:
        """Serve a redirect; `to` goes into Location as it is."""
        self.answer(url, Reply(status=status, headers={"location": to}))

    def fail(
        self,
        where: str,
        reply: Reply | int,
        *,
        times: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        """Answer `where` (a URL, or a host for all of it) with this instead, so often or so long."""
        answer = Reply(status=reply) if isinstance(reply, int) else reply
        key = _key(where) if "://" in where else where
        self._hosts.add(urlsplit(where).netloc.lower() if "://" in where else where)
        self._faults.setdefault(key, []).append(_Fault(reply=answer, times=times, since=since, until=until))

    def refuse(self, host: str, *, status: int = 502) -> None:
        """Refuse tunnels to a host, as a proxy does that cannot reach it or must not."""
        self._refused[host] = status

    def swallow(self, host: str) -> None:
        """Take requests for a tunnel to a host and never answer them, as a proxy does whose own resolver hangs."""
        self._swallowed.add(host)

    def unplug(self, *, since: datetime | None = None, until: datetime | None = None) -> None:
        """Drop every connection without a word, as if the cable were out."""
        self._faults.setdefault("", []).append(_Fault(reply=Reply(), times=None, since=since, until=until))

    def plug(self) -> None:
        """Undo every `unplug`."""
        self._faults.pop("", None)

    def clear(self) -> None:
        """Empty the box: no hosts, nothing requested. Raises what a handler of the time before raised."""
        self._routes, self._faults, self._refused = {}, {}, {}
        self._hosts, self._swallowed = set(), set()
        self.requests, self.strays = [], []
        self.clock = _utc_now
        bugs, self._bugs = self._bugs, []
        if bugs:
            raise bugs[0]

    # ------------------------------------------------------------ what was asked

    def requests_to(self, host: str) -> list[Seen]:
        """Give the requests that reached a host, in order of arrival."""
        return [seen for seen in self.requests if seen.host == host]

    # ------------------------------------------------------------ how to reach it

    @property
    def origin(self) -> str:
        """A URL at which the box is reached without a proxy: a host with a private address."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def certificates(self) -> Path:
        """The test authority's certificate, in PEM."""
        return Path(self._folder.name) / "authority.pem"

    def environ(self, *, client: str = "") -> dict[str, str]:
        """Give the variables with which a program reaches this box and nothing else; `client` is then its name here."""
        origin = self.origin.replace("//", f"//{client}:name@") if client else self.origin
        proxies = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), origin)
        variables = {**proxies, "no_proxy": "", "ssl_cert_file": str(self.certificates)}
        return {name: value for lower, value in variables.items() for name in (lower, lower.upper())}

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="internet-")
        self._authority.cert_pem.write_to_path(str(self.certificates))
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._port = self._listener.getsockname()[1]
        self._spawn(self._accept)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):  # macOS: a listener is not connected
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(timeout=5)
        self._folder.cleanup()
        if self._bugs and error is None:
            raise self._bugs[0]

    # ------------------------------------------------------------ connections

    def _spawn(self, target: Callable[..., None], *args: object) -> None:
        self._threads = [each for each in self._threads if each.is_alive()]
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._spawn(self._converse, connection)

    def _begin(self, connection: socket.socket) -> None:
        # What arrives on a connection from before a `clear` belongs to the time before.
        self._now.requests = self.requests
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._open.add(connection)

    def _converse(self, connection: socket.socket) -> None:
        self._begin(connection)
        current = connection
        try:
            head = self._first(current)
            if self._fault(""):
                return
            if head.startswith("CONNECT "):
                authority = head.split()[1].lower()
                host = authority.removesuffix(":443")
                if host in self._swallowed:
                    self._closing.wait()
                    return
                status = self._refused.get(host) or (None if self._knows(host) else 502)
                connection.sendall(_tunnel(status))
                if status:
                    return
                current = self._context(host).wrap_socket(connection, server_side=True)
                with self._lock:
                    self._open.add(current)
                self._requests(current, _read_head(current), scheme="https", authority=host)
            else:
                self._requests(current, head, scheme="http", authority="")
        except (OSError, EOFError):
            pass  # the other side went away, or does not trust the authority
        except Exception as error:  # noqa: BLE001 a mistake in a test's handler is told when the box closes
            self._bugs.append(error)
        finally:
            with self._lock:
                self._open -= {connection, current}
            current.close()
            connection.close()

    def _first(self, connection: socket.socket) -> str:
        """Read how a connection begins, and who it is that makes it."""
        head = _read_head(connection)
        self._now.client = _client(head)
        return head

    def _requests(self, connection: socket.socket, head: str, *, scheme: str, authority: str) -> None:
        while True:
            seen = self._seen(connection, head, scheme=scheme, authority=authority)
            reply = self._reply(seen)
            if reply.hang:
                self._closing.wait()
                return
            seen.status = reply.status
            try:
                goes_on = self._send(connection, reply)
            finally:
                seen.ended = time.monotonic()
            if not goes_on:
                return
            head = _read_head(connection)

    def _seen(self, connection: socket.socket, head: str, *, scheme: str, authority: str) -> Seen:
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = ", ".join(filter(None, (headers.get(name.lower(), ""), value.strip())))
        parts = urlsplit(target)
        seen = Seen(
            method=method,
            scheme=parts.scheme or scheme,
            host=(authority or parts.netloc or headers.get("host", "")).lower().removesuffix(":80"),
            path=parts.path or "/",
            query=parts.query,
            headers=headers,
            body=_read(connection, int(headers.get("content-length", 0))),
            at=self.clock(),
            client=self._now.client,
        )
        with self._lock:
            self._now.requests.append(seen)
        return seen

    def _reply(self, seen: Seen) -> Reply:
        place = f"{seen.scheme}://{seen.host}{seen.path}"
        fault = self._fault(*{seen.host, seen.url, place})
        if fault:
            return fault
        handler = self._routes.get(seen.url) or self._routes.get(place)
        if handler:
            return handler(seen)
        if self._knows(seen.host):
            return Reply(
                status=404, headers={"content-type": "text/html"}, body=b"<!doctype html><title>Not found</title>"
            )
        return Reply(status=502)

    def _send(self, connection: socket.socket, reply: Reply) -> bool:
        """Send the answer; tell whether the connection can go on."""
        parts = [reply.body] if isinstance(reply.body, bytes) else reply.body
        whole = len(reply.body) if isinstance(reply.body, bytes) else None
        length = whole if reply.length is None else reply.length
        has_body = reply.status not in (204, 304)
        framing = {"transfer-encoding": "chunked"} if length is None else {"content-length": str(length)}
        phrase = responses.get(reply.status, "Unknown")
        fields = {"date": format_datetime(self.clock(), usegmt=True), **(framing if has_body else {}), **reply.headers}
        lines = [f"HTTP/1.1 {reply.status} {phrase}", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
        connection.sendall("\r\n".join(lines).encode("latin-1"))
        sent = 0
        for part in parts if has_body else ():
            if reply.pause and self._closing.wait(reply.pause):
                return False
            connection.sendall(part if length is not None else b"%x\r\n%b\r\n" % (len(part), part))
            sent += len(part)
        if has_body and length is None:
            connection.sendall(b"0\r\n\r\n")
        return not has_body or length in (None, sent)

    # ------------------------------------------------------------ what is where

    def _knows(self, host: str) -> bool:
        if host in self._hosts or host == f"127.0.0.1:{self._port}":
            return True
        with self._lock:
            self.strays.append(host)
        return False

    def _fault(self, *keys: str) -> Reply | None:
        now = self.clock()
        with self._lock:
            faults = [fault for key in keys for fault in self._faults.get(key, ())]
            return next((fault.reply for fault in faults if fault.strikes(now)), None)

    def _context(self, host: str) -> ssl.SSLContext:
        with self._lock:
            if host not in self._contexts:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                self._authority.issue_cert(host.rpartition(":")[0] or host).configure_cert(context)
                self._contexts[host] = context
            return self._contexts[host]


# ---------------------------------------------------------------- bytes


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _tunnel(status: int | None) -> bytes:
    if status is None:
        return b"HTTP/1.1 200 Connection established\r\n\r\n"
    return f"HTTP/1.1 {status} {responses[status]}\r\nContent-Length: 0\r\n\r\n".encode()


def _client(head: str) -> str:
    """Read the name by which a program logs in at this proxy."""
    found = re.search(r"^proxy-authorization: *basic (\S+)", head, re.IGNORECASE | re.MULTILINE)
    return base64.b64decode(found[1]).decode().partition(":")[0] if found else ""


def _key(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.lower(), path=parts.path or "/", fragment="").geturl()


def _read_head(connection: socket.socket) -> str:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        # One byte at a time: what follows a CONNECT is TLS and must stay in the socket.
        byte = connection.recv(1)
        if not byte:
            raise EOFError
        head += byte
    return head[:-4].decode("latin-1")


def _read(connection: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        part = connection.recv(size - len(content))
        if not part:
            raise EOFError
        content += part
    return content
