"""One run of the whole program takes every feed of ../shared/corpus, over real sockets; then the captures as what they are."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.conftest import Run
from tests.e2e import corpus
from tests.internet import Internet
from tests.internet_feeds import arxiv_api
from tests.internet_replies import Reply, Seen
from tests.internet_youtube import Channel, Video, YouTube

WEDNESDAY = datetime(2026, 11, 25, 18, 20, tzinfo=UTC)
FRIDAY = WEDNESDAY + timedelta(days=2)
HEAD = '[http]\nhost_delay = "0s"\nconcurrency = 64\n\n[digest]\ntitle = "Everything"\ntimezone = "UTC"\n'

# Where the program does not store what feedparser sees, and why that is right.
DIFFERS = {
    "zoo/feedparser/wellformed/atom10/entry_content_base64_2.xml": (0, "text of the type octet-stream is a file"),
    "zoo/feedparser/wellformed/namespace/atomsvgdesc.xml": (0, "a drawing, and nothing else"),
    "zoo/feedparser/wellformed/namespace/atomsvgtitle.xml": (0, "a drawing, and nothing else"),
    "zoo/feedparser/wellformed/namespace/rss2.0svgtitle.xml": (0, "a drawing, and nothing else"),
    "zoo/feedparser/wellformed/rss/item_description_not_a_doctype.xml": (1, "what only looks like markup is text"),
    "zoo/feedparser/wellformed/sanitize/acceptable_element_multicol.xml": (1, "a tag that no browser knows is text"),
    "zoo/feedparser/wellformed/sanitize/acceptable_element_nextid.xml": (1, "a tag that no browser knows is text"),
    "zoo/simplepie/feed-utf16be.xml": (1, "UTF-16 without a mark, which feedparser cannot read and we can"),
    "zoo/venus/reconstitute/feedburner_origlink.xml": (1, "its address stands in FeedBurner's element"),
}
REFUSED = {"arxiv/api/id_abc_s0_m100_b79c8dcf6bc3.xml": "an error of arXiv's, which comes as a feed with one entry"}
NAMED = {
    "opml": "the answer is an OPML list of feeds, not a feed",
    "html": "the answer is an HTML page, not a feed",
    "html-autodiscovery": "the answer is an HTML page, not a feed",
    "blocked-page": "the answer is a Cloudflare challenge page, not a feed",
}

MISNAMED = {
    "real/nom/test.opml": "it lacks its first character, so that it is only text with some markup",
    "zoo/newsboat/opml-element-missing.opml": "it calls itself not-opml",
}


def ask(folder: Path, sql: str) -> list[tuple[object, ...]]:
    return corpus.query(folder / "tracker.db", sql)


@pytest.mark.slow
def test_one_run_takes_every_feed(shared: Path, net: Internet, run_cli: Run, tmp_path: Path) -> None:
    """Each of 1,800 documents gives just the entries that it holds, or one line saying what came; two days later nothing is new; one close places all (M7, M89, M90, M92)."""
    documents = corpus.documents(corpus.folder(shared))
    targets = {each.feed: f'url = "{each.url}"' for each in documents}
    (tmp_path / "feeds.toml").write_text(corpus.feeds_toml(targets, head=HEAD), encoding="utf-8")
    for each in documents:
        net.serve(each.url, each.body, content_type=each.content_type)
    first = run_cli("poll", clock=corpus.standing(WEDNESDAY))
    check_first_poll(documents, first, tmp_path)
    stored = ask(tmp_path, "SELECT * FROM appearances ORDER BY feed, entry")

    for each in documents:
        net.serve(each.url, each.again, content_type=each.content_type)
    run_cli("poll", clock=corpus.standing(FRIDAY))
    assert ask(tmp_path, "SELECT feed, new, changed FROM polls WHERE at > '2026-11-26' AND new + changed") == []
    assert len(ask(tmp_path, "SELECT feed FROM polls WHERE at > '2026-11-26'")) == len(documents)
    assert len(ask(tmp_path, "SELECT * FROM appearances")) == len(stored)
    assert net.strays == []

    run_cli("digest", "--close", clock=corpus.standing(FRIDAY))
    check_close(run_cli, tmp_path)


def check_first_poll(
    documents: tuple[corpus.Document, ...], done: subprocess.CompletedProcess[str], folder: Path
) -> None:
    """Compare what each feed's poll stored and said with what the document holds."""
    polls = {row[0]: row[1:] for row in ask(folder, "SELECT feed, outcome, new, backlog, error FROM polls")}
    held = dict(ask(folder, "SELECT feed, count(*) FROM appearances GROUP BY feed"))
    assert len(polls) == len(ask(folder, "SELECT feed FROM polls")) == len(documents)
    told = [line.partition(": ") for line in done.stderr.splitlines()]
    wrong = []
    for each in documents:
        outcome, new, backlog, error = polls[each.feed]
        wanted = DIFFERS.get(each.path, (None,))[0]
        wanted = corpus.distinct(each) if wanted is None else wanted
        if outcome == "failed":
            is_right = (not wanted or each.path in REFUSED) and is_clear(str(error), each)
            is_right &= [line for feed, _, line in told if feed == each.feed and str(error) in line] != []
        else:
            # What another feed has brought already appears here, too, and is not new.
            is_right = held.get(each.feed, 0) == wanted and outcome == ("new" if new else "unchanged")
            is_right &= new <= wanted and backlog == 0 and each.kind not in NAMED
        if not is_right:
            wrong.append((each.path, wanted, held.get(each.feed), outcome, new, error))
    assert wrong == [], "\n".join(map(str, wrong))
    assert {feed for feed, _, _ in told} <= set(polls), "every line names the feed that it is about"
    assert sum(map(int, held.values())) > 5_700
    assert sum(int(new) for _, new, _, _ in polls.values()) == ask(folder, "SELECT count(*) FROM entries")[0][0]
    assert sum(outcome == "failed" for outcome, *_ in polls.values()) < 120


