"""How the results of a run get to those who read them: as files, and as notes on GitHub."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from harness.reports import github
from harness.reports import junit as junit_xml
from harness.reports import markdown as markdown_text
from harness.reports.html import page as html

if TYPE_CHECKING:
    from pathlib import Path

    from harness.results.schema import Results


def write_reports(
    results: Results, page: Path, junit: Path | None, markdown: Path | None
) -> tuple[Path, ...]:
    """Write what people and machines read of a run; returns where it all is.

    Raises HarnessError where one cannot be written.
    """
    html.write_page(results, page)
    if junit is not None:
        junit_xml.write_junit(results, junit)
    if markdown is not None:
        markdown_text.write_markdown(results, markdown)
    return tuple(path for path in (page, junit, markdown) if path is not None)


def print_annotations(results: Results) -> None:
    """Where GitHub Actions runs this, have it show a run beside the lines of the listings."""
    if github.is_on_github():
        for line in github.render_annotations(results):
            click.echo(line)


def suppress_workflow_commands() -> contextlib.AbstractContextManager[None]:
    """Where GitHub Actions runs this, keep it from obeying what ports print."""
    if github.is_on_github():
        return github.stop_workflow_commands(click.echo)
    return contextlib.nullcontext()
