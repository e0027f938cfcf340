"""Manifests describe ports. A mistake in a manifest is reported with its line."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import ManifestError
from harness.inputs import port_files
from harness.inputs.port_files import read_build_files
from harness.inputs.ports import compute_digest, load_port, load_ports
from harness.model.case import Arithmetic
from harness.model.port import PORT_NAME_PATTERN, Port, PortFile, patch_port
from harness.model.promises import (
    FreeUnknowns,
    Inconsistent,
    Pivoting,
    Promises,
    Singular,
    ZeroTolerance,
)
from harness.model.scope import Shape, Sizes

LISTING = "one\ntwo\n  three\nfour\n"
IMPLEMENTATIONS = Path(__file__).parents[2] / "implementations"

FINDINGS = """
findings:
  - id: two
    title: Two is too small
    procedure: gaussian_elimination
    lines: 2
    explanation: It should be larger.
    patch: pivot.patch
    explains: [{check: echelon.form, cases: [a]}]
"""
PATCH = "--- a/listing.sh\n+++ b/listing.sh\n@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n   three\n"

MANIFEST: Mapping[str, Any] = {
    "language": "Shell",
    "listing": "listing.sh",
    "digest": compute_digest(LISTING.encode()),
    "document": "A book",
    "arithmetic": "binary64",
    "procedures": ["gaussian_elimination"],
    "base": {"debian": {"suite": "trixie", "packages": ["dash"]}},
    "run": ["sh", "driver.sh"],
    "version": ["sh", "--version"],
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a port's folder. Keywords replace keys of a correct manifest; None removes them."""

    def write(name: str = "shell", **changes: object) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "listing.sh").write_text(LISTING)
        keys = {key: value for key, value in {**MANIFEST, **changes}.items() if value is not None}
        (folder / "port.yaml").write_text(yaml.safe_dump(keys, sort_keys=False))
        return folder

    return write


def catch_error(folder: Path) -> ManifestError:
    with pytest.raises(ManifestError) as caught:
        load_port(folder)
    return caught.value


def find_key_line(folder: Path, key: str) -> str:
    lines = (folder / "port.yaml").read_text().splitlines()
    number = next(n for n, line in enumerate(lines, 1) if line.strip().startswith(f"{key}:"))
    return f"port.yaml:{number}:"


def test_a_manifest_needs_no_more_than_the_essential(write: Write) -> None:
    port = load_port(write())
    assert (port.name, port.language, port.listing) == ("shell", "Shell", "listing.sh")
    assert port.arithmetic is Arithmetic.BINARY64
    assert port.base.image is None
    assert port.base.debian.packages == ("dash",)
    assert (port.build, port.notices, port.published) == ((), (), None)
    assert (port.stops_at_notice, port.regions) == (False, {})
    assert (port.seconds_per_case, port.seconds_to_start) == (10.0, 60.0)


def test_everything_that_a_manifest_can_say_is_kept(write: Write) -> None:
    base = {"image": "sh:1", "debian": {"suite": "bullseye", "packages": ["dash", "g++-12"]}}
    prints = {"matrix": [[1, "1/2"], ["-0.5", "1e-3"]], "stages": ["input", "reduced"], "digits": 8}
    published = {"build": ["cc", "main.c"], "run": ["./main"], "prints": prints}
    folder = write(
        base=base,
        published=published,
        arithmetic="rational64",
        notices=["The matrix is singular"],
        stops_at_notice=True,
        claims={
            "leaves_input_unchanged": ["gaussian_elimination"],
            "shapes": {"gaussian_elimination": ["square", "tall"]},
            "sizes": "2..3",
            "singular": "refuses",
            "no_solution": ["returned -1"],
            "many_solutions": ["returned -2"],
        },
        regions={"whole": "1-4", "second": "2"},
        seconds_per_case=2.5,
    )
    port = load_port(folder)
    assert port.base.image == "sh:1"
    assert port.arithmetic is Arithmetic.RATIONAL64
    assert (port.notices, port.stops_at_notice) == (("The matrix is singular",), True)
    assert port.contract.leaves_input_unchanged == ("gaussian_elimination",)
    promises = port.promises
    assert promises.shapes.get("gaussian_elimination") == (Shape.SQUARE, Shape.TALL)
    assert promises.shapes.get("back_substitution") is None
    assert promises.sizes.get("back_substitution") == Sizes(2, 3)
    assert promises.singular.get("gaussian_elimination") is Singular.REFUSES
    assert (promises.no_solution, promises.many_solutions) == (("returned -1",), ("returned -2",))
    assert port.contract.notices == ("The matrix is singular", "returned -1", "returned -2")
    assert port.regions == {"whole": (1, 4), "second": (2, 2)}
    assert port.seconds_per_case == 2.5
    assert port.published is not None
    assert port.published.run == ("./main",)
    assert port.published.stages == ("input", "reduced")
    assert (port.published.places, port.published.digits) == (None, 8)
    assert [[n.written for n in row] for row in port.published.matrix] == [
        ["1", "1/2"],
        ["-0.5", "1e-3"],
    ]


