"""The page's parts, and templates of the reader's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.digest_weeks import START, SUBSCRIPTIONS, WEEK, a_full_week, at, material, page, paper, post, video
from tracker.digest.composition import Asked, Composition, Count, FeedNote, Item, Quiet, Section, Span
from tracker.digest.marks import entries_in
from tracker.digest.page import BYTES, LINES, Page, fits
from tracker.digest.render import render
from tracker.digest.render.closing import feed_lines
from tracker.digest.render.opening import opening
from tracker.errors import DigestError
from tracker.models import Kind

SPAN = Span(start=WEEK.start, end=WEEK.end, closes_at=WEEK.end, next_close=at("2026-12-07T07:00"))
ALL = Asked(subscribed=9, asked=9, answered=9)


def made(**fields: Any) -> Composition:
    """Be an empty week of nine feeds."""
    defaults: dict[str, Any] = {
        "title": "Learning LLMs",
        "label": "2026-W48",
        "every": "week",
        "zone": "Europe/London",
        "status": "closed",
        "span": SPAN,
        "asked": ALL,
    }
    return Composition(**{**defaults, **fields})


def asked(**fields: Any) -> str:
    """Write the first paragraph after its span, for a state of the feeds."""
    text = opening(made(asked=replace(ALL, **fields), counts=fields.pop("counts", ())))
    return text.partition("Monday 07:00. ")[2]


def note(**fields: Any) -> str:
    """Write one line about feeds."""
    (line,) = feed_lines(made(notes=(FeedNote(**fields),)))
    return line


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "Nothing new. All nine feeds answered."),
        ({"subscribed": 1, "asked": 1, "answered": 1}, "Nothing new. Your feed answered."),
        ({"subscribed": 0, "asked": 0}, "Nothing new. No feed is subscribed."),
        ({"asked": 0}, "Nothing new. No feed was due in this time."),
        ({"subscribed": 2, "asked": 2, "answered": 2}, "Nothing new. Both feeds answered."),
        ({"asked": 2, "answered": 2}, "Nothing new. Both feeds that were due answered."),
        ({"asked": 4, "answered": 4}, "Nothing new. All four feeds that were due answered."),
        ({"asked": 1, "answered": 1}, "Nothing new. The one feed that was due answered."),
        ({"answered": 8, "silent": ("A*B",)}, r"Nothing new. Eight of nine feeds answer; A\*B does not."),
        ({"answered": 1, "silent": ("A", "B")}, "Nothing new. One of nine feeds answers; A and B do not."),
        (
            {"answered": 5, "silent": ("A", "B", "C", "D")},
            "Nothing new. Five of nine feeds answer; the end of the page names the others.",
        ),
        (
            {"answered": 0, "silent": ("A",), "no_network_since": at("26 22:10")},
            "Nothing new. No network since Thursday 26 November, 22:10.",
        ),
        (
            {"answered": 0, "was_blind": True, "no_network_since": at("24 22:10")},
            "Nothing could be read: no network since Tuesday 24 November, 22:10. This page says nothing about your feeds.",
        ),
        (
            {"answered": 0, "was_blind": True},
            "Nothing could be read: none of your nine feeds could be reached. This page says nothing about your feeds.",
        ),
    ],
)
def test_how_the_feeds_are(fields: dict[str, Any], text: str) -> None:
    """Nothing new and could not look are told apart; who is silent is named."""
    assert asked(**fields) == text


@pytest.mark.parametrize(
    ("every", "label", "heading"),
    [
        ("week", "2026-W48", "week 48"),
        ("week", "2027-W01-2", "week 1, part 2"),
        ("day", "2026-11-23", "Monday, 23 November 2026"),
        ("day", "2026-11-23-2", "Monday, 23 November 2026, part 2"),
        ("month", "2026-11", "November 2026"),
    ],
)
def test_an_edition_has_a_name(every: str, label: str, heading: str) -> None:
    """The heading says the week, day or month; a second issue of it says so."""
    text = render(made(every=every, label=label))
    assert f"\n# Learning LLMs · {heading}\n" in text
    values = yaml.safe_load(text.split("---\n")[1])
    assert str(values["issue"]) == label


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (at("26 07:00"), at("26 12:40"), "26 November 2026, Thursday 07:00 to 12:40."),
        (
            at("2026-11-30T07:00"),
            at("2026-12-07T07:00"),
            "30 November to 7 December 2026, Monday 07:00 to Monday 07:00.",
        ),
        (
            at("2026-12-28T07:00"),
            at("2027-01-04T07:00"),
            "28 December 2026 to 4 January 2027, Monday 07:00 to Monday 07:00.",
        ),
        (at("2026-10-19T06:00"), at("2026-10-26T07:00"), "19 to 26 October 2026, Monday 07:00 to Monday 07:00."),
    ],
)
def test_a_span_names_its_dates_and_hours(start: Any, end: Any, text: str) -> None:
    """In the digest's zone, a clock change included."""
    assert opening(made(span=replace(SPAN, start=start, end=end))).startswith(text)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"is_late": True, "end": at("30 09:41")}, ": closed 2 h 41 min after its hour."),
        (
            {"is_late": True, "was_asleep": True, "end": at("30 09:41")},
            ": closed when the computer was awake again and every feed had been asked.",
        ),
        ({"is_early": True}, ": closed early."),
        ({"repeats": "2026-W48"}, ": the rest of the week after an early close."),
        ({"covers": ("2026-W47",)}, ", two weeks in one issue."),
        (
            {"covers": ("2026-W47",), "idle_from": at("21 08:00"), "idle_to": at("22 09:00")},
            ", two weeks in one issue: nothing ran from the 21st to the 22nd.",
        ),
        (
            {"covers": ("2026-W47",), "idle_from": at("2026-10-31T08:00"), "idle_to": at("12 09:00")},
            ", two weeks in one issue: nothing ran from 31 October to 12 November.",
        ),
    ],
)
def test_a_span_says_why_it_is_not_the_regular_one(fields: dict[str, Any], text: str) -> None:
    """Late, asleep, early, the rest after that, or away."""
    assert text in opening(made(span=replace(SPAN, **fields)))


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (Count(kind=Kind.VIDEO, arrived=3, full=0, by_title=0, as_lecture=0, not_shown=3), "No video out of three."),
        (Count(kind=Kind.POST, arrived=14, full=3, by_title=9, as_lecture=0, not_shown=2), "12 posts out of 14."),
        (Count(kind=Kind.VIDEO, arrived=3, full=1, by_title=0, as_lecture=1, not_shown=1), "One video out of two."),
    ],
)
def test_things_are_counted_out_of_what_arrived(count: Count, text: str) -> None:
    """With what is not shown, and without the lecture, which is counted as such."""
    assert text in opening(made(counts=(count,)))


