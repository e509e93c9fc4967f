"""Serve `tracker init`: the commented feeds.toml that a newcomer starts from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from tracker.errors import ConfigError, Problem


def starter() -> str:
    """Give the text of a first feeds.toml; the one at the root of the sources is the same."""
    return files("tracker.subscribe").joinpath("starter.toml").read_text(encoding="utf-8")


def write_starter(path: Path) -> None:
    """Write a first feeds.toml; ConfigError where something stands already, which is never overwritten."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(starter())
    except FileExistsError:
        raise ConfigError(path, (Problem("is there already; it is not overwritten"),)) from None
    except OSError as error:
        raise ConfigError(path, (Problem(f"cannot be written: {error.strerror or error}"),)) from None
