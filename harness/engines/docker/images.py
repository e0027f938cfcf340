"""The images of ports: a base image, the port's files, and the results of its build commands."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import tarfile
import threading
from collections import defaultdict, deque
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import docker.errors
import jinja2

from harness.engines.docker.client import (
    CONNECTION_ERRORS,
    DockerClient,
    StreamConnection,
    limit_time,
    translate_engine_errors,
)
from harness.errors import BuildError, EngineError
from harness.inputs.ports import read_build_files
from harness.model.port import PortFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from harness.engines.docker.base_images import BaseImage, BaseImages
    from harness.model.port import Port

PORT_BUILD_SECONDS = 600.0
"""Wall-clock limit of the build of one port."""

BUILD_MEMORY_BYTES = 4 << 30
"""Memory limit of each build command, in bytes."""

DOCKERFILE = "Dockerfile"
ADD_INSTRUCTION = re.compile(rb"^\s*(ONBUILD\s+)?ADD\b", re.IGNORECASE | re.MULTILINE)
"""The instruction that makes the engine fetch files, over a network that builds do not have."""

PORT_LABEL = "harness.port"
MAXIMUM_LOG_CHARACTERS = 64 * 1024
MAXIMUM_LOG_MESSAGES = 4096
LAYER_LINE = re.compile(r"^ ---> ([0-9a-f]{12})$", re.MULTILINE)
"""The line of a build log in which the engine names the layer that a step has created."""

DOCKERFILE_TEMPLATE = Path(__file__).with_name("Dockerfile.j2")


class PortImages:
    """Provides the images of ports. Builds each content once, even if several threads need it."""

    def __init__(
        self,
        docker_client: DockerClient,
        base_images: BaseImages,
        announce: Callable[[str], None] = lambda _: None,
        build_seconds: float = PORT_BUILD_SECONDS,
    ) -> None:
        """`announce` gets a line of text before each slow step."""
        self._docker_client = docker_client
        self._base_images = base_images
        self._announce = announce
        self._build_seconds = build_seconds
        self._build_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._connections: set[StreamConnection] = set()
        self._closed = False

    def provide(self, port: Port) -> tuple[str, BaseImage]:
        """Return the image of `port` (a reference for the engine) and its base image.

        Raises BuildError, with the log, if a build command fails, the build takes too long, or the
        image has a volume. Raises EngineError if the engine fails.
        """
        base = self._base_images.provide(port.base)
        files = add_dockerfile(port)
        tag = port_image_name(self._docker_client.find_image_id(base.reference) or "", files)
        with self._build_locks[tag]:
            if self._docker_client.find_image_id(tag) is None:
                self._announce(f"building {port.name}")
                self._build(port, base, files, tag)
        self._refuse_volumes(port, tag)
        return tag, base

    def close(self) -> None:
        """Abort the builds that are running. They raise BuildError in their threads."""
        self._closed = True
        for connection in list(self._connections):
            connection.abort()

    def _build(self, port: Port, base: BaseImage, files: Sequence[PortFile], tag: str) -> None:
        log: deque[str] = deque(maxlen=MAXIMUM_LOG_MESSAGES)
        with self._docker_client.connect() as client, self._open_connection(client) as connection:
            options = {
                "tag": tag,
                "buildargs": {"BASE": base.reference},
                "labels": {PORT_LABEL: port.name},
            }
            try:
                failure = self._run_build(client, make_archive(files), options, log)
            except EngineError:
                if not connection.was_aborted:
                    raise
        if connection.was_aborted:
            failure = (
                f"the build took longer than {self._build_seconds:g} seconds, or was interrupted"
            )
        if failure:
            self._remove_layers(LAYER_LINE.findall("".join(log)))
            log_end = "".join(log)[-MAXIMUM_LOG_CHARACTERS:]
            hint = "The end of the log gives the reason."
            raise BuildError(f"{port.name}: {failure}", hint, log_end)

    def _refuse_volumes(self, port: Port, tag: str) -> None:
        """Raise BuildError if the image has a volume, in which a container could write to disk."""
        with translate_engine_errors("look at an image"), self._docker_client.connect() as client:
            volumes = client.inspect_image(tag)["Config"].get("Volumes")
        if volumes:
            message = f"{port.name}: its image has a volume, {', '.join(volumes)}"
            hint = "A port may write to /tmp only. Remove VOLUME, or use another base."
            raise BuildError(message, hint)

    def _remove_layers(self, layers: Sequence[str]) -> None:
        """Remove the layers of a failed build, except the first, which is the base image."""
        with contextlib.suppress(*CONNECTION_ERRORS), self._docker_client.connect() as client:
            for layer in reversed(layers[1:]):
                if not client.inspect_image(layer)["RepoTags"]:
                    client.remove_image(layer, noprune=True)

    @contextlib.contextmanager
    def _open_connection(self, client: Any) -> Iterator[StreamConnection]:
        """Open the connection of a build. A time limit and `close` abort it."""
        connection = StreamConnection(client)
        self._connections.add(connection)
        if self._closed:
            connection.abort()
        try:
            with limit_time(self._build_seconds, connection.abort):
                yield connection
        finally:
            connection.close()
            self._connections.discard(connection)

    def _run_build(
        self, client: Any, archive: IO[bytes], options: Mapping[str, Any], log: deque[str]
    ) -> str:
        """Build an image, and append the build's output to `log`. Return the error, or ""."""
        with translate_engine_errors("build an image"):
            try:
                messages = client.build(
                    fileobj=archive,
                    custom_context=True,
                    network_mode="none",
                    container_limits={"memory": BUILD_MEMORY_BYTES, "memswap": BUILD_MEMORY_BYTES},
                    use_config_proxy=False,
                    rm=True,
                    forcerm=True,
                    decode=True,
                    # A second safeguard: `_open_connection` aborts a slow build before this.
                    timeout=2 * self._build_seconds,
                    **options,
                )
                for message in messages:
                    log.append(message.get("stream", ""))
                    if "error" in message:
                        return str(message["error"])
            except docker.errors.APIError as refusal:
                # A client error is an error in the Dockerfile.
                if not refusal.is_client_error():
                    raise
                return str(refusal.explanation)
        return ""


