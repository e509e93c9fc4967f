"""parse_listing: yt-dlp's flat JSON → positions, durations, and what is missing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tracker.errors import ParseError, TooManyEntriesError
from tracker.models import RawFeed
from tracker.poll.parse import parse_listing


def listing(*entries: object, **fields: Any) -> RawFeed:
    given = {"id": "PLx", "title": "A list", "channel": "Owner", "channel_id": "UCo", "entries": entries} | fields
    return parse_listing(json.dumps(given).encode())


def video(video_id: str = "VMj-3S1tku0", **fields: Any) -> dict[str, Any]:
    return {"_type": "url", "id": video_id, "url": f"https://www.youtube.com/watch?v={video_id}", "title": "A"} | fields


def test_listing_gives_videos_in_its_order() -> None:
    """Each video has its place, title and duration; the list says how many there are."""
    feed = listing(video(duration=8752.0), video("PaCmpygFfXo", title="B"), playlist_count=2)

    assert [(each.position, each.video_id, each.guid) for each in feed.entries] == [
        (0, "VMj-3S1tku0", "yt:video:VMj-3S1tku0"),
        (1, "PaCmpygFfXo", "yt:video:PaCmpygFfXo"),
    ]
    assert [each.duration for each in feed.entries] == [8752, None]
    assert feed.announced == 2


def test_listing_has_no_dates() -> None:
    """A date that yt-dlp reckoned from "4 years ago" moves every day and is never taken (M24)."""
    feed = listing(video(timestamp=1660681140, release_timestamp=1660681140, upload_date="20220816"))

    assert (feed.entries[0].published, feed.entries[0].updated) == (None, None)


def test_entries_without_id_are_skipped_and_do_not_make_it_partial() -> None:
    """An entry without a video id is skipped with a warning, a missing duration is legal (M27)."""
    feed = listing(video(), video(id=None), {"id": "PLvOlSehNtuHtAlWfU05ycHQdkSoE0rR20"}, None, "x", playlist_count=5)

    assert len(feed.entries) == feed.announced == 1
    assert feed.warnings == ("4 of 5 entries of the listing are no videos",)


def test_truncated_listing_announces_more_than_it_holds() -> None:
    """Fewer entries than `playlist_count` can be told from a whole list (M29)."""
    feed = listing(video(), playlist_count=263)

    assert (len(feed.entries), feed.announced) == (1, 263)


def test_missing_availability_stays_unknown() -> None:
    """yt-dlp says nothing about public videos; members-only ones it marks (M25, M26)."""
    feed = listing(
        video(availability=None), video("PaCmpygFfXo", availability="subscriber_only", live_status="is_live")
    )

    assert [each.availability for each in feed.entries] == ["", "subscriber_only"]
    assert feed.entries[1].live_status == "is_live"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (1_795_633_200, datetime(2026, 11, 25, 19, 0, tzinfo=UTC)),
        (None, None),
        (0, None),
        (True, None),
        ("1795633200", None),
        (10**12, None),
        (-5, None),
    ],
)
def test_the_hour_of_a_premiere_is_read_where_it_can_be(given: object, expected: datetime | None) -> None:
    """M15: yt-dlp's `release_timestamp` is in seconds since 1970; nonsense is no hour."""
    (entry,) = listing(video(live_status="is_upcoming", release_timestamp=given)).entries

    assert (entry.live_status, entry.release_at) == ("is_upcoming", expected)


def test_video_is_credited_to_its_own_channel() -> None:
    """Another channel's video keeps its own; where a course names none, the list's stands in (M3)."""
    feed = listing(video(channel="Microsoft Developer", channel_id="UCm"), video("PaCmpygFfXo"))

    assert [(each.authors, each.channel_id) for each in feed.entries] == [
        (("Microsoft Developer",), "UCm"),
        (("Owner",), "UCo"),
    ]


def test_title_that_is_only_the_id_is_no_title() -> None:
    """Where the list's name was cut away, yt-dlp repeats the id."""
    assert listing(title="PLx").title == ""
    assert listing().title == "A list"


@pytest.mark.parametrize("body", [b"null", b"", b"[]", b'{"id": "PLx"}', b'{"entries": null}', b"\xff", b"[" * 100_000])
def test_no_list_is_an_error(body: bytes) -> None:
    """`null`, nothing, or a result without entries is a failure, never an empty list (M31)."""
    with pytest.raises(ParseError, match="yt-dlp"):
        parse_listing(body)


def test_listing_beyond_any_honest_length_is_refused() -> None:
    """The cap on entries holds for listings, too."""
    with pytest.raises(TooManyEntriesError, match="10,000"):
        parse_listing(json.dumps({"entries": [None] * 10_001}).encode())


def test_half_a_character_costs_no_list() -> None:
    """A title may hold what JSON can say and no text can; the other videos are read, and whole pairs stay."""
    feed = listing(video(title="half \ud83d, whole \U0001f389, said \\ud83d"), video("PaCmpygFfXo", title="B"))

    assert [each.title.value for each in feed.entries] == ["half , whole \U0001f389, said \\ud83d", "B"]
