"""`harness new --listing` makes a port of a program with a main of its own, in every language."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli.main import main
from harness.engines.base import Program
from harness.engines.docker.engine import DockerEngine
from harness.errors import HarnessError
from harness.inputs.ports import compute_digest, load_port
from harness.model.answer import Ending, Transcript
from harness.model.number import Value
from harness.model.port import Port
from harness.procedures.registry import PROCEDURES
from harness.protocol.connection import Request
from harness.protocol.session import run_cases
from harness.runs.answers import build_case_limits
from harness.scaffold.new_port import write_port
from harness.scaffold.templates import list_templates
from support.adaptations import ADAPTATIONS, LISTINGS, REFUSALS, adapt
from support.adaptations import PROCEDURES as ADAPTED_PROCEDURES

LANGUAGES = tuple(ADAPTATIONS)


def new(*arguments: object) -> Result:
    result = CliRunner().invoke(main, ["new", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


class TestTheFolder:
    def test_every_language_has_a_program_to_try(self) -> None:
        assert {template.language for template in list_templates()} == {*LANGUAGES}

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_manifest_fits_the_listing(self, language: str, implementations: Path) -> None:
        listing = LISTINGS / ADAPTATIONS[language][0]
        port = write_port(implementations, "mine", language, ADAPTED_PROCEDURES, [listing])
        loaded = load_port(port.folder)
        assert (loaded.listing, loaded.procedures) == (listing.name, ADAPTED_PROCEDURES)
        assert loaded.digest == compute_digest(listing.read_bytes())
        assert (port.folder / listing.name).read_bytes() == listing.read_bytes()
        assert len(port.files) == 3

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_there_is_one_place_to_adapt_for_each_procedure(
        self, language: str, implementations: Path
    ) -> None:
        listing = LISTINGS / ADAPTATIONS[language][0]
        for name in PROCEDURES:
            port = write_port(implementations, name, language, [name], [listing])
            (blank,) = (blank for blank in port.blanks if blank.file != "port.yaml")
            lines = (port.folder / blank.file).read_text().splitlines()
            assert "ADAPT" in lines[blank.line - 1]
            assert blank.meaning

    def test_what_is_left_to_do_is_listed(self, implementations: Path) -> None:
        arguments = ["--procedures", "rank,solve", "--implementations", implementations]
        result = new("mine", "--language", "c", "--listing", LISTINGS / "gauss.c", *arguments)
        assert result.exit_code == 0
        assert f"{implementations / 'mine'} has port.yaml, driver.c and gauss.c." in result.output
        lines = result.output.splitlines()
        assert [line.split(maxsplit=1)[1] for line in lines if "driver.c:" in line] == [
            "the solution x of A x = b",
            "the rank of A",
        ]
        assert any("port.yaml:4" in line and "published" in line for line in lines)
        assert lines[-2:] == [
            f"    harness {command} mine --implementations {implementations}"
            for command in ("probe", "check --port")
        ]

    def test_other_files_are_copied_beside_the_first(
        self, implementations: Path, tmp_path: Path
    ) -> None:
        header, source = tmp_path / "matrix.h", tmp_path / "matrix.c"
        header.write_text("/* header */\n")
        source.write_text("/* source */\n")
        listings = [LISTINGS / "gauss.c", header, source]
        port = write_port(implementations, "mine", "c", ["solve"], listings)
        assert (port.folder / "matrix.h").read_text() == "/* header */\n"
        (command,) = load_port(port.folder).build
        assert "matrix.c" in command
        assert "matrix.h" not in command
        assert load_port(port.folder).listing == "gauss.c"

    def test_a_language_without_a_template_gets_it_too(self, implementations: Path) -> None:
        port = write_port(implementations, "mine", "Tcl", ["solve"], [LISTINGS / "gauss.lua"])
        assert load_port(port.folder).procedures == ("solve",)
        assert not port.has_template

    def test_procedures_are_in_the_order_of_a_driver(self, implementations: Path) -> None:
        port = write_port(implementations, "mine", "python", ["rank", "inverse", "rank", "solve"])
        assert load_port(port.folder).procedures == ("solve", "inverse", "rank")


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("procedures", "message"),
        [
            ("solv", "there is no procedure `solv`\nhint: Did you mean `solve`?"),
            ("", "no procedure is chosen"),
            ("back_substitution", "template's `back_substitution` works on an eliminated matrix"),
        ],
    )
    def test_procedures(self, procedures: str, message: str, implementations: Path) -> None:
        arguments = ["--procedures", procedures, "--implementations", implementations]
        result = new("mine", "--language", "c", *arguments)
        assert result.exit_code == 2
        assert message in result.output
        assert not implementations.exists()

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("driver.c", "`driver.c` is the name of another file of the port"),
            ("PORT.yaml", "`PORT.yaml` is the name of another file of the port"),
            ("a b.c", "`a b.c` cannot be the name of a listing"),
            ("-o.c", "`-o.c` cannot be the name of a listing"),
            ("$(x).c", "cannot be the name of a listing"),
        ],
    )
    def test_names_of_listings(
        self, name: str, message: str, implementations: Path, tmp_path: Path
    ) -> None:
        (tmp_path / name).write_text("")
        with pytest.raises(HarnessError) as caught:
            write_port(implementations, "mine", "c", ["solve"], [tmp_path / name])
        assert message in caught.value.message
        assert caught.value.hint
        assert not implementations.exists()

    def test_two_listings_with_one_name(self, implementations: Path, tmp_path: Path) -> None:
        (tmp_path / "gauss.c").write_text("")
        with pytest.raises(HarnessError, match="name of another file"):
            write_port(
                implementations,
                "mine",
                "c",
                ["solve"],
                [LISTINGS / "gauss.c", tmp_path / "gauss.c"],
            )

    @pytest.mark.parametrize("name", ["missing.c", "."])
    def test_a_listing_that_cannot_be_read(
        self, name: str, implementations: Path, tmp_path: Path
    ) -> None:
        result = new(
            *("mine", "--language", "c", "--listing", tmp_path / name / "x.c"),
            *("--implementations", implementations),
        )
        assert result.exit_code == 2
        assert "cannot be read" in result.output
        assert not implementations.exists()


ALWAYS = ("C", "Haskell", "Java", "JavaScript", "Julia", "Python", "Rust")
"""Languages of which the ports of this repository have base images."""


def docker_languages() -> Iterator[object]:
    for language in LANGUAGES:
        marks = [pytest.mark.docker] + ([] if language in ALWAYS else [pytest.mark.templates])
        yield pytest.param(language, marks=marks)


@pytest.fixture(scope="module", params=docker_languages())
def adapted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Port:
    """A port of a program that people bring, after they have adapted the driver."""
    language: str = request.param
    listing = LISTINGS / ADAPTATIONS[language][0]
    folder = tmp_path_factory.mktemp("implementations")
    port = write_port(folder, "mine", language, ADAPTED_PROCEDURES, [listing])
    adapt(port.folder, language)
    return load_port(port.folder)


@pytest.fixture(scope="module")
def program(adapted: Port) -> Iterator[Program]:
    with DockerEngine() as engine:
        yield engine.build(adapted)


REQUESTS = {
    "regular": "2 4 2\n2 1 5 1\n1 3 10 0\n",
    "singular": "2 3 1\n1 2 3\n2 4 7\n",
    "one-by-one": "1 2 1\n-4 2\n",
    "zero": "1 2 1\n0 2\n",
    "permuted": "3 4 1\n0 0 2 2\n1 0 0 3\n0 4 0 4\n",
    "wide": "1 3 1\n1 2 3\n",
    "tall": "2 2 1\n1 3\n2 6\n",
}
"""Systems with their sizes."""


class TestEachLanguage:
    @pytest.fixture(scope="class")
    def answers(self, program: Program, adapted: Port) -> dict[str, Transcript]:
        requests = [
            Request(name, f"case {name} {text}".encode(), 20) for name, text in REQUESTS.items()
        ]
        answers = run_cases(program, adapted.run, requests, build_case_limits(adapted))
        return {answer.case: answer for answer in answers}

    def test_no_case_ends_the_process(self, answers: dict[str, Transcript]) -> None:
        endings = {(answer.ending, answer.discontinuity) for answer in answers.values()}
        assert endings == {(Ending.COMPLETED, None)}

    @pytest.mark.parametrize(
        ("case", "results"),
        [
            (
                "regular",
                {
                    "solve": [[1, 0.6], [3, -0.2]],
                    "inverse": [[0.6, -0.2], [-0.2, 0.4]],
                    "determinant": [[5]],
                },
            ),
            ("one-by-one", {"solve": [[-0.5]], "inverse": [[-0.25]], "determinant": [[-4]]}),
            (
                "permuted",
                {
                    "solve": [[3], [1], [1]],
                    "inverse": [[0, 1, 0], [0, 0, 0.25], [0.5, 0, 0]],
                    "determinant": [[8]],
                },
            ),
        ],
    )
    def test_each_right_hand_side_is_solved_and_each_matrix_inverted(
        self, case: str, results: dict[str, list[list[float]]], answers: dict[str, Transcript]
    ) -> None:
        assert not answers[case].messages
        for label, rows in results.items():
            printed = answers[case].stages[label].rows
            assert self.to_floats(printed) == pytest.approx(self.to_floats(rows)), label

    def test_what_it_returns_in_place_of_a_result_is_a_refusal(
        self, adapted: Port, answers: dict[str, Transcript]
    ) -> None:
        solve, inverse = REFUSALS[adapted.language]
        refusals = answers["singular"].refusals
        assert (refusals["solve"], refusals["inverse"]) == (solve, inverse)
        assert answers["zero"].refusals.keys() >= {"solve", "inverse"}

    def test_an_exception_and_an_exit_are_failures(
        self, adapted: Port, answers: dict[str, Transcript]
    ) -> None:
        answer = answers["singular"]
        # Fortran has no exceptions: the driver asks whether the result is a number.
        messages = answer.refusals if adapted.language == "Fortran" else answer.failures
        assert messages["determinant"]
        assert answer.messages.keys() == {*ADAPTED_PROCEDURES}

    @pytest.mark.parametrize("case", ["wide", "tall"])
    def test_what_is_not_square_is_not_handed_to_a_program_for_square_matrices(
        self, case: str, answers: dict[str, Transcript]
    ) -> None:
        assert not answers[case].messages
        assert not answers[case].stages

    def test_what_the_program_prints_by_itself_is_in_no_case(
        self, answers: dict[str, Transcript]
    ) -> None:
        assert not any(answer.remarks for answer in answers.values())

    def to_floats(self, rows: object) -> list[float]:
        assert isinstance(rows, (list, tuple))
        values: list[Value] = [value for row in rows for value in row]
        assert all(math.isfinite(value) for value in values)
        return [float(value) for value in values]
