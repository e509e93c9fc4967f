"""Say what a feed's row holds after a poll: counters, validators, moves, baselines; pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tracker.errors import FeedError, FeedGoneError, NetworkError, StatusError
from tracker.models import Answer, Door, DoorState, Feed, Fetched, Outcome, Poll, RawFeed, Request, SourceName, Text
from tracker.sources import clean_url, domain

DOUBTFUL = 3  # failures at an adopted address after which the configured one is tried again
LONGEST_TITLE = 500  # characters of what a feed calls itself
MOVE_PATIENCE = timedelta(days=3)  # how long a permanent redirect must hold before it is believed (M81)


def after_answer(
    feed: Feed,
    answer: Answer,
    *,
    raw: RawFeed | None,
    poll: Poll,
    newest: datetime | None,
    now: datetime,
) -> Feed:
    """Settle a good answer; `raw` is None when nothing had changed (304, or equal bytes: M77, M78)."""
    state = door_of(feed, poll.door)
    is_complete = poll.outcome is not Outcome.PARTIAL and not (raw and raw.is_cut_off)
    # A list that stays shorter than announced (YouTube counts hidden videos) is all that there is to see.
    is_settled = is_complete or (state.last_success_at is not None and poll.entries >= (state.entries or 0))
    state = replace(
        state,
        url=answer.request.url if answer.request.is_probe else state.url,
        last_polled_at=now,
        last_success_at=now,
        failures=0,
        failing_since=None,
        last_error="",
        last_stage="",
        last_status=answer.status,
        entries=poll.entries,
        baseline_at=state.baseline_at or (now if is_settled else None),
    )
    feed = with_door(
        feed,
        poll.door,
        state,
        first_polled_at=feed.first_polled_at or now,
        last_new_at=now if poll.new > poll.backlog else feed.last_new_at,
        newest_published=_latest(feed.newest_published, newest),
        gone_since=None,
    )
    if poll.door is Door.LISTING:
        feed = feed if answer.request.is_part else replace(feed, gap_since=None)
        return _listed(feed, is_whole=is_complete and answer.request.items is None, now=now)
    if poll.door is Door.ARCHIVE:
        return feed  # its title is that of the question, and its address is never kept
    if poll.gap_since and feed.source is SourceName.YOUTUBE:  # whose list closes it
        since = min(poll.gap_since, feed.gap_since or poll.gap_since)
        feed = replace(feed, gap_since=since, listing=replace(feed.listing, next_due_at=now))
    return _moved(_described(feed, answer, raw, now=now), answer, now=now)


def after_failure(feed: Feed, request: Request, *, poll: Poll, error: FeedError, now: datetime) -> Feed:
    """Settle a bad answer: count it, remember the error; validators stay as they were."""
    state = door_of(feed, request.door)
    state = replace(
        state,
        last_polled_at=now,
        failures=state.failures + 1,
        failing_since=state.failing_since or now,
        last_error=poll.error,
        last_stage=poll.stage,
        last_status=poll.status,
    )
    if request.door is Door.FEED and state.failures >= DOUBTFUL:
        # An address that was adopted (M81) and does not answer: the configured one is asked again.
        state = replace(state, url="")
        feed = _without_validators(feed)
    feed = with_door(feed, request.door, state)
    gone = feed.gone_since or now if isinstance(error, FeedGoneError) else None
    return replace(feed, first_polled_at=feed.first_polled_at or now, gone_since=gone)


def failed_poll(fetched: Fetched, error: FeedError, *, now: datetime) -> Poll:
    """Make the history's row of a failure."""
    answer = fetched if isinstance(fetched, Answer) else None
    return Poll(
        feed=fetched.request.feed,
        door=fetched.request.door,
        at=now,
        outcome=Outcome.FAILED,
        host=fetched.request.host,
        stage=error.stage,
        status=error.status if isinstance(error, StatusError) else answer.status if answer else None,
        bytes=len(answer.body) if answer else 0,
        milliseconds=fetched.milliseconds,
        error=str(error),
        remedy=error.remedy,
        is_transient=error.transient,
        is_local=isinstance(error, NetworkError) and error.local,
    )


