"""Tests of the engine `local` with real builds and processes, most of them a line of shell."""

from __future__ import annotations

import gc
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.engines.base import Chunk, Exit, Process, Program, Stream
from harness.engines.local import LocalEngine, make_environment
from harness.errors import BuildError, EngineError, ToolchainMissingError
from support.ports import make_shell_port as make_port

PATIENCE = 20.0
"""Seconds after which a test gives up. A correct engine takes less."""


@pytest.fixture
def engine() -> Iterator[LocalEngine]:
    with LocalEngine() as engine:
        yield engine


@pytest.fixture
def program(engine: LocalEngine, tmp_path: Path) -> Program:
    return engine.build(make_port(tmp_path))


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


def read_output(process: Process) -> str:
    return read_all(process)[Stream.OUTPUT].decode()


def is_alive(pid: int) -> bool:
    """Return whether a process runs. A zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_dead(pid: int) -> bool:
    deadline = time.monotonic() + PATIENCE
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_alive(pid)


class TestBuild:
    def test_commands_run_in_order_in_a_copy_of_the_folder(
        self, engine: LocalEngine, tmp_path: Path
    ) -> None:
        (tmp_path / "lib").mkdir()
        (tmp_path / "lib" / "part").write_text("one ")
        (tmp_path / "tool.sh").write_text("#!/bin/sh\necho two\n")
        (tmp_path / "tool.sh").chmod(0o755)
        first, second = ("cp", "lib/part", "made"), ("sh", "-c", "./tool.sh >>made")
        program = engine.build(make_port(tmp_path, first, second))
        assert read_output(start_shell(program, "cat made")) == "one two\n"
        assert not (tmp_path / "made").exists()

    def test_the_same_content_is_built_once(self, engine: LocalEngine, tmp_path: Path) -> None:
        count = tmp_path.with_name("count")
        command = ("sh", "-c", f"echo built >>{count}; sleep 0.2")
        threads = [
            threading.Thread(target=engine.build, args=(make_port(tmp_path, command),))
            for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert count.read_text() == "built\n"
        (tmp_path / "file").write_text("new")
        engine.build(make_port(tmp_path, command))
        assert count.read_text() == "built\n" * 2

    def test_the_error_of_a_failing_command_holds_its_log(
        self, engine: LocalEngine, tmp_path: Path
    ) -> None:
        command = ("sh", "-c", "echo to output; echo to errors >&2; exit 3")
        with pytest.raises(BuildError, match="exit status 3") as caught:
            engine.build(make_port(tmp_path, command))
        assert caught.value.log == "to output\nto errors\n"
        assert caught.value.hint

    def test_the_end_of_a_long_log_is_kept(self, engine: LocalEngine, tmp_path: Path) -> None:
        command = ("sh", "-c", "seq 1 100000; exit 1")
        with pytest.raises(BuildError) as caught:
            engine.build(make_port(tmp_path, command))
        assert caught.value.log.endswith("\n100000\n")
        assert len(caught.value.log) < 70_000

    def test_a_build_that_takes_too_long_leaves_no_process(self, tmp_path: Path) -> None:
        pid_file = tmp_path.with_name("pid")
        command = ("sh", "-c", f"echo waiting; sleep 100 & echo $! >{pid_file}; wait")
        with LocalEngine(build_seconds=0.5) as engine:
            with pytest.raises(BuildError, match=r"longer than 0\.5 seconds") as caught:
                engine.build(make_port(tmp_path, command))
            assert caught.value.log == "waiting\n"
            assert wait_until_dead(int(pid_file.read_text()))

    def test_a_missing_toolchain_is_named(self, engine: LocalEngine, tmp_path: Path) -> None:
        with pytest.raises(ToolchainMissingError, match="`no-such-compiler`") as caught:
            engine.build(make_port(tmp_path, ("no-such-compiler", "a.c")))
        assert "docker" in caught.value.hint

    def test_a_missing_interpreter_is_an_error_before_the_build(
        self, engine: LocalEngine, tmp_path: Path
    ) -> None:
        with pytest.raises(ToolchainMissingError, match="`no-such-interpreter`"):
            engine.build(make_port(tmp_path, run=("no-such-interpreter", "a.py")))


class TestStart:
    def test_a_process_gets_few_environment_variables(
        self, program: Program, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SECRET", "of the user")
        lines = read_output(start_shell(program, "env; pwd")).splitlines()
        variables = dict(line.partition("=")[::2] for line in lines[:-1])
        assert variables["PATH"] == os.environ["PATH"]
        assert variables["LANG"] == "C.UTF-8"
        assert variables["HOME"] == lines[-1]
        assert set(variables) <= {"PATH", "LANG", "HOME", "RUSTUP_HOME", "PWD", "SHLVL", "_"}

    def test_a_process_cannot_change_the_files_of_another(self, program: Program) -> None:
        for _ in range(2):
            assert read_output(start_shell(program, "ls; echo spoilt >spoilt")) == ""

    def test_each_process_has_the_files_that_the_build_made(
        self, engine: LocalEngine, tmp_path: Path
    ) -> None:
        (tmp_path / "tool.sh").write_text("#!/bin/sh\necho made\n")
        (tmp_path / "tool.sh").chmod(0o755)
        command = ("sh", "-c", "mkdir bin; cp tool.sh bin; ln -s bin/tool.sh driver")
        program = engine.build(make_port(tmp_path, command))
        for _ in range(2):
            process = program.start(("./driver",))
            assert read_output(process) == "made\n"
            process.stop()

    def test_the_folder_of_a_process_is_removed_with_it(self, program: Program) -> None:
        process = start_shell(program, "pwd; touch new; sleep 100")
        folder = Path(process.receive(PATIENCE)[0].data.decode().strip())
        assert folder.is_dir()
        process.stop(grace=0)
        assert not folder.exists()

    def test_a_full_disk_is_an_error_with_a_hint(
        self, program: Program, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(shutil, "copytree", refuse)
        with pytest.raises(EngineError, match="No space left on device") as caught:
            program.start(("true",))
        assert caught.value.hint

    def test_a_program_that_the_build_did_not_make(self, program: Program) -> None:
        with pytest.raises(EngineError, match=r"`\./driver` cannot be started: No such file"):
            program.start(("./driver",))

    def test_a_program_that_cannot_be_executed(self, engine: LocalEngine, tmp_path: Path) -> None:
        (tmp_path / "driver").write_text("not a program")
        with pytest.raises(EngineError, match="Permission denied"):
            engine.build(make_port(tmp_path)).start(("./driver",))


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
        assert read_output(process) == "end\n"
        assert process.stop() == Exit(status=0)

    def test_much_in_and_much_out_at_once(self, program: Program) -> None:
        data = os.urandom(1 << 20) * 8
        process = program.start(("cat",))
        process.send(data)
        process.close_input()
        assert read_all(process)[Stream.OUTPUT] == data
        assert process.stop() == Exit(status=0)

    @given(parts=st.lists(st.binary(max_size=200_000), max_size=6))
    def test_whatever_is_sent_comes_back_from_cat(
        self, local: LocalEngine, parts: list[bytes]
    ) -> None:
        process = local.build(make_port(Path(__file__).parent / "missing")).start(("cat",))
        for part in parts:
            process.send(part)
        process.close_input()
        assert read_all(process)[Stream.OUTPUT] == b"".join(parts)
        process.stop()

    def test_endless_output_is_read_in_parts(self, program: Program) -> None:
        process = start_shell(program, "yes & yes >&2")
        for _ in range(50):
            assert 0 < sum(len(chunk.data) for chunk in process.receive(PATIENCE)) <= 1 << 16
        started = time.monotonic()
        process.stop(grace=0)
        assert time.monotonic() - started < 5

    def test_a_process_may_leave_its_input_unread(self, program: Program) -> None:
        process = start_shell(program, "exec <&-; echo deaf")
        process.send(b"x" * (1 << 20))
        assert read_output(process) == "deaf\n"
        process.send(b"more")
        process.close_input()
        assert process.stop() == Exit(status=0)

    def test_a_process_that_reads_little_does_not_block(self, program: Program) -> None:
        process = start_shell(program, "head -c 8192 >/dev/null; echo enough; exec sleep 100")
        process.send(b"x" * (1 << 20))
        assert process.receive(PATIENCE) == [Chunk(Stream.OUTPUT, b"enough\n")]
        assert process.receive(0.2) == []
        process.stop(grace=0)

    def test_receive_waits_no_longer_than_its_timeout(self, program: Program) -> None:
        process = start_shell(program, "sleep 100")
        started = time.monotonic()
        assert process.receive(0.2) == []
        assert 0.15 < time.monotonic() - started < 2
        assert process.receive(0) == []
        process.stop(grace=0)

    def test_waiting_costs_no_processor_time(self, program: Program) -> None:
        process = start_shell(program, "sleep 100")
        started = time.process_time()
        process.receive(0.5)
        assert time.process_time() - started < 0.1
        process.stop(grace=0)

    def test_the_end_of_output_is_seen_while_the_process_runs(self, program: Program) -> None:
        process = start_shell(program, "echo last; exec >&-; sleep 100")
        assert process.receive(PATIENCE)
        started = time.monotonic()
        assert process.receive(PATIENCE) == []
        assert time.monotonic() - started < PATIENCE / 2
        assert process.output_closed
        assert not process.closed
        process.stop(grace=0)
        assert process.closed

    def test_after_the_end_there_is_nothing_to_receive(self, program: Program) -> None:
        process = start_shell(program, "echo once")
        read_all(process)
        started = time.monotonic()
        assert process.receive(PATIENCE) == []
        assert time.monotonic() - started < 1
        process.stop()


class TestEnvironment:
    """No program and no build fails because of the home folder of the user."""

    @pytest.mark.parametrize("home", [None, "", "/nonexistent", "/proc", "/etc/passwd", "a/b"])
    def test_a_home_that_is_of_no_use(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str | None
    ) -> None:
        def find_no_user(_: int) -> NoReturn:
            raise KeyError

        monkeypatch.setattr(pwd, "getpwuid", find_no_user)
        monkeypatch.delenv("RUSTUP_HOME", raising=False)
        monkeypatch.delenv("HOME", raising=False)
        if home is not None:
            monkeypatch.setenv("HOME", home)
        assert set(make_environment(tmp_path)) == {"PATH", "HOME", "LANG"}

    def test_a_home_that_may_not_be_looked_into(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object, **__: object) -> NoReturn:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "stat", refuse)
        assert "RUSTUP_HOME" not in make_environment(tmp_path)

    def test_a_command_runs_without_a_home(
        self, engine: LocalEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("HOME")
        process = engine.build(make_port(tmp_path)).start(("echo", "hello"))
        assert process.stop(grace=5).status == 0


NESTING = "i=0; while [ $i -lt 1500 ]; do mkdir d && cd d; i=$((i+1)); done"
"""A command that makes folders nested so deep that functions of Python cannot follow them."""


class TestNestedFolders:
    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        """The folder for temporary files, which is removed also where a test fails."""
        folder = tmp_path / "temporary"
        folder.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        yield folder
        # pytest cannot remove them.
        subprocess.run(["rm", "-rf", folder], check=True)

    def test_a_build_that_makes_them_is_an_error(self, folder: Path) -> None:
        port = make_port(folder / "port", ("sh", "-c", NESTING))
        with LocalEngine() as engine:
            program = engine.build(port)
            # From Python 3.14 on, the folder can be copied.
            with suppress(EngineError):
                program.start(("true",)).stop()
            assert list(folder.iterdir())
        assert not list(folder.iterdir())

    def test_a_process_that_makes_them_leaves_none(self, folder: Path) -> None:
        with LocalEngine() as engine:
            program = engine.build(make_port(folder / "port"))
            process = program.start(("sh", "-c", f"pwd; {NESTING}"))
            working_folder = Path(read_output(process).strip())
            process.stop()
            assert working_folder.is_relative_to(folder)
            assert not working_folder.exists()


class TestStop:
    @pytest.mark.parametrize(
        ("script", "end"),
        [
            ("exit 0", Exit(status=0)),
            ("exit 137", Exit(status=137)),
            ("kill -SEGV $$", Exit(signal="SIGSEGV")),
            ("kill -ABRT $$", Exit(signal="SIGABRT")),
        ],
    )
    def test_the_exit_of_a_process_that_ended_by_itself(
        self, program: Program, script: str, end: Exit
    ) -> None:
        process = start_shell(program, script)
        read_all(process)
        assert process.stop() == end
        assert process.stop() == end

    def test_closing_the_input_ends_a_process_that_reads_it(self, program: Program) -> None:
        assert program.start(("cat",)).stop(grace=PATIENCE) == Exit(status=0)

    def test_a_process_may_finish_its_output_when_stopped(self, program: Program) -> None:
        process = start_shell(program, "cat; head -c 3000000 /dev/zero; echo done >&2")
        assert process.stop(grace=PATIENCE) == Exit(status=0)
        assert not process.closed
        assert read_all(process)[Stream.ERRORS] == b"done\n"

    def test_sigterm_is_sent_before_sigkill(self, program: Program) -> None:
        script = "trap 'echo asked >&2; exit 7' TERM; echo ready; while :; do sleep 0.05; done"
        process = start_shell(program, script)
        process.receive(PATIENCE)
        assert process.stop(grace=1.0) == Exit(status=7)
        assert read_all(process)[Stream.ERRORS].endswith(b"asked\n")

    def test_a_process_that_ignores_sigterm_is_killed(self, program: Program) -> None:
        process = start_shell(program, "trap '' TERM; echo ready; while :; do sleep 0.05; done")
        process.receive(PATIENCE)
        started = time.monotonic()
        assert process.stop(grace=0.2) == Exit(signal="SIGKILL")
        assert time.monotonic() - started < 5

    def test_unread_output_is_kept_after_a_stop(self, program: Program, tmp_path: Path) -> None:
        marker = tmp_path / "printed"
        process = start_shell(program, f"echo reason >&2; touch {marker}; sleep 100")
        while not marker.exists():
            time.sleep(0.01)
        process.stop(grace=0)
        assert not process.closed
        assert read_all(process)[Stream.ERRORS] == b"reason\n"
        assert process.closed

    def test_the_output_is_kept_where_the_harness_comes_late(
        self, program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Each look at the clock of this test finds that half a minute has passed."""
        marker = tmp_path / "pid"
        process = start_shell(
            program, f"echo printed; echo $$ >{marker}.new; mv {marker}.new {marker}"
        )
        while not marker.exists():
            time.sleep(0.01)
        assert wait_until_dead(int(marker.read_text()))
        monkeypatch.setattr("harness.engines.stdio.time.monotonic", itertools.count(0, 30).__next__)
        assert process.stop() == Exit(status=0)
        monkeypatch.undo()
        assert read_output(process) == "printed\n"

    def test_the_children_of_a_process_end_with_it(self, program: Program) -> None:
        process = start_shell(program, "sleep 100 & echo $!; wait")
        child = int(process.receive(PATIENCE)[0].data)
        process.stop(grace=0)
        assert wait_until_dead(child)

    def test_processes_that_outlive_their_parent_are_ended(self, program: Program) -> None:
        process = start_shell(program, "sleep 100 >/dev/null 2>&1 & echo $!")
        child = int(read_all(process)[Stream.OUTPUT])
        assert is_alive(child)
        assert process.stop() == Exit(status=0)
        assert wait_until_dead(child)

    def test_no_descriptor_is_left(self, program: Program) -> None:
        gc.collect()  # Close now what other tests have left open, not between the two counts.
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _ in range(5):
            process = program.start(("cat",))
            process.send(b"x")
            process.stop()
        assert len(list(Path("/proc/self/fd").iterdir())) == before


