"""The published programs are unchanged and have exactly their known faults; the project's own ports
are correct."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pytest

from harness.engines.docker.engine import DockerEngine
from harness.inputs.cases import load_cases
from harness.inputs.ports import compute_digest, load_ports
from harness.model.check import Check
from harness.model.finding import Finding
from harness.model.port import Port
from harness.model.verdict import Outcome, Variant
from harness.results.results import Results
from harness.results.schema import VerdictRecord
from harness.runs.progress import SILENT
from harness.runs.runner import RunSource, run

ROOT = Path(__file__).parents[2]
PUBLISHED = {
    "c": "46eb9147315fdc420e5f33f1f6a1df63208c470ba9581beaa0ffcc86a3411a5b",
    "haskell": "3e617f3099e061516350dcfd2b0c14a07d5859d245a7b7984b4fe04ad20ce781",
    "java": "c4455e69e7c94aae7bfb4cde9d9b647e7db89985a9701374bbdb31b8204c7124",
    "javascript": "610f81c72ea1cb15acd97fea0458061dd1d8c22557de4da3f35a2ec49f4cfd24",
    "julia": "6a03b64093c0fc9898127d19f3a653f4dc7cb9595a96c30d98be6438159f75d1",
    "naive": "16c531053097fa9d54f6664c206bc128ef22576ebf5a2d7225c018865a85444c",
    "python": "4cf0b5ee82e95395e537853b167dcf269f1a9eb9981ca39fef836774b709479c",
    "rust": "553902175fecbf414e9964df46f307140ef9bb7c25bc374035d591f9dc87cdec",
}
"""SHA-256 of each listing as it was published, white space removed."""

ADDITIONAL_FAULTS = {
    "c": ("sum += x[j] * a[i * cols + j];", "sum += x[j] * a[i * cols + i];"),
    "haskell": ("(m ! (r, cn) - sum' r)", "(m ! (r, cn) + sum' r)"),
    "java": ("a[i][j] -= a[i][col] * a[row][j];", "a[i][j] += a[i][col] * a[row][j];"),
    "javascript": ("a[i][j] -= a[row][j] * scale;", "a[i][j] += a[row][j] * scale;"),
    "julia": ("A[i,col] = 0\n", "A[i,cols] = 0\n"),
    "naive": ("A[row] - m * A[pivot]", "A[row] + m * A[pivot]"),
    "python": ("for r in range(row):", "for r in range(row - 1):"),
    "rust": ("max_value < a[(row, k)].abs()", "max_value > a[(row, k)].abs()"),
}
"""For each listing a line, and a fault to replace it."""

OWN_PORTS = ("numpy", "reference", "reference-c")
"""The project's own ports."""

OWN_FAULTS = {
    "numpy-lu": ("return permutation.T, lower, upper", "return permutation, lower, upper"),
    "numpy-inverse": ("return np.linalg.inv(matrix)", "return np.linalg.inv(matrix.T)"),
    "numpy-logarithm": (
        "return float(sign), float(logarithm)",
        "return float(sign), 2 * logarithm",
    ),
    "numpy-cholesky": ("return np.tril(factor)", "return factor"),
    "reference-lu": ("lower[k], lower[largest] = lower[largest], lower[k]", "pass"),
    "reference-forward": ("value -= multiplier * known", "value += multiplier * known"),
    "reference-tridiagonal": ("x[i] -= multipliers[i] *", "x[i] += multipliers[i] *"),
    "reference-least-squares": ("factor = 2 * sum(", "factor = sum("),
    "reference-gradient": ("[r + square / before * d", "[r - square / before * d"),
    "reference-c-lu": ("            swap_rows(n, l[k], l[largest]);\n", ""),
    "reference-c-sign": ("            sign = -sign;\n", ""),
    "reference-c-forward": ("y[i] -= l[i][j] * y[j];", "y[i] += l[i][j] * y[j];"),
    "reference-c-cholesky": ("rest -= a[i][k] * a[j][k];", "rest += a[i][k] * a[j][k];"),
}
"""Lines of these ports, and faults to replace them, by the port's name and what is at fault."""

DETECTING_CHECKS = {
    "numpy-lu": {"lu.product"},
    "numpy-inverse": {"inverse.value"},
    "numpy-logarithm": {"log_determinant.value"},
    "numpy-cholesky": {"cholesky.triangle"},
    "reference-lu": {"lu.product"},
    "reference-forward": {"forward.value"},
    "reference-tridiagonal": {"tridiagonal.value"},
    "reference-least-squares": {"least_squares.residual"},
    "reference-gradient": {"conjugate_gradient.residual"},
    "reference-c-lu": {"lu.product"},
    "reference-c-sign": {"determinant.value", "log_determinant.value"},
    "reference-c-forward": {"forward.value"},
    "reference-c-cholesky": {"cholesky.product"},
}
"""The checks that deviate for each fault."""

