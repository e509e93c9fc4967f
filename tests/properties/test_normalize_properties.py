"""Whatever a feed says, an entry is plain text of bounded length, and cleaning what is clean changes nothing."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from urllib.parse import urljoin

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.factories import BEFORE_NUMBERS, make_raw_feed, make_subscription
from tracker.models import Enclosure, Entry, RawEntry, Subscription, Text
from tracker.poll.normalize import LONGEST_GUID, LONGEST_SUMMARY, LONGEST_TITLE, MOST_MENTIONS, normalize
from tracker.poll.normalize_text import line, paragraphs
from tracker.sources import clean_url

HOSTILE = (
    "\u202e",
    "\u200b",
    "\x07",
    "\x1b[31m",
    "<b>",
    "</p>",
    "<script>",
    "&lt;",
    "&amp;lt;",
    "&#8238;",
    "<int>",
    "\n\n\n",
)
PIECES = st.sampled_from(
    (*HOSTILE, "https://arxiv.org/abs/2203.15556", "<!--", "[[x]]", "a < b", "ß", "\ud83d", "[Private video]")
)
TEXTS = st.builds(Text, st.lists(PIECES | st.text(max_size=12), max_size=12).map("".join), st.booleans())
LINKS = st.sampled_from(
    (
        "",
        "https://blog.example.org/a",
        "/b",
        "javascript:x",
        "http://[",
        "https://youtu.be/VMj-3S1tku0",
        "https://e.org/\u202e",
    )
) | st.text(max_size=20)
DATES = st.none() | st.datetimes(timezones=st.just(UTC))
ENTRIES = st.builds(
    RawEntry,
    position=st.integers(0, 50),
    guid=LINKS | st.just("oai:arXiv.org:2203.01250v3") | st.text(min_size=1100, max_size=1200),
    link=LINKS,
    title=TEXTS,
    authors=st.lists(st.text(max_size=20), max_size=3).map(tuple),
    published=DATES,
    updated=DATES,
    summary=TEXTS,
    content=TEXTS,
    enclosures=st.lists(st.builds(Enclosure, LINKS, st.sampled_from(("audio/mpeg", "image/png", ""))), max_size=2).map(
        tuple
    ),
    categories=st.lists(st.text(max_size=8), max_size=3).map(tuple),
    announce_type=st.sampled_from(("", "new", "replace")),
    video_id=st.sampled_from(("", "VMj-3S1tku0", "../../etc")),
    duration=st.none() | st.integers(0, 10**6),
    availability=st.text(max_size=50),
)
SUBSCRIPTIONS = st.sampled_from(
    (
        make_subscription(url="https://blog.example.org/feed"),
        make_subscription(publication="https://blog.example.org"),
        make_subscription(channel="UCXUPKJO5MZQN11PqgIvyuvQ"),
        make_subscription(categories=("cs.CL",)),
    )
)
URL = "https://blog.example.org/feed"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def normalized(entries: list[RawEntry], subscription: Subscription) -> tuple[Entry, ...]:
    return normalize(make_raw_feed(*entries), subscription, url=URL, now=NOW)


def is_visible(text: str, *, allowed: str = "") -> bool:
    return all(
        char in allowed
        or char in BEFORE_NUMBERS
        or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
        for char in text
    )


@settings(deadline=None)
@given(st.lists(ENTRIES, max_size=4), SUBSCRIPTIONS)
def test_entries_are_plain_and_bounded(entries: list[RawEntry], subscription: Subscription) -> None:
    """No control, bidirectional or zero-width character gets through, and nothing is longer than allowed."""
    for entry in normalized(entries, subscription):
        names = (entry.title, entry.guid, entry.url, *entry.authors, *(each.url for each in entry.mentions))
        assert all(is_visible(text) for text in names)
        assert is_visible(entry.summary, allowed="\n")
        assert 0 < len(entry.title) <= LONGEST_TITLE
        assert len(entry.summary) <= LONGEST_SUMMARY
        assert 0 < len(entry.guid) <= LONGEST_GUID
        assert len(entry.mentions) <= MOST_MENTIONS
        assert entry.url == "" or entry.url.startswith(("http://", "https://"))
        assert all(each.key.startswith(("youtube:", "arxiv:")) and each.key != entry.key for each in entry.mentions)


@settings(deadline=None)
@given(st.lists(ENTRIES, max_size=6), SUBSCRIPTIONS)
def test_guids_are_unique_and_order_is_kept(entries: list[RawEntry], subscription: Subscription) -> None:
    """One entry for each guid, in the document's order (M92)."""
    found = normalized(entries, subscription)
    places = [next(n for n, raw in enumerate(entries) if raw.position == entry.position) for entry in found]

    assert len({entry.guid for entry in found}) == len(found)
    assert places == sorted(places) or len({raw.position for raw in entries}) < len(entries)


@settings(deadline=None)
@given(st.lists(ENTRIES, max_size=4), SUBSCRIPTIONS)
def test_normalize_is_idempotent(entries: list[RawEntry], subscription: Subscription) -> None:
    """Clean text given again, as plain text, comes out as it went in, and so does its fingerprint."""
    once = normalized(entries, subscription)
    again = normalized([as_given(entry) for entry in once], subscription)

    assert [(each.title, each.summary, each.authors, each.url) for each in again] == [
        (each.title, each.summary, each.authors, each.url) for each in once
    ]
    assert [each.fingerprint for each in again] == [each.fingerprint for each in once]


@given(
    st.text("abcXYZ09.:/?#;@[]%=&_~-+ \t\u00e9\u200b\x01<'", max_size=30),
    st.sampled_from(["http://", "https://", "HTTPS://", "//", "/", "", " http://"]),
)
@example("e.org/a;", "https://")
@example("/a", "https://")
@example("?a", "https://")
@example("e.org/a?#", "https://")
def test_a_link_is_the_one_that_joining_makes(rest: str, start: str) -> None:
    """Whether a link is whole or not, what is shown is what it means on the page that it stands on."""
    base = "https://blog.example.org/feed"
    try:
        expected = clean_url(urljoin(base, f"{start}{rest}".strip()))
    except ValueError:
        expected = ""
    entries = normalized(
        [RawEntry(position=0, guid="1", link=f"{start}{rest}", title=Text("A title"))], make_subscription()
    )
    assert [each.url for each in entries] == [expected if f"{start}{rest}".strip() else ""]


@given(st.text(st.characters(codec="ascii"), max_size=60), st.integers(10, 60), st.booleans())
def test_plain_text_is_its_words(text: str, longest: int, is_html: bool) -> None:
    """Text of plain characters comes out as its words, cut where it is too long, whichever way it is cleaned."""
    plain = "".join(char for char in text if char.isprintable() and char not in "<&")
    joined = " ".join(plain.split())
    for clean in (line, paragraphs):
        found = clean(Text(plain, is_html), longest=longest)
        assert found == joined if len(joined) <= longest else found.endswith("…") and len(found) <= longest


def as_given(entry: Entry) -> RawEntry:
    """Make an entry what a perfect feed would have said of it."""
    kind = "audio/mpeg" if entry.extra.get("podcast") else ""
    video = entry.key.removeprefix("youtube:") if entry.key.startswith("youtube:") else ""
    return RawEntry(
        position=entry.position,
        guid=entry.guid,
        link=f"https://www.youtube.com/shorts/{video}" if entry.extra.get("short") else entry.url,
        title=Text(entry.title),
        authors=entry.authors,
        summary=Text(entry.summary),
        enclosures=(Enclosure(entry.url, kind),) if kind else (),
        video_id=video,
    )
