"""Serve the benchmark's feeds on loopback, each on an address of its own, in a process whose cost is nobody's.

    python -m benchmarks.server FEEDS      # prints its port; a line `ENTRIES CHURN MILLISECONDS` makes the feeds anew

A feed is `http://127.1.x.y:PORT/feed` (see `address`). It answers a right `If-None-Match` with 304, and every request
after so many milliseconds. Only this machine reaches it.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from hashlib import sha256

from benchmarks.feeds import feed


def address(number: int, port: int) -> str:
    """Say where a feed is: on a host of its own, so that politeness to one host slows none down."""
    return f"http://127.1.{number // 250}.{number % 250 + 1}:{port}/feed"


async def main(count: int) -> None:
    """Serve until stdin ends."""
    answers: dict[int, tuple[bytes, bytes]] = {}
    latency = 0.0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        octets = writer.get_extra_info("sockname")[0].split(".")
        tag, body = answers[int(octets[2]) * 250 + int(octets[3]) - 1]
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                if latency:
                    await asyncio.sleep(latency)
                if tag in head:
                    writer.write(b"HTTP/1.1 304 Not Modified\r\nETag: " + tag + b"\r\n\r\n")
                else:
                    kind = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml; charset=utf-8\r\nETag: " + tag
                    writer.write(b"%s\r\nContent-Length: %d\r\n\r\n" % (kind, len(body)) + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, sock=_listening(), backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    while line := await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        entries, churn, milliseconds = map(int, line.split())
        latency = milliseconds / 1000
        for number in range(count):
            body = feed(number, entries=entries, churn=churn)
            answers[number] = (b'"' + sha256(body).hexdigest()[:16].encode() + b'"', body)
        print("ready", flush=True)


def _listening() -> socket.socket:
    """Listen on all of 127.0.0.0/8, and on no network."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
    listening.bind(("", 0))
    return listening


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
