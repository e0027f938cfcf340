"""The comparison of two runs: what got worse, what got better, and what only one run has.

Only what both runs share is compared: checks of ports that could be run in both, on cases that have
the same system in both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.model.check import CONTINUES, Check
from harness.model.verdict import RANKS, Outcome, Standing, Variant
from harness.results.cells import Mark
from harness.results.toolchains import ToolchainChange, compare_toolchains

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from harness.results.results import Results

CellKey = tuple[str, Variant, str]
"""A port's name, its variant, and a case's name."""

GroupKey = tuple[str, Variant, Check, "Outcome", "Outcome"]
"""What changes have in common that are printed together: port, variant, check, and outcomes."""

STANDING_ORDER = (Standing.CONFORMING, Standing.NEITHER, Standing.DEVIATING)
"""The standings from best to worst."""


@dataclass(frozen=True, slots=True)
class Change:
    """A check whose outcome differs between the runs. `finding` and `detail` belong to the new
    verdict; `detail` is given for the first change of each group only."""

    port: str
    variant: Variant
    case: str
    check: Check
    old: Outcome
    new: Outcome
    detail: str
    finding: str | None

    @property
    def group_key(self) -> GroupKey:
        """The group of changes that are printed together."""
        return self.port, self.variant, self.check, self.old, self.new

    @property
    def is_worse(self) -> bool:
        """True if the new outcome is worse than the old one.

        That is so if the check conformed and no longer does, if it deviates and did not, and if it
        deviates with a more severe outcome (see `verdict.SEVERITY`).
        """
        before, after = (
            STANDING_ORDER.index(self.old.standing),
            STANDING_ORDER.index(self.new.standing),
        )
        if before == after and self.new.deviates:
            return RANKS[self.new] < RANKS[self.old]
        return after > before


@dataclass(frozen=True)
class Unshared:
    """The names that one of two runs has and the other lacks.

    A port is named `java fixed` if the other run lacks only its fixed variant.
    """

    ports: tuple[str, ...]
    cases: tuple[str, ...]
    checks: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.ports or self.cases or self.checks)

    def without_ports(self, names: Sequence[str]) -> Unshared:
        """Return the same names without those of some ports."""
        return replace(self, ports=tuple(port for port in self.ports if port not in names))


@dataclass(frozen=True)
class Comparison:
    """The differences between two runs.

    `compared` counts the checks that both runs have a verdict on, `judged` those of them that
    conform or deviate in one of the runs. `unmatched` counts the verdicts
    on shared ports, cases and checks that only one run has, for example after an interruption.
    `altered` names the cases whose systems differ between the runs; these are not compared.
    `newly_broken` and `no_longer_broken` name the ports whose program answers no case in one of the
    runs; these are not compared either. `toolchains` are differences of toolchains, each with the
    names of its ports.
    """

    changes: tuple[Change, ...]
    compared: int
    judged: int
    unmatched: int
    only_new: Unshared
    only_old: Unshared
    altered: tuple[str, ...]
    newly_broken: tuple[str, ...] = ()
    no_longer_broken: tuple[str, ...] = ()
    toolchains: tuple[tuple[ToolchainChange, tuple[str, ...]], ...] = ()

    @property
    def became_deviating(self) -> tuple[Change, ...]:
        """The changes in which a check deviates that did not deviate before."""
        return self._select(lambda c: c.new.deviates and not c.old.deviates)

    @property
    def no_longer_judged(self) -> tuple[Change, ...]:
        """The changes in which a check conformed and can no longer be judged."""
        return self._select(
            lambda c: (c.old.standing, c.new.standing) == (Standing.CONFORMING, Standing.NEITHER)
        )

    @property
    def deviates_otherwise(self) -> tuple[Change, ...]:
        """The changes in which a check deviates, but with another outcome."""
        return self._select(lambda c: c.old.deviates and c.new.deviates)

    @property
    def became_conforming(self) -> tuple[Change, ...]:
        """The changes in which a check deviated and now conforms."""
        return self._select(lambda c: c.old.deviates and c.new.standing is Standing.CONFORMING)

    @property
    def changed_otherwise(self) -> tuple[Change, ...]:
        """All other changes. None of them is worse."""
        classified = {
            *self.became_deviating,
            *self.no_longer_judged,
            *self.deviates_otherwise,
            *self.became_conforming,
        }
        return self._select(lambda c: c not in classified)

    @property
    def is_worse(self) -> bool:
        """True if anything got worse."""
        return bool(self.newly_broken) or any(change.is_worse for change in self.changes)

    def _select(self, is_selected: Callable[[Change], bool]) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if is_selected(change))


def compare_runs(old: Results, new: Results) -> Comparison:
    """Return the comparison of a run with an earlier one."""
    altered = find_altered_cases(old, new)
    interrupted = {*find_failed_processes(old), *find_failed_processes(new)}
    before = ComparedCells(old, altered, interrupted)
    after = ComparedCells(new, altered, interrupted)
    old_broken, new_broken = list_broken_ports(old), list_broken_ports(new)
    only_old = find_unshared(before, after).without_ports(new_broken)
    only_new = find_unshared(after, before).without_ports(old_broken)
    changes: list[Change] = []
    compared = judged = 0
    for key in after:
        earlier = before.map_outcomes(key)
        for mark in after.get_marks(key):
            if mark.check in earlier:
                outcomes = earlier[mark.check], mark.outcome
                compared += 1
                judged += {outcome.standing for outcome in outcomes} != {Standing.NEITHER}
                if outcomes[0] is not outcomes[1]:
                    changes.append(Change(*key, mark.check, *outcomes, "", mark.finding))
    return Comparison(
        changes=tuple(add_details(changes, new)),
        compared=compared,
        judged=judged,
        unmatched=count_unmatched(before, after, only_old)
        + count_unmatched(after, before, only_new),
        only_new=only_new,
        only_old=only_old,
        altered=altered,
        newly_broken=find_missing_names(new_broken, old_broken),
        no_longer_broken=find_missing_names(old_broken, new_broken),
        toolchains=compare_toolchains(old, new),
    )


def find_altered_cases(old: Results, new: Results) -> tuple[str, ...]:
    """Return the names of cases that have different systems in the two runs."""
    return tuple(
        case.name
        for case in new.case_summaries.values()
        if (other := old.case_summaries.get(case.name)) and other.digest != case.digest
    )


def find_failed_processes(results: Results) -> Iterator[CellKey]:
    """Yield the cells with a verdict on `process.continues`.

    A run has one only where a process failed between two cases.
    """
    has_failed: dict[int, bool] = {}
    for (port, variant), cells in results.cells.items():
        for case, cell in cells.items():
            key = id(cell.marks)
            if key not in has_failed:
                has_failed[key] = any(mark.check == CONTINUES for mark in cell.marks.all)
            if has_failed[key]:
                yield port, variant, case


CONTINUED = Mark(CONTINUES, Outcome.RIGHT, None, None, recurs=True, wording=0)


class ComparedCells:
    """The cells of a run that can be compared.

    Those of a port whose toolchain is missing, or that is broken, are left out, as they say nothing
    about its program. Where a process failed before a case in one run, `failed`, it did not fail in
    the other, if that has no verdict on it.
    """

    def __init__(
        self, results: Results, altered: Sequence[str], failed: Collection[CellKey]
    ) -> None:
        missing = {
            (port.name, variant)
            for port in results.ports
            for variant, record in ((Variant.PUBLISHED, port), (Variant.FIXED, port.fixed))
            if record is not None and (record.missing_toolchain or record.broken)
        }
        self._altered = frozenset(altered)
        self._failed = failed
        self.cells = {key: cells for key, cells in results.cells.items() if key not in missing}
        keys = list(self)
        self.ports = dict.fromkeys(port for port, _, _ in keys)
        self.titles = {format_port_title(key): key[0] for key in keys}
        self.cases = dict.fromkeys(case for _, _, case in keys)
        marks = {id(marks): marks for key in keys for marks in (self.get_marks(key),)}
        self.checks = dict.fromkeys(mark.check for each in marks.values() for mark in each)

    def __iter__(self) -> Iterator[CellKey]:
        for (port, variant), cells in self.cells.items():
            for case, cell in cells.items():
                if cell.marks.all and case not in self._altered:
                    yield port, variant, case

    def get_marks(self, key: CellKey) -> tuple[Mark, ...]:
        """Return the marks of a cell; none if there is no such cell."""
        port, variant, case = key
        cell = self.cells.get((port, variant), {}).get(case)
        marks = cell.marks.all if cell else ()
        if marks and key in self._failed and all(mark.check != CONTINUES for mark in marks):
            return *marks, CONTINUED
        return marks

    def map_outcomes(self, key: CellKey) -> dict[Check, Outcome]:
        """Return the outcomes of a cell by check."""
        return {mark.check: mark.outcome for mark in self.get_marks(key)}


def add_details(changes: Sequence[Change], new: Results) -> Iterator[Change]:
    """Yield the changes, the first of each group with its detail."""
    described: set[GroupKey] = set()
    for change in changes:
        if change.group_key in described:
            yield change
        else:
            described.add(change.group_key)
            cell = new.read_cell(change.port, change.variant, change.case)
            details = {v.check: v.detail for v in cell.verdicts} if cell else {}
            yield replace(change, detail=details.get(change.check, ""))


def list_broken_ports(results: Results) -> tuple[str, ...]:
    """Return the titles of the ports that are broken, such as `java` or `java fixed`."""
    published = [port.name for port in results.ports if port.broken]
    fixed = [f"{p.name} {Variant.FIXED}" for p in results.ports if p.fixed and p.fixed.broken]
    return (*published, *fixed)


def find_unshared(cells: ComparedCells, others: ComparedCells) -> Unshared:
    """Return the ports, cases and checks that occur in the first cells only."""
    absent_ports = find_missing_names(cells.ports, others.ports)
    remaining = (title for title, port in cells.titles.items() if port not in absent_ports)
    return Unshared(
        ports=(*absent_ports, *find_missing_names(remaining, others.titles)),
        cases=find_missing_names(cells.cases, others.cases),
        checks=find_missing_names(cells.checks, others.checks),
    )


def find_missing_names(names: Iterable[str], other_names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that occur in the first sequence only, each once, in order."""
    excluded = set(other_names)
    return tuple(name for name in dict.fromkeys(names) if name not in excluded)


def count_unmatched(cells: ComparedCells, others: ComparedCells, known: Unshared) -> int:
    """Return how many verdicts have no counterpart for a reason other than `known`."""
    ports, cases, checks = map(frozenset, (known.ports, known.cases, known.checks))
    number = 0
    for key in cells:
        if {key[0], format_port_title(key)} & ports or key[2] in cases:
            continue
        other_checks = others.map_outcomes(key)
        number += sum(
            mark.check not in other_checks and mark.check not in checks
            for mark in cells.get_marks(key)
        )
    return number


def format_port_title(key: CellKey) -> str:
    """Return the name of a port and its variant, such as `java` or `java fixed`."""
    port, variant, _ = key
    return port if variant is Variant.PUBLISHED else f"{port} {variant}"
