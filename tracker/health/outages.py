"""Find outages in the poll history: failures of several feeds at one time are one event; for `report`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from tracker.health.words import said
from tracker.models import Door, Outage, Outcome, Poll

FLAP = timedelta(hours=3)  # between two outages of one host that are one event
TOLD_AFTER = timedelta(hours=1)  # a healed outage shorter than this is nobody's news


def outages(polls: Sequence[Poll]) -> tuple[Outage, ...]:
    """Find the stretches in which the network, or a host with two feeds or more, answered nobody; oldest first."""
    feed_polls = [each for each in polls if each.door is Door.FEED]
    network = _network_outages(feed_polls)
    reached = [each for each in feed_polls if not any(is_inside(each, outage) for outage in network)]
    by_host: dict[str, list[Poll]] = {}
    for each in reached:
        by_host.setdefault(each.host, []).append(each)
    found = [*network, *(one for host, own in by_host.items() if host for one in _host_outages(host, own))]
    told = (each for each in found if each.until is None or each.until - each.since >= TOLD_AFTER)
    return tuple(sorted(told, key=lambda each: (each.since, each.host)))


def is_inside(poll: Poll, outage: Outage) -> bool:
    """Tell whether a poll was made while the outage lasted."""
    return outage.since <= poll.at and (outage.until is None or poll.at < outage.until)


def _network_outages(polls: Sequence[Poll]) -> list[Outage]:
    """Find the stretches in which no host at all answered; one word from before the host is enough (M94)."""
    found = []
    for run, until in _runs(polls, is_broken=lambda each: each.outcome is Outcome.FAILED and each.status is None):
        local = next((index for index, each in enumerate(run) if each.is_local), None)
        if local is not None:
            found.append(_outage("", run[local:], until))
        elif len({each.host for each in run}) > 1 and len({each.feed for each in run}) > 2:
            found.append(_outage("", run, until))
    return _merged(found)


def _host_outages(host: str, polls: Sequence[Poll]) -> list[Outage]:
    """Find the stretches in which two feeds of a host or more began to fail and none answered (M20).

    A feed that failed before proves nothing, so it neither makes an outage nor is excused by one.
    """
    found = []
    began = _began(polls)
    for run, until in _runs(polls, is_broken=lambda each: each.outcome is Outcome.FAILED):
        fresh = [each for each in run if began[each.feed, each.at] >= run[0].at]
        if len({each.feed for each in fresh}) > 1:
            found.append(_outage(host, fresh, until))
    return _merged(found)


def _runs(polls: Sequence[Poll], *, is_broken: Callable[[Poll], bool]) -> Iterator[tuple[list[Poll], datetime | None]]:
    """Give each unbroken row of failures, of whichever feeds, and the moment of the answer that ended it.

    Polls of one pass bear the same time, so one answer among them speaks for all of them.
    """
    run: list[Poll] = []
    for at, together in groupby(sorted(polls, key=lambda each: each.at), key=lambda each: each.at):
        group = list(together)
        if all(map(is_broken, group)):
            run += group
        elif run:
            yield run, at
            run = []
    if run:
        yield run, None


def _began(polls: Sequence[Poll]) -> dict[tuple[str, datetime], datetime]:
    """Map each failure to the first one of its feed's row of failures."""
    began: dict[tuple[str, datetime], datetime] = {}
    current: dict[str, datetime] = {}
    for each in sorted(polls, key=lambda each: each.at):
        if each.outcome is Outcome.FAILED:
            began[each.feed, each.at] = current.setdefault(each.feed, each.at)
        else:
            current.pop(each.feed, None)
    return began


def _outage(host: str, run: Sequence[Poll], until: datetime | None) -> Outage:
    feeds = tuple(sorted({each.feed for each in run}))
    last = run[-1]
    return Outage(host=host, since=run[0].at, until=until, feeds=feeds, error=said(last.error), failed_at=last.at)


def _merged(found: Iterable[Outage]) -> list[Outage]:
    """Make one event of an outage that was broken by an answer or two."""
    merged: list[Outage] = []
    for each in found:
        last = merged[-1] if merged else None
        if last and last.until and each.since - last.until <= FLAP:
            feeds = tuple(sorted({*last.feeds, *each.feeds}))
            merged[-1] = replace(last, until=each.until, feeds=feeds, error=each.error, failed_at=each.failed_at)
        else:
            merged.append(each)
    return merged
