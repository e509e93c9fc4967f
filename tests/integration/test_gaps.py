"""Entries that may have passed unseen: noticed at the poll, told by `tracker feeds` and once on the page, closed by a list."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import make_config, make_subscription
from tests.integration.test_poll import (
    BLOG,
    DAY,
    FEED,
    HOUR,
    KARPATHY,
    NOTEBOOK,
    NOTES,
    NOW,
    PAPERS,
    TALKS,
    WEEKNIGHT,
    Desk,
    desk,
    post,
    video,
)
from tests.internet import Internet
from tests.internet_arxiv import serve_archive
from tests.internet_feeds import Paper, arxiv_api, arxiv_rss, atom, substack_rss
from tests.internet_youtube import SITE, YouTube
from tracker.digest import close_overdue, preview_text
from tracker.health import gaps
from tracker.models import Door
from tracker.sources import source_of

__all__ = ("desk",)  # the fixture

QUERY = make_subscription(id="query", query="all:attention", title="Attention")
AWAY = timedelta(days=9)
MISSED = "may have passed unseen"


def letter(net: Internet, first: int, *, count: int = 20) -> None:
    """Put up a newsletter with so many posts from a number on."""
    net.serve(f"{NOTES}/feed", substack_rss("Small Notes", NOTES, [post(first + each) for each in range(count)]))


def blog(net: Internet, first: int, *, count: int) -> None:
    """Put up a blog with so many posts from a number on."""
    net.serve(FEED, atom("Weeknight ML", BLOG, [post(first + each) for each in range(count)]))


def query(net: Internet, first: int, *, count: int = 100) -> None:
    """Let arXiv's API answer with so many papers from a number on."""
    papers = [Paper(id=f"2611.{first + each:05}", title="P", authors="A B", abstract="Text.") for each in range(count)]
    net.serve("https://export.arxiv.org/api/query", arxiv_api(papers, NOW))


def spans(desk: Desk, feed: str) -> list[tuple[object, object]]:
    """Give a feed's gaps as `tracker feeds` tells them."""
    return [(each.gap_since, each.at) for each in gaps(desk.feed(feed), desk.storage.polls())]


def lines(desk: Desk, days: timedelta) -> list[str]:
    """Give the lines about gaps of the page that is open at a moment."""
    text = preview_text(make_config(desk.path, subscriptions=desk.followed), desk.storage, now=NOW + days)
    return [line for line in text.splitlines() if MISSED in line]


def test_twenty_unseen_of_twenty_is_a_gap(desk: Desk, net: Internet) -> None:
    """A newsletter all of whose 20 posts are new leaves a warning with the span since the last good answer (M41)."""
    desk.follow(NOTEBOOK)
    letter(net, 1)
    assert desk.one().warnings == ()
    letter(net, 20)
    assert desk.one(NOW + DAY).warnings == ()
    letter(net, 40)
    net.fail(f"{NOTES}/feed", 503, times=1)
    desk.one(NOW + 2 * DAY)
    (warning,) = desk.one(NOW + AWAY).warnings
    assert "all 20 entries are new since 2026-11-26 18:20 UTC" in warning
    assert spans(desk, "notes") == [(NOW + DAY, NOW + AWAY)]


def test_a_gap_is_told_once_in_its_issue(desk: Desk, net: Internet) -> None:
    """The page names feed and span in the issue in whose span the gap was noticed, and in none after it (M41)."""
    desk.follow(NOTEBOOK)
    config = make_config(desk.path, subscriptions=(NOTEBOOK,))
    letter(net, 1)
    desk.poll()
    close_overdue(config, desk.storage, now=NOW + 5 * DAY)
    letter(net, 40)
    desk.poll(NOW + AWAY)
    (line,) = lines(desk, AWAY + HOUR)
    assert line == (
        "- Small Notes: everything in it was new on Friday 4 December, 18:20: "
        "others may have passed unseen since Wednesday 25 November, 18:20."
    )
    letter(net, 80)
    desk.poll(NOW + AWAY + DAY)
    (line,) = lines(desk, AWAY + DAY + HOUR)
    assert "new twice: others may have passed unseen between Wednesday 25 November, 18:20 and Saturday" in line
    (issue,) = close_overdue(config, desk.storage, now=NOW + 12 * DAY)
    assert MISSED in issue.rendered.decode()
    desk.poll(NOW + 12 * DAY)
    assert lines(desk, 13 * DAY) == []
    assert len(spans(desk, "notes")) == 2


