"""Running cases on a port: each case gets one transcript, in order, whatever the port does.

tests/support/faulty_ports/actor.sh does what the name of each case says.
"""

from __future__ import annotations

import itertools
import time
import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.engines.base import Chunk, Engine, Exit, Process, Program, Stream
from harness.engines.docker.engine import DockerEngine
from harness.engines.local import LocalEngine
from harness.errors import EngineError
from harness.inputs.ports import load_port
from harness.model.answer import Discontinuity, Ending, ProgramOutput, Transcript
from harness.protocol.connection import CaseLimits, Request
from harness.protocol.error_log import (
    MAXIMUM_ERROR_LINE_LENGTH,
    MAXIMUM_ERROR_LINES,
    ErrorLog,
    last_error_line,
)
from harness.protocol.session import run_cases, run_to_end
from support.ports import WritePort

LONG_LIMITS = CaseLimits(seconds_per_case=20.0, seconds_to_start=20.0, bytes_per_case=20_000)
"""For answers that arrive, however busy the machine is."""

SHORT_LIMITS = replace(LONG_LIMITS, seconds_per_case=0.4)
"""For answers that do not arrive."""

ENDINGS = {
    "answers": Ending.COMPLETED,
    "adds-stderr": Ending.COMPLETED,
    "leaves": Ending.COMPLETED,
    "repeats": Ending.COMPLETED,
    "adds-remark": Ending.COMPLETED,
    "prints-bytes": Ending.COMPLETED,
    "exits": Ending.CRASHED,
    "stops": Ending.CRASHED,
    "truncates": Ending.CRASHED,
    "quits": Ending.CRASHED,
    "killed": Ending.CRASHED,
    "misnames-start": Ending.OUT_OF_STEP,
    "misnames-end": Ending.OUT_OF_STEP,
    "restarts": Ending.OUT_OF_STEP,
    "floods": Ending.FLOODED,
    "floods-line": Ending.FLOODED,
    "floods-stderr": Ending.FLOODED,
}
"""How the answer to a case of each name ends, independently of the other cases."""


@pytest.fixture(scope="module")
def docker() -> Iterator[DockerEngine]:
    with DockerEngine() as engine:
        yield engine


@pytest.fixture
def program(local: LocalEngine, write_port: WritePort) -> Program:
    return local.build(load_port(write_port()))


@pytest.fixture(params=["local", pytest.param("docker", marks=pytest.mark.docker)])
def program_on_each_engine(request: pytest.FixtureRequest, write_port: WritePort) -> Program:
    engine: Engine = request.getfixturevalue(request.param)
    return engine.build(load_port(write_port()))


def make_request(name: str) -> Request:
    return Request(name, f"case {name} 2 3 1\n1 0 2\n0 1 3\n".encode(), 6)


def run_named_cases(
    program: Program, *names: str, limits: CaseLimits = LONG_LIMITS, script: str = "actor.sh"
) -> list[Transcript]:
    """Return the transcripts of cases with these names; check that there is one each, in order."""
    transcripts = list(run_cases(program, ("sh", script), [*map(make_request, names)], limits))
    assert [transcript.case for transcript in transcripts] == list(names)
    return transcripts


def endings(transcripts: Iterable[Transcript]) -> list[str]:
    return [transcript.ending.value for transcript in transcripts]


def process_line(transcript: Transcript) -> str:
    """Return the line that identifies the process of an answer: the first remark of the actor."""
    return transcript.remarks[0]


def assert_complete(transcript: Transcript) -> None:
    """Check that a transcript has everything that the actor prints for an answered case."""
    assert transcript.ending is Ending.COMPLETED
    assert transcript.reason == ""
    assert transcript.stages["echelon"].rows == ((1, 0, 2), (0, 1, 3))
    assert transcript.stages["reduced"].rows == ((1, 0, 2), (0, 1, 3))
    assert transcript.stages["solution"].rows == ((2,), (3,))
    assert transcript.errors[0] == f"about {transcript.case}"


