r"""Serve render: make any text harmless in Markdown as CommonMark, GitHub, Obsidian, Hugo and pandoc read it; pure.

Strangers write the texts. What reads back after parsing is the same text, and it is nothing but
text: no link, heading, HTML, image, tag, shortcode, formula, footnote, task box or block id. Where
no reader of Markdown would take a character for markup it stays bare (`snake_case`, `C#`), so that
the file is pleasant in a pager too, LaTeX included (M64).
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from tracker.visible import is_blank, seen

UNTITLED = "Untitled"
LONGEST_TEXT = 400
# Bytes of a link's destination, as encoded. Servers read 8,000 (RFC 9110, 4.1), but the whole page has 10,000: one such
# link would push the other entries off. Addresses that people read are a tenth of this.
LONGEST_LINK = 1_000

_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"[\s\x1c-\x1f\x85\u2028\u2029]+")

# What readers of Markdown link by themselves. GitHub links an address in spite of a backslash, but
# not inside a code span, which is also the more readable form.
_MAIL = r"[A-Za-z0-9][\w.+\-]*@[A-Za-z0-9][A-Za-z0-9\-]*(?:\.[A-Za-z0-9][A-Za-z0-9\-]*)+"
_WEB = r"(?:(?:https?|ftp)://|www\.)[A-Za-z0-9][\w.\-/?&=+#~:;,%@!*'()]*[\w/=]"
_BEFORE, _AFTER = r"(?<![\w.+\-\\`@/])", r"(?![\w`\\@\-/])"
_MARKUP = re.compile(
    rf"(?P<address>{_BEFORE}(?a:{_WEB}|{_MAIL}){_AFTER})"
    r"|(?P<always>[\\`*\[\]<$|~^{])"
    r"|(?P<under>_)"
    r"|(?P<hash>(?<![A-Za-z0-9])#|#(?=\w))"
    r"|(?P<entity>&(?=#?\w{1,40};))"
    r"|(?P<scheme>:(?=//)|(?<=mailto):|(?<=xmpp):|:(?=[\w+\-]+:))"
    r"|(?P<double>(?<=[%=:])[%=:]|[%=:](?=[%=:]))"
    r"|(?P<dot>(?<=(?<![^\W_])www)\.)"
    r"|(?P<mail>(?:(?<=[A-Za-z0-9.+_\-])|(?<=xmpp:)|(?<=mailto:))@(?=(?a:[\w.\-]*\.[A-Za-z0-9])))"
    r"|(?P<at>@)",
    re.IGNORECASE,
)
_LINE_START = re.compile(r"(?:[-+>=:%!#](?=\s|$|[-+>=:%!#])|(?:>))|\d{0,9}(?=[.)](?:\s|$))")
_DESTINATION = "!#'*+,-./:;=?@_~%&"  # what a link destination may hold bare, beside letters and digits
_SPLIT = re.compile(r"[\t\r\n]")  # browsers drop these from a URL
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ENTITY = re.compile(r"(&#?\w{1,40});", re.ASCII)


class Safe(str):
    """Markdown that may go into a page as it is. Any operation on it gives a plain string again, which is escaped."""

    __slots__ = ()


def plain(text: str) -> str:
    """Make one line of text that has only visible characters, whitespace as single spaces, and an end."""
    visible = seen(_SURROGATE.sub("\ufffd", text[: 10 * LONGEST_TEXT]))
    line = _SPACE.sub(" ", visible).strip()
    return line if len(line) <= LONGEST_TEXT else line[: LONGEST_TEXT - 1].rstrip() + "…"


def escape(text: str) -> Safe:
    """Escape one line of text for any place inside a line, a link's text, or the start of a line."""
    line = plain(text)
    escaped = _MARKUP.sub(lambda found: _escaped(found, line), line)
    return Safe(_start(escaped))


def destination(url: str) -> Safe:
    """Make a link destination: http and https only, percent-encoded; "" for anything else, and for what is too long."""
    target = _encoded(url)
    return target if len(target) <= LONGEST_LINK else Safe("")


def is_too_long(url: str) -> bool:
    """Tell whether an address that could be linked takes too much of a page."""
    return len(_encoded(url)) > LONGEST_LINK


def _encoded(url: str) -> Safe:
    cleaned = _SPLIT.sub("", seen(_SURROGATE.sub("", url))).strip()
    try:
        parts = urlsplit(cleaned)
        has_user = "@" in parts.netloc
        host = parts.hostname or ""
    except ValueError:
        return Safe("")
    if parts.scheme.lower() not in {"http", "https"} or not host or has_user:
        return Safe("")
    rest = cleaned[len(parts.scheme) :]
    encoded = quote(_STRAY_PERCENT.sub("%25", rest), safe=_DESTINATION)
    return Safe(parts.scheme.lower() + _ENTITY.sub(r"\1%3B", encoded))


def link(title: str, url: str) -> Safe:
    """Make a link, or only its text where there is no destination; the text is never empty."""
    text = Safe(UNTITLED) if is_blank(plain(title)) else escape(title)
    target = destination(url)
    return Safe(f"[{text}]({target})") if target else text


def code(text: str) -> Safe:
    """Make a code span of a command; a backtick in it becomes an apostrophe."""
    return Safe(f"`{plain(text).replace('`', chr(39))}`")


def fill(pattern: str, *values: object) -> Safe:
    """Put values into our own Markdown, each `{}` escaped unless it is Safe already."""
    return Safe(pattern.format(*(value if isinstance(value, Safe) else escape(str(value)) for value in values)))


def _escaped(found: re.Match[str], line: str) -> str:
    """Put a backslash before markup; an address, or the sign that would make one, becomes a code span."""
    text, kind = found[0], found.lastgroup
    if kind in {"address", "mail"}:
        return f"`{text}`"
    if kind == "under" and _is_inside_word(line, found.start()):
        return text
    if kind == "at" and not _starts_word(line, found.start()):
        return text
    if kind == "double" and not _is_doubled(line, found.start()):
        return text
    return f"\\{text}"


def _is_inside_word(line: str, at: int) -> bool:
    """Whether an underscore stands between ASCII letters or digits, where it emphasizes nothing."""
    before, after = line[at - 1 : at], line[at + 1 : at + 2]
    return before.isascii() and before.isalnum() and after.isascii() and after.isalnum()


def _starts_word(line: str, at: int) -> bool:
    return bool(line[at + 1 : at + 2].strip())


def _is_doubled(line: str, at: int) -> bool:
    """Whether the same character stands beside it: `==`, `%%` and `::` mean something, `=:` does not."""
    here = line[at]
    return here in (line[at - 1 : at], line[at + 1 : at + 2])


def _start(escaped: str) -> str:
    """Escape what would make a line a list, a quotation, a rule or a heading's underline."""
    found = _LINE_START.match(escaped)
    if not found:
        return escaped
    return escaped[: found.end()] + "\\" + escaped[found.end() :] if found[0].isdigit() else "\\" + escaped
