"""However feeds.toml is edited between polls, a work is news once: not again under another name, never lost."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.factories import NOW, make_raw_entry, make_subscription
from tests.reader import Reader
from tracker.models import RawEntry, Subscription, Text
from tracker.storage import Storage

IDS = ("a", "b", "c", "d")
DAY = timedelta(days=1)
SHOWN = 3  # entries of a document: older ones scroll out


@dataclass(frozen=True)
class Site:
    """A feed somewhere: whether its guids are its works' addresses, or only counted; whether it has works of its own."""

    has_urls: bool
    is_own: bool

    def work(self, number: int, place: int) -> RawEntry:
        """Publish something; every third was written long ago."""
        url = f"https://{f'site{place}' if self.is_own else f'found{place}'}.example/{number}"
        return make_raw_entry(
            guid=url if self.has_urls else str(number),
            title=Text(f"{place}/{number}"),
            link=url,
            published=NOW - (1 if number % 3 else 30) * DAY,
        )


SITES = (
    Site(has_urls=True, is_own=True),
    Site(has_urls=False, is_own=True),
    Site(has_urls=False, is_own=False),
    Site(has_urls=False, is_own=False),
    Site(has_urls=True, is_own=False),
)
# What feeds.toml says: for each id the place of its site; whether it is paused.
edits = st.dictionaries(
    st.sampled_from(IDS), st.tuples(st.integers(0, len(SITES) - 1), st.sampled_from((False, False, True)))
)
acts = st.sampled_from(("publish", "publish", "poll", "poll", "poll", "close", "rename", "exchange"))
# An edit at random begins almost everything anew, so it is rarer than the rest.
histories = st.builds(
    lambda first, rest: [first, "poll", *rest], edits, st.lists(acts | acts | acts | edits, min_size=3, max_size=14)
)


class World:
    """The sites, feeds.toml, and what must have been news so far."""

    def __init__(self, storage: Storage) -> None:
        self.reader = Reader(storage)
        self.published = [2] * len(SITES)
        self.followed: dict[str, tuple[int, bool]] = {}
        self.settled: set[str] = set()  # ids that have followed what they follow since their baseline
        self.used: set[str] = set()
        self.served: set[str] = set()
        self.due: set[str] = set()
        self.told: list[str] = []

    def edit(self, wanted: dict[str, tuple[int, bool]]) -> None:
        """Write feeds.toml anew: ids come, go, are renamed, exchange their addresses, pause."""
        same = {each for each in wanted if each in self.followed and wanted[each][0] == self.followed[each][0]}
        self.settled = self.settled & same | self._renamed(wanted)
        self.used |= set(wanted)
        self.followed = wanted
        self.reader.follow(*(self._subscription(each) for each in wanted))

    def _renamed(self, wanted: dict[str, tuple[int, bool]]) -> set[str]:
        """Find ids never used before that follow what one settled feed, and nobody else, followed and follows."""
        before = Counter(place for place, _ in self.followed.values())
        after = Counter(place for place, _ in wanted.values())
        settled = {self.followed[each][0] for each in self.settled}
        fresh = {each: wanted[each][0] for each in wanted if each not in self.used}
        return {each for each, place in fresh.items() if place in settled and before[place] == after[place] == 1}

    def rename(self) -> None:
        """Give a feed a new id and its old id to what nobody follows, in one edit."""
        free = [place for place in range(len(SITES)) if place not in {each for each, _ in self.followed.values()}]
        fresh = [each for each in IDS if each not in self.used]
        if self.followed and fresh and free:
            first = min(self.followed)
            self.edit({**self.followed, first: (free[0], False), fresh[0]: self.followed[first]})

    def exchange(self) -> None:
        """Let all ids pass on what they follow."""
        ids = sorted(self.followed)
        self.edit(dict(zip(ids, [self.followed[each] for each in [*ids[1:], *ids[:1]]], strict=True)))

    def publish(self) -> None:
        """Let every site bring two works more."""
        self.published = [number + 2 for number in self.published]

    def poll(self) -> None:
        """Read all that is followed, and note what has to be news: the window's at a baseline, later all unseen."""
        for each, (place, is_paused) in self.followed.items():
            if is_paused:
                continue
            last = self.published[place]
            works = [SITES[place].work(number, place) for number in range(last, max(0, last - SHOWN), -1)]
            unseen = {work.title.value for work in works} - self.served
            self.served |= unseen
            recent = {work.title.value for work in works if work.published and work.published > NOW - 7 * DAY}
            self.due |= recent | (unseen if each in self.settled else set())
            self.settled.add(each)
            self.reader.read(self._subscription(each), *works)

    def close(self) -> None:
        """Close an issue."""
        self.told += self.reader.close()

    def _subscription(self, feed: str) -> Subscription:
        place, is_paused = self.followed[feed]
        return make_subscription(id=feed, url=f"https://site{place}.example/feed", paused=is_paused)


@settings(max_examples=80, deadline=None)
@given(history=histories)
@example(history=[{"a": (2, False)}, "poll", "publish", "rename", "poll"])
@example(history=[{"a": (2, False)}, "poll", "close", {"a": (3, False)}, "poll"])
def test_every_work_is_news_exactly_once(history: list[dict[str, tuple[int, bool]] | str]) -> None:
    """Followed, left, renamed, turned, exchanged, paused between polls and closes: nothing twice, lost or overwritten."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Storage.open(Path(folder) / "tracker.db", now=NOW) as storage,
    ):
        world = World(storage)
        for step in history:
            if isinstance(step, str):
                getattr(world, step)()
            else:
                world.edit(step)
        world.close()
        assert Counter(each.title for each in storage.entries()) == Counter(world.served)
        assert max(Counter(world.told).values(), default=1) == 1
        assert world.due <= set(world.told) <= world.served
        assert storage.integrity() == ()
