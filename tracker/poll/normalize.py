"""Make each RawEntry an Entry: plain text, clean URL, UTC dates, words, mentions, fingerprint; third stage of a poll.

Pure. Nothing that a feed holds is refused with an exception here: what cannot be used is left out, the rest goes on.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import unquote, urljoin, urlsplit

from tracker.models import Entry, Kind, Mention, RawEntry, RawFeed, SourceName, Subscription, Text
from tracker.poll.normalize_latex import without_styles
from tracker.poll.normalize_substack import is_paywalled, subtitle
from tracker.poll.normalize_text import count_words, line, links, paragraphs, split_names, visible
from tracker.sources import WORK_HOSTS, canonical_url, clean_url, domain, source_of, work_key
from tracker.sources.arxiv import paper_id
from tracker.sources.youtube import is_short, watch_url

NORMALIZE_VERSION = 2  # raised when fingerprints come out differently

LONGEST_TITLE = 500  # characters
LONGEST_SUMMARY = 4_000
LONGEST_OPENING = 80  # of a text that stands in for a title
LONGEST_NAME = 200
LONGEST_GUID = 1_000
MOST_AUTHORS = 5_000  # a paper of a large collaboration has 3,000
MOST_MENTIONS = 50

# Titles under which YouTube lists a video that cannot be watched, and what that says (M28).
_PLACEHOLDERS = {"[Private video]": "private", "[Deleted video]": "deleted", "[Unavailable video]": "unavailable"}
_WHOLE = re.compile(r"https?://[^/?#;\s][!-:<-~]{0,4000}")  # what joining would leave as it is


def normalize(raw: RawFeed, subscription: Subscription, *, url: str, now: datetime | None = None) -> tuple[Entry, ...]:
    """Clean the entries of one document, in its order; of two with one guid the first counts (M92).

    `url` is the document's address. With `now`, a publication date more than a day ahead is taken for none (M91).
    A `canonical` is given only where entries of feeds may merge: on the feed's own site, and once in the document.
    What was recognised in the document counts in that.
    """
    entries: dict[str, Entry] = {}
    for each in _with_guids(raw.entries):
        entry = _entry(each, subscription, url=url)
        if entry is not None:
            entries.setdefault(entry.guid, entry)
    # Not the site that the document names: with that, anybody could take the place of anybody's post.
    sites = {domain(each) for each in (url, source_of(subscription).site_url(subscription)) if each}
    times = Counter((*(each.canonical for each in entries.values()), *(each.address for each in raw.recognised)))
    home = _home(subscription)
    scope = _hash(subscription.source, source_of(subscription).target(subscription))[:16]
    own = {guid for guid, entry in entries.items() if times[entry.canonical] == 1 and domain(entry.url) in sites}
    return tuple(
        _finished(entry, home=home, scope=scope, is_own=guid in own, now=now) for guid, entry in entries.items()
    )


def _home(subscription: Subscription) -> str:
    """Give the site that feeds.toml names, comparable: where a blog that has moved since once was (M46)."""
    if subscription.source is SourceName.WEB:
        return canonical_url(subscription.url).partition("/")[0].partition("?")[0]
    return canonical_url(subscription.publication)


def _entry(raw: RawEntry, subscription: Subscription, *, url: str) -> Entry | None:
    """Give None for what cannot be used: a video or paper without an id, a post without anything."""
    key = source_of(subscription).entry_key(raw)
    if key.startswith("youtube:"):
        return _video(raw, key)
    if key.startswith("arxiv:"):
        return _paper(raw, key)
    if subscription.source in {SourceName.YOUTUBE, SourceName.ARXIV}:
        return None
    return _post(raw, url=url, is_substack=subscription.source is SourceName.SUBSTACK)


# ---------------------------------------------------------------- one kind each


def _video(raw: RawEntry, key: str) -> Entry:
    """Make a video; its date comes from the feed alone, never from `updated` or a listing (M11, M24)."""
    title = line(raw.title, longest=LONGEST_TITLE)
    placeholder = title if title in _PLACEHOLDERS else ""
    url = watch_url(key.partition(":")[2])
    extra: dict[str, object] = {
        "channel_id": _safe(raw.channel_id, 60),
        "short": is_short(raw.link),
        "availability": _PLACEHOLDERS.get(title) or _safe(raw.availability, 40),
        "live_status": _safe(raw.live_status, 40),
    }
    return Entry(
        position=raw.position,
        slice=raw.slice,
        key=key,
        guid=raw.guid,
        kind=Kind.VIDEO,
        title=title or _untitled(raw, url),
        url=url,
        canonical=canonical_url(url),
        authors=_authors(raw.authors),
        summary=paragraphs(raw.summary, longest=LONGEST_SUMMARY),
        duration=raw.duration,
        published=raw.published,
        placeholder=placeholder,
        is_upcoming=raw.live_status == "is_upcoming",
        release_at=raw.release_at,
        mentions=_mentions(raw, key),
        extra={name: value for name, value in extra.items() if value},
    )


def _paper(raw: RawEntry, key: str) -> Entry:
    """Make a paper; a batch's `updated` is only the time it was made at (M57)."""
    paper = key.partition(":")[2]
    version = paper_id(raw.guid)[1] or paper_id(raw.link)[1]
    url = f"https://arxiv.org/abs/{paper}"
    names = split_names(raw.authors) if raw.announce_type else raw.authors
    categories = [_safe(each, 40) for each in raw.categories[:50]]
    primary = _safe(raw.primary_category, 40) or (categories[0] if categories else "")
    extra = {"categories": categories, "primary": primary}
    return Entry(
        position=raw.position,
        slice=raw.slice,
        key=key,
        guid=raw.guid,
        kind=Kind.PAPER,
        title=line(_plain(raw.title), longest=LONGEST_TITLE) or _untitled(raw, url),
        url=url,
        canonical=canonical_url(url),
        authors=_authors(names),
        summary=line(_plain(_abstract(raw.summary)), longest=LONGEST_SUMMARY),
        published=raw.published,
        updated=None if raw.announce_type else raw.updated,
        version=version,
        announce_type=_safe(raw.announce_type.lower(), 20),
        mentions=_mentions(raw, key),
        extra={name: value for name, value in extra.items() if value},
    )


