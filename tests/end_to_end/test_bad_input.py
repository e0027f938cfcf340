"""Tests of invalid input: each file is either read or refused with a short message.

The files of this repository are changed in many ways, by bytes, lines and values. Other test
modules contain the mistakes that people make.
"""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.cli.main import main
from harness.errors import HarnessError, ManifestError
from harness.inputs.port_files import read_build_files
from harness.inputs.ports import load_port
from harness.model.port import patch_port
from harness.model.verdict import Outcome
from harness.results.reader import load_results
from support.ports import FINDING, WriteCases, WritePort, make_port

ROOT = Path(__file__).parents[2]
CASE_FILES = sorted((ROOT / "cases").glob("*.yaml"))
FOLDERS = sorted(path.parent for path in (ROOT / "implementations").glob("*/findings.yaml"))
LARGE = 100_000_000
SECONDS = 5.0
"""A limit that no refusal reaches, however large the file is."""


PLACE_PATTERN = r"(:\d+(:\d+)?: |: empty$|: larger than |: cannot be read: )"


def fuzzing(examples: int) -> settings:
    """Return settings for this number of examples, which share the temporary folder of a test."""
    known = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=examples, deadline=None, suppress_health_check=known)


INVALID_FRAGMENTS = [
    *(b"\0", b"\xff", b"\t", b"\r", b"\x1b[31m", b"\xef\xbb\xbf", b"\xc2\x85", b"\xe2\x80\xa8"),
    *(b"&a ", b"*a", b"<<: ", b"!!python/object:os.system ", b"---\n", b"%YAML 9\n", b"? ", b"- "),
    *(b"[", b"]", b"{", b"}", b"|", b">", b"'", b'"', b"#", b":", b"[" * 50, b"~", b"..", b"/"),
    *(b"nan", b".inf", b"1e999999", b"-1", b"0", b"1/0", b"9" * 5000, b"99-3", "٣".encode()),
    *(b"--- a/x\n+++ b/x\n", b"@@ -0 +1 @@\n", b"@@ -" + b"9" * 5000 + b" +1 @@\n", b"\\ No\n"),
]
"""Texts that are inserted into files, where they are not valid."""

REPLACEMENT_VALUES: list[Any] = [
    *(None, True, 0, -1, 10**30, 1e308, "NaN", "-Infinity", "1e999", "1/0", ""),
    *("x" * 100_000, "\x1b[31m\n", "<script>", "../../x", "published", [], {}, [[]], [["1"], []]),
]


@st.composite
def spoilt(draw: st.DrawFn, files: Sequence[Path]) -> tuple[Path, bytes]:
    """Return one of the files and its content, with some of its bytes or values changed."""
    file = draw(st.sampled_from(files))
    data = file.read_bytes()
    if file.suffix == ".patch" or draw(st.booleans()):
        return file, spoil_text(draw, data)
    if file.suffix == ".jsonl":
        lines = spoil_value(draw, [json.loads(line) for line in data.splitlines()])
        return file, "".join(f"{json.dumps(line)}\n" for line in lines).encode()
    return file, yaml.safe_dump(spoil_value(draw, yaml.safe_load(data))).encode()


def spoil_text(draw: st.DrawFn, data: bytes) -> bytes:
    """Return a text with a few bytes, lines or words changed."""
    for _ in range(draw(st.integers(1, 4))):
        separator = draw(st.sampled_from([b"", b"\n", b" "]))
        parts = data.split(separator) if separator else [data[i : i + 1] for i in range(len(data))]
        at = draw(st.integers(0, len(parts)))
        length = draw(st.sampled_from([0, 0, 1, 2, 20]))
        fragments = st.one_of(st.sampled_from(INVALID_FRAGMENTS), st.binary(max_size=3))
        inserted = draw(st.lists(st.one_of(fragments, st.sampled_from(parts or [b""])), max_size=2))
        data = separator.join([*parts[:at], *inserted, *parts[at + length :]])
    return data