class TestACorrectPort:
    def test_one_process_answers_all_cases_in_order(self, program_on_each_engine: Program) -> None:
        transcripts = run_named_cases(program_on_each_engine, *(f"answers-{n}" for n in range(20)))
        assert len({process_line(transcript) for transcript in transcripts}) == 1
        for transcript in transcripts:
            assert_complete(transcript)
            assert transcript.remarks[1:] == ()
            assert transcript.errors[1:] == ()

    def test_the_time_of_each_answer_is_measured(self, program: Program) -> None:
        quick, slow, again = run_named_cases(program, "answers-1", "pauses-2", "answers-3")
        assert slow.seconds > 0.2
        assert max(quick.seconds, again.seconds) < slow.seconds

    def test_errors_after_an_answer_belong_to_that_case(
        self, program_on_each_engine: Program
    ) -> None:
        names = [f"adds-stderr-{n}" for n in range(5)]
        for transcript in run_named_cases(program_on_each_engine, *names):
            assert transcript.errors[1:] == (f"afterthought on {transcript.case}",)

    def test_it_is_not_started_for_no_cases(self, program: Program) -> None:
        assert run_named_cases(program, script="no-such-script.sh") == []

    def test_answers_are_returned_while_it_still_runs(self, program: Program) -> None:
        names = ["answers-1", "answers-2", "hangs-3"]
        transcripts = run_cases(
            program, ("sh", "actor.sh"), [*map(make_request, names)], LONG_LIMITS
        )
        start = time.monotonic()
        assert [next(transcripts).case for _ in range(2)] == ["answers-1", "answers-2"]
        transcripts.close()
        assert time.monotonic() - start < LONG_LIMITS.seconds_per_case / 2

    def test_it_may_go_on_when_its_input_has_ended(self, program: Program) -> None:
        [transcript] = run_named_cases(
            program, "answers-1", script="never-ends.sh", limits=SHORT_LIMITS
        )
        assert_complete(transcript)

    def test_an_answer_to_a_large_case_may_be_large(self, program: Program) -> None:
        size = 150
        rows = "".join(" ".join(["0.123456789012345"] * size) + "\n" for _ in range(size))
        case = Request("answers-1", f"case answers-1 {size} {size} 1\n{rows}".encode(), size**2)
        [transcript] = run_cases(program, ("sh", "actor.sh"), [case], LONG_LIMITS)
        assert transcript.ending is Ending.COMPLETED
        assert transcript.stages["echelon"].shape == (size, size)


