"""The recorded web answers of YouTube in ../shared/corpus, replayed through yt-dlp to their full lists."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Run
from tests.e2e import corpus
from tests.internet import Internet
from tests.internet_replies import Reply, Seen
from tests.internet_youtube import Channel, Video, YouTube

SITE = "https://www.youtube.com"
WEDNESDAY = datetime(2026, 11, 25, 18, 20, tzinfo=UTC)
HEAD = '[http]\nhost_delay = "0s"\n\n[digest]\ntimezone = "UTC"\n'
OWNER = Channel(id=f"UC{21 * 'A'}Q", title="Somebody")
CREATIVE_COMMONS = "UCTwECeGqMZee77BjdoYtI2Q"
# A playlist can only be followed once in a feeds.toml, and one was recorded in both years.
SESSIONS = {
    2024: {
        "PLoumn5BIsUDeGF1vy5Nylf_RJKn5aL_nr": ("2024-07-18_playlist_two-lists-150-and-17", 150),
        "PLXJg25X-OulsVsnvZ7RVtSDW-id9_RzAO": ("2024-07-18_playlist_two-lists-150-and-17", 17),
        "PL8dPuuaLjXtOAKed_MxxWBNaPno5h3Zs8": ("2024-11-10_playlist_learning", 49),
        "PLMC9KNkIncKtPzgY-5rmhvj7fax8fdxoj": ("2024-11-10_playlist_timeless-pop-hits", 200),
    },
    2026: {
        "PLWxziGKTUvQFIsbbFcTZz7jOT4TMGnZBh": ("2026-01-05_playlist_course", 14),
        "PL8dPuuaLjXtOAKed_MxxWBNaPno5h3Zs8": ("2026-01-26_playlist_learning", 49),
    },
}
Json = dict[str, Any]
# What YouTube says below the end of a playlist, where it might recommend others; no recording holds it.
NOTHING_MORE: Json = {
    "responseContext": {"serviceTrackingParams": [{"params": [{"key": "GetRecommendedMusicPlaylists_rid"}]}]}
}


class Recordings:
    """What YouTube's web client was answered, put up as its pages and its API for yt-dlp."""

    def __init__(self, folder: Path) -> None:
        self.pages: dict[str, Json] = {}
        self._more: dict[str, Json] = {}
        self._folder = folder

    def put_up(self, net: Internet) -> None:
        """Serve the pages and the API, in place of whatever stood there."""
        net.answer(f"{SITE}/playlist", lambda seen: html(self.pages[f"VL{seen.params['list']}"]))
        net.answer(f"{SITE}/youtubei/v1/browse", self._browse)

    def load(self, session: str) -> None:
        """Read the answers of one session, for browse ids and for continuations."""
        told = [json.loads(path.read_bytes()) for path in sorted((self._folder / session).glob("*.json"))]
        incomplete: Json | None = None
        for each in told:
            asked = json.loads(bytes(number & 255 for number in each["request"]["dataToSend"]))
            answer = json.loads(each["response"]["responseBody"])
            if "continuation" in asked:
                if incomplete is not None:
                    # The first page was recorded without its videos: they came as its continuation.
                    incomplete["contents"] = contents(items(answer))
                    incomplete = None
                else:
                    self._more[asked["continuation"]] = answer
            elif "browseId" in asked:
                self.pages[asked["browseId"]] = answer
                incomplete = answer if not answer.keys() & {"contents", "alerts"} else None

    def videos(self, name: str) -> list[str]:
        """List the ids that a playlist's recorded pages hold, in order, without yt-dlp."""
        page = self.pages[f"VL{name}"]
        found = list(ids(page))
        while following := [self._more[token] for token in tokens(page) if token in self._more]:
            page = following[0]
            found += ids(page)
        return found

    def _browse(self, seen: Seen) -> Reply:
        query = json.loads(seen.body)
        if "continuation" in query:
            answer = self._more.get(query["continuation"], NOTHING_MORE)
        else:
            answer = self.pages[query["browseId"]]
        return Reply(body=json.dumps(answer).encode(), headers={"content-type": "application/json; charset=UTF-8"})


