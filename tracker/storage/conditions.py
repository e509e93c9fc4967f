"""Serve the other modules of storage: the conditions in SQL that several questions share."""

from __future__ import annotations

# Of a row of `entries`. News: some appearance of it is no backlog.
NEWS = "EXISTS (SELECT 1 FROM appearances AS news WHERE news.entry = entries.id AND news.backlog = '')"
PLACED = "EXISTS (SELECT 1 FROM issue_entries AS place WHERE place.entry = entries.id AND place.role = 'news')"
WAITS = f"{NEWS} AND NOT {PLACED}"
# The same as a list of ids, which triggers keep: of a million entries an issue looked at each, 0.28 s a time.
WAITING = "SELECT entry FROM waiting"
# Of a feed's row. Unassigned news among its videos; `json_extract`: a channel's list of videos has no Shorts in it.
VIDEOS = (
    "FROM appearances JOIN entries ON entries.id = appearances.entry WHERE appearances.feed = feeds.id"
    " AND appearances.backlog = '' AND kind = 'video' AND json_extract(extra, '$.short') IS NULL"
    f" AND NOT {PLACED}"
)
LACKS_DURATIONS = f"EXISTS (SELECT 1 {VIDEOS} AND (duration IS NULL OR upcoming_at IS NOT NULL))"
# Of an appearance `own` beside its row of `feeds`: complete listings of two days, and the feed since, were without it.
HAS_LEFT = "coalesce(max(own.listed_at, own.last_seen) < feeds.listing_before_at, 0)"  # M30
# Of a feed's row. Videos that stand in it no longer, and nothing says yet why (M28, M30). A listing that has shown one
# since the feed did has told all that it can tell; those for members only stand in no feed.
MISSES_SOME = (
    "EXISTS (SELECT 1 FROM appearances AS own JOIN entries ON entries.id = own.entry WHERE own.feed = feeds.id"  # noqa: S608 - constants of this module
    " AND own.left_at IS NULL AND availability = '' AND json_extract(extra, '$.availability') IS NULL"
    " AND own.fed_at < (SELECT max(fed_at) FROM appearances WHERE feed = feeds.id)"
    " AND NOT coalesce(own.listed_at > own.fed_at, 0)"
    f" AND NOT {HAS_LEFT})"
)
