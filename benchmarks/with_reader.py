"""Poll every feed with lemon24/reader, in an environment of its own: `python with_reader.py DATABASE ADDRESSES`."""

from __future__ import annotations

import sys
from pathlib import Path

from reader import make_reader


def main(database: str, addresses: str) -> None:
    """Add what is not there, and update everything, 20 at a time."""
    reader = make_reader(database)
    known = {each.url for each in reader.get_feeds()}
    for url in Path(addresses).read_text(encoding="utf-8").split():
        if url not in known:
            reader.add_feed(url)
    reader.update_feeds(scheduled=False, workers=20)


main(*sys.argv[1:])
