"""The shipped feeds.toml, unmodified, against the internet in a box: every source, both doors of YouTube."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.conftest import ROOT, Run
from tests.internet import Internet
from tests.internet_feeds import Paper, Post, arxiv_api, arxiv_rss, atom, substack_rss
from tests.internet_youtube import Channel, Video, YouTube

CLOCK = "2026-11-25T18:20:00Z"
KARPATHY = Channel(id="UCXUPKJO5MZQN11PqgIvyuvQ", title="Andrej Karpathy", handle="@AndrejKarpathy")
STANFORD = Channel(id="UCBa5G_ESCn8Yd4vw5U-gIcg", title="Stanford Online", handle="@stanfordonline")
LECTURES = (
    ("VMj-3S1tku0", "The spelled-out intro to neural networks and backpropagation: building micrograd", 8752),
    ("PaCmpygFfXo", "The spelled-out intro to language modeling: building makemore", 7065),
    ("TCH_1BHY58I", "Building makemore Part 2: MLP", 4540),
)
NEW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def publish(net: Internet) -> None:
    """Put up everything that the shipped feeds.toml asks for, with something new in each."""
    youtube = YouTube(net)
    old = datetime(2022, 9, 1, tzinfo=UTC)
    lectures = [Video(id=key, title=title, duration=length, published=old) for key, title, length in LECTURES]
    course = "PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"
    youtube.playlist(course, title="Neural Networks: Zero to Hero", owner=KARPATHY, videos=lectures)
    talk = Video(id="7xTGNNLPyMI", title="Deep Dive into LLMs like ChatGPT", duration=12684, published=NEW)
    youtube.channel(KARPATHY, videos=[talk])
    lecture = Video(id="9vM4p9NN0Ts", title="CS229 Building Large Language Models", duration=6270, published=NEW)
    tour = Video(id="zjkBMFhNj_g", title="A tour of the campus", duration=300, published=NEW)
    youtube.channel(STANFORD, videos=[lecture, tour])
    publish_texts(net)


def publish_texts(net: Internet) -> None:
    """Put up the newsletters, the blog and arXiv's two feeds."""
    post = Post(
        slug="a-post",
        title="A post about models",
        published=NEW,
        subtitle="What it says.",
        author="Ada",
        html="<p>word</p>",
    )
    for base, title in (
        ("https://magazine.sebastianraschka.com", "Ahead of AI"),
        ("https://www.interconnects.ai", "Interconnects"),
    ):
        net.serve(f"{base}/feed", substack_rss(title, base, [post]), etag='W/"1"')
    blog = "https://www.softwarecraftsperson.com"
    date_of = "Tue, 24 Nov 2026 09:00:00 GMT"
    net.serve(f"{blog}/index.xml", atom("Software Craftsperson", blog, [post]), last_modified=date_of)
    papers = [
        Paper(id=f"2611.{9000 + each:05}", title=f"Paper {each}", authors="Ada Brandt, Bo Chen", abstract="We count.")
        for each in range(8)
    ]
    categories = "cs.CL+cs.LG+cs.AI"
    net.serve(f"https://rss.arxiv.org/rss/{categories}", arxiv_rss(date(2026, 11, 25), papers, categories=categories))
    net.serve("https://export.arxiv.org/api/query", arxiv_api(papers[:1], NEW))


@pytest.fixture
def shipped(tmp_path: Path, net: Internet) -> Path:
    """The shipped feeds.toml in a folder of its own, polled once through the internet in a box."""
    shutil.copy(ROOT / "feeds.toml", tmp_path)
    publish(net)
    return tmp_path


@pytest.mark.slow
def test_shipped_feeds_poll_and_digest(shipped: Path, net: Internet, run_cli: Run) -> None:
    """Each shipped feed is read through its doors, its news stands on the page once, and a restart asks nobody (M4, M49, M75)."""
    done = run_cli("poll", clock=CLOCK)
    assert not net.strays
    assert not done.stderr
    assert {seen.headers["user-agent"] for seen in net.requests_to("rss.arxiv.org")} == {"tracker/0.1.0"}
    asked = len(net.requests)
    assert "No feed was asked" in run_cli("poll", clock="2026-11-25T18:21:00Z").stdout
    assert len(net.requests) == asked
    run_cli("digest", clock=CLOCK)
    check_page((shipped / "digests" / "2026-W48.md").read_text(encoding="utf-8"))
    check_entries(json.loads(run_cli("entries", "--json", clock=CLOCK).stdout))


def check_page(page: str) -> None:
    """See everything new once, the course at its first lecture, and lengths where only the listing has them."""
    for title in ("Deep Dive into LLMs like ChatGPT", "CS229 Building Large Language Models", "A post about models"):
        assert title in page
    # Five of the categories, and the search's only paper, which is not among these.
    assert page.count("(https://arxiv.org/abs/") == 6
    assert "campus" not in page
    assert "lecture 1 of 3 · 2:25:52" in page
    assert "3:31:24" in page


def check_entries(listed: list[dict[str, object]]) -> None:
    """See a paper of two feeds as one entry, and a first poll's lectures as backlog with their lengths (M4, M5)."""
    entries = {each["key"]: each for each in listed}
    assert entries["arxiv:2611.09000"]["feeds"] == ["arxiv-language", "scaling-laws"]
    lectures = [entries[f"youtube:{key}"] for key, _, _ in LECTURES]
    known = [(each["kind"], each["backlog"], each["duration"]) for each in lectures]
    assert known == [("video", True, length) for _, _, length in LECTURES]
    assert len(entries) == 3 + 1 + 2 + 3 + 8
