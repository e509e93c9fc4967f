"""Serve compose: what the page says about feeds, in proportion (digest-model, rule 10); pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tracker.digest.composition import Asked, FeedNote, Quiet
from tracker.health.words import said
from tracker.models import (
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

DOWN = frozenset({State.FAILING, State.BLOCKED, State.GONE})
MOST_NOTES = 12
UNSEEN = timedelta(hours=6)  # from an outage's last failure to its end: more than any back-off waits
AGAIN = timedelta(days=28)  # between two lines about a feed that has ended
_KINDS = {State.FAILING: "failing", State.GONE: "failing", State.BLOCKED: "blocked", State.STALE: "stale"}


def take_notes(
    health: HealthReport, *, window: Window, subscriptions: Mapping[str, Subscription], missed: Sequence[FeedNote]
) -> tuple[FeedNote, ...]:
    """Make the lines of the Feeds section, what needs the reader first; a host's outages are one line (M20).

    A move that was followed is told in the issue in whose span it began, once.
    """
    needs = [_note("needs", each, subscriptions) for each in health.feeds if each.needs_reader]
    silent = {each.feed for each in health.feeds if each.state in DOWN}
    outages = _outages(health, silent, missed)
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


def _outages(health: HealthReport, silent: set[str], missed: Sequence[FeedNote]) -> list[FeedNote]:
    """Make one line of all outages of a host that are over, and one of an outage that lasts."""
    notes = []
    lacking = silent | {each.feed for each in missed if each.kind == "gap"}
    has_days = any(each.kind != "gap" for each in missed)
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
                    is_at_most=_is_at_most(over),
                    is_whole=not touched & lacking and not (has_days and host in {"", "arxiv.org"}),
                )
            )
        notes += [
            FeedNote(kind="outage", host=host, since=each.since, feeds=len(each.feeds), names=_titles(health, each))
            for each in own
            if each.until is None
        ]
    return notes


def _is_at_most(over: Sequence[tuple[Outage, datetime]]) -> bool:
    """Tell whether outages may have ended long before that was seen: while the computer slept, nobody asked."""
    seen = sum(((each.failed_at or until) - each.since for each, until in over), timedelta())
    unseen = sum((until - (each.failed_at or until) for each, until in over), timedelta())
    return unseen > max(seen, UNSEEN * len(over))


def _titles(health: HealthReport, outage: Outage) -> tuple[str, ...]:
    return tuple(each.title for each in health.feeds if each.feed in outage.feeds)


def _idle(health: HealthReport, window: Window) -> list[FeedNote]:
    """Say when nothing ran, unless the first paragraph says it."""
    if not health.idle_from or not health.idle_to or window.covers:
        return []
    return [FeedNote(kind="idle", since=health.idle_from, until=health.idle_to)]
