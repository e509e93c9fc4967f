"""Videos that their owner takes away and uploads again: what the issues tell, and which link stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.factories import make_config, make_mark, make_subscription
from tests.internet import Internet
from tests.internet_youtube import SITE, Channel, Shelf, Video, YouTube
from tracker import digest
from tracker.models import Config, DigestSettings, StoredEntry, Subscription
from tracker.poll import poll, reconcile
from tracker.storage import Storage

START = datetime(2026, 11, 24, 9, tzinfo=UTC)  # a Tuesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OWNER = Channel(id="UCXUPKJO5MZQN11PqgIvyuvQ", title="Andrej Karpathy", handle="@AndrejKarpathy")
LIST = "PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"
TALKS = make_subscription(id="talks", playlist=LIST, title="Talks")
COURSE = replace(TALKS, course=True)
PRIVATE, DELETED = "[Private video]", "[Deleted video]"


OTHER = Video(id="video00000Z", title="Another", channel=OWNER, published=START - 99 * DAY)


class Week:
    """A playlist whose owner changes it, and an issue every day at 07:00."""

    def __init__(self, storage: Storage, folder: Path, net: Internet) -> None:
        self.storage = storage
        self._folder = folder
        self._config = self._with(TALKS)
        self.shelf: Shelf = YouTube(net).playlist(LIST, title="Talks", owner=OWNER, videos=[OTHER])
        self.now = START

    def follow(self, subscription: Subscription) -> None:
        self._config = self._with(subscription)

    def look(self, *videos: Video, days: float = 0) -> None:
        """Put up these after the first video, go on by some days, and look at them in full."""
        self.now += days * 26 * HOUR  # the list is asked once a day
        self.shelf.videos[1:] = videos
        reconcile(self._config, self.storage, now=self.now)
        poll(self._config, self.storage, now=self.now, since=START - 7 * DAY, force=True)

    def close(self) -> str:
        """Close the issue now, and give its page."""
        return digest.close_early(self._config, self.storage, now=self.now + HOUR).rendered.decode()

    def told(self) -> list[str]:
        """Give the letters of what issues have shown, in the order of closing."""
        issues = [each.label for each in self.storage.issues()]
        shown = [each for each in self.storage.entries() if each.shown]
        return [letter(each) for each in sorted(shown, key=lambda each: (issues.index(each.issue or ""), each.key))]

    def entry(self, name: str) -> StoredEntry:
        found = self.storage.entry(f"youtube:{video(name).id}")
        assert found
        return found

    def held(self) -> str:
        """Give the letters of what no issue takes for the time being."""
        ids = digest.held(self.storage, now=self.now + HOUR)
        return "".join(sorted(letter(each) for each in self.storage.entries() if each.id in ids))

    def _with(self, subscription: Subscription) -> Config:
        settings = DigestSettings(folder=self._folder / "digests")
        return make_config(self._folder / "feeds.toml", digest=settings, subscriptions=(subscription,))


def video(name: str, **fields: object) -> Video:
    """Be an upload of one talk, or what stands in its place."""
    given = {"id": f"video00000{name}", "title": "One talk", "channel": OWNER, "published": START, **fields}
    return Video(**given)  # type: ignore[arg-type] # by keyword


def letter(entry: StoredEntry) -> str:
    return entry.key[-1]


def link(name: str) -> str:
    return f"{SITE}/watch?v={video(name).id}"


@pytest.fixture
def week(net: Internet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Week]:
    """Followed since Tuesday, when one other video stood there."""
    for name, value in net.environ().items():
        monkeypatch.setenv(name, value)
    with Storage.open(tmp_path / "tracker.db", now=START) as storage:
        started = Week(storage, tmp_path, net)
        started.look()
        yield started


def corrected(week: Week, *, gone: str = PRIVATE) -> None:
    """Tell A, which is then taken away, and put up B, which waits."""
    week.look(video("A"), days=1)
    week.close()
    week.look(video("A", placeholder=gone), video("B"), days=1)


@pytest.mark.parametrize("gone", [PRIVATE, DELETED])
def test_a_corrected_upload_is_not_told_again(week: Week, gone: str) -> None:
    """The issue has told A; B, the same work, is in no issue while A is gone, and is named as waiting."""
    corrected(week, gone=gone)
    assert "One talk" not in week.close()
    assert (week.told(), week.held()) == (["A"], "B")


def test_what_was_not_told_is_told_with_the_link_that_stands(week: Week) -> None:
    """A private before its issue and B up: the issue tells B once, and A waits; back again, A is told as its own."""
    week.look(video("A"), days=1)
    week.look(video("A", placeholder=PRIVATE), video("B"), days=1)
    page = week.close()
    assert (link("B") in page, link("A") in page, week.held()) == (True, False, "A")
    week.look(video("A"), video("B"), days=1)
    assert link("A") in week.close()
    assert week.told() == ["B", "A"]


def test_a_third_upload_is_told_with_its_own_link(week: Week) -> None:
    """A vanishes, B comes, B is private and C comes: C stands, so C's link is told, whatever listings say later."""
    week.look(video("A"), days=1)
    week.close()
    week.look(video("B"), days=1)
    week.look(video("B", placeholder=PRIVATE), video("C"), days=0.4)
    for _ in range(4):
        week.look(video("B", placeholder=PRIVATE), video("C"), days=1)
    page = week.close()
    assert (link("C") in page, link("B") in page) == (True, False)
    assert (week.entry("C").url, week.entry("C").availability) == (link("C"), "")
    assert [week.entry(each).availability for each in "AB"] == ["", "private"]