class TestAProcessThatEnds:
    def test_an_exit_costs_its_own_case_only(self, program_on_each_engine: Program) -> None:
        before, lost, after = run_named_cases(
            program_on_each_engine, "answers-1", "exits-2", "answers-3"
        )
        assert_complete(before)
        assert lost.ending is Ending.CRASHED
        assert lost.reason == "exit status 3: Error: no luck with exits-2"
        assert lost.stages["echelon"].rows == ((1, 0, 2), (0, 1, 3))
        assert list(lost.stages) == ["echelon"]
        assert_complete(after)

    def test_a_fresh_process_takes_the_next_case(self, program: Program) -> None:
        before, _, after, later = run_named_cases(
            program, "answers-1", "exits-2", "answers-3", "answers-4"
        )
        assert process_line(before) != process_line(after)
        assert process_line(after) == process_line(later)

    def test_every_tenth_case_may_be_lost(self, program: Program) -> None:
        names = [f"{'exits' if n % 10 == 9 else 'answers'}-{n}" for n in range(40)]
        transcripts = run_named_cases(program, *names)
        lost = [n for n, t in enumerate(transcripts) if t.ending is Ending.CRASHED]
        assert lost == [9, 19, 29, 39]
        assert sum(t.ending is Ending.COMPLETED for t in transcripts) == 36

    def test_a_crash_between_cases_loses_none(self, program: Program) -> None:
        names = ["leaves-1", "answers-2", "leaves-3", "leaves-4", "answers-5"]
        for transcript in run_named_cases(program, *names):
            assert_complete(transcript)

    def test_an_exit_after_the_last_answer_loses_nothing(self, program: Program) -> None:
        assert_complete(run_named_cases(program, "leaves-1")[0])

    def test_a_failure_to_read_a_case_costs_that_case_only(self, program: Program) -> None:
        before, lost, after = run_named_cases(program, "answers-1", "quits-2", "answers-3")
        assert_complete(before)
        assert lost.reason == "exit status 4: Error: cannot read this"
        assert_complete(after)

    def test_a_signal_is_named(self, program_on_each_engine: Program) -> None:
        _, lost, after = run_named_cases(
            program_on_each_engine, "answers-1", "killed-2", "answers-3"
        )
        assert (lost.ending, lost.reason) == (Ending.CRASHED, "killed by SIGKILL: about killed-2")
        assert_complete(after)

    def test_a_last_line_without_its_end_is_a_remark(self, program: Program) -> None:
        [transcript] = run_named_cases(program, "stops-1")
        assert transcript.remarks[1:] == ("The matrix is singular",)
        assert transcript.reason.startswith("exit status 1")

    def test_a_row_without_its_end_is_no_row(self, program: Program) -> None:
        [transcript] = run_named_cases(program, "truncates-1")
        assert transcript.stages["echelon"].rows == ()
        assert "0 rows" in transcript.stages["echelon"].trouble

    def test_a_port_that_cannot_start_is_given_up_with_a_reason(self, program: Program) -> None:
        names = [f"answers-{n}" for n in range(5)]
        transcripts = run_named_cases(program, *names, script="missing-library.sh")
        assert endings(transcripts) == ["crashed"] * 3 + ["given up"] * 2
        why = "missing-library: error while loading shared libraries: libmissing.so"
        assert [t.reason for t in transcripts[:3]] == [f"exit status 127: {why}"] * 3
        assert [t.reason for t in transcripts[3:]] == [
            "not asked after 3 false starts in a row"
        ] * 2

    def test_false_starts_count_in_a_row_only(self, program: Program) -> None:
        names = ["quits-1", "quits-2", "answers-3", "quits-4", "quits-5", "answers-6"]
        transcripts = run_named_cases(program, *names)
        assert_complete(transcripts[2])
        assert_complete(transcripts[5])

    def test_an_error_of_the_engine_is_raised(self, program: Program) -> None:
        with pytest.raises(EngineError):
            list(
                run_cases(program, ("./no-such-program",), [make_request("answers-1")], LONG_LIMITS)
            )


