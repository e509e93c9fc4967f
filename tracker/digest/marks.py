"""Serve readback and merge: what stands in an issue's file: its label, its entries' links, and their boxes; pure.

An entry is a list item that begins with a link; the link says which work it is. The file is the reader's: bullets,
wrapping, line ends, indentation, name and place may be other ones than ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tracker.digest.front import said
from tracker.models import MarkName
from tracker.sources import canonical_url, work_key

ITEM = re.compile(r"(?P<bullet>[\s>]*(?:[-*+]|\d{1,9}[.)])[ \t]+)(?:\[(?P<box>[^\]])\][ \t]+)?(?P<text>\S.*)")
LABEL = r"\d{4}(?:-W\d{2}|-\d{2}(?:-\d{2})?)(?:-\d{1,3})?"
_LINK = re.compile(
    r"[*_~=\s]*(?:\[(?P<title>(?:\\.|[^\[\]\\]|\[[^\[\]]*\])*)\]\(\s*<?(?P<url>https?://[^\s<>()]*(?:\([^\s()]*\)[^\s<>()]*)*)"
    r"|<?(?P<bare>https?://[^\s<>]+))"
)
_BREAK = re.compile(r"\s*(?:$|#{1,6}\s|[-*+]\s|\d{1,9}[.)]\s|```|~~~|---)")
_FENCE = re.compile(r"[\s>]*(?:```|~~~)")
_MARKS = {"x": MarkName.DONE, "X": MarkName.DONE, "*": MarkName.STARRED, "-": MarkName.HIDDEN}


@dataclass(frozen=True, slots=True)
class Ticked:
    """An entry as it stands in a file: the key that its link gives, its title, and what is in its box, None without."""

    key: str
    title: str
    box: str | None

    @property
    def mark(self) -> MarkName | None:
        """What the box says; nothing where it is empty or holds a sign of the reader's own."""
        return _MARKS.get(self.box or "")

    @property
    def is_empty(self) -> bool:
        """Whether there is a box with nothing in it."""
        return self.box == " "


def link_key(url: str) -> str:
    """Give the key of the work that a link leads to, "" for what is no web address; a version does not count."""
    found = work_key(url)
    if found:
        return found
    canonical = canonical_url(url)
    return f"web:{canonical}" if canonical else ""


def label_in(text: str) -> str:
    """Give the label of the issue that a file's front matter names, "" without one."""
    label = said(text, "issue")
    return label if re.fullmatch(LABEL, label) else ""


def is_closed(text: str) -> bool:
    """Tell whether a file's front matter says that its issue is closed; editors sort and quote it as they like."""
    return said(text, "status") == "closed"


def entries_in(text: str) -> Iterator[Ticked]:
    """Give the entries of a file, in their order; what stands in a block of code is none."""
    lines = text.removeprefix("\ufeff").splitlines()
    is_code = False
    for number, line in enumerate(lines):
        if _FENCE.match(line):
            is_code = not is_code
        elif not is_code and (found := entry_at(lines, number)):
            yield found


def entry_at(lines: Sequence[str], number: int) -> Ticked | None:
    """Read the entry that begins in a line; an editor may have wrapped it."""
    item = ITEM.match(lines[number])
    if not item:
        return None
    link = _LINK.match(item["text"]) or _LINK.match(" ".join((item["text"], *_continued(lines, number))))
    if not link:
        return None
    key = link_key(link["url"] or link["bare"])
    return Ticked(key, link["title"] or "", item["box"]) if key else None


def _continued(lines: Sequence[str], number: int) -> Iterable[str]:
    """Give the lines that go on with an item's first paragraph; a title is never wrapped into more than a few."""
    for line in lines[number + 1 : number + 8]:
        if _BREAK.match(line):
            return
        yield line.strip()
