"""Let a process of the program kill itself before its n-th touch of a file or n-th write of SQL: the worst of moments.

`TORTURE_DIES` is `file 3` or `write 57`. Loaded by Python itself, from PYTHONPATH.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from typing import Any

TOUCHES = frozenset({"open", "os.rename", "os.remove", "os.chmod", "os.mkdir", "os.link", "sqlite3.connect"})
WRITES = ("INSERT", "UPDATE", "DELETE", "COMMIT")
CONNECT = sqlite3.connect


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

    def count(self, *, is_one: bool) -> None:
        """Die at the last one."""
        self.left -= is_one
        if is_one and self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


if os.environ.get("TORTURE_DIES"):
    kind, _, number = os.environ["TORTURE_DIES"].partition(" ")
    fate = Fate(int(number), os.environ["TORTURE_FOLDER"])
    if kind == "write":
        sqlite3.connect = fate.connect
    else:
        sys.addaudithook(fate.hear)
