"""The time machine: every scenario ends with nothing lost and nothing doubled, and a sabotaged program is caught."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import pytest

from tests.conftest import ROOT
from tracker.cli import cli
from tracker.cli import simulate as command
from tracker.config import loads
from tracker.models import Config, Entry, Identified
from tracker.poll import identify, reading
from tracker.simulate import MOST_WEEKS, SCENARIOS, Plan, Report, audited, begins, prepared, simulate, workshop
from tracker.simulate.drive import Drive

HEAD = """
[digest]
timezone = "Europe/London"
title = "Simulated"
"""
COURSE = """
[[feed]]
id = "course"
playlist = "PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"
title = "Zero to Hero"
course = true
"""
CHANNELS = """
[[feed]]
id = "long-ones"
channel = "UCXUPKJO5MZQN11PqgIvyuvQ"
videos = ["long"]

[[feed]]
id = "busy"
channel = "UCBa5G_ESCn8Yd4vw5U-gIcg"
match = "CS229|LLM"
"""
POSTS = """
[[feed]]
id = "letter"
publication = "https://small-models.substack.com"

[[feed]]
id = "blog"
url = "https://weeknight.example/atom.xml"
"""
PAPERS = """
[[feed]]
id = "papers"
categories = ["cs.CL"]

[[feed]]
id = "query"
query = 'abs:"scaling laws" AND cat:cs.CL'

[[feed]]
id = "people"
authors = ["Ada Moreau"]
"""
FEW = HEAD + COURSE + POSTS
ALL = FEW + CHANNELS + PAPERS
# What each scenario is lived with, for how many weeks: enough to see all of it happen, and no more, for it takes time.
LIVES = {
    "calm": (ALL, 2, (2, 0, 0)),
    "youtube-outages": (HEAD + COURSE + CHANNELS, 1, (1, 0, 0)),
    "laptop": (FEW, 2, (0, 2, 0)),
    "holiday": (HEAD + POSTS + PAPERS, 5, (2, 0, 1)),
    "dst": (HEAD + POSTS, 7, (7, 0, 0)),
    "moves": (FEW, 4, (4, 0, 0)),
    "chaos": (ALL, 5, (0, 2, 1)),
}


def config_of(feeds: str, folder: Path) -> Config:
    return loads(feeds.encode(), folder / "feeds.toml")


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A course, a newsletter, a blog."""
    return config_of(FEW, tmp_path)


def plan_of(folder: Path, scenario: str = "calm", *, weeks: int = 2, seed: int = 0) -> Plan:
    return Plan(scenario=scenario, weeks=weeks, seed=seed, first_day=begins(scenario), folder=folder)


@contextmanager
def lived(config: Config, plan: Plan) -> Iterator[Drive]:
    """Live through a plan and stop before the judgement."""
    with workshop() as folder:
        drive = prepared(config, plan, workshop=folder)
        drive.run()
        yield drive


def change(drive: Drive, sql: str) -> None:
    """Do to the database behind the program's back what no program of ours does."""
    raw = sqlite3.connect(drive.config.database)
    with raw:
        raw.execute(sql)
    raw.close()


def judged(drive: Drive, plan: Plan) -> Report:
    return audited(drive, plan, seconds=0.0)


def pages(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in sorted((folder / "digests").iterdir())}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_is_survived(name: str, tmp_path: Path) -> None:
    """Each entry that was taken is news once, each closing hour has its issue, and what issues tell is true (M20).

    A laptop that sleeps at Monday 07:00 closes late, weeks away are one issue, and an hour that comes twice, or not at
    all, gives one issue that is on time.
    """
    feeds, weeks, expected = LIVES[name]
    report = simulate(config_of(feeds, tmp_path), plan_of(tmp_path, name, weeks=weeks))
    entries, issues = report.entries, report.issues

    assert (entries.lost, entries.doubled, issues.broken, report.states.wrong) == ((), (), (), ())
    assert entries.arrived == entries.shown + entries.not_shown + entries.waiting
    assert entries.shown > 3
    assert entries.unseen == 0 or name == "chaos"
    assert (issues.on_time, issues.late, issues.caught_up) == expected
    assert report.states.right > 0
    assert bool(report.crashes) == (name == "chaos")