def routes(value: Any, route: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the sequence of keys to every value inside a value."""
    if isinstance(value, dict | list):
        for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
            yield (*route, key)
            yield from routes(inner, (*route, key))


def spoil_value(draw: st.DrawFn, value: Any) -> Any:
    """Return a value in which some inner values are replaced, duplicated or removed."""
    for _ in range(draw(st.integers(1, 2))):
        # Of the many numbers in a matrix, only one can be chosen.
        kinds = {tuple("" if isinstance(key, int) else key for key in r): r for r in routes(value)}
        *parents, last = draw(st.sampled_from(list(kinds.values())))
        container = value
        for key in parents:
            container = container[key]
        replacement = draw(
            st.one_of(st.sampled_from(REPLACEMENT_VALUES), st.just(value), st.none())
        )
        if replacement is None:
            del container[last]
        elif replacement is value and isinstance(container, list):
            container.insert(last, copy.deepcopy(container[last]))
        else:
            container[last] = copy.deepcopy(replacement)
        if not value:
            break
    return value


def invoke(*arguments: object) -> Result:
    """Run a command in this process, and check that no exception leaves it."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def read_refusal(result: Result) -> str:
    """Check that a command refused its input in two short lines, and return its error."""
    assert result.exit_code == 2
    assert result.stdout == ""
    error, hint = result.stderr.splitlines()
    assert error.startswith("error: ")
    assert hint.startswith("hint: ")
    assert len(result.stderr) < 2_000
    assert "\x1b" not in result.stderr
    return error.removeprefix("error: ")


def is_user_error(error: HarnessError, *files: Path) -> bool:
    """Return whether an error names a position in one of the files, is short, and has a hint."""
    names_place = any(
        re.match(re.escape(str(file)) + PLACE_PATTERN, error.message) for file in files
    )
    return names_place and len(error.message) < 700 and 0 < len(error.hint) < 2_000


@contextmanager
def assert_quick() -> Iterator[None]:
    """Check that the block takes less than SECONDS."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < SECONDS


def make_large(path: Path) -> Path:
    """Create a sparse file of 100 MB."""
    with path.open("wb") as file:
        file.truncate(LARGE)
    return path


class TestCaseFiles:
    @fuzzing(150)
    @given(spoilt(CASE_FILES))
    def test_a_spoilt_one_is_read_or_refused_with_the_place(
        self, tmp_path: Path, file: tuple[Path, bytes]
    ) -> None:
        path = tmp_path / "cases.yaml"
        path.write_bytes(file[1])
        # No case has this name, so nothing is run even if the file can be read.
        message = read_refusal(invoke("check", "--cases", path, "--case", "no such case"))
        assert re.match(
            rf"{re.escape(str(path))}{PLACE_PATTERN}|there is no case `no such case`", message
        )

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("a: &a [x, x]\nb: &b [*a, *a]\n", ":1:4: anchors and aliases are not supported"),
            ("cases: [{<<: {name: a}}]\n", ":1:10: `<<` is not known here"),
            ("cases: !!python/object:os.system [ls]\n", ":1:8: the tag "),
            ("kind: regular\nkind: regular\n", ":2:1: the key `kind` is repeated"),
            ("kind: regular\ncases:\n\t- name: a\n", ":3:1: not YAML: "),
            ("\ufeffkind: rectangular\ncases: [{}]\n", ":1:7: `kind` should be 'regular'"),
            ("[" * 100_000, ":1:22: nested more than 20 deep"),
            ("{a: " * 100_000, ":1:85: nested more than 20 deep"),
            ("\n".join(" " * n + "a:" for n in range(900)), ":22:22: nested more than 20 deep"),
            ('"' + "\\" * 100_001, ":1:100002: not YAML: "),
            (f"? {'a' * 1_000_000}\n: 1\n", ":1:3: `aaaa"),
            ("kind: regular\ncases: [" + "{}," * 50_000 + "]", ":2:9: `name` is missing"),
            (2 * "- {name: a, why: b, system: 1 | 2}\n", ":4: `a` is the name of another case"),
            ('- {name: "a\\n", why: b, system: 1 | 2}', ":3:10: `a ` cannot be the name of a case"),
            ("- {name: a, why: b, system: 1 | nan}", ":3:33: `nan` is not a number"),
            ("- {name: a, why: b, system: 1 | -Infinity}", ":3:33: `-Infinity` is not a number"),
            ("- {name: a, why: b, system: 1 | ٣}", ":3:33: `٣` is not a number"),
            ("- {name: a, why: b, system: 1 | 1/0}", ":3:33: `1/0` has the denominator 0"),
            ("- {name: a, why: b, system: 1 | 1e401}", ":3:33: `1e401` has the exponent 401"),
            (f"- {{name: a, why: b, system: 1 | {'9' * 400}}}", ":3:33: `999"),
            (f"- {{name: a, why: b, system: 1 | {'9' * 5_000}}}", ":3:33: `999"),
            ("- {name: a, why: b, system: ''}", ":3:29: the system has no rows"),
            ("- {name: a, why: b, system: '| 1'}", ":3:30: there is no number before this"),
            ("- {name: a, why: b, system: '1 |'}", ":3:32: there is no number after this"),
            ('- {name: a, why: b, system: "1 2 | 3\\n4 | 5"}', ":3:30: row 2 has 1 number"),
            ("- {name: a, why: b, family: hilbert, n: 0}", ":3:41: `hilbert` has no order 0"),
            ("- {name: a, why: b, family: hilbert, n: 257}", ":3:41: `hilbert` has no order 257"),
            (f"- {{name: a, why: b, family: hilbert, n: {'9' * 5_000}}}", ":3:41: `n` "),
        ],
    )
    def test_the_command_refuses_at_once_and_names_the_place(
        self, tmp_path: Path, text: str, message: str
    ) -> None:
        path = tmp_path / "cases.yaml"
        path.write_text(f"kind: regular\ncases:\n{text}" if text.startswith("- {") else text)
        with assert_quick():
            assert read_refusal(invoke("check", "--cases", path)).startswith(f"{path}{message}")

    def test_100_megabytes_are_not_read(self, tmp_path: Path) -> None:
        path = make_large(tmp_path / "cases.yaml")
        with assert_quick():
            assert read_refusal(invoke("check", "--cases", path)).endswith(
                "larger than 2,000,000 bytes"
            )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a valid port with a finding and its patch."""
    return Path(shutil.copytree(FOLDERS[0], tmp_path / "ports" / "port"))


def change_manifest(folder: Path, key: str, value: Any) -> None:
    """Set a key of a manifest to a value."""
    manifest = yaml.safe_load((folder / "port.yaml").read_text())
    manifest[key] = value
    (folder / "port.yaml").write_text(yaml.safe_dump(manifest))


class TestPorts:
    @fuzzing(150)
    @given(st.data())
    def test_a_folder_with_a_spoilt_file_is_read_or_refused(
        self, tmp_path: Path, data: st.DataObject
    ) -> None:
        source = data.draw(st.sampled_from(FOLDERS))
        files = [source / "port.yaml", source / "findings.yaml", *sorted(source.glob("*.patch"))]
        file, spoilt_data = data.draw(spoilt(files))
        folder = tmp_path / source.name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder)
        (folder / file.name).write_bytes(spoilt_data)
        try:
            port = load_port(folder)
        except ManifestError as problem:
            error = problem
        else:
            assert all(len(finding.trouble) < 300 for finding in port.findings)
            assert read_build_files(patch_port(port))
            return
        assert is_user_error(error, folder / "port.yaml", folder / "findings.yaml")

    @pytest.mark.parametrize("name", ["port.yaml", "findings.yaml"])
    def test_the_command_exits_2(self, folder: Path, name: str) -> None:
        (folder / name).write_text("a: &b c\n")
        arguments = ("--cases", CASE_FILES[0], "--implementations", folder.parent)
        assert read_refusal(invoke("check", *arguments)).startswith(f"{folder / name}:1:4: ")

    @pytest.mark.parametrize("key", ["run", "version", "build", "language", "listing"])
    def test_a_command_has_no_nul(self, folder: Path, key: str) -> None:
        change_manifest(folder, key, "a\0b" if key in ("language", "listing") else ["a", "b\0"])
        with pytest.raises(ManifestError, match=r"port\.yaml:\d+:\d+: the text has .* U\+0000"):
            load_port(folder)

    @pytest.mark.parametrize("seconds", ["nan", "inf", "1e400", "0", "-1", "3601"])
    def test_no_time_that_cannot_be_waited(self, folder: Path, seconds: str) -> None:
        change_manifest(folder, "seconds_per_case", seconds)
        with pytest.raises(ManifestError, match="`seconds_per_case` should be ") as caught:
            load_port(folder)
        assert is_user_error(caught.value, folder / "port.yaml")

    @pytest.mark.parametrize(
        ("listing", "message"),
        [
            ("large", "`large` cannot be read: larger than 1,000,000 bytes"),
            ("pipe", "`pipe` cannot be read: not an ordinary file"),
            (".", "`.` cannot be read: Is a directory"),
            ("loop", "`loop` cannot be read: Too many levels of symbolic links"),
            ("outside", "`outside` leads out of the port's folder"),
            ("../outside", "`../outside` leads out of the port's folder"),
            ("/dev/zero", "`/dev/zero` leads out of the port's folder"),
            ("x" * 300, "`listing` String should have at most 200 characters"),
        ],
    )
    def test_a_listing_that_is_no_file_of_the_folder(
        self, folder: Path, listing: str, message: str
    ) -> None:
        make_large(folder / "large")
        os.mkfifo(folder / "pipe")
        (folder.parent / "outside").write_text("A secret.")
        (folder / "outside").symlink_to(folder.parent / "outside")
        (folder / "loop").symlink_to("loop")
        change_manifest(folder, "listing", listing)
        with assert_quick(), pytest.raises(ManifestError, match=re.escape(message)) as caught:
            load_port(folder)
        assert is_user_error(caught.value, folder / "port.yaml")

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (make_large, "cannot be read: larger than 50,000,000 bytes"),
            (os.mkfifo, "cannot be read: not an ordinary file"),
        ],
    )
    def test_a_file_that_cannot_go_into_a_build(
        self, folder: Path, make: Callable[[Path], None], message: str
    ) -> None:
        port = load_port(folder)
        make(folder / "file")
        with assert_quick(), pytest.raises(ManifestError, match=message):
            read_build_files(port)

    def test_a_folder_that_is_too_deep_costs_no_other_port(
        self, write_port: WritePort, write_cases: WriteCases, implementations: Path, tmp_path: Path
    ) -> None:
        write_port("actor")
        (write_port("deep") / Path(*["a"] * 41)).mkdir(parents=True)
        where = ("--cases", write_cases("answers-1"), "--implementations", implementations)
        result = invoke("check", "--engine", "local", *where, "--out", tmp_path / "out")
        assert result.exit_code == 3
        results = load_results(tmp_path / "out" / RESULTS)
        troubles = {port.name: port.trouble for port in results.ports}
        assert troubles.pop("actor") == ""
        assert troubles["deep"].endswith("deep/a: folders are nested more than 40 deep")
        outcomes = {verdict.outcome for verdict in results.verdicts if verdict.port == "actor"}
        assert outcomes == {Outcome.RIGHT, Outcome.ABSENT}

    @pytest.mark.parametrize("name", ["a\nb", "\x1b[31m", os.fsdecode(b"\xff"), "\u202eoops"])
    def test_a_name_that_a_terminal_or_a_report_cannot_show(self, folder: Path, name: str) -> None:
        folder = folder.rename(folder.with_name(name))
        with pytest.raises(ManifestError, match="cannot be the name of a port"):
            load_port(folder)
        result = invoke("check", "--cases", CASE_FILES[0], "--implementations", folder.parent)
        assert result.exit_code == 2
        assert result.stderr.splitlines()[-1].startswith("hint: Rename the folder")
        assert name not in result.stderr or name == "a\nb"


