"""A group of commands that report an error as a message with a hint, without a traceback."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn, TextIO

import click

from harness import signals
from harness.errors import HarnessError, InternalError
from harness.text import clip, make_printable

MAXIMUM_MESSAGE_LENGTH = 2_000
MAXIMUM_LOG_LENGTH = 10_000


class CommandGroup(click.Group):
    """Commands with exit statuses for errors, interruptions and a full disk."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run the command line.

        The help and the errors of usage are printed outside of `invoke`. Where they cannot be
        written, the exit status is 2 as well.
        """
        try:
            return super().main(*arguments, **options)
        except OSError as problem:
            exit_on_os_error(problem)

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments.

        Raises UsageError for an argument that is not UTF-8, as no report can contain it. Characters
        that the terminal's encoding lacks are printed as replacements.
        """
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        for argument in args:
            if argument.encode(errors="replace").decode() != argument:
                raise click.UsageError(f"{argument!a} is not UTF-8")
        return super().parse_args(context, args)

    def invoke(self, context: click.Context) -> Any:
        """Run the command. Turn an exception into a message and an exit status."""
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
                # The output is no longer read. Click handles this.
                raise
            exit_on_os_error(problem)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as failure:
            internal_error = describe_internal_error(failure)
            print_error(internal_error)
            sys.exit(internal_error.exit_status)


def describe_internal_error(failure: Exception, task: str = "") -> InternalError:
    """Return the error to print for a failure of the harness itself, in a task if one is named."""
    reason = f"{type(failure).__name__}: {failure}".removesuffix(": ")
    message = f"{task}: the harness failed: {reason}" if task else f"the harness failed: {reason}"
    log = "".join(traceback.format_exception(failure))
    return InternalError(message, "This is a fault of the harness. Please report it.", log)


def exit_on_os_error(problem: OSError) -> NoReturn:
    """Print an error of the operating system, and exit."""
    discard_output(sys.stdout)
    print_error(convert_os_error(problem))
    sys.exit(HarnessError.exit_status)


def convert_os_error(error: OSError) -> HarnessError:
    """Return the error to print for an error of the operating system."""
    path = error.filename or "standard output or a file"
    hint = "Check the free space on the disk and the permissions of the file."
    return HarnessError(f"{path}: {error.strerror}", hint)


def discard_output(stream: TextIO) -> None:
    """Discard what could not be written to a standard stream.

    Otherwise Python tries to write it again when it exits, and exits with status 120.
    """
    with contextlib.suppress(OSError), Path(os.devnull).open("w") as null_device:
        os.dup2(null_device.fileno(), stream.fileno())


def print_error(error: HarnessError) -> None:
    """Print an error, its log and its hint on standard error, with visible symbols for control
    characters. Where standard error cannot be written either, nothing is printed."""
    lines = [clip(f"error: {error.message}", MAXIMUM_MESSAGE_LENGTH)]
    if log := getattr(error, "log", "").rstrip():
        lines.append(log[-MAXIMUM_LOG_LENGTH:])
    if error.hint:
        lines.append(clip(f"hint: {error.hint}", MAXIMUM_MESSAGE_LENGTH))
    try:
        for line in lines:
            click.echo(make_printable(line), err=True)
    except OSError:
        discard_output(sys.stderr)
