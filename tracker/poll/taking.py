"""End a poll: one answer → parse → normalize → identify → storage, in one transaction; a failure is stored too."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from datetime import timedelta

from tracker.errors import FeedError, StorageError, UnexpectedError
from tracker.health import title_doubt
from tracker.models import (
    Answer,
    Door,
    Entry,
    Failure,
    Feed,
    Fetched,
    Outcome,
    Poll,
    RawFeed,
    SourceName,
    StoreCounts,
    Subscription,
)
from tracker.poll import batches, cadence, settle
from tracker.poll.asking import Pass
from tracker.poll.baseline import baseline_of, is_adrift, is_gap
from tracker.poll.book import is_fresh, note_batch

log = logging.getLogger(__name__)


class _TakenOutError(Exception):
    """The feed is not what was asked any more: another command has taken it out or turned it to another URL."""


def take(here: Pass, fetched: Fetched) -> Poll:
    """Store what a request brought, or that it brought nothing, and give the history's row.

    What another command did to the subscription meanwhile is told, and no failure of the feed's. A bug of ours that
    one feed has met is stored like a failure, with back-off, and stops no other feed.
    """
    try:
        done = _taken(here, fetched)
    except _TakenOutError:
        gone = FeedError("was changed in feeds.toml while it was asked; nothing was stored", feed=fetched.request.feed)
        done = settle.failed_poll(fetched, gone, now=here.now)
    log.info(
        "poll feed=%s door=%s outcome=%s stage=%s status=%s entries=%d new=%d changed=%d ms=%d%s",
        *(done.feed, done.door, done.outcome, done.stage or "-", done.status or "-"),
        *(done.entries, done.new, done.changed, done.milliseconds, f" error={done.error!r}" if done.error else ""),
    )
    return done


def _taken(here: Pass, fetched: Fetched) -> Poll:
    if isinstance(fetched, Failure):
        return _failed(here, fetched, fetched.error)
    try:
        return _stored(here, fetched)
    except FeedError as error:
        return _failed(here, fetched, error)
    except (StorageError, _TakenOutError):
        raise
    except Exception as error:
        log.exception("poll feed=%s: a bug of tracker's own", fetched.request.feed)
        text = f"tracker could not take in the answer ({type(error).__name__}): a bug of its own, see the log."
        return _failed(here, fetched, UnexpectedError(text, feed=fetched.request.feed))


def _stored(here: Pass, answer: Answer) -> Poll:
    feed = _row(here, answer.request.feed)
    is_feed = answer.request.door is Door.FEED
    digest = "" if answer.is_not_modified else hashlib.sha256(answer.body).hexdigest()
    if answer.is_not_modified or (is_feed and digest == feed.body_hash):
        return _unchanged(here, answer, feed, raw=None)
    with here.storage.transaction():
        from tracker.poll.reading import read  # not above: a poll that finds nothing new starts 30 ms sooner

        raw, entries = read(here, answer, feed, _subscription(here, feed.id))
        feed = replace(feed, body_hash=digest) if is_feed else feed
        if raw.is_unread:
            return _unchanged(here, answer, feed, raw=raw)
        return _changed(here, answer, feed, raw=raw, entries=entries)


def _changed(here: Pass, answer: Answer, feed: Feed, *, raw: RawFeed, entries: tuple[Entry, ...]) -> Poll:
    from tracker.poll.identify import candidate_keys, identify

    subscription = _subscription(here, feed.id)
    keys = {key for entry in entries for key in candidate_keys(entry, feed=feed.id)}
    known = here.storage.known(feed.id, guids={entry.guid for entry in entries}, keys=keys)
    baseline = baseline_of(here, feed, subscription, answer=answer, known=known)
    if is_adrift(baseline, known, answer):
        return _put_off(here, feed, answer, raw)
    found = identify(entries, known, baseline=baseline, feed=feed.id, recognised=raw.recognised)
    counts = here.storage.store(feed.id, found, door=answer.request.door, at=here.now, recognised=raw.recognised)
    done = _poll(here, answer, raw=raw, counts=counts)
    if is_gap(baseline, raw, known, held=feed.feed.entries or 0):
        done = _gapped(done, feed, raw)
    if subscription.categories:
        note_batch(here, answer, raw, feed=feed, is_fresh=is_fresh(found, known))
    feed = settle.after_answer(
        feed,
        answer,
        raw=raw,
        poll=done,
        newest=max((entry.published for entry in entries if entry.published), default=None),
        now=here.now,
    )
    doubt = title_doubt(feed, subscription) if baseline.is_first else ""
    done = replace(done, warnings=(*done.warnings, doubt)) if doubt else done
    _save(here, feed, subscription, done, answer)
    return done


def _put_off(here: Pass, feed: Feed, answer: Answer, raw: RawFeed) -> Poll:
    """Leave a channel's page for the whole list: nothing on it says which of its videos are new."""
    done = replace(_poll(here, answer, raw=raw, counts=StoreCounts()), outcome=Outcome.PARTIAL)
    feed = replace(feed, gap_since=feed.gap_since or feed.feed.last_success_at or here.now)
    here.together.keep(settle.with_due(feed, Door.LISTING, here.now), Door.LISTING, done)
    return done


