"""The names of all tests, to check lists that name tests."""

from __future__ import annotations

import ast
from pathlib import Path

TESTS = Path(__file__).parents[1]


def list_tests(module: str) -> frozenset[str]:
    """Return the tests of a module: `test_files::test_x`, `test_judge::TestNotice::test_y`."""
    path, names = next(TESTS.glob(f"*/{module}.py"), None), set[str]()
    for node in ast.parse(path.read_text(encoding="utf-8")).body if path else ():
        if isinstance(node, ast.FunctionDef):
            names.add(f"{module}::{node.name}")
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            methods = (
                function.name for function in node.body if isinstance(function, ast.FunctionDef)
            )
            names |= {f"{module}::{node.name}::{name}" for name in methods}
    return frozenset(name for name in names if name.split("::")[-1].startswith("test_"))
