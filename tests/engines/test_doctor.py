"""Tests of the diagnosis of a machine, and of the steps or commands that follow from it."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.engines.docker import doctor
from harness.engines.docker.doctor import (
    Diagnosis,
    MachineFacts,
    SetupStep,
    check_requirements,
    diagnose,
    install_missing,
    plan_setup,
)
from harness.errors import EngineError

HEALTHY = MachineFacts(
    distribution=frozenset({"linux", "debian"}),
    is_root=True,
    has_systemd=True,
    programs=frozenset({"dockerd", "mmdebstrap"}),
    engine_version="27.0",
    free_bytes=50_000_000_000,
)
ENGINE_STOPPED = replace(
    HEALTHY, engine_version="", engine_error="No container engine answers: No such file"
)
NOTHING_INSTALLED = replace(ENGINE_STOPPED, programs=frozenset())


def plan_commands(facts: MachineFacts) -> list[str]:
    return [str(step) for step in plan_setup(facts)]


def plan_error(facts: MachineFacts) -> EngineError:
    with pytest.raises(EngineError) as caught:
        plan_setup(facts)
    return caught.value


class TestPlan:
    def test_no_steps_are_needed_if_an_engine_answers(self) -> None:
        assert plan_setup(HEALTHY) == ()

    def test_no_steps_are_needed_on_any_system_with_an_engine(self) -> None:
        mac = frozenset({"darwin"})
        assert (
            plan_setup(replace(HEALTHY, distribution=mac, programs=frozenset(), is_root=False))
            == ()
        )

    @pytest.mark.parametrize("distribution", [{"debian"}, {"ubuntu", "debian"}, {"ubuntu"}])
    def test_debian_and_ubuntu_without_docker(self, distribution: set[str]) -> None:
        update, install, start = plan_commands(
            replace(NOTHING_INSTALLED, distribution=frozenset(distribution))
        )
        assert update == "apt-get update"
        assert install.startswith("apt-get install --yes --no-install-recommends docker.io ")
        assert " iptables" in install
        assert " mmdebstrap" in install
        assert start == "systemctl start docker"

    def test_docker_is_installed_but_the_daemon_is_down(self) -> None:
        assert plan_commands(ENGINE_STOPPED) == ["systemctl start docker"]

    def test_without_systemd_dockerd_is_started_directly(self) -> None:
        (start,) = plan_setup(replace(ENGINE_STOPPED, has_systemd=False))
        assert start.is_daemon
        assert start.command == ("dockerd",)
        assert str(doctor.DAEMON_LOG) in start.description
        assert str(start) == f"setsid dockerd </dev/null >{doctor.DAEMON_LOG} 2>&1 &"

    def test_only_mmdebstrap_is_missing(self) -> None:
        update, install = plan_commands(replace(HEALTHY, programs=frozenset({"dockerd"})))
        assert update == "apt-get update"
        assert "mmdebstrap" in install
        assert "docker.io" not in install

    def test_the_error_for_other_users_has_commands_with_sudo(self) -> None:
        error = plan_error(replace(NOTHING_INSTALLED, is_root=False))
        assert "Only root" in error.message
        assert "sudo sh -c 'apt-get update'" in error.hint
        assert "docker.io" in error.hint
        assert error.hint.endswith("sudo sh -c 'systemctl start docker'")

    def test_a_user_without_permission_gets_the_command_to_join(self) -> None:
        engine_error = "No container engine answers: Permission denied"
        error = plan_error(replace(ENGINE_STOPPED, is_root=False, engine_error=engine_error))
        assert "usermod --append --groups docker" in error.hint
        assert "apt-get" not in error.hint

    @pytest.mark.parametrize(
        ("distribution", "command"),
        [
            ({"linux", "fedora"}, "sudo dnf install moby-engine && sudo systemctl start docker"),
            ({"linux", "rhel", "centos", "fedora"}, "install Docker from your system's packages"),
            ({"darwin"}, "brew install colima docker && colima start && export DOCKER_HOST="),
            ({"linux", "plan9"}, "sudo dockerd"),
        ],
    )
    def test_the_error_on_other_systems_has_the_commands(
        self, distribution: set[str], command: str
    ) -> None:
        error = plan_error(replace(NOTHING_INSTALLED, distribution=frozenset(distribution)))
        assert "on Debian and Ubuntu only" in error.message
        assert command in error.hint


class TestRequirements:
    def test_a_healthy_machine_is_ready(self) -> None:
        assert Diagnosis(HEALTHY, check_requirements(HEALTHY)).is_ready
        assert "27.0" in check_requirements(HEALTHY)[0].description

    def test_a_stopped_engine_has_a_command_that_starts_it(self) -> None:
        engine, *others = check_requirements(ENGINE_STOPPED)
        assert not engine.is_met
        assert "No such file; dockerd is installed" in engine.description
        assert engine.remedy == "systemctl start docker"
        assert all(requirement.is_met for requirement in others)

    def test_a_missing_engine_has_a_command_that_installs_it(self) -> None:
        engine = check_requirements(NOTHING_INSTALLED)[0]
        assert "dockerd is not installed" in engine.description
        assert "docker.io" in engine.remedy
        assert "mmdebstrap" not in engine.remedy

    def test_mmdebstrap_is_required_where_apt_can_install_it(self) -> None:
        bases = check_requirements(replace(HEALTHY, programs=frozenset({"dockerd"})))[1]
        assert not bases.is_met
        assert bases.remedy.endswith("mmdebstrap debian-archive-keyring")

    def test_mmdebstrap_needs_newuidmap_unless_root_runs_it(self) -> None:
        bases = check_requirements(replace(HEALTHY, is_root=False))[1]
        assert not bases.is_met
        assert "only root can make base images" in bases.description
        assert bases.remedy.endswith("--no-install-recommends uidmap'")
        programs = HEALTHY.programs | {"newuidmap"}
        assert check_requirements(replace(HEALTHY, is_root=False, programs=programs))[1].is_met

    def test_mmdebstrap_is_not_required_on_other_systems(self) -> None:
        mac = replace(HEALTHY, distribution=frozenset({"darwin"}), programs=frozenset())
        assert check_requirements(mac)[1].is_met

    def test_a_full_disk(self) -> None:
        space = check_requirements(replace(HEALTHY, free_bytes=1_500_000_000))[2]
        assert not space.is_met
        assert "1.5 GB" in space.description

    def test_an_unknown_disk_is_no_requirement(self) -> None:
        assert len(check_requirements(replace(HEALTHY, free_bytes=None))) == 2


class TestInstallMissing:
    @pytest.fixture
    def messages(self) -> list[str]:
        return []

    @pytest.fixture(autouse=True)
    def nothing_is_touched(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Redirect the daemon's log to a temporary file, and shorten the time limit."""
        monkeypatch.setattr(doctor, "DAEMON_LOG", tmp_path / "daemon.log")
        monkeypatch.setattr(doctor, "ENGINE_START_SECONDS", 3.0)

    def answer_after(self, monkeypatch: pytest.MonkeyPatch, attempts: int) -> None:
        """Let the engine answer after `attempts` queries without an answer."""
        calls: list[int] = []

        def query_engine() -> tuple[str, Path]:
            calls.append(1)
            if len(calls) <= attempts:
                raise EngineError("no answer")
            return "27.0", Path("/")

        monkeypatch.setattr(doctor, "_query_engine", query_engine)

    def replace_plan(self, monkeypatch: pytest.MonkeyPatch, *steps: SetupStep) -> Diagnosis:
        monkeypatch.setattr(doctor, "plan_setup", lambda _: steps)
        return Diagnosis(NOTHING_INSTALLED, ())

    def test_each_step_is_announced_and_executed(
        self, monkeypatch: pytest.MonkeyPatch, messages: list[str], tmp_path: Path
    ) -> None:
        steps = [SetupStep(f"writing {n}", ("touch", str(tmp_path / n))) for n in ("one", "two")]
        self.answer_after(monkeypatch, attempts=0)
        install_missing(self.replace_plan(monkeypatch, *steps), messages.append)
        assert messages == [
            "writing one",
            "writing two",
            "the container engine answers (version 27.0)",
        ]
        assert (tmp_path / "one").exists()
        assert (tmp_path / "two").exists()

    def test_apt_asks_nothing(
        self, monkeypatch: pytest.MonkeyPatch, messages: list[str], tmp_path: Path
    ) -> None:
        script = f"echo $DEBIAN_FRONTEND >{tmp_path / 'seen'}; cat >>{tmp_path / 'seen'}"
        self.answer_after(monkeypatch, attempts=0)
        install_missing(
            self.replace_plan(monkeypatch, SetupStep("", ("sh", "-c", script))), messages.append
        )
        assert (tmp_path / "seen").read_text() == "noninteractive\n"

    def test_the_error_of_a_failing_step_has_its_last_line(
        self, monkeypatch: pytest.MonkeyPatch, messages: list[str], tmp_path: Path
    ) -> None:
        failing = SetupStep("installing", ("sh", "-c", "echo unable to locate >&2; exit 100"))
        not_run = SetupStep("never", ("touch", str(tmp_path / "never")))
        with pytest.raises(EngineError, match="unable to locate"):
            install_missing(self.replace_plan(monkeypatch, failing, not_run), messages.append)
        assert not (tmp_path / "never").exists()

    def test_a_missing_command_is_an_error(
        self, monkeypatch: pytest.MonkeyPatch, messages: list[str]
    ) -> None:
        with pytest.raises(EngineError, match="cannot be started"):
            install_missing(
                self.replace_plan(monkeypatch, SetupStep("", ("no-such-command",))), messages.append
            )

    def test_a_daemon_keeps_running_in_its_own_session(
        self, monkeypatch: pytest.MonkeyPatch, messages: list[str], tmp_path: Path
    ) -> None:
        script = f"ps -o sid= -p $$ >{tmp_path / 'session'}; echo up; exec sleep 20"
        self.answer_after(monkeypatch, attempts=2)
        install_missing(
            self.replace_plan(monkeypatch, SetupStep("", ("sh", "-c", script), is_daemon=True)),
            messages.append,
        )
        session = (tmp_path / "session").read_text().strip()
        try:
            assert subprocess.run(["kill", "-0", session]).returncode == 0
            assert (tmp_path / "daemon.log").read_text() == "up\n"
        finally:
            subprocess.run(["kill", session])

    def test_the_error_of_a_silent_engine_names_its_log(
        self, monkeypatch: pytest.MonkeyPatch, messages: list[str]
    ) -> None:
        monkeypatch.setattr(doctor, "ENGINE_START_SECONDS", 0.2)
        self.answer_after(monkeypatch, attempts=10_000)
        with pytest.raises(EngineError, match="No answer after") as caught:
            install_missing(
                self.replace_plan(monkeypatch, SetupStep("", ("true",), is_daemon=True)),
                messages.append,
            )
        assert "daemon.log" in caught.value.hint


