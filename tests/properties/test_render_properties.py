"""No text of a feed becomes anything but text, in any place of a page."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.digest_weeks import SUBSCRIPTIONS, WEEK, course, material, page, paper, post, video
from tests.markdown_readers import READERS, github_links
from tests.nasty import NASTY, TEXTS, URLS
from tracker.digest import composition
from tracker.digest.render import render
from tracker.digest.render.escape import destination, escape, link, plain
from tracker.models import DigestSettings
from tracker.visible import is_blank


@settings(deadline=None)  # a busy machine is no failure
@given(TEXTS)
@example("\\`a@b.c`")
@example("a`b@c.d")
def test_text_reads_back_as_itself(text: str) -> None:
    """Alone in a paragraph, any text is one paragraph of exactly that text (M14, M64)."""
    for read in READERS:
        seen = read(f"start {escape(text)} end")
        assert seen.text == f"start {plain(text)} end"
        assert set(seen.tags) <= {"p", "code"}
        assert seen.links == []
    assert github_links(f"start {escape(text)} end") == []


@settings(deadline=None)  # a busy machine is no failure
@given(TEXTS)
def test_text_may_begin_a_line(text: str) -> None:
    """At the start of a paragraph it is neither heading, list, quotation nor rule."""
    for read in READERS:
        seen = read(f"{escape(text)}\n")
        assert seen.text == plain(text)
        assert set(seen.tags) <= {"p", "code"}


@settings(deadline=None)  # a busy machine is no failure
@given(TEXTS, URLS)
def test_a_link_is_ours_or_none(title: str, url: str) -> None:
    """Any title with any URL is one link to that http(s) URL, or no link at all."""
    target = destination(url)
    for read in READERS:
        seen = read(f"- [ ] {link(title, url)} · end")
        if target:
            assert seen.links == [(plain(title) if not is_blank(plain(title)) else "Untitled", target)]
        else:
            assert seen.links == []
        assert set(seen.tags) <= {"ul", "li", "p", "a", "code"}


@settings(deadline=None)  # a busy machine is no failure
@given(URLS)
def test_a_destination_is_a_web_address_in_plain_characters(url: str) -> None:
    """Only http and https, percent-encoded, no user name, and the same address as before."""
    target = destination(url)
    if target:
        assert re.fullmatch(r"https?://[A-Za-z0-9!#'*+,\-./:;=?@_~%&]+", target)
        assert not re.search(r"%(?![0-9A-Fa-f]{2})", target)
        assert "@" not in urlsplit(target).netloc
        assert destination(target) == target
        if "%" not in url and url.isprintable():
            assert unquote(target).casefold() == url.strip().casefold()


@pytest.mark.parametrize("text", NASTY, ids=lambda text: repr(text[:20]))
def test_other_dialects_see_nothing(text: str) -> None:
    """Outside code spans nothing is left that Obsidian, Hugo, GitHub or pandoc would act on."""
    escaped = re.sub(r"`[^`]*`", "", escape(text))
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "\x00", escaped)
    for pattern in (
        r"\[\[", r"!\[", r"\{[{%<#.]", r"(?:^|\s)#\w", r"%%", r"==", r"::", r"~", r"\^", r"\$", r"\|", r"<", r"://", r"www\.",
        r"(?:^|\s)@\w", r":[\w+-]+:", r"[\u202a-\u202e\u2066-\u2069\u200b\ufeff]",
    ):  # fmt: skip
        assert not re.search(pattern, bare), (pattern, escaped)


@settings(deadline=None)  # a busy machine is no failure
@given(TEXTS, TEXTS, TEXTS, URLS.filter(lambda url: len(url) < 1000), st.booleans())  # four longer ones fill a page
def test_a_whole_page_holds_only_our_links_and_headings(
    title: str, author: str, summary: str, url: str, paywalled: bool
) -> None:
    """Hostile titles, names, texts, URLs and feed titles leave the page's own structure alone."""
    fields = {"title": title, "authors": (author, title, author), "summary": summary, "url": url, "words": 300}
    entries = (
        replace(post("hostile.example/1", "x", day="24 09:00", feed="weeknight"), **fields, paywalled=paywalled),
        replace(video("HOSTILEvid0", "x", day="25 09:00", feeds=("karpathy", "zero-to-hero")), **fields),
        replace(paper("2611.00001", "x", day="26 09:00", feeds=("papers", "scaling-laws")), **fields),
    )
    subscriptions = tuple(replace(each, title=title[:200], match="") for each in SUBSCRIPTIONS)
    made = page(
        material(
            entries=entries,
            subscriptions=subscriptions,
            courses=(replace(course(), title=title),),
            settings=DigestSettings(folder=WEEK_FOLDER, title=title, timezone="Europe/London"),
        )
    )
    body = made.text.partition("\n---\n")[2]
    targets = {destination(url), "https://www.youtube.com/watch?v=TCH_1BHY58I"}
    for read in READERS:
        seen = read(body)
        assert {target for _, target in seen.links} <= targets
        assert len(seen.links) == (4 if destination(url) else 1)
        assert set(seen.tags) <= {"h1", "h2", "p", "ul", "li", "a", "em", "strong", "code", "br"}
        assert seen.tags.count("h1") == 1
        assert seen.tags.count("h2") == made.text.count("\n## ")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", made.text)
    assert made.text.endswith("\n")
    assert not made.text.endswith("\n\n")


WEEK_FOLDER = Path("digests")


@settings(deadline=None)  # a busy machine is no failure
@given(TEXTS)
def test_front_matter_is_read_back(title: str) -> None:
    """YAML gives the digest's title back, and at most nine keys (no text of a feed stands there)."""
    made = page(material(settings=DigestSettings(folder=WEEK_FOLDER, title=title or "x", timezone="Asia/Kathmandu")))
    head = made.text.split("---\n")[1]
    values = yaml.safe_load(head)
    assert len(values) <= 9
    assert values["title"] == plain(f"{title or 'x'}, week 48 of 2026")
    assert values["issue"] == "2026-W48"
    assert values["from"] == WEEK.start
    assert values["to"] == WEEK.end


@settings(deadline=None)  # a busy machine is no failure
@given(TEXTS, URLS)
def test_a_composition_survives_storage(title: str, url: str) -> None:
    """Written as JSON and read back it gives the same bytes."""
    entry = replace(
        post("hostile.example/1", "x", day="24 09:00", feed="weeknight"), title=plain(title), url=plain(url)
    )
    made = page(material(entries=(entry,)))
    stored = composition.encode(made.composition)
    assert composition.decode(stored) == made.composition
    assert render(composition.decode(stored)) == made.text
