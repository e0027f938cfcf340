"""Base images: an operating system with one toolchain, and no files of a port.

A base image is pulled from a registry if one answers. Otherwise mmdebstrap builds it from Debian
packages of the mirror that this machine uses. Its name is a hash of its suite and packages.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import tempfile
import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, cast

import docker.errors

from harness.engines.docker.client import (
    CONNECTION_ERRORS,
    DockerClient,
    StreamConnection,
    limit_time,
    translate_engine_errors,
)
from harness.engines.docker.debian import find_mirror
from harness.engines.process_group import ChildProcesses, ProcessGroup, read_log_end
from harness.errors import BuildError, EngineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.model.port import Base, DebianBase

BASE_BUILD_SECONDS = 900.0
"""Wall-clock limit of the build of one base image. On a fast network it takes 12 to 60 seconds."""

CLEANUP_SECONDS = 10.0
"""Seconds that mmdebstrap has to remove its temporary folder when it is stopped."""

REGISTRY_SECONDS = 20.0
"""Seconds that a registry may take to answer whether it has an image."""

IMPORT_SECONDS = 300.0
"""Seconds that the engine may take to unpack an image after it has received the last byte."""

BYTES_PER_IMPORT_READ = 1 << 20
"""Bytes sent to the engine at a time, so that a large image is never in memory as a whole."""

BASE_LABEL = "harness.base"

RECIPE_VERSION = "1"
"""A part of the hash in every name. Increase it when the build of base images changes."""

BASES_VARIABLE = "HARNESS_BASES"


@dataclass(frozen=True)
class BaseImage:
    """A base image of the engine: `reference` is its name, `description` is text for people."""

    reference: str
    description: str


class BaseImages:
    """Provides base images. Builds each one once, even if several threads need it."""

    def __init__(
        self,
        docker_client: DockerClient,
        children: ChildProcesses,
        announce: Callable[[str], None] = lambda _: None,
        build_seconds: float = BASE_BUILD_SECONDS,
    ) -> None:
        """`announce` gets a line of text before each slow step.

        Raises EngineError if HARNESS_BASES is set to a value other than `debian`.
        """
        self._docker_client = docker_client
        self._children = children
        self._announce = announce
        self._build_seconds = build_seconds
        self._registry_lock = threading.Lock()
        self._build_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._registry_usable = _is_registry_allowed()

    def provide(self, base: Base) -> BaseImage:
        """Return the image of `base`. Pull it if the engine does not have it, else build it.

        Raises BuildError, with the end of mmdebstrap's log, if it cannot be built, and EngineError
        if the engine fails.
        """
        if base.image is not None:
            # One at a time: after the first failure the others do not wait for the registry.
            with self._registry_lock:
                if self._registry_usable and self._find_or_pull(base.image):
                    return BaseImage(base.image, base.image)
        return self._provide_from_debian(base.debian)

    def _provide_from_debian(self, debian: DebianBase) -> BaseImage:
        image = BaseImage(base_image_name(debian), describe_base(debian))
        with self._build_locks[image.reference]:
            if self._docker_client.find_image_id(image.reference) is None:
                self._announce(f"building the base image {image.description}")
                self._build(debian, image)
        return image

    def _find_or_pull(self, image: str) -> bool:
        return self._docker_client.find_image_id(image) is not None or self._pull(image)

    def _pull(self, image: str) -> bool:
        """Pull an image, and return whether that succeeded.

        If no registry answers, none is asked again.
        """
        try:
            with self._docker_client.connect(REGISTRY_SECONDS) as client:
                client.inspect_distribution(image)
            self._announce(f"pulling the base image {image}")
            return self._pull_layers(image)
        except docker.errors.APIError as refusal:
            # A client error comes from the registry and concerns this image only. Any other
            # error comes from the engine and concerns the registry.
            self._registry_usable = refusal.is_client_error()
        except CONNECTION_ERRORS:
            self._registry_usable = False
        return False

    def _pull_layers(self, image: str) -> bool:
        with (
            self._docker_client.connect() as client,
            limit_time(self._build_seconds, StreamConnection(client).abort),
        ):
            return all(
                "error" not in message for message in client.pull(image, stream=True, decode=True)
            )

    def _build(self, debian: DebianBase, image: BaseImage) -> None:
        with tempfile.TemporaryFile() as log:
            group, started = self._start_mmdebstrap(debian, log), time.monotonic()
            try:
                with limit_time(self._build_seconds, partial(group.end, CLEANUP_SECONDS)):
                    image_id, explanation = self._import_archive(group, image)
                    group.wait_for_leader(self._build_seconds)
            finally:
                cast("IO[bytes]", group.child.stdout).close()
                status = self._children.end(group, CLEANUP_SECONDS)
            if status != 0 or image_id is None:
                self._remove_image(image_id)
                if time.monotonic() - started > self._build_seconds:
                    explanation = f"it took longer than {self._build_seconds:g} seconds"
                raise _build_error(image, explanation, read_log_end(log))
        with translate_engine_errors("name an image"), self._docker_client.connect() as client:
            repository, tag = image.reference.split(":")
            client.tag(image_id, repository, tag)

    def _start_mmdebstrap(self, debian: DebianBase, log: IO[bytes]) -> ProcessGroup:
        command = mmdebstrap_command(debian, find_mirror())
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": log}
        try:
            return self._children.start(command, **streams)
        except OSError as error:
            raise BuildError(
                f"mmdebstrap, which makes base images, cannot be started: {error.strerror}",
                "`harness doctor` shows how to install it.",
            ) from None

    def _import_archive(self, group: ProcessGroup, image: BaseImage) -> tuple[str | None, str]:
        """Send the archive that mmdebstrap writes to the engine.

        Returns the id of the image, or None, and the engine's error text. The image gets no name
        yet, because an incomplete archive can give an image too.
        """
        archive = iter(
            partial(cast("IO[bytes]", group.child.stdout).read, BYTES_PER_IMPORT_READ), b""
        )
        label = f"LABEL {BASE_LABEL}={json.dumps(image.description)}"
        with (
            translate_engine_errors("import a base image"),
            self._docker_client.connect(IMPORT_SECONDS) as client,
        ):
            try:
                answer = client.import_image_from_stream(archive, changes=[label])
            except docker.errors.APIError as refusal:
                return None, refusal.explanation or str(refusal)
        result = json.loads(answer.strip().splitlines()[-1])
        return result.get("status"), result.get("error", "")

    def _remove_image(self, image_id: str | None) -> None:
        if image_id is not None:
            with contextlib.suppress(*CONNECTION_ERRORS), self._docker_client.connect() as client:
                client.remove_image(image_id)


def base_image_name(debian: DebianBase) -> str:
    """Return the name of a base image, a hash of its suite and its packages in any order."""
    parts = (RECIPE_VERSION, debian.suite, *sorted(set(debian.packages)))
    return f"harness-base:{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:16]}"


def describe_base(debian: DebianBase) -> str:
    """Return a description for people, such as `debian trixie: gcc, libc6-dev`."""
    packages = ", ".join(debian.packages)
    return f"debian {debian.suite}" + (f": {packages}" if packages else "")


def mmdebstrap_command(debian: DebianBase, mirror: str | None) -> tuple[str, ...]:
    """Return the command that writes a base image as a tar archive to its standard output."""
    include = (f"--include={','.join(debian.packages)}",) if debian.packages else ()
    source = (mirror,) if mirror else ()
    return ("mmdebstrap", "--variant=minbase", "--format=tar", *include, debian.suite, "-", *source)


def _is_registry_allowed() -> bool:
    value = os.environ.get(BASES_VARIABLE, "")
    if value not in ("", "debian"):
        message = f"{BASES_VARIABLE} is `{value}`, which is not a known value"
        hint = "Set it to `debian` to use no registry, or unset it to use a registry first."
        raise EngineError(message, hint)
    return value != "debian"


def _build_error(image: BaseImage, explanation: str, log: str) -> BuildError:
    message = f"The base image ({image.description}) could not be built" + (
        explanation and f": {explanation}"
    )
    hint = "Check the suite and the packages in port.yaml, the network, and the free disk space."
    return BuildError(message, hint, log)
