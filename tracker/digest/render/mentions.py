"""Serve render: what is said of links between entries: which papers a post discusses, and a second look; pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tracker.digest.composition import Composition, Item, Section
from tracker.digest.numbers import spelt
from tracker.digest.render.dates import MONTHS, day_month
from tracker.digest.render.escape import Safe, escape, link
from tracker.digest.values import READ, WATCH

MOST_NAMED = 2


def discusses(item: Item, composition: Composition) -> Safe:
    """Write "Discusses [Title](link) and one of the papers below.", "" for what discusses none."""
    parts = [link(title, url) for title, url in item.discusses]
    if item.discusses_here:
        where = _where(composition)
        others = f"of the papers {where}" if parts else f"{'paper' if item.discusses_here == 1 else 'papers'} {where}"
        parts.append(Safe(f"{spelt(item.discusses_here)} {others}"))
    said = " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
    return Safe(f"Discusses {said}." if parts else "")


def _where(composition: Composition) -> str:
    """Say on which side of videos and posts the papers stand."""
    names = [each.name for each in composition.sections]
    others = [number for number, name in enumerate(names) if name in {WATCH, READ}]
    return "above" if others and others[-1] == len(names) - 1 else "below"


def second_look(item: Item) -> Safe:
    """Say that the paper was not shown when it came, and who has discussed it since."""
    if not item.discussed:
        return Safe("")
    number = len(item.discussed)
    if number > MOST_NAMED:
        who = f"{spelt(number)} of your feeds"
    else:
        who = " and ".join(escape(each) for each in item.discussed)
    verb = "has" if number == 1 else "have"
    return Safe(f"Second look: not shown then; {who} {verb} discussed it since.")


def matches(section: Section) -> Safe:
    """Write behind a heading how many of the reader's matches stand under it: " (6 of 41 matches)"."""
    noun = "match" if section.of == 1 else "matches"
    return Safe(f" ({len(section.items)} of {section.of:,} {noun})" if section.of else "")


def about_a_paper(item: Item, composition: Composition) -> Iterator[Safe]:
    """Name a paper's first category, and the issue that left it out."""
    if item.category:
        yield escape(item.category)
    if item.announced:
        yield announced(item, composition)


def announced(item: Item, composition: Composition) -> Safe:
    """Name the issue that counts an entry as news: "announced in week 46", with its year where that is another."""
    label, year = item.announced, str(composition.label[:4])
    try:
        if label[5:6] == "W":
            of = "" if label[:4] == year else f" of {label[:4]}"
            return Safe(f"announced in week {int(label[6:8])}{of}")
        if len(label) >= 10:
            day = date.fromisoformat(label[:10])
            return Safe(f"announced on {day_month(day)}{'' if label[:4] == year else f' {day.year}'}")
        return Safe(f"announced in {MONTHS[int(label[5:7]) - 1]}{'' if label[:4] == year else f' {label[:4]}'}")
    except (ValueError, IndexError):
        return escape(f"announced in {label}")
