"""Serve `subscribe`: what a URL turned out to be, and its `[[feed]]` table as text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from tracker.config.values import LONGEST_ID, Backlog, slug
from tracker.models import Subscription
from tracker.sources import Target
from tracker.visible import is_blank, seen

LONGEST_TITLE = 150
# Joiners that scripts and emoji need; the other format characters only deceive (bidirectional ones reorder a line).
_KEPT_FORMATS = frozenset("\u200c\u200d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a person says beside the URL; "" and None leave it to what is found, and to the defaults."""

    id: str = ""
    title: str = ""
    tags: tuple[str, ...] = ()
    course: bool = False
    backlog: Backlog | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a URL is and what will arrive from it.

    With a `problem` nothing is to be appended: a sentence says why, and what to do. `choices` are then the feeds that
    one of could be meant; `subscription` is None unless it is only a question of the reader's wish (`joins` names the
    table that it could rather join).

    `per_week` counts entries, `minutes` are what they take in a week; None where dates and lengths do not tell. Of the
    `entries` there now, `news` would stand in the first issue, the others are backlog. `order` is a playlist's.
    """

    subscription: Subscription | None = None
    kind: str = ""
    found_title: str = ""
    entries: int = 0
    newest: datetime | None = None
    per_week: float | None = None
    minutes: float | None = None
    order: str = ""
    news: int = 0
    backlog: int = 0
    notes: tuple[str, ...] = ()
    problem: str = ""
    choices: tuple[str, ...] = ()
    joins: str = ""


def subscription_of(target: Target) -> Subscription:
    """Follow what a URL turned out to be, as yet without an id."""
    default = Subscription(id="", source=target.source)
    return replace(
        default,
        playlist=target.playlist,
        channel=target.channel,
        videos=target.videos or default.videos,
        publication=target.publication,
        categories=target.categories,
        query=target.query,
        papers=target.papers,
        authors=target.authors,
        url=target.url,
    )


def table(subscription: Subscription) -> str:
    """Write a subscription's `[[feed]]` table: what is set, in the order of the documentation."""
    from tomlkit import array, document, string

    written = document()
    for key, value in _set(subscription).items():
        if isinstance(value, str):
            # Single quotes spare a query its backslashes.
            is_literal = '"' in value and "'" not in value and value.isprintable()
            written.add(key, string(value, literal=is_literal))
        elif isinstance(value, tuple):
            items = array()
            items.extend(value)
            written.add(key, items)
        else:
            written.add(key, value)
    return f"[[feed]]\n{written.as_string()}"


def _set(subscription: Subscription) -> dict[str, str | bool | int | date | tuple[str, ...]]:
    default = Subscription(id="", source=subscription.source)
    keys = (
        *("id", "playlist", "channel", "videos", "publication", "categories", "query", "papers", "authors"),
        *("url", "title"),
        *("announce", "tags", "course", "pace", "backlog", "match", "exclude", "paused"),
    )
    return {key: value for key in keys if (value := getattr(subscription, key)) != getattr(default, key)}


def clean_title(text: str) -> str:
    """Make a feed's title fit for one line of a file and a terminal: no control or reordering characters, not long."""
    kept = seen("".join(_visible(char) for char in text[: 10 * LONGEST_TITLE]))
    words = "" if is_blank(kept) else re.sub(r"\s+", " ", kept).strip()
    return words if len(words) <= LONGEST_TITLE else f"{words[: LONGEST_TITLE - 1].rstrip()}…"


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    return char if category not in {"Cf", "Cs", "Co", "Cn"} or char in _KEPT_FORMATS else ""


def free_id(title: str, taken: Collection[str]) -> str:
    """Make an id of a title that no other subscription has."""
    wanted = slug(title) or "feed"
    if wanted not in taken:
        return wanted
    numbered = (f"{wanted[: LONGEST_ID - len(str(number)) - 1]}-{number}" for number in range(2, len(taken) + 3))
    return next(each for each in numbered if each not in taken)
