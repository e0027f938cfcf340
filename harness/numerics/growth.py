"""The growth factor of elimination with partial pivoting in binary64."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def growth_factor(coefficients: NDArray[np.float64], last: bool = False) -> float:
    """Return ρ, the largest entry during elimination with partial pivoting over the largest before.

    This is Wilkinson's definition (Higham, Accuracy and Stability of Numerical Algorithms, §9.3)
    for coefficients, m × n. Of equally large candidates, elimination takes the first, or the
    `last`. The result is at least 1.
    """
    return growth_and_pivots(coefficients, last)[0]


def growth_and_pivots(
    coefficients: NDArray[np.float64], last: bool = False
) -> tuple[float, tuple[float, ...]]:
    """Return the growth factor ρ and the magnitudes of the pivots of elimination in binary64."""
    work = coefficients.copy()
    scale = float(np.max(np.abs(work), initial=0.0))
    if scale == 0:
        return 1.0, ()
    work /= scale
    largest, pivots = 1.0, []
    row = 0
    with np.errstate(all="ignore"):
        for column in range(work.shape[1]):
            if row == work.shape[0]:
                break
            sizes = np.abs(work[row:, column])
            pivot = row + int(np.argmax(sizes))
            if last:
                pivot = work.shape[0] - 1 - int(np.argmax(sizes[::-1]))
            if work[pivot, column] == 0:
                continue
            work[[row, pivot]] = work[[pivot, row]]
            multipliers = work[row + 1 :, column] / work[row, column]
            work[row + 1 :] -= np.outer(multipliers, work[row])
            work[row + 1 :, column] = 0
            largest = max(largest, float(np.max(np.abs(work[row:]))))
            pivots.append(abs(float(work[row, column])) * scale)
            row += 1
    return largest, tuple(pivots)
