"""Playlists and channels are listed through yt-dlp, in a child that cannot hurt the program."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.internet import Internet
from tests.internet_replies import Reply, Seen, rate_limited
from tests.internet_youtube import SITE, Channel, Shelf, Video, YouTube
from tracker.errors import BlockedError, ExtractorError, FetchError, NetworkError, RateLimitedError, StatusError
from tracker.models import Answer, Door, Failure, HttpSettings, Request
from tracker.poll.fetch import Fetcher

ROOT = Path(__file__).resolve().parents[2]
PLAYLIST = "PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"
PAGE = f"{SITE}/playlist?list={PLAYLIST}"
KARPATHY = Channel(id="UCXUPKJO5MZQN11PqgIvyuvQ", title="Andrej Karpathy", handle="@AndrejKarpathy")
MICROSOFT = Channel(id="UCsMica-v34Irf9KVTh6xx-g", title="Microsoft Developer", handle="@MicrosoftDeveloper")


@pytest.fixture(autouse=True)
def _through_the_box(net: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in net.environ().items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def youtube(net: Internet) -> YouTube:
    return YouTube(net)


@pytest.fixture
def fetcher() -> Fetcher:
    return Fetcher(HttpSettings(host_delay=0.0), contact="")


def request(url: str = PAGE, *, items: int | None = None, door: Door = Door.LISTING) -> Request:
    """Make a listing's request, without a delay."""
    return Request(feed="course", door=door, url=url, host="youtube.com", delay=0.0, timeout=30.0, items=items)


def videos(count: int, *, channel: Channel | None = KARPATHY) -> list[Video]:
    """Make so many videos, each a minute longer than the one before."""
    return [
        Video(id=f"v{number:09d}A", title=f"Lecture {number}", duration=60 * number + 60, channel=channel)
        for number in range(count)
    ]


def listing(fetcher: Fetcher, asked: Request) -> dict[str, Any]:
    """List what must succeed."""
    (found,) = fetcher.fetch([asked])
    assert isinstance(found, Answer), found
    assert (found.status, found.url, found.moved_to) == (200, asked.url, "")
    answer: dict[str, Any] = json.loads(found.body)
    return answer


def error_of(fetcher: Fetcher, asked: Request) -> FetchError:
    """List what must fail."""
    (found,) = fetcher.fetch([asked])
    assert isinstance(found, Failure), found
    assert found.error.feed == "course"
    return found.error


def ids(found: dict[str, Any]) -> list[str]:
    """Give the listed videos' ids, in order."""
    return [entry["id"] for entry in found["entries"]]


# ---------------------------------------------------------------- lists


@pytest.mark.parametrize("layout", ["lockup", "renderer"])
@pytest.mark.parametrize("count", [10, 240])
def test_a_playlist_is_listed_whole(youtube: YouTube, fetcher: Fetcher, layout: str, count: int) -> None:
    """Every page of a list comes, in playlist order, with titles, durations and owners, in both layouts (M9)."""
    shelf = youtube.playlist(PLAYLIST, title="Zero to Hero", owner=KARPATHY, videos=videos(count))
    shelf.layout = layout  # type: ignore[assignment]  # one of the two, from the parameters
    found = listing(fetcher, request())
    assert ids(found) == [video.id for video in shelf.videos]
    assert (found["title"], found["channel_id"], found["playlist_count"]) == ("Zero to Hero", KARPATHY.id, count)
    assert [entry["duration"] for entry in found["entries"]] == [video.duration for video in shelf.videos]
    assert {(entry["channel"], entry["channel_id"]) for entry in found["entries"]} == {(KARPATHY.title, KARPATHY.id)}


def test_no_video_is_asked_for_itself(net: Internet, youtube: YouTube, fetcher: Fetcher) -> None:
    """A list of 150 costs its page and two answers of the API, and nobody else is asked (M33)."""
    youtube.playlist(PLAYLIST, title="Zero to Hero", owner=KARPATHY, videos=videos(150))
    listing(fetcher, request())
    assert [seen.path for seen in net.requests] == ["/playlist", "/youtubei/v1/browse", "/youtubei/v1/browse"]
    assert net.strays == []


