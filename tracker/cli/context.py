"""Hold what every command needs: the configuration, the database, the time."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO

import click

from tracker.cli.clock import Clock, clock_from

if TYPE_CHECKING:
    from tracker.models import Config, Subscription
    from tracker.storage import Storage


LOG_FILE = click.Path(dir_okay=False, path_type=Path)


@dataclass(slots=True)
class App:
    """One run of the command line."""

    config_option: str | None = None
    is_verbose: bool = False
    log_file: Path | None = None
    clock: Clock = field(default_factory=lambda: clock_from(os.environ))

    @property
    def config_path(self) -> Path:
        """Where feeds.toml is looked for."""
        from tracker.config import find

        return find(self.config_option, os.environ, Path.cwd())

    def config(self) -> Config:
        """Read feeds.toml; raises ConfigError."""
        from tracker.config import load

        return load(self.config_path)

    def now(self) -> datetime:
        """Tell the time in UTC."""
        return self.clock.now()

    def storage(self, config: Config) -> Storage:
        """Open the database of a configuration; raises StorageError."""
        return self._open(config.database)

    def storage_alone(self) -> Storage:
        """Open the database and read no more of feeds.toml than where it is; raises ConfigError and StorageError."""
        from tracker.config.database import database_of

        return self._open(database_of(self.config_path))

    def _open(self, path: Path) -> Storage:
        from tracker.storage import Storage

        return Storage.open(path, now=self.now())

    def start_logging(self) -> None:
        """Log to the file and, if wanted or where there is none, to standard error (there only warnings unless -v)."""
        handlers: list[logging.Handler] = []
        try:
            if self.log_file:
                handlers.append(_LogFile(self.log_file, encoding="utf-8"))
        except OSError as error:
            raise click.UsageError(f"--log-file: cannot write {self.log_file}: {error.strerror}") from error
        if self.is_verbose or not handlers:
            stream = _LogStream()
            stream.setLevel(logging.INFO if self.is_verbose else logging.WARNING)
            handlers.append(stream)
        form = "%(asctime)s %(levelname)s %(name)s %(message)s"
        # Without a reader of its lines a poll makes none: 1,000 feeds, 20 ms.
        level = logging.INFO if self.is_verbose or self.log_file else logging.WARNING
        logging.basicConfig(level=level, handlers=handlers, format=form, force=True)
        # APScheduler tells each of its waits, and warns at every tick that a long poll outlasts: nobody asked for that.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)


class _Lossy(logging.Handler):
    """A log that may not be written, on a full disk say: its lines are lost, and the work goes on without a word."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- logging's name
        """Tell a mistake in a line of ours, as logging does; be silent about the disk."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


class _LogFile(_Lossy, logging.FileHandler):
    """--log-file."""


class _LogStream(_Lossy, logging.StreamHandler[TextIO]):
    """Standard error."""


def pass_app(command: Callable[..., int]) -> Callable[..., int]:
    """Hand the App to a command, and let the general options stand behind it, too."""
    command = click.make_pass_decorator(App)(command)
    for option in (
        click.option(
            "--log-file", type=LOG_FILE, expose_value=False, callback=_set, help="Write what happens to a file."
        ),
        click.option("-v", "--verbose", is_flag=True, expose_value=False, callback=_set, help="Say what happens."),
        click.option("--config", metavar="FILE", expose_value=False, callback=_set, help="The feeds.toml to use."),
    ):
        command = option(command)
    return command


def _set(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
    app = ctx.find_object(App)
    if not value or app is None:
        return
    if parameter.name == "config":
        app.config_option = value
        return
    app.is_verbose = app.is_verbose or parameter.name == "verbose"
    app.log_file = value if parameter.name == "log_file" else app.log_file
    app.start_logging()


def require(config: Config, feed: str) -> Subscription:
    """Look a subscription up by its id; a wrong one is wrong use, and the nearest right one is named."""
    found = config.subscription(feed)
    if found:
        return found
    hint = _hint(feed, [each.id for each in config.subscriptions])
    raise click.UsageError(f"no feed has the id {feed!r} in {config.path}: {hint}")


def tagged(config: Config, tag: str) -> tuple[str, ...]:
    """Give the ids of the feeds that carry a tag; a tag that none carries is wrong use."""
    ids = tuple(each.id for each in config.subscriptions if tag in each.tags)
    if ids:
        return ids
    known = sorted({each for subscription in config.subscriptions for each in subscription.tags})
    raise click.UsageError(f"no feed has the tag {tag!r} in {config.path}: {_hint(tag, known)}")


def _hint(given: str, known: Sequence[str]) -> str:
    """Name what was probably meant, else all there is."""
    from difflib import get_close_matches

    near = get_close_matches(given, known, n=1)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(known) or 'none'}"


@contextmanager
def stopping() -> Iterator[Event]:
    """Turn SIGTERM and SIGINT into an event; a second SIGINT ends the program the hard way."""
    stop = Event()

    def on_signal(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 -- the signature of a handler
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()

    former = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
