"""The entry point of the command. Sets signal handlers first, because other imports are slow."""

from __future__ import annotations

import os
import sys

from harness.signals import exit_on_signals, ignore_signals


def main() -> None:
    """Run the command line."""
    exit_on_signals()
    open_missing_streams()
    from harness.cli.main import main as command_line

    try:
        command_line()
    finally:
        ignore_signals()


def open_missing_streams() -> None:
    """Open the null device in place of standard streams that the process was started without.

    Otherwise the next file that is opened becomes a standard stream, and gets what is printed.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or os.fdopen(0)
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")


if __name__ == "__main__":
    main()
