"""Spans, labels and what is overdue."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tracker.errors import DigestError
from tracker.models import DigestSettings, Window
from tracker.window import LedgerEnd, early, next_close, open_window, overdue


def digest(every: str = "week", at: str = "mon 07:00", timezone: str = "Europe/London") -> DigestSettings:
    return DigestSettings(folder=Path("digests"), every=every, at=at, timezone=timezone)  # type: ignore[arg-type]  # a test parameter


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(
    now: str,
    *,
    last: str | None = "2026-11-23 07:00",
    settings: DigestSettings | None = None,
    labels: tuple[str, ...] = (),
) -> Window | None:
    end = LedgerEnd(utc(last)) if last else None
    return overdue(settings or digest(), last=end, first_polled_at=utc("2026-11-18 18:20"), now=utc(now), labels=labels)


def test_nothing_is_overdue_before_the_hour() -> None:
    """A second before its boundary the window is still open."""
    assert due("2026-11-30 06:59:59") is None


def test_a_window_closes_at_its_hour() -> None:
    """Up to ten minutes after the hour the span ends at the hour itself."""
    window = due("2026-11-30 07:10")
    assert window == Window(
        label="2026-W48",
        start=utc("2026-11-23 07:00"),
        end=utc("2026-11-30 07:00"),
        closes_at=utc("2026-11-30 07:00"),
    )


def test_a_late_close_ends_now() -> None:
    """More than ten minutes late, the window ends with the second of closing."""
    window = due("2026-11-30 09:41:12")
    assert window is not None
    assert window.is_late
    assert window.end == utc("2026-11-30 09:41:13")
    assert window.label == "2026-W48"


def test_missed_windows_are_covered_by_one() -> None:
    """Three weeks away give one issue under the last label, which names the others."""
    window = due("2026-12-15 12:00")
    assert window is not None
    assert window.label == "2026-W50"
    assert window.covers == ("2026-W48", "2026-W49")
    assert window.closes_at == utc("2026-12-14 07:00")


def test_awake_just_after_a_boundary_weeks_are_late_all_the_same() -> None:
    """What the first poll after weeks asleep brings belongs to the issue that covers them."""
    window = due("2026-12-14 07:05")
    assert window is not None
    assert (window.is_late, window.covers) == (True, ("2026-W48", "2026-W49"))
    assert window.end == utc("2026-12-14 07:05:01")


def test_a_clock_that_went_back_makes_nothing_overdue() -> None:
    """Before the last issue's end nothing is overdue, and the open window is empty."""
    assert due("2026-11-20 07:00") is None
    window = open_window(
        digest(), last=LedgerEnd(utc("2026-11-23 07:00")), first_polled_at=None, now=utc("2026-11-20 07:00"), labels=()
    )
    assert window.start == window.end == utc("2026-11-23 07:00")


def test_nothing_is_overdue_before_the_first_poll() -> None:
    """Without a poll there is nothing to close, however much time passes."""
    assert overdue(digest(), last=None, first_polled_at=None, now=utc("2026-11-30 08:00"), labels=()) is None


def test_the_first_window_reaches_back_one_period() -> None:
    """The first page is full on any day of the week."""
    window = due("2026-11-23 07:01", last=None)
    assert window is not None
    assert window.is_first
    assert window.start == utc("2026-11-11 18:20")


def test_the_first_window_of_a_month_reaches_back_a_month() -> None:
    """One period before 31 March is the last day of February."""
    window = open_window(
        digest("month", "1 07:00"),
        last=None,
        first_polled_at=utc("2026-03-31 10:00"),
        now=utc("2026-03-31 10:00"),
        labels=(),
    )
    assert window.start == utc("2026-02-28 11:00")


def test_january_reaches_back_into_december() -> None:
    """One month before 5 January lies in the year before."""
    window = open_window(
        digest("month", "1 07:00"),
        last=None,
        first_polled_at=utc("2026-01-05 10:00"),
        now=utc("2026-01-06 10:00"),
        labels=(),
    )
    assert window.start == utc("2025-12-05 10:00")


