"""Measure what a reader feels: start-up, polls of many feeds, a close with a week of papers. Asserts nothing about time."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.factories import make_mark
from tests.internet import Internet
from tests.internet_feeds import Paper, Post, arxiv_rss, substack_rss
from tracker import digest
from tracker.config import load
from tracker.digest.rank import rank
from tracker.digest.values import Marked
from tracker.models import Config, RankingSettings
from tracker.poll import poll
from tracker.storage import Storage

pytestmark = pytest.mark.bench
FEEDS = 100
PAPERS = 2500
NOW = datetime(2026, 11, 25, 18, 20, tzinfo=UTC)
RESULTS = ROOT / "build" / "bench.json"


@contextmanager
def measured(name: str) -> Iterator[None]:
    """Print wall and CPU seconds of a block, and keep them in build/bench.json."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    keep(name, wall=time.perf_counter() - wall, cpu=time.process_time() - cpu)


def keep(name: str, *, wall: float, cpu: float) -> None:
    """Write one measurement down."""
    print(f"\n{name:<48} wall {wall:7.3f} s   CPU {cpu:7.3f} s", end="")
    RESULTS.parent.mkdir(exist_ok=True)
    found = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    found[name] = {"wall_s": round(wall, 4), "cpu_s": round(cpu, 4), "python": platform.python_version()}
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


def posts(count: int) -> list[Post]:
    """Give a newsletter's latest posts, each with a body of a thousand words."""
    return [
        Post(
            slug=f"post-{each}",
            title=f"Post {each}",
            published=NOW - timedelta(days=7 * (count - each)),
            subtitle="What it is about, in a sentence.",
            author="Ada Brandt",
            html=f"<p>{'word ' * 1000}</p>",
        )
        for each in range(count)
    ]


def config_in(folder: Path, feeds: str) -> Config:
    """Write and read a feeds.toml."""
    path = folder / "feeds.toml"
    path.write_text(f'[http]\nhost_delay = "0s"\n[digest]\ntimezone = "UTC"\n{feeds}', encoding="utf-8")
    return load(path)


@pytest.fixture
def ask(net: Internet, monkeypatch: pytest.MonkeyPatch) -> Callable[[Config, datetime, str], None]:
    """Poll a configuration at a moment and measure it; the box runs in this process, its CPU is counted too."""
    for name, value in net.environ().items():
        monkeypatch.setenv(name, value)

    def run(config: Config, now: datetime, name: str) -> None:
        with Storage.open(config.database, now=now) as storage, measured(name):
            poll(config, storage, now=now, since=NOW - timedelta(days=7))

    return run


def test_polls(tmp_path: Path, net: Internet, ask: Callable[[Config, datetime, str], None]) -> None:
    """Poll a hundred newsletters: first, unchanged by validators, unchanged in content only, one new post each."""
    names = [f"https://n{each:03}.example" for each in range(FEEDS)]
    config = config_in(
        tmp_path,
        "".join(f'[[feed]]\nid = "n{each:03}"\npublication = "{name}"\n' for each, name in enumerate(names)),
    )

    def publish(count: int, note: str) -> None:
        for name in names:
            body = substack_rss("Notes", name, posts(count)[::-1]).replace(
                b"</channel>", f"<!--{note}--></channel>".encode()
            )
            net.serve(f"{name}/feed", body, etag="auto")

    publish(20, "")
    ask(config, NOW, f"first poll of {FEEDS} newsletters")
    ask(config, NOW + timedelta(days=1), f"{FEEDS} newsletters, all 304")
    publish(20, "built again")
    ask(config, NOW + timedelta(days=2), f"{FEEDS} newsletters, 200 and nothing new")
    publish(21, "built again")
    ask(config, NOW + timedelta(days=3), f"{FEEDS} newsletters, one new post each")


def test_close(tmp_path: Path, net: Internet, ask: Callable[[Config, datetime, str], None]) -> None:
    """Store a week of papers, close the issue, and search."""
    config = config_in(tmp_path, '[[feed]]\nid = "cl"\ncategories = ["cs.CL"]\n')
    batch = [
        Paper(
            id=f"2611.{each:05}",
            title=f"On the {each}th question of language models",
            authors="Ada Brandt, Bo Chen, Cy Dorn",
            abstract="Models are everywhere. We describe one more of them and measure it on six tasks. " * 6,
        )
        for each in range(PAPERS)
    ]
    net.serve("https://rss.arxiv.org/rss/cs.CL", arxiv_rss(NOW.date(), batch))
    ask(config, NOW, f"first poll of {PAPERS} papers")
    late = NOW + timedelta(days=6)
    with Storage.open(config.database, now=late) as storage:
        with measured(f"close an issue of {PAPERS} papers"):
            digest.close_overdue(config, storage, now=late)
        papers = storage.span(since=NOW - timedelta(days=1), until=late)
        with measured(f"rank {len(papers)} papers by the prior"):
            rank(papers, RankingSettings())
        marked = [Marked(each, make_mark(each.key, starred=True)) for each in papers[:50]]
        with measured(f"rank {len(papers)} papers by the prior and 50 stars"):
            rank(papers, RankingSettings(), marked=marked)
        with measured("search"):
            storage.search("question language", limit=20)


def test_start_up() -> None:
    """Start the program for its help, in a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "tracker", "--help"], cwd=ROOT, env=dict(os.environ), check=True, capture_output=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    keep("tracker --help", wall=time.perf_counter() - wall, cpu=cpu)