def _post(raw: RawEntry, *, url: str, is_substack: bool) -> Entry | None:
    """Make a post or an episode; a missing date is the update's (M72)."""
    link = _link(raw, url)
    title = line(raw.title, longest=LONGEST_TITLE)
    # The longer one: what feedparser calls content may be no more than a picture's description.
    body = max(raw.content, raw.summary, key=lambda text: len(text.value.strip()))
    excerpt = subtitle(raw) if is_substack else raw.summary if raw.summary.value.strip() else body
    summary = paragraphs(excerpt, longest=LONGEST_SUMMARY)
    if not (link or title or summary):
        return None
    is_podcast = any(each.type.startswith(("audio/", "video/")) for each in raw.enclosures)
    return Entry(
        position=raw.position,
        slice=raw.slice,
        key="",
        guid=raw.guid,
        kind=Kind.POST,
        title=title or line(Text(summary), longest=LONGEST_OPENING) or _untitled(raw, link),
        url=link,
        canonical=canonical_url(link),
        authors=_authors(raw.authors),
        summary=summary,
        words=count_words(body) or None,
        duration=raw.duration if is_podcast else None,
        paywalled=is_substack and is_paywalled(raw),
        published=raw.published or raw.updated,
        updated=raw.updated,
        mentions=_mentions(raw, ""),
        extra={"podcast": True} if is_podcast else {},
    )


def _finished(entry: Entry, *, home: str, scope: str, is_own: bool, now: datetime | None) -> Entry:
    published = entry.published
    is_early = bool(published and now and published > now + timedelta(days=1))
    # Before 1971 it is a clock that was never set, not a date.
    if published and (published.year < 1971 or is_early):
        published = None
    canonical = entry.canonical if entry.key or is_own else ""
    former = f"{home}/{canonical.partition('/')[2]}" if home and canonical else ""
    return replace(
        entry,
        canonical=canonical,
        address=entry.canonical,
        scope=scope,
        former=former if former != canonical else "",
        published=published,
        fingerprint=_fingerprint(entry),
        slice="" if is_early or entry.placeholder else entry.slice,
    )


