"""Serve compose: what the page says of entries that passed unseen, arXiv's days and feeds' gaps; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from tracker.digest.composition import FeedNote
from tracker.health import gaps
from tracker.models import Batch, BatchState, Feed, Poll, SourceName, Subscription, Window
from tracker.sources import arxiv_calendar
from tracker.sources.arxiv_archive import REACH

_UNREAD = frozenset({BatchState.MISSING, BatchState.LOST})


def gap_notes(
    subscriptions: Iterable[Subscription], feeds: Mapping[str, Feed], polls: Sequence[Poll]
) -> tuple[FeedNote, ...]:
    """Name the feeds of which entries may have passed unseen inside a span, whose `polls` these are (M8, M41).

    So each is told once, in the issue in whose span it was found out; several gaps of a feed are one line.
    """
    notes = []
    for subscription in subscriptions:
        feed = feeds.get(subscription.id)
        found = gaps(feed, polls) if feed and not subscription.paused else ()
        if feed and found:
            is_asked = feed.source is SourceName.YOUTUBE
            note = FeedNote(
                kind="gap",
                feed=subscription.id,
                title=subscription.title or feed.title or subscription.id,
                since=found[0].gap_since,
                until=found[-1].at,
                times=len(found),
                evidence="its list of videos is still being asked for them" if is_asked else "",
            )
            notes.append(note)
    return tuple(notes)


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
        for (cut, evidence), days in _missing(subscription, batches, window).items():
            note = FeedNote(
                kind="cut" if cut else "missed",
                feed=subscription.id,
                title=title,
                source="arxiv",
                days=days,
                evidence=evidence,
                papers=cut,
            )
            same = next((n for n, each in enumerate(notes) if _is_alike(each, note)), None)
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
) -> dict[tuple[int, str], tuple[date, ...]]:
    """Group the missing days by where they were cut off (0: all is missing) and why they are missing.

    One after the book's last was not even noted, for nothing ran.
    """
    book = {each.day: each for each in batches if each.feed == subscription.id}
    if not book:
        return {}
    first, until = max(min(book), arxiv_calendar.batch_day(window.start)), arxiv_calendar.batch_day(window.end)
    found: dict[tuple[int, str], tuple[date, ...]] = {}
    for day in arxiv_calendar.announcement_days(first, until - timedelta(days=1)):
        batch = book.get(day)
        is_missing = batch.state in _UNREAD if batch else day > max(book)
        if is_missing:
            told = (batch.cut if batch else 0, _why_missing(batch, day, until))
            found[told] = (*found.get(told, ()), day)
    return found


def _is_alike(one: FeedNote, other: FeedNote) -> bool:
    """Tell whether two lines say the same of two categories."""
    return (one.papers, one.evidence, one.days) == (other.papers, other.evidence, other.days)


def _why_missing(batch: Batch | None, day: date, until: date) -> str:
    if batch and batch.state is BatchState.LOST:
        return "arXiv's API lists nothing of that time"
    if day < until - REACH:
        return ""
    return f"arXiv's API {'is still being asked' if batch and batch.at else 'will be asked'}"
