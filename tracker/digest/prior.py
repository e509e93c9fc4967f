"""Serve rank: how much a paper looks like what human editors have picked, from fitted weights; pure.

A linear model: the score is the sum of its terms, and each term can be said to a person (docs/ranking.md).
The weights stand in prior.toml, which ranking/fit.py writes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from tracker.digest.features import Place, categories, features
from tracker.digest.numbers import counted, joined
from tracker.digest.words import Said, said_by
from tracker.models import RankingSettings, StoredEntry

MANY_AUTHORS = 12  # from here on their number is worth saying
STRONG = 0.2  # what a word of a title adds, from which on it is worth saying
FEW = 20  # papers of a day, below which the last of them is nothing special
MOST_WORDS = 2

# Words that editors' picks have more often, but that say nothing of what a paper is about.
_NOTHING_SAID = """
achieve advancing ai among applied approach argue billion budget challenging choice com component counterpart
despite develop development diverse entirely even future gain general given http improvement input largely led
like local model multiple new observe other outperforming own parallel primarily pro process progress project
remain research showing simple single specialized stable step surpassing task train trained training
underlying unified user
"""
_DULL = frozenset(_NOTHING_SAID.split())
BIAS = "bias"
START = "what every paper starts with"
_PLAIN = {
    BIAS: START,
    "title": "the form of the title",
    "abstract": "the length of the abstract",
}


@dataclass(frozen=True, slots=True)
class Weights:
    """What each feature counts for, and what every paper starts with; a feature that is not here counts nothing."""

    bias: float
    of: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a score: what it is called, what it adds, and whether it is a reason to tell unasked."""

    name: str
    value: float
    group: str
    is_reason: bool = False


def parts(
    paper: StoredEntry,
    place: Place,
    settings: RankingSettings,
    weights: Weights | None = None,
    said: Said | None = None,
) -> dict[str, float]:
    """Give what the score is the sum of: a word's part by `word:` and its stem, the others by their groups.

    The sum is about the logarithm of the odds that an editor picks the paper. `said` are its words, once they are read.
    """
    given = weights or shipped()
    sums: dict[str, float] = {BIAS: given.bias}
    for name, value in features(paper, place, said).items():
        weight = given.of.get(name)
        if weight is not None and _counts(name, settings):
            group = name if name.startswith(("word:", "report:")) else name.partition(":")[0]
            sums[group] = sums.get(group, 0.0) + weight * value
    return sums


def named(sums: Mapping[str, float], paper: StoredEntry, place: Place, said: Said | None = None) -> tuple[Term, ...]:
    """Name parts of a score, strongest first, words as the paper writes them: `said` holds at least those in `sums`."""
    said = said or said_by(paper)
    forms = said.forms
    found = [
        _word(group, value, forms, said.title) if group.startswith("word:") else _form(group, value, paper, place)
        for group, value in sums.items()
    ]
    return tuple(sorted(found, key=lambda term: (-abs(term.value), term.name)))


def reasons(found: tuple[Term, ...]) -> tuple[str, ...]:
    """Say the terms that are worth telling, strongest first; words go into one reason (rule 6)."""
    told = [each for each in found if each.is_reason and each.value > 0]
    strongest = [each.name for each in told if each.group == "word"][:MOST_WORDS]
    said: list[str] = []
    for each in told:
        if each.group != "word":
            said.append(each.name)
        elif each.name == strongest[0]:
            said.append(f"editors often pick {joined(strongest)}")
    return tuple(said)


@cache
def shipped() -> Weights:
    """Read the weights that come with the program."""
    return loads(resources.files("tracker.digest").joinpath("prior.toml").read_text(encoding="utf-8"))


def loads(text: str) -> Weights:
    """Read a file of weights."""
    told = tomllib.loads(text)
    groups = {**told["features"], "word": told["words"]}
    return Weights(
        told["bias"], {f"{group}:{name}": weight for group, each in groups.items() for name, weight in each.items()}
    )


def _counts(feature: str, settings: RankingSettings) -> bool:
    """Tell whether the reader lets a feature count."""
    if feature.startswith("authors:"):
        return settings.authors
    return settings.deadline or not feature.startswith("deadline:")


def _word(group: str, value: float, forms: Mapping[str, str], titled: Mapping[str, str]) -> Term:
    """Name a word as the paper writes it; one of its title that says what it is about is a reason."""
    stem = group.partition(":")[2]
    is_telling = stem in titled and stem not in _DULL and value >= STRONG
    return Term(f'"{forms[stem]}"', value, "word", is_reason=is_telling)


def _form(group: str, value: float, paper: StoredEntry, place: Place) -> Term:
    """Name a term that is no word."""
    kind, _, name = group.partition(":")
    match kind:
        case "report":
            return Term(name, value, kind, is_reason=True)
        case "authors":
            number = len(paper.authors)
            return Term(counted(number, "author"), value, kind, is_reason=number >= MANY_AUTHORS)
        case "deadline":
            is_reason = place.share > 0.95 and place.size >= FEW
            return Term("one of the day's last papers", value, kind, is_reason=is_reason)
        case "category":
            return Term(f"listed in {', '.join(categories(paper))}", value, kind)
        case _:
            return Term(_PLAIN[kind], value, kind)
