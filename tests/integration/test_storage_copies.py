"""A backup comes back whole or not at all, the former database is kept, and nobody who is working is run over."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import NOW, make_entry, make_issue, store_entries, subscribe
from tracker.errors import BusyError, MigrationError, StorageError
from tracker.storage import Restored, Storage, lock

KEPT = "tracker.db.kept-2026-11-25-120000"

GOOD = "SQLite format 3\0, a good one"


def titles(path: Path) -> list[str]:
    """Give what a database holds."""
    with Storage.open(path, now=NOW) as storage:
        return sorted(entry.title for entry in storage.entries())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database with two posts and an issue, of which the backup beside it knows one post."""
    path = tmp_path / "tracker.db"
    with Storage.open(path, now=NOW) as storage:
        subscribe(storage)
        store_entries(storage, [make_entry(1)])
        storage.backup(tmp_path / "backup.db")
        store_entries(storage, [make_entry(2)])
        storage.add_issue(make_issue(), ())
    return path


@pytest.fixture
def backup(path: Path) -> Path:
    """The copy."""
    return path.with_name("backup.db")


def damage(path: Path) -> None:
    """Overwrite everything after the first page, as a broken disk may."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))


def names(path: Path) -> set[str]:
    """Name the files beside the database, locks and logs left out."""
    return {each.name for each in path.parent.iterdir() if not each.name.endswith((".lock", "-wal", "-shm"))}


def test_a_restore_keeps_the_former_database(path: Path, backup: Path) -> None:
    """The backup's state is back, the former one stands beside it, the issues that only it knows are named."""
    restored = Storage.restore(backup, path, now=NOW)
    assert restored == Restored(kept=path.with_name(KEPT), lost=("2026-W48",))
    assert titles(path) == ["Post 1"]
    assert titles(path.with_name(KEPT)) == ["Post 1", "Post 2"]
    assert names(path) == {"tracker.db", "backup.db", KEPT}


def test_a_restore_can_be_undone(path: Path, backup: Path) -> None:
    """The kept database is a backup like any other; a second one of the same moment gets a number."""
    Storage.restore(backup, path, now=NOW)
    again = Storage.restore(path.with_name(KEPT), path, now=NOW)
    assert again == Restored(kept=path.with_name(f"{KEPT}-2"), lost=())
    assert titles(path) == ["Post 1", "Post 2"]


def test_who_has_the_database_open_sees_the_one_or_the_other(path: Path, backup: Path) -> None:
    """A command that reads meanwhile goes on, and what it writes afterwards is in the restored database."""
    with Storage.open(path, now=NOW) as reader:
        with reader.snapshot():
            before = reader.counts()
            Storage.restore(backup, path, now=NOW)
            assert reader.counts() == before
        assert reader.counts().entries == 1
        store_entries(reader, [make_entry(3)])
    assert titles(path) == ["Post 1", "Post 3"]
    with Storage.open(path, now=NOW) as storage:
        assert storage.integrity() == ()


@pytest.mark.parametrize("purpose", ["daemon", "poll", "digest"])
def test_a_restore_waits_for_nobody(path: Path, backup: Path, purpose: str) -> None:
    """While a daemon, a poll or a digest is at work the restore is refused, and nothing is left behind."""
    with lock(path, purpose), pytest.raises(BusyError):
        Storage.restore(backup, path, now=NOW)
    assert titles(path) == ["Post 1", "Post 2"]
    assert names(path) == {"tracker.db", "backup.db"}


def test_a_damaged_database_is_moved_aside(path: Path, backup: Path) -> None:
    """What is broken is kept as it is, and nothing of it is left where the restored one is."""
    damage(path)
    broken = path.read_bytes()
    assert Storage.restore(backup, path, now=NOW).kept == path.with_name(KEPT)
    assert titles(path) == ["Post 1"]
    assert path.with_name(KEPT).read_bytes() == broken


def test_a_lost_database_is_restored(path: Path, backup: Path) -> None:
    """Where there is none the backup takes its place, and a log that was left is not played into it."""
    path.unlink()
    path.with_name("tracker.db-wal").write_bytes(b"an old log")
    assert Storage.restore(backup, path, now=NOW) == Restored(kept=None, lost=())
    assert path.with_name(f"{KEPT}-wal").read_bytes() == b"an old log"
    assert titles(path) == ["Post 1"]


def refused(backup: Path, path: Path, error: type[StorageError] = StorageError) -> str:
    """Try a restore that must be refused and change nothing; give the sentence."""
    before = path.read_bytes()
    with pytest.raises(error) as caught:
        Storage.restore(backup, path, now=NOW)
    assert path.read_bytes() == before
    assert not [each for each in names(path) if "kept" in each or "unfinished" in each]
    assert "unfinished" not in str(caught.value)
    return str(caught.value)


