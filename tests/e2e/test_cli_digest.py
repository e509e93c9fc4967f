"""`tracker digest` by subprocess: previews, closed issues given back, early and late closes, spans, pages that cannot be written."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta

from tests.conftest import Run, cli_environ
from tests.e2e.world import BLOG, HEAD, NOTES, WEDNESDAY, World, wait_for
from tests.internet_replies import Reply
from tracker.storage import lock

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONDAY = WEDNESDAY + timedelta(days=4, hours=12, minutes=40)  # 30 November, 07:00


def polled(world: World, run_cli: Run) -> None:
    """Poll a blog with one new post on Wednesday."""
    world.follow("weeknight")
    world.post(BLOG, "one", online=WEDNESDAY - DAY, subtitle="What it says.")
    run_cli("poll", clock=world.at(WEDNESDAY))


def test_a_preview_tells_its_place_and_its_age(world: World, run_cli: Run) -> None:
    """`digest` writes the open window's page, asks nobody, and says how old its data is; -o gives the same page."""
    world.follow("weeknight")
    before = run_cli("digest", clock=world.at(WEDNESDAY - HOUR)).stdout.splitlines()
    assert before == [
        "preview of issue 2026-W48: digests/2026-W48.md",
        "its data: no feed has been read yet: tracker poll",
    ]
    polled(world, run_cli)
    asked = len(world.net.requests)
    later = WEDNESDAY + 3 * HOUR
    told = run_cli("digest", clock=world.at(later)).stdout.splitlines()
    assert told == ["preview of issue 2026-W48: digests/2026-W48.md", "its data: feeds were last read 3 hours ago"]
    assert run_cli("digest", "-o", "page.md", clock=world.at(later)).stdout == "written: page.md\n"
    printed = run_cli("digest", "-o", "-", clock=world.at(later)).stdout
    assert printed == (world.folder / "page.md").read_text() == world.page("2026-W48")
    assert "[One](https://weeknight.example/one) · Ada Brandt, Weeknight ML · Tue" in printed
    assert len(world.net.requests) == asked


def test_a_feed_renamed_since_the_last_poll_keeps_its_entries(world: World, run_cli: Run) -> None:
    """Another id in feeds.toml, and a page before anybody was asked again: the entry is shown as its feed's."""
    polled(world, run_cli)
    text = world.config.read_text()
    assert 'id = "weeknight"' in text
    world.config.write_text(text.replace('id = "weeknight"', 'id = "renamed"'))
    page = run_cli("digest", "-o", "-", clock=world.at(WEDNESDAY + HOUR)).stdout
    assert "[One](https://weeknight.example/one) · Ada Brandt, Weeknight ML · Tue" in page


def test_a_first_page_beside_a_poll_knows_renamed_feeds(world: World, run_cli: Run) -> None:
    """Where another poll is running nobody is asked, and a feed with another id keeps its entries all the same."""
    polled(world, run_cli)
    world.config.write_text(world.config.read_text().replace('id = "weeknight"', 'id = "renamed"'))
    with lock(world.folder / "tracker.db", "poll"):
        done = run_cli("first-page", clock=world.at(WEDNESDAY + HOUR))
    assert "The page below holds what it has stored so far." in done.stderr
    assert "[One](https://weeknight.example/one) · Ada Brandt, Weeknight ML · Tue" in done.stdout


def test_a_readers_ticks_and_words_stay_in_the_page(world: World, run_cli: Run) -> None:
    """A preview made anew, and the closed page, keep what was ticked and typed; a file that is no page is left alone."""
    polled(world, run_cli)
    run_cli("digest", clock=world.at(WEDNESDAY))
    path = world.folder / "digests" / "2026-W48.md"
    path.write_text(world.page("2026-W48").replace("- [ ]", "- [x]") + "My own last words.\n")
    told = run_cli("digest", clock=world.at(WEDNESDAY + HOUR)).stdout
    assert "preview of issue 2026-W48: digests/2026-W48.md" in told
    run_cli("poll", clock=world.at(MONDAY - HOUR))
    closing = run_cli("digest", clock=world.at(MONDAY + MINUTE)).stdout
    assert closing.startswith("issue 2026-W48 is closed: digests/2026-W48.md\n")
    page = world.page("2026-W48")
    assert page.endswith("\nMy own last words.\n")
    assert (page.count("- [x]"), "status: closed" in page) == (page.count("]("), True)
    assert "- [x]" not in run_cli("digest", "2026-W48").stdout
    (world.folder / "digests" / "2026-W49.md").write_text("mine\n")
    told = run_cli("digest", clock=world.at(MONDAY + HOUR)).stdout
    assert "preview of issue 2026-W49: digests/2026-W49 (new).md" in told
    assert "left alone" in told