class TestAProcessThatHangs:
    def test_a_hang_costs_its_own_case_only(self, program_on_each_engine: Program) -> None:
        before, lost, after = run_named_cases(
            program_on_each_engine, "answers-1", "hangs-2", "answers-3", limits=SHORT_LIMITS
        )
        assert_complete(before)
        assert (lost.ending, lost.reason) == (Ending.HUNG, "no answer within 0.4 s")
        assert list(lost.stages) == ["echelon"]
        assert lost.errors == ("about hangs-2",)
        assert_complete(after)

    def test_after_three_hangs_the_rest_are_given_up(self, program: Program) -> None:
        names = ["hangs-1", "answers-2", "hangs-3", "hangs-4", "answers-5", "hangs-6"]
        transcripts = run_named_cases(
            program, *names, limits=replace(SHORT_LIMITS, seconds_per_case=0.2)
        )
        assert endings(transcripts) == ["hung", "completed", "hung", "hung", "given up", "given up"]
        assert transcripts[-1].reason == "not asked after 3 hangs"

    def test_a_hang_before_a_reply_is_counted_and_reported(self, program: Program) -> None:
        limits = CaseLimits(seconds_per_case=0.2, seconds_to_start=0.5, hangs=1)
        names = ["answers-1", "hangs-silently-2", "answers-3"]
        before, lost, skipped = run_named_cases(program, *names, limits=limits)
        assert_complete(before)
        assert (lost.ending, lost.reason) == (Ending.HUNG, "no answer within 0.7 s")
        assert skipped.ending is Ending.GIVEN_UP

    def test_the_time_to_start_does_not_prolong_a_case(self, program: Program) -> None:
        start = time.monotonic()
        run_named_cases(
            program, "hangs-1", limits=CaseLimits(seconds_per_case=0.2, seconds_to_start=60.0)
        )
        assert time.monotonic() - start < 10.0

    def test_a_late_answer_is_not_accepted(self, program: Program) -> None:
        limits = replace(SHORT_LIMITS, seconds_per_case=0.1)
        first, after = run_named_cases(program, "pauses-1", "answers-2", limits=limits)
        assert first.ending is Ending.HUNG
        assert after.remarks[0] != first.remarks[0]

    def test_a_process_that_ignores_sigterm_is_killed(
        self, program_on_each_engine: Program
    ) -> None:
        lost, after = run_named_cases(
            program_on_each_engine, "ignores-sigterm-1", "answers-2", limits=SHORT_LIMITS
        )
        assert lost.ending is Ending.HUNG
        assert_complete(after)

    def test_a_process_that_closes_its_output_is_not_awaited(self, program: Program) -> None:
        lost, after = run_named_cases(program, "closes-stdout-1", "answers-2")
        assert lost.ending is Ending.CRASHED
        assert lost.reason.startswith("closed its standard output and lived on")
        assert_complete(after)

    def test_a_process_that_never_reads_does_not_block(self, program: Program) -> None:
        limits = CaseLimits(seconds_per_case=0.2, seconds_to_start=0.1)
        large = Request("large", b"case large 1 1000000 1\n" + b"0 " * 1_000_000 + b"\n", 10**6)
        [transcript] = run_cases(program, ("sh", "never-reads.sh"), [large], limits)
        assert transcript.ending is Ending.HUNG


class TestAKindOfCases:
    """Which cases are asked after hangs, by their kinds."""

    LIMITS = replace(SHORT_LIMITS, seconds_per_case=0.2)

    def ask(self, program: Program, limits: CaseLimits, *names: str) -> list[str]:
        """Return the endings of cases, whose kind is in their names before a colon."""
        requests = [
            replace(make_request(name), kind=kind) for kind, name in (n.split(":") for n in names)
        ]
        return endings(run_cases(program, ("sh", "actor.sh"), requests, limits))

    def test_other_kinds_are_asked_until_they_hang(self, program: Program) -> None:
        names = ["a:hangs-1", "b:answers-2", "a:hangs-3", "a:hangs-4", "a:answers-5"]
        more = ["b:answers-6", "c:hangs-7", "c:answers-8", "b:answers-9"]
        assert self.ask(program, self.LIMITS, *names, *more) == [
            *("hung", "completed", "hung", "hung", "given up"),
            *("completed", "hung", "given up", "completed"),
        ]

    def test_many_answers_allow_more_hangs(self, program: Program) -> None:
        limits = replace(self.LIMITS, answers_per_hang=4)
        names = [f"{'hangs' if n % 3 == 2 else 'answers'}-{n}" for n in range(15)]
        [*asked, last] = self.ask(program, limits, *(f"a:{name}" for name in names))
        assert asked.count("given up") == 0
        assert last == "hung"

    def test_the_hangs_are_limited_whatever_is_answered(self, program: Program) -> None:
        limits = replace(self.LIMITS, answers_per_hang=1, hangs_in_all=4)
        names = [f"a:{'hangs' if n % 2 else 'answers'}-{n}" for n in range(12)]
        assert self.ask(program, limits, *names).count("hung") == 4


