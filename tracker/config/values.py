"""Serve `config`: read the values that feeds.toml writes as text, each with its own complaint.

Every function raises ValueError with a sentence for the reader: what was expected, what stands there.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePosixPath
from typing import Literal
from unicodedata import normalize
from zoneinfo import ZoneInfo, available_timezones

Every = Literal["day", "week", "month"]
Backlog = int | Literal["all"] | date

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DEFAULT_AT: dict[Every, str] = {"day": "07:00", "week": "mon 07:00", "month": "1 07:00"}
LONGEST_ID = 60
LONGEST_PATTERN = 500
LAST_DAY = 31  # of the month; where a month is shorter, its last day is meant

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_BYTES = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3, "ki": 1024, "mi": 1024**2, "gi": 1024**3}
_DURATION = r"(\d{1,9}(?:\.\d{1,3})?) ?(ms|s|m|h|d)"
_SIZE = r"(\d{1,9}(?:\.\d{1,3})?) ?([kmg]i?|)b"
_DATE = r"\d{4}-\d\d-\d\d"
_TIME = r"(\d{1,2}):(\d\d)"
_ID = re.compile(rf"[a-z0-9][a-z0-9-]{{0,{LONGEST_ID - 1}}}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# What RFC 9110 §10.1.5 lets a comment of the User-Agent hold without quoting, less the space.
_CONTACT = r"[!-'*-\[\]-~]{1,200}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """When windows close, on the clock of the digest's zone: `weekday` 0 is Monday, `day` is of the month."""

    every: Every
    weekday: int | None = None
    day: int | None = None
    hour: int
    minute: int


def parse_at(every: Every, at: str) -> Rhythm:
    """Read `[digest] at`: "07:00" for a day, "mon 07:00" for a week, "1 07:00" for a month."""
    *first, time = at.split() or [""]
    hour, minute = _time(every, time=time, at=at)
    if every == "day" and not first:
        return Rhythm(every=every, hour=hour, minute=minute)
    if every == "week" and len(first) == 1:
        return Rhythm(every=every, weekday=_weekday(first[0]), hour=hour, minute=minute)
    if every == "month" and len(first) == 1:
        return Rhythm(every=every, day=_day(first[0]), hour=hour, minute=minute)
    raise ValueError(_expected_at(every, at))


def _time(every: Every, *, time: str, at: str) -> tuple[int, int]:
    match = re.fullmatch(_TIME, time, re.ASCII)
    if match is None:
        raise ValueError(_expected_at(every, at))
    hour, minute = int(match[1]), int(match[2])
    if hour > 23 or minute > 59:
        raise ValueError(f"there is no time of day {shown(time)}; the day runs from 00:00 to 23:59")
    return hour, minute


def _weekday(name: str) -> int:
    lower = name.lower()
    for number, weekday in enumerate(WEEKDAYS):
        if lower in {weekday, weekday[:3]}:
            return number
    # Numbers are refused: half the world counts Sunday as 1, cron as 0, APScheduler Monday as 0.
    short = [weekday[:3] for weekday in WEEKDAYS]
    near = did_you_mean(nearest(lower, [*WEEKDAYS, *short]))
    raise ValueError(f"expected a weekday by name ({', '.join(short)}), not {shown(name)}{near}")


def _day(text: str) -> int:
    if text.isascii() and text.isdigit() and 1 <= int(text[:3]) <= LAST_DAY:
        return int(text[:3])
    raise ValueError(f"expected a day of the month from 1 to {LAST_DAY}, not {shown(text)}")


def _expected_at(every: Every, at: str) -> str:
    return f'expected {shown(DEFAULT_AT[every])} or alike, as every = "{every}" says, not {shown(at)}'


def parse_duration(value: object) -> float:
    """Read "2s", "30m", "6h" or "1d" as seconds."""
    match = re.fullmatch(_DURATION, value, re.ASCII) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f'expected a time such as "2s", "30m", "6h" or "1d", not {shown(value)}')
    return float(match[1]) * _SECONDS[match[2]]


def parse_size(value: object) -> int:
    """Read "16MB", "512kB" or "16MiB" as bytes."""
    match = re.fullmatch(_SIZE, value, re.ASCII | re.IGNORECASE) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f'expected a size such as "16MB", "512kB" or "16MiB", not {shown(value)}')
    return int(float(match[1]) * _BYTES[match[2].lower()])


def parse_backlog(value: object) -> Backlog:
    """Read `backlog`: how many of the entries already there are news, "all", or those since a date."""
    if isinstance(value, str):
        return _backlog_text(value)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError(_expected_backlog(value))


