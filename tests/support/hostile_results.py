"""Results in which every string that a port or an author writes contains hostile text."""

from __future__ import annotations

from typing import Any

from harness.model.verdict import Outcome
from harness.procedures.registry import CASE_CHECKS
from harness.results.results import Results
from support.run_results import (
    LISTING,
    PIVOT_DEPARTURE,
    SYSTEM,
    build_answer,
    build_case,
    build_finding,
    build_port,
    build_results,
    build_stage,
    build_verdict,
    dump_results,
    make_results,
)

HOSTILE_TEXT = "<script>alert(1)</script>\"'><img onerror=x>{{ 7 * 7 }}\x00\x1b[2J\u202eünïcode ∞"
FIXED_VOCABULARY = {"variant", "check", "outcome", "follows", "schema", "sha256"}
"""The fields whose strings the schema restricts; hostile text in them would be rejected."""

FREE_KEYS = {"stages", "failures", "expected", "measures"}
"""The fields that map arbitrary names to values."""


def add_hostile_text(value: Any, field: str = "") -> Any:
    """Return the value of a field with the hostile text added to every string that may hold it."""
    if isinstance(value, dict):
        suffix = HOSTILE_TEXT if field in FREE_KEYS else ""
        return {key + suffix: add_hostile_text(item, key) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [add_hostile_text(item, field) for item in value]
    if isinstance(value, str) and field not in FIXED_VOCABULARY:
        return value + HOSTILE_TEXT
    return value


def build_hostile_results() -> Results:
    """Return results that use every part of the report, with hostile text in all their strings.

    The port `c` crashes and has a finding that does not hold, `d` could not be run, and `e` could
    not be run with patches.
    """
    own_example = {"command": ["run"], "system": SYSTEM, "output": "1", "errors": ["e"]}
    c = build_port("c", published={**own_example, "ending": "crashed", "reason": "r"})
    c |= {"source": LISTING, "fixed": {"seconds": 1.0}}
    broken = build_port("d", trouble="t")
    unfixed = build_port("e", fixed={"seconds": 1.0, "trouble": "t", "log": "l"})
    answer = build_answer("c", "one", ending="crashed", reason="r", remarks=["r"], errors=["e"])
    answer |= {"failures": {"gauss_jordan": "f"}}
    answer["stages"]["echelon"] = build_stage(trouble="t")
    changes = {"detail": "d", "finding": "F", "measures": {"m": 1.0}}
    verdicts = [build_verdict("c", "one", check, Outcome.WRONG, **changes) for check in CASE_CHECKS]
    verdicts += [build_verdict("c", "published", "published.output", Outcome.WRONG, detail="d")]
    results = build_results([c, broken, unfixed], [build_case("one")], [answer], verdicts)
    value = dump_results(results)
    claim = {"check": "echelon.form", "cases": ["*"], "outcome": "wrong", "why": "w"}
    value["findings"] = [build_finding("F", claims=[claim])]
    value["complaints"] = [{"port": "c", "finding": "F", "sentence": "s `code`"}]
    fixed = [{**v, "variant": "fixed", "finding": None} for v in value["verdicts"]]
    value["verdicts"] = [*value["verdicts"], *fixed]
    value["verdicts"][0]["trace"] = [PIVOT_DEPARTURE]
    return make_results(add_hostile_text(value))
