"""Serve taking: what decides between news and backlog at an answer, and whether entries may have passed unseen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tracker.models import Answer, Baseline, Door, Feed, KnownEntry, RawFeed, SourceName, Subscription
from tracker.poll.asking import Pass
from tracker.sources.youtube import FULL_FEED, is_uploads

# Entries that a document shows at most (M8, M41, M66); of other feeds, as many as it held before.
FULL = {SourceName.YOUTUBE: FULL_FEED, SourceName.SUBSTACK: 20, SourceName.ARXIV: 100}
FEWEST = 5  # a feed that shows only its latest few is all new at any time


def baseline_of(
    here: Pass, feed: Feed, subscription: Subscription, *, answer: Answer, known: tuple[KnownEntry, ...]
) -> Baseline:
    """Say what a door's entries are judged by at this answer; `known` are those that storage has of them."""
    door = answer.request.door
    is_page = door is Door.LISTING and not subscription.playlist
    is_of_all = is_page and is_uploads(answer.request.url)
    baseline = Baseline(
        source=feed.source,
        door=door,
        is_first=is_first(here, feed, answer, is_page=is_page),
        since=_since(here, feed, answer),
        policy=subscription.backlog,
        has_listing=bool(subscription.playlist) and feed.listing.baseline_at is not None,
        is_day_batch=bool(subscription.categories),
        revisions=tuple(each for each in subscription.announce if each.startswith("replace")),
        oldest=here.storage.oldest_published(feed.id) if feed.source is SourceName.YOUTUBE else None,
        anchored_at=(is_of_all and feed.gap_since) or feed.listing.last_success_at or feed.feed.baseline_at,
        is_of_all=is_of_all,
    )
    if is_page and feed.listing.baseline_at is None and not _is_anchored(baseline, known):
        # A list of videos that shares nothing with a feed of Shorts, say: the first look at it is its baseline.
        return replace(baseline, is_first=answer.request.items is None or baseline.is_first)
    return baseline


def is_first(here: Pass, feed: Feed, answer: Answer, *, is_page: bool = False) -> bool:
    """Tell whether this door has not told its entries before (design: News and backlog)."""
    if answer.request.door is Door.LISTING:
        # A channel's listing is no archive of its own: what counts is what the feed has told before this poll.
        taken = feed.feed.baseline_at if is_page and feed.feed.baseline_at != here.now else None
        return (taken or feed.listing.baseline_at) is None
    return feed.feed.baseline_at is None or _is_other_url(feed, answer)


def _since(here: Pass, feed: Feed, answer: Answer) -> datetime:
    """Tell from when on a first answer's entries are news: what came after the subscription always is.

    So nothing is lost of a feed that was down when it was subscribed to. Other `videos` of a channel are
    news from the open window on.
    """
    return here.since if _is_other_url(feed, answer) else min(here.since, feed.subscribed_at)


def _is_other_url(feed: Feed, answer: Answer) -> bool:
    return bool(feed.validators_url) and not feed.feed.url and feed.validators_url != answer.request.url


def _is_anchored(baseline: Baseline, known: tuple[KnownEntry, ...]) -> bool:
    """Tell whether a listing holds anything that stood there when the order was last known."""
    at = baseline.anchored_at
    return any(each.seen_here and (at is None or each.seen_here <= at) for each in known)


def is_adrift(baseline: Baseline, known: tuple[KnownEntry, ...], answer: Answer) -> bool:
    """Tell a channel's page that does not reach down to anything known: only the whole list can tell what is new."""
    is_page = baseline.door is Door.LISTING and answer.request.items is not None
    return is_page and not baseline.is_first and not _is_anchored(baseline, known)


def is_gap(baseline: Baseline, raw: RawFeed, known: tuple[KnownEntry, ...], *, held: int) -> bool:
    """Tell whether entries may have scrolled out unseen: a full feed of nothing that was in it before (M8, M41).

    `held`: how many entries its last document had. A day's batch of arXiv is all new on every day.
    """
    was_read = baseline.door is Door.FEED and not baseline.is_first and not baseline.is_day_batch
    was_here = bool(raw.recognised) or any(each.guid is not None for each in known)
    return was_read and not was_here and _is_full(baseline.source, raw, held=held)


def _is_full(source: SourceName, raw: RawFeed, *, held: int) -> bool:
    """Tell a document that may have had no room for more; one that names a further page had none (M87)."""
    count = raw.size
    usual = FULL.get(source) or (max(held, FEWEST) if held else count + 1)
    return count >= usual or (raw.has_next and count > 0)
