"""The claims of docs/security.md: every claim names its tests, and those tests exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.catalogue import list_tests

TEXT = (Path(__file__).parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
NAMED_TESTS = tuple(dict.fromkeys(re.findall(r"`(test_\w+::[\w:]+)`", TEXT)))
ROWS = [line.strip("| ").split(" | ") for line in TEXT.splitlines() if line.startswith("| ")]
CLAIMS = [row for row in ROWS if row[-1] != "tests"]


@pytest.mark.parametrize("name", NAMED_TESTS)
def test_every_named_test_exists(name: str) -> None:
    assert name in list_tests(name.split("::")[0])


def test_every_claim_names_its_tests_or_says_that_it_has_none() -> None:
    assert len(CLAIMS) > 30
    for *_, evidence in CLAIMS:
        assert evidence.startswith("none") or re.fullmatch(r"`[\w:]+`(, `[\w:]+`)*", evidence), (
            evidence
        )


def test_claims_without_tests_are_marked() -> None:
    for *claim, evidence in CLAIMS:
        assert not evidence.startswith("none") or "**" in claim[0], claim


def test_every_restriction_of_containers_is_listed() -> None:
    denied = {name for name in list_tests("test_docker") if "::TestConfinement::" in name}
    assert denied - {*NAMED_TESTS} == {
        "test_docker::TestConfinement::test_the_program_is_not_the_first_process"
    }
