"""What this machine lacks for the engine `docker`, and how to get it.

`diagnose` gathers facts, `plan_repairs` decides by facts alone, and `fix` acts.
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

from harness.engines.docker.client import DockerClient, engine_errors
from harness.engines.docker.debian import os_release
from harness.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable

ENOUGH_BYTES = 6_000_000_000
"""What the base images and ports of seven languages take, and some room to build them in."""

SECONDS_TO_LOOK = 10.0
SECONDS_TO_START = 60.0
DAEMON_LOG = Path("/var/log/dockerd.log")
ENGINE_PACKAGES = ("docker.io", "iptables")
BASES_PACKAGES = ("mmdebstrap", "debian-archive-keyring")
FORBIDDEN = "Permission denied"
HINT = "Type the command yourself to see all that it says."

# A user's PATH need not have the folders that daemons are in.
PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))

BY_HAND = "install Docker from your system's packages, then `sudo dockerd`"

COMMANDS_ELSEWHERE = {
    "darwin": (
        "brew install colima docker",
        "colima start",
        'export DOCKER_HOST="unix://$HOME/.colima/default/docker.sock"',
    ),
    # Its os-release is like Fedora's, but it has no such package.
    "rhel": (BY_HAND,),
    "fedora": ("sudo dnf install moby-engine", "sudo systemctl start docker"),
    "arch": ("sudo pacman -S docker", "sudo systemctl start docker"),
    "suse": ("sudo zypper install docker", "sudo systemctl start docker"),
}
"""How to get a container engine where there is no apt-get."""


@dataclass(frozen=True)
class Facts:
    """What was seen of this machine.

    `distribution` has the ID and ID_LIKE of os-release, on macOS `darwin`. `engine` is the version
    of the engine that answers, or empty, and then `silence` says why none does. `programs` are
    those on PATH out of dockerd and mmdebstrap. `free` are the bytes free where the engine keeps
    its images, None where that cannot be seen from here.
    """

    distribution: frozenset[str]
    root: bool
    systemd: bool
    programs: frozenset[str]
    engine: str = ""
    silence: str = ""
    free: int | None = None


@dataclass(frozen=True)
class Requirement:
    """One line about the machine; where something is missing, the commands that get it."""

    well: bool
    line: str
    remedy: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """What was seen, and what it means."""

    facts: Facts
    findings: tuple[Requirement, ...]

    @property
    def well(self) -> bool:
        """Whether nothing is missing."""
        return all(finding.well for finding in self.findings)


@dataclass(frozen=True)
class Repair:
    """One thing to do: a line about it, and the command. A daemon is left running."""

    line: str
    command: tuple[str, ...]
    daemon: bool = False

    def __str__(self) -> str:
        """The command as one would type it."""
        words = shlex.join(self.command)
        return f"setsid {words} </dev/null >{DAEMON_LOG} 2>&1 &" if self.daemon else words


def diagnose() -> Diagnosis:
    """Look at this machine. Changes nothing."""
    facts = gather()
    return Diagnosis(facts, requirements(facts))


def fix(diagnosis: Diagnosis, say: Callable[[str], None]) -> None:
    """Install what is missing and start the engine; `say` gets one line for each thing done.

    Raises EngineError, with the commands to type, where that takes root or another system's
    package manager, and where a command fails or the engine does not answer in SECONDS_TO_START.
    """
    for step in plan_repairs(diagnosis.facts):
        say(step.line)
        if step.daemon:
            _start_daemon(step)
        else:
            _run(step)
    say(f"the container engine answers (version {_wait_for_engine()})")


def plan_repairs(facts: Facts) -> tuple[Repair, ...]:
    """What to do on a Debian or Ubuntu as root; nothing where nothing is missing.

    Raises EngineError, whose hint has the commands to type, elsewhere.
    """
    steps = _steps(facts)
    if steps and not _has_apt(facts):
        message = "Only on Debian and Ubuntu can the container engine be installed from here"
        raise EngineError(message, f"Type: {_commands(facts)}")
    if steps and not facts.root:
        message = "Installing packages and starting the container engine takes root"
        raise EngineError(message, f"Type: {_commands(facts)}")
    return steps


def requirements(facts: Facts) -> tuple[Requirement, ...]:
    """What the facts mean, one line each."""
    return (_on_engine(facts), _on_bases(facts), *_on_space(facts))


def gather() -> Facts:
    """See what there is."""
    release = os_release()
    names = (platform.system().lower(), release.get("ID", ""), *release.get("ID_LIKE", "").split())
    engine, folder, silence = "", Path("/var/lib"), ""
    try:
        engine, folder = _ask_engine()
    except EngineError as problem:
        silence = problem.message
    return Facts(
        distribution=frozenset(filter(None, names)),
        root=os.geteuid() == 0,
        systemd=Path("/run/systemd/system").is_dir(),
        programs=frozenset(
            program for program in ("dockerd", "mmdebstrap") if shutil.which(program, path=PATH)
        ),
        engine=engine,
        silence=silence,
        free=_free(folder),
    )


def _has_apt(facts: Facts) -> bool:
    return bool(facts.distribution & {"debian", "ubuntu"})


def _steps(facts: Facts) -> tuple[Repair, ...]:
    steps = []
    if packages := _missing_packages(facts):
        steps.append(Repair("updating the list of packages", ("apt-get", "update")))
        install = ("apt-get", "install", "--yes", "--no-install-recommends", *packages)
        steps.append(Repair(f"installing {', '.join(packages)}", install))
    if not facts.engine:
        steps.append(_starting(facts))
    return tuple(steps)


def _missing_packages(facts: Facts) -> tuple[str, ...]:
    """Debian's names. A `docker` on PATH is only a client; the engine is `dockerd`."""
    if not _has_apt(facts):
        return ()
    engine = () if facts.engine or "dockerd" in facts.programs else ENGINE_PACKAGES
    return engine + (() if "mmdebstrap" in facts.programs else BASES_PACKAGES)


