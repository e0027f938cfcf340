"""A port with two faults, each with a finding and a patch, and a plain build.

It exits in `exits-*`, is killed in `killed-*`, and in `both-*` it does both, one after the other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from support.ports import FINDING

PROGRAM = """\
. ./port.sh
exit_status=3
kill=1
act() {
    case $name in
        exits-* | both-*) [ $exit_status = 0 ] || { begin; echelon; exit $exit_status; } ;;
    esac
    case $name in
        killed-* | both-*) [ $kill = 0 ] || { begin; echelon; kill -KILL $$; } ;;
    esac
    answer
}
read_cases act
"""
PATCHES = {"exits": (2, "exit_status=3", "exit_status=0"), "killed": (3, "kill=1", "kill=0")}

RUN = ["sh", "program.sh"]
"""The command of the port."""


def write_two_faults(folder: Path, **claims: list[str]) -> None:
    """Write the program of the port into its folder, the patches, and a finding of each name, which
    claims these cases for `reduced.form`."""
    (folder / "program.sh").write_text(PROGRAM)
    findings = [make_finding(name, cases) for name, cases in claims.items()]
    (folder / "findings.yaml").write_text(yaml.safe_dump({"findings": findings}))
    for name, (number, old, new) in PATCHES.items():
        (folder / f"{name}.patch").write_text(
            f"--- a/program.sh\n+++ b/program.sh\n@@ -{number} +{number} @@\n-{old}\n+{new}\n"
        )


def make_finding(name: str, cases: list[str]) -> dict[str, Any]:
    """Return the keys of a finding."""
    explained = [{"check": "reduced.form", "cases": cases, "why": "x"}]
    return FINDING | {"id": name, "patch": f"{name}.patch", "explains": explained}
