"""Serve compose: pick the one sentence that says what an entry does, in its author's own words.

Whole sentences of at most 200 characters, nothing rather than filler, no generated text
(digest-model, rule 5). Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tracker.models import Kind, StoredEntry

LONGEST = 200

_END = re.compile(r"[.!?]+[\"'”’)\]]*(?=\s+[\"'“‘(\[$]?[A-Z0-9\d$\\À-ÖØ-Þ])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|et al|cf|vs|etc|resp|approx|Figs?|Eq|Sec|Tab|No|Dr|Mr|Mrs|Ms|Prof|St|Jr|Inc|U\.S)|\b[A-Z])\.$"
)
_TRUNCATED = re.compile(r"(?:…|\.\.\.)[\"'”’)\]]*$")
_SPACE = re.compile(r"\s+")

_DID = (
    r"address|adapt|analy[sz]e|apply|argue|ask|assess|benchmark|bound|build|characteri[sz]e|collect|combine|compare|"
    r"conduct|construct|contribute|create|curate|define|demonstrate|derive|describe|design|develop|devise|discover|"
    r"document|edit|employ|establish|estimate|evaluate|examine|explore|extend|find|fine-tune|fit|focus|formali[sz]e|"
    r"formulate|generali[sz]e|give|identify|implement|improve|introduce|investigate|label|leverage|list|make|measure|"
    r"model|observe|offer|open-source|outline|perform|pre-?train|present|probe|propose|prove|provide|publish|quantify|"
    r"re-?evaluate|re-?examine|re-?measure|re-?visit|release|replace|report|reproduce|review|scale|share|show|"
    r"stud(?:y|ie)|suggest|survey|synthesi[sz]e|systemati[sz]e|test|trace|train|tune|unify|use|validate|verify"
)
_ADVERB = r"(?:\w+ly|also|here|further|thus|hence|therefore|first|then|instead|next|now|finally|both)"
_SAYS = re.compile(
    rf"\bwe,? (?:{_ADVERB},? )?(?:{_DID})(?:s|d|ed|es)?\b"
    r"|\b(?:this|the present|our) (?:paper|work|article|study|survey|report|thesis|tutorial|research|technical report|"
    r"position paper|note|review|chapter|project|perspective)\b"
    r"|\b(?:is|are) (?:presented|proposed|introduced|described|studied|investigated) (?:here|in this|for|to)\b"
    r"|\bhere,? we\b|\bwe are releasing\b"
    r"|\bto (?:address|tackle|bridge|close|fill|overcome|solve|mitigate) (?:this|these)\b.*\bwe\b",
    re.IGNORECASE,
)

# A later sentence that adds to one that was too long to show would stand for the whole paper.
_ADDS = re.compile(
    r"(?:we (?:also|then|further)|moreover|furthermore|additionally|in addition|finally|however|lastly|the goal)\b",
    re.IGNORECASE,
)

_ADDRESS = re.compile(r"(?:https?://|www\.|\b[\w-]+\.(?:com|org|net|io|ai|gg|me|ly|co|edu)\b)|\S+@\S+", re.IGNORECASE)
_TIMECODE = re.compile(r"^\W*\(?\d{1,2}:\d{2}(?::\d{2})?\b")
_HASHTAG = re.compile(r"(?:^|\s)#\w")
_PROMOTION = re.compile(
    r"\b(?:sponsor\w*|patreon|ko-?fi|discount|promo|coupon|merch\w*|shop|store|affiliate|gumroad|subscribe\w*|"
    r"subscription|follow (?:me|us)|join (?:me|us|the|our|my)|newsletter|discord|twitter|linkedin|instagram|facebook|"
    r"tiktok|use code|% off|free trial|sign up|buy|donat\w+|support (?:me|us|the channel|this channel|my)|"
    r"chapters?|time ?stamps?|links?|thanks? to|copyright|all rights reserved|music(?: by)?|playlist|enroll\w*|"
    r"like and|hit the bell|check out|apply (?:now|here)|learn more|click|download|available (?:at|on|from)|"
    r"to follow along|view the course|free course)\b",
    re.IGNORECASE,
)


def sentence(entry: StoredEntry) -> str:
    """Say what an entry does, or nothing."""
    match entry.kind:
        case Kind.PAPER:
            return _of_paper(entry.summary)
        case Kind.VIDEO:
            return _of_video(entry.summary, entry.title)
        case Kind.POST:
            return _of_post(entry.summary, entry.title)


def _of_paper(abstract: str) -> str:
    """Find the first sentence in which the authors say what they did."""
    said = (each for each in _sentences(abstract) if len(each) <= LONGEST and _SAYS.search(each))
    return next((each for each in said if not _ADDS.match(each)), "")


def _of_video(description: str, title: str) -> str:
    """Find the first prose that is no shop, sponsor, link, chapter or hashtag line."""
    for line in description.splitlines():
        if _is_prose(line, title):
            return _first_whole(line)
    return ""


def _of_post(subtitle: str, title: str) -> str:
    """Give the subtitle; of a longer text the first sentence."""
    text = _SPACE.sub(" ", subtitle).strip()
    if text.casefold() == title.casefold():
        return ""
    if len(text) <= LONGEST and not _TRUNCATED.search(text):
        return text
    return _first_whole(text)


def _is_prose(line: str, title: str) -> bool:
    text = line.strip()
    words = [word for word in text.split() if any(letter.isalpha() for letter in word)]
    if len(words) < 5 or text.endswith(":") or text.isupper() or text.casefold() == title.casefold():
        return False
    return not (_ADDRESS.search(text) or _TIMECODE.search(text) or _HASHTAG.search(text) or _PROMOTION.search(text))


def _first_whole(text: str) -> str:
    first = next(_sentences(text), "")
    return "" if len(first) > LONGEST or _TRUNCATED.search(first) else first


def _sentences(text: str) -> Iterator[str]:
    """Split plain text into sentences; abbreviations, initials and decimals do not end one."""
    flat = _SPACE.sub(" ", text).strip()
    start = 0
    for end in _END.finditer(flat):
        candidate = flat[start : end.end()]
        if not _ABBREVIATION.search(candidate):
            yield candidate
            start = end.end() + 1
    if flat[start:]:
        yield flat[start:]
