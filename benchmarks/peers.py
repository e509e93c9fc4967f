"""Measure the polls that happen every hour beside other programs, side by side on this machine: `make peers`.

    python -m benchmarks.peers [FEEDS] [ROUNDS]

Each job is a process of its own, start-up included, against a server on loopback. `reader` and a plain feedparser loop
run in an environment that is made in build/peers; newsboat and sfeed where the system has them. Without one of them its
lines are left out, with the reason. Prints medians and ratios, and keeps them in build/peers.json.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from benchmarks.feeds import size
from benchmarks.server import address

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / "build" / "peers"
JOBS = ("first poll", "nothing changed (304s)", "churn", "one new entry per feed")
Command = Callable[[Path, int], list[str]]


@dataclass(slots=True, kw_only=True)
class Program:
    """Something that polls: its command in a folder, on a day; the query that counts what it has stored."""

    name: str
    command: Command
    count: str
    seconds: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def run(self, job: str, folder: Path, day: int) -> None:
        """Do a job; keep its wall and CPU seconds."""
        environ = os.environ | {"PYTHONPATH": str(ROOT), "TRACKER_CLOCK": f"2026-11-{2 + day:02}T12:00:00Z*1"}
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(self.command(folder, day), cwd=folder, env=environ, check=True, capture_output=True)
        after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.seconds.setdefault(job, []).append((wall, cpu))

    def stored(self, folder: Path) -> int:
        """Count its entries."""
        with closing(sqlite3.connect(folder / "tracker.db")) as db:
            return int(db.execute(self.count).fetchone()[0])


def programs() -> Iterator[Program]:
    """Give what can be measured here; say what cannot."""
    yield Program(
        name="tracker",
        command=lambda _, __: [sys.executable, "-m", "tracker", "poll"],
        count="SELECT count(*) FROM entries",
    )
    python = VENV / "bin" / "python"
    if not python.exists():
        made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, check=False)
        packages = ["reader", "feedparser", "sgmllib3k"]
        made = (
            made if made.returncode else subprocess.run([python, "-m", "pip", "install", "-q", *packages], check=False)
        )
        if made.returncode:
            shutil.rmtree(VENV, ignore_errors=True)
            print("reader, feedparser loop: left out, their environment could not be made")
            return
    script = ROOT / "benchmarks"
    for name, file in (("feedparser loop", "loop.py"), ("reader", "with_reader.py")):
        yield Program(
            name=name,
            command=lambda folder, _, file=file: [str(python), str(script / file), "tracker.db", str(folder / "urls")],
            count="SELECT count(*) FROM entries",
        )
    for name in ("sfeed_update", "newsboat"):
        if not shutil.which(name):
            print(f"{name}: left out, it is not installed")


@contextmanager
def served(feeds: int) -> Iterator[tuple[int, Callable[[int, int], None]]]:
    """Start the server; give its port, and how to make the feeds anew."""
    command = [sys.executable, "-m", "benchmarks.server", str(feeds)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin, "pipes were asked for"
        assert server.stdout, "pipes were asked for"
        port = int(server.stdout.readline())

        def make(entries: int, churn: int) -> None:
            assert server.stdin, "pipes were asked for"
            assert server.stdout, "pipes were asked for"
            server.stdin.write(f"{entries} {churn}\n")
            server.stdin.flush()
            server.stdout.readline()

        yield port, make
        server.stdin.close()


def measure(program: Program, feeds: int, port: int, make: Callable[[int, int], None]) -> None:
    """Do the four jobs in a new folder, and check what was stored."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        urls = [address(each, port) for each in range(feeds)]
        (folder / "urls").write_text("\n".join(urls), encoding="utf-8")
        head = '[http]\nhost_delay = "0s"\nconcurrency = 64\n'
        tables = "".join(f'[[feed]]\nid = "f{number}"\nurl = "{url}"\n' for number, url in enumerate(urls))
        (folder / "feeds.toml").write_text(head + tables, encoding="utf-8")
        for day, (job, document) in enumerate(zip(JOBS, ((0, 0), (0, 0), (0, 1), (1, 2)), strict=True)):
            make(*document)
            program.run(job, folder, day)
            expected = sum(map(size, range(feeds))) + feeds * document[0]
            assert program.stored(folder) == expected, f"{program.name}, {job}: {program.stored(folder)} of {expected}"


def show(found: list[Program], feeds: int) -> None:
    """Print medians, and how often each is in tracker's; keep them in build/peers.json."""
    kept: dict[str, object] = {
        "feeds": feeds,
        "entries": sum(map(size, range(feeds))),
        "rounds": len(found[0].seconds[JOBS[0]]),
        "python": platform.python_version(),
        "machine": platform.platform(),
        "versions": _versions(),
    }
    for job in JOBS:
        own = [statistics.median(each) for each in zip(*found[0].seconds[job], strict=True)]
        for program in found:
            wall, cpu = (statistics.median(each) for each in zip(*program.seconds[job], strict=True))
            print(
                f"{job:24} {program.name:16} wall {wall:8.2f} s  CPU {cpu:8.2f} s"
                f"   {wall / own[0]:6.1f} and {cpu / own[1]:6.1f} times tracker's"
            )
            kept[f"{job}, {program.name}"] = {
                "wall_s": round(wall, 3),
                "cpu_s": round(cpu, 3),
                "cpu_in_trackers": round(cpu / own[1], 2),
            }
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "peers.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def _versions() -> dict[str, str]:
    """Name the versions of what was measured."""
    said = {"tracker": version("tracker"), "sqlite": sqlite3.sqlite_version}
    python = VENV / "bin" / "python"
    if python.exists():
        command = [python, "-m", "pip", "list", "--format=json"]
        listed = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        said |= {each["name"]: each["version"] for each in listed if each["name"] in {"reader", "feedparser"}}
    return said


def main(feeds: int = 100, rounds: int = 3) -> None:
    """Measure all programs in turns, so that a busy minute of the machine meets each."""
    found = list(programs())
    with served(feeds) as (port, make):
        for _ in range(rounds):
            for program in found:
                measure(program, feeds, port, make)
    show(found, feeds)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
