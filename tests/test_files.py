"""A file is written whole or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.errors import HarnessError
from harness.files import write_whole


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file can be put in another's place."""

    def refuse(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)


def test_a_file_holds_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write_whole(path, "é\r\nü\n")
    assert path.read_bytes() == "é\r\nü\n".encode()


def test_folders_are_made(tmp_path: Path) -> None:
    write_whole(tmp_path / "a" / "b" / "results.json", "x")
    assert (tmp_path / "a" / "b" / "results.json").read_text() == "x"


def test_an_older_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    write_whole(path, "a long older text")
    write_whole(path, "new")
    assert path.read_text() == "new"
    assert names_in(tmp_path) == ["results.json"]


def test_others_may_read_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "results.json", "x")
    assert (tmp_path / "results.json").stat().st_mode & 0o777 == 0o644


@pytest.mark.usefixtures("full_disk")
def test_an_older_file_survives_a_failure(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text("old")
    with pytest.raises(HarnessError) as caught:
        write_whole(path, "new")
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
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert names_in(tmp_path) == ["results.json"]


def test_a_folder_in_its_place_is_an_error_for_people(tmp_path: Path) -> None:
    (tmp_path / "results.json").mkdir()
    with pytest.raises(HarnessError, match="cannot be written"):
        write_whole(tmp_path / "results.json", "x")
    assert names_in(tmp_path) == ["results.json"]


def test_a_file_in_place_of_its_folder_is_an_error_for_people(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("")
    with pytest.raises(HarnessError, match="cannot be written"):
        write_whole(tmp_path / "reports" / "results.json", "x")


def test_of_two_that_write_at_once_each_writes_a_whole_file(tmp_path: Path) -> None:
    """As two runs do that have one folder for their reports."""
    path, texts = tmp_path / "results.json", ("x" * 5_000_000, "y" * 5_000_000)
    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(write_whole, path, text) for text in texts]:
                assert done.exception() is None
        assert path.read_text() in texts
    assert names_in(tmp_path) == ["results.json"]
