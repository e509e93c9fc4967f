"""Cadence keeps its promises over three months of generated feeds; a year of them is in the benchmark."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from tests.cadence_world import START, History, Life, generated, live

HOUR = timedelta(hours=1)
HISTORIES = generated(days=91)


@pytest.fixture(scope="module")
def lives() -> tuple[Life, ...]:
    """Every history, lived through."""
    return tuple(live(each) for each in HISTORIES)


def test_at_most_a_third_of_hourly_polling(lives: tuple[Life, ...]) -> None:
    """All feeds together, and each by itself, cost at most a third of the requests of fixed hourly polling."""
    assert sum(each.requests for each in lives) * 3 <= sum(each.days * 24 for each in lives)
    assert [each.history.name for each in lives if each.ratio > 1 / 3] == []


@pytest.mark.parametrize("history", HISTORIES, ids=lambda each: each.name)
def test_every_entry_is_seen_within_twelve_hours(history: History) -> None:
    """M19: an entry is seen twelve hours after it came at the latest, and as soon after the end of an outage."""
    life = live(history)

    assert life.longest <= 12 * HOUR


def test_nothing_scrolls_out_unseen(lives: tuple[Life, ...]) -> None:
    """M8: nothing leaves a document before it is seen, in the daily outages of YouTube either."""
    assert {each.history.name: each.lost for each in lives if each.lost} == {}
    assert all(each.delays for each in lives if each.history.published[-1] > each.history.start)


def test_no_list_is_asked_more_often_than_every_six_hours(lives: tuple[Life, ...]) -> None:
    """M34: whatever a listing is asked for, six hours lie between two, and a playlist's own stay below three a day."""
    listed = [each for each in lives if each.history.sub.playlist]

    gaps = [after - before for each in listed for before, after in pairwise(each.listed)]
    assert len(gaps) > 100
    assert min(gaps) >= 6 * HOUR
    assert all(len(each.listed) <= 3 * each.days for each in listed)


def test_arxiv_is_asked_twice_a_day_at_most(lives: tuple[Life, ...]) -> None:
    """M52: a category is asked once, and twice on a day whose batch is late; M66: the API once."""
    papers = [each for each in lives if each.history.name.startswith("arXiv")]

    assert [max(each.asked.values()) for each in papers] == [2, 2]
    # On its first day the query is asked at the first poll, at midnight, and after the rollover.
    assert max(times for day, times in papers[1].asked.items() if day > START.date()) == 1
