"""Hold what a simulation found: numbers, and a line for everything that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """Works, each counted once. `arrived` = shown + not shown + waiting + lost; `waiting` for the next close.

    `unseen` came and went between two answers: no fault of the issues, and often of nobody.
    """

    arrived: int = 0
    shown: int = 0
    not_shown: int = 0
    waiting: int = 0
    backlog: int = 0
    unseen: int = 0
    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Issues:
    """Closed issues: within ten minutes of their hour, later, or for windows that were missed (`caught_up`).

    `broken` is a line for each closing hour that no issue stands for, each span that does not begin where the last one
    ended, and each file that is not, byte for byte, what was closed.
    """

    on_time: int = 0
    late: int = 0
    caught_up: int = 0
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """What the issues said about feeds and hosts, beside what was true; a line for each that was wrong."""

    right: int = 0
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One simulation."""

    scenario: str
    seed: int
    weeks: int
    start: datetime
    end: datetime
    folder: Path
    first: Path | None
    polls: int
    crashes: int
    seconds: float
    requests: Mapping[str, int] = field(default_factory=dict)
    entries: Entries = Entries()
    issues: Issues = Issues()
    states: States = States()

    @property
    def is_good(self) -> bool:
        """Whether nothing was lost, nothing doubled and no issue broken."""
        return not (self.entries.lost or self.entries.doubled or self.issues.broken)
