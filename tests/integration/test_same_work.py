"""The same work stays one entry and is announced once, however its feed turns: own cases, then real series, week by week."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import NOW
from tests.e2e import corpus
from tests.e2e.test_corpus_run import SERIES, keys, put_up
from tests.e2e.test_corpus_youtube import OWNER, Recordings, reference
from tests.internet import Internet
from tests.internet_feeds import NEW_YORK, Paper, arxiv_rss
from tests.internet_youtube import Video, YouTube
from tracker.config import load
from tracker.daemon import tick
from tracker.storage import Storage

WEEK, DAY = timedelta(days=7), timedelta(days=1)
BLOG = "https://weeknight.example"
HEAD = '[http]\nhost_delay = "0s"\n[digest]\ntimezone = "UTC"\nat = "mon 07:00"\n[[feed]]\nid = "feed"\n'
CLOSE = datetime(2026, 11, 30, 7, tzinfo=UTC)
LEARNING = "PL8dPuuaLjXtOAKed_MxxWBNaPno5h3Zs8"

Tick = Callable[[datetime], None]
Follow = Callable[[str], Tick]


@pytest.fixture
def follow(tmp_path: Path, net: Internet, monkeypatch: pytest.MonkeyPatch) -> Follow:
    """Follow one feed; gives what does a daemon's tick at a moment."""
    for name, value in net.environ().items():
        monkeypatch.setenv(name, value)

    def start(target: str) -> Tick:
        (tmp_path / "feeds.toml").write_text(f"{HEAD}{target}\n", encoding="utf-8")
        config = load(tmp_path / "feeds.toml")

        def at(moment: datetime) -> None:
            net.clock = lambda: moment
            tick(config, now=lambda: moment)

        return at

    return start


def told(folder: Path) -> dict[str, list[str]]:
    """Map every stored key to what became of it: the issues that announced it, or "backlog"."""
    config = load(folder / "feeds.toml")
    found: dict[str, list[str]] = {}
    with Storage.open(config.database, now=NOW) as storage:
        for each in storage.entries():
            found[each.key] = ["backlog"] if each.is_backlog else []
        for issue in storage.issues():
            for each in storage.entries(issue=issue.label):
                found[each.key].append(issue.label)
    return found


def atom(*entries: str) -> str:
    """Write a blog's feed around its entries."""
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><id>x</id><title>Weeknight ML</title>'
        f'<link href="{BLOG}/"/>{"".join(entries)}</feed>'
    )


def entry(number: int, *, guid: str = "", link: str = "", title: str = "", text: str = "Text.", day: int = 24) -> str:
    """Write one post, whose address is its guid unless another is given."""
    link = link or f"{BLOG}/p{number}"
    return (
        f"<entry><id>{guid or link}</id><title>{title or f'Post {number}'}</title>"
        f'<link href="{link.replace("&", "&amp;")}"/><published>2026-11-24T0{number}:00:00Z</published>'
        f"<updated>2026-11-{day}T09:00:00Z</updated><summary>{text}</summary></entry>"
    )


# ---------------------------------------------------------------- what owners do


def test_an_entry_that_is_edited_ten_times(follow: Follow, net: Internet, tmp_path: Path) -> None:
    """Title, summary, date and the link's tracking change, five times before its issue closes and five times after: one entry, announced once, as it read last before the close (M11)."""

    def edition(number: int) -> str:
        link = f"{BLOG}/p1?utm_source=edition{number}&utm_medium=feed"
        title, text = f"Edition {number}", f"Text as of edition {number}."
        return atom(entry(1, guid="tag:one", link=link, title=title, text=text, day=24 + number % 6))

    at = follow(f'url = "{BLOG}/feed"')
    for number in range(1, 6):
        net.serve(f"{BLOG}/feed", edition(number))
        at(NOW + number * timedelta(hours=11))
    page = tmp_path / "digests" / "2026-W48.md"
    at(CLOSE + timedelta(seconds=20))
    closed = page.read_bytes()
    assert b"Edition 5" in closed
    assert b"Text as of edition 5." in closed
    assert b"Edition 4" not in closed
    for number in range(6, 11):
        net.serve(f"{BLOG}/feed", edition(number))
        at(CLOSE + number * timedelta(hours=11))
    at(CLOSE + WEEK + timedelta(seconds=20))
    assert list(told(tmp_path).values()) == [["2026-W48"]]
    assert page.read_bytes() == closed
    assert "Edition" not in (tmp_path / "digests" / "2026-W49.md").read_text(encoding="utf-8")


def move(net: Internet) -> None:
    """Send everybody on to another domain, where the posts have new addresses and guids."""
    new = "https://weeknight.blog"
    net.redirect(f"{BLOG}/feed", f"{new}/feed")
    posts = (entry(each, link=f"{new}/p{each}") for each in (1, 2, 3))
    net.serve(f"{new}/feed", atom(*posts).replace(f'<link href="{BLOG}/"/>', f'<link href="{new}/"/>'))


def rewrite(*entries: str) -> Callable[[Internet], None]:
    """Serve the feed anew with these entries."""
    return lambda net: net.serve(f"{BLOG}/feed", atom(*entries))


