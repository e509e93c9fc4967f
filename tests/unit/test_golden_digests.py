"""Whole pages, byte for byte, in the weeks that a reader will meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.digest_research import LENGTHS, linked, research, second_look
from tests.digest_weeks import (
    END,
    SETTINGS,
    START,
    SUBSCRIPTIONS,
    WEEK,
    Material,
    a_full_week,
    at,
    course,
    feeds,
    material,
    new_version,
    page,
    paper,
    polls,
    post,
    some_papers,
)
from tests.factories import make_door, make_mark
from tests.golden_files import Golden
from tracker.models import Poll, SourceName, Window


def full_week() -> tuple[Material, Window, str]:
    """Be a learner's week: one lecture, a filtered channel, posts, papers, an outage that healed, a move."""

    def outage(poll: Poll) -> str:
        is_youtube = poll.host == "youtube.com"
        return "HTTP 500" if is_youtube and at("25 06:00") < poll.at < at("25 20:00") else ""

    marks = {key: make_mark(key) for key in ("youtube:VMj-3S1tku0", "youtube:PaCmpygFfXo")}
    states = feeds(
        loss_curves={
            "feed": make_door(url="https://losscurves.substack.com/feed"),
            "moved_to": "https://losscurves.substack.com/rss",
            "moved_since": at("24 09:00"),
        },
    )
    return (
        material(entries=a_full_week(), marks=marks, polls=polls(fails=outage, hours=3), feeds=states),
        WEEK,
        "closed",
    )


def first_issue() -> tuple[Material, Window, str]:
    """Be the first page, five days after the first poll."""
    window = replace(WEEK, start=at("18 18:20"), is_first=True)
    first = at("25 18:20")
    states = feeds(**{each.id.replace("-", "_"): {"first_polled_at": first} for each in SUBSCRIPTIONS})
    return (
        material(
            entries=(*a_full_week()[14:18], *some_papers(40)),
            courses=(course(offered=0),),
            polls=polls(since=first),
            fetched=[at(f"{day} 07:00").date() for day in range(18, 25)],
            feeds=states,
            window=window,
            first_polled_at=first,
            backlog=412,
        ),
        window,
        "closed",
    )


def preview() -> tuple[Material, Window, str]:
    """Be Thursday's look at the open window, one feed failing."""
    window = replace(WEEK, end=at("26 12:40"))
    seen = tuple(each for each in a_full_week() if each.first_seen < window.end)

    def failing(poll: Poll) -> str:
        return "the certificate has expired" if poll.feed == "weeknight" and poll.at > at("24 12:00") else ""

    newest = {"newest_published": at("24 09:00"), "last_new_at": at("24 09:00")}
    states = feeds(**{each.id.replace("-", "_"): newest for each in SUBSCRIPTIONS})
    asked = polls(until=window.end, fails=failing)
    return material(entries=seen, window=window, polls=asked, feeds=states), window, "preview"


def late() -> tuple[Material, Window, str]:
    """Be a close after a weekend asleep, with two posts of the weekend."""
    window = replace(WEEK, end=at("30 09:41"), is_late=True)
    asked = (*polls(until=at("27 22:00")), *polls(since=at("30 09:30"), until=window.end))
    weekend = tuple(replace(each, first_seen=at("30 09:36")) for each in a_full_week()[16:17])
    return material(entries=(*a_full_week()[14:16], *weekend), window=window, polls=asked), window, "closed"


def away() -> tuple[Material, Window, str]:
    """Be one issue for three weeks in which nothing ran for almost all of the time (M51)."""
    window = Window(
        label="2026-W48",
        start=at("9 07:00"),
        end=at("30 09:41"),
        closes_at=END,
        covers=("2026-W46", "2026-W47"),
        is_late=True,
    )
    asked = (*polls(since=window.start, until=at("10 20:00")), *polls(since=at("29 20:00"), until=window.end))
    fetched = {at("10 07:00").date() + timedelta(days=each) for each in range(20)} - {at("16 07:00").date()}
    return material(entries=a_full_week()[14:24], window=window, polls=asked, fetched=fetched), window, "closed"


def empty() -> tuple[Material, Window, str]:
    """Be a week in which nothing came."""
    return material(courses=()), WEEK, "closed"


def empty_with_course() -> tuple[Material, Window, str]:
    """Be a week in which nothing came while the course goes on."""
    return material(), WEEK, "closed"


def blind() -> tuple[Material, Window, str]:
    """Be a week without a network."""
    asked = (*polls(since=START - timedelta(days=3), until=START), *polls(fails=lambda _: "no route"))
    return material(courses=(), polls=asked), WEEK, "closed"


def trouble() -> tuple[Material, Window, str]:
    """Be a week in which a playlist was deleted, a feed fails, and arXiv days passed unread."""

    def failing(poll: Poll) -> str:
        if poll.feed == "zero-to-hero":
            return "the playlist does not exist"
        if poll.feed == "weeknight" and poll.at > at("27 12:00"):
            return "the certificate has expired"
        down = poll.host == "arxiv.org" and at("25 01:00") < poll.at < at("27 11:00")
        return "no answer within 30 s" if down else ""

    return material(entries=a_full_week()[14:24], courses=(), polls=polls(fails=failing, hours=3)), WEEK, "closed"


