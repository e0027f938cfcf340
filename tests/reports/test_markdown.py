"""Tests of the Markdown summary: its order, its maximum length, and its escaping of markup."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from harness.errors import HarnessError
from harness.model.verdict import Outcome
from harness.procedures.registry import CASE_CHECKS
from harness.reports import markdown
from harness.reports.markdown import (
    WORD_JOINER,
    escape_markup,
    format_code,
    format_name,
    format_sentence,
)
from harness.results.results import Results
from support.run_results import (
    build_case,
    build_explained_verdict,
    build_finding,
    build_port,
    build_results,
    build_right_verdicts,
    build_run_with_findings,
    build_small_run,
    build_verdict,
    build_wrong_verdict,
    replace_fields,
)

LIMIT = 60_000
ANYTHING = st.text(st.characters(codec=None), max_size=40)
MARKS = st.text(st.sampled_from("ab1 \n\\`*_~|<>&[](){}#+-=!@:/.$\"'"), max_size=30)
TRICKS = [
    "<script>alert(1)</script>",
    "</details></td></table>",
    "[here](http://evil.example)",
    "![](http://evil.example/pixel)",
    "http://evil.example www.evil.example mail@evil.example",
    "@everyone and @team/all",
    "#1, owner/repo#1, GH-1",
    "a | b | c",
    "`code` ``more`` `",
    "**bold** _it_ ~~no~~ $x$ :tada:",
    "&lt;b&gt; &#64;all",
    "\\`\\|\\<b>",
    "```\n# title\n---\n| a |\n|---|",
]
"""Texts that are markup in Markdown or HTML."""


class Text(HTMLParser):
    """The text and the elements of an HTML page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.elements: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        assert {key for key, _ in attrs} <= {"style"}

    def handle_data(self, data: str) -> None:
        self.text += data


def render_html(text: str) -> Text:
    """Return what GitHub shows for a text: with tables, with links for bare addresses, and with
    HTML."""
    parser = MarkdownIt("gfm-like", {"html": True})
    assert parser.linkify is not None
    # GitHub makes no link from a name with a dot unless it begins with www.
    parser.linkify.set({"fuzzy_link": False})
    return Text(parser.render(text))


def remove_joiners(text: str) -> str:
    return text.replace(WORD_JOINER, "")


