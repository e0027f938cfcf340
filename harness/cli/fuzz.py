"""The command that runs ports on random systems."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from harness.cli.common import build_location_arguments, make_console, open_engine
from harness.cli.options import engine_option, implementations_option
from harness.signals import Interruption


@click.command()
@engine_option
@implementations_option
@click.option("--port", "ports", multiple=True, help="Run only this port; may be repeated.")
@click.option(
    "--systems",
    type=click.IntRange(1, 10**9),
    default=10_000,
    show_default=True,
    help="The number of random systems.",
)
@click.option(
    "--rows",
    type=click.IntRange(1, 100),
    default=3,
    show_default=True,
    help="The number of equations of a system.",
)
@click.option(
    "--unknowns",
    type=click.IntRange(1, 100),
    help="The number of unknowns of a system; by default the number of rows.",
)
@click.option(
    "--largest",
    type=click.IntRange(1, 2**53),
    default=9,
    show_default=True,
    help="The largest magnitude of an entry; entries are integers.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="The seed of the random numbers.",
)
@click.option(
    "--keep",
    type=click.IntRange(0, 1_000),
    default=20,
    show_default=True,
    help="Keep this many deviating systems of each port; count the others.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("reports/fuzz"),
    show_default=True,
    help="The folder for fuzz.json and cases.yaml.",
)
def fuzz(
    engine: str,
    implementations: Path,
    ports: tuple[str, ...],
    systems: int,
    rows: int,
    unknowns: int | None,
    largest: int,
    seed: int,
    keep: int,
    out: Path,
) -> None:
    """Run ports on random systems and count the deviations.

    The counts are written to fuzz.json. A port that has findings is also run
    with their patches; only deviations with the patches are then unexpected.
    The first systems with unexpected deviations are written to cases.yaml.

    \b
    Exit status:
      0    No deviation is unexpected.
      1    A port without findings deviates, or a fixed port deviates.
      2    The input or the usage is wrong.
      3    A port could not be built or run.
      130  The run was interrupted (143 by SIGTERM,
           129 where the terminal was closed).
    """
    from harness.cli.output import suppress_workflow_commands
    from harness.cli.progress import TerminalProgress
    from harness.fuzz import report
    from harness.fuzz.campaign import fuzz_ports
    from harness.fuzz.systems import RandomSystems
    from harness.inputs.ports import load_ports
    from harness.runs.runner import list_variants

    loaded_ports = load_ports(implementations, ports)
    random_systems = RandomSystems(systems, rows, unknowns or rows, largest, seed)
    signals = Interruption()
    titles = [port.title for port in list_variants(loaded_ports)]
    progress = TerminalProgress(make_console(stderr=True), titles, systems)
    with open_engine(engine, progress.print_line) as opened:
        signals.watch()
        with progress:
            counts = fuzz_ports(
                loaded_ports, random_systems, opened, progress, keep, signals.stop_requested
            )
    # Print the counts before writing files: they are shown even if writing fails.
    with suppress_workflow_commands():
        make_console().print(report.build_count_table(counts))
        click.echo(report.format_conclusion(counts))
    if (cases_path := report.save_counts(random_systems, counts, out)) is not None:
        report_command = ["harness", "check", "--cases", str(cases_path), "--out", str(out)]
        report_command += [argument for name in ports for argument in ("--port", name)]
        report_command += build_location_arguments(implementations, engine)
        click.echo(f"Unexpected deviations: {cases_path}. To report on them, run:")
        click.echo(f"  {shlex.join(report_command)}")
    sys.exit(signals.exit_status or report.choose_exit_status(counts))