def test_unavailable_and_foreign_videos_are_listed(youtube: YouTube, fetcher: Fetcher) -> None:
    """Private videos come as placeholders, members' ones marked, and everybody under their own name (M3 M26 M28)."""
    youtube.playlist(
        PLAYLIST,
        title="Zero to Hero",
        owner=KARPATHY,
        videos=[
            Video(id="v000000000A", title="", placeholder="[Private video]", duration=None),
            Video(id="v000000001A", title="State of GPT", channel=MICROSOFT),
            Video(id="v000000002A", title="Members", channel=KARPATHY, is_members_only=True),
        ],
    )
    private, foreign, members = listing(fetcher, request())["entries"]
    assert (private["title"], private["duration"]) == ("[Private video]", None)
    assert foreign["channel_id"] == MICROSOFT.id
    assert members["availability"] == "subscriber_only"


def test_a_list_is_bounded(net: Internet, youtube: YouTube, fetcher: Fetcher) -> None:
    """`items` bounds what is listed, and spares the later pages."""
    youtube.playlist(PLAYLIST, title="Zero to Hero", owner=KARPATHY, videos=videos(240))
    assert len(ids(listing(fetcher, request(items=30)))) == 30
    assert len(net.requests) == 2


def test_a_channel_is_listed_newest_first(youtube: YouTube, fetcher: Fetcher) -> None:
    """A channel's /videos page is a flat list, in the page's order."""
    shelf = youtube.channel(KARPATHY, videos=videos(35))
    found = listing(fetcher, request(f"{SITE}/channel/{KARPATHY.id}/videos", items=30))
    assert ids(found) == [video.id for video in shelf.videos[:30]]
    assert found["channel_id"] == KARPATHY.id


def test_a_short_list_shows(youtube: YouTube, fetcher: Fetcher) -> None:
    """Where fewer come than the page announces, both numbers are in the answer (M29)."""
    shelf = youtube.playlist(PLAYLIST, title="Zero to Hero", owner=KARPATHY, videos=videos(8))
    shelf.announced = 12
    found = listing(fetcher, request())
    assert (len(ids(found)), found["playlist_count"]) == (8, 12)


def test_an_empty_list_is_an_answer(youtube: YouTube, fetcher: Fetcher) -> None:
    """A playlist without videos is listed as such; whether that is plausible is for the one who knows (M31)."""
    youtube.playlist(PLAYLIST, title="Zero to Hero", owner=KARPATHY)
    assert ids(listing(fetcher, request())) == []


def test_feeds_and_listings_take_turns(net: Internet, youtube: YouTube, fetcher: Fetcher) -> None:
    """The feed and the child hold the same slot: YouTube is asked by one of them at a time (M65)."""
    youtube.playlist(PLAYLIST, title="Zero to Hero", owner=KARPATHY, videos=videos(3))
    feed = request(f"{SITE}/feeds/videos.xml?playlist_id={PLAYLIST}", door=Door.FEED)
    found = list(fetcher.fetch([request(), feed, request()]))
    assert [(each.request.door, type(each)) for each in found] == [
        (Door.LISTING, Answer),
        (Door.FEED, Answer),
        (Door.LISTING, Answer),
    ]
    paths = [seen.path for seen in net.requests]
    once = ["/playlist", "/youtubei/v1/browse"]
    assert paths == [*once, "/feeds/videos.xml", *once]


# ---------------------------------------------------------------- what goes wrong


def test_a_missing_list_is_perhaps_gone(youtube: YouTube, fetcher: Fetcher) -> None:
    """A list said not to exist is a suspicion, not a fact: no playlist, no channel, the home page instead (M32)."""
    youtube.missing(PLAYLIST)
    youtube.home("/@nobody")
    for url in (PAGE, f"{SITE}/playlist?list=PLnever", f"{SITE}/@nobody/videos"):
        error = error_of(fetcher, request(url))
        assert isinstance(error, ExtractorError)
        assert error.is_gone
        assert "may be gone" in str(error)


