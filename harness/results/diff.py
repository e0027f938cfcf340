"""The comparison of two runs: what got worse, what got better, and what only one run has.

Only what both runs share is compared: checks of ports that could be run in both, on cases that have
the same system in both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.model.check import CONTINUES, Check
from harness.model.verdict import RANKS, Outcome, Standing, Variant
from harness.results.toolchains import ToolchainChange, compare_toolchains

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from harness.results.schema import Results, VerdictRecord

VerdictKey = tuple[str, Variant, str, Check]
"""A port's name, its variant, a case's name, and a check."""

STANDING_ORDER = (Standing.CONFORMING, Standing.NEITHER, Standing.DEVIATING)
"""The standings from best to worst."""


@dataclass(frozen=True)
class Change:
    """A check whose outcome differs between the runs. `detail` and `finding` belong to the new
    verdict."""

    port: str
    variant: Variant
    case: str
    check: Check
    old: Outcome
    new: Outcome
    detail: str
    finding: str | None

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
    before, after = index_verdicts(old, altered), index_verdicts(new, altered)
    old_broken, new_broken = list_broken_ports(old), list_broken_ports(new)
    before, after = fill_in_processes(before, after), fill_in_processes(after, before)
    only_old = find_unshared(before, after).without_ports(new_broken)
    only_new = find_unshared(after, before).without_ports(old_broken)
    shared_keys = [key for key in after if key in before]
    changes = (build_change(before[key], after[key]) for key in shared_keys)
    return Comparison(
        changes=tuple(change for change in changes if change.old is not change.new),
        compared=len(shared_keys),
        judged=sum(
            {before[key].standing, after[key].standing} != {Standing.NEITHER} for key in shared_keys
        ),
        unmatched=count_unmatched(before, after, only_old)
        + count_unmatched(after, before, only_new),
        only_new=only_new,
        only_old=only_old,
        altered=altered,
        newly_broken=find_missing_names(new_broken, old_broken),
        no_longer_broken=find_missing_names(old_broken, new_broken),
        toolchains=compare_toolchains(old, new),
    )


def fill_in_processes(
    verdicts: dict[VerdictKey, VerdictRecord], others: Mapping[VerdictKey, VerdictRecord]
) -> dict[VerdictKey, VerdictRecord]:
    """Return the verdicts with those on a process that did not fail, where it did in the other run.

    A run has a verdict on `process.continues` only where a process failed between two cases.
    """
    answered = {key[:3] for key in verdicts}
    filled_in = {
        key: verdict.model_copy(update={"outcome": Outcome.RIGHT, "detail": "", "finding": None})
        for key, verdict in others.items()
        if key[3] == CONTINUES and key not in verdicts and key[:3] in answered
    }
    return {**verdicts, **filled_in}


def find_altered_cases(old: Results, new: Results) -> tuple[str, ...]:
    """Return the names of cases that have different systems in the two runs."""
    systems = {case.name: (case.system, case.right_hand_sides) for case in old.cases}
    return tuple(
        case.name
        for case in new.cases
        if systems.get(case.name, (case.system, case.right_hand_sides))
        != (case.system, case.right_hand_sides)
    )


def index_verdicts(results: Results, altered: Sequence[str]) -> dict[VerdictKey, VerdictRecord]:
    """Return the verdicts that can be compared, by their keys.

    Verdicts on a port whose toolchain is missing, or that is broken, are left out, as they say
    nothing about its program.
    """
    missing = {
        (port.name, variant)
        for port in results.ports
        for variant, record in ((Variant.PUBLISHED, port), (Variant.FIXED, port.fixed))
        if record is not None and (record.missing_toolchain or record.broken)
    }
    return {
        (verdict.port, verdict.variant, verdict.case, verdict.check): verdict
        for verdict in results.verdicts
        if verdict.case not in altered and (verdict.port, verdict.variant) not in missing
    }


def list_broken_ports(results: Results) -> tuple[str, ...]:
    """Return the titles of the ports that are broken, such as `java` or `java fixed`."""
    published = [port.name for port in results.ports if port.broken]
    fixed = [f"{p.name} {Variant.FIXED}" for p in results.ports if p.fixed and p.fixed.broken]
    return (*published, *fixed)


def build_change(old: VerdictRecord, new: VerdictRecord) -> Change:
    """Return the change between two verdicts on the same check."""
    return Change(
        port=new.port,
        variant=new.variant,
        case=new.case,
        check=new.check,
        old=old.outcome,
        new=new.outcome,
        detail=new.detail,
        finding=new.finding,
    )


def find_unshared(
    verdicts: Mapping[VerdictKey, VerdictRecord], other_verdicts: Mapping[VerdictKey, VerdictRecord]
) -> Unshared:
    """Return the ports, cases and checks that occur in the first verdicts only."""
    absent_ports = find_missing_names(
        (key[0] for key in verdicts), (key[0] for key in other_verdicts)
    )
    remaining = [key for key in verdicts if key[0] not in absent_ports]
    return Unshared(
        ports=(
            *absent_ports,
            *find_missing_names(
                map(format_port_title, remaining), map(format_port_title, other_verdicts)
            ),
        ),
        cases=find_missing_names(map(get_case_name, verdicts), map(get_case_name, other_verdicts)),
        checks=find_missing_names((key[3] for key in verdicts), (key[3] for key in other_verdicts)),
    )


def find_missing_names(names: Iterable[str], other_names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that occur in the first sequence only, each once, in order."""
    excluded = set(other_names)
    return tuple(name for name in dict.fromkeys(names) if name not in excluded)


def count_unmatched(
    verdicts: Mapping[VerdictKey, VerdictRecord],
    other_verdicts: Mapping[VerdictKey, VerdictRecord],
    known: Unshared,
) -> int:
    """Return how many verdicts have no counterpart for a reason other than `known`."""
    return sum(
        key not in other_verdicts
        and not {key[0], format_port_title(key)} & {*known.ports}
        and get_case_name(key) not in known.cases
        and key[3] not in known.checks
        for key in verdicts
    )


def format_port_title(key: VerdictKey) -> str:
    """Return the name of a port and its variant, such as `java` or `java fixed`."""
    port, variant, _, _ = key
    return port if variant is Variant.PUBLISHED else f"{port} {variant}"


def get_case_name(key: VerdictKey) -> str:
    """Return the name of the case in a key."""
    return key[2]
