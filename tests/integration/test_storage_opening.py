"""The database opens where it can be kept safely, and says in one line why not elsewhere."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.factories import NOW, make_entry, store_entries, subscribe
from tracker.errors import StorageError
from tracker.storage import Storage
from tracker.storage.opening import network_file_system, refuse_old_sqlite

ROOT = Path(__file__).parents[2]


def refusal(path: Path) -> str:
    """Open a database that must be refused; give the sentence."""
    with pytest.raises(StorageError) as caught:
        Storage.open(path, now=NOW)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_new_database_is_made_and_kept(tmp_path: Path) -> None:
    """What was stored is there when the file is opened again."""
    path = tmp_path / "tracker.db"
    assert not Storage.exists(path)
    with Storage.open(path, now=NOW) as storage:
        subscribe(storage)
        store_entries(storage, [make_entry()])
    assert Storage.exists(path)
    with Storage.open(path, now=NOW) as storage:
        assert [entry.title for entry in storage.entries()] == ["Post 1"]
        assert storage.path == path
        assert storage.integrity() == ()


def test_a_commit_survives_a_power_cut(tmp_path: Path) -> None:
    """The file is in write-ahead mode, every commit is synced, and foreign keys count."""
    with Storage.open(tmp_path / "tracker.db", now=NOW) as storage:
        values = [storage._db.read(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous", "foreign_keys")]
    assert values == ["wal", 2, 1]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """A folder that does not exist is not made silently."""
    assert "folder does not exist" in refusal(tmp_path / "nowhere" / "tracker.db")


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    """A path that leads to a folder gives a sentence with the remedy."""
    (tmp_path / "tracker.db").mkdir()
    assert "cannot be opened: it must be a file" in refusal(tmp_path / "tracker.db")


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    """Some other file is refused and keeps its bytes."""
    path = tmp_path / "tracker.db"
    path.write_bytes(b"Dear diary, " * 100)
    assert "is not a SQLite database" in refusal(path)
    assert path.read_bytes() == b"Dear diary, " * 100


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    """A database with other tables is refused and not even switched to write-ahead mode."""
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()
    before = path.read_bytes()
    assert "not tracker's" in refusal(path)
    assert path.read_bytes() == before


def test_migrations_of_another_program_do_not_count(tmp_path: Path) -> None:
    """A database that another program migrates with the same library is refused as well."""
    path = tmp_path / "other.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE _sqlite_migrations (id INTEGER, migration_set TEXT, name TEXT, applied_at TEXT)")
    other.execute("INSERT INTO _sqlite_migrations VALUES (1, 'other', 'm001', '')")
    other.execute("CREATE TABLE logs (id INTEGER)")
    other.commit()
    other.close()
    assert "not tracker's" in refusal(path)


def test_a_damaged_database_is_named_as_such(tmp_path: Path) -> None:
    """Overwritten pages end in a sentence about the backup, not in a traceback."""
    path = tmp_path / "tracker.db"
    with Storage.open(path, now=NOW) as storage:
        subscribe(storage)
        store_entries(storage, [make_entry(number) for number in range(200)])
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (size - 4096))
    with pytest.raises(StorageError, match="damaged"), Storage.open(path, now=NOW) as storage:
        storage.entries()


AS_SOMEBODY_ELSE = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from tracker.errors import StorageError
from tracker.storage import Storage, lock
if os.getuid() == 0:  # root may write anywhere
    os.setgid(65534)
    os.setuid(65534)
def change(path):
    with Storage.open(path, now=datetime.now(UTC)) as storage:
        storage.save_host("a.example", last_request_at=None, paused_until=None, reason="")

def hold(path):
    with lock(path, "poll"):
        pass

for act in (change, hold):
    try:
        act(Path(sys.argv[1]))
        print("no refusal")
    except StorageError as error:
        print(error)
"""


