"""`tracker backup` and `tracker restore` by subprocess: beside a daemon, and without touching the reader's pages."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests.conftest import Run
from tests.e2e.world import BLOG, WEDNESDAY, World, terminate, wait_for

DAY = timedelta(days=1)
MONDAY = datetime(2026, 11, 30, 7, 1, tzinfo=UTC)


@pytest.fixture
def world_with_backup(world: World, run_cli: Run) -> World:
    """A post on Wednesday, the backup, another post, and then the close, whose page the reader has ticked."""
    world.follow("weeknight")
    world.post(BLOG, "one", online=WEDNESDAY - DAY)
    run_cli("poll", clock=world.at(WEDNESDAY))
    run_cli("backup", "kept.db", clock=world.at(WEDNESDAY))
    world.post(BLOG, "two", online=WEDNESDAY + DAY)
    run_cli("poll", clock=world.at(WEDNESDAY + DAY))
    run_cli("digest", clock=world.at(MONDAY))
    return world


def test_a_backup_is_made_beside_a_daemon(world: World, run_cli: Run) -> None:
    """It says what it holds, is refused over a file that exists, and by force takes its place."""
    world.follow("weeknight")
    world.post(BLOG, "one", online=WEDNESDAY - DAY)
    (world.folder / "kept.db").write_bytes(b"SQLite format 3\0 of last week")
    with world.running("run", clock=world.at(WEDNESDAY)) as daemon:
        wait_for(lambda: world.rows("SELECT 1 FROM polls"), "the first tick")
        refusal = run_cli("backup", "kept.db", clock=world.at(WEDNESDAY), code=1).stderr
        assert refusal == "kept.db exists and is left alone: name another file, or overwrite it with --force\n"
        done = run_cli("backup", "kept.db", "--force", clock=world.at(WEDNESDAY)).stdout
        assert done.startswith("written: kept.db, ")
        assert done.endswith(" kB, checked: 0 issues, 1 entry\n")
        (busy,) = run_cli("restore", "kept.db", clock=world.at(WEDNESDAY), code=1).stderr.splitlines()
        assert f"a tracker daemon already runs for this database (process {daemon.pid})" in busy
        assert terminate(daemon) == 0
    with closing(sqlite3.connect(world.folder / "kept.db")) as copy:
        assert copy.execute("SELECT count(*) FROM entries").fetchone() == (1,)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [("nowhere/kept.db", "cannot be opened"), (".", "exists and is left alone"), ("tracker.db", "is left alone")],
)
def test_a_bad_place_for_a_backup_is_explained(world: World, run_cli: Run, file: str, sentence: str) -> None:
    """A missing folder, a folder in place of the file, the database itself: one line each."""
    world.follow("weeknight")
    assert "there is no database" in run_cli("backup", "kept.db", code=1).stderr
    run_cli("poll", clock=world.at(WEDNESDAY))
    (line,) = run_cli("backup", file, clock=world.at(WEDNESDAY), code=1).stderr.splitlines()
    assert sentence in line


def test_a_restore_touches_no_page(world_with_backup: World, run_cli: Run) -> None:
    """What closed after the backup closes again, beside the page that the reader has, and says so."""
    world = world_with_backup
    page = world.folder / "digests" / "2026-W48.md"
    mine = page.read_text().replace("[ ]", "[x]") + "my note\n"
    page.write_text(mine)
    said = run_cli("restore", "kept.db", clock=world.at(MONDAY + DAY)).stdout.splitlines()
    assert said == [
        "restored from kept.db: 0 issues, 1 entry",
        "the former database is kept: tracker.db.kept-2026-12-01-070100 (tracker restore brings it back)",
        "closed after the backup, and known to the former database alone: 2026-W48",
        "their pages in digests stay as they are; what closes under such a name again is written beside them",
    ]
    again = run_cli("digest", clock=world.at(MONDAY + DAY))
    assert "2026-W48 (new).md" in again.stdout
    assert "its usual file holds another text" in again.stderr
    assert page.read_text() == mine
    beside = (world.folder / "digests" / "2026-W48 (new).md").read_text()
    assert all(f"{BLOG}/{slug}" in beside for slug in ("one", "two"))
    assert world.news().keys() == {"web:weeknight.example/one", "web:weeknight.example/two"}
    run_cli("digest", clock=world.at(MONDAY + 2 * DAY))
    assert sorted(each.name for each in page.parent.glob("2026-W48*")) == ["2026-W48 (new).md", "2026-W48.md"]


def test_a_damaged_database_is_told_by_status(world_with_backup: World, run_cli: Run) -> None:
    """`tracker status` ends with exit code 1 and the remedy; the remedy works."""
    world = world_with_backup
    database = world.folder / "tracker.db"
    with closing(sqlite3.connect(database)) as raw:
        raw.execute("DELETE FROM feeds")
        raw.commit()
    told = run_cli("status", clock=world.at(MONDAY), code=1).stdout
    assert "not well: " in told
    assert "is damaged (" in told
    assert "tracker restore" in told
    run_cli("restore", "kept.db", clock=world.at(MONDAY))
    assert "is damaged" not in run_cli("status", clock=world.at(MONDAY), code=None).stdout


def test_a_restore_of_nothing_is_refused(world: World, run_cli: Run) -> None:
    """A wrong name is one line and changes nothing."""
    world.follow("weeknight")
    assert "there is no backup" in run_cli("restore", "none.db", code=1).stderr
    assert not (world.folder / "tracker.db").exists()
