"""Write documents as the sources do, from generated works: Atom, RSS, JSON Feed, arXiv's two forms, yt-dlp's list."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from email.utils import format_datetime
from types import MappingProxyType
from xml.sax.saxutils import escape

from tracker.simulate.papers import midnight
from tracker.simulate.values import Work

SITE = "https://www.youtube.com"
_ATOM = "http://www.w3.org/2005/Atom"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def youtube(works: Sequence[Work], *, title: str, list_id: str, channel: str) -> bytes:
    """Write YouTube's Atom feed; the feed's own ids lack the UC (M12), a Short is told by its link (M13)."""
    entries = "".join(_video(work, channel) for work in works)
    return (
        f'{_HEAD}<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/" '
        f'xmlns="{_ATOM}">\n<id>{list_id}</id><title>{escape(title)}</title>\n{entries}</feed>\n'
    ).encode()


def _video(work: Work, channel: str) -> str:
    page = f"{SITE}/shorts/{work.id}" if work.kind == "shorts" else f"{SITE}/watch?v={work.id}"
    stamp = work.published.isoformat()
    return (
        f"<entry><id>yt:video:{work.id}</id><yt:videoId>{work.id}</yt:videoId><yt:channelId>{channel}</yt:channelId>"
        f'<title>{escape(work.title)}</title><link rel="alternate" href="{page}"/><author><name>{escape(work.who)}'
        f"</name></author><published>{stamp}</published><updated>{stamp}</updated><media:group><media:description>"
        f"{escape(work.text)}</media:description></media:group></entry>\n"
    )


def listing(
    works: Sequence[Work],
    *,
    title: str,
    list_id: str,
    channel: str,
    hidden: str = "",
    besides: Mapping[str, list[str]] = MappingProxyType({}),
) -> bytes:
    """Write what yt-dlp prints of a flat list; `hidden` is the name of a work that is private now (M28).

    `besides` are the ids of the lists that were asked for besides, by address.
    """
    entries = [
        {
            "id": work.id,
            "url": f"{SITE}/watch?v={work.id}",
            "title": "[Private video]" if work.name == hidden else work.title,
            "duration": None if work.name == hidden else work.size,
            "channel": work.who,
            "channel_id": channel,
            "live_status": "was_live" if work.kind == "live" else None,
        }
        for work in works
    ]
    count = len(works) if list_id.startswith("PL") else None
    about = {"id": list_id, "title": title, "playlist_count": count, "besides": besides}
    return json.dumps({**about, "entries": entries}).encode()


def post_page(work: Work, base: str, *, is_substack: bool) -> str:
    """Give the address of a post; its publication may have moved."""
    return f"{base}/p/{work.id}" if is_substack else f"{base}/posts/{work.id}/"


def posts_rss(works: Sequence[Work], *, title: str, base: str, epoch: int, is_substack: bool) -> bytes:
    """Write a newsletter's or blog's RSS; `epoch` counts how often all ids were made anew, 0 is the address itself."""
    items = "".join(_item(work, base, epoch=epoch, is_substack=is_substack) for work in works)
    generator = "<generator>Substack</generator>" if is_substack else ""
    return (
        f'{_HEAD}<rss xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'xmlns:content="http://purl.org/rss/1.0/modules/content/" version="2.0"><channel><title>{escape(title)}'
        f"</title><link>{base}</link>{generator}\n{items}</channel></rss>\n"
    ).encode()


def _item(work: Work, base: str, *, epoch: int, is_substack: bool) -> str:
    page = post_page(work, base, is_substack=is_substack)
    more = f'<p>\n  <a href="{page}">\n    Read more\n  </a>\n</p>' if work.is_paid else ""
    return (
        f"<item><title>{escape(work.title)}</title><description>{escape(work.text)}</description><link>{page}</link>"
        f'<guid isPermaLink="false">{_guid(work, page, epoch)}</guid><dc:creator>{escape(work.who)}</dc:creator>'
        f"<pubDate>{format_datetime(work.published, usegmt=True)}</pubDate>"
        f"<content:encoded>{escape(_body(work) + more)}</content:encoded></item>\n"
    )


def posts_atom(works: Sequence[Work], *, title: str, base: str, epoch: int) -> bytes:
    """Write a blog's Atom feed."""
    entries = "".join(_entry(work, post_page(work, base, is_substack=False), epoch) for work in works)
    return (
        f'{_HEAD}<feed xmlns="{_ATOM}"><id>{base}/</id><title>{escape(title)}</title><link href="{base}/"/>\n'
        f"{entries}</feed>\n"
    ).encode()


