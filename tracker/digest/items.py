"""Serve compose: turn a shown entry into what the page says of it; pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from tracker.digest.changes import what_changed
from tracker.digest.composition import Form, Item
from tracker.digest.features import categories
from tracker.digest.filters import MEMBERS_ONLY, unavailable
from tracker.digest.numbers import joined, spelt
from tracker.digest.sentences import sentence
from tracker.digest.values import INTERESTS, NOUNS, YOURS, Look, Material, Selection, Shown, Update, day_of, revision
from tracker.models import WORDS_A_MINUTE, Kind, Role, StoredEntry, minutes_of

MOST_REASONS, MOST_WORDS = 3, 15
MOST_NAMED = 2  # people, keywords, feeds or papers in one line
LONGEST_NAMES = 8  # words of these, beyond which they are counted
KEPT = "a place kept for small groups"
AMONG = "among the "  # begins what is said of a paper that nothing else is said of


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
        reasons=reasons_of(shown, material, flow),
        also_in=tuple(title for title in dict.fromkeys(titles[1:]) if title not in {*who, titles[0]}),
        tags=_tags(material, shown.feeds),
    )
    return _with_addresses(replace(item, version=revision(entry)), entry, material)


def update_item(update: Update, material: Material) -> Item:
    """Say what the page says of a new version: which it is, whose wish that was, and what it changed."""
    entry, version = update.entry, update.version
    item = Item(
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
    return _with_addresses(item, entry, material)


def look_item(look: Look, material: Material) -> Item:
    """Say what the page says of a paper that gets a second look."""
    titles = tuple(dict.fromkeys(material.title(feed) for feed in look.feeds))
    item = _item(look.entry, role=Role.SECOND_LOOK, who=_who(look.entry, ""))
    return _with_addresses(replace(item, announced=look.entry.issue, discussed=titles), look.entry, material)


def reasons_of(shown: Shown, material: Material, flow: Flow) -> tuple[str, ...]:
    """Say why this one, only where its feed is not shown whole (rule 6); of whom the reader follows always."""
    crowded = [feed for feed in shown.feeds if flow.left_out.get(feed)]
    if not crowded:
        return _interests(shown)[:1] if shown.section == YOURS else ()
    if shown.entry.kind is Kind.PAPER:
        return _few(_reasons_of_paper(shown, material, flow, crowded[0]), KEPT if shown.is_kept_place else "")
    first = f"one of {spelt(flow.arrived[crowded[0]])} new {NOUNS[shown.entry.kind]}s there"
    return _few((*shown.ranked.reasons, first, *_matched(shown)))


def links_of(
    entry: StoredEntry, material: Material, on_page: Collection[str]
) -> tuple[tuple[tuple[str, str], ...], int]:
    """Say which papers an entry discusses: those not on the page by title and address, and how many are on it.

    Of a list of many links only the reader's own papers are named.
    """
    links = material.links.get(entry.id, ())
    elsewhere = [each for each in links if each.key not in on_page]
    named = elsewhere if len(links) <= MOST_NAMED else [each for each in elsewhere if each.is_followed]
    titles = ((each.title or each.key.replace("arxiv:", "arXiv:"), each.url) for each in named[:MOST_NAMED])
    return tuple(titles), len(links) - len(elsewhere)


def lecture_item(entry: StoredEntry, *, number: int, total: int, feed: str, material: Material) -> Item:
    """Say what the page says of a course's next lecture; its own channel only where it is another's (M3)."""
    return _item(
        entry,
        role=Role.COURSE,
        lecture=number,
        lectures=total,
        tags=_tags(material, (feed,)),
    )


def first_category(entry: StoredEntry) -> str:
    """Name the category that a paper was submitted to, "" where its feed does not say."""
    return str(entry.extra.get("primary") or next(iter(categories(entry)), ""))


def reading_time(entry: StoredEntry) -> float | None:
    """Give the minutes an entry takes, 0 for a mere preview, None where the feed does not tell."""
    if entry.kind is Kind.PAPER:
        return len(entry.summary.split()) / WORDS_A_MINUTE  # what the page shows of it is the abstract
    return 0 if entry.paywalled and not entry.duration else minutes_of(entry)


def asked_minutes(entry: StoredEntry, form: Form = "full") -> float:
    """Give the minutes that an entry adds to the page's; a paper's title asks none, and what is not known is none."""
    return 0.0 if form == "title" and entry.kind is Kind.PAPER else reading_time(entry) or 0.0


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


def _with_addresses(item: Item, entry: StoredEntry, material: Material) -> Item:
    """Add a paper's first category and its PDF, for readers whose papers stand in several sections."""
    if entry.kind is not Kind.PAPER or not material.is_divided:
        return item
    pdf = item.url.replace("/abs/", "/pdf/", 1) if "/abs/" in item.url else ""
    category = "" if item.role is Role.UPDATE else first_category(entry)
    return replace(item, category=category, pdf=pdf if item.form == "full" else "")


