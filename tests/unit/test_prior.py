"""The shipped prior: which papers it puts first, that its terms add up, and that nothing a feed holds breaks it."""

from __future__ import annotations

import math
from importlib import resources
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.digest_weeks import NEAR, at, paper
from tracker.digest import prior
from tracker.digest.features import Place, announced_on, features, places
from tracker.digest.prior import Weights
from tracker.models import RankingSettings, StoredEntry

EVERYTHING = RankingSettings()
MIDDLE = Place(50, 100)
NAMES = tuple(f"Author {number}" for number in range(143))


def made(title: str = "Notes on a Method for Several Things", **fields: Any) -> StoredEntry:
    """Be a paper of three authors, in cs.CL."""
    return paper("2611.00050", title, day="24 05:00", **{"authors": NAMES[:3], "extra": NEAR, **fields})


def score(entry: StoredEntry, place: Place = MIDDLE, ranking: RankingSettings = EVERYTHING) -> float:
    return sum(prior.parts(entry, place, ranking).values())


def reasons(entry: StoredEntry, place: Place = MIDDLE) -> tuple[str, ...]:
    return prior.reasons(prior.named(prior.parts(entry, place, EVERYTHING), entry, place))


def test_what_editors_pick_comes_before_what_they_leave() -> None:
    """Many authors, a late id, the words of large models: each lifts an otherwise equal paper."""
    plain = score(made())
    assert score(made(authors=NAMES)) > plain + 0.5
    assert score(made(), Place(97, 100)) > plain + 0.5
    assert score(made("Reasoning Agents on a Method for Things")) > plain + 0.5
    assert score(made("A Clinical Framework for Several Graphs")) < plain


@pytest.mark.parametrize("part", ["authors", "deadline"])
def test_a_part_that_is_turned_off_does_not_count(part: str) -> None:
    """With `authors` or `deadline` off, papers that differ in nothing else are equal."""
    off = RankingSettings(**{part: False})
    large, late = made(authors=NAMES), Place(99, 100)
    if part == "authors":
        assert score(large, ranking=off) == score(made(), ranking=off)
    else:
        assert score(made(), late, off) == score(made(), MIDDLE, off)
    assert score(large, late, off) != score(large, late)


@settings(deadline=None)  # a busy machine is no failure
@given(
    st.text(max_size=300),
    st.text(max_size=2_000),
    st.lists(st.text(max_size=30), max_size=60),
    st.one_of(st.none(), st.text(), st.lists(st.one_of(st.text(max_size=10), st.integers()), max_size=30)),
    st.integers(0, 99),
)
def test_the_terms_of_a_score_add_up(
    title: str, abstract: str, authors: list[str], categories: object, number: int
) -> None:
    """Whatever a feed holds, the score is a finite number, the sum of its named terms."""
    entry = made(title, summary=abstract, authors=tuple(authors), extra={"categories": categories, "primary": "cs.CL"})
    place = Place(number, 100)
    found = prior.named(prior.parts(entry, place, EVERYTHING), entry, place)
    assert math.isfinite(score(entry, place))
    assert math.isclose(sum(each.value for each in found), score(entry, place), abs_tol=1e-9)
    assert all(each.name for each in found)


def test_a_huge_text_is_read_in_part() -> None:
    """What a hostile feed adds without end counts no more than what fits."""
    many = " ".join(f"word{number}" for number in range(50_000))
    long = made(many, summary=many, authors=("x" * 100_000,) * 5_000)
    assert len(features(long, MIDDLE)) < 1_000
    assert abs(score(made("agent " * 100_000)) - score(made("agent " * 25))) < 1e-9


def test_reasons_are_few_words_in_the_readers_terms() -> None:
    """A large group's report on agents says these three things, words as the title writes them, but for a capital letter."""
    entry = made("AgentLab Technical Report: Reasoning Agents", authors=NAMES)
    assert set(reasons(entry, Place(99, 100))) == {
        "143 authors",
        "technical report",
        "one of the day's last papers",
        'editors often pick "agents" and "reasoning"',
    }
    assert reasons(made()) == ()


def test_a_late_place_is_told_only_of_a_day_with_many_papers() -> None:
    """The last of fifteen papers is nothing special."""
    assert reasons(made(), Place(14, 15)) == ()
    assert reasons(made(), Place(24, 25)) == ("one of the day's last papers",)


def test_ids_are_counted_within_their_day() -> None:
    """The feed's own date tells the day, the API's moment of submission the day whose feed holds it (M57)."""
    early = paper("2611.00001", "a", day="24 05:00")
    late = paper("2611.00100", "b", day="24 05:00")
    next_day = paper("2611.00002", "c", day="25 05:00")
    submitted = paper("2611.00050", "d", day="23 16:00", first_seen=at("26 12:00"))
    found = places([late, next_day, submitted, early])
    assert announced_on(submitted) == announced_on(early)
    assert {key: (each.number, each.size) for key, each in found.items()} == {
        early.key: (0, 3),
        submitted.key: (1, 3),
        late.key: (2, 3),
        next_day.key: (0, 1),
    }


def test_the_old_ids_come_in_their_order() -> None:
    """Ids of before 2007 are ordered by month and number, not by archive."""
    first, second = paper("math/0601001", "a", day="24 05:00"), paper("cs/0601002", "b", day="24 05:00")
    assert places([second, first])[second.key].number == 1


def test_the_weights_are_readable_and_small() -> None:
    """The file is at most 200 KiB, says when and on what it was fitted, and names no more than words and features."""
    text = resources.files("tracker.digest").joinpath("prior.toml").read_text(encoding="utf-8")
    assert len(text.encode()) <= 200 * 1024
    assert "\nfitted = 20" in text
    assert "papers of 2025-W23 to 2025-W40" in text
    weights = prior.loads(text)
    assert len(weights.of) > 500
    assert all(math.isfinite(each) and abs(each) < 10 for each in (weights.bias, *weights.of.values()))
    assert all(len(name) < 50 for name in weights.of)


def test_what_was_never_seen_counts_nothing() -> None:
    """Words and categories without a weight leave a score as it is."""
    weights = Weights(bias=1.5, of={"word:agent": 2.0})
    entry = made("Zyzzyva qwxyz", summary="Plugh")
    assert prior.parts(entry, MIDDLE, EVERYTHING, weights) == {prior.BIAS: 1.5}
