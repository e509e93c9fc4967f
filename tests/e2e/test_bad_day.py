"""A daemon that meets every kind of bad feed at once: the good ones are read whole, each bad one has its own error, and memory stays small."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.e2e.bad_feeds import NAMED, TROUBLES, hanging_resolver
from tests.e2e.world import WEDNESDAY, World, terminate, wait_for
from tests.internet_feeds import Post, atom

EACH = 10  # feeds of each kind of trouble
HEALTHY = 40
ENTRIES = 25
ROOM = 150 * 1024  # kB above an idle daemon
HEAD = '[http]\nhost_delay = "0s"\ntimeout = "2s"\n\n[digest]\ntimezone = "UTC"\n'
POLLS = "SELECT feed, outcome, stage, error, warnings, new, is_local FROM polls"


def peak(pid: int) -> int:
    """Give the most memory that a process ever held, in kB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[0])


def put_up(world: World) -> dict[str, str]:
    """Serve the bad feeds among the healthy ones; map ids to URLs, in the order of feeds.toml."""
    urls = {}
    for number in range(EACH):
        for kind, trouble in TROUBLES.items():
            url = f"https://{kind}{number}.{trouble.domain}/feed"
            trouble.put_up(world.net, url)
            urls[f"{kind}-{number}"] = url
        for sound in range(number, HEALTHY, EACH):
            port = world.net.origin.rpartition(":")[2]
            # Every other one is reached without a proxy, so that its name is resolved beside those that hang.
            base = f"http://sound{sound}.{NAMED}:{port}" if sound % 2 else f"https://sound{sound}.example"
            posts = [
                Post(slug=f"p{each}", title=f"Post {each}", published=WEDNESDAY - timedelta(hours=each))
                for each in range(ENTRIES)
            ]
            world.net.serve(f"{base}/feed", atom(f"Sound {sound}", base, posts))
            urls[f"sound-{sound}"] = f"{base}/feed"
    return urls


def is_told(poll: tuple[object, ...]) -> bool:
    """Tell whether a poll's row says what was wrong with its kind of feed, and puts it down to the feed."""
    feed, outcome, stage, error, warnings, new, is_local = poll
    kind = str(feed).partition("-")[0]
    if kind == "sound":
        return (outcome, new, error, warnings) == ("new", ENTRIES, "", "[]")
    trouble = TROUBLES[kind]
    if not trouble.stage:
        return (outcome, new, error) == ("new", 1, "") and re.search(trouble.said, str(warnings)) is not None
    is_right = (outcome, stage, is_local) == ("failed", trouble.stage, 0)
    return is_right and re.search(trouble.said, str(error)) is not None


@pytest.mark.slow
def test_everything_bad_at_once(world: World, tmp_path: Path) -> None:
    """200 feeds, 160 of them bad in sixteen ways: one poll stores every entry of the rest, names each trouble, and needs little memory (M85, M89)."""
    resolver = hanging_resolver(tmp_path)
    world.config.write_text(HEAD)
    with world.running("run", clock=world.at(WEDNESDAY)) as daemon:
        wait_for(lambda: "tracker runs on" in world.said("out.txt"), "the start")
        idle = peak(daemon.pid)
        assert terminate(daemon) == 0
    urls = put_up(world)
    world.config.write_text(HEAD + "".join(f'\n[[feed]]\nid = "{feed}"\nurl = "{url}"\n' for feed, url in urls.items()))
    with world.running("run", clock=world.at(WEDNESDAY), **resolver) as daemon:
        wait_for(lambda: len(world.rows(POLLS)) == len(urls), "the poll", seconds=120)
        used = peak(daemon.pid) - idle
        assert terminate(daemon) == 0
    assert [poll for poll in world.rows(POLLS) if not is_told(poll)] == []
    assert world.rows("SELECT count(*) FROM entries") == [(HEALTHY * ENTRIES + EACH,)]
    assert len(urls) == 200
    assert "Traceback" not in world.said()
    assert used < ROOM
