"""Where the database is can be told without reading the feeds, and never differently than with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracker.config import load
from tracker.config.database import database_of
from tracker.errors import ConfigError

FEED = '[[feed]]\nid = "blog"\nurl = "https://weeknight.example/feed"\n'


@pytest.mark.parametrize(
    "text",
    [
        "",
        FEED,
        f'[tracker]\ndatabase = "kept/all.db"\n{FEED}',
        f'{FEED}[tracker]\ndatabase = "behind.db"\n',
        f'{FEED}[tracker]\n"d\\u0061tabase" = "spelt.db"\n',
        f'tracker.database = "dotted.db"\n{FEED}',
        f'[interests]\nkeywords = ["a", """\\\n[[b]]"""]\n[tracker]\ndatabase = "after.db"\n{FEED}',
        f'[digest]\nevery = "day"\n{FEED}[http]\ntimeout = "10s"\n',
    ],
)
def test_the_database_is_where_the_whole_file_says(tmp_path: Path, text: str) -> None:
    """Before the feeds, behind them, spelt with escapes, in a text that only looks like it: both ways agree."""
    path = tmp_path / "feeds.toml"
    path.write_text(text, encoding="utf-8")
    assert database_of(path) == load(path).database


def test_a_mistake_among_the_feeds_hinders_nobody(tmp_path: Path) -> None:
    """What is wrong with a feed does not keep one from what is stored."""
    path = tmp_path / "feeds.toml"
    path.write_text(f'[tracker]\ndatabase = "all.db"\n{FEED}wrong = 1\n', encoding="utf-8")
    assert database_of(path) == tmp_path / "all.db"


@pytest.mark.parametrize("text", ["[tracker]\ndatabase = 1\n", "[tracker\n", f"[digest]\nevery = 1\n{FEED}", "\x00"])
def test_a_mistake_before_the_feeds_is_told_as_ever(tmp_path: Path, text: str) -> None:
    """Where the settings are wrong, the error is the one that every command gives."""
    path = tmp_path / "feeds.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as whole:
        load(path)
    with pytest.raises(ConfigError) as found:
        database_of(path)
    assert str(found.value) == str(whole.value)
