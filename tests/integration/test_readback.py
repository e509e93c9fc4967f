"""Ticks in the digest's folder, read back: from real files into a real database."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import NOW, make_entry, make_paper, store_entries, subscribe
from tracker.digest import read_marks, readback
from tracker.models import DigestSettings, MarkName
from tracker.storage import Storage

PAPER, POST = "arxiv:2611.90077", "web:weeknight.example/1"
HOUR = timedelta(hours=1)
PAGE = """---
title: "Digest"
issue: 2026-W48
status: closed
---

## Papers
- [ ] [Meridian 3](https://arxiv.org/abs/2611.90077v2) · Abe · [pdf](https://arxiv.org/pdf/2611.90077v2)
- [ ] [Post 1](https://www.weeknight.example/1/) · Tue
"""


@pytest.fixture
def settings(tmp_path: Path) -> DigestSettings:
    """A folder with nothing in it."""
    (tmp_path / "digests").mkdir()
    return DigestSettings(folder=tmp_path / "digests")


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[Storage]:
    """A paper and a post are stored."""
    with Storage.open(tmp_path / "tracker.db", now=NOW) as storage:
        subscribe(storage)
        store_entries(storage, [make_paper("2611.90077"), make_entry(1)])
        yield storage


def write(settings: DigestSettings, paper: str = " ", post: str = " ", *, name: str = "2026-W48.md") -> Path:
    """Put an issue into the folder with these signs in its two boxes."""
    path = settings.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = PAGE.replace("[ ] [M", f"[{paper}] [M").replace("[ ] [P", f"[{post}] [P")
    path.write_text(text, encoding="utf-8")
    return path


def marks(settings: DigestSettings, storage: Storage) -> dict[str, list[str]]:
    """Read the folder and give what holds then."""
    read_marks(settings, storage, now=NOW)
    return {key: [each.value for each in mark.names] for key, mark in storage.marks().items()}


def test_ticks_are_marks_of_the_works_that_are_linked(settings: DigestSettings, storage: Storage) -> None:
    """A version and another spelling of the address do not hide the work; reading twice changes nothing."""
    write(settings, paper="*", post="x")
    assert marks(settings, storage) == {PAPER: ["starred"], POST: ["done"]}
    read_marks(settings, storage, now=NOW + HOUR)
    assert {mark.at for mark in storage.marks().values()} == {NOW}
    assert storage.marks()[POST].origin == "2026-W48.md"


def test_reading_writes_nothing_into_the_folder(settings: DigestSettings, storage: Storage) -> None:
    """Bytes, times and names of the reader's files stay."""
    path = write(settings, paper="x")
    before = (path.read_bytes(), path.stat().st_mtime_ns, sorted(settings.folder.rglob("*")))
    read_marks(settings, storage, now=NOW)
    assert (path.read_bytes(), path.stat().st_mtime_ns, sorted(settings.folder.rglob("*"))) == before


def test_unticking_in_the_same_file_clears(settings: DigestSettings, storage: Storage) -> None:
    """Only an emptied box does: an own sign, another mark, a deleted line and a deleted file leave what was said."""
    for sign in ("x", "/", "*"):
        write(settings, post=sign)
        marks(settings, storage)
    assert marks(settings, storage) == {POST: ["done", "starred"]}
    path = write(settings, post="*")
    path.write_text(path.read_text().partition("- [*]")[0])
    assert marks(settings, storage) == {POST: ["done", "starred"]}
    write(settings)
    assert marks(settings, storage) == {}
    path = write(settings, post="-")
    assert marks(settings, storage) == {POST: ["hidden"]}
    path.unlink()
    assert marks(settings, storage) == {POST: ["hidden"]}


def test_a_work_hidden_in_error_can_be_ticked_instead(settings: DigestSettings, storage: Storage) -> None:
    """Another mark in the place of "less like this" takes that back; "read" beside "more like this" holds both."""
    for sign, expected in (("-", ["hidden"]), ("x", ["done"]), ("*", ["done", "starred"])):
        write(settings, post=sign)
        assert marks(settings, storage) == {POST: expected}


def test_an_empty_box_means_nothing(settings: DigestSettings, storage: Storage) -> None:
    """It clears no mark that a command or another file has put."""
    storage.mark(PAPER, MarkName.STARRED, at=NOW)
    write(settings, post="x")
    write(settings, name="2026-W47.md")
    assert marks(settings, storage) == {PAPER: ["starred"], POST: ["done"]}
    write(settings, paper="*", post="x")
    marks(settings, storage)
    write(settings)
    assert marks(settings, storage) == {PAPER: ["starred"]}


def test_a_command_has_the_last_word_over_a_tick(settings: DigestSettings, storage: Storage) -> None:
    """What was taken back by command stays so while the box stands as it stood, in copies too; a later issue counts."""
    path = write(settings, paper="*")
    marks(settings, storage)
    storage.unmark(PAPER, MarkName.STARRED)
    path.write_text(path.read_text() + "\nA note.\n")
    assert marks(settings, storage) == {}
    shutil.copy(path, settings.folder / "copy.md")
    path.write_text(path.read_text() + "\nAnother.\n")
    assert marks(settings, storage) == {}
    later = write(settings, paper="*", name="2026-W49.md")
    later.write_text(later.read_text().replace("W48", "W49"))
    assert marks(settings, storage) == {PAPER: ["starred"]}


@pytest.mark.parametrize("name", ["old/2026/2026-W48.md", "my week.md", "2026-W48 read.MD"])
def test_a_file_may_move_and_be_renamed(settings: DigestSettings, storage: Storage, name: str) -> None:
    """It is the same file then, even when its box was emptied on the way."""
    path = write(settings, paper="*", post="x")
    marks(settings, storage)
    path.unlink()
    write(settings, paper="*", name=name)
    assert marks(settings, storage) == {PAPER: ["starred"]}


@pytest.mark.parametrize(
    "name", ["2026-W48 (conflicted copy).md", "2026-W48.sync-conflict-20261124-130000-ABCDEFG.md", "a/2026-W48 1.md"]
)
def test_copies_of_a_file_are_joined(settings: DigestSettings, storage: Storage, name: str) -> None:
    """Each says what it says; a copy that is deleted afterwards takes nothing back, a box emptied everywhere does."""
    write(settings, paper="*")
    copy = write(settings, post="x", name=name)
    assert marks(settings, storage) == {PAPER: ["starred"], POST: ["done"]}
    copy.unlink()
    assert marks(settings, storage) == {PAPER: ["starred"], POST: ["done"]}
    write(settings, paper="*", post="x")
    marks(settings, storage)
    write(settings, paper="*")
    assert marks(settings, storage) == {PAPER: ["starred"]}


def test_star_and_hidden_in_two_files_leave_the_star(settings: DigestSettings, storage: Storage) -> None:
    """Of copies that disagree in one reading, the star holds, in whatever order they are called."""
    write(settings, paper="-", name="2026-W48 b.md")
    write(settings, paper="*", name="2026-W48 c.md")
    write(settings, paper="-", name="2026-W48 a.md")
    assert marks(settings, storage) == {PAPER: ["starred"]}


def test_a_work_that_is_not_stored_is_marked_by_its_link(settings: DigestSettings, storage: Storage) -> None:
    """A line that the reader added counts too."""
    path = write(settings)
    path.write_text(path.read_text() + "* [*] [Chinchilla](https://arxiv.org/abs/2203.15556)\n")
    assert marks(settings, storage) == {"arxiv:2203.15556": ["starred"]}


def test_entries_that_share_an_address_are_told_apart_by_title(settings: DigestSettings, storage: Storage) -> None:
    """A link blog points to one page twice; the tick is for the entry with the title beside the box."""
    twin = make_entry(2, key=f"{POST}#ab", url="https://weeknight.example/1", guid="twin", title="Another *title*")
    store_entries(storage, [twin])
    write(settings, post="x")
    assert marks(settings, storage) == {POST: ["done"]}
    (settings.folder / "2026-W49.md").write_text(
        "- [*] [Another \\*title\\*](https://weeknight.example/1)\n- [-] [Renamed](https://weeknight.example/1)\n"
    )
    found = marks(settings, storage)
    assert "starred" in found[f"{POST}#ab"]
    assert found[POST] == ["done", "hidden"]


def test_other_notes_of_a_vault_are_not_read(settings: DigestSettings, storage: Storage) -> None:
    """Only a name or front matter of an issue makes a file one; hidden folders are passed over."""
    for name in ("note.md", "2026-W48.txt", ".trash/2026-W48.md", "2026-W48/.2026-W48.md", "x2026-W48.md"):
        path = write(settings, paper="x", name=name)
        path.write_text(path.read_text().replace("issue: 2026-W48\n", ""))
    assert marks(settings, storage) == {}


def test_only_what_has_changed_is_read(
    settings: DigestSettings, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file whose times, size and number are the same is not opened again."""
    read: list[str] = []
    for name in ("2026-W47.md", "2026-W48.md", "note.md"):
        path = write(settings, paper="x", name=name)
        os.utime(path, (1, 1))
    inside = readback._read

    def counted(settings: DigestSettings, path: str, signature: str) -> readback._Read:
        read.append(path)
        return inside(settings, path, signature)

    monkeypatch.setattr(readback, "_read", counted)
    monkeypatch.setattr(readback, "_FRESH", 0)
    marks(settings, storage)
    assert sorted(read) == ["2026-W47.md", "2026-W48.md", "note.md"]
    read.clear()
    marks(settings, storage)
    assert read == []
    write(settings, name="2026-W47.md")
    marks(settings, storage)
    assert read == ["2026-W47.md"]


def test_files_that_cannot_be_read_are_named_once(
    settings: DigestSettings, storage: Storage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A huge one, a binary one, a pipe and a link to nowhere stop nothing; the good one beside them counts."""
    monkeypatch.setattr(readback, "_FRESH", 0)
    write(settings, post="x", name="2026-W40.md")
    (settings.folder / "2026-W41.md").write_bytes(b"---\nissue: 2026-W41\n---\n" + b"- [x] padding\n" * 100_000)
    (settings.folder / "2026-W42.md").write_bytes(b"---\nissue: 2026-W42\n---\n\xff\xfe\x00" * 10)
    (settings.folder / "2026-W43.md").symlink_to(settings.folder / "nowhere.md")
    os.mkfifo(settings.folder / "2026-W44.md")
    (settings.folder / "2026-W45.md").mkdir()
    with caplog.at_level(logging.WARNING):
        assert marks(settings, storage) == {POST: ["done"]}
        assert marks(settings, storage) == {POST: ["done"]}
    (record,) = caplog.records
    assert "2026-W41.md was not read: larger than 1,000,000 bytes, and 1 other files" in record.getMessage()


def test_a_folder_of_too_many_files_is_bounded(
    settings: DigestSettings, storage: Storage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is passed over and said, and nothing is taken for gone that was not looked for."""
    write(settings, paper="x", name="z/2026-W48.md")
    assert marks(settings, storage) == {PAPER: ["done"]}
    monkeypatch.setattr(readback, "MOST_FILES", 3)
    for number in range(5):
        write(settings, name=f"2026-W0{number}.md")
    with caplog.at_level(logging.WARNING):
        assert marks(settings, storage) == {PAPER: ["done"]}
    assert "more than 3 files" in caplog.text
    assert "z/2026-W48.md" in storage.readings()


def test_a_folder_that_is_not_there_takes_nothing_back(settings: DigestSettings, storage: Storage) -> None:
    """A disk that is not mounted is no deletion."""
    write(settings, paper="x")
    marks(settings, storage)
    shutil.rmtree(settings.folder)
    assert marks(settings, storage) == {PAPER: ["done"]}
    assert list(storage.readings()) == ["2026-W48.md"]
