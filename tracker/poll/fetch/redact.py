"""Keep secrets out of what fetch says: a URL as it may stand in an error, a log or an issue (M50)."""

from __future__ import annotations

from urllib.parse import urlsplit

from tracker.sources import redact

__all__ = ("host_of", "redact")


def host_of(url: str) -> str:
    """Give a URL's host, lower-case, without port and userinfo; "" where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""
