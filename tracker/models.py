"""Stand below every stage: the frozen values that stages hand to each other.

Every datetime is aware and UTC. Tuples, not lists, cross a border between stages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Literal

from tracker.errors import FetchError


class SourceName(StrEnum):
    """A kind of resource."""

    YOUTUBE = "youtube"
    SUBSTACK = "substack"
    ARXIV = "arxiv"
    WEB = "web"


class Door(StrEnum):
    """A way to read a source; the archive is arXiv's API, asked for a batch that has left the feed (M51)."""

    FEED = "feed"
    LISTING = "listing"
    ARCHIVE = "archive"


class Kind(StrEnum):
    """What an entry is."""

    VIDEO = "video"
    PAPER = "paper"
    POST = "post"


class Outcome(StrEnum):
    """How one poll of one feed through one door ended."""

    NEW = "new"
    UNCHANGED = "unchanged"
    PARTIAL = "partial"
    FAILED = "failed"


class Verdict(StrEnum):
    """What an entry of a poll is to the database."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    IGNORED = "ignored"


class BatchState(StrEnum):
    """What became of the batch of a day: `lost` is missing for good, for arXiv's API lists nothing of it."""

    MISSING = "missing"
    READ = "read"
    FETCHED = "fetched"
    LOST = "lost"


class Role(StrEnum):
    """Why an entry stands in an issue."""

    NEWS = "news"
    COURSE = "course"
    UPDATE = "update"
    SECOND_LOOK = "second-look"


class MarkName(StrEnum):
    """What a reader can say about a work: read or watched, more like this, less like this."""

    DONE = "done"
    STARRED = "starred"
    HIDDEN = "hidden"


class State(StrEnum):
    """A feed's state as people are told it."""

    OK = "ok"
    QUIET = "quiet"
    STALE = "stale"
    FAILING = "failing"
    BLOCKED = "blocked"
    MOVED = "moved"
    GONE = "gone"
    PAUSED = "paused"


