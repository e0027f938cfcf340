"""Write a new port from a template: a manifest, a driver and a correct program.

There is a template for each of several languages. `skeleton` is used for every other language.
"""

from __future__ import annotations

import re
import shlex
import shutil
import tempfile
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import yaml

from harness.errors import HarnessError
from harness.files import display_path
from harness.inputs.ports import compute_digest
from harness.model.port import MANIFEST_FILE, PORT_NAME_HINT, PORT_NAME_PATTERN

LANGUAGES_FOLDER = Path(__file__).with_name("languages")
SKELETON_FOLDER = LANGUAGES_FOLDER / "skeleton"

LANGUAGE_ALIASES = {
    "cpp": ("c++", "cxx"),
    "fortran": ("f90", "f95"),
    "go": ("golang",),
    "haskell": ("hs",),
    "javascript": ("js", "node", "nodejs"),
    "julia": ("jl",),
    "ocaml": ("ml",),
    "python": ("py", "python3"),
    "ruby": ("rb",),
    "rust": ("rs",),
}
"""Other names of a template's language, by the name of its folder."""

LISTING_LINE_PATTERN = re.compile(r"^listing: (\S+).*\n", re.MULTILINE)
LANGUAGE_LINE_PATTERN = re.compile(r"^language: LANGUAGE\n", re.MULTILINE)
BLANK_PATTERN = re.compile(r"FILL IN: (.*)")


@dataclass(frozen=True)
class Template:
    """The template of a port in one language. `language` is the name that people write."""

    folder: Path
    language: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which people can ask for the template, in lower-case letters."""
        names = (
            self.language.lower(),
            self.folder.name,
            *LANGUAGE_ALIASES.get(self.folder.name, ()),
        )
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True)
class Blank:
    """A place in a new port that people have to fill in. `line` counts from 1."""

    file: str
    line: int
    meaning: str


@dataclass(frozen=True)
class NewPort:
    """The folder of a port that has just been written.

    `listing` is the program under test. `blanks` is empty for a complete template.
    """

    folder: Path
    files: tuple[str, ...]
    listing: str
    blanks: tuple[Blank, ...]


def list_templates() -> tuple[Template, ...]:
    """Return the complete templates, in order of the names of their languages."""
    folders = [
        path.parent
        for path in LANGUAGES_FOLDER.glob(f"*/{MANIFEST_FILE}")
        if path.parent != SKELETON_FOLDER
    ]
    return tuple(
        sorted(map(_read_template, folders), key=lambda template: template.language.lower())
    )


def find_template(language: str) -> Template | None:
    """Return the complete template for a language by any of its names, in any case, or None."""
    name = language.lower()
    return next((template for template in list_templates() if name in template.names), None)


def write_port(implementations: Path, name: str, language: str) -> NewPort:
    """Write the folder of a new port. A language without a template gets the skeleton.

    Raises HarnessError for a name or a language that is not allowed, for a folder that exists, and
    for one that cannot be written. In these cases nothing is written.
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
    template = find_template(language)
    files = (
        _read_template_files(template.folder)
        if template
        else _fill_in_language(_read_template_files(SKELETON_FOLDER), language)
    )
    _write_folder(folder, files)
    listing = LISTING_LINE_PATTERN.search(files[MANIFEST_FILE])
    assert listing is not None, "every template names its listing"
    return NewPort(folder, tuple(files), listing[1], () if template else tuple(_find_blanks(files)))


def _read_template(folder: Path) -> Template:
    manifest = yaml.safe_load((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    return Template(folder, manifest["language"])


def _read_template_files(folder: Path) -> dict[str, str]:
    """Return the texts of a template by file name, the manifest first, with the digest in it."""
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    paths.sort(key=lambda path: path.name != MANIFEST_FILE)
    texts = {path.name: path.read_text(encoding="utf-8") for path in paths}
    listing = LISTING_LINE_PATTERN.search(texts[MANIFEST_FILE])
    if listing and listing[1] in texts:
        line = f"digest: {compute_digest(texts[listing[1]].encode())}\n"
        texts[MANIFEST_FILE] = texts[MANIFEST_FILE].replace(listing[0], listing[0] + line, 1)
    return texts


def _fill_in_language(texts: dict[str, str], language: str) -> dict[str, str]:
    line = yaml.safe_dump({"language": language}, allow_unicode=True, width=10_000)
    return texts | {
        MANIFEST_FILE: LANGUAGE_LINE_PATTERN.sub(lambda _: line, texts[MANIFEST_FILE], count=1)
    }


def _find_blanks(texts: dict[str, str]) -> list[Blank]:
    return [
        Blank(file, number, blank[1])
        for file, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if (blank := BLANK_PATTERN.search(line))
    ]


def _write_folder(folder: Path, texts: dict[str, str]) -> None:
    """Write all files or none: write them to a temporary folder, and then move it."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as temporary:
            new_folder = Path(temporary) / folder.name
            new_folder.mkdir()
            for name, text in texts.items():
                (new_folder / name).write_text(text, encoding="utf-8", newline="\n")
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
            f"Then put your own program in place of {port.listing}, change the driver's calls",
            "where its functions have other names, and say in port.yaml where it is published.",
            "The next check prints the digest to put there.",
        ]
    names = [name for template in list_templates() for name in template.names]
    matches = get_close_matches(language.lower(), names, n=1)
    suggestion = f" Did you mean `{matches[0]}`?" if matches else ""
    places = [f"{blank.file}:{blank.line}" for blank in port.blanks]
    width = max(map(len, places))
    blanks = zip(places, port.blanks, strict=True)
    return [
        f"There is no template for `{language}`, so this is a skeleton.{suggestion}",
        written,
        "What is left to fill in:",
        *(f"    {place:<{width}}  {blank.meaning}" for place, blank in blanks),
        "Then run:",
        command,
    ]
