"""Begin `subscribe`: the text that a person typed → a proposal, or a sentence that says why there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from tracker import sources
from tracker.config.values import shown
from tracker.errors import (
    BlockedError,
    FeedError,
    NetworkError,
    ParseError,
    RateLimitedError,
    StatusError,
    TooManyEntriesError,
)
from tracker.models import Answer, Config, SourceName, Subscription
from tracker.sources import Target, canonical_url, source_of
from tracker.subscribe.describe import describe
from tracker.subscribe.discover import guesses, read_page
from tracker.subscribe.forecast import Carried
from tracker.subscribe.known import join_problem, joinable, known_problem
from tracker.subscribe.look import Look, Looker, ask, look, parsed, seen_feed
from tracker.subscribe.proposal import Proposal, Wishes, clean_title, subscription_of

_SUBSTACK = re.compile(rb"<generator>\s*(?:<!\[CDATA\[)?\s*Substack\b", re.IGNORECASE)
_IS_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_HEAD = 4096  # bytes in which a document says what it is


class RefusedError(Exception):
    """End an examination: why there is nothing to propose, and what could be meant instead."""

    def __init__(self, text: str, *, choices: tuple[str, ...] = ()) -> None:
        self.choices = choices
        super().__init__(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    config: Config
    looker: Looker
    wishes: Wishes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What is to be followed, and what was seen of it on the way there, if anything."""

    subscription: Subscription
    note: str = ""
    look: Look | None = None


def examine(  # noqa: PLR0913 -- every one is known to the caller alone, all but the first by keyword
    text: str,
    config: Config,
    looker: Looker,
    *,
    now: datetime,
    wishes: Wishes | None = None,
    since: datetime | None = None,
    carried: Carried | None = None,
) -> Proposal:
    """Work out what a URL, id or handle is, look once, and say what will arrive.

    `since` is the start of the open window (UTC); without it, that of a new database. `carried` says which feeds carry
    what is stored. Raises nothing of its own: what cannot be subscribed to is a proposal with a problem.
    """
    task = _Task(config=config, looker=looker, wishes=wishes or Wishes())
    start = since or _first_window(config, now)
    try:
        found = _found(text, task)
        joins = "" if task.wishes.id else joinable(found.subscription, config)
        seen = found.look or _look(found, task)
        found = _settled(found, seen, config)
    except RefusedError as refused:
        return Proposal(problem=str(refused), choices=refused.choices)
    except FeedError as error:
        return Proposal(problem=f"could not look at it: {error} {_remedy(error)}".rstrip())
    wished = _wished(found.subscription, task.wishes)
    proposal = describe(wished, seen, config, now=now, since=start, carried=carried)
    notes = (*((found.note,) if found.note else ()), *proposal.notes)
    return replace(proposal, notes=notes, joins=joins, problem=join_problem(found.subscription, joins, config))


def _remedy(error: FeedError) -> str:
    """Say what to do, where a poll would say that it tries again by itself."""
    if isinstance(error, NetworkError) and error.local:
        return "Check the network, then try again."
    return "Try again later." if "again" in error.remedy else error.remedy


def _first_window(config: Config, now: datetime) -> datetime:
    from tracker.window import open_window

    return open_window(config.digest, last=None, first_polled_at=None, now=now, labels=()).start


def _wished(subscription: Subscription, wishes: Wishes) -> Subscription:
    return replace(
        subscription,
        id=wishes.id,
        title=wishes.title,
        tags=wishes.tags,
        course=wishes.course,
        backlog=wishes.backlog,
    )


# ---------------------------------------------------------------- text → what is to be followed


def _found(text: str, task: _Task) -> _Found:
    return _from_target(_target(text), task)


def _target(text: str) -> Target:
    try:
        return sources.source_for(text)
    except ValueError as error:
        raise RefusedError(str(error)) from None


def _from_target(target: Target, task: _Task) -> _Found:
    if target.url:
        return _from_web(target, task)
    if target.resolve:
        target = _resolved(target, task)
    subscription = subscription_of(target)
    _refuse_known(subscription, task.config)
    return _Found(subscription=subscription, note=target.note)


def _resolved(target: Target, task: _Task) -> Target:
    """Ask what a handle, legacy name or video page is: feeds.toml takes only the lasting id (M18)."""
    answer = task.looker.resolve(target.resolve)
    found = replace(target, channel=str(answer.get("channel_id") or ""), resolve="")
    subscription = subscription_of(found)
    if not found.channel or source_of(subscription).problem(subscription):
        raise RefusedError(f"{target.resolve} names no channel; give the channel's or the playlist's own address")
    name = clean_title(str(answer.get("channel") or answer.get("uploader") or ""))
    return replace(found, note=target.note or (f"The name leads to the channel {shown(name)}." if name else ""))


def _from_web(target: Target, task: _Task) -> _Found:
    _refuse_known(subscription_of(target), task.config)
    answer = ask(target.url, task.config, task.looker)
    found = _from_answer(answer, task)
    _refuse_known(found.subscription, task.config)
    is_same = canonical_url(answer.url) == canonical_url(target.url)
    return found if is_same or found.note else replace(found, note=f"{target.url} leads to {answer.url}.")


