"""identify: which entry it is, what it is to the database, and whether it is news or backlog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.factories import WEEK_START, make_baseline, make_entry, make_known
from tracker.models import Baseline, Door, Entry, Identified, Kind, KnownEntry, SourceName, Verdict
from tracker.poll.identify import (
    BELOW,
    KNOWN,
    LISTED,
    OLDER,
    OLDER_THAN_KNOWN,
    REPEATED,
    REVISION,
    UNDATED,
    UNKNOWN_PLACEHOLDER,
    UNKNOWN_REVISION,
    candidate_keys,
    identify,
)

FEED = "weeknight"
DAY = timedelta(days=1)
IN_WINDOW = WEEK_START + DAY
BEFORE = WEEK_START - DAY


def post(number: int = 1, **fields: Any) -> Entry:
    return make_entry(number, **{"key": "", "position": number, **fields})


def video(number: int = 1, **fields: Any) -> Entry:
    key = f"youtube:video-{number}"
    given = {"key": key, "guid": f"yt:{key}", "kind": Kind.VIDEO, "position": number, "title": f"V{number}"}
    return make_entry(number, **{**given, **fields})


def paper(number: int = 1, **fields: Any) -> Entry:
    given = {"key": f"arxiv:2611.{number:05}", "guid": f"oai:{number}v1", "kind": Kind.PAPER, "version": 1}
    return make_entry(number, **{**given, "announce_type": "new", "position": number, **fields})


def known_of(entry: Entry, *, feed: str = FEED, **fields: Any) -> KnownEntry:
    """What the database holds once the entry was stored through this feed."""
    given = {
        "id": 100 + entry.position,
        "key": candidate_keys(entry, feed=feed)[0],
        "title": entry.title,
        "published": entry.published,
        "fingerprint": entry.fingerprint,
        "version": entry.version,
        "guid": entry.guid,
    }
    return make_known(**{**given, **fields})


def youtube(door: Door = Door.FEED, **fields: Any) -> Baseline:
    return make_baseline(source=SourceName.YOUTUBE, door=door, **fields)


def run(*entries: Entry, known: Sequence[KnownEntry] = (), baseline: Baseline | None = None) -> tuple[Identified, ...]:
    return identify(entries, known, baseline=baseline or make_baseline(), feed=FEED)


def backlog(*entries: Entry, known: Sequence[KnownEntry] = (), baseline: Baseline | None = None) -> list[str]:
    return [each.backlog for each in run(*entries, known=known, baseline=baseline)]


# ---------------------------------------------------------------- which entry it is


def test_keys_of_a_web_entry() -> None:
    """The canonical URL is the key where it may merge; otherwise the feed and a hash of the guid."""
    own, borrowed = post(), post(canonical="")

    assert run(own)[0].key == "web:weeknight.example/1"
    assert run(borrowed)[0].key.startswith("web:weeknight#")
    assert candidate_keys(borrowed, feed=FEED) == (run(borrowed)[0].key,)
    assert candidate_keys(own, feed=FEED)[2] == run(borrowed)[0].key


@pytest.mark.parametrize("field", ["guid", "url", "title"])
def test_hash_takes_guid_then_link_then_title_and_date(field: str) -> None:
    """Without a guid the link tells, without both title and date (M92)."""
    blank: dict[str, Any] = {"guid": "guid", "url": "url", "title": "title", "canonical": ""}
    empty = {"guid": {}, "url": {"guid": ""}, "title": {"guid": "", "url": ""}}[field]
    one, other = (run(post(**{**blank, **empty, field: value}))[0].key for value in ("a", "b"))

    assert one != other


def test_known_guid_is_the_same_entry_whatever_else_changed() -> None:
    """Inside a feed the guid rules: title, link and date may change."""
    changed = post(title="New", canonical="weeknight.example/moved", published=BEFORE, fingerprint="other")
    found = run(changed, known=[known_of(post())])[0]

    assert (found.verdict, found.id, found.key) == (Verdict.CHANGED, 101, "web:weeknight.example/1")


def test_same_url_and_date_is_the_same_work_with_a_new_guid() -> None:
    """A feed that changed its guids does not announce everything again."""
    assert run(post(guid="new"), known=[known_of(post())])[0].verdict is Verdict.UNCHANGED
    assert run(post(guid="new", published=None), known=[known_of(post())])[0].verdict is Verdict.UNCHANGED


@pytest.mark.parametrize("fields", [{"published": IN_WINDOW + DAY}, {"published": None, "title": "Other"}])
def test_same_url_with_another_date_or_title_is_a_new_work(fields: dict[str, Any]) -> None:
    """A page that is announced again and again under one address gives one entry each."""
    found = run(post(guid="new", **fields), known=[known_of(post(published=IN_WINDOW))])[0]

    assert found.verdict is Verdict.NEW
    assert found.key.startswith("web:weeknight.example/1#")


def test_same_url_beside_its_old_guid_is_a_new_work() -> None:
    """An entry that is still there under its own guid lends its identity to no other."""
    found = run(post(2, guid="new", canonical="weeknight.example/1"), post(), known=[known_of(post())])

    assert [each.verdict for each in found] == [Verdict.NEW, Verdict.UNCHANGED]


def test_publication_that_moved_is_not_announced_again() -> None:
    """Same slug and same date under a new host is the same entry, not twenty new ones (M46)."""
    before = [
        post(n, canonical=f"x.substack.com/p/slug-{n}", guid=f"https://x.substack.com/p/slug-{n}") for n in (1, 2)
    ]
    after = [
        post(n, canonical=f"own.example/p/slug-{n}", former=f"x.substack.com/p/slug-{n}", guid=f"moved-{n}")
        for n in (1, 2)
    ]
    found = run(*after, known=[known_of(each) for each in before])

    assert [(each.verdict, each.id) for each in found] == [(Verdict.UNCHANGED, 101), (Verdict.UNCHANGED, 102)]
    assert "web:x.substack.com/p/slug-1" in candidate_keys(post(former="x.substack.com/p/slug-1"), feed=FEED)
    other = replace(after[0], guid="z", published=IN_WINDOW + DAY)
    assert run(other, known=[known_of(before[0])])[0].verdict is Verdict.NEW


def test_move_takes_each_old_entry_once_and_only_to_another_host() -> None:
    """Two entries that look like one old one are that one and a new one; on the same host a slug says nothing (M46)."""
    old = known_of(post(canonical="x.substack.com/p/slug", guid="x"))
    moved = post(canonical="own.example/p/slug", former="x.substack.com/p/slug", published=old.published)
    twice = [replace(moved, guid=f"own-{n}", position=n) for n in (1, 2)]
    stayed = post(canonical="x.substack.com/notes/slug", guid="y")

    assert [each.verdict for each in run(*twice, known=[old])] == [Verdict.UNCHANGED, Verdict.NEW]
    assert run(stayed, known=[old])[0].verdict is Verdict.NEW
    stranger = replace(moved, canonical="own.example/notes/slug", former="x.substack.com/notes/slug")
    assert run(stranger, known=[old])[0].verdict is Verdict.NEW


def test_one_work_through_several_feeds_is_one_entry() -> None:
    """A video of a playlist and a channel, or a post of two feeds of one site, gets a second appearance (M4)."""
    for entry in (video(), post()):
        elsewhere = known_of(entry, guid=None)
        found = run(entry, known=[elsewhere], baseline=youtube())[0]
        assert (found.verdict, found.id, found.backlog) == (Verdict.UNCHANGED, elsewhere.id, "")


def test_repeated_key_counts_once() -> None:
    """A video that stands twice in a playlist is one entry, the first place counts."""
    found = run(video(1), video(2, key=video(1).key))

    assert [(each.verdict, each.reason) for each in found] == [(Verdict.NEW, ""), (Verdict.IGNORED, REPEATED)]


# ---------------------------------------------------------------- changed or not


def test_new_place_in_the_list_is_no_change() -> None:
    """A playlist that was put in another order creates and changes nothing (M2)."""
    entries = [video(n) for n in range(5)]
    shuffled = [video(n, position=4 - n) for n in range(5)]
    found = run(*shuffled, known=[known_of(each) for each in entries])

    assert {each.verdict for each in found} == {Verdict.UNCHANGED}


def test_entry_that_comes_back_is_the_same() -> None:
    """A premiere that vanished and returned is known, and what is absent is not spoken of (M15, M16)."""
    known = [known_of(video(1)), known_of(video(2))]

    assert run(known=known) == ()
    assert [each.verdict for each in run(video(2), known=known)] == [Verdict.UNCHANGED]


def test_fingerprint_tells_a_change() -> None:
    """Only what the fingerprint holds makes an update (M11)."""
    assert run(post(fingerprint="x"), known=[known_of(post())])[0].verdict is Verdict.CHANGED
    assert run(post(updated=IN_WINDOW), known=[known_of(post())])[0].verdict is Verdict.UNCHANGED


@pytest.mark.parametrize(
    ("version", "verdict"),
    [(1, Verdict.UNCHANGED), (2, Verdict.UNCHANGED), (3, Verdict.CHANGED), (None, Verdict.UNCHANGED)],
)
def test_new_version_is_a_change_and_an_old_one_is_not(version: int | None, verdict: Verdict) -> None:
    """v3 of a known paper is an update; a stale batch with v1 takes nothing back (M54, M63)."""
    entry = paper(version=version, fingerprint="same" if version in {2, None} else "other")

    assert run(entry, known=[known_of(paper(version=2, fingerprint="same"))])[0].verdict is verdict


def test_listing_does_not_undo_what_only_the_feed_knows() -> None:
    """A listing has no description: it says nothing about change, but a new title does (M24)."""
    known = [known_of(video())]
    listing = youtube(Door.LISTING, has_listing=True)

    assert run(video(fingerprint="no summary"), known=known, baseline=listing)[0].verdict is Verdict.UNCHANGED
    assert run(video(title="New", fingerprint="x"), known=known, baseline=listing)[0].verdict is Verdict.CHANGED


def test_placeholder_never_takes_the_place_of_a_title() -> None:
    """A private video keeps its title, an unknown one makes no entry, a real title comes back (M28)."""
    gone = video(title="[Private video]", placeholder="[Private video]", fingerprint="placeholder")
    known, unknown = run(gone, known=[known_of(video())])[0], run(gone)[0]

    assert (known.verdict, known.entry.title, known.entry.fingerprint) == (
        Verdict.UNCHANGED,
        "V1",
        video().fingerprint,
    )
    assert known.entry.placeholder == "[Private video]"
    assert (unknown.verdict, unknown.reason) == (Verdict.IGNORED, UNKNOWN_PLACEHOLDER)


# ---------------------------------------------------------------- arXiv


@pytest.mark.parametrize("announce_type", ["replace", "replace-cross"])
def test_replacement_of_an_unknown_paper_is_ignored(announce_type: str) -> None:
    """A new version of a paper that nobody here heard of does not become new (M58)."""
    found = run(paper(version=2, announce_type=announce_type))[0]

    assert (found.verdict, found.reason) == (Verdict.IGNORED, UNKNOWN_REVISION)


def test_replacement_of_a_known_paper_is_an_update_and_no_news() -> None:
    """It updates the paper, and its appearance in another feed does not promote it to news (M54, M58)."""
    batch = make_baseline(source=SourceName.ARXIV, is_day_batch=True)
    revised = paper(version=2, announce_type="replace-cross")
    elsewhere, here = known_of(paper(), guid=None, is_backlog=True), known_of(paper())

    assert [(e.verdict, e.backlog) for e in run(revised, known=[elsewhere], baseline=batch)] == [
        (Verdict.CHANGED, REVISION)
    ]
    assert [(e.verdict, e.backlog) for e in run(revised, known=[here], baseline=batch)] == [(Verdict.CHANGED, "")]


@pytest.mark.parametrize("announce_type", ["replace", "replace-cross"])
def test_replacement_that_was_asked_for_is_news_once(announce_type: str) -> None:
    """With `announce` a new version of an unknown paper is news; of a known one it never is (M54, M58)."""
    asked = make_baseline(source=SourceName.ARXIV, is_day_batch=True, revisions=(announce_type,))
    revised = paper(version=3, announce_type=announce_type)

    assert [(e.verdict, e.backlog) for e in run(revised, baseline=asked)] == [(Verdict.NEW, "")]
    backlog_elsewhere = known_of(paper(), guid=None, is_backlog=True)
    assert [e.backlog for e in run(revised, known=[backlog_elsewhere], baseline=asked)] == [REVISION]
    other = paper(2, version=2, announce_type="replace" if announce_type != "replace" else "replace-cross")
    assert [e.reason for e in run(other, baseline=asked)] == [UNKNOWN_REVISION]


def test_day_batch_is_never_backlog() -> None:
    """A category's document is the day's batch, at the first look, too; new and cross are news (M58)."""
    batch = make_baseline(source=SourceName.ARXIV, is_first=True, is_day_batch=True)
    entries = paper(1, published=BEFORE), paper(2, announce_type="cross", published=None)

    assert backlog(*entries, baseline=batch) == ["", ""]


def test_announce_type_is_this_feeds() -> None:
    """One paper is `cross` here and `new` there; each appearance keeps its own (M59)."""
    found = run(paper(announce_type="cross"), known=[known_of(paper(), guid=None)])[0]

    assert (found.verdict, found.entry.announce_type) == (Verdict.UNCHANGED, "cross")


# ---------------------------------------------------------------- the first look


def test_first_look_announces_the_open_window_only() -> None:
    """What was published before the open window is backlog; what is undated as well (M5, amended by the design)."""
    entries = post(1, published=WEEK_START), post(2, published=BEFORE), post(3, published=None)

    assert backlog(*entries, baseline=make_baseline(is_first=True)) == ["", OLDER, UNDATED]


def test_ten_known_lectures_are_backlog() -> None:
    """The playlist as it was before we came is imported, never announced (M5)."""
    entries = [video(n, published=datetime(2022, 8, 16, tzinfo=UTC) + n * DAY) for n in range(10)]

    assert set(backlog(*entries, baseline=youtube(is_first=True))) == {OLDER}


def test_first_listing_is_backlog() -> None:
    """What the first complete listing holds beyond the feed is backlog, too."""
    entries = [video(n, published=None) for n in range(3)]
    found = run(*entries, known=[known_of(entries[0])], baseline=youtube(Door.LISTING, is_first=True))

    assert [(each.verdict, each.backlog) for each in found] == [
        (Verdict.UNCHANGED, ""),
        (Verdict.NEW, LISTED),
        (Verdict.NEW, LISTED),
    ]


@pytest.mark.parametrize(
    ("policy", "news"),
    [
        (None, [1]),
        (0, [1]),
        (2, [1, 2, 4]),
        (4, [1, 2, 3, 4, 5]),
        (99, [1, 2, 3, 4, 5, 6]),
        ("all", [1, 2, 3, 4, 5, 6]),
        (date(2026, 11, 21), [1, 2, 4]),
        (date(2030, 1, 1), [1]),
    ],
)
def test_backlog_policy(policy: Any, news: list[int]) -> None:
    """`backlog = N` adds the N newest by date and then in order, a date what is not older, "all" everything."""
    dates = (
        IN_WINDOW,
        datetime(2026, 11, 22, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 11, 21, tzinfo=UTC),
    )
    entries = [post(n, published=day) for n, day in enumerate((*dates, None, None), start=1)]
    found = run(*entries, baseline=make_baseline(is_first=True, policy=policy))

    assert [each.entry.position for each in found if not each.backlog] == news


def test_backlog_policy_is_read_at_the_first_look_only() -> None:
    """Later polls of YouTube's window go by M10 whatever the policy says."""
    baseline = youtube(policy="all", oldest=IN_WINDOW)

    assert backlog(video(published=BEFORE), baseline=baseline) == [OLDER_THAN_KNOWN]


