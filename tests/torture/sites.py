"""Put up sites that fail at random, and keep the log of what each process was given in full: the oracle's only source.

A process is known here by the name with which it logs in at the proxy.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from tests.internet import Internet
from tests.internet_feeds import Post, atom, substack_rss
from tests.internet_replies import Reply, Seen, document, drip, encoded, rate_limited, truncated
from tests.internet_youtube import SITE, Channel, Video, YouTube

HELD = 30  # posts in a feed's document: what is older has left it
LECTURES = 90  # in the playlist: one page of YouTube's
OWNER = Channel(id="UCXUPKJO5MZQN11PqgIvyuvQ", title="Andrej Karpathy", handle="@AndrejKarpathy")
PLAYLIST = "PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"
XML = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a process was given in full; `is_known`: it has said that it holds this already, and got 304.

    `is_hard`: the machine could not store it then.
    """

    client: str
    site: str
    keys: frozenset[str]
    is_known: bool
    is_hard: bool


@dataclass(slots=True)
class Log:
    """Everything that was asked and offered, in order; a `None` is an answer that came to nothing."""

    offers: list[tuple[str, str, Offer | None]] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)
    is_hard: bool = False
    lock: threading.RLock = field(default_factory=threading.RLock)

    def note(self, seen: Seen, site: str, keys: Collection[str], *, is_known: bool = False) -> None:
        """Add an answer that goes out whole."""
        offer = Offer(
            client=seen.client,
            site=site,
            keys=frozenset(keys),
            is_known=is_known,
            is_hard=self.is_hard and not is_known,
        )
        with self.lock:
            self.offers.append((seen.client, site, offer))

    def fail(self, seen: Seen, site: str, fault: str) -> None:
        """Add an answer that does not."""
        with self.lock:
            self.offers.append((seen.client, site, None))
            self.faults[fault] = self.faults.get(fault, 0) + 1

    def owed(self, ended: Collection[str]) -> dict[str, str]:
        """Give the keys that must be stored, with why; `ended` are the processes that came to their own end.

        An answer is taken in before the same process asks the same site again. One that died meanwhile owes
        nothing: what was still served later is in a later answer.
        """
        owed: dict[str, str] = {}
        open_: dict[tuple[str, str], Offer] = {}
        for client, site, offer in list(self.offers):
            before = open_.pop((client, site), None)
            if before and not before.is_hard:
                owed |= dict.fromkeys(before.keys, f"{client} asked {site} again after it")
            if offer and offer.is_known:
                owed |= dict.fromkeys(offer.keys, f"{client} said that it holds it")
            elif offer:
                open_[client, site] = offer
        for (client, site), offer in open_.items():
            if client in ended and not offer.is_hard:
                owed |= dict.fromkeys(offer.keys, f"{client} took {site} in and ended well")
        return owed


class Site:
    """A feed that grows and fails by the dice, until it is told to be calm."""

    def __init__(self, log: Log, dice: Random, *, name: str, base: str, now: Callable[[], datetime]) -> None:
        self.log, self.dice, self.name, self.base, self.now = log, dice, name, base, now
        self.is_calm = True
        self.posts: list[Post] = []
        self.served: set[str] = set()

    def answer(self, seen: Seen) -> Reply:
        """Answer a request for the feed: whole, "not modified", slowly, or not at all."""
        with self.log.lock:
            for _ in range(0 if self.is_calm else self.dice.choice((0, 0, 1, 1, 3))):
                self._grow()
            held = self.posts[-HELD:]
            body = self.document(held)
            if not self.is_calm and self.dice.random() < 0.25:
                fault = self.dice.choice(sorted(FAULTS))
                self.log.fail(seen, self.name, fault)
                return FAULTS[fault](body)
            is_slow = not self.is_calm and self.dice.random() < 0.2
            reply = document(body, {"content-type": XML, "etag": "auto"})(seen)
            self.log.note(seen, self.name, {self.key(post) for post in held}, is_known=reply.status == 304)
            return drip(body, parts=6, pause=0.1) if is_slow and reply.status == 200 else reply

    def _grow(self) -> None:
        number = len(self.posts)
        published = self.now() + timedelta(days=self.dice.randint(-400, 400))
        self.posts.append(Post(slug=f"{self.name}-{number}", title=f"Post {number}", published=published))

    def document(self, posts: list[Post]) -> bytes:
        """Write what is online as a blog does."""
        return atom(self.name, self.base, posts)

    def key(self, post: Post) -> str:
        """Give the key that the entry must have."""
        return f"web:{self.base.partition('://')[2]}/{post.slug}"

    @property
    def keys(self) -> set[str]:
        """Everything that was ever online."""
        return {self.key(post) for post in self.posts}


