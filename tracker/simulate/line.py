"""Take fetch's place in a poll: requests go to the generated internet, time passes, and what was given is witnessed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tracker.errors import BlockedError, FetchError, NetworkError, RateLimitedError
from tracker.models import Answer, Door, Failure, Fetched, Request
from tracker.poll.fetch.answers import is_for_host, judge
from tracker.poll.fetch.hop import HopAnswer
from tracker.simulate.internet import Internet, Page
from tracker.simulate.values import Scenario, span_at
from tracker.simulate.witness import Witness

_FEED_SECONDS = 1
_LISTING_SECONDS = 4
_OFFLINE = "was not reached: the network is down."


@dataclass(slots=True)
class VirtualClock:
    """The time of the simulation, in UTC, to the second."""

    moment: datetime

    def now(self) -> datetime:
        """Tell the time."""
        return self.moment.replace(microsecond=0)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.moment += timedelta(seconds=seconds)


@dataclass(slots=True, kw_only=True)
class Line:
    """Asks the generated internet, one request after the other; `began` is the time that the pass goes by.

    Between two requests of a host its delay passes, as in fetch, which asks several hosts at once: so a pass takes
    somewhat longer here.
    """

    internet: Internet
    scenario: Scenario
    clock: VirtualClock
    witness: Witness
    began: datetime
    times: dict[str, datetime] = field(default_factory=dict)
    refusals: dict[str, FetchError] = field(default_factory=dict)

    def host_times(self) -> Mapping[str, datetime]:
        """See poll.Asks."""
        return self.times

    def fetch(self, requests: Iterable[Request], *, stop: Callable[[], bool]) -> Iterator[Fetched]:
        """See poll.Asks. What the program takes without a crash, it was given: only then is it witnessed."""
        for request in requests:
            if stop():
                return
            fetched, page = self._asked(request)
            yield fetched
            self.witness.saw(request, page if isinstance(fetched, Answer) else None, at=self.began)

    def _asked(self, request: Request) -> tuple[Fetched, Page | None]:
        if span_at(self.scenario.offline, self.clock.now()):
            offline = NetworkError(f"{request.host} {_OFFLINE}", feed=request.feed, url=request.url, local=True)
            return Failure(request=request, error=offline, was_sent=False), None
        if request.host in self.refusals:
            return self._left(request), None
        self._wait(request)
        page = self.internet.page(request, self.clock.now())
        self.witness.asked(request)
        urls = page.urls or (request.url,)
        hop = HopAnswer(status=page.status, headers=page.headers, body=page.body, peer="")
        error = judge(hop, urls, is_page=False, is_conditional=bool(request.etag or request.last_modified))
        if error:
            error.feed = request.feed
            if is_for_host(error):
                self.refusals[request.host] = error
            return Failure(request=request, error=error, host=request.host), None
        moved_to = urls[-1] if len(urls) > 1 else ""
        answer = Answer(
            request=request,
            status=page.status,
            url=urls[-1],
            body=page.body,
            headers=dict(page.headers),
            moved_to=moved_to,
            milliseconds=800,
        )
        return answer, page

    def _wait(self, request: Request) -> None:
        last = self.times.get(request.host)
        if last:
            rest = request.delay - (self.clock.moment - last).total_seconds()
            self.clock.wait(max(0.0, rest))
        self.clock.wait(_LISTING_SECONDS if request.door is Door.LISTING else _FEED_SECONDS)
        self.times[request.host] = self.clock.moment

    def _left(self, request: Request) -> Failure:
        """Leave a host alone that has just asked for it, as fetch does."""
        refusal = self.refusals[request.host]
        assert isinstance(refusal, RateLimitedError | BlockedError)
        error = type(refusal)(
            str(refusal), status=refusal.status, url=request.url, remedy=refusal.remedy, retry_after=refusal.retry_after
        )
        error.feed = request.feed
        return Failure(request=request, error=error, was_sent=False, host=request.host)
