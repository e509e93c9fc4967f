"""Make bytes into text that a parser cannot choke on, and say what a document is that is no feed; first step of parse.

feedparser and expat are quick on honest feeds and slow, greedy or surprised on hostile ones; what they cannot bear is
refused or taken out here, in linear time, before they see it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tracker.errors import ParseError
from tracker.poll.parse.limits import refuse_too_much

MOST_BROKEN = 10_000  # pieces that are no UTF-8; each is a call back into Python
MOST_EXPANSION = 2**20  # characters that a document's own entities may grow to

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# "<?xm" without a byte order mark, XML 1.0 appendix F.
_SIGNS = (
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
_DECLARED = re.compile(rb"\s{0,100}<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
# Their decoders take quadratic time, or are no character sets at all.
_NO_CHARSETS = frozenset(("idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"))
_SUPERSETS = {"gb2312": "gb18030", "iso8859-1": "cp1252", "ascii": "utf-8"}

_PROLOG = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[<>]*(\[)?", re.IGNORECASE)
_SUBSET_END = re.compile(r"\]\s{0,100}>")
_LONGEST_SUBSET = 2**16
_ENTITY = re.compile(r"<!ENTITY\s+([\w.-]{1,40})\s+(?:\"([^\"]{0,500})\"|'([^']{0,500})')\s*>")
_PREDEFINED = frozenset(("lt", "gt", "amp", "quot", "apos"))
_ROOT = re.compile(r"<(?:\?xml\b|(?:[\w.-]{1,40}:)?(?:rss|feed|rdf)\b|channel\b)", re.IGNORECASE)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-f]+)|([0-9]+));", re.IGNORECASE)
_CONTROLS = bytes([*range(9), 11, 12, *range(14, 32)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An answer as text; `was` says in a few words what it is when it is no feed, for the error's sentence."""

    text: str
    was: str
    warnings: tuple[str, ...] = ()


def read(body: bytes, *, content_type: str) -> Document:
    """Decode an answer; nothing is refused yet."""
    text, warnings = _decode(body, content_type=content_type)
    text = text.lstrip("\ufeff \t\r\n")
    return Document(text=text, was=_what(text, body), warnings=warnings)


def tame(document: Document) -> Document:
    """Take out of an XML document what would stop or hurt a parser; refuse what is too much of anything.

    Raises ParseError, TooManyEntriesError. The prolog is made anew; only harmless entities stay declared.
    """
    text, warnings = _without_forbidden(document.text)
    start, subset = _prolog(text)
    if start < len(text) and not text.startswith("<", start):
        root = _ROOT.search(text, start)
        if root is None:
            raise ParseError(f"the answer is {document.was}, not a feed")
        warnings += ("there was other text before the document began",)
        text = text[root.start() :]
        start, subset = _prolog(text)
    text = _declarations(text, start, subset=subset) + text[start:]
    refuse_too_much(text)
    return Document(text=text, was=document.was, warnings=document.warnings + warnings)


def _decode(body: bytes, *, content_type: str) -> tuple[str, tuple[str, ...]]:
    """Try mark, header, declaration (M89), UTF-8; at last windows-1252 for whatever is no UTF-8."""
    failed: list[str] = []
    for name, mark in _charsets(body, content_type):
        try:
            text = body[mark:].decode(name)
        except (UnicodeError, LookupError):
            failed.append(name)
        else:
            return text, (f"the answer is not in {failed[0]} as it says; read as {name}",) if failed else ()
    return _mixed(body), (f"the answer is not in {failed[0]} as it says; read as windows-1252",)


def _mixed(body: bytes) -> str:
    """Read byte by byte what is no UTF-8: one broken byte must not spoil every name and address, and so every guid."""
    if body.decode("utf-8", "replace").count("\ufffd") > MOST_BROKEN:
        return body.decode("cp1252", "replace")
    return body.decode("utf-8", "tracker.windows-1252")


