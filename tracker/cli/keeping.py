"""Offer backup and restore: one whole file out of a running database, and back without touching the reader's pages."""

from __future__ import annotations

from pathlib import Path

import click

from tracker.cli.context import App, pass_app
from tracker.cli.running import nearby
from tracker.cli.show import number, say, warn
from tracker.models import Config
from tracker.storage import Restored, Storage

FILE = click.Path(path_type=Path)
MOST_LABELS = 5


@click.command(epilog="Example: tracker backup ~/tracker-2026-11-24.db")
@click.argument("file", type=FILE, metavar="FILE")
@click.option("--force", is_flag=True, help="Overwrite FILE if it exists.")
@pass_app
def backup(app: App, file: Path, *, force: bool) -> int:
    """Copy the database into FILE, whole and checked, while everything goes on running.

    FILE appears only when the copy is complete and sound. feeds.toml and the digests are files of yours: copy them too.
    """
    config = app.config()
    if not Storage.exists(config.database):
        warn(f"there is no database {config.database} yet: tracker poll makes it")
        return 1
    with app.storage(config) as storage:
        storage.backup(file, overwrite=force)
        held = _holds(storage)
    say(f"written: {nearby(file)}, {max(1, round(file.stat().st_size / 1000)):,} kB, checked: {held}")
    return 0


@click.command(epilog="Example: tracker restore ~/tracker-2026-11-24.db")
@click.argument("file", type=FILE, metavar="FILE")
@pass_app
def restore(app: App, file: Path) -> int:
    """Make a backup the database again; the present one is kept beside it, and no page is touched.

    Refused while a daemon, a poll or a digest is running. What the backup does not know is found again as far as the
    feeds still hold it, and the issues since then close again; their pages are written beside those that are there.
    """
    config = app.config()
    restored = Storage.restore(file, config.database, now=app.now())
    with app.storage(config) as storage:
        say(f"restored from {nearby(file)}: {_holds(storage)}")
    _tell(restored, config)
    return 0


def _tell(restored: Restored, config: Config) -> None:
    if restored.kept:
        say(f"the former database is kept: {nearby(restored.kept)} (tracker restore brings it back)")
    if restored.lost:
        more = len(restored.lost) - MOST_LABELS
        labels = ", ".join(restored.lost[-MOST_LABELS:]) + (f" and {more} before" if more > 0 else "")
        say(f"closed after the backup, and known to the former database alone: {labels}")
        say(
            f"their pages in {nearby(config.digest.folder)} stay as they are; what closes under such a name again is"
            " written beside them"
        )


def _holds(storage: Storage) -> str:
    issues = storage.labels()
    last = f", the last {issues[-1]}" if issues else ""
    return f"{number(len(storage.issues()), 'issue')}{last}, {number(storage.counts().entries, 'entry', 'entries')}"
