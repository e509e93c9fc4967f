"""Which of the reader's words and people a paper has."""

from __future__ import annotations

import pytest

from tests.digest_weeks import paper
from tracker.digest.interests import prepare, stem
from tracker.models import Interests


@pytest.mark.parametrize(
    ("keyword", "text", "is_found"),
    [
        ("speculative decoding", "Speculative Decoding at Load", True),
        ("speculative decoding", "We decode speculatively.", False),
        ("speculative decoding", "decoding that is speculative", False),
        ("KV cache", "Learned merging of KV caches", True),
        ("caching", "A cache of 2 GB", True),
        ("KV cache", "KV-cache eviction", True),
        ("long-context", "on long contexts", True),
        ("quantization", "quantized models", True),
        ("tuning", "we tune it", True),
        ("pruning", "Pruned networks", True),
        ("RAG", "dragging along", False),
        ("Schrödinger bridge", "SCHRODINGER BRIDGES", True),
        ("GPT-4", "GPT-4o and GPT-4", True),
        ("GPT-4", "GPT-40", False),
        ("decoder", "decoding", False),
    ],
)
def test_keywords_are_found_by_their_stems(keyword: str, text: str, is_found: bool) -> None:
    """Endings, case, accents and hyphens do not matter; the words of a phrase stand side by side, whole."""
    wanted = prepare(Interests(keywords=(keyword,)))
    assert wanted.keywords_in(paper("2611.1", text, day="24 05:00")) == ((keyword,) if is_found else ())
    found = paper("2611.1", "x", day="24 05:00", summary=text)
    assert wanted.keywords_in(found) == ((keyword,) if is_found else ())


def test_keywords_of_the_title_come_first() -> None:
    """What a title says weighs more than what an abstract mentions; each keyword is named once."""
    wanted = prepare(Interests(keywords=("cache", "draft", "tokenizer")))
    found = paper("2611.1", "Drafts", day="24 05:00", summary="Caches of drafts.")
    assert wanted.keywords_in(found) == ("draft", "cache")


@pytest.mark.parametrize(
    ("followed", "author", "is_found"),
    [
        ("M. Adeyemi", "Mira Adeyemi", True),
        ("Mira Adeyemi", "M. Adeyemi", True),
        ("m adeyemi", "Mira T. Adeyemi", True),
        ("Mira T. Adeyemi", "Mira Adeyemi", True),
        ("Mira Adeyemi", "Mona Adeyemi", False),
        ("M. T. Adeyemi", "Mira S. Adeyemi", False),
        ("Adeyemi, Mira", "Mira Adeyemi", True),
        ("Adeyemi", "Mira Adeyemi", False),
        ("OpenPref Team", "OpenPref Team", True),
        ("J.-P. Serré", "Jean-Pierre Serre", True),
        ("Anna van den Berg", "A. van den Berg", True),
        ("Li Wei", "Wei Li", False),
        ("Lukasz Kaiser", "Łukasz Kaiser", True),
        ("S. Moller", "Søren Møller", True),
    ],
)
def test_people_are_found_as_they_stand_on_papers(followed: str, author: str, is_found: bool) -> None:
    """An initial stands for a name, a middle name may be missing; a last name alone is nobody."""
    wanted = prepare(Interests(authors=(followed,)))
    found = paper("2611.1", "x", day="24 05:00", authors=("Ana Zu", author))
    assert wanted.people_of(found) == ((followed,) if is_found else ())


def test_short_words_keep_their_endings() -> None:
    """What would leave nothing of a word is no ending."""
    assert [stem(each) for each in ("string", "king", "red", "use", "embed", "embedding", "agents")] == [
        "string",
        "king",
        "red",
        "use",
        "embed",
        "embed",
        "agent",
    ]
