"""`poll()` on bad days: hostile headers, a full disk, gaps of every size, wrong clocks, subscriptions that change meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.test_poll import (
    BLOG,
    DAY,
    FEED,
    HOUR,
    KARPATHY,
    NOW,
    SINCE,
    TALKS,
    WEEKNIGHT,
    Desk,
    blog,
    doors,
    post,
    video,
)
from tests.internet import Internet
from tests.internet_feeds import atom
from tests.internet_replies import Reply, Seen, rate_limited
from tests.internet_youtube import YouTube
from tracker.digest import filters
from tracker.errors import StorageError
from tracker.models import Door, Outcome
from tracker.poll import reconcile
from tracker.storage import Storage

EVIL = replace(WEEKNIGHT, id="evil", url="https://evil.example/feed", title="")


@pytest.fixture
def desk(net: Internet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An empty database, with nothing but the box around it."""
    for name, value in net.environ().items():
        monkeypatch.setenv(name, value)
    with Storage.open(tmp_path / "tracker.db", now=NOW) as storage:
        yield Desk(storage, tmp_path, net)


@pytest.mark.parametrize("age", ["\xa0" * 10 + "1", "\x0b" * 12 + "7", "9" * 40, "-1", "soon"])
def test_a_hostile_header_stops_nobody(desk: Desk, net: Internet, age: str) -> None:
    """Whatever a header claims to be a number, the feed and its neighbours are stored (M79)."""
    headers = {"content-type": "application/xml", "cache-control": "max-age=600", "age": age}
    net.answer("https://evil.example/feed", Reply(headers=headers, body=blog(9)))
    net.serve(FEED, blog(1))
    desk.follow(EVIL, WEEKNIGHT)
    assert {each.outcome for each in desk.poll().polls} == {Outcome.NEW}


