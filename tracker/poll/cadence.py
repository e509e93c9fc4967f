"""Say which doors of a feed are due, and when next: interval, rhythm, max-age, Retry-After, arXiv's calendar; pure.

Nothing here ends a feed: the longest wait is a week. All waits are lengthened by up to a tenth, by a hash of feed and
day, so that feeds of one host spread out and stay spread (M93), and the same input always gives the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise

from tracker.errors import BlockedError, FeedError, RateLimitedError, StatusError
from tracker.health.rhythm import learn, shortest_stretch, usual_stretch
from tracker.models import Door, DoorState, Feed, Outcome, Poll, SourceName, Subscription
from tracker.poll.headers import LONGEST_PAUSE, freshness, seconds, wait_asked
from tracker.sources import arxiv_calendar, source_of
from tracker.sources.youtube import FULL_FEED

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

LONGEST = DAY  # between two polls of a feed that answers, whatever its headers say (M79)
SLOWEST = 10 * HOUR  # of our own accord: with the spread and one bad answer an entry is still seen within 12 hours
HASTIEST = HOUR  # for a feed that its own crowd scrolls through; more often than hourly nobody wants to be asked (M21)
LONGEST_LIMITED = 6 * HOUR  # after a 429 without Retry-After (M21)
LONGEST_OUTAGE = 4 * HOUR  # YouTube's feeds fail for hours on most days and come back by themselves (M19)
LISTING = DAY  # M34
LISTING_SOON = SLOWEST  # where only the listing shows what is new, or how long it is before an issue closes
SILENT = 7 * DAY  # a full playlist's feed that shows nothing younger may show its first 15 for ever (M9)
LISTING_AT_LEAST = 6 * HOUR  # between two flat listings, by hand too (M34)
LAST_LOOK = HOUR  # before an issue closes: late enough for what came last, early enough for a slow poll
YOUNG_FEED = 10  # entries: what a feed that holds fewer, and has never dropped one, will hold at least
DOWN = 6 * HOUR  # YouTube's usual outages end before; then the listing stands in for the feed
VALIDATORS = 8 * DAY  # M22
NO_NETWORK = 10 * MINUTE  # no host is asked, so nobody is bothered (M94)


def doors_due(
    feed: Feed,
    sub: Subscription,
    *,
    now: datetime,
    force: bool = False,
    has_questions: bool = False,
    is_pressing: bool = False,
) -> tuple[Door, ...]:
    """Say which doors to ask now. `force` skips interval and back-off, but asks no listing twice in six hours (M34).

    `has_questions`: only the listing can tell how long some of the feed's news is, whether a premiere is over, or what
    became of a video that its feed shows no longer. `is_pressing`: an issue that is about to close would take what no
    listing has told of yet; that skips the interval alone.
    """
    if _is_resting(feed, sub):
        return ()
    doors = [Door.FEED] if force or is_due(feed, sub, door=Door.FEED, now=now) else []
    if _wants_listing(feed, sub, has_questions=has_questions, now=now):
        is_early = force or (is_pressing and not feed.listing.failures)
        may_now = is_early and not _is_within(feed.listing.last_success_at, LISTING_AT_LEAST, now=now)
        if may_now or is_due(feed, sub, door=Door.LISTING, now=now):
            doors.append(Door.LISTING)
    return tuple(doors)


def latest_due(now: datetime) -> datetime:
    """Say after which moment no rule puts a due time: one that is later was written by a clock that was wrong."""
    return now + LONGEST_PAUSE + DAY


def is_closing(closes_at: datetime | None, *, now: datetime) -> bool:
    """Tell whether an issue is to close within the hour, or is overdue."""
    return closes_at is not None and now >= closes_at - LAST_LOOK


def is_due(feed: Feed, sub: Subscription, *, door: Door, now: datetime) -> bool:
    """Tell whether a door's time has come; the times live in the database, so a restart asks nobody early (M75)."""
    state = _door(feed, door)
    due, last = state.next_due_at, state.last_polled_at
    if _is_resting(feed, sub):
        return False
    # Asked in the future, or due further away than any rule says: written by a clock that was wrong.
    is_from_the_future = last is not None and last > now + MINUTE
    return due is None or due <= now or due > latest_due(now) or is_from_the_future


def is_paused(until: datetime | None, *, now: datetime) -> bool:
    """Tell whether a host is to be left alone; a pause that no rule gives was written by a wrong clock."""
    return until is not None and now < until <= latest_due(now)


