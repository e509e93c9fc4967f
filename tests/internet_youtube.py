"""Serve YouTube from the internet in a box: feeds, and the pages and API answers that yt-dlp lists.

    youtube = YouTube(net)
    owner = Channel(id="UC…", title="Somebody", handle="@somebody")
    lectures = youtube.playlist("PL…", title="Lectures", owner=owner, videos=[Video(id="…", title="One")])
    lectures.videos.append(Video(id="…", title="Two"))      # tomorrow's list

The JSON is as small as yt-dlp and the page's own scripts allow, in the layouts that YouTube serves:
`lockupViewModel` (since mid-2026) and `playlistVideoRenderer`. Pages hold 100 videos.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal
from xml.sax.saxutils import escape

from tests.internet import Internet
from tests.internet_replies import Reply, Seen

PAGE = 100
SITE = "https://www.youtube.com"
_CODES = {"LF": "videos", "SH": "shorts", "LV": "streams"}  # of a channel's lists of uploads of one kind
Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Who publishes; `id` is the UC… one, the handle begins with @."""

    id: str
    title: str
    handle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """One video; `duration` in seconds. A `placeholder` stands in lists for one that is gone.

    Of one that is upcoming only the older layout tells when it `starts`.
    """

    id: str
    title: str
    duration: int | None = 600
    channel: Channel | None = None
    published: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    description: str = ""
    is_short: bool = False
    is_stream: bool = False
    is_members_only: bool = False
    is_upcoming: bool = False
    starts: datetime | None = None
    placeholder: Literal["", "[Private video]", "[Deleted video]"] = ""


@dataclass(slots=True, kw_only=True)
class Shelf:
    """What is listed: a playlist, or a channel's videos (newest first). Change it between polls.

    `announced` is the count that the page claims, where it is not the true one.
    """

    id: str
    title: str
    owner: Channel
    videos: list[Video] = field(default_factory=list)
    layout: Literal["lockup", "renderer"] = "lockup"
    announced: int | None = None
    tab: str = "videos"

    @property
    def is_playlist(self) -> bool:
        """Whether it is a playlist, not a channel's page."""
        return not self.id.startswith("UC")


