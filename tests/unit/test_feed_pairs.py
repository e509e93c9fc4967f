"""Documents in each source's real format beside what parse and normalize make of them: a new pair is a new test.

`name.xml` (or `.json`) holds the document, `name.expected.json` whom it is for and what comes out; of an entry only what
differs from an empty one is written down. The statements of the sources that a document is about stand in "keeps".
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.factories import make_subscription
from tracker.errors import ParseError
from tracker.models import Entry, RawFeed
from tracker.poll.normalize import normalize
from tracker.poll.parse import parse_feed

FEEDS = Path(__file__).parent.parent / "feeds"
EXPECTED = sorted(FEEDS.glob("*/*.expected.json"))


def document_of(expected: Path) -> Path:
    name = expected.name.removesuffix(".expected.json")
    return next(
        each for each in (expected.with_name(f"{name}.xml"), expected.with_name(f"{name}.json")) if each.exists()
    )


def written(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: written(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {name: written(each) for name, each in value.items()}
    return [written(each) for each in value] if isinstance(value, list | tuple) else value


def entry_as_json(entry: Entry) -> dict[str, Any]:
    """Leave out what an empty entry has, and what is a hash: of the rest, and of what is followed."""
    empty = {each.name: each.default for each in dataclasses.fields(Entry)}
    kept = {name: getattr(entry, name) for name in empty if name not in {"fingerprint", "scope", "slice", "address"}}
    return {name: written(value) for name, value in kept.items() if value != empty[name] and value not in ({}, "")}


def feed_as_json(raw: RawFeed) -> dict[str, Any]:
    kept = (each.name for each in dataclasses.fields(RawFeed) if each.name not in {"entries", "recognised"})
    return {name: written(getattr(raw, name)) for name in kept}


def outcome(document: Path, given: Mapping[str, Any]) -> dict[str, Any]:
    keys = {name: tuple(value) if isinstance(value, list) else value for name, value in given["subscription"].items()}
    subscription = make_subscription(**keys)
    try:
        raw = parse_feed(document.read_bytes(), content_type=given.get("content_type", ""), url=given["url"])
    except ParseError as error:
        return {"error": str(error)}
    entries = normalize(raw, subscription, url=given["url"])
    return {"feed": feed_as_json(raw), "entries": [entry_as_json(entry) for entry in entries]}


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: f"{path.parent.name}-{path.name.split('.')[0]}")
def test_document_gives_what_is_written_beside_it(expected: Path) -> None:
    """A document of a source's form gives exactly these entries, or this sentence (M3, M6, M7, M12 to M14 and others)."""
    given = json.loads(expected.read_text())

    assert outcome(document_of(expected), given) == {name: given[name] for name in given if name in OUTCOME}


OUTCOME = ("error", "feed", "entries")


def test_every_file_belongs_to_a_pair() -> None:
    """A document without its expectation, or the other way round, tests nothing and fails the run."""
    used = {path for expected in EXPECTED for path in (expected, document_of(expected))}

    assert {path for path in FEEDS.rglob("*") if path.is_file()} == used
