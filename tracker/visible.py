"""Stand below every other module: take out of a foreign text what nobody sees and what buries its neighbours; pure.

What cannot be seen can only disguise: a word that is not the one it looks like, a link without a text.
"""

from __future__ import annotations

import re
import unicodedata

MOST_MARKS = 6  # on one letter; Tibetan and pointed Hebrew need four, a flood covers the lines around it

# Controls but white space; soft hyphen, bidirectional marks, overrides and isolates, zero-width characters; letters and
# marks that are drawn as nothing (the fillers of Hangul, Khmer's inherent vowels, selectors of Mongolian and of rare
# variants); tags, interlinear, musical, shorthand and hieroglyphic format characters; noncharacters. Not the joiners
# U+200C and U+200D, which Persian, Indic scripts and emoji need, nor the selectors that make a sign an emoji, nor the
# Arabic, Syriac and Kaithi signs that are drawn before a number.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufdd0-\ufdef\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_PILE = re.compile(rf"[^\w\s\x00-\x7f]{{{MOST_MARKS + 1},}}")
_BLANK = "\u2800"  # a Braille cell without a dot: a space


def seen(text: str) -> str:
    """Leave of a text what a reader can see, white space and joiners included."""
    if is_plain(text):
        return text
    return _PILE.sub(_thinned, _UNSEEN.sub("", text.replace(_BLANK, " ")))


def is_plain(text: str) -> bool:
    """Tell a text of printable ASCII, as most are: there is nothing in it to take out."""
    return text.isascii() and text.isprintable()


def is_blank(text: str) -> bool:
    """Tell whether nothing of a text is a sign: no letter, digit, punctuation or symbol, marks alone at most."""
    if text[:1].isalnum():
        return False
    return not any(unicodedata.category(char)[0] in "LNPS" for char in text)


def _thinned(found: re.Match[str]) -> str:
    """Drop what is piled too high on one sign."""
    kept: list[str] = []
    marks = 0
    for char in found[0]:
        category = unicodedata.category(char)
        marks += category in {"Mn", "Me"}
        if category not in {"Mn", "Me", "Cf"}:
            marks = 0
        if marks <= MOST_MARKS or category == "Cf":
            kept.append(char)
    return "".join(kept)
