"""What is shown, what is not, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.digest_weeks import SUBSCRIPTIONS, paper, post, video
from tests.factories import make_appearance, make_subscription
from tracker.digest.filters import judge
from tracker.digest.rank import rank
from tracker.digest.select import NO_ROOM, NO_TIME, NO_TITLE, select
from tracker.digest.values import FOR_ROOM, Lengths, Selection
from tracker.models import Kind, StoredEntry, Subscription

BY_ID = {each.id: each for each in SUBSCRIPTIONS}


def chosen(entries: Sequence[StoredEntry], *, papers: int = 5, **fields: Any) -> Selection:
    return select(rank(entries), subscriptions=BY_ID, papers=papers, **fields)


def shown(selection: Selection) -> list[str]:
    return [each.entry.title for each in selection.shown]


def why_not(entry: StoredEntry, **fields: Any) -> str:
    """Ask one subscription about one entry."""
    feed = entry.appearances[0].feed
    return judge(entry, {feed: replace(BY_ID[feed], **fields)}).reason


def test_the_newest_papers_of_each_feed_are_shown() -> None:
    """Two feeds show their newest two; a paper in both counts in both and is shown once."""
    entries = [
        paper("2611.1", "both", day="29 05:00", feeds=("papers", "scaling-laws")),
        paper("2611.2", "second", day="28 05:00"),
        paper("2611.3", "third", day="27 05:00"),
        paper("2611.4", "law", day="26 05:00", feeds=("scaling-laws",)),
        paper("2611.5", "old law", day="25 05:00", feeds=("scaling-laws",)),
    ]
    selection = chosen(entries, papers=2)
    assert shown(selection) == ["both", "second", "law"]
    assert [(each.ranked.entry.title, each.reason) for each in selection.cut] == [
        ("third", "not among the first 2 papers"),
        ("old law", "not among the first 2 papers"),
    ]


def test_every_feed_keeps_a_place_before_any_gets_a_second() -> None:
    """A monthly letter is not drowned by a feed with a post every hour."""
    many = [
        post(f"weeknight.example/{each}", f"post {each}", day=f"24 {each:02}:00", feed="weeknight")
        for each in range(24)
    ]
    rare = post("gradient-notes.example/p/1", "letter", day="23 08:00", feed="gradient-notes")
    assert shown(chosen([*many, rare], places=1)) == ["letter"]
    assert [(each.entry.title, each.form) for each in chosen([*many, rare], places=4).shown] == [
        ("post 23", "full"),
        ("letter", "full"),
    ]


def test_a_paper_needs_a_place_in_one_of_its_feeds_only() -> None:
    """Third in the large feed, first in the small one: shown."""
    entries = [paper(f"2611.{each}", f"new {each}", day=f"{29 - each} 05:00") for each in range(2)]
    entries.append(paper("2611.9", "law", day="24 05:00", feeds=("papers", "scaling-laws")))
    assert shown(chosen(entries, papers=2)) == ["new 0", "new 1", "law"]


def test_the_feed_with_the_fewest_entries_comes_first() -> None:
    """Not the first by name, nor the one with the newest entry."""
    many = [post(f"c.example/{each}", f"post {each}", day=f"25 0{each}:00", feed="craftsperson") for each in range(9)]
    rare = post("weeknight.example/1", "rare", day="23 08:00", feed="weeknight")
    assert shown(chosen([*many, rare], places=1)) == ["rare"]


def test_a_narrow_page_gives_titles_before_sentences() -> None:
    """With a place for each feed and no more, entries are named by title."""
    entries = [post(f"{feed}.example/1", feed, day="24 08:00", feed=feed) for feed in ("weeknight", "loss-curves")]
    assert {each.form for each in chosen(entries, places=2).shown} == {"title"}
    assert {each.form for each in chosen(entries, places=4).shown} == {"full"}


def test_places_go_round() -> None:
    """Beyond the first, feeds take turns, newest first; the rest has no room."""
    entries = [
        post(f"{feed}.example/{each}", f"{feed} {each}", day=f"24 0{each}:00", feed=feed)
        for feed in ("weeknight", "loss-curves")
        for each in range(4)
    ]
    selection = chosen(entries, places=6)
    assert sorted(shown(selection)) == ["loss-curves 2", "loss-curves 3", "weeknight 2", "weeknight 3"]
    assert {each.reason for each in selection.cut} == {NO_ROOM}


def test_a_lecture_that_is_offered_is_not_shown_as_news_too() -> None:
    """New in its course: one row as news, shown there."""
    lecture = video("l8pRSuU81PU", "Let's reproduce GPT-2 (124M)", day="24 08:00", feeds=("zero-to-hero",))
    selection = chosen([lecture], lectures={lecture.id})
    assert shown(selection) == []
    assert [each.entry for each in selection.lectures] == [lecture]


def test_filters_leave_out_with_their_reason() -> None:
    """match, exclude, the kinds of video, members only and what cannot be watched."""
    plain = video("AAAAAAAAAA0", "CS229 Lecture", day="24 08:00", feeds=("stanford-online",))
    assert why_not(plain) == ""
    assert why_not(replace(plain, title="Leadership")) == 'match: the title is without "CS229|Language Model"'
    assert why_not(plain, exclude="lecture") == 'exclude: the title has "lecture"'
    assert why_not(replace(plain, extra={"short": True})) == "videos: Shorts are left out"
    assert (
        why_not(replace(plain, extra={"live_status": "is_upcoming"}), videos=("long",))
        == "videos: live streams are left out"
    )
    assert why_not(replace(plain, availability="deleted")) == "cannot be watched: deleted"


def test_members_only_videos_are_stored_and_not_shown() -> None:
    """The flag of the listing leaves them out; None means visible (M25, M26)."""
    entry = video("AAAAAAAAAA0", "CS229 Lecture", day="24 08:00", feeds=("stanford-online",))
    assert why_not(replace(entry, extra={"availability": "subscriber_only"})) == "members only"
    assert why_not(replace(entry, extra={"availability": "public"})) == ""


def test_members_may_have_their_videos_shown() -> None:
    """`members_only` shows what is for members, and nothing else that cannot be watched (M26)."""
    entry = video("AAAAAAAAAA0", "CS229 Lecture", day="24 08:00", feeds=("stanford-online",))
    assert why_not(replace(entry, extra={"availability": "subscriber_only"}), members_only=True) == ""
    assert why_not(replace(entry, extra={"availability": "premium_only"}), members_only=True) == ""
    assert why_not(replace(entry, availability="private"), members_only=True) == "cannot be watched: private"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(600, "10 minutes"), (60, "1 minute"), (90, "90 seconds"), (7200, "2 hours"), (1.5, "1.5 seconds")],
)
def test_what_is_known_to_be_short_is_left_out(seconds: float, said: str) -> None:
    """Under `min_duration` a video is not shown, with the bound as it was meant; at it, or of unknown length, it is."""
    entry = video("AAAAAAAAAA0", "CS229 Lecture", day="24 08:00", feeds=("stanford-online",))
    assert why_not(replace(entry, duration=int(seconds - 0.5)), min_duration=seconds) == f"shorter than {said}"
    assert why_not(replace(entry, duration=int(seconds + 0.5)), min_duration=seconds) == ""
    assert why_not(replace(entry, duration=None), min_duration=seconds) == ""


def test_one_subscription_that_lets_through_is_enough() -> None:
    """A video filtered in one feed and followed in another is shown, as from the other."""
    entry = video("AAAAAAAAAA0", "Leadership", day="24 08:00", feeds=("stanford-online", "karpathy"))
    assert judge(entry, BY_ID).feeds == ("karpathy",)


def test_a_former_subscription_shows_nothing() -> None:
    """Unsubscribed before the close."""
    entry = post("gone.example/1", "x", day="24 08:00", feed="gone")
    assert judge(entry, BY_ID).reason == "unsubscribed"


def test_a_feed_that_only_holds_an_entry_as_backlog_does_not_speak_for_it() -> None:
    """Backlog in a former feed, news in none: nothing lets it through."""
    entry = post("weeknight.example/1", "x", day="24 08:00", feed="weeknight", backlog="there before")
    assert judge(entry, BY_ID).reason == "unsubscribed"


def test_what_matched_is_named_in_the_titles_own_words() -> None:
    """The reason quotes the title, not the pattern."""
    entry = video("AAAAAAAAAA0", "On language models", day="24 08:00", feeds=("stanford-online",))
    assert judge(entry, BY_ID).matched == "language model"


FEEDS = [
    make_subscription(id=f"feed-{each}", url=f"https://{each}.example", match="" if each else "keep")
    for each in range(4)
]


@st.composite
def entries(draw: st.DrawFn) -> list[StoredEntry]:
    """Draw a week of entries in several feeds."""
    made = []
    for number in range(draw(st.integers(0, 25))):
        feeds = draw(
            st.lists(st.sampled_from([*(each.id for each in FEEDS), "gone"]), min_size=1, max_size=3, unique=True)
        )
        kind = draw(st.sampled_from([video, paper]))
        title = draw(st.sampled_from(["keep", "drop"]))
        made.append(kind(f"key-{number}", title, day=f"{draw(st.integers(23, 29))} 08:00", feeds=feeds, id=number))
    return made


@settings(deadline=None)  # a busy machine is no failure
@given(entries(), st.integers(0, 6), st.none() | st.integers(0, 40), st.sets(st.integers(0, 25)))
def test_everything_that_arrived_is_in_one_place(
    arrived: list[StoredEntry], papers: int, places: int | None, lectures: set[int]
) -> None:
    """Shown + lectures + cut = arrived, each once; a cut has a reason; more places never show less."""
    subscriptions: dict[str, Subscription] = {each.id: each for each in FEEDS}
    ranked = rank(arrived)

    def go(places: int | None) -> Selection:
        return select(ranked, subscriptions=subscriptions, papers=papers, lectures=lectures, places=places)

    selection = go(places)
    ids = Counter(
        [
            *(each.entry.id for each in (*selection.shown, *selection.lectures)),
            *(each.ranked.entry.id for each in selection.cut),
        ]
    )
    assert ids == Counter(each.id for each in arrived)
    assert all(each.reason for each in selection.cut)
    whole = go(None)
    assert {each.entry.id for each in selection.shown} <= {each.entry.id for each in whole.shown}
    assert go(whole.places) == whole
    through = {feed for each in whole.shown for feed in each.feeds}
    assert through <= subscriptions.keys()
    assert all(each.entry.kind is not Kind.PAPER for each in whole.shown) or papers


def announced(announce_type: str, *, primary: str = "", **fields: Any) -> StoredEntry:
    """Be a paper as the category feed announced it."""
    extra = {"primary": primary} if primary else {}
    entry = paper("2611.90214", "A paper", day="24 05:00", extra=extra, **fields)
    return replace(entry, appearances=tuple(replace(each, announce_type=announce_type) for each in entry.appearances))


@pytest.mark.parametrize(
    ("announce_type", "announce", "reason"),
    [
        ("new", ("new",), ""),
        ("cross", ("new", "cross"), ""),
        ("cross", ("new",), "announce: cross-lists are left out"),
        ("new", ("cross",), "announce: new papers are left out"),
        ("replace", ("new", "replace"), ""),
        ("replace", ("new", "replace-cross"), "announce: new versions are left out"),
        ("retitled", ("new",), ""),
    ],
)
def test_announcements_are_chosen_by_type(announce_type: str, announce: tuple[str, ...], reason: str) -> None:
    """M58, M59: what `announce` does not name is left out with the reason; a type that nobody knows is shown."""
    assert why_not(announced(announce_type), announce=announce) == reason


@pytest.mark.parametrize(
    ("primary", "reason"),
    [("cs.CL", ""), ("cs.cl", ""), ("stat.ML", ""), ("", ""), ("cs.CV", "announce: cross-lists are left out")],
)
def test_what_the_api_brought_is_told_by_its_first_category(primary: str, reason: str) -> None:
    """M51: a batch fetched afterwards names no type: new is what begins with a category that is asked for."""
    assert why_not(announced("", primary=primary), announce=("new",), categories=("cs.CL", "stat")) == reason


def test_a_query_knows_no_announcements() -> None:
    """What another feed lets through is shown, whatever the category feed leaves out."""
    entry = announced("cross", feeds=("papers", "scaling-laws"))
    verdict = judge(entry, {**BY_ID, "papers": replace(BY_ID["papers"], announce=("new",))})

    assert verdict.feeds == ("scaling-laws",)


def test_a_feed_may_have_a_bound() -> None:
    """`most` cuts the rest with the reason; an entry that another feed has room for is shown."""
    entries = [
        post(f"weeknight.example/{each}", str(each), day=f"24 0{each}:00", feed="weeknight") for each in range(5)
    ]
    both = replace(entries[0], appearances=(*entries[0].appearances, make_appearance(feed="loss-curves")))
    subscriptions = {**BY_ID, "weeknight": replace(BY_ID["weeknight"], most=2)}
    selection = select(rank([both, *entries[1:]]), subscriptions=subscriptions, papers=5)
    assert shown(selection) == ["4", "3", "0"]
    assert {each.reason for each in selection.cut} == {"most: 2 of this feed are shown"}


def test_what_no_longer_fits_into_the_minutes_is_cut() -> None:
    """Each feed's best always stays; of the rest what is too long is left out, and what is shorter is still shown."""
    best = video("AAAAAAAAA8", "best", day="26 08:00", feeds=("karpathy",), duration=600)
    long, short = (
        video(f"AAAAAAAAA{each}", f"talk {each}", day=f"2{5 - each} 08:00", feeds=("karpathy",), duration=length)
        for each, length in enumerate((7200, 1800))
    )
    rare = post("losscurves.example/1", "letter", day="23 08:00", feed="loss-curves", words=2300)
    unknown = video("AAAAAAAAA9", "unknown", day="23 08:00", feeds=("karpathy",))
    week = (best, long, short, rare, unknown)
    assert shown(chosen(week, lengths=Lengths(minutes=50))) == ["best", "talk 1", "letter", "unknown"]
    assert shown(chosen(week, lengths=Lengths(minutes=45))) == ["best", "letter", "unknown"]
    assert shown(chosen(week, lengths=Lengths(minutes=170))) == ["best", "talk 0", "talk 1", "letter", "unknown"]
    assert shown(chosen(week, lengths=Lengths(minutes=-5))) == ["best", "letter", "unknown"]
    assert {each.reason for each in chosen(week, lengths=Lengths(minutes=50)).cut} == {NO_TIME}


