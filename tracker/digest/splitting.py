"""Serve sentences and abstracts: split plain text into whole sentences.

Each character is looked at a bounded number of times, whatever the text. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_SPACE = re.compile(r"\s+")
# Some write no space between two sentences ("driving.In this paper, …").
_STOP = re.compile(
    r"(?<![.!?…])[.!?…]++[\"'”’»)\]}*]*+(?: |(?<=[a-z)]\.)(?=(?:In|This|The|We|However|It|To|Existing|Specifically|"
    r"Our|Yet)[ ,]))"
)
LONGEST_READ = 1_000  # characters of a sentence that is looked at: what is longer is a list
_LONGEST_WORD = 20  # an abbreviation is shorter
_OPENING = "\"'“‘«([{*¿¡"
# Formulas as pandoc reads them, so that prices are none; what is longer is not looked at.
_FORMULA = re.compile(r"(?<!\\)\$(?! )[^$]{1,200}(?<! )\$(?!\d)")

_GOES_ON = re.compile(
    r"e\.g|i\.e|cf|vs|viz|figs?|eqs?|sec|tab|refs?|approx|ca|dr|mrs?|ms|messrs|prof|st|gen|sen|rep|vol|pp|eds?"
)
# These end a sentence only where another clearly begins.
_MAY_GO_ON = re.compile(
    r"[^\W\d_]|al|etc|no|resp|[js]r|inc|ltd|co|corp|u\.[sk]|e\.u|d\.c|a\.i|i\.i\.d|w\.r\.t|a\.k\.a|[ap]\.m|ph\.d|jan|"
    r"feb|mar|apr|aug|sept?|oct|nov|dec"
)
_BEGINNING = re.compile(
    r"an?|additionally|as|at|based|besides|but|by|code|despite|due|each|existing|experiments|extensive|finally|first|"
    r"for|from|further|furthermore|here|however|i|if|in|it|its|moreover|most|on|our|recent|results|second|since|"
    r"specifically|such|that|the|their|then|there|these|they|this|those|thus|to|unlike|using|we|when|while|with|yet|"
    r"you"
)


def flat(text: str) -> str:
    """Put a text on one line."""
    return _SPACE.sub(" ", text).strip()


def is_same_text(one: str, other: str) -> bool:
    """Compare two texts by letters and digits alone, as case, Markdown's escapes and emphasis may differ."""
    return _letters(one) == _letters(other)


def split(text: str) -> Iterator[str]:
    """Split a text into sentences; abbreviations, initials, decimals and formulas do not end one."""
    line = flat(text)
    formulas = _FORMULA.finditer(line)
    formula = next(formulas, None)
    start = 0
    for stop in _STOP.finditer(line):
        while formula and formula.end() <= stop.start():
            formula = next(formulas, None)
        is_inside = formula and formula.start() < stop.start()
        if not is_inside and _ends(line, start, stop):
            yield line[start : stop.end()].rstrip()
            start = stop.end()
    if line[start:]:
        yield line[start:]


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _ends(line: str, start: int, stop: re.Match[str]) -> bool:
    following = line[stop.end() : stop.end() + 40]
    first = following.lstrip(_OPENING)[:1]
    # Scripts without capitals say by the stop alone that a sentence ends.
    if not (first.isdigit() or first in "$\\" or (first.isalpha() and not first.islower())):
        return False
    if stop[0].rstrip() != ".":
        return True
    words = line[max(start, stop.start() - _LONGEST_WORD) : stop.start()].replace("~", " ")
    return not _goes_on(words.rpartition(" ")[2].lstrip(_OPENING).casefold(), following)


def _goes_on(word: str, following: str) -> bool:
    if _GOES_ON.fullmatch(word):
        return True
    next_word = following.partition(" ")[0].strip(",.;:").casefold()
    return bool(_MAY_GO_ON.fullmatch(word) and not _BEGINNING.fullmatch(next_word))
