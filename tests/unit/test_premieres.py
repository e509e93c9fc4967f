"""Which videos wait until they can be watched, and that none waits for ever."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.factories import NOW, make_appearance, make_stored_entry, make_video
from tracker.digest.premieres import is_held

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FEEDS = frozenset({"weeknight"})


def held(*, now: datetime = NOW, feeds: frozenset[str] = FEEDS, **fields: Any) -> bool:
    """Ask about a video that was first seen five days ago."""
    given = {"first_seen": NOW - 5 * DAY, "upcoming_at": NOW - HOUR, **fields}
    return is_held(make_stored_entry(entry=make_video(), **given), feeds, now=now)


def test_what_a_listing_calls_upcoming_waits() -> None:
    """M15: a premiere is held back, and nothing else is."""
    assert held()
    assert not held(upcoming_at=None)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"upcoming_at": NOW - 3 * DAY}, True),
        ({"upcoming_at": NOW - 3 * DAY - HOUR}, False),
        ({"upcoming_at": NOW + HOUR}, False),
        ({"first_seen": NOW - 60 * DAY}, True),
        ({"first_seen": NOW - 60 * DAY - HOUR}, False),
        ({"release_at": NOW + 9 * DAY}, True),
        ({"release_at": NOW - HOUR / 2}, False),
        ({"release_at": NOW - 2 * HOUR}, True),
        ({"release_at": NOW - 2 * DAY - HOUR}, False),
        ({"feeds": frozenset({"other"})}, False),
        ({"feeds": frozenset()}, False),
        ({"appearances": (make_appearance(feed="gone"), make_appearance())}, True),
    ],
    ids=[
        *("confirmed three days ago", "not confirmed since", "said by a wrong clock"),
        *("for sixty days", "for longer", "planned", "its hour has come", "late by its own list", "two days late"),
        *("of a feed that is not asked", "of no feed", "of one feed that is asked"),
    ],
)
def test_nothing_waits_for_ever(fields: dict[str, Any], expected: bool) -> None:
    """Each bound by itself ends the wait: no list says so any more, its hour is past, nobody asks, it lasts too long."""
    assert held(**fields) is expected
