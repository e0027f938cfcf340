"""What a port is built with: a base, and the packages in it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Package:
    """An installed package of an operating system, with its version there."""

    name: str
    version: str


@dataclass(frozen=True)
class InstalledBase:
    """What a port is built on and runs on.

    `description` is text for people: `debian trixie: gcc, libc6-dev`. `image` is the id of a base
    image. `requested` are the names of the packages that the port asks for, and `packages` all
    packages in the base. They are empty where there is no image, or none with Debian's packages.
    """

    description: str = ""
    image: str = ""
    requested: tuple[str, ...] = ()
    packages: tuple[Package, ...] = ()
