"""What a page says, before it is text."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.digest_weeks import (
    SETTINGS,
    SUBSCRIPTIONS,
    WEEK,
    a_full_week,
    at,
    course,
    feeds,
    lectures,
    material,
    new_version,
    page,
    paper,
    polls,
    post,
    some_papers,
    video,
)
from tests.factories import make_feed, make_mark, make_poll, make_subscription
from tracker.digest.composition import Composition, Item
from tracker.digest.page import BYTES, LINES, fits
from tracker.digest.values import Look
from tracker.models import Kind, Outcome, RankingSettings, Role, StoredEntry


def composed(**fields: Any) -> Composition:
    return page(material(**fields)).composition


def items(composition: Composition) -> dict[str, Item]:
    return {item.title: item for section in composition.sections for item in section.items}


def test_the_numbers_of_a_week_add_up() -> None:
    """Full + by title + as a lecture + not shown = arrived, for each kind."""
    counts = {each.kind: each for each in composed(entries=a_full_week()).counts}
    assert {kind: (each.arrived, each.full, each.not_shown) for kind, each in counts.items()} == {
        Kind.VIDEO: (14, 1, 13),
        Kind.PAPER: (1304, 5, 1299),
        Kind.POST: (4, 4, 0),
    }


def test_sections_come_in_one_order_and_none_is_empty() -> None:
    """Watch, read, papers; only what has entries."""
    assert [each.name for each in composed(entries=a_full_week()).sections] == ["watch", "read", "papers"]
    assert composed().sections == ()


def test_the_week_is_read_in_its_order_previews_last() -> None:
    """Posts in order of their day; what is paid comes last."""
    read = composed(entries=a_full_week()).sections[1]
    assert [item.title for item in read.items] == [
        "How many tokens does a small model want?",
        "What an evaluation is allowed to tell you",
        "A tokenizer in an afternoon",
        "The price of a reward model",
    ]


def test_a_paid_post_counts_no_minutes() -> None:
    """A mere preview says so and adds nothing to the time (M44)."""
    paid = post("a.example/1", "x", day="24 09:00", feed="weeknight", paywalled=True, words=2300)
    made = composed(entries=(paid,), courses=())
    assert (made.minutes, made.is_exact) == (0, True)
    assert items(made)["x"].paywalled


def test_an_episodes_notes_are_not_its_length() -> None:
    """The words beside a podcast's episode count no minutes: its time is not known, so the page says "at least"."""
    made = page(
        material(
            entries=[
                post(
                    "a.example/1", "Episode", day="24 08:00", feed="gradient-notes", words=460, extra={"podcast": True}
                )
            ],
            courses=(),
        )
    )
    assert (made.composition.minutes, made.composition.is_exact) == (0, False)


def test_an_unknown_length_makes_the_time_a_lower_bound() -> None:
    """A video without a duration is not guessed (M27)."""
    made = composed(entries=(video("AAAAAAAAAA0", "x", day="24 09:00", feeds=("karpathy",)),))
    assert (made.minutes, made.is_exact) == (75, False)


def test_reasons_stand_only_where_something_was_left_out() -> None:
    """A feed that is shown whole needs none; a filtered one says out of how many, and what matched (rule 6)."""
    made = items(composed(entries=a_full_week()))
    assert made["A tokenizer in an afternoon"].reasons == ()
    guest = made["Stanford CS229 Guest Lecture: Post-Training Language Models in Practice"]
    assert guest.reasons == ("one of 14 new videos there", 'the title matches "CS229"')


def test_a_reason_that_all_share_is_said_once() -> None:
    """Five papers of 1,304 do not say five times why."""
    plain = RankingSettings(prior=False)
    papers = composed(entries=some_papers(1304), ranking=plain).sections[0]
    assert papers.reason == "the five newest of 1,304 in arXiv cs.CL, cs.LG and cs.AI"
    assert {item.reasons for item in papers.items} == {()}


def test_a_paper_of_which_something_is_to_be_said_says_it_itself() -> None:
    """What stands out stands on its line; what is true of the others stands above them, once (rule 6)."""
    papers = composed(entries=some_papers(40)).sections[0]
    assert papers.reason == "the five of 40 in arXiv cs.CL, cs.LG and cs.AI most like what editors pick"
    assert [item.reasons for item in papers.items] == [("143 authors", "technical report"), (), (), (), ()]


