"""docs/documents.md: the names on the page exist, and its claims hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.inputs.cases import load_cases
from harness.inputs.ports import load_ports
from harness.model.case import Arithmetic
from harness.numerics import error_measures, rational
from harness.numerics.oracle import Expected, expect
from harness.procedures.registry import CHECKS
from support.factorisations import Factorisation, Matrix

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "documents.md").read_text(encoding="utf-8")
NAMES_ON_PAGE = frozenset(re.findall(r"`([a-z0-9][a-z0-9._*-]*)`", TEXT))
CASES = {case.name: case for case in load_cases([ROOT / "cases"])}
PORTS = {port.name: port for port in load_ports(ROOT / "implementations", ())}
FINDINGS = {finding.id for port in PORTS.values() for finding in port.findings}


def test_every_check_case_finding_and_port_named_exists() -> None:
    patterns = {name for name in NAMES_ON_PAGE if name.endswith("*")}
    others = NAMES_ON_PAGE - patterns - {"solve", "seconds", "np.linalg.solve", "cg"}
    assert others <= {*CHECKS, *CASES, *FINDINGS, *PORTS}
    for pattern in patterns:
        stem = pattern.rstrip("*")
        assert any(name.startswith(stem) for name in (*CASES, *CHECKS))


def test_every_check_and_every_finding_is_named() -> None:
    families = {name.rstrip("*") for name in NAMES_ON_PAGE if name.endswith("*")}
    for check in CHECKS:
        assert check in NAMES_ON_PAGE or any(check.startswith(family) for family in families), check
    assert FINDINGS <= NAMES_ON_PAGE


def test_the_worked_example_has_the_article_s_solution() -> None:
    expected = expect(CASES["by-hand-example"], Arithmetic.RATIONAL64)
    assert [str(row[0]) for row in expected.solution or ()] == ["2", "4/3", "5/3"]


@pytest.mark.parametrize("name", ["hilbert-8", "hilbert-12", "lotkin-14"])
def test_solving_by_an_explicit_inverse_leaves_a_larger_residual(name: str) -> None:
    case = CASES[name]
    expected = expect(case, Arithmetic.BINARY64)
    system = [
        [float(value) for value in row] for row in case.build_input_matrix(Arithmetic.BINARY64)
    ]
    a, b = [row[:-1] for row in system], [row[-1:] for row in system]
    program = Factorisation()
    by_inverse: Matrix = [
        [sum(value * side[0] for value, side in zip(row, b, strict=True))]
        for row in program.inverse(a)
    ]
    assert backward_ratio(expected, program.solve(a, b)) < 1
    assert backward_ratio(expected, by_inverse) > 1e6


def backward_ratio(expected: Expected, x: Matrix) -> float:
    return error_measures.backward_ratio(expected.system, expected.unknowns, rational.from_rows(x))
