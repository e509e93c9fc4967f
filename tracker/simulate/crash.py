"""Let the process die at a random point: an exception that nothing catches, raised in the midst of the program's code.

It is raised at the n-th call of a function of poll, digest or storage, wherever that is: between two statements of a
transaction, between a commit and the note of it, before a file is put in its place. What is undone on the way out is
what SQLite and the system undo of a process that is gone.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from inspect import CO_GENERATOR
from types import FrameType
from typing import TypeVar

Result = TypeVar("Result")
ANYWHERE = ("tracker.poll", "tracker.digest", "tracker.storage.")
WRITING = ("tracker.storage.connection", "tracker.digest.deliver", "tracker.poll.taking", "tracker.digest.page")
_PLAIN = "tracker.storage.rows"  # called for every column: without it, most of the deaths would be there
_SPARED = frozenset(("close", "__exit__", "__del__"))  # raised in these, it would leave files open, which no death does


class Crashed(BaseException):
    """The process is gone; no Exception, for nothing may catch it."""


def crashing(work: Callable[[], Result], *, after: int, where: tuple[str, ...] = ANYWHERE) -> Result | None:
    """Do some work, and die at a call; None when it did, else what the work gives.

    `after` counts the calls of functions in modules whose names begin with one of `where`; work that makes fewer lives.
    """
    left = after

    def watch(frame: FrameType, event: str, _: object) -> None:
        nonlocal left
        code = frame.f_code
        # A generator is also called to be closed, where nobody hears what it raises; a comprehension on some Pythons.
        if event != "call" or code.co_flags & CO_GENERATOR or code.co_name.startswith("<") or code.co_name in _SPARED:
            return
        module = frame.f_globals.get("__name__", "")
        if module.startswith(where) and module != _PLAIN:
            left -= 1
            if left <= 0:
                sys.setprofile(None)
                raise Crashed

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        return work()
    except Crashed:
        return None
    finally:
        sys.setprofile(before)
        gc.collect()
