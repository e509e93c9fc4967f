"""Bring an issue's text into the digest's folder: whole or not at all, and never over the reader's own words.

A page that the reader has edited is made anew with their ticks and words in it (merge). Any other file that is not
ours byte for byte is left alone, and ours is written beside it. A closed issue is never written again.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import takewhile
from pathlib import Path
from typing import Protocol

from tracker.digest.marks import is_closed, label_in
from tracker.digest.merge import merge
from tracker.errors import DeliveryError
from tracker.models import DigestSettings

_MODE = 0o666
MOST_BYTES = 1_000_000  # what a reader writes into a page; a larger file is something else
_TRIES = 3  # when the reader saves the file in the same moment
_ASIDE = (".tracker-", ".tmp")  # how the name of a file begins and ends that is not whole yet


class Memory(Protocol):
    """What was written where; storage keeps it."""

    def file_hashes(self, path: str) -> Collection[str]:
        """Give the SHA-256 of everything that was written to a path."""
        ...

    def file_pages(self, path: str) -> Mapping[str, bytes]:
        """Give the last pages that were written to a path, the newest first, by the hash of the bytes around them."""
        ...

    def remember_file(self, path: str, digest: str, *, at: datetime, page: bytes | None = None) -> None:
        """Note what is about to be written to a path, and the page in it that is ours."""
        ...

    def drop_pages(self, path: str) -> None:
        """Forget the pages that were written to a path, since none is written there again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file that was written, and what is in it; `is_beside`: the usual place holds something else."""

    path: Path
    text: str
    label: str
    is_beside: bool


def write_preview(settings: DigestSettings, label: str, text: str, *, memory: Memory, now: datetime) -> Written:
    """Write the open window's page where the closed one will stand. Raises DeliveryError."""
    return _write(settings, label, text.encode(), memory=memory, now=now)


def write_issue(settings: DigestSettings, label: str, data: bytes, *, memory: Memory, now: datetime) -> Written:
    """Write a closed issue over its own preview; if it stands there already, leave it. Raises DeliveryError.

    A process that dies between the writing and the note of it must not write again over what the
    reader may have ticked in the meantime. A page of the same label that a restored database does not
    know is another issue, and the reader's.
    """
    usual = _path(settings, label)
    with _explained(label, usual):
        for path in takewhile(Path.exists, _places(usual)):
            is_noted = sha256(data).hexdigest() in memory.file_hashes(file_of(settings, path))
            if path.is_file() and (path.read_bytes() == data or (is_noted and _is_delivered(path, label))):
                return Written(path=path, text=data.decode(), label=label, is_beside=path != usual)
    written = _write(settings, label, data, memory=memory, now=now)
    memory.drop_pages(file_of(settings, written.path))
    return written


def file_of(settings: DigestSettings, path: Path) -> str:
    """Name a file as the ledger keeps it: relative to the digest's folder."""
    return path.relative_to(settings.folder).as_posix()


def _write(settings: DigestSettings, label: str, data: bytes, *, memory: Memory, now: datetime) -> Written:
    usual = _path(settings, label)
    with _explained(label, usual):
        for path in _places(usual):
            text = _put(settings, path, data, memory=memory, now=now)
            if text is not None:
                return Written(path=path, text=text.decode(), label=label, is_beside=path != usual)
    raise DeliveryError(f"there is no place left beside {usual}.", issue=label, target=str(usual))


def _put(settings: DigestSettings, path: Path, data: bytes, *, memory: Memory, now: datetime) -> bytes | None:
    """Write the page into one file, over our own and around the reader's words; None where that may not be."""
    name = file_of(settings, path)
    for _ in range(_TRIES):
        mine = _there(path)
        if mine is None and path.is_symlink():
            return None
        text = data if mine is None else _around(mine, data, name, memory)
        if text is None:
            return None
        # First the note, then the file: a crash in between must not make our own page the reader's.
        for each in dict.fromkeys((data, text)):
            memory.remember_file(name, sha256(each).hexdigest(), at=now, page=data)
        if text == mine:
            return text
        if _there(path) == mine:
            replace_file(path, text)
            return text
    return None


def _there(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _around(mine: bytes, data: bytes, name: str, memory: Memory) -> bytes | None:
    """Give the new page with what the reader wrote into the old one; None for what is no page of ours, or closed."""
    if len(mine) > MOST_BYTES or is_closed(mine.decode(errors="replace")):
        return None
    pages = memory.file_pages(name)
    base = pages.get(sha256(mine).hexdigest()) or _likest(pages.values(), mine)
    if base is None:
        return None
    try:
        merged = merge(base.decode(), mine.decode(), data.decode())
    except UnicodeDecodeError:
        return None
    return merged.encode() if merged is not None else None


def _likest(pages: Collection[bytes], mine: bytes) -> bytes | None:
    """Choose the page that was edited: the one that differs in the fewest lines, the newest of equals."""
    lines = set(mine.splitlines())
    return min(pages, key=lambda page: len(lines ^ set(page.splitlines())), default=None)


@contextmanager
def _explained(label: str, usual: Path) -> Iterator[None]:
    """Turn what the system says about a file into a DeliveryError."""
    try:
        yield
    except OSError as error:
        raise DeliveryError(
            f"issue {label} cannot be written to {usual}: {error.strerror or error}.", issue=label, target=str(usual)
        ) from error


def replace_file(path: Path, data: bytes) -> None:
    """Put a whole file in place, or leave what is there: written aside in the same folder, then renamed.

    One process at a time writes into the folder, so that what is still aside was left by one that was killed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    before, after = _ASIDE
    for left in path.parent.glob(f"{before}*{after}"):
        with suppress(OSError):
            left.unlink()
    handle, name = tempfile.mkstemp(prefix=before, suffix=after, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), _MODE & ~_umask())
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    _sync_folder(path.parent)


def _path(settings: DigestSettings, label: str) -> Path:
    """Make the file's path from the pattern; config has checked that it stays inside the folder."""
    path = settings.folder / settings.file.replace("{issue}", label)
    inside = Path(os.path.normpath(path)).is_relative_to(os.path.normpath(settings.folder))
    if not inside or "\x00" in str(path):
        raise DeliveryError(f"file = {settings.file!r} leads out of the folder.", issue=label, target=str(path))
    return path


def _places(usual: Path) -> Iterator[Path]:
    """Name the usual place, then those beside it."""
    yield usual
    yield usual.with_name(f"{usual.stem} (new){usual.suffix}")
    for number in range(2, 1000):
        yield usual.with_name(f"{usual.stem} (new {number}){usual.suffix}")


def _is_delivered(path: Path, label: str) -> bool:
    """Whether the closed issue of this label stands there, as it was or with the reader's words in it."""
    try:
        page = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return is_closed(page) and label_in(page) == label


def _umask() -> int:
    """Read the umask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    """Make the rename last through a power cut, where folders can be synced."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
