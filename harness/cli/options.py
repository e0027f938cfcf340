"""Options that several commands have."""

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
    help="Where ports run: in containers, or with the toolchains on PATH.",
)

implementations_option = click.option(
    "--implementations",
    type=click.Path(path_type=Path),
    default=Path("implementations"),
    show_default=True,
    help="The folder that holds a folder for each port.",
)

SHIPPED_CASES = "shipped"
"""What the cases are called that come with the harness."""


def choose_case_paths(
    _: click.Context, __: click.Parameter, paths: tuple[Path, ...]
) -> Sequence[Path]:
    """The cases that are asked for; else those of the folder `cases`; else those shipped."""
    default_folder = Path("cases")
    return paths or (default_folder if default_folder.exists() else Path(SHIPPED_CASES),)


def resolve_cases_path(path: Path) -> Path:
    """Where cases are: `shipped` stands for those of the harness, unless there is such a file."""
    if path != Path(SHIPPED_CASES) or path.exists():
        return path
    package = Path(__file__).parents[1]
    installed = package / "corpus"
    # In a checkout they are beside the package.
    return installed if installed.exists() else package.parent / "cases"


cases_option = click.option(
    "--cases",
    "case_paths",
    type=click.Path(path_type=Path),
    multiple=True,
    callback=choose_case_paths,
    help="A case file or a folder of them, or `shipped` for those of the harness; may be "
    "repeated.  [default: the folder cases, or else shipped]",
)


MAXIMUM_SECONDS = 3600.0


def validate_seconds(_: click.Context, __: click.Parameter, seconds: float | None) -> float | None:
    """A time that one can wait: more than none, at most an hour, and no NaN."""
    if seconds is not None and not 0 < seconds <= MAXIMUM_SECONDS:
        raise click.BadParameter(f"{seconds:g} is not between 0 and {MAXIMUM_SECONDS:g} seconds")
    return seconds


def add_location_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say where ports and cases are, and where ports run."""
    return implementations_option(cases_option(engine_option(command)))


def add_report_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which reports are written besides the page."""
    file_type = click.Path(path_type=Path, dir_okay=False)
    for option in (
        click.option(
            "--markdown", type=file_type, help="Write a summary for a pull request as well."
        ),
        click.option("--junit", type=file_type, help="Write JUnit XML as well."),
    ):
        command = option(command)
    return command
