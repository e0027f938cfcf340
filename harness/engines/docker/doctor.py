"""What this machine lacks for the engine `docker`, and how to get it.

`diagnose` gathers facts, `plan_setup` decides by facts alone, and `install_missing` acts.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.engines.docker.client import DockerClient, translate_engine_errors
from harness.engines.docker.debian import read_os_release
from harness.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable

RECOMMENDED_FREE_BYTES = 6_000_000_000
"""What the base images and ports of seven languages take, and some room to build them in."""

DIAGNOSIS_SECONDS = 10.0
ENGINE_START_SECONDS = 60.0
DAEMON_LOG = Path("/var/log/dockerd.log")
ENGINE_PACKAGES = ("docker.io", "iptables")
MMDEBSTRAP_PACKAGES = ("mmdebstrap", "debian-archive-keyring")
PERMISSION_DENIED = "Permission denied"
COMMAND_HINT = "Type the command yourself to see all that it says."

# A user's PATH need not have the folders that daemons are in.
SEARCH_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))

MANUAL_INSTALLATION = "install Docker from your system's packages, then `sudo dockerd`"

INSTALLATION_COMMANDS = {
    "darwin": (
        "brew install colima docker",
        "colima start",
        'export DOCKER_HOST="unix://$HOME/.colima/default/docker.sock"',
    ),
    # Its os-release is like Fedora's, but it has no such package.
    "rhel": (MANUAL_INSTALLATION,),
    "fedora": ("sudo dnf install moby-engine", "sudo systemctl start docker"),
    "arch": ("sudo pacman -S docker", "sudo systemctl start docker"),
    "suse": ("sudo zypper install docker", "sudo systemctl start docker"),
}
"""How to get a container engine where there is no apt-get."""


@dataclass(frozen=True)
class MachineFacts:
    """What was seen of this machine.

    `distribution` has the ID and ID_LIKE of os-release, on macOS `darwin`. `engine_version` is the version
    of the engine that answers, or empty, and then `engine_error` says why none does. `programs` are
    those on PATH out of dockerd and mmdebstrap. `free_bytes` are the bytes free where the engine keeps
    its images, None where that cannot be seen from here.
    """

    distribution: frozenset[str]
    is_root: bool
    has_systemd: bool
    programs: frozenset[str]
    engine_version: str = ""
    engine_error: str = ""
    free_bytes: int | None = None


@dataclass(frozen=True)
class Requirement:
    """One line about the machine; where something is missing, the commands that get it."""

    is_met: bool
    description: str
    remedy: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """What was seen, and what it means."""

    facts: MachineFacts
    requirements: tuple[Requirement, ...]

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing."""
        return all(requirement.is_met for requirement in self.requirements)


@dataclass(frozen=True)
class SetupStep:
    """One thing to do: a line about it, and the command. A daemon is left running."""

    description: str
    command: tuple[str, ...]
    is_daemon: bool = False

    def __str__(self) -> str:
        """The command as one would type it."""
        command_line = shlex.join(self.command)
        return (
            f"setsid {command_line} </dev/null >{DAEMON_LOG} 2>&1 &"
            if self.is_daemon
            else command_line
        )


def diagnose() -> Diagnosis:
    """Look at this machine. Changes nothing."""
    facts = gather_facts()
    return Diagnosis(facts, check_requirements(facts))


def install_missing(diagnosis: Diagnosis, announce: Callable[[str], None]) -> None:
    """Install what is missing and start the engine; `announce` gets one line for each thing done.

    Raises EngineError, with the commands to type, where that takes root or another system's
    package manager, and where a command fails or the engine does not answer in SECONDS_TO_START.
    """
    for step in plan_setup(diagnosis.facts):
        announce(step.description)
        if step.is_daemon:
            _start_daemon(step)
        else:
            _run_step(step)
    announce(f"the container engine answers (version {_wait_for_engine()})")


def plan_setup(facts: MachineFacts) -> tuple[SetupStep, ...]:
    """What to do on a Debian or Ubuntu as root; nothing where nothing is missing.

    Raises EngineError, whose hint has the commands to type, elsewhere.
    """
    steps = _list_steps(facts)
    if steps and not _has_apt(facts):
        message = "Only on Debian and Ubuntu can the container engine be installed from here"
        raise EngineError(message, f"Type: {_format_commands(facts)}")
    if steps and not facts.is_root:
        message = "Installing packages and starting the container engine takes root"
        raise EngineError(message, f"Type: {_format_commands(facts)}")
    return steps


def check_requirements(facts: MachineFacts) -> tuple[Requirement, ...]:
    """What the facts mean, one line each."""
    return (_check_engine(facts), _check_mmdebstrap(facts), *_check_disk_space(facts))


def gather_facts() -> MachineFacts:
    """See what there is."""
    release = read_os_release()
    names = (platform.system().lower(), release.get("ID", ""), *release.get("ID_LIKE", "").split())
    version, image_folder, engine_error = "", Path("/var/lib"), ""
    try:
        version, image_folder = _query_engine()
    except EngineError as error:
        engine_error = error.message
    return MachineFacts(
        distribution=frozenset(filter(None, names)),
        is_root=os.geteuid() == 0,
        has_systemd=Path("/run/systemd/system").is_dir(),
        programs=frozenset(
            program
            for program in ("dockerd", "mmdebstrap")
            if shutil.which(program, path=SEARCH_PATH)
        ),
        engine_version=version,
        engine_error=engine_error,
        free_bytes=_free_bytes(image_folder),
    )


