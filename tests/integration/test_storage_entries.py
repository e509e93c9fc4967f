"""Entries are stored once, whatever carries them; first seen and news last, text and places may change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.factories import (
    NOW,
    WEEK_END,
    as_changed,
    make_door,
    make_entry,
    make_identified,
    make_issue,
    make_paper,
    make_placed,
    make_subscription,
    make_video,
    store_entries,
    subscribe,
)
from tracker.errors import StorageError
from tracker.models import Door, Entry, Identified, Mention, StoredEntry, Verdict, Version
from tracker.storage import Storage

HOUR = timedelta(hours=1)
LATER = NOW + 6 * HOUR


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    with Storage.open(tmp_path / "tracker.db", now=NOW) as opened:
        subscribe(opened, make_subscription(id="weeknight"), make_subscription(id="other"))
        yield opened


def stored(storage: Storage, entry: Entry) -> StoredEntry:
    """Give the entry as stored; it must be there."""
    found = storage.entry(entry.key)
    assert found is not None
    return found


def seen_again(storage: Storage, entry: Entry, **fields: object) -> Identified:
    """Be the stored entry in a later document, its words unchanged."""
    fields = {"id": stored(storage, entry).id, "verdict": Verdict.UNCHANGED, **fields}
    return make_identified(entry, **fields)


def listing_complete(storage: Storage, feed: str = "weeknight", **fields: object) -> None:
    """Note that the feed's whole listing was read."""
    state = storage.feed(feed)
    assert state is not None
    storage.save_feed(replace(state, listing_complete_at=NOW, listing=make_door(), **fields))


def test_an_entry_comes_back_as_it_was_stored(storage: Storage) -> None:
    """Every field of an entry and of its appearance is kept."""
    entry = make_paper(
        position=3,
        duration=61,
        paywalled=True,
        updated=LATER,
        version=2,
        announce_type="cross",
        extra={"categories": ["cs.CL", "cs.LG"], "license": None},
    )
    counts = storage.store("weeknight", [make_identified(entry)], door=Door.FEED, at=NOW)
    assert (counts.new, counts.backlog, counts.changed, counts.unchanged, counts.ignored) == (1, 0, 0, 0, 0)
    found = stored(storage, entry)
    for name in set(StoredEntry.__dataclass_fields__) & set(Entry.__dataclass_fields__):
        assert getattr(found, name) == getattr(entry, name), name
    assert (found.first_seen, found.availability, found.issue, found.shown, found.cut) == (NOW, "", "", None, "")
    (appearance,) = found.appearances
    assert (appearance.feed, appearance.guid, appearance.position) == ("weeknight", entry.guid, 3)
    assert (appearance.announce_type, appearance.backlog) == ("cross", "")
    assert (appearance.first_seen, appearance.last_seen) == (NOW, NOW)


def test_one_work_in_three_feeds_is_one_entry(storage: Storage) -> None:
    """M4: the same key through several feeds is one row with an appearance for each."""
    subscribe(storage, *(make_subscription(id=each) for each in ("weeknight", "other", "third")))
    video = make_video()
    for number, feed in enumerate(("weeknight", "other", "third")):
        # identify says NEW each time, as in two polls that run at once
        counts = storage.store(feed, [make_identified(video)], door=Door.FEED, at=NOW + timedelta(hours=number))
        assert counts.new == (number == 0)
    assert len(storage.entries()) == 1
    assert [each.feed for each in stored(storage, video).appearances] == ["other", "third", "weeknight"]
    assert stored(storage, video).first_seen == NOW


def test_first_seen_never_changes(storage: Storage) -> None:
    """Later documents move last seen only, of the entry's appearance in that feed."""
    entry = make_entry()
    store_entries(storage, [entry])
    storage.store("weeknight", [seen_again(storage, entry)], door=Door.FEED, at=LATER)
    found = stored(storage, entry)
    assert (found.first_seen, found.appearances[0].first_seen, found.appearances[0].last_seen) == (NOW, NOW, LATER)


def test_the_first_of_two_equal_ones_in_a_document_wins(storage: Storage) -> None:
    """M92: a second entry with the same key in one document changes nothing."""
    first, second = make_entry(title="first"), make_entry(title="second")
    counts = storage.store("weeknight", [make_identified(first), make_identified(second)], door=Door.FEED, at=NOW)
    assert (counts.new, counts.unchanged) == (1, 1)
    assert [entry.title for entry in storage.entries()] == ["first"]