@pytest.mark.parametrize(
    ("sentences", "text"),
    [
        (("We test.",), "The abstract of one paper out of nine."),
        (("We test.", "We add."), "The abstracts of two papers out of nine."),
        (("",), "The title of one paper out of nine."),
        (("", ""), "The titles of two papers out of nine."),
        (("We test.", "We add.", ""), "The abstracts of two papers and the title of one out of nine."),
        (("We test.", "", ""), "The abstract of one paper and the titles of two out of nine."),
    ],
)
def test_no_abstract_is_promised_where_a_paper_has_only_its_title(sentences: tuple[str, ...], text: str) -> None:
    """A paper in which no sentence says what it does stands there by its title."""
    papers = tuple(
        Item(key=f"arxiv:{number}", kind=Kind.PAPER, title="A paper", url="https://arxiv.org/abs/1", sentence=each)
        for number, each in enumerate(sentences)
    )
    size = len(papers)
    count = Count(kind=Kind.PAPER, arrived=9, full=size, by_title=0, as_lecture=0, not_shown=9 - size)
    assert text in opening(made(counts=(count,), sections=(Section(name="papers", items=papers),)))


def test_notes_are_in_proportion() -> None:
    """Healed in the past tense, lasting in the present, needs you in bold with its commands (rule 10)."""
    day = {"since": at("25 06:00"), "until": at("25 15:00"), "seconds": 9 * 3600}
    outage: dict[str, Any] = {"kind": "outage", "host": "youtube.com", "feeds": 3}
    rest = "Its feeds were read afterwards; nothing is missing."
    assert note(**outage, **day) == f"YouTube was unreachable for about nine hours on Wednesday 25 November. {rest}"
    week = {"since": at("23 06:00"), "until": at("29 15:00"), "seconds": 70_000, "times": 5}
    between = "between Monday 23 November and Sunday 29 November"
    twice = {**week, "times": 2}
    assert note(**outage, **twice) == f"YouTube was unreachable twice, in all for about 19 hours {between}. {rest}"
    asleep = {**day, "seconds": 14 * 3600, "is_at_most": True}
    assert note(**outage, **asleep) == f"YouTube was unreachable for at most 14 hours on Wednesday 25 November. {rest}"
    assert note(**outage, **week) == f"YouTube was unreachable five times, in all for about 19 hours {between}. {rest}"
    assert note(**outage, since=at("25 06:00")) == (
        "YouTube has not been reachable since Wednesday 25 November, 06:00 (three feeds). They are asked again; nothing to do."
    )
    assert note(kind="outage", since=at("25 06:00"), feeds=1) == (
        "There has been no network since Wednesday 25 November, 06:00 (one feed). It is asked again; nothing to do."
    )
    assert note(kind="outage", **day, is_whole=False) == (
        "There was no network for about nine hours on Wednesday 25 November. The feeds were read afterwards;"
        " what is missing is named here."
    )
    assert note(kind="idle", since=at("24 22:10"), until=at("27 08:00")) == (
        "Nothing ran from Tuesday 24 November, 22:10 to Friday 27 November, 08:00."
    )
    assert (
        note(kind="blocked", title="A", evidence="a.example refuses requests")
        == "A: a.example refuses requests. Nothing to do."
    )
    assert (
        note(kind="stale", title="A", evidence="answered twice")
        == "A answered twice. It is asked again; nothing to do."
    )


