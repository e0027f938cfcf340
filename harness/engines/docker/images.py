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
    SILENCE,
    DockerClient,
    StreamConnection,
    engine_errors,
    time_limit,
)
from harness.errors import BuildError, EngineError
from harness.inputs.ports import content
from harness.model.port import PortFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from harness.engines.docker.base_images import BaseImage, BaseImages
    from harness.model.port import Port

BUILD_SECONDS = 600.0
"""Wall-clock limit of one port's build."""

BUILD_MEMORY = 4 << 30
"""Bytes of memory that each command of a build may take."""

DOCKERFILE = "Dockerfile"
FETCHING = re.compile(rb"^\s*(ONBUILD\s+)?ADD\b", re.IGNORECASE | re.MULTILINE)
"""What has the engine itself fetch things, on the network that builds do not have."""

LABEL = "harness.port"
LOG_CHARACTERS = 64 * 1024
LOG_PIECES = 4096
LAYER = re.compile(r"^ ---> ([0-9a-f]{12})$", re.MULTILINE)
"""How the engine names, in a build's log, the layer that a step has made."""

TEMPLATE = Path(__file__).with_name("Dockerfile.j2")


class Images:
    """Provides the image of a port, built once for one content however many threads ask for it."""

    def __init__(
        self,
        daemon: DockerClient,
        bases: BaseImages,
        say: Callable[[str], None] = lambda _: None,
        build_seconds: float = BUILD_SECONDS,
    ) -> None:
        """`say` is told what takes long, before it begins."""
        self._daemon = daemon
        self._bases = bases
        self._say = say
        self._build_seconds = build_seconds
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._lines: set[StreamConnection] = set()
        self._closed = False

    def provide(self, port: Port) -> tuple[str, BaseImage]:
        """The image of `port` (a reference for the engine), and the base that it stands on.

        Raises BuildError, with the log, where a build command fails or the build takes too long,
        and where the image has a volume; EngineError where the engine fails.
        """
        base = self._bases.provide(port.base)
        files = with_dockerfile(port)
        tag = port_image_name(self._daemon.image(base.reference) or "", files)
        with self._locks[tag]:
            if self._daemon.image(tag) is None:
                self._say(f"building {port.name}")
                self._build(port, base, files, tag)
        self._refuse_volumes(port, tag)
        return tag, base

    def close(self) -> None:
        """End the builds that are under way; their threads see them fail."""
        self._closed = True
        for line in list(self._lines):
            line.cut()

    def _build(self, port: Port, base: BaseImage, files: Sequence[PortFile], tag: str) -> None:
        log: deque[str] = deque(maxlen=LOG_PIECES)
        with self._daemon.client() as client, self._line(client) as line:
            options = {
                "tag": tag,
                "buildargs": {"BASE": base.reference},
                "labels": {LABEL: port.name},
            }
            try:
                said = self._follow(client, archive(files), options, log)
            except EngineError:
                if not line.was_cut:
                    raise
        if line.was_cut:
            said = f"the build took longer than {self._build_seconds:g} seconds, or was interrupted"
        if said:
            self._discard(LAYER.findall("".join(log)))
            end = "".join(log)[-LOG_CHARACTERS:]
            raise BuildError(f"{port.name}: {said}", "The end of the log says why.", end)

    def _refuse_volumes(self, port: Port, tag: str) -> None:
        """Raise BuildError where a container would have a part of the disk to write to."""
        with engine_errors("look at an image"), self._daemon.client() as client:
            volumes = client.inspect_image(tag)["Config"].get("Volumes")
        if volumes:
            message = f"{port.name}: its image has a volume, {', '.join(volumes)}"
            hint = "Nothing but /tmp is written to: leave VOLUME out, or take another base."
            raise BuildError(message, hint)

    def _discard(self, layers: Sequence[str]) -> None:
        """Remove what a failed build has left: its layers but the first, which is the base."""
        with contextlib.suppress(*SILENCE), self._daemon.client() as client:
            for layer in reversed(layers[1:]):
                if not client.inspect_image(layer)["RepoTags"]:
                    client.remove_image(layer, noprune=True)

    @contextlib.contextmanager
    def _line(self, client: Any) -> Iterator[StreamConnection]:
        """The line to a build: cut when its time is over, or when this is closed."""
        line = StreamConnection(client)
        self._lines.add(line)
        if self._closed:
            line.cut()
        try:
            with time_limit(self._build_seconds, line.cut):
                yield line
        finally:
            line.close()
            self._lines.discard(line)

    def _follow(
        self, client: Any, context: IO[bytes], options: Mapping[str, Any], log: deque[str]
    ) -> str:
        """Build; collect what is printed in `log`; return what went wrong, or nothing."""
        with engine_errors("build an image"):
            try:
                steps = client.build(
                    fileobj=context,
                    custom_context=True,
                    network_mode="none",
                    container_limits={"memory": BUILD_MEMORY, "memswap": BUILD_MEMORY},
                    use_config_proxy=False,
                    rm=True,
                    forcerm=True,
                    decode=True,
                    # A spare: a build that is late is cut off before.
                    timeout=2 * self._build_seconds,
                    **options,
                )
                for step in steps:
                    log.append(step.get("stream", ""))
                    if "error" in step:
                        return str(step["error"])
            except docker.errors.APIError as refusal:
                # What the engine finds wrong with a Dockerfile.
                if not refusal.is_client_error():
                    raise
                return str(refusal.explanation)
        return ""


def with_dockerfile(port: Port) -> tuple[PortFile, ...]:
    """The files that the image of `port` is built from: its own, and a Dockerfile if it has none.

    A Dockerfile of its own gets the base as the build argument BASE. Raises BuildError where that
    says ADD.
    """
    files = content(port)
    own = next((file.data for file in files if file.path == DOCKERFILE), None)
    if own is not None:
        if FETCHING.search(own):
            message = f"{port.name}: its Dockerfile says ADD, which fetches from anywhere"
            raise BuildError(message, "Say COPY, which takes files of the port only.")
        return files
    template = jinja2.Template(TEMPLATE.read_text(), undefined=jinja2.StrictUndefined)
    dockerfile = template.render(commands=port.commands_to_build)
    return (*files, PortFile(DOCKERFILE, dockerfile.encode(), executable=False))


def port_image_name(base: str, files: Iterable[PortFile]) -> str:
    """The name of an image: the same for the same base (its id) and the same files."""
    contents = [
        (file.path, file.executable, hashlib.sha256(file.data).hexdigest()) for file in files
    ]
    key = json.dumps([base, sorted(contents)])
    return f"harness-port:{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def archive(files: Iterable[PortFile]) -> IO[bytes]:
    """A tar archive of files that everybody may read, with nothing in it that changes by itself."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for file in files:
            entry = tarfile.TarInfo(file.path)
            entry.size, entry.mode = len(file.data), 0o755 if file.executable else 0o644
            tar.addfile(entry, io.BytesIO(file.data))
    buffer.seek(0)
    return buffer
