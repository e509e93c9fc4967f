"""Decide where fetch may be sent next: one redirect's target, judged before it is asked (M82)."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import socket
import unicodedata
from collections.abc import Sequence
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from tracker.errors import UnsafeRedirectError
from tracker.poll.fetch.redact import host_of, redact

LIMIT = 5
STATUSES = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
_CONTROLS = r"[\x00-\x1f\x7f]"
_PRIVATE_NAMES = r"(^|\.)(localhost|local|localdomain|internal|intranet|lan|home|home\.arpa|corp)$"
_PLAIN = re.compile(  # ports below 60,000, since those above 65,535 are none
    r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[1-5]?[1-9][0-9]{0,3})?"
    r"/[A-Za-z0-9/_.~:@!$&'()*+,;=%-]*(?:\?[A-Za-z0-9/_.~?:@!$&'()*+,;=%|-]+)?"
)


def judge(urls: Sequence[str], location: str, *, peer: str) -> tuple[str, bool]:
    """Say where a redirect leads after `urls`, and whether private addresses may be asked there.

    `peer` is the IP address that answered. Raises UnsafeRedirectError (M82).
    """
    current = urls[-1]
    target = without_userinfo(follow(current, location))
    if target in urls:
        raise unsafe(current, "leads back to where it came from")
    if len(urls) > LIMIT:
        raise unsafe(current, f"is one more than the {LIMIT} that are followed")
    may_be_private = (is_private_address(peer) if peer else False) or is_private_host(host_of(current))
    if not may_be_private and is_private_host(host_of(target)):
        raise unsafe(current, f"leads to a private address ({redact(target)})")
    return target, may_be_private


def follow(current: str, location: str) -> str:
    """Give the absolute URL that a redirect leads to.

    Raises UnsafeRedirectError for anything but http and https, and for https → http.
    """
    if re.search(_CONTROLS, location):
        raise unsafe(current, "leads to an address with control characters in it")
    with contextlib.suppress(UnicodeError):
        location = location.encode("latin-1").decode()  # servers put raw UTF-8 there
    try:
        target = ascii_url(urljoin(current, location.strip()))
    except ValueError:
        raise unsafe(current, "leads to something that is no address") from None
    scheme, was = urlsplit(target).scheme, urlsplit(current).scheme
    if scheme not in ("http", "https") or not host_of(target):
        raise unsafe(current, f"leads to {redact(target)}, which is no web address")
    if was == "https" and scheme == "http":
        raise unsafe(current, f"leads from https to unprotected http ({redact(target)})")
    return target


def is_plain(url: str) -> bool:
    """Tell whether a URL is a web address that `ascii_url` leaves as it is: nearly all are, and that costs 15 µs."""
    return _PLAIN.fullmatch(url) is not None


def ascii_url(url: str) -> str:
    """Write a URL as it goes over the wire: ASCII host and percent-encoded rest, no fragment.

    Userinfo is kept as it is. Raises ValueError for what is no URL.
    """
    parts = urlsplit(url)
    userinfo, at, _ = parts.netloc.rpartition("@")
    host = parts.hostname or ""
    if not host.isascii():
        host = unicodedata.normalize("NFKC", host).encode("idna").decode("ascii")
    netloc = f"{userinfo}{at}{f'[{host}]' if ':' in host else host}" + (f":{parts.port}" if parts.port else "")
    path = quote(parts.path or "/", safe="/:@!$&'()*+,;=~%[]")
    query = quote(parts.query, safe="/?:@!$&'()*+,;=~%[]|")
    return urlunsplit((parts.scheme.lower(), netloc, path, query, ""))


def without_userinfo(url: str) -> str:
    """Drop user and password: a redirect does not choose what we log in as."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def is_private_host(host: str) -> bool:
    """Tell whether a host, as written, is of this machine or a private network.

    Numbers are read as connect() would read them: `127.1` and `0x7f000001` are 127.0.0.1.
    """
    name = unicodedata.normalize("NFKC", host).strip("[]").partition("%")[0].rstrip(".").lower()
    try:
        return is_private_address(str(ipaddress.ip_address(name)))
    except ValueError:
        pass
    try:
        return is_private_address(socket.inet_ntoa(socket.inet_aton(name)))
    except OSError:
        return "." not in name or re.search(_PRIVATE_NAMES, name) is not None


def is_private_address(address: str) -> bool:
    """Tell whether an IP address is anything but a public one."""
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return not (inner or found).is_global


def proxies() -> dict[str, str]:
    """Give the proxies of the environment, by scheme."""
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return {}
    from urllib.request import getproxies_environment  # with http.client and email: 10 ms of a start

    return getproxies_environment()


def is_proxied(url: str, proxies: dict[str, str]) -> bool:
    """Tell whether libcurl and urllib reach a URL through one of the proxies of the environment."""
    if not proxies:
        return False
    parts = urlsplit(url)
    # Only the lower-case name counts for http: HTTP_PROXY can be a client's header in a CGI (httpoxy).
    own = os.environ.get("http_proxy") if parts.scheme == "http" else proxies.get("https")
    if not (own or proxies.get("all")):
        return False
    from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined] # stubs: macOS only

    return not proxy_bypass_environment(parts.netloc, proxies)


def unsafe(current: str, what: str) -> UnsafeRedirectError:
    """Give the error for a redirect that is not followed; `what` completes "the redirect …"."""
    return UnsafeRedirectError(
        f"{host_of(current)} redirects to a place that is not followed: the redirect {what}.",
        url=redact(current),
        remedy="Open the address in a browser; if the feed has moved, put the new address into feeds.toml.",
    )
