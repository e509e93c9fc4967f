"""The one sentence that says what an entry does, or nothing."""

from __future__ import annotations

import sys
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.digest_weeks import paper, post, video
from tracker.digest.clauses import LONGEST
from tracker.digest.sentences import sentence
from tracker.models import StoredEntry

WORDS = ("we", "We", "propose", "a", "method", "of", "drafts", "that", "which", "while", "this", "paper,", "in", "In")
WORDS += (
    "saves",
    "time,",
    "time;",
    "time.",
    "--",
    "(six",
    "tasks)",
    "and",
    "show",
    "using",
    "e.g.",
    "$x$",
    "To",
    "address",
)
LONG = "We propose " + "a very long sentence that goes on " * 8 + "for ever."


@pytest.mark.parametrize(
    ("abstract", "expected"),
    [
        ("Models are large. We train a small one. It works.", "We train a small one."),
        ("In this paper, we study drafts. More.", "We study drafts."),
        ("In this short paper we study drafts. More.", "We study drafts."),
        ("Drafts are slow. To address this gap, we propose a faster one. End.", "We propose a faster one."),
        ("Objectives: This study measures drafts. Methods: none.", "This study measures drafts."),
        ("Judges differ, e.g. in taste. This work measures how. Done.", "This work measures how."),
        (
            "Tokens are cheap. To address this, the authors and we build a tool. End.",
            "To address this, the authors and we build a tool.",
        ),
        (
            "A new metric is introduced here to compare 3.5 and 4.0 models. Fine.",
            "A new metric is introduced here to compare 3.5 and 4.0 models.",
        ),
        ("Drafts help. The chapter explores how they fail. End.", "The chapter explores how they fail."),
        ("Drafts help. I have developed a model of them. End.", "I have developed a model of them."),
        ("Large models have achieved remarkable success.", ""),
        ("Disclaimer: Samples in this paper may hurt. We present a filter for them.", "We present a filter for them."),
        ("Recent methods fail. However, we show that this is rare.", ""),
        (f"{LONG} We also release code.", ""),
        ("Extensive experiments show that our method outperforms all baselines.", ""),
        ("Tests are many. Results show that drafts halve the cost.", "Results show that drafts halve the cost."),
        ("Drafts are slow. Our code is available at https://code.example.", ""),
        ("", ""),
        (r"We show $O(\log n)$ regret. \emph{Bounds} follow.", r"We show $O(\log n)$ regret."),
    ],
)
def test_a_paper_says_what_its_authors_did(abstract: str, expected: str) -> None:
    """The first whole sentence in which they say it, without what only leads to it; no praise, no later addition."""
    assert sentence(paper("2611.1", "x", day="24 05:00", summary=abstract)) == expected


@pytest.mark.parametrize(
    ("abstract", "expected"),
    [
        (
            "We observe that drafts fail. Our method checks them. We propose Draftly, a checker.",
            "We propose Draftly, a checker.",
        ),
        ("We evaluate six models on drafts. We introduce a draft model.", "We introduce a draft model."),
        (
            "Drafts fail. We investigate the cause of this problem. We find a bug in the mask.",
            "We find a bug in the mask.",
        ),
        ("Draftly2 needs no data. Draftly2 checks in blocks. Models were trained.", "Draftly2 checks in blocks."),
        (f"{LONG} Our method checks drafts twice. We propose a benchmark.", "Our method checks drafts twice."),
    ],
)
def test_what_they_did_comes_before_how_and_how_well(abstract: str, expected: str) -> None:
    """Proposing before describing, describing before testing, and a sentence that stands without the one before it."""
    assert sentence(paper("2611.1", "Draftly2: Checking drafts", day="24 05:00", summary=abstract)) == expected


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("We present X et al. Smith's method anew.", "Then we stop."),
        ("We follow Okafor et al. (2023) and report 3.5 points more.", "It works."),
        ("We extend the proof of Abel et al.", "This is new."),
        ("We compare drafts, e.g. Greedy ones, i.e. Those without a beam.", "It works."),
        ("We redraw Fig. 3 and Eq. 4 of Dr. Who.", "It works."),
        ("We prove RP vs. NP for J. Doe.", "It works."),
        ("We list models, tools, etc.", "However, none is free."),
        ("We show that $x. Y$ holds.", "It works."),
        ("We show that it costs $5.", "Then it costs $6."),
        ('We ask "why?"', "Nobody knows."),
        ("We measured it until Aug. 13 in the U.S. Senate.", "It works."),
        ("We study drafts.", "这很有用。"),
    ],
)
def test_a_sentence_ends_where_its_author_ended_it(first: str, second: str) -> None:
    """Abbreviations, initials, decimals and formulas end none; a price, a question and another script do."""
    assert sentence(paper("2611.1", "x", day="24 05:00", summary=f"{first} {second}")) == first


def test_a_missing_space_between_two_sentences_is_no_matter() -> None:
    """Some abstracts have lost it."""
    text = "Drafts are essential for driving.In this view, nothing helps.We propose a faster one."
    assert sentence(paper("2611.1", "x", day="24 05:00", summary=text)) == "We propose a faster one."


REST = "that keeps the drafts of a small model and checks them by a large one in blocks of a known and fixed size"


