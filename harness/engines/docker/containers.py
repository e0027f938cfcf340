"""The containers of a run, which are removed even after an error or Ctrl-C.

Each container has a label with the run that it belongs to. A run that is killed cannot remove its
containers. The next run on the same machine removes them.
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
    """The resources of a container: memory and /tmp in bytes, processor time in processors."""

    memory: int = 1 << 30
    tmp_size: int = 64 << 20
    processes: int = 256
    processors: float = 1.0
    user: str = "65534:65534"

    @property
    def options(self) -> Mapping[str, Any]:
        """The limits and restrictions of a container, as host options of the SDK."""
        return {
            "network_mode": "none",
            "read_only": True,
            # Without /dev/shm, /tmp is the only writable folder.
            "ipc_mode": "none",
            "tmpfs": {"/tmp": f"size={self.tmp_size},mode=1777"},
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
            "mem_limit": self.memory,
            "memswap_limit": self.memory,
            "pids_limit": self.processes,
            "nano_cpus": int(self.processors * 1e9),
            # Process 1 ignores signals that it does not handle, so the program must not be it.
            "init": True,
            "log_config": {"Type": "none"},
        }


class Containers:
    """All containers of one engine. `close` removes them, and none can be started afterwards."""

    def __init__(self, docker_client: DockerClient, limits: ContainerLimits) -> None:
        self.limits = limits
        self._docker_client = docker_client
        self._connections: dict[str, socket.socket | None] = {}
        # An interrupt reaches the main thread only. A request that another thread makes is always
        # completed, so the id of every container is known.
        self._creation_pool = ThreadPoolExecutor(1, "harness-containers")
        # Start the thread now: a pool that is interrupted while it starts a thread loses track of
        # it, and `close` would not wait for it.
        self._creation_pool.submit(int).result()

    def start(self, image: str, command: Sequence[str]) -> tuple[str, socket.socket]:
        """Start a container; return its id and the connection to its streams.

        Raises EngineError if the engine fails, and after `close`.
        """
        try:
            container = self._creation_pool.submit(self._create, image, command).result()
        except (RuntimeError, CancelledError):
            # The engine was closed before this call or during it.
            raise EngineError("Nothing can be started: the engine has been closed.") from None
        try:
            with (
                translate_engine_errors("start a container"),
                self._docker_client.connect() as client,
            ):
                # Attach before the start, so that no output is lost.
                connection = self._connections[container] = attach(client, container)
                client.start(container)
            return container, connection
        except BaseException:
            self.remove(container)
            raise

    def remove(self, container: str) -> None:
        """Kill and remove a container. If that fails, the next run removes it."""
        shut_down_connection(self._connections.get(container))
        with contextlib.suppress(*CONNECTION_ERRORS), self._docker_client.connect() as client:
            try:
                client.remove_container(container, v=True, force=True)
            except docker.errors.APIError:
                # Another thread, or this one before an interrupt, is already removing it.
                client.wait(container, timeout=SECONDS_TO_REMOVE, condition="removed")
        self._connections.pop(container, None)

    def remove_orphans(self) -> None:
        """Remove the containers of runs on this machine that have ended."""
        with translate_engine_errors("list containers"), self._docker_client.connect() as client:
            containers = client.containers(all=True, filters={"label": RUN_LABEL})
        for container in containers:
            if run_has_ended(container["Labels"][RUN_LABEL]):
                self.remove(container["Id"])

    def close(self) -> None:
        """Remove every container, including those that are being created."""
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
    """Return a connection to the three streams of a container that has not started yet."""
    streams = {"stream": 1, "stdin": 1, "stdout": 1, "stderr": 1}
    stream_connection = StreamConnection(client)
    try:
        attached = client.attach_socket(container, streams)
        # The SDK keeps its descriptor inside a response, so make a copy that the caller owns.
        return socket.socket(fileno=os.dup(attached.fileno()))
    finally:
        stream_connection.close()


def shut_down_connection(connection: socket.socket | None) -> None:
    """Shut down a connection to a container's streams. Its owner still has to close it.

    A container does not end while an attached client does not read its output.
    """
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def run_id() -> str:
    """Return the id of this run: the machine, the process id, and the start of the process."""
    return f"{platform.node()}/{os.getpid()}/{_process_start_time(os.getpid())}"


def run_has_ended(run: str) -> bool:
    """Return whether a run was on this machine and its process has ended."""
    machine, pid, start_time = run.rsplit("/", 2)
    if machine != platform.node():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    # Another process may have got the same process id since.
    return start_time != _process_start_time(int(pid))


def _process_start_time(pid: int) -> str:
    """Return the start of a process in clock ticks since the boot, or "" if it is not known."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]
