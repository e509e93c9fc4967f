"""Open the database, or say in one line why not: what must hold before the first query, and migrations."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from tracker.errors import MigrationError, StorageError
from tracker.storage.connection import BUSY_SECONDS, Connection, plain_errors
from tracker.storage.copies import Restored, beside, bring_back, copy_database, copy_sound, held_alone
from tracker.storage.rows import stamp

if TYPE_CHECKING:
    from sqlite_utils import Migrations

# The steps of storage.migrations, so that a database at its newest schema is opened without them (a test compares).
PROGRAM = "tracker"
STEPS = frozenset({"m001_initial"})
TABLE = "_sqlite_migrations"

OLDEST_SQLITE = (3, 37, 0)  # STRICT tables
MOUNTS = Path("/proc/self/mounts")

# Write-ahead logging needs memory that all processes share, and locks that hold: these cannot promise either.
# (9p and virtiofs are left out: they are also what containers and virtual machines see as their own disk.)
_NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "lustre", "beegfs", "davfs"}
    | {"fuse.sshfs", "fuse.glusterfs", "fuse.davfs2", "fuse.rclone", "fuse.s3fs", "fuse.ceph", "fuse.gcsfuse"}
)


def open_database(path: Path, *, now: datetime) -> Connection:
    """Open or make the database at its newest schema."""
    refuse_old_sqlite(sqlite3.sqlite_version_info)
    refuse_place(path)
    connection = Connection(path)
    try:
        refuse_foreign(connection)
        _use_write_ahead_log(connection)
        if _steps(connection) != STEPS:
            migrate(connection, _migrations(), now=now)
    except BaseException:
        connection.close()
        raise
    return connection


def refuse_old_sqlite(version: tuple[int, int, int]) -> None:
    """Raise StorageError for a SQLite that knows no STRICT tables."""
    if version < OLDEST_SQLITE:
        have, need = (".".join(map(str, each)) for each in (version, OLDEST_SQLITE))
        raise StorageError(f"SQLite {have} is too old, {need} or newer is needed: use a newer Python or system")


def refuse_place(path: Path) -> None:
    """Raise StorageError for a folder that is missing, closed to us, or on another machine."""
    folder = path.parent
    if not folder.is_dir():
        raise StorageError(f"{path}: its folder does not exist; make it, or name another `database` in feeds.toml")
    if not os.access(folder, os.W_OK | os.X_OK):  # SQLite keeps two more files beside the database
        raise StorageError(f"{path}: its folder cannot be written; change that, or name another `database`")
    kind = _kind_of(folder.resolve(), folder.stat().st_dev)
    if kind:
        raise StorageError(
            f"{path} lies on a network file system ({kind}), where SQLite can be damaged: "
            "name a `database` on a local disk in feeds.toml"
        )


@lru_cache(maxsize=16)  # a daemon opens its database twice a minute; another mount there is another device
def _kind_of(folder: Path, device: int) -> str:
    del device
    return network_file_system(folder, MOUNTS.read_text("utf-8", "surrogateescape") if MOUNTS.exists() else "")


def network_file_system(folder: Path, mounts: str) -> str:
    """Name the network file system that holds `folder`, "" if it is none; `mounts` as in /proc/mounts.

    Where the system has no such file (macOS), nothing is known and "" is the answer.
    """
    deepest, found = -1, ""
    for line in mounts.splitlines():
        _, point, kind, *_ = (*line.split(" "), "", "", "")
        # the kernel writes blanks in names as \040
        mounted = Path(re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), point))
        # of two mounts on one place the later one is seen
        if point and folder.is_relative_to(mounted) and len(mounted.parts) >= deepest:
            deepest, found = len(mounted.parts), kind
    return found if found in _NETWORK_FILE_SYSTEMS else ""


def refuse_foreign(connection: Connection) -> None:
    """Raise StorageError for another program's database, before anything in it is touched."""
    names = {row["name"] for row in connection.read("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if names and names != {TABLE} and not _steps(connection):
        raise StorageError(f"{connection.path} is a database, but not tracker's: name another `database` in feeds.toml")


def migrate(connection: Connection, migrations: Migrations, *, now: datetime) -> None:
    """Apply what is missing in one transaction; keep a copy of the file first if it holds data."""
    if _known(migrations) <= _applied(connection, migrations):
        return
    with connection.transaction():  # another process may have been quicker: look again, now alone
        with plain_errors(connection.path):
            pending = [each.name for each in migrations.pending(connection.db)]
            has_data = bool(migrations.applied(connection.db))
        if pending and has_data:
            copy_database(connection.path, backup_name(connection.path, pending[0]), overwrite=True)
        if pending:
            _apply(connection, pending, migrations, now=now)


def backup_name(path: Path, step: str) -> Path:
    """Where the copy from before a migration is kept."""
    return path.with_name(f"{path.name}.before-{step}")


def restore_database(backup: Path, path: Path, *, now: datetime) -> Restored:
    """Make a backup the database `path`; the former one is kept beside it.

    Raises StorageError for a file that is no sound database of tracker's, MigrationError for one of a newer tracker,
    BusyError while a daemon or a poll has the database.
    """
    refuse_old_sqlite(sqlite3.sqlite_version_info)
    refuse_place(path)
    if not backup.is_file():
        raise StorageError(f"there is no backup {backup}: name a file that tracker backup has written")
    if path.exists() and backup.samefile(path):
        raise StorageError(f"{backup} is the database itself: name a backup")
    with held_alone(path), beside(path.with_name(f"{path.name}.restored")) as copy:
        copy_sound(backup, copy, told_as=path)
        _refuse_unknown(copy, told_as=backup)
        _refuse_anothers(path)
        return bring_back(copy, path, now=now)


def _refuse_unknown(copy: Path, *, told_as: Path) -> None:
    """Raise StorageError or MigrationError for a copy that this program could not open as its own."""
    with closing(Connection(copy)) as connection:
        try:
            refuse_foreign(connection)
            _applied(connection, _migrations())
        except StorageError as error:
            raise type(error)(str(error).replace(str(copy), str(told_as))) from error
        if not connection.read("SELECT 1 FROM sqlite_schema WHERE name = 'issues'"):
            raise StorageError(f"{told_as} holds nothing: name a file that tracker backup has written")


def _refuse_anothers(path: Path) -> None:
    """Raise StorageError where another program's database has the place; what is damaged may go."""
    if not path.exists():
        return
    with closing(sqlite3.connect(path)) as raw, suppress(sqlite3.DatabaseError):
        raw.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        with closing(Connection(path)) as connection:
            refuse_foreign(connection)


def _use_write_ahead_log(connection: Connection) -> None:
    # Two processes that make one database at the same moment: SQLite refuses this change at once, without
    # waiting for its busy timeout.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            mode = connection.read("PRAGMA journal_mode = WAL")[0][0]
        except StorageError as error:
            cause = error.__cause__
            is_busy = isinstance(cause, sqlite3.Error) and cause.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
            continue
        if mode != "wal":
            raise StorageError(f"{connection.path}: SQLite refuses write-ahead logging there; use a local disk")
        return


def _migrations() -> Migrations:
    from tracker.storage.migrations import MIGRATIONS

    return MIGRATIONS


def _steps(connection: Connection) -> frozenset[str]:
    """Name the steps of this program that the file has seen."""
    if not connection.read("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", (TABLE,)):
        return frozenset()
    rows = connection.read(f"SELECT name FROM {TABLE} WHERE migration_set = ?", (PROGRAM,))  # noqa: S608 - a constant
    return frozenset(row["name"] for row in rows)


def _applied(connection: Connection, migrations: Migrations) -> frozenset[str]:
    """Name the migrations that the file has seen; raise MigrationError if this program does not know all of them."""
    with plain_errors(connection.path):
        names = [each.name for each in migrations.applied(connection.db)]
    if unknown := [name for name in names if name not in _known(migrations)]:
        raise MigrationError(
            f"{connection.path} was written by a newer tracker (it knows {', '.join(unknown)}): "
            "use that one, or a backup from before it"
        )
    return frozenset(names)


@cache
def _known(migrations: Migrations) -> frozenset[str]:
    from sqlite_utils import Database

    with closing(Database(memory=True, execute_plugins=False)) as empty:
        return frozenset(each.name for each in migrations.pending(empty))


def _apply(connection: Connection, pending: Sequence[str], migrations: Migrations, *, now: datetime) -> None:
    try:
        migrations.apply(connection.db)
    except sqlite3.Error as error:
        raise MigrationError(
            f"{connection.path} could not be brought to this version's schema ({error}); nothing in it was changed"
        ) from error
    # sqlite-utils notes the computer's clock; the rest of the file keeps the program's
    connection.write_many(
        f"UPDATE {migrations.migrations_table} SET applied_at = ? WHERE migration_set = ? AND name = ?",  # noqa: S608 - a constant's name
        [(stamp(now), migrations.name, name) for name in pending],
    )
