"""Make the database that is kept of every schema: some weeks of a reader's life, closed into issues of every form.

`pytest --update-databases` writes the one of a schema that is not released; a released one never changes again.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.factories import (
    as_changed,
    make_config,
    make_entry,
    make_mark,
    make_paper,
    make_poll,
    make_subscription,
    make_video,
    store_entries,
)
from tracker import digest
from tracker.models import Config, DigestSettings, Door, Mention, Outcome
from tracker.storage import Storage

FOLDER = Path(__file__).parent / "fixtures" / "databases"
UNRELEASED = "-unreleased"
BEGIN = datetime(2026, 11, 3, 18, 20, tzinfo=UTC)
MONDAY = datetime(2026, 11, 9, 7, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LECTURES = ("VMj-3S1tku0", "PaCmpygFfXo", "TCH_1BHY58I", "P6sfmUTpUmc")
BLOG = make_subscription(title="Weeknight *ML* [and] <more>", exclude="advert")
COURSE = make_subscription(
    id="course", playlist="PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ", title="Zero to Hero", course=True
)
PAPERS = make_subscription(id="papers", categories=("cs.CL", "cs.LG"), title="arXiv cs.CL and cs.LG")
SUBSCRIPTIONS = (BLOG, COURSE, PAPERS)


@dataclass(frozen=True, slots=True)
class Kept:
    """A database of the past: the last step of its schema, and where it and its issues are kept."""

    step: str
    path: Path

    @property
    def is_released(self) -> bool:
        """Whether it is kept for ever as it is."""
        return not self.path.name.removesuffix(".db.gz").endswith(UNRELEASED)

    @property
    def pages(self) -> Path:
        """Where its issues' pages are, LABEL.md each."""
        return self.path.with_name(self.path.name.removesuffix(".db.gz"))

    def unpack(self, path: Path) -> None:
        """Put the database as that version left it."""
        path.write_bytes(gzip.decompress(self.path.read_bytes()))


def kept() -> tuple[Kept, ...]:
    """Give every database that is kept, in the order of schemas."""
    return tuple(
        Kept(path.name.removesuffix(".db.gz").removesuffix(UNRELEASED), path) for path in sorted(FOLDER.glob("*.db.gz"))
    )


