"""normalize: plain text, own and foreign links, dates, words, mentions, and what makes an entry change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories import make_raw_entry, make_raw_feed, make_subscription
from tracker.models import Enclosure, Entry, Kind, RawEntry, Text
from tracker.poll.normalize import MOST_MENTIONS, normalize
from tracker.poll.normalize_text import count_words, line, links, paragraphs

URL = "https://blog.example.org/feed"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
VIDEO = "VMj-3S1tku0"


def posts(*entries: RawEntry, now: datetime | None = None, **subscription: Any) -> tuple[Entry, ...]:
    keys = subscription or {"url": URL}
    return normalize(make_raw_feed(*entries), make_subscription(**keys), url=URL, now=now)


def post(**fields: Any) -> Entry:
    given = {"guid": "g", "link": "https://blog.example.org/a", "title": Text("A")} | fields
    return posts(make_raw_entry(**given))[0]


def video(**fields: Any) -> Entry:
    given = {"guid": f"yt:video:{VIDEO}", "link": f"https://www.youtube.com/watch?v={VIDEO}", "video_id": VIDEO}
    entry = make_raw_entry(**{**given, "title": Text("A video"), **fields})
    return posts(entry, channel="UCXUPKJO5MZQN11PqgIvyuvQ")[0]


def paper(**fields: Any) -> Entry:
    given = {"guid": "oai:arXiv.org:2203.01250v1", "link": "https://arxiv.org/abs/2203.01250", "title": Text("A paper")}
    return posts(make_raw_entry(**{**given, **fields}), categories=("cs.CL",))[0]


# ---------------------------------------------------------------- text


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("a &amp; b", "a & b"),
        ("a &amp;amp; b", "a &amp; b"),
        ("<b>bold</b> and <i>thin</i>", "bold and thin"),
        ("<p>one</p><p>two</p>", "one two"),
        ("one<br>two", "one two"),
        ("List<int> and vector<T>", "List<int> and vector<T>"),
        ("I <3 it, 1 < 2", "I <3 it, 1 < 2"),
        ("<script>alert(1)</script>kept", "kept"),
        ("<style>p {}</style>kept", "kept"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),
        ('<img src="x" onerror="alert(1)">kept', "kept"),
        ("<!-- remark -->kept<![if x]>", "kept"),
        ("<o:p>kept</o:p>", "kept"),
        ("<my-tag>kept</my-tag>", "kept"),
        ("x<sup>2</sup> <math><mi>y</mi></math>", "x2 y"),
        ("open <a href='x'", "open"),
        ("a\u202eb\u200bc\x07d\ufeff", "abcd"),
        ("soft\xadhyphen", "softhyphen"),
        ("a\u2028b\x0bc\td", "a b c d"),
        ("&#8238;&#0;&zwnj;x", "\ufffdx"),
    ],
)
def test_html_becomes_the_text_that_it_shows(html: str, plain: str) -> None:
    """Markup goes, what is no tag stays, entities are decoded once, invisible characters vanish (M14)."""
    assert line(Text(html, is_html=True), longest=500) == plain


def test_plain_text_is_not_taken_for_html() -> None:
    """What a feed calls plain keeps its angle brackets, ampersands and line breaks (M14)."""
    given = "List<int>, <3, a & b, &amp;\n\n\n\nand <b>this</b>\r\n  indented"

    assert paragraphs(Text(given), longest=500) == "List<int>, <3, a & b, &amp;\n\nand <b>this</b>\nindented"


def test_blocks_of_html_become_lines() -> None:
    """Paragraphs and list items stay apart; white space of the source does not count."""
    html = "<h1>Head</h1>\n<p>one\n  two</p><ul><li>a</li><li>b</li></ul>"

    assert paragraphs(Text(html, is_html=True), longest=500).split("\n") == ["Head", "", "one two", "", "a", "", "b"]


@pytest.mark.parametrize("longest", [10, 11, 12, 40])
def test_long_text_is_cut_between_words(longest: int) -> None:
    """A cut text is never longer than asked, ends in an ellipsis, and does not change when cut again."""
    cut = line(Text("word " * 100), longest=longest)

    assert len(cut) <= longest
    assert cut.endswith("word…") or longest == 12
    assert line(Text(cut), longest=longest) == cut


@pytest.mark.parametrize(
    "html", ["<ul><li>" * 20_000, "<p " + "a=1 " * 200_000, "<div>" * 50_000 + "x", "<!--" * 50_000]
)
def test_hostile_html_still_gives_text(html: str) -> None:
    """HTML that would keep a real parser busy for minutes is stripped by a simpler rule."""
    assert line(Text(f"start {html}", is_html=True), longest=50).startswith("start")


def test_words_are_those_that_are_seen() -> None:
    """Markup, scripts and addresses are no words."""
    html = '<p>One two</p><script>three four</script><p><a href="https://example.org/five six">seven</a></p>'

    assert count_words(Text(html, is_html=True)) == 3


# ---------------------------------------------------------------- links


@pytest.mark.parametrize(
    ("link", "guid", "expected"),
    [
        ("https://blog.example.org/a?utm_source=x&b=1", "g", "https://blog.example.org/a?b=1"),
        ("/posts/a", "g", "https://blog.example.org/posts/a"),
        ("javascript:alert(1)", "g", ""),
        ("file:///etc/passwd", "g", ""),
        ("data:text/html,x", "https://blog.example.org/by-guid", "https://blog.example.org/by-guid"),
        ("", "https://blog.example.org/by-guid", "https://blog.example.org/by-guid"),
        ("https://[broken", "g", ""),
    ],
)
def test_only_web_addresses_are_shown(link: str, guid: str, expected: str) -> None:
    """A link is made absolute and clean; one that is no http(s) address is none."""
    assert post(link=link, guid=guid).url == expected


def test_canonical_only_on_the_own_site_and_once() -> None:
    """Link blogs and changelogs repeat and lend links: those never merge with another feed's entry."""
    one, two, three, away = (
        make_raw_entry(position=number, guid=str(number), link=link, title=Text(str(number)))
        for number, link in enumerate(
            ("https://blog.example.org/changes", "http://www.blog.example.org/changes/", "/own", "https://other.net/x")
        )
    )

    assert [each.canonical for each in posts(one, two, three, away)] == ["", "", "blog.example.org/own", ""]


