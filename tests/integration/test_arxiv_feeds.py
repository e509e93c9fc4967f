"""arXiv's feeds polled into a database: people's papers, announce types, and new versions of what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.factories import make_config, make_subscription
from tests.internet import Internet
from tests.internet_arxiv import API
from tests.internet_feeds import Paper, arxiv_api_page, arxiv_rss
from tracker.models import Poll, Subscription
from tracker.poll import poll
from tracker.storage import Storage

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)  # a Wednesday, half an hour after the batch is ready
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SINCE = NOW - 7 * DAY
RSS = "https://rss.arxiv.org/rss/cs.CL"
CATEGORY = make_subscription(id="papers", categories=("cs.CL",))
KARPATHY = make_subscription(id="karpathy", authors=("Andrej Karpathy",))


class Desk:
    """A database, and what is followed with it."""

    def __init__(self, storage: Storage, folder: Path) -> None:
        self.storage = storage
        self.path = folder / "feeds.toml"
        self.followed: tuple[Subscription, ...] = ()

    def poll(self, now: datetime = NOW, *, since: datetime = SINCE) -> tuple[Poll, ...]:
        """Poll what is due at a moment."""
        return poll(make_config(self.path, subscriptions=self.followed), self.storage, now=now, since=since).polls

    def titles(self, *, backlog: bool = False) -> set[str]:
        """Give the titles of what is stored as news, or as backlog."""
        return {each.title for each in self.storage.entries() if each.is_backlog is backlog}


@pytest.fixture
def desk(net: Internet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An empty database, with nothing but the box around it."""
    for name, value in net.environ().items():
        monkeypatch.setenv(name, value)
    with Storage.open(tmp_path / "tracker.db", now=NOW) as storage:
        yield Desk(storage, tmp_path)


def paper(number: int, **fields: object) -> Paper:
    given = {"title": f"Paper {number}", "authors": "Ada Brandt, Bo Chen", "abstract": "We count."}
    return Paper(**{"id": f"2611.{9000 + number:05}", **given, **fields})  # type: ignore[arg-type] # by keyword, as Paper has them


def test_a_persons_papers_are_news_by_the_window(desk: Desk, net: Internet) -> None:
    """Of the first answer what was submitted inside the open window is news; later everything unseen is (M66)."""
    desk.followed = (KARPATHY,)
    listed = [(paper(2), NOW - DAY), (paper(1), NOW - 30 * DAY)]
    net.serve(API, lambda seen: arxiv_api_page(listed, total=len(listed), start=0))
    desk.poll()
    assert (desk.titles(), desk.titles(backlog=True)) == ({"Paper 2"}, {"Paper 1"})

    listed.insert(0, (paper(3), NOW))
    desk.poll(NOW + 25 * HOUR)

    assert desk.titles() == {"Paper 2", "Paper 3"}
    assert {seen.params["search_query"] for seen in net.requests} == {'au:"Andrej Karpathy"'}


def test_new_versions_are_news_where_they_are_asked_for(desk: Desk, net: Internet) -> None:
    """An unknown paper's new version is news then, and its next version is none (M54 M58)."""
    desk.followed = (replace(CATEGORY, announce=("replace",)),)
    third = paper(1, version=3, announce_type="replace")
    net.serve(RSS, arxiv_rss(NOW.date(), [third, paper(2, version=2, announce_type="replace-cross")]))
    (done,) = desk.poll(since=NOW)
    assert (done.new, done.ignored, desk.titles()) == (1, 1, {"Paper 1"})

    later = NOW + 25 * HOUR
    net.serve(RSS, arxiv_rss(later.date(), [replace(third, version=4)]))
    (done,) = desk.poll(later, since=NOW)

    assert (done.new, done.changed) == (0, 1)


def test_how_a_paper_was_announced_outlives_its_new_version(desk: Desk, net: Internet) -> None:
    """M59: a paper announced as new and replaced in the same week is still the new paper that it was."""
    desk.followed = (CATEGORY,)
    net.serve(RSS, arxiv_rss(NOW.date(), [paper(1)]))
    desk.poll(since=NOW)
    later = NOW + 25 * HOUR
    net.serve(RSS, arxiv_rss(later.date(), [paper(1, version=2, announce_type="replace")]))
    desk.poll(later, since=NOW)

    (entry,) = desk.storage.entries()
    assert (entry.version, [each.announce_type for each in entry.appearances]) == (2, ["new"])


def test_the_api_brings_new_versions_of_followed_papers(desk: Desk, net: Internet) -> None:
    """A paper of `papers` is backlog in its old version; its next one is no news, and both texts are kept (M54)."""
    desk.followed = (make_subscription(id="watched", papers=("2611.09001",)),)
    old = paper(1, abstract="We gain 2.4x.")
    listed = [old]
    net.serve(API, lambda seen: arxiv_api_page([(each, NOW - 90 * DAY) for each in listed], total=1, start=0))
    (first,) = desk.poll()
    listed[:] = [replace(old, version=2, abstract="We gain 2.1x.")]
    later = NOW + 25 * HOUR
    (second,) = desk.poll(later)

    assert [(each.new, each.backlog, each.changed) for each in (first, second)] == [(1, 1, 0), (0, 0, 1)]
    (entry,) = desk.storage.entries()
    assert [(each.version, each.first_seen, each.summary) for each in desk.storage.versions([entry.id])[entry.id]] == [
        (1, NOW, "We gain 2.4x."),
        (2, later, "We gain 2.1x."),
    ]
    assert desk.titles() == set()
