"""What storage knows of videos that are gone, told, waiting, or missing without a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.factories import (
    NOW,
    make_door,
    make_identified,
    make_issue,
    make_placed,
    make_subscription,
    make_video,
    store_entries,
    subscribe,
)
from tracker.models import Door, Entry, Role, StoredEntry, Upload, Verdict
from tracker.storage import Storage

DAY = timedelta(days=1)
LATER = NOW + 3 * DAY
CHANNEL = "UCXUPKJO5MZQN11PqgIvyuvQ"


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    with Storage.open(tmp_path / "tracker.db", now=NOW) as opened:
        subscribe(opened, make_subscription(id="weeknight"), make_subscription(id="other"))
        yield opened


def upload(video_id: str, **fields: Any) -> Entry:
    """Be an upload of one talk."""
    given = {"title": "One talk", "duration": 600, "extra": {"channel_id": CHANNEL}, "published": NOW - DAY}
    return make_video(video_id, **{**given, **fields})


OLD, NEW = upload("old00000000"), upload("new00000000", duration=601)


def gone(storage: Storage, entry: Entry = OLD) -> None:
    """Let a listing say that a video is deleted."""
    placeholder = replace(entry, title="[Deleted video]", placeholder="deleted", extra={"availability": "deleted"})
    found = make_identified(placeholder, id=stored(storage, entry).id, verdict=Verdict.UNCHANGED)
    storage.store("weeknight", [found], door=Door.LISTING, at=NOW + DAY)


def stored(storage: Storage, entry: Entry) -> StoredEntry:
    found = storage.entry(entry.key)
    assert found is not None
    return found


def found(storage: Storage, *feeds: str) -> dict[str, Upload]:
    """Give the uploads by the first letters of their ids."""
    return {each.key.removeprefix("youtube:")[:3]: each for each in storage.uploads(feeds)}


def test_what_waits_comes_with_what_has_about_its_length(storage: Storage) -> None:
    """All that could belong to it, or to its other upload, is within four seconds; unknown lengths are like nothing."""
    others = [upload(f"{name}00000000", duration=size) for name, size in (("nea", 604), ("far", 606), ("unk", None))]
    store_entries(storage, [OLD, *others], at=NOW, backlog="there before")
    assert found(storage) == {}
    store_entries(storage, [NEW], at=LATER)
    assert set(found(storage)) == {"new", "old", "nea"}
    assert {each.channel for each in found(storage).values()} == {CHANNEL}
    assert (found(storage)["new"].is_waiting, found(storage)["old"].is_waiting) == (True, False)


def test_what_stands_in_an_asked_feed_comes_too(storage: Storage) -> None:
    """A course asks for its lectures, which mostly are backlog."""
    store_entries(storage, [OLD, NEW], at=NOW, backlog="there before")
    assert found(storage, "other") == {}
    assert set(found(storage, "weeknight")) == {"old", "new"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [({}, True), ({"role": Role.COURSE}, True), ({"is_shown": False, "cut": "cannot be watched: private"}, False)],
    ids=["as news", "as a lecture", "left out"],
)
def test_told_is_what_an_issue_has_shown(storage: Storage, fields: dict[str, Any], expected: object) -> None:
    """Deleted at the close, so nobody was told of it: the new upload is news of its own."""
    store_entries(storage, [OLD], at=NOW)
    storage.add_issue(make_issue(), [make_placed(stored(storage, OLD).id, **fields)])
    gone(storage)
    store_entries(storage, [NEW], at=LATER)
    old = found(storage)["old"]
    assert (old.is_told, old.is_gone) == (expected, True)


@pytest.mark.parametrize(
    ("listed", "seen", "expected"),
    [(NOW, NOW, True), (NOW + 2 * DAY, NOW, False), (NOW, NOW + 2 * DAY, False), (None, NOW, False)],
    ids=["listings of two days lack it", "one listing lacks it", "its feed has it", "never listed"],
)
def test_gone_without_a_word(storage: Storage, listed: Any, seen: Any, expected: object) -> None:
    """M30: complete listings of two days without a video say that it is gone; anything less does not."""
    store_entries(storage, [OLD], at=NOW)
    for door, at in ((Door.LISTING, listed), (Door.FEED, seen)):
        if at:
            again = make_identified(OLD, id=stored(storage, OLD).id, verdict=Verdict.UNCHANGED)
            storage.store("weeknight", [again], door=door, at=at)
    state = storage.feed("weeknight")
    assert state is not None
    storage.save_feed(
        replace(state, listing=make_door(), listing_before_at=NOW + DAY, listing_complete_at=NOW + 2 * DAY)
    )
    store_entries(storage, [NEW], at=LATER)
    assert found(storage)["old"].is_gone is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"extra": {"availability": "subscriber_only"}}, False),
        ({"placeholder": "[Private video]", "extra": {"availability": "private"}}, False),
    ],
    ids=["nobody knows why", "for members only", "private"],
)
def test_what_a_feed_lacks_calls_for_a_reason(storage: Storage, fields: dict[str, Any], expected: object) -> None:
    """M16 M26 M28: a video that the latest document lacks is looked for, unless it is known why it is not there."""
    store_entries(storage, [OLD, NEW], at=NOW)
    assert not storage.misses_some("weeknight")
    told = make_identified(replace(OLD, **fields), id=stored(storage, OLD).id, verdict=Verdict.UNCHANGED)
    storage.store("weeknight", [told], door=Door.LISTING, at=NOW)
    again = make_identified(NEW, id=stored(storage, NEW).id, verdict=Verdict.UNCHANGED)
    storage.store("weeknight", [again], door=Door.FEED, at=LATER)
    assert storage.misses_some("weeknight") is expected
    assert not storage.misses_some("other")


def test_what_a_listing_has_shown_since_is_not_looked_for(storage: Storage) -> None:
    """A video that the list shows and the feed never does, or does no longer, is asked for once and not for ever."""

    def see(*entries: Entry, door: Door, days: int) -> None:
        given = [make_identified(each, id=stored(storage, each).id, verdict=Verdict.UNCHANGED) for each in entries]
        storage.store("weeknight", given, door=door, at=NOW + days * DAY)

    storage.store("weeknight", [make_identified(OLD)], door=Door.LISTING, at=NOW - DAY)
    storage.store("weeknight", [make_identified(NEW)], door=Door.FEED, at=NOW)
    assert not storage.misses_some("weeknight")
    see(OLD, NEW, door=Door.FEED, days=1)
    see(NEW, door=Door.FEED, days=2)
    assert storage.misses_some("weeknight")
    see(OLD, NEW, door=Door.LISTING, days=2)
    see(NEW, door=Door.FEED, days=3)
    assert not storage.misses_some("weeknight")
