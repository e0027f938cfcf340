"""Tests of the command line: what each command prints and writes, and its exit status.

tests/support/faulty_ports/actor.sh does in each case what the name of the case says.
"""

from __future__ import annotations

import os
import pty
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import docker.errors
import pytest
from click.testing import CliRunner, Result
from rich.progress import Progress

from harness.cli.common import build_rerun_command, make_console
from harness.cli.main import main
from harness.cli.progress import TerminalProgress
from harness.engines.docker import doctor
from harness.engines.docker.doctor import Diagnosis, MachineFacts, Requirement
from harness.results.reader import load_results
from harness.results.results import Results
from support.containers import list_containers_of
from support.ports import WriteCases, WriteFinding, WritePort

HARNESS = str(Path(sys.executable).with_name("harness"))
PUBLISHED = {
    "run": ["echo", "2\n3"],
    "prints": {"matrix": [[1, 0, 2], [0, 1, 3]], "stages": ["solution"]},
}
LONG_LIMITS = {"seconds_per_case": 60, "seconds_to_start": 60}
SECONDS = 30.0
"""A limit that no test reaches unless something is broken."""

Invoke = Callable[..., Result]


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Restore the signal handlers after a test."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def invoke(implementations: Path, tmp_path: Path) -> Invoke:
    """A function that runs a command in this process, and checks that no exception leaves it."""

    def invoke(command: str, *arguments: object) -> Result:
        command_line = [command, *map(str, arguments)]
        if command in ("check", "show"):
            command_line += ["--engine", "local", "--implementations", str(implementations)]
        if command == "check" and "--out" not in command_line:
            command_line += ["--out", str(tmp_path / "reports")]
        result = CliRunner().invoke(main, command_line)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return invoke


def reports(tmp_path: Path) -> Results:
    return load_results(tmp_path / "reports" / "results.jsonl")


