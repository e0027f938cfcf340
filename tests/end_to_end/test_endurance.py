"""Faulty ports in one run: each loses only its own cases.

Each port is a few lines of shell in tests/support/faulty_ports, and its first line says what it
does. All of them and a correct port run the same twenty cases, `system-1` to `system-20`, which
have different solutions, so that an answer assigned to another case would be wrong.
"""

from __future__ import annotations

import io
import socket
import threading
import tracemalloc
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from click.testing import CliRunner
from rich.console import Console

from harness.cli.main import main
from harness.engines.base import Engine
from harness.engines.docker.containers import ContainerLimits
from harness.engines.docker.engine import DockerEngine
from harness.engines.local import LocalEngine
from harness.inputs.cases import load_cases
from harness.inputs.ports import load_ports
from harness.model.verdict import Outcome
from harness.reports import junit, markdown
from harness.reports.html import page as html
from harness.reports.terminal.run_summary import print_summary
from harness.results.reader import load_results
from harness.results.results import Results
from harness.results.schema import AnswerRecord, VerdictRecord
from harness.runs.progress import SILENT
from harness.runs.runner import RunSource, run
from support.containers import list_own_containers
from support.faults import CONTAINER_FAULTS, FAULTS, Fault
from support.ports import make_port

CASES = range(1, 21)

MISLEADING_PORTS = ("answers-out-of-order", "mislabels-stderr")
"""Ports that print the marker of another case on standard error, which is believed."""

UNREACHABLE_ADDRESS = "192.0.2.1"
"""An address that is reserved for documentation (RFC 5737)."""


@dataclass(frozen=True)
class EnduranceRun:
    """A run of the faulty ports `names` on `engine`.

    `connections` counts the connections that ports opened; `peak` is the peak memory of the harness
    in bytes.
    """

    engine: str
    names: tuple[str, ...]
    results: Results
    connections: int
    peak: int

    def fault(self, name: str) -> Fault:
        contained = CONTAINER_FAULTS if self.engine == "docker" else {}
        return contained.get(name, FAULTS[name])

    def answers(self, port: str) -> dict[int, AnswerRecord]:
        return {case_number(a.case): a for a in self.results.answers if a.port == port}

    def verdicts(self, port: str, number: int) -> list[VerdictRecord]:
        key = (port, f"system-{number}")
        return [v for v in self.results.verdicts if (v.port, v.case) == key]


def case_number(case: str) -> int:
    return int(case.removeprefix("system-"))


def run_cases(ports: Path, folder: Path, engine: Engine) -> Results:
    """Run the twenty cases on all ports of a folder, and return the results."""
    cases = [
        {"name": f"system-{n}", "why": "It has its own solution.", "system": f"1 0 | {n}\n0 1 | 7"}
        for n in CASES
    ]
    path = folder / "cases.yaml"
    path.write_text(yaml.safe_dump({"kind": "regular", "cases": cases}))
    source = RunSource(implementations="implementations", cases="cases", again="harness show")
    return run(load_ports(ports), load_cases([path]), engine, SILENT, source)


def find_running_groups() -> set[str]:
    """Return the process groups on this machine that have running processes."""
    groups = set()
    for status_file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, group, *_ = status_file.read_text().rpartition(")")[2].split()
            groups |= {group} if state != "Z" else set()
    return groups


class Listener:
    """Listens on this machine, and counts the connections."""

    def __init__(self) -> None:
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                self._socket.accept()[0].close()
                self.connections += 1


def make_engine(name: str) -> Engine:
    """Return an engine; its containers have little memory and few processes."""
    if name == "docker":
        return DockerEngine(ContainerLimits(memory=96 << 20, processes=60))
    return LocalEngine()


def find_tested_ports(items: Sequence[pytest.Item]) -> tuple[str, ...]:
    """Return the faulty ports that the collected tests are about, in order."""
    chosen = [item.callspec.params for item in items if hasattr(item, "callspec")]
    return tuple(
        name for name in FAULTS if name in {parameters.get("name") for parameters in chosen}
    )


@pytest.fixture(scope="module", params=["local", pytest.param("docker", marks=pytest.mark.docker)])
def endurance_run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> EnduranceRun:
    """A run of all faulty ports, or of those that the collected tests are about."""
    names = find_tested_ports(request.session.items) or tuple(FAULTS)
    folder = tmp_path_factory.mktemp("endurance")
    listener = Listener()
    address = [
        UNREACHABLE_ADDRESS if request.param == "docker" else "127.0.0.1",
        str(listener.port),
    ]
    for name in names:
        script = ["sh", f"{name}.sh", *(address if name == "opens-connection" else ())]
        make_port(folder / "ports" / name, run=script, **FAULTS[name].times)
    with make_engine(request.param) as engine:
        tracemalloc.start()
        results = run_cases(folder / "ports", folder, engine)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    listener.close()
    return EnduranceRun(request.param, names, results, listener.connections, peak)


