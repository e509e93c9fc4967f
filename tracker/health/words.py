"""Put health into words: days, numbers, and what hosts say, made fit for a sentence; for the rest of health."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta, tzinfo

_DAY = timedelta(days=1)
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def day(moment: datetime, *, now: datetime, zone: tzinfo) -> str:
    """Name a day as people do: "Tuesday 24 November", further back "9 October", then "June 2024"."""
    local = moment.astimezone(zone)
    age = now - moment
    if age < 7 * _DAY:
        return f"{local:%A} {local.day} {local:%B}"
    return f"{local.day} {local:%B}" if age < 300 * _DAY else f"{local:%B %Y}"


def number(count: int) -> str:
    """Write a small number as a word."""
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def times(count: int) -> str:
    """Say how often."""
    return {1: "once", 2: "twice"}.get(count, f"{number(count)} times")


def every(gap: timedelta) -> str:
    """Say how often something came: "every day", "every week", "every 12 days", "every four months"."""
    units = [(n, name) for n, name in ((30, "month"), (7, "week"), (1, "day")) if gap >= n * _DAY]
    days, unit = units[0] if units else (1, "day")
    count = max(round(gap / (days * _DAY)), 1)
    return f"every {unit}" if count == 1 else f"every {number(count)} {unit}s"


def said(text: str) -> str:
    """Make foreign text fit for a sentence: no control or invisible characters, one line, at most 200 characters."""
    visible = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in text)
    line = " ".join(visible.split())
    return line if len(line) <= 200 else f"{line[:199]}…"
