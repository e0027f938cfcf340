"""A port as its manifest describes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harness.model.case import Arithmetic, System
from harness.model.contract import Contract
from harness.model.finding import Finding, Lines
from harness.model.patch import Patch
from harness.model.promises import NO_PROMISES, Promises
from harness.model.runtime_checks import find_runtime_checks
from harness.model.verdict import Variant

MANIFEST_FILE = "port.yaml"
"""The name of the file in a port's folder that describes the port."""

PORT_NAME_PATTERN = re.compile(r"[A-Za-z0-9_+][A-Za-z0-9_.+-]{0,59}")
"""The name of a port. It means nothing to a shell, to make, to a terminal or to HTML, and is no
option of a command."""

PORT_NAME_HINT = (
    "A name has at most 60 letters from a to z, digits and the signs - _ . +, "
    "and begins with no hyphen or point."
)

Command = tuple[str, ...]
"""A program and its arguments. They are run without a shell."""


@dataclass(frozen=True)
class DebianBase:
    """A release of Debian and the packages to install."""

    suite: str
    packages: tuple[str, ...]


@dataclass(frozen=True)
class Base:
    """The base of a port's image: an image from a registry where one is reachable, else Debian."""

    image: str | None
    debian: DebianBase


@dataclass(frozen=True)
class Published:
    """The listing's own main program: its commands, and what it prints.

    `matrix` is the augmented matrix of its example. `stages` are the stages that it prints, in
    order. Where it does not print numbers in full, `places` is the number of digits after the
    point, or `digits` the number of significant digits.
    """

    build: tuple[Command, ...]
    run: Command
    matrix: System
    stages: tuple[str, ...]
    places: int | None
    digits: int | None


@dataclass(frozen=True)
class Plain:
    """A second build of the driver, without the checks that the first one adds at run time."""

    build: tuple[Command, ...]
    run: Command


@dataclass(frozen=True)
class Port:
    """A port as its manifest describes it.

    `regions` maps the names of parts of the listing to their first and last line, from 1.
    `seconds_per_case` and `seconds_to_start` are limits of wall-clock time. `stops_at_notice` is
    True if the listing ends its process after a notice. The procedures in `leaves_input_unchanged`
    promise not to change what they are given. `source` is the text of the listing as
    published. The variant `fixed` is the port with the patches of all its `findings`.
    """

    name: str
    folder: Path
    language: str
    listing: str
    digest: str
    document: str
    arithmetic: Arithmetic
    procedures: tuple[str, ...]
    notices: tuple[str, ...]
    stops_at_notice: bool
    base: Base
    build: tuple[Command, ...]
    run: Command
    version: Command
    published: Published | None
    regions: Mapping[str, Lines]
    seconds_per_case: float = 10.0
    seconds_to_start: float = 60.0
    leaves_input_unchanged: tuple[str, ...] = ()
    source: str = ""
    findings: tuple[Finding, ...] = ()
    variant: Variant = Variant.PUBLISHED
    promises: Promises = NO_PROMISES
    plain: Plain | None = None

    @property
    def title(self) -> str:
        """The name of the port, with its variant if that is `fixed`."""
        return self.name if self.variant is Variant.PUBLISHED else f"{self.name} {self.variant}"

    @property
    def contract(self) -> Contract:
        """The promises of the port by which it is judged."""
        return Contract(
            self.arithmetic,
            self.procedures,
            (*self.notices, *self.promises.no_solution, *self.promises.many_solutions),
            self.stops_at_notice,
            self.leaves_input_unchanged,
            self.promises,
        )

    @property
    def patches(self) -> tuple[Patch, ...]:
        """The patches to apply to the port's files before a build. A published port has none."""
        if self.variant is Variant.PUBLISHED:
            return ()
        return tuple(finding.patch for finding in self.findings if finding.patch)

    @property
    def commands_to_build(self) -> tuple[Command, ...]:
        """All commands of a build: the driver's, those of the listing's own main program, and
        those of the plain build. Only a published port is built plainly as well."""
        is_built_plainly = self.plain is not None and self.variant is Variant.PUBLISHED
        return (
            *self.build,
            *(self.published.build if self.published else ()),
            *(self.plain.build if self.plain and is_built_plainly else ()),
        )

    @property
    def runtime_checks(self) -> tuple[str, ...]:
        """The options with which the driver's build adds checks at run time."""
        return find_runtime_checks(self.build)


@dataclass(frozen=True)
class PortFile:
    """A file that goes into a build. `path` is relative to the port's folder, with `/`."""

    path: str
    data: bytes
    executable: bool


def patch_port(port: Port) -> Port:
    """Return the variant of the port with the patches of all its findings."""
    return replace(port, variant=Variant.FIXED)
