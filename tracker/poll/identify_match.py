"""Find which stored entry each entry of a document is: the half of identify that knows keys and guids. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.models import Entry, KnownEntry, Recognised


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An entry, its key, and what the database knows of it."""

    entry: Entry
    key: str
    known: KnownEntry | None = None
    is_repeated: bool = False

    @property
    def is_here(self) -> bool:
        """Whether it appeared in this feed before."""
        return self.known is not None and self.known.guid is not None


def matches(
    entries: tuple[Entry, ...], known: Sequence[KnownEntry], *, feed: str, beside: frozenset[str]
) -> tuple[Match, ...]:
    """Match the entries with `known`, in their order; `beside` are the guids of what else the document holds."""
    by_key = {each.key: each for each in known}
    by_guid = {each.guid: each for each in known if each.guid is not None}
    guids = {entry.guid for entry in entries} | beside
    # Entries of this feed whose guid is in the document no longer: one of them may have got a new guid.
    left = [each for each in known if each.guid is not None and each.guid not in guids]
    found: list[Match] = []
    taken: set[str] = set()
    for entry in entries:
        if entry.key:
            key, stored = entry.key, by_key.get(entry.key)
        else:
            key, stored = _match_web(entry, by_key, by_guid, left, feed=feed)
        if stored in left:
            left.remove(stored)
        found.append(Match(entry=entry, key=key, known=stored, is_repeated=key in taken))
        taken.add(key)
    return tuple(found)


def candidate_keys(entry: Entry, *, feed: str) -> tuple[str, ...]:
    """List the keys under which the entry may be stored, the one for a new entry first.

    Its own key holds what is followed, not the id in feeds.toml: that may be renamed, or given to something else.
    """
    if entry.key:
        return (entry.key,)
    guid = _hash(entry)
    own = f"web:{entry.scope or feed}#{guid}"
    if not entry.canonical:
        return (own,)
    # The others are of days when its guid, its host, or what else links to it was another.
    former = (f"web:{entry.former}",) if entry.former else ()
    return (f"web:{entry.canonical}", f"web:{entry.canonical}#{guid}", own, *former)


def is_ambiguous(entries: tuple[Entry, ...], recognised: Sequence[Recognised]) -> bool:
    """Tell whether an entry that was read and one that was recognised could be one: then all of them must be read."""
    guids = {each.guid for each in recognised}
    keys = {each.key for each in recognised}
    return len(guids) < len(recognised) or any(each.guid in guids or each.key in keys for each in entries)


def _match_web(
    entry: Entry,
    by_key: dict[str, KnownEntry],
    by_guid: dict[str, KnownEntry],
    left: list[KnownEntry],
    *,
    feed: str,
) -> tuple[str, KnownEntry | None]:
    """Match by guid inside the feed; by canonical URL across feeds, and where a guid has changed."""
    # Only what its own keys find: what another entry's have found there by chance says nothing.
    own = candidate_keys(entry, feed=feed)
    same = by_guid.get(entry.guid) or _renamed(entry, [each for each in left if each.key in own])
    if same:
        return same.key, same
    keys = [key for key in own if key != f"web:{entry.former}"]
    for key in keys:
        stored = by_key.get(key)
        if stored is None:
            return key, None
        if stored.guid is None:
            return key, stored
    # Every key is another entry's of this feed, the guid is new: only an accident of hashes gets here.
    return f"{keys[-1]}.{hashlib.sha256(entry.title.encode()).hexdigest()[:16]}", None


def _renamed(entry: Entry, left: list[KnownEntry]) -> KnownEntry | None:
    """Find the same work under an older guid: same URL, or same last part of it on a new host (M46), and same date."""
    if not entry.canonical:
        return None
    slug = entry.canonical.rpartition("/")[2]
    for each in left:
        url = each.key.removeprefix("web:").partition("#")[0] if each.key.startswith("web:") else ""
        is_same_url = url == entry.canonical.partition("#")[0]
        if is_same_url and (_same_date(entry, each) or (_lacks_date(entry, each) and entry.title == each.title)):
            return each
        is_new_host = url.partition("/")[0] != entry.canonical.partition("/")[0]
        if is_new_host and slug and url.rpartition("/")[2] == slug and _same_date(entry, each):
            return each
    return None


def _same_date(entry: Entry, known: KnownEntry) -> bool:
    return entry.published is not None and entry.published == known.published


def _lacks_date(entry: Entry, known: KnownEntry) -> bool:
    return entry.published is None or known.published is None


def _hash(entry: Entry) -> str:
    """Hash the guid, which normalize has filled from link, or title and date (M92)."""
    parts = [entry.guid] if entry.guid else [entry.url] if entry.url else [entry.title, str(entry.published)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
