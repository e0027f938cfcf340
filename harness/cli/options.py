"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ENGINES = ("docker", "local")

engine_option = click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="docker",
    show_default=True,
    help="Run ports in containers, or with the toolchains on PATH.",
)

implementations_option = click.option(
    "--implementations",
    type=click.Path(path_type=Path),
    default=Path("implementations"),
    show_default=True,
    help="The folder that contains a folder for each port.",
)

SHIPPED_CASES = "shipped"
"""The value of `--cases` that stands for the cases of the harness."""


def choose_case_paths(
    _: click.Context, __: click.Parameter, paths: tuple[Path, ...]
) -> Sequence[Path]:
    """Return the paths of the option. Without the option, return the default ones."""
    return paths or list_default_case_paths()


def list_default_case_paths() -> tuple[Path, ...]:
    """Return the folder `cases`, if it exists, and `shipped`, unless this is the same folder."""
    own, shipped = Path("cases"), Path(SHIPPED_CASES)
    if not own.exists():
        return (shipped,)
    if own.resolve() == resolve_cases_path(shipped).resolve():
        return (own,)
    return own, shipped


def is_shipped(path: Path) -> bool:
    """Return whether a value of `--cases` stands for the cases of the harness."""
    return path == Path(SHIPPED_CASES) and not path.exists()


def resolve_cases_path(path: Path) -> Path:
    """Return the folder or file of cases for a value of `--cases`.

    `shipped` stands for the cases of the harness, unless there is a file or folder of that name.
    """
    if not is_shipped(path):
        return path
    package = Path(__file__).parents[1]
    installed = package / "corpus"
    # In a checkout of the repository, the cases are next to the package.
    return installed if installed.exists() else package.parent / "cases"


cases_option = click.option(
    "--cases",
    "case_paths",
    type=click.Path(path_type=Path),
    multiple=True,
    callback=choose_case_paths,
    help="A case file, a folder of case files, or `shipped` for the cases of the harness; may be "
    "repeated.  [default: the folder cases, if it exists, and shipped]",
)


MAXIMUM_SECONDS = 3600.0


def validate_seconds(_: click.Context, __: click.Parameter, seconds: float | None) -> float | None:
    """Return the value of the option.

    Raises BadParameter if it is NaN, not positive, or more than an hour.
    """
    if seconds is not None and not 0 < seconds <= MAXIMUM_SECONDS:
        raise click.BadParameter(f"{seconds:g} is not between 0 and {MAXIMUM_SECONDS:g} seconds")
    return seconds


def add_location_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options for the ports, the cases and the engine to a command."""
    return implementations_option(cases_option(engine_option(command)))


def add_report_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options for further reports to a command."""
    file_type = click.Path(path_type=Path, dir_okay=False)
    for option in (
        click.option(
            "--markdown", type=file_type, help="Also write a Markdown summary to this file."
        ),
        click.option("--junit", type=file_type, help="Also write JUnit XML to this file."),
    ):
        command = option(command)
    return command
