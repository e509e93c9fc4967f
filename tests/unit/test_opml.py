"""OPML of other readers comes in as outlines, ours goes out as OPML 2.0, and nothing in a file can hurt."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_config, make_subscription
from tracker import config as configuration
from tracker.models import SourceName, Subscription
from tracker.subscribe import (
    Import,
    OpmlError,
    Outline,
    append_table,
    export_outlines,
    import_outlines,
    read_opml,
    write_opml,
)
from tracker.subscribe.opml import DEEPEST, LARGEST, MOST_OUTLINES

NOW = datetime(2026, 11, 25, 18, 20, tzinfo=UTC)
CHANNEL = "UCXUPKJO5MZQN11PqgIvyuvQ"
PLAYLIST = "PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"


def feed(url: str, text: str = "T", **more: str) -> str:
    rest = "".join(f' {name}="{value}"' for name, value in more.items())
    return f'<outline type="rss" text="{text}" xmlUrl="{url}"{rest}/>'


def opml(*outlines: str) -> bytes:
    inner = "".join(outlines)
    return f'<?xml version="1.0" encoding="UTF-8"?><opml version="2.0"><body>{inner}</body></opml>'.encode()


def brought(raw: bytes, *followed: Subscription, tags: tuple[str, ...] = ()) -> Import:
    config = make_config(Path("/nowhere/feeds.toml"), subscriptions=followed)
    return import_outlines(read_opml(raw), config, tags=tags)


def reasons(found: Import) -> list[str]:
    return [each.reason for each in found.skipped]


# ---------------------------------------------------------------- in


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}", {"channel": CHANNEL}),
        (f"http://youtube.com/feeds/videos.xml?playlist_id={PLAYLIST}", {"playlist": PLAYLIST}),
        (
            f"https://www.youtube.com/feeds/videos.xml?playlist_id=UULF{CHANNEL[2:]}",
            {"channel": CHANNEL, "videos": ("long",)},
        ),
        ("https://rss.arxiv.org/rss/cs.CL+cs.LG", {"categories": ("cs.CL", "cs.LG")}),
        (
            "https://export.arxiv.org/api/query?search_query=au:%22Andrej%20Karpathy%22&sortBy=submittedDate",
            {"authors": ("Andrej Karpathy",)},
        ),
        ("http://export.arxiv.org/api/query?search_query=all:electron", {"query": "all:electron"}),
        ("https://example.substack.com/feed", {"publication": "https://example.substack.com"}),
        ("https://blog.example/feed?a=1&amp;b=2", {"url": "https://blog.example/feed?a=1&b=2"}),
        ("feed://blog.example/feed", {"url": "http://blog.example/feed"}),
        ("feed:https://blog.example/feed", {"url": "https://blog.example/feed"}),
        ("HTTPS://blog.example/p/a-post", {"url": "https://blog.example/p/a-post"}),
    ],
)
def test_an_address_tells_the_source(url: str, expected: dict[str, object]) -> None:
    """What a feed's address says is followed as what it is, without asking."""
    (found,) = brought(opml(feed(url, "A title"))).subscriptions
    assert {key: getattr(found, key) for key in expected} == expected
    assert (found.id, found.title) == ("a-title", "A title")


@pytest.mark.parametrize(
    ("outline", "reason"),
    [
        (feed("javascript:alert(1)"), "not an http(s) address"),
        (feed("file:///etc/passwd"), "not an http(s) address"),
        (feed("exec:~/fetch.sh"), "not an http(s) address"),
        (feed("cs.CL"), "not an http(s) address"),
        (feed("https://a.example/x y"), "it holds spaces or control characters"),
        (feed("https://a.example/\x1b[2J"), "it holds spaces or control characters"),
        (feed("https://www.youtube.com/feeds/videos.xml?user=karpathy"), "tracker subscribe https://www.youtube.com/"),
        (feed("https://www.youtube.com/feeds/videos.xml?playlist_id=RDabc"), "cannot be followed"),
        ('<outline type="rss" text="T"/>', "no feed's address (xmlUrl)"),
        ('<outline type="rss" text="T" xmlUrl=" "/>', "no feed's address (xmlUrl)"),
        ('<outline type="rss" text="T" htmlUrl="https://a.example/"/>', "only a page's: tracker subscribe"),
        ('<outline type="include" text="T" url="https://a.example/b.opml"/>', "a link to another list"),
    ],
)
def test_what_cannot_be_followed_is_named(outline: str, reason: str) -> None:
    """M18: an outline that becomes no subscription is named with its title and the reason; the others come."""
    found = brought(opml(feed("https://one.example/feed"), outline, feed("https://two.example/feed")))
    assert [each.url for each in found.subscriptions] == ["https://one.example/feed", "https://two.example/feed"]
    (only,) = found.skipped
    assert (only.title, only.is_followed) == ("T", False)
    assert reason in only.reason


