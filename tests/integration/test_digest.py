"""Closing, previewing and giving back issues, on a real database and a real folder."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.factories import (
    as_changed,
    make_config,
    make_entry,
    make_identified,
    make_mark,
    make_paper,
    make_poll,
    make_subscription,
    make_video,
    store_entries,
)
from tracker import digest
from tracker.digest.deliver import files
from tracker.errors import BusyError, DeliveryError, DigestError
from tracker.models import Config, DigestSettings, Door, Entry, Outcome, Role, Subscription
from tracker.storage import Storage, lock

FIRST = datetime(2026, 11, 16, 8, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)
NEXT = MONDAY + timedelta(days=7)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEKNIGHT = make_subscription(title="Weeknight ML")
COURSE = make_subscription(
    id="course", playlist="PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ", title="Zero to Hero", course=True
)
PAPERS = make_subscription(id="papers", categories=("cs.CL",), title="arXiv cs.CL")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Three subscriptions, Monday 07:00 in London."""
    settings = DigestSettings(folder=tmp_path / "digests", title="Learning LLMs", timezone="Europe/London")
    return make_config(tmp_path / "feeds.toml", digest=settings, subscriptions=(WEEKNIGHT, COURSE, PAPERS))


@pytest.fixture
def storage(config: Config) -> Iterator[Storage]:
    """A database whose first poll was on Monday 16 November, 08:00."""
    with Storage.open(config.database, now=FIRST) as storage:
        follow(storage, config.subscriptions, now=FIRST)
        poll(storage, FIRST)
        yield storage


def follow(storage: Storage, subscriptions: tuple[Subscription, ...], *, now: datetime) -> None:
    storage.reconcile(subscriptions, {each.id: f"target:{each.id}" for each in subscriptions}, now=now)


def poll(storage: Storage, at: datetime, *, fails: bool = False) -> None:
    """Ask every feed once."""
    for feed in storage.feeds():
        outcome = Outcome.FAILED if fails else Outcome.UNCHANGED
        error = "no route" if fails else ""
        status = None if fails else 200
        asked = {"feed": feed.id, "host": f"{feed.id}.example", "status": status, "outcome": outcome, "error": error}
        storage.add_poll(make_poll(at=at, is_local=fails, **asked))
        first = feed.first_polled_at or at
        door = replace(feed.feed, baseline_at=feed.feed.baseline_at or at, last_polled_at=at)
        storage.save_feed(
            replace(feed, first_polled_at=first, feed=door if fails else replace(door, last_success_at=at))
        )


def arrive(storage: Storage, *numbers: int, at: datetime) -> None:
    """Store posts that were published just before."""
    store_entries(storage, [make_entry(each, published=at - HOUR) for each in numbers], at=at)


def close_week(config: Config, storage: Storage, *, now: datetime = MONDAY) -> str:
    """Close the one overdue window and give its text."""
    (issue,) = digest.close_overdue(config, storage, now=now)
    return issue.rendered.decode()


def test_what_arrived_before_the_close_is_news_of_it(config: Config, storage: Storage) -> None:
    """Membership follows first seen, never the publication date; the boundary itself belongs to the next issue (M91)."""
    arrive(storage, 1, at=MONDAY - MINUTE)
    store_entries(
        storage, [make_entry(2, published=None), make_entry(3, published=FIRST - 900 * DAY)], at=MONDAY - HOUR
    )
    arrive(storage, 4, at=MONDAY)
    text = close_week(config, storage, now=MONDAY + MINUTE)
    assert [f"[Post {number}]" in text for number in (1, 2, 3, 4)] == [True, True, True, False]
    assert "[Post 4]" in close_week(config, storage, now=NEXT)


def test_backlog_is_counted_and_not_announced(config: Config, storage: Storage) -> None:
    """The first issue counts what was there before; it never shows it (M5)."""
    store_entries(storage, [make_entry(number) for number in range(1, 13)], at=FIRST, backlog="there before")
    arrive(storage, 20, at=FIRST + HOUR)
    text = close_week(config, storage)
    assert "9 to 23 November 2026, from a week before your first poll (Monday 16, 08:00) to Monday 07:00" in text
    assert "; 12 older entries are kept and not announced." in text
    assert "[Post 3]" not in text
    assert "[Post 20]" in text


def test_one_work_in_three_feeds_is_listed_once(config: Config, storage: Storage) -> None:
    """Playlist, channel and a third feed give one line that names the others (M4)."""
    both = (make_subscription(id="channel", channel="UCXUPKJO5MZQN11PqgIvyuvQ", title="Channel"), WEEKNIGHT, COURSE)
    config = replace(config, subscriptions=both)
    follow(storage, both, now=FIRST)
    for feed in ("channel", "course", "weeknight"):
        known = storage.entry("youtube:zduSFxRajkE")
        found = make_identified(make_video("zduSFxRajkE"), id=known.id if known else None)
        storage.store(feed, [found], door=Door.FEED, at=MONDAY - DAY)
    storage.set_mark(make_mark("youtube:zduSFxRajkE"))
    text = close_week(config, storage)
    assert text.count("zduSFxRajkE)") == 1
    assert "also in Zero to Hero, Weeknight ML" in text


def test_nothing_is_lost_and_nothing_comes_twice(config: Config, storage: Storage) -> None:
    """Over weeks with a late, an early and a regular close every entry is news in exactly one issue."""
    now = FIRST
    for number in range(1, 40):
        now += timedelta(hours=17)
        arrive(storage, number, at=now)
        poll(storage, now)
        digest.close_overdue(config, storage, now=now + MINUTE)
        if number % 9 == 0:
            digest.close_early(config, storage, now=now + 2 * MINUTE)
        digest.preview(config, storage, now=now + 3 * MINUTE)
    digest.close_early(config, storage, now=now + HOUR)
    places = [place.entry for issue in storage.issues() for place in storage.placed(issue.label)]
    assert len(places) == len(set(places)) == 39
    spans = [(issue.start, issue.end) for issue in storage.issues()]
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert len(storage.labels()) == len(set(storage.labels()))


