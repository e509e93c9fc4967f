"""Turn the command line into calls of the two halves, and what goes wrong into one line and an exit code.

Exit codes: 0 it worked, 1 the work failed, 2 wrong use or configuration.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from importlib import import_module
from keyword import iskeyword
from pathlib import Path

import click

import tracker
from tracker.cli.context import LOG_FILE, App
from tracker.cli.show import warn
from tracker.errors import ConfigError, TrackerError

# Where each command is, and what it does in a line: a command's module, with all that it needs, is
# loaded when the command runs, so that help and short commands start at once.
COMMANDS = {
    "init": ("subscriptions", "Write a commented feeds.toml to start from."),
    "subscribe": ("subscriptions", "Find out what a URL is, say what will arrive, add it."),
    "unsubscribe": ("subscriptions", "Take a feed out of feeds.toml; its entries stay."),
    "import": ("exchange", "Add the feeds of an OPML file."),
    "export": ("exchange", "Write the feeds as OPML, for other readers."),
    "feeds": ("states", "Every feed: state, last new entry, next due, last error."),
    "check": ("subscriptions", "Name every mistake in feeds.toml."),
    "poll": ("running", "Ask the feeds that are due and store what is new."),
    "digest": ("digests", "Write the digest of the open window, or give back an issue."),
    "run": ("running", "Keep polling and write every issue on time."),
    "status": ("questions", "Is it running, is it well, what is next."),
    "entries": ("questions", "What is stored, what was left out and why."),
    "search": ("questions", "Search everything stored."),
    "star": ("marking", "Ask for more like a work."),
    "done": ("marking", "Say that a work is read or watched."),
    "hide": ("marking", "Ask for less like a work, and show it no more."),
    "marks": ("marking", "What you have starred, done and hidden."),
    "why": ("why", "Where a work stands, and why there or not at all."),
    "simulate": ("simulate", "Live through weeks in seconds: how your digests would look."),
    "backup": ("keeping", "Copy the database into one file, while it is in use."),
    "restore": ("keeping", "Make a backup the database again; the present one is kept."),
}
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}  # no room on the disk, in the quota, in a file
HIDDEN = {"first-page": "first_page"}


class Commands(click.Group):
    """The commands, in the order in which a newcomer meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """Name them all."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 -- click's signature
        """Load one."""
        module = COMMANDS[cmd_name][0] if cmd_name in COMMANDS else HIDDEN.get(cmd_name)
        if module is None:
            return None
        name = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name.replace("-", "_")
        found = getattr(import_module(f"tracker.cli.{module}"), name)
        assert isinstance(found, click.Command), f"{cmd_name} is no command"
        return found

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; a reader who has seen enough (head, less) is no failure, which click takes it for."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _drop_output()
            return 0

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 -- click's
        """List them without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: tracker init, then tracker poll, then tracker digest",
)
@click.option("--config", metavar="FILE", help="feeds.toml to use [TRACKER_CONFIG, else ./feeds.toml]")
@click.option("-v", "--verbose", is_flag=True, help="Say what happens, on standard error.")
@click.option("--log-file", type=LOG_FILE, help="Write what happens to a file.")
@click.version_option(tracker.__version__, prog_name="tracker")
@click.pass_context
def cli(ctx: click.Context, config: str | None, *, verbose: bool, log_file: Path | None) -> None:
    """One quiet page a week from the playlists, newsletters and papers that you follow."""
    ctx.obj = App(config_option=config, is_verbose=verbose, log_file=log_file)
    ctx.obj.start_logging()


def main() -> None:
    """Run a command and end the process with its exit code."""
    try:
        code = cli.main(prog_name="tracker", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        warn("stopped")
        sys.exit(130)
    except ConfigError as error:
        warn(str(error))
        sys.exit(2)
    except TrackerError as error:
        warn(str(error))
        sys.exit(1)
    except OSError as error:
        if error.errno not in FULL:
            raise
        _drop_output()
        warn("the output could not be written in full: the disk is full")
        sys.exit(1)
    finally:
        gc.freeze()  # else Python looks for cycles in all that was loaded before it ends: 15 ms of a command's 150
    sys.exit(code if isinstance(code, int) else 0)


def _drop_output() -> None:
    """Send what is left nowhere: Python flushes once more at exit, and would complain once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