def test_papers_of_several_feeds_say_the_reason_of_each_feed_once() -> None:
    """Five of 20 and five of 10 are two reasons above the section, none on a line; one feed alone is not named."""
    queried = [
        paper(f"2611.{20000 + each}", f"Queried {each}", day="24 05:00", feeds=("scaling-laws",)) for each in range(10)
    ]
    plain = RankingSettings(prior=False)
    (section,) = composed(entries=(*some_papers(25)[5:], *queried), courses=(), ranking=plain).sections
    assert section.reason == (
        "the five newest of 20 in arXiv cs.CL, cs.LG and cs.AI, the five newest of ten in Scaling laws"
    )
    assert {item.reasons for item in section.items} == {()}
    (alone,) = composed(entries=queried, courses=(), ranking=plain).sections
    assert alone.reason == "the five newest of ten"


def test_a_paper_without_an_abstract_asks_no_minutes() -> None:
    """Only an unknown length of something shown makes the time a lower bound."""
    assert composed(entries=some_papers(20)[5:], courses=()).is_exact


def test_a_new_lecture_is_news_once_and_counted_once() -> None:
    """Offered by its course in the week it came, it stands there only."""
    lecture = replace(lectures()[2], appearances=(replace(lectures()[2].appearances[0], backlog=""),))
    made = page(material(entries=(lecture,)))
    assert made.composition.sections == ()
    assert made.composition.counts[0].as_lecture == 1
    assert sorted((place.role, place.section, place.is_shown) for place in made.placed) == [
        (Role.COURSE, "course", True),
        (Role.NEWS, "course", True),
    ]
    assert made.text.count("TCH_1BHY58I") == 1


def test_a_lecture_of_another_channel_keeps_its_credit_as_news() -> None:
    """An entry of the playlist that another channel made is credited to it (M3)."""
    other = video(
        "bZQun8Y4L2A", "State of GPT", day="24 09:00", feeds=("zero-to-hero",), authors=("Microsoft Developer",)
    )
    assert items(composed(entries=(other,)))["State of GPT"].who == ("Microsoft Developer",)


def test_one_work_in_two_feeds_names_the_other() -> None:
    """Shown once, "also in" (M4)."""
    both = paper("2611.1", "x", day="24 05:00", feeds=("papers", "scaling-laws"))
    assert items(composed(entries=(both,)))["x"].also_in == ("Scaling laws",)


def test_a_followed_move_is_told_once() -> None:
    """In the issue in whose span it began, not in the next."""
    states = feeds(weeknight={"moved_to": "https://weeknight-ml.example/new", "moved_since": at("24 09:00")})
    assert [each.kind for each in composed(feeds=states).notes] == ["moved"]
    later = replace(WEEK, start=WEEK.end, end=WEEK.end.replace(day=7, month=12))
    asked = polls(until=later.end)
    made = page(material(feeds=states, window=later, polls=asked), later).composition
    assert [each.kind for each in made.notes] == []


def test_youtube_being_away_is_one_line_however_often() -> None:
    """Seven outages of one host are one line with their number (M20)."""

    def daily(poll: Any) -> str:
        return "HTTP 404" if poll.host == "youtube.com" and 1 <= poll.at.hour < 5 else ""

    notes = composed(polls=polls(fails=daily, hours=1)).notes
    assert [(each.kind, each.host, each.times) for each in notes] == [("outage", "youtube.com", 7)]


def test_every_feed_that_the_first_paragraph_counts_as_silent_is_named_at_the_end() -> None:
    """One failure is no state yet, but whoever did not answer is named with the last error, one line for one reason."""
    errors = {
        "gradient-notes": "HTTP 503",
        "weeknight": "no answer",
        "craftsperson": "no answer",
        "karpathy": "HTTP 404",
    }
    asked = polls(since=WEEK.end - timedelta(hours=3), fails=lambda poll: errors.get(poll.feed, ""))
    made = composed(courses=(), polls=asked)
    silent = {each.evidence: each.names for each in made.notes if each.kind == "silent"}
    assert silent == {
        "HTTP 503": ("Gradient Notes",),
        "no answer": ("Weeknight ML", "Software Craftsperson"),
        "HTTP 404": ("Andrej Karpathy",),
    }
    assert {name for names in silent.values() for name in names} == set(made.asked.silent)


