"""Ask every feed as fast as libcurl can, and keep bytes: what no program that polls can do without.

    python floor.py DATABASE ADDRESSES

Nothing is parsed, no host is spared, no deadline is kept.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterable, Iterator
from io import BytesIO

import pycurl

CONCURRENCY = 64  # as feeds.toml has it in the benchmark


class Question:
    """A handle, what it asks, and what has come of it."""

    def __init__(self, url: str, tag: str) -> None:
        self.url, self.tag = url, tag
        self.body = BytesIO()
        self.handle = pycurl.Curl()
        self.handle.setopt(pycurl.URL, url)
        self.handle.setopt(pycurl.HTTPHEADER, [f"If-None-Match: {tag}"] if tag else [])
        self.handle.setopt(pycurl.WRITEDATA, self.body)
        self.handle.setopt(pycurl.HEADERFUNCTION, self.on_header)

    def on_header(self, line: bytes) -> None:
        """Keep the ETag."""
        name, _, value = line.partition(b":")
        if name.lower() == b"etag":
            self.tag = value.strip().decode("ascii")


def asked(feeds: Iterable[tuple[str, str]]) -> Iterator[Question]:
    """Ask feeds, so many at a time; give each that is answered."""
    waiting, multi, running = iter(feeds), pycurl.CurlMulti(), dict[pycurl.Curl, Question]()

    def fill() -> None:
        while len(running) < CONCURRENCY and (feed := next(waiting, None)):
            question = Question(*feed)
            running[question.handle] = question
            multi.add_handle(question.handle)

    fill()
    while running:
        multi.select(1.0)
        multi.perform()
        left = 1
        while left:
            left, good, bad = multi.info_read()
            assert not bad, f"{running[bad[0][0]].url}: {bad[0][2]}"
            for handle in good:
                multi.remove_handle(handle)
                yield running.pop(handle)
        fill()


def main(database: str, addresses: str) -> None:
    """Poll all addresses of a file, with one commit."""
    db = sqlite3.connect(database)
    db.execute("CREATE TABLE IF NOT EXISTS feeds (url TEXT PRIMARY KEY, tag TEXT, body BLOB)")
    known = dict(db.execute("SELECT url, tag FROM feeds"))
    with open(addresses, encoding="utf-8") as file:
        feeds = [(url, known.get(url, "")) for url in file.read().split()]
    for question in asked(feeds):
        if question.handle.getinfo(pycurl.RESPONSE_CODE) == 200:
            row = (question.url, question.tag, question.body.getvalue())
            db.execute("INSERT OR REPLACE INTO feeds VALUES (?, ?, ?)", row)
    db.commit()


main(*sys.argv[1:])
