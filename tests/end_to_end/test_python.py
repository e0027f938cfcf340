"""The public interface, and the examples of docs/python.md."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import harness

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the cases and implementations of this repository."""
    for name in ("cases", "implementations"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def run_example(example: str, folder: Path) -> str:
    """The output of an example that runs in a folder."""
    return subprocess.run(
        [sys.executable, "-c", example], cwd=folder, check=True, capture_output=True, text=True
    ).stdout


def test_a_run_from_python_writes_results_and_report(checkout: Path) -> None:
    lines = run_example(EXAMPLES[0], checkout).splitlines()
    assert lines
    assert all(line.startswith("python ") and not line.endswith("None") for line in lines)
    assert (checkout / "reports" / "conformance.html").stat().st_size > 100_000
    assert harness.load_results(checkout / "reports" / "results.jsonl").verdicts


def test_an_answer_is_judged_without_a_port(checkout: Path) -> None:
    lines = run_example(EXAMPLES[1], checkout).splitlines()
    assert lines[0].startswith("((Fraction(1, 1),), (Fraction(3, 1),)) 2.6")
    form = lines[1]
    assert form == "echelon.form wrong row 2 has 1 in column 1, where 0 is due below row 1"
    assert f"`{form}`" in PAGE


@pytest.mark.parametrize("name", harness.__all__)
def test_every_public_name_is_there_and_on_the_page(name: str) -> None:
    assert getattr(harness, name).__name__ == name
    assert f"`{name}" in PAGE


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'solve'"):
        harness.solve  # noqa: B018


def test_the_package_loads_nothing_before_a_name_is_used() -> None:
    script = "import sys, harness; print([m for m in sys.modules if m.startswith('harness.')])"
    assert run_example(script, ROOT).strip() == "[]"


def test_the_package_is_typed() -> None:
    assert (Path(harness.__file__).parent / "py.typed").exists()
