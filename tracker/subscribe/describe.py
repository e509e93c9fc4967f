"""Serve `subscribe`: a subscription and what was seen of it → the proposal, with what the reader should know; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from tracker.digest.numbers import roughly
from tracker.models import Config, SourceName, Subscription
from tracker.sources.arxiv_calendar import batch_day, is_announcement_day, next_batch
from tracker.sources.youtube import FULL_FEED
from tracker.subscribe.forecast import OLDEST_FIRST, Carried, Overlap, minutes_a_week, order, overlap, reach
from tracker.subscribe.look import Look, count_news, newest, per_week
from tracker.subscribe.proposal import Proposal, clean_title, free_id

WEEK = timedelta(weeks=1)
MOST_FEEDS = 3  # named as carrying the same
BUSY = 20  # entries a week above which a filter is worth a word


def describe(
    subscription: Subscription, seen: Look, config: Config, *, now: datetime, since: datetime, carried: Carried | None
) -> Proposal:
    """Fill in id and title where the reader gave none, count, and add the notes."""
    found_title = clean_title(seen.title)
    title = subscription.title or _title(subscription, found_title, seen)
    taken = [each.id for each in config.subscriptions]
    # The dates are then those of its oldest entries, and say nothing of today.
    is_appended = _is_appended(subscription, seen)
    named = replace(subscription, id=subscription.id or free_id(_id_of(subscription, title), taken), title=title)
    rate = None if is_appended else per_week(seen.entries, now=now, is_day_batch=bool(named.categories))
    news = count_news(seen.entries, named, found=seen, since=since)
    return Proposal(
        subscription=named,
        kind=_kind(named, seen),
        found_title=found_title,
        entries=len(seen.entries),
        newest=None if is_appended else newest(seen.entries),
        per_week=rate,
        minutes=minutes_a_week(seen.entries, named, rate=rate),
        order=order(seen.entries) if named.playlist else "",
        news=news,
        backlog=len(seen.entries) - news,
        notes=(
            *_notes(named, seen, rate=rate, now=now),
            *_overlap(overlap(seen.entries, carried, feed=named.id), entries=len(seen.entries)),
        ),
    )


def _title(subscription: Subscription, found: str, seen: Look) -> str:
    if subscription.categories:
        return f"arXiv {', '.join(subscription.categories)}"
    if subscription.query:
        return clean_title(f"arXiv: {subscription.query}")
    if subscription.authors:
        return clean_title(f"arXiv: {', '.join(subscription.authors)}")
    if subscription.papers:
        first = next((each.title for each in seen.entries), "")
        return clean_title(first) or f"arXiv {subscription.papers[0]}"
    return found or _host(subscription)


def _host(subscription: Subscription) -> str:
    host = urlsplit(subscription.publication or subscription.url).hostname or ""
    return host.removeprefix("www.") or subscription.playlist or subscription.channel


def _id_of(subscription: Subscription, title: str) -> str:
    """Give what the id is made of: the title, unless nothing of it is ASCII."""
    return title if any(char.isascii() and char.isalnum() for char in title) else _host(subscription)


def _kind(subscription: Subscription, seen: Look) -> str:
    episodes = sum(bool(each.extra.get("podcast")) for each in seen.entries)
    is_podcast = episodes == len(seen.entries) > 0
    kinds = {
        "playlist": "YouTube playlist",
        "channel": "YouTube channel",
        "publication": "Substack podcast" if is_podcast else "Substack publication",
        "categories": "arXiv categories" if len(subscription.categories) > 1 else "arXiv category",
        "query": "arXiv search",
        "papers": "arXiv papers" if len(subscription.papers) > 1 else "arXiv paper",
        "authors": "arXiv authors" if len(subscription.authors) > 1 else "arXiv author",
        "url": "podcast" if is_podcast else "feed",
    }
    kind = next(words for key, words in kinds.items() if getattr(subscription, key))
    mixed = f", {episodes} of {len(seen.entries)} are episodes of a podcast" if episodes and not is_podcast else ""
    return kind + mixed


def _notes(subscription: Subscription, seen: Look, *, rate: float | None, now: datetime) -> Iterator[str]:
    yield from _empty(subscription, seen, now=now)
    yield from _other_title(subscription, seen)
    yield from _youtube(subscription, seen)
    previews = sum(each.paywalled for each in seen.entries)
    if previews:
        yield f"{previews} of {len(seen.entries)} posts are for paying readers; their previews come."
    if seen.entries and not subscription.playlist and newest(seen.entries) is None:
        yield "Its entries have no dates: those that are new to us will be news."
    yield from _reach(subscription, seen, rate=rate)
    if rate is not None and rate > BUSY and not (_is_batch_or_search(subscription) or subscription.match):
        yield f'It is busy, about {rate:.0f} a week: match = "…" shows only what has these words in its title.'


def _empty(subscription: Subscription, seen: Look, *, now: datetime) -> Iterator[str]:
    if seen.entries:
        return
    if not subscription.categories:
        yield "It has no entries yet; that is no error."  # M6
    elif is_announcement_day(batch_day(now)):
        yield "It is empty now, although arXiv announces papers today: they come later in the day."
    else:
        yield f"arXiv announces nothing today; the next papers come on {next_batch(now):%A %-d %B}."


def _other_title(subscription: Subscription, seen: Look) -> Iterator[str]:
    """Warn where the reader's title and the feed's share no word: ids are mislabelled often (M1)."""
    given, found = (_words(each) for each in (subscription.title, seen.title))
    if given and found and not given & found and subscription.source is not SourceName.ARXIV:
        yield f"The feed calls itself “{clean_title(seen.title)}”, which has no word of your title."


def _words(title: str) -> set[str]:
    return set(re.findall(r"\w+", title.lower()))


def _reach(subscription: Subscription, seen: Look, *, rate: float | None) -> Iterator[str]:
    """Warn of a feed that a week of not asking would outrun; a day's batch or a playlist is none of the newest."""
    days = reach(seen.entries, rate=rate)
    if days is None or days >= WEEK or subscription.playlist or _is_batch_or_search(subscription):
        return
    said = f"It shows only the newest {len(seen.entries)}, about {roughly(days.total_seconds()).removeprefix('about ')}"
    if subscription.channel:
        yield f"{said}: after a longer pause the channel's page is read, too (yt-dlp)."
    else:
        yield f"{said}: what comes and goes while tracker is not running is lost."


