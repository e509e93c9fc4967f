"""Copy a database while others use it, and bring a copy back: whole or not at all, and nothing is thrown away."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tracker.errors import StorageError
from tracker.storage.connection import BUSY_SECONDS, explain, plain_errors
from tracker.storage.locks import lock

_LOGS = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a database


def is_replaceable(path: Path) -> bool:
    """Tell whether a copy may take the place of what stands there: nothing, an empty file, or a database."""
    try:
        with path.open("rb") as file:
            return file.read(16) in {b"", b"SQLite format 3\0"}
    except FileNotFoundError:
        return True
    except OSError:
        return False


def copy_database(source: Path, target: Path, *, overwrite: bool) -> None:
    """Copy a database through SQLite's backup, so that it is whole whoever is writing; appears only when complete.

    Raises StorageError when the copy is not sound, or `target` exists and must not be overwritten.
    """
    if target.exists() and not overwrite:
        raise StorageError(f"{target} exists and is left alone: name another file, or overwrite it with --force")
    with beside(target) as unfinished:
        copy_sound(source, unfinished, told_as=target)
        _put(unfinished, target)


def copy_sound(source: Path, target: Path, *, told_as: Path) -> None:
    """Copy a database to a name that is free, and look at every page of the copy; `told_as` is what errors call it."""
    with plain_errors(source), closing(sqlite3.connect(_read_only(source), uri=True, timeout=BUSY_SECONDS)) as origin:
        origin.execute("PRAGMA schema_version")  # what is wrong with the source is told as the source's fault
        try:
            found = _copied(origin, target)
        except sqlite3.Error as error:
            raise StorageError(explain(error, source if _is_corrupt(error) else told_as)) from error
    if found:
        raise StorageError(f"{source} is damaged ({found[0]}): keep it, and use an older backup (tracker restore)")


def _copied(origin: sqlite3.Connection, target: Path) -> list[str]:
    """Copy, and give what is wrong with the copy."""
    with closing(sqlite3.connect(target)) as copy:
        origin.backup(copy)
        # one file is what people copy and carry: no log beside it
        copy.execute("PRAGMA journal_mode = DELETE")
        return [row[0] for row in copy.execute("PRAGMA integrity_check") if row[0] != "ok"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did: where the former database is kept, and which issues only that one knows."""

    kept: Path | None
    lost: tuple[str, ...]


@contextmanager
def held_alone(path: Path) -> Iterator[None]:
    """Hold every lock of a database for a block. BusyError names who has one."""
    with ExitStack() as stack:
        for purpose in ("daemon", "poll", "digest"):
            stack.enter_context(lock(path, purpose))
        yield


def bring_back(backup: Path, path: Path, *, now: datetime) -> Restored:
    """Make a backup that was checked the database; keep the former one beside it under a dated name.

    A sound database is overwritten page by page in one transaction of SQLite, so that whoever has it open sees the one
    or the other, and a crash leaves the former. A damaged one is moved aside with the logs beside it.
    """
    if not path.exists():
        _move_logs(path, _free(path, now))
        copy_database(backup, path, overwrite=False)
        return Restored(kept=None, lost=())
    kept = _free(path, now)
    try:
        _keep(path, kept)
    except StorageError as error:
        if not _is_damage(error):
            raise
        _replace_damaged(backup, path, kept)
    else:
        _overwrite(backup, path)
    known = _labels(backup)
    return Restored(kept=kept, lost=tuple(each for each in _labels(kept) if each not in known))


def _keep(path: Path, kept: Path) -> None:
    # Under a name without a date while it is not whole, so that the next restore finds what a killed one left.
    with beside(path.with_name(f"{path.name}.kept")) as unfinished:
        copy_sound(path, unfinished, told_as=kept)
        _put(unfinished, kept)


def _labels(path: Path) -> tuple[str, ...]:
    """Give the labels of the issues in a file; a damaged one may know none."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(_read_only(path), uri=True)) as raw:
        return tuple(str(row[0]) for row in raw.execute("SELECT label FROM issues ORDER BY id"))
    return ()


def _overwrite(backup: Path, path: Path) -> None:
    with (
        plain_errors(path),
        closing(sqlite3.connect(_read_only(backup), uri=True)) as origin,
        closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as target,
    ):
        target.execute("PRAGMA synchronous = FULL")
        target.executescript("BEGIN IMMEDIATE; ROLLBACK")  # the copy itself would wait for ever for another writer
        origin.backup(target)


def _replace_damaged(backup: Path, path: Path, kept: Path) -> None:
    with beside(path) as unfinished:
        copy_sound(backup, unfinished, told_as=path)
        # The name must not be free for a moment: whoever starts then would make an empty database there.
        kept.hardlink_to(path)
        _move_logs(path, kept)
        _put(unfinished, path)


def _move_logs(path: Path, kept: Path) -> None:
    # SQLite would play the log of the former file into the one that takes its name.
    for ending in _LOGS:
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).replace(kept.with_name(kept.name + ending))


def _is_damage(error: StorageError) -> bool:
    cause = error.__cause__  # none where our own look at the copy has found it
    return cause is None or (isinstance(cause, sqlite3.Error) and _is_corrupt(cause))


def _is_corrupt(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _free(path: Path, now: datetime) -> Path:
    """Name a file that is not there yet, dated, beside the database."""
    name, number = f"{path.name}.kept-{now:%Y-%m-%d-%H%M%S}", 1
    while (kept := path.with_name(name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return kept


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Lend a name in the same folder; what is left under it in the end is taken away.

    So is what a process left there that was killed meanwhile.
    """
    unfinished = target.with_name(f"{target.name}.unfinished-{os.getpid()}")
    _clear_dead(target)
    try:
        yield unfinished
    except OSError as error:
        raise StorageError(f"{target} cannot be written: {error.strerror}") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _clear_dead(target: Path) -> None:
    name = re.compile(rf"{re.escape(target.name)}\.unfinished-(\d+)(?:-journal)?")
    with suppress(OSError):  # a folder that cannot be read is told by whoever writes there
        for path in target.parent.iterdir():
            found = name.fullmatch(path.name)
            if found and not _lives(int(found[1])):
                path.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True  # somebody else's
    return True


def _put(unfinished: Path, target: Path) -> None:
    """Rename a finished file into place, and make that last through a power cut."""
    unfinished.replace(target)
    with suppress(OSError):
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _read_only(path: Path) -> str:
    return f"{path.absolute().as_uri()}?mode=ro"
