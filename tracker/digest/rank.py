"""Order an issue's entries, best first, before select decides how many are shown; pure.

Papers stand in the order of the prior, and of what the reader has starred; the rest newest first, the order that needs
to know nothing about anybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tracker.digest import prior
from tracker.digest.features import Place, id_order, places
from tracker.digest.taste import Taste, learn
from tracker.digest.values import Marked, Ranked, day_of
from tracker.models import Kind, RankingSettings, StoredEntry

PLAIN = RankingSettings(prior=False)


def rank(
    entries: Iterable[StoredEntry],
    settings: RankingSettings = PLAIN,
    *,
    marked: Sequence[Marked] = (),
    told: int = 0,
) -> tuple[Ranked, ...]:
    """Put the best first; equal ones are ordered by date, then key, so that a run repeated gives the same page.

    `told` is how many papers of a feed may be shown: only these are given reasons.
    """
    by_key = sorted(entries, key=lambda entry: entry.key)
    newest = sorted(by_key, key=day_of, reverse=True)
    others = tuple(Ranked(entry) for entry in newest if entry.kind is not Kind.PAPER)
    # A batch has one date; its ids follow the time of submission.
    papers = [entry for entry in newest if entry.kind is Kind.PAPER]
    papers.sort(key=lambda entry: (day_of(entry), id_order(entry.key)), reverse=True)
    return (*others, *_papers(papers, settings, learn(marked, papers), told))


def _papers(
    papers: Sequence[StoredEntry], settings: RankingSettings, taste: Taste | None, told: int
) -> Iterator[Ranked]:
    if not settings.prior and taste is None:
        yield from (Ranked(each) for each in papers)
        return
    where = places(papers)
    scores = [prior.score(each, where[each.key], settings) if settings.prior else 0.0 for each in papers]
    if taste:
        scores = taste.blend(scores, papers)
    taken: Counter[str] = Counter()
    for score, paper in sorted(zip(scores, papers, strict=True), key=lambda pair: -pair[0]):
        feeds = [each.feed for each in paper.appearances]
        is_told = any(taken[feed] < told for feed in feeds)
        taken.update(feeds)
        yield Ranked(paper, score, _reasons(paper, where[paper.key], settings, taste) if is_told else ())


def _reasons(paper: StoredEntry, place: Place, settings: RankingSettings, taste: Taste | None) -> tuple[str, ...]:
    liked = taste.reasons(paper) if taste else ()
    return (*liked, *(prior.reasons(prior.terms(paper, place, settings)) if settings.prior else ()))
