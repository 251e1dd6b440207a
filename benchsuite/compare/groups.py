"""Several cases as one figure: the geometric mean of their ratios, and how many had which verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, inf

from benchsuite.compare.evidence import Estimate, together
from benchsuite.compare.verdicts import CONFIDENCE
from benchsuite.selection.keys import grouped


@dataclass(frozen=True, slots=True)
class Group:
    """Ratios of rates, above 1 is faster. The interval is that of the cases' own noise: a drift that all of
    them share is not in it."""

    values: tuple[str, ...]  # of the parameters that the group is by; () is all cases
    cases: int
    ratio: float
    low: float
    high: float
    kinds: dict[str, int]  # verdict -> cases


def group(values: tuple[str, ...], members: Sequence[tuple[Estimate, str]]) -> Group:
    """A group of cases. members: estimate and kind of verdict, at least one."""
    mean = together([estimate for estimate, _ in members])
    low, high = mean.interval(CONFIDENCE)
    kinds = dict(Counter(kind for _, kind in members))
    return Group(
        values,
        len(members),
        exp(-mean.change),
        exp(-high) if high < inf else 0.0,
        exp(-low) if low > -inf else inf,
        kinds,
    )


def groups(members: Iterable[tuple[tuple[str, ...], Estimate, str]]) -> list[Group]:
    """Groups by values, in the order in which these come."""
    found = grouped(members, lambda member: member[0])
    return [group(values, [(of, kind) for _, of, kind in of_values]) for values, of_values in found.items()]
