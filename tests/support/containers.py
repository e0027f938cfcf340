"""Ports that run in containers, and the containers that a process of the harness has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.engines.docker.client import DockerClient
from harness.engines.docker.leases import PREFIX, own_lease, parse_lease
from harness.model.case import Arithmetic
from harness.model.port import Base, Command, DebianBase, Port


def make_debian_port(folder: Path, *build: Command, packages: tuple[str, ...] = ()) -> Port:
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
        run=("sh",),
        version=("sh", "--version"),
        published=None,
        regions={},
    )


def list_own_containers() -> list[dict[str, Any]]:
    """Return the containers of this process."""
    return list_containers_of(own_lease().pid)


def list_containers_of(pid: int) -> list[dict[str, Any]]:
    """Return the containers of the process with this id on this machine."""
    containers = DockerClient().connect().containers(all=True, filters={"name": PREFIX})
    leases = [(parse_lease(container["Names"][0]), container) for container in containers]
    return [container for lease, container in leases if lease and lease.pid == pid]
