"""A `[[feed]]` table comes into feeds.toml or goes out of it, and nothing else moves."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import tomllib
from datetime import date
from pathlib import Path

import pytest

from tracker import config
from tracker.errors import ConfigError
from tracker.models import SourceName, Subscription
from tracker.subscribe import append_table, edit, remove_table, starter, table, write_starter
from tracker.subscribe.proposal import clean_title, free_id

NEW = '[[feed]]\nid = "new"\nurl = "https://new.example/feed"\n'
TWO = """\
# The file's own comment.

[tracker]  # one
database = 'x.db'

# About a.
[[feed]]
id = "a"   # odd   spacing
url = "https://a.example/feed"
# tags = ["later"]

# ---- A heading ----

# About b,
# in two lines.
[[feed]]
id = "b"
url = '''https://b.example/[[feed]]'''

# About the digest.
[digest]
title = "T"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "feeds.toml"


def ids(path: Path) -> list[str]:
    return [each.id for each in config.load(path).subscriptions]


# ---------------------------------------------------------------- in


@pytest.mark.parametrize(
    ("before", "gap"),
    [
        ("", ""),
        ("\n\n", ""),
        ("[digest]\n", "\n"),
        ("[digest]\n\n", ""),
        ("[digest]", "\n\n"),
        ("[digest]\n# end", "\n\n"),
        (TWO, "\n"),
        (TWO.replace("\n", "\r\n"), "\r\n"),
        ("\ufeff" + TWO, "\n"),
    ],
)
def test_a_table_is_appended(path: Path, before: str, gap: str) -> None:
    """What was there stays byte for byte; one free line, the file's own line ends."""
    path.write_bytes(before.encode())
    append_table(path, NEW)
    newline = "\r\n" if "\r\n" in before else "\n"
    assert path.read_bytes() == (before + gap + NEW.replace("\n", newline)).encode()
    assert ids(path)[-1] == "new"


def test_a_table_that_would_be_wrong_is_not_appended(path: Path) -> None:
    """The result is checked before it takes the file's place: an id stands once."""
    path.write_text(TWO)
    with pytest.raises(ConfigError, match="is the id of another feed"):
        append_table(path, NEW.replace("new", "a", 1))
    assert path.read_text() == TWO


@pytest.mark.parametrize("action", [lambda path: append_table(path, NEW), lambda path: remove_table(path, "a")])
def test_the_inline_form_is_refused(path: Path, action: object) -> None:
    """`feed = [{…}]` has no table to add to or to cut, and the reader is told so."""
    text = '\nfeed = [\n  {id = "a", url = "https://a.example/feed"},\n]\n[digest]\n'
    path.write_text(text)
    assert callable(action)
    with pytest.raises(ConfigError, match=r":2: feed: feeds are written as one value, feed = \[…\]"):
        action(path)
    assert path.read_text() == text


def test_mode_and_link_are_kept(tmp_path: Path) -> None:
    """A file kept elsewhere and linked here is changed there, with the rights that it had."""
    real = tmp_path / "dotfiles.toml"
    real.write_text(TWO)
    real.chmod(0o640)
    link = tmp_path / "feeds.toml"
    link.symlink_to("dotfiles.toml")
    append_table(link, NEW)
    assert link.is_symlink()
    assert real.read_text() == TWO + "\n" + NEW
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["dotfiles.toml", "feeds.toml"]