class TestAFailureBetweenTwoCases:
    """It is told with the next case, which a fresh process answers."""

    @pytest.mark.parametrize(
        ("name", "ending", "reason"),
        [
            ("leaves-1", Ending.CRASHED, "exit status 5"),
            ("stalls-1", Ending.HUNG, "no answer within 0.4 s"),
            (
                "floods-after-1",
                Ending.FLOODED,
                "printed more than any answer to this case can need",
            ),
            (
                "repeats-1",
                Ending.OUT_OF_STEP,
                "printed `case repeats-1` where an answer to answers-2 was due",
            ),
        ],
    )
    def test_it_is_reported_and_costs_no_answer(
        self, program: Program, name: str, ending: Ending, reason: str
    ) -> None:
        first, second, third = run_named_cases(
            program, name, "answers-2", "answers-3", limits=SHORT_LIMITS
        )
        for transcript in (first, second, third):
            assert_complete(transcript)
        assert second.discontinuity == Discontinuity(name, ending, reason)
        assert (first.discontinuity, third.discontinuity) == (None, None)

    def test_a_case_that_fails_twice_is_at_fault_itself(self, program: Program) -> None:
        _, lost, after = run_named_cases(program, "answers-1", "quits-2", "answers-3")
        assert (lost.ending, lost.discontinuity) == (Ending.CRASHED, None)
        assert after.discontinuity is None

    def test_the_marker_on_standard_error_begins_a_case(self, program: Program) -> None:
        """So the case is not asked again, and costs the time of one case, not that of a start."""
        start = time.monotonic()
        limits = replace(SHORT_LIMITS, seconds_to_start=60.0)
        _, lost, after = run_named_cases(
            program, "answers-1", "marks-and-hangs-2", "answers-3", limits=limits
        )
        assert time.monotonic() - start < 20.0
        assert (lost.ending, lost.reason) == (Ending.HUNG, "no answer within 0.4 s")
        assert (lost.discontinuity, after.discontinuity) == (None, None)

    def test_after_two_in_a_row_each_case_has_its_own_process(self, program: Program) -> None:
        names = [f"answers-{n}" for n in range(6)]
        transcripts = run_named_cases(program, *names, script="dies-at-second.sh")
        for transcript in transcripts:
            assert_complete(transcript)
        failures = [t.discontinuity for t in transcripts]
        assert [failure.after for failure in failures if failure] == ["answers-0", "answers-1"]
        assert failures[1] is not None
        assert failures[2] is not None
        assert failures[1].reason == "killed by SIGSEGV"
        assert failures[2].reason.endswith("from here on, each case has a process of its own")
        assert len({process_line(transcript) for transcript in transcripts}) == 6

    def test_one_after_many_answers_changes_nothing(self, program: Program) -> None:
        names = [f"{'leaves' if n % 3 == 2 else 'answers'}-{n}" for n in range(12)]
        transcripts = run_named_cases(program, *names)
        assert [t.case for t in transcripts if t.discontinuity] == [
            *("answers-3", "answers-6", "answers-9")
        ]
        assert len({process_line(transcript) for transcript in transcripts}) == 4


class TestTheTimeToStart:
    def test_it_is_granted_in_full_until_the_port_has_started_once(self) -> None:
        limits = CaseLimits()
        assert limits.patience_at_start == 70.0
        limits.starts.add(0.5)
        assert limits.patience_at_start == 30.0
        limits.starts.add(4.0)
        assert limits.patience_at_start == 50.0
        limits.starts.add(1.0)
        assert limits.patience_at_start == 50.0
        limits.starts.add(20.0)
        assert limits.patience_at_start == 70.0

    def test_it_is_measured_until_the_first_case_begins(self, program: Program) -> None:
        limits = CaseLimits(seconds_per_case=20.0, seconds_to_start=20.0)
        script = ("sh", "-c", "sleep 0.3; exec sh actor.sh")
        [transcript] = run_cases(program, script, [make_request("pauses-1")], limits)
        assert transcript.ending is Ending.COMPLETED
        assert limits.starts.longest is not None
        assert limits.starts.longest > 0.25

    def test_each_port_has_its_own(self) -> None:
        CaseLimits().starts.add(7.0)
        assert CaseLimits().starts.longest is None


