"""The record of what a port promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from harness.model.promises import (
    FreeUnknowns,
    Inconsistent,
    Pivoting,
    RankDeficient,
    Triangle,
    UnitTriangle,
)
from harness.results.record import FailFastTuple, Record
from harness.text import join_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.model.port import Port
    from harness.model.promises import ForProcedures

T = TypeVar("T")


class PromisesRecord(Record):
    """What a port promises about its answers; see docs/verdicts.md.

    The tolerances are texts such as `1e-09`, and empty without a tolerance. A claim about shapes,
    sizes or singular systems is a text such as `square, solve: square and tall`.
    """

    pivoting: str = Pivoting.PARTIAL
    zero_tolerance: str = ""
    free_unknowns: str = FreeUnknowns.NONE
    inconsistent: str = Inconsistent.NONE
    cholesky_reads: str = Triangle.BOTH
    unit_triangle: str = UnitTriangle.LOWER
    rank_deficient: str = RankDeficient.NONE
    residual_tolerance: str = ""
    shapes: str = ""
    sizes: str = ""
    singular: str = ""
    no_solution: FailFastTuple[str] = ()
    many_solutions: FailFastTuple[str] = ()
    leaves_input_unchanged: FailFastTuple[str] = ()


NO_PROMISES_RECORD = PromisesRecord()


def build_promises_record(port: Port) -> PromisesRecord:
    """Return the record of what a port promises."""
    promises = port.promises
    return PromisesRecord(
        pivoting=promises.pivoting,
        zero_tolerance=str(promises.zero_tolerance or ""),
        free_unknowns=promises.free_unknowns,
        inconsistent=promises.inconsistent,
        cholesky_reads=promises.cholesky_reads,
        unit_triangle=promises.unit_triangle,
        rank_deficient=promises.rank_deficient,
        residual_tolerance=str(promises.residual_tolerance or ""),
        shapes=format_for_procedures(promises.shapes, join_words),
        sizes=format_for_procedures(promises.sizes, str),
        singular=format_for_procedures(promises.singular, str),
        no_solution=promises.no_solution,
        many_solutions=promises.many_solutions,
        leaves_input_unchanged=port.leaves_input_unchanged,
    )


def format_for_procedures(promise: ForProcedures[T], format_value: Callable[[T], str]) -> str:
    """Return a promise as a text, such as `square, solve: square and tall`."""
    common = [] if promise.common is None else [format_value(promise.common)]
    return ", ".join(common + [f"{name}: {format_value(value)}" for name, value in promise.own])
