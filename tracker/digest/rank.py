"""Order an issue's entries, best first, before select decides how many are shown; pure.

Newest first: the order that needs to know nothing about the reader.
"""

from __future__ import annotations

from collections.abc import Iterable

from tracker.digest.values import Ranked, day_of
from tracker.models import StoredEntry


def rank(entries: Iterable[StoredEntry]) -> tuple[Ranked, ...]:
    """Put the newest first; equal dates are ordered by key, so that a run repeated gives the same page."""
    by_key = sorted(entries, key=lambda entry: entry.key)
    return tuple(Ranked(entry) for entry in sorted(by_key, key=day_of, reverse=True))
