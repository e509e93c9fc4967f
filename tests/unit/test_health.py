"""Feed states from poll histories: a labelled replay set, and what makes an outage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.factories import make_door, make_feed, make_poll, make_subscription
from tracker import health
from tracker.models import Door, Feed, Health, HealthReport, Outcome, Poll, State, Subscription

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)  # a Tuesday
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)

LIST = make_subscription(id="list", playlist="PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ", title="Zero to Hero", course=True)
TALKS = make_subscription(id="talks", channel="UCXUPKJO5MZQN11PqgIvyuvQ")
OTHER = make_subscription(id="other", channel="UCBa5G_ESCn8Yd4vw5U-gIcg")
LETTER = make_subscription(id="letter", publication="https://losscurves.example")
PAPERS = make_subscription(id="papers", categories=("cs.CL",))
BLOG = make_subscription(id="blog", url="https://weeknight.example/feed")
HOSTS = {"list": "youtube.com", "talks": "youtube.com", "other": "youtube.com", "papers": "arxiv.org"}


def row(sub: Subscription, **fields: Any) -> Feed:
    """Have had news yesterday, unless told otherwise."""
    known = {
        "last_new_at": NOW - DAY,
        "newest_published": NOW - DAY,
        "first_polled_at": NOW - 60 * DAY,
        "title": sub.id,
    }
    return make_feed(**{"id": sub.id, "source": sub.source, "feed": make_door(url=""), **known, **fields})


def poll(sub: Subscription, at: datetime, status: int | None = 200, **fields: Any) -> Poll:
    """Have answered with ten known entries, or failed where the status says so."""
    is_good = status in {200, 304} and "error" not in fields
    host = HOSTS.get(sub.id, f"{sub.id}.example")
    outcome = Outcome.UNCHANGED if is_good else Outcome.FAILED
    error = "" if is_good else f"{host} answered {status}."
    known = {"feed": sub.id, "host": host, "outcome": outcome, "entries": 10 if is_good else 0, "error": error}
    return make_poll(**{"at": at, "status": status, **known, **fields})


def polls(
    sub: Subscription, *statuses: int | None, every: timedelta = HOUR, until: datetime = NOW, **fields: Any
) -> list[Poll]:
    """Have these answers at equal distances, the last one at `until`."""
    count = len(statuses)
    return [poll(sub, until - every * (count - 1 - index), status, **fields) for index, status in enumerate(statuses)]


def local(sub: Subscription, count: int, **fields: Any) -> list[Poll]:
    """Have found no network, so often."""
    return polls(sub, *[None] * count, **{"is_local": True, "error": "no name server answers.", **fields})


def days(sub: Subscription, status: int, count: int, **fields: Any) -> list[Poll]:
    """Have the same answer three times a day for so many days."""
    return polls(sub, *[status] * (count * 3), every=8 * HOUR, **fields)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def dates(last: str, *gaps: int) -> list[datetime]:
    """Give the dates of a feed that published last at `last`, and before that with these gaps in days, newest first."""
    found = [at(last)]
    for gap in gaps:
        found.append(found[-1] - gap * DAY)
    return found


def silent(last: str) -> dict[str, Any]:
    """Have had no news since, and be answered all the same."""
    return {"last_new_at": at(last), "newest_published": at(last)}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One labelled history: who, what happened, what people are told."""

    name: str
    sub: Subscription
    history: Sequence[Poll] = ()
    feed: dict[str, Any] = field(default_factory=dict)
    published: Sequence[datetime] = ()
    now: datetime = NOW
    state: State
    needs: bool = False
    since: datetime | None = None
    says: str = ""
    remedy: str = ""


TALKS_GONE = [*days(TALKS, 404, 6), *days(OTHER, 200, 6)]
STALE_LOOKS = [
    poll(PAPERS, at("2026-11-23T05:40"), new=200, outcome=Outcome.NEW, entries=239),
    poll(PAPERS, at("2026-11-24T05:40"), entries=239),
    poll(PAPERS, at("2026-11-24T11:40"), entries=239),
]

