"""Hold the table of sources: what is known about kinds of resources, for `config`, `subscribe` and `poll`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from tracker.models import SourceName, Subscription
from tracker.sources.arxiv import Arxiv
from tracker.sources.base import Manners, Source, Target
from tracker.sources.substack import Substack
from tracker.sources.urls import WORK_HOSTS, canonical_url, clean_url, domain, redact, work_key
from tracker.sources.web import Web
from tracker.sources.youtube import YouTube

__all__ = (
    "SOURCES",
    "WORK_HOSTS",
    "Manners",
    "Source",
    "Target",
    "canonical_url",
    "clean_url",
    "domain",
    "infer",
    "redact",
    "source_for",
    "source_of",
    "work_key",
)

# In the order in which a URL is shown to them: web takes every http(s) URL, so it is last.
_ALL: tuple[Source, ...] = (YouTube(), Substack(), Arxiv(), Web())

SOURCES: Mapping[SourceName, Source] = MappingProxyType({source.name: source for source in _ALL})

# Which keys of a `[[feed]]` table belong to one source alone.
_KEYS: Mapping[str, SourceName] = MappingProxyType(
    {
        "playlist": SourceName.YOUTUBE,
        "channel": SourceName.YOUTUBE,
        "videos": SourceName.YOUTUBE,
        "publication": SourceName.SUBSTACK,
        "categories": SourceName.ARXIV,
        "query": SourceName.ARXIV,
        "papers": SourceName.ARXIV,
        "authors": SourceName.ARXIV,
        "url": SourceName.WEB,
    }
)


def source_for(url: str) -> Target:
    """Say what a URL, id or handle that a person typed is, without looking at the network.

    Raises ValueError with a sentence for the person when it cannot be followed (M35).
    """
    text = url.strip()
    if not text:
        raise ValueError("nothing given: expected a URL")
    for source in _ALL:
        if target := source.recognise(text):
            return target
    raise ValueError(f"{text[:80]!r} cannot be followed: expected an http(s) URL, an id or a handle")


def source_of(sub: Subscription) -> Source:
    """Give the source of a subscription."""
    return SOURCES[sub.source]


def infer(keys: Collection[str]) -> SourceName | None:
    """Say which source the keys of a `[[feed]]` table tell, None when none or several."""
    told = {_KEYS[key] for key in keys if key in _KEYS}
    return told.pop() if len(told) == 1 else None