class Newsletter(Site):
    """The same as a newsletter writes it."""

    def document(self, posts: list[Post]) -> bytes:
        """Write what is online as Substack does, and always something."""
        return substack_rss(self.name, self.base, posts)

    def key(self, post: Post) -> str:
        """Give the key of a newsletter's post."""
        return f"web:{self.base.partition('://')[2]}/p/{post.slug}"


class Course:
    """A playlist that grows at both ends; YouTube answers its feed and its listing, or fails."""

    def __init__(self, net: Internet, log: Log, dice: Random, *, now: Callable[[], datetime]) -> None:
        self.log, self.dice, self.now = log, dice, now
        self.is_calm = True
        self._youtube = YouTube(net)
        self._shelf = self._youtube.playlist(PLAYLIST, title="Lectures", owner=OWNER)
        for _ in range(3):
            self._grow()
        net.answer(f"{SITE}/feeds/videos.xml", lambda seen: self._answer(seen, "course", 15, self._youtube._feed))
        net.answer(f"{SITE}/playlist", lambda seen: self._answer(seen, "listing", LECTURES, self._page))

    def _page(self, _: Seen) -> Reply:
        return self._youtube._page(PLAYLIST)

    def _answer(self, seen: Seen, site: str, count: int, answer: Callable[[Seen], Reply]) -> Reply:
        with self.log.lock:
            if not self.is_calm and len(self._shelf.videos) < LECTURES and self.dice.random() < 0.3:
                self._grow()
            if not self.is_calm and self.dice.random() < 0.15:
                self.log.fail(seen, site, "500")
                return Reply(status=500)
            reply = answer(seen)
            self.log.note(seen, site, {f"youtube:{video.id}" for video in self._shelf.videos[:count]})
            if site == "listing" and not self.is_calm and isinstance(reply.body, bytes):
                slow = drip(reply.body, parts=5, pause=0.1)
                return Reply(body=slow.body, pause=slow.pause, headers=reply.headers)
            return reply

    def _grow(self) -> None:
        number = len(self._shelf.videos)
        video = Video(id=f"v{number:09d}A", title=f"Lecture {number}", channel=OWNER, published=self.now())
        self._shelf.videos = [video, *self._shelf.videos] if self.dice.random() < 0.5 else [*self._shelf.videos, video]

    @property
    def keys(self) -> set[str]:
        """Everything that was ever in the list."""
        return {f"youtube:{video.id}" for video in self._shelf.videos}


FAULTS: Mapping[str, Callable[[bytes], Reply]] = {
    "500": lambda _: Reply(status=500),
    "404": lambda _: Reply(status=404),
    "503, Retry-After": lambda _: Reply(status=503, headers={"retry-after": "30"}),
    "429, Retry-After": lambda _: rate_limited("60"),
    "broken off": lambda body: truncated(body, keep=len(body) // 2),
    "no feed": lambda _: Reply(body=b"<!doctype html><title>Welcome</title>", headers={"content-type": "text/html"}),
    "empty": lambda _: Reply(headers={"content-type": XML}),
    "no gzip": lambda body: encoded(body, "gzip"),
    "closed": lambda _: Reply(length=1000),
}
