"""Ports: the folders under `implementations/`, each a listing, a driver and a manifest."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from harness.errors import ManifestError
from harness.files import display_path, read_ordinary
from harness.inputs.findings import FINDINGS, line_range, load_findings
from harness.inputs.yaml import Document, Route, Schema, load
from harness.model.case import Arithmetic, System
from harness.model.finding import Finding, Lines
from harness.model.number import parse_number
from harness.model.patch import apply_patches
from harness.model.port import Base, DebianBase, Port, PortFile, Published

MANIFEST = "port.yaml"
GUIDE = "docs/adding-a-language.md describes the format."
MAXIMUM_LISTING = 1_000_000
MAXIMUM_FILE = 50_000_000
"""Bytes of a listing, which the report shows, and of any other file that goes into a build."""

NOT_BUILT_FROM = (
    re.compile(r"(^|/)(\.[^/]*|__pycache__)(/|$)"),
    re.compile(r"^(port|findings)\.yaml$"),
    re.compile(r"\.(patch|pyc|class|o|hi)$"),
)
"""What a build does without: hidden files, the manifest, findings, and what compilers leave."""


def _as_commands(value: Any) -> Any:
    """One command, written as a list of words, is a list of one command."""
    one = isinstance(value, list) and value and all(isinstance(word, str) for word in value)
    return [value] if one else value


Line = Annotated[str, Field(min_length=1, max_length=200)]
CommandEntry = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
CommandEntries = Annotated[tuple[CommandEntry, ...], BeforeValidator(_as_commands)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
Procedure = Literal[
    "gaussian_elimination",
    "gauss_jordan",
    "back_substitution",
    "lu",
    "forward_substitution",
    "backward_substitution",
    "solve",
    "inverse",
    "determinant",
    "rank",
]
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


class Manifest(Schema):
    """port.yaml as it is written."""

    language: Line
    listing: Line
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    document: Line
    arithmetic: Arithmetic
    procedures: Annotated[tuple[Procedure, ...], Field(min_length=1)]
    notices: tuple[Line, ...] = ()
    stops_at_notice: bool = False
    base: BaseEntry
    build: CommandEntries = ()
    run: CommandEntry
    version: CommandEntry
    published: PublishedEntry | None = None
    regions: dict[str, str] = Field(default_factory=dict)
    seconds_per_case: Seconds = 10.0
    seconds_to_start: Seconds = 60.0


def load_ports(folder: Path, names: Sequence[str] = ()) -> tuple[Port, ...]:
    """The ports in `folder` that are asked for, or all of them, by name.

    Raises ManifestError where there is no such port, or where a manifest cannot be read or does
    not fit its folder: unknown keys, a listing that is missing, lies outside or does not match its
    digest, a region beyond the listing's end.
    """
    known = sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}"))
    if not known:
        message = f"{display_path(folder)}: no port in here"
        raise ManifestError(message, f"A port is a folder with a {MANIFEST} in it. {GUIDE}")
    for name in names:
        if name not in known:
            raise ManifestError(f"there is no port `{name}`", f"There are {_ordered(name, known)}.")
    return tuple(load_port(folder / name) for name in dict.fromkeys(names or known))


def _ordered(name: str, known: Sequence[str]) -> str:
    """The names there are, those like `name` first."""
    near = get_close_matches(name, known)
    return ", ".join(f"`{each}`" for each in dict.fromkeys((*near, *known)))


def load_port(folder: Path) -> Port:
    """The port in `folder`. Raises ManifestError: see `load_ports`."""
    document, name = load(folder / MANIFEST, ManifestError, GUIDE), folder.absolute().name
    if not name.isprintable():
        message = f"{name!a} cannot be the name of a port"
        raise document.mistake((), message, "Rename the folder: letters, digits and hyphens do.")
    manifest = document.check(Manifest)
    listing = _listing(document, folder, manifest).decode(errors="replace")
    length = len(listing.splitlines())
    fields = {name: getattr(manifest, name) for name in Manifest.model_fields}
    debian = DebianBase(manifest.base.debian.suite, manifest.base.debian.packages)
    return Port(
        **fields
        | {
            "name": name,
            "folder": folder,
            "base": Base(manifest.base.image, debian),
            "published": _published(document, manifest.published),
            "regions": _regions(document, manifest, length),
            "source": listing,
            "findings": _findings(folder, length, manifest.procedures),
        }
    )


def content(port: Port) -> tuple[PortFile, ...]:
    """The files that go into a build of `port`, in order of their paths, with its patches.

    Everything in the folder but the manifest, findings and patches, hidden files and what
    compilers leave behind. Raises ManifestError about a link that leads out of the folder, and
    about a file that cannot be read.
    """
    files = (_read(port.folder, path) for path in sorted(_paths(port.folder)))
    return tuple(
        replace(file, data=apply_patches(file.path, file.data, port.patches)) for file in files
    )


def digest(listing: bytes) -> str:
    """SHA-256 of a listing without its white space, which publication does not preserve."""
    return hashlib.sha256(b"".join(listing.split())).hexdigest()


def _listing(document: Document, folder: Path, manifest: Manifest) -> bytes:
    route, name = ("listing",), manifest.listing
    if not _is_inside(folder, name):
        message = f"`{name}` leads out of the port's folder"
        raise document.mistake(route, message, "A port keeps its listing in its own folder.")
    try:
        listing = read_ordinary(folder / name, MAXIMUM_LISTING)
    except OSError as problem:
        message = f"`{name}` cannot be read: {problem.strerror}"
        raise document.mistake(route, message, _files_hint(folder)) from None
    if (found := digest(listing)) != manifest.digest:
        message = f"`{name}` is not the listing this was written for: its digest is {found}"
        hint = "Restore the listing as it was published, or give the digest of the new one."
        raise document.mistake(("digest",), f"{message}, not {manifest.digest}", hint)
    return listing


def _files_hint(folder: Path) -> str:
    files = sorted(_paths(folder))
    return f"In the folder: {', '.join(f'`{path}`' for path in files)}." if files else ""


def _is_inside(folder: Path, name: str) -> bool:
    """Whether the path `name` leads to somewhere in `folder`, links followed."""
    if "\0" in name or Path(name).is_absolute() or ".." in Path(name).parts:
        return False
    # Links that lead in a circle stay where they are: reading them says so. `resolve` gives up.
    return Path(os.path.realpath(folder / name)).is_relative_to(os.path.realpath(folder))


def _published(document: Document, entry: PublishedEntry | None) -> Published | None:
    if entry is None:
        return None
    prints, route = entry.prints, ("published", "prints")
    if prints.places is not None and prints.digits is not None:
        hint = "Keep `places` for digits after the point, `digits` for significant ones."
        raise document.mistake((*route, "digits"), "`places` and `digits` exclude each other", hint)
    matrix = _matrix(document, (*route, "matrix"), prints.matrix)
    return Published(entry.build, entry.run, matrix, prints.stages, prints.places, prints.digits)


def _matrix(document: Document, route: Route, rows: Sequence[Sequence[str]]) -> System:
    for index, row in enumerate(rows):
        if len(row) != len(rows[0]) or len(row) < 2:
            message = f"row {index + 1} has {len(row)} numbers, row 1 has {len(rows[0])}"
            hint = "Rows are equally long, the right-hand side is their last number."
            raise document.mistake((*route, index), message, hint)
        for column, text in enumerate(row):
            try:
                parse_number(text)
            except ValueError as problem:
                raise document.mistake((*route, index, column), str(problem)) from None
    return tuple(tuple(map(parse_number, row)) for row in rows)


def _findings(folder: Path, length: int, procedures: Sequence[str]) -> tuple[Finding, ...]:
    if not (folder / FINDINGS).exists():
        return ()
    inside = (path for path in _paths(folder) if _is_inside(folder, path))
    files = {path: _read(folder, path).data for path in inside if (folder / path).is_file()}
    return load_findings(folder / FINDINGS, files, length, procedures)


def _regions(document: Document, manifest: Manifest, length: int) -> Mapping[str, Lines]:
    return {
        name: line_range(document, ("regions", name), text, length)
        for name, text in manifest.regions.items()
    }


def _paths(folder: Path) -> Iterator[str]:
    for root, folders, files in os.walk(folder):
        inner = Path(root).relative_to(folder)
        folders[:] = [name for name in folders if _goes_in((inner / name).as_posix())]
        # A link to a folder is not walked into. It goes with the files, to be refused there.
        links = [name for name in folders if (folder / inner / name).is_symlink()]
        yield from filter(_goes_in, ((inner / name).as_posix() for name in files + links))


def _goes_in(path: str) -> bool:
    return not any(pattern.search(path) for pattern in NOT_BUILT_FROM)


def _read(folder: Path, path: str) -> PortFile:
    file = folder / path
    if not _is_inside(folder, path):
        message = f"{display_path(file)}: a link that leads out of the port's folder"
        raise ManifestError(message, "Put the file itself there.")
    try:
        data = read_ordinary(file, MAXIMUM_FILE)
        return PortFile(path, data, bool(file.stat().st_mode & 0o100))
    except OSError as problem:
        message = f"{display_path(file)}: cannot be read: {problem.strerror}"
        raise ManifestError(message, "Check the file.") from None
