"""Serve rank: learn from the reader's marks which papers are like those that were starred; pure.

A profile of rare words: the sum of what the starred have, less what the hidden have. It is made anew for each digest,
so that a mark taken back leaves nothing behind.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

from tracker.digest.features import ABSTRACT_WORD, TITLE_WORD
from tracker.digest.values import Marked
from tracker.digest.words import words
from tracker.models import Mark, StoredEntry

FEWEST = 5  # marks below which nothing is learnt
LIKING = 2.0  # how much likeness counts against the prior at most, both brought to one scale
HALF = 10  # stars with which it counts half as much: few say little of what a reader likes
DONE, HIDDEN = 0.3, -0.5  # what these marks count for where a star counts 1
COMMON = 2  # papers that must have a word, else it tells nothing about the others
NEAR = 1.0  # standard deviations above the mean, from which on likeness is a reason
MOST_WORDS = 2


@dataclass(frozen=True, slots=True)
class Taste:
    """What was learnt: each word's rarity, its weight in the profile, and how likeness is spread among the papers.

    `weight` is what likeness counts for against the prior; it grows with the marks. `likenesses` holds by key what the
    papers learnt against were found to be, for these are asked for again.
    """

    rarity: Mapping[str, float]
    profile: Mapping[str, float]
    likenesses: Mapping[str, float]
    weight: float

    def blend(self, scores: Sequence[float], papers: Sequence[StoredEntry]) -> list[float]:
        """Join the prior's scores with likeness; where all scores are equal, likeness alone decides."""
        given = _scaled(scores)
        return [score + self.weight * self.likenesses[paper.key] for score, paper in zip(given, papers, strict=True)]

    def reasons(self, paper: StoredEntry) -> tuple[str, ...]:
        """Name the words that a paper shares with the starred, where it is like them."""
        if self.likenesses[paper.key] < NEAR:
            return ()
        forms = {**words(paper.summary), **words(paper.title)}
        vector = _vector(_weights(paper), self.rarity)
        shared = {stem: value * self.profile.get(stem, 0.0) for stem, value in vector.items()}
        best = sorted(shared, key=lambda stem: (-shared[stem], stem))[:MOST_WORDS]
        named = ", ".join(forms[stem] for stem in best if shared[stem] > 0)
        return (f"words of papers you starred: {named}",) if named else ()


def learn(marked: Sequence[Marked], papers: Sequence[StoredEntry]) -> Taste | None:
    """Learn from marks against the papers of a window; None where there is too little to learn from."""
    counted = [(each.entry, _worth(each.mark)) for each in marked if _worth(each.mark)]
    if len(counted) < FEWEST or not papers:
        return None
    texts = [_weights(each) for each in papers]
    rarity = _rarity(texts)
    profile: dict[str, float] = {}
    for entry, worth in counted:
        for stem, value in _vector(_weights(entry), rarity).items():
            profile[stem] = profile.get(stem, 0.0) + worth * value
    if not any(profile.values()):
        return None
    found = _scaled([_product(_vector(text, rarity), profile) for text in texts])
    likenesses = {paper.key: likeness for paper, likeness in zip(papers, found, strict=True)}
    said = sum(abs(worth) for _, worth in counted)
    return Taste(rarity, profile, likenesses, LIKING * said / (said + HALF))


def _worth(mark: Mark) -> float:
    """Weigh a mark; hidden wins over starred, starred over done."""
    if mark.hidden:
        return HIDDEN
    return 1.0 if mark.starred else DONE * mark.done


def _weights(entry: StoredEntry) -> dict[str, float]:
    """Give a text's words, a title's twice as heavy."""
    return {**dict.fromkeys(words(entry.summary), ABSTRACT_WORD), **dict.fromkeys(words(entry.title), TITLE_WORD)}


def _rarity(texts: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    """Weigh words by how few of the papers have them; a word of one paper tells nothing about the others."""
    having = Counter(stem for text in texts for stem in text)
    return {
        stem: math.log(len(texts) / (1 + number)) + 0.5
        for stem, number in having.items()
        if number >= COMMON and len(texts) > number
    }


def _vector(weights: Mapping[str, float], rarity: Mapping[str, float]) -> dict[str, float]:
    """Make a text's words, the rare ones heavier, a vector of length 1."""
    heavy = {stem: weight * rarity[stem] for stem, weight in weights.items() if stem in rarity}
    length = math.sqrt(sum(value * value for value in heavy.values()))
    return {stem: value / length for stem, value in heavy.items()} if length else {}


def _product(vector: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(value * other.get(stem, 0.0) for stem, value in vector.items())


def _scaled(values: Sequence[float]) -> list[float]:
    """Bring numbers to standard deviations from their mean; equal ones to 0."""
    mean, spread = fmean(values), pstdev(values)
    return [(value - mean) / spread if spread else 0.0 for value in values]
