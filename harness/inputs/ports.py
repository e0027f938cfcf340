"""Read ports: the folders under `implementations/`, with a listing, a driver and a manifest."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from harness.errors import ManifestError
from harness.files import display_path, is_inside, read_file
from harness.inputs.claims import BLOCK, ClaimsEntry, read_promises
from harness.inputs.document import Document, Route, Schema
from harness.inputs.findings import load_findings, read_line_range
from harness.inputs.port_files import list_paths, read_files
from harness.inputs.yaml import load_document
from harness.model.case import Arithmetic, System
from harness.model.finding import FINDINGS_FILE, Finding, Lines
from harness.model.number import parse_number
from harness.model.port import (
    MANIFEST_FILE,
    PORT_NAME_HINT,
    PORT_NAME_PATTERN,
    Base,
    DebianBase,
    Plain,
    Port,
    Published,
)
from harness.model.runtime_checks import find_runtime_checks
from harness.procedures.fields import ProcedureField
from harness.procedures.registry import PROCEDURES

MANIFEST_GUIDE = "docs/adding-a-language.md describes the format."
MAXIMUM_LISTING_BYTES = 1_000_000
"""The largest listing, which the report shows, in bytes."""


def _wrap_command(value: Any) -> Any:
    """Return a list of commands, also where `value` is one command: a list of words."""
    is_single = isinstance(value, list) and value and all(isinstance(word, str) for word in value)
    return [value] if is_single else value


Line = Annotated[str, Field(min_length=1, max_length=200)]
CommandEntry = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
CommandEntries = Annotated[tuple[CommandEntry, ...], BeforeValidator(_wrap_command)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
Stage = Literal["input", "echelon", "reduced", "solution"]


class DebianEntry(Schema):
    suite: Annotated[str, Field(pattern="^[a-z][a-z0-9-]*$")]
    packages: tuple[Annotated[str, Field(pattern="^[a-z0-9][a-z0-9+.-]+$")], ...] = ()


class BaseEntry(Schema):
    image: Annotated[str, Field(pattern="^[a-z0-9][A-Za-z0-9._/:@-]*$")] | None = None
    debian: DebianEntry


class PrintsEntry(Schema):
    matrix: Annotated[tuple[tuple[str, ...], ...], Field(min_length=1)]
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    places: Annotated[int, Field(ge=0, le=20)] | None = None
    digits: Annotated[int, Field(ge=1, le=20)] | None = None


class PublishedEntry(Schema):
    build: CommandEntries = ()
    run: CommandEntry
    prints: PrintsEntry


class PlainEntry(Schema):
    build: Annotated[CommandEntries, Field(min_length=1)]
    run: CommandEntry


class Manifest(Schema):
    """port.yaml as it is written."""

    language: Line
    listing: Line
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    document: Line
    arithmetic: Arithmetic
    procedures: Annotated[tuple[ProcedureField, ...], Field(min_length=1)]
    notices: tuple[Line, ...] = ()
    stops_at_notice: bool = False
    claims: ClaimsEntry = ClaimsEntry()
    base: BaseEntry
    build: CommandEntries = ()
    run: CommandEntry
    version: CommandEntry
    plain: PlainEntry | None = None
    published: PublishedEntry | None = None
    regions: dict[str, str] = Field(default_factory=dict)
    seconds_per_case: Seconds = 10.0
    seconds_to_start: Seconds = 60.0


def load_ports(folder: Path, names: Sequence[str] = ()) -> tuple[Port, ...]:
    """Return the ports in `folder` with these names, or all ports in alphabetical order.

    Raises ManifestError where there is no port of a name, and where a manifest cannot be read or
    does not fit its folder: unknown keys, a listing that is missing, outside the folder or
    different from its digest, or a region beyond the end of the listing.
    """
    known = _list_port_names(folder)
    if not known:
        message = f"{display_path(folder)}: no port in here"
        raise ManifestError(
            message, f"A port is a folder with a {MANIFEST_FILE} in it. {MANIFEST_GUIDE}"
        )
    for name in names:
        if name not in known:
            raise ManifestError(
                f"there is no port `{name}`", f"The ports are {_format_port_names(name, known)}."
            )
    return tuple(load_port(folder / name) for name in dict.fromkeys(names or known))


def _list_port_names(folder: Path) -> list[str]:
    """Return the names of the folders with a manifest in them, without hidden folders."""
    try:
        folders = [each for each in folder.iterdir() if not each.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as problem:
        message = f"{display_path(folder)}: cannot be read: {problem.strerror}"
        raise ManifestError(message, "Check the permissions of the folder.") from None
    return sorted(each.name for each in folders if _may_have_manifest(each))


def _may_have_manifest(folder: Path) -> bool:
    """Return whether a folder has a manifest, also where this cannot be determined: reading the
    manifest then reports the reason."""
    try:
        (folder / MANIFEST_FILE).lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _format_port_names(name: str, known: Sequence[str]) -> str:
    """Return the known names in one text, those similar to `name` first."""
    close_names = get_close_matches(name, known)
    return ", ".join(f"`{port_name}`" for port_name in dict.fromkeys((*close_names, *known)))


def load_port(folder: Path) -> Port:
    """Return the port in `folder`. Raises ManifestError as `load_ports` does."""
    name = folder.absolute().name
    if not PORT_NAME_PATTERN.fullmatch(name):
        message = f"{display_path(folder.parent)}: {name!a:.100} cannot be the name of a port"
        raise ManifestError(message, f"Rename the folder. {PORT_NAME_HINT}")
    document = load_document(folder / MANIFEST_FILE, ManifestError, MANIFEST_GUIDE, folder)
    _check_keys(document)
    manifest = document.validate(Manifest)
    _check_arithmetic(document, manifest)
    listing = _read_listing(document, folder, manifest).decode(errors="replace")
    length = len(listing.splitlines())
    fields = {name: getattr(manifest, name) for name in Manifest.model_fields if name != BLOCK}
    debian = DebianBase(manifest.base.debian.suite, manifest.base.debian.packages)
    return Port(
        **fields
        | {
            "name": name,
            "folder": folder,
            "base": Base(manifest.base.image, debian),
            "plain": _read_plain(document, manifest),
            "published": _read_published(document, manifest.published),
            "regions": _read_regions(document, manifest, length),
            "source": listing,
            "findings": _load_port_findings(folder, length, manifest.procedures),
            "promises": read_promises(
                document, manifest.claims, manifest.arithmetic, manifest.procedures
            ),
            "leaves_input_unchanged": manifest.claims.leaves_input_unchanged,
        }
    )


def compute_digest(listing: bytes) -> str:
    """Return the SHA-256 of a listing without its white space, in hexadecimal digits.

    Publication does not preserve white space.
    """
    return hashlib.sha256(b"".join(listing.split())).hexdigest()


def _check_keys(document: Document) -> None:
    """Raise the document's error about a claim that is not in its block."""
    keys = document.value if isinstance(document.value, dict) else {}
    for key in keys:
        if key in ClaimsEntry.model_fields:
            message = f"`{key}` is a claim of the port"
            hint = f"Write it in the block `{BLOCK}`, indented."
            raise document.make_error_at(document.keys[key,], message, hint)


