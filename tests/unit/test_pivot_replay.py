"""Pivot replay: the row that was taken at each step is read back from what is left in the end.

What a program did is known here from the program itself, which notes it down; the replay sees only
the matrix. All that is random is seeded.
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
from harness.numerics.pivot_replay import departure_sentence, replay, unexplained_sentence
from support.eliminations import Program, UnitPivots, make_case

Array = NDArray[np.float64]
Rule = Callable[[Array, int], int]
"""Chooses a row from the entries of the column that are left and the row norms; may be wrong."""

RATIONAL = Arithmetic.RATIONAL64

CLEARLY = 1e-9
"""What differs by more than this part of the largest entry met is no near-tie."""


def largest(sizes: Array, row: int) -> int:
    return int(np.argmax(np.abs(sizes)))


def last_largest(sizes: Array, row: int) -> int:
    return len(sizes) - 1 - int(np.argmax(np.abs(sizes[::-1])))


RIGHT: dict[str, Rule] = {"the first of the largest": largest, "the last": last_largest}

WRONG: dict[str, Rule] = {
    "the first that is not 0": lambda entries, row: int(np.flatnonzero(entries)[0]),
    "the last that is not 0": lambda entries, row: int(np.flatnonzero(entries)[-1]),
    "the smallest that is not 0": lambda entries, row: int(
        np.argmin(np.where(entries == 0, np.inf, np.abs(entries)))
    ),
    "the largest, signs taken along": lambda entries, row: (
        int(np.argmax(entries)) if np.max(entries) != 0 else largest(entries, row)
    ),
    "the most negative": lambda entries, row: (
        int(np.argmin(entries)) if np.min(entries) != 0 else largest(entries, row)
    ),
    "never looks at the last row": lambda entries, row: (
        largest(entries[:-1], row) if entries[:-1].any() else len(entries) - 1
    ),
    "never looks at the next row": lambda entries, row: (
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
class Deed:
    """What a program did: the matrix it left, and for each pivot what there was and was taken."""

    system: Array
    left: Array
    taken: tuple[int, ...]
    columns: tuple[int, ...]
    entries: tuple[dict[int, float], ...]
    scale: float

    @property
    def departure(self) -> int | None:
        """The first step at which the row taken was clearly not the largest."""
        for step, (row, entries) in enumerate(zip(self.taken, self.entries, strict=True)):
            if max(map(abs, entries.values())) - abs(entries[row]) > CLEARLY * self.scale:
                return step
        return None

    @property
    def is_legal(self) -> bool:
        """Whether no row that was taken was smaller than another at all."""
        return all(
            abs(entries[row]) == max(map(abs, entries.values()))
            for row, entries in zip(self.taken, self.entries, strict=True)
        )

    @property
    def has_unit_pivots(self) -> bool:
        """Whether rows divided by their pivots, the largest, would have left the same perhaps."""
        return all(self.left[i, j] == 1 for i, j in enumerate(self.columns))

    @property
    def pivots_are_rounding(self) -> bool:
        """Whether a pivot is what rounding left of a 0."""
        true = rational.reduced_form(rational.from_rows(self.system.tolist()), self.unknowns)
        return true.pivots != self.columns

    def replayed(self) -> Replay:
        return replay(self.left.tolist(), rational.from_rows(self.system.tolist()), self.unknowns)

    @property
    def unknowns(self) -> int:
        return int(self.system.shape[1]) - 1


def eliminated(system: Array, rule: Rule) -> Deed:
    """Gaussian elimination of an augmented matrix, pivots chosen by the rule."""
    a, numbers = system.copy(), list(range(len(system)))
    taken, columns, noted, scale = [], [], [], float(np.max(np.abs(system), initial=0.0))
    row = 0
    for column in range(a.shape[1] - 1):
        entries = a[row:, column]
        if row == len(a) or not entries.any():
            continue
        pivot = row + rule(entries.copy(), row)
        noted.append({numbers[i]: float(a[i, column]) for i in range(row, len(a))})
        taken.append(numbers[pivot])
        columns.append(column)
        a[[row, pivot]] = a[[pivot, row]]
        numbers[row], numbers[pivot] = numbers[pivot], numbers[row]
        a[row + 1 :] -= np.outer(a[row + 1 :, column] / a[row, column], a[row])
        a[row + 1 :, column] = 0
        scale = max(scale, float(np.max(np.abs(a))))
        row += 1
    return Deed(system, a, tuple(taken), tuple(columns), tuple(noted), scale)


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
    """An augmented matrix: square, tall or wide; 2 to 20 rows."""
    m = int(random.integers(2, largest_size + 1))
    n = m if random.random() < 0.6 else int(random.integers(1, largest_size + 1))
    a = KINDS[random.integers(len(KINDS))](random, m, n)
    b = a @ integers(random, n, 1) if random.random() < 0.7 else normal(random, m, 1)
    return np.hstack([a, b])


def deeds(seed: int, rules: dict[str, Rule], count: int) -> list[tuple[str, Deed]]:
    random = np.random.default_rng(seed)
    names = list(rules)
    return [
        (name, eliminated(random_system(random), rules[name]))
        for name in (names[i % len(names)] for i in range(count))
    ]


def test_no_elimination_with_the_largest_pivots_is_called_wrong() -> None:
    for name, deed in deeds(1, RIGHT, 2000):
        found = deed.replayed()
        assert found.departure is None, (name, deed.system, departure_sentence(found))
        assert found.unexplained == (), (name, deed.system)


def test_the_first_departure_of_every_wrong_rule_is_named() -> None:
    departed = 0
    for name, deed in deeds(2, WRONG, 2000):
        found, due = deed.replayed(), deed.departure
        assert found.unexplained == (), (name, deed.system)
        if deed.is_legal:
            assert found.departure is None, (name, deed.system, departure_sentence(found))
        if due is None or deed.has_unit_pivots:
            continue
        departed += 1
        assert found.departure is not None, (name, deed.system, due)
        at = found.steps.index(found.departure)
        assert at <= due, (name, deed.system)
        if at == due:
            entries = deed.entries[due]
            row, best = found.departure.taken, found.departure.candidates[0]
            assert row is not None
            assert entries[row] == entries[deed.taken[due]]
            others = (abs(value) for value in entries.values())
            assert abs(entries[best.row]) == pytest.approx(max(others))
            assert found.departure.column == deed.columns[due]
    assert departed > 1200


@pytest.mark.parametrize("rules", [RIGHT, WRONG], ids=["right", "wrong"])
def test_an_entry_that_is_changed_by_a_billionth_is_noticed(rules: dict[str, Rule]) -> None:
    """Unless that is less than what rounding may have changed in it anyway."""
    random = np.random.default_rng(3)
    tried = unnoticed = 0
    for name, deed in deeds(4, rules, 1000):
        places = np.argwhere(deed.left)
        if not len(places) or deed.pivots_are_rounding:
            continue
        i, j = places[random.integers(len(places))]
        change = deed.left[i, j] * 1e-9
        deed.left[i, j] += change
        found = deed.replayed()
        tried += 1
        if not found.unexplained and found.departure is None:
            unnoticed += 1
            assert abs(change) < 1e-12 * deed.scale, (name, deed.system, i, j)
    assert tried > 850
    assert unnoticed < 0.05 * tried


def flagged(n: int, count: int = 300) -> float:
    """The share of random systems on which never pivoting is noticed."""
    random, rule = np.random.default_rng(n), WRONG["the first that is not 0"]
    systems = (normal(random, n, n + 1) for _ in range(count))
    return sum(eliminated(s, rule).replayed().departure is not None for s in systems) / count


def test_no_pivoting_shows_in_nearly_all_larger_systems() -> None:
    assert 0.4 < flagged(2) < 0.6
    assert flagged(5) > 0.97
    assert flagged(10) == 1.0


# By hand


def played(
    printed: Sequence[Sequence[float | Fraction]],
    system: Sequence[Sequence[float | Fraction]],
    exactly: bool = False,
) -> Replay:
    return replay(printed, rational.from_rows(system), len(system[0]) - 1, exactly)


def test_the_words_for_a_smaller_pivot() -> None:
    system = [[1, 2, 3, 4], [1, 0, 1, 2], [-3, 1, 1, 0]]
    found = played(
        eliminated(np.array(system, float), WRONG["the first that is not 0"]).left, system
    )
    assert departure_sentence(found) == "step 1, column 1: took row 1 (|1|); row 3 has |3|"


def test_the_steps_name_the_system_s_rows_and_all_candidates() -> None:
    system = [[1, 2, 5], [4, 4, 12], [2, 5, 9]]
    found = played([[4, 4, 12], [0, 3, 3], [0, 0, 1]], system)
    first, second = found.steps
    assert [(c.row, c.magnitude) for c in first.candidates] == [(1, 4), (2, 2), (0, 1)]
    assert (first.taken, first.legal) == (1, True)
    assert [(c.row, c.magnitude) for c in second.candidates] == [(2, 3), (0, 1)]
    assert (second.taken, second.column) == (2, 1)


@pytest.mark.parametrize("rows", [[[2, 1, 1], [-2, 1, 3]], [[-2, 1, 3], [2, 1, 1]]])
def test_of_rows_that_tie_either_may_be_taken(rows: list[list[float]]) -> None:
    for rule in RIGHT.values():
        assert eliminated(np.array(rows, float), rule).replayed().departure is None


def test_a_near_tie_is_one_within_rounding_and_no_more() -> None:
    """The second pivots are 1 and 1 + d, computed as (k + 1) − k with k = 3 · 1/3 or so."""
    for d, legal in ((2.0**-52, True), (1e-9, False)):
        system = np.array([[3, 1, 1, 1], [1, 1, 0, 0], [1, 1 + d, 1, 0]])
        deed = eliminated(system, WRONG["the first that is not 0"])
        assert (deed.replayed().departure is None) == legal


def test_a_column_passed_over_by_mistake_is_a_departure() -> None:
    found = played([[2, 4, 7], [0, 0, -0.5]], [[2, 4, 7], [1, 3, 3]])
    assert departure_sentence(found) == "step 2, column 2: took no row; row 2 has |1|"
    assert found.departure is not None
    assert found.departure.taken is None


def test_columns_of_zeros_are_rightly_passed_over() -> None:
    found = played([[0, 2, 4, 6], [0, 0, 0, 0]], [[0, 1, 2, 3], [0, 2, 4, 6]])
    assert (found.departure, found.unexplained) == (None, ())
    assert [(step.column, step.taken) for step in found.steps] == [(1, 1)]


def test_rows_that_are_the_same_can_both_have_been_taken() -> None:
    system = [[1, 1, 1]] * 6
    found = played([[1, 1, 1]] + [[0, 0, 0]] * 5, system)
    assert (found.departure, found.unexplained) == (None, ())


def test_many_equal_rows_cost_no_time_and_raise_no_alarm() -> None:
    """Each rest is rounding alone, so that any of the rows agrees with any printed one."""
    rows = [[1 / 3 * k, 1 / 7 * k, 1 / 11 * k, 1.0] for k in range(1, 21)]
    deed = eliminated(np.array(rows), largest)
    found = deed.replayed()
    assert (found.departure, found.unexplained) == (None, ())


@pytest.mark.parametrize(
    ("printed", "row"),
    [
        ([[4, 3, 7.5], [0, -0.5, -0.5]], 0),
        ([[4, 3, 7], [0, -0.5, 0.5]], 1),
        ([[4, 3, 7], [0, 1, 1]], 1),
        ([[8, 6, 14], [0, -0.5, -0.5]], 0),
    ],
)
def test_a_row_that_no_row_can_have_become_is_unexplained(
    printed: list[list[float]], row: int
) -> None:
    found = played(printed, [[2, 1, 3], [4, 3, 7]])
    assert {i for i, _ in found.unexplained} == {row}
    words = f"row {row + 1} is nothing that elimination can have left of a row of the system"
    assert unexplained_sentence(found) == words


def test_remaining_right_hand_sides_are_compared_in_any_order() -> None:
    system = [[1, 1], [2, 4], [4, 12]]
    for left in ([[4, 12], [0, -2], [0, -2]], [[4, 12], [0, -2], [0, 0]]):
        assert played(left, system).unexplained == ()
    assert {i for i, _ in played([[4, 12], [0, -2], [0, -3]], system).unexplained} == {1}


def test_rows_that_were_divided_by_their_pivots_are_recognised() -> None:
    random = np.random.default_rng(6)
    for _ in range(200):
        case = make_case(random_system(random, 8).tolist())
        rows = UnitPivots().transcript(case).stages["echelon"].rows
        found = replay(
            rows, rational.from_rows(case.build_input_matrix(Arithmetic.BINARY64)), case.unknowns
        )
        assert (found.departure, found.unexplained) == (None, ())


def test_a_rest_that_may_be_0_may_have_been_divided_by() -> None:
    """Rows 2 and 3 are proportional; what is left of one of them is 0, or rounding, or both."""
    system = [[3, 1, 1, 2], [1, 1, 1, 1], [1, 3, 3, 2]]
    for rest in ([0, 0, 1, -16.0], [0, 0, 0, 0], [0, 0, 0, 1]):
        found = played([[1, 1 / 3, 1 / 3, 2 / 3], [0, 1, 1, 0.5], rest], system)
        assert (found.departure, found.unexplained) == (None, ())


def test_so_is_a_smaller_pivot_among_them() -> None:
    found = played([[1, 2, 3], [0, 1, 2]], [[1, 2, 3], [2, 6, 10]])
    assert departure_sentence(found) == "step 1, column 1: took row 1 (|1|); row 2 has |2|"


@pytest.mark.parametrize("system", [[[5, 10]], [[0, 1]], [[0, 0]], [[1e-320, 1]]])
def test_one_equation(system: list[list[float]]) -> None:
    found = played(system, system)
    assert (found.departure, found.unexplained) == (None, ())


# Fractions


def test_fractions_are_replayed_exactly() -> None:
    random = np.random.default_rng(7)
    for _ in range(100):
        system = integers(random, 4, 6)
        case = make_case(system.tolist())
        rows = Program().transcript(case, arithmetic=RATIONAL).stages["echelon"].rows
        found = played(rows, system.tolist(), exactly=True)
        assert (found.departure, found.unexplained) == (None, ())
        wrong = [list(row) for row in rows]
        wrong[1][-1] += Fraction(1, 10**30)
        assert played(wrong, system.tolist(), exactly=True).unexplained


def test_in_fractions_the_smallest_difference_counts() -> None:
    slightly = Fraction(10**30 + 1, 10**30)
    system = [[Fraction(1), Fraction(0), Fraction(1)], [slightly, Fraction(1), Fraction(0)]]
    left = [system[0], [Fraction(0), Fraction(1), -slightly]]
    assert departure_sentence(played(left, system, exactly=True)).startswith(
        "step 1, column 1: took row 1"
    )
