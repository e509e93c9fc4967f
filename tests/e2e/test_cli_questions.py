"""`tracker status`, `entries` and `search` by subprocess: answers for people and programs, and nothing that steers a terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from datetime import timedelta

import pytest

from tests.conftest import Run, cli_environ
from tests.e2e.world import BLOG, HEAD, KARPATHY, NOTES, WEDNESDAY, World
from tests.internet_feeds import Post, substack_rss

DAY = timedelta(days=1)
FIELDS = {"key", "kind", "title", "url", "authors", "feeds", "published", "first_seen", "duration", "backlog", "issue"}


@pytest.fixture
def stored(world: World, run_cli: Run) -> World:
    """Two feeds, polled on Wednesday and on Thursday; the first two posts stand in a closed issue."""
    world.follow("notes", "weeknight")
    world.post(NOTES, "scaling-laws", online=WEDNESDAY - DAY, subtitle="Redone in one notebook.", html="<p>word</p>")
    world.post(NOTES, "long-ago", online=WEDNESDAY - 90 * DAY)
    world.post(BLOG, "tokenizers", online=WEDNESDAY - DAY, author="Sam Whitlow")
    run_cli("poll", clock=world.at(WEDNESDAY))
    run_cli("digest", "--close", clock=world.at(WEDNESDAY))
    world.post(BLOG, "more-scaling", online=WEDNESDAY + DAY)
    run_cli("poll", clock=world.at(WEDNESDAY + DAY))
    return world


def test_entries_and_search_answer(stored: World, run_cli: Run) -> None:
    """Entries tell where each one went; filters narrow them; a search finds words; --json is an array with the fields."""
    now = stored.at(WEDNESDAY + DAY)
    lines = run_cli("entries", clock=now).stdout.splitlines()
    assert [re.split(r"  +", line)[-1] for line in lines[:-1]] == [
        "open issue",
        "2026-W48",
        "2026-W48",
        "backlog: older than your first window",
    ]
    assert lines[-1] == "4 entries"
    entries = json.loads(run_cli("entries", "--json", clock=now).stdout)
    assert all(set(each) >= FIELDS for each in entries)
    known = {each["key"]: (each["feeds"], each["backlog"], each["issue"]) for each in entries}
    assert known["web:notes.example/p/scaling-laws"] == (["notes"], False, "2026-W48")
    assert known["web:notes.example/p/long-ago"] == (["notes"], True, None)
    assert known["web:weeknight.example/more-scaling"] == (["weeknight"], False, None)
    narrowed = {
        ("--feed", "notes"): 2,
        ("--issue", "2026-W48"): 2,
        ("--since", "2026-11-26"): 1,
        ("--not-shown",): 0,
        ("--issue", "2026-W48", "--feed", "weeknight"): 1,
    }
    for options, count in narrowed.items():
        assert len(json.loads(run_cli("entries", *options, "--json", clock=now).stdout)) == count, options
    assert "nothing is stored that fits" in run_cli("entries", "--not-shown", clock=now).stdout
    found = json.loads(run_cli("search", "scaling", "--json", clock=now).stdout)
    assert {each["title"] for each in found} == {"Scaling laws", "More scaling"}
    assert len(json.loads(run_cli("search", "scaling", "--limit", "1", "--json", clock=now).stdout)) == 1
    assert run_cli("search", "whitlow", clock=now).stdout.startswith("web:weeknight.example/tokenizers")
    assert "nothing stored matches" in run_cli("search", "\"'* NEAR(", clock=now).stdout


def test_what_was_cut_is_listed_with_its_reason(world: World, run_cli: Run) -> None:
    """What an issue left out is listed with the reason, for people and for programs."""
    world.follow("weeknight")
    world.config.write_text(world.config.read_text() + 'exclude = "advert"\n')
    world.post(BLOG, "an-advert", online=WEDNESDAY - DAY)
    world.post(BLOG, "a-post", online=WEDNESDAY - DAY)
    run_cli("poll", clock=world.at(WEDNESDAY))
    run_cli("digest", "--close", clock=world.at(WEDNESDAY))
    (cut,) = json.loads(run_cli("entries", "--issue", "2026-W48", "--not-shown", "--json").stdout)
    assert (cut["title"], cut["shown"]) == ("An advert", False)
    assert cut["cut"]
    assert f"2026-W48, not shown: {cut['cut']}" in run_cli("entries", "--not-shown").stdout


def test_since_is_a_day_or_a_moment(world: World, run_cli: Run) -> None:
    """`--since` means the same to `entries` as to `digest`: a day, or a moment in the digest's zone."""
    world.follow("weeknight")
    world.post(BLOG, "a-post", online=WEDNESDAY - DAY)
    run_cli("poll", clock=world.at(WEDNESDAY))
    for since, is_found in (("2026-11-25", True), ("2026-11-25T18:20", True), ("2026-11-25T18:21", False)):
        assert ("A post" in run_cli("entries", "--since", since).stdout) is is_found
        later = world.at(WEDNESDAY + DAY)
        assert ("A post" in run_cli("digest", "--since", since, clock=later).stdout) is is_found