class YouTube:
    """www.youtube.com: what is put here is found under every URL by which YouTube knows it."""

    def __init__(self, net: Internet) -> None:
        self._shelves: dict[str, Shelf] = {}
        self._alerts: dict[str, str] = {}
        self._watch: dict[str, Video] = {}
        self._net = net
        net.answer(f"{SITE}/playlist", lambda seen: self._page(seen.params.get("list", "")))
        net.answer(f"{SITE}/watch", self._watch_page)
        net.answer(f"{SITE}/youtubei/v1/browse", self._browse)
        net.answer(f"{SITE}/youtubei/v1/navigation/resolve_url", self._resolve)
        net.answer(f"{SITE}/feeds/videos.xml", self._feed)

    def playlist(self, name: str, *, title: str, owner: Channel, videos: Iterable[Video] = ()) -> Shelf:
        """Put up a playlist; its videos may be anybody's."""
        return self._put(Shelf(id=name, title=title, owner=owner, videos=list(videos)))

    def channel(self, owner: Channel, *, videos: Iterable[Video] = (), legacy: Iterable[str] = ()) -> Shelf:
        """Put up a channel: its tabs under its id, its handle and legacy paths ("/c/name"), and its lists of uploads.

        The tab of a kind that the channel has none of shows the videos, as YouTube does.
        """
        shelf = self._put(Shelf(id=owner.id, title=owner.title, owner=owner, videos=list(videos)))
        for base in filter(None, (f"/channel/{owner.id}", owner.handle and f"/{owner.handle}", *legacy)):
            for tab in ("", "/videos", "/shorts", "/streams"):
                name = f"{owner.id}/{tab.removeprefix('/') or 'videos'}"
                self._net.answer(f"{SITE}{base}{tab}", lambda _, name=name: self._page(name))
        return shelf

    def video(self, video: Video) -> None:
        """Put up a video's own page."""
        self._watch[video.id] = video

    def missing(self, name: str, *, private: bool = False) -> None:
        """Answer as for a playlist that does not exist, or that only its owner sees."""
        self._shelves.pop(name, None)
        self._alerts[name] = "This playlist is private." if private else "The playlist does not exist."

    def home(self, path: str) -> None:
        """Answer a path with the home page, as for some that do not exist."""
        home = {"tabRenderer": {"selected": True, "tabIdentifier": "FEwhat_to_watch", "content": {}}}
        data = {"contents": {"twoColumnBrowseResultsRenderer": {"tabs": [home]}}}
        for tab in ("", "/videos"):
            self._net.answer(f"{SITE}{path}{tab}", _html(data))

    def _put(self, shelf: Shelf) -> Shelf:
        self._shelves[shelf.id] = shelf
        self._alerts.pop(shelf.id, None)
        return shelf

    # ------------------------------------------------------------ answers

    def _page(self, name: str) -> Reply:
        return _html(self._data(name, hidden=False))

    def _data(self, name: str, *, hidden: bool) -> Json:
        shelf = self._shelf(name)
        if shelf is None:
            text = self._alerts.get(name, "The playlist does not exist.")
            return {"alerts": [{"alertRenderer": {"type": "ERROR", "text": {"runs": [{"text": text}]}}}]}
        return {"contents": _contents(shelf, _items(shelf, 0, hidden=hidden)), **_about(shelf)}

    def _shelf(self, name: str) -> Shelf | None:
        """Find a list by its name: a channel's tab, or one of its lists of uploads, holds some of its videos."""
        uploads = re.fullmatch(r"UU(LF|SH|LV)?(\S{22})", name)
        if name in self._shelves or not (uploads or "/" in name):
            return self._shelves.get(name)
        owner, _, tab = (f"UC{uploads[2]}", "", _CODES.get(uploads[1], "")) if uploads else name.partition("/")
        shelf = self._shelves.get(owner)
        if shelf is None:
            return None
        videos = [each for each in shelf.videos if tab in {"", _tab(each)}]
        if uploads:
            return replace(shelf, id=name, title=f"Uploads from {shelf.title}", videos=videos) if videos else None
        return replace(shelf, videos=videos, tab=tab) if videos else replace(shelf, videos=shelf.videos)

    def _browse(self, seen: Seen) -> Reply:
        """Answer the web client's API: the next page, or a playlist with what is unavailable in it."""
        query = json.loads(seen.body)
        if "continuation" not in query:
            return _json(self._data(query["browseId"].removeprefix("VL"), hidden=True))
        name, start, hidden = json.loads(query["continuation"])
        shelf = self._shelf(name)
        assert shelf is not None, f"the next page of {name}, which is no list"
        items = _items(shelf, start, hidden=hidden)
        return _json({"onResponseReceivedActions": [{"appendContinuationItemsAction": {"continuationItems": items}}]})

    def _resolve(self, seen: Seen) -> Reply:
        name = json.loads(seen.body)["url"].rpartition("list=")[2]
        known = name in self._shelves
        endpoint = {"browseEndpoint": {"browseId": f"VL{name}"}} if known else {"urlEndpoint": {"url": SITE}}
        return _json({"endpoint": endpoint})

    def _watch_page(self, seen: Seen) -> Reply:
        video = self._watch.get(seen.params.get("v", ""))
        if video is None or video.channel is None:
            return _html({"alerts": [], "currentVideoEndpoint": {}})
        owner = {"title": {"runs": [{"text": video.channel.title, "navigationEndpoint": _link(video.channel)}]}}
        secondary = {"videoSecondaryInfoRenderer": {"owner": {"videoOwnerRenderer": owner}}}
        results = {"results": {"results": {"contents": [secondary]}}}
        current = {"watchEndpoint": {"videoId": video.id}}
        data = {"contents": {"twoColumnWatchNextResults": results}, "currentVideoEndpoint": current}
        details = {"videoId": video.id, "title": video.title, "channelId": video.channel.id}
        player = {"videoDetails": {**details, "author": video.channel.title}}
        return _html(data, extra=f"<script>var ytInitialPlayerResponse = {json.dumps(player)};</script>")

    def _feed(self, seen: Seen) -> Reply:
        """Give the first 15 of a list as Atom: no validators, and good for 15 minutes."""
        name = seen.params.get("playlist_id") or seen.params.get("channel_id", "")
        shelf = self._shelf(name)
        if shelf is None:
            return Reply(status=404, headers={"content-type": "text/html"}, body=b"<!doctype html><title>404</title>")
        headers = {"content-type": "text/xml; charset=UTF-8", "cache-control": "public, max-age=900"}
        return Reply(body=_atom(shelf).encode(), headers=headers)


