"""The packages of a base image."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.engines.docker.client import DockerClient
from harness.engines.docker.containers import Containers
from harness.engines.docker.engine import DockerEngine
from harness.engines.docker.packages import list_packages, parse_packages
from harness.model.toolchain import Package
from support.ports import make_shell_port


def test_installed_packages_are_in_order_of_their_names() -> None:
    listing = "installed zsh 5.9-8\ninstalled gcc 4:14.2.0-1\nconfig-files old 1\n"
    assert parse_packages(listing) == (Package("gcc", "4:14.2.0-1"), Package("zsh", "5.9-8"))


def test_a_package_for_two_architectures_is_one() -> None:
    assert len(parse_packages("installed libc6 2.41-12\ninstalled libc6 2.41-12\n")) == 1


@pytest.mark.parametrize("listing", ["", "\n", "installed\n", "installed a\n", "a b c d\n"])
def test_other_lines_are_left_out(listing: str) -> None:
    assert parse_packages(listing) == ()


@pytest.mark.docker
class TestImages:
    def list_after(self, folder: Path, *commands: tuple[str, ...]) -> str:
        """Return the list in an image that these commands have made."""
        with DockerEngine() as engine:
            image = engine.build(make_shell_port(folder, *commands)).image
            containers = Containers(DockerClient())
            try:
                return list_packages(image, DockerClient(), containers)
            finally:
                containers.close()

    def test_it_is_that_of_dpkg(self, tmp_path: Path) -> None:
        packages = {
            package.name: package.version for package in parse_packages(self.list_after(tmp_path))
        }
        assert packages["dpkg"].startswith("1.")
        assert 50 < len(packages) < 200
