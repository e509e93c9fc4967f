"""Write the benchmark's feeds: by number, of the shapes and sizes that YouTube, Substack and arXiv send."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
WORDS = "model data reads page weights quiet window letter token proof graph weekly steps paper tunes".split()  # noqa: SIM905 -- a list of words reads better so


def feed(number: int, *, entries: int, churn: int) -> bytes:
    """Write feed `number` when it has had so many entries in all, asked for the `churn`-th time.

    45 of 100 are a channel's 15 videos with view counts, 45 a newsletter's 20 posts with bodies, 10 a search of
    arXiv's with 380 papers: 54 entries on average. `churn` changes what the real ones change at every request, and
    nothing that matters.
    """
    kind = number % 20
    if kind < 9:
        return _videos(number, entries, churn)
    return _posts(number, entries, churn) if kind < 18 else _papers(number, entries)


def size(number: int) -> int:
    """Say how many entries a feed holds."""
    kind = number % 20
    return 15 if kind < 9 else 20 if kind < 18 else 380


def _text(seed: object, words: int) -> str:
    chance = random.Random(str(seed))
    return " ".join(chance.choices(WORDS, k=words)).capitalize() + "."


def _moment(place: int) -> datetime:
    return START - timedelta(days=600) + timedelta(hours=9 * place)


def _places(number: int, entries: int) -> range:
    last = size(number) + entries
    return range(last - 1, last - 1 - size(number), -1)


def _videos(number: int, entries: int, churn: int) -> bytes:
    def entry(place: int) -> str:
        video, stamp = f"v{number:05}{place:05}", _moment(place).isoformat()
        title = _text(video, 7)
        return (
            f" <entry>\n  <id>yt:video:{video}</id>\n  <yt:videoId>{video}</yt:videoId>\n"
            f"  <yt:channelId>UC{number:022}</yt:channelId>\n  <title>{title}</title>\n"
            f'  <link rel="alternate" href="https://www.youtube.com/watch?v={video}"/>\n'
            f"  <author>\n   <name>Channel {number}</name>\n   <uri>https://www.youtube.com/channel/UC{number:022}</uri>\n"
            f"  </author>\n  <published>{stamp}</published>\n  <updated>{stamp}</updated>\n"
            f'  <media:group>\n   <media:title>{title}</media:title>\n   <media:content url="https://www.youtube.com/v/'
            f'{video}?version=3" type="application/x-shockwave-flash" width="640" height="390"/>\n'
            f'   <media:thumbnail url="https://i1.ytimg.com/vi/{video}/hqdefault.jpg" width="480" height="360"/>\n'
            f"   <media:description>{_text(title, 110)}</media:description>\n   <media:community>\n"
            f'    <media:starRating count="{churn + place}" average="5.00" min="1" max="5"/>\n'
            f'    <media:statistics views="{1000 * churn + place}"/>\n   </media:community>\n  </media:group>\n </entry>\n'
        )

    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015"'
        ' xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">\n'
        f" <id>yt:channel:{number:022}</id>\n <yt:channelId>{number:022}</yt:channelId>\n <title>Channel {number}</title>\n"
        f' <link rel="alternate" href="https://www.youtube.com/channel/UC{number:022}"/>\n'
        f" <author>\n  <name>Channel {number}</name>\n </author>\n <published>2020-01-01T00:00:00+00:00</published>\n"
        + "".join(entry(place) for place in _places(number, entries))
        + "</feed>\n"
    ).encode()


def _posts(number: int, entries: int, churn: int) -> bytes:
    base = f"https://letter{number}.example"

    def item(place: int) -> str:
        slug = f"post-{number}-{place}"
        body = "".join(
            f'<p>{_text((slug, each), 90)} <a href="{base}/p/other-{each}">{_text((slug, each, 1), 4)}</a></p>'
            f'<div class="captioned-image-container"><img src="https://images.example/{slug}-{each}.png" alt="" /></div>'
            for each in range(16)
        )
        return (
            f"<item><title><![CDATA[{_text(slug, 6)}]]></title><description><![CDATA[{_text(slug, 16)}]]></description>"
            f'<link>{base}/p/{slug}</link><guid isPermaLink="false">{base}/p/{slug}</guid>'
            f"<dc:creator><![CDATA[Writer {number}]]></dc:creator>"
            f"<pubDate>{format_datetime(_moment(place), usegmt=True)}</pubDate>"
            f'<enclosure url="https://images.example/{slug}.jpeg" length="0" type="image/jpeg"/>'
            f"<content:encoded><![CDATA[{body}]]></content:encoded></item>"
        )

    built = format_datetime(START + timedelta(minutes=churn), usegmt=True)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom" version="2.0"'
        ' xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:googleplay="http://www.google.com/schemas/'
        f'play-podcasts/1.0"><channel><title><![CDATA[Letter {number}]]></title><description><![CDATA[A letter.]]>'
        f"</description><link>{base}</link><image><url>{base}/logo.png</url><title>Letter {number}</title>"
        f"<link>{base}</link></image><generator>Substack</generator><lastBuildDate>{built}</lastBuildDate>"
        f'<atom:link href="{base}/feed" rel="self" type="application/rss+xml"/><copyright><![CDATA[Writer]]></copyright>'
        f"<language><![CDATA[en]]></language><webMaster><![CDATA[letter{number}@example.com]]></webMaster><itunes:owner>"
        f"<itunes:email><![CDATA[letter{number}@example.com]]></itunes:email><itunes:name><![CDATA[Writer]]></itunes:name>"
        "</itunes:owner><itunes:author><![CDATA[Writer]]></itunes:author>"
        + "".join(item(place) for place in _places(number, entries))
        + "</channel></rss>"
    ).encode()


def _papers(number: int, entries: int) -> bytes:
    def entry(place: int) -> str:
        paper = f"{2000 + number % 1000:04}.{place:05}"
        stamp = _moment(place).strftime("%Y-%m-%dT%H:%M:%SZ")
        return (
            f"  <entry>\n    <id>http://arxiv.org/abs/{paper}v1</id>\n    <title>{_text(paper, 9)}</title>\n"
            f"    <updated>{stamp}</updated>\n"
            f'    <link href="https://arxiv.org/abs/{paper}v1" rel="alternate" type="text/html"/>\n'
            f'    <link href="https://arxiv.org/pdf/{paper}v1" rel="related" type="application/pdf" title="pdf"/>\n'
            f"    <summary>{_text((paper, 1), 150)}</summary>\n"
            '    <category term="cs.CL" scheme="http://arxiv.org/schemas/atom"/>\n'
            f'    <published>{stamp}</published>\n    <arxiv:primary_category term="cs.CL"/>\n'
            + "".join(
                f"    <author>\n      <name>{_text((paper, each), 2)}</name>\n    </author>\n" for each in range(4)
            )
            + "  </entry>\n"
        )

    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n<feed xmlns:opensearch=\"http://a9.com/-/spec/opensearch/1.1/\""
        ' xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">\n'
        f"  <id>https://arxiv.org/api/{number}</id>\n  <title>arXiv Query: search_query={number}</title>\n"
        f"  <updated>{START:%Y-%m-%dT%H:%M:%SZ}</updated>\n"
        f'  <link href="https://arxiv.org/api/query?{number}" type="application/atom+xml"/>\n'
        + "".join(entry(place) for place in _places(number, entries))
        + "</feed>\n"
    ).encode()
