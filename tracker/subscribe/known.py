"""Serve `subscribe`: hold what a URL turned out to be against what is followed already; pure."""

from __future__ import annotations

from tracker.config.values import shown
from tracker.models import Config, Subscription
from tracker.sources import canonical_url, source_of


def known_problem(subscription: Subscription, config: Config) -> str:
    """Say which subscription follows the same already, "" for none."""
    for other in config.subscriptions:
        if _is_same(subscription, other):
            paused = ", paused" if other.paused else ""
            where = f" (line {other.line} of {config.path.name}{paused})" if other.line else ""
            return f"already subscribed: it is {shown(other.id)}{where}"
    return ""


def _is_same(one: Subscription, other: Subscription) -> bool:
    if one.source is other.source and source_of(one).target(one) == source_of(other).target(other):
        return True
    if one.categories and other.categories:
        return set(one.categories) <= set(other.categories)
    return canonical_url(source_of(one).feed_url(one)) == canonical_url(source_of(other).feed_url(other))


def joinable(subscription: Subscription, config: Config) -> str:
    """Name the table that a category could join: a paper in two categories is then one entry, and one request."""
    if not subscription.categories:
        return ""
    return next((other.id for other in config.subscriptions if other.categories), "")


def join_problem(subscription: Subscription, joins: str, config: Config) -> str:
    """Say how a category joins a table, and how it would not; "" where there is none to join."""
    other = config.subscription(joins)
    if other is None:
        return ""
    together = ", ".join(shown(each) for each in dict.fromkeys((*other.categories, *subscription.categories)))
    where = f" (line {other.line} of {config.path.name})" if other.line else ""
    return (
        f"could join {shown(other.id)}{where}: write categories = [{together}] there, so that a paper in several "
        "comes once; --id NAME makes a table of its own"
    )