def write(step: str) -> None:
    """Keep today's database under a step that is not released."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    found = Kept(step, FOLDER / f"{step}{UNRELEASED}.db.gz")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tracker.db"
        pages = make(path)
        with Storage.open(path, now=BEGIN) as storage:
            storage.backup(Path(folder) / "whole.db")
        found.path.write_bytes(gzip.compress((Path(folder) / "whole.db").read_bytes(), mtime=0))
    found.pages.mkdir(exist_ok=True)
    for old in found.pages.glob("*.md"):
        old.unlink()
    for label, page in pages.items():
        (found.pages / f"{label}.md").write_bytes(page)


def make(path: Path) -> Mapping[str, bytes]:
    """Live through some weeks; give the pages by label."""
    weekly = DigestSettings(folder=path.with_name("digests"), title="Learning LLMs", timezone="Europe/London")
    config = make_config(path.with_name("feeds.toml"), digest=weekly, subscriptions=SUBSCRIPTIONS)
    with Storage.open(path, now=BEGIN) as storage:
        _begin(storage)
        _full_weeks(config, storage)
        _odd_weeks(config, storage)
        return {issue.label: issue.rendered for issue in storage.issues()}


def _begin(storage: Storage) -> None:
    """Subscribe, and find what was there before."""
    storage.reconcile(SUBSCRIPTIONS, {each.id: f"target:{each.id}" for each in SUBSCRIPTIONS}, now=BEGIN)
    _poll(storage, BEGIN)
    lectures = [
        make_video(each, position=place, duration=3600 + 60 * place, published=BEGIN - 900 * DAY)
        for place, each in enumerate(LECTURES)
    ]
    store_entries(storage, lectures, feed="course", at=BEGIN, backlog="there before")
    store_entries(
        storage, [make_entry(each, published=BEGIN - 60 * DAY) for each in (1, 2, 3)], at=BEGIN, backlog="older"
    )


def _full_weeks(config: Config, storage: Storage) -> None:
    """A first issue with more papers than fit, then an early close and the rest of its week."""
    _poll(storage, MONDAY - 2 * DAY)
    papers = [make_paper(f"2611.{each:05}", published=MONDAY - 3 * DAY) for each in range(1, 13)]
    store_entries(storage, papers, feed="papers", at=MONDAY - 2 * DAY)
    mention = Mention("arxiv:2611.00003", "https://arxiv.org/abs/2611.00003")
    posts = [
        _post(10, title="What `code` and [[links]] ![do](javascript:x) in a title", mentions=(mention,)),
        _post(11, title="A title\u202e with a turn, 日本語, and #tags", paywalled=True),
        _post(12, title="An advert", published=None),
    ]
    store_entries(storage, posts, at=MONDAY - 2 * DAY)
    digest.close_overdue(config, storage, now=MONDAY + timedelta(minutes=1))
    storage.set_mark(make_mark("youtube:VMj-3S1tku0", at=MONDAY + HOUR))
    store_entries(storage, [_post(20)], at=MONDAY + DAY)
    digest.close_early(config, storage, now=MONDAY + 2 * DAY)
    store_entries(storage, [_post(21)], at=MONDAY + 3 * DAY)
    _poll(storage, MONDAY + 4 * DAY, fails=("weeknight",))
    digest.close_overdue(config, storage, now=MONDAY + 7 * DAY + HOUR)


def _odd_weeks(config: Config, storage: Storage) -> None:
    """Two weeks missed, a feed that ended, an edit after its issue, an empty week, then a page each day."""
    away = MONDAY + 23 * DAY
    _poll(storage, away)
    entry = storage.entry("web:weeknight.example/20")
    assert entry is not None
    changed = as_changed(make_entry(20), entry, title="Edited after its issue")
    storage.store("weeknight", [changed], door=Door.FEED, at=away)
    store_entries(storage, [_post(30)], at=away)
    storage.reconcile((COURSE, PAPERS), {each.id: f"target:{each.id}" for each in (COURSE, PAPERS)}, now=away)
    rest = replace(config, subscriptions=(COURSE, PAPERS))
    digest.close_overdue(rest, storage, now=away)
    _poll(storage, MONDAY + 26 * DAY)
    digest.close_overdue(rest, storage, now=MONDAY + 28 * DAY)
    daily = replace(rest, digest=replace(config.digest, every="day", at="07:00", timezone="Asia/Kathmandu"))
    _poll(storage, MONDAY + 28 * DAY + HOUR)
    store_entries(storage, [make_paper("2612.00001", published=MONDAY + 28 * DAY)], feed="papers", at=MONDAY + 28 * DAY)
    digest.close_overdue(daily, storage, now=MONDAY + 29 * DAY)
    store_entries(storage, [make_paper("2612.00002")], feed="papers", at=MONDAY + 29 * DAY + HOUR)


def _post(number: int, **fields: Any) -> Any:
    return make_entry(number, **{"published": MONDAY, **fields})


def _poll(storage: Storage, at: datetime, *, fails: tuple[str, ...] = ()) -> None:
    """Ask every feed once."""
    for feed in storage.feeds():
        is_bad = feed.id in fails
        outcome, status, error = (Outcome.FAILED, 503, "HTTP 503") if is_bad else (Outcome.UNCHANGED, 200, "")
        storage.add_poll(
            make_poll(at=at, feed=feed.id, host=f"{feed.id}.example", outcome=outcome, status=status, error=error)
        )
        door = replace(feed.feed, baseline_at=feed.feed.baseline_at or at, last_polled_at=at, last_success_at=at)
        storage.save_feed(replace(feed, first_polled_at=feed.first_polled_at or at, title=feed.id, feed=door))