def test_every_entry_gets_a_row_with_what_cut_it(config: Config, storage: Storage) -> None:
    """Papers beyond the first five are assigned, not shown, with the reason; the numbers add up."""
    papers = [make_paper(f"2611.{number:05}", published=MONDAY - DAY) for number in range(1, 31)]
    store_entries(storage, papers, feed="papers", at=MONDAY - HOUR)
    text = close_week(config, storage)
    placed = storage.placed("2026-W47")
    assert sum(place.is_shown for place in placed) == 5
    assert {place.cut for place in placed if not place.is_shown} == {"not among the first 5 papers"}
    assert "The titles of five papers out of 30" in text
    assert "25 papers are not shown (`tracker entries --issue 2026-W47 --not-shown`)" in text
    assert len(storage.entries(issue="2026-W47", not_shown=True)) == 25


def test_the_open_window_says_what_it_would_cut(config: Config, storage: Storage) -> None:
    """Each entry's place is the one that the close then gives it; asking assigns nothing."""
    papers = [make_paper(f"2611.{number:05}", published=MONDAY - DAY) for number in range(1, 8)]
    store_entries(storage, papers, feed="papers", at=MONDAY - HOUR)
    arrive(storage, 1, at=MONDAY - HOUR)
    places = digest.open_places(config, storage, now=MONDAY - MINUTE)
    assert sorted(place.cut for place in places.values()) == [""] * 6 + ["not among the first 5 papers"] * 2
    assert len(storage.unassigned(before=MONDAY, now=MONDAY)) == 8
    close_week(config, storage)
    assert places == {place.entry: place for place in storage.placed("2026-W47")}
    assert digest.open_places(config, storage, now=MONDAY + MINUTE) == {}


def test_a_subscription_that_ended_leaves_its_news_assigned(config: Config, storage: Storage) -> None:
    """Unsubscribed before the close: assigned, not shown, and says so."""
    arrive(storage, 1, at=MONDAY - HOUR)
    follow(storage, (COURSE, PAPERS), now=MONDAY - MINUTE)
    config = replace(config, subscriptions=(COURSE, PAPERS))
    text = close_week(config, storage)
    assert "[Post 1]" not in text
    assert [place.cut for place in storage.placed("2026-W47")] == ["unsubscribed"]


def test_a_closed_issue_is_given_back_byte_for_byte(config: Config, storage: Storage) -> None:
    """After edits of its entries, another template and another zone, the stored bytes are the same."""
    arrive(storage, 1, at=MONDAY - HOUR)
    before = close_week(config, storage).encode()
    entry = storage.entry("web:weeknight.example/1")
    assert entry is not None
    storage.store("weeknight", [as_changed(make_entry(1, title="Edited"), entry)], door=Door.FEED, at=MONDAY + HOUR)
    moved = replace(config, digest=replace(config.digest, timezone="Asia/Tokyo", title="Other"))
    assert digest.rebuild(moved, storage, "2026-W47", rerender=False) == before
    assert digest.rebuild(moved, storage, "2026-W47", rerender=True) == before


def test_rerender_uses_todays_template(config: Config, storage: Storage, tmp_path: Path) -> None:
    """The stored composition is enough for a reader's own template."""
    arrive(storage, 1, at=MONDAY - HOUR)
    close_week(config, storage)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "entry.md.j2").write_text("* {{ item.title }} <{{ item.key }}>\n")
    own = replace(config, digest=replace(config.digest, templates=tmp_path / "own"))
    text = digest.rebuild(own, storage, "2026-W47", rerender=True).decode()
    assert "* Post 1 <web:weeknight.example/1>\n" in text
    assert "## Read" in text


