"""The reader's edition of a page, joined with the page made anew."""

from __future__ import annotations

import pytest

from tracker.digest.merge import merge

FRONT = '---\ntitle: "Digest, week 48 of 2026"\nissue: 2026-W48\nstatus: {status}\ntags: [digest]\nminutes: {minutes}\n---\n\n'
ONE = "- [ ] [One](https://a.example/1) · Tue  \n  The first post.\n"
TWO = "- [ ] [Two](https://a.example/2) · Wed  \n  The second post.\n"
THREE = "- [ ] [Three](https://a.example/3) · Thu  \n  The third post.\n"
PAPER = "## Papers\n- [ ] [Paper](https://arxiv.org/abs/2611.90077) · Abe\n\n"
LAST = "Tick what you have read or watched.\nThis issue closes Monday.\n"


def made(*entries: str, more: str = "", minutes: int = 5, status: str = "preview") -> str:
    """Make a page of ours."""
    opening = f"# Digest · week 48\n\n**So far:** about {minutes} min. All feeds answered.\n\n"
    read = f"## Read\n{''.join(entries)}\n" if entries else ""
    return FRONT.format(status=status, minutes=minutes) + opening + read + more + LAST


BASE = made(ONE, TWO)
FRESH = made(TWO, THREE, minutes=9)


def edited(*changes: tuple[str, str], base: str = BASE) -> str:
    for old, new in changes:
        assert old in base
        base = base.replace(old, new)
    return base


def test_a_note_stays_under_its_entry() -> None:
    """What was typed under an entry follows it to its new place, with the tick."""
    mine = edited(
        ("[ ] [Two]", "[x] [Two]"), ("second post.\n", "second post.\n  Stopped at 52:10.\n\n  [[Own]] note\n")
    )
    assert merge(BASE, mine, FRESH) == made(
        TWO.replace("[ ]", "[x]") + "  Stopped at 52:10.\n\n  [[Own]] note\n", THREE, minutes=9
    )


def test_an_entry_that_is_gone_stands_while_it_carries_something() -> None:
    """A tick or a note keeps the line where it was; without either it leaves with the page."""
    ticked = ONE.replace("[ ]", "[*]")
    assert merge(BASE, edited((ONE, ticked)), FRESH) == made(ticked, TWO, THREE, minutes=9)
    assert merge(BASE, edited(("first post.\n", "first post.\n  Mine.\n")), FRESH) == made(
        f"{ONE}  Mine.\n", TWO, THREE, minutes=9
    )
    assert merge(BASE, edited(("[ ] [Two]", "[x] [Two]")), FRESH) == made(TWO.replace("[ ]", "[x]"), THREE, minutes=9)


def test_a_heading_stays_as_long_as_something_of_the_readers_does() -> None:
    """A section that the new page has not is kept, at its place, for the entry in it that was ticked."""
    base = made(ONE, more=PAPER)
    ticked = PAPER.replace("[ ]", "[-]")
    assert merge(base, base.replace("[ ] [Paper]", "[-] [Paper]"), made(ONE, TWO)) == made(ONE, TWO, more=ticked)
    assert merge(base, base.replace("[ ] [One]", "[x] [One]"), made(ONE, TWO)) == made(ONE.replace("[ ]", "[x]"), TWO)


def test_lines_anywhere_else_stay_behind_their_neighbour() -> None:
    """Above the page, under its first paragraph and after the last words."""
    mine = "Above\n" + edited(("answered.\n", "answered.\n\nUnder it.\n"), ("Monday.\n", "Monday.\n\nAt the end.\n"))
    merged = merge(BASE, mine, FRESH)
    assert merged is not None
    lines = [line for line in merged.split("\n") if line]
    assert lines.index("Above") == lines.index("# Digest · week 48") - 1 > lines.index("---", 1)
    assert lines[lines.index("Under it.") - 1] == "**So far:** about 9 min. All feeds answered."
    assert merged.endswith("This issue closes Monday.\n\nAt the end.\n")


def test_words_of_ours_that_the_reader_changed() -> None:
    """Where only the reader changed a part it is theirs; where both did, their line follows ours."""
    mine = edited(("The second post.", "The second post, much too long."), ("  The first post.\n", ""))
    assert "\n  The second post, much too long.\n" in (merge(BASE, mine, FRESH) or "")
    changed = made(ONE, TWO.replace("The second post.", "The second post, corrected."), minutes=9)
    merged = merge(BASE, mine, changed) or ""
    assert "  The second post, corrected.\n  The second post, much too long.\n" in merged
    assert "The first post." not in merged