def test_what_is_followed_is_named_with_its_id() -> None:
    """A feed that is there already, in feeds.toml or further up, under another spelling too, is left out."""
    known = make_subscription(id="blog", url="https://www.blog.example/feed/", line=7)
    papers = make_subscription(id="papers", categories=("cs.CL", "cs.LG"), line=9)
    found = brought(
        opml(
            feed("http://blog.example/feed"),
            feed("https://rss.arxiv.org/atom/cs.lg"),
            feed("https://new.example/feed", "New"),
            feed("http://new.example/feed/"),
        ),
        known,
        papers,
    )
    assert [each.id for each in found.subscriptions] == ["new"]
    assert reasons(found) == [
        'already subscribed: it is "blog" (line 7)',
        'already subscribed: it is "papers" (line 9)',
        'already subscribed: it is "new" (further up in this file)',
    ]
    assert all(each.is_followed for each in found.skipped)


def test_folders_become_tags() -> None:
    """Each level of folders and categories is a tag, spelt like an id; the same feed in two folders comes once."""
    one = feed("https://a.example/feed", category="/Reading/Blogs,later")
    found = brought(
        opml(
            f'<outline text="Machine Learning"><outline text="Théorie">{one}</outline></outline>',
            f'<outline text="科学">{one}</outline>',
        ),
        tags=("imported",),
    )
    (only,) = found.subscriptions
    assert only.tags == ("imported", "reading", "blogs", "later", "machine-learning", "theorie", "科学")
    assert found.skipped == ()


def test_ids_are_unique() -> None:
    """Two of one title are numbered, also against what is there; without a title the host says it, else the target."""
    found = brought(
        opml(
            feed("https://a.example/1", "Blog"),
            feed("https://a.example/2", "Blog"),
            feed("https://www.b.example/feed", ""),
            feed(f"https://www.youtube.com/feeds/videos.xml?playlist_id={PLAYLIST}", "日本"),
        ),
        make_subscription(id="blog"),
    )
    ids = [each.id for each in found.subscriptions]
    assert ids[:3] == ["blog-2", "blog-3", "b-example"]
    assert len(set(ids)) == 4
    assert [each.title for each in found.subscriptions] == ["Blog", "Blog", "", "日本"]


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        (opml(feed("https://a.example/", "Caf\u00e9")), "Caf\u00e9"),
        (b"\xef\xbb\xbf" + opml(feed("https://a.example/", "Caf\u00e9")), "Caf\u00e9"),
        (opml(feed("https://a.example/", "Caf\u00e9")).decode().encode("utf-16"), "Caf\u00e9"),
        (
            '<?xml version="1.0" encoding="ISO-8859-1"?><opml><outline text="Caf\u00e9" xmlUrl="https://a.example/"/>'.encode(
                "latin-1"
            ),
            "Caf\u00e9",
        ),
        (
            b'<?xml version="1.0" encoding="no-such"?><opml><outline text="Caf\xc3\xa9" xmlUrl="https://a.example/"/>',
            "Caf\u00e9",
        ),
        (opml(feed("https://a.example/", "a &lt;b&gt; &amp;amp; &quot;c&quot;")), 'a <b> &amp; "c"'),
        (opml(feed("https://a.example/", "x&#27;[31m&#x202e;y&#0;\x01z")), "x[31my\ufffd z"),
        (b"<outline title='from title' xmlurl=https://a.example/>", "from title"),
        (opml("</outline></outline>", feed("https://a.example/", "after"), "</outline>"), "after"),
        (opml('<outline text="open">', feed("https://a.example/", "inside")), "inside"),
        (opml("<!-- ", feed("https://no.example/") * 2, " -->", feed("https://a.example/", "seen")), "seen"),
        (opml("<![CDATA[", feed("https://no.example/") * 2, "]]>", feed("https://a.example/", "seen")), "seen"),
    ],
)
def test_files_as_they_are_found(raw: bytes, title: str) -> None:
    """Encodings, entities, missing and superfluous ends: what can be read is read, and titles are cleaned."""
    (only,) = brought(raw).subscriptions
    assert (only.title, only.url.rstrip("/")) == (title, "https://a.example")


