"""Containers, and that none of them is left: not after an error, not after Ctrl-C.

Each is marked with the run that it belongs to. A run that was killed cannot clean up after itself;
the next one on the same machine does.
"""

from __future__ import annotations

import contextlib
import os
import platform
import socket
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker.errors

from harness.engines.docker.client import (
    CONNECTION_ERRORS,
    DockerClient,
    StreamConnection,
    translate_engine_errors,
)
from harness.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RUN_LABEL = "harness.run"
PORT_FOLDER = "/port"
SECONDS_TO_REMOVE = 10.0
CONTAINER_ENVIRONMENT = {"HOME": "/tmp", "LANG": "C.UTF-8"}


@dataclass(frozen=True)
class ContainerLimits:
    """What a container may take: memory and /tmp in bytes, time in processors."""

    memory: int = 1 << 30
    tmp_size: int = 64 << 20
    processes: int = 256
    processors: float = 1.0
    user: str = "65534:65534"

    @property
    def options(self) -> Mapping[str, Any]:
        """These limits, and all that a container is denied, as the SDK takes them."""
        return {
            "network_mode": "none",
            "read_only": True,
            # Without /dev/shm, /tmp is the only place that can be written.
            "ipc_mode": "none",
            "tmpfs": {"/tmp": f"size={self.tmp_size},mode=1777"},
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
            "mem_limit": self.memory,
            "memswap_limit": self.memory,
            "pids_limit": self.processes,
            "nano_cpus": int(self.processors * 1e9),
            # The first process ignores signals that it has no handler for: let it be another.
            "init": True,
            "log_config": {"Type": "none"},
        }


class Containers:
    """All the containers that one engine has; closing it removes them, and no more are made."""

    def __init__(self, docker_client: DockerClient, limits: ContainerLimits) -> None:
        self.limits = limits
        self._docker_client = docker_client
        self._connections: dict[str, socket.socket | None] = {}
        # An interrupt reaches the main thread only. A request to create a container that is made
        # in another one is therefore always answered, and the container known.
        self._creation_pool = ThreadPoolExecutor(1, "harness-containers")
        # The thread has to be there before it matters: an interrupt while a pool starts one makes
        # the pool forget it, and `close` would not wait for it.
        self._creation_pool.submit(int).result()

    def start(self, image: str, command: Sequence[str]) -> tuple[str, socket.socket]:
        """The id of a new container, and the connection to its streams. Raises EngineError."""
        try:
            container = self._creation_pool.submit(self._create, image, command).result()
        except (RuntimeError, CancelledError):
            # Too late, or still waiting when the engine was closed.
            raise EngineError("Nothing can be started: the engine has been closed.") from None
        try:
            with (
                translate_engine_errors("start a container"),
                self._docker_client.connect() as client,
            ):
                # Attached before it starts: nothing that it prints is missed.
                connection = self._connections[container] = attach(client, container)
                client.start(container)
            return container, connection
        except BaseException:
            self.remove(container)
            raise

    def remove(self, container: str) -> None:
        """Kill and remove a container. What cannot be removed is left for the next run to find."""
        shut_down_connection(self._connections.get(container))
        with contextlib.suppress(*CONNECTION_ERRORS), self._docker_client.connect() as client:
            try:
                client.remove_container(container, v=True, force=True)
            except docker.errors.APIError:
                # Somebody, or this before an interrupt, is at it already.
                client.wait(container, timeout=SECONDS_TO_REMOVE, condition="removed")
        self._connections.pop(container, None)

    def remove_orphans(self) -> None:
        """Remove the containers of runs on this machine that are no more."""
        with translate_engine_errors("list containers"), self._docker_client.connect() as client:
            containers = client.containers(all=True, filters={"label": RUN_LABEL})
        for container in containers:
            if run_has_ended(container["Labels"][RUN_LABEL]):
                self.remove(container["Id"])

    def close(self) -> None:
        """Remove every container that is left; those that are being made are waited for."""
        self._creation_pool.shutdown(wait=True, cancel_futures=True)
        for container in list(self._connections):
            self.remove(container)

    def _create(self, image: str, command: Sequence[str]) -> str:
        with translate_engine_errors("create a container"), self._docker_client.connect() as client:
            created = client.create_container(
                image,
                list(command),
                entrypoint=[],
                user=self.limits.user,
                working_dir=PORT_FOLDER,
                environment=CONTAINER_ENVIRONMENT,
                stdin_open=True,
                labels={RUN_LABEL: run_id()},
                host_config=client.create_host_config(**self.limits.options),
                use_config_proxy=False,
            )
        self._connections[created["Id"]] = None
        return str(created["Id"])


def attach(client: Any, container: str) -> socket.socket:
    """A connection to the three streams of a container that has not started yet."""
    streams = {"stream": 1, "stdin": 1, "stdout": 1, "stderr": 1}
    exchange = StreamConnection(client)
    try:
        attached = client.attach_socket(container, streams)
        # The SDK's end is a descriptor deep inside a response. This one is ours alone.
        return socket.socket(fileno=os.dup(attached.fileno()))
    finally:
        exchange.close()


def shut_down_connection(connection: socket.socket | None) -> None:
    """End a connection to a container's streams; it stays open for its owner to close.

    The engine does not let a container end while somebody is attached and does not read.
    """
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def run_id() -> str:
    """What marks the containers of this run: the machine, its process, and when that began."""
    return f"{platform.node()}/{os.getpid()}/{_process_start_time(os.getpid())}"


def run_has_ended(run: str) -> bool:
    """Whether a run was on this machine and its process is there no more."""
    machine, pid, start_time = run.rsplit("/", 2)
    if machine != platform.node():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    # The number may have gone to another process since.
    return start_time != _process_start_time(int(pid))


def _process_start_time(pid: int) -> str:
    """When a process began, in clock ticks since the machine started; empty if nobody can tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]
