"""Leases: which containers a harness removes that it did not start."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.engines.docker.containers import SECONDS_UNTIL_STALE, is_orphan
from harness.engines.docker.engine import DockerEngine
from harness.engines.docker.leases import Lease, own_lease, parse_lease
from support.containers import list_own_containers
from support.ports import make_shell_port

NOW = 2e9


def list_entry(name: str, state: str = "running", age: float = 60.0) -> dict[str, object]:
    """Return the attributes of a container in the engine's list."""
    return {"Names": [f"/{name}"], "State": state, "Created": NOW - age}


@pytest.fixture
def ended() -> Lease:
    """The lease of a process of this machine that has ended."""
    child = subprocess.Popen(["true"])
    child.wait()
    return replace(own_lease(), pid=child.pid)


class TestNames:
    def test_a_name_gives_the_lease(self) -> None:
        assert parse_lease(own_lease().new_name()) == own_lease()
        assert parse_lease("/" + own_lease().new_name()) == own_lease()

    def test_no_two_names_are_the_same(self) -> None:
        assert own_lease().new_name() != own_lease().new_name()

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "garbage",
            "harness-run-garbage",
            "harness-run-1-2-3-4-5",
            f"harness-run-{'g' * 32}-1-2-3-x",
            f"harness-run-{'0' * 32}-١-2-3-x",
            f"x-harness-run-{'0' * 32}-1-2-3-x",
            f"harness-run-{'0' * 32}-1-2-3",
            f"harness-run-{'0' * 32}-1-2-{'9' * 5000}-x",
        ],
    )
    def test_other_names_give_none(self, name: str) -> None:
        assert parse_lease(name) is None
        assert not is_orphan(list_entry(name, "exited", 1e9), NOW)


class TestEnd:
    def test_this_process_has_not_ended(self) -> None:
        assert not own_lease().has_ended

    def test_a_process_that_is_gone_has_ended(self, ended: Lease) -> None:
        assert ended.has_ended

    def test_a_process_id_that_was_reused_has_ended(self) -> None:
        assert replace(own_lease(), start_time=1).has_ended

    def test_another_boot_or_machine_is_not_known(self, ended: Lease) -> None:
        assert not replace(ended, boot="0" * 32).has_ended

    def test_another_pid_namespace_is_not_known(self, ended: Lease) -> None:
        assert not replace(ended, namespace=1).has_ended

    def test_no_process_id_is_too_large(self) -> None:
        assert not replace(own_lease(), pid=10**9, namespace=1).has_ended
        assert isinstance(replace(own_lease(), pid=10**19).has_ended, bool)


class TestOrphans:
    def test_that_of_an_ended_process_is_one(self, ended: Lease) -> None:
        assert is_orphan(list_entry(ended.new_name()), NOW)

    @pytest.mark.parametrize("state", ["running", "created", "exited"])
    def test_that_of_a_live_process_is_none(self, state: str) -> None:
        assert not is_orphan(list_entry(own_lease().new_name(), state), NOW)

    @pytest.mark.parametrize(
        ("state", "age", "expected"),
        [
            ("running", 1e9, False),
            ("exited", SECONDS_UNTIL_STALE - 1, False),
            ("exited", SECONDS_UNTIL_STALE + 1, True),
            ("created", SECONDS_UNTIL_STALE + 1, True),
        ],
    )
    def test_after_a_restart_it_is_one_when_it_is_old(
        self, state: str, age: float, expected: bool
    ) -> None:
        name = replace(own_lease(), boot="0" * 32).new_name()
        assert is_orphan(list_entry(name, state, age), NOW) is expected


OTHER_HARNESS = """
import os
from harness.engines.docker.engine import DockerEngine
with DockerEngine():
    print(os.getpid())
"""


@pytest.mark.docker
def test_a_harness_in_another_pid_namespace_removes_none(tmp_path: Path) -> None:
    """No process there has the id of this one, which is alive."""
    namespace = ("unshare", "--user", "--map-root-user", "--fork", "--pid", "--mount-proc")
    with DockerEngine() as engine:
        engine.build(make_shell_port(tmp_path)).start(("sleep", "60"))
        (container,) = list_own_containers()
        completed = subprocess.run(
            [*namespace, sys.executable, "-c", OTHER_HARNESS], capture_output=True, text=True
        )
        assert (completed.returncode, int(completed.stdout)) == (0, 1), completed.stderr
        assert [c["Id"] for c in list_own_containers()] == [container["Id"]]
