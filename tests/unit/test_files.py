"""Tests of reading files with a size limit, and of writing them atomically."""

from __future__ import annotations

import contextlib
import os
import socket
import stat
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.errors import HarnessError
from harness.files import read_file, write_atomically


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("length", [0, 1, 99_999, 100_000])
def test_a_file_may_be_as_long_as_its_limit(tmp_path: Path, length: int) -> None:
    (tmp_path / "x").write_bytes(b"x" * length)
    assert read_file(tmp_path / "x", 100_000) == b"x" * length


@pytest.mark.parametrize("length", [100_001, 1_000_000])
def test_a_file_longer_than_the_limit_is_refused(tmp_path: Path, length: int) -> None:
    (tmp_path / "x").write_bytes(b"x" * length)
    with pytest.raises(OSError, match="larger than 100,000 bytes"):
        read_file(tmp_path / "x", 100_000)


def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x" * 100_000)
    monkeypatch.setattr(os, "fstat", lambda _: os.stat_result((stat.S_IFREG, *[0] * 5, 1, 0, 0, 0)))
    with pytest.raises(OSError, match="larger than 99,999 bytes"):
        read_file(path, 99_999)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


@pytest.mark.parametrize(
    "make",
    [
        os.mkfifo,
        make_socket,
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: path.symlink_to("/dev/stdin"),
        lambda path: path.symlink_to("/proc/self/fd/0"),
        lambda path: path.symlink_to("/dev/tty"),
        lambda path: path.symlink_to("/dev/ptmx"),
    ],
)
def test_pipes_sockets_and_devices_are_refused(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    path = Path(os.path.relpath(tmp_path / "x"))
    make(path)
    with pytest.raises(OSError, match="not an ordinary file"):
        read_file(path, 100_000)


def test_a_pipe_that_replaces_the_file_does_not_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "x").touch()
    status = (tmp_path / "x").stat()
    monkeypatch.setattr(Path, "stat", lambda _: status)
    with pytest.raises(OSError, match="not an ordinary file"):
        read_file(tmp_path / "pipe", 100_000)


def test_files_of_the_kernel_are_not_read() -> None:
    """Reading /proc/kmsg waits for the next message of the kernel, and removes what it reads."""
    for name in ("kmsg", "cpuinfo", "self/environ"):
        # A container may not open /proc/kmsg.
        with contextlib.suppress(PermissionError, FileNotFoundError):
            assert read_file(Path("/proc", name), 100_000) == b""


@pytest.mark.parametrize("target", ["../outside", "/etc/hostname", "../folder-2/x", "inside/../.."])
def test_a_link_out_of_a_folder_is_refused(tmp_path: Path, target: str) -> None:
    folder = tmp_path / "folder"
    for name in ("folder/inside", "folder-2"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("outside", "folder-2/x"):
        (tmp_path / name).write_text("secret")
    (folder / "x").symlink_to(target)
    with pytest.raises(OSError, match="leads out of its folder"):
        read_file(folder / "x", 100_000, folder)


def test_a_link_inside_a_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("text")
    (tmp_path / "link").symlink_to("x")
    assert read_file(tmp_path / "link", 100_000, tmp_path) == b"text"


def test_circular_links_and_impossible_names_are_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OSError, match="Too many levels of symbolic links"):
        read_file(tmp_path / "loop", 100_000, tmp_path)
    for name in ("a\0b", "\ud800"):
        with pytest.raises(OSError, match="its name is not allowed"):
            read_file(tmp_path / name, 100_000)


def test_a_short_file_takes_little_memory_whatever_its_limit(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("short")
    tracemalloc.start()
    read_file(tmp_path / "x", 1 << 30)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every rename of a file fail."""

    def refuse(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)


def test_a_file_holds_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write_atomically(path, "é\r\nü\n")
    assert path.read_bytes() == "é\r\nü\n".encode()


def test_missing_folders_are_created(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a" / "b" / "results.json", "x")
    assert (tmp_path / "a" / "b" / "results.json").read_text() == "x"


def test_an_older_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write_atomically(path, "a long older text")
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert names_in(tmp_path) == ["results.json"]


def test_all_users_can_read_the_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "results.json", "x")
    assert (tmp_path / "results.json").stat().st_mode & 0o777 == 0o644


@pytest.mark.usefixtures("full_disk")
def test_an_older_file_survives_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text("old")
    with pytest.raises(HarnessError) as caught:
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert names_in(tmp_path) == ["results.json"]
    assert caught.value.message == f"{path} cannot be written: No space left on device"
    assert "--out" in caught.value.hint


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, MemoryError])
def test_an_older_file_survives_an_interruption(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interruption: type[BaseException]
) -> None:
    def interrupt(self: Path, target: Path) -> Path:
        raise interruption

    monkeypatch.setattr(Path, "replace", interrupt)
    path = tmp_path / "results.json"
    path.write_text("old")
    with pytest.raises(interruption):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert names_in(tmp_path) == ["results.json"]


def test_a_folder_at_the_path_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "results.json").mkdir()
    with pytest.raises(HarnessError, match="cannot be written"):
        write_atomically(tmp_path / "results.json", "x")
    assert names_in(tmp_path) == ["results.json"]


def test_a_file_in_place_of_the_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("")
    with pytest.raises(HarnessError, match="cannot be written"):
        write_atomically(tmp_path / "reports" / "results.json", "x")


def test_two_simultaneous_writers_write_complete_files(tmp_path: Path) -> None:
    """Two runs with the same folder for their reports do this."""
    path, texts = tmp_path / "results.json", ("x" * 5_000_000, "y" * 5_000_000)
    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(write_atomically, path, text) for text in texts]:
                assert done.exception() is None
        assert path.read_text() in texts
    assert names_in(tmp_path) == ["results.json"]
