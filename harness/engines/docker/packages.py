"""The packages of a base image, as Debian's package manager in it lists them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from harness.engines.base import Exit, Stream
from harness.engines.docker.containers import ContainerLimits, ContainerRequest, Containers
from harness.engines.docker.processes import DockerProcess
from harness.errors import EngineError
from harness.model.toolchain import Package

if TYPE_CHECKING:
    from harness.engines.docker.client import DockerClient

LIST_COMMAND = (
    "dpkg-query",
    "--show",
    "--showformat=${db:Status-Status} ${Package} ${Version}\\n",
)
LIST_SECONDS = 60.0
NO_SUCH_PROGRAM = Exit(status=127)
"""The exit of a container whose command is not in its image."""

MAXIMUM_LIST_BYTES = 1 << 20


def list_packages(image: str, docker_client: DockerClient, containers: Containers) -> str:
    """Return a line for each package that an image knows: its state, name and version.

    Return "" if it has no `dpkg-query`, as an image of another distribution. Raises EngineError.
    """
    limits = ContainerLimits()
    container, connection = containers.start(ContainerRequest(image, LIST_COMMAND, limits))
    process = DockerProcess(container, connection, docker_client, containers, limits.memory)
    output, deadline = b"", time.monotonic() + LIST_SECONDS
    try:
        process.close_input()
        while not process.closed and len(output) < MAXIMUM_LIST_BYTES:
            if (remaining := deadline - time.monotonic()) <= 0:
                break
            chunks = process.receive(remaining)
            output += b"".join(chunk.data for chunk in chunks if chunk.stream is Stream.OUTPUT)
    finally:
        end = process.stop(grace=1.0 if process.closed else 0.0)
    if end not in (Exit(status=0), NO_SUCH_PROGRAM):
        message = f"The packages of a base image cannot be listed: {end}"
        raise EngineError(message, f"The command in the image {image} is `dpkg-query --show`.")
    return output.decode(errors="replace") if end == Exit(status=0) else ""


def parse_packages(listing: str) -> tuple[Package, ...]:
    """Return the packages that are installed, in order of their names; see `list_packages`."""
    lines = (line.split() for line in listing.splitlines())
    packages = {Package(*line[1:]) for line in lines if len(line) == 3 and line[0] == "installed"}
    return tuple(sorted(packages, key=lambda package: (package.name, package.version)))
