"""docs/feeds.md and the tables that the program reads say the same."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from tracker import config
from tracker.config import schema
from tracker.models import Config

ROOT = Path(__file__).parents[2]
SECTIONS = {
    "[tracker]": "tracker",
    "[http]": "http",
    "[storage]": "storage",
    "[digest]": "digest",
    "[ranking]": "ranking",
    "[interests]": "interests",
    "[[feed]]": "feed",
}
TABLES = {**schema.TABLES, "feed": schema.FeedTable}
# Defaults that are no value of feeds.toml: none, decided elsewhere, or something has to be said.
WORDS = {"none", "–", "see below", "the system's", "required", "by the target", "the feed's own"}


def documented() -> dict[str, dict[str, list[str]]]:
    """Read the page's tables: section → key → the cells after it."""
    found: dict[str, dict[str, list[str]]] = {}
    section = ""
    for line in (ROOT / "docs" / "feeds.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = SECTIONS[line.removeprefix("## ")]
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells and cells[0].strip("*").startswith("`"):
            found.setdefault(section, {})[cells[0].strip("*`")] = cells[1:]
    return found


def fields(table: str) -> dict[str, inspect.Field]:
    info = inspect.type_info(TABLES[table])
    assert isinstance(info, inspect.StructType)
    return {field.name: field for field in info.fields}


def every_key() -> list[tuple[str, str]]:
    return [(table, name) for table in TABLES for name in fields(table)]


def value_of(cell: str) -> Any:
    """Read a cell's code as a value of feeds.toml."""
    return tomllib.loads(f"x = {cell.strip('`')}")["x"]


def converted(table: str, key: str, value: object) -> object:
    return getattr(msgspec.convert({key: value}, TABLES[table], dec_hook=schema.read), key)


@pytest.mark.parametrize("table", TABLES)
def test_every_key_is_documented_and_no_other(table: str) -> None:
    """A key that the program knows stands on the page, and the page invents none."""
    assert set(documented()[table]) == set(fields(table))


@pytest.mark.parametrize(("table", "key"), every_key())
def test_the_documented_default_is_the_real_one(table: str, key: str) -> None:
    """A default on the page is what the program takes; words stand only where there is no value."""
    cell = documented()[table][key][1]
    default = fields(table)[key].default
    if cell in WORDS:
        assert not getattr(default, "value", default)
    else:
        assert converted(table, key, value_of(cell)) == default


@pytest.mark.parametrize(("table", "key"), every_key())
def test_the_documented_example_works(table: str, key: str) -> None:
    """An example on the page can be copied, and is the one that messages give."""
    kind = fields(table)[key].type
    assert isinstance(kind, inspect.Metadata)
    example = value_of(documented()[table][key][2])
    assert [example] == (kind.extra_json_schema or {})["examples"]
    assert converted(table, key, example) is not None


@pytest.mark.parametrize(("table", "key"), every_key())
def test_documented_bounds_and_choices_are_the_real_ones(table: str, key: str) -> None:
    """Whole numbers say from where to where, choices name all that there are."""
    kind = fields(table)[key].type
    said = documented()[table][key][0]
    inner = kind.type if isinstance(kind, inspect.Metadata) else kind
    if isinstance(inner, inspect.IntType):
        assert said == f"whole number, {inner.ge} to {inner.le}"
    choices = re.findall(r'"\w+"', str(inner).replace("'", '"')) if "Literal" in str(inner) else []
    assert set(re.findall(r'"\w+"', said)) >= set(choices)


@pytest.mark.parametrize("number", range(1))
def test_the_pages_files_are_right(number: int) -> None:
    """What stands on the page as a whole file is one."""
    text = (ROOT / "docs" / "feeds.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert isinstance(config.loads(blocks[number].encode(), Path("/x/feeds.toml")), Config)