def html(data: Json) -> Reply:
    """Build a page around its data, as YouTube does."""
    body = f"<!DOCTYPE html><title>YouTube</title><script>var ytInitialData = {json.dumps(data)};</script>"
    return Reply(body=body.encode(), headers={"content-type": "text/html; charset=utf-8"})


def contents(listed: list[Json]) -> Json:
    """Put a page's videos where a playlist's first page has them."""
    section = {"itemSectionRenderer": {"contents": [{"playlistVideoListRenderer": {"contents": listed}}]}}
    tab = {"selected": True, "content": {"sectionListRenderer": {"contents": [section]}}}
    return {"twoColumnBrowseResultsRenderer": {"tabs": [{"tabRenderer": tab}]}}


def items(answer: Json) -> list[Json]:
    """Take the videos out of a continuation's answer."""
    return next(walk(answer["onResponseReceivedActions"], "continuationItems"))


def walk(value: object, name: str) -> Iterator[Any]:
    """Find every value of this name, in document order."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == name:
                yield inner
            yield from walk(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner, name)


def ids(page: Json) -> Iterator[str]:
    """List the ids of a page's videos, in either layout."""
    where = page.get("onResponseReceivedActions") or page["contents"]
    old = [each["videoId"] for each in walk(where, "playlistVideoRenderer")]
    yield from old or (each["contentId"] for each in walk(where, "lockupViewModel"))


def tokens(page: Json) -> Iterator[str]:
    """List the ways to a next page."""
    where = page.get("onResponseReceivedActions") or page["contents"]
    return (each["token"] for each in walk(where, "continuationCommand"))


def reference(corpus_folder: Path, session: str, name: str) -> dict[str, tuple[str, int | None]]:
    """Map id to title and length, as yt-dlp told them when the corpus was made."""
    (path,) = (corpus_folder / "youtube/ytdlp-flat").glob(f"{session}__{name[:7]}*.json")
    listed = json.loads(path.read_bytes())["entries"]
    return {each["id"]: (shown(each["title"]), each.get("duration")) for each in listed}


def shown(title: str) -> str:
    """Take what cannot be seen out of a title: zero-width spaces, doubled blanks."""
    return " ".join(title.replace("\u200b", "").split())


def listing(folder: Path, feed: str) -> tuple[Any, ...]:
    """Tell how the listing of a feed went: outcome, entries, error."""
    sql = f"SELECT outcome, entries, error FROM polls WHERE feed = '{feed}' AND door = 'listing'"
    (row,) = corpus.query(folder / "tracker.db", sql)
    return row


def stored(folder: Path, feed: str) -> list[tuple[Any, ...]]:
    """List a feed's videos as stored, in the playlist's order: id, title, length, date, why it is backlog."""
    sql = (
        "SELECT substr(key, 9), title, duration, published, backlog FROM entries JOIN appearances ON entry = id"
        f" WHERE feed = '{feed}' ORDER BY position"
    )
    return corpus.query(folder / "tracker.db", sql)


@pytest.mark.parametrize("year", SESSIONS)
def test_recorded_playlists_come_whole(shared: Path, net: Internet, run_cli: Run, tmp_path: Path, year: int) -> None:
    """First pages and continuations lead yt-dlp to the whole list, in order, with titles and lengths; dates come from the feeds' first 15 alone (M9, M24, M27)."""
    folder = corpus.folder(shared)
    sessions = SESSIONS[year]
    youtube = YouTube(net)
    recordings = Recordings(folder / "youtube/innertube")
    known = {name: reference(folder, session, name) for name, (session, _) in sessions.items()}
    for session in sorted({session for session, _ in sessions.values()}):
        recordings.load(session)
    dated = set()  # by a feed, which need not be the list's own
    for name, videos in known.items():
        fed = [Video(id=each, title=title) for each, (title, _) in list(videos.items())[:15]]
        dated |= {video.id for video in fed}
        youtube.playlist(name, title="A list", owner=OWNER, videos=fed)
    feeds = {f"list{number}": f'playlist = "{name}"' for number, name in enumerate(sessions)}
    (tmp_path / "feeds.toml").write_text(corpus.feeds_toml(feeds, head=HEAD), encoding="utf-8")
    recordings.put_up(net)

    assert run_cli("poll", clock=corpus.standing(WEDNESDAY)).stderr == ""
    assert net.strays == []
    for number, (name, (_, size)) in enumerate(sessions.items()):
        assert listing(tmp_path, f"list{number}") == ("new" if size > 15 else "unchanged", size, "")
        videos = stored(tmp_path, f"list{number}")
        assert [row[0] for row in videos] == recordings.videos(name)
        assert len(videos) == size
        assert {row[0]: (row[1], row[2]) for row in videos} == known[name]
        assert {row[0] for row in videos if row[3]} == dated & known[name].keys()


