"""Two processes, kill -9 and a full disk: the file stays whole, and nobody reads "database is locked"."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.factories import NOW, WEEK_END, make_entry, make_identified, make_subscription, store_entries, subscribe
from tracker.errors import StorageError
from tracker.models import Door
from tracker.storage import Storage
from tracker.storage import connection as connection_module
from tracker.storage import opening as opening_module

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tracker.db"
    with Storage.open(path, now=NOW) as storage:
        subscribe(storage, make_subscription(id="weeknight"))
    return path


def other_process(script: str, *args: str) -> subprocess.Popen[str]:
    """Start a process that uses the database; it shares nothing with this one but the file."""
    return subprocess.Popen(
        [sys.executable, "-c", script, *args],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


HOLD_WRITE_LOCK = """
import sys
from pathlib import Path
from tests.factories import NOW, make_entry, store_entries
from tracker.storage import Storage
with Storage.open(Path(sys.argv[1]), now=NOW) as storage, storage.transaction():
    store_entries(storage, [make_entry(1)])
    print("writing", flush=True)
    sys.stdin.readline()
print("done", flush=True)
"""


def test_a_second_writer_waits(path: Path) -> None:
    """A write while another process writes is done after it, and a read before it sees the last commit."""
    with other_process(HOLD_WRITE_LOCK, str(path)) as process, Storage.open(path, now=NOW) as storage:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "writing\n"
        assert storage.entries() == ()  # a reader is not held up
        release = threading.Timer(0.2, lambda: (process.stdin.write("\n"), process.stdin.flush()))
        release.start()
        store_entries(storage, [make_entry(1), make_entry(2)])
        release.join()
        assert [entry.title for entry in storage.entries()] == ["Post 1", "Post 2"]


def test_a_read_then_write_waits_too(path: Path) -> None:
    """A transaction that first reads takes the write lock before it reads, so it is never refused at once."""
    with other_process(HOLD_WRITE_LOCK, str(path)) as process, Storage.open(path, now=NOW) as storage:
        assert process.stdout is not None
        assert process.stdin is not None
        process.stdout.readline()
        release = threading.Timer(0.2, lambda: (process.stdin.write("\n"), process.stdin.flush()))
        release.start()
        with storage.transaction():
            waiting = storage.unassigned(before=WEEK_END, now=NOW)
            store_entries(storage, [make_entry(9)])
        release.join()
    assert [entry.title for entry in waiting] == ["Post 1"]


def test_a_lock_that_never_ends_is_told_in_plain_words(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the timeout the sentence says what to close; it does not say "database is locked"."""
    monkeypatch.setattr(connection_module, "BUSY_SECONDS", 0.05)
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    with Storage.open(path, now=NOW) as storage:
        with pytest.raises(StorageError) as caught:
            subscribe(storage, make_subscription(id="b"))
        assert "close that program" in str(caught.value)
        assert "locked" not in str(caught.value)
        assert isinstance(caught.value.__cause__, sqlite3.Error)
    other.close()


def store_and_fail(storage: Storage, error: BaseException) -> None:
    """Store an entry in a block that then fails."""
    with storage.transaction():
        store_entries(storage, [make_entry(2)])
        raise error


def test_a_failed_block_inside_a_transaction_is_undone_alone(path: Path) -> None:
    """What one feed stored goes when its block fails; what the others stored stays."""
    with Storage.open(path, now=NOW) as storage:
        with storage.transaction():
            store_entries(storage, [make_entry(1)])
            with pytest.raises(RuntimeError):
                store_and_fail(storage, RuntimeError())
            store_entries(storage, [make_entry(3)])
        assert [entry.title for entry in storage.entries()] == ["Post 1", "Post 3"]


def test_a_failed_transaction_leaves_nothing(path: Path) -> None:
    """The outermost block is all or nothing, and the next one works."""
    with Storage.open(path, now=NOW) as storage:
        with pytest.raises(KeyboardInterrupt):
            store_and_fail(storage, KeyboardInterrupt())
        assert storage.entries() == ()
        store_entries(storage, [make_entry(2)])
        assert len(storage.entries()) == 1


def test_after_sqlite_gave_up_the_transaction_nothing_more_is_written(path: Path) -> None:
    """Where SQLite itself has rolled back (as on a full disk), the rest of the block is not committed piecemeal."""
    with Storage.open(path, now=NOW) as storage:
        block = ExitStack()
        block.enter_context(storage.transaction())
        store_entries(storage, [make_entry(1)])
        storage._db._raw.execute("ROLLBACK")
        for write in (lambda: storage.prune_polls(NOW), lambda: store_entries(storage, [make_entry(2)]), block.close):
            with pytest.raises(StorageError, match="rolled back"):
                write()
        assert storage.entries() == ()


def test_a_snapshot_does_not_write(path: Path) -> None:
    """A write inside a snapshot is a mistake that is named, not a lock that cannot be had."""
    with Storage.open(path, now=NOW) as storage:
        with storage.snapshot(), pytest.raises(StorageError, match="inside a snapshot"):
            store_entries(storage, [make_entry(1)])
        with storage.snapshot(), pytest.raises(StorageError, match="inside a snapshot"):
            storage.prune_polls(NOW)  # one statement, without a transaction of its own
        store_entries(storage, [make_entry(1)])
        with storage.transaction(), storage.snapshot():
            assert len(storage.entries()) == 1


