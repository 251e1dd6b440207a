"""Sequential looks: again and again while measuring goes on, without seeing by patience what is not there.

After 5, 7, 10, 14, 20, ... rounds of a case its evidence is looked at; from ten on it may be called slower or
faster. Look k (from 1) may spend 1 / (k (k + 1)) of what the case may err, which is all of it over all looks,
however many come: so at every moment the smallest chance so far, divided by its look's share, is a valid one,
and Holm's correction over the cases holds whenever one stops. Hence the rules of stopping are free:

- A case that is not slower is done. A gate (one-sided) asks no more of it; but what seems to be faster goes
  on to the ten rounds that it takes to say so. Without one_sided it goes on until the other direction is
  known, too.
- A case that is slower goes on until it is shown to be below the threshold, which makes a warning of a
  failure, until it has twice the rounds that have shown it, or until it looks to be above the threshold
  (with the chance `missed` that it is not): then it fails.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite.compare.evidence import Estimate
from benchsuite.compare.verdicts import (
    NOT_SLOWER,
    SLOWER,
    UNDECIDED,
    Rule,
    Verdict,
    chances,
    holm,
    kind,
    verdict,
)

FIRST = 5
# Rounds until anything may be slower or faster: fewer may all have met the same one of two ways to lie in
# memory.
LEAST_TO_DIFFER = 10
GROWTH = 2**0.5
# A case that is slower goes on until it has so many times the rounds that have shown it, and may be shown to
# be below the threshold meanwhile.
FURTHER = 2


def next_look(rounds: int) -> int:
    """The number of rounds at which a case is looked at next, above `rounds`."""
    look = float(FIRST)
    while round(look) <= rounds:
        look *= GROWTH
    return round(look)


def share(look: int) -> float:
    """The share of the error a case may make that look number `look` (from 1) may spend."""
    return 1 / (look * (look + 1))


class _Chance:
    """Chances of one hypothesis of one case: the smallest so far, each with its look's share."""

    def __init__(self) -> None:
        self.least = 1.0
        self._looks = 0

    def add(self, chance: float) -> None:
        self._looks += 1
        self.least = min(self.least, chance / share(self._looks))


class _Case:
    """What is known of one case."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.estimate: Estimate | None = None
        self.slower, self.faster, self.below, self.above = (_Chance() for _ in range(4))
        self.looks: list[int] = []  # rounds
        self.slower_since = 0  # rounds; 0: not shown

    def look(self, estimate: Estimate, rounds: int) -> None:
        self.estimate, found = estimate, chances(estimate, self.rule)
        self.looks.append(rounds)
        self.below.add(found.below)
        self.above.add(found.above)
        if estimate.rounds >= LEAST_TO_DIFFER:
            self.slower.add(found.slower)
            self.faster.add(found.faster)

    def open(self, kind: str) -> bool:
        """Whether more rounds may say more than this."""
        if self.estimate is None or kind == UNDECIDED:
            return True
        if kind == SLOWER:
            hopeless = chances(self.estimate, self.rule).beyond <= self.rule.missed
            return self.looks[-1] < FURTHER * self.slower_since and not hopeless
        seems_faster = chances(self.estimate, self.rule).faster <= self.rule.alpha
        return kind == NOT_SLOWER and seems_faster and self.looks[-1] < LEAST_TO_DIFFER


class Sequential:
    """The state of a list of cases. With one_sided a case is done when it is shown not to be slower by the
    threshold; else when its difference is known, too."""

    def __init__(self, rules: Sequence[Rule], one_sided: bool) -> None:
        """Begin with nothing looked at. rules: one for each case; they may differ in drift only."""
        self._cases, self._one_sided = [_Case(rule) for rule in rules], one_sided

    def look(self, case: int, estimate: Estimate, rounds: int | None = None) -> None:
        """Take a look at a case. rounds: that the case has by now, if they are more than those of its
        estimate."""
        self._cases[case].look(estimate, rounds or estimate.rounds)
        for each, shown in zip(self._cases, self._shown("slower"), strict=True):
            if shown and each.looks and not each.slower_since:
                each.slower_since = each.looks[-1]

    def assume(self, case: int, slower: float, faster: float) -> None:
        """Take over the least chances of a case whose rounds are not here."""
        self._cases[case].slower.least, self._cases[case].faster.least = slower, faster

    def looked(self, case: int) -> tuple[tuple[int, ...], float, float]:
        """The rounds at which a case was looked at, and the least chances of its being slower and faster."""
        each = self._cases[case]
        return tuple(each.looks), each.slower.least, each.faster.least

    def _shown(self, name: str) -> list[bool]:
        alpha = self._cases[0].rule.alpha if self._cases else 1.0
        return holm([getattr(each, name).least for each in self._cases], alpha)

    def kinds(self) -> list[str]:
        """The kind of verdict of every case, as far as it is known now. What is shown once stays so."""
        return [
            kind(
                slower,
                faster,
                each.below.least <= each.rule.missed,
                each.above.least <= each.rule.missed,
                self._one_sided,
            )
            for each, slower, faster in zip(
                self._cases, self._shown("slower"), self._shown("faster"), strict=True
            )
        ]

    def open(self) -> list[int]:
        """Indexes of the cases that go on."""
        return [i for i, kind in enumerate(self.kinds()) if self._cases[i].open(kind)]

    def verdicts(self) -> list[Verdict | None]:
        """Verdicts of all cases; None of a case that was never looked at."""
        return [
            verdict(kind, each.estimate, each.rule, len(self._cases)) if each.estimate else None
            for kind, each in zip(self.kinds(), self._cases, strict=True)
        ]
