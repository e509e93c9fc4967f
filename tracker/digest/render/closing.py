"""Serve render: the lines about feeds, and the page's last words; pure."""

from __future__ import annotations

from datetime import date

from tracker.digest.composition import Composition, FeedNote
from tracker.digest.numbers import counted, joined, often, roughly
from tracker.digest.render.dates import Calendar, day_month, named, weekday
from tracker.digest.render.escape import Safe, code, escape, fill
from tracker.digest.values import NOUNS
from tracker.models import Kind

MOST_QUIET = 8
MOST_DAYS = 4
MOST_NAMES = 6
MOST_CATEGORIES = 5
_HOSTS = {"youtube.com": "YouTube", "arxiv.org": "arXiv", "substack.com": "Substack"}


def feed_lines(composition: Composition) -> tuple[Safe, ...]:
    """Write one line for each thing that is to be said about feeds, in proportion."""
    lines = [_line(note, Calendar(composition.zone)) for note in composition.notes]
    return (*lines, *_more(composition), *_quiet(composition))


def last_words(composition: Composition) -> tuple[Safe, ...]:
    """Say whose the page is, what is not shown, and when the next one comes (rule 12)."""
    if composition.status == "span":
        return _not_shown(composition)
    ending = " ".join((*_not_shown(composition), _next(composition)))
    return (_owner(composition), Safe(ending))


# ---------------------------------------------------------------- feeds


def _line(note: FeedNote, calendar: Calendar) -> Safe:
    match note.kind:
        case "needs":
            return _needs(note)
        case "outage":
            return _outage(note, calendar)
        case "idle" | "gap":
            return _idle(note, calendar) if note.kind == "idle" else _gap(note, calendar)
        case "missed" | "cut":
            return _missed(note)
        case "silent":
            return _silent(note)
        case _:
            return _state(note)


def _state(note: FeedNote) -> Safe:
    """Say how one feed is that needs nobody."""
    ends = {"moved": "Followed; nothing to do.", "blocked": "Nothing to do."}
    between = Safe(":" if note.kind == "blocked" else "")
    end = ends.get(note.kind, "It is asked again; nothing to do.")
    return fill("{}{} {}. {}", note.title, between, note.evidence, end)


def _silent(note: FeedNote) -> Safe:
    """Say which feeds did not answer when they were last asked, and what came instead."""
    names = Safe(joined([escape(name) for name in note.names]))
    is_one = len(note.names) == 1
    asked = "when it was last asked" if is_one else "when they were last asked"
    again = "It is asked again" if is_one else "They are asked again"
    cause = fill(": {}", note.evidence.rstrip(".")) if note.evidence else ""
    return fill("{} did not answer {}{}. {}; nothing to do.", names, asked, cause, again)


def _more(composition: Composition) -> list[Safe]:
    """Say how many lines there was no room for."""
    more = composition.more_notes
    if not more:
        return []
    number = counted(more, "more line")
    said = f"{number[0].upper()}{number[1:]} of this kind {'is' if more == 1 else 'are'} left out"
    return [fill("{}: {} shows every feed.", said, code("tracker feeds"))]


def _needs(note: FeedNote) -> Safe:
    """Say what, since when, what evidence, which command."""
    source = fill(" ({})", note.source) if note.source else ""
    what = fill("**Needs you:** {}{} {}.", note.title, source, note.evidence)
    shows = fill(" {} shows the evidence", code(f"tracker feeds {note.feed}"))
    return Safe(what + shows + _remedy(note.remedy))


def _remedy(remedy: str) -> str:
    """Say what the command does; a remedy that is no command is a sentence."""
    if not remedy:
        return "."
    if not remedy.startswith("tracker "):
        return fill(". {}", remedy if remedy.endswith((".", "!", "?")) else f"{remedy}.")
    does = "ends it" if remedy.startswith("tracker unsubscribe") else "follows it there"
    return fill(", {} {}.", code(remedy), does if not remedy.startswith("tracker poll") else "asks again")


def _outage(note: FeedNote, calendar: Calendar) -> Safe:
    """Say that a host, or the network, was away; what lasts in the present perfect, what healed in the past."""
    host = _HOSTS.get(note.host, note.host)
    if note.until is None and note.since:
        since, feeds = calendar.moment(note.since), _touched(note)
        what = fill("{} has not been reachable", host) if host else Safe("There has been no network")
        again = "It is" if note.feeds == 1 else "They are"
        return fill("{} since {} ({}). {} asked again; nothing to do.", what, since, feeds, again)
    times = "" if note.times == 1 else f" {often(note.times)}, in all"
    length = roughly(note.seconds)
    length = f"at most {length.removeprefix('about ')}" if note.is_at_most else length
    how_long = Safe(f"{times} for {length}{_when(note, calendar)}")
    what = fill("{} was unreachable{}. Its", host, how_long) if host else Safe(f"There was no network{how_long}. The")
    rest = "nothing is missing" if note.is_whole else "what is missing is named here"
    return fill("{} feeds were read afterwards; {}.", what, rest)


def _touched(note: FeedNote) -> Safe:
    """Name the feeds of a host that is away; a whole network's, and many, are counted."""
    if not note.host or not note.names or len(note.names) > MOST_NAMES:
        return Safe(counted(note.feeds, "feed"))
    return Safe(joined([escape(name) for name in note.names]))