def test_the_index_knows_what_entries_say_now(storage: Storage) -> None:
    """A search finds new words of new, changed and deleted entries and no former ones, as FTS5's own check confirms."""
    entries = [make_entry(key=f"web:{each}", guid=each, title=f"About {each}") for each in ("apples", "pears", "plums")]
    store_entries(storage, entries)
    store_entries(storage, [make_entry(key="web:figs", guid="figs", title="About figs")], at=LATER)
    item = as_changed(entries[1], stored(storage, entries[1]), title="About quinces")
    storage.store("weeknight", [item], door=Door.FEED, at=LATER)
    storage._db.write("DELETE FROM appearances WHERE guid = 'plums'")
    storage._db.write("DELETE FROM entries WHERE key = 'web:plums'")
    found = {
        each: len(storage.search(each, limit=9)) for each in ("about", "apples", "pears", "quinces", "plums", "figs")
    }
    assert found == {"about": 3, "apples": 1, "pears": 0, "quinces": 1, "plums": 0, "figs": 1}
    storage._db.write("INSERT INTO entries_fts (entries_fts, rank) VALUES ('integrity-check', 1)")


def test_an_ignored_entry_is_counted_and_not_stored(storage: Storage) -> None:
    """An arXiv replacement of an unknown paper leaves only a number."""
    ignored = make_identified(make_paper(), verdict=Verdict.IGNORED, reason="replacement of an unknown paper")
    counts = storage.store("weeknight", [ignored], door=Door.FEED, at=NOW)
    assert (counts.ignored, counts.new) == (1, 0)
    assert storage.entries() == ()


def test_a_document_is_stored_whole_or_not_at_all(storage: Storage) -> None:
    """An unknown feed leaves no entry behind."""
    with pytest.raises(StorageError, match="FOREIGN KEY"):
        storage.store("nobody", [make_identified()], door=Door.FEED, at=NOW)
    assert storage.entries() == ()


# ---------------------------------------------------------------- news and backlog


def test_backlog_is_no_news(storage: Storage) -> None:
    """What was there before we came is stored, found, and waits for no issue."""
    counts = storage.store("weeknight", [make_identified(backlog="older")], door=Door.FEED, at=NOW)
    assert (counts.new, counts.backlog) == (1, 1)
    assert storage.unassigned(before=WEEK_END, now=NOW) == ()
    assert storage.entries()[0].is_backlog


def test_news_elsewhere_promotes_backlog(storage: Storage) -> None:
    """A later appearance as news makes a backlog entry news, with its old first-seen time."""
    entry = make_entry()
    store_entries(storage, [entry], backlog="older")
    counts = storage.store("other", [seen_again(storage, entry)], door=Door.FEED, at=LATER)
    assert counts.promoted == 1
    (waiting,) = storage.unassigned(before=WEEK_END, now=LATER)
    assert (waiting.key, waiting.first_seen, waiting.is_backlog) == (entry.key, NOW, False)


def test_news_in_the_same_feed_promotes_backlog(storage: Storage) -> None:
    """One appearance row serves both doors; as news it stays news whatever a later document says."""
    entry = make_video()
    store_entries(storage, [entry], backlog="older")
    storage.store("weeknight", [seen_again(storage, entry)], door=Door.LISTING, at=LATER)
    again = seen_again(storage, entry, backlog="older than the oldest known")
    counts = storage.store("weeknight", [again], door=Door.FEED, at=LATER)
    assert counts.promoted == 0
    (appearance,) = stored(storage, entry).appearances
    assert appearance.backlog == ""
    assert len(storage.unassigned(before=WEEK_END, now=LATER)) == 1


def test_backlog_elsewhere_demotes_nothing(storage: Storage) -> None:
    """An entry that is news in one feed stays news when another feed has it as backlog."""
    entry = make_entry()
    store_entries(storage, [entry])
    storage.store("other", [seen_again(storage, entry, backlog="older")], door=Door.FEED, at=LATER)
    assert len(storage.unassigned(before=WEEK_END, now=LATER)) == 1


