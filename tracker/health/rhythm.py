"""Learn a feed's rhythm from its entries' dates: how often it publishes, how long it has paused; pure.

For cadence, which asks a slow feed more rarely, and for health, which tells a resting feed from one that ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

DAY = timedelta(days=1)

ENOUGH = 5  # days with entries; fewer show no rhythm
MANY = 30  # entries on so few days: the latest of a feed that publishes all day long
MEMORY = 60 * DAY  # what was crowded longer ago says nothing of the next crowd


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How a feed publishes.

    `last` is its newest date. `gap` is the usual time between two days with entries and `longest` the longest one; each
    is None where too few days are known to say.
    """

    last: datetime
    gap: timedelta | None = None
    longest: timedelta | None = None


def learn(published: Sequence[datetime], *, now: datetime) -> Rhythm | None:
    """Learn the rhythm from a feed's recent dates (UTC), in any order; None without a date that is past.

    Days count, not entries: six videos in an afternoon are one sign of life.
    """
    past = [each for each in published if each <= now]
    if not past:
        return None
    days = sorted({each.date() for each in past})
    gaps = [other - one for one, other in pairwise(days)]
    if len(days) < ENOUGH:
        return Rhythm(last=max(past), gap=DAY if len(past) >= MANY else None)
    return Rhythm(last=max(past), gap=DAY * median(each.days for each in gaps), longest=max(gaps))


def usual_stretch(published: Sequence[datetime], count: int, *, now: datetime) -> timedelta | None:
    """Give the time in which `count` entries come on the average of the last two months; None with less than two."""
    recent = _recent(published, now=now)
    if len(recent) < 2:
        return None
    is_older = any(each < now - MEMORY for each in published)
    return (MEMORY if is_older else now - recent[0]) / len(recent) * count


def shortest_stretch(published: Sequence[datetime], count: int, *, now: datetime) -> timedelta | None:
    """Give the shortest time in which `count` entries came in the last two months; None where they never did."""
    recent = _recent(published, now=now)
    spans = (later - earlier for earlier, later in zip(recent, recent[count - 1 :], strict=False))
    return min(spans, default=None)


def _recent(published: Sequence[datetime], *, now: datetime) -> list[datetime]:
    """Give the dates that tell of now; a blog that moved house gives all its posts one second, which counts once."""
    return sorted({each for each in published if now - MEMORY <= each <= now})