def add_dockerfile(port: Port) -> tuple[PortFile, ...]:
    """Return the files of `port`, with a generated Dockerfile if the port has none.

    A port's own Dockerfile gets the base image as the build argument BASE. Raises BuildError if it
    contains the instruction ADD.
    """
    files = read_build_files(port)
    dockerfile = next((file.data for file in files if file.path == DOCKERFILE), None)
    if dockerfile is not None:
        if ADD_INSTRUCTION.search(dockerfile):
            message = f"{port.name}: its Dockerfile says ADD, which fetches from anywhere"
            raise BuildError(message, "Use COPY, which copies files of the port only.")
        return files
    template = jinja2.Template(DOCKERFILE_TEMPLATE.read_text(), undefined=jinja2.StrictUndefined)
    dockerfile = template.render(commands=port.commands_to_build)
    return (*files, PortFile(DOCKERFILE, dockerfile.encode(), executable=False))


def port_image_name(base: str, files: Iterable[PortFile]) -> str:
    """Return the name of an image, a hash of the id of its base and of its files."""
    contents = [
        (file.path, file.executable, hashlib.sha256(file.data).hexdigest()) for file in files
    ]
    key = json.dumps([base, sorted(contents)])
    return f"harness-port:{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def make_archive(files: Iterable[PortFile]) -> IO[bytes]:
    """Return a tar archive of files that all users can read. It depends on the files only."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for file in files:
            entry = tarfile.TarInfo(file.path)
            entry.size, entry.mode = len(file.data), 0o755 if file.executable else 0o644
            tar.addfile(entry, io.BytesIO(file.data))
    buffer.seek(0)
    return buffer