# ---------------------------------------------------------------- identity


def _with_guids(entries: tuple[RawEntry, ...]) -> Iterator[RawEntry]:
    """Give each entry a guid: its own, else its link, else a hash of title and date (M92).

    A link that several entries share, as in a changelog, tells none of them: then the hash goes with it.
    """
    given = [visible(each.guid) for each in entries]
    times = Counter(visible(each.link) for each, guid in zip(entries, given, strict=True) if not guid)
    for each, guid in zip(entries, given, strict=True):
        # A made guid depends on the others in the document.
        made = _capped(guid or _made_guid(each, times))
        yield each if made == each.guid else replace(each, guid=made, slice=each.slice if guid else "")


def _made_guid(raw: RawEntry, times: Counter[str]) -> str:
    link = visible(raw.link)
    is_own = link and times[link] == 1
    return link if is_own else f"{link}#{_hash(raw.title.value, str(raw.published))[:16]}"


def _capped(guid: str) -> str:
    return guid if len(guid) <= LONGEST_GUID else f"{guid[: LONGEST_GUID - 33]}#{_hash(guid)[:32]}"


def _fingerprint(entry: Entry) -> str:
    """Hash what makes an edit worth noticing; views, dates and thumbnails do not (M11, M42)."""
    kind_of_link = "short" if entry.extra.get("short") else "podcast" if entry.extra.get("podcast") else ""
    return _hash(entry.title, entry.summary, *entry.authors, kind_of_link)


def _hash(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


# ---------------------------------------------------------------- links


def _link(raw: RawEntry, url: str) -> str:
    """Give the first address that can be shown: link, guid, the episode itself."""
    found = (clean_url(_absolute(each, url)) for each in _addresses(raw))
    return next((each for each in found if each), "")


def _addresses(raw: RawEntry) -> Iterator[str]:
    if raw.link:
        yield raw.link
    if raw.guid.lower().startswith(("http://", "https://")):
        yield raw.guid
    yield from (each.url for each in raw.enclosures)


def _absolute(link: str, url: str) -> str:
    try:
        return link if _WHOLE.fullmatch(link) else urljoin(url, link.strip()) if link.strip() else ""
    except ValueError:  # an unbalanced bracket, and other things that are no address
        return ""


def _mentions(raw: RawEntry, key: str) -> tuple[Mention, ...]:
    found: dict[str, Mention] = {}
    for text in (raw.content, raw.summary):
        for link in links(text, about=WORK_HOSTS):  # most texts lead to no work: 0.1 ms a newsletter's post
            work = work_key(link)
            shown = clean_url(link) if work and work != key and work not in found else ""
            if shown:
                found[work] = Mention(work, shown)
            if len(found) >= MOST_MENTIONS:
                return tuple(found.values())
    return tuple(found.values())


# ---------------------------------------------------------------- words


def _untitled(raw: RawEntry, link: str) -> str:
    """Name what has neither title nor text by its day, else by the end of its address."""
    date = raw.published or raw.updated
    if date:
        return f"(untitled) {date:%Y-%m-%d}"
    path = urlsplit(link).path.rstrip("/").rpartition("/")[2] if link else ""
    return f"(untitled) {line(Text(unquote(path)), longest=100)}".rstrip()


def _authors(names: tuple[str, ...]) -> tuple[str, ...]:
    """Clean names; a name given twice (Substack's owner) counts once."""
    cleaned = (line(Text(name, "<" in name or "&" in name), longest=LONGEST_NAME) for name in names[:MOST_AUTHORS])
    return tuple({name.casefold(): name for name in reversed([each for each in cleaned if each])}.values())[::-1]


def _plain(text: Text) -> Text:
    return replace(text, value=without_styles(text.value)) if "\\" in text.value else text


def _abstract(summary: Text) -> Text:
    """Cut arXiv's "arXiv:… Announce Type: … Abstract: " (M55); text without it stays whole."""
    found = re.match(r"\s*arXiv:\S+\s+Announce Type:\s*\S+\s+Abstract:\s*", summary.value)
    return replace(summary, value=summary.value[found.end() :]) if found else summary


def _safe(value: str, longest: int) -> str:
    return line(Text(value), longest=longest)
