"""Read the numbers of a rendered page as a person does, with nothing of the program."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORDS = {
    word: number
    for number, word in enumerate("no one two three four five six seven eight nine ten".split())  # noqa: SIM905 -- a list of words
}
_NUMBER = r"([A-Za-z]+|[\d,]+)"
_KINDS = {
    "video": re.compile(rf"\b{_NUMBER} videos?(?: out of {_NUMBER})?\b"),
    "post": re.compile(rf"\b{_NUMBER} posts?(?: out of {_NUMBER})?\b"),
    "paper": re.compile(rf"\b(?:the abstracts? of )?{_NUMBER} papers?(?: out of {_NUMBER})?\b"),
}
_COUNTED = re.compile(rf"\b{_NUMBER} (video|post|paper)s?\b")
_LINK = re.compile(r"^- \[ \] \[.*?\]\((\S+?)\)", re.MULTILINE)
_SECTIONS = {"Watch": "video", "Read": "post", "Papers": "paper"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What the first paragraph says of a kind: so many on the page, out of how many."""

    shown: int = 0
    out_of: int = 0


def number(word: str) -> int:
    """Read "three", "No" or "1,304"."""
    return _WORDS[word.lower()] if word.lower() in _WORDS else int(word.replace(",", ""))


def first_paragraph(text: str) -> str:
    """Give the paragraph under the heading."""
    return text.partition("\n# ")[2].split("\n\n")[1]


def said(text: str) -> dict[str, Numbers]:
    """Give what the first paragraph says of each kind; what it does not name is nothing."""
    told = {}
    for kind, pattern in _KINDS.items():
        found = pattern.search(first_paragraph(text))
        if found:
            shown = number(found[1])
            told[kind] = Numbers(shown=shown, out_of=number(found[2]) if found[2] else shown)
    return told


def listed(text: str) -> dict[str, list[str]]:
    """Give the addresses under each heading, by the kind that stands there; "lecture" is the course's."""
    found: dict[str, list[str]] = {}
    for block in text.split("\n## ")[1:]:
        heading, _, body = block.partition("\n")
        kind = "lecture" if heading.startswith("Next in your course") else _SECTIONS.get(heading, "")
        if kind:
            found.setdefault(kind, []).extend(_LINK.findall(body))
    return found


def held_back(text: str) -> dict[str, int]:
    """Give what the page's last line says is not shown, by kind."""
    line = next((each for each in text.splitlines() if "not shown" in each and "--not-shown`" in each), "")
    return {kind: number(word) for word, kind in _COUNTED.findall(line.partition("not shown")[0])}
