"""Serve `config`: the `[[feed]]` tables → subscriptions, by the rules that span several keys or tables."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from tracker import sources
from tracker.config.convert import Mistake, Path, convert
from tracker.config.schema import TARGETS, FeedTable
from tracker.config.values import shown, slug
from tracker.models import SourceName, Subscription

_OF_VIDEOS = ("videos", "members_only", "min_duration")
_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*feed[ \t]*\]\]", re.MULTILINE)


def subscriptions(tables: object, *, text: str) -> tuple[tuple[Subscription, ...], list[Mistake]]:
    """Check every table; `text` is the file, to number the subscriptions' lines."""
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        return (), [Mistake(("feed",), "is a list of tables: each begins with [[feed]], in double brackets")]
    mistakes: list[Mistake] = []
    lines = _lines(text, expected=len(tables))
    found = [
        _subscription(table, ("feed", number), line=line, mistakes=mistakes)
        for number, (table, line) in enumerate(zip(tables, lines, strict=True))
    ]
    _doubled(found, mistakes)
    return tuple(found), mistakes


def _lines(text: str, *, expected: int) -> list[int | None]:
    lines: list[int | None] = []
    line, end = 1, 0
    for header in _HEADER.finditer(text):
        line += text.count("\n", end, header.start())
        end = header.start()
        lines.append(line)
    # An inline table, or a header inside a text: rare, and the line is only a comfort.
    return lines if len(lines) == expected else [None] * expected


def _subscription(
    table: Mapping[str, object], path: Path, *, line: int | None, mistakes: list[Mistake]
) -> Subscription:
    feed, wrong, dropped = convert(FeedTable, table, path=path)
    mistakes += wrong
    if not feed.id and "id" not in dropped:
        such = f", such as {shown(slug(feed.title))}" if slug(feed.title) else ""
        mistakes.append(Mistake(path, f"has no id: a short name for commands and messages{such}"))
    if dropped & {*TARGETS, "source"}:
        # Said already; whether something else is wrong with the target cannot be known before.
        return _built(feed, source=SourceName.WEB, line=line)
    source, wrong = _source(feed, path, given=table)
    subscription = _built(feed, source=source, line=line)
    mistakes += wrong or _target(subscription, path)
    return subscription


def _source(feed: FeedTable, path: Path, *, given: Collection[str]) -> tuple[SourceName, list[Mistake]]:
    targets = [key for key in TARGETS if getattr(feed, key)]
    if len(targets) != 1:
        return SourceName.WEB, [Mistake(path, _wrong_count(targets, feed))]
    source = sources.infer(targets)
    assert source, targets
    if feed.source and feed.source != source:
        text = f'{targets[0]} belongs to source = "{source}", not {shown(feed.source)} (source may be left out)'
        return source, [Mistake((*path, "source"), text)]
    return source, _misplaced(feed, path, target=targets[0], given=given)


def _wrong_count(targets: list[str], feed: FeedTable) -> str:
    if targets:
        return f"follows {' and '.join(targets)}; only one of them can stand in one [[feed]]"
    wanted = [key for key in TARGETS if not feed.source or sources.infer([key]) == feed.source]
    return f"does not say what to follow: one of {', '.join(wanted)}"


def _target(subscription: Subscription, path: Path) -> list[Mistake]:
    problem = sources.source_of(subscription).problem(subscription)
    target = next(key for key in TARGETS if getattr(subscription, key))
    # The line names the key already.
    return [Mistake((*path, target), problem.removeprefix(f"{target}: "))] if problem else []


def _misplaced(feed: FeedTable, path: Path, *, target: str, given: Collection[str]) -> list[Mistake]:
    mistakes = []
    if feed.course and target != "playlist":
        mistakes.append(
            Mistake((*path, "course"), f"a course is a playlist, worked through in order; this is {target}")
        )
    if target not in {"playlist", "channel"}:
        text = f"chooses among YouTube's videos; this is {target}"
        mistakes += [Mistake((*path, key), text) for key in _OF_VIDEOS if key in given]
    if "announce" in given and target != "categories":
        mistakes.append(
            Mistake((*path, "announce"), f"chooses among what arXiv announces in categories; this is {target}")
        )
    return mistakes


def _built(feed: FeedTable, *, source: SourceName, line: int | None) -> Subscription:
    return Subscription(
        id=str(feed.id),
        source=source,
        title=str(feed.title),
        playlist=str(feed.playlist),
        channel=str(feed.channel),
        videos=tuple(dict.fromkeys(feed.videos)),
        members_only=feed.members_only,
        min_duration=float(feed.min_duration),
        publication=str(feed.publication),
        categories=feed.categories,
        announce=tuple(dict.fromkeys(feed.announce)),
        query=str(feed.query),
        papers=feed.papers,
        authors=feed.authors,
        url=str(feed.url),
        tags=feed.tags,
        course=feed.course,
        pace=feed.pace,
        most=feed.most,
        backlog=feed.backlog.value,
        match=str(feed.match),
        exclude=str(feed.exclude),
        paused=feed.paused,
        line=line,
    )


def _doubled(feeds: list[Subscription], mistakes: list[Mistake]) -> None:
    first: dict[str, Subscription] = {}
    for number, feed in enumerate(feeds):
        if not feed.id or feed.id not in first:
            first[feed.id] = feed
            continue
        line = first[feed.id].line
        where = f" on line {line}" if line else ""
        mistakes.append(Mistake(("feed", number, "id"), f"{shown(feed.id)} is the id of another feed{where}"))
