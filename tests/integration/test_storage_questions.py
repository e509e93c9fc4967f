"""What the digest and people ask of the database, and the views for those who open it with other tools."""

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
    make_door,
    make_entry,
    make_identified,
    make_issue,
    make_paper,
    make_placed,
    make_subscription,
    make_video,
    store_entries,
    subscribe,
)
from tracker.models import Counts, Door, StoredEntry, Verdict
from tracker.storage import Storage, questions

HOUR = timedelta(hours=1)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    with Storage.open(tmp_path / "tracker.db", now=NOW) as opened:
        subscribe(opened, make_subscription(id="weeknight"), make_subscription(id="other"))
        yield opened


def titles(entries: tuple[StoredEntry, ...]) -> list[str]:
    """Give the titles in order."""
    return [entry.title for entry in entries]


def close(storage: Storage, label: str = "2026-W48", *, shown: int | None = None) -> None:
    """Close an issue with all that waits; show everything, or the first few."""
    waiting = storage.unassigned(before=WEEK_END, now=NOW)
    shown = len(waiting) if shown is None else shown
    placed = [
        make_placed(entry.id, is_shown=rank < shown, rank=rank, cut="" if rank < shown else "over the limit")
        for rank, entry in enumerate(waiting)
    ]
    storage.add_issue(make_issue(label=label), placed)


def test_entries_come_newest_first(storage: Storage) -> None:
    """By first seen, then date, then key; a limit cuts the end."""
    store_entries(storage, [make_entry(1)], at=NOW)
    store_entries(
        storage,
        [make_entry(2, published=NOW), make_entry(3, published=NOW + HOUR), make_entry(4, published=NOW)],
        at=NOW + HOUR,
    )
    assert titles(storage.entries()) == ["Post 3", "Post 2", "Post 4", "Post 1"]
    assert titles(storage.entries(limit=2)) == ["Post 3", "Post 2"]
    assert titles(storage.entries(limit=0)) == []


def test_entries_are_chosen_by_feed_issue_and_time(storage: Storage) -> None:
    """Each filter narrows, and together they all hold."""
    store_entries(storage, [make_entry(1), make_entry(2)])
    close(storage, shown=1)
    store_entries(storage, [make_entry(3)], feed="other", at=NOW + HOUR)
    assert titles(storage.entries(feed="other")) == ["Post 3"]
    assert titles(storage.entries(issue="2026-W48")) == ["Post 1", "Post 2"]
    assert titles(storage.entries(issue="2026-W48", not_shown=True)) == ["Post 2"]
    assert titles(storage.entries(not_shown=True)) == ["Post 2"]
    assert titles(storage.entries(since=NOW + HOUR)) == ["Post 3"]
    assert titles(storage.entries(feed="other", issue="2026-W48")) == []
    assert titles(storage.entries(issue="2026-W49")) == []


def test_an_entry_says_in_which_issue_it_was(storage: Storage) -> None:
    """Issue, shown and what cut it come with the entry; without an issue they are empty."""
    store_entries(storage, [make_entry(1), make_entry(2)])
    close(storage, shown=1)
    store_entries(storage, [make_entry(3)], at=NOW + HOUR)
    found = {entry.title: (entry.issue, entry.shown, entry.cut) for entry in storage.entries()}
    assert found == {
        "Post 1": ("2026-W48", True, ""),
        "Post 2": ("2026-W48", False, "over the limit"),
        "Post 3": ("", None, ""),
    }


def test_one_entry_is_found_by_key_and_by_id(storage: Storage) -> None:
    """Unknown keys and ids give nothing."""
    found = store_entries(storage, [make_entry(1), make_entry(2)])
    first = found["web:weeknight.example/1"]
    assert storage.entry(first.key) == first
    assert storage.entry("web:nothing") is None
    assert storage.entries_by_id([first.id, 999]) == {first.id: first}


