"""In which section a paper stands, and that the numbers of every page add up."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.digest_research import INTERESTS, LENGTHS, research
from tests.digest_weeks import page, paper
from tracker.digest.composition import Composition
from tracker.digest.division import Division, divide
from tracker.digest.rank import rank
from tracker.digest.values import Lengths
from tracker.models import Interests, RankingSettings, Role, StoredEntry

DIVIDED = Lengths(is_divided=True, interests=2, titles=2, keeps_places=True)
_days = count(1)


def written(title: str, *, authors: int = 3, by: str = "Al Last") -> StoredEntry:
    """Be a paper; each is older than the one before."""
    number = 90_000 - next(_days)
    names = (*(f"A. Author{each}" for each in range(authors - 1)), by)
    return paper(f"2611.{number}", title, day="24 05:00", authors=names)


def divided(entries: list[StoredEntry], most: int, lengths: Lengths = DIVIDED) -> Division:
    ranked = rank(entries, interests=Interests(keywords=("cache",), authors=("M. Adeyemi",)))
    return divide([(each, ("papers",)) for each in ranked], most, lengths)


def titles(division: Division, entries: list[StoredEntry], section: str) -> list[str]:
    return [each.title for each in entries if division.sections.get(each.id) == section]


def test_each_paper_stands_in_the_first_section_that_wants_it() -> None:
    """People before words, words before the best of the rest, and the next by title; the others are cut."""
    entries = [
        written("1 Cache"),
        written("2 Cache", by="Mira Adeyemi"),
        written("3"),
        written("4 Cache"),
        written("5 Cache"),
        written("6"),
        written("7"),
        written("8"),
        written("9 Cache"),
    ]
    division = divided(entries, 2)
    assert titles(division, entries, "yours") == ["2 Cache"]
    assert titles(division, entries, "interests") == ["1 Cache", "4 Cache"]
    assert titles(division, entries, "top") == ["3", "5 Cache"]
    assert titles(division, entries, "titles") == ["6", "7"]
    assert division.matches == 4
    assert list(division.cut.values()) == ["not among the first 2 papers", "not among the first 2 of four matches"]


def test_a_small_group_gets_the_last_place() -> None:
    """Of a section of at least five without one; where one stands there by itself, nothing is kept."""
    entries = [*(written(str(each)) for each in range(6)), written("pair", authors=2), written("one", authors=1)]
    kept = divided(entries, 5)
    assert titles(kept, entries, "top") == ["0", "1", "2", "3", "pair"]
    assert kept.kept == {entries[6].id}
    assert titles(kept, entries, "titles") == ["4", "5"]
    assert divided(entries, 7).kept == frozenset()
    assert divided(entries, 4).kept == frozenset()
    assert divided(entries, 5, replace(DIVIDED, keeps_places=False)).kept == frozenset()


def test_people_fill_no_page() -> None:
    """At most ten papers of the followed; the others stand where they would stand anyway."""
    entries = [written(str(each), by="M. Adeyemi") for each in range(12)]
    division = divided(entries, 1)
    assert len(titles(division, entries, "yours")) == 10
    assert titles(division, entries, "top") == ["10"]
    assert titles(division, entries, "titles") == ["11"]


def numbers(text: str) -> list[int]:
    """Read the first paragraph's sentence on papers: arrived, then its parts."""
    found = re.search(r"([\w,]+) papers?(?:: ([^.]*)|, [^.]*)\.", text)
    assert found, text
    words = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
    arrived = words.index(found[1]) if found[1] in words else int(found[1].replace(",", ""))
    parts = [int(each.replace(",", "")) for each in re.findall(r"(\d[\d,]*) (?:with|by|counted)", found[2] or "")]
    return [arrived, sum(parts) if parts else arrived]