def _starting(facts: Facts) -> Repair:
    if facts.systemd:
        return Repair("starting the service docker", ("systemctl", "start", "docker"))
    return Repair(f"starting dockerd, which logs to {DAEMON_LOG}", ("dockerd",), daemon=True)


def _commands(facts: Facts) -> str:
    """What a person would type to get what is missing."""
    if not facts.engine and FORBIDDEN in facts.silence:
        return 'sudo usermod --append --groups docker "$USER", and log in again'
    if _has_apt(facts):
        steps = map(str, _steps(facts))
        return " && ".join(steps if facts.root else (f"sudo sh -c {shlex.quote(s)}" for s in steps))
    for name, commands in COMMANDS_ELSEWHERE.items():
        if name in facts.distribution:
            return " && ".join(commands)
    return BY_HAND


def _on_engine(facts: Facts) -> Requirement:
    if facts.engine:
        return Requirement(True, f"a container engine answers (version {facts.engine})")
    line = facts.silence
    if FORBIDDEN not in line:
        has = "dockerd" in facts.programs
        line += "; dockerd is installed" if has else "; dockerd is not installed"
    missing = replace(facts, programs=facts.programs | {"mmdebstrap"})
    return Requirement(False, line, _commands(missing))


def _on_bases(facts: Facts) -> Requirement:
    if "mmdebstrap" in facts.programs:
        return Requirement(True, "mmdebstrap is installed: base images do not need a registry")
    line = "mmdebstrap is not installed: base images can only come from a registry"
    if not _has_apt(facts):
        return Requirement(True, line)
    missing = replace(facts, engine="answers")
    return Requirement(False, line, _commands(missing))


def _on_space(facts: Facts) -> tuple[Requirement, ...]:
    if facts.free is None:
        return ()
    line = f"{facts.free / 1e9:.1f} GB of disk are free for images"
    if facts.free >= ENOUGH_BYTES:
        return (Requirement(True, line),)
    line += f"; all ports together take about {ENOUGH_BYTES / 1e9:.0f} GB"
    return (Requirement(False, line, "docker image prune"),)


def _ask_engine() -> tuple[str, Path]:
    """The engine's version, and the folder where it keeps images. Raises EngineError."""
    with engine_errors("describe itself"), DockerClient(SECONDS_TO_LOOK).client() as client:
        about = client.info()
    return str(about["ServerVersion"]), Path(about["DockerRootDir"])


def _free(folder: Path) -> int | None:
    """The bytes free where `folder` is; an engine's own machine may be another one than this."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _run(step: Repair) -> None:
    environment = {**os.environ, "PATH": PATH, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            step.command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as problem:
        raise EngineError(f"`{step}` cannot be started: {problem.strerror}", HINT) from None
    if done.returncode != 0:
        said = _last_line(done.stdout)
        raise EngineError(f"`{step}` failed: {said or f'exit status {done.returncode}'}", HINT)


def _start_daemon(step: Repair) -> None:
    """Start a daemon in a session of its own, so that it outlives this one."""
    options: dict[str, Any] = {
        "cwd": "/",
        "env": {**os.environ, "PATH": PATH},
        "start_new_session": True,
    }
    try:
        with DAEMON_LOG.open("ab") as log:
            options |= {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": subprocess.STDOUT}
            subprocess.Popen(step.command, **options)
    except OSError as problem:
        raise EngineError(f"`{step}` cannot be started: {problem.strerror}", HINT) from None


def _wait_for_engine() -> str:
    """The version of the engine, once it answers. Raises EngineError if it does not."""
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            return _ask_engine()[0]
        except EngineError as problem:
            if time.monotonic() > deadline:
                message = f"Still no answer after {SECONDS_TO_START:g} seconds. {problem.message}"
                raise EngineError(message, f"The end of {DAEMON_LOG} may say why.") from None
        time.sleep(0.5)


def _last_line(output: bytes) -> str:
    return (output.decode(errors="replace").strip().splitlines() or [""])[-1]
