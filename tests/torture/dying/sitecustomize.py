"""Let a process of the program kill itself before its n-th touch of a file or n-th write of SQL: the worst of moments.

Or with half of the n-th file written. `TORTURE_DIES` is `file 3`, `write 57` or `half 1`. Loaded by Python itself, from PYTHONPATH.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any, Self

TOUCHES = frozenset({"open", "os.rename", "os.remove", "os.chmod", "os.mkdir", "os.link", "sqlite3.connect"})
WRITES = ("INSERT", "UPDATE", "DELETE", "COMMIT")
CONNECT = sqlite3.connect
OPEN = os.fdopen


class Fate:
    """Counts what is done, and ends it."""

    def __init__(self, left: int, folder: str) -> None:
        self.left, self.folder = left, folder

    def hear(self, event: str, args: tuple[Any, ...]) -> None:
        """Be told by Python of whatever touches the system."""
        if event in TOUCHES and any(self.folder in str(each) for each in args[:2]):
            is_read = event == "open" and not (args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
            self.count(is_one=not is_read)

    def connect(self, *args: Any, **options: Any) -> sqlite3.Connection:
        """Open a database as `sqlite3.connect` does, and listen."""
        connection = CONNECT(*args, **options)
        connection.set_trace_callback(self.hear_sql)
        return connection

    def hear_sql(self, statement: str) -> None:
        """Be told by SQLite of each statement, before it is run."""
        self.count(is_one=statement.lstrip().upper().startswith(WRITES))

    def open(self, handle: int, *args: Any, **options: Any) -> Any:
        """Open a file that the program has made, and listen."""
        file = OPEN(handle, *args, **options)
        if "w" not in file.mode or self.folder not in str(Path(f"/proc/self/fd/{handle}").readlink()):
            return file
        return Torn(self, file)

    def count(self, *, is_one: bool) -> None:
        """Die at the last one."""
        self.left -= is_one
        if is_one and self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class Torn:
    """A file of which one half is on the disk when the process dies."""

    def __init__(self, fate: Fate, file: Any) -> None:
        self._fate, self._file = fate, file

    def write(self, data: Any) -> int:
        """Write all of it, or half of it and then nothing any more."""
        if self._fate.left == 1:
            self._file.write(data[: len(data) // 2])
            self._file.flush()
        self._fate.count(is_one=True)
        return int(self._file.write(data))

    def __enter__(self) -> Self:
        self._file.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._file.__exit__(*error)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


if os.environ.get("TORTURE_DIES"):
    kind, _, number = os.environ["TORTURE_DIES"].partition(" ")
    fate = Fate(int(number), os.environ["TORTURE_FOLDER"])
    if kind == "write":
        sqlite3.connect = fate.connect
    elif kind == "half":
        os.fdopen = fate.open
    else:
        sys.addaudithook(fate.hear)