def test_a_bug_that_one_feed_meets_is_its_own(desk: Desk, net: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception that nobody foresaw becomes that feed's failure, with back-off; the others are stored."""
    net.serve("https://evil.example/feed", blog(9))
    net.serve(FEED, blog(1))
    desk.follow(EVIL, WEEKNIGHT)

    def broken(raw: object, subscription: object, **options: object) -> object:
        if getattr(subscription, "id", "") == "evil":
            raise RuntimeError("never seen before")
        return whole(raw, subscription, **options)  # type: ignore[arg-type] # passed on

    from tracker.poll import reading

    whole = reading.normalize
    monkeypatch.setattr(reading, "normalize", broken)
    found = {each.feed: (each.outcome, each.stage) for each in desk.poll().polls}
    assert found == {"evil": (Outcome.FAILED, "bug"), "weeknight": (Outcome.NEW, "")}
    due = desk.feed("evil").feed.next_due_at
    assert due
    assert due > NOW + timedelta(minutes=20)


def test_a_disk_that_is_full_lets_hosts_rest(desk: Desk, net: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be stored is not asked for again at every tick."""
    net.serve(FEED, blog(1))
    desk.follow(WEEKNIGHT)

    def full(*_: object, **__: object) -> None:
        raise StorageError("the disk is full")

    monkeypatch.setattr(desk.storage, "store", full)
    with pytest.raises(StorageError):
        desk.poll()
    for step in range(1, 5):
        assert not desk.poll(NOW + timedelta(seconds=30 * step)).polls
    assert len(net.requests_to("weeknight.example")) == 1


def test_what_was_not_asked_is_asked_at_once_next_time(desk: Desk, net: Internet) -> None:
    """A poll that is stopped keeps no claim on what it did not reach."""
    net.serve(FEED, blog(1))
    desk.follow(WEEKNIGHT)
    assert desk.poll(stop=lambda: True).is_stopped
    assert [each.outcome for each in desk.poll(NOW + timedelta(seconds=30)).polls] == [Outcome.NEW]


def test_a_page_that_reaches_nothing_known_calls_for_the_whole_list(desk: Desk, net: Internet) -> None:
    """Videos without a length keep the page due; a gap beyond the page is still closed (M8)."""
    desk.follow(TALKS)
    old = [video(number, published=NOW - 100 * DAY) for number in range(40, 20, -1)]
    shelf = YouTube(net).channel(KARPATHY, videos=old)
    desk.poll()
    shelf.videos.insert(0, video(50, published=NOW + DAY, duration=None))
    desk.poll(NOW + 2 * DAY)
    shelf.videos[:0] = [video(number, published=NOW + 3 * DAY) for number in range(145, 100, -1)]
    desk.poll(NOW + 20 * DAY)
    assert len(desk.titles()) == 46


def test_a_gap_is_seen_though_another_feed_knows_an_entry(desk: Desk, net: Internet) -> None:
    """A video that a playlist has brought is no sign that the channel's feed has no gap (M8 M4)."""
    other = replace(TALKS, id="other", channel="", playlist="PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf", title="")
    desk.follow(other, TALKS)
    youtube = YouTube(net)
    shelf = youtube.channel(KARPATHY, videos=[video(number, published=NOW - 100 * DAY) for number in range(40, 20, -1)])
    listed = youtube.playlist(other.playlist, title="Other", owner=KARPATHY, videos=[])
    desk.poll()
    shelf.videos[:0] = [video(number, published=NOW + DAY) for number in range(145, 100, -1)]
    listed.videos[:] = shelf.videos[:1]
    desk.poll(NOW + 2 * DAY)
    assert len(desk.titles()) == 45


def test_an_outage_longer_than_a_page_loses_nothing(desk: Desk, net: Internet) -> None:
    """While the feed is down, the list brings more than a page of new videos, too (M19)."""
    desk.follow(TALKS)
    shelf = YouTube(net).channel(
        KARPATHY, videos=[video(number, published=NOW - 100 * DAY) for number in range(40, 20, -1)]
    )
    desk.poll()
    net.fail("https://www.youtube.com/feeds/videos.xml", 404, since=None)
    shelf.videos[:0] = [video(number, published=NOW + DAY) for number in range(140, 100, -1)]
    for hours in range(3, 60, 8):
        desk.poll(NOW + hours * HOUR)
    assert len(desk.titles()) == 40


def test_a_channel_of_shorts_announces_no_old_videos(desk: Desk, net: Internet) -> None:
    """Old videos that no feed has shown, for it was full of Shorts, are backlog when a gap has the list read (M10 M13)."""
    desk.follow(TALKS)
    shorts = [video(number, published=NOW - 2 * DAY, is_short=True) for number in range(60, 45, -1)]
    old = [video(number, published=NOW - 300 * DAY) for number in range(30, 5, -1)]
    shelf = YouTube(net).channel(KARPATHY, videos=[*shorts, *old])
    desk.poll()
    shelf.videos[:0] = [video(number, published=NOW + HOUR, is_short=True) for number in range(75, 60, -1)]
    polls = desk.poll(NOW + 2 * DAY).polls
    assert [(each.door, each.new, each.backlog) for each in polls] == [(Door.FEED, 15, 0), (Door.LISTING, 25, 25)]
    assert not {title for title in desk.titles() if int(title.split()[1]) <= 30}


KINDS: dict[str, dict[str, bool]] = {"long": {}, "shorts": {"is_short": True}, "live": {"is_stream": True}}
TABS = {"long": "videos", "shorts": "shorts", "live": "streams"}
ALL = ("long", "shorts", "live")


@pytest.mark.parametrize(
    ("videos", "lists"),
    [
        (("shorts",), ["shorts"]),
        (("live",), ["streams"]),
        (("long",), ["videos"]),
        (ALL, ["playlist"]),
        (("long", "live"), ["playlist", "shorts"]),
        (("long", "shorts"), ["playlist", "streams"]),
        (("shorts", "live"), ["playlist", "streams", "shorts"]),
    ],
    ids="+".join,
)
def test_weeks_away_lose_no_kind_of_video(desk: Desk, net: Internet, videos: tuple[str, ...], lists: list[str]) -> None:
    """After weeks the lists bring what the feed of 15 has dropped, of each kind that is wanted, told apart; no list is read that tells nothing (M8 M13 M34)."""
    follows = replace(TALKS, videos=videos)
    desk.follow(follows)
    made = [video(number, published=NOW - 100 * DAY, **KINDS[ALL[number % 3]]) for number in range(120, 0, -1)]
    shelf = YouTube(net).channel(KARPATHY, videos=made)
    desk.poll()
    # Its length is asked for, and with it come videos from further down than the feed has ever reached.
    shelf.videos.insert(0, video(149, published=NOW + HOUR, **KINDS["live"]))
    desk.poll(NOW + DAY)
    shelf.videos[:0] = [video(number, published=NOW + DAY, **KINDS[ALL[number % 3]]) for number in range(210, 150, -1)]
    seen = len(net.requests)
    desk.poll(NOW + 20 * DAY)
    pages = [each.path for each in net.requests[seen:] if "/youtubei/" not in each.path and "/feeds/" not in each.path]
    asked_lengths = [] if len(lists) == 1 or "long" not in videos else ["videos"]  # due at the same time
    assert [path.rpartition("/")[2] for path in pages] == [*asked_lengths, *lists]
    wanted = {f"Video {number}" for number in range(151, 211) if ALL[number % 3] in videos}
    stored = [each for each in desk.storage.entries() if not each.is_backlog]
    shown = {each.title for each in stored if not filters.judge(each, {"talks": follows}).reason}
    assert {each for each in shown if int(each.split()[1]) > 150} == wanted
    assert not {each.title for each in stored if int(each.title.split()[1]) < 100}


def test_a_channel_without_shorts_is_read_after_weeks(desk: Desk, net: Internet) -> None:
    """A tab that a channel does not have says that it has none of that kind, and fails nothing; a video that has moved up hides nothing (M8 M17)."""
    desk.follow(TALKS)
    shelf = YouTube(net).channel(
        KARPATHY, videos=[video(number, published=NOW - 100 * DAY) for number in range(40, 20, -1)]
    )
    desk.poll()
    shelf.videos[:0] = [video(number, published=NOW + DAY) for number in range(145, 100, -1)]
    shelf.videos.insert(20, shelf.videos.pop(45))
    polls = desk.poll(NOW + 20 * DAY).polls
    assert [(each.door, each.outcome, each.error) for each in polls[1:]] == [(Door.LISTING, Outcome.NEW, "")]
    assert len(desk.titles()) == 45


def test_a_limit_behind_a_redirect_pauses_the_host_that_spoke(desk: Desk, net: Internet) -> None:
    """A 429 pauses the host that answered it, not the one that pointed there (M21 M80)."""
    net.redirect("https://shared.example/a", "https://cdn.example/a", status=302)
    net.answer("https://cdn.example/a", rate_limited("6000"))
    net.serve("https://shared.example/b", blog(2))
    first = replace(WEEKNIGHT, id="a", url="https://shared.example/a", title="")
    second = replace(WEEKNIGHT, id="b", url="https://shared.example/b", title="")
    desk.follow(first, second)
    outcomes = {each.feed: each.outcome for each in desk.poll().polls}
    assert outcomes == {"a": Outcome.FAILED, "b": Outcome.NEW}
    paused = {name for name, row in desk.storage.hosts().items() if row.paused_until}
    assert paused == {"cdn.example"}


def test_an_answer_to_a_former_url_is_dropped(desk: Desk, net: Internet) -> None:
    """feeds.toml turns a feed to another URL while it is asked: the old answer leaves no trace, and no baseline."""
    desk.follow(WEEKNIGHT)
    turned = replace(WEEKNIGHT, url="https://other.example/rss")

    def meanwhile(_: Seen) -> Reply:
        desk.follow(turned)
        with Storage.open(desk.storage.path, now=NOW) as other:
            from tests.factories import make_config

            reconcile(make_config(desk.path, subscriptions=desk.followed), other, now=NOW + timedelta(seconds=1))
        return Reply(headers={"content-type": "application/xml"}, body=blog(1))

    net.answer(FEED, meanwhile)
    assert "changed" in desk.one().error
    net.serve(
        "https://other.example/rss",
        atom("Other", "https://other.example", [post(n, published=NOW - 900 * DAY) for n in range(5)]),
    )
    again = desk.one(NOW + HOUR)
    assert (again.new, again.backlog) == (5, 5)


def test_a_wrong_clock_parks_nobody(desk: Desk, net: Internet) -> None:
    """What was written while the clock ran years or days ahead holds nothing up once it is right (M75)."""
    desk.follow(WEEKNIGHT)
    net.answer(FEED, rate_limited("600"))
    desk.poll(NOW + 2000 * DAY, since=SINCE)
    net.serve(FEED, blog(1))
    assert [each.outcome for each in desk.poll(NOW).polls] == [Outcome.NEW]
    desk.poll(NOW + 5 * DAY)
    net.serve(FEED, blog(2, 1))
    assert [each.new for each in desk.poll(NOW + HOUR).polls] == [1]


def test_what_came_while_a_new_feed_was_down_is_news(desk: Desk, net: Internet) -> None:
    """A feed that first answers weeks after it was subscribed to: what came since is news, what was there is backlog."""
    desk.follow(WEEKNIGHT)
    net.answer(FEED, Reply(status=503))
    desk.poll()
    late = NOW + 10 * DAY
    posts = [post(1, published=NOW - 900 * DAY), post(2, published=NOW + DAY), post(3, published=late)]
    net.serve(FEED, atom("Weeknight ML", BLOG, posts))
    done = desk.one(late, since=late - DAY)
    assert (done.new, done.backlog) == (3, 1)


def test_an_adopted_address_that_dies_gives_way(desk: Desk, net: Internet) -> None:
    """After some failures at an address that a 301 led to, the configured one is asked again (M81)."""
    desk.follow(WEEKNIGHT)
    moved = f"{BLOG}/new.xml"
    net.redirect(FEED, moved, status=301)
    net.serve(moved, blog(1))
    for day in range(5):
        desk.poll(NOW + day * DAY)
    assert desk.feed().feed.url == moved
    net.answer(moved, Reply(status=404))
    net.serve(FEED, blog(2, 1))
    for day in range(5, 12):
        desk.poll(NOW + day * DAY)
    assert "Post 2" in desk.titles()


def test_other_kinds_of_videos_flood_nothing(desk: Desk, net: Internet) -> None:
    """A channel of which other `videos` are wanted begins anew: what was there before is backlog."""
    shorts = replace(TALKS, videos=("shorts",))
    desk.follow(shorts)
    shelf = YouTube(net).channel(KARPATHY, videos=[video(1, is_short=True, published=NOW - 400 * DAY)])
    desk.poll()
    shelf.videos[:] = [video(number, published=NOW - number * 20 * DAY) for number in range(2, 12)]
    desk.follow(replace(TALKS, videos=("long",)))
    polls = desk.poll(NOW + DAY).polls
    assert doors(polls)[0] is Door.FEED
    assert (polls[0].new, polls[0].backlog) == (10, 10)


def test_a_disk_that_is_really_full_is_told_as_that(desk: Desk, net: Internet) -> None:
    """SQLite takes the whole transaction back by itself then; the reader hears of the disk, not of that."""
    net.serve(FEED, blog(*range(1, 400)))
    desk.follow(WEEKNIGHT)
    desk.poll(stop=lambda: True)  # what it must write before it asks
    pages = desk.storage._db.read("PRAGMA page_count")[0][0]
    desk.storage._db.read(f"PRAGMA max_page_count = {pages + 22}")
    with pytest.raises(StorageError, match="the disk is full"):
        desk.poll(NOW + timedelta(minutes=1))