def _has_apt(facts: MachineFacts) -> bool:
    return bool(facts.distribution & {"debian", "ubuntu"})


def _list_steps(facts: MachineFacts) -> tuple[SetupStep, ...]:
    steps = []
    if packages := _missing_packages(facts):
        steps.append(SetupStep("updating the list of packages", ("apt-get", "update")))
        install = ("apt-get", "install", "--yes", "--no-install-recommends", *packages)
        steps.append(SetupStep(f"installing {', '.join(packages)}", install))
    if not facts.engine_version:
        steps.append(_plan_engine_start(facts))
    return tuple(steps)


def _missing_packages(facts: MachineFacts) -> tuple[str, ...]:
    """Debian's names. A `docker` on PATH is only a client; the engine is `dockerd`."""
    if not _has_apt(facts):
        return ()
    engine_packages = () if facts.engine_version or "dockerd" in facts.programs else ENGINE_PACKAGES
    return engine_packages + (() if "mmdebstrap" in facts.programs else MMDEBSTRAP_PACKAGES)


def _plan_engine_start(facts: MachineFacts) -> SetupStep:
    if facts.has_systemd:
        return SetupStep("starting the service docker", ("systemctl", "start", "docker"))
    return SetupStep(f"starting dockerd, which logs to {DAEMON_LOG}", ("dockerd",), is_daemon=True)


def _format_commands(facts: MachineFacts) -> str:
    """What a person would type to get what is missing."""
    if not facts.engine_version and PERMISSION_DENIED in facts.engine_error:
        return 'sudo usermod --append --groups docker "$USER", and log in again'
    if _has_apt(facts):
        steps = map(str, _list_steps(facts))
        return " && ".join(
            steps if facts.is_root else (f"sudo sh -c {shlex.quote(s)}" for s in steps)
        )
    for name, commands in INSTALLATION_COMMANDS.items():
        if name in facts.distribution:
            return " && ".join(commands)
    return MANUAL_INSTALLATION


def _check_engine(facts: MachineFacts) -> Requirement:
    if facts.engine_version:
        return Requirement(True, f"a container engine answers (version {facts.engine_version})")
    description = facts.engine_error
    if PERMISSION_DENIED not in description:
        is_installed = "dockerd" in facts.programs
        description += "; dockerd is installed" if is_installed else "; dockerd is not installed"
    with_mmdebstrap = replace(facts, programs=facts.programs | {"mmdebstrap"})
    return Requirement(False, description, _format_commands(with_mmdebstrap))


def _check_mmdebstrap(facts: MachineFacts) -> Requirement:
    if "mmdebstrap" in facts.programs:
        return Requirement(True, "mmdebstrap is installed: base images do not need a registry")
    description = "mmdebstrap is not installed: base images can only come from a registry"
    if not _has_apt(facts):
        return Requirement(True, description)
    with_engine = replace(facts, engine_version="answers")
    return Requirement(False, description, _format_commands(with_engine))


def _check_disk_space(facts: MachineFacts) -> tuple[Requirement, ...]:
    if facts.free_bytes is None:
        return ()
    description = f"{facts.free_bytes / 1e9:.1f} GB of disk are free for images"
    if facts.free_bytes >= RECOMMENDED_FREE_BYTES:
        return (Requirement(True, description),)
    description += f"; all ports together take about {RECOMMENDED_FREE_BYTES / 1e9:.0f} GB"
    return (Requirement(False, description, "docker image prune"),)


def _query_engine() -> tuple[str, Path]:
    """The engine's version, and the folder where it keeps images. Raises EngineError."""
    with (
        translate_engine_errors("describe itself"),
        DockerClient(DIAGNOSIS_SECONDS).connect() as client,
    ):
        info = client.info()
    return str(info["ServerVersion"]), Path(info["DockerRootDir"])


def _free_bytes(folder: Path) -> int | None:
    """The bytes free where `folder` is; an engine's own machine may be another one than this."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _run_step(step: SetupStep) -> None:
    environment = {**os.environ, "PATH": SEARCH_PATH, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        completed = subprocess.run(
            step.command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        raise EngineError(f"`{step}` cannot be started: {error.strerror}", COMMAND_HINT) from None
    if completed.returncode != 0:
        last_line = _last_line(completed.stdout)
        raise EngineError(
            f"`{step}` failed: {last_line or f'exit status {completed.returncode}'}", COMMAND_HINT
        )


def _start_daemon(step: SetupStep) -> None:
    """Start a daemon in a session of its own, so that it outlives this one."""
    options: dict[str, Any] = {
        "cwd": "/",
        "env": {**os.environ, "PATH": SEARCH_PATH},
        "start_new_session": True,
    }
    try:
        with DAEMON_LOG.open("ab") as log:
            options |= {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": subprocess.STDOUT}
            subprocess.Popen(step.command, **options)
    except OSError as error:
        raise EngineError(f"`{step}` cannot be started: {error.strerror}", COMMAND_HINT) from None


def _wait_for_engine() -> str:
    """The version of the engine, once it answers. Raises EngineError if it does not."""
    deadline = time.monotonic() + ENGINE_START_SECONDS
    while True:
        try:
            return _query_engine()[0]
        except EngineError as error:
            if time.monotonic() > deadline:
                message = f"Still no answer after {ENGINE_START_SECONDS:g} seconds. {error.message}"
                raise EngineError(message, f"The end of {DAEMON_LOG} may say why.") from None
        time.sleep(0.5)


def _last_line(output: bytes) -> str:
    return (output.decode(errors="replace").strip().splitlines() or [""])[-1]