def test_what_was_placed_is_not_promoted_again(storage: Storage) -> None:
    """An entry that an issue has announced is never news a second time."""
    entry = make_entry()
    found = store_entries(storage, [entry])[entry.key]
    storage.add_issue(make_issue(), [make_placed(found.id)])
    counts = storage.store("other", [seen_again(storage, entry)], door=Door.FEED, at=LATER)
    assert counts.promoted == 0
    assert storage.unassigned(before=WEEK_END + timedelta(days=7), now=LATER) == ()


# ---------------------------------------------------------------- texts


def test_changed_text_is_taken(storage: Storage) -> None:
    """Another fingerprint through the feed replaces title, summary, authors, URL, dates and words."""
    entry = make_entry()
    before = store_entries(storage, [entry])[entry.key]
    fields = {
        "title": "Better",
        "summary": "",
        "authors": ("A", "B"),
        "url": "https://b.example/",
        "words": 7,
        "published": LATER,
        "updated": LATER,
    }
    counts = storage.store("weeknight", [as_changed(entry, before, **fields)], door=Door.FEED, at=LATER)
    assert (counts.changed, counts.unchanged) == (1, 0)
    found = stored(storage, entry)
    assert {name: getattr(found, name) for name in fields} == fields
    assert storage.search("better", limit=5) == (found,)
    assert storage.search("post", limit=5) == ()


def test_unchanged_text_is_not_written(storage: Storage) -> None:
    """Where identify saw no change, other words are not taken."""
    entry = make_entry()
    store_entries(storage, [entry])
    other = seen_again(storage, entry)
    other = replace(other, entry=replace(entry, title="Other", summary="Other", words=1, published=LATER))
    counts = storage.store("weeknight", [other], door=Door.FEED, at=LATER)
    assert (counts.changed, counts.unchanged) == (0, 1)
    found = stored(storage, entry)
    assert (found.title, found.summary, found.words, found.published) == (
        entry.title,
        entry.summary,
        entry.words,
        entry.published,
    )


def test_an_empty_title_erases_nothing(storage: Storage) -> None:
    """A changed entry without title, URL or authors keeps those that are known."""
    entry = make_entry()
    before = store_entries(storage, [entry])[entry.key]
    storage.store("weeknight", [as_changed(entry, before, title="", url="", summary="s")], door=Door.FEED, at=LATER)
    found = stored(storage, entry)
    assert (found.title, found.url, found.summary) == (entry.title, entry.url, "s")


def test_two_feeds_that_word_one_work_differently_do_not_change_it_in_turns(storage: Storage) -> None:
    """Each feed's fingerprint is compared with its own wording, once both are known."""
    entry = make_paper()
    before = store_entries(storage, [entry])[entry.key]
    other = as_changed(entry, before, summary="Other words")
    storage.store("other", [other], door=Door.FEED, at=LATER)
    known = {
        feed: storage.known(feed, guids=(), keys=[entry.key])[0].fingerprint for feed in ("weeknight", "other", "third")
    }
    latest = other.entry.fingerprint
    assert known == {"weeknight": entry.fingerprint, "other": latest, "third": latest}


def test_an_older_version_changes_nothing(storage: Storage) -> None:
    """M54: a document that still carries v1 does not undo v2."""
    entry = make_paper(version=2, title="Second")
    before = store_entries(storage, [entry])[entry.key]
    storage.store("other", [as_changed(entry, before, version=1, title="First")], door=Door.FEED, at=LATER)
    assert (stored(storage, entry).title, stored(storage, entry).version) == ("Second", 2)
    storage.store("other", [as_changed(entry, before, version=3, title="Third")], door=Door.FEED, at=LATER)
    assert (stored(storage, entry).title, stored(storage, entry).version) == ("Third", 3)


def test_a_paywall_can_fall(storage: Storage) -> None:
    """Whether a post is paywalled follows its feed, without other changes."""
    entry = make_entry(paywalled=True)
    store_entries(storage, [entry])
    free = seen_again(storage, entry)
    storage.store("weeknight", [replace(free, entry=replace(entry, paywalled=False))], door=Door.FEED, at=LATER)
    assert not stored(storage, entry).paywalled


