"""Whatever a feed's documents hold one after the other, reading only their new entries stores what reading all stores."""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories import make_subscription
from tests.side_by_side import side_by_side

FEEDS = (
    make_subscription(id="blog", url="https://weeknight.example/feed"),
    make_subscription(id="letter", publication="https://letter.example"),
    make_subscription(id="lectures", playlist="PLlectures0123456789abcdefghijklmn"),
    make_subscription(id="papers", categories=("cs.CL",)),
)
ROOTS = {
    "item": '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
    ' xmlns:arxiv="http://arxiv.org/schemas/atom"><channel>{}</channel></rss>',
    "entry": '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"'
    ' xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:dc="http://purl.org/dc/elements/1.1/">{}</feed>',
}
# What the head of a feed may hold, and what stands between and after entries.
HEADS = (
    *("<title>One</title>",) * 4,
    "<title>Two</title><author><name>Ada</name></author>",
    "<lastBuildDate>Mon, 02 Nov 2026 10:00:00 GMT</lastBuildDate><title>One</title>",
    "<lastBuildDate>Tue, 03 Nov 2026 10:00:00 GMT</lastBuildDate><title>One</title>",
    "<title>One</title><ttl>60</ttl><!-- a comment -->",
    "<title><![CDATA[One <updated>1</updated>]]></title>",
    "<description><b>not</b> <updated>2</updated> flat</description>",
    "<xmlns/><item/>",
)
GAPS = (*("",) * 30, "\n", "<!-- -->", "text", "<title>Between</title>", "<!-- </item> -->", "<?pi?>")
TAILS = (*("",) * 6, "<!-- made in 3 s -->", "<title>After</title>", "]]>", "<image><title>i</title></image>")
IDS = ("https://weeknight.example/{}", "yt:video:aaaaaaaaaa{}", "oai:arXiv.org:2611.0000{}v1", "{}")
COMMUNITY = (
    '<media:community><media:starRating count="{n}" average="5.00" min="1" max="5"/>'
    '<media:statistics views="{n}"/></media:community>'
)
PLAIN = (
    "<title>Title {n}</title>",
    "<title>Title</title>",
    "<title><![CDATA[Title </item> {n}]]></title>",
    '<link href="https://weeknight.example/{n}"/>',
    "<link>https://weeknight.example/{n}</link>",
    "<link>https://letter.example/p/{n}?utm_source=x</link>",
    "<pubDate>Thu, 0{n} Oct 2026 10:00:00 GMT</pubDate>",
    "<published>2026-10-0{n}T10:00:00Z</published>",
    "<published>2027-01-0{n}T10:00:00Z</published>",
    "<updated>2026-09-0{n}T10:00:00Z</updated>",
    "<author><name>Name {n}</name></author>",
    "<dc:creator>Name {n}</dc:creator>",
    "<description>Text {n}</description>",
    "<description><![CDATA[<p>Text</p> <item> </item>]]></description>",
    "<content:encoded><![CDATA[https://arxiv.org/abs/2401.0000{n}]]></content:encoded>",
    '<content type="html">Text &lt;b&gt;{n}&lt;/b&gt;</content>',
    "<summary>Sum {n}</summary>",
    "<yt:videoId>aaaaaaaaaa{n}</yt:videoId>",
    "<arxiv:announce_type>replace</arxiv:announce_type>",
    "<arxiv:announce_type>new</arxiv:announce_type>",
    "<media:group><media:title>M {n}</media:title></media:group>",
    COMMUNITY,
    "<title>[Private video]</title>",
    "<category>c{n}</category>",
    "<source url='x'>Source</source>",
    "<!-- {n} -->",
    "<language>de</language>",
)
ODD = (
    "<description><![CDATA[<p>Text</p> <item> <author>]]></description>",
    '<content type="xhtml"><div><summary>s {n}</summary></div></content>',
    "<rss version='0.91'/>",
    "<channel>x</channel>",
    "<image><title>i</title></image>",
    "&nbsp;",
    "<!-- <entry> -->",
    "<x xmlns:dc='y'>z</x>",
    "<item><guid>n{n}</guid></item>",
    "\x01",
)


def entry(chance: random.Random, kind: str, place: int) -> str:
    """Write an entry with an id, mostly one of its own and of its feed's kind, and up to six things in it."""
    number = chance.randint(1, 4)
    form = kind if chance.random() < 0.9 else chance.choice(IDS)
    inside = [chance.choice(PLAIN).format(n=number) for _ in range(chance.randint(0, 6))]
    if chance.random() < 0.05:
        inside.append(chance.choice(ODD).format(n=number))
    if chance.random() < 0.95:
        form = chance.choice(("<id>{}</id>", '<guid isPermaLink="false">{}</guid>')).format(form)
        inside.insert(0, form.format(place if chance.random() < 0.9 else 1))
    return "".join(inside)


def history(chance: random.Random) -> list[bytes]:
    """Write up to six documents that are made of the same few entries."""
    kind, name = chance.choice(IDS), chance.choice(("item", "entry"))
    pool = list({entry(chance, kind, place) for place in range(chance.randint(1, 6))})
    head, tail = HEADS[0], ""
    documents = []
    for _ in range(chance.randint(2, 6)):
        if chance.random() < 0.2:
            head, tail = chance.choice(HEADS), chance.choice(TAILS)
        chosen = chance.sample(pool, chance.randint(1, len(pool)))
        if chance.random() < 0.05:
            chosen.append(chosen[0])
        gap = chance.choice(GAPS)
        text = ROOTS[name].format(head + "".join(f"<{name}>{each}</{name}>{gap}" for each in chosen) + tail)
        documents.append(text.encode(chance.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16"))))
    return documents


@settings(deadline=None, max_examples=int(os.environ.get("FUZZ", "60")), suppress_health_check=list(HealthCheck))
@given(
    st.integers(0, 2**64).map(random.Random),
    st.sampled_from(("blog", "blog", "letter", "lectures", "papers")),
    st.booleans(),
)
def test_reading_only_what_is_new_changes_nothing(chance: random.Random, feed: str, is_shared: bool) -> None:
    """Two feeds of one site, or one alone, store the same by slices as whole, table for table and poll for poll."""
    with tempfile.TemporaryDirectory() as folder:
        other = make_subscription(id="other", url="https://weeknight.example/other")
        with side_by_side(Path(folder) / "both", *FEEDS, other) as both:
            for turn, body in enumerate(history(chance)):
                both.take(feed, body)
                if is_shared and turn % 2:
                    both.take("other", body)
