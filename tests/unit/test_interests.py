"""Which of the reader's words and people a paper has."""

from __future__ import annotations

import pytest

from tests.digest_weeks import paper
from tracker.digest.interests import prepare
from tracker.digest.stems import stem
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
        ("GPU", "1,024 GPUs", True),
        ("APIs", "an API", True),
        ("api", "calls of APIs", True),
        ("transformer", "a transformation that transforms", False),
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
        ("Soeren Moeller", "Søren Møller", True),
        ("Jürgen Schmidhuber", "Juergen Schmidhuber", True),
        ("J. Schmidhuber", "Ju\u0308rgen Schmidhuber", True),
        ("Muller", "Mueller", False),
        ("Ümit Kocabıcak", "{Ü}mit Kocabicak", True),
        ("Alfred Hero", "Alfred O. Hero III", True),
        ("Alfred O. Hero III", "A. Hero", True),
        ("Hero, Alfred O., III", "Alfred O. Hero III", True),
        ("Hero III, Alfred O.", "Alfred Hero", True),
        ("James Ghawaly, Jr.", "James M Ghawaly Jr", True),
        ("Ghawaly Jr., James", "James M Ghawaly", True),
        ("James Ghawaly Jr.", "James Ghawaly Sr.", False),
        ("James Ghawaly Jr.", "Joan Ghawaly Jr.", False),
        ("Jr.", "James Ghawaly Jr.", False),
        ("J.R. Smith", "John R. Smith", True),
        ("JR Smith", "John Robert Smith", True),
        ("JR Smith", "Rob Smith", False),
        ("Brian O'Neill", "B. O’Neill", True),
        ("Brian ONeill", "Brian O'Neill", True),
        ("Jentse Huang", "Jen-Tse Huang", True),
        ("Maria Garcia-Lopez", "Maria Garcia Lopez", True),
        ("Jim Fan", 'Linxi "Jim" Fan', True),
        ("Linxi Fan", 'Linxi "Jim" Fan', True),
        ("Md. Hasan", "MD Hasan", True),
        ("K. M. Merz", "Kenneth M. Merz,", True),
        ("OpenAI", "OpenAI", True),
        ("Adeyemi, ", ",", False),
    ],
)
def test_people_are_found_as_they_stand_on_papers(followed: str, author: str, is_found: bool) -> None:
    """An initial stands for a name, a middle name may be missing; a last name alone is nobody."""
    wanted = prepare(Interests(authors=(followed,)))
    found = paper("2611.1", "x", day="24 05:00", authors=("Ana Zu", author))
    assert wanted.people_of(found) == ((followed,) if is_found else ())


@pytest.mark.parametrize(
    "forms",
    [
        *("use uses used using", "bias biases biased", "agent agents", "cache caches cached caching"),
        *("study studies studied studying", "tie ties tied", "query queries querying", "lens lenses", "gas gases"),
        *("analysis analyses", "hypothesis hypotheses", "matrix matrices", "process processes processing", "bus buses"),
        *("embed embeds embedding embedded", "plan plans planning planned", "tune tunes tuned tuning", "add adding"),
        *("control controlling controlled", "model modelling modeling modelled", "distill distilling distillation"),
        *("generate generates generating generation", "quantize quantized quantization", "adapt adaptation"),
        *("mix mixes mixed", "agree agreed agreeing", "free freed", "noise noises", "llm llms", "gpu gpus"),
        *("corpus corpora", "apply applies applied applying", "base based", "movie movies", "leaf leaves"),
    ],
)
def test_the_forms_of_a_word_have_one_stem(forms: str) -> None:
    """Number and tense make no other word, regular or not."""
    assert len({stem(each) for each in forms.split()}) == 1


@pytest.mark.parametrize(
    "others",
    [
        *("university universe universal", "transformer transformation", "decoder decoding", "important import"),
        *("experiment experience", "author authority", "inform information", "found foundation", "active activation"),
        *("hope hop", "hoping hopping", "rate rat ration ratio", "plane plan", "bare bar", "us use", "new news"),
        *("star stare", "string str", "king k", "red r", "lens len", "station state", "physics physical", "need nee"),
        *(
            "general generation generic",
            "format formation",
            "theses these",
            "sparse sparsity",
            "document documentation",
        ),
    ],
)
def test_other_words_have_other_stems(others: str) -> None:
    """A keyword does not find what only begins like it, nor the relatives of a word."""
    words = others.split()
    assert len({stem(each) for each in words}) == len(words)
