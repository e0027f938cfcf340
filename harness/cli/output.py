"""Writes the reports of a run to files, and its annotations to the output on GitHub."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from harness.cli.group import describe_internal_error, print_error
from harness.errors import HarnessError
from harness.reports import github
from harness.reports import junit as junit_xml
from harness.reports import markdown as markdown_text
from harness.reports.html import page as html

if TYPE_CHECKING:
    from pathlib import Path

    from harness.results.results import Results


def write_reports(
    results: Results, page: Path, junit: Path | None, markdown: Path | None
) -> tuple[Path, ...]:
    """Write the page and the requested other reports of a run. Return the paths that were written.

    Each is written whatever happens to the others. Raises HarnessError if a file cannot be written,
    and InternalError if the harness fails. Errors other than the one that is raised are printed.
    """
    requested = (
        (html.write_html, page),
        (junit_xml.write_junit, junit),
        (markdown_text.write_markdown, markdown),
    )
    written: list[Path] = []
    errors: list[HarnessError] = []
    for write, path in requested:
        if path is None:
            continue
        try:
            write(results, path)
            written.append(path)
        except HarnessError as error:
            errors.append(error)
        except Exception as failure:
            errors.append(describe_internal_error(failure, str(path)))
    if errors:
        *others, worst = sorted(errors, key=lambda each: each.exit_status)
        for other in others:
            print_error(other)
        raise worst
    return tuple(written)


def print_annotations(results: Results) -> None:
    """Print the annotations of a run if this process runs on GitHub Actions."""
    if github.is_on_github():
        for line in github.render_annotations(results):
            click.echo(line)


def suppress_workflow_commands() -> contextlib.AbstractContextManager[None]:
    """Return a context in which GitHub Actions executes no workflow command from the output of
    ports.

    Elsewhere the context has no effect.
    """
    if github.is_on_github():
        return github.stop_workflow_commands(click.echo)
    return contextlib.nullcontext()
