"""Decide what an issue shows and what it holds back, with the reason; pure.

Every feed keeps a place before any feed gets a second one, the feeds with the fewest entries first,
so that a monthly newsletter is never drowned. Then the places go round, best entry first. How many
places there are is the caller's: it measures the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, zip_longest

from tracker.digest.composition import Form
from tracker.digest.filters import HIDDEN, Verdict, judge
from tracker.digest.values import Cut, Ranked, Selection, Shown
from tracker.models import Kind, Subscription

NO_ROOM = "no room on the page"
SECTIONS = {Kind.VIDEO: "watch", Kind.POST: "read", Kind.PAPER: "papers"}


def select(
    ranked: Sequence[Ranked],
    *,
    subscriptions: Mapping[str, Subscription],
    papers: int,
    lectures: Collection[int] = (),
    hidden: Collection[int] = (),
    places: int | None = None,
) -> Selection:
    """Divide the entries of an issue, best first, into what is shown and what is not.

    `papers` bounds each feed's papers, `lectures` are ids that the issue's courses offer (shown
    there, once), `hidden` of what the reader wants to see no more; `places` bounds the page; None is without a bound.
    """
    in_course = tuple(each for each in ranked if each.entry.id in lectures)
    rest = [each for each in ranked if each.entry.id not in lectures]
    verdicts = {each.entry.id: _verdict(each, subscriptions, hidden) for each in rest}
    cut = {each.entry.id: verdicts[each.entry.id].reason for each in rest if not verdicts[each.entry.id].feeds}
    cut |= _beyond(rest, verdicts, papers)
    wanted = [each for each in rest if each.entry.id not in cut]
    grants = list(_grants(wanted, verdicts))
    forms: dict[int, Form] = dict(grants[:places])
    cut |= {each.entry.id: NO_ROOM for each in wanted if each.entry.id not in forms}
    return Selection(
        shown=tuple(_shown(each, forms, verdicts) for each in wanted if each.entry.id in forms),
        lectures=in_course,
        cut=tuple(Cut(ranked=each, reason=cut[each.entry.id]) for each in rest if each.entry.id in cut),
        places=len(grants),
    )


def _verdict(ranked: Ranked, subscriptions: Mapping[str, Subscription], hidden: Collection[int]) -> Verdict:
    return Verdict((), HIDDEN) if ranked.entry.id in hidden else judge(ranked.entry, subscriptions)


def _beyond(ranked: Sequence[Ranked], verdicts: Mapping[int, Verdict], papers: int) -> dict[int, str]:
    """Cut the papers that are in none of their feeds among the first `papers`."""
    taken: Counter[str] = Counter()
    cut = {}
    for each in ranked:
        feeds = verdicts[each.entry.id].feeds
        if each.entry.kind is not Kind.PAPER or not feeds:
            continue
        if all(taken[feed] >= papers for feed in feeds):
            cut[each.entry.id] = f"not among the first {papers} papers"
        taken.update(feeds)
    return cut


def _grants(wanted: Sequence[Ranked], verdicts: Mapping[int, Verdict]) -> Iterator[tuple[int, Form]]:
    """Give places in order of claim: a title for each feed, then room for its sentence, then the rounds."""
    queues = _queues(wanted, verdicts)
    firsts = [queue[0] for queue in queues]
    yield from ((entry, "title") for entry in firsts)
    yield from ((entry, "full") for entry in firsts)
    rounds = chain.from_iterable(zip_longest(*(queue[1:] for queue in queues)))
    yield from ((entry, "full") for entry in rounds if entry is not None)


def _queues(wanted: Sequence[Ranked], verdicts: Mapping[int, Verdict]) -> list[list[int]]:
    """Give each feed's entries, best first, those of the feeds with the fewest first.

    An entry of several feeds stands in the queue of the one with the fewest.
    """
    volume = Counter(feed for each in wanted for feed in verdicts[each.entry.id].feeds)
    queues: dict[str, list[int]] = {}
    for each in wanted:
        home = min(verdicts[each.entry.id].feeds, key=lambda feed: (volume[feed], feed))
        queues.setdefault(home, []).append(each.entry.id)
    return [queues[feed] for feed in sorted(queues, key=lambda feed: (volume[feed], feed))]


def _shown(ranked: Ranked, forms: Mapping[int, Form], verdicts: Mapping[int, Verdict]) -> Shown:
    verdict = verdicts[ranked.entry.id]
    return Shown(
        ranked=ranked,
        form=forms[ranked.entry.id],
        section=SECTIONS[ranked.entry.kind],
        feeds=verdict.feeds,
        matched=verdict.matched,
    )
