"""Offer the digest on demand: preview the open window, give back an issue, print a span, close early."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import click

from tracker.cli.clock import read_moment
from tracker.cli.context import App, pass_app, stopping
from tracker.cli.running import closed_line, nearby, poll_due
from tracker.cli.show import ago, give, say, warn
from tracker.errors import BusyError, DeliveryError
from tracker.models import Config
from tracker.storage import Storage


@click.command(epilog="Example: tracker digest 2026-W48 -o - | less")
@click.argument("issue", required=False)
@click.option(
    "--since", metavar="DATE", help="Print what was first seen from this day (or moment) on; assigns nothing."
)
@click.option("--until", metavar="DATE", help="… up to this day (or moment) [now].")
@click.option("-o", "output", metavar="FILE", help="Write to this file; - is standard output.")
@click.option("--close", is_flag=True, help="Close the open window now, under its running label.")
@click.option(
    "--rerender", is_flag=True, help="With ISSUE: today's template on the stored issue, not its stored bytes."
)
@pass_app
def digest(  # noqa: PLR0913 -- click hands over one argument per option
    app: App,
    issue: str | None,
    since: str | None,
    until: str | None,
    output: str | None,
    *,
    close: bool,
    rerender: bool,
) -> int:
    """Write the digest of the open window, or give back an issue.

    Without arguments: closes what is overdue, then writes the preview of the open window and says
    how old its data is. With ISSUE (such as 2026-W48): prints that closed issue, byte for byte.
    """
    _check(issue, since=since, until=until, close=close, rerender=rerender)
    config = app.config()
    with app.storage(config) as storage:
        if issue:
            from tracker.digest import rebuild

            return give(rebuild(config, storage, issue, rerender=rerender), output)
        from tracker.poll import reconcile

        # An id that was renamed since the last poll would leave its entries without a subscription.
        reconcile(config, storage, now=app.now())
        if since or until:
            return _span(app, config, storage, since=since, until=until, output=output)
        return _open(app, config, storage, output=output, close=close)


def _check(issue: str | None, *, since: str | None, until: str | None, close: bool, rerender: bool) -> None:
    asked = [
        name for name, given in (("ISSUE", issue), ("--since/--until", since or until), ("--close", close)) if given
    ]
    if len(asked) > 1:
        raise click.UsageError(f"{' and '.join(asked)} cannot go together: choose one")
    if rerender and not issue:
        raise click.UsageError("--rerender needs ISSUE, such as 2026-W48")


def _open(app: App, config: Config, storage: Storage, *, output: str | None, close: bool) -> int:
    """Close what is overdue, asking the due feeds first when that is late; then close early or preview."""
    from tracker import digest as half

    window = half.overdue(config, storage, now=app.now())
    if window and window.is_late:
        try:
            with stopping() as stop:
                poll_due(app, config, storage, stop=stop.is_set)
            if stop.is_set():
                warn(f"stopped: issue {window.label} is not closed yet")
                return 1
        except BusyError as error:
            warn(f"{error} What it brings after this close is news of the next issue.")
    code = 0
    for issue in half.close_overdue(config, storage, now=app.now()):
        say(closed_line(config, issue))
    if close:
        issue = half.close_early(config, storage, now=app.now())
        say(closed_line(config, issue, how="closed early"))
    for problem in half.deliver_pending(config, storage, now=app.now()):
        code = _not_delivered(problem)
    if close:
        return code
    return _preview(app, config, storage, output=output) or code


def _preview(app: App, config: Config, storage: Storage, *, output: str | None) -> int:
    from tracker import digest as half

    if output:
        return give(half.preview_text(config, storage, now=app.now()).encode(), output)
    written = half.preview(config, storage, now=app.now())
    say(f"preview of issue {written.label}: {nearby(written.path)}")
    if written.is_beside:
        say("another file stands in its place, so it was left alone and the preview written beside it")
    last = storage.last_success_at()
    age = f"feeds were last read {ago(last, app.now())}" if last else "no feed has been read yet: tracker poll"
    say(f"its data: {age}")
    return 0


def _span(
    app: App, config: Config, storage: Storage, *, since: str | None, until: str | None, output: str | None
) -> int:
    from tracker.digest import span

    zone = ZoneInfo(config.digest.timezone)
    now = app.now()
    start = read_moment(since, "--since", zone) if since else datetime.min.replace(tzinfo=UTC)
    # To the end of the present second, so that what was stored in it is inside.
    end = read_moment(until, "--until", zone) if until else now + timedelta(seconds=1)
    if start >= end:
        raise click.UsageError("--since must be before --until")
    return give(span(config, storage, since=start, until=end, now=now).encode(), output)


def _not_delivered(problem: DeliveryError) -> int:
    warn(f"{problem} It is tried again at the next tick or digest.")
    return 1
