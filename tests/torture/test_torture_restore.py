"""Torture of `tracker backup` and `tracker restore`: killed at any instant, beside a daemon, and nothing is half of both."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from tests.internet import Internet
from tests.torture.rig import PATIENCE, PROC, Rig
from tests.torture.test_torture import MINUTES, SEED

ROUNDS = int(os.environ.get("TORTURE_KILLS", "200")) // 10
TABLES = ("feeds", "entries", "appearances", "issues", "issue_entries", "batches", "marks", "files")
Held = Mapping[str, tuple[tuple[object, ...], ...]]

pytestmark = pytest.mark.skipif(not PROC.joinpath("self/environ").exists(), reason="looks for orphans in /proc")


class Restoring:
    """A rig whose database is copied and brought back, over and over."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.database, self.copy = rig.oracle.database, rig.disk / "copy.db"
        self.restores = self.refusals = 0
        self.untouched: dict[Path, bytes] = {}

    def live(self) -> None:
        """Let a day or two pass, in peace: news, an issue."""
        self.rig.finish(self.rig.start("poll", "--force"))
        self.rig.finish(self.rig.start("digest", "--close"))

    def back_up(self) -> None:
        """Copy the database and kill that; what stands there is the former copy or the new one, and then the new one."""
        former, now = held(self.copy), held(self.database)
        self._killed("backup", self.copy.name, "--force")
        assert held(self.copy) in (former, now)
        assert held(self.database) == now
        self.rig.run("backup", self.copy.name, "--force")
        assert held(self.copy) == now

    def bring_back(self) -> None:
        """Restore and kill that: the database is the former one or the copy, and the pages are as they were."""
        saved, now, pages = held(self.copy), held(self.database), self._pages()
        self._killed("restore", self.copy.name)
        assert held(self.database) in (now, saved)
        assert held(self.copy) == saved
        self.rig.run("restore", self.copy.name)
        assert held(self.database) == saved
        assert self._pages() == pages
        kept = [held(path) for path in self.database.parent.glob("tracker.db.kept-*") if "unfinished" not in path.name]
        assert now in kept, "the former database was thrown away"
        self.untouched |= pages
        self.restores += 1

    def refuse(self) -> None:
        """Try to restore beside a daemon, which goes on; then kill that."""
        daemon = self.rig.start("run")
        lock = self.database.with_name(f"{self.database.name}.daemon.lock")
        deadline = time.monotonic() + PATIENCE
        while str(daemon.popen.pid) not in (lock.read_text() if lock.exists() else ""):
            assert time.monotonic() < deadline, "the daemon does not begin"
            time.sleep(0.02)
        tried = self.rig.start("restore", self.copy.name)
        assert self.rig.finish(tried) == 1
        assert "already runs" in self.rig.said_by(tried)
        self.refusals += 1
        self.rig.kill(daemon)

    def _killed(self, *args: str) -> None:
        dice = self.rig.dice
        dies = dice.choice(("", f"file {dice.randint(1, 12)}", f"write {dice.randint(1, 4)}"))
        process = self.rig.start(*args, dies=dies)
        if dies:
            self.rig.finish(process)
            return
        time.sleep(dice.uniform(0.05, 1.1) * self.rig.usual)
        self.rig.kill(process)

    def _pages(self) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in self.rig.digests.iterdir()}

    def end(self) -> None:
        """Let calm days pass, and judge: one issue for each entry, whole pages, and no half copy anywhere."""
        rig = self.rig
        rig.calm(is_calm=True)
        rig.run("backup", self.copy.name, "--force")
        rig.run("restore", self.copy.name)
        rig.run("poll", "--force")
        rig.run("digest", "--close")
        rig.run("run", "--once")
        assert rig.alive() == []
        assert rig.bad_words() == []
        with closing(sqlite3.connect(self.database)) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            twice = "SELECT entry FROM issue_entries WHERE role = 'news' GROUP BY entry HAVING count(*) > 1"
            assert db.execute(twice).fetchall() == []
        assert {path: page for path, page in self._pages().items() if path in self.untouched} == self.untouched
        halves = [path.name for path in (*rig.disk.iterdir(), *rig.digests.iterdir()) if "unfinished" in path.name]
        assert halves == []


def held(path: Path) -> Held:
    """Read what a database holds; it is sound, and nothing of it is in a file beside it that got lost."""
    if not path.exists():
        return {}
    with closing(sqlite3.connect(path, timeout=60)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return {table: tuple(sorted(db.execute(f"SELECT * FROM {table}"), key=repr)) for table in TABLES}


def tortured(rig: Rig, *, rounds: int, until: float) -> Restoring:
    """Back up and restore so often, or until the time is over."""
    restoring = Restoring(rig)
    rig.run("poll")
    rig.calm(is_calm=False)
    restoring.live()
    for number in range(rounds):
        if time.monotonic() > until:
            break
        restoring.back_up()
        restoring.live()
        if number % 3 == 0:
            restoring.refuse()
        restoring.bring_back()
    restoring.end()
    return restoring


@pytest.mark.slow
def test_a_few_restores_are_killed(net: Internet, tmp_path: Path) -> None:
    """A backup and a restore that die in the middle leave the one database or the other, whole, and the next one cleans up."""
    with Rig(net, tmp_path, seed=7) as rig:
        restoring = tortured(rig, rounds=3, until=time.monotonic() + PATIENCE)
        assert restoring.refusals == 1
        assert rig.kills.total() > 1


@pytest.mark.torture
def test_restores_are_killed(net: Internet, tmp_path: Path) -> None:
    """Many restores, killed at any instant; what each leaves is told apart by every row of every table."""
    print(f"TORTURE_SEED={SEED}")  # noqa: T201 -- whoever runs it must be able to run it again
    with Rig(net, tmp_path, seed=SEED) as rig:
        restoring = tortured(rig, rounds=ROUNDS, until=time.monotonic() + 60 * MINUTES / 9)
        print(f"{restoring.restores} restores, {restoring.refusals} refused, kills {dict(rig.kills)}")  # noqa: T201 -- the count is the result