def test_a_closed_issue_is_given_back(world: World, run_cli: Run) -> None:
    """A closed issue is printed byte for byte, today's template gives the same, and a wrong label names the nearest."""
    polled(world, run_cli)
    assert "none is 2026-W48" in run_cli("digest", "2026-W48", clock=world.at(WEDNESDAY), code=1).stderr
    run_cli("poll", clock=world.at(MONDAY - HOUR))
    closing = run_cli("digest", clock=world.at(MONDAY + MINUTE)).stdout.splitlines()
    assert closing[:2] == [
        "issue 2026-W48 is closed: digests/2026-W48.md",
        "preview of issue 2026-W49: digests/2026-W49.md",
    ]
    page = world.page("2026-W48")
    (world.folder / "digests" / "2026-W48.md").unlink()
    assert run_cli("digest", "2026-W48").stdout == page
    assert run_cli("digest", "2026-W48", "--rerender").stdout == page
    run_cli("digest", "2026-W48", "-o", "back.md")
    assert (world.folder / "back.md").read_text() == page
    assert not (world.folder / "digests" / "2026-W48.md").exists()
    (line,) = run_cli("digest", "2026-W84", code=1).stderr.splitlines()
    assert line == "no issue 2026-W84 is closed; the nearest is 2026-W48"


def test_missed_weeks_are_one_issue(world: World, run_cli: Run) -> None:
    """After weeks away `digest` first polls what is due, closes one issue for all, and skipped labels name it."""
    polled(world, run_cli)
    world.post(BLOG, "while-away", online=WEDNESDAY + 10 * DAY)
    told = run_cli("digest", clock=world.at(MONDAY + 15 * DAY)).stdout
    assert told.splitlines()[:2] == ["weeknight: 1 new entry", "issue 2026-W50 is closed: digests/2026-W50.md"]
    assert "[While away]" in world.page("2026-W50")
    (line,) = run_cli("digest", "2026-W49", code=1).stderr.splitlines()
    assert line == "2026-W49 was missed and is covered by 2026-W50: tracker digest 2026-W50"
    assert set(world.news()) == {"web:weeknight.example/one", "web:weeknight.example/while-away"}


def test_an_early_close_and_the_regular_one(world: World, run_cli: Run) -> None:
    """--close closes under the running label; the regular close follows as -2 if anything came, else not at all."""
    polled(world, run_cli)
    early = run_cli("digest", "--close", clock=world.at(WEDNESDAY + MINUTE)).stdout
    assert early == "issue 2026-W48 is closed early: digests/2026-W48.md\n"
    quiet = run_cli("run", "--once", clock=world.at(MONDAY + MINUTE))
    assert "closed" not in quiet.stdout
    early = run_cli("digest", "--close", clock=world.at(MONDAY + DAY)).stdout
    assert early == "issue 2026-W49 is closed early: digests/2026-W49.md\n"
    world.post(BLOG, "two", online=MONDAY + 2 * DAY)
    assert "weeknight: 1 new entry" in run_cli("run", "--once", clock=world.at(MONDAY + 3 * DAY)).stdout
    regular = run_cli("run", "--once", clock=world.at(MONDAY + 7 * DAY)).stdout
    assert "issue 2026-W49-2 is closed: digests/2026-W49-2.md" in regular
    assert world.news() == {"web:weeknight.example/one": ["2026-W48"], "web:weeknight.example/two": ["2026-W49-2"]}


def test_a_span_reads_and_assigns_nothing(world: World, run_cli: Run) -> None:
    """--since and --until print what was first seen between them; what was seen this very second is inside."""
    polled(world, run_cli)
    world.post(BLOG, "two", online=WEDNESDAY + 2 * DAY)
    run_cli("poll", clock=world.at(WEDNESDAY + 2 * DAY))
    whole = run_cli("digest", "--since", "2026-11-25", clock=world.at(WEDNESDAY + 2 * DAY)).stdout
    assert "[One]" in whole
    assert "[Two]" in whole
    first = run_cli("digest", "--until", "2026-11-27T18:20", "-o", "-", clock=world.at(MONDAY)).stdout
    assert "[One]" in first
    assert "[Two]" not in first
    assert "status: span" in first
    assert run_cli("digest", "--since", "2026-11-27T19:20+01:00", clock=world.at(MONDAY)).stdout.count("- [ ]") == 1
    assert world.rows("SELECT 1 FROM issues") == []
    assert not (world.folder / "digests").exists()


def test_wrong_use_ends_with_2(world: World, run_cli: Run) -> None:
    """What cannot go together, dates that are none and files that cannot be written are told with exit code 2."""
    world.follow("weeknight")
    assert "ISSUE and --close cannot go together" in run_cli("digest", "2026-W48", "--close", code=2).stderr
    assert "--rerender needs ISSUE" in run_cli("digest", "--rerender", code=2).stderr
    assert "'yesterday' is no date: write 2026-11-23" in run_cli("digest", "--since", "yesterday", code=2).stderr
    wrong = run_cli("digest", "--since", "2026-11-25", "--until", "2026-11-20", code=2).stderr
    assert "--since must be before --until" in wrong
    assert "cannot write no/page.md" in run_cli("digest", "-o", "no/page.md", code=2).stderr


