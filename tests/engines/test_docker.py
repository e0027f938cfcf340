"""Tests of the engine `docker`: the limits of a program in a container, and its removal.

The programs are a line of shell or Perl on Debian without additional packages. mmdebstrap builds
this base image if the engine does not have it, which takes about twelve seconds.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import docker.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.engines.base import Chunk, Exit, Process, Program, Stream
from harness.engines.docker.base_images import base_image_name
from harness.engines.docker.client import DockerClient
from harness.engines.docker.containers import ContainerLimits, ContainerRequest, Containers
from harness.engines.docker.engine import DockerEngine
from harness.engines.docker.images import make_archive, port_image_name
from harness.engines.docker.leases import own_lease, parse_lease
from harness.engines.docker.processes import FrameDecoder, exit_from_state
from harness.engines.docker.seccomp import build_profile
from harness.errors import BuildError, EngineError, HarnessError
from harness.model.port import Base, DebianBase, PortFile
from support.containers import list_containers_of, list_own_containers, list_own_volumes
from support.ports import make_shell_port as make_port
from support.relay import Relay

PATIENCE = 20.0
"""Seconds after which a test gives up. A correct engine takes less."""


def start_shell(program: Program, script: str) -> Process:
    return program.start(("sh", "-c", script))


def read_all(process: Process) -> dict[Stream, bytes]:
    """Return everything that a process prints until both its streams end."""
    deadline = time.monotonic() + PATIENCE
    printed = {Stream.OUTPUT: b"", Stream.ERRORS: b""}
    while not process.closed:
        assert time.monotonic() < deadline, "the process does not end"
        for chunk in process.receive(1.0):
            printed[chunk.stream] += chunk.data
    return printed


def run_to_success(process: Process) -> str:
    """Return the standard output of a process. It must succeed, and it is removed."""
    printed = read_all(process)
    assert process.stop() == Exit(status=0), printed[Stream.ERRORS].decode()
    return printed[Stream.OUTPUT].decode()


def wait_for_container(command: str) -> str:
    """Wait until a container of this process runs a command, and return its id."""
    deadline = time.monotonic() + PATIENCE
    while True:
        for container in list_own_containers():
            if container["Command"] == command and container["State"] == "running":
                return str(container["Id"])
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_running(command: str) -> bool:
    """Return whether a command runs on this machine, in a container or outside."""
    search = subprocess.run(["pgrep", "-f", command], stdout=subprocess.DEVNULL)
    return search.returncode == 0


def make_frame(stream: int, data: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4) + data


class TestFrames:
    @given(
        frames=st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=50))),
        cuts=st.lists(st.integers(0, 2000)),
    )
    def test_any_split_of_the_stream_gives_the_same_bytes(
        self, frames: list[tuple[int, bytes]], cuts: list[int]
    ) -> None:
        stream_bytes = b"".join(make_frame(stream, data) for stream, data in frames)
        edges = [0, *sorted(cut for cut in cuts if cut <= len(stream_bytes)), len(stream_bytes)]
        decoder = FrameDecoder()
        chunks = [c for a, b in pairwise(edges) for c in decoder.decode(stream_bytes[a:b])]
        for number, stream in ((1, Stream.OUTPUT), (2, Stream.ERRORS)):
            sent = b"".join(data for sent_to, data in frames if sent_to == number)
            assert b"".join(c.data for c in chunks if c.stream is stream) == sent

    def test_a_partial_frame_is_returned_at_once(self) -> None:
        assert FrameDecoder().decode(make_frame(1, b"whole")[:-2]) == [Chunk(Stream.OUTPUT, b"who")]

    def test_adjacent_frames_of_a_stream_are_one_chunk(self) -> None:
        data = make_frame(1, b"a") + make_frame(1, b"b") + make_frame(2, b"c") + make_frame(1, b"d")
        assert FrameDecoder().decode(data) == [
            Chunk(Stream.OUTPUT, b"ab"),
            Chunk(Stream.ERRORS, b"c"),
            Chunk(Stream.OUTPUT, b"d"),
        ]


class TestExit:
    @pytest.mark.parametrize(
        ("code", "killed", "end"),
        [
            (0, False, Exit(status=0)),
            (3, False, Exit(status=3)),
            (127, False, Exit(status=127)),
            (139, False, Exit(signal="SIGSEGV")),
            (134, False, Exit(signal="SIGABRT")),
            (137, False, Exit(signal="SIGKILL")),
            (137, True, Exit(signal="SIGKILL", reason="out of memory (limit 1 GiB)")),
            (1, True, Exit(status=1)),
            (255, False, Exit(status=255)),
        ],
    )
    def test_a_container_state_gives_its_exit(self, code: int, killed: bool, end: Exit) -> None:
        assert exit_from_state({"ExitCode": code, "OOMKilled": killed}, 1 << 30) == end

    def test_a_limit_below_a_gibibyte_is_given_in_mebibytes(self) -> None:
        end = exit_from_state({"ExitCode": 137, "OOMKilled": True}, 96 << 20)
        assert str(end) == "out of memory (limit 96 MiB)"


class TestImageName:
    FILES = (PortFile("a", b"1", executable=False), PortFile("b", b"2", executable=True))

    def test_the_order_of_files_does_not_matter(self) -> None:
        reversed_files = self.FILES[::-1]
        assert port_image_name("base", self.FILES, ()) == port_image_name(
            "base", reversed_files, ()
        )

    @pytest.mark.parametrize(
        "files",
        [
            FILES[:1],
            (*FILES[:1], PortFile("b", b"2", executable=False)),
            (*FILES[:1], PortFile("b", b"3", executable=True)),
            (*FILES[:1], PortFile("c", b"2", executable=True)),
        ],
    )
    def test_base_files_and_commands_change_the_name(self, files: tuple[PortFile, ...]) -> None:
        names = {
            port_image_name("base", files, ()),
            port_image_name("base", self.FILES, ()),
            port_image_name("another", self.FILES, ()),
            port_image_name("base", self.FILES, [("true",)]),
            port_image_name("base", self.FILES, [("true",), ("true",)]),
        }
        assert len(names) == 5

    def test_an_archive_is_the_same_each_time(self) -> None:
        assert make_archive(self.FILES, "7:8") == make_archive(self.FILES, "7:8")


@pytest.fixture(scope="module")
def limited_engine() -> Iterator[DockerEngine]:
    """An engine with small limits."""
    with DockerEngine(ContainerLimits(memory=96 << 20, tmp_size=4 << 20, processes=40)) as engine:
        yield engine


@pytest.fixture(scope="module")
def program(limited_engine: DockerEngine, tmp_path_factory: pytest.TempPathFactory) -> Program:
    folder = tmp_path_factory.mktemp("port")
    (folder / "own").touch()
    return limited_engine.build(make_port(folder))


@pytest.fixture
def inspect_container(program: Program) -> Callable[[str], dict[str, Any]]:
    """A function that returns the engine's attributes of a container that runs a script."""

    def inspect_container(script: str = "sleep 60") -> dict[str, Any]:
        known = {container["Id"] for container in list_own_containers()}
        process = start_shell(program, script)
        (new,) = {container["Id"] for container in list_own_containers()} - known
        attributes = DockerClient().connect().inspect_container(new)
        process.stop(grace=0)
        return dict(attributes)

    return inspect_container


