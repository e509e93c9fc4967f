"""Be the clock that calls both halves: an interval job → tick(now), signals, one-instance lock; no policy.

Next due times and what is overdue live in the database, not in the scheduler: APScheduler's waits
follow the monotonic clock, which stops while a computer sleeps, and its jobs are skipped when they
come late. A short interval job that asks "what is due by now?" cannot miss anything.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

from tracker import digest
from tracker.config import load
from tracker.errors import BusyError, ConfigError, DeliveryError, TrackerError
from tracker.models import Config, Poll, StoredIssue, Window
from tracker.poll import ALL_PAGES, PAGES, MakeFetcher, Summary, over_the_network, poll, reconcile
from tracker.storage import Storage, lock

log = logging.getLogger(__name__)

TICK = 30.0  # seconds between two ticks
NETWORK_PATIENCE = timedelta(hours=6)  # how long a late close waits for the network after a sleep
NETWORK_SETTLES = timedelta(minutes=15)  # until what failed without a network has been asked again


@dataclass(slots=True)
class Settings:
    """feeds.toml as the daemon knows it: read again when it changed, a broken edit keeps the last good one."""

    path: Path
    config: Config | None = None
    seen: tuple[int, int] | None = None

    def current(self) -> Config:
        """Give the configuration of now; raises ConfigError only when there never was a good one."""
        try:
            stat = self.path.stat()
            mark = (stat.st_mtime_ns, stat.st_size)
        except OSError:
            mark = (0, 0)
        if self.config is not None and mark == self.seen:
            return self.config
        try:
            self.config = load(self.path)
            if self.seen is not None:
                log.warning("config: %s was read again", self.path)
        except ConfigError as error:
            if self.config is None:
                raise
            log.error("config: the edit is not used, the last good one stays in force: %s", error)  # noqa: TRY400 -- a reader's mistake, not a bug: no traceback
        self.seen = mark
        return self.config


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """What one tick did."""

    summary: Summary = field(default_factory=Summary)
    closed: tuple[StoredIssue, ...] = ()
    undelivered: tuple[DeliveryError, ...] = ()
    waits_for_network: bool = False
    busy: str = ""


def tick(
    config: Config,
    *,
    now: Callable[[], datetime],
    stop: Callable[[], bool] = lambda: False,
    report: Callable[[Poll], None] = lambda _: None,
    fetcher: MakeFetcher = over_the_network,
) -> Ticked:
    """Poll what is due, then close what is overdue and deliver what is not yet delivered.

    A close that is late waits up to six hours for the network, counted from the first attempt after its hour.
    `fetcher` makes what asks the hosts: the network, or a generated internet.
    """
    with Storage.open(config.database, now=now()) as storage:
        return beat(config, storage, now=now, stop=stop, report=report, fetcher=fetcher)


def beat(
    config: Config,
    storage: Storage,
    *,
    now: Callable[[], datetime],
    stop: Callable[[], bool] = lambda: False,
    report: Callable[[Poll], None] = lambda _: None,
    fetcher: MakeFetcher = over_the_network,
) -> Ticked:
    """Do what a tick does with a database that is open."""
    start = now()
    storage.prune_polls(start - config.keep_polls)
    summary, busy = Summary(), ""
    try:
        with lock(config.database, "poll"):
            since = digest.open_since(config, storage, now=start)
            due = digest.overdue(config, storage, now=start)
            summary = poll(
                config,
                storage,
                now=start,
                since=since,
                closes_at=digest.next_close(config, storage, now=start),
                pages=ALL_PAGES if due and due.is_late else PAGES,
                stop=stop,
                report=report,
                fetcher=fetcher,
            )
    except BusyError as error:
        busy = str(error)
        log.info("tick: %s", error)
        reconcile(config, storage, now=start)  # the poll has not: a renamed feed keeps its entries in the issue
    except TrackerError as error:
        # A full disk, say: what can still be closed and delivered is not held up by it.
        log.error("tick: %s", error)  # noqa: TRY400 -- said in one line on purpose, the tick goes on
    if stop():
        return Ticked(summary=summary)
    window = digest.overdue(config, storage, now=now())
    if window and window.is_late and busy:
        # The other one may be asking just now for what this issue is waiting for: the next tick closes.
        return Ticked(summary=summary, busy=busy)
    if window and window.is_late and waits_for_network(storage, window, now=now()):
        return Ticked(summary=summary, waits_for_network=True)
    closed = digest.close_overdue(config, storage, now=now())
    undelivered = digest.deliver_pending(config, storage, now=now())
    for problem in undelivered:
        log.error("deliver: %s", problem)
    return Ticked(summary=summary, closed=closed, undelivered=undelivered, busy=busy)


def waits_for_network(storage: Storage, window: Window, *, now: datetime) -> bool:
    """Tell whether a late close should still wait: since its hour not one attempt got as far as a host.

    When the network is back, those that failed without it come up again within minutes, one after the other: an issue
    is not closed between the first and the last of them.
    """
    tries = [each for each in storage.polls(since=window.closes_at) if each.at > window.closes_at]
    if not tries or now - tries[0].at >= NETWORK_PATIENCE:
        return False
    back = next((each.at for each in tries if not each.is_local), None)
    if back is None:
        return True
    last = {(each.feed, each.door): each for each in tries}
    is_asked = all(not each.is_local or each.at >= back for each in last.values())
    return not is_asked and now - back < NETWORK_SETTLES


def run(
    settings: Settings,
    *,
    now: Callable[[], datetime],
    stop: Event,
    interval: float = TICK,
    told: Callable[[Ticked], None] = lambda _: None,
) -> None:
    """Tick every `interval` seconds until `stop` is set; a second daemon on the database is refused (BusyError)."""
    from apscheduler.schedulers.background import BackgroundScheduler

    config = settings.current()

    def job() -> None:
        try:
            told(tick(settings.current(), now=now, stop=stop.is_set))
        except TrackerError as error:
            log.error("tick: %s", error)  # noqa: TRY400 -- said in one line on purpose, the daemon goes on

    with lock(config.database, "daemon"):
        scheduler = BackgroundScheduler(timezone="UTC")
        # One tick at a time; a late one is run, however late, and several missed ones are one.
        scheduler.add_job(
            job,
            "interval",
            seconds=interval,
            next_run_time=_at_once(),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
        scheduler.start()
        stop.wait()
        scheduler.shutdown(wait=True)


def _at_once() -> datetime:
    # APScheduler compares with the system's clock, whatever clock the program lives by.
    from datetime import UTC

    return datetime.now(UTC)