def test_a_page_that_cannot_be_written_is_not_lost(world: World, run_cli: Run) -> None:
    """A close whose folder cannot be written is kept and told with exit code 1; once it can, the page is there."""
    world.follow("weeknight", head=HEAD.replace("[digest]", '[digest]\nfolder = "shelf"'))
    (world.folder / "shelf").write_text("a file where a folder should be")
    world.post(BLOG, "one", online=WEDNESDAY - DAY)
    run_cli("poll", clock=world.at(WEDNESDAY))
    (line,) = run_cli("digest", clock=world.at(WEDNESDAY), code=1).stderr.splitlines()
    assert line == f"issue 2026-W48 cannot be written to {world.folder}/shelf/2026-W48.md: Not a directory."
    closing = run_cli("digest", "--close", clock=world.at(WEDNESDAY), code=1)
    assert "its page is not written yet (tracker digest 2026-W48 prints it)" in closing.stdout
    run_cli("run", "--once", clock=world.at(WEDNESDAY + MINUTE), code=1)
    status = run_cli("status", clock=world.at(WEDNESDAY + MINUTE), code=1).stdout
    assert f"not well: issue 2026-W48 is closed but could not be written to {world.folder}/shelf" in status
    (world.folder / "shelf").unlink()
    run_cli("run", "--once", clock=world.at(WEDNESDAY + 2 * MINUTE))
    written = (world.folder / "shelf" / "2026-W48.md").read_text()
    assert written == run_cli("digest", "2026-W48").stdout
    run_cli("status", clock=world.at(WEDNESDAY + 2 * MINUTE))


def test_a_reader_who_has_seen_enough(world: World, run_cli: Run) -> None:
    """Output that is piped into head breaks off without a word and with exit code 0."""
    world.follow("notes", "weeknight")
    for number in range(300):
        for base in (NOTES, BLOG):
            world.post(base, f"post-{number}", online=WEDNESDAY - DAY, title=f"{number} " + "long " * 40)
    run_cli("poll", clock=world.at(WEDNESDAY))
    for command in ("entries", "entries --json", "digest -o -"):
        script = f'{sys.executable} -m tracker {command} | head -n 1; echo "${{PIPESTATUS[0]}}"'
        environ = cli_environ(world.net, clock=world.at(WEDNESDAY))
        done = subprocess.run(["bash", "-c", script], cwd=world.folder, env=environ, capture_output=True, text=True)
        assert done.stderr == ""
        assert done.stdout.splitlines()[1:] == ["0"]


def test_stopped_before_a_late_close(world: World, run_cli: Run) -> None:
    """Whoever stops the poll before a late close has closed nothing; asked again, it closes with what was missing."""
    polled(world, run_cli)
    world.follow("weeknight", "notes")
    world.net.fail("notes.example", Reply(hang=True), times=2)
    for command in ("digest", "first-page"):
        asked = len(world.net.requests_to("notes.example"))
        with world.running(command, clock=world.at(MONDAY + HOUR)) as late:
            wait_for(
                lambda asked=asked: len(world.net.requests_to("notes.example")) > asked, "the poll before the close"
            )
            late.send_signal(signal.SIGINT)
            assert late.wait(timeout=10) == 1
        assert world.rows("SELECT 1 FROM issues") == []
    assert "stopped: issue 2026-W48 is not closed yet" in world.said()
    world.post(NOTES, "just-in-time", online=MONDAY)
    assert "issue 2026-W48 is closed" in run_cli("digest", clock=world.at(MONDAY + 2 * HOUR)).stdout
    assert set(world.news()) == {"web:weeknight.example/one", "web:notes.example/p/just-in-time"}


def test_a_closed_issue_is_the_same_anywhere_and_later(world: World, run_cli: Run) -> None:
    """In another zone and locale, after edits, forgotten polls and the feed's end: the same bytes, made anew as well."""
    polled(world, run_cli)
    world.post(BLOG, "zwei", online=WEDNESDAY - HOUR, title="Zwei: I ı İ, größer & <mehr>", subtitle="Ünïcode.")
    run_cli("poll", "--force", clock=world.at(WEDNESDAY + HOUR))
    run_cli("digest", "--close", clock=world.at(WEDNESDAY + HOUR))
    page = world.page("2026-W48").encode()
    world.post(BLOG, "one", online=WEDNESDAY, title="One, edited", subtitle="Something else.")
    run_cli("poll", "--force", clock=world.at(WEDNESDAY + DAY))
    world.follow("notes", head=HEAD.replace("Europe/London", "Asia/Kathmandu").replace("Learning LLMs", "Anders"))
    run_cli("run", "--once", clock=world.at(WEDNESDAY + 200 * DAY))
    assert not world.rows("SELECT 1 FROM polls WHERE at < '2027-01-01'")
    assert world.rows("SELECT unsubscribed_at IS NOT NULL FROM feeds WHERE id = 'weeknight'") == [(1,)]
    (world.folder / "digests" / "2026-W48.md").unlink()
    for environ in ({"TZ": "Pacific/Apia", "LC_ALL": "tr_TR.UTF-8"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}):
        for options in ((), ("--rerender",)):
            run_cli("digest", "2026-W48", *options, "-o", "again.md", clock=world.at(WEDNESDAY), **environ)
            assert (world.folder / "again.md").read_bytes() == page
    assert not (world.folder / "digests" / "2026-W48.md").exists()
