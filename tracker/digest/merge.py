"""Serve deliver: put the reader's ticks and words from a page that they edited into the page made anew; pure.

Three texts: what we wrote last (`base`), what stands there now (`mine`), what is to be written (`fresh`). All are cut
into the same parts: the front matter, headings, entries, known by their links, and paragraphs. A part that the reader
left alone is the fresh one; one that we would not change is the reader's; of one that both changed the reader's lines
follow ours. Nothing that was typed is ever left out: when in doubt, a line stands twice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import dropwhile, pairwise

from tracker.digest.front import bounds
from tracker.digest.marks import ITEM, entry_at, label_in
from tracker.digest.properties import merge_properties

Key = tuple[str, ...]
FRONT: Key = ("front",)
TOP: Key = ("top",)
LAST: Key = ("last",)
_HEADING = re.compile(r"#{1,6}\s")
_COUNTED = re.compile(r" \([\d,]+ of [\d,]+ match(?:es)?\)$")  # a heading stays the same when more arrives
_LONGEST_RUN = 200  # lines into which an editor may have wrapped a few of ours
_FIRST_WORDS = 4  # by which a paragraph of ours is known, however it is wrapped


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a page, blank lines at its end left out and counted."""

    key: Key
    lines: tuple[str, ...]
    blanks: int = 0


def merge(base: str, mine: str, fresh: str) -> str | None:
    """Give the fresh page with the reader's ticks and words; None where `mine` is no edition of `base`."""
    if mine == base or not mine.strip():
        return fresh
    end, mark = ("\r\n" if mine.count("\r\n") * 2 > mine.count("\n") else "\n"), "\ufeff" * mine.startswith("\ufeff")
    text = mine.removeprefix("\ufeff").replace("\r\n", "\n")
    is_edition = label_in(mine) == label_in(base) != ""
    if base == fresh and is_edition:
        return mine
    ours, next_ones = _ours(base), _ours(fresh)
    theirs = _theirs(text, ours, next_ones)
    shared = {each.key for each in ours} & {each.key for each in theirs}
    if shared <= {FRONT} and not is_edition:
        return None
    merged = _together({each.key: each for each in ours}, theirs, next_ones)
    return mark + "".join(f"{line}{end}" for line in merged)


# ---------------------------------------------------------------- cutting


def _ours(text: str) -> list[Part]:
    """Cut a page that we made."""
    lines = text.split("\n")[: -1 if text.endswith("\n") else None]
    starts: list[tuple[int, Key]] = []
    seen: Counter[Key] = Counter()
    section = ""
    front = bounds(lines)[1]
    for number in range(front, len(lines)):
        kind = _kind(lines, number, starts[-1][0] if starts else -1)
        if not kind:
            continue
        section = lines[number] if kind[0] == "heading" else section
        key = (*kind, section) if kind[0] == "text" else kind
        seen[key] += 1
        starts.append((number, (*key, str(seen[key]))))
    if starts and starts[-1][1][0] == "text":
        starts[-1] = (starts[-1][0], LAST)
    return _cut(lines, [(0, FRONT), *starts] if front else starts)


def _kind(lines: Sequence[str], number: int, last: int) -> Key | None:
    """Tell what begins in a line of ours: a heading, an entry, a paragraph, or nothing."""
    line = lines[number]
    if _HEADING.match(line):
        return ("heading", _COUNTED.sub("", " ".join(line.split())))
    if not line.startswith(" ") and (entry := entry_at(lines, number)):
        return ("entry", entry.key)
    before = lines[number - 1] if number else ""
    is_first = not before.strip() or (last == number - 1 and _HEADING.match(before) is not None)
    return ("text",) if line.strip() and not line.startswith(" ") and is_first else None


def _theirs(text: str, ours: Sequence[Part], fresh: Sequence[Part]) -> list[Part]:
    """Cut a page that its reader edited, at what is still known of ours; what follows belongs to it."""
    lines = text.split("\n")[: -1 if text.endswith("\n") else None]
    known = {part.key: part for part in (*fresh, *ours)}
    own = {part.key for part in ours}
    begin, end = bounds(lines)
    starts: dict[int, Key] = {}
    for key, part in known.items():
        number = _found(lines, part, end, starts, is_ours=key in own)
        if number is not None and key != FRONT:
            starts[number] = key
    # What was typed above the front matter would end it: it comes below.
    above, body = lines[:begin], lines[end:]
    first = min(starts, default=len(lines)) - end
    top = _part(TOP, list(dropwhile(lambda line: not line.strip(), [*above, *body[:first]])))
    parts = [Part(FRONT, tuple(lines[begin:end]), 1)] if end else []
    parts += [top] if any(map(str.strip, top.lines)) else []
    return [*parts, *_cut(body, sorted((number - end, key) for number, key in starts.items()))]


