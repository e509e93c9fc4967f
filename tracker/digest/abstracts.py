"""Serve sentences: find in an abstract the sentence in which its authors say what they did.

Sentences come in ranks: who says "we propose" or "this paper" comes before a method's description, and that before
its tests and results. Of one rank the first counts. Praise alone is no sentence. Pure.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

from tracker.digest.clauses import shortened, without_lead
from tracker.digest.splitting import LONGEST_READ, split

_MOST_READ = 100  # sentences
_NONE = 4  # behind every rank

_DID = (
    r"address|adapt|advocate|analy[sz]e|ask|assess|benchmark|break|build|built|challenge|characteri[sz]e|combine|"
    r"compare|compile|construct|contribute|create|curate|define|demonstrate|derive|describe|design|detail|develop|"
    r"devise|discover|document|establish|estimate|evaluate|examine|explore|extend|fill|find|formali[sz]e|formulate|"
    r"generali[sz]e|give|identif(?:y|ie)|implement|improve|introduce|investigate|map|measure|model|offer|open-source|"
    r"outline|overcome|posit|pre-?train|present|probe|propose|prove|provide|publish|put forward|quantif(?:y|ie)|"
    r"re-?evaluate|re-?examine|re-?measure|re-?visit|re-?think|release|replace|report|reproduce|resolve|review|scale|"
    r"share|show|solve|spell out|stud(?:y|ie)|survey|synthesi[sz]e|systemati[sz]e|tackle|track|trace|train|unif(?:y|"
    r"ie)|unveil|validate|verif(?:y|ie)"
)
_ADVERB = (
    r"(?:\w+ly|also|here|further|thus|hence|first|then|instead|next|now|finally|both|have|will|can|aim to|seek to)"
)
_WORK = (
    r"(?:(?:(?!the |of |that )\w+[ -]){0,2}(?:paper|work|article|study|survey|report|thesis|tutorial|research|note|"
    r"review|chapter|project|perspective|proposal|investigation|manuscript|overview|benchmark|dataset|dissertation))"
)
_SAYS = re.compile(
    rf"\b(?:we|I),? (?:{_ADVERB},? ){{0,2}}(?:{_DID})(?:s|d|ed|es)?\b"
    rf"|\b(?:this|the present) {_WORK},? (?:\w+ly )?(?!is\b|are\b|was\b)\w+"
    r"|^the (?:paper|chapter|study|article|survey|thesis|dissertation|report|review) (?!is\b|was\b|has\b)\w+(?:s|ed)\b"
    r"|\b(?:aim|goal|purpose|objective) of (?:this|our|the) (?:\w+ )?(?:paper|work|article|study|research|"
    r"project) (?:is|was)\b"
    r"|\bour (?:main|key|central|primary|core|principal)?(?: \w+)? ?(?:contributions?|findings?|results?|goal|aim|"
    r"objective)(?: is|,)"
    r"|\b(?:is|are) (?:presented|proposed|introduced|described|studied|investigated|considered|developed) ?"
    r"(?:here|in this|for|to|\.)"
    r"|\bin this (?:paper|work|article|study|report|survey|thesis|research),? (?:we|I) \w+"
    r"|\bour (?:work|paper|study|survey|article|research) (?!shows|demonstrates|highlights|reveals|suggests|"
    r"underscores|is)\w+s\b"
    r"|\bhere,? we\b|\bwe are (?:releasing|the first)\b",
    re.IGNORECASE,
)
_DESCRIBES = re.compile(
    r"(?:(?:specifically|concretely|in particular|at its core|technically|instead|in contrast|conceptually|here), )?"
    r"(?:the (?:proposed|presented|resulting|enhanced|new|novel|developed|introduced) (?:[\w-]+ ){0,3}?|the |"
    r"our (?:[\w-]+ ){0,3}?)"
    r"(?:approach|method|framework|model|system|algorithm|pipeline|architecture|benchmark|dataset|library|tool|"
    r"toolkit|technique|strategy|overview|analysis|study) (?!is able|has|have|may|often)\w+"
    r"|(?:specifically, |concretely, |in particular, )?(?:we|I) (?:\w+ly )?"
    r"(?!(?:hope|believe|note|need|also|further|live|want|anticipate|expect|envision|thank|conclude|discuss|refer|"
    r"assume)\b)\w+\b"
    r"|.{0,120}, (?:we|I) (?:\w+ly )?(?!(?:hope|believe|note|discuss|also|conclude|further)\b)\w+\b",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"(?:[\w-]+ ){0,8}(?:experiments?|experimental|results?|evaluations?|simulations?|analys[ei]s|findings|studies|"
    r"work|study)\b.{0,120}"
    r"\b(?:shows?|demonstrates?|reveals?|indicates?|suggests?|finds?|found|showed|confirms?) that\b",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    r".{0,150}\b(?:was|were) (?:\w+ly )?(?:used|developed|trained|applied|conducted|performed|evaluated|employed|"
    r"designed|analy[sz]ed|collected|compared|proposed|investigated)\b",
    re.IGNORECASE,
)
_PRAISE = re.compile(
    r"effectiveness|efficacy|superior|state-of-the-art|outperform|baselines?\b|surpass|competitive|"
    r"consistently (?:improve|achieve)|achiev\w+ (?:an? )?(?:\w+ ){0,3}[\\$]*\d|shed(?:s|ding)? light|promising|"
    r"robustness and|generali[sz]ability|validity of",
    re.IGNORECASE,
)
_TESTS = re.compile(
    r"(?:.{0,150}, )?(?:we|I) (?:\w+ly |also |further |then )?(?:evaluate|validate|verify|test|assess|illustrate|"
    r"(?:demonstrate|show) (?:the|its|their|our|that our|that the proposed)) ",
    re.IGNORECASE,
)
# A later sentence that adds to one that was too long to show would stand for the whole paper.
_ADDS = re.compile(
    r"(?:(?:we|I) (?:also|further|additionally|hope|believe|conclude)\b|moreover|furthermore|additionally|"
    r"in addition|finally|however|lastly|besides|second(?:ly)?,|third(?:ly)?,|fourth|last,|also,|meanwhile|the goal|"
    r"for evaluation|to (?:evaluate|assess|facilitate|foster|further|encourage|promote|enable reproducib|validate|"
    r"verify)\b|code\b|(?:content )?(?:disclaimer|warning)|(?:our|the|all|source) (?:source )?(?:codes?|data|"
    r"datasets?|models?|implementation|project)\b[^.]{0,60} "
    r"(?:is|are|will be) (?:\w+ )?(?:available|released|open)|(?:this|these|our) (?:work|study|paper|findings?|"
    r"results?|insights?|framework) "
    r"(?:highlight|underscore|pave|open|represent|advance|contribute|mark|lay)s?\b|(?:these|our) (?:findings?|"
    r"results?|insights?) (?:demonstrate|suggest|show|establish)\b)",
    re.IGNORECASE,
)
_ADDS_BEHIND = re.compile(r".{0,200}, (?:we|I) (?:also|further|should|must|can)\b", re.IGNORECASE)
_POINTS_BACK = re.compile(
    rf"\b(?:we|I|{_WORK}),? (?:\w+ly )?(?:\w+) (?:this|these|such|it|them|those)\b"
    r"(?! (?:paper|work)|.*\b(?:by|via|through|with)\b)"
    r"|\b(?:we|I) \w+ that (?:this|these|such)\b"
    r"|\b(?:of|in|to|for|behind) (?:this|these|such|that) (?:[\w-]+ ){0,3}[\w-]+\.$"
    r"|\bthrough (?:two|three|four|several) (?:\w+ )?(?:contributions|innovations)\.$"
    r"|\b(?:contributions?|key idea)s? (?:is|are) (?:\w+-?fold|as follows)",
    re.IGNORECASE,
)
_ARGUES = re.compile(
    r"\b(?:we|I) (?:\w+ly )?(?:argue|observe|believe|note|hypothesi[sz]e|select|choose|focus)\b", re.IGNORECASE
)

_NAME = re.compile(r"([\w.+/$-]{2,30})(?: \([^()]{1,60}\))?:\s")
# What a thing needs is not what it does.
_ACTS = re.compile(r" (?!needs?|requires?|has|have|was|can)|,| \(")
_ACRONYM = re.compile(r"\(([A-Z][\w-]{2,20})\)")
_COINED = re.compile(
    r"\b(?:introduce|propose|present|develop)s?\b(?: the| \w+ly)? ([A-Z][\w-]{0,30}[A-Z0-9][\w-]{0,30})"
)


class _Found(NamedTuple):
    rank: int
    says: int  # the position behind the words that gave the rank
    text: str


def what_they_did(abstract: str, title: str = "") -> str:
    """Give the authors' own sentence, shortened at clauses if need be; nothing where none can be shown."""
    name = _name(title, abstract)
    best, best_rank, highest = "", _NONE, 0
    for each in islice(split(abstract), _MOST_READ):
        found = _rank(each, name) if len(each) <= LONGEST_READ else None
        rank = max(found.rank, highest) if found else _NONE
        if found and rank < best_rank:
            said = shortened(found.text, least=found.says)
            if said and not (rank and _PRAISE.search(said)):
                best, best_rank = said, rank
            elif not found.rank:
                # What it says first cannot be shown: who then proposes something proposes a part of it.
                name, highest = _coined(found.text) or name, 1
        if best_rank == highest:
            break
    return best


