"""Read a page with two independent implementations of CommonMark: what links, headings and markup they see."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

import mistletoe
from markdown_it import MarkdownIt
from mistletoe.html_renderer import HtmlRenderer


@dataclass
class Seen:
    """What a reader of Markdown sees: plain text, links (text and target), and any other markup."""

    text: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


def read_with_markdown_it(source: str, *, preset: str = "commonmark") -> Seen:
    """Read with markdown-it-py; "gfm-like" adds tables and strikethrough (its linkify needs another package)."""
    reader = MarkdownIt(preset, {"linkify": False}) if preset == "gfm-like" else MarkdownIt(preset)
    return _seen(reader.render(source))


def read_with_mistletoe(source: str) -> Seen:
    """Read with mistletoe."""
    with HtmlRenderer() as renderer:
        return _seen(renderer.render(mistletoe.Document(source)))


def github_links(source: str) -> list[str]:
    """List what GitHub would link by itself (GFM 6.9), code and our own links left out.

    It looks for "www." and "https://" in the source as it stands, for mail addresses in the text whose escapes are
    read. This finds a little more than GitHub's own reader does.
    """
    bare = _OWN.sub(lambda found: found[1] or "\x00", source)
    rendered = re.sub(r"<code>.*?</code>", "\x00", MarkdownIt("commonmark").render(source), flags=re.DOTALL)
    text = html.unescape(_TAG.sub("", rendered))
    return [found[0] for found in _WEB.finditer(bare)] + [found[0] for found in _MAIL.finditer(text)]


_OWN = re.compile(r"(\\.)|`[^`]*`|\]\([^()\s]*\)", re.DOTALL)
_WEB = re.compile(r"(?:(?<=[\s*_~(])|^)www\.|(?<![A-Za-z])(?:https?|ftp)://\w", re.IGNORECASE)
_MAIL = re.compile(r"(?:[A-Za-z0-9.+_-]+|xmpp:|mailto:)@[A-Za-z0-9._-]*\.[A-Za-z0-9]")
READERS = (
    read_with_markdown_it,
    lambda source: read_with_markdown_it(source, preset="gfm-like"),
    read_with_mistletoe,
)
_TAG = re.compile(r"<(/?)([a-z0-9]+)((?:\s[^<>]*)?)>")


def _seen(rendered: str) -> Seen:
    """Take HTML apart that a renderer made; feed text cannot hold a raw tag there, or it is what we look for."""
    seen = Seen()
    seen.tags = [found[2] for found in _TAG.finditer(rendered) if not found[1]]
    for found in re.finditer(r'<a href="([^"]*)"[^>]*>(.*?)</a>', rendered, re.DOTALL):
        seen.links.append((html.unescape(_TAG.sub("", found[2])), html.unescape(found[1])))
    seen.text = html.unescape(_TAG.sub("", rendered)).strip("\n")
    return seen
