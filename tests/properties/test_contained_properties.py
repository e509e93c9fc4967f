"""From the bytes of a feed to every output, a stranger's words stay words (`make fuzz` tries thousands of feeds)."""

from __future__ import annotations

import logging
import os
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests import hostile_feeds
from tests.conftest import NOW
from tests.contained import check_json, check_page, check_terminal, undisguised
from tests.factories import make_answer, make_request, make_subscription
from tests.hostile_feeds import Words
from tests.markdown_readers import github_links
from tests.nasty import HONEST, NASTY, NASTY_URLS, TEXTS, URLS
from tracker import config as configuration
from tracker.cli import cli
from tracker.digest import close_early, preview_text, rebuild
from tracker.digest.render.escape import destination, escape
from tracker.errors import ParseError, UnsafeRedirectError
from tracker.models import Config, Door, Outcome, Poll
from tracker.poll import reconcile
from tracker.poll.asking import Pass
from tracker.poll.fetch.redirects import follow
from tracker.poll.fetch.ytdlp import explain
from tracker.poll.parse import parse_feed
from tracker.poll.taking import take
from tracker.poll.together import Together
from tracker.sources import redact
from tracker.storage import Storage
from tracker.subscribe import append_table, export_outlines, read_opml, write_opml
from tracker.subscribe.proposal import clean_title, table

FUZZ = int(os.environ.get("FUZZ", "0"))  # how many examples of each; 0 is the few of every run, always the same
CLOCK = f"{NOW:%Y-%m-%dT%H:%M:%SZ}*0.000001"


def some(number: int) -> settings:
    """Try so many examples, or as many as are wanted."""
    return settings(
        deadline=None,
        derandomize=not FUZZ,
        max_examples=FUZZ or number,
        # A whole database for each smaller example would take minutes.
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example),
        database=None,
    )


# Every feed's title is what it calls itself; the course's, too, for feeds.toml gives none.
HEAD = '[digest]\ntitle = "Learning"\ntimezone = "Europe/London"\n'
FEEDS: dict[str, tuple[str, Door, Any]] = {
    "rss": ('url = "https://rss.example/feed"', Door.FEED, hostile_feeds.rss),
    "atom": ('url = "https://atom.example/feed"', Door.FEED, hostile_feeds.atom),
    "json": ('url = "https://json.example/feed"', Door.FEED, hostile_feeds.json_feed),
    "letter": ('publication = "https://letter.substack.com"', Door.FEED, hostile_feeds.rss),
    "papers": ('categories = ["cs.CL"]', Door.FEED, hostile_feeds.arxiv),
    "talks": ('channel = "UCXUPKJO5MZQN11PqgIvyuvQ"', Door.FEED, hostile_feeds.youtube),
    "course": ('playlist = "PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"\ncourse = true', Door.LISTING, hostile_feeds.listing),
}
WORDS = st.builds(Words, title=TEXTS, author=TEXTS, summary=TEXTS, link=URLS)
EVERY = [
    Words(title=text, author=NASTY[-1 - at % len(NASTY)], summary=text, link=NASTY_URLS[at % len(NASTY_URLS)])
    for at, text in enumerate(NASTY + HONEST)
]


