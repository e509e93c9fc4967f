"""Let one process at a time poll, write pages or be the daemon: locks beside the database that end with their holder.

`flock` belongs to the open file, so the kernel lets go of it when the process ends, kill -9 included.
The file stays; only the lock means something.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tracker.errors import BusyError, StorageError

# is_locked() holds a file for an instant to look; that must not turn somebody away.
_TRIES = 10
_PAUSE = 0.05

_MEANING = {
    "poll": "another poll of this database is running{by}: wait for it to end",
    "digest": "another tracker is writing the pages of this database{by}: try again when it has ended",
    "daemon": "a tracker daemon already runs for this database{by}: stop that one first",
}


@contextmanager
def lock(path: Path, purpose: str, *, patience: float = 0.0) -> Iterator[None]:
    """Hold the lock `purpose` ("poll", "digest", "daemon") of the database `path` for a block.

    BusyError names who has it, at once or after `patience` seconds of waiting.
    """
    file = _open(lock_file(path, purpose))
    try:
        if not _acquire(file, patience):
            by = f" (process {pid})" if (pid := _read_pid(file)) else ""
            raise BusyError(_MEANING.get(purpose, "another tracker holds “" + purpose + "”{by}").format(by=by))
        _note_pid(file)
        yield
        os.ftruncate(file, 0)
    finally:
        os.close(file)


def is_locked(path: Path, purpose: str) -> int | None:
    """Give the process that holds the lock, None if nobody does; 0 in the instant before it has written its number."""
    name = lock_file(path, purpose)
    if not name.exists():
        return None
    file = _open(name)
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_pid(file)
    finally:
        os.close(file)
    return None


def lock_file(path: Path, purpose: str) -> Path:
    """Where a lock of a database lies."""
    return path.with_name(f"{path.name}.{purpose}.lock")


def _open(name: Path) -> int:
    try:
        return os.open(name, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StorageError(f"{name} cannot be opened ({error.strerror}): make its folder writable") from error


def _acquire(file: int, patience: float) -> bool:
    for attempt in range(max(_TRIES, round(patience / _PAUSE))):
        if attempt:
            time.sleep(_PAUSE)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return True
    return False


def _note_pid(file: int) -> None:
    # Only for people to read: on a full disk the lock holds without it.
    with suppress(OSError):
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)


def _read_pid(file: int) -> int:
    digits = os.pread(file, 20, 0).strip()
    return int(digits) if digits.isdigit() else 0
