"""Run the tests on the oldest and the newest Python, with the lowest and the highest versions of
all packages that pyproject.toml allows: `make test-versions`.

Each Python is that of a Debian release, in a container that has the network of this machine. Tests
that need a container engine or a browser are left out: `make test` runs them on one Python.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import docker

from harness.engines.docker.debian import find_mirror

PYTHONS = {"3.11": "bookworm", "3.15": "forky"}
"""The Debian release of each Python that is tested."""

SETTINGS = ("UV_", "SSL_CERT_")
"""The beginnings of the names of variables that say where uv fetches packages from."""

RESOLUTIONS = ("lowest-direct", "highest")
PACKAGES = "ca-certificates,git,make,python{}-venv"
MARKERS = "not docker and not browser and not templates and not safeguards"

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")
MOUNTS = {
    str(ROOT): {"bind": "/checkout", "mode": "ro"},
    str(UV): {"bind": "/usr/local/bin/uv", "mode": "ro"},
    "/etc/ssl/certs": {"bind": "/etc/ssl/certs", "mode": "ro"},
}

SCRIPT = f"""
set -e
mkdir /copy
cd /copy
tar -C /checkout --exclude=./.venv --exclude=./.git --exclude=./reports/* -c . | tar -x
uv venv --quiet --python python$PYTHON /environment
export VIRTUAL_ENV=/environment PATH=/environment/bin:$PATH
uv pip install --quiet --resolution $RESOLUTION --only-binary :all: --no-binary harness \\
    --editable '.[test]'
uv pip list
pytest --numprocesses auto --dist loadfile -m '{MARKERS}'
"""


def provide_image(client: docker.DockerClient, python: str) -> str:
    """Return the name of an image with a Python, and make the image if there is none."""
    name = f"harness-python:{python}"
    if not client.images.list(name):
        print(f"making an image of Debian {PYTHONS[python]} with Python {python}", flush=True)
        mirror = find_mirror()
        # A mirror that is not updated any more serves an index that counts as expired.
        command = ["mmdebstrap", "--quiet", '--aptopt=Acquire::Check-Valid-Until "false"']
        packages = ["--variant=minbase", f"--include={PACKAGES.format(python)}"]
        source = [PYTHONS[python], "-", *([mirror] if mirror else [])]
        with tempfile.TemporaryFile() as archive:
            subprocess.run([*command, *packages, *source], stdout=archive, check=True)
            archive.seek(0)
            chunks = iter(partial(archive.read, 1 << 20), b"")
            client.api.import_image_from_stream(chunks, *name.split(":"))
    return name


def run_tests(client: docker.DockerClient, python: str, resolution: str) -> int:
    """Return the exit status of the tests, whose output is shown."""
    settings = {name: os.environ[name] for name in os.environ if name.startswith(SETTINGS)}
    container = client.containers.create(
        provide_image(client, python),
        ["sh", "-c", SCRIPT],
        environment={**settings, "PYTHON": python, "RESOLUTION": resolution, "LANG": "C.UTF-8"},
        init=True,
        network_mode="host",
        volumes=MOUNTS,
    )
    try:
        container.start()
        for output in container.logs(stream=True, follow=True):
            print(output.decode(errors="replace"), end="", flush=True)
        return int(container.wait()["StatusCode"])
    finally:
        container.remove(force=True)


def main() -> None:
    """Run all combinations, or those whose Python or resolution is an argument."""
    client = docker.from_env(timeout=3600)
    statuses = {
        (python, resolution): run_tests(client, python, resolution)
        for python in PYTHONS
        for resolution in RESOLUTIONS
        if set(sys.argv[1:]) <= {python, resolution}
    }
    for (python, resolution), status in statuses.items():
        print(f"Python {python}, {resolution}: {'failed' if status else 'passed'}")
    sys.exit(any(statuses.values()))


if __name__ == "__main__":
    main()