def _cut(lines: Sequence[str], starts: Sequence[tuple[int, Key]]) -> list[Part]:
    """Make parts of lines, from the first start on."""
    bounds = [*starts, (len(lines), LAST)]
    return [_part(key, lines[start:end]) for (start, key), (end, _) in pairwise(bounds)]


def _part(key: Key, lines: Sequence[str]) -> Part:
    kept = list(lines)
    while kept and not kept[-1].strip():
        kept.pop()
    return Part(key, tuple(kept), len(lines) - len(kept))


def _found(lines: Sequence[str], part: Part, front: int, taken: Mapping[int, Key], *, is_ours: bool) -> int | None:
    """Find where a part of ours begins in the reader's page: an entry by its own line, else by its link."""
    kind, wanted = part.key[0], _norm(part.lines[0]) if part.lines else ""
    free = [number for number in range(front, len(lines)) if number not in taken]
    if kind == "heading":
        return next((number for number in free if _norm(lines[number]) == wanted), None)
    if kind == "entry":
        linked = [number for number in free if _is_entry(lines, number, part.key[1])]
        whole = (number for number in linked if _norm(lines[number]) == wanted)
        # Of an entry that was not ours before, a bare link may be the reader's own, pasted elsewhere.
        other = (number for number in linked if is_ours or _norm(lines[number]).startswith(wanted))
        return next(whole, next(other, None))
    first = wanted.split()[:_FIRST_WORDS]
    begun = (number for number in free if lines[number].strip() and not lines[number].startswith(" "))
    words = ((number, " ".join(lines[number : number + _FIRST_WORDS]).split()) for number in begun)
    return next((number for number, found in words if first and found[: len(first)] == first), None)


def _is_entry(lines: Sequence[str], number: int, key: str) -> bool:
    is_near = len(lines[number]) - len(lines[number].lstrip()) < 4  # deeper ones are notes under an entry
    entry = entry_at(lines, number) if is_near else None
    return entry is not None and entry.key == key


# ---------------------------------------------------------------- putting together


def _together(ours: Mapping[Key, Part], theirs: Sequence[Part], fresh: Sequence[Part]) -> list[str]:
    """Take the fresh order; what stands in it no more, but holds the reader's words, follows what it followed."""
    mine = {part.key: part for part in theirs}
    result = [_merged(ours.get(part.key), mine.get(part.key), part) for part in fresh]
    at, heading = -1, None
    for part in theirs:
        place = next((number for number, each in enumerate(result) if each.key == part.key), None)
        if place is not None:
            at, heading = place, None
        elif part.key[0] == "heading" and not _has_words(ours.get(part.key), part):
            heading = part  # stands as long as something of the reader's does below it
        elif part.key == TOP or _has_words(ours.get(part.key), part):
            for each in (heading, part) if heading else (part,):
                at = _behind(result, at, each)
                _insert(result, at, each)
            heading = None
    while len(result) > 1 and not result[-1].lines:
        result.pop()
    return [line for number, part in enumerate(result) for line in _laid_out(part, is_last=number == len(result) - 1)]


def _behind(result: Sequence[Part], at: int, part: Part) -> int:
    """Tell where a part goes that follows another: a heading behind the whole section."""
    rest = range(at + 1, len(result))
    if part.key[0] != "heading":
        return at + 1
    return next((number for number in rest if result[number].key[0] in {"heading", "last"}), len(result))


def _insert(result: list[Part], at: int, part: Part) -> None:
    """Put a part that is no longer ours behind another, which keeps its distance to what follows."""
    before = result[at - 1] if at else None
    if before is None:
        result.insert(at, Part(part.key, part.lines, max(1, part.blanks)))
        return
    is_list = part.key[0] == "entry" and before.key[0] in {"entry", "heading"}
    result[at - 1] = Part(before.key, before.lines, 0 if is_list else max(1, before.blanks))
    result.insert(at, Part(part.key, part.lines, max(part.blanks, before.blanks)))


def _laid_out(part: Part, *, is_last: bool) -> Iterator[str]:
    yield from part.lines
    yield from ("" for _ in range(0 if is_last else part.blanks))


