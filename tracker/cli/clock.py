"""Give the command line and the daemon the time, the only place that reads it.

`TRACKER_CLOCK=2026-11-23T06:59:00Z` starts a clock at that moment, `…Z*60` one that runs sixty
times faster, so that weeks can be watched in minutes. It is meant for tests and demonstrations.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as hour
from zoneinfo import ZoneInfo

import click


@dataclass(frozen=True, slots=True)
class Clock:
    """The time: the system's, or one that began at `start` and runs `speed` times as fast."""

    start: datetime | None = None
    speed: float = 1.0
    origin: float = 0.0

    def now(self) -> datetime:
        """Tell the time in UTC, to the second."""
        if self.start is None:
            return datetime.now(UTC).replace(microsecond=0)
        passed = (time.monotonic() - self.origin) * self.speed
        return (self.start + timedelta(seconds=passed)).replace(microsecond=0)

    def real(self, seconds: float) -> float:
        """Convert seconds of this clock to seconds of waiting."""
        return seconds / self.speed


def read_moment(text: str, option: str, zone: ZoneInfo) -> datetime:
    """Read an option: a day (its first moment in the zone) or an ISO moment (in the zone unless it names one)."""
    try:
        if len(text) == len("2026-11-23"):
            return datetime.combine(date.fromisoformat(text), hour(), tzinfo=zone).astimezone(UTC)
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"{option}: {text!r} is no date: write 2026-11-23, or 2026-11-23T07:00") from error
    return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)


def clock_from(environ: Mapping[str, str]) -> Clock:
    """Make the clock that TRACKER_CLOCK asks for, else the system's."""
    text = environ.get("TRACKER_CLOCK", "")
    if not text:
        return Clock()
    moment, _, speed = text.partition("*")
    try:
        start: datetime | None = datetime.fromisoformat(moment)
        pace = float(speed or 1)
    except ValueError:
        start, pace = None, 0.0
    if start is None or start.tzinfo is None or pace <= 0:
        raise click.UsageError(
            f"TRACKER_CLOCK: {text!r} is no moment: write 2026-11-23T06:59:00Z, or …Z*60 for a faster clock"
        )
    return Clock(start=start.astimezone(UTC), speed=pace, origin=time.monotonic())
