"""The direction of imports: import-linter holds the contracts of pyproject.toml."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the package and of its contracts."""
    ignored = shutil.ignore_patterns("__pycache__", "languages")
    shutil.copytree(ROOT / "harness", tmp_path / "harness", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(checkout: Path) -> tuple[int, str]:
    """The exit status of import-linter, and what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    linted = subprocess.run(
        [LINTER, "--no-cache"], cwd=checkout, env=environment, capture_output=True, text=True
    )
    return linted.returncode, linted.stdout


def test_every_contract_is_kept(checkout: Path) -> None:
    status, output = lint(checkout)
    assert status == 0, output
    assert "4 kept, 0 broken" in output


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("model/case.py", "from harness.numerics import oracle", "Packages form layers"),
        ("reports/junit.py", "from harness.runs import runner", "Reports read results"),
        ("reports/html/page.py", "from harness.protocol import parser", "Reports read results"),
        ("model/number.py", "import numpy", "Models need the standard library only"),
        ("numerics/oracle.py", "import click", "Numerics know no ports and no terminal"),
    ],
)
def test_a_planted_import_breaks_a_contract(
    checkout: Path, module: str, line: str, contract: str
) -> None:
    file = checkout / "harness" / module
    # Behind TYPE_CHECKING: an import for types alone counts too.
    planted = f"\nfrom typing import TYPE_CHECKING as PLANTED\nif PLANTED:\n    {line}\n"
    file.write_text(file.read_text(encoding="utf-8") + planted, encoding="utf-8")
    status, output = lint(checkout)
    assert status == 1
    assert any(each.startswith(contract) and "BROKEN" in each for each in output.splitlines())


def test_a_package_without_a_layer_breaks_the_contract(checkout: Path) -> None:
    (checkout / "harness" / "extra").mkdir()
    (checkout / "harness" / "extra" / "__init__.py").write_text("")
    status, output = lint(checkout)
    assert status == 1
    assert "extra" in output
