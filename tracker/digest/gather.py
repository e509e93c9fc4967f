"""Open compose: read from storage all that a page is made of, at one moment; the stages after it are pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tracker import health
from tracker.digest import premieres, talk, uploads
from tracker.digest.values import CourseState, Marked, Material, Revised
from tracker.models import Config, Feed, Kind, Mark, StoredEntry, Subscription, Upload, Window
from tracker.sources.arxiv import paper_key
from tracker.storage import Storage

HELD = frozenset({premieres.HELD, uploads.AGAIN})  # why news may belong to no issue yet
HISTORY = timedelta(days=90)


def gather(config: Config, storage: Storage, window: Window, *, now: datetime) -> Material:
    """Read what the window takes: its news, its courses, new versions of the reader's papers, how the feeds are."""
    material = _material(config, storage, arrived(storage, before=window.end, now=now), window, now=now)
    subscribed = material.subscriptions.keys()
    return replace(
        material,
        revised=tuple(_revised(storage, material, window, now=now)),
        looks=talk.second_looks(storage, material.links, subscribed=subscribed, before=window.end),
    )


def gather_span(config: Config, storage: Storage, window: Window, *, now: datetime) -> Material:
    """Read what was first seen in a span, assigned or not; without courses, which belong to issues."""
    found = _watchable(storage, storage.span(since=window.start, until=window.end), now=now)
    return _material(config, storage, found, window, now=now)


def arrived(storage: Storage, *, before: datetime, now: datetime) -> tuple[StoredEntry, ...]:
    """Give the news that a window ending at `before` must take: what is held back waits for a later one."""
    return _watchable(storage, storage.unassigned(before=before, now=now), now=now)


def held_back(storage: Storage, *, now: datetime) -> dict[int, str]:
    """Say why no window takes some news yet, by entry id: it cannot be watched, or the same work is told."""
    waiting = storage.unassigned(before=now + timedelta(seconds=1), now=now)
    return _held(storage, waiting, now=now)


def _watchable(storage: Storage, entries: Sequence[StoredEntry], *, now: datetime) -> tuple[StoredEntry, ...]:
    held = _held(storage, entries, now=now)
    return tuple(each for each in entries if each.id not in held)


def _held(storage: Storage, entries: Iterable[StoredEntry], *, now: datetime) -> dict[int, str]:
    entries, untold = tuple(entries), uploads.untold(uploads.pairs(storage.uploads(())))
    found = {each.id: uploads.AGAIN for each in entries if each.id in untold}
    # The few that are to come need their own feeds alone: all 10,000 take 0.2 s to read.
    upcoming = [each for each in entries if each.upcoming_at]
    asked = _asked(storage.feeds_of({own.feed for each in upcoming for own in each.appearances}))
    return found | {each.id: premieres.HELD for each in upcoming if premieres.is_held(each, asked, now=now)}


def _asked(feeds: Iterable[Feed]) -> frozenset[str]:
    return frozenset(each.id for each in feeds if not each.is_paused)


def _material(
    config: Config, storage: Storage, entries: tuple[StoredEntry, ...], window: Window, *, now: datetime
) -> Material:
    subscriptions = {each.id: each for each in config.subscriptions}
    feeds = {each.id: each for each in storage.feeds()}
    polls, marks = storage.polls(since=now - HISTORY), storage.marks()
    papers = [each for each in entries if each.kind is Kind.PAPER]
    said = talk.talk_of(storage, papers, subscribed=subscriptions.keys(), before=window.end)
    pairs = uploads.pairs(storage.uploads([each.id for each in config.subscriptions if each.course]))
    return Material(
        settings=config.digest,
        subscriptions=subscriptions,
        feeds=feeds | _former(storage, entries, feeds),
        entries=entries,
        courses=tuple(_courses(storage, config.subscriptions, feeds, succeeded=uploads.successors(pairs), now=now)),
        marks=uploads.united(marks, pairs),
        marked=tuple(_marked(config, storage, marks, now=now)),
        ranking=config.ranking,
        interests=config.interests,
        discussed=talk.discussed(said),
        links=talk.links(storage, entries, followed=_readers_own(config, marks)),
        polls=polls,
        batches=storage.batches(),
        health=health.report(
            feeds.values(),
            config.subscriptions,
            polls,
            since=window.start,
            now=min(now, window.end),
            zone=ZoneInfo(config.digest.timezone),
            published=storage.published,
        ),
        backlog=storage.counts().backlog if window.is_first else 0,
        first_polled_at=storage.first_polled_at(now=now),
        last_success_at=storage.last_success_at(),
    )


