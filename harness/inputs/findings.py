"""Findings: the known faults of a port, from its findings.yaml and the patches beside it.

A finding claims deviations by check and case. It must go on explaining some, and its patch, put to
use with all the port's others, must cure them: what fails in that is a complaint.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from harness.errors import ManifestError
from harness.files import read_regular_file
from harness.inputs.patches import PatchError, parse_patch
from harness.inputs.yaml import Document, Route, Schema, load_document
from harness.model.check import Check
from harness.model.finding import Claim, Finding, Lines
from harness.model.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path


FINDINGS_GUIDE = "docs/findings.md describes the format."
MAXIMUM_PATCH_BYTES = 1_000_000
ALL_CASES_PATTERN = re.compile(r"[*?\[\]!-]+")
LINE_RANGE_PATTERN = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?", re.ASCII)


# The file


def _wrap_text(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Sentence = Annotated[str, Field(min_length=1, max_length=2_000)]
Title = Annotated[str, Field(min_length=1, max_length=120)]
FindingName = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]*$", max_length=60)]
Procedure = Literal["gaussian_elimination", "gauss_jordan", "back_substitution"]
TextList = Annotated[tuple[str, ...], BeforeValidator(_wrap_text), Field(min_length=1)]


class ClaimEntry(Schema):
    check: Check
    cases: TextList
    outcome: Outcome | None = None
    why: Annotated[str, Field(max_length=1_000)] = ""


class FindingEntry(Schema):
    id: FindingName
    title: Title
    procedure: Procedure
    lines: TextList
    explanation: Sentence
    explains: Annotated[tuple[ClaimEntry, ...], Field(min_length=1)]
    patch: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.patch$")]


class FindingsFile(Schema):
    """findings.yaml as it is written."""

    findings: Annotated[tuple[FindingEntry, ...], Field(min_length=1)]


def load_findings(
    path: Path, files: Mapping[str, bytes], length: int, procedures: Sequence[str]
) -> tuple[Finding, ...]:
    """The findings in the file at `path`, beside which their patches lie.

    `files` are the port's files by their paths, `length` is the number of its listing's lines.
    Raises ManifestError where the file is not as it should be. A patch that cannot be put to use is
    told as the finding's `trouble`: the others are worth running all the same.
    """
    document = load_document(path, ManifestError, FINDINGS_GUIDE)
    findings: list[Finding] = []
    for number, entry in enumerate(document.validate(FindingsFile).findings):
        route = ("findings", number)
        if any(entry.id == other.id for other in findings):
            raise document.make_error((*route, "id"), f"`{entry.id}` is the name of two findings")
        if entry.procedure not in procedures:
            message = f"the listing has no {entry.procedure}"
            raise document.make_error((*route, "procedure"), message)
        finding = Finding(
            id=entry.id,
            title=entry.title,
            procedure=entry.procedure,
            lines=_read_line_ranges(document, (*route, "lines"), entry.lines, length),
            explanation=" ".join(entry.explanation.split()),
            claims=tuple(_read_claims(document, (*route, "explains"), entry.explains)),
            patch=None,
        )
        findings.append(_add_patch(finding, path.parent / entry.patch, files, findings))
    return tuple(findings)


def _read_line_ranges(
    document: Document, route: Route, texts: Sequence[str], length: int
) -> tuple[Lines, ...]:
    return tuple(read_line_range(document, route, text, length) for text in texts)


def read_line_range(document: Document, route: Route, text: str, length: int) -> Lines:
    """The lines that `32-34` or `14` stands for, in a listing of so many lines.

    Raises the document's error, about `route`, where it is no range or leads out of the listing.
    """
    match = LINE_RANGE_PATTERN.fullmatch(text)
    if match is None:
        hint = "A line of the listing, or its first and last, as in `32-34`."
        raise document.make_error(route, f"`{text}` is not a range of lines", hint)
    first, last = int(match[1]), int(match[2] or match[1])
    if not 1 <= first <= last <= length:
        message = f"`{text}` is not inside the listing, which has the lines 1-{length}"
        raise document.make_error(route, message)
    return first, last


def _read_claims(
    document: Document, route: Route, entries: Iterable[ClaimEntry]
) -> Iterator[Claim]:
    for number, entry in enumerate(entries):
        if any(map(ALL_CASES_PATTERN.fullmatch, entry.cases)) and not entry.why.strip():
            message = f"every case is claimed for {entry.check}, and it is not said why"
            hint = "Name the cases, or say under `why` how no second fault can hide there."
            raise document.make_error((*route, number, "cases"), message, hint)
        if entry.outcome is not None and not entry.outcome.deviates:
            message = f"`{entry.outcome}` is no deviation"
            raise document.make_error((*route, number, "outcome"), message)
        yield Claim(entry.check, entry.cases, entry.outcome, " ".join(entry.why.split()))


def _add_patch(
    finding: Finding, path: Path, files: Mapping[str, bytes], earlier: Iterable[Finding]
) -> Finding:
    """The finding with its patch, or with the reason why it has none."""
    try:
        if not path.resolve().is_relative_to(path.parent.resolve()):
            raise PatchError("it is a link that leads out of the port's folder")
        patch = parse_patch(read_regular_file(path, MAXIMUM_PATCH_BYTES), files)
    except OSError as problem:
        reason = f"cannot be read: {problem.strerror}"
        return replace(finding, trouble=f"its patch {path.name} {reason}")
    except PatchError as problem:
        return replace(finding, trouble=f"its patch {path.name}: {problem}")
    for other in earlier:
        if other.patch is not None and other.patch.overlaps(patch):
            reason = f"changes the same lines as that of {other.id}"
            return replace(finding, trouble=f"its patch {path.name} {reason}")
    return replace(finding, patch=patch)