def test_a_guid_that_changed_is_kept_up(storage: Storage) -> None:
    """The appearance carries the guid that the feed gives now."""
    entry = make_entry(guid="old")
    store_entries(storage, [entry])
    again = seen_again(storage, entry)
    storage.store("weeknight", [replace(again, entry=replace(entry, guid="new"))], door=Door.FEED, at=LATER)
    assert storage.known("weeknight", guids=["old"], keys=()) == ()
    assert [each.key for each in storage.known("weeknight", guids=["new"], keys=())] == [entry.key]


# ---------------------------------------------------------------- two doors


def test_feed_and_listing_share_one_appearance(storage: Storage) -> None:
    """A video through both doors of a subscription is one row; the listing brings its length and keeps the guid."""
    video = make_video()
    store_entries(storage, [video])
    listed = replace(video, guid=video.key, duration=4540, position=2, published=None, summary="")
    item = replace(seen_again(storage, video), entry=listed)
    storage.store("weeknight", [item], door=Door.LISTING, at=LATER)
    found = stored(storage, video)
    (appearance,) = found.appearances
    assert (found.duration, appearance.guid, appearance.position) == (4540, video.guid, 2)
    storage.store("weeknight", [seen_again(storage, video)], door=Door.FEED, at=LATER)
    assert stored(storage, video).duration == 4540


def test_a_listing_never_overwrites_dates_or_the_feeds_text(storage: Storage) -> None:
    """M24: the Atom date stays, and a flat listing without descriptions erases none."""
    video = make_video()
    before = store_entries(storage, [video])[video.key]
    listed = as_changed(video, before, title="Vorlesung", summary="", published=LATER, updated=LATER, words=3)
    counts = storage.store("weeknight", [listed], door=Door.LISTING, at=LATER)
    assert counts.changed == 0
    found = stored(storage, video)
    assert (found.title, found.summary, found.published) == (video.title, video.summary, video.published)


def test_the_feed_completes_what_the_listing_found(storage: Storage) -> None:
    """M24: an entry that came through the listing takes date and text from the Atom feed when that shows it."""
    listed = make_video(summary="", published=None, fingerprint="of the listing", duration=60)
    storage.store("weeknight", [make_identified(listed)], door=Door.LISTING, at=NOW)
    full = make_video(published=LATER)
    changed = make_identified(full, id=stored(storage, full).id, verdict=Verdict.CHANGED)
    storage.store("weeknight", [changed], door=Door.FEED, at=LATER)
    found = stored(storage, full)
    assert (found.summary, found.published, found.duration) == (full.summary, LATER, 60)


def test_a_listing_may_correct_what_only_it_knows(storage: Storage) -> None:
    """A title that changes in the listing is taken where no feed has shown the video; its summary stays."""
    video = make_video(summary="Kept.")
    storage.store("weeknight", [make_identified(video)], door=Door.LISTING, at=NOW)
    changed = as_changed(video, stored(storage, video), title="Renamed", summary="")
    counts = storage.store("weeknight", [changed], door=Door.LISTING, at=LATER)
    assert counts.changed == 1
    assert (stored(storage, video).title, stored(storage, video).summary) == ("Renamed", "Kept.")


def test_a_listing_does_not_move_dates_that_are_known(storage: Storage) -> None:
    """M24: an approximate date of a later listing replaces none, even where its title is taken."""
    video = make_video()
    storage.store("weeknight", [make_identified(video)], door=Door.LISTING, at=NOW)
    changed = as_changed(video, stored(storage, video), title="Renamed", published=LATER)
    storage.store("weeknight", [changed], door=Door.LISTING, at=LATER)
    assert (stored(storage, video).title, stored(storage, video).published) == ("Renamed", video.published)


def test_each_door_adds_to_the_extra_fields(storage: Storage) -> None:
    """What one door knows is not erased by what the other does not say."""
    video = make_video(extra={"channel_id": "UC1", "live_status": ""})
    store_entries(storage, [video])
    item = seen_again(storage, video)
    listed = replace(item, entry=replace(video, extra={"live_status": "was_live", "channel_id": None}))
    storage.store("weeknight", [listed], door=Door.LISTING, at=LATER)
    assert stored(storage, video).extra == {"channel_id": "UC1", "live_status": "was_live"}


