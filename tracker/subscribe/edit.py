"""End `subscribe`: put a `[[feed]]` table into feeds.toml or take one out, every other byte unchanged.

A text editor's work, not tomlkit's, which reorders and takes a neighbour's comment along. What comes
out is parsed again before it takes the file's place.
"""

from __future__ import annotations

import codecs
import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tracker import config
from tracker.config.lines import Statement, statements
from tracker.config.syntax import decode, parse, read
from tracker.config.values import did_you_mean, nearest, shown
from tracker.errors import ConfigError, Problem


def append_table(path: Path, table: str) -> None:
    """Append a `[[feed]]` table, as `table()` writes it; ConfigError says why it cannot be."""
    raw = read(path)
    text = decode(raw, path)
    _refuse_inline(text, path)
    newline = "\r\n" if "\r\n" in text else "\n"
    added = _gap(text) + table.strip("\n") + "\n"
    changed = raw + added.replace("\n", newline).encode()
    config.loads(changed, path.absolute())
    _replace(path, old=raw, new=changed)


def remove_table(path: Path, feed: str) -> None:
    """Cut the table of a feed, with the comment that stands directly above it."""
    raw = read(path)
    text = decode(raw, path)
    _refuse_inline(text, path)
    document = parse(text, path)
    number = _number(document, feed, path)
    first, last = _span(list(statements(text)), number)
    lines = text.split("\n")
    # Without a final line end, the one before the table becomes it.
    changed = "\n".join([*lines[:first], *(lines[last + 1 :] or [""])])
    if not _is_without(parse(changed, path), document, number):
        raise ConfigError(path, (Problem(f"the table of {shown(feed)} is mixed with others; take it out by hand"),))
    mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    _replace(path, old=raw, new=mark + changed.encode())


def _refuse_inline(text: str, path: Path) -> None:
    document = parse(text, path)
    if "feed" not in document:
        return
    for statement in statements(text):
        if statement.is_header:
            return
        if statement.path[:1] == ("feed",):
            said = "feeds are written as one value, feed = […]; this command needs a [[feed]] table for each"
            raise ConfigError(path, (Problem(said, line=statement.first + 1, key="feed"),))


def _gap(text: str) -> str:
    """End the last line where it has no end, and leave one line free."""
    if not text.strip():
        return "" if not text or text.endswith("\n") else "\n"
    lines = text.replace("\r\n", "\n")
    if not lines.endswith("\n"):
        return "\n\n"
    return "" if lines.endswith("\n\n") else "\n"


def _number(document: Mapping[str, object], feed: str, path: Path) -> int:
    tables = document.get("feed", [])
    tables = tables if isinstance(tables, list) else []
    ids = [str(table.get("id", "")) if isinstance(table, dict) else "" for table in tables]
    if feed not in ids:
        near = did_you_mean(nearest(feed, filter(None, ids)))
        raise ConfigError(path, (Problem(f"no feed has the id {shown(feed)}{near}"),))
    return ids.index(feed)


def _span(found: list[Statement], number: int) -> tuple[int, int]:
    """Say which lines, from 0, belong to a table: its comment, its header, its keys, and one gap."""
    headers = [index for index, each in enumerate(found) if each.is_array and each.path == ("feed",)]
    header = headers[number]
    above = _comment_above(found, header)
    end = _next_header(found, header)
    last = max(index for index in range(header, end) if found[index].path)
    while last + 1 < end and found[last + 1].is_comment:
        last += 1
    if end < len(found):
        # A comment that touches the next header is the next table's, wherever it begins.
        last = min(last, _comment_above(found, end) - 1)
    return found[_gap_above(found, above, last)].first, found[_gap_below(found, above, last)].last


def _comment_above(found: list[Statement], header: int) -> int:
    first = header
    while first > 0 and found[first - 1].is_comment:
        first -= 1
    return first


def _next_header(found: list[Statement], header: int) -> int:
    for index in range(header + 1, len(found)):
        is_inside = found[index].path[:1] == ("feed",) and len(found[index].path) > 1
        if found[index].is_header and not is_inside:
            return index
    return len(found)


def _gap_above(found: list[Statement], above: int, last: int) -> int:
    """Take the free line above along where nothing follows."""
    is_end = all(each.is_blank for each in found[last + 1 :])
    return above - 1 if is_end and above > 0 and found[above - 1].is_blank else above


def _gap_below(found: list[Statement], above: int, last: int) -> int:
    """Take the free lines below along where there is one above, or nothing."""
    if above > 0 and not found[above - 1].is_blank:
        return last
    # The last "line" is what follows the final line end: it stays, so that the end does.
    while last + 2 < len(found) and found[last + 1].is_blank:
        last += 1
    return last


def _is_without(changed: Mapping[str, object], document: Mapping[str, object], number: int) -> bool:
    tables = document["feed"]
    assert isinstance(tables, list)
    rest = [*tables[:number], *tables[number + 1 :]]
    return {"feed": [], **changed} == {**document, "feed": rest}


def _replace(path: Path, *, old: bytes, new: bytes) -> None:
    """Put new bytes in a file's place in one step, where a link leads, with the mode that it had."""
    target = path.resolve()
    try:
        with _alone(target):
            _replace_alone(path, target, old=old, new=new)
    except OSError as error:
        raise ConfigError(path, (Problem(f"cannot be written: {error.strerror or error}"),)) from error


def _replace_alone(path: Path, target: Path, *, old: bytes, new: bytes) -> None:
    former = target.stat()
    prefix = f".{target.name}.tracker-"
    for left in target.parent.iterdir():  # by a process that was killed here: nobody else edits now
        if left.name.startswith(prefix):
            left.unlink(missing_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=prefix, delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
            temporary.chmod(former.st_mode & 0o7777)
            with contextlib.suppress(PermissionError):  # only root can give a file away, and need not be asked to
                os.chown(temporary, former.st_uid, former.st_gid)
            _refuse_changed(path, old)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Keep other processes of ours from editing a file for a block; an edit puts another file in its place."""
    while True:
        with target.open("rb") as file:
            with contextlib.suppress(OSError):  # some network file systems cannot
                fcntl.flock(file, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(file.fileno()), target.stat()):
                yield
                return


def _refuse_changed(path: Path, old: bytes) -> None:
    if read(path) != old:
        raise ConfigError(path, (Problem("was changed by something else just now; nothing is written, try again"),))
