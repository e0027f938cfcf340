"""Ports that misbehave, side by side in one run: each loses its own case at most.

Each is a few lines of shell in tests/support/faulty_ports, and says in its first line what it does.
All of them and an honest one are put to the same twenty cases, `system-1` to `system-20`, of which
no two have the same solution: an answer that got to the wrong case would be a wrong one.
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
from harness.engines.docker.client import DockerClient
from harness.engines.docker.containers import ContainerLimits, run_id
from harness.engines.docker.engine import DockerEngine
from harness.engines.local import LocalEngine
from harness.inputs.cases import load_cases
from harness.inputs.ports import load_ports
from harness.model.verdict import Outcome
from harness.reports import junit, markdown
from harness.reports.html import page as html
from harness.reports.terminal.run_summary import print_summary
from harness.results.schema import AnswerRecord, Results, VerdictRecord, load_results
from harness.run.runner import RunSource, run
from support.faults import FAULTS, IN_A_CONTAINER, Fault
from support.ports import make_port

CASES = range(1, 21)

LIARS = ("answers-out-of-order", "mislabels-stderr")
"""Whoever says on standard error that it is about another case is taken at its word."""

AWAY = "192.0.2.1"
"""An address that is nobody's, kept for documentation (RFC 5737)."""


@dataclass(frozen=True)
class Endured:
    """A run of the faulty ports `names` on `engine`.

    `connections` counts how often one got out, `peak` is the most bytes that the harness held.
    """

    engine: str
    names: tuple[str, ...]
    results: Results
    connections: int
    peak: int

    def fault(self, name: str) -> Fault:
        contained = IN_A_CONTAINER if self.engine == "docker" else {}
        return contained.get(name, FAULTS[name])

    def answers(self, port: str) -> dict[int, AnswerRecord]:
        return {number_of(a.case): a for a in self.results.answers if a.port == port}

    def verdicts(self, port: str, number: int) -> list[VerdictRecord]:
        about = (port, f"system-{number}")
        return [v for v in self.results.verdicts if (v.port, v.case) == about]


class Silent:
    """Tells nobody how a run gets on."""

    def building(self, port: str) -> None: ...

    def asking(self, port: str, cases: int) -> None: ...

    def answered(self, port: str, cases: int = 1) -> None: ...

    def done(self, port: str, trouble: str) -> None: ...


def number_of(case: str) -> int:
    return int(case.removeprefix("system-"))


def put(ports: Path, folder: Path, engine: Engine) -> Results:
    """The results of putting the twenty cases to all ports of a folder."""
    cases = [
        {"name": f"system-{n}", "why": "It has its own solution.", "system": f"1 0 | {n}\n0 1 | 7"}
        for n in CASES
    ]
    path = folder / "cases.yaml"
    path.write_text(yaml.safe_dump({"kind": "regular", "cases": cases}))
    source = RunSource(implementations="implementations", cases="cases", again="harness show")
    return run(load_ports(ports), load_cases([path]), engine, Silent(), source)


def groups_alive() -> set[str]:
    """The process groups on this machine in which something runs."""
    alive = set()
    for about in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, group, *_ = about.read_text().rpartition(")")[2].split()
            alive |= {group} if state != "Z" else set()
    return alive


class Listener:
    """Listens on this machine, and counts who connects."""

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


def start(name: str) -> Engine:
    """An engine; a container of it is quickly at the end of its memory and processes."""
    if name == "docker":
        return DockerEngine(ContainerLimits(memory=96 << 20, processes=60))
    return LocalEngine()


def asked_for(items: Sequence[pytest.Item]) -> tuple[str, ...]:
    """The faulty ports that tests to be run are about, in order."""
    chosen = [item.callspec.params for item in items if hasattr(item, "callspec")]
    return tuple(name for name in FAULTS if name in {each.get("name") for each in chosen})


@pytest.fixture(scope="module", params=["local", pytest.param("docker", marks=pytest.mark.docker)])
def endured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Endured:
    """One run of all faulty ports; of few, where the tests to be run are about those alone."""
    names = asked_for(request.session.items) or tuple(FAULTS)
    folder = tmp_path_factory.mktemp("endurance")
    listener = Listener()
    address = [AWAY if request.param == "docker" else "127.0.0.1", str(listener.port)]
    for name in names:
        script = ["sh", f"{name}.sh", *(address if name == "opens-connection" else ())]
        make_port(folder / "ports" / name, run=script, **FAULTS[name].times)
    with start(request.param) as engine:
        tracemalloc.start()
        results = put(folder / "ports", folder, engine)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    listener.close()
    return Endured(request.param, names, results, listener.connections, peak)


