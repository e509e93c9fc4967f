"""Measure the time machine: a year of the feeds.toml that comes with the program, calm and in chaos. Asserts no time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tracker.config import load
from tracker.simulate import Plan, begins, simulate

pytestmark = pytest.mark.bench
WEEKS = 52


@pytest.mark.parametrize("name", ["calm", "chaos"])
def test_a_year_of_the_shipped_feeds(name: str, tmp_path: Path) -> None:
    """Live through 52 weeks, print what they took; nothing is lost and nothing doubled."""
    config = load(ROOT / "feeds.toml")
    cpu = time.process_time()
    report = simulate(
        config, Plan(scenario=name, weeks=WEEKS, seed=0, first_day=begins(name), folder=tmp_path / "simulated")
    )
    cpu = time.process_time() - cpu

    print(f"\na year, {name}: {report.polls:,} polls, wall {report.seconds:.1f} s, CPU {cpu:.1f} s")
    assert report.is_good, (report.entries.lost, report.entries.doubled, report.issues.broken)
