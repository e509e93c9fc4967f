"""Let a process of the program kill itself before its n-th touch of a file in the rig's folders: the worst of moments."""

from __future__ import annotations

import os
import signal
import sys

TOUCHES = frozenset({"open", "os.rename", "os.remove", "os.chmod", "os.mkdir", "os.link", "sqlite3.connect"})


def _arm(folder: str, left: int) -> None:
    def hook(event: str, args: tuple[object, ...]) -> None:
        nonlocal left
        if event not in TOUCHES or not any(folder in str(each) for each in args[:2]):
            return
        if event == "open" and not (isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)):
            return
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


if os.environ.get("TORTURE_DIES"):
    _arm(os.environ["TORTURE_FOLDER"], int(os.environ["TORTURE_DIES"]))
