"""`tracker init`, `check`, `subscribe`, `unsubscribe` and `feeds` by subprocess: feeds.toml written with care, states told."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

from tests.conftest import Run
from tests.e2e.world import BLOG, HEAD, WEDNESDAY, ZERO_TO_HERO, World
from tests.internet_feeds import Paper, Post, arxiv_rss, atom

DAY = timedelta(days=1)
CURVES = "https://losscurves.example"


def publish(world: World) -> None:
    """Put a page online that names its feed: ten posts, three days apart."""
    alternate = '<link rel="alternate" type="application/atom+xml" href="/posts.xml" title="All posts">'
    page = f"<!doctype html><html><head>{alternate}</head><body>Hello</body></html>"
    world.net.serve(f"{CURVES}/", page, content_type="text/html")
    posts = [Post(slug=f"p{each}", title=f"P {each}", published=WEDNESDAY - (3 * each + 1) * DAY) for each in range(10)]
    world.net.serve(f"{CURVES}/posts.xml", atom("Loss Curves", CURVES, posts))


def test_init_writes_once(world: World, run_cli: Run) -> None:
    """Init writes a feeds.toml that check finds right, and never overwrites one, whatever is in it."""
    assert f"written: {world.config}" in run_cli("init").stdout
    assert run_cli("check").stdout == f"{world.config} is right: 8 feeds\n"
    assert world.config.read_text().count("#") > 10
    world.config.write_text("mine")
    assert "it is not overwritten" in run_cli("init", code=2).stderr
    assert world.config.read_text() == "mine"


def test_check_names_every_mistake(world: World, run_cli: Run) -> None:
    """Check names each mistake with its line and the nearest right spelling, and asks nobody."""
    world.config.write_text(f'{HEAD}every = "weak"\n\n[[feed]]\nid = "a"\nplaylst = "{ZERO_TO_HERO}"\n')
    first, second = run_cli("check", code=2).stderr.splitlines()
    assert first.startswith(f"{world.config}:7: digest.every: ")
    assert first.endswith("did you mean week?")
    assert second.startswith(f"{world.config}:11: feed.playlst: ")
    assert second.endswith("did you mean playlist?")
    assert not world.net.requests


def test_subscribe_says_what_will_arrive(world: World, run_cli: Run) -> None:
    """A page's feed is found, told with what it holds, and appended; the rest of the file keeps every byte (M5)."""
    publish(world)
    world.follow("weeknight", head=f"# my reading list\n{HEAD}")
    before = world.config.read_bytes()
    dry = run_cli("subscribe", f"{CURVES}/", "--dry-run", "--tag", "talks", clock=world.at(WEDNESDAY)).stdout
    assert dry.startswith(
        "Loss Curves: feed\n  10 entries there now, the newest of Tue 24 Nov 2026, 18:20, about 2 a week\n"
    )
    assert 'tags = ["talks"]' in dry
    assert world.config.read_bytes() == before
    told = run_cli("subscribe", f"{CURVES}/", "--id", "curves", "--backlog", "2", clock=world.at(WEDNESDAY)).stdout
    assert "the first issue announces 5, 5 are kept and not announced" in told
    after = world.config.read_bytes()
    assert after.startswith(before)
    assert after[len(before) :].decode().split() == ["[[feed]]", *_lines('id = "curves"', f'url = "{CURVES}/posts.xml"', 'title = "Loss Curves"', "backlog = 2")]  # fmt: skip
    polled = run_cli("poll", "curves", clock=world.at(WEDNESDAY)).stdout
    assert "curves: 5 new entries, 5 older entries kept and not announced" in polled


def _lines(*lines: str) -> list[str]:
    return [word for line in lines for word in line.split()]


def test_subscribe_says_why_not(world: World, run_cli: Run) -> None:
    """What is followed already, has no feed or is no web address is told in a line each, with exit code 1."""
    publish(world)
    world.net.serve("https://plain.example/", "<!doctype html><title>Plain</title>", content_type="text/html")
    world.follow("weeknight")
    run_cli("subscribe", CURVES, clock=world.at(WEDNESDAY))
    before = world.config.read_bytes()
    wrong = ("https://losscurves.example/posts.xml", "https://plain.example/", "file:///etc/passwd")
    done = run_cli("subscribe", *wrong, clock=world.at(WEDNESDAY), code=1)
    followed, plain, local = done.stderr.splitlines()
    assert 'already subscribed: it is "loss-curves" (line 13 of feeds.toml)' in followed
    assert "https://plain.example/ has no feed" in plain
    assert "'file:///etc/passwd' cannot be followed" in local
    assert "write a number, all, or a day" in run_cli("subscribe", CURVES, "--backlog", "x", code=2).stderr
    assert "--id names one feed" in run_cli("subscribe", "a", "b", "--id", "c", code=2).stderr
    assert world.config.read_bytes() == before