def read_rows(text: str) -> list[list[str]]:
    """Return the cells of the table of ports."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


# Content


def test_it_begins_with_the_run_in_one_sentence() -> None:
    text = markdown.render_markdown(build_run_with_findings(build_explained_verdict()))
    conforming = 2 * len(CASE_CHECKS) - 1
    sentence = f"2 ports on 1 case: {conforming} checks conform, 1 deviates; "
    assert text.startswith(f"## Conformance\n\n{sentence}")
    assert "1 finding explains every deviation; with their patches, none remains." in text


def test_each_port_has_a_row_of_new_and_known_deviations() -> None:
    value = build_run_with_findings(
        build_explained_verdict(),
        build_explained_verdict(check="echelon.rows"),
        build_wrong_verdict(check="reduced.form"),
        build_verdict("c", "one", "solution.value", Outcome.DEFENSIBLE),
        fixed=[build_wrong_verdict(check="reduced.form")],
    )
    assert read_rows(markdown.render_markdown(value)) == [
        ["C", f"{len(CASE_CHECKS) - 4}", "1", "3 → 1", "**1**"],
        ["D", f"{len(CASE_CHECKS)}", "0", "0", "0"],
    ]


def test_a_port_that_could_not_be_run_has_a_row_and_its_log() -> None:
    c = build_port("c", trouble="`make` failed", log="first\nlast <line>\n")
    text = markdown.render_markdown(replace_fields(build_small_run(), ports=[c, build_port("d")]))
    assert read_rows(text)[0] == ["C", "not run", "", "", ""]
    assert "- **C** could not be run: `` `make` failed ``" in text
    assert "first\nlast <line>" in render_html(text).text
    trouble = markdown.render_markdown(build_run_with_findings(trouble="no patch"))
    assert read_rows(trouble)[0][3] == "0 → not run"
    assert "- **C, fixed** could not be run: `no patch`" in trouble


def test_new_deviations_precede_known_ones_and_give_a_command() -> None:
    cases = ("one", "two", "three")
    new = [build_wrong_verdict(case, "reduced.form", detail=f"row of {case}") for case in cases]
    text = markdown.render_markdown(
        build_run_with_findings(build_explained_verdict(), *new, cases=cases)
    )
    assert "- **C**: `reduced.form` is wrong in one and 2 more cases: `row of one`" in text
    assert "See it again: `harness show c one`" in text
    assert text.index("### New") < text.index("reduced.form") < text.index("<details>")


def test_a_finding_that_does_not_hold_is_new() -> None:
    complaint = {"port": "c", "finding": "off-by-one", "sentence": "it explains nothing any more"}
    text = markdown.render_markdown(build_run_with_findings(complaints=[complaint]))
    item = "- **C**: the finding `off-by-one` does not hold: it explains nothing any more"
    assert text.index("### New") < text.index(item) < text.index("<details>")


def test_what_is_known_is_folded_away() -> None:
    text = markdown.render_markdown(
        build_run_with_findings(
            build_explained_verdict(), findings=[build_finding(title="`i` ends early")]
        )
    )
    folded = text[text.index("<details>") : text.index("</details>")]
    assert "<summary>1 known fault</summary>\n\n" in folded
    assert "- **C**, line 14: `i` ends early (1 → 0)" in folded
    assert "Every deviation is explained by a finding" in text
    assert "### New" not in text


def test_a_run_without_findings_or_faults_is_short() -> None:
    text = markdown.render_markdown(build_small_run())
    assert "No port deviates." in text
    assert "<details>" not in text


def test_an_interrupted_run_says_so() -> None:
    assert "**Interrupted" in markdown.render_markdown(build_small_run(interrupted=True))
    assert "**Interrupted" not in markdown.render_markdown(build_small_run())


# Length


def build_large_results(ports: int, sentence: str) -> Results:
    """Return results of many ports with long names and long details that deviate in every check."""
    names = [f"p{number}" for number in range(ports)]
    value = build_results(
        [build_port(n, language=f"{n} {sentence}"[:400]) for n in names],
        [build_case("one", why=sentence)],
        [],
        [
            {**v, "outcome": "wrong", "detail": sentence}
            for n in names
            for v in build_right_verdicts(n, "one")
        ],
        again=sentence + " {port} {case}",
    )
    findings = [build_finding(f"f{n}", port=n, title=sentence[:120], patch="") for n in names]
    complaints = [{"port": n, "finding": f"f{n}", "sentence": sentence} for n in names]
    return replace_fields(value, findings=findings, complaints=complaints)


@pytest.mark.parametrize("word", ["word ", "<@&|`*", "\U0001f600", "\x00", "`"])
def test_it_fits_into_a_comment_whatever_the_run(word: str) -> None:
    text = markdown.render_markdown(build_large_results(160, word * 3_000))
    assert len(text.encode()) < LIMIT
    for noun in ("port", "item", "finding"):
        assert re.search(rf"… and [\d,]+ more {noun}s?, in the report\.", text)
    assert text.endswith("</details>\n")


def test_a_log_of_any_length_leaves_room_for_the_others() -> None:
    ports = [build_port(f"p{n}", trouble="no", log="&" * 100_000) for n in range(50)]
    text = markdown.render_markdown(build_results(ports, [], [], []))
    assert len(text.encode()) < LIMIT
    assert text.count("<pre>") > 1


def test_as_much_as_there_is_room_for_is_told_in_order() -> None:
    assert list(markdown.take_items(6, ["aa", "bb"], "port")) == ["aa", "bb"]
    lines = list(markdown.take_items(5, ["aa", "bbbb", "c"], "port"))
    assert lines == ["aa", "", "… and 2 more ports, in the report."]


# Escaping


@given(ANYTHING | MARKS | st.sampled_from(TRICKS))
def test_names_and_sentences_are_shown_without_markup(text: str) -> None:
    line = markdown.join_lines(text, 1_000)
    page = render_html(f"- **x**: {escape_markup(line)} y")
    assert remove_joiners(page.text) == remove_joiners(f"\nx: {line} y\n\n")
    assert page.elements == ["ul", "li", "strong"]


@given(ANYTHING | MARKS | st.sampled_from(TRICKS))
def test_code_is_shown_letter_by_letter(text: str) -> None:
    line = markdown.join_lines(text, 1_000)
    page = render_html(f"- x {format_code(text)} y")
    assert page.elements == (["ul", "li", "code"] if line else ["ul", "li"])
    assert " ".join(page.text.split()) == " ".join(f"x {line} y".split())


@given(ANYTHING | MARKS | st.sampled_from(TRICKS))
def test_a_cell_stays_one_cell(text: str) -> None:
    page = render_html(f"| a | b |\n|---|---|\n| {format_name(text)} | y |")
    assert page.elements == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td"]


@given(ANYTHING | MARKS | st.sampled_from(TRICKS))
def test_only_backticks_in_a_sentence_mark_code(text: str) -> None:
    page = render_html(f"- x {format_sentence(text)} y")
    assert set(page.elements) <= {"ul", "li", "code"}


@pytest.mark.parametrize("trick", TRICKS)
def test_no_part_of_a_run_lets_foreign_words_act(trick: str) -> None:
    finding = build_finding(title=trick, explanation=trick)
    complaint = {"port": "c", "finding": "off-by-one", "sentence": trick}
    value = build_run_with_findings(
        build_wrong_verdict(detail=trick), findings=[finding], complaints=[complaint]
    )
    ports = [build_port("c", language=trick), build_port("d", trouble=trick, log=trick)]
    page = render_html(markdown.render_markdown(replace_fields(value, ports=ports)))
    ours = render_html(
        markdown.render_markdown(
            replace_fields(
                build_run_with_findings(build_wrong_verdict()),
                complaints=[complaint | {"sentence": ""}],
            )
        )
    )
    assert set(page.elements) <= {*ours.elements, "pre", "br", "code"}


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("@everyone", f"@{WORD_JOINER}everyone"),
        ("a@b.example", f"a@{WORD_JOINER}b.example"),
        ("#12", f"#{WORD_JOINER}12"),
        ("GH-12", f"GH-{WORD_JOINER}12"),
        ("https://a.example", f"https:{WORD_JOINER}//a.example"),
        ("www.a.example", f"www{WORD_JOINER}.a.example"),
    ],
)
def test_outside_of_code_nobody_is_mentioned_and_nothing_linked(text: str, apart: str) -> None:
    assert html.unescape(escape_markup(text)) == apart


def test_control_characters_are_shown() -> None:
    assert format_code("a\x00b\x1b[2J\u202e") == "`a␀b␛[2J\ufffd`"


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    markdown.write_markdown(build_small_run(), tmp_path / "new" / "summary.md")
    assert (tmp_path / "new" / "summary.md").read_text().startswith("## Conformance")
    with pytest.raises(HarnessError, match="cannot be written"):
        markdown.write_markdown(build_small_run(), tmp_path)
