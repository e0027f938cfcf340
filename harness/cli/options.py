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

SHIPPED = "shipped"
"""What the cases are called that come with the harness."""


def default_cases(_: click.Context, __: click.Parameter, given: tuple[Path, ...]) -> Sequence[Path]:
    """The cases that are asked for; else those of the folder `cases`; else those shipped."""
    usual = Path("cases")
    return given or (usual if usual.exists() else Path(SHIPPED),)


def resolve_cases_path(path: Path) -> Path:
    """Where cases are: `shipped` stands for those of the harness, unless there is such a file."""
    if path != Path(SHIPPED) or path.exists():
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
    callback=default_cases,
    help="A case file or a folder of them, or `shipped` for those of the harness; may be "
    "repeated.  [default: the folder cases, or else shipped]",
)


MOST_SECONDS = 3600.0


def validate_seconds(_: click.Context, __: click.Parameter, given: float | None) -> float | None:
    """A time that one can wait: more than none, at most an hour, and no NaN."""
    if given is not None and not 0 < given <= MOST_SECONDS:
        raise click.BadParameter(f"{given:g} is not between 0 and {MOST_SECONDS:g} seconds")
    return given


def location_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say where ports and cases are, and where ports run."""
    return implementations_option(cases_option(engine_option(command)))


def report_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say which reports are written besides the page."""
    file = click.Path(path_type=Path, dir_okay=False)
    for option in (
        click.option("--markdown", type=file, help="Write a summary for a pull request as well."),
        click.option("--junit", type=file, help="Write JUnit XML as well."),
    ):
        command = option(command)
    return command
