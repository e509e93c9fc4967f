"""Serve `subscribe`: hold what a URL turned out to be against what is followed already; pure."""

from __future__ import annotations

from tracker.config.values import shown
from tracker.models import Config, Subscription
from tracker.sources import canonical_url, source_of


class Followed:
    """What is followed, found by its target, its feed's address, or a category of it."""

    def __init__(self, config: Config) -> None:
        self._found: dict[tuple[str, str], Subscription] = {}
        self._categories: list[Subscription] = []
        for each in config.subscriptions:
            self.add(each)

    def add(self, subscription: Subscription) -> None:
        """Follow one more."""
        for key in _keys(subscription):
            self._found.setdefault(key, subscription)
        if subscription.categories:
            self._categories.append(subscription)

    def find(self, subscription: Subscription) -> Subscription | None:
        """Give the one that follows the same already, None for none."""
        found = next((self._found[key] for key in _keys(subscription) if key in self._found), None)
        if found is not None or not subscription.categories:
            return found
        wanted = set(subscription.categories)
        return next((each for each in self._categories if wanted <= set(each.categories)), None)


def known_problem(subscription: Subscription, config: Config) -> str:
    """Say which subscription follows the same already, "" for none."""
    other = Followed(config).find(subscription)
    if other is None:
        return ""
    paused = ", paused" if other.paused else ""
    where = f" (line {other.line} of {config.path.name}{paused})" if other.line else ""
    return f"already subscribed: it is {shown(other.id)}{where}"


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


def _keys(subscription: Subscription) -> tuple[tuple[str, str], ...]:
    source = source_of(subscription)
    address = canonical_url(source.feed_url(subscription))
    target = (subscription.source.value, source.target(subscription))
    return (target, ("", address)) if address else (target,)
