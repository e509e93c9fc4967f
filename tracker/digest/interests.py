"""Serve rank: which of the reader's words and people a paper has; pure.

Words are compared by their stems, so that "cache" finds "caches" and "caching". Case, accents and hyphens do not
matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.digest import words
from tracker.digest.people import Person, folded, person
from tracker.digest.stems import stem
from tracker.models import Interests, StoredEntry

LONGEST = words.LONGEST  # characters of an abstract that are read
_WORD = re.compile(r"[^\W_]+")
_ABBREVIATIONS = re.compile(r"\b([A-Z]{2,})s\b")  # "GPUs", "APIs"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for, made ready: a keyword's stems between spaces, people by their last names."""

    keywords: Mapping[str, str]
    people: Mapping[str, Sequence[tuple[str, Person]]]

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
        found = (
            written
            for author in map(person, paper.authors)
            for last in author.lasts
            for written, wanted in self.people.get(last, ())
            if wanted.may_be(author)
        )
        return tuple(dict.fromkeys(found))


def prepare(interests: Interests) -> Wanted:
    """Make ready what is looked for in thousands of papers."""
    people: dict[str, list[tuple[str, Person]]] = {}
    for each in interests.authors:
        wanted = person(each)
        for last in wanted.lasts:
            people.setdefault(last, []).append((each, wanted))
    return Wanted({each: _stems(each) for each in interests.keywords}, people)


def _stems(text: str) -> str:
    """Write a text as its stems between spaces: a phrase then is a part of it."""
    plain = folded(_ABBREVIATIONS.sub(r"\1", text))
    return f" {' '.join(map(stem, _WORD.findall(plain)))} "
