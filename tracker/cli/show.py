"""Put values on the terminal: plain words, aligned columns, JSON; nothing that a feed wrote can steer the terminal."""

from __future__ import annotations

import json
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from tracker.visible import seen

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WIDEST = 80  # columns to which a cell is padded: keys made of an endless address would push all others away
NARROWEST = 12  # columns that a table keeps for a cell on a narrow terminal
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def say(text: str) -> None:
    """Print one line of text on standard output."""
    click.echo(plain(text))


def warn(text: str) -> None:
    """Print one line of text on standard error."""
    click.echo(plain(text), err=True)


def page(text: str) -> None:
    """Print a whole page, line for line."""
    for line in text.splitlines():
        click.echo(plain(line))


def plain(text: str) -> str:
    """Drop what is no visible character: controls, escapes, direction marks, piled-up marks; line breaks stay."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return seen("".join(char for char in text if char == "\n" or not _steers(char)))


def give(data: bytes, output: str | None, *, told: str = "") -> int:
    """Hand a text over: to a file byte for byte, to the terminal without anything that steers it.

    What is `told` stands behind the name of the file that was written.
    """
    if output in {None, "-"}:
        if sys.stdout.isatty():
            page(data.decode())
        else:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        return 0
    try:
        Path(str(output)).write_bytes(data)
    except OSError as error:
        raise click.UsageError(f"-o: cannot write {output}: {error.strerror}") from error
    say(f"written: {output}{told}")
    return 0


def table(rows: Iterable[Sequence[str]], *, head: Sequence[str] = ()) -> None:
    """Print rows in columns as wide as their widest cell; on a terminal no wider than it is, else whole.

    A cell of endless length moves its own row out of the columns, not the others.
    """
    lines = [tuple(plain(cell).replace("\n", " ") for cell in row) for row in ([head] if head else []) + list(rows)]
    if not lines:
        return
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    if sys.stdout.isatty():
        widths = _fitted(widths, shutil.get_terminal_size().columns)
    for line in lines:
        cells = [cut(cell, width).ljust(min(width, WIDEST)) for cell, width in zip(line, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())


def _fitted(widths: list[int], room: int) -> list[int]:
    """Make the widest columns narrower until a line fits, but none narrower than a word or two."""
    fitted = list(widths)
    while sum(fitted) + 2 * (len(fitted) - 1) > room and max(fitted) > NARROWEST:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def cut(cell: str, width: int) -> str:
    """Shorten a text to a width, an ellipsis counted."""
    return cell if len(cell) <= width else f"{cell[: width - 1].rstrip()}…"


def print_json(value: object) -> None:
    """Print a value as JSON, every character outside ASCII escaped so that no terminal acts on it."""
    click.echo(json.dumps(value, indent=2, default=_encode))


def moment(when: datetime | None, zone: str, *, never: str = "never") -> str:
    """Write a moment for people in the digest's zone: `Mon 23 Nov 2026, 07:00`."""
    if when is None:
        return never
    local = when.astimezone(ZoneInfo(zone))
    return f"{WEEKDAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]} {local.year}, {local:%H:%M}"


def ago(when: datetime, now: datetime) -> str:
    """Say how long ago something was, in the largest whole unit."""
    minutes = max(0, int((now - when).total_seconds() // 60))
    if minutes < 1:
        return "just now"
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            return f"{number(minutes // size, unit)} ago"
    return "just now"


def number(count: int, noun: str, plural: str = "") -> str:
    """Write a count with its noun: `1 entry`, `1,304 papers`."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def length(seconds: int | None) -> str:
    """Write a video's length as `1:15:40`, or nothing."""
    if seconds is None:
        return ""
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def stamp(when: datetime | None) -> str | None:
    """Write a moment for machines, in UTC."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if when else None


def _steers(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def _encode(value: object) -> object:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)
