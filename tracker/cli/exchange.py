"""Offer import and export: the subscriptions of another reader as OPML, in and out."""

from __future__ import annotations

from typing import BinaryIO

import click

from tracker.cli.context import App, pass_app
from tracker.cli.show import give, number, say, warn
from tracker.models import Config
from tracker.subscribe import Import


@click.command("import", epilog="Example: tracker import feedly.opml --tag imported --dry-run")
@click.argument("file", type=click.File("rb"), metavar="FILE")
@click.option("--tag", "tags", multiple=True, help="A tag for each of them, beside its folders; may be repeated.")
@click.option("--dry-run", is_flag=True, help="Say what would be added, and add nothing.")
@pass_app
def import_(app: App, file: BinaryIO, tags: tuple[str, ...], *, dry_run: bool) -> int:
    """Add the feeds of an OPML file (- is standard input) to feeds.toml, its folders as tags.

    Nobody is asked anything: each feed is looked at when the next poll finds it due, hosts one request at a time. What
    is left out is named with the reason; exit code 1 when nothing of the file could be followed.
    """
    from tracker.subscribe import OpmlError, append_table, import_outlines, read_opml
    from tracker.subscribe.opml import LARGEST

    config = app.config()
    try:
        outlines = read_opml(file.read(LARGEST + 1))
    except OpmlError as error:
        warn(f"{file.name}: {error}")
        return 1
    found = import_outlines(outlines, config, tags=tags)
    for each in found.skipped:
        warn(f"left out: {' · '.join(part for part in (each.title, each.url) if part) or 'an outline'}: {each.reason}")
    text = "\n".join(found.tables)
    if text and not dry_run:
        append_table(config.path, text)
    _tell_import(found, config, text, dry_run=dry_run)
    return 0 if found.tables or any(each.is_followed for each in found.skipped) else 1


def _tell_import(found: Import, config: Config, text: str, *, dry_run: bool) -> None:
    if text and dry_run:
        say(f"would be added to {config.path}:\n\n{text}")
    done = "would be added" if dry_run else f"added to {config.path}"
    say(f"{number(len(found.tables), 'feed')} {done}, {len(found.skipped):,} left out")
    batches = [each.id for each in (*config.subscriptions, *found.subscriptions) if each.categories]
    if len(batches) > 1 and any(each.categories for each in found.subscriptions):
        say(f"arXiv is asked once for all categories of one table: {', '.join(batches)} could be one")
    if text and not dry_run:
        say("the next poll asks them, gently: one request at a time to each host (tracker poll)")


@click.command(epilog="Example: tracker export -o feeds.opml")
@click.option("-o", "output", metavar="FILE", default="-", help="Write to this file; - is standard output [-].")
@pass_app
def export(app: App, output: str) -> int:
    """Write the feeds of feeds.toml as OPML, for other readers: addresses, titles and tags."""
    from tracker.subscribe import export_outlines, write_opml

    config = app.config()
    text = write_opml(export_outlines(config), title=config.digest.title, now=app.now())
    return give(text, output, told=f", {number(len(config.subscriptions), 'feed')}")
