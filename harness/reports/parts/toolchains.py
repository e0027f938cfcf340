"""The base images of a run, and the packages in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.text import clip, count_noun

if TYPE_CHECKING:
    from harness.reports.parts.index import Index
    from harness.results.schema import PortRecord, ToolchainRecord

MAXIMUM_PACKAGES = 2_000
MAXIMUM_TEXT_LENGTH = 80


@dataclass(frozen=True)
class InstalledPackages:
    """A base image, the ports that are built on it, and its packages with their versions."""

    base: str
    image: str
    ports: tuple[str, ...]
    summary: str
    packages: tuple[tuple[str, str], ...]


def build_installed_packages(index: Index) -> tuple[InstalledPackages, ...]:
    """Return the base images of which the packages are known, in the order of the ports."""
    ports_by_base: dict[tuple[str, ToolchainRecord], list[str]] = {}
    for port in index.ports:
        if port.toolchain.packages:
            title = index.format_port_name(port)
            ports_by_base.setdefault((port.base, port.toolchain), []).append(title)
    return tuple(
        InstalledPackages(
            base=base,
            image=clip(toolchain.image, MAXIMUM_TEXT_LENGTH),
            ports=tuple(ports),
            summary=count_noun(len(toolchain.packages), "package"),
            packages=tuple(
                (clip(name, MAXIMUM_TEXT_LENGTH), clip(version, MAXIMUM_TEXT_LENGTH))
                for name, version in toolchain.packages[:MAXIMUM_PACKAGES]
            ),
        )
        for (base, toolchain), ports in ports_by_base.items()
    )


def describe_base(port: PortRecord) -> str:
    """Return what a port is built on, such as `debian trixie: gcc 4:14.2.0-1`, with the versions
    of the packages that it asks for where they are known."""
    versions = dict(port.toolchain.packages)
    packages = [f"{name} {versions[name]}" for name in port.toolchain.requested if name in versions]
    if len(packages) < len(port.toolchain.requested) or not packages:
        return port.base
    return f"{port.base.partition(':')[0]}: {', '.join(packages)}"
