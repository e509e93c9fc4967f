"""Fill a database as years of following many feeds leave it: nearly all in closed issues, one week waiting.

    python -m benchmarks.world FOLDER PORT FEEDS ENTRIES

Every feed is a web feed on an address of the benchmark's server, and holds as many entries as the others; beside them a
search of arXiv's has brought a week of papers. Only the first feeds are due; the rest waits for tomorrow.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from benchmarks.feeds import WORDS
from benchmarks.scale import DUE, NOW
from benchmarks.server import address
from tracker.config import load
from tracker.models import (
    Door,
    DoorState,
    Entry,
    Feed,
    Identified,
    Kind,
    Placed,
    Role,
    StoredIssue,
    Verdict,
)
from tracker.poll import reconcile
from tracker.storage import Storage

PAPERS = 2_500  # papers that wait for the next issue
WEEK = timedelta(weeks=1)
LAST_CLOSE = datetime(2026, 11, 23, 7, tzinfo=UTC)
_ISSUE = 2_000  # entries of a closed issue


def fill(folder: Path, port: int, *, feeds: int, entries: int) -> None:
    """Write feeds.toml and a database of so many feeds and entries."""
    head = '[http]\nhost_delay = "0s"\nconcurrency = 64\n[digest]\ntimezone = "UTC"\n'
    query = '[[feed]]\nid = "cl"\nquery = "cat:cs.CL"\n'  # no category: nothing is asked of arXiv here
    tables = (f'[[feed]]\nid = "f{each}"\nurl = "{address(each, port)}"\n' for each in range(feeds))
    (folder / "feeds.toml").write_text(head + query + "".join(tables), encoding="utf-8")
    config = load(folder / "feeds.toml")
    with Storage.open(config.database, now=NOW - 100 * WEEK) as storage:
        with storage.transaction():
            reconcile(config, storage, now=NOW - 100 * WEEK)
            storage.save_feeds(_polled(each, number) for number, each in enumerate(storage.feeds()))
        for number in range(feeds):
            _store(storage, f"f{number}", number, entries // feeds)
        _close(storage, entries)
        papers = [_identified(_paper(each)) for each in range(PAPERS)]
        storage.store("cl", papers, door=Door.FEED, at=NOW - timedelta(hours=9))


def _polled(feed: Feed, number: int) -> Feed:
    is_due = feed.id.startswith("f") and int(feed.id[1:]) < DUE
    asked = NOW - timedelta(hours=5)
    door = DoorState(
        baseline_at=asked - 50 * WEEK,
        next_due_at=NOW - timedelta(minutes=1) if is_due else NOW + timedelta(hours=20, seconds=number),
        last_polled_at=asked,
        last_success_at=asked,
        last_status=200,
        entries=20,
    )
    return Feed(
        id=feed.id,
        source=feed.source,
        target=feed.target,
        title=f"Feed {feed.id}",
        subscribed_at=feed.subscribed_at,
        first_polled_at=asked - 50 * WEEK,
        last_new_at=LAST_CLOSE - WEEK,
        newest_published=LAST_CLOSE - WEEK,
        feed=door,
    )


def _store(storage: Storage, feed: str, number: int, count: int) -> None:
    found = [_identified(_post(number, each)) for each in range(count)]
    storage.store(feed, found, door=Door.FEED, at=LAST_CLOSE - WEEK)
    storage.published(feed, keep=True)  # as each poll leaves it


def _close(storage: Storage, entries: int) -> None:
    """Put all that is stored into issues, a week each, back from the last close."""
    ids = iter(range(1, entries + 1))
    chunks: Iterator[list[int]] = iter(lambda: list(islice(ids, _ISSUE)), [])
    weeks = -(-entries // _ISSUE)
    for number, chunk in enumerate(chunks):
        end = LAST_CLOSE - (weeks - 1 - number) * WEEK
        issue = StoredIssue(
            id=0,
            label=f"filled-{number}",
            start=end - WEEK,
            end=end,
            closes_at=end,
            closed_at=end,
            covers=(),
            composition="{}",
            rendered=b"",
            file=f"filled-{number}.md",
            delivered_at=end,
        )
        storage.add_issue(issue, [Placed(entry=each, role=Role.NEWS, is_shown=True, section="Read") for each in chunk])


def _identified(entry: Entry) -> Identified:
    return Identified(entry=entry, key=entry.key, verdict=Verdict.NEW)


def _post(feed: int, number: int) -> Entry:
    url = f"https://letter{feed}.example/p/{number}"
    chance = random.Random(url)
    return Entry(
        position=0,
        key=f"web:{url.removeprefix('https://')}",
        guid=url,
        kind=Kind.POST,
        title=_text(chance, 8),
        url=url,
        canonical=url.removeprefix("https://"),
        authors=(f"Writer {feed}",),
        summary=_text(chance, 60),
        words=900,
        published=LAST_CLOSE - WEEK - timedelta(hours=number),
        fingerprint=f"{feed}-{number}",
    )


def _paper(number: int) -> Entry:
    chance = random.Random(number)
    paper = f"2611.{number:05}"
    return Entry(
        position=number,
        key=f"arxiv:{paper}",
        guid=f"oai:arXiv.org:{paper}v1",
        kind=Kind.PAPER,
        title=_text(chance, 10),
        url=f"https://arxiv.org/abs/{paper}",
        canonical="",
        authors=tuple(f"Author {chance.randrange(9999)}" for _ in range(5)),
        summary=_text(chance, 180),
        words=180,
        published=NOW - timedelta(hours=14),
        version=1,
        announce_type="new",
        fingerprint=f"paper-{number}",
        extra={"categories": ["cs.CL"]},
    )


def _text(chance: random.Random, words: int) -> str:
    """Write words that a search finds here and there: common ones, and one in ten that is rare."""
    drawn = (f"term{chance.randrange(20_000)}" if each % 10 == 9 else chance.choice(WORDS) for each in range(words))
    return " ".join(drawn).capitalize() + "."


if __name__ == "__main__":
    fill(Path(sys.argv[1]), int(sys.argv[2]), feeds=int(sys.argv[3]), entries=int(sys.argv[4]))
