"""Along which number parameters cases go, and the series they make: the one rule by which the page, the plots
and the findings choose along what a workload is told.

A family is what differs in backend and number parameters only. It is told along each parameter that has at
least LONG values somewhere in it, all others being equal; where none has, along the one with the most; among
equals, along those that most of all the cases go along.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

from benchsuite.model import PARAMETERS, Case, Parameter

LONG = 3  # values that make a line and not a pair
Values = Any  # of parameters: a tuple; of one parameter its value
AXES = tuple(key for key, each in PARAMETERS.items() if each.sweepable)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Cases that differ in one number parameter, and perhaps in who does the work. common: what they share,
    its backend and key blank. values: rising."""

    key: str
    common: Case
    values: tuple[int, ...]

    def at(self, backend: str, value: int) -> Case:
        """The case of a backend at a value."""
        return replace(self.common, backend=backend, **{self.key: value})  # type: ignore[arg-type]

    def has(self, case: Case) -> bool:
        return case.without("backend", self.key) == self.common and PARAMETERS[self.key].on_axis(
            getattr(case, self.key)
        )


class Differing:
    """The parameters in which some cases differ. What is common to a few of them is so told by a few values:
    as Case.without has it, and quicker, for there may be tens of thousands of cases."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self.keys = [key for key in PARAMETERS if len(set(map(attrgetter(key), cases))) > 1]

    def but(self, *keys: str) -> Callable[[Case], Values]:
        """What gives a case's values of all the others."""
        rest = [key for key in self.keys if key not in keys]
        return attrgetter(*rest) if rest else lambda case: ()


def sweeps(cases: Iterable[Case]) -> list[Sweep]:
    """The series of these cases: by key in the order of PARAMETERS, then in the cases' own order. One case
    may be in several, as where sizes and queue depths are crossed."""
    listed = list(cases)
    differing = Differing(listed)
    lines = {key: _lines(listed, PARAMETERS[key], differing) for key in AXES if key in differing.keys}
    share = {key: sum(sum(map(len, each.values())) for each in of.values()) for key, of in lines.items()}
    length: dict[Case, dict[str, int]] = defaultdict(dict)  # by family, of its longest line along each key
    for key, of in lines.items():
        for common, each in of.items():
            lengths = length[_family(common)]
            lengths[key] = max(lengths.get(key, 0), *map(len, each.values()), 0)
    chosen = {family: _chosen(lengths, share) for family, lengths in length.items()}
    return [
        Sweep(key, common, tuple(sorted(set().union(*each.values()))))
        for key, of in lines.items()
        for common, each in of.items()
        if key in chosen[_family(common)]
    ]


def axis_of(cases: Iterable[Case]) -> str | None:
    """The one parameter along which most of the cases go, the first among equals; None where they go along
    none."""
    found: dict[str, int] = defaultdict(int)
    for each in sweeps(cases):
        found[each.key] += len(each.values)
    return max(found, key=lambda key: found[key], default=None)


def _family(case: Case) -> Case:
    return case.without("backend", *AXES)


def _lines(
    cases: Sequence[Case], parameter: Parameter, differing: Differing
) -> dict[Case, dict[str, set[int]]]:
    """Values of each backend along a parameter, by what is common; where one has several."""
    value_of, common = attrgetter(parameter.key), differing.but("backend", parameter.key)
    found: dict[Values, dict[str, set[int]]] = {}
    first: dict[Values, Case] = {}
    for case in cases:
        if parameter.on_axis(getattr(case, parameter.key)):
            shared = common(case)
            if shared not in first:
                first[shared], found[shared] = case, defaultdict(set)
            found[shared][case.backend].add(value_of(case))
    return {
        first[shared].without("backend", parameter.key): of
        for shared, of in found.items()
        if any(len(values) > 1 for values in of.values())
    }


def _chosen(lengths: dict[str, int], share: dict[str, int]) -> set[str]:
    """Keys that a family is told along, by the lengths of its lines and what is on such lines in all."""
    if long := {key for key, values in lengths.items() if values >= LONG}:
        return long
    most = max((lengths[key], share[key]) for key in lengths)
    return {key for key in lengths if (lengths[key], share[key]) == most}