def next_due(  # noqa: PLR0913 -- everything that has a say in it, by keyword
    feed: Feed,
    sub: Subscription,
    *,
    poll: Poll,
    answer_headers: Mapping[str, str],
    retry_after: str,
    now: datetime,
    published: Sequence[datetime] = (),
    order: Sequence[datetime] = (),
) -> datetime:
    """Say when the polled door is asked next; `feed` carries the counters as they are after this poll.

    Never before `now`. `answer_headers` has lower-case names; `retry_after` is the header as it came. `published` are
    the dates of the feed's latest entries, in any order: what its rhythm is learnt from. `order` are those of a
    playlist's entries from its top on: whether it grows there.
    """
    if poll.outcome is Outcome.FAILED:
        wait = _wait_after_failure(feed, sub, poll=poll, now=now)
        wait = max(wait, wait_asked(retry_after, now=now))
    elif poll.door is Door.LISTING:
        wait = _listing_interval(feed, sub, order, now=now)
    elif sub.categories:
        wait = _next_batch(poll, now=now) - now
    elif sub.source is SourceName.ARXIV:
        wait = arxiv_calendar.next_rollover(now) - now
    else:
        asked = max(timedelta(seconds=seconds(feed.wait)), freshness(answer_headers, now=now))
        wait = min(max(_interval(feed, sub, published, now=now), asked), LONGEST)  # M21, M79
    # At most an hour, so that a day's or a weekend's wait still ends in time for the next batch.
    extra = min(wait / 10, HOUR) * _spread(feed.id, poll.door, now)
    return now + min(wait + extra, LONGEST_PAUSE)


def host_pause(error: FeedError, *, now: datetime, failures: int) -> datetime | None:
    """Say until when the error's whole host is left alone, None when the error is the feed's own affair.

    429 and 503 with Retry-After: as asked, at least our own back-off, at most a week (M80). A block without a word:
    15 minutes, doubling up to six hours (M21, M67).
    """
    is_limited = isinstance(error, RateLimitedError)
    if not is_limited and not (isinstance(error, BlockedError) and error.is_host_wide):
        return None
    wait = _doubled(15 * MINUTE, failures, longest=LONGEST_LIMITED)
    asked = wait_asked(error.retry_after, now=now) if isinstance(error, StatusError) else timedelta()
    return now + max(wait, asked)


def validators_expired(feed: Feed, *, now: datetime) -> bool:
    """Tell whether to ask without validators, so that a 304 that is stuck heals (M22)."""
    return not _is_within(feed.validators_at, VALIDATORS, now=now)


def _is_resting(feed: Feed, sub: Subscription) -> bool:
    return sub.paused or feed.is_paused or feed.unsubscribed_at is not None


def _wants_listing(feed: Feed, sub: Subscription, *, has_questions: bool, now: datetime) -> bool:
    """Tell whether a listing would say more than the feed does (M9), or has a gap to close (M8)."""
    if sub.source is not SourceName.YOUTUBE:
        return False
    since = feed.feed.failing_since
    is_down = since is not None and now - since >= DOWN
    is_partial = bool(sub.playlist) and (feed.listing_complete_at is None or (feed.feed.entries or 0) >= FULL_FEED)
    return is_partial or is_down or has_questions or feed.gap_since is not None


def _listing_interval(feed: Feed, sub: Subscription, order: Sequence[datetime], *, now: datetime) -> timedelta:
    """Give a day (M34), and less for a list that has to be seen as soon as a feed: a playlist that may grow at its end.

    Its feed shows the first 15 for ever. One whose dates fall from the top on grows there; but where nothing in a full
    feed is young, others may be added below.
    """
    newest = feed.newest_published
    is_silent = (feed.feed.entries or 0) >= FULL_FEED and (newest is None or now - newest >= SILENT)
    may_be_appended = bool(sub.playlist) and (is_silent or not _is_newest_first(order))
    return LISTING_SOON if may_be_appended or sub.min_duration else LISTING


def _is_newest_first(order: Sequence[datetime]) -> bool:
    return len(set(order)) > 1 and all(above >= below for above, below in pairwise(order))


def _interval(feed: Feed, sub: Subscription, published: Sequence[datetime], *, now: datetime) -> timedelta:
    """Give how long we would wait ourselves: the source's default, longer for a slow feed, short of losing entries.

    A quarter of the usual gap is waited, or a sixteenth of the silence: a week of it makes any feed a slow one.
    """
    source = source_of(sub)
    own = timedelta(seconds=source.manners(feed.feed.url or source.feed_url(sub)).interval)
    rhythm = learn(published, now=now)
    last = rhythm.last if rhythm else feed.first_polled_at if not feed.feed.entries else None
    gap = rhythm.gap if rhythm and rhythm.gap else timedelta()
    silence = now - last if last else timedelta()
    slow = min(max(gap / 4, silence / 16), SLOWEST)
    return min(max(own, slow), _until_scrolled(feed, published, now=now))