def _merged(ours: Part | None, mine: Part | None, fresh: Part) -> Part:
    """Merge one part three ways."""
    if mine is None:
        return fresh
    base = ours or fresh
    if fresh.key == FRONT:
        return Part(FRONT, tuple(merge_properties(base.lines, mine.lines, fresh.lines)), fresh.blanks)
    box = _box(mine)
    ticked = Part(fresh.key, _with_box(fresh.lines, box), fresh.blanks)
    if _words(mine.lines) == _words(base.lines):
        return ticked
    blanks = fresh.blanks if mine.blanks == base.blanks else max(fresh.blanks, mine.blanks)
    if _words(fresh.lines) == _words(base.lines):
        return Part(fresh.key, mine.lines, blanks)
    typed = _typed(base.lines, mine.lines)
    if typed and typed[0] == mine.lines[0] and fresh.key[0] == "entry" and _is_entry(typed, 0, fresh.key[1]):
        return Part(fresh.key, (typed[0], *fresh.lines[1:], *typed[1:]), blanks)
    between = ("",) if fresh.key[0] in {"text", "last"} and typed and typed[0].strip() else ()
    return Part(fresh.key, (*ticked.lines, *between, *typed), blanks)


def _has_words(ours: Part | None, mine: Part) -> bool:
    """Tell whether a part holds a tick or words of the reader's."""
    if not any(map(str.strip, mine.lines)):
        return False
    return ours is None or (_box(mine) or " ") != " " or bool(_typed(ours.lines, mine.lines))


def _box(part: Part) -> str | None:
    item = ITEM.fullmatch(part.lines[0]) if part.lines and part.key[0] == "entry" else None
    return item["box"] if item else None


def _with_box(lines: tuple[str, ...], box: str | None) -> tuple[str, ...]:
    """Give an entry's lines with this in its box; an empty one adds none."""
    item = ITEM.fullmatch(lines[0]) if lines and box and box != " " else None
    return (f"{item['bullet']}[{box}] {item['text']}", *lines[1:]) if item else lines


# ---------------------------------------------------------------- what was typed


def _typed(base: Sequence[str], mine: Sequence[str]) -> tuple[str, ...]:
    """Give the reader's lines: those that are none of ours, wrapped or not."""
    before, after = [_norm(line) for line in base], [_norm(line) for line in mine]
    found: list[str] = []
    for kind, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind in {"insert", "replace"}:
            found += _not_wrapped(base[start:end], mine[first:last])
    words = _part(TOP, list(dropwhile(lambda line: not line.strip(), found))).lines
    has_gap = bool(words) and len(words) < len(found) and not found[0].strip()
    return ("", *words) if has_gap else words  # a note of its own stays one


def _not_wrapped(base: Sequence[str], mine: Sequence[str]) -> Iterator[str]:
    """Leave out runs of lines that hold the same words as a run of ours that is missing; each run counts once."""
    left = list(base)
    number = 0
    while number < len(mine):
        near = mine[number : number + _LONGEST_RUN]
        runs = ((start, run) for start in range(len(left)) if (run := _run(left[start:], near)))
        start, (used, taken) = next(runs, (0, (0, 0)))
        if not taken:
            yield mine[number]
        del left[start : start + used]
        number += taken or 1


def _run(base: Sequence[str], mine: Sequence[str]) -> tuple[int, int] | None:
    """Count the lines of either that begin with the same words and end together, None without such."""
    wanted: list[str] = []
    found: list[str] = []
    used = taken = 0
    while True:
        if len(found) <= len(wanted) and taken < len(mine):
            found += _norm(mine[taken]).split()
            taken += 1
        elif len(wanted) < len(found) and used < len(base):
            wanted += _norm(base[used]).split()
            used += 1
        else:
            return None
        shorter = min(len(found), len(wanted))
        if found[:shorter] != wanted[:shorter] or not found:
            return None
        if len(found) == len(wanted):
            return used, taken


def _words(lines: Sequence[str]) -> list[str]:
    return [word for line in lines for word in _norm(line).split()]


def _norm(line: str) -> str:
    """Spell a line in one way: white space, the kind of bullet and what is in an entry's box do not count."""
    item = ITEM.fullmatch(line.rstrip())
    is_entry = item is not None and item["text"].lstrip("*_~=").startswith(("[", "http", "<http"))
    text = f"- {item['text']}" if item and is_entry and item["bullet"].strip() in {"-", "*", "+"} else line
    return " ".join(text.split())