@pytest.mark.parametrize(
    ("every", "at", "now", "label"),
    [
        ("week", "mon 07:00", "2026-11-30 07:00", "2026-W48"),
        ("week", "fri 17:00", "2026-11-27 17:00", "2026-W48"),
        ("week", "sun 20:00", "2026-11-29 20:00", "2026-W48"),
        ("week", "thu 12:00", "2026-11-26 12:00", "2026-W48"),
        ("week", "thu 11:59", "2026-11-26 11:59", "2026-W47"),
        ("week", "mon 07:00", "2027-01-04 07:00", "2026-W53"),
        ("day", "07:00", "2026-11-24 07:00", "2026-11-23"),
        ("day", "19:30", "2026-11-24 19:30", "2026-11-24"),
        ("month", "1 07:00", "2026-12-01 07:00", "2026-11"),
        ("month", "31 07:00", "2026-11-30 07:00", "2026-11"),
    ],
)
def test_a_label_names_the_period_in_which_the_window_mostly_lies(every: str, at: str, now: str, label: str) -> None:
    """Monday to Monday and Friday to Friday both give the week in which they mostly lie."""
    window = due(now, last="2026-10-01 00:00", settings=digest(every, at))
    assert window is not None
    assert window.label == label


def test_noon_keeps_its_day_when_the_clocks_change() -> None:
    """A daily noon after a day of 23 hours is not called by yesterday's name."""
    window = due("2026-03-29 11:00", last="2026-03-28 12:00", settings=digest("day", "12:00"))
    assert window is not None
    assert window.label == "2026-03-29"


def test_a_skipped_hour_closes_at_the_first_valid_moment() -> None:
    """01:30 does not exist in London on 29 March 2026: the window closes at 02:00 summer time."""
    assert next_close(digest("week", "sun 01:30"), utc("2026-03-25 00:00")) == utc("2026-03-29 01:00")


def test_a_repeated_hour_closes_once() -> None:
    """01:30 comes twice in London on 25 October 2026: the first closes, the second does not."""
    settings = digest("week", "sun 01:30")
    first = next_close(settings, utc("2026-10-20 00:00"))
    assert first == utc("2026-10-25 00:30")
    assert next_close(settings, first) == utc("2026-11-01 01:30")


def test_a_day_that_a_zone_skipped_has_no_boundary_of_its_own() -> None:
    """Samoa had no 30 December 2011: midnights of the 30th and the 31st are one moment with one name."""
    settings = digest("day", "00:00", "Pacific/Apia")
    before = next_close(settings, utc("2011-12-29 09:00"))
    after = next_close(settings, before)
    assert (before, after) == (utc("2011-12-29 10:00"), utc("2011-12-30 10:00"))
    window = overdue(settings, last=LedgerEnd(before), first_polled_at=None, now=after, labels=())
    assert window is not None
    assert (window.label, window.covers) == ("2011-12-30", ())


def test_an_early_close_takes_the_running_label() -> None:
    """What is closed on Thursday is called as Monday's issue would have been."""
    window = early(
        digest(), last=LedgerEnd(utc("2026-11-23 07:00")), first_polled_at=None, now=utc("2026-11-26 12:40"), labels=()
    )
    assert (window.label, window.is_early) == ("2026-W48", True)
    assert window.end == utc("2026-11-26 12:40:01")
    assert window.closes_at == utc("2026-11-30 07:00")


def test_the_regular_close_after_an_early_one_gets_a_second_label() -> None:
    """The rest of the week is 2026-W48-2, and says what it repeats."""
    window = due("2026-11-30 07:00", last="2026-11-26 12:40:01", labels=("2026-W48",))
    assert window is not None
    assert (window.label, window.repeats) == ("2026-W48-2", "2026-W48")


def test_a_week_closed_early_is_not_covered_again() -> None:
    """When the regular close was skipped because nothing came, the next issue does not claim its label."""
    window = due("2026-12-07 07:00", last="2026-11-26 12:40:01", labels=("2026-W48",))
    assert window is not None
    assert (window.label, window.covers) == ("2026-W49", ())


def test_closing_early_before_the_last_end_is_refused() -> None:
    """With a clock set back there is no span to close."""
    with pytest.raises(DigestError, match="the clock says 2026-11-20 07:00 UTC"):
        early(
            digest(),
            last=LedgerEnd(utc("2026-11-23 07:00")),
            first_polled_at=None,
            now=utc("2026-11-20 07:00"),
            labels=(),
        )


@pytest.mark.parametrize(
    ("now", "expected"), [("2026-02-01 00:00", "2026-02-28 07:00"), ("2026-03-01 00:00", "2026-03-31 06:00")]
)
def test_the_31st_is_the_last_day_of_a_short_month(now: str, expected: str) -> None:
    """A monthly window closes in every month, at the local hour."""
    assert next_close(digest("month", "31 07:00"), utc(now)) == utc(expected)