CASES = [
    Case(
        name="news yesterday",
        sub=BLOG,
        history=polls(BLOG, 200, 200),
        state=State.OK,
        says="last post Monday 23 November",
    ),
    Case(name="not modified", sub=BLOG, history=polls(BLOG, 304, 304), state=State.OK),
    Case(name="never asked", sub=BLOG, feed={"first_polled_at": None}, state=State.OK, says="not asked yet"),
    Case(
        name="resting channel",
        sub=TALKS,
        history=polls(TALKS, 200, 200),
        feed={"last_new_at": at("2026-10-09T12:00"), "newest_published": at("2026-10-09T12:00")},
        state=State.QUIET,
        since=at("2026-10-09T12:00"),
        says="last video 9 October",
    ),
    Case(
        name="finished course",
        sub=LIST,
        history=polls(LIST, 200, 200),
        feed={"last_new_at": None, "newest_published": at("2024-06-10T00:00")},
        state=State.QUIET,
        says="last lecture June 2024",
    ),
    Case(
        name="empty for ever",
        sub=BLOG,
        history=polls(BLOG, 200, 200),
        feed={"last_new_at": None, "newest_published": None},
        state=State.QUIET,
        says="has never had an entry",
    ),
    Case(
        name="a date in the future is no news of today",
        sub=BLOG,
        history=polls(BLOG, 200),
        feed={"last_new_at": NOW - 20 * DAY, "newest_published": NOW + 400 * DAY},
        state=State.QUIET,
        says="last post",
    ),
    Case(name="one bad answer", sub=BLOG, history=polls(BLOG, 200, 503), state=State.OK),
    Case(
        name="one bad answer of a resting feed",
        sub=BLOG,
        history=polls(BLOG, 200, 503),
        feed={"last_new_at": NOW - 20 * DAY, "newest_published": NOW - 20 * DAY},
        state=State.QUIET,
    ),
    Case(
        name="first answer ever is bad",
        sub=BLOG,
        history=polls(BLOG, 503),
        feed={"last_new_at": None, "newest_published": None, "feed": make_door(last_success_at=None)},
        state=State.OK,
        says="has not answered yet",
    ),
    Case(
        name="two bad answers",
        sub=BLOG,
        history=polls(BLOG, 200, 503, 503),
        state=State.FAILING,
        since=NOW - HOUR,
        says="failed twice since Tuesday 24 November: blog.example answered 503",
    ),
    Case(name="healed", sub=BLOG, history=polls(BLOG, 503, 503, 503, 200), state=State.OK),
    Case(
        name="failing for six days", sub=BLOG, history=days(BLOG, 503, 6), state=State.FAILING, says="failed 18 times"
    ),
    Case(
        name="failing for eight days",
        sub=BLOG,
        history=days(BLOG, 503, 8),
        state=State.FAILING,
        needs=True,
        remedy="tracker unsubscribe blog",
    ),
    Case(
        name="too large for two days",
        sub=BLOG,
        history=days(BLOG, 200, 3, error="the body is larger than 16 MiB.", is_transient=False),
        state=State.FAILING,
        needs=True,
        says="larger than 16 MiB",
        remedy="tracker unsubscribe blog",
    ),
    Case(
        name="not a feed for a day",
        sub=BLOG,
        history=days(BLOG, 200, 1, error="not a feed.", stage="parse"),
        state=State.FAILING,
    ),
    Case(
        name="no such page for three days",
        sub=BLOG,
        history=days(BLOG, 404, 3),
        state=State.FAILING,
        needs=True,
        says='has answered "does not exist" on three days',
        remedy="tracker unsubscribe blog",
    ),
    Case(name="no such page since yesterday", sub=BLOG, history=days(BLOG, 404, 2), state=State.FAILING),
    Case(
        name="the row knows more than the history",
        sub=BLOG,
        history=polls(BLOG, 503, 503),
        feed={"feed": make_door(url="", failures=40, failing_since=NOW - 20 * DAY)},
        state=State.FAILING,
        since=NOW - 20 * DAY,
        needs=True,
    ),
    Case(
        name="YouTube's usual outage",
        sub=TALKS,
        history=polls(TALKS, 200, 404, 404, 404, 404),
        state=State.FAILING,
        since=NOW - 3 * HOUR,
    ),
    Case(
        name="deleted channel",
        sub=TALKS,
        history=TALKS_GONE,
        state=State.GONE,
        needs=True,
        says='has answered "does not exist" on six days since Thursday 19 November: deleted or made private',
        remedy="tracker unsubscribe talks",
    ),
    Case(
        name="YouTube down for everybody for six days",
        sub=TALKS,
        history=[*days(TALKS, 404, 6), *days(OTHER, 404, 6)],
        state=State.FAILING,
    ),
    Case(
        name="the only channel, missing for six days",
        sub=TALKS,
        history=days(TALKS, 404, 6),
        state=State.FAILING,
    ),
    Case(
        name="missing for four days while others answer",
        sub=TALKS,
        history=[*days(TALKS, 404, 4), *days(OTHER, 200, 4)],
        state=State.FAILING,
    ),
    Case(
        name="YouTube's 410 is no 410",
        sub=TALKS,
        history=[*days(TALKS, 410, 3, is_transient=True), *days(OTHER, 200, 3)],
        state=State.FAILING,
    ),
    Case(
        name="feed down, listing up",
        sub=LIST,
        history=[*polls(LIST, 404, 404, 404), poll(LIST, NOW, door=Door.LISTING)],
        state=State.FAILING,
        says="its list of videos still answers",
    ),
    Case(
        name="feed up, listing down for three days",
        sub=LIST,
        history=[
            *days(LIST, 200, 3),
            *polls(LIST, None, None, None, None, every=DAY, door=Door.LISTING, error="yt-dlp could not read it."),
        ],
        state=State.FAILING,
        since=NOW - 3 * DAY,
        says="its list of videos could not be read since Saturday 21 November: yt-dlp could not read it; the feed answers",
    ),
    Case(
        name="feed up, listing down since today",
        sub=LIST,
        history=[*days(LIST, 200, 1), *polls(LIST, None, None, door=Door.LISTING, error="x")],
        state=State.OK,
    ),
    Case(name="gone, said once", sub=BLOG, history=polls(BLOG, 200, 410, is_transient=False), state=State.OK),
    Case(
        name="gone, confirmed on another day",
        sub=BLOG,
        history=polls(BLOG, 410, 410, every=DAY, is_transient=False),
        feed={"gone_since": NOW - DAY},
        state=State.GONE,
        needs=True,
        since=NOW - DAY,
        says='has answered "gone for good" on two days since Monday 23 November',
        remedy="tracker unsubscribe blog",
    ),
    Case(name="gone, and back", sub=BLOG, history=polls(BLOG, 410, 410, 200, every=DAY), state=State.OK),
    Case(name="refused once", sub=LETTER, history=polls(LETTER, 200, 403), state=State.OK),
    Case(
        name="refused",
        sub=LETTER,
        history=polls(LETTER, 200, 403, 403, every=6 * HOUR),
        state=State.BLOCKED,
        since=NOW - 6 * HOUR,
        says="letter.example refuses requests since Tuesday 24 November",
    ),
    Case(
        name="rate limited",
        sub=LETTER,
        history=polls(LETTER, 429, 429, 429),
        state=State.BLOCKED,
        says="limits requests",
    ),
    Case(
        name="password wanted",
        sub=LETTER,
        history=days(LETTER, 401, 2),
        state=State.BLOCKED,
        needs=True,
        says="asks for a password",
        remedy="tracker unsubscribe letter",
    ),
    Case(name="block over", sub=LETTER, history=polls(LETTER, 403, 403, 200), state=State.OK),
    Case(
        name="moved within its owner's domain",
        sub=BLOG,
        history=polls(BLOG, 200, 200, 200, every=DAY),
        feed={"moved_to": "https://feeds.weeknight.example/feed", "moved_since": NOW - 2 * DAY},
        state=State.MOVED,
        since=NOW - 2 * DAY,
        says="now lives at https://feeds.weeknight.example/feed; the old address has forwarded since Sunday 22 November",
    ),
    Case(
        name="moved to another's domain, or hijacked",
        sub=BLOG,
        history=polls(BLOG, 200, 200, 200, every=DAY),
        feed={"moved_to": "https://casino.test/feed?a=1&b=2", "moved_since": NOW - 2 * DAY},
        state=State.MOVED,
        needs=True,
        remedy="tracker subscribe 'https://casino.test/feed?a=1&b=2'",
    ),
    Case(
        name="moved to an address with a token",
        sub=BLOG,
        history=polls(BLOG, 200, 200, 200, every=DAY),
        feed={"moved_to": "https://casino.test/feed?token=HUSH", "moved_since": NOW - 2 * DAY},
        state=State.MOVED,
        needs=True,
        says="now lives at https://casino.test/feed?token=…; the old",
        remedy="tracker feeds blog --json",
    ),
    Case(
        name="forwarded once",
        sub=BLOG,
        history=polls(BLOG, 200, every=DAY),
        feed={"moved_to": "https://casino.test/feed", "moved_since": NOW},
        state=State.OK,
    ),
    Case(
        name="forwarded, and not asked again for days",
        sub=BLOG,
        history=polls(BLOG, 200, until=NOW - 2 * DAY),
        feed={"moved_to": "https://casino.test/feed", "moved_since": NOW - 2 * DAY},
        state=State.OK,
    ),
    Case(
        name="forwarded by a hotel for an evening",
        sub=BLOG,
        history=polls(BLOG, 200, 200, 200),
        feed={"moved_to": "https://hotel.test/login", "moved_since": NOW - 2 * HOUR},
        state=State.OK,
    ),
    Case(
        name="moved, then failing",
        sub=BLOG,
        history=[*polls(BLOG, 200, 200, until=NOW - DAY), *polls(BLOG, 503, 503)],
        feed={"moved_to": "https://casino.test/feed", "moved_since": NOW - 2 * DAY},
        state=State.FAILING,
    ),
    Case(
        name="yesterday's batch again",
        sub=PAPERS,
        history=STALE_LOOKS,
        state=State.STALE,
        since=at("2026-11-24T05:40"),
        says="answered twice on Tuesday with the batch of an earlier day",
    ),
    Case(
        name="yesterday's batch once", sub=PAPERS, history=STALE_LOOKS[:2], now=at("2026-11-24T08:00"), state=State.OK
    ),
    Case(
        name="yesterday's batch, then the right one",
        sub=PAPERS,
        history=[*STALE_LOOKS[:2], poll(PAPERS, at("2026-11-24T11:40"), new=180, outcome=Outcome.NEW, entries=230)],
        state=State.OK,
        says="last paper",
    ),
    Case(
        name="the right batch, then nothing more",
        sub=PAPERS,
        history=[
            poll(PAPERS, at("2026-11-24T05:40"), new=180, outcome=Outcome.NEW, entries=230),
            poll(PAPERS, at("2026-11-24T11:40"), entries=230),
            poll(PAPERS, at("2026-11-24T15:00"), entries=230),
        ],
        state=State.OK,
    ),
    Case(
        name="empty weekend",
        sub=PAPERS,
        history=[
            poll(PAPERS, at("2026-11-26T05:40"), new=200, outcome=Outcome.NEW, entries=230),
            poll(PAPERS, at("2026-11-28T09:00"), entries=0),
            poll(PAPERS, at("2026-11-28T15:00"), entries=0),
        ],
        feed={"last_new_at": at("2026-11-26T05:40"), "newest_published": at("2026-11-26T05:00")},
        now=at("2026-11-28T18:00"),
        state=State.OK,
    ),
    Case(
        name="holiday on which the old batch stays",
        sub=PAPERS,
        history=[
            poll(PAPERS, at("2026-11-26T05:40"), new=200, outcome=Outcome.NEW, entries=230),
            poll(PAPERS, at("2026-11-27T05:40"), entries=230),
            poll(PAPERS, at("2026-11-27T12:00"), entries=230),
        ],
        feed={"last_new_at": at("2026-11-26T05:40"), "newest_published": at("2026-11-26T05:00")},
        now=at("2026-11-27T18:00"),
        state=State.OK,
    ),
    Case(
        name="a day of replacements only",
        sub=PAPERS,
        history=[
            poll(PAPERS, at("2026-11-23T05:40"), new=2, outcome=Outcome.NEW, entries=9),
            poll(PAPERS, at("2026-11-24T05:40"), entries=7, ignored=7),
            poll(PAPERS, at("2026-11-24T11:40"), entries=7, ignored=7),
        ],
        state=State.OK,
    ),
    Case(
        name="an empty batch of a small category",
        sub=PAPERS,
        history=[
            poll(PAPERS, at("2026-11-23T05:40"), new=2, outcome=Outcome.NEW, entries=9),
            poll(PAPERS, at("2026-11-24T05:40"), entries=0),
            poll(PAPERS, at("2026-11-24T11:40"), entries=0),
        ],
        state=State.OK,
    ),
    Case(name="paused", sub=replace(BLOG, paused=True), history=days(BLOG, 503, 9), state=State.PAUSED),
    Case(
        name="no network says nothing of the feed",
        sub=BLOG,
        history=[poll(BLOG, NOW - 9 * HOUR), *local(BLOG, 8)],
        state=State.OK,
    ),
    Case(
        name="failing before the network went",
        sub=BLOG,
        history=[*polls(BLOG, 503, 503, until=NOW - 9 * HOUR), *local(BLOG, 8)],
        state=State.FAILING,
        says="failed twice",
    ),
    Case(
        name="newsletter that ended",
        sub=LETTER,
        history=days(LETTER, 200, 3),
        feed=silent("2026-05-03T09:00"),
        published=dates("2026-05-03T09:00", *[7] * 12),
        state=State.STALE,
        since=at("2026-05-03T09:00"),
        says="answers, but until 3 May a post came about every week, and none since: it seems to have ended",
        remedy="tracker unsubscribe letter",
    ),
    Case(
        name="newsletter that rests for the summer, as it does",
        sub=LETTER,
        history=days(LETTER, 200, 3),
        feed=silent("2026-08-01T09:00"),
        published=dates("2026-08-01T09:00", *[7] * 6, 60, *[7] * 6),
        state=State.QUIET,
        says="last post 1 August",
    ),
    Case(
        name="newsletter that rests for the first time",
        sub=LETTER,
        history=days(LETTER, 200, 3),
        feed=silent("2026-09-28T09:00"),
        published=dates("2026-09-28T09:00", *[7] * 12),
        state=State.QUIET,
        says="last post 28 September, usually every week",
    ),
    Case(
        name="newsletter that came back",
        sub=LETTER,
        history=days(LETTER, 200, 3),
        published=dates("2026-11-23T18:00", 204, *[7] * 12),
        state=State.OK,
        says="last post Monday 23 November",
    ),
    Case(
        name="newsletter that came back with an old date",
        sub=LETTER,
        history=days(LETTER, 200, 3),
        feed={"last_new_at": NOW - DAY, "newest_published": at("2026-05-03T09:00")},
        published=dates("2026-05-03T09:00", *[7] * 12),
        state=State.OK,
    ),
    Case(
        name="newsletter that ended, and then its host went",
        sub=LETTER,
        history=days(LETTER, 503, 2),
        feed=silent("2026-05-03T09:00"),
        published=dates("2026-05-03T09:00", *[7] * 12),
        state=State.FAILING,
    ),
    Case(
        name="monthly newsletter between two posts",
        sub=LETTER,
        history=days(LETTER, 200, 3),
        feed=silent("2026-10-28T09:00"),
        published=dates("2026-10-28T09:00", *[30] * 8),
        state=State.QUIET,
        says="last post 28 October",
    ),
    Case(
        name="yearly blog",
        sub=BLOG,
        history=days(BLOG, 200, 3),
        feed=silent("2025-12-24T09:00"),
        published=dates("2025-12-24T09:00", *[365] * 6),
        state=State.QUIET,
        says="last post December 2025",
    ),
    Case(
        name="five posts are no rhythm",
        sub=BLOG,
        history=days(BLOG, 200, 3),
        feed=silent("2025-12-24T09:00"),
        published=dates("2025-12-24T09:00", 0, 1, 1, 0),
        state=State.QUIET,
    ),
    Case(
        name="blog that moved house in a day",
        sub=BLOG,
        history=days(BLOG, 200, 3),
        feed=silent("2026-05-03T09:00"),
        published=dates("2026-05-03T09:00", *[0] * 40),
        state=State.QUIET,
        says="last post 3 May",
    ),
    Case(
        name="daily channel that ended",
        sub=TALKS,
        history=days(TALKS, 200, 3),
        feed=silent("2026-07-01T09:00"),
        published=dates("2026-07-01T09:00", *[1] * 14),
        state=State.STALE,
        says="until 1 July a video came about every day",
    ),
    Case(
        name="channel that rests as often",
        sub=TALKS,
        history=days(TALKS, 200, 3),
        feed=silent("2026-07-01T09:00"),
        published=dates("2026-07-01T09:00", 90, 2, 1, 120, 40, 1),
        state=State.QUIET,
        says="last video 1 July",
    ),
    Case(
        name="a course is complete, not dead",
        sub=LIST,
        history=days(LIST, 200, 3),
        feed=silent("2024-06-10T00:00"),
        published=dates("2024-06-10T00:00", *[7] * 9),
        state=State.QUIET,
        says="last lecture June 2024",
    ),
    Case(
        name="a feed that was subscribed when it had ended, not asked yet",
        sub=LETTER,
        feed=silent("2026-05-03T09:00"),
        published=dates("2026-05-03T09:00", *[7] * 12),
        state=State.QUIET,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_history_has_its_state(case: Case) -> None:
    """M6, M19, M48, M63, M83: each labelled history gives its state, its evidence and what there is to do."""
    found = health.assess(row(case.sub, **case.feed), case.sub, case.history, now=case.now, published=case.published)

    assert (found.state, found.needs_reader) == (case.state, case.needs), found
    assert case.says in found.evidence
    assert case.since is None or found.since == case.since
    assert not case.needs or found.remedy.startswith("tracker ")
    assert not case.remedy or found.remedy == case.remedy


def test_the_replay_set_is_large() -> None:
    """At least forty histories are told apart, and each state is among them."""
    assert len(CASES) >= 40
    assert {case.state for case in CASES} == {*State}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_evidence_is_one_plain_sentence_without_its_stop(case: Case) -> None:
    """Whatever the state, the evidence is there, is one line, and carries neither markup nor a full stop."""
    feed = row(case.sub, **case.feed)
    evidence = health.assess(feed, case.sub, case.history, now=case.now, published=case.published).evidence

    assert evidence
    assert not set(evidence) & set("`*_[]\n")
    assert not evidence.endswith(".")


def test_what_a_host_says_is_made_harmless() -> None:
    """An error's text brings no control character, no direction mark and no second line into the evidence."""
    history = polls(BLOG, 503, 503, error="bad\x1b[31m\r\n\u202eline " + "x" * 500)
    evidence = health.assess(row(BLOG), BLOG, history, now=NOW).evidence

    assert "bad [31m line" in evidence
    assert len(evidence) < 300


def test_a_hostile_id_stays_one_word_of_the_command() -> None:
    """The command that is recommended quotes what it names."""
    strange = replace(BLOG, id="x; rm -rf ~")
    history = [replace(each, feed=strange.id) for each in days(BLOG, 404, 4)]

    assert health.assess(row(strange), strange, history, now=NOW).remedy == "tracker unsubscribe 'x; rm -rf ~'"


def test_dates_are_the_readers() -> None:
    """What failed late on Monday in London began on Tuesday in Auckland."""
    history = polls(BLOG, 503, 503, until=NOW - 18 * HOUR)
    there = health.assess(row(BLOG), BLOG, history, now=NOW, zone=ZoneInfo("Pacific/Auckland"))

    assert "Monday 23 November" in health.assess(row(BLOG), BLOG, history, now=NOW).evidence
    assert "Tuesday 24 November" in there.evidence


@pytest.mark.parametrize(
    ("ours", "theirs", "is_doubtful"),
    [
        ("Andrej Karpathy", "Andrej Karpathy", False),
        ("Karpathy's long videos", "Andrej Karpathy", False),
        ("Andrej Karpathy", "AI Explained", True),
        ("The Batch newsletter", "The Gradient newsletter", True),
        ("", "AI Explained", False),
        ("Andrej Karpathy", "", False),
    ],
)
def test_a_label_on_the_wrong_feed_is_noticed(ours: str, theirs: str, is_doubtful: bool) -> None:
    """M1: a configured title that shares no word with the feed's own is doubted."""
    said = health.title_doubt(row(TALKS, title=theirs), replace(TALKS, title=ours))

    assert bool(said) is is_doubtful
    assert not is_doubtful or (ours in said and theirs in said)


# ---------------------------------------------------------------- outages


def report(
    history: Iterable[Poll], *subs: Subscription, since: datetime = NOW - WEEK, now: datetime = NOW
) -> HealthReport:
    """Report on these subscriptions; the history comes in order of time, as storage gives it."""
    ordered = sorted(history, key=lambda each: each.at)
    return health.report([row(each) for each in subs], subs, ordered, since=since, now=now)


def states(found: HealthReport) -> dict[str, State]:
    return {each.feed: each.state for each in found.feeds}


def by_id(found: HealthReport, feed: str) -> Health:
    return next(each for each in found.feeds if each.feed == feed)


def test_all_of_youtube_failing_is_one_outage() -> None:
    """M20: feeds of one host that fail together are one event, and none of them is failing as well."""
    history = [*polls(TALKS, 200, 404, 404, 404), *polls(OTHER, 200, 404, 500, 404), *polls(BLOG, 200, 200)]
    found = report(history, TALKS, OTHER, BLOG)

    (outage,) = found.outages
    assert (outage.host, outage.since, outage.until) == ("youtube.com", NOW - 2 * HOUR, None)
    assert outage.feeds == ("other", "talks")
    assert states(found) == {"talks": State.OK, "other": State.OK, "blog": State.OK}
    assert by_id(found, "talks").evidence == "youtube.com could not be reached since Tuesday 24 November"


def test_a_healed_outage_ends_at_the_first_answer() -> None:
    """M20: the outage lasts from the first failure to the first answer of any of the host's feeds."""
    history = [*polls(TALKS, 200, 404, 404, 404, 200), *polls(OTHER, 200, 404, 404, 404, 404)]
    found = report(history, TALKS, OTHER)

    (outage,) = found.outages
    assert (outage.since, outage.until, outage.failed_at) == (NOW - 3 * HOUR, NOW, NOW - HOUR)


def test_a_feed_that_failed_before_makes_no_outage() -> None:
    """M20: beside a feed that is long dead, one bad answer of another is no outage."""
    history = [*days(TALKS, 404, 3), *polls(OTHER, 200, 200, 404)]
    found = report(history, TALKS, OTHER)

    assert found.outages == ()
    assert states(found) == {"talks": State.FAILING, "other": State.OK}


def test_one_answer_in_a_pass_speaks_for_the_host() -> None:
    """M20: polls of one pass bear one time; where one of them brought an answer, the host was there."""
    history = [
        *polls(LIST, 200, 200, 200),
        *polls(TALKS, 200, 404, 404),
        *polls(OTHER, 200, 404, 404),
    ]
    found = report(history, LIST, TALKS, OTHER)

    assert found.outages == ()
    assert states(found) == {"list": State.OK, "talks": State.FAILING, "other": State.FAILING}


def test_an_outage_hides_no_feed_that_needs_the_reader() -> None:
    """M20: a deleted channel is told although the whole host is down at the moment."""
    before = NOW - 4 * HOUR
    history = [
        *days(TALKS, 404, 6, until=before),
        *days(OTHER, 200, 6, until=before),
        *days(LIST, 200, 6, until=before),
        *polls(TALKS, 404, 404),
        *polls(OTHER, 404, 404),
        *polls(LIST, 404, 404),
    ]
    found = report(history, TALKS, OTHER, LIST)

    assert [each.feeds for each in found.outages] == [("list", "other")]
    assert states(found) == {"talks": State.GONE, "other": State.OK, "list": State.OK}


def test_a_platform_down_for_long_is_still_one_event() -> None:
    """M20: after eight days the feeds of YouTube are not each called hopeless; those of a blog's host are."""
    second = make_subscription(id="second", url="https://weeknight.example/notes")
    youtube = report([*days(TALKS, 500, 8), *days(OTHER, 500, 8)], TALKS, OTHER)
    blog = report([*days(BLOG, 500, 8, host="w.example"), *days(second, 500, 8, host="w.example")], BLOG, second)

    assert not any(each.needs_reader for each in youtube.feeds)
    assert all(each.needs_reader for each in blog.feeds)


def test_no_network_is_one_event_for_all() -> None:
    """M94: failures before any host are one outage of the network, and no feed is failing."""
    subs = (TALKS, OTHER, BLOG, PAPERS)
    history = [poll(each, NOW - 5 * HOUR) for each in subs] + [one for each in subs for one in local(each, 4)]
    found = report(history, *subs)

    (outage,) = found.outages
    assert (outage.host, outage.since, outage.until) == ("", NOW - 3 * HOUR, None)
    assert set(outage.feeds) == {"talks", "other", "blog", "papers"}
    assert set(states(found).values()) == {State.OK}
    assert by_id(found, "blog").evidence == "there was no network since Tuesday 24 November"


def test_no_network_at_the_first_run_is_told_at_once() -> None:
    """M94: a single feed that found no network once is enough to say so while it lasts."""
    found = report(local(BLOG, 1), BLOG)

    assert [(each.host, each.until) for each in found.outages] == [("", None)]


def test_every_host_silent_is_the_network() -> None:
    """M94: three feeds of two hosts that time out together mean the network, whatever the errors say."""
    subs = (TALKS, OTHER, BLOG)
    history = [one for each in subs for one in polls(each, 200, None, None, error="timed out.")[1:]]

    assert [each.host for each in report(history, *subs).outages] == [""]


def test_answers_with_errors_are_no_network_outage() -> None:
    """M94: hosts that answer, if only with errors, are reached."""
    history = [*polls(TALKS, 404, 404), *polls(OTHER, 404, 404), *polls(BLOG, 503, 503)]
    found = report(history, TALKS, OTHER, BLOG)

    assert [each.host for each in found.outages] == ["youtube.com"]
    assert states(found)["blog"] is State.FAILING


def test_short_and_old_outages_are_not_told() -> None:
    """Rule 10: what healed within the hour, and what healed before the span, is no news."""
    short = [*polls(TALKS, 404, 200, every=HOUR / 2), *polls(OTHER, 404, 200, every=HOUR / 2)]
    old = [*polls(TALKS, 404, 404, 200, until=NOW - 9 * DAY), *polls(OTHER, 404, 404, 200, until=NOW - 9 * DAY)]

    assert report(short, TALKS, OTHER).outages == ()
    assert report(old, TALKS, OTHER).outages == ()
    assert len(report(old, TALKS, OTHER, since=NOW - 10 * DAY).outages) == 1


def test_a_flapping_network_is_one_event() -> None:
    """M94: an outage that an answer interrupts for an hour is told once."""
    history = [
        *local(BLOG, 4, until=NOW - 5 * HOUR),
        poll(BLOG, NOW - 4 * HOUR),
        *local(BLOG, 3, until=NOW - HOUR),
        poll(BLOG, NOW),
    ]
    found = report(history, BLOG)

    assert [(each.since, each.until) for each in found.outages] == [(NOW - 8 * HOUR, NOW)]


# ---------------------------------------------------------------- when nothing ran


def test_a_sleep_is_found() -> None:
    """The longest stretch without any poll is named when it is longer than a day and a half."""
    history = [*polls(BLOG, 200, 200, until=NOW - 5 * DAY), *polls(BLOG, 200, 200, until=NOW - DAY), poll(BLOG, NOW)]
    found = report(history, BLOG)

    assert (found.idle_from, found.idle_to) == (NOW - 5 * DAY, NOW - DAY - HOUR)


def test_a_night_is_no_sleep() -> None:
    """A laptop that is shut for a day and a night is nothing to tell."""
    found = report(polls(BLOG, *[200] * 8, every=30 * HOUR), BLOG)

    assert (found.idle_from, found.idle_to) == (None, None)


def test_nothing_ran_at_the_end_either() -> None:
    """The stretch may last to the end of the span, and begin with it."""
    found = report([poll(BLOG, NOW - 20 * DAY)], BLOG)

    assert (found.idle_from, found.idle_to) == (NOW - WEEK, NOW)


def test_before_the_first_poll_nothing_could_run() -> None:
    """The days of the span before the first poll ever are no sleep, and neither are those without a poll at all."""
    assert report([poll(BLOG, NOW)], BLOG).idle_from is None
    assert report([], BLOG).idle_from is None


def test_arxivs_weekend_is_no_sleep() -> None:
    """M53, M66: with nothing but arXiv's feeds nobody is asked from Friday to Monday, which is right."""
    friday, monday = at("2026-11-20T05:40"), at("2026-11-23T05:40")
    history = [poll(PAPERS, friday), poll(PAPERS, monday)]
    found = report(history, PAPERS, since=friday, now=monday + HOUR)
    with_blog = report(history, PAPERS, BLOG, since=friday, now=monday + HOUR)
    missed = report([history[0], poll(PAPERS, monday + 2 * DAY)], PAPERS, since=friday, now=monday + 2 * DAY)

    assert found.idle_from is None
    authors = make_subscription(id="authors", authors=("Andrej Karpathy",))
    assert report(history, PAPERS, authors, since=friday, now=monday + HOUR).idle_from is None
    assert (with_blog.idle_from, with_blog.idle_to) == (friday, monday)
    assert (missed.idle_from, missed.idle_to) == (friday, monday + 2 * DAY)


def test_only_followed_feeds_are_reported() -> None:
    """Feeds that feeds.toml no longer names, or that were unsubscribed, are not in the report."""
    rows = [row(BLOG), row(TALKS), row(OTHER, unsubscribed_at=NOW)]
    found = health.report(rows, [BLOG, OTHER], [], since=NOW - WEEK, now=NOW)

    assert [each.feed for each in found.feeds] == ["blog"]


def test_the_last_success_anywhere_is_known() -> None:
    """The report says when anything last answered, through either door."""
    rows = [
        row(BLOG, feed=make_door(last_success_at=NOW - DAY)),
        row(LIST, feed=make_door(last_success_at=None), listing=make_door(last_success_at=NOW - HOUR)),
    ]

    assert health.report(rows, [BLOG, LIST], [], since=NOW - WEEK, now=NOW).last_success_at == NOW - HOUR


def test_a_report_knows_each_feeds_rhythm() -> None:
    """The dates given by feed id decide about that feed alone."""
    rows = [row(each, **silent("2026-05-03T09:00")) for each in (LETTER, BLOG)]
    history = [*days(LETTER, 200, 3), *days(BLOG, 200, 3)]
    weekly = {"letter": dates("2026-05-03T09:00", *[7] * 12)}
    found = health.report(
        rows, [LETTER, BLOG], history, since=NOW - WEEK, now=NOW, published=lambda feed: weekly.get(feed, ())
    )

    assert states(found) == {"letter": State.STALE, "blog": State.QUIET}
