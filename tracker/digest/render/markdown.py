"""Serve render: the Markdown page, from Jinja2 templates that a reader can replace file by file; pure.

A template cannot forget to escape: whatever an expression gives that is not `Safe` is escaped on
its way into the page, results of filters, macros and concatenation included.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracker.digest.composition import Composition, Course, Item
from tracker.digest.numbers import counted, lasting, spelt
from tracker.digest.people import SUFFIXES
from tracker.digest.render import closing, escape, mentions, opening
from tracker.digest.render.dates import MONTHS, Calendar, day_month, weekday
from tracker.digest.render.escape import Safe
from tracker.digest.values import INTERESTS, PAPERS, READ, TITLES, TOP, WATCH, YOURS
from tracker.errors import DigestError
from tracker.models import Kind, Role

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATE = "digest.md.j2"
SHIPPED = Path(__file__).parent / "templates"
SECTIONS = {
    WATCH: "Watch",
    READ: "Read",
    YOURS: "Yours",
    INTERESTS: "From your interests",
    PAPERS: "Papers",
    TOP: "Top papers",
    TITLES: "By title",
}
_TEAMS = frozenset(("team", "collaboration", "group", "consortium", "lab", "labs", "project"))
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


def render(composition: Composition, templates: Path | None = None) -> str:
    """Write the page. Raises DigestError naming file and line when the reader's own template fails."""
    environment = _environment(templates)
    try:
        text = environment.get_template(TEMPLATE).render(_page(composition))
    except Exception as error:
        if templates is None:
            raise
        raise DigestError(f"{_where(error, templates)}: {error}", issue=composition.label) from error
    return _tidy(text)


@cache
def _environment(templates: Path | None) -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folders = [SHIPPED] if templates is None else [templates, SHIPPED]
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=False,  # noqa: S701 -- the page is Markdown, not HTML: `finalize` escapes
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"code": escape.code, "counted": counted, "lasting": lasting, "spelt": spelt}
    environment.globals |= {"br": Safe("  \n  "), "link": escape.link}
    return environment


def _finalize(value: object) -> str:
    """Let only Safe through as it is."""
    return value if isinstance(value, Safe) else escape.escape("" if value is None else str(value))


def _page(composition: Composition) -> dict[str, Any]:
    """Give a template what it needs, by name (docs/digest.md lists it)."""
    calendar = Calendar(composition.zone)
    return {
        "issue": composition,
        "front_matter": front_matter(composition),
        "edition": opening.edition(composition),
        "opening": opening.opening(composition),
        "headings": SECTIONS,
        "progress": progress,
        "matches": mentions.matches,
        "discusses": lambda item: mentions.discusses(item, composition),
        "second_look": mentions.second_look,
        "box": lambda item: _box(item, composition),
        "details": lambda item: tuple(_details(item, composition, calendar)),
        "feed_lines": closing.feed_lines(composition),
        "last_words": closing.last_words(composition),
    }


def front_matter(composition: Composition) -> Safe:
    """Write the page's properties, flat, at most nine, quoted by the YAML library."""
    import yaml

    calendar, span = Calendar(composition.zone), composition.span
    values: dict[str, object] = {
        "title": Quoted(escape.plain(f"{composition.title}, {opening.edition_of_year(composition)}")),
        "date": calendar.local(span.end).date(),
        "issue": composition.label,
        "status": composition.status,
        "from": Stamp(calendar.iso(span.start)),
        "to": Stamp(calendar.iso(span.end)),
        "tags": ["digest"],
        "minutes": composition.minutes,
        "feeds_in_trouble": len(composition.asked.silent) + sum(each.kind == "needs" for each in composition.notes),
    }
    if composition.status == "span":
        del values["issue"]
    text = yaml.dump(
        values, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=None
    )
    return Safe(f"---\n{text}---")


class Quoted(str):
    """Text that stands between quotation marks."""

    __slots__ = ()


class Stamp(str):
    """A moment in ISO 8601, written as a YAML timestamp."""

    __slots__ = ()


@cache
def _dumper() -> type[Any]:
    import yaml

    class Dumper(yaml.SafeDumper):
        """The safe dumper, with the two forms that pages use."""

    Dumper.add_representer(
        Quoted, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"')
    )
    Dumper.add_representer(
        Stamp, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:timestamp", str(text))
    )
    return Dumper


def progress(course: Course) -> Safe:
    """Write a course's line: "2 of 10 offered so far, one an issue · 14 h 57 min to go"."""
    pace = f", {spelt(course.pace)} an issue" if course.pace else ""
    if course.done is not None:
        parts = [f"{course.done} of {course.total} done"]
    elif course.passed:
        parts = [f"{course.passed} of {course.total} offered so far{pace}"]
    else:
        parts = [f"{counted(course.total, 'lecture')}{pace}"]
    if course.seconds_left:
        parts.append(f"{'' if course.is_exact else 'at least '}{lasting(course.seconds_left)} to go")
    return Safe(" · ".join(parts))


