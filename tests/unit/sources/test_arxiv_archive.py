"""Which submissions a batch holds, around weekends, holidays and clock changes, and how the API is asked for them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_subscription
from tracker.sources.arxiv_archive import PAGE, page_url, submitted, window_days
from tracker.sources.arxiv_calendar import announcement_days


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        pytest.param("2026-11-19", "2026-11-17T19", "2026-11-18T19", id="a Thursday"),
        pytest.param("2026-11-23", "2026-11-19T19", "2026-11-20T19", id="Monday holds Thursday to Friday"),
        pytest.param("2026-11-24", "2026-11-20T19", "2026-11-23T19", id="Tuesday holds the weekend"),
        pytest.param("2026-11-03", "2026-10-30T18", "2026-11-02T19", id="the clocks went back"),
        pytest.param("2026-03-10", "2026-03-06T19", "2026-03-09T18", id="the clocks went forward"),
        pytest.param("2026-11-30", "2026-11-25T19", "2026-11-27T19", id="Thanksgiving waits for Sunday"),
        pytest.param("2026-07-07", "2026-07-02T18", "2026-07-06T18", id="a Friday's holiday waits for Monday"),
    ],
)
def test_what_a_batch_holds(day: str, first: str, last: str) -> None:
    """From 14:00 to 14:00 in New York, over weekends and holidays, in both halves of the year (M51)."""
    expected = tuple(datetime.fromisoformat(f"{each}:00:00+00:00") for each in (first, last))
    assert submitted(date.fromisoformat(day)) == expected


def test_every_minute_belongs_to_one_batch() -> None:
    """Over three years batches leave no minute between them and none twice (M51)."""
    spans = [submitted(day) for day in announcement_days(date(2025, 1, 7), date(2027, 12, 31))]
    assert len(spans) > 700
    assert all(one[1] == other[0] for one, other in pairwise(spans))
    assert all(first < last for first, last in spans)


def test_a_page_is_asked_for_in_order() -> None:
    """Categories, span, order, place and number are all said (M51, M66)."""
    url = page_url(make_subscription(categories=("cs.CL", "hep-th")), date(2026, 11, 24), start=500)
    parts = urlsplit(url)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://export.arxiv.org/api/query"
    assert parse_qs(parts.query) == {
        "search_query": ["(cat:cs.CL OR cat:hep-th) AND submittedDate:[202611201900 TO 202611231900]"],
        "sortBy": ["submittedDate"],
        "sortOrder": ["descending"],
        "start": ["500"],
        "max_results": [str(PAGE)],
    }


def test_a_whole_archive_is_asked_for_with_its_subjects() -> None:
    """`cs` alone finds nothing in the API: `cs.*` does (M51), however it is spelt in feeds.toml."""
    for written in (("cs", "hep-th", "cs.CL"), ("CS", "HEP-TH", "cs.cl")):
        url = page_url(make_subscription(categories=written), date(2026, 11, 24), start=0)
        assert "cat:cs.*%20OR%20cat:hep-th%20OR%20cat:cs.CL" in url


@given(st.integers(0, 365 * 24), st.integers(0, 24 * 400))
def test_a_window_wants_a_bounded_number_of_days(hour: int, hours: int) -> None:
    """Only announcement days of the window, none of the future, none older than 30 days (M51)."""
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
    days = window_days(now - timedelta(hours=hours), now)
    assert set(days) <= set(announcement_days(now.date() - timedelta(days=31), now.date()))
    assert len(days) <= 23


def test_a_window_wants_what_came_in_it() -> None:
    """The batch of a Monday that was ready before the window opened at 07:00 belongs to the week before (M51)."""
    opened = datetime(2026, 11, 16, 7, tzinfo=UTC)
    assert [day.day for day in window_days(opened, opened + timedelta(days=7))] == [17, 18, 19, 20, 23]