@pytest.mark.docker
class TestConfinement:
    """The limits and restrictions of a program."""

    def test_there_is_no_network(self, program: Program) -> None:
        assert run_to_success(start_shell(program, "ls /sys/class/net")) == "lo\n"
        connect = "use IO::Socket::INET; IO::Socket::INET->new('192.0.2.1:80') or die $!"
        process = program.start(("perl", "-e", connect))
        assert b"Network is unreachable" in read_all(process)[Stream.ERRORS]
        assert process.stop() != Exit(status=0)

    def test_nothing_can_be_written_but_tmp(self, program: Program) -> None:
        script = """
            for folder in / /port /etc /usr /var /var/tmp /dev /dev/shm /dev/mqueue /dev/pts /run \\
                    /proc /sys; do
                touch $folder/x 2>/dev/null && echo $folder
            done
            touch /tmp/x && echo /tmp
        """
        assert run_to_success(start_shell(program, script)) == "/tmp\n"

    def test_tmp_is_small(self, program: Program) -> None:
        script = "head -c 3000000 /dev/zero >/tmp/a && ! head -c 3000000 /dev/zero >/tmp/b"
        process = start_shell(program, script)
        assert b"No space left" in read_all(process)[Stream.ERRORS]
        assert process.stop() == Exit(status=0)

    def test_tmp_is_fresh_for_every_process(self, program: Program) -> None:
        for _ in range(2):
            assert run_to_success(start_shell(program, "ls -A /tmp; touch /tmp/x")) == ""

    def test_each_container_has_a_user_of_its_own(self, program: Program) -> None:
        users = [
            run_to_success(start_shell(program, "id -u; id -g; id -G")).split() for _ in range(3)
        ]
        assert all(len({*user}) == 1 for user in users)
        assert len({user[0] for user in users}) == 3
        assert all(0x70000000 <= int(user[0]) < 0x80000000 for user in users)

    def test_it_has_and_can_gain_no_capability(self, program: Program) -> None:
        lines = run_to_success(start_shell(program, "cat /proc/self/status")).splitlines()
        status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        for kind in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"):
            assert int(status[kind], 16) == 0
        assert status["NoNewPrivs"] == "1"
        assert status["Seccomp"] == "2"

    def test_it_cannot_become_root(self, program: Program) -> None:
        script = """
            command -v unshare su >/dev/null || exit 9
            id -u
            unshare --user --map-root-user id -u
            su --command 'id -u' </dev/null
            id -u
        """
        before, after = run_to_success(start_shell(program, script)).split()
        assert before == after != "0"

    def test_it_cannot_change_its_limits(self, program: Program) -> None:
        script = "find /sys -writable ! -type l; ls /sys/fs/cgroup | wc -l"
        assert int(run_to_success(start_shell(program, script))) > 0

    def test_it_sees_the_files_of_its_own_port_only(self, program: Program) -> None:
        assert run_to_success(start_shell(program, "ls -A /port")) == "own\n"

    def test_nothing_of_the_machine_is_mounted_into_it(self, program: Program) -> None:
        lines = run_to_success(start_shell(program, "cat /proc/self/mountinfo")).splitlines()
        mount_points = {Path(line.split()[4]) for line in lines}
        system = {
            point for point in mount_points if point.parts[1:2] in [("proc",), ("sys",), ("dev",)]
        }
        expected = {
            Path("/tmp"),
            *(Path("/etc", file) for file in ("hosts", "hostname", "resolv.conf")),
        }
        others = mount_points - system - expected - {Path("/")}
        assert {point.name for point in others} <= {"docker-init"}

    def test_it_has_no_socket_of_the_engine(self, program: Program) -> None:
        script = "find / -path /proc -prune -o -type s -print 2>/dev/null; ls /run/docker.sock"
        process = start_shell(program, script)
        assert read_all(process)[Stream.OUTPUT] == b""
        assert process.stop() == Exit(status=2)

    def test_it_sees_no_process_but_its_own(self, program: Program) -> None:
        count = int(run_to_success(start_shell(program, "ls -d /proc/[0-9]* | wc -l")))
        assert count <= 4, "an init, the shell, and the two of the pipe"

    def test_memory_is_bounded(self, program: Program) -> None:
        allocate = '$| = 1; print "x"; $n = 1 << 28; $x = "y" x $n; print "z"'
        process = program.start(("perl", "-e", allocate))
        assert read_all(process)[Stream.OUTPUT] == b"x"
        end = process.stop()
        assert end == Exit(signal="SIGKILL", reason="out of memory (limit 96 MiB)")

    def test_memory_of_a_child_counts_too(self, program: Program) -> None:
        process = start_shell(program, """perl -e '$x = "y" x (1 << 28)'; exit $?""")
        read_all(process)
        assert process.stop().reason == "out of memory (limit 96 MiB)"

    def test_processes_are_bounded(self, program: Program) -> None:
        fork = 'while (defined($p = fork)) { sleep 60 if !$p; $n++ } print "$n $!\\n"; kill 9, -1'
        process = program.start(("perl", "-e", f"$| = 1; {fork}"))
        count, reason = process.receive(PATIENCE)[0].data.decode().split(" ", 1)
        assert 30 < int(count) < 40
        assert "Resource temporarily unavailable" in reason
        process.stop(grace=0)

    def test_the_default_limits(self) -> None:
        assert ContainerLimits() == ContainerLimits(1 << 30, 64 << 20, 256, 1.0)

    def test_the_engine_reports_every_limit(
        self, inspect_container: Callable[[], dict[str, Any]]
    ) -> None:
        attributes = inspect_container()
        host = attributes["HostConfig"]
        assert (host["Memory"], host["MemorySwap"]) == (96 << 20, 96 << 20)
        assert (host["NanoCpus"], host["PidsLimit"]) == (1_000_000_000, 40)
        assert (host["NetworkMode"], host["IpcMode"]) == ("none", "none")
        assert (host["ReadonlyRootfs"], host["Privileged"]) == (True, False)
        assert host["CapDrop"] == ["ALL"]
        assert host["SecurityOpt"] == ["no-new-privileges", f"seccomp={build_profile()}"]
        assert (host["LogConfig"]["Type"], host["Binds"]) == ("none", None)
        assert parse_lease(attributes["Name"]) == own_lease()

    def test_it_takes_no_terminal_from_others(self, program: Program) -> None:
        script = "ls -A /dev/pts; (exec 3<>/dev/ptmx) 2>/dev/null || echo none"
        assert run_to_success(start_shell(program, script)) == "none\n"

    def test_a_crash_starts_no_handler_of_core_dumps(self, program: Program) -> None:
        """The kernel starts none where a core may have one byte, and nobody can raise that."""
        script = "grep core /proc/self/limits; ulimit -c unlimited 2>/dev/null || echo refused"
        *limit, answer = run_to_success(start_shell(program, script)).split()
        assert limit[-3:] == ["1", "1", "bytes"]
        assert answer == "refused"

    def test_it_does_not_see_the_servers_of_the_machine(self, program: Program) -> None:
        text = run_to_success(start_shell(program, "cat /etc/resolv.conf"))
        servers = {line for line in text.splitlines() if line and not line.startswith("#")}
        assert servers <= {"nameserver 127.0.0.1", "search .", "options ndots:0"}
        assert "nameserver 127.0.0.1" in servers

    def test_the_environment_holds_few_variables(self, program: Program) -> None:
        lines = run_to_success(start_shell(program, "env; pwd")).splitlines()
        variables = dict(line.partition("=")[::2] for line in lines[:-1])
        assert (variables["HOME"], variables["LANG"]) == ("/tmp", "C.UTF-8")
        assert set(variables) <= {"PATH", "HOME", "LANG", "HOSTNAME", "PWD"}
        assert lines[-1] == "/port"

    def test_the_program_is_not_the_first_process(self, program: Program) -> None:
        assert run_to_success(start_shell(program, "echo $$")) != "1\n"


