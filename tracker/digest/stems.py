"""Serve interests: what the forms of one English word have in common, so that a keyword finds all of them; pure.

The steps of the Porter2 stemmer (Snowball's "english") for number, tense and a last -e, and no others: its later steps
join words of a family too, and "transformer" would find every "transformation", "experiment" every "experience". That
is why no library is used.
"""

from __future__ import annotations

import re
from functools import lru_cache

_VOWEL = re.compile(r"[aeiouy]")
_REGION = re.compile(r"[aeiouy][^aeiouy]")  # what follows the first of these is the word's region, R1
_DOUBLED = re.compile(r"(?<!^[aeo])([bdfgmnprt])\1$")  # "adding" and "egging" keep theirs
_SHORT = re.compile(r"(?:^|[^aeiouy])[aeiouy][^aeiouywx]$|^[aeiouy][^aeiouy]$")  # ends like "hop", "rat", or is "us"
_GREEK = re.compile(r"((?:al|l)y|the|cri)ses$")  # analyses, hypotheses, crises
_UNDONE = re.compile(r"(?:at|bl|iz)$")  # "generat" was "generate"

# An -s at their end is part of them, and so is an -ed or -ing.
_WHOLE = frozenset(
    (
        *("alias", "always", "atlas", "bias", "bus", "canvas", "chaos", "gas", "lens", "news", "perhaps", "series"),
        *("embed", "exceed", "hatred", "hundred", "indeed", "infrared", "proceed", "sacred", "succeed", "wicked"),
        *("anything", "ceiling", "during", "evening", "everything", "formation", "morning", "nothing", "something"),
        "species",
    )
)
_IRREGULAR = dict(
    each.split()
    for each in (
        *("apis api", "guis gui", "cpus cpu", "gpus gpu", "npus npu", "tpus tpu", "freed free", "learnt learn"),
        *("axes axis", "corpora corpus", "criteria criterion", "phenomena phenomenon", "radii radius", "leaves leaf"),
        *("indices index", "matrices matrix", "vertices vertex", "stimuli stimulus", "children child", "halves half"),
    )
)
# Verbs whose noun in -ation is the same thing; of others ("foundation", "activation") it is another one.
_VERBS = frozenset(
    ("adapt", "augment", "comput", "distill", "explor", "interpret", "recommend", "segment", "transform")
)


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Cut the endings of number and tense off a word in lower case: "biases" → "bias", "caching" → "cach"."""
    if word in _IRREGULAR:
        return _ended(_IRREGULAR[word])
    if word in _WHOLE or len(word) < 3:
        return word
    if word.endswith("es") and word[:-2] in _WHOLE:
        return word[:-2]
    return _ended(_present(_singular(word)))


def _singular(word: str) -> str:
    """Cut an -s that says "many" or "she does"."""
    if word.endswith("sses") or _GREEK.search(word):
        return word[:-2] if word.endswith("sses") else f"{word[:-2]}is"
    if word.endswith(("ied", "ies")):
        return word[:-2] if len(word) > 4 else word[:-1]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and _VOWEL.search(word[:-2]):
        return word[:-1]
    # What has no vowel before it is an abbreviation: "llms".
    return word[:-1] if len(word) > 3 and word.endswith("s") and not _VOWEL.search(word) else word


def _present(word: str) -> str:
    """Cut -ed and -ing, and make whole what stood before them."""
    if word in _WHOLE:
        return word
    if word.endswith("eed"):
        return word[:-1] if "eed" in _region(word) else word
    for ending in ("ed", "ing"):
        before = word.removesuffix(ending)
        if before != word and _VOWEL.search(before):
            return _whole(before)
    verb = word.removesuffix("ation")
    if verb != word:
        return f"{verb}{_ending_of(verb)}"
    return word


def _ending_of(verb: str) -> str:
    """Say what stands before -ation becomes a verb with: "evaluate", "quantize", "adapt"; a "station" is none."""
    if verb in _VERBS:
        return ""
    if verb.endswith(("iz", "is")):
        return "e"
    return "ate" if len(verb) > 2 and _VOWEL.search(verb) else "ation"


def _whole(before: str) -> str:
    if _UNDONE.search(before):
        return f"{before}e"
    if _DOUBLED.search(before):
        return before[:-1]
    return f"{before}e" if _SHORT.search(before) and not _region(before) else before


def _ended(word: str) -> str:
    """Cut what the forms of a word do not share at its end: a last -e, one of two l; a last y becomes i."""
    if len(word) > 2 and word.endswith("y") and not _VOWEL.match(word[-2]):
        return f"{word[:-1]}i"
    before = word[:-1]
    if word.endswith("e") and (_region(_region(word)) or (_region(word) and not _SHORT.search(before))):
        return before
    return before if word.endswith("ll") and _region(_region(word)) else word


def _region(word: str) -> str:
    """Give what follows the first consonant behind a vowel."""
    found = _REGION.search(word)
    return word[found.end() :] if found else ""
