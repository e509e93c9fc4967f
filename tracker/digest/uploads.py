"""Serve gather: which videos are one work, uploaded again under a new id, and which of the two speaks for it; pure.

A corrected upload has a new id and is the same work. Both stay what they are, each with its own link; only what is told
is decided here, at every look anew, so that nothing must be taken back when an owner changes their mind. Everything
must speak for one work: channel, title, a length equal within two seconds, and that it was put up within three days.
Where anything is unknown, or more than two could be meant (a series), each is told: losing is worse than repeating.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

from tracker.models import Mark, Upload
from tracker.sources.youtube import same_channel

AGAIN = "uploaded again, and told as the same under its other id"
TOLERANCE = 2  # seconds
SOON = timedelta(days=3)


def pairs(uploads: Iterable[Upload]) -> tuple[tuple[Upload, Upload], ...]:
    """Find what was uploaded again, as (again, before): the pairs of which neither could be a third's."""
    groups: dict[str, list[Upload]] = {}
    for each in uploads:
        groups.setdefault(_folded(each.title), []).append(each)
    same = [
        (again, before)
        for group in groups.values()
        for again, before in permutations(group, 2)
        if is_same_work(again, before)
    ]
    counted = Counter(each.id for pair in same for each in pair)
    return tuple(pair for pair in same if all(counted[each.id] == 1 for each in pair))


def is_same_work(again: Upload, before: Upload) -> bool:
    """Tell whether a video would be an earlier one uploaded again, once one of the two is gone."""
    return (
        same_channel(again.channel, before.channel)
        and bool(_folded(again.title))
        and _folded(again.title) == _folded(before.title)
        and again.duration is not None
        and before.duration is not None
        and abs(again.duration - before.duration) <= TOLERANCE
        and _followed_soon(again, before)
    )


def untold(found: Iterable[tuple[Upload, Upload]]) -> frozenset[int]:
    """Give the ids of what is not told while the other one is gone, since an issue shows or has shown the work.

    When both can be watched they are two works, and the one that waited is news.
    """
    return frozenset(number for again, before in found if (number := _untold(again, before)) is not None)


def successors(found: Iterable[tuple[Upload, Upload]]) -> dict[int, Upload]:
    """Say which upload stands in the place of which that is gone, by the id of the latter."""
    lone = [pair for pair in found if pair[0].is_gone is not pair[1].is_gone]
    return {gone.id: stands for pair in lone for gone, stands in (pair, pair[::-1]) if gone.is_gone}


def united(marks: Mapping[str, Mark], found: Iterable[tuple[Upload, Upload]]) -> dict[str, Mark]:
    """Let what the reader said about an upload that is gone count for the one in its place."""
    found = tuple(found)
    keys = {each.id: each.key for pair in found for each in pair}
    merged = dict(marks)
    for number, stands in successors(found).items():
        former, own = marks.get(keys[number]), marks.get(stands.key)
        if former:
            merged[stands.key] = _both(former, own) if own else replace(former, key=stands.key)
    return merged


def _untold(again: Upload, before: Upload) -> int | None:
    if before.is_told:
        return again.id if again.is_waiting and (before.is_gone or again.is_gone) else None
    is_replaced = before.is_gone and not again.is_gone and (again.is_told or again.is_waiting)
    return before.id if before.is_waiting and is_replaced else None


def _followed_soon(again: Upload, before: Upload) -> bool:
    """Tell a correction, which follows within days by our own clock and by known dates, from a series."""
    if not timedelta() < again.first_seen - before.first_seen <= SOON:
        return False
    if again.published is None or before.published is None:
        return True
    return timedelta() <= again.published - before.published <= SOON


def _both(one: Mark, own: Mark) -> Mark:
    earlier = min(one, own, key=lambda each: each.at)
    said = {name: getattr(one, name) or getattr(own, name) for name in ("done", "starred", "hidden")}
    return replace(earlier, key=own.key, **said)


def _folded(title: str) -> str:
    return " ".join(title.casefold().split())
