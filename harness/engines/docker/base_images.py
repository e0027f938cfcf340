"""Base images: an operating system with one toolchain, and nothing of any port.

A base is pulled from a registry when one answers. Otherwise it is built from Debian's packages, by
mmdebstrap, from the mirror that this machine itself uses, and kept under a name that says what
went into it.
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
"""Wall-clock limit for building one base image; on a good line it takes 12 to 60 seconds."""

CLEANUP_SECONDS = 10.0
"""What mmdebstrap gets to remove its own temporary folder when it is stopped."""

REGISTRY_SECONDS = 20.0
"""How long a registry may take to say whether it has an image."""

IMPORT_SECONDS = 300.0
"""How long the engine may take to unpack an image after its last byte has come."""

BYTES_PER_IMPORT_READ = 1 << 20
"""Bytes handed to the engine at a time: an image of a gigabyte is never in memory whole."""

BASE_LABEL = "harness.base"

RECIPE_VERSION = "1"
"""Part of every name; to be raised when the way of building changes."""

BASES_VARIABLE = "HARNESS_BASES"


@dataclass(frozen=True)
class BaseImage:
    """A base that the engine has: `reference` for the engine, `description` for people."""

    reference: str
    description: str


class BaseImages:
    """Provides base images, each one built once however many threads ask for it."""

    def __init__(
        self,
        docker_client: DockerClient,
        children: ChildProcesses,
        announce: Callable[[str], None] = lambda _: None,
        build_seconds: float = BASE_BUILD_SECONDS,
    ) -> None:
        """`announce` is told what takes long, before it begins.

        Raises EngineError where HARNESS_BASES is set to something other than `debian`.
        """
        self._docker_client = docker_client
        self._children = children
        self._announce = announce
        self._build_seconds = build_seconds
        self._registry_lock = threading.Lock()
        self._build_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._registry_usable = _is_registry_allowed()

    def provide(self, base: Base) -> BaseImage:
        """The image for `base`: one the engine has, else pulled, else built.

        Raises BuildError, with the end of mmdebstrap's log, where it cannot be built, and
        EngineError where the engine fails.
        """
        if base.image is not None:
            # One at a time: the first to fail speaks for the registry, and spares the rest a wait.
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
        """Whether the image could be pulled; a registry that is not there is not asked again."""
        try:
            with self._docker_client.connect(REGISTRY_SECONDS) as client:
                client.inspect_distribution(image)
            self._announce(f"pulling the base image {image}")
            return self._pull_layers(image)
        except docker.errors.APIError as refusal:
            # The registry's own "no" is about this image; the engine's is about the registry.
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
                "`harness doctor` says how to get it.",
            ) from None

    def _import_archive(self, group: ProcessGroup, image: BaseImage) -> tuple[str | None, str]:
        """Hand the archive that mmdebstrap writes to the engine: the image made, or what it said.

        The image gets no name yet: a half-written archive can make one too.
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
    """The name of a base: the same for the same suite and packages, in whatever order."""
    parts = (RECIPE_VERSION, debian.suite, *sorted(set(debian.packages)))
    return f"harness-base:{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:16]}"


def describe_base(debian: DebianBase) -> str:
    """A base for people: `debian trixie: gcc, libc6-dev`."""
    packages = ", ".join(debian.packages)
    return f"debian {debian.suite}" + (f": {packages}" if packages else "")


def mmdebstrap_command(debian: DebianBase, mirror: str | None) -> tuple[str, ...]:
    """The command that writes a base as a tar archive to its standard output."""
    include = (f"--include={','.join(debian.packages)}",) if debian.packages else ()
    source = (mirror,) if mirror else ()
    return ("mmdebstrap", "--variant=minbase", "--format=tar", *include, debian.suite, "-", *source)


def _is_registry_allowed() -> bool:
    value = os.environ.get(BASES_VARIABLE, "")
    if value not in ("", "debian"):
        message = f"{BASES_VARIABLE} is `{value}`, which means nothing"
        raise EngineError(message, "Set it to `debian`, or leave it unset to ask a registry first.")
    return value != "debian"


def _build_error(image: BaseImage, explanation: str, log: str) -> BuildError:
    message = f"The base image ({image.description}) could not be built" + (
        explanation and f": {explanation}"
    )
    hint = "Check the suite and the packages in port.yaml, the network, and the space on the disk."
    return BuildError(message, hint, log)
