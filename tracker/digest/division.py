"""Serve select: in which section a paper stands, or which number cut it; pure.

A paper stands in one section only: whose author the reader follows, what has their keywords, the best of the rest, and
more of the rest by title alone. Within each the order is that of the rank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from tracker.digest.numbers import counted
from tracker.digest.values import INTERESTS, PAPERS, TITLES, TOP, YOURS, Lengths, Ranked

MOST_OF_PEOPLE = 10  # papers by people whom the reader follows, so that the page keeps its length
SMALL = 2  # authors of a small group
Through = tuple[Ranked, tuple[str, ...]]  # a paper with the feeds that let it through
ENOUGH = 5  # papers of a section, from which on it keeps a place for one


@dataclass(frozen=True, slots=True)
class Division:
    """The section of each paper by its entry's id, or the reason that cut it.

    `kept` has a place that is kept for small groups; `matches` papers have a keyword and stand in no section before.
    `fallen` stood elsewhere before their time ran out, and stand by title.
    """

    sections: Mapping[int, str]
    cut: Mapping[int, str]
    kept: frozenset[int] = frozenset()
    matches: int = 0
    fallen: frozenset[int] = frozenset()


def divide(papers: Sequence[Through], most: int, lengths: Lengths) -> Division:
    """Divide papers, best first, each with the feeds that let it through; `most` are shown of each feed."""
    if not lengths.is_divided:
        first = _first_of_each(papers, most)
        names = {each.entry.id: PAPERS for each, _ in first}
        return Division(names, {each.entry.id: _beyond(most) for each, _ in papers if each.entry.id not in names})
    theirs = [each for each in papers if each[0].people][:MOST_OF_PEOPLE]
    rest = _without(papers, theirs)
    matching = [each for each in rest if each[0].keywords]
    found, kept_match = _keep_a_place(matching[: lengths.interests], matching, lengths)
    rest = _without(rest, found)
    top, kept_top = _keep_a_place(_first_of_each(rest, most), rest, lengths)
    rest = _without(rest, top)
    groups = {YOURS: theirs, INTERESTS: found, TOP: top, TITLES: rest[: lengths.titles]}
    return Division(
        sections={each.entry.id: name for name, group in groups.items() for each, _ in group},
        cut={each.entry.id: _why_cut(each, most, lengths, len(matching)) for each, _ in rest[lengths.titles :]},
        kept=frozenset(kept_match + kept_top),
        matches=len(matching),
    )


def fall_to_titles(
    division: Division, late: Sequence[int], firsts: Collection[int], lengths: Lengths
) -> tuple[Division, list[int]]:
    """Let papers without time stand by title, before the papers there; give also those that lose their title by it.

    `late` are entries in order of claim, `firsts` those that lose no place. Who finds no title keeps their section.
    """
    titled = [entry for entry, section in division.sections.items() if section == TITLES]
    fixed = [entry for entry in titled if entry in firsts]
    weaker = [entry for entry in titled if entry not in firsts and entry not in division.fallen]
    room = lengths.titles - len(fixed) - len(division.fallen)
    papers = [entry for entry in late if entry in division.sections][: max(0, room)]
    lost = weaker[room - len(papers) :]
    sections = {entry: name for entry, name in division.sections.items() if entry not in lost}
    return replace(
        division,
        sections=sections | dict.fromkeys(papers, TITLES),
        kept=division.kept.difference(papers),
        fallen=division.fallen.union(papers),
    ), lost


def _first_of_each(papers: Sequence[Through], most: int) -> list[Through]:
    """Give the papers that are in one of their feeds among the first `most`."""
    taken: Counter[str] = Counter()
    first = []
    for each, feeds in papers:
        if any(taken[feed] < most for feed in feeds):
            first.append((each, feeds))
        taken.update(feeds)
    return first


def _keep_a_place(
    chosen: list[Through],
    pool: Sequence[Through],
    lengths: Lengths,
) -> tuple[list[Through], list[int]]:
    """Give the last place to the best paper of a small group where none has one, for the order favours large ones."""
    if not lengths.keeps_places or len(chosen) < ENOUGH or any(_is_small(each) for each, _ in chosen):
        return chosen, []
    feeds = set(chosen[-1][1])
    small = next((each for each in pool if _is_small(each[0]) and feeds & set(each[1])), None)
    return (chosen, []) if small is None else ([*chosen[:-1], small], [small[0].entry.id])


def _is_small(paper: Ranked) -> bool:
    return 0 < len(paper.entry.authors) <= SMALL


def _without(papers: Sequence[Through], taken: Sequence[Through]) -> list[Through]:
    ids = {each.entry.id for each, _ in taken}
    return [each for each in papers if each[0].entry.id not in ids]


def _why_cut(paper: Ranked, most: int, lengths: Lengths, matches: int) -> str:
    if paper.keywords:
        return f"not among the first {lengths.interests} of {counted(matches, 'match', 'matches')}"
    return _beyond(most)


def _beyond(most: int) -> str:
    return f"not among the first {most} papers"
