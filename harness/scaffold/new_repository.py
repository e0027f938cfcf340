"""Write a new repository of ports: folders, example cases, a Makefile and a workflow."""

from __future__ import annotations

import shlex
from pathlib import Path

from harness.errors import HarnessError
from harness.files import display_path

TEMPLATE_FOLDER = Path(__file__).with_name("repository")

TEMPLATE_FILES = {
    "Makefile": "Makefile",
    ".gitignore": "gitignore",
    "cases/example.yaml": "example.yaml",
    "implementations/.gitkeep": "",
    ".github/workflows/conformance.yml": "conformance.yml",
}
"""The files of a new repository, and the template of each; "" stands for an empty file."""


def write_repository(folder: Path) -> tuple[Path, ...]:
    """Write the files of a new repository into `folder`, which need not exist. Return their paths.

    Raises HarnessError where one of the files exists or cannot be written. In these cases nothing
    is written.
    """
    existing = [
        path for name in TEMPLATE_FILES if (path := folder / name).exists() or path.is_symlink()
    ]
    if existing:
        names = ", ".join(display_path(path) for path in existing)
        message = f"{names} {'is' if len(existing) == 1 else 'are'} there already"
        raise HarnessError(message, "Nothing was written. Choose another folder, or move them.")
    written: list[Path] = []
    try:
        for name, source in TEMPLATE_FILES.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            text = (TEMPLATE_FOLDER / source).read_text(encoding="utf-8") if source else ""
            with path.open("x", encoding="utf-8", newline="\n") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        message = f"{display_path(folder / name)} cannot be written: {error.strerror}"
        raise HarnessError(message, "Free some space, or choose another folder.") from None
    return tuple(written)


def format_repository_steps(folder: Path, written: tuple[Path, ...]) -> list[str]:
    """Return lines that tell people what has been written and what to do next."""
    needs_cd = folder.resolve() != Path.cwd()
    return [
        "Written:",
        *(f"    {path}" for path in written),
        "Next:",
        *([f"    cd {shlex.quote(str(folder))}"] if needs_cd else []),
        "    harness new my-port --language python   # a port, from a template",
        "    harness probe my-port                   # does its driver follow the protocol?",
        "    harness check                           # all ports, all cases, the report",
        "    harness fuzz --port my-port             # thousands of random systems",
        "The cases are yours, in the folder cases, and those that come with the harness;",
        "`harness check --cases cases` runs yours only.",
        "In .github/workflows/conformance.yml, put the harness's own repository in place of",
        "OWNER/HARNESS.",
    ]
