"""Give the generated internet its titles, names and texts: a small vocabulary and dice, so that a page reads well."""

from __future__ import annotations

from random import Random

_TOPICS = (
    *("attention", "tokenizers", "layer norm", "scaling laws", "reward models", "retrieval", "long contexts"),
    *("quantization", "evaluation", "distillation", "positional encodings", "mixture of experts", "data curation"),
    *("gradient noise", "speculative decoding", "tool use", "small models", "sampling", "fine-tuning", "KV caches"),
    *("curricula", "loss curves", "optimizers", "embeddings", "sparse layers", "synthetic data", "interpretability"),
)
_LECTURES = (
    *("What a derivative is for", "A language model that counts", "The first hidden layer", "Initialisation, by hand"),
    *("Backpropagation without a library", "A tree of convolutions", "Attention from scratch", "A block, then twelve"),
    *("The tokenizer nobody loves", "Training at night", "Reading a loss curve", "Sampling, greedily and not"),
    *("Caches and their bills", "A second machine", "Tuning to instructions", "What rewards do", "Measuring, honestly"),
    *("Shrinking it again", "Serving a thousand readers", "What we left out"),
)
_VIDEO_FORMS = (
    *("The inner life of {a}", "{a} in an hour", "Building {a} from nothing", "A guest lecture on {a}"),
    *("Office hours: {a} and {b}", "When to leave out {a}", "From {a} to {b}", "A week with {a}"),
)
_POST_FORMS = (
    *("Notes on {a}", "The price of {a}", "{a} and {b}, compared", "The month in {a}", "Five mistakes with {a}"),
    *("I was wrong about {a}", "{a} without the hype", "Questions about {a}", "Reading list: {a}", "{a}, a year later"),
)
_PAPER_FORMS = (
    *("{a} for {b}", "On the limits of {a}", "Rethinking {a} with {b}", "A study of {a} under {b}"),
    *("Is {a} worth it without {b}?", "Towards cheaper {a}", "Choosing {a} for {b}", "Measuring {a} in the wild"),
)
_CLAIMS = (
    *("show that {a} explains most of what {b} gains", "propose a simple rule that makes {a} twice as cheap as {b}"),
    *("measure how {a} changes when {b} is left out", "find three settings in which {a} beats {b}, and one without"),
    *("compare {a} on eleven public tasks and find that {b} matters more", "release a data set for {a} and for {b}"),
    *("prove a bound for {a} that does not depend on {b}", "revisit {a} with ten times the data, and without {b}"),
)
_SENTENCES = (
    *("Most of it is {a}, and the rest is patience.", "It begins with {a} and ends, to nobody's surprise, at {b}."),
    *("What {a} is good for, shown on one small example.", "Three runs, three answers: a word on {a} and on {b}."),
    *("Why {a} was the easy part.", "A short history of {a}, with the failures left in."),
)
_GIVEN = ("Ada", "Nora", "Sam", "Li", "Ines", "Tomas", "Mira", "Jon", "Aiko", "Karl", "Ravi", "Lena", "Omar", "Ida")
_FAMILY = (
    *("Moreau", "Tanaka", "Whitlow", "Brandt", "Okafor", "Novak", "Lindqvist", "Rossi", "Haddad", "Weiss", "Park"),
    *("Duarte", "Ekström", "Iyer", "Kowalski", "Meyer", "Santos", "Vogel", "Yilmaz", "Zhou"),
)
_VIDEO_LAST = "AEIMQUYcgkosw048"
_VIDEO_ANY = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def lecture_title(number: int) -> str:
    """Name a lecture of a course by its place, from 1."""
    return f"Lecture {number}: {_LECTURES[(number - 1) % len(_LECTURES)]}"


def video_title(dice: Random) -> str:
    """Name a video."""
    return _filled(dice, _VIDEO_FORMS)


def post_title(dice: Random) -> str:
    """Name a post of a newsletter or blog."""
    return _filled(dice, _POST_FORMS)


def paper_title(dice: Random, *, about: str = "") -> str:
    """Name a paper; `about` is a phrase that it must contain."""
    if about:
        return _capital(f"{about} for {dice.choice(_TOPICS)}")
    return _filled(dice, _PAPER_FORMS)


def abstract(dice: Random) -> str:
    """Write an abstract of three sentences, the second of which says what we do."""
    first, last = (_filled(dice, _SENTENCES) for _ in range(2))
    return f"{first} We {_two(dice, dice.choice(_CLAIMS))}. {last}"


def sentence(dice: Random) -> str:
    """Write the one sentence under an entry."""
    return _filled(dice, _SENTENCES)


def person(dice: Random) -> str:
    """Name a person."""
    return f"{dice.choice(_GIVEN)} {dice.choice(_FAMILY)}"


def video_id(dice: Random) -> str:
    """Make an id in the form of YouTube's."""
    return "".join(dice.choices(_VIDEO_ANY, k=10)) + dice.choice(_VIDEO_LAST)


def slug(title: str) -> str:
    """Make the last part of an address from a title."""
    kept = "".join(char if char.isalnum() else " " for char in title.lower())
    return "-".join(kept.split())


def _filled(dice: Random, forms: tuple[str, ...]) -> str:
    return _capital(_two(dice, dice.choice(forms)))


def _two(dice: Random, form: str) -> str:
    one, other = dice.sample(_TOPICS, 2)
    return form.format(a=one, b=other)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
