"""A port as its manifest describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from harness.model.case import Arithmetic, System
from harness.model.contract import Contract
from harness.model.finding import Finding, Lines
from harness.model.patch import Patch
from harness.model.verdict import Variant

MANIFEST_FILE = "port.yaml"
"""The name of the file in a port's folder that describes the port."""

Command = tuple[str, ...]
"""A program and its arguments, as they are: no shell reads them."""


@dataclass(frozen=True)
class DebianBase:
    """A release of Debian and the packages to install."""

    suite: str
    packages: tuple[str, ...]


@dataclass(frozen=True)
class Base:
    """What a port stands on: an image for where a registry answers, and Debian's packages."""

    image: str | None
    debian: DebianBase


@dataclass(frozen=True)
class Published:
    """The listing's own main: how to build and run it, and what it prints.

    `matrix` is the augmented matrix that its example starts from. `stages` are what it prints, in
    order. `places` or `digits` is how far it prints numbers, where it does not print them in full:
    digits after the point, or significant ones.
    """

    build: tuple[Command, ...]
    run: Command
    matrix: System
    stages: tuple[str, ...]
    places: int | None
    digits: int | None


@dataclass(frozen=True)
class Port:
    """A port as its manifest describes it.

    `regions` name parts of the listing by their first and last line, from 1. `seconds_per_case`
    and `seconds_to_start` are wall-clock limits. `stops_at_notice` says that the listing ends its
    process once it has given a notice. `source` is the listing as published. The variant `fixed`
    is the port with the patches of all its `findings`.
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
    source: str = ""
    findings: tuple[Finding, ...] = ()
    variant: Variant = Variant.PUBLISHED

    @property
    def title(self) -> str:
        """What the port is called, as published or fixed."""
        return self.name if self.variant is Variant.PUBLISHED else f"{self.name} {self.variant}"

    @property
    def contract(self) -> Contract:
        """The promises of the port by which it is judged."""
        return Contract(self.arithmetic, self.procedures, self.notices, self.stops_at_notice)

    @property
    def patches(self) -> tuple[Patch, ...]:
        """What is changed in the port's files before it is built: nothing, as published."""
        if self.variant is Variant.PUBLISHED:
            return ()
        return tuple(finding.patch for finding in self.findings if finding.patch)

    @property
    def commands_to_build(self) -> tuple[Command, ...]:
        """Every command of a build: the driver's, then those of the listing's own main."""
        return self.build + (self.published.build if self.published else ())


@dataclass(frozen=True)
class PortFile:
    """A file that goes into a build: its path from the port's folder, with `/`."""

    path: str
    data: bytes
    executable: bool


def patch_port(port: Port) -> Port:
    """The port with the patches of all its findings."""
    return replace(port, variant=Variant.FIXED)
