"""Functions that several commands share: selecting cases, running ports, and building commands."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.options import is_shipped, list_default_case_paths, resolve_cases_path
from harness.errors import CaseError, HarnessError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from harness.engines.base import Engine
    from harness.model.case import Case
    from harness.results.results import Results
    from harness.signals import Interruption

WIDTH_WITHOUT_TERMINAL = 110


def select_cases(
    paths: Sequence[Path],
    patterns: Sequence[str],
    matches: Callable[[str, str], bool] = fnmatchcase,
) -> tuple[Case, ...]:
    """Return the cases in `paths` whose names match one of the patterns, or all cases if there is
    no pattern.

    Raises HarnessError if a pattern matches no case, and CaseError if a file cannot be read.
    """
    from harness.inputs.document import suggest_name

    cases = load_own_and_shipped(paths)
    for pattern in patterns:
        if not any(matches(case.name, pattern) for case in cases):
            names = [case.name for case in cases]
            raise HarnessError(f"there is no case `{pattern}`", suggest_name(pattern, names))
    if not patterns:
        return cases
    return tuple(c for c in cases if any(matches(c.name, p) for p in patterns))


def load_own_and_shipped(paths: Sequence[Path]) -> tuple[Case, ...]:
    """Return the cases in `paths`. One's own cases come first, and take the places of the shipped
    cases that have the same names.

    Raises CaseError if a file cannot be read, and if two of one's own cases have the same name.
    """
    from harness.inputs.cases import load_cases

    own = load_cases([path for path in paths if not is_shipped(path)])
    shipped = load_cases([resolve_cases_path(path) for path in paths if is_shipped(path)][:1])
    names = {case.name for case in own}
    return own + tuple(case for case in shipped if case.name not in names)


def list_absent_names(paths: Sequence[Path]) -> frozenset[str]:
    """Return the names of the cases that a run without `--cases` includes and one of all cases in
    `paths` does not. Cases that cannot be read count as none."""
    names: set[str] = set()
    for path in list_default_case_paths():
        if path not in paths:
            with suppress(CaseError):
                names.update(case.name for case in load_own_and_shipped((path,)))
    return frozenset(names)


def select_earlier_cases(
    paths: Sequence[Path], case: str, patterns: Sequence[str]
) -> tuple[Case, ...]:
    """Return the cases to ask before a case: those with a name, and, for a pattern with `*`, all
    that match it and come before the case in the files.

    Raises HarnessError if a pattern matches no case.
    """
    if not patterns:
        return ()
    names = [each.name for each in select_cases(paths, ())]
    earlier = names[: names.index(case)] if case in names else names
    chosen: dict[str, Case] = {}
    for pattern in patterns:
        for each in select_cases(paths, (pattern,)):
            if each.name != case and ("*" not in pattern or each.name in earlier):
                chosen[each.name] = each
    return tuple(chosen.values())


def run_with_progress(
    implementations: Path,
    case_paths: Sequence[Path],
    cases: Sequence[Case],
    engine: str,
    names: Sequence[str],
    signals: Interruption,
    whole: bool,
    before: Sequence[Case] = (),
) -> Results:
    """Run ports on cases and show the progress. Return the results.

    The run ends early if a signal arrives. `whole` states that `cases` are all cases of
    `case_paths`. The cases in `before` are asked first, and are not reported.
    """
    from harness.cli.progress import TerminalProgress
    from harness.inputs.ports import load_ports
    from harness.runs.proofs import PROOF_TITLE
    from harness.runs.runner import RunSource, list_variants, run

    ports = load_ports(implementations, names)
    console = make_console(stderr=True)
    titles = [port.title for port in list_variants(ports)]
    titles += [PROOF_TITLE] if any(port.findings for port in ports) else []
    progress = TerminalProgress(console, titles, len(before) + len(cases))
    source = RunSource(
        implementations=str(implementations),
        cases=", ".join(str(path) for path in case_paths),
        again=build_rerun_command(implementations, case_paths, engine),
        probe=build_probe_command(implementations, engine),
        whole=whole,
        absent_cases=list_absent_names(case_paths) if whole else frozenset(),
    )
    with open_engine(engine, progress.print_line) as opened:
        signals.watch()
        with progress:
            return run(ports, cases, opened, progress, source, signals.stop_requested, before)


def build_rerun_command(implementations: Path, case_paths: Sequence[Path], engine: str) -> str:
    """Return the command that runs one case of one port again, with `{port}` and `{case}` in it.

    The part in square brackets is for cases that are asked first. The environment variable
    HARNESS_RERUN_COMMAND replaces the command, for users who call the harness through another one.
    """
    if command := _read_command_variable("HARNESS_RERUN_COMMAND"):
        return command
    arguments = [
        "harness",
        "show",
        "{port}",
        "{case}",
        *build_location_arguments(implementations, engine),
    ]
    if tuple(case_paths) != list_default_case_paths():
        arguments += [argument for path in case_paths for argument in ("--cases", str(path))]
    command = " ".join(a if a.startswith("{") else shlex.quote(a) for a in arguments)
    return f"{command}[ --after {{after}}]"


def build_probe_command(implementations: Path, engine: str) -> str:
    """Return the command that tests a driver step by step, with `{port}` in it.

    The environment variable HARNESS_PROBE_COMMAND replaces it.
    """
    if command := _read_command_variable("HARNESS_PROBE_COMMAND"):
        return command
    arguments = build_location_arguments(implementations, engine)
    return " ".join(["harness probe {port}", *map(shlex.quote, arguments)])


def _read_command_variable(name: str) -> str:
    """Return the value of an environment variable, or "" where it is not set.

    Raises HarnessError for a value that is not UTF-8, as no report can contain it.
    """
    command = os.environ.get(name, "")
    if command.encode(errors="replace").decode() != command:
        raise HarnessError(f"{name} is not UTF-8: {command!a}", "Set another value, or none.")
    return command


def build_location_arguments(implementations: Path, engine: str) -> list[str]:
    """Return the options for the ports and the engine that differ from their defaults."""
    arguments = [] if engine == "docker" else ["--engine", engine]
    if implementations != Path("implementations"):
        arguments += ["--implementations", str(implementations)]
    return arguments


def open_engine(name: str, say: Callable[[str], None]) -> Engine:
    """Return the engine of that name. `say` gets a line for each thing that the engine does.

    Raises EngineError if the engine does not answer.
    """
    if name == "local":
        from harness.engines.local import LocalEngine

        return LocalEngine()
    from harness.engines.docker.engine import DockerEngine

    return DockerEngine(announce=say)


def make_console(stderr: bool = False) -> Console:
    """Return a console with colours only on a terminal, and without them if NO_COLOR is set."""
    from rich.console import Console

    console = Console(stderr=stderr)
    return console if console.is_terminal else Console(stderr=stderr, width=WIDTH_WITHOUT_TERMINAL)
