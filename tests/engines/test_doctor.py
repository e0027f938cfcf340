"""Facts about a machine lead to a plan, or to the commands that a person has to type."""

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
    Facts,
    Repair,
    diagnose,
    fix,
    plan_repairs,
    requirements,
)
from harness.errors import EngineError

HEALTHY = Facts(
    distribution=frozenset({"linux", "debian"}),
    root=True,
    systemd=True,
    programs=frozenset({"dockerd", "mmdebstrap"}),
    engine="27.0",
    free=50_000_000_000,
)
SILENT = replace(HEALTHY, engine="", silence="No container engine answers: No such file")
BARE = replace(SILENT, programs=frozenset())


def commands(facts: Facts) -> list[str]:
    return [str(step) for step in plan_repairs(facts)]


def refusal(facts: Facts) -> EngineError:
    with pytest.raises(EngineError) as caught:
        plan_repairs(facts)
    return caught.value


class TestPlan:
    def test_nothing_to_do_where_an_engine_answers(self) -> None:
        assert plan_repairs(HEALTHY) == ()

    def test_an_engine_that_answers_is_enough_wherever_it_runs(self) -> None:
        mac = frozenset({"darwin"})
        assert (
            plan_repairs(replace(HEALTHY, distribution=mac, programs=frozenset(), root=False)) == ()
        )

    @pytest.mark.parametrize("distribution", [{"debian"}, {"ubuntu", "debian"}, {"ubuntu"}])
    def test_debian_and_ubuntu_without_docker(self, distribution: set[str]) -> None:
        update, install, start = commands(replace(BARE, distribution=frozenset(distribution)))
        assert update == "apt-get update"
        assert install.startswith("apt-get install --yes --no-install-recommends docker.io ")
        assert " iptables" in install
        assert " mmdebstrap" in install
        assert start == "systemctl start docker"

    def test_docker_is_installed_but_the_daemon_is_down(self) -> None:
        assert commands(SILENT) == ["systemctl start docker"]

    def test_without_systemd_the_daemon_is_started_by_itself(self) -> None:
        (start,) = plan_repairs(replace(SILENT, systemd=False))
        assert start.daemon
        assert start.command == ("dockerd",)
        assert str(doctor.DAEMON_LOG) in start.line
        assert str(start) == f"setsid dockerd </dev/null >{doctor.DAEMON_LOG} 2>&1 &"

    def test_only_mmdebstrap_is_missing(self) -> None:
        update, install = commands(replace(HEALTHY, programs=frozenset({"dockerd"})))
        assert update == "apt-get update"
        assert "mmdebstrap" in install
        assert "docker.io" not in install

    def test_who_is_not_root_is_told_what_root_would_do(self) -> None:
        problem = refusal(replace(BARE, root=False))
        assert "takes root" in problem.message
        assert "sudo sh -c 'apt-get update'" in problem.hint
        assert "docker.io" in problem.hint
        assert problem.hint.endswith("sudo sh -c 'systemctl start docker'")

    def test_who_may_not_use_the_engine_is_told_how_to_join(self) -> None:
        silence = "No container engine answers: Permission denied"
        problem = refusal(replace(SILENT, root=False, silence=silence))
        assert "usermod --append --groups docker" in problem.hint
        assert "apt-get" not in problem.hint

    @pytest.mark.parametrize(
        ("distribution", "command"),
        [
            ({"linux", "fedora"}, "sudo dnf install moby-engine && sudo systemctl start docker"),
            ({"linux", "rhel", "centos", "fedora"}, "install Docker from your system's packages"),
            ({"darwin"}, "brew install colima docker && colima start && export DOCKER_HOST="),
            ({"linux", "plan9"}, "sudo dockerd"),
        ],
    )
    def test_elsewhere_the_commands_are_named(self, distribution: set[str], command: str) -> None:
        problem = refusal(replace(BARE, distribution=frozenset(distribution)))
        assert "Only on Debian and Ubuntu" in problem.message
        assert command in problem.hint


class TestFindings:
    def test_all_is_well(self) -> None:
        assert Diagnosis(HEALTHY, requirements(HEALTHY)).well
        assert "27.0" in requirements(HEALTHY)[0].line

    def test_a_silent_engine_comes_with_what_would_wake_it(self) -> None:
        engine, *others = requirements(SILENT)
        assert not engine.well
        assert "No such file; dockerd is installed" in engine.line
        assert engine.remedy == "systemctl start docker"
        assert all(finding.well for finding in others)

    def test_a_missing_engine_comes_with_what_would_install_it(self) -> None:
        engine = requirements(BARE)[0]
        assert "dockerd is not installed" in engine.line
        assert "docker.io" in engine.remedy
        assert "mmdebstrap" not in engine.remedy

    def test_mmdebstrap_is_missed_where_it_can_be_had(self) -> None:
        bases = requirements(replace(HEALTHY, programs=frozenset({"dockerd"})))[1]
        assert not bases.well
        assert bases.remedy.endswith("mmdebstrap debian-archive-keyring")

    def test_mmdebstrap_is_not_missed_where_it_cannot(self) -> None:
        mac = replace(HEALTHY, distribution=frozenset({"darwin"}), programs=frozenset())
        assert requirements(mac)[1].well

    def test_a_full_disk(self) -> None:
        space = requirements(replace(HEALTHY, free=1_500_000_000))[2]
        assert not space.well
        assert "1.5 GB" in space.line

    def test_a_disk_that_cannot_be_seen_from_here(self) -> None:
        assert len(requirements(replace(HEALTHY, free=None))) == 2


