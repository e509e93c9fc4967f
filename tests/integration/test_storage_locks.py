"""One process polls and one is the daemon; a lock ends with its holder, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tracker.errors import BusyError
from tracker.storage import is_locked, lock

ROOT = Path(__file__).parents[2]
HOLD = """
import sys
from pathlib import Path
from tracker.storage import lock
with lock(Path(sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(path: Path, purpose: str) -> Iterator[subprocess.Popen[str]]:
    """Let another process hold a lock until the block ends or its standard input does."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path), purpose],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        if process.poll() is None:
            process.communicate("")


def test_a_lock_is_held_and_let_go(tmp_path: Path) -> None:
    """While it is held the holder's number can be asked for; afterwards nobody has it, and it can be taken again."""
    path = tmp_path / "tracker.db"
    assert is_locked(path, "poll") is None
    for _ in range(2):
        with lock(path, "poll"):
            assert is_locked(path, "poll") == os.getpid()
            assert is_locked(path, "daemon") is None
        assert is_locked(path, "poll") is None


def test_two_purposes_do_not_meet(tmp_path: Path) -> None:
    """The daemon holds its place and polls; the locks lie beside the database."""
    path = tmp_path / "tracker.db"
    with lock(path, "daemon"), lock(path, "poll"):
        assert sorted(each.name for each in tmp_path.iterdir()) == ["tracker.db.daemon.lock", "tracker.db.poll.lock"]


@pytest.mark.parametrize(
    ("purpose", "sentence"),
    [
        ("poll", "another poll of this database is running (process {pid}): wait for it to end"),
        ("daemon", "a tracker daemon already runs for this database (process {pid}): stop that one first"),
        ("other", "another tracker holds “other” (process {pid})"),
    ],
)
def test_the_second_is_told_who_holds_it(tmp_path: Path, purpose: str, sentence: str) -> None:
    """A second process gets one sentence with the first one's number, and changes nothing."""
    path = tmp_path / "tracker.db"
    with holder(path, purpose) as process:
        with pytest.raises(BusyError) as caught, lock(path, purpose):
            pass
        assert str(caught.value) == sentence.format(pid=process.pid)
        assert is_locked(path, purpose) == process.pid


def test_kill_9_lets_go(tmp_path: Path) -> None:
    """A holder that was killed holds nothing, although its number still stands in the file."""
    path = tmp_path / "tracker.db"
    with holder(path, "poll") as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert (tmp_path / "tracker.db.poll.lock").read_text() == f"{process.pid}\n"
        assert is_locked(path, "poll") is None
        with lock(path, "poll"):
            assert is_locked(path, "poll") == os.getpid()


def test_an_error_inside_lets_go(tmp_path: Path) -> None:
    """A poll that fails does not keep the next one out."""
    path = tmp_path / "tracker.db"
    with pytest.raises(RuntimeError), lock(path, "poll"):
        raise RuntimeError
    assert is_locked(path, "poll") is None


def test_a_file_with_anything_in_it_is_no_obstacle(tmp_path: Path) -> None:
    """What stands in a lock file means nothing unless it is locked."""
    (tmp_path / "tracker.db.poll.lock").write_bytes(b"\xff\x00 not a number")
    with lock(tmp_path / "tracker.db", "poll"):
        assert (tmp_path / "tracker.db.poll.lock").read_text() == f"{os.getpid()}\n"


def test_a_holder_that_has_not_written_yet_has_no_number(tmp_path: Path) -> None:
    """Locked but empty: somebody holds it, nobody knows who."""
    path = tmp_path / "tracker.db"
    with lock(path, "poll"):
        (tmp_path / "tracker.db.poll.lock").write_text("")
        assert is_locked(path, "poll") == 0
        with pytest.raises(BusyError, match="is running: wait"), lock(path, "poll"):
            pass


NO_ROOM = """
import resource, sys
from pathlib import Path
from tracker.storage import is_locked, lock
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
with lock(Path(sys.argv[1]), "poll"):
    print(is_locked(Path(sys.argv[1]), "poll"))
"""


def test_a_full_disk_takes_no_lock_away(tmp_path: Path) -> None:
    """Where the holder's number cannot be written, the lock holds without it."""
    command = [sys.executable, "-c", NO_ROOM, str(tmp_path / "tracker.db")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("0\n", "")