def test_moved_publication_tells_its_former_address() -> None:
    """Where feeds.toml still names the old host, an entry says what its URL was there (M46)."""
    entry = make_raw_entry(link="https://blog.example.org/p/slug", title=Text("a"))

    assert posts(entry, publication="https://x.substack.com")[0].former == "x.substack.com/p/slug"
    assert posts(entry, publication="https://blog.example.org")[0].former == ""
    assert posts(entry)[0].former == ""


def test_first_of_two_with_one_guid_counts() -> None:
    """Duplicate guids: the first wins; without a guid the link, without both title and date tell (M92)."""
    entries = (
        make_raw_entry(position=0, guid="g", title=Text("first")),
        make_raw_entry(position=1, guid="g", title=Text("second")),
        make_raw_entry(position=2, guid="", link="https://blog.example.org/x", title=Text("third")),
        make_raw_entry(position=3, guid="", link="", title=Text("fourth")),
        make_raw_entry(position=4, guid="", link="", title=Text("fifth")),
        make_raw_entry(position=5, guid="", link="", title=Text("fifth")),
    )
    found = posts(*entries)

    assert [each.title for each in found] == ["first", "third", "fourth", "fifth"]
    assert found[1].guid == "https://blog.example.org/x"


@pytest.mark.parametrize("nothing", ["", " ", "\u200b"])
def test_guid_is_never_empty(nothing: str) -> None:
    """An entry alone in having neither guid nor link is told by title and date all the same (M92)."""
    one, other = (posts(make_raw_entry(guid=nothing, link=nothing, title=Text(title)))[0] for title in ("a", "b"))

    assert one.guid
    assert one.guid != other.guid


def test_entries_of_one_link_without_guids_all_stay() -> None:
    """A changelog that links its one page from every entry loses none of them (M92)."""
    entries = (
        make_raw_entry(position=n, guid="", link="https://blog.example.org/c", title=Text(f"v{n}")) for n in (1, 2)
    )

    assert [each.title for each in posts(*entries)] == ["v1", "v2"]