@pytest.mark.parametrize(("source", "feed"), [("query", QUERY), ("blog", WEEKNIGHT), ("letter", NOTEBOOK)])
@pytest.mark.parametrize("known", [0, 1], ids=["all new", "one known"])
def test_a_full_feed_without_anything_known_is_a_gap(
    desk: Desk, net: Internet, source: str, feed: object, known: int
) -> None:
    """100 papers of a query, 20 posts of a newsletter, and as many of a blog as it held before: all new is a gap (M41)."""
    desk.follow(feed)  # type: ignore[arg-type]  # a subscription
    count = {"query": 100, "blog": 8, "letter": 20}[source]
    for first, now in ((1, NOW), (1 + count - known, NOW + AWAY)):
        {"query": query, "blog": blog, "letter": letter}[source](net, first, count=count)
        done = desk.one(now)
    assert (done.gap_since is None, done.warnings == ()) == (bool(known), bool(known))
    assert len(lines(desk, AWAY + HOUR)) == 1 - known


@pytest.mark.parametrize(
    ("before", "after"), [(8, 7), (0, 8), (3, 3)], ids=["fewer than before", "none before", "only its latest"]
)
def test_a_document_that_is_not_full_is_no_gap(desk: Desk, net: Internet, before: int, after: int) -> None:
    """A blog that shows fewer than before, that had none, or that ever shows its latest few has no gap when all is new."""
    desk.follow(WEEKNIGHT)
    blog(net, 1, count=before)
    desk.one()
    blog(net, 50, count=after)
    assert desk.one(NOW + DAY).gap_since is None


def test_a_days_batch_is_no_gap(desk: Desk, net: Internet) -> None:
    """A category's feed is all new on every day, and its days have a book of their own (M51)."""
    desk.follow(PAPERS)
    serve_archive(net, tuple)
    for day in (0, 1):
        papers = [Paper(id=f"2611.{day}{each:04}", title="P", authors="A B", abstract="Text.") for each in range(120)]
        net.serve("https://rss.arxiv.org/rss/cs.CL", arxiv_rss((NOW + day * DAY).date(), papers))
        (done,) = [each for each in desk.poll(NOW + day * DAY).polls if each.door is Door.FEED]
        assert (done.new, done.gap_since) == (120, None)


def test_youtubes_gap_is_told_until_the_list_has_closed_it(desk: Desk, net: Internet) -> None:
    """While a channel's list cannot be read its gap is named; once the list has brought all, it is none (M8)."""
    desk.follow(TALKS)
    shelf = YouTube(net).channel(KARPATHY, videos=[video(1)])
    desk.poll()
    shelf.videos[:] = [video(number, published=NOW + DAY) for number in range(145, 100, -1)]
    listing = source_of(TALKS).listing_url(TALKS).partition("?")[0]
    net.fail(listing, 503, until=NOW + 3 * DAY)
    net.fail(f"{SITE}/youtubei/v1/browse", 503, until=NOW + 3 * DAY)
    net.clock = lambda: NOW + 2 * DAY
    desk.poll(NOW + 2 * DAY)
    (line,) = lines(desk, 2 * DAY + HOUR)
    assert line.endswith("its list of videos is still being asked for them.")
    assert spans(desk, "talks") == [(NOW, NOW + 2 * DAY)]
    net.clock = lambda: NOW + 4 * DAY
    polls = [each for hours in (30, 60) for each in desk.poll(NOW + 2 * DAY + hours * HOUR).polls]
    assert sum(each.new for each in polls) == 30
    assert (lines(desk, 5 * DAY), spans(desk, "talks")) == ([], [])