@pytest.mark.parametrize(
    ("remedy", "text"),
    [
        ("tracker unsubscribe talks", ", `tracker unsubscribe talks` ends it."),
        ("tracker subscribe https://a.example", ", `tracker subscribe https://a.example` follows it there."),
        ("give the *UC* id", r". give the \*UC\* id."),
        ("", "."),
    ],
)
def test_what_needs_the_reader_says_what_to_do(remedy: str, text: str) -> None:
    """A command is a code span; a remedy that is none is a sentence."""
    line = note(kind="needs", feed="talks", title="Talks", source="YouTube playlist", evidence="is gone", remedy=remedy)
    assert line == f"**Needs you:** Talks (YouTube playlist) is gone. `tracker feeds talks` shows the evidence{text}"


def test_quiet_feeds_are_one_line() -> None:
    """Eight by name, the rest counted."""
    quiet = tuple(Quiet(feed=f"f{each}", title=f"F{each}", evidence="last post 9 October") for each in range(11))
    (line,) = feed_lines(made(quiet=quiet))
    assert line.startswith("Quiet, as usual: F0 (last post 9 October), F1")
    assert line.endswith("F7 (last post 9 October), and three others.")


def test_an_entry_outside_the_window_has_its_date() -> None:
    """Weekday inside the window; the date outside it, or on the day that shares its weekday with the last."""
    days = {
        "2026-11-29T09:00": "Sun",
        "2026-11-30T05:00": "Mon",
        "2026-11-23T09:00": "23 November",
        "2026-11-20T09:00": "20 November",
        "2024-06-09T09:00": "9 June 2024",
    }
    for published, text in days.items():
        entry = post("a.example/1", "x", day=published, feed="weeknight", first_seen=at("30 05:00"))
        assert f"· Weeknight ML · {text}\n" in page(material(entries=(entry,))).text


@pytest.mark.parametrize(
    ("authors", "text"),
    [
        (("Rana Haddad",), "Haddad"),
        (("Ida Sorensen", "Tom Vale"), "Sorensen, Vale"),
        (("Ana van der Berg", "B C", "Jo Park Jr."), "van der Berg … Park (3)"),
        (("Gemini Team", "B C", "Plato"), "Gemini Team … Plato (3)"),
        (("Sakana AI", "B C", "Lynn Ai"), "Sakana AI … Ai (3)"),
    ],
)
def test_authors_are_short(authors: tuple[str, ...], text: str) -> None:
    """First … last author and their number; a team keeps its name."""
    entry = paper("2611.1", "x", day="24 05:00", authors=authors)
    assert f"(https://arxiv.org/abs/2611.1) · {text}\n" in page(material(entries=(entry,))).text


def test_lengths_are_hours_or_minutes() -> None:
    """`0:54:10` for what plays, a podcast too; minutes for text."""
    entries = (
        video("AAAAAAAAAA0", "talk", day="24 09:00", feeds=("karpathy",), duration=3250),
        post("a.example/1", "podcast", day="24 09:00", feed="weeknight", duration=3600, words=90),
        post("a.example/2", "text", day="24 09:00", feed="weeknight", words=20),
    )
    text = page(material(entries=entries)).text
    assert "· Tue · 0:54:10\n" in text
    assert "· Tue · 1:00:00\n" in text
    assert "· Tue · 1 min\n" in text


def test_a_title_is_never_empty() -> None:
    """An entry without a visible title can still be clicked."""
    entry = post("a.example/1", "\u200b", day="24 09:00", feed="weeknight")
    assert "- [ ] [Untitled](https://a.example/1)" in page(material(entries=(entry,))).text


