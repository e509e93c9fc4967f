"""Offer the commands by which a reader says something of a work: star, done, hide, and the list of it all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from tracker.cli.context import App, pass_app
from tracker.cli.show import cut, moment, number, print_json, say, stamp, table
from tracker.cli.works import works
from tracker.models import Mark, MarkName
from tracker.storage import Storage

TITLE = 60  # characters of a title in a list
_SAID = {MarkName.STARRED: "starred", MarkName.DONE: "done", MarkName.HIDDEN: "hidden"}
_EXCLUDED = {MarkName.STARRED: MarkName.HIDDEN, MarkName.HIDDEN: MarkName.STARRED}


def _of_works(example: str) -> Callable[[Callable[..., int]], click.Command]:
    """Make a command that takes several works and can be undone."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        command: Callable[..., int] = pass_app(function)
        for decorator in (
            click.option("--undo", is_flag=True, help="Take it back, wherever it was said."),
            click.argument("keys", nargs=-1, required=True, metavar="KEY..."),
        ):
            command = decorator(command)
        return click.command(epilog=f"Example: {example}")(command)

    return decorate


@_of_works("tracker star 2203.15556 https://www.youtube.com/watch?v=TCH_1BHY58I")
def star(app: App, keys: tuple[str, ...], *, undo: bool) -> int:
    """Ask for more like these works, stored or not; new versions of a starred paper are told.

    KEY is a key, a link, an arXiv id or a YouTube video's id. A star takes back what was hidden.
    """
    return _mark(app, keys, MarkName.STARRED, undo=undo)


@_of_works("tracker done https://youtu.be/TCH_1BHY58I")
def done(app: App, keys: tuple[str, ...], *, undo: bool) -> int:
    """Say that these works are read or watched; a course moves on to the next lecture.

    KEY is a key, a link, an arXiv id or a YouTube video's id.
    """
    return _mark(app, keys, MarkName.DONE, undo=undo)


@_of_works("tracker hide 2203.15556")
def hide(app: App, keys: tuple[str, ...], *, undo: bool) -> int:
    """Ask for less like these works: no page shows them any more. They stay stored and counted.

    KEY is a key, a link, an arXiv id or a YouTube video's id. Hiding takes a star back.
    """
    return _mark(app, keys, MarkName.HIDDEN, undo=undo)


@click.command(epilog="Example: tracker marks --json")
@click.option("--json", "as_json", is_flag=True, help="An array, for programs.")
@pass_app
def marks(app: App, *, as_json: bool) -> int:
    """List what you have starred, done and hidden, by command or in an issue's file, the latest first."""
    from tracker.digest import read_marks

    config = app.config()
    with app.storage(config) as storage:
        read_marks(config.digest, storage, now=app.now())
        found = sorted(storage.marks().values(), key=lambda mark: mark.key)
        found.sort(key=lambda mark: mark.at, reverse=True)
        titles = {mark.key: _title(storage, mark.key) for mark in found}
    if as_json:
        print_json([{**_as_dict(mark), "title": titles[mark.key] or None} for mark in found])
        return 0
    if not found:
        say("no marks yet: tick an entry in an issue's file, or use tracker star, done and hide")
        return 0
    zone = config.digest.timezone
    table(
        (each.key, ", ".join(each.names), cut(titles[each.key] or "(not stored)", TITLE), moment(each.at, zone))
        for each in found
    )
    say(f"{number(len(found), 'work')}; times in {zone}")
    return 0


def _mark(app: App, keys: tuple[str, ...], name: MarkName, *, undo: bool) -> int:
    from tracker.digest import read_marks

    config = app.config()
    with app.storage(config) as storage:
        # What files say comes first, so that the command has the last word.
        read_marks(config.digest, storage, now=app.now())
        with storage.transaction():
            lines = [_one(app, storage, key, name, undo=undo) for key in works(storage, keys)]
    for line in lines:
        say(line)
    return 0


def _one(app: App, storage: Storage, key: str, name: MarkName, *, undo: bool) -> str:
    """Put a mark on one work, or take it back, and say what that did."""
    title = _title(storage, key)
    what = f"{title} ({key})" if title else f"{key} (not stored yet)"
    if undo:
        changed = storage.unmark(key, name)
        return f"no longer {_SAID[name]}: {what}" if changed else f"was not {_SAID[name]}: {what}"
    before = storage.marks().get(key)
    changed = storage.mark(key, name, at=app.now())
    other = _EXCLUDED.get(name)
    tail = f", no longer {_SAID[other]}" if other and before and other in before.names else ""
    return f"{_SAID[name] if changed else f'already {_SAID[name]}'}{tail}: {what}"


def _title(storage: Storage, key: str) -> str:
    entry = storage.entry(key)
    return entry.title if entry else ""


def _as_dict(mark: Mark) -> dict[str, object]:
    """Lay a mark out for programs."""
    return {
        "key": mark.key,
        "done": mark.done,
        "starred": mark.starred,
        "hidden": mark.hidden,
        "at": stamp(mark.at),
        "origin": mark.origin,
    }
