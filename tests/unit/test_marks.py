"""What is read out of an issue's file: its label, its entries by their links, and their boxes."""

from __future__ import annotations

import pytest

from tests.digest_weeks import a_full_week, course, material, page
from tracker.digest.marks import entries_in, label_in, link_key
from tracker.digest.splitting import is_same_text
from tracker.models import MarkName

PAPER = "arxiv:2611.90077"
LINE = "[Meridian 3](https://arxiv.org/abs/2611.90077) · Abe … Zu (143)"


def boxes(text: str) -> list[tuple[str, str | None]]:
    return [(each.key, each.box) for each in entries_in(text)]


def test_every_entry_of_a_page_of_ours_is_found() -> None:
    """Each line with a box is an entry with the key of its work; nothing else of the page is one."""
    made = page(material(entries=a_full_week(), courses=(course(),)))
    items = [item.key for section in made.composition.sections for item in section.items]
    lectures = [item.key for each in made.composition.courses for item in each.lectures]
    assert boxes(made.text) == [(key, " ") for key in (*lectures, *items)]


@pytest.mark.parametrize(
    ("line", "box"),
    [
        (f"- [x] {LINE}", "x"),
        (f"* [X]  {LINE}", "X"),
        (f"+ [*] {LINE}", "*"),
        (f"1. [-] {LINE}", "-"),
        (f"    - [ ] {LINE}\r", " "),
        (f"> - [/] {LINE}", "/"),
        (f"- [x] **{LINE}**", "x"),
        (f"- {LINE}", None),
        ("- [x] [Meridian\n  3](https://arxiv.org/abs/2611.90077) · Abe", "x"),
        ("- [x]\t[A \\[long\\] title\n  [twice] wrapped](<https://arxiv.org/pdf/2611.90077v3>)", "x"),
        ("- [x] https://arxiv.org/abs/2611.90077", "x"),
        ("- [x] <http://www.arxiv.org/abs/2611.90077v2>", "x"),
    ],
)
def test_an_entry_is_known_however_it_is_written(line: str, box: str | None) -> None:
    """Bullets, indentation, wrapping, emphasis, line ends and versions do not hide an entry."""
    assert boxes(f"# Page\n\n{line}\n") == [(PAPER, box)]


@pytest.mark.parametrize(
    "text",
    [
        f"- [x] read {LINE}",
        f"[x] {LINE}",
        "- [x] Meridian 3",
        "- [x] [Meridian](file:///etc/passwd)",
        "- [x] [[Meridian]]",
        f"```\n- [x] {LINE}\n```",
        "- [x] [Meridian\n\n3](https://arxiv.org/abs/2611.90077)",
        f"- [xx] {LINE}",
        "",
    ],
)
def test_what_does_not_begin_with_a_link_is_no_entry(text: str) -> None:
    """A reader's own tasks, code and other links are left alone."""
    assert boxes(text) == []


@pytest.mark.parametrize(
    ("box", "mark"),
    [("x", MarkName.DONE), ("X", MarkName.DONE), ("*", MarkName.STARRED), ("-", MarkName.HIDDEN), ("/", None)],
)
def test_a_box_says_one_thing(box: str, mark: MarkName | None) -> None:
    """Three signs are marks; others are the reader's own."""
    (found,) = entries_in(f"- [{box}] {LINE}")
    assert (found.mark, found.is_empty) == (mark, False)
    (empty,) = entries_in(f"- [ ] {LINE}")
    assert (empty.mark, empty.is_empty) == (None, True)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://youtu.be/TCH_1BHY58I?t=3", "youtube:TCH_1BHY58I"),
        ("https://www.youtube.com/watch?v=TCH_1BHY58I", "youtube:TCH_1BHY58I"),
        ("http://www.notes.example/p/a/?utm_source=x", "web:notes.example/p/a"),
        ("mailto:someone@notes.example", ""),
    ],
)
def test_a_link_says_which_work_it_is(url: str, key: str) -> None:
    """Addresses of one work have one key, and what is no address has none."""
    assert link_key(url) == key


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("---\ntitle: x\nissue: 2026-W48\n---\n", "2026-W48"),
        ("\ufeff---\r\nissue: '2026-11-23'\r\n---\r\n", "2026-11-23"),
        ('---\nissue: "2026-11-2"\n---\n', "2026-11-2"),
        ("Read on Sunday.\n\n---\ntitle: x\nissue: 2026-W48\n---\n", "2026-W48"),
        ("Read on Sunday.\n\n---\ntitle: x\n---\n", ""),
        ("---\nissue: 2026-W48\n", ""),
        ("---\nissue: 12\n---\n", ""),
        ("---\ntitle: x\n---\nissue: 2026-W48\n", ""),
        ("issue: 2026-W48\n", ""),
        ("", ""),
    ],
)
def test_the_front_matter_names_the_issue(text: str, label: str) -> None:
    """Only a label inside the front matter makes a note an issue; something may have been typed above it."""
    assert label_in(text) == label


def test_titles_are_compared_by_their_words() -> None:
    """Escapes and emphasis do not make another title."""
    assert is_same_text("What \\$k\\$-gram *tokens* do", "What $k$-gram tokens do")
    assert not is_same_text("One", "Two")


def test_hostile_lines_take_no_time() -> None:
    """A line made to be slow is read in a moment: half a megabyte of brackets does not hang the digest."""
    for text in ("- [x] " + "[" * 200_000, "- [x] [" + "\\" * 200_000, "- [x] [a](https://a/" + "(" * 200_000):
        assert boxes(text) in ([], [("web:a", "x")])
