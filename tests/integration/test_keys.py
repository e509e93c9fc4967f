"""Which work an entry is, from a document to the tables, while subscriptions are renamed, turned and moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import (
    NOW,
    make_raw_entry,
    make_subscription,
)
from tests.reader import Reader
from tracker.models import RawEntry, Text
from tracker.storage import Storage

DAY = timedelta(days=1)
BLOG = "https://weeknight.example"
WEEKNIGHT = make_subscription(id="weeknight", url=f"{BLOG}/feed")
OTHER = "https://other.example/feed"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with Storage.open(tmp_path / "tracker.db", now=NOW) as storage:
        yield Reader(storage)


def link(guid: str, title: str, to: str = "https://elsewhere.example/a") -> RawEntry:
    """Be an entry of a link blog: its address is somebody else's."""
    return make_raw_entry(guid=guid, title=Text(title), link=to, published=NOW - DAY)


def post(number: int, base: str = BLOG, **fields: object) -> RawEntry:
    """Be an entry of a blog, at its own address, which is its guid too."""
    url = f"{base}/p{number}"
    given = {"guid": url, "title": Text(f"Post {number}"), "link": url, "published": NOW - DAY} | fields
    return make_raw_entry(**given)


# ---------------------------------------------------------------- guids that are unique in their feed alone


def test_a_guid_of_another_address_is_another_work(reader: Reader) -> None:
    """After a subscription turned to another URL, what has the guid "1" there is news and overwrites nothing."""
    reader.follow(WEEKNIGHT)
    reader.read(WEEKNIGHT, link("1", "Old one"))
    assert reader.close() == ["Old one"]
    turned = replace(WEEKNIGHT, url=OTHER)
    reader.follow(turned)
    assert reader.read(turned, link("1", "New one")).new == 1
    assert reader.close() == ["New one"]
    assert {each.title for each in reader.storage.entries()} == {"Old one", "New one"}


def test_a_guid_under_an_id_that_is_used_again_is_another_work(reader: Reader) -> None:
    """The id of a renamed feed may be given to another one: the guids of the two are not compared."""
    reader.follow(WEEKNIGHT)
    reader.read(WEEKNIGHT, link("1", "Old one"))
    renamed, again = replace(WEEKNIGHT, id="links"), replace(WEEKNIGHT, url=OTHER)
    reader.follow(renamed)
    reader.follow(renamed, again)
    assert reader.read(again, link("1", "New one")).new == 1
    assert reader.read(renamed, link("1", "Old one")).new == 0
    assert reader.close() == ["New one", "Old one"]


@pytest.mark.parametrize("guid", ["1", "tag:weeknight.example,2026:1"])
def test_the_same_address_gives_the_same_works(reader: Reader, guid: str) -> None:
    """Turned away and back, or subscribed again under another id, a feed brings nothing that was news before."""
    reader.follow(WEEKNIGHT)
    reader.read(WEEKNIGHT, link(guid, "Old one"))
    assert reader.close() == ["Old one"]
    reader.follow(replace(WEEKNIGHT, url=OTHER))
    reader.follow(WEEKNIGHT)
    assert reader.read(WEEKNIGHT, link(guid, "Old one")).new == 0
    reader.follow()
    named = replace(WEEKNIGHT, id="links")
    reader.follow(named)
    assert reader.read(named, link(guid, "Old one")).new == 0
    assert reader.close() == []


def test_a_post_keeps_its_address_when_the_feeds_changes(reader: Reader) -> None:
    """Local guids that were given out anew at the feed's new URL do not hide that a post's own address is known."""
    reader.follow(WEEKNIGHT)
    reader.read(WEEKNIGHT, post(1, guid="1"))
    assert reader.close() == ["Post 1"]
    turned = replace(WEEKNIGHT, url=f"{BLOG}/rss")
    reader.follow(turned)
    counts = reader.read(turned, post(2, guid="1"), post(1, guid="2", published=NOW))
    assert counts.new == 1
    assert reader.close() == ["Post 2"]


# ---------------------------------------------------------------- names and addresses that change


def test_a_rename_whose_id_is_given_away_at_once_is_no_news(reader: Reader) -> None:
    """Feeds that exchange their addresses, or one that takes another's id in the same edit, announce nothing twice."""
    two = make_subscription(id="two", url=OTHER)
    reader.follow(WEEKNIGHT, two)
    reader.read(WEEKNIGHT, link("1", "One"))
    reader.read(two, link("1", "Two"))
    assert reader.close() == ["One", "Two"]
    swapped = replace(WEEKNIGHT, url=OTHER), replace(two, url=WEEKNIGHT.url)
    reader.follow(*swapped)
    assert reader.read(swapped[0], link("1", "Two"), link("2", "New")).new == 1
    assert reader.read(swapped[1], link("1", "One")).new == 0
    assert reader.close() == ["New"]


@pytest.mark.parametrize("guid", ["url", "number"])
def test_a_blog_that_moves_to_another_domain_announces_nothing_twice(reader: Reader, guid: str) -> None:
    """Behind a redirect the same posts have new addresses, and mostly new guids: last part and date tell them (M46)."""
    new = "https://weeknight.blog"
    moved = [post(each, new, **({} if guid == "url" else {"guid": f"{each}"})) for each in (1, 2, 3)]
    reader.follow(WEEKNIGHT)
    reader.read(WEEKNIGHT, post(1), post(2))
    assert reader.close() == ["Post 1", "Post 2"]
    counts = reader.read(WEEKNIGHT, *moved, url=f"{new}/feed", site=new)
    assert (counts.new, counts.unchanged) == (1, 2)
    assert reader.close() == ["Post 3"]


def test_another_post_of_the_same_name_on_the_new_domain_is_news(reader: Reader) -> None:
    """What only shares the last part of its address with an older post, not its date, is another one."""
    new = "https://weeknight.blog"
    reader.follow(WEEKNIGHT)
    reader.read(WEEKNIGHT, post(1))
    assert reader.read(WEEKNIGHT, post(1, new, published=NOW), url=f"{new}/feed", site=new).new == 1


# ---------------------------------------------------------------- whose address it is


def test_no_feed_takes_the_place_of_anothers_post(reader: Reader) -> None:
    """A feed that calls a stranger's site its own cannot bring that one's post first, under another title."""
    evil = make_subscription(id="evil", url="https://evil.example/feed")
    reader.follow(evil, WEEKNIGHT)
    reader.read(evil, post(1, guid="x", title=Text("Spam")), site=BLOG)
    assert reader.close() == ["Spam"]
    assert reader.read(WEEKNIGHT, post(1), site=BLOG).new == 1
    assert reader.close() == ["Post 1"]


def test_two_feeds_of_one_owner_share_a_post(reader: Reader) -> None:
    """Feeds on one registered domain bring one post once, whatever site they name."""
    tags = make_subscription(id="tags", url="https://feeds.weeknight.example/tags/rust.xml")
    reader.follow(tags, WEEKNIGHT)
    assert reader.read(tags, post(1, guid="1")).new == 1
    assert reader.read(WEEKNIGHT, post(1)).new == 0
    assert reader.close() == ["Post 1"]
