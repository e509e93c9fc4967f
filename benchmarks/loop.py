"""Poll every feed as the simplest program would: feedparser, validators and entries kept in SQLite."""

from __future__ import annotations

import io
import sqlite3
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import feedparser


def ask(feed: tuple[str, str]) -> tuple[str, str, bytes]:
    """Ask one feed; no body when it has not changed."""
    url, tag = feed
    request = urllib.request.Request(url, headers={"If-None-Match": tag} if tag else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return url, answer.headers.get("ETag", ""), answer.read()
    except urllib.error.HTTPError as error:
        if error.code != 304:
            raise
        return url, tag, b""


def main(database: str, addresses: str) -> None:
    """Poll all addresses of a file, 20 at a time."""
    db = sqlite3.connect(database)
    db.execute("CREATE TABLE IF NOT EXISTS feeds (url TEXT PRIMARY KEY, tag TEXT)")
    db.execute("CREATE TABLE IF NOT EXISTS entries (feed TEXT, id TEXT, title TEXT, text TEXT, UNIQUE (feed, id))")
    known = dict(db.execute("SELECT url, tag FROM feeds"))
    with open(addresses, encoding="utf-8") as file:
        feeds = [(url, known.get(url, "")) for url in file.read().split()]
    with ThreadPoolExecutor(20) as pool:
        for url, tag, body in pool.map(ask, feeds):
            entries = feedparser.parse(io.BytesIO(body)).entries if body else ()
            db.executemany(
                "INSERT OR IGNORE INTO entries VALUES (?, ?, ?, ?)",
                [(url, each.get("id"), each.get("title"), each.get("summary")) for each in entries],
            )
            db.execute("INSERT OR REPLACE INTO feeds VALUES (?, ?)", (url, tag))
    db.commit()


main(*sys.argv[1:])