def test_only_a_procedure_of_the_port_leaves_its_input_unchanged(write: Write) -> None:
    folder = write(claims={"leaves_input_unchanged": ["solve"]})
    with pytest.raises(ManifestError) as caught:
        load_port(folder)
    assert "`solve` is not among the port's `procedures`" in caught.value.message


def test_promises_are_read(write: Write) -> None:
    assert load_port(write()).promises == Promises()
    port = load_port(
        write(
            "promising",
            claims={
                "pivoting": "first-nonzero",
                "zero_tolerance": {"relative": 1e-12},
                "free_unknowns": "zero",
                "inconsistent": "least-squares",
            },
        )
    )
    tolerance = ZeroTolerance(Fraction(1, 10**12), is_relative=True)
    assert port.promises == Promises(
        Pivoting.FIRST_NONZERO, tolerance, FreeUnknowns.ZERO, Inconsistent.LEAST_SQUARES
    )
    assert port.contract.promises == port.promises


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("pivoting", "some", "`pivoting` should be 'partial', 'scaled', 'complete'"),
        ("zero_tolerance", 0, "`zero_tolerance` should be above 0 and below 1, not 0"),
        ("zero_tolerance", "tiny", "`tiny` is not a number"),
        ("zero_tolerance", {"absolut": 1e-9}, "`absolut` is not known here"),
        ("zero_tolerance", {}, "`zero_tolerance` should have one of `absolute` and `relative`"),
        ("free_unknowns", "one", "`free_unknowns` should be 'zero' or 'none'"),
        ("inconsistent", "least", "`inconsistent` should be 'least-squares' or 'none'"),
        ("shapes", ["round"], "`shapes` should be 'square', 'tall' or 'wide', not 'round'"),
        ("shapes", {"solve": ["square"]}, "`solve` is not among the port's `procedures`"),
        ("sizes", "3..2", "`3..2` holds no size"),
        ("sizes", "0", "`0` holds no size"),
        ("sizes", "few", "`few` is no range of sizes"),
        ("singular", "returns", "`singular` should be 'refuses' or 'continues'"),
        ("singular", {"rank": "refuses"}, "`rank` is not among the port's `procedures`"),
    ],
)
def test_a_promise_that_is_none_is_refused(
    write: Write, key: str, value: object, message: str
) -> None:
    error = catch_error(write(claims={key: value}))
    assert message in str(error)
    assert "port.yaml:" in str(error)


def test_a_claim_outside_of_its_block_is_refused(write: Write) -> None:
    error = catch_error(write(pivoting="none"))
    assert "`pivoting` is a claim of the port" in str(error)
    assert error.hint == "Write it in the block `claims`, indented."


def test_an_inverse_is_claimed_for_square_matrices_only(write: Write) -> None:
    error = catch_error(write(procedures=["inverse"], claims={"shapes": {"inverse": ["tall"]}}))
    assert "`inverse` takes square matrices only, not tall ones" in str(error)


def test_a_build_is_one_command_or_several(write: Write) -> None:
    assert load_port(write("one", build=["cc", "main.c"])).build == (("cc", "main.c"),)
    several = load_port(write("several", build=[["cc", "a.c"], ["cc", "b.c"]]))
    assert several.build == (("cc", "a.c"), ("cc", "b.c"))


def test_the_listings_own_main_is_built_after_the_driver(write: Write) -> None:
    prints = {"matrix": [[1, 2]], "stages": ["echelon"]}
    published = {"build": ["cc", "main.c"], "run": ["./main"], "prints": prints}
    port = load_port(write(build=["cc", "driver.c"], published=published))
    assert port.commands_to_build == (("cc", "driver.c"), ("cc", "main.c"))


