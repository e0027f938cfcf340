"""What docs/security.md claims: every claim names tests, and those are there and are run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.catalogue import names_in

TEXT = (Path(__file__).parents[2] / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = tuple(dict.fromkeys(re.findall(r"`(test_\w+::[\w:]+)`", TEXT)))
ROWS = [line.strip("| ").split(" | ") for line in TEXT.splitlines() if line.startswith("| ")]
CLAIMS = [row for row in ROWS if row[-1] != "tests"]


@pytest.mark.parametrize("name", NAMED)
def test_every_test_that_is_named_is_there(name: str) -> None:
    assert name in names_in(name.split("::")[0])


def test_every_claim_names_its_tests_or_says_that_it_has_none() -> None:
    assert len(CLAIMS) > 30
    for *_, held in CLAIMS:
        assert held.startswith("none") or re.fullmatch(r"`[\w:]+`(, `[\w:]+`)*", held), held


def test_what_no_test_holds_is_said_to_be_so() -> None:
    for *claim, held in CLAIMS:
        assert not held.startswith("none") or "**" in claim[0], claim


def test_everything_that_a_container_is_denied_is_on_the_page() -> None:
    denied = {name for name in names_in("test_docker") if "::TestConfinement::" in name}
    assert denied - {*NAMED} == {
        "test_docker::TestConfinement::test_the_program_is_not_the_first_process"
    }
