"""Find a host's addresses for fetch in a thread that nobody waits for: a resolver that hangs holds up no other host.

libcurl has twenty threads of its own, takes two for each name, and joins them when it is closed (tried with 8.23): ten
names whose servers hang would stop every other name, and the end of the program.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(slots=True, eq=False)
class Lookup:
    """One question to the system's resolver; `entry` is libcurl's RESOLVE line, "" where there was no answer."""

    host: str
    port: int
    entry: str = ""
    _done: threading.Event = field(default_factory=threading.Event)

    @property
    def is_done(self) -> bool:
        """Whether the resolver has come back, with whatever answer."""
        return self._done.is_set()

    def run(self) -> None:
        """Ask; an error is left to libcurl, which asks again and names it."""
        with contextlib.suppress(OSError, UnicodeError):
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
            addresses = dict.fromkeys(str(each[4][0]).partition("%")[0] for each in found)
            shown = ",".join(f"[{each}]" if ":" in each else each for each in addresses)
            self.entry = f"+{self.host}:{self.port}:{shown}"
        self._done.set()


_running: dict[tuple[str, int], Lookup] = {}  # of the whole process: a name that hangs is asked for once at a time


def look_up(url: str) -> Lookup | None:
    """Begin to find the addresses of a URL's host; None where the host is one already."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(host)
        return None
    for key in [key for key, each in _running.items() if each.is_done]:
        del _running[key]
    if (host, port) not in _running:
        _running[host, port] = Lookup(host, port)
        threading.Thread(target=_running[host, port].run, name=f"resolver of {host}", daemon=True).start()
    return _running[host, port]
