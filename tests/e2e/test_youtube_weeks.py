"""Weeks with YouTube's special cases by subprocess: premieres, members' videos, short ones, what is gone and comes again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.conftest import Run
from tests.e2e.world import HEAD, KARPATHY, WEDNESDAY, ZERO_TO_HERO, World
from tests.internet_youtube import SITE, Video

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 11, 30, 7, tzinfo=UTC)  # when 2026-W48 closes
WEEK = 7 * DAY
OLD = Video(id="vid0000000A", title="An old one", channel=KARPATHY, published=WEDNESDAY - 99 * DAY)


def video(number: int, title: str, **fields: object) -> Video:
    """Be a video of Wednesday."""
    given = {"id": f"vid{number:07}A", "title": title, "channel": KARPATHY, "published": WEDNESDAY}
    return Video(**{**given, **fields})  # type: ignore[arg-type] # by keyword


def follow(world: World, keys: str = "", *, target: str = f'channel = "{KARPATHY.id}"') -> None:
    """Follow the channel, or something else, with these keys, since a week ago."""
    world.config.write_text(f'{HEAD}\n[[feed]]\nid = "talks"\n{target}\n{keys}', encoding="utf-8")


def close(world: World, run_cli: Run, at: datetime) -> str:
    """Poll an hour before an issue closes, close it, and give its page."""
    run_cli("poll", clock=world.at(at - HOUR))
    run_cli("digest", clock=world.at(at + MINUTE))
    year, week, _ = (at - DAY).isocalendar()
    return world.page(f"{year}-W{week}")


def test_a_premiere_comes_when_it_can_be_watched(world: World, run_cli: Run) -> None:
    """M15: announced on Wednesday and watchable after the close, it stands in the next issue and in no other."""
    follow(world)
    world.talks.videos[:] = [OLD]
    run_cli("poll", clock=world.at(WEDNESDAY - DAY))
    world.talks.videos[:] = [video(1, "The great premiere", duration=None, is_upcoming=True), OLD]
    run_cli("poll", clock=world.at(WEDNESDAY + HOUR))
    told = "a premiere, held back until it can be watched"
    assert told in run_cli("entries", clock=world.at(WEDNESDAY + HOUR)).stdout
    assert told in run_cli("entries", "--not-shown", clock=world.at(WEDNESDAY + HOUR)).stdout
    first = close(world, run_cli, MONDAY)
    assert "premiere" not in first
    assert "nothing new" in first.lower()
    world.talks.videos[:] = [video(1, "The great premiere", duration=3600), OLD]
    assert "[The great premiere]" in close(world, run_cli, MONDAY + WEEK)
    assert "premiere" not in close(world, run_cli, MONDAY + 2 * WEEK)
    assert world.news() == {f"youtube:{video(1, '').id}": ["2026-W49"]}
    assert told not in run_cli("entries", clock=world.at(MONDAY + 2 * WEEK)).stdout


def test_a_busy_channels_short_and_members_videos(world: World, run_cli: Run) -> None:
    """M26: by default members' videos are left out, `min_duration` leaves out short ones, both with the reason."""
    videos = [
        video(1, "A talk", duration=600),
        video(2, "A teaser", duration=599),
        video(3, "For members", duration=3600, is_members_only=True),
    ]
    follow(world)
    world.talks.videos[:] = [OLD]
    run_cli("poll", clock=world.at(WEDNESDAY - DAY))
    world.talks.videos[:] = [*videos, OLD]
    run_cli("poll", clock=world.at(WEDNESDAY + HOUR))
    for keys, shown in (("", {"A talk", "A teaser"}), ('members_only = true\nmin_duration = "10m"', None)):
        follow(world, keys)
        page = run_cli("digest", "-o", "-", clock=world.at(WEDNESDAY + HOUR)).stdout
        wanted = shown or {"A talk", "For members"}
        assert {each.title for each in videos if f"[{each.title}]" in page} == wanted
        reasons = run_cli("entries", "--not-shown", clock=world.at(WEDNESDAY + HOUR)).stdout
        assert ("not shown: members only" in reasons) is bool(shown)
        assert ("not shown: shorter than 10 minutes" in reasons) is not bool(shown)
    (line,) = [each for each in page.splitlines() if "[For members]" in each]
    assert line.endswith(" · members only")


def test_what_is_private_at_the_close_is_not_shown(world: World, run_cli: Run) -> None:
    """M28: private before its issue closes, a video is assigned with the reason; one that is back is shown."""
    follow(world, target=f'playlist = "{ZERO_TO_HERO}"')
    world.course.videos[:] = []
    run_cli("poll", clock=world.at(WEDNESDAY - DAY))
    new = [video(1, "Stays"), video(2, "Goes"), video(3, "Comes back")]
    hidden = [new[0], video(2, "", placeholder="[Private video]"), video(3, "", placeholder="[Deleted video]")]
    for days, videos in enumerate((new, hidden, [*hidden[:2], new[2]])):
        world.course.videos[:] = videos
        run_cli("poll", clock=world.at(WEDNESDAY + days * 25 * HOUR))
    page = close(world, run_cli, MONDAY)
    assert [f"[{each.title}]" in page for each in new] == [True, False, True]
    assert "cannot be watched: private" in run_cli("entries", "--issue", "2026-W48", "--not-shown").stdout
    assert set(world.news()) == {f"youtube:{each.id}" for each in new}


def test_a_corrected_upload_is_not_announced_again(world: World, run_cli: Run) -> None:
    """Uploaded again after its issue, a video waits, and is named as waiting; each "Office hours" comes."""
    follow(world, target=f'playlist = "{ZERO_TO_HERO}"')
    world.course.videos[:] = []
    run_cli("poll", clock=world.at(WEDNESDAY - DAY))
    world.course.videos[:] = [video(1, "Office hours"), video(2, "The lecture", duration=3600, published=MONDAY - DAY)]
    assert "[The lecture]" in close(world, run_cli, MONDAY)
    again = video(3, "The  Lecture", duration=3601, published=MONDAY + DAY)
    world.course.videos[:] = [video(1, "Office hours"), video(2, "", placeholder="[Deleted video]"), again]
    run_cli("poll", clock=world.at(MONDAY + DAY + HOUR))
    world.course.videos.append(video(4, "Office hours", published=MONDAY + 5 * DAY))
    page = close(world, run_cli, MONDAY + WEEK)
    assert "lecture" not in page.lower()
    assert f"[Office hours]({SITE}/watch?v={video(4, '').id})" in page
    assert world.news() == {
        f"youtube:{video(number, '').id}": [label]
        for number, label in ((1, "2026-W48"), (2, "2026-W48"), (4, "2026-W49"))
    }
    waiting = run_cli("entries", "--not-shown", clock=world.at(MONDAY + WEEK + HOUR)).stdout
    assert "uploaded again, and told as the same under its other id" in waiting
