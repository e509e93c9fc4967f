"""List one playlist or look one address up with yt-dlp: the child process of fetch, never imported by it.

It reads one line of JSON (`task`, `url`, `items`, `besides`, `pause`) from stdin and writes one JSON document
to stdout: with exit code 0 what yt-dlp found, with 3 what went wrong. It ends when stdin closes,
so that it does not outlive a parent that was killed. Only the standard library and yt-dlp are
imported: it is run by its path, without the rest of the program.
"""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

FAILED = 3
_ORPHANED = 4
_BESIDES = 100  # entries: four pages of a tab
Json = dict[str, Any]

_GONE = re.compile(
    r"does not exist|does the playlist exist|unviewable|no longer available|been terminated", re.IGNORECASE
)
_PRIVATE = re.compile(r"\bis private\b|private playlist", re.IGNORECASE)
_BOT = re.compile(r"not a bot|rate-limited|unusual traffic", re.IGNORECASE)
_NO_TAB = re.compile(r"does not have an? \w+ tab")
_UNSUITABLE = re.compile(r"no suitable extractor", re.IGNORECASE)
_NOISE = re.compile(r"^(ERROR: )?(\[[\w:+]+\] )?([\w@-]+: )?|; please report this issue.*|\(caused by .*", re.DOTALL)
_WATCH = re.compile(r"(?:[?&]v=|youtu\.be/|/(?:shorts|live|embed|v)/)([\w-]{11})(?![\w-])")
_CHANNEL_ID = r"UC[\w-]{22}"


def main() -> int:
    """Do the task that stdin names."""
    out = _private_stdout()
    task = json.loads(_first_line())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    code, answer = _outcome(task)
    with os.fdopen(out, "w", encoding="ascii") as stream:
        json.dump(answer, stream)
    return code


def _outcome(task: Json) -> tuple[int, Json]:
    try:
        import yt_dlp  # noqa: F401 its absence is told apart from everything that it may do
    except ImportError:
        return FAILED, {"kind": "missing", "text": ""}
    try:
        return 0, _TASKS[task["task"]](task)
    except Exception as error:  # noqa: BLE001 yt-dlp raises anything; it must fail this feed only (M38)
        return FAILED, _problem(error)


# ---------------------------------------------------------------- tasks


def _list(task: Json) -> Json:
    """List a playlist's or channel's videos, flat: nothing is asked for single videos (M33).

    Of the lists beside it, one kind of a channel's videos each, only the ids are wanted.
    """
    found = _listed(task, task["url"], items=task["items"])
    besides = {url: _ids_of_kind(task, url) for url in task["besides"]}
    return found | {"besides": besides} if besides else found


def _listed(task: Json, url: str, *, items: int) -> Json:
    import yt_dlp

    options = _options(task) | {"playlist_items": f"1:{items}"}
    with yt_dlp.YoutubeDL(options) as downloader:
        found = downloader.sanitize_info(downloader.extract_info(url, download=False))
    if not isinstance(found, dict) or not isinstance(found.get("entries"), list):
        raise _NothingError
    return found


def _ids_of_kind(task: Json, url: str) -> list[str]:
    """Give the newest of one kind of a channel's videos; a channel without such videos has no such list."""
    try:
        found = _listed(task, url, items=_BESIDES)
    except Exception as error:
        if _NO_TAB.search(str(error)):
            return []
        raise
    return [each["id"] for each in found["entries"] if isinstance(each, dict) and each.get("id")]


def _look_up(task: Json) -> Json:
    """Tell what an address is, without listing it: the ids and titles of its page."""
    import yt_dlp

    with yt_dlp.YoutubeDL(_options(task)) as downloader:
        video = _WATCH.search(task["url"])
        if video:
            return _video(downloader, video[1])
        found = downloader.extract_info(task["url"], download=False, process=False)
        if found and found.get("_type") == "url":
            found = downloader.extract_info(found["url"], download=False, process=False)
    if not isinstance(found, dict):
        raise _NothingError
    names = ("id", "title", "channel", "channel_id", "uploader_id", "playlist_count", "webpage_url", "description")
    return {name: found.get(name) for name in names} | {"type": found.get("_type", "")}


def _video(downloader: Any, video: str) -> Json:
    """Find whose a video is from its page: the player, which asks for a login sooner, is not run.

    yt-dlp's own session is used because it answers the consent question.
    """
    downloader.get_info_extractor("YoutubeTab").initialize()
    page = downloader.urlopen(f"https://www.youtube.com/watch?v={video}").read().decode("utf-8", "replace")
    details = page[page.find('"videoDetails"') :] if '"videoDetails"' in page else ""
    places = (
        (details, rf'"channelId"\s*:\s*"({_CHANNEL_ID})"'),
        (page, rf'"videoOwnerRenderer".{{0,4000}}?"browseId"\s*:\s*"({_CHANNEL_ID})"'),
        (page, rf'itemprop="(?:channelId|identifier)"\s+content="({_CHANNEL_ID})"'),
    )
    found = next((match[1] for text, pattern in places if (match := re.search(pattern, text, re.DOTALL))), "")
    if not found:
        raise _NothingError
    texts = {name: _json_text(details, name) for name in ("title", "author")}
    return {"type": "video", "id": video, "title": texts["title"], "channel": texts["author"], "channel_id": found}