def test_a_listing_says_what_is_still_to_come(storage: Storage) -> None:
    """M15: also of a video that a feed has shown before and whose words do not change; a later look takes it back."""
    video = make_video()
    hour = NOW + timedelta(days=3)
    premiere = replace(video, is_upcoming=True, release_at=hour, extra={"live_status": "is_upcoming"})
    store_entries(storage, [video])
    storage.store("weeknight", [seen_again(storage, premiere)], door=Door.LISTING, at=LATER)
    assert (stored(storage, video).upcoming_at, stored(storage, video).release_at) == (LATER, hour)
    assert storage.lacks_durations("weeknight")
    storage.store("weeknight", [seen_again(storage, video)], door=Door.FEED, at=LATER)
    private = replace(video, title="[Private video]", placeholder="private")
    storage.store("weeknight", [seen_again(storage, private)], door=Door.LISTING, at=LATER)
    assert stored(storage, video).upcoming_at == LATER
    released = replace(video, duration=600)
    storage.store("weeknight", [seen_again(storage, released)], door=Door.LISTING, at=LATER)
    found = stored(storage, video)
    assert (found.upcoming_at, found.release_at, found.extra.get("live_status")) == (None, None, None)
    assert not storage.lacks_durations("weeknight")


def test_a_premiere_of_known_length_calls_for_the_listing_too(storage: Storage) -> None:
    """M15: what is held back is looked at again, whatever else is known of it."""
    premiere = make_video(duration=600, is_upcoming=True)
    storage.store("weeknight", [make_identified(premiere)], door=Door.LISTING, at=NOW)
    assert stored(storage, premiere).upcoming_at == NOW
    assert storage.lacks_durations("weeknight")


def test_what_was_for_members_may_become_public(storage: Storage) -> None:
    """M25 M26: a later look without the mark, or the feed's, takes it away; a stream that is over stays one."""
    video = make_video()
    members = replace(video, extra={"availability": "subscriber_only", "live_status": "is_live"})
    for door in (Door.LISTING, Door.FEED):
        store_entries(storage, [video])
        storage.store("weeknight", [seen_again(storage, members)], door=Door.LISTING, at=LATER)
        assert stored(storage, video).extra["availability"] == "subscriber_only"
        storage.store("weeknight", [seen_again(storage, video)], door=door, at=LATER)
        assert "availability" not in stored(storage, video).extra
    storage.store("weeknight", [seen_again(storage, video)], door=Door.LISTING, at=LATER)
    assert stored(storage, video).extra == {"live_status": "was_live"}


def test_a_placeholder_changes_only_the_availability(storage: Storage) -> None:
    """M28: "[Private video]" overwrites no title and makes no entry; a later real title clears the state."""
    video = make_video(position=4)
    store_entries(storage, [video])
    private = replace(video, title="[Private video]", summary="", placeholder="private", fingerprint="x", position=5)
    item = make_identified(private, id=stored(storage, video).id, verdict=Verdict.CHANGED)
    unknown = make_identified(make_video("unknown_123", title="[Deleted video]", placeholder="deleted"))
    counts = storage.store("weeknight", [item, unknown], door=Door.LISTING, at=LATER)
    assert (counts.new, counts.changed, counts.ignored) == (0, 0, 1)
    found = stored(storage, video)
    assert (found.title, found.summary, found.availability) == (video.title, video.summary, "private")
    assert found.appearances[0].position == 5
    storage.store("weeknight", [seen_again(storage, video)], door=Door.LISTING, at=LATER)
    assert stored(storage, video).availability == ""


def test_positions_change_freely(storage: Storage) -> None:
    """M2: a reordered playlist moves positions; it makes no entry and changes none."""
    videos = [make_video(f"video_{number:05}", position=number) for number in range(3)]
    storage.store("weeknight", [make_identified(video) for video in videos], door=Door.LISTING, at=NOW)
    listing_complete(storage)
    turned = [replace(video, position=2 - video.position) for video in videos]
    items = [replace(seen_again(storage, video), entry=video) for video in turned]
    counts = storage.store("weeknight", items, door=Door.LISTING, at=LATER)
    assert (counts.new, counts.changed, counts.unchanged) == (0, 0, 3)
    assert [entry.key for entry in storage.course("weeknight")] == [video.key for video in reversed(videos)]


