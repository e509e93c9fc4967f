"""A database is brought to the newest schema, step by step, and never without a copy of what it was."""

from __future__ import annotations

import ast
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
from sqlite_utils import Database, Migrations

from tests.factories import NOW, make_entry, store_entries, subscribe
from tracker.errors import MigrationError, StorageError
from tracker.storage import Storage, m001_kept, migrations, opening
from tracker.storage.connection import Connection
from tracker.storage.opening import backup_name, migrate

LATER = NOW + timedelta(days=1)


def make_steps(*more: str, fails: bool = False) -> Migrations:
    """Be a later version of the program: the known steps, and one more that runs `more`."""
    steps = Migrations("tracker")
    steps()(migrations.m001_initial)

    def m002_later(db: Database) -> None:
        for statement in more:
            db.execute(statement)
        if fails:
            db.execute("SELECT * FROM no_such_table")

    steps()(m002_later)
    return steps


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "tracker.db"
    with Storage.open(path, now=NOW) as storage:
        subscribe(storage)
        store_entries(storage, [make_entry()])
    return path


def apply(path: Path, steps: Migrations) -> None:
    """Open a database as another version of the program would."""
    connection = Connection(path)
    try:
        migrate(connection, steps, now=LATER)
    finally:
        connection.close()


def test_a_new_database_has_every_step_and_no_copy(tmp_path: Path) -> None:
    """The steps are noted with the program's own time; an empty file needs no copy."""
    path = tmp_path / "tracker.db"
    Storage.open(path, now=NOW).close()
    other = sqlite3.connect(path)
    assert other.execute("SELECT migration_set, name, applied_at FROM _sqlite_migrations").fetchall() == [
        ("tracker", "m001_initial", "2026-11-25T12:00:00Z")
    ]
    other.close()
    assert list(tmp_path.glob("*before*")) == []


def test_two_programs_that_migrate_at_once_do_it_once(tmp_path: Path) -> None:
    """Whoever waited for the other looks again and finds nothing left to do."""
    path = tmp_path / "tracker.db"
    first = Connection(path)
    first.read("PRAGMA journal_mode = WAL")
    with ThreadPoolExecutor(1) as pool:
        with first.transaction():
            second = pool.submit(lambda: Storage.open(path, now=LATER).close())
            # the second now waits for the write lock, or will find the work done: both must end well
            with suppress(TimeoutError):
                second.result(timeout=0.3)
            migrations.MIGRATIONS.apply(first.db)
        second.result()
    assert [row["name"] for row in first.read("SELECT name FROM _sqlite_migrations")] == ["m001_initial"]
    first.close()


def test_opening_again_changes_nothing(path: Path) -> None:
    """A database at the newest schema is not written to when it is opened."""
    before = path.read_bytes()
    Storage.open(path, now=LATER).close()
    assert path.read_bytes() == before


def test_a_step_on_data_is_applied_and_the_old_file_kept(path: Path) -> None:
    """The copy is named after the step, holds the old schema with its data, and opens in the old program."""
    apply(path, make_steps("ALTER TABLE entries ADD COLUMN colour TEXT"))
    copy = backup_name(path, "m002_later")
    assert copy.name == "tracker.db.before-m002_later"
    with Storage.open(copy, now=NOW) as old:
        assert [entry.title for entry in old.entries()] == ["Post 1"]
        assert "colour" not in [row["name"] for row in old._db.read("PRAGMA table_info(entries)")]
    other = sqlite3.connect(path)
    assert other.execute("SELECT title, colour FROM entries").fetchall() == [("Post 1", None)]
    assert other.execute("SELECT applied_at FROM _sqlite_migrations ORDER BY id").fetchall() == [
        ("2026-11-25T12:00:00Z",),
        ("2026-11-26T12:00:00Z",),
    ]
    other.close()


def test_a_step_that_fails_changes_nothing(path: Path) -> None:
    """The whole step is undone, the sentence says so, and the program of before still opens the file."""
    with pytest.raises(MigrationError, match="nothing in it was changed"):
        apply(path, make_steps("ALTER TABLE entries ADD COLUMN colour TEXT", "DELETE FROM entries_fts", fails=True))
    with Storage.open(path, now=NOW) as storage:
        assert [entry.title for entry in storage.entries()] == ["Post 1"]
        assert "colour" not in [row["name"] for row in storage._db.read("PRAGMA table_info(entries)")]
        assert storage.integrity() == ()
    assert backup_name(path, "m002_later").exists()


def test_a_step_tried_twice_keeps_one_copy(path: Path) -> None:
    """A daemon that fails to migrate again and again does not fill the disk with copies."""
    for _ in range(2):
        with pytest.raises(MigrationError):
            apply(path, make_steps(fails=True))
    assert [each.name for each in path.parent.glob("*before*")] == ["tracker.db.before-m002_later"]


def test_without_a_copy_there_is_no_step(path: Path) -> None:
    """Where the copy cannot be made the database stays as it is."""
    backup_name(path, "m002_later").mkdir()
    with pytest.raises(StorageError, match="cannot be written"):
        apply(path, make_steps("ALTER TABLE entries ADD COLUMN colour TEXT"))
    with Storage.open(path, now=NOW) as storage:
        assert "colour" not in [row["name"] for row in storage._db.read("PRAGMA table_info(entries)")]


def test_a_newer_database_is_refused(path: Path) -> None:
    """A program that does not know a step leaves the file alone and says what to do."""
    apply(path, make_steps("ALTER TABLE entries ADD COLUMN colour TEXT"))
    before = path.read_bytes()
    with pytest.raises(MigrationError, match=r"was written by a newer tracker \(it knows m002_later\)"):
        Storage.open(path, now=NOW)
    assert path.read_bytes() == before


def test_steps_import_nothing_of_the_program() -> None:
    """A released step must do the same for ever, so it may follow no code that changes: it has SQL of its own alone."""
    assert _imported(migrations) == {"__future__.annotations", "sqlite_utils.*", "tracker.storage.m001_kept"}
    assert _imported(m001_kept) == {"__future__.annotations"}


def _imported(module: ModuleType) -> set[str]:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        if isinstance(node, ast.ImportFrom):
            own = node.module == "sqlite_utils"
            found |= {f"{node.module}.*"} if own else {f"{node.module}.{each.name}" for each in node.names}
    return found


def test_every_table_is_strict(path: Path) -> None:
    """SQLite checks the types of every column that this program made."""
    other = sqlite3.connect(path)
    loose = other.execute(
        "SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict AND schema = 'main'"
    ).fetchall()
    other.close()
    assert sorted(loose) == [("_sqlite_migrations",), ("sqlite_schema",), ("sqlite_sequence",)] or sorted(loose) == [
        ("_sqlite_migrations",),
        ("sqlite_schema",),
    ]


def test_a_database_at_the_newest_schema_is_known_without_the_steps() -> None:
    """The steps that opening names are those that the migrations have, under their set and table."""
    with closing(Database(memory=True)) as empty:
        steps = {each.name for each in migrations.MIGRATIONS.pending(empty)}
    assert (steps, migrations.MIGRATIONS.name, migrations.MIGRATIONS.migrations_table) == (
        opening.STEPS,
        opening.PROGRAM,
        opening.TABLE,
    )
