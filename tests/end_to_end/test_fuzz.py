"""Fuzzing counts the deviations that a run finds, and keeps the first systems that deviate."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner, Result

from harness.cli.main import main
from harness.engines.local import LocalEngine
from harness.fuzz import report
from harness.fuzz.campaign import FuzzCount, fuzz_ports
from harness.fuzz.systems import BLOCK_SIZE, RandomSystems
from harness.inputs.cases import load_cases
from harness.inputs.ports import compute_digest, load_ports
from harness.model.case import PUBLISHED_CASE
from harness.model.verdict import Outcome, Standing, Variant
from harness.results.reader import load_results
from harness.runs.runner import RunSource, run
from harness.scaffold.new_port import write_port
from support.run_results import dump_results

SYSTEMS = RandomSystems(count=BLOCK_SIZE + 100, rows=3, unknowns=3, largest=3, seed=8)


class Watcher:
    """Counts the answers, and sets `stop` after `maximum` of them."""

    def __init__(self, maximum: int = sys.maxsize) -> None:
        self.answers = 0
        self.maximum = maximum
        self.stop = Event()

    def report_building(self, port: str) -> None: ...

    def report_running(self, port: str, cases: int) -> None: ...

    def report_answers(self, port: str, cases: int = 1) -> None:
        self.answers += cases
        if self.answers >= self.maximum:
            self.stop.set()

    def report_end(self, port: str, trouble: str) -> None: ...


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two ports in Python. `wrong` takes the largest entry as pivot, not the largest magnitude."""
    ports = tmp_path_factory.mktemp("fuzz") / "ports"
    write_python(ports / "right")
    write_python(ports / "wrong", ("np.abs(", "("))
    return ports


def write_python(folder: Path, fault: tuple[str, str] = ("", ""), command: str = "") -> None:
    """Write a port from the template. `fault` is a replacement in its program."""
    write_port(folder.parent, folder.name, "python")
    program, manifest = folder / "elimination.py", folder / "port.yaml"
    text, manifest_text = program.read_text(), manifest.read_text()
    assert fault[0] in text
    program.write_text(text.replace(*fault))
    manifest_text = manifest_text.replace(
        compute_digest(text.encode()), compute_digest(program.read_bytes())
    )
    command = json.dumps(command or sys.executable)
    manifest.write_text(manifest_text.replace("[python3, driver.py]", f"[{command}, driver.py]"))


@pytest.fixture(scope="module")
def engine() -> Iterator[LocalEngine]:
    with LocalEngine() as engine:
        yield engine


def run_fuzz(
    folder: Path, engine: LocalEngine, systems: RandomSystems, maximum_kept: int = 5
) -> dict[str, FuzzCount]:
    watcher = Watcher()
    counts = fuzz_ports(load_ports(folder), systems, engine, watcher, maximum_kept, watcher.stop)
    assert watcher.answers == systems.count * len(counts)
    return {count.port: count for count in counts}


@pytest.mark.parametrize(("rows", "unknowns"), [(3, 3), (2, 3), (3, 2)])
def test_it_counts_what_a_run_finds(
    folder: Path, engine: LocalEngine, rows: int, unknowns: int
) -> None:
    systems = RandomSystems(count=150, rows=rows, unknowns=unknowns, largest=2, seed=8)
    counts = run_fuzz(folder, engine, systems, maximum_kept=1000)
    cases = [systems.build_case(number) for number in range(1, systems.count + 1)]
    results = run(load_ports(folder), cases, engine, Watcher(), RunSource("", "", ""))
    for port, count in counts.items():
        verdicts = [v for v in results.verdicts if v.port == port and v.case != PUBLISHED_CASE]
        deviations = [v for v in verdicts if v.outcome.deviates]
        names = dict.fromkeys(v.case for v in deviations)
        assert count.deviations == Counter((v.check, v.outcome) for v in deviations)
        assert [systems.format_name(number) for number in count.kept_numbers] == list(names)
        assert count.systems_deviating == len(names)
        assert count.systems_asked == systems.count
    assert counts["wrong"].systems_deviating > 20
    assert counts["right"].systems_deviating == 0


