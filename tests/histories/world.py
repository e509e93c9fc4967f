"""Drive the real program through a life: a written feeds.toml, documents as hosts serve them, a database, a folder.

Nothing here knows what is right; `tests/histories/model.py` does, and shares nothing with the program.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from tests.factories import make_request
from tests.internet_feeds import Paper, arxiv_rss
from tests.internet_youtube import Channel, Shelf, Video, _atom
from tracker import digest
from tracker.config import load
from tracker.errors import DigestError, NetworkError
from tracker.models import Answer, Config, Failure, Outcome, Poll, StoredIssue
from tracker.poll import reconcile
from tracker.poll.asking import Pass, expect_batches
from tracker.poll.taking import take
from tracker.poll.together import Together
from tracker.storage import Storage

BEGIN = datetime(2026, 11, 4, 9, 30, tzinfo=UTC)
MEMORY = Path("/dev/shm")  # where a commit does not wait for a disk
OWNER = Channel(id="UCXUPKJO5MZQN11PqgIvyuvQ", title="A channel")


@dataclass(slots=True)
class Work:
    """One work as its author changes it; its number is in its URL and nowhere else."""

    number: int
    place: str
    title: str
    published: datetime | None
    text: str = "Some words about it."

    @property
    def url(self) -> str:
        """Give the address under which the page must link it."""
        if self.place == "tube":
            return f"https://www.youtube.com/watch?v=video{self.number:06}"
        if self.place == "arxiv":
            return f"https://arxiv.org/abs/2611.{self.number:05}"
        return f"https://{self.place}.example/{self.number}"


@dataclass(slots=True)
class Document:
    """A feed as its host serves it: works of one place, newest arrival first, at most fifteen."""

    name: str
    place: str
    target: dict[str, Any]
    works: list[Work] = field(default_factory=list)

    def body(self, now: datetime) -> bytes:
        """Write it as its kind of host does."""
        if self.place == "tube":
            videos = [
                Video(id=f"video{each.number:06}", title=each.title, published=each.published or now)
                for each in self.works
            ]
            return _atom(Shelf(id="PLhistories", title=self.name, owner=OWNER, videos=videos)).encode()
        if self.place == "arxiv":
            papers = [
                Paper(id=f"2611.{each.number:05}", title=each.title, authors="Ada Moreau", abstract=each.text)
                for each in self.works
            ]
            return arxiv_rss(now.date(), papers)
        return json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": self.name,
                "home_page_url": f"https://{self.place}.example/",
                "items": [_item(each) for each in self.works],
            }
        ).encode()


def _item(work: Work) -> dict[str, str]:
    dated = {"date_published": work.published.isoformat()} if work.published else {}
    return {"id": work.url, "url": work.url, "title": work.title, "content_text": work.text, **dated}


def documents() -> dict[str, Document]:
    """Make the feeds that there are: two of one blog, one of another, two of a channel, one of arXiv."""
    made = (
        Document("blog", "blog", {"url": "https://blog.example/feed"}),
        Document("blog-all", "blog", {"url": "https://blog.example/all"}),
        Document("other", "other", {"url": "https://other.example/feed"}),
        Document("tube-one", "tube", {"channel": OWNER.id}),
        Document("tube-two", "tube", {"playlist": "PLhistories00000000000000000000000"}),
        Document("category", "arxiv", {"categories": ["cs.CL"]}),
    )
    return {each.name: each for each in made}


@cache
def _empty_database() -> bytes:
    """Make a database once: making one takes forty times as long as copying it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tracker.db"
        Storage.open(path, now=BEGIN).close()
        return path.read_bytes()


