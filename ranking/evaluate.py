"""Measure the order of papers on the whole weeks, week by week: `python -m ranking.evaluate ../shared/ranking`.

The product's own path: arXiv's feed of each day → parse, normalize, identify, storage → the page of the week, with
`papers = 50`. A ranking is the ids of a page in order of appearance. Nothing of a later week is known to an earlier
one; nothing is chosen here.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import random
import re
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ranking.data import Candidate, load
from tests.internet_feeds import Paper, arxiv_rss
from tracker import config as configuration
from tracker import digest
from tracker.digest.features import places
from tracker.models import Answer, Config, Door, Mark, RankingSettings, Request, StoredEntry
from tracker.poll import reconcile
from tracker.poll.asking import Pass
from tracker.poll.taking import take
from tracker.poll.together import Together
from tracker.storage import Storage

SHOWN = 50
NARROW = "masa"  # the curator whose past picks are a simulated reader's stars
SEED = 7
FEEDS = f"""
[digest]
papers = {SHOWN}
at = "mon 04:00"
timezone = "UTC"

[[feed]]
id = "papers"
categories = ["cs.CL", "cs.LG", "cs.AI"]
"""
KEYWORDS = (
    *("large language model", "agent", "reasoning", "reinforcement learning", "alignment", "benchmark", "retrieval"),
    *("transformer", "fine-tuning", "scaling", "interpretability", "attention", "multimodal", "evaluation", "code"),
)
_ID = re.compile(r"arxiv\.org/abs/(\d{4}\.\d{4,5})")
_FIGURES = ("recall@20", "recall@50", "any@20", "ndcg@50")

Order = Callable[["Week"], Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """A week whose papers are stored and whose page is not closed yet."""

    label: str
    config: Config
    storage: Storage
    now: datetime
    past: Sequence[Candidate]

    def papers(self) -> tuple[StoredEntry, ...]:
        """Give what the page can choose from, the newest ids first."""
        found = self.storage.unassigned(before=self.now, now=self.now)
        return tuple(sorted(found, key=lambda entry: entry.key, reverse=True))


@dataclass(slots=True)
class Run:
    """What one ranker gave: its rows of figures, the share of the narrow reader's picks, the time it took."""

    figures: list[Mapping[str, float]] = field(default_factory=list)
    narrow: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def main() -> None:
    """Run every ranker on every whole week and print the table."""
    parser = argparse.ArgumentParser(description="Measure the order of papers.")
    parser.add_argument("folder", type=Path, help="the folder that holds full/, sampled/, labels.jsonl and score.py")
    parser.add_argument("--pages", type=Path, help="a folder to keep the shipped prior's pages in, for score.py")
    asked = parser.parse_args()
    scorer = _scorer(asked.folder)
    labels = scorer.load_labels()
    runs = {name: Run() for name in RANKERS}
    with TemporaryDirectory() as folder:
        for week in _weeks(asked.folder, Path(folder)):
            print(f"{week.label}: {len(week.papers())} papers", file=sys.stderr)  # noqa: T201 -- progress
            for name, order in RANKERS.items():
                begun = time.perf_counter()
                ids = list(order(week))
                runs[name].seconds.append(time.perf_counter() - begun)
                runs[name].figures.append(scorer.score_week(ids, labels[week.label]))
                wanted = {each for each, row in labels[week.label].items() if NARROW in row}
                runs[name].narrow.append(len(wanted.intersection(ids[:SHOWN])) / len(wanted))
            if asked.pages:
                asked.pages.mkdir(parents=True, exist_ok=True)
                text = digest.preview_text(week.config, week.storage, now=week.now)
                (asked.pages / f"{week.label}.md").write_text(text, encoding="utf-8")
    _print(runs, scorer.interval)


# ---------------------------------------------------------------- rankers


def _page(config: Config, week: Week) -> list[str]:
    return list(dict.fromkeys(_ID.findall(digest.preview_text(config, week.storage, now=week.now))))


def _shipped(week: Week) -> list[str]:
    return _page(week.config, week)


def _newest(week: Week) -> list[str]:
    return _page(replace(week.config, ranking=RankingSettings(prior=False)), week)


def _without(**off: bool) -> Order:
    return lambda week: _page(replace(week.config, ranking=RankingSettings(**off)), week)


def _starred(number: int, **off: bool) -> Order:
    """Rank for a reader who has starred so many of the narrow curator's picks of earlier weeks, drawn by a seed."""

    def order(week: Week) -> list[str]:
        picks = [each for each in week.past if NARROW in each.picked]
        drawn = random.Random(SEED).sample(picks, min(number, len(picks)))  # noqa: S311 -- a simulation
        with _marks(week, drawn):
            return _page(replace(week.config, ranking=RankingSettings(**off)), week)

    return order


@contextmanager
def _marks(week: Week, papers: Iterable[Candidate]) -> Iterator[None]:
    """Set stars, and take them back."""
    marks = [Mark(key=f"arxiv:{each.id}", starred=True, at=week.now) for each in papers]
    for each in marks:
        week.storage.set_mark(each)
    yield
    for each in marks:
        week.storage.set_mark(replace(each, starred=False))


def _random(week: Week) -> list[str]:
    return _ids(random.Random(SEED).sample(week.papers(), SHOWN))  # noqa: S311 -- a simulation


