"""Know YouTube for every stage: playlists, channels and handles → feed and listing requests; the video id is identity.

Facts: spec M8 to M35. Ids are checked by their form: the last character carries only some of its bits.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qs, quote

from tracker.models import RawEntry, SourceName, Subscription
from tracker.sources.base import Manners, Target, host_of, slot, split

HOUR = 3600.0
FULL_FEED = 15  # entries that a feed shows at most; of a playlist the first, not the newest (M8, M9)

_CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{21}[AQgw]")
_PLAYLIST = re.compile(r"(?:PL|FL|EC|UU|OLAK5uy_)[A-Za-z0-9_-]{10,60}")
_UPLOADS = re.compile(r"UU(LF|LV|SH)?([A-Za-z0-9_-]{21}[AQgw])")
_VIDEO = re.compile(r"[A-Za-z0-9_-]{10}[AEIMQUYcgkosw048]")
_LOOSE_VIDEO = re.compile(r"[A-Za-z0-9_-]{11}")
_HANDLE = re.compile(r"@[\w.·-]{2,60}")

_HOSTS = frozenset(("youtube.com", "m.youtube.com", "music.youtube.com", "youtube-nocookie.com", "youtu.be"))
_VIDEO_PATHS = frozenset(("shorts", "live", "embed", "v", "e"))
_OTHER_PATHS = frozenset(
    ("feed", "results", "about", "t", "premium", "hashtag", "account", "redirect", "gaming", "post")
)
_KINDS = {"LF": "long", "LV": "live", "SH": "shorts"}
_LISTS = {kind: f"UU{code}" for code, kind in _KINDS.items()}
_TABS = {"long": "videos", "live": "streams", "shorts": "shorts"}


class YouTube:
    """YouTube playlists and channels."""

    name = SourceName.YOUTUBE

    def recognise(self, url: str) -> Target | None:
        """See Source; ids and handles are known without a host, too."""
        text = url.strip()
        if target := _from_id(text):
            return target
        if _HANDLE.fullmatch(text):
            return _to_resolve(f"https://www.youtube.com/{quote(text, safe='@')}")
        parts = split(text)
        if parts is None or host_of(parts) not in _HOSTS:
            return None
        return _from_list(parts) or _from_path(parts)

    def target(self, sub: Subscription) -> str:
        """See Source; which kinds of video are wanted is no part of it."""
        return f"playlist:{sub.playlist}" if sub.playlist else f"channel:{_channel_id(sub.channel)}"

    def feed_url(self, sub: Subscription) -> str:
        """See Source; one kind of video alone has a list, and so a feed, of its own."""
        base = "https://www.youtube.com/feeds/videos.xml"
        if sub.playlist:
            return f"{base}?playlist_id={sub.playlist}"
        wanted = set(sub.videos)
        if len(wanted) == 1 and (prefix := _LISTS.get(next(iter(wanted)), "")):
            return f"{base}?playlist_id={prefix}{_bare_channel_id(sub.channel)}"
        return f"{base}?channel_id={_channel_id(sub.channel)}"

    def listing_url(self, sub: Subscription) -> str:
        """See Source; a channel's tab, unless all are wanted: the list of all its uploads tells no kinds apart."""
        if sub.playlist:
            return f"https://www.youtube.com/playlist?list={sub.playlist}"
        if set(sub.videos) >= set(_TABS):
            return _uploads_url(sub)
        tab = next((_TABS[kind] for kind in _TABS if kind in sub.videos), "videos")
        return f"{self.site_url(sub)}/{tab}"

    def site_url(self, sub: Subscription) -> str:
        """See Source."""
        if sub.playlist:
            return f"https://www.youtube.com/playlist?list={sub.playlist}"
        return f"https://www.youtube.com/channel/{_channel_id(sub.channel)}"

    def manners(self, url: str) -> Manners:
        """See Source; no feed more than every second hour, one slot for feeds and listings (M21)."""
        host, delay = slot(url)
        return Manners(host=host, delay=delay, timeout=None, interval=2 * HOUR)

    def entry_key(self, raw: RawEntry) -> str:
        """See Source (M13)."""
        video = raw.video_id if _LOOSE_VIDEO.fullmatch(raw.video_id) else ""
        video = video or video_id(raw.guid) or video_id(raw.link)
        return f"youtube:{video}" if video else ""

    def problem(self, sub: Subscription) -> str:
        """See Source (M18, M35)."""
        if sub.playlist:
            return _playlist_problem(sub.playlist)
        if not sub.channel:
            return 'needs playlist = "PL…" or channel = "UC…"'
        return _channel_problem(sub.channel) or _videos_problem(sub.videos)


