"""The engine `docker`: an image for each port, a container for each process.

A program under test sees only its container: it has no network, no writable folder but a small
/tmp, no privileges, and limited memory, processes and processor time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.engines.base import Engine, Process, Program
from harness.engines.docker.base_images import CLEANUP_SECONDS, BaseImages
from harness.engines.docker.client import DockerClient, translate_engine_errors
from harness.engines.docker.containers import ContainerLimits, ContainerRequest, Containers
from harness.engines.docker.images import PORT_BUILD_SECONDS, PortImages
from harness.engines.docker.processes import DockerProcess
from harness.engines.docker.users import choose_users
from harness.engines.process_group import ChildProcesses

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.model.port import Port
    from harness.model.toolchain import InstalledBase


class DockerEngine(Engine):
    """Builds ports into images, and runs them in containers. Always removes the containers."""

    name = "docker"

    def __init__(
        self,
        limits: ContainerLimits | None = None,
        announce: Callable[[str], None] = lambda _: None,
        docker_client: DockerClient | None = None,
        build_seconds: float = PORT_BUILD_SECONDS,
    ) -> None:
        """Connect to the engine, and remove the containers of runs that have ended.

        `announce` gets a line of text before each slow step. Raises EngineError if no engine
        answers.
        """
        self._limits = limits or ContainerLimits()
        self._docker_client = docker_client or DockerClient()
        self._children = ChildProcesses()
        with translate_engine_errors("describe itself"), self._docker_client.connect() as client:
            users = choose_users(client.info())
        self._containers = Containers(self._docker_client, users)
        base_images = BaseImages(self._docker_client, self._children, announce)
        self._port_images = PortImages(
            self._docker_client, base_images, self._containers, users, announce, build_seconds
        )
        self._containers.remove_orphans()

    def build(self, port: Port) -> DockerProgram:
        """See `Engine.build`."""
        image, base = self._port_images.provide(port)
        return DockerProgram(image, base, self._docker_client, self._containers, self._limits)

    def close(self) -> None:
        self._containers.close()
        self._children.close(CLEANUP_SECONDS)


class DockerProgram(Program):
    """A port built into an image."""

    def __init__(
        self,
        image: str,
        base: InstalledBase,
        docker_client: DockerClient,
        containers: Containers,
        limits: ContainerLimits,
    ) -> None:
        self.image = image
        self.base = base
        self._docker_client = docker_client
        self._containers = containers
        self._limits = limits

    def start(self, command: Sequence[str]) -> Process:
        """See `Program.start`."""
        request = ContainerRequest(self.image, command, self._limits)
        container, connection = self._containers.start(request)
        return DockerProcess(
            container, connection, self._docker_client, self._containers, self._limits.memory
        )
