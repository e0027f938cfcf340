"""Tests of writing and reading results, and of the exit status that follows from them."""

from __future__ import annotations

import json
import math
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import HarnessError
from harness.model.recurrence import Occurrence
from harness.model.verdict import Outcome, Standing
from harness.results.findings import FindingProblemRecord, FindingRecord
from harness.results.reader import load_results
from harness.results.results import Results
from harness.results.schema import VerdictRecord
from support.run_results import (
    Fields,
    build_answer,
    build_case,
    build_expectation,
    build_finding,
    build_port,
    build_results,
    build_verdict,
    dump_results,
    make_results,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
FIGURES = st.floats(allow_nan=False)

SOUND = build_port("c")
BROKEN = build_port("d", trouble="its build failed")
WITHOUT_TOOLCHAIN = build_port("e", trouble="`ecc` is not on this machine", missing_toolchain=True)
RIGHT = build_verdict("c", "a", "solution.value", Outcome.RIGHT)
WRONG = build_verdict("c", "a", "solution.value", Outcome.WRONG)
EXPLAINED = {**WRONG, "finding": "f"}
STILL_WRONG = {**WRONG, "variant": "fixed"}


def build_port_with_fixed_run(trouble: str = "", missing: bool = False) -> Fields:
    run = {"seconds": 1.0, "trouble": trouble, "missing_toolchain": missing}
    return {**SOUND, "fixed": run}


def build_run(ports: list[Fields], verdicts: list[Fields]) -> Results:
    """Return the results of a run on the case `a`, without answers."""
    return build_results(ports, [build_case("a")], [], verdicts)


def build_full_run(text: str, condition: float, ratio: float) -> Results:
    """Return results with the text in each kind of record, and with infinite figures."""
    own_example = {"command": ["./main"], "system": [["1", "2"]], "output": text, "errors": [text]}
    port = build_port("c", published={**own_example, "ending": "crashed", "reason": text})
    expected = build_expectation(condition=math.inf, solution=None, numpy=["-inf"])
    case = build_case("a", condition=condition, expected={"binary64": expected})
    stage = {"shape": [1, 2], "rows": [["nan", "inf"]], "trouble": text}
    answer = build_answer("c", "a", ending="crashed", reason=text, stages={"echelon": stage})
    answer |= {"failures": {"gauss_jordan": text}, "remarks": [text, text], "errors": [text]}
    verdict = {**EXPLAINED, "detail": text, "entries": [(0, 1)], "follows": "echelon.rows"}
    verdict |= {"measures": {"ratio": ratio}}
    finding = FindingRecord(id="f", port="c", title=text)
    results = build_results([port], [case], [answer], [verdict])
    return replace(results, findings=(finding,))


def read_lines(path: Path) -> list[Any]:
    """Return the values of the lines of a results file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def write_lines(path: Path, lines: list[Any]) -> None:
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def write_run_with_all_names(path: Path) -> list[Any]:
    """Write results with a name in each kind of line, and return the values of the lines."""
    recurrence = {
        "occurrence": Occurrence.AFTER_OTHERS,
        "otherwise": "right",
        "count": 1,
        "answers": 2,
    }
    verdict = {**EXPLAINED, "recurrence": {**recurrence, "after": ["a"]}}
    value = dump_results(build_run([SOUND], [verdict]))
    value["findings"] = [build_finding("f", port="c")]
    value["complaints"] = [{"port": "c", "finding": "f", "sentence": "s"}]
    key = {"port": "c", "case": "a"}
    outcome = {"check": "solution.value", "outcome": "wrong"}
    value["plain_cells"] = [{**key, "outcomes": [outcome]}]
    proof = {"finding": "f", "check": "solution.value", "necessary": ["f"], "alone": True}
    value["proofs"] = [{**key, **proof}]
    make_results(value).save(path)
    return read_lines(path)


class TestWriting:
    @given(TEXT, FIGURES, FIGURES)
    def test_what_is_written_is_read_again(
        self, tmp_path_factory: pytest.TempPathFactory, text: str, condition: float, ratio: float
    ) -> None:
        written = build_full_run(text, condition, ratio)
        path = tmp_path_factory.getbasetemp() / "results.jsonl"
        written.save(path)
        assert load_results(path) == written

    def test_not_a_number_is_read_again_too(self, tmp_path: Path) -> None:
        verdict = {**WRONG, "measures": {"ratio": math.nan}}
        build_run([SOUND], [verdict]).save(tmp_path / "r.jsonl")
        [read] = load_results(tmp_path / "r.jsonl").verdicts
        assert math.isnan(read.measures["ratio"])

    def test_the_file_says_by_which_schema_it_was_written(self, tmp_path: Path) -> None:
        build_run([SOUND], []).save(tmp_path / "r.jsonl")
        header, *_ = read_lines(tmp_path / "r.jsonl")
        assert header["schema"] == 2

    def test_it_is_json_as_any_program_reads_it(self, tmp_path: Path) -> None:
        case = build_case("a", condition=-math.inf)
        build_results([SOUND], [case], [], []).save(tmp_path / "r.jsonl")

        def refuse(constant: str) -> None:
            raise AssertionError(f"{constant} is not JSON")

        lines = (tmp_path / "r.jsonl").read_text().splitlines()
        *_, read = (json.loads(line, parse_constant=refuse) for line in lines)
        assert read["condition"] == "-Infinity"

    def test_a_place_that_cannot_be_written_is_an_error_for_people(self, tmp_path: Path) -> None:
        (tmp_path / "r.jsonl").mkdir()
        with pytest.raises(HarnessError, match="cannot be written"):
            build_run([SOUND], []).save(tmp_path / "r.jsonl")


class TestReading:
    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (b"", "empty"),
            (b"{}\n", "Field required"),
            (b"\xff\xfe", ""),
            (b"[]", "should be an object"),
            (b"{}", "Field required"),
            (b'{"schema": 3}', "schema"),
            (b"[" * 100_000, "not JSON, or nested too deep"),
        ],
    )
    def test_what_is_no_results_is_an_error_for_people(
        self, tmp_path: Path, content: bytes, complaint: str
    ) -> None:
        path = tmp_path / "r.jsonl"
        path.write_bytes(content)
        with pytest.raises(HarnessError) as caught:
            load_results(path)
        assert caught.value.message.startswith(f"{path}: ")
        assert complaint in caught.value.message
        assert "harness check" in caught.value.hint
        assert caught.value.exit_status == 2

    @pytest.mark.parametrize(
        ("route", "value", "place"),
        [
            ((0, "schema"), 3, "line 1: schema"),
            ((0, "run", "seconds"), "long", "line 1: run.seconds"),
            ((0, "counts", "cells"), -1, "line 1: counts.cells"),
            ((1, "name"), None, "line 2: name"),
            ((2, "rows"), 10**9, "line 3: rows"),
            ((3, "verdicts", 0, "outcome"), "splendid", "line 4: verdicts.0.outcome"),
            ((3, "verdicts", 0, "colour"), "red", "line 4: verdicts.0.colour"),
            ((3, "port"), "d", "line 4: there is no port 'd'"),
            ((3, "case"), "b", "line 4: there is no case 'b'"),
        ],
    )
    def test_the_place_of_a_mistake_is_named(
        self, tmp_path: Path, route: tuple[str | int, ...], value: object, place: str
    ) -> None:
        path = tmp_path / "r.jsonl"
        build_run([SOUND], [RIGHT]).save(path)
        lines = inner = read_lines(path)
        for step in route[:-1]:
            inner = inner[step]
        inner[route[-1]] = value
        write_lines(path, lines)
        with pytest.raises(HarnessError) as caught:
            load_results(path)
        assert caught.value.message.startswith(f"{path}: {place}")

    @pytest.mark.parametrize(
        ("route", "subject"),
        [
            ((1, "name"), "a port"),
            ((2, "port"), "a port"),
            ((2, "id"), "a finding"),
            ((3, "port"), "a port"),
            ((3, "finding"), "a finding"),
            ((4, "name"), "a case"),
            ((5, "verdicts", 0, "recurrence", "after", 0), "a case"),
        ],
    )
    @pytest.mark.parametrize(
        "name", ["", "-x", "a b", "a;b", "$(b)", "<b>", "a\nb", "..", "\x1b[2J", "\u202e", "a" * 61]
    )
    def test_a_name_that_nobody_can_give_is_refused(
        self, tmp_path: Path, route: tuple[str | int, ...], subject: str, name: str
    ) -> None:
        """The names stand in commands that reports offer."""
        lines = write_run_with_all_names(tmp_path / "r.jsonl")
        load_results(tmp_path / "r.jsonl")
        inner: Any = lines
        for step in route[:-1]:
            inner = inner[step]
        inner[route[-1]] = name
        write_lines(tmp_path / "r.jsonl", lines)
        with pytest.raises(HarnessError) as caught:
            load_results(tmp_path / "r.jsonl")
        message = f"line {int(route[0]) + 1}: {name!a:.100} cannot be the name of {subject}"
        assert caught.value.message == f"{tmp_path}/r.jsonl: {message}"
        assert caught.value.hint.startswith("A name has at most 60 ")
        assert caught.value.exit_status == 2

    def test_the_name_of_own_examples_is_no_name_of_a_case(self, tmp_path: Path) -> None:
        lines = write_run_with_all_names(tmp_path / "r.jsonl")
        lines[4]["name"] = "published"
        write_lines(tmp_path / "r.jsonl", lines)
        with pytest.raises(HarnessError, match="line 5: 'published' cannot be the name of a case"):
            load_results(tmp_path / "r.jsonl")

    @pytest.mark.parametrize("line", [6, 7])
    @pytest.mark.parametrize("key", ["port", "case"])
    def test_plain_builds_and_proofs_are_of_known_ports_and_cases(
        self, tmp_path: Path, line: int, key: str
    ) -> None:
        lines = write_run_with_all_names(tmp_path / "r.jsonl")
        lines[line][key] = "z"
        write_lines(tmp_path / "r.jsonl", lines)
        with pytest.raises(HarnessError, match=f"line {line + 1}: there is no {key} 'z'"):
            load_results(tmp_path / "r.jsonl")

    def test_a_line_has_so_many_bytes_values_and_keys_and_no_more(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "r.jsonl"
        build_run([SOUND], []).save(path)
        lines = path.read_bytes().splitlines(keepends=True)
        bounds = {
            "lines.MAXIMUM_LINE_BYTES": (max(map(len, lines)), "longer than"),
            "lines.MAXIMUM_LINE_VALUES": (max(line.count(b",") for line in lines), "values"),
            "record.MAXIMUM_NAMES": (max(len(line) for line in read_lines(path)), "keys"),
        }
        for name, (size, complaint) in bounds.items():
            with monkeypatch.context() as patch:
                patch.setattr(f"harness.results.{name}", size)
                assert load_results(path) == build_run([SOUND], [])
                patch.setattr(f"harness.results.{name}", size - 1)
                with pytest.raises(HarnessError, match=complaint):
                    load_results(path)

    @pytest.mark.parametrize("kept", range(1, 4))
    def test_a_file_that_was_cut_off_is_refused(self, tmp_path: Path, kept: int) -> None:
        path = tmp_path / "r.jsonl"
        build_run([SOUND], [RIGHT]).save(path)
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(lines[:kept]))
        with pytest.raises(HarnessError, match=f"ends after {kept} lines"):
            load_results(path)

    def test_a_line_too_many_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "r.jsonl"
        build_run([SOUND], [RIGHT]).save(path)
        path.write_bytes(path.read_bytes() + b"{}\n")
        with pytest.raises(HarnessError, match="line 5: further lines follow"):
            load_results(path)

    @pytest.mark.parametrize(("line", "problem"), [(1, "two ports"), (2, "two cases"), (3, "sec")])
    def test_the_same_line_twice_is_refused(self, tmp_path: Path, line: int, problem: str) -> None:
        path = tmp_path / "r.jsonl"
        build_run([SOUND], [RIGHT]).save(path)
        lines = read_lines(path)
        lines.insert(line, lines[line])
        lines[0]["counts"][("ports", "cases", "cells")[line - 1]] += 1
        write_lines(path, lines)
        with pytest.raises(HarnessError, match=problem):
            load_results(path)

    def test_results_of_an_earlier_version_are_named(self, tmp_path: Path) -> None:
        path = tmp_path / "results.json"
        path.write_text(json.dumps({"schema": 1}, indent=1))
        with pytest.raises(HarnessError, match="an earlier version") as caught:
            load_results(path)
        assert caught.value.hint == "Run `harness check` again."

    def test_a_pipe_is_not_read(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "r.jsonl")
        with pytest.raises(HarnessError, match="not an ordinary file"):
            load_results(tmp_path / "r.jsonl")

    def test_a_missing_file_is_an_error_for_people(self, tmp_path: Path) -> None:
        with pytest.raises(HarnessError, match="No such file"):
            load_results(tmp_path / "none.json")

    def test_a_folder_is_an_error_for_people(self, tmp_path: Path) -> None:
        with pytest.raises(HarnessError, match="cannot be read"):
            load_results(tmp_path)


class TestExitStatus:
    @pytest.mark.parametrize(
        ("ports", "verdicts", "status"),
        [
            ([SOUND], [RIGHT], 0),
            ([SOUND], [], 0),
            ([SOUND], [RIGHT, EXPLAINED], 0),
            ([SOUND], [RIGHT, WRONG], 1),
            ([SOUND], [WRONG, EXPLAINED], 1),
            ([SOUND, WITHOUT_TOOLCHAIN], [RIGHT], 0),
            ([SOUND, WITHOUT_TOOLCHAIN], [WRONG], 1),
            ([SOUND, BROKEN], [RIGHT], 3),
            ([SOUND, BROKEN], [WRONG], 3),
            ([BROKEN, WITHOUT_TOOLCHAIN], [], 3),
            ([WITHOUT_TOOLCHAIN], [], 3),
            ([], [], 0),
            ([build_port_with_fixed_run()], [EXPLAINED], 0),
            ([build_port_with_fixed_run()], [EXPLAINED, STILL_WRONG], 1),
            ([build_port_with_fixed_run("its build failed")], [EXPLAINED], 3),
            (
                [build_port_with_fixed_run("`ecc` is not on this machine", missing=True)],
                [EXPLAINED],
                0,
            ),
        ],
    )
    def test_a_run_exits_with(
        self, ports: list[Fields], verdicts: list[Fields], status: int
    ) -> None:
        assert build_run(ports, verdicts).exit_status == status

    def test_a_finding_that_does_not_hold_exits_1(self) -> None:
        complaint = FindingProblemRecord(
            port="c", finding="f", sentence="it explains nothing any more"
        )
        run_results = replace(build_run([SOUND], [RIGHT]), complaints=(complaint,))
        assert run_results.exit_status == 1

    @pytest.mark.parametrize("outcome", Outcome)
    def test_a_deviation_and_nothing_else_has_to_be_explained(self, outcome: Outcome) -> None:
        deviates = outcome.standing is Standing.DEVIATING
        verdict = {**WRONG, "outcome": outcome}
        assert VerdictRecord.model_validate(verdict).unexplained == deviates
        explained = VerdictRecord.model_validate({**verdict, "finding": "f"})
        assert not explained.unexplained
        status = 3 if outcome is Outcome.NOT_JUDGED else int(deviates)
        assert build_run([SOUND], [verdict]).exit_status == status
