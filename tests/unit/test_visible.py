"""What nobody sees of a text is taken out, what every script needs stays."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from tests.factories import BEFORE_NUMBERS
from tracker.visible import MOST_MARKS, is_blank, seen


@pytest.mark.parametrize(
    "hidden",
    [
        *("\x00", "\x1b", "\x7f", "\x9b", "\xad", "\u034f", "\u061c", "\u115f", "\u1160", "\u17b4", "\u180b", "\u180e"),
        *("\u200b", "\u200e", "\u202a", "\u202e", "\u2060", "\u2066", "\u2069", "\u3164", "\ufe00", "\ufeff", "\uffa0"),
        *("\ufff9", "\uffff", "\U000e0001", "\U000e0061", "\U000e0100"),
    ],
)
def test_what_disguises_is_taken_out(hidden: str) -> None:
    """Controls, overrides, zero-width characters, fillers, tags and rare selectors leave no trace."""
    assert seen(f"pay{hidden}pal") == "paypal"


def test_of_format_characters_joiners_and_signs_before_numbers_stay() -> None:
    """Whatever Unicode calls a format character goes, hieroglyphs' controls too, but for what is drawn or joins."""
    formats = {char for char in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(char) == "Cf"}
    assert {char for char in formats if seen(char)} == (BEFORE_NUMBERS & formats) | {"\u200c", "\u200d"}


@pytest.mark.parametrize(
    "text",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f 1\ufe0f\u20e3",
        "Vie\u0323\u0302t, क्षत्रिय, ภาษาไทย, བསྒྲུབས, \u05d1\u05b0\u05bc\u05e8\u05b5\u05d0\u05e9\u05c1\u05b4\u0596\u05d9\u05ea",
        "tab\tand\nline",
    ],
)
def test_scripts_and_emoji_stay(text: str) -> None:
    """Joiners, emoji selectors, accents, vowel signs and stacked letters are not touched."""
    assert seen(text) == text


def test_a_flood_of_marks_ends() -> None:
    """Marks piled on one letter are cut to what scripts need, joiners between them or not; a Braille blank is a blank."""
    assert seen("Z" + "\u0336\u0489" * 100 + "a") == "Z" + "\u0336\u0489" * (MOST_MARKS // 2) + "a"
    assert seen("Z" + "\u0336\u200d" * 100).count("\u0336") == MOST_MARKS
    assert seen("\u0e2a" + "\u0e47" * 50 + "\u0e2a" + "\u0e47") == "\u0e2a" + "\u0e47" * MOST_MARKS + "\u0e2a\u0e47"
    assert seen("a\u2800b") == "a b"


def test_blank_is_what_shows_no_sign() -> None:
    """White space, marks and joiners alone are blank; one letter, digit or symbol is not."""
    assert all(is_blank(text) for text in ("", " \n", "\u0301", "\ufe0f\u200d"))
    assert not any(is_blank(text) for text in ("a", "1", ".", "\U0001f389", "\u65e5"))
