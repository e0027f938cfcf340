"""The containers that a process of the harness has."""

from __future__ import annotations

from typing import Any

from harness.engines.docker.client import DockerClient
from harness.engines.docker.leases import LABEL, PREFIX, own_lease, parse_lease


def list_own_containers() -> list[dict[str, Any]]:
    """Return the containers of this process."""
    return list_containers_of(own_lease().pid)


def list_own_volumes() -> list[str]:
    """Return the names of the folders in memory of this process."""
    filters = {"label": f"{LABEL}={own_lease()}"}
    volumes = DockerClient().connect().volumes(filters=filters)["Volumes"]
    return [volume["Name"] for volume in volumes or ()]


def list_containers_of(pid: int) -> list[dict[str, Any]]:
    """Return the containers of the process with this id on this machine."""
    containers = DockerClient().connect().containers(all=True, filters={"name": PREFIX})
    leases = [(parse_lease(container["Names"][0]), container) for container in containers]
    return [container for lease, container in leases if lease and lease.pid == pid]
