"""Two rows that turn out to be one work become one row, under whose keys both ids are found."""

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
    make_mark,
    make_placed,
    make_subscription,
    make_video,
    store_entries,
    subscribe,
)
from tracker.models import Door, Entry, Mention, StoredEntry, Verdict
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


def pairs(storage: Storage, feed: str = "weeknight") -> list[tuple[str, bool, str, bool]]:
    """Give the candidates of a feed: the ids' own names and whether each is gone."""
    names = {each.id: each.key.removeprefix("youtube:")[:3] for each in storage.entries()}
    found = storage.uploaded_again(feed)
    return [(names[again.id], again.is_gone, names[before.id], before.is_gone) for again, before in found]


def merge(storage: Storage, again: Entry = NEW, before: Entry = OLD) -> StoredEntry:
    """Make two stored entries one, and give it."""
    storage.merge(stored(storage, again).id, stored(storage, before).id, at=LATER)
    return stored(storage, before)


def test_candidates_have_about_the_same_length(storage: Storage) -> None:
    """News of the feed is paired with what is two seconds off at most; unknown lengths with nothing."""
    others = [upload("far00000000", duration=604), upload("unk00000000", duration=None)]
    store_entries(storage, [OLD, *others], at=NOW)
    gone(storage)
    store_entries(storage, [NEW], at=LATER)
    found = pairs(storage)
    assert ("new", False, "old", True) in found
    assert not {"far", "unk"} & {name for again, _, before, _ in found for name in (again, before)}
    assert pairs(storage, "other") == []
    (again, before), *_ = storage.uploaded_again("weeknight")
    assert {again.channel, before.channel} == {CHANNEL}


def test_what_an_issue_holds_is_no_candidate(storage: Storage) -> None:
    """A later upload that was announced stays; an earlier one may have been shown, but not left out."""
    store_entries(storage, [OLD], at=NOW)
    gone(storage)
    store_entries(storage, [NEW], at=LATER)
    old, new = stored(storage, OLD).id, stored(storage, NEW).id
    storage.add_issue(make_issue(label="2026-W48"), [make_placed(old)])
    assert ("new", False, "old", True) in pairs(storage)
    storage.add_issue(make_issue(label="2026-W49"), [make_placed(new)])
    assert pairs(storage) == []


def test_what_an_issue_left_out_may_come_again(storage: Storage) -> None:
    """Deleted at the close, so nobody was told of it: the new upload is news of its own."""
    store_entries(storage, [OLD], at=NOW)
    storage.add_issue(make_issue(), [make_placed(stored(storage, OLD).id, is_shown=False, cut="cannot be watched")])
    gone(storage)
    store_entries(storage, [NEW], at=LATER)
    assert ("new", False, "old", True) not in pairs(storage)


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
    assert [is_gone for _, _, before, is_gone in pairs(storage) if before == "old"] == [expected]


def test_one_row_remains_with_the_new_link(storage: Storage) -> None:
    """Key, first seen and place in an issue stay; link, words and length are the new upload's; both keys find it."""
    store_entries(storage, [OLD], at=NOW)
    storage.add_issue(make_issue(), [make_placed(stored(storage, OLD).id)])
    gone(storage)
    again = replace(
        NEW, summary="Corrected.", mentions=(Mention("arxiv:2203.15556", "https://arxiv.org/abs/2203.15556"),)
    )
    store_entries(storage, [again], at=LATER)
    store_entries(storage, [replace(NEW, guid="elsewhere")], feed="other", at=LATER)
    storage.set_mark(make_mark(NEW.key))
    found = merge(storage)
    assert (found.key, found.first_seen, found.issue, found.shown) == (OLD.key, NOW, "2026-W48", True)
    assert (found.url, found.summary, found.duration, found.availability) == (NEW.url, "Corrected.", 601, "")
    assert {each.feed: each.guid for each in found.appearances} == {"weeknight": NEW.guid, "other": "elsewhere"}
    assert storage.entry(NEW.key) == found
    assert storage.counts().entries == 1
    assert storage.mentions([found.id])[found.id] == again.mentions
    assert set(storage.marks()) == {OLD.key}
    assert storage.integrity() == ()
    assert [each.key for each in storage.search("Corrected", limit=9)] == [OLD.key]


def test_what_was_backlog_stays_backlog(storage: Storage) -> None:
    """A lecture that was there before the subscription is not announced because it was corrected."""
    store_entries(storage, [OLD], at=NOW, backlog="there before")
    store_entries(storage, [NEW], at=LATER)
    assert merge(storage).is_backlog
    assert storage.unassigned(before=LATER + DAY, now=LATER) == ()


def test_the_new_id_is_known_afterwards_in_every_feed(storage: Storage) -> None:
    """A document with either id finds the one entry, also after a third upload, and the latest id stands last."""
    third = upload("thd00000000")
    store_entries(storage, [OLD], at=NOW)
    store_entries(storage, [NEW], at=LATER)
    merge(storage)
    store_entries(storage, [third], at=LATER + DAY)
    storage.merge(stored(storage, third).id, stored(storage, NEW).id, at=LATER + DAY)
    for feed in ("weeknight", "other"):
        for entry in (OLD, NEW, third):
            (known,) = storage.known(feed, guids=set(), keys={entry.key})
            assert (known.key, known.aliases) == (OLD.key, (NEW.key, third.key))
            assert known.guid == (third.guid if feed == "weeknight" else None)
    assert storage.known("weeknight", guids=set(), keys={"youtube:other000000"}) == ()


def test_what_was_uploaded_again_before_keeps_its_keys(storage: Storage) -> None:
    """A work that turns out to be an earlier one brings along the keys under which it was uploaded again."""
    third = upload("thd00000000")
    store_entries(storage, [OLD], at=NOW)
    store_entries(storage, [NEW], at=LATER)
    store_entries(storage, [third], at=LATER + DAY)
    merge(storage, third, NEW)
    found = merge(storage, NEW, OLD)
    assert storage.entry(third.key) == storage.entry(NEW.key) == found
    assert storage.integrity() == ()


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
