"""The time that a process may take: delays of the harness do not count."""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.engines.base import Chunk, Exit, Process, Program, Stream
from harness.engines.local import LocalEngine
from harness.inputs.ports import load_port
from harness.model.answer import Ending
from harness.protocol import countdown
from harness.protocol.connection import CaseLimits, Request
from harness.protocol.countdown import SECONDS_PER_WAIT, Countdown
from harness.protocol.session import run_cases, run_to_end
from support.ports import WritePort

ANSWER = b"case a\nsolution 1\n7\nend a\n"
A_DELAY = 30.0
A_TICK = 1e-6
"""A time that a wait takes in addition: that it takes none is never true of a real clock."""

MUCH = Request("remarks-much-1", b"case remarks-much-1 2 3 1\n1 0 2\n0 1 3\n", 6)
"""A case whose answer does not fit a pipe, so that the process cannot end it while it is unread."""

LIMITS = CaseLimits(seconds_per_case=1.5, seconds_to_start=30.0)
SECONDS_HELD = 4.0


class FakeClock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    fake = FakeClock()
    monkeypatch.setattr(countdown, "monotonic", fake)
    return fake


class Delayed(Program, Process):
    """A process that prints nothing for a number of waits, and then its answer in two parts.

    Each wait takes `delay` seconds longer than it may.
    """

    def __init__(self, clock: FakeClock, waits: int, delay: float) -> None:
        self._clock = clock
        self._waits = waits
        self._delay = delay
        self._parts = [ANSWER[:12], ANSWER[12:]]

    def start(self, command: object) -> Process:
        return self

    def send(self, data: bytes) -> None:
        return

    def close_input(self) -> None:
        return

    def receive(self, timeout: float) -> list[Chunk]:
        self._clock.now += timeout + self._delay
        self._waits -= 1
        if self._waits >= 0 or not self._parts:
            return []
        return [Chunk(Stream.OUTPUT, self._parts.pop(0))]

    @property
    def output_closed(self) -> bool:
        return False

    @property
    def closed(self) -> bool:
        return not self._parts

    def stop(self, grace: float = 0.5) -> Exit:
        return Exit(status=0)


REQUEST = Request("a", b"case a 1 2 1\n1 7\n", 2)


def make_receive(
    clock: FakeClock, share: float, delay: float, comes: bool
) -> Callable[[float], bool]:
    """Return a function that takes a share of the time that it gets, and a delay."""

    def receive(seconds: float) -> bool:
        assert 0 <= seconds <= SECONDS_PER_WAIT
        clock.now += share * seconds + delay
        return comes

    return receive


class TestACountdown:
    @given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 100), st.booleans())))
    def test_no_wait_counts_more_than_it_was_asked_for(
        self, waits: list[tuple[float, float, bool]]
    ) -> None:
        clock, given_time = FakeClock(), Countdown(5.0)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(countdown, "monotonic", clock)
            for share, delay, comes in waits:
                clock.now += delay
                before = given_time.left

                given_time.wait(make_receive(clock, share, delay, comes))
                assert before - SECONDS_PER_WAIT <= given_time.left <= before
                assert given_time.spent == 5.0 - given_time.left
                assert not given_time.is_over or (before <= 0 and not comes)

    def test_it_is_over_when_the_time_is_spent_and_nothing_is_there(self, clock: FakeClock) -> None:
        given_time, asked = Countdown(0.25), []

        def receive(seconds: float) -> bool:
            asked.append(seconds)
            clock.now += seconds + A_TICK
            return len(asked) == 4

        while not given_time.is_over:
            given_time.wait(receive)
        assert asked == pytest.approx([0.1, 0.1, 0.05, 0.0, 0.0])


class TestADelayOfTheHarness:
    """The clock is that of the test, which moves it by a delay at each wait."""

    @pytest.mark.parametrize("waits", [0, 1, 20])
    def test_it_costs_no_case(self, clock: FakeClock, waits: int) -> None:
        limits = CaseLimits(seconds_per_case=3.0, seconds_to_start=0.0)
        program = Delayed(clock, waits, A_DELAY)
        [transcript] = run_cases(program, ("port",), [REQUEST], limits)
        assert transcript.ending is Ending.COMPLETED
        assert transcript.stages["solution"].rows == ((7,),)

    def test_without_an_answer_the_time_ends_all_the_same(self, clock: FakeClock) -> None:
        limits = CaseLimits(seconds_per_case=3.0, seconds_to_start=0.0)
        program = Delayed(clock, 10_000, A_TICK)
        began = clock.now
        [transcript] = run_cases(program, ("port",), [REQUEST], limits)
        assert (transcript.ending, transcript.reason) == (Ending.HUNG, "no answer within 3 s")
        assert 3.0 <= clock.now - began < 5.0

    def test_it_costs_the_own_example_nothing(self, clock: FakeClock) -> None:
        limits = CaseLimits(seconds_per_case=3.0, seconds_to_start=0.0)
        output = run_to_end(Delayed(clock, 1, A_DELAY), ("port",), limits)
        assert (output.ending, output.output) == (Ending.COMPLETED, ANSWER.decode())


class TestAThreadThatHoldsTheInterpreter:
    """The thread calls a function in C that does not let other threads run."""

    @pytest.fixture
    def hold_interpreter(self) -> Iterator[Callable[[], None]]:
        hold = threading.Thread(target=self._hold)
        yield hold.start
        hold.join()

    @staticmethod
    def _hold() -> None:
        time.sleep(0.3)
        ctypes.PyDLL(None).usleep(int(SECONDS_HELD * 1e6))

    def test_no_case_is_lost(
        self, local: LocalEngine, write_port: WritePort, hold_interpreter: Callable[[], None]
    ) -> None:
        program = local.build(load_port(write_port()))
        began = time.monotonic()
        hold_interpreter()
        [transcript] = run_cases(program, ("sh", "actor.sh"), [MUCH], LIMITS)
        assert time.monotonic() - began > SECONDS_HELD
        assert transcript.ending is Ending.COMPLETED
        assert transcript.stages["solution"].rows == ((2,), (3,))

    def test_the_output_of_a_program_is_read(
        self, local: LocalEngine, write_port: WritePort, hold_interpreter: Callable[[], None]
    ) -> None:
        program = local.build(load_port(write_port()))
        hold_interpreter()
        script = "sleep 0.5; yes 'a line' | head -n 30000; echo last"
        limits = replace(LIMITS, seconds_to_start=0.0)
        output = run_to_end(program, ("sh", "-c", script), limits)
        assert output.ending is Ending.COMPLETED
        assert output.output.endswith("last\n")