def test_the_feed_does_not_renumber_a_listed_playlist(storage: Storage) -> None:
    """A feed knows 15 places of 200; once a complete listing came, only listings number."""
    videos = [make_video(f"video_{number:05}", position=number) for number in range(3)]
    storage.store("weeknight", [make_identified(video) for video in videos], door=Door.LISTING, at=NOW)
    listing_complete(storage)
    fresh = make_video("fresh_video", position=0)
    last = replace(seen_again(storage, videos[2]), entry=replace(videos[2], position=1))
    storage.store("weeknight", [make_identified(fresh), last], door=Door.FEED, at=LATER)
    assert [entry.key for entry in storage.course("weeknight")] == [*(video.key for video in videos), fresh.key]


def test_without_a_listing_the_feed_numbers(storage: Storage) -> None:
    """Until a listing comes, the order of the document is the best that is known."""
    videos = [make_video(f"video_{number:05}", position=2 - number) for number in range(3)]
    store_entries(storage, videos)
    assert [entry.key for entry in storage.course("weeknight")] == [video.key for video in reversed(videos)]
    moved = [replace(seen_again(storage, video), entry=replace(video, position=2 - video.position)) for video in videos]
    storage.store("weeknight", moved, door=Door.FEED, at=LATER)
    assert [entry.key for entry in storage.course("weeknight")] == [video.key for video in videos]


# ---------------------------------------------------------------- known


def test_known_entries_are_found_by_guid_and_by_key(storage: Storage) -> None:
    """A guid counts in its own feed alone, a key everywhere; each entry is given once."""
    entry = make_entry(guid="17")
    found = store_entries(storage, [entry])[entry.key]
    (known,) = storage.known("weeknight", guids=["17"], keys=[entry.key])
    assert (known.id, known.key, known.guid, known.title) == (found.id, entry.key, "17", entry.title)
    assert (known.published, known.fingerprint) == (entry.published, entry.fingerprint)
    assert storage.known("other", guids=["17"], keys=()) == ()
    (elsewhere,) = storage.known("other", guids=["17"], keys=[entry.key])
    assert (elsewhere.id, elsewhere.guid) == (found.id, None)


def test_an_empty_guid_identifies_nothing(storage: Storage) -> None:
    """Entries without a guid are not taken for each other."""
    store_entries(storage, [make_entry(guid="")])
    assert storage.known("weeknight", guids=["", "x"], keys=[""]) == ()


def test_known_says_what_an_entry_is(storage: Storage) -> None:
    """Backlog means in every feed."""
    old, new = make_entry(1), make_entry(2, version=4)
    store_entries(storage, [old], backlog="older")
    store_entries(storage, [new])
    known = {each.key: each for each in storage.known("weeknight", guids=[old.guid, new.guid], keys=())}
    assert [known[key].is_backlog for key in (old.key, new.key)] == [True, False]
    assert known[new.key].version == 4


def test_a_document_of_any_length_is_looked_up(storage: Storage) -> None:
    """More entries than SQLite takes parameters are found all the same."""
    entries = [make_entry(number) for number in range(2500)]
    items = [make_identified(entry) for entry in entries]
    assert storage.store("weeknight", items, door=Door.FEED, at=NOW).new == 2500
    known = storage.known("weeknight", guids=[entry.guid for entry in entries], keys=[])
    assert len({each.id for each in known}) == 2500


def test_local_guids_of_a_former_target_identify_nothing(storage: Storage) -> None:
    """After a subscription turned to another URL, its guid "17" is another work, a URL as guid is the same."""
    local, unique = make_entry(1, guid="17"), make_entry(2)
    store_entries(storage, [local, unique])
    wanted = (make_subscription(id="weeknight"), make_subscription(id="other"))
    storage.reconcile(wanted, {"weeknight": "another", "other": "target:other"}, now=LATER)
    known = storage.known("weeknight", guids=["17", unique.guid], keys=())
    assert [each.key for each in known] == [unique.key]
    assert storage.course("weeknight") == ()
    storage.store("weeknight", [seen_again(storage, local)], door=Door.FEED, at=LATER)
    assert len(storage.known("weeknight", guids=["17"], keys=())) == 1


