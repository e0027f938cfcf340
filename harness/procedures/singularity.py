"""Messages that plainly say that a matrix is singular, whatever the notices of a port."""

from __future__ import annotations

import re

PHRASES = (
    r"singular(?!\s+(?:value|vector))",  # and `SingularException`; but no singular values
    r"(?:not|non|un|must be)[\s-]?invertible",  # and SymPy's `NonInvertibleMatrixError`
    r"no inverse(?!\w)",
    r"(?:no|not a) unique solution",
    r"(?:no|infinitely many) solutions?(?!\w)",
    r"inconsistent (?:linear )?(?:system|equations)",
    r"rank[\s-]deficient",
    r"(?:not|less than) (?:of )?full rank",
    r"linearly dependent",
    r"(?:zero|vanishing) determinant",
    r"det(?:erminant)?\s*(?:is|==?)\s*(?:0|zero)(?![.\d])",
)
"""The phrases, as regular expressions.

`division by zero` and `zero pivot` are not among them: they happen to a program, and state nothing
about the matrix."""

PATTERN = re.compile("|".join(PHRASES), re.IGNORECASE)


def says_singular(message: str) -> bool:
    """Return whether a message of an exception plainly says that there is no unique solution."""
    return PATTERN.search(message) is not None
