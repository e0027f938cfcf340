"""The entry point of the command. Sets signal handlers first, because other imports are slow."""

from __future__ import annotations

from harness.signals import exit_on_signals, ignore_signals


def main() -> None:
    """Run the command line."""
    exit_on_signals()
    from harness.cli.main import main as command_line

    try:
        command_line()
    finally:
        ignore_signals()


if __name__ == "__main__":
    main()
