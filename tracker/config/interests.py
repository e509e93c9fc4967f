"""Serve `config`: the `[interests]` table → what the reader looks for among papers, or what is wrong with it."""

from __future__ import annotations

import re

from tracker.config.convert import Mistake
from tracker.config.schema import InterestsTable
from tracker.config.values import shown
from tracker.models import Interests
from tracker.sources.arxiv import paper_id

_WORD = re.compile(r"[^\W_]")
_NAME = re.compile(r"[^\W\d_]{2}")


def interests(table: InterestsTable) -> tuple[Interests, list[Mistake]]:
    """Check what msgspec cannot; papers are given by their ids without versions, each thing once."""
    ids = {each: paper_id(each)[0] for each in table.papers}
    wrong = [
        *(_mistake("keywords", each, "has no letter or digit") for each in table.keywords if not _WORD.search(each)),
        *(_mistake("authors", each, "is no name") for each in table.authors if not _NAME.search(each)),
        *(_mistake("papers", each, 'is no arXiv id, such as "2203.15556"') for each in ids if not ids[each]),
    ]
    return (
        Interests(
            keywords=tuple(dict.fromkeys(each.strip() for each in table.keywords)),
            authors=tuple(dict.fromkeys(each.strip() for each in table.authors)),
            papers=tuple(dict.fromkeys(ids.values())),
        ),
        wrong,
    )


def _mistake(key: str, given: str, text: str) -> Mistake:
    return Mistake(("interests", key), f"{shown(given)} {text}")
