"""Ports for tests: folders that run the faulty ports, and the types of fixtures that write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from harness.inputs.ports import compute_digest
from harness.model.case import Arithmetic
from harness.model.port import Base, Command, DebianBase, Port
from harness.results.results import Results

FAULTY_PORTS = Path(__file__).parent / "faulty_ports"
LISTING = "A listing without a program.\n"

MANIFEST = {
    "language": "Shell",
    "listing": "listing.txt",
    "digest": compute_digest(LISTING.encode()),
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
"""A fault of tests/support/faulty_ports/actor.sh, and the name of the patch that corrects it."""

WritePort = Callable[..., Path]
"""The type of the fixture `write_port`."""

RunOn = Callable[[Path], Results]
"""The type of the fixture `run_on`."""

WriteFinding = Callable[..., None]
"""The type of the fixture `write_finding`."""

WriteCases = Callable[..., Path]
"""The type of the fixture `write_cases`."""


def make_port(folder: Path, **changes: Any) -> Path:
    """Write the folder of a port that holds tests/support/faulty_ports and runs one of them.

    Keyword arguments replace keys of its manifest; None removes a key. Return the folder.
    """
    folder.mkdir(parents=True)
    for script in (*FAULTY_PORTS.glob("*.sh"), *FAULTY_PORTS.glob("*.py")):
        (folder / script.name).write_bytes(script.read_bytes())
    (folder / "listing.txt").write_text(LISTING)
    keys = {key: value for key, value in {**MANIFEST, **changes}.items() if value is not None}
    (folder / "port.yaml").write_text(yaml.safe_dump(keys, sort_keys=False))
    return folder


def write_finding_files(folder: Path, correction: str = "answer", **changes: Any) -> None:
    """Write a finding into a port's folder, with a patch that makes it answer all `exits-*`.

    Keyword arguments replace keys of the finding. `correction` is the command that replaces the
    faulty one.
    """
    (folder / "findings.yaml").write_text(yaml.safe_dump({"findings": [FINDING | changes]}))
    lines = (folder / "actor.sh").read_text().splitlines()
    (number,) = (n for n, line in enumerate(lines, 1) if line.strip().startswith("exits-*"))
    (folder / "exits.patch").write_text(
        f"--- a/actor.sh\n+++ b/actor.sh\n@@ -{number} +{number} @@\n"
        f"-{lines[number - 1]}\n+        exits-*) {correction} ;;\n"
    )


def write_case_file(
    folder: Path, *names: str, system: str = "1 0 | 2\n0 1 | 3", kind: str = "regular"
) -> Path:
    """Write a file of cases with these names, each of one system that is in reduced form."""
    cases = [{"name": name, "why": "It says what to do.", "system": system} for name in names]
    path = folder / f"{len(list(folder.glob('*.yaml')))}.yaml"
    path.write_text(yaml.safe_dump({"kind": kind, "cases": cases}, sort_keys=False))
    return path


def make_shell_port(
    folder: Path,
    *build: Command,
    run: Command = ("sh",),
    packages: tuple[str, ...] = (),
) -> Port:
    """Return a port in a folder, whose base is Debian with some packages."""
    return Port(
        name="shell",
        folder=folder,
        language="Shell",
        listing="listing.sh",
        digest="",
        document="",
        arithmetic=Arithmetic.BINARY64,
        procedures=(),
        notices=(),
        stops_at_notice=False,
        base=Base(None, DebianBase("trixie", packages)),
        build=build,
        run=run,
        version=("sh", "--version"),
        published=None,
        regions={},
    )