def _json_text(source: str, name: str) -> str:
    match = re.search(rf'"{name}"\s*:\s*("(?:[^"\\]|\\.)*")', source)
    return str(json.loads(match[1])) if match else ""


_TASKS: dict[str, Callable[[Json], Json]] = {"list": _list, "look up": _look_up}


def _options(task: Json) -> Json:
    """Nothing but flat lists, from nowhere but YouTube, and not a word on our stdout (M36)."""
    return {
        "quiet": True,
        "noprogress": True,
        "color": "never",
        "logger": _Silence(),
        "skip_download": True,
        "extract_flat": "in_playlist",
        "ignoreerrors": False,
        "socket_timeout": 20,
        "retries": 1,
        "extractor_retries": 1,
        "sleep_interval_requests": task["pause"],
        "cachedir": False,
        "js_runtimes": {},
        "allowed_extractors": ["youtube:tab", "youtube:playlist"],
        "extractor_args": {"youtube": {"raise_incomplete_data": ["true"], "lang": ["en"]}},
        "compat_opts": ["no-certifi"],  # else SSL_CERT_FILE is not read
    }


class _Silence:
    """A logger for yt-dlp that keeps everything to itself."""

    def debug(self, message: str) -> None:
        """Hear a debug or info line."""

    def warning(self, message: str) -> None:
        """Hear a warning."""

    def error(self, message: str) -> None:
        """Hear an error, which is raised as well."""


class _NothingError(Exception):
    """yt-dlp came back with None, or with no list (M31)."""


# ---------------------------------------------------------------- what went wrong


def _problem(error: Exception) -> Json:
    """Sort an exception: `kind`, a short text, and what the chain of causes tells."""
    causes = list(_causes(error))
    text = next((_NOISE.sub("", str(each)) for each in causes if str(each)), "")
    refusal: Any = next((each for each in causes if _is(each, "HTTPError")), None)
    if refusal is not None:
        headers = getattr(refusal, "response", refusal).headers
        retry_after = headers.get("Retry-After") or ""
        return {"kind": "status", "text": text, "status": int(refusal.status), "retry_after": retry_after}
    for kind, name in (("tls", "SSLCertVerificationError"), ("tls", "CertificateVerifyError"), ("proxy", "ProxyError")):
        if any(_is(each, name) for each in causes):
            return {"kind": kind, "text": text}
    if any(_is(each, "TransportError") or isinstance(each, OSError) for each in causes):
        return {"kind": "network", "text": text, "errno": _errno(causes)}
    return {"kind": _kind(error, " ".join(str(each) for each in causes)), "text": text or type(error).__name__}


def _is(error: BaseException, name: str) -> bool:
    """Know a class by its name: where yt-dlp keeps its exceptions has changed before."""
    return any(kind.__name__ == name for kind in type(error).__mro__)


def _kind(error: Exception, text: str) -> str:
    if isinstance(error, _NothingError):
        return "nothing"
    patterns = {"bot": _BOT, "private": _PRIVATE, "gone": _GONE, "unsuitable": _UNSUITABLE}
    known = next((kind for kind, pattern in patterns.items() if pattern.search(text)), "")
    return known or ("said" if type(error).__name__ in ("DownloadError", "ExtractorError") else "unknown")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Walk down: yt-dlp hides causes in `exc_info`, `cause` and the ordinary chain."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        each = waiting.pop(0)
        if not isinstance(each, BaseException) or any(each is known for known in seen):
            continue
        seen.append(each)
        hidden = getattr(each, "exc_info", None) or (None, None)
        waiting += [hidden[1], getattr(each, "cause", None), each.__cause__, each.__context__]
    return iter(seen)


def _errno(causes: list[BaseException]) -> str:
    """Name the operating system's error: "resolver", "no such host", "no route", "refused" or ""."""
    for each in causes:
        if isinstance(each, socket.gaierror):
            return "no such host" if each.errno == socket.EAI_NONAME else "resolver"
        if isinstance(each, OSError) and each.errno in (errno.ENETUNREACH, errno.ENETDOWN):
            return "no route"
        if isinstance(each, ConnectionError):
            return "refused"
    return ""


# ---------------------------------------------------------------- the process


def _private_stdout() -> int:
    """Keep stdout for the answer: whatever else prints goes nowhere."""
    out = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    return out


def _first_line() -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(0, 4096)
        if not part:
            os._exit(_ORPHANED)
        line += part
    return line


def _end_with_parent() -> None:
    """Wait for stdin to close: the parent is gone, and nobody wants the answer."""
    # Not sys.stdin: a daemon thread that holds its lock makes the interpreter abort at exit.
    while os.read(0, 4096):
        pass
    os._exit(_ORPHANED)


if __name__ == "__main__":
    sys.exit(main())