@pytest.mark.docker
class TestStreams:
    def test_output_and_errors_are_kept_apart(self, program: Program) -> None:
        process = start_shell(program, "echo good; echo bad >&2; echo more")
        assert read_all(process) == {Stream.OUTPUT: b"good\nmore\n", Stream.ERRORS: b"bad\n"}
        assert process.stop() == Exit(status=0)

    def test_input_is_answered_as_it_comes(self, program: Program) -> None:
        process = start_shell(program, 'while read line; do echo "<$line>"; done; echo end')
        for line in ("one", "two"):
            process.send(f"{line}\n".encode())
            assert b"".join(c.data for c in process.receive(PATIENCE)) == f"<{line}>\n".encode()
        process.close_input()
        assert run_to_success(process) == "end\n"

    def test_much_in_and_much_out_at_once(self, program: Program) -> None:
        data = os.urandom(1 << 20) * 8
        process = program.start(("cat",))
        process.send(data)
        process.close_input()
        assert read_all(process)[Stream.OUTPUT] == data
        assert process.stop() == Exit(status=0)

    def test_much_on_both_streams_at_once(self, program: Program) -> None:
        process = start_shell(
            program, "head -c 3000000 /dev/zero >&2 & head -c 3000000 /dev/zero; wait"
        )
        printed = read_all(process)
        assert {stream: len(data) for stream, data in printed.items()} == dict.fromkeys(
            Stream, 3_000_000
        )
        process.stop()

    def test_endless_output_is_read_in_parts_and_can_be_stopped(self, program: Program) -> None:
        process = start_shell(program, "yes & yes >&2")
        for _ in range(50):
            assert sum(len(chunk.data) for chunk in process.receive(PATIENCE)) <= 1 << 16
        started = time.monotonic()
        process.stop(grace=0)
        assert time.monotonic() - started < 5

    def test_a_process_may_leave_its_input_unread(self, program: Program) -> None:
        process = start_shell(program, "exec <&-; echo deaf; sleep 0.3")
        process.send(b"x" * (1 << 20))
        assert run_to_success(process) == "deaf\n"

    def test_waiting_costs_no_processor_time(self, program: Program) -> None:
        process = start_shell(program, "sleep 60")
        started = time.process_time()
        assert process.receive(0.5) == []
        assert time.process_time() - started < 0.1
        process.stop(grace=0)


