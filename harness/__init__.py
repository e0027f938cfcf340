"""A conformance harness for ports of one numerical algorithm in many languages.

The names below are the public interface: docs/python.md shows them at work. The packages, each of
which imports from those after it only:

- `cli`: the command line
- `fuzz`: ports on random systems
- `probe`: a test of a driver, step by step
- `scaffold`: the files that `harness new` and `harness init` write
- `runs`: a whole run, every port on every case
- `reports`: HTML, terminal, JUnit XML, Markdown, annotations on GitHub
- `judging`: an expected result and an answer, turned into judgements
- `results`: the results of a run as a value and as a file, and the difference between two runs
- `protocol`: the conversation with a driver
- `engines`: where a port runs, on this machine or in containers
- `inputs`: files that people write: cases, manifests, findings, patches
- `procedures`: one module for each procedure: when it is asked, its results, checks and judgement
- `numerics`: exact and floating-point matrices, the oracle, error measures
- `model`: plain frozen values
- `errors`, `files`, `text`, `signals`: what all of them use
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.engines.docker.engine import DockerEngine
    from harness.engines.local import LocalEngine
    from harness.inputs.cases import load_cases
    from harness.inputs.ports import load_ports
    from harness.judging.judge import judge
    from harness.numerics.oracle import expect
    from harness.reports.html.page import write_html
    from harness.results.reader import load_results
    from harness.results.results import Results
    from harness.runs.runner import run

__all__ = [
    "DockerEngine",
    "LocalEngine",
    "Results",
    "expect",
    "judge",
    "load_cases",
    "load_ports",
    "load_results",
    "run",
    "write_html",
]

MODULES = {
    "DockerEngine": "harness.engines.docker.engine",
    "LocalEngine": "harness.engines.local",
    "Results": "harness.results.results",
    "expect": "harness.numerics.oracle",
    "judge": "harness.judging.judge",
    "load_cases": "harness.inputs.cases",
    "load_ports": "harness.inputs.ports",
    "load_results": "harness.results.reader",
    "run": "harness.runs.runner",
    "write_html": "harness.reports.html.page",
}
"""The modules of the public names. They are loaded when a name is used first, since the command
line handles signals before it loads anything else."""


def __getattr__(name: str) -> Any:
    """Return a public name. Raises AttributeError about any other."""
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(MODULES[name]), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__
