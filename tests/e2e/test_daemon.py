"""`tracker run` by subprocess: signals, restarts, edits of feeds.toml, kill -9; nothing lost, nothing twice, nobody orphaned."""

from __future__ import annotations

import random
import signal
import subprocess
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.e2e.world import BLOG, NOTES, TABLES, WEDNESDAY, World, children, is_alive, terminate, wait_for
from tests.internet_feeds import Post, atom
from tests.internet_replies import Reply, Seen, drip
from tests.internet_youtube import SITE

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_stopped_in_the_middle_of_a_poll(world: World, run_cli: Run, number: signal.Signals) -> None:
    """A signal while an answer is under way: what has arrived is stored, exit code 0; a restart asks only the rest (M75)."""
    world.follow("notes", "weeknight")
    world.post(BLOG, "one", online=WEDNESDAY - DAY)
    world.net.fail("notes.example", Reply(hang=True), times=1)
    with world.running("run", clock=world.at(WEDNESDAY)) as daemon:
        wait_for(lambda: world.rows("SELECT 1 FROM entries") and world.net.requests_to("notes.example"), "the poll")
        assert f"running     yes, process {daemon.pid}" in run_cli("status", clock=world.at(WEDNESDAY)).stdout
        daemon.send_signal(number)
        assert daemon.wait(timeout=10) == 0
    assert world.said("out.txt").endswith("tracker has stopped\n")
    assert world.said() == ""
    world.post(NOTES, "two", online=WEDNESDAY - DAY)
    with world.running("run", clock=world.at(WEDNESDAY + MINUTE)) as daemon:
        wait_for(lambda: len(world.rows("SELECT 1 FROM entries")) == 2, "the rest of the poll")
        assert terminate(daemon) == 0
    assert [seen.host for seen in world.net.requests].count("weeknight.example") == 1
    assert len(world.net.requests_to("notes.example")) == 2
    assert "running     no" in run_cli("status", clock=world.at(WEDNESDAY + MINUTE)).stdout


def test_there_is_one_daemon(world: World, run_cli: Run) -> None:
    """A second daemon on the same database is refused, naming the first; after kill -9 the place is free at once."""
    world.follow("weeknight")
    with world.running("run", clock=world.at(WEDNESDAY)) as daemon:
        wait_for(lambda: world.rows("SELECT 1 FROM polls"), "the first tick")
        (line,) = run_cli("run", clock=world.at(WEDNESDAY), code=1).stderr.splitlines()
        assert f"a tracker daemon already runs for this database (process {daemon.pid})" in line
        run_cli("poll", clock=world.at(WEDNESDAY))
        run_cli("digest", clock=world.at(WEDNESDAY))
        daemon.kill()
        daemon.wait()
        with world.running("run", clock=world.at(WEDNESDAY + DAY)) as second:
            wait_for(lambda: len(world.rows("SELECT 1 FROM polls")) == 2, "the second daemon's tick")
            assert terminate(second) == 0


def test_edits_are_taken_up(world: World) -> None:
    """A broken edit of feeds.toml is told once and the last good one stays in force; the good edit is followed."""
    world.follow("weeknight")
    good = world.config.read_text()
    with world.running("run", clock="2026-11-25T18:20:00Z*40000") as daemon:
        wait_for(lambda: world.rows("SELECT 1 FROM polls WHERE feed = 'weeknight'"), "the first poll")
        world.config.write_text(good + "[[feed]\n")
        wait_for(lambda: "the last good one stays in force" in world.said(), "a word about the broken edit")
        asked = len(world.net.requests_to("weeknight.example"))
        wait_for(lambda: len(world.net.requests_to("weeknight.example")) > asked, "a poll with the last good one")
        assert world.said().count("the last good one stays in force") == 1
        world.config.write_text(f'{good}\n[[feed]]\nid = "notes"\n{TABLES["notes"]}')
        wait_for(lambda: world.rows("SELECT 1 FROM polls WHERE feed = 'notes'"), "a poll of the added feed")
        assert terminate(daemon) == 0
    assert "was read again" in world.said()
    assert "Traceback" not in world.said()


def test_a_long_poll_is_no_news(world: World) -> None:
    """A poll that outlasts several ticks is told once, when it is over; the scheduler's own words stay inside."""
    world.follow("weeknight")
    world.net.fail("weeknight.example", drip(atom("Weeknight ML", BLOG, ()), parts=6, pause=0.2))
    with world.running("run", clock="2026-11-25T18:20:00Z*1000") as daemon:
        wait_for(lambda: world.rows("SELECT 1 FROM polls"), "the end of the poll")
        assert terminate(daemon) == 0
    assert world.said() == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_log_may_find_no_room(world: World, run_cli: Run) -> None:
    """With its log on a full disk the work is done all the same, and no traceback comes instead."""
    world.follow("weeknight")
    world.post(BLOG, "one", online=WEDNESDAY - HOUR)
    done = run_cli("--log-file", "/dev/full", "poll", clock=world.at(WEDNESDAY))
    assert (done.stderr, len(world.rows("SELECT 1 FROM entries"))) == ("", 1)


