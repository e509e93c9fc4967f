"""The history of polls, and what is remembered of hosts between two commands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.factories import NOW, make_poll, make_subscription, subscribe
from tracker.errors import StorageError
from tracker.models import Door, HostRow, Outcome
from tracker.storage import Storage

HOUR = timedelta(hours=1)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    with Storage.open(tmp_path / "tracker.db", now=NOW) as opened:
        subscribe(opened, make_subscription(id="weeknight"), make_subscription(id="other"))
        yield opened


def test_a_poll_comes_back(storage: Storage) -> None:
    """Every field of a poll is kept."""
    poll = make_poll(
        door=Door.LISTING,
        outcome=Outcome.FAILED,
        stage="fetch",
        status=404,
        bytes=3,
        entries=4,
        new=5,
        changed=6,
        backlog=7,
        ignored=8,
        milliseconds=9,
        error="404 Not Found",
        remedy="wait",
        is_transient=False,
        is_local=True,
        warnings=("a", "b"),
    )
    storage.add_poll(poll)
    assert storage.polls() == (poll,)


def test_polls_are_chosen_by_feed_and_time(storage: Storage) -> None:
    """In the order in which they were made; the start is inside, the end is not."""
    for hours, feed in ((2, "weeknight"), (0, "weeknight"), (1, "other")):
        storage.add_poll(make_poll(feed=feed, at=NOW + hours * HOUR))
    assert [poll.at for poll in storage.polls()] == [NOW, NOW + HOUR, NOW + 2 * HOUR]
    assert [poll.at for poll in storage.polls(feed="weeknight")] == [NOW, NOW + 2 * HOUR]
    assert [poll.at for poll in storage.polls(since=NOW + HOUR, until=NOW + 2 * HOUR)] == [NOW + HOUR]
    assert storage.polls(feed="weeknight", since=NOW + 3 * HOUR) == ()


def test_old_polls_are_pruned(storage: Storage) -> None:
    """What is older than the moment goes, what is from that moment stays."""
    for hours in range(3):
        storage.add_poll(make_poll(at=NOW + hours * HOUR))
    assert storage.prune_polls(NOW + HOUR) == 1
    assert [poll.at for poll in storage.polls()] == [NOW + HOUR, NOW + 2 * HOUR]


def test_hosts_are_remembered(storage: Storage) -> None:
    """A pause ends when it is stored as None; noting requests leaves pauses alone."""
    storage.save_host("youtube.com", last_request_at=NOW, paused_until=NOW + HOUR, reason="429")
    storage.save_host_times({"youtube.com": NOW + HOUR, "arxiv.org": NOW})
    row = HostRow(host="youtube.com", last_request_at=NOW + HOUR, paused_until=NOW + HOUR, reason="429")
    assert storage.hosts() == {"arxiv.org": HostRow(host="arxiv.org", last_request_at=NOW), "youtube.com": row}
    assert storage.host_times() == {"arxiv.org": NOW, "youtube.com": NOW + HOUR}
    storage.save_host("youtube.com", last_request_at=None, paused_until=None, reason="")
    assert storage.hosts()["youtube.com"] == HostRow(host="youtube.com")
    assert storage.host_times() == {"arxiv.org": NOW}


def test_a_wait_does_not_get_shorter_in_the_file(storage: Storage) -> None:
    """M65: the delay of a host counts from the request, so its time is rounded up to a second, never down."""
    asked = NOW + timedelta(milliseconds=1)
    storage.save_host_times({"arxiv.org": asked})
    storage.save_host("b.example", last_request_at=asked, paused_until=asked, reason="")
    assert storage.host_times() == dict.fromkeys(("arxiv.org", "b.example"), NOW + timedelta(seconds=1))
    assert storage.hosts()["b.example"].paused_until == NOW + timedelta(seconds=1)


def test_times_are_kept_in_utc_and_whole_seconds(storage: Storage) -> None:
    """Another zone is the same moment; the fraction of a second is dropped; text order is time order."""
    local = (NOW + timedelta(milliseconds=999)).astimezone(timezone(timedelta(hours=-5)))
    storage.add_poll(make_poll(at=local))
    assert [poll.at for poll in storage.polls()] == [NOW]
    assert storage._db.read("SELECT at FROM polls")[0]["at"] == "2026-11-25T12:00:00Z"


def test_a_time_without_a_zone_is_a_mistake(storage: Storage) -> None:
    """A naive datetime is refused, since nobody knows what it means."""
    with pytest.raises(ValueError, match="without a zone"):
        storage.add_poll(make_poll(at=datetime(2026, 11, 25)))  # noqa: DTZ001 - that is what must be refused


def test_a_poll_of_nobody_is_refused(storage: Storage) -> None:
    """The history belongs to subscriptions that are stored."""
    with pytest.raises(StorageError):
        storage.add_poll(make_poll(feed="nobody"))