class TestPatches:
    @pytest.fixture
    def patch(self, folder: Path) -> Path:
        """The patch of the port's first finding."""
        findings = yaml.safe_load((folder / "findings.yaml").read_text())["findings"]
        return folder / str(findings[0]["patch"])

    def trouble(self, folder: Path) -> str:
        """Return why the first finding's patch cannot be applied."""
        port = load_port(folder)
        assert port.findings[0].patch is None
        assert read_build_files(patch_port(port))
        return port.findings[0].trouble

    @pytest.mark.parametrize(
        ("hunk", "message"),
        [
            ("@@ -0 +1 @@\n-{last}\n+x", "it does not fit"),
            (f"@@ -{'9' * 5_000} +1 @@\n-x\n+y", "it is not a unified diff"),
            ("@@ -1,99999 +1 @@\n-x\n+y", "it is not a unified diff"),
            ("@@ @@", "it changes nothing"),
        ],
    )
    def test_a_hunk_that_stands_nowhere(
        self, folder: Path, patch: Path, hunk: str, message: str
    ) -> None:
        listing = load_port(folder).listing
        last = (folder / listing).read_text().split("\n")[-1]
        patch.write_text(f"--- a/{listing}\n+++ b/{listing}\n{hunk.format(last=last)}\n")
        assert message in self.trouble(folder)

    @pytest.mark.parametrize("path", ["../../../etc/passwd", "/etc/passwd", "port.yaml", "x" * 999])
    def test_a_patch_changes_files_of_the_port_alone(
        self, folder: Path, patch: Path, path: str
    ) -> None:
        patch.write_text(f"--- a/{path}\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n")
        message = self.trouble(folder)
        assert "which is not a file of the port" in message
        assert len(message) < 300

    @pytest.mark.parametrize(
        ("make", "message"),
        [
            (make_large, "cannot be read: larger than 1,000,000 bytes"),
            (os.mkfifo, "cannot be read: not an ordinary file"),
            (lambda path: path.symlink_to("/etc/passwd"), "leads out of its folder"),
        ],
    )
    def test_a_patch_that_is_no_file_of_a_sensible_size(
        self, folder: Path, patch: Path, make: Callable[[Path], None], message: str
    ) -> None:
        patch.unlink()
        make(patch)
        with assert_quick():
            assert self.trouble(folder).endswith(message)


