"""Serve compose: pick the one sentence that says what an entry does, in its author's own words.

Whole sentences of at most 200 characters, nothing rather than filler, no generated text
(digest-model, rule 5). Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice, zip_longest

from tracker.digest.abstracts import what_they_did
from tracker.digest.clauses import LONGEST, shortened
from tracker.digest.splitting import LONGEST_READ, flat, is_same_text, split
from tracker.models import Kind, StoredEntry

_MOST_LINES = 200  # of a description, that are looked at
_MOST_TRIED = 3  # sentences of a line or paragraph: the first ones say what it is about
_LEAST_WORDS = 5
_LEAST_SENTENCES = 3  # of a line that is more than the caption of the link at its end

_TRUNCATED = re.compile(r"(?:…|\.\.\.|\[…\]|\[\.\.\.\])[\"'”’)\]]*$")

_ADDRESS = re.compile(
    r"(?:https?://|www\.|\b[\w-]{1,60}\.(?:com|org|net|io|ai|gg|me|ly|co|edu|tv|fm|link)\b)|[^\s@]{1,60}@[^\s@]{2,60}",
    re.IGNORECASE,
)
_LINK_LINE = re.compile(r"\W{0,6}(?:https?://|www\.)\S+", re.IGNORECASE)
_TIMECODE = re.compile(r"\W{0,9}\d{1,2}:\d{2}(?::\d{2})?\b")
_BULLET = re.compile(r"(?:[-•*·►▶▸→–—✓✔]|\d{1,2}[.)]) ")
_MARKUP = re.compile(r"</?[a-z][^<>]{0,200}>|\]\(|\*\*|&[a-z]{2,8};", re.IGNORECASE)
_HASHTAG = re.compile(r"(?:^|\s)#\w")
_PROMOTION = re.compile(
    r"\b(?:sponsor\w*|patreon|ko-?fi|discount\w*|promo|coupon|merch\w*|shop|store|affiliate|gumroad|subscrib\w*|"
    r"suscr[ií]b\w*|abonn\w*|subscription|follow (?:me|us|along)|join (?:me|us|the|our|my)|newsletter|discord|(?:on|"
    r"our|my) (?:twitter|linkedin|instagram|facebook|tiktok|x)|use (?:my |the |our )?code|free trial|sign up|buy|"
    r"order (?:now|here|your|my|our)|pre-?order|donate|donations?|support (?:me|us|the channel|this channel|my|our)|"
    r"chapters?|time ?stamps?|links?|thanks? (?:to|for|a lot)|copyright|all rights reserved|music(?: by)?|playlist|"
    r"enroll\w*|like and|hit the bell|check (?:out|it out|them out)|apply (?:now|here)|learn more|find out more|"
    r"more info\w*|click|download|available (?:at|on|from|in all|now)|out now|to follow along|view the course|"
    r"free course|stocks?|supplies last|limited edition|worldwide shipping|don.t miss|money back|made possible|grant|"
    r"funding|funded|in partnership with|paid promotion|patrocin\w*|colaboración|credits?|filmed by|edited by|"
    r"produced by|is part of the|connect with|my (?:book|course|website)|head over)\b|% off\b",
    re.IGNORECASE,
)
# What programs that make feeds put in the place of a text, or behind it.
_WIDGET = re.compile(
    r"(?:read (?:more|on|the (?:full|rest)|full)|continue reading|keep reading|click here|comments?$|"
    r"the post .{0,300} first appeared|the post .{0,300} appeared first|listen now|watch now|subscribe|share this|"
    r"thanks for reading|type your email|leave a comment|view (?:on|in|this)|posted (?:by|on|in)|submitted by|"
    r"statistics:|removed\b|no description|this (?:post|site|newsletter) is (?:public|for paid|reader)|you(?:.re|"
    r" are) (?:reading|receiving)|upgrade to paid|start writing|untitled|photo by|image (?:by|credit)|source:|via:|"
    r"tags?:|filed under|article url|leer (?:el|más)|lire la suite|weiterlesen|co-authored-by)",
    re.IGNORECASE,
)


def sentence(entry: StoredEntry) -> str:
    """Say what an entry does, or nothing."""
    match entry.kind:
        case Kind.PAPER:
            return what_they_did(entry.summary, entry.title)
        case Kind.VIDEO:
            return _of_video(entry.summary, entry.title)
        case Kind.POST:
            return _of_post(entry.summary, entry.title)


def _of_video(description: str, title: str) -> str:
    """Find the first prose that is no shop, sponsor, link, chapter or hashtag line."""
    lines = [flat(line) for line in description.splitlines()[:_MOST_LINES]]
    for line, following in zip_longest(lines, lines[1:], fillvalue=""):
        if _may_hold_prose(line) and not _leads_away(following):
            said = _first(_until_promotion(_without_hashtags(line)), title)
            if said:
                return said
    return ""


def _of_post(subtitle: str, title: str) -> str:
    """Give the subtitle; of a longer text the first sentence; never the title again, nor a widget's text."""
    paragraphs = [_without_widgets(each) for each in subtitle.split("\n\n")[:_MOST_LINES]]
    is_alone = paragraphs == [flat(subtitle)]
    for text in paragraphs:
        if text.endswith(":") or is_same_text(text, title):
            continue
        # A heading or a salutation above a longer text is short, too.
        if len(text) <= LONGEST and not _TRUNCATED.search(text) and (is_alone or _is_sentence(text)):
            return text
        said = _first(split(text), title)
        if said:
            return said
    return ""


def _first(sentences: Iterable[str], title: str) -> str:
    """Give the first sentence that can be shown, if it is among the first few."""
    for each in islice(sentences, _MOST_TRIED):
        if _TRUNCATED.search(each) or is_same_text(each, title) or not _is_sentence(each) or _is_cry(each):
            continue
        said = shortened(each) if len(each) <= LONGEST_READ else ""
        if said:
            return said
    return ""


def _is_cry(text: str) -> bool:
    return text.endswith("!") and len(text.split()) < _LEAST_WORDS * 2


def _may_hold_prose(line: str) -> bool:
    is_caption = _LINK_LINE.match(line.rpartition(" ")[2]) and len(list(split(line))) < _LEAST_SENTENCES
    return not (is_caption or _TIMECODE.match(line) or _BULLET.match(line) or line.endswith(":") or line.isupper())


def _without_hashtags(line: str) -> str:
    """Cut the hashtags behind a line's prose."""
    words = line.split(" ")
    while words and words[-1].startswith("#"):
        words.pop()
    return " ".join(words)


def _leads_away(line: str) -> bool:
    """Tell a link, or an offer with one: the line above it is its caption."""
    return bool(_LINK_LINE.match(line) or (_PROMOTION.search(line) and _ADDRESS.search(line)))


def _until_promotion(line: str) -> Iterator[str]:
    """Give a line's sentences up to the first that promotes something."""
    for each in split(line):
        if _ADDRESS.search(each) or _PROMOTION.search(each) or _MARKUP.search(each) or _HASHTAG.search(each):
            return
        yield each


def _is_sentence(text: str) -> bool:
    return sum(any(letter.isalpha() for letter in word) for word in text.split()) >= _LEAST_WORDS


def _without_widgets(paragraph: str) -> str:
    return flat(" ".join(line for line in paragraph.splitlines() if not _WIDGET.match(line.strip())))