def test_lines_about_feeds_beyond_the_twelfth_are_counted() -> None:
    """A page in which almost everything fails, each differently, stays short, and says so."""
    subscriptions = tuple(
        make_subscription(id=f"blog{number}", url=f"https://blog{number}.example/feed", title=f"Blog {number}")
        for number in range(16)
    )
    asked = tuple(
        make_poll(feed=each.id, at=WEEK.end - timedelta(hours=1), host=f"{each.id}.example", **failed(each.id))
        for each in subscriptions[1:]
    )
    asked += (make_poll(feed="blog0", at=WEEK.end - timedelta(hours=1), host="blog0.example"),)
    states = {each.id: make_feed(id=each.id, title=each.title) for each in subscriptions}
    made = page(material(subscriptions=subscriptions, feeds=states, polls=asked, courses=()))
    assert (len(made.composition.notes), made.composition.more_notes) == (12, 3)
    assert "- Three more lines of this kind are left out: `tracker feeds` shows every feed." in made.text


def failed(reason: str) -> dict[str, Any]:
    return {"outcome": Outcome.FAILED, "error": f"no answer from {reason}", "stage": "fetch", "status": None}


def test_missed_arxiv_days_are_named_once() -> None:
    """A day without any answer is lost from the feed; the day before the span was read then (M51)."""

    def down(poll: Any) -> str:
        return "no answer" if poll.feed == "papers" and at("25 04:00") < poll.at < at("26 06:00") else ""

    (note,) = (each for each in composed(polls=polls(fails=down, hours=2)).notes if each.kind == "missed")
    assert [f"{day:%d}" for day in note.days] == ["25"]


def test_a_paused_course_waits_silently() -> None:
    """Without its state the page has no course."""
    assert composed(courses=()).courses == ()


@pytest.mark.parametrize("done", [0, 4])
def test_a_course_says_how_far_the_reader_is(done: int) -> None:
    """Ticked lectures are counted; without a tick, what closed issues have offered."""
    marks = {entry.key: make_mark(entry.key) for entry in lectures()[:done]}
    (made,) = composed(courses=(course(offered=0),), marks=marks).courses
    assert made.done == (done or None)
    assert made.seconds_left == sum(entry.duration or 0 for entry in lectures()[done:])


@pytest.mark.parametrize(
    ("offered", "line"),
    [
        (0, "ten lectures, one an issue · 19 h 21 min to go"),
        (2, "2 of 10 offered so far, one an issue · 14 h 57 min to go"),
    ],
)
def test_a_course_without_ticks_counts_what_was_offered(offered: int, line: str) -> None:
    """Marks are not read back yet: the page does not speak of ticking."""
    assert f"**Neural Networks: Zero to Hero** · {line}\n" in page(material(courses=(course(offered=offered),))).text


def test_a_hidden_lecture_leaves_the_next_its_number() -> None:
    """The number on the page is the place in the playlist; the line counts what can be watched, the time what waits."""
    hidden = make_mark(lectures()[1].key, done=False, hidden=True, at=at("10 08:00"))
    (offered,) = composed(courses=(course(offered=1),), marks={hidden.key: hidden}).courses
    assert [(each.lecture, each.lectures) for each in offered.lectures] == [(3, 10)]
    assert offered.seconds_left == sum(each.duration or 0 for each in lectures()[2:])


def test_a_paper_without_a_sentence_asks_no_minutes() -> None:
    """It stands there by its title; of the other the whole abstract counts."""
    told = paper("2611.1", "A", day="26 05:00", summary="We propose a new method that works for agents. " * 50)
    bare = paper("2611.2", "B", day="26 05:00", summary="Why is that so and who knows it? " * 100)
    assert items(composed(entries=(told, bare)))["B"].sentence == ""
    assert [composed(entries=each, courses=()).minutes for each in ((told,), (bare,), (told, bare))] == [2, 0, 2]


