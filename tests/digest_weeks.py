"""Weeks of sample material for the digest's tests: the texts are ours, real ids and titles are facts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from tests.factories import make_appearance, make_door, make_feed, make_poll, make_stored_entry, make_subscription
from tracker import health
from tracker.digest.page import Page, make_page
from tracker.digest.values import CourseState, Material, Revised
from tracker.models import (
    Batch,
    BatchState,
    DigestSettings,
    Entry,
    Feed,
    Kind,
    Outcome,
    Poll,
    SourceName,
    StoredEntry,
    Subscription,
    Version,
    Window,
)
from tracker.sources import arxiv_calendar

ZONE = "Europe/London"
START = datetime(2026, 11, 23, 7, tzinfo=UTC)
END = datetime(2026, 11, 30, 7, tzinfo=UTC)
WEEK = Window(label="2026-W48", start=START, end=END, closes_at=END)
SETTINGS = DigestSettings(folder=Path("digests"), title="Learning LLMs", timezone=ZONE)

SUBSCRIPTIONS = (
    make_subscription(
        id="zero-to-hero",
        playlist="PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ",
        title="Neural Networks: Zero to Hero",
        course=True,
    ),
    make_subscription(id="karpathy", channel="UCXUPKJO5MZQN11PqgIvyuvQ", title="Andrej Karpathy", videos=("long",)),
    make_subscription(
        id="stanford-online",
        channel="UCBa5G_ESCn8Yd4vw5U-gIcg",
        title="Stanford Online",
        match="CS229|Language Model",
    ),
    make_subscription(id="papers", categories=("cs.CL", "cs.LG", "cs.AI"), title="arXiv cs.CL, cs.LG and cs.AI"),
    make_subscription(id="scaling-laws", query='abs:"scaling laws"', title="Scaling laws"),
    make_subscription(id="gradient-notes", publication="https://gradient-notes.example", title="Gradient Notes"),
    make_subscription(id="loss-curves", publication="https://losscurves.example", title="Loss Curves"),
    make_subscription(id="weeknight", url="https://weeknight-ml.example/feed", title="Weeknight ML"),
    make_subscription(id="craftsperson", url="https://www.softwarecraftsperson.com/", title="Software Craftsperson"),
)
HOSTS = {
    SourceName.YOUTUBE: "youtube.com",
    SourceName.ARXIV: "arxiv.org",
    SourceName.SUBSTACK: "substack.com",
}
# Position, id, title and length of the playlist's ten videos.
LECTURES = (
    ("VMj-3S1tku0", "The spelled-out intro to neural networks and backpropagation: building micrograd", 8752),
    ("PaCmpygFfXo", "The spelled-out intro to language modeling: building makemore", 7065),
    ("TCH_1BHY58I", "Building makemore Part 2: MLP", 4540),
    ("P6sfmUTpUmc", "Building makemore Part 3: Activations & Gradients, BatchNorm", 6958),
    ("q8SA3rM6ckI", "Building makemore Part 4: Becoming a Backprop Ninja", 6924),
    ("t3YJ5hKiMQ0", "Building makemore Part 5: Building a WaveNet", 3382),
    ("kCc8FmEb1nY", "Let's build GPT: from scratch, in code, spelled out.", 6980),
    ("bZQun8Y4L2A", "State of GPT | BRK216HFS", 2560),
    ("zduSFxRajkE", "Let's build the GPT Tokenizer", 8015),
    ("l8pRSuU81PU", "Let's reproduce GPT-2 (124M)", 14486),
)
_numbers = count(1000)


def at(text: str) -> datetime:
    """Read "24 09:15" as a moment of November 2026, or a whole ISO moment; UTC."""
    if len(text) < 10:
        day, time = text.split()
        text = f"2026-11-{int(day):02}T{time}"
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def video(video_id: str, title: str, *, day: str, feeds: Iterable[str], **fields: Any) -> StoredEntry:
    """Be a video as stored."""
    return entry(
        Kind.VIDEO,
        f"youtube:{video_id}",
        title,
        f"https://www.youtube.com/watch?v={video_id}",
        day=day,
        feeds=feeds,
        **fields,
    )


def paper(paper_id: str, title: str, *, day: str, feeds: Iterable[str] = ("papers",), **fields: Any) -> StoredEntry:
    """Be a paper as stored."""
    return entry(
        Kind.PAPER, f"arxiv:{paper_id}", title, f"https://arxiv.org/abs/{paper_id}", day=day, feeds=feeds, **fields
    )


def post(url: str, title: str, *, day: str, feed: str, **fields: Any) -> StoredEntry:
    """Be a post as stored."""
    return entry(Kind.POST, f"web:{url}", title, f"https://{url}", day=day, feeds=(feed,), **fields)


def entry(kind: Kind, key: str, title: str, url: str, *, day: str, feeds: Iterable[str], **fields: Any) -> StoredEntry:
    """Be anything as stored, first seen an hour after it was published, news in these feeds."""
    published = at(day)
    backlog = fields.pop("backlog", "")
    seen = fields.pop("first_seen", published + timedelta(hours=1))
    base = Entry(position=0, key=key, guid=url, kind=kind, title=title, url=url, published=published)
    appearances = tuple(
        make_appearance(feed=feed, guid=url, first_seen=seen, last_seen=seen, backlog=backlog) for feed in feeds
    )
    defaults: dict[str, Any] = {"appearances": appearances, "first_seen": seen, "availability": ""}
    return make_stored_entry(fields.pop("id", next(_numbers)), entry=base, **{**defaults, **fields})


def lectures(*, summary: str = "") -> tuple[StoredEntry, ...]:
    """Be the playlist's ten videos, backlog all of them."""
    text = summary or (
        "We implement a multilayer perceptron (MLP) character-level language model. In this video we also introduce"
        " many basics of machine learning."
    )
    return tuple(
        video(
            video_id,
            title,
            day="2022-09-12T12:00",
            first_seen=at("18 18:20"),
            feeds=("zero-to-hero",),
            backlog="there before",
            duration=length,
            summary=f"{text}\n\nLinks:\n- https://github.com/karpathy/makemore",
            authors=("Microsoft Developer",) if video_id == "bZQun8Y4L2A" else ("Andrej Karpathy",),
            id=number,
        )
        for number, (video_id, title, length) in enumerate(LECTURES, 1)
    )


