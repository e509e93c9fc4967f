"""A whole year in zones with every kind of clock change: one issue a week, on time or late, none lost, none twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from tests.histories.model import number_of
from tests.histories.world import BEGIN, Work, World
from tracker import digest
from tracker import window as windows
from tracker.errors import DigestError
from tracker.models import DigestSettings, Window

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
YEARS = (
    ("Europe/London", 2026),
    ("America/New_York", 2026),
    ("Australia/Lord_Howe", 2026),  # half an hour
    ("Asia/Kathmandu", 2026),  # three quarters of an hour off, no change
    ("Pacific/Apia", 2011),  # 30 December never was
    ("America/Havana", 2026),  # changes at midnight
)
HOURS = ("mon 01:30", "sun 01:30", "sun 02:15", "sun 00:00", "fri 12:00")


def looks(settings: DigestSettings, start: datetime, end: datetime) -> Iterator[datetime]:
    """Look as the daemon does: often around each closing hour, now and then between."""
    now = start
    while now < end:
        closes = windows.next_close(settings, now)
        yield from (closes + step * MINUTE for step in (-61, -30, -1, 0, 1, 29, 30, 31, 59, 60, 61, 90, 120))
        now = closes + 3 * HOUR
        yield now


@pytest.mark.parametrize("at", HOURS)
@pytest.mark.parametrize(("zone", "year"), YEARS, ids=[zone for zone, _ in YEARS])
def test_a_year_has_one_issue_a_week(zone: str, year: int, at: str) -> None:
    """Whatever the clocks do at that hour: every week once, in order, at its hour, from end to end."""
    settings = DigestSettings(folder=Path("digests"), every="week", at=at, timezone=zone)
    start = datetime(year, 1, 5, 12, tzinfo=UTC)
    closed: list[Window] = []
    for now in looks(settings, start, start + 370 * DAY):
        last = windows.LedgerEnd(closed[-1].end) if closed else None
        labels = [each.label for each in closed]
        window = windows.overdue(settings, last=last, first_polled_at=start, now=now, labels=labels)
        closed += [window] if window else []
    assert all(not each.is_late and not each.covers and not each.repeats for each in closed)
    assert all(before.end == after.start for before, after in pairwise(closed))
    weeks = [datetime.strptime(f"{each.label}-1", "%G-W%V-%u").replace(tzinfo=UTC) for each in closed]
    assert all(after - before == 7 * DAY for before, after in pairwise(weeks))
    assert 52 <= len(closed) <= 54
    for window in closed:
        local, before = (moment.astimezone(ZoneInfo(zone)) for moment in (window.end, window.end - MINUTE))
        assert local.utcoffset() != before.utcoffset() or f"{local:%a %H:%M}".lower() == at


@pytest.mark.parametrize("zone", ["Europe/London", "Australia/Lord_Howe", "America/New_York"])
def test_a_year_of_a_laptop(zone: str) -> None:
    """Awake at odd hours, asleep for days or weeks: each week has an issue or is covered, and each post comes once."""
    world, random = World(), Random(zone)
    try:
        world.digest["timezone"] = zone
        world.read()
        now, published = BEGIN, 0
        while now < BEGIN + 365 * DAY:
            published += 1
            shelf = world.documents["blog"]
            shelf.works = [Work(published, "blog", f"Work {published}", now - HOUR), *shelf.works][:15]
            _live(world, now, is_asking=random.random() < 0.9)
            now += random.choice([5 * HOUR, DAY, 2 * DAY, 4 * DAY, 4 * DAY, 9 * DAY, 30 * DAY])
        _check_year(world, published, now)
    finally:
        world.end()


def _live(world: World, now: datetime, *, is_asking: bool) -> None:
    """Wake up: ask, close what is overdue; a late issue ends now, one in time on its hour."""
    for _ in world.ask(now, failing=() if is_asking else ("blog",)):
        pass
    for issue in world.close_overdue(now):
        assert issue.end in {issue.closes_at, now + timedelta(seconds=1)}
    assert digest.overdue(world.config, world.storage, now=now) is None


def _check_year(world: World, published: int, now: datetime) -> None:
    for _ in world.ask(now):
        pass
    world.close_early(now + HOUR)
    issues = world.storage.issues()
    assert all(before.end == after.start for before, after in pairwise(issues))
    names = [name for issue in issues for name in (*issue.covers, issue.label)]
    weeks = [datetime.strptime(f"{name}-1", "%G-W%V-%u").replace(tzinfo=UTC) for name in names]
    assert all(after - before == 7 * DAY for before, after in pairwise(weeks))
    for issue in issues:
        for label in issue.covers:
            with pytest.raises(DigestError, match=f"{label} was missed and is covered by {issue.label}:"):
                digest.rebuild(world.config, world.storage, label, rerender=False)
    stored = Counter(number_of(entry.key) for entry in world.storage.entries() if entry.issue)
    assert stored == Counter(range(1, published + 1))
