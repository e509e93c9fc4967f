"""Keep what the reader says about works: the marks that hold, which file or command said each, and files read for them.

A mark holds as long as one place says it that has not been taken back: a command, or a file. A file that is gone takes
nothing back; an emptied box takes back what its own file said, and what files that are gone did.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from tracker.models import Mark, MarkName, Reading
from tracker.sources import canonical_url
from tracker.storage.connection import Connection
from tracker.storage.rows import decode, encode, encode_fields, stamp

COMMAND = ""  # stands for the file where a command has said it
GONE = "/"  # stands before the name of a file that is gone: no relative path begins so
_MARK = tuple(Mark.__dataclass_fields__)
_EXCLUDES = {MarkName.STARRED: MarkName.HIDDEN, MarkName.HIDDEN: MarkName.STARRED}


class Marks:
    """The methods of Storage about the reader's marks."""

    _db: Connection

    def marks(self) -> Mapping[str, Mark]:
        """Give the reader's marks by key."""
        rows = self._db.read("SELECT * FROM marks ORDER BY key")
        return {row["key"]: Mark(**decode(row, _MARK)) for row in rows}

    def set_mark(self, mark: Mark) -> None:
        """Store a mark in place of all that was said of the same key."""
        key = encode(mark.key)
        with self._db.transaction():
            self._db.write("UPDATE ticks SET is_void = 1 WHERE key = ?", (key,))
            self._db.write_many(
                "INSERT OR REPLACE INTO ticks (file, key, mark, at) VALUES (?, ?, ?, ?)",
                [(COMMAND, key, name.value, stamp(mark.at)) for name in mark.names],
            )
            self._write(mark)

    def mark(self, key: str, name: MarkName, *, at: datetime, file: str = COMMAND, is_void: bool = False) -> bool:
        """Put a mark on a work by a command, or because a file says so now; tell whether it did not hold before.

        A star takes back what was hidden, and the other way round. What is void is only remembered.
        """
        with self._db.transaction():
            held = self._holds(key, name)
            kept = "INSERT OR IGNORE" if file or held else "INSERT OR REPLACE"
            self._db.write(
                f"{kept} INTO ticks (file, key, mark, at, is_void) VALUES (?, ?, ?, ?, ?)",
                (encode(file), encode(key), name.value, stamp(at), is_void),
            )
            if name in _EXCLUDES and self._holds(key, name):
                self._void(key, _EXCLUDES[name])
            self._settle(key)
            return not held and self._holds(key, name)

    def unmark(self, key: str, name: MarkName) -> bool:
        """Take a mark back, whoever said it; tell whether it held. Files that still say it count no more."""
        with self._db.transaction():
            held = self._holds(key, name)
            self._void(key, name)
            self._settle(key)
            return held

    def untick(self, file: str, key: str) -> None:
        """Forget what a file said of a work, since its box is empty now, and what files that are gone did."""
        said = "SELECT mark FROM ticks AS own WHERE own.file = ?2 AND own.key = ?1"
        with self._db.transaction():
            self._db.write(
                f"DELETE FROM ticks WHERE key = ?1 AND substr(file, 1, 1) = '{GONE}' AND mark IN ({said})",  # noqa: S608 - constants of this module
                (encode(key), encode(file)),
            )
            self._db.write("DELETE FROM ticks WHERE key = ? AND file = ?", (encode(key), encode(file)))
            self._settle(key)

    def ticks(self, file: str) -> Mapping[str, frozenset[MarkName]]:
        """Give what a file says, by key: as it was last read."""
        found: dict[str, set[MarkName]] = {}
        for row in self._db.read("SELECT key, mark FROM ticks WHERE file = ? ORDER BY key, mark", (encode(file),)):
            found.setdefault(row["key"], set()).add(MarkName(row["mark"]))
        return {key: frozenset(names) for key, names in found.items()}

    def taken_back(self, files: Collection[str]) -> Collection[tuple[str, MarkName]]:
        """Give what these files say though it was taken back elsewhere."""
        sql = "SELECT key, mark FROM ticks WHERE is_void = 1 AND file IN ({marks})"
        return {(row["key"], MarkName(row["mark"])) for row in self._db.read_in(sql, [encode(each) for each in files])}

    def readings(self) -> Mapping[str, Reading]:
        """Give the files that were looked into for marks, by path."""
        rows = self._db.read("SELECT * FROM readings ORDER BY path")
        return {row["path"]: Reading(**dict(row)) for row in rows}

    def save_reading(self, reading: Reading) -> None:
        """Remember that a file was read as it stands now."""
        self._db.write(
            "INSERT OR REPLACE INTO readings (path, issue, signature) VALUES (?, ?, ?)",
            encode_fields(reading, ("path", "issue", "signature")),
        )

    def drop_reading(self, path: str, *, moved_to: str = "") -> None:
        """Remember that a file is gone, or has moved; what it said stays said."""
        with self._db.transaction():
            self._db.write("DELETE FROM readings WHERE path = ?", (encode(path),))
            self._db.write(
                "UPDATE OR REPLACE ticks SET file = ? WHERE file = ?", (encode(moved_to or GONE + path), encode(path))
            )

    def works(self, keys: Collection[str]) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Say which stored works links may mean, each its key and title, by the links' keys; several share one address.

        A web link is known by the key made of its address, else by the address under which an entry stands now.
        """
        found = {key: tuple(self._named(key)) for key in dict.fromkeys(keys)}
        lost = {key.removeprefix("web:"): key for key, works in found.items() if not works and key.startswith("web:")}
        if lost:
            for row in self._db.read("SELECT key, title, url FROM entries WHERE kind = 'post' ORDER BY key"):
                key = lost.get(canonical_url(row["url"]), "")
                if key:
                    found[key] += ((row["key"], row["title"]),)
        return {key: works for key, works in found.items() if works}

    def newest_keys(self, limit: int) -> tuple[str, ...]:
        """Give the keys of what was stored last."""
        return tuple(row["key"] for row in self._db.read("SELECT key FROM entries ORDER BY id DESC LIMIT ?", (limit,)))

    def _named(self, key: str) -> Iterator[tuple[str, str]]:
        rows = self._db.read(
            "SELECT key, title FROM entries WHERE key = ?1 OR (key > ?2 AND key < ?3) ORDER BY key",
            (encode(key), encode(f"{key}#"), encode(f"{key}$")),  # "$" follows "#"
        )
        for row in rows:
            yield row["key"], row["title"]

    def _holds(self, key: str, name: MarkName) -> bool:
        sql = "SELECT 1 FROM ticks WHERE key = ? AND mark = ? AND is_void = 0"
        return bool(self._db.read(sql, (encode(key), name.value)))

    def _void(self, key: str, name: MarkName) -> None:
        self._db.write("DELETE FROM ticks WHERE key = ? AND mark = ? AND file = ''", (encode(key), name.value))
        self._db.write("UPDATE ticks SET is_void = 1 WHERE key = ? AND mark = ?", (encode(key), name.value))

    def _settle(self, key: str) -> None:
        """Write what holds of a work now."""
        rows = self._db.read(
            "SELECT file, mark, at FROM ticks WHERE key = ? AND is_void = 0 ORDER BY mark = 'starred' DESC, at, file",
            (encode(key),),
        )
        if not rows:
            self._db.write("DELETE FROM marks WHERE key = ?", (encode(key),))
            return
        first = decode(rows[0], ("file", "at"))
        names = {row["mark"]: True for row in rows}
        origin = first["file"].removeprefix(GONE) or "a command"
        self._write(Mark(key=key, at=first["at"], origin=origin, **names))

    def _write(self, mark: Mark) -> None:
        self._db.write(
            f"INSERT OR REPLACE INTO marks ({', '.join(_MARK)}) VALUES ({', '.join('?' * len(_MARK))})",  # noqa: S608 - constant names
            encode_fields(mark, _MARK),
        )
