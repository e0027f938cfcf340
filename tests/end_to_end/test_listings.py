"""The published programs: that they are as published, what is known to be wrong in them, and that
nothing else is; and the project's own ports: that they are right."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from harness.engines.docker.engine import DockerEngine
from harness.inputs.cases import load_cases
from harness.inputs.ports import digest, load_ports
from harness.model.case import Case
from harness.model.check import Check
from harness.model.finding import Finding
from harness.model.port import Port
from harness.model.verdict import Outcome, Variant
from harness.results.schema import Results, VerdictRecord
from harness.run.runner import RunSource, run

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

ONE_MORE = {
    "c": ("sum += x[j] * a[i * cols + j];", "sum += x[j] * a[i * cols + i];"),
    "haskell": ("(m ! (r, cn) - sum' r)", "(m ! (r, cn) + sum' r)"),
    "java": ("a[i][j] -= a[i][col] * a[row][j];", "a[i][j] += a[i][col] * a[row][j];"),
    "javascript": ("a[i][j] -= a[row][j] * scale;", "a[i][j] += a[row][j] * scale;"),
    "julia": ("A[i,col] = 0\n", "A[i,cols] = 0\n"),
    "naive": ("A[row] - m * A[pivot]", "A[row] + m * A[pivot]"),
    "python": ("for r in range(row):", "for r in range(row - 1):"),
    "rust": ("max_value < a[(row, k)].abs()", "max_value > a[(row, k)].abs()"),
}
"""For each listing a line as it stands, and a fault to put in its place."""

FAULTS = {
    "numpy": [
        ("return permutation.T, lower, upper", "return permutation, lower, upper", "lu.product"),
        ("return np.linalg.inv(matrix)", "return np.linalg.inv(matrix.T)", "inverse.value"),
    ],
    "reference": [
        ("lower[k], lower[largest] = lower[largest], lower[k]", "pass", "lu.product"),
        ("            sign = -sign\n", "", "determinant.value"),
        ("value -= multiplier * known", "value += multiplier * known", "forward.value"),
    ],
    "reference-c": [
        ("            swap_rows(n, l[k], l[largest]);\n", "", "lu.product"),
        ("            sign = -sign;\n", "", "determinant.value"),
        ("y[i] -= l[i][j] * y[j];", "y[i] += l[i][j] * y[j];", "forward.value"),
    ],
}
"""For each of the project's own ports lines, faults, and the checks that find them."""

WITH_MAIN = [name for name in PUBLISHED if name != "naive"]
"""The listings that have a main of their own, with an example."""

CORPUS = load_cases([ROOT / "cases"])
PORTS = load_ports(ROOT / "implementations", list(PUBLISHED))
FINDINGS = [(port, finding) for port in PORTS for finding in port.findings]


class Quiet:
    """Progress that nobody watches."""

    def building(self, port: str) -> None: ...
    def asking(self, port: str, cases: int) -> None: ...
    def answered(self, port: str, cases: int = 1) -> None: ...
    def done(self, port: str, trouble: str) -> None: ...


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
    return put(PORTS, CORPUS, engine)


def put(ports: Sequence[Port], cases: Sequence[Case], engine: DockerEngine) -> Results:
    return run(ports, cases, engine, Quiet(), RunSource("", "", ""))


def verdict(results: Results, port: str, case: str, check: Check) -> VerdictRecord:
    about = (port, case, check, Variant.PUBLISHED)
    (found,) = [v for v in results.verdicts if (v.port, v.case, v.check, v.variant) == about]
    return found


def with_fault(folder: Path, name: str, right: str, wrong: str) -> Port:
    """A copy of a port with one line of its listing changed."""
    copy = folder / name
    shutil.copytree(ROOT / "implementations" / name, copy)
    (port,) = load_ports(folder)
    listing, manifest = copy / port.listing, copy / "port.yaml"
    text = listing.read_text()
    assert text.count(right) == 1
    listing.write_text(text.replace(right, wrong))
    manifest.write_text(manifest.read_text().replace(port.digest, digest(listing.read_bytes())))
    (changed,) = load_ports(folder)
    return changed


def told(verdicts: Iterable[VerdictRecord]) -> list[tuple[str, ...]]:
    return [(v.port, v.variant, v.case, v.check, v.outcome, v.detail) for v in verdicts]


