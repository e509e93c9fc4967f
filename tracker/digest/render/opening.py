"""Serve render: heading and first paragraph, which says the span, how much there is, and how the feeds are; pure."""

from __future__ import annotations

from datetime import date

from tracker.digest.composition import Composition
from tracker.digest.numbers import counted, joined, lasting, spelt
from tracker.digest.render.dates import MONTHS, Calendar, day_month, ordinal, weekday
from tracker.digest.render.escape import Safe, escape, fill
from tracker.digest.values import NOUNS
from tracker.models import Kind, Role

MOST_DAYS = 3


def edition(composition: Composition) -> str:
    """Name the edition for the heading: "week 48"; an ad-hoc span by its dates."""
    if composition.status == "span":
        return Calendar(composition.zone).dates(composition.span.start, composition.span.end)
    base, _, number = _parts(composition)
    name = _edition(composition.every, base)
    return f"{name}, part {number}" if number else name


def edition_of_year(composition: Composition) -> str:
    """Name the edition where the year does not stand beside it: "week 48 of 2026"."""
    base, year, number = _parts(composition)
    if composition.status == "span" or composition.every != "week":
        return edition(composition)
    return f"{_edition('week', base)} of {year}{f', part {number}' if number else ''}"


def opening(composition: Composition) -> Safe:
    """Write the first paragraph."""
    sentences = [_span(composition), *_amount(composition), *_feeds(composition)]
    return Safe(" ".join(each for each in sentences if each))


# ---------------------------------------------------------------- the edition's name


def _parts(composition: Composition) -> tuple[str, str, str]:
    """Split a label into its base, its year, and the number of a second issue."""
    label, lengths = composition.label, {"week": 8, "day": 10, "month": 7}
    length = lengths[composition.every]
    return label[:length], label[:4], label[length + 1 :]


def _edition(every: str, base: str) -> str:
    if every == "week":
        return f"week {int(base[6:])}"
    if every == "day":
        day = date.fromisoformat(base)
        return f"{weekday(day)}, {day_month(day)} {day.year}"
    return f"{MONTHS[int(base[5:7]) - 1]} {base[:4]}"


# ---------------------------------------------------------------- what it covers


def _span(composition: Composition) -> Safe:
    """Say the span with its hours, and why it is not the regular one."""
    span, calendar = composition.span, Calendar(composition.zone)
    dates, hours = calendar.dates(span.start, span.end), _hours(composition)
    kept = counted(composition.backlog, "older entry is", "older entries are")
    older = f"; {kept} kept and not announced" if composition.backlog else ""
    if composition.status == "span":
        return Safe(f"{dates}, {hours}: what was first seen in this time. Looking assigns nothing.")
    if composition.status == "preview":
        since = f"{dates}, {hours}" if span.is_first or calendar.days_between(span.start, span.end) > 6 else hours
        return Safe(f"**So far:** {since}{older}. Closes {calendar.moment(span.closes_at)}.")
    return Safe(f"{dates}, {hours}{_why_other(composition)}{older}.{_fetched(composition)}")


def _hours(composition: Composition) -> str:
    span, calendar = composition.span, Calendar(composition.zone)
    if span.is_first and span.first_polled_at:
        local = calendar.local(span.first_polled_at)
        first = f"{weekday(local)} {local.day}, {calendar.clock(span.first_polled_at)}"
        return f"from a {composition.every} before your first poll ({first}) to {calendar.hour(span.end)}"
    if calendar.is_long(span.start, span.end):
        return f"{calendar.clock(span.start)} to {calendar.clock(span.end)}"
    if calendar.days_between(span.start, span.end) == 0:
        return f"{weekday(calendar.local(span.start))} {calendar.clock(span.start)} to {calendar.clock(span.end)}"
    return f"{calendar.hour(span.start)} to {calendar.hour(span.end)}"


def _why_other(composition: Composition) -> str:
    """Say why the span is not the regular one: away, late, early, or the rest after an early close."""
    span = composition.span
    if span.covers:
        issues = counted(len(span.covers) + 1, composition.every)
        return f", {issues} in one issue{_idle(composition)}"
    if span.is_early:
        return ": closed early"
    if span.is_late:
        return _late(composition)
    return f": the rest of the {composition.every} after an early close" if span.repeats else ""