def test_subscribe_knows_youtube_and_arxiv(world: World, run_cli: Run) -> None:
    """A playlist becomes a course, a handle the channel it leads to, a category is told that it could join another (M18)."""
    batch = [Paper(id="2611.09001", title="A paper", authors="Ada Brandt", abstract="We count.")]
    for category in ("cs.CL", "cs.LG"):
        feed = arxiv_rss(date(2026, 11, 25), batch, categories=category)
        world.net.serve(f"https://rss.arxiv.org/rss/{category}", feed)
    world.follow("papers")
    playlist = f"https://www.youtube.com/playlist?list={ZERO_TO_HERO}"
    told = run_cli("subscribe", playlist, "--course", clock=world.at(WEDNESDAY)).stdout
    assert told.startswith("Neural Networks: Zero to Hero: YouTube playlist\n  3 entries there now")
    assert "about 0" not in told
    handle = "https://www.youtube.com/@AndrejKarpathy"
    assert "Andrej Karpathy: YouTube channel" in run_cli("subscribe", handle, clock=world.at(WEDNESDAY)).stdout
    joinable = run_cli("subscribe", "https://arxiv.org/list/cs.LG/recent", clock=world.at(WEDNESDAY), code=None)
    assert "papers" in joinable.stdout + joinable.stderr
    text = world.config.read_text()
    assert f'playlist = "{ZERO_TO_HERO}"\ntitle = "Neural Networks: Zero to Hero"\ncourse = true\n' in text
    assert 'channel = "UCXUPKJO5MZQN11PqgIvyuvQ"' in text
    assert "@" not in text


def test_subscribe_tells_what_is_stored_already(world: World, run_cli: Run) -> None:
    """A second feed of the same posts is told, with the feed that carries them."""
    world.follow("weeknight")
    for slug in ("one", "two"):
        world.post(BLOG, slug, online=WEDNESDAY - timedelta(days=1))
    run_cli("poll", clock=world.at(WEDNESDAY))
    same = [Post(slug=slug, title=slug, published=WEDNESDAY) for slug in ("one", "two", "three")]
    world.net.serve(f"{BLOG}/all.xml", atom("Everything", BLOG, same))
    told = run_cli("subscribe", f"{BLOG}/all.xml", "--dry-run", clock=world.at(WEDNESDAY)).stdout
    assert "  2 of 3 are stored already: 2 in weeknight; nothing comes twice.\n" in told


def test_unsubscribe_takes_one_table_out(world: World, run_cli: Run) -> None:
    """Unsubscribe cuts one table and keeps every other byte and all entries; a wrong id names the nearest."""
    world.follow("notes", "weeknight")
    world.post("https://notes.example", "one", online=WEDNESDAY - DAY)
    run_cli("poll", clock=world.at(WEDNESDAY))
    assert "did you mean notes?" in run_cli("unsubscribe", "note", code=2).stderr
    assert "its entries are kept" in run_cli("unsubscribe", "notes").stdout
    left = world.config.read_text()
    world.follow("weeknight")
    assert left == world.config.read_text()
    assert run_cli("feeds", clock=world.at(WEDNESDAY)).stdout.split("\n")[1].startswith("weeknight")
    kept = run_cli("entries", "--feed", "notes", clock=world.at(WEDNESDAY)).stdout
    assert kept.startswith("web:notes.example/p/one")


def test_feeds_tells_state_and_evidence(world: World, run_cli: Run) -> None:
    """`feeds` shows state, last new, next due and last error of each; with an id the evidence; --json an array."""
    world.follow("notes", "weeknight")
    world.post("https://weeknight.example", "one", online=WEDNESDAY - DAY)
    world.net.fail("notes.example", 500)
    for hours in (0, 1, 3):
        run_cli("poll", clock=world.at(WEDNESDAY + hours * timedelta(hours=1)), code=min(hours, 1))
    now = world.at(WEDNESDAY + timedelta(hours=4))
    head, notes, weeknight = run_cli("feeds", clock=now).stdout.splitlines()
    assert re.split(r"  +", head) == ["id", "state", "last new", "next due", "last error"]
    assert notes.split()[:3] == ["notes", "failing", "never"]
    assert notes.endswith("notes.example answered 500 Internal Server Error.")
    assert weeknight.split()[1] == "ok"
    assert "Wed 25 Nov 2026, 18:20" in weeknight
    evidence = run_cli("feeds", "notes", clock=now).stdout
    assert "failed three times since Wednesday 25 November" in evidence
    assert len(re.findall(r"  feed +failed +500  ", evidence)) == 3
    listed = json.loads(run_cli("feeds", "--json", clock=now).stdout)
    assert [(each["id"], each["state"], each["failures"]) for each in listed] == [
        ("notes", "failing", 3),
        ("weeknight", "ok", 0),
    ]
    assert {"source", "title", "last_new_at", "next_due_at", "last_error", "evidence"} <= set(listed[0])
    (one,) = json.loads(run_cli("feeds", "weeknight", "--json", clock=now).stdout)
    assert one["last_success_at"] == "2026-11-25T18:20:00Z"