def test_two_doors_announce_n_once() -> None:
    """What the feed has made news counts when the listing is first read."""
    entries = [video(n, published=None) for n in range(6)]
    told = [known_of(entries[0]), known_of(entries[1]), known_of(entries[2], is_backlog=True)]
    found = run(*entries, known=told, baseline=youtube(Door.LISTING, is_first=True, policy=3))

    assert [each.entry.position for each in found if not each.backlog] == [0, 1, 3]


def test_feeds_first_look_promotes_what_a_listing_took_for_backlog() -> None:
    """A listing has no dates; whichever door answers first, the open window's entries are news."""
    entries = video(1, published=IN_WINDOW), video(2, published=BEFORE)
    known = [known_of(each, is_backlog=True) for each in entries]

    assert backlog(*entries, known=known, baseline=youtube(is_first=True, has_listing=True)) == ["", KNOWN]
    assert backlog(*entries, known=known, baseline=youtube(has_listing=True)) == [KNOWN, KNOWN]


# ---------------------------------------------------------------- later looks


def test_older_video_slides_into_the_window() -> None:
    """When an entry leaves, an older sixteenth appears: backlog, unless a complete listing knows better (M10)."""
    old, new = video(1, published=BEFORE), video(2, published=IN_WINDOW + DAY)

    assert backlog(old, new, baseline=youtube(oldest=IN_WINDOW)) == [OLDER_THAN_KNOWN, ""]
    assert backlog(old, new, baseline=youtube(oldest=IN_WINDOW, has_listing=True)) == ["", ""]


