"""Stand below the digest's stages: the frozen values that they hand to each other.

gather → Material · rank → Ranked · courses → CourseChoice · select → Selection · compose → Composition,
which has a module of its own, because it is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tracker.digest.composition import Form
from tracker.models import (
    Batch,
    DigestSettings,
    Feed,
    HealthReport,
    Interests,
    Kind,
    Mark,
    Poll,
    RankingSettings,
    StoredEntry,
    Subscription,
    Version,
)

COURSE = "course"  # the section of what stands in a course
WATCH, READ = "watch", "read"
YOURS = "yours"  # the section of what is told for the reader's own sake
INTERESTS, TOP, TITLES, PAPERS = "interests", "top", "titles", "papers"
OF_PAPERS = (YOURS, INTERESTS, TOP, PAPERS, TITLES)  # on the page in this order, the most valuable first
NOUNS: Mapping[Kind, str] = {Kind.VIDEO: "video", Kind.POST: "post", Kind.PAPER: "paper"}
FOR_ROOM = ("not among the first ", "no room ", "most: ")  # how the reasons begin that say nothing against an entry
FUTURE = timedelta(days=1)
DEFAULTS = RankingSettings()
NO_INTERESTS = Interests()


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseState:
    """A course as stored: its lectures in the present order, and what closed issues offered (label, entry)."""

    subscription: Subscription
    title: str
    lectures: tuple[StoredEntry, ...]
    offers: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseChoice:
    """What an issue offers of a course.

    `lectures` are those that can be watched or are done, in order, hidden ones too; `behind` the ids of
    those that the reader has done or passed; `waiting` are those still to come, of which the first are
    `offered`; `done` is how many were ticked, None if none ever was.
    """

    subscription: Subscription
    title: str
    lectures: tuple[StoredEntry, ...]
    offered: tuple[StoredEntry, ...]
    waiting: tuple[StoredEntry, ...]
    behind: frozenset[int]
    done: int | None


@dataclass(frozen=True, slots=True)
class Marked:
    """An entry, of any week, on which the reader has put a mark."""

    entry: StoredEntry
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """A paper of the reader's that was revised: its versions seen up to the window's end, oldest first.

    `told` is the version that issues have told last, None without one. It was `starred` or is followed `since`.
    """

    entry: StoredEntry
    versions: tuple[Version, ...]
    told: int | None
    starred: datetime | None = None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A new version to tell, and the last one that the reader knows of, None where that is not stored."""

    entry: StoredEntry
    version: Version
    former: Version | None
    starred: datetime | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """A paper that an entry links to: its title, "" where it is not stored, and whether the reader follows it."""

    key: str
    url: str
    title: str = ""
    is_followed: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """A paper that an earlier issue did not show, and the ids of the feeds that have discussed it since."""

    entry: StoredEntry
    feeds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What an issue is made of. `polls` is the history of up to 90 days.

    `discussed` says by a paper's key which feeds link to it, `links` by an entry's id to which papers it links; `looks`
    are papers of earlier issues that feeds have discussed since.
    """

    settings: DigestSettings
    subscriptions: Mapping[str, Subscription]
    feeds: Mapping[str, Feed]
    entries: tuple[StoredEntry, ...]
    courses: tuple[CourseState, ...] = ()
    revised: tuple[Revised, ...] = ()
    marks: Mapping[str, Mark]
    marked: tuple[Marked, ...] = ()
    ranking: RankingSettings = DEFAULTS
    interests: Interests = NO_INTERESTS
    discussed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    links: Mapping[int, tuple[Linked, ...]] = field(default_factory=dict)
    looks: tuple[Look, ...] = ()
    polls: tuple[Poll, ...] = ()
    batches: tuple[Batch, ...] = ()
    health: HealthReport
    backlog: int = 0
    first_polled_at: datetime | None = None
    last_success_at: datetime | None = None

    @property
    def is_divided(self) -> bool:
        """Whether papers stand in several sections: the reader has named interests, or wants papers by title."""
        return bool(self.interests.keywords or self.interests.authors or self.settings.titles)

    @property
    def of_looks(self) -> str:
        """The section in which second looks stand."""
        return TOP if self.is_divided else PAPERS

    def is_hidden(self, entry: StoredEntry) -> bool:
        """Whether the reader wants to see a work no more."""
        return is_hidden(entry, self.marks)

    def title(self, feed: str) -> str:
        """Name a feed as the reader does, else as it calls itself."""
        subscription, stored = self.subscriptions.get(feed), self.feeds.get(feed)
        return (subscription.title if subscription else "") or (stored.title if stored else "") or feed


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry with what its place is owed to; `score` is None where only the date decided.

    `terms` add up to the score. `standing` is its place among all papers, from 1. It has the reader's `keywords`, is by
    `people` whom they follow, and is discussed in the feeds of these ids.
    """

    entry: StoredEntry
    score: float | None = None
    reasons: tuple[str, ...] = ()
    terms: Mapping[str, float] = field(default_factory=dict, compare=False)
    standing: int | None = None
    keywords: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    discussed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An entry on the page: how long, where, and the reasons of its rank.

    `is_kept_place`: it has a place that is kept for small groups.
    """

    ranked: Ranked
    form: Form
    section: str
    feeds: tuple[str, ...]
    matched: str = ""
    is_kept_place: bool = False

    @property
    def entry(self) -> StoredEntry:
        """The entry itself."""
        return self.ranked.entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """An entry held back, and what cut it."""

    ranked: Ranked
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """How long the reader wants the page: `interests` and `titles` are papers, `minutes` what is left beside lectures.

    Where papers are not divided into sections, all stand in one. `keeps_places` for small groups.
    """

    is_divided: bool = False
    interests: int = 0
    titles: int = 0
    keeps_places: bool = False
    minutes: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Everything that arrived, divided; `shown` in order of rank. `lectures`: news shown in its course.

    `updates` did not arrive: they are new versions of what came before.
    `places` is how many were asked for in all: with fewer, something falls off the page. `looks` did not arrive either.
    `matches` is how many papers that arrived have a keyword of the reader's and stand in no section before theirs.
    """

    shown: tuple[Shown, ...]
    lectures: tuple[Ranked, ...]
    cut: tuple[Cut, ...]
    places: int
    updates: tuple[Update, ...] = ()
    looks: tuple[Look, ...] = ()
    matches: int = 0


def is_hidden(entry: StoredEntry, marks: Mapping[str, Mark]) -> bool:
    """Tell whether the reader wants to see a work no more."""
    mark = marks.get(entry.key)
    return mark is not None and mark.hidden


def day_of(entry: StoredEntry) -> datetime:
    """Give the date to show and order by: a missing or future one falls back to first seen (M91)."""
    published = entry.published or entry.updated
    if published is None or published > entry.first_seen + FUTURE:
        return entry.first_seen
    return published


def revision(entry: StoredEntry) -> int | None:
    """Give the version of a paper that is news only as a new version of a paper that was not known (M58)."""
    news = [each.announce_type for each in entry.appearances if not each.backlog]
    return entry.version if news and all(each.startswith("replace") for each in news) else None
