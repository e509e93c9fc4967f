"""`tracker poll` and `make run` by subprocess: what they say, what they store, how they end."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import Run
from tests.e2e.world import BLOG, HEAD, NOTES, WEDNESDAY, World, terminate, wait_for
from tests.internet_replies import Reply

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_poll_tells_what_it_found_and_asks_nobody_twice(world: World, run_cli: Run) -> None:
    """A poll counts news and backlog for each feed; a second one at once sends nothing and says when to come (M75)."""
    world.follow("notes", "weeknight")
    world.post(NOTES, "one", online=WEDNESDAY - DAY)
    world.post(NOTES, "long-ago", online=WEDNESDAY - 30 * DAY)
    done = run_cli("poll", clock=world.at(WEDNESDAY))
    assert "notes: 1 new entry, 1 older entry kept and not announced\n" in done.stdout
    assert "weeknight: nothing new\n" in done.stdout
    assert done.stdout.endswith("2 feeds asked: 1 new entry.\n")
    assert done.stderr == ""
    asked = len(world.net.requests)
    again = run_cli("poll", clock=world.at(WEDNESDAY + timedelta(minutes=1)))
    assert re.fullmatch(r"No feed was asked; next due \w{3} 2\d Nov 2026, \d\d:\d\d\.\n", again.stdout)
    assert len(world.net.requests) == asked


def test_a_named_feed_is_asked_when_due_or_forced(world: World, run_cli: Run) -> None:
    """`poll ID` says until when a feed is not due and leaves the others alone; --force asks it, with its validators."""
    world.follow("notes", "weeknight")
    world.post(NOTES, "one", online=WEDNESDAY - DAY)
    assert "weeknight" not in run_cli("poll", "notes", clock=world.at(WEDNESDAY)).stdout
    assert [seen.host for seen in world.net.requests] == ["notes.example"]
    waits = run_cli("poll", "notes", clock=world.at(WEDNESDAY + HOUR)).stdout
    assert re.search(r"^notes: not due until Wed 25 Nov 2026, 22:\d\d \(--force asks now\)$", waits, re.MULTILINE)
    forced = run_cli("poll", "notes", "--force", clock=world.at(WEDNESDAY + HOUR)).stdout
    assert "notes: nothing new" in forced
    assert [seen.status for seen in world.net.requests] == [200, 304]


def test_exit_codes_tell_what_failed(world: World, run_cli: Run) -> None:
    """A failing neighbour is told in one line and spoils nothing; failing alone, or named, ends with 1."""
    world.follow("notes", "weeknight")
    world.net.fail("notes.example", 500)
    done = run_cli("poll", clock=world.at(WEDNESDAY))
    assert "weeknight: nothing new" in done.stdout
    assert "2 feeds asked: 0 new entries, 1 feed failed." in done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith("notes: notes.example answered 500 Internal Server Error.")
    assert run_cli("poll", "notes", "--force", clock=world.at(WEDNESDAY), code=1).stderr.startswith("notes: ")
    world.net.fail("weeknight.example", 503)
    run_cli("poll", "--force", clock=world.at(WEDNESDAY), code=1)


def test_users_mistakes_end_with_2_and_the_remedy(world: World, run_cli: Run) -> None:
    """A missing or broken feeds.toml, an unknown id and a wrong option are told in plain words, with exit code 2."""
    assert "`tracker init` writes one" in run_cli("poll", code=2).stderr
    world.config.write_text("[http\n")
    (line,) = run_cli("poll", code=2).stderr.splitlines()
    assert line.startswith(f"{world.config}:1: ")
    world.config.write_text('[digest]\nevry = "day"\n\n[[feed]]\nid = "a"\nurl = "https://a.example"\ntile = "A"\n')
    first, second = run_cli("poll", code=2).stderr.splitlines()
    assert first == f"{world.config}:2: digest.evry: is no key here; did you mean every?"
    assert second.startswith(f"{world.config}:7: feed.tile: is no key here; did you mean title?")
    world.follow("weeknight")
    assert "did you mean weeknight?" in run_cli("poll", "weeknite", code=2).stderr
    assert "did you mean weeknight?" in run_cli("feeds", "weeknite", code=2).stderr
    assert "--force" in run_cli("poll", "--frce", code=2).stderr
    assert "TRACKER_CLOCK: 'tomorrow' is no moment" in run_cli("poll", code=2, clock="tomorrow").stderr
    assert not world.net.requests


def test_a_database_that_cannot_be_used_is_told(world: World, run_cli: Run) -> None:
    """A file that is no database, a folder in its place, and a folder that is not there: one line each, exit code 1."""
    world.follow("weeknight")
    database = world.folder / "tracker.db"
    database.write_text("this is a diary, not a database, and it is long enough to have a header")
    (line,) = run_cli("poll", code=1).stderr.splitlines()
    assert line.startswith(f"{database} is not a SQLite database: move it away")
    assert database.read_text().startswith("this is a diary")
    database.unlink()
    database.mkdir()
    (line,) = run_cli("feeds", code=1).stderr.splitlines()
    assert "cannot be opened: it must be a file" in line
    world.follow("weeknight", head=f'[tracker]\ndatabase = "gone/tracker.db"\n\n{HEAD}')
    (line,) = run_cli("status", code=1).stderr.splitlines()
    assert "its folder does not exist" in line


def test_two_polls_at_once(world: World, run_cli: Run) -> None:
    """While one poll waits for a host, a second says so with its process and ends; the first stores what it had."""
    world.follow("notes", "weeknight")
    world.post(BLOG, "one", online=WEDNESDAY - DAY)
    world.net.answer(f"{NOTES}/feed", Reply(hang=True))
    with world.running("poll", clock=world.at(WEDNESDAY)) as first:
        wait_for(lambda: world.rows("SELECT 1 FROM entries"), "the blog's post")
        second = run_cli("poll", clock=world.at(WEDNESDAY), code=1)
        assert f"another poll of this database is running (process {first.pid})" in second.stderr
        assert terminate(first) == 0
    assert "weeknight: 1 new entry" in world.said("out.txt")
    assert "(stopped early; the rest is asked next time)" in world.said("out.txt")
    assert run_cli("entries", clock=world.at(WEDNESDAY)).stdout.startswith("web:weeknight.example/one")


def test_the_log_goes_where_it_is_wanted(world: World, run_cli: Run) -> None:
    """-v tells every poll on standard error, --log-file writes it to a file and keeps standard error quiet."""
    world.follow("weeknight")
    loud = run_cli("-v", "poll", clock=world.at(WEDNESDAY)).stderr
    assert "poll feed=weeknight door=feed outcome=unchanged stage=- status=200 entries=0" in loud
    quiet = run_cli("--log-file", "poll.log", "poll", "--force", clock=world.at(WEDNESDAY))
    assert quiet.stderr == ""
    assert "outcome=unchanged stage=- status=304" in (world.folder / "poll.log").read_text()
    assert "cannot write no/poll.log" in run_cli("--log-file", "no/poll.log", "poll", code=2).stderr


def test_feeds_toml_is_found(world: World, run_cli: Run) -> None:
    """--config goes before TRACKER_CONFIG, which goes before the current folder; the database lies beside the file."""
    world.follow("weeknight")
    for name in ("one", "two"):
        (world.folder / name).mkdir()
    world.config.rename(world.folder / "one" / "feeds.toml")
    world.follow("notes")
    world.config.rename(world.folder / "two" / "mine.toml")
    assert "no such file" in run_cli("feeds", code=2).stderr
    environ = {"TRACKER_CONFIG": "one/feeds.toml"}
    assert run_cli("feeds", **environ).stdout.splitlines()[1].startswith("weeknight")
    found = run_cli("--config", "two/mine.toml", "feeds", **environ).stdout
    assert found.splitlines()[1].startswith("notes")
    assert sorted(path.name for path in world.folder.rglob("tracker.db")) == ["tracker.db", "tracker.db"]


@pytest.fixture
def offline(world: World) -> World:
    """The world with its cable out, and five feeds to ask."""
    world.follow("notes", "weeknight", "papers", "course", "talks")
    world.net.unplug()
    return world


def test_the_first_page_without_a_network(offline: World, run_cli: Run) -> None:
    """`make run` without a network: one line for all feeds, an honest page, exit code 1, and the way to the demo (M94)."""
    done = run_cli("first-page", clock=offline.at(WEDNESDAY), code=1)
    first, last = done.stderr.splitlines()
    assert first.startswith("No network: 5 feeds could not be asked.")
    assert last == "Without a network there is still something to see: make demo"
    page = offline.page("2026-W48")
    assert "Nothing could be read: no network since Wednesday 25 November, 18:20." in page
    assert "Nothing new" not in page
    assert "status: preview" in page
    assert page.rstrip() in done.stdout
    failures = {each["failures"] for each in json.loads(run_cli("feeds", "--json").stdout)}
    assert failures == {0}


def test_a_tick_without_a_network(offline: World, run_cli: Run) -> None:
    """`run --once` and `poll` say the same line and end with 1; once the network is back, all are asked after minutes."""
    assert run_cli("run", "--once", clock=offline.at(WEDNESDAY), code=1).stderr.count("No network") == 1
    assert "not well: no feed could be read yet" in run_cli("status", clock=offline.at(WEDNESDAY), code=1).stdout
    later = offline.at(WEDNESDAY + timedelta(minutes=15))
    told = run_cli("poll", clock=later, code=1)
    assert "No feed could be asked." in told.stdout
    offline.net.plug()
    after = run_cli("poll", clock=offline.at(WEDNESDAY + timedelta(minutes=30)))
    assert "5 feeds asked: 0 new entries.\n" in after.stdout
    assert after.stderr == ""


def test_the_first_page_with_a_network(world: World, run_cli: Run, tmp_path: Path) -> None:
    """`make run` polls, writes the page, shows it whole and prints a command to go on with that works."""
    world.follow("weeknight")
    world.post(BLOG, "one", online=WEDNESDAY - DAY, subtitle="What it says.")
    done = run_cli("first-page", clock=world.at(WEDNESDAY))
    page = world.page("2026-W48")
    assert "[One](https://weeknight.example/one)" in page
    assert page.rstrip() in done.stdout
    assert done.stdout.splitlines()[-1].startswith("This page is digests/2026-W48.md. Go on with: ")
    assert done.stdout.rstrip().endswith("tracker run")
    assert done.stderr == ""
