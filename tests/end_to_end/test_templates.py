"""`harness new` writes complete ports, refuses bad names, and each template conforms."""

from __future__ import annotations

import math
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result

from harness.cli.main import main
from harness.engines.base import Exit, Program
from harness.engines.docker.engine import DockerEngine
from harness.errors import HarnessError
from harness.inputs.ports import compute_digest, load_port, load_ports
from harness.model.answer import Ending, Transcript
from harness.model.number import Value, format_binary64
from harness.model.port import Port
from harness.procedures.registry import PROCEDURES
from harness.protocol.connection import Request
from harness.protocol.session import run_cases
from harness.results.reader import load_results
from harness.runs.answers import build_case_limits
from harness.scaffold.new_port import write_port
from harness.scaffold.templates import find_template, list_templates

HARNESS = str(Path(sys.executable).with_name("harness"))
CASES = Path(__file__).parents[2] / "cases"

ALWAYS = ("C", "Go", "Haskell", "Java", "JavaScript", "Julia", "Python", "Rust")
"""Languages whose base images are those of the ports, except for Go."""

SELDOM = ("C++", "Fortran", "Lua", "OCaml", "R", "Ruby")

New = Callable[..., Result]


@pytest.fixture
def new(implementations: Path) -> New:
    """Run `harness new` in this process."""

    def run(*arguments: str) -> Result:
        command = ["new", *arguments, "--implementations", str(implementations)]
        result = CliRunner().invoke(main, command)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result

    return run


class TestTheTemplates:
    def test_there_is_one_for_each_language(self) -> None:
        assert {template.language for template in list_templates()} == {*ALWAYS, *SELDOM}

    @pytest.mark.parametrize(
        ("asked", "language"),
        [
            ("c", "C"),
            ("C++", "C++"),
            ("cpp", "C++"),
            ("GoLang", "Go"),
            ("js", "JavaScript"),
            ("node", "JavaScript"),
            ("PYTHON", "Python"),
            ("hs", "Haskell"),
            ("r", "R"),
        ],
    )
    def test_a_language_has_several_names_in_either_case(self, asked: str, language: str) -> None:
        template = find_template(asked)
        assert template is not None
        assert template.language == language

    def test_no_name_stands_for_two_languages(self) -> None:
        names = [name for template in list_templates() for name in template.names]
        assert len(names) == len(set(names))

    @pytest.mark.parametrize("asked", ["skeleton", "Tcl", "c#", "java script"])
    def test_other_languages_have_none(self, asked: str) -> None:
        assert find_template(asked) is None

    @pytest.mark.parametrize("language", [*ALWAYS, *SELDOM])
    def test_it_makes_a_port_that_can_be_loaded(self, language: str, implementations: Path) -> None:
        new_port = write_port(implementations, "mine", language)
        port = load_port(new_port.folder)
        assert (port.name, port.language, port.listing) == ("mine", language, new_port.listing)
        assert port.digest == compute_digest((new_port.folder / new_port.listing).read_bytes())
        assert sorted(new_port.files) == sorted(path.name for path in new_port.folder.iterdir())
        assert len(new_port.files) == 3
        assert new_port.blanks == ()

    def test_those_of_ports_that_are_here_share_their_base_images(
        self, implementations: Path
    ) -> None:
        ports = load_ports(CASES.parent / "implementations")
        languages = {port.language for port in ports}
        assert languages <= set(ALWAYS)
        for language in sorted(languages):
            new_port = write_port(implementations, f"{language.lower()}-new", language)
            bases = [port.base for port in ports if port.language == language]
            assert load_port(new_port.folder).base in bases