@pytest.mark.docker
class TestStop:
    @pytest.mark.parametrize(
        ("script", "end"),
        [
            ("exit 3", Exit(status=3)),
            ("kill -SEGV $$", Exit(signal="SIGSEGV")),
            ("kill -KILL $$", Exit(signal="SIGKILL")),
            ("exec no-such-program", Exit(status=127)),
        ],
    )
    def test_the_exit_of_a_process_that_ended_by_itself(
        self, program: Program, script: str, end: Exit
    ) -> None:
        process = start_shell(program, script)
        read_all(process)
        assert process.stop() == end
        assert process.stop() == end

    def test_a_program_that_the_image_lacks(self, program: Program) -> None:
        process = program.start(("./driver",))
        assert b"./driver" in read_all(process)[Stream.ERRORS]
        assert process.stop() == Exit(status=127)

    def test_closing_the_input_ends_a_process_that_reads_it(self, program: Program) -> None:
        assert program.start(("cat",)).stop(grace=PATIENCE) == Exit(status=0)

    def test_sigterm_is_sent_before_sigkill(self, program: Program) -> None:
        script = "trap 'echo asked >&2; exit 7' TERM; echo ready; while :; do sleep 0.05; done"
        process = start_shell(program, script)
        process.receive(PATIENCE)
        assert process.stop(grace=1.0) == Exit(status=7)
        assert read_all(process)[Stream.ERRORS] == b"asked\n"

    def test_a_process_that_ignores_sigterm_is_killed(self, program: Program) -> None:
        process = start_shell(program, "trap '' TERM; echo ready; while :; do sleep 0.05; done")
        process.receive(PATIENCE)
        started = time.monotonic()
        assert process.stop(grace=0.2) == Exit(signal="SIGKILL")
        assert time.monotonic() - started < 5

    def test_a_process_stopped_in_mid_output_ends_at_once(self, program: Program) -> None:
        process = start_shell(program, "trap '' TERM; cat /dev/zero")
        process.receive(PATIENCE)
        time.sleep(0.5)
        started = time.monotonic()
        process.stop(grace=0)
        assert time.monotonic() - started < 1.5

    def test_output_while_it_is_stopped_is_kept(self, program: Program) -> None:
        script = "trap 'echo reason >&2; exit' TERM; echo ready; while :; do sleep 0.05; done"
        process = start_shell(program, script)
        process.receive(PATIENCE)
        process.stop(grace=0.5)
        assert not process.closed
        assert read_all(process)[Stream.ERRORS] == b"reason\n"

    def test_the_children_of_a_process_end_with_it(self, program: Program) -> None:
        duration = f"1{uuid.uuid4().int % 10**8:08}"
        process = start_shell(program, f"setsid sleep {duration} & echo ready")
        process.receive(PATIENCE)
        process.stop()
        assert not is_running(f"sleep {duration}")

    def test_nothing_is_left(self, program: Program) -> None:
        before = len(list_own_containers())
        descriptors = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(3):
            process = program.start(("cat",))
            process.send(b"x")
            process.stop()
        assert len(list_own_containers()) == before
        assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors + 1


@contextlib.contextmanager
def make_image(configuration: dict[str, Any]) -> Iterator[str]:
    """Make an image of Debian with this configuration, and yield its name."""
    client, name = DockerClient().connect(), f"test-{uuid.uuid4().hex}:1"
    container = client.create_container(base_image_name(DebianBase("trixie", ())), ["true"])
    try:
        client.commit(container["Id"], *name.split(":"), conf=configuration)
        yield name
    finally:
        client.remove_container(container["Id"])
        client.remove_image(name, force=True)