def _idle(composition: Composition) -> str:
    span, calendar = composition.span, Calendar(composition.zone)
    if not span.idle_from or not span.idle_to:
        return ""
    first, last = calendar.local(span.idle_from).date(), calendar.local(span.idle_to).date()
    if (first.year, first.month) == (last.year, last.month):
        return f": nothing ran from {ordinal(first)} to {ordinal(last)}"
    return f": nothing ran from {day_month(first)} to {day_month(last)}"


def _fetched(composition: Composition) -> str:
    """Say which of arXiv's batches were fetched after an absence, and which could not be (M51)."""
    span = composition.span
    if not span.covers or not span.fetched_days:
        return ""
    missing = [f"{weekday(day)} {day.day}" for day in span.unfetched_days]
    but = f", except {joined(missing) if len(missing) <= MOST_DAYS else 'those named at the end'}" if missing else ""
    return f" arXiv's batches of those days were fetched afterwards{but}."


def _late(composition: Composition) -> str:
    span, asked = composition.span, composition.asked
    if not span.was_asleep:
        return f": closed {lasting(max(60, (span.end - span.closes_at).total_seconds()))} after its hour"
    everybody = " and every feed had been asked" if asked.asked == asked.subscribed else ""
    return f": closed when the computer was awake again{everybody}"


# ---------------------------------------------------------------- how much there is


def _amount(composition: Composition) -> list[Safe]:
    """Say how much there is, in time and things, out of how many."""
    arrived = sum(each.arrived for each in composition.counts)
    lectures = sum(len(each.lectures) for each in composition.courses)
    news = (
        []
        if arrived or _extras(composition) or _is_blind(composition)
        else [Safe("Nothing new." if _is_over(composition) else "Nothing new yet.")]
    )
    extras = _extras(composition)
    things = [counted(lectures, "lecture")] if lectures else []
    if composition.is_divided and (papers := _papers(composition)):
        others = [_things(composition, kind) for kind in (Kind.VIDEO, Kind.POST)]
        return [*news, papers, *_also([*things, *extras, *(each for each in others if each)]), *_in_all(composition)]
    things += [_things(composition, kind) for kind in (Kind.VIDEO, Kind.POST, Kind.PAPER)]
    listed = joined([each for each in things if each])
    if not listed:
        return [*news, *([Safe(f"{_capital(joined(extras))}.")] if extras else [])]
    return [
        *news,
        Safe(f"{_time(composition)}{listed}." if composition.minutes else f"{listed[0].upper()}{listed[1:]}."),
        *_also(extras),
    ]


def _papers(composition: Composition) -> Safe:
    """Say what became of all papers: "1,287 papers: 15 with a sentence, 10 by title, 1,262 counted".

    One in which no sentence says what it does stands there by its title, whatever its section.
    """
    count = next((each for each in composition.counts if each.kind is Kind.PAPER), None)
    if not count:
        return Safe("")
    told = _told(composition)
    by_title = count.full + count.by_title - told
    parts = ((told, "with a sentence"), (by_title, "by title"), (count.not_shown, "counted"))
    said = [(number, how) for number, how in parts if number]
    arrived = _capital(counted(count.arrived, "paper"))
    if len(said) == 1:
        everyone = {1: "", 2: "both "}.get(count.arrived, "all ")
        return Safe(f"{arrived}, {everyone}{said[0][1]}.")
    return Safe(f"{arrived}: {', '.join(f'{number:,} {how}' for number, how in said)}.")


def _told(composition: Composition) -> int:
    """Count the papers that arrived and stand there with a sentence."""
    items = (item for section in composition.sections for item in section.items)
    return sum(bool(item.sentence) for item in items if item.kind is Kind.PAPER and item.role is Role.NEWS)


def _also(things: list[str]) -> list[Safe]:
    return [Safe(f"Also {joined(things)}.")] if things else []


def _in_all(composition: Composition) -> list[Safe]:
    about = "About" if composition.is_exact else "At least"
    return [Safe(f"{about} {lasting(60 * composition.minutes)} in all.")] if composition.minutes else []


