"""Read findings: the known faults of a port, from its findings.yaml and the patches beside it.

A finding claims deviations by check and case. A run complains about a finding that explains no
deviation, and about a deviation that remains when the patches of all the port's findings are
applied.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field

from harness.errors import ManifestError
from harness.files import read_file
from harness.inputs.document import Document, Route, Schema
from harness.inputs.patches import PatchError, parse_patch
from harness.inputs.yaml import load_document
from harness.model.finding import (
    FINDING_NAME_PATTERN,
    WILDCARD_PATTERN,
    Claim,
    Finding,
    Lines,
    Place,
)
from harness.model.verdict import Outcome
from harness.procedures.fields import CheckField, PublishedProcedureField

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path


MAXIMUM_WILDCARDS = 1_000
"""The number of patterns with wildcards in the claims of one finding. Each of them is compared with
each deviation; names of cases are looked up."""

FINDINGS_GUIDE = "docs/findings.md describes the format."
MAXIMUM_PATCH_BYTES = 1_000_000
LINE_RANGE_PATTERN = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?", re.ASCII)


def _wrap_text(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Sentence = Annotated[str, Field(min_length=1, max_length=2_000)]
Title = Annotated[str, Field(min_length=1, max_length=120)]
FindingName = Annotated[str, Field(pattern=f"^{FINDING_NAME_PATTERN.pattern}$")]
TextList = Annotated[tuple[str, ...], BeforeValidator(_wrap_text), Field(min_length=1)]


class ClaimEntry(Schema):
    check: CheckField
    cases: TextList
    outcome: Outcome | None = None
    why: Annotated[str, Field(max_length=1_000)] = ""


class FindingEntry(Schema):
    id: FindingName
    title: Title
    place: Place = Place.LISTING
    procedure: PublishedProcedureField | None = None
    lines: TextList | None = None
    explanation: Sentence
    explains: Annotated[tuple[ClaimEntry, ...], Field(min_length=1)]
    patch: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.patch$")]


class FindingsFile(Schema):
    """findings.yaml as it is written."""

    findings: Annotated[tuple[FindingEntry, ...], Field(min_length=1)]


def load_findings(
    path: Path, files: Mapping[str, bytes], length: int, procedures: Sequence[str]
) -> tuple[Finding, ...]:
    """Return the findings in the file at `path`. Their patches are in the same folder.

    `files` holds the port's files by their paths, `length` is the number of lines of its listing,
    and `procedures` are the procedures that it has. Raises ManifestError where the file does not
    follow the format. The reason why a patch cannot be applied becomes the finding's `trouble`, so
    that the other findings are still used.
    """
    document = load_document(path, ManifestError, FINDINGS_GUIDE, path.parent)
    findings: list[Finding] = []
    for number, entry in enumerate(document.validate(FindingsFile).findings):
        route = ("findings", number)
        if any(entry.id == other.id for other in findings):
            raise document.make_error((*route, "id"), f"`{entry.id}` is the name of two findings")
        _check_place(document, route, entry, procedures)
        finding = Finding(
            id=entry.id,
            title=entry.title,
            place=entry.place,
            procedure=entry.procedure or "",
            lines=_read_line_ranges(document, (*route, "lines"), entry.lines or (), length),
            explanation=" ".join(entry.explanation.split()),
            claims=tuple(_read_claims(document, (*route, "explains"), entry.explains)),
            patch=None,
        )
        findings.append(_add_patch(finding, path.parent / entry.patch, files, findings))
    return tuple(findings)


def _check_place(
    document: Document, route: Route, entry: FindingEntry, procedures: Sequence[str]
) -> None:
    """Raise the document's error where a finding does not say where its fault is."""
    if entry.place is not Place.LISTING:
        if entry.procedure is not None:
            message = f"a fault in the {entry.place} is in no procedure of the listing"
            hint = "Remove `procedure`, or remove `place`."
            raise document.make_error((*route, "procedure"), message, hint)
        return
    for key, value in (("procedure", entry.procedure), ("lines", entry.lines)):
        if value is None:
            hint = (
                "Name the procedure and the lines of the listing that are at fault, or write "
                "`place: driver` or `place: number type`."
            )
            raise document.make_error(route, f"`{key}` is missing", hint)
    if entry.procedure not in procedures:
        message = f"the listing has no {entry.procedure}"
        raise document.make_error((*route, "procedure"), message)


def _read_line_ranges(
    document: Document, route: Route, texts: Sequence[str], length: int
) -> tuple[Lines, ...]:
    return tuple(read_line_range(document, route, text, length) for text in texts)


def read_line_range(document: Document, route: Route, text: str, length: int) -> Lines:
    """Return the first and the last line of a range such as `32-34` or `14`, from 1.

    `length` is the number of lines of the listing. Raises the document's error, at `route`, where
    `text` is not a range or not inside the listing.
    """
    match = LINE_RANGE_PATTERN.fullmatch(text)
    if match is None:
        hint = "Write one line number, or the first and the last, as in `32-34`."
        raise document.make_error(route, f"`{text}` is not a range of lines", hint)
    first, last = int(match[1]), int(match[2] or match[1])
    if not 1 <= first <= last <= length:
        message = f"`{text}` is not inside the listing, which has the lines 1-{length}"
        raise document.make_error(route, message)
    return first, last


def _read_claims(
    document: Document, route: Route, entries: Iterable[ClaimEntry]
) -> Iterator[Claim]:
    wildcards = 0
    for number, entry in enumerate(entries):
        wildcards += sum(bool(WILDCARD_PATTERN.search(case)) for case in entry.cases)
        if wildcards > MAXIMUM_WILDCARDS:
            message = f"more than {MAXIMUM_WILDCARDS:,} patterns with wildcards"
            hint = "Name the cases, or use a pattern that matches several of them."
            raise document.make_error((*route, number, "cases"), message, hint)
        if entry.outcome is not None and not entry.outcome.deviates:
            message = f"`{entry.outcome}` is not a deviation"
            raise document.make_error((*route, number, "outcome"), message)
        yield Claim(entry.check, entry.cases, entry.outcome, " ".join(entry.why.split()))


def _add_patch(
    finding: Finding, path: Path, files: Mapping[str, bytes], earlier: Iterable[Finding]
) -> Finding:
    """Return the finding with its patch, or with `trouble` where the patch cannot be applied."""
    try:
        patch = parse_patch(read_file(path, MAXIMUM_PATCH_BYTES, path.parent), files)
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