def test_a_broken_template_never_costs_an_issue(
    config: Config, storage: Storage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The close takes the shipped template and says why; a preview names file and line."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "entry.md.j2").write_text("fine\n{% if %}\n")
    arrive(storage, 1, at=MONDAY - HOUR)
    own = replace(config, digest=replace(config.digest, templates=tmp_path / "own"))
    with pytest.raises(DigestError, match=r"entry\.md\.j2, line 2"):
        digest.preview(own, storage, now=MONDAY - MINUTE)
    with caplog.at_level(logging.WARNING):
        text = close_week(own, storage)
    assert "- [ ] [Post 1](https://weeknight.example/1)" in text
    assert "entry.md.j2, line 2" in caplog.text


@pytest.mark.parametrize(
    ("label", "sentence"),
    [
        ("2026-W46", "2026-W46 was missed and is covered by 2026-W48: tracker digest 2026-W48"),
        ("2026-W49", "no issue 2026-W49 is closed; the nearest is 2026-W4"),
    ],
)
def test_an_unknown_issue_is_explained(config: Config, storage: Storage, label: str, sentence: str) -> None:
    """A covered label names its issue, another one the nearest."""
    follow(storage, config.subscriptions, now=FIRST)
    early = FIRST - 8 * DAY
    with Storage.open(config.database.with_name("other.db"), now=early) as other:
        follow(other, config.subscriptions, now=early)
        poll(other, early)
        digest.close_overdue(config, other, now=NEXT)
        with pytest.raises(DigestError, match=sentence):
            digest.rebuild(config, other, label, rerender=False)


def test_without_any_issue_that_is_said(config: Config, storage: Storage) -> None:
    """Before the first close there is no nearest issue."""
    with pytest.raises(DigestError, match="no issue is closed yet, so none is 2026-W47"):
        digest.rebuild(config, storage, "2026-W47", rerender=False)


def test_after_an_early_close_the_regular_one_follows_only_if_something_came(config: Config, storage: Storage) -> None:
    """2026-W47-2 is closed for what came after; a week closed early in which nothing more came is not closed again."""
    arrive(storage, 1, at=FIRST + DAY)
    early = digest.close_early(config, storage, now=FIRST + 2 * DAY)
    assert early.label == "2026-W47"
    assert digest.overdue(config, storage, now=MONDAY + MINUTE) is None
    assert digest.close_overdue(config, storage, now=MONDAY + MINUTE) == ()
    arrive(storage, 2, at=MONDAY - HOUR)
    (rest,) = digest.close_overdue(config, storage, now=MONDAY + MINUTE)
    assert rest.label == "2026-W47-2"
    assert "the rest of the week after an early close" in rest.rendered.decode()


def test_an_early_close_covers_what_was_missed(config: Config, storage: Storage) -> None:
    """Where a closing hour passed just before, or weeks did, the labels that get no issue answer with this one."""
    issue = digest.close_early(config, storage, now=NEXT + HOUR)
    assert (issue.label, issue.covers) == ("2026-W49", ("2026-W47", "2026-W48"))
    with pytest.raises(DigestError, match="2026-W48 was missed and is covered by 2026-W49"):
        digest.rebuild(config, storage, "2026-W48", rerender=False)


def test_a_course_moves_on_with_each_closed_issue_only(config: Config, storage: Storage) -> None:
    """A reader who never ticked gets the next lecture per issue; previews advance nothing."""
    ids = ("VMj-3S1tku0", "PaCmpygFfXo", "TCH_1BHY58I")
    lectures = [make_video(each, position=place, duration=3600) for place, each in enumerate(ids)]
    store_entries(storage, lectures, feed="course", at=FIRST, backlog="there before")
    for _ in range(3):
        assert "lecture 1 of 3" in digest.preview_text(config, storage, now=MONDAY - HOUR)
    assert "lecture 1 of 3" in close_week(config, storage)
    assert "lecture 2 of 3" in digest.preview_text(config, storage, now=MONDAY + HOUR)
    assert "lecture 2 of 3" in close_week(config, storage, now=NEXT + 14 * DAY)
    assert "lecture 3 of 3" in digest.preview_text(config, storage, now=NEXT + 15 * DAY)
    storage.set_mark(make_mark("youtube:VMj-3S1tku0"))
    assert "1 of 3 done" in digest.preview_text(config, storage, now=NEXT + 15 * DAY)


def test_an_ad_hoc_span_assigns_nothing(config: Config, storage: Storage) -> None:
    """What was first seen in a span is shown, whatever issue it belongs to, and the ledger stays as it is."""
    arrive(storage, 1, at=FIRST + DAY)
    arrive(storage, 2, at=FIRST + 3 * DAY)
    before = storage.issues(), storage.counts()
    text = digest.span(config, storage, since=FIRST, until=FIRST + 2 * DAY, now=MONDAY)
    assert "[Post 1]" in text
    assert "[Post 2]" not in text
    assert (storage.issues(), storage.counts()) == before
    assert "[Post 2]" in digest.span(config, storage, since=datetime.min.replace(tzinfo=UTC), until=MONDAY, now=MONDAY)


def test_a_preview_holds_what_came_in_this_very_second(config: Config, storage: Storage) -> None:
    """A poll and a digest within one second give a page with the news."""
    now = FIRST + DAY
    arrive(storage, 1, at=now)
    assert "[Post 1]" in digest.preview_text(config, storage, now=now)
    issue = digest.close_early(config, storage, now=now)
    assert "[Post 1]" in issue.rendered.decode()


def test_entries_of_a_wrong_clock_are_taken_in(config: Config, storage: Storage) -> None:
    """What was first seen after now, by a clock that ran ahead, becomes news of the issue that closes."""
    arrive(storage, 1, at=MONDAY + 400 * DAY)
    assert "[Post 1]" in close_week(config, storage)
    assert digest.overdue(config, storage, now=MONDAY - 3 * DAY) is None


def test_a_clock_that_ran_ahead_once_stops_no_later_issue(config: Config, storage: Storage) -> None:
    """An issue closed in 2036 takes what was there; after it windows tile on under their own labels, nothing lost."""
    arrive(storage, 1, at=MONDAY - HOUR)
    close_week(config, storage)
    arrive(storage, 2, at=MONDAY + HOUR)
    (ahead,) = digest.close_overdue(config, storage, now=MONDAY + 3650 * DAY)
    arrive(storage, 3, at=MONDAY + 3650 * DAY)
    assert digest.open_since(config, storage, now=MONDAY + 2 * DAY) == MONDAY
    assert "2026-W48" in ahead.covers
    (week,) = digest.close_overdue(config, storage, now=NEXT)
    assert (week.label, week.start, week.end, week.covers) == ("2026-W48", MONDAY, NEXT, ())
    early = digest.close_early(config, storage, now=NEXT + DAY)
    assert (early.label, early.start) == ("2026-W49", NEXT)
    news = {issue.label: [place.entry for place in storage.placed(issue.label)] for issue in storage.issues()}
    assert [len(news[label]) for label in ("2026-W47", ahead.label, "2026-W48", "2026-W49")] == [1, 1, 1, 0]
    assert digest.rebuild(config, storage, "2026-W48", rerender=False) == week.rendered


def test_a_first_poll_by_a_wrong_clock_opens_no_window(config: Config) -> None:
    """A request that failed in 1970 does not make the first issue cover 2,968 weeks."""
    with Storage.open(config.database, now=FIRST) as storage:
        follow(storage, config.subscriptions, now=FIRST)
        (feed, *_) = storage.feeds()
        wrong = datetime(1970, 1, 1, 0, 5, tzinfo=UTC)
        storage.save_feed(replace(feed, first_polled_at=wrong))
        storage.add_poll(make_poll(feed=feed.id, at=wrong, outcome=Outcome.FAILED, error="no route"))
        assert digest.overdue(config, storage, now=FIRST) is None
        assert digest.open_since(config, storage, now=FIRST) == FIRST - 7 * DAY
        poll(storage, FIRST)
        (issue,) = digest.close_overdue(config, storage, now=MONDAY)
    assert (issue.label, issue.start, issue.covers) == ("2026-W47", FIRST - 7 * DAY, ())


def test_weeks_of_polls_without_a_close_are_one_issue(config: Config, storage: Storage) -> None:
    """A database that was only polled gets one issue for all of its weeks."""
    poll(storage, FIRST + 20 * DAY)
    (issue,) = digest.close_overdue(config, storage, now=FIRST + 20 * DAY)
    assert (issue.start, issue.covers) == (FIRST - 7 * DAY, ("2026-W47",))


def test_a_computer_that_wakes_at_the_hour_asks_first(config: Config, storage: Storage) -> None:
    """After a week asleep, what is read five minutes after the hour is in the issue that closes then."""
    close_week(config, storage)
    poll(storage, MONDAY + HOUR)
    now = NEXT + 5 * MINUTE
    assert (window := digest.overdue(config, storage, now=now)) is not None
    assert not window.is_late
    feed = storage.feeds()[0]
    storage.save_feed(replace(feed, feed=replace(feed.feed, next_due_at=MONDAY + 7 * HOUR)))
    assert (window := digest.overdue(config, storage, now=now)) is not None
    assert window.is_late
    poll(storage, now)
    arrive(storage, 1, at=now)
    text = close_week(config, storage, now=now)
    assert "[Post 1]" in text
    assert "Monday 07:00 to Monday 07:05: closed when the computer was awake again" in text


def test_a_blind_week_still_has_its_page(config: Config, storage: Storage) -> None:
    """Without a network the window closes and says so, in other words than for an empty week."""
    close_week(config, storage)
    for hours in range(1, 160, 6):
        poll(storage, MONDAY + hours * HOUR, fails=True)
    text = close_week(config, storage, now=NEXT)
    assert "Nothing could be read: no network since Monday 23 November, 08:00." in text
    assert "Nothing new" not in text


def test_a_failed_delivery_is_tried_until_it_succeeds_once(config: Config, storage: Storage) -> None:
    """The issue stays stored, the error is kept, and after the success the file is never touched again."""
    arrive(storage, 1, at=MONDAY - HOUR)
    config.digest.folder.write_text("a file where the folder should be")
    close_week(config, storage)
    (problem,) = digest.deliver_pending(config, storage, now=MONDAY + MINUTE)
    assert isinstance(problem, DeliveryError)
    assert str(config.digest.folder) in str(problem)
    stored = storage.issue("2026-W47")
    assert stored is not None
    assert stored.delivered_at is None
    assert stored.delivery_failures == 1
    config.digest.folder.unlink()
    assert digest.deliver_pending(config, storage, now=MONDAY + HOUR) == ()
    file = config.digest.folder / "2026-W47.md"
    assert file.read_bytes() == stored.rendered
    file.unlink()
    assert digest.deliver_pending(config, storage, now=MONDAY + 2 * HOUR) == ()
    digest.preview(config, storage, now=MONDAY + 3 * HOUR)
    assert not file.exists()


def test_a_preview_never_overwrites_the_issue_that_closes_meanwhile(
    config: Config, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process closes between a preview's look at the folder and its writing: the closed page stands there."""
    arrive(storage, 1, at=FIRST + DAY)
    digest.preview(config, storage, now=FIRST + DAY)

    def close() -> None:
        with Storage.open(config.database, now=NEXT) as other:
            digest.close_early(config, other, now=FIRST + DAY + HOUR)

    def write_after_the_close(path: Path, data: bytes) -> None:
        if not closer.ident:
            closer.start()
            closer.join(1)  # it waits for us; where nothing made it wait, it would be done by now
        replace_file(path, data)

    closer, replace_file = Thread(target=close), files.replace_file
    monkeypatch.setattr(files, "replace_file", write_after_the_close)
    digest.preview(config, storage, now=FIRST + DAY + HOUR)
    closer.join()
    assert sorted(each.name for each in config.digest.folder.iterdir()) == ["2026-W47.md"]
    assert "status: closed" in (config.digest.folder / "2026-W47.md").read_text()


def test_a_page_that_another_process_writes_for_long_is_brought_later(
    config: Config, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wait is bounded: the issue is closed and stored, its delivery is tried again."""
    monkeypatch.setattr(digest, "PATIENCE", 0.0)
    with lock(config.database, "digest"):
        close_week(config, storage)
        (problem,) = digest.deliver_pending(config, storage, now=MONDAY + MINUTE)
        with pytest.raises(BusyError):
            digest.preview(config, storage, now=MONDAY + MINUTE)
    assert "another tracker is writing the pages" in str(problem)
    assert digest.deliver_pending(config, storage, now=MONDAY + HOUR) == ()
    assert (config.digest.folder / "2026-W47.md").is_file()


def test_an_issue_that_cannot_be_delivered_holds_up_no_later_one(config: Config, storage: Storage) -> None:
    """A name that no file can have fails alone, as a DeliveryError; the next issue is brought."""
    impossible = replace(config, digest=replace(config.digest, file="x" * 300 + "{issue}.md"))
    digest.close_overdue(impossible, storage, now=MONDAY)
    (problem,) = digest.deliver_pending(impossible, storage, now=MONDAY)
    assert "File name too long" in str(problem)
    folder = replace(config, digest=replace(config.digest, file="{issue}/page.md"))
    (folder.digest.folder / "2026-W47").write_text("a file where a folder should be")
    (second,) = digest.close_overdue(folder, storage, now=NEXT)
    assert second.file == "2026-W48/page.md"
    (problem,) = digest.deliver_pending(folder, storage, now=NEXT)
    assert problem.issue == "2026-W47"


def test_the_close_replaces_its_own_preview(config: Config, storage: Storage) -> None:
    """An untouched preview becomes the closed issue."""
    arrive(storage, 1, at=FIRST + DAY)
    written = digest.preview(config, storage, now=FIRST + DAY + MINUTE)
    assert "status: preview" in written.path.read_text()
    arrive(storage, 2, at=MONDAY - HOUR)
    text = close_week(config, storage)
    assert written.path.read_text() == text
    assert sorted(each.name for each in config.digest.folder.iterdir()) == ["2026-W47.md"]


def test_a_preview_keeps_what_its_reader_ticked_and_wrote(config: Config, storage: Storage) -> None:
    """Made anew and then closed, the page has the reader's tick and words; the ledger has the page without them."""
    arrive(storage, 1, at=FIRST + DAY)
    written = digest.preview(config, storage, now=FIRST + DAY + MINUTE)
    mine = written.text.replace("- [ ] [Post 1]", "- [x] [Post 1]").replace("says.\n", "says.\n  To be read twice.\n")
    written.path.write_text(mine)
    arrive(storage, 2, at=FIRST + DAY + MINUTE)
    again = digest.preview(config, storage, now=FIRST + DAY + HOUR)
    assert (again.is_beside, again.path) == (False, written.path)
    assert "says.\n  To be read twice.\n" in again.path.read_text()
    assert "- [x] [Post 1]" in again.path.read_text()
    assert "- [ ] [Post 2]" in again.path.read_text()
    text = close_week(config, storage)
    closed = written.path.read_text()
    assert closed.replace("- [x]", "- [ ]").replace("  To be read twice.\n", "") == text
    assert closed.count("To be read twice.") == closed.count("- [x]") == 1
    assert "- [x]" not in text
    assert [each.name for each in config.digest.folder.iterdir()] == ["2026-W47.md"]


def test_a_closed_page_is_not_written_again(config: Config, storage: Storage) -> None:
    """After the close nothing is merged any more, and a page that its reader deleted stays deleted."""
    arrive(storage, 1, at=FIRST + DAY)
    digest.preview(config, storage, now=FIRST + DAY)
    close_week(config, storage)
    path = config.digest.folder / "2026-W47.md"
    path.write_text(mine := path.read_text().replace("- [ ]", "- [x]"))
    digest.preview(config, storage, now=MONDAY + HOUR)
    assert digest.deliver_pending(config, storage, now=MONDAY + HOUR) == ()
    assert path.read_text() == mine
    path.unlink()
    digest.close_overdue(config, storage, now=MONDAY + DAY)
    digest.preview(config, storage, now=MONDAY + DAY)
    assert [each.name for each in config.digest.folder.iterdir()] == ["2026-W48.md"]


def test_a_tick_in_the_page_moves_a_course_on(config: Config, storage: Storage) -> None:
    """The lecture that was ticked in the preview is behind its reader at the close, and its line stays."""
    videos = [make_video(each, position=number) for number, each in enumerate(("TCH_1BHY58I", "P6sfmUTpUmc"))]
    store_entries(storage, videos, feed="course", at=FIRST, backlog="there before")
    written = digest.preview(config, storage, now=FIRST + DAY)
    assert "[Lecture P6sfmUTpUmc]" not in written.text
    written.path.write_text(written.text.replace("- [ ] [Lecture TCH", "- [x] [Lecture TCH"))
    text = close_week(config, storage)
    assert "1 of 2 done" in text
    assert "- [ ] [Lecture P6sfmUTpUmc]" in text
    assert "[Lecture TCH_1BHY58I]" not in text
    assert "- [x] [Lecture TCH_1BHY58I]" in written.path.read_text()
    assert storage.course_offers("course")[0][0] == "2026-W47"


def test_what_the_reader_hid_is_assigned_and_not_shown(config: Config, storage: Storage) -> None:
    """News, lectures and new versions that are hidden stand on no page; the ledger says why, the numbers add up."""
    videos = [make_video(each, position=number) for number, each in enumerate(("TCH_1BHY58I", "P6sfmUTpUmc"))]
    store_entries(storage, videos, feed="course", at=FIRST, backlog="there before")
    arrive(storage, 1, 2, at=FIRST + DAY)
    for key in ("web:weeknight.example/1", "youtube:TCH_1BHY58I"):
        storage.set_mark(make_mark(key, done=False, hidden=True))
    text = close_week(config, storage)
    assert [f"[{title}]" in text for title in ("Post 1", "Post 2", "Lecture TCH_1BHY58I")] == [False, True, False]
    assert "one post out of two" in text
    assert [place.cut for place in storage.placed("2026-W47") if not place.is_shown] == ["hidden by you"]


@pytest.mark.parametrize(("boxes", "number"), [("all", 2), ("course", 1), ("none", 0)])
def test_boxes_are_where_the_reader_wants_them(config: Config, storage: Storage, boxes: Any, number: int) -> None:
    """All entries, the lectures only, or none; the last words explain the boxes that there are, rerendered too."""
    config = replace(config, digest=replace(config.digest, boxes=boxes))
    store_entries(storage, [make_video("TCH_1BHY58I")], feed="course", at=FIRST, backlog="there before")
    arrive(storage, 1, at=FIRST + DAY)
    text = close_week(config, storage)
    assert (text.count("- [ ] ["), text.count("\n- [")) == (number, 2)
    assert ("Tick what" in text, "Tick the lectures" in text) == (boxes == "all", boxes == "course")
    assert digest.rebuild(config, storage, "2026-W47", rerender=True).decode() == text


def test_a_file_that_is_no_page_is_left_alone(config: Config, storage: Storage) -> None:
    """What the reader put in the preview's place, sharing nothing with it, is no edition of it."""
    written = digest.preview(config, storage, now=FIRST + DAY)
    written.path.write_text("my own week\n")
    assert digest.preview(config, storage, now=FIRST + DAY + HOUR).path.name == "2026-W47 (new).md"
    close_week(config, storage)
    assert written.path.read_text() == "my own week\n"


CLOSER = """
import sys
from datetime import datetime
from pathlib import Path
from tracker import digest
from tracker.models import Config, DigestSettings, HttpSettings
from tracker.storage import Storage, lock

folder, now = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
settings = DigestSettings(folder=folder / "digests", timezone="Europe/London")
config = Config(path=folder / "feeds.toml", database=folder / "tracker.db", contact="https://reader.example",
                http=HttpSettings(), digest=settings, subscriptions=())
with Storage.open(config.database, now=now) as storage:
    print("ready", flush=True)
    sys.stdin.readline()
    print(len(digest.close_overdue(config, storage, now=now)))
"""


def test_two_processes_close_one_issue(config: Config, storage: Storage) -> None:
    """Both see an overdue window at the same moment; one closes it, the other finds it closed."""
    arrive(storage, *range(1, 30), at=MONDAY - HOUR)
    command = [sys.executable, "-c", CLOSER, str(config.database.parent), MONDAY.isoformat()]
    root = Path(__file__).resolve().parents[2]
    env = os.environ | {"PYTHONPATH": str(root)}
    both = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env) for _ in range(2)
    ]
    for each in both:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in both:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    closed = [int(each.communicate(timeout=60)[0]) for each in both]
    assert sorted(closed) == [0, 1]
    assert len(storage.issues()) == 1
    assert len(storage.placed("2026-W47")) == 29


def test_the_page_is_the_same_in_another_zone_and_locale(
    config: Config, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TZ and LANG of the machine change no byte."""
    arrive(storage, 1, at=MONDAY - HOUR)
    before = digest.preview_text(config, storage, now=MONDAY - MINUTE)
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    time.tzset()
    try:
        assert digest.preview_text(config, storage, now=MONDAY - MINUTE) == before
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


def test_the_stored_composition_is_json_that_names_every_entry(config: Config, storage: Storage) -> None:
    """Another program can read what an issue was made of."""
    arrive(storage, 1, 2, at=MONDAY - HOUR)
    close_week(config, storage)
    stored = storage.issue("2026-W47")
    assert stored is not None
    read = json.loads(stored.composition)
    assert [item["key"] for item in read["sections"][0]["items"]] == [
        "web:weeknight.example/1",
        "web:weeknight.example/2",
    ]


def test_a_composition_that_cannot_be_read_is_explained(config: Config, storage: Storage) -> None:
    """--rerender of a damaged issue says what is wrong; its bytes are still given back."""
    close_week(config, storage)
    storage._db.write("UPDATE issues SET composition = '{}'", ())
    with pytest.raises(DigestError, match="the composition of 2026-W47 cannot be read"):
        digest.rebuild(config, storage, "2026-W47", rerender=True)
    assert digest.rebuild(config, storage, "2026-W47", rerender=False)


def test_a_week_of_thousands_keeps_the_pages_bounds(config: Config, storage: Storage) -> None:
    """3,000 papers and 60 posts change numbers, not length, and each feed keeps a place."""
    papers: list[Entry] = [make_paper(f"2611.{number:05}", published=MONDAY - DAY) for number in range(3000)]
    store_entries(storage, papers, feed="papers", at=MONDAY - HOUR)
    arrive(storage, *range(1, 61), at=MONDAY - HOUR)
    text = close_week(config, storage)
    assert text.count("\n") <= 80
    assert len(text.encode()) <= 10_000
    assert "the titles of five papers out of 3,000" in text
    assert " posts out of 60" in text


def test_the_page_follows_the_stars(config: Config, storage: Storage) -> None:
    """Five starred papers of an earlier week bring their subject to the top of this one's, and it says so."""
    stars = [
        make_paper(f"2610.{number:05}", title=f"Walrus study {number}", published=MONDAY - 9 * DAY)
        for number in range(5)
    ]
    store_entries(storage, stars, feed="papers", at=MONDAY - 3 * DAY)
    digest.close_early(config, storage, now=MONDAY - 2 * DAY)
    for each in stars:
        storage.set_mark(make_mark(each.key, done=False, starred=True))
    subjects = [*["Tapirs"] * 20, *["A walrus", "One walrus"]]
    papers = [
        make_paper(f"2611.{number:05}", title=f"{subject} {number}", published=MONDAY - DAY)
        for number, subject in enumerate(subjects)
    ]
    store_entries(storage, papers, feed="papers", at=MONDAY - HOUR)
    shown = [place for place in digest.open_places(config, storage, now=MONDAY - MINUTE).values() if place.is_shown]
    first = sorted(shown, key=lambda place: place.rank or 0)[:2]
    assert [place.reasons[0] for place in first] == ["words of papers you starred: walrus"] * 2


# ---------------------------------------------------------------- new versions of the reader's papers

ABSTRACT = "We show 2.4x at 7B. Quality stays as it was."
PAPER = make_paper("2609.90417", title="Lookahead Heads", summary=ABSTRACT, version=1)


def star(storage: Storage, *, at: datetime) -> None:
    storage.set_mark(make_mark(PAPER.key, done=False, starred=True, at=at))


def paper_arrives(storage: Storage, *, at: datetime, backlog: str = "", feed: str = "papers") -> None:
    store_entries(storage, [PAPER], feed=feed, at=at, backlog=backlog)


def revise(storage: Storage, version: int, *, at: datetime, gain: str = "2.1x") -> None:
    """Store a later version, seen in the category's feed."""
    entry = storage.entry(PAPER.key)
    assert entry is not None
    summary = ABSTRACT.replace("2.4x", gain)
    changed = as_changed(PAPER, entry, version=version, announce_type="replace", summary=summary)
    storage.store("papers", [replace(changed, backlog="a new version")], door=Door.FEED, at=at)


def updates(storage: Storage, label: str) -> list[tuple[int | None, str]]:
    """Give version and section of an issue's updates."""
    return [(each.version, each.section) for each in storage.placed(label) if each.role is Role.UPDATE]


def test_a_starred_papers_new_version_is_told_once(config: Config, storage: Storage) -> None:
    """It is news in one issue, an update in the next, with what changed, and nothing in the one after (M54)."""
    paper_arrives(storage, at=FIRST + DAY)
    assert "- [ ] [Lookahead Heads](https://arxiv.org/abs/2609.90417) ·" in close_week(config, storage)
    star(storage, at=MONDAY + HOUR)
    revise(storage, 2, at=MONDAY + DAY)

    text = close_week(config, storage, now=NEXT)

    assert (
        '## Yours\n- [ ] [Lookahead Heads](https://arxiv.org/abs/2609.90417v2) · **v2** of a paper you starred in week 48  \n  Changed in the abstract: "show 2.1x at", was "show 2.4x at".\n'
        in text
    )
    assert (" One new version." in text, "## Papers" in text) == (True, False)
    assert updates(storage, "2026-W48") == [(2, "yours")]
    assert "Lookahead" not in close_week(config, storage, now=NEXT + 7 * DAY)
    revise(storage, 3, at=NEXT + 8 * DAY, gain="2.0x")
    assert "abs/2609.90417v3) · **v3**" in close_week(config, storage, now=NEXT + 14 * DAY)


def test_two_versions_in_one_window_are_the_news_alone(config: Config, storage: Storage) -> None:
    """The paper is announced as it stands, and its second version is never told again."""
    paper_arrives(storage, at=FIRST + DAY)
    star(storage, at=FIRST + DAY)
    revise(storage, 2, at=FIRST + 2 * DAY)

    text = close_week(config, storage)

    assert "We show 2.1x at 7B." in text
    assert "## Yours" not in text
    assert "Lookahead" not in close_week(config, storage, now=NEXT)


def test_nobodys_new_version_is_not_told(config: Config, storage: Storage) -> None:
    """What is neither starred nor followed, or was starred afterwards, has no update (rule 7)."""
    paper_arrives(storage, at=FIRST + DAY)
    close_week(config, storage)
    revise(storage, 2, at=MONDAY + DAY)
    assert "Lookahead" not in digest.preview_text(config, storage, now=MONDAY + 2 * DAY)
    star(storage, at=MONDAY + 2 * DAY)
    assert "Lookahead" not in close_week(config, storage, now=NEXT)


def test_a_version_stored_after_the_close_is_in_the_next_issue(config: Config, storage: Storage) -> None:
    """Late rows are not lost: only the window's end filters, never its start."""
    paper_arrives(storage, at=FIRST + DAY)
    close_week(config, storage)
    star(storage, at=MONDAY + HOUR)
    close_week(config, storage, now=NEXT + MINUTE)
    revise(storage, 2, at=NEXT - HOUR)
    assert "**v2**" in close_week(config, storage, now=NEXT + 7 * DAY)


def test_a_version_seen_at_the_close_belongs_to_the_next_issue(config: Config, storage: Storage) -> None:
    """The window's end is outside it; a version that a wrong clock has put into the future is told at once."""
    paper_arrives(storage, at=FIRST + DAY)
    close_week(config, storage)
    star(storage, at=MONDAY + HOUR)
    revise(storage, 2, at=NEXT)
    assert "**v2**" not in close_week(config, storage, now=NEXT)
    assert "**v2**" in close_week(config, storage, now=NEXT + 7 * DAY)
    revise(storage, 3, at=NEXT + 900 * DAY, gain="2.0x")
    assert "**v3**" in close_week(config, storage, now=NEXT + 14 * DAY)


def test_a_followed_papers_new_version_is_told(config: Config, storage: Storage) -> None:
    """`papers` follows one that was there before; a preview tells its new version and assigns nothing."""
    followed = make_subscription(id="chinchilla", papers=("2609.90417",))
    config = replace(config, subscriptions=(*config.subscriptions, followed))
    follow(storage, config.subscriptions, now=FIRST)
    paper_arrives(storage, at=FIRST + HOUR, backlog="older than your first window", feed="chinchilla")
    revise(storage, 2, at=FIRST + DAY)
    for _ in range(2):
        preview = digest.preview_text(config, storage, now=FIRST + 2 * DAY)
        assert "· **v2** of a paper you follow" in preview
    assert digest.open_places(config, storage, now=FIRST + 2 * DAY) == {}
    paused = replace(config, subscriptions=(*config.subscriptions[:-1], replace(followed, paused=True)))
    assert "**v2**" not in digest.preview_text(paused, storage, now=FIRST + 2 * DAY)

    assert "**v2**" in close_week(config, storage)
    assert updates(storage, "2026-W47") == [(2, "yours")]
    assert digest.rebuild(config, storage, "2026-W47", rerender=True).decode().count("**v2**") == 1
    assert "**v2**" not in close_week(config, storage, now=NEXT)


def test_a_followed_paper_that_becomes_news_is_told_once_on_a_page(config: Config, storage: Storage) -> None:
    """Announced by another feed later, it is that feed's news, and no update beside it."""
    followed = make_subscription(id="chinchilla", papers=("2609.90417",))
    config = replace(config, subscriptions=(*config.subscriptions, followed))
    follow(storage, config.subscriptions, now=FIRST)
    paper_arrives(storage, at=FIRST + HOUR, backlog="older than your first window", feed="chinchilla")
    revise(storage, 2, at=FIRST + DAY)
    entry = storage.entry(PAPER.key)
    assert entry is not None
    crossed = as_changed(PAPER, entry, version=2, announce_type="cross", summary=entry.summary)
    storage.store("papers", [crossed], door=Door.FEED, at=FIRST + 2 * DAY)

    text = close_week(config, storage)

    assert text.count("Lookahead Heads") == 1
    assert "## Papers" in text
    assert "**v2**" not in close_week(config, storage, now=NEXT)


# ---------------------------------------------------------------- premieres

PRIVATE = {"availability": "private"}
PREMIERE = make_video("premiere000", published=FIRST)


def listed(storage: Storage, entry: Entry = PREMIERE, *, at: datetime, feed: str = "course") -> None:
    """Let a listing hold a video at a moment."""
    known = storage.entry(entry.key)
    found = make_identified(entry, id=known.id if known else None)
    storage.store(feed, [found], door=Door.LISTING, at=at)


def upcoming(storage: Storage, *, at: datetime, **fields: Any) -> None:
    """Let a listing say that the premiere is still to come."""
    listed(storage, replace(PREMIERE, is_upcoming=True, extra={"live_status": "is_upcoming"}, **fields), at=at)


def news(storage: Storage) -> list[str]:
    """Give the label of every issue that holds the premiere as news."""
    found = storage.entry(PREMIERE.key)
    assert found
    return [
        issue.label
        for issue in storage.issues()
        for place in storage.placed(issue.label)
        if (place.entry, place.role) == (found.id, Role.NEWS)
    ]


def test_a_premiere_waits_until_it_can_be_watched(config: Config, storage: Storage) -> None:
    """M15: it arrives in no issue while a listing calls it upcoming, then once in the first that closes after."""
    store_entries(storage, [PREMIERE], feed="course", at=FIRST + DAY)
    upcoming(storage, at=MONDAY - DAY)
    held = digest.held(storage, now=MONDAY - MINUTE)
    assert [each.key for each in storage.entries_by_id(held).values()] == [PREMIERE.key]
    assert "premiere000" not in digest.preview_text(config, storage, now=MONDAY - MINUTE)
    assert "premiere000" not in digest.span(config, storage, since=FIRST, until=MONDAY, now=MONDAY)
    first = close_week(config, storage)
    assert "nothing new" in first.lower()
    assert news(storage) == []
    listed(storage, replace(PREMIERE, duration=600), at=MONDAY + DAY)
    assert digest.held(storage, now=MONDAY + DAY) == {}
    poll(storage, NEXT - HOUR)
    assert "premiere000" in close_week(config, storage, now=NEXT)
    poll(storage, NEXT + 7 * DAY - HOUR)
    assert "premiere000" not in close_week(config, storage, now=NEXT + 7 * DAY)
    assert news(storage) == ["2026-W48"]


def test_a_premiere_that_comes_and_goes_is_announced_once(config: Config, storage: Storage) -> None:
    """M15: gone from the list for a while and planned anew, it waits again, and comes once it can be watched."""
    upcoming(storage, at=FIRST + DAY)
    poll(storage, MONDAY - HOUR)
    upcoming(storage, at=MONDAY - HOUR)
    close_week(config, storage)
    listed(storage, replace(PREMIERE, duration=600), at=NEXT - DAY)
    poll(storage, NEXT - HOUR)
    close_week(config, storage, now=NEXT)
    upcoming(storage, at=NEXT + HOUR)
    listed(storage, replace(PREMIERE, duration=600), at=NEXT + DAY)
    poll(storage, NEXT + 7 * DAY - HOUR)
    close_week(config, storage, now=NEXT + 7 * DAY)
    assert news(storage) == ["2026-W48"]


@pytest.mark.parametrize("change", ["nobody confirms it", "unsubscribed", "paused"])
def test_nothing_holds_a_premiere_for_ever(config: Config, storage: Storage, change: str) -> None:
    """Without a listing that says so any more it is assigned like anything else, whatever became of its feed."""
    upcoming(storage, at=MONDAY - (4 * DAY if change == "nobody confirms it" else HOUR))
    if change != "nobody confirms it":
        kept = () if change == "unsubscribed" else (replace(COURSE, paused=True),)
        config = replace(config, subscriptions=(WEEKNIGHT, PAPERS, *kept))
        follow(storage, config.subscriptions, now=MONDAY - MINUTE)
    close_week(config, storage)
    assert news(storage) == ["2026-W47"]


def test_an_early_closes_regular_hour_does_not_close_for_what_waits(config: Config, storage: Storage) -> None:
    """Only a held premiere came after an early close: the regular hour has nothing to close for."""
    arrive(storage, 1, at=MONDAY - 2 * DAY)
    digest.close_early(config, storage, now=MONDAY - 2 * DAY + HOUR)
    upcoming(storage, at=MONDAY - HOUR)
    assert digest.close_overdue(config, storage, now=MONDAY) == ()


def test_a_course_does_not_offer_what_cannot_be_watched_yet(config: Config, storage: Storage) -> None:
    """A premiere in a course's list is no next lecture, and none of its lectures, before its hour."""
    listed(storage, make_video("lecture0000", duration=600), at=FIRST)
    upcoming(storage, at=MONDAY - HOUR, position=1)
    close_week(config, storage)
    offers = {entry for _, entry in storage.course_offers("course")}
    assert [each.key for each in storage.entries_by_id(offers).values()] == ["youtube:lecture0000"]
    poll(storage, NEXT - HOUR)
    upcoming(storage, at=NEXT - HOUR, position=1)
    close_week(config, storage, now=NEXT)
    assert {entry for _, entry in storage.course_offers("course")} == offers


def test_a_video_that_became_private_is_assigned_and_not_shown(config: Config, storage: Storage) -> None:
    """M28: it takes its place with the reason; a title that came back before the close is shown."""
    back = make_video("back0000000")
    for entry in (PREMIERE, back):
        listed(storage, entry, at=MONDAY - 2 * DAY)
        listed(
            storage,
            replace(entry, title="[Private video]", placeholder="[Private video]", extra=PRIVATE),
            at=MONDAY - DAY,
        )
    listed(storage, back, at=MONDAY - HOUR)
    config = replace(config, subscriptions=(WEEKNIGHT, replace(COURSE, course=False), PAPERS))
    text = close_week(config, storage)
    cuts = {each.key: (each.shown, each.cut) for each in storage.entries(issue="2026-W47")}
    assert cuts == {PREMIERE.key: (False, "cannot be watched: private"), back.key: (True, "")}
    assert "back0000000" in text
    assert "premiere000" not in text
