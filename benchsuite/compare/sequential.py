"""Looking again and again while measuring goes on, without seeing by patience what is not there.

After 5, 7, 10, 14, 20, ... rounds of a case its evidence is looked at; from ten on it may be called slower or
faster. Look k (from 1) may spend 1 / (k (k + 1)) of what the case may err, which is all of it over all looks,
however many come: so at every moment the smallest chance so far, divided by its look's share, is a valid one,
and Holm's correction over the cases holds whenever one stops.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite.compare.evidence import Estimate
from benchsuite.compare.verdicts import (
    FASTER,
    NOT_SLOWER,
    SAME,
    SLOWER,
    UNDECIDED,
    Rule,
    Verdict,
    holm,
    verdict,
)

FIRST = 5
# Rounds until anything may be slower or faster: fewer may all have met the same one of two ways to lie in
# memory.
LEAST_TO_DIFFER = 10
GROWTH = 2**0.5


def next_look(rounds: int) -> int:
    """The number of rounds at which a case is looked at next, above `rounds`."""
    look = float(FIRST)
    while round(look) <= rounds:
        look *= GROWTH
    return round(look)


def share(look: int) -> float:
    """Of the error a case may make, what look number `look` (from 1) may spend."""
    return 1 / (look * (look + 1))


class _Chance:
    """Of one hypothesis of one case: the smallest so far, each with its look's share."""

    def __init__(self) -> None:
        self.least = 1.0
        self._looks = 0

    def add(self, chance: float) -> None:
        self._looks += 1
        self.least = min(self.least, chance / share(self._looks))


class Sequential:
    """The state of a list of cases. With one_sided a case is done when it is slower, or shown not to be
    slower by the threshold; else when its difference is known, too."""

    def __init__(self, rules: Sequence[Rule], one_sided: bool) -> None:
        """rules: one for each case; they may differ in drift only."""
        self._rules, self._one_sided = rules, one_sided
        self._estimates: list[Estimate | None] = [None] * len(rules)
        self._slower, self._faster, self._not_slower, self._not_faster = (
            [_Chance() for _ in rules] for _ in range(4)
        )

    def look(self, case: int, estimate: Estimate) -> None:
        rule = self._rules[case]
        self._estimates[case] = estimate
        self._not_slower[case].add(estimate.chance_below(rule.much))
        self._not_faster[case].add(estimate.chance_above(-rule.much))
        if estimate.rounds >= LEAST_TO_DIFFER:
            self._slower[case].add(estimate.chance_above(rule.none))
            self._faster[case].add(estimate.chance_below(-rule.none))

    def kinds(self) -> list[str]:
        """Of every case, as far as it is known now. What is slower or faster once stays so."""
        if not self._rules:
            return []
        alpha, missed = self._rules[0].alpha, self._rules[0].missed
        slower = holm([each.least for each in self._slower], alpha)
        faster = holm([each.least for each in self._faster], alpha)
        return [
            SLOWER if slower[i]
            else FASTER if faster[i]
            else UNDECIDED if self._not_slower[i].least > missed
            else SAME if self._not_faster[i].least <= missed
            else NOT_SLOWER if self._one_sided
            else UNDECIDED
            for i in range(len(self._rules))
        ]  # fmt: skip

    def verdicts(self) -> list[Verdict | None]:
        """None of a case that was never looked at."""
        return [
            verdict(kind, estimate, rule, len(self._rules)) if estimate else None
            for kind, estimate, rule in zip(self.kinds(), self._estimates, self._rules, strict=True)
        ]
