"""Tests of the annotations on GitHub, of the action, and of the workflow."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harness.reports.github import (
    Annotation,
    format_annotation,
    render_annotations,
    stop_workflow_commands,
)
from harness.results.results import Results
from harness.text import make_printable
from support.ports import WriteCases, WriteFinding, WritePort
from support.run_results import (
    build_explained_verdict,
    build_finding,
    build_port,
    build_results,
    build_run_with_findings,
    build_small_run,
    build_wrong_verdict,
    replace_fields,
)

ROOT = Path(__file__).parents[2]
ANYTHING = st.text(st.characters(codec=None), max_size=60)
COMMAND = re.compile(
    r"::(?P<level>error|warning|notice) file=(?P<file>[^,:]*),line=(?P<line>\d+),"
    r"endLine=(?P<end>\d+),title=(?P<title>[^,:]*)::(?P<message>[^\r\n]*)"
)
COMPLAINT = {"port": "c", "finding": "off-by-one", "sentence": "it explains nothing any more"}


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_WORKSPACE", raising=False)


def unescape(text: str) -> str:
    for character in ":,\n\r%":
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def parse_annotation(text: str) -> Annotation:
    """Return the annotation that GitHub reads from a line."""
    match = COMMAND.fullmatch(text)
    assert match is not None, text
    return Annotation(
        level=match["level"],
        file=unescape(match["file"]),
        lines=(int(match["line"]), int(match["end"])),
        title=unescape(match["title"]),
        message=unescape(match["message"]),
    )


def annotate(value: Results) -> list[Annotation]:
    run = value.run.model_copy(update={"implementations": "implementations"})
    value = replace(value, run=run)
    return [parse_annotation(text) for text in render_annotations(value)]


# Annotations


def test_what_no_finding_explains_is_an_error_beside_the_listing() -> None:
    [annotation] = annotate(build_small_run(build_wrong_verdict(detail="row 2 is wrong")))
    assert annotation == Annotation(
        level="error",
        file="implementations/c/c.src",
        lines=(1, 1),
        title="C: echelon.form wrong",
        message="On one. row 2 is wrong\nSee it again: harness show c one",
    )


def test_the_same_in_several_cases_is_told_once() -> None:
    cases = ("one", "two", "three")
    [annotation] = annotate(
        build_small_run(*(build_wrong_verdict(case) for case in cases), cases=cases)
    )
    assert annotation.message.startswith("On one and 2 more cases. ")


def test_each_check_is_told_for_itself_in_order() -> None:
    annotations = annotate(
        build_small_run(
            build_wrong_verdict(check="solution.value"), build_wrong_verdict(check="echelon.rows")
        )
    )
    assert [annotation.title for annotation in annotations] == [
        "C: echelon.rows wrong",
        "C: solution.value wrong",
    ]


def test_a_finding_is_a_notice_beside_its_lines() -> None:
    [annotation] = annotate(
        build_run_with_findings(
            build_explained_verdict(), findings=[build_finding(lines=[(14, 16), (20, 20)])]
        )
    )
    assert annotation == Annotation(
        level="notice",
        file="implementations/c/c.src",
        lines=(14, 16),
        title="C: off-by-one",
        message="The loop ends early (lines 14–16, 20). It explains 1 deviation.\nIt stops.",
    )


def test_a_finding_that_explains_nothing_is_not_told() -> None:
    assert annotate(build_run_with_findings()) == []


def test_what_is_left_in_the_fixed_port_is_an_error_told_once() -> None:
    value = build_run_with_findings(
        build_wrong_verdict(),
        fixed=[build_wrong_verdict(), build_wrong_verdict(check="reduced.form")],
    )
    titles = [annotation.title for annotation in annotate(value) if annotation.level == "error"]
    assert titles == ["C: echelon.form wrong", "C, fixed: reduced.form wrong"]


def test_a_finding_that_does_not_hold_is_an_error_in_its_file() -> None:
    [annotation] = annotate(build_run_with_findings(complaints=[COMPLAINT]))
    assert (annotation.level, annotation.file) == ("error", "implementations/c/findings.yaml")
    assert annotation.title == "C: off-by-one does not hold"
    assert annotation.message == "it explains nothing any more"


@pytest.mark.parametrize(("missing", "level"), [(False, "error"), (True, "warning")])
def test_a_port_that_could_not_run_is_an_error_in_its_manifest(missing: bool, level: str) -> None:
    c = build_port("c", trouble="no javac", missing_toolchain=missing)
    [annotation] = annotate(replace_fields(build_small_run(), ports=[c, build_port("d")]))
    assert (annotation.level, annotation.file) == (level, "implementations/c/port.yaml")
    assert (annotation.title, annotation.message) == ("C was not run", "no javac")


def test_a_fixed_port_that_could_not_be_run_is_an_error() -> None:
    [annotation] = annotate(build_run_with_findings(trouble="no patch"))
    assert (annotation.level, annotation.title) == ("error", "C, fixed was not run")


def test_at_most_ten_of_a_level_and_the_tenth_counts_the_rest() -> None:
    ports = [build_port(f"p{n:02}", trouble=f"no {n}") for n in range(13)]
    annotations = annotate(build_results(ports, [], [], []))
    assert [annotation.message for annotation in annotations[:9]] == [f"no {n}" for n in range(9)]
    assert [annotation.message for annotation in annotations[9:]] == [
        "The report has 3 more errors. no 9"
    ]
    assert len(annotate(build_results(ports[:10], [], [], []))) == 10
    assert "more" not in annotate(build_results(ports[:10], [], [], []))[-1].message


def test_errors_precede_notices_and_larger_findings_smaller_ones() -> None:
    findings = [build_finding("small"), build_finding("large")]
    value = build_run_with_findings(
        build_wrong_verdict(finding="small"),
        build_wrong_verdict(check="reduced.form", finding="large"),
        build_wrong_verdict(check="reduced.rows", finding="large"),
        build_wrong_verdict(check="solution.value"),
        findings=findings,
    )
    titles = [annotation.title for annotation in annotate(value)]
    assert titles == ["C: solution.value wrong", "C: large", "C: small"]


def test_files_are_named_from_the_top_of_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path))
    for written, file in (
        ("ports", "sub/ports/c/c.src"),
        ("../ports", "ports/c/c.src"),
        (str(tmp_path / "ports"), "ports/c/c.src"),
        ("/elsewhere", "/elsewhere/c/c.src"),
    ):
        [line] = render_annotations(build_small_run(build_wrong_verdict(), implementations=written))
        assert parse_annotation(line).file == file


# Escaping


@given(title=ANYTHING, message=ANYTHING, file=ANYTHING)
def test_an_annotation_is_one_line_that_is_read_as_it_was_meant(
    title: str, message: str, file: str
) -> None:
    written = format_annotation(Annotation("error", file, (1, 2), title, message))
    assert len(re.split(r"[\r\n]", written)) == 1
    parsed = parse_annotation(written)
    expected = (make_printable(file), make_printable(title), make_printable(message))
    assert (parsed.file, parsed.title, parsed.message) == expected


def test_a_megabyte_of_text_stays_short() -> None:
    [line] = render_annotations(build_small_run(build_wrong_verdict(detail="%" * 1_000_000)))
    assert len(line) < 5_000


def test_what_ports_print_meanwhile_is_not_obeyed() -> None:
    lines: list[str] = []
    with contextlib.suppress(KeyboardInterrupt), stop_workflow_commands(lines.append):
        lines.append("::add-mask::e")
        raise KeyboardInterrupt
    first, _, last = lines
    end_token = first.removeprefix("::stop-commands::")
    assert last == f"::{end_token}::"
    assert len(end_token) >= 32
    other_lines: list[str] = []
    with stop_workflow_commands(other_lines.append):
        pass
    assert other_lines[0] != first


# The action


def load_action() -> dict[str, Any]:
    value: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return value


def list_steps(value: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the steps of an action, or of the only job of a workflow."""
    [holder] = [value["runs"]] if "runs" in value else value["jobs"].values()
    steps: list[dict[str, Any]] = holder["steps"]
    return steps


