"""Run the demo: the real pipeline over HTTP on loopback, in a temporary folder; it ends by showing the third week's page."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from demo import sample
from tests.internet import Internet
from tests.internet_arxiv import serve_archive
from tests.internet_feeds import arxiv_rss, atom, substack_rss
from tests.internet_replies import Reply, Seen
from tests.internet_youtube import Shelf, YouTube
from tracker.config import load
from tracker.daemon import tick
from tracker.digest import preview
from tracker.models import Config
from tracker.storage import Storage

START = datetime(2026, 11, 2, 19, 0, tzinfo=UTC)
END = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
STEP = timedelta(hours=2)
OUTAGE = (datetime(2026, 11, 18, 4, 0, tzinfo=UTC), datetime(2026, 11, 18, 17, 0, tzinfo=UTC))
FEEDS = f"""\
[http]
host_delay = "0s"                # the sample internet is on this machine

[digest]
title = "Learning LLMs"
timezone = "UTC"

[[feed]]
id = "zero-to-hero"
playlist = "{sample.ZERO_TO_HERO}"
title = "Neural Networks: Zero to Hero"
course = true

[[feed]]
id = "karpathy"
channel = "{sample.KARPATHY.id}"
title = "Andrej Karpathy"

[[feed]]
id = "small-models"
publication = "{sample.NOTES}"
title = "Small Models"

[[feed]]
id = "weeknight-ml"
url = "{sample.BLOG}/feed.xml"
title = "Weeknight ML"

[[feed]]
id = "cs-cl"
categories = ["cs.CL"]
title = "arXiv cs.CL"
"""


class Time:
    """The demo's clock: set by hand, shared by the program and the sample internet."""

    def __init__(self, start: datetime) -> None:
        self.moment = start

    def now(self) -> datetime:
        """Tell the time."""
        return self.moment


def main() -> int:
    """Live through three weeks and show the last page."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="tracker-demo-"))
    (folder / "feeds.toml").write_text(FEEDS, encoding="utf-8")
    clock = Time(START)
    with Internet(clock=clock.now) as net:
        talks = publish(net)
        os.environ.update(net.environ())
        config = load(folder / "feeds.toml")
        print(f"Three weeks of a sample internet, from {START:%A %d %B %Y}, in {folder}")
        live(config, clock, talks)
        asked = len(net.requests)
    show(config, clock)
    print(f"\nThat was {asked} requests on loopback in {time.monotonic() - began:.0f} s. The files:")
    for path in sorted(config.digest.folder.iterdir()):
        print(f"  {path}")
    print(f"Look around: .venv/bin/tracker --config {config.path} entries, or feeds, or search attention")
    return 0


def publish(net: Internet) -> Shelf:
    """Put the sample internet up; what it serves depends on the time. Gives the channel, whose videos come one by one."""
    youtube = YouTube(net)
    youtube.playlist(
        sample.ZERO_TO_HERO, title="Neural Networks: Zero to Hero", owner=sample.KARPATHY, videos=sample.LECTURES
    )
    channel = youtube.channel(sample.KARPATHY, videos=[sample.OLD_TALK])
    net.fail("www.youtube.com", 404, since=OUTAGE[0], until=OUTAGE[1])

    def newsletter(seen: Seen) -> bytes:
        return substack_rss("Small Models", sample.NOTES, sample.online(sample.NEWSLETTER, seen.at))

    def blog(seen: Seen) -> bytes:
        return atom("Weeknight ML", sample.BLOG, sample.online(sample.BLOG_POSTS, seen.at))

    def arxiv(seen: Seen) -> Reply:
        day = (seen.at - timedelta(hours=5)).date()
        return Reply(body=arxiv_rss(day, sample.papers_of(day)), headers={"content-type": "application/rss+xml"})

    net.serve(f"{sample.NOTES}/feed", newsletter, etag="auto")
    net.serve(f"{sample.BLOG}/feed.xml", blog, etag="auto")
    net.answer("https://rss.arxiv.org/rss/cs.CL", arxiv)
    serve_archive(net, lambda: sample.announced(net.clock()))
    return channel


def live(config: Config, clock: Time, channel: Shelf) -> None:
    """Tick through the weeks as the daemon would, only faster."""
    moments = [START + STEP * step for step in range((END - START) // STEP + 1)]
    for clock.moment in [*moments, END]:
        channel.videos = sample.talks_of(clock.moment)
        for issue in tick(config, now=clock.now).closed:
            print(f"  {clock.moment:%a %d %b %H:%M}  issue {issue.label} is closed")
    with Storage.open(config.database, now=clock.moment) as storage:
        preview(config, storage, now=clock.moment)


def show(config: Config, clock: Time) -> None:
    """Print the third week's page."""
    with Storage.open(config.database, now=clock.moment) as storage:
        last = storage.last_issue()
    if last is None:
        sys.exit("the demo closed no issue: this is a bug")
    print(f"\n----- {config.digest.folder / last.file}\n")
    print(last.rendered.decode())


if __name__ == "__main__":
    sys.exit(main())