def course(*, offered: int = 2, items: Sequence[StoredEntry] | None = None) -> CourseState:
    """Be the course after so many closed issues have offered a lecture each."""
    items = lectures() if items is None else tuple(items)
    return CourseState(
        subscription=SUBSCRIPTIONS[0],
        title="Neural Networks: Zero to Hero",
        lectures=tuple(items),
        offers=tuple((f"2026-W{48 - offered + number}", items[number].id) for number in range(offered)),
    )


def a_full_week() -> tuple[StoredEntry, ...]:
    """Be the news of a week: 14 videos of which one passes, four posts, 1,304 papers."""
    return (
        video(
            "EXAMPLEvid0",
            "Stanford CS229 Guest Lecture: Post-Training Language Models in Practice",
            day="26 17:00",
            feeds=("stanford-online",),
            duration=4702,
            authors=("Stanford Online",),
            summary=(
                "For more information about the courses, visit: https://online.stanford.edu\n\n"
                "A guest lecture on how instruction data is collected, what preference tuning adds, and where evaluation"
                " goes wrong. Recorded in autumn.\n\nChapters:\n0:00 Start\n12:10 Data"
            ),
        ),
        *(
            video(
                f"STANFORD{number:03}",
                f"Webinar {number}: Leading in a Changing World",
                day="25 17:00",
                feeds=("stanford-online",),
            )
            for number in range(13)
        ),
        post(
            "gradient-notes.example/p/how-many-tokens",
            "How many tokens does a small model want?",
            day="24 08:00",
            feed="gradient-notes",
            authors=("Ines Okafor",),
            summary="The scaling laws from 2022 to today, with every fit redone in one notebook.",
            words=5520,
        ),
        post(
            "losscurves.example/p/what-an-evaluation",
            "What an evaluation is allowed to tell you",
            day="25 09:30",
            feed="loss-curves",
            authors=("Tomas Lindqvist",),
            summary="Three leaderboards, the same nine models, three winners: which differences are larger than the noise.",
            words=2530,
        ),
        post(
            "weeknight-ml.example/tokenizer",
            "A tokenizer in an afternoon",
            day="28 11:00",
            feed="weeknight",
            authors=("Sam Whitlow",),
            summary="Byte-pair encoding in ninety lines, tested against the real one.",
            words=1380,
        ),
        post(
            "losscurves.example/p/price-of-a-reward-model",
            "The price of a reward model",
            day="27 09:30",
            feed="loss-curves",
            authors=("Tomas Lindqvist",),
            paywalled=True,
            words=120,
        ),
        *some_papers(1304),
    )