def test_a_recorded_channel_page_tells_the_newest(shared: Path, net: Internet, run_cli: Run, tmp_path: Path) -> None:
    """One page of a recorded channel gives its 30 newest videos with their lengths, the feed's 15 among them; no second page is asked for (M25, M34)."""
    folder = corpus.folder(shared)
    session = "2026-05-21_channel_videos-tab_creativecommons"
    known = reference(folder, session, "videos")
    recordings = Recordings(folder / "youtube/innertube")
    recordings.load(session)
    fed = [Video(id=each, title=title) for each, (title, _) in list(known.items())[:15]]
    YouTube(net).channel(Channel(id=CREATIVE_COMMONS, title="Creative Commons"), videos=fed)
    recordings.put_up(net)
    net.answer(f"{SITE}/channel/{CREATIVE_COMMONS}/videos", html(recordings.pages[CREATIVE_COMMONS]))
    feeds = {"cc": f'channel = "{CREATIVE_COMMONS}"'}
    (tmp_path / "feeds.toml").write_text(corpus.feeds_toml(feeds, head=HEAD), encoding="utf-8")

    assert run_cli("poll", clock=corpus.standing(WEDNESDAY)).stderr == ""
    assert listing(tmp_path, "cc")[1:] == (30, "")
    videos = {row[0]: (row[1], row[2]) for row in stored(tmp_path, "cc")}
    assert videos == dict(list(known.items())[:30])
    assert all(length for _, length in videos.values())
    assert "/youtubei/v1/browse" not in [seen.path for seen in net.requests]


def test_a_recorded_list_that_was_cut_is_partial(shared: Path, net: Internet, run_cli: Run, tmp_path: Path) -> None:
    """A recorded first page of 100 out of 531, with nothing after it, is a partial listing: stored, not complete, no baseline (M29)."""
    folder = corpus.folder(shared)
    name, session = "UUSHBR8-60-B28hp2BmDPdntcQ", "2024-11-10_playlist_shorts"
    known = reference(folder, session, name)
    recordings = Recordings(folder / "youtube/innertube")
    recordings.load(session)
    YouTube(net).playlist(name, title="Short videos", owner=OWNER, videos=[])
    recordings.put_up(net)
    (tmp_path / "feeds.toml").write_text(corpus.feeds_toml({"shorts": f'playlist = "{name}"'}, head=HEAD))

    run_cli("poll", clock=corpus.standing(WEDNESDAY))
    assert listing(tmp_path, "shorts") == ("partial", 100, "")
    assert [row[0] for row in stored(tmp_path, "shorts")] == list(known)
    sql = "SELECT listing_complete_at, baseline_at FROM feeds JOIN doors ON feed = id WHERE door = 'listing'"
    assert corpus.query(tmp_path / "tracker.db", sql) == [(None, None)]


def test_a_recorded_refusal_is_told(shared: Path, net: Internet, run_cli: Run, tmp_path: Path) -> None:
    """What YouTube's page said of a playlist that does not exist becomes one clear line (M32)."""
    name = "PL11111111111111111111111111111111"
    recordings = Recordings(corpus.folder(shared) / "youtube/innertube")
    recordings.load("2024-11-10_playlist_not-available")
    YouTube(net)
    recordings.put_up(net)
    (tmp_path / "feeds.toml").write_text(corpus.feeds_toml({"nowhere": f'playlist = "{name}"'}, head=HEAD))

    done = run_cli("poll", clock=corpus.standing(WEDNESDAY), code=1)
    outcome, entries, error = listing(tmp_path, "nowhere")
    assert (outcome, entries) == ("failed", 0)
    assert error in done.stderr
    assert error == "YouTube knows no such list: it may be gone."
