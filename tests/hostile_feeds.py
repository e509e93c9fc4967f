"""Write a stranger's texts into real feed documents: RSS, Atom, JSON Feed, arXiv's batch, YouTube's feed and listing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

MADE = datetime(2026, 11, 24, 9, tzinfo=UTC)
LONGEST = 1000  # characters of a name: a document with a much longer word in one is refused as a whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a stranger says of one entry."""

    title: str
    author: str
    summary: str
    link: str


def rss(name: str, site: str, entries: Sequence[Words]) -> bytes:
    """Write RSS 2.0 as blogs do: HTML twice escaped, guids that are no addresses."""
    items = "".join(
        f"<item><title>{_html(each.title)}</title><link>{escape(each.link)}</link>"
        f'<guid isPermaLink="false">rss-{number}</guid><dc:creator>{escape(each.author[:LONGEST])}</dc:creator>'
        f"<pubDate>Tue, 24 Nov 2026 09:00:00 GMT</pubDate><description>{_html(each.summary)}</description></item>"
        for number, each in enumerate(entries)
    )
    return _bytes(
        '<rss xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel>'
        f"<title>{escape(name)}</title><link>{escape(site)}</link>{items}</channel></rss>"
    )


def atom(name: str, site: str, entries: Sequence[Words]) -> bytes:
    """Write Atom with plain titles, and guids that are the links."""
    written = "".join(
        f"<entry><id>{escape(each.link)}#{number}</id><title>{escape(each.title)}</title>"
        f"<link href={quoteattr(each.link)}/><updated>{MADE.isoformat()}</updated>"
        f"<author><name>{escape(each.author[:LONGEST])}</name></author><summary>{escape(each.summary)}</summary></entry>"
        for number, each in enumerate(entries)
    )
    return _bytes(
        f'<feed xmlns="http://www.w3.org/2005/Atom"><title>{escape(name)}</title><link href={quoteattr(site)}/>'
        f"<id>x</id><updated>{MADE.isoformat()}</updated>{written}</feed>"
    )


def json_feed(name: str, site: str, entries: Sequence[Words]) -> bytes:
    """Write JSON Feed 1.1, in ASCII: it can say whatever a string can hold, half a character, too."""
    items = [
        {
            "id": f"json-{number}",
            "url": each.link,
            "title": each.title,
            "authors": [{"name": each.author}],
            "summary": each.summary,
            "content_html": f"<p>{each.summary}</p>",
            "date_published": MADE.isoformat(),
            "attachments": [{"url": each.link, "mime_type": each.title}],
        }
        for number, each in enumerate(entries)
    ]
    document = {"version": "https://jsonfeed.org/version/1.1", "title": name, "home_page_url": site, "items": items}
    return json.dumps(document).encode()


def arxiv(name: str, site: str, entries: Sequence[Words]) -> bytes:
    """Write a day's batch of arXiv, titles and abstracts plain."""
    items = "".join(
        f"<item><title>{escape(each.title)}</title><link>https://arxiv.org/abs/2611.{number:05}</link>"
        f"<description>arXiv:2611.{number:05}v1 Announce Type: new \nAbstract: {escape(each.summary)}</description>"
        f'<guid isPermaLink="false">oai:arXiv.org:2611.{number:05}v1</guid><category>cs.CL</category>'
        "<pubDate>Tue, 24 Nov 2026 00:00:00 -0500</pubDate><arxiv:announce_type>new</arxiv:announce_type>"
        f"<dc:creator>{escape(each.author[:LONGEST])}</dc:creator></item>"
        for number, each in enumerate(entries, 1)
    )
    return _bytes(
        '<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">'
        f"<channel><title>{escape(name)}</title><link>{escape(site)}</link>{items}</channel></rss>"
    )


def listing(name: str, site: str, entries: Sequence[Words]) -> bytes:
    """Write what the child process prints of a playlist."""
    videos = [
        {
            "id": f"EXAMPLE{number:04}",
            "url": each.link,
            "title": each.title,
            "channel": each.author,
            "channel_id": each.author,
            "availability": each.summary,
            "live_status": each.summary,
            "duration": 600,
        }
        for number, each in enumerate(entries)
    ]
    return json.dumps({"id": "PLx", "title": name, "webpage_url": site, "entries": videos}).encode()


def youtube(name: str, site: str, entries: Sequence[Words]) -> bytes:
    """Write YouTube's Atom of a channel."""
    written = "".join(
        f"<entry><id>yt:video:EXAMPLE{number:04}</id><yt:videoId>EXAMPLE{number:04}</yt:videoId>"
        f"<title>{escape(each.title)}</title><link rel='alternate' href={quoteattr(each.link)}/>"
        f"<author><name>{escape(each.author[:LONGEST])}</name></author><published>{MADE.isoformat()}</published>"
        f"<media:group><media:description>{escape(each.summary)}</media:description></media:group></entry>"
        for number, each in enumerate(entries)
    )
    return _bytes(
        '<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/"'
        f' xmlns="http://www.w3.org/2005/Atom"><title>{escape(name)}</title><link href={quoteattr(site)}/>{written}</feed>'
    )


def _html(text: str) -> str:
    return escape(escape(text))


def _bytes(document: str) -> bytes:
    """Encode, half characters included: the wire has no scruples."""
    return f'<?xml version="1.0" encoding="utf-8"?>\n{document}'.encode("utf-8", "surrogatepass")
