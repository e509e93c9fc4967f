"""Know what must be true of a life with the program, from what happened alone.

The model is told what was put up, asked and closed, and when. What it cannot know (whether an entry that stood there
at the first look lies inside the open window) it takes from the program once, and holds it to that from then on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.histories import page
from tests.histories.world import Document, Work, World
from tracker import digest
from tracker.models import Role, StoredIssue

PERIODS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=31)}
KINDS = {"blog": "post", "other": "post", "tube": "video", "arxiv": "paper"}
DAY = timedelta(days=1)
_NUMBER = re.compile(r"(\d+)$")


def number_of(key: str) -> int:
    """Read a work's number from the key or the address under which it is stored."""
    found = _NUMBER.search(key)
    assert found, key
    return int(found[1])


@dataclass(slots=True)
class Followed:
    """A document that is followed: since when, under which id, and whether its first look has been had."""

    feed: str
    since: datetime
    is_known: bool = False
    is_unsure: bool = False


@dataclass(slots=True)
class Seen:
    """A work that a poll has brought: when first, what it must be (None: not known yet), its place in the ledger."""

    work: Work
    at: datetime
    is_news: bool | None = None
    issue: str = ""


@dataclass(slots=True)
class Model:
    """Everything that was, and what it obliges the program to."""

    followed: dict[str, Followed] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    seen: dict[int, Seen] = field(default_factory=dict)
    issues: list[StoredIssue] = field(default_factory=list)
    files: dict[Path, bytes | None] = field(default_factory=dict)
    editions: dict[Path, int] = field(default_factory=dict)  # previews with the reader's words: how many lines
    delivered: set[Path] = field(default_factory=set)
    is_clock_good: bool = True
    by_good_clock: list[StoredIssue] = field(default_factory=list)

    # ------------------------------------------------------------ what happens

    def reconciled(self, wanted: dict[str, str], now: datetime) -> None:
        """Learn what feeds.toml follows now: document by id."""
        before = {each.feed: name for name, each in self.followed.items()}
        followed = {}
        for feed, name in wanted.items():
            old = self.followed.get(name)
            if old and (old.feed == feed or feed not in self.ids):
                followed[name] = Followed(feed, old.since, old.is_known, old.is_unsure)
            elif old:
                # Exchanged ids keep their histories; an id with one of its own starts afresh. Either is right here.
                followed[name] = Followed(feed, now, is_known=old.is_known, is_unsure=True)
            else:
                followed[name] = Followed(feed, now, is_unsure=feed in before)
        self.followed = followed
        self.ids |= set(wanted)

    def asked(self, document: Document, *, policy: object, now: datetime) -> None:
        """Learn that a document was read whole."""
        here = self.followed[document.name]
        newest = self._newest_known(document)
        for work in document.works:
            expected = self._expected(work, document, here, policy, newest=newest)
            known = self.seen.get(work.number)
            if known is None:
                self.seen[work.number] = Seen(work, now, expected)
            elif known.is_news is False:
                known.is_news = None  # another appearance may make it news, once
        here.is_known, here.is_unsure = True, False

    def _newest_known(self, document: Document) -> datetime | None:
        dates = [each.work.published for each in self.seen.values() if each.work.place == document.place]
        return max((each for each in dates if each), default=None)

    def _expected(
        self, work: Work, document: Document, here: Followed, policy: object, *, newest: datetime | None
    ) -> bool | None:
        if document.place == "arxiv" or (policy == "all" and not here.is_known):
            return True
        if here.is_unsure:
            return None
        dated = work.published
        if here.is_known:
            is_topmost = document.place != "tube" or newest is None or (dated is not None and dated >= newest)
            return True if is_topmost else None
        if dated is None:
            return None if isinstance(policy, int) else False  # so many of the newest are news, undated ones last
        # A date too far ahead is taken for none.
        return True if here.since <= dated <= here.since + DAY else None

    def closed(self, world: World, issues: Iterable[StoredIssue], now: datetime, *, is_good: bool) -> None:
        """Learn what was closed, and check it against what was due."""
        for issue in issues:
            self._check_span(issue, world.digest["every"], now)
            waiting = [each for each in self.seen.values() if each.is_news and not each.issue]
            due = [each for each in waiting if each.at < issue.end or each.at > now]
            placed = [each for each in world.storage.placed(issue.label) if each.role is Role.NEWS]
            keys = world.storage.entries_by_id([each.entry for each in placed])
            found = sorted(number_of(keys[each.entry].key) for each in placed)
            assert found == sorted(each.work.number for each in due), (issue.label, found, due)
            for each in due:
                each.issue = issue.label
            check_numbers(issue.rendered.decode(), [each.work for each in due], since=issue.label)
            self.issues.append(issue)
            if is_good:
                self.by_good_clock.append(issue)
            self._delivered(world, issue.label)

    def _check_span(self, issue: StoredIssue, every: str, now: datetime) -> None:
        believed = [each.end for each in self.issues if each.end <= now + PERIODS[every]]
        if believed:
            assert issue.start == max(believed), (issue.label, issue.start, believed)
        if self.is_clock_good and self.issues:
            assert issue.start == self.issues[-1].end
        assert issue.start < issue.end <= now + timedelta(seconds=1)
        labels = [each.label for each in self.issues]
        assert issue.label not in labels
        if self.is_clock_good:
            names = [name for each in (*self.issues, issue) for name in (*each.covers, each.label)]
            assert len(names) == len(set(names)), names

    def check_on_time(self, world: World, now: datetime) -> None:
        """After a tick no window is open for longer than two: its own, and one closed early in which nothing came."""
        period = PERIODS[world.digest["every"]]
        believed = [each.end for each in self.issues if each.end <= now + period]
        if believed:
            assert now - max(believed) <= 2 * period + DAY, (now, max(believed))

    def _delivered(self, world: World, label: str) -> None:
        issue = world.storage.issue(label)
        assert issue is not None
        if issue.delivered_at is not None:
            path = world.config.digest.folder / issue.file
            assert path not in self.files, "delivered over the reader's file"
            self.check_edition(path, issue.rendered)
            self.files[path] = path.read_bytes() if self.editions.pop(path, 0) else issue.rendered
            self.delivered.add(path)

    def check_edition(self, path: Path, page: bytes) -> None:
        """A page made anew holds all that it says, and where the reader had written into it, all of that as well."""
        if path not in self.editions:
            return
        lines = Counter(_unticked(path.read_bytes()).splitlines())
        assert lines[b"mine"] >= self.editions[path], "the reader's words are gone"
        assert not Counter(_unticked(page).splitlines()) - lines, "the page lacks a line of its own"

    def left(self, path: Path, data: bytes | None) -> None:
        """Learn what the reader has made of a file; the place of a preview that was thrown away is free."""
        if path in self.delivered:
            self.files[path] = data
        elif data is None:
            self.editions.pop(path, None)
        else:
            self.editions[path] = data.splitlines().count(b"mine")

    def delivered_late(self, world: World) -> None:
        """Learn which issues of before have reached the folder now."""
        for issue in world.storage.issues():
            path = world.config.digest.folder / issue.file
            if issue.delivered_at is not None and not any(each.name == path.name for each in self.files):
                self._delivered(world, issue.label)

    # ------------------------------------------------------------ what must be true

    def check(self, world: World) -> None:
        """Nothing lost, nothing twice, nothing else made of it; what was closed and delivered is as it was."""
        stored = world.storage.entries()
        numbers = Counter(number_of(each.key) for each in stored)
        assert numbers == Counter(self.seen.keys()), "lost or stored twice"
        for entry in stored:
            self._check_entry(self.seen[number_of(entry.key)], entry)
        waiting = {number_of(each.key) for each in world.storage.unassigned(before=FAR, now=FAR)}
        assert waiting == {number for number, each in self.seen.items() if each.is_news and not each.issue}
        self._check_issues(world)
        for path, data in self.files.items():
            assert (path.read_bytes() if path.exists() else None) == data, f"{path.name} is not as it was left"
        for path, count in self.editions.items():
            assert path.read_bytes().splitlines().count(b"mine") >= count, f"{path.name} has lost the reader's words"

    def _check_entry(self, seen: Seen, entry: Any) -> None:
        if seen.is_news is None:
            seen.is_news = not entry.is_backlog
        assert seen.is_news is not entry.is_backlog, (entry, seen)
        assert entry.issue == seen.issue, (entry.issue, seen)
        assert entry.first_seen == seen.at

    def _check_issues(self, world: World) -> None:
        now = [(each.label, each.start, each.end, each.rendered) for each in world.storage.issues()]
        assert now == [(each.label, each.start, each.end, each.rendered) for each in self.issues]
        spans = sorted((each.start, each.end) for each in self.by_good_clock)
        for one, other in pairwise(spans):
            assert one[1] <= other[0], (one, other)

    def check_preview(self, world: World, text: str, now: datetime) -> None:
        """The open window's page takes what the close would take."""
        window = digest.open_window(world.config, world.storage, now=now)
        waiting = [each for each in self.seen.values() if each.is_news and not each.issue]
        due = [each.work for each in waiting if each.at < window.end or each.at > now]
        check_numbers(text, due, since=window.label)

    def check_span(self, text: str, start: datetime, end: datetime) -> None:
        """A page of any span shows news that was first seen in it and nothing else."""
        inside = {number for number, each in self.seen.items() if each.is_news and start <= each.at < end}
        shown = {number_of(url) for urls in page.listed(text).values() for url in urls}
        assert shown <= inside, (shown, inside)


FAR = datetime.fromisoformat("9000-01-01T00:00:00+00:00")


def check_numbers(text: str, arrived: Collection[Work], *, since: str) -> None:
    """What the first paragraph says, what stands below it, and what came are the same."""
    said, listed, held_back = page.said(text), page.listed(text), page.held_back(text)
    lectures = {number_of(url) for url in listed.get("lecture", ())}
    for kind in ("video", "post", "paper"):
        came = {each.number for each in arrived if KINDS[each.place] == kind}
        told = said.get(kind, page.Numbers())
        shown = [number_of(url) for url in listed.get(kind, ())]
        assert len(shown) == len(set(shown)), (since, kind, shown)
        assert set(shown) <= came, (since, kind, shown, came)
        assert told.shown == len(shown), (since, kind, told, shown)
        rest = came - lectures if kind == "video" else came
        assert told.out_of == len(rest), (since, kind, told, rest)
        assert held_back.get(kind, 0) == len(rest) - len(shown), (since, kind, held_back)


def _unticked(page: bytes) -> bytes:
    return page.replace(b"[x]", b"[ ]")
