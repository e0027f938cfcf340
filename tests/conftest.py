"""Fixtures that several test modules share."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import HealthCheck, settings

from harness.engines.local import LocalEngine
from harness.inputs.cases import load_cases
from harness.inputs.ports import load_ports
from harness.results.results import Results
from harness.runs.runner import run
from support.ports import (
    RunOn,
    WriteCases,
    WriteFinding,
    WritePort,
    make_port,
    write_case_file,
    write_finding_files,
)

# The tests run side by side, and with whatever else the machine does: a slow example is no fault.
settings.register_profile(
    "any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("any-machine")

# Under `nohup`, the commands that the tests start would inherit that SIGHUP is ignored.
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _default_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the environment variables that change what the harness and make print."""
    for name in (
        "HARNESS_RERUN_COMMAND",
        "HARNESS_PROBE_COMMAND",
        "NO_COLOR",
        "FORCE_COLOR",
        "GITHUB_ACTIONS",
        "MAKEFLAGS",
        "MAKELEVEL",
        "MFLAGS",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _raise_failures_of_the_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure of the judge costs a run one answer, and a test its success."""

    def raise_error(error: Exception) -> NoReturn:
        raise error

    monkeypatch.setattr("harness.judging.judge.describe_failure", raise_error)
    monkeypatch.setattr("harness.runs.own_example.describe_failure", raise_error)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests that need a container engine last, so that a quick failure comes first."""
    items.sort(key=lambda item: item.get_closest_marker("docker") is not None)


@pytest.fixture
def implementations(tmp_path: Path) -> Path:
    return tmp_path / "implementations"


@pytest.fixture
def write_port(implementations: Path) -> WritePort:
    """A function that writes the folder of a port that runs `actor.sh`; see `make_port`."""

    def write(name: str = "actor", **changes: Any) -> Path:
        return make_port(implementations / name, **changes)

    return write


@pytest.fixture
def write_finding() -> WriteFinding:
    """A function that writes a finding into a port's folder; see `write_finding_files`."""
    return write_finding_files


@pytest.fixture
def write_cases(tmp_path: Path) -> WriteCases:
    """A function that writes a file of cases; see `write_case_file`."""
    return partial(write_case_file, tmp_path)


@pytest.fixture(scope="session")
def local() -> Iterator[LocalEngine]:
    with LocalEngine() as engine:
        yield engine


@pytest.fixture
def run_on(implementations: Path, local: LocalEngine) -> RunOn:
    """A function that runs all ports that were written on the cases of a file."""

    def run_on(cases: Path) -> Results:
        return run(load_ports(implementations), load_cases([cases]), local)

    return run_on
