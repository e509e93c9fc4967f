"""A tick of the daemon at the closing hour: on time, late, without a network, beside another poll."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.factories import make_subscription
from tests.internet import Internet
from tests.internet_feeds import Post, atom
from tests.internet_youtube import Channel, Video, YouTube
from tracker import digest
from tracker.config import load
from tracker.daemon import Ticked, tick
from tracker.errors import DigestError
from tracker.models import Config, Door
from tracker.storage import Storage, lock

BLOG = "https://weeknight.example"
START = datetime(2026, 11, 25, 18, 20, tzinfo=UTC)
CLOSES = datetime(2026, 11, 30, 7, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OWNER = Channel(id="UCXUPKJO5MZQN11PqgIvyuvQ", title="Andrej Karpathy", handle="@AndrejKarpathy")
FEEDS = f"""
[http]
host_delay = "0s"
[digest]
timezone = "UTC"
[[feed]]
id = "weeknight"
url = "{BLOG}/feed"
"""

Tick = Callable[[datetime], Ticked]


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """One blog, weekly issues."""
    (tmp_path / "feeds.toml").write_text(FEEDS, encoding="utf-8")
    return load(tmp_path / "feeds.toml")


@pytest.fixture
def at(config: Config, net: Internet, monkeypatch: pytest.MonkeyPatch) -> Tick:
    """Tick at a moment, the first one done: the blog is read and has a post."""
    for name, value in net.environ().items():
        monkeypatch.setenv(name, value)
    publish(net, START)

    def run(moment: datetime) -> Ticked:
        return tick(config, now=lambda: moment)

    run(START)
    return run


def publish(net: Internet, *dates: datetime) -> None:
    """Put up a post for each date."""
    posts = [Post(slug=f"p{each.day}-{each.hour}", title=f"Post of {each:%d %H}", published=each) for each in dates]
    net.serve(f"{BLOG}/feed", atom("Weeknight ML", BLOG, posts))


def labels(ticked: Ticked) -> list[str]:
    return [each.label for each in ticked.closed]


def test_an_issue_closes_at_its_hour(config: Config, at: Tick) -> None:
    """Before the hour nothing closes, within minutes of it the span ends on the hour."""
    assert labels(at(CLOSES - HOUR)) == []
    closed = at(CLOSES + timedelta(seconds=20)).closed
    assert [(each.label, each.end) for each in closed] == [("2026-W48", CLOSES)]
    assert labels(at(CLOSES + timedelta(seconds=50))) == []


def test_a_late_close_asks_first(config: Config, net: Internet, at: Tick) -> None:
    """After a sleep the feeds are asked, and what they bring stands in the late issue."""
    late = CLOSES + 3 * HOUR
    publish(net, START, CLOSES - HOUR)
    (issue,) = at(late).closed
    assert issue.end >= late
    assert "Post of 30 06" in issue.rendered.decode()


def test_a_late_close_waits_for_the_network(config: Config, net: Internet, at: Tick) -> None:
    """Offline after a sleep, a close waits six hours from the first attempt, and not longer."""
    net.unplug()
    first = CLOSES + 2 * HOUR
    waited = [at(first + step * HOUR) for step in range(6)]
    assert {each.waits_for_network for each in waited} == {True}
    assert [labels(each) for each in waited] == [[]] * 6
    assert labels(at(first + 6 * HOUR)) == ["2026-W48"]


def test_a_late_close_waits_until_everybody_is_asked_again(
    config: Config, net: Internet, at: Tick, tmp_path: Path
) -> None:
    """When the network is back, the issue is not closed between the first and the last of those who failed without."""
    (tmp_path / "feeds.toml").write_text(f'{FEEDS}\n[[feed]]\nid = "other"\nurl = "https://other.example/feed"\n')
    both = load(tmp_path / "feeds.toml")
    net.serve("https://other.example/feed", atom("Other", "https://other.example", []))
    tick(both, now=lambda: START + HOUR)
    net.unplug()
    late = CLOSES + 2 * HOUR
    assert tick(both, now=lambda: late).waits_for_network
    net.plug()
    publish(net, START, CLOSES - HOUR)
    with Storage.open(both.database, now=late) as storage:
        first, last = sorted(each.feed.next_due_at for each in storage.feeds() if each.feed.next_due_at)
    assert first < last

    assert tick(both, now=lambda: first).waits_for_network
    assert labels(tick(both, now=lambda: last)) == ["2026-W48"]


def test_a_late_close_waits_for_another_poll(config: Config, at: Tick) -> None:
    """While another process polls, a late close is left to the next tick; an issue is not closed half asked."""
    late = CLOSES + 3 * HOUR
    with lock(config.database, "poll"):
        ticked = at(late)
        assert labels(ticked) == []
        assert "poll" in ticked.busy
    assert labels(at(late + timedelta(seconds=30))) == ["2026-W48"]


def test_a_tick_before_the_close_asks_for_premieres(config: Config, net: Internet, at: Tick) -> None:
    """M15: the tick in the last hour asks a channel's list what its feed does not tell, so that no issue announces a premiere."""
    talks = make_subscription(id="talks", channel=OWNER.id, title="Talks")
    both = replace(config, subscriptions=(*config.subscriptions, talks))
    shelf = YouTube(net).channel(
        OWNER, videos=[Video(id="already000A", title="Earlier", channel=OWNER, published=START)]
    )
    tick(both, now=lambda: CLOSES - 20 * HOUR)
    premiere = Video(id="premiere00A", title="First showing", channel=OWNER, published=CLOSES - 12 * HOUR)
    shelf.videos.insert(0, replace(premiere, duration=None, is_upcoming=True))
    polled = [tick(both, now=lambda at=at: at).summary.polls for at in (CLOSES - 9 * HOUR, CLOSES - 30 * MINUTE)]  # type: ignore[misc]  # the loop's value
    assert [Door.LISTING in {each.door for each in polls} for polls in polled] == [False, True]
    (issue,) = tick(both, now=lambda: CLOSES + timedelta(seconds=20)).closed
    assert "Earlier" in issue.rendered.decode()
    assert "First showing" not in issue.rendered.decode()