def is_clear(error: str, document: corpus.Document) -> bool:
    """Tell whether an error is one printable line that says what came instead of a feed."""
    is_line = error.isprintable() and re.fullmatch(r"(?:the answer|the document|arXiv answers:) .{3,200}", error)
    named = NAMED.get(document.kind, error) if document.path not in MISNAMED else error
    return bool(is_line) and error == named


def check_close(run_cli: Run, folder: Path) -> None:
    """See that the issue places every entry once, and says how many it shows."""
    (shown, places) = ask(folder, "SELECT sum(is_shown), count(*) FROM issue_entries WHERE role = 'news'")[0]
    assert places == ask(folder, "SELECT count(*) FROM entries")[0][0]
    page = (folder / "digests" / "2026-W48.md").read_bytes().decode()
    news = page.partition("\n## Feeds\n")[0]
    linked = ask(
        folder,
        "SELECT count(*) FROM issue_entries JOIN entries ON id = entry WHERE role = 'news' AND is_shown AND url != ''",
    )
    assert news.count("\n- ") == shown
    assert news.count("\n- [ ] ") == linked[0][0]  # without a link no box
    assert run_cli("digest", "2026-W48").stdout == page
    hidden = re.search(r"([\d,]+) videos and ([\d,]+) posts are not shown", page)
    assert hidden
    assert sum(int(number.replace(",", "")) for number in hidden.groups()) + int(str(shown)) == places


# ---------------------------------------------------------------- captures as what they are

CAPTURES = {
    "youtube/atom/channel_digital-foundry_2025-01.xml": 'channel = "UC9PBzalIcEQCsiIkq36PyUA"',
    "youtube/atom/channel_l2inc.xml": 'channel = "UCBcRF18a7Qf58cCRy5xuWwQ"',
    "youtube/atom/channel_pbs-spacetime_trimmed.xml": 'channel = "UC7_gcs09iThXybpVgjHZ_7g"',
    "youtube/atom/channel_user-google.xml": 'channel = "UCK8sQmJBp8GCxrOtXWBpyEA"',
    "youtube/atom/channel_youpdated_nasa-like.xml": 'channel = "UCLA_DiR1FfKNvjuUpBHmylQ"',
    "youtube/atom/gdata2014_playlist.xml": 'playlist = "PLD50E7DEEB70F4CE0"',
    "youtube/atom/playlist_invidious_laberinto-de-papel.xml": 'playlist = "PLH3mdhuA3a24qt8c7fgcbknrLqe5Ijia2"',
    "substack/data-engineering-newsletter_1.xml": 'publication = "https://shubhamgondane.substack.com"',
    "substack/heated_2021-02.xml": 'publication = "https://heated.world"',
    "substack/left-as-an-exercise_2025-04.xml": 'publication = "https://harmonbhasin.substack.com"',
    "arxiv/rss/atom_cs.AI_2025-08-20.xml": 'categories = ["cs.AI"]',
    "arxiv/rss/rss_cs.CL_2026-04-27.xml": 'categories = ["cs.CL"]',
    "arxiv/rdf/hep-ex_2018-05-23.rdf": 'categories = ["hep-ex"]',
    "arxiv/api/id_0808.05394_1707.08567_s0_m100_42e5aa0ec3af.xml": 'papers = ["1707.08567"]',
    "arxiv/api/id_2104.12255v1_s0_m100_6ae69987ffe1.xml": 'papers = ["2104.12255"]',
    "arxiv/api/id_quant-ph_0201082v1_s0_m100_86989fe779ef.xml": 'papers = ["quant-ph/0201082"]',
    "arxiv/api/q_testing_s0_m10_bc5a6c384fe9.xml": 'query = "testing first"',
    "arxiv/api/q_testing_s10_m10_34e56e15aaac.xml": 'query = "testing second"',
    "arxiv/api/q_testing_s20_m10_348a237fecab.xml": 'query = "testing third"',
    "arxiv/api/q_testing_s30_m10_f2e39f0143dc.xml": 'query = "testing fourth"',
    "arxiv/api/id_0000.0000_s0_m100_8b51d9633a68.xml": 'query = "nothing"',
    "arxiv/api/id_0808.05394_s0_m100_7b0c7d0a7cdd.xml": 'query = "nothing either"',
}
KINDS = {"youtube": "video", "substack": "post", "arxiv": "paper"}
KEYS = {
    "youtube": re.compile(r"(?:<yt:videoId>|<link rel='alternate'[^>]*/watch\?v=)([\w-]{11})"),
    "arxiv": re.compile(r"(?:<id>http://arxiv\.org/abs/|oai:arXiv\.org:|<item rdf:about=\"http://arxiv\.org/abs/)([\w./-]+?)(?:v\d+)?[<\"]"),
}  # fmt: skip
LINK = re.compile(r"<item>.*?<link>([^<]+)</link>", re.DOTALL)