def test_what_the_minutes_cut_takes_no_place_of_its_feed() -> None:
    """`most` counts what is shown: behind a talk that is too long comes the next, and the reason is true."""
    week = [
        video(f"AAAAAAAAA{each}", f"talk {each}", day=f"2{8 - each} 08:00", feeds=("karpathy",), duration=length)
        for each, length in enumerate((600, 10_800, 600, 600))
    ]
    subscriptions = {**BY_ID, "karpathy": replace(BY_ID["karpathy"], most=2)}
    selection = select(rank(week), subscriptions=subscriptions, papers=5, lengths=Lengths(minutes=60))
    assert shown(selection) == ["talk 0", "talk 2"]
    assert [(each.ranked.entry.title, each.reason) for each in selection.cut] == [
        ("talk 1", NO_TIME),
        ("talk 3", "most: 2 of this feed are shown"),
    ]


def test_the_only_entry_of_a_feed_is_shown_however_long() -> None:
    """A monthly letter of three hours stays, and with `most = 1` a feed shows its best."""
    letter = post("losscurves.example/1", "letter", day="23 08:00", feed="loss-curves", words=40_000)
    talks = [
        video(f"AAAAAAAAA{each}", f"talk {each}", day=f"2{8 - each} 08:00", feeds=("karpathy",), duration=length)
        for each, length in enumerate((10_800, 600))
    ]
    subscriptions = {**BY_ID, "karpathy": replace(BY_ID["karpathy"], most=1)}
    selection = select(rank([letter, *talks]), subscriptions=subscriptions, papers=5, lengths=Lengths(minutes=60))
    assert sorted(shown(selection)) == ["letter", "talk 0"]
    assert [each.reason for each in selection.cut] == ["most: 1 of this feed are shown"]


