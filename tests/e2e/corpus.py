"""Read ../shared/corpus for end-to-end tests: what its files are served as, and what they hold by an independent look."""

from __future__ import annotations

import html
import io
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest

NO_ANSWERS = frozenset(("expected-json", "http-recording", "ytdlp-expectations", "ytdlp-flat-json"))
_TYPES = {".json": "application/feed+json", ".html": "text/html", ".atom": "application/atom+xml"}
_HEADER = re.compile(rb"Header:\s*Content-type:\s*([^\r\n]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file that a host could answer a poll with: `feed` is its id in feeds.toml, `path` that in the corpus."""

    feed: str
    path: str
    kind: str
    body: bytes
    content_type: str

    @property
    def host(self) -> str:
        """The host that serves it."""
        return f"{self.feed}.corpus.example"

    @property
    def url(self) -> str:
        """Where it is served: what was captured comes by TLS, small test inputs do without."""
        return f"{'http' if self.path.startswith('zoo/') else 'https'}://{self.host}/feed"

    @property
    def again(self) -> bytes:
        """The same entries in other bytes, so that a second poll has to look at them."""
        is_wide = b"\0" in self.body[:4]
        return self.body if is_wide else self.body + b"\n"


def folder(shared: Path) -> Path:
    """Find the corpus, or skip the test."""
    found = shared / "corpus"
    if not (found / "MANIFEST.tsv").is_file():
        pytest.skip("needs ../shared/corpus, which this ../shared has not")
    return found


def documents(corpus: Path) -> tuple[Document, ...]:
    """List every file of MANIFEST.tsv but recordings of other kinds and expected results, in its order."""
    rows = [line.split("\t")[:2] for line in (corpus / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()[1:]]
    wanted = [(path, kind) for path, kind in rows if kind not in NO_ANSWERS and "innertube" not in kind]
    return tuple(_document(corpus, number, path, kind) for number, (path, kind) in enumerate(wanted, 1))


def feeds_toml(targets: Mapping[str, str], *, head: str) -> str:
    """Write a feeds.toml with one table for each id and its target (`url = "…"`), everything held being news."""
    return head + "".join(f'\n[[feed]]\nid = "{feed}"\n{line}\nbacklog = "all"\n' for feed, line in targets.items())


def standing(moment: datetime) -> str:
    """Make the TRACKER_CLOCK that stands still at a moment."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}*0.000001"


def distinct(document: Document) -> int:
    """Count the entries that a document holds by feedparser, or by json where it is JSON Feed; the first of two with one guid counts.

    An entry without title, text and address, whatever its guid, is none: there is nothing of it to show.
    """
    if document.content_type == "application/feed+json" and document.kind != "malformed":
        return _distinct_items(document.body)
    entries = [each for each in _read(document).entries if _is_usable(each)]
    links = Counter(each.get("link", "") for each in entries if not each.get("id"))
    return len({_identity(each, links) for each in entries})


def query(database: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask the database beside the program."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as db:
        return list(db.execute(sql))


def _document(corpus: Path, number: int, path: str, kind: str) -> Document:
    body = (corpus / path).read_bytes()
    # feedparser's own test files say in a comment what their server sends.
    stated = _HEADER.search(body[:2000]) if path.startswith("zoo/feedparser") else None
    content_type = stated[1].decode("latin-1").strip() if stated else _TYPES.get(Path(path).suffix, "application/xml")
    return Document(feed=f"c{number:04}", path=path, kind=kind, body=body, content_type=content_type)


def _read(document: Document) -> Any:
    headers = {"content-type": document.content_type, "content-location": document.url}
    options = {"sanitize_html": False, "resolve_relative_uris": False}
    return feedparser.parse(io.BytesIO(document.body), response_headers=headers, **options)


def _distinct_items(body: bytes) -> int:
    try:
        items = json.loads(body).get("items", ())
    except ValueError:
        return 0
    return len({str(item.get("id") or item.get("url")) for item in items})


def _identity(entry: Mapping[str, Any], links: Counter[str]) -> tuple[str, ...]:
    link = entry.get("link", "")
    if guid := entry.get("id"):
        return (guid,)
    return (link,) if link and links[link] == 1 else (link, entry.get("title", ""), entry.get("published", ""))


def _is_usable(entry: Mapping[str, Any]) -> bool:
    texts = (entry.get("title"), entry.get("summary"), *(each.get("value") for each in entry.get("content", ())))
    addresses = (entry.get("link"), entry.get("id"), *(each.get("href") for each in entry.get("enclosures", ())))
    return any(_is_visible(text or "") for text in texts) or any(_is_web(address or "") for address in addresses)


def _is_visible(text: str) -> bool:
    return bool(html.unescape(re.sub(r"<(script|style|noscript).*?</\1>|<[^>]*>", "", text, flags=re.DOTALL)).strip())


def _is_web(address: str) -> bool:
    return address.strip().lower().startswith(("http://", "https://"))