# ---------------------------------------------------------------- feeds.toml


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One `[[feed]]` table. Exactly one of the targets (playlist … url) is set.

    `min_duration` is in seconds; `most` 0 bounds nothing.
    """

    id: str
    source: SourceName
    title: str = ""
    playlist: str = ""
    channel: str = ""
    videos: tuple[str, ...] = ("long", "live")
    members_only: bool = False
    min_duration: float = 0.0
    publication: str = ""
    categories: tuple[str, ...] = ()
    announce: tuple[str, ...] = ("new", "cross")
    query: str = ""
    papers: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    url: str = ""
    tags: tuple[str, ...] = ()
    course: bool = False
    pace: int = 1
    most: int = 0
    backlog: int | Literal["all"] | date | None = None
    match: str = ""
    exclude: str = ""
    paused: bool = False
    line: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """`[http]`; times in seconds, size in bytes after decompression."""

    host_delay: float = 2.0
    timeout: float = 30.0
    max_body: int = 16 * 2**20
    concurrency: int = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSettings:
    """`[digest]`; `at` as written, `timezone` an IANA name.

    `lines` and `bytes` are 0 for what the papers need, `minutes` 0 for no bound.
    """

    folder: Path
    file: str = "{issue}.md"
    title: str = "Digest"
    every: Literal["day", "week", "month"] = "week"
    at: str = "mon 07:00"
    timezone: str = "UTC"
    papers: int = 5
    interests: int = 6
    titles: int = 0
    papers_first: bool = False
    minutes: int = 0
    boxes: Literal["all", "course", "none"] = "all"
    lines: int = 0
    bytes: int = 0
    templates: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingSettings:
    """`[ranking]`: what may count in the order of papers."""

    prior: bool = True
    authors: bool = True
    deadline: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Interests:
    """`[interests]`: words and people to look for among papers, and the ids of papers that are followed."""

    keywords: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """feeds.toml, checked; every path absolute."""

    path: Path
    database: Path
    contact: str
    http: HttpSettings
    digest: DigestSettings
    ranking: RankingSettings = RankingSettings()
    interests: Interests = Interests()
    subscriptions: tuple[Subscription, ...]
    keep_polls: timedelta = timedelta(days=90)
    # Each answer asks a few times, and a search through 1,000 subscriptions takes 10 µs.
    _by_id: Mapping[str, Subscription] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {each.id: each for each in reversed(self.subscriptions)})

    def subscription(self, feed: str) -> Subscription | None:
        """Look one up by its id."""
        return self._by_id.get(feed)


# ---------------------------------------------------------------- poll: request → answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to ask, and how gently.

    `host` names the slot that the request waits for: one at a time, `delay` seconds apart
    (arXiv's hosts share one). `items` bounds a listing; of the lists `besides` it only the ids are
    wanted, which tell the kinds in it apart; one that `is_part` lacks other kinds that are wanted.
    `timeout` is for the whole request, in seconds, from holding the slot. `batch` is the day that a
    page of the archive belongs to, `start` the number of entries before it. A probe asks another
    address than the feed's own, and takes it over when it answers (M17).
    """

    feed: str
    door: Door
    url: str
    host: str
    delay: float
    timeout: float
    etag: str = ""
    last_modified: str = ""
    items: int | None = None
    besides: tuple[str, ...] = ()
    is_part: bool = False
    batch: date | None = None
    start: int = 0
    is_probe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A host's answer, or yt-dlp's (then the body is its JSON and the status 200).

    `url` is where the last hop led, `moved_to` where a chain of nothing but 301/308 led, or ""
    (M81). Header names are lower-case.
    """

    request: Request
    status: int
    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    moved_to: str = ""
    milliseconds: int = 0

    @property
    def is_not_modified(self) -> bool:
        """Whether the host said 304."""
        return self.status == 304


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A request that brought no usable answer.

    `was_sent` is false when nobody was asked: the host had just asked to be left alone, or the
    network is down. `host` is the slot that failed, which a redirect may have led to. `late`: whole
    seconds (real time) from the beginning of the poll to the failure.
    """

    request: Request
    error: FetchError
    milliseconds: int = 0
    was_sent: bool = True
    host: str = ""
    late: int = 0


Fetched = Answer | Failure


# ---------------------------------------------------------------- poll: bytes → entries


