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
from harness.inputs.ports import MANIFEST, digest

FOLDER = Path(__file__).with_name("languages")
SKELETON = FOLDER / "skeleton"

ALIASES = {
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

NAME = re.compile(r"[a-z0-9-]+")
LISTING = re.compile(r"^listing: (\S+).*\n", re.MULTILINE)
LANGUAGE = re.compile(r"^language: LANGUAGE\n", re.MULTILINE)
FILL_IN = re.compile(r"FILL IN: (.*)")


@dataclass(frozen=True)
class Template:
    """What a port in one language starts from; `language` is the name that people write."""

    folder: Path
    language: str

    @property
    def names(self) -> tuple[str, ...]:
        """What it is asked for by, in small letters."""
        words = (self.language.lower(), self.folder.name, *ALIASES.get(self.folder.name, ()))
        return tuple(dict.fromkeys(words))


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


def templates() -> tuple[Template, ...]:
    """The complete templates, in order of their languages' names."""
    folders = [path.parent for path in FOLDER.glob(f"*/{MANIFEST}") if path.parent != SKELETON]
    return tuple(sorted(map(_template, folders), key=lambda each: each.language.lower()))


def find_template(language: str) -> Template | None:
    """The complete template for a language by any of its names, in letters of either case."""
    asked = language.lower()
    return next((each for each in templates() if asked in each.names), None)


def write_port(implementations: Path, name: str, language: str) -> NewPort:
    """Write the folder of a new port; a language without a template gets the skeleton.

    Raises HarnessError about a name or language that cannot be one, about a folder that exists,
    and where one cannot be written; nothing is left behind then.
    """
    if not NAME.fullmatch(name):
        message = f"`{name}` cannot be the name of a port"
        raise HarnessError(message, "A name has small letters, digits and hyphens: `my-port-2`.")
    if not language.strip() or not language.isprintable():
        raise HarnessError("a language has a name", "`harness new --list` lists the templates.")
    folder = implementations / name
    if folder.exists() or folder.is_symlink():
        message = f"{display_path(folder)} is there already"
        raise HarnessError(message, "Choose another name, or remove the folder first.")
    template = find_template(language)
    files = _files(template.folder) if template else _filled_in(_files(SKELETON), language)
    _write(folder, files)
    listing = LISTING.search(files[MANIFEST])
    assert listing is not None, "every template names its listing"
    return NewPort(folder, tuple(files), listing[1], () if template else tuple(_blanks(files)))


def _template(folder: Path) -> Template:
    manifest = yaml.safe_load((folder / MANIFEST).read_text(encoding="utf-8"))
    return Template(folder, manifest["language"])


def _files(folder: Path) -> dict[str, str]:
    """The texts of a template by their names, the manifest first, with the program's digest."""
    paths = sorted(path for path in folder.iterdir() if path.is_file())
    paths.sort(key=lambda path: path.name != MANIFEST)
    texts = {path.name: path.read_text(encoding="utf-8") for path in paths}
    listing = LISTING.search(texts[MANIFEST])
    if listing and listing[1] in texts:
        line = f"digest: {digest(texts[listing[1]].encode())}\n"
        texts[MANIFEST] = texts[MANIFEST].replace(listing[0], listing[0] + line, 1)
    return texts


def _filled_in(texts: dict[str, str], language: str) -> dict[str, str]:
    line = yaml.safe_dump({"language": language}, allow_unicode=True, width=10_000)
    return texts | {MANIFEST: LANGUAGE.sub(lambda _: line, texts[MANIFEST], count=1)}


def _blanks(texts: dict[str, str]) -> list[Blank]:
    return [
        Blank(file, number, blank[1])
        for file, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if (blank := FILL_IN.search(line))
    ]


def _write(folder: Path, texts: dict[str, str]) -> None:
    """Write all files or none: they are written elsewhere, and the folder is renamed then."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as made:
            whole = Path(made) / folder.name
            whole.mkdir()
            for name, text in texts.items():
                (whole / name).write_text(text, encoding="utf-8", newline="\n")
            shutil.move(whole, folder)
    except OSError as error:
        message = f"{display_path(folder)} cannot be written: {error.strerror}"
        raise HarnessError(message, "Choose another folder with --implementations.") from None


def next_steps(made: NewPort, language: str) -> list[str]:
    """Lines that say what has been written and what to do next."""
    written = f"{display_path(made.folder)} has {', '.join(made.files[:-1])} and {made.files[-1]}."
    check = f"    harness check --port {made.folder.name}"
    if made.folder.parent != Path("implementations"):
        check += f" --implementations {shlex.quote(str(made.folder.parent))}"
    if not made.blanks:
        return [
            written,
            "It conforms as it is:",
            check,
            f"Then put your own program in place of {made.listing}, change the driver's calls",
            f"where its functions have other names, and say in {MANIFEST} where it is published.",
            "The next check prints the digest to put there.",
        ]
    known = [name for template in templates() for name in template.names]
    near = get_close_matches(language.lower(), known, n=1)
    meant = f" Did you mean `{near[0]}`?" if near else ""
    places = [f"{blank.file}:{blank.line}" for blank in made.blanks]
    width = max(map(len, places))
    blanks = zip(places, made.blanks, strict=True)
    return [
        f"There is no template for `{language}`, so this is a skeleton.{meant}",
        written,
        "What is left to fill in:",
        *(f"    {place:<{width}}  {blank.meaning}" for place, blank in blanks),
        "Then run:",
        check,
    ]
