"""Turn the text of an RSS, Atom or RDF document into a RawFeed with feedparser; called by parse_feed."""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from tracker.errors import ParseError
from tracker.models import Enclosure, RawEntry, RawFeed, Text
from tracker.poll.parse.document import Document, tame
from tracker.poll.parse.feedparser_calls import call

_HTML = frozenset(("text/html", "application/xhtml+xml"))
_PERIODS = {"hourly": 3600.0, "daily": 86400.0, "weekly": 604800.0, "monthly": 2592000.0, "yearly": 31536000.0}
_LONGEST_WAIT = 366 * 86400.0


def parse(document: Document, *, url: str) -> RawFeed:
    """Parse one XML document; raises ParseError, TooManyEntriesError."""
    document = tame(document)
    if not document.text:  # feedparser has nothing at all to say about it
        raise ParseError(f"the answer is {document.was}, not a feed")
    parsed = call(document.text, url=url)
    entries = parsed.entries
    # feedparser has no name for CDF, the oldest of the formats that it reads.
    if not parsed.version and not (entries and document.text.lower().startswith("<channel")):
        raise ParseError(f"the answer is {document.was}, not a feed", remedy="Look at the address in a browser.")
    _refuse_reported_error(parsed)
    is_cut_off = _is_cut_off(parsed)
    if is_cut_off and not entries:
        raise ParseError("the document breaks off before its first entry")
    if is_cut_off and _ends_within_entry(document.text):
        entries = entries[:-1]  # half an entry may lack what it is known by; it comes again
    is_atom = str(parsed.version).startswith("atom")
    fallback = tuple(_authors(parsed.feed)) if is_atom else ()  # RFC 4287 section 4.2.1
    bozo = _bozo(parsed)
    return RawFeed(
        title=_text(parsed.feed, "title").value,
        site_url=_site(parsed.feed),
        entries=tuple(_entry(each, position, authors=fallback) for position, each in enumerate(entries)),
        announced=_number(parsed.feed.get("opensearch_totalresults")),
        wait=_wait(parsed.feed),
        is_well_formed=not (bozo or document.warnings),
        is_cut_off=is_cut_off,
        has_next=any(each.get("rel") == "next" and each.get("href") for each in _list(parsed.feed, "links")),
        warnings=document.warnings + bozo,
    )


def _is_cut_off(parsed: Any) -> bool:
    """Tell a document that ends in its midst: what it does not hold may stand in the whole one."""
    error = parsed.get("bozo_exception")
    said = error.getMessage() if hasattr(error, "getMessage") else ""
    return bool(said.startswith(("no element found", "unclosed token")))


def _ends_within_entry(text: str) -> bool:
    """Tell whether an entry was begun and not ended."""
    begun, ended = (max(text.rfind(f"{sign}item"), text.rfind(f"{sign}entry")) for sign in ("<", "</"))
    return begun > ended


def _bozo(parsed: Any) -> tuple[str, ...]:
    """Say that the loose parser had to guess (M90)."""
    if not parsed.bozo:
        return ()
    error = parsed.get("bozo_exception")
    said = error.getMessage() if hasattr(error, "getMessage") else str(error)
    line = error.getLineNumber() if hasattr(error, "getLineNumber") else None
    where = f" (line {line})" if line else ""
    return (f"the document is not well-formed{where}: {_line(said, 120)}",)


def _refuse_reported_error(parsed: Any) -> None:
    """Find arXiv's errors, which are valid feeds (M61, M68, M69)."""
    title = _text(parsed.feed, "title").value
    if title.startswith("Feed error for query"):
        raise ParseError(f"arXiv answers: {_line(title, 200)}", remedy="Check the categories in feeds.toml.")
    for entry in parsed.entries:
        if "arxiv.org/api/errors" in str(entry.get("id", "")):
            raise ParseError(f"arXiv answers: {_line(_text(entry, 'summary').value, 200)}")
    total = _number(parsed.feed.get("opensearch_totalresults"))
    is_first_page = not _number(parsed.feed.get("opensearch_startindex"))
    is_arxiv = "arxiv.org/" in str(parsed.feed.get("id", "")) or title.startswith("arXiv Query")
    if total and not parsed.entries and is_first_page and is_arxiv:
        raise ParseError(f"arXiv announces {total:,} papers and sends none, which passes; it is asked again later")


def _site(feed: Any) -> str:
    """Give the feed's page; without one feedparser offers the feed's id."""
    links = (str(each.get("href", "")) for each in _list(feed, "links") if each.get("rel") == "alternate")
    return next((each for each in links if each.startswith(("http://", "https://"))), "")


# ---------------------------------------------------------------- one entry