@dataclass(frozen=True, slots=True)
class Text:
    """Text as a feed gives it, and whether it is HTML."""

    value: str
    is_html: bool = False


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that an entry carries; `length` in bytes, 0 when unknown (M43)."""

    url: str
    type: str = ""
    length: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RawEntry:
    """An entry as its document gives it; `position` counts from 0 in document order."""

    position: int
    guid: str = ""
    link: str = ""
    title: Text = Text("")
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    summary: Text = Text("")
    content: Text = Text("")
    enclosures: tuple[Enclosure, ...] = ()
    categories: tuple[str, ...] = ()
    announce_type: str = ""
    primary_category: str = ""
    video_id: str = ""
    channel_id: str = ""
    duration: int | None = None
    availability: str = ""
    live_status: str = ""
    release_at: datetime | None = None
    slice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """An entry of a document that has the same bytes as when it was read, and so need not be read again.

    `place` is its position in this document, `was` that in the last one, 0 where none is known; `address` its URL made
    comparable, as it was then.
    """

    slice: str
    id: int
    key: str
    guid: str
    address: str
    place: int = 0
    was: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFeed:
    """A parsed document.

    `announced` is how many entries the source says there are (listing, arXiv API). `wait` is how
    long the feed asks to be left alone, in seconds (`ttl`, `sy:`), or None.
    `is_well_formed` is false when the parser had to guess (M90), `is_cut_off` true when the document ends in its
    midst, so that more may stand in the whole one; `has_next` true where it names a further page, which is not followed
    (M87). `recognised` are entries that are not among `entries`, since they were read before; with nothing but these
    the feed's own title and page were not read either.
    """

    title: str
    site_url: str = ""
    entries: tuple[RawEntry, ...] = ()
    announced: int | None = None
    wait: float | None = None
    is_well_formed: bool = True
    is_cut_off: bool = False
    has_next: bool = False
    warnings: tuple[str, ...] = ()
    recognised: tuple[Recognised, ...] = ()

    @property
    def size(self) -> int:
        """How many entries the document holds."""
        return len(self.entries) + len(self.recognised)

    @property
    def is_unread(self) -> bool:
        """Whether there was nothing to read in the document."""
        return bool(self.recognised) and not self.entries


@dataclass(frozen=True, slots=True)
class Mention:
    """A work that an entry's text links to: its key, and the link as found."""

    key: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of one document, cleaned: plain text, canonical URL, UTC dates.

    `key` is "" where only the database can tell it (web, substack); `identify` decides it there.
    `canonical` is the URL made comparable across feeds, `former` the one it would have on the host
    that feeds.toml names, where its publication has moved (M46); `scope` tells what its subscription
    follows, so that a guid that is unique in its feed alone counts there alone. Neither is stored. `duration` is in
    seconds, `words` of the body. `extra` holds what only one source knows (categories, channel id, availability, …),
    JSON-ready. A `placeholder` is a title such as "[Private video]" (M28). `is_upcoming`: it cannot be watched yet, and
    is planned for `release_at`, where that is known (M15). `slice` is the hash of its bytes in the document, "" where
    the same bytes may come to mean something else; `address` is what `canonical` is for an entry that shares it with
    no other.
    """

    position: int
    key: str
    guid: str
    kind: Kind
    title: str
    url: str
    canonical: str = ""
    former: str = ""
    scope: str = ""
    authors: tuple[str, ...] = ()
    summary: str = ""
    words: int | None = None
    duration: int | None = None
    paywalled: bool = False
    published: datetime | None = None
    updated: datetime | None = None
    version: int | None = None
    announce_type: str = ""
    placeholder: str = ""
    is_upcoming: bool = False
    release_at: datetime | None = None
    fingerprint: str = ""
    mentions: tuple[Mention, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)
    slice: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """What the database knows of an entry that a document may hold.

    `guid` is the one of its appearance in the feed being polled and `seen_here` when that began, None without one.
    """

    id: int
    key: str
    title: str
    published: datetime | None
    fingerprint: str
    version: int | None = None
    guid: str | None = None
    seen_here: datetime | None = None
    is_backlog: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What decides between news and backlog at this poll of this door (design: News and backlog).

    `is_first`: this door has not yet answered in full. `since`: the start of the open window.
    `policy`: the subscription's `backlog`. `has_listing`: a playlist's listing is stored.
    `revisions`: the announce types of new versions that are news of papers not known yet (M58).
    `oldest`: the feed's oldest known publication date, for M10. `anchored_at`: when the order of a
    channel's videos was last known. `is_of_all`: the list holds all of a channel's uploads, newest first.
    """

    source: SourceName
    door: Door
    is_first: bool
    since: datetime
    policy: int | Literal["all"] | date | None = None
    has_listing: bool = False
    is_day_batch: bool = False
    revisions: tuple[str, ...] = ()
    oldest: datetime | None = None
    anchored_at: datetime | None = None
    is_of_all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """An entry with its place in the database: `id` is None for a new one.

    `backlog` says why the entry is not news, "" for news. `reason` explains IGNORED.
    """

    entry: Entry
    key: str
    verdict: Verdict
    id: int | None = None
    backlog: str = ""
    reason: str = ""