class TestAProcessOutOfStep:
    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            (
                "misnames-start-2",
                "printed `case other` where an answer to misnames-start-2 was due",
            ),
            ("misnames-end-2", "printed `end other` where `end misnames-end-2` was due"),
            ("restarts-2", "printed `case restarts-2` where an answer to restarts-2 was due"),
        ],
    )
    def test_it_loses_the_case(self, program: Program, name: str, reason: str) -> None:
        before, lost, after = run_named_cases(program, "answers-1", name, "answers-3")
        assert_complete(before)
        assert (lost.ending, lost.reason) == (Ending.OUT_OF_STEP, reason)
        assert_complete(after)

    def test_wrong_ends_are_not_false_starts(self, program: Program) -> None:
        transcripts = run_named_cases(program, *(f"misnames-end-{n}" for n in range(6)))
        assert endings(transcripts) == ["out of step"] * 6

    def test_a_second_answer_costs_the_next_case_nothing(self, program: Program) -> None:
        for transcript in run_named_cases(
            program, "repeats-1", "answers-2", "repeats-3", "repeats-4"
        ):
            assert_complete(transcript)

    def test_a_remark_after_an_answer_does_not_affect_the_next(self, program: Program) -> None:
        _, after = run_named_cases(program, "adds-remark-1", "answers-2")
        assert len(after.remarks) == 1
        assert_complete(after)

    def test_answers_before_their_requests_are_accepted(self, program: Program) -> None:
        names = ["answers-1", "answers-2", "answers-3"]
        transcripts = run_named_cases(
            program, *names, script="answers-early.sh", limits=SHORT_LIMITS
        )
        assert endings(transcripts) == ["completed", "completed", "out of step"]


class TestAFlood:
    @pytest.mark.parametrize("name", ["floods-2", "floods-line-2", "floods-stderr-2"])
    def test_it_costs_its_own_case_only(self, program: Program, name: str) -> None:
        before, lost, after = run_named_cases(program, "answers-1", name, "answers-3")
        assert_complete(before)
        assert lost.ending is Ending.FLOODED
        assert lost.reason == "printed more than any answer to this case can need"
        assert sum(map(len, (*lost.remarks, *lost.errors))) < 200_000
        assert_complete(after)

    @pytest.mark.docker
    def test_it_is_stopped_in_a_container_too(
        self, docker: DockerEngine, write_port: WritePort
    ) -> None:
        program = docker.build(load_port(write_port()))
        lost, after = run_named_cases(program, "floods-1", "answers-2")
        assert lost.ending is Ending.FLOODED
        assert_complete(after)

    def test_output_after_the_last_answer_takes_little_memory(self) -> None:
        answer = Chunk(Stream.OUTPUT, b"case a\nend a\n")
        program = Recording([answer, *[Chunk(Stream.OUTPUT, b"x" * 1_000_000)] * 50])
        tracemalloc.start()
        [transcript] = run_named_cases(program, "a")
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert transcript.ending is Ending.COMPLETED
        assert peak < 10_000_000

    def test_bytes_that_are_no_text_are_unreadable_only(self, program: Program) -> None:
        answer, after = run_named_cases(program, "prints-bytes-1", "answers-2")
        assert answer.ending is Ending.COMPLETED
        assert answer.stages["echelon"].trouble == ("row 1 of echelon: '\\x00' is not a number")
        assert answer.stages["solution"].rows == ((2,), (3,))
        assert_complete(after)


