"""Offer the time machine: feeds.toml through weeks of virtual time, a table of what came of it, pages to read."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.context import App, pass_app
from tracker.cli.running import nearby
from tracker.cli.show import moment, number, print_json, say, stamp, table, warn

if TYPE_CHECKING:
    from tracker.simulate import Report

SCENARIOS = ("calm", "youtube-outages", "laptop", "holiday", "dst", "moves", "chaos")
MOST_WEEKS = 520
MOST_LINES = 20  # of one kind of trouble


@click.command(epilog="Example: tracker simulate --weeks 52 --scenario laptop")
@click.option(
    "--weeks", type=click.IntRange(1, MOST_WEEKS), default=4, show_default=True, help="How much virtual time passes."
)
@click.option(
    "--scenario",
    type=click.Choice(SCENARIOS),
    default="calm",
    show_default=True,
    help="What happens meanwhile: docs/simulate.md describes each.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Another number, another internet.")
@click.option(
    "--from",
    "first_day",
    metavar="DATE",
    help="The first day [2026-11-23, a Monday; for dst 2027-01-25, shortly before the first change].",
)
@click.option(
    "--into",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="A new or empty folder for the pages and the database [a temporary one].",
)
@click.option("--json", "as_json", is_flag=True, help="The table as JSON.")
@pass_app
def simulate(  # noqa: PLR0913 -- click hands over one argument per option
    app: App, *, weeks: int, scenario: str, seed: int, first_day: str | None, folder: Path | None, as_json: bool
) -> int:
    """Run your feeds.toml through weeks of virtual time, on a generated internet.

    The real program lives through it in seconds and touches neither the network nor your database and digests. The
    pages show how the next weeks would look. Exit code 1 when an entry was lost or announced twice, or an issue is
    missing: that is a bug of tracker's, and the line with the seed is all that is needed to see it again.
    """
    from tracker.simulate import Plan, begins
    from tracker.simulate import simulate as live

    config = app.config()
    if not config.subscriptions:
        raise click.UsageError(f"{config.path} names no feed: tracker subscribe URL adds one")
    plan = Plan(
        scenario=scenario,
        weeks=weeks,
        seed=seed,
        first_day=_day(first_day) if first_day else begins(scenario),
        folder=_empty(folder) if folder else Path(tempfile.mkdtemp(prefix="tracker-simulated-")),
    )
    with _quiet(app), _progress() as told:
        report = live(config, plan, told=told)
    if as_json:
        print_json(_as_json(report))
    else:
        _tell(report, config.digest.timezone)
    _tell_trouble(report)
    return 0 if report.is_good else 1


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"--from: {text!r} is no day: write 2026-11-23") from error
    if not 2025 <= day.year <= 2090:
        raise click.UsageError("--from: choose a day from 2025 to 2090")
    return day


def _empty(folder: Path) -> Path:
    """Make the folder, and refuse one that holds anything: it may be the reader's own."""
    folder = folder.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise click.UsageError(f"--into: {folder} is not empty: name a new folder")
    except OSError as error:
        raise click.UsageError(f"--into: {folder} cannot be used: {error.strerror}") from error
    return folder


@contextmanager
def _quiet(app: App) -> Iterator[None]:
    """Keep what the simulated daemon logs to those who ask for it."""
    import logging

    if app.is_verbose or app.log_file:
        yield
        return
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


@contextmanager
def _progress() -> Iterator[Callable[[datetime], None]]:
    """Show the virtual day on a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("simulating") as status:
        yield lambda now: status.update(f"simulating {now:%A %d %B %Y}")


def _tell(report: Report, zone: str) -> None:
    """Print the table, then where to read."""
    entries, issues, states = report.entries, report.issues, report.states
    hosts = " · ".join(f"{host} {count:,}" for host, count in report.requests.items())
    say(f"{report.scenario}, {number(report.weeks, 'week')} from {moment(report.start, zone)}, seed {report.seed}")
    table(
        [
            ("polls", f"{report.polls:,}", f"{report.crashes} crashes" if report.crashes else ""),
            ("requests", f"{sum(report.requests.values()):,}", hosts),
            ("entries arrived", f"{entries.arrived:,}", ""),
            ("  shown", f"{entries.shown:,}", ""),
            ("  not shown", f"{entries.not_shown:,}", "tracker entries says why"),
            ("  for the next issue", f"{entries.waiting:,}", ""),
            ("  lost", f"{len(entries.lost):,}", ""),
            ("  doubled", f"{len(entries.doubled):,}", ""),
            ("backlog", f"{entries.backlog:,}", "there before, kept and not announced"),
            ("never seen", f"{entries.unseen:,}", "came and went between two answers"),
            ("issues on time", f"{issues.on_time:,}", ""),
            ("  late", f"{issues.late:,}", ""),
            ("  for missed windows", f"{issues.caught_up:,}", ""),
            ("  missing or damaged", f"{len(issues.broken):,}", ""),
            ("states told rightly", f"{states.right:,}", "what the issues say about feeds and hosts"),
            ("  wrongly", f"{len(states.wrong):,}", ""),
        ]
    )
    say(f"It took {report.seconds:.1f} s. The pages and the database are in {nearby(report.folder)}")
    say(f"Read first: {nearby(report.first)}" if report.first else "No issue was closed: try more weeks.")


def _tell_trouble(report: Report) -> None:
    """Say what is wrong, line by line, on standard error."""
    kinds = (
        ("lost", report.entries.lost),
        ("doubled", report.entries.doubled),
        ("issue", report.issues.broken),
        ("state told wrongly", report.states.wrong),
    )
    for name, lines in kinds:
        for line in lines[:MOST_LINES]:
            warn(f"{name}: {line}")
        if len(lines) > MOST_LINES:
            warn(f"{name}: and {len(lines) - MOST_LINES:,} more")


def _as_json(report: Report) -> dict[str, object]:
    entries, issues = report.entries, report.issues
    return {
        "scenario": report.scenario,
        "seed": report.seed,
        "weeks": report.weeks,
        "from": stamp(report.start),
        "until": stamp(report.end),
        "folder": str(report.folder),
        "first": str(report.first) if report.first else None,
        "seconds": round(report.seconds, 2),
        "polls": report.polls,
        "crashes": report.crashes,
        "requests": dict(report.requests),
        "entries": {
            "arrived": entries.arrived,
            "shown": entries.shown,
            "not_shown": entries.not_shown,
            "waiting": entries.waiting,
            "backlog": entries.backlog,
            "unseen": entries.unseen,
            "lost": list(entries.lost),
            "doubled": list(entries.doubled),
        },
        "issues": {
            "on_time": issues.on_time,
            "late": issues.late,
            "caught_up": issues.caught_up,
            "broken": list(issues.broken),
        },
        "states": {"right": report.states.right, "wrong": list(report.states.wrong)},
    }
