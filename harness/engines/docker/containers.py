"""The containers of a run, which are removed even after an error or Ctrl-C.

The name of each container is a lease: it says which process of the harness it belongs to. A process
that is killed cannot remove its containers. The next one removes them.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import docker.errors

from harness.engines.docker.client import (
    CONNECTION_ERRORS,
    DockerClient,
    StreamConnection,
    translate_engine_errors,
)
from harness.engines.docker.leases import LABEL, PREFIX, own_lease, parse_lease
from harness.engines.docker.seccomp import build_profile
from harness.engines.docker.users import HOST_USERS, UserRange
from harness.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PORT_FOLDER = "/port"
SECONDS_TO_REMOVE = 10.0
CONTAINER_ENVIRONMENT = {"HOME": "/tmp", "LANG": "C.UTF-8"}

SECONDS_UNTIL_STALE = 86_400
"""Seconds after which a container that does not run is removed, whoever it belongs to. A harness
removes its own within seconds; after a restart of the machine nobody else does."""

ULIMITS = (
    # The kernel's handler of core dumps runs outside the container. It is not started where a
    # core may have one byte only (do_coredump in fs/coredump.c).
    {"Name": "core", "Soft": 1, "Hard": 1},
    # Message queues are files too, in /dev/mqueue.
    {"Name": "msgqueue", "Soft": 0, "Hard": 0},
)

IDLE_STATES = frozenset({"created", "exited", "dead"})


@dataclass(frozen=True)
class ContainerLimits:
    """The resources of a container: memory and /tmp in bytes, processor time in processors.

    Without `tmp_size` it has no /tmp of its own. Without `processors` it may use all of them.
    Unless its root is `read_only`, files can be copied into it, and an image can be made of it.
    """

    memory: int = 1 << 30
    tmp_size: int | None = 64 << 20
    processes: int = 256
    processors: float | None = 1.0
    read_only: bool = True

    @property
    def options(self) -> Mapping[str, Any]:
        """The limits and restrictions of a container, as host options of the SDK."""
        # Terminals are counted for the whole machine: a container has none.
        tmpfs = {"/dev/pts": "size=4k,mode=0555"}
        if self.tmp_size is not None:
            tmpfs["/tmp"] = f"size={self.tmp_size},mode=1777"
        return {
            "network_mode": "none",
            # The file resolv.conf would name the servers of the machine.
            "dns": ["127.0.0.1"],
            "dns_search": ["."],
            "read_only": self.read_only,
            # Without /dev/shm, /tmp is the only writable folder.
            "ipc_mode": "none",
            "tmpfs": tmpfs,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges", f"seccomp={build_profile()}"],
            "mem_limit": self.memory,
            "memswap_limit": self.memory,
            "pids_limit": self.processes,
            "nano_cpus": int((self.processors or 0) * 1e9),
            "ulimits": list(ULIMITS),
            # Process 1 ignores signals that it does not handle, so the program must not be it.
            "init": True,
            "log_config": {"Type": "none"},
        }


@dataclass(frozen=True)
class MemoryFolder:
    """A folder in memory, of bounded size, that containers can share.

    It holds at most `size` bytes and `files` files, and belongs to `user`, which is `user:group`.
    """

    path: str
    size: int
    files: int
    user: str

    @property
    def mount(self) -> Mapping[str, Any]:
        """The folder as the engine's API describes it: a volume without a name, which is removed
        with its container. The engine mounts it while one of its containers runs."""
        owner, group = self.user.split(":")
        limits = f"size={self.size},nr_inodes={self.files}"
        # Where the engine maps the ids of users, its mounts have other ids than its containers.
        options = f"{limits},uid={owner},gid={group},mode=1777,nosuid,nodev"
        driver = {"type": "tmpfs", "device": "tmpfs", "o": options}
        return {
            "Type": "volume",
            "Target": self.path,
            "VolumeOptions": {
                "NoCopy": True,
                "Labels": {LABEL: str(own_lease())},
                "DriverConfig": {"Name": "local", "Options": driver},
            },
        }


@dataclass(frozen=True)
class ContainerRequest:
    """A command to start in an image.

    `user` is `user:group`, or empty for one that no other container has. An image that is made of
    the container inherits `labels`. The container gets `folders`, and those of the container
    `folders_of`.
    """

    image: str
    command: Sequence[str]
    limits: ContainerLimits
    user: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    folders: tuple[MemoryFolder, ...] = ()
    folders_of: str = ""

    @property
    def host_options(self) -> Mapping[str, Any]:
        """The limits, restrictions and folders, as host options of the SDK."""
        return {
            **self.limits.options,
            "mounts": [folder.mount for folder in self.folders],
            "volumes_from": [self.folders_of] if self.folders_of else [],
        }


class Containers:
    """All containers of one engine. `close` removes them, and none can be started afterwards."""

    def __init__(self, docker_client: DockerClient, users: UserRange = HOST_USERS) -> None:
        self._docker_client = docker_client
        self._users = users.draw()
        self._connections: dict[str, socket.socket | None] = {}
        # An interrupt reaches the main thread only. A request that another thread makes is always
        # completed, so the id of every container is known.
        self._creation_pool = ThreadPoolExecutor(1, "harness-containers")
        # Start the thread now: a pool that is interrupted while it starts a thread loses track of
        # it, and `close` would not wait for it.
        self._creation_pool.submit(int).result()

    def start(self, request: ContainerRequest) -> tuple[str, socket.socket]:
        """Start a container; return its id and the connection to its streams.

        Raises EngineError if the engine fails, and after `close`.
        """
        container = self.create(request)
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

    def create(self, request: ContainerRequest) -> str:
        """Create a container, which does not run, and return its id. Raises EngineError as `start`
        does."""
        try:
            return self._creation_pool.submit(self._create, request).result()
        except (RuntimeError, CancelledError):
            # The engine was closed before this call or during it.
            raise EngineError("Nothing can be started: the engine has been closed.") from None

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
        """Remove the containers of processes of the harness that have ended."""
        with translate_engine_errors("list containers"), self._docker_client.connect() as client:
            containers = client.containers(all=True, filters={"name": PREFIX})
        for container in containers:
            if is_orphan(container, time.time()):
                self.remove(container["Id"])

    def close(self) -> None:
        """Remove every container, including those that are being created."""
        self._creation_pool.shutdown(wait=True, cancel_futures=True)
        # A folder goes with the container that created it, once no other one uses it.
        for container in reversed(list(self._connections)):
            self.remove(container)

    def _create(self, request: ContainerRequest) -> str:
        with translate_engine_errors("create a container"), self._docker_client.connect() as client:
            created = client.create_container(
                request.image,
                list(request.command),
                name=own_lease().new_name(),
                entrypoint=[],
                user=request.user or next(self._users),
                working_dir=PORT_FOLDER,
                environment=CONTAINER_ENVIRONMENT,
                stdin_open=True,
                labels=dict(request.labels),
                host_config=client.create_host_config(**request.host_options),
                use_config_proxy=False,
            )
        self._connections[created["Id"]] = None
        return str(created["Id"])


def is_orphan(container: Mapping[str, Any], now: float) -> bool:
    """Return whether nobody else removes a container, given its attributes in the engine's list.

    `now` is the time in seconds since the epoch.
    """
    leases = filter(None, map(parse_lease, container["Names"] or ()))
    lease = next(leases, None)
    if lease is None:
        return False
    is_stale = now - container["Created"] > SECONDS_UNTIL_STALE
    return lease.has_ended or (is_stale and container["State"] in IDLE_STATES)


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
