"""Fit a logistic regression on sparse rows in plain Python: coordinate descent, the squares of weights penalised."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PASSES = 25
LONGEST_STEP = 2.0


@dataclass(frozen=True, slots=True)
class Example:
    """A row: its features, whether it was picked, how much it counts."""

    features: Mapping[str, float]
    is_picked: bool
    weight: float = 1.0


def fit(examples: Sequence[Example], *, penalty: float, passes: int = PASSES) -> tuple[float, dict[str, float]]:
    """Give the bias, which is not penalised, and the weight of every feature. The same input gives the same output."""
    columns: dict[str, list[tuple[int, float]]] = {"": [(row, 1.0) for row in range(len(examples))]}
    for row, example in enumerate(examples):
        for name, value in example.features.items():
            columns.setdefault(name, []).append((row, value))
    signs = [1.0 if each.is_picked else -1.0 for each in examples]
    weights = [each.weight for each in examples]
    margins = [0.0] * len(examples)
    found = dict.fromkeys(sorted(columns), 0.0)
    for _ in range(passes):
        for name in found:
            step = _step(columns[name], margins, signs, weights, found[name] * penalty, penalty if name else 0.0)
            found[name] += step
            for row, value in columns[name]:
                margins[row] += step * value
    return found.pop(""), found


def _step(
    column: Sequence[tuple[int, float]],
    margins: Sequence[float],
    signs: Sequence[float],
    weights: Sequence[float],
    pull: float,
    penalty: float,
) -> float:
    """Give Newton's step along one feature, bounded."""
    slope, curve = (pull if penalty else 0.0), penalty
    for row, value in column:
        wrong = 1 / (1 + math.exp(min(signs[row] * margins[row], 500.0)))
        slope -= weights[row] * signs[row] * wrong * value
        curve += weights[row] * wrong * (1 - wrong) * value * value
    return max(-LONGEST_STEP, min(LONGEST_STEP, -slope / max(curve, 1e-9)))