def silent() -> tuple[Material, Window, str]:
    """Be a week whose last polls failed for the first time: no feed is failing yet, six do not answer."""
    errors = {
        "gradient-notes": "HTTP 503 Service Unavailable",
        "loss-curves": "HTTP 500 Internal Server Error",
        "weeknight": "no answer within 30 s",
        "craftsperson": "no answer within 30 s",
    }
    hosts = {"gradient-notes": "substack.com", "loss-curves": "substack.com"}
    subscriptions = tuple(each for each in SUBSCRIPTIONS if each.id in {*errors, "papers"})
    asked = tuple(
        replace(poll, host=hosts.get(poll.feed, poll.host))
        for poll in polls(since=END - timedelta(hours=3), fails=lambda poll: errors.get(poll.feed, ""))
        if poll.feed in {each.id for each in subscriptions}
    )
    return material(courses=(), polls=asked, subscriptions=subscriptions), WEEK, "closed"


def crowded() -> tuple[Material, Window, str]:
    """Be a week of sixty long posts in two feeds and one in a third, which the page cannot hold."""
    long = "A sentence of a fair length that says what the post is about, in words that a page can show to its reader. "
    many = [
        post(
            f"{feed}.example/{number}",
            f"Post {number} of a feed that publishes a great deal every single day",
            day=f"{24 + number % 5} 0{number % 9}:00",
            feed=feed,
            summary=long.strip(),
            words=900,
        )
        for feed in ("weeknight", "craftsperson")
        for number in range(30)
    ]
    rare = post(
        "gradient-notes.example/p/rare", "The monthly letter", day="23 09:00", feed="gradient-notes", words=2000
    )
    return material(entries=(*many, rare, *some_papers(9)), courses=()), WEEK, "closed"


def ad_hoc() -> tuple[Material, Window, str]:
    """Be a look at two days."""
    window = Window(label="", start=at("24 00:00"), end=at("26 00:00"), closes_at=at("26 00:00"))
    return material(entries=a_full_week()[14:16], window=window), window, "span"


def early() -> tuple[Material, Window, str]:
    """Be a week closed on Thursday."""
    window = replace(WEEK, end=at("26 12:40"), is_early=True)
    newest = {"newest_published": at("24 09:00"), "last_new_at": at("24 09:00")}
    states = feeds(**{each.id.replace("-", "_"): newest for each in SUBSCRIPTIONS})
    asked = polls(until=window.end)
    return material(entries=a_full_week()[14:16], window=window, polls=asked, feeds=states), window, "closed"


def new_versions() -> tuple[Material, Window, str]:
    """Be a week with new versions of a paper that was starred and of three that are followed."""
    followed = {"starred": None, "since": at("2026-08-01T12:00")}
    rewritten = "Attention is measured in forty languages, of which three hold surprises for every known theory."
    return (
        material(
            entries=a_full_week()[14:19],
            revised=(
                new_version(1),
                new_version(2, title="Lookahead Heads, Revisited", summary="We show 2.4x.", **followed),
                new_version(3, summary=rewritten, **followed),
                new_version(4, summary="", **followed),
            ),
            courses=(),
        ),
        WEEK,
        "closed",
    )


def researcher() -> tuple[Material, Window, str]:
    """Be the week of a researcher: interests, a followed author, titles, a second look, papers first."""
    return research(settings=replace(LENGTHS, papers_first=True)), WEEK, "closed"


def without_matches() -> tuple[Material, Window, str]:
    """Be a look at a quiet week of the same reader: no keyword is found, and no paper is left over."""
    quiet = tuple(each for each in research().entries if each.id in {60_001, 190_077, 190_214})
    made = research(entries=quiet, revised=(), looks=(), links={}, discussed={})
    return made, replace(WEEK, end=at("26 12:40")), "preview"


def discussed() -> tuple[Material, Window, str]:
    """Be a learner's week in which posts discuss papers, one of them of week 46, and time is short."""
    made = material(
        entries=a_full_week(),
        settings=replace(SETTINGS, minutes=150),
        discussed={"arxiv:2611.90391": ("gradient-notes", "loss-curves", "weeknight")},
        looks=(second_look(), second_look(1, feeds=("loss-curves",)), second_look(2)),
    )
    links = {each.id: DISCUSSING for each in made.entries if each.title.startswith("How many")}
    return replace(made, links=links), WEEK, "closed"


DISCUSSING = (linked("2203.15556", "Training Compute-Optimal Large Language Models"), linked("2611.90391"))
WEEKS = [
    full_week,
    first_issue,
    preview,
    late,
    away,
    empty,
    empty_with_course,
    blind,
    trouble,
    silent,
    crowded,
    ad_hoc,
    early,
    new_versions,
    researcher,
    without_matches,
    discussed,
]


@pytest.mark.parametrize("week", WEEKS, ids=lambda week: week.__name__)
def test_the_page_of_a_week(week: object, golden: Golden) -> None:
    """Each kind of week gives exactly its golden page, whatever the machine's zone and locale."""
    made_of, window, status = week()  # type: ignore[operator]  # a function of this module
    golden.check(f"digests/{week.__name__.replace('_', '-')}.md", page(made_of, window, status=status).text)  # type: ignore[attr-defined]  # the same


def test_the_weeks_cover_every_source() -> None:
    """The sample subscriptions hold a feed of every source."""
    assert {each.source for each in SUBSCRIPTIONS} == set(SourceName)


def test_a_paper_has_a_url_of_arxiv() -> None:
    """The builder makes keys and links that belong together (M71)."""
    assert paper("2203.15556", "x", day="24 05:00").url.endswith("2203.15556")
