"""Tests of signals, of an engine that stops answering, of a full disk, and of simultaneous runs.

The harness runs in a process of its own, as users start it. In every case, finished results are
written, existing files stay complete, no process, container or temporary file remains, and no
traceback is printed.
"""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import docker
import docker.errors
import pytest

from harness.engines.docker.engine import DockerEngine
from harness.engines.docker.images import PORT_LABEL
from harness.engines.local import LocalEngine
from harness.inputs.cases import load_cases
from harness.inputs.ports import load_ports
from harness.model.verdict import Outcome
from harness.results.reader import load_results
from harness.results.results import Results
from harness.runs.progress import SILENT
from harness.runs.runner import RunSource, run
from support.containers import list_containers_of
from support.ports import WriteCases, WritePort
from support.relay import Relay

ENGINES = ["local", pytest.param("docker", marks=pytest.mark.docker)]
TIMEOUT_SECONDS = 60.0
"""A limit that no test reaches unless something is broken."""

SLOW_CASES = [f"pauses-{number}" for number in range(8)]
"""Cases that take 0.2 seconds each."""

MANY_CASES = [f"answers-{number}" for number in range(300)]

NOTHING_FINISHED_MESSAGE = "interrupted before any result was complete\n"
RESULTS_WRITTEN_MESSAGE = "interrupted; the results so far have been written\n"
SOLUTION_CHECK = "solution.value"
EXIT_STATUS_BY_SIGNAL = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
REPORT_NAMES = ("results.jsonl", "conformance.html", "junit.xml", "report.md")


SLOW_EXIT_PROGRAM = """
import os, sys, time
class Late:
    def __del__(self, write=os.write, sleep=time.sleep):
        write(1, b"late\\n")
        sleep(1)
sys.late, sys.argv = Late(), ["harness", "--version"]
from harness.__main__ import main
main()
"""
"""The harness in a Python process whose shutdown takes a second."""


ROOT = Path(__file__).parents[2]

SIGNAL_WHILE_LOADING_PROGRAM = """
import os, signal, sys
class Signal:
    def find_spec(self, name, *_):
        if name == "click":
            os.kill(os.getpid(), signal.{signal})
sys.meta_path.insert(0, Signal())
sys.argv = ["harness", "--version"]
from harness.__main__ import main
main()
"""
"""The harness in a process that gets a signal while it loads its first library."""


