"""Stand between compose and render: everything a page says, as plain values that are stored with the issue.

A composition needs nothing else to become a page: no database, no feeds.toml, no clock. It is kept
as JSON, so a field that is added later needs a default, and a field is never given another meaning.
Texts are plain; moments are UTC and `zone` says how to write them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from tracker.models import Kind, Role

FORMAT = 1
Status = Literal["preview", "closed", "span"]
Form = Literal["full", "title"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What the issue covers and how it came to end.

    `idle_from` to `idle_to`: nothing ran. `was_asleep`: the closing hour passed in that time.
    `fetched_days` are days of it whose arXiv batches were fetched afterwards, `unfetched_days` were not.
    """

    start: datetime
    end: datetime
    closes_at: datetime
    next_close: datetime
    covers: tuple[str, ...] = ()
    is_late: bool = False
    is_early: bool = False
    is_first: bool = False
    repeats: str = ""
    first_polled_at: datetime | None = None
    idle_from: datetime | None = None
    idle_to: datetime | None = None
    was_asleep: bool = False
    fetched_days: tuple[date, ...] = ()
    unfetched_days: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """One kind's numbers: shown in full + by title + as a lecture + not shown = arrived."""

    kind: Kind
    arrived: int
    full: int
    by_title: int
    as_lecture: int
    not_shown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry on the page.

    `who` is the channel, or a post's author and publication, or a paper's first and last author of
    `people`.
    `published` is the day to name, or the day it was first seen where the feed gives none that can
    be true (M91). `duration` is in seconds, `minutes` of reading. `lecture` counts from 1.
    `announced` is the label of the issue that counts it as news, where that is not this one. `version`
    is a paper's, where it is told for its own sake, `starred` when its reader starred it; one that is told without
    having been starred is followed. A video that is `members_only` is shown to those who say that they are members.
    Of papers in several sections, `category` is the first and `pdf` an address. `discusses` are papers that are not on
    the page, by title and address, and `discusses_here` how many are. `discussed` are the titles of feeds that have
    taken up a paper since its issue left it out.
    """

    key: str
    kind: Kind
    title: str
    url: str
    role: Role = Role.NEWS
    form: Form = "full"
    who: tuple[str, ...] = ()
    people: int = 0
    published: datetime | None = None
    duration: int | None = None
    minutes: int | None = None
    paywalled: bool = False
    sentence: str = ""
    reasons: tuple[str, ...] = ()
    also_in: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    lecture: int | None = None
    lectures: int | None = None
    announced: str = ""
    version: int | None = None
    starred: datetime | None = None
    members_only: bool = False
    category: str = ""
    pdf: str = ""
    discusses: tuple[tuple[str, str], ...] = ()
    discusses_here: int = 0
    discussed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One course's line and its next lectures.

    `done` is None for a reader who never ticked a lecture: the course then moves on by `pace`, and
    `passed` lectures were offered before.
    `seconds_left` counts the lectures not yet behind the reader, `is_exact` unless a length is unknown.
    """

    feed: str
    title: str
    total: int
    done: int | None
    pace: int
    seconds_left: int
    is_exact: bool
    lectures: tuple[Item, ...]
    passed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A titled group of entries; `name` is watch, read, yours, interests, papers, top or titles.

    `reason` is one that all of them share. `of` is how many papers match the reader's interests.
    """

    name: str
    items: tuple[Item, ...]
    reason: str = ""
    of: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedNote:
    """One line about feeds.

    `kind`: needs (the reader), failing, blocked, stale, moved, outage (over or not), idle (nothing
    ran), missed (arXiv days that passed unseen), cut (arXiv days of which only the
    first `papers` came), gap (entries may have passed unseen
    from `since` to `until`, noticed so many `times`), silent (did not answer when last asked). `names`:
    the titles of the feeds that a line is about, where they can be several. `source` names the kind
    of resource. Of an outage: `host` ("" is the network), how many `feeds` it touched, how many
    `times` and `seconds` in all (`is_at_most`: nobody asked for most of them), `until` None while it
    lasts, `is_whole` when everything was read afterwards.
    """

    kind: Literal["needs", "failing", "blocked", "stale", "moved", "outage", "idle", "missed", "cut", "gap", "silent"]
    feed: str = ""
    title: str = ""
    source: str = ""
    evidence: str = ""
    remedy: str = ""
    host: str = ""
    since: datetime | None = None
    until: datetime | None = None
    feeds: int = 0
    times: int = 1
    seconds: int = 0
    is_at_most: bool = False
    is_whole: bool = True
    days: tuple[date, ...] = ()
    papers: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A feed without news whose rhythm says that this is usual: "last video 9 October"."""

    feed: str
    title: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How asking went inside the span: `subscribed` without the paused ones.

    `silent` are titles of feeds that were asked and do not answer now, without those that need the
    reader. `was_blind`: not one answer came. `no_network_since` is the beginning of an outage of the
    whole network that lasts.
    """

    subscribed: int
    asked: int
    answered: int
    was_blind: bool = False
    silent: tuple[str, ...] = ()
    no_network_since: datetime | None = None
    last_success_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Composition:
    """One page.

    `backlog` is how many older entries the first issue passed over, `more_notes` how many lines
    about feeds are left out. `is_divided`: papers stand in several sections; then `categories` counts those not
    shown by their first category. `boxes`: which entries have one to tick.
    """

    title: str
    label: str
    every: Literal["day", "week", "month"]
    zone: str
    status: Status
    span: Span
    asked: Asked
    counts: tuple[Count, ...] = ()
    backlog: int = 0
    minutes: int = 0
    is_exact: bool = True
    courses: tuple[Course, ...] = ()
    sections: tuple[Section, ...] = ()
    notes: tuple[FeedNote, ...] = ()
    more_notes: int = 0
    quiet: tuple[Quiet, ...] = ()
    is_divided: bool = False
    categories: tuple[tuple[str, int], ...] = ()
    boxes: Literal["all", "course", "none"] = "all"
    format: int = FORMAT


def encode(composition: Composition) -> str:
    """Write a composition as JSON."""
    import msgspec

    return msgspec.json.encode(composition).decode()


def decode(text: str) -> Composition:
    """Read a composition back; raises ValueError for what is none."""
    import msgspec

    return msgspec.json.decode(text, type=Composition)
