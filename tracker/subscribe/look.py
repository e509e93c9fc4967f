"""Serve `subscribe`: look once at what a subscription would bring, and count it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from tracker.errors import BlockedError, ExtractorError, FeedError, NetworkError, RateLimitedError
from tracker.models import (
    Answer,
    Baseline,
    Config,
    Door,
    Entry,
    Failure,
    Fetched,
    RawFeed,
    Request,
    SourceName,
    Subscription,
    Verdict,
)
from tracker.sources import SOURCES, Manners, Source, source_of
from tracker.sources.youtube import FULL_FEED, is_short

LISTING_TIMEOUT = 120.0  # seconds (M37)
_MONTHS = timedelta(days=90)


class Looker(Protocol):
    """What asks the network: `tracker.poll.fetch.Fetcher`."""

    def get(self, url: str, *, host: str, delay: float, timeout: float) -> Answer:
        """Get one document when the slot `host` is free and has rested for `delay` seconds; raises FetchError."""

    def resolve(self, url: str) -> Mapping[str, object]:
        """Ask yt-dlp what a handle, a legacy name or a video page is; raises FetchError."""

    def fetch(self, requests: Iterable[Request]) -> Iterator[Fetched]:
        """Fetch as a poll does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen: the title given, the entries, and how they came."""

    title: str
    url: str
    entries: tuple[Entry, ...]
    shorts: int = 0
    is_listed: bool = False


def ask(url: str, config: Config, looker: Looker, *, source: Source = SOURCES[SourceName.WEB]) -> Answer:
    """Get one document as gently as its source wishes; raises FetchError."""
    manners = source.manners(url)
    timeout = max(config.http.timeout, manners.timeout or 0)
    return looker.get(url, host=manners.host, delay=_delay(manners, config), timeout=timeout)


def _delay(manners: Manners, config: Config) -> float:
    return max(manners.delay, config.http.host_delay) if config.http.host_delay else 0.0


def look(subscription: Subscription, config: Config, looker: Looker) -> Look:
    """Ask for the feed; for the listing, too, where a YouTube feed is full, empty or down; raises FeedError."""
    source = source_of(subscription)
    url = source.feed_url(subscription)
    if subscription.source is not SourceName.YOUTUBE:
        return seen(ask(url, config, looker, source=source), subscription)
    try:
        found = seen(ask(url, config, looker, source=source), subscription)
    except (RateLimitedError, BlockedError, NetworkError):
        raise
    except FeedError:
        # The feeds of YouTube answer 404 for hours on most days (M19); the listing is another door.
        return _listed(subscription, config, looker)
    return _completed(found, subscription, config, looker)


def _completed(found: Look, subscription: Subscription, config: Config, looker: Looker) -> Look:
    """Add the rest of a playlist that is longer than its feed (M9); a poll will, if it fails now."""
    if not subscription.playlist or len(found.entries) < FULL_FEED:
        return found
    try:
        return _joined(found, _listed(subscription, config, looker))
    except FeedError:
        return found


def seen(answer: Answer, subscription: Subscription) -> Look:
    """Read a feed that has come; raises ParseError."""
    return seen_feed(parsed(answer), answer, subscription)


def parsed(answer: Answer) -> RawFeed:
    """Parse an answer of the feed door; raises ParseError."""
    from tracker.poll.parse import parse_feed

    return parse_feed(answer.body, content_type=answer.headers.get("content-type", ""), url=answer.url)


def seen_feed(raw: RawFeed, answer: Answer, subscription: Subscription) -> Look:
    """Take what matters out of a feed that was parsed."""
    from tracker.poll.normalize import normalize

    return Look(
        title=raw.title,
        url=answer.url,
        entries=normalize(raw, subscription, url=answer.url),
        shorts=sum(is_short(each.link) for each in raw.entries),
    )


def _listed(subscription: Subscription, config: Config, looker: Looker) -> Look:
    from tracker.poll.normalize import normalize
    from tracker.poll.parse import parse_listing

    source = source_of(subscription)
    url = source.listing_url(subscription)
    manners = source.manners(url)
    request = Request(
        feed=subscription.id,
        door=Door.LISTING,
        url=url,
        host=manners.host,
        delay=_delay(manners, config),
        timeout=LISTING_TIMEOUT,
        items=None if subscription.playlist else FULL_FEED,
    )
    fetched = next(iter(looker.fetch([request])), None)
    if fetched is None:
        raise ExtractorError("the listing gave no answer", url=url)
    if isinstance(fetched, Failure):
        raise fetched.error
    raw = parse_listing(fetched.body)
    entries = normalize(raw, subscription, url=fetched.url)
    return Look(title=raw.title, url=fetched.url, entries=entries, is_listed=True)


def _joined(feed: Look, listing: Look) -> Look:
    """Give the listing's entries the dates that only the feed knows (M24)."""
    dates = {each.key: each.published for each in feed.entries}
    entries = tuple(replace(each, published=dates.get(each.key)) for each in listing.entries)
    known = {each.key for each in entries}
    more = tuple(each for each in feed.entries if each.key not in known)
    return replace(feed, entries=entries + more, is_listed=True)


def newest(entries: Iterable[Entry]) -> datetime | None:
    """Find the newest publication date."""
    return max((each.published for each in entries if each.published), default=None)


def per_week(entries: tuple[Entry, ...], *, now: datetime, is_day_batch: bool) -> float | None:
    """Reckon how many entries come in a week: by the last three months, or by as much of them as the feed shows.

    A day's batch comes on five days of a week. None where fewer than two dates tell.
    """
    if is_day_batch:
        return 5.0 * len(entries) if entries else None
    dates = sorted(each.published for each in entries if each.published)
    recent = [each for each in dates if now - _MONTHS <= each <= now]
    if len(dates) < 2:
        return None
    span = _MONTHS if dates[0] < now - _MONTHS else max(now - dates[0], timedelta(days=1))
    return len(recent) / (span / timedelta(weeks=1))


def count_news(entries: tuple[Entry, ...], subscription: Subscription, *, found: Look, since: datetime) -> int:
    """Count what the first issue would announce, by the rule that a poll follows."""
    from tracker.poll.identify import identify

    baseline = Baseline(
        source=subscription.source,
        door=Door.LISTING if found.is_listed else Door.FEED,
        is_first=True,
        since=since,
        policy=subscription.backlog,
        is_day_batch=bool(subscription.categories),
        revisions=tuple(each for each in subscription.announce if each.startswith("replace")),
    )
    identified = identify(entries, (), baseline=baseline, feed=subscription.id)
    return sum(each.verdict is Verdict.NEW and not each.backlog for each in identified)
