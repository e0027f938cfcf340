"""The images of ports: a base image, the port's files, and the results of its build commands.

A manifest describes an image completely. A port cannot have a Dockerfile, because with one it could
fetch files and read other images of the engine.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
from collections import defaultdict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from harness.engines.docker.client import DockerClient, translate_engine_errors
from harness.engines.docker.containers import Containers
from harness.engines.docker.image_builder import BuildStoppedError, ImageBuilder
from harness.engines.docker.packages import list_packages, parse_packages
from harness.errors import BuildError
from harness.inputs.port_files import read_build_files
from harness.model.toolchain import InstalledBase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from harness.engines.docker.base_images import BaseImages
    from harness.engines.docker.users import UserRange
    from harness.model.port import Command, Port, PortFile

PORT_BUILD_SECONDS = 600.0
"""Wall-clock limit of the build of one port."""

DOCKERFILE_NAMES = frozenset({"dockerfile", "containerfile"})

RECIPE_VERSION = "2"
"""A part of the hash in every name. Increase it when the build of images changes."""

PORT_LABEL = "harness.port"
PACKAGES_LABEL = "harness.packages"
"""The label of an image with the packages of its base, in the form of `packages.LIST_COMMAND`."""


class PortImages:
    """Provides the images of ports. Builds each content once, even if several threads need it."""

    def __init__(
        self,
        docker_client: DockerClient,
        base_images: BaseImages,
        containers: Containers,
        users: UserRange,
        announce: Callable[[str], None] = lambda _: None,
        build_seconds: float = PORT_BUILD_SECONDS,
    ) -> None:
        """`announce` gets a line of text before each slow step."""
        self._docker_client = docker_client
        self._base_images = base_images
        self._containers = containers
        self._users = users
        self._announce = announce
        self._build_seconds = build_seconds
        self._build_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._package_lists: dict[str, str] = {}

    def provide(self, port: Port) -> tuple[str, InstalledBase]:
        """Return the image of `port` (a reference for the engine) and its base.

        Raises BuildError, with the log, if a build command fails, the build takes too long or
        leaves too much, the base has a volume, or the port has a Dockerfile. Raises EngineError if
        the engine fails.
        """
        files = read_build_files(port)
        refuse_dockerfile(port, files)
        base = self._base_images.provide(port.base)
        base_id = self._docker_client.find_image_id(base.reference) or ""
        with translate_engine_errors("look at an image"), self._docker_client.connect() as client:
            refuse_volumes(port, client.inspect_image(base_id)["Config"])
        tag = port_image_name(base_id, files, port.commands_to_build)
        with self._build_locks[tag]:
            if self._docker_client.find_image_id(tag) is None:
                self._announce(f"building {port.name}")
                self._build(port, base_id, files, tag)
        with translate_engine_errors("look at an image"), self._docker_client.connect() as client:
            configuration = client.inspect_image(tag)["Config"]
        packages = parse_packages((configuration["Labels"] or {}).get(PACKAGES_LABEL, ""))
        return tag, InstalledBase(base.description, base_id, base.requested, packages)

    def _build(self, port: Port, base: str, files: Sequence[PortFile], tag: str) -> None:
        user = self._users.select(int(tag.rpartition(":")[2], 16))
        builder = ImageBuilder(
            self._docker_client, self._containers, base, user, self._build_seconds
        )
        labels = {PORT_LABEL: port.name, PACKAGES_LABEL: self._list_packages(base)}
        try:
            builder.add(make_archive(files, user))
            for command in port.commands_to_build:
                builder.run(command)
            builder.make_image(tag, labels)
        except BuildStoppedError as reason:
            hint = "The end of the log gives the reason."
            raise BuildError(f"{port.name}: {reason}", hint, builder.log) from None
        finally:
            builder.close()

    def _list_packages(self, base: str) -> str:
        with self._build_locks[base]:
            if base not in self._package_lists:
                self._package_lists[base] = list_packages(
                    base, self._docker_client, self._containers
                )
        return self._package_lists[base]


def refuse_dockerfile(port: Port, files: Iterable[PortFile]) -> None:
    """Raise BuildError if the port has a Dockerfile, which would have no effect."""
    name = next((file.path for file in files if file.path.lower() in DOCKERFILE_NAMES), None)
    if name is not None:
        message = f"{port.name}: its folder has a {name}, which the harness does not use"
        hint = (
            "Name packages of Debian under `base` and commands under `build` in port.yaml, and "
            f"delete the {name}."
        )
        raise BuildError(message, hint)


def refuse_volumes(port: Port, configuration: Mapping[str, Any]) -> None:
    """Raise BuildError if an image has a volume, in which a container could write to disk."""
    if volumes := configuration.get("Volumes"):
        message = f"{port.name}: its image has a volume, {', '.join(volumes)}"
        raise BuildError(message, "A port may write to /tmp only. Use another base.")


def port_image_name(base: str, files: Iterable[PortFile], commands: Iterable[Command]) -> str:
    """Return the name of an image, a hash of the id of its base, its files and its commands."""
    contents = [
        (file.path, file.executable, hashlib.sha256(file.data).hexdigest()) for file in files
    ]
    key = json.dumps([RECIPE_VERSION, base, sorted(contents), list(commands)])
    return f"harness-port:{hashlib.sha256(key.encode()).hexdigest()[:32]}"


def make_archive(files: Iterable[PortFile], user: str) -> bytes:
    """Return a tar archive of these files.

    They belong to `user`, and all users can read them. The archive depends on the arguments only.
    """
    contents = {file.path: file for file in files}
    folders = {str(parent) for path in contents for parent in PurePosixPath(path).parents}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in sorted(folders - {"."}):
            tar.addfile(_make_entry(path, user, 0o755, tarfile.DIRTYPE))
        for path, file in contents.items():
            entry = _make_entry(path, user, 0o755 if file.executable else 0o644)
            entry.size = len(file.data)
            tar.addfile(entry, io.BytesIO(file.data))
    return buffer.getvalue()


def _make_entry(path: str, user: str, mode: int, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(path)
    entry.type, entry.mode = kind, mode
    entry.uid, entry.gid = map(int, user.split(":"))
    return entry
