"""A year of arXiv's batches, with days on which nothing ran: what the feed lost is fetched, what cannot be is named."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from tests.factories import make_config, make_subscription
from tests.internet import Internet
from tests.internet_arxiv import API, serve_archive
from tests.internet_feeds import Paper, arxiv_rss
from tests.internet_replies import Reply, Seen, rate_limited
from tracker import digest, health
from tracker.daemon import tick
from tracker.models import BatchState, Config, Door, Outcome, State
from tracker.poll import poll
from tracker.sources import arxiv_calendar
from tracker.storage import Storage

EASTERN = ZoneInfo("America/New_York")
RSS = "https://rss.arxiv.org/rss/cs.CL+cs.LG"
PAPERS = make_subscription(id="papers", categories=("cs.CL", "cs.LG"), title="arXiv")
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class Site:
    """arXiv: papers with their moment of submission, announced evening by evening as its schedule says."""

    net: Internet
    moment: datetime
    papers: list[tuple[Paper, datetime]] = field(default_factory=list)
    batches: dict[date, list[Paper]] = field(default_factory=dict)
    hidden: set[date] = field(default_factory=set)
    stale: set[date] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.net.clock = lambda: self.moment
        self.net.answer(RSS, self._batch)
        serve_archive(self.net, self._announced)

    def submit(self, moment: datetime, *, categories: tuple[str, ...] = ("cs.CL",)) -> Paper:
        """Take a paper in."""
        number = len(self.papers) + 1
        paper = Paper(
            id=f"{moment:%y%m}.{number:05}",
            title=f"Paper {number}",
            authors="Ada Moreau",
            abstract="About $a < b$.",
            categories=categories,
        )
        self.papers.append((paper, moment))
        return paper

    def announce(self, first: date, last: date) -> None:
        """Make each evening's batch of what came in before that evening's deadline and is not announced yet."""
        waiting = sorted(self.papers, key=lambda each: each[1])
        for offset in range((last - first).days + 1):
            evening = first + offset * DAY
            feed_day = evening + DAY
            if not arxiv_calendar.is_announcement_day(feed_day):
                continue
            full = evening - 2 * DAY if evening.weekday() == 6 else evening  # Sunday's is full on Friday
            deadline = datetime.combine(full, time(14), EASTERN)
            self.batches[feed_day] = [paper for paper, moment in waiting if moment < deadline]
            waiting = [each for each in waiting if each[1] >= deadline]

    def day_of(self, paper: Paper) -> date | None:
        """Name the day in whose feed a paper stands."""
        return next((day for day, papers in self.batches.items() if paper in papers), None)

    def _batch(self, seen: Seen) -> Reply:
        day = self.moment.astimezone(EASTERN).date()
        held = max((each for each in self.batches if each < day), default=day) if day in self.stale else day
        body = arxiv_rss(day, self.batches.get(held, ()), categories="cs.CL+cs.LG")
        return Reply(body=body, headers={"content-type": "application/rss+xml"})

    def _announced(self) -> Iterator[tuple[Paper, datetime]]:
        today = self.moment.astimezone(EASTERN).date()
        days = {paper.id: day for day, papers in self.batches.items() for paper in papers}
        for paper, moment in self.papers:
            day = days.get(paper.id)
            if day and day <= today and day not in self.hidden:
                yield paper, moment


@pytest.fixture
def config(net: Internet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Follow two categories, with nothing but the box around."""
    for name, value in net.environ().items():
        monkeypatch.setenv(name, value)
    return make_config(tmp_path / "feeds.toml", subscriptions=(PAPERS,))


def month(net: Internet, rng: random.Random | None = None, *, papers: int = 4) -> Site:
    """Put up November 2026 with some papers a day."""
    rng = rng or random.Random(1)
    site = Site(net, MONDAY)
    start = datetime(2026, 11, 1, tzinfo=UTC)
    for minute in sorted(rng.sample(range(40 * 24 * 60), 40 * papers)):
        site.submit(start + minute * MINUTE)
    site.announce(date(2026, 11, 1), date(2026, 12, 8))
    return site