def test_the_same_seed_gives_the_same_pages_in_another_process(config: Config, tmp_path: Path) -> None:
    """Byte for byte, whatever Python's hashes are; another seed gives others; nothing of the reader's is touched."""
    simulate(config, plan_of(tmp_path / "here", weeks=1))
    simulate(config, plan_of(tmp_path / "other", weeks=1, seed=1))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "feeds.toml").write_text(FEW, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tracker", "simulate", "--weeks", "1", "--into", "../there"],
        cwd=tmp_path / "home",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert pages(tmp_path / "here") == pages(tmp_path / "there")
    assert pages(tmp_path / "here") != pages(tmp_path / "other")
    assert [each.name for each in (tmp_path / "home").iterdir()] == ["feeds.toml"]
    assert "seed 0" in done.stdout
    assert "Read first: ../there/digests/2026-W48.md" in done.stdout


# ---------------------------------------------------------------- sabotage


def test_an_issue_that_vanished_is_caught(config: Config, tmp_path: Path) -> None:
    """Rows of a closed issue that are gone are lost entries; a whole issue that is gone is also a missing one."""
    plan = plan_of(tmp_path, weeks=3)
    with lived(config, plan) as drive:
        change(drive, "DELETE FROM issue_entries WHERE issue = 2")
        assert judged(drive, plan).entries.lost
        change(drive, "DELETE FROM issues WHERE id = 2")
        report = judged(drive, plan)

    assert any("closing hours" in line for line in report.issues.broken)
    assert any("begins" in line for line in report.issues.broken)
    assert not report.is_good


def test_an_identity_that_repeats_is_caught(config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that takes a post for another one every week announces it twice."""
    real = reading.normalize

    def forgetful(*args: Any, now: datetime, **fields: Any) -> tuple[Entry, ...]:
        week = now.isocalendar().week
        entries = real(*args, now=now, **fields)
        return tuple(replace(each, guid=f"{each.guid}#{week}", canonical="", slice="") for each in entries)

    monkeypatch.setattr(reading, "normalize", forgetful)
    report = simulate(config, plan_of(tmp_path))

    assert any(line.startswith("post:") and "is news in 2026-W48, " in line for line in report.entries.doubled)


def test_entries_that_are_hushed_up_are_caught(config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that takes every third new entry for backlog loses them; one that takes backlog for news says too much."""
    real = identify.identify

    def deaf(*args: Any, **fields: Any) -> tuple[Identified, ...]:
        return tuple(
            replace(each, backlog="never mind" if number % 3 == 0 else each.backlog)
            for number, each in enumerate(real(*args, **fields))
        )

    def loud(*args: Any, **fields: Any) -> tuple[Identified, ...]:
        return tuple(replace(each, backlog="") for each in real(*args, **fields))

    monkeypatch.setattr(identify, "identify", deaf)
    assert len(simulate(config, plan_of(tmp_path / "deaf", weeks=1)).entries.lost) > 2
    monkeypatch.setattr(identify, "identify", loud)
    assert any("is backlog" in line for line in simulate(config, plan_of(tmp_path / "loud", weeks=1)).entries.doubled)


@pytest.mark.parametrize("boxes", ["all", "none"])
def test_pages_that_differ_from_the_ledger_are_caught(boxes: str, tmp_path: Path) -> None:
    """A file that was written over, one that is missing, and an entry that stands on a page twice, box or no box."""
    plan = plan_of(tmp_path)
    with lived(config_of(f'{HEAD}boxes = "{boxes}"\n{COURSE}{POSTS}', tmp_path), plan) as drive:
        first, second = sorted((tmp_path / "digests").iterdir())
        entry = next(each for each in first.read_text("utf-8").splitlines() if "](https://weeknight.example/" in each)
        first.write_text(f"{first.read_text('utf-8')}\n{entry}\n", "utf-8")
        second.unlink()
        report = judged(drive, plan)

    assert len(report.issues.broken) == 2
    assert any("stands twice on the page of 2026-W48" in line for line in report.entries.doubled)


def test_what_was_not_so_is_told(tmp_path: Path) -> None:
    """Issues that tell of outages in a world that had none are wrong."""
    plan = plan_of(tmp_path, "youtube-outages", weeks=1)
    with lived(config_of(HEAD + COURSE + CHANNELS, tmp_path), plan) as drive:
        drive.scenario = replace(drive.scenario, outages=())
        report = judged(drive, plan)

    assert any("outage youtube.com" in line for line in report.states.wrong)


# ---------------------------------------------------------------- the command


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a feeds.toml, in which commands run."""
    (tmp_path / "feeds.toml").write_text(HEAD + POSTS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


Call = Callable[..., Any]


@pytest.fixture
def call(home: Path) -> Call:
    """Call the command in this process; give its exit code."""
    return lambda *args: cli.main(["simulate", *args], standalone_mode=False)


def test_a_loss_ends_with_exit_code_1(
    call: Call, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Scripts see that something is wrong, and standard error names each case."""
    real = identify.identify
    monkeypatch.setattr(identify, "identify", lambda *args, **fields: real(*args, **fields)[1:])

    assert call("--weeks", "1", "--json") == 1
    told = capsys.readouterr()
    assert '"lost": [' in told.out
    assert "lost: post:" in told.err


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("--into", "."), "is not empty"),
        (("--from", "soon"), "is no day"),
        (("--from", "1999-01-01"), "2025 to 2090"),
        (("--weeks", "0"), "1<=x<=520"),
        (("--scenario", "storm"), "youtube-outages"),
    ],
)
def test_wrong_use_is_told(call: Call, args: tuple[str, ...], text: str) -> None:
    """A folder that is in use, a day that is none, too many weeks, an unknown scenario: one line each."""
    with pytest.raises(click.UsageError, match=text):
        call(*args)


def test_without_a_feed_there_is_nothing_to_simulate(call: Call, home: Path) -> None:
    """An empty feeds.toml says what to do."""
    (home / "feeds.toml").write_text("")
    with pytest.raises(click.UsageError, match="tracker subscribe URL"):
        call()


def test_the_command_offers_what_there_is() -> None:
    """The names and bounds that the command knows without loading anything are the time machine's, and documented."""
    page = (ROOT / "docs" / "simulate.md").read_text(encoding="utf-8")

    assert tuple(SCENARIOS) == command.SCENARIOS
    assert command.MOST_WEEKS == MOST_WEEKS
    assert all(f"| `{name}` |" in page for name in SCENARIOS)
    assert begins("calm").isoformat() == "2026-11-23"
