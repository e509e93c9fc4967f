"""Offer the commands that do the work, poll and run; say what polls and closes brought, for others too."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import click

from tracker.cli.clock import Clock
from tracker.cli.context import App, pass_app, require, stopping, tagged
from tracker.cli.show import moment, number, plain, say, warn
from tracker.models import Config, Door, Outcome, Poll, StoredIssue
from tracker.poll import Left, Summary
from tracker.storage import Storage, lock

TOGETHER = 0.5  # seconds for which a poll's lines may wait for others


@click.command(epilog="Example: tracker poll zero-to-hero --force")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--tag", metavar="TAG", help="Look only at the feeds with this tag.")
@click.option("--force", is_flag=True, help="Ask now, whatever our own interval and back-off say.")
@pass_app
def poll(app: App, ids: tuple[str, ...], tag: str | None, *, force: bool) -> int:
    """Ask the feeds that are due and store what is new.

    With ids, look at those only and say when a feed is due that is not. Exit code 1 when nothing
    that was asked could be read, or one of the named feeds could not.
    """
    config = app.config()
    for each in ids:
        require(config, each)
    ids = (*ids, *(tagged(config, tag) if tag else ()))
    with app.storage(config) as storage, lock(config.database, "poll"), stopping() as stop:
        summary = poll_now(app, config, storage, only=ids, force=force, stop=stop.is_set)
        for note in summary.notes:
            say(note)
        tell_failures(summary.polls)
        _tell_left(config, summary.left, now=app.now(), named=bool(ids))
        tell_summary(config, summary)
    failed = [each for each in summary.polls if each.outcome is Outcome.FAILED]
    return 1 if failed and (ids or len(failed) == len(summary.polls)) else 0


@click.command(epilog="Example: tracker run --once")
@click.option("--once", is_flag=True, help="One tick: poll what is due, close what is overdue. For cron and timers.")
@pass_app
def run(app: App, *, once: bool) -> int:
    """Keep polling and write every issue on time, until SIGTERM or Ctrl-C.

    feeds.toml is read again when it changes; a broken edit is told and the last good one stays.
    """
    from tracker import daemon

    settings = daemon.Settings(app.config_path)
    config = settings.current()
    with stopping() as stop:
        if once:
            ticked = daemon.tick(config, now=app.now, stop=stop.is_set)
            _tell_tick(config, ticked.summary.polls, ticked.closed)
            if ticked.busy:
                warn(ticked.busy)
            if ticked.waits_for_network:
                warn("the overdue issue waits for the network, up to six hours, and until every feed is asked again")
            return 1 if ticked.summary.is_network_down or ticked.undelivered else 0

        def tell(ticked: daemon.Ticked) -> None:
            with suppress(OSError):  # a full disk, a pipe without a reader: the work does not wait for them
                _tell_tick(settings.config or config, ticked.summary.polls, ticked.closed)

        say(f"tracker runs on {config.path}; stop it with Ctrl-C or SIGTERM")
        daemon.run(
            settings,
            now=app.now,
            stop=stop,
            interval=_interval(app.clock, daemon.TICK),
            told=tell,
        )
        say("tracker has stopped")
    return 0


def closed_line(config: Config, issue: StoredIssue, *, how: str = "closed") -> str:
    """Say that an issue is closed, and where its page is; it may not be written yet."""
    if not issue.file:
        return f"issue {issue.label} is {how}; its page is not written yet (tracker digest {issue.label} prints it)"
    return f"issue {issue.label} is {how}: {nearby(config.digest.folder / issue.file)}"


def nearby(path: Path) -> str:
    """Write a path as short as it can be read from the current folder."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def poll_due(app: App, config: Config, storage: Storage, *, stop: Callable[[], bool]) -> None:
    """Ask what is due before a late close."""
    with lock(config.database, "poll"):
        summary = poll_now(app, config, storage, is_for_page=True, stop=stop)
    tell_failures(summary.polls)


def poll_now(  # noqa: PLR0913 -- every one is a choice of the command, by keyword
    app: App,
    config: Config,
    storage: Storage,
    *,
    only: tuple[str, ...] = (),
    force: bool = False,
    is_for_page: bool = False,
    stop: Callable[[], bool],
) -> Summary:
    """Poll with a bar on a terminal, or a line per feed elsewhere; the poll's lock is the caller's affair."""
    from tracker import spans
    from tracker.poll import ALL_PAGES, PAGES
    from tracker.poll import poll as poll_feeds

    now = app.now()
    since = spans.open_since(config, storage, now=now)
    with _progress() as (plan, report):
        return poll_feeds(
            config,
            storage,
            now=now,
            since=since,
            closes_at=spans.next_close(config, storage, now=now),
            only=only,
            force=force,
            pages=ALL_PAGES if is_for_page else PAGES,
            stop=stop,
            plan=plan,
            report=report,
        )


