"""Remember what the program was truly given, and judge by the design's rules alone what of it must be news.

It knows the generated histories and nothing of the program's own books. A work is *due* as news when an answer that was
taken in full held it, and it came after the feed's first answer, or stood in that with a date inside the first window,
or is a paper of a day's batch. It is *backlog* when it was there before the subscription, and older than the first
window. What the rules leave open (`backlog = 5`, a playlist's first list) may be announced or not, at most once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from tracker.models import Door, Request
from tracker.simulate.internet import Internet, Page
from tracker.simulate.values import History, Work
from tracker.sources.arxiv_calendar import batch_day

Verdict = Literal["due", "open", "backlog"]
_GRAVITY: Mapping[Verdict, int] = {"backlog": 0, "open": 1, "due": 2}


@dataclass(slots=True)
class Arrival:
    """What is known of one work: since when it must be news (None: it need not), through which feed it came."""

    work: Work
    verdict: Verdict
    at: datetime
    feed: str


@dataclass(slots=True)
class Witness:
    """Hears every request and every answer that was taken; the first window runs from `since` to `first_close`.

    `slack` is by how much the program's own first window may differ from that.
    """

    internet: Internet
    start: datetime
    since: datetime
    first_close: datetime
    slack: timedelta
    arrivals: dict[str, Arrival] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    results: dict[str, list[tuple[datetime, bool]]] = field(default_factory=dict)
    batches: dict[tuple[str, date], datetime] = field(default_factory=dict)
    _first: dict[tuple[str, Door], datetime] = field(default_factory=dict)

    def asked(self, request: Request) -> None:
        """Count a request that reached its host."""
        self.requests[request.host] += 1

    def saw(self, request: Request, page: Page | None, *, at: datetime) -> None:
        """Note what the program has taken; None for a failure. Equal bytes and a 304 say the same once more."""
        history = self.internet.history(request.feed)
        is_good = page is not None and not page.is_torn
        if request.door is Door.FEED:
            self.results.setdefault(history.sub.id, []).append((at, is_good))
        if page is None or page.is_torn:
            return
        if request.batch:
            self.batches.setdefault((history.sub.id, request.batch), at)
        for work in page.works:
            self._arrive(work, self._judged(work, history, request, at), at, history.sub.id)
            if history.sub.categories:
                self.batches.setdefault((history.sub.id, batch_day(work.at)), at)
        for work in page.again:
            self._arrive(work, "open", at, history.sub.id)
        self._first.setdefault((history.sub.id, request.door), at)

    def _arrive(self, work: Work, verdict: Verdict, at: datetime, feed: str) -> None:
        known = self.arrivals.get(work.name)
        if known is None:
            self.arrivals[work.name] = Arrival(work, verdict, at, feed)
        elif _GRAVITY[verdict] > _GRAVITY[known.verdict]:
            # What is news after all is so from this answer on.
            known.verdict, known.at, known.feed = verdict, at, feed

    def _judged(self, work: Work, history: History, request: Request, at: datetime) -> Verdict:
        """Say what the design's rules make of a work in this answer."""
        if is_beside(work, history):
            return "open"
        if history.sub.categories or self._is_later(work, history, request):
            return "due"
        is_first = (history.sub.id, request.door) not in self._first
        since = self.since if at < self.first_close else self.start
        if request.door is Door.FEED and is_first and work.published >= since + self.slack:
            return "due"
        is_old = work.at <= self.start and work.published < self.since - self.slack
        return "backlog" if is_old and history.sub.backlog is None else "open"

    def _is_later(self, work: Work, history: History, request: Request) -> bool:
        """Tell whether a work came after the first answer of the door that tells it.

        A playlist's list has a baseline of its own: what came before that is told by the feed, or not at all.
        """
        feed = history.sub.id
        own = self._first.get((feed, request.door))
        if history.sub.playlist and request.door is Door.LISTING:
            return own is not None and work.at > own
        firsts = [each for door in Door if (each := self._first.get((feed, door)))]
        return bool(firsts) and work.at > min(firsts)


def is_beside(work: Work, history: History) -> bool:
    """Tell a video of a kind that the subscription's own list does not hold: it comes when that list is down (M17)."""
    kinds = history.sub.videos
    return bool(history.sub.channel) and len(kinds) == 1 and work.kind not in kinds
