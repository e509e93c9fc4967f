"""The one sentence that says what an entry does, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.digest_weeks import paper, post, video
from tracker.digest.sentences import LONGEST, sentence

LONG = "We propose " + "a very long sentence that goes on " * 8 + "for ever."


@pytest.mark.parametrize(
    ("abstract", "expected"),
    [
        ("Models are large. We train a small one. It works.", "We train a small one."),
        ("In this paper, we study drafts. More.", "In this paper, we study drafts."),
        ("Judges differ, e.g. in taste. This work measures how. Done.", "This work measures how."),
        (
            "Tokens are cheap. To address this, the authors and we build a tool. End.",
            "To address this, the authors and we build a tool.",
        ),
        (
            "A new metric is introduced here to compare 3.5 and 4.0 models. Fine.",
            "A new metric is introduced here to compare 3.5 and 4.0 models.",
        ),
        ("We present X et al. Smith's method anew. Then we stop.", "We present X et al. Smith's method anew."),
        ("Large models have achieved remarkable success.", ""),
        ("Recent methods fail. However, we show that this is rare.", ""),
        (f"{LONG} We also release code.", ""),
        ("", ""),
        (r"We show $O(\log n)$ regret. \emph{Bounds} follow.", r"We show $O(\log n)$ regret."),
    ],
)
def test_a_paper_says_what_its_authors_did(abstract: str, expected: str) -> None:
    """The first whole sentence in which they say it; no later one in the place of one that is too long."""
    assert sentence(paper("2611.1", "x", day="24 05:00", summary=abstract)) == expected


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        (
            (
                "Get the shirt: https://shop.example\nUse code LLM for 10% off\n#ai #llm\n0:00 Intro to all of this\n\n"
                "We build a small language model from nothing. Then we train it.\nFollow me on the usual sites"
            ),
            "We build a small language model from nothing.",
        ),
        ("CHAPTERS OF THIS VERY LONG VIDEO\n(00:10) the first of many chapters", ""),
        ("Short line\nLinks and more links below:", ""),
        ("My title says it all here\nWhat is said in this talk, in one line", "What is said in this talk, in one line"),
        ("This description ends in the middle of a sentence that was...", ""),
        ("", ""),
    ],
)
def test_a_video_says_its_first_prose(description: str, expected: str) -> None:
    """No shop, sponsor, link, chapter or hashtag line, and not the title again."""
    entry = video("AAAAAAAAAA0", "My title says it all here", day="24 05:00", feeds=("karpathy",), summary=description)
    assert sentence(entry) == expected


@pytest.mark.parametrize(
    ("subtitle", "expected"),
    [
        ("How the fits were redone", "How the fits were redone"),
        ("One. Two. Three.", "One. Two. Three."),
        ("A tokenizer in an afternoon", ""),
        ("The first sentence is whole. " + "Another follows it. " * 20, "The first sentence is whole."),
        ("Cut off by the feed after so many wor…", ""),
    ],
)
def test_a_post_says_its_subtitle(subtitle: str, expected: str) -> None:
    """The subtitle as it is; of a long text the first sentence; nothing that was cut off (M45)."""
    entry = post("a.example/1", "A tokenizer in an afternoon", day="24 05:00", feed="weeknight", summary=subtitle)
    assert sentence(entry) == expected


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(max_size=600))
def test_a_sentence_is_the_authors_own_and_short(text: str) -> None:
    """Whatever the text, what is shown stands in it, in at most 200 characters."""
    for entry in (
        paper("2611.1", "x", day="24 05:00", summary=text),
        video("AAAAAAAAAA0", "x", day="24 05:00", feeds=("karpathy",), summary=text),
        post("a.example/1", "x", day="24 05:00", feed="weeknight", summary=text),
    ):
        said = sentence(entry)
        assert len(said) <= LONGEST
        assert said in " ".join(text.split())
