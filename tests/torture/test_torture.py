"""Torture: many processes on one database, killed at any instant, on disks that fill up, by clocks that jump.

A small edition runs with the other tests; `make torture` runs the whole, at most ten minutes.
"""

from __future__ import annotations

import os
import signal
import time
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.internet import Internet
from tests.internet_replies import Seen
from tests.torture.disks import can_mount
from tests.torture.rig import BEGIN, COMES, COMMANDS, HARDSHIPS, PATIENCE, PROC, Process, Rig
from tests.torture.sites import Log
from tracker.sources.arxiv_calendar import batch_day

KILLS = int(os.environ.get("TORTURE_KILLS", "200"))
MINUTES = float(os.environ.get("TORTURE_MINUTES", "9"))
SEED = int(os.environ.get("TORTURE_SEED", "0")) or time.time_ns() % 1_000_000
DAY = timedelta(days=1)

pytestmark = pytest.mark.skipif(not PROC.joinpath("self/environ").exists(), reason="looks for orphans in /proc")


class Torture:
    """A rig at work: rounds of processes and kills, hardships in between, and a calm end in which all is judged."""

    def __init__(
        self, rig: Rig, *, commands: tuple[tuple[str, ...], ...], hardships: tuple[str, ...], pace: tuple[int, int]
    ) -> None:
        self.rig, self.commands, self.hardships = rig, commands, hardships
        self.rounds_between, self.rounds_within = pace
        self.rounds = 0
        self.daemon: Process | None = None

    def begin(self) -> None:
        """Take every feed's baseline in peace, so that whatever comes later is news."""
        self.rig.run("poll")
        self.rig.calm(is_calm=False)

    def round(self, *, limit: int = 0) -> None:
        """Let a daemon and some commands run at once; kill most of them, each at its own moment."""
        rig = self.rig
        self.rounds += 1
        daemon = self._daemon()
        others = [self._command() for _ in range(rig.dice.randint(1, 3))]
        victims = [each for each in (*others, daemon) if not each.dies and rig.dice.random() < 0.75]
        if limit:
            rig.limit(limit)
        for each in rig.moments(victims):
            self._end(each)
        for each in others:
            if each.is_spared:
                rig.finish(each)

    def _daemon(self) -> Process:
        if self.daemon and self.daemon.popen.poll() is not None:
            if self.daemon.is_spared:
                self.rig.finish(self.daemon)
            self.daemon = None
        self.daemon = self.daemon or self.rig.start(
            "run", dies=self.rig.death() if self.rig.dice.random() < 0.2 else ""
        )
        return self.daemon

    def _command(self) -> Process:
        """Start one, which may die by its own hand while it writes a file."""
        dies = self.rig.death() if self.rig.dice.random() < 0.5 else ""
        return self.rig.start(*self.rig.dice.choice(self.commands), dies=dies)

    def _end(self, process: Process) -> None:
        how = self.rig.dice.random()
        if how < 0.1:
            self.rig.suspend(process)
        if how > 0.9 and process.popen.poll() is None:
            self.rig.stop(process)
        else:
            self.rig.kill(process)

    def hardship(self, name: str) -> None:
        """Go through one hardship."""
        end = self.rig.hardship(name)
        try:
            is_limited = name == "a file-size limit" or (name == "a full disk" and not can_mount())
            size = self.rig.oracle.database.stat().st_size + 8192 if is_limited else 0
            for _ in range(self.rounds_within):
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
            is_enough = self.rig.kills.total() >= kills
            if is_enough or self.rounds % self.rounds_between == 0:
                waiting = waiting or list(self.hardships)
                self.hardship(waiting.pop(0))

    def end(self) -> None:
        """Kill what still runs, let some calm days pass, and judge."""
        rig = self.rig
        rig.stop_all()
        rig.calm(is_calm=True)
        edits = (("unsubscribe", "comes"), ("subscribe", COMES, "--id", "comes"))
        for edit in edits if edits[0] in self.commands else ():
            rig.finish(rig.start(*edit))  # what the last one left that was killed is cleared by an edit
        moment = rig.clock.furthest
        for at in (moment + 2 * DAY, moment + 9 * DAY):
            rig.papers.now = partial(_always, at)
            rig.run("run", "--once", clock=f"{at:%Y-%m-%dT%H:%M:%SZ}*0.000001")
        rig.run("backup", "copy.db", "--force")
        assert rig.alive() == []
        assert rig.bad_words() == []
        news = {key for name in ("blog", "plain", "notes") for key in rig.sites[name].keys}
        rig.oracle.verdict(rig.log.owed(rig.ended), news)
        rig.oracle.batches(rig.papers.batch, batch_day(at))

    def tell(self) -> str:
        """Say what was done."""
        rig = self.rig
        return "\n".join(
            (
                f"{self.rounds} rounds, {len(rig.processes)} processes, {rig.oracle.looks} looks",
                f"{rig.kills.total()} kills {dict(rig.kills)}, {rig.listings_killed} with yt-dlp at work; {rig.stops} stops",
                f"faults {rig.log.faults}",
                f"hardships {dict(rig.hardships)}; told of: {dict(rig.troubles())}",
                f"{len(rig.log.offers)} answers, {len(rig.log.owed(rig.ended))} entries owed",
                f"{len(rig.oracle.issues)} issues; arXiv's batches: {dict(rig.oracle.book)}",
                *(f"skipped: {each}" for each in sorted(rig.skipped)),
            )
        )