def test_entry_with_nothing_in_it_is_left_out() -> None:
    """What has neither link nor words cannot be shown; the rest of the document goes on."""
    assert [
        each.title for each in posts(make_raw_entry(guid="1", link=""), make_raw_entry(guid="2", title=Text("b")))
    ] == ["b"]


@pytest.mark.parametrize(
    ("published", "link", "title"),
    [
        (datetime(2026, 11, 20, 9, tzinfo=UTC), "https://blog.example.org/a-post/", "(untitled) 2026-11-20"),
        (None, "https://blog.example.org/a-post/", "(untitled) a-post"),
        (None, "https://blog.example.org/%E2%80%AEx", "(untitled) x"),
        (None, "https://blog.example.org", "(untitled)"),
    ],
)
def test_untitled_entries_get_a_name(published: datetime | None, link: str, title: str) -> None:
    """A post without a title is named by its day, else by the end of its address."""
    assert post(title=Text(" \u200b"), link=link, published=published).title == title


def test_untitled_entries_with_words_begin_with_them() -> None:
    """A post of a microblog has words and no title: its first words are its name."""
    said = "One gradient, followed by hand through a single step of training, and then once more with momentum."
    named = post(title=Text(""), summary=Text(said))
    assert named.title == "One gradient, followed by hand through a single step of training, and then…"
    assert named.summary == said
    assert post(title=Text(""), summary=Text("Short.")).title == "Short."


# ---------------------------------------------------------------- dates


def test_missing_publication_date_is_the_updates() -> None:
    """GitHub's Atom has `updated` alone (M72)."""
    assert post(updated=NOW).published == NOW


@pytest.mark.parametrize(("ahead", "is_kept"), [(timedelta(hours=23), True), (timedelta(hours=25), False)])
def test_future_dates_are_none(ahead: timedelta, *, is_kept: bool) -> None:
    """A date more than a day ahead, or of a clock that was never set, is no date (M91)."""
    entry = make_raw_entry(title=Text("a"), published=NOW + ahead)

    assert (posts(entry, now=NOW)[0].published is not None) is is_kept
    assert posts(replace(entry, published=datetime(1970, 1, 1, tzinfo=UTC)))[0].published is None


# ---------------------------------------------------------------- YouTube


def test_video_is_known_by_its_id_and_stored_under_its_watch_page() -> None:
    """The key is the video id; a Short is told by its link and gets the same form of address (M13)."""
    entry = video(link=f"https://www.youtube.com/shorts/{VIDEO}")

    assert (entry.key, entry.kind, entry.url) == (
        f"youtube:{VIDEO}",
        Kind.VIDEO,
        f"https://www.youtube.com/watch?v={VIDEO}",
    )
    assert entry.extra["short"] is True
    assert "short" not in video().extra


def test_update_of_a_video_is_no_date_and_no_change() -> None:
    """YouTube's `updated`, views and thumbnails change daily and mean nothing (M11, M24)."""
    one, other = video(updated=NOW, published=None), video(updated=NOW + timedelta(days=1), published=None)

    assert one.fingerprint == other.fingerprint
    assert one.published is None


@pytest.mark.parametrize(
    "changed",
    [
        {"title": Text("Another")},
        {"summary": Text("Another")},
        {"authors": ("Another",)},
        {"link": f"https://www.youtube.com/shorts/{VIDEO}"},
    ],
)
def test_what_makes_a_change(changed: dict[str, Any]) -> None:
    """Title, description, people and the kind of link make the fingerprint (M11)."""
    assert video(**changed).fingerprint != video().fingerprint
    assert video().fingerprint == video(position=9, duration=5, availability="unlisted").fingerprint


@pytest.mark.parametrize(
    ("title", "availability"),
    [("[Private video]", "private"), ("[Deleted video]", "deleted"), ("[Unavailable video]", "unavailable")],
)
def test_placeholder_titles_are_marked(title: str, availability: str) -> None:
    """A video that cannot be watched is listed under a title that is none (M28)."""
    entry = video(title=Text(title))

    assert (entry.placeholder, entry.extra["availability"]) == (title, availability)
    assert video().placeholder == ""