def refusals_to_somebody_else(path: Path) -> list[str]:
    """Change and lock a database as a user without special rights; give what is printed."""
    run = subprocess.run(
        [sys.executable, "-c", AS_SOMEBODY_ELSE, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return run.stdout.splitlines()


def test_an_unwritable_folder_is_refused() -> None:
    """A folder that this user may not write ends in one line each for the database and its locks."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)
        changed, locked = refusals_to_somebody_else(Path(folder) / "tracker.db")
    assert "its folder cannot be written" in changed
    assert "make its folder writable" in locked


def test_an_unwritable_file_is_refused() -> None:
    """A read-only file in a folder that may be written is told from a closed folder."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tracker.db"
        Storage.open(path, now=NOW).close()
        path.chmod(0o444)
        Path(folder).chmod(0o777)
        changed, _ = refusals_to_somebody_else(path)
    assert "cannot be written: make the file and its folder writable" in changed


@pytest.mark.parametrize("version", [(3, 36, 0), (3, 8, 11), (2, 99, 99)])
def test_an_old_sqlite_is_refused(version: tuple[int, int, int]) -> None:
    """Before STRICT tables there is no way to open the file; the sentence names both versions."""
    with pytest.raises(StorageError, match=rf"SQLite {'.'.join(map(str, version))} is too old, 3\.37\.0"):
        refuse_old_sqlite(version)


def test_the_oldest_sqlite_that_works_is_taken() -> None:
    """3.37.0 itself is new enough; a patch before it is not."""
    refuse_old_sqlite((3, 37, 0))
    with pytest.raises(StorageError):
        refuse_old_sqlite((3, 36, 99))


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
nas:/home /home nfs4 rw 0 0
/dev/sdb1 /home/ines/local xfs rw 0 0
//nas/share /mnt/my\\040share cifs rw 0 0
ines@host: /mnt/far fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("/var/lib", ""),
        ("/home/ines", "nfs4"),
        ("/home/ines/local/data", ""),
        ("/homestead", ""),
        ("/mnt/my share/x", "cifs"),
        ("/mnt/far", "fuse.sshfs"),
    ],
)
def test_a_network_file_system_is_recognised(folder: str, expected: str) -> None:
    """The deepest mount that holds the folder decides; names with blanks are read."""
    assert network_file_system(Path(folder), MOUNTS) == expected


def test_of_two_mounts_on_one_place_the_later_counts() -> None:
    """A local disk mounted over a network share is a local disk."""
    mounts = "nas:/x /data nfs rw 0 0\n/dev/sdb1 /data ext4 rw 0 0\n"
    assert network_file_system(Path("/data"), mounts) == ""
    assert network_file_system(Path("/data"), "") == ""


def test_a_database_on_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal names the kind of file system and the remedy, and makes no file."""
    mounts = tmp_path / "mounts"
    mounts.write_text(f"nas:/x {tmp_path.resolve()} nfs4 rw 0 0\n")
    monkeypatch.setattr("tracker.storage.opening.MOUNTS", mounts)
    path = tmp_path / "tracker.db"
    assert "network file system (nfs4)" in refusal(path)
    assert not path.exists()


def test_a_system_without_a_list_of_mounts_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is known of mounts (macOS), the database opens."""
    monkeypatch.setattr("tracker.storage.opening.MOUNTS", tmp_path / "none")
    with Storage.open(tmp_path / "tracker.db", now=NOW) as storage:
        assert storage.feeds() == ()


def test_a_backup_is_whole_and_opens(tmp_path: Path) -> None:
    """A copy made inside somebody's transaction holds the last commit, and is one file."""
    with Storage.open(tmp_path / "tracker.db", now=NOW) as storage:
        subscribe(storage)
        store_entries(storage, [make_entry(1)])
        with storage.transaction():
            store_entries(storage, [make_entry(2)])
            storage.backup(tmp_path / "copy.db")
    assert sorted(path.name for path in tmp_path.glob("copy.db*")) == ["copy.db"]
    with Storage.open(tmp_path / "copy.db", now=NOW) as copy:
        assert [entry.title for entry in copy.entries()] == ["Post 1"]
        assert copy.integrity() == ()


def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    """An existing file is left alone."""
    (tmp_path / "copy.db").write_text("mine")
    with Storage.open(tmp_path / "tracker.db", now=NOW) as storage, pytest.raises(StorageError, match="left alone"):
        storage.backup(tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "mine"


def test_a_backup_to_nowhere_is_explained(tmp_path: Path) -> None:
    """A folder that does not exist ends in one line and leaves nothing behind."""
    with Storage.open(tmp_path / "tracker.db", now=NOW) as storage, pytest.raises(StorageError, match="opened"):
        storage.backup(tmp_path / "nowhere" / "copy.db")
    assert not (tmp_path / "nowhere").exists()


def test_a_broken_reference_is_found(tmp_path: Path) -> None:
    """The integrity check also follows references that a careless tool has broken."""
    path = tmp_path / "tracker.db"
    with Storage.open(path, now=NOW) as storage:
        subscribe(storage)
        store_entries(storage, [make_entry()])
    other = sqlite3.connect(path)
    other.execute("DELETE FROM feeds")
    other.commit()
    other.close()
    with Storage.open(path, now=NOW) as storage:
        assert storage.integrity()[0].endswith("points to no row of feeds")


def test_the_program_reads_nothing_of_this_file_before_it_is_asked() -> None:
    """Importing the package opens no database and makes no file."""
    run = subprocess.run(
        [sys.executable, "-c", "import os, tracker.storage; print(os.listdir('.'))"],
        cwd=tempfile.mkdtemp(),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "[]"