def test_a_title_line_of_the_readers_own_stays() -> None:
    """Words in an entry's own line are kept when the rest of the entry changes."""
    mine = edited(("[ ] [Two](https://a.example/2) · Wed", "[x] [Two](https://a.example/2) · Wed · splendid"))
    merged = merge(BASE, mine, made(TWO.replace("second post", "corrected post"), minutes=9)) or ""
    assert "- [x] [Two](https://a.example/2) · Wed · splendid  \n  The corrected post.\n" in merged


@pytest.mark.parametrize(
    "mine",
    [
        edited(("**So far:** about 5 min. All feeds answered.", "**So far:** about\n5 min. All feeds\nanswered.")),
        edited(("  The second post.", "  The\n  second post."), (" · Tue  \n", " · Tue\n")),
        edited(("Tick what you have read or watched.\nThis", "Tick what you have read or watched. This")),
        edited(("- [ ]", "* [ ]")),
    ],
    ids=["paragraph", "entry", "last words", "bullets"],
)
def test_an_editor_that_wraps_or_spells_otherwise_types_nothing(mine: str) -> None:
    """Our own words in other lines are no words of the reader's."""
    assert merge(BASE, mine, FRESH) == FRESH


def test_line_ends_and_a_mark_at_the_start_are_kept() -> None:
    """An editor's own line ends and byte order mark stay what they are."""
    mine = "\ufeff" + edited(("[ ] [Two]", "[x] [Two]")).replace("\n", "\r\n")
    assert merge(BASE, mine, FRESH) == "\ufeff" + made(TWO.replace("[ ]", "[x]"), THREE, minutes=9).replace(
        "\n", "\r\n"
    )


def test_properties_of_the_readers_own_stay() -> None:
    """Title, tags and new properties are theirs; what the page says of itself is ours, however an editor writes it."""
    mine = edited(
        ('title: "Digest, week 48 of 2026"', "title: My week"),
        ("tags: [digest]", "tags:\n  - digest\n  - llm"),
        ("minutes: 5\n", "minutes: 7\nrating: 4\naliases:\n  - W48\n"),
    )
    merged = merge(BASE, mine, made(ONE, TWO, minutes=9, status="closed")) or ""
    assert merged.partition("\n---\n")[0] == (
        "---\ntitle: My week\nissue: 2026-W48\nstatus: closed\ntags:\n  - digest\n  - llm\nminutes: 9\n"
        "rating: 4\naliases:\n  - W48"
    )
    rewritten = edited(
        ("tags: [digest]", "tags:\n  - digest"), ('"Digest, week 48 of 2026"', "Digest, week 48 of 2026")
    )
    assert merge(BASE, rewritten, FRESH) == FRESH


def test_a_page_without_its_front_matter_gets_it_back() -> None:
    """The reader may have cut it off; a later close must be known as one."""
    mine = edited(("[ ] [Two]", "[x] [Two]")).partition("---\n\n")[2]
    assert merge(BASE, mine, FRESH) == made(TWO.replace("[ ]", "[x]"), THREE, minutes=9)
    assert merge(BASE, mine, BASE) == edited(("[ ] [Two]", "[x] [Two]"))


def test_what_is_no_edition_of_the_page_is_not_merged() -> None:
    """A note of the reader's own, with or without properties, is left alone; a page of which a line is left is not."""
    assert merge(BASE, "my own week\n", FRESH) is None
    assert merge(BASE, "---\nrating: 4\n---\n\nmine\n", FRESH) is None
    assert "mine" in (merge(BASE, "## Read\n\nmine\n", FRESH) or "")


def test_a_tick_stays_when_boxes_are_switched_off() -> None:
    """With `boxes = "none"` new lines have no box; a box that holds something is kept."""
    fresh = FRESH.replace("- [ ] ", "- ")
    assert merge(BASE, edited(("[ ] [Two]", "[x] [Two]")), fresh) == fresh.replace("- [Two]", "- [x] [Two]")


def test_an_entry_that_comes_back_comes_once() -> None:
    """What stood there for its tick alone is the entry again when the page has it again."""
    kept = merge(BASE, edited(("[ ] [One]", "[x] [One]")), FRESH) or ""
    assert merge(FRESH, kept, made(ONE, TWO, minutes=11)) == made(ONE.replace("[ ]", "[x]"), TWO, minutes=11)


def test_a_heading_that_counts_stays_one_heading() -> None:
    """More matches change its number; what was ticked under it and has left its section stands under the new one."""
    section = "## From your interests (1 of {} matches)\n- [ ] [Paper](https://arxiv.org/abs/2611.9007{}) · Abe\n\n"
    base, fresh = made(ONE, more=section.format(2, 1)), made(ONE, more=section.format("1,003", 2))
    merged = merge(base, base.replace("[ ] [Paper]", "[x] [Paper]"), fresh)
    assert merged is not None
    assert merged.count("## From your interests") == 1
    assert "(1 of 1,003 matches)" in merged
    assert "- [x] [Paper](https://arxiv.org/abs/2611.90071)" in merged
