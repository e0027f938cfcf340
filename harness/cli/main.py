"""The commands of the command line.

Results are printed on standard output, errors and progress on standard error.
"""

from __future__ import annotations

import operator
import shlex
import sys
from pathlib import Path

import click

from harness.cli.common import (
    build_location_arguments,
    make_console,
    open_engine,
    run_with_progress,
    select_cases,
    select_earlier_cases,
)
from harness.cli.fuzz import fuzz
from harness.cli.group import CommandGroup
from harness.cli.listing import list_group
from harness.cli.options import (
    add_location_options,
    add_report_options,
    engine_option,
    implementations_option,
    validate_seconds,
)
from harness.errors import HarnessError
from harness.signals import INTERRUPTION_MESSAGE, Interruption, interrupt_on_signals

RESULTS_NAME = "results.jsonl"
PAGE_NAME = "conformance.html"


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="harness")
def main() -> None:
    """Find out which ports of a numerical algorithm are wrong, where, and why."""


@main.command()
@add_location_options
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("reports"),
    show_default=True,
    help="The folder for results.jsonl and conformance.html.",
)
@add_report_options
@click.option("--port", "ports", multiple=True, help="Run only this port; may be repeated.")
@click.option(
    "--case",
    "patterns",
    multiple=True,
    help="Run only cases with this name, in which * matches any text; may be repeated.",
)
@click.option(
    "--all",
    "names_all",
    is_flag=True,
    help="Name every case that deviates, not only the first three of each kind.",
)
def check(
    implementations: Path,
    case_paths: tuple[Path, ...],
    engine: str,
    out: Path,
    ports: tuple[str, ...],
    patterns: tuple[str, ...],
    names_all: bool,
    junit: Path | None,
    markdown: Path | None,
) -> None:
    """Run every port on every case and write the conformance report.

    On GitHub Actions, also print annotations for lines of the listings.

    \b
    Exit status:
      0    A finding explains every deviation.
      1    A deviation is unexplained, a finding explains nothing or is not
           proven, or a fixed port deviates.
      2    The input or the usage is wrong.
      3    A port could not be built or run, or answers no case, or the harness
           itself failed.
      130  The run was interrupted (143 by SIGTERM,
           129 where the terminal was closed).
    """
    from rich.markup import escape

    from harness.cli.output import print_annotations, suppress_workflow_commands, write_reports
    from harness.reports.terminal.run_summary import print_summary

    with suppress_workflow_commands():
        cases = select_cases(case_paths, patterns)
        signals = Interruption()
        results = run_with_progress(
            implementations, case_paths, cases, engine, ports, signals, not patterns
        )
        if signals.exit_status and not results.cells:
            click.echo(INTERRUPTION_MESSAGE, err=True)
            sys.exit(signals.exit_status)
        page, console = out / PAGE_NAME, make_console()
        try:
            results.save(out / RESULTS_NAME)
            write_reports(results, page, junit, markdown)
        finally:
            print_summary(results, console, names_all)
        console.print(
            f"The report:     [bold]{escape(str(page))}[/bold]", highlight=False, soft_wrap=True
        )
    print_annotations(results)
    if signals.exit_status:
        click.echo("interrupted; the results so far have been written", err=True)
    sys.exit(signals.exit_status or results.exit_status)


@main.command()
@add_location_options
@click.option(
    "--after",
    metavar="CASES",
    default="",
    help="First ask these cases, in the same process: names with commas between them. A name in "
    "which * matches any text stands for cases that come before CASE.",
)
@click.argument("port")
@click.argument("case")
def show(
    port: str,
    case: str,
    after: str,
    implementations: Path,
    case_paths: tuple[Path, ...],
    engine: str,
) -> None:
    """Run one case of one port and print everything about it.

    The case `published` is the listing's own example. `--after '*'` first asks
    all cases that come before CASE, as `harness check` does. The exit statuses
    are those of `harness check`.
    """
    from harness.model.case import PUBLISHED_CASE
    from harness.reports.terminal.case import print_case

    cases = () if case == PUBLISHED_CASE else select_cases(case_paths, (case,), operator.eq)
    before = select_earlier_cases(case_paths, case, after.split(",") if after else ())
    signals = Interruption()
    results = run_with_progress(
        implementations, case_paths, cases, engine, (port,), signals, False, before
    )
    print_case(results, port, case, make_console())
    sys.exit(signals.exit_status or results.exit_status)


@main.command()
@implementations_option
@engine_option
@click.option(
    "--timeout",
    type=float,
    callback=validate_seconds,
    help="Wait this many seconds for an answer; by default the limits in port.yaml.",
)
@click.argument("port")
def probe(port: str, implementations: Path, engine: str, timeout: float | None) -> None:
    """Test a port's driver step by step and describe its first fault.

    Only the driver is tested, not the results of the program.

    \b
    Exit status:
      0    The driver follows the protocol.
      1    The driver does not follow the protocol.
      2    The input or the usage is wrong.
      3    The port could not be built or run.
      130  The probe was interrupted (143 by SIGTERM,
           129 where the terminal was closed).
    """
    from contextlib import closing

    from harness.cli.output import suppress_workflow_commands
    from harness.inputs.ports import load_ports
    from harness.probe import steps as prober
    from harness.probe.report import print_outcome, print_step

    (probed_port,) = load_ports(implementations, (port,))
    console = make_console()
    # The current step is shown on a terminal only.
    with (
        interrupt_on_signals(),
        suppress_workflow_commands(),
        console.status("") as status,
        open_engine(engine, status.update) as opened,
        closing(prober.probe_driver(probed_port, opened, timeout, status.update)) as steps,
    ):
        for step in steps:
            print_step(step, console)
    next_command = [
        "harness",
        "check",
        "--port",
        port,
        *build_location_arguments(implementations, engine),
    ]
    print_outcome(step, shlex.join(next_command), console)
    sys.exit(1 if step.trouble else 0)


