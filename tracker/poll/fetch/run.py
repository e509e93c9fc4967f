"""Drive one fetch: queues per host slot, hops, children, and the end of it all when the network is down."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tracker.errors import BlockedError, FetchError, NetworkError, RateLimitedError, UnsafeRedirectError
from tracker.models import Answer, Failure, Fetched
from tracker.poll.fetch import redirects
from tracker.poll.fetch.answers import is_challenge, is_for_host, judge
from tracker.poll.fetch.doubts import Doubts
from tracker.poll.fetch.hop import Hop, HopAnswer
from tracker.poll.fetch.http import Transfers
from tracker.poll.fetch.jobs import Job
from tracker.poll.fetch.redact import host_of, redact
from tracker.poll.fetch.slots import HostClock, slot_for
from tracker.poll.fetch.trouble import OFFLINE, Verdict

if TYPE_CHECKING:
    from tracker.poll.fetch.ytdlp import Listing, Task

PACE = 0.005  # seconds at least between two looks at the others while answers are stored
LINGER = 0.03  # seconds that an answer waits for others
MOST_TOGETHER = 100  # answers
MOST_BYTES = 4 * 2**20  # of theirs, which are in memory
TICK = 0.1  # seconds between two looks at `stop` and at the children
DOWN_AFTER = 3  # hosts that fail before the first answer: then it is the network
DOWN_PATIENCE = 3.0  # seconds that a connection which was begun meanwhile may still take
CHILD_PATIENCE = 10.0  # the same for yt-dlp, into which nobody sees


@dataclass(slots=True, kw_only=True)
class Run:
    """One fetch over some requests; iterate `results`, then `close`."""

    transfers: Transfers
    clock: HostClock
    concurrency: int
    host_delay: float
    listing_limit: float
    queues: dict[str, deque[Job]] = field(default_factory=dict)
    busy: dict[str, Job] = field(default_factory=dict)
    children: dict[str, Listing] = field(default_factory=dict)
    delays: dict[str, float] = field(default_factory=dict)
    refusals: dict[str, FetchError] = field(default_factory=dict)
    done: deque[Fetched] = field(default_factory=deque)
    began: float = 0.0  # when the poll did (monotonic)
    collected: float = 0.0  # when transfers were last looked at (monotonic)
    doubts: Doubts = field(default_factory=Doubts)

    def add(self, jobs: Iterable[Job]) -> None:
        """Queue jobs in order."""
        for job in jobs:
            self.delays[job.slot] = max(job.request.delay, self.delays.get(job.slot, 0.0))
            self.queues.setdefault(job.slot, deque()).append(job)

    def results(self, stop: Callable[[], bool]) -> Iterator[Fetched]:
        """Give what is finished, as it finishes; once `stop` says so, only what has arrived already."""
        while (self.done or self.busy or self.queues or self.doubts) and not stop():
            self._start()
            self._collect(0.0 if self.done else self._patience())
            self._linger()
            self._settle_doubts()
            for _ in range(len(self.done)):
                yield self.done.popleft()
                self._go_on()
        self._collect(0.0)
        yield from self.done

    def close(self) -> None:
        """Break off what runs: sockets are closed and children killed, and their hosts rest from now."""
        for child in self.children.values():
            child.kill()
        for slot in self.busy:
            self.clock.used(slot)
        self.transfers.close()

    # ------------------------------------------------------------ start

    def _start(self) -> None:
        """Start the first job of every slot that is free and has rested."""
        if self.doubts.answered_at is None and len(self.doubts) >= DOWN_AFTER:
            return  # nobody new is asked until it is clear whether the network is down
        for slot in list(self.queues):
            if slot in self.refusals:
                self._leave(slot)
            elif len(self.busy) >= self.concurrency:
                return
            elif slot not in self.busy and not self.clock.rest(slot, self.delays[slot]):
                self._ask(slot, self._next(slot))

    def _next(self, slot: str) -> Job:
        job = self.queues[slot].popleft()
        if not self.queues[slot]:
            del self.queues[slot]
        return job

    def _ask(self, slot: str, job: Job) -> None:
        job.began = time.monotonic()
        try:
            if job.kind in ("list", "look up"):
                self.children[slot] = self._listing(job, job.kind)
            else:
                self.transfers.start(self._hop(job), job)
        except FetchError as error:
            self._fail(job, error)
            return
        self.busy[slot] = job
        job.is_sent = True

    def _listing(self, job: Job, task: Task) -> Listing:
        from tracker.poll.fetch.ytdlp import Listing  # not above: most polls list nothing, and start 10 ms sooner

        asked, limit, pause = job.request, self.listing_limit, min(1.0, job.request.delay)
        return Listing(asked.url, task=task, items=asked.items, besides=asked.besides, pause=pause, limit=limit)

    def _hop(self, job: Job) -> Hop:
        left = job.request.timeout - job.spent
        if left <= 0:
            text = f"{host_of(job.urls[-1])} was not asked: the redirects before it took all the time."
            raise NetworkError(text, url=redact(job.urls[-1]), remedy="If it is always this slow, raise `timeout`.")
        return Hop(
            url=job.urls[-1],
            timeout=left,
            etag=job.request.etag,
            last_modified=job.request.last_modified,
            is_guarded=len(job.urls) > 1 and not job.may_be_private,
        )

    # ------------------------------------------------------------ collect

    def _patience(self) -> float:
        """Say how long to wait for something to happen."""
        if len(self.busy) >= self.concurrency or self.doubts:
            return TICK
        rests = (self.clock.rest(slot, self.delays[slot]) for slot in self.queues if slot not in self.busy)
        return min((TICK, *rests))

    def _collect(self, seconds: float) -> None:
        """Wait a little; take what transfers and children have brought."""
        if len(self.transfers):
            self.transfers.run(seconds)
        elif seconds:
            time.sleep(seconds)
        self.collected = time.monotonic()
        for job, outcome in self.transfers.finished():
            if isinstance(outcome, HopAnswer):
                self._free(job)
                self._on_answer(job, outcome)
            else:
                self._free(job, was_reached=not outcome.is_doubtful)
                self._on_trouble(job, outcome)
        for slot, child in list(self.children.items()):
            found = child.poll()
            if found is not None:
                self._on_listing(slot, found)

    def _linger(self) -> None:
        """Wait a moment for others once one has answered, so that they can be stored together."""
        until = time.monotonic() + LINGER
        while self.done and self.busy and (left := until - time.monotonic()) > 0:
            if self._is_full():
                return
            self._start()
            self._collect(left)

    def _go_on(self) -> None:
        """Let the others go on between two answers, however long those take to store, and fill the slots again."""
        if time.monotonic() - self.collected >= PACE:
            self._collect(0.0)
            if not self._is_full():
                self._start()

    def _is_full(self) -> bool:
        held = sum(len(each.body) for each in self.done if isinstance(each, Answer))
        return len(self.done) >= MOST_TOGETHER or held >= MOST_BYTES

    def _free(self, job: Job, *, was_reached: bool = True) -> None:
        job.spent += time.monotonic() - job.began
        del self.busy[job.slot]
        if was_reached:  # a host that heard nothing needs no rest; without a network nobody has to wait
            self.clock.used(job.slot)

    def _on_answer(self, job: Job, answer: HopAnswer) -> None:
        self.doubts.hear()
        if answer.status in redirects.STATUSES and answer.headers.get("location") and not is_challenge(answer):
            self._redirect(job, answer)
            return
        is_conditional = bool(job.request.etag or job.request.last_modified)
        error = judge(answer, job.urls, is_page=job.kind == "page", is_conditional=is_conditional)
        if error:
            self._fail(job, error)
            return
        moved_to = job.urls[-1] if len(job.urls) > 1 and job.is_permanent else ""
        self._succeed(job, answer.status, answer.body, headers=dict(answer.headers), moved_to=moved_to)

    def _on_listing(self, slot: str, found: bytes | Verdict) -> None:
        job = self.busy[slot]
        del self.children[slot]
        self._free(job)
        if isinstance(found, Verdict):
            if not isinstance(found.error, NetworkError):
                self.doubts.hear()
            self._on_trouble(job, found)
            return
        self.doubts.hear()
        self._succeed(job, 200, found, headers={"content-type": "application/json"}, moved_to="")

    def _succeed(self, job: Job, status: int, body: bytes, *, headers: dict[str, str], moved_to: str) -> None:
        # The URL as it was given, where nothing led elsewhere: its written form is what is compared.
        asked, url, took = job.request, job.request.url if len(job.urls) == 1 else job.urls[-1], job.milliseconds
        answer = Answer(
            request=asked, status=status, url=url, body=body, headers=headers, moved_to=moved_to, milliseconds=took
        )
        self.done.append(answer)

    # ------------------------------------------------------------ redirects

    def _redirect(self, job: Job, answer: HopAnswer) -> None:
        try:
            target, job.may_be_private = redirects.judge(job.urls, answer.headers["location"], peer=answer.peer)
        except UnsafeRedirectError as error:
            self._fail(job, error)
            return
        job.urls.append(target)
        job.is_permanent = job.is_permanent and answer.status in redirects.PERMANENT
        if (host := host_of(target)) != host_of(job.urls[-2]):
            job.slot = slot_for(host, (job.request.host, *self.delays))
        self.delays.setdefault(job.slot, self.host_delay)
        self.queues.setdefault(job.slot, deque()).appendleft(job)

    # ------------------------------------------------------------ failures

    def _on_trouble(self, job: Job, verdict: Verdict) -> None:
        if verdict.is_doubtful:
            self.doubts.add(self._failure(job, verdict.error), began=job.began)
        else:
            self._fail(job, verdict.error)

    def _fail(self, job: Job, error: FetchError) -> None:
        if is_for_host(error):
            self.refusals.setdefault(job.slot, error)
        self.done.append(self._failure(job, error))

    def _failure(self, job: Job, error: FetchError, *, was_sent: bool = True) -> Failure:
        error.feed = job.request.feed
        took, late = job.milliseconds, int(time.monotonic() - self.began)
        return Failure(request=job.request, error=error, milliseconds=took, was_sent=was_sent, host=job.slot, late=late)

    def _leave(self, slot: str) -> None:
        """Give back what waits for a host that has just asked to be left alone."""
        refusal = self.refusals[slot]
        assert isinstance(refusal, RateLimitedError | BlockedError)
        for job in self.queues.pop(slot):
            text = f"{slot} was not asked: it has just answered {refusal.status}, so it is left alone for now."
            url, status, later = redact(job.urls[-1]), refusal.status, refusal.retry_after
            error = type(refusal)(text, status=status, url=url, remedy=refusal.remedy, retry_after=later)
            self.done.append(self._failure(job, error, was_sent=job.is_sent))

    def _settle_doubts(self) -> None:
        """Decide whose fault it was that hosts could not be reached: theirs, or the network's (M94)."""
        if not self.doubts:
            return
        is_over = not (self.busy or self.queues)
        if self.doubts.answered_at is not None or self.transfers.has_got_through():
            self.done.extend(self.doubts.settled(is_over=is_over))
            return
        is_down = len(self.doubts) >= DOWN_AFTER and (is_over or not self._may_yet_answer())
        if is_down or is_over:
            self.done.extend(self.doubts.released(is_down=is_down))
        if is_down:
            self._give_up()

    def _may_yet_answer(self) -> bool:
        now = time.monotonic()
        return any(
            now - job.began < (CHILD_PATIENCE if slot in self.children else DOWN_PATIENCE)
            for slot, job in self.busy.items()
        )

    def _give_up(self) -> None:
        """Fail everything that is left, at once."""
        for child in self.children.values():
            child.kill()
        self.children.clear()
        self.transfers.cancel()
        left = [*self.busy.values(), *(job for queue in self.queues.values() for job in queue)]
        for slot in self.busy:
            self.clock.used(slot)
        self.busy.clear()
        self.queues.clear()
        for job in left:
            text = f"{host_of(job.urls[-1])} was not asked: the network is down."
            error = NetworkError(text, url=redact(job.urls[-1]), remedy=OFFLINE, local=True)
            self.done.append(self._failure(job, error, was_sent=False))