@contextmanager
def _progress() -> Iterator[tuple[Callable[[int], None], Callable[[Poll], None]]]:
    """Show a bar on a terminal, one line per feed elsewhere; failures are told together afterwards."""
    if not sys.stderr.isatty():
        lines = _Lines()
        try:
            yield (lambda _: None), lines.tell
        finally:
            lines.say()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("polling"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[feed]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("polling", total=None, feed="")
        yield (
            lambda total: bar.update(task, total=total),
            lambda done: bar.update(task, advance=1, feed=plain(done.feed)),
        )


class _Lines:
    """Lines about polls, said together twice a second: a line alone wakes whoever reads, 0.4 ms each at a pipe."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._said = time.monotonic()

    def tell(self, done: Poll) -> None:
        """Take a poll's line; say it now if the last ones were said a while ago, or a warning follows."""
        if done.outcome is not Outcome.FAILED:
            self._lines.append(_line(done))
        if done.warnings or time.monotonic() - self._said >= TOGETHER:
            self.say()
        _warn(done)

    def say(self) -> None:
        """Say what is left."""
        if self._lines:
            say("\n".join(self._lines))
        self._lines, self._said = [], time.monotonic()


def _tell_poll(done: Poll) -> None:
    if done.outcome is not Outcome.FAILED:
        say(_line(done))
    _warn(done)


def _line(done: Poll) -> str:
    return f"{done.feed}: {_result(done)}"


def _warn(done: Poll) -> None:
    for warning in done.warnings:
        warn(f"{done.feed}: {warning}")


def _result(done: Poll) -> str:
    fresh = done.new - done.backlog
    parts = [number(fresh, "new entry", "new entries")] if fresh else []
    if done.backlog:
        parts.append(f"{number(done.backlog, 'older entry', 'older entries')} kept and not announced")
    if done.changed:
        parts.append(f"{done.changed:,} changed")
    what = ", ".join(parts) or "nothing new"
    ends = {Door.LISTING: " (listing)", Door.ARCHIVE: " (a batch of an earlier day)"}
    return f"{what}{ends.get(done.door, '')}"


def tell_failures(polls: tuple[Poll, ...]) -> None:
    """Say in one line per outage what could not be read: the network, a host, a feed."""
    for line in failure_lines(polls):
        warn(line)


def failure_lines(polls: tuple[Poll, ...]) -> tuple[str, ...]:
    """Group failures: without a network one line, else one per host whose every answer failed, else one per feed."""
    failed = [each for each in polls if each.outcome is Outcome.FAILED]
    local = [each for each in failed if each.is_local]
    lines = []
    if local:
        asked = number(len({each.feed for each in local}), "feed")
        lines.append(f"No network: {asked} could not be asked. {local[0].error}")
    rest = [each for each in failed if not each.is_local]
    answered = {each.host for each in polls if each.outcome is not Outcome.FAILED}
    for host in sorted({each.host for each in rest}):
        here = [each for each in rest if each.host == host]
        feeds = sorted({each.feed for each in here})
        if len(feeds) > 1 and host not in answered:
            lines.append(f"{host}: none of {number(len(feeds), 'feed')} could be read: {_sentences(here[0].error)}")
            continue
        lines.extend(f"{each.feed}: {_sentences(each.error, each.remedy)}" for each in here)
    return tuple(lines)


def _sentences(*texts: str) -> str:
    """Join what was said, each with one full stop."""
    return " ".join(text if text.endswith((".", "!", "?")) else f"{text}." for text in texts if text)


def _tell_left(config: Config, left: tuple[Left, ...], *, now: datetime, named: bool) -> None:
    for each in left:
        due = f" until {moment(each.until, config.digest.timezone)}" if each.until and each.until > now else ""
        if each.reason != "not due":
            say(f"{each.feed}: not asked{due}: {each.reason}")
        elif named:
            say(f"{each.feed}: not due{due} (--force asks now)")


def tell_summary(config: Config, summary: Summary) -> None:
    """Say in one line what a poll did, or when there is something to do."""
    polls = summary.polls
    fresh = sum(each.new - each.backlog for each in polls)
    failed = len({each.feed for each in polls if each.outcome is Outcome.FAILED})
    asked = len({each.feed for each in polls})
    if summary.is_network_down:
        say("No feed could be asked.")
        return
    if not asked:
        tail = f"; next due {moment(summary.next_due, config.digest.timezone)}" if summary.next_due else ""
        say(f"No feed was asked{tail}.")
        return
    tail = f", {number(failed, 'feed')} failed" if failed else ""
    stopped = " (stopped early; the rest is asked next time)" if summary.is_stopped else ""
    say(f"{number(asked, 'feed')} asked: {number(fresh, 'new entry', 'new entries')}{tail}{stopped}.")


def _tell_tick(config: Config, polls: tuple[Poll, ...], closed: tuple[StoredIssue, ...]) -> None:
    for each in polls:
        _tell_poll(each)
    tell_failures(polls)
    tell_closed(config, closed)


def tell_closed(config: Config, closed: tuple[StoredIssue, ...]) -> None:
    """Say which issues were closed, and where their pages are."""
    for issue in closed:
        say(closed_line(config, issue))


def _interval(clock: Clock, seconds: float) -> float:
    """Keep the daemon's pace on a faster clock, but never below what a machine does in a breath."""
    return max(0.2, clock.real(seconds))