# ---------------------------------------------------------------- pages


def _tab(video: Video) -> str:
    return "shorts" if video.is_short else "streams" if video.is_stream else "videos"


def _html(data: Json, *, extra: str = "") -> Reply:
    page = (
        "<!DOCTYPE html><html><head><title>YouTube</title>"
        '<script>ytcfg.set({"INNERTUBE_CONTEXT": {"client": {"clientName": "WEB", "hl": "en"}}});</script></head>'
        f"<body>{extra}<script>var ytInitialData = {json.dumps(data)};</script></body></html>"
    )
    return Reply(body=page.encode(), headers={"content-type": "text/html; charset=utf-8"})


def _json(data: Json) -> Reply:
    return Reply(body=json.dumps(data).encode(), headers={"content-type": "application/json; charset=UTF-8"})


def _about(shelf: Shelf) -> Json:
    """Title, owner and announced count, where each kind of page has them."""
    if not shelf.is_playlist:
        handle = {"vanityChannelUrl": f"http://www.youtube.com/{shelf.owner.handle}"} if shelf.owner.handle else {}
        return {"metadata": {"channelMetadataRenderer": {"title": shelf.title, "externalId": shelf.id, **handle}}}
    count = len(shelf.videos) if shelf.announced is None else shelf.announced
    header = {
        "playlistId": shelf.id,
        "title": {"simpleText": shelf.title},
        "numVideosText": {"runs": [{"text": str(count)}, {"text": " videos"}]},
        "stats": [{"runs": [{"text": str(count)}, {"text": " videos"}]}],
        "ownerText": {"runs": [{"text": shelf.owner.title, "navigationEndpoint": _link(shelf.owner)}]},
        "privacy": "PUBLIC",
    }
    metadata = {"playlistMetadataRenderer": {"title": shelf.title}}
    return {"header": {"playlistHeaderRenderer": header}, "metadata": metadata}


def _contents(shelf: Shelf, items: list[Json]) -> Json:
    """Put the first page's items where the layout has them."""
    if not shelf.is_playlist:
        path = {"commandMetadata": {"webCommandMetadata": {"url": f"/channel/{shelf.id}/{shelf.tab}"}}}
        tab: Json = {"title": shelf.tab.title(), "endpoint": path, "content": {"richGridRenderer": {"contents": items}}}
    else:
        listed = [{"playlistVideoListRenderer": {"playlistId": shelf.id, "contents": items}}]
        section = {"itemSectionRenderer": {"contents": items if shelf.layout == "lockup" else listed}}
        tab = {"content": {"sectionListRenderer": {"contents": [section]}}}
    return {"twoColumnBrowseResultsRenderer": {"tabs": [{"tabRenderer": {"selected": True, **tab}}]}}


