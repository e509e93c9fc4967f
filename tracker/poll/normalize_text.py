"""Make a feed's text plain: no markup, no invisible characters, known white space; the cleaning half of normalize.

What comes out is text that means what it says: a `<` in it is a less-than sign for whoever renders it to escape.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import nh3

from tracker.models import Text
from tracker.visible import is_blank, is_plain, seen

LONGEST_BODY = 2**20  # characters of one text that are looked at
DEEPEST = 200  # nested HTML elements; beyond that a real HTML parser takes quadratic time
MOST_LINKS = 2_000

# Names that make `<name …>` a tag; anything else in angle brackets is text (`List<int>`, `<3`).
_NAMES = frozenset(
    """
    a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink blockquote body br
    button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed
    fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe
    image img input ins kbd keygen label legend li link main map mark marquee menu menuitem meta meter nav nobr noembed
    noframes noscript object ol optgroup option output p param picture plaintext pre progress q rb rbc rp rt rtc ruby s
    samp script search section select slot small source spacer span strike strong style sub summary sup svg table tbody
    td template textarea tfoot th thead time title tr track tt u ul var video wbr xmp
    """.split()  # noqa: SIM905 -- 150 names read better in lines than one a line
)
_NAME = "|".join(sorted(_NAMES, key=lambda name: (-len(name), name)))
_BLOCKS = frozenset(
    """
    address article aside blockquote br caption center dd details dir div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol option p pre section summary table td th tr ul
    """.split()  # noqa: SIM905 -- see above
)
_UNSEEN = frozenset(("noembed", "noframes", "script", "style", "svg", "template", "title"))
# They end by themselves, so that a row of them is not a nest.
_CLOSED = frozenset(
    """
    area base basefont bgsound br col dd dt embed frame hr img input keygen li link meta option p param source td th tr
    track wbr
    """.split()  # noqa: SIM905 -- see above
)

# Made once: 11 µs a text.
_CLEANER = nh3.Cleaner(
    tags=set(_BLOCKS), attributes={}, clean_content_tags=set(_UNSEEN), link_rel=None, strip_comments=True
)

_TAG = re.compile(rf"<(/?)({_NAME})(?=[\s/>])", re.IGNORECASE)
_FOREIGN = re.compile(r"</?[a-z]\w{0,20}:[^<>]{0,500}>|<![^-<>][^<>]{0,500}>|<\?[^<>]{0,500}>", re.IGNORECASE)
# nh3 drops what stands in MathML's elements: their tags go first, and the formula's copy in TeX.
_MATH = re.compile(
    r"<annotation[\s>][^<]{0,5000}</annotation>|</?(?:annotation|math|menclose|mfrac|mi|mn|mo|mover|mpadded|mphantom|mroot"
    r"|mrow|mspace|msqrt|mstyle|msub|msubsup|msup|mtable|mtd|mtext|mtr|munder|munderover|semantics)(?=[\s/>])[^<>]{0,500}>",
    re.IGNORECASE,
)
_NO_TAG = re.compile(rf"<(?!/?(?:{_NAME})[\s/>]|!--|/?[a-z][a-z0-9]{{0,30}}-[\w.-]{{1,60}}[\s/>])", re.IGNORECASE)
_HEAD = re.compile(r"<(/?[^\s<>/]*)(?=[\s/>])|<")
_LONG_TAG = re.compile(r"<([a-z][a-z0-9-]{0,30})\s[^<>]{5000,}(?:>|$)", re.IGNORECASE)  # many attributes are slow
_ENTITY = re.compile(r"&(?:#\d{1,8}|#x[0-9a-f]{1,7}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
_EMPTY_LINES = re.compile(r"\n{3,}")
_LEFT = re.compile(r"</?[a-z0-9]+>")
# What is stored holds neither joiners nor what has no meaning beyond one program: surrogates, private use, objects.
_INVISIBLE = re.compile("[\u200c\u200d\ud800-\udfff\ue000-\uf8ff\ufffc\U000f0000-\U0010ffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")  # half a character, which JSON can say and nothing can write
# Looked for by what a link cannot do without: an expression that begins with the scheme takes ten times the time.
_LINK = re.compile(r"//[^\s<>\"'\\^`{|}]{4,2000}")
_SCHEME = re.compile(r"https?:\Z", re.IGNORECASE)


def line(text: Text, *, longest: int) -> str:
    """Give text as one line of at most `longest` characters, an ellipsis counted."""
    if _is_plain_line(text) and len(text.value) <= longest:
        return " ".join(text.value.split())
    joined = " ".join(filter(None, _lines(text, longest=longest)))
    return "" if is_blank(joined) else _cut(joined, longest)


def paragraphs(text: Text, *, longest: int) -> str:
    """Give text with its line breaks (M14), at most one empty line in a row, at most `longest` characters."""
    if _is_plain_line(text) and len(text.value) <= longest:
        return " ".join(text.value.split())
    joined = _EMPTY_LINES.sub("\n\n", "\n".join(_lines(text, longest=longest)))
    return _cut(joined.strip("\n"), longest)


def count_words(text: Text) -> int:
    """Count the words that a reader would see."""
    return len(_readable(text, LONGEST_BODY).split())


def links(text: Text, *, about: tuple[str, ...] = ("",)) -> Iterator[str]:
    """Find every http(s) link in attributes and in running text, in order; where `about` is not spoken of, none."""
    value = html.unescape(text.value[:LONGEST_BODY]) if text.is_html else text.value[:LONGEST_BODY]
    lowered = value.lower()
    if not (value and any(each in lowered for each in about)):
        return
    end = 0
    for count, found in enumerate(_LINK.finditer(value)):
        if count >= MOST_LINKS:
            return
        scheme = _SCHEME.search(value, max(end, found.start() - len("https:")), found.start())
        end = found.end()
        link = f"{scheme[0] if scheme else ''}{found[0]}".rstrip(".,;:!?*_")
        if link.count(")") > link.count("("):
            link = link.rstrip(").,;")
        yield link if link.lower().startswith("http") else f"https:{link}"


def visible(text: str) -> str:
    """Take out invisible characters, and make every white space one blank."""
    text = " ".join(text.split())
    return text if is_plain(text) else " ".join(seen(_INVISIBLE.sub("", text)).split())


def split_names(creators: tuple[str, ...]) -> tuple[str, ...]:
    """Split arXiv's list at top-level commas and cut affiliations, which stand in brackets (M56)."""
    names: list[str] = []
    for creator in creators:
        depth = 0
        name: list[str] = []
        for char in creator:
            depth = max(0, depth + (char == "(") - (char == ")"))
            if char == "," and not depth:
                names.append("".join(name))
                name = []
            elif not depth and char != ")":
                name.append(char)
        names.append("".join(name))
    return tuple(name.strip() for name in names if name.strip())


