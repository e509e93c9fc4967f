"""Serve `subscribe`: what a week of it will take, in which order it stands, and what of it is here already; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from tracker.models import Entry, Subscription, minutes_of
from tracker.subscribe.look import newest

NEWEST_FIRST = "newest first"
OLDEST_FIRST = "oldest first"
UNORDERED = "in no order of dates"

# Which feeds carry the entries that are stored under some of these keys, by key.
Carried = Callable[[Collection[str]], Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How many of the entries are stored already, and how many of them each feed carries, most first."""

    stored: int = 0
    feeds: tuple[tuple[str, int], ...] = ()


def minutes_a_week(entries: Collection[Entry], subscription: Subscription, *, rate: float | None) -> float | None:
    """Reckon the minutes that a week's entries take: videos by their length, posts by their words.

    What `videos` leaves out takes none. None where less than half of the rest says how long it is.
    """
    wanted = [each for each in entries if not _is_left_out(each, subscription)]
    known = [length for each in wanted if (length := minutes_of(each)) is not None]
    if not rate or not known or 2 * len(known) < len(wanted):
        return None
    return rate * len(wanted) / len(entries) * sum(known) / len(known)


def order(entries: Collection[Entry]) -> str:
    """Tell by the dates in which order a list stands; "" where fewer than three tell.

    One in five may stand elsewhere: a video is moved up, or published long after it was put in.
    """
    dates = [each.published for each in entries if each.published]
    steps = [(later > earlier) - (later < earlier) for earlier, later in pairwise(dates)]
    rising, falling = steps.count(1), steps.count(-1)
    if len(dates) < 3 or not rising + falling:
        return ""
    if 5 * max(rising, falling) < 4 * (rising + falling):
        return UNORDERED
    return OLDEST_FIRST if rising > falling else NEWEST_FIRST


def reach(entries: Collection[Entry], *, rate: float | None) -> timedelta | None:
    """Say how far back a feed of the newest reaches at its rate, None where that is unknown."""
    return timedelta(weeks=len(entries) / rate) if rate and newest(entries) else None


def overlap(entries: Collection[Entry], carried: Carried | None, *, feed: str) -> Overlap:
    """Count what is stored already, by every key under which it could be."""
    from tracker.poll.identify import candidate_keys

    if carried is None:
        return Overlap()
    keys = [candidate_keys(each, feed=feed) for each in entries]
    found = carried({key for each in keys for key in each})
    feeds = [{name for key in each for name in found.get(key, ())} for each in keys]
    stored = sum(any(key in found for key in each) for each in keys)
    times = Counter(name for each in feeds for name in each)
    return Overlap(stored=stored, feeds=tuple(sorted(times.items(), key=lambda each: (-each[1], each[0]))))


def _is_left_out(entry: Entry, subscription: Subscription) -> bool:
    return bool(entry.placeholder) or (bool(entry.extra.get("short")) and "shorts" not in subscription.videos)
