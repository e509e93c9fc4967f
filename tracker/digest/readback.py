"""Read the reader's marks back from the digest's folder before the next page: files → marks → storage.

Nothing in the folder is written. Of thousands of notes only those are read in full that name an issue or are called
like one, and only when they have changed. A file that cannot be read is skipped, and said once.
"""

from __future__ import annotations

import logging
import os
import re
import stat
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tracker.digest.marks import LABEL, Ticked, entries_in, label_in
from tracker.digest.splitting import is_same_text
from tracker.models import DigestSettings, MarkName, Reading
from tracker.storage import Storage

log = logging.getLogger(__name__)

MOST_FILES = 20_000
MOST_BYTES = 1_000_000  # a page is a hundredth of it
HEAD = 8192  # bytes in which the front matter names the issue
_FRESH = 2 * 10**9  # nanoseconds: a file's times may not tell a change so soon after another
_ORDER = (MarkName.HIDDEN, MarkName.DONE, MarkName.STARRED)  # of two files that disagree, the star holds


@dataclass(frozen=True, slots=True)
class _Read:
    """A file that has changed: what it says now, or why it could not be read."""

    reading: Reading
    entries: tuple[Ticked, ...] = ()
    problem: str = ""


def read_marks(settings: DigestSettings, storage: Storage, *, now: datetime) -> None:
    """Take over what was ticked and unticked in issue files since the last time."""
    if not settings.folder.is_dir():
        return  # not made yet, or not mounted
    found, is_whole = _look(settings)
    known = storage.readings()
    changed = [path for path, signature in found.items() if path not in known or known[path].signature != signature]
    gone = [path for path in known if path not in found] if is_whole else []
    if not changed and not gone:
        return
    read = [_read(settings, path, found[path]) for path in changed]
    _tell([each for each in read if each.problem], settings.folder)
    with storage.transaction():
        moved = _moved(read, known, gone)
        for path in gone:
            storage.drop_reading(path, moved_to=moved.get(path, ""))
        _take([each for each in read if not each.problem], known, storage, now=now)
        for each in read:
            storage.save_reading(each.reading)


def _look(settings: DigestSettings) -> tuple[dict[str, str], bool]:
    """Give the files that may be issues with their signatures, and whether everything could be looked at."""
    found: dict[str, str] = {}
    problems: list[OSError] = []
    for path in _files(settings, problems):
        if len(found) >= MOST_FILES:
            log.warning("marks: %s holds more than %d files; the rest was not looked at", settings.folder, MOST_FILES)
            return found, False
        try:
            status = path.stat()
        except OSError:
            continue  # gone meanwhile, or a link to nowhere
        name = path.relative_to(settings.folder).as_posix()
        if stat.S_ISREG(status.st_mode) and name.isprintable():
            found[name] = _signature(status)
    return found, not problems


def _files(settings: DigestSettings, problems: list[OSError]) -> Iterator[Path]:
    suffixes = (".md", Path(settings.file).suffix.lower() or ".md")
    for folder, folders, names in os.walk(settings.folder, onerror=problems.append):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        for name in sorted(names):
            if name.lower().endswith(suffixes) and not name.startswith("."):
                yield Path(folder, name)


def _signature(status: os.stat_result) -> str:
    """Name a file's state: its times to the nanosecond, its size, its number on the disk."""
    # The machine's own clock: it is compared with what the file system has noted by it, not with the program's.
    is_fresh = time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) < _FRESH
    known = f"{status.st_mtime_ns} {status.st_ctime_ns} {status.st_size} {status.st_ino}"
    return f"{known} {time.time_ns()}" if is_fresh else known


def _read(settings: DigestSettings, path: str, signature: str) -> _Read:
    file, issue, problem = settings.folder / path, "", ""
    try:
        with file.open("rb") as opened:
            head = opened.read(HEAD)
            issue = label_in(head.decode("utf-8", "replace")) or _named(settings, path)
            data = head + opened.read(MOST_BYTES + 1 - len(head)) if issue else b""
    except OSError as error:
        data, problem = b"", error.strerror or str(error)
    if len(data) > MOST_BYTES:
        data, problem = b"", f"larger than {MOST_BYTES:,} bytes"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text, problem = "", "no text in UTF-8"
    return _Read(Reading(path=path, issue=issue, signature=signature), tuple(entries_in(text)), problem)


def _named(settings: DigestSettings, path: str) -> str:
    """Give the label in the name of a file that is called like an issue, or a copy of one, "" otherwise."""
    before, _, after = Path(settings.file).name.partition("{issue}")
    found = re.match(rf"{re.escape(before)}(?P<label>{LABEL})(?!\d)", Path(path).name)
    return found["label"] if found and path.endswith(Path(after).suffix or after) else ""


def _tell(skipped: Collection[_Read], folder: Path) -> None:
    for first in list(skipped)[:1]:
        others = f", and {len(skipped) - 1} other files" if len(skipped) > 1 else ""
        log.warning("marks: %s was not read: %s%s", folder / first.reading.path, first.problem, others)


def _moved(read: Collection[_Read], known: Mapping[str, Reading], gone: Collection[str]) -> dict[str, str]:
    """Pair a file that is gone with the one new file of the same issue: it was moved or renamed."""
    moved = {}
    for label in {known[path].issue for path in gone} - {""}:
        before = [path for path in gone if known[path].issue == label]
        after = [each.reading.path for each in read if each.reading.issue == label and each.reading.path not in known]
        if len(before) == len(after) == 1:
            moved[before[0]] = after[0]
    return moved


def _take(read: Collection[_Read], known: Mapping[str, Reading], storage: Storage, *, now: datetime) -> None:
    """Take over what files say. A box that is empty takes back what its own file said, and nothing else."""
    news: list[tuple[MarkName, str, str, bool]] = []
    for each in read:
        path = each.reading.path
        said, emptied = _said(each.entries, storage)
        before, void = storage.ticks(path), _void(each.reading, known, storage)
        # Hidden in error, and corrected: a work that is marked as read must not stay away for ever.
        corrected = {key for key in said.keys() & before.keys() if MarkName.HIDDEN in before[key] - said[key]}
        for key in sorted((emptied - said.keys()) & before.keys() | corrected):
            storage.untick(path, key)
        for key, names in said.items():
            already = frozenset() if key in corrected else before.get(key, frozenset())
            news += [(name, key, path, (key, name) in void) for name in names - already]
    for name, key, path, is_void in sorted(news, key=lambda one: (_ORDER.index(one[0]), one)):
        storage.mark(key, name, at=now, file=path, is_void=is_void)


def _void(reading: Reading, known: Mapping[str, Reading], storage: Storage) -> Collection[tuple[str, MarkName]]:
    """Give what a new copy of an issue says again though it was taken back: copying is no saying."""
    if reading.path in known:
        return ()
    return storage.taken_back([path for path, other in known.items() if other.issue == reading.issue != ""])


def _said(entries: Collection[Ticked], storage: Storage) -> tuple[dict[str, set[MarkName]], set[str]]:
    """Say which works have which marks, and whose box is empty, under the works' own keys."""
    boxed = [each for each in entries if each.box is not None]
    works = storage.works({each.key for each in boxed})
    said: dict[str, set[MarkName]] = {}
    emptied: set[str] = set()
    for each in boxed:
        meant = works.get(each.key, ((each.key, each.title),))
        titled = [key for key, title in meant if is_same_text(title, each.title)]
        keys = titled or [key for key, _ in meant]
        if each.mark:
            for key in keys:
                said.setdefault(key, set()).add(each.mark)
        elif each.is_empty:
            emptied.update(keys)
    return said, emptied
