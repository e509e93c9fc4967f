"""Judge one feed by its poll history: the first state of grave ones that fits, with its evidence; for `report`.

Sentences are plain text without markup. A remedy is a command as one types it, or the sentence that came with the
error, or "". A single bad answer is no state.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from shlex import quote

from tracker.health.case import Case, answers_by_day, is_answer, streak_of
from tracker.health.rhythm import Rhythm
from tracker.health.words import every, number, said, times
from tracker.models import Door, Feed, Health, Poll, SourceName, State, Subscription
from tracker.sources import arxiv_calendar, clean_url, domain, redact, source_of
from tracker.sources.urls import HIDDEN

DAY = timedelta(days=1)

QUIET_AFTER = 8 * DAY  # without news: longer than a weekly rhythm with some slack
ENDED_AFTER = 90 * DAY  # longer than a summer; and three times as long as it has ever paused
DELETED_DAYS = 5  # different days of "does not exist" before YouTube is believed (M19)
MISSING_DAYS = 3  # the same for other hosts, whose 404 means more
HOPELESS_AFTER = 7 * DAY  # whatever the error, after a week the reader should know
CERTAIN_AFTER = 2 * DAY  # the same for an error that trying again does not help
MOVED_AFTER = DAY  # a hotel's network, too, forwards everything for an evening

_COMMON = frozenset(
    ("and", "blog", "channel", "feed", "for", "from", "news", "newsletter", "podcast", "rss", "the", "with")
)
_REFUSED = frozenset((401, 403, 429))
_MISSING = frozenset((404, 410))


def assess(
    feed: Feed,
    sub: Subscription,
    polls: Sequence[Poll],
    *,
    now: datetime,
    zone: tzinfo = UTC,
    published: Sequence[datetime] = (),
) -> Health:
    """Say how one feed is, from its polls of up to 90 days, newest last.

    `polls` may hold other feeds' too: only a host that answers others while this feed "does not exist" proves anything
    (M19). Dates in the evidence are those of `zone`. `published` are the dates of the feed's latest entries.
    """
    own = [each for each in polls if each.feed == feed.id]
    answers = answers_by_day(polls)
    return judge(Case(feed=feed, sub=sub, polls=own, answers=answers, now=now, zone=zone, dates=lambda _: published))


def judge(case: Case) -> Health:
    """Take the gravest state that fits."""
    for look in (_paused, _gone, _deleted, _blocked, _failing, _moved, _stale, _listing_failing, _ended):
        if health := look(case):
            return health
    return _answering(case)


def title_doubt(feed: Feed, sub: Subscription) -> str:
    """Say that the feed calls itself something else than feeds.toml does, for labels travel with wrong ids (M1).

    An arXiv feed is named by what is asked, and calls itself by that: there is nothing to doubt.
    """
    if sub.source is SourceName.ARXIV:
        return ""
    ours, theirs = _words(sub.title), _words(feed.title)
    if not ours or not theirs or ours & theirs:
        return ""
    return f'feeds.toml calls it "{said(sub.title)}", the feed itself "{said(feed.title)}": is the address right?'


def _paused(case: Case) -> Health | None:
    if not (case.sub.paused or case.feed.is_paused):
        return None
    return _health(case, State.PAUSED, evidence="paused in feeds.toml")


def _gone(case: Case) -> Health | None:
    """Believe a 410 on its second day (M83), but not YouTube's (M19)."""
    answers = [each for each in case.streak if each.status == 410]
    days = {each.at.date() for each in answers}
    if case.sub.source is SourceName.YOUTUBE or len(days) < 2:
        return None
    since = case.feed.gone_since or answers[0].at
    evidence = f'has answered "gone for good" on {number(len(days))} days since {case.day(since)}'
    return _health(case, State.GONE, since=since, evidence=evidence, remedy=_unsubscribe(case), needs_reader=True)


