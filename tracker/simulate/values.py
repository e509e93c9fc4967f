"""Stand at the bottom of simulate: the frozen values of the generated internet; every moment is aware and UTC."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Literal

from tracker.models import Subscription

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One generated work; `name` is what it is called in the simulation, whatever its addresses are.

    `at` is the moment from which on its feed shows it, `published` the date that the feed gives. `size` is a video's
    length in seconds, a post's length in words. `versions` are the days (Eastern) on which a paper was replaced.
    """

    name: str
    title: str
    at: datetime
    published: datetime
    text: str = ""
    who: str = ""
    size: int = 0
    kind: Literal["long", "shorts", "live", "post", "paper"] = "post"
    is_paid: bool = False
    categories: tuple[str, ...] = ()
    versions: tuple[date, ...] = ()

    @property
    def id(self) -> str:
        """What a source calls it: a video's or paper's id, a post's slug."""
        return self.name.rpartition(":")[2]


@dataclass(frozen=True, kw_only=True)
class History:
    """Everything that one subscription's feed ever shows, in order of `at`.

    `holds` is how many its document holds at a time. A playlist `is_appended`: the first ones stand in its feed for
    ever.
    """

    sub: Subscription
    title: str
    works: tuple[Work, ...]
    holds: int = 15
    is_appended: bool = False

    @cached_property
    def _moments(self) -> list[datetime]:
        return [work.at for work in self.works]

    def until(self, now: datetime) -> int:
        """Count the works that are there at a moment."""
        return bisect_right(self._moments, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A span in which a host, or one feed of it, answers with a status instead of its feeds.

    `feed` is "" for the whole host, else its document alone is away, and arXiv's API is not. `retry_after` is the
    header's text. Listings go on, as YouTube's pages do.
    """

    host: str
    span: Span
    status: int
    feed: str = ""
    retry_after: str = ""


MoveKind = Literal["domain", "path", "guids", "titles", "reorder", "hidden"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Something about a feed that changes at a moment.

    `domain` and `path`: the document lives elsewhere and the old address forwards for good (M81); `guids`: every id is
    made anew; `titles`: the latest titles are edited; `reorder`: a playlist's first two change places; `hidden`: its
    second video is private for a week.
    """

    kind: MoveKind
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What happens to the program and to the internet around it.

    `renames` are moments at which a subscription gets another id in feeds.toml. `late` are days (Eastern) whose arXiv
    batch comes late: until 10:00 UTC the feed holds the one before. `crashes` is how many ticks of a thousand do not
    live to their end, `torn` how many documents of a thousand arrive cut off.
    """

    name: str
    asleep: tuple[Span, ...] = ()
    offline: tuple[Span, ...] = ()
    outages: tuple[Outage, ...] = ()
    moves: dict[str, tuple[Move, ...]] = field(default_factory=dict)
    renames: tuple[tuple[datetime, str, str], ...] = ()
    late: frozenset[date] = frozenset()
    crashes: int = 0
    torn: int = 0


def span_at(spans: tuple[Span, ...], now: datetime) -> Span | None:
    """Find the span that a moment lies in; they are in order and do not overlap."""
    number = bisect_right(spans, now, key=lambda span: span[0]) - 1
    return spans[number] if number >= 0 and now < spans[number][1] else None
