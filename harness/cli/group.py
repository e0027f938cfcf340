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

MAXIMUM_MESSAGE_LENGTH = 2_000
MAXIMUM_LOG_LENGTH = 10_000


class CommandGroup(click.Group):
    """Commands that fail, are interrupted, or find no room, as people expect them to."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Refuse words that no report could hold; see that whatever is printed can be."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        for argument in args:
            if argument.encode(errors="replace").decode() != argument:
                raise click.UsageError(f"{argument!a} is not UTF-8")
        return super().parse_args(context, args)

    def invoke(self, context: click.Context) -> Any:
        """Run the command; turn what stops it into its message and exit status."""
        try:
            return super().invoke(context)
        except HarnessError as error:
            print_error(error)
            sys.exit(error.exit_status)
        except KeyboardInterrupt as interrupt:
            click.echo(signals.INTERRUPTION_MESSAGE, err=True)
            sys.exit(128 + (interrupt.args or (signal.SIGINT,))[0])
        except OSError as problem:
            if problem.errno == errno.EPIPE:
                # Nobody reads to the end: click knows what to do.
                raise
            discard_output()
            print_error(convert_os_error(problem))
            sys.exit(HarnessError.exit_status)


def convert_os_error(error: OSError) -> HarnessError:
    """The error to show where the operating system refused something that nobody reckoned with."""
    path = error.filename or "standard output or a file"
    hint = "See whether there is room on the disk, and who may read and write there."
    return HarnessError(f"{path}: {error.strerror}", hint)


def discard_output() -> None:
    """Forget what could not be written to standard output: Python tries it again at the end."""
    with contextlib.suppress(OSError), Path(os.devnull).open("w") as null_device:
        os.dup2(null_device.fileno(), sys.stdout.fileno())


def print_error(error: HarnessError) -> None:
    """Print an error and its hint on standard error, on which no file's content is to act."""
    click.echo(make_printable(clip(f"error: {error.message}", MAXIMUM_MESSAGE_LENGTH)), err=True)
    if log := getattr(error, "log", "").rstrip():
        click.echo(make_printable(log[-MAXIMUM_LOG_LENGTH:]), err=True)
    if error.hint:
        click.echo(make_printable(clip(f"hint: {error.hint}", MAXIMUM_MESSAGE_LENGTH)), err=True)
