"""Pivot replay: the pivot row of each step is recovered from the final matrix.

The eliminations here record their own pivot rows, and the replay gets only the matrix. Random
systems have fixed seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from numpy.random import Generator
from numpy.typing import NDArray

from harness.model.case import Arithmetic
from harness.model.pivot import Replay
from harness.numerics import rational
from harness.numerics.pivot_replay import replay
from harness.numerics.pivot_sentences import describe_departure, describe_mismatch
from harness.numerics.precision import BINARY64, Precision
from harness.numerics.printed_matrix import PrintedMatrix
from support.eliminations import Program, UnitPivots, make_case

Array = NDArray[np.float64]
Rule = Callable[[Array, int], int]
"""A function that chooses a row from the remaining entries of a column; it may choose wrongly."""

RATIONAL = Arithmetic.RATIONAL64

CLEAR_DIFFERENCE = 1e-9
"""A larger difference, relative to the largest entry that occurred, is no near-tie."""


def largest(entries: Array, row: int) -> int:
    return int(np.argmax(np.abs(entries)))


def last_largest(entries: Array, row: int) -> int:
    return len(entries) - 1 - int(np.argmax(np.abs(entries[::-1])))


CORRECT_RULES: dict[str, Rule] = {"the first of the largest": largest, "the last": last_largest}

WRONG_RULES: dict[str, Rule] = {
    "the first that is not 0": lambda entries, row: int(np.flatnonzero(entries)[0]),
    "the last that is not 0": lambda entries, row: int(np.flatnonzero(entries)[-1]),
    "the smallest that is not 0": lambda entries, row: int(
        np.argmin(np.where(entries == 0, np.inf, np.abs(entries)))
    ),
    "the largest with its sign": lambda entries, row: (
        int(np.argmax(entries)) if np.max(entries) != 0 else largest(entries, row)
    ),
    "the most negative": lambda entries, row: (
        int(np.argmin(entries)) if np.min(entries) != 0 else largest(entries, row)
    ),
    "ignores the last row": lambda entries, row: (
        largest(entries[:-1], row) if entries[:-1].any() else len(entries) - 1
    ),
    "ignores the next row": lambda entries, row: (
        largest(np.concatenate([entries[:1], [0.0], entries[2:]]), row)
        if np.delete(entries, 1 if len(entries) > 1 else []).any()
        else largest(entries, row)
    ),
    "compares with the first only": lambda entries, row: (
        int(np.flatnonzero(np.abs(entries) >= abs(entries[0]))[-1])
        if entries[0] != 0
        else largest(entries, row)
    ),
    "the second largest": lambda entries, row: (
        int(np.argsort(-np.abs(entries))[1])
        if np.count_nonzero(entries) > 1
        else largest(entries, row)
    ),
}


@dataclass(frozen=True)
class Elimination:
    """A run of an elimination: its final matrix, and the candidates and pivot row of each step."""

    system: Array
    echelon: Array
    taken: tuple[int, ...]
    columns: tuple[int, ...]
    entries: tuple[dict[int, float], ...]
    scale: float

    @property
    def departure(self) -> int | None:
        """The first step at which the row taken was clearly not the largest, or None."""
        for step, (row, entries) in enumerate(zip(self.taken, self.entries, strict=True)):
            if max(map(abs, entries.values())) - abs(entries[row]) > CLEAR_DIFFERENCE * self.scale:
                return step
        return None

    @property
    def is_legal(self) -> bool:
        """True if every row taken was exactly the largest."""
        return all(
            abs(entries[row]) == max(map(abs, entries.values()))
            for row, entries in zip(self.taken, self.entries, strict=True)
        )

    @property
    def has_unit_pivots(self) -> bool:
        """True if the matrix may come from rows that were divided by the largest pivots."""
        return all(self.echelon[i, j] == 1 for i, j in enumerate(self.columns))

    @property
    def pivots_are_rounding(self) -> bool:
        """True if a pivot is the rounding error of a 0."""
        exact_form = rational.reduced_form(rational.from_rows(self.system.tolist()), self.unknowns)
        return exact_form.pivots != self.columns

    def replay(self) -> Replay:
        target = PrintedMatrix.from_rows(self.echelon.tolist(), self.unknowns)
        return replay(target, rational.from_rows(self.system.tolist()))

    @property
    def unknowns(self) -> int:
        return int(self.system.shape[1]) - 1


def eliminate(system: Array, rule: Rule) -> Elimination:
    """Run Gaussian elimination on an augmented matrix, with pivots chosen by the rule."""
    a, numbers = system.copy(), list(range(len(system)))
    taken, columns, entries_of_steps, scale = [], [], [], float(np.max(np.abs(system), initial=0.0))
    row = 0
    for column in range(a.shape[1] - 1):
        entries = a[row:, column]
        if row == len(a) or not entries.any():
            continue
        pivot = row + rule(entries.copy(), row)
        entries_of_steps.append({numbers[i]: float(a[i, column]) for i in range(row, len(a))})
        taken.append(numbers[pivot])
        columns.append(column)
        a[[row, pivot]] = a[[pivot, row]]
        numbers[row], numbers[pivot] = numbers[pivot], numbers[row]
        a[row + 1 :] -= np.outer(a[row + 1 :, column] / a[row, column], a[row])
        a[row + 1 :, column] = 0
        scale = max(scale, float(np.max(np.abs(a))))
        row += 1
    return Elimination(system, a, tuple(taken), tuple(columns), tuple(entries_of_steps), scale)


# Systems of all kinds


def integers(random: Generator, m: int, n: int) -> Array:
    return random.integers(-5, 6, (m, n)).astype(float)


def sparse(random: Generator, m: int, n: int) -> Array:
    return integers(random, m, n) * (random.random((m, n)) < 0.5)


def normal(random: Generator, m: int, n: int) -> Array:
    return random.standard_normal((m, n))


def graded_rows(random: Generator, m: int, n: int) -> Array:
    return normal(random, m, n) * 10.0 ** random.uniform(-12, 12, (m, 1))


def graded_columns(random: Generator, m: int, n: int) -> Array:
    return normal(random, m, n) * 10.0 ** random.uniform(-12, 12, (1, n))


def signs(random: Generator, m: int, n: int) -> Array:
    return random.choice([-1.0, 1.0], (m, n))


def deficient(random: Generator, m: int, n: int) -> Array:
    rank = int(random.integers(1, min(m, n) + 1))
    product: Array = integers(random, m, rank) @ integers(random, rank, n)
    return product


KINDS = (integers, sparse, normal, graded_rows, graded_columns, signs, deficient)


def random_system(random: Generator, largest_size: int = 20) -> Array:
    """Return an augmented matrix: square, tall or wide; 2 to 20 rows."""
    m = int(random.integers(2, largest_size + 1))
    n = m if random.random() < 0.6 else int(random.integers(1, largest_size + 1))
    a = KINDS[random.integers(len(KINDS))](random, m, n)
    b = a @ integers(random, n, 1) if random.random() < 0.7 else normal(random, m, 1)
    return np.hstack([a, b])


def run_eliminations(
    seed: int, rules: dict[str, Rule], count: int
) -> list[tuple[str, Elimination]]:
    random = np.random.default_rng(seed)
    names = list(rules)
    return [
        (name, eliminate(random_system(random), rules[name]))
        for name in (names[i % len(names)] for i in range(count))
    ]


def test_no_elimination_with_the_largest_pivots_is_called_wrong() -> None:
    for name, elimination in run_eliminations(1, CORRECT_RULES, 2000):
        result = elimination.replay()
        assert result.departure is None, (name, elimination.system, describe_departure(result))
        assert result.unexplained == (), (name, elimination.system)


def test_the_first_departure_of_every_wrong_rule_is_named() -> None:
    departed = 0
    for name, elimination in run_eliminations(2, WRONG_RULES, 2000):
        result, expected_step = elimination.replay(), elimination.departure
        assert result.unexplained == (), (name, elimination.system)
        if elimination.is_legal:
            assert result.departure is None, (name, elimination.system, describe_departure(result))
        if expected_step is None or elimination.has_unit_pivots:
            continue
        departed += 1
        assert result.departure is not None, (name, elimination.system, expected_step)
        step = result.steps.index(result.departure)
        assert step <= expected_step, (name, elimination.system)
        if step == expected_step:
            entries = elimination.entries[expected_step]
            row, best = result.departure.taken, result.departure.candidates[0]
            assert row is not None
            assert entries[row] == entries[elimination.taken[expected_step]]
            magnitudes = (abs(value) for value in entries.values())
            assert abs(entries[best.row]) == pytest.approx(max(magnitudes))
            assert result.departure.column == elimination.columns[expected_step]
    assert departed > 1200


@pytest.mark.parametrize("rules", [CORRECT_RULES, WRONG_RULES], ids=["right", "wrong"])
def test_an_entry_that_is_changed_by_a_billionth_is_noticed(rules: dict[str, Rule]) -> None:
    """Unless the change is smaller than the rounding errors in the entry may be."""
    random = np.random.default_rng(3)
    tried = unnoticed = 0
    for name, elimination in run_eliminations(4, rules, 1000):
        positions = np.argwhere(elimination.echelon)
        if not len(positions) or elimination.pivots_are_rounding:
            continue
        i, j = positions[random.integers(len(positions))]
        change = elimination.echelon[i, j] * 1e-9
        elimination.echelon[i, j] += change
        result = elimination.replay()
        if result.is_reduced:
            continue
        tried += 1
        if not result.unexplained and result.departure is None:
            unnoticed += 1
            assert abs(change) < 1e-12 * elimination.scale, (name, elimination.system, i, j)
    assert tried > 850
    assert unnoticed < 0.05 * tried


def share_of_departures(n: int, count: int = 300) -> float:
    """Return the fraction of random n × n systems on which missing pivoting is detected."""
    random, rule = np.random.default_rng(n), WRONG_RULES["the first that is not 0"]
    systems = (normal(random, n, n + 1) for _ in range(count))
    return sum(eliminate(s, rule).replay().departure is not None for s in systems) / count


def test_no_pivoting_shows_in_nearly_all_larger_systems() -> None:
    assert 0.4 < share_of_departures(2) < 0.6
    assert share_of_departures(5) > 0.97
    assert share_of_departures(10) == 1.0


# By hand


def replay_printed(
    printed: Sequence[Sequence[float | Fraction]],
    system: Sequence[Sequence[float | Fraction]],
    precision: Precision | None = BINARY64,
) -> Replay:
    target = PrintedMatrix.from_rows(printed, len(system[0]) - 1, precision=precision)
    return replay(target, rational.from_rows(system), precision)


def test_the_sentence_about_a_smaller_pivot() -> None:
    system = [[1, 2, 3, 4], [1, 0, 1, 2], [-3, 1, 1, 0]]
    result = replay_printed(
        eliminate(np.array(system, float), WRONG_RULES["the first that is not 0"]).echelon, system
    )
    assert describe_departure(result) == "step 1, column 1: took row 1 (|1|); row 3 has |3|"


def test_the_steps_name_the_system_s_rows_and_all_candidates() -> None:
    system = [[1, 2, 5], [4, 4, 12], [2, 5, 9]]
    result = replay_printed([[4, 4, 12], [0, 3, 3], [0, 0, 1]], system)
    first, second = result.steps
    assert [(c.row, c.magnitude) for c in first.candidates] == [(1, 4), (2, 2), (0, 1)]
    assert (first.taken, first.legal) == (1, True)
    assert [(c.row, c.magnitude) for c in second.candidates] == [(2, 3), (0, 1)]
    assert (second.taken, second.column) == (2, 1)


@pytest.mark.parametrize("rows", [[[2, 1, 1], [-2, 1, 3]], [[-2, 1, 3], [2, 1, 1]]])
def test_either_of_two_tied_rows_may_be_taken(rows: list[list[float]]) -> None:
    for rule in CORRECT_RULES.values():
        assert eliminate(np.array(rows, float), rule).replay().departure is None


def test_a_near_tie_is_a_tie_within_rounding() -> None:
    """The second pivots are 1 and 1 + d, computed as (k + 1) − k with k = 3 · 1/3 or so."""
    for d, legal in ((2.0**-52, True), (1e-9, False)):
        system = np.array([[3, 1, 1, 1], [1, 1, 0, 0], [1, 1 + d, 1, 0]])
        elimination = eliminate(system, WRONG_RULES["the first that is not 0"])
        assert (elimination.replay().departure is None) == legal


def test_a_column_skipped_by_mistake_is_a_departure() -> None:
    result = replay_printed([[2, 4, 7], [0, 0, -0.5]], [[2, 4, 7], [1, 3, 3]])
    assert describe_departure(result) == "step 2, column 2: took no row; row 2 has |1|"
    assert result.departure is not None
    assert result.departure.taken is None


def test_columns_of_zeros_are_skipped() -> None:
    result = replay_printed([[0, 2, 4, 6], [0, 0, 0, 0]], [[0, 1, 2, 3], [0, 2, 4, 6]])
    assert (result.departure, result.unexplained) == (None, ())
    assert [(step.column, step.taken) for step in result.steps] == [(1, 1)]


def test_equal_rows_may_both_be_pivot_rows() -> None:
    system = [[1, 1, 1]] * 6
    result = replay_printed([[1, 1, 1]] + [[0, 0, 0]] * 5, system)
    assert (result.departure, result.unexplained) == (None, ())


def test_many_equal_rows_cost_no_time_and_raise_no_alarm() -> None:
    """Each remainder is rounding error, so that any of the rows agrees with any printed one."""
    rows = [[1 / 3 * k, 1 / 7 * k, 1 / 11 * k, 1.0] for k in range(1, 21)]
    elimination = eliminate(np.array(rows), largest)
    result = elimination.replay()
    assert (result.departure, result.unexplained) == (None, ())


@pytest.mark.parametrize(
    ("printed", "sentence"),
    [
        (
            [[4, 3, 7.5], [0, -0.5, -0.5]],
            "row 1 has 7.5 in column 3; elimination leaves 7 there (row 2 of the system)",
        ),
        (
            [[4, 3, 7], [0, -0.5, 0.5]],
            "row 2 has 0.5 in column 3; elimination leaves −0.5 there (row 1 of the system)",
        ),
        (
            [[4, 3.0000000001, 7], [0, -0.5, -0.5]],
            "row 1 has 3.0000000001 in column 2; elimination leaves 3 there (row 2 of the system)",
        ),
    ],
)
def test_an_entry_that_elimination_cannot_leave_is_named(
    printed: list[list[float]], sentence: str
) -> None:
    result = replay_printed(printed, [[2, 1, 3], [4, 3, 7]])
    assert result.departure is None
    assert result.mismatch is not None
    assert describe_mismatch(result.mismatch) == sentence
    assert result.mismatch.has_right_pivot


@pytest.mark.parametrize(
    "printed", [[[4, 3, 7], [0, 1, 1]], [[8, 6, 14], [0, -0.5, -0.5]], [[-4, -3, -7], [0, 7, 7]]]
)
def test_a_multiple_of_a_row_is_legal(printed: list[list[float]]) -> None:
    result = replay_printed(printed, [[2, 1, 3], [4, 3, 7]])
    assert (result.departure, result.unexplained) == (None, ())


def test_a_multiple_hides_no_wrong_choice_among_proportional_rows() -> None:
    result = replay_printed([[2, 4, 6], [0, 0, 0]], [[2, 4, 6], [4, 8, 12]])
    assert describe_departure(result) == "step 1, column 1: took row 1 (|2|); row 2 has |4|"


def test_remaining_right_hand_sides_are_compared_in_any_order() -> None:
    system = [[1, 1], [2, 4], [4, 12]]
    for echelon in ([[4, 12], [0, -2], [0, -2]], [[4, 12], [0, -2], [0, 0]]):
        assert replay_printed(echelon, system).unexplained == ()
    assert {i for i, _ in replay_printed([[4, 12], [0, -2], [0, -3]], system).unexplained} == {1}


def test_rows_that_were_divided_by_their_pivots_are_recognised() -> None:
    random = np.random.default_rng(6)
    for _ in range(200):
        case = make_case(random_system(random, 8).tolist())
        rows = UnitPivots().make_transcript(case).stages["echelon"].rows
        target = PrintedMatrix.from_rows(rows, case.unknowns)
        result = replay(target, rational.from_rows(case.build_input_matrix(Arithmetic.BINARY64)))
        assert (result.departure, result.unexplained) == (None, ())


def test_a_remainder_that_may_be_0_may_be_divided_by() -> None:
    """Rows 2 and 3 are proportional; the remainder of one is 0, or rounding, or both."""
    system = [[3, 1, 1, 2], [1, 1, 1, 1], [1, 3, 3, 2]]
    for remainder in ([0, 0, 1, -16.0], [0, 0, 0, 0], [0, 0, 0, 1]):
        result = replay_printed([[1, 1 / 3, 1 / 3, 2 / 3], [0, 1, 1, 0.5], remainder], system)
        assert (result.departure, result.unexplained) == (None, ())


def test_a_smaller_pivot_among_divided_rows_is_a_departure() -> None:
    result = replay_printed([[1, 2, 3], [0, 1, 2]], [[1, 2, 3], [2, 6, 10]])
    assert describe_departure(result) == "step 1, column 1: took row 1 (|1|); row 2 has |2|"


@pytest.mark.parametrize("system", [[[5, 10]], [[0, 1]], [[0, 0]], [[1e-320, 1]]])
def test_one_equation(system: list[list[float]]) -> None:
    result = replay_printed(system, system)
    assert (result.departure, result.unexplained) == (None, ())


# Fractions


def test_fractions_are_replayed_exactly() -> None:
    random = np.random.default_rng(7)
    for _ in range(100):
        system = integers(random, 4, 6)
        case = make_case(system.tolist())
        rows = Program().make_transcript(case, arithmetic=RATIONAL).stages["echelon"].rows
        result = replay_printed(rows, system.tolist(), precision=None)
        assert (result.departure, result.unexplained) == (None, ())
        wrong = [list(row) for row in rows]
        wrong[1][-1] += Fraction(1, 10**30)
        assert replay_printed(wrong, system.tolist(), precision=None).unexplained


def test_in_fractions_the_smallest_difference_counts() -> None:
    slightly = Fraction(10**30 + 1, 10**30)
    system = [[Fraction(1), Fraction(1), Fraction(1)], [slightly, Fraction(1), Fraction(0)]]
    echelon = [system[0], [Fraction(0), 1 - slightly, -slightly]]
    assert describe_departure(replay_printed(echelon, system, precision=None)).startswith(
        "step 1, column 1: took row 1"
    )