def test_nearly_nothing_right_is_judged_one_by_one(folder: Path, engine: LocalEngine) -> None:
    right = run_fuzz(folder, engine, SYSTEMS)["right"]
    singular = [n for n in range(1, SYSTEMS.count + 1) if SYSTEMS.build_case(n).kind == "singular"]
    assert len(singular) <= right.judged_individually <= len(singular) + SYSTEMS.count // 50


def test_no_more_is_kept_than_is_asked_for(folder: Path, engine: LocalEngine) -> None:
    few, none = (run_fuzz(folder, engine, SYSTEMS, limit)["wrong"] for limit in (3, 0))
    assert (len(few.kept_numbers), len(none.kept_numbers)) == (3, 0)
    assert few.deviations == none.deviations


def test_a_port_that_cannot_be_run_costs_no_other_one(folder: Path, engine: LocalEngine) -> None:
    ports = [p for p in load_ports(folder) if p.name == "right"]
    write_python(folder.parent / "broken" / "broken", command="no-such-program")
    (broken,) = load_ports(folder.parent / "broken")
    counts = fuzz_ports([broken, *ports], SYSTEMS, engine, Watcher(), 5, Event())
    assert "no-such-program" in counts[0].trouble
    assert counts[1].systems_asked == SYSTEMS.count
    assert report.choose_exit_status(counts) == 3


def test_it_can_be_stopped(folder: Path) -> None:
    watcher = Watcher(maximum=2 * BLOCK_SIZE)
    systems = RandomSystems(count=10**9, rows=3, unknowns=3, largest=9, seed=1)
    with LocalEngine() as engine:
        counts = fuzz_ports(load_ports(folder), systems, engine, watcher, 5, watcher.stop)
    assert {count.trouble for count in counts} == {"interrupted"}
    assert 0 < sum(count.systems_asked for count in counts) < systems.count


def build_count(
    port: str = "a", has_findings: bool = False, fixed: bool = False, n: int = 0
) -> FuzzCount:
    variant = Variant.FIXED if fixed else Variant.PUBLISHED
    deviations = {("echelon.pivoting", Outcome.WRONG): n} if n else {}
    standings = {Standing.CONFORMING: 10 - n, Standing.DEVIATING: n}
    return FuzzCount(port, variant, has_findings, standings, deviations, tuple(range(1, n + 1)))


class TestUnexpectedDeviations:
    def test_a_port_that_was_not_tried_to_the_end_is_named(self) -> None:
        counts = [
            build_count(has_findings=True, n=2),
            replace(build_count("b"), trouble="no compiler"),
        ]
        assert report.format_conclusion(counts) == "Not run to the end: b."
        assert report.choose_exit_status(counts) == 3

    def test_a_deviation_of_a_port_without_findings(self) -> None:
        counts = [build_count(), build_count("b", n=2)]
        assert report.choose_exit_status(counts) == 1
        assert "b." in report.format_conclusion(counts)
        assert [case.name for case in report.list_unexpected_cases(SYSTEMS, counts)] == [
            SYSTEMS.format_name(1),
            SYSTEMS.format_name(2),
        ]

    def test_not_one_that_the_patches_cure(self) -> None:
        counts = [build_count(has_findings=True, n=2), build_count(has_findings=True, fixed=True)]
        assert report.choose_exit_status(counts) == 0
        assert report.format_conclusion(counts).startswith("No unexpected deviation")
        assert report.list_unexpected_cases(SYSTEMS, counts) == ()

    def test_but_one_that_they_do_not(self) -> None:
        counts = [
            build_count(has_findings=True, n=2),
            build_count(has_findings=True, fixed=True, n=1),
        ]
        assert report.choose_exit_status(counts) == 1
        assert len(report.list_unexpected_cases(SYSTEMS, counts)) == 1


