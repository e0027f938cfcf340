"""The seven published programs: that they are as published, and what is known to be wrong."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from harness.cases import load_cases
from harness.engines.docker import DockerEngine
from harness.ports import load_ports
from harness.results import Results, Verdict
from harness.run import Source, run
from harness.verdict import Check, Outcome

ROOT = Path(__file__).parent.parent
PUBLISHED = {
    "c": "46eb9147315fdc420e5f33f1f6a1df63208c470ba9581beaa0ffcc86a3411a5b",
    "haskell": "3e617f3099e061516350dcfd2b0c14a07d5859d245a7b7984b4fe04ad20ce781",
    "java": "c4455e69e7c94aae7bfb4cde9d9b647e7db89985a9701374bbdb31b8204c7124",
    "javascript": "610f81c72ea1cb15acd97fea0458061dd1d8c22557de4da3f35a2ec49f4cfd24",
    "julia": "6a03b64093c0fc9898127d19f3a653f4dc7cb9595a96c30d98be6438159f75d1",
    "python": "4cf0b5ee82e95395e537853b167dcf269f1a9eb9981ca39fef836774b709479c",
    "rust": "553902175fecbf414e9964df46f307140ef9bb7c25bc374035d591f9dc87cdec",
}
"""SHA-256 of each listing as it was published, white space removed."""

CASES = (
    "archive-example-3-2-4",
    "by-hand-example",
    "ratio-products",
    "residue-below-pivot",
    "swap-after-zero-first-column",
    "swap-after-zero-middle-column",
    "tiny-pivot-1e-20",
    "wide-consistent",
    "zero-leading-pivot",
)


class Quiet:
    """Progress that nobody watches."""

    def building(self, port: str) -> None: ...
    def asking(self, port: str, cases: int) -> None: ...
    def answered(self, port: str) -> None: ...
    def done(self, port: str, trouble: str) -> None: ...


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_listing_is_as_published(name: str) -> None:
    (port,) = load_ports(ROOT / "implementations", [name])
    text = (port.folder / port.listing).read_bytes()
    assert hashlib.sha256(b"".join(text.split())).hexdigest() == PUBLISHED[name]


@pytest.fixture(scope="module")
def results() -> Results:
    cases = [case for case in load_cases([ROOT / "cases"]) if case.name in CASES]
    ports = load_ports(ROOT / "implementations", list(PUBLISHED))
    with DockerEngine() as engine:
        return run(ports, cases, engine, Quiet(), Source("", "", ""))


def verdict(results: Results, port: str, case: str, check: Check) -> Verdict:
    (found,) = [v for v in results.verdicts if (v.port, v.case, v.check) == (port, case, check)]
    return found


@pytest.mark.docker
class TestInContainers:
    def test_every_port_runs_and_its_own_main_prints_what_is_right(self, results: Results) -> None:
        assert [port.trouble for port in results.ports] == [""] * 7
        for port in PUBLISHED:
            own = verdict(results, port, "published", Check.PUBLISHED_OUTPUT)
            assert own.outcome is Outcome.RIGHT, own.detail

    @pytest.mark.parametrize("port", PUBLISHED)
    def test_the_documents_examples_come_out(self, results: Results, port: str) -> None:
        for case in ("archive-example-3-2-4", "by-hand-example"):
            assert not [
                v.detail
                for v in results.verdicts
                if (v.port, v.case) == (port, case) and v.outcome.deviates
            ]

    def test_java_never_swaps(self, results: Results) -> None:
        case = "zero-leading-pivot"
        assert verdict(results, "java", case, Check.ECHELON_FORM).outcome is Outcome.WRONG
        assert verdict(results, "java", case, Check.SINGULAR_NOTICE).outcome is Outcome.WRONG
        x = verdict(results, "java", case, Check.SOLUTION_VALUE)
        assert (x.outcome, x.follows) == (Outcome.BLOCKED, Check.ECHELON_FORM)
        assert "x is not finite" in x.detail
        tiny = "tiny-pivot-1e-20"
        assert verdict(results, "java", tiny, Check.ECHELON_ROWS).outcome is Outcome.WRONG
        x = verdict(results, "java", tiny, Check.SOLUTION_VALUE)
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
