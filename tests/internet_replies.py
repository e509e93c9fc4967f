"""Make the answers that the internet in a box gives: documents with conditions, and every kind of trouble."""

from __future__ import annotations

import gzip
import hashlib
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl

MIB = 2**20


@dataclass(slots=True, kw_only=True)
class Seen:
    """A request that arrived: header names are lower-case, `query` is as sent.

    `began` and `ended` are monotonic seconds; `status` and `ended` are set once it is answered. `client` is the name
    with which the program that asked has logged in at the proxy.
    """

    method: str
    scheme: str
    host: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    at: datetime
    client: str = ""
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None
    status: int | None = None

    @property
    def url(self) -> str:
        """The whole URL that was asked for."""
        return f"{self.scheme}://{self.host}{self.path}" + (f"?{self.query}" if self.query else "")

    @property
    def params(self) -> dict[str, str]:
        """The decoded query; the last value of a repeated name."""
        return dict(parse_qsl(self.query, keep_blank_values=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer. A body in parts goes out chunked, `pause` seconds before each part.

    `length` is the Content-Length to announce; more than there is breaks the answer off.
    `hang` never answers.
    """

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    pause: float = 0.0
    hang: bool = False


Handler = Callable[[Seen], Reply]
Body = bytes | str | Callable[[Seen], bytes | str]


def document(body: Body, fields: Mapping[str, str], *, compress: bool = True) -> Handler:
    """Make a handler that serves a document with real conditional answers (RFC 9110 §13).

    An `etag` field of "auto" becomes a hash of the body.
    """

    def handler(seen: Seen) -> Reply:
        content = _content(body, seen)
        headers = {name: value for name, value in fields.items() if value}
        if headers.get("etag") == "auto":
            headers["etag"] = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        if _is_current(seen, etag=headers.get("etag", ""), last_modified=headers.get("last-modified", "")):
            headers.pop("content-type", None)
            return Reply(status=304, headers=headers)
        if compress and "gzip" in seen.headers.get("accept-encoding", ""):
            packed = {**headers, "content-encoding": "gzip", "vary": "accept-encoding"}
            return Reply(body=gzip.compress(content, mtime=0), headers=packed)
        return Reply(body=content, headers=headers)

    return handler


def drip(body: bytes, *, parts: int = 10, pause: float = 0.2) -> Reply:
    """Make an answer that comes in so many parts, `pause` seconds before each."""
    size = max(1, -(-len(body) // parts))
    return Reply(body=[body[start : start + size] for start in range(0, len(body), size)], pause=pause)


def truncated(body: bytes, *, keep: int) -> Reply:
    """Announce the whole body and break off after `keep` bytes."""
    return Reply(body=body[:keep], length=len(body), headers={"content-type": "application/xml"})


def encoded(body: bytes, encoding: str) -> Reply:
    """Claim a Content-Encoding; the bytes are as given."""
    return Reply(body=body, headers={"content-type": "application/xml", "content-encoding": encoding})


def bomb(size: int = 1024 * MIB) -> Reply:
    """Make a small gzip answer that unpacks to `size` zero bytes."""
    packer = zlib.compressobj(9, wbits=31)
    first, again = (packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    # After a full flush equal input packs to equal bytes; the sum at the end is wrong, and never reached.
    return encoded(first + again * (size // MIB - 1) + packer.flush(), "gzip")


def rate_limited(retry_after: str = "") -> Reply:
    """Make a 429, with Retry-After if given."""
    return Reply(status=429, headers={"retry-after": retry_after} if retry_after else {})


def _content(body: Body, seen: Seen) -> bytes:
    content = body(seen) if callable(body) else body
    return content.encode() if isinstance(content, str) else content


def _is_current(seen: Seen, *, etag: str, last_modified: str) -> bool:
    """Judge If-None-Match, else If-Modified-Since (RFC 9110 §13.2.2); tags compare weakly."""
    if "if-none-match" in seen.headers:
        asked = seen.headers["if-none-match"]
        tags = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
        return bool(etag) and (asked in ("*", etag) or etag.removeprefix("W/") in tags)
    since = seen.headers.get("if-modified-since", "")
    if not (since and last_modified):
        return False
    return since == last_modified or parsedate_to_datetime(since) >= parsedate_to_datetime(last_modified)