def _deleted(case: Case) -> Health | None:
    """Believe "does not exist" after several days, YouTube's only when its other feeds answered on these days (M19)."""
    missing = [each for each in case.streak if each.status in _MISSING]
    is_youtube = case.sub.source is SourceName.YOUTUBE
    if is_youtube:
        answered = (case.answers.get((each.host, each.at.date()), ()) for each in missing)
        missing = [each for each, feeds in zip(missing, answered, strict=True) if set(feeds) - {case.feed.id}]
    days = {each.at.date() for each in missing}
    if len(days) < (DELETED_DAYS if is_youtube else MISSING_DAYS):
        return None
    guess = "deleted or made private" if is_youtube else "deleted or moved"
    evidence = f'has answered "does not exist" on {number(len(days))} days since {case.day(case.since)}: {guess}'
    state = State.GONE if is_youtube else State.FAILING
    return _health(case, state, since=case.since, evidence=evidence, remedy=_unsubscribe(case), needs_reader=True)


def _blocked(case: Case) -> Health | None:
    """Tell a host that refuses from one that fails; only for a password is there something to do (M48)."""
    streak = case.streak
    if len(streak) < 2 or streak[-1].status not in _REFUSED:
        return None
    since = case.since
    asks = streak[-1].status == 401
    what = "asks for a password" if asks else "limits requests" if streak[-1].status == 429 else "refuses requests"
    evidence = f"{said(streak[-1].host) or 'the host'} {what} since {case.day(since)}; it is left alone for a while"
    is_long = asks and case.now - since >= DAY
    remedy = _unsubscribe(case) if is_long else ""
    return _health(case, State.BLOCKED, since=since, evidence=evidence, remedy=remedy, needs_reader=is_long)


def _failing(case: Case) -> Health | None:
    streak = case.streak
    if len(streak) < 2:
        return None
    last, since = streak[-1], case.since
    evidence = f"failed {times(len(streak))} since {case.day(since)}: {_reason(last)}"
    listing = case.through(Door.LISTING)
    if listing and is_answer(listing[-1]) and listing[-1].at > since:
        evidence += "; its list of videos still answers"
    is_hopeless = case.now - since >= (HOPELESS_AFTER if last.is_transient else CERTAIN_AFTER)
    remedy = _unsubscribe(case) if is_hopeless else last.remedy
    return _health(case, State.FAILING, since=since, evidence=evidence, remedy=remedy, needs_reader=is_hopeless)


def _moved(case: Case) -> Health | None:
    """Tell a move that two answers agree on; to another owner's domain only the reader may follow (M81)."""
    target, since = clean_url(case.feed.moved_to), case.feed.moved_since
    if not target or since is None or case.now - since < MOVED_AFTER:
        return None
    if sum(is_answer(each) and each.at >= since for each in case.polls) < 2:
        return None
    is_foreign = domain(target) != domain(case.feed.feed.url or source_of(case.sub).feed_url(case.sub))
    shown = redact(target)
    evidence = f"now lives at {shown}; the old address has forwarded since {case.day(since)}"
    # Who may look into the database may see what an issue does not say (M50).
    command = f"tracker feeds {quote(case.feed.id)} --json" if HIDDEN in shown else f"tracker subscribe {quote(target)}"
    remedy = command if is_foreign else ""
    return _health(case, State.MOVED, since=since, evidence=evidence, remedy=remedy, needs_reader=is_foreign)


def _stale(case: Case) -> Health | None:
    """Tell arXiv's feed that serves yesterday's batch on a day that has its own, at two looks at least (M63)."""
    if not case.sub.categories:
        return None
    batch = arxiv_calendar.batch_day(case.now)
    while not arxiv_calendar.is_announcement_day(batch):
        batch -= DAY
    looks = [each for each in case.polls if _is_look(each, batch)]
    had_news = any(each.new and case.now - each.at < 8 * DAY for each in case.polls)
    is_same = [not each.new and not each.changed and each.entries > each.ignored for each in looks]
    if len(looks) < 2 or not all(is_same) or not had_news:
        return None
    evidence = f"answered {times(len(looks))} on {batch:%A} with the batch of an earlier day"
    return _health(case, State.STALE, since=looks[0].at, evidence=evidence)


