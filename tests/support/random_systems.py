"""Random systems for tests: families of matrices, and regular and singular systems of integers.

Every function takes the generator of the random numbers. Shapes are m rows by n columns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from harness.model.case import Case
from support.eliminations import make_case

Array = NDArray[np.float64]


def normal(random: Generator, m: int, n: int) -> Array:
    return random.standard_normal((m, n))


def integers(random: Generator, m: int, n: int, largest: int = 5) -> Array:
    return random.integers(-largest, largest + 1, (m, n)).astype(float)


def scales(random: Generator, *shape: int) -> Array:
    return 10.0 ** random.uniform(-15, 15, shape)


def deficient(random: Generator, m: int, n: int) -> tuple[Array, Array]:
    rank = int(random.integers(0, min(m, n) + 1))
    return integers(random, m, rank, 30), integers(random, rank, n)


def singular_integers(random: Generator, m: int, n: int, scale: float = 1) -> Array:
    left, right = deficient(random, m, n)
    product: Array = (left * scale) @ right
    return product


def singular_decimals(random: Generator, m: int, n: int) -> Array:
    return singular_integers(random, m, n, scale=0.1)


def nearly_singular(random: Generator, m: int, n: int) -> Array:
    noise: Array = normal(random, m, n) * 10.0 ** random.uniform(-18, -8)
    return noise + singular_integers(random, m, n)


def multiples(random: Generator, m: int, n: int) -> Array:
    """Decimals of which one row is a third of another, rounded, and one column of another."""
    a = integers(random, m, n, 30) / 10
    a[random.integers(m)] = a[random.integers(m)] / 3
    a[:, random.integers(n)] = a[:, random.integers(n)] * 0.7
    return a


def ill_conditioned(random: Generator, m: int, n: int) -> Array:
    """The first two rows are nearly equal, and the last is a combination of them."""
    a = integers(random, m, n, 2)
    a[min(1, m - 1)] = a[0]
    a[min(1, m - 1), min(1, n - 1)] += 2.0 ** -int(random.integers(10, 45))
    a[-1] = 2 * a[0] - a[min(1, m - 1)]
    return a


def wilkinson_growth(random: Generator, m: int, n: int) -> Array:
    """Wilkinson's matrix of m rows, with its rows rotated."""
    a = np.eye(max(m, n)) - np.tril(np.ones((max(m, n),) * 2), -1)
    a[:, n - 1] = 1
    return np.roll(a[:m, :n], int(random.integers(m)), axis=0)


FAMILIES: dict[str, Callable[[Generator, int, int], Array]] = {
    "integers": integers,
    "sparse": lambda random, m, n: integers(random, m, n, 2) * (integers(random, m, n, 1) == 0),
    "signs": lambda random, m, n: random.choice([-1.0, 1.0], (m, n)),
    "normal": normal,
    "graded rows": lambda random, m, n: normal(random, m, n) * scales(random, m, 1),
    "graded columns": lambda random, m, n: normal(random, m, n) * scales(random, 1, n),
    "graded entries": lambda random, m, n: normal(random, m, n) * scales(random, m, n),
    "nearly singular": nearly_singular,
    "singular integers": singular_integers,
    "singular decimals": singular_decimals,
    "multiples": multiples,
    "ill-conditioned": ill_conditioned,
    "growing": wilkinson_growth,
    "huge": lambda random, m, n: normal(random, m, n) * 1e300,
    "tiny": lambda random, m, n: normal(random, m, n) * 1e-305,
    "subnormal": lambda random, m, n: (
        integers(random, m, n, 50) * 5e-324 * 2.0 ** random.integers(40)
    ),
}


def random_system(random: Generator, family: str) -> Array:
    """Return an augmented matrix of 1 to 12 rows and unknowns; most are consistent."""
    m, n = (int(size) for size in random.integers(1, 13, 2))
    a = FAMILIES[family](random, m, n if random.random() < 0.5 else m)
    b = a @ integers(random, a.shape[1], 1)
    if random.random() < 0.4:
        b = normal(random, m, 1) * np.max(np.abs(a))
    return np.hstack([a, b])