def door_of(feed: Feed, door: Door) -> DoorState:
    """Look up the state of one door."""
    if door is Door.ARCHIVE:
        return feed.archive
    return feed.feed if door is Door.FEED else feed.listing


def with_door(feed: Feed, door: Door, state: DoorState, **besides: Any) -> Feed:
    """Put a door's new state in its place, and other fields in theirs: a copy of a feed costs 8 µs."""
    if door is Door.ARCHIVE:
        return replace(feed, archive=state, **besides)
    return replace(feed, feed=state, **besides) if door is Door.FEED else replace(feed, listing=state, **besides)


def with_due(feed: Feed, door: Door, due: datetime | None) -> Feed:
    """Set when a door is asked next; None: as soon as there is something to ask."""
    return with_door(feed, door, replace(door_of(feed, door), next_due_at=due))


def _listed(feed: Feed, *, is_whole: bool, now: datetime) -> Feed:
    """Note a complete listing; one is not enough to believe that something has left the playlist (M30)."""
    if not is_whole:
        return feed
    last = feed.listing_complete_at
    before = last if last and last.date() < now.date() else feed.listing_before_at
    return replace(feed, listing_complete_at=now, listing_before_at=before)


def _described(feed: Feed, answer: Answer, raw: RawFeed | None, *, now: datetime) -> Feed:
    """Take over title and validators, the latter only from a 200 that parsed (M76)."""
    if raw is None:
        # A 304 may come with fresh validators; equal bytes under a new ETag must be remembered, or the
        # next question asks for the old one for ever (feedbin#726). They are as good as new, for the whole
        # document came: with their old date a quiet feed would be asked without any from the eighth day on (M73).
        return _validated(feed, answer, now=now) if not answer.is_not_modified else feed
    if raw.is_unread:
        return _validated(feed, answer, now=now)
    from tracker.poll.normalize_text import line  # a poll that finds nothing new does without

    title, site = line(Text(raw.title), longest=LONGEST_TITLE), clean_url(raw.site_url)
    feed = replace(feed, title=title or feed.title, site_url=site or feed.site_url, wait=raw.wait)
    # With the validators of a document that was cut off, the rest of it would be "not modified".
    return _without_validators(feed) if raw.is_cut_off else _validated(feed, answer, now=now)


def _without_validators(feed: Feed) -> Feed:
    return replace(feed, etag="", last_modified="", validators_url="")


def _validated(feed: Feed, answer: Answer, *, now: datetime) -> Feed:
    return replace(
        feed,
        etag=answer.headers.get("etag", ""),
        last_modified=answer.headers.get("last-modified", ""),
        validators_url=answer.request.url,
        validators_at=now,
    )


def _moved(feed: Feed, answer: Answer, *, now: datetime) -> Feed:
    """Note a permanent redirect, adopt it after several days, and at once where only http became https.

    To another registered domain it is only noted: that takes the reader's word.
    """
    target = answer.moved_to
    if not target:
        if not (feed.moved_to or feed.moved_since):
            return feed
        return replace(feed, moved_to="", moved_since=None)
    if target != feed.moved_to:
        feed = replace(feed, moved_to=target, moved_since=now)
    old = answer.request.url
    is_upgrade = target == old.replace("http://", "https://", 1)
    is_proven = feed.moved_since is not None and now - feed.moved_since >= MOVE_PATIENCE
    if is_upgrade or (is_proven and domain(target) == domain(old)):
        adopted = replace(feed.feed, url=target)
        return replace(feed, feed=adopted, moved_to="", moved_since=None)
    return feed


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((each for each in (one, other) if each), default=None)