def test_unknown_availability_says_nothing_and_members_only_is_kept() -> None:
    """None is visible (M25); members-only and live are carried on (M26)."""
    assert "availability" not in video().extra
    entry = video(availability="subscriber_only", live_status="is_upcoming")
    assert (entry.extra["availability"], entry.extra["live_status"]) == ("subscriber_only", "is_upcoming")


def test_what_cannot_be_watched_yet_is_marked() -> None:
    """M15: a premiere is upcoming, with its hour where the listing has it; a stream that runs is not."""
    hour = datetime(2026, 11, 30, 18, tzinfo=UTC)
    entry = video(live_status="is_upcoming", release_at=hour)

    assert (entry.is_upcoming, entry.release_at) == (True, hour)
    assert not video().is_upcoming
    assert not video(live_status="is_live").is_upcoming


def test_video_without_an_id_is_left_out() -> None:
    """Without its id a video cannot be told from another (M27)."""
    assert posts(make_raw_entry(title=Text("x")), channel="UCXUPKJO5MZQN11PqgIvyuvQ") == ()


# ---------------------------------------------------------------- arXiv


def test_paper_is_known_without_its_version() -> None:
    """The version is kept beside the key, and the address has none (M54, M71)."""
    entry = paper(guid="oai:arXiv.org:2203.01250v3")

    assert (entry.key, entry.version, entry.url) == ("arxiv:2203.01250", 3, "https://arxiv.org/abs/2203.01250")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("arXiv:2203.01250v1 Announce Type: replace-cross \nAbstract: We show $a<b$.", "We show $a<b$."),
        ("No beginning. Abstract: stays.", "No beginning. Abstract: stays."),
        ("  broken \n into   lines ", "broken into lines"),
    ],
)
def test_abstract_is_cut_clean(given: str, kept: str) -> None:
    """The prefix up to `Abstract:` goes, text without it stays whole (M55), white space is one blank (M70)."""
    assert paper(summary=Text(given)).summary == kept


@pytest.mark.parametrize(
    ("creator", "names"),
    [
        ("Ada Sample, Ben Example,  Cem D'Exemple", ("Ada Sample", "Ben Example", "Cem D'Exemple")),
        ("Ada Sample (1, 2), Ben Example (Institute (Town), Land)", ("Ada Sample", "Ben Example")),
        ("Ada Sample (unclosed, Ben", ("Ada Sample",)),
        ("", ()),
    ],
)
def test_authors_are_split_at_top_level_commas(creator: str, names: tuple[str, ...]) -> None:
    """A batch names all authors in one line, affiliations in brackets (M56)."""
    assert paper(authors=(creator,), announce_type="new").authors == names


def test_names_of_the_search_are_not_split() -> None:
    """The search gives one name each, and a comma may belong to it (M70)."""
    assert paper(authors=("Sample, Jr., Ada", "Ben Example")).authors == ("Sample, Jr., Ada", "Ben Example")


def test_batchs_update_is_ignored_and_the_searchs_kept() -> None:
    """A batch's `updated` is the time it was made (M57), a search's is this version's."""
    assert paper(updated=NOW, announce_type="new").updated is None
    assert paper(updated=NOW).updated == NOW
    assert paper(updated=NOW).published is None


def test_announce_type_and_categories_are_kept() -> None:
    """The type belongs to this feed's appearance (M59); the first category is the primary one."""
    entry = paper(announce_type="cross", categories=("cs.LG", "cs.CL"))

    assert entry.announce_type == "cross"
    assert entry.extra == {"categories": ["cs.LG", "cs.CL"], "primary": "cs.LG"}


# ---------------------------------------------------------------- posts