def _box(item: Item, composition: Composition) -> Safe:
    """Give the box that the reader may tick, where the settings want one; without a link nobody knew whose it is."""
    is_wanted = composition.boxes == "all" or (composition.boxes == "course" and item.role is Role.COURSE)
    return Safe("[ ] " if is_wanted and escape.destination(item.url) else "")


def _details(item: Item, composition: Composition, calendar: Calendar) -> Iterator[Safe]:
    """Give what stands behind an entry's title: who, day, length, where else."""
    if item.lecture:
        yield Safe(f"lecture {item.lecture} of {item.lectures}")
    if item.who:
        yield _who(item)
    if item.published and item.kind is not Kind.PAPER and item.role is not Role.COURSE:
        yield Safe(_day(item.published, composition, calendar))
    if item.version:
        yield _version(item, composition, calendar)
    yield from mentions.about_a_paper(item, composition)
    yield from _measure(item)
    if item.also_in:
        yield Safe(f"also in {', '.join(escape.escape(each) for each in item.also_in)}")
    if item.pdf:
        yield escape.link("pdf", item.pdf)
    if escape.is_too_long(item.url):
        yield Safe(f"no link: its address has {len(item.url):,} characters")


def _measure(item: Item) -> Iterator[Safe]:
    """Say how long an entry takes, and whom it is for."""
    if length := _length(item):
        yield Safe(length)
    if item.members_only:
        yield Safe("members only")


def _version(item: Item, composition: Composition, calendar: Calendar) -> Safe:
    """Name a paper's version, and of what the reader waited for since when: "**v2** of a paper you follow"."""
    if item.role is not Role.UPDATE:
        return Safe(f"v{item.version}")
    whose = f"starred {_in_period(item.starred, composition, calendar)}" if item.starred else "follow"
    return Safe(f"**v{item.version}** of a paper you {whose}")


def _in_period(moment: datetime, composition: Composition, calendar: Calendar) -> str:
    """Name the week, month or day, as issues come, with its year where that is another: "in week 39"."""
    day, last = calendar.local(moment).date(), calendar.local(composition.span.end - timedelta(seconds=1)).date()
    (year, week, _), this_year = day.isocalendar(), last.isocalendar().year
    if composition.every == "week":
        return f"in week {week}" if year == this_year else f"in week {week} of {year}"
    if composition.every == "month":
        return f"in {MONTHS[day.month - 1]}" if day.year == last.year else f"in {MONTHS[day.month - 1]} {day.year}"
    return f"on {_date(day, last)}"


def _who(item: Item) -> Safe:
    """Write a paper's authors as "Abe … Zu (143)", else the names as they are."""
    if item.kind is not Kind.PAPER:
        return Safe(", ".join(escape.escape(name) for name in item.who))
    names = [escape.escape(_surname(name)) for name in item.who]
    return Safe(", ".join(names) if item.people < 3 else f"{names[0]} … {names[-1]} ({item.people})")


def _surname(name: str) -> str:
    """Take the last word of a person's name, with "van" and the like; a team keeps its whole name."""
    words = [word for word in name.split() if word.casefold().strip(".") not in SUFFIXES]
    # "Ai" is a surname; firms are written in capitals.
    if not words or words[-1] == "AI" or words[-1].casefold() in _TEAMS:
        return name
    first = len(words) - 1
    while first > 1 and words[first - 1].islower():
        first -= 1
    return " ".join(words[first:])


def _day(moment: datetime, composition: Composition, calendar: Calendar) -> str:
    """Write the weekday inside a window of a week at most, the date outside it, or where it would mean two days."""
    span, day = composition.span, calendar.local(moment).date()
    last = calendar.local(span.end - timedelta(seconds=1)).date()
    is_named = span.start <= moment < span.end and not calendar.is_long(span.start, span.end)
    if is_named and (last - day).days < 7:
        return weekday(day)[:3]
    return _date(day, last)


def _date(day: date, today: date) -> str:
    return day_month(day) if (today - day).days < 300 and day <= today else f"{day_month(day)} {day.year}"


def _length(item: Item) -> str:
    """Write `1:15:40` for what plays, minutes for what is read."""
    if item.duration:
        minutes, seconds = divmod(item.duration, 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if item.paywalled:
        return "paid, preview only"
    return f"{item.minutes} min" if item.minutes and item.kind is Kind.POST else ""


def _tidy(text: str) -> str:
    """Drop control characters that a template brought, and end in one newline."""
    return _CONTROL.sub("", text.replace("\t", " ").replace("\r\n", "\n")).strip("\n") + "\n"


def _where(error: Exception, templates: Path) -> str:
    """Name the template and line in which an error arose."""
    name, line = getattr(error, "filename", None), getattr(error, "lineno", None)
    frames = [each for each in traceback.extract_tb(error.__traceback__) if each.filename.endswith(".j2")]
    if not name and frames:
        name, line = frames[-1].filename, frames[-1].lineno
    return f"{name or templates / TEMPLATE}{f', line {line}' if line else ''}"