def video_id(text: str) -> str:
    """Find the video id in a watch, youtu.be, shorts, live or embed URL, in `yt:video:…`, or alone, else "" (M13)."""
    text = text.strip()
    bare = text.removeprefix("yt:video:")
    if _VIDEO.fullmatch(bare) or (bare != text and _LOOSE_VIDEO.fullmatch(bare)):
        return bare
    parts = split(text) if "/" in text else None
    if parts is None or host_of(parts) not in _HOSTS:
        return ""
    found = _video_in_url(parts)
    return found if _LOOSE_VIDEO.fullmatch(found) else ""


def watch_url(video: str) -> str:
    """Give the one address under which a video is stored and shown, a Short's too (M13)."""
    return f"https://www.youtube.com/watch?v={video}"


def is_short(link: str) -> bool:
    """Tell a Short by its link; nothing else in a feed does (M13)."""
    parts = split(link) if "/" in link else None
    return parts is not None and host_of(parts) in _HOSTS and parts.path.startswith("/shorts/")


def spare_url(sub: Subscription) -> str:
    """Give a channel's whole feed where the list of one kind of its videos is followed, else "" (M17)."""
    whole = f"https://www.youtube.com/feeds/videos.xml?channel_id={_channel_id(sub.channel)}" if sub.channel else ""
    return whole if whole != YouTube().feed_url(sub) else ""


def gap_lists(sub: Subscription) -> tuple[str, tuple[str, ...]]:
    """Give the list that closes a gap (M8), and those that tell the kinds in it apart: no more than are needed.

    One kind has a tab of its own. Several stand in the list of all uploads, whose order tells what is new; it does not
    tell which are Shorts or streams (M13). Where only some are wanted, the tabs do.
    """
    kinds = set(sub.videos)
    if sub.playlist or len(kinds) == 1:
        return YouTube().listing_url(sub), ()
    telling = [kind for kind in ("live", "shorts") if (kind in kinds) is not ("long" in kinds)]
    return _uploads_url(sub), tuple(f"{YouTube().site_url(sub)}/{_TABS[kind]}" for kind in telling)


def is_part(sub: Subscription) -> bool:
    """Tell whether a channel's usual listing lacks a kind of video that is wanted."""
    return bool(sub.channel) and 1 < len(set(sub.videos)) < len(_TABS)


def list_kind(url: str) -> str:
    """Say which kind of video a channel's tab holds, "" for another list: its entries do not say so (M13)."""
    kinds = {tab: kind for kind, tab in _TABS.items()}
    return kinds.get(url.rpartition("/")[2], "")


def is_uploads(url: str) -> bool:
    """Tell the list of all of a channel's uploads, newest first."""
    uploads = _UPLOADS.fullmatch(url.rpartition("?list=")[2])
    return uploads is not None and not uploads[1]


def same_channel(one: str, other: str) -> bool:
    """Compare channel ids with or without `UC`, which feeds leave out at the feed's level (M12)."""
    return bool(one) and _bare_channel_id(one) == _bare_channel_id(other)


def _from_id(text: str) -> Target | None:
    """Recognise a bare channel or playlist id; a channel's own lists of uploads are that channel."""
    if _CHANNEL.fullmatch(text):
        return Target(source=SourceName.YOUTUBE, channel=text)
    if uploads := _UPLOADS.fullmatch(text):
        kind = _KINDS.get(uploads[1] or "", "")
        return Target(
            source=SourceName.YOUTUBE,
            channel=f"UC{uploads[2]}",
            videos=(kind,) if kind else (),
            note="That list holds a channel's uploads; the channel is followed.",
        )
    if _PLAYLIST.fullmatch(text):
        return Target(source=SourceName.YOUTUBE, playlist=text)
    return None


def _from_list(parts: SplitResult) -> Target | None:
    """Recognise `list=` on any page, and a feed's own address."""
    query = parse_qs(parts.query)
    wanted = _first(query, "list") or _first(query, "playlist_id") or _first(query, "channel_id")
    if not wanted:
        user = _first(query, "user") if parts.path.startswith("/feeds/") else ""
        return _to_resolve(f"https://www.youtube.com/user/{quote(user, safe='')}") if user else None
    target = _from_id(wanted)
    if target is None and not _video_in_url(parts):
        raise ValueError(_list_problem(wanted))
    if target and _video_in_url(parts) and not target.note:
        return Target(
            source=target.source, playlist=target.playlist, note="The playlist is followed, not the single video."
        )
    return target


