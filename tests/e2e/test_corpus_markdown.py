"""Every entry of ../shared/corpus on a page, read back with two independent implementations of CommonMark."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
import yaml

from tests.contained import HEADINGS, OURS
from tests.e2e import corpus
from tests.factories import make_answer, make_config, make_request, make_subscription
from tests.markdown_readers import READERS
from tracker.digest import close_early, open_window
from tracker.digest.compose import compose
from tracker.digest.gather import gather
from tracker.digest.rank import rank
from tracker.digest.render import render
from tracker.digest.select import select
from tracker.digest.values import Material
from tracker.models import Config, StoredEntry, Window
from tracker.poll import reconcile
from tracker.poll.asking import Pass
from tracker.poll.taking import take
from tracker.poll.together import Together
from tracker.storage import Storage

NOW = datetime(2026, 11, 25, 18, 20, tzinfo=UTC)
PAPER = re.compile(r"\]\((https://arxiv\.org/abs/[\w./-]+)\)")
ON_A_PAGE = 250


@pytest.fixture
def followed(shared: Path, tmp_path: Path) -> Iterator[tuple[Config, Storage]]:
    """A database that holds what every document of the corpus holds, all of it news."""
    documents = corpus.documents(corpus.folder(shared))
    videos = ("long", "shorts", "live")
    subscriptions = [make_subscription(id=each.feed, url=each.url, backlog="all", videos=videos) for each in documents]
    config = make_config(tmp_path / "feeds.toml", subscriptions=tuple(subscriptions))
    with Storage.open(config.database, now=NOW) as storage:
        reconcile(config, storage, now=NOW)
        here = Pass(config=config, storage=storage, together=Together(storage), now=NOW, since=NOW - timedelta(days=7))
        for each in documents:
            request = make_request(feed=each.feed, url=each.url, host=each.host)
            take(here, make_answer(each.body, request=request, headers={"content-type": each.content_type}))
        yield config, storage


@pytest.mark.slow
def test_no_text_of_a_feed_becomes_markup(followed: tuple[Config, Storage]) -> None:
    """All 5,600 works of the corpus in full, page after page without a bound, and an issue as it is closed: each reader finds just the entries' own links and our headings, no HTML, no image (M14, M64)."""
    config, storage = followed
    window = open_window(config, storage, now=NOW)
    material = gather(config, storage, window, now=NOW)
    assert len(material.entries) > 5_600
    for start in range(0, len(material.entries), ON_A_PAGE):
        entries = material.entries[start : start + ON_A_PAGE]
        check(page_of(material, entries, window), entries)
    closed = close_early(config, storage, now=NOW + timedelta(hours=1))
    placed = storage.entries(issue=closed.label)
    check(closed.rendered.decode(), [each for each in placed if each.shown])


def page_of(material: Material, entries: Sequence[StoredEntry], window: Window) -> str:
    """Write a page of just these entries, each with its sentence, however long the page becomes."""
    part = replace(material, entries=tuple(entries))
    selection = select(rank(part.entries), subscriptions=part.subscriptions, papers=len(entries))
    assert not selection.cut
    return render(compose(part, window, selection, (), status="preview", next_close=window.closes_at))


def check(page: str, entries: Sequence[StoredEntry]) -> None:
    """See with every reader that the page holds the entries' links, our headings, one list item a line, and nothing else."""
    _, front, body = page.split("---\n", 2)
    assert yaml.safe_load(front)["tags"] == ["digest"]
    lines = body.splitlines()
    headings = [line for line in lines if line.startswith("#")]
    assert set(headings) <= {"# Digest · week 48", *HEADINGS}
    assert len(set(headings)) == len(headings)
    links = Counter(unquote(each.url) for each in entries if each.url)
    # Papers that posts link to are named by us, by their addresses at arXiv and nowhere else.
    said = [line for line in lines if line.startswith("  Discusses ")]
    links.update(address for line in said for address in PAPER.findall(line))
    bullets = sum(line.startswith("- ") for line in lines)
    boxes = sum(line.startswith("- [ ] ") for line in lines)
    assert boxes == links.total() - sum(len(PAPER.findall(line)) for line in said)  # without a link no box
    for read in READERS:
        seen = read(body)
        tags = Counter(seen.tags)
        assert set(tags) <= OURS, tags
        assert tags["h1"] + tags["h2"] == len(headings)
        assert tags["li"] == bullets
        assert Counter(unquote(target) for _, target in seen.links) == links
        assert all(text for text, _ in seen.links)
