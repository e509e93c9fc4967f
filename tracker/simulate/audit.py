"""Compare what the issues hold with what the program was given: lost, doubled, issues that are missing or not whole."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from tracker.digest.numbers import often
from tracker.models import Config, Role, StoredIssue
from tracker.simulate.drive import Drive
from tracker.simulate.hours import closing_hours
from tracker.simulate.report import Entries, Issues
from tracker.simulate.values import DAY, HOUR, MINUTE, History
from tracker.simulate.witness import is_beside
from tracker.storage import Storage

_ENTRY = re.compile(r"^- (?:\[[ x]\] )?\[.*?\]\((?P<url>https?://[^)\s]+)\)", re.MULTILINE)
_COURSE = re.compile(r"^## Next in your courses?$.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_ON_TIME = 10 * MINUTE
_TOLERANCE = HOUR  # between the calendar here and the program's own at an hour that does not exist


def audit_entries(drive: Drive, storage: Storage) -> Entries:
    """Count each work once; each that must be news stands in one issue."""
    issues = storage.issues()
    news = _news(drive, storage, issues)
    until = max((each.end for each in issues), default=drive.witness.start)
    due = {name: each for name, each in drive.witness.arrivals.items() if each.verdict == "due"}
    lost = [name for name, each in due.items() if each.at < until and name not in news]
    places = [each for each in news.values() if each]
    return Entries(
        arrived=len(due.keys() | news.keys()),
        shown=sum(any(shown for _, shown in each) for each in places),
        not_shown=sum(not any(shown for _, shown in each) for each in places),
        waiting=sum(each.at >= until and name not in news for name, each in due.items()),
        backlog=sum(each.verdict != "due" and name not in news for name, each in drive.witness.arrivals.items()),
        unseen=sum(_unseen(drive, each) for each in drive.internet.histories.values()),
        lost=tuple(
            f"{name}, taken {due[name].at:%Y-%m-%d %H:%M} from {due[name].feed}, is in no issue" for name in lost
        ),
        doubled=(*_twice(news), *_uncalled(drive, news), *_twice_on_paper(drive, issues)),
    )


def audit_issues(drive: Drive, storage: Storage) -> Issues:
    """See that every closing hour has its issue, that spans tile time, and that files hold what was closed."""
    issues = storage.issues()
    hours = closing_hours(drive.config.digest, drive.witness.start, drive.end)
    covered = sum(1 + len(each.covers) for each in issues)
    until = max((each.closed_at for each in issues), default=drive.witness.start)
    passed = bisect_right(hours, until + _TOLERANCE)
    broken = [] if covered == passed else [f"{passed} closing hours passed, {covered} are told by issues"]
    is_late = {each.label: each.closed_at - each.closes_at > _ON_TIME for each in issues}
    return Issues(
        on_time=sum(not each.covers and not is_late[each.label] for each in issues),
        late=sum(not each.covers and is_late[each.label] for each in issues),
        caught_up=sum(bool(each.covers) for each in issues),
        broken=(*broken, *_gaps(issues), *_files(drive, issues), *storage.integrity()),
    )


def _news(drive: Drive, storage: Storage, issues: Sequence[StoredIssue]) -> Mapping[str, list[tuple[str, bool]]]:
    """Say in which issues each work is news, and whether it is shown; by the work's name, else by its address."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for issue in issues:
        placed = [each for each in storage.placed(issue.label) if each.role is Role.NEWS]
        entries = storage.entries_by_id([each.entry for each in placed])
        for place in placed:
            url = entries[place.entry].url
            found.setdefault(drive.internet.names.get(url, url), []).append((issue.label, place.is_shown))
    return found


def _unseen(drive: Drive, history: History) -> int:
    """Count what a feed showed since the start, and no answer that was taken; the last days may still come."""
    good = [at for at, is_good in drive.witness.results.get(history.sub.id, ()) if is_good]
    until = max(good, default=drive.witness.start) - 2 * DAY
    wanted = set(history.sub.categories)
    works = (
        (each for each in drive.internet.papers.every() if wanted & set(each.categories)) if wanted else history.works
    )
    own = (each for each in works if drive.witness.start < each.at < until and not is_beside(each, history))
    return sum(each.name not in drive.witness.arrivals for each in own)


def _twice(news: Mapping[str, list[tuple[str, bool]]]) -> Iterator[str]:
    for name, places in news.items():
        if len(places) > 1:
            yield f"{name} is news in {', '.join(label for label, _ in places)}"


def _uncalled(drive: Drive, news: Mapping[str, list[tuple[str, bool]]]) -> Iterator[str]:
    """Find what is news although it was there long before, or never was."""
    for name, places in news.items():
        arrival = drive.witness.arrivals.get(name)
        if arrival is None:
            if name not in drive.internet.names.values():
                yield f"{name} is news in {places[0][0]} and no such work was given"
        elif arrival.verdict == "backlog":
            yield f"{name} is backlog and news in {places[0][0]}"


def _twice_on_paper(drive: Drive, issues: Sequence[StoredIssue]) -> Iterator[str]:
    """Find works that stand twice on one page, or on two pages, courses apart, whose lectures repeat."""
    pages: dict[str, list[str]] = {}
    for issue in issues:
        text = _text(drive.config, issue)
        own = Counter(drive.internet.names.get(url, url) for url in _ENTRY.findall(text))
        yield from (
            f"{name} stands {often(count)} on the page of {issue.label}" for name, count in own.items() if count > 1
        )
        for url in set(_ENTRY.findall(_COURSE.sub("", text))):
            pages.setdefault(drive.internet.names.get(url, url), []).append(issue.label)
    for name, labels in pages.items():
        if len(set(labels)) > 1:
            yield f"{name} stands on the pages of {', '.join(labels)}"


def _gaps(issues: Sequence[StoredIssue]) -> Iterator[str]:
    for before, after in pairwise(issues):
        if before.end != after.start:
            yield f"{after.label} begins {after.start:%Y-%m-%d %H:%M}, {before.label} ended {before.end:%Y-%m-%d %H:%M}"


def _files(drive: Drive, issues: Sequence[StoredIssue]) -> Iterator[str]:
    for issue in issues:
        if not issue.file:
            yield f"{issue.label} was never written to a file"
        elif _text(drive.config, issue).encode() != issue.rendered:
            yield f"the file of {issue.label} does not hold what was closed"
        if drive.rendered.get(issue.label, issue.rendered) != issue.rendered:
            yield f"{issue.label} is not given back as it was closed"


def _text(config: Config, issue: StoredIssue) -> str:
    path: Path = config.digest.folder / issue.file
    return path.read_text(encoding="utf-8") if issue.file and path.is_file() else ""
