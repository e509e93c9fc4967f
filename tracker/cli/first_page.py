"""Offer what `make run` shows: a poll, the digest, and how to go on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import click

from tracker.cli.context import App, pass_app, stopping
from tracker.cli.running import nearby, poll_now, tell_closed, tell_failures, tell_summary
from tracker.cli.show import page, say, warn
from tracker.errors import BusyError
from tracker.models import Config, Outcome
from tracker.poll import Summary, reconcile
from tracker.storage import Storage, lock


@click.command(name="first-page", hidden=True)
@pass_app
def first_page(app: App) -> int:
    """Do what `make run` shows: poll, write the digest, show it, and say how to go on."""
    from tracker import digest

    config = app.config()
    with app.storage(config) as storage, stopping() as stop:
        summary = _poll_unless_busy(app, config, storage, stop=stop.is_set)
        tell_failures(summary.polls)
        tell_summary(config, summary)
        if summary.is_stopped:
            return 1
        is_offline = not summary.polls and _tell_offline(storage, now=app.now())
        closed = digest.close_overdue(config, storage, now=app.now())
        for problem in digest.deliver_pending(config, storage, now=app.now()):
            warn(f"{problem} It is tried again at the next tick or digest.")
        tell_closed(config, closed)
        written = digest.preview(config, storage, now=app.now())
    say("")
    page(written.text)
    say("")
    say(f"This page is {nearby(written.path)}. Go on with: {_program()} run")
    if summary.is_network_down or is_offline:
        warn("Without a network there is still something to see: make demo")
        return 1
    return 1 if summary.polls and all(each.outcome is Outcome.FAILED for each in summary.polls) else 0


def _tell_offline(storage: Storage, *, now: datetime) -> bool:
    """Tell whether the last that was tried, a while ago, was stopped by a missing network: nobody was asked since."""
    last = storage.polls(since=now - timedelta(hours=1))[-1:]
    if last and last[0].is_local:
        warn(f"No network when last tried. {last[0].error}")
    return bool(last and last[0].is_local)


def _poll_unless_busy(app: App, config: Config, storage: Storage, *, stop: Callable[[], bool]) -> Summary:
    try:
        with lock(config.database, "poll"):
            return poll_now(app, config, storage, is_for_page=True, stop=stop)
    except BusyError as error:
        warn(f"{error} The page below holds what it has stored so far.")
        reconcile(config, storage, now=app.now())  # the poll has not: a renamed feed keeps its entries on the page
        return Summary()


def _program() -> str:
    """Name the program as it can be typed here."""
    installed = Path(sys.executable).with_name("tracker")
    return nearby(installed) if installed.exists() else f"{nearby(Path(sys.executable))} -m tracker"
