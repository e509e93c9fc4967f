"""`tracker star`, `done`, `hide`, `marks` and `why` by subprocess, and ticks in the page between two digests."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.conftest import Run
from tests.e2e.world import BLOG, NOTES, WEDNESDAY, World
from tracker.models import MarkName
from tracker.storage import Storage

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ONE, TWO, OLD = ("web:weeknight.example/one", "web:notes.example/p/two", "web:notes.example/p/long-ago")


@pytest.fixture
def stored(world: World, run_cli: Run) -> World:
    """Two feeds, polled on Wednesday: two posts are news, one is backlog."""
    world.follow("notes", "weeknight")
    world.post(BLOG, "one", online=WEDNESDAY - DAY)
    world.post(NOTES, "two", online=WEDNESDAY - DAY)
    world.post(NOTES, "long-ago", online=WEDNESDAY - 90 * DAY)
    run_cli("poll", clock=world.at(WEDNESDAY))
    return world


def listed(world: World, run_cli: Run) -> dict[str, list[str]]:
    found = json.loads(run_cli("marks", "--json", clock=world.at(WEDNESDAY + HOUR)).stdout)
    return {each["key"]: [name for name in ("done", "starred", "hidden") if each[name]] for each in found}


def test_works_are_marked_by_key_link_and_bare_id(stored: World, run_cli: Run) -> None:
    """Several at once, stored or not; each says what it did, and `marks` lists them."""
    told = run_cli("star", ONE, "arxiv.org/abs/2203.15556v2", "https://youtu.be/TCH_1BHY58I", "cs/0112017").stdout
    assert told.splitlines() == [
        f"starred: One ({ONE})",
        "starred: arxiv:2203.15556 (not stored yet)",
        "starred: youtube:TCH_1BHY58I (not stored yet)",
        "starred: arxiv:cs/0112017 (not stored yet)",
    ]
    assert run_cli("done", "TCH_1BHY58I", "https://www.notes.example/p/two/?utm_source=x").stdout.splitlines() == [
        "done: youtube:TCH_1BHY58I (not stored yet)",
        f"done: Two ({TWO})",
    ]
    assert run_cli("hide", ONE, "2203.15556").stdout.splitlines() == [
        f"hidden, no longer starred: One ({ONE})",
        "hidden, no longer starred: arxiv:2203.15556 (not stored yet)",
    ]
    assert run_cli("hide", ONE).stdout == f"already hidden: One ({ONE})\n"
    assert listed(stored, run_cli) == {
        ONE: ["hidden"],
        TWO: ["done"],
        "arxiv:2203.15556": ["hidden"],
        "youtube:TCH_1BHY58I": ["done", "starred"],
        "arxiv:cs/0112017": ["starred"],
    }
    assert "5 works" in run_cli("marks").stdout
    assert run_cli("star", "--undo", "TCH_1BHY58I", TWO).stdout.splitlines() == [
        "no longer starred: youtube:TCH_1BHY58I (not stored yet)",
        f"was not starred: Two ({TWO})",
    ]
    assert listed(stored, run_cli)["youtube:TCH_1BHY58I"] == ["done"]


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("weeknight.example:one", f"did you mean {ONE}?"),
        ("wbe:notes.example/p/two", f"did you mean {TWO}?"),
        ("nonsense", "write a key, a link, an arXiv id such as 2203.15556"),
        ("youtube:short", "write a key"),
        ("web:", "'web:' names no video, paper or post: write a key, a link, an arXiv id"),
        ("web:notes.example/p/two\x1b[31m\nx", r"'web:notes.example/p/two\x1b[31m\nx' names no video, paper or post"),
        ("https://notes.example/p/\ttwo", r"'https://notes.example/p/\ttwo' names no"),
        ("web:notes.example/p/two three", "write a key"),
        ("web:new.example/\u202ea", r"'web:new.example/\u202ea' names no"),
        ("web:youtube.com/@channel", "write a key"),
        ("https://notes.example/" + "p" * 5000, "write a key"),
        ("notes.example:twoo", "did you mean"),
        ("https://www.youtube.com/playlist?list=PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ", "names no video, paper or post"),
    ],
)
def test_what_names_no_work_is_wrong_use(stored: World, run_cli: Run, given: str, hint: str) -> None:
    """The nearest spelling is named, and nothing is marked, the right ones beside it neither."""
    for command in ("star", "why"):
        failed = run_cli(command, TWO, given, code=2)
        assert hint in failed.stderr
    assert listed(stored, run_cli) == {}


def test_a_key_of_a_page_is_spelt_as_it_would_be_stored(stored: World, run_cli: Run) -> None:
    """Whatever stands behind "web:", the mark is found again when the page comes, stored or not."""
    told = run_cli(
        *("star", "web:https://www.notes.example/p/two/?utm_source=x", "WEB:New.example/a%7Eb/"),
        *("web:arxiv.org/abs/2203.15556v2", "web:youtu.be/TCH_1BHY58I"),
    ).stdout
    assert told.splitlines() == [
        f"starred: Two ({TWO})",
        "starred: web:new.example/a~b (not stored yet)",
        "starred: arxiv:2203.15556 (not stored yet)",
        "starred: youtube:TCH_1BHY58I (not stored yet)",
    ]


def test_a_key_that_stands_somewhere_is_taken_as_it_is(stored: World, run_cli: Run) -> None:
    """An entry without a link has a key that no address gives; what marks and the database have can be named."""
    key = "web:url:notes.example/feed#6f1ed002ab559585"
    with Storage.open(stored.folder / "tracker.db", now=WEDNESDAY) as storage:
        storage.mark(key, MarkName.STARRED, at=WEDNESDAY)
    assert run_cli("star", "--undo", key).stdout == f"no longer starred: {key} (not stored yet)\n"
    assert "names no video, paper or post" in run_cli("star", key, code=2).stderr


def test_ticks_in_the_page_count_from_the_next_digest_on(stored: World, run_cli: Run) -> None:
    """What is hidden on the page is shown no more, and why says so; the line that was ticked stays."""
    assert run_cli("marks").stdout.startswith("no marks yet")
    run_cli("digest", clock=stored.at(WEDNESDAY))
    path = stored.folder / "digests" / "2026-W48.md"
    path.write_text(path.read_text().replace("[ ] [One]", "[-] [One]").replace("[ ] [Two]", "[x] [Two]"))
    stored.post(BLOG, "three", online=WEDNESDAY + HOUR)
    run_cli("poll", "--force", clock=stored.at(WEDNESDAY + 2 * DAY))
    run_cli("digest", clock=stored.at(WEDNESDAY + 2 * DAY))
    page = stored.page("2026-W48")
    assert ("- [-] [One]" in page, "- [x] [Two]" in page, "- [ ] [Three]" in page) == (True, True, True)
    assert "One post is not shown" in page
    assert listed(stored, run_cli) == {ONE: ["hidden"], TWO: ["done"]}
    told = run_cli("why", "https://weeknight.example/one", clock=stored.at(WEDNESDAY + 2 * DAY)).stdout
    assert "2026-W48, still open: not shown: hidden by you" in told
    assert "your marks: hidden (since Fri 27 Nov 2026" in told
    assert "by 2026-W48.md)" in told


def test_why_answers_for_every_work(stored: World, run_cli: Run) -> None:
    """Shown, backlog, closed or not stored: where it stands, who brought it, and the nearest of what is not there."""
    now = stored.at(WEDNESDAY + HOUR)
    shown, old, missing = run_cli("why", ONE, OLD, "notes.example/p/too", clock=now).stdout.split("\n\n")
    assert shown.splitlines() == [
        f"{ONE}: One",
        "  https://weeknight.example/one",
        "  first seen Wed 25 Nov 2026, 18:20",
        "  in weeknight, as news",
        "  2026-W48, still open: shown as news in read, rank 2",
    ]
    assert "  in notes, as backlog: older than your first window" in old
    assert "  in no issue: it was there before, and is kept and not announced" in old
    assert missing.splitlines()[:2] == [
        "web:notes.example/p/too: not stored; no feed that is followed has brought it",
        f"  near it is stored: {TWO}",
    ]
    run_cli("star", TWO, clock=now)
    run_cli("digest", "--close", clock=now)
    (found,) = json.loads(run_cli("why", TWO, "--json", clock=now).stdout)
    assert (found["stored"], found["marks"], found["feeds"][0]["feed"]) == (True, ["starred"], "notes")
    (place,) = found["places"]
    assert (place["issue"], place["open"], place["shown"], place["role"]) == ("2026-W48", False, True, "news")


def test_an_undone_tick_stays_undone(stored: World, run_cli: Run) -> None:
    """A command has the last word over a box that still stands ticked, in the page that is made anew too."""
    run_cli("digest", clock=stored.at(WEDNESDAY))
    path = stored.folder / "digests" / "2026-W48.md"
    path.write_text(path.read_text().replace("[ ] [One]", "[*] [One]"))
    assert run_cli("star", "--undo", ONE).stdout == f"no longer starred: One ({ONE})\n"
    run_cli("digest", clock=stored.at(WEDNESDAY + HOUR))
    assert "[*] [One]" in stored.page("2026-W48")
    assert listed(stored, run_cli) == {}
