"""Ask the hosts: requests → answers, politely, each with a deadline; the only code that opens a socket."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from tracker import __version__
from tracker.errors import FetchError, NetworkError
from tracker.models import Answer, Door, Failure, Fetched, HttpSettings, Request
from tracker.poll.fetch.http import Transfers
from tracker.poll.fetch.jobs import LISTING_LIMIT, Job, job_for
from tracker.poll.fetch.redact import host_of, redact
from tracker.poll.fetch.run import Run
from tracker.poll.fetch.slots import HostClock, slot_for

__all__ = ["Fetcher", "HostClock", "redact", "user_agent"]

YOUTUBE = "youtube.com"  # the slot that feeds and listings share
_YOUTUBE_DELAY = 3.0


def never() -> bool:
    """Do not stop."""
    return False


def user_agent(contact: str) -> str:
    """Say truthfully who asks: name, version and where to complain (M49)."""
    return f"tracker/{__version__}" + (f" (+{contact})" if contact else "")


class Fetcher:
    """Asks hosts one request at a time, with a rest between two, whatever is asked and how often.

    `hosts` is when each slot was last used, as an earlier command left it in `host_times`.
    `listing_limit` is the seconds after which a yt-dlp child is killed (M37). `began` is when the poll did
    (monotonic), from which a failure's lateness counts.
    """

    def __init__(
        self,
        settings: HttpSettings,
        *,
        contact: str,
        hosts: HostClock | Mapping[str, datetime] | None = None,
        listing_limit: float = LISTING_LIMIT,
        began: float | None = None,
    ) -> None:
        self._settings = settings
        self._user_agent = user_agent(contact)
        self._clock = hosts if isinstance(hosts, HostClock) else HostClock(hosts)
        self._listing_limit = listing_limit
        self._began = time.monotonic() if began is None else began

    def host_times(self) -> dict[str, datetime]:
        """Give when each slot was last used (real time, UTC), to be stored for the next command."""
        return self._clock.times()

    def fetch(self, requests: Iterable[Request], *, stop: Callable[[], bool] = never) -> Iterator[Fetched]:
        """Give each request's answer or failure as it finishes; never raises a FetchError.

        Once `stop` is true (it is looked at every tenth of a second, whenever all that has arrived is handed over)
        the rest is broken off without a word. Closing the iterator does the same.
        """
        yield from self._run(requests, kind="", stop=stop)

    def get(
        self,
        url: str,
        *,
        host: str = "",
        delay: float | None = None,
        timeout: float | None = None,
        stop: Callable[[], bool] = never,
    ) -> Answer:
        """Get one page or feed that a person has named; raises FetchError.

        `host`, `delay` and `timeout` default to the URL's own host and the settings.
        """
        return self._one(self._request(url, Door.FEED, host=host, delay=delay, timeout=timeout), kind="page", stop=stop)

    def resolve(self, url: str, *, stop: Callable[[], bool] = never) -> dict[str, Any]:
        """Tell what a YouTube address is: a handle, legacy name, channel, playlist or video page.

        Gives `type` ("playlist" for lists and channels, "video"), `id`, `title`, `channel` and
        `channel_id` (UC…), each "" or None where unknown. Raises FetchError.
        """
        delay = max(_YOUTUBE_DELAY, self._settings.host_delay) if self._settings.host_delay else 0.0
        request = self._request(url, Door.LISTING, host=YOUTUBE, delay=delay, timeout=None)
        found: dict[str, Any] = json.loads(self._one(request, kind="look up", stop=stop).body)
        return found

    def _request(self, url: str, door: Door, *, host: str, delay: float | None, timeout: float | None) -> Request:
        return Request(
            feed="",
            door=door,
            url=url,
            host=host or slot_for(host_of(url), self._clock.times()),
            delay=self._settings.host_delay if delay is None else delay,
            timeout=timeout or self._settings.timeout,
        )

    def _one(self, request: Request, *, kind: Literal["page", "look up"], stop: Callable[[], bool]) -> Answer:
        for fetched in self._run([request], kind=kind, stop=stop):
            if isinstance(fetched, Failure):
                raise fetched.error
            return fetched
        raise NetworkError("Stopped before an answer came.", url=redact(request.url))

    def _run(
        self, requests: Iterable[Request], *, kind: Literal["", "page", "look up"], stop: Callable[[], bool]
    ) -> Iterator[Fetched]:
        jobs: list[Job] = []
        for request in requests:
            try:
                jobs.append(job_for(request, kind=kind))
            except ValueError:
                yield Failure(request=request, error=_no_url(request))
        run = Run(
            transfers=Transfers(user_agent=self._user_agent, max_body=self._settings.max_body),
            clock=self._clock,
            concurrency=self._settings.concurrency,
            host_delay=self._settings.host_delay,
            listing_limit=self._listing_limit,
            began=self._began,
        )
        try:
            run.add(jobs)
            yield from run.results(stop)
        finally:
            run.close()


def _no_url(request: Request) -> FetchError:
    shown = redact(request.url)
    text = f"{shown} is no address that can be asked."
    return FetchError(text, feed=request.feed, url=shown, remedy="Correct the address in feeds.toml.")
