"""What a new port starts from: a folder for each language, with a manifest, a driver and a program
that is right; `skeleton` serves every other language."""

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
from harness.model.port import MANIFEST_FILE

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
"""What else a template's language is called, by the name of its folder."""

PORT_NAME_PATTERN = re.compile(r"[a-z0-9-]+")
LISTING_LINE_PATTERN = re.compile(r"^listing: (\S+).*\n", re.MULTILINE)
LANGUAGE_LINE_PATTERN = re.compile(r"^language: LANGUAGE\n", re.MULTILINE)
BLANK_PATTERN = re.compile(r"FILL IN: (.*)")


@dataclass(frozen=True)
class Template:
    """What a port in one language starts from; `language` is the name that people write."""

    folder: Path
    language: str

    @property
    def names(self) -> tuple[str, ...]:
        """What it is asked for by, in small letters."""
        names = (
            self.language.lower(),
            self.folder.name,
            *LANGUAGE_ALIASES.get(self.folder.name, ()),
        )
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True)
class Blank:
    """A place in a new port that the harness cannot fill in: a file's line, from 1."""

    file: str
    line: int
    meaning: str


@dataclass(frozen=True)
class NewPort:
    """A port's folder that has just been written.

    `listing` is the program under test; `blanks` are empty for a complete template.
    """

    folder: Path
    files: tuple[str, ...]
    listing: str
    blanks: tuple[Blank, ...]


def list_templates() -> tuple[Template, ...]:
    """The complete templates, in order of their languages' names."""
    folders = [
        path.parent
        for path in LANGUAGES_FOLDER.glob(f"*/{MANIFEST_FILE}")
        if path.parent != SKELETON_FOLDER
    ]
    return tuple(
        sorted(map(_read_template, folders), key=lambda template: template.language.lower())
    )


def find_template(language: str) -> Template | None:
    """The complete template for a language by any of its names, in letters of either case."""
    name = language.lower()
    return next((template for template in list_templates() if name in template.names), None)


def write_port(implementations: Path, name: str, language: str) -> NewPort:
    """Write the folder of a new port; a language without a template gets the skeleton.

    Raises HarnessError about a name or language that cannot be one, about a folder that exists,
    and where one cannot be written; nothing is left behind then.
    """
    if not PORT_NAME_PATTERN.fullmatch(name):
        message = f"`{name}` cannot be the name of a port"
        raise HarnessError(message, "A name has small letters, digits and hyphens: `my-port-2`.")
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
    """The texts of a template by their names, the manifest first, with the program's digest."""
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
    """Write all files or none: they are written elsewhere, and the folder is renamed then."""
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
    """Lines that say what has been written and what to do next."""
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
