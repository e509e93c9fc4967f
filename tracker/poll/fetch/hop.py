"""Be one request to one URL on its way: what is asked, what came back, and the callbacks that take it from libcurl."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pycurl

from tracker.poll.fetch.body import Body, BodyError
from tracker.poll.fetch.names import Lookup
from tracker.poll.fetch.redirects import is_private_address

_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t\r\n]*\Z", re.DOTALL)


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
class Transfer:
    """A hop that runs: what has come of it so far.

    `began` and `paused_at` are by Attention's clock; `lookup` is the question for its addresses while that is open.
    """

    hop: Hop
    token: Any
    body: Body
    is_proxied: bool
    began: float
    lookup: Lookup | None = None
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    has_body: bool = False
    body_error: BodyError | None = None
    refused: str = ""
    paused_at: float | None = None

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