class World:
    """One reader's folder, driven through the program's own functions."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="history-", dir=MEMORY if MEMORY.is_dir() else None))
        (self.root / "blocked").write_text("a file where a folder should be")
        (self.root / "tracker.db").write_bytes(_empty_database())
        self.documents = documents()
        self.digest: dict[str, Any] = {"every": "week", "at": "mon 07:00", "timezone": "Europe/London"}
        self.feeds: dict[str, dict[str, Any]] = {}
        self.follow("first", "blog")
        self.storage = Storage.open(self.root / "tracker.db", now=BEGIN)
        self.config = self.read()

    def follow(self, feed: str, document: str, **keys: Any) -> None:
        """Write a subscription into feeds.toml."""
        self.feeds[feed] = {"document": document, **keys}

    def read(self) -> Config:
        """Write feeds.toml and read it as the program does."""
        lines = ["[digest]", *_lines(self.digest)]
        for feed, keys in self.feeds.items():
            own = {name: value for name, value in keys.items() if name != "document"}
            lines += ["[[feed]]", *_lines({"id": feed, **self.documents[keys["document"]].target, **own})]
        (self.root / "feeds.toml").write_text("\n".join(lines), encoding="utf-8")
        self.config = load(self.root / "feeds.toml")
        return self.config

    def reopen(self, now: datetime) -> None:
        """End the process and start another."""
        self.storage.close()
        self.storage = Storage.open(self.root / "tracker.db", now=now)

    def ask(self, now: datetime, *, failing: Collection[str] = ()) -> Iterator[tuple[str, Poll]]:
        """Ask every feed that is not paused, as a poll does but for the network; give each document's name."""
        since = digest.open_since(self.config, self.storage, now=now)
        self.reconcile(now)
        rows = {each.id: each for each in self.storage.feeds()}
        group = Together(self.storage)
        here = Pass(config=self.config, storage=self.storage, together=group, now=now, since=since, rows=rows)
        expect_batches(here)
        for subscription in self.config.subscriptions:
            if not subscription.paused:
                name = self.feeds[subscription.id]["document"]
                done = self._ask(here, subscription.id, self.documents[name], fails=name in failing)
                yield name, done

    def _ask(self, here: Pass, feed: str, document: Document, *, fails: bool) -> Poll:
        hosts = {"tube": "youtube.com", "arxiv": "arxiv.org"}
        host = hosts.get(document.place, f"{document.place}.example")
        request = make_request(feed=feed, url=f"https://{host}/{document.name}", host=host)
        if fails:
            return take(here, Failure(request=request, error=NetworkError("no route", feed=feed, url=request.url)))
        kind = "application/feed+json" if document.place in {"blog", "other"} else "application/xml"
        answer = Answer(
            request=request,
            status=200,
            url=request.url,
            body=document.body(here.now),
            headers={"content-type": kind},
        )
        done = take(here, answer)
        assert done.outcome is not Outcome.FAILED, done
        return done

    def reconcile(self, now: datetime) -> None:
        """Bring the database in step with feeds.toml, as every command does that polls or makes a page."""
        reconcile(self.config, self.storage, now=now)

    def close_overdue(self, now: datetime) -> tuple[StoredIssue, ...]:
        """Close what is overdue and deliver, as a tick does."""
        self.reconcile(now)
        closed = digest.close_overdue(self.config, self.storage, now=now)
        digest.deliver_pending(self.config, self.storage, now=now)
        return closed

    def close_early(self, now: datetime) -> tuple[StoredIssue, ...]:
        """Close at this moment; nothing where the clock runs behind."""
        self.reconcile(now)
        with suppress(DigestError):
            return (digest.close_early(self.config, self.storage, now=now),)
        return ()

    def end(self) -> None:
        """Throw everything away."""
        self.storage.close()
        shutil.rmtree(self.root)


def _lines(table: dict[str, Any]) -> list[str]:
    return [f"{name} = {json.dumps(value)}" for name, value in table.items()]


def at(moment: datetime, offset: timedelta) -> datetime:
    """Tell what a clock shows that is off by so much, within the years that a clock can show."""
    shown = moment + offset
    return max(datetime(1970, 1, 2, tzinfo=UTC), shown).replace(microsecond=0)
