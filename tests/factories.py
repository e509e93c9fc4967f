"""Make valid values for tests: every argument has a default, and tests name only what they are about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracker.models import (
    Answer,
    Appearance,
    Baseline,
    Config,
    DigestSettings,
    Door,
    DoorState,
    Entry,
    Feed,
    HttpSettings,
    Identified,
    Kind,
    KnownEntry,
    Mark,
    Outcome,
    Placed,
    Poll,
    RawEntry,
    RawFeed,
    Request,
    Role,
    SourceName,
    StoredEntry,
    StoredIssue,
    Subscription,
    Verdict,
    Window,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tracker.storage import Storage

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # a Wednesday in 2026-W48
WEEK_START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
WEEK_END = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)


# Format characters that are seen: the signs of Arabic, Syriac and Kaithi that stand before a number.
BEFORE_NUMBERS = frozenset((*map(chr, range(0x600, 0x606)), *"\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"))


def make_subscription(**fields: Any) -> Subscription:
    """Follow a web feed, unless a target is named: the source is then told by it."""
    sources = {
        "playlist": SourceName.YOUTUBE,
        "channel": SourceName.YOUTUBE,
        "publication": SourceName.SUBSTACK,
        "categories": SourceName.ARXIV,
        "query": SourceName.ARXIV,
        "papers": SourceName.ARXIV,
        "authors": SourceName.ARXIV,
        "url": SourceName.WEB,
    }
    target = next((name for name in sources if fields.get(name)), None)
    if target is None:
        target, fields = "url", {"url": "https://weeknight.example/feed", **fields}
    return Subscription(**{"id": "weeknight", "source": sources[target], **fields})


def make_config(path: Path, **fields: Any) -> Config:
    """Keep everything beside the feeds.toml `path`; hosts may be asked without a delay."""
    defaults: dict[str, Any] = {
        "path": path,
        "database": path.with_name("tracker.db"),
        "contact": "https://reader.example",
        "http": HttpSettings(host_delay=0.0),
        "digest": DigestSettings(folder=path.with_name("digests")),
        "subscriptions": (make_subscription(),),
    }
    return Config(**{**defaults, **fields})


def make_request(**fields: Any) -> Request:
    """Ask a web feed, without validators or a delay."""
    defaults: dict[str, Any] = {
        "feed": "weeknight",
        "door": Door.FEED,
        "url": "https://weeknight.example/feed",
        "host": "weeknight.example",
        "delay": 0.0,
        "timeout": 30.0,
    }
    return Request(**{**defaults, **fields})


def make_answer(body: bytes = b"", **fields: Any) -> Answer:
    """Answer a request with 200 from where it was asked."""
    request = fields.pop("request", None) or make_request()
    return Answer(**{"request": request, "status": 200, "url": request.url, "body": body, **fields})


def make_raw_entry(**fields: Any) -> RawEntry:
    """Stand first in a document, with a guid and a link."""
    defaults = {"position": 0, "guid": "https://weeknight.example/1", "link": "https://weeknight.example/1"}
    return RawEntry(**{**defaults, **fields})


def make_raw_feed(*entries: RawEntry, **fields: Any) -> RawFeed:
    """Hold these entries in a well-formed document."""
    return RawFeed(**{"title": "Weeknight ML", "entries": entries, **fields})


def make_feed(**fields: Any) -> Feed:
    """Be subscribed and answering: its feed door has its baseline and is due now."""
    defaults: dict[str, Any] = {
        "id": "weeknight",
        "source": SourceName.WEB,
        "target": "url:https://weeknight.example/feed",
        "title": "Weeknight ML",
        "site_url": "https://weeknight.example/",
        "subscribed_at": WEEK_START,
        "first_polled_at": WEEK_START,
        "feed": make_door(),
    }
    return Feed(**{**defaults, **fields})


def make_door(**fields: Any) -> DoorState:
    """Have answered once, at the start of the week."""
    defaults: dict[str, Any] = {
        "url": "https://weeknight.example/feed",
        "baseline_at": WEEK_START,
        "next_due_at": NOW,
        "last_polled_at": WEEK_START,
        "last_success_at": WEEK_START,
        "last_status": 200,
        "entries": 10,
    }
    return DoorState(**{**defaults, **fields})


def make_entry(number: int = 1, **fields: Any) -> Entry:
    """Be the post `number` of a web feed: two numbers share nothing that identifies."""
    url = f"https://weeknight.example/{number}"
    defaults: dict[str, Any] = {
        "position": 0,
        "key": f"web:{url.removeprefix('https://')}",
        "guid": url,
        "kind": Kind.POST,
        "title": f"Post {number}",
        "url": url,
        "canonical": url.removeprefix("https://"),
        "authors": ("Sam Whitlow",),
        "summary": f"What post {number} says.",
        "words": 1380,
        "published": NOW,
        "fingerprint": f"fingerprint-{number}",
    }
    return Entry(**{**defaults, **fields})


def make_video(video_id: str = "TCH_1BHY58I", **fields: Any) -> Entry:
    """Be a YouTube video without a known length."""
    defaults: dict[str, Any] = {
        "key": f"youtube:{video_id}",
        "guid": f"yt:video:{video_id}",
        "kind": Kind.VIDEO,
        "title": f"Lecture {video_id}",
        "url": f"https://www.youtube.com/watch?v={video_id}",
        "canonical": "",
        "authors": ("Andrej Karpathy",),
        "words": None,
        "fingerprint": f"fingerprint-{video_id}",
    }
    return make_entry(**{**defaults, **fields})


def make_paper(paper_id: str = "2203.15556", **fields: Any) -> Entry:
    """Be an arXiv paper announced as new."""
    defaults: dict[str, Any] = {
        "key": f"arxiv:{paper_id}",
        "guid": f"oai:arXiv.org:{paper_id}v1",
        "kind": Kind.PAPER,
        "title": f"Paper {paper_id}",
        "url": f"https://arxiv.org/abs/{paper_id}",
        "canonical": "",
        "authors": ("Ada Moreau", "Li Tanaka"),
        "words": 180,
        "version": 1,
        "announce_type": "new",
        "fingerprint": f"fingerprint-{paper_id}",
        "extra": {"categories": ["cs.CL"]},
    }
    return make_entry(**{**defaults, **fields})


def make_identified(entry: Entry | None = None, **fields: Any) -> Identified:
    """Be new and news."""
    entry = entry or make_entry()
    return Identified(**{"entry": entry, "key": entry.key, "verdict": Verdict.NEW, **fields})


def make_known(number: int = 1, **fields: Any) -> KnownEntry:
    """Be what the database knows of `make_entry(number)` in its own feed."""
    entry = make_entry(number)
    defaults: dict[str, Any] = {
        "id": number,
        "key": entry.key,
        "title": entry.title,
        "published": entry.published,
        "fingerprint": entry.fingerprint,
        "guid": entry.guid,
    }
    return KnownEntry(**{**defaults, **fields})


def make_baseline(**fields: Any) -> Baseline:
    """Be a later poll of a web feed."""
    defaults: dict[str, Any] = {
        "source": SourceName.WEB,
        "door": Door.FEED,
        "is_first": False,
        "since": WEEK_START,
    }
    return Baseline(**{**defaults, **fields})


def make_appearance(**fields: Any) -> Appearance:
    """Be news in the web feed."""
    defaults: dict[str, Any] = {
        "feed": "weeknight",
        "guid": "https://weeknight.example/1",
        "position": 0,
        "announce_type": "",
        "backlog": "",
        "first_seen": NOW,
        "last_seen": NOW,
    }
    return Appearance(**{**defaults, **fields})


def make_stored_entry(number: int = 1, *, entry: Entry | None = None, **fields: Any) -> StoredEntry:
    """Be `make_entry(number)` (or any `entry`) as stored, in no issue yet."""
    entry = entry or make_entry(number)
    shared = set(StoredEntry.__dataclass_fields__) & set(Entry.__dataclass_fields__)
    appearance = make_appearance(guid=entry.guid, position=entry.position, announce_type=entry.announce_type)
    defaults: dict[str, Any] = {name: getattr(entry, name) for name in shared}
    return StoredEntry(**{**defaults, "id": number, "first_seen": NOW, "appearances": (appearance,), **fields})


def make_poll(**fields: Any) -> Poll:
    """Have found nothing new."""
    defaults: dict[str, Any] = {
        "feed": "weeknight",
        "door": Door.FEED,
        "at": NOW,
        "outcome": Outcome.UNCHANGED,
        "host": "weeknight.example",
        "status": 200,
    }
    return Poll(**{**defaults, **fields})


def make_window(**fields: Any) -> Window:
    """Be week 48 of 2026, Monday 07:00 to Monday 07:00."""
    defaults: dict[str, Any] = {
        "label": "2026-W48",
        "start": WEEK_START,
        "end": WEEK_END,
        "closes_at": WEEK_END,
    }
    return Window(**{**defaults, **fields})


def make_placed(entry: int = 1, **fields: Any) -> Placed:
    """Be shown news."""
    return Placed(**{"entry": entry, "role": Role.NEWS, "is_shown": True, "section": "Read", **fields})


def make_issue(**fields: Any) -> StoredIssue:
    """Be week 48 of 2026, closed on the hour and not delivered yet."""
    defaults: dict[str, Any] = {
        "id": 0,
        "label": "2026-W48",
        "start": WEEK_START,
        "end": WEEK_END,
        "closes_at": WEEK_END,
        "closed_at": WEEK_END,
        "covers": (),
        "composition": "{}",
        "rendered": "# Learning LLMs · week 48\n".encode(),
        "file": "",
        "delivered_at": None,
    }
    return StoredIssue(**{**defaults, **fields})


def make_mark(key: str = "web:weeknight.example/1", **fields: Any) -> Mark:
    """Say that a work is done."""
    return Mark(**{"key": key, "done": True, "at": NOW, "origin": "digests/2026-W48.md", **fields})


def subscribe(storage: Storage, *subscriptions: Subscription, now: datetime = WEEK_START) -> tuple[Feed, ...]:
    """Make these the stored subscriptions, each with its id as its target."""
    wanted = subscriptions or (make_subscription(),)
    storage.reconcile(wanted, {each.id: f"target:{each.id}" for each in wanted}, now=now)
    return storage.feeds()


def store_entries(
    storage: Storage, entries: Sequence[Entry], *, feed: str = "weeknight", at: datetime = NOW, backlog: str = ""
) -> Mapping[str, StoredEntry]:
    """Store entries as new in a subscribed feed; give them as stored, by key."""
    storage.store(feed, [make_identified(entry, backlog=backlog) for entry in entries], door=Door.FEED, at=at)
    found = {entry.key: storage.entry(entry.key) for entry in entries}
    return {key: entry for key, entry in found.items() if entry is not None}


def as_changed(entry: Entry, stored: StoredEntry, **fields: Any) -> Identified:
    """Be a stored entry with other words, as identify hands it over."""
    changed = replace(entry, **{"fingerprint": f"{entry.fingerprint}-changed", **fields})
    return make_identified(changed, id=stored.id, verdict=Verdict.CHANGED)
