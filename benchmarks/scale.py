"""Measure how costs grow with what is followed and stored, and draw it: `make scale`.

    python -m benchmarks.scale [FEEDSxENTRIES …]      # such as 100x10000 10000x1000000

In each world (benchmarks/world.py) a hundred feeds are due, a week of 2,500 papers waits, the rest is history. Every job
is the command that a reader runs, in a process of its own, start-up included; its CPU seconds and its largest resident
memory are what the system says of that process. Numbers go to build/scale.json, the picture to docs/scale.svg; it is drawn
by matplotlib in an environment of its own (build/pictures), and left out, with the reason, where that cannot be made.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.peers import ROOT, served

NOW = datetime(2026, 11, 25, 18, 20, tzinfo=UTC)
DUE = 100  # feeds that are due, and answer
WORLDS = ("100x10000", "300x30000", "1000x100000", "3000x300000", "10000x1000000")
ROUNDS = 3
IDLE = 95  # seconds for which the daemon is watched: three ticks
RESULTS = ROOT / "build" / "scale.json"
PICTURE = ROOT / "docs" / "scale.svg"
PICTURES = ROOT / "build" / "pictures"
Numbers = dict[str, float]


def main(*worlds: str) -> None:
    """Measure each world, then draw."""
    found: dict[str, object] = {"python": platform.python_version(), "machine": platform.platform(), "worlds": {}}
    with served(DUE) as (port, make):
        make(0, 0)
        for world in worlds or WORLDS:
            feeds, entries = map(int, world.split("x"))
            with tempfile.TemporaryDirectory() as name:
                numbers = measure(Path(name), port, feeds=feeds, entries=entries)
            for key, value in numbers.items():
                print(f"{world:>16}  {key:28} {value:10.3f}", flush=True)
            found["worlds"] |= {world: numbers}  # type: ignore[operator] -- a dict among the others' strings
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    draw()


def measure(folder: Path, port: int, *, feeds: int, entries: int) -> Numbers:
    """Fill a world, do every job in it."""
    # In a process of its own: a child's largest memory, as the system tells it, is never less than its parent's was.
    world = [sys.executable, "-m", "benchmarks.world", str(folder), str(port), str(feeds), str(entries)]
    subprocess.run(world, cwd=ROOT, check=True)
    numbers: Numbers = {"bytes_an_entry": (folder / "tracker.db").stat().st_size / entries}

    def job(name: str, *args: str, minutes: int = 0, rounds: int = ROUNDS) -> None:
        runs = [command(folder, *args, minutes=minutes) for _ in range(rounds)]
        numbers[f"{name}_cpu_s"] = sorted(cpu for cpu, _ in runs)[rounds // 2]
        numbers[f"{name}_mib"] = max(memory for _, memory in runs)

    job("nothing_due", "run", "--once", minutes=-60)
    job("search", "search", "quiet term77")
    job("search_for_what_all_have", "search", "quiet weekly")
    job("feeds", "feeds")
    job("preview", "digest", minutes=-30)
    job("close", "digest", "--close", minutes=-20, rounds=1)
    job("first_poll", "poll", rounds=1)  # the hundred that are due hold 5,400 entries
    job("hundred_due_304", "poll", minutes=11 * 60, rounds=1)
    numbers |= idle(folder)
    return numbers


def command(folder: Path, *args: str, minutes: int = 0) -> tuple[float, float]:
    """Run a command of tracker; give CPU seconds and MiB."""
    process = start(folder, *args, minutes=minutes)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    said = (folder / "stderr").read_text(encoding="utf-8")[-500:]
    assert process.returncode == 0, f"tracker {' '.join(args)} ended with {process.returncode}: {said}"
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def start(folder: Path, *args: str, minutes: int = 0) -> subprocess.Popen[bytes]:
    """Start a command of tracker, so many minutes after the world's moment."""
    clock = f"{NOW + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}*1"
    with (folder / "stderr").open("wb") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "tracker", *args],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT), "TRACKER_CLOCK": clock},
            stdout=subprocess.DEVNULL,
            stderr=said,
        )


def idle(folder: Path) -> Numbers:
    """Let the daemon run while nothing is due; give its memory and the share of a core that it takes."""
    process = start(folder, "run", minutes=11 * 60 + 5)
    try:
        time.sleep(10)  # started, and its first tick done
        before = _seconds(process.pid)
        time.sleep(IDLE)
        spent = _seconds(process.pid) - before
        memory = _resident(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
    return {"idle_daemon_mib": memory, "idle_daemon_percent": 100 * spent / IDLE}


def _seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def draw() -> None:
    """Draw docs/scale.svg from build/scale.json."""
    if not pictures():
        return
    script = ROOT / "benchmarks" / "picture.py"
    subprocess.run([PICTURES / "bin" / "python", script, RESULTS, PICTURE], check=True)
    print(f"drawn: {PICTURE.relative_to(ROOT)}")


def pictures() -> bool:
    """Make the environment that draws; say when it cannot be made."""
    python = PICTURES / "bin" / "python"
    if python.exists():
        return True
    steps: tuple[Callable[[], list[str]], ...] = (
        lambda: [sys.executable, "-m", "venv", str(PICTURES)],
        lambda: [str(python), "-m", "pip", "install", "-q", "matplotlib"],
    )
    if all(subprocess.run(step(), check=False).returncode == 0 for step in steps):
        return True
    shutil.rmtree(PICTURES, ignore_errors=True)
    print("the picture: left out, matplotlib could not be installed")
    return False


if __name__ == "__main__":
    main(*sys.argv[1:])