def test_what_is_no_backup_is_refused(path: Path, backup: Path, tmp_path: Path) -> None:
    """No file, no database, an empty one, another program's, a damaged one, the database itself: one sentence each."""
    assert "there is no backup" in refused(tmp_path / "none.db", path)
    (tmp_path / "diary.db").write_text("Dear diary, " * 100)
    assert "diary.db is not a SQLite database" in refused(tmp_path / "diary.db", path)
    (tmp_path / "empty.db").write_bytes(b"")
    assert "empty.db holds nothing" in refused(tmp_path / "empty.db", path)
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    assert "other.db is a database, but not tracker's" in refused(tmp_path / "other.db", path)
    assert "is the database itself" in refused(path, path)
    damage(backup)
    assert "backup.db is damaged" in refused(backup, path)


def test_a_backup_of_a_newer_tracker_is_refused(path: Path, backup: Path) -> None:
    """A schema that this program does not know never takes the place of one that it knows."""
    with closing(sqlite3.connect(backup)) as newer:
        newer.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('tracker', 'm999', '')")
        newer.commit()
    assert "backup.db was written by a newer tracker (it knows m999)" in refused(backup, path, MigrationError)


def test_another_programs_database_is_not_overwritten(path: Path, backup: Path) -> None:
    """A wrong `database` in feeds.toml costs nobody his bookmarks."""
    path.unlink()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    assert "not tracker's" in refused(backup, path)


def test_a_damaged_database_makes_no_backup(path: Path, tmp_path: Path) -> None:
    """A copy that is not sound never appears, so that it cannot take a good one's place."""
    (tmp_path / "copy.db").write_text(GOOD)
    with Storage.open(path, now=NOW) as storage:
        storage._db.write("PRAGMA wal_checkpoint(TRUNCATE)")
        with path.open("r+b") as file:
            file.seek(4096 * 5)
            file.write(b"\xa5" * 4096 * 8)
        with pytest.raises(StorageError, match="damaged"):
            storage.backup(tmp_path / "copy.db", overwrite=True)
    assert (tmp_path / "copy.db").read_text() == GOOD
    assert names(path) == {"tracker.db", "backup.db", "copy.db"}


def test_force_takes_the_place_of_databases_alone(path: Path, tmp_path: Path) -> None:
    """By force or not, feeds.toml or a page is nothing that a backup may replace; an empty file is."""
    (tmp_path / "feeds.toml").write_text("[[feed]]")
    (tmp_path / "empty.db").touch()
    with Storage.open(path, now=NOW) as storage:
        with pytest.raises(StorageError, match="is no database"):
            storage.backup(tmp_path / "feeds.toml", overwrite=True)
        storage.backup(tmp_path / "empty.db", overwrite=True)
    assert (tmp_path / "feeds.toml").read_text() == "[[feed]]"
    assert titles(tmp_path / "empty.db") == ["Post 1", "Post 2"]


def test_a_backup_never_takes_the_place_of_the_database(path: Path, tmp_path: Path) -> None:
    """Not even by force: the file itself, its log and its locks are refused."""
    with Storage.open(path, now=NOW) as storage:
        for name in ("tracker.db", "tracker.db-wal", "tracker.db.poll.lock"):
            with pytest.raises(StorageError, match="belongs to the database itself"):
                storage.backup(tmp_path / name, overwrite=True)
        storage.backup(tmp_path / "backup.db", overwrite=True)
    assert titles(tmp_path / "backup.db") == ["Post 1", "Post 2"]


DIES = """
import os, signal, sys
from pathlib import Path
from tracker.storage import copies
copies._put = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
copies.copy_database(Path(sys.argv[1]), Path(sys.argv[2]), overwrite=True)
"""


def test_what_a_killed_backup_left_is_taken_away(path: Path, tmp_path: Path) -> None:
    """The half copy of a process that was killed goes with the next backup to that place; a living one's stays."""
    target = tmp_path / "weekly.db"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", DIES, str(path), str(target)], cwd=root, timeout=60)
    assert done.returncode < 0
    (half,) = tmp_path.glob("weekly.db.unfinished-*")
    half.with_name(f"{half.name}-journal").touch()
    living = tmp_path / f"weekly.db.unfinished-{os.getppid()}"
    living.touch()
    with Storage.open(path, now=NOW) as storage:
        storage.backup(target)
    assert [each.name for each in tmp_path.glob("weekly.db*") if each != target] == [living.name]


def test_what_a_killed_restore_left_is_taken_away(path: Path, backup: Path) -> None:
    """The half copies of a restore that was killed, of the former database too, go with the next one, on whatever day."""
    root = Path(__file__).resolve().parents[2]
    dies = DIES.partition("copies.copy_database")[0] + (
        "from tracker.storage import Storage\n"
        "from tests.factories import NOW\n"
        "Storage.restore(Path(sys.argv[1]), Path(sys.argv[2]), now=NOW)\n"
    )
    done = subprocess.run([sys.executable, "-c", dies, str(backup), str(path)], cwd=root, timeout=60)
    assert done.returncode < 0
    assert len([each for each in names(path) if "unfinished" in each]) == 2
    kept = Storage.restore(backup, path, now=NOW + timedelta(days=1)).kept
    assert kept is not None
    assert names(path) == {"tracker.db", "backup.db", kept.name}