@pytest.mark.parametrize(
    ("kind", "is_podcast"), [("audio/mpeg", True), ("video/mp4", True), ("image/jpeg", False), ("", False)]
)
def test_only_sound_and_pictures_in_motion_make_a_podcast(kind: str, *, is_podcast: bool) -> None:
    """Substack gives every post a cover as enclosure of no length (M43)."""
    entry = post(enclosures=(Enclosure("https://blog.example.org/f", kind),), duration=60)

    assert entry.extra.get("podcast", False) is is_podcast
    assert entry.duration == (60 if is_podcast else None)


def test_episode_without_a_page_is_linked_itself() -> None:
    """A podcast's file is its address where nothing else is."""
    entry = post(link="", guid="g", enclosures=(Enclosure("https://cdn.example.net/1.mp3", "audio/mpeg"),))

    assert entry.url == "https://cdn.example.net/1.mp3"


def test_owner_who_is_named_twice_counts_once() -> None:
    """Substack's feed names owner and author, and addresses are no part of a name (M45)."""
    assert post(authors=("Ada Sample", "ada sample", " ", "<b>Ben</b>")).authors == ("Ada Sample", "Ben")


def test_body_stands_in_for_a_missing_description_except_on_substack() -> None:
    """Elsewhere the body's beginning is the excerpt; Substack's body begins with widgets (M45)."""
    body = Text("<p>The body.</p>", is_html=True)
    substack = posts(make_raw_entry(title=Text("a"), content=body), publication="https://blog.example.org")[0]

    assert (post(content=body).summary, substack.summary) == ("The body.", "")
    assert substack.words == 2


def test_mentions_are_the_works_that_a_text_links_to() -> None:
    """Links in attributes, embeds and running text are followed to a key, each once, the entry itself not."""
    html = (
        '<a href="https://arxiv.org/abs/2203.15556v2?utm_source=x">p</a> <a href="http://arxiv.org/pdf/2203.15556">again</a>'
        '<iframe src="//www.youtube.com/embed/kCc8FmEb1nY"></iframe> (https://youtu.be/l8pRSuU81PU), https://example.org/x'
    )
    entry = post(content=Text(html, is_html=True))

    assert [(each.key, each.url) for each in entry.mentions] == [
        ("arxiv:2203.15556", "https://arxiv.org/abs/2203.15556v2"),
        ("youtube:kCc8FmEb1nY", "https://www.youtube.com/embed/kCc8FmEb1nY"),
        ("youtube:l8pRSuU81PU", "https://youtu.be/l8pRSuU81PU"),
    ]
    assert video(summary=Text(f"https://youtu.be/{VIDEO}")).mentions == ()


def test_a_work_is_recognised_in_whatever_spelling() -> None:
    """Capitals and entities in an address hide no work from those who look only where a work may be spoken of."""
    html = '<a href="HTTPS://AR&#88;IV.ORG/abs/2203.15556">paper</a> <a href="//You&#84;u.be/l8pRSuU81PU">video</a>'

    works = [each.key for each in post(content=Text(html, is_html=True)).mentions]
    assert works == ["arxiv:2203.15556", "youtube:l8pRSuU81PU"]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one\ntwo  three</p>", "one two three"),
        ("<p>one\ntwo</pre></p>", "one two"),
        ("<pre>one\ntwo</pre>", "one\ntwo"),
        ("<PRE class='x'>one\ntwo</PRE>", "one\ntwo"),
        ("<prefix:x>one\ntwo</prefix:x>", "one two"),
    ],
)
def test_line_breaks_count_in_pre_alone(html: str, text: str) -> None:
    """White space of HTML is a blank, but in `pre`, which stands there by its whole name and is opened."""
    assert paragraphs(Text(html, is_html=True), longest=100) == text


def test_mentions_are_capped() -> None:
    """A page of links does not become thousands of rows."""
    text = " ".join(f"https://arxiv.org/abs/2203.{number:05}" for number in range(1, 200))

    assert len(post(summary=Text(text)).mentions) == MOST_MENTIONS


def test_links_end_where_the_sentence_does() -> None:
    """Marks of punctuation after an address are no part of it; its own brackets are."""
    text = "See (https://example.org/a), https://example.org/b_(c). And https://example.org/d!"

    assert list(links(Text(text))) == ["https://example.org/a", "https://example.org/b_(c)", "https://example.org/d"]