def test_what_comes_back_with_the_network_is_in_the_late_issue(config: Config, net: Internet, at: Tick) -> None:
    """The close waits, the network is there again after two hours, the feeds are asked, and the span ends then."""
    net.unplug()
    first = CLOSES + 2 * HOUR
    assert at(first).waits_for_network
    net.plug()
    publish(net, START, CLOSES - HOUR)
    (issue,) = at(first + 2 * HOUR).closed
    assert (issue.label, issue.end) == ("2026-W48", first + 2 * HOUR + timedelta(seconds=1))
    assert "Post of 30 06" in issue.rendered.decode()


def test_weeks_asleep_are_one_issue(config: Config, net: Internet, at: Tick) -> None:
    """After three weeks off there is one page, which names its real span; the skipped labels answer with it."""
    publish(net, START, CLOSES + 9 * DAY)
    woken = CLOSES + 15 * DAY
    (issue,) = at(woken).closed
    assert (issue.label, issue.covers) == ("2026-W50", ("2026-W48", "2026-W49"))
    assert "18 November to 15 December 2026" in issue.rendered.decode()
    assert "three weeks in one issue" in issue.rendered.decode()
    assert labels(at(woken + HOUR)) == []
    with Storage.open(config.database, now=woken) as storage:
        for label in issue.covers:
            with pytest.raises(DigestError, match=f"{label} was missed and is covered by 2026-W50"):
                digest.rebuild(config, storage, label, rerender=False)


def test_with_every_feed_down_the_page_still_comes(config: Config, net: Internet, at: Tick) -> None:
    """Hosts that answer with errors are no missing network: a late close waits for nobody, and says what it is."""
    assert labels(at(CLOSES)) == ["2026-W48"]
    net.fail("weeknight.example", 503)
    for days in (1, 3, 5):
        at(CLOSES + days * DAY)
    (issue,) = at(CLOSES + 7 * DAY + 3 * HOUR).closed
    text = issue.rendered.decode()
    assert issue.label == "2026-W49"
    assert "Nothing new. Your feed does not answer; the end of the page says more." in text
    assert "- Weeknight ML failed four times since Tuesday 1 December" in text
    assert (config.digest.folder / "2026-W49.md").read_text() == text


def test_a_delivery_is_tried_at_every_tick_until_it_succeeded_once(config: Config, at: Tick) -> None:
    """A folder that cannot be written costs no issue; once it was written, a page that is thrown away stays away."""
    config.digest.folder.write_text("a file where the folder should be")
    ticked = at(CLOSES)
    assert labels(ticked) == ["2026-W48"]
    assert [each.issue for each in ticked.undelivered] == ["2026-W48"]
    assert [each.issue for each in at(CLOSES + HOUR).undelivered] == ["2026-W48"]
    config.digest.folder.unlink()
    assert at(CLOSES + 2 * HOUR).undelivered == ()
    page = config.digest.folder / "2026-W48.md"
    page.unlink()
    assert at(CLOSES + 3 * HOUR).undelivered == ()
    assert not page.exists()


def test_an_hour_that_comes_twice_closes_once(config: Config, at: Tick) -> None:
    """Half past one on the night when London's clocks go back is one closing hour, the first of the two."""
    autumn = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 01:30 British Summer Time; an hour later it is 01:30 again
    settings = replace(config.digest, timezone="Europe/London", at="sun 01:30")
    config = replace(config, digest=settings, database=config.database.with_name("autumn.db"))

    def ticked(moment: datetime) -> list[str]:
        return labels(tick(config, now=lambda: moment))

    minute = timedelta(minutes=1)
    assert ticked(autumn - DAY) == []
    found = [ticked(autumn + step * minute) for step in (-1, 0, 1, 59, 60, 61, 120)]
    assert found == [[], ["2026-W43"], [], [], [], [], []]
    assert ticked(autumn + 7 * DAY + HOUR) == ["2026-W44"]


def test_old_polls_are_forgotten(config: Config, at: Tick) -> None:
    """The history of polls is kept for 90 days, or as long as `keep_polls` says."""
    config = replace(config, keep_polls=timedelta(days=200))
    tick(config, now=lambda: START + timedelta(days=150))
    with Storage.open(config.database, now=START) as storage:
        assert storage.polls()[0].at == START
    later = START + timedelta(days=241)
    at(later)
    with Storage.open(config.database, now=later) as storage:
        assert {each.at for each in storage.polls()} == {later}
