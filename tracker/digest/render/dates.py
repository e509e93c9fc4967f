"""Serve render: dates in the digest's zone, by English names of our own, whatever the system's locale; pure."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


class Calendar:
    """Writes moments as the clocks of one zone show them."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    def local(self, moment: datetime) -> datetime:
        """Give the moment on the zone's clock."""
        return moment.astimezone(self._zone)

    def iso(self, moment: datetime) -> str:
        """Write a moment with its offset: 2026-11-23T07:00:00+00:00."""
        return self.local(moment).isoformat(timespec="seconds")

    def clock(self, moment: datetime) -> str:
        """Write the time of day: 07:00."""
        local = self.local(moment)
        return f"{local.hour:02}:{local.minute:02}"

    def hour(self, moment: datetime) -> str:
        """Write weekday and time: "Monday 07:00"."""
        return f"{weekday(self.local(moment))} {self.clock(moment)}"

    def day(self, moment: datetime) -> str:
        """Write weekday and date: "Wednesday 25 November"."""
        return named(self.local(moment))

    def moment(self, moment: datetime) -> str:
        """Write "Wednesday 25 November, 18:20"."""
        return f"{self.day(moment)}, {self.clock(moment)}"

    def dates(self, start: datetime, end: datetime) -> str:
        """Write a span's dates: "23 to 30 November 2026"."""
        first, last = self.local(start).date(), self.local(end).date()
        if first == last:
            return f"{day_month(first)} {first.year}"
        if first.year != last.year:
            return f"{day_month(first)} {first.year} to {day_month(last)} {last.year}"
        if first.month != last.month:
            return f"{day_month(first)} to {day_month(last)} {last.year}"
        return f"{first.day} to {day_month(last)} {last.year}"

    def days_between(self, start: datetime, end: datetime) -> int:
        """Count midnights between two moments."""
        return (self.local(end).date() - self.local(start).date()).days

    def is_long(self, start: datetime, end: datetime) -> bool:
        """Tell whether a span holds more than a week, so that a weekday alone means nothing in it."""
        return self.days_between(start, end) > 7


def weekday(day: date) -> str:
    """Name the day of the week."""
    return WEEKDAYS[day.weekday()]


def day_month(day: date) -> str:
    """Write "23 November"."""
    return f"{day.day} {MONTHS[day.month - 1]}"


def named(day: date) -> str:
    """Write "Monday 23 November"."""
    return f"{weekday(day)} {day_month(day)}"


def ordinal(day: date) -> str:
    """Write "the 10th"."""
    ending = "th" if 11 <= day.day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return f"the {day.day}{ending}"
