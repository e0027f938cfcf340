"""The diagnosis of this machine for the engine `docker`, and the installation of what is missing.

`diagnose` gathers facts, `plan_setup` makes a plan from the facts only, and `install_missing`
executes it.
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
"""Disk space for the base images and ports of seven languages, and for their builds."""

DIAGNOSIS_SECONDS = 10.0
ENGINE_START_SECONDS = 60.0
DAEMON_LOG = Path("/var/log/dockerd.log")
ENGINE_PACKAGES = ("docker.io", "iptables")
MMDEBSTRAP_PACKAGES = ("mmdebstrap", "debian-archive-keyring")
USER_PACKAGES = ("uidmap",)
"""What mmdebstrap needs for users other than root: its program `newuidmap`."""

PERMISSION_DENIED = "Permission denied"
COMMAND_HINT = "Run the command yourself to see its full output."

# The PATH of a user may lack the folders that hold daemons.
SEARCH_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))

MANUAL_INSTALLATION = "install Docker from your system's packages, then `sudo dockerd`"

INSTALLATION_COMMANDS = {
    "darwin": (
        "brew install colima docker",
        "colima start",
        'export DOCKER_HOST="unix://$HOME/.colima/default/docker.sock"',
    ),
    # Its os-release names Fedora too, but it does not have Fedora's package.
    "rhel": (MANUAL_INSTALLATION,),
    "fedora": ("sudo dnf install moby-engine", "sudo systemctl start docker"),
    "arch": ("sudo pacman -S docker", "sudo systemctl start docker"),
    "suse": ("sudo zypper install docker", "sudo systemctl start docker"),
}
"""Commands that install a container engine on systems without apt-get."""


@dataclass(frozen=True)
class MachineFacts:
    """The facts about this machine.

    `distribution` holds the system's name (`linux`, `darwin`) and the ID and ID_LIKE of
    os-release. `programs` holds those of dockerd, mmdebstrap and newuidmap that are on PATH.
    `engine_version` is the version of the engine that answers. If none answers it is empty, and
    `engine_error` gives the reason. `free_bytes` is the free disk space where the engine keeps its
    images, or None if this machine cannot see that disk.
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
    """A line about one requirement, and the commands that install it if it is not met."""

    is_met: bool
    description: str
    remedy: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """The facts about this machine, and the requirements with their state."""

    facts: MachineFacts
    requirements: tuple[Requirement, ...]

    @property
    def is_ready(self) -> bool:
        """True if every requirement is met."""
        return all(requirement.is_met for requirement in self.requirements)


@dataclass(frozen=True)
class SetupStep:
    """One step of the installation: a line about it, and its command. A daemon keeps running."""

    description: str
    command: tuple[str, ...]
    is_daemon: bool = False

    def __str__(self) -> str:
        """Return the command as a user would type it."""
        command_line = shlex.join(self.command)
        return (
            f"setsid {command_line} </dev/null >{DAEMON_LOG} 2>&1 &"
            if self.is_daemon
            else command_line
        )


def diagnose() -> Diagnosis:
    """Diagnose this machine, without changing anything."""
    facts = gather_facts()
    return Diagnosis(facts, check_requirements(facts))


def install_missing(diagnosis: Diagnosis, announce: Callable[[str], None]) -> None:
    """Install what is missing and start the engine; `announce` gets a line of text for each step.

    Raises EngineError, with the commands to type, if the steps need root or the system has no
    apt-get. Raises EngineError if a command fails or the engine does not answer within
    ENGINE_START_SECONDS.
    """
    for step in plan_setup(diagnosis.facts):
        announce(step.description)
        if step.is_daemon:
            _start_daemon(step)
        else:
            _run_step(step)
    announce(f"the container engine answers (version {_wait_for_engine()})")


