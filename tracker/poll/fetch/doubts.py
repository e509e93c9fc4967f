"""Hold the failures of which fetch does not know yet whose fault they are: the host's, or the network's (M94)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tracker.errors import NetworkError
from tracker.models import Failure
from tracker.poll.fetch.redact import host_of
from tracker.poll.fetch.trouble import as_outage, as_own


@dataclass(slots=True)
class Doubts:
    """Failures that wait for a judgement, counted by host, and when anybody last answered (monotonic seconds)."""

    answered_at: float | None = None
    _held: list[tuple[float, Failure]] = field(default_factory=list)

    def __len__(self) -> int:
        return len({host_of(failure.error.url) for _, failure in self._held})

    def add(self, failure: Failure, *, began: float) -> None:
        """Hold a failure of a hop that began at this time."""
        self._held.append((began, failure))

    def hear(self) -> None:
        """Note that somebody has answered just now."""
        self.answered_at = time.monotonic()

    def settled(self, *, is_over: bool) -> Iterator[Failure]:
        """Give up to now's failures on a network that works.

        One from before the host is the host's own once another host has answered since it began. Until then, or until
        all is over, it may be the network that has just gone.
        """
        held, self._held = self._held, []
        for began, failure in held:
            is_local = isinstance(failure.error, NetworkError) and failure.error.local
            if is_local and self.answered_at is not None and self.answered_at > began:
                yield replace(failure, error=as_own(failure.error))
            elif is_over or not is_local:
                yield failure
            else:
                self._held.append((began, failure))

    def released(self, *, is_down: bool) -> Iterator[Failure]:
        """Give all that is held, as the network's fault if that is down."""
        held, self._held = self._held, []
        for _, failure in held:
            yield replace(failure, error=as_outage(failure.error)) if is_down else failure
