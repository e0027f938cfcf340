"""What the commands share: which cases are meant, a run of them, and how to have it again."""

from __future__ import annotations

import os
import shlex
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from harness.cli.options import case_files
from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from harness.engines.base import Engine
    from harness.model.case import Case
    from harness.results.schema import Results
    from harness.signals import Interruption

WIDTH_WITHOUT_TERMINAL = 110


def choose(
    paths: Sequence[Path],
    patterns: Sequence[str],
    matches: Callable[[str, str], bool] = fnmatchcase,
) -> tuple[Case, ...]:
    """The cases in `paths` whose names match one of the patterns, or all of them."""
    from harness.inputs.cases import load_cases
    from harness.inputs.yaml import suggest

    cases = load_cases([case_files(path) for path in paths])
    for pattern in patterns:
        if not any(matches(case.name, pattern) for case in cases):
            names = [case.name for case in cases]
            raise HarnessError(f"there is no case `{pattern}`", suggest(pattern, names))
    if not patterns:
        return cases
    return tuple(c for c in cases if any(matches(c.name, p) for p in patterns))


def conduct(
    implementations: Path,
    case_paths: Sequence[Path],
    cases: Sequence[Case],
    engine: str,
    names: Sequence[str],
    signals: Interruption,
    whole: bool,
) -> Results:
    """Run ports on cases with progress shown, until they are through or `signals` has noted one.

    `whole` says that these are all the cases there are.
    """
    from harness.cli.progress import TerminalProgress
    from harness.inputs.ports import load_ports
    from harness.run.runner import Source, run, variants

    ports = load_ports(implementations, names)
    console = terminal(stderr=True)
    progress = TerminalProgress(console, [port.title for port in variants(ports)], len(cases))
    source = Source(
        implementations=str(implementations),
        cases=", ".join(str(path) for path in case_paths),
        again=how_again(implementations, case_paths, engine),
        whole=whole,
    )
    with open_engine(engine, progress.say) as opened:
        signals.watch()
        with progress:
            return run(ports, cases, opened, progress, source, signals.stop)


def how_again(implementations: Path, case_paths: Sequence[Path], engine: str) -> str:
    """The command that runs one case of one port again, with `{port}` and `{case}` in it.

    HARNESS_AGAIN gives it where the harness is called by something that people call instead.
    """
    if again := os.environ.get("HARNESS_AGAIN"):
        return again
    words = ["harness", "show", "{port}", "{case}", *where_words(implementations, engine)]
    if tuple(case_paths) != (Path("cases"),):
        words += [word for path in case_paths for word in ("--cases", str(path))]
    return " ".join(word if word.startswith("{") else shlex.quote(word) for word in words)


def where_words(implementations: Path, engine: str) -> list[str]:
    """The options of a command that say where ports are and run, where that is not the default."""
    words = [] if engine == "docker" else ["--engine", engine]
    if implementations != Path("implementations"):
        words += ["--implementations", str(implementations)]
    return words


def open_engine(name: str, say: Callable[[str], None]) -> Engine:
    """The engine of that name. Raises EngineError where it does not answer."""
    if name == "local":
        from harness.engines.local import LocalEngine

        return LocalEngine()
    from harness.engines.docker.engine import DockerEngine

    return DockerEngine(say=say)


def terminal(stderr: bool = False) -> Console:
    """A console that knows colour only where people look, and NO_COLOR."""
    from rich.console import Console

    console = Console(stderr=stderr)
    return console if console.is_terminal else Console(stderr=stderr, width=WIDTH_WITHOUT_TERMINAL)
