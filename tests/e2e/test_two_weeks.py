"""Two weeks end to end: their pages byte for byte, and, by the real daemon on a fast clock, every entry in one issue."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.conftest import Run
from tests.e2e.world import BLOG, KARPATHY, NOTES, World, terminate, wait_for
from tests.golden_files import Golden
from tests.internet_feeds import Paper, Post, atom
from tests.internet_replies import Reply, Seen
from tests.internet_youtube import Video

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
START = datetime(2026, 11, 9, 19, 0, tzinfo=UTC)  # a Monday
STOPPED = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)
ON_TIME = datetime(2026, 11, 16, 7, 2, tzinfo=UTC)
LATE = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)
OUTAGE = (datetime(2026, 11, 18, 7, 0, tzinfo=UTC), datetime(2026, 11, 18, 17, 0, tzinfo=UTC))
TOPICS = ("attention heads", "small tokenizers", "reward models", "long contexts", "loss curves", "sparse experts")
ENDINGS = ("at small scale", "without labels", "end to end", "revisited", "under a budget")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Name a moment of November 2026, in UTC, which is London's time then."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def words(count: int) -> str:
    """Fill a post."""
    return f"<p>{'word ' * count}</p>"


def publish(world: World) -> None:
    """Put two weeks online: on time, back-dated, paid, short, hostile, and with an outage of YouTube."""
    world.post(NOTES, "why-start-small", online=at(1, 8) - 30 * DAY, html=words(900))
    world.post(NOTES, "reading-a-loss-curve", online=at(10, 8), subtitle="Five shapes, and which two to stop at once.", html=words(2300))  # fmt: skip
    world.post(NOTES, "a-tokenizer-in-an-afternoon", online=at(12, 9), subtitle="Byte-pair encoding in ninety lines.", html=words(1400))  # fmt: skip
    world.post(NOTES, "the-price-of-a-reward-model", online=at(17, 8), html=words(120), is_paywalled=True)
    world.post(NOTES, "brackets", online=at(20, 8), title="Is a < b enough? [[wiki]], `code` & #tags | **bold**", html=words(700))  # fmt: skip
    world.post(BLOG, "hello", online=at(1, 8) - 60 * DAY, author="Sam Whitlow")
    world.post(BLOG, "one-gradient-by-hand", online=at(8, 20), author="Sam Whitlow", subtitle="A single weight through one step.", html=words(800))  # fmt: skip
    world.post(BLOG, "notes-on-attention", online=at(17, 10), published=at(12, 20), author="Sam Whitlow", html=words(1100))  # fmt: skip
    world.post(BLOG, "written-while-you-slept", online=at(23, 8), author="Sam Whitlow", html=words(250))
    world.post(BLOG, "next-week-already", online=at(24, 8), author="Sam Whitlow", html=words(250))
    for day in range(14):
        announce(world, START.date() + day * DAY, first=3 * day)
    world.net.fail("www.youtube.com", 404, since=OUTAGE[0], until=OUTAGE[1])


def announce(world: World, day: date, *, first: int) -> None:
    """Announce three papers on a weekday, the last one a new version of a paper from before."""
    if day.weekday() >= 5:
        return
    papers = [
        Paper(
            id=f"2611.{9000 + number:05}",
            title=f"On {TOPICS[number % len(TOPICS)]} {ENDINGS[number % len(ENDINGS)]}",
            authors="Ada Brandt, Bo Chen, Cleo Diaz",
            abstract=f"Much is said about it. We measure {TOPICS[number % len(TOPICS)]} and find {number} surprises.",
        )
        for number in range(first, first + 3)
    ]
    world.announce(day, *papers[:2], replace(papers[2], announce_type="replace", version=2))


def publish_videos(world: World, now: datetime) -> None:
    """Put up the channel's and the course's videos that are public by now."""
    talks = (
        Video(
            id="zjkBMFhNj_g",
            title="[1hr Talk] Intro to Large Language Models",
            duration=3588,
            published=datetime(2023, 11, 23, tzinfo=UTC),
        ),
        Video(
            id="EWvNQjAaOHw",
            title="How I use LLMs",
            duration=7872,
            published=at(19, 9),
            description="Which tools to reach for, and when.",
        ),
        Video(id="kCc8FmEb1nY", title="A GPT in a minute", duration=58, published=at(20, 9), is_short=True),
    )
    world.talks.videos = [replace(talk, channel=KARPATHY) for talk in reversed(talks) if talk.published <= now]
    fourth = Video(id="P6sfmUTpUmc", title="Building makemore Part 3: Activations & Gradients, BatchNorm", duration=6958, published=at(19, 6), channel=KARPATHY)  # fmt: skip
    if now >= fourth.published and fourth not in world.course.videos:
        world.course.videos.append(fourth)


def moments() -> Iterator[datetime]:
    """Give the times at which the program is started: at noon each day, around the outage, and at the closes."""
    extra = (START, OUTAGE[0] + HOUR, OUTAGE[1] + 3 * HOUR, ON_TIME, LATE)
    noons = (at(day, 12) for day in range(10, 23))
    yield from sorted({*extra, *noons})


@pytest.mark.slow
def test_two_weeks_page_by_page(world: World, run_cli: Run, golden: Golden) -> None:
    """A late entry, an outage, a course, a stop in the middle of a poll, a close in time and one after sleep: golden pages."""
    world.follow("notes", "weeknight", "papers", "course", "talks")
    publish(world)
    for moment in moments():
        publish_videos(world, moment)
        if moment == STOPPED:
            stop_in_the_middle(world)
        else:
            run_cli("run", "--once", clock=world.at(moment), code=None)
    publish_videos(world, at(25, 12))
    run_cli("run", "--once", clock=world.at(at(25, 12, 40)))
    run_cli("digest", clock=world.at(at(25, 12, 41)))
    assert not world.net.strays
    for label in ("2026-W46", "2026-W47", "2026-W48"):
        golden.check(f"e2e/{label}.md", world.page(label))
    for label in ("2026-W46", "2026-W47"):
        assert run_cli("digest", label).stdout == world.page(label)
    check_ledger(world)


def stop_in_the_middle(world: World) -> None:
    """Stop the daemon while the newsletter keeps it waiting; start it again half an hour later."""
    world.net.fail("notes.example", Reply(hang=True), times=1)
    asked = len(world.rows("SELECT 1 FROM polls"))
    with world.running("run", clock=world.at(STOPPED)) as daemon:
        # Everything else that is due has been stored: the blog, the papers, both doors of YouTube.
        wait_for(lambda: len(world.rows("SELECT 1 FROM polls")) - asked >= 4, "the others' answers")
        assert terminate(daemon) == 0
    asked = len(world.net.requests)
    with world.running("run", clock=world.at(STOPPED + 30 * MINUTE)) as daemon:
        wait_for(lambda: world.rows("SELECT 1 FROM entries WHERE key LIKE '%a-tokenizer-in-an-afternoon'"), "the rest")
        assert terminate(daemon) == 0
    assert [seen.host for seen in world.net.requests[asked:]] == ["notes.example"]


def check_ledger(world: World) -> None:
    """See each entry where it belongs: by first seen, in one issue; old ones nowhere."""
    news = world.news()
    assert {len(labels) for labels in news.values()} == {1}
    placed = {key.rpartition("/")[2]: label for key, (label,) in news.items()}
    assert placed["one-gradient-by-hand"] == placed["a-tokenizer-in-an-afternoon"] == "2026-W46"
    assert placed["notes-on-attention"] == placed["written-while-you-slept"] == "2026-W47"
    assert {"hello", "why-start-small", "next-week-already"}.isdisjoint(placed)
    assert news["youtube:P6sfmUTpUmc"] == news["youtube:kCc8FmEb1nY"] == ["2026-W47"]


@pytest.mark.slow
def test_every_entry_is_in_one_issue(world: World, run_cli: Run) -> None:
    """The daemon on a fast clock, stopped in the middle of polls and started again: each entry stored is news once, whatever its date (M91)."""
    speed = 2 * 86400
    world.follow("notes", "weeknight")
    run_cli("poll", clock=world.at(START))
    served: dict[str, None] = {}
    numbers = itertools.count()
    dates = itertools.cycle((at(1, 8), at(20, 8), at(30, 8) + 300 * DAY, at(1, 8) - 900 * DAY))

    def posts(base: str) -> list[Post]:
        number = next(numbers)
        slug = f"p{number}"
        served[f"web:{base.removeprefix('https://')}/{slug}"] = None
        return [Post(slug=slug, title=f"Post {number}", published=next(dates))]

    def answer(seen: Seen) -> Reply:
        return Reply(body=atom("Fast", f"https://{seen.host}", posts(f"https://{seen.host}")), pause=0.02)

    for url in (f"{NOTES}/feed", f"{BLOG}/feed.xml"):
        world.net.answer(url, answer)
    now = START + HOUR
    while now < START + 15 * DAY:
        began, asked = time.monotonic(), len(world.net.requests)
        with world.running("run", clock=f"{now:%Y-%m-%dT%H:%M:%SZ}*{speed}") as daemon:
            wait_for(lambda asked=asked: len(world.net.requests) >= asked + 7, "some polls")
            assert terminate(daemon) == 0
        now += timedelta(seconds=(time.monotonic() - began) * speed) + HOUR
    stored = {str(key) for (key,) in world.rows("SELECT key FROM entries")}
    for weeks in (1, 2):
        world.net.fail("notes.example", 404)
        world.net.fail("weeknight.example", 404)
        run_cli("run", "--once", clock=world.at(now + weeks * 8 * DAY))
    news = world.news()
    assert set(news) == stored
    assert {len(labels) for labels in news.values()} == {1}
    assert len({label for (label,) in news.values()}) >= 2
    assert stored <= set(served)
    assert "Traceback" not in world.said()
