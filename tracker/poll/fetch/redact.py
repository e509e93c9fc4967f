"""Keep secrets out of what fetch says: a URL as it may stand in an error, a log or an issue (M50)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

HIDDEN = "…"
_SECRET_NAMES = re.compile(
    r"token|secret|passw|passphrase|signature|session|credential|(^|[_.-])(api|access|auth|private|feed)?_?key$"
    r"|^(auth|authorization|pwd|pass|sig|sid|jwt|bearer)$|auth(_|$)",
    re.IGNORECASE,
)
_SECRET_PATH = re.compile(r"(/(?:feed/)?private/)[^/?#]+.*", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[^\x21-\x7e…]")


def redact(url: str) -> str:
    """Hide userinfo, the values of telling query names, and what follows `/private/` in the path."""
    try:
        parts = urlsplit(_UNPRINTABLE.sub("?", url))
    except ValueError:
        return HIDDEN
    _, at, host = parts.netloc.rpartition("@")
    netloc = f"{HIDDEN}@{host}" if at else host
    path = _SECRET_PATH.sub(rf"\g<1>{HIDDEN}", parts.path)
    return urlunsplit((parts.scheme, netloc, path, _redact_query(parts.query), ""))


def host_of(url: str) -> str:
    """Give a URL's host, lower-case, without port and userinfo; "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def _redact_query(query: str) -> str:
    pairs = (pair.partition("=") for pair in query.split("&")) if query else ()
    return "&".join(
        f"{name}={HIDDEN}" if value and _SECRET_NAMES.search(name) else f"{name}{equals}{value}"
        for name, equals, value in pairs
    )