def _is_plain_line(text: Text) -> bool:
    """Tell what only its blanks can be wrong with, as nearly all names and most titles: 1 µs instead of 6."""
    return is_plain(text.value) and not (text.is_html and ("<" in text.value or "&" in text.value))


def _lines(text: Text, *, longest: int) -> list[str]:
    # Markup may take most of the room; a cut must still know that there was more.
    return [visible(each) for each in _readable(text, 16 * longest + 1000).splitlines()]


def _readable(text: Text, most: int) -> str:
    value = text.value[:most]
    value = _SURROGATE.sub("", value) if _has_surrogates(value) else value
    return _without_markup(value) if text.is_html else value


def _has_surrogates(value: str) -> bool:
    try:
        value.encode()  # a tenth of what an expression takes
    except UnicodeEncodeError:
        return True
    return False


def _without_markup(value: str) -> str:
    """Strip HTML, keep what its blocks set apart, decode entities once."""
    if "<" not in value:
        return html.unescape(value) if _ENTITY.search(value) else value
    value = _LONG_TAG.sub(r"<\1>", value)
    tags = {each.lower() for each in set(_HEAD.findall(value))}
    is_known = all(each.removeprefix("/") in _NAMES for each in tags)
    if not is_known:
        # Not at every text: where all is plain HTML, finding nothing takes five times as long as seeing that.
        value = _NO_TAG.sub("&lt;", _MATH.sub("", _FOREIGN.sub("", value)))
    if _depth(value) > DEEPEST:
        stripped = re.sub(r"<[^<>]{0,2000}>", "\n", value)
    else:
        has_lines = "pre" in tags if is_known else "<pre" in value.lower()
        stripped = _LEFT.sub("\n", _CLEANER.clean(value if has_lines else " ".join(value.split())))
    return html.unescape(stripped)


def _depth(value: str) -> int:
    """Say how deep elements lie in each other, or, where that is little, how deep they may lie."""
    most = value.count("<") - value.count("</")
    if most <= DEEPEST:
        return most
    depth = deepest = 0
    for found in _TAG.finditer(value):
        if found[2].lower() not in _CLOSED:
            depth = max(0, depth - 1) if found[1] else depth + 1
            deepest = max(deepest, depth)
    return deepest


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    head = text[: longest - 1]
    blank = max(head.rfind(" "), head.rfind("\n"))
    return f"{(head[:blank] if blank > longest * 3 // 4 else head).rstrip()}…"
