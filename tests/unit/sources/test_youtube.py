"""YouTube: what a URL is, where to look, what is an id."""

from __future__ import annotations

import pytest

from tracker.models import RawEntry, SourceName, Subscription
from tracker.sources.base import Target
from tracker.sources.youtube import YouTube, is_short, same_channel, video_id, watch_url

LIST = "PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"
CHANNEL = "UCXUPKJO5MZQN11PqgIvyuvQ"
TALK = "zjkBMFhNj_g"

youtube = YouTube()


def sub(**keys: object) -> Subscription:
    return Subscription(id="x", source=SourceName.YOUTUBE, **keys)  # type: ignore[arg-type] # keys of the test's own


@pytest.mark.parametrize(
    "text",
    [
        LIST,
        f"https://www.youtube.com/playlist?list={LIST}",
        f"youtube.com/playlist?list={LIST}&si=abc",
        f"https://music.youtube.com/playlist?list={LIST}",
        f"https://www.youtube.com/watch?v={TALK}&list={LIST}&index=3",
        f"https://youtu.be/{TALK}?list={LIST}",
        f"https://www.youtube.com/embed/videoseries?list={LIST}",
        f"https://www.youtube.com/feeds/videos.xml?playlist_id={LIST}",
        f"  https://m.youtube.com/playlist?list={LIST}\n",
    ],
)
def test_playlists_are_recognised(text: str) -> None:
    """Every address of a playlist gives the playlist, a video's page inside it too."""
    target = youtube.recognise(text)

    assert target is not None
    assert (target.playlist, target.channel, target.resolve) == (LIST, "", "")


@pytest.mark.parametrize(
    "text",
    [
        CHANNEL,
        f"https://www.youtube.com/channel/{CHANNEL}",
        f"https://www.youtube.com/channel/{CHANNEL}/videos?view=0",
        f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}",
        f"https://www.youtube.com/playlist?list=UU{CHANNEL[2:]}",
        f"UU{CHANNEL[2:]}",
    ],
)
def test_channels_are_recognised(text: str) -> None:
    """Every address of a channel gives the channel, its list of all uploads too."""
    target = youtube.recognise(text)

    assert target is not None
    assert (target.channel, target.playlist, target.videos, target.resolve) == (CHANNEL, "", (), "")


@pytest.mark.parametrize(("code", "kind"), [("LF", "long"), ("LV", "live"), ("SH", "shorts")])
def test_a_list_of_one_kind_is_the_channel_with_that_kind(code: str, kind: str) -> None:
    """UULF…, UULV… and UUSH… are the channel, restricted to long, live or short videos."""
    target = youtube.recognise(f"https://www.youtube.com/feeds/videos.xml?playlist_id=UU{code}{CHANNEL[2:]}")

    assert target is not None
    assert (target.channel, target.videos) == (CHANNEL, (kind,))
    assert target.note


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("@AndrejKarpathy", "https://www.youtube.com/@AndrejKarpathy"),
        ("https://www.youtube.com/@AndrejKarpathy/videos", "https://www.youtube.com/@AndrejKarpathy"),
        ("https://www.youtube.com/c/SomeName", "https://www.youtube.com/c/SomeName"),
        ("https://www.youtube.com/user/kurzgesagt/about", "https://www.youtube.com/user/kurzgesagt"),
        ("https://www.youtube.com/feeds/videos.xml?user=Kurzgesagt", "https://www.youtube.com/user/Kurzgesagt"),
        ("https://www.youtube.com/stanfordonline", "https://www.youtube.com/stanfordonline"),
        (f"https://www.youtube.com/watch?v={TALK}", watch_url(TALK)),
        (f"https://www.youtube.com/watch?v={TALK}&list=RD{TALK}", watch_url(TALK)),
        (f"https://youtu.be/{TALK}?t=30", watch_url(TALK)),
        (f"https://www.youtube.com/shorts/{TALK}", watch_url(TALK)),
        (f"https://www.youtube.com/live/{TALK}?feature=share", watch_url(TALK)),
        (f"https://www.youtube-nocookie.com/embed/{TALK}", watch_url(TALK)),
    ],
)
def test_names_and_videos_must_be_looked_up(text: str, page: str) -> None:
    """A handle, a legacy name and a video page lead to a page that tells the channel."""
    target = youtube.recognise(text)

    assert target is not None
    assert target.resolve == page
    assert not target.channel
    assert not target.playlist


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("https://www.youtube.com/playlist?list=RDzjkBMFhNj_g", "mix"),
        ("https://www.youtube.com/playlist?list=WL", "private list"),
        ("https://www.youtube.com/playlist?list=PLshort", "no playlist id"),
        (f"https://www.youtube.com/channel/{CHANNEL[:-1]}x", "no channel id"),
        ("https://www.youtube.com/watch?v=short", "no YouTube video id"),
    ],
)
def test_what_cannot_be_followed_is_said(text: str, part: str) -> None:
    """What is YouTube's but cannot be followed is refused with a reason, not handed to the web."""
    with pytest.raises(ValueError, match=part):
        youtube.recognise(text)


