"""Know the rest of the web for every stage: any RSS, Atom or JSON Feed by its URL."""

from __future__ import annotations

import re
from functools import lru_cache

from tracker.models import RawEntry, SourceName, Subscription
from tracker.sources.base import Manners, Target, host_of, slot, split

HOUR = 3600.0

_VIDEO = re.compile(r"[A-Za-z0-9_-]{11}")
_POST = re.compile(r"/p/[^/]+/?")
# Checked when feeds.toml is read, and compared with what is stored: of 10,000 feeds that costs 0.1 s each time.
_address = lru_cache(maxsize=16_384)(split)


class Web:
    """Any feed that is not one of the better known sources."""

    name = SourceName.WEB

    def recognise(self, url: str) -> Target | None:
        """See Source; every http(s) URL is one; whether a feed or a page with one, only looking tells."""
        parts = split(url)
        if parts is None:
            return None
        given = parts._replace(fragment="").geturl()
        return Target(source=SourceName.WEB, url=given, resolve=given if _POST.fullmatch(parts.path) else "")

    def target(self, sub: Subscription) -> str:
        """See Source; scheme, case of the host, "www." and a last slash do not matter."""
        parts = _address(sub.url)
        if parts is None:
            return f"url:{sub.url}"
        port = f":{parts.port}" if parts.port not in {None, 80, 443} else ""
        query = f"?{parts.query}" if parts.query else ""
        return f"url:{host_of(parts)}{port}{parts.path.rstrip('/')}{query}"

    def feed_url(self, sub: Subscription) -> str:
        """See Source."""
        return sub.url

    def listing_url(self, sub: Subscription) -> str:
        """See Source: there is none."""
        del sub
        return ""

    def site_url(self, sub: Subscription) -> str:
        """See Source; the feed itself usually knows better."""
        parts = _address(sub.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/" if parts else ""

    def manners(self, url: str) -> Manners:
        """See Source; a feed of a host that another source knows is treated as gently as there (M65)."""
        host, delay = slot(url)
        return Manners(host=host, delay=delay, timeout=None, interval=6 * HOUR)

    def entry_key(self, raw: RawEntry) -> str:
        """See Source: a video says what it is wherever it stands, of the rest only the database can tell."""
        is_video = _VIDEO.fullmatch(raw.video_id) and raw.guid == f"yt:video:{raw.video_id}"
        return f"youtube:{raw.video_id}" if is_video else ""

    def problem(self, sub: Subscription) -> str:
        """See Source (M35)."""
        if not sub.url:
            return 'needs url = "https://…"'
        if not sub.url.lower().startswith(("http://", "https://")) or _address(sub.url) is None:
            return f"{sub.url[:80]!r} is no web address: expected http:// or https:// and a host"
        return ""
