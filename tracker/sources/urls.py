"""Make URLs comparable and safe to show, and tell which work a link leads to; used by `normalize`, `health` and `cli`.

A canonical URL is only ever compared, a clean one only ever shown; what is requested is the URL as it was given.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import lru_cache
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from tracker.sources.arxiv import paper_key
from tracker.sources.base import host_of, slot, split
from tracker.sources.youtube import video_id

LONGEST = 4096  # characters; longer ones are never a page's address
HIDDEN = "…"
WORK_HOSTS = ("xiv", "ar5iv", "doi.org", "huggingface.co", "youtu")  # in the host of each link that leads to a work
_SECRET_NAMES = re.compile(
    r"token|secret|passw|passphrase|signature|session|credential|(^|[_.-])(api|access|auth|private|feed)?_?key$"
    r"|^(auth|authorization|pwd|pass|sig|sid|jwt|bearer)$|auth(_|$)",
    re.IGNORECASE,
)
_SECRET_PATH = re.compile(r"(/(?:feed/)?private/)[^/?#]+.*", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[^\x21-\x7e…]")

_TRACKING = re.compile(
    r"(?:utm_.*|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|igshid|mc_cid|mc_eid|_hsenc|_hsmi|mkt_tok|vero_id"
    r"|ref_src|ref_url|isfreemail|triedredirect|triedsigningin)",
    re.IGNORECASE,
)
_TRACKING_OF = {"youtube.com": frozenset(("si", "pp", "feature", "ab_channel"))}
_UNSAFE = frozenset("<>\"`{}|\\^'")  # not in RFC 3986, or dangerous in Markdown and HTML
# Nothing to spell otherwise, as in most addresses: told at once, 9 µs less than looking at each character.
_SPELT_PLAINLY = re.compile(r"[A-Za-z0-9/?:@!$&()*+,;=._~-]*")
_SHOWN_PLAINLY = re.compile(r"[A-Za-z0-9%#\[\]/?:@!$&()*+,;=._~-]*")
_PLAIN_HOST = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")
_INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"))

# Names under which anybody can register, as far as the feeds of this world need them; the full list of public suffixes
# is a library and 10,000 lines. A wrong answer here costs a line in the digest, never an entry.
_SECOND_LEVEL = frozenset(("ac", "co", "com", "edu", "gob", "gov", "go", "gv", "ne", "net", "or", "org"))
_SHARED = frozenset(
    (
        *("substack.com", "github.io", "gitlab.io", "bearblog.dev", "blogspot.com", "wordpress.com", "medium.com"),
        *("tumblr.com", "netlify.app", "vercel.app", "pages.dev", "ghost.io", "beehiiv.com", "micro.blog", "web.app"),
        *("neocities.org", "readthedocs.io", "herokuapp.com", "hashnode.dev", "fly.dev", "onrender.com", "hf.space"),
        *("firebaseapp.com", "cloudfront.net", "amazonaws.com", "mataroa.blog", "dreamwidth.org", "writeas.com"),
    )
)


def canonical_url(url: str) -> str:
    """Make a URL comparable: "" unless http(s); the fragment stays, for changelogs point with it.

    Dropped: scheme, user, "www.", default port, tracking parameters, last slashes. The query is sorted.
    """
    parts = split(url)
    host = _ascii_host(parts.scheme, parts.netloc) if parts else ""
    if parts is None or not host:
        return ""
    pairs = sorted(_kept(parts))
    fragment = _plain(parts.fragment)
    path = _plain(parts.path).rstrip("/")
    return host + path + (f"?{'&'.join(map(_plain, pairs))}" if pairs else "") + (f"#{fragment}" if fragment else "")


def clean_url(url: str) -> str:
    """Give the URL as it is shown: "" unless http(s) with a plain host; user and tracking parameters dropped.

    Control, space, bidirectional and Markdown's dangerous characters are percent-encoded; the host is ASCII (IDNA).
    """
    if len(url) > LONGEST or not url.strip().lower().startswith(("http://", "https://")):
        return ""
    parts = split(url)
    host = _ascii_host(parts.scheme, parts.netloc, keep_www=True) if parts else ""
    if parts is None or not host:
        return ""
    query = "&".join(_kept(parts))
    fragment = f"#{_shown(parts.fragment)}" if parts.fragment else ""
    return f"{parts.scheme}://{host}{_shown(parts.path)}{'?' + _shown(query) if query else ''}{fragment}"


def redact(url: str) -> str:
    """Hide userinfo, the values of telling query names, and what follows `/private/` in the path (M50).

    For what is said of an address: errors, logs, notes, issues. A subscription's target may be given too.
    """
    try:
        parts = urlsplit(_UNPRINTABLE.sub("?", url))
    except ValueError:
        return HIDDEN
    _, at, host = parts.netloc.rpartition("@")
    netloc = f"{HIDDEN}@{host}" if at else host
    path = _SECRET_PATH.sub(rf"\g<1>{HIDDEN}", parts.path)
    return urlunsplit((parts.scheme, netloc, path, _redact_query(parts.query), ""))


def work_key(url: str) -> str:
    """Give the key of the video or paper that a link leads to, "" for any other link."""
    if "/" not in url and ":" not in url:
        return ""  # a bare word may look like a video id
    # 4 of 12 ms that a feed took to normalize: a newsletter's links lead anywhere, and that is seen without a parser
    # (which drops white space: what has any goes on).
    if "//" in url and url.isprintable() and not any(each in url.lower() for each in WORK_HOSTS):
        return ""
    if paper := paper_key(url):
        return paper
    video = video_id(url)
    return f"youtube:{video}" if video else ""


def domain(address: str) -> str:
    """Give the part of a host that one owner registered, of a URL or host: "example.co.uk" of "blog.example.co.uk".

    By rule of thumb: the last two labels; three where the last is a country's and the one before is one of the usual
    second levels, or where the last two are a platform that gives subdomains away. An address stays as it is.
    """
    parts = split(address) if "/" in address else None
    return _registered(((parts.hostname or "") if parts else address).strip().rstrip(".").lower())


@lru_cache(maxsize=1024)  # asked for each entry, and an exception stands in its way: 6 µs
def _registered(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host.strip("[]")))
    except ValueError:
        labels = host.split(".")
    is_deep = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if is_deep or ".".join(labels[-2:]) in _SHARED else labels[-2:])


@lru_cache(maxsize=1024)  # a feed's links lead to few hosts
def _ascii_host(scheme: str, netloc: str, *, keep_www: bool = False) -> str:
    """Give host and unusual port in ASCII, "" for a host that hides something."""
    parts = SplitResult(scheme, netloc, "", "", "")
    host = (parts.hostname or "").lower().rstrip(".") if keep_www else host_of(parts)
    if not host.isascii() and not any(unicodedata.category(char) in _INVISIBLE for char in host):
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    if ":" in host:
        host = f"[{host}]"
    if len(host) > 253 or not _PLAIN_HOST.fullmatch(host):
        return ""
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{host}:{parts.port}" if parts.port not in {None, default, *(() if keep_www else (80, 443))} else host


def _kept(parts: SplitResult) -> list[str]:
    """List the parameters that say what the page is."""
    if not parts.query:
        return []
    more = _TRACKING_OF.get(slot(parts.geturl())[0], frozenset())
    names = ((pair, pair.partition("=")[0]) for pair in parts.query.split("&") if pair)
    return [pair for pair, name in names if not _TRACKING.fullmatch(name) and name not in more]


def _plain(text: str) -> str:
    """Spell percent-encoding in one way: what needs none is decoded, the rest encoded in capitals."""
    if _SPELT_PLAINLY.fullmatch(text):
        return text
    decoded = re.sub(r"(?:%[0-9a-f]{2})+", _decode_unreserved, text, flags=re.IGNORECASE)
    return quote(decoded, safe="%/?:@!$&()*+,;=-._~")


def _decode_unreserved(found: re.Match[str]) -> str:
    codes = re.findall("..", found[0].replace("%", ""))
    chars = ((chr(int(code, 16)), f"%{code.upper()}") for code in codes)
    return "".join(char if char.isascii() and (char.isalnum() or char in "-._~") else code for char, code in chars)


def _shown(text: str) -> str:
    if _SHOWN_PLAINLY.fullmatch(text):
        return text
    return "".join(
        quote(char, safe="", errors="replace") if char in _UNSAFE or unicodedata.category(char) in _INVISIBLE else char
        for char in text
    )


def _redact_query(query: str) -> str:
    pairs = (pair.partition("=") for pair in query.split("&")) if query else ()
    return "&".join(
        f"{name}={HIDDEN}" if value and _SECRET_NAMES.search(name) else f"{name}{equals}{value}"
        for name, equals, value in pairs
    )
