"""Two runs compared, on what both of them asked: what got worse, what got better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.verdict import Check, Outcome, Variant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.results import Results, Verdict

Key = tuple[str, Variant, str, Check]
"""A port, its variant, a case and a check."""


@dataclass(frozen=True)
class Change:
    """One check of one port about one case that came out otherwise than before.

    `unexplained` says that it deviates as it did, but that no finding explains it any more.
    """

    before: Verdict
    after: Verdict

    @property
    def unexplained(self) -> bool:
        """Whether a deviation lost its explanation."""
        return self.after.unexplained and self.before.outcome.deviates

    @property
    def is_worse(self) -> bool:
        """Whether it deviates now, is not explained now, or is not asked any more, and was."""
        if self.after.outcome.deviates:
            lost = self.after.unexplained and not self.before.unexplained
            return not self.before.outcome.deviates or lost
        return self.after.outcome is Outcome.GIVEN_UP

    @property
    def is_better(self) -> bool:
        """Whether it deviated, and conforms now."""
        before, after = self.before.outcome, self.after.outcome
        return before.deviates and not after.deviates and after is not Outcome.GIVEN_UP


@dataclass(frozen=True)
class Unshared:
    """What only one of two runs has: names of ports (and variants), of cases, and checks."""

    ports: tuple[str, ...]
    cases: tuple[str, ...]
    checks: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.ports or self.cases or self.checks)


@dataclass(frozen=True)
class Comparison:
    """How the results of two runs differ. `shared` is how many verdicts both have.

    `broken` are the ports that could be run before and cannot now.
    """

    shared: int
    worse: tuple[Change, ...]
    better: tuple[Change, ...]
    other: tuple[Change, ...]
    gone: Unshared
    new: Unshared
    broken: tuple[str, ...]

    @property
    def exit_status(self) -> int:
        """1 where anything got worse, 0 otherwise."""
        return 1 if self.worse or self.broken else 0


def compare(old: Results, new: Results) -> Comparison:
    """How the results of a new run differ from those of an old one."""
    before, after = by_key(old), by_key(new)
    shared = [key for key in after if key in before]
    pairs = [Change(before[key], after[key]) for key in shared]
    changed = [change for change in pairs if differs(change)]
    return Comparison(
        shared=len(shared),
        worse=tuple(change for change in changed if change.is_worse),
        better=tuple(change for change in changed if change.is_better),
        other=tuple(c for c in changed if not (c.is_worse or c.is_better)),
        gone=unshared(before, after),
        new=unshared(after, before),
        broken=tuple(sorted(troubled(new) & (ran(old)))),
    )


def by_key(results: Results) -> dict[Key, Verdict]:
    """The verdicts, looked up."""
    return {(v.port, v.variant, v.case, v.check): v for v in results.verdicts}


def differs(change: Change) -> bool:
    """Whether the outcome is another one, or a deviation is explained otherwise."""
    before, after = change.before, change.after
    return before.outcome is not after.outcome or before.unexplained != after.unexplained


def unshared(mine: Iterable[Key], theirs: Iterable[Key]) -> Unshared:
    """The ports, cases and checks that occur in `mine` and nowhere in `theirs`."""
    found, others = list(mine), list(theirs)

    def only(names: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
        have = set(known)
        return tuple(name for name in dict.fromkeys(names) if name not in have)

    return Unshared(
        only(
            (title(port, variant) for port, variant, _, _ in found),
            (title(k[0], k[1]) for k in others),
        ),
        only((case for _, _, case, _ in found), (key[2] for key in others)),
        only((check for _, _, _, check in found), (key[3] for key in others)),
    )


def title(port: str, variant: Variant) -> str:
    """What a variant of a port is called."""
    return port if variant is Variant.PUBLISHED else f"{port} {variant}"


def troubled(results: Results) -> set[str]:
    """The ports, and fixed ports, that could not be run."""
    found = {port.name for port in results.ports if port.trouble}
    fixed = (port for port in results.ports if port.fixed and port.fixed.trouble)
    return found | {title(port.name, Variant.FIXED) for port in fixed}


def ran(results: Results) -> set[str]:
    """The ports, and fixed ports, that could be run."""
    fixed = {title(port.name, Variant.FIXED) for port in results.ports if port.fixed}
    return ({port.name for port in results.ports} | fixed) - troubled(results)


# In words


MOST_NAMED = 8


def lines_of(comparison: Comparison) -> Iterator[str]:
    """The comparison as lines of plain text, the worst first."""
    for name in comparison.broken:
        yield f"worse: {name} could be run before, and cannot now"
    for word, changes in (
        ("worse", comparison.worse),
        ("better", comparison.better),
        ("other", comparison.other),
    ):
        yield from (f"{word}: {sentence(change)}" for change in changes)
    counts = (len(comparison.worse) + len(comparison.broken), len(comparison.better))
    yield (
        f"{counts[0]:,} worse, {counts[1]:,} better, {len(comparison.other):,} otherwise, of "
        f"{comparison.shared:,} checks that both runs have"
    )
    for word, part in (
        ("only in the old run", comparison.gone),
        ("only in the new", comparison.new),
    ):
        for noun, names in (("ports", part.ports), ("cases", part.cases), ("checks", part.checks)):
            if names:
                more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
                yield f"{word}: {noun} {', '.join(names[:MOST_NAMED])}{more}"


def sentence(change: Change) -> str:
    """One change: `java tiny-pivot-1e-20 echelon.pivoting right → wrong (step 1, …)`."""
    after = change.after
    place = f"{title(after.port, after.variant)} {after.case} {after.check}"
    if change.before.outcome is after.outcome:
        gone = change.before.finding or "a finding"
        word = f"{after.outcome}, " + (
            f"not explained by {gone} any more"
            if after.unexplained
            else f"explained by {after.finding}"
        )
    else:
        word = f"{change.before.outcome} → {after.outcome}"
    return f"{place} {word}" + (f" ({after.detail})" if after.detail else "")
