"""Offer the commands about feeds.toml: init, subscribe, unsubscribe, feeds, check."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import partial
from zoneinfo import ZoneInfo

import click

from tracker.cli.context import App, pass_app, require, tagged
from tracker.cli.show import moment, number, print_json, say, stamp, table, warn
from tracker.config.values import Backlog
from tracker.models import Config, Feed, Health, Poll, State, Subscription
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


@click.command(epilog="Example: tracker feeds zero-to-hero")
@click.argument("feed", required=False, metavar="[ID]")
@click.option("--tag", metavar="TAG", help="Only the feeds with this tag.")
@click.option("--json", "as_json", is_flag=True, help="An array, for programs.")
@pass_app
def feeds(app: App, feed: str | None, tag: str | None, *, as_json: bool) -> int:
    """List every feed: state, last new entry, next due, last error. With ID: the evidence."""
    from tracker import health
    from tracker.poll import reconcile

    config = app.config()
    if feed:
        require(config, feed)
    wanted = (feed,) if feed else tagged(config, tag) if tag else tuple(each.id for each in config.subscriptions)
    now = app.now()
    with app.storage(config) as storage:
        reconcile(config, storage, now=now)
        rows = storage.feeds()
        zone = ZoneInfo(config.digest.timezone)
        polls, dates = storage.polls(), storage.published_of_all()
        report = health.report(rows, config.subscriptions, polls, since=now, now=now, zone=zone, published=dates)
        states = {each.feed: each for each in report.feeds}
        chosen = [each for each in rows if each.id in wanted]
        if as_json:
            print_json([_as_dict(each, states[each.id]) for each in chosen])
        elif feed:
            _tell_one(config, chosen[0], states[feed], storage)
        else:
            _tell_all(config, chosen, states)
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


# ---------------------------------------------------------------- feeds


def _tell_all(config: Config, rows: list[Feed], states: dict[str, Health]) -> None:
    if not rows:
        say(f"no feeds in {config.path} yet: tracker subscribe URL")
        return
    zone = config.digest.timezone
    head = ("id", "state", "last new", "next due", "last error")
    table(
        (
            (
                each.id,
                _state(each, states[each.id]),
                moment(each.last_new_at, zone),
                moment(each.feed.next_due_at, zone, never="paused" if each.is_paused else "now"),
                each.feed.last_error or (each.listing.last_error and f"listing: {each.listing.last_error}"),
            )
            for each in rows
        ),
        head=head,
    )


def _state(feed: Feed, health: Health) -> str:
    is_known = feed.feed.last_success_at or feed.listing.last_success_at or health.state is not State.OK
    return health.state.value if is_known else "not read yet"


def _tell_one(config: Config, feed: Feed, health: Health, storage: Storage) -> None:
    from tracker.health import title_doubt

    zone = config.digest.timezone
    subscription = config.subscription(feed.id)
    rows = [
        ("title", feed.title or (subscription.title if subscription else "") or feed.id),
        ("source", f"{feed.source.value}, {feed.target}"),
        ("feed", feed.feed.url or _feed_url(subscription)),
        ("state", f"{_state(feed, health)}{f' since {moment(health.since, zone)}' if health.since else ''}"),
    ]
    rows += [("instead of", f"{_feed_url(subscription)}, which was not found")] if _is_spare(feed, subscription) else []
    rows += [("evidence", health.evidence)] if health.evidence else []
    rows += [("what to do", health.remedy)] if health.remedy else []
    doubt = title_doubt(feed, subscription) if subscription else ""
    rows += [("doubt", doubt)] if doubt else []
    rows += [
        ("last read", moment(feed.feed.last_success_at, zone)),
        ("last new", moment(feed.last_new_at, zone)),
        ("next due", moment(feed.feed.next_due_at, zone, never="now")),
        ("subscribed", moment(feed.subscribed_at, zone)),
    ]
    table(rows)
    say("")
    say("the last polls:")
    table(_poll_row(each, zone) for each in storage.polls(feed=feed.id)[-10:])


def _poll_row(poll: Poll, zone: str) -> tuple[str, ...]:
    status = str(poll.status or "")
    what = poll.error or f"{poll.entries} entries, {poll.new - poll.backlog} new, {poll.backlog} backlog"
    return (f"  {moment(poll.at, zone)}", poll.door.value, poll.outcome.value, status, what)


def _is_spare(feed: Feed, subscription: Subscription | None) -> bool:
    from tracker.sources.youtube import spare_url

    return subscription is not None and bool(feed.feed.url) and feed.feed.url == spare_url(subscription)


def _feed_url(subscription: Subscription | None) -> str:
    from tracker.sources import source_of

    return source_of(subscription).feed_url(subscription) if subscription else ""


def _as_dict(feed: Feed, health: Health) -> dict[str, object]:
    return {
        "id": feed.id,
        "source": feed.source.value,
        "target": feed.target,
        "title": feed.title,
        "state": health.state.value,
        "since": stamp(health.since),
        "evidence": health.evidence,
        "remedy": health.remedy,
        "needs_reader": health.needs_reader,
        "last_success_at": stamp(feed.feed.last_success_at),
        "last_new_at": stamp(feed.last_new_at),
        "next_due_at": stamp(feed.feed.next_due_at),
        "failures": feed.feed.failures,
        "last_error": feed.feed.last_error or None,
        "moved_to": feed.moved_to or None,
    }
