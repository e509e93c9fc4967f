"""Answer questions about what is stored: entries, search, and whether all is well."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from importlib.metadata import version
from zoneinfo import ZoneInfo

import click

from tracker.cli.clock import read_moment
from tracker.cli.context import App, pass_app, require, tagged
from tracker.cli.show import ago, cut, length, moment, number, print_json, say, stamp, table
from tracker.cli.states import lasting, look, tell_unwell, unwell
from tracker.models import Config, StoredEntry, minutes_of
from tracker.storage import Storage, is_locked

HEALTHY = timedelta(days=2)  # feeds unread for longer, or a close overdue for longer than GRACE, are no good health
GRACE = timedelta(hours=1)
TITLE = 72  # characters of a title in a list


@click.command(epilog="Example: tracker entries --issue 2026-W48 --not-shown")
@click.option("--feed", metavar="ID", help="Only entries of this feed.")
@click.option("--tag", metavar="TAG", help="Only entries of the feeds with this tag.")
@click.option("--issue", metavar="ISSUE", help="Only entries placed in this issue.")
@click.option("--not-shown", is_flag=True, help="Only what an issue left out, with the reason.")
@click.option("--since", metavar="DATE", help="Only what was first seen from this day (or moment) on.")
@click.option("--json", "as_json", is_flag=True, help="An array, for programs.")
@pass_app
def entries(  # noqa: PLR0913 -- click hands over one argument per option
    app: App,
    feed: str | None,
    tag: str | None,
    issue: str | None,
    since: str | None,
    *,
    not_shown: bool,
    as_json: bool,
) -> int:
    """List what is stored, newest first: where it was placed, and why it was left out."""
    from tracker import digest

    config = app.config()
    start = read_moment(since, "--since", ZoneInfo(config.digest.timezone)) if since else None
    within = frozenset(tagged(config, tag)) if tag else None
    with app.storage(config) as storage:
        if feed and storage.feed(feed) is None:
            require(config, feed)
        window = digest.open_window(config, storage, now=app.now())
        if issue == window.label or (not_shown and issue is None):
            found = _open_entries(app, config, storage, feed=feed, since=start, not_shown=not_shown)
            found += () if issue else _left_out(app, storage, feed=feed, since=start)
            issue = None
        else:
            found = storage.entries(feed=feed, issue=issue, not_shown=not_shown, since=start)
        held = digest.held(storage, now=app.now())
        found = tuple(replace(each, cut=held[each.id]) if each.id in held else each for each in found)
        if within is not None:
            found = tuple(each for each in found if any(seen.feed in within for seen in each.appearances))
        if issue and storage.issue(issue) is None:
            covering = storage.issue_covering(issue)
            hint = f"it is covered by {covering.label}" if covering else "tracker digest writes the open one's preview"
            raise click.UsageError(f"--issue: no issue {issue} is closed ({hint})")
    return _list(found, as_json=as_json, none="nothing is stored that fits")


def _open_entries(
    app: App, config: Config, storage: Storage, *, feed: str | None, since: datetime | None, not_shown: bool
) -> tuple[StoredEntry, ...]:
    """Give the open window's entries as its preview places them just now; nothing is assigned by looking."""
    from tracker import digest

    places = digest.open_places(config, storage, now=app.now())
    stored = storage.entries(feed=feed, since=since)
    placed = [(each, places[each.id]) for each in stored if each.id in places]
    return tuple(
        replace(each, shown=place.is_shown, cut=place.cut)
        for each, place in placed
        if not (not_shown and place.is_shown)
    )


def _left_out(app: App, storage: Storage, *, feed: str | None, since: datetime | None) -> tuple[StoredEntry, ...]:
    """Give what closed issues have left out, after what no issue takes yet."""
    from tracker import digest

    held = digest.held(storage, now=app.now())
    waiting = tuple(each for each in storage.entries(feed=feed, since=since) if each.id in held)
    return waiting + storage.entries(feed=feed, not_shown=True, since=since)


@click.command(epilog='Example: tracker search "scaling laws"')
@click.argument("query")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="An array, for programs.")
@pass_app
def search(app: App, query: str, limit: int, *, as_json: bool) -> int:
    """Search titles, authors and summaries of everything stored, best match first.

    Words that more than 10,000 entries have say little of which is best: the newest come first, those before all others
    that have every word in the title.
    """
    with app.storage_alone() as storage:
        found = storage.search(query, limit=limit)
    return _list(found, as_json=as_json, none=f"nothing stored matches {query!r}")


@click.command(epilog="Example: tracker status || echo look after it")
@click.option("--json", "as_json", is_flag=True, help="One object, for programs.")
@pass_app
def status(app: App, *, as_json: bool) -> int:
    """Say whether the tracker runs, when feeds were last read, what is next; exit code 1 when not well.

    Not well: feeds asked and none read, or none for two days; an issue overdue for over an hour or not delivered; a
    damaged database. Feeds that are neither ok nor quiet are named with the evidence and what can be done; they do not
    change the exit code.
    """
    config = app.config()
    with app.storage(config) as storage:
        facts = _facts(app, config, storage)
        report = look(config, storage, storage.feeds(), now=app.now())
    if as_json:
        print_json({**facts, "outages": lasting(report), "unwell": unwell(report)})
    else:
        _tell(facts, config, now=app.now())
        tell_unwell(report, config.digest.timezone)
    return 1 if facts["problems"] else 0