def test_unknown_names_end_with_2(stored: World, run_cli: Run) -> None:
    """A feed, an issue or a date that is none is wrong use, and the nearest right one is named."""
    assert "did you mean notes?" in run_cli("entries", "--feed", "note", code=2).stderr
    assert "no issue 2026-W40 is closed" in run_cli("entries", "--issue", "2026-W40", code=2).stderr
    assert "is no date: write 2026-11-23" in run_cli("entries", "--since", "monday", code=2).stderr


def test_status_is_a_health_check(world: World, run_cli: Run) -> None:
    """Status tells what runs, what is next and how old yt-dlp is; unread feeds and an overdue issue end it with 1."""
    world.follow("weeknight")
    new = run_cli("status", clock=world.at(WEDNESDAY)).stdout
    assert "last read   never (tracker poll)" in new
    run_cli("poll", clock=world.at(WEDNESDAY))
    told = run_cli("status", clock=world.at(WEDNESDAY + timedelta(hours=1))).stdout
    assert "running     no (tracker run, or tracker run --once by a timer)" in told
    assert "last read   Wed 25 Nov 2026, 18:20, 1 hour ago" in told
    assert "next close  Mon 30 Nov 2026, 07:00, issue 2026-W48" in told
    assert re.search(r"^yt-dlp      2\d{3}\.\d\d?\.\d\d?.*, \d+ days old", told, re.MULTILINE)
    late = json.loads(run_cli("status", "--json", clock=world.at(WEDNESDAY + 6 * DAY), code=1).stdout)
    assert late["problems"] == [
        "no feed was read since Wed 25 Nov 2026, 18:20",
        "issue 2026-W48 should have closed Mon 30 Nov 2026, 07:00",
    ]
    assert (late["running"], late["feeds"], late["last_success_at"]) == (None, 1, "2026-11-25T18:20:00Z")


def test_status_names_what_is_not_well(world: World, run_cli: Run) -> None:
    """Feeds that fail stand below, with since when, evidence and what can be done; an outage of many is one line (M20, M94)."""
    world.follow("notes", "weeknight")
    world.net.fail("notes.example", 500)
    world.post(BLOG, "one", online=WEDNESDAY - DAY)
    for hours in (0, 1, 3):
        run_cli("poll", clock=world.at(WEDNESDAY + hours * timedelta(hours=1)), code=None)
    now = world.at(WEDNESDAY + timedelta(hours=4))
    (line,) = [each for each in run_cli("status", clock=now).stdout.splitlines() if each.startswith("notes: ")]
    assert line.startswith("notes: failing since Wed 25 Nov 2026, 18:20: failed three times")
    told = json.loads(run_cli("status", "--json", clock=now).stdout)
    assert [(each["id"], each["state"], each["since"]) for each in told["unwell"]] == [
        ("notes", "failing", "2026-11-25T18:20:00Z")
    ]
    assert told["outages"] == []
    world.net.unplug()
    night = WEDNESDAY + timedelta(hours=30)
    run_cli("poll", clock=world.at(night), code=None)
    (outage,) = json.loads(run_cli("status", "--json", clock=world.at(night)).stdout)["outages"]
    assert (outage["host"], outage["feeds"]) == (None, ["notes", "weeknight"])
    said = run_cli("status", clock=world.at(night)).stdout
    assert said.count("outage: there is no network since Fri 27 Nov 2026, 00:20") == 1