@pytest.mark.parametrize("source", [SourceName.WEB, SourceName.SUBSTACK, SourceName.ARXIV])
def test_backdated_post_is_news(source: SourceName) -> None:
    """Elsewhere the date of a new entry does not matter: first seen decides (M10, M91)."""
    baseline = make_baseline(source=source, oldest=IN_WINDOW)

    assert backlog(post(1, published=BEFORE), post(2, published=None), baseline=baseline) == ["", ""]


def test_new_in_a_complete_listing_is_news_anywhere() -> None:
    """A playlist's owner may add an old video in the middle: absent from the last listing is new."""
    known = [known_of(video(1)), known_of(video(3))]
    baseline = youtube(Door.LISTING, has_listing=True, oldest=IN_WINDOW)

    assert backlog(video(1), video(2, published=None), video(3), known=known, baseline=baseline) == ["", "", ""]


def test_place_decides_in_a_channels_listing() -> None:
    """In a newest page without dates, above anything known is news, below everything known is backlog."""
    entries = [video(n, published=None) for n in range(4)]
    baseline = youtube(Door.LISTING)

    assert backlog(*entries, known=[known_of(entries[2])], baseline=baseline) == ["", "", "", BELOW]
    assert backlog(*entries, known=[known_of(entries[2], guid=None)], baseline=baseline) == ["", "", "", ""]


def test_known_backlog_becomes_news_through_another_feed_only() -> None:
    """An appearance keeps what it is; a new one elsewhere is judged by that feed."""
    here, elsewhere = known_of(post(), is_backlog=True), known_of(post(), is_backlog=True, guid=None)

    assert backlog(post(), known=[here]) == [KNOWN]
    assert backlog(post(), known=[elsewhere]) == [""]
    assert backlog(post(published=BEFORE), known=[elsewhere], baseline=make_baseline(is_first=True)) == [OLDER]
