"""Live through months of a feed in virtual time: what its document shows, when cadence asks, what is seen and when.

No socket, no clock, no database: histories are dates, and the answers are made from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from random import Random

from tests.factories import make_feed, make_poll, make_subscription
from tracker.models import Door, DoorState, Feed, Outcome, SourceName, Subscription
from tracker.poll import cadence
from tracker.sources import arxiv_calendar

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

TICK = 15 * MINUTE  # the slowest of the ways that docs/daemon.md names: a timer
START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
YEAR = 365 * DAY
BEFORE = 400 * DAY  # how far the generated histories reach back: what is backlog at the first poll
KNOWN = 60  # as many dates as storage hands to cadence
PAGE = 30  # of a channel's newest page

Outage = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a feed published: `published` in order of time; its document holds the newest `holds` of them.

    `is_appended`: a playlist in order of addition, whose feed shows the first ones for ever.
    """

    name: str
    sub: Subscription
    published: tuple[datetime, ...]
    holds: int
    down: tuple[Outage, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    is_appended: bool = False
    start: datetime = START
    end: datetime = START + YEAR

    def outage(self, now: datetime) -> Outage | None:
        """Give the outage that lasts at this moment."""
        return next((each for each in self.down if each[0] <= now < each[1]), None)

    def document(self, now: datetime, door: Door) -> list[int]:
        """Number the entries that the door shows at this moment."""
        there = [number for number, each in enumerate(self.published) if each <= now]
        if self.sub.categories:
            return [
                each
                for each in there
                if arxiv_calendar.batch_day(self.published[each]) == arxiv_calendar.batch_day(now)
            ]
        if door is Door.LISTING:
            return there if self.sub.playlist else there[-PAGE:]
        return there[: self.holds] if self.is_appended else there[-self.holds :]


@dataclass(slots=True)
class Life:
    """How it went."""

    history: History
    seen: dict[int, datetime] = field(default_factory=dict)
    since: dict[int, datetime] = field(default_factory=dict)  # from when on an entry's delay counts: an outage excuses
    asked: Counter[date] = field(default_factory=Counter)
    listed: list[datetime] = field(default_factory=list)  # when the listing was asked
    lacking: set[int] = field(default_factory=set)  # news without a duration

    @property
    def days(self) -> float:
        """How long it lasted."""
        return (self.history.end - self.history.start) / DAY

    @property
    def requests(self) -> int:
        """How often it was asked, through both doors."""
        return self.asked.total()

    @property
    def ratio(self) -> float:
        """Requests beside those of fixed hourly polling."""
        return self.requests / (self.days * 24)

    @property
    def delays(self) -> list[timedelta]:
        """How long each entry waited until it was seen, after an outage from its end on."""
        return [self.seen[each] - self.since[each] for each in self._news() if each in self.seen]

    @property
    def longest(self) -> timedelta:
        """The longest of the delays."""
        return max(self.delays, default=timedelta())

    @property
    def lost(self) -> int:
        """How many entries were never seen, and are not to be seen any more."""
        shown = set(self.history.document(self.history.end, Door.FEED))
        if self.history.sub.source is SourceName.YOUTUBE:
            shown |= set(self.history.document(self.history.end, Door.LISTING))
        return sum(each not in self.seen and each not in shown for each in self._news())

    def _news(self) -> Iterator[int]:
        bounds = self.history.start, self.history.end
        return (number for number, each in enumerate(self.history.published) if bounds[0] < each <= bounds[1])


def live(history: History) -> Life:
    """Ask whenever cadence says so, from the history's start to its end."""
    life = Life(history, since=dict(enumerate(history.published)))
    source = history.sub.source
    feed = make_feed(id=history.sub.id, source=source, feed=DoorState(), first_polled_at=None)
    now = history.start
    while now <= history.end:
        feed = _tick(life, feed, now)
        now += TICK
    return life


def _tick(life: Life, feed: Feed, now: datetime) -> Feed:
    """Do what a poll does: the due doors, then the listing if the answer called for it."""
    sub = life.history.sub
    done: list[Door] = []
    while True:
        due = cadence.doors_due(feed, sub, now=now, has_questions=bool(life.lacking))
        doors = [each for each in due if each not in done and (not done or each is Door.LISTING)]
        if not doors:
            return feed
        for door in doors:
            done.append(door)
            feed = _ask(life, feed, door, now)


def _ask(life: Life, feed: Feed, door: Door, now: datetime) -> Feed:
    life.asked[now.date()] += 1
    life.listed += [now] if door is Door.LISTING else []
    outage = life.history.outage(now) if door is Door.FEED else None  # YouTube's pages answer when its feeds do not
    return _failed(life, feed, door, now, outage) if outage else _answered(life, feed, door, now)


def _failed(life: Life, feed: Feed, door: Door, now: datetime, outage: Outage) -> Feed:
    for number, published in enumerate(life.history.published):
        if published <= now and number not in life.seen:
            life.since[number] = outage[1]
    status = 404 if feed.source is SourceName.YOUTUBE else 503
    state = replace(feed.feed, failures=feed.feed.failures + 1, failing_since=feed.feed.failing_since or now)
    poll = make_poll(feed=feed.id, at=now, door=door, outcome=Outcome.FAILED, status=status)
    return _due(life, replace(feed, feed=state), poll_fields={"poll": poll, "answer_headers": {}}, now=now)


def _answered(life: Life, feed: Feed, door: Door, now: datetime) -> Feed:
    shown = life.history.document(now, door)
    new = [each for each in shown if each not in life.seen]
    is_first = not life.seen
    life.seen.update(dict.fromkeys(new, now))
    _learn_durations(life, feed, door, new=[] if is_first else new)
    old = feed.feed if door is Door.FEED else feed.listing
    state = replace(old, failures=0, failing_since=None, last_success_at=now, last_polled_at=now, entries=len(shown))
    feed = replace(feed, **{str(door): state}, first_polled_at=feed.first_polled_at or now)  # type: ignore[arg-type]  # by the door's name
    if door is Door.LISTING:
        is_whole = bool(feed.gap_since or life.history.sub.playlist)
        feed = replace(feed, gap_since=None, listing_complete_at=now if is_whole else feed.listing_complete_at)
    else:
        newest = max((life.history.published[each] for each in shown), default=None)
        feed = replace(feed, newest_published=max(filter(None, (newest, feed.newest_published)), default=None))
    if door is Door.FEED and feed.source is SourceName.YOUTUBE and len(new) >= cadence.FULL_FEED and not is_first:
        feed = replace(feed, gap_since=now, listing=replace(feed.listing, next_due_at=now))
    outcome = Outcome.NEW if new else Outcome.UNCHANGED
    poll = make_poll(feed=feed.id, at=now, door=door, outcome=outcome, entries=len(shown), new=len(new))
    return _due(life, feed, poll_fields={"poll": poll, "answer_headers": life.history.headers}, now=now)


def _learn_durations(life: Life, feed: Feed, door: Door, *, new: list[int]) -> None:
    if door is Door.LISTING:
        life.lacking.clear()
    elif feed.source is SourceName.YOUTUBE:
        life.lacking.update(new)


def _due(life: Life, feed: Feed, *, poll_fields: dict[str, object], now: datetime) -> Feed:
    poll = poll_fields["poll"]
    known = sorted(life.history.published[each] for each in life.seen)[-KNOWN:]
    order = [life.history.published[each] for each in life.history.document(now, Door.LISTING) if each in life.seen]
    due = cadence.next_due(
        feed,
        life.history.sub,
        retry_after="",
        now=now,
        published=known,
        order=order if life.history.is_appended else order[::-1],
        **poll_fields,  # type: ignore[arg-type]  # the poll and its headers
    )
    door = str(poll.door)  # type: ignore[attr-defined]  # a Poll
    return replace(feed, **{door: replace(getattr(feed, door), next_due_at=due)})  # type: ignore[arg-type]  # by the door's name


# ---------------------------------------------------------------- generated histories


def generated(*, days: int = 365) -> tuple[History, ...]:
    """Make the histories of feeds as the sources behave; each is the same at every run."""
    end = START + days * DAY
    made = (*_channels(), *_playlists(), *_letters(), *_blogs(), *_papers())
    return tuple(replace(each, end=end) for each in made)


def _channels() -> Iterator[History]:
    rhythms = (
        ("quiet channel", "every 45 days", 45 * DAY, 20 * DAY, 1),
        ("weekly channel", "every week", 7 * DAY, 5 * HOUR, 1),
        ("daily channel", "every day", DAY, 4 * HOUR, 1),
        ("bursty channel", "8 at once, every 12 days", 12 * DAY, 3 * DAY, 8),
        ("busy channel", "12 a day", 2 * HOUR, HOUR, 1),
        ("overflowing channel", "24 a day", HOUR, HOUR / 2, 1),
    )
    for name, what, gap, jitter, at_once in rhythms:
        sub = make_subscription(id=name.replace(" ", "-"), channel="UCXUPKJO5MZQN11PqgIvyuvQ")
        yield _youtube(f"YouTube: {name}, {what}", sub, _dates(name, gap, jitter, at_once))


def _playlists() -> Iterator[History]:
    playlist = "PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"
    short = make_subscription(id="course", playlist=playlist)
    yield _youtube("YouTube: playlist of 10, complete", short, _dates("course", 30 * DAY, DAY, 1)[:10])
    long = make_subscription(id="talks", playlist=playlist)
    yield _youtube("YouTube: playlist, newest first, 2 a week", long, _dates("talks", 3.5 * DAY, DAY, 1))
    added = make_subscription(id="lectures", playlist=playlist)
    for name, published in (
        ("2 a week", _dates("lectures", 3.5 * DAY, DAY, 1)),
        ("from nothing, 3 a day", _from(START + 7 * HOUR, 8 * HOUR, 90)),
        ("from nothing, one a day", _from(START + 7 * HOUR, DAY, 60)),
        ("from nothing, every 3 days", _from(START + 7 * HOUR, 3 * DAY, 30)),
        (
            "16 young ones, then one a day",
            (*_from(START - 91 * HOUR, 6 * HOUR, 16), *_from(START + 25 * HOUR, DAY, 20)),
        ),
    ):
        yield replace(_youtube(f"YouTube: playlist, newest last, {name}", added, published), is_appended=True)


def _letters() -> Iterator[History]:
    for name, gap, jitter in (("weekly", 7 * DAY, 3 * HOUR), ("daily", DAY, 2 * HOUR), ("resting", 21 * DAY, 14 * DAY)):
        sub = make_subscription(id=f"letter-{name}", publication=f"https://{name}.substack.com")
        yield History(name=f"Substack: {name}", sub=sub, published=_dates(f"letter {name}", gap, jitter, 1), holds=20)


def _blogs() -> Iterator[History]:
    rhythms = (
        ("rare blog, every 60 days", 60 * DAY, 40 * DAY, 10),
        ("monthly blog", 30 * DAY, 10 * DAY, 10),
        ("news site, 40 a day, holds 30", 36 * MINUTE, 30 * MINUTE, 30),
        ("news site, 36 a day, holds 10", 40 * MINUTE, 30 * MINUTE, 10),
    )
    for number, (name, gap, jitter, holds) in enumerate(rhythms):
        sub = make_subscription(id=f"blog-{number}", url=f"https://blog{number}.example/feed")
        yield History(name=f"Web: {name}", sub=sub, published=_dates(name, gap, jitter, 1), holds=holds)


def _papers() -> Iterator[History]:
    """Three papers stand for each day's batch; every tenth is in the feed at 09:00 UTC only.

    The API's answers change once a day, at the rollover (M66).
    """
    days = arxiv_calendar.announcement_days(START.date() - timedelta(days=30), (START + YEAR).date())
    ready = [
        datetime.combine(day, datetime.min.time(), tzinfo=UTC) + (9 if number % 10 == 9 else 5) * HOUR
        for number, day in enumerate(days)
    ]
    published = tuple(each + second * timedelta(seconds=1) for each in ready for second in range(3))
    category = make_subscription(id="papers", categories=("cs.CL",))
    yield History(name="arXiv: category", sub=category, published=published, holds=0)
    rolled = tuple(each.replace(hour=5) for each in published)
    query = make_subscription(id="query", query="all:attention")
    yield History(name="arXiv: query (API)", sub=query, published=rolled, holds=100)


def _youtube(name: str, sub: Subscription, published: tuple[datetime, ...]) -> History:
    headers = {"cache-control": "public, max-age=900"}
    return History(name=name, sub=sub, published=published, holds=15, down=_outages(sub.id), headers=headers)


def _dates(name: str, gap: timedelta, jitter: timedelta, at_once: int) -> tuple[datetime, ...]:
    """Publish about once every `gap`, up to `jitter` off, `at_once` within three hours."""
    dice = Random(f"dates of {name}")
    dates: list[datetime] = []
    moment = START - BEFORE
    while moment < START + YEAR:
        first = moment + jitter * dice.uniform(-1, 1)
        dates += [first + dice.uniform(0, 3 if at_once > 1 else 0) * HOUR for _ in range(at_once)]
        moment += gap
    return tuple(sorted(dates))


def _from(first: datetime, gap: timedelta, count: int) -> tuple[datetime, ...]:
    return tuple(first + number * gap for number in range(count))


def _outages(name: str) -> tuple[Outage, ...]:
    """YouTube's feeds answer 404 for two to nine hours of every day (M19)."""
    dice = Random(f"outages of {name}")
    begins = (START + day * DAY + dice.uniform(0, 15) * HOUR for day in range(365))
    return tuple((begin, begin + dice.uniform(2, 9) * HOUR) for begin in begins)
