"""Stand below every other module: the exceptions that the program raises on purpose.

TrackerError                       every exception raised on purpose
├── ConfigError(path, line, key)   feeds.toml cannot be used
├── FeedError(feed, url)           one feed failed; `transient` on the class
│   ├── FetchError                 NetworkError · StatusError → RateLimitedError, FeedGoneError, BlockedError
│   │                              · BodyTooLargeError · UnsafeRedirectError · ExtractorError
│   ├── ParseError                 the bytes are not a feed; TooManyEntriesError
│   └── UnexpectedError            a bug of ours that one feed has met; the others go on
├── StorageError                   sqlite3.Error, wrapped at the edge; MigrationError, BusyError
├── DigestError(issue)
└── DeliveryError(issue, target)

`FeedError` is caught by `poll` and stored on the feed; the rest end a command with one line
(exit 1; 2 for `ConfigError` and wrong use) or are logged by the daemon, which goes on.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar


class TrackerError(Exception):
    """Say in one line what went wrong and what to do about it."""


class ConfigError(TrackerError):
    """feeds.toml cannot be used; `problems` holds every mistake that was found, in file order."""

    def __init__(self, path: Path, problems: tuple[Problem, ...]) -> None:
        self.path = path
        self.problems = problems
        super().__init__("\n".join(problem.at(path) for problem in problems))


class Problem:
    """One mistake in feeds.toml: where it stands, what was expected, what to do."""

    __slots__ = ("key", "line", "text")

    def __init__(self, text: str, *, line: int | None = None, key: str = "") -> None:
        self.text = text
        self.line = line
        self.key = key

    def at(self, path: Path) -> str:
        """Name the file and, where it is known, the line."""
        where = f"{path}:{self.line}" if self.line else f"{path}"
        return f"{where}: {self.key + ': ' if self.key else ''}{self.text}"


class FeedError(TrackerError):
    """One feed failed; the others go on.

    `transient` says whether trying again later may help without anybody doing anything.
    """

    transient: ClassVar[bool] = True
    stage: ClassVar[str] = "fetch"

    def __init__(self, text: str, *, feed: str = "", url: str = "", remedy: str = "") -> None:
        self.feed = feed
        self.url = url
        self.remedy = remedy
        super().__init__(text)


class FetchError(FeedError):
    """No usable answer came."""


class NetworkError(FetchError):
    """No connection, no name, no TLS, or no answer in time.

    `local` is true when the fault lies before the host: no route, no name server, no proxy.
    """

    def __init__(self, text: str, *, feed: str = "", url: str = "", remedy: str = "", local: bool = False) -> None:
        super().__init__(text, feed=feed, url=url, remedy=remedy)
        self.local = local


class StatusError(FetchError):
    """The host answered with a status that is no success.

    `retry_after` is the header's text as it came (seconds or an HTTP date, RFC 9110 §10.2.3).
    """

    def __init__(
        self, text: str, *, status: int, feed: str = "", url: str = "", remedy: str = "", retry_after: str = ""
    ) -> None:
        super().__init__(text, feed=feed, url=url, remedy=remedy)
        self.status = status
        self.retry_after = retry_after


class RateLimitedError(StatusError):
    """429, or 503 with Retry-After: the whole host is left alone for a while."""


class FeedGoneError(StatusError):
    """410: the owner says that the feed is gone for good (believed after a second look, M83)."""

    transient = False


class BlockedError(StatusError):
    """401, 403, a challenge page or a bot check: the host does not want this address (M48).

    `is_host_wide` is false where only this one feed is refused (a login, an access rule).
    """

    def __init__(  # noqa: PLR0913 what StatusError takes, and one word more
        self,
        text: str,
        *,
        status: int,
        feed: str = "",
        url: str = "",
        remedy: str = "",
        retry_after: str = "",
        is_host_wide: bool = True,
    ) -> None:
        super().__init__(text, status=status, feed=feed, url=url, remedy=remedy, retry_after=retry_after)
        self.is_host_wide = is_host_wide


class BodyTooLargeError(FetchError):
    """More bytes than `max_body` after decompression."""

    transient = False


class UnsafeRedirectError(FetchError):
    """A redirect loop, too many hops, https to http, or from a public to a private address."""

    transient = False


class ExtractorError(FetchError):
    """yt-dlp could not list a playlist or channel.

    `is_gone` says that YouTube knows no such list: perhaps gone, believed after a second look (M32).
    """

    def __init__(self, text: str, *, feed: str = "", url: str = "", remedy: str = "", is_gone: bool = False) -> None:
        super().__init__(text, feed=feed, url=url, remedy=remedy)
        self.is_gone = is_gone


class ParseError(FeedError):
    """The bytes that came are not a feed (M7)."""

    stage = "parse"


class TooManyEntriesError(ParseError):
    """The document holds more entries than any honest feed."""

    transient = False


class UnexpectedError(FeedError):
    """A bug of this program that one feed has met: logged with its traceback, and no other feed's affair."""

    stage = "bug"


class StorageError(TrackerError):
    """The database cannot be read or written."""


class MigrationError(StorageError):
    """The database's schema cannot be brought to this program's version."""


class BusyError(StorageError):
    """Another tracker holds what this one needs (a poll, the daemon's place)."""


class DigestError(TrackerError):
    """An issue cannot be made or found."""

    def __init__(self, text: str, *, issue: str = "") -> None:
        self.issue = issue
        super().__init__(text)


class DeliveryError(TrackerError):
    """An issue was made and stored, but could not be brought to its place; it is tried again."""

    def __init__(self, text: str, *, issue: str, target: str) -> None:
        self.issue = issue
        self.target = target
        super().__init__(text)
