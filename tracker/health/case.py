"""Hold one feed to judge: its row, its own polls, its dates, who else was answered; for states, which judges."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from tracker.health.rhythm import Rhythm, learn
from tracker.health.words import day
from tracker.models import Door, Feed, Outcome, Poll, SourceName, Subscription

Dates = Callable[[str], Sequence[datetime]]  # of a feed's latest entries, by its id


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One feed to judge: its own polls, newest last, and which feeds each host answered on each day (UTC)."""

    feed: Feed
    sub: Subscription
    polls: Sequence[Poll]
    answers: Mapping[tuple[str, date], Collection[str]]
    now: datetime
    zone: tzinfo
    dates: Dates

    def through(self, door: Door) -> list[Poll]:
        """Give the polls through one door."""
        return [each for each in self.polls if each.door is door]

    @property
    def published(self) -> Sequence[datetime]:
        """When the latest entries were published; arXiv has a calendar instead of a rhythm."""
        return () if self.feed.source is SourceName.ARXIV else self.dates(self.feed.id)

    @property
    def rhythm(self) -> Rhythm | None:
        """How the feed publishes, as far as its dates tell."""
        return learn(self.published, now=self.now)

    @property
    def silence(self) -> timedelta:
        """How long nothing has come; a date in the future is no news of today."""
        moments = [*self.published, self.feed.last_new_at, self.feed.newest_published]
        return self.now - (_latest(moments, self.now) or self.now)

    def is_silent_for(self, span: timedelta) -> bool:
        """Tell whether nothing has come for so long. Most feeds' own rows say no: 10,000 took 0.8 s, and take 0.2 s."""
        last = _latest((self.feed.last_new_at, self.feed.newest_published), self.now)
        return (last is None or self.now - last >= span) and self.silence >= span

    @property
    def streak(self) -> tuple[Poll, ...]:
        """The feed's failures since its last answer; those before the host (no network) say nothing of it."""
        return streak_of(self.through(Door.FEED))

    @property
    def since(self) -> datetime:
        """When the failures began: the history may not reach as far back as the feed's own row."""
        first = self.streak[0].at
        return min(self.feed.feed.failing_since or first, first)

    def day(self, moment: datetime) -> str:
        """Name a day in the reader's zone."""
        return day(moment, now=self.now, zone=self.zone)


def _latest(moments: Iterable[datetime | None], now: datetime) -> datetime | None:
    return max((each for each in moments if each and each <= now), default=None)


def answers_by_day(polls: Iterable[Poll]) -> dict[tuple[str, date], set[str]]:
    """Map host and day (UTC) to the feeds that were answered."""
    answers: dict[tuple[str, date], set[str]] = {}
    for each in polls:
        if is_answer(each) and each.door is Door.FEED:
            answers.setdefault((each.host, each.at.date()), set()).add(each.feed)
    return answers


def streak_of(polls: Sequence[Poll]) -> tuple[Poll, ...]:
    """Give the failures since the last answer, without those before the host, which say nothing of the feed (M94)."""
    streak = []
    for each in reversed(polls):
        if each.outcome is not Outcome.FAILED:
            break
        if not each.is_local:
            streak.append(each)
    return tuple(reversed(streak))


def is_answer(poll: Poll) -> bool:
    """Tell a poll that brought something usable, be it "not modified"."""
    return poll.outcome is not Outcome.FAILED
