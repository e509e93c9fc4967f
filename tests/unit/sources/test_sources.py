"""The table of sources: one contract for every source, and which one a URL belongs to."""

from __future__ import annotations

import pytest

from tracker.models import SourceName, Subscription
from tracker.sources import SOURCES, infer, source_for, source_of
from tracker.sources.base import host_of, split

SUBSCRIPTIONS = [
    Subscription(id="a", source=SourceName.YOUTUBE, playlist="PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"),
    Subscription(id="b", source=SourceName.YOUTUBE, channel="UCXUPKJO5MZQN11PqgIvyuvQ"),
    Subscription(id="c", source=SourceName.SUBSTACK, publication="https://example.substack.com"),
    Subscription(id="d", source=SourceName.ARXIV, categories=("cs.CL", "cs.LG")),
    Subscription(id="e", source=SourceName.ARXIV, query='abs:"scaling laws"'),
    Subscription(id="f", source=SourceName.ARXIV, papers=("2203.15556",)),
    Subscription(id="g", source=SourceName.WEB, url="https://karpathy.github.io/feed.xml"),
]


@pytest.mark.parametrize("sub", SUBSCRIPTIONS, ids=lambda sub: sub.id)
def test_a_source_answers_everything_about_its_subscriptions(sub: Subscription) -> None:
    """Every source gives a fetchable feed, a page, a stable target, kind manners and no complaint."""
    source = source_of(sub)
    manners = source.manners(source.feed_url(sub))

    assert source.problem(sub) == ""
    assert split(source.feed_url(sub)) is not None
    assert split(source.site_url(sub)) is not None
    assert ":" in source.target(sub)
    assert manners.host
    assert manners.interval >= 3600


@pytest.mark.parametrize("sub", SUBSCRIPTIONS, ids=lambda sub: sub.id)
def test_a_feeds_own_address_leads_back_to_its_subscription(sub: Subscription) -> None:
    """Giving `subscribe` the URL that is polled names the same target."""
    source = source_of(sub)
    found = source_for(source.feed_url(sub))
    again = Subscription(
        id="again",
        source=found.source,
        playlist=found.playlist,
        channel=found.channel,
        publication=found.publication,
        categories=found.categories,
        query=found.query,
        papers=found.papers,
        url=found.url,
    )

    assert source.target(again) == source.target(sub)


def test_every_source_is_in_the_table() -> None:
    """The table holds each source under its own name."""
    assert {name: source.name for name, source in SOURCES.items()} == {name: name for name in SourceName}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.youtube.com/@AndrejKarpathy", SourceName.YOUTUBE),
        ("https://example.substack.com/p/x", SourceName.SUBSTACK),
        ("https://api.substack.com/feed/podcast/1.rss", SourceName.WEB),
        ("cs.CL", SourceName.ARXIV),
        ("2203.15556", SourceName.ARXIV),
        ("https://github.com/karpathy/nanoGPT/commits/master.atom", SourceName.WEB),
        ("www.softwarecraftsperson.com", SourceName.WEB),
    ],
)
def test_the_first_source_that_knows_a_url_takes_it(url: str, name: SourceName) -> None:
    """Web takes only what no better known source does."""
    assert source_for(url).source is name


@pytest.mark.parametrize("url", ["", "   ", "file:///etc/passwd", "javascript:alert(1)", "hello", "ftp://example.com"])
def test_what_cannot_be_followed_is_said(url: str) -> None:
    """M35: no source, no target, one sentence."""
    with pytest.raises(ValueError, match="expected"):
        source_for(url)


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        ({"id", "playlist", "course"}, SourceName.YOUTUBE),
        ({"channel", "videos"}, SourceName.YOUTUBE),
        ({"publication"}, SourceName.SUBSTACK),
        ({"categories"}, SourceName.ARXIV),
        ({"query"}, SourceName.ARXIV),
        ({"papers"}, SourceName.ARXIV),
        ({"url", "tags"}, SourceName.WEB),
        ({"id", "title"}, None),
        ({"url", "playlist"}, None),
    ],
)
def test_keys_tell_the_source(keys: set[str], name: SourceName | None) -> None:
    """`source` may be left out where the other keys name one source, and one only."""
    assert infer(keys) is name


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://WWW.Example.com./x", "example.com"),
        ("//example.com/x", "example.com"),
        ("example.com:8080", "example.com"),
        ("https://www.com/", "www.com"),
    ],
)
def test_hosts_have_one_spelling(text: str, host: str) -> None:
    """Case, www and the root's dot are dropped, but never the name itself."""
    parts = split(text)

    assert parts is not None
    assert host_of(parts) == host
