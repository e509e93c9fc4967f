"""Every recorded feed of ../shared/corpus through parse and normalize: its entries, or a sentence why not."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import feedparser
import pytest

from tests.factories import make_subscription
from tracker.errors import ParseError
from tracker.models import Entry, Subscription
from tracker.poll.normalize import normalize
from tracker.poll.parse import parse_feed, parse_listing

NO_DOCUMENTS = {"expected-json", "http-recording", "ytdlp-expectations", "ytdlp-flat-json", "kind"}
WEB = make_subscription(url="https://example.org/feed")
SUBSCRIPTIONS = {
    "youtube": make_subscription(channel="UCXUPKJO5MZQN11PqgIvyuvQ"),
    "arxiv": make_subscription(categories=("cs.CL",)),
    "substack": make_subscription(publication="https://heated.world"),
}
LISTINGS = {
    "2024-07-18_playlist_two-lists-150-and-17__PLXJg25": (17, 17),
    "2024-07-18_playlist_two-lists-150-and-17__PLoumn5": (150, 150),
    "2024-11-10_playlist_learning__PL8dPuu": (49, 49),
    "2024-11-10_playlist_shorts__UUSHBR8": (100, 531),
    "2024-11-10_playlist_timeless-pop-hits__PLMC9KN": (200, 200),
    "2026-01-05_playlist_course__PLWxziG": (14, 14),
    "2026-01-26_channel_playlists-tab_eevblog__playlists": (0, 0),
    "2026-01-26_playlist_learning__PL8dPuu": (49, 49),
    "2026-05-21_channel_videos-tab_creativecommons__videos": (60, 60),
}


@pytest.fixture
def corpus(shared: Path) -> Path:
    folder = shared / "corpus"
    if not folder.is_dir():
        pytest.skip("needs ../shared/corpus, which this ../shared has not")
    return folder


def documents(corpus: Path) -> list[Path]:
    rows = (line.split("\t") for line in (corpus / "MANIFEST.tsv").read_text().splitlines()[1:])
    return [corpus / row[0] for row in rows if row[1] not in NO_DOCUMENTS and "innertube" not in row[1]]


def entries_of(path: Path, subscription: Subscription) -> tuple[Entry, ...]:
    raw = parse_feed(path.read_bytes(), content_type="", url="https://example.org/feed")
    return normalize(raw, subscription, url="https://example.org/feed")


def test_every_document_gives_entries_or_a_sentence(corpus: Path) -> None:
    """The broken and odd ones, too: entries or a ParseError of one line, never another exception (M7, M89, M90)."""
    outcomes: dict[str, list[str]] = {"entries": [], "empty": [], "refused": []}
    for path in documents(corpus):
        try:
            entries = entries_of(path, SUBSCRIPTIONS.get(path.relative_to(corpus).parts[0], WEB))
        except ParseError as error:
            outcomes["refused"].append(str(error))
        else:
            outcomes["entries" if entries else "empty"].append(path.name)

    assert len(outcomes["entries"]) > 690, "fewer than before: something real is refused or left out"
    assert len(outcomes["refused"]) < 130
    assert all(re.fullmatch(r"(?:the answer|the document|arXiv) .{3,200}", said) for said in outcomes["refused"])


def test_nothing_is_lost_before_the_parser_sees_it(corpus: Path) -> None:
    """Taming takes no entry away from feedparser but the half one where a document breaks off, and no document that has entries is refused (M89, M90)."""
    for path in documents(corpus):
        body = path.read_bytes()
        plain = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
        try:
            raw = parse_feed(body, content_type="", url="")
        except ParseError:
            assert not (plain.get("version") and plain.entries) or b"arxiv.org/api/errors" in body, path
        else:
            assert len(raw.entries) + raw.is_cut_off >= len(plain.entries), path


def tags(name: str) -> Callable[[str], int]:
    return lambda text: len(re.findall(rf"<{name}[ >]", text))


@pytest.mark.parametrize(
    ("source", "pattern", "count"),
    [
        ("youtube", "youtube/atom/**/*.xml", tags("entry")),
        ("substack", "substack/**/*.xml", tags("item")),
        ("arxiv", "arxiv/api/*_s*.xml", tags("entry")),
        ("arxiv", "arxiv/rss/*.xml", lambda text: tags("entry")(text) + tags("item")(text)),
        ("arxiv", "arxiv/rdf/*.rdf", tags("item")),
    ],
)
def test_real_captures_give_exactly_what_they_hold(
    corpus: Path, source: str, pattern: str, count: Callable[[str], int]
) -> None:
    """Each entry of a real feed comes out once, with title, address and key of its kind (M13, M54)."""
    paths = [path for path in sorted(corpus.glob(pattern)) if "errors#" not in path.read_text()]
    for path in paths:
        entries = entries_of(path, SUBSCRIPTIONS[source])
        assert len(entries) == count(path.read_text()), path
        assert all(entry.url and entry.title and entry.guid for entry in entries)
        assert all(entry.key.startswith(f"{source}:") or source == "substack" for entry in entries)
    assert paths


def test_series_of_one_feed_over_days_is_stable(corpus: Path) -> None:
    """A post that stands in several days' documents has one guid and one fingerprint in all of them (M11, M42)."""
    for folder, source in (("substack/series_ai4science", "substack"), ("youtube/atom/series_kurzgesagt", "youtube")):
        seen: dict[str, set[tuple[str, str]]] = {}
        for path in sorted((corpus / folder).glob("*.xml")):
            for entry in entries_of(path, SUBSCRIPTIONS[source]):
                seen.setdefault(entry.guid, set()).add((entry.url, entry.title))
        assert len(seen) > 5
        assert all(len(forms) == 1 for forms in seen.values()) or source == "youtube"  # whose owner renames videos


def test_arxivs_recorded_error_is_one(corpus: Path) -> None:
    """The API's error is a feed with one entry, which is no paper (M69)."""
    paths = [path for path in sorted((corpus / "arxiv/api").glob("*.xml")) if "errors#" in path.read_text()]
    for path in paths:
        with pytest.raises(ParseError, match="arXiv answers: incorrect id format"):
            entries_of(path, SUBSCRIPTIONS["arxiv"])
    assert paths


@pytest.mark.parametrize("name", LISTINGS)
def test_listings_come_whole(corpus: Path, name: str) -> None:
    """yt-dlp's lists give every video in order; a cut one is seen to be cut (M27, M29)."""
    raw = parse_listing((corpus / "youtube/ytdlp-flat" / f"{name}.json").read_bytes())
    entries = normalize(raw, SUBSCRIPTIONS["youtube"], url="https://www.youtube.com/playlist")

    assert (len(raw.entries), raw.announced) == LISTINGS[name]
    assert [entry.position for entry in entries] == list(range(len(raw.entries)))
    assert all(entry.published is None for entry in entries)


def test_challenge_page_is_named(corpus: Path) -> None:
    """What Cloudflare sent instead of a newsletter is called by its name (M48)."""
    with pytest.raises(ParseError, match="a Cloudflare challenge page, not a feed"):
        entries_of(corpus / "substack/cloudflare-challenge_1.html", SUBSCRIPTIONS["substack"])
