"""Make the files of a new port from the templates of its language.

A file of a template is text in which lines that begin with `%%` are statements of Jinja, and
`@{ … }@` stands for a value. The name of each chosen procedure is true in it.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FunctionLoader, StrictUndefined

from harness.inputs.ports import compute_digest
from harness.model.port import MANIFEST_FILE
from harness.procedures.registry import PROCEDURES

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

STATEMENT_PATTERN = re.compile(r"^%% (.*)$", re.MULTILINE)
LANGUAGE_LINE_PATTERN = re.compile(r"^language: (.+)\n", re.MULTILINE)

Files = dict[str, bytes]
"""The contents of files by their names, the manifest first."""


@dataclass(frozen=True)
class Listing:
    """A file of the program under test, as published."""

    name: str
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")


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

    @property
    def is_skeleton(self) -> bool:
        """True for the skeleton, which stands for languages without a template."""
        return self.folder == SKELETON_FOLDER

    @property
    def driver(self) -> str:
        """The name of the driver's file."""
        return next(path.name for path in self._list_files() if path.stem.lower() == "driver")

    @property
    def program(self) -> str:
        """The name of the file of the template's own program."""
        return next(path.name for path in self._list_files() if path.stem.lower() == "elimination")

    def _list_files(self) -> Sequence[Path]:
        return sorted(path for path in self.folder.iterdir() if path.is_file())

    def render_port(self, procedures: Sequence[str], listings: Sequence[Listing]) -> Files:
        """Return the files of a port with these procedures.

        The first listing is the program under test. Without one it is the template's own program;
        the skeleton has none.
        """
        values: dict[str, Any] = {name: name in procedures for name in PROCEDURES}
        values |= {
            "is_own": not listings,
            "language": yaml.safe_dump(self.language, allow_unicode=True).removesuffix("\n...\n"),
            "procedures": format_names(procedures),
        }
        if not listings and not self.is_skeleton:
            listings = (Listing(self.program, self._render(self.program, values).encode()),)
        if listings:
            values |= {
                "listing": listings[0].name,
                "stem": Path(listings[0].name).stem,
                "text": listings[0].text,
                "digest": compute_digest(listings[0].content),
                "others": [each.name for each in listings[1:]],
            }
        own_files = (MANIFEST_FILE, self.driver)
        rendered = {name: self._render(name, values).encode() for name in own_files}
        return rendered | {each.name: each.content for each in listings}

    def _render(self, name: str, values: Mapping[str, Any]) -> str:
        return ENVIRONMENT.get_template(f"{self.folder.name}/{name}").render(values)


def format_names(names: Sequence[str]) -> str:
    """Return names as a list in YAML, on lines of at most 100 characters."""
    indent = " " * len("procedures: [")
    text = textwrap.fill(f"[{', '.join(names)}]", 100 - len(indent), break_on_hyphens=False)
    return text.replace("\n", f"\n{indent}")


def _load_source(name: str) -> str:
    """Return the source of a template. The line statements of Jinja would take the blank lines that
    follow them away, so each `%%` line becomes a block."""
    text = (LANGUAGES_FOLDER / name).read_text(encoding="utf-8")
    return STATEMENT_PATTERN.sub(r"%%{ \1 }%%", text)


ENVIRONMENT = Environment(
    loader=FunctionLoader(_load_source),
    variable_start_string="@{",
    variable_end_string="}@",
    block_start_string="%%{",
    block_end_string="}%%",
    trim_blocks=True,
    comment_start_string="%%#",
    comment_end_string="#%%",
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    autoescape=False,
)


def join_words(names: Sequence[str], suffix: str | tuple[str, ...]) -> str:
    """Return the names of files that end in `suffix`, for the middle of a list in YAML."""
    return "".join(f"{name}, " for name in names if name.endswith(suffix))


def find_all(text: str, pattern: str) -> list[str]:
    """Return what the group of a regular expression matches in a text."""
    return re.findall(pattern, text)


ENVIRONMENT.filters |= {"words": join_words, "find": find_all}


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


def _read_template(folder: Path) -> Template:
    manifest = (folder / MANIFEST_FILE).read_text(encoding="utf-8")
    language = LANGUAGE_LINE_PATTERN.search(manifest)
    assert language is not None, "every template names its language"
    return Template(folder, language[1])
