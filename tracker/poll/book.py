"""Serve taking: write into the book of arXiv's batches what an answer says of its day."""

from __future__ import annotations

from tracker.models import Answer, Batch, Door, Feed, Identified, KnownEntry, Outcome, RawFeed, Verdict
from tracker.poll import batches
from tracker.poll.asking import Pass
from tracker.sources import arxiv_calendar
from tracker.sources.arxiv_archive import REACH


def note_batch(here: Pass, answer: Answer, raw: RawFeed, *, feed: Feed, is_fresh: bool) -> None:
    """Write what became of arXiv's batch into its book, in the transaction that stores its entries."""
    request = answer.request
    day = request.batch or arxiv_calendar.batch_day(here.now)
    book = {each.day: each for each in here.storage.latest_batches(request.feed, since=batches.since(here.now))}
    batch = book.get(day) or Batch(feed=request.feed, day=day)
    if request.batch is None:
        noted = batches.read(batch, is_fresh=is_fresh and not raw.is_cut_off, entries=raw.size, now=here.now)
    elif batch.start == request.start:
        was_answered = _was_answered(here, batch, feed)
        noted = batches.fetched(batch, raw, was_answered=was_answered, now=here.now)
        misread = batches.misread(book.values(), day) if raw.entries and not (is_fresh or was_answered) else None
        if misread:
            here.storage.save_batch(misread)
    else:
        return
    if noted != batch:
        here.storage.save_batch(noted)


def is_fresh(found: tuple[Identified, ...], known: tuple[KnownEntry, ...]) -> bool:
    """Tell whether a document holds anything that this feed never held before, revisions apart."""
    here_before = {each.key for each in known if each.guid is not None}
    return any(each.key not in here_before and each.verdict is not Verdict.IGNORED for each in found)


def _was_answered(here: Pass, batch: Batch, feed: Feed) -> bool:
    """Tell whether the feed answered on the day of a batch, or was not followed yet: nothing passed unread then."""
    first = feed.first_polled_at
    if first and batch.day < arxiv_calendar.batch_day(first):
        return True
    polls = here.storage.polls(feed=batch.feed, since=here.now - REACH)
    return any(
        each.door is Door.FEED and each.outcome is not Outcome.FAILED and arxiv_calendar.batch_day(each.at) == batch.day
        for each in polls
    )
