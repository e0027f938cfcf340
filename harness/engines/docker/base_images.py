"""Base images: an operating system with one toolchain, and no files of a port.

mmdebstrap builds a base image from Debian packages of the mirror that this machine uses. Its name
is a hash of its suite and packages. A port may name another image, of a registry or of the engine.
That image is used only if the user names it too: otherwise a port could read any image of the
engine, among them those of other ports.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
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
"""The environment variable with the names of the images that ports may use as their base."""

IMAGE_NAME = re.compile("[a-z0-9][A-Za-z0-9._/:@-]*")


@dataclass(frozen=True)
class BaseImage:
    """A base image of the engine: `reference` is its name, `description` is text for people.

    `requested` are the names of the packages that were asked for.
    """

    reference: str
    description: str
    requested: tuple[str, ...] = ()


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

        Raises EngineError if HARNESS_BASES names something that is no image.
        """
        self._docker_client = docker_client
        self._children = children
        self._announce = announce
        self._build_seconds = build_seconds
        self._registry_lock = threading.Lock()
        self._build_locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._registry_usable = True
        self._allowed_images = read_allowed_images()

    def provide(self, base: Base) -> BaseImage:
        """Return the image of `base`: the one that it names if the user allows that, or Debian.

        An allowed image is pulled if the engine does not have it. Debian is used as well where no
        registry has the image. Raises BuildError, with the end of mmdebstrap's log, if Debian's
        image cannot be built, and EngineError if the engine fails.
        """
        if base.image in self._allowed_images:
            # One at a time: after the first failure the others do not wait for the registry.
            with self._registry_lock:
                if self._registry_usable and self._find_or_pull(base.image):
                    return BaseImage(base.image, base.image)
        return self._provide_from_debian(base)

    def _provide_from_debian(self, base: Base) -> BaseImage:
        debian = base.debian
        image = BaseImage(base_image_name(debian), describe_base(debian), debian.packages)
        with self._build_locks[image.reference]:
            if self._docker_client.find_image_id(image.reference) is None:
                self._announce(f"building the base image {image.description}")
                self._build(base, image)
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

    def _build(self, base: Base, image: BaseImage) -> None:
        with tempfile.TemporaryFile() as log:
            group, started = self._start_mmdebstrap(base, log), time.monotonic()
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

    def _start_mmdebstrap(self, base: Base, log: IO[bytes]) -> ProcessGroup:
        command = mmdebstrap_command(base.debian, find_mirror())
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": log}
        try:
            return self._children.start(command, **streams)
        except OSError as error:
            raise BuildError(
                f"mmdebstrap, which makes base images, cannot be started: {error.strerror}",
                "`harness doctor` shows how to install it." + _format_image_hint(base.image),
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


def read_allowed_images() -> frozenset[str]:
    """Return the images that HARNESS_BASES names, separated by spaces.

    Raises EngineError if a name is not one of an image.
    """
    names = os.environ.get(BASES_VARIABLE, "").split()
    for name in names:
        if not IMAGE_NAME.fullmatch(name):
            message = f"{BASES_VARIABLE} contains `{name}`, which is not the name of an image"
            raise EngineError(message, f"For example: {BASES_VARIABLE}='gcc:14 node:20'")
    return frozenset(names)


def _format_image_hint(image: str | None) -> str:
    return f" {BASES_VARIABLE}={image} allows the image that port.yaml names." if image else ""


def _build_error(image: BaseImage, explanation: str, log: str) -> BuildError:
    message = f"The base image ({image.description}) could not be built" + (
        explanation and f": {explanation}"
    )
    hint = "Check the suite and the packages in port.yaml, the network, and the free disk space."
    return BuildError(message, hint, log)
