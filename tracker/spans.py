"""Stand between storage and the halves: which window is open by what the ledger holds, and when it closes.

On its own, so that a poll need not load the whole digest for two moments: 0.1 s of the 0.4 that its start took.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from tracker import window as windows
from tracker.models import Config, Window
from tracker.storage import Storage


class Ledger(TypedDict):
    """Where the ledger stands, as the functions of window take it."""

    last: windows.LedgerEnd | None
    first_polled_at: datetime | None
    labels: tuple[str, ...]


def open_window(config: Config, storage: Storage, *, now: datetime) -> Window:
    """Describe the window that is running."""
    return windows.open_window(config.digest, **ledger(config, storage, now=now), now=now)


def open_since(config: Config, storage: Storage, *, now: datetime) -> datetime:
    """Tell since when the open window runs: what a new feed published before is backlog."""
    return open_window(config, storage, now=now).start


def next_close(config: Config, storage: Storage, *, now: datetime) -> datetime:
    """Tell the hour at which the next issue closes; it has passed where that is overdue."""
    late = windows.overdue(config.digest, **ledger(config, storage, now=now), now=now)
    return late.closes_at if late else open_window(config, storage, now=now).closes_at


def ledger(config: Config, storage: Storage, *, now: datetime) -> Ledger:
    """Say where the ledger stands, leaving out what a wrong clock wrote into it."""
    until = windows.believable_until(config.digest, now)
    end = storage.last_end(until=until)
    return Ledger(
        last=windows.LedgerEnd(end) if end else None,
        first_polled_at=storage.first_polled_at(now=now),
        labels=storage.labels(until=until),
    )
