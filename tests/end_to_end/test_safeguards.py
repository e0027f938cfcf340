"""Every safeguard is needed: without it, its tests fail.

Each safeguard is removed from a copy of the harness, and its tests are run there. That takes some
minutes and is done by `make test-safeguards` only; `make test` checks the list of safeguards.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from support.catalogue import list_tests
from support.faults import FAULTS
from support.safeguards import HARMLESS, SAFEGUARDS, Safeguard

ROOT = Path(__file__).parents[2]
COPIED = ("harness", "tests", "cases", "implementations", "pyproject.toml", "action.yml")

PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")

SECONDS = 180.0
"""The time limit of tests that end."""

SECONDS_OF_ENDLESS_TESTS = 30.0
"""The time limit of tests that do not end. With the safeguard they end within it, as is checked."""

MEMORY = 4 << 30
"""The memory limit in bytes of a test and what it starts; some fail by exhausting memory."""

PROGRAM_ERROR = re.compile(r"^E\s+(Import|Name|Syntax|Attribute|Type|UnboundLocal)Error\b.*", re.M)
"""Matches the failure of a test where a replacement is no valid program."""


def identifier(safeguard: Safeguard) -> str:
    return safeguard.name.replace(" ", "-")


def parametrize_safeguards() -> list[object]:
    """Return the safeguards as parameters, marked if their tests run in containers."""
    return [
        pytest.param(
            safeguard,
            id=identifier(safeguard),
            marks=[pytest.mark.docker] * any("docker" in test for test in safeguard.tests),
        )
        for safeguard in SAFEGUARDS
    ]


def copy_harness(folder: Path) -> Path:
    """Copy the harness and its tests into a folder, and return it."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.pyc"))
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def run_tests(folder: Path, tests: Sequence[str], seconds: float) -> tuple[int | None, str]:
    """Run tests in a copy; return pytest's exit status, None if it did not end, and its output."""
    (folder / "tmp").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(folder), "TMPDIR": str(folder / "tmp")}
    child = subprocess.Popen(
        # A short path: that of a socket must not be long.
        [*PYTEST, f"--basetemp={folder / 't'}", *tests],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=set_limits,
    )
    try:
        output, _ = child.communicate(timeout=seconds)
        return child.returncode, output
    except subprocess.TimeoutExpired:
        return None, f"the tests have not ended after {seconds:g} s"
    finally:
        end_tests(child, folder)


def set_limits() -> None:
    """Limit the memory of a run of tests, and let it receive interrupts."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # In the background of a shell, interrupts are ignored from birth.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def end_tests(child: subprocess.Popen[str], folder: Path) -> None:
    """End a run of tests by an interrupt, so that it removes its containers; then kill the rest."""
    if child.poll() is None:
        child.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            child.communicate(timeout=15)
        child.kill()
        child.communicate()
    for working in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if working.readlink().is_relative_to(folder):
                os.kill(int(working.parent.name), signal.SIGKILL)


def has_failed(test: str, output: str) -> bool:
    """Return whether pytest reported a test as failed."""
    return re.search(rf"^(FAILED|ERROR) {re.escape(test)}( - |$)", output, re.M) is not None


@pytest.fixture(scope="module")
def needed_tests(request: pytest.FixtureRequest) -> list[str]:
    """The tests of all selected safeguards, each once."""
    selected = [item for item in request.session.items if item.get_closest_marker("safeguards")]
    tests = [test for item in selected for test in item.callspec.params["safeguard"].tests_to_run]
    return list(dict.fromkeys(tests))


@pytest.fixture(scope="module")
def unchanged_copy(needed_tests: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Check that with all safeguards in place every test passes."""
    folder = copy_harness(tmp_path_factory.mktemp("intact"))
    status, output = run_tests(folder, needed_tests, SECONDS)
    assert status == 0, output


class TestTheList:
    @pytest.mark.parametrize("safeguard", SAFEGUARDS, ids=identifier)
    def test_the_text_occurs_once(self, safeguard: Safeguard) -> None:
        assert (ROOT / safeguard.file).read_text().count(safeguard.text) == 1
        assert safeguard.replacement != safeguard.text

    @pytest.mark.parametrize("safeguard", SAFEGUARDS, ids=identifier)
    def test_its_tests_exist(self, safeguard: Safeguard) -> None:
        for test in safeguard.tests:
            name = test.partition("[")[0].rpartition("/")[2].replace(".py::", "::")
            assert name in list_tests(name.split("::")[0])

    def test_there_is_a_safeguard_against_every_faulty_port(self) -> None:
        against = {port for safeguard in SAFEGUARDS for port in safeguard.ports}
        assert against >= FAULTS.keys() - HARMLESS
        assert not against & HARMLESS

    def test_no_two_have_the_same_name(self) -> None:
        assert len({safeguard.name for safeguard in SAFEGUARDS}) == len(SAFEGUARDS)


@pytest.mark.safeguards
class TestRemoval:
    @pytest.mark.usefixtures("unchanged_copy")
    @pytest.mark.parametrize("safeguard", parametrize_safeguards())
    def test_its_tests_fail_without_it(self, safeguard: Safeguard, tmp_path: Path) -> None:
        folder = copy_harness(tmp_path / "copy")
        file = folder / safeguard.file
        file.write_text(file.read_text().replace(safeguard.text, safeguard.replacement))
        seconds = SECONDS_OF_ENDLESS_TESTS if safeguard.endless else SECONDS
        if safeguard.endless:
            status, output = run_tests(
                copy_harness(tmp_path / "intact"), safeguard.tests_to_run, seconds
            )
            assert status == 0, output
        status, output = run_tests(folder, safeguard.tests_to_run, seconds)
        assert not PROGRAM_ERROR.search(output), output
        if not (safeguard.endless and status is None):
            assert status == pytest.ExitCode.TESTS_FAILED, output
            assert not [test for test in safeguard.tests if not has_failed(test, output)], output