def test_tokens_do_not_reach_the_terminal(world: World, run_cli: Run) -> None:
    """`feeds ID` writes addresses as the log does: without user, password and the values of tokens (M50)."""
    url = "https://me:secret1@weeknight.example/feed.xml?token=secret2"
    world.config.write_text(f'{HEAD}\n[[feed]]\nid = "own"\nurl = "{url}"\n')
    shown = run_cli("feeds", "own", clock=world.at(WEDNESDAY)).stdout
    listed = run_cli("feeds", "--json", clock=world.at(WEDNESDAY)).stdout
    assert "weeknight.example/feed.xml" in shown
    assert "weeknight.example/feed.xml" in listed
    assert "secret" not in shown + listed


def test_missing_days_of_a_category_are_listed(world: World, run_cli: Run) -> None:
    """`feeds ID` names the announcement days that passed unread, and what becomes of them (M51)."""
    world.follow("papers")
    world.net.fail("export.arxiv.org", 500)
    run_cli("poll", clock=world.at(WEDNESDAY), code=None)
    shown = run_cli("feeds", "papers", clock=world.at(WEDNESDAY)).stdout
    assert "missing Tue 24 Nov 2026: passed unread; arXiv's API" in " ".join(shown.split())
    (listed,) = json.loads(run_cli("feeds", "--json", clock=world.at(WEDNESDAY)).stdout)
    assert {"day": "2026-11-24", "state": "missing", "cut": None} in listed["missing_batches"]


def test_gaps_of_a_feed_are_listed(world: World, run_cli: Run) -> None:
    """`feeds ID` and `feeds --json` name the span in which entries may have passed unseen (M41)."""
    world.follow("notes")
    for first, now in ((1, WEDNESDAY), (21, WEDNESDAY + 30 * DAY)):
        posts = [Post(slug=f"p{first + n}", title=f"Post {first + n}", published=now - DAY) for n in range(20)]
        world.net.serve(f"{NOTES}/feed", substack_rss("Small Notes", NOTES, posts))
        polled = run_cli("poll", clock=world.at(now))
    assert "notes: all 20 entries are new since 2026-11-25" in polled.stderr
    shown = run_cli("feeds", "notes", clock=world.at(now)).stdout
    assert "entries may have passed unseen: everything in the feed was new" in shown
    (listed,) = json.loads(run_cli("feeds", "--json", clock=world.at(now)).stdout)
    (gap,) = listed["gaps"]
    assert (gap["since"][:10], gap["until"][:10]) == ("2026-11-25", "2026-12-25")


HOSTILE = "\x1b[31mred\x1b]0;owned\x07 \x9b2J \u202edesrever\u202c \u200b\x08\x7f end"


