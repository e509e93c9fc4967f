"""Be the small world that end-to-end tests live in: a newsletter, a blog, a category, a course and a channel.

What is online follows the world's own time, which `at` sets together with the program's clock.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests.conftest import cli_environ
from tests.internet import Internet
from tests.internet_arxiv import Submitted, serve_archive
from tests.internet_feeds import Paper, Post, arxiv_rss, atom, substack_rss
from tests.internet_replies import Reply, Seen
from tests.internet_youtube import Channel, Video, YouTube
from tracker.sources.arxiv_archive import submitted

NOTES = "https://notes.example"
BLOG = "https://weeknight.example"
KARPATHY = Channel(id="UCXUPKJO5MZQN11PqgIvyuvQ", title="Andrej Karpathy", handle="@AndrejKarpathy")
ZERO_TO_HERO = "PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"
WEDNESDAY = datetime(2026, 11, 25, 18, 20, tzinfo=UTC)

HEAD = """\
[http]
host_delay = "0s"

[digest]
title = "Learning LLMs"
timezone = "Europe/London"
"""
TABLES = {
    "notes": f'publication = "{NOTES}"\ntitle = "Small Notes"\n',
    "weeknight": f'url = "{BLOG}/feed.xml"\ntitle = "Weeknight ML"\n',
    "papers": 'categories = ["cs.CL"]\ntitle = "arXiv cs.CL"\n',
    "watched": 'papers = ["2611.08001"]\ntitle = "A followed paper"\n',
    "course": f'playlist = "{ZERO_TO_HERO}"\ntitle = "Neural Networks: Zero to Hero"\ncourse = true\n',
    "talks": f'channel = "{KARPATHY.id}"\ntitle = "Andrej Karpathy"\n',
}
LECTURES = (
    ("VMj-3S1tku0", "The spelled-out intro to neural networks and backpropagation: building micrograd", 8752),
    ("PaCmpygFfXo", "The spelled-out intro to language modeling: building makemore", 7065),
    ("TCH_1BHY58I", "Building makemore Part 2: MLP", 4540),
)
LECTURED = datetime(2022, 9, 1, tzinfo=UTC)


class World:
    """What is online, and a folder with a feeds.toml that follows some of it."""

    def __init__(self, net: Internet, folder: Path) -> None:
        self.net = net
        self.folder = folder
        self.moment = WEDNESDAY
        self._posts: dict[str, list[tuple[datetime, Post]]] = {NOTES: [], BLOG: []}
        self._papers: dict[date, tuple[Paper, ...]] = {}
        net.clock = lambda: self.moment
        net.serve(f"{NOTES}/feed", lambda seen: substack_rss("Small Notes", NOTES, self._online(NOTES)), etag="auto")
        net.serve(f"{BLOG}/feed.xml", lambda seen: atom("Weeknight ML", BLOG, self._online(BLOG)), etag="auto")
        net.answer("https://rss.arxiv.org/rss/cs.CL", self._batch)
        serve_archive(net, self._archive)
        youtube = YouTube(net)
        lectures = [Video(id=key, title=title, duration=size, published=LECTURED) for key, title, size in LECTURES]
        title = "Neural Networks: Zero to Hero"
        self.course = youtube.playlist(ZERO_TO_HERO, title=title, owner=KARPATHY, videos=lectures)
        self.talks = youtube.channel(KARPATHY)

    # ------------------------------------------------------------ what is online

    def at(self, moment: datetime) -> str:
        """Set the world's time; give the TRACKER_CLOCK that stands still at it."""
        self.moment = moment
        return f"{moment:%Y-%m-%dT%H:%M:%SZ}*0.000001"

    def post(self, base: str, slug: str, *, online: datetime, **fields: object) -> Post:
        """Put a post online at a moment; it is dated so unless `published` says otherwise."""
        given = {"title": slug.replace("-", " ").capitalize(), "published": online, "author": "Ada Brandt"}
        post = Post(**{"slug": slug, **given, **fields})  # type: ignore[arg-type] # by keyword, as Post has them
        self._posts[base].append((online, post))
        return post

    def announce(self, day: date, *papers: Paper) -> None:
        """Make a day's batch of cs.CL; other days have none."""
        self._papers[day] = papers

    def _online(self, base: str) -> list[Post]:
        online = [post for since, post in self._posts[base] if since <= self.moment]
        return sorted(online, key=lambda post: post.published, reverse=True)

    def _batch(self, seen: Seen) -> Reply:
        day = (seen.at - timedelta(hours=5)).date()
        body = arxiv_rss(day, self._papers.get(day, ()))
        return Reply(body=body, headers={"content-type": "application/rss+xml"})

    def _archive(self) -> Submitted:
        """List what has been announced, each paper submitted an hour before its batch was full."""
        today = (self.moment - timedelta(hours=5)).date()
        for day, papers in self._papers.items():
            if day <= today:
                yield from ((paper, submitted(day)[1] - timedelta(hours=1)) for paper in papers)

    # ------------------------------------------------------------ the folder

    @property
    def config(self) -> Path:
        """Where its feeds.toml is."""
        return self.folder / "feeds.toml"

    def follow(self, *feeds: str, head: str = HEAD) -> None:
        """Write a feeds.toml with these feeds."""
        tables = "".join(f'\n[[feed]]\nid = "{feed}"\n{TABLES[feed]}' for feed in feeds)
        self.config.write_text(head + tables, encoding="utf-8")

    def page(self, label: str) -> str:
        """Read an issue's file."""
        return (self.folder / "digests" / f"{label}.md").read_bytes().decode()

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Ask the database beside the program; nothing as long as there is no table."""
        path = self.folder / "tracker.db"
        if not path.exists():
            return []
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
            try:
                return list(db.execute(sql))
            except sqlite3.OperationalError:
                return []

    def news(self) -> dict[str, list[str]]:
        """Map the key of every entry that a closed issue has as news to the labels of these issues."""
        found: dict[str, list[str]] = {}
        sql = (
            "SELECT key, label FROM issue_entries JOIN entries ON entries.id = entry JOIN issues ON issues.id = issue"
            " WHERE role = 'news' ORDER BY key, label"
        )
        for key, label in self.rows(sql):
            found.setdefault(str(key), []).append(str(label))
        return found

    @contextmanager
    def running(
        self, *args: str, clock: str, out: int | None = None, **environ: str
    ) -> Iterator[subprocess.Popen[str]]:
        """Run a command beside the test; its output goes to `out`, else out.txt, and err.txt. Killed if it still runs at the end."""
        with (self.folder / "out.txt").open("a") as file, (self.folder / "err.txt").open("a") as err:
            process = subprocess.Popen(
                [sys.executable, "-m", "tracker", *args],
                cwd=self.folder,
                env=cli_environ(self.net, clock=clock) | environ,
                stdout=file if out is None else out,
                stderr=err,
                text=True,
            )
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()
                process.wait()

    def said(self, name: str = "err.txt") -> str:
        """Read what commands that ran beside the test have said."""
        return (self.folder / name).read_text(encoding="utf-8")


def wait_for(condition: Callable[[], object], what: str, *, seconds: float = 30) -> None:
    """Look again and again until something holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen in {seconds:.0f} s"
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    """Give the processes that a process has started."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listed.splitlines()]
    return [child for child, parent in pairs if parent == pid]


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; one that nobody has buried yet does not."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return bool(found.stdout.strip()) and not found.stdout.strip().startswith("Z")


def terminate(process: subprocess.Popen[str]) -> int:
    """Send SIGTERM; give the exit code. Fails when the process takes longer than the ten seconds it promises."""
    os.kill(process.pid, signal.SIGTERM)
    return process.wait(timeout=10)
