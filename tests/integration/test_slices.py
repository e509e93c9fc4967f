"""What a feed brings is the same whether its known entries are recognised by their bytes or the document is read whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.e2e import corpus
from tests.factories import NOW, make_subscription
from tests.internet_feeds import Paper, Post, arxiv_api, arxiv_rss, atom, substack_rss
from tests.side_by_side import SideBySide, side_by_side
from tracker.models import Outcome

DAY = timedelta(days=1)
BLOG = make_subscription(id="blog", url="https://weeknight.example/feed")
OTHER = make_subscription(id="other", url="https://weeknight.example/other")
LETTER = make_subscription(id="letter", publication="https://letter.example")
PAPERS = make_subscription(id="papers", categories=("cs.CL",), announce=("new", "cross", "replace"))
QUERY = make_subscription(id="query", query="ti:attention")
LECTURES = make_subscription(id="lectures", playlist="PLlectures0123456789abcdefghijklmn")
ALL = (BLOG, OTHER, LETTER, PAPERS, QUERY, LECTURES)
ENTRIES = re.compile(rb"<(item|entry)[\s>].*?</\1\s*>", re.DOTALL)


@pytest.fixture
def both(tmp_path: Path) -> Iterator[SideBySide]:
    with side_by_side(tmp_path / "both", *ALL) as made:
        yield made


def posts(*numbers: int, title: str = "Post") -> list[Post]:
    return [
        Post(
            slug=f"post-{each}",
            title=f"{title} {each} & more",
            published=NOW - timedelta(days=60 - each),
            subtitle="What it is about.",
            author="Ada Brandt",
            html=f'<p>Text {each} <a href="https://arxiv.org/abs/2401.{each:05}">paper</a></p>',
        )
        for each in numbers
    ]


def letter(*numbers: int, built: str = "Mon, 02 Nov 2026 10:00:00 GMT", title: str = "Post") -> bytes:
    body = substack_rss("Letter", "https://letter.example", posts(*numbers, title=title))
    return body.replace(b"<generator>", f"<lastBuildDate>{built}</lastBuildDate><generator>".encode())


def item(guid: str, rest: str = "", *, title: str = "One") -> str:
    return f"<item><guid>{guid}</guid><title>{title}</title><link>https://weeknight.example/{guid}</link>{rest}</item>"


def rss(*items: str, head: str = "", tail: str = "") -> bytes:
    root = '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:a="http://www.w3.org/2005/Atom">'
    return f"{root}<channel><title>Weeknight</title>{head}{''.join(items)}{tail}</channel></rss>".encode()


def test_a_rebuilt_feed_costs_no_parsing(both: SideBySide) -> None:
    """A newsletter that stamps each answer with the time is not read again, and each entry is noted as seen."""
    both.take("letter", letter(3, 2, 1))
    assert both.read == 3
    done = both.take("letter", letter(3, 2, 1, built="Tue, 03 Nov 2026 10:00:00 GMT"))

    assert (done.outcome, done.entries, done.new, both.read) == (Outcome.UNCHANGED, 3, 0, 3)


def test_only_the_new_and_the_edited_are_read(both: SideBySide) -> None:
    """One new and one edited entry among known ones are read alone, at their places in the document."""
    both.take("letter", letter(3, 2, 1))
    edited = letter(4, 3, 2).replace(b"Post 3 &", b"Better 3 &")
    done = both.take("letter", edited)

    assert (done.new, done.changed, done.entries, both.read) == (1, 1, 3, 3 + 2)
    assert both.take("letter", letter(4, 3, 1)).changed == 1  # edited back, and one is back
    assert both.known() == 4


def test_views_that_change_are_not_read_again(both: SideBySide) -> None:
    """YouTube's view counts differ at every request and mean nothing (M11)."""
    body = (Path(__file__).parent.parent / "feeds/youtube/playlist.xml").read_bytes()
    counted = re.sub(rb'views="\d+"', b'views="1"', body)
    assert counted != body, "the sample has views"
    both.take("lectures", body)
    before = both.read
    both.take("lectures", counted)

    assert both.read == before > 0


def test_papers_are_recognised(both: SideBySide) -> None:
    """A batch and the query API's answer are recognised, too; a new version is read (M54)."""
    day = NOW - 40 * DAY
    batch, found = (
        [
            Paper(
                id=f"{month}.{each:05}", title=f"On {each}", authors="Ada Brandt, Bo Chen", abstract="We try it. " * 9
            )
            for each in range(5)
        ]
        for month in ("2610", "2609")
    )
    both.take("papers", arxiv_rss(day.date(), batch))
    both.take("query", arxiv_api(found, day))
    before = both.read
    batch[0] = replace(batch[0], version=2, announce_type="replace", title="On nothing")
    found[0] = replace(found[0], version=2, title="On nothing")
    both.take("papers", arxiv_rss(day.date(), batch))
    both.take("query", arxiv_api(found[::-1], day))

    assert before == 10
    assert both.read == 12