def test_nobody_need_read_what_it_says(world: World) -> None:
    """A daemon whose output is a pipe without a reader works on and ends as ever, without a traceback at each tick."""
    world.follow("weeknight")
    is_closed = threading.Event()

    def answer(_: Seen) -> Reply:
        is_closed.wait(30)
        return Reply(body=atom("Weeknight ML", BLOG, ()))

    world.net.answer(f"{BLOG}/feed.xml", answer)
    with world.running("run", clock=world.at(WEDNESDAY), out=subprocess.PIPE) as daemon:
        assert daemon.stdout is not None
        assert daemon.stdout.readline().startswith("tracker runs")
        daemon.stdout.close()
        is_closed.set()
        wait_for(lambda: world.rows("SELECT 1 FROM polls"), "the poll")
        assert terminate(daemon) == 0
    assert world.said() == ""


def test_a_broken_feeds_toml_at_the_start(world: World, run_cli: Run) -> None:
    """A daemon that never had a good feeds.toml does not start: exit code 2, like every command."""
    world.config.write_text("[[feed]\n")
    assert run_cli("run", code=2).stderr.startswith(f"{world.config}:1: ")
    assert run_cli("run", "--once", code=2).stderr.startswith(f"{world.config}:1: ")


def test_weeks_that_passed_while_it_was_stopped(world: World, run_cli: Run) -> None:
    """Started again after two missed closes, it polls first and closes one issue that covers both, once."""
    world.follow("weeknight")
    world.post(BLOG, "one", online=WEDNESDAY - DAY)
    run_cli("run", "--once", clock=world.at(WEDNESDAY))
    world.post(BLOG, "two", online=WEDNESDAY + 8 * DAY)
    with world.running("run", clock=world.at(WEDNESDAY + 14 * DAY)) as daemon:
        wait_for(lambda: world.rows("SELECT 1 FROM issues WHERE delivered_at IS NOT NULL"), "the close")
        assert terminate(daemon) == 0
    assert world.said("out.txt").count("is closed: digests/2026-W49.md") == 1
    assert world.news() == {"web:weeknight.example/one": ["2026-W49"], "web:weeknight.example/two": ["2026-W49"]}
    assert "[Two]" in world.page("2026-W49")


@pytest.mark.parametrize("is_asked", [True, False], ids=["SIGTERM", "SIGKILL"])
def test_no_child_is_left_behind(world: World, is_asked: bool) -> None:
    """yt-dlp's process ends with the daemon, killed or asked to stop, though YouTube never answers it (M37)."""
    world.follow("course")
    world.net.answer(f"{SITE}/playlist", Reply(hang=True))
    world.net.answer(f"{SITE}/youtubei/v1/browse", Reply(hang=True))
    with world.running("run", clock=world.at(WEDNESDAY)) as daemon:
        wait_for(lambda: [seen for seen in world.net.requests if "/playlist" in seen.path], "the listing's request")
        family = children(daemon.pid)
        assert family
        if is_asked:
            assert terminate(daemon) == 0
        else:
            daemon.kill()
            daemon.wait()
        wait_for(lambda: not any(map(is_alive, family)), "the end of yt-dlp's process")


class Torrent:
    """A blog with one new post in every answer, dated as it pleases; what was ever served is remembered."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.dice = random.Random(20261125)
        self.posts: list[Post] = []
        self.is_over = False

    def answer(self, seen: Seen) -> Reply:
        """Add a post, unless it is over, and give the last thirty."""
        number = len(self.posts)
        published = WEDNESDAY + timedelta(days=self.dice.randint(-400, 400))
        if not self.is_over:
            self.posts.append(Post(slug=f"p{number}", title=f"Post {number}", published=published))
        return Reply(
            body=atom("Torrent", self.base, self.posts[-30:]), headers={"content-type": "application/atom+xml"}
        )

    @property
    def keys(self) -> set[str]:
        """The keys of everything served."""
        return {f"web:{self.base.removeprefix('https://')}/{post.slug}" for post in self.posts}


@pytest.mark.slow
def test_killed_at_any_moment(world: World, run_cli: Run) -> None:
    """Kill -9 at random moments, again and again: every entry is news in exactly one issue, the database is whole."""
    world.follow("weeknight", "notes")
    run_cli("poll", clock=world.at(WEDNESDAY))
    blog, notes = Torrent(BLOG), Torrent(NOTES)
    world.net.answer(f"{BLOG}/feed.xml", blog.answer)
    world.net.answer(f"{NOTES}/feed", notes.answer)
    dice = random.Random(4)
    now, speed = WEDNESDAY + DAY, 2 * 86400
    for _ in range(5):
        began, served = time.monotonic(), len(blog.posts)
        with world.running("run", clock=f"{now:%Y-%m-%dT%H:%M:%SZ}*{speed}") as daemon:
            wait_for(lambda served=served: len(blog.posts) > served + dice.randint(0, 2), "a few polls")
            time.sleep(dice.uniform(0, 0.3))  # no event: any moment is meant
            daemon.kill()
        now += timedelta(seconds=(time.monotonic() - began) * speed) + HOUR
        assert world.rows("PRAGMA integrity_check") == [("ok",)]
    blog.is_over = notes.is_over = True
    for days in (8, 16):
        run_cli("run", "--once", clock=world.at(now + days * DAY))
    news = world.news()
    assert set(news) == blog.keys | notes.keys
    assert {len(labels) for labels in news.values()} == {1}
    assert world.rows("PRAGMA integrity_check") == [("ok",)]
    assert world.rows("PRAGMA foreign_key_check") == []
    assert "Traceback" not in world.said()
