"""Tests of writing and reading results, and of the exit status that follows from them."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import HarnessError
from harness.model.verdict import Outcome, Standing, Variant
from harness.results.schema import (
    FindingProblemRecord,
    FindingRecord,
    FixedRunRecord,
    PortRecord,
    VerdictRecord,
    load_results,
)
from support.results_by_hand import (
    make_answer_record,
    make_case_record,
    make_port_record,
    make_results,
    make_verdict_record,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
FIGURES = st.floats(allow_nan=False)


class TestWriting:
    @given(TEXT, FIGURES, FIGURES)
    def test_what_is_written_is_read_again(
        self, tmp_path_factory: pytest.TempPathFactory, text: str, condition: float, ratio: float
    ) -> None:
        written = make_results(
            cases=(make_case_record(condition),),
            answers=(make_answer_record(text),),
            verdicts=(make_verdict_record(Outcome.WRONG, finding="f", ratio=ratio),),
            findings=(FindingRecord(id="f", port="c", title=text),),
        )
        path = tmp_path_factory.getbasetemp() / "results.json"
        written.save(path)
        assert load_results(path) == written

    def test_not_a_number_is_read_again_too(self, tmp_path: Path) -> None:
        make_results(verdicts=[make_verdict_record(Outcome.WRONG, ratio=math.nan)]).save(
            tmp_path / "r.json"
        )
        [read] = load_results(tmp_path / "r.json").verdicts
        assert math.isnan(read.measures["ratio"])

    def test_the_file_says_by_which_schema_it_was_written(self, tmp_path: Path) -> None:
        make_results().save(tmp_path / "r.json")
        assert json.loads((tmp_path / "r.json").read_text())["schema"] == 1

    def test_it_is_json_as_any_program_reads_it(self, tmp_path: Path) -> None:
        make_results(cases=(make_case_record(-math.inf),)).save(tmp_path / "r.json")

        def refuse(constant: str) -> None:
            raise AssertionError(f"{constant} is not JSON")

        text = (tmp_path / "r.json").read_text()
        read = json.loads(text, parse_constant=refuse)
        assert read["cases"][0]["condition"] == "-Infinity"

    def test_a_place_that_cannot_be_written_is_an_error_for_people(self, tmp_path: Path) -> None:
        (tmp_path / "r.json").mkdir()
        with pytest.raises(HarnessError, match="cannot be written"):
            make_results().save(tmp_path / "r.json")


class TestReading:
    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (b"", "EOF"),
            (b"\xff\xfe", ""),
            (b"[]", "should be an object"),
            (b"{}", "Field required"),
            (b'{"schema": 2}', "schema"),
            (b"[" * 100_000, "recursion"),
        ],
    )
    def test_what_is_no_results_is_an_error_for_people(
        self, tmp_path: Path, content: bytes, complaint: str
    ) -> None:
        path = tmp_path / "r.json"
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
            (("schema",), 2, "schema"),
            (("run", "seconds"), "long", "run.seconds"),
            (("ports", 0, "name"), None, "ports.0.name"),
            (("verdicts", 0, "outcome"), "splendid", "verdicts.0.outcome"),
            (("verdicts", 0, "colour"), "red", "verdicts.0.colour"),
        ],
    )
    def test_the_place_of_a_mistake_is_named(
        self, tmp_path: Path, route: tuple[str | int, ...], value: object, place: str
    ) -> None:
        content = json.loads(
            make_results(verdicts=[make_verdict_record(Outcome.RIGHT)]).model_dump_json()
        )
        inner = content
        for step in route[:-1]:
            inner = inner[step]
        inner[route[-1]] = value
        path = tmp_path / "r.json"
        path.write_text(json.dumps(content))
        with pytest.raises(HarnessError) as caught:
            load_results(path)
        assert caught.value.message.startswith(f"{path}: {place}: ")

    def test_it_may_have_so_many_bytes_values_and_keys_and_no_more(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "r.json"
        make_results().save(path)
        written = json.loads(path.read_text())
        keys = max(map(len, (written, written["run"], *written["ports"], *written["cases"])))
        bounds = {
            "MAXIMUM_BYTES": (path.stat().st_size, "larger than"),
            "MAXIMUM_VALUES": (path.read_text().count(","), "values"),
            "MAXIMUM_NAMES": (keys, "keys"),
        }
        for name, (size, complaint) in bounds.items():
            with monkeypatch.context() as patch:
                patch.setattr(f"harness.results.schema.{name}", size)
                assert load_results(path) == make_results()
                patch.setattr(f"harness.results.schema.{name}", size - 1)
                with pytest.raises(HarnessError, match=complaint):
                    load_results(path)

    def test_a_missing_file_is_an_error_for_people(self, tmp_path: Path) -> None:
        with pytest.raises(HarnessError, match="No such file"):
            load_results(tmp_path / "none.json")

    def test_a_folder_is_an_error_for_people(self, tmp_path: Path) -> None:
        with pytest.raises(HarnessError, match="cannot be read"):
            load_results(tmp_path)


SOUND = make_port_record("c")
BROKEN = make_port_record("d", trouble="its build failed")
WITHOUT = make_port_record("e", trouble="`ecc` is not on this machine", missing=True)
RIGHT = make_verdict_record(Outcome.RIGHT)
WRONG = make_verdict_record(Outcome.WRONG)
EXPLAINED = make_verdict_record(Outcome.WRONG, finding="f")
STILL_WRONG = WRONG.model_copy(update={"variant": Variant.FIXED})


def port_with_fixed_run(trouble: str = "", missing: bool = False) -> PortRecord:
    run = FixedRunRecord(seconds=1.0, trouble=trouble, missing_toolchain=missing)
    return SOUND.model_copy(update={"fixed": run})


class TestExitStatus:
    @pytest.mark.parametrize(
        ("ports", "verdicts", "status"),
        [
            ([SOUND], [RIGHT], 0),
            ([SOUND], [], 0),
            ([SOUND], [RIGHT, EXPLAINED], 0),
            ([SOUND], [RIGHT, WRONG], 1),
            ([SOUND], [WRONG, EXPLAINED], 1),
            ([SOUND, WITHOUT], [RIGHT], 0),
            ([SOUND, WITHOUT], [WRONG], 1),
            ([SOUND, BROKEN], [RIGHT], 3),
            ([SOUND, BROKEN], [WRONG], 3),
            ([BROKEN, WITHOUT], [], 3),
            ([WITHOUT], [], 3),
            ([], [], 0),
            ([port_with_fixed_run()], [EXPLAINED], 0),
            ([port_with_fixed_run()], [EXPLAINED, STILL_WRONG], 1),
            ([port_with_fixed_run("its build failed")], [EXPLAINED], 3),
            ([port_with_fixed_run("`ecc` is not on this machine", missing=True)], [EXPLAINED], 0),
        ],
    )
    def test_a_run_exits_with(
        self, ports: list[PortRecord], verdicts: list[VerdictRecord], status: int
    ) -> None:
        assert make_results(ports, verdicts).exit_status == status

    def test_a_finding_that_does_not_hold_exits_1(self) -> None:
        complaint = FindingProblemRecord(
            port="c", finding="f", sentence="it explains nothing any more"
        )
        run_results = make_results([SOUND], [RIGHT]).model_copy(update={"complaints": (complaint,)})
        assert run_results.exit_status == 1

    @pytest.mark.parametrize("outcome", Outcome)
    def test_a_deviation_and_nothing_else_has_to_be_explained(self, outcome: Outcome) -> None:
        deviates = outcome.standing is Standing.DEVIATING
        assert make_verdict_record(outcome).unexplained == deviates
        assert not make_verdict_record(outcome, finding="f").unexplained
        assert make_results(verdicts=[make_verdict_record(outcome)]).exit_status == int(deviates)
