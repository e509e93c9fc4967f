"""Give every entry of an issue its place in the ledger: shown or not, why, and what cut it; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tracker.digest.items import flow, reasons_of
from tracker.digest.values import COURSE, YOURS, CourseChoice, Material, Selection
from tracker.models import Placed, Role


def place(selection: Selection, courses: Iterable[CourseChoice], material: Material) -> tuple[Placed, ...]:
    """Place all news, shown or not, new versions, second looks, and what courses offer; the reasons are the page's."""
    offered = dict.fromkeys(entry.id for course in courses for entry in course.offered)
    return (
        *_shown(selection, material),
        *(Placed(entry=each.entry.id, role=Role.NEWS, is_shown=True, section=COURSE) for each in selection.lectures),
        *_cut(selection),
        *_others(selection, material),
        *(
            Placed(entry=entry, role=Role.COURSE, is_shown=True, section=COURSE, rank=number)
            for number, entry in enumerate(offered, 1)
        ),
    )


def _shown(selection: Selection, material: Material) -> Iterator[Placed]:
    counted = flow(selection)
    for number, each in enumerate(selection.shown, 1):
        yield Placed(
            entry=each.entry.id,
            role=Role.NEWS,
            is_shown=True,
            section=each.section,
            rank=number,
            score=each.ranked.score,
            reasons=reasons_of(each, material, counted),
            terms=each.ranked.terms,
            standing=each.ranked.standing,
            version=each.entry.version,
        )


def _cut(selection: Selection) -> Iterator[Placed]:
    for each in selection.cut:
        yield Placed(
            entry=each.ranked.entry.id,
            role=Role.NEWS,
            is_shown=False,
            score=each.ranked.score,
            cut=each.reason,
            terms=each.ranked.terms,
            standing=each.ranked.standing,
            version=each.ranked.entry.version,
        )


def _others(selection: Selection, material: Material) -> Iterator[Placed]:
    """Place what did not arrive: new versions and second looks."""
    for number, update in enumerate(selection.updates, 1):
        yield Placed(
            entry=update.entry.id,
            role=Role.UPDATE,
            is_shown=True,
            section=YOURS,
            rank=number,
            version=update.version.version,
        )
    for number, look in enumerate(selection.looks, 1):
        yield Placed(
            entry=look.entry.id,
            role=Role.SECOND_LOOK,
            is_shown=True,
            section=material.of_looks,
            rank=number,
            reasons=tuple(dict.fromkeys(f"discussed in {material.title(feed)}" for feed in look.feeds)),
        )
