"""Tests of a run: every port, case and check has one verdict, and no port affects another.

tests/support/faulty_ports/actor.sh does in each case what the name of the case says.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any, NoReturn

import pytest

from harness.engines.base import Engine, Program
from harness.engines.local import LocalEngine
from harness.errors import CaseError
from harness.inputs.cases import load_cases
from harness.inputs.ports import load_ports
from harness.model.case import PUBLISHED_CASE
from harness.model.check import Check
from harness.model.port import Port
from harness.model.verdict import Outcome, Variant
from harness.procedures.registry import ELIMINATION_CHECKS
from harness.results.results import Results
from harness.results.schema import VerdictRecord
from harness.runs.runner import RunSource, run
from support.ports import WriteCases, WriteFinding, WritePort

SOURCE = RunSource(implementations="implementations", cases="cases", again="harness show")
PUBLISHED = {
    "run": ["echo", "2\n3"],
    "prints": {"matrix": [[1, 0, 2], [0, 1, 3]], "stages": ["solution"]},
}
LONG_LIMITS = {"seconds_per_case": 60, "seconds_to_start": 60}


@dataclass
class RecordingProgress:
    """Records the progress of a run, and stops the run some time after a given call."""

    moment: tuple[str, ...] = ()
    times: int = 1
    delay: float = 0.0
    calls: list[tuple[str, ...]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def note(self, *call: str) -> None:
        self.calls.append(call)
        if call != self.moment or self.calls.count(call) != self.times:
            return
        if self.delay:
            threading.Timer(self.delay, self.stop.set).start()
        else:
            self.stop.set()

    def report_building(self, port: str) -> None:
        self.note("building", port)

    def report_running(self, port: str, cases: int) -> None:
        self.note("asking", port)

    def report_answers(self, port: str, cases: int = 1) -> None:
        self.note("answered", port)

    def report_end(self, port: str, trouble: str) -> None:
        self.note("done", port)


@pytest.fixture
def engine() -> Iterator[LocalEngine]:
    with LocalEngine() as engine:
        yield engine


def run_all(
    implementations: Path,
    cases: Path | Sequence[Path],
    engine: Engine,
    progress: RecordingProgress | None = None,
) -> Results:
    """Return the results of running all ports on all cases."""
    paths = [cases] if isinstance(cases, Path) else cases
    ports = load_ports(implementations)
    progress = progress or RecordingProgress()
    return run(ports, load_cases(paths), engine, progress, SOURCE, progress.stop)


def outcomes(results: Results, case: str, port: str = "actor") -> dict[Check, Outcome]:
    key = (port, case, Variant.PUBLISHED)
    return {v.check: v.outcome for v in results.verdicts if (v.port, v.case, v.variant) == key}


def deviating(results: Results) -> list[VerdictRecord]:
    return [verdict for verdict in results.verdicts if verdict.outcome.deviates]


def assert_one_verdict_each(results: Results, variant: Variant = Variant.PUBLISHED) -> None:
    """Check that each port has one verdict for each case and check, and one on its own main, and
    that each answer of a published port is kept."""
    ports = [port.name for port in results.ports]
    cases = [case.name for case in results.cases]
    expected: Counter[tuple[str, str, Check]] = Counter(product(ports, cases, ELIMINATION_CHECKS))
    expected.update((port, PUBLISHED_CASE, "published.output") for port in ports)
    verdicts = (verdict for verdict in results.verdicts if verdict.variant is variant)
    assert Counter((v.port, v.case, v.check) for v in verdicts) == expected
    kept = Counter((a.port, a.case) for a in results.answers if a.variant is Variant.PUBLISHED)
    assert kept == Counter(product(ports, cases))


class TestAGoodPort:
    @pytest.fixture
    def results(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        engine: LocalEngine,
        implementations: Path,
    ) -> Results:
        write_port(published=PUBLISHED, notices=["singular"])
        return run_all(implementations, write_cases("answers-1", "answers-2"), engine)

    def test_it_has_one_verdict_for_everything_and_no_deviation(self, results: Results) -> None:
        assert_one_verdict_each(results)
        assert {verdict.outcome for verdict in results.verdicts} == {Outcome.RIGHT}
        assert results.exit_status == 0

    def test_its_record_says_what_was_run_and_on_what(self, results: Results) -> None:
        [port] = results.ports
        assert (port.name, port.language, port.engine) == ("actor", "Shell", "local")
        assert (port.base, port.version) == ("this machine", "actor 1.0")
        assert port.seconds > 0
        assert port.trouble == ""
        assert port.published is not None
        assert port.published.output == "2\n3\n"

    def test_the_run_says_how_it_came_about(self, results: Results) -> None:
        assert results.run.engine == "local"
        assert (results.run.implementations, results.run.cases) == ("implementations", "cases")
        assert results.run.seconds > 0
        assert not results.run.interrupted

    def test_its_answers_are_kept_in_full(self, results: Results) -> None:
        first = results.answers[0]
        assert (first.case, first.ending) == ("answers-1", "completed")
        assert first.stages["solution"].rows == (("2",), ("3",))
        assert first.seconds > 0


def test_progress_is_told_in_order(
    write_port: WritePort, write_cases: WriteCases, engine: LocalEngine, implementations: Path
) -> None:
    write_port()
    progress = RecordingProgress()
    run_all(implementations, write_cases("answers-1", "exits-2"), engine, progress)
    steps = ["building", "asking", "answered", "answered", "done"]
    assert [call[0] for call in progress.calls] == steps


class TestManyPorts:
    @pytest.fixture
    def results(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        engine: LocalEngine,
        implementations: Path,
    ) -> Results:
        write_port("good")
        write_port(
            "unbuildable",
            notices=["singular"],
            build=["sh", "-c", "echo no such function >&2; exit 1"],
        )
        write_port("homeless", run=["no-such-toolchain", "actor.sh"], published=PUBLISHED)
        write_port("missing-library", run=["sh", "missing-library.sh"], published=PUBLISHED)
        write_port("exact", arithmetic="rational64")
        write_port("partial", procedures=["gaussian_elimination"])
        write_port("unrunnable", build=["true"], run=["./never-built"])
        names = ["answers-1", "exits-2", "answers-3", "quits-4", "misnames-end-5", "answers-6"]
        cases = [
            write_cases(*names),
            write_cases("answers-tiny", system="1 0 | 1e-20\n0 1 | 3"),
            write_cases("answers-two", system="1 0 | 2 4\n0 1 | 3 5"),
        ]
        return run_all(implementations, cases, engine)

    def test_each_has_one_verdict_for_everything(self, results: Results) -> None:
        assert_one_verdict_each(results)
        assert len(results.ports) == 7

    def test_what_goes_wrong_with_one_costs_no_other_anything(self, results: Results) -> None:
        for case in ("answers-1", "answers-3", "answers-6", "answers-tiny"):
            good = outcomes(results, case, "good")
            assert set(good.values()) <= {Outcome.RIGHT, Outcome.ABSENT}
            assert good["solution.value"] is Outcome.RIGHT

    def test_a_build_that_fails_is_told_and_given_up(self, results: Results) -> None:
        port = next(port for port in results.ports if port.name == "unbuildable")
        assert "exit status 1" in port.trouble
        assert port.log == "no such function\n"
        assert not port.missing_toolchain
        given_up = [v for v in results.verdicts if v.port == "unbuildable"]
        assert {v.outcome for v in given_up} == {Outcome.GIVEN_UP}
        assert {v.detail for v in given_up} == {port.trouble}
        assert results.exit_status == 3

    def test_a_toolchain_that_is_missing_is_named(self, results: Results) -> None:
        port = next(port for port in results.ports if port.name == "homeless")
        assert port.missing_toolchain
        assert "`no-such-toolchain` is not on this machine" in port.trouble

    def test_a_program_that_was_never_built_is_told(self, results: Results) -> None:
        port = next(port for port in results.ports if port.name == "unrunnable")
        assert "`./never-built` cannot be started" in port.trouble

    def test_one_that_never_starts_is_broken_and_not_judged(self, results: Results) -> None:
        port = next(port for port in results.ports if port.name == "missing-library")
        assert port.broken
        assert port.failed
        assert "`sh missing-library.sh` answers no case: exit status 127" in port.trouble
        outcomes_of_port = {v.outcome for v in results.verdicts if v.port == port.name}
        assert outcomes_of_port == {Outcome.GIVEN_UP, Outcome.ABSENT}

    def test_numbers_that_do_not_fit_are_not_asked(self, results: Results) -> None:
        assert set(outcomes(results, "answers-tiny", "exact").values()) == {Outcome.ABSENT}
        assert outcomes(results, "answers-6", "exact")["solution.value"] is Outcome.RIGHT
        [answer] = [a for a in results.answers if (a.port, a.case) == ("exact", "answers-tiny")]
        assert answer.reason == "its numbers do not fit ratios of 64-bit integers"

    def test_several_right_hand_sides_are_not_asked(self, results: Results) -> None:
        assert set(outcomes(results, "answers-two", "good").values()) == {Outcome.ABSENT}

    def test_a_procedure_that_a_listing_lacks_is_absent(self, results: Results) -> None:
        partial = outcomes(results, "answers-1", "partial")
        assert partial["echelon.form"] is Outcome.RIGHT
        assert partial["solution.value"] is Outcome.ABSENT

    def test_a_bad_end_is_charged_to_the_procedure_at_work(self, results: Results) -> None:
        crashed = outcomes(results, "exits-2", "good")
        assert crashed["echelon.form"] is Outcome.RIGHT
        assert crashed["reduced.form"] is Outcome.CRASHED
        assert crashed["solution.value"] is Outcome.BLOCKED
        assert outcomes(results, "misnames-end-5", "good")["reduced.form"] is Outcome.UNREADABLE


class TestAPortWithFindings:
    """A port with findings is run as published, and with the patches of its findings."""

    @pytest.fixture
    def put_it(
        self,
        write_port: WritePort,
        write_finding: WriteFinding,
        write_cases: WriteCases,
        engine: LocalEngine,
        implementations: Path,
    ) -> Callable[..., Results]:
        def put_it(*cases: str, **changes: Any) -> Results:
            write_finding(write_port(published=PUBLISHED), **changes)
            return run_all(implementations, write_cases(*cases), engine)

        return put_it

    def test_its_deviation_is_explained_and_cured(self, put_it: Callable[..., Results]) -> None:
        results = put_it("answers-1", "exits-2")
        [deviation] = deviating(results)
        assert (deviation.variant, deviation.check, deviation.case) == (
            Variant.PUBLISHED,
            "reduced.form",
            "exits-2",
        )
        assert deviation.finding == "exits"
        assert results.exit_status == 0
        [finding] = results.findings
        assert (finding.port, finding.lines) == ("actor", ((1, 1),))
        assert "+        exits-*) answer ;;" in finding.patch

    def test_both_variants_have_every_verdict(self, put_it: Callable[..., Results]) -> None:
        results = put_it("answers-1", "exits-2")
        for variant in Variant:
            assert_one_verdict_each(results, variant)
        [port] = results.ports
        assert port.fixed is not None
        assert (port.fixed.seconds > 0, port.fixed.trouble) == (True, "")

    def test_of_the_fixed_one_only_answers_that_deviate_are_kept(
        self, put_it: Callable[..., Results]
    ) -> None:
        results = put_it("exits-1", "killed-2")
        cases = [answer.case for answer in results.answers if answer.variant is Variant.FIXED]
        assert cases == ["killed-2"]

    def test_a_second_fault_is_not_explained(self, put_it: Callable[..., Results]) -> None:
        results = put_it("exits-1", "killed-2")
        unexplained = [verdict for verdict in results.verdicts if verdict.unexplained]
        assert {(v.variant, v.case) for v in unexplained} == {
            (Variant.PUBLISHED, "killed-2"),
            (Variant.FIXED, "killed-2"),
        }
        assert results.exit_status == 1

    def test_a_patch_that_cures_nothing_is_noticed(self, put_it: Callable[..., Results]) -> None:
        results = put_it("exits-1", correction="begin; echelon; exit 4")
        [remaining] = [verdict for verdict in results.verdicts if verdict.unexplained]
        assert (remaining.variant, remaining.check, remaining.case) == (
            Variant.FIXED,
            "reduced.form",
            "exits-1",
        )
        assert results.exit_status == 1

    def test_a_patch_that_is_taken_away_is_noticed_twice(
        self, put_it: Callable[..., Results]
    ) -> None:
        results = put_it("exits-1", patch="gone.patch")
        [complaint] = results.complaints
        assert (complaint.port, complaint.finding) == ("actor", "exits")
        assert "gone.patch cannot be read" in complaint.sentence
        [remaining] = [verdict for verdict in results.verdicts if verdict.unexplained]
        assert (remaining.variant, remaining.check) == (Variant.FIXED, "reduced.form")
        assert results.exit_status == 1

    def test_a_finding_that_explains_nothing_is_complained_of(
        self, put_it: Callable[..., Results]
    ) -> None:
        results = put_it("answers-1")
        assert [complaint.sentence for complaint in results.complaints] == [
            "it explains nothing any more"
        ]
        assert results.exit_status == 1

    def test_of_a_part_of_the_cases_a_finding_need_not_explain_any(
        self,
        write_port: WritePort,
        write_finding: WriteFinding,
        write_cases: WriteCases,
        engine: LocalEngine,
        implementations: Path,
    ) -> None:
        write_finding(write_port())
        cases = load_cases([write_cases("answers-1")])
        some = replace(SOURCE, whole=False)
        results = run(load_ports(implementations), cases, engine, RecordingProgress(), some)
        assert results.complaints == ()
        assert results.exit_status == 0

    def test_a_fixed_port_that_fails_to_build_costs_only_itself(
        self,
        write_port: WritePort,
        write_finding: WriteFinding,
        write_cases: WriteCases,
        engine: LocalEngine,
        implementations: Path,
    ) -> None:
        folder = write_port(build=["sh", "-n", "actor.sh"])
        write_finding(folder, correction="if")
        results = run_all(implementations, write_cases("exits-1"), engine)
        [port] = results.ports
        assert port.trouble == ""
        assert port.fixed is not None
        assert "`sh -n actor.sh` failed" in port.fixed.trouble
        assert results.exit_status == 3
        assert outcomes(results, "exits-1")["echelon.form"] is not Outcome.GIVEN_UP


def test_a_large_result_is_kept_only_where_something_deviates(
    write_port: WritePort, write_cases: WriteCases, engine: LocalEngine, implementations: Path
) -> None:
    n = 20
    rows = [" ".join("1" if i == j else "0" for j in range(n)) + " | 1" for i in range(n)]
    write_port(seconds_per_case=60)
    cases = write_cases("answers-1", "exits-2", system="\n".join(rows))
    right, wrong = run_all(implementations, cases, engine).answers
    assert (right.stages["echelon"].shape, right.stages["echelon"].rows) == ((n, n + 1), ())
    assert len(wrong.stages["echelon"].rows) == n


def test_a_missing_toolchain_alone_does_not_fail_a_run(
    write_port: WritePort, write_cases: WriteCases, engine: LocalEngine, implementations: Path
) -> None:
    write_port("good")
    write_port("homeless", run=["no-such-toolchain"])
    assert run_all(implementations, write_cases("answers-1"), engine).exit_status == 0


@pytest.mark.parametrize(
    "procedures",
    [["gaussian_elimination", "back_substitution"], ["gauss_jordan"], ["back_substitution"]],
)
@pytest.mark.parametrize(
    ("system", "kind"),
    [("1 0 | 2\n0 1 | 3", "regular"), ("1 0 | 2\n0 0 | 0", "singular"), ("0 | 3", "singular")],
)
def test_results_without_their_echelon_matrix_are_still_judged(
    write_port: WritePort,
    write_cases: WriteCases,
    engine: LocalEngine,
    implementations: Path,
    procedures: list[str],
    system: str,
    kind: str,
) -> None:
    write_port(procedures=procedures)
    cases = write_cases("skips-1", "answers-2", system=system, kind=kind)
    assert_one_verdict_each(run_all(implementations, cases, engine))


class TestPublished:
    @pytest.mark.parametrize(
        ("command", "outcome", "detail"),
        [
            (["echo", "2\n3"], Outcome.RIGHT, ""),
            (["echo", "2\n4"], Outcome.WRONG, "expected"),
            (["echo", "Nothing"], Outcome.UNREADABLE, "0 blocks"),
            (["sh", "-c", "echo 2; exit 9"], Outcome.CRASHED, "exit status 9"),
            (["sleep", "1000"], Outcome.HUNG, "did not end"),
            (["yes"], Outcome.UNREADABLE, "without end"),
            (["printf", "0e999\n0"], Outcome.WRONG, ""),
        ],
    )
    def test_a_listings_own_main_is_judged(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        engine: LocalEngine,
        implementations: Path,
        command: list[str],
        outcome: Outcome,
        detail: str,
    ) -> None:
        prints = {**PUBLISHED["prints"], "places": 3}  # type: ignore[dict-item]
        limits = {"seconds_per_case": 0.2, "seconds_to_start": 0.2}
        write_port(published={"run": command, "prints": prints}, **limits)
        results = run_all(implementations, write_cases("answers-1"), engine)
        assert_one_verdict_each(results)
        assert outcomes(results, PUBLISHED_CASE) == {"published.output": outcome}
        assert any(detail in verdict.detail for verdict in results.verdicts)
        assert outcomes(results, "answers-1")["solution.value"] is Outcome.RIGHT


class TestVersion:
    @pytest.mark.parametrize(
        ("command", "line"),
        [
            (["printf", "\n  one 1.0  \ntwo\n"], "one 1.0"),
            (["sh", "-c", "echo java 21 >&2"], "java 21"),
            (["true"], "unknown (the version command prints nothing)"),
            (
                ["sh", "-c", "echo two; echo 'no such option' >&2; exit 3"],
                "unknown (the version command failed: exit status 3: no such option)",
            ),
            (
                ["python3", "-c", "import no_such_library"],
                "unknown (the version command failed: exit status 1: ModuleNotFoundError: "
                "No module named 'no_such_library')",
            ),
            (
                ["printf", "Traceback (most recent call last):\n  File x\nError: no\n"],
                "unknown (the version command failed: Error: no)",
            ),
            (["printf", "%0500d", "0"], "0" * 200),
        ],
    )
    def test_it_is_the_first_line_that_the_toolchain_says(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        engine: LocalEngine,
        implementations: Path,
        command: list[str],
        line: str,
    ) -> None:
        write_port(version=command)
        [port] = run_all(implementations, write_cases("answers-1"), engine).ports
        assert port.version == line


class FullDisk(LocalEngine):
    """An engine that has no disk space to build one of the ports."""

    def build(self, port: Port) -> Program:  # type: ignore[override]
        if port.name == "large":
            raise OSError(28, "No space left on device")
        return super().build(port)


def test_a_disk_that_is_full_costs_no_other_port_anything(
    write_port: WritePort, write_cases: WriteCases, implementations: Path
) -> None:
    write_port("small")
    write_port("large")
    with FullDisk() as engine:
        results = run_all(implementations, write_cases("answers-1"), engine)
    assert_one_verdict_each(results)
    assert "No space left on device" in results.ports[0].trouble
    assert outcomes(results, "answers-1", "small")["solution.value"] is Outcome.RIGHT
    assert results.exit_status == 3


def test_a_contradictory_case_stops_the_run_before_any_build(
    write_port: WritePort, write_cases: WriteCases, engine: LocalEngine, implementations: Path
) -> None:
    write_port()
    progress = RecordingProgress()
    with pytest.raises(CaseError, match="filed as singular"):
        run_all(implementations, write_cases("answers-1", kind="singular"), engine, progress)
    assert progress.calls == []


class TestARunThatIsStopped:
    @pytest.mark.parametrize(
        ("moment", "times"),
        [
            (("building", "a"), 1),
            (("building", "b"), 1),
            (("building", "d"), 1),
            (("asking", "a"), 1),
            (("answered", "a"), 1),
            (("answered", "b"), 4),
            (("done", "a"), 1),
            (("done", "b"), 1),
        ],
    )
    def test_it_keeps_what_was_finished_and_blames_nobody(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        implementations: Path,
        moment: tuple[str, str],
        times: int,
    ) -> None:
        for name in "abcd":
            write_port(name, published=PUBLISHED)
        cases = write_cases(*(f"answers-{number}" for number in range(8)))
        progress = RecordingProgress(moment, times)
        with LocalEngine() as engine:
            results = run_all(implementations, cases, engine, progress)
        assert results.run.interrupted
        assert deviating(results) == []
        calls = Counter(port for step, port in progress.calls if step == "answered")
        assert Counter(answer.port for answer in results.answers) == calls
        assert {verdict.outcome for verdict in results.verdicts} <= {Outcome.RIGHT, Outcome.ABSENT}
        for port in results.ports:
            assert port.trouble in ("", "interrupted")

    @pytest.mark.parametrize(
        ("changes", "moment"),
        [
            ({"build": ["sleep", "1000"]}, "building"),
            ({"version": ["sleep", "1000"]}, "building"),
            ({"published": {**PUBLISHED, "run": ["sleep", "1000"]}}, "asking"),
            ({"run": ["sh", "never-reads.sh"]}, "asking"),
        ],
    )
    def test_it_does_not_wait_for_what_hangs(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        implementations: Path,
        changes: dict[str, object],
        moment: str,
    ) -> None:
        progress = RecordingProgress((moment, "actor"), delay=0.2)
        write_port(**{**LONG_LIMITS, **changes})
        began = time.monotonic()
        with LocalEngine() as engine:
            results = run_all(implementations, write_cases("answers-1"), engine, progress)
        assert time.monotonic() - began < 20
        assert results.run.interrupted
        assert results.verdicts == ()
        assert results.answers == ()

    def test_answers_before_a_hang_are_kept_and_no_process_is_left(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        implementations: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        progress = RecordingProgress(("answered", "actor"), times=3, delay=0.2)
        temporary = tmp_path / "temporary"
        temporary.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(temporary))
        write_port(**LONG_LIMITS)
        cases = write_cases("answers-1", "exits-2", "answers-3", "hangs-4")
        with LocalEngine() as engine:
            results = run_all(implementations, cases, engine, progress)
        assert [answer.case for answer in results.answers] == ["answers-1", "exits-2", "answers-3"]
        assert {verdict.case for verdict in deviating(results)} == {"exits-2"}
        for answer in results.answers:
            with pytest.raises(ProcessLookupError):
                os.kill(int(answer.remarks[0].removeprefix("process ")), 0)
        assert list(temporary.iterdir()) == []

    def test_a_keyboard_interrupt_stops_it_too(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        implementations: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        progress = RecordingProgress()

        def interrupt(*_: object) -> NoReturn:
            while ("answered", "actor") not in progress.calls:
                time.sleep(0.01)
            monkeypatch.undo()
            raise KeyboardInterrupt

        monkeypatch.setattr("harness.runs.threads.wait", interrupt)
        write_port(**LONG_LIMITS)
        with LocalEngine() as engine:
            results = run_all(
                implementations, write_cases("answers-1", "hangs-2"), engine, progress
            )
        assert results.run.interrupted
        assert [answer.case for answer in results.answers] == ["answers-1"]
