"""A finding claims and corrects deviations. A claim without a deviation is reported."""

from __future__ import annotations

import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ManifestError
from harness.inputs.findings import load_findings
from harness.model.check import Check
from harness.model.finding import (
    Claim,
    Deviation,
    Finding,
    Lines,
    Place,
    find_explanation,
    list_claims_without_reason,
    list_finding_problems,
)
from harness.model.verdict import Outcome

LISTING = b"one\ntwo\nthree\nfour\n"
FILES = {"listing.c": LISTING}
PROCEDURES = ("gaussian_elimination", "back_substitution")

FORM, ROWS, VALUE = "echelon.form", "echelon.rows", "solution.value"
WRONG, CRASHED = Outcome.WRONG, Outcome.CRASHED

ENTRY: dict[str, Any] = {
    "id": "too-small",
    "title": "Two is too small",
    "procedure": "gaussian_elimination",
    "lines": "2",
    "explanation": "It should be\nlarger.",
    "patch": "two.patch",
    "explains": [{"check": "echelon.form", "cases": ["wide-*", "small"]}],
}

Write = Callable[..., Path]


def build_patch(old: str, new: str) -> str:
    """Return a patch of the listing that replaces one word by another."""
    lines = LISTING.decode().splitlines()
    number = lines.index(old) + 1
    return f"--- a/listing.c\n+++ b/listing.c\n@@ -{number} +{number} @@\n-{old}\n+{new}\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write findings.yaml. Arguments replace keys of a correct finding; None removes them."""

    def write(*findings: dict[str, Any]) -> Path:
        (tmp_path / "two.patch").write_text(build_patch("two", "2"))
        entries = [{**ENTRY, **changes} for changes in findings or [{}]]
        written = [{key: v for key, v in entry.items() if v is not None} for entry in entries]
        path = tmp_path / "findings.yaml"
        path.write_text(
            yaml.safe_dump({"findings": [deepcopy(entry) for entry in written]}, sort_keys=False)
        )
        return path

    return write


def load(path: Path) -> tuple[Finding, ...]:
    return load_findings(path, FILES, 4, PROCEDURES)


def catch_error(path: Path) -> str:
    with pytest.raises(ManifestError) as caught:
        load(path)
    assert caught.value.hint
    return caught.value.message


class TestTheFile:
    def test_everything_that_a_finding_can_say_is_kept(self, write: Write) -> None:
        claims = [
            {"check": "echelon.form", "outcome": "crashed", "cases": "wide-*"},
            {"check": "solution.value", "cases": ["*"], "why": "It never\nreturns x."},
        ]
        [finding] = load(write({"lines": ["1", "3-4"], "explains": claims}))
        assert (finding.id, finding.title) == ("too-small", "Two is too small")
        assert finding.lines == ((1, 1), (3, 4))
        assert finding.explanation == "It should be larger."
        assert finding.claims == (
            Claim(FORM, ("wide-*",), CRASHED),
            Claim(VALUE, ("*",), why="It never returns x."),
        )
        assert finding.patch is not None
        assert finding.patch.text == build_patch("two", "2")

    @pytest.mark.parametrize(
        ("change", "expected_text"),
        [
            ({"id": "Two words"}, "`id`"),
            ({"title": None}, "`title` is missing"),
            ({"titel": "x"}, "`titel` is not known here"),
            ({"procedure": "gauss_jordan"}, "the listing has no gauss_jordan"),
            ({"procedure": "guess"}, "`procedure`"),
            ({"procedure": None}, "`procedure` is missing"),
            ({"lines": None}, "`lines` is missing"),
            ({"place": "compiler"}, "`place`"),
            ({"place": "driver"}, "a fault in the driver is in no procedure of the listing"),
            ({"place": "number type"}, "a fault in the number type is in no procedure"),
            ({"lines": "5"}, "`5` is not inside the listing, which has the lines 1-4"),
            ({"lines": "3-2"}, "is not inside the listing"),
            ({"lines": "two"}, "`two` is not a range of lines"),
            ({"patch": "../two.patch"}, "`patch`"),
            ({"explains": []}, "`explains` should hold at least one"),
            ({"explains": [{"check": "echelon.shape", "cases": ["a"]}]}, "`check`"),
            ({"explains": [{"check": "echelon.form", "cases": []}]}, "`cases`"),
            (
                {"explains": [{"check": "echelon.form", "cases": ["a"], "outcome": "right"}]},
                "`right` is not a deviation",
            ),
        ],
    )
    def test_a_mistake_is_reported_with_its_line(
        self, write: Write, change: dict[str, Any], expected_text: str
    ) -> None:
        message = catch_error(write(change))
        assert "findings.yaml:" in message
        assert expected_text in message

    @pytest.mark.parametrize("place", [Place.DRIVER, Place.NUMBER_TYPE])
    @pytest.mark.parametrize(("lines", "expected"), [(None, ()), ("3", ((3, 3),))])
    def test_a_fault_may_be_in_no_procedure(
        self, write: Write, place: Place, lines: str | None, expected: tuple[Lines, ...]
    ) -> None:
        [finding] = load(write({"place": str(place), "procedure": None, "lines": lines}))
        assert (finding.place, finding.procedure, finding.lines) == (place, "", expected)

    def test_two_findings_do_not_share_a_name(self, write: Write) -> None:
        assert "`too-small` is the name of two findings" in catch_error(write({}, {}))


