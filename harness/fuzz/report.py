"""The outcome of fuzzing: as a table for the terminal, as JSON, and as cases to run again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich import box
from rich.markup import escape
from rich.table import Table

from harness.files import write_whole
from harness.fuzz.systems import case_file
from harness.model.verdict import Standing, Variant
from harness.text import make_printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from harness.fuzz.campaign import FuzzCount
    from harness.fuzz.systems import RandomSystems
    from harness.model.case import Case

MOST_TOLD = 3
"""How many kinds of deviations the table names for a port."""


def unexpected_cases(draw: RandomSystems, counts: Sequence[FuzzCount]) -> tuple[Case, ...]:
    """The systems kept of those whose deviations no finding explains, in the order drawn."""
    numbers = {number for count in counts if count.unexpected for number in count.kept}
    return tuple(draw.case(number) for number in sorted(numbers))


def exit_status(counts: Sequence[FuzzCount]) -> int:
    """0: no news; 1: a deviation that no finding explains; 3: a port could not be run."""
    if any(count.trouble for count in counts):
        return 3
    return int(any(count.unexpected for count in counts))


def save(draw: RandomSystems, counts: Sequence[FuzzCount], folder: Path) -> Path | None:
    """Write fuzz.json, and cases.yaml where there is news: the latter's path then.

    An older cases.yaml goes where there is none. Raises HarnessError where they cannot be written.
    """
    write_whole(folder / "fuzz.json", json.dumps(fuzz_record(draw, counts), indent=1) + "\n")
    cases, path = unexpected_cases(draw, counts), folder / "cases.yaml"
    if cases:
        write_whole(path, case_file(cases))
        return path
    path.unlink(missing_ok=True)
    return None


def fuzz_record(draw: RandomSystems, counts: Sequence[FuzzCount]) -> dict[str, object]:
    """The counts, and how the systems were drawn, as JSON has them."""
    drawn = {
        "systems": draw.systems,
        "rows": draw.rows,
        "unknowns": draw.unknowns,
        "largest": draw.largest,
        "seed": draw.seed,
    }
    return {"draw": drawn, "ports": [fuzz_port_record(draw, count) for count in counts]}


def fuzz_port_record(draw: RandomSystems, count: FuzzCount) -> dict[str, object]:
    """The counts of one variant of a port."""
    return {
        "port": count.port,
        "variant": count.variant,
        "asked": count.asked,
        **{str(standing): count.standings.get(standing, 0) for standing in Standing},
        "judged one by one": count.judged,
        "deviations": [
            {"check": check, "outcome": outcome, "systems": number}
            for (check, outcome), number in largest_first(count)
        ],
        "kept": [draw.name(number) for number in count.kept],
        "seconds": round(count.seconds, 3),
        "trouble": count.trouble,
    }


def largest_first(count: FuzzCount) -> list[tuple[tuple[str, str], int]]:
    """A port's kinds of deviations, the most frequent first."""
    return sorted(count.deviations.items(), key=lambda item: (-item[1], item[0]))


def count_table(counts: Sequence[FuzzCount]) -> Table:
    """What came out, port by port, the fixed variant of each below the published one."""
    shown = Table(box=box.SIMPLE, show_edge=False, pad_edge=False)
    for title in ("", "systems", "conform", "deviate", "neither", "a second"):
        shown.add_column(title, justify="left" if not title else "right")
    shown.add_column("", overflow="fold")
    for count in sorted(counts, key=lambda count: count.port):
        fixed = count.variant is Variant.FIXED
        standings = (count.standings.get(standing, 0) for standing in Standing)
        rate = count.asked / count.seconds if count.asked and count.seconds else 0
        figures = [f"{number:,}" for number in (count.asked, *standings, round(rate))]
        colour = "red" if count.unexpected or count.trouble else "dim" if fixed else "default"
        title = "  with its patches" if fixed else escape(count.port)
        shown.add_row(f"[{colour}]{title}[/]", *figures, "; ".join(remarks(count)))
    return shown


def remarks(count: FuzzCount) -> Iterator[str]:
    """What there is to say of a port besides its figures."""
    if count.trouble:
        yield escape(make_printable(count.trouble))
    for (check, outcome), number in largest_first(count)[:MOST_TOLD]:
        yield f"{check} {outcome} {number:,}"
    if len(count.deviations) > MOST_TOLD:
        yield f"and {len(count.deviations) - MOST_TOLD} more kinds"


def conclusion(counts: Sequence[FuzzCount]) -> str:
    """What it comes to, in a sentence."""
    if names := names_of(count for count in counts if count.unexpected):
        return f"News, which no finding explains: {names}."
    if names := names_of(count for count in counts if count.trouble):
        return f"Not tried to the end: {names}."
    if any(count.deviating for count in counts):
        return "No news: those that deviate have findings, and with their patches they do not."
    return "No port deviates."


def names_of(counts: Iterable[FuzzCount]) -> str:
    """The names of ports, each once."""
    return ", ".join(sorted({count.port for count in counts}))
