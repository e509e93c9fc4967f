"""Say what a source must be able to tell, and hold the little that all sources share about addresses.

A source is pure knowledge about a kind of resource: no I/O, no clock, no state. `poll` asks it where to look and how
gently, `normalize` what an entry's key is, `subscribe` what a person's URL means, `config` what is wrong with a target.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from tracker.models import RawEntry, SourceName, Subscription

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_BARE = re.compile(r"(?://)?(?:[^\s/?#@:]+\.[^\s/?#@:.]+\.?|localhost)(?::\d+)?(?:[/?#]|$)", re.IGNORECASE)
_HOST_AND_PORT = re.compile(r"[a-z0-9.-]+:\d{1,5}(?:[/?#]|$)", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")  # no text that can be encoded holds one
_HOST = re.compile(r"(?:[^\s/?#@:\[\]]+|\[[0-9a-f:.]+\])", re.IGNORECASE)

# Hosts that count as one: slot name → least seconds between two requests, whatever the settings say.
# arXiv: terms of the API, all machines and services together (M65). YouTube: blocks without Retry-After (M21).
_SLOTS = {"arxiv.org": 3.0, "youtube.com": 3.0, "substack.com": 0.0}
_SLOT_ALIASES = {"youtu.be": "youtube.com", "youtube-nocookie.com": "youtube.com"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How gently an address is asked.

    `host` names the slot in which one request at a time waits, `delay` is the least number of seconds between two
    requests of the slot, `timeout` the least total seconds to allow (None: the settings' own), `interval` the least
    seconds between two polls of a feed there.
    """

    host: str
    delay: float
    timeout: float | None
    interval: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a URL given by a person turned out to be: the keys of its `[[feed]]` table.

    `resolve` is a URL whose page must be looked at before the target is known (handle, legacy name, video page, post on
    an own domain), "" when the target is complete. `videos` is () where the default stands. `note` is one sentence for
    the person.
    """

    source: SourceName
    playlist: str = ""
    channel: str = ""
    videos: tuple[str, ...] = ()
    publication: str = ""
    categories: tuple[str, ...] = ()
    query: str = ""
    papers: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    url: str = ""
    resolve: str = ""
    note: str = ""


class Source(Protocol):
    """A kind of resource; implementations are stateless and need not inherit."""

    name: SourceName

    def recognise(self, url: str) -> Target | None:
        """Look at a URL or text that a person typed, not at the network; None when it is another source's.

        Raises ValueError with a sentence for the person when it is this source's but cannot be followed.
        """

    def target(self, sub: Subscription) -> str:
        """Name what is followed, stable under spelling and order: "playlist:PL…", "categories:cs.CL+cs.LG"."""

    def feed_url(self, sub: Subscription) -> str:
        """Give the address of the document to poll."""

    def listing_url(self, sub: Subscription) -> str:
        """Give the address of the flat listing, "" without that door."""

    def site_url(self, sub: Subscription) -> str:
        """Give the page for people."""

    def manners(self, url: str) -> Manners:
        """Say how gently to ask this address."""

    def entry_key(self, raw: RawEntry) -> str:
        """Give the key that holds in every feed, "" where only the database can tell."""

    def problem(self, sub: Subscription) -> str:
        """Say what is wrong with the form of the target and what to do about it, "" for nothing."""


@lru_cache(maxsize=1024)  # a third of normalize's time: each source looks at each link
def split(text: str) -> SplitResult | None:
    """Split an http(s) URL; text that looks like `host.name/path` gets https. None for everything else."""
    text = text.strip()
    text = text if text.isascii() else _SURROGATE.sub("\ufffd", text)
    if not _SCHEME.match(text) or _is_host_and_port(text):
        if not _BARE.match(text):
            return None
        text = f"https://{text.removeprefix('//')}"
    try:
        parts = urlsplit(text)
        is_usable = parts.scheme in {"http", "https"} and _is_host(parts.hostname or "") and parts.port != 0
    except ValueError:  # unbalanced bracket, port out of range, …
        return None
    return parts if is_usable else None


@lru_cache(maxsize=1024)
def host_of(parts: SplitResult) -> str:
    """Give the host in lower case, without the root's dot and without "www."."""
    host = (parts.hostname or "").rstrip(".").lower()
    while host.startswith("www.") and host.count(".") > 1:
        host = host.removeprefix("www.")
    return host


@lru_cache(maxsize=4096)  # asked before a request and after its answer: 10 µs each
def slot(url: str) -> tuple[str, float]:
    """Give the name of the slot that requests to this address share, and its least delay in seconds (M65, M93)."""
    parts = split(url)
    if parts is None:
        return "", 0.0
    host = host_of(parts)
    for known in (*_SLOTS, *_SLOT_ALIASES):
        if host == known or host.endswith(f".{known}"):
            name = _SLOT_ALIASES.get(known, known)
            return name, _SLOTS[name]
    return (f"{host}:{parts.port}" if parts.port not in {None, 80, 443} else host), 0.0


def _is_host_and_port(text: str) -> bool:
    """Tell `localhost:8080/feed` from `mailto:someone`."""
    return _HOST_AND_PORT.match(text) is not None


def _is_host(host: str) -> bool:
    return bool(host.strip(".")) and ".." not in host and (":" in host or _HOST.fullmatch(host) is not None)
