"""Which case of one side belongs to which of the other.

Cases are the same when all their parameters are, but for request_num, which does not change what is measured.
In a paired result (its runs have a fact `side`) the case on side B belongs to the one on side A of the same
round. Two paired results with the same side A are compared by their ratios to it: A is then an anchor, and
what changed for both sides at once is no change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from benchsuite import stats
from benchsuite.compare import dropped
from benchsuite.compare.evidence import Estimate, difference, exact, one
from benchsuite.compare.kept import KEY, Kept, kept
from benchsuite.compare.rounds import per_round
from benchsuite.facts import Fact
from benchsuite.model import PARAMETERS, BenchsuiteError, Case, CaseResult, CouldNotMeasure, Result
from benchsuite.remarks import tag_of
from benchsuite.selection.keys import value_of
from benchsuite.units import meant


@dataclass(frozen=True, slots=True)
class Couple:
    """The same work on both sides. together: in one run, round by round. anchors: what was measured beside
    base and other, each in its run."""

    base: CaseResult
    other: CaseResult
    together: bool
    anchors: tuple[CaseResult, CaseResult] | None = None

    @property
    def apart(self) -> bool:
        """Whether the machine may have changed between the two."""
        simulated = stats.deterministic(self.base) and stats.deterministic(self.other)
        return not (self.together or simulated)

    @property
    def case(self) -> Case:
        """The other side's case, without what both do not share."""
        ours, theirs = self.base.case, self.other.case
        differing = [key for key in PARAMETERS if getattr(ours, key) != getattr(theirs, key)]
        return replace(theirs.without(*differing), request_num=theirs.request_num)


@dataclass(frozen=True, slots=True)
class Matched:
    """The couples in the base's order, and what only one of them has. looked: of couples that were looked at
    while they were measured."""

    couples: list[Couple]
    only_base: list[Case]
    only_other: list[Case]
    looked: Kept | None = None


def side_of(result: CaseResult) -> str:
    """ "A" or "B" of a case that was measured in pairs, else ""."""
    sides = stats.facts(result, Fact.SIDE)
    return sides[0] if sides and sides[0] in ("A", "B") else ""


def is_paired(result: Result) -> bool:
    return KEY in result.environment or any(side_of(case) for case in result.cases)


def sides(result: Result) -> Matched:
    """Sides of a paired result: B against A. A case of A stands before its B, as the record of their verdicts
    names them; where there is none, the first of A belongs to the first of B, and so on."""
    looked = kept(result.environment)
    if looked.rule:
        bases, others = _named(result.cases, looked)
    else:
        bases, others = ([case for case in result.cases if side_of(case) == which] for which in ("A", "B"))
    couples = [Couple(base, other, True) for base, other in zip(bases, others, strict=False)]
    only_base, only_other = ([case.case for case in found[len(couples) :]] for found in (bases, others))
    return Matched(couples, only_base, only_other, Kept() if looked.baseline else looked)


def _named(cases: list[CaseResult], looked: Kept) -> tuple[list[CaseResult], list[CaseResult]]:
    """Sides A and B, also of cases that were lost before a run could say which side it is."""
    names = {(each.base, each.other) for each in looked.cases}
    bases, others, number = [], [], 0
    while number + 1 < len(cases):
        a, b = cases[number : number + 2]
        if (a.measured_name, b.measured_name) in names:
            bases.append(a)
            others.append(b)
            number += 1
        number += 1
    return bases, others


def across(result: Result, key: str, base: str | None) -> dict[str, Matched]:
    """Couples of one result's cases that differ in a parameter, or a tag: for each of its values, in the
    order of the result, against the base (None: the first). Both sides of what was measured in pairs are
    looked at as by sides(). BenchsuiteError for a base that there is not."""
    values = list(dict.fromkeys(value_of(case, key) for case in result.cases))
    if base is not None and base not in values:
        raise BenchsuiteError(
            f"--base: no case with {key} {base!r}: {meant(base, list(filter(None, values)))}"
        )
    first = base if base is not None else values[0] if values else ""
    blank = () if tag_of(key) else (key,)

    def of(value: str) -> dict[Case, list[CaseResult]]:
        found: dict[Case, list[CaseResult]] = {}
        for case in result.cases:
            if value_of(case, key) == value:
                found.setdefault(case.case.without(*blank), []).append(case)
        return found

    found = {value: _matched(of(first), of(value), True) for value in values if value != first}
    return {value: _as_sides(each, result) for value, each in found.items()}