class TestDiagnose:
    def test_a_missing_socket_is_reported(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
        facts = diagnose().facts
        assert facts.engine_version == ""
        assert facts.engine_error == "No container engine answers: No such file or directory"

    @pytest.fixture
    def silent_socket(self, tmp_path: Path) -> Iterator[Path]:
        """A socket that accepts connections and never answers."""
        path = tmp_path / "mute.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            connections: list[socket.socket] = []
            accepting = threading.Thread(target=lambda: connections.append(listener.accept()[0]))
            accepting.start()
            yield path
            accepting.join()
            for connection in connections:
                connection.close()

    def test_an_engine_that_hangs_is_reported_after_a_timeout(
        self, monkeypatch: pytest.MonkeyPatch, silent_socket: Path
    ) -> None:
        monkeypatch.setattr(doctor, "DIAGNOSIS_SECONDS", 0.2)
        monkeypatch.setenv("DOCKER_HOST", f"unix://{silent_socket}")
        assert "timed out" in diagnose().facts.engine_error

    @pytest.mark.parametrize("host", ["ssh://somewhere", "nonsense", "tcp://x:y"])
    def test_an_unusable_address_is_reported(
        self, monkeypatch: pytest.MonkeyPatch, host: str
    ) -> None:
        monkeypatch.setenv("DOCKER_HOST", host)
        diagnosis = diagnose()
        assert not diagnosis.is_ready
        assert diagnosis.facts.engine_error

    @pytest.mark.docker
    def test_the_real_engine(self) -> None:
        facts = diagnose().facts
        assert facts.engine_version
        assert facts.engine_error == ""