class TestAnyPort:
    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(st.lists(st.sampled_from(sorted(ENDINGS)), max_size=8))
    def test_each_case_gets_its_own_transcript(
        self, program: Program, actions: Sequence[str]
    ) -> None:
        names = [f"{action}-{number}" for number, action in enumerate(actions)]
        transcripts = run_named_cases(
            program, *names, limits=replace(LONG_LIMITS, false_starts=1_000)
        )
        assert [t.ending for t in transcripts] == [ENDINGS[action] for action in actions]
        for transcript, action in zip(transcripts, actions, strict=True):
            if action in ("answers", "adds-stderr", "leaves", "repeats", "adds-remark"):
                assert_complete(transcript)
            for line in (*transcript.errors, transcript.reason):
                others = (n for n in names if n != transcript.case)
                assert not any(line.endswith(f" {name}") for name in others)

    @given(st.data())
    def test_the_chunks_of_output_do_not_matter(self, data: st.DataObject) -> None:
        output = b"case a\r\nHm\xc3\xb6\nechelon 1 2\n1 2\nend a\ncase b\nsolution 1\nNaN\nend b\n"
        cuts = sorted(data.draw(st.sets(st.integers(0, len(output)))))
        pieces = [output[i:j] for i, j in itertools.pairwise([0, *cuts, len(output)])]
        program = Recording([Chunk(Stream.OUTPUT, piece) for piece in pieces])
        first, second = run_named_cases(program, "a", "b")
        assert first.remarks == ("Hmö",)
        assert first.stages["echelon"].rows == ((1, 2),)
        assert list(second.stages) == ["solution"]


class Recording(Program, Process):
    """A program that prints given chunks of output, and then ends."""

    def __init__(self, chunks: Sequence[Chunk]) -> None:
        self._chunks = list(chunks)

    def start(self, command: Sequence[str]) -> Process:
        return self

    def send(self, data: bytes) -> None:
        return

    def close_input(self) -> None:
        return

    def receive(self, timeout: float) -> list[Chunk]:
        return [self._chunks.pop(0)] if self._chunks else []

    @property
    def output_closed(self) -> bool:
        return not self._chunks

    @property
    def closed(self) -> bool:
        return not self._chunks

    def stop(self, grace: float = 0.5) -> Exit:
        return Exit(status=0)


def test_a_flood_on_stderr_costs_the_case_that_it_is_about() -> None:
    """Cases are sent ahead, and the streams arrive in any order: the flood of the second case may
    come before the end of the first answer."""
    answer = "case {0}\nsolution 1\n7\nend {0}\n"
    recording = Recording(
        [
            Chunk(Stream.ERRORS, b"case one\ncase two\n"),
            *[Chunk(Stream.ERRORS, b"x" * 9_999 + b"\n")] * 5,
            Chunk(Stream.OUTPUT, answer.format("one").encode()),
            Chunk(Stream.OUTPUT, b"case two\n"),
            *[Chunk(Stream.ERRORS, b"x" * 9_999 + b"\n")] * 5,
            Chunk(Stream.OUTPUT, b""),
        ]
    )
    requests = [Request(name, b"", 1) for name in ("one", "two")]
    transcripts = list(run_cases(recording, ("port",), requests, LONG_LIMITS))
    assert [transcript.ending for transcript in transcripts] == [Ending.COMPLETED, Ending.FLOODED]


def make_log(*cases: str) -> ErrorLog:
    log = ErrorLog()
    for case in cases:
        log.expect(case)
    return log


