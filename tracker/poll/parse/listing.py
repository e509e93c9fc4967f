"""Turn yt-dlp's flat list of a playlist or channel, as JSON, into a RawFeed: the listing door's parse.

No publication dates: yt-dlp reckons them from "4 years ago", so they move from day to day (M24).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import msgspec

from tracker.errors import ParseError, TooManyEntriesError
from tracker.models import RawEntry, RawFeed, Text
from tracker.poll.parse import json_text
from tracker.poll.parse.limits import MOST_ENTRIES

_VIDEO = re.compile(r"[A-Za-z0-9_-]{11}")


NO_KINDS: Mapping[str, str] = MappingProxyType({})


def parse_listing(body: bytes, *, kind: str = "", kinds: Mapping[str, str] = NO_KINDS) -> RawFeed:
    """Read the JSON that the child prints; positions count from 0 in the list's order.

    `kind` is that of all entries of the list, "" where they may be of any; `kinds` are those of the lists beside it, by
    their addresses: its own entries do not say what is a Short, nor what was a stream (M13, M15).

    `announced` is yt-dlp's `playlist_count` less the entries that have no video id (M27): fewer entries than that
    are a partial list (M29). Raises ParseError for no list at all (M31).
    """
    listing = _decoded(body)
    given = listing.get("entries")
    if not isinstance(given, list):
        raise ParseError("yt-dlp gave a result without a list of entries")
    if len(given) > MOST_ENTRIES:
        raise TooManyEntriesError(f"the listing holds more than {MOST_ENTRIES:,} entries")
    entries = tuple(_entries(given, listing, kind=kind, told=_told(listing, kinds)))
    skipped = len(given) - len(entries)
    count = _seconds(listing.get("playlist_count"))
    title = _string(listing.get("title"))
    return RawFeed(
        title="" if title == listing.get("id") else title,
        site_url=_string(listing.get("webpage_url")),
        entries=entries,
        announced=None if count is None else max(count - skipped, len(entries)),
        warnings=(f"{skipped} of {len(given)} entries of the listing are no videos",) if skipped else (),
    )


def _decoded(body: bytes) -> Mapping[str, Any]:
    try:
        listing = json_text.decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise ParseError("what yt-dlp gave is not JSON") from error
    if not isinstance(listing, dict):
        raise ParseError("yt-dlp gave no list")
    return listing


def _told(listing: Mapping[str, Any], kinds: Mapping[str, str]) -> Mapping[str, str]:
    """Give the kinds that the lists beside this one tell, by video id."""
    besides = listing.get("besides")
    lists = besides if isinstance(besides, dict) else {}
    return {each: kind for url, kind in kinds.items() for each in lists.get(url, ()) if isinstance(each, str)}


def _entries(given: list[Any], listing: Mapping[str, Any], *, kind: str, told: Mapping[str, str]) -> Iterator[RawEntry]:
    for position, each in enumerate(given):
        video = each.get("id") if isinstance(each, dict) else None
        if isinstance(video, str) and _VIDEO.fullmatch(video):
            yield _entry(each, position, listing=listing, kind=kind or told.get(video, ""))


def _entry(each: Mapping[str, Any], position: int, *, listing: Mapping[str, Any], kind: str) -> RawEntry:
    video = each["id"]
    # A "course" list names no channels (spec section 3): then the list's own stands in.
    by = each if each.get("channel_id") or each.get("channel") else listing
    watch = f"https://www.youtube.com/watch?v={video}"
    author = _string(by.get("channel")) or _string(by.get("uploader"))
    return RawEntry(
        position=position,
        guid=f"yt:video:{video}",
        link=f"https://www.youtube.com/shorts/{video}" if kind == "shorts" else _string(each.get("url")) or watch,
        title=Text(_string(each.get("title"))),
        authors=(author,) if author else (),
        video_id=video,
        channel_id=_string(by.get("channel_id")),
        duration=_seconds(each.get("duration")),
        availability=_string(each.get("availability")),
        live_status=_string(each.get("live_status")) or ("was_live" if kind == "live" else ""),
        release_at=_moment(each.get("release_timestamp")),
    )


def _seconds(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < 10**9 else None


def _moment(value: object) -> datetime | None:
    is_moment = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**33
    return datetime.fromtimestamp(value, UTC) if is_moment and isinstance(value, int) else None


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