@pytest.mark.parametrize(
    ("whole", "cut"),
    [
        (
            f"Unlike earlier work, which has drafted one token after the other for years now, we propose a method {REST}.",
            f"We propose a method {REST}.",
        ),
        (
            f"While drafts have been studied for years by many people in all countries, this paper shows a method {REST}.",
            f"This paper shows a method {REST}.",
        ),
        (
            f"We propose a method {REST}, which saves a third of the time and a half of the memory on all of six tasks.",
            f"We propose a method {REST}.",
        ),
        (
            f"We propose a method {REST}; on six tasks it saves a third of the time and a half of the memory as well.",
            f"We propose a method {REST}.",
        ),
        (
            f"We propose a method {REST} -- at a third of the time and a half of the memory, and without any training.",
            f"We propose a method {REST}.",
        ),
        (
            f"We propose a method {REST}, achieving a third of the time and a half of the memory (on all of six tasks).",
            f"We propose a method {REST}, achieving a third of the time and a half of the memory.",
        ),
        (
            f"We propose a method {REST} by training a second head on all of six tasks and on a seventh, secret one.",
            f"We propose a method {REST}.",
        ),
        (
            f"If every token of the draft is checked by the large model in blocks, we prove that a method {REST} is exact.",
            "",
        ),
        (
            f"We propose drafts (a method {REST}, which saves a third of the time, and a half of the memory, on six tasks).",
            "",
        ),
        (f"We propose Draftly, a {'very ' * 40}fast method.", ""),
        (
            f"We propose that drafts - a method {REST} - are made twice, and that the other is made known to all who ask.",
            "",
        ),
    ],
)
def test_what_is_too_long_is_cut_between_clauses(whole: str, cut: str) -> None:
    """The lead before "we", the clause behind the main one; never a condition, within brackets, or to a mere name."""
    assert len(whole) > LONGEST
    assert sentence(paper("2611.1", "x", day="24 05:00", summary=f"{whole} End.")) == cut


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
        ("A night sky that comes with wild tides. #moon #sky-and-stars", "A night sky that comes with wild tides."),
        (
            "The new calendar is here at last\nhttps://shop.example/c\nWe go on a journey today.",
            "We go on a journey today.",
        ),
        (
            "Get inspired by these fine posters\nVisit our shop: https://shop.example\n\nTime is what we talk about here.",
            "Time is what we talk about here.",
        ),
        ("This video was made possible by a grant. It was a large one.\n- Ada, who speaks of engines first", ""),
        ("An idea with surprising implications, and more of them: https://a.example/x", ""),
        (
            "We talk about engines of all sizes today. Want some of our shirts and mugs? See https://shop.example",
            "We talk about engines of all sizes today.",
        ),
        (
            "Stunning track!\nHere we go, then, once more!\nMr. Who explains the engine to Ada.",
            "Mr. Who explains the engine to Ada.",
        ),
        ("Write to me at ada@mail.example for more\n<b>All about the engine of Ada</b>", ""),
        ("Suscríbete a nuestro canal de motores\nHablamos con Ada de sus motores.", "Hablamos con Ada de sus motores."),
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
        ("A Tokenizer, in an Afternoon!", ""),
        ("Comments", ""),
        ("The first part is whole. The second was cut […]\n\nRead more", "The first part is whole."),
        ("Summary\n\nThe new release mends two holes.\n\nMore follows here.", "The new release mends two holes."),
        ("Ada writes this to all of us:\n\nThe engine runs without steam.", "The engine runs without steam."),
        ("The engine runs\nwithout any steam.\nPosted by Ada, today", "The engine runs without any steam."),
    ],
)
def test_a_post_says_its_subtitle(subtitle: str, expected: str) -> None:
    """The subtitle as it is; of a long text the first sentence; nothing that was cut off (M45)."""
    entry = post("a.example/1", "A tokenizer in an afternoon", day="24 05:00", feed="weeknight", summary=subtitle)
    assert sentence(entry) == expected


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(max_size=600) | st.lists(st.sampled_from(WORDS), max_size=120).map(" ".join))
def test_a_sentence_is_the_authors_own_and_short(text: str) -> None:
    """Whatever the text, what is shown stands in it, in at most 200 characters, but for capital and full stop."""
    for entry in (
        paper("2611.1", "x", day="24 05:00", summary=text),
        video("AAAAAAAAAA0", "x", day="24 05:00", feeds=("karpathy",), summary=text),
        post("a.example/1", "x", day="24 05:00", feed="weeknight", summary=text),
    ):
        said = sentence(entry)
        assert len(said) <= LONGEST
        assert said[1:].removesuffix(".") in " ".join(text.split())


@pytest.mark.parametrize("part", ["e.g. A ", "$(", "To address this, ", "a\n\n", " #a", "http://", "x).In,", "we a. "])
def test_the_work_grows_no_faster_than_the_text(part: str) -> None:
    """Of 100 kB of anything, twice the text costs at most about twice the steps."""
    for entry in (
        partial(paper, "2611.1", "x", day="24 05:00"),
        partial(video, "AAAAAAAAAA0", "x", day="24 05:00", feeds=("karpathy",)),
        partial(post, "a.example/1", "x", day="24 05:00", feed="weeknight"),
    ):
        half, whole = (steps(entry(summary=part * (size // len(part)))) for size in (50_000, 100_000))
        assert whole <= 2.2 * half + 100


def steps(entry: StoredEntry) -> int:
    """Count the calls, of Python's own functions too, that one sentence takes."""
    count = 0

    def called(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(called)
    try:
        sentence(entry)
    finally:
        sys.setprofile(None)
    return count
