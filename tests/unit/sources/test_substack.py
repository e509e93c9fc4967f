"""Substack: publications by their URLs."""

from __future__ import annotations

import pytest

from tracker.models import RawEntry, SourceName, Subscription
from tracker.sources.substack import Substack

substack = Substack()


def sub(publication: str) -> Subscription:
    return Subscription(id="x", source=SourceName.SUBSTACK, publication=publication)


@pytest.mark.parametrize(
    "text",
    [
        "https://example-notes.substack.com",
        "example-notes.substack.com",
        "http://Example-Notes.Substack.com/",
        "https://example-notes.substack.com/feed",
        "https://example-notes.substack.com/p/a-post?utm_source=x",
        "https://open.substack.com/pub/example-notes/p/a-post",
        "https://open.substack.com/pub/example-notes",
    ],
)
def test_a_publication_is_recognised_by_any_of_its_pages(text: str) -> None:
    """Home, feed, post and the app's link to any of them give the publication."""
    target = substack.recognise(text)

    assert target is not None
    assert (target.publication, target.note) == ("https://example-notes.substack.com", "")


def test_an_author_is_a_guess_and_says_so() -> None:
    """An author's page leads to the newsletter of the same name, with a note that it is a guess."""
    target = substack.recognise("https://substack.com/@SomeBody/posts")

    assert target is not None
    assert target.publication == "https://somebody.substack.com"
    assert "tried" in target.note


@pytest.mark.parametrize(
    "text", ["https://substack.com", "https://substack.com/home", "https://open.substack.com/inbox"]
)
def test_pages_of_the_app_are_refused(text: str) -> None:
    """A page of the app is no newsletter, and the sentence says what to give instead."""
    with pytest.raises(ValueError, match=r"https://name\.substack\.com"):
        substack.recognise(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://api.substack.com/feed/podcast/1.rss",
        "https://example.substack.com/feed/private/token",
        "https://substack.com.example.com/p/x",
        "https://notsubstack.com",
        "https://a.b.substack.com",
        "javascript:alert(1)",
    ],
)
def test_others_are_left_to_the_web(text: str) -> None:
    """Podcast and private feeds are followed by their whole URL, other hosts are not Substack's."""
    assert substack.recognise(text) is None


@pytest.mark.parametrize(
    ("publication", "feed"),
    [
        ("https://x.substack.com", "https://x.substack.com/feed"),
        ("https://x.substack.com/", "https://x.substack.com/feed"),
        ("https://x.substack.com/feed", "https://x.substack.com/feed"),
        ("https://x.substack.com/p/first", "https://x.substack.com/feed"),
        ("https://letters.example/", "https://letters.example/feed"),
        ("letters.example", "https://letters.example/feed"),
        ("http://letters.example:8080", "http://letters.example:8080/feed"),
    ],
)
def test_the_feed_is_at_the_publication(publication: str, feed: str) -> None:
    """The feed's address does not depend on how the publication is written."""
    assert substack.feed_url(sub(publication)) == feed


def test_the_target_is_stable_under_spelling() -> None:
    """Scheme, case, www and slashes do not make another subscription."""
    assert substack.target(sub("http://www.Letters.example/")) == substack.target(sub("https://letters.example"))


@pytest.mark.parametrize(
    ("publication", "part"),
    [
        ("", "needs publication"),
        ("file:///etc/passwd", "no web address"),
        ("example", "no web address"),
        ("https://substack.com/@someone", "run `tracker subscribe https://substack.com/@someone`"),
    ],
)
def test_a_wrong_target_is_told(publication: str, part: str) -> None:
    """M35: files and non-addresses are refused before any request."""
    assert part in substack.problem(sub(publication))


def test_the_platform_is_one_host() -> None:
    """M93: publications on substack.com share a slot, one on its own domain has its own."""
    shared = substack.manners("https://x.substack.com/feed")
    own = substack.manners("https://letters.example/feed")

    assert (shared.host, own.host) == ("substack.com", "letters.example")
    assert shared.interval == 4 * 3600
    assert substack.problem(sub("https://letters.example")) == ""


def test_only_the_database_knows_a_posts_key() -> None:
    """A post has no key of its own and a publication no listing."""
    assert substack.entry_key(RawEntry(position=0, guid="https://x.substack.com/p/a")) == ""
    assert substack.listing_url(sub("https://x.substack.com")) == ""
