"""Serve the prior: what the category feed alone says of a paper, as named numbers; pure.

The comment ("12 pages, accepted at …") is not in the feed, so it is not used.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from tracker.digest.values import day_of
from tracker.digest.words import Said, said_by
from tracker.models import StoredEntry
from tracker.sources.arxiv_archive import batch_of

MOST_AUTHORS = 90  # beyond that, more of them say nothing more
SHORTEST_TITLE, LONGEST_TITLE = 4, 25  # words; beyond these the fitted line does not reach
TITLE_WORD = 0.4
ABSTRACT_WORD = 0.2
USUAL_ABSTRACT = 80  # different words in one, so that a long one does not count for more

_EASTERN = ZoneInfo("America/New_York")
_SURVEY = re.compile(r"\b(?:survey|review|tutorial|roadmap|perspective|position)\b", re.IGNORECASE)
_NAMED = re.compile(r"\b[A-Z]\w*[A-Z0-9]\w*")
_VERSION = re.compile(r"\b[A-Za-z]+[- ]?[vV]?\d+(?:\.\d+)?\b")
_TEAM = re.compile(r"\b(?:team|labs?|ai|inc|group|consortium)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a paper's id stands among those announced on its day, which follow the time of submission."""

    number: int
    size: int

    @property
    def share(self) -> float:
        """From 0 for the first to 1 for the last."""
        return (self.number + 0.5) / self.size


def places(papers: Iterable[StoredEntry]) -> Mapping[str, Place]:
    """Say for each paper, by key, where its id stands among those of its day."""
    days: dict[date, list[str]] = {}
    for each in papers:
        days.setdefault(announced_on(each), []).append(each.key)
    return {
        key: Place(number, len(keys)) for keys in days.values() for number, key in enumerate(sorted(keys, key=id_order))
    }


def announced_on(paper: StoredEntry) -> date:
    """Name the day whose batch holds a paper: the feed's date, midnight Eastern (M57); the API's is a submission's."""
    return _announced(day_of(paper))


@lru_cache(maxsize=1_000)  # a batch has one date: 2,500 papers took 75 ms, and take 5
def _announced(moment: datetime) -> date:
    eastern = moment.astimezone(_EASTERN)
    return batch_of(eastern) if eastern.time() > time() else eastern.date()


def features(paper: StoredEntry, place: Place, said: Said | None = None) -> dict[str, float]:
    """Describe a paper; the part before the colon of a name says which term a number belongs to.

    `said` are its words, where they have been read.
    """
    said = said or said_by(paper)
    once = ABSTRACT_WORD / math.sqrt(max(len(said.abstract), USUAL_ABSTRACT / 4) / USUAL_ABSTRACT)
    return {
        **{f"word:{each}": once for each in said.abstract},
        **{f"word:{each}": TITLE_WORD for each in said.title},
        **dict(_cheap(paper, place)),
    }


def categories(paper: StoredEntry) -> tuple[str, ...]:
    """Give the categories that a paper is listed in, as stored."""
    given = paper.extra.get("categories")
    return tuple(dict.fromkeys(str(each) for each in given[:20])) if isinstance(given, list | tuple) else ()


def _cheap(paper: StoredEntry, place: Place) -> Iterator[tuple[str, float]]:
    yield from _authors(paper)
    yield from ((f"deadline:last {part} %", 1.0) for part in (5, 10, 20) if place.share > 1 - part / 100)
    yield from _categories(paper)
    yield from ((name, 1.0) for name, is_true in _title(paper.title) if is_true)
    yield "title:length", max(SHORTEST_TITLE, min(len(paper.title.split()), LONGEST_TITLE)) / 10
    yield "abstract:length", min(len(paper.summary), 2_500) / 1_000


def _authors(paper: StoredEntry) -> Iterator[tuple[str, float]]:
    number = len(paper.authors)
    yield "authors:logarithm", math.log1p(min(number, MOST_AUTHORS))
    yield from ((f"authors:at least {least}", 1.0) for least in (10, 20, 40) if number >= least)
    yield from ((f"authors:{name}", 1.0) for name, exactly in (("one", 1), ("two", 2)) if number == exactly)
    if any(_TEAM.search(each[:100]) for each in (*paper.authors[:3], *paper.authors[-1:])):
        yield "authors:a team", 1.0


def _categories(paper: StoredEntry) -> Iterator[tuple[str, float]]:
    listed = categories(paper)
    primary = str(paper.extra.get("primary") or "")
    yield f"category:{primary}", 1.0
    yield from ((f"category:also {each}", 1.0) for each in listed if each != primary)
    yield "category:how many", min(len(listed), 6) / 2


def _title(title: str) -> Iterator[tuple[str, bool]]:
    name, colon, _ = title.partition(":")
    count = len(title.split())
    yield "title:a colon", bool(colon)
    yield "title:a question", "?" in title
    yield "title:a short name", bool(colon) and len(name.split()) < 3
    yield "title:a coined name", bool(colon and _NAMED.search(name))
    yield "title:a version", bool(_VERSION.search(title))
    yield "title:six words or fewer", count < 7
    yield "title:fifteen words or more", count > 14
    yield "report:technical report", "technical report" in title.lower()
    yield "report:survey", bool(_SURVEY.search(title))


def id_order(key: str) -> tuple[str, str]:
    """Order ids by month and number; the old form ("hep-th/9901001") by its number."""
    return key.rpartition("/")[2].rpartition(":")[2], key