def find_children(process: int) -> set[int]:
    """Return the running processes that `process` has started."""
    process_ids = set()
    for stat_path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent, *_ = stat_path.read_text().rpartition(")")[2].split()
            process_ids |= (
                {int(stat_path.parent.name)} if int(parent) == process and state != "Z" else set()
            )
    return process_ids


def wait_until(is_met: Callable[[], bool], seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while not is_met() and time.monotonic() < deadline:
        time.sleep(0.05)
    return is_met()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_process_outlives_it(folder: Path, tmp_path: Path, number: signal.Signals) -> None:
    options = ["--engine", "local", "--implementations", folder, "--out", tmp_path / "out"]
    command = [sys.executable, "-m", "harness", "fuzz", *options, "--systems", 10**9]
    process = subprocess.Popen([*map(str, command)], stderr=subprocess.DEVNULL)
    # Two ports, two judges on a machine with two processors, and their resource tracker.
    assert wait_until(lambda: len(find_children(process.pid)) > 3)
    started = find_children(process.pid)
    process.send_signal(number)
    status = process.wait(timeout=30)
    assert status == (143 if number is signal.SIGTERM else -number)
    assert wait_until(lambda: not any(Path(f"/proc/{process}").exists() for process in started))


Invoke = Callable[..., Result]


class TestTheCommand:
    @pytest.fixture
    def invoke(self, folder: Path, tmp_path: Path) -> Invoke:
        def invoke(command: str, *arguments: object) -> Result:
            options = ["--engine", "local", "--implementations", folder, "--out", tmp_path / "out"]
            return CliRunner().invoke(main, [command, *map(str, (*options, *arguments))])

        return invoke

    def test_without_deviation_it_exits_0_and_keeps_nothing(
        self, invoke: Invoke, tmp_path: Path
    ) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "cases.yaml").write_text("of an earlier run")
        result = invoke("fuzz", "--port", "right", "--systems", 700, "--largest", 3)
        assert result.exit_code == 0
        assert "No port deviates." in result.stdout
        assert "700" in result.stdout
        assert not (tmp_path / "out" / "cases.yaml").exists()
        record = json.loads((tmp_path / "out" / "fuzz.json").read_text())
        assert record["draw"]["systems"] == 700
        assert record["ports"][0]["conforming"] == 700

    def test_unexpected_deviations_are_kept_to_be_run_again(
        self, invoke: Invoke, tmp_path: Path
    ) -> None:
        result = invoke("fuzz", "--systems", 600, "--largest", 3, "--keep", 4)
        assert result.exit_code == 1
        assert "Deviations that no finding explains: wrong." in result.stdout
        path = tmp_path / "out" / "cases.yaml"
        assert f"harness check --cases {path}" in result.stdout
        names = [case.name for case in load_cases([path])]
        check = invoke("check", "--cases", path)
        assert check.exit_code == 1
        results = dump_results(load_results(tmp_path / "out" / "results.jsonl"))
        wrong_cases = {v["case"] for v in results["verdicts"] if v["outcome"] == "wrong"}
        assert wrong_cases == set(names)
        assert len(names) == 4

    def test_what_cannot_be_written_has_been_told(self, invoke: Invoke, tmp_path: Path) -> None:
        (tmp_path / "out").write_text("a file in place of the folder")
        result = invoke("fuzz", "--port", "right", "--systems", 50)
        assert result.exit_code == 2
        assert "No port deviates." in result.stdout
        assert "cannot be written" in result.stderr

    @pytest.mark.parametrize(
        "arguments", [["--systems", 0], ["--rows", 101], ["--largest", 2**53 + 1], ["--keep", -1]]
    )
    def test_absurd_sizes_are_refused(self, invoke: Invoke, arguments: list[object]) -> None:
        assert invoke("fuzz", *arguments).exit_code == 2