def _interesting(config: Config) -> frozenset[str]:
    """Give the keys of the papers that `[interests]` names."""
    return frozenset(map(paper_key, config.interests.papers))


def _readers_own(config: Config, marks: Mapping[str, Mark]) -> frozenset[str]:
    """Give the keys of the papers that the reader has starred or follows."""
    followed = (paper_key(paper) for each in config.subscriptions for paper in each.papers)
    return _interesting(config) | {key for key, mark in marks.items() if mark.starred} | frozenset(followed)


def _marked(config: Config, storage: Storage, marks: Mapping[str, Mark], *, now: datetime) -> Iterator[Marked]:
    """Give what was marked; a paper of the reader's interests counts as starred, unless they have marked it."""
    yield from (Marked(entry, marks[entry.key]) for entry in storage.marked())
    for entry in storage.entries_by_key(_interesting(config) - marks.keys()):
        yield Marked(entry, Mark(key=entry.key, starred=True, at=now))


def _former(storage: Storage, entries: Iterable[StoredEntry], feeds: Mapping[str, Feed]) -> dict[str, Feed]:
    """Read the feeds that are no longer subscribed but brought some of the entries."""
    ids = {appearance.feed for entry in entries for appearance in entry.appearances} - feeds.keys()
    found = ((each, storage.feed(each)) for each in sorted(ids))
    return {each: feed for each, feed in found if feed}


def _revised(storage: Storage, material: Material, window: Window, *, now: datetime) -> Iterator[Revised]:
    """Read the versions of what the reader has starred or follows; those of a clock that was wrong count as seen.

    Nobody knows since when a paper stands in `[interests]`: of these, what was there before the window is not told.
    """
    interesting = set(map(paper_key, material.interests.papers))
    starred = {key: mark.at for key, mark in material.marks.items() if mark.starred}
    followed = _followed(material)
    entries = storage.revised({*starred, *followed, *interesting})
    ids = [each.id for each in entries]
    versions, told = storage.versions(ids), storage.told_versions(ids)
    for entry in entries:
        seen = (each for each in versions[entry.id] if each.first_seen < window.end or each.first_seen > now)
        known = [starred[entry.key]] if entry.key in starred else []
        known += [_since(entry, feed) for feed in followed.get(entry.key, ())]
        known += [window.start] if entry.key in interesting else []
        yield Revised(
            entry=entry,
            versions=tuple(seen),
            told=told.get(entry.id),
            starred=starred.get(entry.key),
            since=min(known),
        )


def _followed(material: Material) -> dict[str, list[Feed]]:
    """Tell by which feeds single papers are followed, by their keys."""
    found: dict[str, list[Feed]] = {}
    for subscription in material.subscriptions.values():
        feed = material.feeds.get(subscription.id)
        if subscription.papers and not subscription.paused and feed:
            for paper in subscription.papers:
                found.setdefault(paper_key(paper), []).append(feed)
    return found


def _since(entry: StoredEntry, feed: Feed) -> datetime:
    """Tell since when a feed follows a paper; one that stood there before its table was changed has been followed."""
    return min((each.first_seen for each in entry.appearances if each.feed == feed.id), default=feed.subscribed_at)


def _courses(
    storage: Storage,
    subscriptions: Iterable[Subscription],
    feeds: Mapping[str, Feed],
    *,
    succeeded: Mapping[int, Upload],
    now: datetime,
) -> Iterable[CourseState]:
    """Read the courses; of a lecture that was uploaded again the standing upload counts, offered as either."""
    asked = _asked(feeds.values())
    for subscription in subscriptions:
        feed = feeds.get(subscription.id)
        if not subscription.course or subscription.paused or not feed:
            continue
        found = storage.course(subscription.id)
        ids = {each.id for each in found}
        moved = {gone: stands.id for gone, stands in succeeded.items() if stands.id in ids}
        lectures = tuple(each for each in found if each.id not in moved and not premieres.is_held(each, asked, now=now))
        if lectures:
            offers = storage.course_offers(subscription.id)
            yield CourseState(
                subscription=subscription,
                title=subscription.title or feed.title or subscription.id,
                lectures=lectures,
                offers=tuple((label, moved.get(each, each)) for label, each in offers),
            )
