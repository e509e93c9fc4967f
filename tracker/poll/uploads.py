"""Serve taking: whether a video is an earlier one, uploaded again under a new id; the rule is pure.

A corrected upload has a new id and is the same work. Everything must speak for it: the channel, the title, a length
equal within two seconds, and that the earlier one is gone. Where anything is unknown it is a new entry, for losing is
worse than repeating; and so is each "Office hours" of a series while the last one stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tracker.models import Upload
from tracker.sources.youtube import same_channel
from tracker.storage import Storage

TOLERANCE = 2  # seconds


def merge_uploads(storage: Storage, feed: str, *, now: datetime) -> None:
    """Make one entry of each work that was uploaded again, once the feed's row says which listings were complete."""
    for again, before in one_each(storage.uploaded_again(feed)):
        storage.merge(again.id, before.id, at=now)


def one_each(pairs: Iterable[tuple[Upload, Upload]]) -> tuple[tuple[Upload, Upload], ...]:
    """Keep the pairs that are one work, and of these only the ones in which neither could be a third's."""
    same = [(again, before) for again, before in pairs if is_same_work(again, before)]
    ids = [each.id for pair in same for each in pair]
    return tuple(pair for pair in same if all(ids.count(each.id) == 1 for each in pair))


def is_same_work(again: Upload, before: Upload) -> bool:
    """Tell whether a video is an earlier one uploaded again."""
    return (
        before.is_gone
        and not again.is_gone
        and again.first_seen > before.first_seen
        and same_channel(again.channel, before.channel)
        and bool(_folded(again.title))
        and _folded(again.title) == _folded(before.title)
        and again.duration is not None
        and before.duration is not None
        and abs(again.duration - before.duration) <= TOLERANCE
    )


def _folded(title: str) -> str:
    return " ".join(title.casefold().split())
