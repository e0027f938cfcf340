"""The system calls that a container may make.

Whole runs of all ports and templates show that compilers and interpreters need no others.
"""

from __future__ import annotations

import errno
import json
import platform

import pytest

from harness.engines.docker.engine import DockerEngine
from harness.engines.docker.seccomp import ALLOWED_CALLS, build_profile
from support.ports import make_shell_port

PATIENCE = 60.0

SOCKET_CALL, IO_SETUP_CALL = (41, 206) if platform.machine() == "x86_64" else (198, 0)
"""The numbers of socket(2) and io_setup(2). Other numbers are the same on all processors."""

DENIED = {
    "io_uring": "libc.syscall(425, 1, ctypes.byref(buffer))",
    "io_uring_register": "libc.syscall(427, -1, 0, None, 0)",
    "vsock": "libc.socket(40, 1, 0)",
    "vsock with high bits": f"libc.syscall({SOCKET_CALL}, ctypes.c_ulong(0x100000028), 1, 0)",
    "packet": "libc.socket(17, 3, 0)",
    "crypto of the kernel": "libc.socket(38, 5, 0)",
    "audit": "libc.socket(16, 3, 9)",
    "netfilter": "libc.socket(16, 3, 12)",
    "message queues": 'libc.mq_open(b"/q", 66, 0o600, None)',
    "asynchronous i/o": f"libc.syscall({IO_SETUP_CALL}, 1, ctypes.byref(buffer))",
    "user namespace": "libc.unshare(0x10000000)",
    "entering a namespace": "libc.setns(0, 0)",
    "mount": "libc.mount(None, None, None, 0, None)",
    "new mounts": "libc.syscall(430, 0, 0)",
    "kernel log": "libc.klogctl(3, None, 0)",
    "another personality": "libc.personality(ctypes.c_ulong(0x40000))",
}

GRANTED = {
    "unix sockets": "libc.socket(1, 1, 0)",
    "inet sockets": "libc.socket(2, 1, 0)",
    "routing": "libc.socket(16, 3, 0)",
    "pipes": "libc.pipe(ctypes.byref(buffer))",
    "the present personality": "libc.personality(ctypes.c_ulong(0xffffffff))",
    "threads": "threading.Thread(target=int).start() or 0",
}

PROGRAM = """
import ctypes, json, threading
libc, buffer, results = ctypes.CDLL(None, use_errno=True), ctypes.create_string_buffer(256), {}
for name, expression in json.loads(input()).items():
    ctypes.set_errno(0)
    results[name] = [eval(expression), ctypes.get_errno()]
print(json.dumps(results))
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, int]]:
    """What each call returns in a container, and its error number."""
    expressions = {**DENIED, **GRANTED, "clone3": "libc.syscall(435, ctypes.byref(buffer), 88)"}
    with DockerEngine() as engine:
        port = make_shell_port(tmp_path_factory.mktemp("port"), packages=("python3",))
        process = engine.build(port).start(("python3", "-c", PROGRAM))
        process.send(json.dumps(expressions).encode() + b"\n")
        output = b""
        while not process.closed:
            output += b"".join(chunk.data for chunk in process.receive(PATIENCE))
        process.stop()
    return {name: (value, error) for name, (value, error) in json.loads(output).items()}


@pytest.mark.docker
@pytest.mark.parametrize("name", DENIED)
def test_what_reaches_beyond_a_container_is_denied(
    name: str, results: dict[str, tuple[int, int]]
) -> None:
    assert results[name] == (-1, errno.EPERM)


@pytest.mark.docker
def test_the_c_library_falls_back_on_clone(results: dict[str, tuple[int, int]]) -> None:
    assert results["clone3"] == (-1, errno.ENOSYS)


@pytest.mark.docker
@pytest.mark.parametrize("name", GRANTED)
def test_what_programs_need_is_granted(name: str, results: dict[str, tuple[int, int]]) -> None:
    assert results[name][0] >= 0


def test_the_profile_denies_what_it_does_not_name() -> None:
    profile = json.loads(build_profile())
    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    assert "architectures" not in profile, "only the processor's own calls"


def test_no_call_is_named_twice() -> None:
    assert len(ALLOWED_CALLS) == len({*ALLOWED_CALLS})


@pytest.mark.parametrize(
    "group",
    [
        "io_uring_setup io_uring_enter io_uring_register",
        "unshare setns clone clone3 socket personality",
        "mount umount2 pivot_root chroot move_mount fsopen open_tree",
        "bpf perf_event_open userfaultfd add_key keyctl request_key",
        "init_module finit_module delete_module kexec_load reboot swapon syslog",
        "open_by_handle_at name_to_handle_at acct quotactl iopl ioperm",
        "clock_settime settimeofday adjtimex sethostname setdomainname",
    ],
)
def test_these_calls_are_not_allowed_without_conditions(group: str) -> None:
    assert not {*group.split()} & {*ALLOWED_CALLS}
