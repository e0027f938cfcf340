"""The claims of a port in reports: the cases that keep, break and exceed each of them."""

from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from harness.model.port_claim import PortClaim
from harness.model.verdict import Outcome
from harness.reports.parts.claims import QUESTIONS, ClaimRow, build_claim_rows, describe_limits
from harness.reports.parts.index import Index
from harness.reports.terminal.run_summary import print_summary
from harness.results.results import Results
from support.html_page import ReportPage
from support.run_results import (
    build_answer,
    build_case,
    build_port,
    build_results,
    build_verdict,
)

PROMISES = {"shapes": "square", "zero_tolerance": "1e-09", "singular": "refuses"}


def build_run(*verdicts: tuple[str, str, Outcome, tuple[PortClaim, ...]], **port: Any) -> Results:
    """Return a run of one port, in which each verdict is on a case, a check, with claims."""
    cases = tuple(dict.fromkeys(case for case, *_ in verdicts))
    return build_results(
        [build_port("c", promises=PROMISES, **port)],
        [build_case(case) for case in cases],
        [build_answer("c", case) for case in cases],
        [
            build_verdict("c", case, check, outcome, claims=claims)
            for case, check, outcome, claims in verdicts
        ],
    )


RUN = build_run(
    ("one", "solve.value", Outcome.REFUSED, (PortClaim.SINGULAR,)),
    ("one", "echelon.pivoting", Outcome.RIGHT, ()),
    ("two", "solve.value", Outcome.WRONG, (PortClaim.SINGULAR,)),
    ("two", "rank.value", Outcome.REFUSED, (PortClaim.SINGULAR,)),
    ("three", "solve.value", Outcome.LIMIT, (PortClaim.ZERO_TOLERANCE,)),
    ("four", "echelon.form", Outcome.ABSENT, (PortClaim.SHAPES,)),
    ("four", "echelon.rows", Outcome.ABSENT, (PortClaim.SHAPES,)),
)


def find_rows(results: Results) -> dict[PortClaim, ClaimRow]:
    index = Index(results)
    return {row.claim: row for row in build_claim_rows(index, index.ports[0])}


def test_the_cases_of_each_claim_are_counted() -> None:
    rows = find_rows(RUN)
    counts = {claim: (row.kept, row.broken, row.limited) for claim, row in rows.items()}
    assert counts == {
        PortClaim.PIVOTING: (1, 0, 0),
        PortClaim.ZERO_TOLERANCE: (0, 0, 1),
        PortClaim.SHAPES: (0, 0, 1),
        PortClaim.SINGULAR: (1, 1, 0),
    }
    assert rows[PortClaim.SINGULAR].examples == ("two",)
    assert rows[PortClaim.SHAPES].value == "square"


def test_every_claim_has_a_subject() -> None:
    assert set(QUESTIONS) == set(PortClaim)


def test_the_page_has_a_table_that_is_open_where_a_claim_is_broken() -> None:
    page = ReportPage(RUN)
    assert "4 claims of the port, 1 not kept, 2 with a limit by design" in page.text
    assert "Without a unique solution singular refuses 1 1 –" in page.text
    assert page.text.count("A limit by design is no fault") == 1


def test_the_terminal_names_the_limits() -> None:
    output = io.StringIO()
    print_summary(RUN, Console(file=output, width=200))
    expected = "Limits by design: 1 case by `zero_tolerance` and 1 case by `shapes`."
    assert expected in output.getvalue()


def test_a_port_without_limits_says_nothing_of_them() -> None:
    results = build_run(("one", "solve.value", Outcome.RIGHT, ()))
    index = Index(results)
    assert describe_limits(build_claim_rows(index, index.ports[0])) == ""
