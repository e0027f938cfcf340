"""Leases: the name of a container says which process of the harness it belongs to.

A harness that is killed cannot remove its containers, so the next one does. It may do so only if it
knows that the process has ended. Process ids mean nothing on another machine or in another PID
namespace, so a lease names the boot of the kernel and the namespace too. Names, unlike labels,
cannot come from an image.
"""

from __future__ import annotations

import os
import platform
import re
import uuid
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PREFIX = "harness-run"

LABEL = "harness.lease"
"""The label of a folder in memory with the lease of the process that it belongs to."""


@dataclass(frozen=True)
class Lease:
    """A process: the boot of its kernel and its PID namespace, its id there, and its start."""

    boot: str
    namespace: int
    pid: int
    start_time: int

    PATTERN = re.compile(
        rf"{PREFIX}-(?P<boot>[0-9a-f]{{32}})-(?P<namespace>[0-9]{{1,20}})"
        r"-(?P<pid>[0-9]{1,20})-(?P<start_time>[0-9]{1,20})"
    )

    def __str__(self) -> str:
        """Return the beginning of the name of every container of this process."""
        return f"{PREFIX}-{self.boot}-{self.namespace}-{self.pid}-{self.start_time}"

    @property
    def has_ended(self) -> bool:
        """True if the process has ended. False if it runs, and if that cannot be known here."""
        if (self.boot, self.namespace) != _read_surroundings():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return True
        except (PermissionError, OverflowError):
            pass
        # Another process may have got the same process id since.
        start_time = _read_start_time(self.pid)
        return start_time is not None and start_time != self.start_time

    def new_name(self) -> str:
        """Return the name of a new container."""
        return f"{self}-{uuid.uuid4().hex[:12]}"


def own_lease() -> Lease:
    """Return the lease of this process."""
    boot, namespace = _read_surroundings()
    return Lease(boot, namespace, os.getpid(), _read_start_time(os.getpid()) or 0)


def parse_lease(container_name: str) -> Lease | None:
    """Return the lease of a container, or None if it is not one of the harness."""
    match = Lease.PATTERN.fullmatch(container_name.removeprefix("/").rpartition("-")[0])
    if match is None:
        return None
    boot, *numbers = match.groups()
    return Lease(boot, *map(int, numbers))


@cache
def _read_surroundings() -> tuple[str, int]:
    """Return the id of the boot, and the inode of the PID namespace; without Linux, an id that is
    made of the machine's name, and 0."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return uuid.UUID(boot).hex, Path("/proc/self/ns/pid").stat().st_ino
    except (OSError, ValueError):
        return uuid.uuid5(uuid.NAMESPACE_DNS, platform.node()).hex, 0


def _read_start_time(pid: int) -> int | None:
    """Return the start of a process in clock ticks since the boot, or None if it is not known."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[19])
