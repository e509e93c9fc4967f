"""Keep the ledger: closed issues, what each entry was in them, their delivery, and what was written where."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from tracker.errors import StorageError
from tracker.models import Placed, Role, StoredIssue
from tracker.storage.connection import Connection
from tracker.storage.rows import decode, encode, encode_fields, stamp, text

_ISSUE = {  # column → field
    "id": "id",
    "label": "label",
    "span_start": "start",
    "span_end": "end",
    "closes_at": "closes_at",
    "closed_at": "closed_at",
    "covers": "covers",
    "composition": "composition",
    "rendered": "rendered",
    "file": "file",
    "delivered_at": "delivered_at",
    "delivery_error": "delivery_error",
    "delivery_failures": "delivery_failures",
}
_PLACED = tuple(Placed.__dataclass_fields__)
WRITINGS = 3  # whose pages are kept: a crash between note and writing leaves an earlier one in the file


class Ledger:
    """The methods of Storage about issues and their files."""

    _db: Connection

    def add_issue(self, issue: StoredIssue, placed: Sequence[Placed]) -> int:
        """Close an issue: its row and every entry's place, all or nothing; give its id (`issue.id` is ignored).

        Raises StorageError when the label is taken, or an entry is already news in another issue.
        """
        columns = [column for column in _ISSUE if column != "id"]
        with self._db.transaction():
            self._refuse_label(issue.label)
            self._refuse_twice(placed)
            number = self._db.insert(
                f"INSERT INTO issues ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",  # noqa: S608 - constant names
                encode_fields(issue, [_ISSUE[column] for column in columns]),
            )
            self._db.write_many(
                f"INSERT INTO issue_entries (issue, {', '.join(_PLACED)}) VALUES (?, {', '.join('?' * len(_PLACED))})",  # noqa: S608 - constant names
                [(number, *encode_fields(place, _PLACED)) for place in placed],
            )
        return number

    def _refuse_label(self, label: str) -> None:
        if self._db.read("SELECT 1 FROM issues WHERE label = ?", (encode(label),)):
            raise StorageError(f"issue {label} is closed already")

    def _refuse_twice(self, placed: Sequence[Placed]) -> None:
        # the unique index would refuse it too, without a name
        taken = self._db.read_in(
            "SELECT key, label FROM issue_entries JOIN entries ON entries.id = entry JOIN issues ON issues.id = issue"
            " WHERE role = 'news' AND entry IN ({marks})",
            (place.entry for place in placed if place.role is Role.NEWS),
        )
        if taken:
            raise StorageError(f"{taken[0]['key']} is news in issue {taken[0]['label']} already")

    def last_issue(self) -> StoredIssue | None:
        """Give the issue that was closed last."""
        return self._one("ORDER BY id DESC LIMIT 1")

    def issue(self, label: str) -> StoredIssue | None:
        """Give a closed issue by its own label."""
        return self._one("WHERE label = ?", (encode(label),))

    def issue_covering(self, label: str) -> StoredIssue | None:
        """Give the closed issue of this label, or the one that covers it because its window was missed."""
        own = self.issue(label)
        if own:
            return own
        for row in self._db.read("SELECT label, covers FROM issues WHERE covers <> '[]' ORDER BY id"):
            if text(label) in json.loads(row["covers"]):
                return self.issue(row["label"])
        return None

    def issues(self) -> tuple[StoredIssue, ...]:
        """Give every closed issue in the order of closing."""
        return tuple(_issue(row) for row in self._db.read("SELECT * FROM issues ORDER BY id"))

    def labels(self, *, until: datetime | None = None) -> tuple[str, ...]:
        """Give the labels of every closed issue and of the windows that they cover, in the order of closing.

        `until` leaves out what issues cover that end after it: a wrong clock closed them.
        """
        rows = self._db.read("SELECT label, covers, span_end FROM issues ORDER BY id")
        last = stamp(until) if until else None
        found: list[str] = []
        for label, covers, end in rows:
            if covers != "[]" and (last is None or end <= last):
                found += json.loads(covers)
            found.append(label)
        return tuple(found)

    def last_end(self, *, until: datetime) -> datetime | None:
        """Give the latest end of a closed issue that is not after `until`."""
        row = self._db.read_one("SELECT max(span_end) AS at FROM issues WHERE span_end <= ?", (stamp(until),))
        end: datetime | None = decode(row, ("at",))["at"] if row else None
        return end

    def undelivered(self) -> tuple[StoredIssue, ...]:
        """Give the closed issues whose delivery has not succeeded yet, in the order of closing."""
        rows = self._db.read("SELECT * FROM issues WHERE delivered_at IS NULL ORDER BY id")
        return tuple(_issue(row) for row in rows)

    def placed(self, label: str) -> tuple[Placed, ...]:
        """Give every entry's place in an issue, shown ones first, in their order."""
        rows = self._db.read(
            "SELECT place.* FROM issue_entries AS place JOIN issues ON issues.id = place.issue"
            " JOIN entries ON entries.id = place.entry WHERE label = ?"
            " ORDER BY is_shown DESC, rank IS NULL, rank, key, role",
            (encode(label),),
        )
        return tuple(_placed(row) for row in rows)

    def places(self, entry: int) -> tuple[tuple[str, Placed], ...]:
        """Give an entry's places in closed issues, in the order of closing: (label, place)."""
        rows = self._db.read(
            "SELECT label, place.* FROM issue_entries AS place JOIN issues ON issues.id = place.issue"
            " WHERE place.entry = ? ORDER BY issues.id, role",
            (entry,),
        )
        return tuple((row["label"], _placed(row)) for row in rows)

    def told_versions(self, entries: Collection[int]) -> Mapping[int, int]:
        """Say which version of each of these papers closed issues have told last, by entry id."""
        rows = self._db.read_in(
            "SELECT entry, max(version) AS version FROM issue_entries WHERE role IN ('news', 'update')"
            " AND version IS NOT NULL AND entry IN ({marks}) GROUP BY entry",
            entries,
        )
        return {row["entry"]: row["version"] for row in rows}

    def looked_at_again(self) -> frozenset[int]:
        """Give the ids of the entries that closed issues have given a second look."""
        rows = self._db.read("SELECT entry FROM issue_entries WHERE role = 'second-look'")
        return frozenset(row["entry"] for row in rows)

    def course_offers(self, feed: str) -> tuple[tuple[str, int], ...]:
        """Say which lectures of a feed which closed issue offered, in the order of closing: (label, entry)."""
        rows = self._db.read(
            "SELECT issues.label, place.entry FROM issue_entries AS place JOIN issues ON issues.id = place.issue"
            " JOIN appearances ON appearances.entry = place.entry AND feed = ?"
            " WHERE role = 'course' ORDER BY issues.id, rank IS NULL, rank, place.entry",
            (encode(feed),),
        )
        return tuple((row["label"], row["entry"]) for row in rows)

    def mark_delivered(self, label: str, *, at: datetime, file: str) -> None:
        """Note that a delivery succeeded; a second time changes nothing."""
        self._deliver(label, "delivered_at = ?, file = ?, delivery_error = ''", (stamp(at), encode(file)))

    def mark_delivery_failed(self, label: str, error: str) -> None:
        """Note that a delivery failed and will be tried again; after a success it changes nothing."""
        self._deliver(label, "delivery_error = ?, delivery_failures = delivery_failures + 1", (encode(error),))

    def _deliver(self, label: str, setters: str, values: Sequence[object]) -> None:
        with self._db.transaction():
            if not self._db.read("SELECT 1 FROM issues WHERE label = ?", (encode(label),)):
                raise StorageError(f"there is no issue {label}")
            self._db.write(
                f"UPDATE issues SET {setters} WHERE label = ? AND delivered_at IS NULL",  # noqa: S608 - from this class
                (*values, encode(label)),
            )

    def file_hashes(self, path: str) -> frozenset[str]:
        """Give the SHA-256 of all that was written to a file of the digest's folder; other bytes are the reader's."""
        rows = self._db.read("SELECT sha256 FROM files WHERE path = ?", (encode(path),))
        return frozenset(row["sha256"] for row in rows)

    def file_pages(self, path: str) -> Mapping[str, bytes]:
        """Give the last pages that were written to a file, the newest first, by the SHA-256 of the bytes they stood in.

        The bytes differ from the page where the reader's own words were kept in them.
        """
        rows = self._db.read(
            "SELECT sha256, page FROM files WHERE path = ? AND page IS NOT NULL ORDER BY written_at DESC, sha256",
            (encode(path),),
        )
        return {row["sha256"]: row["page"] for row in rows}

    def remember_file(self, path: str, digest: str, *, at: datetime, page: bytes | None = None) -> None:
        """Note what is about to be written to a file; before it is, so that a crash does not make it the reader's.

        `page` is what the program itself says in it; of one file those of the last `WRITINGS` are kept.
        """
        with self._db.transaction():
            self._db.write(
                "INSERT OR REPLACE INTO files (path, sha256, written_at, page) VALUES (?, ?, ?, ?)",
                (encode(path), encode(digest), stamp(at), page),
            )
            self._db.write(
                "UPDATE files SET page = NULL WHERE path = ?1 AND sha256 <> ?2 AND written_at < (SELECT min(written_at)"
                " FROM (SELECT DISTINCT written_at FROM files WHERE path = ?1 ORDER BY written_at DESC LIMIT ?3))",
                (encode(path), encode(digest), WRITINGS),
            )

    def drop_pages(self, path: str) -> None:
        """Forget the pages that were written to a file, since none is written there again; their hashes stay."""
        self._db.write("UPDATE files SET page = NULL WHERE path = ?", (encode(path),))

    def _one(self, clause: str, values: Sequence[object] = ()) -> StoredIssue | None:
        row = self._db.read_one(f"SELECT * FROM issues {clause}", values)  # noqa: S608 - from this class
        return _issue(row) if row else None


def _issue(row: sqlite3.Row) -> StoredIssue:
    columns = decode(row, tuple(_ISSUE))
    return StoredIssue(**{field: columns[column] for column, field in _ISSUE.items()})


def _placed(row: sqlite3.Row) -> Placed:
    columns = decode(row, _PLACED)
    return Placed(**{**columns, "role": Role(columns["role"])})
