"""Torture: many processes on one database, killed at any instant, on disks that fill up, by clocks that jump.

A small edition runs with the other tests; `make torture` runs the whole, at most ten minutes.
"""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.internet import Internet
from tests.torture.rig import COMES, COMMANDS, HARDSHIPS, PATIENCE, PROC, Process, Rig

KILLS = int(os.environ.get("TORTURE_KILLS", "200"))
MINUTES = float(os.environ.get("TORTURE_MINUTES", "9"))
SEED = int(os.environ.get("TORTURE_SEED", "0")) or time.time_ns() % 1_000_000
ROUNDS_BETWEEN = 5  # rounds from one hardship to the next
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

pytestmark = pytest.mark.skipif(not PROC.joinpath("self/environ").exists(), reason="looks for orphans in /proc")


class Torture:
    """A rig at work: rounds of processes and kills, hardships in between, and a calm end in which all is judged."""

    def __init__(self, rig: Rig, *, commands: tuple[tuple[str, ...], ...], hardships: tuple[str, ...]) -> None:
        self.rig, self.commands, self.hardships = rig, commands, hardships
        self.rounds = 0
        self.daemon: Process | None = None

    def begin(self) -> None:
        """Take every feed's baseline in peace, so that whatever comes later is news."""
        self.rig.run("poll")
        self.rig.run("poll", "--force")
        self.rig.calm(is_calm=False)

    def round(self, *, limit: int = 0) -> None:
        """Let a daemon and some commands run at once; kill most of them, each at its own moment."""
        rig = self.rig
        self.rounds += 1
        if self.daemon is None or self.daemon.popen.poll() is not None:
            self.daemon = rig.start("run")
        others = [rig.start(*rig.dice.choice(self.commands)) for _ in range(rig.dice.randint(1, 3))]
        victims = [each for each in (*others, self.daemon) if rig.dice.random() < 0.75]
        rig.dice.shuffle(victims)
        if limit:
            rig.limit(limit)
        for each in victims:
            rig.moment(each)
            rig.kill(each)
        for each in others:
            if each.is_spared:
                rig.finish(each)

    def hardship(self, name: str) -> None:
        """Go through one hardship, two rounds long."""
        end = self.rig.hardship(name)
        try:
            size = self.rig.oracle.database.stat().st_size + 8192 if name == "a file-size limit" else 0
            for _ in range(2):
                self.round(limit=size)
        finally:
            end()
        self.rig.oracle.glance()

    def go_on(self, *, kills: int, until: float) -> None:
        """Torture until there were so many kills, and every hardship came, or the time is over."""
        waiting = list(self.hardships)
        while (self.rig.kills.total() < kills or waiting) and time.monotonic() < until:
            self.round()
            self.rig.oracle.glance()
            if self.rounds % ROUNDS_BETWEEN == 0 or self.rig.kills.total() >= kills:
                waiting = waiting or list(self.hardships)
                self.hardship(waiting.pop(0))

    def end(self) -> None:
        """Stop the daemon as a user does, let some calm days pass, and judge."""
        rig = self.rig
        rig.stop_all()
        rig.calm(is_calm=True)
        moment = rig.clock.furthest
        for days in (2, 4, 8, 16):
            rig.run("run", "--once", clock=f"{moment + days * DAY:%Y-%m-%dT%H:%M:%SZ}*0.000001")
        rig.run("backup", "copy.db", "--force")
        news = {key for name in ("blog", "plain", "notes") for key in rig.sites[name].keys}
        rig.oracle.verdict(rig.log.owed(rig.ended), news)
        wait_for_none = rig.alive()
        assert wait_for_none == []
        assert rig.bad_words() == []

    def tell(self) -> str:
        """Say what was done."""
        rig = self.rig
        owed = len(rig.log.owed(rig.ended))
        return (
            f"{self.rounds} rounds, {len(rig.processes)} processes, {rig.kills.total()} kills {dict(rig.kills)}, of them "
            f"{rig.orphans_seen} with yt-dlp under way; faults {rig.log.faults}; hardships {dict(rig.hardships)}; "
            f"{len(rig.log.offers)} answers, {owed} entries owed, {len(rig.oracle.issues)} issues, {rig.oracle.looks} looks"
            + "".join(f"; skipped: {each}" for each in sorted(rig.skipped))
        )


@pytest.mark.slow
def test_a_small_torture(net: Internet, tmp_path: Path) -> None:
    """Six kills, a full disk and a stepped clock: nothing lost, nothing twice, every page whole, nobody orphaned."""
    small = (("poll", "--force"), ("digest",), ("subscribe", COMES, "--id", "comes"), ("backup", "copy.db", "--force"))
    with Rig(net, tmp_path, seed=20261125) as rig:
        torture = Torture(rig, commands=small, hardships=("a full disk", "the clock three days back"))
        torture.begin()
        torture.go_on(kills=6, until=time.monotonic() + PATIENCE)
        torture.end()
        assert rig.kills.total() >= 6


@pytest.mark.torture
def test_torture(net: Internet, tmp_path: Path) -> None:
    """Hundreds of kills and every hardship; the seed repeats the dice, but not the system's scheduler."""
    print(f"TORTURE_SEED={SEED}")  # noqa: T201 -- whoever runs it must be able to run it again
    with Rig(net, tmp_path, seed=SEED) as rig:
        torture = Torture(rig, commands=COMMANDS, hardships=tuple(HARDSHIPS))
        try:
            torture.begin()
            torture.go_on(kills=KILLS, until=time.monotonic() + 60 * MINUTES)
            torture.end()
        finally:
            print(torture.tell())  # noqa: T201 -- the count is the result
