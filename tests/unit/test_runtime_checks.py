"""Tests of the recognition of compiler options that add checks at run time."""

from __future__ import annotations

import shlex

import pytest

from harness.model.runtime_checks import find_runtime_checks


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("gcc -O1 -fsanitize=address,undefined -o a a.c", ["-fsanitize=address,undefined"]),
        ("clang -fsanitize=memory -fno-sanitize-recover=all a.c", ["-fsanitize=memory"]),
        ("gfortran -fcheck=all a.f90", ["-fcheck=all"]),
        ("g++ -D_GLIBCXX_ASSERTIONS a.cpp", ["-D_GLIBCXX_ASSERTIONS"]),
        ("go build -race -o a a.go", ["-race"]),
        ("rustc -C opt-level=2 -C overflow-checks=on a.rs", ["-C overflow-checks=on"]),
        ("rustc -Coverflow-checks=on a.rs", ["-Coverflow-checks=on"]),
        ("rustc -Z sanitizer=address a.rs", ["-Z sanitizer=address"]),
        ("gcc -std=c17 -O2 -g -o a a.c -lm", []),
        ("rustc -C overflow-checks=off a.rs", []),
        ("javac Driver.java", []),
    ],
)
def test_they_are_found_in_a_command(command: str, options: list[str]) -> None:
    assert list(find_runtime_checks([shlex.split(command)])) == options


def test_each_is_named_once() -> None:
    command = ["cc", "-fsanitize=address", "a.c"]
    assert find_runtime_checks([command, command]) == ("-fsanitize=address",)
