"""A hostile internet asked by the whole program: what its servers, feeds and lists say stays words in every output."""

from __future__ import annotations

import html
import re
import tomllib
from xml.etree import ElementTree as ET

import pytest

from tests import hostile_feeds
from tests.conftest import Run
from tests.contained import check_json, check_page, check_terminal, undisguised
from tests.e2e.world import HEAD, WEDNESDAY, World
from tests.hostile_feeds import Words
from tests.internet_replies import Reply
from tests.internet_youtube import YouTube
from tests.nasty import NASTY, NASTY_URLS

# Some of each: the rest is tried without a network, in tests/properties.
ENTRIES = [
    Words(title=text, author=NASTY[-1 - at], summary=text, link=NASTY_URLS[at % len(NASTY_URLS)])
    for at, text in enumerate(NASTY[::2])
]
NAME = "\x1b[2J\u202e[[x]] <b>&amp;</b> \"'''\\ \u3164\n[[feed]]\nid = \"evil\"\n# {{< x >}} www.evil.example _a@evil.example"
LOCATIONS = (
    "javascript:alert(1)",
    "data:text/html,<script>x</script>",
    "file:///etc/passwd",
    "http://user:secret@127.0.0.1/{{< x >}}",
    "https:\\\\evil.example\\x",
    "//[::1",
    "\u202ehttps://evil.example/\u2066".encode().decode("latin-1"),
    "https://user:secret@moved.example/[x](y)?token=secret&`id`",
)


@pytest.fixture
def hostile(world: World) -> World:
    """A world of hostile feeds of every kind, redirects into every hole, and a list whose owner answers in markup."""
    net = world.net
    tables = []
    for name, write in (("rss", hostile_feeds.rss), ("atom", hostile_feeds.atom), ("json", hostile_feeds.json_feed)):
        kind = (
            "application/feed+json" if name == "json" else "text/xml; charset=\x9b31m\u202e".encode().decode("latin-1")
        )
        net.serve(f"https://{name}.example/feed", write(NAME, NASTY_URLS[1], ENTRIES), content_type=kind)
        tables.append(f'id = "{name}"\nurl = "https://{name}.example/feed"\nbacklog = "all"\n')
    for number, location in enumerate(LOCATIONS):
        net.redirect(f"https://r{number}.example/feed", location, status=302)
        tables.append(f'id = "r{number}"\nurl = "https://r{number}.example/feed"\n')
    net.answer("https://moved.example/", Reply(status=404))
    error = hostile_feeds.arxiv(
        "Feed error for query: \x1b[2J\u202e[[x]] [y](https://evil.example) www.evil.example", "", []
    )
    net.serve("https://rss.arxiv.org/rss/cs.CL", error)
    tables.append('id = "papers"\ncategories = ["cs.CL"]\n')
    youtube = YouTube(net)
    youtube.missing("PLEVIL0000000000")
    youtube._alerts["PLEVIL0000000000"] = "\x1b[2J\u202e[[x]] {{< y >}} \ud83d [z](https://evil.example) a@evil.example"
    tables.append('id = "list"\nplaylist = "PLEVIL0000000000"\n')
    world.config.write_text(HEAD + "".join(f"\n[[feed]]\n{table}" for table in tables), encoding="utf-8")
    return world


def test_a_hostile_internet_says_nothing_but_words(hostile: World, run_cli: Run) -> None:
    """Redirects, types, errors, alerts and entries reach log, terminal, JSON and page in one line each, without a link, an escape, a secret or a disguise (M14, M36, M50, M82)."""
    clock = hostile.at(WEDNESDAY)
    polled = run_cli("-v", "--log-file", "log.txt", "poll", clock=clock)
    told = [run_cli(*words, clock=clock) for words in (("feeds",), ("feeds", "r7"), ("feeds", "papers"), ("digest",))]
    for each in (polled, *told):
        check_terminal(each.stdout + each.stderr)
        assert "secret" not in each.stdout + each.stderr
    check_terminal(run_cli("entries", clock=clock).stdout)
    log = (hostile.folder / "log.txt").read_text(encoding="utf-8")
    assert all(re.match(r"\d{4}-\d\d-\d\d [\d:,]+ (INFO|WARNING) tracker", line) for line in log.split("\n")[:-1])
    assert undisguised(log.replace("\n", ""))
    feeds = check_json(run_cli("feeds", "--json", clock=clock).stdout)
    assert {each["id"]: each["state"] for each in feeds}["rss"] == "ok"
    assert all(undisguised(f"{each['title']}{each['evidence']}{each['last_error']}") for each in feeds)
    entries = check_json(run_cli("entries", "--json", clock=clock).stdout)
    assert len(entries) > len(ENTRIES)
    page = hostile.page("2026-W48")
    assert check_page(page, _targets(entries), title="Learning LLMs") > 10


def _targets(entries: list[dict[str, str]]) -> set[str]:
    """Spell the entries' addresses as a page does."""
    from tracker.digest.render.escape import destination

    return {str(destination(each["url"])) for each in entries if each["url"]}


def test_a_hostile_feed_is_subscribed_to_by_its_name(hostile: World, run_cli: Run) -> None:
    """What a feed calls itself goes into feeds.toml as one title, whatever TOML it holds, and out again as OPML (M1)."""
    clock = hostile.at(WEDNESDAY)
    hostile.config.write_text(HEAD)
    page = f'<title>{NAME}</title><link rel="alternate" type="application/rss+xml" href="/feed" title="{html.escape(NAME)}">'
    hostile.net.serve("https://rss.example/", page, content_type="text/html; charset=punycode")
    told = run_cli("subscribe", "https://rss.example/", "https://json.example/feed", clock=clock)
    check_terminal(told.stdout + told.stderr)
    feeds = tomllib.loads(hostile.config.read_text())["feed"]
    assert [each["url"] for each in feeds] == ["https://rss.example/feed", "https://json.example/feed"]
    assert all({*each} == {"id", "url", "title"} for each in feeds)
    assert all(undisguised(each["title"]) and each["title"].startswith("[2J[[x]]") for each in feeds)
    assert "2 feeds" in run_cli("check").stdout
    root = ET.fromstring(run_cli("export", clock=clock).stdout)
    assert [each.get("text") for each in root.iter("outline")] == [each["title"] for each in feeds]