# ---------------------------------------------------------------- storage


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorState:
    """What is remembered of one door of a feed."""

    url: str = ""
    baseline_at: datetime | None = None
    next_due_at: datetime | None = None
    last_polled_at: datetime | None = None
    last_success_at: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    last_error: str = ""
    last_stage: str = ""
    last_status: int | None = None
    entries: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A subscription's state as stored; `feed`, `listing` and `archive` are its doors.

    Validators belong to `validators_url` (M76) and were stored at `validators_at` (M22).
    `listing_complete_at` is when the last complete listing came, `listing_before_at` the last one on an
    earlier day (M30). `gap_since` is when entries may have
    scrolled out of the feed unseen (M8); a listing closes the gap.
    """

    id: str
    source: SourceName
    target: str
    title: str = ""
    site_url: str = ""
    subscribed_at: datetime
    unsubscribed_at: datetime | None = None
    is_paused: bool = False
    feed: DoorState = DoorState()
    listing: DoorState = DoorState()
    archive: DoorState = DoorState()
    etag: str = ""
    last_modified: str = ""
    validators_url: str = ""
    validators_at: datetime | None = None
    body_hash: str = ""
    wait: float | None = None
    listing_complete_at: datetime | None = None
    listing_before_at: datetime | None = None
    first_polled_at: datetime | None = None
    last_new_at: datetime | None = None
    newest_published: datetime | None = None
    moved_to: str = ""
    moved_since: datetime | None = None
    gone_since: datetime | None = None
    gap_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One poll of one feed through one door, as history keeps it.

    `entries`: how many the document held; `new` includes `backlog`. `host` is the slot's name.
    `is_local`: the fault lay before the host (no network). `gap_since`: nothing in a full document had stood in it at
    the last good answer, of that moment, so entries may have passed unseen since (M8, M41).
    """

    feed: str
    door: Door
    at: datetime
    outcome: Outcome
    host: str = ""
    stage: str = ""
    status: int | None = None
    bytes: int = 0
    entries: int = 0
    new: int = 0
    changed: int = 0
    backlog: int = 0
    ignored: int = 0
    milliseconds: int = 0
    error: str = ""
    remedy: str = ""
    is_transient: bool = True
    is_local: bool = False
    gap_since: datetime | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The batch of one announcement day (Eastern) of a category feed.

    `at`: when it was read, fetched, or last asked for. Of one that is missing: `start` entries of it are stored,
    `tries` times the API has listed nothing. `cut`: so many came in the feed, where arXiv cut it off (M60).
    """

    feed: str
    day: date
    state: BatchState = BatchState.MISSING
    at: datetime | None = None
    start: int = 0
    tries: int = 0
    cut: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """An entry in one feed."""

    feed: str
    guid: str
    position: int | None
    announce_type: str
    backlog: str
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """One work as stored, with its appearances.

    `upcoming_at` is when a listing said for the last time that it cannot be watched yet, None once it can.
    """

    id: int
    key: str
    kind: Kind
    title: str
    url: str
    authors: tuple[str, ...]
    summary: str
    words: int | None
    duration: int | None
    paywalled: bool
    published: datetime | None
    updated: datetime | None
    version: int | None
    first_seen: datetime
    appearances: tuple[Appearance, ...]
    availability: str = ""
    upcoming_at: datetime | None = None
    release_at: datetime | None = None
    issue: str = ""
    shown: bool | None = None
    cut: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_backlog(self) -> bool:
        """Whether every appearance is backlog."""
        return all(each.backlog for each in self.appearances)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A paper as it stood in one version, and when that was first seen."""

    version: int
    first_seen: datetime
    title: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What tells whether two stored videos are one work: `channel` "" and `duration` None are unknown.

    `is_gone`: it cannot be watched any more, or has left every list that it stood in. `is_waiting`: it is news in no
    issue yet. `is_told`: an issue has shown it.
    """

    id: int
    key: str
    title: str
    channel: str
    duration: int | None
    published: datetime | None = None
    first_seen: datetime
    is_gone: bool = False
    is_waiting: bool = False
    is_told: bool = False


WORDS_A_MINUTE = 230  # a usual rate for reading prose in silence


def minutes_of(entry: Entry | StoredEntry) -> float | None:
    """Say how many minutes an entry takes, by its length or its words; None where it does not tell."""
    if entry.duration:
        return entry.duration / 60
    # The words beside an episode are its notes.
    return entry.words / WORDS_A_MINUTE if entry.words and not entry.extra.get("podcast") else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreCounts:
    """What storing one document did: `new` includes `backlog`; `promoted` were backlog and are news now."""

    new: int = 0
    backlog: int = 0
    changed: int = 0
    unchanged: int = 0
    ignored: int = 0
    promoted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRow:
    """What is remembered of a host's slot: when it was last asked, and until when it is left alone."""

    host: str
    last_request_at: datetime | None = None
    paused_until: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What the reader has said about a work, by its key; `origin` is where: an issue's file or a command.

    A work can be done and starred; starred and hidden exclude each other. `at` is when the star was given, else
    when the work was done or hidden.
    """

    key: str
    done: bool = False
    starred: bool = False
    hidden: bool = False
    at: datetime
    origin: str = ""

    @property
    def names(self) -> tuple[MarkName, ...]:
        """Which marks these are."""
        return tuple(each for each in MarkName if getattr(self, each))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A file of the digest's folder that was looked into for marks: `issue` is the label it names, "" for none.

    `signature` changes whenever the file does.
    """

    path: str
    issue: str
    signature: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How much is stored: of one feed, or in all. `unassigned`: news that no closed issue holds."""

    entries: int = 0
    backlog: int = 0
    unassigned: int = 0


# ---------------------------------------------------------------- health


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """A feed's state for people: since when, the evidence in words, what the reader can do.

    `told_from`: when a state that lasts for ever was first certain; an issue tells it then, and every four weeks.
    """

    feed: str
    title: str
    state: State
    since: datetime | None = None
    evidence: str = ""
    remedy: str = ""
    needs_reader: bool = False
    told_from: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A host, or the whole network, that could not be reached for a while: one event.

    `host` is "" for the network. `until` is None while it lasts. `feeds` are the ids it touched, `failed_at` is when
    one of them failed for the last time.
    """

    host: str
    since: datetime
    until: datetime | None
    feeds: tuple[str, ...]
    error: str
    failed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport:
    """Every subscribed feed's health and the outages inside a span."""

    feeds: tuple[Health, ...] = ()
    outages: tuple[Outage, ...] = ()
    last_success_at: datetime | None = None
    idle_from: datetime | None = None
    idle_to: datetime | None = None