def keys(source: str, text: str) -> set[str]:
    """Name the works that a capture holds, without a parser of feeds."""
    if source == "substack":
        return {f"web:{link.partition('://')[2]}" for link in LINK.findall(text)}
    return {f"{source}:{found}" for found in KEYS[source].findall(text)}


def put_up(net: Internet, youtube: YouTube, line: str, body: bytes) -> None:
    """Serve a capture where the program asks for it; YouTube lists the same videos."""
    key, _, value = (part.strip('[]" ') for part in line.partition("="))
    if key in ("channel", "playlist"):
        net.serve(f"https://www.youtube.com/feeds/videos.xml?{key}_id={value}", body)
        videos = [Video(id=each, title=each) for each in dict.fromkeys(KEYS["youtube"].findall(body.decode()))]
        if key == "channel":
            youtube.channel(Channel(id=value, title="A channel"), videos=videos)
        else:
            youtube.playlist(value, title="A playlist", owner=Channel(id=f"UC{22 * 'A'}", title="A."), videos=videos)
    elif key == "publication":
        net.serve(f"{value}/feed", body)
    elif key == "categories":
        net.serve(f"https://rss.arxiv.org/rss/{value}", body)


def test_captures_are_followed_as_what_they_are(shared: Path, net: Internet, run_cli: Run, tmp_path: Path) -> None:
    """Channels, playlists, newsletters, categories, queries and papers, each captured from its source, give exactly the works they hold, under the source's own keys (M13, M54, M71)."""
    folder = corpus.folder(shared)
    bodies = {line: (folder / path).read_bytes() for path, line in CAPTURES.items()}
    feeds = {f"f{number}": line for number, line in enumerate(CAPTURES.values())}
    (tmp_path / "feeds.toml").write_text(corpus.feeds_toml(feeds, head=HEAD), encoding="utf-8")
    youtube = YouTube(net)
    for line, body in bodies.items():
        put_up(net, youtube, line, body)
    asked = {re.split("[\"']", line)[1]: body for line, body in bodies.items()}

    def api(seen: Seen) -> Reply:
        if "submittedDate:" in unquote(seen.query):  # the categories' batches of earlier days
            return Reply(body=arxiv_api((), WEDNESDAY))
        return Reply(body=asked[unquote(seen.params.get("search_query") or seen.params["id_list"])])

    net.answer("https://export.arxiv.org/api/query", api)
    done = run_cli("poll", clock=corpus.standing(WEDNESDAY))
    assert done.stderr == ""
    assert net.strays == []
    sql = "SELECT key, kind, title, url FROM entries JOIN appearances ON entry = id WHERE backlog = '' AND feed = '{}'"
    for (path, line), feed in zip(CAPTURES.items(), feeds, strict=True):
        source = path.partition("/")[0]
        stored = ask(tmp_path, sql.format(feed))
        assert {row[0] for row in stored} == keys(source, bodies[line].decode()), path
        assert {row[1] for row in stored} <= {KINDS[source]}
        assert all(title and url for _, _, title, url in stored)
    assert len(ask(tmp_path, "SELECT key FROM entries")) > 140