@pytest.mark.parametrize("word", ["yes", "8", "1.10", "-0", "null", "~"])
def test_words_of_commands_stay_as_they_are_written(write: Write, word: str) -> None:
    folder = write()
    text = (folder / "port.yaml").read_text()
    (folder / "port.yaml").write_text(text + f"build: [cc, {word}]\n")
    assert load_port(folder).build == (("cc", word),)


MISTAKES: Mapping[str, tuple[Mapping[str, object], str, str]] = {
    "an unknown key": ({"langauge": "C"}, "langauge", "`langauge` is not known here"),
    "a missing key": ({"run": None}, "language", "`run` is missing"),
    "an empty command": ({"run": []}, "run", "`run`"),
    "a command that is not a list": ({"build": "make all"}, "build", "`build`"),
    "an unknown arithmetic": ({"arithmetic": "binary16"}, "arithmetic", "binary64"),
    "a time of zero": ({"seconds_per_case": 0}, "seconds_per_case", "greater than 0"),
    "an infinite time": ({"seconds_to_start": "inf"}, "seconds_to_start", "3600"),
    "a malformed digest": ({"digest": "abc"}, "digest", "`digest`"),
    "a region beyond the end": ({"regions": {"late": "3-5"}}, "late", "lines 1-4"),
    "a region that ends before it begins": ({"regions": {"back": "3-2"}}, "back", "lines 1-4"),
    "a region before the first line": ({"regions": {"zero": "0-2"}}, "zero", "lines 1-4"),
    "a region that is not a range": ({"regions": {"odd": "a-b"}}, "odd", "not a range of lines"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_reported_with_its_line(write: Write, mistake: str) -> None:
    changes, key, expected_text = MISTAKES[mistake]
    folder = write(**changes)
    error = catch_error(folder)
    assert find_key_line(folder, key) in error.message
    assert expected_text in error.message
    assert error.hint


def test_an_empty_word_in_a_command(write: Write) -> None:
    assert "`build`" in catch_error(write(build=["cc", ""])).message


def test_a_procedure_nobody_knows(write: Write) -> None:
    error = catch_error(write(procedures=["gauss_jordan", "qr"]))
    assert "`procedures`" in error.message
    assert "'back_substitution'" in error.message
    assert "not 'qr'" in error.message


def test_an_unknown_key_gets_the_one_that_was_meant(write: Write) -> None:
    assert "`language`" in catch_error(write(langauge="C")).hint


@pytest.mark.parametrize(
    "packages", [["gcc", "--hook=sh"], ["gcc,make"], ["gcc make"], ["Gcc"], ["../gcc"]]
)
def test_a_package_is_a_name_without_shell_syntax(write: Write, packages: list[str]) -> None:
    base = {"debian": {"suite": "trixie", "packages": packages}}
    assert "`packages`" in catch_error(write(base=base)).message


def test_a_suite_is_a_name_too(write: Write) -> None:
    base = {"debian": {"suite": "--aptopt=x", "packages": []}}
    assert "`suite`" in catch_error(write(base=base)).message


def test_numbers_are_printed_to_places_or_to_digits_not_both(write: Write) -> None:
    prints = {"matrix": [[1, 2]], "stages": ["echelon"], "places": 6, "digits": 8}
    folder = write(published={"run": ["./main"], "prints": prints})
    error = catch_error(folder)
    assert find_key_line(folder, "digits") in error.message


@pytest.mark.parametrize(
    ("matrix", "expected_text"),
    [([[1, 2], [3]], "row 2 has 1"), ([[1, "two"]], "not a number"), ([[1]], "row 1 has 1")],
)
def test_a_published_matrix_has_rows_of_numbers(
    write: Write, matrix: list[list[object]], expected_text: str
) -> None:
    prints = {"matrix": matrix, "stages": ["echelon"]}
    assert expected_text in catch_error(write(published={"run": ["./a"], "prints": prints})).message


@pytest.mark.parametrize("path", ["../other/listing.sh", "/etc/hostname", "a/../../listing.sh"])
def test_a_listing_does_not_lie_outside(write: Write, path: str) -> None:
    folder = write(listing=path)
    error = catch_error(folder)
    assert f"`{path}` leads out of the port's folder" in error.message
    assert find_key_line(folder, "listing") in error.message


def test_a_link_does_not_lead_outside_either(write: Write, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(LISTING)
    folder = write(listing="link.sh")
    (folder / "link.sh").symlink_to(tmp_path / "elsewhere")
    assert "leads out of the port's folder" in catch_error(folder).message


def test_a_missing_listing_is_missed_and_what_there_is_is_named(write: Write) -> None:
    error = catch_error(write(listing="lisitng.sh"))
    assert "`lisitng.sh` cannot be read: No such file" in error.message
    assert "`listing.sh`" in error.hint


def test_a_changed_listing_is_noticed(write: Write) -> None:
    folder = write()
    (folder / "listing.sh").write_text(LISTING.replace("two", "2"))
    error = catch_error(folder)
    assert MANIFEST["digest"] in error.message
    assert compute_digest(LISTING.replace("two", "2").encode()) in error.message
    assert find_key_line(folder, "digest") in error.message


@given(st.lists(st.binary(min_size=1), min_size=1), st.data())
def test_white_space_does_not_change_a_digest(parts: list[bytes], data: st.DataObject) -> None:
    blanks = st.text(" \t\n\r\x0b\x0c", max_size=3).map(str.encode)
    spaced = b"".join(part + data.draw(blanks) for part in parts)
    assert compute_digest(spaced) == compute_digest(b"".join(parts))


def test_a_digest_is_the_sha256_of_what_is_left() -> None:
    assert compute_digest(b"a b\n\tc") == hashlib.sha256(b"abc").hexdigest()


def test_no_manifest_at_all(tmp_path: Path) -> None:
    assert "no such file" in catch_error(tmp_path).message


def test_a_manifest_that_is_no_mapping(write: Write) -> None:
    folder = write()
    (folder / "port.yaml").write_text("- language\n")
    assert "mapping" in catch_error(folder).message


@pytest.mark.parametrize("name", ["a", "C++", "reference-c", "f90.2_new", "+x", "_", "x" * 60])
def test_names_of_ports(write: Write, name: str) -> None:
    folder = write()
    assert load_port(folder.rename(folder.with_name(name))).name == name


NO_NAMES = ["-x", "x y", "x;touch PWNED;", "$(touch x)", "z$(shell x)", "x'", "é", "x" * 61, ".x"]


@pytest.mark.parametrize("name", [*NO_NAMES, "a\n", "\x1b[31m", "<b>", "`x`", "x:y", "a,b", "a*"])
def test_what_is_no_name_of_a_port(write: Write, name: str) -> None:
    folder = write()
    error = catch_error(folder.rename(folder.with_name(name)))
    assert "cannot be the name of a port" in error.message
    assert error.hint.startswith("Rename the folder. A name has at most 60 letters from a to z")


@given(st.text(min_size=1, max_size=9))
def test_a_name_means_nothing_to_a_shell_and_to_make(name: str) -> None:
    if PORT_NAME_PATTERN.fullmatch(name):
        assert shlex.quote(name) == name
        assert not set(name) & set("$#:=%*?[]{}~,|;&<>\\")
        assert not name.startswith("-")


@pytest.mark.parametrize("name", ["port.yaml", "findings.yaml"])
@pytest.mark.parametrize("target", ["/etc/passwd", "../elsewhere", "/proc/self/environ"])
def test_a_file_outside_is_not_quoted(write: Write, tmp_path: Path, name: str, target: str) -> None:
    (tmp_path / "elsewhere").write_text("secret: [\n")
    folder = write()
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(target)
    message = catch_error(folder).message
    assert message.endswith(f"{name}: cannot be read: it is a link that leads out of its folder")


@pytest.mark.parametrize("name", ["port.yaml", "findings.yaml"])
def test_a_pipe_is_not_read(write: Write, name: str) -> None:
    folder = write()
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    assert catch_error(folder).message.endswith(f"{name}: cannot be read: not an ordinary file")


def test_a_link_to_findings_that_are_gone_is_reported(write: Write) -> None:
    folder = write()
    (folder / "findings.yaml").symlink_to("gone.yaml")
    assert catch_error(folder).message.endswith("findings.yaml: there is no such file")


class TestAFolderThatCannotBeRead:
    @pytest.fixture
    def ports(self, write: Write) -> Iterator[Path]:
        """A folder with the ports `open` and `closed`, the second of which cannot be read. The
        process gives up the rights of root for the test, if it has them."""
        with tempfile.TemporaryDirectory(dir="/tmp") as temporary:
            folder = Path(temporary)
            shutil.copytree(write(), folder / "open")
            shutil.copytree(folder / "open", folder / "closed")
            (folder / "closed").chmod(0)
            folder.chmod(0o755)
            user = os.geteuid()
            os.seteuid(user or 65534)
            yield folder
            os.seteuid(user)
            (folder / "closed").chmod(0o755)

    def test_it_is_reported(self, ports: Path) -> None:
        with pytest.raises(ManifestError, match=r"closed/port\.yaml: cannot be read: Permission"):
            load_ports(ports)

    def test_it_is_no_obstacle_for_others(self, ports: Path) -> None:
        assert [port.name for port in load_ports(ports, ["open"])] == ["open"]


class TestChoosingPorts:
    def list_names(self, ports: tuple[Port, ...]) -> list[str]:
        return [port.name for port in ports]

    def test_all_of_them_by_name(self, write: Write, tmp_path: Path) -> None:
        for name in ("python", "c", "java"):
            write(name)
        (tmp_path / "notes").mkdir()
        assert self.list_names(load_ports(tmp_path)) == ["c", "java", "python"]

    def test_those_that_are_asked_for_once_each(self, write: Write, tmp_path: Path) -> None:
        for name in ("python", "c", "java"):
            write(name)
        assert self.list_names(load_ports(tmp_path, ["java", "c", "java"])) == ["java", "c"]

    def test_a_mistake_in_another_port_is_no_obstacle(self, write: Write, tmp_path: Path) -> None:
        write("sound")
        write("broken", run=None)
        assert self.list_names(load_ports(tmp_path, ["sound"])) == ["sound"]

    def test_hidden_folders_and_files_are_no_ports(self, write: Write, tmp_path: Path) -> None:
        write().rename(tmp_path / ".hidden")
        (tmp_path / "empty").mkdir()
        (tmp_path / "README").touch()
        write("c")
        assert self.list_names(load_ports(tmp_path)) == ["c"]

    def test_a_link_to_no_manifest_is_reported(self, write: Write, tmp_path: Path) -> None:
        write("c")
        (tmp_path / "d").mkdir()
        (tmp_path / "d" / "port.yaml").symlink_to("gone.yaml")
        with pytest.raises(ManifestError, match="there is no such file"):
            load_ports(tmp_path)

    def test_a_name_that_is_nearly_right(self, write: Write, tmp_path: Path) -> None:
        for name in ("python", "c", "java"):
            write(name)
        with pytest.raises(ManifestError, match="no port `pyhton`") as caught:
            load_ports(tmp_path, ["pyhton"])
        assert caught.value.hint == "The ports are `python`, `c`, `java`."

    def test_a_name_that_is_not(self, write: Write, tmp_path: Path) -> None:
        write("c")
        with pytest.raises(ManifestError) as caught:
            load_ports(tmp_path, ["../c"])
        assert caught.value.hint == "The ports are `c`."

    @pytest.mark.parametrize("folder", ["", "missing"])
    def test_a_folder_without_ports(self, tmp_path: Path, folder: str) -> None:
        with pytest.raises(ManifestError, match="no port in here"):
            load_ports(tmp_path / folder)


class TestContent:
    def list_paths(self, folder: Path) -> list[str]:
        return [file.path for file in read_build_files(load_port(folder))]

    def test_the_files_of_a_port_in_order(self, write: Write) -> None:
        folder = write()
        (folder / "lib").mkdir()
        (folder / "lib" / "a.c").write_text("")
        (folder / "driver.sh").write_text("")
        assert self.list_paths(folder) == ["driver.sh", "lib/a.c", "listing.sh"]

    def test_what_a_build_does_without(self, write: Write) -> None:
        folder = write()
        (folder / "__pycache__").mkdir()
        for path in (
            "pivot.patch",
            "__pycache__/a.cpython-311.pyc",
            "Driver.class",
            "Main.hi",
            "Main.o",
            ".DS_Store",
        ):
            (folder / path).write_text("")
        (folder / "findings.yaml").write_text(FINDINGS)
        assert self.list_paths(folder) == ["listing.sh"]

    def test_a_fixed_port_is_built_from_patched_files_only(self, write: Write) -> None:
        folder = write()
        (folder / "driver.sh").write_text("two\n")
        (folder / "findings.yaml").write_text(FINDINGS)
        (folder / "pivot.patch").write_text(PATCH)
        port = load_port(folder)
        before, after = (
            {f.path: f.data for f in read_build_files(p)} for p in (port, patch_port(port))
        )
        assert before["listing.sh"] == LISTING.encode()
        assert after["listing.sh"] == b"one\nTWO\n  three\nfour\n"
        assert after["driver.sh"] == before["driver.sh"]
        assert (port.title, patch_port(port).title) == ("shell", "shell fixed")

    def test_bytes_and_whether_it_can_be_run(self, write: Write) -> None:
        folder = write()
        (folder / "listing.sh").chmod(0o600)
        (folder / "run.sh").write_bytes(b"\xff\n")
        (folder / "run.sh").chmod(0o700)
        assert read_build_files(load_port(folder)) == (
            PortFile("listing.sh", LISTING.encode(), executable=False),
            PortFile("run.sh", b"\xff\n", executable=True),
        )

    @pytest.mark.parametrize("target", ["/etc/hostname", "..", "missing", "lib"])
    def test_links_that_cannot_be_followed(self, write: Write, target: str) -> None:
        folder = write()
        (folder / "lib").mkdir()
        (folder / "link").symlink_to(target)
        with pytest.raises(ManifestError, match="link") as caught:
            read_build_files(load_port(folder))
        assert caught.value.hint

    def test_folders_may_be_nested_so_deep_and_no_deeper(self, write: Write) -> None:
        folder = write()
        deepest = folder.joinpath(*["a"] * port_files.MAXIMUM_DEPTH)
        deepest.mkdir(parents=True)
        (deepest / "x").touch()
        assert len(self.list_paths(folder)) == 2
        (deepest / "b").mkdir()
        with pytest.raises(ManifestError, match="shell/a: folders are nested more than 40 deep"):
            self.list_paths(folder)

    def test_1500_nested_folders(self, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = write()
        monkeypatch.chdir(folder)
        try:
            for _ in range(1_500):
                Path("a").mkdir()
                os.chdir("a")
            with pytest.raises(ManifestError, match="nested more than 40 deep"):
                self.list_paths(folder)
        finally:
            # pytest cannot remove them.
            subprocess.run(["rm", "-rf", folder], cwd="/", check=True)

    def test_so_many_files_and_no_more(self, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = write()
        monkeypatch.setattr(port_files, "MAXIMUM_FILES", 3)
        (folder / "a").touch()
        assert len(self.list_paths(folder)) == 2
        (folder / "b").touch()
        with pytest.raises(ManifestError, match="shell: more than 3 files"):
            self.list_paths(folder)

    def test_so_many_bytes_and_no_more(self, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        folder = write()
        (folder / "a").write_bytes(bytes(100))
        monkeypatch.setattr(port_files, "MAXIMUM_FOLDER_BYTES", 100 + len(LISTING))
        assert len(self.list_paths(folder)) == 2
        (folder / "b").write_bytes(bytes(1))
        with pytest.raises(ManifestError, match=r"shell: larger than \d+ bytes"):
            self.list_paths(folder)

    def test_a_folder_that_cannot_be_listed_is_not_left_out(
        self, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = write()
        (folder / "lib").mkdir()
        list_folder = os.scandir

        def refuse(path: str | Path) -> object:
            if Path(path).name == "lib":
                raise PermissionError(13, "Permission denied", str(path))
            return list_folder(path)

        monkeypatch.setattr(os, "scandir", refuse)
        with pytest.raises(ManifestError, match="lib: cannot be read: Permission denied"):
            self.list_paths(folder)

    def test_a_link_inside_stands_for_its_target(self, write: Write) -> None:
        folder = write()
        (folder / "same.sh").symlink_to("listing.sh")
        assert {file.data for file in read_build_files(load_port(folder))} == {LISTING.encode()}


@pytest.mark.parametrize("name", [path.parent.name for path in IMPLEMENTATIONS.glob("*/port.yaml")])
def test_the_projects_own_ports_are_in_order(name: str) -> None:
    port = load_port(IMPLEMENTATIONS / name)
    assert port.listing in [file.path for file in read_build_files(port)]
