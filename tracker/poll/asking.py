"""Begin a poll: which feeds are due, through which door, and what exactly to ask."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from tracker.models import Batch, Config, Door, Feed, Fetched, Poll, Request, SourceName, Subscription
from tracker.poll import batches, cadence, settle
from tracker.poll.fetch import Fetcher
from tracker.poll.together import Together
from tracker.sources import source_of
from tracker.sources.arxiv_archive import page_url
from tracker.sources.youtube import gap_lists, is_part, spare_url
from tracker.storage import Storage

CLAIM = timedelta(minutes=10)  # until when a feed rests whose answer could not be stored
PROBE_AFTER = 3  # failures in a row after which the list of one kind of a channel's videos is doubted (M17)
CHANNEL_PAGE = 30  # entries of a channel's newest page, one request of yt-dlp; a gap (M8) may reach deeper


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A feed that was not asked, and until when."""

    feed: str
    until: datetime | None
    reason: str


class Asks(Protocol):
    """Asks hosts for a whole pass: fetch.Fetcher, or a generated internet in its place (tracker.simulate)."""

    def fetch(self, requests: Iterable[Request], *, stop: Callable[[], bool]) -> Iterator[Fetched]:
        """Give each request's answer or failure as it finishes; once `stop` says so, break off without a word."""

    def host_times(self) -> Mapping[str, datetime]:
        """Say when each host's slot was last used, to be stored for the next pass."""


# From the configuration, the hosts' times that the last pass left, and when this one began in real time.
MakeFetcher = Callable[[Config, Mapping[str, datetime], float], Asks]


def over_the_network(config: Config, hosts: Mapping[str, datetime], began: float) -> Asks:
    """Make what asks real hosts."""
    return Fetcher(config.http, contact=config.contact, hosts=hosts, began=began)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What one pass over the feeds works with; `rows` are the feeds as they were when they were asked.

    `closes_at`: the hour at which the next issue closes, past where that is overdue.
    """

    config: Config
    storage: Storage
    together: Together
    now: datetime
    since: datetime
    closes_at: datetime | None = None
    rows: Mapping[str, Feed] = field(default_factory=dict)
    fetcher: MakeFetcher = over_the_network
    began: float = field(default_factory=time.monotonic)  # `now` in real time, from which fetch counts


def requests_due(here: Pass, *, only: Collection[str], force: bool) -> tuple[tuple[Request, ...], tuple[Left, ...]]:
    """Give what to ask now, and which feeds are left alone and why; paused hosts are left alone even by force."""
    requests: list[Request] = []
    left: list[Left] = []
    hosts = here.storage.paused_hosts()
    paused = {name: row for name, row in hosts.items() if cadence.is_paused(row.paused_until, now=here.now)}
    for feed in here.rows.values():
        subscription = here.config.subscription(feed.id)
        if subscription is None or (only and feed.id not in only):
            continue
        if subscription.paused:
            left.append(Left(feed=feed.id, until=None, reason="paused in feeds.toml"))
            continue
        wanted = _wanted(here, feed, subscription, force=force)
        held = next((paused[each.host] for each in wanted if each.host in paused), None)
        if held:
            left.append(Left(feed=feed.id, until=held.paused_until, reason=f"{held.host}: {held.reason}"))
        elif wanted:
            requests.extend(wanted)
        else:
            left.append(Left(feed=feed.id, until=feed.feed.next_due_at, reason="not due"))
    return tuple(requests), tuple(left)


def listings_due(here: Pass, requests: tuple[Request, ...], polls: list[Poll]) -> tuple[Request, ...]:
    """Give the listings that became due by this poll's own answers; none when the network is down."""
    listed = {each.feed for each in requests if each.door is Door.LISTING and each.items is None}
    asked = {each.feed for each in requests} - listed
    answered = {each.feed for each in polls if not each.is_local}
    wanted, _ = requests_due(here, only=asked & answered or {""}, force=False)
    return tuple(each for each in wanted if each.door is Door.LISTING)


def probes_due(here: Pass, polls: list[Poll]) -> tuple[Request, ...]:
    """Give the channels whose whole feed is asked once, since the list of one kind has just failed again (M17).

    YouTube makes these lists as it likes, and a channel without such videos has none: then its feed is the better one.
    """
    missing = {each.feed for each in polls if each.door is Door.FEED and each.status == 404}
    probes = []
    for feed in (here.rows[each] for each in sorted(missing & here.rows.keys())):
        subscription = here.config.subscription(feed.id)
        is_doubted = feed.feed.failures == PROBE_AFTER and not feed.feed.url
        url = spare_url(subscription) if subscription and is_doubted else ""
        if subscription and url:
            request = _request(here, feed, subscription, door=Door.FEED, url=url)
            probes += [] if _is_held(here, request) else [replace(request, is_probe=True)]
    return tuple(probes)


