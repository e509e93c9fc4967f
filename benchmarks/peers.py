"""Measure the polls that happen every hour beside other programs, side by side on this machine: `make peers`.

    python -m benchmarks.peers [FEEDS] [ROUNDS] [PROGRAM …]      # such as 300 5 floor

Each job is a process of its own, start-up included, against a server on loopback. `reader` and a plain feedparser loop
run in an environment that is made in build/peers; newsboat and sfeed where the system has them. Without one of them its
lines are left out, with the reason. Where programs are named, tracker is measured beside those only. Prints medians and
ratios, and keeps them in build/peers-FEEDS.json.
"""

from __future__ import annotations

import json
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.feeds import size
from benchmarks.programs import ROOT, Program, prepare, programs, versions
from benchmarks.server import address

__all__ = ("ROOT", "served")

Make = Callable[..., None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A poll: how many new entries each feed has had by then, how often it was asked, how long an answer takes."""

    name: str
    entries: int = 0
    churn: int = 0
    milliseconds: int = 0


FIRST = Job(name="first poll")
FAR = Job(name="304s at 50 ms latency", milliseconds=50)
JOBS = (
    FIRST,
    Job(name="second poll"),  # newsboat keeps validators from its second poll on, so that 304s begin with the third
    Job(name="nothing changed (304s)"),
    FAR,
    Job(name="churn", churn=1),
    Job(name="one new entry per feed", entries=1, churn=2),
)


@contextmanager
def served(feeds: int) -> Iterator[tuple[int, Make]]:
    """Start the server; give its port, and how to make the feeds anew: entries, churn, milliseconds."""
    command = [sys.executable, "-m", "benchmarks.server", str(feeds)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin, "pipes were asked for"
        assert server.stdout, "pipes were asked for"
        port = int(server.stdout.readline())

        def make(entries: int, churn: int, milliseconds: int = 0) -> None:
            assert server.stdin, "pipes were asked for"
            assert server.stdout, "pipes were asked for"
            server.stdin.write(f"{entries} {churn} {milliseconds}\n")
            server.stdin.flush()
            server.stdout.readline()

        yield port, make
        server.stdin.close()


def measure(program: Program, feeds: int, port: int, make: Make) -> None:
    """Do the jobs in a new folder, and check what was stored."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, [address(each, port) for each in range(feeds)])
        for day, job in enumerate(JOBS):
            make(job.entries, job.churn, job.milliseconds)
            program.run(job.name, folder, day)
            expected = _entries(feeds) + feeds * job.entries if program.keeps_entries else feeds
            stored = program.count(folder)
            assert stored == expected, f"{program.name}, {job.name}: {stored} of {expected}"
            if job is FIRST:
                program.weigh(folder)


def show(found: Sequence[Program], feeds: int) -> None:
    """Print medians, and how often each is in tracker's; keep them in build/peers-FEEDS.json."""
    kept: dict[str, object] = {
        "feeds": feeds,
        "entries": _entries(feeds),
        "rounds": len(found[0].sizes),
        "python": platform.python_version(),
        "machine": platform.platform(),
        "versions": versions(found),
    }
    for job in JOBS:
        kept |= _shown(job, found)
    for program in found:
        each = statistics.median(program.sizes) / _entries(feeds)
        print(f"{'bytes an entry':24} {program.name:16} {each:8.0f}")
        kept[f"bytes an entry, {program.name}"] = round(each)
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / f"peers-{feeds}.json").write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def _shown(job: Job, found: Sequence[Program]) -> dict[str, object]:
    kept: dict[str, object] = {}
    own = _medians(found[0], job)
    for program in found:
        wall, cpu = _medians(program, job)
        print(
            f"{job.name:24} {program.name:16} wall {wall:8.2f} s  CPU {cpu:8.2f} s"
            f"   {wall / own[0]:6.2f} and {cpu / own[1]:6.2f} times tracker's"
        )
        kept[f"{job.name}, {program.name}"] = {
            "wall_s": round(wall, 3),
            "cpu_s": round(cpu, 3),
            "wall_in_trackers": round(wall / own[0], 2),
            "cpu_in_trackers": round(cpu / own[1], 2),
        }
        if job is FAR and program.name == "floor":
            print(f"{job.name:24} tracker's wall time is {own[0] / wall:.2f} times the floor's")
    return kept


def _medians(program: Program, job: Job) -> tuple[float, float]:
    wall, cpu = (statistics.median(each) for each in zip(*program.seconds[job.name], strict=True))
    return wall, cpu


def _entries(feeds: int) -> int:
    return sum(map(size, range(feeds)))


def main(feeds: str = "100", rounds: str = "3", *names: str) -> None:
    """Measure programs in turns, so that a busy minute of the machine meets each."""
    found = [each for each in programs() if not names or each.name in ("tracker", *names)]
    with served(int(feeds)) as (port, make):
        for _ in range(int(rounds)):
            for program in found:
                measure(program, int(feeds), port, make)
    show(found, int(feeds))


if __name__ == "__main__":
    main(*sys.argv[1:])
