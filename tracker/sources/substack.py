"""Know Substack for every stage: a publication → /feed.

Facts: spec M39 to M50. A publication on its own domain cannot be told from its URL; `subscribe` sees it in the page.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult

from tracker.models import RawEntry, SourceName, Subscription
from tracker.sources.base import Manners, Target, host_of, slot, split

HOUR = 3600.0

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
# Substack's own servers; every other subdomain is a publication ("on" and "read" are).
_RESERVED = frozenset(("api", "open", "cdn", "support", "email", "www"))


class Substack:
    """Substack publications, on substack.com or on their own domain."""

    name = SourceName.SUBSTACK

    def recognise(self, url: str) -> Target | None:
        """See Source; a private feed (with a token in its path) is left to `web`, which keeps the URL whole."""
        parts = split(url)
        if parts is None:
            return None
        host = host_of(parts)
        if host in {"substack.com", "open.substack.com"}:
            return _from_app(parts)
        name, dot, rest = host.partition(".")
        if f"{dot}{rest}" != ".substack.com" or name in _RESERVED or parts.path.startswith("/feed/private"):
            return None
        return Target(source=SourceName.SUBSTACK, publication=f"https://{name}.substack.com")

    def target(self, sub: Subscription) -> str:
        """See Source; scheme, case, "www." and slashes do not matter."""
        parts = split(sub.publication)
        return f"publication:{host_of(parts)}{_path(parts)}" if parts else f"publication:{sub.publication}"

    def feed_url(self, sub: Subscription) -> str:
        """See Source."""
        return f"{self.site_url(sub)}/feed"

    def listing_url(self, sub: Subscription) -> str:
        """See Source: there is none."""
        del sub
        return ""

    def site_url(self, sub: Subscription) -> str:
        """See Source."""
        parts = split(sub.publication)
        return f"{parts.scheme}://{parts.netloc}{_path(parts)}" if parts else ""

    def manners(self, url: str) -> Manners:
        """See Source; `no-cache` means revalidate, not poll now (M39)."""
        host, delay = slot(url)
        return Manners(host=host, delay=delay, timeout=None, interval=4 * HOUR)

    def entry_key(self, raw: RawEntry) -> str:
        """See Source: only the database can tell."""
        del raw
        return ""

    def problem(self, sub: Subscription) -> str:
        """See Source (M35)."""
        if not sub.publication:
            return 'needs publication = "https://name.substack.com"'
        parts = split(sub.publication)
        if parts is None:
            return f'{sub.publication[:80]!r} is no web address: expected "https://name.substack.com"'
        if host_of(parts) in {"substack.com", "open.substack.com"}:
            return f"that is a page of the Substack app: run `tracker subscribe {sub.publication[:120]}`"
        return ""


def _from_app(parts: SplitResult) -> Target | None:
    """Recognise a publication or an author in the app's URLs."""
    segments = [each for each in parts.path.split("/") if each]
    if len(segments) > 1 and segments[0] == "pub" and _NAME.fullmatch(segments[1].lower()):
        return Target(source=SourceName.SUBSTACK, publication=f"https://{segments[1].lower()}.substack.com")
    handle = segments[0].removeprefix("@").lower() if segments and segments[0].startswith("@") else ""
    if _NAME.fullmatch(handle):
        return Target(
            source=SourceName.SUBSTACK,
            publication=f"https://{handle}.substack.com",
            note="An author's page names no newsletter; the one of the same name is tried.",
        )
    raise ValueError(
        "that is a page of the Substack app, not a newsletter: open the newsletter and give its own address "
        "(https://name.substack.com)"
    )


def _path(parts: SplitResult) -> str:
    """Keep a publication's path, if any, without what leads into it."""
    return re.sub(r"/(?:feed|archive|about|p/[^/]*)?/*$", "", parts.path)
