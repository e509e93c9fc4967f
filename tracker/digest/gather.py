"""Open compose: read from storage all that a page is made of, at one moment; the stages after it are pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tracker import health
from tracker.digest.values import CourseState, Marked, Material
from tracker.models import Config, Feed, StoredEntry, Subscription, Window
from tracker.storage import Storage

HISTORY = timedelta(days=90)


def gather(config: Config, storage: Storage, window: Window, *, now: datetime) -> Material:
    """Read what the window takes: its news, its courses, how the feeds are."""
    return _material(config, storage, storage.unassigned(before=window.end, now=now), window, now=now)


def gather_span(config: Config, storage: Storage, window: Window, *, now: datetime) -> Material:
    """Read what was first seen in a span, assigned or not; without courses, which belong to issues."""
    return _material(config, storage, storage.span(since=window.start, until=window.end), window, now=now)


def _material(
    config: Config, storage: Storage, entries: tuple[StoredEntry, ...], window: Window, *, now: datetime
) -> Material:
    subscriptions = {each.id: each for each in config.subscriptions}
    feeds = {each.id: each for each in storage.feeds()}
    polls, marks = storage.polls(since=now - HISTORY), storage.marks()
    return Material(
        settings=config.digest,
        subscriptions=subscriptions,
        feeds=feeds | _former(storage, entries, feeds),
        entries=entries,
        courses=tuple(_courses(storage, config.subscriptions, feeds)),
        marks=marks,
        marked=tuple(Marked(entry, marks[entry.key]) for entry in storage.marked()),
        ranking=config.ranking,
        polls=polls,
        batches=storage.batches(),
        health=health.report(
            feeds.values(),
            config.subscriptions,
            polls,
            since=window.start,
            now=min(now, window.end),
            zone=ZoneInfo(config.digest.timezone),
            published=storage.published_of_all(),
        ),
        backlog=storage.counts().backlog if window.is_first else 0,
        first_polled_at=storage.first_polled_at(now=now),
        last_success_at=storage.last_success_at(),
    )


def _former(storage: Storage, entries: Iterable[StoredEntry], feeds: Mapping[str, Feed]) -> dict[str, Feed]:
    """Read the feeds that are no longer subscribed but brought some of the entries."""
    ids = {appearance.feed for entry in entries for appearance in entry.appearances} - feeds.keys()
    found = ((each, storage.feed(each)) for each in sorted(ids))
    return {each: feed for each, feed in found if feed}


def _courses(
    storage: Storage, subscriptions: Iterable[Subscription], feeds: Mapping[str, Feed]
) -> Iterable[CourseState]:
    for subscription in subscriptions:
        feed = feeds.get(subscription.id)
        if not subscription.course or subscription.paused or not feed:
            continue
        lectures = storage.course(subscription.id)
        if lectures:
            yield CourseState(
                subscription=subscription,
                title=subscription.title or feed.title or subscription.id,
                lectures=lectures,
                offers=storage.course_offers(subscription.id),
            )
