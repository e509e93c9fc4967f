"""Judge outputs that hold a stranger's words: a page, what a terminal gets, JSON; each check names what got loose."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

import yaml

from tests.factories import BEFORE_NUMBERS
from tests.markdown_readers import READERS, github_links

# The page's own markup; h3 and below, tables, quotations, images, rules and any HTML are nobody's.
OURS = {"h1", "h2", "ul", "li", "p", "a", "code", "br", "em", "strong"}
KEYS = {"title", "date", "issue", "status", "from", "to", "tags", "minutes", "feeds_in_trouble"}
LONGEST_LINK = 1_000  # bytes; a page has ten times that
HEADINGS = {"## Next in your course", "## Watch", "## Read", "## Papers", "## Feeds"}
# What Obsidian, Hugo, pandoc, GitHub or a templating engine would act on, outside of code and of our own links.
_DIALECTS = {
    "wiki link": r"\[\[",
    "image": r"!\[",
    "shortcode or attribute": r"\{[{%<#.]",
    "tag": r"(?:^|\s)#\w",
    "comment": r"%%",
    "highlight": r"==",
    "field": r"::",
    "strikethrough": r"~",
    "footnote or block id": r"\^",
    "formula": r"\$",
    "table": r"\|",
    "HTML or autolink": r"<",
    "mention": r"(?:^|\s)@\w",
    "emoji code": r"(?<!\w):[\w+-]+:",
    "scheme": r"(?<!\w)(?:https?|ftp|file|data|javascript|obsidian)://",
    "entity": r"&#?\w+;",
}
_OWN = re.compile(
    r"\\.|`[^`]*`|\]\(https?://[A-Za-z0-9!#'*+,\-./:;=?@_~%&]+\)|^(?:# |## |- \[ \] |- )", re.DOTALL | re.MULTILINE
)


def check_page(page: str, targets: Collection[str], *, title: str) -> int:
    """See that a page is ours: its front matter, its headings, and no links but to `targets`; give how many there are."""
    _, front, body = page.split("---\n", 2)
    properties = yaml.safe_load(front)
    assert set(properties) <= KEYS
    assert properties["title"].startswith(title)
    assert properties["tags"] == ["digest"]
    lines = body.split("\n")
    headings = [line for line in lines if line.startswith("#")]
    assert headings[0].startswith(f"# {title} · ")
    assert set(headings[1:]) <= HEADINGS
    assert len(set(headings)) == len(headings)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", page)
    counts = {_check_read(read(body), lines, targets) for read in READERS}
    assert len(counts) == 1
    assert not github_links(body), (github_links(body), body)
    _check_dialects(body)
    return counts.pop()


def _check_read(seen: Any, lines: list[str], targets: Collection[str]) -> int:
    """See one reader's page; give the number of its links."""
    assert set(seen.tags) <= OURS, set(seen.tags) - OURS
    assert seen.tags.count("h1") + seen.tags.count("h2") == sum(line.startswith("#") for line in lines)
    assert seen.tags.count("li") == sum(line.startswith("- ") for line in lines)
    for text, target in seen.links:
        assert target in targets, target
        assert urlsplit(target).scheme in {"http", "https"}
        assert len(target) <= LONGEST_LINK, f"a link that takes {len(target):,} bytes of the page"
        assert any(unicodedata.category(char)[0] in "LNPS" for char in text), "a link that nobody sees"
        assert undisguised(text)
    return len(seen.links)


def _check_dialects(body: str) -> None:
    """See that nothing is left for readers of other dialects; shortcodes count inside of code, too."""
    assert not re.search(r"\{\{[<%]", body)
    bare = _OWN.sub(lambda found: "\x00" if found[0].startswith("\\") else "", body)
    for name, pattern in _DIALECTS.items():
        found = re.search(pattern, bare, re.MULTILINE | re.IGNORECASE)
        assert not found, (name, bare[max(0, found.start() - 40) : found.end() + 40])


def undisguised(text: str) -> bool:
    """Tell whether a text holds no character that hides or turns others; joiners are let through."""
    hidden = {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    return hidden <= {"\u200c", "\u200d"} | BEFORE_NUMBERS


def check_terminal(text: str) -> None:
    """See that nothing in a text steers a terminal, hides, or buries the lines around it."""
    steering = {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}}
    assert steering <= {"\n"}, steering
    assert not any(char in text for char in "\u3164\u115f\uffa0\u2800\U000e0100")
    marks = "".join("m" if unicodedata.category(char) in {"Mn", "Me"} else " " for char in text)
    assert max(map(len, marks.split()), default=0) <= 6


def check_json(text: str) -> Any:
    """See that JSON is ASCII without controls, and give what it says."""
    assert re.fullmatch(r"[\n\x20-\x7e]*", text)
    return json.loads(text)