def _check_arithmetic(document: Document, manifest: Manifest) -> None:
    if not manifest.arithmetic.is_exact:
        return
    for index, name in enumerate(manifest.procedures):
        if PROCEDURES[name].is_irrational:
            message = f"`{name}` has results that no ratio is"
            hint = "Leave it out, or give the arithmetic with which the port computes them."
            raise document.make_error(("procedures", index), message, hint)


def _read_listing(document: Document, folder: Path, manifest: Manifest) -> bytes:
    route, name = ("listing",), manifest.listing
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or not is_inside(folder / path, folder):
        message = f"`{name}` leads out of the port's folder"
        raise document.make_error(route, message, "A port keeps its listing in its own folder.")
    try:
        listing = read_file(folder / path, MAXIMUM_LISTING_BYTES)
    except OSError as problem:
        message = f"`{name}` cannot be read: {problem.strerror}"
        raise document.make_error(route, message, _format_files_hint(folder)) from None
    if (actual := compute_digest(listing)) != manifest.digest:
        message = (
            f"`{name}` is not the listing that this manifest was written for: "
            f"its digest is {actual}"
        )
        hint = "Restore the listing as it was published, or give the digest of the new one."
        raise document.make_error(("digest",), f"{message}, not {manifest.digest}", hint)
    return listing


def _format_files_hint(folder: Path) -> str:
    files = sorted(list_paths(folder))
    return f"The folder contains {', '.join(f'`{path}`' for path in files)}." if files else ""


def _read_published(document: Document, entry: PublishedEntry | None) -> Published | None:
    if entry is None:
        return None
    prints, route = entry.prints, ("published", "prints")
    if prints.places is not None and prints.digits is not None:
        hint = "Keep `places` for digits after the point, or `digits` for significant digits."
        raise document.make_error(
            (*route, "digits"), "`places` and `digits` exclude each other", hint
        )
    matrix = _read_matrix(document, (*route, "matrix"), prints.matrix)
    return Published(entry.build, entry.run, matrix, prints.stages, prints.places, prints.digits)


def _read_plain(document: Document, manifest: Manifest) -> Plain | None:
    if manifest.plain is None:
        return None
    if not find_runtime_checks(manifest.build):
        message = "`build` has no option that adds checks at run time, so it is plain already"
        hint = "Remove `plain`, or build with a sanitizer (in C: -fsanitize=address,undefined)."
        raise document.make_error(("plain",), message, hint)
    return Plain(manifest.plain.build, manifest.plain.run)


def _read_matrix(document: Document, route: Route, rows: Sequence[Sequence[str]]) -> System:
    for index, row in enumerate(rows):
        if len(row) != len(rows[0]) or len(row) < 2:
            message = f"row {index + 1} has {len(row)} numbers, row 1 has {len(rows[0])}"
            hint = "All rows have the same length. The last number of a row is the right-hand side."
            raise document.make_error((*route, index), message, hint)
        for column, text in enumerate(row):
            try:
                parse_number(text)
            except ValueError as problem:
                raise document.make_error((*route, index, column), str(problem)) from None
    return tuple(tuple(map(parse_number, row)) for row in rows)


def _load_port_findings(
    folder: Path, length: int, procedures: Sequence[str]
) -> tuple[Finding, ...]:
    if not os.path.lexists(folder / FINDINGS_FILE):
        return ()
    try:
        files = {file.path: file.data for file in read_files(folder)}
    except ManifestError:
        # The build reports it, as that of a port without findings does.
        files = {}
    return load_findings(folder / FINDINGS_FILE, files, length, procedures)


def _read_regions(document: Document, manifest: Manifest, length: int) -> Mapping[str, Lines]:
    return {
        name: read_line_range(document, ("regions", name), text, length)
        for name, text in manifest.regions.items()
    }