# ---------------------------------------------------------------- digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A span with its label.

    `closes_at` is the regular boundary that the label names; `covers` are labels of windows that
    were missed and are covered by this one; `is_late`: it closed after its hour, and `end` is then
    the moment of closing. `repeats` is the label that an earlier issue took already (closed early):
    such a window closes only if anything came.
    """

    label: str
    start: datetime
    end: datetime
    closes_at: datetime
    covers: tuple[str, ...] = ()
    is_late: bool = False
    is_early: bool = False
    is_first: bool = False
    repeats: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An entry's place in an issue: shown or not, and why; `version` is the one that it told.

    `terms` add up to the score. `standing` is a paper's place among all that the issue could have shown, from 1.
    """

    entry: int
    role: Role
    is_shown: bool
    section: str = ""
    rank: int | None = None
    score: float | None = None
    reasons: tuple[str, ...] = ()
    cut: str = ""
    terms: Mapping[str, float] = field(default_factory=dict)
    standing: int | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredIssue:
    """A closed issue as the ledger keeps it; `composition` is JSON, `rendered` the bytes given out."""

    id: int
    label: str
    start: datetime
    end: datetime
    closes_at: datetime
    closed_at: datetime
    covers: tuple[str, ...]
    composition: str
    rendered: bytes
    file: str
    delivered_at: datetime | None
    delivery_error: str = ""
    delivery_failures: int = 0
