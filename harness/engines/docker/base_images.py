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
    SILENCE,
    DockerClient,
    StreamConnection,
    engine_errors,
    time_limit,
)
from harness.engines.docker.debian import mirror
from harness.engines.process_group import ChildProcesses, ProcessGroup, read_log_end
from harness.errors import BuildError, EngineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.model.port import Base, DebianBase

BUILD_SECONDS = 900.0
"""Wall-clock limit for building one base image; on a good line it takes 12 to 60 seconds."""

CLEANING_SECONDS = 10.0
"""What mmdebstrap gets to remove its own temporary folder when it is stopped."""

REGISTRY_SECONDS = 20.0
"""How long a registry may take to say whether it has an image."""

IMPORT_SECONDS = 300.0
"""How long the engine may take to unpack an image after its last byte has come."""

PIECE = 1 << 20
"""Bytes handed to the engine at a time: an image of a gigabyte is never in memory whole."""

LABEL = "harness.base"

RECIPE = "1"
"""Part of every name; to be raised when the way of building changes."""

ENVIRONMENT_VARIABLE = "HARNESS_BASES"


@dataclass(frozen=True)
class BaseImage:
    """A base that the engine has: `reference` for the engine, `description` for people."""

    reference: str
    description: str


class BaseImages:
    """Provides base images, each one built once however many threads ask for it."""

    def __init__(
        self,
        daemon: DockerClient,
        children: ChildProcesses,
        say: Callable[[str], None] = lambda _: None,
        build_seconds: float = BUILD_SECONDS,
    ) -> None:
        """`say` is told what takes long, before it begins.

        Raises EngineError where HARNESS_BASES is set to something other than `debian`.
        """
        self._daemon = daemon
        self._children = children
        self._say = say
        self._build_seconds = build_seconds
        self._registry_lock = threading.Lock()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._registry_answers = _wants_registry()

    def provide(self, base: Base) -> BaseImage:
        """The image for `base`: one the engine has, else pulled, else built.

        Raises BuildError, with the end of mmdebstrap's log, where it cannot be built, and
        EngineError where the engine fails.
        """
        if base.image is not None:
            # One at a time: the first to fail speaks for the registry, and spares the rest a wait.
            with self._registry_lock:
                if self._registry_answers and self._obtain(base.image):
                    return BaseImage(base.image, base.image)
        return self._from_debian(base.debian)

    def _from_debian(self, debian: DebianBase) -> BaseImage:
        image = BaseImage(base_image_name(debian), describe(debian))
        with self._locks[image.reference]:
            if self._daemon.image(image.reference) is None:
                self._say(f"building the base image {image.description}")
                self._build(debian, image)
        return image

    def _obtain(self, image: str) -> bool:
        return self._daemon.image(image) is not None or self._pull(image)

    def _pull(self, image: str) -> bool:
        """Whether the image could be pulled; a registry that is not there is not asked again."""
        try:
            with self._daemon.client(REGISTRY_SECONDS) as client:
                client.inspect_distribution(image)
            self._say(f"pulling the base image {image}")
            return self._fetch(image)
        except docker.errors.APIError as refusal:
            # The registry's own "no" is about this image; the engine's is about the registry.
            self._registry_answers = refusal.is_client_error()
        except SILENCE:
            self._registry_answers = False
        return False

    def _fetch(self, image: str) -> bool:
        with (
            self._daemon.client() as client,
            time_limit(self._build_seconds, StreamConnection(client).cut),
        ):
            return all("error" not in step for step in client.pull(image, stream=True, decode=True))

    def _build(self, debian: DebianBase, image: BaseImage) -> None:
        with tempfile.TemporaryFile() as log:
            group, started = self._start(debian, log), time.monotonic()
            try:
                with time_limit(self._build_seconds, partial(group.end, CLEANING_SECONDS)):
                    made, said = self._import(group, image)
                    group.ends_within(self._build_seconds)
            finally:
                cast("IO[bytes]", group.child.stdout).close()
                status = self._children.end(group, CLEANING_SECONDS)
            if status != 0 or made is None:
                self._forget(made)
                if time.monotonic() - started > self._build_seconds:
                    said = f"it took longer than {self._build_seconds:g} seconds"
                raise _failure(image, said, read_log_end(log))
        with engine_errors("name an image"), self._daemon.client() as client:
            repository, tag = image.reference.split(":")
            client.tag(made, repository, tag)

    def _start(self, debian: DebianBase, log: IO[bytes]) -> ProcessGroup:
        command = mmdebstrap(debian, mirror())
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": log}
        try:
            return self._children.start(command, **streams)
        except OSError as problem:
            raise BuildError(
                f"mmdebstrap, which makes base images, cannot be started: {problem.strerror}",
                "`harness doctor` says how to get it.",
            ) from None

    def _import(self, group: ProcessGroup, image: BaseImage) -> tuple[str | None, str]:
        """Hand the archive that mmdebstrap writes to the engine: the image made, or what it said.

        The image gets no name yet: a half-written archive can make one too.
        """
        archive = iter(partial(cast("IO[bytes]", group.child.stdout).read, PIECE), b"")
        label = f"LABEL {LABEL}={json.dumps(image.description)}"
        with engine_errors("import a base image"), self._daemon.client(IMPORT_SECONDS) as client:
            try:
                answer = client.import_image_from_stream(archive, changes=[label])
            except docker.errors.APIError as refusal:
                return None, refusal.explanation or str(refusal)
        last = json.loads(answer.strip().splitlines()[-1])
        return last.get("status"), last.get("error", "")

    def _forget(self, made: str | None) -> None:
        if made is not None:
            with contextlib.suppress(*SILENCE), self._daemon.client() as client:
                client.remove_image(made)


def base_image_name(debian: DebianBase) -> str:
    """The name of a base: the same for the same suite and packages, in whatever order."""
    parts = (RECIPE, debian.suite, *sorted(set(debian.packages)))
    return f"harness-base:{hashlib.sha256(' '.join(parts).encode()).hexdigest()[:16]}"


def describe(debian: DebianBase) -> str:
    """A base for people: `debian trixie: gcc, libc6-dev`."""
    packages = ", ".join(debian.packages)
    return f"debian {debian.suite}" + (f": {packages}" if packages else "")


def mmdebstrap(debian: DebianBase, mirror: str | None) -> tuple[str, ...]:
    """The command that writes a base as a tar archive to its standard output."""
    include = (f"--include={','.join(debian.packages)}",) if debian.packages else ()
    source = (mirror,) if mirror else ()
    return ("mmdebstrap", "--variant=minbase", "--format=tar", *include, debian.suite, "-", *source)


def _wants_registry() -> bool:
    wish = os.environ.get(ENVIRONMENT_VARIABLE, "")
    if wish not in ("", "debian"):
        message = f"{ENVIRONMENT_VARIABLE} is `{wish}`, which means nothing"
        raise EngineError(message, "Set it to `debian`, or leave it unset to ask a registry first.")
    return wish != "debian"


def _failure(image: BaseImage, said: str, log: str) -> BuildError:
    message = f"The base image ({image.description}) could not be built" + (said and f": {said}")
    hint = "Check the suite and the packages in port.yaml, the network, and the space on the disk."
    return BuildError(message, hint, log)
