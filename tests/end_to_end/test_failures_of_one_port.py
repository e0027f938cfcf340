"""Whatever the harness itself fails at in the work on one port, the others lose nothing.

An exception is injected at each seam of that work: a place where one part calls another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.engines.local import LocalEngine
from harness.fuzz import report
from harness.fuzz.campaign import fuzz_ports
from harness.fuzz.systems import RandomSystems
from harness.inputs.cases import load_cases
from harness.inputs.ports import load_ports
from harness.model.verdict import Outcome
from harness.results.results import Results
from harness.runs.progress import SILENT, SilentProgress
from harness.runs.runner import run
from support.injection import (
    FAULTY,
    MESSAGE,
    SOUND,
    assert_failure_is_reported,
    inject,
    is_about,
)
from support.ports import WriteCases, WriteFinding, WritePort

SEAMS = (
    "harness.engines.local:LocalEngine.build",
    "harness.runs.runner:build_case_limits",
    "harness.runs.runner:read_version",
    "harness.runs.runner:run_to_end",
    "harness.runs.runner:ask_cases",
    "harness.runs.runner:repeat",
    "harness.runs.runner:collect_results",
    "harness.runs.answers:run_cases",
    "harness.runs.judges:Judges.submit",
    "harness.runs.judges:Judges.submit_example",
    "harness.runs.repetition:RepetitionRun.run",
    "harness.runs.toolchain:run_to_end",
    "harness.runs.answer_store:AnswerFile.append",
    "harness.runs.answer_store:StoredAnswer.load",
    "harness.runs.runner:PortExecution.fill_in_missing",
    "harness.results.builder:build_own_example_record",
    "harness.results.builder:build_answer_record",
    "harness.results.builder:build_verdict_record",
    "harness.results.builder:build_cell_record",
    "harness.results.writer:encode_cell",
)

ERRORS = (ZeroDivisionError, MemoryError, RecursionError, SystemExit, GeneratorExit, AssertionError)


class FaultyProgress(SilentProgress):
    """Raises an error in one of its methods."""

    def __init__(self, method: str) -> None:
        def fail(port: str, *_: object) -> None:
            if is_about(port, FAULTY):
                raise ZeroDivisionError("injected")

        setattr(self, method, fail)


@pytest.fixture
def run_both(
    implementations: Path,
    write_port: WritePort,
    write_finding: WriteFinding,
    write_cases: WriteCases,
    local: LocalEngine,
) -> Callable[..., Results]:
    """A function that runs two ports that do the same, with all that a port can have."""

    def run_both(
        progress: SilentProgress = SILENT,
        cases: Sequence[str] = ("answers-1", "exits-2", "answers-3"),
    ) -> Results:
        for name in (FAULTY, SOUND):
            published = {
                "run": ["sh", "-c", "echo 2; echo 3", name],
                "prints": {"matrix": [[1, 0, 2], [0, 1, 3]], "stages": ["solution"]},
            }
            run_command = ["sh", "actor.sh", name]
            folder = write_port(name, run=run_command, published=published)
            write_finding(folder)
        loaded = load_cases([write_cases(*cases)])
        return run(load_ports(implementations), loaded, local, progress)

    return run_both


def assert_sound_port_is_judged(results: Results) -> None:
    assert [port.name for port in results.ports] == [FAULTY, SOUND]
    sound = {
        (v.case, v.check): v.outcome
        for v in results.verdicts
        if v.port == SOUND and v.variant == "published"
    }
    assert sound["published", "published.output"] is Outcome.RIGHT
    assert sound["answers-3", "solution.value"] is Outcome.RIGHT
    assert sound["exits-2", "reduced.form"] is Outcome.CRASHED
    assert results.ports[1].trouble == ""
    assert {proof.port for proof in results.proofs} >= {SOUND}


def assert_faulty_port_has_trouble(results: Results, message: str, tmp_path: Path) -> None:
    faulty = results.ports[0]
    assert message in (faulty.trouble, faulty.fixed and faulty.fixed.trouble)
    assert_failure_is_reported(results, message, tmp_path)


@pytest.mark.parametrize("seam", SEAMS)
def test_an_exception_at_a_seam_costs_its_own_port_alone(
    seam: str,
    run_both: Callable[..., Results],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    inject(monkeypatch, seam, ZeroDivisionError("injected"))
    results = run_both()
    assert_sound_port_is_judged(results)
    assert_faulty_port_has_trouble(results, MESSAGE, tmp_path)
    assert "Traceback" in results.ports[0].log


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("seam", ["runner:ask_cases", "runner:collect_results"])
def test_any_exception_costs_its_own_port_alone(
    seam: str,
    error: type[BaseException],
    run_both: Callable[..., Results],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    inject(monkeypatch, f"harness.runs.{seam}", error("injected"))
    results = run_both()
    assert_sound_port_is_judged(results)
    message = f"the harness failed: {error.__name__}: {error('injected')}"
    assert_faulty_port_has_trouble(results, message, tmp_path)


@pytest.mark.parametrize(
    "method", ["report_building", "report_running", "report_answers", "report_end"]
)
def test_an_exception_while_progress_is_shown_costs_one_port(
    method: str, run_both: Callable[..., Results], tmp_path: Path
) -> None:
    results = run_both(FaultyProgress(method))
    assert_sound_port_is_judged(results)
    assert_faulty_port_has_trouble(results, MESSAGE, tmp_path)


def test_an_exception_in_the_trivial_cases_costs_its_own_port_alone(
    run_both: Callable[..., Results], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """They are asked where the first answer is missing."""
    inject(monkeypatch, "harness.runs.trivial_cases:run_cases", ZeroDivisionError("injected"))
    results = run_both(cases=("quits-1", "exits-2", "answers-3"))
    assert_sound_port_is_judged(results)
    assert_faulty_port_has_trouble(results, MESSAGE, tmp_path)


def test_the_answers_before_an_exception_are_kept(
    run_both: Callable[..., Results], monkeypatch: pytest.MonkeyPatch
) -> None:
    inject(monkeypatch, "harness.runs.runner:repeat", ZeroDivisionError("injected"))
    results = run_both()
    published = [v for v in results.verdicts if (v.port, v.variant) == (FAULTY, "published")]
    outcomes = {v.case: v.outcome for v in published if v.check == "solution.value"}
    assert outcomes == {
        "answers-1": Outcome.RIGHT,
        "exits-2": Outcome.BLOCKED,
        "answers-3": Outcome.RIGHT,
    }


def test_without_an_answer_every_case_is_given_up(
    run_both: Callable[..., Results], monkeypatch: pytest.MonkeyPatch
) -> None:
    inject(monkeypatch, "harness.runs.runner:collect_results", ZeroDivisionError("injected"))
    verdicts = [verdict for verdict in run_both().verdicts if verdict.port == FAULTY]
    assert {(v.outcome, v.detail) for v in verdicts} == {(Outcome.GIVEN_UP, MESSAGE)}
    assert {v.case for v in verdicts} == {"answers-1", "exits-2", "answers-3"}


@pytest.mark.parametrize(
    "seam",
    [
        "harness.engines.local:LocalEngine.build",
        "harness.fuzz.campaign:fuzz_port",
        "harness.fuzz.campaign:fuzz_program",
    ],
)
def test_an_exception_costs_fuzzing_one_port(
    seam: str,
    implementations: Path,
    write_port: WritePort,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in (FAULTY, SOUND):
        write_port(name, run=["sh", "correct.sh"])
    inject(monkeypatch, seam, ZeroDivisionError("injected"))
    systems = RandomSystems(count=3, rows=2, unknowns=2, largest=9, seed=1)
    with LocalEngine() as engine:
        ports = load_ports(implementations)
        counts = fuzz_ports(ports, systems, engine, SILENT, 5, threading.Event())
    faulty, sound = counts
    assert (faulty.port, faulty.trouble) == (FAULTY, MESSAGE)
    assert (sound.port, sound.trouble, sound.systems_asked) == (SOUND, "", 3)
    assert report.choose_exit_status(counts) == 3