@pytest.mark.parametrize("address", ["a.example/" + "x" * 4000, "a.example/?q=" + "日" * 1500])
def test_an_endless_address_pushes_nothing_off_the_page(address: str) -> None:
    """An entry whose link would take half of the page stands there without it and without a box, and says why; the others stay and keep theirs."""

    def made_with(url: str) -> Page:
        entries = (*a_full_week(), post(url, "Its address is a story", day="24 09:00", feed="weeknight"))
        return page(material(entries=entries))

    short, long = made_with("a.example/1"), made_with(address)
    assert [(each.entry, each.is_shown) for each in long.placed if each.is_shown] != []
    assert sum(each.is_shown for each in long.placed) == sum(each.is_shown for each in short.placed)
    assert (
        f"- Its address is a story · Weeknight ML · Tue · no link: its address has {len(address) + 8:,} char"
        in long.text
    )
    linked = [each.key for each in entries_in(short.text)]
    assert [each.key for each in entries_in(long.text)] == [key for key in linked if key != "web:a.example/1"]
    assert fits(long.text, LINES, BYTES)


def test_a_second_look_names_its_issue() -> None:
    """An entry that another issue counts says which."""
    from tracker.digest.composition import Section

    item = Item(key="arxiv:1", kind=Kind.PAPER, title="x", url="https://arxiv.org/abs/1", announced="week 46")
    assert "· announced in week 46" in render(made(sections=(Section(name="papers", items=(item,)),)))


@pytest.mark.parametrize(
    "template",
    [
        "{{ item.title }}",
        "{{ item.title | upper | lower }}",
        "{{ '**' ~ item.title }}",
        "{% set x %}{{ item.title }}{% endset %}{{ x }}",
        "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(item.title) }}",
        "{{ [item.title] | join }}",
        "{{ link(item.title, 'https://a.example') ~ '' }}",
        "{{ item.title | code }}",
    ],
)
def test_a_template_cannot_forget_to_escape(tmp_path: Path, template: str) -> None:
    """Filters, macros, blocks and concatenation give nothing that is markup."""
    from tests.markdown_readers import READERS

    (tmp_path / "entry.md.j2").write_text(f"- {template}\n")
    entry = post("a.example/1", "[x](https://evil.example) <b>", day="24 09:00", feed="weeknight")
    composition = page(material(entries=(entry,), courses=())).composition
    text = render(composition, tmp_path).partition("\n---\n")[2]
    for read in READERS:
        seen = read(text)
        assert "b" not in seen.tags
        assert [target for _, target in seen.links] == []


@pytest.mark.parametrize(
    ("name", "template", "message"),
    [
        ("entry.md.j2", "a\nb\n{% for %}", r"entry\.md\.j2, line 3"),
        ("entry.md.j2", "a\n{{ item.colour }}", r"entry\.md\.j2, line 2"),
        ("entry.md.j2", "a\n{{ 1 / 0 }}", r"entry\.md\.j2, line 2.*division"),
        ("digest.md.j2", "{% include 'missing.md.j2' %}", r"digest\.md\.j2, line 1|missing\.md\.j2"),
    ],
)
def test_a_broken_template_is_named_with_its_line(tmp_path: Path, name: str, template: str, message: str) -> None:
    """Syntax, unknown names and errors while rendering."""
    (tmp_path / name).write_text(template)
    composition = page(material(entries=(post("a.example/1", "x", day="24 09:00", feed="weeknight"),))).composition
    with pytest.raises(DigestError, match=message):
        render(composition, tmp_path)


def test_a_template_brings_no_control_characters(tmp_path: Path) -> None:
    """Tabs, carriage returns and escapes of a template do not reach the page."""
    (tmp_path / "digest.md.j2").write_bytes(b"a\tb\r\nc\x1b[31m\n\n\n")
    assert render(made(), tmp_path) == "a b\nc[31m\n"


def test_front_matter_counts_the_feeds_in_trouble() -> None:
    """Silent feeds and those that need the reader, each once."""
    composition = made(asked=replace(ALL, silent=("A",)), notes=(FeedNote(kind="needs", title="B", feed="b"),))
    values = yaml.safe_load(render(composition).split("---\n")[1])
    assert values == {
        "title": "Learning LLMs, week 48 of 2026",
        "date": WEEK.end.date(),
        "issue": "2026-W48",
        "status": "closed",
        "from": START,
        "to": WEEK.end,
        "tags": ["digest"],
        "minutes": 0,
        "feeds_in_trouble": 2,
    }


def test_every_sample_feed_has_a_source() -> None:
    """The notes name what is followed."""
    assert all(each.source for each in SUBSCRIPTIONS)