WITH_MAIN = [name for name in PUBLISHED if name != "naive"]
"""The listings that have a main of their own, with an example."""

CORPUS = load_cases([ROOT / "cases"])
PORTS = load_ports(ROOT / "implementations", list(PUBLISHED))
FINDINGS = [(port, finding) for port in PORTS for finding in port.findings]


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_listing_is_as_published(name: str) -> None:
    (port,) = load_ports(ROOT / "implementations", [name])
    text = (port.folder / port.listing).read_bytes()
    assert hashlib.sha256(b"".join(text.split())).hexdigest() == PUBLISHED[name]


@pytest.fixture(scope="module")
def engine() -> Iterator[DockerEngine]:
    with DockerEngine() as engine:
        yield engine


@pytest.fixture(scope="module")
def results(engine: DockerEngine) -> Results:
    return run_corpus(PORTS, engine, proves=True)


@pytest.fixture(scope="module")
def faulty_results(engine: DockerEngine, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """One run of all listings, each with one more fault."""
    ports = [
        make_port_with_fault(tmp_path_factory.mktemp(name), name, right, wrong)
        for name, (right, wrong) in ADDITIONAL_FAULTS.items()
    ]
    return run_corpus(ports, engine)


@pytest.fixture(scope="module")
def own_results(engine: DockerEngine, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """One run of the project's own ports: as they are, and each with one fault."""
    folder = tmp_path_factory.mktemp("own")
    faulty = [
        make_port_with_fault(folder, find_own_port(name), *fault, name=name)
        for name, fault in OWN_FAULTS.items()
    ]
    return run_corpus([*load_ports(ROOT / "implementations", OWN_PORTS), *faulty], engine)


def find_own_port(name: str) -> str:
    """Return the port whose name a fault begins with: `reference-c` for `reference-c-lu`."""
    return max((port for port in OWN_PORTS if name.startswith(port)), key=len)


def run_corpus(ports: Sequence[Port], engine: DockerEngine, proves: bool = False) -> Results:
    source = RunSource("", "", "", proves_findings=proves)
    return run(ports, CORPUS, engine, SILENT, source)


def find_verdict(results: Results, port: str, case: str, check: Check) -> VerdictRecord:
    key = (port, case, check, Variant.PUBLISHED)
    (verdict,) = [v for v in results.verdicts if (v.port, v.case, v.check, v.variant) == key]
    return verdict


def make_port_with_fault(
    folder: Path, port_name: str, right: str, wrong: str, name: str = ""
) -> Port:
    """Return a copy of a port with one line of its listing changed, under its name or another."""
    name = name or port_name
    copy = folder / name
    shutil.copytree(ROOT / "implementations" / port_name, copy)
    (port,) = load_ports(folder, [name])
    listing, manifest = copy / port.listing, copy / "port.yaml"
    text = listing.read_text()
    assert text.count(right) == 1
    listing.write_text(text.replace(right, wrong))
    manifest.write_text(
        manifest.read_text().replace(port.digest, compute_digest(listing.read_bytes()))
    )
    (changed,) = load_ports(folder, [name])
    return changed


def summarise(verdicts: Iterable[VerdictRecord]) -> list[tuple[str, ...]]:
    return [(v.port, v.variant, v.case, v.check, v.outcome, v.detail) for v in verdicts]


@pytest.mark.docker
class TestInContainers:
    def test_every_port_runs_and_its_own_main_prints_what_is_right(self, results: Results) -> None:
        assert [port.trouble for port in results.ports] == [""] * len(PUBLISHED)
        for port in WITH_MAIN:
            own = find_verdict(results, port, "published", "published.output")
            assert own.outcome is Outcome.RIGHT, own.detail

    @pytest.mark.parametrize("port", WITH_MAIN)
    def test_the_articles_examples_are_right(self, results: Results, port: str) -> None:
        """Java's too, although it takes smaller pivots at every step."""
        for case in ("archive-example-3-2-4", "by-hand-example"):
            deviating_checks = {
                v.check
                for v in results.verdicts
                if (v.port, v.variant, v.case) == (port, Variant.PUBLISHED, case)
                and v.outcome.deviates
            }
            assert deviating_checks == ({"echelon.pivoting"} if port == "java" else set())

    def test_java_never_swaps(self, results: Results) -> None:
        pivots = find_verdict(results, "java", "archive-example-3-2-4", "echelon.pivoting")
        assert pivots.detail == "step 1, column 1: took row 1 (|3|); row 3 has |5|"
        case = "zero-leading-pivot"
        assert find_verdict(results, "java", case, "echelon.form").outcome is Outcome.WRONG
        notice = find_verdict(results, "java", case, "singular.notice")
        assert (notice.outcome, notice.follows) == (Outcome.BLOCKED, "echelon.form")
        x = find_verdict(results, "java", case, "solution.value")
        assert (x.outcome, x.follows) == (Outcome.BLOCKED, "echelon.form")
        assert "x is not finite" in x.detail
        tiny = "tiny-pivot-1e-20"
        pivots = find_verdict(results, "java", tiny, "echelon.pivoting")
        assert pivots.detail == "step 1, column 1: took row 1 (|1e−20|); row 2 has |1|"
        x = find_verdict(results, "java", tiny, "solution.value")
        assert (x.outcome, x.follows) == (Outcome.BLOCKED, "echelon.pivoting")
        assert x.detail.startswith("x is wrong: (0, 1) where (1, 1) is expected")

    @pytest.mark.parametrize("port", ["c", "java", "javascript"])
    def test_swaps_go_wrong_after_a_skipped_column(self, results: Results, port: str) -> None:
        for case in ("swap-after-zero-first-column", "swap-after-zero-middle-column"):
            assert find_verdict(results, port, case, "echelon.form").outcome is Outcome.WRONG

    @pytest.mark.parametrize("port", ["c", "haskell", "java", "javascript", "julia"])
    def test_wide_systems_cause_access_beyond_the_matrix(self, results: Results, port: str) -> None:
        form = find_verdict(results, port, "wide-consistent", "echelon.form")
        assert form.outcome is Outcome.CRASHED
        assert port != "c" or "AddressSanitizer: heap-buffer-overflow" in form.detail

    def test_python_leaves_a_residue_that_gauss_jordan_divides_by(self, results: Results) -> None:
        case = "residue-below-pivot"
        assert find_verdict(results, "python", case, "echelon.form").entries == ((1, 0),)
        rows = find_verdict(results, "python", case, "reduced.rows")
        assert (rows.outcome, rows.follows) == (Outcome.BLOCKED, "echelon.form")
        assert "3.838e+14" in rows.detail

    def test_haskell_overflows_without_an_error(self, results: Results) -> None:
        x = find_verdict(results, "haskell", "ratio-products", "solution.value")
        assert x.outcome is Outcome.WRONG

    def test_rust_stops_at_the_first_zero_pivot(self, results: Results) -> None:
        form = find_verdict(results, "rust", "swap-after-zero-first-column", "echelon.form")
        assert form.outcome is Outcome.DECLINED
        assert "Matrix is singular, aborting" in form.detail
        reduced = find_verdict(results, "rust", "by-hand-example", "reduced.form")
        assert reduced.outcome is Outcome.ABSENT


@pytest.mark.docker
class TestFindings:
    def test_they_explain_every_deviation_and_patches_correct_it(self, results: Results) -> None:
        assert summarise(v for v in results.verdicts if v.unexplained) == []
        assert results.complaints == ()
        assert results.exit_status == 0

    @pytest.mark.parametrize(
        ("port", "finding"), FINDINGS, ids=[f"{port.name}-{f.id}" for port, f in FINDINGS]
    )
    def test_a_removed_patch_leaves_its_deviations(
        self, results: Results, port: Port, finding: Finding
    ) -> None:
        """The run itself leaves each patch out, and records which deviations remain."""
        proofs = [p for p in results.proofs if (p.port, p.finding) == (port.name, finding.id)]
        assert [proof for proof in proofs if finding.id in proof.necessary]
        assert all(proof.holds for proof in proofs)

    @pytest.mark.parametrize("name", ADDITIONAL_FAULTS)
    def test_one_more_fault_in_a_listing_is_not_explained(
        self, faulty_results: Results, name: str
    ) -> None:
        unexplained = [v for v in faulty_results.verdicts if v.unexplained and v.port == name]
        assert {verdict.variant for verdict in unexplained} == set(Variant)
        assert faulty_results.exit_status == 1


@pytest.mark.docker
class TestOwnPorts:
    @pytest.mark.parametrize("name", OWN_PORTS)
    def test_they_are_right_on_the_whole_corpus(self, own_results: Results, name: str) -> None:
        (port,) = [port for port in own_results.ports if port.name == name]
        assert port.trouble == ""
        deviations = (
            v
            for v in own_results.verdicts
            if v.port == name and (v.outcome.deviates or v.outcome is Outcome.BLOCKED)
        )
        assert summarise(deviations) == []

    @pytest.mark.parametrize("name", OWN_FAULTS)
    def test_a_fault_in_one_is_found_by_its_checks(self, own_results: Results, name: str) -> None:
        verdicts = [v for v in own_results.verdicts if v.port == name]
        assert {v.check for v in verdicts if v.outcome.deviates} == DETECTING_CHECKS[name]
