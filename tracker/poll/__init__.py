"""Take feeds.toml's due feeds into the database: the whole half, readable on one screen.

due (cadence) → request (sources) → fetch → parse → normalize → identify → storage, one
transaction per feed polled. A feed that fails is stored as failed and stops nobody else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from tracker.models import Config, Feed, Poll, Request
from tracker.poll.asking import Left, Pass, claims, listings_due, released, requests_due
from tracker.poll.fetch import Fetcher
from tracker.poll.taking import take
from tracker.sources import source_of
from tracker.storage import Storage

__all__ = ("Left", "Summary", "poll", "reconcile")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a poll did: every request's outcome, who was left alone, what changed in feeds.toml."""

    polls: tuple[Poll, ...] = ()
    left: tuple[Left, ...] = ()
    notes: tuple[str, ...] = ()
    is_stopped: bool = False

    @property
    def is_network_down(self) -> bool:
        """Whether feeds were asked and each failed before it reached its host (M94)."""
        return bool(self.polls) and all(each.is_local for each in self.polls)


def poll(  # noqa: PLR0913 -- every one is a choice of the caller, all but the first by keyword
    config: Config,
    storage: Storage,
    *,
    now: datetime,
    since: datetime,
    only: Collection[str] = (),
    force: bool = False,
    stop: Callable[[], bool] = lambda: False,
    report: Callable[[Poll], None] = lambda _: None,
    plan: Callable[[int], None] = lambda _: None,
) -> Summary:
    """Ask every due feed once and store what is new.

    `since` is the start of the open window: at a feed's first answer, what is older is backlog.
    `only` names the feeds to look at, `force` skips our own interval and back-off (never
    Retry-After, a blocked host, the host's delay or arXiv's 3 s). `stop` is asked several times a
    second; once true, what has arrived is stored and the rest cancelled. `plan` hears how many
    requests there will be, `report` each outcome.
    """
    notes = reconcile(config, storage, now=now)
    here = Pass(config=config, storage=storage, now=now, since=since, rows=_rows(storage))
    requests, left = requests_due(here, only=only, force=force)
    plan(len(requests))
    polls: list[Poll] = []
    for each in _asked(here, requests, stop=stop):
        polls.append(each)
        report(each)
    # What was just learnt may call for the listing: a feed that is down, a gap, videos without a length.
    here = replace(here, rows=_rows(storage))
    listings = listings_due(here, requests, polls)
    plan(len(requests) + len(listings))
    for each in _asked(here, listings, stop=stop):
        polls.append(each)
        report(each)
    return Summary(polls=tuple(polls), left=left, notes=notes, is_stopped=stop())


def reconcile(config: Config, storage: Storage, *, now: datetime) -> tuple[str, ...]:
    """Bring the database's feeds in step with feeds.toml; say what that changed."""
    targets = {each.id: source_of(each).target(each) for each in config.subscriptions}
    notes = storage.reconcile(config.subscriptions, targets, now=now)
    for note in notes:
        log.info("%s", note)
    return notes


def _asked(here: Pass, requests: tuple[Request, ...], *, stop: Callable[[], bool]) -> Iterator[Poll]:
    """Fetch, and settle each answer as it comes; remember the hosts' last request even when stopped."""
    if not requests:
        return
    fetcher = Fetcher(here.config.http, contact=here.config.contact, hosts=here.storage.host_times())
    here.storage.save_feeds(claims(here, requests))
    done: list[Poll] = []
    try:
        for fetched in fetcher.fetch(requests, stop=stop):
            done.append(take(here, fetched))
            yield done[-1]
        here.storage.save_feeds(released(here, requests, done))
    finally:
        here.storage.save_host_times(fetcher.host_times())


def _rows(storage: Storage) -> dict[str, Feed]:
    return {each.id: each for each in storage.feeds()}