# What editors pick rarely, and often.
FAR = {"categories": ["cs.CR", "stat.ML"], "primary": "cs.CR"}
NEAR = {"categories": ["cs.CL", "cs.LG"], "primary": "cs.CL"}


def some_papers(number: int) -> tuple[StoredEntry, ...]:
    """Be a week's papers; the newest five have texts of their own."""
    special = (
        paper(
            "2611.90214",
            "Compute-Optimal Training Below One Billion Parameters",
            day="30 05:00",
            first_seen=at("30 05:31"),
            extra=NEAR,
            feeds=("papers", "scaling-laws"),
            authors=("Rana Haddad", "Li Wei", "Jo Park", "Sol Ortiz", "Chidi Nkemelu"),
            summary=(
                "Scaling laws are fitted to large models. We fit scaling laws to 214 runs and find that small models want"
                " about sixty tokens per parameter, three times the rule of 2022. Code is public."
            ),
        ),
        paper(
            "2611.90077",
            "Meridian 3 Technical Report",
            day="30 05:00",
            first_seen=at("30 05:31"),
            extra=NEAR,
            authors=("Kaito Abe", *(f"Author {each}" for each in range(141)), "Ana Zu"),
            summary="We describe data, training and safety evaluation of open-weight models from 2B to 70B parameters.",
        ),
        paper(
            "2611.90391",
            r"What $k$-gram Tokenizers Throw Away: \emph{Loss} Across 40 Languages",
            day="30 05:00",
            first_seen=at("30 05:31"),
            extra=NEAR,
            authors=("Priya Raman", "A. B. de la Cruz", "Miguel Duarte"),
            summary=(
                "Tokenizers lose information, e.g. in Thai. However, nobody has measured it. This paper measures what"
                " each of eleven tokenizers loses before the first layer. We hope it helps."
            ),
        ),
        paper(
            "2611.90155",
            "Reading a Small Transformer from End to End",
            day="30 05:00",
            first_seen=at("30 05:31"),
            extra=NEAR,
            authors=("Ida Sorensen", "Tom Vale"),
            summary="We label every attention head of a 12-layer model and test each label by removing the head.",
        ),
        paper(
            "2611.90006",
            "Preference Tuning Without Pairs",
            day="30 05:00",
            first_seen=at("30 05:31"),
            extra=NEAR,
            authors=("OpenPref Team",),
            summary="Nothing in this abstract says what was done.",
        ),
    )
    rest = (
        paper(
            f"2611.{10000 + each}",
            f"Paper {each}",
            day=f"{24 + each % 4} 05:00",
            authors=("A B", "C D", "E F"),
            extra=FAR,
        )
        for each in range(number - len(special))
    )
    return (*special, *rest)


def new_version(number: int = 1, *, summary: str = "We show 2.1x.", **fields: Any) -> Revised:
    """Be a paper told in week 39 and starred then, whose second version came on Tuesday."""
    entry = paper(f"2609.{90000 + number}", "Lookahead Heads", day="2026-09-21T05:00", id=5000 + number)
    former = Version(version=1, first_seen=at("2026-09-21T06:00"), title="Lookahead Heads", summary="We show 2.4x.")
    version = Version(version=2, first_seen=at("24 05:31"), title=fields.pop("title", former.title), summary=summary)
    starred = at("2026-09-25T20:00")
    given = {"told": 1, "starred": starred, "since": starred, **fields}
    return Revised(entry=replace(entry, issue="2026-W39", shown=True), versions=(former, version), **given)