def test_a_page_has_room_for_the_papers_that_were_asked_for() -> None:
    """Fifty papers make a longer page; bounds that the reader sets hold all the same."""
    many = [
        paper(f"2611.{each:05}", f"A paper with number {each}", day="26 05:00", summary="We test. " * 20)
        for each in range(90)
    ]
    asked = replace(SETTINGS, papers=50)
    assert page(material(entries=many, settings=asked)).text.count("arxiv.org/abs/") == 50
    short = page(material(entries=many, settings=replace(asked, lines=60, bytes=12_000))).text
    assert 5 < short.count("arxiv.org/abs/") < 50
    assert short.count("\n") <= 60


@settings(deadline=None)  # a busy machine is no failure
@given(st.integers(0, 70), st.integers(0, 70), st.integers(0, 60), st.integers(0, 180), st.sampled_from([10, 30]))
def test_the_page_stays_within_its_bounds(posts: int, videos: int, papers: int, length: int, most: int) -> None:
    """At most 80 lines and 10 kB, more for more papers than ten, whatever the week; a feed with one post keeps its place."""
    arrived: list[StoredEntry] = [
        post(
            f"a.example/{each}", f"Post {each} " + "x" * length, day="24 09:00", feed="weeknight", summary="s" * length
        )
        for each in range(posts)
    ]
    arrived += [video(f"v{each}", f"Video {each}", day="25 09:00", feeds=("karpathy",)) for each in range(videos)]
    arrived += [paper(f"2611.{each}", f"Paper {each}", day="26 05:00") for each in range(papers)]
    arrived.append(post("gradient-notes.example/1", "The letter", day="23 09:00", feed="gradient-notes"))
    made = page(material(entries=arrived, settings=replace(SETTINGS, papers=most)))
    lines, size = (LINES, BYTES) if most == 10 else (LINES + 60, BYTES + 14_000)
    assert fits(made.text, lines, size)
    assert made.text.count("\n") <= lines
    assert len(made.text.encode()) <= size
    assert "[The letter]" in made.text
    assert sum(place.role is Role.NEWS for place in made.placed) == len(arrived)
    shown = sum(place.is_shown and place.role is Role.NEWS for place in made.placed)
    assert made.text.count("\n- [ ] ") == shown + 1  # and the lecture


def test_the_sample_titles_are_all_known() -> None:
    """Every feed has a title of the reader's."""
    assert all(each.title for each in SUBSCRIPTIONS)


# ---------------------------------------------------------------- versions of papers


def test_new_versions_stand_before_the_papers_and_are_counted_apart() -> None:
    """Rule 1: they did not arrive, so no count holds them; rule 7: they name what they are versions of."""
    made = page(material(entries=a_full_week(), revised=(new_version(),)))
    assert [each.name for each in made.composition.sections] == ["watch", "read", "yours", "papers"]
    assert sum(each.arrived for each in made.composition.counts) == len(a_full_week())
    item = items(made.composition)["Lookahead Heads"]
    assert (item.role, item.version, item.url) == (Role.UPDATE, 2, "https://arxiv.org/abs/2609.90001v2")
    assert ". Also one new version. " in made.text
    (row,) = (each for each in made.placed if each.role is Role.UPDATE)
    assert (row.entry, row.version, row.is_shown, row.section, row.rank) == (5001, 2, True, "yours", 1)


def test_what_was_told_of_a_paper_is_its_version() -> None:
    """The ledger knows of each paper, shown or not, in which version the issue had it."""
    known = replace(paper("2611.90001", "Known", day="24 05:00"), version=2)
    hidden = replace(paper("2611.90002", "Hidden", day="23 08:00"), version=3)
    placed = page(material(entries=(known, hidden), settings=replace(SETTINGS, papers=1))).placed
    assert {each.entry: each.version for each in placed if each.role is Role.NEWS} == {known.id: 2, hidden.id: 3}