def _keywords(week: Week) -> list[str]:
    def times(entry: StoredEntry) -> int:
        text = f"{entry.title} {entry.summary}".lower()
        return sum(text.count(each) for each in KEYWORDS)

    return _ids(sorted(week.papers(), key=times, reverse=True))


def _by_hand(week: Week) -> list[str]:
    """Rank by three terms: authors, the last 5 % of the day's ids, cs.CL."""
    papers = week.papers()
    where = places(papers)

    def score(entry: StoredEntry) -> float:
        authors = min(math.log1p(len(entry.authors)), 4.5)
        return authors + (where[entry.key].share > 0.95) + 0.7 * (entry.extra.get("primary") == "cs.CL")

    return _ids(sorted(papers, key=score, reverse=True))


def _ids(entries: Iterable[StoredEntry]) -> list[str]:
    return [each.key.partition(":")[2] for each in entries][:SHOWN]


RANKERS: Mapping[str, Order] = {
    "random": _random,
    "newest first (`prior = false`)": _newest,
    "15 keywords, counted": _keywords,
    "three terms set by hand": _by_hand,
    "**the shipped prior**": _shipped,
    "the same, `authors = false`": _without(authors=False),
    "the same, `deadline = false`": _without(deadline=False),
    "the prior and 5 stars": _starred(5),
    "the prior and 10 stars": _starred(10),
    "the prior and 20 stars": _starred(20),
    "the prior and 50 stars": _starred(50),
    "50 stars, `prior = false`": _starred(50, prior=False),
}


# ---------------------------------------------------------------- weeks


def _weeks(data: Path, folder: Path) -> Iterator[Week]:
    """Live through the weeks: of the earlier ones only the narrow reader's picks, which he may have starred."""
    path = folder / "feeds.toml"
    path.write_text(FEEDS, encoding="utf-8")
    config = configuration.load(path)
    earlier = [each for each in load(data, "sampled") if NARROW in each.picked]
    whole = load(data, "full")
    past: list[Candidate] = []
    first = _monday(earlier[0].week)
    with Storage.open(config.database, now=first) as storage:
        reconcile(config, storage, now=first)
        for papers in _by_week((*earlier, *whole)):
            label = papers[0].week
            _receive(config, storage, papers)
            closes = _monday(label) + timedelta(days=7)
            if label >= whole[0].week:
                before = closes - timedelta(minutes=1)
                yield Week(label=label, config=config, storage=storage, now=before, past=tuple(past))
            digest.close_overdue(config, storage, now=closes)
            past += papers


def _by_week(papers: Iterable[Candidate]) -> list[list[Candidate]]:
    weeks: dict[str, list[Candidate]] = {}
    for each in papers:
        weeks.setdefault(each.week, []).append(each)
    return [weeks[label] for label in sorted(weeks)]


def _receive(config: Config, storage: Storage, papers: Sequence[Candidate]) -> None:
    """Take each day's feed into the database, as a poll would that has just fetched it."""
    (subscription,) = config.subscriptions
    url = "https://rss.arxiv.org/rss/cs.CL+cs.LG+cs.AI"
    for day in sorted({each.day for each in papers}):
        batch = [_announced(each) for each in papers if each.day == day]
        now = datetime.combine(day, clock(6), UTC)
        request = Request(feed=subscription.id, door=Door.FEED, url=url, host="arxiv.org", delay=3, timeout=30)
        body = arxiv_rss(day, batch, categories="cs.CL+cs.LG+cs.AI")
        rows = {each.id: each for each in storage.feeds()}
        group = Together(storage)
        here = Pass(config=config, storage=storage, together=group, now=now, since=_monday(papers[0].week), rows=rows)
        done = take(here, Answer(request=request, status=200, url=url, body=body))
        assert done.new == len(batch), (day, done)


def _announced(paper: Candidate) -> Paper:
    return Paper(
        id=paper.id,
        title=paper.title,
        authors=", ".join(paper.authors),
        abstract=paper.abstract,
        categories=paper.categories,
    )


def _monday(label: str) -> datetime:
    year, week = label.split("-W")
    return datetime.combine(date.fromisocalendar(int(year), int(week), 1), clock(4), UTC)


# ---------------------------------------------------------------- the table


def _scorer(folder: Path) -> Any:
    """Load the scorer that lies beside the data: it defines the figures."""
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _print(runs: Mapping[str, Run], interval: Callable[[list[float]], tuple[float, float, float]]) -> None:
    lines = [
        f"| ranker | {' | '.join(_FIGURES)} | narrow@50 | s a page |",
        f"|---|{'---|' * (len(_FIGURES) + 2)}",
    ]
    for name, run in runs.items():
        cells = [_cell(interval([row[each] for row in run.figures])) for each in _FIGURES]
        cells.append(_cell(interval(run.narrow)))
        lines.append(f"| {name} | {' | '.join(cells)} | {sum(run.seconds) / len(run.seconds):.1f} |")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines.append(f"\n{len(runs[next(iter(runs))].figures)} weeks; at most {memory:.0f} MiB of memory.")
    print("\n".join(lines))  # noqa: T201 -- what was asked for


def _cell(figure: tuple[float, float, float]) -> str:
    return "{:.0f} [{:.0f}, {:.0f}]".format(*(100 * each for each in figure))


if __name__ == "__main__":
    main()
