"""Verdicts of what was measured in pairs, from its rounds: looked at in the order in which they came, at the
moments at which the measuring looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchsuite.compare.kept import Kept, Looked
from benchsuite.compare.matching import Couple, estimate
from benchsuite.compare.sequential import Sequential, next_look
from benchsuite.compare.verdicts import Rule, Verdict
from benchsuite.model import CaseResult, CouldNotMeasure


@dataclass(frozen=True, slots=True)
class Again:
    """Verdicts given anew. verdicts: of the couples; None of one that was never looked at. cases: that they
    are corrected for. kept: the rule of the measuring, where it is another than that of these verdicts.
    changed: cases of which the measuring said something else by the same rule."""

    verdicts: list[Verdict | None]
    cases: int
    kept: Rule | None = None
    changed: int = 0


def again(
    couples: Sequence[Couple], metrics: Sequence[str], rules: list[Rule], kept: Kept, otherwise: bool
) -> Again:
    """Judge couples again, as they were judged while they were measured. They are those of one result, or of
    one with its baseline. rules: of each couple, alike but for drift. otherwise: decided on another metric
    than the measuring was, or with another drift."""
    known, absent = _known(couples, kept)
    count = len(couples) + len(absent)
    if not couples:
        return Again([], count)
    sequential = Sequential([*rules, *rules[:1] * len(absent)], kept.one_sided)
    for index, (couple, metric, looked) in enumerate(zip(couples, metrics, known, strict=True)):
        for rounds in _looks(couple, looked):
            try:
                sequential.look(index, estimate(first(couple, rounds), metric), rounds)
            except CouldNotMeasure:
                break
    for index, looked in enumerate(absent, len(couples)):
        sequential.assume(index, looked.slower, looked.faster)
    found = sequential.verdicts()[: len(couples)]
    if kept.rule is None:
        return Again(found, count)
    if otherwise or replace(rules[0], drift=0.0) != kept.rule:
        return Again(found, count, kept.rule)
    kinds = [verdict.kind if verdict else None for verdict in found]
    pairs = zip(kinds, known, strict=True)
    changed = 0 if kept.baseline else sum(each is not None and kind != each.verdict for kind, each in pairs)
    return Again(found, count, changed=changed)


def first(couple: Couple, rounds: int) -> Couple:
    """The couple as it was after so many rounds. What a baseline has is all there from the beginning."""

    def of(result: CaseResult) -> CaseResult:
        return CaseResult(result.case, result.runs[:rounds])

    if couple.anchors:
        return replace(couple, other=of(couple.other), anchors=(couple.anchors[0], of(couple.anchors[1])))
    return replace(couple, base=of(couple.base), other=of(couple.other))


def _known(couples: Sequence[Couple], kept: Kept) -> tuple[list[Looked | None], list[Looked]]:
    """What a result keeps of each couple, and what it keeps of cases that are not among them."""
    left = list(kept.cases)
    found: list[Looked | None] = []
    for couple in couples:
        side_a = couple.anchors[1] if couple.anchors else couple.base
        names = side_a.measured_name, couple.other.measured_name
        looked = next((each for each in left if (each.base, each.other) == names), None)
        if looked:
            left.remove(looked)
        found.append(looked)
    return found, left


def _looks(couple: Couple, looked: Looked | None) -> list[int]:
    """The looks as they were taken; where that is not known, as they would have been."""
    rounds = len(couple.other.runs)
    if looked:
        return [look for look in looked.looks if look <= rounds]
    looks, look = [], next_look(0)
    while look < rounds:
        looks.append(look)
        look = next_look(look)
    return [*looks, rounds] if rounds else []
