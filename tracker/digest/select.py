"""Decide what an issue shows and what it holds back, with the reason; pure.

Every feed keeps a place before any feed gets a second one, the feeds with the fewest entries first,
so that a monthly newsletter is never drowned. Then the places go round, best entry first. How many
places there are is the caller's: it measures the page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest

from tracker.digest.composition import Form
from tracker.digest.division import Division, divide, fall_to_titles
from tracker.digest.filters import HIDDEN, Verdict, judge
from tracker.digest.items import asked_minutes
from tracker.digest.values import OF_PAPERS, READ, TITLES, WATCH, Cut, Lengths, Ranked, Selection, Shown
from tracker.models import Kind, Subscription

NO_ROOM = "no room on the page"
NO_TIME = "no room in the page's minutes"
NO_TITLE = "no room by title: papers without room in the page's minutes stand there"
SECTIONS = {Kind.VIDEO: WATCH, Kind.POST: READ}
USUAL = Lengths()


def select(  # noqa: PLR0913 -- everything that decides about an entry
    ranked: Sequence[Ranked],
    *,
    subscriptions: Mapping[str, Subscription],
    papers: int,
    lectures: Collection[int] = (),
    hidden: Collection[int] = (),
    places: int | None = None,
    lengths: Lengths = USUAL,
) -> Selection:
    """Divide the entries of an issue, best first, into what is shown and what is not.

    `papers` bounds each feed's papers, `lectures` are ids that the issue's courses offer (shown
    there, once), `hidden` of what the reader wants to see no more; `places` bounds the page; None is without a bound.
    `lengths` says which sections papers have, and what the page may ask of its reader.
    """
    in_course = tuple(each for each in ranked if each.entry.id in lectures)
    rest = [each for each in ranked if each.entry.id not in lectures]
    verdicts = {each.entry.id: _verdict(each, subscriptions, hidden) for each in rest}
    cut = {each.entry.id: verdicts[each.entry.id].reason for each in rest if not verdicts[each.entry.id].feeds}
    through = [(each, verdicts[each.entry.id].feeds) for each in rest if each.entry.id not in cut]
    division = divide([each for each in through if each[0].entry.kind is Kind.PAPER], papers, lengths)
    cut |= division.cut
    wanted = [each for each in rest if each.entry.id not in cut]
    division, over = _bounded(wanted, verdicts, subscriptions, division, lengths)
    cut |= over
    wanted = _in_order([each for each in wanted if each.entry.id not in cut], division)
    grants = list(_grants(wanted, verdicts, division))
    forms: dict[int, Form] = dict(grants[:places])
    cut |= {each.entry.id: NO_ROOM for each in wanted if each.entry.id not in forms}
    return Selection(
        shown=tuple(_shown(each, forms, verdicts, division) for each in wanted if each.entry.id in forms),
        lectures=in_course,
        cut=tuple(Cut(ranked=each, reason=cut[each.entry.id]) for each in rest if each.entry.id in cut),
        places=len(grants),
        matches=division.matches,
    )


def _verdict(ranked: Ranked, subscriptions: Mapping[str, Subscription], hidden: Collection[int]) -> Verdict:
    return Verdict((), HIDDEN) if ranked.entry.id in hidden else judge(ranked.entry, subscriptions)


def _in_order(wanted: Sequence[Ranked], division: Division) -> list[Ranked]:
    """Put the papers of one section after those of the other; within one, and for the rest, the rank's order stays."""
    return sorted(wanted, key=lambda each: _place(each, division))


def _place(each: Ranked, division: Division) -> int:
    section = division.sections.get(each.entry.id)
    return OF_PAPERS.index(section) if section else -1


def _bounded(
    wanted: Sequence[Ranked],
    verdicts: Mapping[int, Verdict],
    subscriptions: Mapping[str, Subscription],
    division: Division,
    lengths: Lengths,
) -> tuple[Division, dict[int, str]]:
    """Cut by the bounds of feeds and by the reader's time; a paper without time stands by title, if a title may.

    What the time cuts leaves its place in its feed's bound to the next, which may have no time either.
    """
    late: dict[int, str] = {}
    firsts = _firsts(_in_order(wanted, division), verdicts)
    while True:
        left = _in_order([each for each in wanted if each.entry.id not in late], division)
        over = _over_most(left, verdicts, subscriptions)
        if lengths.minutes is None:
            return division, over
        left = [each for each in left if each.entry.id not in over]
        new = _over_time(left, _grants(left, verdicts, division), firsts, lengths.minutes)
        if not new:
            return division, late | over
        division, displaced = fall_to_titles(division, new, firsts, lengths)
        late |= {entry: NO_TIME for entry in new if division.sections.get(entry) != TITLES}
        late |= dict.fromkeys(displaced, NO_TITLE)


def _over_most(
    wanted: Sequence[Ranked], verdicts: Mapping[int, Verdict], subscriptions: Mapping[str, Subscription]
) -> dict[int, str]:
    """Cut what is in none of its feeds among the first `most` that the reader allows."""
    taken: Counter[str] = Counter()
    cut = {}
    for each in wanted:
        feeds = verdicts[each.entry.id].feeds
        bounds = [subscriptions[feed].most for feed in feeds]
        if all(bound and taken[feed] >= bound for feed, bound in zip(feeds, bounds, strict=True)):
            cut[each.entry.id] = f"most: {max(bounds)} of this feed are shown"
        else:
            taken.update(feeds)
    return cut


def _over_time(
    wanted: Sequence[Ranked], grants: Iterable[tuple[int, Form]], firsts: Collection[int], minutes: float
) -> list[int]:
    """Give what no longer fits into the reader's time, in order of claim; `firsts` take theirs before, and stay."""
    entries = {each.entry.id: each.entry for each in wanted}
    times = {entry: asked_minutes(entries[entry], form) for entry, form in grants}  # with the last form
    left = minutes - sum(times[entry] for entry in firsts)
    late = []
    for entry in (each for each in times if each not in firsts):
        if times[entry] and times[entry] > left:
            late.append(entry)
        else:
            left -= times[entry]
    return late


def _firsts(wanted: Sequence[Ranked], verdicts: Mapping[int, Verdict]) -> frozenset[int]:
    """Give the best entry of each feed."""
    firsts: dict[str, int] = {}
    for each in wanted:
        for feed in verdicts[each.entry.id].feeds:
            firsts.setdefault(feed, each.entry.id)
    return frozenset(firsts.values())


def _grants(
    wanted: Sequence[Ranked], verdicts: Mapping[int, Verdict], division: Division
) -> Iterator[tuple[int, Form]]:
    """Give places in order of claim: a title for each feed, then room for its sentence, then the rounds."""
    queues = _queues(wanted, verdicts)
    firsts = [queue[0] for queue in queues]
    titles = {entry for entry, section in division.sections.items() if section == TITLES}
    yield from ((entry, "title") for entry in firsts)
    yield from ((entry, "full") for entry in firsts if entry not in titles)
    rounds = chain.from_iterable(zip_longest(*(queue[1:] for queue in queues)))
    yield from ((entry, "title" if entry in titles else "full") for entry in rounds if entry is not None)


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


def _shown(ranked: Ranked, forms: Mapping[int, Form], verdicts: Mapping[int, Verdict], division: Division) -> Shown:
    verdict = verdicts[ranked.entry.id]
    return Shown(
        ranked=ranked,
        form=forms[ranked.entry.id],
        section=division.sections.get(ranked.entry.id) or SECTIONS[ranked.entry.kind],
        feeds=verdict.feeds,
        matched=verdict.matched,
        is_kept_place=ranked.entry.id in division.kept,
    )
