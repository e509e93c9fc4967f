"""Serve compose: what the page says about feeds, in proportion (digest-model, rule 10); pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal

from tracker.digest.composition import Asked, FeedNote, Quiet
from tracker.health.words import said
from tracker.models import (
    Batch,
    BatchState,
    Feed,
    Health,
    HealthReport,
    Outage,
    Outcome,
    Poll,
    SourceName,
    State,
    Subscription,
    Window,
)
from tracker.sources import arxiv_calendar
from tracker.sources.arxiv_archive import REACH

DOWN = frozenset({State.FAILING, State.BLOCKED, State.GONE})
MOST_NOTES = 12
AGAIN = timedelta(days=28)  # between two lines about a feed that has ended
_Kind = Literal["missed", "cut"]
_UNREAD = frozenset({BatchState.MISSING, BatchState.LOST})
_KINDS = {State.FAILING: "failing", State.GONE: "failing", State.BLOCKED: "blocked", State.STALE: "stale"}


def take_notes(
    health: HealthReport, *, window: Window, subscriptions: Mapping[str, Subscription], missed: Sequence[FeedNote]
) -> tuple[FeedNote, ...]:
    """Make the lines of the Feeds section, what needs the reader first; a host's outages are one line (M20).

    A move that was followed is told in the issue in whose span it began, once.
    """
    needs = [_note("needs", each, subscriptions) for each in health.feeds if each.needs_reader]
    silent = {each.feed for each in health.feeds if each.state in DOWN}
    outages = _outages(health, silent, has_gap=bool(missed))
    states = [note for each in health.feeds if (note := _state_note(each, window, subscriptions))]
    return (*needs, *outages, *_idle(health, window), *missed, *states)


def silent_ones(
    health: HealthReport, polls: Sequence[Poll], *, subscriptions: Mapping[str, Subscription]
) -> tuple[FeedNote, ...]:
    """Name the feeds that were asked inside the span, do not answer, and stand in no other line.

    One failure is no state of a feed's yet, but the first paragraph counts it. Feeds of one host, or
    with one reason, are one line.
    """
    told = {feed for outage in health.outages if outage.until is None for feed in outage.feeds}
    last = {poll.feed: poll for poll in sorted(polls, key=lambda poll: poll.at)}
    notes: list[FeedNote] = []
    for each in _silent(health, polls, subscriptions):
        if each.needs_reader or each.state in DOWN or each.feed in told:
            continue
        poll = last[each.feed]
        error = said(poll.error)
        same = next((n for n, note in enumerate(notes) if poll.host == note.host or error == note.evidence), None)
        if same is None:
            note = FeedNote(kind="silent", feed=each.feed, host=poll.host, evidence=error, names=(each.title,))
            notes.append(note)
        else:
            notes[same] = replace(notes[same], names=(*notes[same].names, each.title))
    return tuple(notes)


def quiet_ones(health: HealthReport) -> tuple[Quiet, ...]:
    """Name the feeds that are quiet as usual."""
    return tuple(
        Quiet(feed=each.feed, title=each.title, evidence=each.evidence)
        for each in health.feeds
        if each.state is State.QUIET
    )


def how_asked(
    health: HealthReport,
    polls: Sequence[Poll],
    *,
    subscriptions: Mapping[str, Subscription],
    last_success_at: datetime | None,
) -> Asked:
    """Count who was asked inside the span and who answers; `polls` are those of the span."""
    active = [each for each in health.feeds if each.feed in subscriptions and each.state is not State.PAUSED]
    asked = {poll.feed for poll in polls}
    answered = {poll.feed for poll in polls if poll.outcome is not Outcome.FAILED}
    lasting = [each for each in health.outages if each.until is None]
    tried = [each for each in active if each.feed in asked]
    silent = _silent(health, polls, subscriptions)
    return Asked(
        subscribed=len(active),
        asked=len(tried),
        answered=len(tried) - len(silent),
        was_blind=bool(tried) and not any(each.feed in answered for each in tried),
        silent=tuple(each.title for each in silent if not each.needs_reader),
        no_network_since=next((each.since for each in lasting if not each.host), None),
        last_success_at=last_success_at,
    )


def _silent(health: HealthReport, polls: Sequence[Poll], subscriptions: Mapping[str, Subscription]) -> list[Health]:
    """Give the feeds that were asked inside the span and do not answer now."""
    asked = {poll.feed for poll in polls}
    answered = {poll.feed for poll in polls if poll.outcome is not Outcome.FAILED}
    unreachable = {feed for outage in health.outages if outage.until is None for feed in outage.feeds}
    active = [each for each in health.feeds if each.feed in subscriptions and each.state is not State.PAUSED]
    return [
        each
        for each in active
        if each.feed in asked and (each.feed not in answered or each.state in DOWN or each.feed in unreachable)
    ]


def missed_batches(
    subscriptions: Iterable[Subscription], feeds: Mapping[str, Feed], batches: Sequence[Batch], window: Window
) -> tuple[FeedNote, ...]:
    """Name the arXiv days that were neither read nor fetched afterwards: a category feed holds one day only (M51).

    A day is told once: in the issue whose span holds the end of that day in New York.
    """
    notes: list[FeedNote] = []
    for subscription in subscriptions:
        feed = feeds.get(subscription.id)
        if subscription.paused or not subscription.categories or not feed:
            continue
        title = subscription.title or feed.title or subscription.id
        for (kind, evidence), days in _missing(subscription, batches, window).items():
            note = FeedNote(kind=kind, feed=subscription.id, title=title, source="arxiv", days=days, evidence=evidence)
            told = (kind, days, evidence)
            same = next((n for n, each in enumerate(notes) if (each.kind, each.days, each.evidence) == told), None)
            if same is None:
                notes.append(note)
            else:
                notes[same] = replace(notes[same], title=f"{notes[same].title} and {title}")
    return tuple(notes)


def fetched_days(
    subscriptions: Iterable[Subscription], batches: Sequence[Batch], *, start: datetime, end: datetime
) -> tuple[tuple[date, ...], tuple[date, ...]]:
    """Give the days of a stretch in which nothing ran whose batches were fetched afterwards, and those that were not.

    A day counts as fetched when that holds for every category feed.
    """
    days = arxiv_calendar.announcement_days(
        arxiv_calendar.batch_day(start), arxiv_calendar.batch_day(end) - timedelta(days=1)
    )
    ids = {each.id for each in subscriptions if each.categories and not each.paused}
    own = [each for each in batches if each.feed in ids and each.day in days]
    missing = {each.day for each in own if each.state in _UNREAD}
    fetched = {each.day for each in own if each.state is BatchState.FETCHED} - missing
    return tuple(sorted(fetched)), tuple(sorted(missing))


def _missing(
    subscription: Subscription, batches: Sequence[Batch], window: Window
) -> dict[tuple[_Kind, str], tuple[date, ...]]:
    """Group the missing days by why they are; one after the book's last was not even noted, for nothing ran."""
    book = {each.day: each for each in batches if each.feed == subscription.id}
    if not book:
        return {}
    first, until = max(min(book), arxiv_calendar.batch_day(window.start)), arxiv_calendar.batch_day(window.end)
    found: dict[tuple[_Kind, str], tuple[date, ...]] = {}
    for day in arxiv_calendar.announcement_days(first, until - timedelta(days=1)):
        batch = book.get(day)
        is_missing = batch.state in _UNREAD if batch else day > max(book)
        if is_missing:
            kind: _Kind = "cut" if batch and batch.cut else "missed"
            why = _why_missing(batch, day, until)
            found[kind, why] = (*found.get((kind, why), ()), day)
    return found


