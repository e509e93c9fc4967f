"""Write feeds as Substack, arXiv and blogs do, for the internet in a box: own texts in the real formats."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A paper as arXiv announces it."""

    id: str
    title: str
    authors: str
    abstract: str
    categories: tuple[str, ...] = ("cs.CL",)
    version: int = 1
    announce_type: str = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A post of a newsletter or a blog; `slug` is the last part of its URL."""

    slug: str
    title: str
    published: datetime
    subtitle: str = ""
    author: str = ""
    html: str = ""
    is_paywalled: bool = False


def arxiv_rss(day: date, papers: Iterable[Paper], *, categories: str = "cs.CL") -> bytes:
    """Write the day's batch: every paper carries midnight of New York as its date."""
    midnight = format_datetime(datetime.combine(day, time(), NEW_YORK))
    items = "".join(
        f"<item><title>{escape(paper.title)}</title><link>https://arxiv.org/abs/{paper.id}</link>"
        f"<description>{escape(f'arXiv:{paper.id}v{paper.version} Announce Type: {paper.announce_type}')} \n"
        f"Abstract: {escape(paper.abstract)}</description>"
        f'<guid isPermaLink="false">oai:arXiv.org:{paper.id}v{paper.version}</guid>'
        + "".join(f"<category>{escape(category)}</category>" for category in paper.categories)
        + f"<pubDate>{midnight}</pubDate><arxiv:announce_type>{paper.announce_type}</arxiv:announce_type>"
        f"<dc:creator>{escape(paper.authors)}</dc:creator></item>\n"
        for paper in papers
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">'
        f"<channel><title>{escape(categories)} updates on arXiv.org</title><link>http://rss.arxiv.org/rss/{categories}"
        f"</link><description>{escape(categories)} updates</description><lastBuildDate>{midnight}</lastBuildDate>"
        f"<skipDays><day>Sunday</day><day>Saturday</day></skipDays>\n{items}</channel></rss>\n"
    ).encode()


def arxiv_api(papers: Iterable[Paper], published: datetime) -> bytes:
    """Write an answer of the query API that holds all there is, submitted at one moment."""
    listed = [(paper, published) for paper in papers]
    return arxiv_api_page(listed, total=len(listed), start=0)


def arxiv_api_page(papers: Iterable[tuple[Paper, datetime]], *, total: int, start: int) -> bytes:
    """Write a page of the query API's answer; http ids with a version, as it gives them."""

    def entry(paper: Paper, published: datetime) -> str:
        stamp = published.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return (
            f"<entry><id>http://arxiv.org/abs/{paper.id}v{paper.version}</id><updated>{stamp}</updated>"
            f"<published>{stamp}</published><title>{escape(paper.title)}</title><summary>  {escape(paper.abstract)}\n"
            "</summary>"
            + "".join(f"<author><name>{escape(name.strip())}</name></author>" for name in paper.authors.split(","))
            + f'<link href="http://arxiv.org/abs/{paper.id}v{paper.version}" rel="alternate" type="text/html"/>'
            + f'<arxiv:primary_category term="{paper.categories[0]}"/>'
            + "".join(f'<category term="{category}"/>' for category in paper.categories)
            + "</entry>\n"
        )

    entries = "".join(entry(paper, published) for paper, published in papers)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" '
        'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">'
        "<title>ArXiv Query</title><id>http://arxiv.org/api/sample</id>"
        f"<opensearch:totalResults>{total}</opensearch:totalResults>"
        f"<opensearch:startIndex>{start}</opensearch:startIndex>{entries}</feed>\n"
    ).encode()


def substack_rss(title: str, base: str, posts: Iterable[Post]) -> bytes:
    """Write a Substack publication's feed: every post with a picture as enclosure, paid ones cut off."""
    items = "".join(
        f"<item><title><![CDATA[{post.title}]]></title><description><![CDATA[{post.subtitle}]]></description>"
        f'<link>{base}/p/{post.slug}</link><guid isPermaLink="false">{base}/p/{post.slug}</guid>'
        f"<dc:creator><![CDATA[{post.author}]]></dc:creator><pubDate>{format_datetime(post.published, usegmt=True)}"
        f'</pubDate><enclosure url="{base}/cover/{post.slug}.jpeg" length="0" type="image/jpeg"/>'
        f"<content:encoded><![CDATA[{_body(post, base)}]]></content:encoded></item>\n"
        for post in posts
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom" '
        f'version="2.0"><channel><title><![CDATA[{title}]]></title><link>{base}</link><generator>Substack</generator>'
        f'<atom:link href={quoteattr(base + "/feed")} rel="self" type="application/rss+xml"/>\n{items}</channel></rss>\n'
    ).encode()


def atom(title: str, base: str, posts: Iterable[Post]) -> bytes:
    """Write a blog's Atom feed."""
    entries = "".join(
        f'<entry><id>{base}/{post.slug}</id><title>{escape(post.title)}</title><link href="{base}/{post.slug}"/>'
        f"<published>{post.published.isoformat()}</published><updated>{post.published.isoformat()}</updated>"
        f"<author><name>{escape(post.author)}</name></author><summary>{escape(post.subtitle)}</summary>"
        f'<content type="html">{escape(post.html)}</content></entry>\n'
        for post in posts
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><id>{base}/</id>'
        f'<title>{escape(title)}</title><link href="{base}/"/><updated>2026-11-01T00:00:00Z</updated>{entries}</feed>\n'
    ).encode()


def _body(post: Post, base: str) -> str:
    if not post.is_paywalled:
        return post.html
    return f'{post.html}<p>\n  <a href="{base}/p/{post.slug}">\n    Read more\n  </a>\n</p>'