RESULTS = "results.jsonl"


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results.jsonl of a small run, with every kind of record."""
    folder = tmp_path_factory.mktemp("recorded")
    echoes = {"matrix": [[1, 0, 2], [0, 1, 3]], "stages": ["solution"]}
    one = make_port(folder / "ports" / "one", published={"run": ["echo", "2\n4"], "prints": echoes})
    (one / "findings.yaml").write_text(yaml.safe_dump({"findings": [FINDING]}))
    make_port(folder / "ports" / "two", build=["false"])
    system = {"why": "It says what to do.", "system": "1 0 | 2\n0 1 | 3"}
    cases = [
        {"name": name, **system} for name in ("answers-1", "exits-2", "truncates-3", "floods-4")
    ]
    (folder / "cases.yaml").write_text(yaml.safe_dump({"kind": "regular", "cases": cases}))
    where = ["--cases", folder / "cases.yaml", "--implementations", folder / "ports"]
    assert (
        run_with_memory_limit("check", "--engine", "local", *where, "--out", folder).returncode == 3
    )
    return folder / RESULTS


@pytest.fixture
def run(recorded: Path) -> list[Any]:
    """The values of the lines of that results.jsonl."""
    return [json.loads(line) for line in recorded.read_text().splitlines()]


def write_lines(path: Path, lines: list[Any]) -> None:
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def run_with_memory_limit(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own with 2 GB of memory."""
    limit = 'ulimit -v 2000000; exec "$@"'
    command = ["sh", "-c", limit, "sh", sys.executable, "-m", "harness", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


class TestResults:
    @fuzzing(120)
    @given(data=st.data(), github=st.booleans())
    def test_a_spoilt_file_is_reported_and_compared_or_refused(
        self, recorded: Path, tmp_path: Path, data: st.DataObject, github: bool
    ) -> None:
        path = tmp_path / RESULTS
        path.write_bytes(data.draw(spoilt([recorded]))[1])
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("GITHUB_ACTIONS", str(github).lower())
            arguments = ("--junit", tmp_path / "j.xml", "--markdown", tmp_path / "m.md")
            reported = invoke("report", path, *arguments)
        compared = [invoke("diff", *pair) for pair in ((path, recorded), (path, path))]
        if reported.exit_code == 2:
            for result in (reported, *compared):
                assert read_refusal(result).startswith(f"{path}: ")
            return
        assert (reported.exit_code, reported.stderr) == (0, "")
        assert (tmp_path / "conformance.html").stat().st_size < 2_000_000
        for result in compared:
            assert result.exit_code in (0, 1)
            assert len(result.stdout.splitlines()) < 60
            assert "\x1b" not in result.stdout

    @pytest.mark.parametrize(
        ("route", "value", "message"),
        [
            ("11.port", "nobody", "there is no port 'nobody'"),
            ("11.case", "nothing", "there is no case 'nothing'"),
            ("12.case", "answers-1", "a second answer of 'one' to 'answers-1'"),
            ("8.name", "answers-1", "there are two cases 'answers-1'"),
            ("1.run.seconds", "NaN", "run.seconds: Input should be "),
            ("1.run.seconds", "1e999", "run.seconds: Input should be "),
            ("1.run.seconds", -1, "run.seconds: Input should be "),
            ("11.answer.stages.echelon.shape", [1] * 9, "answer.stages.echelon.shape: Tuple"),
            ("1.run.\x1b[31m" + "x" * 1_000_000, 1, ("run.␛[31m" + "x" * 100)[:100] + ": Extra"),
        ],
    )
    def test_report_and_diff_refuse_it_with_the_place(
        self, run: list[Any], tmp_path: Path, route: str, value: object, message: str
    ) -> None:
        number, *parents, last = route.split(".")
        container: Any = run[int(number) - 1]
        for key in parents:
            container = container[key]
        container[last] = value
        path = tmp_path / RESULTS
        write_lines(path, run)
        (error,) = {read_refusal(invoke("report", path)), read_refusal(invoke("diff", path, path))}
        assert error.startswith(f"{path}: line {number}: {message}")

    def test_a_result_without_a_shape_is_reported(self, run: list[Any], tmp_path: Path) -> None:
        stages = [
            stage for line in run for stage in (line.get("answer") or {}).get("stages", {}).values()
        ]
        for stage in stages:
            stage.update(shape=[], rows=[], trouble="")
        assert stages
        path = tmp_path / RESULTS
        write_lines(path, run)
        assert invoke("report", path).exit_code == 0
        assert "its shape is not known" in (tmp_path / "conformance.html").read_text()

    def test_long_texts_are_cut_short(self, run: list[Any], recorded: Path, tmp_path: Path) -> None:
        long = "x" * 3_000_000
        ports, findings = run[1:3], run[3:4]
        cases = [line for line in run if "system" in line]
        cells = [line for line in run if line.get("answer")]
        cells[0]["verdicts"][0]["detail"] = ports[0]["log"] = long
        cells[0]["answer"]["remarks"] = cells[1]["answer"]["errors"] = [long]
        ports[1]["trouble"] = cases[0]["why"] = findings[0]["title"] = long
        path = tmp_path / RESULTS
        write_lines(path, run)
        arguments = ("--junit", tmp_path / "j.xml", "--markdown", tmp_path / "m.md")
        assert invoke("report", path, *arguments).exit_code == 0
        for name in ("conformance.html", "j.xml", "m.md"):
            assert (tmp_path / name).stat().st_size < 500_000
        assert len(invoke("diff", path, recorded).stdout) < 5_000

    @pytest.mark.parametrize(
        ("path", "reason"),
        [
            ("/dev/zero", "cannot be read: not an ordinary file"),
            ("/proc/kmsg", "the file is empty"),
            ("large", "line 1: longer than 32,000,000 bytes"),
        ],
    )
    def test_of_a_file_without_end_no_more_is_read_than_there_may_be(
        self, tmp_path: Path, path: str, reason: str
    ) -> None:
        make_large(tmp_path / "large")
        with assert_quick():
            message = read_refusal(invoke("report", tmp_path / path))
        assert message == f"{tmp_path / path}: {reason}"

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ('{"run": [%s{}]}', "run: should be an object"),
            ('{"run": {"started": [%s{}]}}', "run.started: Input should be "),
            ("[%s{}]", "the line: should be an object"),
            ("[%s%s{}]", "more than "),
        ],
    )
    def test_millions_of_mistakes_do_not_take_all_memory(
        self, tmp_path: Path, text: str, message: str
    ) -> None:
        path = tmp_path / RESULTS
        path.write_text(text.replace("%s", "{}," * 1_500_000))
        done = run_with_memory_limit("report", path)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"error: {path}: line 1: {message}")


class TestTheCommandLine:
    @pytest.mark.parametrize("command", ["check", "report", "diff", "show", "new", "init"])
    def test_a_word_that_is_not_utf_8_exits_2(self, command: str) -> None:
        result = invoke(command, os.fsdecode(b"\xff"))
        assert result.exit_code == 2
        assert r"'\udcff' is not UTF-8" in result.stderr

    def test_a_name_of_a_file_that_is_not_utf_8_is_no_obstacle(
        self, tmp_path: Path, write_cases: WriteCases, write_port: WritePort, implementations: Path
    ) -> None:
        write_port()
        cases = tmp_path / "cases"
        cases.mkdir()
        write_cases("answers-1").rename(cases / os.fsdecode(b"\xff.yaml"))
        where = ("--implementations", implementations, "--out", tmp_path / "out")
        done = run_with_memory_limit("check", "--engine", "local", "--cases", cases, *where)
        assert (done.returncode, done.stderr) == (0, "")
        assert load_results(tmp_path / "out" / RESULTS).cases[0].place.endswith("?.yaml:3")