def _from_answer(answer: Answer, task: _Task) -> _Found:
    led = _target(answer.url)
    if led.source is not SourceName.WEB:
        return _from_target(led, task)
    return _as_feed(answer) or _from_page(answer, task)


def _as_feed(answer: Answer) -> _Found | None:
    """Take an answer as a feed, if it is one; one that Substack makes is a publication."""
    try:
        raw = parsed(answer)
    except TooManyEntriesError:
        raise
    except ParseError as error:
        if _IS_PAGE.search(answer.body[:_HEAD]) or "html" in answer.headers.get("content-type", ""):
            return None
        raise RefusedError(f"{answer.url} is no feed and no page: {error}") from None
    is_substack = _SUBSTACK.search(answer.body[:_HEAD]) and urlsplit(answer.url).path.rstrip("/") == "/feed"
    subscription = _publication(answer.url) if is_substack else _web(answer.url)
    return _Found(subscription=subscription, look=seen_feed(raw, answer, subscription))


def _from_page(answer: Answer, task: _Task) -> _Found:
    """Follow what a page points to: one feed, or the reader's choice of several, or what is found where feeds stand."""
    page = read_page(answer.body, content_type=answer.headers.get("content-type", ""), url=answer.url)
    if page.generator.lower().startswith("substack"):
        return _Found(subscription=_publication(answer.url))
    links = tuple(dict.fromkeys(link for link in page.feeds if not _is_inward(answer.url, link)))
    if len(links) > 1:
        raise RefusedError(f"{answer.url} has {len(links)} feeds; give the address of one", choices=links)
    if links:
        return replace(_linked(links[0], task), note=f"The page {answer.url} names this feed.")
    return _guessed(answer.url, task)


def _is_inward(page: str, link: str) -> bool:
    """Tell a public page's link into a private network: nobody else's page says what to ask there."""
    from tracker.poll.fetch.redirects import is_private_host

    return is_private_host(urlsplit(link).hostname or "") and not is_private_host(urlsplit(page).hostname or "")


def _linked(link: str, task: _Task) -> _Found:
    target = _target(link)
    if target.source is not SourceName.WEB:
        return _from_target(target, task)
    found = _as_feed(ask(link, task.config, task.looker))
    if found is None:
        raise RefusedError(f"the page points to {link} as its feed, but that is a page, too")
    return found


def _guessed(url: str, task: _Task) -> _Found:
    for guess in guesses(url):
        found = _tried(guess, task)
        if found:
            return replace(found, note=f"The page {url} names no feed; this one was found by trying.")
    tried = ", ".join(urlsplit(guess).path for guess in guesses(url))
    raise RefusedError(f'{url} has no feed: the page names none (link rel="alternate"), and none stands at {tried}')


def _tried(guess: str, task: _Task) -> _Found | None:
    try:
        return _as_feed(ask(guess, task.config, task.looker))
    except (RateLimitedError, BlockedError):
        raise
    except (StatusError, RefusedError):
        return None


def _look(found: _Found, task: _Task) -> Look:
    subscription = found.subscription
    hint = f" ({found.note.rstrip('.')}; give the newsletter's own address)" if found.note else ""
    try:
        return look(subscription, task.config, task.looker)
    except StatusError as error:
        if subscription.publication and error.status == 404:
            # Substack sends unknown names to the name without hyphens, and there it says 404 (M47).
            raise RefusedError(f"there is no publication at {subscription.publication}{hint}") from None
        if subscription.categories and error.status == 400:  # M61
            raise RefusedError(f"arXiv knows no category {' or '.join(subscription.categories)}") from None
        raise


def _settled(found: _Found, seen: Look, config: Config) -> _Found:
    """Follow a publication to the domain that it has moved to (M46)."""
    if not found.subscription.publication or urlsplit(seen.url).path.rstrip("/") != "/feed":
        return found
    moved = _publication(seen.url)
    if source_of(moved).target(moved) == source_of(moved).target(found.subscription):
        return found
    _refuse_known(moved, config)
    note = f"{found.subscription.publication} has moved to {moved.publication}."
    if _is_guess(found.subscription.publication, moved.publication):
        note = (
            f"There is no publication at {found.subscription.publication}; Substack leads to {moved.publication}, "
            "which may be another one: unsubscribe it if it is not meant."
        )
    return replace(found, subscription=moved, note=f"{found.note} {note}".lstrip())


def _is_guess(asked: str, answered: str) -> bool:
    """Tell Substack's guess at an unknown name, the same without hyphens (M47), from a move (M46)."""
    return answered.endswith(".substack.com") and asked.replace("-", "") == answered.replace("-", "")


def _publication(url: str) -> Subscription:
    parts = urlsplit(url)
    return Subscription(id="", source=SourceName.SUBSTACK, publication=f"{parts.scheme}://{parts.netloc}")


def _web(url: str) -> Subscription:
    return Subscription(id="", source=SourceName.WEB, url=url.partition("#")[0])


def _refuse_known(subscription: Subscription, config: Config) -> None:
    if problem := known_problem(subscription, config):
        raise RefusedError(problem)
