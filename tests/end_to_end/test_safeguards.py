"""Every safeguard is needed: without it, the test that is about it fails.

Each is taken out of a copy of the harness, and its test is run there; `make test-safeguards` does
that, which takes some minutes. What can be told without it is looked at in `make test`.
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

from support.catalogue import names_in
from support.faults import FAULTS
from support.safeguards import HARMLESS, SAFEGUARDS, Safeguard

ROOT = Path(__file__).parents[2]
COPIED = ("harness", "tests", "cases", "implementations", "pyproject.toml")

PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")

SECONDS = 180.0
"""No test that ends takes so long."""

SECONDS_FOR_EVER = 20.0
"""What has not ended after these does not end; with its safeguard it does, which is seen to."""

MEMORY = 4 << 30
"""Bytes that a test may have, and what it starts: some fail by taking all there is."""

BROKEN = re.compile(r"^E\s+(Import|Name|Syntax|Attribute|Type|UnboundLocal)Error\b.*", re.M)
"""How a test fails where a replacement is no program."""


def identifier(safeguard: Safeguard) -> str:
    return safeguard.name.replace(" ", "-")


def taken_out() -> list[object]:
    """The safeguards as parameters; what runs in containers is marked."""
    return [
        pytest.param(
            safeguard,
            id=identifier(safeguard),
            marks=[pytest.mark.docker] * any("docker" in test for test in safeguard.tests),
        )
        for safeguard in SAFEGUARDS
    ]


def copy(folder: Path) -> Path:
    """A copy of the harness and of its tests."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.pyc"))
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


def try_out(folder: Path, tests: Sequence[str], seconds: float) -> tuple[int | None, str]:
    """Run tests in a copy: pytest's exit status, None where they did not end, and what it said."""
    (folder / "tmp").mkdir()
    surroundings = {**os.environ, "PYTHONPATH": str(folder), "TMPDIR": str(folder / "tmp")}
    child = subprocess.Popen(
        # A short path: that of a socket must not be long.
        [*PYTEST, f"--basetemp={folder / 't'}", *tests],
        cwd=folder,
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=confine,
    )
    try:
        said, _ = child.communicate(timeout=seconds)
        return child.returncode, said
    except subprocess.TimeoutExpired:
        return None, f"the tests have not ended after {seconds:g} s"
    finally:
        end(child, folder)


def confine() -> None:
    """Bound the memory of a run of tests, and have it hear an interrupt."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # In the background of a shell, interrupts are ignored from birth.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def end(child: subprocess.Popen[str], folder: Path) -> None:
    """End a run of tests: politely, so that it removes its containers; then whoever is left."""
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


def fails(test: str, said: str) -> bool:
    """Whether pytest said of a test that it did not pass."""
    return re.search(rf"^(FAILED|ERROR) {re.escape(test)}( - |$)", said, re.M) is not None


@pytest.fixture(scope="module")
def wanted(request: pytest.FixtureRequest) -> list[str]:
    """The tests of all safeguards that are to be tried, each once."""
    trials = [item for item in request.session.items if item.get_closest_marker("safeguards")]
    tests = [test for item in trials for test in item.callspec.params["safeguard"].run]
    return list(dict.fromkeys(tests))


@pytest.fixture(scope="module")
def untouched(wanted: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    """With all safeguards in place, every test passes."""
    folder = copy(tmp_path_factory.mktemp("untouched"))
    status, said = try_out(folder, wanted, SECONDS)
    assert status == 0, said


class TestTheList:
    @pytest.mark.parametrize("safeguard", SAFEGUARDS, ids=identifier)
    def test_what_is_taken_out_is_there_once(self, safeguard: Safeguard) -> None:
        assert (ROOT / safeguard.file).read_text().count(safeguard.text) == 1
        assert safeguard.without != safeguard.text

    @pytest.mark.parametrize("safeguard", SAFEGUARDS, ids=identifier)
    def test_its_tests_are_there(self, safeguard: Safeguard) -> None:
        for test in safeguard.tests:
            name = test.partition("[")[0].rpartition("/")[2].replace(".py::", "::")
            assert name in names_in(name.split("::")[0])

    def test_there_is_a_safeguard_against_every_faulty_port(self) -> None:
        against = {port for safeguard in SAFEGUARDS for port in safeguard.ports}
        assert against >= FAULTS.keys() - HARMLESS
        assert not against & HARMLESS

    def test_no_two_have_the_same_name(self) -> None:
        assert len({safeguard.name for safeguard in SAFEGUARDS}) == len(SAFEGUARDS)


@pytest.mark.safeguards
class TestTakingOne:
    @pytest.mark.usefixtures("untouched")
    @pytest.mark.parametrize("safeguard", taken_out())
    def test_its_tests_fail_without_it(self, safeguard: Safeguard, tmp_path: Path) -> None:
        folder = copy(tmp_path / "copy")
        file = folder / safeguard.file
        file.write_text(file.read_text().replace(safeguard.text, safeguard.without))
        seconds = SECONDS_FOR_EVER if safeguard.endless else SECONDS
        if safeguard.endless:
            status, said = try_out(copy(tmp_path / "untouched"), safeguard.run, seconds)
            assert status == 0, said
        status, said = try_out(folder, safeguard.run, seconds)
        assert not BROKEN.search(said), said
        if not (safeguard.endless and status is None):
            assert status == pytest.ExitCode.TESTS_FAILED, said
            assert not [test for test in safeguard.tests if not fails(test, said)], said