def _entry(work: Work, page: str, epoch: int) -> str:
    stamp = work.published.isoformat()
    return (
        f'<entry><id>{_guid(work, page, epoch)}</id><title>{escape(work.title)}</title><link href="{page}"/>'
        f"<published>{stamp}</published><updated>{stamp}</updated><author><name>{escape(work.who)}</name></author>"
        f'<summary>{escape(work.text)}</summary><content type="html">{escape(_body(work))}</content></entry>\n'
    )


def posts_json(works: Sequence[Work], *, title: str, base: str, epoch: int) -> bytes:
    """Write a blog's JSON Feed."""
    items = [
        {
            "id": _guid(work, post_page(work, base, is_substack=False), epoch),
            "url": post_page(work, base, is_substack=False),
            "title": work.title,
            "summary": work.text,
            "content_html": _body(work),
            "date_published": work.published.isoformat(),
            "authors": [{"name": work.who}],
        }
        for work in works
    ]
    about = {"version": "https://jsonfeed.org/version/1.1", "title": title, "home_page_url": f"{base}/"}
    return json.dumps({**about, "items": items}).encode()


def _guid(work: Work, page: str, epoch: int) -> str:
    return f"urn:simulated:{epoch}:{work.id}" if epoch else page


def _body(work: Work) -> str:
    """Give a text of the post's length; what it says is nobody's affair."""
    sentence = f"{work.text} "
    times = max(work.size // max(len(work.text.split()), 1), 1)
    return f"<p>{sentence * times}</p>"


def batch(day: date, papers: Iterable[tuple[Work, int, str]], *, categories: str) -> bytes:
    """Write arXiv's feed of a day: (paper, version, announce type); every one carries midnight of New York."""
    stamp = format_datetime(midnight(day))
    items = "".join(
        f"<item><title>{escape(work.title)}</title><link>https://arxiv.org/abs/{work.id}</link>"
        f"<description>arXiv:{work.id}v{version} Announce Type: {how} \nAbstract: {escape(work.text)}</description>"
        f'<guid isPermaLink="false">oai:arXiv.org:{work.id}v{version}</guid>'
        + "".join(f"<category>{each}</category>" for each in work.categories)
        + f"<pubDate>{stamp}</pubDate><arxiv:announce_type>{how}</arxiv:announce_type>"
        f"<dc:creator>{escape(work.who)}</dc:creator></item>\n"
        for work, version, how in papers
    )
    return (
        f'{_HEAD}<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        f'version="2.0"><channel><title>{categories} updates on arXiv.org</title><link>http://rss.arxiv.org/rss/'
        f"{categories}</link><lastBuildDate>{stamp}</lastBuildDate><skipDays><day>Sunday</day><day>Saturday</day>"
        f"</skipDays>\n{items}</channel></rss>\n"
    ).encode()


def api(papers: Iterable[tuple[Work, int]], *, total: int, start: int, now: datetime) -> bytes:
    """Write a page of arXiv's API: (paper, version)."""
    entries = "".join(_api_entry(work, version, now) for work, version in papers)
    search = 'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
    return (
        f'{_HEAD}<feed xmlns="{_ATOM}"><title>arXiv Query</title><id>http://arxiv.org/api/simulated</id>'
        f"<opensearch:totalResults {search}>{total}</opensearch:totalResults>"
        f"<opensearch:startIndex {search}>{start}</opensearch:startIndex>{entries}</feed>\n"
    ).encode()


def _api_entry(work: Work, version: int, now: datetime) -> str:
    published = work.published.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    updated = published
    if version > 1:
        updated = min(midnight(work.versions[version - 2]), now).strftime("%Y-%m-%dT%H:%M:%SZ")
    page = f"http://arxiv.org/abs/{work.id}v{version}"
    return (
        f"<entry><id>{page}</id><updated>{updated}</updated><published>{published}</published>"
        f"<title>{escape(work.title)}</title><summary>  {escape(work.text)}\n</summary>"
        + "".join(f"<author><name>{escape(name)}</name></author>" for name in work.who.split(", "))
        + f'<link href="{page}" rel="alternate" type="text/html"/>'
        f'<arxiv:primary_category xmlns:arxiv="http://arxiv.org/schemas/atom" term="{work.categories[0]}"/>'
        + "".join(f'<category term="{each}"/>' for each in work.categories)
        + "</entry>\n"
    )