def feeds(**changes: dict[str, Any]) -> dict[str, Feed]:
    """Be the state of every feed: answering, the two quiet ones with their last entries."""
    newest = {"karpathy": at("2026-10-09T18:00"), "zero-to-hero": at("2024-06-09T22:00")}
    return {
        each.id: make_feed(
            **{
                "id": each.id,
                "source": each.source,
                "title": each.title,
                "subscribed_at": at("2026-08-01T12:00"),
                "first_polled_at": at("2026-08-01T12:00"),
                "feed": make_door(url=each.url or f"https://{each.id}.example/feed"),
                "newest_published": newest.get(each.id, at("29 12:00")),
                "last_new_at": newest.get(each.id, at("29 12:00")),
                **changes.get(each.id.replace("-", "_"), {}),
            }
        )
        for each in SUBSCRIPTIONS
    }


def polls(
    *, since: datetime = START, until: datetime = END, hours: int = 6, fails: Any = lambda poll: ""
) -> tuple[Poll, ...]:
    """Ask every feed every so many hours; `fails` gives a failed poll's error, "" for an answer."""
    made = []
    moment = since + timedelta(minutes=5)
    while moment < until:
        for each in SUBSCRIPTIONS:
            poll = make_poll(feed=each.id, at=moment, host=HOSTS.get(each.source, f"{each.id}.example"), entries=15)
            error = fails(poll)
            if error:
                status = 404 if "does not exist" in error else None
                poll = replace(
                    poll,
                    outcome=Outcome.FAILED,
                    stage="fetch",
                    status=status,
                    error=error,
                    is_local=error == "no route",
                )
            made.append(poll)
        moment += timedelta(hours=hours)
    return tuple(made)


def batches(
    asked: Sequence[Poll], *, since: datetime, until: datetime, fetched: Collection[date] = ()
) -> tuple[Batch, ...]:
    """Keep the book of arXiv's days: read where the feed answered, fetched afterwards, else missing."""
    made = []
    for each in SUBSCRIPTIONS:
        own = [poll for poll in asked if poll.feed == each.id and poll.outcome is not Outcome.FAILED]
        read = {arxiv_calendar.batch_day(poll.at) for poll in own}
        for day in (
            arxiv_calendar.announcement_days(arxiv_calendar.batch_day(since), arxiv_calendar.batch_day(until))
            if each.categories
            else ()
        ):
            seen = BatchState.READ if day in read else BatchState.FETCHED if day in fetched else BatchState.MISSING
            made.append(Batch(feed=each.id, day=day, state=seen))
    return tuple(made)


def material(**fields: Any) -> Material:
    """Be everything that the week's page is made of."""
    history = fields.pop("polls", None)
    asked = polls() if history is None else history
    window = fields.pop("window", WEEK)
    now = fields.pop("now", window.end)
    fetched = fields.pop("fetched", ())
    states = fields.pop("feeds", None) or feeds()
    subscriptions: tuple[Subscription, ...] = fields.pop("subscriptions", SUBSCRIPTIONS)
    from zoneinfo import ZoneInfo

    report = health.report(states.values(), subscriptions, asked, since=window.start, now=now, zone=ZoneInfo(ZONE))
    successes = [each.at for each in asked if each.outcome is not Outcome.FAILED]
    defaults: dict[str, Any] = {
        "settings": SETTINGS,
        "subscriptions": {each.id: each for each in subscriptions},
        "feeds": states,
        "entries": (),
        "courses": (course(),),
        "marks": {},
        "polls": asked,
        "batches": batches(asked, since=window.start, until=now, fetched=fetched),
        "health": report,
        "first_polled_at": at("2026-08-01T12:00"),
        "last_success_at": max(successes, default=None),
    }
    return Material(**{**defaults, **fields})


def page(made_of: Material, window: Window = WEEK, *, status: str = "closed") -> Page:
    """Make the page."""
    return make_page(made_of, window, status=status, templates=None)  # type: ignore[arg-type]  # a test parameter
