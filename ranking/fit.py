"""Fit the shipped prior on the sampled weeks: `python -m ranking.fit ../shared/ranking`.

What is chosen here was chosen by training on earlier sampled weeks and testing on later ones (docs/ranking.md);
the whole weeks are for measuring alone.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ranking.data import Candidate, as_stored, load
from ranking.logistic import Example, fit
from tracker.digest.features import features

EDITORS_WEIGHT = 20.0  # an editor's pick counts as much as so many of the crowd's
PENALTY = 16.0
RARE = 50  # a word of fewer papers is not taken
RARE_FORM = 10  # nor any other feature of fewer than this
NEGLIGIBLE = 0.005
TARGET = Path(__file__).parents[1] / "tracker" / "digest" / "prior.toml"
HEAD = """\
# What a paper's words and form say of the odds that human editors pick it: see docs/ranking.md.
# Written by ranking/fit.py; not to be edited.
"""


def learn(candidates: Sequence[Candidate], *, rare: int = RARE) -> tuple[float, dict[str, float]]:
    """Fit bias and weights; picked is what an editor picked or the crowd page listed."""
    described = [features(as_stored(each), each.place) for each in candidates]
    papers = Counter(name for row in described for name in row)
    examples = [
        Example(
            {
                name: value
                for name, value in row.items()
                if papers[name] >= (rare if name.startswith("word:") else RARE_FORM)
            },
            is_picked=each.is_editors or "hf" in each.picked,
            weight=EDITORS_WEIGHT if each.is_editors else each.stands_for,
        )
        for row, each in zip(described, candidates, strict=True)
    ]
    return fit(examples, penalty=PENALTY)


def as_toml(bias: float, weights: dict[str, float], *, fitted: str, data: str) -> str:
    """Write a file of weights, the strongest first."""
    rounded = {name: round(value, 3) for name, value in weights.items() if abs(value) >= NEGLIGIBLE}
    ordered = sorted(rounded, key=lambda name: (-abs(rounded[name]), name))
    lines = [HEAD, f"fitted = {fitted}", f"data = {json.dumps(data)}", f"bias = {round(bias, 3)}"]
    groups = sorted({name.partition(":")[0] for name in ordered} - {"word"})
    for group in groups:
        lines.append(f"\n[features.{group}]")
        lines += [_line(name, rounded[name]) for name in ordered if name.startswith(f"{group}:")]
    lines.append("\n[words]")
    lines += [_line(name, rounded[name]) for name in ordered if name.startswith("word:")]
    return "\n".join(lines) + "\n"


def _line(name: str, weight: float) -> str:
    return f"{json.dumps(name.partition(':')[2])} = {weight}"


def main() -> None:
    """Read the data, fit, and write the file."""
    parser = argparse.ArgumentParser(description="Fit the shipped prior.")
    parser.add_argument("folder", type=Path, help="the folder that holds sampled/ and labels.jsonl")
    parser.add_argument("-o", "--output", type=Path, default=TARGET, help="the file of weights")
    parser.add_argument("--date", default=f"{datetime.now(UTC):%Y-%m-%d}", help="the day to write into it")
    asked = parser.parse_args()
    candidates = load(asked.folder, "sampled")
    bias, weights = learn(candidates)
    weeks = sorted({each.week for each in candidates})
    picks = sum(each.is_editors for each in candidates)
    data = f"{len(candidates)} papers of {weeks[0]} to {weeks[-1]}, {picks} of them picked by editors"
    asked.output.write_text(as_toml(bias, weights, fitted=asked.date, data=data), encoding="utf-8")


if __name__ == "__main__":
    main()
