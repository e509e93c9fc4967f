"""Fitting the prior: a small set whose answer is known, and the file that comes out of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ranking.data import Candidate
from ranking.fit import as_toml, learn
from ranking.logistic import Example, fit
from tracker.digest import prior
from tracker.digest.features import Place


def candidate(number: int, **fields: Any) -> Candidate:
    """Be one of a hundred papers of a day, picked by nobody."""
    defaults: dict[str, Any] = {
        "week": "2025-W30",
        "id": f"2507.{number:05}",
        "title": "A plain paper about lattices",
        "abstract": "We prove a bound.",
        "authors": ("A B", "C D", "E F"),
        "categories": ("cs.LG",),
        "day": date(2025, 7, 21),
        "place": Place(number % 100, 100),
        "picked": frozenset(),
        "stands_for": 5.0,
    }
    return Candidate(**{**defaults, **fields})


def test_the_fit_finds_what_the_picks_have_in_common() -> None:
    """A word that only picks have gets a weight above all others, one that only the rest has a negative one."""
    picks = [
        candidate(number, title="Walrus models scale", picked=frozenset({"dair"}), stands_for=1.0)
        for number in range(20)
    ]
    _, weights = learn([*picks, *(candidate(number) for number in range(80))], rare=5)
    assert max((name for name in weights if name.startswith("word:")), key=weights.__getitem__) in {
        *("word:walru", "word:walrus", "word:model", "word:scale"),
    }
    assert weights["word:lattice"] < 0


def test_an_editors_pick_outweighs_the_crowds() -> None:
    """With as many picks of both, the word of the editors' ranks higher."""
    both = [candidate(n, title="About whales", picked=frozenset({"hf"}), stands_for=1.0) for n in range(10)]
    both += [candidate(n, title="About turtles", picked=frozenset({"aish"}), stands_for=1.0) for n in range(10)]
    _, weights = learn([*both, *(candidate(number) for number in range(80))], rare=5)
    assert weights["word:turtle"] > weights["word:whale"] > 0


def test_a_known_answer_is_found() -> None:
    """Without a penalty that matters, bias and weight are the logarithms of the odds that the counts say."""
    rows = [Example({"x": 1.0}, is_picked=n < 3) for n in range(4)] + [Example({}, is_picked=n < 1) for n in range(4)]
    bias, weights = fit(rows, penalty=1e-9, passes=200)
    assert bias == pytest.approx(-1.0986, abs=1e-3)
    assert weights["x"] == pytest.approx(2.1972, abs=1e-3)


def test_the_file_gives_the_weights_back() -> None:
    """What is written is read by the program; what is negligible is left out, odd names are quoted."""
    text = as_toml(
        -2.0,
        {"word:agent": 1.23456, "word:noise": 0.001, 'category:also "cs.CL"': 0.5, "report:technical report": 1.0},
        fitted="2026-11-24",
        data='six "papers"',
    )
    weights = prior.loads(text)
    assert weights.bias == -2.0
    assert weights.of == {"word:agent": 1.235, 'category:also "cs.CL"': 0.5, "report:technical report": 1.0}