def load_workflow() -> dict[str, Any]:
    path = ROOT / "harness" / "scaffold" / "repository" / "conformance.yml"
    value: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return value


def find_check_step() -> dict[str, Any]:
    [step] = [step for step in list_steps(load_action()) if step.get("id") == "check"]
    return step


def build_environment(step: dict[str, Any], **inputs: str) -> dict[str, str]:
    """Return the environment of a step. The action's inputs have these values or their defaults."""
    values = {
        key: input_description.get("default", "")
        for key, input_description in load_action()["inputs"].items()
    } | inputs
    return {
        key: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda match: values[match[1]], text)
        for key, text in step["env"].items()
    }


def run_check(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the action's step in `folder`, as GitHub does."""
    program = folder / "harness" / "bin" / "harness"
    program.parent.mkdir(parents=True)
    program.write_text(
        f"#!/bin/sh\nexec {sys.executable} -c 'from harness.cli.main import main; main()' \"$@\"\n"
    )
    program.chmod(0o755)
    script = folder / "step.sh"
    script.write_text(find_check_step()["run"])
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(folder),
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "step-summary"),
        "RUNNER_TEMP": str(folder),
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        cwd=folder,
        env=os.environ | github | build_environment(find_check_step(), engine="local", **inputs),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_action_reports_a_run_and_exits_as_the_check_does(
    tmp_path: Path, write_port: WritePort, write_finding: WriteFinding, write_cases: WriteCases
) -> None:
    write_finding(write_port())
    cases = [write_cases("answers-1", "exits-1"), write_cases("killed-1")]
    done = run_check(tmp_path, cases="\n".join(map(str, cases)) + "\n", out="my reports")
    assert done.returncode == 1, done.stderr
    annotations = [
        parse_annotation(text) for text in done.stdout.splitlines() if COMMAND.fullmatch(text)
    ]
    levels_and_files = [(annotation.level, annotation.file) for annotation in annotations]
    listing = "implementations/actor/listing.txt"
    assert ("error", listing) in levels_and_files
    assert levels_and_files[-1] == ("notice", listing)
    written = {path.name for path in (tmp_path / "my reports").iterdir()}
    assert written == {"results.jsonl", "conformance.html", "junit.xml", "summary.md"}
    assert (tmp_path / "step-summary").read_text().startswith("## Conformance")
    outputs = (tmp_path / "output").read_text().splitlines()
    assert outputs == ["status=1", "results=my reports/results.jsonl"]