def test_an_edit_in_between_is_not_lost(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an editor saved between reading and writing stands; nothing is left behind."""
    path.write_text(TWO)
    synced = os.fsync

    def save_beside(file: int) -> None:
        synced(file)
        path.write_text(TWO + "# saved\n")

    monkeypatch.setattr(os, "fsync", save_beside)
    with pytest.raises(ConfigError, match="was changed by something else"):
        append_table(path, NEW)
    assert path.read_text() == TWO + "# saved\n"
    assert [each.name for each in path.parent.iterdir()] == ["feeds.toml"]


def test_a_full_disk_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system refuses is one line, the file as it was, and nothing beside it."""
    path.write_text(TWO)

    def refuse(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(ConfigError, match="cannot be written: No space left on device"):
        remove_table(path, "a")
    assert [each.name for each in path.parent.iterdir()] == ["feeds.toml"]
    assert path.read_text() == TWO


def test_two_edits_at_once_lose_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever edits while another one is about to write waits, and is refused rather than undo the other's table."""
    path.write_text(TWO)
    refused: list[ConfigError] = []
    look = edit._refuse_changed

    def append_other() -> None:
        try:
            append_table(path, NEW.replace("new", "other"))
        except ConfigError as error:
            refused.append(error)

    other = threading.Thread(target=append_other)

    def look_and_be_slow(file: Path, old: bytes) -> None:
        look(file, old)
        if not other.ident:
            other.start()
            other.join(timeout=0.3)  # it would write now, if it did not wait

    monkeypatch.setattr(edit, "_refuse_changed", look_and_be_slow)
    append_table(path, NEW)
    other.join()
    assert ids(path) == ["a", "b", "new"]
    assert "was changed by something else" in str(refused[0])


DIES = """
import os, signal, sys
from pathlib import Path
from tracker.subscribe import append_table
os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)
append_table(Path(sys.argv[1]), '[[feed]]\\nid = "x"\\nurl = "https://x.example/feed"\\n')
"""


def test_what_a_killed_edit_left_is_taken_away(path: Path) -> None:
    """Killed before the new file was in place: feeds.toml is as it was, and the next edit clears the half one."""
    path.write_text(TWO)
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", DIES, str(path)], cwd=root, timeout=60)
    assert done.returncode < 0
    assert path.read_text() == TWO
    assert len(list(path.parent.iterdir())) == 2
    append_table(path, NEW)
    assert [each.name for each in path.parent.iterdir()] == ["feeds.toml"]
    assert ids(path) == ["a", "b", "new"]


# ---------------------------------------------------------------- out


def test_a_table_goes_with_its_comments(path: Path) -> None:
    """The comment above and the one that follows its keys go along; the heading and the next one's stay."""
    path.write_text(TWO)
    remove_table(path, "a")
    start, end = TWO.index("# About a."), TWO.index("# ---- A heading")
    assert path.read_text() == TWO[:start] + TWO[end:]


def test_the_next_tables_comment_stays(path: Path) -> None:
    """A comment directly above the next header is that one's, be there a free line or not."""
    path.write_text(TWO)
    remove_table(path, "b")
    start, end = TWO.index("# About b,"), TWO.index("# About the digest.")
    assert path.read_text() == TWO[:start] + TWO[end:]
    tight = '[[feed]]\nid = "a"\nurl = "https://a.example"\n# b\n[[feed]]\nid = "b"\nurl = "https://b.example"\n'
    path.write_text(tight)
    remove_table(path, "a")
    assert path.read_text() == tight[tight.index("# b") :]


@pytest.mark.parametrize("end", ["\n", "", "\n\n"])
def test_the_last_table_goes_with_the_line_above(path: Path, end: str) -> None:
    """After the last table nothing is left hanging, and the file still ends in a line end."""
    path.write_text("[digest]\n\n# new\n" + NEW.rstrip("\n") + end)
    remove_table(path, "new")
    assert path.read_text() == "[digest]\n"


def test_the_only_table_goes(path: Path) -> None:
    """An empty file is a file."""
    path.write_text(NEW)
    remove_table(path, "new")
    assert path.read_text() == ""


def test_a_file_of_windows_stays_one(path: Path) -> None:
    """Byte order mark and CRLF are still there when a table is gone."""
    path.write_bytes(("\ufeff" + TWO.replace("\n", "\r\n")).encode())
    remove_table(path, "a")
    start, end = TWO.index("# About a."), TWO.index("# ---- A heading")
    assert path.read_bytes() == ("\ufeff" + (TWO[:start] + TWO[end:]).replace("\n", "\r\n")).encode()


def test_a_table_between_two_without_free_lines_goes_alone(path: Path) -> None:
    """The free line below is kept where there is none above, for the next table needs it."""
    path.write_text(f'[digest]\n{NEW}\n[http]\ntimeout = "9s"\n')
    remove_table(path, "new")
    assert path.read_text() == '[digest]\n\n[http]\ntimeout = "9s"\n'


def test_a_table_can_go_from_a_file_with_mistakes(path: Path) -> None:
    """A wrong value elsewhere, or in the very table, does not keep it in."""
    path.write_text(TWO.replace('"T"', "3"))
    remove_table(path, "a")
    assert b"a.example" not in path.read_bytes()


def test_an_unknown_id_gets_the_nearest(path: Path) -> None:
    """Nothing is cut for an id that no table has."""
    path.write_text(NEW)
    with pytest.raises(ConfigError, match='no feed has the id "newt"; did you mean new'):
        remove_table(path, "newt")
    assert path.read_text() == NEW


def test_mixed_tables_are_left_to_the_reader(path: Path) -> None:
    """A table whose parts stand apart is not cut in half."""
    text = NEW + "[feed.extra]\nx = 1\n[digest]\n[feed.more]\ny = 2\n"
    path.write_text(text)
    with pytest.raises(ConfigError, match="by hand"):
        remove_table(path, "new")
    assert path.read_text() == text


def test_in_and_out_is_as_before(path: Path) -> None:
    """What `subscribe` adds, `unsubscribe` takes away to the byte."""
    path.write_text(starter())
    append_table(path, NEW)
    remove_table(path, "new")
    assert path.read_text() == starter()


# ---------------------------------------------------------------- a table as text


def test_a_table_says_what_is_set() -> None:
    """Defaults are left out, and every kind of value is written as the reader would."""
    subscription = Subscription(
        id="s",
        source=SourceName.ARXIV,
        query='abs:"scaling laws"',
        title="\"Quoted\" \\ and 'so'",
        tags=("a", "b"),
        backlog=date(2026, 1, 31),
        paused=True,
    )
    assert table(subscription) == (
        "[[feed]]\n"
        'id = "s"\n'
        "query = 'abs:\"scaling laws\"'\n"
        'title = "\\"Quoted\\" \\\\ and \'so\'"\n'
        'tags = ["a", "b"]\n'
        "backlog = 2026-01-31\n"
        "paused = true\n"
    )


def test_a_table_comes_back_as_it_was(path: Path) -> None:
    """What is written is what is read: every key but the line."""
    subscription = Subscription(
        id="p",
        source=SourceName.YOUTUBE,
        playlist="PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ",
        videos=("long", "shorts"),
        title="日本 🎓 [[feed]] = # ''' \"\"\"",
        course=True,
        pace=3,
        backlog="all",
        match=r"a\.b|'c'",
        exclude='"',
    )
    path.write_text(table(subscription))
    assert config.load(path).subscriptions == (subscription,)


@pytest.mark.parametrize(
    ("title", "clean"),
    [
        ("  A\n\tb \u2028 c ", "A b c"),
        ("\x1b[31mred\x07", "[31mred"),
        ("safe\u202egpj.exe", "safegpj.exe"),
        ("family 👩\u200d👧", "family 👩\u200d👧"),
        ("x" * 200, "x" * 149 + "…"),
        ("\ud800", ""),
    ],
)
def test_a_title_is_one_line_of_text(title: str, clean: str) -> None:
    """A feed's title cannot steer a terminal, reorder a line or fill a screen."""
    assert clean_title(title) == clean


def test_an_id_is_free() -> None:
    """A second feed of one name is numbered, and stays within the length of an id."""
    assert free_id("Zero to Hero", ()) == "zero-to-hero"
    assert free_id("Zero to Hero", ("zero-to-hero", "zero-to-hero-2")) == "zero-to-hero-3"
    assert free_id("日本", ()) == "feed"
    assert free_id("x" * 90, ("x" * 60,)) == "x" * 58 + "-2"


# ---------------------------------------------------------------- the first file


def test_the_root_has_the_starter() -> None:
    """The feeds.toml in the sources' root and what `init` writes have one text."""
    root = Path(config.__file__).parents[2] / "feeds.toml"
    assert root.read_text(encoding="utf-8") == starter()


def test_the_starter_follows_the_post(path: Path) -> None:
    """The first file is right, and follows what the post names."""
    write_starter(path)
    found = {each.id: each for each in config.load(path).subscriptions}
    course = found["zero-to-hero"]
    assert (course.playlist, course.course, course.pace) == ("PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ", True, 1)
    assert (found["karpathy"].channel, found["karpathy"].videos) == ("UCXUPKJO5MZQN11PqgIvyuvQ", ("long",))
    assert found["stanford-online"].channel == "UCBa5G_ESCn8Yd4vw5U-gIcg"
    assert found["stanford-online"].match
    assert set(found["arxiv-language"].categories) == {"cs.CL", "cs.LG", "cs.AI"}
    assert 'abs:"scaling laws"' in found["scaling-laws"].query
    assert sum(each.source is SourceName.SUBSTACK for each in found.values()) == 2
    assert any(each.url == "https://www.softwarecraftsperson.com/index.xml" for each in found.values())
    assert "2203.15556" in starter()


def test_the_starters_examples_are_right() -> None:
    """What stands in a comment as an example would be right without the "#"."""
    commented = [line[2:] for line in starter().splitlines() if line.startswith("# ") and " = " in line]
    assert len(commented) > 5
    for line in commented:
        tomllib.loads(line)


def test_init_overwrites_nothing(path: Path) -> None:
    """What stands there stays, be it a file or a link that leads nowhere."""
    path.symlink_to("nowhere.toml")
    with pytest.raises(ConfigError, match="is there already"):
        write_starter(path)
    with pytest.raises(ConfigError, match="cannot be written: No such file or directory"):
        write_starter(path.parent / "missing" / "feeds.toml")
    assert [each.name for each in path.parent.iterdir()] == ["feeds.toml"]


def test_a_missing_file_cannot_be_edited(path: Path) -> None:
    """`subscribe` without a file leads to `init`."""
    with pytest.raises(ConfigError, match="tracker init"):
        edit.append_table(path, NEW)
