"""A new procedure is one module and its line in the registry: nothing else has to know of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.ports import LISTING, MANIFEST

ROOT = Path(__file__).parents[2]

MODULE = '''
"""The trace of A."""

from harness.model.check import Check
from harness.model.structure import Structure
from harness.model.verdict import Judgement, Outcome
from harness.numerics import rational
from harness.procedures.declaration import Result
from harness.procedures.grading import single_number
from harness.procedures.procedure import Procedure

VALUE = Check("trace.value", "Is it the trace of A?", "trace")


def judge(evidence):
    """Yield the judgement on the trace."""
    if (missing := evidence.missing(PROCEDURE)) is not None:
        yield missing
        return
    table = evidence.expected.coefficients.tolist()
    true = sum((row[i] for i, row in enumerate(table)), rational.ZERO)
    value = single_number(evidence.transcript.stages["trace"])
    right = value is not None and rational.from_number(value) == true
    yield Judgement(VALUE, Outcome.RIGHT if right else Outcome.WRONG, f"{value}; due is {true}")


PROCEDURE = Procedure(
    name="trace",
    results=(Result("trace", lambda m, n, k: (1,), lambda due, _: ((f"rank {due.rank}",),)),),
    checks=(VALUE,),
    judge=judge,
    structure=Structure.SQUARE,
)
'''

PORT = """
import sys
for header in sys.stdin:
    _, name, rows, _, _ = header.split()
    table = [[float(word) for word in sys.stdin.readline().split()] for _ in range(int(rows))]
    # The fault: negative entries are left out.
    trace = sum(max(row[i], 0.0) for i, row in enumerate(table))
    print(f"case {name}", "trace 1", trace, f"end {name}", sep="\\n", flush=True)
"""

CASES = """
kind: regular
cases:
  - {name: positive, why: Both entries are positive., system: "2 1 | 5\\n1 3 | 10"}
  - {name: negative, why: An entry is negative., system: "2 1 | 5\\n1 -3 | 10"}
"""


@pytest.fixture
def results(tmp_path: Path) -> dict[str, Any]:
    """The results of a port of that procedure, from a copy of the harness that has the module."""
    ignored = shutil.ignore_patterns("__pycache__", "languages")
    shutil.copytree(ROOT / "harness", tmp_path / "harness", ignore=ignored)
    (tmp_path / "harness" / "procedures" / "trace.py").write_text(MODULE)
    registry = tmp_path / "harness" / "procedures" / "registry.py"
    text = registry.read_text(encoding="utf-8")
    for line, added in (("    solve,\n", "trace,"), ("    rank.PROCEDURE,\n", "trace.PROCEDURE,")):
        assert text.count(line) == 1
        text = text.replace(line, f"{line}    {added}\n")
    registry.write_text(text, encoding="utf-8")
    port = tmp_path / "implementations" / "tracer"
    port.mkdir(parents=True)
    (port / "tracer.py").write_text(PORT)
    (port / MANIFEST["listing"]).write_text(LISTING)
    changes = {"procedures": ["trace"], "run": [sys.executable, "tracer.py"]}
    manifest = {**MANIFEST, **changes, "seconds_per_case": 20, "seconds_to_start": 20}
    (port / "port.yaml").write_text(yaml.safe_dump(manifest))
    (tmp_path / "cases.yaml").write_text(CASES)
    options = ["--engine", "local", "--cases", "cases.yaml"]
    command = [sys.executable, "-m", "harness", "check", *options]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == 1, run.stderr
    lines = (tmp_path / "reports" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    cells = [cell for line in lines if "verdicts" in (cell := json.loads(line))]
    verdicts = [{**verdict, "case": cell["case"]} for cell in cells for verdict in cell["verdicts"]]
    page = (tmp_path / "reports" / "conformance.html").read_text(encoding="utf-8")
    return {"verdicts": verdicts, "page": page}


def test_it_is_asked_parsed_judged_and_shown(results: dict[str, Any]) -> None:
    verdicts = {
        verdict["case"]: (verdict["outcome"], verdict.get("detail"))
        for verdict in results["verdicts"]
        if verdict["check"] == "trace.value"
    }
    assert verdicts == {
        "positive": ("right", "5.0; due is 5"),
        "negative": ("wrong", "2.0; due is -1"),
    }
    assert "Is it the trace of A?" in results["page"]
    assert "trace, expected" in results["page"]