def test_recorded_refusals_are_failures(shared: Path, net: Internet, run_cli: Run, tmp_path: Path) -> None:
    """YouTube's recorded 404 and arXiv's recorded 400, whose body is a feed, are failures that end nothing (M19, M61, M69)."""
    folder = corpus.folder(shared)
    gone = json.loads((folder / "youtube/http-recordings/feed_2022-11-22_gone.json").read_bytes())["response"]
    wrong = json.loads((folder / "arxiv/api/id_abc_s0_m100_b79c8dcf6bc3.json").read_bytes())
    net.answer(
        "https://www.youtube.com/feeds/videos.xml",
        Reply(status=gone["responseCode"], body=gone["responseBody"].encode(), headers={"content-type": "text/html"}),
    )
    net.answer(
        "https://export.arxiv.org/api/query",
        Reply(
            status=int(wrong["status_code"]),
            body=wrong["body"].encode(),
            headers={"content-type": "application/atom+xml"},
        ),
    )
    feeds = {"channel": 'channel = "UCTGjY2I-ZUGnwVoWAGRd7XQ"', "query": 'query = "abc"'}
    (tmp_path / "feeds.toml").write_text(corpus.feeds_toml(feeds, head=HEAD), encoding="utf-8")
    done = run_cli("poll", clock=corpus.standing(WEDNESDAY), code=1)
    assert re.search(r"^channel: youtube\.com answered 404", done.stderr.replace("www.", ""), re.MULTILINE)
    assert re.search(r"^query: export\.arxiv\.org answered 400", done.stderr, re.MULTILINE)
    assert ask(tmp_path, "SELECT count(*) FROM entries") == [(0,)]
    due = ask(tmp_path, "SELECT feed, next_due_at FROM doors WHERE door = 'feed' ORDER BY feed")
    assert [feed for feed, _ in due] == ["channel", "query"]
    assert all(
        WEDNESDAY.isoformat() < str(moment).replace("Z", "+00:00") < (WEDNESDAY + timedelta(days=1)).isoformat()
        for _, moment in due
    )


# ---------------------------------------------------------------- one feed over days

SERIES = {
    "youtube/atom/series_kurzgesagt": 'channel = "UCsXVk37bltHxD1rDPwtNM8Q"',
    "substack/series_ai4science": 'publication = "https://amorehead.substack.com"',
}
WORDS = re.compile(r"<(title|media:description|description|name|dc:creator)>(.*?)</\1>", re.DOTALL)


def worded(source: str, text: str) -> dict[str, tuple[str, ...]]:
    """Map the works of a document to what is said of them: title, description, author."""
    pieces = re.split(r"<(?:entry|item)>", text)[1:]
    return {
        next(iter(keys(source, f"<item>{each}"))): tuple(said for _, said in WORDS.findall(each)) for each in pieces
    }


@pytest.mark.parametrize("name", SERIES)
def test_a_feed_over_days_gives_each_entry_once(
    shared: Path, net: Internet, run_cli: Run, tmp_path: Path, name: str
) -> None:
    """Day after day of one real feed: what is in it for the first time is new, what its owner edited is changed, nothing else, and no issue repeats another's (M11, M12, M16, M42)."""
    source = name.partition("/")[0]
    line = SERIES[name]
    (tmp_path / "feeds.toml").write_text(corpus.feeds_toml({"series": line}, head=HEAD), encoding="utf-8")
    youtube = YouTube(net)
    seen: dict[str, tuple[str, ...]] = {}
    for path in sorted((corpus.folder(shared) / name).glob("*.xml")):
        put_up(net, youtube, line, path.read_bytes())
        day = datetime.fromisoformat(f"{path.stem}T18:00:00+00:00")
        run_cli("run", "--once", clock=corpus.standing(day))
        held = worded(source, path.read_text(encoding="utf-8"))
        first_seen = f"SELECT key FROM entries WHERE first_seen = '{day:%Y-%m-%dT%H:%M:%SZ}'"
        assert {str(row[0]) for row in ask(tmp_path, first_seen)} == held.keys() - seen.keys()
        edited = [key for key, words in held.items() if seen.get(key, words) != words]
        changed = f"SELECT changed FROM polls WHERE door = 'feed' AND at = '{day:%Y-%m-%dT%H:%M:%SZ}'"
        assert ask(tmp_path, changed) == [(len(edited),)], edited
        seen |= held
    run_cli("digest", "--close", clock=corpus.standing(day + timedelta(hours=1)))
    news = ask(
        tmp_path,
        "SELECT key, label FROM issue_entries JOIN entries ON entries.id = entry JOIN issues ON issues.id = issue WHERE role = 'news'",
    )
    assert sorted(str(key) for key, _ in news) == sorted(seen)
    assert len({label for _, label in news}) > 3