def _who(entry: StoredEntry, feed_title: str) -> tuple[str, ...]:
    """Name the first and last author of a paper, a video's channel, a post's author and publication."""
    if entry.kind is Kind.PAPER:
        return entry.authors if len(entry.authors) < 3 else (entry.authors[0], entry.authors[-1])
    if entry.kind is Kind.VIDEO:
        return (entry.authors[0] if entry.authors else feed_title,)
    return tuple(dict.fromkeys((*entry.authors[:2], feed_title)))


def _reasons_of_paper(shown: Shown, material: Material, flow: Flow, feed: str) -> tuple[str, ...]:
    """Say first what is the reader's own, then what the order is owed to; where there is nothing, say the order."""
    ranked = shown.ranked
    found = (*_interests(shown), *_talk(shown, material), *ranked.reasons, *_matched(shown))
    if found or material.is_divided or shown.is_kept_place:
        return found
    where = f" in {material.title(feed)}" if len(flow.of_papers) > 1 else ""
    first, arrived = f"{AMONG}{spelt(material.settings.papers)}", spelt(flow.arrived[feed])
    if ranked.score is None:
        return (f"{first} newest of {arrived}{where}",)
    like = "what editors pick" if material.ranking.prior else "what you starred"
    return (f"{first} of {arrived}{where} most like {like}",)


def _interests(shown: Shown) -> tuple[str, ...]:
    """Say whose paper it is, and which of the reader's words it has."""
    people, keywords = shown.ranked.people[:MOST_NAMED], shown.ranked.keywords[:MOST_NAMED]
    quoted = joined([f'"{each}"' for each in keywords])
    matches = quoted if shown.section == INTERESTS else f"matches your {quoted}"
    return (
        *((f"by {joined(list(people))}, whom you follow",) if people else ()),
        *((matches,) if keywords else ()),
    )


def _talk(shown: Shown, material: Material) -> tuple[str, ...]:
    """Say where a paper is discussed."""
    titles = list(dict.fromkeys(material.title(feed) for feed in shown.ranked.discussed))
    if not titles:
        return ()
    named = joined(titles)
    is_short = len(titles) <= MOST_NAMED and len(named.split()) <= LONGEST_NAMES
    return (f"discussed in {named if is_short else f'{spelt(len(titles))} of your feeds'}",)


def _few(reasons: Sequence[str], last: str = "") -> tuple[str, ...]:
    """Keep at most three and 15 words, the first in any case (rule 6); `last` is kept, too, in the last place."""
    room, most = MOST_WORDS - len(last.split()), MOST_REASONS - bool(last)
    kept: list[str] = []
    for each in reasons:
        if len(kept) < most and (not kept or len(each.split()) <= room):
            kept.append(each)
            room -= len(each.split())
    return (*kept, last) if last else tuple(kept)


def _matched(shown: Shown) -> tuple[str, ...]:
    return (f'the title matches "{shown.matched}"',) if shown.matched else ()


def _tags(material: Material, feeds: tuple[str, ...]) -> tuple[str, ...]:
    subscriptions = (material.subscriptions.get(feed) for feed in feeds)
    return tuple(dict.fromkeys(tag for each in subscriptions if each for tag in each.tags))


def _brought_by(entry: StoredEntry) -> tuple[str, ...]:
    return tuple(each.feed for each in entry.appearances if not each.backlog)
