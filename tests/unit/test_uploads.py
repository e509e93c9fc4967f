"""When a video is an earlier one, uploaded again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.factories import NOW
from tracker.models import Upload
from tracker.poll.uploads import is_same_work, one_each

KARPATHY = "UCXUPKJO5MZQN11PqgIvyuvQ"
BEFORE = Upload(
    id=1,
    title="Let's build GPT",
    channel=KARPATHY,
    duration=6980,
    first_seen=NOW - timedelta(days=3),
    is_gone=True,
)
AGAIN = replace(BEFORE, id=2, first_seen=NOW, is_gone=False)


def test_everything_known_and_equal_makes_one_work() -> None:
    """One channel, one title, one length, and the earlier one is gone."""
    assert is_same_work(AGAIN, BEFORE)


@pytest.mark.parametrize(
    ("again", "before", "expected"),
    [
        ({"title": "  LET'S  build\u00a0GPT "}, {}, True),
        ({"duration": 6982}, {}, True),
        ({"duration": 6978}, {}, True),
        ({"channel": KARPATHY[2:]}, {}, True),
        ({"duration": 6983}, {}, False),
        ({"title": "Let's build GPT, part 2"}, {}, False),
        ({"title": " "}, {"title": ""}, False),
        ({"channel": "UCBa5G_ESCn8Yd4vw5U-gIcg"}, {}, False),
        ({"channel": ""}, {"channel": ""}, False),
        ({"duration": None}, {}, False),
        ({}, {"duration": None}, False),
        ({}, {"is_gone": False}, False),
        ({"is_gone": True}, {}, False),
        ({"first_seen": BEFORE.first_seen}, {}, False),
        ({"first_seen": BEFORE.first_seen - timedelta(days=1)}, {}, False),
    ],
    ids=[
        *("spelt otherwise", "two seconds longer", "two seconds shorter", "channel without UC"),
        *("three seconds longer", "another title", "no title", "another channel", "no channel"),
        *("length of the new one unknown", "length of the old one unknown", "the old one stands", "both are gone"),
        *("seen at once", "seen before"),
    ],
)
def test_anything_unknown_or_unequal_makes_two(again: dict[str, Any], before: dict[str, Any], expected: bool) -> None:
    """Losing is worse than repeating: each condition by itself makes it a new entry."""
    assert is_same_work(replace(AGAIN, **again), replace(BEFORE, **before)) is expected


def test_where_two_could_be_meant_none_is() -> None:
    """Two earlier ones for one, or two later ones of one, are all left as they are."""
    assert one_each([(AGAIN, BEFORE)]) == ((AGAIN, BEFORE),)
    assert one_each([(AGAIN, BEFORE), (AGAIN, replace(BEFORE, id=3))]) == ()
    assert one_each([(AGAIN, BEFORE), (replace(AGAIN, id=3), BEFORE)]) == ()
    assert one_each([(AGAIN, BEFORE), (AGAIN, replace(BEFORE, id=3, is_gone=False))]) == ((AGAIN, BEFORE),)
