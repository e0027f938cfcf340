"""The toolchains of two runs: what of a port's compiler, interpreter and packages differs.

Where toolchains differ, an outcome can change although no program did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.results.results import Results
    from harness.results.schema import PortRecord


@dataclass(frozen=True)
class PackageChange:
    """A package whose versions differ between two runs. None is that of a run that lacks it."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class ToolchainChange:
    """What differs between the toolchains of one or several ports.

    `version` holds the two lines that the version command printed, or is None if they are the same
    or one is not known. `requested` are the differing packages that a port asks for, and `others`
    all other differing packages.
    """

    version: tuple[str, str] | None
    requested: tuple[PackageChange, ...]
    others: tuple[PackageChange, ...]

    def __bool__(self) -> bool:
        return bool(self.version or self.requested or self.others)


def compare_toolchains(
    old: Results, new: Results
) -> tuple[tuple[ToolchainChange, tuple[str, ...]], ...]:
    """Return the differences of toolchains, each with the names of the ports that have it.

    Only ports in both runs are compared, and packages only where both runs know them.
    """
    before = {port.name: port for port in old.ports}
    changes: dict[ToolchainChange, list[str]] = {}
    for port in new.ports:
        if port.name in before and (change := compare_ports(before[port.name], port)):
            changes.setdefault(change, []).append(port.name)
    return tuple((change, tuple(names)) for change, names in changes.items())


def compare_ports(old: PortRecord, new: PortRecord) -> ToolchainChange:
    """Return what differs between the toolchains of a port in two runs."""
    has_versions = old.version and new.version and old.version != new.version
    before, after = dict(old.toolchain.packages), dict(new.toolchain.packages)
    packages = compare_packages(before, after) if before and after else ()
    requested = {*old.toolchain.requested, *new.toolchain.requested}
    return ToolchainChange(
        version=(old.version, new.version) if has_versions else None,
        requested=tuple(package for package in packages if package.name in requested),
        others=tuple(package for package in packages if package.name not in requested),
    )


def compare_packages(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[PackageChange, ...]:
    """Return the packages that differ, in order of their names, given the versions by name."""
    return tuple(
        PackageChange(name, before.get(name), after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    )