@pytest.mark.parametrize(
    "text", ["https://example.com/watch?v=zjkBMFhNj_g", "https://notyoutube.com/@x", "cs.CL", "", "file:///@x", "hello"]
)
def test_others_are_left_alone(text: str) -> None:
    """Whatever is not YouTube's is left to the other sources."""
    assert youtube.recognise(text) is None


@pytest.mark.parametrize(
    ("keys", "query"),
    [
        ({"playlist": LIST}, f"playlist_id={LIST}"),
        ({"channel": CHANNEL}, f"channel_id={CHANNEL}"),
        ({"channel": CHANNEL, "videos": ("long",)}, f"playlist_id=UULF{CHANNEL[2:]}"),
        ({"channel": CHANNEL, "videos": ("live",)}, f"playlist_id=UULV{CHANNEL[2:]}"),
        ({"channel": CHANNEL, "videos": ("shorts",)}, f"playlist_id=UUSH{CHANNEL[2:]}"),
        ({"channel": CHANNEL, "videos": ("shorts", "long")}, f"channel_id={CHANNEL}"),
        ({"channel": CHANNEL[2:]}, f"channel_id={CHANNEL}"),
    ],
)
def test_the_feed_follows_the_kinds_wanted(keys: dict[str, object], query: str) -> None:
    """One kind alone has a feed of its own; M12: an id without UC is the same channel."""
    assert youtube.feed_url(sub(**keys)) == f"https://www.youtube.com/feeds/videos.xml?{query}"


@pytest.mark.parametrize(
    ("keys", "url"),
    [
        ({"playlist": LIST}, f"https://www.youtube.com/playlist?list={LIST}"),
        ({"channel": CHANNEL}, f"https://www.youtube.com/channel/{CHANNEL}/videos"),
        ({"channel": CHANNEL, "videos": ("live",)}, f"https://www.youtube.com/channel/{CHANNEL}/streams"),
        ({"channel": CHANNEL, "videos": ("shorts", "live")}, f"https://www.youtube.com/channel/{CHANNEL}/streams"),
    ],
)
def test_the_listing_never_brings_in_shorts_unasked(keys: dict[str, object], url: str) -> None:
    """A channel is listed by tab, because its list of all uploads does not tell Shorts from videos."""
    assert youtube.listing_url(sub(**keys)) == url


def test_channel_ids_compare_without_prefix() -> None:
    """M12: ids are equal with or without UC, and nothing equals an empty one."""
    assert same_channel(CHANNEL, CHANNEL[2:])
    assert not same_channel(CHANNEL, "UCBa5G_ESCn8Yd4vw5U-gIcg")
    assert not same_channel("", "")


def test_the_target_does_not_depend_on_the_kinds_wanted() -> None:
    """Wanting Shorts as well is the same subscription; M12: so is the id without UC."""
    assert youtube.target(sub(channel=CHANNEL)) == youtube.target(sub(channel=CHANNEL[2:], videos=("shorts",)))


@pytest.mark.parametrize(
    "text",
    [
        TALK,
        f"yt:video:{TALK}",
        f"https://www.youtube.com/watch?v={TALK}&t=3s",
        f"http://youtube.com/watch?app=desktop&v={TALK}",
        f"https://youtu.be/{TALK}",
        f"https://www.youtube.com/shorts/{TALK}?feature=share",
        f"https://www.youtube.com/live/{TALK}",
        f"https://www.youtube.com/embed/{TALK}",
    ],
)
def test_every_form_of_a_video_gives_its_id(text: str) -> None:
    """M13: watch, youtu.be, shorts, live and embed URLs give one id."""
    assert video_id(text) == TALK