class TestFix:
    @pytest.fixture
    def said(self) -> list[str]:
        return []

    @pytest.fixture(autouse=True)
    def nothing_is_touched(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """No command of these tests is a real one, and the log is not the machine's."""
        monkeypatch.setattr(doctor, "DAEMON_LOG", tmp_path / "daemon.log")
        monkeypatch.setattr(doctor, "SECONDS_TO_START", 3.0)

    def answer(self, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
        """The engine answers when it has been asked more than `after` times."""
        asked: list[int] = []

        def ask() -> tuple[str, Path]:
            asked.append(1)
            if len(asked) <= after:
                raise EngineError("nobody")
            return "27.0", Path("/")

        monkeypatch.setattr(doctor, "_ask_engine", ask)

    def plan_of(self, monkeypatch: pytest.MonkeyPatch, *steps: Repair) -> Diagnosis:
        monkeypatch.setattr(doctor, "plan", lambda _: steps)
        return Diagnosis(BARE, ())

    def test_each_step_is_done_and_said(
        self, monkeypatch: pytest.MonkeyPatch, said: list[str], tmp_path: Path
    ) -> None:
        steps = [Repair(f"writing {n}", ("touch", str(tmp_path / n))) for n in ("one", "two")]
        self.answer(monkeypatch, after=0)
        fix(self.plan_of(monkeypatch, *steps), said.append)
        assert said == ["writing one", "writing two", "the container engine answers (version 27.0)"]
        assert (tmp_path / "one").exists()
        assert (tmp_path / "two").exists()

    def test_apt_asks_nothing(
        self, monkeypatch: pytest.MonkeyPatch, said: list[str], tmp_path: Path
    ) -> None:
        script = f"echo $DEBIAN_FRONTEND >{tmp_path / 'seen'}; cat >>{tmp_path / 'seen'}"
        self.answer(monkeypatch, after=0)
        fix(self.plan_of(monkeypatch, Repair("", ("sh", "-c", script))), said.append)
        assert (tmp_path / "seen").read_text() == "noninteractive\n"

    def test_a_step_that_fails_is_named_with_its_last_words(
        self, monkeypatch: pytest.MonkeyPatch, said: list[str], tmp_path: Path
    ) -> None:
        bad = Repair("installing", ("sh", "-c", "echo unable to locate >&2; exit 100"))
        after = Repair("never", ("touch", str(tmp_path / "never")))
        with pytest.raises(EngineError, match="unable to locate"):
            fix(self.plan_of(monkeypatch, bad, after), said.append)
        assert not (tmp_path / "never").exists()

    def test_a_command_that_is_not_there(
        self, monkeypatch: pytest.MonkeyPatch, said: list[str]
    ) -> None:
        with pytest.raises(EngineError, match="cannot be started"):
            fix(self.plan_of(monkeypatch, Repair("", ("no-such-command",))), said.append)

    def test_a_daemon_is_left_running_in_a_session_of_its_own(
        self, monkeypatch: pytest.MonkeyPatch, said: list[str], tmp_path: Path
    ) -> None:
        script = f"ps -o sid= -p $$ >{tmp_path / 'session'}; echo up; exec sleep 20"
        self.answer(monkeypatch, after=2)
        fix(self.plan_of(monkeypatch, Repair("", ("sh", "-c", script), daemon=True)), said.append)
        session = (tmp_path / "session").read_text().strip()
        try:
            assert subprocess.run(["kill", "-0", session]).returncode == 0
            assert (tmp_path / "daemon.log").read_text() == "up\n"
        finally:
            subprocess.run(["kill", session])

    def test_an_engine_that_never_answers_leads_to_its_log(
        self, monkeypatch: pytest.MonkeyPatch, said: list[str]
    ) -> None:
        monkeypatch.setattr(doctor, "SECONDS_TO_START", 0.2)
        self.answer(monkeypatch, after=10_000)
        with pytest.raises(EngineError, match="Still no answer") as caught:
            fix(self.plan_of(monkeypatch, Repair("", ("true",), daemon=True)), said.append)
        assert "daemon.log" in caught.value.hint


class TestDiagnose:
    def test_a_socket_that_is_not_there(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
        facts = diagnose().facts
        assert facts.engine == ""
        assert facts.silence == "No container engine answers: No such file or directory"

    @pytest.fixture
    def mute(self, tmp_path: Path) -> Iterator[Path]:
        """A socket that takes connections and never says a word."""
        path = tmp_path / "mute.sock"
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            kept: list[socket.socket] = []
            accepting = threading.Thread(target=lambda: kept.append(listener.accept()[0]))
            accepting.start()
            yield path
            accepting.join()
            for connection in kept:
                connection.close()

    def test_an_engine_that_hangs_is_not_waited_for(
        self, monkeypatch: pytest.MonkeyPatch, mute: Path
    ) -> None:
        monkeypatch.setattr(doctor, "SECONDS_TO_LOOK", 0.2)
        monkeypatch.setenv("DOCKER_HOST", f"unix://{mute}")
        assert "timed out" in diagnose().facts.silence

    @pytest.mark.parametrize("host", ["ssh://somewhere", "nonsense", "tcp://x:y"])
    def test_an_address_that_cannot_be_used(
        self, monkeypatch: pytest.MonkeyPatch, host: str
    ) -> None:
        monkeypatch.setenv("DOCKER_HOST", host)
        diagnosis = diagnose()
        assert not diagnosis.well
        assert diagnosis.facts.silence

    @pytest.mark.docker
    def test_the_real_engine(self) -> None:
        facts = diagnose().facts
        assert facts.engine
        assert facts.silence == ""