@settings(deadline=None, max_examples=40)  # a busy machine is no failure
@given(
    st.integers(1, 60),
    st.integers(0, 12),
    st.integers(0, 12),
    st.integers(0, 12),
    st.sampled_from([Interests(), INTERESTS, Interests(keywords=("question",)), Interests(authors=("Al Last",))]),
    st.sampled_from([0, 30, 240]),
)
def test_the_numbers_add_up(
    number: int, papers: int, interests: int, by_title: int, wanted: Interests, minutes: int
) -> None:
    """With a sentence + by title + counted = arrived; every paper has one place in the ledger, and one on the page."""
    entries = research().entries
    lengths = replace(LENGTHS, papers=papers, interests=interests, titles=by_title, minutes=minutes)
    made = page(research(entries=(*entries[:3], *entries[3 : 3 + number]), settings=lengths, interests=wanted))
    if made.composition.is_divided:
        arrived, parts = numbers(made.text)
        assert arrived == parts == number
        cut = [each for each in made.placed if each.cut and each.standing]
        assert sum(each for _, each in made.composition.categories) == len(cut)
    news = Counter(each.entry for each in made.placed if each.role is Role.NEWS)
    assert news == Counter(range(60_001, 60_004)) + Counter(each.id for each in entries[3 : 3 + number])
    keys = [item.key for section in made.composition.sections for item in section.items]
    assert len(keys) == len(set(keys))
    if minutes and made.composition.minutes > minutes:  # by what is never cut: the first of each feed
        items = [item for section in made.composition.sections if section.name != "titles" for item in section.items]
        asking = [item for item in items if item.minutes and item.role is Role.NEWS]
        assert len(asking) <= len({each.feed for entry in entries for each in entry.appearances})


def composed(**fields: object) -> Composition:
    return page(research(**fields)).composition


def test_titles_alone_divide_the_papers() -> None:
    """Without interests a reader may want more papers by title; then the others are the top ones."""
    names = [each.name for each in composed(interests=Interests(), looks=(), revised=()).sections]
    assert names == ["watch", "read", "top", "titles"]


def test_papers_stand_before_the_rest_where_the_reader_wants_it() -> None:
    """`papers_first` moves every section of papers."""
    names = [each.name for each in composed(settings=replace(LENGTHS, papers_first=True)).sections]
    assert names == ["yours", "interests", "top", "titles", "watch", "read"]


def test_the_page_keeps_within_the_readers_bounds() -> None:
    """A researcher's page grows with the settings, not with the week; set bounds hold."""
    small = page(research(settings=replace(LENGTHS, lines=60, bytes=10_000)))
    assert small.text.count("\n") <= 60
    assert len(page(research()).text.splitlines()) <= 80 + 3 * 5 + 10


@pytest.mark.parametrize("interests", [INTERESTS, replace(INTERESTS, authors=())])
def test_reasons_are_few_and_stored(interests: Interests) -> None:
    """At most three of 15 words in all; the ledger has what the page says (rule 6)."""
    made = page(research(interests=interests))
    said = {item.key: item.reasons for section in made.composition.sections for item in section.items}
    shown = [each for each in made.placed if each.is_shown and each.role is Role.NEWS and each.section != "titles"]
    keys = {each.id: each.key for each in research().entries}
    assert all(len(each) <= 3 and len(" ".join(each).split()) <= 15 for each in said.values())
    assert all(each.reasons == said[keys.get(each.entry, "")] for each in shown if each.entry in keys)
    assert any(each.reasons for each in shown)


def test_more_reasons_than_a_reader_has_time_for() -> None:
    """What is first stays whatever its length; of the others those are told that still fit into 15 words."""
    busy = ("a very long title of a newsletter that says a great deal",)
    keys = {"arxiv:2611.90263": busy, "arxiv:2611.90077": ("loss-curves",)}
    items = [item for section in composed(discussed=keys, interests=INTERESTS).sections for item in section.items]
    said = {item.title: item.reasons for item in items}
    assert said["When Is a Draft Good Enough?"] == ('"speculative decoding"', "discussed in one of your feeds")
    assert said["Meridian 3 Technical Report"] == ("discussed in Loss Curves", "143 authors", "technical report")
    wide = Interests(keywords=("a word " * 9,), authors=("Kaito Abe",))
    items = [item for section in composed(interests=wide).sections for item in section.items]
    titled = next(item for item in items if item.title.startswith("Meridian"))
    assert titled.reasons == ("by Kaito Abe, whom you follow", "143 authors", "technical report")
    long = Interests(keywords=("and training and safety", "evaluation of open-weight models"))
    both = {"arxiv:2611.90077": ("a title", "of eight words in all")}
    items = [item for section in composed(discussed=both, interests=long).sections for item in section.items]
    assert next(item.reasons for item in items if item.title.startswith("Meridian")) == (
        '"evaluation of open-weight models"',
        "discussed in a title and of eight words in all",
    )


def test_every_title_that_is_asked_for_has_its_line() -> None:
    """`titles` makes the page longer."""
    sections = composed(settings=replace(LENGTHS, titles=60)).sections
    assert [len(each.items) for each in sections if each.name == "titles"] == [60]


def test_prior_turned_off_keeps_no_places() -> None:
    """Without the prior, or the number of authors, no order favours large groups."""
    for ranking in (RankingSettings(prior=False), RankingSettings(authors=False)):
        assert "a place kept" not in page(research(ranking=ranking)).text
