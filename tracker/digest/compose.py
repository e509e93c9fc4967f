"""Put a page together from what was selected and how the feeds are; pure.

The numbers add up for every issue: in full + by title + as a lecture + not shown = arrived. New versions of
what came before are counted apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from tracker.digest.composition import Asked, Composition, Count, Course, FeedNote, Item, Section, Span, Status
from tracker.digest.items import (
    AMONG,
    first_category,
    flow,
    lecture_item,
    links_of,
    look_item,
    news_item,
    reading_time,
    update_item,
)
from tracker.digest.missing import fetched_days, gap_notes, missed_batches
from tracker.digest.notes import (
    MOST_NOTES,
    how_asked,
    quiet_ones,
    silent_ones,
    take_notes,
)
from tracker.digest.sentences import sentence
from tracker.digest.values import (
    INTERESTS,
    OF_PAPERS,
    PAPERS,
    READ,
    WATCH,
    YOURS,
    CourseChoice,
    Material,
    Selection,
    Shown,
    day_of,
)
from tracker.models import Kind, Poll, Role, StoredEntry, Window

OTHERS = (WATCH, READ)


def compose(
    material: Material,
    window: Window,
    selection: Selection,
    courses: Sequence[CourseChoice],
    *,
    status: Status,
    next_close: datetime,
) -> Composition:
    """Say everything that the page says."""
    minutes, is_exact = _minutes(selection, courses)
    counts = _counts(selection)
    assert sum(each.arrived for each in counts) == len(material.entries), "an entry was lost or doubled on the way"
    asked = _asked(material, window)
    is_blind = asked.was_blind and not material.entries and not selection.updates
    notes = _notes(material, window) if status != "span" else ()
    most = max(MOST_NOTES, sum(each.kind == "needs" for each in notes))
    return Composition(
        title=material.settings.title,
        label=window.label,
        every=material.settings.every,
        zone=material.settings.timezone,
        status=status,
        span=_span(material, window, next_close),
        asked=asked,
        counts=counts,
        backlog=material.backlog,
        minutes=minutes,
        is_exact=is_exact,
        courses=tuple(_course(each, material) for each in courses if each.offered),
        sections=_sections(selection, material),
        notes=notes[:most],
        more_notes=len(notes[most:]),
        is_divided=material.is_divided,
        categories=_categories(selection) if material.is_divided else (),
        quiet=quiet_ones(material.health) if status != "span" and not is_blind else (),
        boxes=material.settings.boxes,
    )


def _asked(material: Material, window: Window) -> Asked:
    return how_asked(
        material.health,
        _inside(material, window),
        subscriptions=material.subscriptions,
        last_success_at=material.last_success_at,
    )


def _inside(material: Material, window: Window) -> list[Poll]:
    return [poll for poll in material.polls if window.start <= poll.at < window.end]


def _notes(material: Material, window: Window) -> tuple[FeedNote, ...]:
    missed = missed_batches(material.subscriptions.values(), material.feeds, material.batches, window)
    polls = _inside(material, window)
    missed = (*missed, *gap_notes(material.subscriptions.values(), material.feeds, polls))
    silent = silent_ones(material.health, polls, subscriptions=material.subscriptions)
    notes = take_notes(material.health, window=window, subscriptions=material.subscriptions, missed=missed)
    return (*notes, *silent)


def _span(material: Material, window: Window, next_close: datetime) -> Span:
    idle_from, idle_to = material.health.idle_from, material.health.idle_to
    fetched, unfetched = (
        fetched_days(material.subscriptions.values(), material.batches, start=idle_from, end=idle_to)
        if idle_from and idle_to
        else ((), ())
    )
    return Span(
        start=window.start,
        end=window.end,
        closes_at=window.closes_at,
        next_close=next_close,
        covers=window.covers,
        is_late=window.is_late,
        is_early=window.is_early,
        is_first=window.is_first,
        repeats=window.repeats,
        first_polled_at=material.first_polled_at,
        idle_from=idle_from,
        idle_to=idle_to,
        fetched_days=fetched,
        unfetched_days=unfetched,
        was_asleep=bool(idle_from and idle_to and idle_from < window.closes_at <= idle_to),
    )


def _counts(selection: Selection) -> tuple[Count, ...]:
    """Count each kind that arrived."""
    counts = []
    for kind in Kind:
        full = sum(each.entry.kind is kind and each.form == "full" for each in selection.shown)
        by_title = sum(each.entry.kind is kind and each.form == "title" for each in selection.shown)
        as_lecture = sum(each.entry.kind is kind for each in selection.lectures)
        not_shown = sum(each.ranked.entry.kind is kind for each in selection.cut)
        arrived = full + by_title + as_lecture + not_shown
        if arrived:
            counts.append(
                Count(
                    kind=kind,
                    arrived=arrived,
                    full=full,
                    by_title=by_title,
                    as_lecture=as_lecture,
                    not_shown=not_shown,
                )
            )
    return tuple(counts)


def _minutes(selection: Selection, courses: Iterable[CourseChoice]) -> tuple[int, bool]:
    """Add up what the page asks of its reader, and say whether every length was known."""
    lectures = {entry.id: entry for course in courses for entry in course.offered}
    # A paper of which no sentence can be shown stands there by its title.
    news = [
        each.entry
        for each in selection.shown
        if each.entry.kind is not Kind.PAPER or (each.form == "full" and sentence(each.entry))
    ]
    looks = [each.entry for each in selection.looks]
    times = [reading_time(entry) for entry in (*lectures.values(), *news, *looks)]
    total = sum(each for each in times if each)
    return (5 * round(total / 5) if total >= 60 else round(total)), None not in times


def _course(choice: CourseChoice, material: Material) -> Course:
    numbers = {entry.id: number for number, entry in enumerate(choice.lectures, 1)}
    return Course(
        feed=choice.subscription.id,
        title=choice.title,
        total=len(choice.lectures),
        done=choice.done,
        pace=choice.subscription.pace,
        seconds_left=sum(entry.duration or 0 for entry in choice.waiting),
        is_exact=all(entry.duration for entry in choice.waiting),
        passed=len(choice.behind) if choice.done is None else 0,
        lectures=tuple(
            lecture_item(
                entry,
                number=numbers[entry.id],
                total=len(choice.lectures),
                feed=choice.subscription.id,
                material=material,
            )
            for entry in choice.offered
        ),
    )


def _categories(selection: Selection) -> tuple[tuple[str, int], ...]:
    """Count the papers that are not shown by their first category, the largest first."""
    papers = [each.ranked.entry for each in selection.cut if each.ranked.entry.kind is Kind.PAPER]
    counted = Counter(first_category(each) or "no category" for each in papers)
    return tuple(sorted(counted.items(), key=lambda each: (-each[1], each[0])))


def _sections(selection: Selection, material: Material) -> tuple[Section, ...]:
    """Group what is shown; no section is empty."""
    counted, on_page = flow(selection), _keys(selection)
    groups: dict[str, list[Item]] = {}
    if selection.updates:
        groups[YOURS] = [update_item(each, material) for each in selection.updates]
    for each in _reading_order(selection.shown):
        item = news_item(each, material, counted)
        named, here = links_of(each.entry, material, on_page)
        groups.setdefault(each.section, []).append(replace(item, discusses=named, discusses_here=here))
    for look in selection.looks:
        groups.setdefault(material.of_looks, []).append(look_item(look, material))
    order = (*OF_PAPERS, *OTHERS) if material.settings.papers_first else (*OTHERS, *OF_PAPERS)
    found = (_section(name, groups[name], material.settings.papers) for name in order if name in groups)
    return tuple(replace(each, of=selection.matches) if each.name == INTERESTS else each for each in found)


def _keys(selection: Selection) -> frozenset[str]:
    """Give the keys of all papers on the page."""
    shown = [each.entry for each in selection.shown]
    others = (*(each.entry for each in selection.updates), *(each.entry for each in selection.looks))
    return frozenset(each.key for each in (*shown, *others))


def _section(name: str, items: Sequence[Item], papers: int) -> Section:
    """Say above the entries, once, a reason that every one has, and of papers what is said of each feed's."""
    if len(items) == 1 or not any(each.reasons for each in items):
        return Section(name=name, items=tuple(items))
    if name == PAPERS:
        return _papers_section(items, papers)
    reasons = {each.reasons for each in items}
    if len(reasons) > 1:
        return Section(name=name, items=tuple(items))
    plain = tuple(replace(each, reasons=()) for each in items)
    return Section(name=name, items=plain, reason="; ".join(items[0].reasons))


def _papers_section(items: Sequence[Item], papers: int) -> Section:
    said = Counter(reason for each in items for reason in each.reasons if reason.startswith(AMONG))
    own = tuple(replace(each, reasons=tuple(reason for reason in each.reasons if reason not in said)) for each in items)
    # "among" says that others of these are not here; a page that has all of them need not.
    are_all = len(said) == 1 and sum(each.role is Role.NEWS for each in items) == papers
    parts = [each.removeprefix("among ") if are_all or times == papers else each for each, times in said.items()]
    return Section(name=PAPERS, items=own, reason=", ".join(parts))


def _reading_order(shown: Sequence[Shown]) -> list[Shown]:
    """Put papers in order of rank, the rest in order of the week, mere previews and bare titles last."""

    def last(entry: StoredEntry, form: str) -> bool:
        return entry.paywalled or form == "title"

    papers = [each for each in shown if each.entry.kind is Kind.PAPER]
    others = [each for each in shown if each.entry.kind is not Kind.PAPER]
    return sorted(others, key=lambda each: (last(each.entry, each.form), day_of(each.entry), each.entry.key)) + papers