@pytest.mark.docker
class TestInContainers:
    def test_every_port_runs_and_its_own_main_prints_what_is_right(self, results: Results) -> None:
        assert [port.trouble for port in results.ports] == [""] * len(PUBLISHED)
        for port in WITH_MAIN:
            own = verdict(results, port, "published", Check.PUBLISHED_OUTPUT)
            assert own.outcome is Outcome.RIGHT, own.detail

    @pytest.mark.parametrize("port", WITH_MAIN)
    def test_the_documents_examples_come_out(self, results: Results, port: str) -> None:
        """Java's too, although it takes smaller pivots all the way."""
        for case in ("archive-example-3-2-4", "by-hand-example"):
            found = {
                v.check
                for v in results.verdicts
                if (v.port, v.variant, v.case) == (port, Variant.PUBLISHED, case)
                and v.outcome.deviates
            }
            assert found == ({Check.ECHELON_PIVOTING} if port == "java" else set())

    def test_java_never_swaps(self, results: Results) -> None:
        pivots = verdict(results, "java", "archive-example-3-2-4", Check.ECHELON_PIVOTING)
        assert pivots.detail == "step 1, column 1: took row 1 (|3|); row 3 has |5|"
        case = "zero-leading-pivot"
        assert verdict(results, "java", case, Check.ECHELON_FORM).outcome is Outcome.WRONG
        notice = verdict(results, "java", case, Check.SINGULAR_NOTICE)
        assert (notice.outcome, notice.follows) == (Outcome.BLOCKED, Check.ECHELON_FORM)
        x = verdict(results, "java", case, Check.SOLUTION_VALUE)
        assert (x.outcome, x.follows) == (Outcome.BLOCKED, Check.ECHELON_FORM)
        assert "x is not finite" in x.detail
        tiny = "tiny-pivot-1e-20"
        pivots = verdict(results, "java", tiny, Check.ECHELON_PIVOTING)
        assert pivots.detail == "step 1, column 1: took row 1 (|1e−20|); row 2 has |1|"
        x = verdict(results, "java", tiny, Check.SOLUTION_VALUE)
        assert (x.outcome, x.follows) == (Outcome.BLOCKED, Check.ECHELON_PIVOTING)
        assert x.detail.startswith("x is wrong: (0, 1) where (1, 1) is expected")

    @pytest.mark.parametrize("port", ["c", "java", "javascript"])
    def test_swaps_go_wrong_after_a_skipped_column(self, results: Results, port: str) -> None:
        for case in ("swap-after-zero-first-column", "swap-after-zero-middle-column"):
            assert verdict(results, port, case, Check.ECHELON_FORM).outcome is Outcome.WRONG

    @pytest.mark.parametrize("port", ["c", "haskell", "java", "javascript", "julia"])
    def test_wide_systems_lead_out_of_the_matrix(self, results: Results, port: str) -> None:
        form = verdict(results, port, "wide-consistent", Check.ECHELON_FORM)
        assert form.outcome is Outcome.CRASHED
        assert port != "c" or "AddressSanitizer: heap-buffer-overflow" in form.detail

    def test_python_leaves_a_residue_that_gauss_jordan_divides_by(self, results: Results) -> None:
        case = "residue-below-pivot"
        assert verdict(results, "python", case, Check.ECHELON_FORM).entries == ((1, 0),)
        rows = verdict(results, "python", case, Check.REDUCED_ROWS)
        assert (rows.outcome, rows.follows) == (Outcome.BLOCKED, Check.ECHELON_FORM)
        assert "3.838e+14" in rows.detail

    def test_haskell_overflows_without_a_word(self, results: Results) -> None:
        x = verdict(results, "haskell", "ratio-products", Check.SOLUTION_VALUE)
        assert x.outcome is Outcome.WRONG

    def test_rust_stops_at_the_first_zero_pivot(self, results: Results) -> None:
        form = verdict(results, "rust", "swap-after-zero-first-column", Check.ECHELON_FORM)
        assert form.outcome is Outcome.DECLINED
        assert "Matrix is singular, aborting" in form.detail
        reduced = verdict(results, "rust", "by-hand-example", Check.REDUCED_FORM)
        assert reduced.outcome is Outcome.ABSENT


@pytest.mark.docker
class TestFindings:
    def test_they_explain_every_deviation_and_patches_correct_it(self, results: Results) -> None:
        assert told(v for v in results.verdicts if v.unexplained) == []
        assert results.complaints == ()
        assert results.exit_status == 0

    @pytest.mark.parametrize(
        ("port", "finding"), FINDINGS, ids=[f"{port.name}-{f.id}" for port, f in FINDINGS]
    )
    def test_a_patch_that_is_taken_away_is_missed(
        self, engine: DockerEngine, port: Port, finding: Finding
    ) -> None:
        others = tuple(replace(f, patch=None) if f is finding else f for f in port.findings)
        cases = [
            case
            for case in CORPUS
            if any(fnmatchcase(case.name, p) for claim in finding.claims for p in claim.cases)
        ]
        left = put([replace(port, findings=others)], cases, engine)
        found = [v for v in left.verdicts if v.variant is Variant.FIXED and v.outcome.deviates]
        assert found
        assert all(verdict.unexplained for verdict in found)
        assert left.exit_status == 1

    @pytest.mark.parametrize("name", ONE_MORE)
    def test_one_more_fault_in_a_listing_is_not_explained(
        self, engine: DockerEngine, tmp_path: Path, name: str
    ) -> None:
        right, wrong = ONE_MORE[name]
        found = put([with_fault(tmp_path, name, right, wrong)], CORPUS, engine)
        unexplained = [verdict for verdict in found.verdicts if verdict.unexplained]
        assert {verdict.variant for verdict in unexplained} == set(Variant)
        assert found.exit_status == 1


@pytest.mark.docker
class TestOwnPorts:
    @pytest.mark.parametrize("name", FAULTS)
    def test_they_are_right_on_the_whole_corpus(self, engine: DockerEngine, name: str) -> None:
        found = put(load_ports(ROOT / "implementations", [name]), CORPUS, engine)
        amiss = (v for v in found.verdicts if v.outcome.deviates or v.outcome is Outcome.BLOCKED)
        assert told(amiss) == []
        assert found.exit_status == 0

    @pytest.mark.parametrize(
        ("name", "right", "wrong", "check"),
        [(name, *fault) for name, faults in FAULTS.items() for fault in faults],
        ids=lambda value: value if value in FAULTS or ("." in value and " " not in value) else "",
    )
    def test_a_fault_in_one_is_found_by_its_check(
        self, engine: DockerEngine, tmp_path: Path, name: str, right: str, wrong: str, check: str
    ) -> None:
        found = put([with_fault(tmp_path, name, right, wrong)], CORPUS, engine)
        assert {v.check for v in found.verdicts if v.outcome.deviates} == {check}
