"""Offer the commands about feeds.toml: init, subscribe, unsubscribe, check."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import partial

import click

from tracker.cli.context import App, pass_app, require
from tracker.cli.show import moment, number, say, warn
from tracker.config.values import Backlog
from tracker.models import Config
from tracker.storage import Storage
from tracker.subscribe import Proposal, Wishes


@click.command(epilog="Example: mkdir reading && cd reading && tracker init")
@pass_app
def init(app: App) -> int:
    """Write a commented feeds.toml to start from; one that exists is never overwritten."""
    from tracker.subscribe import write_starter

    path = app.config_path
    write_starter(path)
    say(f"written: {path}")
    say("Edit it, or add to it with tracker subscribe URL; then: tracker poll, and tracker digest")
    return 0


@click.command(epilog="Example: tracker subscribe https://www.youtube.com/@AndrejKarpathy --tag talks --dry-run")
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--id", "feed", metavar="ID", help="Its id in feeds.toml [made from the title].")
@click.option("--title", help="Its title on the page [what the feed calls itself].")
@click.option("--tag", "tags", multiple=True, help="A tag to select by; may be repeated.")
@click.option("--course", is_flag=True, help="A playlist to work through in order.")
@click.option("--backlog", metavar="N|all|DATE", help="Announce older entries too: so many, all, or from a day on.")
@click.option("--dry-run", is_flag=True, help="Say what would be added, and add nothing.")
@pass_app
def subscribe(  # noqa: PLR0913 -- click hands over one argument per option
    app: App,
    urls: tuple[str, ...],
    feed: str | None,
    title: str | None,
    tags: tuple[str, ...],
    backlog: str | None,
    *,
    course: bool,
    dry_run: bool,
) -> int:
    """Find out what each URL is, look once, say what will arrive, and add it to feeds.toml.

    A URL may be a playlist, a channel, an @handle or a video on YouTube; a newsletter or one of its posts; an arXiv
    category, listing, paper or search; a feed, or a page that has one. Exit code 1 when one could not be added.
    """
    if feed and len(urls) > 1:
        raise click.UsageError("--id names one feed: give one URL with it")
    wishes = Wishes(id=feed or "", title=title or "", tags=tags, course=course, backlog=_backlog(backlog))
    return max(_subscribe(app, url, wishes, dry_run=dry_run) for url in urls)


@click.command(epilog="Example: tracker unsubscribe stanford-online")
@click.argument("feed", metavar="ID")
@pass_app
def unsubscribe(app: App, feed: str) -> int:
    """Take a feed out of feeds.toml; what was stored of it stays."""
    from tracker.subscribe import remove_table

    config = app.config()
    require(config, feed)
    remove_table(config.path, feed)
    say(f"{feed} is no longer in {config.path}; its entries are kept (tracker entries --feed {feed})")
    return 0


@click.command(epilog="Example: tracker --config ~/reading/feeds.toml check")
@pass_app
def check(app: App) -> int:
    """Read feeds.toml and name every mistake in it: line, what was expected, the nearest right spelling."""
    config = app.config()
    say(f"{config.path} is right: {number(len(config.subscriptions), 'feed')}")
    return 0


# ---------------------------------------------------------------- subscribe


def _subscribe(app: App, url: str, wishes: Wishes, *, dry_run: bool) -> int:
    from tracker import digest
    from tracker.poll.fetch import Fetcher
    from tracker.subscribe import append_table, examine
    from tracker.subscribe import table as as_table

    # Read anew for each URL: the one before may have added a table.
    config = app.config()
    since, hosts, carried = None, None, None
    if Storage.exists(config.database):
        carried = partial(_carried, app, config)
        with app.storage(config) as storage:
            since, hosts = digest.open_since(config, storage, now=app.now()), storage.host_times()
    fetcher = Fetcher(config.http, contact=config.contact, hosts=hosts)
    proposal = examine(url, config, fetcher, now=app.now(), wishes=wishes, since=since, carried=carried)
    if proposal.problem or proposal.subscription is None:
        warn(f"{url}: {proposal.problem}")
        for choice in proposal.choices:
            warn(f"  {choice}")
        return 1
    _tell_proposal(proposal, config)
    text = as_table(proposal.subscription)
    if dry_run:
        say(f"would be added to {config.path}:\n\n{text}")
        return 0
    append_table(config.path, text)
    say(f"added to {config.path} as {proposal.subscription.id}; the next poll asks it (tracker poll)")
    return 0


def _carried(app: App, config: Config, keys: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Say which feeds carry what is stored under these keys."""
    with app.storage(config) as storage:
        found = {key: storage.entry(key) for key in sorted(keys)}
    return {key: tuple(each.feed for each in entry.appearances) for key, entry in found.items() if entry}


def _tell_proposal(proposal: Proposal, config: Config) -> None:
    subscription = proposal.subscription
    assert subscription is not None, "a proposal without a problem has a subscription"
    from tracker.digest.numbers import roughly

    zone = config.digest.timezone
    say(f"{subscription.title}: {proposal.kind}")
    newest = f", the newest of {moment(proposal.newest, zone)}" if proposal.newest else ""
    rate = f", about {_rate(proposal.per_week)} a week" if proposal.per_week and proposal.per_week >= 0.1 else ""
    order = f", {proposal.order}" if proposal.order else ""
    say(f"  {number(proposal.entries, 'entry', 'entries')} there now{order}{newest}{rate}")
    if rate and proposal.minutes:
        say(f"  {roughly(60 * proposal.minutes)} a week to watch or read")
    say(f"  the first issue announces {proposal.news:,}, {proposal.backlog:,} are kept and not announced")
    for note in proposal.notes:
        say(f"  {note}")


def _rate(per_week: float) -> str:
    return f"{per_week:,.0f}" if per_week >= 2 else f"{per_week:.1f}".removesuffix(".0")


def _backlog(text: str | None) -> Backlog | None:
    if text is None or text == "all":
        return "all" if text else None
    try:
        return int(text) if text.isdigit() else date.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"--backlog: {text!r}: write a number, all, or a day such as 2026-01-01") from error
