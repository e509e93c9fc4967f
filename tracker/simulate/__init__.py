"""Run feeds.toml through weeks of virtual time in seconds: the time machine, and the rig that proves the promises.

The real pipeline, storage, windows and digest run on a generated internet below the fetch seam: `words`, `papers` and
`histories` make what the feeds will show, `documents` write it as the sources do, `internet` answers requests, `line`
takes fetch's place, `scenarios` say what goes wrong, `drive` steps through time, `witness` remembers what was given,
`audit` and `states` compare it with the issues. docs/simulate.md says what is real and what is not.
"""

from __future__ import annotations

import tempfile
import time as clock
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tracker.models import Config
from tracker.simulate import scenarios
from tracker.simulate.audit import audit_entries, audit_issues
from tracker.simulate.drive import Drive
from tracker.simulate.hours import closing_hours, period_of
from tracker.simulate.internet import Internet
from tracker.simulate.line import VirtualClock
from tracker.simulate.report import Report
from tracker.simulate.scenarios import SCENARIOS, begins
from tracker.simulate.states import audit_states
from tracker.simulate.witness import Witness
from tracker.storage import Storage

__all__ = ("MOST_WEEKS", "SCENARIOS", "Plan", "Report", "audited", "begins", "prepared", "simulate", "workshop")

DATABASE = "tracker.db"
MOST_WEEKS = 520
_MEMORY = Path("/dev/shm")  # noqa: S108 -- a folder of its own is made in it
_HOUR = time(9)  # in the digest's zone, of the first day: somebody has just installed it
_SLACK = timedelta(hours=3)
_MONTH_SLACK = timedelta(days=4)  # the first window of a monthly digest is as long as that month


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to simulate; `first_day` is a day in the digest's zone, `folder` must be a new or empty one."""

    scenario: str
    weeks: int
    seed: int
    first_day: date
    folder: Path


def simulate(config: Config, plan: Plan, *, told: Callable[[datetime], None] = lambda _: None) -> Report:
    """Live through the plan's weeks and compare the issues with what was given; `told` hears each tick's moment."""
    began = clock.perf_counter()
    with workshop() as folder:
        drive = prepared(config, plan, workshop=folder, told=told)
        drive.run()
        report = audited(drive, plan, seconds=clock.perf_counter() - began)
        with Storage.open(drive.config.database, now=drive.end) as storage:
            storage.backup(plan.folder / DATABASE)
    return report


@contextmanager
def workshop() -> Iterator[Path]:
    """Give a folder for the database while it is written to: in memory, where nothing has to wait for a disk."""
    with tempfile.TemporaryDirectory(prefix="tracker-", dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        yield Path(folder)


def prepared(config: Config, plan: Plan, *, workshop: Path, told: Callable[[datetime], None] = lambda _: None) -> Drive:
    """Make everything ready: digests in the plan's folder, the database in the workshop, nothing of the reader's."""
    digest = replace(config.digest, folder=plan.folder / "digests")
    config = scenarios.as_lived(plan.scenario, replace(config, database=workshop / DATABASE, digest=digest))
    start = datetime.combine(plan.first_day, _HOUR, ZoneInfo(config.digest.timezone)).astimezone(UTC)
    end = start + timedelta(weeks=plan.weeks)
    scenario = scenarios.scenario(plan.scenario, config, seed=plan.seed, start=start, end=end)
    internet = Internet(config, scenario, seed=plan.seed, start=start, end=end)
    witness = Witness(
        internet=internet,
        start=start,
        since=start - period_of(config.digest),
        first_close=closing_hours(config.digest, start, end + timedelta(days=40))[0],
        slack=_MONTH_SLACK if config.digest.every == "month" else _SLACK,
    )
    return Drive(
        config=config,
        scenario=scenario,
        internet=internet,
        witness=witness,
        seed=plan.seed,
        end=end,
        clock=VirtualClock(start),
        told=told,
    )


def audited(drive: Drive, plan: Plan, *, seconds: float) -> Report:
    """Compare what came of it with what was given."""
    with Storage.open(drive.config.database, now=drive.end) as storage:
        issues = storage.issues()
        return Report(
            scenario=plan.scenario,
            seed=plan.seed,
            weeks=plan.weeks,
            start=drive.witness.start,
            end=drive.end,
            folder=plan.folder,
            first=drive.config.digest.folder / issues[0].file if issues else None,
            polls=drive.polls,
            crashes=drive.crashes,
            seconds=seconds,
            requests=dict(sorted(drive.witness.requests.items())),
            entries=audit_entries(drive, storage),
            issues=audit_issues(drive, storage),
            states=audit_states(drive, storage),
        )