def test_a_new_head_is_believed(both: SideBySide) -> None:
    """A feed's new name, and a name that comes back with entries that were known under it, are taken over."""
    names = [b"One", b"Two", b"One"]
    for name, numbers in zip(names, ((3, 2, 1), (5, 4), (3, 2, 1)), strict=True):
        both.take("letter", letter(*numbers).replace(b"CDATA[Letter]", b"CDATA[" + name + b"]"))
        assert both.feed("letter").title == name.decode()


def test_authors_of_the_whole_feed_belong_to_its_entries(both: SideBySide) -> None:
    """An Atom feed's author, which its entries inherit, changes them all."""
    body = atom("Blog", "https://weeknight.example", posts(2, 1)).replace(
        b"<author><name>Ada Brandt</name></author>", b""
    )
    both.take("blog", body.replace(b"<updated>", b"<author><name>Bo</name></author><updated>", 1))
    done = both.take("blog", body.replace(b"<updated>", b"<author><name>Cy</name></author><updated>", 1))

    assert done.changed == 2


def test_another_feed_that_changes_an_entry_has_it_read_again(both: SideBySide) -> None:
    """Two feeds that word one work differently, and link to other things in it, go on as if both were read."""
    one, two = posts(1)[0], replace(posts(1)[0], title="Otherwise", html="<p>https://arxiv.org/abs/2402.00001</p>")
    for turn in range(3):
        for feed, post in (("blog", one), ("other", two), ("blog", one), ("other", one)):
            both.take(feed, atom("Blog", "https://weeknight.example", [post]) + b"\n" * (turn + 1))


def test_backlog_of_one_feed_that_is_news_of_another(both: SideBySide) -> None:
    """What is old in one feed and new in another becomes news in both when the first is read again."""
    old = posts(1)[0]
    both.take("blog", atom("Blog", "https://weeknight.example", [old]))
    both.take("other", atom("Blog", "https://weeknight.example", posts(9)))
    both.take("other", atom("Blog", "https://weeknight.example", [*posts(9), old]))
    both.take("blog", atom("Blog", "https://weeknight.example", [old]) + b"\n")


def test_an_entry_from_the_future_is_read_until_its_day(both: SideBySide) -> None:
    """A date that is not believed yet is believed when it has come (M91)."""
    soon = replace(posts(1)[0], published=both.now + 4 * DAY)
    for turn in range(5):
        both.take("letter", substack_rss("Letter", "https://letter.example", [soon]) + b"\n" * turn)


