"""Whole lives with the program: nothing lost, nothing twice, spans tile time, closed bytes never change.

A few hundred in the normal run, always the same ones; `make histories` lives through ten thousand others.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.factories import make_mark
from tests.histories.model import Model
from tests.histories.world import BEGIN, Work, World, at
from tracker import digest

STEPS = 20
NORMAL = 200  # histories in the normal run
LONG = int(os.environ.get("HISTORIES", "10000"))
MINUTES = float(os.environ.get("HISTORIES_MINUTES", "45"))  # after which the long target ends with what it has
FIRST_SEED = int(os.environ.get("HISTORIES_SEED", "1"))
PARTS = 2
CHUNK = 100

ZONES = ("Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC")
RHYTHMS = (
    ("week", "mon 07:00"),
    ("week", "mon 01:30"),
    ("week", "fri 18:00"),
    ("day", "07:00"),
    ("day", "02:30"),
    ("month", "1 07:00"),
    ("month", "31 23:30"),
)
NAMES = ("blog", "blog-all", "other", "tube-one", "tube-two", "category")
IDS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
SETTINGS = (("paused", True), ("match", "[02468]"), ("exclude", "[13]"), ("course", True), ("videos", ["long"]))
# A number is so many seconds after the next closing hour.
WAITS = st.one_of(
    st.sampled_from([0, 20, 400, 4000]),
    st.sampled_from([timedelta(0), SECOND, timedelta(minutes=5), HOUR]),
    st.timedeltas(HOUR, 3 * DAY),
    st.sampled_from([7 * DAY, 14 * DAY + HOUR, 24 * DAY, 70 * DAY]),
)
# How far off a publication date is from the moment at which the entry is put up; None is no date.
DATES = st.one_of(
    st.just(timedelta(0)),
    st.none(),
    st.sampled_from([-5 * HOUR, -10 * DAY, -900 * DAY, HOUR, 30 * DAY, 4000 * DAY]),
)
DAYS = st.tuples(
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.lists(DATES, min_size=1, max_size=4), st.booleans(), st.booleans()),
        max_size=2,
    ),
    WAITS,
    st.sampled_from([(), (), (), ("blog",), ("tube-one", "category"), NAMES]).map(set),
    st.sampled_from([True, True, True, False]),
)
JUMPS = st.none() | st.sampled_from(
    [-9999 * DAY, -800 * DAY, -8 * DAY, -HOUR, -SECOND, SECOND, HOUR, 3 * DAY, 9 * DAY, 60 * DAY, 800 * DAY, 3650 * DAY]
)


class Life(RuleBasedStateMachine):
    """One reader's life with the program."""

    lived: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.model = Model()
        self.true = BEGIN
        self.offset = timedelta(0)
        self.last_number = 0
        self.was_opened = False
        Life.lived["histories"] += 1

    @property
    def now(self) -> datetime:
        """What the clock shows."""
        return at(self.true, self.offset)

    # ------------------------------------------------------------ the reader's feeds.toml

    @initialize(names=st.sets(st.sampled_from(NAMES), max_size=4), course=st.booleans())
    def begin(self, names: set[str], course: bool) -> None:
        """Follow some feeds that hold something, and ask them; the first one always is there."""
        for feed, name in zip(IDS[1:], sorted(names - {"blog"}), strict=False):
            self.world.follow(feed, name, **({"course": True} if course and name == "tube-two" else {}))
        self.world.read()
        for name in sorted(names):
            self._publish(name, [-900 * DAY, -3 * DAY, timedelta(0)], both=False, last=False)
        self._ask(set())

    @rule(
        data=st.data(), what=st.sampled_from(["subscribe", "unsubscribe", "rename", "retarget", "configure", "digest"])
    )
    def edit_feeds_toml(self, data: st.DataObject, what: str) -> None:
        """Change what is followed, under which id, how, and when the digest comes."""
        getattr(self, f"_{what}")(data)
        self.world.read()

    def _free(self) -> list[str]:
        followed = {each["document"] for each in self.world.feeds.values()}
        return [name for name in NAMES if name not in followed]

    def _subscribe(self, data: st.DataObject) -> None:
        ids = [feed for feed in IDS if feed not in self.world.feeds]
        if self._free() and ids:
            backlog = data.draw(st.sampled_from([None, None, 2, "all", "2026-10-01"]))
            keys = {"backlog": backlog} if backlog else {}
            self.world.follow(data.draw(st.sampled_from(ids)), data.draw(st.sampled_from(self._free())), **keys)

    def _unsubscribe(self, data: st.DataObject) -> None:
        if self.world.feeds:
            del self.world.feeds[data.draw(st.sampled_from(sorted(self.world.feeds)))]

    def _rename(self, data: st.DataObject) -> None:
        """Give a feed another id; where that is taken, the two exchange theirs."""
        if self.world.feeds:
            feeds, new = self.world.feeds, data.draw(st.sampled_from(IDS))
            old = data.draw(st.sampled_from(sorted(feeds)))
            feeds[old], feeds[new] = feeds.get(new, {}), feeds[old]
            self.world.feeds = {feed: keys for feed, keys in feeds.items() if keys}

    def _retarget(self, data: st.DataObject) -> None:
        if self.world.feeds and self._free():
            feed = data.draw(st.sampled_from(sorted(self.world.feeds)))
            self.world.feeds[feed] = {"document": data.draw(st.sampled_from(self._free()))}

    def _configure(self, data: st.DataObject) -> None:
        """Pause, resume, filter, make a course of it."""
        key, value = data.draw(st.sampled_from(SETTINGS))
        of_playlists = key in {"course", "videos"}
        fits = [feed for feed, keys in self.world.feeds.items() if not of_playlists or keys["document"] == "tube-two"]
        if fits:
            keys = self.world.feeds[data.draw(st.sampled_from(sorted(fits)))]
            was_set = keys.pop(key, None) is not None
            keys |= {} if was_set else {key: value}

    def _digest(self, data: st.DataObject) -> None:
        every, hour = data.draw(st.sampled_from(RHYTHMS))
        zone, papers = data.draw(st.sampled_from(ZONES)), data.draw(st.sampled_from([0, 1, 5]))
        self.world.digest |= {"every": every, "at": hour, "timezone": zone, "papers": papers}

    # ------------------------------------------------------------ the world's feeds

    def _publish(self, name: str, dates: list[timedelta | None], *, both: bool, last: bool) -> None:
        """Put entries up, in one feed or in all of that place, on top or at the end."""
        document = self.world.documents[name]
        shelves = [
            each
            for each in self.world.documents.values()
            if each.place == document.place and (both or each is document)
        ]
        for date in dates:
            self.last_number += 1
            off = timedelta(0) if date is None and document.place == "tube" else date
            dated = None if off is None else self.true.replace(microsecond=0) + off
            work = Work(self.last_number, document.place, f"Work {self.last_number}", dated)
            for each in shelves:
                each.works = [*each.works, work][-15:] if last else [work, *each.works][:15]

    @rule(name=st.sampled_from(NAMES), data=st.data(), what=st.sampled_from(["title", "text", "date", "gone"]))
    def edit_an_entry(self, name: str, data: st.DataObject, what: str) -> None:
        """Change an entry where it stands, or take it down."""
        document = self.world.documents[name]
        if not document.works:
            return
        work = data.draw(st.sampled_from(document.works))
        if what == "gone":
            document.works = [each for each in document.works if each is not work]
        elif what == "date":
            work.published = work.published and work.published + 3 * DAY
        elif what == "title":
            work.title += " again"
        else:
            work.text += " And more of them."

    # ------------------------------------------------------------ the program

    def _ask(self, failing: set[str]) -> None:
        self._feeds_toml_is_read()
        for name, _ in self.world.ask(self.now, failing=failing):
            if name not in failing:
                (keys,) = (each for each in self.world.feeds.values() if each["document"] == name)
                self.model.asked(self.world.documents[name], policy=keys.get("backlog"), now=self.now)
        Life.lived["polls"] += 1

    def _feeds_toml_is_read(self) -> None:
        """Let the model know what polls and closes see: what is followed at that moment, not what was in between."""
        self.model.reconciled({feed: keys["document"] for feed, keys in self.world.feeds.items()}, self.now)

    @rule(days=st.lists(DAYS, min_size=1, max_size=3))
    def live(self, days: list[tuple[Any, ...]]) -> None:
        """Let entries be put up and time pass, then do what the daemon does: ask, close what is overdue, deliver."""
        for published, wait, failing, asks in days:
            for name, dates, both, last in published:
                self._publish(name, dates, both=both, last=last)
            self._wait(wait)
            if asks:
                self._ask(failing)
                self.model.check(self.world)
            self._feeds_toml_is_read()
            self._closed(self.world.close_overdue(self.now))
            self.model.check_on_time(self.world, self.now)
            assert digest.overdue(self.world.config, self.world.storage, now=self.now) is None

    def _wait(self, wait: timedelta | int) -> None:
        """Let time pass; a number is the seconds after the next closing hour, where the clock is right."""
        if isinstance(wait, timedelta):
            self.true += wait
        elif self.offset == timedelta(0):
            window = digest.open_window(self.world.config, self.world.storage, now=self.now)
            self.true = max(self.true, window.closes_at + wait * SECOND)

    @rule(days=st.lists(DAYS, min_size=1, max_size=3))
    def live_on(self, days: list[tuple[Any, ...]]) -> None:
        """Do the same: most of a life is that."""
        self.live(days)

    @rule(asks=st.booleans())
    def sleep_for_weeks(self, asks: bool) -> None:
        """Come back after a month."""
        self.live([([("blog", [timedelta(0)], False, False)], 31 * DAY, set(), asks)])

    @rule()
    def close_early(self) -> None:
        """Close the open window now."""
        self._feeds_toml_is_read()
        self._closed(self.world.close_early(self.now))

    def _closed(self, issues: Any) -> None:
        self.model.closed(self.world, issues, self.now, is_good=self.offset == timedelta(0))
        self.model.delivered_late(self.world)
        Life.lived["issues"] += len(issues)

    @rule(data=st.data(), what=st.sampled_from(["preview", "span", "issue"]))
    def look(self, data: st.DataObject, what: str) -> None:
        """Look at a page; that changes nothing."""
        getattr(self, f"_look_at_{what}")(data)

    def _look_at_preview(self, data: st.DataObject) -> None:
        del data
        text = digest.preview_text(self.world.config, self.world.storage, now=self.now)
        self.model.check_preview(self.world, text, self.now)
        if self.world.config.digest.folder.name != "blocked":
            written = digest.preview(self.world.config, self.world.storage, now=self.now)
            assert written.path not in self.model.files
            if written.path in self.model.editions:
                self.model.check_edition(written.path, text.encode())
            else:
                assert written.path.read_text() == text

    def _look_at_span(self, data: st.DataObject) -> None:
        start = self.now - data.draw(st.timedeltas(timedelta(0), 30 * DAY))
        self._look_between(start, start + data.draw(st.timedeltas(SECOND, 20 * DAY)))

    def _look_between(self, start: datetime, end: datetime) -> None:
        text = digest.span(self.world.config, self.world.storage, since=start, until=end, now=self.now)
        self.model.check_span(text, start, end)
        Life.lived["spans"] += "\n- [" in text

    def _look_at_issue(self, data: st.DataObject) -> None:
        if self.model.issues:
            issue = data.draw(st.sampled_from(self.model.issues))
            self.world.digest["timezone"] = data.draw(st.sampled_from(ZONES))
            config = self.world.read()
            for rerender in (False, True):
                assert digest.rebuild(config, self.world.storage, issue.label, rerender=rerender) == issue.rendered

    @rule(jump=JUMPS)
    def set_the_clock(self, jump: timedelta | None) -> None:
        """Let the clock jump, or be right again."""
        self.offset = timedelta(0) if jump is None else self.offset + jump
        self.model.is_clock_good = self.model.is_clock_good and self.offset == timedelta(0)

    @rule(days=st.sampled_from([1, 30, 90]))
    def restart(self, days: int) -> None:
        """Start the program anew, which forgets old polls."""
        self.world.reopen(self.now)
        self.world.storage.prune_polls(at(self.now, -days * DAY))

    # ------------------------------------------------------------ the reader's folder

    @rule(data=st.data(), what=st.sampled_from(["write", "delete", "write_early", "block"]))
    def use_the_folder(self, data: st.DataObject, what: str) -> None:
        """Write into a page, throw it away, write into one that is not closed; or nothing can be written there."""
        folder = self.world.root / "digests"
        mine = sorted({*self.model.files, *self.model.editions})
        if what == "write_early":
            self._look_at_preview(data)
        early = sorted(set(folder.glob("*.md")) - self.model.files.keys()) if folder.is_dir() else []
        if what == "block":
            is_blocked = self.world.digest.get("folder") == "blocked"
            self.world.digest["folder"] = "digests" if is_blocked else "blocked"
            self.world.read()
        elif paths := early if what == "write_early" else mine:
            path = data.draw(st.sampled_from(paths))
            left = (
                None if what == "delete" or not path.exists() else path.read_bytes().replace(b"[ ]", b"[x]") + b"mine\n"
            )
            path.unlink(missing_ok=True) if left is None else path.write_bytes(left)
            self.model.left(path, left)

    @rule(number=st.integers(1, 20))
    def tick_a_box(self, number: int) -> None:
        """Say that a lecture is done."""
        self.world.storage.set_mark(make_mark(f"youtube:video{number:06}", at=self.now))

    @invariant()
    def keeps_its_promises(self) -> None:
        """Hold the program to what the model knows."""
        Life.lived["steps"] += 1
        self.model.check(self.world)

    def teardown(self) -> None:
        """Give every issue back once more, look at the last weeks as a whole, and end."""
        try:
            self._look_between(self.now - 60 * DAY, self.now + SECOND)
            for issue in self.model.issues:
                given = digest.rebuild(self.world.config, self.world.storage, issue.label, rerender=False)
                assert given == issue.rendered
            assert self.world.storage.integrity() == ()
        finally:
            self.world.end()