def plan_setup(facts: MachineFacts) -> tuple[SetupStep, ...]:
    """Return the steps to take on Debian or Ubuntu as root; () if nothing is missing.

    Raises EngineError, whose hint holds the commands to type, for other systems and other users.
    """
    steps = _list_steps(facts)
    if steps and not _has_apt(facts):
        message = "The harness can install a container engine on Debian and Ubuntu only"
        raise EngineError(message, f"Type: {_format_commands(facts)}")
    if steps and not facts.is_root:
        message = "Only root can install packages and start the container engine"
        raise EngineError(message, f"Type: {_format_commands(facts)}")
    return steps


def check_requirements(facts: MachineFacts) -> tuple[Requirement, ...]:
    """Return the requirements of the engine `docker`, with their state according to `facts`."""
    return (_check_engine(facts), _check_mmdebstrap(facts), *_check_disk_space(facts))


def gather_facts() -> MachineFacts:
    """Return the facts about this machine."""
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
            for program in ("dockerd", "mmdebstrap", "newuidmap")
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
    """Return the Debian packages to install. A `docker` on PATH is a client, not the engine."""
    if not _has_apt(facts):
        return ()
    engine_packages = () if facts.engine_version or "dockerd" in facts.programs else ENGINE_PACKAGES
    base_packages = () if "mmdebstrap" in facts.programs else MMDEBSTRAP_PACKAGES
    return engine_packages + base_packages + (USER_PACKAGES if _lacks_user_ids(facts) else ())


def _lacks_user_ids(facts: MachineFacts) -> bool:
    """Return whether mmdebstrap cannot work because the user is not root."""
    return not facts.is_root and "newuidmap" not in facts.programs


def _plan_engine_start(facts: MachineFacts) -> SetupStep:
    if facts.has_systemd:
        return SetupStep("starting the service docker", ("systemctl", "start", "docker"))
    return SetupStep(f"starting dockerd, which logs to {DAEMON_LOG}", ("dockerd",), is_daemon=True)


def _format_commands(facts: MachineFacts) -> str:
    """Return the commands that a user would type to install what is missing."""
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
    with_mmdebstrap = replace(facts, programs=facts.programs | {"mmdebstrap", "newuidmap"})
    return Requirement(False, description, _format_commands(with_mmdebstrap))


def _check_mmdebstrap(facts: MachineFacts) -> Requirement:
    if "mmdebstrap" not in facts.programs:
        description = (
            "mmdebstrap is not installed: only images that HARNESS_BASES names can be bases"
        )
    elif _lacks_user_ids(facts):
        description = "newuidmap is not installed: only root can make base images"
    else:
        return Requirement(True, "mmdebstrap is installed: base images do not need a registry")
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
    description += f"; all ports together need about {RECOMMENDED_FREE_BYTES / 1e9:.0f} GB"
    return (Requirement(False, description, "docker image prune"),)


def _query_engine() -> tuple[str, Path]:
    """Return the engine's version and the folder of its images. Raises EngineError."""
    with (
        translate_engine_errors("describe itself"),
        DockerClient(DIAGNOSIS_SECONDS).connect() as client,
    ):
        info = client.info()
    return str(info["ServerVersion"]), Path(info["DockerRootDir"])


def _free_bytes(folder: Path) -> int | None:
    """Return the free bytes on the disk of `folder`, or None if it does not exist here."""
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
    """Start a daemon in a new session, so that it keeps running after this process ends."""
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
    """Wait until the engine answers, and return its version. Raises EngineError on timeout."""
    deadline = time.monotonic() + ENGINE_START_SECONDS
    while True:
        try:
            return _query_engine()[0]
        except EngineError as error:
            if time.monotonic() > deadline:
                message = f"No answer after {ENGINE_START_SECONDS:g} seconds. {error.message}"
                raise EngineError(message, f"See the end of {DAEMON_LOG}.") from None
        time.sleep(0.5)


def _last_line(output: bytes) -> str:
    return (output.decode(errors="replace").strip().splitlines() or [""])[-1]
