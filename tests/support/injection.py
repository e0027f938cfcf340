"""Injects failures of the harness itself into the work on one port of two."""

from __future__ import annotations

import html
import importlib
import io
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from rich.console import Console

from harness.model.port import Port
from harness.reports.html.page import render_page
from harness.reports.markdown import WORD_JOINER, render_markdown
from harness.reports.terminal.run_summary import print_summary
from harness.results.reader import load_results
from harness.results.results import Results

FAULTY, SOUND = "faulty", "sound"
"""The port on which the harness fails, and the other one."""

MESSAGE = "the harness failed: ZeroDivisionError: injected"

WORK = threading.local()
"""The name of the port that the present thread runs."""


def is_about(value: object, port: str) -> bool:
    """Return whether a value belongs to the work on a port."""
    if isinstance(value, str):
        return value.split() == [port] or value.split() == [port, "fixed"]
    if isinstance(value, partial):
        return any(is_about(each, port) for each in value.args)
    if isinstance(value, tuple):
        return port in value
    name = value.name if isinstance(value, Port) else getattr(value, "port", None)
    return is_about(name, port) if name is not value else False


def replace_function(
    monkeypatch: pytest.MonkeyPatch, seam: str, wrap: Callable[[Callable[..., object]], object]
) -> None:
    """Replace a function, `module:path`, by what `wrap` makes of it."""
    module, _, path = seam.partition(":")
    owner: object = importlib.import_module(module)
    *classes, name = path.split(".")
    for each in classes:
        owner = getattr(owner, each)
    monkeypatch.setattr(owner, name, wrap(getattr(owner, name)))


def inject(monkeypatch: pytest.MonkeyPatch, seam: str, error: BaseException) -> None:
    """Let a function raise an error whenever it is called for the faulty port, or by the thread
    that runs it."""

    def follow(run_port: Callable[..., object]) -> object:
        def follow_port(port: Port, *arguments: object) -> object:
            WORK.port = port.name
            try:
                return run_port(port, *arguments)
            finally:
                WORK.port = None

        return follow_port

    def break_function(original: Callable[..., object]) -> object:
        def fail(*arguments: object, **options: object) -> object:
            is_faulty = getattr(WORK, "port", None) == FAULTY
            if is_faulty or any(is_about(each, FAULTY) for each in arguments):
                raise error
            return original(*arguments, **options)

        return fail

    replace_function(monkeypatch, "harness.runs.runner:run_port", follow)
    replace_function(monkeypatch, seam, break_function)


def assert_failure_is_reported(results: Results, message: str, tmp_path: Path) -> None:
    """Assert that the exit status and every report show that the harness failed."""
    assert results.exit_status == 3
    results.save(tmp_path / "results.jsonl")
    assert load_results(tmp_path / "results.jsonl") == results
    console = Console(file=io.StringIO(), width=200)
    print_summary(results, console)
    assert isinstance(console.file, io.StringIO)
    # Markdown has invisible characters where GitHub would make a link of a word.
    markdown = html.unescape(render_markdown(results)).replace(WORD_JOINER, "")
    for text in (console.file.getvalue(), render_page(results), markdown):
        assert message in text
