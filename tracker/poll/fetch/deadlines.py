"""Count a transfer's time for fetch: a moment in which nobody looked after it is not held against its host."""

from __future__ import annotations

import time


class Attention:
    """A clock in seconds that stands still while the caller is busy with something else, such as storing an answer.

    libcurl's own deadlines run on meanwhile, and it looks at them before it looks at what has arrived: a host that
    answered at once would be called slow because another one's feed took long to read.
    """

    def __init__(self) -> None:
        self._away = 0.0
        self._left_at: float | None = time.monotonic()

    def now(self) -> float:
        """Give the time; only differences mean anything."""
        return (time.monotonic() if self._left_at is None else self._left_at) - self._away

    def come(self) -> None:
        """Begin to look after the transfers again."""
        if self._left_at is not None:
            self._away += time.monotonic() - self._left_at
        self._left_at = None

    def leave(self) -> None:
        """Turn to something else."""
        self._left_at = time.monotonic()
