"""Serve rank: which of the reader's words and people a paper has; pure.

Words are compared by their stems, so that "cache" finds "caches" and "caching"; names by what is written of them, so
that "M. Adeyemi" finds "Mira Adeyemi". Case, accents and hyphens do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import combining, normalize

from tracker.digest import words
from tracker.models import Interests, StoredEntry

LONGEST = words.LONGEST  # characters of an abstract that are read
# Letters with a stroke, which Unicode does not take apart; names are often written without it.
_STROKED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "æ": "ae", "œ": "oe", "ı": "i"})
_WORD = re.compile(r"[^\W_]+")
_VOWEL = re.compile(r"[aeiouy]")
_DOUBLED = re.compile(r"([^aeiouylsz])\1$")
# ending → what takes its place, and how many characters must stand before it
_ENDINGS = (("ization", "iz", 3), ("isation", "is", 3), ("ation", "at", 3), ("ing", "", 3), ("ed", "", 4), ("e", "", 3))

Name = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for, made ready: a keyword's stems between spaces, a person's names by their last."""

    keywords: Mapping[str, str]
    people: Mapping[str, Sequence[tuple[str, Name]]]

    def keywords_in(self, paper: StoredEntry) -> tuple[str, ...]:
        """Give the keywords of a paper's title and abstract, those of the title first, as the reader wrote them."""
        if not self.keywords:
            return ()
        title, abstract = _stems(paper.title), _stems(paper.summary[:LONGEST])
        titled = [each for each, stems in self.keywords.items() if stems in title]
        return (*titled, *(each for each, stems in self.keywords.items() if stems in abstract and each not in titled))

    def people_of(self, paper: StoredEntry) -> tuple[str, ...]:
        """Give the followed people who stand among a paper's authors, as the reader wrote them."""
        if not self.people:
            return ()
        names = [_name(each) for each in paper.authors]
        found = (
            given
            for name in names
            for given, wanted in self.people.get(name[-1] if name else "", ())
            if _is_same(wanted[:-1], name[:-1])
        )
        return tuple(dict.fromkeys(found))


def prepare(interests: Interests) -> Wanted:
    """Make ready what is looked for in thousands of papers."""
    people: dict[str, list[tuple[str, Name]]] = {}
    for each in interests.authors:
        name = _name(each)
        people.setdefault(name[-1], []).append((each, name))
    return Wanted({each: _stems(each) for each in interests.keywords}, people)


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Cut the endings of number and tense: "caches" and "caching" → "cach", "quantization" → "quantiz".

    A light stemmer: it joins forms of one word, not words of one family, so "decoder" stays apart from "decoding".
    """
    plain = words.stem(word)
    for ending, instead, least in _ENDINGS:
        before = plain[: -len(ending)]
        if plain.endswith(ending) and len(before) >= least and _VOWEL.search(before):
            cut = before + instead
            return _DOUBLED.sub(r"\1", cut) if ending in {"ing", "ed"} else cut
    return plain


def _stems(text: str) -> str:
    """Write a text as its stems between spaces: a phrase then is a part of it."""
    return f" {' '.join(stem(each) for each in _WORD.findall(_folded(text)))} "


@lru_cache(maxsize=100_000)
def _name(written: str) -> Name:
    """Take a name apart; "Adeyemi, Mira" is turned round."""
    last, comma, first = written.partition(",")
    return tuple(_WORD.findall(_folded(f"{first} {last}" if comma else written)))


def _is_same(wanted: Name, given: Name) -> bool:
    """Tell whether two people's first names agree; an initial agrees with a name, and one may have more of them."""
    short, long = sorted((wanted, given), key=len)
    if not short:
        return not long
    if not _agree(short[0], long[0]):
        return False
    rest = iter(long[1:])
    return all(any(_agree(one, other) for other in rest) for one in short[1:])


def _agree(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[0] == other[0])


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    plain = text.casefold().translate(_STROKED)
    return "".join(each for each in normalize("NFKD", plain) if not combining(each))
