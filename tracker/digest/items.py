"""Serve compose: turn a shown entry into what the page says of it; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from tracker.digest.changes import what_changed
from tracker.digest.composition import Form, Item
from tracker.digest.filters import MEMBERS_ONLY, unavailable
from tracker.digest.numbers import spelt
from tracker.digest.sentences import sentence
from tracker.digest.values import Material, Selection, Shown, Update, day_of, revision
from tracker.models import Kind, Role, StoredEntry

WORDS_A_MINUTE = 230
MOST_REASONS = 3
AMONG = "among the "  # begins what is said of a paper that nothing else is said of
_PLURAL = {Kind.VIDEO: "videos", Kind.POST: "posts", Kind.PAPER: "papers"}


@dataclass(frozen=True, slots=True)
class Flow:
    """How many entries each feed brought, how many of them are not shown, and which feeds brought papers."""

    arrived: Mapping[str, int]
    left_out: Mapping[str, int]
    of_papers: Collection[str]


def flow(selection: Selection) -> Flow:
    """Count the entries of each feed."""
    shown = [*(each.entry for each in selection.shown), *(each.entry for each in selection.lectures)]
    hidden = [each.ranked.entry for each in selection.cut]
    left_out = Counter(feed for entry in hidden for feed in _brought_by(entry))
    papers = {feed for entry in (*shown, *hidden) if entry.kind is Kind.PAPER for feed in _brought_by(entry)}
    return Flow(Counter(feed for entry in shown for feed in _brought_by(entry)) + left_out, left_out, papers)


def news_item(shown: Shown, material: Material, flow: Flow) -> Item:
    """Say what the page says of an entry that is news."""
    entry = shown.entry
    titles = [material.title(feed) for feed in shown.feeds]
    who = _who(entry, titles[0])
    item = _item(
        entry,
        form=shown.form,
        who=who,
        reasons=_reasons(shown, material, flow),
        also_in=tuple(title for title in dict.fromkeys(titles[1:]) if title not in {*who, titles[0]}),
        tags=_tags(material, shown.feeds),
    )
    return replace(item, version=revision(entry))


def update_item(update: Update, material: Material) -> Item:
    """Say what the page says of a new version: which it is, whose wish that was, and what it changed."""
    entry, version = update.entry, update.version
    return Item(
        key=entry.key,
        kind=entry.kind,
        title=version.title,
        url=f"{entry.url}v{version.version}",
        role=Role.UPDATE,
        sentence=what_changed(update.former, version),
        tags=_tags(material, tuple(each.feed for each in entry.appearances)),
        version=version.version,
        starred=update.starred,
    )


def lecture_item(entry: StoredEntry, *, number: int, total: int, feed: str, material: Material) -> Item:
    """Say what the page says of a course's next lecture; its own channel only where it is another's (M3)."""
    return _item(
        entry,
        role=Role.COURSE,
        lecture=number,
        lectures=total,
        tags=_tags(material, (feed,)),
    )


def reading_time(entry: StoredEntry) -> float | None:
    """Give the minutes an entry takes, 0 for a mere preview, None where the feed does not tell."""
    if entry.duration:
        return entry.duration / 60
    if entry.paywalled:
        return 0
    if entry.kind is Kind.PAPER:
        return len(entry.summary.split()) / WORDS_A_MINUTE  # what the page shows of it is the abstract
    words = entry.words
    return words / WORDS_A_MINUTE if words else None


def _item(  # noqa: PLR0913 -- one keyword for each thing that only some items have
    entry: StoredEntry,
    *,
    role: Role = Role.NEWS,
    form: Form = "full",
    who: tuple[str, ...] = (),
    reasons: tuple[str, ...] = (),
    also_in: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    lecture: int | None = None,
    lectures: int | None = None,
) -> Item:
    minutes = reading_time(entry)
    return Item(
        key=entry.key,
        kind=entry.kind,
        title=entry.title,
        url=entry.url,
        role=role,
        form=form,
        who=who,
        people=len(entry.authors) if entry.kind is Kind.PAPER else 0,
        published=day_of(entry),
        duration=entry.duration,
        minutes=max(1, round(minutes)) if minutes and not entry.duration else None,
        paywalled=entry.paywalled,
        sentence=sentence(entry) if form == "full" else "",
        reasons=reasons if form == "full" else (),
        also_in=also_in,
        tags=tags,
        lecture=lecture,
        lectures=lectures,
        members_only=unavailable(entry) == MEMBERS_ONLY,
    )


def _who(entry: StoredEntry, feed_title: str) -> tuple[str, ...]:
    """Name the first and last author of a paper, a video's channel, a post's author and publication."""
    if entry.kind is Kind.PAPER:
        return entry.authors if len(entry.authors) < 3 else (entry.authors[0], entry.authors[-1])
    if entry.kind is Kind.VIDEO:
        return (entry.authors[0] if entry.authors else feed_title,)
    return tuple(dict.fromkeys((*entry.authors[:2], feed_title)))


def _reasons(shown: Shown, material: Material, flow: Flow) -> tuple[str, ...]:
    """Say why this one, only where its feed is not shown whole (rule 6)."""
    crowded = [feed for feed in shown.feeds if flow.left_out.get(feed)]
    if not crowded:
        return ()
    feed, kind = crowded[0], shown.entry.kind
    arrived = spelt(flow.arrived[feed])
    if kind is Kind.PAPER:
        where = f" in {material.title(feed)}" if len(flow.of_papers) > 1 else ""
        most = spelt(material.settings.papers)
        like = "what editors pick" if material.ranking.prior else "what you starred"
        if shown.ranked.reasons:
            return (*shown.ranked.reasons, *_matched(shown))[:MOST_REASONS]
        is_dated = shown.ranked.score is None
        first = (
            f"{AMONG}{most} newest of {arrived}{where}"
            if is_dated
            else f"{AMONG}{most} of {arrived}{where} most like {like}"
        )
    else:
        first = f"one of {arrived} new {_PLURAL[kind]} there"
    return (*shown.ranked.reasons, first, *_matched(shown))[:MOST_REASONS]


def _matched(shown: Shown) -> tuple[str, ...]:
    return (f'the title matches "{shown.matched}"',) if shown.matched else ()


def _tags(material: Material, feeds: tuple[str, ...]) -> tuple[str, ...]:
    subscriptions = (material.subscriptions.get(feed) for feed in feeds)
    return tuple(dict.fromkeys(tag for each in subscriptions if each for tag in each.tags))


def _brought_by(entry: StoredEntry) -> tuple[str, ...]:
    return tuple(each.feed for each in entry.appearances if not each.backlog)
