"""Say what a day of feeds.toml costs: requests, bytes, CPU, memory; `make day`.

    python -m benchmarks.day [FEEDS_TOML]

Four weeks of it are lived by `tracker simulate` (scenario calm): the program's own polls, closes and pages against an
internet that is generated in the same process, whose cost is in the CPU seconds, while TLS and waiting are not. Bytes are
those of the documents, before compression.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import closing
from pathlib import Path

from benchmarks.peers import ROOT

WEEKS = 4


def main(feeds: str = "feeds.toml") -> None:
    """Live four weeks and print what a day of them costs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "lived"
        command = [sys.executable, "-m", "tracker", "simulate", "--config", feeds, "--weeks", str(WEEKS)]
        process = subprocess.Popen([*command, "--into", str(folder)], cwd=ROOT, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, f"tracker simulate ended with {process.returncode}"
        with closing(sqlite3.connect(folder / "tracker.db")) as db:
            hosts = Counter(dict(db.execute("SELECT host, count(*) FROM polls GROUP BY host")))
            size = db.execute("SELECT sum(bytes) FROM polls").fetchone()[0]
            entries = db.execute("SELECT count(*) FROM entries").fetchone()[0]
            pages = db.execute("PRAGMA page_count").fetchone()[0] * db.execute("PRAGMA page_size").fetchone()[0]
    days = 7 * WEEKS
    print(f"requests a day   {hosts.total() / days:8.1f}")
    for host, count in hosts.most_common():
        print(f"  {host:30} {count / days:8.1f}")
    print(f"KiB a day        {size / days / 1024:8.0f}")
    print(f"CPU s a day      {(usage.ru_utime + usage.ru_stime) / days:8.2f}")
    print(f"MiB at most      {usage.ru_maxrss / 1024:8.1f}")
    print(f"bytes an entry   {pages / entries:8.0f}   ({entries} entries)")


if __name__ == "__main__":
    main(*sys.argv[1:])
