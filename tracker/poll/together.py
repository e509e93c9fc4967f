"""Serve poll: store answers that come together in one transaction, since a commit costs more than many an answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack

from tracker.storage import Storage

LONGEST = 0.5  # seconds for which other programs may have to wait with what they write


class Together:
    """One transaction at a time, begun by the first answer and ended before anything has to be waited for."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._open = ExitStack()
        self._until: float | None = None

    def begin(self) -> None:
        """Begin a transaction where there is none."""
        if self._until is None:
            self._open.enter_context(self._storage.transaction())
            self._until = time.monotonic() + LONGEST

    def end(self) -> None:
        """Commit what was stored."""
        self._until = None
        self._open.close()

    def end_if_long(self) -> None:
        """Commit what was stored, if the lock was held for long."""
        if self._until is not None and time.monotonic() >= self._until:
            self.end()

    def before(self, stop: Callable[[], bool]) -> Callable[[], bool]:
        """Make of `stop`, which fetch asks when all that has arrived is handed over, one that commits first."""

        def end_and_look() -> bool:
            self.end()
            return stop()

        return end_and_look
