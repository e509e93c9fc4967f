"""Stand beside the flow: an OPML file, as feed readers exchange their subscriptions ↔ outlines; pure.

A file comes from anywhere. Only the tags that matter are taken out of it, each found by the next "<": linear in its
size, with no comment, declaration or entity left. What is left is small and balanced when listparser reads it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import quoteattr

from tracker.errors import TrackerError
from tracker.subscribe.discover import attributes_of, cut_tag

LARGEST = 10_000_000  # bytes; ten thousand feeds are three million
MOST_OUTLINES = 10_000
DEEPEST = 20  # folders in folders
LONGEST_OUTLINE = 16_000  # characters; descriptions stand in some

_START = re.compile(
    r"<(?:(?P<skipped>!--|!\[CDATA\[|[!?])|(?P<end>/?)(?:[\w.-]+:)?(?P<name>outline|opml)(?=[\s/>]))", re.IGNORECASE
)
_SKIPPED = {"!--": "-->", "![CDATA[": "]]>", "?": ">", "!": ">"}
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(r"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.-]{1,40})")
_KEPT = ("text", "title", "type", "category", "xmlurl", "url")


class OpmlError(TrackerError):
    """The file is no OPML that feeds can be read from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """One feed of an OPML file: its address, its title, and the names of the folders and categories that it is in.

    `problem` says why there is no feed to follow, "" where there is an address at least.
    """

    url: str = ""
    title: str = ""
    tags: tuple[str, ...] = ()
    problem: str = ""


def read_opml(raw: bytes) -> tuple[Outline, ...]:
    """Read the outlines of a file, one for each address; raises OpmlError for what is no OPML, or too much of it."""
    if len(raw) > LARGEST:
        raise OpmlError(f"it is larger than {LARGEST // 1_000_000} MB: no list of feeds is")
    skim = _skim(_decoded(raw))
    if not skim.count:
        raise OpmlError("it is no OPML file with feeds: it has no <outline>")
    return (*_read(skim), *skim.bare)


def write_opml(outlines: Iterable[Outline], *, title: str, now: datetime) -> bytes:
    """Write OPML 2.0, in ASCII: other characters are written as references, which no terminal acts on."""
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    root = Element("opml", version="2.0")
    head = SubElement(root, "head")
    SubElement(head, "title").text = _allowed(title)
    SubElement(head, "dateCreated").text = format_datetime(now, usegmt=True)
    body = SubElement(root, "body")
    for each in outlines:
        name, url = _allowed(each.title), _allowed(each.url)
        outline = SubElement(body, "outline", text=name, title=name, type="rss", xmlUrl=url)
        if each.tags:
            # Commas part categories and slashes their levels: a tag that has one cannot be told as it is.
            outline.set("category", ",".join(re.sub(r"[,/]+", "-", _allowed(tag)) for tag in each.tags))
    indent(root)
    return bytes(tostring(root, encoding="us-ascii", xml_declaration=True)) + b"\n"


def _allowed(text: str) -> str:
    """Take out what XML 1.0 cannot hold, not even as a reference."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text)


def _decoded(raw: bytes) -> str:
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return raw.removeprefix(mark).decode(encoding, "replace")
    from tracker.poll.parse.document import known_charset

    declared = _DECLARED.search(raw[:400].decode("ascii", "replace"))
    return raw.decode((known_charset(declared[1]) if declared else "") or "utf-8", "replace")


# ---------------------------------------------------------------- a file → its outlines' tags


@dataclass(slots=True)
class _Skim:
    """The tags that matter, written anew, and the outlines that hold neither an address nor others."""

    tags: list[str] = field(default_factory=list)
    bare: list[Outline] = field(default_factory=list)
    count: int = 0
    # The outlines that are open: what to say of each that holds no other, None of one with an address.
    nest: list[Outline | None] = field(default_factory=list)

    def open(self, attributes: Mapping[str, str]) -> None:
        self.count += 1
        if self.count > MOST_OUTLINES:
            raise OpmlError(f"it has more than {MOST_OUTLINES:,} outlines: no list of feeds does")
        if self.nest:
            self.nest[-1] = None
        self.nest.append(None if _has_address(attributes) else _bare(attributes))
        if len(self.nest) > DEEPEST:
            raise OpmlError(f"its folders are nested more than {DEEPEST} deep")
        kept = "".join(f" {name}={quoteattr(attributes[name])}" for name in _KEPT if name in attributes)
        self.tags.append(f"<outline{kept}>")

    def close(self) -> None:
        if not self.nest:
            return
        bare = self.nest.pop()
        self.tags.append("</outline>")
        if bare:
            self.bare.append(bare)


def _has_address(attributes: Mapping[str, str]) -> bool:
    is_link = attributes.get("type", "").lower() in {"link", "include"}
    return bool(attributes.get("xmlurl", "").strip() or (is_link and attributes.get("url", "").strip()))


def _bare(attributes: Mapping[str, str]) -> Outline:
    title = attributes.get("text", "").strip() or attributes.get("title", "").strip()
    page = attributes.get("htmlurl", "").strip()
    hint = ", only a page's: tracker subscribe looks for its feed" if page else ""
    return Outline(url=page, title=title, problem=f"no feed's address (xmlUrl){hint}")


def _skim(text: str) -> _Skim:
    found = _Skim()
    for is_end, tag in _tags(text):
        if is_end:
            found.close()
        else:
            found.open(attributes_of(tag))
        if tag.endswith("/>"):
            found.close()
    while found.nest:
        found.close()
    return found


def _tags(text: str) -> Iterator[tuple[bool, str]]:
    """Yield the outlines' tags in order, and whether each ends one."""
    place = 0
    while start := _START.search(text, place):
        if start["skipped"]:
            end = text.find(_SKIPPED[start["skipped"]], start.end())
            # A comment that never ends is the rest of the file.
            place = end + 1 if end >= 0 else len(text)
            continue
        tag, place = cut_tag(text, start.start(), longest=LONGEST_OUTLINE)
        if place < 0:
            return
        if start["name"].lower() == "outline":
            if not tag.endswith(">"):  # too long: it still opens a folder, or none
                tag = "<outline/>" if text[place - 2] == "/" else "<outline>"
            yield bool(start["end"]), re.sub(r"^<(?:[\w.-]+:)?\w+", "<outline", tag)


# ---------------------------------------------------------------- tags → outlines


def _read(skim: _Skim) -> Iterator[Outline]:
    import listparser

    # Bytes: a text that begins like a URL would be asked for.
    found = listparser.parse(f'<opml version="2.0">{"".join(skim.tags)}</opml>'.encode())
    for each in found["feeds"]:
        yield Outline(url=each["url"], title=each["title"], tags=tuple(_names(each["categories"])))
    for each in found["lists"]:
        yield Outline(url=each["url"], title=each["title"], problem="a link to another list: import that file")


def _names(categories: Iterable[Iterable[str]]) -> Iterator[str]:
    """Give the name of each folder and category, each level by itself, once."""
    yield from dict.fromkeys(name for path in categories for name in path if name)