def _why_missing(batch: Batch | None, day: date, until: date) -> str:
    if batch and batch.state is BatchState.LOST:
        return "arXiv's API lists nothing of that time"
    if day < until - REACH:
        return ""
    return f"arXiv's API {'is still being asked' if batch and batch.at else 'will be asked'}"


def _state_note(health: Health, window: Window, subscriptions: Mapping[str, Subscription]) -> FeedNote | None:
    if health.needs_reader:
        return None
    if health.state is State.MOVED:
        is_told_here = health.since and window.start <= health.since < window.end
        return _note("moved", health, subscriptions) if is_told_here else None
    kind = _KINDS.get(health.state)
    return _note(kind, health, subscriptions) if kind and _is_told(health, window) else None


def _is_told(health: Health, window: Window) -> bool:
    """Tell a state that lasts for ever when it begins, and then every four weeks (rule 10: health in proportion)."""
    if health.told_from is None:
        return True
    since_start, since_end = (each - health.told_from for each in (window.start, window.end))
    return since_end >= timedelta() and since_end // AGAIN > since_start // AGAIN


def _note(kind: str, health: Health, subscriptions: Mapping[str, Subscription]) -> FeedNote:
    subscription = subscriptions.get(health.feed)
    return FeedNote(
        kind=kind,  # type: ignore[arg-type]  # one of the literals above
        feed=health.feed,
        title=health.title,
        source=_resource(subscription) if subscription else "",
        evidence=health.evidence,
        remedy=health.remedy,
        since=health.since,
    )


def _resource(subscription: Subscription) -> str:
    """Name what is followed, for a reader who has forgotten."""
    if subscription.source is SourceName.YOUTUBE:
        return "YouTube playlist" if subscription.playlist else "YouTube channel"
    return {SourceName.SUBSTACK: "Substack", SourceName.ARXIV: "arXiv", SourceName.WEB: "web"}[subscription.source]


def _outages(health: HealthReport, silent: set[str], *, has_gap: bool) -> list[FeedNote]:
    """Make one line of all outages of a host that are over, and one of an outage that lasts."""
    notes = []
    for host in dict.fromkeys(each.host for each in health.outages):
        own = [each for each in health.outages if each.host == host]
        over = [(each, each.until) for each in own if each.until]
        touched = {feed for each in own for feed in each.feeds}
        if over:
            notes.append(
                FeedNote(
                    kind="outage",
                    host=host,
                    since=over[0][0].since,
                    until=over[-1][1],
                    feeds=len(touched),
                    times=len(over),
                    seconds=int(sum((until - each.since).total_seconds() for each, until in over)),
                    is_whole=not touched & silent and not (has_gap and host in {"", "arxiv.org"}),
                )
            )
        notes += [
            FeedNote(kind="outage", host=host, since=each.since, feeds=len(each.feeds), names=_titles(health, each))
            for each in own
            if each.until is None
        ]
    return notes


def _titles(health: HealthReport, outage: Outage) -> tuple[str, ...]:
    return tuple(each.title for each in health.feeds if each.feed in outage.feeds)


def _idle(health: HealthReport, window: Window) -> list[FeedNote]:
    """Say when nothing ran, unless the first paragraph says it."""
    if not health.idle_from or not health.idle_to or window.covers:
        return []
    return [FeedNote(kind="idle", since=health.idle_from, until=health.idle_to)]
