"""Builds the records of proofs, and the problems of findings that the proofs show."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from harness.results.findings import FindingProblemRecord, ProofRecord
from harness.text import count_noun, join_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MAXIMUM_CASES_NAMED = 6
"""The number of cases that a sentence names; it counts the others."""


def list_unproven_claims(proofs: Iterable[ProofRecord]) -> Iterator[FindingProblemRecord]:
    """Yield a problem for the claims of each finding and check that do not stand."""
    groups: defaultdict[tuple[str, str, str, tuple[str, ...]], list[str]] = defaultdict(list)
    for proof in proofs:
        if not proof.holds:
            groups[proof.port, proof.finding, proof.check, proof.necessary].append(proof.case)
    for (port, finding, check, necessary), cases in groups.items():
        sentence = f"its patch is not necessary for {name_cases(cases)} (under {check})"
        sentence += f"; {name_necessary(necessary)}"
        yield FindingProblemRecord(port=port, finding=finding, sentence=sentence)


def name_cases(cases: Sequence[str]) -> str:
    """Return the first cases in a sentence, and the number of the others."""
    named = [f"`{case}`" for case in cases[:MAXIMUM_CASES_NAMED]]
    omitted = len(cases) - len(named)
    return join_words([*named, count_noun(omitted, "more case")] if omitted else named)


def name_necessary(necessary: Sequence[str]) -> str:
    """Return a clause that says which patches are necessary."""
    if not necessary:
        return "any one patch can be left out, and its own does not cure them alone"
    patches = "the patch" if len(necessary) == 1 else "the patches"
    return f"{patches} of {join_words(f'`{name}`' for name in necessary)} cures them without it"
