"""Where the command begins. Signals are seen to first: loading the rest takes a while."""

from __future__ import annotations

from harness.signals import ignore, leave_at_once


def main() -> None:
    """Run the command line."""
    leave_at_once()
    from harness.cli.main import main as command_line

    try:
        command_line()
    finally:
        ignore()


if __name__ == "__main__":
    main()