def _items(shelf: Shelf, start: int, *, hidden: bool) -> list[Json]:
    """Give a page of items, and the way to the next; placeholders only if `hidden` ones are wanted."""
    videos = [video for video in shelf.videos if hidden or not video.placeholder]
    draw: Callable[[Video], Json] = _lockup if shelf.layout == "lockup" else _renderer
    items = [draw(video) for video in videos[start : start + PAGE]]
    if not shelf.is_playlist:
        items = [{"richItemRenderer": {"content": item}} for item in items]
    if start + PAGE < len(videos):
        name = shelf.id if shelf.is_playlist else f"{shelf.id}/{shelf.tab}"
        token = json.dumps([name, start + PAGE, hidden])
        items.append({"continuationItemRenderer": {"continuationEndpoint": {"continuationCommand": {"token": token}}}})
    return items


def _lockup(video: Video) -> Json:
    text = "Upcoming" if video.is_upcoming else _clock(video.duration)
    badge = {"thumbnailBottomOverlayViewModel": {"badges": [{"thumbnailBadgeViewModel": {"text": text}}]}}
    rows: list[Json] = []
    if video.channel:
        tap = {"startIndex": 0, "onTap": {"innertubeCommand": _link(video.channel)}}
        rows.append({"metadataParts": [{"text": {"content": video.channel.title, "commandRuns": [tap]}}]})
    if video.is_members_only:
        rows.append({"badges": [{"badgeViewModel": {"badgeStyle": "BADGE_MEMBERS_ONLY"}}]})
    metadata = {
        "title": {"content": video.placeholder or video.title},
        "metadata": {"contentMetadataViewModel": {"metadataRows": rows}},
    }
    model = {
        "contentId": video.id,
        "contentType": "LOCKUP_CONTENT_TYPE_VIDEO",
        "contentImage": {"thumbnailViewModel": {"overlays": [badge] if text else []}},
        "metadata": {"lockupMetadataViewModel": metadata},
    }
    return {"lockupViewModel": model}


def _renderer(video: Video) -> Json:
    byline = {"text": video.channel.title, "navigationEndpoint": _link(video.channel)} if video.channel else None
    renderer = {
        "videoId": video.id,
        "title": {"runs": [{"text": video.placeholder or video.title}]},
        "shortBylineText": {"runs": [byline]} if byline else None,
        "lengthSeconds": None if video.duration is None or video.placeholder else str(video.duration),
        "isPlayable": not video.placeholder,
        "upcomingEventData": {"startTime": f"{video.starts.timestamp():.0f}"} if video.starts else None,
    }
    return {"playlistVideoRenderer": {name: value for name, value in renderer.items() if value is not None}}


def _link(channel: Channel) -> Json:
    return {"browseEndpoint": {"browseId": channel.id, "canonicalBaseUrl": f"/{channel.handle or channel.id}"}}


def _clock(seconds: int | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _atom(shelf: Shelf) -> str:
    listed = [video for video in shelf.videos if not (video.placeholder or video.is_members_only)][:15]
    entries = "".join(_atom_entry(video, video.channel or shelf.owner) for video in listed)
    kind = "playlist" if shelf.is_playlist else "channel"
    name = shelf.id.removeprefix("UC") if kind == "channel" else shelf.id
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" '
        'xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">\n'
        f"<id>yt:{kind}:{name}</id><title>{escape(shelf.title)}</title>\n"
        f"<author><name>{escape(shelf.owner.title)}</name></author>{entries}</feed>\n"
    )


def _atom_entry(video: Video, channel: Channel) -> str:
    link = f"{SITE}/shorts/{video.id}" if video.is_short else f"{SITE}/watch?v={video.id}"
    date = video.published.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    return (
        f"<entry><id>yt:video:{video.id}</id><yt:videoId>{video.id}</yt:videoId>"
        f"<yt:channelId>{channel.id}</yt:channelId><title>{escape(video.title)}</title>"
        f'<link rel="alternate" href="{link}"/><author><name>{escape(channel.title)}</name></author>'
        f"<published>{date}</published><updated>{date}</updated><media:group><media:title>{escape(video.title)}"
        f"</media:title><media:description>{escape(video.description)}</media:description></media:group></entry>\n"
    )
