"""Make folders that can be filled to the last page and written no more: small file systems, else the next best thing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

PAGE = 4096


def mount(*args: str) -> bool:
    """Mount something; tell whether that is allowed here."""
    return subprocess.run(["mount", *args], capture_output=True).returncode == 0


def unmount(folder: Path) -> None:
    """Take the uppermost mount away, though somebody still has files open there."""
    subprocess.run(["umount", "-l", str(folder)], capture_output=True)


@cache
def can_mount() -> bool:
    """Tell whether small file systems may be mounted here: the superuser may, outside most containers."""
    with TemporaryDirectory(prefix="torture-") as folder:
        try:
            is_done = mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", folder)
        except OSError:
            return False
        if is_done:
            unmount(Path(folder))
        return is_done


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Give a folder on a file system of its own, where that is allowed; else a plain folder."""
    folder.mkdir()
    is_mounted = can_mount() and mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        if is_mounted:
            unmount(folder)


@contextmanager
def full(folder: Path, *, spare: int) -> Iterator[None]:
    """Fill a small disk but for so many pages, for a block."""
    ballast = folder / ".ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(16 * PAGE))
    with ballast.open("r+b", buffering=0) as file, suppress(OSError):
        file.seek(0, os.SEEK_END)
        while True:
            file.write(bytes(PAGE))
    os.truncate(ballast, max(0, ballast.stat().st_size - spare * PAGE))
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def read_only(folder: Path) -> Iterator[str]:
    """Let nobody write into a folder for a block, and say by what: permission bits do not hold the superuser."""
    lock = _way(folder)
    if lock is None:
        yield ""
        return
    how, undo = lock
    try:
        yield how
    finally:
        undo()


def _way(folder: Path) -> tuple[str, Callable[[], object]] | None:
    if can_mount() and mount("--bind", str(folder), str(folder)):
        if mount("-o", "remount,bind,ro", str(folder)):
            return "a read-only bind mount", lambda: unmount(folder)
        unmount(folder)
    if os.geteuid():
        folder.chmod(0o500)
        return "permission bits", lambda: folder.chmod(0o700)
    return None


@contextmanager
def file_in_place_of(folder: Path) -> Iterator[None]:
    """Put a file where a folder belongs, for a block."""
    aside = folder.with_name(f"{folder.name}.aside")
    folder.rename(aside)
    folder.write_bytes(b"")
    try:
        yield
    finally:
        folder.unlink(missing_ok=True)
        aside.rename(folder)