class TestClose:
    def test_processes_and_folders_are_removed(self, tmp_path: Path) -> None:
        with LocalEngine() as engine:
            script = "echo $$ $(pwd); trap '' TERM; sleep 100"
            process = start_shell(engine.build(make_port(tmp_path)), script)
            pid, folder = process.receive(PATIENCE)[0].data.split()
            assert Path(folder.decode()).is_dir()
        assert wait_until_dead(int(pid))
        assert not Path(folder.decode()).exists()
        assert process.stop() == Exit(signal="SIGKILL")

    def test_a_process_in_a_session_of_its_own_is_ended(self, tmp_path: Path) -> None:
        with LocalEngine() as engine:
            script = "setsid sh -c 'echo $$; cd /; exec >&- 2>&-; exec sleep 100' &"
            process = start_shell(engine.build(make_port(tmp_path)), script)
            pid = int(read_all(process)[Stream.OUTPUT])
            process.stop()
            assert is_alive(pid)
        assert wait_until_dead(pid)

    def test_folders_are_removed_however_deep_and_closed_they_are(self, tmp_path: Path) -> None:
        kept = tmp_path / "kept"
        kept.write_text("")
        deep = "for n in 1 2 3 4 5 6 7 8; do d=$d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d/d; done"
        script = f"""
            mkdir wide; ln -s {tmp_path} link; {deep}
            for n in 1 2 3 4 5 6 7 8 9 10; do mkdir -p .$d; cd .$d; done; touch file
            cd "$HOME"; for n in 1 2 3; do mkdir wide/$n; touch wide/$n/file; done
            chmod 0 wide/2; chmod 500 wide; pwd
        """
        with LocalEngine() as engine:
            process = start_shell(engine.build(make_port(tmp_path)), script)
            folder = Path(read_output(process).strip())
            assert folder.is_dir()
            process.stop()
            assert not folder.exists()
        assert not folder.parent.exists()
        assert kept.exists()

    def test_no_process_can_be_started_after_close(self, tmp_path: Path) -> None:
        with LocalEngine() as engine:
            program = engine.build(make_port(tmp_path))
        with pytest.raises(EngineError, match="has been closed"):
            program.start(("true",))

    def test_a_waiting_thread_sees_the_end_of_its_process(self, tmp_path: Path) -> None:
        ended: list[Exit] = []
        with LocalEngine() as engine:
            process = start_shell(engine.build(make_port(tmp_path)), "echo ready; sleep 100")
            process.receive(PATIENCE)

            def wait() -> None:
                read_all(process)
                ended.append(process.stop())

            thread = threading.Thread(target=wait)
            thread.start()
        thread.join(PATIENCE)
        assert ended == [Exit(signal="SIGKILL")]

    def test_ctrl_c_leaves_no_process_and_no_folder(self, tmp_path: Path) -> None:
        script = f"""
            import pathlib, signal, test_local as t
            # A shell starts background processes with SIGINT ignored.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            with t.LocalEngine() as engine:
                program = engine.build(t.make_port(pathlib.Path({str(tmp_path)!r})))
                process = t.start_shell(program, "echo $$ $(pwd); trap '' INT TERM; sleep 100")
                print(process.receive(20)[0].data.decode(), flush=True)
                process.receive(100)
        """
        root = Path(__file__).parents[2]
        run = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(script)],
            cwd=Path(__file__).parent,
            env={**os.environ, "PYTHONPATH": f"{root}:{root / 'tests'}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert run.stdout is not None
        pid, folder = run.stdout.readline().split()
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=PATIENCE)
        assert wait_until_dead(int(pid))
        assert not Path(folder).exists()
