"""Judge what a tortured database and its folders hold: by the sites' log, by SQLite itself, by the bytes of the files."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

LINK = re.compile(rb"https?://((?:blog|plain|notes|comes)\.example/(?:p/)?\w+-\d+)")
NEWS = (
    "SELECT key, label FROM issue_entries JOIN entries ON entries.id = entry JOIN issues ON issues.id = issue"
    " WHERE role = 'news'"
)


@dataclass(slots=True)
class Oracle:
    """What must be true of one rig's folders; it remembers what was once committed, for that must stay."""

    database: Path
    digests: Path
    feeds: Path
    issues: dict[str, bytes] = field(default_factory=dict)
    stored: set[str] = field(default_factory=set)
    looks: int = 0
    book: Counter[str] = field(default_factory=Counter)

    def glance(self) -> None:
        """Look at what may be looked at while others write: nothing is damaged, twice, changed, or taken back."""
        self.looks += 1
        tomllib.loads(self.feeds.read_text(encoding="utf-8"))
        with self._reading() as db:
            assert db.execute("PRAGMA quick_check").fetchall() == [("ok",)]
            assert db.execute("PRAGMA foreign_key_check").fetchall() == []
            issues = dict(db.execute("SELECT label, rendered FROM issues"))
            stored = {key for (key,) in db.execute("SELECT key FROM entries")}
            twice = db.execute(f"SELECT key FROM ({NEWS}) GROUP BY key HAVING count(*) > 1").fetchall()
        assert twice == []
        assert self.stored <= stored, f"no longer stored: {sorted(self.stored - stored)}"
        changed = [label for label, page in self.issues.items() if issues.get(label) != page]
        assert changed == [], f"issues that changed or went: {changed}"
        self.issues, self.stored = issues, stored
        self._pages()

    def _pages(self) -> None:
        """Hold every page against the hashes of what was written there, noted before it was; whole or not there."""
        pages = {path: path.read_bytes() for path in self.digests.glob("*.md")} if self.digests.is_dir() else {}
        with self._reading() as db:
            known = set(db.execute("SELECT path, sha256 FROM files"))
        for path, page in pages.items():
            name = path.relative_to(self.digests).as_posix()
            assert (name, hashlib.sha256(page).hexdigest()) in known, f"{name} is not what was written there"

    def verdict(self, owed: Mapping[str, str], all_news: set[str]) -> None:
        """Judge fully, when everything is over and calm: what is owed is stored, each in one issue, each page there."""
        self.glance()
        with self._reading() as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            news = dict(db.execute(NEWS))
            backlog = {
                key
                for (key,) in db.execute(
                    "SELECT key FROM entries WHERE id NOT IN (SELECT entry FROM appearances WHERE backlog = '')"
                )
            }
            delivered = db.execute("SELECT label, file, rendered FROM issues WHERE delivered_at IS NOT NULL").fetchall()
            waiting = db.execute("SELECT label, delivery_error FROM issues WHERE delivered_at IS NULL").fetchall()
            placed = db.execute(
                "SELECT label, key, is_shown FROM issue_entries JOIN entries ON entries.id = entry"
                " JOIN issues ON issues.id = issue"
            ).fetchall()
        self._pages_say_what_the_ledger_says(placed)
        lost = {key: why for key, why in owed.items() if key not in self.stored}
        assert lost == {}, f"{len(lost)} entries are lost: {dict(list(lost.items())[:5])}"
        assert all_news & self.stored <= news.keys(), f"in no issue: {sorted(all_news & self.stored - news.keys())[:5]}"
        assert self.stored - backlog <= news.keys()
        assert waiting == []
        for label, file, rendered in delivered:
            assert (self.digests / file).read_bytes() == rendered, f"the page of {label} is not what the issue holds"
        self._nothing_is_left_lying_about({file for _, file, _ in delivered})

    def batches(self, batch: Callable[[date], set[str]], today: date) -> None:
        """Hold arXiv's book against what was submitted: what it calls fetched is stored whole, and no day is left out.

        A day that was read from the feed is not judged: there each process reads by its own clock, and this one's runs
        a day in seconds.
        """
        with self._reading() as db:
            book = {date.fromisoformat(day): state for day, state in db.execute("SELECT day, state FROM batches")}
        self.book = Counter(book.values())
        lacking = {day: batch(day) - self.stored for day, state in book.items() if state == "fetched"}
        assert {day: keys for day, keys in lacking.items() if keys} == {}
        within = {day: state for day, state in book.items() if today - timedelta(days=29) <= day < today}
        assert {day: state for day, state in within.items() if state in {"missing", "lost"}} == {}

    def _pages_say_what_the_ledger_says(self, placed: Collection[tuple[str, str, int]]) -> None:
        """Find on each issue's page the posts that the ledger has as shown there, and no other."""
        for label, page in self.issues.items():
            linked = {f"web:{link.decode()}" for link in LINK.findall(page)}
            here = {key for issue, key, is_shown in placed if issue == label and is_shown and key.startswith("web:")}
            assert linked == here, f"the page of {label} and the ledger differ: {sorted(linked ^ here)[:5]}"

    def _nothing_is_left_lying_about(self, pages: set[str]) -> None:
        """Find no half of a file: not in the digest's folder, not beside the database."""
        names = {path.name for path in self.digests.iterdir()}
        halves = {name for name in names - pages if not name.endswith(".md")}
        assert halves == set(), f"left in the folder of digests: {sorted(halves)[:5]} of {len(halves)}"
        own = self.database.name
        beside = ("", "-wal", "-shm", ".poll.lock", ".digest.lock", ".daemon.lock")  # the logs are this reader's own
        expected = {*(own + ending for ending in beside), self.feeds.name, "copy.db", "run.log", "run.out"}
        left = {path.name for path in self.database.parent.iterdir()} - expected
        assert left == set(), f"left beside the database: {sorted(left)}"
        copy = self.database.with_name("copy.db")
        if copy.exists():
            with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro", uri=True)) as db:
                assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Read beside the program, at one moment."""
        with closing(sqlite3.connect(f"{self.database.as_uri()}?mode=ro", uri=True, timeout=60)) as db:
            db.execute("BEGIN")
            yield db
