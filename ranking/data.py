"""Read the weeks of papers, and what curators picked of them."""

from __future__ import annotations

import json
import lzma
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tracker.digest.features import Place
from tracker.models import Kind, StoredEntry

EDITORS = ("dair", "aish")
LISTED = 40  # the data names so many authors, and says how many there are
_EASTERN = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A paper of a week: as announced, with who picked it, and how many papers of the week it stands for."""

    week: str
    id: str
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    day: date
    place: Place
    picked: frozenset[str]
    stands_for: float = 1.0

    @property
    def is_editors(self) -> bool:
        """Whether an editor picked it."""
        return not self.picked.isdisjoint(EDITORS)


def load(folder: Path, kind: str) -> tuple[Candidate, ...]:
    """Read the weeks of `kind` ("sampled" or "full"), in order. Papers drawn at random stand for those left out."""
    picks = picked(folder)
    found: list[Candidate] = []
    for path in sorted((folder / kind).glob("*.jsonl.xz")):
        week = path.name[:8]
        with lzma.open(path, "rt", encoding="utf-8") as lines:
            papers = [json.loads(line) for line in lines]
        size = sum({paper["date"]: paper["batch"][1] for paper in papers}.values())
        own = picks.get(week, {})
        drawn = sum(paper["id"] not in own for paper in papers)
        share = (size - len(papers) + drawn) / max(drawn, 1)
        found += [_candidate(paper, week, own.get(paper["id"], frozenset()), share) for paper in papers]
    return tuple(found)


def picked(folder: Path) -> Mapping[str, Mapping[str, frozenset[str]]]:
    """Say who picked what: week → id → curators."""
    weeks: dict[str, dict[str, frozenset[str]]] = {}
    for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        weeks.setdefault(row["week"], {})[row["id"]] = frozenset(row) - {"week", "id"}
    return weeks


def as_stored(candidate: Candidate) -> StoredEntry:
    """Be the paper as it stands in the database."""
    announced = datetime.combine(candidate.day, time(), _EASTERN).astimezone(UTC)
    return StoredEntry(
        id=0,
        key=f"arxiv:{candidate.id}",
        kind=Kind.PAPER,
        title=candidate.title,
        url="",
        authors=candidate.authors,
        summary=candidate.abstract,
        words=None,
        duration=None,
        paywalled=False,
        published=announced,
        updated=None,
        version=1,
        first_seen=announced,
        appearances=(),
        extra={"categories": list(candidate.categories), "primary": candidate.categories[0]},
    )


def _candidate(paper: Mapping[str, Any], week: str, by: frozenset[str], share: float) -> Candidate:
    unnamed = (f"Author {number}" for number in range(len(paper["authors"]), paper["n_authors"]))
    return Candidate(
        week=week,
        id=paper["id"],
        title=" ".join(paper["title"].split()),
        abstract=" ".join(paper["abstract"].split()),
        authors=(*paper["authors"], *unnamed),
        categories=tuple(paper["categories"]),
        day=date.fromisoformat(paper["date"]),
        place=Place(*paper["batch"]),
        picked=by,
        stands_for=1.0 if by else share,
    )