class TestCheck:
    def test_a_port_without_deviation_exits_0(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke, tmp_path: Path
    ) -> None:
        write_port(published=PUBLISHED)
        result = invoke("check", "--cases", write_cases("answers-1", "answers-2"))
        assert result.exit_code == 0
        assert "actor  no deviation" in result.stdout
        page = tmp_path / "reports" / "conformance.html"
        assert str(page) in result.stdout
        assert "answers-2" in page.read_text()
        assert [case.name for case in reports(tmp_path).cases] == ["answers-1", "answers-2"]

    def test_a_deviation_exits_1_and_says_how_to_see_it_again(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke
    ) -> None:
        write_port()
        result = invoke("check", "--cases", write_cases("answers-1", "exits-2"))
        assert result.exit_code == 1
        assert re.search(r"✗ +1 reduced.form +crashed +exits-2", result.stdout)
        assert "Run one again:  harness show actor exits-2 --engine local" in result.stdout

    def test_every_deviating_case_is_named_on_demand(
        self,
        write_port: WritePort,
        write_finding: WriteFinding,
        write_cases: WriteCases,
        invoke: Invoke,
    ) -> None:
        write_finding(write_port())
        killed, exits = (
            [f"{kind}-{number}" for number in range(5)] for kind in ("killed", "exits")
        )
        cases = write_cases("answers-1", *killed, *exits)
        usual = invoke("check", "--cases", cases).stdout
        assert re.search(
            r"✗ +5 echelon.form +crashed +killed-0, killed-1, killed-2 and 2 more", usual
        )
        assert "exits-0" not in usual
        every = invoke("check", "--cases", cases, "--all").stdout
        assert re.search(rf"✗ +5 echelon.form +crashed +{', '.join(killed)}\n", every)
        assert re.search(rf"5 exits: .*\n +✗ +5 reduced.form +crashed +{', '.join(exits)}\n", every)

    def test_an_explained_and_corrected_deviation_exits_0(
        self,
        write_port: WritePort,
        write_finding: WriteFinding,
        write_cases: WriteCases,
        invoke: Invoke,
    ) -> None:
        write_finding(write_port())
        result = invoke("check", "--cases", write_cases("answers-1", "exits-2"))
        assert result.exit_code == 0
        assert "actor  1 deviation, all explained" in result.stdout
        assert "1 exits: It exits where it should answer" in result.stdout

    def test_one_that_none_explains_is_named_before_those_that_are(
        self,
        write_port: WritePort,
        write_finding: WriteFinding,
        write_cases: WriteCases,
        invoke: Invoke,
    ) -> None:
        write_finding(write_port())
        result = invoke("check", "--cases", write_cases("exits-1", "killed-2"))
        assert result.exit_code == 1
        assert "2 deviations, 1 of them not explained by any finding" in result.stdout
        news, known = "✗  1 echelon.form      crashed     killed-2", "1 exits: It exits"
        assert result.stdout.index(news) < result.stdout.index(known)
        assert "actor fixed  1 deviation left" in result.stdout
        assert "Run one again:  harness show actor killed-2" in result.stdout

    def test_a_finding_that_does_not_hold_exits_1_and_is_named(
        self,
        write_port: WritePort,
        write_finding: WriteFinding,
        write_cases: WriteCases,
        invoke: Invoke,
    ) -> None:
        write_finding(write_port())
        cases = write_cases("answers-1")
        result = invoke("check", "--cases", cases)
        assert result.exit_code == 1
        assert "✗ actor: exits: it explains nothing any more" in result.stdout
        assert invoke("check", "--cases", cases, "--case", "answers-*").exit_code == 0

    def test_a_claim_on_most_cases_without_a_reason_exits_1(
        self,
        write_port: WritePort,
        write_finding: WriteFinding,
        write_cases: WriteCases,
        invoke: Invoke,
    ) -> None:
        cases, folder = write_cases("exits-1", "exits-2", "answers-3"), write_port()
        claim = {"check": "reduced.form", "cases": ["[a-z0-9]*"]}
        write_finding(folder, explains=[claim])
        result = invoke("check", "--cases", cases)
        assert result.exit_code == 1
        message = "its patterns match 3 of the 3 cases of reduced.form, and `why` gives no reason"
        assert f"✗ actor: exits: {message}" in result.stdout
        write_finding(folder, explains=[{**claim, "why": "It prints nothing in these cases."}])
        assert invoke("check", "--cases", cases).exit_code == 0

    def test_findings_that_cannot_be_read_exit_2_with_their_line(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke
    ) -> None:
        (write_port() / "findings.yaml").write_text("findings:\n  - id: Two arguments\n")
        result = invoke("check", "--cases", write_cases("answers-1"))
        assert result.exit_code == 2
        assert "findings.yaml:2:" in result.stderr

    def test_a_port_that_cannot_be_built_exits_3_whatever_deviates(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke, tmp_path: Path
    ) -> None:
        write_port("good")
        write_port("bad", build=["sh", "-c", "exit 7"])
        cases = write_cases("answers-1", "exits-2")
        result = invoke("check", "--cases", cases)
        assert result.exit_code == 3
        assert "bad was not run: bad: `sh -c exit 7` failed: exit status 7" in result.stdout
        (row,) = [line.split() for line in result.stdout.splitlines() if line.startswith(" bad ")]
        assert row == ["bad", *"–––––", "not", "run", "–", "–"]
        assert {answer.port for answer in reports(tmp_path).answers} == {"good", "bad"}

    def test_a_missing_toolchain_is_named_and_does_not_fail_the_rest(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke
    ) -> None:
        write_port("good")
        write_port("homeless", run=["no-such-toolchain"])
        result = invoke("check", "--cases", write_cases("answers-1"))
        assert result.exit_code == 0
        assert "homeless was not run: Shell: `no-such-toolchain` is not on this" in result.stdout

    def test_only_the_ports_and_cases_that_are_asked_for_are_run(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke, tmp_path: Path
    ) -> None:
        for name in "abc":
            write_port(name)
        cases = write_cases("answers-1", "answers-12", "exits-2", "adds-stderr-3")
        arguments = ["--port", "a", "--port", "c", "--case", "answers-*", "--case", "adds-stderr-3"]
        assert invoke("check", "--cases", cases, *arguments).exit_code == 0
        results = reports(tmp_path)
        assert [port.name for port in results.ports] == ["a", "c"]
        assert [case.name for case in results.cases] == ["answers-1", "answers-12", "adds-stderr-3"]

    def test_cases_may_come_from_several_places(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke, tmp_path: Path
    ) -> None:
        write_port()
        one, two = write_cases("answers-1"), write_cases("answers-2")
        assert invoke("check", "--cases", one, "--cases", two).exit_code == 0
        assert [case.name for case in reports(tmp_path).cases] == ["answers-1", "answers-2"]


