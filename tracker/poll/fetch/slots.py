"""Keep fetch polite: remember when each host slot was last used, and say how long it must rest (M65, M93)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta


class HostClock:
    """When each slot's last request ended, in real time whatever the program's clock says.

    Made from what an earlier command stored, so that the delay holds between two commands.
    """

    def __init__(self, last: Mapping[str, datetime] | None = None) -> None:
        now, wall = time.monotonic(), datetime.now(UTC)
        # A time ahead of us (the clock was set back) counts as now.
        self._last = {slot: now - max(0.0, (wall - at).total_seconds()) for slot, at in (last or {}).items()}

    def rest(self, slot: str, delay: float) -> float:
        """Give the seconds that the slot must still rest, 0 when it may be used."""
        last = self._last.get(slot)
        return 0.0 if last is None else max(0.0, last + delay - time.monotonic())

    def used(self, slot: str) -> None:
        """Note that a request of this slot has just ended."""
        self._last[slot] = time.monotonic()

    def times(self) -> dict[str, datetime]:
        """Give the times to store, in UTC."""
        now, wall = time.monotonic(), datetime.now(UTC)
        return {slot: wall - timedelta(seconds=now - last) for slot, last in self._last.items()}


def slot_for(host: str, known: Iterable[str]) -> str:
    """Give the slot of a host that a redirect led to: the nearest known one above it, else its own."""
    above = [slot for slot in known if host == slot or host.endswith(f".{slot}")]
    return max(above, key=len, default=host)
