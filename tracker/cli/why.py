"""Answer why a work stands where it stands, or nowhere: from the ledger, the open window, the feeds and the marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import click

from tracker.cli.context import App, pass_app
from tracker.cli.show import moment, page, print_json, stamp
from tracker.cli.works import nearest, works
from tracker.models import Config, Mark, Placed, StoredEntry
from tracker.storage import Storage

MOST_LINKS = 5  # works that link to this one and are named


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is known of one work; `places` are in closed issues, `open` in the window that runs: (label, place)."""

    key: str
    entry: StoredEntry | None
    mark: Mark | None
    places: tuple[tuple[str, Placed], ...] = ()
    open: tuple[tuple[str, Placed], ...] = ()
    held: str = ""
    mentioned: tuple[StoredEntry, ...] = ()
    near: tuple[str, ...] = ()


@click.command(epilog="Example: tracker why 2203.15556")
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@click.option("--json", "as_json", is_flag=True, help="An array, for programs.")
@pass_app
def why(app: App, keys: tuple[str, ...], *, as_json: bool) -> int:
    """Say where works stand: which feeds brought them, in which issue, and why there, or what left them out.

    KEY is a key, a link, an arXiv id or a YouTube video's id. Works of the open window stand as its preview would
    place them now. What is not stored is said to be, with the nearest that is.
    """
    from tracker.digest import read_marks

    config = app.config()
    with app.storage(config) as storage:
        read_marks(config.digest, storage, now=app.now())
        answers = _answers(app, config, storage, works(storage, keys))
    if as_json:
        print_json([_as_dict(each) for each in answers])
        return 0
    page("\n\n".join("\n".join(_lines(each, config)) for each in answers))
    return 0


def _answers(app: App, config: Config, storage: Storage, keys: tuple[str, ...]) -> list[Answer]:
    from tracker import digest

    entries = {key: storage.entry(key) for key in keys}
    marks = storage.marks()
    is_any = any(entries.values())
    places = digest.placed_now(config, storage, now=app.now()) if is_any else ()
    label = digest.open_window(config, storage, now=app.now()).label
    held = digest.held(storage, now=app.now()) if is_any else {}
    return [
        Answer(
            key=entry.key if entry else key,
            entry=entry,
            mark=marks.get(entry.key if entry else key),
            places=storage.places(entry.id) if entry else (),
            open=tuple((label, place) for place in places if entry and place.entry == entry.id),
            held=held.get(entry.id, "") if entry else "",
            mentioned=_mentioned(storage, key),
            near=() if entry else nearest(storage, key),
        )
        for key, entry in entries.items()
    ]


def _mentioned(storage: Storage, key: str) -> tuple[StoredEntry, ...]:
    found = storage.mentioned_by((key,)).get(key, ())
    return tuple(storage.entries_by_id(found).values())


def _lines(answer: Answer, config: Config) -> Iterator[str]:
    zone, entry = config.digest.timezone, answer.entry
    if entry is None:
        yield f"{answer.key}: not stored; no feed that is followed has brought it"
        yield from (f"  near it is stored: {each}" for each in answer.near)
    else:
        yield f"{entry.key}: {entry.title}"
        yield f"  {entry.url}"
        yield f"  first seen {moment(entry.first_seen, zone)}"
        for each in entry.appearances:
            as_what = f"backlog: {each.backlog}" if each.backlog else "news"
            announced = f" (announced as {each.announce_type})" if each.announce_type else ""
            yield f"  in {each.feed}, as {as_what}{announced}"
        yield from _standing(answer)
    if answer.mark:
        since = moment(answer.mark.at, zone)
        yield f"  your marks: {', '.join(answer.mark.names)} (since {since}, by {answer.mark.origin})"
    for other in answer.mentioned[:MOST_LINKS]:
        yield f"  linked to by {other.title} ({other.key})"


def _standing(answer: Answer) -> Iterator[str]:
    """Say where the work stands in closed issues and in the open one, or why in none."""
    for label, place in answer.places:
        yield f"  {label}: {_place(place)}"
        yield from _terms(place)
    for label, place in answer.open:
        yield f"  {label}, still open: {_place(place)}"
        yield from _terms(place)
    if answer.held:
        yield f"  in no issue yet: {answer.held}"
    elif answer.entry and answer.entry.is_backlog and not answer.places:
        yield "  in no issue: it was there before, and is kept and not announced"


def _place(place: Placed) -> str:
    """Say one place in a line: role, section, rank, what its score is made of, what cut it."""
    what = f"as {place.role} in {place.section}" if place.section else f"as {place.role}"
    parts = [f"shown {what}" if place.is_shown else f"not shown: {place.cut}"]
    parts += [f"rank {place.rank}"] if place.rank else []
    parts += [f"number {place.standing} of its papers"] if place.standing else []
    parts += [f"score {place.score:.3g}"] if place.score is not None else []
    parts += [f"version {place.version}"] if place.version else []
    return f"{', '.join(parts)}{'; why: ' + '; '.join(place.reasons) if place.reasons else ''}"


def _terms(place: Placed) -> Iterator[str]:
    """Name what the score is the sum of."""
    if place.terms:
        yield f"    {'; '.join(f'{name} {value:+.2f}' for name, value in place.terms.items())}"


def _as_dict(answer: Answer) -> dict[str, object]:
    """Lay an answer out for programs."""
    entry, mark = answer.entry, answer.mark
    return {
        "key": answer.key,
        "stored": entry is not None,
        "title": entry.title if entry else None,
        "url": entry.url if entry else None,
        "first_seen": stamp(entry.first_seen) if entry else None,
        "backlog": entry.is_backlog if entry else None,
        "held": answer.held or None,
        "feeds": [
            {"feed": each.feed, "backlog": each.backlog or None, "announce_type": each.announce_type or None}
            for each in (entry.appearances if entry else ())
        ],
        "places": [
            *({"issue": label, "open": False, **_place_dict(place)} for label, place in answer.places),
            *({"issue": label, "open": True, **_place_dict(place)} for label, place in answer.open),
        ],
        "marks": [each.value for each in mark.names] if mark else [],
        "marked_at": stamp(mark.at) if mark else None,
        "linked_to_by": [each.key for each in answer.mentioned],
        "near": list(answer.near),
    }


def _place_dict(place: Placed) -> dict[str, object]:
    return {
        "role": place.role.value,
        "shown": place.is_shown,
        "section": place.section or None,
        "rank": place.rank,
        "standing": place.standing,
        "score": place.score,
        "terms": dict(place.terms),
        "reasons": list(place.reasons),
        "cut": place.cut or None,
        "version": place.version,
    }