def _extras(composition: Composition) -> list[str]:
    """Count new versions and second looks, which are no part of what arrived."""
    roles = [item.role for section in composition.sections for item in section.items]
    versions, looks = roles.count(Role.UPDATE), roles.count(Role.SECOND_LOOK)
    return [
        *([counted(versions, "new version")] if versions else []),
        *([counted(looks, "second look")] if looks else []),
    ]


def _time(composition: Composition) -> str:
    about = "About" if composition.is_exact else "At least"
    return f"{about} {lasting(60 * composition.minutes)}: "


def _things(composition: Composition, kind: Kind) -> str:
    """Say how many of a kind are on the page, and out of how many where some are not."""
    count = next((each for each in composition.counts if each.kind is kind), None)
    shown = count.full + count.by_title if count else 0
    if not count or count.arrived == count.as_lecture:
        return ""
    out_of = f" out of {spelt(count.arrived - count.as_lecture)}" if count.not_shown else ""
    if kind is Kind.PAPER and shown:
        return f"{_texts(_told(composition), shown)}{out_of}"
    return f"{counted(shown, NOUNS[kind], NOUNS[kind] if not shown else '')}{out_of}"


def _texts(told: int, shown: int) -> str:
    """Say what the page has of its papers: "the abstracts of three papers and the titles of two"."""
    titles = shown - told
    if not told:
        return f"the title{'s' if titles > 1 else ''} of {counted(titles, 'paper')}"
    more = f" and the title{'s' if titles > 1 else ''} of {spelt(titles)}" if titles else ""
    return f"the abstract{'s' if told > 1 else ''} of {counted(told, 'paper')}{more}"


def _is_over(composition: Composition) -> bool:
    return composition.status != "preview"


# ---------------------------------------------------------------- how the feeds are


def _is_blind(composition: Composition) -> bool:
    return composition.asked.was_blind and not composition.counts and not _extras(composition)


def _feeds(composition: Composition) -> list[Safe]:
    """Say how many feeds answered, which did not, and whether one needs the reader."""
    if composition.status == "span":
        return []
    needs = sum(each.kind == "needs" for each in composition.notes)
    wanted = [Safe(f"**{_capital(counted(needs, 'feed needs', 'feeds need'))} you**, see the end.")] if needs else []
    return ([_blind(composition)] if _is_blind(composition) else _answers(composition, needs)) + wanted


def _blind(composition: Composition) -> Safe:
    asked, calendar = composition.asked, Calendar(composition.zone)
    if asked.no_network_since:
        cause = f"no network since {calendar.moment(asked.no_network_since)}"
    else:
        cause = f"none of your {counted(asked.asked, 'feed')} could be reached"
        cause += f" since {calendar.moment(asked.last_success_at)}" if asked.last_success_at else ""
    return Safe(f"Nothing could be read: {cause}. This page says nothing about your feeds.")


def _answers(composition: Composition, needs: int) -> list[Safe]:
    asked = composition.asked
    if not asked.subscribed:
        return [Safe("No feed is subscribed.")]
    if not asked.asked:
        return [Safe("No feed was due in this time.")]
    if asked.silent:
        return [_silent(composition)]
    if needs:
        return []
    everybody = {1: "Your feed", 2: "Both feeds"}.get(asked.asked, f"All {spelt(asked.asked)} feeds")
    if asked.asked < asked.subscribed:
        everybody = "The one feed that was due" if asked.asked == 1 else f"{everybody} that were due"
    return [Safe(f"{everybody} answered.")]


def _silent(composition: Composition) -> Safe:
    asked = composition.asked
    verb = "answers" if asked.answered == 1 else "answer"
    total = f"{_capital(spelt(asked.answered))} of {counted(asked.asked, 'feed')} {verb}"
    if asked.no_network_since:
        return Safe(f"No network since {Calendar(composition.zone).moment(asked.no_network_since)}.")
    if not asked.answered:
        nobody = {1: "Your feed does not answer", 2: "Neither of your feeds answers"}
        said = nobody.get(asked.asked, f"None of your {spelt(asked.asked)} feeds answers")
        return Safe(f"{said}; the end of the page says more.")
    if len(asked.silent) > 2:
        return Safe(f"{total}; the end of the page names the others.")
    names = Safe(" and ".join(escape(name) for name in asked.silent))
    return fill("{}; {} {} not.", Safe(total), names, "does" if len(asked.silent) == 1 else "do")


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