@pytest.mark.docker
class TestBuild:
    @pytest.fixture
    def messages(self) -> list[str]:
        return []

    @pytest.fixture
    def engine(self, messages: list[str]) -> Iterator[DockerEngine]:
        with DockerEngine(announce=messages.append) as engine:
            yield engine

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """The folder of a port that has not been built."""
        (tmp_path / "unique").write_text(uuid.uuid4().hex)
        return tmp_path

    @pytest.fixture(autouse=True)
    def images_go(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """Remove the images that a test has built."""
        client = DockerClient().connect()
        ids_before = {
            image["Id"] for image in client.images(filters={"label": "harness.port=shell"})
        }
        yield
        ids_after = {
            image["Id"] for image in client.images(filters={"label": "harness.port=shell"})
        }
        for image in ids_after - ids_before:
            client.remove_image(image, force=True)

    def test_programs_can_use_the_files_that_the_build_made(
        self, engine: DockerEngine, folder: Path
    ) -> None:
        (folder / "lib").mkdir()
        (folder / "lib" / "part").write_text("one ")
        (folder / "lib" / "part").chmod(0o600)
        (folder / "tool.sh").write_text("#!/bin/sh\necho two\n")
        (folder / "tool.sh").chmod(0o700)
        commands = (("cp", "lib/part", "made"), ("sh", "-c", "./tool.sh >>made"))
        program = engine.build(make_port(folder, *commands))
        assert run_to_success(start_shell(program, "cat made")) == "one two\n"
        assert run_to_success(start_shell(program, "cat lib/part; ./tool.sh")) == "one two\n"
        assert program.base.description == "debian trixie"

    def test_the_same_content_is_built_once(
        self, engine: DockerEngine, folder: Path, messages: list[str]
    ) -> None:
        first = engine.build(make_port(folder, ("true",)))
        assert messages == ["building shell"]
        assert engine.build(make_port(folder, ("true",))).image == first.image
        with DockerEngine(announce=messages.append) as another:
            assert another.build(make_port(folder, ("true",))).image == first.image
        assert messages == ["building shell"]
        (folder / "unique").write_text(uuid.uuid4().hex)
        assert engine.build(make_port(folder, ("true",))).image != first.image
        assert messages == ["building shell"] * 2

    def test_an_image_has_the_label_of_the_harness(
        self, engine: DockerEngine, folder: Path
    ) -> None:
        image = engine.build(make_port(folder)).image
        labels = DockerClient().connect().inspect_image(image)["Config"]["Labels"]
        assert labels["harness.port"] == "shell"

    def test_the_error_of_a_failing_command_holds_its_log(
        self, engine: DockerEngine, folder: Path
    ) -> None:
        command = ("sh", "-c", "echo to output; echo to errors >&2; exit 3")
        with pytest.raises(BuildError, match="exit status 3") as caught:
            engine.build(make_port(folder, command))
        assert "to output\n" in caught.value.log
        assert "to errors\n" in caught.value.log
        assert caught.value.hint

    def test_a_failure_leaves_no_layers(self, engine: DockerEngine, folder: Path) -> None:
        marks = [uuid.uuid4().hex for _ in range(2)]
        with pytest.raises(BuildError):
            engine.build(
                make_port(folder, ("echo", marks[0]), ("sh", "-c", f"exit 1 # {marks[1]}"))
            )
        client = DockerClient().connect()
        untagged_images = client.images(filters={"dangling": True})
        layer_commands = [
            layer["CreatedBy"] for image in untagged_images for layer in client.history(image["Id"])
        ]
        assert not [layer for layer in layer_commands if marks[0] in layer]

    def test_a_missing_compiler_is_named(self, engine: DockerEngine, folder: Path) -> None:
        with pytest.raises(BuildError, match="no-such-compiler"):
            engine.build(make_port(folder, ("no-such-compiler", "a.c")))

    def test_a_build_has_no_network(self, engine: DockerEngine, folder: Path) -> None:
        program = engine.build(make_port(folder, ("sh", "-c", "ls /sys/class/net >seen")))
        assert run_to_success(start_shell(program, "cat seen")) == "lo\n"

    def test_a_build_command_has_no_more_rights_than_a_program(
        self, engine: DockerEngine, folder: Path
    ) -> None:
        script = "id -u; grep -E '^(Cap|NoNew|Seccomp:)' /proc/self/status"
        program = engine.build(make_port(folder, ("sh", "-c", f"({script}) >seen")))
        user, *lines = run_to_success(start_shell(program, "cat seen")).splitlines()
        status = dict(line.split(":\t") for line in lines)
        assert int(user) >= 0x70000000
        assert {
            int(status.pop(f"Cap{kind}"), 16) for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")
        } == {0}
        assert status == {"NoNewPrivs": "1", "Seccomp": "2"}

    def test_the_limits_of_a_build_command(self, engine: DockerEngine, folder: Path) -> None:
        building = threading.Thread(
            target=engine.build, args=(make_port(folder, ("sleep", "3")),), daemon=True
        )
        building.start()
        container = wait_for_container("sleep 3")
        host = DockerClient().connect().inspect_container(container)["HostConfig"]
        assert (host["Memory"], host["MemorySwap"]) == (4 << 30, 4 << 30)
        assert (host["PidsLimit"], host["NetworkMode"], host["IpcMode"]) == (1024, "none", "none")
        building.join(PATIENCE)

    @pytest.fixture
    def small_folders(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A build may write 4 MiB and 50 files into each of its folders."""
        module = "harness.engines.docker.image_builder"
        monkeypatch.setattr(f"{module}.FOLDER_BYTES", 4 << 20)
        monkeypatch.setattr(f"{module}.TMP_BYTES", 4 << 20)
        monkeypatch.setattr(f"{module}.MAXIMUM_FILES", 50)
        monkeypatch.setattr(f"{module}.MAXIMUM_ARCHIVE_BYTES", 8 << 20)

    @pytest.mark.parametrize("target", ["/port", "/tmp"])
    @pytest.mark.usefixtures("small_folders")
    def test_a_build_can_write_so_much_and_no_more(
        self, engine: DockerEngine, folder: Path, target: str
    ) -> None:
        script = f"""
            dd if=/dev/zero of={target}/large bs=64k count=100 2>/dev/null && exit 1
            size=$(stat -c %s {target}/large)
            rm {target}/large
            exec 3<>{target}/deleted
            rm {target}/deleted
            dd if=/dev/zero bs=64k count=100 >&3 2>/dev/null && exit 2
            exec 3>&-
            number=0
            while [ $number -lt 100 ] && touch {target}/f$number; do number=$((number + 1)); done
            rm {target}/f*
            echo $size $number >seen
        """
        program = engine.build(make_port(folder, ("sh", "-c", script)))
        size, number = run_to_success(start_shell(program, "cat seen")).split()
        assert 3 << 20 < int(size) <= 4 << 20
        assert 40 < int(number) < 50

    def test_a_build_can_write_nowhere_else(self, engine: DockerEngine, folder: Path) -> None:
        """A folder in which a file can be made is on no disk. The kernel's folders are none."""
        script = """
            find / -xdev -type d -exec sh -c 'touch "$1/x" 2>/dev/null && echo "$1"' - {} ';' >seen
            for folder in /port /tmp /dev /dev/shm /dev/mqueue /var/tmp /run; do
                touch $folder/x 2>/dev/null && echo $folder
            done >>seen
            exit 0
        """
        program = engine.build(make_port(folder, ("sh", "-c", script)))
        seen = run_to_success(start_shell(program, "sort -u seen"))
        assert seen.split() == ["/port", "/tmp"]

    @pytest.mark.usefixtures("small_folders")
    def test_a_file_with_holes_counts_as_large_as_it_reads(
        self, engine: DockerEngine, folder: Path
    ) -> None:
        started = time.monotonic()
        with pytest.raises(BuildError, match="shell: the build leaves more than 4 MiB"):
            engine.build(make_port(folder, ("truncate", "--size", "64M", "holes")))
        # The engine waited for a minute for the reader of the archive.
        assert time.monotonic() - started < 50

    def test_commands_share_the_folder_and_tmp(self, engine: DockerEngine, folder: Path) -> None:
        commands = (
            ("sh", "-c", "echo one >made; echo two >/tmp/made; ln made link; mkdir -p a/b"),
            ("sh", "-c", "cat link /tmp/made >both"),
        )
        program = engine.build(make_port(folder, *commands))
        assert run_to_success(start_shell(program, "cat both; ls /tmp")) == "one\ntwo\n"
        script = "stat -c '%a %h' both made; stat -c %u . a/b both unique | uniq | wc -l"
        assert run_to_success(start_shell(program, script)) == "644 1\n644 2\n1\n"

    def test_a_build_leaves_no_folder_in_memory(self, folder: Path) -> None:
        def build_until_the_end() -> None:
            with contextlib.suppress(HarnessError):
                engine.build(make_port(folder, ("sleep", "59")))

        with DockerEngine(build_seconds=3) as engine:
            for command in (("true",), ("false",), ("sleep", "60")):
                with contextlib.suppress(BuildError):
                    engine.build(make_port(folder, command))
            building = threading.Thread(target=build_until_the_end)
            building.start()
            wait_for_container("sleep 59")
            assert len(list_own_volumes()) == 2
        building.join(PATIENCE)
        assert list_own_volumes() == []

    @pytest.mark.parametrize("method", ["add", "run", "_wait", "make_image"])
    def test_a_failure_of_the_harness_leaves_nothing_of_a_build(
        self, engine: DockerEngine, folder: Path, monkeypatch: pytest.MonkeyPatch, method: str
    ) -> None:
        def fail(*_: object) -> None:
            raise ZeroDivisionError("injected")

        containers = len(list_own_containers())
        monkeypatch.setattr(f"harness.engines.docker.image_builder.ImageBuilder.{method}", fail)
        with pytest.raises(ZeroDivisionError):
            engine.build(make_port(folder, ("true",)))
        assert len(list_own_containers()) == containers
        assert list_own_volumes() == []

    def test_a_command_of_a_build_gets_no_input(self, engine: DockerEngine, folder: Path) -> None:
        program = engine.build(make_port(folder, ("sh", "-c", "cat >seen; echo end >>seen")))
        assert run_to_success(start_shell(program, "cat seen")) == "end\n"

    def test_a_build_can_write_into_its_own_folders(
        self, engine: DockerEngine, folder: Path
    ) -> None:
        (folder / "a/b").mkdir(parents=True)
        (folder / "a/b/file").touch()
        commands = (("touch", "made", "a/made", "a/b/made"), ("mv", "a/b/file", "a/moved"))
        program = engine.build(make_port(folder, *commands))
        script = "ls made a/made a/b/made a/moved; ! touch a/b/other 2>/dev/null"
        assert run_to_success(start_shell(program, script)).split() == [
            "a/b/made",
            "a/made",
            "a/moved",
            "made",
        ]

    @pytest.mark.parametrize("name", ["Dockerfile", "dockerfile", "Containerfile"])
    def test_a_dockerfile_is_refused(self, engine: DockerEngine, folder: Path, name: str) -> None:
        (folder / name).write_text("ARG BASE\nFROM ${BASE}\n")
        with pytest.raises(BuildError, match=f"shell: its folder has a {name}") as caught:
            engine.build(make_port(folder))
        assert "port.yaml" in caught.value.hint

    def test_a_build_reads_no_image_but_its_base(
        self, engine: DockerEngine, folder: Path, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """Another port's image is on the engine, and neither its name nor its id helps."""
        other_folder = tmp_path_factory.mktemp("other")
        (other_folder / "secret").write_text(uuid.uuid4().hex)
        other = engine.build(make_port(other_folder))
        image_id = DockerClient().find_image_id(other.image)
        for image in (other.image, image_id):
            base = Base(image, DebianBase("trixie", ()))
            program = engine.build(replace(make_port(folder), base=base))
            assert program.base.description == "debian trixie"
            assert run_to_success(start_shell(program, "ls /port")) == "unique\n"

    def test_an_image_with_a_volume_is_refused(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with make_image({"Volumes": {"/data": {}}}) as image:
            monkeypatch.setenv("HARNESS_BASES", image)
            port = replace(make_port(folder), base=Base(image, DebianBase("trixie", ())))
            with DockerEngine() as engine:
                for _ in range(2):
                    with pytest.raises(BuildError, match="shell: its image has a volume, /data"):
                        engine.build(port)

    def test_no_label_of_an_image_disturbs_a_start(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A container of an image that copies the labels of the harness stays as it is."""
        labels = {"harness.run": "garbage", "harness.packages": "", "harness.base": "x"}
        with make_image({"Labels": labels}) as image:
            monkeypatch.setenv("HARNESS_BASES", image)
            port = replace(make_port(folder), base=Base(image, DebianBase("trixie", ())))
            client = DockerClient().connect()
            container = client.create_container(image, ["sleep", "60"], name="harness-run-garbage")
            try:
                with DockerEngine() as engine:
                    program = engine.build(port)
                    assert run_to_success(start_shell(program, "echo runs")) == "runs\n"
                    assert client.inspect_container(container["Id"])["State"]["Status"] == "created"
                    assert len(program.base.packages) > 20
            finally:
                client.remove_container(container["Id"])

    def test_the_base_has_packages_with_versions(self, engine: DockerEngine, folder: Path) -> None:
        for _ in range(2):
            base = engine.build(make_port(folder)).base
            versions = {package.name: package.version for package in base.packages}
            assert versions["bash"].startswith("5.")
            assert "perl-base" in versions
            assert base.image.startswith("sha256:")

    def test_a_build_that_takes_too_long_leaves_no_container(self, folder: Path) -> None:
        duration = f"1{uuid.uuid4().int % 10**8:08}"
        with DockerEngine(build_seconds=3) as engine:
            started = time.monotonic()
            with pytest.raises(BuildError, match=r"longer than 3 seconds") as caught:
                engine.build(make_port(folder, ("sh", "-c", f"echo waiting; sleep {duration}")))
            assert time.monotonic() - started < 10
            assert "waiting\n" in caught.value.log
        deadline = time.monotonic() + PATIENCE
        while is_running(f"sleep {duration}"):
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def test_several_ports_are_built_and_run_in_parallel(
        self, engine: DockerEngine, tmp_path: Path
    ) -> None:
        answers: dict[str, str] = {}

        def build_and_run(name: str) -> None:
            folder = tmp_path / name
            folder.mkdir()
            (folder / "word").write_text(name + uuid.uuid4().hex)
            program = engine.build(make_port(folder, ("cp", "word", "made")))
            answers[name] = run_to_success(start_shell(program, "cat made"))[: len(name)]

        workers = [
            threading.Thread(target=build_and_run, args=(name,)) for name in ("one", "two", "three")
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert answers == {"one": "one", "two": "two", "three": "three"}


class TestContainers:
    def test_a_container_still_waiting_at_closing_is_refused(self) -> None:
        """Containers are created in sequence: here one is being created and one is waiting."""
        creation_allowed, messages = threading.Event(), list[str]()

        class Slow(Containers):
            def _create(self, request: ContainerRequest) -> str:
                creation_allowed.wait(PATIENCE)
                raise EngineError("Not created.")

            def start_and_fail(self) -> None:
                with pytest.raises(EngineError) as caught:
                    self.start(ContainerRequest("image", ("true",), ContainerLimits()))
                messages.append(caught.value.message)

        containers = Slow(cast("DockerClient", None))
        threads = [threading.Thread(target=containers.start_and_fail) for _ in range(2)]
        for thread in threads:
            thread.start()
        while containers._creation_pool._work_queue.qsize() < 1:
            time.sleep(0.01)
        threading.Timer(0.1, creation_allowed.set).start()
        containers.close()
        for thread in threads:
            thread.join(PATIENCE)
        assert sorted(messages) == [
            "Not created.",
            "Nothing can be started: the engine has been closed.",
        ]


@pytest.mark.docker
class TestClose:
    def test_a_container_with_unread_output_is_removed(self, tmp_path: Path) -> None:
        before = len(list_own_containers())
        with DockerEngine() as engine:
            start_shell(engine.build(make_port(tmp_path)), "trap '' TERM; cat /dev/zero").receive(
                PATIENCE
            )
            time.sleep(0.5)
            started = time.monotonic()
        assert time.monotonic() - started < 3
        assert len(list_own_containers()) == before

    def test_close_removes_containers_and_prevents_new_ones(self, tmp_path: Path) -> None:
        before = len(list_own_containers())
        with DockerEngine() as engine:
            program = engine.build(make_port(tmp_path))
            process = start_shell(program, "trap '' TERM; echo ready; sleep 60")
            process.receive(PATIENCE)
            assert len(list_own_containers()) == before + 1
        assert len(list_own_containers()) == before
        assert isinstance(process.stop(), Exit)
        with pytest.raises(EngineError, match="has been closed"):
            program.start(("true",))

    def test_threads_that_wait_see_the_end_of_their_process(self, tmp_path: Path) -> None:
        ended: list[object] = []
        (tmp_path / "unique").write_text(uuid.uuid4().hex)

        def wait() -> None:
            read_all(process)
            ended.append(process.stop())

        def build() -> None:
            with pytest.raises(BuildError) as caught:
                engine.build(make_port(tmp_path, ("sleep", "60")))
            ended.append(caught.value)

        with DockerEngine() as engine:
            empty = tmp_path / "empty"
            empty.mkdir()
            process = start_shell(engine.build(make_port(empty)), "echo ready; sleep 60")
            process.receive(PATIENCE)
            threads = [threading.Thread(target=work) for work in (wait, build)]
            for thread in threads:
                thread.start()
            wait_for_container("sleep 60")
        for thread in threads:
            thread.join(PATIENCE)
        assert len(ended) == 2


PROGRAM = """
    import pathlib, signal, test_docker as t
    # A shell starts background processes with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with t.DockerEngine() as engine:
        program = engine.build(t.make_port(pathlib.Path({folder!r})))
        print("built", flush=True)
        while True:
            process = t.start_shell(program, "trap '' INT TERM; echo ready; sleep {seconds}")
            print(process.receive(20)[0].data.decode(), flush=True)
            process.receive({seconds})
            process.stop()
"""


@contextlib.contextmanager
def another_run(folder: Path, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """Start a harness that runs `sleep seconds` in containers. Yield its process."""
    script = textwrap.dedent(PROGRAM.format(folder=str(folder), seconds=seconds))
    root = Path(__file__).parents[2]
    harness = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parent,
        env={**os.environ, "PYTHONPATH": f"{root}:{root / 'tests'}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert harness.stdout is not None
    try:
        assert harness.stdout.readline() == "built\n"
        yield harness
    finally:
        harness.kill()
        harness.communicate()


@pytest.mark.docker
class TestInterruption:
    def test_ctrl_c_leaves_no_container(self, tmp_path: Path) -> None:
        with another_run(tmp_path, seconds=60) as harness:
            assert harness.stdout is not None
            assert harness.stdout.readline() == "ready\n"
            assert len(list_containers_of(harness.pid)) == 1
            harness.send_signal(signal.SIGINT)
            harness.wait(PATIENCE)
        assert list_containers_of(harness.pid) == []

    @pytest.mark.parametrize("moment", [0.0, 0.02, 0.05, 0.1, 0.15, 0.25])
    def test_ctrl_c_at_any_moment_leaves_no_container(self, tmp_path: Path, moment: float) -> None:
        with another_run(tmp_path, seconds=0.05) as harness:
            time.sleep(moment)
            harness.send_signal(signal.SIGINT)
            harness.wait(PATIENCE)
        assert list_containers_of(harness.pid) == []

    def test_containers_of_a_killed_run_are_removed_by_the_next(self, tmp_path: Path) -> None:
        with another_run(tmp_path, seconds=60) as harness:
            assert harness.stdout is not None
            assert harness.stdout.readline() == "ready\n"
            with DockerEngine():
                assert len(list_containers_of(harness.pid)) == 1, (
                    "a running harness keeps its containers"
                )
            harness.kill()
            harness.wait(PATIENCE)
            assert len(list_containers_of(harness.pid)) == 1
            with DockerEngine():
                assert list_containers_of(harness.pid) == []


@pytest.mark.docker
class TestAnEngineThatFails:
    @pytest.fixture
    def relay(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relay]:
        relay = Relay(tmp_path / "engine.sock")
        with monkeypatch.context() as patch:
            patch.setenv("DOCKER_HOST", f"unix://{tmp_path / 'engine.sock'}")
            yield relay
        relay.cut()
        with DockerEngine():
            pass
        for container in list_own_containers():
            # The engine may be removing it already.
            with contextlib.suppress(docker.errors.APIError):
                DockerClient().connect().remove_container(container["Id"], v=True, force=True)

    def test_an_engine_that_does_not_run(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
        with pytest.raises(
            EngineError, match="No container engine answers: No such file"
        ) as caught:
            DockerEngine()
        assert "harness doctor" in caught.value.hint

    def test_an_engine_that_stops_while_a_process_runs(self, relay: Relay, tmp_path: Path) -> None:
        with DockerEngine() as engine:
            process = start_shell(
                engine.build(make_port(tmp_path / "port")), "echo ready; sleep 60"
            )
            process.receive(PATIENCE)
            relay.cut()
            assert read_all(process) == {Stream.OUTPUT: b"", Stream.ERRORS: b""}
            with pytest.raises(EngineError, match="stopped answering") as caught:
                process.stop()
            assert "docker info" in caught.value.hint

    def test_an_engine_that_stops_during_a_build(self, relay: Relay, tmp_path: Path) -> None:
        folder = tmp_path / "port"
        folder.mkdir()
        (folder / "unique").write_text(uuid.uuid4().hex)
        with DockerEngine() as engine:
            threading.Timer(1.0, relay.cut).start()
            with pytest.raises(EngineError, match="stopped answering when asked to"):
                engine.build(make_port(folder, ("sleep", "60")))

    def test_an_engine_that_hangs_is_an_error_after_a_timeout(
        self, relay: Relay, tmp_path: Path
    ) -> None:
        with DockerEngine(docker_client=DockerClient(seconds_to_answer=0.5)) as engine:
            program = engine.build(make_port(tmp_path / "port"))
            relay.silent.set()
            with pytest.raises(EngineError, match=r"stopped answering .*timed out"):
                program.start(("true",))
            with pytest.raises(EngineError, match="stopped answering"):
                engine.build(make_port(tmp_path / "port"))