def _list(found: tuple[StoredEntry, ...], *, as_json: bool, none: str) -> int:
    if as_json:
        print_json([as_dict(each) for each in found])
        return 0
    if not found:
        say(none)
        return 0
    rows = []
    for each in found:
        minutes = minutes_of(each)
        size = length(each.duration) or (f"{max(1, round(minutes))} min" if minutes else "")
        rows.append((each.key, size, cut(each.title, TITLE), _place(each)))
    table(rows)
    say(number(len(found), "entry", "entries"))
    return 0


def _place(entry: StoredEntry) -> str:
    """Say where an entry went: an issue, the backlog, or nowhere yet."""
    if entry.issue:
        return entry.issue if entry.shown else f"{entry.issue}, not shown: {entry.cut}"
    if entry.cut:
        from tracker import digest

        return entry.cut if entry.cut in digest.HELD else f"open issue, not shown: {entry.cut}"
    if entry.is_backlog:
        return f"backlog: {next((each.backlog for each in entry.appearances), 'no feed carries it')}"
    return "open issue"


def as_dict(entry: StoredEntry) -> dict[str, object]:
    """Lay an entry out for programs."""
    return {
        "key": entry.key,
        "kind": entry.kind,
        "title": entry.title,
        "url": entry.url,
        "authors": list(entry.authors),
        "feeds": [each.feed for each in entry.appearances],
        "published": stamp(entry.published),
        "updated": stamp(entry.updated),
        "first_seen": stamp(entry.first_seen),
        "duration": entry.duration,
        "words": entry.words,
        "paywalled": entry.paywalled,
        "version": entry.version,
        "summary": entry.summary,
        "backlog": entry.is_backlog,
        "issue": entry.issue or None,
        "shown": entry.shown,
        "cut": entry.cut or None,
    }


def _facts(app: App, config: Config, storage: Storage) -> dict[str, object]:
    from tracker import digest

    now = app.now()
    last = storage.last_success_at()
    overdue = digest.overdue(config, storage, now=now)
    window = digest.open_window(config, storage, now=now)
    due = min(
        (each.feed.next_due_at for each in storage.feeds() if each.feed.next_due_at and not each.is_paused),
        default=None,
    )
    undelivered = [issue.label for issue in storage.issues() if issue.delivered_at is None]
    problems = []
    if config.subscriptions and last is None and storage.polls():
        problems.append("no feed could be read yet")
    if last is not None and now - last > HEALTHY:
        problems.append(f"no feed was read since {moment(last, config.digest.timezone)}")
    if overdue and now - overdue.closes_at > GRACE:
        problems.append(f"issue {overdue.label} should have closed {moment(overdue.closes_at, config.digest.timezone)}")
    problems.extend(
        f"issue {label} is closed but could not be written to {config.digest.folder}" for label in undelivered
    )
    problems.extend(
        f"{fault}: keep the file, and restore a backup (tracker restore)" for fault in _faults(config, storage)
    )
    ytdlp = version("yt-dlp")
    return {
        "running": is_locked(config.database, "daemon"),
        "last_success_at": stamp(last),
        "next_due_at": stamp(due),
        "next_close_at": stamp(window.closes_at),
        "open_issue": window.label,
        "feeds": len(config.subscriptions),
        "tracker": version("tracker"),
        "yt_dlp": ytdlp,
        "yt_dlp_days": _age(ytdlp, now),
        "problems": problems,
    }


def _faults(config: Config, storage: Storage) -> tuple[str, ...]:
    """Say what is wrong inside the database, the first thing of many."""
    found = storage.integrity()
    more = f", and {len(found) - 1:,} more like it" if len(found) > 1 else ""
    return (f"{config.database} is damaged ({found[0]}{more})",) if found else ()


def _tell(facts: dict[str, object], config: Config, *, now: datetime) -> None:
    zone = config.digest.timezone
    pid, days = facts["running"], facts["yt_dlp_days"]
    last, due = _when(facts["last_success_at"]), _when(facts["next_due_at"])
    old = "; old: pip install -U yt-dlp" if isinstance(days, int) and days > 90 else ""
    table(
        (
            ("running", f"yes, process {pid}" if pid else "no (tracker run, or tracker run --once by a timer)"),
            ("last read", f"{moment(last, zone)}, {ago(last, now)}" if last else "never (tracker poll)"),
            ("next due", "now" if due and due <= now else moment(due, zone, never="nothing is scheduled yet")),
            ("next close", f"{moment(_when(facts['next_close_at']), zone)}, issue {facts['open_issue']}"),
            ("feeds", f"{facts['feeds']} in {config.path}"),
            ("tracker", str(facts["tracker"])),
            ("yt-dlp", f"{facts['yt_dlp']}, {days} days old{old}"),
        )
    )
    problems = facts["problems"]
    for problem in problems if isinstance(problems, list) else ():
        say(f"not well: {problem}")


def _when(text: object) -> datetime | None:
    return datetime.fromisoformat(str(text)) if text else None


def _age(release: str, now: datetime) -> int | None:
    """Count the days since a yt-dlp release; its version is its date."""
    found = re.match(r"(\d{4})\.(\d{1,2})\.(\d{1,2})", release)
    if not found:
        return None
    year, month, day = map(int, found.groups())
    return max(0, (now.date() - date(year, month, day)).days)