def _mended(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("tracker.windows-1252", _mended)


def _charsets(body: bytes, content_type: str) -> Iterator[tuple[str, int]]:
    marked = next(((name, len(mark)) for mark, name in _BOMS if body.startswith(mark)), None)
    if marked:
        yield marked  # a mark beats the header, RFC 7303 section 3
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", content_type, re.IGNORECASE)
    declared = _DECLARED.match(body)
    signs = (name for sign, name in _SIGNS if body.startswith(sign))
    for name in (found[1] if found else "", next(signs, ""), declared[1].decode() if declared else "", "utf-8"):
        if charset := known_charset(name):
            yield charset, 0


def known_charset(name: str) -> str:
    """Give Python's name of a character set, "" for an unknown one and for a codec that is none."""
    try:
        known = codecs.lookup(name).name if name else ""
        b"<".decode(known or "utf-8")
    except LookupError:  # unknown, or a codec that makes no text
        return ""
    except UnicodeError:  # more than one byte a character
        pass
    return "" if known in _NO_CHARSETS else _SUPERSETS.get(known, known)


def _without_forbidden(text: str) -> tuple[str, tuple[str, ...]]:
    """Drop characters, and references to them, that XML 1.0 forbids: each would cost the whole strict parse."""
    kept = _REFERENCE.sub(_allowed, _FORBIDDEN.sub("", text) if _has_forbidden(text) else text)
    return kept, ("characters that XML forbids were left out",) if kept != text else ()


def _has_forbidden(text: str) -> bool:
    """Look for what is forbidden among the bytes: 0.1 ms a feed, where the expression takes 1."""
    try:
        written = text.encode()
    except UnicodeEncodeError:  # half of a pair
        return True
    return len(written.translate(None, _CONTROLS)) < len(written) or "\ufffe" in text or "\uffff" in text


def _allowed(found: re.Match[str]) -> str:
    digits = found[1] or found[2]
    if len(digits) > 10:
        return ""
    code = int(digits, 16 if found[1] else 10)
    return "" if code > 0x10FFFF or _FORBIDDEN.match(chr(code)) else found[0]


def _prolog(text: str) -> tuple[int, str]:
    """Find where the root element begins, and the DOCTYPE's internal subset on the way to it."""
    position = 0
    subset = ""
    while True:
        if found := _PROLOG.match(text, position):
            position = found.end()
        elif found := _DOCTYPE.match(text, position):
            position, subset = _after_doctype(text, found)
        else:
            return position, subset


def _after_doctype(text: str, found: re.Match[str]) -> tuple[int, str]:
    if not found[1]:
        return found.end() + (1 if text.startswith(">", found.end()) else 0), ""
    end = _SUBSET_END.search(text, found.end(), found.end() + _LONGEST_SUBSET)
    if end is None:
        raise ParseError("the document's DOCTYPE declares more than an honest feed's would")
    return end.end(), text[found.end() : end.start()]


def _declarations(text: str, start: int, *, subset: str) -> str:
    """Declare again the entities whose values are plain text; refuse those that grow (an entity bomb)."""
    values: dict[str, str] = {}
    for name, double, single in _ENTITY.findall(subset):
        value = double or single
        nested = set(re.findall(r"&([\w.-]+);", value)) - _PREDEFINED
        if nested:
            raise ParseError("the document's entities are made of other entities, which no honest feed needs")
        if not re.search(r"[<%\"]|&(?!#)", value):
            values[name] = value
    if not values:
        return ""
    grown = 0
    for found in re.finditer(r"&([\w.-]{1,40});", text[start:]):
        grown += len(values.get(found[1], ""))
        if grown > MOST_EXPANSION:
            raise ParseError("the document's entities grow it beyond any honest feed's size")
    lines = "".join(f'<!ENTITY {name} "{value}">\n' for name, value in values.items())
    return f"<!DOCTYPE feed [\n{lines}]>\n"


def _what(text: str, body: bytes) -> str:
    """Say in a few words what an answer is, for the sentence "the answer is …, not a feed" (M7)."""
    head = text[:4096].lower()
    if not text:
        return "empty"
    if body.startswith((b"%PDF", b"\x1f\x8b", b"PK\x03\x04", b"\x89PNG", b"GIF8", b"\xff\xd8\xff")) or "\x00" in head:
        return "no text but binary data"
    if head.startswith(("{", "[")):
        return "JSON"
    position, _ = safe_prolog(text)
    root = re.match(r"<([A-Za-z_][\w.:-]{0,40})", text[position : position + 60])
    if "<!doctype html" in head or "<html" in head:
        return _which_page(text[:200_000].lower())
    if root:
        return _ROOTS.get(root[1].lower(), f"an XML document of the kind <{root[1]}>")
    return "plain text" if "<" not in head else "text with some markup"


_ROOTS = {
    "opml": "an OPML list of feeds",
    "urlset": "a sitemap",
    "sitemapindex": "a list of sitemaps",
    "rss": "an empty shell of RSS",
    "feed": "an XML document of the kind <feed> that is not Atom",
    "rdf:rdf": "RDF of another kind",
}


def safe_prolog(text: str) -> tuple[int, str]:
    """Find where the root element begins, and the DOCTYPE's subset; the whole is its own root where that is hidden."""
    try:
        return _prolog(text)
    except ParseError:
        return 0, ""


def _which_page(page: str) -> str:
    if "/cdn-cgi/challenge-platform" in page or "cf-chl" in page or "<title>just a moment" in page:
        return "a Cloudflare challenge page"
    if "consent.youtube.com" in page or "consent.google.com" in page:
        return "a consent page"
    if 'type="password"' in page:
        return "a login page"
    return "an HTML page"
