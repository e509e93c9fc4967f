"""Follow one request through fetch: where it stands, what it has cost, which kind of answer may come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tracker.models import Door, Request
from tracker.poll.fetch.redact import host_of
from tracker.poll.fetch.redirects import ascii_url, is_plain

LISTING_LIMIT = 120.0  # seconds for yt-dlp: a listing of 500 takes ten


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    """A request on its way: `urls` are the hops, the last one is asked or to be asked.

    `kind` "page" is a feed's request in which a person's page may come, "look up" yt-dlp's.
    """

    request: Request
    urls: list[str]
    slot: str
    kind: Literal["feed", "page", "list", "look up"]
    is_permanent: bool = True
    may_be_private: bool = False
    spent: float = 0.0
    began: float = 0.0
    is_sent: bool = False

    @property
    def milliseconds(self) -> int:
        """The time spent on asking, without the waits between hops."""
        return round(self.spent * 1000)


def job_for(request: Request, *, kind: Literal["", "page", "look up"] = "") -> Job:
    """Make a job of a request; raises ValueError for what is no web address."""
    if request.door is Door.LISTING:
        return Job(
            request=request, urls=[request.url], slot=request.host, kind="look up" if kind == "look up" else "list"
        )
    url = request.url
    if not is_plain(url):
        url = ascii_url(url)
        if not (url.startswith(("http://", "https://")) and host_of(url)):
            raise ValueError(url)
    return Job(request=request, urls=[url], slot=request.host, kind="page" if kind == "page" else "feed")