@contextmanager
def followed(name: str, site: str, entries: list[Words]) -> Iterator[tuple[Config, Storage]]:
    """Follow every kind of feed, each of which holds these entries, and store what they bring."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "feeds.toml"
        tables = (f'\n[[feed]]\nid = "{feed}"\nbacklog = "all"\n{line}\n' for feed, (line, _, _) in FEEDS.items())
        path.write_text(HEAD + "".join(tables))
        config = configuration.load(path)
        with Storage.open(config.database, now=NOW) as storage:
            reconcile(config, storage, now=NOW)
            here = Pass(
                config=config, storage=storage, together=Together(storage), now=NOW, since=NOW - timedelta(days=7)
            )
            for feed, (_, door, write) in FEEDS.items():
                request = make_request(feed=feed, door=door, url=f"https://{feed}.example/feed", host=f"{feed}.example")
                headers = {"content-type": "application/feed+json" if feed == "json" else "application/xml"}
                done = take(here, make_answer(write(name, site, entries), request=request, headers=headers))
                assert done.outcome is not Outcome.FAILED, (feed, done.error)
                check_line(done)
            yield config, storage


def check_line(done: Poll) -> None:
    """See that what a poll says of itself is fit for a line."""
    for text in (done.error, *done.warnings):
        assert "\n" not in text
        assert undisguised(text)
        assert len(text) < 1000


@some(4)
@given(TEXTS, URLS, st.lists(WORDS, min_size=1, max_size=5))
@example("[x](javascript:alert(1))\n\u202e\ud83d", "javascript:alert(1)", EVERY)
@example(NASTY[-1], "data:text/html,x", EVERY[::-8])
def test_every_output_of_a_hostile_feed_is_ours(name: str, site: str, entries: list[Words]) -> None:
    """Title, author, link and summary of every kind of feed reach page, rerender, terminal and JSON as text: only our links are there, nothing steers, nothing hides (M14, M64)."""
    with followed(name, site, entries) as (config, storage):
        stored = storage.entries()
        for each in stored:
            check_url(each.url)
            assert all(undisguised(text) for text in (each.key, each.title, *each.authors))
        targets = {destination(each.url) for each in stored} - {""}
        shown = check_page(preview_text(config, storage, now=NOW), targets, title="Learning")
        closed = close_early(config, storage, now=NOW + timedelta(hours=1))
        again = rebuild(config, storage, closed.label, rerender=True).decode()
        assert again == closed.rendered.decode()
        assert check_page(again, targets, title="Learning") == shown
        for feed in storage.feeds():
            assert undisguised(feed.title)
            assert len(feed.title) <= 500
            assert urlsplit(feed.site_url).scheme in {"", "http", "https"}
        ask(config)


def check_url(url: str) -> None:
    """See that an address is none, or one of the web without user, control or hidden character, its host in ASCII."""
    if url:
        parts = urlsplit(url)
        assert parts.scheme in {"http", "https"}
        assert parts.netloc.isascii()
        assert "@" not in parts.netloc
        assert url.isprintable()
        assert not set(url) & set(" <>\"`{}|\\^'")


def ask(config: Config) -> None:
    """Put every question of the command line to a database of hostile words."""
    for words in (
        ("entries",),
        ("search", "x OR evil"),
        ("feeds",),
        ("feeds", "rss"),
        ("status",),
        ("digest", "-o", "-"),
    ):
        check_terminal(run(config, *words))
    for words in (("entries", "--json"), ("search", "evil", "--json"), ("feeds", "--json"), ("status", "--json")):
        check_json(run(config, *words))


def run(config: Config, *words: str) -> str:
    """Run a command in this process; give what it prints."""
    kept = logging.getLogger().handlers[:]
    try:
        done = CliRunner().invoke(cli, ["--config", str(config.path), *words], env={"TRACKER_CLOCK": CLOCK})
    finally:
        logging.getLogger().handlers[:] = kept
    assert done.exception is None or isinstance(done.exception, SystemExit), (words, done.exception)
    return done.output


@some(60)
@given(st.one_of(TEXTS, URLS), TEXTS)
@example("java\tscript:alert(1)", "x")
@example("data:text/html,\u202ex", "\u2028# x")
def test_what_a_host_says_is_a_quotation(location: str, said: str) -> None:
    """A redirect's target, arXiv's and yt-dlp's own words stand in errors as one visible line, addresses without secrets."""
    errors: list[Exception] = []
    wire = location.encode("utf-8", "surrogatepass").decode("latin-1")
    try:
        target = follow("https://blog.example/feed", wire)
        assert urlsplit(target).scheme == "https"
        assert target.isascii()
        assert target.isprintable()
    except UnsafeRedirectError as error:
        errors.append(error)
    for title in (f"Feed error for query: {said}", f"arXiv Query: {said}"):
        try:
            parse_feed(hostile_feeds.arxiv(title, "", []), content_type="application/xml", url="https://a.example/")
        except ParseError as error:
            errors.append(error)
    answer = {"kind": "said", "text": said, "status": 400, "retry_after": said, "errno": said}
    errors.append(explain(answer, url="https://www.youtube.com/playlist?list=PLx").error)
    for error in errors:
        assert undisguised(f"{error} {redact(location)}")
        assert "secret@" not in f"{error} {redact(location)}"
        assert github_links(f"- {escape(str(error))}") == []


@some(60)
@given(st.lists(st.tuples(TEXTS, URLS, TEXTS), min_size=1, max_size=4))
def test_feeds_toml_and_opml_give_back_what_was_put_in(found: list[tuple[str, str, str]]) -> None:
    """Titles, addresses and tags of strangers come back from feeds.toml and from OPML as they were cleaned: no key, no table, no element of theirs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "feeds.toml"
        path.write_text(HEAD)
        wanted = []
        for number, (title, url, tag) in enumerate(found):
            address = f"https://f{number}.example/{quote(url.encode('utf-8', 'replace'), safe=':/?&=$(),;[]!*')}"
            made = make_subscription(id=f"f{number}", url=address, title=clean_title(title))
            made = replace(made, tags=(clean_title(tag),) if clean_title(tag) else ())
            append_table(path, table(made))
            wanted.append(made)
        config = configuration.load(path)
        assert [
            replace(each, line=made.line) for each, made in zip(config.subscriptions, wanted, strict=True)
        ] == wanted
        assert {*tomllib.loads(path.read_text())} == {"digest", "feed"}
        outlines = export_outlines(config)
        back = read_opml(write_opml(outlines, title=found[0][0], now=NOW))
    assert [each.url for each in back] == [each.url for each in outlines]
    assert [each.title for each in back] == [" ".join(each.title.split()) for each in outlines]
    assert all(undisguised(each.title) for each in back)
