"""The lock: what `make check` and `make test` install, each version with its hashes.

`make lock` writes it from the ranges in pyproject.toml.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RANGES = PROJECT["build-system"]["requires"] + PROJECT["project"]["dependencies"]
TEST_RANGES = RANGES + PROJECT["project"]["optional-dependencies"]["test"]
LOCKS = {"requirements.txt": RANGES, "requirements-test.txt": TEST_RANGES}

PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
SYSTEMS = ("linux", "darwin", "win32")


@cache
def read_lock(name: str) -> list[tuple[Requirement, str]]:
    """The requirements of a lock, each with its options, without comments."""
    text = (ROOT / name).read_text(encoding="utf-8")
    lines = re.sub(r"\\\n|^\s*#.*\n", "", text, flags=re.M).splitlines()
    entries = [line.partition(" --") for line in lines if line and not line.startswith("--")]
    return [(Requirement(entry), options) for entry, _, options in entries]


def list_environments() -> Iterator[dict[str, str]]:
    for python in PYTHONS:
        for system in SYSTEMS:
            yield {
                "python_version": python,
                "python_full_version": f"{python}.0",
                "sys_platform": system,
            }


def find_versions(name: str, package: str, environment: dict[str, str]) -> list[str]:
    """The versions that a lock names for a package in an environment."""
    return [
        str(locked.specifier).removeprefix("==")
        for locked, _ in read_lock(name)
        if canonicalize_name(locked.name) == canonicalize_name(package)
        and (locked.marker is None or locked.marker.evaluate(environment))
    ]


@pytest.mark.parametrize("name", LOCKS)
def test_each_range_has_one_version_within_it(name: str) -> None:
    for wanted in map(Requirement, LOCKS[name]):
        for environment in list_environments():
            versions = find_versions(name, wanted.name, environment)
            assert len(versions) == 1, (wanted.name, environment)
            assert wanted.specifier.contains(versions[0]), f"{wanted}: run `make lock`"


@pytest.mark.parametrize("name", LOCKS)
def test_each_entry_is_one_version_with_hashes(name: str) -> None:
    for locked, options in read_lock(name):
        assert re.fullmatch(r"==[^*,]+", str(locked.specifier)), locked
        assert locked.url is None
        assert re.fullmatch(
            r"(--)?hash=sha256:[0-9a-f]{64}( +--hash=sha256:[0-9a-f]{64})*", options.strip()
        )


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_address_of_an_index(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host|@", text)
    assert text.count("\n--") == 1
    assert "\n--only-binary :all:\n" in text


def test_both_locks_name_the_same_versions() -> None:
    entries = {(str(locked), options) for locked, options in read_lock("requirements-test.txt")}
    assert {(str(locked), options) for locked, options in read_lock("requirements.txt")} < entries


def test_the_lock_holds_for_the_oldest_python_allowed() -> None:
    allowed = SpecifierSet(PROJECT["project"]["requires-python"])
    oldest = int(PYTHONS[0].partition(".")[2])
    assert allowed.contains(f"3.{oldest}.0")
    assert not allowed.contains(f"3.{oldest - 1}.99")
    assert f"--python-version {PYTHONS[0]} " in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_readme_names_the_lowest_versions_allowed() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\S+) \| (\d[\w.]*) \| \d[\w.]* \|$", readme, flags=re.M)
    lowest = {canonicalize_name(name): Version(version) for name, version in rows}
    for wanted in map(Requirement, PROJECT["project"]["dependencies"]):
        [bound] = [each.version for each in wanted.specifier if each.operator == ">="]
        assert lowest[canonicalize_name(wanted.name)] == Version(bound), wanted
