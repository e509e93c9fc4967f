"""poll() over real sockets and a real database: outcomes, validators, moves, back-off, doors, and what stays when it is stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.factories import make_config, make_subscription
from tests.internet import Internet
from tests.internet_arxiv import serve_archive
from tests.internet_feeds import Paper, Post, arxiv_rss, atom, substack_rss
from tests.internet_replies import Reply, Seen, rate_limited
from tests.internet_youtube import SITE, Channel, Shelf, Video, YouTube
from tracker.digest import close_overdue
from tracker.errors import RateLimitedError
from tracker.models import Door, Failure, Feed, Outcome, Poll, Request, Subscription
from tracker.poll import Summary, poll, reconcile
from tracker.poll.asking import Pass
from tracker.poll.taking import take
from tracker.poll.together import Together
from tracker.storage import Storage

NOW = datetime(2026, 11, 25, 18, 20, tzinfo=UTC)  # a Wednesday
SINCE = NOW - timedelta(days=7)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BLOG = "https://weeknight.example"
FEED = f"{BLOG}/feed"
NOTES = "https://notes.example"
KARPATHY = Channel(id="UCXUPKJO5MZQN11PqgIvyuvQ", title="Andrej Karpathy", handle="@AndrejKarpathy")
PLAYLIST = "PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"
WEEKNIGHT = make_subscription(url=FEED, title="Weeknight ML")
NOTEBOOK = make_subscription(id="notes", publication=NOTES, title="Small Notes")
COURSE = make_subscription(id="course", playlist=PLAYLIST, title="Lectures", course=True)
TALKS = make_subscription(id="talks", channel=KARPATHY.id, title="Andrej Karpathy")
PAPERS = make_subscription(id="papers", categories=("cs.CL",), title="arXiv cs.CL")


class Desk:
    """A database, and what is followed with it."""

    def __init__(self, storage: Storage, folder: Path, net: Internet) -> None:
        self.storage = storage
        self.net = net
        self.path = folder / "feeds.toml"
        self.followed: tuple[Subscription, ...] = ()

    def follow(self, *subscriptions: Subscription) -> None:
        """Follow these and nothing else."""
        self.followed = subscriptions

    def poll(self, now: datetime = NOW, *, since: datetime = SINCE, **options: object) -> Summary:
        """Poll what is due at a moment."""
        config = make_config(self.path, subscriptions=self.followed)
        return poll(config, self.storage, now=now, since=since, **options)  # type: ignore[arg-type] # by keyword

    def one(self, now: datetime = NOW, **options: object) -> Poll:
        """Poll, and give the one request's outcome."""
        (done,) = self.poll(now, **options).polls
        return done

    def feed(self, feed: str = "weeknight") -> Feed:
        """Give a feed's row."""
        row = self.storage.feed(feed)
        assert row is not None
        return row

    def titles(self, *, backlog: bool = False) -> set[str]:
        """Give the titles of what is stored as news, or as backlog."""
        return {each.title for each in self.storage.entries() if each.is_backlog is backlog}

    def statuses(self, host: str) -> list[int | None]:
        """Give what a host has answered so far."""
        return [seen.status for seen in self.net.requests_to(host)]


