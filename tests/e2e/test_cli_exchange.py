"""`tracker import` and `tracker export` by subprocess: whole lists in and out, and nobody asked before it is due."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.conftest import Run
from tests.e2e.world import BLOG, HEAD, WEDNESDAY, ZERO_TO_HERO, World
from tests.internet_feeds import Post, atom

PLAYLIST = f"https://www.youtube.com/feeds/videos.xml?playlist_id={ZERO_TO_HERO}"


def write(path: Path, *outlines: str) -> str:
    path.write_text(f'<opml version="2.0"><body>{"".join(outlines)}</body></opml>', encoding="utf-8")
    return str(path)


def outline(url: str, text: str) -> str:
    return f'<outline type="rss" text="{text}" xmlUrl="{url}"/>'


def test_import_says_what_it_adds_and_what_not(world: World, run_cli: Run) -> None:
    """Folders become tags, what is left out is named, every other byte stays, and a dry run writes nothing."""
    world.follow("weeknight", head=f"# mine\n{HEAD}")
    before = world.config.read_bytes()
    file = write(
        world.folder / "list.opml",
        f'<outline text="Video Courses">{outline(PLAYLIST, "Zero to Hero")}</outline>',
        outline(f"{BLOG}/feed.xml", "Known"),
        outline("https://rss.arxiv.org/rss/cs.CL", "Language"),
        outline("https://rss.arxiv.org/rss/cs.CV", "Vision"),
        outline("javascript:alert(1)", "Bad &#x202e;\x07 one"),
    )
    dry = run_cli("import", file, "--tag", "new", "--dry-run")
    assert world.config.read_bytes() == before
    assert 'tags = ["new", "video-courses"]' in dry.stdout
    assert dry.stdout.endswith(
        "3 feeds would be added, 2 left out\narXiv is asked once for all categories of one table: language, vision could be one\n"
    )
    done = run_cli("import", file, "--tag", "new")
    assert done.stdout.startswith(f"3 feeds added to {world.config}, 2 left out\n")
    assert done.stderr.splitlines() == [
        f'left out: Known · {BLOG}/feed.xml: already subscribed: it is "weeknight" (line 9)',
        "left out: Bad one · javascript:alert(1): not an http(s) address",
    ]
    after = world.config.read_bytes()
    assert after.startswith(before)
    table = f'[[feed]]\nid = "zero-to-hero"\nplaylist = "{ZERO_TO_HERO}"\ntitle = "Zero to Hero"\n'
    assert (
        after[len(before) :]
        .decode()
        .startswith(f'\n{table}tags = ["new", "video-courses"]\n\n[[feed]]\nid = "language"\n')
    )
    again = run_cli("import", file, code=0)
    assert "0 feeds added" in again.stdout
    assert not world.net.requests


def test_import_fails_clearly(world: World, run_cli: Run) -> None:
    """Exit code 1 for a file with nothing to follow, 2 for one that is not there or for no feeds.toml; one line each."""
    world.follow("weeknight")
    nothing = run_cli("import", write(world.folder / "a.opml", outline("file:///etc/passwd", "x")), code=1)
    assert "0 feeds added" in nothing.stdout
    page = world.folder / "page.html"
    page.write_bytes(b"<html>\xff")
    told = run_cli("import", str(page), code=1).stderr
    assert told == f"{page}: it is no OPML file with feeds: it has no <outline>\n"
    assert "No such file" in run_cli("import", str(world.folder / "none.opml"), code=2).stderr
    assert "directory" in run_cli("import", str(world.folder), code=2).stderr
    world.config.unlink()
    assert "feeds.toml" in run_cli("import", str(page), code=2).stderr
    world.follow("weeknight")
    assert "cannot write" in run_cli("export", "-o", str(world.folder / "no" / "such.opml"), code=2).stderr


def test_many_feeds_are_asked_when_due_and_once(world: World, run_cli: Run) -> None:
    """200 feeds imported cause no request; the next poll asks each once, and then they rest and spread."""
    world.follow()
    post = [Post(slug="p", title="P", published=WEDNESDAY - timedelta(days=1))]
    urls = [f"https://host{number % 20}.example/{number}.xml" for number in range(200)]
    for url in urls:
        world.net.serve(url, atom("A blog", url, post))
    file = write(world.folder / "list.opml", *(outline(url, f"Blog {number}") for number, url in enumerate(urls)))
    assert "200 feeds added" in run_cli("import", file).stdout
    run_cli("feeds", clock=world.at(WEDNESDAY))
    assert not world.net.requests
    run_cli("poll", clock=world.at(WEDNESDAY))
    assert sorted(f"https://{seen.host}{seen.path}" for seen in world.net.requests) == sorted(urls)
    run_cli("poll", clock=world.at(WEDNESDAY + timedelta(hours=1)))
    assert len(world.net.requests) == 200
    rows = json.loads(run_cli("feeds", "--json", clock=world.at(WEDNESDAY)).stdout)
    assert len({row["next_due_at"] for row in rows}) > 100


def test_export_is_what_import_reads(world: World, run_cli: Run) -> None:
    """What is exported, to standard output or a file, is imported elsewhere as the same feeds."""
    world.follow("notes", "weeknight", "papers", "course", "talks")
    text = run_cli("export").stdout
    root = ET.fromstring(text)
    assert root.findtext("head/title") == "Learning LLMs"
    assert [each.get("text") for each in root.iter("outline")][-1] == "Andrej Karpathy"
    file = world.folder / "mine.opml"
    assert run_cli("export", "-o", str(file)).stdout == f"written: {file}, 5 feeds\n"
    assert "0 feeds added" in run_cli("import", str(file)).stdout
    world.follow()
    assert "5 feeds added" in run_cli("import", str(file)).stdout
    assert run_cli("check").stdout.endswith("5 feeds\n")
    again = ET.fromstring(run_cli("export").stdout)
    assert [each.attrib for each in again.iter("outline")] == [each.attrib for each in root.iter("outline")]
