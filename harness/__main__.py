"""Where the command begins. Signals are seen to first: loading the rest takes a while."""

from __future__ import annotations

from harness.interruption import leave_at_once


def main() -> None:
    """Run the command line."""
    leave_at_once()
    from harness.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
