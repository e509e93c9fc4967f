"""What a week of a subscription takes, and in which order its list stands."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories import NOW, make_subscription
from tracker.models import Entry, Kind, minutes_of
from tracker.subscribe import forecast
from tracker.subscribe.forecast import Overlap

BLOG = make_subscription()
CHANNEL = make_subscription(channel="UCXUPKJO5MZQN11PqgIvyuvQ")


def entry(**fields: object) -> Entry:
    given = {"position": 0, "key": "", "guid": "g", "kind": Kind.POST, "title": "T", "url": "https://a.example/"}
    return Entry(**{**given, **fields})  # type: ignore[arg-type] # by keyword, as Entry has them


def dated(*days: int | None) -> list[Entry]:
    return [entry(published=None if day is None else NOW + timedelta(days=day)) for day in days]


def test_words_and_durations_are_minutes() -> None:
    """A post of 460 words takes two minutes, a video its length; those that do not tell are taken for the average."""
    some = [entry(words=460), entry(duration=600), entry()]
    assert forecast.minutes_a_week(some, BLOG, rate=6.0) == pytest.approx(6 * (2 + 10) / 2)


def test_an_episode_takes_its_length_not_its_notes() -> None:
    """The words beside a podcast's episode are not what is listened to."""
    assert minutes_of(entry(words=460, extra={"podcast": True})) is None
    assert minutes_of(entry(words=460, duration=1800, extra={"podcast": True})) == 30


def test_what_is_left_out_takes_no_time() -> None:
    """Shorts that are not wanted, and videos that cannot be watched, count as entries but not as minutes."""
    some = [
        entry(duration=600),
        entry(duration=60, extra={"short": True}),
        entry(duration=60, placeholder="[Private video]"),
        entry(duration=600),
    ]
    assert forecast.minutes_a_week(some, CHANNEL, rate=4.0) == pytest.approx(20)
    wants = make_subscription(channel="UCXUPKJO5MZQN11PqgIvyuvQ", videos=("long", "shorts"))
    assert forecast.minutes_a_week(some, wants, rate=4.0) == pytest.approx(3 * 1260 / 3 / 60)


@pytest.mark.parametrize(("known", "rate"), [(1, 3.0), (3, None), (0, 3.0)])
def test_too_little_is_known_to_tell(known: int, rate: float | None) -> None:
    """Without a rate, or where most do not say how long they are, no minutes are made up."""
    some = [entry(words=230 if number < known else None) for number in range(3)]
    assert forecast.minutes_a_week(some, BLOG, rate=rate) is None


@pytest.mark.parametrize(
    ("days", "order"),
    [
        ((1, 2, 3, 4), forecast.OLDEST_FIRST),
        ((4, 3, 2, 1), forecast.NEWEST_FIRST),
        ((1, None, 2, 2, 3), forecast.OLDEST_FIRST),
        ((6, 5, 4, 9, 3, 2, 1), forecast.NEWEST_FIRST),
        ((1, 3, 2, 4, 0), forecast.UNORDERED),
        ((1, 2), ""),
        ((1, 1, 1), ""),
        ((None, None, None), ""),
    ],
)
def test_the_dates_tell_the_order(days: tuple[int | None, ...], order: str) -> None:
    """M9: a playlist is appended to or not; one entry out of five may stand elsewhere."""
    assert forecast.order(dated(*days)) == order


def test_how_far_back_a_feed_reaches() -> None:
    """Fifteen entries at thirty a week are half a week."""
    assert forecast.reach(dated(*range(15)), rate=30.0) == timedelta(days=3.5)
    assert forecast.reach(dated(1, 2), rate=None) is None


def test_overlap_counts_each_entry_once() -> None:
    """An entry that two feeds carry is stored once; every key under which it could be is asked for."""
    some = [
        entry(key="youtube:a"),
        entry(key="youtube:b"),
        entry(canonical="a.example/x", guid="x"),
        entry(canonical="a.example/y", guid="y"),
    ]
    asked: set[str] = set()

    def carried(keys: object) -> dict[str, tuple[str, ...]]:
        asked.update(keys)  # type: ignore[call-overload] # a collection of keys
        return {"youtube:a": ("one", "two"), "youtube:b": ("two",), "web:a.example/x": ()}

    assert forecast.overlap(some, carried, feed="new") == Overlap(stored=3, feeds=(("two", 2), ("one", 1)))
    assert {"youtube:a", "web:a.example/y"} < asked
    assert forecast.overlap(some, None, feed="new") == Overlap()
