"""The ledger: an issue is closed once and whole, delivered once, and given back byte for byte."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import (
    NOW,
    WEEK_END,
    WEEK_START,
    make_entry,
    make_identified,
    make_issue,
    make_mark,
    make_placed,
    make_subscription,
    make_video,
    store_entries,
    subscribe,
)
from tracker.errors import StorageError
from tracker.models import Door, Role, Verdict
from tracker.storage import Storage

WEEK = timedelta(days=7)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    with Storage.open(tmp_path / "tracker.db", now=NOW) as opened:
        subscribe(opened, make_subscription(id="weeknight"), make_subscription(id="other"))
        yield opened


def ids(storage: Storage, *numbers: int) -> list[int]:
    """Store entries; give their ids."""
    entries = [make_entry(number) for number in numbers]
    found = store_entries(storage, entries)
    return [found[entry.key].id for entry in entries]


def test_an_issue_is_given_back_as_it_was_closed(storage: Storage) -> None:
    """Every field comes back equal, the rendered bytes byte for byte, whatever they are."""
    issue = make_issue(
        covers=("2026-W46", "2026-W47"),
        composition='{"title": "Übung"}',
        rendered=bytes(range(256)),
        file="digests/2026-W48.md",
    )
    number = storage.add_issue(issue, [])
    assert storage.issue("2026-W48") == replace(issue, id=number)
    assert storage.issue("2026-W49") is None


def test_issues_stand_in_the_order_of_closing(storage: Storage) -> None:
    """The last issue is the one closed last, even if a clock was wrong and its span lies earlier."""
    assert (storage.last_issue(), storage.issues(), storage.labels()) == (None, (), ())
    storage.add_issue(make_issue(label="2026-W50", covers=("2026-W49",)), [])
    storage.add_issue(make_issue(label="2026-W47", start=WEEK_START - WEEK, end=WEEK_START), [])
    last = storage.last_issue()
    assert last is not None
    assert last.label == "2026-W47"
    assert [issue.label for issue in storage.issues()] == ["2026-W50", "2026-W47"]
    assert storage.labels() == ("2026-W49", "2026-W50", "2026-W47")


def test_a_covered_label_leads_to_its_issue(storage: Storage) -> None:
    """The label of a missed window answers with the issue that covers it; a part of a label does not."""
    storage.add_issue(make_issue(label="2026-W50", covers=("2026-W48", "2026-W49")), [])
    storage.add_issue(make_issue(label="2026-W51"), [])
    found = [storage.issue_covering(label) for label in ("2026-W48", "2026-W50", "2026-W51", "2026-W4", "2026-W52")]
    assert [issue and issue.label for issue in found] == ["2026-W50", "2026-W50", "2026-W51", None, None]


def test_places_come_back(storage: Storage) -> None:
    """Shown ones come first in their order, then what was cut, equal ranks by key."""
    one, two, three = ids(storage, 1, 2, 3)
    placed = [
        make_placed(three, rank=2, score=0.5, reasons=("matches your “tokenizer”", "143 authors"), section="Papers"),
        make_placed(two, is_shown=False, cut="over the limit", section=""),
        make_placed(one, rank=1, role=Role.COURSE),
        make_placed(one, rank=1),
    ]
    storage.add_issue(make_issue(), placed)
    assert storage.placed("2026-W48") == (placed[2], placed[3], placed[0], placed[1])
    assert storage.placed("2026-W49") == ()


def test_no_entry_is_news_twice(storage: Storage) -> None:
    """An issue with an entry that was news before is refused whole, naming the entry and the issue."""
    one, two = ids(storage, 1, 2)
    storage.add_issue(make_issue(), [make_placed(one)])
    with pytest.raises(StorageError, match=r"web:weeknight\.example/1 is news in issue 2026-W48 already"):
        storage.add_issue(make_issue(label="2026-W49"), [make_placed(two), make_placed(one)])
    assert [issue.label for issue in storage.issues()] == ["2026-W48"]
    assert [entry.id for entry in storage.unassigned(before=WEEK_END, now=NOW)] == [two]


def test_the_file_itself_refuses_news_twice(storage: Storage, tmp_path: Path) -> None:
    """Whoever writes to the file, a second `news` row for an entry is refused by an index."""
    (one,) = ids(storage, 1)
    storage.add_issue(make_issue(), [make_placed(one)])
    storage.add_issue(make_issue(label="2026-W49"), [])
    other = sqlite3.connect(tmp_path / "tracker.db")
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        other.execute("INSERT INTO issue_entries (issue, entry, role, is_shown) VALUES (2, ?, 'news', 1)", (one,))
    other.close()


def test_one_issue_cannot_hold_news_twice(storage: Storage) -> None:
    """The same entry twice in one issue is refused, and nothing of it stays."""
    (one,) = ids(storage, 1)
    with pytest.raises(StorageError, match="UNIQUE"):
        storage.add_issue(make_issue(), [make_placed(one), make_placed(one)])
    assert storage.issues() == ()


def test_other_roles_repeat(storage: Storage) -> None:
    """Courses, updates and second looks may show an entry again and again."""
    (one,) = ids(storage, 1)
    for number, role in enumerate((Role.NEWS, Role.COURSE, Role.COURSE, Role.UPDATE, Role.SECOND_LOOK)):
        storage.add_issue(make_issue(label=f"2026-W{number:02}"), [make_placed(one, role=role, version=1 + number)])
    assert len(storage.issues()) == 5
    found = storage.entries()[0]
    assert (found.issue, found.shown) == ("2026-W00", True)


def test_a_version_is_told_once(storage: Storage) -> None:
    """An update row names its version; the same one in a second issue is refused, the next one is not."""
    one, two = ids(storage, 1, 2)
    update = make_placed(one, role=Role.UPDATE, version=2)
    storage.add_issue(make_issue(), [update, make_placed(two)])
    for again in (update, replace(update, version=None)):
        with pytest.raises(StorageError):
            storage.add_issue(make_issue(label="2026-W49"), [again])
    storage.add_issue(make_issue(label="2026-W49"), [replace(update, version=3)])
    assert storage.told_versions([one, two]) == {one: 3}
    assert [each.version for each in storage.placed("2026-W49")] == [3]


def test_a_label_is_taken_once(storage: Storage) -> None:
    """A second issue of one label is refused."""
    storage.add_issue(make_issue(), [])
    with pytest.raises(StorageError, match="issue 2026-W48 is closed already"):
        storage.add_issue(make_issue(), [])


def test_an_unknown_entry_undoes_the_close(storage: Storage) -> None:
    """A place for an entry that is not stored leaves no issue behind."""
    with pytest.raises(StorageError):
        storage.add_issue(make_issue(), [make_placed(4711)])
    assert storage.issues() == ()


def test_a_close_composed_outside_is_one_transaction(storage: Storage) -> None:
    """Reading what waits and closing share one transaction, undone together."""
    ids(storage, 1)

    def close() -> None:
        with storage.transaction():
            waiting = storage.unassigned(before=WEEK_END, now=WEEK_END)
            storage.add_issue(make_issue(), [make_placed(entry.id) for entry in waiting])
            storage.mark_delivered("2026-W48", at=WEEK_END, file="x.md")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        close()
    assert storage.issues() == ()
    assert len(storage.unassigned(before=WEEK_END, now=WEEK_END)) == 1


def test_delivery_succeeds_once(storage: Storage) -> None:
    """What failed is tried again; after the first success neither success nor failure changes anything."""
    storage.add_issue(make_issue(), [])
    storage.mark_delivery_failed("2026-W48", "no such folder")
    storage.mark_delivery_failed("2026-W48", "disk full")
    (waiting,) = storage.undelivered()
    assert (waiting.delivery_error, waiting.delivery_failures, waiting.delivered_at) == ("disk full", 2, None)
    storage.mark_delivered("2026-W48", at=WEEK_END, file="a.md")
    storage.mark_delivered("2026-W48", at=WEEK_END + WEEK, file="b.md")
    storage.mark_delivery_failed("2026-W48", "late")
    issue = storage.issue("2026-W48")
    assert issue is not None
    assert (issue.delivered_at, issue.file, issue.delivery_error, issue.delivery_failures) == (WEEK_END, "a.md", "", 2)
    assert storage.undelivered() == ()


def test_an_unknown_issue_cannot_be_delivered(storage: Storage) -> None:
    """A label that was never closed is an error, not silence."""
    with pytest.raises(StorageError, match="no issue 2026-W01"):
        storage.mark_delivered("2026-W01", at=NOW, file="")
    with pytest.raises(StorageError, match="no issue 2026-W01"):
        storage.mark_delivery_failed("2026-W01", "x")


def test_what_waits_is_decided_by_first_seen_alone(storage: Storage) -> None:
    """The end is excluded, the start never filters, and an entry from a clock that was ahead is taken."""
    seen = {1: NOW - 100 * WEEK, 2: WEEK_END - timedelta(seconds=1), 3: WEEK_END, 4: WEEK_END + WEEK}
    for number, at in seen.items():
        store_entries(storage, [make_entry(number, published=None)], at=at)
    late = WEEK_END + timedelta(hours=1)
    assert [entry.title for entry in storage.unassigned(before=WEEK_END, now=late)] == ["Post 1", "Post 2", "Post 4"]
    assert [entry.title for entry in storage.unassigned(before=WEEK_END, now=WEEK_END + 2 * WEEK)] == [
        "Post 1",
        "Post 2",
    ]


def test_equal_times_are_ordered_by_key(storage: Storage) -> None:
    """Entries of one moment come in the order of their keys, not of their storing."""
    ids(storage, 3, 1, 2)
    assert [entry.title for entry in storage.unassigned(before=WEEK_END, now=NOW)] == ["Post 1", "Post 2", "Post 3"]


def test_former_subscriptions_are_assigned_too(storage: Storage) -> None:
    """Unsubscribing before the close loses nothing."""
    ids(storage, 1)
    storage.reconcile((), {}, now=NOW)
    assert len(storage.unassigned(before=WEEK_END, now=NOW)) == 1


def test_a_course_says_which_issue_offered_what(storage: Storage) -> None:
    """Offers of one feed come in the order of closing; other feeds' and other roles do not count."""
    lectures = [make_video(f"video_{number:05}", position=number) for number in range(3)]
    found = store_entries(storage, lectures)
    a, b, _ = (found[lecture.key].id for lecture in lectures)
    foreign = store_entries(storage, [make_video("foreign_123")], feed="other")["youtube:foreign_123"].id
    storage.add_issue(
        make_issue(label="W1"), [make_placed(a, role=Role.COURSE), make_placed(foreign, role=Role.COURSE)]
    )
    storage.add_issue(make_issue(label="W2"), [make_placed(a, role=Role.COURSE), make_placed(b, role=Role.SECOND_LOOK)])
    storage.add_issue(make_issue(label="W3"), [make_placed(b, role=Role.COURSE), make_placed(b)])
    assert storage.course_offers("weeknight") == (("W1", a), ("W2", a), ("W3", b))
    assert storage.course_offers("nobody") == ()