class TestItsPatch:
    def test_a_missing_one_is_told_and_costs_the_others_nothing(self, write: Write) -> None:
        missing, present = load(write({"patch": "gone.patch"}, {"id": "other"}))
        assert missing.patch is None
        assert missing.trouble == "its patch gone.patch cannot be read: No such file or directory"
        assert present.patch is not None

    def test_one_that_does_not_fit_is_told(self, write: Write, tmp_path: Path) -> None:
        path = write()
        (tmp_path / "two.patch").write_text(build_patch("two", "2").replace("-two", "-too"))
        [finding] = load(path)
        assert finding.patch is None
        assert "two.patch: it does not fit: line 2 of listing.c reads otherwise" in finding.trouble

    def test_the_second_of_two_that_change_the_same_line_is_told(
        self, write: Write, tmp_path: Path
    ) -> None:
        (tmp_path / "again.patch").write_text(build_patch("two", "II"))
        first, second = load(write({}, {"id": "other", "patch": "again.patch"}))
        assert first.patch is not None
        assert second.patch is None
        assert second.trouble == "its patch again.patch changes the same lines as that of too-small"


def build_finding(*claims: Claim, name: str = "f", trouble: str = "") -> Finding:
    return Finding(name, "", "gaussian_elimination", (), "", claims, None, trouble)


class TestManyPatterns:
    def test_ninety_thousand_names_are_looked_up(self) -> None:
        claim = Claim(Check(FORM), tuple(f"case-{number}" for number in range(90_000)))
        began = time.process_time()
        covered = [claim.covers(Check(FORM), f"case-{n}", WRONG) for n in range(89_000, 91_000)]
        assert sum(covered) == 1_000
        assert time.process_time() - began < 2

    def test_problems_of_many_names_are_found_at_once(self) -> None:
        names = [f"case-{number}" for number in range(20_000)]
        claim = Claim(Check(FORM), tuple(names))
        finding = Finding("f", "t", "", (), "", (claim,), None)
        deviations = [Deviation(Check(FORM), name, WRONG) for name in names[1:]]
        began = time.process_time()
        (problem,) = list_finding_problems(finding, deviations, names)
        assert problem == f"`case-0` matches no deviation of {FORM} any more"
        assert time.process_time() - began < 2

    def test_there_are_so_many_wildcards_and_no_more(self, write: Write) -> None:
        patterns = [f"case-{number}-*" for number in range(1_000)]
        claims = [
            {"check": FORM, "cases": patterns[:600]},
            {"check": ROWS, "cases": patterns[600:]},
        ]
        load_findings(write({"explains": claims}), FILES, 4, PROCEDURES)
        claims[1]["cases"] = [*patterns[600:], "another-?"]
        with pytest.raises(ManifestError, match="more than 1,000 patterns with wildcards"):
            load_findings(write({"explains": claims}), FILES, 4, PROCEDURES)


class TestClaims:
    @pytest.mark.parametrize(
        ("check", "case", "outcome", "explained"),
        [
            (FORM, "wide-1", CRASHED, True),
            (FORM, "small", CRASHED, True),
            (FORM, "small", WRONG, False),
            (FORM, "not-wide-1", CRASHED, False),
            (FORM, "Wide-1", CRASHED, False),
            (ROWS, "small", CRASHED, False),
            (ROWS, "tall", CRASHED, True),
            (ROWS, "tall", WRONG, True),
        ],
    )
    def test_a_claim_is_for_its_check_its_cases_and_its_outcome(
        self, check: Check, case: str, outcome: Outcome, explained: bool
    ) -> None:
        known = build_finding(Claim(FORM, ("wide-*", "small"), CRASHED), Claim(ROWS, ("tall",)))
        explanation = find_explanation([known], Deviation(check, case, outcome))
        assert explanation is (known if explained else None)

    def test_the_first_finding_that_claims_a_deviation_explains_it(self) -> None:
        first, second = (build_finding(Claim(FORM, ("a",)), name=name) for name in "fg")
        assert find_explanation([first, second], Deviation(FORM, "a", WRONG)) is first


