"""Run many processes of the program at once on one database, kill them at random, and make their machine misbehave."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Self

from tests.conftest import cli_environ
from tests.e2e.world import wait_for
from tests.internet import Internet
from tests.torture.disks import can_mount, file_in_place_of, full, read_only, small_disk
from tests.torture.oracle import Oracle
from tests.torture.papers import Papers
from tests.torture.sites import PLAYLIST, Course, Log, Newsletter, Site

BEGIN = datetime(2026, 11, 4, 9, 30, tzinfo=UTC)
SPEED = 20_000  # a day in 4.3 seconds
PATIENCE = 120.0  # seconds for what ends by itself, on a busy machine
DEATHS = {
    "file": 8,
    "write": 120,
    "half": 2,
}  # what a command touches or writes before it dies by its own hand, at most
DYING = Path(__file__).with_name("dying")
ORPHANS = 30.0  # seconds until a killed process's children must be gone
PROC = Path("/proc")
BAD_WORDS = re.compile(r"\blocked|Traceback|has been writing to it for more than|Logging error")

TROUBLES = re.compile(
    "the disk is full|cannot be written|could not be read or written|cannot be opened|No space left|File too large"
    "|Read-only file system|File exists|Not a directory"
)

FEEDS_TOML = """\
[tracker]
database = "tracker.db"
[http]
host_delay = "0s"
timeout = "10s"
[digest]
folder = {folder}
every = "day"
timezone = "UTC"
templates = {templates}
[[feed]]
id = "blog"
url = "https://blog.example/feed.xml"
[[feed]]
id = "plain"
url = "http://plain.example/feed.xml"
[[feed]]
id = "notes"
publication = "https://notes.example"
[[feed]]
id = "course"
playlist = "{playlist}"
course = true
[[feed]]
id = "papers"
categories = ["cs.CL"]
"""
COMES = "https://comes.example/feed.xml"
COMMANDS = (
    *3 * (("poll", "--force"),),
    *3 * (("run", "--once"),),
    *2 * (("digest",),),
    *3 * (("digest", "--close"),),
    ("digest", "-o", "-"),
    ("poll",),
    ("entries",),
    ("search", "post"),
    ("feeds",),
    ("status",),
    *2 * (("backup", "copy.db", "--force"),),
    *2 * (("subscribe", COMES, "--id", "comes"),),
    ("unsubscribe", "comes"),
)


@dataclass(slots=True)
class Clock:
    """The time that every process is started with; it runs fast, and can be set."""

    start: datetime = BEGIN
    origin: float = field(default_factory=time.monotonic)
    furthest: datetime = BEGIN

    def now(self) -> datetime:
        """Tell the time."""
        now = self.start + timedelta(seconds=(time.monotonic() - self.origin) * SPEED)
        self.furthest = max(self.furthest, now)
        return now

    def step(self, by: timedelta) -> None:
        """Set the clock forward or back."""
        self.now()
        self.start += by

    def text(self) -> str:
        """Give TRACKER_CLOCK."""
        return f"{self.now():%Y-%m-%dT%H:%M:%SZ}*{SPEED}"


@dataclass(slots=True)
class Process:
    """One process of the program, with its name and what it says."""

    name: str
    args: tuple[str, ...]
    popen: subprocess.Popen[bytes]
    began: float
    is_spared: bool = True
    dies: str = ""


class Rig:
    """Sites, disks, a clock, and the processes; use it as a context manager."""

    def __init__(self, net: Internet, folder: Path, *, seed: int) -> None:
        self.net, self.folder, self.dice = net, folder, Random(seed)
        self.clock, self.log = Clock(), Log()
        self.mark = f"TORTURE={uuid.uuid4().hex}"
        self.processes: list[Process] = []
        self.kills: Counter[str] = Counter()
        self.hardships: Counter[str] = Counter()
        self.skipped: set[str] = set()
        self.listings_killed = 0
        self.stops = 0
        self._typical: dict[str, float] = {}
        self._stack = ExitStack()
        net.clock = self.clock.now

    def __enter__(self) -> Self:
        self.disk = self._stack.enter_context(small_disk(self.folder / "disk", "24m"))
        self.pages = self._stack.enter_context(small_disk(self.folder / "pages", "4m"))
        self.said = self.folder / "said"
        self.templates = self.folder / "templates"
        self.said.mkdir()
        self.templates.mkdir()
        self.digests = self.pages / "digests"
        self.digests.mkdir()
        self.oracle = Oracle(self.disk / "tracker.db", self.digests, self.disk / "feeds.toml")
        text = FEEDS_TOML.format(
            folder=json.dumps(str(self.digests)), templates=json.dumps(str(self.templates)), playlist=PLAYLIST
        )
        self.oracle.feeds.write_text(text, encoding="utf-8")
        self._put_up_sites()
        return self

    def __exit__(self, *_: object) -> None:
        for each in self.processes:
            if each.popen.poll() is None:
                each.popen.kill()
            each.popen.wait()
        self._stack.close()

    def _put_up_sites(self) -> None:
        def site(kind: type[Site], name: str, base: str, path: str) -> Site:
            made = kind(self.log, self.dice, name=name, base=base, now=self.clock.now)
            self.net.answer(f"{base}{path}", made.answer)
            return made

        self.papers = Papers(self.net, self.log, self.dice, now=self.clock.now)
        self.sites: dict[str, Site | Course | Papers] = {
            "blog": site(Site, "blog", "https://blog.example", "/feed.xml"),
            "plain": site(Site, "plain", "http://plain.example", "/feed.xml"),
            "notes": site(Newsletter, "notes", "https://notes.example", "/feed"),
            "comes": site(Site, "comes", "https://comes.example", "/feed.xml"),
            "course": Course(self.net, self.log, self.dice, now=self.clock.now),
            "papers": self.papers,
        }

    def calm(self, *, is_calm: bool) -> None:
        """Let every site be well and grow no more, or not."""
        for site in self.sites.values():
            site.is_calm = is_calm

    # ------------------------------------------------------------ processes

    def start(self, *args: str, clock: str = "", dies: str = "") -> Process:
        """Start a command, which may kill itself at some file or write; what it says goes to files of its own."""
        name = f"p{len(self.processes):04d}"
        env = cli_environ(self.net, clock=clock or self.clock.text()) | self.net.environ(client=name)
        key, _, value = self.mark.partition("=")
        if dies:
            path = os.pathsep.join((str(DYING), env["PYTHONPATH"]))
            env |= {"TORTURE_DIES": dies, "TORTURE_FOLDER": str(self.folder), "PYTHONPATH": path}
        # What the daemon says, and its log, lie on the disk that fills up, unless nothing can be written there.
        is_daemon = args == ("run",) and os.access(self.disk, os.W_OK)
        told = self.disk / "run.out" if is_daemon else self.said / f"{name}.out"
        log = ("--log-file", "run.log") if is_daemon else ()
        with told.open("ab") as out, (self.said / f"{name}.err").open("wb") as err:
            popen = subprocess.Popen(
                [sys.executable, "-m", "tracker", "-v", *log, *args],
                cwd=self.disk,
                env=env | {key: f"{value}:{name}"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        process = Process(name=name, args=args, popen=popen, began=time.monotonic(), dies=dies)
        self.processes.append(process)
        return process

    def death(self) -> str:
        """Choose at what a process kills itself: more often soon than late."""
        kind = self.dice.choice(("file", "write", "write", "half"))
        return f"{kind} {round(DEATHS[kind] ** self.dice.random())}"

    def finish(self, process: Process) -> int:
        """Wait for the end of a command; it has worked, or said in a line why not."""
        is_over = process.popen.poll() is not None
        code = process.popen.wait(timeout=PATIENCE)
        if process.dies and code == -signal.SIGKILL:
            self.kills[f"{process.args[0]} at a {process.dies.partition(' ')[0]}"] += 1
            process.is_spared, process.dies = False, ""
            return code
        assert code in (0, 1, 2), f"{process.args} ended with {code}: {self.said_by(process)}"
        if not is_over:
            self._typical[process.args[0]] = time.monotonic() - process.began
        return code

    def run(self, *args: str, clock: str = "") -> str:
        """Run a command that must succeed; give what it says."""
        process = self.start(*args, clock=clock)
        assert self.finish(process) == 0, f"{args}: {self.said_by(process)}"
        return self.said_by(process)

    def said_by(self, process: Process) -> str:
        """Read what a process has said."""
        files = (self.said / f"{process.name}.{end}" for end in ("out", "err"))
        return "".join(path.read_text(encoding="utf-8", errors="replace") for path in files if path.exists())

    def kill(self, process: Process) -> bool:
        """Kill -9, unless it has ended already; nothing that it had started outlives it."""
        if process.popen.poll() is not None:
            self.finish(process)
            return False
        process.is_spared = False
        family = self.alive(process.name)
        process.popen.kill()
        process.popen.wait()
        self.kills[process.args[0]] += 1
        self.listings_killed += len(family) > 1
        wait_for(lambda: not self.alive(process.name), f"the end of what {process.args} had started", seconds=ORPHANS)
        return True

    def stop(self, process: Process) -> None:
        """Ask a process to stop, as a system does that shuts down: it comes to its end, and in its own way."""
        process.is_spared = False
        process.popen.terminate()
        code = process.popen.wait(timeout=PATIENCE)
        # Asked before it could listen, or in a command that needs no ear: then the signal itself ends it.
        assert code in (0, 1, -signal.SIGTERM), f"{process.args} was stopped and ended with {code}"
        wait_for(lambda: not self.alive(process.name), f"the end of what {process.args} had started", seconds=ORPHANS)
        self.stops += 1

    def suspend(self, process: Process) -> None:
        """Let a process sleep for a moment, in the middle of whatever it does, and wake up."""
        process.popen.send_signal(signal.SIGSTOP)
        time.sleep(self.dice.uniform(0, self.usual))
        process.popen.send_signal(signal.SIGCONT)

    def alive(self, name: str = "") -> list[int]:
        """Find our processes that live, by the mark in their environment: all, or those of one command."""
        wanted = f"{self.mark}:{name}".encode()
        return [int(path.parent.name) for path in PROC.glob("[0-9]*/environ") if _is_marked(path, wanted)]

    def moments(self, processes: Iterable[Process]) -> Iterator[Process]:
        """Give each of them at some moment of its life, chosen beforehand: so many answers later, or after a time."""
        chosen = [(each.began + self.usual * self.dice.uniform(0.02, 1.1), each) for each in processes]
        for at, process in sorted(chosen, key=lambda pair: pair[0]):
            if self.dice.random() < 0.3:
                wanted = len(self.log.offers) + self.dice.randint(1, 4)
                with suppress(AssertionError):
                    wait_for(lambda wanted=wanted: len(self.log.offers) >= wanted, "answers", seconds=self.usual / 2)
            else:
                time.sleep(max(0.0, at - time.monotonic()))
            yield process

    @property
    def usual(self) -> float:
        """How long a command takes on this machine, now."""
        times = sorted(self._typical.values())
        return min(4.0, times[len(times) // 2]) if times else 1.0

    # ------------------------------------------------------------ hardships

    def hardship(self, name: str) -> Callable[[], object]:
        """Begin a hardship; give what ends it."""
        stack = ExitStack()
        stack.enter_context(HARDSHIPS[name](self))
        self.hardships[name] += 1
        return stack.close

    @contextmanager
    def hard(self) -> Iterator[None]:
        """Say that answers cannot be kept for a block, nor those that are on their way at its end."""
        self.log.is_hard = True
        try:
            yield
        finally:
            self.stop_all()
            self.log.is_hard = False

    def stop_all(self) -> None:
        """Kill whatever runs."""
        for each in self.processes:
            if each.popen.returncode is None:
                self.kill(each)

    def limit(self, size: int) -> None:
        """Let no file of the running processes grow over a size."""
        for each in self.processes:
            if each.popen.poll() is None:
                with suppress(ProcessLookupError, PermissionError):
                    resource.prlimit(each.popen.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    @property
    def ended(self) -> set[str]:
        """The names of the processes that came to their own end, and well."""
        return {each.name for each in self.processes if each.is_spared and each.popen.poll() == 0}

    def troubles(self) -> Counter[str]:
        """Count what was said of the disk, in which words."""
        said = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in self._all_said())
        return Counter(found[0] for found in TROUBLES.finditer(said))

    def bad_words(self) -> list[str]:
        """Find what no user must ever read."""
        found = []
        for path in self._all_said():
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            found += [f"{path.name}: {line}" for line in lines if BAD_WORDS.search(line)]
        return found

    def _all_said(self) -> list[Path]:
        return [*sorted(self.said.iterdir()), *sorted(self.disk.glob("run.*"))]


def _is_marked(path: Path, wanted: bytes) -> bool:
    try:
        return wanted in path.read_bytes()
    except OSError:
        return False


@contextmanager
def _full_disk(rig: Rig) -> Iterator[None]:
    with rig.hard():
        if not can_mount():
            rig.skipped.add("a full disk: file systems cannot be mounted here; a file-size limit stands for it")
            yield
            return
        with full(rig.disk, spare=rig.dice.choice((0, 1, 3, 20))):
            yield


@contextmanager
def _full_pages(rig: Rig) -> Iterator[None]:
    if not can_mount():
        rig.skipped.add("a full folder of digests: file systems cannot be mounted here")
        yield
        return
    with full(rig.pages, spare=rig.dice.choice((0, 1))):
        yield


@contextmanager
def _file_limit(rig: Rig) -> Iterator[None]:
    with rig.hard():
        yield


@contextmanager
def _read_only_disk(rig: Rig) -> Iterator[None]:
    with rig.hard(), read_only(rig.disk) as how:
        if not how:
            rig.skipped.add("a read-only folder: the superuser may write anywhere, and nothing can be mounted")
        yield


@contextmanager
def _read_only_pages(rig: Rig) -> Iterator[None]:
    with read_only(rig.pages) as how:
        if not how:
            rig.skipped.add("a read-only folder: the superuser may write anywhere, and nothing can be mounted")
        yield


@contextmanager
def _no_folder(rig: Rig) -> Iterator[None]:
    with file_in_place_of(rig.digests):
        yield


@contextmanager
def _broken_template(rig: Rig) -> Iterator[None]:
    broken = rig.templates / "digest.md.j2"
    broken.write_text("{% if %}", encoding="utf-8")
    try:
        yield
    finally:
        broken.unlink()


def _clock(**by: float) -> Callable[[Rig], object]:
    @contextmanager
    def stepped(rig: Rig) -> Iterator[None]:
        rig.stop_all()
        rig.clock.step(timedelta(**by))
        yield

    return stepped


HARDSHIPS: dict[str, Callable[[Rig], object]] = {
    "a full disk": _full_disk,
    "the clock an hour back": _clock(hours=-1),
    "a full folder of digests": _full_pages,
    "a file-size limit": _file_limit,
    "the clock three days back": _clock(days=-3),
    "a read-only disk": _read_only_disk,
    "a read-only folder of digests": _read_only_pages,
    "the clock forty days ahead": _clock(days=40),
    "a file in place of the folder": _no_folder,
    "the clock forty days back": _clock(days=-40),
    "a broken template": _broken_template,
    "the clock three days ahead": _clock(days=3),
}
