"""Stand at the bottom of storage: one SQLite connection, its transactions, its errors in plain words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from tracker.errors import StorageError

if TYPE_CHECKING:
    from sqlite_utils import Database

BUSY_SECONDS = 30
CHUNK = 900  # below the 999 parameters that a statement may have in a cautiously built SQLite


class Connection:
    """A connection in driver-level autocommit: transactions begin and end only where this class says so.

    (`isolation_level=None` means the same from Python 3.11 to 3.14, and sqlite-utils accepts it;
    the newer `autocommit=` it does not.)
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._depth = 0
        self._is_snapshot = False
        with plain_errors(path):
            self._raw = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            self._prepare()
        except BaseException:
            self._raw.close()
            raise

    def _prepare(self) -> None:
        self._raw.row_factory = sqlite3.Row
        with plain_errors(self.path):
            self._raw.execute("PRAGMA foreign_keys = ON")
            # A closed issue has been given to its reader: it must outlive a power cut as well, so every
            # commit is synced. (NORMAL would survive kill -9, but may lose the last commits with the power.)
            self._raw.execute("PRAGMA synchronous = FULL")
            self._raw.execute("PRAGMA fullfsync = ON")  # macOS: its plain fsync stops at the drive's cache

    @property
    def db(self) -> Database:
        """Give the connection as sqlite-utils has it, which only migrations need: it takes 30 ms to load."""
        from sqlite_utils import Database

        # plugins of sqlite-utils that happen to be installed have no business in this file
        return Database(self._raw, execute_plugins=False)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the write lock for a block; a nested block is a savepoint of the outer transaction.

        IMMEDIATE, since a transaction that reads first and then wants to write beside another writer
        is refused at once, whatever the timeout.
        """
        self._check_write()
        level = f"level_{self._depth}"
        begin, end, undo = (
            (f"SAVEPOINT {level}", f"RELEASE {level}", (f"ROLLBACK TO {level}", f"RELEASE {level}"))
            if self._depth
            else ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
        )
        with self._block(begin, end, undo):
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read one moment for a block; inside a transaction that is so anyway."""
        if self._depth:
            yield
            return
        self._is_snapshot = True
        try:
            with self._block("BEGIN", "COMMIT", ("ROLLBACK",)):
                yield
        finally:
            self._is_snapshot = False

    @contextmanager
    def _block(self, begin: str, end: str, undo: Sequence[str]) -> Iterator[None]:
        with plain_errors(self.path):
            self._raw.execute(begin)
        self._depth += 1
        try:
            yield
            self._check_state()
            with plain_errors(self.path):
                self._raw.execute(end)
        except BaseException:
            for statement in undo if self._raw.in_transaction else ():
                with suppress(sqlite3.Error):  # the first error is the one to tell
                    self._raw.execute(statement)
            raise
        finally:
            self._depth -= 1

    def _check_state(self) -> None:
        # A full disk makes SQLite roll the whole transaction back by itself; whoever caught that error and
        # goes on inside the block would then commit each statement alone.
        if self._depth and not self._raw.in_transaction:
            raise StorageError(f"{self.path}: the transaction was rolled back after an earlier error; nothing was kept")

    def _check_write(self) -> None:
        self._check_state()
        if self._is_snapshot:
            raise StorageError("a write was tried inside a snapshot, which only reads")

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Give all rows of a query."""
        with plain_errors(self.path):
            return self._raw.execute(sql, parameters).fetchall()

    def read_one(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Row | None:
        """Give the first row of a query."""
        with plain_errors(self.path):
            row: sqlite3.Row | None = self._raw.execute(sql, parameters).fetchone()
            return row

    def read_in(self, sql: str, values: Iterable[Any], parameters: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Give the rows of a query whose `{marks}` stands for a list of any length; `parameters` come before it."""
        wanted = list(values)
        rows: list[sqlite3.Row] = []
        for start in range(0, len(wanted), CHUNK):
            part = wanted[start : start + CHUNK]
            rows += self.read(sql.format(marks=", ".join("?" * len(part))), (*parameters, *part))
        return rows

    def write(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run one statement; give the number of rows it touched."""
        self._check_write()
        with plain_errors(self.path):
            return self._raw.execute(sql, parameters).rowcount

    def insert(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run one INSERT; give the new row's id."""
        self._check_write()
        with plain_errors(self.path):
            return self._raw.execute(sql, parameters).lastrowid or 0

    def write_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for many rows, all or none."""
        given = list(rows)
        if self._depth and len(given) < 2:  # all or none by itself
            self._check_write()
            with plain_errors(self.path):
                self._raw.executemany(sql, given)
            return
        with self.transaction(), plain_errors(self.path):
            self._raw.executemany(sql, given)

    def close(self) -> None:
        """Close the file."""
        with plain_errors(self.path):
            self._raw.close()


class plain_errors:  # noqa: N801 -- it is used as the context manager that it was; a generator's takes four times as long
    """Turn an error of SQLite into a StorageError that says what to do."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, sqlite3.Error):
            raise StorageError(explain(error, self._path)) from error


def explain(error: sqlite3.Error, path: Path) -> str:
    """Say in one line what SQLite's error means for the person at the keyboard."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
    advice = _ADVICE.get(code)
    return f"{path} {advice.format(error=error)}" if advice else f"{path}: {error}"


_LOCKED = (
    f"is in use: another program has been writing to it for more than {BUSY_SECONDS} s; "
    "close that program (a database browser, a copy in progress) and try again"
)
_ADVICE = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: "cannot be written: make the file and its folder writable",
    sqlite3.SQLITE_PERM: "cannot be written: make the file and its folder writable",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: it must be a file, in a folder that exists and can be written",
    sqlite3.SQLITE_FULL: "could not grow: the disk is full; make room and try again (what was stored is safe)",
    sqlite3.SQLITE_IOERR: "could not be read or written ({error}): look at the disk, its space and its limits",
    sqlite3.SQLITE_CORRUPT: "is damaged ({error}): keep it, and put a backup in its place (tracker restore)",
    sqlite3.SQLITE_NOTADB: "is not a SQLite database: move it away, or name another file at `database` in feeds.toml",
}
