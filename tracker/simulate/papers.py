"""Generate arXiv: the days' batches, what replaces what, and which paper answers which query; for the internet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from tracker.models import Subscription
from tracker.simulate import words
from tracker.simulate.values import DAY, Work
from tracker.sources.arxiv_archive import submitted
from tracker.sources.arxiv_calendar import announcement_days

BEFORE = 40 * DAY  # how far the batches reach back from the start: what a first window may ask of the API
FEWEST, USUAL, MOST = 10, 20, 60  # papers of a day
_REPLACED = 8  # of a hundred papers, one is replaced within a month
_ON_TOPIC = 3  # of a hundred papers answer one query
_OWN = 0.5  # of a hundred papers are by one author who is followed
_EASTERN = ZoneInfo("America/New_York")
_OTHERS = ("cs.CV", "cs.RO", "stat.ML")


@dataclass(kw_only=True)
class Papers:
    """All papers by the day of their batch, and the replacements that stand in a day's batch besides."""

    batches: dict[date, tuple[Work, ...]] = field(default_factory=dict)
    replaced: dict[date, tuple[tuple[Work, int], ...]] = field(default_factory=dict)

    def every(self) -> Iterable[Work]:
        """Give all papers, oldest first."""
        return (work for day in sorted(self.batches) for work in self.batches[day])

    def before(self, day: date) -> date:
        """Name the last day before this one that has a batch."""
        return max((each for each in self.batches if each < day), default=day)


def midnight(day: date) -> datetime:
    """Give the moment at which arXiv's feed rolls over to a day: midnight in New York."""
    return datetime.combine(day, time(), _EASTERN).astimezone(UTC)


def version_at(work: Work, now: datetime) -> int:
    """Say which version of a paper arXiv shows."""
    return 1 + sum(midnight(day) <= now for day in work.versions)


def generate(subs: Sequence[Subscription], *, seed: int, start: datetime, end: datetime) -> Papers:
    """Make every batch from 40 days before the start to the end; papers in the categories that somebody follows."""
    wanted = [each for each in subs if each.categories or each.query or each.authors]
    if not wanted:
        return Papers()
    days = announcement_days((start - BEFORE).date(), (end + DAY).date())
    categories = sorted({name for sub in wanted for name in (*sub.categories, *_named(sub.query))}) or ["cs.CL"]
    phrases = [phrase for sub in wanted if sub.query for phrase in _phrases(sub.query)]
    people = [name for sub in wanted for name in sub.authors]
    papers = Papers()
    for day in days:
        dice = Random(f"{seed}:arxiv:{day}")
        batch = tuple(_batch(day, dice, categories=categories, phrases=phrases))
        papers.batches[day] = tuple(_signed(each, dice, people) for each in batch)
    papers.replaced = _replacements(papers, days)
    return papers


def answers(sub: Subscription, papers: Papers) -> tuple[Work, ...]:
    """Give the papers that a query finds, oldest first: its phrases in the title, in one of its categories.

    Of people who are followed, their own.
    """
    if sub.authors:
        return tuple(work for work in papers.every() if set(sub.authors) & set(work.who.split(", ")))
    names, phrases = set(_named(sub.query)), [each.lower() for each in _phrases(sub.query)]
    return tuple(
        work
        for work in papers.every()
        if (not names or names & set(work.categories)) and any(each in work.title.lower() for each in phrases)
    )


def followed(sub: Subscription, *, seed: int, start: datetime, end: datetime) -> tuple[Work, ...]:
    """Make the single papers that a subscription names; now and then one gets a new version."""
    made = []
    for paper in sub.papers:
        dice = Random(f"{seed}:paper:{paper}")
        days = [start + dice.uniform(10, 200) * DAY * number for number in (1, 2)]
        made.append(
            Work(
                name=f"arxiv:{paper}",
                title=words.paper_title(dice),
                text=words.abstract(dice),
                who=", ".join(words.person(dice) for _ in range(3)),
                at=start - 900 * DAY,
                published=start - 900 * DAY,
                kind="paper",
                categories=("cs.CL",),
                versions=tuple(sorted(each.date() for each in days if each < end)),
            )
        )
    return tuple(made)


def _signed(work: Work, dice: Random, people: Sequence[str]) -> Work:
    """Put one of the people who are followed before the others, now and then."""
    author = next((each for each in people if dice.random() * 100 < _OWN), "")
    return replace(work, who=f"{author}, {work.who}") if author else work


def _batch(day: date, dice: Random, *, categories: Sequence[str], phrases: Sequence[str]) -> Iterable[Work]:
    first, last = submitted(day)
    count = round(dice.triangular(FEWEST, MOST, USUAL))
    for number in range(count):
        about = next((each for each in phrases if dice.random() * 100 < _ON_TOPIC), "")
        moment = first + (last - first) * (number + dice.random()) / (count + 1)
        primary, *rest = dice.sample([*categories, *_OTHERS], dice.randint(1, 3))
        if primary in _OTHERS and not set(rest) & set(categories):
            rest = [dice.choice(categories)]
        is_replaced = dice.random() * 100 < _REPLACED
        later = day + timedelta(days=dice.randint(3, 30))
        yield Work(
            name=f"arxiv:{day:%y%m}.{day.day * 300 + number + 10_000:05}",
            title=words.paper_title(dice, about=about),
            text=words.abstract(dice),
            who=", ".join(words.person(dice) for _ in range(dice.randint(1, 6))),
            at=midnight(day),
            published=moment.replace(microsecond=0),
            kind="paper",
            categories=(primary, *rest),
            versions=(later,) if is_replaced else (),
        )


def _replacements(papers: Papers, days: Sequence[date]) -> dict[date, tuple[tuple[Work, int], ...]]:
    """Put each new version into the first batch on or after its day, and its day to that."""
    found: dict[date, list[tuple[Work, int]]] = {}
    for day, batch in papers.batches.items():
        moved = []
        for work in batch:
            later = next((each for each in days if work.versions and each >= work.versions[0]), None)
            changed = replace(work, versions=(later,) if later else ())
            moved.append(changed)
            if later:
                found.setdefault(later, []).append((changed, 2))
        papers.batches[day] = tuple(moved)
    return {day: tuple(each) for day, each in found.items()}


def _named(query: str) -> list[str]:
    return re.findall(r"cat:([a-z-]+(?:\.[A-Za-z-]+)?)", query)


def _phrases(query: str) -> list[str]:
    """Take the words that a paper must contain out of a query: quoted ones, else those after a field's name."""
    quoted = re.findall(r'"([^"]+)"', query)
    plain = re.findall(r"(?:all|ti|abs|au):([A-Za-z-]+)", query)
    return quoted or plain or ["language models"]
