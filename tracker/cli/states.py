"""Tell how each feed is: the command feeds, and what status says of feeds that are not well."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from tracker.cli.context import App, pass_app, require, tagged
from tracker.cli.show import MONTHS, WEEKDAYS, moment, number, print_json, say, stamp, table
from tracker.models import (
    Batch,
    BatchState,
    Config,
    Feed,
    Health,
    HealthReport,
    Outage,
    Poll,
    State,
    Subscription,
)
from tracker.storage import Storage

WELL = frozenset((State.OK, State.QUIET))
UNTOLD = WELL | {State.PAUSED}  # nothing about them is to be looked after
MISSING = frozenset((BatchState.MISSING, BatchState.LOST))


@click.command(epilog="Example: tracker feeds zero-to-hero")
@click.argument("feed", required=False, metavar="[ID]")
@click.option("--tag", metavar="TAG", help="Only the feeds with this tag.")
@click.option("--json", "as_json", is_flag=True, help="An array, for programs.")
@pass_app
def feeds(app: App, feed: str | None, tag: str | None, *, as_json: bool) -> int:
    """List every feed: state, last new entry, next due, last error. With ID: the evidence."""
    from tracker.poll import reconcile

    config = app.config()
    if feed:
        require(config, feed)
    # A set: to look 10,000 ids up in a list took 0.4 s.
    wanted = {feed} if feed else {*tagged(config, tag)} if tag else {each.id for each in config.subscriptions}
    now = app.now()
    with app.storage(config) as storage:
        reconcile(config, storage, now=now)
        rows = storage.feeds()
        states = {each.feed: each for each in look(config, storage, rows, now=now).feeds}
        chosen = [each for each in rows if each.id in wanted]
        if as_json:
            print_json([_as_dict(config, each, states[each.id], storage) for each in chosen])
        elif feed:
            _tell_one(config, chosen[0], states[feed], storage)
        else:
            _tell_all(config, chosen, states)
    return 0


def look(config: Config, storage: Storage, rows: Iterable[Feed], *, now: datetime) -> HealthReport:
    """Say how each of these feeds is now, and which outages last."""
    from tracker import health

    zone = ZoneInfo(config.digest.timezone)
    dates = storage.published
    return health.report(rows, config.subscriptions, storage.polls(), since=now, now=now, zone=zone, published=dates)


def unwell(report: HealthReport) -> tuple[dict[str, object], ...]:
    """Lay out the feeds that are neither ok nor quiet, for programs; those that an outage explains are its own."""
    return tuple({"id": each.feed, **_health_dict(each)} for each in report.feeds if each.state not in UNTOLD)


def lasting(report: HealthReport) -> tuple[dict[str, object], ...]:
    """Lay out the outages that last, each one event however many feeds it touches (M20, M94)."""
    outages = (each for each in report.outages if each.until is None)
    return tuple({"host": each.host or None, "since": stamp(each.since), "feeds": list(each.feeds)} for each in outages)


def tell_unwell(report: HealthReport, zone: str) -> None:
    """Print a line for each feed that is not well, and one for each outage that lasts."""
    for line in (*_outage_lines(report.outages, zone), *_unwell_lines(report.feeds, zone)):
        say(line)


def _outage_lines(outages: Iterable[Outage], zone: str) -> Iterator[str]:
    for each in outages:
        if each.until is None:
            what = (
                f"{each.host} answers none of {number(len(each.feeds), 'feed')}" if each.host else "there is no network"
            )
            yield f"outage: {what} since {moment(each.since, zone)}"


def _unwell_lines(feeds: Iterable[Health], zone: str) -> Iterator[str]:
    for each in feeds:
        if each.state in UNTOLD:
            continue
        since = f" since {moment(each.since, zone)}" if each.since else ""
        remedy = f" ({each.remedy})" if each.remedy else ""
        yield f"{each.feed}: {each.state.value}{since}: {each.evidence}{remedy}"


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
    from tracker.sources import redact

    zone = config.digest.timezone
    subscription = config.subscription(feed.id)
    rows = [
        ("title", feed.title or (subscription.title if subscription else "") or feed.id),
        ("source", f"{feed.source.value}, {_shown_target(feed.target)}"),
        ("feed", redact(feed.feed.url or _feed_url(subscription))),
        ("state", f"{_state(feed, health)}{f' since {moment(health.since, zone)}' if health.since else ''}"),
    ]
    rows += (
        [("instead of", f"{redact(_feed_url(subscription))}, which was not found")]
        if _is_spare(feed, subscription)
        else []
    )
    rows += [("evidence", health.evidence)] if health.evidence else []
    rows += [("what to do", health.remedy)] if health.remedy else []
    doubt = title_doubt(feed, subscription) if subscription else ""
    rows += [("doubt", doubt)] if doubt else []
    rows += [("missing", _batch_said(each)) for each in _unread(storage, feed)]
    rows += [("gap", _gap_said(each, zone)) for each in _gaps(storage, feed)]
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


def _unread(storage: Storage, feed: Feed) -> Iterator[Batch]:
    yield from (each for each in storage.batches(feed.id) if each.state in MISSING)


def _gaps(storage: Storage, feed: Feed) -> tuple[Poll, ...]:
    from tracker.health import gaps

    return gaps(feed, storage.polls(feed=feed.id))


def _gap_said(poll: Poll, zone: str) -> str:
    """Say between which answers entries may have passed unseen (M41)."""
    span = f"from {moment(poll.gap_since, zone)} to {moment(poll.at, zone)}"
    return f"{span} entries may have passed unseen: everything in the feed was new"


def _shown_target(target: str) -> str:
    """Write what is followed; an address may hold a token (M50), the other targets are ids and words."""
    from tracker.sources import redact

    return redact(target) if target.startswith(("url:", "publication:")) else target


def _batch_said(batch: Batch) -> str:
    """Say which day of arXiv is missing, and what becomes of it (M51, M60)."""
    day = f"{WEEKDAYS[batch.day.weekday()]} {batch.day.day} {MONTHS[batch.day.month - 1]} {batch.day.year}"
    what = f"cut off by arXiv at {batch.cut:,} papers" if batch.cut else "passed unread"
    if batch.state is BatchState.LOST:
        return f"{day}: {what}; arXiv's API lists nothing of it"
    asked = "is still being asked" if batch.at else "will be asked while it goes back as far"
    part = f", {number(batch.start, 'paper')} fetched afterwards so far" if batch.start else ""
    return f"{day}: {what}{part}; arXiv's API {asked}"


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


def _as_dict(config: Config, feed: Feed, health: Health, storage: Storage) -> dict[str, object]:
    from tracker.health import title_doubt

    subscription = config.subscription(feed.id)
    # `moved_to` is whole: an issue that must not show a token sends the reader here for it.
    return {
        "id": feed.id,
        "source": feed.source.value,
        "target": _shown_target(feed.target),
        "title": feed.title,
        **_health_dict(health),
        "last_success_at": stamp(feed.feed.last_success_at),
        "last_new_at": stamp(feed.last_new_at),
        "next_due_at": stamp(feed.feed.next_due_at),
        "failures": feed.feed.failures,
        "last_error": feed.feed.last_error or None,
        "doubt": (title_doubt(feed, subscription) if subscription else "") or None,
        "moved_to": feed.moved_to or None,
        "missing_batches": [
            {"day": each.day.isoformat(), "state": each.state.value, "cut": each.cut or None}
            for each in _unread(storage, feed)
        ],
        "gaps": [{"since": stamp(each.gap_since), "until": stamp(each.at)} for each in _gaps(storage, feed)],
    }


def _health_dict(health: Health) -> dict[str, object]:
    return {
        "state": health.state.value,
        "since": stamp(health.since),
        "evidence": health.evidence,
        "remedy": health.remedy,
        "needs_reader": health.needs_reader,
    }