def test_a_span_takes_what_was_first_seen_in_it(storage: Storage) -> None:
    """The start is inside, the end is not, backlog is left out, and closed entries are given all the same."""
    for number in range(4):
        store_entries(storage, [make_entry(number)], at=NOW + number * HOUR)
    store_entries(storage, [make_entry(9)], at=NOW + HOUR, backlog="older")
    close(storage)
    assert titles(storage.span(since=NOW + HOUR, until=NOW + 3 * HOUR)) == ["Post 1", "Post 2"]
    assert len(storage.issues()) == 1


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("scaling", ["Scaling laws, again"]),
        ("SCALED law", ["Scaling laws, again"]),
        ("hadda*", ["Scaling laws, again"]),
        ("ubung", ["Übung und Gefühl"]),
        ('"what tokenizers throw"', ["What Tokenizers Throw Away"]),
        ('"tokenizers what"', []),
        ("tokenizers nothing", []),
        ('"tokenizers', ["What Tokenizers Throw Away"]),
        ("C++ OR", []),
        ("summary:tokenizers", []),
        ("throw NOT haddad", []),
        ("(tokenizers", ["What Tokenizers Throw Away"]),
        ("tokenizers)", ["What Tokenizers Throw Away"]),
        ("'; DROP TABLE entries; --", []),
        ("^ * - + \" \" ''", []),
        ("\x00 \ud800", []),
        ("", []),
        ("***", []),
    ],
)
def test_search_takes_what_people_type(storage: Storage, query: str, expected: list[str]) -> None:
    """Stems, starts of words, phrases, no accents needed; whatever is typed, nothing is an operator or an error."""
    entries = [
        make_paper("2611.00001", title="Scaling laws, again", authors=("Rania Haddad",), summary="A fit."),
        make_paper("2611.00002", title="What Tokenizers Throw Away", authors=(), summary="C and its children."),
        make_paper("2611.00003", title="Übung und Gefühl", authors=(), summary=""),
    ]
    store_entries(storage, entries)
    assert titles(storage.search(query, limit=9)) == expected


def test_search_puts_titles_first(storage: Storage) -> None:
    """A word in the title weighs more than one in the summary; the limit holds; of equal ones the newest is first."""
    store_entries(
        storage,
        [
            make_entry(3, title="Something", summary="About tokenizers."),
            make_entry(2, title="Tokenizers", summary="About it."),
            make_entry(1, title="Tokenizers", summary="About it."),
        ],
    )
    assert [entry.url[-1] for entry in storage.search("tokenizer", limit=9)] == ["1", "2", "3"]
    assert [entry.url[-1] for entry in storage.search("tokenizer", limit=2)] == ["1", "2"]