def look(site: Site, config: Config, moment: datetime, **options: object) -> list[tuple[Door, Outcome]]:
    """Poll at a moment; give the outcomes."""
    site.moment = moment
    with Storage.open(config.database, now=moment) as storage:
        since = moment - 7 * DAY
        done = poll(config, storage, now=moment, since=since, **options).polls  # type: ignore[arg-type]  # by keyword
    return [(each.door, each.outcome) for each in done]


def states(config: Config, now: datetime = MONDAY) -> dict[date, BatchState]:
    with Storage.open(config.database, now=now) as storage:
        return {each.day: each.state for each in storage.batches("papers")}


def stored(config: Config, now: datetime = MONDAY) -> set[str]:
    with Storage.open(config.database, now=now) as storage:
        entries = storage.entries()
        assert not any(each.is_backlog for each in entries)
        return {each.key.removeprefix("arxiv:") for each in entries}


def ids(site: Site, *days: int) -> set[str]:
    """Give the ids of the batches of these days of November."""
    return {paper.id for day in days for paper in site.batches[date(2026, 11, day)]}


def test_a_year_with_thirty_days_away_loses_nothing(net: Internet, config: Config) -> None:
    """What the API still lists of thirty random days arrives once as news; days of which it lists none are named (M51)."""
    rng = random.Random(1)
    site = Site(net, datetime(2026, 1, 5, 12, tzinfo=UTC))
    for offset in range(-14, 364):
        seconds = [8 * 3600, *(rng.randint(0, 86_399) for _ in range(rng.randint(0, 2)))]  # no batch is empty
        for each in seconds:
            moment = site.moment + offset * DAY + each * timedelta(seconds=1)
            site.submit(moment, categories=rng.choice((("cs.CL",), ("math.CO", "cs.LG"), ("cs.LG", "cs.CL"))))
    site.announce(date(2025, 12, 20), date(2027, 1, 2))
    days = [day for day in site.batches if date(2026, 1, 6) <= day <= date(2026, 12, 1)]
    offline = set(rng.sample(days, 30))
    site.hidden = set(rng.sample([day for day in sorted(offline) if site.batches[day]], 3))
    told: set[date] = set()
    start = site.moment
    for step in range(349 * 24 // 17):
        moment = start + step * 17 * HOUR
        if moment.astimezone(EASTERN).date() in offline:
            continue
        site.moment = moment
        for issue in tick(config, now=lambda moment=moment: moment).closed:  # type: ignore[misc]  # bound now
            notes = msgspec.json.decode(issue.composition)["notes"]
            told |= {date.fromisoformat(day) for note in notes if note["kind"] == "missed" for day in note["days"]}
    end = start + 349 * DAY
    first = arxiv_calendar.batch_day(start - 6 * DAY)
    wanted = {paper.id for day in site.batches if first <= day <= end.date() for paper in site.batches[day]}
    lost = {paper.id for day in site.hidden for paper in site.batches[day]}
    assert len(wanted) > 400
    assert wanted - lost <= stored(config, end)
    assert not lost & stored(config, end)
    assert told == site.hidden
    book = states(config, end)
    assert {day for day, state in book.items() if state is BatchState.LOST} == site.hidden
    assert {day for day, state in book.items() if state is BatchState.FETCHED} >= offline - site.hidden


def test_the_first_page_is_full(net: Internet, config: Config) -> None:
    """A first poll fetches the running window's earlier batches, as news, and none from before it (M51)."""
    site = month(net)
    wednesday = datetime(2026, 11, 25, 18, 20, tzinfo=UTC)
    assert look(site, config, wednesday) == [
        (Door.FEED, Outcome.NEW),
        *[(Door.ARCHIVE, Outcome.NEW)] * 4,
    ]
    assert stored(config) == ids(site, 19, 20, 23, 24, 25)
    asked = [seen.params for seen in net.requests_to("export.arxiv.org")]
    assert {(each["max_results"], each["sortBy"], each["sortOrder"]) for each in asked} == {
        ("500", "submittedDate", "descending")
    }
    with Storage.open(config.database, now=MONDAY) as storage:
        one = next(each for each in storage.entries() if each.key.endswith(site.batches[date(2026, 11, 24)][0].id))
    assert one.extra == {"categories": ["cs.CL"], "primary": "cs.CL"}
    assert [each.feed for each in one.appearances] == ["papers"]


def test_a_long_batch_comes_in_pages(net: Internet, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many pages of the API in a poll, the rest at the next; where it stopped is kept with what it brought (M51, M67)."""
    monkeypatch.setattr("tracker.sources.arxiv_archive.PAGE", 1)
    site = month(net)
    look(site, config, MONDAY - 3 * DAY, pages=60)
    now = MONDAY + DAY  # Monday's batch is gone
    before = len(net.requests_to("export.arxiv.org"))
    monday = ids(site, 23)
    assert len(monday) > 3
    look(site, config, now, pages=2)
    assert [seen.params["start"] for seen in net.requests_to("export.arxiv.org")[before:]] == ["0", "1"]
    assert len(stored(config, now) & monday) == 2
    assert states(config)[date(2026, 11, 23)] is BatchState.MISSING
    look(site, config, now + MINUTE, pages=60)
    assert stored(config, now) >= monday
    starts = [int(seen.params["start"]) for seen in net.requests_to("export.arxiv.org")[before:]]
    assert starts == list(range(len(monday)))
    assert states(config)[date(2026, 11, 23)] is BatchState.FETCHED


@pytest.mark.parametrize(
    "refusal", [rate_limited(), Reply(status=503), Reply(status=503, headers={"retry-after": "1"})]
)
def test_a_refusal_ends_it_for_fifteen_minutes(net: Internet, config: Config, refusal: Reply) -> None:
    """429 and 503: nothing is asked again in the same poll, then after 15 minutes, then after 30 (M67)."""
    site = month(net)
    net.fail("export.arxiv.org", refusal)
    start = MONDAY + DAY
    assert look(site, config, start) == [(Door.FEED, Outcome.NEW), (Door.ARCHIVE, Outcome.FAILED)]
    assert look(site, config, start + 14 * MINUTE) == []
    assert look(site, config, start + 18 * MINUTE) == [(Door.ARCHIVE, Outcome.FAILED)]
    assert look(site, config, start + 45 * MINUTE) == []
    assert look(site, config, start + 53 * MINUTE) == [(Door.ARCHIVE, Outcome.FAILED)]
    assert set(states(config).values()) == {BatchState.READ, BatchState.MISSING}


def test_an_empty_page_before_the_end_is_no_end(net: Internet, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without entries before the announced end is arXiv's known fault: the batch stays missing (M68)."""
    monkeypatch.setattr("tracker.sources.arxiv_archive.PAGE", 1)
    site = month(net)
    look(site, config, MONDAY - 3 * DAY, pages=60)
    hole = b'<feed xmlns="http://www.w3.org/2005/Atom"><title>ArXiv Query</title><opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">9</opensearch:totalResults><opensearch:startIndex xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">1</opensearch:startIndex></feed>'
    look(site, config, MONDAY + DAY, pages=1)
    net.fail(API, Reply(body=hole), times=1)
    later = MONDAY + DAY + MINUTE
    assert look(site, config, later) == [(Door.ARCHIVE, Outcome.FAILED)]
    assert states(config)[date(2026, 11, 23)] is BatchState.MISSING
    look(site, config, later + HOUR, pages=60)
    assert stored(config, later) >= ids(site, 23)


def test_a_day_of_yesterdays_batch_is_fetched_the_day_after(net: Internet, config: Config) -> None:
    """A feed that serves yesterday's batch all day has not been read on that day (M51, M63)."""
    site = month(net)
    site.stale = {date(2026, 11, 24)}
    look(site, config, MONDAY)
    look(site, config, MONDAY + DAY)
    assert states(config)[date(2026, 11, 24)] is BatchState.MISSING
    look(site, config, MONDAY + 2 * DAY)
    assert stored(config) >= ids(site, 23, 24, 25)
    assert states(config)[date(2026, 11, 24)] is BatchState.FETCHED


def test_a_batch_that_was_cut_off_is_fetched_the_day_after(net: Internet, config: Config) -> None:
    """A document that ends in its midst is not the day's batch: what it lacked is asked of the API (M51)."""
    site = month(net, papers=8)
    look(site, config, MONDAY)
    whole = arxiv_rss(date(2026, 11, 24), site.batches[date(2026, 11, 24)])
    net.serve(RSS, whole[: len(whole) // 2])
    look(site, config, MONDAY + DAY)
    assert stored(config) & ids(site, 24)
    assert states(config)[date(2026, 11, 24)] is BatchState.MISSING
    look(site, config, MONDAY + 2 * DAY)
    assert stored(config) >= ids(site, 24)


def test_yesterdays_batch_is_looked_at_again_the_same_day(net: Internet, config: Config) -> None:
    """A weekday's feed of papers that all stood there the day before is no error: asked once more that day, and told as stale (M52, M63)."""
    site = month(net)
    tuesday = datetime(2026, 11, 24, 10, 35, tzinfo=UTC)
    site.stale = {tuesday.date()}
    look(site, config, MONDAY)
    assert look(site, config, tuesday)[0] == (Door.FEED, Outcome.UNCHANGED)
    with Storage.open(config.database, now=tuesday) as storage:
        (feed,) = storage.feeds()
        due = feed.feed.next_due_at
        assert feed.feed.failures == 0
    assert due is not None
    assert due.date() == tuesday.date()
    assert look(site, config, due)[0] == (Door.FEED, Outcome.UNCHANGED)
    with Storage.open(config.database, now=due) as storage:
        found = health.assess(storage.feeds()[0], PAPERS, storage.polls(), now=due)
        assert storage.feeds()[0].feed.next_due_at.date() > tuesday.date()  # type: ignore[union-attr]  # it was asked
    assert (found.state, found.needs_reader) == (State.STALE, False)
    assert "with the batch of an earlier day" in found.evidence


def test_a_missed_day_and_a_stale_one_are_told_apart(net: Internet, config: Config) -> None:
    """Where Tuesday served Monday's batch and Monday was missed, Tuesday's own is fetched as well (M51, M63)."""
    site = month(net)
    site.stale = {date(2026, 11, 24)}
    look(site, config, MONDAY - 3 * DAY)
    look(site, config, MONDAY + DAY)
    look(site, config, MONDAY + 2 * DAY)
    assert stored(config) >= ids(site, 23, 24, 25)


def test_a_quiet_day_is_not_missing(net: Internet, config: Config) -> None:
    """A day on which the feed answered, with nothing new in it, and of which the API lists nothing, is read (M51)."""
    site = month(net)
    site.batches[date(2026, 11, 23)] = []
    look(site, config, MONDAY)
    look(site, config, MONDAY + DAY)
    assert states(config)[date(2026, 11, 23)] is BatchState.READ


def test_an_empty_archive_at_the_first_look_is_no_gap(net: Internet, config: Config) -> None:
    """Days of the first window of which the API lists nothing passed before the feed was followed: none is missing (M51)."""
    site = month(net)
    site.hidden = set(site.batches)
    look(site, config, MONDAY)
    assert set(states(config).values()) == {BatchState.READ}


def test_what_is_older_than_a_month_is_not_asked_for(net: Internet, config: Config) -> None:
    """After seven weeks away the last 30 days are fetched; what lies before stays missing (M51)."""
    site = month(net)
    site.announce(date(2026, 9, 20), date(2026, 12, 8))
    first = datetime(2026, 10, 5, 12, tzinfo=UTC)
    look(site, config, first)
    look(site, config, MONDAY, pages=60)
    asked = {seen.params["search_query"] for seen in net.requests_to("export.arxiv.org") if seen.at == MONDAY}
    assert len(asked) == len(arxiv_calendar.announcement_days(date(2026, 10, 24), date(2026, 11, 20)))
    assert states(config)[date(2026, 10, 23)] is BatchState.MISSING


def test_categories_that_the_feed_refuses_are_not_asked_for_elsewhere(net: Internet, config: Config) -> None:
    """As long as the feed has never answered, the API is not asked either (M61)."""
    site = month(net)
    net.fail(RSS, Reply(status=400), times=1)
    assert look(site, config, MONDAY) == [(Door.FEED, Outcome.FAILED)]
    assert net.requests_to("export.arxiv.org") == []


def test_a_batch_of_two_thousand_is_fetched_whole_afterwards(net: Internet, config: Config) -> None:
    """ArXiv cuts a feed at 2,000: the poll warns, and the day is fetched from the API when it is over; till then the page says that a part is missing (M60)."""
    site = Site(net, MONDAY)
    papers = [site.submit(MONDAY - 3 * DAY + HOUR + each * timedelta(seconds=10)) for each in range(2003)]
    site.announce(date(2026, 11, 20), date(2026, 11, 30))
    (monday_in_feed,) = [day for day, batch in site.batches.items() if batch]
    whole = site.batches[monday_in_feed]
    site.batches[monday_in_feed] = whole[3:]
    site.moment = datetime.combine(monday_in_feed, time(12), UTC)
    now = site.moment
    look(site, config, now)
    with Storage.open(config.database, now=now) as storage:
        (warned,) = [each.warnings for each in storage.polls() if each.warnings]
    assert "cut" in warned[0]
    assert states(config)[monday_in_feed] is BatchState.MISSING
    with Storage.open(config.database, now=now) as storage:
        (cut,) = [each for each in storage.batches("papers") if each.cut]
        assert (cut.day, cut.cut) == (monday_in_feed, 2000)
        page = digest.preview_text(config, storage, now=now + DAY)
    assert "was cut off by arXiv at 2,000 papers, and the rest is missing; arXiv's API will be asked." in page
    assert "passed unread" not in page
    site.batches[monday_in_feed] = whole
    look(site, config, now + DAY, pages=60)
    assert stored(config, now) == {paper.id for paper in papers}
    assert states(config)[monday_in_feed] is BatchState.FETCHED


def test_a_cut_batch_of_which_the_api_lists_nothing_is_not_read(net: Internet, config: Config) -> None:
    """A batch cut off at 2,004 stays missing while the API lists nothing, is lost after three days, and is named with its number (M60)."""
    site = Site(net, MONDAY)
    for each in range(2004):
        site.submit(MONDAY - 3 * DAY + HOUR + each * timedelta(seconds=10))
    site.announce(date(2026, 11, 20), date(2026, 12, 4))
    (day,) = [day for day, batch in site.batches.items() if batch]
    now = datetime.combine(day, time(12), UTC)
    site.moment = now
    look(site, config, now)
    site.hidden = {day}
    look(site, config, now + DAY)
    assert states(config)[day] is BatchState.MISSING
    for days in (2, 3):
        look(site, config, now + days * DAY)
    assert states(config)[day] is BatchState.LOST
    with Storage.open(config.database, now=now) as storage:
        page = digest.preview_text(config, storage, now=now + 3 * DAY)
    assert "cut off by arXiv at 2,004 papers, and the rest is missing; arXiv's API lists nothing of that time." in page
