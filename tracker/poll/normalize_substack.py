"""Read a Substack post for normalize: what is its subtitle, and whether it is only a preview."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tracker.models import RawEntry, Text
from tracker.sources import canonical_url

_READ_MORE = re.compile(
    r"<p[^<>]{0,200}>\s*<a\s[^<>]{0,500}?href\s*=\s*[\"']([^\"'<>]{1,2000})[\"'][^<>]{0,500}>"
    r"\s*Read more\s*</a>\s*</p>\s*$",
    re.IGNORECASE,
)


def subtitle(raw: RawEntry) -> Text:
    """Give Substack's description; its body begins in widgets, and feedparser gives that where there is none (M45)."""
    return raw.summary if raw.summary.value.strip() != raw.content.value.strip() else Text("")


def is_paywalled(raw: RawEntry) -> bool:
    """Tell a paid post's preview by its last paragraph: nothing but "Read more", linked to the post itself (M44).

    A publication that has moved may still link to it under its old host.
    """
    found = _READ_MORE.search(raw.content.value[-4_000:])
    if found is None:
        return False
    target = found[1].replace("&amp;", "&")
    path = urlsplit(raw.link).path.rstrip("/")
    is_same_post = path.startswith("/p/") and path == urlsplit(target).path.rstrip("/")
    return is_same_post or canonical_url(target) == canonical_url(raw.link)
