"""Know how arXiv is asked for people: names → a query of its API, and the addresses of searches and pages → names.

arXiv has no list of a person's papers for everybody: the API searches the names as they stand on papers, and a name in
quotation marks finds its words side by side. So "Andrej Karpathy" does not find "A. Karpathy", and everybody of that
name is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from unicodedata import normalize
from urllib.parse import SplitResult, quote, unquote

from tracker.models import SourceName
from tracker.sources.base import Target

MOST_AUTHORS = 20  # in one table, so that the address stays short
LONGEST_NAME = 100

# What people and collaborations are written with; nothing that ends a phrase or that the query language knows.
_NAME = re.compile(r"(?=.*[^\W\d_])[^\W_](?:[^\W_]|[ .'’-])*")
_PAGE = re.compile(r"((?:[^\W\d_]|[_-])+)_([^\W\d_])_\d+(?:\.atom2?)?")
_QUERY = re.compile(r'au:"[^"]*"(?: OR au:"[^"]*")*')


def names(given: Iterable[str]) -> tuple[str, ...]:
    """Spell names as they are asked for: single spaces, composed letters, each once."""
    return tuple(dict.fromkeys(_spelt(each) for each in given))


def query(given: Iterable[str]) -> str:
    """Write the API's query for all papers by any of these people."""
    return " OR ".join(f'au:"{name}"' for name in names(given))


def search_page(given: Iterable[str]) -> str:
    """Give the page for people: a search for the first name."""
    return f"https://arxiv.org/search/?query={quote(query(given).split(' OR ')[0][3:], safe='')}&searchtype=author"


def problem(given: Iterable[str]) -> str:
    """Say what is wrong with a list of names, "" for nothing."""
    every = tuple(given)
    if len(every) > MOST_AUTHORS:
        return f"authors: {len(every)} are too many for one table; at most {MOST_AUTHORS}"
    wrong = next((each for each in every if not _is_name(each)), None)
    if wrong is None:
        return ""
    return (
        f'authors: {wrong[:80]!r} is no name: expected one as it stands on papers, such as "Andrej Karpathy" '
        "(letters, digits, spaces, hyphens, points and apostrophes)"
    )


def from_query(asked: str) -> tuple[str, ...]:
    """Read back the names of a query that `query` has made; () for every other."""
    found = re.findall(r'"([^"]*)"', asked) if _QUERY.fullmatch(asked) else []
    return () if problem(found) else tuple(found)


def from_words(words: str) -> Target | None:
    """Recognise who is searched for: "Andrej Karpathy", "Karpathy, Andrej", or arXiv's own links' "Karpathy, A"."""
    last, comma, first = (each.strip() for each in words.strip().strip('"').partition(","))
    if first and len(first.removesuffix(".")) == 1:
        return _by_initial(last, first[0])
    name = f"{first} {last}" if comma and first else last
    return Target(source=SourceName.ARXIV, authors=(name,)) if " " in name and _is_name(name) else None


def from_page(parts: SplitResult) -> Target | None:
    """Recognise an author's own page, whose address tells surname and initial; None for every other page.

    Raises ValueError with a sentence for the person when the address tells no name (ORCID).
    """
    head, _, page = unquote(parts.path).strip("/").partition("/")
    if head != "a" or not page:
        return None
    found = _PAGE.fullmatch(page)
    target = _by_initial(found[1].replace("_", " "), found[2]) if found else None
    if target is None:
        raise ValueError(f'{page[:80]!r} does not tell a name: write authors = ["Andrej Karpathy"] into feeds.toml')
    return target


def _by_initial(last: str, initial: str) -> Target | None:
    """Search for a surname and an initial, in the form that the API has for it."""
    if not (_is_name(last) and _is_name(initial)):
        return None
    return Target(
        source=SourceName.ARXIV,
        query=f"au:{'_'.join(re.findall(r'[^ .]+', last))}_{initial}",
        note='Surname and initial can be several people: authors = ["Full Name"] asks for one name.',
    )


def _is_name(name: str) -> bool:
    return len(name) <= LONGEST_NAME and _NAME.fullmatch(_spelt(name)) is not None


def _spelt(name: str) -> str:
    return normalize("NFC", " ".join(name.split()))