def test_an_entity_bomb_stays_small() -> None:
    """Entities that a file declares are never expanded."""
    declared = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE opml [<!ENTITY e0 "boom">{declared}<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    raw = f'{bomb}<opml><outline text="&e11; &x;" xmlUrl="https://a.example/feed"/></opml>'.encode()
    (only,) = brought(raw).subscriptions
    assert only.title == "&e11; &x;"


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "no <outline>"),
        (b"PK\x03\x04\x00\x00\xff\xfe", "no <outline>"),
        (b"<html><body><p>Not here</p></body></html>", "no <outline>"),
        (b"<rss><channel><item><link>https://a.example/</link></item></channel></rss>", "no <outline>"),
        (b"https://a.example/list.opml", "no <outline>"),
        (b" " * (LARGEST + 1), "larger than 10 MB"),
        (opml('<outline text="f">' * (DEEPEST + 1)), "nested more than 20 deep"),
        (opml("<outline/>" * (MOST_OUTLINES + 1)), "more than 10,000 outlines"),
    ],
)
def test_what_is_no_list_is_told(raw: bytes, problem: str) -> None:
    """A file without outlines, or with more than any list has, is refused with a sentence."""
    with pytest.raises(OpmlError, match=problem):
        read_opml(raw)


@pytest.mark.parametrize(
    "part",
    ["<", "<!--", "<![CDATA[", "<?", "<outline ", "<outline a", '<outline a="', "&", "a=''\"", "<x:outline:", "]]>"],
)
def test_a_hostile_file_is_read_in_one_pass(part: str) -> None:
    """Megabytes of what parsers stumble over leave the feed before them readable: quadratic work would take hours."""
    raw = opml(feed("https://b.example/feed"), part * (LARGEST // 2 // len(part)))
    try:
        urls = [each.url for each in read_opml(raw)]
    except OpmlError as error:
        urls = [str(error)]
    assert urls[0] in {"https://b.example/feed", "its folders are nested more than 20 deep"}


def test_a_tag_too_long_is_left_out_alone() -> None:
    """An outline with a book in it is named, and its neighbours come."""
    long = feed("https://long.example/feed", description="x" * 20_000)
    found = brought(opml(feed("https://a.example/feed"), long, feed("https://b.example/feed")))
    assert [each.url for each in found.subscriptions] == ["https://a.example/feed", "https://b.example/feed"]
    assert reasons(found) == ["no feed's address (xmlUrl)"]


@given(st.lists(st.sampled_from(["<opml>", "<outline ", 'text="a"', "xmlUrl='https://a.example/'", ">", "/>", "</outline>", "<!--", "-->", "<x:outline>", "&#0;", "\x00", "é", "type=include url=b"])).map("".join))  # fmt: skip
def test_no_soup_is_a_traceback(soup: str) -> None:
    """Tags in any order give outlines or a sentence."""
    try:
        found = read_opml(soup.encode())
    except OpmlError:
        return
    assert all(each.url or each.problem for each in found)


def test_the_table_that_feeds_toml_would_refuse_spoils_no_other(tmp_path: Path) -> None:
    """What feeds.toml's own checks refuse is left out with their words, and the rest is appended in one edit."""
    path = tmp_path / "feeds.toml"
    path.write_text("# mine\n[digest]\ntitle = 'x'   # odd", encoding="utf-8")
    config = configuration.load(path)
    found = import_outlines(
        read_opml(opml(feed("https://a.example/feed", category="t" * 300), feed("https://b.example/feed", "B"))),
        config,
        tags=("t" * 300,),
    )
    assert found.subscriptions == ()
    assert len(found.skipped) == 2
    found = import_outlines(read_opml(opml(feed("https://a.example/feed", category="t" * 300))), config)
    append_table(path, "\n".join(found.tables))
    assert path.read_text(encoding="utf-8").startswith("# mine\n[digest]\ntitle = 'x'   # odd\n\n[[feed]]\n")
    assert configuration.load(path).subscriptions[0].tags == ("t" * 60,)


# ---------------------------------------------------------------- out


def test_an_export_comes_back_as_it_was() -> None:
    """Every kind of target, with title and tags, is the same after export and import."""
    some = (
        make_subscription(id="a", playlist=PLAYLIST, title='Zero "to" <Hero> & \u202fmore ]]>', tags=("courses", "ml")),
        make_subscription(id="b", channel=CHANNEL, title="Andrej", videos=("shorts",)),
        make_subscription(id="c", categories=("cs.CL", "cs.LG"), title="Papers"),
        make_subscription(id="d", query='abs:"scaling laws" AND cat:cs.LG', title="Laws"),
        make_subscription(id="e", papers=("2203.15556", "hep-th/9901001"), title="Two"),
        make_subscription(id="f", publication="https://example.substack.com", title="日本語 🙂"),
        make_subscription(id="g", url="https://blog.example/feed?a=1&b=<2>", title="Blog", tags=("x",)),
    )
    config = make_config(Path("/nowhere/feeds.toml"), subscriptions=some)
    raw = write_opml(export_outlines(config), title="My <list>", now=NOW)
    assert raw.isascii()
    root = ET.fromstring(raw)
    assert (root.tag, root.get("version"), root.findtext("head/title")) == ("opml", "2.0", "My <list>")
    assert root.findtext("head/dateCreated") == "Wed, 25 Nov 2026 18:20:00 GMT"
    assert {each.get("type") for each in root.iter("outline")} == {"rss"}
    found = brought(raw)
    assert found.skipped == ()
    keys = ("source", "playlist", "channel", "videos", "publication", "categories", "query", "papers", "url", "tags")
    assert [[getattr(each, key) for key in keys] for each in found.subscriptions] == [
        [getattr(each, key) for key in keys] for each in some
    ]
    assert [each.title for each in found.subscriptions[1:]] == [each.title for each in some[1:]]
    assert found.subscriptions[0].title == 'Zero "to" <Hero> & more ]]>'
    assert brought(raw, *some).subscriptions == ()


def test_an_own_domain_comes_back_as_a_feed() -> None:
    """A newsletter's own domain is not told from its address; it is known all the same where it is followed."""
    newsletter = make_subscription(id="a", publication="https://letters.example", title="")
    config = make_config(Path("/nowhere/feeds.toml"), subscriptions=(newsletter,))
    (outline,) = export_outlines(config)
    assert outline == Outline(url="https://letters.example/feed", title="a")
    raw = write_opml([outline], title="x", now=NOW)
    assert [each.source for each in brought(raw).subscriptions] == [SourceName.WEB]
    assert reasons(brought(raw, newsletter)) == ['already subscribed: it is "a" (further up in this file)']


def test_a_tag_with_opmls_own_signs_stays_one() -> None:
    """Commas and slashes part categories in OPML: a tag that has them comes back as one, spelt like an id."""
    raw = write_opml([Outline(url="https://a.example/feed", title="A", tags=("a, b/c", "d"))], title="x", now=NOW)
    (only,) = brought(raw).subscriptions
    assert only.tags == ("a-b-c", "d")


def test_an_export_is_xml_whatever_it_holds() -> None:
    """What XML cannot hold, even as a reference, is left out of title, tags and address; the rest comes back."""
    outline = Outline(url="https://a.example/feed", title='A\uffff \x0bB <&>"', tags=("a\ufffeb", "\x00c"))
    raw = write_opml([outline], title="mine\ufffe \ud800]]>", now=NOW)
    root = ET.fromstring(raw)
    assert root.findtext("head/title") == "mine ]]>"
    assert [(each.title, each.tags) for each in read_opml(raw)] == [('A B <&>"', ("ab", "c"))]


@pytest.mark.parametrize("charset", ["punycode", "idna", "zlib", "unknown-8"])
def test_a_charset_that_is_none_is_taken_for_utf_8(charset: str) -> None:
    """A file may call itself anything: codecs that are no character sets, some of them endlessly slow, are not tried."""
    declared = f'<?xml version="1.0" encoding="{charset}"?><opml version="2.0"><body>'.encode()
    raw = declared + feed("https://a.example/feed", "Ä").encode() + b"-" * 3_000_000
    assert [each.title for each in read_opml(raw)] == ["Ä"]


# ---------------------------------------------------------------- as other readers write it


def test_every_recorded_file_gives_feeds_or_a_sentence(shared: Path, tmp_path: Path) -> None:
    """Each OPML file of the corpus is imported into a feeds.toml that is right, or says why not."""
    corpus = shared / "corpus"
    with (corpus / "MANIFEST.tsv").open(encoding="utf-8") as manifest:
        names = [row["path"] for row in csv.DictReader(manifest, delimiter="\t") if row["kind"] == "opml"]
    refused, feeds = [], 0
    for name in names:
        path = tmp_path / "feeds.toml"
        path.write_text("", encoding="utf-8")
        try:
            found = import_outlines(read_opml((corpus / name).read_bytes()), configuration.load(path))
        except OpmlError:
            refused.append(name)
            continue
        assert found.subscriptions or found.skipped, name
        append_table(path, "\n".join(found.tables) or "# none")
        assert len(configuration.load(path).subscriptions) == len(found.subscriptions), name
        feeds += len(found.subscriptions)
    assert len(names) == 64
    assert refused == ["zoo/newsboat/body-element-missing.opml"]
    assert feeds > 400