def _from_path(parts: SplitResult) -> Target | None:
    """Recognise channels, handles, legacy names and video pages."""
    if video := _video_in_url(parts):
        if not _LOOSE_VIDEO.fullmatch(video):
            raise ValueError(f"{video[:40]!r} is no YouTube video id: it has eleven letters, digits, - or _")
        return _to_resolve(watch_url(video), note="The video's channel is followed.")
    segments = [each for each in parts.path.split("/") if each]
    if len(segments) > 1 and segments[0] == "channel":
        if problem := _channel_problem(segments[1]):
            raise ValueError(problem)
        return Target(source=SourceName.YOUTUBE, channel=segments[1])
    return _from_name(segments)


def _from_name(segments: list[str]) -> Target | None:
    """Recognise @handle, /c/name, /user/name and the bare legacy name."""
    if len(segments) > 1 and segments[0] in {"c", "user"}:
        return _to_resolve(f"https://www.youtube.com/{segments[0]}/{segments[1]}")
    if segments and (segments[0].startswith("@") or (len(segments) == 1 and segments[0] not in _OTHER_PATHS)):
        return _to_resolve(f"https://www.youtube.com/{segments[0]}")
    return None


def _to_resolve(url: str, *, note: str = "") -> Target:
    return Target(source=SourceName.YOUTUBE, resolve=url, note=note)


def _video_in_url(parts: SplitResult) -> str:
    segments = [each for each in parts.path.split("/") if each]
    if host_of(parts) == "youtu.be":
        return segments[0] if segments else ""
    if segments and segments[0] in _VIDEO_PATHS:
        return segments[1] if len(segments) > 1 and segments[1] != "videoseries" else ""
    return _first(parse_qs(parts.query), "v") if segments == ["watch"] else ""


def _first(query: dict[str, list[str]], name: str) -> str:
    return query.get(name, [""])[0].strip()


def _uploads_url(sub: Subscription) -> str:
    return f"https://www.youtube.com/playlist?list=UU{_bare_channel_id(sub.channel)}"


def _channel_id(channel: str) -> str:
    return f"UC{_bare_channel_id(channel)}"


def _bare_channel_id(channel: str) -> str:
    return channel.removeprefix("UC") if len(channel) == 24 else channel


def _playlist_problem(playlist: str) -> str:
    if _PLAYLIST.fullmatch(playlist):
        return ""
    found = re.search(r"[?&]list=((?:PL|FL|EC|UU|OLAK5uy_)[A-Za-z0-9_-]+)", playlist)
    if found:
        return f'playlist takes the id alone: playlist = "{found[1]}"'
    if _CHANNEL.fullmatch(playlist):
        return f'that is a channel id: write channel = "{playlist}"'
    return _list_problem(playlist)


def _list_problem(playlist: str) -> str:
    if playlist.startswith("RD"):
        return "a mix (RD…) is made anew for each viewer and cannot be followed; give a playlist (PL…)"
    if playlist in {"WL", "LL", "LM"}:
        return "a private list (watch later, liked) cannot be followed without signing in; give a public playlist (PL…)"
    return f'{playlist[:80]!r} is no playlist id: expected "PL…" as in youtube.com/playlist?list=PL…'


def _channel_problem(channel: str) -> str:
    """Want the id itself: what a handle or name leads to can change, and asking needs a page (M18)."""
    if _CHANNEL.fullmatch(channel):
        return ""
    parts = split(channel) if "/" in channel else None
    segments = parts.path.split("/") if parts and host_of(parts) in _HOSTS else []
    if len(segments) > 2 and segments[1] == "channel" and _CHANNEL.fullmatch(segments[2]):
        return f'channel takes the id alone: channel = "{segments[2]}"'
    if channel.startswith("@"):
        return _run_subscribe(channel, f"https://www.youtube.com/{quote(channel, safe='@')}")
    if segments:
        return _run_subscribe(channel, channel)
    if channel.startswith("UC"):
        return f"{channel[:80]!r} is no channel id: UC and 22 characters, the last of which is A, Q, g or w"
    return f'{channel[:80]!r} is no channel id: expected "UC…", 24 characters'


def _run_subscribe(given: str, url: str) -> str:
    return f"{given[:80]!r} is no channel id: run `tracker subscribe {url[:120]}`, which finds the id (UC…)"


def _videos_problem(videos: tuple[str, ...]) -> str:
    wrong = [each for each in videos if each not in _TABS]
    if wrong:
        return f'videos: {wrong[0][:40]!r} is not one of "long", "live", "shorts"'
    return "" if videos else 'videos: at least one of "long", "live", "shorts"'
