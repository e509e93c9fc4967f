"""Step through virtual time: from one moment at which the daemon has something to do to the next.

The daemon ticks every 30 seconds; a tick in which nothing is due asks nobody and closes nothing, so such ticks are left
out, but for one every six hours. A tick falls on the half minute after a due time, a closing hour or an event of the
scenario, as the daemon's would. While the computer sleeps, nothing ticks; on waking, the first tick comes at once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

from tracker import daemon
from tracker.daemon import Ticked
from tracker.models import Config, DoorState, Feed
from tracker.simulate.crash import ANYWHERE, WRITING, crashing
from tracker.simulate.hours import closing_hours
from tracker.simulate.internet import Internet
from tracker.simulate.line import Line, VirtualClock
from tracker.simulate.values import HOUR, Scenario, span_at
from tracker.simulate.witness import Witness
from tracker.sources.arxiv_calendar import batch_day
from tracker.storage import Storage

TICK = timedelta(seconds=30)
IDLE = 6 * HOUR
_DEATHS = ((ANYWHERE, 1500), (WRITING, 60))  # where a doomed tick ends, and after how many calls there at most


@dataclass(slots=True, kw_only=True)
class Drive:
    """The daemon's life from `start` to `end`; `told` hears the moment of every tick."""

    config: Config
    scenario: Scenario
    internet: Internet
    witness: Witness
    seed: int
    end: datetime
    clock: VirtualClock
    told: Callable[[datetime], None] = lambda _: None
    polls: int = 0
    crashes: int = 0
    closed_at: dict[str, datetime] = field(default_factory=dict)
    rendered: dict[str, bytes] = field(default_factory=dict)
    storage: Storage | None = None  # open from tick to tick: opening it takes as long as a tick in which nothing is due

    def run(self) -> None:
        """Live through it."""
        try:
            self._run()
        finally:
            self._close()

    def _run(self) -> None:
        dice = Random(f"{self.seed}:crashes")
        hours = closing_hours(self.config.digest, self.clock.moment, self.end + 60 * 24 * HOUR)
        while self.clock.moment < self.end:
            if asleep := span_at(self.scenario.asleep, self.clock.moment):
                self.clock.moment = asleep[1]
                continue
            self.told(self.clock.now())
            began = self.clock.moment
            if self._lives(dice):
                self.clock.moment = self._next(began, self._moments(hours))
            else:
                self.clock.moment += TICK  # a service manager starts it again

    def current(self) -> Config:
        """Give feeds.toml as it stands now: subscriptions may have been given other ids."""
        names = {old: new for at, old, new in self.scenario.renames if at <= self.clock.moment}
        subs = (replace(each, id=names.get(each.id, each.id)) for each in self.config.subscriptions)
        return replace(self.config, subscriptions=tuple(subs))

    def _lives(self, dice: Random) -> bool:
        """Tick once; False when the process died of it."""
        is_doomed = dice.random() * 1000 < self.scenario.crashes
        began = self.clock.now()
        where, most = dice.choice(_DEATHS)
        work = partial(self._tick, began)
        ticked = crashing(work, after=dice.randint(1, most), where=where) if is_doomed else work()
        if ticked is None:
            self._close()
            self.crashes += 1
            return False
        self.polls += len(ticked.summary.polls)
        for issue in ticked.closed:
            self.closed_at[issue.label] = began
            self.rendered[issue.label] = issue.rendered
        return True

    def _tick(self, began: datetime) -> Ticked:
        return daemon.beat(self.current(), self._opened(), now=self.clock.now, fetcher=lambda *_: self._line(began))

    def _opened(self) -> Storage:
        if self.storage is None:
            self.storage = Storage.open(self.config.database, now=self.clock.now())
        return self.storage

    def _close(self) -> None:
        if self.storage is not None:
            self.storage.close()
            self.storage = None

    def _line(self, began: datetime) -> Line:
        return Line(internet=self.internet, scenario=self.scenario, clock=self.clock, witness=self.witness, began=began)

    def _next(self, began: datetime, moments: Iterator[datetime]) -> datetime:
        """Find the next tick at which the daemon has something to do; some of it came up during the last one."""
        now = self.clock.moment
        coming = min(each for each in moments if each > began)
        grid = TICK.total_seconds()
        at = datetime.fromtimestamp((max(coming, now).timestamp() // grid + 1) * grid, UTC)
        asleep = span_at(self.scenario.asleep, at)
        return asleep[1] if asleep else at

    def _moments(self, hours: tuple[datetime, ...]) -> Iterator[datetime]:
        """Give what may be next, also moments that have passed."""
        storage = self._opened()
        now = self.clock.moment
        yield now + IDLE
        yield hours[bisect_right(hours, now)]
        yield from (each for each, _, _ in self.scenario.renames)
        if offline := span_at(self.scenario.offline, now):
            yield offline[1]
        if batch_day(now + IDLE) != batch_day(now):  # a missing batch may be asked for when its day is over
            yield now + HOUR
        yield from (row.paused_until for row in storage.hosts().values() if row.paused_until)
        for feed in storage.feeds():
            yield from _due(feed)


def _due(feed: Feed) -> Iterator[datetime]:
    doors: tuple[DoorState, ...] = (feed.feed, feed.listing, feed.archive)
    yield from (each.next_due_at for each in doors if each.next_due_at)