@pytest.mark.parametrize(
    "text", ["", "zjkBMFhNj_h", "https://example.com/watch?v=zjkBMFhNj_g", "https://youtu.be/", "https://youtu.be/a/b"]
)
def test_no_id_without_a_video(text: str) -> None:
    """M13: nothing else is taken for a video; a bare id must end in one of the sixteen possible letters."""
    assert video_id(text) == ""


@pytest.mark.parametrize(
    "raw",
    [
        RawEntry(position=0, video_id=TALK, guid=f"yt:video:{TALK}"),
        RawEntry(position=0, guid=f"yt:video:{TALK}"),
        RawEntry(position=0, link=f"https://www.youtube.com/shorts/{TALK}"),
        RawEntry(position=0, video_id="<script>", link=watch_url(TALK)),
    ],
)
def test_the_key_is_the_video(raw: RawEntry) -> None:
    """M13: the key comes from yt:videoId, else the guid, else the link, and is never foreign text."""
    assert youtube.entry_key(raw) == f"youtube:{TALK}"


def test_only_the_link_tells_a_short() -> None:
    """M13: a Short is what has /shorts/ in its link at YouTube."""
    assert is_short(f"https://www.youtube.com/shorts/{TALK}")
    assert not is_short(watch_url(TALK))
    assert not is_short(f"https://example.com/shorts/{TALK}")


def test_feeds_and_listings_wait_for_each_other() -> None:
    """M21: one slot for all of YouTube, seconds apart, no feed more often than hourly."""
    feed = youtube.manners(youtube.feed_url(sub(playlist=LIST)))
    short_link = youtube.manners(f"https://youtu.be/{TALK}")

    assert feed.host == short_link.host == "youtube.com"
    assert feed.delay >= 3
    assert feed.interval >= 3600


@pytest.mark.parametrize(
    ("keys", "part"),
    [
        ({"channel": "@AndrejKarpathy"}, "run `tracker subscribe https://www.youtube.com/@AndrejKarpathy`"),
        (
            {"channel": "https://www.youtube.com/c/SomeName"},
            "run `tracker subscribe https://www.youtube.com/c/SomeName`",
        ),
        ({"channel": "https://www.youtube.com/user/x"}, "run `tracker subscribe"),
        ({"channel": f"https://www.youtube.com/channel/{CHANNEL}"}, f'channel = "{CHANNEL}"'),
        ({"channel": "UCtooshort"}, "the last of which is A, Q, g or w"),
        ({"channel": "Andrej Karpathy"}, 'expected "UC…"'),
        ({"playlist": f"https://www.youtube.com/playlist?list={LIST}"}, f'playlist = "{LIST}"'),
        ({"playlist": CHANNEL}, f'channel = "{CHANNEL}"'),
        ({"playlist": "https://example.com/x"}, "no playlist id"),
        ({"playlist": "file:///etc/passwd"}, "no playlist id"),
        ({"playlist": "RDabcdefghijk"}, "mix"),
        ({}, "needs playlist"),
        ({"channel": CHANNEL, "videos": ("films",)}, "'films' is not one of"),
        ({"channel": CHANNEL, "videos": ()}, "at least one"),
    ],
)
def test_a_wrong_target_is_told_with_the_remedy(keys: dict[str, object], part: str) -> None:
    """M18: handles and names are refused with the command that resolves them; M35: so are other hosts and files."""
    assert part in youtube.problem(sub(**keys))


@pytest.mark.parametrize("keys", [{"playlist": LIST}, {"channel": CHANNEL}, {"channel": CHANNEL, "videos": ("live",)}])
def test_a_right_target_is_no_problem(keys: dict[str, object]) -> None:
    """Ids as YouTube writes them pass."""
    assert youtube.problem(sub(**keys)) == ""


def test_a_note_says_that_the_list_is_followed() -> None:
    """A person who gives a video inside a list is told what is followed."""
    target = youtube.recognise(f"https://www.youtube.com/watch?v={TALK}&list={LIST}")

    assert target == Target(
        source=SourceName.YOUTUBE, playlist=LIST, note="The playlist is followed, not the single video."
    )
