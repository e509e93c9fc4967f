"""Join the pure stages of the digest: rank → courses → select → compose → render, within the page's length.

A week of 3,000 papers changes numbers, not length: what does not fit is counted (digest-model, rule 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tracker.digest.compose import compose, place
from tracker.digest.composition import Composition, Status
from tracker.digest.courses import choose_lectures
from tracker.digest.rank import rank
from tracker.digest.render import render
from tracker.digest.select import select
from tracker.digest.updates import choose_updates
from tracker.digest.values import CourseChoice, Material, Ranked
from tracker.digest.window import next_close
from tracker.models import DigestSettings, Placed, Window

LINES = 80
BYTES = 10_000
ROOM_FOR = 10  # papers that such a page has room for beside the rest
PAPER_LINES = 3
PAPER_BYTES = 700


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
    ranked = rank(material.entries, material.ranking, marked=material.marked, told=material.settings.papers)
    bounds = bounds_of(material.settings)
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


def bounds_of(settings: DigestSettings) -> tuple[int, int]:
    """Give the lines and bytes of a page: as set, else what is usual, and more for more than the usual papers."""
    more = max(0, settings.papers - ROOM_FOR)
    return settings.lines or LINES + PAPER_LINES * more, settings.bytes or BYTES + PAPER_BYTES * more


def fits(text: str, lines: int = LINES, size: int = BYTES) -> bool:
    """Tell whether a page keeps within its bounds."""
    return text.count("\n") <= lines and len(text.encode()) <= size


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
    )
    revised = (each for each in material.revised if not material.is_hidden(each.entry))
    selection = replace(selected, updates=choose_updates(revised))
    closes_next = window.closes_at if window.is_early else next_close(material.settings, window.end)
    composition = compose(material, window, selection, courses, status=status, next_close=closes_next)
    return Page(
        window=window,
        composition=composition,
        placed=place(selection, courses),
        text=render(composition, templates),
        places=selection.places,
    )
