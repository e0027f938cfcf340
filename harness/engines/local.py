"""The engine `local`: the toolchains on PATH, and child processes in temporary folders.

It is meant for people without a container engine, and for quick work on one port. It does not
restrict a program: memory, processes, files and the network are those of the user.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from harness.engines.base import Chunk, Engine, Exit, Process, Program, Stream
from harness.engines.leftovers import remove_folder
from harness.engines.process_group import ChildProcesses, ProcessGroup
from harness.engines.run_folder import RunFolder
from harness.engines.stdio import StdioProcess
from harness.errors import BuildError, EngineError, ToolchainMissingError
from harness.inputs.port_files import read_build_files
from harness.model.toolchain import InstalledBase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.model.port import Port, PortFile

BUILD_COMMAND_SECONDS = 300.0
"""Wall-clock limit of each build command."""


class LocalEngine(Engine):
    """Builds each port in a temporary folder. `close` removes these folders."""

    name = "local"

    def __init__(self, build_seconds: float = BUILD_COMMAND_SECONDS) -> None:
        self._build_seconds = build_seconds
        self._children = ChildProcesses()
        self._run_folder: RunFolder | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._programs: dict[object, LocalProgram] = {}
        self._build_locks: dict[object, threading.Lock] = {}

    def build(self, port: Port) -> LocalProgram:
        """See `Engine.build`. Raises ToolchainMissingError if a program is not on PATH."""
        for command in (*port.commands_to_build, port.run, port.version):
            _require_on_path(command[0], port.language)
        files = read_build_files(port)
        key = (files, port.commands_to_build)
        # setdefault is atomic, so two threads that need the same build share one lock.
        with self._build_locks.setdefault(key, threading.Lock()):
            if key not in self._programs:
                self._programs[key] = self._build(port, files)
            return self._programs[key]

    def close(self) -> None:
        self._children.close()
        with self._lock:
            self._closed = True
            run_folder, self._run_folder = self._run_folder, None
        if run_folder is not None:
            run_folder.remove()

    def _make_root(self) -> Path:
        """Return the folder that holds all builds. The first call creates it."""
        with self._lock:
            if self._closed:
                raise EngineError("Nothing can be built: the engine has been closed.")
            if self._run_folder is None:
                self._run_folder = RunFolder()
            return self._run_folder.path

    def _build(self, port: Port, files: Sequence[PortFile]) -> LocalProgram:
        folder = Path(tempfile.mkdtemp(prefix=f"{port.name}-", dir=self._make_root()))
        for file in files:
            _write_file(file, folder)
        for command in port.commands_to_build:
            self._run_command(port, command, folder)
        return LocalProgram(folder, self._children)

    def _run_command(self, port: Port, command: Sequence[str], folder: Path) -> None:
        command_line, hint = " ".join(command), "The end of the log gives the reason."
        try:
            completed = self._children.run(
                command, folder, make_environment(folder), self._build_seconds
            )
        except OSError as error:
            raise _start_error(command[0], error) from None
        if completed.return_code is None:
            message = (
                f"{port.name}: `{command_line}` took longer than {self._build_seconds:g} seconds"
            )
            raise BuildError(message, hint, completed.log)
        if completed.return_code != 0:
            end = _exit_from_return_code(completed.return_code)
            message = f"{port.name}: `{command_line}` failed: {end}"
            raise BuildError(message, hint, completed.log)


class LocalProgram(Program):
    """A port built in a folder. Each process gets a copy of it, so that none affects another."""

    base = InstalledBase("this machine")

    def __init__(self, folder: Path, children: ChildProcesses) -> None:
        self._folder = folder
        self._children = children

    def start(self, command: Sequence[str]) -> Process:
        """See `Program.start`."""
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        folder = self._copy_folder()
        options = {"cwd": folder, "env": make_environment(folder)}
        try:
            group = self._children.start(command, bufsize=0, **pipes, **options)
        except OSError as error:
            raise _start_error(command[0], error) from None
        return LocalProcess(group, self._children, folder)

    def _copy_folder(self) -> Path:
        """Return a new copy of the folder. The process or the engine removes it."""
        with self._children.block_starts():
            try:
                folder = Path(tempfile.mkdtemp(prefix="process-", dir=self._folder.parent))
                shutil.copytree(self._folder, folder, symlinks=True, dirs_exist_ok=True)
            except (OSError, RecursionError) as error:
                message = f"The folder of a built port cannot be copied: {error!s:.300}"
                hint = "Check the free disk space, and what the build makes in the folder."
                raise EngineError(message, hint) from None
        return folder


class LocalProcess(StdioProcess):
    """A child process with its three pipes, and the folder that it runs in."""

    def __init__(self, group: ProcessGroup, children: ChildProcesses, folder: Path) -> None:
        child = group.child
        self._group = group
        self._children = children
        self._folder = folder
        self._pipes = tuple(
            cast("IO[bytes]", pipe) for pipe in (child.stdin, child.stdout, child.stderr)
        )
        sink, output, errors = (pipe.fileno() for pipe in self._pipes)
        super().__init__(
            sink,
            {
                output: partial(_make_chunks, Stream.OUTPUT),
                errors: partial(_make_chunks, Stream.ERRORS),
            },
        )

    def _close_sink(self) -> None:
        self._pipes[0].close()

    def _signal(self, signal_number: signal.Signals) -> None:
        self._group.signal(signal_number)

    def _wait_for_end(self, seconds: float) -> bool:
        return self._group.wait_for_leader(seconds)

    def _kill(self) -> Exit:
        return _exit_from_return_code(self._children.end(self._group))

    def _release(self) -> None:
        for pipe in self._pipes:
            pipe.close()
        remove_folder(self._folder)


def make_environment(folder: Path) -> Mapping[str, str]:
    """Return the environment variables of a program, as few as in a container."""
    variables = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LANG": "C.UTF-8"}
    # rustup's `rustc` searches the home folder for the real compiler, and HOME differs here.
    # Functions of pathlib raise where a user has no home folder, or may not look into it.
    rustup = os.environ.get("RUSTUP_HOME", os.path.expanduser("~/.rustup"))  # noqa: PTH111
    return variables | ({"RUSTUP_HOME": rustup} if os.path.isdir(rustup) else {})  # noqa: PTH112


def _write_file(file: PortFile, folder: Path) -> None:
    path = folder / file.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(file.data)
    path.chmod(0o755 if file.executable else 0o644)


def _require_on_path(command: str, language: str) -> None:
    """Raise ToolchainMissingError unless `command` is on PATH or is made by the build."""
    if "/" not in command and shutil.which(command) is None:
        raise ToolchainMissingError(
            f"{language}: `{command}` is not on this machine",
            f"Install {language} so that `{command}` is on PATH, or use the engine `docker`.",
        )


def _start_error(program: str, error: OSError) -> EngineError | BuildError:
    """Return the exception to raise when a program could not be started."""
    if isinstance(error, FileNotFoundError) and "/" not in program:
        return ToolchainMissingError(f"`{program}` is not on this machine", "Install it.")
    message = f"`{program}` cannot be started: {error.strerror}"
    return EngineError(
        message, "Check the commands in port.yaml, and the files that the build makes."
    )


def _exit_from_return_code(return_code: int) -> Exit:
    """Return the Exit of Popen's return code. A negative code is minus a signal number."""
    if return_code >= 0:
        return Exit(status=return_code)
    try:
        return Exit(signal=signal.Signals(-return_code).name)
    except ValueError:
        return Exit(signal=f"signal {-return_code}")


def _make_chunks(stream: Stream, data: bytes) -> list[Chunk]:
    return [Chunk(stream, data)]