def test_the_action_does_not_obey_what_ports_print(
    tmp_path: Path, write_port: WritePort, write_cases: WriteCases
) -> None:
    write_port(build=["sh", "-c", "echo ::error::mine; exit 1"])
    done = run_check(tmp_path, cases=str(write_cases("answers-1")))
    assert done.returncode == 3
    lines = [text.strip() for text in done.stdout.splitlines()]
    end_token = lines[0].removeprefix("::stop-commands::")
    assert 0 < lines.index("::error::mine") < lines.index(f"::{end_token}::")


def test_bad_input_ends_the_action_without_a_summary(tmp_path: Path) -> None:
    done = run_check(tmp_path, cases="nowhere")
    assert done.returncode == 2
    assert "hint: " in done.stderr
    assert not (tmp_path / "step-summary").exists()


def test_reports_that_are_committed_are_not_published(tmp_path: Path) -> None:
    reports = tmp_path / "-reports"
    reports.mkdir()
    names = ("results.jsonl", "conformance.html", "junit.xml", "summary.md")
    for name in (*names, "notes.txt"):
        (reports / name).write_text("committed")
    (reports / "summary.md").unlink()
    (reports / "summary.md").symlink_to("notes.txt")
    assert run_check(tmp_path, cases="nowhere", out="./-reports").returncode == 2
    assert not (tmp_path / "step-summary").exists()
    assert [path.name for path in reports.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("programs", "commands"),
    [
        ([], ["apt-get update", "apt-get install"]),
        (["mmdebstrap"], ["apt-get update", "apt-get install"]),
        (["mmdebstrap", "newuidmap"], []),
    ],
)
def test_the_action_installs_mmdebstrap_where_it_is_missing(
    programs: list[str], commands: list[str], tmp_path: Path
) -> None:
    [step] = [step for step in list_steps(load_action()) if "mmdebstrap" in step.get("run", "")]
    assert step["if"] == "inputs.engine == 'docker'"
    for name, script in (("sudo", f'echo "$@" >>{tmp_path}/log'), *((p, "") for p in programs)):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    subprocess.run(
        ["/bin/bash", "-eo", "pipefail", "-c", step["run"]], env={"PATH": str(tmp_path)}, check=True
    )
    log = (tmp_path / "log").read_text().splitlines() if commands else []
    assert [" ".join(line.split()[:2]) for line in log] == commands
    assert not commands or "mmdebstrap debian-archive-keyring uidmap" in log[1]


def test_the_images_of_the_action_are_those_that_ports_may_name() -> None:
    assert build_environment(find_check_step(), images="gcc:14")["HARNESS_BASES"] == "gcc:14"
    assert build_environment(find_check_step())["HARNESS_BASES"] == ""


def test_no_input_is_part_of_a_script() -> None:
    for step in (*list_steps(load_action()), *list_steps(load_workflow())):
        assert "${{" not in step.get("run", "")


def test_the_workflow_gives_the_action_what_it_takes() -> None:
    [used] = [step for step in list_steps(load_workflow()) if "HARNESS" in step.get("uses", "")]
    assert set(used["with"]) <= set(load_action()["inputs"])


@pytest.mark.parametrize("name", ["action", "workflow"])
def test_every_script_is_one(name: str) -> None:
    value = load_action() if name == "action" else load_workflow()
    scripts = [step["run"] for step in list_steps(value) if "run" in step]
    assert scripts
    for script in scripts:
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_the_page_about_it_tells_every_input_and_output() -> None:
    text = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    for key in (*load_action()["inputs"], *load_action()["outputs"]):
        assert f"`{key}`" in text