@pytest.mark.parametrize(
    "documents",
    [
        # the end of an entry, or the beginning of one, where it is none
        (rss(item("a", "<description><![CDATA[</item><item>]]></description>"), item("b")),),
        (rss(item("a", "<!--</item><item>-->"), item("b")), rss(item("a", "<!--</item><item>--> "), item("b"))),
        (rss(item("a", "<!-- x -->"), "<!-- 1 -->", item("b"), tail="<!-- 2 s -->"), rss(item("a", "<!-- x -->"), "<!-- 2 -->", item("b"), tail="<!-- 3 s -->")),
        (rss(item("a", "<!-- x -- y -->"), "<!---->", item("b"), tail="<!-- 2 s --->"), rss(item("a", "<!-- x -- y -->"), "<!-->", item("b"), tail="<!-- 3 s -->")),
        (rss(item("a"), head="<title><![CDATA[<!-- 1 -->]]></title>"), rss(item("a"), head="<title><![CDATA[<!-- 2 -->]]></title>")),
        (rss(item("a", "<description><![CDATA[<!-- ]]></description>"), item("b", "<description> --&gt; </description>")), rss(item("c"), item("b", "<description> --&gt; </description>"))),
        (rss(item("a", "<item><guid>n</guid></item>"), item("b")), rss(item("b"), item("c"))),
        (rss(item("a"), "<item/>", item("b")), rss(item("b"), "<item/>", item("a"), item("c"))),
        (rss(item("a", '<x y="]]></item>"/>'), item("b")), rss(item("b"), item("a", '<x y="]]></item>"/>'))),
        (rss(item("a"), "<?x <item> ?>", item("b")), rss(item("a"), "<?x <item> ?>", item("b"), item("c"))),
        (rss(item("a"), "<a:entry><a:id>e</a:id></a:entry>", item("b")), rss(item("a"), item("b"))),
        (rss(item("a")).replace(b"item", b"ITEM"), rss(item("a"), item("b")).replace(b"item", b"ITEM")),
        # things of the feed between and after entries
        (rss(item("a"), "<title>Between</title>", item("b")), rss(item("a"), "<title>Else</title>", item("b"))),
        (rss(item("a"), tail="<title>After</title>"), rss(item("a"), item("b"), tail="<title>Later</title>")),
        (rss(item("a"), head="<title><a:updated>1</a:updated></title>"), rss(item("a"), head="<title><a:updated>2</a:updated></title>")),
        (rss(item("a"), head="<title><updated>1</updated></title>"), rss(item("a"), head="<title><updated>2</updated></title>")),
        (rss(item("a"), head="<title><![CDATA[<updated>1</updated>]]></title>"), rss(item("a"), head="<title><![CDATA[<updated>2</updated>]]></title>")),
        # entries that are not independent of each other
        (rss(item("a"), item("a", title="Two")), rss(item("a", title="Two"), item("a")), rss(item("a"), item("a", title="Two"))),
        (rss(item("a")), rss(item("b").replace("/b<", "/a<"), item("a")), rss(item("a"), item("b").replace("/b<", "/a<"))),
        (rss(item("a").replace("<guid>a</guid>", "")), rss(item("b").replace("<guid>b</guid>", "").replace("/b<", "/a<"), item("a").replace("<guid>a</guid>", ""))),
        (rss(item("a", '<description><x xmlns:y="http://purl.org/dc/elements/1.1/"/></description>'), item("b", "<y:creator>A</y:creator>")), rss(item("b", "<y:creator>A</y:creator>"))),
        (rss(item("a", "<content type='xhtml'><div><summary>s</summary>t</div></content>"), item("b")), rss(item("a", "<content type='xhtml'><div><summary>u</summary>t</div></content>"), item("b"), item("c"))),
        (rss(item("a", "<rss version='0.91'/>"), item("b")), rss(item("a", "<rss version='0.92'/>"), item("b"))),
        (rss(item("a", "<description><![CDATA[<author>" + "x" * 6000 + "]]></description>"), item("b", "<author>B</author>")), rss(item("a", "<description><![CDATA[<author>" + "x" * 6001 + "]]></description>"), item("b", "<author>B</author>"))),
        # documents that are broken, and whole again
        (rss(item("a"), item("b"))[:-40], rss(item("a"), item("b")), rss(item("a"), item("b"))[:-40]),
        (rss(item("a"), item("b", "&nbsp;")), rss(item("a"), item("b", "&#160;")), rss(item("a"), item("b", "\x01"))),
        (rss(item("a", "<media:community/>")), rss(item("a"), item("b", "<media:community/>"))),
        (rss(item("a", "<![CDATA[")), rss(item("a"), item("b", "<![CDATA["))),
        # encodings and prologs
        (rss(item("a")).decode().encode("utf-16"), rss(item("a"), item("b", title="É")).decode().encode("utf-16")),
        (b"\xef\xbb\xbf" + rss(item("a")), rss(item("a"), item("b"))),
        (rss(item("a", title="É")).decode().encode("latin-1"), rss(item("a", title="É")), rss(item("a", title="É"), item("b"))),
        (b'<?xml version="1.0" encoding="latin-1"?>' + rss(item("a", title="É")), rss(item("a", title="É"))),
        (b'<!DOCTYPE rss [<!ENTITY x "one">]>' + rss(item("a", title="&x;")), b'<!DOCTYPE rss [<!ENTITY x "two">]>' + rss(item("a", title="&x;"))),
        (b'<?xml-stylesheet href="x"?><!-- a -->' + rss(item("a")), rss(item("a"), item("b"))),
    ],
    ids=str,
)  # fmt: skip
def test_nothing_fools_the_cut(both: SideBySide, documents: tuple[bytes, ...]) -> None:
    """Hostile and odd documents, one after the other and again, are stored just as if each were read whole."""
    for body in (*documents, *documents[::-1], *documents):
        both.take("blog", body)
        both.take("blog", body + b"\n")


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_every_recorded_feed(shared: Path, tmp_path: Path, part: int) -> None:
    """Each document of the corpus with an entry less, one moved, one edited and one back gives what it gives whole."""
    documents = corpus.documents(corpus.folder(shared))[part::8]
    followed = [make_subscription(id=each.feed, url=each.url, backlog="all") for each in documents]
    with side_by_side(tmp_path / "both", *followed) as both:
        for each in documents:
            for body in successors(each.body):
                both.take(each.feed, body, headers={"content-type": each.content_type}, compare=False)
        both.compare()
        assert both.known()
        assert both.read < sum(each.entries or 0 for each in both.polls), "nothing was left out of reading"


def successors(body: bytes) -> list[bytes]:
    """Make a feed's documents of four days out of one: its entries, the first missing, back and the last on top, edited.

    Of a long one sixty entries: what is special stands in its frame, or in each.
    """
    found = list(ENTRIES.finditer(body))
    if len(found) < 2:
        return [body, body + b"\n"]
    if len(found) > 60:
        body = body[: found[60].start()] + body[found[-1].end() :]
        found = found[:60]
    first, last = found[0], found[-1]
    less = body[: first.start()] + body[first.end() :]
    moved = body[: first.start()] + last[0] + body[first.start() : last.start()] + body[last.end() :]
    edited = (
        body[: first.start()]
        + re.sub(rb"([a-z]{3})(?=[ .,]|</title>)", rb"\1y", first[0], count=3)
        + body[first.end() :]
    )
    return [body, less, moved, edited]
