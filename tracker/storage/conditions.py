"""Serve the other modules of storage: the conditions in SQL that several questions share."""

from __future__ import annotations

# Of a row of `entries`. News: some appearance of it is no backlog.
NEWS = "EXISTS (SELECT 1 FROM appearances AS news WHERE news.entry = entries.id AND news.backlog = '')"
PLACED = "EXISTS (SELECT 1 FROM issue_entries AS place WHERE place.entry = entries.id AND place.role = 'news')"
WAITS = f"{NEWS} AND NOT {PLACED}"
# The same as a list of ids, told from two indexes alone, without looking at each stored entry.
WAITING = (
    "SELECT entry FROM appearances WHERE backlog = '' AND NOT EXISTS"
    " (SELECT 1 FROM issue_entries AS place WHERE place.entry = appearances.entry AND place.role = 'news')"
)
# Of an appearance `own` beside its row of `feeds`: complete listings of two days, and the feed since, were without it.
HAS_LEFT = "coalesce(max(own.listed_at, own.last_seen) < feeds.listing_before_at, 0)"  # M30