def _until_scrolled(feed: Feed, published: Sequence[datetime], *, now: datetime) -> timedelta:
    """Give how long nothing can be missed of a feed that holds N entries and publishes R a day: N/R/2 days.

    Where more came at once than R says, the shortest time in which most of what it holds was new. The spread is taken
    off, for it is added later.
    """
    holds = _holds(feed, published)
    steady = usual_stretch(published, holds, now=now)
    crowd = shortest_stretch(published, max(holds * 3 // 4, 1) + 1, now=now)
    safe = min(LONGEST if steady is None else steady / 2, LONGEST if crowd is None else crowd)
    return max(safe / 1.1, HASTIEST)


def _holds(feed: Feed, published: Sequence[datetime]) -> int:
    """Give how many entries fit into the document: at least a few more than it holds while it has dropped none yet."""
    held = feed.feed.entries or 0
    if feed.source is SourceName.YOUTUBE:
        return max(held, FULL_FEED)
    return max(held, 1 if len(published) > held else YOUNG_FEED)


def _next_batch(poll: Poll, *, now: datetime) -> datetime:
    """Say when a category feed is asked next: once a day, twice when the day's batch was not there (M52, M63).

    That honours arXiv's max-age, which lasts to the next midnight Eastern, except for the one look at a batch that is
    missing or yesterday's.
    """
    look = arxiv_calendar.next_look(now)
    while poll.new and arxiv_calendar.batch_day(look) == arxiv_calendar.batch_day(now):
        look = arxiv_calendar.next_look(look)
    return look


def _wait_after_failure(feed: Feed, sub: Subscription, *, poll: Poll, now: datetime) -> timedelta:
    """Say how long to leave the door alone; a failure that was not asked at all costs nothing."""
    failures = _door(feed, poll.door).failures
    if poll.is_local or not failures:
        return NO_NETWORK if poll.is_local else timedelta()
    if poll.status == 410 and sub.source is not SourceName.YOUTUBE:
        return _wait_after_gone(feed, now=now)
    if (
        poll.door is Door.FEED
        and sub.categories
        and not arxiv_calendar.is_announcement_day(arxiv_calendar.batch_day(now))
    ):
        return arxiv_calendar.next_look(now) - now
    start, longest = _backoff(sub, poll)
    return _doubled(start, failures, longest=longest)


def _backoff(sub: Subscription, poll: Poll) -> tuple[timedelta, timedelta]:
    """Give the first and the longest wait for this kind of failure (M19, M21, M84)."""
    if poll.status == 429:
        return 15 * MINUTE, LONGEST_LIMITED
    if poll.door is Door.ARCHIVE:
        return 15 * MINUTE, DAY  # M67
    if poll.status in {401, 403} or poll.door is Door.LISTING:
        return 6 * HOUR, DAY
    if sub.source is SourceName.YOUTUBE:
        return HOUR, LONGEST_OUTAGE
    if not poll.is_transient:
        return 6 * HOUR, DAY
    # arXiv's batch is gone from the feed at midnight.
    return 30 * MINUTE, LONGEST_OUTAGE if sub.categories else DAY


def _wait_after_gone(feed: Feed, *, now: datetime) -> timedelta:
    """Look again on another day, then once a week: even a 410 may be a mistake (M83)."""
    is_confirmed = feed.gone_since is not None and now - feed.gone_since >= DAY / 2
    return LONGEST_PAUSE if is_confirmed else DAY


def _doubled(start: timedelta, failures: int, *, longest: timedelta) -> timedelta:
    return min(start * float(2 ** min(max(failures - 1, 0), 12)), longest)


def _spread(feed: str, door: Door, now: datetime) -> float:
    """Give a number from 0 up to 1 that stays the same for a feed's door through a day (M93)."""
    digest = sha256(f"{feed}\0{door}\0{now.astimezone(UTC).date()}".encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def _is_within(moment: datetime | None, span: timedelta, *, now: datetime) -> bool:
    return moment is not None and timedelta() <= now - moment < span


def _door(feed: Feed, door: Door) -> DoorState:
    return {Door.FEED: feed.feed, Door.LISTING: feed.listing, Door.ARCHIVE: feed.archive}[door]
