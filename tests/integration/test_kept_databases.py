"""The database of every schema opens with today's program, and its issues stay what they are, for ever."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from tests.databases import BEGIN, MONDAY, SUBSCRIPTIONS, Kept, kept, write
from tests.factories import make_config
from tracker import digest
from tracker.models import Role
from tracker.storage import Storage
from tracker.storage.migrations import MIGRATIONS

LATER = MONDAY.replace(year=2031)


def steps() -> list[str]:
    """Name every step of the schema, in order."""
    with closing(Database(memory=True)) as empty:
        return [each.name for each in MIGRATIONS.pending(empty)]


@pytest.fixture(scope="module", autouse=True)
def _update(request: pytest.FixtureRequest) -> None:
    """Write the unreleased schema's database anew where that is asked for."""
    if request.config.getoption("--update-databases"):
        newest = steps()[-1]
        assert not [each for each in kept() if each.step == newest and each.is_released], f"{newest} is released"
        write(newest)


@pytest.fixture(params=kept(), ids=lambda each: each.step)
def old(request: pytest.FixtureRequest) -> Kept:
    """One database of the past after the other."""
    found: Kept = request.param
    return found


@pytest.fixture
def path(old: Kept, tmp_path: Path) -> Path:
    """It, unpacked."""
    old.unpack(tmp_path / "tracker.db")
    return tmp_path / "tracker.db"


def schema(path: Path) -> dict[str, str]:
    """Give the statement that made each table, view, index and trigger."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    return {name: sql for name, sql in rows if not name.startswith("sqlite_")}


def test_every_schema_has_its_database() -> None:
    """A step without a kept database fails here; only the newest schema's may be unreleased."""
    assert [each.step for each in kept()] == steps(), "run .venv/bin/python -m pytest --update-databases"
    assert all(each.is_released for each in kept()[:-1])


def test_the_unreleased_database_is_of_the_present_schema(tmp_path: Path) -> None:
    """As long as the newest step may be edited, its database follows it."""
    newest = kept()[-1]
    if newest.is_released:
        pytest.skip("the newest schema is released")
    newest.unpack(tmp_path / "kept.db")
    Storage.open(tmp_path / "new.db", now=BEGIN).close()
    assert schema(tmp_path / "kept.db") == schema(tmp_path / "new.db"), "run pytest --update-databases"


def test_an_old_database_is_brought_to_the_present_schema(path: Path, tmp_path: Path) -> None:
    """Whatever it began as, it ends with the tables, columns, views and indexes of a new one, and sound."""
    with Storage.open(path, now=LATER) as storage:
        assert storage.integrity() == ()
    Storage.open(tmp_path / "new.db", now=LATER).close()
    assert schema(path).keys() == schema(tmp_path / "new.db").keys()
    for table in schema(path):
        columns = [
            {tuple(row)[1:3] for row in sqlite3.connect(each).execute(f"PRAGMA table_info('{table}')")}
            for each in (path, tmp_path / "new.db")
        ]
        assert columns[0] == columns[1], table


def test_its_issues_stay_what_they_are(old: Kept, path: Path, tmp_path: Path) -> None:
    """Every issue is given back byte for byte, and its composition still makes the same page.

    Where a template was changed on purpose, LABEL.rerendered.md says what the composition makes today.
    """
    config = make_config(tmp_path / "feeds.toml", subscriptions=())
    with Storage.open(path, now=LATER) as storage:
        labels = [issue.label for issue in storage.issues()]
        assert sorted(labels) == sorted(each.stem for each in old.pages.glob("*.md") if "rerendered" not in each.name)
        for label in labels:
            page = (old.pages / f"{label}.md").read_bytes()
            assert digest.rebuild(config, storage, label, rerender=False) == page
            today = old.pages / f"{label}.rerendered.md"
            expected = today.read_bytes() if today.exists() else page
            assert digest.rebuild(config, storage, label, rerender=True) == expected


def test_life_goes_on_in_it(path: Path, tmp_path: Path) -> None:
    """What waited in it is news of the next issue, once; what was announced is not announced again."""
    config = make_config(tmp_path / "feeds.toml", subscriptions=SUBSCRIPTIONS[1:])
    with Storage.open(path, now=LATER) as storage:
        waiting = {entry.id for entry in storage.unassigned(before=LATER, now=LATER)}
        assert waiting
        (issue,) = digest.close_overdue(config, storage, now=LATER)
        placed = {each.entry for each in storage.placed(issue.label) if each.role is Role.NEWS}
    assert placed == waiting
