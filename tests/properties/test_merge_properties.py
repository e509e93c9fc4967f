"""A page made anew loses nothing of what its reader typed or ticked, whatever changed on it meanwhile."""

from __future__ import annotations

from collections import Counter
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.digest_weeks import a_full_week, course, material, page
from tracker.digest.marks import entries_in
from tracker.digest.merge import merge

WORDS = st.text(alphabet="abcdefg -*[]().#>|`_~é", min_size=1, max_size=30).filter(str.strip)
NOTES = st.one_of(
    WORDS,
    WORDS.map(lambda text: f"  {text}"),
    st.sampled_from(
        [
            "- [ ] a task of mine",
            "- [ ] [a link](https://elsewhere.example/1)",
            "  - [x] compare [this](https://arxiv.org/abs/2611.90077)",
            "- [*] [Meridian 3 Technical Report](https://arxiv.org/abs/2611.90077)",
            "## Papers",
            "## My own heading",
            "> quoted",
            "rating: 5",
            "```",
            "---",
        ]
    ),
)
BOXES = st.sampled_from(["x", "X", "*", "-", "/", ">", " "])


@cache
def pages() -> tuple[str, ...]:
    """Make pages of one week: as it grows, shrinks, moves on in its course, is empty, and closes."""
    week = a_full_week()
    made = [
        page(material(entries=entries, courses=courses), status=status).text
        for entries, courses, status in (
            (week, (course(),), "preview"),
            (week[4:], (course(offered=3),), "preview"),
            (week[::2], (), "preview"),
            ((), (), "preview"),
            (week, (course(),), "closed"),
            (week[3:], (course(offered=4),), "closed"),
        )
    ]
    return tuple(made)


PAGE = st.sampled_from(range(6)).map(lambda number: pages()[number])
EDITS = st.lists(st.tuples(st.integers(0, 80), NOTES), max_size=6)
TICKS = st.lists(st.tuples(st.integers(0, 20), BOXES), max_size=4)


def edited(base: str, edits: list[tuple[int, str]], ticks: list[tuple[int, str]]) -> str:
    """Tick some entries and type some lines below the first two, which an editor keeps away from."""
    lines = base.split("\n")[:-1]
    heads = [number for number, line in enumerate(lines) if line.startswith("- [ ]")]
    for which, box in ticks:
        if heads:
            number = heads[which % len(heads)]
            lines[number] = f"- [{box}]{lines[number][5:]}"
    for number, typed in sorted(edits, reverse=True):
        lines.insert(2 + number % (len(lines) - 1), typed)
    return "\n".join(lines) + "\n"


def said(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def ticked(text: str) -> Counter[tuple[str, str | None]]:
    return Counter((each.key, each.box) for each in entries_in(text) if each.box not in {None, " "})


@settings(max_examples=300, deadline=None)
@given(base=PAGE, fresh=PAGE, edits=EDITS, ticks=TICKS)
def test_no_typed_line_is_ever_lost(
    base: str, fresh: str, edits: list[tuple[int, str]], ticks: list[tuple[int, str]]
) -> None:
    """Every line that was typed, anywhere, stands in the merged page, as often as it was typed."""
    merged = merge(base, edited(base, edits, ticks), fresh)
    assert merged is not None
    have = Counter(line.strip() for line in merged.split("\n"))
    assert Counter(typed.strip() for _, typed in edits) - have == Counter()


@settings(max_examples=300, deadline=None)
@given(base=PAGE, fresh=PAGE, edits=EDITS, ticks=TICKS)
def test_no_tick_is_ever_lost(
    base: str, fresh: str, edits: list[tuple[int, str]], ticks: list[tuple[int, str]]
) -> None:
    """Every box of ours that holds something holds it afterwards, on the page or kept beside what replaced it."""
    mine = edited(base, [(at, typed) for at, typed in edits if "```" not in typed], ticks)
    merged = merge(base, mine, fresh)
    assert merged is not None
    assert set(ticked(mine)) <= set(ticked(merged))


@settings(max_examples=200, deadline=None)
@given(base=PAGE, fresh=PAGE, edits=EDITS, ticks=TICKS)
def test_merging_twice_is_merging_once(
    base: str, fresh: str, edits: list[tuple[int, str]], ticks: list[tuple[int, str]]
) -> None:
    """A merged page is left as it is when nothing is new, and gives no line twice when the page goes back and forth.

    The latter leaves out a typed copy of a heading of ours, which nothing tells from the heading itself.
    """
    merged = merge(base, edited(base, edits, ticks), fresh)
    assert merged is not None
    assert merge(fresh, merged, fresh) == merged
    if "## Papers" in (typed for _, typed in edits):
        return
    back = merge(fresh, merged, base)
    assert back is not None
    again = merge(base, back, fresh)
    assert again is not None
    twice = merge(fresh, again, base)
    assert twice is not None
    assert said(twice) == said(back)


@given(base=PAGE, fresh=PAGE)
def test_without_edits_the_page_is_the_fresh_one(base: str, fresh: str) -> None:
    """An untouched page, and an emptied one, become exactly the new page; line ends and bullets are no edits."""
    assert merge(base, base, fresh) == fresh
    assert merge(base, " \n", fresh) == fresh
    windows = merge(base, base.replace("\n", "\r\n"), fresh) or ""
    stars = merge(base, base.replace("\n- [", "\n* ["), fresh) or ""
    if base != fresh:
        assert windows.replace("\r\n", "\n") == fresh
        assert stars.replace("\n* [", "\n- [") == fresh


@given(base=PAGE, fresh=PAGE, edits=EDITS)
def test_every_entry_of_the_new_page_stands_in_the_merged_one(
    base: str, fresh: str, edits: list[tuple[int, str]]
) -> None:
    """Nothing that the new page says is left out for what the reader did."""
    merged = merge(base, edited(base, [(at, typed) for at, typed in edits if "```" not in typed], []), fresh)
    assert merged is not None
    assert {each.key for each in entries_in(fresh)} <= {each.key for each in entries_in(merged)}