def test_marks_are_kept_by_key(storage: Storage) -> None:
    """A mark replaces the one for the same key; works need not be stored."""
    first = make_mark("arxiv:2203.15556", starred=True, done=False)
    second = make_mark("arxiv:2203.15556", hidden=True, at=WEEK_END, origin="tracker hide")
    other = make_mark("web:a")
    for mark in (first, other, second):
        storage.set_mark(mark)
    assert storage.marks() == {"arxiv:2203.15556": second, "web:a": other}


def test_news_that_appears_after_the_close_waits_for_the_next(storage: Storage) -> None:
    """Backlog promoted after a close belongs to the following issue, once."""
    entry = make_entry()
    found = store_entries(storage, [entry], backlog="older")[entry.key]
    storage.add_issue(make_issue(), [])
    again = make_identified(entry, id=found.id, verdict=Verdict.UNCHANGED)
    storage.store("other", [again], door=Door.FEED, at=WEEK_END + timedelta(hours=1))
    waiting = storage.unassigned(before=WEEK_END + WEEK, now=WEEK_END + WEEK)
    assert [each.id for each in waiting] == [found.id]


def test_what_was_written_to_a_file_is_remembered(storage: Storage) -> None:
    """All bytes ever written to one file are known by their hash; other files and other bytes are not."""
    for digest in ("aa", "bb", "aa"):
        storage.remember_file("2026-W48.md", digest, at=NOW)
    assert storage.file_hashes("2026-W48.md") == {"aa", "bb"}
    assert storage.file_hashes("2026-W49.md") == frozenset()