def test_a_private_list_is_told_so(youtube: YouTube, fetcher: Fetcher) -> None:
    """A list that its owner closed exists; the remedy says who can help."""
    youtube.missing(PLAYLIST, private=True)
    error = error_of(fetcher, request())
    assert isinstance(error, ExtractorError)
    assert not error.is_gone
    assert "private" in str(error)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (rate_limited("3600"), RateLimitedError),
        (Reply(status=403), BlockedError),
        (Reply(status=404), StatusError),
        (Reply(status=500), StatusError),
    ],
    ids=["429", "403", "404", "500"],
)
def test_refusals_are_the_hosts(
    net: Internet, youtube: YouTube, fetcher: Fetcher, reply: Reply, kind: type[StatusError]
) -> None:
    """yt-dlp's refusals become the same errors as a feed's (M19 M32 M80)."""
    net.fail("www.youtube.com", reply)
    error = error_of(fetcher, request())
    assert isinstance(error, StatusError)
    assert (type(error), error.status) == (kind, reply.status)
    assert error.retry_after == reply.headers.get("retry-after", "")


def test_a_bot_check_blocks_the_host(net: Internet, youtube: YouTube, fetcher: Fetcher) -> None:
    """A bot check leaves YouTube alone: the feed behind it in the queue is not asked (M32)."""
    text = {"runs": [{"text": "Sign in to confirm you’re not a bot"}]}
    data = {"alerts": [{"alertRenderer": {"type": "ERROR", "text": text}}]}
    net.answer(f"{SITE}/playlist", Reply(body=f"<script>var ytInitialData = {json.dumps(data)};</script>".encode()))
    feed = request(f"{SITE}/feeds/videos.xml?playlist_id={PLAYLIST}", door=Door.FEED)
    first, second = fetcher.fetch([request(), feed])
    assert isinstance(first, Failure)
    assert isinstance(second, Failure)
    assert isinstance(first.error, BlockedError)
    assert isinstance(second.error, BlockedError)
    assert (first.was_sent, second.was_sent) == (True, False)
    assert [seen.path for seen in net.requests] == ["/playlist"]


def test_transport_troubles_pass(net: Internet, youtube: YouTube, fetcher: Fetcher) -> None:
    """A connection that breaks is a transient network error (M32)."""
    net.unplug()
    error = error_of(fetcher, request())
    assert isinstance(error, NetworkError)
    assert error.transient


