"""Results of runs that tests build without running a port.

The builders of parts return the fields of a record as a dictionary. Keyword arguments replace or
add fields. `make_results` validates the parts of a run and returns `Results`.
By default a part is valid, and belongs to a run in which every check is right.
"""

from __future__ import annotations

from typing import Any

from harness.model.verdict import Outcome, Variant
from harness.procedures.registry import CASE_CHECKS
from harness.results.findings import FindingProblemRecord, FindingRecord, ProofRecord
from harness.results.results import Results
from harness.results.schema import (
    CaseRecord,
    CellRecord,
    PlainCellRecord,
    PortRecord,
    RunRecord,
)
from harness.results.writer import CellSpool, ResultsWriter

Fields = dict[str, Any]
"""The fields of a record."""

SYSTEM = [["2", "1", "3"], ["1", "3", "5"]]
"""The augmented matrix of every case, unless a test gives another."""

REDUCED = [["1", "0", "4/5"], ["0", "1", "7/5"]]
"""The reduced echelon form of `SYSTEM`."""

LISTING = "".join(f"line {number}\n" for number in range(1, 31))
"""The listing of the port `c` in a run with findings."""

PATCH = """--- a/c.src
+++ b/c.src
@@ -13,3 +13,3 @@
 line 13
-line 14
+line fourteen
 line 15
"""
"""A patch that applies to `LISTING`."""


# Parts of results


def build_port(name: str, **changes: Any) -> Fields:
    """Return a port whose language is its name with a capital letter."""
    return {
        "name": name,
        "language": name.capitalize(),
        "listing": f"{name}.src",
        "digest": "d",
        "document": "A book",
        "arithmetic": "binary64",
        "procedures": ["gaussian_elimination"],
        "notices": [],
        "engine": "local",
        "base": "a base: tool",
        "toolchain": {
            "image": "sha256:0",
            "requested": ["tool"],
            "packages": [["library", "2.0-1"], ["tool", "1.0-1"]],
        },
        "version": "1.0",
        "seconds": 1.0,
        **changes,
    }


def build_expectation(**changes: Any) -> Fields:
    """Return the expected results of `SYSTEM` in one arithmetic."""
    return {
        "solutions": "unique",
        "rank": 2,
        "augmented_rank": 2,
        "condition": 3.0,
        "growth": 1.0,
        "threshold": 30.0,
        "reduced": REDUCED,
        "solution": ["4/5", "7/5"],
        "numpy": ["0.8", "1.4"],
        **changes,
    }


def build_case(name: str, kind: str = "regular", **changes: Any) -> Fields:
    """Return a case whose system is `SYSTEM`."""
    return {
        "name": name,
        "kind": kind,
        "why": f"why {name}",
        "place": "cases/some.yaml:7",
        "rows": 2,
        "unknowns": 2,
        "right_hand_sides": 1,
        "system": SYSTEM,
        "solutions": "unique",
        "rank": 2,
        "condition": 3.0,
        "expected": {"binary64": build_expectation()},
        **changes,
    }


def build_stage(*rows: list[str], **changes: Any) -> Fields:
    """Return a printed stage that has the given rows of three numbers."""
    return {"shape": [len(rows), 3], "rows": rows, "trouble": "", **changes}


def build_answer(port: str, case: str, **changes: Any) -> Fields:
    """Return the answer of a port as published, with the right reduced form of `SYSTEM`."""
    return {
        "port": port,
        "variant": "published",
        "case": case,
        "ending": "completed",
        "reason": "",
        "stages": {"reduced": build_stage(["1", "0.0", "0.8"], ["0.0", "1", "1.4"])},
        "failures": {},
        "remarks": [],
        "errors": [],
        "seconds": 0.1,
        **changes,
    }


def build_pivot_choice(
    column: int, taken: int | None, *candidates: tuple[int, float], **changes: Any
) -> Fields:
    """Return the legal choice of the pivot in a column.

    `taken` is the row of the pivot, or None. `candidates` are rows with the absolute values of
    their entries. All numbers are counted from 0.
    """
    value = {"column": column, "taken": taken, "candidates": candidates, "others": 0}
    return {**value, "legal": True, **changes}


PIVOT_DEPARTURE = build_pivot_choice(0, 0, (2, 3.0), (0, 1.0), (1, 0.5), legal=False)
"""A choice that departs from partial pivoting: row 0, although row 2 has the largest entry."""


def build_finding(name: str = "off-by-one", **changes: Any) -> Fields:
    """Return a finding on line 14 of the port `c`, which `PATCH` corrects."""
    finding = {"id": name, "port": "c", "title": "The loop ends early", "lines": [(14, 14)]}
    finding |= {"procedure": "gaussian_elimination", "explanation": "It stops.", "patch": PATCH}
    return {**finding, **changes}


# Verdicts


def build_verdict(port: str, case: str, check: str, outcome: Outcome, **changes: Any) -> Fields:
    """Return a verdict on a port as published."""
    key = {"port": port, "variant": "published", "case": case, "check": check}
    return {**key, "outcome": outcome, "detail": "", **changes}


def build_right_verdicts(port: str, case: str) -> list[Fields]:
    """Return the verdict "right" in every check of a case."""
    return [build_verdict(port, case, check, Outcome.RIGHT) for check in CASE_CHECKS]


def build_wrong_verdict(case: str = "one", check: str = "echelon.form", **changes: Any) -> Fields:
    """Return the verdict "wrong" on the port `c`."""
    return build_verdict("c", case, check, Outcome.WRONG, **changes)


def build_explained_verdict(
    case: str = "one", check: str = "echelon.form", **changes: Any
) -> Fields:
    """Return the verdict "wrong" on the port `c`, explained by the finding `off-by-one`."""
    return build_wrong_verdict(case, check, finding="off-by-one", **changes)