@pytest.mark.parametrize("name", FAULTS)
class TestAFaultyPort:
    def test_it_loses_its_own_cases_and_no_other(
        self, endurance_run: EnduranceRun, name: str
    ) -> None:
        fault = endurance_run.fault(name)
        last = max(fault.losses, default=0)
        for number in CASES:
            verdicts = endurance_run.verdicts(name, number)
            if fault.broken:
                assert {v.outcome for v in verdicts} == {Outcome.GIVEN_UP, Outcome.ABSENT}
                continue
            deviations = [verdict for verdict in verdicts if verdict.outcome.deviates]
            if loss := fault.losses.get(number):
                [deviation] = deviations
                assert (deviation.check, deviation.outcome) == (loss.check, loss.outcome)
                assert deviation.detail.startswith(loss.detail)
            elif number > last and fault.given_up:
                assert {
                    (v.outcome, v.detail) for v in verdicts if v.outcome is not Outcome.ABSENT
                } == {(Outcome.GIVEN_UP, fault.given_up)}
            else:
                assert {verdict.outcome for verdict in verdicts} == {Outcome.RIGHT, Outcome.ABSENT}

    def test_each_answer_is_stored_with_its_own_case(
        self, endurance_run: EnduranceRun, name: str
    ) -> None:
        answers = endurance_run.answers(name)
        assert list(answers) == list(CASES)
        for number, answer in answers.items():
            if answer.ending == "completed" and number not in endurance_run.fault(name).losses:
                assert answer.stages["solution"].rows == ((str(number),), ("7",))
                assert [line for line in answer.remarks if not line.startswith("process ")] == []
                markers = {line for line in answer.errors if line.startswith("about ")}
                assert markers == {f"about system-{number}"} or name in MISLEADING_PORTS

    def test_it_takes_no_longer_than_it_may(self, endurance_run: EnduranceRun, name: str) -> None:
        [port] = [port for port in endurance_run.results.ports if port.name == name]
        fault = endurance_run.fault(name)
        assert port.broken == bool(fault.broken)
        if fault.broken:
            assert port.trouble.startswith(f"`sh {name}.sh` answers no case: {fault.broken}")
        else:
            assert port.trouble == ""
        assert port.seconds < fault.seconds


class TestRunOfFaultyPorts:
    def test_no_port_connects_out_of_a_container(self, endurance_run: EnduranceRun) -> None:
        expected = endurance_run.engine == "local" and "opens-connection" in endurance_run.names
        assert endurance_run.connections == (1 if expected else 0)

    def test_floods_of_a_gigabyte_take_little_memory(self, endurance_run: EnduranceRun) -> None:
        assert endurance_run.peak < 20 << 20

    def test_no_process_or_container_is_left(self, endurance_run: EnduranceRun) -> None:
        if endurance_run.engine == "docker":
            assert list_own_containers() == []
        else:
            remarks = [line for answer in endurance_run.results.answers for line in answer.remarks]
            leaders = {
                line.removeprefix("process ") for line in remarks if line.startswith("process")
            }
            assert len(leaders) > len(endurance_run.names)
            assert not leaders & find_running_groups()

    def test_its_results_and_reports_can_be_written_and_read(
        self, endurance_run: EnduranceRun, tmp_path: Path
    ) -> None:
        results = tmp_path / "results.jsonl"
        endurance_run.results.save(results)
        assert load_results(results) == endurance_run.results
        page, suites, text = (tmp_path / f"report.{kind}" for kind in ("html", "xml", "md"))
        html.write_html(endurance_run.results, page)
        junit.write_junit(endurance_run.results, suites)
        markdown.write_markdown(endurance_run.results, text)
        assert len(list(ElementTree.parse(suites).iter("testsuite"))) == len(endurance_run.names)
        for report in (page, suites, text):
            assert report.stat().st_size < 4 << 20
            assert "\x1b" not in report.read_text()
            assert "<script>alert" not in report.read_text()


class TestABuildThatFails:
    """Control characters in the output of a build have no effect on the terminal that shows it."""

    SHOWN = "␛[2J␛]0;title␇[red]loud[/red][/nonsense]"

    @pytest.fixture
    def ports(self, tmp_path: Path) -> Path:
        loud = r"printf '\033[2J\033]0;title\007[red]loud[/red][/nonsense]\n'; exit 1"
        return make_port(tmp_path / "ports" / "loud", build=["sh", "-c", loud]).parent

    def test_in_the_summary_of_a_run(self, ports: Path, tmp_path: Path) -> None:
        output = io.StringIO()
        with LocalEngine() as engine:
            print_summary(run_cases(ports, tmp_path, engine), Console(file=output, width=100))
        assert self.SHOWN in output.getvalue()
        assert "\x1b" not in output.getvalue()

    def test_in_an_error_of_a_command(self, ports: Path) -> None:
        arguments = ["probe", "loud", "--engine", "local", "--implementations", str(ports)]
        result = CliRunner().invoke(main, arguments, color=True)
        assert self.SHOWN in result.stderr
        assert "\x1b" not in result.stderr
