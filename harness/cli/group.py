"""A group of commands, each of which ends in a message and a hint, never in a traceback."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import signal
import sys
from pathlib import Path
from typing import Any

import click

from harness import signals
from harness.errors import HarnessError
from harness.text import clip, make_printable

LONGEST_MESSAGE = 2_000
LONGEST_LOG = 10_000


class Commands(click.Group):
    """Commands that fail, are interrupted, or find no room, as people expect them to."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Refuse words that no report could hold; see that whatever is printed can be."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        for word in args:
            if word.encode(errors="replace").decode() != word:
                raise click.UsageError(f"{word!a} is not UTF-8")
        return super().parse_args(context, args)

    def invoke(self, context: click.Context) -> Any:
        """Run the command; turn what stops it into its message and exit status."""
        try:
            return super().invoke(context)
        except HarnessError as error:
            print_error(error)
            sys.exit(error.exit_status)
        except KeyboardInterrupt as interrupt:
            click.echo(signals.INTERRUPTED_MESSAGE, err=True)
            sys.exit(128 + (interrupt.args or (signal.SIGINT,))[0])
        except OSError as problem:
            if problem.errno == errno.EPIPE:
                # Nobody reads to the end: click knows what to do.
                raise
            discard_output()
            print_error(os_error_message(problem))
            sys.exit(HarnessError.exit_status)


def os_error_message(problem: OSError) -> HarnessError:
    """The error to show where the operating system refused something that nobody reckoned with."""
    where = problem.filename or "standard output or a file"
    hint = "See whether there is room on the disk, and who may read and write there."
    return HarnessError(f"{where}: {problem.strerror}", hint)


def discard_output() -> None:
    """Forget what could not be written to standard output: Python tries it again at the end."""
    with contextlib.suppress(OSError), Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def print_error(error: HarnessError) -> None:
    """Print an error and its hint on standard error, on which no file's content is to act."""
    click.echo(make_printable(clip(f"error: {error.message}", LONGEST_MESSAGE)), err=True)
    if log := getattr(error, "log", "").rstrip():
        click.echo(make_printable(log[-LONGEST_LOG:]), err=True)
    if error.hint:
        click.echo(make_printable(clip(f"hint: {error.hint}", LONGEST_MESSAGE)), err=True)