def _listing_failing(case: Case) -> Health | None:
    """Tell a list of videos that cannot be read while the feed, which shows at most 15, can (M9)."""
    streak = streak_of(case.through(Door.LISTING))
    if len(streak) < 3 or case.now - streak[0].at < 2 * DAY:
        return None
    evidence = f"its list of videos could not be read since {case.day(streak[0].at)}: {_reason(streak[-1])}"
    return _health(case, State.FAILING, since=streak[0].at, evidence=f"{evidence}; the feed answers")


def _ended(case: Case) -> Health | None:
    """Tell a feed that has ended from one that rests: silent for a season, and far longer than ever before.

    A playlist may be complete, and arXiv has its calendar: their silence means nothing.
    """
    has_rhythm = not case.sub.playlist and case.sub.source is not SourceName.ARXIV
    if not has_rhythm or not case.is_silent_for(ENDED_AFTER) or not any(map(is_answer, case.polls)):
        return None
    rhythm = case.rhythm
    if rhythm is None or not _is_unusual(case, rhythm):
        return None
    came = f"until {case.day(rhythm.last)} a {_kind(case.sub)} came about {_how_often(rhythm)}"
    evidence = f"answers, but {came}, and none since: it seems to have ended"
    health = _health(case, State.STALE, since=rhythm.last, evidence=evidence, remedy=_unsubscribe(case))
    certain = case.now - case.silence + max(ENDED_AFTER, 3 * (rhythm.longest or DAY))
    return replace(health, told_from=max(certain, case.feed.first_polled_at or certain))


def _answering(case: Case) -> Health:
    """Tell a feed with news from one that rests, by its last entry; a feed may be empty for ever (M6)."""
    feed = case.feed
    if feed.first_polled_at is None and not case.polls:
        return _health(case, State.OK, evidence="not asked yet")
    last = max((each for each in (feed.last_new_at, feed.newest_published) if each and each <= case.now), default=None)
    if last is None:
        has_answered = feed.feed.last_success_at or any(is_answer(each) for each in case.polls)
        evidence = "has never had an entry" if has_answered else "has not answered yet"
        return _health(case, State.QUIET if has_answered else State.OK, evidence=evidence)
    told = feed.newest_published or last
    evidence = f"last {_kind(case.sub)} {case.day(min(told, case.now))}"
    is_quiet = case.now - last > QUIET_AFTER
    rhythm = case.rhythm if is_quiet and not case.sub.playlist else None
    if rhythm and _is_unusual(case, rhythm):
        evidence += f", usually {_how_often(rhythm)}"
    return _health(case, State.QUIET if is_quiet else State.OK, since=last if is_quiet else None, evidence=evidence)


def _is_unusual(case: Case, rhythm: Rhythm) -> bool:
    """Tell a silence that the feed's own rhythm does not explain: three times its longest pause so far."""
    return rhythm.longest is not None and case.silence >= 3 * rhythm.longest


def _how_often(rhythm: Rhythm) -> str:
    return every(rhythm.gap) if rhythm.gap else ""


def _health(
    case: Case,
    state: State,
    *,
    evidence: str,
    since: datetime | None = None,
    remedy: str = "",
    needs_reader: bool = False,
) -> Health:
    return Health(
        feed=case.feed.id,
        title=case.sub.title or case.feed.title or case.feed.id,
        state=state,
        since=since,
        evidence=evidence,
        remedy=remedy,
        needs_reader=needs_reader,
    )


def _is_look(poll: Poll, day: date) -> bool:
    ready = datetime.combine(day, arxiv_calendar.BATCH_READY, tzinfo=UTC)
    return poll.door is Door.FEED and is_answer(poll) and poll.at >= ready and arxiv_calendar.batch_day(poll.at) == day


def _reason(poll: Poll) -> str:
    return said(poll.error).rstrip(".") or "no reason given"


def _unsubscribe(case: Case) -> str:
    return f"tracker unsubscribe {quote(case.feed.id)}"


def _kind(sub: Subscription) -> str:
    kinds = {SourceName.YOUTUBE: "lecture" if sub.course else "video", SourceName.ARXIV: "paper"}
    return kinds.get(sub.source, "post")


def _words(text: str) -> set[str]:
    return {each for each in re.findall(r"\w+", text.casefold()) if len(each) > 2} - _COMMON
