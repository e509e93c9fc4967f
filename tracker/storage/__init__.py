"""Keep everything between poll and digest in one SQLite file: the only package that knows SQLite.

`Storage` is put together from one class for each family of questions:
`Feeds` (subscriptions and their state), `Entries` (known, store, read before),
`Dates` (rhythm, order, unknown lengths), `Uploads` (what became of videos), `Polls` (history and hosts),
`Batches` (arXiv's days), `Ledger` (issues and their files), `Marks` (what the reader said),
`Questions` (what people and the digest ask).
docs/database.md describes the file.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from tracker.errors import StorageError
from tracker.storage.batches import Batches
from tracker.storage.connection import Connection
from tracker.storage.copies import Restored, copy_database, is_replaceable
from tracker.storage.dates import Dates
from tracker.storage.entries import Entries
from tracker.storage.feeds import Feeds
from tracker.storage.gathered import Gathered
from tracker.storage.ledger import Ledger
from tracker.storage.locks import is_locked, lock
from tracker.storage.marks import Marks
from tracker.storage.opening import open_database, restore_database
from tracker.storage.polls import Polls
from tracker.storage.questions import Questions
from tracker.storage.uploads import Uploads

__all__ = ["Gathered", "Restored", "Storage", "is_locked", "lock"]


class Storage(Feeds, Entries, Dates, Uploads, Polls, Batches, Ledger, Marks, Questions):
    """One open database; a context manager that closes it.

    Every method raises StorageError with the remedy when SQLite cannot do its part. One object
    belongs to one thread. Times are aware; they are kept in UTC and in whole seconds.
    """

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    @classmethod
    def open(cls, path: Path, *, now: datetime) -> Self:
        """Open the database, make it if there is none, and bring its schema up to date.

        A copy of the file is kept beside it before a migration touches data. Raises StorageError
        (old SQLite, network file system, another program's file, no access) and MigrationError
        (a newer tracker's file, a migration that failed).
        """
        return cls(open_database(path, now=now))

    @staticmethod
    def exists(path: Path) -> bool:
        """Whether there is a file to open."""
        return path.is_file()

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._db.path

    def transaction(self) -> AbstractContextManager[None]:
        """Make the block all or nothing, holding the only write lock from its first line (waits up to 30 s for it).

        Inside another one it becomes part of that: undone alone if it fails, committed with it.
        """
        return self._db.transaction()

    def snapshot(self) -> AbstractContextManager[None]:
        """Let every read in the block see one moment, whatever others write meanwhile; writing in it is refused."""
        return self._db.snapshot()

    def version(self) -> int:
        """Give a number that is another one as soon as any other program has stored something."""
        row = self._db.read_one("PRAGMA data_version")
        assert row is not None, "a pragma that always answers"
        return int(row[0])

    def write_gathered(self, gathered: Gathered) -> None:
        """Store what polls have learnt of many feeds, inside the transaction in which their rows were looked up."""
        gathered.write(self._db)

    def backup(self, path: Path, *, overwrite: bool = False) -> None:
        """Copy the database, whole and consistent, while others use it; the copy appears when it was found sound."""
        own = self._db.path.absolute()
        if path.absolute().parent == own.parent and path.name.startswith(own.name) and overwrite:
            raise StorageError(f"{path} belongs to the database itself: name another file")
        if overwrite and not is_replaceable(path):
            raise StorageError(f"{path} is no database, so it is not overwritten: name another file")
        copy_database(self._db.path, path, overwrite=overwrite)

    @staticmethod
    def restore(backup: Path, path: Path, *, now: datetime) -> Restored:
        """Make a backup the database `path`, which nobody else may be using; the former one is kept beside it."""
        return restore_database(backup, path, now=now)

    def integrity(self) -> tuple[str, ...]:
        """Say everything that is wrong inside the file; nothing when it is sound."""
        rows = self._db.read("PRAGMA integrity_check")
        found = [str(row[0]) for row in rows if row[0] != "ok"]
        strays = self._db.read("PRAGMA foreign_key_check")
        return (*found, *(f"{row['table']} row {row['rowid']} points to no row of {row['parent']}" for row in strays))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