@dataclass
class Command:
    """A harness in a process and a session of its own, with the folders that it uses.

    `terminal` is the other side of the terminal on which it runs, if it does. `process_ids` are the
    processes of this run that were met.
    """

    process: subprocess.Popen[str]
    engine: str
    out: Path
    temporary: Path
    terminal: int | None = None
    process_ids: set[int] = field(default_factory=set)

    def end(self) -> tuple[int, str]:
        """Wait for the end. Return the exit status and standard error."""
        _, errors = self.process.communicate(timeout=TIMEOUT_SECONDS)
        assert "Traceback" not in errors
        return self.process.returncode, errors

    @property
    def results(self) -> Results:
        return load_results(self.out / "results.jsonl")

    @property
    def containers(self) -> list[str]:
        """The identifiers of the containers of this run.

        On a terminal, the process that was started starts the harness in another one.
        """
        self.process_ids |= {self.process.pid, *find_processes(self.temporary)}
        containers = map(list_containers_of, self.process_ids)
        return [container["Id"] for each in containers for container in each]

    def catches_signals(self) -> bool:
        """Return whether the harness has set its signal handlers."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (caught,) = (line.split()[1] for line in status.splitlines() if "SigCgt" in line)
        return bool(int(caught, 16) >> signal.SIGTERM - 1 & 1)

    def runs(self, word: str) -> bool:
        """Return whether a program with `word` in its command runs in this run."""
        if self.engine == "docker":
            return any(word in list_container_processes(container) for container in self.containers)
        return any(word in command for command in find_processes(self.temporary).values())

    def find_processes(self, word: str) -> list[int]:
        """Return the processes of this run with `word` in their command."""
        return [n for n, command in find_processes(self.temporary).items() if word in command]

    def close_terminal(self) -> None:
        """Close the terminal on which this run prints."""
        assert self.terminal is not None
        os.close(self.terminal)

    def assert_nothing_is_left(self) -> None:
        assert list(self.temporary.iterdir()) == []
        assert find_processes(self.temporary) == {}
        assert self.engine == "local" or self.containers == []
        assert list(self.out.glob(".*")) == []


def list_container_processes(container: str) -> str:
    """Return the processes of a container as text, or an empty text if it does not run."""
    with contextlib.suppress(docker.errors.APIError):
        return str(docker.APIClient().top(container))
    return ""


def find_processes(folder: Path) -> dict[int, str]:
    """Return the commands of the processes with a folder in their command or environment, by
    process id."""
    commands = {}
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command, environment = ((path / name).read_bytes() for name in ("cmdline", "environ"))
            if bytes(folder) in command + environment:
                commands[int(path.name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return commands


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


Start = Callable[..., Command]


@pytest.fixture
def start(implementations: Path, tmp_path: Path) -> Iterator[Start]:
    """A function that starts `harness check`, or another command. All processes and containers
    are removed after the test."""
    started: list[Command] = []

    def start(
        cases: Path | None,
        engine: str = "local",
        out: str | Path = "out",
        before: tuple[str, ...] = (),
        module: str = "harness",
        arguments: tuple[str, ...] = ("check",),
        on_terminal: bool = False,
        **environment: str,
    ) -> Command:
        temporary = tmp_path / f"temporary-{len(started)}"
        temporary.mkdir()
        where = ["--implementations", implementations, "--engine", engine]
        if cases is not None:
            reports = ["--junit", f"{out}/junit.xml", "--markdown", f"{out}/report.md"]
            where += ["--cases", cases, "--out", out, *reports]
        terminal, streams = None, dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
        if on_terminal:
            terminal, side = pty.openpty()
            streams = dict.fromkeys(("stdout", "stderr"), side)
            before = (*before, "setsid", "--ctty", "--wait")
        process = subprocess.Popen(
            [*before, sys.executable, "-m", module, *arguments, *map(str, where)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary), **environment},
            stdin=side if on_terminal else subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            **streams,
        )
        if on_terminal:
            os.close(side)
        started.append(Command(process, engine, tmp_path / out, temporary, terminal))
        return started[-1]

    yield start
    for command in started:
        command.process.kill()
        command.process.communicate()
        for number in find_processes(command.temporary):
            os.kill(number, signal.SIGKILL)
        for container in command.containers if command.engine == "docker" else ():
            docker.APIClient().remove_container(container, force=True)


@pytest.fixture
def own_image() -> Iterator[str]:
    """A name of a port that has no image yet. Its images are removed after the test."""
    name = f"actor-{uuid.uuid4().int % 10**12}"
    yield name
    with contextlib.suppress(docker.errors.DockerException):
        for image in list_images(name):
            docker.APIClient().remove_image(image, force=True)


def list_images(port: str) -> list[str]:
    """Return the identifiers of the images of a port."""
    labelled = docker.APIClient().images(filters={"label": f"{PORT_LABEL}={port}"})
    return [str(image["Id"]) for image in labelled]


def is_whole(path: Path) -> bool:
    """Return whether a report was written to its end."""
    ends = {".jsonl": "}\n", ".html": "</html>", ".xml": "</testsuites>\n", ".md": "\n"}
    return path.read_text().endswith(ends[path.suffix])


class TestSignals:
    def assert_ended_well(self, command: Command, number: signal.Signals) -> None:
        status, errors = command.end()
        command.assert_nothing_is_left()
        assert status in (EXIT_STATUS_BY_SIGNAL[number], 0)
        if not (command.out / "results.jsonl").exists():
            assert (status, errors) == (EXIT_STATUS_BY_SIGNAL[number], NOTHING_FINISHED_MESSAGE)
            return
        assert (status, errors) in (
            (EXIT_STATUS_BY_SIGNAL[number], RESULTS_WRITTEN_MESSAGE),
            (0, ""),
        )
        assert {v.outcome for v in command.results.verdicts} <= {Outcome.RIGHT, Outcome.ABSENT}
        assert all(is_whole(command.out / name) for name in REPORT_NAMES)

    @pytest.mark.parametrize("moment", [0.0, *(Random(n).uniform(0, 2.5) for n in range(2, 7))])
    @pytest.mark.parametrize("engine", ENGINES)
    def test_at_any_moment_of_a_run(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        start: Start,
        engine: str,
        moment: float,
    ) -> None:
        """The moments are counted from the time at which the harness has set its signal
        handlers."""
        write_port("one", build=["sleep", "0.3"])
        write_port("two")
        command = start(write_cases(*SLOW_CASES), engine)
        number = Random(moment).choice(list(EXIT_STATUS_BY_SIGNAL))
        wait_until(command.catches_signals)
        time.sleep(moment)
        command.process.send_signal(number)
        self.assert_ended_well(command, number)

    @pytest.mark.parametrize("number", EXIT_STATUS_BY_SIGNAL)
    def test_while_reports_are_written(
        self, write_port: WritePort, write_cases: WriteCases, start: Start, number: signal.Signals
    ) -> None:
        write_port()
        command = start(write_cases(*MANY_CASES))
        wait_until((command.out / "results.jsonl").exists)
        assert not (command.out / "report.md").exists()
        command.process.send_signal(number)
        self.assert_ended_well(command, number)
        assert len(command.results.answers) == len(MANY_CASES)

    @pytest.mark.parametrize("engine", ENGINES)
    def test_a_second_signal_does_not_tear_the_cleaning(
        self, write_port: WritePort, start: Start, engine: str
    ) -> None:
        """`probe` has nothing to write: it unwinds."""
        write_port(run=["sleep", "1000"], seconds_to_start=60)
        command = start(None, engine, arguments=("probe", "actor"))
        wait_until(lambda: command.runs("sleep 1000"))
        while command.process.poll() is None:
            command.process.send_signal(signal.SIGTERM)
            time.sleep(0.001)
        assert command.end() == (143, NOTHING_FINISHED_MESSAGE)
        command.assert_nothing_is_left()

    @pytest.mark.parametrize("engine", ENGINES)
    def test_bench_leaves_nothing_either(
        self, write_port: WritePort, start: Start, engine: str, tmp_path: Path
    ) -> None:
        write_port(run=["sleep", "1000"], seconds_per_case=60)
        command = start(
            None, engine, module="benchmarks", arguments=("--port", "actor", "--repeat", "1")
        )
        wait_until(lambda: command.runs("sleep 1000"))
        command.process.send_signal(signal.SIGINT)
        status, errors = command.end()
        assert (status, errors.splitlines()[-1]) == (130, NOTHING_FINISHED_MESSAGE.strip())
        command.assert_nothing_is_left()
        assert not (tmp_path / "reports").exists()

    @pytest.mark.parametrize("number", EXIT_STATUS_BY_SIGNAL)
    def test_while_it_is_loaded(self, start: Start, tmp_path: Path, number: signal.Signals) -> None:
        (tmp_path / "loading.py").write_text(
            SIGNAL_WHILE_LOADING_PROGRAM.format(signal=number.name)
        )
        command = start(None, before=(sys.executable, "loading.py"))
        assert command.end() == (EXIT_STATUS_BY_SIGNAL[number], NOTHING_FINISHED_MESSAGE)

    def test_while_python_itself_ends(self, start: Start, tmp_path: Path) -> None:
        (tmp_path / "late.py").write_text(SLOW_EXIT_PROGRAM)
        command = start(None, before=(sys.executable, "late.py"))
        assert command.process.stdout is not None
        assert command.process.stdout.readline().startswith("harness")
        assert command.process.stdout.readline() == "late\n"
        command.process.send_signal(signal.SIGTERM)
        assert command.end() == (0, "")


class TestATerminalThatIsClosed:
    """The harness runs in the foreground of a terminal, and the terminal disappears."""

    @pytest.mark.parametrize("engine", ENGINES)
    def test_what_was_finished_is_written(
        self, write_port: WritePort, write_cases: WriteCases, start: Start, engine: str
    ) -> None:
        write_port(seconds_per_case=60)
        command = start(write_cases("answers-1", "hangs-2"), engine, on_terminal=True)
        wait_until(lambda: command.runs("sleep 1000"))
        command.close_terminal()
        assert command.process.wait(TIMEOUT_SECONDS) == 129
        command.assert_nothing_is_left()
        assert command.results.run.interrupted
        assert [answer.case for answer in command.results.answers] == ["answers-1"]
        assert all(is_whole(command.out / name) for name in REPORT_NAMES)

    def test_a_command_that_has_nothing_to_write_leaves_nothing(
        self, write_port: WritePort, start: Start
    ) -> None:
        write_port(run=["sleep", "1000"], seconds_to_start=60)
        command = start(None, arguments=("probe", "actor"), on_terminal=True)
        wait_until(lambda: command.runs("sleep 1000"))
        command.close_terminal()
        assert command.process.wait(TIMEOUT_SECONDS) == 129
        command.assert_nothing_is_left()

    def test_with_nohup_it_runs_to_its_end(
        self, write_port: WritePort, write_cases: WriteCases, start: Start
    ) -> None:
        write_port()
        command = start(write_cases(*SLOW_CASES), before=("nohup",))
        wait_until(lambda: command.runs("sleep 0.2"))
        command.process.send_signal(signal.SIGHUP)
        assert command.process.wait(TIMEOUT_SECONDS) == 0
        assert len(command.results.answers) == len(SLOW_CASES)


class TestAHarnessThatIsKilled:
    """SIGKILL leaves it no time to clean up. The engine is `local`."""

    def start_hanging_run(
        self, write_port: WritePort, write_cases: WriteCases, start: Start, **environment: str
    ) -> Command:
        """Start a run of a port that hangs, and that starts a process in another session."""
        write_port(
            "hanging", run=["sh", "-c", "setsid sleep 1000 & exec sleep 1000"], seconds_per_case=60
        )
        command = start(write_cases("hangs-1"), **environment)
        wait_until(lambda: len(command.find_processes("sleep 1000")) == 2)
        return command

    def test_no_process_and_no_folder_is_left(
        self, write_port: WritePort, write_cases: WriteCases, start: Start
    ) -> None:
        command = self.start_hanging_run(write_port, write_cases, start)
        command.process.kill()
        wait_until(lambda: not find_processes(command.temporary))
        wait_until(lambda: not list(command.temporary.iterdir()))

    def test_the_next_run_removes_what_is_left(
        self, write_port: WritePort, write_cases: WriteCases, start: Start
    ) -> None:
        """The process that cleans up is killed too."""
        killed = self.start_hanging_run(write_port, write_cases, start)
        [cleaner] = killed.find_processes("leftovers.py")
        os.kill(cleaner, signal.SIGKILL)
        killed.process.kill()
        killed.process.wait()
        assert len(killed.find_processes("sleep 1000")) == 2
        assert list(killed.temporary.iterdir())
        (killed.out.parent / "implementations/hanging/port.yaml").unlink()
        write_port("answering")
        shared = {"TMPDIR": str(killed.temporary)}
        assert (
            start(
                write_cases("answers-1"), arguments=("check", "--port", "answering"), **shared
            ).end()[0]
            == 0
        )
        killed.assert_nothing_is_left()

    def test_a_run_beside_it_is_left_alone(
        self, write_port: WritePort, write_cases: WriteCases, start: Start
    ) -> None:
        write_port(seconds_per_case=60)
        cases = [f"pauses-{number}" for number in range(50)]
        running = start(write_cases(*cases))
        wait_until(lambda: running.runs("sleep 0.2"))
        shared = {"TMPDIR": str(running.temporary)}
        assert start(write_cases("answers-1"), out="other", **shared).end()[0] == 0
        assert running.end() == (0, "")
        assert len(running.results.answers) == len(cases)


def test_a_harness_that_is_stopped_for_a_while_charges_no_port(
    write_port: WritePort, write_cases: WriteCases, start: Start
) -> None:
    """The answer does not fit the pipe, so the port waits until the harness reads on."""
    write_port(seconds_per_case=2, seconds_to_start=60)
    command = start(write_cases("answers-1", "remarks-much-2", "answers-3"))
    wait_until(lambda: command.runs("sleep 0.5"))
    command.process.send_signal(signal.SIGSTOP)
    time.sleep(4)
    command.process.send_signal(signal.SIGCONT)
    assert command.end() == (0, "")
    assert {v.outcome for v in command.results.verdicts} <= {Outcome.RIGHT, Outcome.ABSENT}


def is_building(port: str) -> bool:
    """Return whether a container runs in which the port's build sleeps for its number of
    seconds."""
    command = port.replace("actor-", "sleep ")
    return any(
        command in list_container_processes(str(container["Id"]))
        for container in docker.APIClient().containers()
    )


@pytest.mark.docker
class TestAnEngineThatGoesAway:
    """The engine itself keeps running. A relay between the engine and the harness is closed."""

    def test_in_the_middle_of_a_run(
        self, write_port: WritePort, write_cases: WriteCases, start: Start, tmp_path: Path
    ) -> None:
        relay = Relay(tmp_path / "engine.sock")
        write_port()
        cases = write_cases("answers-1", *SLOW_CASES, "hangs-1")
        command = start(cases, "docker", DOCKER_HOST=f"unix://{tmp_path}/engine.sock")
        wait_until(lambda: command.runs("sleep 0.2"))
        time.sleep(0.5)
        relay.cut()
        assert command.end() == (3, "")
        (port,) = command.results.ports
        assert port.trouble.startswith("The container engine stopped answering when asked to ")
        outcomes = {
            v.case: v.outcome for v in command.results.verdicts if v.check == SOLUTION_CHECK
        }
        assert outcomes["answers-1"] is Outcome.RIGHT
        assert outcomes["hangs-1"] is Outcome.GIVEN_UP
        assert set(outcomes.values()) == {Outcome.RIGHT, Outcome.GIVEN_UP}
        assert all(is_whole(command.out / name) for name in REPORT_NAMES)
        # The next run removes what could not be removed without the engine.
        assert len(command.containers) == 1
        start(write_cases("answers-1"), "docker").end()
        assert command.containers == []

    def test_while_images_are_built(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        start: Start,
        tmp_path: Path,
        own_image: str,
    ) -> None:
        relay = Relay(tmp_path / "engine.sock")
        write_port(own_image, build=["sleep", own_image.removeprefix("actor-")])
        address = f"unix://{tmp_path}/engine.sock"
        command = start(write_cases("answers-1"), "docker", DOCKER_HOST=address)
        wait_until(lambda: is_building(own_image))
        relay.cut()
        assert command.end()[0] == 3
        (port,) = command.results.ports
        assert port.trouble.startswith("The container engine stopped answering when asked to ")
        # The next run removes what could not be removed without the engine.
        with DockerEngine():
            assert not is_building(own_image)

    def test_before_anything_was_asked_of_it(
        self, write_port: WritePort, write_cases: WriteCases, start: Start, tmp_path: Path
    ) -> None:
        write_port()
        address = f"unix://{tmp_path}/engine.sock"
        Relay(tmp_path / "engine.sock").cut()
        status, errors = start(write_cases("answers-1"), "docker", DOCKER_HOST=address).end()
        assert status == 3
        assert errors.startswith("error: No container engine answers: Connection refused\nhint: ")


@pytest.mark.docker
def test_an_image_that_is_deleted_in_the_middle_of_a_run(
    write_port: WritePort, write_cases: WriteCases, start: Start, own_image: str
) -> None:
    (write_port(own_image) / "unique").write_text(own_image)
    cases = write_cases("answers-1", *SLOW_CASES, "exits-1", "answers-2")
    command = start(cases, "docker")
    wait_until(lambda: command.runs("sleep 0.2"))
    (image,) = list_images(own_image)
    for tag in docker.APIClient().inspect_image(image)["RepoTags"]:
        docker.APIClient().remove_image(tag, force=True)
    assert command.end() == (3, "")
    assert "No such image" in command.results.ports[0].trouble
    outcomes = {v.case: v.outcome for v in command.results.verdicts if v.check == SOLUTION_CHECK}
    assert outcomes[SLOW_CASES[-1]] is Outcome.RIGHT
    assert outcomes["answers-2"] is Outcome.GIVEN_UP
    command.assert_nothing_is_left()
    again = start(cases, "docker")
    assert again.end()[0] == 1
    assert again.results.ports[0].trouble == ""


@pytest.mark.parametrize("engine", ENGINES)
def test_a_build_that_never_ends_costs_no_other_port_anything(
    write_port: WritePort,
    write_cases: WriteCases,
    implementations: Path,
    engine: str,
    own_image: str,
) -> None:
    write_port("answers")
    write_port(own_image, build=["sh", "-c", "echo working; sleep 30"])
    opened = {"local": LocalEngine, "docker": DockerEngine}[engine](build_seconds=3)
    with opened:
        results = run(
            load_ports(implementations),
            load_cases([write_cases("answers-1")]),
            opened,
            SILENT,
            RunSource(implementations="ports", cases="cases", again="harness show"),
        )
    hanging, answering = results.ports
    assert "took longer than 3 seconds" in hanging.trouble
    assert "working" in hanging.log
    assert answering.trouble == ""
    outcomes = {(v.port, v.outcome) for v in results.verdicts if v.check == SOLUTION_CHECK}
    assert outcomes == {("answers", Outcome.RIGHT), (own_image, Outcome.GIVEN_UP)}
    assert results.exit_status == 3


class TestADiskThatIsFull:
    """The disk is in a mount namespace of the run's process, and disappears with it."""

    DISK = """
        mount -t tmpfs -o size=64k disk {disk} && cp older {disk}/results.jsonl &&
        head -c 40000 /dev/zero >{disk}/rest && {then}
        "$@"; status=$?
        cp -a {disk}/. {copy}; exit $status
    """

    def on_a_disk(self, disk: Path, then: str = ":") -> tuple[str, ...]:
        """Return the command that runs another command with a small disk. The files on the disk
        are copied to the folder `copy` afterwards."""
        for folder in (disk, disk.with_name("copy")):
            folder.mkdir()
        script = self.DISK.format(disk=disk, copy=disk.with_name("copy"), then=then)
        return ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh")

    @pytest.mark.parametrize(
        ("then", "reason"),
        [(":;", "No space left on device"), ("mount -o remount,ro {};", "Read-only file system")],
    )
    def test_older_reports_are_whole(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        start: Start,
        tmp_path: Path,
        then: str,
        reason: str,
    ) -> None:
        write_port()
        older = os.urandom(10_000)
        (tmp_path / "older").write_bytes(older)
        disk = tmp_path / "disk"
        before = self.on_a_disk(disk, then.format(disk))
        command = start(write_cases(*MANY_CASES[:50]), out=disk, before=before)
        status, errors = command.end()
        assert status == 2
        assert errors.startswith(f"error: {disk}/results.jsonl cannot be written: {reason}\nhint: ")
        assert "An older file at this path is unchanged" in errors
        copied = {path.name: path.read_bytes() for path in (tmp_path / "copy").iterdir()}
        assert copied == {"results.jsonl": older, "rest": bytes(40_000)}
        assert list(command.temporary.iterdir()) == []

    def test_no_room_for_what_is_built(
        self, write_port: WritePort, write_cases: WriteCases, start: Start, tmp_path: Path
    ) -> None:
        (write_port() / "large").write_bytes(bytes(100_000))
        (tmp_path / "older").write_text("older")
        disk = tmp_path / "disk"
        command = start(write_cases("answers-1"), before=self.on_a_disk(disk), TMPDIR=str(disk))
        status, errors = command.end()
        assert status == 3, errors
        assert "No space left on device" in command.results.ports[0].trouble
        assert {path.name for path in (tmp_path / "copy").iterdir()} == {"results.jsonl", "rest"}