@main.command()
@click.option("--fix", is_flag=True, help="Install and start what is missing (on Debian, as root).")
def doctor(fix: bool) -> None:
    """Report whether ports can run in containers here, and what is missing.

    \b
    Exit status:
      0    Ports can run in containers.
      3    Something is missing, or could not be installed.
    """
    from harness.engines.docker import doctor as docker_doctor

    diagnosis = docker_doctor.diagnose()
    if fix:
        docker_doctor.install_missing(diagnosis, click.echo)
        return
    for requirement in diagnosis.requirements:
        click.echo(f"{'ok     ' if requirement.is_met else 'missing'}  {requirement.description}")
        if requirement.remedy:
            click.echo(f"         remedy: {requirement.remedy}")
    sys.exit(0 if diagnosis.is_ready else 3)


@main.command()
@click.argument("name", required=False)
@click.option("--language", help="The language of the program; --list lists those with a template.")
@click.option(
    "--procedures",
    metavar="NAMES",
    help="The procedures of the program, with commas between them, such as solve,inverse,rank.  "
    "[default: gaussian_elimination, gauss_jordan and back_substitution]",
)
@click.option(
    "--listing",
    "listings",
    type=click.Path(path_type=Path),
    multiple=True,
    help="The file of the program; more of them are copied beside it.",
)
@click.option("--list", "listed", is_flag=True, help="List the languages that have a template.")
@implementations_option
def new(
    name: str | None,
    language: str | None,
    procedures: str | None,
    listings: tuple[Path, ...],
    listed: bool,
    implementations: Path,
) -> None:
    """Create the folder of a new port: a manifest, a driver, and the program.

    The program is the file that --listing names. The driver then lacks the
    calls of its functions: one or two lines for each procedure, which are
    marked ADAPT. Without --listing, it is a correct program.

    For a language without a template, the folder is a skeleton in which the
    places to fill in are marked.
    """
    from harness.scaffold import new_port, templates

    if listed:
        for template in templates.list_templates():
            others = [alias for alias in template.names if alias != template.language.lower()]
            click.echo(f"{template.language:<12}{', '.join(others)}".rstrip())
        return
    if name is None or language is None:
        missing = "NAME" if name is None else "--language"
        raise HarnessError(
            f"{missing} is missing", "For example: harness new my-port --language python"
        )
    chosen = new_port.DEFAULT_PROCEDURES
    if procedures is not None:
        chosen = tuple(filter(None, procedures.replace(",", " ").split()))
    port = new_port.write_port(implementations, name, language, chosen, listings)
    click.echo("\n".join(new_port.format_port_steps(port, language)))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
def init(folder: Path) -> None:
    """Create a repository of ports in FOLDER, by default the current folder.

    Writes a folder for the ports, example cases, a Makefile and a workflow for
    GitHub. Does not overwrite files.
    """
    from harness.scaffold import new_repository

    written = new_repository.write_repository(folder)
    click.echo("\n".join(new_repository.format_repository_steps(folder, written)))


main.add_command(fuzz)
main.add_command(list_group)


@main.command()
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The folder for conformance.html; by default that of the results.",
)
@add_report_options
def report(results: Path, out: Path | None, junit: Path | None, markdown: Path | None) -> None:
    """Write the reports again from a results.jsonl.

    \b
    Exit status:
      0    The reports were written.
      2    The input or the usage is wrong, or a report could not be written.
      3    The harness itself failed.
      130  The command was interrupted (143 by SIGTERM,
           129 where the terminal was closed).
    """
    from harness.cli.output import print_annotations, write_reports
    from harness.results.reader import load_results

    loaded = load_results(results)
    page = (out if out is not None else results.parent) / PAGE_NAME
    with interrupt_on_signals():
        written = write_reports(loaded, page, junit, markdown)
    for path in written:
        click.echo(path)
    print_annotations(loaded)


@main.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
def diff(old: Path, new: Path) -> None:
    """Compare two runs by their results.jsonl.

    \b
    Exit status:
      0    Nothing got worse.
      1    Something got worse.
      2    The input or the usage is wrong.
    """
    from harness.cli.output import suppress_workflow_commands
    from harness.reports.terminal.diff import print_comparison
    from harness.results.diff import compare_runs
    from harness.results.reader import load_results

    comparison = compare_runs(load_results(old), load_results(new))
    if not comparison.judged and not comparison.newly_broken:
        message = f"{old} and {new} have no verdict in common"
        raise HarnessError(message, "Compare runs of the same ports on the same cases.")
    with suppress_workflow_commands():
        print_comparison(comparison, make_console())
    sys.exit(1 if comparison.is_worse else 0)
