"""The tree keeps its shape: short modules that say what they are, documented commands, a light start."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.conftest import ROOT
from tracker.cli import cli

MODULES = sorted((ROOT / "tracker").rglob("*.py"))
# The one module that is longer: every value passed between stages, on one page.
LONG = {"models.py"}
COMMANDS = (
    *("init", "subscribe", "unsubscribe", "import", "export", "feeds", "check", "poll", "digest", "run", "status"),
    *("entries", "search", "star", "done", "hide", "marks", "why", "simulate", "backup", "restore"),
)
# What costs a start-up its time, and is loaded where it is used.
HEAVY = {"yt_dlp", "apscheduler", "jinja2", "feedparser", "asyncio", "tomlkit", "rich"}


def tracker(*args: str, cwd: Path = ROOT) -> str:
    """Run a command that must succeed; give what it says."""
    command = [sys.executable, "-m", "tracker", *args]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
    return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_it_is_and_is_short(path: Path) -> None:
    """Every module begins with a docstring whose first line is a sentence, and fits on a few screens."""
    text = path.read_text(encoding="utf-8")
    first = (ast.get_docstring(ast.parse(text)) or "").split("\n")[0]
    assert first.endswith(".")
    assert len(first) > 20
    assert text.removeprefix("r").startswith('"""')
    assert path.name in LONG or len(text.splitlines()) <= 300


def test_the_long_module_is_still_long() -> None:
    """An exception that is not needed any more is taken back."""
    lengths = {path.name: len(path.read_text().splitlines()) for path in MODULES if path.name in LONG}
    assert lengths.keys() == LONG
    assert all(length > 300 for length in lengths.values())


def test_help_names_every_command_and_only_these() -> None:
    """`tracker --help` lists the commands in a newcomer's order, and so does the README's table."""
    listed = re.findall(r"^  ([a-z-]+)  ", tracker("--help").partition("Commands:")[2], re.MULTILINE)
    assert tuple(listed) == COMMANDS
    table = [line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert {name for line in table for name in re.findall(r"`tracker ([a-z-]+)", line.split(" | ")[0])} == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    """The help of each command shows an example that is a call of it, and says a sentence for each option."""
    told = tracker(command, "--help")
    example = told.partition("Example: ")[2]
    assert f"tracker {command}" in example or f"feeds.toml {command}" in example
    found = cli.get_command(click.Context(cli), command)
    assert found is not None
    options = [each for each in found.params if isinstance(each, click.Option)]
    assert {each.name for each in options if not each.help} == set()


@pytest.mark.parametrize("args", [("--help",), ("--version",), ("feeds",), ("status",)], ids=" ".join)
def test_a_short_command_loads_nothing_heavy(args: tuple[str, ...], tmp_path: Path) -> None:
    """Help and a list of feeds start without the libraries that only other commands use."""
    (tmp_path / "feeds.toml").write_text('[[feed]]\nid = "a"\nurl = "https://a.example/feed"\n')
    assert HEAVY & loaded(*args, cwd=tmp_path) == set()


def test_a_poll_without_news_loads_nothing_to_read_them_with(tmp_path: Path) -> None:
    """Asking costs no parser, no cleaner of HTML, no digest, and a database at its newest schema no migrations.

    Nor what reads dates in headers, finds certificates where the system has none, lists YouTube's lists, and explains
    mistakes.
    """
    (tmp_path / "feeds.toml").write_text('[[feed]]\nid = "a"\nurl = "https://a.example/feed"\npaused = true\n')
    tracker("poll", cwd=tmp_path)
    unread = {"nh3", "sqlite_utils", "urllib.request", "tracker.digest", "tracker.poll.parse", "tracker.poll.normalize"}
    unread |= {"email.utils", "http", "difflib", "subprocess", "ssl"}
    unread |= {"tracker.poll.fetch.ytdlp", "tracker.config.lines"}
    found = loaded("poll", cwd=tmp_path)
    assert "tracker.poll.fetch.http" in found
    assert (HEAVY | unread) & found == set()


def loaded(*args: str, cwd: Path) -> set[str]:
    """Name the modules that a command has loaded by its end."""
    script = (
        "import sys\nfrom tracker.cli import cli\n"
        f"cli.main({list(args)!r}, standalone_mode=False)\nprint(*sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout
    return set(done.stderr.split())