NUMBERS = (1, 2, 3)
TURNS = {
    "http to https": rewrite(*(entry(each) for each in NUMBERS)),
    "guids become numbers": rewrite(*(entry(each, guid=f"{BLOG}/?p={each}") for each in NUMBERS)),
    "guids become tags": rewrite(*(entry(each, guid=f"tag:weeknight.example,2026:{each}") for each in NUMBERS)),
    "addresses end in a slash": rewrite(*(entry(each, link=f"{BLOG}/p{each}/") for each in NUMBERS)),
    "every post stands there twice": rewrite(*(entry(each) for each in NUMBERS * 2)),
    "another domain": move,
}


@pytest.mark.parametrize("turn", TURNS)
def test_a_feed_that_turns_announces_only_what_is_new(follow: Follow, net: Internet, tmp_path: Path, turn: str) -> None:
    """Addresses or guids take another form, or posts are doubled: the two that were news stay two, and the third comes once (M46, M92)."""
    plain = BLOG.replace("https:", "http:") if turn == "http to https" else BLOG
    net.serve(f"{BLOG}/feed", atom(*(entry(each, link=f"{plain}/p{each}") for each in (1, 2))))
    at = follow(f'url = "{BLOG}/feed"')
    at(NOW)
    at(CLOSE + timedelta(seconds=20))
    TURNS[turn](net)
    at(CLOSE + DAY)
    at(CLOSE + WEEK + timedelta(seconds=20))
    assert sorted(told(tmp_path).values()) == [["2026-W48"], ["2026-W48"], ["2026-W49"]]


def test_a_paper_that_is_revised_is_announced_once(follow: Follow, net: Internet, tmp_path: Path) -> None:
    """v1, a cross-list, then v2 and v3 as replacements: one entry, news in the first issue alone (M54, M58)."""
    stages = [("new", 1), ("cross", 1), ("replace", 2), ("replace-cross", 3)]
    at = follow('categories = ["cs.CL"]')
    for day, (kind, version) in enumerate(stages):
        moment = datetime(2026, 11, 25, 18, tzinfo=UTC) + day * DAY * 2
        paper = Paper(
            id="2611.00001", title="One", authors="A. B.", abstract="Text.", version=version, announce_type=kind
        )
        net.serve("https://rss.arxiv.org/rss/cs.CL", arxiv_rss(moment.astimezone(NEW_YORK).date(), [paper]))
        at(moment)
    at(CLOSE + WEEK + timedelta(seconds=20))
    assert told(tmp_path) == {"arxiv:2611.00001": ["2026-W48"]}


# ---------------------------------------------------------------- what was recorded


def recorded(folder: Path) -> dict[datetime, str]:
    """Read a series: its documents by day."""
    found = {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.xml"))}
    return {datetime.fromisoformat(f"{day}T18:00:00+00:00"): text for day, text in found.items()}


@pytest.mark.parametrize("name", SERIES)
def test_a_real_series_week_by_week(shared: Path, net: Internet, follow: Follow, tmp_path: Path, name: str) -> None:
    """Real documents of one feed, each served until the next was recorded, with a close every week: every entry is backlog or in one issue (M5, M11, M12, M16, M42)."""
    series = recorded(corpus.folder(shared) / name)
    held = {key for text in series.values() for key in keys(name.partition("/")[0], text)}
    youtube = YouTube(net)
    at = follow(SERIES[name])
    end = max(series) + 2 * WEEK
    # Two years of weeks add nothing: a month after each document is enough for each to be closed and seen again.
    days = {each + number * WEEK for each in series for number in range(5) if each + number * WEEK < end}
    for day in sorted(days | series.keys()):
        current = max(each for each in series if each <= day)
        put_up(net, youtube, SERIES[name], series[current].encode())
        at(day)
    at(end + WEEK)
    places = told(tmp_path)
    assert places.keys() == held
    assert {len(place) for place in places.values()} == {1}
    assert len({place[0] for place in places.values()}) >= len(series)


def test_a_playlist_recorded_in_two_years(shared: Path, net: Internet, follow: Follow, tmp_path: Path) -> None:
    """The one playlist that was recorded twice, in YouTube's old layout and in its new one: nothing is told twice, and what came between is news once (M9, M24)."""
    folder = corpus.folder(shared)
    youtube, seen = YouTube(net), set()
    at = follow(f'playlist = "{LEARNING}"')
    for session in ("2024-11-10_playlist_learning", "2026-01-26_playlist_learning"):
        recordings = Recordings(folder / "youtube/innertube")
        recordings.load(session)
        known = reference(folder, session, LEARNING)
        fed = [Video(id=each, title=title) for each, (title, _) in list(known.items())[:15]]
        youtube.playlist(LEARNING, title="Learning", owner=OWNER, videos=fed)
        recordings.put_up(net)
        day = datetime.fromisoformat(f"{session[:10]}T18:00:00+00:00")
        for moment in (day, day + DAY, day + WEEK, day + 2 * WEEK):
            at(moment)
        is_first = not seen
        places = told(tmp_path)
        new = {key for key in places if key not in seen}
        assert {key.removeprefix("youtube:") for key in places} >= known.keys()
        assert {len(place) for place in places.values()} == {1}
        assert all((places[key] == ["backlog"]) is is_first for key in new)
        seen |= new
