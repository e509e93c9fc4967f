"""List YouTube's playlists and channels through yt-dlp, in a child process that can be killed (M37)."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Literal
from urllib.parse import urlsplit

from tracker.errors import BlockedError, ExtractorError, FetchError, NetworkError, StatusError
from tracker.poll.fetch.answers import LATER, rate_limited
from tracker.poll.fetch.jobs import LISTING_LIMIT
from tracker.poll.fetch.redact import redact
from tracker.poll.fetch.redirects import is_proxied, proxies
from tracker.poll.fetch.trouble import CERTIFICATES, Verdict

ITEMS = 500
_CHILD = Path(__file__).with_name("ytdlp_child.py")
_FAILED = 3
_HOSTS = frozenset({"youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "youtu.be"})
_UPDATE = "If it stays so, update yt-dlp (its knowledge of YouTube ages in months)."
Task = Literal["list", "look up"]


class Listing:
    """One running child: `poll` until it gives the answer's JSON or the error, or `kill` it.

    Raises ExtractorError at once, and asks nobody, for an address that is not YouTube's (M35).
    """

    def __init__(
        self,
        url: str,
        *,
        task: Task,
        items: int | None,
        pause: float,
        besides: Sequence[str] = (),
        limit: float = LISTING_LIMIT,
    ) -> None:
        if not is_youtube(url):
            text = f"{redact(url)} is no address of YouTube, so yt-dlp is not asked."
            raise ExtractorError(text, url=redact(url), remedy="Correct the address in feeds.toml.")
        self._url = url
        self._deadline = time.monotonic() + limit
        self._limit = limit
        self._out = tempfile.TemporaryFile()  # noqa: SIM115 closed by `kill`; a pipe would block a long answer
        try:
            self._child = _start(self._out)
        except OSError as error:
            self._out.close()
            text = f"yt-dlp could not be started ({error.strerror})."
            raise ExtractorError(text, url=redact(url), remedy=LATER) from None
        self._tell({"task": task, "url": url, "items": items or ITEMS, "besides": [*besides], "pause": min(pause, 1.0)})

    def poll(self) -> bytes | Verdict | None:
        """Give the answer or the error once the child has ended, None while it runs."""
        code = self._child.poll()
        if code is None and time.monotonic() < self._deadline:
            return None
        try:
            return self._too_slow() if code is None else self._outcome(code)
        finally:
            self.kill()

    def kill(self) -> None:
        """End the child with all that it started, and leave no zombie; calling it again is harmless."""
        if self._child.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
        if self._child.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._child.stdin.close()
        self._out.close()

    def _tell(self, task: Mapping[str, object]) -> None:
        """Hand the task over. Stdin stays open: its end tells the child that we are gone."""
        assert self._child.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has died already; `poll` says so
            self._child.stdin.write(json.dumps(task).encode() + b"\n")
            self._child.stdin.flush()

    def _outcome(self, code: int) -> bytes | Verdict:
        self._out.seek(0)
        content = self._out.read()
        if code == 0 and content:
            return content
        if code == _FAILED and content:
            return explain(json.loads(content), url=self._url)
        text = f"yt-dlp ended without an answer (exit code {code})."
        return Verdict(ExtractorError(text, url=redact(self._url), remedy=_UPDATE))

    def _too_slow(self) -> Verdict:
        text = f"yt-dlp was stopped after {self._limit:.0f} s without an answer."
        return Verdict(NetworkError(text, url=redact(self._url), remedy=LATER))


def _start(out: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 our own file, by our own interpreter
        [sys.executable, "-P", str(_CHILD)],
        stdin=subprocess.PIPE,
        stdout=out,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "YTDLP_NO_PLUGINS": "1"},
        start_new_session=True,
    )


def is_youtube(url: str) -> bool:
    """Tell whether a URL is one of YouTube's, over http or https."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.hostname in _HOSTS and port in (None, 80, 443)


def explain(problem: Mapping[str, Any], *, url: str) -> Verdict:
    """Give the error for what the child reports; yt-dlp's words appear as a short quotation at most (M36)."""
    kind = str(problem["kind"])
    if kind == "status":
        return Verdict(_status(int(problem["status"]), str(problem["retry_after"]), url=url))
    if kind == "network":
        return _network(str(problem["errno"]), url=url)
    if kind in _SENTENCES:
        return Verdict(_SENTENCES[kind](redact(url)))
    printable = "".join(char if char.isprintable() else " " for char in str(problem["text"]))
    quoted = " ".join(printable.split()).rstrip(".")[:160]
    text = f"yt-dlp could not read the list ({quoted})."
    return Verdict(ExtractorError(text, url=redact(url), remedy=_UPDATE))


def _status(status: int, retry_after: str, *, url: str) -> FetchError:
    if status == 429 or (status == 503 and retry_after):
        return rate_limited(url, status, retry_after=retry_after)
    if status == 403:
        return _bot(redact(url))
    text = f"youtube.com answered {status} to yt-dlp."
    return StatusError(text, status=status, url=redact(url), remedy=LATER, retry_after=retry_after)


def _network(cause: str, *, url: str) -> Verdict:
    shown = redact(url)
    if cause in ("resolver", "no route") or (cause == "refused" and is_proxied(url, proxies())):
        text = "youtube.com was not asked: this machine has no way out."
        return Verdict(
            NetworkError(text, url=shown, remedy="Check the network and the proxy.", local=True), is_doubtful=True
        )
    text = "youtube.com could not be reached by yt-dlp."
    return Verdict(NetworkError(text, url=shown, remedy=LATER), is_doubtful=True)


def _bot(url: str) -> BlockedError:
    text = "youtube.com refuses this machine: it takes it for a bot."
    return BlockedError(text, status=403, url=url, remedy="YouTube is left alone for hours and then tried again.")


_SENTENCES: Mapping[str, Callable[[str], FetchError]] = {
    "bot": _bot,
    "gone": lambda url: ExtractorError(
        "YouTube knows no such list: it may be gone.", url=url, remedy="Open it in a browser.", is_gone=True
    ),
    "private": lambda url: ExtractorError(
        "The list is private.", url=url, remedy="Its owner can make it unlisted, or unsubscribe from it."
    ),
    "nothing": lambda url: ExtractorError("yt-dlp came back without a list.", url=url, remedy=_UPDATE),
    "unsuitable": lambda url: ExtractorError(
        "yt-dlp knows no list at this address.", url=url, remedy="Give a playlist, a channel, a handle or a video."
    ),
    "missing": lambda url: ExtractorError(
        "yt-dlp is not installed.", url=url, remedy="Install it: pip install yt-dlp."
    ),
    "tls": lambda url: NetworkError(
        "youtube.com has no certificate that yt-dlp can trust.", url=url, remedy=CERTIFICATES
    ),
    "proxy": lambda url: NetworkError(
        "youtube.com was not asked: the proxy cannot be used.", url=url, remedy="Check HTTPS_PROXY.", local=True
    ),
}
