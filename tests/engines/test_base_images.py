"""Tests of base images: their sources, their names, and failures.

Most tests use a registry on this machine, and a shell script as mmdebstrap. The real mmdebstrap
builds the base image of the tests in test_docker.py.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from harness.engines.docker.base_images import (
    BaseImage,
    BaseImages,
    base_image_name,
    describe_base,
    mmdebstrap_command,
)
from harness.engines.docker.client import DockerClient
from harness.engines.docker.debian import find_mirror, read_package_sources
from harness.engines.process_group import ChildProcesses
from harness.errors import BuildError, EngineError
from harness.model.port import Base, DebianBase

GCC = DebianBase("trixie", ("gcc", "libc6-dev"))


class TestName:
    def test_the_same_content_has_the_same_name(self) -> None:
        assert base_image_name(GCC) == base_image_name(
            DebianBase("trixie", ("libc6-dev", "gcc", "gcc"))
        )

    @pytest.mark.parametrize(
        "other",
        [DebianBase("bullseye", GCC.packages), DebianBase("trixie", ("gcc",))],
    )
    def test_other_content_has_another_name(self, other: DebianBase) -> None:
        assert base_image_name(GCC) != base_image_name(other)

    def test_the_description_lists_suite_and_packages(self) -> None:
        assert describe_base(GCC) == "debian trixie: gcc, libc6-dev"
        assert describe_base(DebianBase("trixie", ())) == "debian trixie"


class TestCommand:
    def test_the_command_names_suite_and_packages(self) -> None:
        assert mmdebstrap_command(GCC, None) == (
            "mmdebstrap",
            "--variant=minbase",
            "--format=tar",
            "--include=gcc,libc6-dev",
            "trixie",
            "-",
        )

    def test_the_machines_mirror_comes_last(self) -> None:
        command = mmdebstrap_command(DebianBase("trixie", ()), "http://mirror.example/debian")
        assert command[-3:] == ("trixie", "-", "http://mirror.example/debian")
        assert not any(argument.startswith("--include") for argument in command)


class TestMirror:
    @pytest.fixture
    def machine(self, tmp_path: Path) -> Callable[..., Path]:
        """A function that writes the files of a machine: os-release, and apt sources by name."""

        def machine(os_release: str = "ID=debian\nVERSION_CODENAME=trixie\n", **apt: str) -> Path:
            folder = tmp_path / "etc/apt/sources.list.d"
            folder.mkdir(parents=True)
            (tmp_path / "etc/os-release").write_text(os_release)
            for file, text in apt.items():
                name = file.replace("__", ".")
                parent = folder.parent if name == "sources.list" else folder
                (parent / name).write_text(text)
            return tmp_path

        return machine

    def test_one_line_entries(self, machine: Callable[..., Path]) -> None:
        text = """
            # deb http://commented.example/debian trixie main
            deb-src http://source.example/debian trixie main
            deb http://security.example/debian-security trixie-security main
            deb [arch=amd64] http://mirror.example/debian trixie main contrib # ours
            deb http://second.example/debian trixie main
        """
        assert find_mirror(machine(sources__list=text)) == "http://mirror.example/debian"

    def test_stanzas(self, machine: Callable[..., Path]) -> None:
        text = (
            "# a remark\n"
            "Types: deb-src\nURIs: http://source.example/debian\nSuites: trixie\nComponents: main\n"
            "\n"
            "Types: deb\nEnabled: no\nURIs: http://off.example\nSuites: trixie\nComponents: main\n"
            "\n"
            "types: deb deb-src\n"
            "URIs:\n http://mirror.example/debian/\n http://second.example/debian\n"
            "Suites: trixie-updates trixie\n"
            "Components: main\n"
            "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
        )
        assert find_mirror(machine(debian__sources=text)) == "http://mirror.example/debian/"

    def test_a_third_party_archive_is_not_a_mirror(self, machine: Callable[..., Path]) -> None:
        root = machine(
            a__list="deb [signed-by=/etc/apt/keyrings/a.gpg] https://a.example/debian trixie main",
            b__sources="Types: deb\nURIs: https://b.example\nSuites: nodistro\nComponents: main\n",
            c__list="deb https://c.example/linux/debian trixie stable",
            z__list="deb http://mirror.example/debian trixie main",
        )
        assert len(list(read_package_sources(root))) == 4
        assert find_mirror(root) == "http://mirror.example/debian"

    def test_unsupported_schemes_are_not_mirrors(self, machine: Callable[..., Path]) -> None:
        text = "deb cdrom:[Debian]/ trixie main\ndeb mirror+file:/etc/list trixie main\n"
        assert find_mirror(machine(sources__list=text)) is None

    def test_an_ubuntu_archive_is_not_a_mirror(self, machine: Callable[..., Path]) -> None:
        release = 'ID=ubuntu\nID_LIKE="debian"\nVERSION_CODENAME=noble\n'
        text = "deb http://ubuntu.example/ubuntu noble main\n"
        assert find_mirror(machine(release, sources__list=text)) is None

    def test_a_machine_without_apt_has_no_mirror(self, tmp_path: Path) -> None:
        assert find_mirror(tmp_path) is None


Provide = Callable[[Base], BaseImage]


@pytest.mark.docker
class TestBases:
    """Tests with the real engine."""

    @pytest.fixture
    def docker_client(self) -> DockerClient:
        return DockerClient()

    @pytest.fixture
    def children(self) -> Iterator[ChildProcesses]:
        children = ChildProcesses()
        yield children
        children.close()

    @pytest.fixture
    def messages(self) -> list[str]:
        return []

    @pytest.fixture
    def bases(
        self, docker_client: DockerClient, children: ChildProcesses, messages: list[str]
    ) -> BaseImages:
        return BaseImages(docker_client, children, messages.append)

    @pytest.fixture
    def debian(self, docker_client: DockerClient) -> Iterator[DebianBase]:
        """A base that has not been built. Its image is removed after the test."""
        debian = DebianBase("trixie", (f"a{uuid.uuid4().hex}",))
        yield debian
        if docker_client.find_image_id(base_image_name(debian)) is not None:
            docker_client.connect().remove_image(base_image_name(debian))

    @pytest.fixture
    def replace_mmdebstrap(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> Callable[[str], None]:
        """A function that replaces mmdebstrap by a script. `$ARCHIVE` is a complete tar archive."""
        archive = tmp_path / "archive.tar"
        with tarfile.open(archive, "w") as tar:
            entry = tarfile.TarInfo("file")
            entry.size = 3_000_000
            tar.addfile(entry, io.BytesIO(bytes(entry.size)))

        def replace_mmdebstrap(script: str) -> None:
            folder = tmp_path / "bin"
            folder.mkdir()
            (folder / "mmdebstrap").write_text(f"#!/bin/sh\nARCHIVE={archive}\n{script}\n")
            (folder / "mmdebstrap").chmod(0o755)
            monkeypatch.setenv("PATH", str(folder), prepend=":")

        return replace_mmdebstrap

    @pytest.fixture
    def list_labelled_images(
        self, docker_client: DockerClient
    ) -> Callable[[DebianBase], list[object]]:
        def list_labelled_images(debian: DebianBase) -> list[object]:
            label = f"harness.base={describe_base(debian)}"
            return list(docker_client.connect().images(all=True, filters={"label": label}))

        return list_labelled_images

    def test_what_mmdebstrap_writes_becomes_an_image(
        self,
        bases: BaseImages,
        docker_client: DockerClient,
        debian: DebianBase,
        replace_mmdebstrap: Callable[[str], None],
    ) -> None:
        replace_mmdebstrap('cat "$ARCHIVE"')
        image = bases.provide(Base(None, debian))
        assert image == BaseImage(base_image_name(debian), describe_base(debian), debian.packages)
        attributes = docker_client.connect().inspect_image(image.reference)
        assert attributes["Size"] == 3_000_000
        assert attributes["Config"]["Labels"] == {"harness.base": describe_base(debian)}

    def test_a_base_is_built_once_for_several_threads(
        self,
        bases: BaseImages,
        debian: DebianBase,
        replace_mmdebstrap: Callable[[str], None],
        messages: list[str],
    ) -> None:
        replace_mmdebstrap('sleep 0.3; cat "$ARCHIVE"')
        threads = [
            threading.Thread(target=bases.provide, args=(Base(None, debian),)) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert messages == [f"building the base image {describe_base(debian)}"]
        assert bases.provide(Base(None, debian)).reference == base_image_name(debian)
        assert len(messages) == 1

    def test_different_bases_are_built_in_parallel(
        self,
        bases: BaseImages,
        docker_client: DockerClient,
        debian: DebianBase,
        replace_mmdebstrap: Callable[[str], None],
        tmp_path: Path,
    ) -> None:
        # Each script waits until the other has started.
        replace_mmdebstrap(
            f"touch {tmp_path}/$$; until [ $(ls {tmp_path}/[0-9]* | wc -l) = 2 ]; do"
            ' sleep 0.05; done; cat "$ARCHIVE"'
        )
        other = DebianBase("bullseye", debian.packages)
        thread = threading.Thread(target=bases.provide, args=(Base(None, other),), daemon=True)
        thread.start()
        try:
            assert bases.provide(Base(None, debian)).reference == base_image_name(debian)
            thread.join(20)
            assert docker_client.find_image_id(base_image_name(other)) is not None
        finally:
            docker_client.connect().remove_image(base_image_name(other))

    @pytest.mark.parametrize(
        "script",
        [
            "echo E: unable to locate >&2; exit 25",
            'cat "$ARCHIVE"; echo E: unable to locate >&2; exit 25',
            'head -c 1000000 "$ARCHIVE"; echo E: unable to locate >&2; exit 25',
        ],
        ids=["before", "after", "in the middle"],
    )
    def test_a_failure_leaves_its_log_and_no_image(
        self,
        bases: BaseImages,
        docker_client: DockerClient,
        debian: DebianBase,
        replace_mmdebstrap: Callable[[str], None],
        list_labelled_images: Callable[[DebianBase], list[object]],
        script: str,
    ) -> None:
        replace_mmdebstrap(script)
        with pytest.raises(BuildError, match="could not be built") as caught:
            bases.provide(Base(None, debian))
        assert caught.value.log == "E: unable to locate\n"
        assert describe_base(debian) in caught.value.message
        assert docker_client.find_image_id(base_image_name(debian)) is None
        assert list_labelled_images(debian) == []

    def test_invalid_archive_data_makes_no_image(
        self,
        bases: BaseImages,
        docker_client: DockerClient,
        debian: DebianBase,
        replace_mmdebstrap: Callable[[str], None],
    ) -> None:
        replace_mmdebstrap("seq 1 100000")
        with pytest.raises(BuildError, match="could not be built"):
            bases.provide(Base(None, debian))
        assert docker_client.find_image_id(base_image_name(debian)) is None

    def test_a_build_that_takes_too_long_is_ended(
        self,
        docker_client: DockerClient,
        children: ChildProcesses,
        debian: DebianBase,
        replace_mmdebstrap: Callable[[str], None],
        list_labelled_images: Callable[[DebianBase], list[object]],
    ) -> None:
        replace_mmdebstrap('cat "$ARCHIVE"; echo waiting >&2; sleep 100')
        bases = BaseImages(docker_client, children, build_seconds=0.5)
        started = time.monotonic()
        with pytest.raises(BuildError, match=r"longer than 0\.5 seconds") as caught:
            bases.provide(Base(None, debian))
        assert time.monotonic() - started < 20
        assert "waiting\n" in caught.value.log
        assert list_labelled_images(debian) == []

    def test_closing_the_engine_ends_a_build(
        self,
        bases: BaseImages,
        children: ChildProcesses,
        debian: DebianBase,
        replace_mmdebstrap: Callable[[str], None],
        tmp_path: Path,
    ) -> None:
        replace_mmdebstrap(f"touch {tmp_path}/begun; sleep 100")
        failed: list[BuildError] = []

        def build() -> None:
            with pytest.raises(BuildError) as caught:
                bases.provide(Base(None, debian))
            failed.append(caught.value)

        building = threading.Thread(target=build)
        building.start()
        while not (tmp_path / "begun").exists():
            time.sleep(0.01)
        children.close(grace=5.0)
        building.join(20)
        assert failed

    def test_a_missing_mmdebstrap_is_an_error_with_a_hint(
        self, bases: BaseImages, debian: DebianBase, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(BuildError, match="mmdebstrap") as caught:
            bases.provide(Base(None, debian))
        assert "harness doctor" in caught.value.hint
        with pytest.raises(BuildError) as caught:
            bases.provide(Base("gcc:14", debian))
        assert "HARNESS_BASES=gcc:14" in caught.value.hint

    def test_the_log_of_mmdebstrap_names_a_missing_package(
        self, bases: BaseImages, debian: DebianBase
    ) -> None:
        with pytest.raises(BuildError) as caught:
            bases.provide(Base(None, debian))
        assert debian.packages[0] in caught.value.log
        assert not list(Path(tempfile.gettempdir()).glob("mmdebstrap.*"))


class Registry(ThreadingHTTPServer):
    """A registry that supports pulling one image, `small:1`, of one layer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), RegistryHandler)
        self.requested_paths: list[str] = []
        tar = io.BytesIO()
        with tarfile.open(fileobj=tar, mode="w") as archive:
            archive.addfile(tarfile.TarInfo("file"))
        layer = tar.getvalue()
        # Random content, so that the engine has no layers from an earlier pull.
        config = {
            "architecture": "amd64",
            "os": "linux",
            "author": uuid.uuid4().hex,
            "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
        }
        config_bytes = json.dumps(config).encode()
        media_type = "application/vnd.docker.{}"
        self.blobs = {digest(blob): blob for blob in (layer, config_bytes)}
        self.manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": entry(media_type.format("container.image.v1+json"), config_bytes),
                "layers": [entry(media_type.format("image.rootfs.diff.tar"), layer)],
            }
        ).encode()

    @property
    def image(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}/small:1"


MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def entry(kind: str, blob: bytes) -> dict[str, object]:
    return {"mediaType": kind, "size": len(blob), "digest": digest(blob)}


class RegistryHandler(BaseHTTPRequestHandler):
    server: Registry

    def do_GET(self) -> None:
        self.server.requested_paths.append(self.path)
        parts = self.path.strip("/").split("/")
        if parts == ["v2"]:
            self.respond(b"{}", "application/json")
        elif parts[:3] == ["v2", "small", "blobs"] and parts[3] in self.server.blobs:
            self.respond(self.server.blobs[parts[3]], "application/octet-stream")
        elif parts[1:] in (["small", "manifests", "1"], self.path_by_digest()):
            self.respond(self.server.manifest, MANIFEST)
        else:
            self.respond(
                b'{"errors": [{"code": "MANIFEST_UNKNOWN", "message": "unknown"}]}',
                "application/json",
                404,
            )

    def do_HEAD(self) -> None:
        self.do_GET()

    def path_by_digest(self) -> list[str]:
        return ["small", "manifests", digest(self.server.manifest)]

    def respond(self, body: bytes, content_type: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Docker-Content-Digest", digest(body))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print no log."""


@pytest.mark.docker
class TestRegistry:
    """Tests with the real engine, and a registry on this machine."""

    @pytest.fixture
    def registry(self) -> Iterator[Registry]:
        with Registry() as registry:
            thread = threading.Thread(target=registry.serve_forever)
            thread.start()
            yield registry
            registry.shutdown()
            thread.join()

    @pytest.fixture
    def unreachable_image(self) -> str:
        """An image of a registry that does not run."""
        with Registry() as registry:
            return registry.image

    @pytest.fixture(autouse=True)
    def allowed(
        self, registry: Registry, unreachable_image: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The user allows the images of these tests."""
        missing = registry.image.replace("small", "missing")
        monkeypatch.setenv("HARNESS_BASES", f"{registry.image} {unreachable_image} {missing}")

    @pytest.fixture
    def debian(self, monkeypatch: pytest.MonkeyPatch) -> DebianBase:
        """A base whose build is replaced by a function that does nothing."""
        monkeypatch.setattr(BaseImages, "_build", lambda *_: None)
        return DebianBase("trixie", (f"a{uuid.uuid4().hex}",))

    @pytest.fixture
    def docker_client(self) -> DockerClient:
        return DockerClient()

    @pytest.fixture
    def provide(self, docker_client: DockerClient) -> Iterator[Provide]:
        provided: list[BaseImage] = []
        bases = BaseImages(docker_client, ChildProcesses())

        def provide(base: Base) -> BaseImage:
            provided.append(bases.provide(base))
            return provided[-1]

        yield provide
        for image in provided:
            if docker_client.find_image_id(image.reference) is not None:
                docker_client.connect().remove_image(image.reference)

    def test_an_image_of_a_registry_is_pulled(
        self, registry: Registry, provide: Provide, debian: DebianBase, docker_client: DockerClient
    ) -> None:
        assert provide(Base(registry.image, debian)) == BaseImage(registry.image, registry.image)
        assert docker_client.find_image_id(registry.image) is not None

    def test_an_image_of_the_engine_is_not_requested(
        self, registry: Registry, provide: Provide, debian: DebianBase
    ) -> None:
        provide(Base(registry.image, debian))
        registry.requested_paths.clear()
        provide(Base(registry.image, debian))
        assert registry.requested_paths == []

    def test_an_image_missing_in_the_registry_is_built(
        self, registry: Registry, provide: Provide, debian: DebianBase
    ) -> None:
        missing = registry.image.replace("small", "missing")
        assert provide(Base(missing, debian)).description == describe_base(debian)
        # The registry is still asked for other images.
        assert provide(Base(registry.image, debian)).reference == registry.image

    def test_an_unreachable_registry_is_asked_once(
        self, registry: Registry, unreachable_image: str, provide: Provide, debian: DebianBase
    ) -> None:
        assert provide(Base(unreachable_image, debian)).description == describe_base(debian)
        assert provide(Base(registry.image, debian)).description == describe_base(debian)
        assert registry.requested_paths == []

    @pytest.mark.parametrize("allowed", ["", "gcc:14 node:20", "{image}0", "127.0.0.1 small:1"])
    def test_an_image_that_the_user_does_not_name_is_not_used(
        self,
        allowed: str,
        registry: Registry,
        debian: DebianBase,
        docker_client: DockerClient,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("HARNESS_BASES", allowed.format(image=registry.image))
        image = BaseImages(docker_client, ChildProcesses()).provide(Base(registry.image, debian))
        assert image.description == describe_base(debian)
        assert registry.requested_paths == []

    @pytest.mark.parametrize("name", ["--privileged", "A:1", "a$x:1", ";"])
    def test_what_is_no_name_of_an_image_is_an_error(
        self, name: str, docker_client: DockerClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HARNESS_BASES", f"gcc:14 {name}")
        with pytest.raises(EngineError, match="HARNESS_BASES contains") as caught:
            BaseImages(docker_client, ChildProcesses())
        assert name in caught.value.message
        assert "gcc:14" in caught.value.hint