def _when(note: FeedNote, calendar: Calendar) -> str:
    """Name the day of one outage, or the days between which there were several."""
    if not note.since or not note.until:
        return ""
    if calendar.days_between(note.since, note.until) == 0:
        return f" on {calendar.day(note.since)}"
    return f" between {calendar.day(note.since)} and {calendar.day(note.until)}"


def _idle(note: FeedNote, calendar: Calendar) -> Safe:
    if not note.since or not note.until:
        return Safe("Nothing ran for a while.")
    return Safe(f"Nothing ran from {calendar.moment(note.since)} to {calendar.moment(note.until)}.")


def _missed(note: FeedNote) -> Safe:
    """Name the arXiv days that are missing, or of which a part is, and why; of many only the first and the last."""
    days = _few(note.days) if len(note.days) <= MOST_DAYS else _many(note.days)
    is_one = len(note.days) == 1
    why = fill("; {}", note.evidence) if note.evidence else Safe("")
    if note.kind == "cut":  # arXiv ends a feed there (M60)
        were = "batch of {} was" if is_one else "batches of {} were"
        cut = f"cut off by arXiv at {note.papers:,} papers, and the rest is missing"
        return fill(f"{{}}: the {were} {cut}{{}}.", note.title, days, why)
    batches, are = ("batch", "is") if is_one else ("batches", "are")
    return fill("{}: the {} of {} passed unread and {} missing{}.", note.title, batches, days, are, why)


def _gap(note: FeedNote, calendar: Calendar) -> Safe:
    """Name the span in which entries may have passed unseen, and how that was noticed (M41)."""
    since, until = (calendar.moment(each) if each else "" for each in (note.since, note.until))
    asked = fill("; {}", note.evidence) if note.evidence else Safe("")
    if note.times == 1:
        said = f"everything in it was new on {until}: others may have passed unseen since {since}"
    else:
        others = f"others may have passed unseen between {since} and {until}"
        said = f"everything in it was new {often(note.times)}: {others}"
    return fill("{}: {}{}.", note.title, Safe(said), asked)


def _few(days: tuple[date, ...]) -> str:
    """Name each day, the month once where it is the same."""
    months = {(day.year, day.month) for day in days}
    if len(months) > 1:
        return joined([named(day) for day in days])
    return joined([*(f"{weekday(day)} {day.day}" for day in days[:-1]), named(days[-1])])


def _many(days: tuple[date, ...]) -> str:
    return f"{counted(len(days), 'day')} from {day_month(days[0])} to {day_month(days[-1])}"


def _quiet(composition: Composition) -> list[Safe]:
    """Name the quiet feeds, with their last dates, in one line."""
    named_ones = [fill("{} ({})", each.title, each.evidence) for each in composition.quiet[:MOST_QUIET]]
    more = len(composition.quiet) - MOST_QUIET
    if not named_ones:
        return []
    others = f", and {counted(more, 'other')}" if more > 0 else ""
    return [Safe(f"Quiet, as usual: {', '.join(named_ones)}{others}.")]


# ---------------------------------------------------------------- last words


def _owner(composition: Composition) -> Safe:
    """Say what the boxes are for, and whose the page is (rule 9)."""
    if composition.status == "preview":
        whose = "A preview: made anew, it keeps what you tick and write."
    else:
        whose = "This page is yours now: nothing is written to it again."
    return Safe(f"{_legend(composition)}{whose}")


def _legend(composition: Composition) -> str:
    has_entries = any(section.items for section in composition.sections)
    if composition.boxes == "course" and composition.courses:
        return "Tick the lectures that you have watched, and the course moves on. "
    if composition.boxes != "all" or not (has_entries or composition.courses):
        return ""
    return "Tick what you have read or watched; `[*]` in place of the tick asks for more like it, `[-]` for less. "


def _not_shown(composition: Composition) -> tuple[Safe, ...]:
    left_out = [each for each in composition.counts if each.not_shown]
    by_category = [each for each in left_out if composition.is_divided and each.kind is Kind.PAPER]
    hidden = [counted(each.not_shown, NOUNS[each.kind]) for each in left_out if each not in by_category]
    total = sum(each.not_shown for each in left_out if each not in by_category)
    papers = _by_category(composition) if by_category else ()
    if not total:
        return papers
    said = joined(hidden)
    verb = "is" if total == 1 else "are"
    if composition.status == "span":
        return (Safe(f"{said[0].upper()}{said[1:]} {verb} not shown."), *papers)
    command = code(f"tracker entries --issue {composition.label} --not-shown")
    return (Safe(f"{said[0].upper()}{said[1:]} {verb} not shown ({command})."), *papers)


def _by_category(composition: Composition) -> tuple[Safe, ...]:
    """Count the papers that are not shown by the category to which they were submitted."""
    named = composition.categories[:MOST_CATEGORIES]
    others = composition.categories[MOST_CATEGORIES:]
    parts = [f"{escape(name)} {number:,}" for name, number in named]
    if others:
        number = sum(number for _, number in others)
        parts.append(f"{len(others):,} {'other' if len(others) == 1 else 'others'} {number:,}")
    command = code(f"tracker entries --issue {composition.label} --not-shown")
    any_of_them = "" if composition.status == "span" else f" Any of them: {command}."
    return (Safe(f"Papers not shown, by first category: {' · '.join(parts)}.{any_of_them}"),)


def _next(composition: Composition) -> Safe:
    calendar = Calendar(composition.zone)
    if composition.status == "preview":
        return Safe(f"This issue closes {calendar.moment(composition.span.closes_at)}.")
    return Safe(f"Next issue: {calendar.moment(composition.span.next_close)}.")
