"""Turn poll history into feed states with evidence, and failures at one time into outages; pure, for cli and digest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

from tracker.health.case import Case, Dates, answers_by_day
from tracker.health.gaps import gaps
from tracker.health.outages import is_inside, outages
from tracker.health.states import assess, judge, title_doubt
from tracker.models import Door, Feed, Health, HealthReport, Outage, Outcome, Poll, SourceName, State, Subscription
from tracker.sources import arxiv_calendar

__all__ = ("assess", "gaps", "outages", "report", "title_doubt")

PLATFORMS = frozenset(("youtube.com", "arxiv.org", "substack.com"))  # they fail as a whole, and are not given up
IDLE_AFTER = timedelta(hours=36)  # longer than a working tracker ever rests, arXiv's weekends apart


def report(  # noqa: PLR0913 -- everything that is known of all feeds, by keyword
    feeds: Iterable[Feed],
    subs: Iterable[Subscription],
    polls: Sequence[Poll],
    *,
    since: datetime,
    now: datetime,
    zone: tzinfo = UTC,
    published: Dates = lambda _: (),
) -> HealthReport:
    """Say how every feed is, which outages touched the span from `since` to `now`, and when nothing ran.

    `polls` is the whole history (up to 90 days, newest last). A feed that fails only because of an outage is not also
    failing (M20, M94); its evidence names the outage. `published` gives the dates of a feed's latest entries.
    """
    by_id = {each.id: each for each in subs}
    followed = [each for each in feeds if each.id in by_id and each.unsubscribed_at is None]
    every = outages(polls)
    own: dict[str, list[Poll]] = {}
    for each in polls:
        own.setdefault(each.feed, []).append(each)
    answers = answers_by_day(polls)
    cases = (
        Case(
            feed=feed,
            sub=by_id[feed.id],
            polls=own.get(feed.id, ()),
            answers=answers,
            now=now,
            zone=zone,
            dates=published,
        )
        for feed in followed
    )
    asked = [by_id[each.id] for each in followed if not (each.is_paused or by_id[each.id].paused)]
    idle = _idle(asked, polls, since=since, now=now)
    return HealthReport(
        feeds=tuple(_unless_covered(judge(case), every, case) for case in cases),
        outages=tuple(each for each in every if each.until is None or each.until >= since),
        last_success_at=max((each for feed in followed for each in _successes(feed)), default=None),
        idle_from=idle[0] if idle else None,
        idle_to=idle[1] if idle else None,
    )


def _unless_covered(health: Health, every: Sequence[Outage], case: Case) -> Health:
    """Take back a failure that is an outage's, so that one event is one line (M20)."""
    last = case.through(Door.FEED)[-1:]
    if not last or last[0].outcome is not Outcome.FAILED:
        return health
    for outage in every:
        if health.feed in outage.feeds and is_inside(last[0], outage) and _is_excused(health, outage):
            what = f"{outage.host} could not be reached" if outage.host else "there was no network"
            when = f"since {case.day(outage.since)}" if outage.until is None else "when last asked"
            return replace(
                health, state=State.OK, since=outage.since, evidence=f"{what} {when}", remedy="", needs_reader=False
            )
    return health


def _is_excused(health: Health, outage: Outage) -> bool:
    """Tell whether the outage explains the state: it began in it, and the host is no blog that may be given up."""
    if health.state in {State.OK, State.QUIET}:
        return True
    if health.state not in {State.FAILING, State.BLOCKED} or health.since is None:
        return False
    is_hopeful = not health.needs_reader or outage.host in {"", *PLATFORMS}
    return is_hopeful and health.since >= outage.since


def _idle(
    subs: Sequence[Subscription], polls: Sequence[Poll], *, since: datetime, now: datetime
) -> tuple[datetime, datetime] | None:
    """Find the longest stretch of the span without any poll, unless nothing was due in it (arXiv's weekends)."""
    if not polls or not subs:
        return None
    start = since if any(each.at < since for each in polls) else min(each.at for each in polls)
    moments = sorted({start, now, *(each.at for each in polls if start < each.at < now)})
    gaps = [(one, other) for one, other in pairwise(moments) if _is_idle(subs, one, other)]
    return max(gaps, key=lambda gap: (gap[1] - gap[0], gap[0]), default=None)


def _is_idle(subs: Sequence[Subscription], one: datetime, other: datetime) -> bool:
    has_daily = any(each.source is not SourceName.ARXIV for each in subs)
    due = one if has_daily else arxiv_calendar.next_batch(one)
    return other - due > IDLE_AFTER


def _successes(feed: Feed) -> Iterator[datetime]:
    yield from (each.last_success_at for each in (feed.feed, feed.listing) if each.last_success_at)
