"""Workflow commands: one line each, errors first, at the listing's lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from results_by_hand import port, results, verdict

from harness.reports.annotations import commands
from harness.results import Complaint, Finding, FixedRun
from harness.verdict import Outcome

KNOWN = Finding(
    id="f", port="c", title="It never searches", lines=((14, 16),), explanation="See: 100%."
)


def test_a_finding_is_a_notice_at_its_lines() -> None:
    assert list(commands(results(findings=(KNOWN,)))) == [
        "::notice file=implementations/c/main.c,line=14,endLine=16,title=It never searches"
        "::See: 100%25."
    ]


def test_what_is_unexplained_is_an_error_and_comes_first() -> None:
    cases = [verdict(Outcome.WRONG).model_copy(update={"case": name}) for name in "abc"]
    [error, notice] = commands(results(verdicts=cases, findings=(KNOWN,)))
    assert error.startswith(
        "::error file=implementations/c/main.c,line=1,endLine=1,title=c%3A solution.value wrong::"
    )
    assert error.endswith("%0Aa, b, c%0ASee it again: harness show c a")
    assert notice.startswith("::notice ")


def test_what_is_explained_gives_no_error() -> None:
    assert not list(commands(results(verdicts=[verdict(Outcome.WRONG, "f")])))


def test_trouble_and_complaints_are_errors() -> None:
    broken = port(trouble="its build failed")
    [error] = commands(results([broken]))
    assert "title=c was not run::its build failed" in error
    fixed = port().model_copy(update={"fixed": FixedRun(seconds=1.0, trouble="no")})
    [error] = commands(results([fixed]))
    assert "title=c fixed was not run::no" in error
    complaint = Complaint(port="c", finding="f", sentence="it explains nothing any more")
    [error] = commands(results(complaints=(complaint,)))
    assert "title=finding f::it explains nothing any more" in error


@given(st.text(max_size=60))
def test_nothing_that_a_port_prints_ends_a_command(text: str) -> None:
    hostile = verdict(Outcome.WRONG).model_copy(update={"detail": text, "case": text})
    [line] = commands(results(verdicts=[hostile]))
    assert len(line.splitlines()) == 1
    assert line.startswith("::error ")
