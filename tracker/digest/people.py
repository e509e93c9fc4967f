"""Serve interests: a person's name as arXiv and the reader write it, and whether two of them may be one person; pure.

"M. Adeyemi" may be "Mira Adeyemi", and "Adeyemi, Mira T." as well, but not "Mona Adeyemi". A name is all that arXiv
says of a person: two of one name are one here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import combining, normalize

# Letters with a stroke, which Unicode does not take apart; names are often written without it.
_STROKED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "æ": "ae", "œ": "oe", "ı": "i"})
# How these are written where only ASCII will do; the other way is to leave the dots out.
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_WORD = re.compile(r"[^\W_]+")
_JOINED = re.compile(r"['’‘ʼ`´{}\\]")  # "O'Brien" is also written "OBrien"; braces are left of LaTeX
_INITIALS = re.compile(r"[A-Z]{2,3}")  # "JR Smith"
_NICKNAME = re.compile(r"[\"“(]\s*[^\W\d_]+\s*[\"”)]")
SUFFIXES = {"jr": "jr", "sr": "sr", "ii": "ii", "iii": "iii", "iv": "iv", "2nd": "ii", "3rd": "iii", "4th": "iv"}

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A name taken apart: the ways in which first and last names may be spelt, and "jr" or the like, "" without."""

    spellings: tuple[tuple[Names, str], ...]
    suffix: str

    @property
    def lasts(self) -> tuple[str, ...]:
        """The last name in each of its spellings, once."""
        return tuple(dict.fromkeys(last for _, last in self.spellings))

    def may_be(self, other: Person) -> bool:
        """Tell whether two names agree; one may have more names than the other, or a suffix that it leaves out."""
        if self.suffix and other.suffix and self.suffix != other.suffix:
            return False
        return any(
            last == other_last and _agree(firsts, other_firsts)
            for firsts, last in self.spellings
            for other_firsts, other_last in other.spellings
        )


@lru_cache(maxsize=100_000)
def person(written: str) -> Person:
    """Take a name apart; "Adeyemi, Mira" and "Adeyemi, Mira, Jr." are turned round."""
    parts = [part.strip() for part in _JOINED.sub("", written).split(",") if part.strip()]
    suffixes = [part for part in parts[1:] if _suffix(part)]
    last, *firsts = [part for part in parts if part not in suffixes] or [""]
    last, inner = _without_suffix(last)
    plain, outer = _without_suffix(" ".join((*firsts, last)) if firsts else last)
    suffix = next(map(_suffix, suffixes), inner or outer)
    names = (_names(each) for each in _spellings(plain))
    return Person(tuple(dict.fromkeys((each[:-1], each[-1]) for each in names if each)), suffix)


def folded(text: str) -> str:
    """Write a text in small letters without accents."""
    if text.isascii():
        return text.lower()
    plain = text.casefold().translate(_STROKED)
    return "".join(each for each in normalize("NFKD", plain) if not combining(each))


def _suffix(word: str) -> str:
    return SUFFIXES.get(word.lower().rstrip("."), "")


def _without_suffix(name: str) -> tuple[str, str]:
    """Cut "Jr." or "III" off a name's end; what is nothing else stays."""
    before, _, last = name.rpartition(" ")
    return (before.strip(), _suffix(last)) if before.strip() and _suffix(last) else (name, "")


def _spellings(name: str) -> Iterator[str]:
    """Give the ways in which a name is written: with "ü" as "u" and "ue", under a nickname too."""
    yield name
    if not name.isascii():
        yield normalize("NFC", name.casefold()).translate(_SPELT_OUT)
    if nickname := _NICKNAME.search(name):
        yield name[nickname.start() :]


def _names(spelt: str) -> Names:
    """Give the single names, initials apart."""
    *firsts, last = _WORD.findall(spelt) or [""]
    apart = (" ".join(each) if _INITIALS.fullmatch(each) and not last.isupper() else each for each in firsts)
    return tuple(folded(" ".join((*apart, last))).split())


def _agree(some: Names, others: Names) -> bool:
    """Tell whether first names agree: an initial does with a name, "Jen-Tse" with "Jentse", and some may be missing."""
    short, long = sorted((some, others), key=len)
    if not short:
        return not long
    if "".join(short) == "".join(long):
        return True
    if not _is_same(short[0], long[0]):
        return False
    rest = iter(long[1:])
    return all(any(_is_same(one, other) for other in rest) for one in short[1:])


def _is_same(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[0] == other[0])
