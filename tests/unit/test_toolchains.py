"""The toolchains of two runs: what `harness diff` says where they differ."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.toolchain import InstalledBase, Package
from harness.reports.terminal.diff import describe_toolchains
from harness.results.builder import build_toolchain_record
from harness.results.diff import compare_runs
from harness.results.results import Results
from harness.results.schema import PortRecord
from harness.results.toolchains import PackageChange, compare_ports, compare_toolchains
from support.run_results import build_case, build_port, build_results

OLD = {"gcc": "12.2.0-14", "libc6": "2.36-9", "old": "1"}
NEW = {"gcc": "14.2.0-19", "libc6": "2.41-12", "new": "1"}
VERSIONS = st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["1", "2"]))


def build_toolchain(packages: dict[str, str], requested: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"image": "i", "requested": requested, "packages": list(packages.items())}


def build_run(*ports: dict[str, Any]) -> Results:
    return build_results(list(ports), [build_case("one")], [], [])


def build_c(packages: dict[str, str], name: str = "c", version: str = "1") -> dict[str, Any]:
    return build_port(name, version=version, toolchain=build_toolchain(packages, ("gcc",)))


def describe(old: Results, new: Results) -> list[str]:
    """Return the lines about toolchains of a comparison, without the heading."""
    return list(describe_toolchains(compare_runs(old, new)))[1:]


class TestComparison:
    def test_packages_that_differ_are_named(self) -> None:
        ((change, ports),) = compare_toolchains(build_run(build_c(OLD)), build_run(build_c(NEW)))
        assert ports == ("c",)
        assert change.requested == (PackageChange("gcc", "12.2.0-14", "14.2.0-19"),)
        assert change.others == (
            PackageChange("libc6", "2.36-9", "2.41-12"),
            PackageChange("new", None, "1"),
            PackageChange("old", "1", None),
        )

    @given(VERSIONS)
    def test_the_same_toolchain_gives_nothing(self, packages: dict[str, str]) -> None:
        value = build_run(build_c(packages))
        assert compare_toolchains(value, value) == ()

    @given(VERSIONS.filter(bool), VERSIONS.filter(bool))
    def test_there_is_a_change_exactly_where_packages_differ(
        self, old: dict[str, str], new: dict[str, str]
    ) -> None:
        change = compare_ports(*(PortRecord(**build_c(packages)) for packages in (old, new)))
        assert bool(change) == (old != new)
        named = {package.name for package in (*change.requested, *change.others)}
        assert named == {name for name in {*old, *new} if old.get(name) != new.get(name)}

    def test_packages_that_one_run_does_not_know_are_not_compared(self) -> None:
        assert compare_toolchains(build_run(build_c({})), build_run(build_c(NEW))) == ()

    def test_a_version_alone_can_differ(self) -> None:
        old, new = build_c({}, version="gcc 12.2"), build_c({}, version="gcc 14.2")
        ((change, _),) = compare_toolchains(build_run(old), build_run(new))
        assert change.version == ("gcc 12.2", "gcc 14.2")

    def test_a_version_that_one_run_lacks_is_not_compared(self) -> None:
        old, new = build_c({}, version=""), build_c({})
        assert compare_toolchains(build_run(old), build_run(new)) == ()

    def test_ports_of_one_run_only_are_not_compared(self) -> None:
        assert compare_toolchains(build_run(build_c(OLD, "a")), build_run(build_c(NEW, "b"))) == ()


class TestLines:
    def test_a_line_names_the_ports_and_the_packages_that_they_ask_for(self) -> None:
        names = ("c", "reference-c")
        old, new = (build_run(*(build_c(p, name) for name in names)) for p in (OLD, NEW))
        assert describe(old, new) == [
            "  c and reference-c: gcc 12.2.0-14 → 14.2.0-19, 3 other packages"
        ]

    def test_a_line_names_the_version_first(self) -> None:
        old, new = build_c(OLD, version="gcc 12.2"), build_c(OLD, version="gcc 14.2")
        assert describe(build_run(old), build_run(new)) == ["  c: gcc 12.2 → gcc 14.2"]

    def test_without_requested_packages_the_first_others_are_named(self) -> None:
        old, new = build_c(OLD), build_c({**OLD, "old": "2"})
        assert describe(build_run(old), build_run(new)) == ["  c: old 1 → 2"]
        assert describe(build_run(build_c(OLD)), build_run(build_c({"gcc": OLD["gcc"]}))) == [
            "  c: libc6 2.36-9 → none, old 1 → none"
        ]

    def test_the_same_toolchains_are_not_mentioned(self) -> None:
        value = build_run(build_c(OLD))
        assert list(describe_toolchains(compare_runs(value, value))) == []

    @pytest.mark.parametrize("text", ["[red]", "\x1b[2J", "a\nb", "x" * 1000])
    def test_foreign_text_neither_acts_nor_runs_on(self, text: str) -> None:
        old, new = build_c({text: "1"}), build_c({text: text}, version=text)
        (line,) = describe(build_run(old), build_run(new))
        assert "\x1b" not in line
        assert "\n" not in line
        assert len(line) < 500
        assert "[red]" not in line.replace("\\[red]", "")


def test_a_base_becomes_a_record() -> None:
    base = InstalledBase("debian", "sha256:1", ("gcc",), (Package("gcc", "14.2"),))
    record = build_toolchain_record(base)
    assert (record.image, record.requested) == ("sha256:1", ("gcc",))
    assert record.packages == (("gcc", "14.2"),)