KEEP_WRITING = """
import sys
from datetime import timedelta
from pathlib import Path
from tests.factories import NOW, make_entry, make_issue, make_placed, store_entries
from tracker.storage import Storage
first = int(sys.argv[2])
with Storage.open(Path(sys.argv[1]), now=NOW) as storage:
    for number in range(first, first + 1_000_000):
        with storage.transaction():
            store_entries(storage, [make_entry(10 * number + each) for each in range(3)])
        print(number, flush=True)
        with storage.transaction():
            waiting = storage.unassigned(before=NOW + timedelta(days=1), now=NOW)
            storage.add_issue(make_issue(label=f"issue-{number}"), [make_placed(entry.id) for entry in waiting])
"""


def test_kill_9_at_any_moment_leaves_the_file_whole(path: Path) -> None:
    """Killed again and again while storing and closing: sound, each entry news once, all said to be stored is there."""
    chance = random.Random(20261123)
    said: list[int] = []
    for round_ in range(4):
        with other_process(KEEP_WRITING, str(path), str(round_ * 1_000_000)) as process:
            assert process.stdout is not None
            said += [int(process.stdout.readline()) for _ in range(chance.randrange(1, 30))]
            process.send_signal(signal.SIGKILL)
    with Storage.open(path, now=NOW) as storage:
        assert storage.integrity() == ()
        stored = {entry.key: entry for entry in storage.entries()}
        for number in said:
            for each in range(3):
                assert make_entry(10 * number + each).key in stored
        assert len(stored) % 3 == 0
        placed = [place.entry for issue in storage.issues() for place in storage.placed(issue.label)]
        waiting = [entry.id for entry in storage.unassigned(before=WEEK_END, now=NOW)]
        assert sorted(placed + waiting) == sorted(entry.id for entry in stored.values())


def test_kill_9_inside_a_transaction_undoes_it(path: Path) -> None:
    """What was written and not committed is gone, and the next writer need not wait."""
    with other_process(HOLD_WRITE_LOCK, str(path)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        process.send_signal(signal.SIGKILL)
    with Storage.open(path, now=NOW) as storage:
        assert storage.integrity() == ()
        assert storage.entries() == ()
        store_entries(storage, [make_entry(2)])
        assert len(storage.entries()) == 1


FILL_THE_DISK = """
import os, resource, signal, sys
from pathlib import Path
from tests.factories import NOW, make_entry, store_entries
from tracker.errors import StorageError
from tracker.storage import Storage
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Storage.open(Path(sys.argv[1]), now=NOW) as storage:
    store_entries(storage, [make_entry(1)])
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    try:
        for number in range(2, 2000):
            with storage.transaction():
                store_entries(storage, [make_entry(number, summary=os.urandom(20_000).hex())])
    except StorageError as error:
        print(error)
"""


def test_a_disk_that_fills_up_costs_only_the_last_write(path: Path) -> None:
    """With no room to grow, one line says so; what was committed is there and the file is sound."""
    with other_process(FILL_THE_DISK, str(path)) as process:
        said, _ = process.communicate()
    assert process.returncode == 0
    assert len(said.splitlines()) == 1
    assert "disk" in said
    with Storage.open(path, now=NOW) as storage:
        assert storage.integrity() == ()
        assert storage.entry(make_entry(1).key) is not None
        store_entries(storage, [make_entry(5000)])


OPEN = """
import sys
from pathlib import Path
from tests.factories import NOW, make_subscription
from tracker.storage import Storage
sys.stdin.readline()
with Storage.open(Path(sys.argv[1]), now=NOW) as storage:
    storage.save_host(sys.argv[2], last_request_at=None, paused_until=None, reason="")
"""


def test_a_database_is_made_once(tmp_path: Path) -> None:
    """Several processes that make the same new database at the same moment all succeed."""
    path = tmp_path / "new.db"
    processes = [other_process(OPEN, str(path), f"{number}.example") for number in range(4)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        process.communicate()
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    with Storage.open(path, now=NOW) as storage:
        assert len(storage.hosts()) == 4
        assert storage.integrity() == ()


@pytest.mark.parametrize("lets_go", [True, False])
def test_a_new_database_in_use_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lets_go: bool) -> None:
    """While another process makes the file, opening waits for it; if that never ends, one line says so."""
    for module in (connection_module, opening_module):
        monkeypatch.setattr(module, "BUSY_SECONDS", 30 if lets_go else 0.1)
    path = tmp_path / "new.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE" if not lets_go else "BEGIN IMMEDIATE")
    if lets_go:
        release = threading.Timer(0.2, lambda: other.execute("ROLLBACK"))
        release.start()
        Storage.open(path, now=NOW).close()
        release.join()
        assert other.execute("PRAGMA journal_mode").fetchall() == [("wal",)]
    else:
        with pytest.raises(StorageError, match="close that program"):
            Storage.open(path, now=NOW)
    other.close()


def test_storing_from_two_connections_keeps_one_entry(path: Path) -> None:
    """Two polls that both believe an entry to be new store it once."""
    with Storage.open(path, now=NOW) as one, Storage.open(path, now=NOW) as two:
        items = [make_identified(make_entry(1))]
        counts = [each.store("weeknight", items, door=Door.FEED, at=NOW) for each in (one, two)]
        assert [each.new for each in counts] == [1, 0]
        assert len(one.entries()) == 1


def test_a_closed_storage_says_so(path: Path) -> None:
    """Use after closing is an error of storage, not of its library."""
    storage = Storage.open(path, now=NOW)
    storage.close()
    with pytest.raises(StorageError, match="closed"):
        storage.feeds()
