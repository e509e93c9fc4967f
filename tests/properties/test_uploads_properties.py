"""Whatever an owner puts up, takes away, restores and puts up again: what can be watched is told, and no id twice."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.factories import NOW, make_baseline, make_config, make_subscription, make_video, subscribe
from tracker import digest
from tracker.digest.filters import unavailable
from tracker.models import DigestSettings, Door, Entry, SourceName, StoredEntry
from tracker.poll.identify import identify
from tracker.storage import Storage

HOUR = timedelta(hours=1)
CHANNEL = "UCXUPKJO5MZQN11PqgIvyuvQ"
TALKS = make_subscription(id="talks", playlist="PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ", title="Talks")
FEED = 3  # videos that the feed shows, the latest uploads
WORKS = (("One talk", 600), ("One talk", 601), ("Office hours", 3600))
numbers = st.integers(0, 3)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("upload"), st.sampled_from([0, 0, 1, 2])),
        st.tuples(st.sampled_from(["vanish", "private", "private", "restore"]), numbers),
        st.tuples(st.just("look"), st.sampled_from(["feed", "partial", "complete", "complete"])),
        st.tuples(st.just("wait"), st.sampled_from([1, 10, 30])),
        st.tuples(st.just("close"), st.just(0)),
    ),
    min_size=4,
    max_size=25,
)


FIRST = (("upload", 0), ("look", "complete"))


@dataclass
class Owner:
    """A playlist, and a reader's database that looks at it."""

    storage: Storage
    folder: Path
    now = NOW
    videos: list[Entry] = field(default_factory=list)
    states: list[str] = field(default_factory=list)

    def upload(self, work: int) -> None:
        title, size = WORKS[work]
        number = len(self.videos)
        fields = {"title": title, "duration": size, "extra": {"channel_id": CHANNEL}, "published": self.now}
        self.videos.append(make_video(f"video{number:06}", **fields))
        self.states.append("restore")

    def change(self, state: str, number: int) -> None:
        if number < len(self.states):
            self.states[number] = state

    def look(self, how: str) -> None:
        """Read the feed, and after it perhaps a part or all of the list."""
        standing = [each for each, state in zip(self.videos, self.states, strict=True) if state == "restore"]
        self._take([replace(each, duration=None) for each in standing[-FEED:]], Door.FEED)
        if how == "feed":
            return
        shown = [
            replace(each, title="[Private video]", placeholder="private", extra={"availability": "private"})
            if state == "private"
            else each
            for each, state in zip(self.videos, self.states, strict=True)
            if state != "vanish"
        ]
        self._take(shown[: len(shown) // 2] if how == "partial" else shown, Door.LISTING)
        row = self.storage.feed("talks")
        if how == "complete" and row:
            last = row.listing_complete_at
            before = last if last and last.date() < self.now.date() else row.listing_before_at
            self.storage.save_feed(replace(row, listing_complete_at=self.now, listing_before_at=before))

    def close(self) -> None:
        """Look, close an issue, and see what it has told."""
        self.look("complete")
        self.now += HOUR
        config = make_config(
            self.folder / "feeds.toml", digest=DigestSettings(folder=self.folder / "digests"), subscriptions=(TALKS,)
        )
        digest.close_early(config, self.storage, now=self.now)
        for key in {each.key for each in self.videos}:
            places = [issue.label for issue in self.storage.issues() if self._holds(issue.label, key)]
            assert len(places) <= 1, f"{key} is news of {places}"
        self._check()

    def _check(self) -> None:
        """Find all that can be watched told, itself or as an upload of its title and length that is gone."""
        told = [each for each in self.storage.entries() if each.shown]
        standing = {each.key for each, state in zip(self.videos, self.states, strict=True) if state == "restore"}
        for video, state in zip(self.videos, self.states, strict=True):
            entry = self.storage.entry(video.key)
            if entry and entry.cut:
                assert entry.cut.startswith("cannot be watched"), entry.cut
            if state != "restore" or (entry and entry.cut):
                continue  # left out by an issue, which named the reason: it was private then
            assert entry, f"{video.key} is not stored"
            assert not unavailable(entry)
            others = [each for each in told if each.key not in standing and _is_alike(each, video)]
            assert entry.shown or others, f"{video.key} is lost"

    def _holds(self, label: str, key: str) -> bool:
        return any(each.key == key and each.shown for each in self.storage.entries(issue=label))

    def _take(self, entries: list[Entry], door: Door) -> None:
        numbered = tuple(replace(each, position=number) for number, each in enumerate(entries))
        known = self.storage.known(
            "talks", guids={each.guid for each in numbered}, keys={each.key for each in numbered}
        )
        baseline = make_baseline(source=SourceName.YOUTUBE, door=door, is_first=False, has_listing=True)
        self.storage.store("talks", identify(numbered, known, baseline=baseline, feed="talks"), door=door, at=self.now)


def _is_alike(stored: StoredEntry, video: Entry) -> bool:
    return stored.title == video.title and abs((stored.duration or 0) - (video.duration or 0)) <= 1


@settings(deadline=None, max_examples=100)
@given(history=steps)
@example(history=[*FIRST, ("private", 0), ("close", 0), ("upload", 0)])  # left out, so the next one is told
@example(
    history=[*FIRST, ("close", 0), ("private", 0), ("upload", 0), ("look", "complete"), ("close", 0), ("restore", 0)]
)
@example(history=[*FIRST, ("wait", 10), ("upload", 0), ("look", "complete"), ("private", 1)])
def test_what_can_be_watched_is_told_and_no_id_twice(history: list[tuple[str, int | str]]) -> None:
    """At each close every video that stands has been told, or one of its kind that is gone, and none in two issues."""
    with tempfile.TemporaryDirectory() as folder, Storage.open(Path(folder) / "t.db", now=NOW) as storage:
        subscribe(storage, TALKS)
        owner = Owner(storage, Path(folder))
        for step, value in [*history, ("wait", 30), ("close", 0)]:
            if step == "upload":
                owner.upload(int(value))
            elif step == "look":
                owner.look(str(value))
            elif step == "wait":
                owner.now += int(value) * HOUR
            elif step == "close":
                owner.close()
            else:
                owner.change(step, int(value))