def _always(at: datetime) -> datetime:
    return at


def test_the_log_knows_what_is_owed() -> None:
    """Owed is what a process took in: it asked again, ended well, or said that it holds it; not what died or was full."""
    log = Log()

    def give(client: str, key: str, *, is_known: bool = False) -> None:
        seen = Seen(method="", scheme="", host="", path="", query="", headers={}, body=b"", at=BEGIN, client=client)
        log.note(seen, "blog", {key}, is_known=is_known)

    give("killed", "asked again after it")
    give("killed", "died with it")
    give("holds", "holds it", is_known=True)
    give("ended", "ended well")
    log.is_hard = True
    give("full", "could not keep it")
    give("full", "could not keep that either")
    assert set(log.owed({"ended", "full"})) == {"asked again after it", "holds it", "ended well"}


@pytest.mark.parametrize("dies", ["file 2", "write 9"])
def test_a_process_can_be_made_to_die(net: Internet, tmp_path: Path, dies: str) -> None:
    """A poll kills itself at the file, or at the write of SQL, that was chosen, and is counted."""
    with Rig(net, tmp_path, seed=1) as rig:
        assert rig.finish(rig.start("poll", dies=dies)) == -signal.SIGKILL
        assert rig.kills == {f"poll at a {dies.partition(' ')[0]}": 1}


@pytest.mark.parametrize("dies", ["half 1", "half 2"])
def test_half_a_page_is_nobodys_page(net: Internet, tmp_path: Path, dies: str) -> None:
    """A process that dies with half of a page written leaves what stood there, and the next one leaves no half behind."""
    with Rig(net, tmp_path, seed=1) as rig:
        rig.run("poll")
        rig.run("digest", "--close")
        before = {path.name: path.read_bytes() for path in rig.digests.iterdir()}
        rig.calm(is_calm=False)
        rig.papers.is_calm = True
        for _ in range(8):
            rig.finish(rig.start("poll", "--force"))
        assert rig.finish(rig.start("digest", "--close", dies=dies)) in {-signal.SIGKILL, 0}
        assert rig.kills == {"digest at a half": 1}
        after = {path.name: path.read_bytes() for path in rig.digests.iterdir()}
        assert {name: after[name] for name in before} == before
        rig.oracle.glance()
        halves = [name for name in after if not name.endswith(".md")]
        assert len(halves) == 1
        rig.run("digest", "--close")
        rig.oracle.glance()
        assert [path.name for path in rig.digests.iterdir() if path.suffix != ".md"] == []
        pages = [path.read_bytes() for path in rig.digests.iterdir()]
        assert all(page.endswith(b"\n") for page in pages)
        assert set(rig.oracle.issues.values()) <= set(pages)


@pytest.mark.slow
def test_a_small_torture(net: Internet, tmp_path: Path) -> None:
    """Six kills, a full disk and a stepped clock: nothing lost, nothing twice, every page whole, nobody orphaned."""
    small = (("poll", "--force"), ("digest",), ("backup", "copy.db", "--force"))
    with Rig(net, tmp_path, seed=20261125) as rig:
        torture = Torture(rig, commands=small, hardships=("a full disk", "the clock three days back"), pace=(1, 1))
        torture.begin()
        torture.go_on(kills=6, until=time.monotonic() + PATIENCE)
        torture.end()
        assert rig.kills.total() >= 6


@pytest.mark.torture
def test_torture(net: Internet, tmp_path: Path) -> None:
    """Hundreds of kills and every hardship; the seed repeats the dice, but not the system's scheduler."""
    print(f"TORTURE_SEED={SEED}")  # noqa: T201 -- whoever runs it must be able to run it again
    with Rig(net, tmp_path, seed=SEED) as rig:
        torture = Torture(rig, commands=COMMANDS, hardships=tuple(HARDSHIPS), pace=(4, 2))
        try:
            torture.begin()
            torture.go_on(kills=KILLS, until=time.monotonic() + 60 * MINUTES)
            torture.end()
        finally:
            print(torture.tell())  # noqa: T201 -- the count is the result