class TestErrorLog:
    def test_lines_belong_to_the_marker_before_them(self) -> None:
        log = make_log("a", "b")
        log.feed(b"case a\none\ncase b\ntwo\nthree\n")
        assert log.take("a") == ("one",)
        assert log.take("b") == ("two", "three")

    def test_lines_before_any_marker_belong_to_the_first_case(self) -> None:
        log = make_log("a", "b")
        log.feed(b"Picked up _JAVA_OPTIONS\n")
        assert log.take("a") == ("Picked up _JAVA_OPTIONS",)

    def test_a_case_is_passed_once_a_later_marker_has_come(self) -> None:
        log = make_log("a", "b")
        assert not log.has_passed("a")
        log.feed(b"case a\n")
        assert not log.has_passed("a")
        log.feed(b"case b\n")
        assert log.has_passed("a")

    def test_a_marker_of_no_case_that_was_asked_is_a_line(self) -> None:
        log = make_log("a")
        log.feed(b"case a\ncase z\ncase of emergency\n")
        assert not log.has_passed("a")
        assert log.take("a") == ("case z", "case of emergency")

    def test_an_unfinished_line_counts_when_no_more_come(self) -> None:
        log = make_log("a")
        log.feed(b"Segmentation fau")
        log.finish()
        assert log.take("a") == ("Segmentation fau",)

    @given(st.lists(st.binary(max_size=40)))
    def test_it_does_not_matter_how_lines_are_cut(self, pieces: list[bytes]) -> None:
        whole, cut = make_log("a", "b"), make_log("a", "b")
        whole.feed(b"case b\n" + b"".join(pieces))
        for piece in (b"cas", b"e b", b"\n", *pieces):
            cut.feed(piece)
        for log in (whole, cut):
            log.finish()
        assert cut.take("b") == whole.take("b")
        assert cut.take("a") == whole.take("a") == ()

    def test_the_last_lines_are_kept_and_long_lines_are_cut(self) -> None:
        log = make_log("a")
        for number in range(1_000):
            log.feed(f"line {number}\n".encode())
        log.feed(b"x" * 100_000)
        log.finish()
        lines = log.take("a")
        assert len(lines) == MAXIMUM_ERROR_LINES
        assert lines[-2] == "line 999"
        assert len(lines[-1]) == MAXIMUM_ERROR_LINE_LENGTH

    def test_a_line_without_end_takes_no_memory(self) -> None:
        log, piece = make_log("a"), b"x" * 100_000
        tracemalloc.start()
        for _ in range(50):
            log.feed(piece)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 10 * len(piece)


class TestLastErrorLine:
    @pytest.mark.parametrize(
        ("lines", "line"),
        [
            (["Traceback:", "  File x", "ValueError: no", ""], "ValueError: no"),
            (
                ["==1==ERROR: bad", "  #0 main", "SUMMARY: heap-overflow", "ABORTING"],
                "SUMMARY: heap-overflow",
            ),
            (["  at Main.main"], ""),
            ([], ""),
        ],
    )
    def test_it_is_the_last_that_is_not_indented_or_a_summary(
        self, lines: list[str], line: str
    ) -> None:
        assert last_error_line(lines) == line

    def test_it_is_not_very_long(self) -> None:
        assert len(last_error_line(["x" * 10_000])) == 300


def run_script(program: Program, script: str, limits: CaseLimits = LONG_LIMITS) -> ProgramOutput:
    return run_to_end(program, ("sh", "-c", script), limits)


class TestRunToEnd:
    def test_all_that_is_printed_is_kept(self, program_on_each_engine: Program) -> None:
        output = run_script(
            program_on_each_engine, "echo one; echo two >&2; echo case x >&2; printf three"
        )
        assert output.output == "one\nthree"
        assert output.errors == ("two", "case x")
        assert (output.ending, output.reason) == (Ending.COMPLETED, "")

    def test_every_line_on_standard_error_is_kept(self, program: Program) -> None:
        output = run_script(program, "for word in one two three; do echo $word >&2; done")
        assert output.errors == ("one", "two", "three")

    def test_its_input_is_empty(self, program: Program) -> None:
        assert run_script(program, "cat; echo read").output == "read\n"

    @pytest.mark.parametrize(
        ("script", "ending", "reason"),
        [
            ("exit 3", Ending.CRASHED, "exit status 3"),
            ("kill -SEGV $$", Ending.CRASHED, "killed by SIGSEGV"),
            ("exec yes", Ending.FLOODED, "printed without end"),
            ("yes >&2", Ending.FLOODED, "printed without end"),
        ],
    )
    def test_a_bad_end_is_reported(
        self, program: Program, script: str, ending: Ending, reason: str
    ) -> None:
        output = run_script(program, f"echo before; {script}")
        assert (output.ending, output.reason) == (ending, reason)
        assert output.output.startswith("before\n")

    def test_a_program_that_does_not_end_is_ended(self, program: Program) -> None:
        limits = CaseLimits(seconds_per_case=0.2, seconds_to_start=0.1)
        output = run_script(program, "echo before; exec sleep 1000", limits)
        assert (output.ending, output.reason) == (Ending.HUNG, "did not end within 0.3 s")
        assert output.output == "before\n"
