"""A summary in Markdown: what is new first, and nothing in it that acts."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from results_by_hand import port, results, verdict

from harness.reports.markdown import plain, render, write
from harness.results import Complaint, Finding, FixedRun
from harness.verdict import Outcome, Variant

KNOWN = Finding(id="f", port="c", title="It never searches")
LONGEST = 60_000


def test_a_run_in_which_all_is_explained() -> None:
    fixed = port().model_copy(update={"fixed": FixedRun(seconds=1.0)})
    verdicts = [verdict(Outcome.RIGHT), verdict(Outcome.DEFENSIBLE), verdict(Outcome.WRONG, "f")]
    page = render(results([fixed], verdicts, findings=(KNOWN,)))
    assert "1 port on 1 case: 1 deviation, all explained by findings." in page
    assert "| C | 1 | 1 | 1 | 0 | 0 |" in page
    assert "<details><summary>1 known fault</summary>" in page
    assert "- c: It never searches (1 deviation)" in page


def test_what_is_new_stands_before_the_table() -> None:
    left = verdict(Outcome.CRASHED).model_copy(update={"variant": Variant.FIXED})
    complaint = Complaint(port="c", finding="f", sentence="it explains nothing any more")
    new = verdict(Outcome.WRONG).model_copy(update={"detail": "x is off"})
    page = render(results(verdicts=[new, left], complaints=(complaint,)))
    head, _, _ = page.partition("| port |")
    assert "**2 not explained by any finding**, 1 finding that do not hold" in head
    assert "- **c** solution.value wrong: a (x is off)" in head
    assert "- **c fixed** solution.value crashed: a" in head
    assert "- **c** finding f: it explains nothing any more" in head


def test_a_port_that_could_not_be_run_is_named() -> None:
    assert "- **c** was not run: its build failed" in render(
        results([port(trouble="its build failed")])
    )


def test_foreign_text_does_nothing() -> None:
    assert plain("a | b\n`c` <b> @you *x* [l](u) &amp;") == (
        r"a \| b \`c\` &lt;b\> &#64;you \*x\* \[l\]\(u\) &amp;amp;"
    )


@given(st.text(max_size=200))
def test_whatever_a_port_prints_stays_in_its_line(text: str) -> None:
    escaped = plain(text)
    assert len(escaped.splitlines()) <= 1
    assert "<" not in escaped
    assert "@" not in escaped


def test_it_is_short_however_much_there_is_to_say() -> None:
    many = [
        verdict(Outcome.WRONG).model_copy(
            update={"port": f"p{i}", "case": f"c{j}", "detail": "x" * 9999}
        )
        for i in range(100)
        for j in range(20)
    ]
    findings = tuple(Finding(id=f"f{i}", port="c", title="t" * 120) for i in range(500))
    page = render(results([port(f"p{i}") for i in range(100)], many, findings=findings))
    assert len(page.encode()) < LONGEST


def test_it_is_written_whole(tmp_path: Path) -> None:
    write(results(), tmp_path / "out.md")
    assert (tmp_path / "out.md").read_text() == render(results())