# Results


def make_results(value: Fields) -> Results:
    """Return the results of a run from the fields of its records.

    `value` has `run`, `ports`, `cases`, `answers` and `verdicts`, and may have `findings`,
    `complaints`, `plain_cells` and `proofs`.
    """
    writer = ResultsWriter()
    for case in value["cases"]:
        writer.add_case(CaseRecord.model_validate(case))
    cells: dict[tuple[str, str, str], Fields] = {}
    for verdict in value["verdicts"]:
        key = {name: verdict[name] for name in ("port", "variant", "case")}
        cell = cells.setdefault((*key.values(),), {**key, "answer": None, "verdicts": []})
        cell["verdicts"].append(verdict)
    for answer in value["answers"]:
        key = {name: answer[name] for name in ("port", "variant", "case")}
        cell = cells.setdefault((*key.values(),), {**key, "answer": None, "verdicts": []})
        cell["answer"] = answer
    spools: dict[tuple[str, str], CellSpool] = {}
    for (port, variant, _), cell in cells.items():
        spool = spools.setdefault((port, variant), writer.open_spool(port, Variant(variant)))
        spool.add(CellRecord.model_validate(cell))
    for spool in spools.values():
        writer.add_cells(spool)
    for plain_cell in value.get("plain_cells", ()):
        writer.add_plain_cell(PlainCellRecord.model_validate(plain_cell))
    for proof in value.get("proofs", ()):
        writer.add_proof(ProofRecord.model_validate(proof))
    return writer.finish(
        RunRecord.model_validate(value["run"]),
        tuple(map(PortRecord.model_validate, value["ports"])),
        tuple(map(FindingRecord.model_validate, value.get("findings", ()))),
        tuple(map(FindingProblemRecord.model_validate, value.get("complaints", ()))),
    )


def dump_results(results: Results) -> Fields:
    """Return the fields of the records of a run, from which `make_results` makes them again."""
    parts = ("ports", "cases", "answers", "verdicts", "findings", "complaints", "proofs")
    records = {part: [r.model_dump() for r in getattr(results, part)] for part in parts}
    plain_cells = [
        record.model_dump()
        for port, cells in results.plain_cells.items()
        for case in cells
        if (record := results.read_plain_cell(port, case))
    ]
    return {"run": results.run.model_dump(), **records, "plain_cells": plain_cells}


def build_results(
    ports: list[Fields],
    cases: list[Fields],
    answers: list[Fields],
    verdicts: list[Fields],
    **run: Any,
) -> Results:
    """Return the validated results of a run; `run` replaces fields of the run's record."""
    run_record = {"started": "2026-11-21T03:36:28+00:00", "seconds": 3.29, "harness": "0.1.0"}
    run_record |= {"numpy": "2.0", "engine": "local", "implementations": "", "cases": "", **run}
    value: Fields = {"run": run_record, "ports": ports, "cases": cases}
    return make_results({**value, "answers": answers, "verdicts": verdicts})


def build_small_run(*verdicts: Fields, cases: tuple[str, ...] = ("one",), **run: Any) -> Results:
    """Return the results of two ports, `c` and `d`, with the given names of cases.

    Every check is right except for the given verdicts.
    """
    pairs = [(port, case) for port in ("c", "d") for case in cases]
    given_checks = {(v["port"], v["case"], v["check"]) for v in verdicts}
    rest = [v for pair in pairs for v in build_right_verdicts(*pair)]
    rest = [v for v in rest if (v["port"], v["case"], v["check"]) not in given_checks]
    return build_results(
        [build_port("c"), build_port("d")],
        [build_case(case) for case in cases],
        [build_answer(*pair) for pair in pairs],
        [*rest, *verdicts],
        **run,
    )


def build_run_with_findings(
    *verdicts: Fields,
    findings: list[Fields] | None = None,
    fixed: list[Fields] | None = None,
    cases: tuple[str, ...] = ("one",),
    trouble: str = "",
    complaints: list[Fields] | None = None,
) -> Results:
    """Return the results of `build_small_run` where `c` has findings and was run with patches.

    `findings` is `[build_finding()]` by default. With patches every check of `c` is right except
    for the verdicts in `fixed`. `trouble` is the reason why `c` could not be run with patches.
    `complaints` are the problems of findings that do not hold.
    """
    value = dump_results(build_small_run(*verdicts, cases=cases))
    deviating = {(v["case"], v["check"]) for v in fixed or []}
    rest = [
        v
        for case in cases
        for v in build_right_verdicts("c", case)
        if (case, v["check"]) not in deviating
    ]
    fixed_verdicts = [] if trouble else [*rest, *(fixed or [])]
    value["verdicts"] = [
        *value["verdicts"],
        *({**verdict, "variant": "fixed"} for verdict in fixed_verdicts),
    ]
    value["answers"] = [
        *value["answers"],
        *(build_answer("c", verdict["case"], variant="fixed") for verdict in fixed or []),
    ]
    fixed_run = {"seconds": 1.0, "trouble": trouble, "log": "the log" if trouble else ""}
    value["ports"] = [build_port("c", source=LISTING, fixed=fixed_run), build_port("d")]
    value["findings"] = [build_finding()] if findings is None else findings
    return make_results({**value, "complaints": complaints or []})


def replace_fields(results: Results, **changes: Any) -> Results:
    """Return the results with the given top-level fields, validated again."""
    return make_results({**dump_results(results), **changes})


def replace_first_answer(results: Results, **changes: Any) -> Results:
    """Return the results with other fields in the first answer, which is that of `c`."""
    answers = [answer.model_dump() for answer in results.answers]
    answers[0] |= changes
    return replace_fields(results, answers=answers)