def _backlog_text(text: str) -> Backlog:
    if text == "all":
        return "all"
    if not re.fullmatch(_DATE, text, re.ASCII):
        raise ValueError(_expected_backlog(text))
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"there is no day {shown(text)}") from None


def _expected_backlog(value: object) -> str:
    return f'expected a number from 0, "all" or a date such as 2026-01-31, not {shown(value)}'


def check_id(value: object) -> str:
    """Let through what can name a feed in commands, files and messages."""
    text = check_text(value)
    if not _ID.fullmatch(text):
        proposal = f"; {shown(slug(text))} would do" if slug(text) else ""
        raise ValueError(
            f"expected lower-case letters, digits and hyphens, at most {LONGEST_ID}, not {shown(text)}{proposal}"
        )
    return text


def check_zone(value: object) -> str:
    """Let through an IANA time zone that this machine knows."""
    text = check_text(value)
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):  # unknown, a path, a folder of the zone data
        raise ValueError(f"there is no time zone {shown(text)}{_nearest_zone(text)}") from None
    return text


def _nearest_zone(text: str) -> str:
    from difflib import get_close_matches

    zones = sorted(available_timezones())  # reads hundreds of files: only for a mistake
    wanted = text.lower().replace(" ", "_")
    cities = {zone.rpartition("/")[2].lower(): zone for zone in zones}
    whole = {zone.lower(): zone for zone in zones}
    for names in (whole, cities):
        close = get_close_matches(wanted, names, n=1, cutoff=0.75)
        if close:
            return did_you_mean(shown(names[close[0]]))
    return '; zones are named by a city, such as "Europe/London"'


def check_file(value: object) -> str:
    """Let through a pattern for issue files that stays inside the digest's folder."""
    text = check_text(value)
    path = PurePosixPath(text)
    if text.count("{issue}") != 1 or "{" in text.replace("{issue}", ""):
        raise ValueError(f'expected one {{issue}} in it, such as "{{issue}}.md", not {shown(text)}')
    if path.is_absolute() or ".." in path.parts or "\\" in text or text.endswith("/") or len(text) > 200:
        raise ValueError(f"expected a file name inside the digest's folder, not {shown(text)}")
    return text


def check_pattern(value: object) -> str:
    """Let through a regular expression that compiles, and not one that means two things."""
    text = check_text(value)
    if len(text) > LONGEST_PATTERN:
        raise ValueError(f"is {len(text)} characters long; {LONGEST_PATTERN} are allowed")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(text)
    except (re.error, Warning, OverflowError, RecursionError) as error:
        raise ValueError(f"is no regular expression: {error}; a plain . * + ? ( [ is written \\. \\* …") from None
    return text


def check_contact(value: object) -> str:
    """Let through what can stand in the User-Agent: a URL or a mail address."""
    text = check_text(value)
    if not re.fullmatch(_CONTACT, text, re.ASCII) or not ("@" in text or text.startswith(("https://", "http://"))):
        raise ValueError(f'expected a URL or a mail address such as "https://example.org", not {shown(text)}')
    return text


def check_text(value: object) -> str:
    """Let through one line of text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"expected text in quotes, not {shown(value)}")
    if _CONTROL.search(value):
        raise ValueError(f"expected one line without control characters, not {shown(value)}")
    return value


def slug(text: str) -> str:
    """Make an id of a title: ASCII letters and digits, hyphens between, "" where nothing is left."""
    plain = normalize("NFKD", text.replace("'", "").replace("\u2019", "")).encode("ascii", "ignore").decode()
    whole = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    cut = whole[: LONGEST_ID + 1]
    # Cut between words where that keeps something.
    return whole if len(whole) <= LONGEST_ID else (cut.rpartition("-")[0] or cut[:LONGEST_ID])


def shown(value: object) -> str:
    """Write a value as feeds.toml would, on one line and short."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", value)
        return f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"'
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "an empty list" if not value else "a list"
    text = str(value)
    return f"{text[:60]}…" if len(text) > 60 else text


def nearest(word: str, words: Iterable[str]) -> str:
    """Find the word that was probably meant; "" if none is near."""
    from difflib import get_close_matches  # not above: most files have no mistake

    close = get_close_matches(word.lower(), list(words), n=1, cutoff=0.6)
    return close[0] if close else ""


def did_you_mean(word: str) -> str:
    """End a sentence with the word that was probably meant, if there is one."""
    return f"; did you mean {word}?" if word else ""