@pytest.mark.parametrize(
    ("titles", "sections", "reasons"),
    [
        (2, {"1": "top", "2": "titles", "3": "titles"}, [NO_TITLE, NO_TITLE, "not among the first 3 papers"]),
        (1, {"1": "top", "2": "titles"}, [NO_TIME, NO_TITLE, *["not among the first 3 papers"] * 2]),
        (0, {"1": "top"}, [NO_TIME, NO_TIME, *["not among the first 3 papers"] * 3]),
    ],
)
def test_a_paper_without_time_stands_by_title(titles: int, sections: dict[str, str], reasons: list[str]) -> None:
    """It comes before weaker papers, which are counted in its place; without a title it is counted itself."""
    week = [paper(f"2611.{each}", str(each), day=f"{29 - each} 05:00", summary="Word " * 230) for each in range(1, 7)]
    selection = chosen(week, papers=3, lengths=Lengths(is_divided=True, titles=titles, minutes=0.1))
    assert {each.entry.title: each.section for each in selection.shown} == sections
    assert [each.reason for each in selection.cut] == reasons


def test_what_was_cut_for_want_of_room_may_be_looked_at_again() -> None:
    """Each reason that says nothing against an entry is known as one, however the sentence goes on (rule 7)."""
    assert [each for each in (NO_ROOM, NO_TIME, NO_TITLE) if not each.startswith(FOR_ROOM)] == []