def _is_batch_or_search(subscription: Subscription) -> bool:
    """Tell what shows a day's batch or the newest of a search, however many there are."""
    return bool(subscription.categories or subscription.query or subscription.authors)


def _is_appended(subscription: Subscription, seen: Look) -> bool:
    """Tell a list whose newest entries are out of its feed's reach (M9)."""
    return bool(subscription.playlist) and len(seen.entries) >= FULL_FEED and order(seen.entries) == OLDEST_FIRST


def _overlap(found: Overlap, *, entries: int) -> Iterator[str]:
    if found.stored:
        feeds = ", ".join(f"{count:,} in {feed}" for feed, count in found.feeds[:MOST_FEEDS])
        yield f"{found.stored:,} of {entries:,} are stored already{f': {feeds}' if feeds else ''}; nothing comes twice."


def _youtube(subscription: Subscription, seen: Look) -> Iterator[str]:
    if subscription.playlist and len(seen.entries) >= FULL_FEED:
        yield f"YouTube's feed shows only the first {FULL_FEED} of a playlist; the whole list is read daily (yt-dlp)."
        if _is_appended(subscription, seen):
            yield (
                "New ones are put at its end, out of the feed's reach: they come up to a day late, and how many come "
                "in a week cannot be told."
            )
    elif seen.is_listed:
        yield "YouTube's feed did not answer, as happens for hours on many days; this is from the page (yt-dlp)."
    if seen.shorts and "shorts" not in subscription.videos:
        yield f"{seen.shorts} of the newest {len(seen.entries)} are Shorts, left out unless videos names them."
