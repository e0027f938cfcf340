"""Writing files so that what was there before survives whatever goes wrong."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from harness.errors import HarnessError


def write_whole(path: Path, text: str) -> None:
    """Write `text` beside `path` and then rename: there is never half a file.

    Makes the folder. Raises HarnessError where it cannot be written; an older file is then whole.
    """
    beside = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        Path(beside).chmod(0o644)
        Path(beside).replace(path)
    except OSError as error:
        raise HarnessError(
            f"{path} cannot be written: {error.strerror}",
            "Make room or choose another folder with --out. What was there before is unharmed.",
        ) from None
    finally:
        if beside is not None:
            with contextlib.suppress(OSError):
                Path(beside).unlink()
