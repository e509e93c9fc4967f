"""docs/database.md and the real schema say the same: every table, view and column, with its type."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from tests.factories import NOW
from tracker.storage import Storage

PAGE = (Path(__file__).parents[2] / "docs" / "database.md").read_text(encoding="utf-8")
HEADING = re.compile(r"^### (Table|View) `(\w+)`$", re.MULTILINE)
ROW = re.compile(r"^\| `(\w+)` \|(.+)\|$", re.MULTILINE)


def documented() -> dict[tuple[str, str], dict[str, tuple[str, str]]]:
    """Parse the page: (kind, name) → column → (type, meaning); a view's columns have no type."""
    headings = list(HEADING.finditer(PAGE))
    ends = [each.start() for each in headings[1:]] + [len(PAGE)]
    found = {}
    for heading, end in zip(headings, ends, strict=True):
        kind, name = heading[1].lower(), heading[2]
        columns = {}
        for row in ROW.finditer(PAGE, heading.end(), end):
            cells = [cell.strip() for cell in row[2].split("|")]
            columns[row[1]] = (cells[0] if kind == "table" else "", cells[-1])
        found[kind, name] = columns
    return found


@pytest.fixture
def schema(tmp_path: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Ask a new database: (kind, name) → column → type."""
    path = tmp_path / "tracker.db"
    Storage.open(path, now=NOW).close()
    connection = sqlite3.connect(path)
    # what FTS5 and SQLite keep for themselves is "shadow" or named sqlite_…
    things = connection.execute(
        "SELECT CASE type WHEN 'view' THEN 'view' ELSE 'table' END, name FROM pragma_table_list"
        " WHERE schema = 'main' AND type <> 'shadow' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    ).fetchall()
    found = {
        (kind, name): {
            column: "" if kind == "view" else declared
            for column, declared in connection.execute(
                "SELECT name, type FROM pragma_table_xinfo(?) WHERE hidden = 0", (name,)
            )
        }
        for kind, name in things
    }
    connection.close()
    return found


def test_every_table_and_view_is_described(schema: dict[tuple[str, str], dict[str, str]]) -> None:
    """The page names the tables and views that exist, and no others."""
    assert set(documented()) == set(schema)


def test_every_column_is_described_with_its_type(schema: dict[tuple[str, str], dict[str, str]]) -> None:
    """Each column stands on the page with its type and a meaning, and the page knows no other columns."""
    page = documented()
    assert {
        thing: {column: declared for column, (declared, _) in columns.items()} for thing, columns in page.items()
    } == schema
    for thing, columns in page.items():
        for column, (_, meaning) in columns.items():
            assert meaning, f"{thing[1]}.{column} has no meaning"


def test_the_questions_of_the_page_can_be_asked(tmp_path: Path) -> None:
    """Every statement that the page shows runs."""
    path = tmp_path / "tracker.db"
    Storage.open(path, now=NOW).close()
    (block,) = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    statements = [statement for line in block.splitlines() if (statement := line.split(" --")[0].strip())]
    assert len(statements) == 5
    connection = sqlite3.connect(path)
    for statement in statements:
        assert connection.execute(statement).fetchall() == []
    connection.close()


def test_the_words_of_check_constraints_stand_on_the_page(tmp_path: Path) -> None:
    """What a column may hold, by the schema, is listed for its readers."""
    path = tmp_path / "tracker.db"
    Storage.open(path, now=NOW).close()
    connection = sqlite3.connect(path)
    sql = "\n".join(row[0] for row in connection.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"))
    connection.close()
    words = {word for values in re.findall(r"IN \(('[^)]+)\)", sql) for word in re.findall(r"'([\w-]+)'", values)}
    assert words >= {"youtube", "listing", "second-look", "partial"}
    assert not {word for word in words if f"`{word}`" not in PAGE}
