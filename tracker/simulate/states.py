"""Compare what the issues say about feeds and hosts with what was true in the scenario."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import date, datetime

from tracker.digest.composition import Composition, FeedNote, Quiet, decode
from tracker.models import StoredIssue
from tracker.simulate.drive import Drive
from tracker.simulate.report import States
from tracker.simulate.values import DAY, HOUR, MINUTE, History, Span
from tracker.storage import Storage

_SLACK = 30 * MINUTE
_QUIET = 8 * DAY
_ENDED = 80 * DAY


def audit_states(drive: Drive, storage: Storage) -> States:
    """Judge every line about feeds in every issue."""
    right, wrong = 0, []
    for issue in storage.issues():
        page = decode(issue.composition)
        for is_true, text in _judged(drive, issue, page):
            right += is_true
            if not is_true:
                wrong.append(f"{issue.label}: {text}")
    return States(right=right, wrong=tuple(wrong))


def _judged(drive: Drive, issue: StoredIssue, page: Composition) -> Iterator[tuple[bool, str]]:
    for note in page.notes:
        yield _is_true(drive, issue, note), f"{note.kind} {note.host or note.title}: {note.evidence or note.since}"
    for quiet in page.quiet:
        yield _is_quiet(drive, issue, quiet), f"quiet {quiet.title}: {quiet.evidence}"


def _is_true(drive: Drive, issue: StoredIssue, note: FeedNote) -> bool:
    since, until = note.since or issue.start, note.until or issue.end
    if "now lives at" in note.evidence:
        return _has_moved(drive, note.feed, issue.closed_at)
    looks: dict[str, Callable[[], bool]] = {
        "outage": lambda: _was_away(drive, note.host, (since, until)),
        "idle": lambda: _was_off(drive, since, until),
        "missed": lambda: not any(_was_given(drive, note.feed, day, issue.closed_at) for day in note.days),
        "moved": lambda: _has_moved(drive, note.feed, issue.closed_at),
        "stale": lambda: _is_stale(drive, note, issue.closed_at),
        "silent": lambda: any(_is_down(drive, each.sub.id, issue.closed_at) for each in _titled(drive, note)),
    }
    down = drive.internet.history(note.feed).sub.id if note.feed else ""
    return looks.get(note.kind, lambda: _is_down(drive, down, issue.closed_at))()


def _was_away(drive: Drive, host: str, span: Span) -> bool:
    """Tell whether the host, or the network, failed inside a span."""
    away = [each.span for each in drive.scenario.outages if each.host == host]
    spans = away if host else drive.scenario.offline
    return any(begin < span[1] + _SLACK and span[0] - _SLACK < end for begin, end in spans)


def _was_off(drive: Drive, since: datetime, until: datetime) -> bool:
    """Tell whether the computer slept through most of a stretch."""
    off = (*drive.scenario.asleep, *drive.scenario.offline)
    slept = sum((max(min(end, until) - max(begin, since), 0 * HOUR) for begin, end in off), 0 * HOUR)
    return slept > (until - since) * 0.5


def _was_given(drive: Drive, feed: str, day: date, at: datetime) -> bool:
    """Tell whether a day's batch was given before a moment, by the feed or the API."""
    given = drive.witness.batches.get((drive.internet.history(feed).sub.id, day))
    return given is not None and given < at


def _has_moved(drive: Drive, feed: str, at: datetime) -> bool:
    moves = drive.scenario.moves.get(drive.internet.history(feed).sub.id, ())
    return any(each.kind in {"domain", "path"} and each.at <= at for each in moves)


def _is_stale(drive: Drive, note: FeedNote, at: datetime) -> bool:
    history = drive.internet.history(note.feed)
    if history.sub.categories:
        return any(
            abs(datetime(day.year, day.month, day.day, tzinfo=at.tzinfo) - at) < 3 * DAY for day in drive.scenario.late
        )
    there = history.until(at)
    return not there or at - history.works[there - 1].at > _ENDED


def _is_down(drive: Drive, feed: str, at: datetime) -> bool:
    """Tell whether the feed failed when it was last asked before a moment."""
    results = drive.witness.results.get(feed, [])
    number = bisect_left(results, at + MINUTE, key=lambda each: each[0])
    return bool(number) and not results[number - 1][1]


def _titled(drive: Drive, note: FeedNote) -> Iterator[History]:
    for history in drive.internet.histories.values():
        if history.sub.id == note.feed or (history.sub.title or history.title) in note.names:
            yield history


def _is_quiet(drive: Drive, issue: StoredIssue, quiet: Quiet) -> bool:
    """Tell whether nothing new was given of a feed for about a week before the close."""
    history = drive.internet.history(quiet.feed)
    if history.sub.categories:
        return False
    since = issue.end - _QUIET
    given = drive.witness.arrivals.values()
    return not any(
        each.feed == history.sub.id and each.verdict == "due" and since < each.at < issue.end for each in given
    )
