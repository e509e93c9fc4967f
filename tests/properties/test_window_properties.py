"""Windows tile time, and labels are unique, for any zone, rhythm and closing moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.models import DigestSettings, Window
from tracker.window import LedgerEnd, early, open_window, overdue

ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "America/Havana",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Asia/Gaza",
)
HOURS = st.tuples(st.sampled_from([0, 1, 2, 3, 7, 12, 23]), st.sampled_from([0, 30])).map(
    lambda pair: f"{pair[0]:02}:{pair[1]:02}"
)
DAYS = st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])
STARTS = st.integers(0, 19 * 366 * 86400).map(
    lambda seconds: datetime(2011, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@st.composite
def rhythms(draw: st.DrawFn) -> DigestSettings:
    """Draw a rhythm, its closing hour and a zone."""
    every = draw(st.sampled_from(["day", "week", "month"]))
    hour = draw(HOURS)
    at = {"day": hour, "week": f"{draw(DAYS)} {hour}", "month": f"{draw(st.integers(1, 31))} {hour}"}[every]
    return DigestSettings(folder=Path("digests"), every=every, at=at, timezone=draw(st.sampled_from(ZONES)))


def steps(every: str) -> st.SearchStrategy[list[timedelta]]:
    """Draw how much time passes between looks: moments to several periods, and now and then backwards."""
    period = {"day": 1, "week": 7, "month": 30}[every]
    return st.lists(
        st.one_of(
            st.timedeltas(timedelta(seconds=1), timedelta(days=period)),
            st.timedeltas(timedelta(days=period), timedelta(days=4 * period)),
            st.timedeltas(timedelta(hours=-3), timedelta(0)),
        ),
        min_size=1,
        max_size=25,
    )


def history(digest: DigestSettings, start: datetime, waits: list[timedelta], closes_early: list[bool]) -> list[Window]:
    """Look after every wait, close what is overdue, and sometimes close early."""
    now, last, closed, labels = start, None, [], set[str]()
    for wait, is_early in zip(waits, closes_early, strict=False):
        now += wait
        window = overdue(digest, last=last, first_polled_at=start, now=now, labels=labels)
        if window is None and is_early and (last is None or now >= last.end) and now >= start:
            window = early(digest, last=last, first_polled_at=start, now=now, labels=labels)
        if window:
            closed.append(window)
            labels |= {window.label, *window.covers}
            last = LedgerEnd(window.end)
    return closed


@settings(deadline=None)  # a busy machine is no failure
@given(st.data())
def test_spans_tile_time_and_labels_are_unique(data: st.DataObject) -> None:
    """Whatever the zone, rhythm, delays and early closes: no gap, no overlap, no label twice."""
    digest = data.draw(rhythms())
    waits = data.draw(steps(digest.every))
    closed = history(digest, data.draw(STARTS), waits, data.draw(st.lists(st.booleans(), min_size=25, max_size=25)))
    for window in closed:
        assert window.start < window.end
    for before, after in pairwise(closed):
        assert before.end == after.start
    names = [name for window in closed for name in (*window.covers, window.label)]
    assert len(names) == len(set(names))


@settings(deadline=None)  # a busy machine is no failure
@given(st.data())
def test_prompt_closes_give_every_period_its_own_plain_label(data: st.DataObject) -> None:
    """Looked at each minute of its boundary, no window is late, missed, repeated or skipped."""
    digest = data.draw(rhythms())
    start = data.draw(STARTS)
    last, labels, first_polled_at = None, [], start
    now = start
    for _ in range(30):
        running = open_window(digest, last=last, first_polled_at=first_polled_at, now=now, labels=labels)
        now = running.closes_at + timedelta(minutes=data.draw(st.integers(0, 10)))
        window = overdue(digest, last=last, first_polled_at=first_polled_at, now=now, labels=labels)
        assert window is not None
        assert (window.label, window.end) == (running.label, running.closes_at)
        assert (window.is_late, window.covers, window.repeats) == (False, (), "")
        labels.append(window.label)
        last = LedgerEnd(window.end)
    assert labels == sorted(labels)
    assert not any(label.endswith("-2") and digest.every == "week" for label in labels)


@settings(deadline=None)  # a busy machine is no failure
@given(rhythms(), STARTS)
def test_a_closing_hour_is_kept_on_the_wall_clock(digest: DigestSettings, start: datetime) -> None:
    """The window closes at the configured local hour, except where a clock change skipped it."""
    window = open_window(digest, last=None, first_polled_at=start, now=start, labels=())
    zone = ZoneInfo(digest.timezone)
    local = window.closes_at.astimezone(zone)
    moment_before = (window.closes_at - timedelta(seconds=1)).astimezone(zone)
    was_skipped = local.utcoffset() != moment_before.utcoffset()
    assert was_skipped or f"{local:%H:%M}" == digest.at.split()[-1]
