"""Serve items: say in one sentence what a new version of a paper changed, in the words of both versions; pure.

Word by word, the passage with a number in it first: results are what a reader of the first version wants to check.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from tracker.digest.numbers import counted
from tracker.models import Version

LONGEST = 80  # characters of a quoted passage
MOST_WORDS = 600  # of an abstract that are compared
NEAR = 2  # equal words between two changes that are told as one
FEWEST = 3  # words of a passage that can be understood by itself
REWRITTEN = 0.3  # of the words stayed, at most

UNKNOWN = "What changed in it is not known."


@dataclass(frozen=True, slots=True)
class _Passage:
    """A changed place: the words from `start` to `end` became those from `new_start` to `new_end`."""

    start: int
    end: int
    new_start: int
    new_end: int


def what_changed(former: Version | None, version: Version) -> str:
    """Say what changed in the abstract, or that nothing did; and how the title was, where that changed too."""
    if former is None or not (former.summary and version.summary):
        return UNKNOWN
    was, now = former.summary.split()[:MOST_WORDS], version.summary.split()[:MOST_WORDS]
    title = f'The title was "{_cut(former.title.split())}"' if former.title.split() != version.title.split() else ""
    if was == now:
        return f"{title}; the abstract is unchanged." if title else "The abstract is unchanged."
    changed = _in_abstract(was, now)
    return f"{changed} {title}." if title else changed


def _in_abstract(was: Sequence[str], now: Sequence[str]) -> str:
    matcher = SequenceMatcher(None, was, now)
    if matcher.ratio() <= REWRITTEN:
        return "The abstract is rewritten."
    passages = _joined([_Passage(*bounds) for kind, *bounds in matcher.get_opcodes() if kind != "equal"])
    first = next((each for each in passages if _has_number(each, was, now)), passages[0])
    more = f"; {counted(len(passages) - 1, 'more change')}" if len(passages) > 1 else ""
    return _said(_with_context(first, was, now), was, now, more)


def _said(passage: _Passage, was: Sequence[str], now: Sequence[str], more: str) -> str:
    before, after = _cut(was[passage.start : passage.end]), _cut(now[passage.new_start : passage.new_end])
    if not before:
        return f'Added to the abstract: "{after}"{more}.'
    if not after:
        return f'Removed from the abstract: "{before}"{more}.'
    return f'Changed in the abstract: "{after}", was "{before}"{more}.'


def _joined(passages: Sequence[_Passage]) -> list[_Passage]:
    """Make one of passages that only a word or two part."""
    joined: list[_Passage] = []
    for each in passages:
        last = joined[-1] if joined else None
        if last and each.start - last.end <= NEAR and each.new_start - last.new_end <= NEAR:
            joined[-1] = _Passage(last.start, each.end, last.new_start, each.new_end)
        else:
            joined.append(each)
    return joined


def _with_context(passage: _Passage, was: Sequence[str], now: Sequence[str]) -> _Passage:
    """Take the words before and after a change of a word or two, which says little by itself."""
    if max(passage.end - passage.start, passage.new_end - passage.new_start) >= FEWEST:
        return passage
    before = int(passage.start > 0 and passage.new_start > 0)
    after = int(passage.end < len(was) and passage.new_end < len(now))
    return _Passage(passage.start - before, passage.end + after, passage.new_start - before, passage.new_end + after)


def _has_number(passage: _Passage, was: Sequence[str], now: Sequence[str]) -> bool:
    return any(
        re.search("[0-9]", word)
        for word in (*was[passage.start : passage.end], *now[passage.new_start : passage.new_end])
    )


def _cut(words: Sequence[str]) -> str:
    """Quote whole words up to the longest passage; the last one's comma or full stop is not part of it."""
    text = " ".join(words).rstrip(".,;:")
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST].rpartition(' ')[0] or text[: LONGEST - 1]}…"
