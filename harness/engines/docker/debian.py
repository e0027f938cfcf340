"""The Debian release of this machine, and the mirror that it installs packages from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ONE_LINE_ENTRY = re.compile(
    r"deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s*(?P<components>[^#]*)"
)
MIRROR_SCHEMES = ("http://", "https://", "file:")


@dataclass(frozen=True)
class PackageSource:
    """One archive of packages, for one suite."""

    uri: str
    suite: str
    components: tuple[str, ...]
    signed_by: str = ""


def find_mirror(root: Path = Path("/")) -> str | None:
    """Return the URI of the first archive of Debian itself among the apt sources under `root`.

    Returns None if the system is not Debian or has no such archive. The security archive is
    skipped, because its suite has another name. Third-party archives are skipped, because they
    have another key or other components.
    """
    release = read_os_release(root)
    if release.get("ID") != "debian":
        return None
    for source in read_package_sources(root):
        is_main_archive = (
            source.suite == release.get("VERSION_CODENAME") and "main" in source.components
        )
        has_debian_key = not source.signed_by or "debian-archive" in source.signed_by
        if is_main_archive and has_debian_key and source.uri.startswith(MIRROR_SCHEMES):
            return source.uri
    return None


def read_os_release(root: Path = Path("/")) -> Mapping[str, str]:
    """Return the fields of etc/os-release without their quotes; {} if there is no such file."""
    lines = _read_text(root / "etc/os-release").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}


def read_package_sources(root: Path = Path("/")) -> Iterator[PackageSource]:
    """Yield every source of binary packages that apt has, in the order in which apt reads them."""
    folder = root / "etc/apt/sources.list.d"
    for path in (root / "etc/apt/sources.list", *sorted(folder.glob("*"))):
        if path.suffix == ".list":
            yield from _parse_one_line_entries(_read_text(path))
        elif path.suffix == ".sources":
            yield from _parse_stanzas(_read_text(path))


def _parse_one_line_entries(text: str) -> Iterator[PackageSource]:
    """Parse entries like `deb [signed-by=/a/key.gpg] http://host/debian trixie main`."""
    for line in text.splitlines():
        if entry := ONE_LINE_ENTRY.match(line.strip()):
            options = dict(
                option.partition("=")[::2] for option in (entry["options"] or "").split()
            )
            components = tuple(entry["components"].split())
            yield PackageSource(
                entry["uri"], entry["suite"], components, options.get("signed-by", "")
            )


def _parse_stanzas(text: str) -> Iterator[PackageSource]:
    """Parse entries of several `Field: value` lines (deb822), separated by empty lines."""
    for stanza in re.split(r"\n\s*\n", text):
        fields = _parse_fields(stanza)
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes") == "no":
            continue
        components, signed_by = (
            tuple(fields.get("components", "").split()),
            fields.get("signed-by", ""),
        )
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                yield PackageSource(uri, suite, components, signed_by)


def _parse_fields(stanza: str) -> Mapping[str, str]:
    """Return field names in lower case, and values with their continuation lines."""
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line.startswith("#"):
            continue
        if line[:1].isspace():
            fields[name] = f"{fields.get(name, '')} {line.strip()}"
            continue
        name = line.partition(":")[0].strip().lower()
        fields[name] = line.partition(":")[2].strip()
    return fields


def _read_text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
