"""Serve gather: which feeds of the reader's discuss a paper, by the links in their posts and descriptions.

Papers do not count as speaking of papers, nor does a feed that carries the paper itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from tracker.digest.values import FOR_ROOM, Linked, Look
from tracker.models import Kind, StoredEntry
from tracker.sources import arxiv
from tracker.storage import Storage

Talk = Mapping[str, tuple[tuple[datetime, str], ...]]


def discussed(talk: Talk, *, since: datetime | None = None) -> dict[str, tuple[str, ...]]:
    """Say by a paper's key in which feeds it is, each once, the first to speak first."""
    found = {
        key: tuple(dict.fromkeys(feed for at, feed in said if since is None or at >= since))
        for key, said in talk.items()
    }
    return {key: feeds for key, feeds in found.items() if feeds}


def talk_of(
    storage: Storage, papers: Iterable[StoredEntry], *, subscribed: Collection[str], before: datetime
) -> dict[str, tuple[tuple[datetime, str], ...]]:
    """Say by a paper's key when which subscribed feed has linked to it, oldest first."""
    carried = {each.key: {own.feed for own in each.appearances} for each in papers}
    by = storage.mentioned_by(carried.keys())
    speakers = storage.entries_by_id({entry for entries in by.values() for entry in entries})
    found = {}
    for key, ids in by.items():
        said = [
            (speaker.first_seen, feed)
            for speaker in (speakers[each] for each in ids if each in speakers)
            if speaker.kind is not Kind.PAPER and speaker.first_seen < before
            for feed in _feed(speaker, subscribed)
            if feed not in carried[key]
        ]
        found[key] = tuple(sorted(said))
    return found


def links(
    storage: Storage, entries: Iterable[StoredEntry], *, followed: Collection[str]
) -> dict[int, tuple[Linked, ...]]:
    """Say which papers the posts and videos link to, by entry id."""
    ids = [each.id for each in entries if each.kind is not Kind.PAPER]
    mentions = storage.mentions(ids)
    keys = {each.key for found in mentions.values() for each in found if each.key.startswith(arxiv.KEY)}
    stored = {each.key: each for each in storage.entries_by_key(keys)}
    return {
        entry: tuple(
            Linked(
                each.key,
                arxiv.paper_url(each.key),
                stored[each.key].title if each.key in stored else "",
                each.key in followed,
            )
            for each in found
            if each.key in keys
        )
        for entry, found in mentions.items()
    }


def second_looks(
    storage: Storage, linked: Mapping[int, tuple[Linked, ...]], *, subscribed: Collection[str], before: datetime
) -> tuple[Look, ...]:
    """Give the papers that these links take up and that an earlier issue had no room for; each once for ever."""
    keys = {each.key for found in linked.values() for each in found}
    again = storage.looked_at_again()
    papers = [
        each
        for each in storage.entries_by_key(keys)
        if each.issue and not each.shown and each.cut.startswith(FOR_ROOM) and each.id not in again
    ]
    talk = talk_of(storage, papers, subscribed=subscribed, before=before)
    looks = []
    for paper in papers:
        issue = storage.issue(paper.issue)
        feeds = discussed({paper.key: talk.get(paper.key, ())}, since=issue.end if issue else None)
        if feeds:
            looks.append(Look(paper, feeds[paper.key]))
    return tuple(looks)


def _feed(speaker: StoredEntry, subscribed: Collection[str]) -> list[str]:
    """Name the one feed that speaks in an entry, none where nobody is subscribed to it any more."""
    return [each.feed for each in speaker.appearances if each.feed in subscribed][:1]