def singular_system(random: Generator) -> Case:
    """Return a singular system of 3 to 5 small integers a row; half of them have solutions."""
    n = int(random.integers(3, 6))
    a = integers(random, n, n - 1) @ integers(random, n - 1, n)
    b = a @ integers(random, n, 1) if random.random() < 0.5 else integers(random, n, 1)
    return make_case(np.hstack([a, b]).tolist())


def regular_system(random: Generator) -> Case:
    """Return a system of 3 to 5 small integers a row that is far from any singular system."""
    while True:
        n = int(random.integers(3, 6))
        a = integers(random, n, n)
        if np.linalg.matrix_rank(a) == n and np.linalg.cond(a) < 1e3:
            return make_case(np.hstack([a, integers(random, n, 1)]).tolist())


def rectangular_system(random: Generator) -> Case:
    """Return a system of 1 to 5 rows and unknowns of small integers; most have solutions."""
    m, n = (int(size) for size in random.integers(1, 6, 2))
    a = integers(random, m, n, 3)
    b = a @ integers(random, n, 1) if random.random() < 0.7 else integers(random, m, 1)
    return make_case(np.hstack([a, b]).tolist(), "rectangular")


def system_of_sides(random: Generator) -> Case:
    """Return a square system of small integers with two right-hand sides."""
    n = int(random.integers(1, 6))
    rows = np.hstack([integers(random, n, n, 9), integers(random, n, 2)])
    return replace(make_case(rows.tolist(), "two sides"), right_hand_sides=2)


def deficient_sides(random: Generator) -> Case:
    """Return a system of any rank with two right-hand sides, of which the second may contradict."""
    m, n = (int(size) for size in random.integers(1, 5, 2))
    rank = int(random.integers(0, min(m, n) + 1))
    a = integers(random, m, rank, 3) @ integers(random, rank, n, 3)
    b = a @ integers(random, n, 2)
    if random.random() < 0.4:
        b[:, 1] = integers(random, m, 1)[:, 0]
    return replace(make_case(np.hstack([a, b]).tolist(), "deficient"), right_hand_sides=2)


def graded_system(random: Generator) -> Case:
    """Return a square system whose rows or columns are scaled by powers of ten up to 1e±9."""
    n = int(random.integers(1, 6))
    a, powers = normal(random, n, n), 10.0 ** random.uniform(-9, 9, n)
    a = a * (powers[:, None] if random.random() < 0.5 else powers)
    return make_case(np.hstack([a, a @ normal(random, n, 1)]).tolist(), "graded")


SCALED_KINDS: tuple[Callable[[Generator, int, int], Array], ...] = (
    normal,
    lambda random, m, n: integers(random, m, n, 9),
    lambda random, m, n: integers(random, m, n, 1),
    lambda random, m, n: normal(random, m, n) * (random.random((m, n)) < 0.5),
    lambda random, m, n: np.triu(integers(random, m, n, 3))[random.permutation(m)],
)


def scaled_system(random: Generator) -> Array:
    """Return a square augmented matrix whose rows, columns, or both are scaled by powers of ten."""
    n, largest = int(random.integers(1, 8)), int(random.choice([3, 6, 12]))
    a = SCALED_KINDS[random.integers(len(SCALED_KINDS))](random, n, n)
    b = a @ integers(random, n, 1, 3) if random.random() < 0.5 else integers(random, n, 1, 9)
    rows, columns = (10.0 ** random.integers(-largest, largest + 1, n) for _ in range(2))
    rows, columns = (scale if random.random() < 0.7 else np.ones(n) for scale in (rows, columns))
    return np.hstack([a * columns, b]) * rows[:, None]
