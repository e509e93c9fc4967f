"""Compare cadence with fixed hourly polling over generated and recorded feeds; the table goes into docs/cadence.md.

Virtual time and no socket: the numbers are the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import pytest

from tests.cadence_world import DAY, HOUR, YEAR, History, Life, generated, live
from tests.conftest import ROOT
from tests.factories import make_subscription
from tracker.errors import ParseError
from tracker.models import Subscription
from tracker.poll.parse import parse_feed

pytestmark = pytest.mark.bench
PAGE = ROOT / "docs" / "cadence.md"
BEGIN, END = "<!-- made by make bench: begin -->\n", "<!-- made by make bench: end -->\n"
FEWEST = 6  # dates that a recorded feed must have to be a history
SHORTEST = 14 * DAY
FEEDS = frozenset((".xml", ".rss", ".atom", ".rdf", ".json"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: one history, or several together."""

    name: str
    lives: Sequence[Life]

    def cells(self) -> tuple[str, ...]:
        """Give what the table says of it."""
        days = sum(each.days for each in self.lives)
        requests = sum(each.requests for each in self.lives)
        entries = sum(len(each.delays) for each in self.lives)
        longest = max(each.longest for each in self.lives) if entries else None
        return (
            self.name,
            f"{entries:,}",
            f"{requests / days:.2f}",
            f"{requests / days / 24:.2f}",
            str(max(max(each.asked.values()) for each in self.lives)),
            f"{longest / HOUR:.1f} h" if longest is not None else "–",
            str(sum(each.lost for each in self.lives)),
        )


HEAD = ("feed", "entries", "requests a day", "of hourly", "most on a day", "longest until seen", "never seen")


@pytest.fixture
def corpus(shared: Path) -> Path:
    """The recorded feeds, where they are."""
    found = shared / "corpus"
    if not found.is_dir():
        pytest.skip("needs ../shared/corpus with its recorded feeds")
    return found


def test_a_year_of_generated_feeds() -> None:
    """Print the table of the generated histories alone, which needs no recorded feed."""
    rows = generated_rows()
    show(rows)
    assert all(len(each.cells()) == len(HEAD) for each in rows)


def test_generated_and_recorded_feeds(corpus: Path) -> None:
    """Print both tables' rows and put them into docs/cadence.md."""
    rows = [*generated_rows(), *recorded_rows(corpus)]
    show(rows)
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    PAGE.write_text(before + BEGIN + "\n" + table(rows) + "\n" + END + rest.split(END)[1], encoding="utf-8")


def generated_rows() -> list[Row]:
    """Live through a year of every generated feed."""
    lives = [live(each) for each in generated()]
    rows = [Row(name=each.history.name, lives=[each]) for each in lives]
    return [*rows, Row(name=f"**all {len(lives)} generated**", lives=lives)]


def recorded_rows(corpus: Path) -> list[Row]:
    """Live through the later half of what each recorded feed holds."""
    youtube, substack = corpus / "youtube" / "atom", corpus / "substack"
    groups = {
        "recorded: YouTube, one channel on six days": [
            recorded([*(youtube / "series_kurzgesagt").iterdir()], holds=15)
        ],
        "recorded: YouTube, other channels": [recorded([each], holds=15) for each in files(youtube, deep=False)],
        "recorded: Substack, one newsletter on five days": [recorded([*(substack / "series_ai4science").iterdir()])],
        "recorded: blogs, news sites, podcasts": [recorded([each]) for each in files(corpus / "real", deep=True)],
    }
    usable = {name: [each for each in histories if each] for name, histories in groups.items()}
    rows = [
        Row(name=f"{name} ({len(each)})" if len(each) > 1 else name, lives=[live(one) for one in each])
        for name, each in usable.items()
        if each
    ]
    every = list(chain.from_iterable(each.lives for each in rows))
    return [*rows, Row(name=f"**all {len(every)} recorded**", lives=every)]


def files(folder: Path, *, deep: bool) -> list[Path]:
    """List a folder's feeds."""
    found = folder.rglob("*") if deep else folder.iterdir()
    return sorted(each for each in found if each.is_file() and each.suffix in FEEDS)


def recorded(paths: Iterable[Path], *, holds: int = 0) -> History | None:
    """Make a history of the dates in one feed's document, or in several of different days; None with too few."""
    documents = [set(dates(each)) for each in sorted(paths)]
    every = sorted(set().union(*documents))
    if len(every) < FEWEST or every[-1] - every[0] < SHORTEST:
        return None
    start, end = every[len(every) // 2], every[-1] + DAY
    return History(
        name=str(len(every)),
        sub=followed(paths, holds),
        published=tuple(every),
        holds=holds or max(map(len, documents)),
        start=max(start, end - YEAR),
        end=end,
    )


def followed(paths: Iterable[Path], holds: int) -> Subscription:
    """Follow as what was recorded: YouTube's documents are the ones of a known length."""
    first = next(iter(sorted(paths)))
    if holds:
        return make_subscription(id=first.stem, channel="UCXUPKJO5MZQN11PqgIvyuvQ")
    if "substack" in first.parts:
        return make_subscription(id=first.stem, publication="https://recorded.substack.com")
    return make_subscription(id=f"{first.parent.name}/{first.stem}", url="https://recorded.example/feed")


def dates(path: Path) -> Iterator[datetime]:
    """Read a document's dates, where it is a feed at all."""
    kind = "application/feed+json" if path.suffix == ".json" else "application/xml"
    try:
        raw = parse_feed(path.read_bytes(), content_type=kind, url="https://recorded.example/feed")
    except ParseError:
        return
    latest = datetime(2026, 11, 25, tzinfo=UTC)  # a mistaken date in the future is no day to live through
    yield from (each.published for each in raw.entries if each.published and each.published < latest)


def table(rows: Iterable[Row]) -> str:
    """Set the rows as Markdown."""
    lines = [HEAD, ("---", *["---:"] * (len(HEAD) - 1)), *(each.cells() for each in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def show(rows: Sequence[Row]) -> None:
    """Print the rows in columns."""
    lines = [HEAD, *(each.cells() for each in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    print()
    for line in lines:
        print(line[0].ljust(widths[0]), *(each.rjust(width) for each, width in zip(line[1:], widths[1:], strict=True)))
