"""The rest of the web."""

from __future__ import annotations

import pytest

from tracker.models import RawEntry, SourceName, Subscription
from tracker.sources.web import Web

web = Web()


def sub(url: str) -> Subscription:
    return Subscription(id="x", source=SourceName.WEB, url=url)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://karpathy.bearblog.dev/feed/", "https://karpathy.bearblog.dev/feed/"),
        ("karpathy.github.io/feed.xml", "https://karpathy.github.io/feed.xml"),
        ("http://localhost:8080/feed", "http://localhost:8080/feed"),
        ("localhost:8080/feed", "https://localhost:8080/feed"),
        ("HTTPS://Example.com/x?b=1&a=2#top", "https://Example.com/x?b=1&a=2"),
        ("http://[::1]:8000/feed", "http://[::1]:8000/feed"),
    ],
)
def test_any_web_address_may_be_a_feed(text: str, url: str) -> None:
    """The URL is kept as it was given, but for the fragment."""
    target = web.recognise(text)

    assert target is not None
    assert (target.url, target.resolve) == (url, "")


def test_a_post_on_an_own_domain_is_looked_at() -> None:
    """A path like a Substack post's says to look at the page first."""
    target = web.recognise("https://letters.example/p/a-post")

    assert target is not None
    assert target.resolve == "https://letters.example/p/a-post"


@pytest.mark.parametrize(
    "text",
    [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "ftp://example.com/x",
        "hello",
        "",
        "https://",
        "http://[::1",
        "mailto:a@b.c",
    ],
)
def test_nothing_else_is(text: str) -> None:
    """M35: files, scripts, other schemes and words are no web address."""
    assert web.recognise(text) is None


@pytest.mark.parametrize("url", ["", "file:///x", "example.com/feed", "https://", "ftp://example.com"])
def test_a_wrong_target_is_told(url: str) -> None:
    """M35: feeds.toml wants http(s) in full."""
    assert "http" in web.problem(sub(url))


def test_a_right_target_is_no_problem() -> None:
    """A full address passes, and leads to its host's home page without the user's name."""
    assert web.problem(sub("https://me:secret@example.com/feed")) == ""
    assert web.site_url(sub("https://me:secret@example.com/feed")) == "https://example.com/"
    assert web.listing_url(sub("https://example.com/feed")) == ""


def test_the_target_is_stable_under_spelling() -> None:
    """Scheme, case of the host, www and a last slash do not make another subscription, path and query do."""
    assert web.target(sub("http://www.Example.com/Feed/")) == web.target(sub("https://example.com/Feed"))
    assert web.target(sub("https://example.com/feed?tag=a")) != web.target(sub("https://example.com/feed?tag=b"))
    assert web.target(sub("http://example.com:8080/feed")) != web.target(sub("http://example.com/feed"))


@pytest.mark.parametrize(
    ("url", "host", "delay"),
    [
        ("https://rss.arxiv.org/rss/cs.CL", "arxiv.org", 3.0),
        ("https://www.youtube.com/feeds/videos.xml?channel_id=x", "youtube.com", 3.0),
        ("https://x.substack.com/feed", "substack.com", 0.0),
        ("https://www.example.com/feed", "example.com", 0.0),
        ("http://127.0.0.1:8000/feed", "127.0.0.1:8000", 0.0),
        ("https://notarxiv.org/feed", "notarxiv.org", 0.0),
    ],
)
def test_known_hosts_keep_their_manners(url: str, host: str, delay: float) -> None:
    """M65: a feed of arXiv's is asked as gently when it is subscribed to by URL."""
    manners = web.manners(url)

    assert (manners.host, manners.delay, manners.interval) == (host, delay, 6 * 3600)


def test_a_video_is_a_video_everywhere() -> None:
    """A video in another's feed keeps its key, a mere field with an id makes none."""
    assert (
        web.entry_key(RawEntry(position=0, video_id="zjkBMFhNj_g", guid="yt:video:zjkBMFhNj_g"))
        == "youtube:zjkBMFhNj_g"
    )
    assert web.entry_key(RawEntry(position=0, video_id="zjkBMFhNj_g", guid="https://example.com/1")) == ""
