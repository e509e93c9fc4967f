"""When a video is an earlier one, uploaded again, and which of the two is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.factories import NOW, make_mark
from tracker.digest.uploads import is_same_work, pairs, successors, united, untold
from tracker.models import Upload

KARPATHY = "UCXUPKJO5MZQN11PqgIvyuvQ"
DAY = timedelta(days=1)
BEFORE = Upload(
    id=1, key="youtube:before", title="Let's build GPT", channel=KARPATHY, duration=6980, first_seen=NOW - 3 * DAY
)
AGAIN = replace(BEFORE, id=2, key="youtube:again", first_seen=NOW)


def test_everything_known_and_equal_makes_one_work() -> None:
    """One channel, one title, one length, and put up within three days."""
    assert is_same_work(AGAIN, BEFORE)


@pytest.mark.parametrize(
    ("again", "before", "expected"),
    [
        ({"title": "  LET'S  build\u00a0GPT "}, {}, True),
        ({"duration": 6982}, {}, True),
        ({"duration": 6978}, {}, True),
        ({"channel": KARPATHY[2:]}, {}, True),
        ({"published": NOW}, {"published": NOW - 3 * DAY}, True),
        ({"duration": 6983}, {}, False),
        ({"title": "Let's build GPT, part 2"}, {}, False),
        ({"title": " "}, {"title": ""}, False),
        ({"channel": "UCBa5G_ESCn8Yd4vw5U-gIcg"}, {}, False),
        ({"channel": ""}, {"channel": ""}, False),
        ({"duration": None}, {}, False),
        ({}, {"duration": None}, False),
        ({"first_seen": BEFORE.first_seen}, {}, False),
        ({"first_seen": BEFORE.first_seen - DAY}, {}, False),
        ({"first_seen": NOW + timedelta(seconds=1)}, {}, False),
        ({"published": NOW}, {"published": NOW - 4 * DAY}, False),
        ({"published": NOW - 4 * DAY}, {"published": NOW - 3 * DAY}, False),
    ],
    ids=[
        *("spelt otherwise", "two seconds longer", "two seconds shorter", "channel without UC", "published soon"),
        *("three seconds longer", "another title", "no title", "another channel", "no channel"),
        *("length of the new one unknown", "length of the old one unknown"),
        *("seen at once", "seen before", "seen later", "published later", "published before"),
    ],
)
def test_anything_unknown_or_unequal_makes_two(again: dict[str, Any], before: dict[str, Any], expected: bool) -> None:
    """Losing is worse than repeating: each condition by itself makes it a work of its own."""
    assert is_same_work(replace(AGAIN, **again), replace(BEFORE, **before)) is expected


def test_where_three_could_be_meant_none_is() -> None:
    """A series of one title and length, put up day after day, is no correction of any of its parts."""
    third = replace(AGAIN, id=3, first_seen=NOW - DAY)
    assert pairs([BEFORE, AGAIN]) == ((AGAIN, BEFORE),)
    assert pairs([BEFORE, AGAIN, third]) == ()
    assert pairs([BEFORE, AGAIN, replace(third, first_seen=NOW + DAY)]) == ()
    assert pairs([BEFORE, AGAIN, replace(third, title="Another")]) == ((AGAIN, BEFORE),)


@pytest.mark.parametrize(
    ("again", "before", "expected"),
    [
        ("waiting", "told gone", {2}),
        ("waiting", "told", set()),
        ("waiting gone", "told", {2}),
        ("waiting gone", "told gone", {2}),
        ("told", "waiting gone", {1}),
        ("told", "waiting", set()),
        ("told gone", "waiting gone", set()),
        ("waiting", "waiting gone", {1}),
        ("waiting gone", "waiting gone", set()),
        ("waiting", "gone", set()),
        ("", "waiting gone", set()),
        ("", "told gone", set()),
    ],
)
def test_one_of_the_two_is_told(again: str, before: str, expected: set[int]) -> None:
    """What waits is told unless an issue shows or has shown the other one; standing both, they are two works."""
    states = [{f"is_{word}": True for word in words.split()} for words in (again, before)]
    assert untold([(replace(AGAIN, **states[0]), replace(BEFORE, **states[1]))]) == expected


def test_the_one_that_stands_is_in_the_place_of_the_other() -> None:
    """Whichever is gone, the other stands for it; when both stand or both are gone, none does."""
    gone_again, gone_before = replace(AGAIN, is_gone=True), replace(BEFORE, is_gone=True)
    assert successors([(AGAIN, gone_before)]) == {1: AGAIN}
    assert successors([(gone_again, BEFORE)]) == {2: BEFORE}
    assert successors([(AGAIN, BEFORE)]) == successors([(gone_again, gone_before)]) == {}


def test_marks_of_both_are_united() -> None:
    """Done, starred and hidden count for the one that stands, whichever was marked; no mark is lost."""
    gone = replace(BEFORE, is_gone=True)
    done = make_mark(BEFORE.key, done=True, at=NOW - DAY)
    starred = make_mark(AGAIN.key, done=False, starred=True, at=NOW)
    marks = united({BEFORE.key: done, AGAIN.key: starred}, [(AGAIN, gone)])
    assert marks[BEFORE.key] == done
    assert (marks[AGAIN.key].done, marks[AGAIN.key].starred, marks[AGAIN.key].at) == (True, True, NOW - DAY)
    assert united({BEFORE.key: done}, [(AGAIN, gone)])[AGAIN.key] == replace(done, key=AGAIN.key)
    assert united({BEFORE.key: done}, [(AGAIN, BEFORE)]) == {BEFORE.key: done}
