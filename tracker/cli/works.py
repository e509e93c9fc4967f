"""Tell which work a person means, by a key, a link or a bare id; anything else is wrong use and is told so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import click

from tracker.digest.marks import link_key
from tracker.models import SourceName
from tracker.sources import source_for, work_key
from tracker.sources.arxiv import paper_key
from tracker.sources.urls import LONGEST
from tracker.sources.youtube import video_id
from tracker.storage import Storage

NEWEST = 5000  # keys among which a spelling is looked for
_FORMS = "a key, a link, an arXiv id such as 2203.15556 or a YouTube video's id"


def works(storage: Storage, given: Iterable[str]) -> tuple[str, ...]:
    """Give the keys that are meant, each once; a link that several works share means all of them.

    Of a work that is not stored it is the key under which it would be.
    """
    found: dict[str, None] = {}
    for text in given:
        key = text.strip() if _is_known(storage, text.strip()) else key_of(text) or _refuse(storage, text)
        meant = storage.works((key,)).get(key, ((key, ""),))
        found |= dict.fromkeys(each for each, _ in meant)
    return tuple(found)


def key_of(text: str) -> str:
    """Read a key, a link or a bare id, "" for anything else; a page's key is spelt as it would be stored."""
    text = text.strip()
    if len(text) > LONGEST or not text.isprintable() or " " in text:
        return ""
    kind, _, rest = text.partition(":")
    if kind.lower() == "web":
        return _page_key(rest if "//" in rest else f"https://{rest}")
    if kind.lower() == "youtube":
        video = video_id(f"yt:video:{rest}")
        return f"youtube:{video}" if video else ""
    if paper := paper_key(text):
        return paper
    if video := video_id(text):
        return f"youtube:{video}"
    return _page_key(text) if "/" in text else ""


def nearest(storage: Storage, text: str, *, most: int = 3) -> tuple[str, ...]:
    """Name the stored keys that are spelt most like a text, with or without what stands before their colon."""
    spelt: dict[str, str] = {}
    for key in storage.newest_keys(NEWEST):
        spelt |= {key: key, key.partition(":")[2]: key}
    close = get_close_matches(text.strip()[:200], spelt, n=most, cutoff=0.75)
    return tuple(dict.fromkeys(spelt[each] for each in close))


def _is_known(storage: Storage, key: str) -> bool:
    """Tell whether something is stored or marked under a key: what a feed without links brings has one of its own."""
    return bool(storage.entry(key)) or key in storage.marks()


def _page_key(text: str) -> str:
    """Give the key of a page's address; a playlist, a channel or a category is no work."""
    try:
        target = source_for(text)
    except ValueError:
        return ""
    is_list = target.source in {SourceName.YOUTUBE, SourceName.ARXIV} and not work_key(text)
    return "" if is_list else link_key(text)


def _refuse(storage: Storage, text: str) -> str:
    near: Sequence[str] = nearest(storage, text, most=1)
    guess = f"did you mean {near[0]}? Otherwise " if near else ""
    raise click.UsageError(f"{text[:200]!r} names no video, paper or post: {guess}write {_FORMS}")
