"""Write a new port: a manifest, a driver, and the program under test.

The program is one that people bring, or the correct program of a template.
"""

from __future__ import annotations

import re
import shlex
import shutil
import tempfile
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import HarnessError
from harness.files import display_path, read_file
from harness.inputs.document import suggest_name
from harness.inputs.port_files import MAXIMUM_FILE_BYTES
from harness.inputs.ports import MAXIMUM_LISTING_BYTES
from harness.model.port import MANIFEST_FILE, PORT_NAME_HINT, PORT_NAME_PATTERN
from harness.procedures.registry import PROCEDURES, PUBLISHED_PROCEDURES
from harness.scaffold.templates import (
    SKELETON_FOLDER,
    Files,
    Listing,
    Template,
    find_template,
    list_templates,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

ELIMINATIONS = ("gaussian_elimination", "gauss_jordan")

DEFAULT_PROCEDURES = PUBLISHED_PROCEDURES
"""The procedures of a new port for which none are chosen."""

FILE_NAME_PATTERN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}")
"""The name of a listing. It means nothing to YAML, to a compiler or to `sed`."""

BLANK_PATTERN = re.compile(r"(?:FILL IN|ADAPT): (.*)")


@dataclass(frozen=True)
class Blank:
    """A place in a new port that people have to fill in. `line` counts from 1."""

    file: str
    line: int
    meaning: str


@dataclass(frozen=True)
class NewPort:
    """The folder of a port that has just been written.

    `listing` is the program under test. `blanks` is empty for a complete port. `has_template` is
    false where the files are those of the skeleton.
    """

    folder: Path
    files: tuple[str, ...]
    listing: str
    blanks: tuple[Blank, ...]
    has_template: bool


def write_port(
    implementations: Path,
    name: str,
    language: str,
    procedures: Sequence[str] = DEFAULT_PROCEDURES,
    listings: Sequence[Path] = (),
) -> NewPort:
    """Write the folder of a new port. A language without a template gets the skeleton.

    The files `listings` are copied; the first one is the program under test. Without one it is the
    template's own program, which has the `procedures`.

    Raises HarnessError for a name, a language, procedures or listings that are not allowed, for a
    folder that exists, and for one that cannot be written. In these cases nothing is written.
    """
    if not PORT_NAME_PATTERN.fullmatch(name):
        message = f"`{name}` cannot be the name of a port"
        raise HarnessError(message, f"{PORT_NAME_HINT} For example: `my-port-2`.")
    if not language.strip() or not language.isprintable():
        raise HarnessError("a language has a name", "`harness new --list` lists the templates.")
    folder = implementations / name
    if folder.exists() or folder.is_symlink():
        message = f"{display_path(folder)} is there already"
        raise HarnessError(message, "Choose another name, or remove the folder first.")
    template = find_template(language) or Template(SKELETON_FOLDER, language)
    files = template.render_port(
        _sort_procedures(procedures, has_listing=bool(listings)),
        _read_listings(listings, (MANIFEST_FILE, template.driver)),
    )
    _write_folder(folder, files)
    is_complete = not listings and not template.is_skeleton
    listing = listings[0].name if listings else "program.txt"
    return NewPort(
        folder,
        tuple(files),
        template.program if is_complete else listing,
        () if is_complete else tuple(_find_blanks(files, template)),
        not template.is_skeleton,
    )


def _sort_procedures(names: Sequence[str], has_listing: bool) -> tuple[str, ...]:
    """Return procedures in the order in which a driver prints their results.

    Raises HarnessError for an unknown name, for none, and for procedures that no template has.
    """
    if not names:
        raise HarnessError("no procedure is chosen", "For example: --procedures solve,inverse")
    for name in names:
        if name not in PROCEDURES:
            message = f"there is no procedure `{name}`"
            raise HarnessError(message, suggest_name(name, [*PROCEDURES]))
    if not has_listing and "back_substitution" in names and not {*names} & set(ELIMINATIONS):
        message = "the template's `back_substitution` works on an eliminated matrix"
        raise HarnessError(message, "Choose `gaussian_elimination` as well, or `solve` instead.")
    return tuple(name for name in PROCEDURES if name in names)


def _read_listings(paths: Sequence[Path], reserved: Sequence[str]) -> tuple[Listing, ...]:
    """Return the files of the program under test. Raises HarnessError for one that cannot be read,
    that has the name of another file of the port, or a name that is not allowed."""
    listings: dict[str, Listing] = {}
    for number, path in enumerate(paths):
        name = path.name
        if not FILE_NAME_PATTERN.fullmatch(name):
            hint = "Use letters from a to z, digits and the signs - _ . + in names of files."
            raise HarnessError(f"`{name}` cannot be the name of a listing", hint)
        if any(name.lower() == other.lower() for other in (*reserved, *listings)):
            message = f"`{name}` is the name of another file of the port"
            raise HarnessError(message, "Rename the listing.")
        limit = MAXIMUM_FILE_BYTES if number else MAXIMUM_LISTING_BYTES
        try:
            listings[name] = Listing(name, read_file(path, limit))
        except OSError as problem:
            message = f"{display_path(path)} cannot be read: {problem.strerror}"
            raise HarnessError(message, "Choose the file of your program.") from None
    return tuple(listings.values())


def _find_blanks(files: Files, template: Template) -> list[Blank]:
    return [
        Blank(file, number, blank[1].removesuffix("*/").removesuffix("*)").rstrip())
        for file in (MANIFEST_FILE, template.driver)
        for number, line in enumerate(files[file].decode().splitlines(), 1)
        if (blank := BLANK_PATTERN.search(line))
    ]


def _write_folder(folder: Path, files: Files) -> None:
    """Write all files or none: write them to a temporary folder, and then move it."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as temporary:
            new_folder = Path(temporary) / folder.name
            new_folder.mkdir()
            for name, content in files.items():
                (new_folder / name).write_bytes(content)
            shutil.move(new_folder, folder)
    except OSError as error:
        message = f"{display_path(folder)} cannot be written: {error.strerror}"
        raise HarnessError(message, "Choose another folder with --implementations.") from None


def format_port_steps(port: NewPort, language: str) -> list[str]:
    """Return lines that tell people what has been written and what to do next."""
    written = f"{display_path(port.folder)} has {', '.join(port.files[:-1])} and {port.files[-1]}."
    command = f"    harness check --port {port.folder.name}"
    if port.folder.parent != Path("implementations"):
        command += f" --implementations {shlex.quote(str(port.folder.parent))}"
    if not port.blanks:
        return [
            written,
            "It conforms as it is:",
            command,
            "With --listing FILE, a program of yours takes the place of the template's.",
        ]
    names = [name for template in list_templates() for name in template.names]
    matches = get_close_matches(language.lower(), names, n=1)
    suggestion = f" Did you mean `{matches[0]}`?" if matches else ""
    places = [f"{blank.file}:{blank.line}" for blank in port.blanks]
    width = max(map(len, places))
    blanks = zip(places, port.blanks, strict=True)
    skeleton = f"There is no template for `{language}`, so this is a skeleton.{suggestion}"
    return [
        *([] if port.has_template else [skeleton]),
        written,
        "What is left to fill in:",
        *(f"    {place:<{width}}  {blank.meaning}" for place, blank in blanks),
        "Then run:",
        command.replace("check --port", "probe"),
        command,
    ]
