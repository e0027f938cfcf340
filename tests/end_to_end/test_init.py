"""Tests of `harness init`, from the checkout and from the built package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from harness.cli.common import load_own_and_shipped
from harness.cli.main import main
from harness.cli.options import list_default_case_paths, resolve_cases_path
from harness.errors import CaseError
from harness.inputs.cases import load_cases
from harness.model.case import Arithmetic
from harness.numerics.oracle import expect
from harness.results.reader import load_results
from harness.scaffold.new_repository import TEMPLATE_FOLDER
from harness.text import format_rerun_command
from support.ports import WriteFinding, make_port, write_case_file
from support.run_results import dump_results

ROOT = Path(__file__).parents[2]
WRITTEN = {
    "Makefile",
    ".gitignore",
    "cases/example.yaml",
    "implementations/.gitkeep",
    ".github/workflows/conformance.yml",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_command(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_an_empty_folder_gets_a_complete_repository_of_ports(here: Path) -> None:
    result = run_command("init")
    assert result.exit_code == 0
    assert files(here) == WRITTEN
    assert all(name in result.output for name in WRITTEN)
    for command in ("new", "probe", "check", "fuzz"):
        assert f"    harness {command}" in result.output
    assert "cd " not in result.output


def test_another_folder_is_made_and_named_in_what_to_do_next(here: Path) -> None:
    result = run_command("init", "some/where")
    assert result.exit_code == 0
    assert files(here / "some" / "where") == WRITTEN
    assert "cd some/where\n" in result.output


def test_a_folder_that_has_other_files_keeps_them(here: Path) -> None:
    (here / "cases").mkdir()
    (here / "cases" / "mine.yaml").write_text("mine")
    assert run_command("init").exit_code == 0
    assert files(here) == WRITTEN | {"cases/mine.yaml"}
    assert (here / "cases" / "mine.yaml").read_text() == "mine"


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_nothing_is_overwritten_and_nothing_else_written_then(here: Path, name: str) -> None:
    (here / name).parent.mkdir(parents=True, exist_ok=True)
    (here / name).write_text("mine")
    result = run_command("init")
    assert result.exit_code == 2
    assert f"{name} is there already" in result.output
    assert files(here) == {name}
    assert (here / name).read_text() == "mine"


def test_a_dangling_link_is_not_overwritten_either(here: Path) -> None:
    (here / "Makefile").symlink_to("elsewhere")
    result = run_command("init")
    assert result.exit_code == 2
    assert files(here) == set()


def test_where_a_file_cannot_be_written_none_is_left_behind(here: Path) -> None:
    (here / "implementations").write_text("a file, where a folder should be")
    result = run_command("init")
    assert result.exit_code == 2
    assert "cannot be written" in result.output
    assert files(here) == {"implementations"}


def test_the_example_cases_are_what_they_say(here: Path) -> None:
    run_command("init")
    cases = load_cases([here / "cases"])
    assert [case.name for case in cases] == ["two-rows", "small-pivot", "contradiction"]
    for case in cases:
        expect(case, Arithmetic.BINARY64)


def test_the_workflow_leaves_the_name_of_the_action_open(here: Path) -> None:
    run_command("init")
    text = (here / ".github" / "workflows" / "conformance.yml").read_text()
    workflow: dict[str, Any] = yaml.safe_load(text)
    steps = workflow["jobs"]["conformance"]["steps"]
    assert "OWNER/HARNESS@main" in [step.get("uses") for step in steps]


def list_make_commands(folder: Path, *arguments: str) -> list[str]:
    """Return the commands that `make` would run."""
    completed = subprocess.run(
        ["make", "--dry-run", *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return [" ".join(line.split()) for line in completed.stdout.replace("\\\n", " ").splitlines()]


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["check"], "harness check --engine 'docker'"),
        (["check", "PORT=java", "ENGINE=local"], "--engine 'local' --port 'java'"),
        (["check", "CASE=small-*"], "harness check --engine 'docker' --case 'small-*'"),
        (["check", "CASES=cases"], "harness check --engine 'docker' --cases 'cases'"),
        (["check", "CASES=more shipped"], "--cases 'more' --cases 'shipped'"),
        (["show", "PORT=java", "CASE=two-rows"], "show --engine 'docker' -- 'java' 'two-rows'"),
        (["show", "PORT=java", "CASE=b", "AFTER=a,*"], "--after 'a,*' -- 'java' 'b'"),
        (["probe", "PORT=java"], "harness probe --engine 'docker' -- 'java'"),
        (["report"], "harness report reports/results.jsonl"),
        (["check", "HARNESS=bin/harness"], "bin/harness check"),
    ],
)
def test_the_makefile_calls_the_harness(here: Path, arguments: list[str], command: str) -> None:
    run_command("init")
    assert command in " ".join(list_make_commands(here, *arguments))


HOSTILE_VALUES = [
    "x;touch PWNED;",
    "z$(shell touch PWNED)",
    "${shell touch PWNED}",
    "$(touch PWNED)",
    "`touch PWNED`",
    "a'b;touch PWNED;'",
    "a$(eval x:=$(shell touch PWNED))",
    "a,b#c\\ $$ $(PORT)",
    "-x",
]


@pytest.mark.parametrize("from_environment", [False, True])
@pytest.mark.parametrize("value", HOSTILE_VALUES)
@pytest.mark.parametrize("folder", [ROOT, TEMPLATE_FOLDER], ids=["repository", "template"])
def test_make_takes_values_as_they_are_written(
    here: Path, folder: Path, value: str, from_environment: bool
) -> None:
    """A value reaches the harness in one piece, and nothing in it is run."""
    shutil.copy(folder / "Makefile", here)
    program = here / ".venv" / "bin" / "harness"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\nfor each; do printf "%s\\n" "$each"; done\n')
    program.chmod(0o755)
    for name in ("python", "pip"):
        (program.parent / name).symlink_to("/bin/true")
    for name in ("requirements.txt", "requirements-test.txt", "pyproject.toml"):
        (here / name).touch()
    values = dict.fromkeys(("PORT", "CASE", "AFTER", "ENGINE"), value)
    arguments = [] if from_environment else [f"{name}={value}" for name in values]
    outputs = [
        subprocess.run(
            ["make", target, *arguments, f"HARNESS={program}"],
            cwd=here,
            env=os.environ | (values if from_environment else {}),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for target in ("show", "check", "probe")
    ]
    for output, count in zip(outputs, (4, 3, 2), strict=True):
        assert output.count(value) == count
    assert not (here / "PWNED").exists()


def test_make_runs_nothing_in_a_value_of_several_lines(here: Path) -> None:
    run_command("init")
    value = "PORT=a'\ntouch PWNED\n'"
    done = subprocess.run(["make", "check", value], cwd=here, capture_output=True, check=False)
    assert done.returncode != 0
    assert not (here / "PWNED").exists()


def test_the_command_that_runs_a_case_again_can_be_pasted(here: Path) -> None:
    """Names of folders of cases can have signs that mean something to make or to the shell."""
    run_command("init")
    program = here / "print-command"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$HARNESS_RERUN_COMMAND"\n')
    program.chmod(0o755)
    folders = "CASES=it's $(shell touch PWNED) $x`touch PWNED`"

    def print_command(*command: str) -> str:
        return subprocess.run(command, cwd=here, capture_output=True, text=True, check=True).stdout

    pattern = print_command("make", "check", "HARNESS=./print-command", folders).strip()
    command = format_rerun_command(pattern, "java", "two-rows", ("small", "tiny"))
    again = print_command("sh", "-c", f"{command} HARNESS=./print-command").strip()
    assert again == pattern
    assert "AFTER=small,tiny" in command
    assert not (here / "PWNED").exists()


def test_the_steps_to_another_folder_can_be_pasted(here: Path) -> None:
    folder = here / "it's; touch PWNED"
    steps = run_command("init", folder).output.splitlines()
    (step,) = [line.strip() for line in steps if line.strip().startswith("cd ")]
    done = subprocess.run(
        ["sh", "-c", f"{step} && pwd"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(folder)


def test_shipped_stands_for_the_cases_of_the_harness() -> None:
    assert resolve_cases_path(Path("shipped")) == ROOT / "cases"


def test_without_an_option_your_own_cases_and_the_shipped_are_run(here: Path) -> None:
    shipped = load_cases([ROOT / "cases"])
    assert load_own_and_shipped(list_default_case_paths()) == shipped
    run_command("init")
    cases = load_own_and_shipped(list_default_case_paths())
    assert [case.name for case in cases[:3]] == ["two-rows", "small-pivot", "contradiction"]
    assert cases[3:] == shipped


def test_in_the_checkout_of_the_harness_no_case_is_run_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    assert list_default_case_paths() == (Path("cases"),)


def test_a_case_of_yours_takes_the_place_of_the_shipped_one(here: Path) -> None:
    shipped = load_cases([ROOT / "cases"])
    own = write_case_file(here, shipped[5].name)
    cases = load_own_and_shipped((Path("shipped"), own))
    assert cases == (*load_cases([own]), *shipped[:5], *shipped[6:])


def test_two_cases_of_yours_need_different_names(here: Path) -> None:
    paths = write_case_file(here, "mine"), write_case_file(here, "mine")
    with pytest.raises(CaseError, match="is the name of another case already"):
        load_own_and_shipped(paths)


class TestOtherCasesThanThoseOfTheFindings:
    """A port that is copied from another repository brings findings for the cases there."""

    @pytest.fixture(autouse=True)
    def port(self, here: Path, write_finding: WriteFinding) -> Path:
        run_command("init")
        folder = make_port(here / "implementations" / "actor")
        claims = [{"check": "reduced.form", "cases": ["exits-*", "by-hand-*", "wilson"]}]
        write_finding(folder, explains=claims)
        return folder

    def check(self, *arguments: object) -> Result:
        return run_command("check", "--engine", "local", *arguments)

    def test_findings_for_shipped_cases_do_not_fail_a_run_of_others(self, here: Path) -> None:
        write_case_file(here, "answers-1", "exits-2")
        assert self.check("--cases", "0.yaml").exit_code == 0

    def test_nor_findings_for_your_own_cases_a_run_of_others(
        self, here: Path, write_finding: WriteFinding, port: Path
    ) -> None:
        write_finding(port, explains=[{"check": "reduced.form", "cases": ["two-rows"]}])
        write_case_file(here, "answers-1")
        assert self.check("--cases", "0.yaml").exit_code == 0

    def test_a_claim_for_no_case_at_all_still_fails_it(
        self, here: Path, write_finding: WriteFinding, port: Path
    ) -> None:
        claims = [{"check": "reduced.form", "cases": ["exits-*", "by-hand-*", "no-such-case"]}]
        write_finding(port, explains=claims)
        write_case_file(here, "answers-1", "exits-2")
        result = self.check("--cases", "0.yaml")
        assert result.exit_code == 1
        assert "`no-such-case` (under reduced.form) matches no case" in result.output

    def test_a_file_of_cases_that_is_broken_is_no_hindrance(self, here: Path) -> None:
        (here / "cases" / "example.yaml").write_text("cases: 1")
        write_case_file(here, "answers-1", "exits-2")
        assert self.check("--cases", "0.yaml").exit_code == 0


def test_a_folder_of_cases_precedes_the_cases_of_the_harness(here: Path) -> None:
    (here / "shipped").mkdir()
    assert resolve_cases_path(Path("shipped")) == Path("shipped")


# The built package


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a user who has installed the built wheel and nothing else of the
    project."""
    source, wheels, home = map(tmp_path_factory.mktemp, ("source", "wheels", "home"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("harness", "cases"):
        rubbish = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, source / name, ignore=rubbish)
    # The build backend is called as pip calls it: the environment of the tests may have no pip.
    build = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, wheels], cwd=source, check=True)
    shutil.rmtree(source)
    subprocess.run([sys.executable, "-m", "venv", home / "venv"], check=True)
    python = home / "venv" / "bin" / "python"
    [wheel] = wheels.glob("*.whl")
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--no-deps", wheel], check=True)
    # The harness's dependencies come from the environment of the tests: nothing is downloaded.
    ask = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip())
    (site / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def run(programs: dict[str, str], folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=programs, capture_output=True, text=True)


def test_the_wheel_starts_a_repository_and_checks_a_new_port(
    programs: dict[str, str], tmp_path: Path
) -> None:
    where = run(programs, tmp_path, "python", "-c", "import harness; print(harness.__file__)")
    assert str(ROOT) not in where.stdout
    for command in (
        ["harness", "init"],
        ["harness", "new", "mine", "--language", "python"],
        ["make", "probe", "PORT=mine", "ENGINE=local"],
        ["make", "check", "ENGINE=local"],
        ["make", "report"],
    ):
        done = run(programs, tmp_path, *command)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
    results = dump_results(load_results(tmp_path / "reports" / "results.jsonl"))
    names = [case["name"] for case in results["cases"]]
    assert names[:3] == ["two-rows", "small-pivot", "contradiction"]
    assert names[3:] == [case.name for case in load_cases([ROOT / "cases"])]
    assert results["run"]["cases"] == "cases, shipped"
    assert (tmp_path / "reports" / "conformance.html").exists()


def test_the_wheel_alone_has_the_cases_of_the_harness(
    programs: dict[str, str], tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "implementations" / "python", tmp_path / "implementations" / "python")
    done = run(programs, tmp_path, "harness", "check", "--engine", "local")
    assert done.returncode == 0, done.stdout + done.stderr
    results = dump_results(load_results(tmp_path / "reports" / "results.jsonl"))
    names = [case["name"] for case in results["cases"]]
    assert names == [case.name for case in load_cases([ROOT / "cases"])]
    assert results["run"]["cases"] == "shipped"
