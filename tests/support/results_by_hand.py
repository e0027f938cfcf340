"""Small results for tests: by default those of one port on one case."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from harness.model.verdict import Outcome
from harness.results.schema import (
    AnswerRecord,
    CaseRecord,
    ExpectedRecord,
    OwnExampleRecord,
    PortRecord,
    Results,
    RunRecord,
    StageRecord,
    VerdictRecord,
)

RUN = RunRecord(
    started="2024-02-03T04:05:06+00:00",
    seconds=1.5,
    harness="0.1.0",
    numpy="2.0.0",
    engine="local",
    implementations="implementations",
    cases="cases",
)
EXPECTED = ExpectedRecord(
    solutions="none",
    rank=1,
    augmented_rank=2,
    condition=math.inf,
    growth=1.0,
    threshold=30.0,
    reduced=(("1", "1/3"), ("0", "0")),
    solution=None,
    numpy=("-inf",),
)


def make_port_record(name: str = "c", trouble: str = "", missing: bool = False) -> PortRecord:
    published = OwnExampleRecord(
        command=("./main",), system=(("1", "2"),), output="1\n", errors=(), ending="x", reason=""
    )
    return PortRecord(
        name=name,
        language="C",
        listing="main.c",
        digest="0" * 64,
        document="A book",
        arithmetic="binary64",
        procedures=("gaussian_elimination",),
        notices=(),
        engine="local",
        base="",
        version="",
        seconds=0.25,
        trouble=trouble,
        missing_toolchain=missing,
        published=published,
    )


def make_case_record(condition: float = 1.0) -> CaseRecord:
    return CaseRecord(
        name="a",
        kind="singular",
        why="Because",
        place="cases/a.yaml:1",
        rows=1,
        unknowns=1,
        right_hand_sides=1,
        system=(("0", "1"),),
        solutions="none",
        rank=0,
        condition=condition,
        expected={"binary64": EXPECTED},
    )


def make_answer_record(text: str = "") -> AnswerRecord:
    return AnswerRecord(
        port="c",
        variant="published",
        case="a",
        ending="crashed",
        reason=text,
        stages={"echelon": StageRecord(shape=(1, 2), rows=(("nan", "inf"),), trouble=text)},
        failures={"gauss_jordan": text},
        remarks=(text, text),
        errors=(text,),
        seconds=0.5,
    )


def make_verdict_record(
    outcome: Outcome, finding: str | None = None, **measures: float
) -> VerdictRecord:
    return VerdictRecord(
        port="c",
        variant="published",
        case="a",
        check="solution.value",
        outcome=outcome,
        detail="",
        entries=((0, 1),),
        measures=measures,
        follows="echelon.rows",
        finding=finding,
    )


def make_results(
    ports: Sequence[PortRecord] = (make_port_record(),),
    verdicts: Sequence[VerdictRecord] = (),
    **fields: Any,
) -> Results:
    return Results(
        run=RUN,
        ports=tuple(ports),
        verdicts=tuple(verdicts),
        **{"cases": (make_case_record(),), "answers": (), **fields},
    )
