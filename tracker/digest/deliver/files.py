"""Bring an issue's text into the digest's folder: whole or not at all, and never over the reader's own words.

A file is ours as long as it holds, byte for byte, something that we wrote there. Any other file is
the reader's: it is left alone, and ours is written beside it.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import takewhile
from pathlib import Path
from typing import Protocol

from tracker.errors import DeliveryError
from tracker.models import DigestSettings

_CLOSED = re.compile(rb"\A---\n(?:[^\n]*\n){0,20}?issue: '?(?P<label>[^'\n]+)'?\nstatus: closed\n")
_MODE = 0o666
_ASIDE = (".tracker-", ".tmp")  # how the name of a file begins and ends that is not whole yet


class Memory(Protocol):
    """What was written where; storage keeps it."""

    def file_hashes(self, path: str) -> Collection[str]:
        """Give the SHA-256 of everything that was written to a path."""
        ...

    def remember_file(self, path: str, digest: str, *, at: datetime) -> None:
        """Note what is about to be written to a path."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file that was written; `is_beside`: the usual place holds the reader's own words."""

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
    return _write(settings, label, data, memory=memory, now=now)


def file_of(settings: DigestSettings, path: Path) -> str:
    """Name a file as the ledger keeps it: relative to the digest's folder."""
    return path.relative_to(settings.folder).as_posix()


def _write(settings: DigestSettings, label: str, data: bytes, *, memory: Memory, now: datetime) -> Written:
    usual = _path(settings, label)
    with _explained(label, usual):
        path = next(each for each in _places(usual) if _is_ours(settings, each, memory))
        # First the note, then the file: a crash in between must not make our own page the reader's.
        memory.remember_file(file_of(settings, path), sha256(data).hexdigest(), at=now)
        replace_file(path, data)
    return Written(path=path, text=data.decode(), label=label, is_beside=path != usual)


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


def _is_ours(settings: DigestSettings, path: Path, memory: Memory) -> bool:
    """Whether nothing stands there, or a preview as we wrote it. A closed issue is the reader's, whoever wrote it."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return not path.is_symlink()
    if _CLOSED.match(data):
        return False
    return sha256(data).hexdigest() in memory.file_hashes(file_of(settings, path))


def _is_delivered(path: Path, label: str) -> bool:
    """Whether the closed issue of this label stands there, as it was or with the reader's words in it."""
    try:
        found = _CLOSED.match(path.read_bytes())
    except OSError:
        return False
    return found is not None and found["label"] == label.encode()


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