def test_untrusted_certificates_are_told(
    net: Internet, youtube: YouTube, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """yt-dlp heeds SSL_CERT_FILE and checks certificates; without it the remedy names it."""
    youtube.playlist(PLAYLIST, title="Zero to Hero", owner=KARPATHY)
    monkeypatch.delenv("SSL_CERT_FILE")
    error = error_of(fetcher, request())
    assert isinstance(error, NetworkError)
    assert "SSL_CERT_FILE" in error.remedy
    assert net.requests == []


def test_a_dead_proxy_is_a_local_fault(fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that is not there is no fault of YouTube's."""
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    error = error_of(fetcher, request())
    assert isinstance(error, NetworkError)
    assert error.local


@pytest.mark.parametrize(
    "url", ["https://example.com/x", "file:///etc/passwd", "https://www.youtube.com.evil.example/"]
)
def test_only_youtube_is_asked(net: Internet, fetcher: Fetcher, url: str) -> None:
    """Any other address is an error without a request and without a child (M35)."""
    error = error_of(fetcher, request(url))
    assert isinstance(error, ExtractorError)
    assert "no address of YouTube" in str(error)
    assert (net.requests, net.strays) == ([], [])


def test_data_that_yt_dlp_does_not_understand_fails_alone(
    net: Internet, youtube: YouTube, fetcher: Fetcher, capfd: pytest.CaptureFixture[str]
) -> None:
    """What yt-dlp trips over fails this list; the next one is listed, and nothing is printed (M36 M38)."""
    grid: dict[str, Any] = {"itemSectionRenderer": {"contents": [{"gridRenderer": []}]}}
    tab = {"tabRenderer": {"selected": True, "content": {"sectionListRenderer": {"contents": [grid]}}}}
    data = {"contents": {"twoColumnBrowseResultsRenderer": {"tabs": [tab]}}}
    page = f"<script>var ytInitialData = {json.dumps(data)};</script>".encode()
    net.fail(f"{SITE}/playlist", Reply(body=page), times=1)
    youtube.playlist(PLAYLIST, title="Zero to Hero", owner=KARPATHY, videos=videos(3))
    broken, whole = fetcher.fetch([request(), request()])
    assert isinstance(broken, Failure)
    assert isinstance(broken.error, ExtractorError)
    assert "update yt-dlp" in broken.error.remedy
    assert isinstance(whole, Answer)
    assert capfd.readouterr() == ("", "")


# ---------------------------------------------------------------- the child


def stand_in(folder: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a library of the name yt_dlp before the real one, in the child only."""
    package = folder / "yt_dlp"
    package.mkdir()
    (package / "__init__.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(folder))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise ImportError", "not installed"),
        ("import os; os._exit(9)", "exit code 9"),
        ("import os; os.kill(os.getpid(), 9)", "exit code -9"),
        ("class YoutubeDL:\n def __init__(self, options): raise RuntimeError('<b>boom\\x1b[31m</b>' * 40)", "boom"),
    ],
    ids=["missing", "exits", "killed", "unknown exception"],
)
def test_a_broken_yt_dlp_fails_its_list_only(
    fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    """Whatever becomes of yt-dlp is one short sentence about this list, without control characters (M36 M38)."""
    stand_in(tmp_path, code, monkeypatch)
    error = error_of(fetcher, request())
    assert isinstance(error, ExtractorError)
    assert said in str(error)
    assert len(str(error)) < 250
    assert str(error).isprintable()
    assert error.remedy


_NOISY = """
import os, sys
class YoutubeDL:
    def __init__(self, options): self.options = options
    def __enter__(self): print("noise"); sys.stderr.write("noise"); os.write(1, b"noise"); return self
    def __exit__(self, *_): pass
    def extract_info(self, url, download): return ANSWER
    def sanitize_info(self, info): return info
"""


@pytest.mark.parametrize("answer", ["None", "{'id': 'x'}", "{'entries': None}", "[]"])
def test_no_list_is_a_failure(fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    """None, and anything without entries, is not an empty list (M31)."""
    stand_in(tmp_path, _NOISY.replace("ANSWER", answer), monkeypatch)
    error = error_of(fetcher, request())
    assert isinstance(error, ExtractorError)
    assert "without a list" in str(error)


def test_what_yt_dlp_prints_stays_with_it(
    fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Noise on stdout and stderr neither spoils the answer nor reaches ours, however long the answer is (M36)."""
    stand_in(tmp_path, _NOISY.replace("ANSWER", "{'entries': [{'id': 'x' * 1000}] * 2000}"), monkeypatch)
    assert len(listing(fetcher, request())["entries"]) == 2000
    assert capfd.readouterr() == ("", "")


def test_the_child_gets_safe_options(fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No plugins, no cache, no other extractor, no cookies: what the child runs yt-dlp with (M34 M35)."""
    answer = (
        "{'entries': [], 'plugins': os.environ['YTDLP_NO_PLUGINS'], 'session': os.getsid(0) == os.getpid(),"
        " 'options': {k: v for k, v in self.options.items() if k != 'logger'}}"
    )
    stand_in(tmp_path, _NOISY.replace("ANSWER", answer), monkeypatch)
    found = listing(fetcher, request())
    options = found["options"]
    assert (found["plugins"], found["session"]) == ("1", True)
    assert options["playlist_items"] == "1:500"
    assert options["allowed_extractors"] == ["youtube:tab", "youtube:playlist"]
    assert options["compat_opts"] == ["no-certifi"]
    assert (options["cachedir"], options["ignoreerrors"]) == (False, False)
    assert not any("cookie" in name for name in options)


def test_a_child_that_cannot_start_fails_its_list_only(fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that starts no more processes is no reason to stop a poll."""
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    error = error_of(fetcher, request())
    assert isinstance(error, ExtractorError)
    assert "could not be started" in str(error)


class Slow:
    """A playlist page that never ends; `started` and `ended` tell of its reader."""

    def __init__(self, net: Internet) -> None:
        self.started, self.ended = threading.Event(), threading.Event()
        net.answer(f"{SITE}/playlist", self._page)

    def has_lost_its_reader(self) -> bool:
        """Tell whether the reader is gone; it may never have come that far."""
        return self.ended.wait(10) if self.started.is_set() else True

    def _page(self, _: Seen) -> Reply:
        return Reply(body=self._parts(), pause=0.01)

    def _parts(self) -> Iterator[bytes]:
        self.started.set()
        try:
            yield from itertools.repeat(b"<p>")
        finally:
            self.ended.set()


def has_children() -> bool:
    """Tell whether this process has a child, a zombie included."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def test_a_child_that_hangs_is_killed(net: Internet, youtube: YouTube) -> None:
    """After the hard limit the child is killed, and other hosts have gone on meanwhile (M37)."""
    slow = Slow(net)
    net.serve("https://example.org/feed", "<rss/>")
    other = Request(
        feed="notes", door=Door.FEED, url="https://example.org/feed", host="example.org", delay=0.0, timeout=5.0
    )
    fetcher = Fetcher(HttpSettings(host_delay=0.0), contact="", listing_limit=1.5)
    first, second = fetcher.fetch([request(), other])
    assert isinstance(first, Answer)
    assert isinstance(second, Failure)
    assert isinstance(second.error, NetworkError)
    assert "stopped after" in str(second.error)
    assert slow.has_lost_its_reader()
    assert not has_children()


def test_an_outage_kills_the_child(
    net: Internet, youtube: YouTube, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the network is found to be down, yt-dlp is not waited for (M94)."""
    monkeypatch.setattr("tracker.poll.fetch.run.CHILD_PATIENCE", 0.0)
    slow = Slow(net)
    feeds = [
        Request(feed=host, door=Door.FEED, url=f"https://{host}/feed", host=host, delay=0.0, timeout=5.0)
        for host in ("a.example", "b.example", "c.example")
    ]
    for feed in feeds:
        net.refuse(feed.host)
    found = list(fetcher.fetch([request(), *feeds]))
    assert [getattr(each.error, "local", None) for each in found if isinstance(each, Failure)] == [True] * 4
    assert [each.request.door for each in found if isinstance(each, Failure) and not each.was_sent] == [Door.LISTING]
    assert slow.has_lost_its_reader()
    assert not has_children()


def test_stopping_kills_the_child(net: Internet, youtube: YouTube, fetcher: Fetcher) -> None:
    """Asked to stop, the fetcher takes the child along and leaves no zombie (M37)."""
    slow = Slow(net)
    assert list(fetcher.fetch([request()], stop=slow.started.is_set)) == []
    assert slow.ended.wait(10)
    assert not has_children()
    assert "youtube.com" in fetcher.host_times()


def test_dropping_the_iterator_kills_the_child(net: Internet, youtube: YouTube, fetcher: Fetcher) -> None:
    """Leaving the loop early does the same."""
    slow = Slow(net)
    net.answer("https://example.org/feed", lambda _: Reply(body=b"<rss/>" if slow.started.wait(10) else b""))
    other = Request(
        feed="notes", door=Door.FEED, url="https://example.org/feed", host="example.org", delay=0.0, timeout=15.0
    )
    results = fetcher.fetch([request(), other])
    assert isinstance(next(results), Answer)
    results.close()  # type: ignore[attr-defined]  # a generator, told as an iterator
    assert slow.ended.wait(10)
    assert not has_children()


_PARENT = f"""
import sys
from tracker.models import Door, HttpSettings, Request
from tracker.poll.fetch import Fetcher
asked = Request(feed="c", door=Door.LISTING, url="{PAGE}", host="youtube.com", delay=0.0, timeout=30.0)
found = next(Fetcher(HttpSettings(host_delay=0.0), contact="").fetch([asked]))
print(len(found.body), "yt_dlp" in sys.modules)
"""


def start_parent(**environ: str) -> subprocess.Popen[str]:
    """Start a program that lists a playlist, from a folder in which nothing of it lies."""
    return subprocess.Popen(
        [sys.executable, "-c", _PARENT],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        cwd="/",
        stdout=subprocess.PIPE,
        text=True,
    )


def test_the_child_does_not_outlive_a_killed_parent(net: Internet, youtube: YouTube) -> None:
    """Kill -9 of the program ends its child too (M37)."""
    slow = Slow(net)
    with start_parent() as parent:
        assert slow.started.wait(20)
        os.kill(parent.pid, signal.SIGKILL)
    assert slow.ended.wait(20)


def test_only_the_child_imports_yt_dlp(youtube: YouTube) -> None:
    """The program itself stays light, whatever it lists (M37)."""
    youtube.playlist(PLAYLIST, title="Zero to Hero", owner=KARPATHY, videos=videos(3))
    with start_parent() as parent:
        out, _ = parent.communicate(timeout=60)
    size, is_imported = out.split()
    assert int(size) > 100
    assert is_imported == "False"


# ---------------------------------------------------------------- looking up


@pytest.mark.parametrize(
    "path", ["/@AndrejKarpathy", "/c/karpathy", "/user/karpathy/videos", f"/channel/{KARPATHY.id}"]
)
def test_names_resolve_to_the_stable_id(net: Internet, youtube: YouTube, fetcher: Fetcher, path: str) -> None:
    """A handle and legacy names lead to the UC… id, with one page and no list."""
    youtube.channel(KARPATHY, videos=videos(40), legacy=["/c/karpathy", "/user/karpathy"])
    found = fetcher.resolve(f"{SITE}{path}")
    assert (found["channel_id"], found["channel"]) == (KARPATHY.id, KARPATHY.title)
    assert found["uploader_id"] == "@AndrejKarpathy"
    assert len(net.requests) == 1


def test_a_playlist_resolves_to_its_title(youtube: YouTube, fetcher: Fetcher) -> None:
    """A playlist's page gives its title and owner."""
    youtube.playlist(PLAYLIST, title="Zero to Hero", owner=KARPATHY, videos=videos(3))
    found = fetcher.resolve(PAGE)
    assert (found["type"], found["id"], found["title"]) == ("playlist", PLAYLIST, "Zero to Hero")
    assert (found["channel_id"], found["playlist_count"]) == (KARPATHY.id, 3)


@pytest.mark.parametrize(
    "url", [f"{SITE}/watch?v=zjkBMFhNj_g&t=3", "https://youtu.be/zjkBMFhNj_g?si=x", f"{SITE}/shorts/zjkBMFhNj_g"]
)
def test_a_video_resolves_to_its_channel(net: Internet, youtube: YouTube, fetcher: Fetcher, url: str) -> None:
    """A video's page tells whose it is, without the player (M33)."""
    title = 'Intro to "Large" Language Models'
    youtube.video(Video(id="zjkBMFhNj_g", title=title, channel=KARPATHY))
    found = fetcher.resolve(url)
    assert (found["type"], found["id"], found["title"]) == ("video", "zjkBMFhNj_g", title)
    assert (found["channel_id"], found["channel"]) == (KARPATHY.id, KARPATHY.title)
    assert [seen.path for seen in net.requests] == ["/watch"]


def test_what_cannot_be_resolved_is_told(net: Internet, youtube: YouTube, fetcher: Fetcher) -> None:
    """An unknown handle, a video without an owner and a foreign address raise one sentence each."""
    youtube.home("/@nobody")
    for url in (f"{SITE}/@nobody", f"{SITE}/watch?v=AAAAAAAAAAA", "https://example.org/"):
        with pytest.raises(ExtractorError) as caught:
            fetcher.resolve(url)
        assert caught.value.remedy
    assert net.strays == []


def test_shelves_change_between_polls(youtube: YouTube, fetcher: Fetcher) -> None:
    """The box shows today's list: what is appended to a shelf is listed the next time."""
    shelf: Shelf = youtube.playlist(PLAYLIST, title="Zero to Hero", owner=KARPATHY, videos=videos(3))
    before = ids(listing(fetcher, request()))
    shelf.videos.append(Video(id="v000000099A", title="New"))
    assert ids(listing(fetcher, request())) == [*before, "v000000099A"]