@pytest.mark.parametrize("name", FAULTS)
class TestAFaultyPort:
    def test_it_loses_its_own_cases_and_no_other(self, endured: Endured, name: str) -> None:
        fault = endured.fault(name)
        last = max(fault.losses, default=0)
        for number in CASES:
            told = endured.verdicts(name, number)
            lost = [verdict for verdict in told if verdict.outcome.deviates]
            if loss := fault.losses.get(number):
                [deviation] = lost
                assert (deviation.check, deviation.outcome) == (loss.check, loss.outcome)
                assert deviation.detail.startswith(loss.detail)
            elif number > last and fault.given_up:
                assert {(v.outcome, v.detail) for v in told if v.outcome is not Outcome.ABSENT} == {
                    (Outcome.GIVEN_UP, fault.given_up)
                }
            else:
                assert {verdict.outcome for verdict in told} == {Outcome.RIGHT, Outcome.ABSENT}

    def test_what_it_does_answer_is_kept_with_its_own_case(
        self, endured: Endured, name: str
    ) -> None:
        answers = endured.answers(name)
        assert list(answers) == list(CASES)
        for number, answer in answers.items():
            if answer.ending == "completed" and number not in endured.fault(name).losses:
                assert answer.stages["solution"].rows == ((str(number),), ("7",))
                assert [line for line in answer.remarks if not line.startswith("process ")] == []
                about = {line for line in answer.errors if line.startswith("about ")}
                assert about == {f"about system-{number}"} or name in LIARS

    def test_it_takes_no_longer_than_it_may(self, endured: Endured, name: str) -> None:
        [port] = [port for port in endured.results.ports if port.name == name]
        assert port.trouble == ""
        assert port.seconds < endured.fault(name).seconds


class TestARunOfThem:
    def test_nobody_gets_out_of_a_container(self, endured: Endured) -> None:
        able = endured.engine == "local" and "opens-connection" in endured.names
        assert endured.connections == (1 if able else 0)

    def test_floods_of_a_gigabyte_take_next_to_no_memory(self, endured: Endured) -> None:
        assert endured.peak < 32 << 20

    def test_nothing_of_them_is_left(self, endured: Endured) -> None:
        if endured.engine == "docker":
            mine = {"label": f"harness.run={run_id()}"}
            assert DockerClient().client().containers(all=True, filters=mine) == []
        else:
            said = [line for answer in endured.results.answers for line in answer.remarks]
            leaders = {line.removeprefix("process ") for line in said if line.startswith("process")}
            assert len(leaders) > len(endured.names)
            assert not leaders & groups_alive()

    def test_its_results_and_reports_can_be_written_and_read(
        self, endured: Endured, tmp_path: Path
    ) -> None:
        results = tmp_path / "results.json"
        endured.results.save(results)
        assert load_results(results) == endured.results
        page, suites, text = (tmp_path / f"report.{kind}" for kind in ("html", "xml", "md"))
        html.write(endured.results, page)
        junit.write_junit(endured.results, suites)
        markdown.write_markdown(endured.results, text)
        assert len(list(ElementTree.parse(suites).iter("testsuite"))) == len(endured.names)
        for report in (page, suites, text):
            assert report.stat().st_size < 4 << 20
            assert "\x1b" not in report.read_text()
            assert "<script>alert" not in report.read_text()


class TestABuildThatFails:
    """What it printed is shown to people: nothing in that acts on their terminal."""

    SHOWN = "␛[2J␛]0;title␇[red]loud[/red][/nonsense]"

    @pytest.fixture
    def ports(self, tmp_path: Path) -> Path:
        loud = r"printf '\033[2J\033]0;title\007[red]loud[/red][/nonsense]\n'; exit 1"
        return make_port(tmp_path / "ports" / "loud", build=["sh", "-c", loud]).parent

    def test_in_the_summary_of_a_run(self, ports: Path, tmp_path: Path) -> None:
        shown = io.StringIO()
        with LocalEngine() as engine:
            print_summary(put(ports, tmp_path, engine), Console(file=shown, width=100))
        assert self.SHOWN in shown.getvalue()
        assert "\x1b" not in shown.getvalue()

    def test_in_an_error_of_a_command(self, ports: Path) -> None:
        arguments = ["probe", "loud", "--engine", "local", "--implementations", str(ports)]
        result = CliRunner().invoke(main, arguments, color=True)
        assert self.SHOWN in result.stderr
        assert "\x1b" not in result.stderr
