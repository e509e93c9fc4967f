"""Serve compose and render: numbers as the page writes them."""

from __future__ import annotations

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def spelt(number: int) -> str:
    """Write "no" to "ten" as words, more in digits: "1,304"."""
    return _WORDS[number] if 0 <= number < len(_WORDS) else f"{number:,}"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Write a number of things: "one lecture", "14 videos"."""
    return f"{spelt(number)} {noun if number == 1 else plural or noun + 's'}"


def often(number: int) -> str:
    """Write how many times something happened: "once", "twice", "three times", "22 times"."""
    return {1: "once", 2: "twice"}.get(number, f"{spelt(number)} times")


def lasting(seconds: float) -> str:
    """Write a length of time: "41 min", "3 h 20 min"."""
    hours, minutes = divmod(round(seconds / 60), 60)
    return (
        " ".join(part for part in (f"{hours:,} h" if hours else "", f"{minutes} min" if minutes else "") if part)
        or "0 min"
    )


def roughly(seconds: float) -> str:
    """Write a length of time without false precision: "about nine hours", "about two days"."""
    hours = seconds / 3600
    if hours < 1.5:
        return f"about {max(5, 5 * round(seconds / 300))} minutes" if hours < 0.9 else "about an hour"
    if hours < 36:
        return f"about {counted(round(hours), 'hour')}"
    return f"about {counted(round(hours / 24), 'day')}"


def joined(parts: list[str]) -> str:
    """Write a list: "a", "a and b", "a, b, and c"."""
    if len(parts) < 3:
        return " and ".join(parts)
    return ", ".join(parts[:-1]) + f", and {parts[-1]}"
