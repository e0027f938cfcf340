"""What several test modules share: misbehaving ports, and where to run them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.engines.local import LocalEngine
from harness.inputs.ports import digest

FAULTY = Path(__file__).parent / "support" / "faulty_ports"
LISTING = "A listing that nobody reads.\n"

MANIFEST = {
    "language": "Shell",
    "listing": "listing.txt",
    "digest": digest(LISTING.encode()),
    "document": "A book",
    "arithmetic": "binary64",
    "procedures": ["gaussian_elimination", "gauss_jordan", "back_substitution"],
    "base": {"debian": {"suite": "trixie", "packages": ["busybox"]}},
    "run": ["sh", "actor.sh"],
    "version": ["echo", "actor 1.0"],
    "seconds_per_case": 0.5,
    "seconds_to_start": 0.5,
}

FINDING = {
    "id": "exits",
    "title": "It exits where it should answer",
    "procedure": "gauss_jordan",
    "lines": "1",
    "explanation": "Nobody knows why.",
    "patch": "exits.patch",
    "explains": [{"check": "reduced.form", "cases": ["exits-*"]}],
}
"""A fault of tests/support/faulty_ports/actor.sh, and the key for its correction."""

WritePort = Callable[..., Path]
WriteFinding = Callable[..., None]
WriteCases = Callable[..., Path]


@pytest.fixture(autouse=True)
def _settings_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of whoever runs the tests are not the tests'."""
    for name in ("HARNESS_RERUN_COMMAND", "NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a container engine comes last: a quick failure should not wait for it."""
    items.sort(key=lambda item: item.get_closest_marker("docker") is not None)


@pytest.fixture
def implementations(tmp_path: Path) -> Path:
    return tmp_path / "implementations"


@pytest.fixture
def write_port(implementations: Path) -> WritePort:
    """Writes the folder of a port that runs `actor.sh` of the faulty ports; see `make_port`."""

    def write(name: str = "actor", **changes: Any) -> Path:
        return make_port(implementations / name, **changes)

    return write


def make_port(folder: Path, **changes: Any) -> Path:
    """Make the folder of a port that holds all of tests/support/faulty_ports and runs one of them.

    Keywords replace keys of its manifest, None removes them.
    """
    folder.mkdir(parents=True)
    for script in FAULTY.glob("*.sh"):
        (folder / script.name).write_bytes(script.read_bytes())
    (folder / "listing.txt").write_text(LISTING)
    keys = {key: value for key, value in {**MANIFEST, **changes}.items() if value is not None}
    (folder / "port.yaml").write_text(yaml.safe_dump(keys, sort_keys=False))
    return folder


@pytest.fixture
def write_finding() -> WriteFinding:
    """Writes a finding into a port's folder, with a patch that makes it answer all `exits-*`.

    Keywords replace keys of the finding; `correction` is what takes the place of the fault.
    """

    def write(folder: Path, correction: str = "answer", **changes: Any) -> None:
        (folder / "findings.yaml").write_text(yaml.safe_dump({"findings": [FINDING | changes]}))
        lines = (folder / "actor.sh").read_text().splitlines()
        (number,) = (n for n, line in enumerate(lines, 1) if line.strip().startswith("exits-*"))
        (folder / "exits.patch").write_text(
            f"--- a/actor.sh\n+++ b/actor.sh\n@@ -{number} +{number} @@\n"
            f"-{lines[number - 1]}\n+        exits-*) {correction} ;;\n"
        )

    return write


@pytest.fixture
def write_cases(tmp_path: Path) -> WriteCases:
    """Writes a file of cases of those names, each of one system that is in reduced form."""

    def write(*names: str, system: str = "1 0 | 2\n0 1 | 3", kind: str = "regular") -> Path:
        cases = [{"name": name, "why": "It says what to do.", "system": system} for name in names]
        path = tmp_path / f"{len(list(tmp_path.glob('*.yaml')))}.yaml"
        path.write_text(yaml.safe_dump({"kind": kind, "cases": cases}, sort_keys=False))
        return path

    return write


@pytest.fixture(scope="session")
def local() -> Iterator[LocalEngine]:
    with LocalEngine() as engine:
        yield engine