class TestBadInput:
    def complain(self, result: Result, status: int = 2) -> str:
        """Check how a command refused its input, and return its error and hint."""
        assert result.exit_code == status
        assert result.stdout == ""
        assert result.stderr.startswith("error: ")
        assert "\nhint: " in result.stderr
        return result.stderr

    def test_an_unknown_port_is_answered_with_those_there_are(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke
    ) -> None:
        write_port("haskell")
        result = invoke("check", "--cases", write_cases("answers-1"), "--port", "haskel")
        complaint = self.complain(result)
        assert "there is no port `haskel`" in complaint
        assert "`haskell`" in complaint

    @pytest.mark.parametrize(
        "command", [("check", "--case", "answer-1"), ("show", "c", "answer-1")]
    )
    def test_an_unknown_case_is_answered_with_one_like_it(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke, command: Sequence[str]
    ) -> None:
        write_port("c")
        complaint = self.complain(invoke(*command, "--cases", write_cases("answers-1")))
        assert "there is no case `answer-1`" in complaint
        assert "answers-1" in complaint.partition("hint:")[2]

    def test_a_malformed_case_is_placed(
        self, write_port: WritePort, invoke: Invoke, tmp_path: Path
    ) -> None:
        write_port()
        path = tmp_path / "cases.yaml"
        path.write_text("kind: regular\ncases:\n  - name: a\n    why: b\n    system: 1 x\n")
        assert "cases.yaml:5:" in self.complain(invoke("check", "--cases", path))
        assert not (tmp_path / "reports").exists()

    def test_a_malformed_manifest_is_placed(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke
    ) -> None:
        write_port(arithmetic="decimal")
        complaint = self.complain(invoke("check", "--cases", write_cases("answers-1")))
        assert "port.yaml:5:" in complaint

    def test_no_ports_and_no_cases_are_told(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke, tmp_path: Path
    ) -> None:
        cases = write_cases("answers-1")
        assert "no port in here" in self.complain(invoke("check", "--cases", cases))
        write_port()
        assert "nowhere" in self.complain(invoke("check", "--cases", tmp_path / "nowhere"))

    def test_an_unwritable_path_is_reported_with_the_outcome(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke, tmp_path: Path
    ) -> None:
        write_port()
        (tmp_path / "file").write_text("kept")
        cases = write_cases("answers-1")
        result = invoke("check", "--cases", cases, "--out", tmp_path / "file")
        assert result.exit_code == 2
        assert "actor  no deviation" in result.stdout
        assert "The report" not in result.stdout
        assert result.stderr.startswith(f"error: {tmp_path}/file/results.jsonl cannot be written")
        assert (tmp_path / "file").read_text() == "kept"

    @pytest.mark.parametrize(
        "arguments", [("check", "--colour"), ("chek",), ("show", "c"), ("report",), ("diff", "a")]
    )
    def test_a_wrong_usage_exits_2(self, invoke: Invoke, arguments: Sequence[str]) -> None:
        result = invoke(*arguments)
        assert result.exit_code == 2
        assert "Usage: " in result.stderr

    def test_no_container_engine_exits_3_and_says_what_to_do(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        implementations: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        write_port()
        monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
        arguments = ["check", "--implementations", str(implementations), "--cases"]
        result = CliRunner().invoke(main, [*arguments, str(write_cases("answers-1"))])
        assert "harness doctor" in self.complain(result, status=3)


class TestShow:
    def test_it_tells_all_about_one_case(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke
    ) -> None:
        write_port(language="Shell [sic]")
        result = invoke("show", "actor", "exits-2", "--cases", write_cases("answers-1", "exits-2"))
        assert result.exit_code == 1
        for part in (
            "Shell [sic] (actor 1.0)",
            "exits-2 (regular, ",
            "It says what to do.",
            "solutions: unique; rank 2",
            "x = (2, 3)",
            "echelon",
            "Error: no luck with exits-2",
            "crashed exit status 3: Error: no luck with exits-2",
        ):
            assert part in result.stdout
        assert re.search(r"^echelon.form +right", result.stdout, re.MULTILINE)
        assert re.search(r"^reduced.form +crashed", result.stdout, re.MULTILINE)
        assert "answers-1" not in result.stdout

    def test_it_tells_of_the_listings_own_main(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke
    ) -> None:
        write_port(published=PUBLISHED)
        result = invoke("show", "actor", "published", "--cases", write_cases("exits-1"))
        assert result.exit_code == 0
        assert "Output of its own main" in result.stdout
        assert re.search(r"^published.output +right", result.stdout, re.MULTILINE)
        assert "exits-1" not in result.stdout

    def test_a_port_that_was_not_run_is_told(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke
    ) -> None:
        write_port(build=["false"])
        result = invoke("show", "actor", "answers-1", "--cases", write_cases("answers-1"))
        assert result.exit_code == 3
        assert "actor was not run: actor: `false` failed: exit status 1" in result.stdout

    def test_it_writes_no_report(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke, tmp_path: Path
    ) -> None:
        write_port()
        invoke("show", "actor", "answers-1", "--cases", write_cases("answers-1"))
        assert not (tmp_path / "reports").exists()

    def test_the_name_of_a_case_is_no_pattern_here(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke
    ) -> None:
        write_port()
        result = invoke("show", "actor", "answers-*", "--cases", write_cases("answers-1"))
        assert result.exit_code == 2
        assert "there is no case `answers-*`" in result.stderr

    def test_what_a_port_prints_does_not_act_on_the_terminal(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke
    ) -> None:
        script = r"sed -u 's/^process.*/\x1b[2J\x1b]0;title\x07[red]/'"
        write_port(run=["sh", "-c", f"sh actor.sh | {script}"])
        result = invoke("show", "actor", "answers-1", "--cases", write_cases("answers-1"))
        assert result.exit_code == 0
        assert "[red]" in result.stdout
        assert "\x1b" not in result.stdout
        assert "\x07" not in result.stdout


class TestAgain:
    def test_the_command_that_is_printed_can_be_typed(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke
    ) -> None:
        write_port()
        result = invoke("check", "--cases", write_cases("answers-1", "exits-2"))
        [command] = re.findall(r"Run one again:  harness (.*)", result.stdout)
        again = CliRunner().invoke(main, shlex.split(command))
        assert again.exit_code == 1
        assert "no luck with exits-2" in again.stdout

    def test_cases_that_have_to_be_asked_first_are_named(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke
    ) -> None:
        write_port(run=["sh", "remembers-size.sh"])
        other = "1 0 | 5\n0 1 | 7"
        files = (write_cases("early"), write_cases("other", system=other))
        paths = [argument for file in files for argument in ("--cases", file)]
        result = invoke("check", *paths)
        [command] = re.findall(r"Run one again:  harness (.*)", result.stdout)
        assert command.endswith("--after early")
        again = CliRunner().invoke(main, shlex.split(command))
        assert again.exit_code == 1
        assert "(only after early, otherwise" in " ".join(again.stdout.split())
        alone = invoke("show", "actor", "other", *paths)
        assert alone.exit_code == 0
        assert "only after" not in alone.stdout
        after_all = invoke("show", "actor", "other", *paths, "--after", "*")
        assert after_all.exit_code == 1

    def test_cases_to_ask_first_must_exist(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke
    ) -> None:
        write_port()
        cases = write_cases("answers-1")
        result = invoke("show", "actor", "answers-1", "--cases", cases, "--after", "answers-7")
        assert result.exit_code == 2
        assert "there is no case `answers-7`" in result.stderr

    def test_what_is_usual_is_left_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("HARNESS_RERUN_COMMAND", raising=False)
        usual = (Path("implementations"), (Path("cases"),), "docker")
        assert build_rerun_command(*usual) == "harness show {port} {case}[ --after {after}]"

    def test_a_caller_may_give_another(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HARNESS_RERUN_COMMAND", "make show PORT={port} CASE={case}")
        command = build_rerun_command(Path("elsewhere"), (Path("a b"),), "local")
        assert command == "make show PORT={port} CASE={case}"

    @pytest.mark.parametrize("name", ["HARNESS_RERUN_COMMAND", "HARNESS_PROBE_COMMAND"])
    def test_one_that_no_report_can_contain_exits_2(
        self,
        name: str,
        write_port: WritePort,
        write_cases: WriteCases,
        invoke: Invoke,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        write_port()
        monkeypatch.setenv(name, os.fsdecode(b"make \xff {port} {case}"))
        result = invoke("check", "--cases", write_cases("answers-1"))
        assert result.exit_code == 2
        assert f"{name} is not UTF-8" in result.stderr

    def test_names_of_files_are_quoted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("HARNESS_RERUN_COMMAND", raising=False)
        command = build_rerun_command(Path("my ports"), (Path("a"), Path("b c")), "local")
        rest = "--engine local --implementations 'my ports' --cases a --cases 'b c'"
        assert command == f"harness show {{port}} {{case}} {rest}[ --after {{after}}]"


class TestReport:
    def test_it_is_made_again_from_the_results_alone(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke, tmp_path: Path
    ) -> None:
        write_port()
        invoke("check", "--cases", write_cases("exits-1"))
        page = tmp_path / "reports" / "conformance.html"
        before = page.read_text()
        page.unlink()
        result = invoke("report", tmp_path / "reports" / "results.jsonl")
        assert (result.exit_code, result.stdout) == (0, f"{page}\n")
        assert page.read_text() == before

    def test_it_may_go_elsewhere(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke, tmp_path: Path
    ) -> None:
        write_port()
        invoke("check", "--cases", write_cases("answers-1"))
        out = tmp_path / "elsewhere"
        invoke("report", tmp_path / "reports" / "results.jsonl", "--out", out)
        assert (out / "conformance.html").exists()

    @pytest.mark.parametrize("content", [None, "", "{}", '{"schema": 3}', "\0"])
    def test_what_is_no_results_exits_2(
        self, invoke: Invoke, tmp_path: Path, content: str | None
    ) -> None:
        if content is not None:
            (tmp_path / "results.jsonl").write_text(content)
        result = invoke("report", tmp_path / "results.jsonl")
        assert result.exit_code == 2
        assert result.stderr.startswith(f"error: {tmp_path / 'results.jsonl'}: ")
        assert not (tmp_path / "conformance.html").exists()


class TestReportsForMachines:
    def test_check_writes_them_and_report_reproduces_them(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke, tmp_path: Path
    ) -> None:
        write_port()
        arguments = ["--junit", tmp_path / "new" / "j.xml", "--markdown", tmp_path / "new" / "m.md"]
        invoke("check", "--cases", write_cases("exits-1"), *arguments)
        written = [path.read_text() for path in arguments[1::2] if isinstance(path, Path)]
        assert "<testsuites>" in written[0]
        assert "## Conformance" in written[1]
        arguments[1::2] = [tmp_path / "again.xml", tmp_path / "again.md"]
        result = invoke("report", tmp_path / "reports" / "results.jsonl", *arguments)
        page = tmp_path / "reports" / "conformance.html"
        assert result.stdout.splitlines() == [str(page), str(arguments[1]), str(arguments[3])]
        assert [(tmp_path / name).read_text() for name in ("again.xml", "again.md")] == written

    def test_a_place_that_cannot_be_written_exits_2(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke, tmp_path: Path
    ) -> None:
        write_port()
        (tmp_path / "file").write_text("kept")
        arguments = ["--cases", write_cases("answers-1"), "--junit", tmp_path / "file" / "j.xml"]
        result = invoke("check", *arguments)
        assert result.exit_code == 2
        assert "cannot be written" in result.stderr

    def test_annotations_are_printed_on_github_alone(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        invoke: Invoke,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        write_port()
        cases = write_cases("exits-1")
        assert "::" not in invoke("check", "--cases", cases).stdout
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        result = invoke("check", "--cases", cases)
        assert result.exit_code == 1
        first, *_, last = result.stdout.splitlines()
        assert first.startswith("::stop-commands::")
        assert last.startswith("::error file=")
        assert "title=Shell%3A reduced.form crashed" in last

    def test_on_github_a_report_that_is_made_again_is_annotated_too(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        invoke: Invoke,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        write_port()
        invoke("check", "--cases", write_cases("exits-1"))
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        result = invoke("report", tmp_path / "reports" / "results.jsonl")
        assert result.exit_code == 0
        assert result.stdout.splitlines()[-1].startswith("::error file=")


class TestDiff:
    def runs(self, invoke: Invoke, tmp_path: Path, *cases: Path) -> list[Path]:
        """Return the paths of the results of a run on each of several case files."""
        for number, path in enumerate(cases):
            invoke("check", "--cases", path, "--out", tmp_path / str(number))
        return [tmp_path / str(number) / "results.jsonl" for number in range(len(cases))]

    def test_a_worse_run_exits_1_and_any_other_exits_0(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke, tmp_path: Path
    ) -> None:
        folder, cases = write_port(), write_cases("answers-1", "exits-1")
        [old] = self.runs(invoke, tmp_path / "old", cases)
        script = folder / "actor.sh"
        script.write_text(script.read_text().replace("answers-*)", "nothing-*)"))
        [new] = self.runs(invoke, tmp_path / "new", cases)
        worse, better = invoke("diff", old, new), invoke("diff", new, old)
        assert (worse.exit_code, better.exit_code) == (1, 0)
        assert "became deviating" in worse.stdout
        assert "became conforming" in better.stdout

    def test_runs_of_different_cases_are_compared_on_what_they_share(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke, tmp_path: Path
    ) -> None:
        write_port()
        cases = write_cases("answers-1"), write_cases("answers-1", "exits-1")
        result = invoke("diff", *self.runs(invoke, tmp_path, *cases))
        assert result.exit_code == 0
        assert "Only in the new run: 1 case: exits-1" in result.stdout
        assert "Nothing changed." in result.stdout

    def test_runs_that_share_no_verdict_are_not_compared(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke, tmp_path: Path
    ) -> None:
        write_port()
        [old] = self.runs(invoke, tmp_path / "old", write_cases("answers-1"))
        [new] = self.runs(invoke, tmp_path / "new", write_cases("answers-2"))
        result = invoke("diff", old, new)
        assert result.exit_code == 2
        assert "have no verdict in common" in result.stderr
        assert "hint: Compare runs of the same ports on the same cases." in result.stderr

    def test_a_port_that_can_no_longer_be_built_is_worse(
        self, write_port: WritePort, write_cases: WriteCases, invoke: Invoke, tmp_path: Path
    ) -> None:
        folder, cases = write_port(), write_cases("answers-1")
        [old] = self.runs(invoke, tmp_path / "old", cases)
        manifest = folder / "port.yaml"
        manifest.write_text(manifest.read_text() + "build: [false]\n")
        [new] = self.runs(invoke, tmp_path / "new", cases)
        result = invoke("diff", old, new)
        assert result.exit_code == 1
        assert "conformed, and can no longer be judged" in result.stdout

    def test_what_is_no_results_exits_2(self, invoke: Invoke, tmp_path: Path) -> None:
        (tmp_path / "results.jsonl").write_text("{}")
        result = invoke("diff", tmp_path / "results.jsonl", tmp_path / "none.json")
        assert result.exit_code == 2
        assert result.stderr.startswith(f"error: {tmp_path / 'results.jsonl'}: ")


class TestDoctor:
    def diagnose(self, monkeypatch: pytest.MonkeyPatch, *requirements: Requirement) -> None:
        facts = MachineFacts(frozenset(), is_root=True, has_systemd=False, programs=frozenset())
        monkeypatch.setattr(doctor, "diagnose", lambda: Diagnosis(facts, requirements))

    def test_a_healthy_machine_exits_0(
        self, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.diagnose(monkeypatch, Requirement(True, "an engine answers"))
        result = invoke("doctor")
        assert (result.exit_code, result.stdout) == (0, "ok       an engine answers\n")

    def test_what_is_missing_exits_3_and_says_how_to_get_it(
        self, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.diagnose(monkeypatch, Requirement(False, "no engine", "sudo dockerd"))
        result = invoke("doctor")
        assert result.exit_code == 3
        assert "missing  no engine" in result.stdout
        assert "sudo dockerd" in result.stdout

    def test_it_mends_what_it_is_asked_to(
        self, invoke: Invoke, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.diagnose(monkeypatch)
        monkeypatch.setattr(
            doctor, "install_missing", lambda _, announce: announce("starting dockerd")
        )
        result = invoke("doctor", "--fix")
        assert (result.exit_code, result.stdout) == (0, "starting dockerd\n")


@dataclass
class Command:
    """A `harness check` in a process of its own, with the folders that it uses."""

    process: subprocess.Popen[str]
    out: Path
    temporary: Path

    def wait_for_a_hang(self) -> None:
        """Wait until the actor has come to a case in which it hangs."""
        deadline = time.monotonic() + SECONDS
        while not list(self.temporary.glob("*/*/hanging")):
            assert time.monotonic() < deadline
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.02)
        time.sleep(0.2)

    def end(self) -> tuple[int, str, str]:
        """Wait for the end. Return the exit status, standard output and standard error."""
        output, errors = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, output, errors

    def load(self) -> Results:
        return load_results(self.out / "results.jsonl")


Start = Callable[..., Command]


@pytest.fixture
def start(implementations: Path, tmp_path: Path) -> Iterator[Start]:
    """A function that starts `harness check` in a process of its own. All are killed after the
    test."""
    started: list[Command] = []
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    def start(*arguments: object, engine: str = "local", **options: Any) -> Command:
        out = tmp_path / "out"
        where = ["--implementations", implementations, "--out", out, "--engine", engine]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = subprocess.Popen(
            [HARNESS, "check", *map(str, (*where, *arguments))],
            env={**os.environ, "TMPDIR": str(temporary), **options.pop("env", {})},
            text=True,
            **{**pipes, **options},
        )
        started.append(Command(process, out, temporary))
        return started[-1]

    yield start
    for command in started:
        command.process.kill()
        command.process.communicate()


class TestInterrupted:
    @pytest.mark.parametrize(
        "signals",
        [
            [signal.SIGINT],
            [signal.SIGTERM, signal.SIGINT, signal.SIGTERM],
        ],
    )
    def test_only_what_was_finished_is_written(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        start: Start,
        signals: Sequence[signal.Signals],
    ) -> None:
        write_port(**LONG_LIMITS)
        command = start("--cases", write_cases("answers-1", "exits-2", "answers-3", "hangs-4"))
        command.wait_for_a_hang()
        for number in signals:
            command.process.send_signal(number)
            time.sleep(0.05)
        status, output, errors = command.end()
        assert status == 128 + signals[0]
        assert errors == "interrupted; the results so far have been written\n"
        assert "conformance.html" in output
        assert "\x1b" not in output
        results = command.load()
        assert results.run.interrupted
        assert [answer.case for answer in results.answers] == [
            "answers-1",
            "exits-2",
            "answers-3",
        ]
        assert {v.case for v in results.verdicts if v.outcome == "crashed"} == {"exits-2"}
        assert "answers-3" in (command.out / "conformance.html").read_text()
        assert list(command.temporary.iterdir()) == []
        for answer in results.answers:
            with pytest.raises(ProcessLookupError):
                os.kill(int(answer.remarks[0].removeprefix("process ")), 0)

    @pytest.mark.parametrize(
        ("number", "delay"),
        [(signal.SIGINT, 0.2), (signal.SIGTERM, 0.6), (signal.SIGINT, 1.0)],
    )
    def test_at_any_moment_it_ends_as_interrupted_or_as_done(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        start: Start,
        number: signal.Signals,
        delay: float,
    ) -> None:
        for name in "abc":
            write_port(name)
        command = start("--cases", write_cases(*(f"answers-{n}" for n in range(100))))
        time.sleep(delay)
        command.process.send_signal(number)
        status, _, errors = command.end()
        assert "Traceback" not in errors
        assert status in (128 + number, -number, 0)
        assert list(command.temporary.iterdir()) == []
        if (command.out / "results.jsonl").exists():
            assert {v.outcome for v in command.load().verdicts} <= {"right", "absent"}

    def test_a_build_that_hangs_is_ended_and_older_results_are_kept(
        self, write_port: WritePort, write_cases: WriteCases, start: Start, tmp_path: Path
    ) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "results.jsonl").write_text("older")
        write_port(build=["sh", "-c", "touch hanging; exec sleep 1000"])
        command = start("--cases", write_cases("answers-1"))
        command.wait_for_a_hang()
        command.process.send_signal(signal.SIGINT)
        status, _, errors = command.end()
        assert (status, errors) == (130, "interrupted before any result was complete\n")
        assert list(command.temporary.iterdir()) == []
        assert (command.out / "results.jsonl").read_text() == "older"

    @pytest.mark.docker
    def test_no_container_is_left(
        self, write_port: WritePort, write_cases: WriteCases, start: Start
    ) -> None:
        write_port(**LONG_LIMITS)
        cases = write_cases("answers-1", "exits-2", "answers-3", "hangs-4")
        command = start("--cases", cases, engine="docker")
        pid = command.process.pid
        wait_until(lambda: any(map(hangs, list_containers_of(pid))))
        time.sleep(0.3)
        command.process.send_signal(signal.SIGTERM)
        assert command.end()[0] == 143
        assert list_containers_of(pid) == []
        results = command.load()
        assert [answer.case for answer in results.answers] == [
            "answers-1",
            "exits-2",
            "answers-3",
        ]


def hangs(container: dict[str, Any]) -> bool:
    """Return whether the actor in a container has come to a case in which it hangs."""
    try:
        return "sleep 1000" in str(docker.APIClient().top(container["Id"]))
    except docker.errors.APIError:
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60.0
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


class TestTerminal:
    def on_a_terminal(self, start: Start, cases: Path, **env: str) -> str:
        """Return everything that a run prints on a terminal."""
        terminal, program_end = pty.openpty()
        environment = {"TERM": "xterm-256color", "COLUMNS": "100", **env}
        command = start("--cases", cases, stdout=program_end, stderr=program_end, env=environment)
        os.close(program_end)
        printed = b""
        while True:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                break
            if not data:
                break
            printed += data
        os.close(terminal)
        assert command.process.wait(SECONDS) == 1
        return printed.decode()

    def test_progress_and_colour_are_for_people(
        self, write_port: WritePort, write_cases: WriteCases, start: Start
    ) -> None:
        write_port()
        shown = self.on_a_terminal(start, write_cases("answers-1", "exits-2"))
        assert "2/2" in shown
        assert "\x1b[31m✗" in shown

    def test_colour_can_be_declined(
        self, write_port: WritePort, write_cases: WriteCases, start: Start
    ) -> None:
        write_port()
        shown = self.on_a_terminal(start, write_cases("answers-1", "exits-2"), NO_COLOR="1")
        assert "✗" in shown
        assert re.search(r"\x1b\[[0-9;]*3[0-7]m", shown) is None

    def test_bars_that_are_not_shown_print_nothing(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Some versions of rich print an empty line at the end of bars that are disabled."""
        monkeypatch.setattr(Progress, "stop", lambda bars: bars.console.print())
        with TerminalProgress(make_console(stderr=True), ["a"], 1) as progress:
            progress.report_building("a")
            progress.report_end("a", "")
        assert capsys.readouterr() == ("", "")

    def test_nobody_need_read_to_the_end(
        self, write_port: WritePort, write_cases: WriteCases, start: Start
    ) -> None:
        write_port()
        reading, writing = os.pipe()
        os.close(reading)
        command = start("--cases", write_cases("answers-1"), stdout=writing)
        os.close(writing)
        assert "Traceback" not in command.end()[2]
        assert command.load().exit_status == 0


class TestStandardStreams:
    """A stream may be full, or closed when the command starts."""

    def run(self, redirection: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        command = shlex.join([sys.executable, "-m", "harness", *map(str, arguments)])
        return subprocess.run(
            ["sh", "-c", f"{command} {redirection}"], capture_output=True, text=True, check=False
        )

    @pytest.mark.parametrize(
        "arguments", [["--help"], ["check", "--help"], ["--version"], ["new", "--list"]]
    )
    def test_output_that_cannot_be_written_exits_2(self, arguments: list[str]) -> None:
        done = self.run(">/dev/full", *arguments)
        assert (done.returncode, done.stderr.splitlines()) == (
            2,
            [
                "error: standard output or a file: No space left on device",
                "hint: Check the free space on the disk and the permissions of the file.",
            ],
        )
        assert self.run(">/dev/full 2>/dev/full", *arguments).returncode == 2

    @pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
    @pytest.mark.parametrize("arguments", [["unknown"], ["check", "--cases", "missing"]])
    def test_the_status_does_not_depend_on_the_message(
        self, arguments: list[str], redirection: str
    ) -> None:
        done = self.run(redirection, *arguments)
        assert (done.returncode, done.stdout) == (2, "")

    @pytest.mark.parametrize("redirection", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
    def test_a_run_needs_none(
        self,
        write_port: WritePort,
        write_cases: WriteCases,
        implementations: Path,
        tmp_path: Path,
        redirection: str,
    ) -> None:
        write_port()
        where = ("--implementations", implementations, "--out", tmp_path / "out")
        cases = write_cases("answers-1", "exits-2")
        done = self.run(redirection, "check", "--engine", "local", "--cases", cases, *where)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert load_results(tmp_path / "out" / "results.jsonl").exit_status == 1

    def test_no_file_becomes_a_standard_stream(self) -> None:
        script = (
            "import os, harness.cli.main as cli; from harness.__main__ import main;"
            "cli.main = lambda: os._exit(os.open(os.devnull, os.O_RDONLY)); main()"
        )
        command = [sys.executable, "-c", script]
        done = subprocess.run(["sh", "-c", f"exec {shlex.join(command)} <&- >&- 2>&-"], check=False)
        assert done.returncode > 2