def test_office_hours_come_every_week(week: Week) -> None:
    """A weekly series of one title and length, whose owner makes last week's private, is told every week."""
    names = "ABCD"
    for number, name in enumerate(names):
        former = [video(each, placeholder=PRIVATE) for each in names[:number]]
        week.look(*former, video(name, published=week.now + 7 * DAY), days=7)
        assert link(name) in week.close()
    assert week.told() == [*names]


def test_when_both_stand_they_are_two(week: Week) -> None:
    """A can be watched again beside B: B, which nobody was told of, is told, and A is not told twice."""
    corrected(week)
    assert "One talk" not in week.close()
    week.look(video("A"), video("B"), days=1)
    assert (link("B") in week.close(), week.held()) == (True, "")
    assert week.told() == ["A", "B"]


def test_the_link_returns_with_the_earlier_upload(week: Week) -> None:
    """B taken back and A restored: A stands with its own link and can be watched; B, gone, is told to nobody."""
    corrected(week)
    for _ in range(4):
        week.look(video("A"), days=1)
    assert "One talk" not in week.close()
    a = week.entry("A")
    assert (a.url, a.availability, week.told()) == (link("A"), "", ["A"])


def test_when_both_are_gone_it_is_told_as_not_watchable(week: Week) -> None:
    """B vanishes and A stays private: no sight of an id makes the work watchable."""
    corrected(week)
    for _ in range(4):
        week.look(video("A", placeholder=PRIVATE), days=1)
    assert "One talk" not in week.close()
    assert week.entry("A").availability == "private"


def test_links_of_a_work_stay(week: Week) -> None:
    """An upload without a text takes nothing from the links of the earlier one."""
    week.look(video("A", description="See https://arxiv.org/abs/1706.03762 for more words here."), days=1)
    week.look(video("A", placeholder=DELETED), video("B"), days=1)
    a = week.entry("A").id
    assert [each.key for each in week.storage.mentions([a])[a]] == ["arxiv:1706.03762"]
    assert week.storage.mentioned_by(["arxiv:1706.03762"]) == {"arxiv:1706.03762": (a,)}


def test_a_course_goes_on_with_the_upload_that_stands(week: Week) -> None:
    """A lecture that was offered, or ticked, is not offered again under its new id, and counts once."""
    week.follow(COURSE)
    week.look(video("A"), days=1)
    week.close()
    week.look(video("A"), days=1)
    assert "One talk" in week.close()
    week.look(video("A", placeholder=PRIVATE), video("B"), days=1)
    assert "One talk" not in week.close()
    week.storage.set_mark(make_mark(f"youtube:{video('A').id}", done=True, at=week.now))
    week.look(video("A", placeholder=PRIVATE), video("B"), video("N", title="Next"), days=1)
    page = week.close()
    assert "One talk" not in page
    assert "lecture 3 of 3" in page, page