def _entry(entry: Any, position: int, *, authors: tuple[str, ...]) -> RawEntry:
    announce_type = str(entry.get("arxiv_announce_type", "")).strip()
    video_id = str(entry.get("yt_videoid", "")).strip()
    summary = _text(entry, "summary")
    # Both are plain text that feedparser takes for HTML (M14; `$a<b$` in an abstract).
    is_plain = bool(announce_type or video_id)
    return RawEntry(
        position=position,
        guid=str(entry.get("id", "")).strip(),
        link=_link(entry),
        title=_text(entry, "title"),
        authors=tuple(_authors(entry)) or authors,
        published=_date(entry, "published"),
        updated=_date(entry, "updated"),
        summary=Text(summary.value) if is_plain else summary,
        content=_content(entry),
        enclosures=tuple(_enclosures(entry)),
        categories=tuple(_terms(entry)),
        announce_type=announce_type,
        primary_category=_attribute(entry.get("arxiv_primary_category"), "term"),
        video_id=video_id,
        channel_id=str(entry.get("yt_channelid", "")).strip(),
        duration=_duration(entry),
    )


def _text(element: Any, name: str) -> Text:
    value = element.get(name)
    if not isinstance(value, str):
        return Text("")
    detail = element.get(f"{name}_detail")
    if not isinstance(detail, Mapping) or (name == "summary" and detail.get("value") != value):
        # The summary was copied from a content that is typed itself, or the type is that of a picture's description.
        return Text(value, name == "summary")
    return Text(value, str(detail.get("type", "")) in _HTML)


def _content(entry: Any) -> Text:
    """Give the fullest content that is text; feeds may hold several."""
    contents = [each for each in _list(entry, "content") if isinstance(each.get("value"), str)]
    readable = [each for each in contents if str(each.get("type", "text/html")) in _HTML | {"text/plain"}]
    if not readable:
        return Text("")
    best = max(readable, key=lambda each: len(each["value"]))
    return Text(best["value"], str(best.get("type", "text/html")) in _HTML)


def _link(entry: Any) -> str:
    """Prefer the address that a redirecting service hides, then the page, then any alternate."""
    for name in ("feedburner_origlink", "link"):
        if isinstance(value := entry.get(name), str) and value.strip():
            return value.strip()
    links = (each for each in _list(entry, "links") if each.get("rel") == "alternate")
    return next((str(each["href"]).strip() for each in links if each.get("href")), "")


def _authors(element: Any) -> Iterator[str]:
    """List names as given; an address alone stands in for a name (RSS 2.0 has nothing else)."""
    seen = set()
    for person in _list(element, "authors"):
        name = " ".join(str(person.get("name") or person.get("email") or "").split())
        if name and name not in seen:
            seen.add(name)
            yield name


def _date(entry: Any, name: str) -> datetime | None:
    """Read feedparser's UTC tuple (M91: never by local time); garbage is no date."""
    key = f"{name}_parsed"
    parsed = entry[key] if key in entry else None  # noqa: SIM401 -- `get` gives `published` for a missing `updated`
    if not isinstance(parsed, time.struct_time | tuple):
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    except (OverflowError, ValueError, OSError, TypeError):
        return None


def _enclosures(entry: Any) -> Iterator[Enclosure]:
    for link in _list(entry, "links"):
        if link.get("rel") == "enclosure" and link.get("href"):
            length = _number(link.get("length")) or 0
            yield Enclosure(url=str(link["href"]), type=str(link.get("type", "")).lower(), length=length)


def _terms(entry: Any) -> Iterator[str]:
    terms = (" ".join(str(tag.get("term") or "").split()) for tag in _list(entry, "tags"))
    return iter(dict.fromkeys(term for term in terms if term))


def _duration(entry: Any) -> int | None:
    """Read `itunes:duration` ("3600", "59:48", "1:02:03"), else media's `duration` in seconds."""
    given = str(entry.get("itunes_duration") or "").strip()
    if re.fullmatch(r"(?:\d{1,3}:)?\d{1,6}(?::\d{1,2})?(?:\.\d{1,6})?", given):
        seconds = 0
        for part in given.partition(".")[0].split(":"):
            seconds = seconds * 60 + int(part)
        return seconds or None
    found = (_number(each.get("duration")) for each in _list(entry, "media_content"))
    return next((seconds for seconds in found if seconds), None)


# ---------------------------------------------------------------- small readings


def _wait(feed: Any) -> float | None:
    """Give the longer of `ttl` (minutes) and `sy:` in seconds; anything but a plain number is ignored (M79)."""
    minutes = _number(feed.get("ttl"))
    waits = [minutes * 60.0] if minutes else []
    period = _PERIODS.get(str(feed.get("sy_updateperiod", "")).strip().lower())
    if period:
        waits.append(period / (_number(feed.get("sy_updatefrequency")) or 1))
    return min(max(waits), _LONGEST_WAIT) if waits else None


def _number(value: object) -> int | None:
    text = str(value or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 13 else None


def _attribute(element: object, name: str) -> str:
    return str(element.get(name, "")).strip() if isinstance(element, Mapping) else ""


def _list(element: Any, name: str) -> Iterable[Mapping[str, Any]]:
    """Give a list of mappings; a hostile element of the same name may have put anything there."""
    value = element.get(name)
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _line(text: str, longest: int) -> str:
    """Make foreign text fit for a sentence: printable, one line, short."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
