"""Serve select: which entries a subscription leaves out, and why; pure.

What is left out is news all the same: it is assigned to its issue, not shown, with this reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from tracker.models import Appearance, Kind, StoredEntry, Subscription

UNSUBSCRIBED = "unsubscribed"
HIDDEN = "hidden by you"
MEMBERS_ONLY = "members only"  # M26
_ANNOUNCED = {"new": "new papers", "cross": "cross-lists", "replace": "new versions", "replace-cross": "new versions"}
_FORMS = {"shorts": "Shorts", "live": "live streams", "long": "plain videos"}
_UNITS = ((3600, "hour"), (60, "minute"), (1, "second"))
LONGEST_TITLE = 500  # a reader's pattern meets titles that strangers write


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the subscriptions say about an entry.

    `feeds` are the ids of those that let it through; `reason` is why none does. `matched` is the
    part of the title that a `match` asked for.
    """

    feeds: tuple[str, ...]
    reason: str = ""
    matched: str = ""


def judge(entry: StoredEntry, subscriptions: Mapping[str, Subscription]) -> Verdict:
    """Ask every subscription that brought the entry as news; one that lets it through is enough."""
    own = [each for each in entry.appearances if not each.backlog and each.feed in subscriptions]
    if not own:
        return Verdict((), UNSUBSCRIBED)
    reasons = {
        each.feed: _not_wanted(entry, each, subscriptions[each.feed]) or _hidden(entry, subscriptions[each.feed])
        for each in own
    }
    through = tuple(feed for feed, reason in reasons.items() if not reason)
    if not through:
        return Verdict((), next(iter(reasons.values())))
    found = [_find(subscriptions[feed].match, entry.title) for feed in through if subscriptions[feed].match]
    return Verdict(through, matched=found[0] if found and len(found) == len(through) else "")


def unavailable(entry: StoredEntry, subscription: Subscription | None = None) -> str:
    """Say why an entry cannot be watched, "" if it can (M25: nothing said means that it can).

    Without a subscription this is about everybody; with one whose `members_only` is set, about members.
    """
    said = entry.availability or str(entry.extra.get("availability") or "")
    if said in {"", "public", "unlisted"}:
        return ""
    if said not in {"subscriber_only", "premium_only"}:
        return f"cannot be watched: {said}"
    return "" if subscription and subscription.members_only else MEMBERS_ONLY


def _not_wanted(entry: StoredEntry, appearance: Appearance, subscription: Subscription) -> str:
    """Say why a category's announcement is left out by its type."""
    if not subscription.categories:
        return ""
    announced = appearance.announce_type or _submitted_as(entry, subscription)
    # A type that arXiv invents one day is shown: better once too much than never.
    is_wanted = announced in subscription.announce or announced not in _ANNOUNCED
    return "" if is_wanted else f"announce: {_ANNOUNCED[announced]} are left out"


def _submitted_as(entry: StoredEntry, subscription: Subscription) -> str:
    """Tell new from cross where the API, which knows submissions only, has brought it: by the first category."""
    primary = str(entry.extra.get("primary") or "").casefold()
    asked = [each.casefold() for each in subscription.categories]
    is_own = not primary or any(primary == each or primary.startswith(f"{each}.") for each in asked)
    return "new" if is_own else "cross"


def _hidden(entry: StoredEntry, subscription: Subscription) -> str:
    """Say why one subscription leaves an entry out."""
    if entry.kind is Kind.VIDEO:
        form = form_of(entry)
        if form not in subscription.videos:
            return f"videos: {_FORMS[form]} are left out"
        if entry.duration is not None and entry.duration < subscription.min_duration:
            return f"shorter than {_length(subscription.min_duration)}"
    return unavailable(entry, subscription) or _hidden_by_title(entry, subscription)


def _length(seconds: float) -> str:
    """Write a length in its largest whole unit: "10 minutes"."""
    size, unit = next(each for each in _UNITS if seconds % each[0] == 0 or each[0] == 1)
    return f"{seconds / size:g} {unit}{'' if seconds == size else 's'}"


def _hidden_by_title(entry: StoredEntry, subscription: Subscription) -> str:
    if subscription.match and not _find(subscription.match, entry.title):
        return f'match: the title is without "{subscription.match}"'
    if subscription.exclude and _find(subscription.exclude, entry.title):
        return f'exclude: the title has "{subscription.exclude}"'
    return ""


def form_of(entry: StoredEntry) -> str:
    """Tell a Short and a live stream from a plain video, in the words of `videos` (M13, M15)."""
    if entry.extra.get("short"):
        return "shorts"
    status = str(entry.extra.get("live_status") or "")
    return "live" if status in {"is_live", "is_upcoming", "was_live", "post_live"} else "long"


def _find(pattern: str, title: str) -> str:
    found = _compiled(pattern).search(title[:LONGEST_TITLE])
    return found[0] if found else ""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
