"""Begin `config`: the bytes of feeds.toml → a TOML document, or what is wrong with its spelling."""

from __future__ import annotations

import codecs
import re
import tomllib
from pathlib import Path

from tracker.errors import ConfigError, Problem

_AT = r" \(at (?:line (\d+), column (\d+)|end of document)\)$"


def read(path: Path) -> bytes:
    """Read the file; ConfigError says what to do without one."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        text = "no such file; `tracker init` writes one, --config names another"
    except IsADirectoryError:
        text = "is a folder; name the file in it"
    except (OSError, ValueError) as error:  # a NUL in the name is a ValueError
        text = f"cannot be read: {getattr(error, 'strerror', None) or error}"
    raise ConfigError(path, (Problem(text),))


def decode(raw: bytes, path: Path) -> str:
    """Decode UTF-8, with a byte order mark or without; line ends stay as they are."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ConfigError(path, (Problem("is UTF-16; save it as UTF-8"),))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        text = f"is not UTF-8 here (byte 0x{raw[error.start]:02x}); save the file as UTF-8"
        raise ConfigError(path, (Problem(text, line=line),)) from None


def parse(text: str, path: Path) -> dict[str, object]:
    """Parse TOML; ConfigError names line and column, and guesses at the remedy."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(path, (_problem(str(error), text),)) from None
    except RecursionError:
        raise ConfigError(path, (Problem("is nested too deeply"),)) from None
    except ValueError as error:  # a number of thousands of digits
        raise ConfigError(path, (Problem(f"is no TOML: {error}"),)) from None


def _problem(message: str, text: str) -> Problem:
    lines = text.split("\n")
    place = re.search(_AT, message)
    said = re.sub(_AT, "", message)
    if place is None or place[1] is None:
        return Problem(f"{said}; the file ends too early{_hint(said, lines[-1])}", line=len(lines))
    line, column = int(place[1]), int(place[2])
    return Problem(f"column {column}: {said}{_hint(said, lines[line - 1])}", line=line)


_HINTS = (  # compiled where the file is no TOML
    ("[\u201c\u201d\u2018\u2019]", 'quotes are straight in TOML: "…"'),
    (
        r"^\s*\[\[[^\]]*\](?!\])|^\s*\[[^\[\]]*\]\]",
        "a table's header is written [digest], a feed's [[feed]]",
    ),
    (r"^\s*[\w-]+\s*:", 'a key and its value are joined by "=", not ":"'),
    (r"=\s*(?:True|False|yes|no|on|off)\b", "write true or false"),
    (r"""=\s*[^\s"'\[{\d+tf-]""", 'text stands in quotes: key = "text"'),
)
_SAID = (
    ("Unescaped '\\'", "in a regular expression use single quotes: 'a\\.b'"),
    ("Cannot overwrite", "the key stands twice"),
    ("Cannot declare", "the table stands twice"),
    ("Illegal character '\\n'", "a quote or bracket is not closed"),
    ("Unclosed", "a bracket is not closed"),
    ("Unterminated", "a quote is not closed"),
)


def _hint(said: str, line: str) -> str:
    if said.startswith("Cannot overwrite") and line.lstrip().startswith("[["):
        return "; the same name stands above in single brackets: each feed begins with [[feed]]"
    for beginning, hint in _SAID:
        if said.startswith(beginning):
            return f"; {hint}"
    return next((f"; {hint}" for pattern, hint in _HINTS if re.search(pattern, line)), "")
