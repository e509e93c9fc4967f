"""The command line's clock: the system's, or the one that TRACKER_CLOCK asks for."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import click
import pytest

from tracker.cli.clock import Clock, clock_from

START = datetime(2026, 11, 23, 6, 59, tzinfo=UTC)


def test_without_a_wish_it_is_the_systems_time() -> None:
    """Nothing asked for: the system's time in UTC, to the second, and waits as long as they are."""
    clock = clock_from({})
    before = datetime.now(UTC).replace(microsecond=0)
    assert before <= clock.now() <= datetime.now(UTC)
    assert clock.now().microsecond == 0
    assert clock.now().tzinfo is UTC
    assert clock.real(30) == 30


@pytest.mark.parametrize(
    ("text", "start", "speed"),
    [
        ("2026-11-23T06:59:00Z", START, 1),
        ("2026-11-23T06:59:00Z*60", START, 60),
        ("2026-11-23T07:59:00+01:00*0.5", START, 0.5),
    ],
)
def test_a_clock_that_starts_and_runs_as_asked(text: str, start: datetime, speed: float) -> None:
    """A moment, in any zone, and how many times as fast."""
    clock = clock_from({"TRACKER_CLOCK": text})
    assert (clock.start, clock.speed) == (start, speed)
    assert timedelta() <= clock.now() - start < timedelta(seconds=60 * speed)
    assert clock.real(60) == 60 / speed


def test_a_fast_clock_runs() -> None:
    """A second ago at sixty times the speed was a minute ago."""
    clock = Clock(start=START, speed=60, origin=time.monotonic() - 10)
    assert START + timedelta(minutes=10) <= clock.now() < START + timedelta(hours=10)


def test_a_clock_that_stands_still() -> None:
    """A speed next to nothing makes a clock at which everything happens in one second."""
    clock = Clock(start=START, speed=1e-6, origin=time.monotonic() - 3600)
    assert clock.now() == START


@pytest.mark.parametrize(
    "text", ["tomorrow", "2026-11-23", "2026-11-23T06:59:00", "2026-11-23T06:59:00Z*0", "2026-11-23T06:59:00Z*-1", "*60",
             "2026-11-23T06:59:00Z*fast"]
)  # fmt: skip
def test_what_is_no_clock_is_told(text: str) -> None:
    """What is no moment with a zone, or no speed, is wrong use, and the right form is shown."""
    with pytest.raises(click.UsageError, match="write 2026-11-23T06:59:00Z") as caught:
        clock_from({"TRACKER_CLOCK": text})
    assert repr(text) in caught.value.message
