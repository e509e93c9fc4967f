"""Serve gather and the command line: which videos are held back until they can be watched (M15); pure.

A premiere, or a stream that is planned, stands in a feed before there is anything to watch. It is news of the first
issue that closes once it can be watched, and is left unassigned until then. Nothing is held for ever: only as long as
a listing has said so of late, its hour is not long past, and a feed that is still asked carries it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from tracker.models import StoredEntry

HELD = "a premiere, held back until it can be watched"
UNCONFIRMED = timedelta(days=3)  # without a listing that says that it is still to come
OVERDUE = timedelta(days=2)  # after its planned hour
LONGEST = timedelta(days=60)  # after it was first seen: some streams are planned for ever


def is_held(entry: StoredEntry, feeds: Collection[str], *, now: datetime) -> bool:
    """Tell whether an entry must wait; `feeds` are the ids of the subscriptions that are asked at present."""
    said = entry.upcoming_at
    if said is None or not timedelta() <= now - said <= UNCONFIRMED or now - entry.first_seen > LONGEST:
        return False
    if not any(each.feed in feeds for each in entry.appearances):
        return False
    planned = entry.release_at
    # At its hour it is taken to have begun, unless a listing has said afterwards that it has not.
    return planned is None or planned > now or (said >= planned and now - planned <= OVERDUE)
