"""Reckon the closing hours of a digest on a calendar, apart from the program's own reckoning."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from tracker.config import Rhythm, parse_at
from tracker.models import DigestSettings

_PERIODS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


def closing_hours(settings: DigestSettings, start: datetime, end: datetime) -> tuple[datetime, ...]:
    """Give every moment between two at which an issue should close, in UTC.

    An hour that comes twice counts the first time, one that a clock change skips at the change.
    """
    rhythm = parse_at(settings.every, settings.at)
    zone = ZoneInfo(settings.timezone)
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    found = (
        _moment(datetime(day.year, day.month, day.day, rhythm.hour, rhythm.minute), zone)  # noqa: DTZ001 -- the zone is put to it there
        for day in _days(first, last)
        if _is_closing(rhythm, day)
    )
    return tuple(each for each in found if start < each <= end)


def period_of(settings: DigestSettings) -> timedelta:
    """Give about how long one issue covers."""
    return _PERIODS[settings.every]


def _is_closing(rhythm: Rhythm, day: date) -> bool:
    if rhythm.weekday is not None:
        return day.weekday() == rhythm.weekday
    return rhythm.day is None or day.day == min(rhythm.day, monthrange(day.year, day.month)[1])


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)


def _moment(planned: datetime, zone: ZoneInfo) -> datetime:
    """Turn a local hour into a moment; minute by minute through an hour that does not exist."""
    for minute in range(181):
        local = (planned + timedelta(minutes=minute)).replace(tzinfo=zone)
        moment = local.astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
            return moment
    raise AssertionError("no clock change skips more than three hours")