class TestClaimsWithoutReason:
    CASES = tuple(f"{kind}-{n}" for kind in ("wide", "tall", "tiny") for n in range(4))

    def list_problems(self, *claims: Claim) -> list[str]:
        cases_by_check = {FORM: self.CASES, ROWS: self.CASES[:5]}
        return list(list_claims_without_reason(build_finding(*claims), cases_by_check))

    @pytest.mark.parametrize(
        "patterns",
        [["*"], ["**"], ["?*"], ["[!-]*"], ["[a-z0-9]*"], ["t*"], ["*-[0-2]"], ["*0", "*1", "w*"]],
    )
    def test_most_cases_are_claimed_only_with_a_reason(self, patterns: list[str]) -> None:
        (problem,) = self.list_problems(Claim(FORM, tuple(patterns)))
        assert "of the 12 cases of echelon.form, and `why` gives no reason" in problem
        assert not self.list_problems(Claim(FORM, tuple(patterns), why="Nothing else can fail."))

    @pytest.mark.parametrize("patterns", [["wide-*"], ["*-[01]"], ["t*-1", "wide-?"], ["w*", "w*"]])
    def test_up_to_half_of_the_cases_need_no_reason(self, patterns: list[str]) -> None:
        assert not self.list_problems(Claim(FORM, tuple(patterns)))

    def test_cases_that_are_named_need_no_reason(self) -> None:
        assert not self.list_problems(Claim(FORM, self.CASES))

    def test_claims_of_one_check_count_together(self) -> None:
        wide, tall = Claim(FORM, ("wide-*",)), Claim(FORM, ("tall-*",), CRASHED)
        assert self.list_problems(wide, tall)
        assert not self.list_problems(wide, replace(tall, why="It always ends there."))

    def test_cases_of_other_runs_count_as_well(self) -> None:
        absent = tuple(f"other-{number}" for number in range(20))

        def has_problem(pattern: str, absent_cases: tuple[str, ...]) -> bool:
            finding, cases = build_finding(Claim(FORM, (pattern,))), {FORM: self.CASES}
            return bool([*list_claims_without_reason(finding, cases, absent_cases)])

        assert has_problem("t*", ())
        assert not has_problem("t*", absent)
        assert has_problem("*", absent)

    def test_only_the_cases_of_the_check_count(self) -> None:
        assert self.list_problems(Claim(ROWS, ("wide-*",)))
        assert not self.list_problems(Claim(VALUE, ("*",)))

    @given(st.lists(st.text("*?[]!-watilnyde0123", min_size=1), min_size=1))
    def test_a_pattern_counts_by_what_it_matches(self, patterns: list[str]) -> None:
        wild = [pattern for pattern in patterns if set(pattern) & set("*?[")]
        count = sum(any(fnmatchcase(case, pattern) for pattern in wild) for case in self.CASES)
        assert bool(self.list_problems(Claim(FORM, tuple(patterns)))) == (count > 6)


class TestComplaints:
    CASES = ("small", "wide-1", "wide-2")

    def list_problems(self, known: Finding, *deviations: Deviation) -> list[str]:
        return list(list_finding_problems(known, deviations, self.CASES))

    def test_a_finding_that_holds_gives_no_cause_for_any(self) -> None:
        known = build_finding(Claim(FORM, ("wide-*", "small")))
        assert not self.list_problems(
            known, Deviation(FORM, "wide-2", WRONG), Deviation(FORM, "small", WRONG)
        )

    def test_one_that_explains_nothing_any_more(self) -> None:
        known = build_finding(Claim(FORM, ("wide-*",)), Claim(ROWS, ("small",)))
        assert self.list_problems(known, Deviation(ROWS, "wide-1", WRONG)) == [
            "it explains nothing any more"
        ]

    def test_a_pattern_that_matches_no_case(self) -> None:
        known = build_finding(Claim(FORM, ("wide-*", "tall-*")))
        assert self.list_problems(known, Deviation(FORM, "wide-1", WRONG)) == [
            "`tall-*` (under echelon.form) matches no case"
        ]

    def test_but_none_about_a_pattern_that_matches_a_case_of_other_runs(self) -> None:
        known = build_finding(Claim(FORM, ("wide-*", "tall-*", "gone")))
        absent = ("tall-1", "wide-3")
        assert [*list_finding_problems(known, (), self.CASES, absent)] == [
            "`gone` (under echelon.form) matches no case"
        ]

    def test_a_pattern_under_which_nothing_deviates_any_more(self) -> None:
        known = build_finding(Claim(FORM, ("wide-*", "small"), CRASHED))
        deviations = (Deviation(FORM, "wide-1", CRASHED), Deviation(FORM, "small", WRONG))
        assert self.list_problems(known, *deviations) == [
            "`small` matches no crashed deviation of echelon.form any more"
        ]

    def test_a_patch_that_cannot_be_put_to_use(self) -> None:
        known = build_finding(Claim(FORM, ("small",)), trouble="its patch is not there")
        assert self.list_problems(known, Deviation(FORM, "small", WRONG)) == [
            "its patch is not there"
        ]
