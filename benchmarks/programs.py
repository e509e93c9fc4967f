"""Name the programs that are measured beside tracker: their commands and files, and how to count what they keep."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / "build" / "peers"
PYTHON = VENV / "bin" / "python"
THREADS = 20  # of those that have threads or processes for it; tracker and the floor ask 64 at a time
Count = Callable[[Path], int]


@dataclass(slots=True, kw_only=True)
class Program:
    """Something that polls in a folder: its command, the files that it keeps there, how to count what is in them.

    `keeps_entries` is false for one that keeps a document for each feed.
    """

    name: str
    command: Sequence[str | Path]
    files: str
    count: Count
    keeps_entries: bool = True
    seconds: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)

    def run(self, job: str, folder: Path, day: int) -> None:
        """Do a job; keep its wall and CPU seconds."""
        clock = {"TRACKER_CLOCK": f"2026-11-{2 + day:02}T12:00:00Z*1"}
        environ = os.environ | clock | {"PYTHONPATH": str(ROOT), "HOME": str(folder)}
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(self.command, cwd=folder, env=environ, check=True, capture_output=True)
        after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.seconds.setdefault(job, []).append((wall, cpu))

    def weigh(self, folder: Path) -> None:
        """Keep how many bytes its files have, a write-ahead log among them."""
        self.sizes.append(sum(each.stat().st_size for each in folder.glob(self.files)))


def prepare(folder: Path, urls: Sequence[str]) -> None:
    """Write the feeds as each program wants to have them."""
    (folder / "urls").write_text("\n".join(urls) + "\n", encoding="utf-8")
    head = '[http]\nhost_delay = "0s"\nconcurrency = 64\n'
    tables = "".join(f'[[feed]]\nid = "f{number}"\nurl = "{url}"\n' for number, url in enumerate(urls))
    (folder / "feeds.toml").write_text(head + tables, encoding="utf-8")
    (folder / "config").write_text(f"reload-threads {THREADS}\n", encoding="utf-8")
    calls = "".join(f'feed "f{number}" "{url}"\n' for number, url in enumerate(urls))
    sfeedrc = f'sfeedpath="{folder}/feeds"\nmaxjobs=8\nfeeds() {{\n{calls}}}\n'
    (folder / "sfeedrc").write_text(sfeedrc, encoding="utf-8")


def programs() -> Iterator[Program]:
    """Give what can be measured here, tracker first; say what cannot."""
    yield Program(
        name="tracker",
        command=[sys.executable, "-m", "tracker", "poll"],
        files="tracker.db*",
        count=_rows("tracker.db", "entries"),
    )
    yield Program(
        name="floor",
        command=[sys.executable, ROOT / "benchmarks" / "floor.py", "floor.db", "urls"],
        files="floor.db*",
        count=_rows("floor.db", "feeds"),
        keeps_entries=False,
    )
    yield from _from_the_registry()
    yield from _of_the_system()


def versions(found: Sequence[Program]) -> dict[str, str]:
    """Name the versions of what was measured."""
    said = {"tracker": version("tracker"), "pycurl": version("pycurl"), "sqlite": sqlite3.sqlite_version}
    if PYTHON.exists():
        command = [PYTHON, "-m", "pip", "list", "--format=json"]
        listed = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        said |= {each["name"]: each["version"] for each in listed if each["name"] in {"reader", "feedparser"}}
    if any(each.name == "newsboat" for each in found):
        told = subprocess.run(["newsboat", "-v"], capture_output=True, check=True, text=True).stdout
        said["newsboat"] = told.split()[1]
    return said


def _from_the_registry() -> Iterator[Program]:
    """Give what is installed into an environment of its own."""
    if not PYTHON.exists() and not _has_made_environment():
        print("reader, feedparser loop: left out, their environment could not be made")
        return
    for name, file in (("feedparser loop", "loop"), ("reader", "with_reader")):
        yield Program(
            name=name,
            command=[PYTHON, ROOT / "benchmarks" / f"{file}.py", f"{file}.db", "urls"],
            files=f"{file}.db*",
            count=_rows(f"{file}.db", "entries"),
        )


def _has_made_environment() -> bool:
    packages = ["reader", "feedparser", "sgmllib3k"]
    made = (
        subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, check=False).returncode == 0
        and subprocess.run([PYTHON, "-m", "pip", "install", "-q", *packages], check=False).returncode == 0
    )
    if not made:
        shutil.rmtree(VENV, ignore_errors=True)
    return made


def _of_the_system() -> Iterator[Program]:
    """Give what a distribution packs, where it is installed."""
    newsboat = Program(
        name="newsboat",
        command=["newsboat", "-u", "urls", "-c", "cache.db", "-C", "config", "-x", "reload"],
        files="cache.db*",
        count=_rows("cache.db", "rss_item"),
    )
    # sfeed keeps no validators, so that nothing is 304 for it: that is how it comes.
    sfeed = Program(name="sfeed", command=["sfeed_update", "sfeedrc"], files="feeds/*", count=_lines)
    for program in (sfeed, newsboat):
        if shutil.which(str(program.command[0])):
            yield program
        else:
            print(f"{program.name}: left out, {program.command[0]} is not installed")


def _rows(file: str, table: str) -> Count:
    def count(folder: Path) -> int:
        with closing(sqlite3.connect(folder / file)) as db:
            return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    return count


def _lines(folder: Path) -> int:
    return sum(each.read_bytes().count(b"\n") for each in (folder / "feeds").iterdir())