def expect_batches(here: Pass) -> None:
    """Note the days whose batch the category feeds must bring, so that one that passes unread is known (M51)."""
    for feed, subscription in _categories(here):
        days = batches.expected(_book(here, feed), since=here.since, now=here.now)
        if days and not subscription.paused:
            here.storage.expect_batches(feed.id, days)


def archive_due(here: Pass, *, only: Collection[str], force: bool) -> Request | None:
    """Give the next page to ask of arXiv's API for a batch that has left the feed, one at a time (M65, M67)."""
    for feed, subscription in _categories(here):
        if not feed.feed.last_success_at:
            continue  # categories that the feed refuses are not asked for elsewhere
        is_due = force or cadence.is_due(feed, subscription, door=Door.ARCHIVE, now=here.now)
        batch = batches.wanted(_book(here, feed), now=here.now)
        if subscription.paused or (only and feed.id not in only) or not is_due or not batch:
            continue
        url = page_url(subscription, batch.day, start=batch.start)
        request = _request(here, feed, subscription, door=Door.ARCHIVE, url=url)
        if not _is_held(here, request):
            return replace(request, batch=batch.day, start=batch.start)
    return None


def _book(here: Pass, feed: Feed) -> tuple[Batch, ...]:
    return here.storage.latest_batches(feed.id, since=batches.since(here.now))


def _is_held(here: Pass, request: Request) -> bool:
    held = here.storage.host(request.host)
    return cadence.is_paused(held.paused_until if held else None, now=here.now)


def _categories(here: Pass) -> Iterator[tuple[Feed, Subscription]]:
    """Read these few anew: what was fetched of the archive a moment ago decides what is asked next."""
    for subscription in here.config.subscriptions:
        feed = here.storage.feed(subscription.id) if subscription.categories else None
        if feed:
            yield feed, subscription


def _wanted(here: Pass, feed: Feed, subscription: Subscription, *, force: bool) -> tuple[Request, ...]:
    has_questions = feed.source is SourceName.YOUTUBE and (
        here.storage.lacks_durations(feed.id) or (bool(subscription.playlist) and here.storage.misses_some(feed.id))
    )
    doors = cadence.doors_due(
        feed,
        subscription,
        now=here.now,
        force=force,
        has_questions=has_questions,
        is_pressing=has_questions and cadence.is_closing(here.closes_at, now=here.now) and _is_untold(here, feed),
    )
    return tuple(_request(here, feed, subscription, door=door) for door in doors)


def _is_untold(here: Pass, feed: Feed) -> bool:
    """Tell whether news came after the last listing that may be a premiere: nothing else tells."""
    came, listed = here.storage.unlisted_since(feed.id), feed.listing.last_success_at
    return came is not None and (listed is None or came > listed)


def _request(here: Pass, feed: Feed, subscription: Subscription, *, door: Door, url: str = "") -> Request:
    source = source_of(subscription)
    is_feed = door is Door.FEED
    is_gap = not is_feed and bool(subscription.channel) and feed.gap_since is not None
    listing, besides = gap_lists(subscription) if is_gap else (source.listing_url(subscription), ())
    url = url or ((feed.feed.url or source.feed_url(subscription)) if is_feed else listing)
    manners = source.manners(url)
    keeps = is_feed and feed.validators_url == url and not cadence.validators_expired(feed, now=here.now)
    return Request(
        feed=feed.id,
        door=door,
        url=url,
        host=manners.host,
        delay=_delay(here.config.http.host_delay, manners.delay),
        timeout=max(here.config.http.timeout, manners.timeout or 0),
        etag=feed.etag if keeps else "",
        last_modified=feed.last_modified if keeps else "",
        items=CHANNEL_PAGE if not is_feed and subscription.channel and not is_gap else None,
        besides=besides,
        is_part=not is_feed and not is_gap and is_part(subscription),
    )


def claim(here: Pass, requests: Iterable[Request]) -> None:
    """Store for what is about to be asked a due time as after a failure.

    Stored before anybody is asked, so that a program that cannot store answers (a full disk), or dies of one, does
    not ask again at every tick.
    """
    doors = [(here.rows[each.feed], each.door) for each in requests]
    here.storage.claim(doors, until=here.now + CLAIM)


def released(here: Pass, requests: Iterable[Request], polls: Iterable[Poll]) -> tuple[Feed, ...]:
    """Give the rows of what was claimed and then not asked, with the due times that they had."""
    asked = {(each.feed, each.door) for each in polls}
    rows: dict[str, Feed] = {}
    for each in requests:
        if (each.feed, each.door) in asked:
            continue
        current = rows.get(each.feed) or here.storage.feed(each.feed)
        if current is None:
            continue
        due = settle.door_of(here.rows[each.feed], each.door).next_due_at
        state = replace(settle.door_of(current, each.door), next_due_at=due)
        rows[each.feed] = settle.with_door(current, each.door, state)
    return tuple(rows.values())


def _delay(configured: float, wanted: float) -> float:
    # "0s" is for hosts of one's own, such as a test's: it turns the sources' wishes off as well.
    return max(configured, wanted) if configured else 0.0
