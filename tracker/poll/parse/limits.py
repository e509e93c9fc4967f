"""Refuse a document that holds too much of anything for a parser, in linear time; document asks before parsing."""

from __future__ import annotations

import re

from tracker.errors import ParseError, TooManyEntriesError

MOST_ENTRIES = 10_000  # 100,000 take feedparser 17 s and 220 MiB
MOST_ELEMENTS = 400_000  # outside CDATA; feedparser needs some 15 µs and 300 bytes for each
DEEPEST = 5_000
LONGEST_RUN = 5_000  # characters without a blank in a name; feedparser looks for an address in quadratic time
MOST_CATEGORIES = 2_000  # of one entry; feedparser compares each with each

ENTRY = re.compile(r"<(?:[\w.-]{1,40}:)?(?:item|entry)[\s/>]", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z_][^<>]*>")
_CATEGORY = re.compile(r"<(?:[\w.-]{1,40}:)?(?:category|subject|keywords|tags)[\s/>]", re.IGNORECASE)
_WORDS = re.compile(r"<(?:[\w.-]{1,40}:)?(?:keywords|tags)[\s>]", re.IGNORECASE)
PERSON = re.compile(
    r"<((?:[\w.-]{1,40}:)?(?:author|creator|managingeditor|webmaster|publisher|owner|contributor))[\s/>]", re.IGNORECASE
)
_PREFIX = re.compile(r"xmlns:([\w.-]{1,40})\s*=")


def refuse_too_much(text: str) -> None:
    """Raise ParseError or TooManyEntriesError for an XML document that would hurt a parser."""
    if has_too_many(text):
        raise TooManyEntriesError(f"the document holds more than {MOST_ENTRIES:,} entries")
    markup = "".join(piece.partition("]]>")[2] for piece in f"]]>{text}".split("<![CDATA["))
    if markup.count("<") > MOST_ELEMENTS:
        raise ParseError(f"the document holds more than {MOST_ELEMENTS // 2:,} elements")
    if len(set(_PREFIX.findall(markup))) > 200:
        raise ParseError("the document declares more namespaces than any honest feed")
    _refuse_depth(markup)
    _refuse_categories(text)
    _refuse_names(text)


def has_too_many(text: str) -> bool:
    """Tell whether a document holds more entries than are read; they are only counted where tags are as many."""
    tags = text.count("<")
    starts = tags if tags <= MOST_ENTRIES else tags - text.count("</")
    return starts > MOST_ENTRIES and sum(1 for _ in ENTRY.finditer(text)) > MOST_ENTRIES


def _refuse_depth(markup: str) -> None:
    depth, most = 0, markup.count("<") - markup.count("</")
    for found in _TAG.finditer(markup) if most > DEEPEST else ():
        tag = found[0]
        depth += -1 if tag[1] == "/" else 0 if tag[-2] == "/" else 1
        if depth > DEEPEST:
            raise ParseError(f"the document's elements lie more than {DEEPEST:,} deep in each other")


def _refuse_categories(text: str) -> None:
    categories = sum(1 for _ in _CATEGORY.finditer(text))
    if not categories or (categories <= MOST_CATEGORIES and not _WORDS.search(text)):
        return
    starts = [found.start() for found in ENTRY.finditer(text)]
    for begin, end in zip([0, *starts], [*starts, len(text)], strict=True):
        words = sum(
            text.count(",", found.end(), _end_of(text, found.end(), end)) for found in _WORDS.finditer(text, begin, end)
        )
        if words + sum(1 for _ in _CATEGORY.finditer(text, begin, end)) > MOST_CATEGORIES:
            raise ParseError(f"an entry of the document has more than {MOST_CATEGORIES:,} categories")


def _end_of(text: str, position: int, end: int) -> int:
    found = text.find("</", position, end)
    return end if found < 0 else found


def _refuse_names(text: str) -> None:
    position = 0
    while found := PERSON.search(text, position):
        close = text.find(f"</{found[1]}", found.end())
        position = len(text) if close < 0 else close
        if position - found.end() < LONGEST_RUN:
            continue
        name = re.sub(r"<!\[CDATA\[|\]\]>|<[^<>]*>", "", re.sub(r"&#\w+;", "x", text[found.end() : position]))
        if re.search(rf"[^\s,;:/<>\"()]{{{LONGEST_RUN}}}", name):
            raise ParseError(f"a name in the document runs on for more than {LONGEST_RUN:,} characters")
