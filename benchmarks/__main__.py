"""The command `python -m benchmarks`."""

from __future__ import annotations

from pathlib import Path

import click

from benchmarks import speed
from harness.cli.common import make_console, open_engine
from harness.cli.group import CommandGroup
from harness.cli.options import engine_option, implementations_option
from harness.inputs.ports import load_ports
from harness.signals import interrupt_on_signals


@click.group(
    cls=CommandGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@engine_option
@implementations_option
@click.option("--port", "ports", multiple=True, help="Only this port; may be repeated.")
@click.option("--systems", default=10_000, show_default=True, help="Systems put to each port.")
@click.option("--repeat", default=3, show_default=True, help="Runs for each median.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("reports"), show_default=True)
def main(
    engine: str,
    implementations: Path,
    ports: tuple[str, ...],
    systems: int,
    repeat: int,
    out: Path,
) -> None:
    """Measure how fast ports are asked and judged, and write bench.json.

    Without --port, also measure whole commands, and how their time and memory grow.
    """
    console = make_console(stderr=True)
    chosen = load_ports(implementations, ports or tuple(speed.RATE_GOALS))
    with interrupt_on_signals():
        with open_engine(engine, console.print) as opened:
            figures = speed.measure_ports(opened, chosen, systems, repeat, console.print)
            if not ports:
                console.print("whole commands: measuring")
                figures = (
                    *speed.measure_commands(opened, repeat),
                    *figures,
                    *speed.measure_growth(opened, chosen[0], systems),
                )
        speed.save_figures(figures, out / "bench.json")
    make_console().print(speed.build_figure_table(figures))


if __name__ == "__main__":
    main(prog_name="python -m benchmarks")