@pytest.fixture
def desk(net: Internet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An empty database, with nothing but the box around it."""
    for name, value in net.environ().items():
        monkeypatch.setenv(name, value)
    with Storage.open(tmp_path / "tracker.db", now=NOW) as storage:
        yield Desk(storage, tmp_path, net)


def post(number: int, *, published: datetime = NOW - DAY, **fields: object) -> Post:
    return Post(**{"slug": f"p{number}", "title": f"Post {number}", "published": published, **fields})  # type: ignore[arg-type] # by keyword


def blog(*numbers: int, **fields: object) -> bytes:
    return atom("Weeknight ML", BLOG, [post(number, **fields) for number in numbers])


def video(number: int, *, published: datetime = NOW - DAY, **fields: object) -> Video:
    given = {"id": f"vid{number:07}A", "title": f"Video {number}", "published": published, "channel": KARPATHY}
    return Video(**{**given, **fields})  # type: ignore[arg-type] # by keyword


# ---------------------------------------------------------------- outcomes and validators


def test_validators_come_back_byte_for_byte(desk: Desk, net: Internet) -> None:
    """Both validators are echoed as they came, a 304 is unchanged and resets counters, only the first asks bare (M39 M73 M76 M77)."""
    desk.follow(WEEKNIGHT)
    tag, day = 'W/"a b;c-gzip"', "Wed, 25 Nov 2026 09:00:00 +0000"
    net.serve(FEED, blog(1), etag=tag, last_modified=day)
    assert desk.one().outcome is Outcome.NEW
    later = desk.one(NOW + DAY)
    assert (later.outcome, later.status, later.entries, later.new) == (Outcome.UNCHANGED, 304, 1, 0)
    first, second = net.requests_to("weeknight.example")
    assert not {"if-none-match", "if-modified-since"} & set(first.headers)
    assert (second.headers["if-none-match"], second.headers["if-modified-since"]) == (tag, day)
    assert not {"cookie", "referer", "a-im"} & {*first.headers, *second.headers}
    assert desk.feed().feed.last_success_at == NOW + DAY


def test_an_unquoted_tag_is_kept_as_it_is(desk: Desk, net: Internet) -> None:
    """ArXiv's tag without quotes is stored and sent back verbatim (M62)."""
    desk.follow(WEEKNIGHT)
    net.serve(FEED, blog(1), etag="3f2a9c")
    desk.poll()
    desk.poll(NOW + DAY)
    assert net.requests[1].headers["if-none-match"] == "3f2a9c"


def test_validators_only_from_a_document_that_parsed(desk: Desk, net: Internet) -> None:
    """A page that is no feed is a failure at any status, stores no validators and deletes nothing (M7 M76)."""
    desk.follow(WEEKNIGHT)
    net.serve(FEED, blog(1), etag='"good"')
    desk.poll()
    net.serve(FEED, "<!doctype html><title>Hello</title>", etag='"page"', content_type="text/html")
    failed = desk.one(NOW + DAY)
    assert (failed.outcome, failed.status) == (Outcome.FAILED, 200)
    assert desk.feed().etag == '"good"'
    assert desk.titles() == {"Post 1"}
    net.serve(FEED, blog(1), etag='"good"')
    assert desk.one(NOW + 3 * DAY).status == 304
    assert desk.feed().feed.failures == 0


def test_validators_expire(desk: Desk, net: Internet) -> None:
    """After eight days a request goes out bare, so that a 304 that is stuck heals (M22)."""
    desk.follow(WEEKNIGHT)
    net.serve(FEED, blog(1), etag='"stuck"')
    desk.poll()
    assert desk.one(NOW + 7 * DAY).status == 304
    net.serve(FEED, blog(1, 2), etag='"stuck"')
    healed = desk.one(NOW + 9 * DAY)
    assert (healed.status, healed.new) == (200, 1)
    assert desk.one(NOW + 10 * DAY).status == 304


def test_a_feed_that_stays_as_it_is_is_asked_bare_once_in_eight_days(desk: Desk, net: Internet) -> None:
    """The same bytes as ever bring new validators, which the next question carries (M22 M73)."""
    desk.follow(WEEKNIGHT)
    net.serve(FEED, blog(1), etag='"1"')
    desk.poll()
    found = [desk.one(NOW + days * DAY).status for days in (7, 9, 10, 16, 18, 19)]
    assert found == [304, 200, 304, 304, 200, 304]


def test_equal_bytes_and_equal_entries_are_unchanged(desk: Desk, net: Internet) -> None:
    """Equal bytes under a new tag are unchanged and the new tag is asked with; so are equal entries in other bytes (M42 M78)."""
    desk.follow(WEEKNIGHT)
    net.serve(FEED, blog(1), etag='"1"')
    desk.poll()
    net.serve(FEED, blog(1), etag='"2"')
    same = desk.one(NOW + DAY)
    assert (same.outcome, same.status, same.entries, same.changed) == (Outcome.UNCHANGED, 200, 1, 0)
    net.serve(FEED, blog(1) + b"<!-- rendered again -->", etag='"3"')
    rendered = desk.one(NOW + 2 * DAY)
    assert (rendered.outcome, rendered.new, rendered.changed) == (Outcome.UNCHANGED, 0, 0)
    assert [seen.headers.get("if-none-match") for seen in net.requests] == [None, '"1"', '"2"']


def test_a_changed_text_is_told_and_is_not_new(desk: Desk, net: Internet) -> None:
    """An entry whose title changed is changed, not new; the latest text is kept."""
    desk.follow(WEEKNIGHT)
    net.serve(FEED, blog(1))
    desk.poll()
    net.serve(FEED, blog(1, title="Post 1, corrected"))
    done = desk.one(NOW + DAY)
    assert (done.outcome, done.new, done.changed) == (Outcome.UNCHANGED, 0, 1)
    assert desk.titles() == {"Post 1, corrected"}


def test_a_delta_is_only_additions(desk: Desk, net: Internet) -> None:
    """A 226 is read as additions: what it leaves out is not missed (M86)."""
    desk.follow(WEEKNIGHT)
    net.serve(FEED, blog(1))
    desk.poll()
    net.answer(FEED, Reply(status=226, body=blog(2), headers={"content-type": "application/atom+xml"}))
    assert desk.one(NOW + DAY).new == 1
    assert desk.titles() == {"Post 1", "Post 2"}


def test_what_goes_and_returns_is_the_same(desk: Desk, net: Internet) -> None:
    """An entry that leaves a window feed is not flagged, and when it returns it is nothing new (M15 M16)."""
    desk.follow(WEEKNIGHT)
    for days, numbers in enumerate(((1, 2), (2,), (1, 2))):
        net.serve(FEED, blog(*numbers))
        desk.poll(NOW + days * DAY)
    assert [each.new for each in desk.storage.polls()] == [2, 0, 0]
    assert desk.titles() == {"Post 1", "Post 2"}


# ---------------------------------------------------------------- news and backlog


def test_the_first_answer_makes_the_baseline(desk: Desk, net: Internet) -> None:
    """At the first answer what was published inside the window is news, the rest backlog; later a back-dated post is news (M5)."""
    desk.follow(WEEKNIGHT)
    old = SINCE - MINUTE
    net.serve(FEED, atom("Weeknight ML", BLOG, [post(1), post(2, published=old), post(3, published=SINCE)]))
    first = desk.one()
    assert (first.new, first.backlog) == (3, 1)
    assert (desk.titles(), desk.titles(backlog=True)) == ({"Post 1", "Post 3"}, {"Post 2"})
    net.serve(FEED, blog(4, published=old - 300 * DAY))
    assert desk.one(NOW + DAY).backlog == 0
    assert "Post 4" in desk.titles()


def test_a_failed_first_answer_is_no_baseline(desk: Desk, net: Internet) -> None:
    """Failures before the first answer take no baseline: the first good answer does."""
    desk.follow(WEEKNIGHT)
    net.fail(FEED, 500, times=1)
    net.serve(FEED, blog(1, published=SINCE - DAY))
    desk.poll()
    assert desk.feed().feed.baseline_at is None
    assert desk.one(NOW + HOUR).backlog == 1
    assert desk.feed().feed.baseline_at == NOW + HOUR


@pytest.mark.parametrize(
    ("policy", "news"), [(2, 2), ("all", 4), ((NOW - 25 * DAY).date(), 2)], ids=["N", "all", "date"]
)
def test_a_wish_for_backlog(desk: Desk, net: Internet, policy: object, news: int) -> None:
    """`backlog` announces the newest N, all, or everything from a day on, at the baseline only."""
    desk.follow(replace(WEEKNIGHT, backlog=policy))  # type: ignore[arg-type] # one of the three
    posts = [post(number, published=NOW - number * 10 * DAY) for number in range(1, 5)]
    net.serve(FEED, atom("Weeknight ML", BLOG, posts))
    done = desk.one()
    assert done.new - done.backlog == news


def test_each_door_has_its_baseline(desk: Desk, net: Internet) -> None:
    """What the first complete listing holds beyond the feed's fifteen is backlog too; what comes later is news (M8 M9)."""
    desk.follow(COURSE)
    shelf = lectures(net, 17, published=NOW - 400 * DAY)
    polls = desk.poll().polls
    assert [(each.door, each.entries, each.new, each.backlog) for each in polls] == [
        (Door.FEED, 15, 15, 15),
        (Door.LISTING, 17, 2, 2),
    ]
    shelf.videos.append(video(18))
    later = desk.poll(NOW + 26 * HOUR).polls
    assert [(each.door, each.new, each.backlog) for each in later] == [(Door.FEED, 0, 0), (Door.LISTING, 1, 0)]
    assert desk.titles() == {"Video 18"}
    assert [each.position for entry in desk.storage.course("course") for each in entry.appearances] == list(range(18))


def test_a_work_in_two_feeds_is_one_entry(desk: Desk, net: Internet) -> None:
    """A video that a playlist and a channel carry is one entry with two appearances, news once (M4)."""
    desk.follow(COURSE, TALKS)
    youtube = YouTube(net)
    youtube.playlist(PLAYLIST, title="Lectures", owner=KARPATHY, videos=[video(1)])
    youtube.channel(KARPATHY, videos=[video(1)])
    desk.poll()
    (entry,) = desk.storage.entries()
    assert sorted(each.feed for each in entry.appearances) == ["course", "talks"]
    assert not entry.is_backlog


# ---------------------------------------------------------------- when nobody is asked


def test_a_restart_asks_nobody(desk: Desk, net: Internet) -> None:
    """What is not due is left alone, with its time told to who names it, however often one starts; then asked (M75)."""
    desk.follow(WEEKNIGHT, NOTEBOOK)
    publish_both(net)
    desk.poll()
    for _ in range(2):
        summary = desk.poll(NOW + MINUTE)
        assert (summary.polls, summary.left) == ((), ())
        assert summary.next_due
        assert summary.next_due > NOW + HOUR
        (left,) = desk.poll(NOW + MINUTE, only=("notes",)).left
        assert left.reason == "not due"
        assert left.until
        assert left.until >= summary.next_due
    assert len(net.requests) == 2
    assert len(desk.poll(NOW + 7 * HOUR).polls) == 2


def test_a_weekly_blog_is_asked_by_its_rhythm(desk: Desk, net: Internet) -> None:
    """The dates of what a poll stored decide when the feed is due again, after the first answer and after a 304."""
    desk.follow(WEEKNIGHT)
    net.serve(FEED, atom("Weeknight ML", BLOG, [post(week, published=NOW - week * 7 * DAY) for week in range(1, 9)]))
    desk.poll()
    assert desk.feed().feed.next_due_at >= NOW + 10 * HOUR
    desk.poll(NOW + DAY)
    assert desk.feed().feed.next_due_at >= NOW + DAY + 10 * HOUR


def test_force_skips_our_own_interval_only(desk: Desk, net: Internet) -> None:
    """`force` asks what is not due and stays conditional; `only` leaves the others alone, unmentioned."""
    desk.follow(WEEKNIGHT, NOTEBOOK)
    publish_both(net)
    desk.poll()
    summary = desk.poll(NOW + MINUTE, only=("weeknight",), force=True)
    assert [(each.feed, each.status) for each in summary.polls] == [("weeknight", 304)]
    assert summary.left == ()


def test_a_limited_host_is_left_alone(desk: Desk, net: Internet) -> None:
    """A 429 pauses its whole host for Retry-After, over commands and against --force; another host goes on (M21 M80)."""
    second = make_subscription(id="second", url=f"{BLOG}/second")
    desk.follow(WEEKNIGHT, second, NOTEBOOK)
    publish_both(net)
    net.serve(second.url, blog(7))
    net.fail("weeknight.example", rate_limited("7200"))
    summary = desk.poll()
    assert [each.outcome for each in summary.polls if each.feed == "notes"] == [Outcome.NEW]
    assert desk.statuses("weeknight.example") == [429]
    paused = desk.storage.hosts()["weeknight.example"].paused_until
    # From the answer on, which comes some moments after the pass began.
    assert paused is not None
    assert timedelta(seconds=7200) <= paused - NOW < timedelta(seconds=7260)
    again = desk.poll(NOW + HOUR, force=True, only=("weeknight", "second"))
    assert again.polls == ()
    assert {(each.feed, each.until) for each in again.left} == {("weeknight", paused), ("second", paused)}
    assert desk.statuses("weeknight.example") == [429]
    net.clear()
    publish_both(net)
    net.serve(second.url, blog(7))
    healed = desk.poll(NOW + 3 * HOUR, only=("weeknight", "second"))
    assert {(each.feed, each.outcome) for each in healed.polls} == {("weeknight", Outcome.NEW), ("second", Outcome.NEW)}
    assert desk.feed().feed.failures == 0


def test_retry_after_counts_from_the_answer(desk: Desk) -> None:
    """A host that asked for two hours, a minute and a half after the pass began, is left alone for these two hours (M80)."""
    desk.follow(WEEKNIGHT)
    config = make_config(desk.path, subscriptions=desk.followed)
    reconcile(config, desk.storage, now=NOW)
    together = Together(desk.storage)
    here = Pass(
        config=config,
        storage=desk.storage,
        together=together,
        now=NOW,
        since=SINCE,
        rows={"weeknight": desk.feed()},
    )
    asked = Request(feed="weeknight", door=Door.FEED, url=FEED, host="weeknight.example", delay=0, timeout=9)
    error = RateLimitedError("It asks for a pause.", status=429, retry_after="7200", feed="weeknight", url=FEED)
    together.begin()
    take(here, Failure(request=asked, error=error, host="weeknight.example", late=90))
    together.end()
    until = NOW + timedelta(seconds=7200 + 90)
    assert desk.storage.hosts()["weeknight.example"].paused_until == until
    due = desk.feed().feed.next_due_at
    assert due is not None
    assert due >= until


def test_the_feeds_own_address_is_kept_whatever_it_calls_itself(desk: Desk, net: Internet) -> None:
    """A rel=self to another scheme, host or channel id is not followed and not stored: the next request is the same (M12)."""
    owner = KARPATHY.id
    url = f"https://www.youtube.com/feeds/videos.xml?channel_id={owner}"
    own = f'<link rel="self" href="http://elsewhere.example/feeds/videos.xml?channel_id={owner.removeprefix("UC")}"/>'
    desk.follow(replace(TALKS, videos=("long", "shorts", "live")))
    for day in (0, 1):
        text = (
            f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:yt="http://www.youtube.com/xml/schemas/2015">{own}'
            f"<id>yt:channel:{owner.removeprefix('UC')}</id><yt:channelId>{owner.removeprefix('UC')}</yt:channelId>"
            f"<title>Andrej Karpathy</title><updated>2026-11-2{day}T00:00:00Z</updated></feed>"
        )
        net.serve("https://www.youtube.com/feeds/videos.xml", text)
        assert desk.poll(NOW + day * DAY).polls[0].outcome is Outcome.UNCHANGED
    assert [seen.url for seen in net.requests if "/feeds/" in seen.path] == [url, url]
    assert desk.feed("talks").moved_to == ""
    assert "elsewhere.example" not in net.strays


def test_paused_and_unsubscribed_feeds_rest(desk: Desk, net: Internet) -> None:
    """A paused feed is not asked, not even by force, and keeps what it had; resumed, all unseen is news."""
    desk.follow(WEEKNIGHT)
    net.serve(FEED, blog(1))
    desk.poll()
    desk.follow(replace(WEEKNIGHT, paused=True))
    net.serve(FEED, blog(1, 2, published=NOW - 300 * DAY))
    resting = desk.poll(NOW + DAY, force=True)
    assert (resting.polls, [each.reason for each in resting.left]) == ((), ["paused in feeds.toml"])
    desk.follow(WEEKNIGHT)
    assert desk.one(NOW + 2 * DAY).new == 1
    assert desk.titles() == {"Post 1", "Post 2"}
    desk.follow()
    assert desk.poll(NOW + 4 * DAY).polls == ()
    assert desk.titles() == {"Post 1", "Post 2"}


def test_subscribed_again_takes_a_new_baseline(desk: Desk, net: Internet) -> None:
    """After a time unsubscribed, a first answer is asked for bare, and what was published meanwhile is backlog."""
    desk.follow(WEEKNIGHT)
    net.serve(FEED, blog(1), etag='"1"')
    desk.poll()
    desk.follow()
    desk.poll(NOW + DAY)
    desk.follow(WEEKNIGHT)
    away = [post(1), post(2, published=NOW + 2 * DAY), post(3, published=NOW + 59 * DAY)]
    net.serve(FEED, atom("Weeknight ML", BLOG, away), etag='"2"')
    again = desk.one(NOW + 60 * DAY, since=NOW + 56 * DAY)
    assert (again.new, again.backlog) == (2, 1)
    assert "if-none-match" not in net.requests[-1].headers


def test_a_renamed_id_keeps_its_state(desk: Desk, net: Internet) -> None:
    """A new id with a vanished id's address is a rename: validators and due times go along, nothing is news again."""
    desk.follow(WEEKNIGHT)
    net.serve(FEED, blog(1), etag='"1"')
    desk.poll()
    desk.follow(replace(WEEKNIGHT, id="renamed"))
    summary = desk.poll(NOW + MINUTE)
    assert summary.polls == ()
    assert summary.notes == ("weeknight is called renamed now: its history is kept",)
    assert desk.one(NOW + DAY).status == 304
    assert desk.storage.feed("weeknight") is None


def test_a_changed_address_starts_afresh(desk: Desk, net: Internet) -> None:
    """Another URL under the same id gets no validators of the old one, is due at once and takes its own baseline (M76)."""
    desk.follow(WEEKNIGHT)
    net.serve(FEED, blog(1), etag='"1"')
    desk.poll()
    other = "https://other.example/feed"
    desk.follow(replace(WEEKNIGHT, url=other))
    net.serve(other, atom("Other", "https://other.example", [post(8), post(9, published=SINCE - DAY)]), etag='"1"')
    done = desk.one(NOW + MINUTE)
    assert (done.status, done.new, done.backlog) == (200, 2, 1)
    assert "if-none-match" not in net.requests[-1].headers
    assert desk.titles() == {"Post 1", "Post 8"}


# ---------------------------------------------------------------- trouble


def test_a_failing_neighbour_stops_nobody(desk: Desk, net: Internet) -> None:
    """A refused connection, an error status and a page that is no feed are each stored as failed; the others are read (M7)."""
    bad = [make_subscription(id=f"bad-{number}", url=f"https://bad{number}.example/feed") for number in range(3)]
    desk.follow(*bad, WEEKNIGHT, NOTEBOOK)
    publish_both(net)
    net.refuse("bad0.example")
    net.fail("bad1.example", 500)
    net.serve(bad[2].url, "<html></html>", content_type="text/html")
    polls = {each.feed: each for each in desk.poll().polls}
    assert {feed for feed, each in polls.items() if each.outcome is Outcome.FAILED} == {each.id for each in bad}
    assert {polls["weeknight"].new, polls["notes"].new} == {1}
    for each in bad:
        door = desk.feed(each.id).feed
        assert (door.failures, door.failing_since) == (1, NOW)
        assert door.last_error == polls[each.id].error
        assert door.next_due_at
        assert door.next_due_at >= NOW + 30 * MINUTE


def test_without_a_network_nothing_is_counted(desk: Desk, net: Internet) -> None:
    """When the network is down every feed is told as local, no counter rises, and it is asked again soon (M94)."""
    desk.follow(WEEKNIGHT, NOTEBOOK, TALKS)
    publish_both(net)
    YouTube(net).channel(KARPATHY)
    net.unplug()
    summary = desk.poll()
    assert summary.is_network_down
    assert {each.door for each in summary.polls} == {Door.FEED}
    for each in desk.storage.feeds():
        assert (each.feed.failures, each.feed.failing_since, each.first_polled_at) == (0, None, None)
    net.plug()
    assert not desk.poll(NOW + 30 * MINUTE).is_network_down
    assert desk.titles() == {"Post 1", "Post 2"}


def test_back_off_grows_and_success_ends_it(desk: Desk, net: Internet) -> None:
    """Failures are asked again ever later; one answer resets counter, error and due time (M84)."""
    desk.follow(WEEKNIGHT)
    net.serve(FEED, blog(1))
    net.fail(FEED, 500, times=3)
    now, waits = NOW, []
    for _ in range(3):
        desk.poll(now)
        due = desk.feed().feed.next_due_at
        assert due
        waits.append(due - now)
        now = due
    assert waits[0] < waits[1] < waits[2]
    assert desk.feed().feed.failures == 3
    assert desk.one(now).outcome is Outcome.NEW
    door = desk.feed().feed
    assert (door.failures, door.failing_since, door.last_error) == (0, None, "")


def test_gone_takes_two_days_and_a_hand_revives_it(desk: Desk, net: Internet) -> None:
    """A 410 is asked again on another day, then weekly; `poll ID --force` revives what came back (M83)."""
    desk.follow(WEEKNIGHT)
    net.fail(FEED, 410, times=2)
    net.serve(FEED, blog(1))
    desk.poll()
    assert desk.feed().gone_since == NOW
    due = desk.feed().feed.next_due_at
    assert due
    assert DAY <= due - NOW < 2 * DAY
    assert desk.one(due).outcome is Outcome.FAILED
    again = desk.feed().feed.next_due_at
    assert again
    assert again - due >= 6 * DAY
    assert desk.feed().gone_since == NOW
    revived = desk.one(due + HOUR, only=("weeknight",), force=True)
    assert revived.outcome is Outcome.NEW
    assert desk.feed().gone_since is None


def test_stopped_in_the_middle(desk: Desk, net: Internet) -> None:
    """Once told to stop, what has arrived is stored and the rest is cancelled without a failure; it is due next time."""
    desk.follow(WEEKNIGHT, NOTEBOOK)
    publish_both(net)
    net.fail("notes.example", Reply(hang=True), times=1)
    arrived: list[Poll] = []
    summary = desk.poll(stop=lambda: bool(arrived), report=arrived.append)
    assert [each.feed for each in summary.polls] == ["weeknight"]
    assert summary.is_stopped
    assert desk.titles() == {"Post 1"}
    assert desk.feed("notes").feed.failures == 0
    assert desk.one(NOW + MINUTE).feed == "notes"


def test_progress_is_told(desk: Desk, net: Internet) -> None:
    """`plan` hears how many requests there will be, listings that become due included; `report` hears each."""
    desk.follow(WEEKNIGHT, TALKS)
    publish_both(net)
    YouTube(net).channel(KARPATHY, videos=[video(1)])
    planned: list[int] = []
    told: list[Poll] = []
    summary = desk.poll(plan=planned.append, report=told.append)
    assert planned == [2, 3]
    assert tuple(told) == summary.polls == desk.storage.polls()


# ---------------------------------------------------------------- moves


def test_a_move_is_believed_after_days(desk: Desk, net: Internet) -> None:
    """A permanent redirect is followed at once and adopted after days; then the old address is not asked (M81)."""
    desk.follow(WEEKNIGHT)
    new = f"{BLOG}/posts.xml"
    net.redirect(FEED, new)
    net.serve(new, blog(1), etag='"1"')
    for days in (0, 1, 2):
        desk.poll(NOW + days * DAY)
        assert (desk.feed().moved_to, desk.feed().feed.url) == (new, "")
    desk.poll(NOW + 4 * DAY)
    assert (desk.feed().moved_to, desk.feed().feed.url) == ("", new)
    asked = len(net.requests)
    desk.poll(NOW + 5 * DAY)
    assert [seen.url for seen in net.requests[asked:]] == [new]
    assert desk.titles() == {"Post 1"}


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_temporary_redirect_is_only_followed(desk: Desk, net: Internet, status: int) -> None:
    """302, 303 and 307, alone or in a chain after a 301, are followed and change nothing (M81)."""
    desk.follow(WEEKNIGHT)
    net.redirect(FEED, f"{BLOG}/middle")
    net.redirect(f"{BLOG}/middle", f"{BLOG}/end", status=status)
    net.serve(f"{BLOG}/end", blog(1))
    for days in (0, 5):
        desk.poll(NOW + days * DAY)
    assert (desk.feed().moved_to, desk.feed().feed.url) == ("", "")
    assert desk.titles() == {"Post 1"}


def test_http_becomes_https_at_once(desk: Desk, net: Internet) -> None:
    """A permanent redirect that only adds TLS is adopted with the first answer."""
    desk.follow(replace(WEEKNIGHT, url="http://weeknight.example/feed"))
    net.redirect("http://weeknight.example/feed", FEED)
    net.serve(FEED, blog(1))
    desk.poll()
    assert desk.feed().feed.url == FEED


def test_another_domain_takes_the_readers_word(desk: Desk, net: Internet) -> None:
    """A move to another registered domain is followed and noted, never adopted; when it ends the note goes."""
    desk.follow(WEEKNIGHT)
    new = "https://elsewhere.example/feed"
    net.redirect(FEED, new)
    net.serve(new, blog(1))
    for days in (0, 5, 10):
        desk.poll(NOW + days * DAY)
    assert (desk.feed().moved_to, desk.feed().moved_since, desk.feed().feed.url) == (new, NOW, "")
    net.serve(FEED, blog(1, 2))
    desk.poll(NOW + 12 * DAY)
    assert (desk.feed().moved_to, desk.feed().moved_since) == ("", None)


# ---------------------------------------------------------------- YouTube's two doors, arXiv's day


def lectures(net: Internet, count: int, *, published: datetime = NOW - DAY) -> Shelf:
    """Put up a playlist with so many videos."""
    videos = [video(number, published=published) for number in range(1, count + 1)]
    return YouTube(net).playlist(PLAYLIST, title="Lectures", owner=KARPATHY, videos=videos)


def doors(polls: tuple[Poll, ...]) -> list[Door]:
    return [each.door for each in polls]


def test_a_short_playlist_is_listed_once(desk: Desk, net: Internet) -> None:
    """A playlist that fits into its feed is listed at the first poll only; the listing brings the lengths."""
    desk.follow(COURSE)
    lectures(net, 3)
    assert doors(desk.poll().polls) == [Door.FEED, Door.LISTING]
    assert {each.duration for each in desk.storage.entries()} == {600}
    assert doors(desk.poll(NOW + 30 * HOUR).polls) == [Door.FEED]


@pytest.mark.parametrize(
    ("order", "hours"), [(range(1, 18), 24), (range(17, 0, -1), 10)], ids=["newest first", "newest last"]
)
def test_the_order_of_a_playlist_decides_how_often_it_is_listed(
    desk: Desk, net: Internet, order: range, hours: int
) -> None:
    """M9 M34: the dates that the feed gives tell where a full playlist grows; where that is not its top, it is listed every ten hours."""
    desk.follow(COURSE)
    shelf = lectures(net, 0)
    shelf.videos[:] = [video(age, published=NOW - age * HOUR) for age in order]
    desk.poll()
    for look in range(1, 30):
        shelf.videos.insert(0 if hours == 24 else len(shelf.videos), video(100 + look, published=NOW + look * HOUR))
        done = desk.poll(NOW + look * HOUR)
        if Door.LISTING in doors(done.polls):
            break
    assert hours < look <= hours + 2


@pytest.mark.parametrize(("min_duration", "expected"), [(600.0, 600), (0.0, None)])
def test_a_length_that_decides_is_there_in_time(
    desk: Desk, net: Internet, min_duration: float, expected: int | None
) -> None:
    """With `min_duration` the length of an evening's video is known in the morning, though the list was read at noon."""
    desk.follow(replace(TALKS, min_duration=min_duration))
    shelf = YouTube(net).channel(KARPATHY, videos=[video(1)])
    assert doors(desk.poll().polls) == [Door.FEED, Door.LISTING]
    shelf.videos.insert(0, video(2, published=NOW + HOUR))
    for hours in (3, 6, 9, 12):
        desk.poll(NOW + hours * HOUR)
    stored = desk.storage.entry(f"youtube:{video(2).id}")
    assert stored
    assert stored.duration == expected


def test_a_video_that_its_feed_lacks_is_looked_for(desk: Desk, net: Internet) -> None:
    """M28 M30: a short playlist is listed again until it is known what became of a video that its feed shows no longer."""
    desk.follow(COURSE)
    shelf = lectures(net, 4)
    desk.poll()
    shelf.videos[:2] = [video(1, placeholder="[Private video]")]
    assert [doors(desk.poll(NOW + days * 27 * HOUR).polls) for days in (1, 2, 3, 4)] == [
        *([Door.FEED, Door.LISTING], [Door.FEED, Door.LISTING], [Door.FEED], [Door.FEED]),
    ]
    assert {each.title: each.availability for each in desk.storage.course("course")} == {
        "Video 1": "private",
        "Video 3": "",
        "Video 4": "",
    }


def test_a_full_playlist_is_listed_daily(desk: Desk, net: Internet) -> None:
    """With fifteen entries in the feed the flat list is asked as well, once a day and not with every poll (M9 M34)."""
    desk.follow(COURSE)
    lectures(net, 15)
    desk.poll()
    assert doors(desk.poll(NOW + 3 * HOUR).polls) == [Door.FEED]
    assert doors(desk.poll(NOW + 27 * HOUR).polls) == [Door.FEED, Door.LISTING]


def test_a_lecture_leaves_after_listings_of_two_days(desk: Desk, net: Internet) -> None:
    """What one complete listing lacks stays in the course; listings of two days without it end that (M30)."""
    desk.follow(COURSE)
    shelf = YouTube(net).playlist(PLAYLIST, title="L", owner=KARPATHY, videos=[video(each) for each in range(16)])
    desk.poll()
    shelf.videos = [video(each) for each in range(1, 17)]
    desk.poll(NOW + 26 * HOUR)
    assert len(desk.storage.course("course")) == 17
    desk.poll(NOW + 53 * HOUR)
    assert "Video 0" not in {each.title for each in desk.storage.course("course")}
    assert len(desk.storage.course("course")) == 16


def test_a_gap_calls_for_the_listing(desk: Desk, net: Internet) -> None:
    """A channel's feed full of unknown videos may have lost some: the newest page is listed at once (M8)."""
    desk.follow(TALKS)
    shelf = YouTube(net).channel(KARPATHY, videos=[video(1)])
    desk.poll()
    assert doors(desk.poll(NOW + 3 * HOUR).polls) == [Door.FEED]
    shelf.videos[:0] = [video(number, published=NOW + DAY) for number in range(120, 100, -1)]
    polls = desk.poll(NOW + 2 * DAY).polls
    assert doors(polls) == [Door.FEED, Door.LISTING]
    assert [each.new for each in polls] == [15, 5]
    assert len(desk.titles()) == 21


@pytest.mark.parametrize("fresh", [29, 45, 120])
def test_a_gap_is_closed_whatever_its_size(desk: Desk, net: Internet, fresh: int) -> None:
    """However many videos came at once, each is news, and what stood below the known ones is backlog (M8 M10)."""
    desk.follow(TALKS)
    old = [video(number, published=NOW - 100 * DAY) for number in range(40, 20, -1)]
    shelf = YouTube(net).channel(KARPATHY, videos=old)
    desk.poll()
    shelf.videos[:0] = [video(number, published=NOW + DAY) for number in range(100 + fresh, 100, -1)]
    polls = desk.poll(NOW + 2 * DAY).polls
    assert doors(polls) == [Door.FEED, Door.LISTING]
    assert sum(each.new - each.backlog for each in polls) == fresh
    assert len(desk.titles()) == fresh


def test_a_gap_without_anything_known_is_closed_too(desk: Desk, net: Internet) -> None:
    """Where nothing that stood there before is left, what the feed has just brought hides nothing below it (M8)."""
    desk.follow(TALKS)
    shelf = YouTube(net).channel(KARPATHY, videos=[video(1)])
    desk.poll()
    shelf.videos[:] = [video(number, published=NOW + DAY) for number in range(145, 100, -1)]
    polls = desk.poll(NOW + 2 * DAY).polls
    assert sum(each.new - each.backlog for each in polls) == 45


def test_a_list_that_stays_short_still_brings_news(desk: Desk, net: Internet) -> None:
    """A playlist that always lists fewer than it announces is settled at the second look: then what comes is news (M29)."""
    desk.follow(COURSE)
    shelf = lectures(net, 17, published=NOW - 400 * DAY)
    shelf.announced = 40
    desk.poll()
    desk.poll(NOW + 25 * HOUR)
    shelf.videos.append(video(99, published=NOW + 26 * HOUR))
    polls = desk.poll(NOW + 50 * HOUR).polls
    assert [(each.door, each.new, each.backlog) for each in polls if each.new] == [(Door.LISTING, 1, 0)]


def test_the_listing_stands_in_for_a_feed_that_is_down(desk: Desk, net: Internet) -> None:
    """While YouTube's feed answers 404 for hours, the listing brings what is new; nothing is disabled (M19 M32)."""
    desk.follow(TALKS)
    shelf = YouTube(net).channel(KARPATHY, videos=[video(1)])
    desk.poll()
    net.fail(f"{SITE}/feeds/videos.xml", 404)
    now = NOW + 3 * HOUR
    assert doors(desk.poll(now).polls) == [Door.FEED]
    shelf.videos.insert(0, video(2, published=now))
    now += 25 * HOUR
    polls = desk.poll(now).polls
    assert [(each.door, each.outcome) for each in polls] == [(Door.FEED, Outcome.FAILED), (Door.LISTING, Outcome.NEW)]
    assert desk.titles() == {"Video 1", "Video 2"}
    due = desk.feed("talks").feed.next_due_at
    assert due
    assert due - now <= 5 * HOUR


def feed_params(net: Internet) -> list[str]:
    """Tell which lists or channels YouTube's feeds were asked for."""
    asked = [seen.params for seen in net.requests if seen.path == "/feeds/videos.xml"]
    return [each.get("playlist_id") or each["channel_id"] for each in asked]


def test_a_missing_list_of_one_kind_gives_way_to_the_channel(desk: Desk, net: Internet) -> None:
    """After three 404s in a row of the UULF feed the channel's own feed is asked, and kept when it answers (M17)."""
    desk.follow(make_subscription(id="talks", channel=KARPATHY.id, title="Andrej Karpathy", videos=("long",)))
    YouTube(net).channel(KARPATHY, videos=[video(1)])
    long_ones = f"UULF{KARPATHY.id[2:]}"
    desk.poll()
    net.fail(f"{SITE}/feeds/videos.xml?playlist_id={long_ones}", 404)
    for hours in (5, 10):
        desk.poll(NOW + hours * HOUR)
    assert feed_params(net) == [long_ones] * 3
    polls = [each for each in desk.poll(NOW + 15 * HOUR).polls if each.door is Door.FEED]
    assert [each.outcome for each in polls] == [Outcome.FAILED, Outcome.UNCHANGED]
    assert desk.feed("talks").feed.url.endswith(f"channel_id={KARPATHY.id}")
    assert desk.feed("talks").feed.failures == 0
    desk.poll(NOW + 20 * HOUR)
    assert feed_params(net) == [*[long_ones] * 4, KARPATHY.id, KARPATHY.id]
    assert desk.titles() == {"Video 1"}


def test_an_outage_is_probed_once(desk: Desk, net: Internet) -> None:
    """Where the channel's feed answers 404 as well, the list stays what is asked, and is not probed again (M17 M19)."""
    desk.follow(make_subscription(id="talks", channel=KARPATHY.id, title="Andrej Karpathy", videos=("long",)))
    YouTube(net).channel(KARPATHY, videos=[video(1)])
    desk.poll()
    net.fail(f"{SITE}/feeds/videos.xml", 404)
    for step in range(1, 7):
        desk.poll(NOW + step * 5 * HOUR)
    assert feed_params(net).count(KARPATHY.id) == 1
    assert desk.feed("talks").feed.url == ""


def test_a_channels_whole_feed_is_no_list_to_probe(desk: Desk, net: Internet) -> None:
    """A channel followed whole has no other feed to fall back to (M17)."""
    desk.follow(TALKS)
    YouTube(net).channel(KARPATHY, videos=[video(1)])
    net.fail(f"{SITE}/feeds/videos.xml", 404)
    for step in range(5):
        desk.poll(NOW + step * 5 * HOUR)
    assert feed_params(net) == [KARPATHY.id] * 5


def test_a_partial_listing_takes_no_baseline(desk: Desk, net: Internet) -> None:
    """Fewer entries than announced are partial: stored, but the door's baseline waits for a complete list (M29)."""
    desk.follow(COURSE)
    shelf = lectures(net, 17, published=NOW - 400 * DAY)
    shelf.announced = 40
    polls = desk.poll().polls
    assert [(each.door, each.outcome, each.entries) for each in polls][1:] == [(Door.LISTING, Outcome.PARTIAL, 17)]
    assert desk.feed("course").listing_complete_at is None
    shelf.announced = None
    shelf.videos += [video(number, published=NOW - 400 * DAY) for number in (18, 19)]
    whole = desk.poll(NOW + 26 * HOUR).polls
    assert (whole[-1].door, whole[-1].entries, whole[-1].backlog) == (Door.LISTING, 19, 2)
    assert desk.feed("course").listing_complete_at == NOW + 26 * HOUR
    assert desk.titles() == set()


def test_placeholders_are_no_entries(desk: Desk, net: Internet) -> None:
    """A private video in the list makes no entry; one that was known keeps its title and comes back unannounced (M15 M28)."""
    desk.follow(COURSE)
    shelf = lectures(net, 2)
    shelf.layout = "renderer"
    shelf.videos.append(video(3, placeholder="[Private video]"))
    desk.poll()
    assert desk.titles() == {"Video 1", "Video 2"}
    shelf.videos[0] = video(1, placeholder="[Deleted video]")
    shelf.videos += [video(number) for number in range(4, 18)]
    desk.poll(NOW + 26 * HOUR)
    assert "Video 1" in desk.titles()
    availability = {each.title: each.availability for each in desk.storage.entries()}
    assert availability["Video 1"] == "deleted"
    assert availability["Video 2"] == ""


def test_a_premiere_is_looked_at_daily_until_it_is_over(desk: Desk, net: Internet) -> None:
    """M15: seen in the feed first, known as upcoming by the list, with its hour, asked for daily, and then let go."""
    desk.follow(COURSE)
    shelf = lectures(net, 2)
    shelf.layout = "renderer"
    desk.poll()
    starts = NOW + 5 * DAY
    shelf.videos.append(video(3, published=NOW + HOUR, duration=None, is_upcoming=True, starts=starts))
    later = NOW + 25 * HOUR
    assert doors(desk.poll(later).polls) == [Door.FEED, Door.LISTING]
    premiere = desk.storage.entry(f"youtube:{video(3).id}")
    assert premiere
    assert (premiere.upcoming_at, premiere.release_at, premiere.duration) == (later, starts, None)
    assert doors(desk.poll(later + 27 * HOUR).polls) == [Door.FEED, Door.LISTING]
    shelf.videos[2] = video(3, published=NOW + HOUR)
    assert doors(desk.poll(later + 54 * HOUR).polls) == [Door.FEED, Door.LISTING]
    premiere = desk.storage.entry(f"youtube:{video(3).id}")
    assert premiere
    assert (premiere.upcoming_at, premiere.release_at, premiere.duration) == (None, None, 600)
    assert doors(desk.poll(later + 81 * HOUR).polls) == [Door.FEED]


SUNDAY = datetime(2026, 11, 29, 18, 0, tzinfo=UTC)
CLOSE = SUNDAY + 13 * HOUR


def before_a_close(desk: Desk, net: Internet, *, listed: datetime) -> Shelf:
    """Follow a channel whose list was asked last at this moment; then a premiere appears, an hour after Sunday evening."""
    desk.follow(TALKS)
    shelf = YouTube(net).channel(KARPATHY, videos=[video(1)])
    desk.poll(SUNDAY - 3 * DAY, since=SUNDAY - 6 * DAY)
    shelf.videos.insert(0, video(2, published=listed - HOUR))
    assert doors(desk.poll(listed, closes_at=CLOSE).polls) == [Door.FEED, Door.LISTING]
    premiere = video(3, title="The premiere", published=max(listed, SUNDAY) + HOUR, duration=None, is_upcoming=True)
    shelf.videos.insert(0, premiere)
    return shelf


def announced(desk: Desk) -> bool:
    """Close the week's issue, and tell whether it announces the premiere."""
    config = make_config(desk.path, subscriptions=desk.followed)
    (issue,) = close_overdue(config, desk.storage, now=CLOSE + MINUTE)
    return b"premiere" in issue.rendered


def test_a_premiere_of_the_last_day_is_known_before_the_close(desk: Desk, net: Internet) -> None:
    """M15 M34: what the list has not told of a new video is asked once in the hour before the close, so no issue announces it."""
    before_a_close(desk, net, listed=SUNDAY - 4 * HOUR)
    looks = [doors(desk.poll(SUNDAY + hours * HOUR, closes_at=CLOSE).polls) for hours in range(2, 13)]
    assert [Door.LISTING in each for each in looks] == [False] * 10 + [True]
    assert Door.LISTING not in doors(desk.poll(CLOSE + MINUTE, closes_at=CLOSE).polls)
    assert not announced(desk)


def test_a_late_close_asks_for_a_premiere_too(desk: Desk, net: Internet) -> None:
    """M15: where nothing ran in the last hour, the list is asked when the close is overdue, by the same poll that brings the video."""
    before_a_close(desk, net, listed=SUNDAY - 4 * HOUR)
    assert doors(desk.poll(CLOSE + MINUTE, closes_at=CLOSE).polls) == [Door.FEED, Door.LISTING]
    assert not announced(desk)


def test_what_cannot_be_known_before_the_close_is_announced(desk: Desk, net: Internet) -> None:
    """M34: a list that was asked five hours before the close is not asked again for it, and nothing is held on a guess."""
    before_a_close(desk, net, listed=CLOSE - 5 * HOUR)
    asked = [
        each
        for minutes in (120, 240, 299, 301)
        for each in desk.poll(CLOSE + (minutes - 300) * MINUTE, closes_at=CLOSE).polls
    ]
    assert Door.LISTING not in doors(tuple(asked))
    assert announced(desk)


def test_a_list_that_fails_is_not_asked_again_for_a_close(desk: Desk, net: Internet) -> None:
    """M34: the back-off of a list that could not be read holds before a close, too."""
    before_a_close(desk, net, listed=SUNDAY - 4 * HOUR)
    desk.poll(CLOSE - 4 * HOUR, closes_at=CLOSE)
    net.fail("www.youtube.com", 503)
    looks = [desk.poll(CLOSE - minutes * MINUTE, closes_at=CLOSE).polls for minutes in (59, 40, 20)]
    listings = [[poll.outcome for poll in each if poll.door is Door.LISTING] for each in looks]
    assert listings == [[Outcome.FAILED], [], []]


@pytest.mark.parametrize("count", [3, 20], ids=["in the feed", "beyond the feed"])
def test_a_video_that_is_put_back_is_the_same(desk: Desk, net: Internet, count: int) -> None:
    """M15 M30: taken out of a playlist for weeks of complete listings and put back, it is one entry, and no news."""
    desk.follow(COURSE)
    shelf = lectures(net, count)
    desk.poll()
    before = {each.key: each.first_seen for each in desk.storage.entries()}
    removed = shelf.videos.pop()
    for days in range(1, 5):
        desk.poll(NOW + days * 26 * HOUR, force=True)
    assert len(desk.storage.course("course")) == count - 1
    shelf.videos.append(removed)
    polls = [desk.poll(NOW + days * 26 * HOUR, force=True).polls for days in (6, 7)]
    assert {poll.new for done in polls for poll in done} == {0}
    assert {each.key: each.first_seen for each in desk.storage.entries()} == before
    assert len(desk.storage.course("course")) == count


def test_a_days_papers_are_never_backlog(desk: Desk, net: Internet) -> None:
    """ArXiv's document is the day's batch: all of it is news at the first answer, replacements of unknown papers are not (M54 M58)."""
    desk.follow(PAPERS)
    kinds = ("new", "cross", "replace", "replace-cross")
    papers = [
        Paper(
            id=f"2611.{9000 + number:05}",
            title=f"Paper {kind}",
            authors="Ada Brandt",
            abstract="We count.",
            announce_type=kind,
        )
        for number, kind in enumerate(kinds)
    ]
    net.serve("https://rss.arxiv.org/rss/cs.CL", arxiv_rss(NOW.date(), papers))
    done = desk.one(since=NOW)
    assert (done.new, done.backlog, done.ignored) == (2, 0, 2)
    assert desk.titles() == {"Paper new", "Paper cross"}


def test_an_empty_weekend_is_healthy(desk: Desk, net: Internet) -> None:
    """A valid feed without entries is a success, also arXiv's on a Saturday (M6 M53)."""
    saturday = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
    desk.follow(PAPERS, WEEKNIGHT)
    net.serve("https://rss.arxiv.org/rss/cs.CL", arxiv_rss(saturday.date(), ()))
    serve_archive(net, tuple)
    net.serve(FEED, blog())
    assert {each.outcome for each in desk.poll(saturday).polls} == {Outcome.UNCHANGED}
    assert {each.feed.failures for each in desk.storage.feeds()} == {0}


def test_a_further_page_is_a_hint_and_not_followed(desk: Desk, net: Internet) -> None:
    """`rel=next` is not asked; where every entry was new it leaves a warning, at the first look none (M87)."""
    desk.follow(WEEKNIGHT)
    further = b'<link rel="next" href="https://weeknight.example/feed?page=2"/></feed>'
    net.serve(FEED, blog(1, 2).replace(b"</feed>", further))
    assert desk.one().warnings == ()
    net.serve(FEED, blog(2, 3).replace(b"</feed>", further))
    assert desk.one(NOW + DAY).warnings == ()
    net.serve(FEED, blog(4, 5).replace(b"</feed>", further))
    (warning,) = desk.one(NOW + 2 * DAY).warnings
    assert "further page" in warning
    net.serve(FEED, blog(6, 7))
    assert desk.one(NOW + 3 * DAY).warnings == ()
    assert {seen.query for seen in net.requests} == {""}


def test_arxivs_errors_are_failures(desk: Desk, net: Internet) -> None:
    """A feed that says 400, or that is titled as an error at 200, fails and brings nothing (M61)."""
    desk.follow(PAPERS)
    error = arxiv_rss(NOW.date(), ()).replace(b"cs.CL updates on arXiv.org", b"Feed error for query: cs.XX")
    net.answer("https://rss.arxiv.org/rss/cs.CL", answering(error))
    assert [desk.one().outcome, desk.one(NOW + DAY).outcome] == [Outcome.FAILED, Outcome.FAILED]
    assert desk.storage.entries() == ()


def answering(body: bytes) -> Callable[[Seen], Reply]:
    """Answer 400 the first time, and the same words at 200 afterwards."""
    statuses = iter((400,))
    return lambda _: Reply(status=next(statuses, 200), body=body, headers={"content-type": "application/rss+xml"})


def publish_both(net: Internet) -> None:
    """Put up the blog with one post, and the newsletter with another."""
    net.serve(FEED, blog(1), etag='"1"')
    net.serve(f"{NOTES}/feed", substack_rss("Small Notes", NOTES, [post(2)]), etag='W/"2"')
