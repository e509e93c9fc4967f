"""Say which of arXiv's batches a feed must bring, which to fetch afterwards, and what became of one (M51); pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from tracker.models import Answer, Batch, BatchState, Door, RawFeed
from tracker.sources import arxiv_calendar
from tracker.sources.arxiv_archive import MOST, REACH, window_days

DAY = timedelta(days=1)
AGAIN = timedelta(hours=20)  # the API's results change once a day, so the same question is not asked sooner
TRIES = 3  # days on which the API must list nothing before a batch is given up
CUT = 2_000  # entries at which arXiv cuts a feed, the lowest-numbered new papers first (M60)


def since(now: datetime) -> date:
    """Tell from which day on batches still matter: the API may be asked for them (M65)."""
    return arxiv_calendar.batch_day(now) - REACH


def expected(batches: Sequence[Batch], *, since: datetime, now: datetime) -> tuple[date, ...]:
    """List the announcement days to expect from a feed that are not in its book yet, today's included.

    The first time these are the open window's, so that the first page is full (`since` is its start).
    """
    today = arxiv_calendar.batch_day(now)
    known = [each.day for each in batches if each.day <= today]
    return arxiv_calendar.announcement_days(max(known) + DAY, today) if known else window_days(since, now)


def wanted(batches: Sequence[Batch], *, now: datetime) -> Batch | None:
    """Give the oldest missing batch to fetch now: its day is over, and the API may still be asked for it."""
    today = arxiv_calendar.batch_day(now)
    missing = (each for each in batches if each.state is BatchState.MISSING and today - REACH <= each.day < today)
    return next((each for each in missing if _may_ask(each, now=now)), None)


def read(batch: Batch, *, is_fresh: bool, entries: int, now: datetime) -> Batch:
    """Settle a feed's document: the day's batch is read if it held anything new, and was not cut (M60).

    One in which everything had stood before is yesterday's (M63): then the day is still missing.
    """
    if not is_fresh or batch.state is BatchState.FETCHED:
        return batch
    if entries >= CUT:
        return replace(batch, cut=entries)
    return replace(batch, state=BatchState.READ, at=now)


def cut_short(answer: Answer, *, entries: int) -> tuple[str, ...]:
    """Warn that arXiv cuts a batch off at 2,000, the lowest-numbered new papers first (M60)."""
    is_batch = answer.request.door is Door.FEED and answer.request.host == "arxiv.org"
    if not is_batch or entries < CUT:
        return ()
    return (f"arXiv cut this batch off at {entries:,} papers: the rest is asked of its API when the day is over",)


def fetched(batch: Batch, raw: RawFeed, *, was_answered: bool, now: datetime) -> Batch:
    """Settle a page of the API: go on after it, or be done; a batch of which it lists nothing is asked for again.

    `was_answered`: the feed answered on that day or was not followed yet, so that nothing listed is nothing missed; of
    a batch that was cut off, a part is missing all the same (M60).
    """
    start = batch.start + len(raw.entries)
    if not start:
        tries = batch.tries + 1
        is_whole = was_answered and not batch.cut
        none = BatchState.READ if is_whole else BatchState.LOST if tries >= TRIES else BatchState.MISSING
        return replace(batch, state=none, at=now, tries=tries)
    is_done = start >= min(raw.announced or start, MOST)
    return replace(batch, state=BatchState.FETCHED if is_done else BatchState.MISSING, at=now, start=start)


def misread(batches: Iterable[Batch], day: date) -> Batch | None:
    """Take back that the day after `day` was read: what its document held was the batch of `day` (M63).

    That is known when a missed batch is fetched and every paper of it had come with the next day's.
    """
    after = min((each for each in batches if each.day > day), key=lambda each: each.day, default=None)
    is_read = after is not None and after.state is BatchState.READ
    return replace(after, state=BatchState.MISSING, at=None) if after is not None and is_read else None


def _may_ask(batch: Batch, *, now: datetime) -> bool:
    return bool(batch.start) or batch.at is None or not timedelta() <= now - batch.at < AGAIN