def on_terminal(world: World, *args: str) -> bytes:
    """Run a command on a terminal of its own; give every byte that reached it."""
    master, slave = pty.openpty()
    environ = cli_environ(world.net, clock=world.at(WEDNESDAY)) | {"TERM": "xterm-256color", "COLUMNS": "200"}
    command = [sys.executable, "-m", "tracker", *args]
    with subprocess.Popen(command, cwd=world.folder, env=environ, stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        seen = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:  # Linux says so when the last process has closed the other side
                part = b""
            if not part:
                break
            seen += part
    os.close(master)
    assert process.returncode == 0, seen
    return seen


def test_nothing_hostile_reaches_the_terminal(world: World) -> None:
    """Titles, authors and a feed's name full of escapes and direction marks reach a terminal as plain text only."""
    url = "https://hostile.example/feed.json"
    item = {"id": "1", "url": "https://hostile.example/1", "date_published": "2026-11-24T09:00:00Z"}
    item |= {"title": HOSTILE, "summary": HOSTILE, "authors": [{"name": HOSTILE}]}
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": HOSTILE, "items": [item]}
    world.net.serve(url, json.dumps(feed), content_type="application/feed+json")
    world.config.write_text(f'{HEAD}\n[[feed]]\nid = "hostile"\nurl = "{url}"\n')
    polled = on_terminal(world, "poll")
    assert b"1 new entry." in polled
    shown = b""
    commands = ("feeds", "feeds hostile", "entries", "entries --json", "search end", "digest -o -")
    for command in map(str.split, commands):
        seen = on_terminal(world, *command)
        assert b"\x1b" not in seen, command
        assert b"end" in seen or command == ["feeds"]
        shown += seen
    for text in (polled, shown):
        for trick in ("\x1b]", "\x1b[31m", "\x07", "\x08", "\x7f", "\x9b", "\u202e", "\u200b"):
            assert trick.encode() not in text, repr(trick)


def test_a_tag_selects(stored: World, run_cli: Run) -> None:
    """`--tag` narrows poll, feeds and entries; a tag that no feed has is wrong use, and the nearest is named."""
    path = stored.folder / "feeds.toml"
    path.write_text(path.read_text().replace('id = "weeknight"', 'id = "weeknight"\ntags = ["evenings"]'))
    now = stored.at(WEDNESDAY + DAY)
    entries = json.loads(run_cli("entries", "--tag", "evenings", "--json", clock=now).stdout)
    assert {feed for each in entries for feed in each["feeds"]} == {"weeknight"}
    assert [each["id"] for each in json.loads(run_cli("feeds", "--tag", "evenings", "--json", clock=now).stdout)] == [
        "weeknight"
    ]
    later = stored.at(WEDNESDAY + 3 * DAY)
    polled = run_cli("poll", "--tag", "evenings", clock=later).stdout
    assert "weeknight:" in polled
    assert "notes" not in polled
    assert "did you mean evenings?" in run_cli("poll", "--tag", "evening", clock=later, code=2).stderr


def test_a_feed_that_stands_in_for_a_list_is_told(world: World, run_cli: Run) -> None:
    """`tracker feeds ID` names the list that was not found, and the channel's feed that is read instead (M17)."""
    table = f'\n[[feed]]\nid = "long"\nchannel = "{KARPATHY.id}"\nvideos = ["long"]\n'
    world.config.write_text(HEAD + table, encoding="utf-8")
    found = f"https://www.youtube.com/feeds/videos.xml?playlist_id=UULF{KARPATHY.id[2:]}"
    world.net.fail(found, 404)
    for hours in (0, 5, 10):
        run_cli("poll", clock=world.at(WEDNESDAY + timedelta(hours=hours)), code=None)
    told = run_cli("feeds", "long", clock=world.at(WEDNESDAY + timedelta(hours=11))).stdout
    assert f"{found}, which was not found" in " ".join(told.split())
    assert f"channel_id={KARPATHY.id}" in told


def test_what_the_open_issue_leaves_out_can_be_asked(world: World, run_cli: Run) -> None:
    """Before the close, too, everything not shown is listed with its reason, under the label that the preview has."""
    world.follow("weeknight")
    world.config.write_text(world.config.read_text() + 'exclude = "advert"\n')
    world.post(BLOG, "an-advert", online=WEDNESDAY - DAY)
    world.post(BLOG, "a-post", online=WEDNESDAY - DAY)
    now = world.at(WEDNESDAY)
    run_cli("poll", clock=now)
    for options in (("--not-shown",), ("--not-shown", "--issue", "2026-W48")):
        (cut,) = json.loads(run_cli("entries", *options, "--json", clock=now).stdout)
        assert (cut["title"], cut["shown"], cut["issue"]) == ("An advert", False, None)
        assert "exclude" in cut["cut"]
    assert "open issue, not shown: exclude" in run_cli("entries", "--not-shown", clock=now).stdout
    both = json.loads(run_cli("entries", "--issue", "2026-W48", "--json", clock=now).stdout)
    assert {each["title"]: each["shown"] for each in both} == {"An advert": False, "A post": True}
