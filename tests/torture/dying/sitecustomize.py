"""Let a process of the program kill itself before its n-th touch of a file or n-th write of SQL: the worst of moments.

`TORTURE_DIES` is `file 3` or `write 57`. Loaded by Python itself, from PYTHONPATH.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

TOUCHES = frozenset({"open", "os.rename", "os.remove", "os.chmod", "os.mkdir", "os.link", "sqlite3.connect"})
WRITES = ("INSERT", "UPDATE", "DELETE", "COMMIT")


class Fate:
    """Counts what is done, and ends it."""

    def __init__(self, kind: str, left: int, folder: str) -> None:
        self.kind, self.left, self.folder = kind, left, folder

    def hear(self, event: str, args: tuple[Any, ...]) -> None:
        """Be told by Python of everything that touches the system."""
        if self.kind == "write" and event == "sqlite3.connect/handle":
            args[0].set_trace_callback(self.hear_sql)
        if self.kind == "file" and event in TOUCHES and any(self.folder in str(each) for each in args[:2]):
            is_read = event == "open" and not (args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
            self.count(is_one=not is_read)

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
    sys.addaudithook(Fate(kind, int(number), os.environ["TORTURE_FOLDER"]).hear)