class TestNew:
    def test_it_says_what_it_wrote_and_what_to_run(self, new: New, implementations: Path) -> None:
        result = new("my-port", "--language", "rust")
        assert result.exit_code == 0
        folder = implementations / "my-port"
        assert f"{folder} has port.yaml, driver.rs and elimination.rs." in result.output
        command = f"harness check --port my-port --implementations {implementations}"
        assert command in result.output

    def test_the_usual_folder_needs_no_option(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        result = CliRunner().invoke(main, ["new", "mine", "--language", "lua"])
        assert result.exit_code == 0
        assert "    harness check --port mine\n" in result.output
        assert (tmp_path / "implementations" / "mine" / "driver.lua").is_file()

    def test_it_lists_the_languages(self, new: New) -> None:
        languages = [line.split()[0] for line in new("--list").output.splitlines()]
        assert languages == sorted((*ALWAYS, *SELDOM), key=str.lower)

    def test_a_language_without_template_gets_a_skeleton(
        self, new: New, implementations: Path
    ) -> None:
        result = new("mine", "--language", "C#")
        assert result.exit_code == 0
        assert "There is no template for `C#`" in result.output
        folder = implementations / "mine"
        assert {path.name for path in folder.iterdir()} == {"port.yaml", "driver.txt"}
        assert (folder / "port.yaml").read_text().startswith("language: C#\n")

    def test_it_names_each_part_of_a_skeleton_to_be_filled_in(
        self, new: New, implementations: Path
    ) -> None:
        output = new("mine", "--language", "Tcl").output
        blanks = [
            f"{path.name}:{number} "
            for path in (implementations / "mine").iterdir()
            for number, line in enumerate(path.read_text().splitlines(), 1)
            if "FILL IN" in line
        ]
        assert len(blanks) >= 9
        assert [blank for blank in blanks if blank not in output] == []

    def test_an_unfilled_skeleton_is_refused_naming_what_is_missing(
        self, new: New, implementations: Path
    ) -> None:
        new("mine", "--language", "Tcl")
        with pytest.raises(HarnessError, match=r"`program\.txt` cannot be read"):
            load_port(implementations / "mine")

    def test_a_name_that_is_nearly_one_of_a_template_is_asked_about(self, new: New) -> None:
        assert "Did you mean `haskell`?" in new("mine", "--language", "haskel").output

    @pytest.mark.parametrize("language", ["yes", "2", "a: b", "#", "C\\", "Gödel"])
    def test_any_name_of_a_language_is_written_as_it_is(
        self, language: str, implementations: Path
    ) -> None:
        folder = write_port(implementations, "mine", language).folder
        (folder / "program.txt").write_text("")
        manifest = (folder / "port.yaml").read_text()
        (folder / "port.yaml").write_text(manifest.replace("0" * 64, compute_digest(b"")))
        assert load_port(folder).language == language

    @pytest.mark.parametrize("name", ["a b", "../out", "ä", "", ".", ".x", "$(x)", "a\n", "x;y"])
    def test_a_name_is_one_that_a_port_may_have(
        self, name: str, new: New, implementations: Path
    ) -> None:
        result = new(name, "--language", "c")
        assert result.exit_code == 2
        assert "cannot be the name of a port\nhint: A name has at most 60 letters" in result.output
        assert not implementations.exists()

    def test_a_folder_that_exists_is_left_alone(self, new: New, implementations: Path) -> None:
        (implementations / "mine").mkdir(parents=True)
        result = new("mine", "--language", "c")
        assert result.exit_code == 2
        assert "is there already\nhint: Choose another name" in result.output
        assert list((implementations / "mine").iterdir()) == []

    def test_an_unwritable_path_is_reported_and_no_file_is_left(
        self, new: New, implementations: Path
    ) -> None:
        implementations.write_text("a file")
        result = new("mine", "--language", "c")
        assert result.exit_code == 2
        assert "cannot be written" in result.output
        assert "hint: Choose another folder" in result.output

    @pytest.mark.parametrize(("words", "missing"), [((), "NAME"), (("mine",), "--language")])
    def test_what_is_missing_is_named(self, words: Sequence[str], missing: str, new: New) -> None:
        result = new(*words)
        assert result.exit_code == 2
        assert f"error: {missing} is missing\nhint: For example: harness new" in result.output

    @pytest.mark.parametrize("language", ["", " ", "a\nb"])
    def test_a_language_has_a_name(self, language: str, new: New) -> None:
        result = new("mine", "--language", language)
        assert result.exit_code == 2
        assert "hint: `harness new --list`" in result.output


def docker_languages() -> Iterator[object]:
    yield from (pytest.param(language, marks=pytest.mark.docker) for language in ALWAYS)
    marks = (pytest.mark.docker, pytest.mark.templates)
    yield from (pytest.param(language, marks=marks) for language in SELDOM)


@pytest.fixture(scope="module", params=docker_languages())
def written(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Port:
    """A port as `harness new` writes it."""
    folder = tmp_path_factory.mktemp("implementations")
    arguments = ["new", "mine", "--language", request.param, "--implementations", str(folder)]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    return load_port(folder / "mine")


@pytest.fixture(scope="module")
def program(written: Port) -> Iterator[Program]:
    with DockerEngine() as engine:
        yield engine.build(written)


SUBSETS = (
    tuple(PROCEDURES),
    ("solve",),
    ("inverse", "rank"),
    ("gauss_jordan", "back_substitution"),
    ("lu", "forward_substitution"),
    ("lu", "backward_substitution"),
    ("forward_substitution", "backward_substitution"),
    ("backward_substitution",),
    ("determinant", "log_determinant"),
    ("least_squares",),
    ("tridiagonal", "cholesky", "conjugate_gradient"),
)


@pytest.mark.docker
@pytest.mark.templates
@pytest.mark.parametrize("language", [*ALWAYS, *SELDOM])
def test_it_conforms_with_every_procedure_and_without_others(
    language: str, implementations: Path, tmp_path: Path
) -> None:
    for number, procedures in enumerate(SUBSETS):
        write_port(implementations, f"mine-{number}", language, procedures)
    command = [HARNESS, "check", "--implementations", implementations, "--cases", CASES]
    process = subprocess.run([*command, "--out", tmp_path], capture_output=True, text=True)
    assert process.returncode == 0, process.stdout + process.stderr
    results = load_results(tmp_path / "results.jsonl")
    assert len(results.ports) == len(SUBSETS)
    assert [verdict for verdict in results.verdicts if verdict.outcome.deviates] == []


def list_difficult_numbers() -> tuple[float, ...]:
    """Return doubles that a careless reader or printer changes."""
    random = Random(5)
    patterns = (struct.unpack("<d", random.randbytes(8))[0] for _ in range(1000))
    return (
        *(2.0, -0.0, 0.1, 1e-300, 5e-324, -1e-310, sys.float_info.min, sys.float_info.max),
        *(2.225073858507201e-308, 1e22, 1e23, 2.0**53 - 1, 2.0**53 + 2, -(2.0**63), 2.0**64),
        *(random.gauss(0, 1) for _ in range(1000)),
        *(number for number in patterns if math.isfinite(number)),
    )


def build_request(name: str, rows: Sequence[Sequence[float]]) -> Request:
    lines = [f"case {name} {len(rows)} {len(rows[0])} 1"]
    lines += [" ".join(map(format_binary64, row)) for row in rows]
    return Request(name, "\n".join([*lines, ""]).encode(), len(rows) * len(rows[0]))


class TestEachTemplate:
    def test_it_conforms_on_the_whole_corpus(self, written: Port, tmp_path: Path) -> None:
        command = [HARNESS, "check", "--implementations", written.folder.parent, "--cases", CASES]
        process = subprocess.run([*command, "--out", tmp_path], capture_output=True, text=True)
        assert process.returncode == 0, process.stdout + process.stderr
        results = load_results(tmp_path / "results.jsonl")
        assert results.verdicts
        assert [verdict for verdict in results.verdicts if verdict.outcome.deviates] == []

    def test_every_double_is_read_and_printed_as_it_is(
        self, written: Port, program: Program
    ) -> None:
        numbers = list_difficult_numbers()
        rows = [numbers[start : start + 50] for start in range(0, len(numbers) - 50, 50)]
        # Elimination leaves a single row as it is.
        requests = [build_request(f"row-{index}", [row]) for index, row in enumerate(rows)]
        answers = self.ask(program, requests, written)
        printed = [self.read_stage(answer, "echelon") for answer in answers]
        assert [self.mark_signs(row) for (row,) in printed] == [
            self.mark_signs(row) for row in rows
        ]

    def test_what_is_not_finite_is_printed_so_that_it_is_understood(
        self, written: Port, program: Program
    ) -> None:
        request = build_request("overflows", [[1, 0, 1, 1], [0, 5e-324, 1e300, -1e300]])
        (answer,) = self.ask(program, [request], written)
        first, second = self.read_stage(answer, "reduced")
        assert list(map(math.isnan, first)) == [False, False, True, True]
        assert second == (0, 1, math.inf, -math.inf)

    def test_it_ends_when_its_input_ends(self, written: Port, program: Program) -> None:
        process = program.start(written.run)
        process.close_input()
        while not process.output_closed:
            process.receive(1.0)
        assert process.stop(grace=written.seconds_to_start) == Exit(0)

    def ask(
        self, program: Program, requests: Sequence[Request], port: Port
    ) -> tuple[Transcript, ...]:
        answers = tuple(run_cases(program, port.run, requests, build_case_limits(port)))
        assert {answer.ending for answer in answers} == {Ending.COMPLETED}
        return answers

    def read_stage(self, answer: Transcript, label: str) -> tuple[tuple[Value, ...], ...]:
        return next(stage.rows for stage in answer.stages.values() if stage.label == label)

    def mark_signs(self, row: Sequence[Value]) -> list[tuple[Value, float]]:
        """Return the numbers with their signs, so that -0.0 and 0 differ."""
        return [(number, math.copysign(1, number)) for number in row]