@pytest.mark.parametrize(
    ("every", "starred", "said"),
    [
        ("week", "2026-09-25T20:00", "a paper you starred in week 39"),
        ("week", "2025-12-30T20:00", "a paper you starred in week 1"),
        ("week", "2025-12-20T20:00", "a paper you starred in week 51 of 2025"),
        ("month", "2026-09-30T23:30", "a paper you starred in October"),
        ("month", "2025-09-25T20:00", "a paper you starred in September 2025"),
        ("day", "2026-09-25T20:00", "a paper you starred on 25 September"),
    ],
)
def test_when_it_was_starred_is_told_as_issues_come(every: Any, starred: str, said: str) -> None:
    """By week, month or day on the clock of the digest's zone, with the year where it is another."""
    settings = replace(SETTINGS, every=every, at={"week": "mon 07:00", "month": "1 07:00", "day": "07:00"}[every])
    label = {"week": "2026-W48", "month": "2026-11", "day": "2026-11-29"}[every]
    moment = at(starred)
    made = material(revised=(new_version(starred=moment, since=moment - timedelta(days=400)),), settings=settings)
    assert f"· **v2** of {said}  \n" in page(made, replace(WEEK, label=label)).text


def test_a_new_version_gets_no_second_look_as_well() -> None:
    """What a newsletter takes up in the week of its new version stands once on the page, under Yours."""
    told = new_version(starred=None)
    told = replace(told, entry=replace(told.entry, shown=False, cut="not among the first 5 papers"))
    made = page(material(revised=(told,), looks=(Look(told.entry, ("gradient-notes",)),)))
    assert [each.role for each in made.placed if each.entry == told.entry.id] == [Role.UPDATE]
    assert "econd look" not in made.text


def test_two_feeds_of_one_name_are_one_reason() -> None:
    """The ledger names the title once, like the page; the section is the page's, too."""
    cut = replace(paper("2611.1", "Old", day="12 05:00"), shown=False, cut="not among the first 5 papers")
    same = tuple(replace(each, title="Notes") for each in SUBSCRIPTIONS)
    feeds_of_it = (SUBSCRIPTIONS[-1].id, SUBSCRIPTIONS[-2].id)
    made = page(material(looks=(Look(cut, feeds_of_it),), subscriptions=same))
    (row,) = (each for each in made.placed if each.entry == cut.id)
    assert (row.section, row.reasons) == ("papers", ("discussed in Notes",))
    assert [each.name for each in made.composition.sections] == ["papers"]


def test_a_week_with_nothing_but_a_new_version_says_so() -> None:
    """It is neither empty nor does it claim that anything arrived."""
    text = page(material(revised=(new_version(starred=None),), courses=())).text
    assert " One new version. All nine feeds answered." in text
    assert "**v2** of a paper you follow" in text
    assert "Nothing new" not in text


def test_hostile_versions_stay_text() -> None:
    """Title and abstract of a new version are strangers' words: they become no markup."""
    text = page(material(revised=(new_version(title="](http://x) # <b>", summary="We show *much* [[2.1x]] `x`"),))).text
    assert r"[\](http\://x) \# \<b>](https://arxiv.org/abs/2609.90001v2)" in text
    assert r'"\*much\* \[\[2.1x\]\] \`x\`"' in text


def test_many_new_versions_leave_the_page_its_length() -> None:
    """Ten are told, the rest waits; the page keeps its bounds in a week of thousands."""
    long = "word " * 300
    made = page(material(entries=a_full_week(), revised=[new_version(each, summary=long) for each in range(14)]))
    assert fits(made.text, LINES, BYTES)
    assert made.text.count("· **v2** of") == 10
    assert sum(each.role is Role.UPDATE for each in made.placed) == 10


def test_a_new_version_that_is_news_names_its_number() -> None:
    """M58: asked for by `announce`, an unknown paper's third version says which it is."""
    entry = paper("2609.90417", "Lookahead Heads", day="24 05:00", version=3, authors=("Ada Brandt",))
    revision = replace(entry, appearances=tuple(replace(each, announce_type="replace") for each in entry.appearances))
    by_id = tuple(replace(each, announce=("replace",)) if each.id == "papers" else each for each in SUBSCRIPTIONS)
    assert (
        "(https://arxiv.org/abs/2609.90417) · Brandt · v3\n"
        in page(material(entries=(revision,), subscriptions=by_id)).text
    )
    assert "(https://arxiv.org/abs/2609.90417) · Brandt\n" in page(material(entries=(entry,))).text
