"""What reaches the terminal: plain words, aligned columns, JSON in ASCII."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tracker.cli import show

NOW = datetime(2026, 11, 25, 18, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]0;owned\x07title", "]0;ownedtitle"),
        ("\x9b2Jgone\x90q\x9c", "2Jgoneq"),
        ("a\rb\x08c\x7fd\te", "abcde"),
        ("\u202edesrever\u202c \u2066x\u2069 \u200b\u200d\ufeff", "desrever x "),
        ("line\u2028line\u2029", "lineline"),
        ("\ud800 \ue000", " "),
        ("Zürich, 東京, emoji 🎉, e\u0301", "Zürich, 東京, emoji 🎉, e\u0301"),
        ("one\ntwo", "one\ntwo"),
    ],
)
def test_nothing_steers_the_terminal(text: str, shown: str) -> None:
    """Controls, escapes, direction marks and what is no character are dropped; letters of any script stay."""
    assert show.plain(text) == shown


def test_an_endless_cell_moves_no_other_row(capsys: pytest.CaptureFixture[str]) -> None:
    """A key of thousands of characters is printed whole, and the next row's columns stand where they stood."""
    show.table([("k" * 4000, "one"), ("key", "two")])
    long, short = capsys.readouterr().out.splitlines()
    assert long == f"{'k' * 4000}  one"
    assert short == f"{'key':80}  two"


def test_lines_and_pages_are_plain(capsys: pytest.CaptureFixture[str]) -> None:
    """say, warn and page go to their stream without a control character, a page line for line."""
    show.say("a\x1bb")
    show.warn("c\x07d")
    show.page("# one\n\ntwo\u202e\n")
    seen = capsys.readouterr()
    assert (seen.out, seen.err) == ("ab\n# one\n\ntwo\n", "cd\n")


def test_columns_are_as_wide_as_their_widest_cell(capsys: pytest.CaptureFixture[str]) -> None:
    """Cells are aligned under the head, the last column is left as it is, and a line break cannot make a row."""
    show.table([("a", "long cell", "x"), ("bcd", "\x1b[1m", "two\nlines")], head=("id", "state", "rest"))
    assert capsys.readouterr().out.splitlines() == [
        "id   state      rest",
        "a    long cell  x",
        "bcd  [1m        two lines",
    ]
    show.table([])
    assert capsys.readouterr().out == ""


def test_json_is_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON escapes whatever a terminal might act on, and gives back the same values."""
    value = [{"title": "\x1b[31m \u202e é", "at": NOW, "tags": {"b", "a"}, "path": object}]
    show.print_json(value)
    out = capsys.readouterr().out
    assert out.isascii()
    assert "\x1b" not in out
    (read,) = json.loads(out)
    assert (read["title"], read["at"], read["tags"]) == ("\x1b[31m \u202e é", "2026-11-25T18:20:00Z", ["a", "b"])


def test_moments_are_in_the_readers_zone() -> None:
    """A moment is written in the digest's zone, a missing one as a word; machines get UTC."""
    assert show.moment(NOW, "Europe/London") == "Wed 25 Nov 2026, 18:20"
    assert show.moment(NOW + timedelta(hours=6), "Asia/Tokyo") == "Thu 26 Nov 2026, 09:20"
    assert (show.moment(None, "UTC"), show.moment(None, "UTC", never="now")) == ("never", "now")
    assert (show.stamp(NOW), show.stamp(None)) == ("2026-11-25T18:20:00Z", None)


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(hours=24), "1 day ago"),
        (timedelta(days=9, hours=23), "9 days ago"),
    ],
)
def test_ages_are_in_the_largest_whole_unit(past: timedelta, said: str) -> None:
    """An age is told in minutes, hours or days, never in more than one of them."""
    assert show.ago(NOW - past, NOW) == said


def test_counts_and_lengths() -> None:
    """Counts agree with their noun and group thousands; lengths read like a player's clock."""
    assert [show.number(each, "entry", "entries") for each in (0, 1, 1304)] == ["0 entries", "1 entry", "1,304 entries"]
    assert show.number(2, "feed") == "2 feeds"
    assert [show.length(each) for each in (None, 0, 59, 754, 4540)] == ["", "0:00", "0:59", "12:34", "1:15:40"]


def test_a_table_fits_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On a terminal of 40 columns the widest cells are cut; elsewhere rows are whole."""
    rows = [("a", "x" * 50, "short"), ("b", "y" * 10, "z" * 30)]
    show.table(rows)
    assert "x" * 50 in capsys.readouterr().out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    show.table(rows)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 40
    assert "…" in lines[0]
    assert "short" in lines[0]
