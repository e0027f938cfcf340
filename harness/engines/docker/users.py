"""The users of containers: each container has a number of its own.

The kernel counts inotify instances, queued signals, timers, message queues and the memory of pipes
for each user, over all containers. With a number of its own, a container cannot use up what another
needs. The numbers belong to nobody on the machine.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

REMAPPING_OPTIONS = ("name=rootless", "name=userns")
"""The security options of an engine that has only 65,536 users, which are others outside."""


@dataclass(frozen=True)
class UserRange:
    """The numbers from `first`, `count` of them, for users of containers."""

    first: int
    count: int

    def select(self, key: int) -> str:
        """Return the user and group for a key, always the same, as `user:group`."""
        number = self.first + key % self.count
        return f"{number}:{number}"

    def draw(self) -> Iterator[str]:
        """Yield users from a random one on, so that two runs have different ones."""
        return map(self.select, itertools.count(random.randrange(self.count)))


HOST_USERS = UserRange(0x70000000, 0x0FFFFFFF)
"""Numbers that no system gives to anybody: systemd's own table of users (systemd.io/UIDS-GIDS)
lists 1,879,048,192 to 2,147,483,647 as unused. The engine allows none above."""

REMAPPED_USERS = UserRange(20_000, 40_000)
"""Numbers within 65,536, without those of system accounts."""


def choose_users(engine_info: Mapping[str, Any]) -> UserRange:
    """Return the range for an engine with these attributes (`docker info`)."""
    options = engine_info.get("SecurityOptions") or ()
    is_remapped = any(option.startswith(REMAPPING_OPTIONS) for option in options)
    return REMAPPED_USERS if is_remapped else HOST_USERS
