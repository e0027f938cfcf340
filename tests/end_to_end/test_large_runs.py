"""Runs of many cases: how much memory they take, and whether every command reads them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from support.ports import LISTING, MANIFEST

PORTS, FEW_CASES, MANY_CASES = 4, 1_100, 2_200
ADDED_ANSWERS = PORTS * (MANY_CASES - FEW_CASES)

BYTES_PER_ANSWER = {"check": 10_000, "report": 5_000, "diff": 2_000}
"""The memory that one more answer may take in a command, with its share of the case that it is
about. It took 23,000 bytes where all answers and verdicts were in memory. Both runs are larger than
what a page shows, so that their pages are alike."""

PROGRAM = """
import sys

while header := sys.stdin.readline().split():
    _, name, rows, columns, _ = header
    system = [sys.stdin.readline().strip() for _ in range(int(rows))]
    solution = [row.split()[-1] + ("1" if name.endswith("7") else "") for row in system]
    print("case", name, file=sys.stderr, flush=True)
    lines = [f"case {name}", f"echelon {rows} {columns}", *system]
    lines += [f"reduced {rows} {columns}", *system, f"solution {rows}", *solution, f"end {name}"]
    print(*lines, sep="\\n", flush=True)
"""
"""A port for systems in reduced form. It is wrong on every tenth case."""

MEASURING = """
import resource, runpy, sys

try:
    runpy.run_module("harness", run_name="__main__")
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


@dataclass(frozen=True)
class LargeRun:
    """A run of some ports, and the peaks of the memory of commands, in bytes."""

    folder: Path
    peaks: Mapping[str, int]


def measure(*arguments: object, status: int = 0) -> int:
    """Run a command, check its exit status, and return the peak of its memory in bytes."""
    command = [sys.executable, "-c", MEASURING, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    return int(done.stdout.splitlines()[-1])


def run_cases(folder: Path, number: int) -> LargeRun:
    """Run all ports on so many cases, report the run, and compare it with itself."""
    for port in range(PORTS):
        files = folder / "ports" / f"port-{port}"
        files.mkdir(parents=True)
        (files / "listing.txt").write_text(LISTING)
        (files / "port.py").write_text(PROGRAM)
        changes = {"run": [sys.executable, "port.py"], "seconds_per_case": 60}
        manifest = {**MANIFEST, **changes, "seconds_to_start": 60}
        (files / "port.yaml").write_text(yaml.safe_dump(manifest, sort_keys=False))
    cases = [
        {"name": f"case-{n}", "why": "It is one of many.", "system": f"1 0 | {n}\n0 1 | {n}.5"}
        for n in range(number)
    ]
    (folder / "cases.yaml").write_text(yaml.safe_dump({"kind": "regular", "cases": cases}))
    where = ("--implementations", folder / "ports", "--cases", folder / "cases.yaml")
    options = ("--engine", "local", "--out", folder, "--junit", folder / "j.xml")
    checked = measure("check", *where, *options, status=1)
    results = folder / "results.jsonl"
    for name in ("conformance.html", "j.xml"):
        (folder / name).unlink()
    reports = ("--junit", folder / "j.xml", "--markdown", folder / "m.md")
    reported, compared = measure("report", results, *reports), measure("diff", results, results)
    return LargeRun(folder, {"check": checked, "report": reported, "diff": compared})


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> LargeRun:
    return run_cases(tmp_path_factory.mktemp("few"), FEW_CASES)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> LargeRun:
    return run_cases(tmp_path_factory.mktemp("many"), MANY_CASES)


@pytest.mark.parametrize("command", BYTES_PER_ANSWER)
def test_an_answer_takes_little_memory(few: LargeRun, many: LargeRun, command: str) -> None:
    added = many.peaks[command] - few.peaks[command]
    assert added < BYTES_PER_ANSWER[command] * ADDED_ANSWERS


def test_the_page_of_many_answers_is_bounded(many: LargeRun) -> None:
    page = (many.folder / "conformance.html").read_text(encoding="utf-8")
    assert f"This page shows 1,000 of {MANY_CASES:,} cases in full" in page
    assert f"{PORTS} ports on {MANY_CASES:,} cases" in page


def test_junit_has_every_check_of_every_answer(many: LargeRun) -> None:
    suites = (many.folder / "j.xml").read_text(encoding="utf-8")
    assert suites.count(": solution.value") == PORTS * MANY_CASES
    assert suites.count("</testsuite>") == PORTS
