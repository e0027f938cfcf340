"""A port that uses up what the kernel counts for each user takes nothing from other ports.

The programs run in Python, which calls the C library.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.engines.base import Process, Program
from harness.engines.docker.engine import DockerEngine
from support.ports import make_shell_port

PATIENCE = 60.0

ACQUIRE = {
    "inotify instances": "libc.inotify_init1(0)",
    "queued signals": "libc.sigqueue(os.getpid(), signal.SIGRTMIN, None)",
    "timers": "libc.timer_create(0, None, ctypes.byref(ctypes.c_void_p()))",
}
"""Expressions that acquire one more of a kind, and are negative if there is no more."""

PROGRAM = """
import ctypes, os, signal, sys
libc, acquired = ctypes.CDLL(None), []
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN])
while len(acquired) < {most} and {acquire} >= 0:
    acquired.append(0)
print(len(acquired), flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with DockerEngine() as engine:
        folder = tmp_path_factory.mktemp("port")
        yield engine.build(make_shell_port(folder, packages=("python3",)))


def start(program: Program, kind: str, most: int) -> Process:
    source = PROGRAM.format(acquire=ACQUIRE[kind], most=most)
    return program.start(("python3", "-c", source))


def read_count(process: Process) -> int:
    """Return how many a process could acquire. It then waits, and keeps them."""
    output = b""
    while not output.endswith(b"\n"):
        chunks = process.receive(PATIENCE)
        assert chunks, "the program prints nothing"
        output += b"".join(chunk.data for chunk in chunks)
    return int(output)


@pytest.mark.docker
@pytest.mark.parametrize("kind", ACQUIRE)
def test_a_port_uses_up_its_own_share_only(program: Program, kind: str) -> None:
    greedy, modest = start(program, kind, 10**6), None
    try:
        count = read_count(greedy)
        assert 1 <= count < 10**6, "it uses up all that it can get"
        modest = start(program, kind, 1)
        assert read_count(modest) == 1
    finally:
        greedy.stop(grace=0)
        if modest is not None:
            modest.stop(grace=0)
