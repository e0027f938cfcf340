"""Images of ports: a base, the port's files, and what its build commands made of them."""

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
"""Wall-clock limit of one port's build."""

BUILD_MEMORY_BYTES = 4 << 30
"""Bytes of memory that each command of a build may take."""

DOCKERFILE = "Dockerfile"
ADD_INSTRUCTION = re.compile(rb"^\s*(ONBUILD\s+)?ADD\b", re.IGNORECASE | re.MULTILINE)
"""What has the engine itself fetch things, on the network that builds do not have."""

PORT_LABEL = "harness.port"
MAXIMUM_LOG_CHARACTERS = 64 * 1024
MAXIMUM_LOG_MESSAGES = 4096
LAYER_LINE = re.compile(r"^ ---> ([0-9a-f]{12})$", re.MULTILINE)
"""How the engine names, in a build's log, the layer that a step has made."""

DOCKERFILE_TEMPLATE = Path(__file__).with_name("Dockerfile.j2")


class PortImages:
    """Provides the image of a port, built once for one content however many threads ask for it."""

    def __init__(
        self,
        docker_client: DockerClient,
        base_images: BaseImages,
        announce: Callable[[str], None] = lambda _: None,
        build_seconds: float = PORT_BUILD_SECONDS,
    ) -> None:
        """`announce` is told what takes long, before it begins."""
        self._docker_client = docker_client
        self._base_images = base_images
        self._announce = announce
        self._build_seconds = build_seconds
        self._build_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._connections: set[StreamConnection] = set()
        self._closed = False

    def provide(self, port: Port) -> tuple[str, BaseImage]:
        """The image of `port` (a reference for the engine), and the base that it stands on.

        Raises BuildError, with the log, where a build command fails or the build takes too long,
        and where the image has a volume; EngineError where the engine fails.
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
        """End the builds that are under way; their threads see them fail."""
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
            raise BuildError(f"{port.name}: {failure}", "The end of the log says why.", log_end)

    def _refuse_volumes(self, port: Port, tag: str) -> None:
        """Raise BuildError where a container would have a part of the disk to write to."""
        with translate_engine_errors("look at an image"), self._docker_client.connect() as client:
            volumes = client.inspect_image(tag)["Config"].get("Volumes")
        if volumes:
            message = f"{port.name}: its image has a volume, {', '.join(volumes)}"
            hint = "Nothing but /tmp is written to: leave VOLUME out, or take another base."
            raise BuildError(message, hint)

    def _remove_layers(self, layers: Sequence[str]) -> None:
        """Remove what a failed build has left: its layers but the first, which is the base."""
        with contextlib.suppress(*CONNECTION_ERRORS), self._docker_client.connect() as client:
            for layer in reversed(layers[1:]):
                if not client.inspect_image(layer)["RepoTags"]:
                    client.remove_image(layer, noprune=True)

    @contextlib.contextmanager
    def _open_connection(self, client: Any) -> Iterator[StreamConnection]:
        """The line to a build: cut when its time is over, or when this is closed."""
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
        """Build; collect what is printed in `log`; return what went wrong, or nothing."""
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
                    # A spare: a build that is late is cut off before.
                    timeout=2 * self._build_seconds,
                    **options,
                )
                for message in messages:
                    log.append(message.get("stream", ""))
                    if "error" in message:
                        return str(message["error"])
            except docker.errors.APIError as refusal:
                # What the engine finds wrong with a Dockerfile.
                if not refusal.is_client_error():
                    raise
                return str(refusal.explanation)
        return ""


def add_dockerfile(port: Port) -> tuple[PortFile, ...]:
    """The files that the image of `port` is built from: its own, and a Dockerfile if it has none.

    A Dockerfile of its own gets the base as the build argument BASE. Raises BuildError where that
    says ADD.
    """
    files = read_build_files(port)
    dockerfile = next((file.data for file in files if file.path == DOCKERFILE), None)
    if dockerfile is not None:
        if ADD_INSTRUCTION.search(dockerfile):
            message = f"{port.name}: its Dockerfile says ADD, which fetches from anywhere"
            raise BuildError(message, "Say COPY, which takes files of the port only.")
        return files
    template = jinja2.Template(DOCKERFILE_TEMPLATE.read_text(), undefined=jinja2.StrictUndefined)
    dockerfile = template.render(commands=port.commands_to_build)
    return (*files, PortFile(DOCKERFILE, dockerfile.encode(), executable=False))


def port_image_name(base: str, files: Iterable[PortFile]) -> str:
    """The name of an image: the same for the same base (its id) and the same files."""
    contents = [
        (file.path, file.executable, hashlib.sha256(file.data).hexdigest()) for file in files
    ]
    key = json.dumps([base, sorted(contents)])
    return f"harness-port:{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def make_archive(files: Iterable[PortFile]) -> IO[bytes]:
    """A tar archive of files that everybody may read, with nothing in it that changes by itself."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for file in files:
            entry = tarfile.TarInfo(file.path)
            entry.size, entry.mode = len(file.data), 0o755 if file.executable else 0o644
            tar.addfile(entry, io.BytesIO(file.data))
    buffer.seek(0)
    return buffer