def _rank(sentence: str, name: str) -> _Found | None:
    """Rank a sentence: 0 says what they did, 1 describes it, 2 tests it or points back, 3 is a result."""
    text = without_lead(sentence)
    if _ADDS.match(text) or _ADDS.match(sentence) or text.endswith("?"):
        return None
    if _is_about(text, name):
        return _Found(0 if " is a" in text[:80] else 1, 0, text)
    says = _SAYS.search(text)
    if says:
        return _Found(_of_said(text), says.end(), text)
    describes = _DESCRIBES.match(text)
    if describes:
        return _Found(2 if _ARGUES.search(text) or _POINTS_BACK.search(text) else 1, describes.end(), text)
    result = _RESULT.match(text) or _PASSIVE.match(text)
    return _Found(3, result.end(), text) if result else None


def _is_about(text: str, name: str) -> bool:
    subject = text.removeprefix("The ").removeprefix("Our ")
    return bool(name) and subject.startswith(name) and bool(_ACTS.match(subject, len(name)))


def _of_said(text: str) -> int:
    if _TESTS.match(text):
        return 3 if _PRAISE.search(text) else 2
    return 2 if _ADDS_BEHIND.match(text) or _POINTS_BACK.search(text) else 0


def _name(title: str, abstract: str) -> str:
    """Give the name that a title gives its thing ("BlackIce: A toolkit"), or nothing where it is a plain word."""
    first = title.partition(" ")[0]
    found = _NAME.match(title)
    name = found[1] if found else first if abstract.startswith(f"{first} is a") else ""
    return name if sum(letter.isupper() or letter.isdigit() for letter in name) > 1 else ""


def _coined(text: str) -> str:
    found = _ACRONYM.search(text) or _COINED.search(text)
    return found[1] if found else ""