def _as_sides(matched: Matched, result: Result) -> Matched:
    """The couples with what was looked at while it was measured, where these are couples of a paired
    result."""
    if not is_paired(result):
        return matched
    known = sides(result)
    pairs = {(id(couple.base), id(couple.other)) for couple in known.couples}
    ours = all((id(couple.base), id(couple.other)) in pairs for couple in matched.couples)
    return replace(matched, looked=known.looked) if ours else matched


def of_two(base: Result, other: Result) -> Matched:
    """Couples of two results, by themselves, or by what both were paired with."""
    anchored = _anchored(base), _anchored(other)
    if all(anchored) and {a.case.backend for _, a in anchored[0].values()} == {
        a.case.backend for _, a in anchored[1].values()
    }:
        looked = kept(other.environment)
        return replace(_by_anchor(*anchored), looked=looked if looked.baseline else None)
    return _matched(_plainly(base), _plainly(other), False)


def _plainly(result: Result) -> dict[Case, list[CaseResult]]:
    found: dict[Case, list[CaseResult]] = {}
    for case in result.cases:
        found.setdefault(case.case.without(), []).append(case)
    return found


def _anchored(result: Result) -> dict[Case, tuple[CaseResult, CaseResult]]:
    """Side B's cases of a paired result, with side A's."""
    return {couple.other.case.without(): (couple.other, couple.base) for couple in sides(result).couples}


def _by_anchor(
    base: dict[Case, tuple[CaseResult, CaseResult]], other: dict[Case, tuple[CaseResult, CaseResult]]
) -> Matched:
    couples = [
        Couple(base[case][0], other[case][0], False, (base[case][1], other[case][1]))
        for case in base
        if case in other
    ]
    return Matched(
        couples, [case for case in base if case not in other], [case for case in other if case not in base]
    )


def only_backends_differ(ours: Iterable[CaseResult], theirs: Iterable[CaseResult]) -> bool:
    """Whether some of the work is the same, although no case is."""
    first, second = ({each.case.without("backend") for each in cases} for cases in (ours, theirs))
    return bool(first & second)


def _matched(
    bases: dict[Case, list[CaseResult]], others: dict[Case, list[CaseResult]], together: bool
) -> Matched:
    """Couples of the same cases; of several of a case, which a result may have, in their order."""
    couples, only_base = [], []
    left = {case: list(found) for case, found in others.items()}
    for case, found in bases.items():
        for result in found:
            if left.get(case):
                couples.append(Couple(result, left[case].pop(0), together))
            else:
                only_base.append(result.case)
    only_other = [result.case for found in left.values() for result in found]
    return Matched(couples, only_base, only_other)


def estimate(couple: Couple, metric: str) -> Estimate:
    """The estimate of a couple's change, and of what it drops. CouldNotMeasure, saying of which side and why,
    where there is nothing to compare."""
    found = _change(couple, metric)
    return replace(found, dropped=dropped.of_two(couple.base, couple.other, couple.together))


def _change(couple: Couple, metric: str) -> Estimate:
    base, other = per_round(couple.base, metric), per_round(couple.other, metric)
    if couple.anchors:
        _check(couple.anchors)
        base, other = (
            _against(figures, per_round(anchor, metric))
            for figures, anchor in zip((base, other), couple.anchors, strict=True)
        )
    if couple.together and len(base.keys() & other.keys()) > 1:
        return one(_against(other, base).values())
    return difference(_by_itself(couple.base, base), _by_itself(couple.other, other))


def _by_itself(result: CaseResult, figures: dict[int, float]) -> Estimate:
    found = one(figures.values())
    return exact(found) if stats.deterministic(result) else found


def _check(anchors: tuple[CaseResult, CaseResult]) -> None:
    then, now = (stats.facts(anchor, Fact.VERSION) for anchor in anchors)
    if then != now:
        raise CouldNotMeasure(
            f"the anchor {anchors[0].case.backend} is not the same: {', '.join(then)} in base, "
            f"{', '.join(now)} in other; a baseline has to be accepted anew with it"
        )


def _against(figures: dict[int, float], others: dict[int, float]) -> dict[int, float]:
    """Differences by round, of the rounds that both have."""
    return {number: figure - others[number] for number, figure in figures.items() if number in others}
