"""The declaration of a procedure: when it is asked, what it prints, and its checks."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from harness.model.port_claim import PortClaim
from harness.model.structure import Structure
from harness.text import join_words

if TYPE_CHECKING:
    from harness.model.check import Check
    from harness.model.contract import Contract
    from harness.model.promises import Promises
    from harness.model.scope import SystemForm

Rows = tuple[tuple[str, ...], ...]
"""A matrix whose numbers are text, as a results file holds them."""


class ExpectedFields(Protocol):
    """The fields of an expected result, as a results file holds them, that a report shows."""

    @property
    def solutions(self) -> str: ...
    @property
    def rank(self) -> int: ...
    @property
    def reduced(self) -> Rows: ...
    @property
    def solution(self) -> tuple[str, ...] | None: ...
    @property
    def inverse(self) -> Rows | None: ...
    @property
    def determinant(self) -> str | None: ...
    @property
    def log_determinant(self) -> tuple[str, ...] | None: ...
    @property
    def cholesky(self) -> Rows | None: ...
    @property
    def least_squares(self) -> Rows | None: ...


@dataclass(frozen=True)
class Result:
    """A matrix or vector that a driver prints under a label.

    `shape` gives its size for a system of m equations in n unknowns with k right-hand sides: rows
    and columns, or a length. `due` gives the rows that a report shows beside it, None where there
    is no single right answer. A result that is not `judged` may be absent.
    """

    label: str
    shape: Callable[[int, int, int], tuple[int, ...]]
    due: Callable[[ExpectedFields, int], Rows | None] | None = None
    judged: bool = True

    @property
    def is_vector(self) -> bool:
        """True if one size follows the label, a length, in place of rows and columns."""
        return len(self.shape(1, 1, 1)) == 1


class Exclusion(NamedTuple):
    """The reason why a procedure is not asked of a system, and the port's claim that gives it."""

    reason: str
    claim: PortClaim | None = None


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """A procedure that a port may have, apart from its judgement.

    `results` are what it prints, in order. The first of its `checks` answers where there is no
    result. `handed_by` is the procedure whose result it works on, None for the system itself, and
    `otherwise_handed_by` the one that takes its place in a port without it. A procedure is asked of
    coefficients with its `structure` only, and a `single` one with a single right-hand side only.
    One for square coefficients that takes `other_shapes` is asked of those that the port claims,
    and one that has `own_shapes` of those that it claims of this procedure by name. Every port is
    asked for one that is `always_asked`. One with a `promise`, the name of a field of
    the contract, has checks only, and is for ports that make that promise. A notice in place of a
    result is the refusal of a procedure that `may_refuse`. One that `has_no_singular_result` has
    none where there is no unique solution, or A is singular. A refusal of one that `solves` a
    system may say whether there is no solution, or infinitely many. The results of one that
    `is_irrational` are roots or logarithms, which exact arithmetic does not have. One with
    `other_refusals` may refuse a system for another reason than that it has no unique solution; so
    may one that `needs_triangle`, in a port without `lu`.
    """

    name: str
    results: tuple[Result, ...]
    checks: tuple[Check, ...]
    handed_by: Declaration | None = None
    otherwise_handed_by: Declaration | None = None
    structure: Structure = Structure.ANY
    single: bool = False
    other_shapes: bool = False
    own_shapes: bool = False
    always_asked: bool = False
    may_refuse: bool = False
    solves: bool = False
    has_no_singular_result: bool = False
    is_irrational: bool = False
    other_refusals: bool = False
    needs_triangle: bool = False
    promise: str = ""

    @property
    def check(self) -> Check:
        """The check that answers where there is no result."""
        return self.checks[0]

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the results that are judged."""
        return tuple(result.label for result in self.results if result.judged)

    def sources(self, names: Collection[str]) -> tuple[Declaration, ...]:
        """Return the procedures on whose results this one works, the nearest first.

        `names` are the procedures of the port.
        """
        source = self.handed_by
        if source and source.name not in names and self.otherwise_handed_by:
            source = self.otherwise_handed_by
        return (source, *source.sources(names)) if source else ()

    def is_judged(self, contract: Contract) -> bool:
        """Return whether a port is judged by its checks."""
        if self.promise:
            return bool(getattr(contract, self.promise))
        return self.always_asked or self.name in contract.procedures

    def has_other_refusals(self, names: Collection[str]) -> bool:
        """Return whether its refusal may have another reason; `names` are the port's procedures."""
        return self.other_refusals or (self.needs_triangle and "lu" not in names)

    @property
    def is_square(self) -> bool:
        """True if it is asked of square coefficients only."""
        return self.structure is not Structure.ANY

    def find_exclusion(self, form: SystemForm, promises: Promises) -> Exclusion | None:
        """Return why it is not asked of a system; None if it is asked."""
        shapes, sizes = promises.shapes.get(self.name), promises.sizes.get(self.name)
        has_own = self.own_shapes and promises.shapes.get_own(self.name) is not None
        takes_others = shapes is not None and (self.other_shapes or has_own)
        if self.structure not in form.structures and not takes_others:
            return Exclusion(f"asked of {self.structure} matrices only")
        if self.single and form.right_hand_sides > 1:
            return Exclusion("asked with one right-hand side only")
        if shapes and form.shape not in shapes:
            return Exclusion(f"claimed for {join_words(shapes)} systems only", PortClaim.SHAPES)
        if sizes and form.unknowns not in sizes:
            return Exclusion(f"claimed for {sizes} unknowns only", PortClaim.SIZES)
        return None
