"""What the database keeps of its entries stays right whoever changes them, and with whichever statement."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import NOW, make_entry, make_issue, make_placed, make_subscription, store_entries, subscribe
from tracker.storage import Storage

DATES = (
    "SELECT published FROM appearances JOIN entries ON entries.id = entry WHERE feed = ? AND left_at IS NULL"
    " AND published IS NOT NULL ORDER BY published DESC"
)
WAITING = (
    "SELECT DISTINCT entry FROM appearances AS own WHERE backlog = '' AND NOT EXISTS"
    " (SELECT 1 FROM issue_entries WHERE entry = own.entry AND role = 'news') ORDER BY entry"
)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Two feeds that share a post, and each with a date kept; of what is news one waits, one was placed."""
    with Storage.open(tmp_path / "tracker.db", now=NOW) as storage:
        subscribe(storage, make_subscription(id="a"), make_subscription(id="b"))
        posts = [make_entry(number, published=NOW - timedelta(days=number)) for number in range(1, 5)]
        store_entries(storage, posts[:3], feed="a")
        store_entries(storage, posts[3:], feed="b", backlog="older")
        storage.add_issue(make_issue(), [make_placed(1)])
        for feed in ("a", "b"):
            storage.published(feed, keep=True)
    with closing(sqlite3.connect(tmp_path / "tracker.db", isolation_level=None)) as opened:
        opened.execute("PRAGMA foreign_keys = ON")
        yield opened


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE appearances SET backlog = '' WHERE feed = 'b'",
        "UPDATE appearances SET backlog = 'older' WHERE feed = 'a'",
        "UPDATE appearances SET backlog = ''",
        "UPDATE appearances SET entry = 4 WHERE entry = 2",
        "UPDATE appearances SET left_at = '2026-11-25T00:00:00Z' WHERE entry = 2",
        "UPDATE appearances SET feed = 'b' WHERE entry = 3",
        "DELETE FROM appearances WHERE entry = 2",
        "DELETE FROM appearances WHERE feed = 'b'",
        "INSERT INTO appearances (feed, entry, first_seen, last_seen) VALUES ('b', 2, '', '')",
        "INSERT OR REPLACE INTO appearances (feed, entry, first_seen, last_seen) VALUES ('b', 4, '', '')",
        "INSERT INTO appearances SELECT * FROM appearances WHERE entry = 4 ON CONFLICT DO UPDATE SET backlog = ''",
        "INSERT INTO issue_entries (issue, entry, role, is_shown) VALUES (1, 2, 'news', 1)",
        "INSERT INTO issue_entries (issue, entry, role, is_shown) VALUES (1, 2, 'second-look', 1)",
        "DELETE FROM issue_entries",
        "UPDATE entries SET published = '2026-11-25T00:00:00Z' WHERE id = 2",
        "UPDATE entries SET published = NULL WHERE id = 4",
    ],
)
def test_what_is_kept_follows_every_statement(db: sqlite3.Connection, statement: str) -> None:
    """Whatever is done to appearances, entries and places, by hand too: what waits is true, and no old date is kept."""
    db.execute(statement)
    assert db.execute("SELECT entry FROM waiting ORDER BY entry").fetchall() == db.execute(WAITING).fetchall()
    for feed, dates in db.execute("SELECT feed, dates FROM rhythms").fetchall():
        assert json.loads(dates) == [date for (date,) in db.execute(DATES, (feed,))]


def test_nothing_is_forgotten_without_a_reason(db: sqlite3.Connection) -> None:
    """That an entry was seen again, or reworded, leaves its feeds' dates where they are."""
    db.execute("UPDATE appearances SET last_seen = '2026-11-25T00:00:00Z', position = 3")
    db.execute("UPDATE entries SET title = 'Another'")
    assert db.execute("SELECT count(*) FROM rhythms").fetchone() == (2,)


def test_a_feed_that_is_deleted_takes_its_dates_with_it(db: sqlite3.Connection) -> None:
    """A feed's row can be deleted, as a renamed one's is; nothing is left that points to it."""
    db.execute("DELETE FROM appearances WHERE feed = 'b'")
    db.execute("INSERT INTO rhythms VALUES ('b', '[]')")
    db.execute("DELETE FROM feeds WHERE id = 'b'")
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert db.execute("SELECT feed FROM rhythms").fetchall() == [("a",)]
