"""What a new version changed, in one sentence of both versions' words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import NOW
from tracker.digest.changes import LONGEST, UNKNOWN, what_changed
from tracker.models import Version

ABSTRACT = (
    "Speculative decoding needs a draft model. We remove it by heads that look ahead, and decode 2.4x at 7B. "
    "Heads are trained in a day, and quality stays as it was."
)


def version(summary: str, *, title: str = "Lookahead Heads") -> Version:
    return Version(version=2, first_seen=NOW, title=title, summary=summary)


def said(now: str, *, was: str = ABSTRACT) -> str:
    return what_changed(version(was), version(now))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("2.4x at 7B.", "2.1x at 7B and 34B.", 'Changed in the abstract: "2.1x at 7B and 34B", was "2.4x at 7B".'),
        ("in a day", "in a week", 'Changed in the abstract: "a week, and", was "a day, and".'),
        ("look ahead", "look far ahead", 'Changed in the abstract: "look far ahead", was "look ahead".'),
        ("as it was.", "as it was. We release all code.", 'Added to the abstract: "We release all code".'),
        (" Heads are trained in a day, and quality stays as it was.", "", "Removed from the abstract: "),
        ("Speculative", "Greedy", 'Changed in the abstract: "Greedy decoding", was "Speculative decoding".'),
    ],
)
def test_a_change_is_quoted_in_whole_words(old: str, new: str, expected: str) -> None:
    """The changed words of both versions, with a neighbour where they say little alone."""
    assert said(ABSTRACT.replace(old, new)).startswith(expected)


def test_a_number_is_told_before_other_words() -> None:
    """Of several places the one with a number stands first; the others are counted."""
    now = ABSTRACT.replace("needs", "always needs").replace("2.4x", "2.1x").replace("quality", "perplexity")
    assert said(now) == 'Changed in the abstract: "decode 2.1x at", was "decode 2.4x at"; two more changes.'


def test_what_did_not_change_is_said_too() -> None:
    """The same words, whatever the line breaks, are unchanged; a new title is named beside it."""
    assert said(ABSTRACT.replace(" ", "\n ")) == "The abstract is unchanged."
    renamed = version(ABSTRACT, title="Self-Speculation")
    assert what_changed(version(ABSTRACT), renamed) == 'The title was "Lookahead Heads"; the abstract is unchanged.'
    both = version(ABSTRACT.replace("2.4x", "2.1x"), title="Self-Speculation")
    assert what_changed(version(ABSTRACT), both).endswith('was "decode 2.4x at". The title was "Lookahead Heads".')


def test_an_abstract_with_other_words_is_rewritten() -> None:
    """Where hardly a word has stayed, a quotation would mislead."""
    assert said("Attention is measured in forty languages, and three surprises remain.") == "The abstract is rewritten."


def test_nothing_is_made_up_where_a_text_is_not_known() -> None:
    """Without the former version, or with an empty abstract, the sentence says so."""
    assert what_changed(None, version(ABSTRACT)) == UNKNOWN
    assert said("") == said(ABSTRACT, was="") == UNKNOWN


TEXTS = st.text(st.sampled_from("ab1. "), max_size=300) | st.text(max_size=200)


@settings(deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_any_two_texts_make_one_bounded_sentence(was: str, now: str, title: str) -> None:
    """One line, whose quotations are bounded, for whatever strangers write."""
    sentence = what_changed(version(was, title=title), version(now))
    assert sentence.endswith(".")
    assert len(sentence) <= 3 * LONGEST + 120


@settings(deadline=None, max_examples=20)
@given(st.lists(st.sampled_from(("a", "b", "c1")), min_size=600, max_size=700))
def test_long_texts_of_few_words_are_compared(words: list[str]) -> None:
    """Repetitions, which make comparisons slow, come to an end."""
    assert said(" ".join(words), was=" ".join(reversed(words))).endswith(".")
