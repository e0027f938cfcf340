"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

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

cases_option = click.option(
    "--cases",
    "case_paths",
    type=click.Path(path_type=Path),
    multiple=True,
    default=(Path("cases"),),
    help="A case file or a folder of them; may be repeated.  [default: cases]",
)


def where_options(command: Callable[..., None]) -> Callable[..., None]:
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
