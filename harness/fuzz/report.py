"""The results of fuzzing: a table for the terminal, JSON, and cases that can be run again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich import box
from rich.markup import escape
from rich.table import Table

from harness.files import write_atomically
from harness.fuzz.systems import format_case_file
from harness.model.verdict import Standing, Variant
from harness.text import make_printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from harness.fuzz.campaign import FuzzCount
    from harness.fuzz.systems import RandomSystems
    from harness.model.case import Case

MAXIMUM_KINDS_SHOWN = 3
"""The number of kinds of deviations that the table names for a port."""


def list_unexpected_cases(systems: RandomSystems, counts: Sequence[FuzzCount]) -> tuple[Case, ...]:
    """Return the kept systems whose deviations no finding explains, in the order drawn."""
    numbers = {
        number
        for count in counts
        if count.has_unexpected_deviations
        for number in count.kept_numbers
    }
    return tuple(systems.build_case(number) for number in sorted(numbers))


def choose_exit_status(counts: Sequence[FuzzCount]) -> int:
    """Return 3 if a port could not be run, 1 if no finding explains a deviation, else 0."""
    if any(count.trouble for count in counts):
        return 3
    return int(any(count.has_unexpected_deviations for count in counts))


def save_counts(systems: RandomSystems, counts: Sequence[FuzzCount], folder: Path) -> Path | None:
    """Write fuzz.json, and write cases.yaml where deviations are unexplained. Return its path.

    Where there are none, remove an older cases.yaml and return None. Raises HarnessError where a
    file cannot be written.
    """
    write_atomically(
        folder / "fuzz.json", json.dumps(build_record(systems, counts), indent=1) + "\n"
    )
    cases, path = list_unexpected_cases(systems, counts), folder / "cases.yaml"
    if cases:
        write_atomically(path, format_case_file(cases))
        return path
    path.unlink(missing_ok=True)
    return None


def build_record(systems: RandomSystems, counts: Sequence[FuzzCount]) -> dict[str, object]:
    """Return the counts, and the parameters of the systems, as fuzz.json has them."""
    parameters = {
        "systems": systems.count,
        "rows": systems.rows,
        "unknowns": systems.unknowns,
        "largest": systems.largest,
        "seed": systems.seed,
    }
    return {"draw": parameters, "ports": [build_port_record(systems, count) for count in counts]}


def build_port_record(systems: RandomSystems, count: FuzzCount) -> dict[str, object]:
    """Return the counts of one variant of a port, as fuzz.json has them."""
    return {
        "port": count.port,
        "variant": count.variant,
        "asked": count.systems_asked,
        **{str(standing): count.standings.get(standing, 0) for standing in Standing},
        "judged one by one": count.judged_individually,
        "deviations": [
            {"check": check, "outcome": outcome, "systems": number}
            for (check, outcome), number in sort_deviations(count)
        ],
        "kept": [systems.format_name(number) for number in count.kept_numbers],
        "seconds": round(count.seconds, 3),
        "trouble": count.trouble,
    }


def sort_deviations(count: FuzzCount) -> list[tuple[tuple[str, str], int]]:
    """Return a port's kinds of deviations with their counts, the most frequent first."""
    return sorted(count.deviations.items(), key=lambda item: (-item[1], item[0]))


def build_count_table(counts: Sequence[FuzzCount]) -> Table:
    """Return a table of the counts. The fixed variant of a port is below the published one."""
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False)
    for title in ("", "systems", "conform", "deviate", "neither", "per second"):
        table.add_column(title, justify="left" if not title else "right")
    table.add_column("", overflow="fold")
    for count in sorted(counts, key=lambda count: count.port):
        fixed = count.variant is Variant.FIXED
        standings = (count.standings.get(standing, 0) for standing in Standing)
        rate = count.systems_asked / count.seconds if count.systems_asked and count.seconds else 0
        figures = [f"{number:,}" for number in (count.systems_asked, *standings, round(rate))]
        colour = (
            "red"
            if count.has_unexpected_deviations or count.trouble
            else "dim"
            if fixed
            else "default"
        )
        title = "  with its patches" if fixed else escape(count.port)
        table.add_row(f"[{colour}]{title}[/]", *figures, "; ".join(list_remarks(count)))
    return table


def list_remarks(count: FuzzCount) -> Iterator[str]:
    """Yield the trouble with a port, and its most frequent deviations."""
    if count.trouble:
        yield escape(make_printable(count.trouble))
    for (check, outcome), number in sort_deviations(count)[:MAXIMUM_KINDS_SHOWN]:
        yield f"{check} {outcome} {number:,}"
    if len(count.deviations) > MAXIMUM_KINDS_SHOWN:
        yield f"and {len(count.deviations) - MAXIMUM_KINDS_SHOWN} more kinds"


def format_conclusion(counts: Sequence[FuzzCount]) -> str:
    """Return the conclusion in one sentence."""
    if names := format_port_names(count for count in counts if count.has_unexpected_deviations):
        return f"Deviations that no finding explains: {names}."
    if names := format_port_names(count for count in counts if count.trouble):
        return f"Not run to the end: {names}."
    if any(count.systems_deviating for count in counts):
        return "No unexpected deviation: with the patches of its findings, no port deviates."
    return "No port deviates."


def format_port_names(counts: Iterable[FuzzCount]) -> str:
    """Return the names of the ports, each once, in alphabetical order."""
    return ", ".join(sorted({count.port for count in counts}))
