"""Take feeds.toml's due feeds into the database: the whole half, readable on one screen.

due (cadence) → request (sources) → fetch → parse → normalize → identify → storage, one
transaction for all answers that come together. A feed that fails is stored as failed and stops nobody else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from tracker.errors import StorageError
from tracker.models import Config, Feed, Outcome, Poll, Request, SourceName, Subscription
from tracker.poll import cadence
from tracker.poll.asking import (
    Asks,
    Left,
    MakeFetcher,
    Pass,
    archive_due,
    claim,
    expect_batches,
    listings_due,
    over_the_network,
    probes_due,
    released,
    requests_due,
)
from tracker.poll.taking import take
from tracker.poll.together import Together
from tracker.sources import source_of
from tracker.storage import Storage

__all__ = ("ALL_PAGES", "PAGES", "Asks", "Left", "MakeFetcher", "Summary", "over_the_network", "poll", "reconcile")

PAGES = 5  # of arXiv's API in one poll: a week of one category; the rest follows at the next polls
ALL_PAGES = 60  # where a page for the reader waits for them: a month of two categories

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a poll did: every request's outcome, what changed in feeds.toml, who was left alone.

    Feeds that are not due are named only where feeds were named to it.
    """

    polls: tuple[Poll, ...] = ()
    left: tuple[Left, ...] = ()
    notes: tuple[str, ...] = ()
    next_due: datetime | None = None  # where nobody was asked
    is_stopped: bool = False

    @property
    def is_network_down(self) -> bool:
        """Whether feeds were asked and each failed before it reached its host (M94)."""
        return _is_down(self.polls)


def poll(  # noqa: PLR0913 -- every one is a choice of the caller, all but the first by keyword
    config: Config,
    storage: Storage,
    *,
    now: datetime,
    since: datetime,
    closes_at: datetime | None = None,
    only: Collection[str] = (),
    force: bool = False,
    pages: int = PAGES,
    stop: Callable[[], bool] = lambda: False,
    report: Callable[[Poll], None] = lambda _: None,
    plan: Callable[[int], None] = lambda _: None,
    fetcher: MakeFetcher = over_the_network,
) -> Summary:
    """Ask every due feed once and store what is new.

    `since` is the start of the open window: at a feed's first answer, what is older is backlog.
    `closes_at` is the hour of the next close, or of the one that is overdue: just before it, lists
    are asked what only they can tell of the latest videos (M15).
    `only` names the feeds to look at, `force` skips our own interval and back-off (never
    Retry-After, a blocked host, the host's delay or arXiv's 3 s). `pages` bounds what is fetched
    afterwards of batches that have left arXiv's feeds. `stop` is asked several times a
    second; once true, what has arrived is stored and the rest cancelled. `plan` hears how many
    requests there will be, `report` each outcome. `fetcher` makes what asks the hosts.
    """
    notes = reconcile(config, storage, now=now)
    # A closing issue may press for lists before their time; else what is not due costs nothing.
    is_for_all = bool(only) or force or cadence.is_closing(closes_at, now=now)
    together = Together(storage)
    here = Pass(
        config=config,
        storage=storage,
        together=together,
        now=now,
        since=since,
        closes_at=closes_at,
        rows=_by_id(storage.feeds() if is_for_all else storage.due(now=now, latest=cadence.latest_due(now))),
        fetcher=fetcher,
    )
    together.know(here.rows)
    expect_batches(here)
    requests, left = requests_due(here, only=only, force=force)
    plan(len(requests))
    polls: list[Poll] = []
    for each in _asked(here, requests, stop=stop):
        polls.append(each)
        report(each)
    # What was just learnt may call for another address, or for the listing: a feed that is down, a gap, lengths.
    # Only YouTube has these, so no other row is read again.
    here = replace(here, rows=_by_id(storage.feeds_of(_videos(here, polls)))) if polls else here
    listings = (*probes_due(here, polls), *listings_due(here, requests, polls))
    plan(len(requests) + len(listings))
    for each in _asked(here, listings, stop=stop):
        polls.append(each)
        report(each)
    if not _is_down(polls):
        for each in _fetched_afterwards(here, only=only, force=force, pages=pages, stop=stop):
            polls.append(each)
            plan(len(polls))
            report(each)
    next_due = None if polls else storage.next_due_at()
    return Summary(polls=tuple(polls), left=left, notes=notes, next_due=next_due, is_stopped=stop())


def reconcile(config: Config, storage: Storage, *, now: datetime) -> tuple[str, ...]:
    """Bring the database's feeds in step with feeds.toml; say what that changed."""
    notes = storage.reconcile(config.subscriptions, _targets(config.subscriptions), now=now)
    for note in notes:
        log.info("%s", note)
    return notes


@lru_cache(maxsize=1)  # a daemon asks twice a minute: 87 → 3 ms for 10,000 feeds
def _targets(subscriptions: tuple[Subscription, ...]) -> Mapping[str, str]:
    return {each.id: source_of(each).target(each) for each in subscriptions}


def _fetched_afterwards(
    here: Pass, *, only: Collection[str], force: bool, pages: int, stop: Callable[[], bool]
) -> Iterator[Poll]:
    """Ask arXiv's API for missed batches, page by page; the first trouble ends it for this time (M67)."""
    for _ in range(pages):
        request = archive_due(here, only=only, force=force)
        if request is None or stop():
            return
        here = replace(here, rows=_by_id(here.storage.feeds_of((request.feed,))))
        done = list(_asked(here, (request,), stop=stop))
        yield from done
        if not done or done[0].outcome is Outcome.FAILED:
            return


def _videos(here: Pass, polls: Sequence[Poll]) -> Iterator[str]:
    return (each.feed for each in polls if here.rows[each.feed].source is SourceName.YOUTUBE)


def _is_down(polls: Sequence[Poll]) -> bool:
    return bool(polls) and all(each.is_local for each in polls)


def _asked(here: Pass, requests: tuple[Request, ...], *, stop: Callable[[], bool]) -> Iterator[Poll]:
    """Fetch, and settle each answer as it comes; remember the hosts' last request even when stopped."""
    if not requests:
        return
    fetcher = here.fetcher(here.config, here.storage.host_times(), here.began)
    claim(here, requests)
    done: list[Poll] = []
    together, is_over = here.together, False
    try:
        for fetched in fetcher.fetch(requests, stop=together.before(stop)):
            together.begin()
            done.append(take(here, fetched))
            together.end_if_long()
            yield done[-1]
        if len(done) < len(requests):
            together.end()
            here.storage.save_feeds(released(here, requests, done))
        together.begin()  # with the last answers: each commit waits for the disk
        here.storage.save_host_times(fetcher.host_times())
        together.end()
        is_over = True
    except StorageError:
        with suppress(StorageError):  # the first error is the one to tell
            together.end()
        raise
    finally:
        together.end()
        if not is_over:
            here.storage.save_host_times(fetcher.host_times())


def _by_id(feeds: Iterable[Feed]) -> dict[str, Feed]:
    return {each.id: each for each in feeds}