def _gapped(done: Poll, feed: Feed, raw: RawFeed) -> Poll:
    """Say since when entries may have passed unseen; YouTube's list is asked for them, other feeds have none."""
    since = feed.feed.last_success_at or done.at
    if feed.source is SourceName.YOUTUBE:
        return replace(done, gap_since=since)
    said = f"all {done.entries} entries are new since {since:%Y-%m-%d %H:%M} UTC: others may have passed unseen"
    said += "; the feed goes on on a further page, which is not asked for" if raw.has_next else ""  # M87
    return replace(done, gap_since=since, warnings=(*done.warnings, said))


def _unchanged(here: Pass, answer: Answer, feed: Feed, *, raw: RawFeed | None) -> Poll:
    """Take an answer with nothing to read: 304 or equal bytes (`raw` is None), or entries that were read before."""
    subscription = _subscription(here, feed.id)
    done = _poll(here, answer, raw=raw or RawFeed(title=""), counts=StoreCounts())
    if raw is None:
        done = replace(done, outcome=Outcome.UNCHANGED, entries=feed.feed.entries or 0)
    else:
        here.storage.see_again(feed.id, raw.recognised, at=here.now)
        if subscription.categories:
            note_batch(here, answer, raw, feed=feed, is_fresh=False)
    feed = settle.after_answer(feed, answer, raw=raw, poll=done, newest=None, now=here.now)
    _save(here, feed, subscription, done, answer)
    return done


def _failed(here: Pass, fetched: Fetched, error: FeedError) -> Poll:
    with here.storage.transaction():
        feed = _row(here, fetched.request.feed)
        was_sent = not isinstance(fetched, Failure) or fetched.was_sent
        done = settle.failed_poll(fetched, error, now=here.now)
        if was_sent and not done.is_local:
            feed = settle.after_failure(feed, fetched.request, poll=done, error=error, now=here.now)
        # A host's "in two minutes" counts from its answer, not from the beginning of the pass.
        now = here.now + timedelta(seconds=fetched.late if isinstance(fetched, Failure) else 0)
        due = cadence.next_due(
            feed,
            _subscription(here, feed.id),
            poll=done,
            answer_headers={},
            retry_after=getattr(error, "retry_after", ""),
            now=now,
        )
        host = (fetched.host if isinstance(fetched, Failure) else "") or fetched.request.host
        held = here.storage.host(host)
        until = cadence.host_pause(error, now=now, failures=settle.door_of(feed, done.door).failures)
        if until and was_sent:
            asked = held.last_request_at if held else None
            here.storage.save_host(host, last_request_at=asked, paused_until=until, reason=str(error))
        until = until or (held.paused_until if held else None)
        if until and until > due:
            due = until
        here.together.keep(
            settle.with_due(feed, done.door, due), done.door, done if was_sent or done.is_local else None
        )
    return done


def _save(here: Pass, feed: Feed, subscription: Subscription, done: Poll, answer: Answer) -> None:
    due = cadence.next_due(
        feed,
        subscription,
        poll=done,
        answer_headers=answer.headers,
        retry_after="",
        now=here.now,
        published=() if feed.source is SourceName.ARXIV else here.storage.published(feed.id, keep=True),
        order=here.storage.in_order(feed.id) if done.door is Door.LISTING else (),
    )
    if done.door is Door.LISTING and feed.gap_since:
        due = here.now  # a list of one kind has not closed it
    # The book of batches says what to ask the archive for, and when.
    here.together.keep(settle.with_due(feed, done.door, None if done.door is Door.ARCHIVE else due), done.door, done)


def _poll(here: Pass, answer: Answer, *, raw: RawFeed, counts: StoreCounts) -> Poll:
    is_short = raw.announced is not None and raw.size < raw.announced and answer.request.items is None
    is_partial = is_short and answer.request.door is Door.LISTING
    # What was backlog by one door and is news by the other counts as new: an issue will announce it.
    fresh = counts.new + counts.promoted
    return Poll(
        feed=answer.request.feed,
        door=answer.request.door,
        at=here.now,
        outcome=Outcome.PARTIAL if is_partial else Outcome.NEW if fresh else Outcome.UNCHANGED,
        host=answer.request.host,
        status=answer.status,
        bytes=len(answer.body),
        entries=raw.size,
        new=fresh,
        changed=counts.changed,
        backlog=counts.backlog,
        ignored=counts.ignored,
        milliseconds=answer.milliseconds,
        warnings=(*raw.warnings, *batches.cut_short(answer, entries=raw.size)),
    )


def _row(here: Pass, feed: str) -> Feed:
    row = here.together.row(feed)
    asked = here.rows.get(feed, row)
    if row is None or asked is None or (row.target, row.subscribed_at) != (asked.target, asked.subscribed_at):
        raise _TakenOutError
    return row


def _subscription(here: Pass, feed: str) -> Subscription:
    found = here.config.subscription(feed)
    assert found is not None, f"{feed}: asked for without a subscription"
    return found