def test_a_folder_that_is_gone_when_reports_are_written(
    write_port: WritePort, write_cases: WriteCases, start: Start, tmp_path: Path
) -> None:
    write_port()
    (tmp_path / "here").mkdir()
    here = ("sh", "-c", 'cd here; rmdir ../here; exec "$@"', "sh")
    status, errors = start(write_cases("answers-1"), out="out", before=here).end()
    assert status == 2
    assert errors.startswith(
        "error: out/results.jsonl cannot be written: No such file or directory"
    )
    assert "hint: " in errors


@pytest.mark.parametrize("engine", ENGINES)
def test_two_runs_at_once_write_the_reports_of_one_or_the_other(
    write_port: WritePort, write_cases: WriteCases, start: Start, engine: str, own_image: str
) -> None:
    (write_port(own_image) / "unique").write_text(own_image)
    names = {f"{verb}-{n}" for verb in ("answers", "adds-stderr") for n in range(100)}
    halves = [{name for name in names if name.startswith(verb)} for verb in ("answers", "adds")]
    both = [start(write_cases(*sorted(half)), engine) for half in halves]
    assert [command.end()[0] for command in both] == [0, 0]
    for command in both:
        command.assert_nothing_is_left()
    results = command.results
    assert {case.name for case in results.cases} in halves
    assert {answer.case for answer in results.answers} in halves
    for name in REPORT_NAMES:
        assert is_whole(command.out / name)
        text = (command.out / name).read_text()
        assert name == "report.md" or ("answers-5" in text) != ("adds-stderr-5" in text)