LIMITS: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "stateful_step_count": STEPS,
    "suppress_health_check": list(HealthCheck),
    "print_blob": False,
}


@pytest.mark.parametrize("part", range(PARTS))
def test_every_life_keeps_every_promise(part: int) -> None:
    """Random lives, the same ones each time: exactly once, on time, tiling, adding up, never changed."""
    Life.lived.clear()
    run_state_machine_as_test(
        seed(part)(type(f"Life{part}", (Life,), {})), settings=settings(max_examples=NORMAL // PARTS, **LIMITS)
    )
    # Lives in which nothing happens would keep every promise.
    assert Life.lived["polls"] > Life.lived["histories"] < Life.lived["issues"]
    assert Life.lived["spans"] > 5


@pytest.mark.histories
@pytest.mark.parametrize("part", range(PARTS))
def test_ten_thousand_lives(part: int) -> None:
    """The same for thousands of other lives, in chunks, until they are lived or the time is over."""
    Life.lived.clear()
    began = time.monotonic()
    number = FIRST_SEED * 1_000_000 + part
    while Life.lived["histories"] < LONG / PARTS and time.monotonic() - began < 60 * MINUTES:
        chunk = seed(number)(type(f"Life{number}", (Life,), {}))
        run_state_machine_as_test(chunk, settings=settings(max_examples=CHUNK, **LIMITS))
        number += PARTS
    print(f"part {part}: {dict(Life.lived)}, seeds to {number}, {time.monotonic() - began:.0f} s")  # noqa: T201 -- a count
