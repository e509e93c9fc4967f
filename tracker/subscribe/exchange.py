"""Serve import and export: the outlines of an OPML file ↔ subscriptions; pure, nobody is asked anything."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from tracker import config as configuration
from tracker import sources
from tracker.config.values import shown, slug
from tracker.errors import ConfigError
from tracker.models import Config, Subscription
from tracker.sources import Target, source_of
from tracker.subscribe.known import Followed
from tracker.subscribe.opml import Outline
from tracker.subscribe.proposal import clean_title, free_id, subscription_of, table

MOST_TAGS = 20  # of one feed
LONGEST_TAG = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """An outline that becomes no subscription: how it calls itself, its address, and why.

    `is_followed` tells those that are there already from those that cannot be followed.
    """

    title: str
    url: str
    reason: str
    is_followed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What a file brings: new subscriptions in its order, their tables as text, and what is left out."""

    subscriptions: tuple[Subscription, ...] = ()
    tables: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()


class _UnusableError(Exception):
    """Say why an outline becomes no subscription."""


class _FollowedError(_UnusableError):
    """Say where it is followed already."""


def import_outlines(outlines: Iterable[Outline], config: Config, *, tags: tuple[str, ...] = ()) -> Import:
    """Make a subscription of each outline whose address says what it is, unless that is followed already.

    `tags` are given to each, beside those of its folders.
    """
    followed = Followed(config)
    taken = {each.id for each in config.subscriptions}
    subscriptions, tables, skipped = [], [], []
    for outline in outlines:
        try:
            made = _made(outline, followed, tags=tags, taken=taken)
            text = _checked_table(made, config)
        except _UnusableError as error:
            skipped.append(_skipped(outline, error))
            continue
        followed.add(made)
        taken.add(made.id)
        subscriptions.append(made)
        tables.append(text)
    return Import(subscriptions=tuple(subscriptions), tables=tuple(tables), skipped=tuple(skipped))


def export_outlines(config: Config) -> tuple[Outline, ...]:
    """Give each subscription's feed as an outline, so that an import makes the same of it."""
    return tuple(
        Outline(url=source_of(each).feed_url(each), title=clean_title(each.title) or each.id, tags=each.tags)
        for each in config.subscriptions
    )


def _made(outline: Outline, followed: Followed, *, tags: tuple[str, ...], taken: set[str]) -> Subscription:
    found = subscription_of(_target(outline))
    if problem := source_of(found).problem(found):
        raise _UnusableError(problem)
    if other := followed.find(found):
        where = f"line {other.line}" if other.line else "further up in this file"
        raise _FollowedError(f"already subscribed: it is {shown(other.id)} ({where})")
    title = clean_title(outline.title)
    named = (_tag(each) for each in outline.tags)
    all_tags = dict.fromkeys((*tags, *(each for each in named if each)))
    return replace(found, id=_id(found, title, taken), title=title, tags=tuple(all_tags)[:MOST_TAGS])


def _skipped(outline: Outline, error: _UnusableError) -> Skipped:
    title, url = clean_title(outline.title), clean_title(outline.url)
    return Skipped(title=title, url=url, reason=str(error), is_followed=isinstance(error, _FollowedError))


def _target(outline: Outline) -> Target:
    if outline.problem:
        raise _UnusableError(outline.problem)
    # Some readers write the scheme that asks a browser for its feed reader: feed://host or feed:https://host.
    url = re.sub(r"^feed:(?=https?://)", "", re.sub(r"^feed://", "http://", outline.url))
    if not re.match(r"https?://", url, re.IGNORECASE):
        raise _UnusableError("not an http(s) address")
    if not url.isprintable() or " " in url:
        raise _UnusableError("not an address: it holds spaces or control characters")
    try:
        target = sources.source_for(url)
    except ValueError as error:
        raise _UnusableError(str(error)) from None
    if target.resolve and not target.url:
        # Asking who is behind it takes a request, and an import makes none (M18).
        raise _UnusableError(f"its lasting id must be asked for: tracker subscribe {target.resolve}")
    return target


def _id(subscription: Subscription, title: str, taken: set[str]) -> str:
    host = urlsplit(subscription.publication or subscription.url).hostname or ""
    other = subscription.playlist or subscription.channel or "-".join(subscription.categories) or subscription.source
    return free_id(slug(title) or slug(host.removeprefix("www.")) or other, taken)


def _tag(name: str) -> str:
    """Make a folder's name a tag: as an id is made, unless its script has no such letters."""
    words = clean_title(name)
    return (slug(words) or words)[:LONGEST_TAG]


def _checked_table(subscription: Subscription, config: Config) -> str:
    """Write the table, and read it as feeds.toml will be: one that is refused would spoil the others."""
    text = table(subscription)
    try:
        configuration.loads(text.encode(), config.path)
    except ConfigError as error:
        raise _UnusableError(error.problems[0].text) from None
    return text
