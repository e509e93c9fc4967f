"""Order an issue's entries, best first, before select decides how many are shown; pure.

Papers stand in the order of the prior, of what the reader has starred, and of what the reader's feeds discuss; the rest
newest first, the order that needs to know nothing about anybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, pstdev

from tracker.digest import prior
from tracker.digest.features import Place, id_order, places
from tracker.digest.interests import prepare
from tracker.digest.taste import Taste, learn
from tracker.digest.values import NO_INTERESTS, Marked, Ranked, day_of
from tracker.digest.words import Said, said_by
from tracker.models import Interests, Kind, RankingSettings, StoredEntry

PLAIN = RankingSettings(prior=False)
DISCUSSED = 2.0  # what a feed that discusses a paper adds: as much as the strongest words of a title together
MOST_DISCUSSED = 2  # feeds that count
STRONGEST = 8  # terms that are kept by name
LIKENESS, TALK, REST = "like what you starred", "discussed in your feeds", "everything else"
NO_TALK: Mapping[str, tuple[str, ...]] = {}
NOTHING = Said({}, {})


@dataclass(frozen=True, slots=True)
class _Scale:
    """What a paper's parts are multiplied with, so that they add up to its score; `place` is among its day's papers."""

    settings: RankingSettings
    taste: Taste | None
    where: Mapping[str, Place]
    spread: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a paper's score is the sum of, and the words among it: to read 2,500 papers twice took 0.2 s more."""

    sums: Mapping[str, float]
    said: Said

    @property
    def of_prior(self) -> Mapping[str, float]:
        """The parts that the prior gave."""
        return {group: value for group, value in self.sums.items() if group != TALK}


def rank(
    entries: Iterable[StoredEntry],
    settings: RankingSettings = PLAIN,
    *,
    marked: Sequence[Marked] = (),
    interests: Interests = NO_INTERESTS,
    discussed: Mapping[str, tuple[str, ...]] = NO_TALK,
    told: int = 0,
) -> tuple[Ranked, ...]:
    """Put the best first; equal ones are ordered by date, then key, so that a run repeated gives the same page.

    `discussed` says by key in which feeds a paper is. `told` is how many papers of a feed may be shown: only these, and
    those of the reader's interests, are given reasons.
    """
    by_key = sorted(entries, key=lambda entry: entry.key)
    newest = sorted(by_key, key=day_of, reverse=True)
    others = tuple(Ranked(entry) for entry in newest if entry.kind is not Kind.PAPER)
    # A batch has one date; its ids follow the time of submission.
    papers = [entry for entry in newest if entry.kind is Kind.PAPER]
    papers.sort(key=lambda entry: (day_of(entry), id_order(entry.key)), reverse=True)
    wanted = prepare(interests)
    found = [
        Ranked(
            each,
            keywords=wanted.keywords_in(each),
            people=wanted.people_of(each),
            discussed=discussed.get(each.key, ()),
        )
        for each in papers
    ]
    return (*others, *_papers(found, settings, learn(marked, papers), told))


def _papers(papers: Sequence[Ranked], settings: RankingSettings, taste: Taste | None, told: int) -> Iterator[Ranked]:
    where = places(each.entry for each in papers) if settings.prior else {}
    parts = [_parts(each, where, settings) for each in papers]
    scores = [sum(each.sums.values()) for each in parts]
    scale = _Scale(settings, taste, where)
    if taste:
        scale = replace(scale, spread=pstdev(scores) or 1.0, shift=fmean(scores) / (pstdev(scores) or 1.0))
        scores = taste.blend(scores, [each.entry for each in papers])
    taken: Counter[str] = Counter()
    ordered = sorted(zip(scores, papers, parts, strict=True), key=lambda each: -each[0])
    for number, (score, paper, own) in enumerate(ordered, 1):
        feeds = [each.feed for each in paper.entry.appearances]
        is_told = bool(paper.keywords or paper.people) or any(taken[feed] < told for feed in feeds)
        taken.update(feeds)
        is_dated = not (own.sums or taste)
        yield replace(
            paper,
            score=None if is_dated else score,
            reasons=_reasons(paper.entry, own, scale) if is_told else (),
            terms={} if is_dated else _terms(paper.entry, score, own, scale),
            standing=number,
        )


def _parts(paper: Ranked, where: Mapping[str, Place], settings: RankingSettings) -> _Parts:
    """Give what a paper's score is the sum of, before it is joined with what the reader's marks say."""
    sums: dict[str, float] = {}
    said = NOTHING
    if settings.prior:
        read = said_by(paper.entry)
        sums = prior.parts(paper.entry, where[paper.entry.key], settings, said=read)
        said = read.only({group.removeprefix("word:") for group in sums if group.startswith("word:")})
    if paper.discussed:
        sums[TALK] = DISCUSSED * min(len(paper.discussed), MOST_DISCUSSED)
    return _Parts(sums, said)


def _terms(paper: StoredEntry, score: float, own: _Parts, scale: _Scale) -> dict[str, float]:
    """Name the strongest parts of a score; the rest is one number, so that all add up.

    What every paper starts with is always named: with the reader's marks it holds how far the scale was shifted, too.
    """
    sums = own.sums
    strongest = sorted(sums, key=lambda group: (group != prior.BIAS, -abs(sums[group]), group))[:STRONGEST]
    named = _named(_Parts({group: sums[group] for group in strongest}, own.said), paper, scale)
    found = {name: value / scale.spread - (scale.shift if name == prior.START else 0) for name, value in named.items()}
    if scale.taste:
        found[LIKENESS] = scale.taste.weight * scale.taste.likenesses[paper.key]
    return {**{name: round(value, 3) for name, value in found.items()}, REST: round(score - sum(found.values()), 3)}


def _named(own: _Parts, paper: StoredEntry, scale: _Scale) -> dict[str, float]:
    """Name parts, strongest first."""
    talk = {TALK: own.sums[TALK]} if TALK in own.sums else {}
    terms = prior.named(own.of_prior, paper, scale.where[paper.key], own.said) if own.of_prior else ()
    found = {term.name: term.value for term in terms}
    return dict(sorted((found | talk).items(), key=lambda each: -abs(each[1])))


def _reasons(paper: StoredEntry, own: _Parts, scale: _Scale) -> tuple[str, ...]:
    liked = scale.taste.reasons(paper) if scale.taste else ()
    if not scale.settings.prior:
        return liked
    return (*liked, *prior.reasons(prior.named(own.of_prior, paper, scale.where[paper.key], own.said)))