# ---------------------------------------------------------------- mentions


def test_mentions_are_kept_with_the_text(storage: Storage) -> None:
    """Links to works are stored once each, found from both ends, and follow a changed text."""
    paper = Mention("arxiv:2203.15556", "https://arxiv.org/abs/2203.15556v1")
    video = Mention("youtube:TCH_1BHY58I", "https://youtu.be/TCH_1BHY58I")
    entry = make_entry(mentions=(paper, video, paper))
    before = store_entries(storage, [entry])[entry.key]
    assert storage.mentions([before.id, 99]) == {before.id: (paper, video)}
    assert storage.mentioned_by([paper.key, "arxiv:none"]) == {paper.key: (before.id,)}
    storage.store("weeknight", [as_changed(entry, before, mentions=(video,))], door=Door.FEED, at=LATER)
    assert storage.mentions([before.id]) == {before.id: (video,)}


def test_another_feed_adds_its_mentions(storage: Storage) -> None:
    """The same post in a second feed may carry links that the first left out."""
    entry = make_entry()
    before = store_entries(storage, [entry])[entry.key]
    mention = Mention("arxiv:2203.15556", "https://arxiv.org/abs/2203.15556")
    item = replace(seen_again(storage, entry), entry=replace(entry, mentions=(mention,)))
    storage.store("other", [item], door=Door.FEED, at=LATER)
    assert storage.mentions([before.id]) == {before.id: (mention,)}


# ---------------------------------------------------------------- versions of papers


def revise(storage: Storage, paper: Entry, *, door: Door = Door.FEED, at: datetime = LATER, **fields: object) -> None:
    """Store the paper once more, in other words."""
    changed = as_changed(paper, stored(storage, paper), **fields)
    storage.store("weeknight", [changed], door=door, at=at)


def test_a_new_version_keeps_the_former_text(storage: Storage) -> None:
    """M54: both texts are there afterwards, each with the moment at which it was first seen."""
    paper = make_paper(version=1, title="One", summary="We gain 2.4x.")
    store_entries(storage, [paper])
    (entry,) = storage.entries()
    assert (storage.revised([paper.key]), storage.versions([entry.id])) == ((), {})

    revise(storage, paper, version=2, title="Two", summary="We gain 2.1x.")

    assert storage.versions([entry.id])[entry.id] == (
        Version(version=1, first_seen=NOW, title="One", summary="We gain 2.4x."),
        Version(version=2, first_seen=LATER, title="Two", summary="We gain 2.1x."),
    )
    assert [each.key for each in storage.revised([paper.key, "arxiv:none"])] == [paper.key]
    assert storage.revised(["arxiv:none"]) == ()


def test_versions_are_kept_whichever_came_between(storage: Storage) -> None:
    """A version that was missed leaves no row; what is worded anew inside a version replaces its text, not its time."""
    paper = make_paper(version=1, summary="first")
    store_entries(storage, [paper])
    revise(storage, paper, version=3, summary="third")
    revise(storage, paper, version=3, summary="third, corrected", at=LATER + HOUR)
    revise(storage, paper, version=2, summary="second, late", at=LATER + 2 * HOUR)
    revise(storage, paper, version=4, summary="fourth", at=LATER + 3 * HOUR)

    (entry,) = storage.entries()
    found = [(each.version, each.first_seen, each.summary) for each in storage.versions([entry.id])[entry.id]]
    assert found == [(1, NOW, "first"), (3, LATER, "third, corrected"), (4, LATER + 3 * HOUR, "fourth")]


def test_a_new_version_is_believed_through_every_door(storage: Storage) -> None:
    """The API's words never replace the feed's of the same version, but a newer version's do (M51, M54)."""
    paper = make_paper(version=1, summary="as the feed words it")
    store_entries(storage, [paper])
    revise(storage, paper, door=Door.ARCHIVE, summary="as the API words it")
    assert stored(storage, paper).summary == "as the feed words it"

    revise(storage, paper, door=Door.ARCHIVE, version=2, summary="the second version")

    assert (stored(storage, paper).summary, stored(storage, paper).version) == ("the second version", 2)
    assert len(storage.versions([stored(storage, paper).id])[stored(storage, paper).id]) == 2
