"""What a poll does between parse and the tables, without network, for tests of which work an entry is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.factories import NOW, make_baseline, make_issue, make_placed, make_raw_feed
from tracker.models import Door, RawEntry, StoreCounts, Subscription
from tracker.poll.identify import candidate_keys, identify
from tracker.poll.normalize import normalize
from tracker.sources import source_of
from tracker.storage import Storage

DAY = timedelta(days=1)


class Reader:
    """One database, read into a document at a time; each feed's first document is its baseline, a week its window."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.now = NOW

    def follow(self, *subscriptions: Subscription) -> tuple[str, ...]:
        """Make these what feeds.toml says, a day later."""
        self.now += DAY
        targets = {each.id: source_of(each).target(each) for each in subscriptions}
        return self.storage.reconcile(subscriptions, targets, now=self.now)

    def read(self, subscription: Subscription, *raw: RawEntry, url: str = "", site: str = "") -> StoreCounts:
        """Take one document that came from `url`."""
        document = make_raw_feed(*(replace(each, position=place) for place, each in enumerate(raw)), site_url=site)
        entries = normalize(document, subscription, url=url or source_of(subscription).feed_url(subscription))
        feed = self.storage.feed(subscription.id)
        assert feed is not None
        keys = {key for each in entries for key in candidate_keys(each, feed=feed.id)}
        known = self.storage.known(feed.id, guids={each.guid for each in entries}, keys=keys)
        baseline = make_baseline(is_first=feed.feed.baseline_at is None, since=NOW - 7 * DAY)
        found = identify(entries, known, baseline=baseline, feed=feed.id)
        counts = self.storage.store(feed.id, found, door=Door.FEED, at=self.now)
        assert self.storage.save_feed(replace(feed, feed=replace(feed.feed, baseline_at=self.now)))
        return counts

    def close(self) -> list[str]:
        """Close an issue; give the titles of its news."""
        self.now += DAY
        waiting = self.storage.unassigned(before=self.now, now=self.now)
        self.storage.add_issue(make_issue(label=f"{self.now:%Y-%m-%d}"), [make_placed(each.id) for each in waiting])
        return sorted(each.title for each in waiting)