def test_a_search_that_too_many_match_is_by_title_and_date(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more matches than are ranked, those with every word in the title come first, then the newest of the others."""
    texts = [("Sparse", "attention"), ("Attention, sparse", ""), ("Sparse attention", ""), ("Of", "sparse attention")]
    entries = [make_entry(number, title=title, summary=summary) for number, (title, summary) in enumerate(texts)]
    store_entries(storage, entries)
    monkeypatch.setattr(questions, "MOST_RANKED", 3)

    assert [entry.url[-1] for entry in storage.search("sparse attention", limit=9)] == ["2", "1", "3", "0"]
    assert [entry.url[-1] for entry in storage.search('"sparse attention"', limit=9)] == ["2", "3"]
    assert [entry.url[-1] for entry in storage.search("sparse attention", limit=3)] == ["2", "1", "3"]


def test_a_course_is_the_playlist_as_it_is_now(storage: Storage) -> None:
    """Playlist order; private lectures stay with their state, removed ones are left out, new ones come last (M28 M30)."""
    lectures = [make_video(f"video_{number:05}", position=number) for number in range(4)]
    storage.store("weeknight", [make_identified(each) for each in lectures], door=Door.LISTING, at=NOW)
    found = [storage.entry(each.key) for each in lectures]
    private = replace(lectures[1], title="[Private video]", placeholder="private", position=0)
    now_listed = [
        make_identified(private, id=found[1].id if found[1] else None, verdict=Verdict.CHANGED),
        make_identified(
            replace(lectures[0], position=1), id=found[0].id if found[0] else None, verdict=Verdict.UNCHANGED
        ),
        make_identified(
            replace(lectures[3], position=2), id=found[3].id if found[3] else None, verdict=Verdict.UNCHANGED
        ),
    ]
    later = NOW + HOUR
    with storage.transaction():
        storage.store("weeknight", now_listed, door=Door.LISTING, at=later)
        feed = storage.feed("weeknight")
        assert feed is not None
        storage.save_feed(replace(feed, listing_complete_at=later, listing=make_door()))
    assert len(storage.course("weeknight")) == 4  # one listing without it proves nothing
    storage.save_feed(replace(feed, listing_complete_at=later, listing_before_at=later, listing=make_door()))
    store_entries(storage, [make_video("only_in_feed")], at=later + HOUR)
    course = storage.course("weeknight")
    assert [each.key[-5:] for each in course] == ["00001", "00000", "00003", "_feed"]
    assert [each.availability for each in course] == ["private", "", "", ""]


def test_a_partial_listing_removes_nothing(storage: Storage) -> None:
    """Lectures that a cut-off listing did not reach are still in the course."""
    lectures = [make_video(f"video_{number:05}", position=number) for number in range(3)]
    storage.store("weeknight", [make_identified(each) for each in lectures], door=Door.LISTING, at=NOW)
    feed, first = storage.feed("weeknight"), storage.entry(lectures[0].key)
    assert feed is not None
    assert first is not None
    storage.save_feed(replace(feed, listing_complete_at=NOW, listing=make_door()))
    again = make_identified(lectures[0], id=first.id, verdict=Verdict.UNCHANGED)
    storage.store("weeknight", [again], door=Door.LISTING, at=NOW + HOUR)
    assert len(storage.course("weeknight")) == 3


def test_what_is_stored_is_counted(storage: Storage) -> None:
    """Each work counts once in all, and once for every feed that carries it."""
    assert storage.counts() == Counts()
    shared = make_entry(1)
    first = store_entries(storage, [shared, make_entry(2)])[shared.key]
    store_entries(storage, [make_entry(3)], backlog="older")
    storage.store(
        "other",
        [make_identified(shared, id=first.id, verdict=Verdict.UNCHANGED, backlog="older")],
        door=Door.FEED,
        at=NOW,
    )
    storage.add_issue(make_issue(), [make_placed(first.id)])
    assert storage.counts() == Counts(entries=3, backlog=1, unassigned=1)
    assert storage.feed_counts() == {
        "weeknight": Counts(entries=3, backlog=1, unassigned=1),
        "other": Counts(entries=1, backlog=1, unassigned=0),
    }


def test_a_snapshot_sees_one_moment(storage: Storage, tmp_path: Path) -> None:
    """Whatever another process stores meanwhile, every read in the block agrees."""
    with Storage.open(tmp_path / "tracker.db", now=NOW) as other:
        with storage.snapshot():
            assert storage.counts().entries == 0
            store_entries(other, [make_entry(1)])
            assert storage.counts().entries == 0
            assert storage.entries() == ()
        assert storage.counts().entries == 1


def test_views_answer_without_this_program(storage: Storage, tmp_path: Path) -> None:
    """Any SQLite tool reads the news by issue, what was not shown, what waits, and how feeds do."""
    store_entries(storage, [make_entry(1), make_entry(2)])
    close(storage, shown=1)
    store_entries(storage, [make_entry(3)])
    store_entries(storage, [make_entry(4)], backlog="older")
    feed = storage.feed("weeknight")
    assert feed is not None
    door = make_door(failures=2, failing_since=NOW, last_error="404", next_due_at=NOW)
    storage.save_feed(replace(feed, title="Weeknight ML", feed=door))
    other = sqlite3.connect(tmp_path / "tracker.db")
    other.row_factory = sqlite3.Row
    read = {
        view: [dict(row) for row in other.execute(f"SELECT * FROM {view}")]
        for view in ("news_by_issue", "not_shown", "unassigned", "feed_overview")
    }
    other.close()
    assert [(row["issue"], row["title"], row["shown"], row["feeds"]) for row in read["news_by_issue"]] == [
        ("2026-W48", "Post 1", 1, "weeknight"),
        ("2026-W48", "Post 2", 0, "weeknight"),
    ]
    assert [(row["issue"], row["title"], row["cut"]) for row in read["not_shown"]] == [
        ("2026-W48", "Post 2", "over the limit")
    ]
    assert [row["title"] for row in read["unassigned"]] == ["Post 3"]
    overview = {row["id"]: row for row in read["feed_overview"]}
    assert overview["other"]["failures"] == 0
    row = overview["weeknight"]
    assert (row["title"], row["entries"], row["backlog"], row["failures"]) == ("Weeknight ML", 4, 1, 2)
    assert (row["last_error"], row["next_due_at"]) == ("404", "2026-11-25T12:00:00Z")
