"""Join the pure stages of the digest: rank → courses → select → compose → render, within the page's length.

A week of 3,000 papers changes numbers, not length: what does not fit is counted (digest-model, rule 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tracker.digest.compose import compose
from tracker.digest.composition import Composition, Status
from tracker.digest.courses import choose_lectures
from tracker.digest.items import asked_minutes
from tracker.digest.looks import choose_looks
from tracker.digest.place import place
from tracker.digest.rank import rank
from tracker.digest.render import render
from tracker.digest.select import select
from tracker.digest.updates import choose_updates
from tracker.digest.values import CourseChoice, Lengths, Look, Material, Ranked
from tracker.models import DigestSettings, Placed, Window
from tracker.window import next_close

LINES = 80
BYTES = 10_000
ROOM_FOR = 10  # papers that such a page has room for beside the rest
PAPER_LINES = 3
PAPER_BYTES = 700
TITLE_BYTES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An issue that is not yet closed or shown: what it says, where every entry stands, and its text."""

    window: Window
    composition: Composition
    placed: tuple[Placed, ...]
    text: str
    places: int


def make_page(material: Material, window: Window, *, status: Status, templates: Path | None) -> Page:
    """Make the longest page that keeps within its bounds. Raises DigestError when the reader's template fails."""
    material = replace(material, looks=_looks(material))
    ranked = rank(
        material.entries,
        material.ranking,
        marked=material.marked,
        interests=material.interests,
        discussed=material.discussed,
        told=_told(material),
    )
    bounds = bounds_of(material.settings, has_keywords=bool(material.interests.keywords))
    courses = () if status == "span" else tuple(choose_lectures(each, material.marks) for each in material.courses)

    def attempt(places: int | None) -> Page:
        return _attempt(material, window, ranked, courses, places=places, status=status, templates=templates)

    page = attempt(None)
    if fits(page.text, *bounds):
        return page
    too_many, page = page.places, attempt(0)
    enough = 0
    while too_many - enough > 1:
        middle = (too_many + enough) // 2
        longer = attempt(middle)
        if fits(longer.text, *bounds):
            enough, page = middle, longer
        else:
            too_many = middle
    return page


def bounds_of(settings: DigestSettings, *, has_keywords: bool = False) -> tuple[int, int]:
    """Give the lines and bytes of a page: as set, else what is usual, and more for more than the usual papers."""
    more = max(0, settings.papers + (settings.interests if has_keywords else 0) - ROOM_FOR)
    lines = settings.lines or LINES + PAPER_LINES * more + settings.titles
    return lines, settings.bytes or BYTES + PAPER_BYTES * more + TITLE_BYTES * settings.titles


def fits(text: str, lines: int, size: int) -> bool:
    """Tell whether a page keeps within its bounds."""
    return text.count("\n") <= lines and len(text.encode()) <= size


def _told(material: Material) -> int:
    """Say how many papers of a feed may be shown at most, beside those of the reader's interests."""
    settings = material.settings
    return settings.papers + (settings.interests + settings.titles if material.is_divided else 0)


def _looks(material: Material) -> tuple[Look, ...]:
    """Choose the second looks; equal ones by the prior, without the place in a day that these few do not make.

    What has a new version is told under that.
    """
    told = {each.entry.key for each in choose_updates(material.revised)}
    material = replace(material, looks=tuple(each for each in material.looks if each.entry.key not in told))
    order = rank([each.entry for each in material.looks], replace(material.ranking, deadline=False))
    return choose_looks(material, [each.entry.key for each in order])


def _lengths(material: Material, courses: Sequence[CourseChoice]) -> Lengths:
    """Say how long the page may be, in papers and in the minutes that lectures and second looks leave."""
    settings = material.settings
    lectures = {entry.id: entry for course in courses for entry in course.offered}
    taken = sum(asked_minutes(each) for each in (*lectures.values(), *(look.entry for look in material.looks)))
    return Lengths(
        is_divided=material.is_divided,
        interests=settings.interests,
        titles=settings.titles,
        keeps_places=material.ranking.prior and material.ranking.authors,
        minutes=settings.minutes - taken if settings.minutes else None,
    )


def _attempt(  # noqa: PLR0913 -- everything that a page depends on
    material: Material,
    window: Window,
    ranked: Sequence[Ranked],
    courses: Sequence[CourseChoice],
    *,
    places: int | None,
    status: Status,
    templates: Path | None,
) -> Page:
    """Make the page with so many places."""
    selected = select(
        ranked,
        subscriptions=material.subscriptions,
        papers=material.settings.papers,
        lectures={entry.id for course in courses for entry in course.offered},
        hidden={each.id for each in material.entries if material.is_hidden(each)},
        places=places,
        lengths=_lengths(material, courses),
    )
    revised = (each for each in material.revised if not material.is_hidden(each.entry))
    selection = replace(selected, updates=choose_updates(revised), looks=material.looks)
    closes_next = window.closes_at if window.is_early else next_close(material.settings, window.end)
    composition = compose(material, window, selection, courses, status=status, next_close=closes_next)
    return Page(
        window=window,
        composition=composition,
        placed=place(selection, courses, material),
        text=render(composition, templates),
        places=selection.places,
    )
