"""What may be said of each of many cases: slower, faster, the same, or nothing yet.

Slower and faster are claims about the whole list: the chance that any case of it, whose true difference is
not above the smallest effect of interest, is called slower is at most alpha, and the same for faster (Holm).
Same is a claim about one case: a true difference of the threshold or more would be called so with the chance
`missed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log1p, sqrt

from benchsuite.compare.evidence import TRIMMED, Estimate, moderated
from benchsuite.compare.student import point

SLOWER, FASTER, SAME, UNDECIDED = "slower", "faster", "same", "undecided"
NOT_SLOWER = "not slower"  # of a gate that asked no more; it may be faster

CONFIDENCE = 0.95  # of the interval of a ratio
NOISE, DRIFT = "noise", "drift"  # why undecided
MOST_ROUNDS = 10_000


@dataclass(frozen=True, slots=True)
class Rule:
    """Fractions of time, of 1: 0.05 is 5 % more time."""

    threshold: float = 0.05  # a difference to be found
    smallest: float = 0.02  # the smallest effect of interest: up to it nothing is slower or faster
    alpha: float = 0.01
    missed: float = 0.05
    drift: float = 0.0  # by which the sides may differ only because they were not measured together

    @property
    def none(self) -> float:
        """The largest change that counts as none."""
        return log1p(self.smallest) + log1p(self.drift)

    @property
    def much(self) -> float:
        return log1p(self.threshold)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Ratios are of rates, the other side's to the base's: above 1 is faster. The interval has 95 %
    confidence for this case by itself; (0, inf) where one round cannot have any."""

    kind: str
    ratio: float
    low: float
    high: float
    rounds: int
    more: int | None = (
        None  # of undecided: about how many more rounds it would take; None: no number would do
    )
    why: str = ""  # of undecided: NOISE or DRIFT


def holm(chances: Sequence[float], alpha: float) -> list[bool]:
    """Which hypotheses fall: the family-wise error is at most alpha, whatever depends on what."""
    fallen = [False] * len(chances)
    for rank, index in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        if chances[index] > alpha / (len(chances) - rank):
            break
        fallen[index] = True
    return fallen


def judge(estimates: Sequence[Estimate], rules: Sequence[Rule]) -> list[Verdict]:
    """All that was measured is looked at once. Rules may differ in drift only."""
    if not estimates:
        return []
    pairs = list(zip(moderated(estimates), rules, strict=True))
    slower = holm([each.chance_above(rule.none) for each, rule in pairs], rules[0].alpha)
    faster = holm([each.chance_below(-rule.none) for each, rule in pairs], rules[0].alpha)
    verdicts = []
    for (each, rule), is_slower, is_faster in zip(pairs, slower, faster, strict=True):
        same = max(each.chance_above(-rule.much), each.chance_below(rule.much)) <= rule.missed
        kind = SLOWER if is_slower else FASTER if is_faster else SAME if same else UNDECIDED
        verdicts.append(verdict(kind, each, rule, len(pairs)))
    return verdicts


def verdict(kind: str, estimate: Estimate, rule: Rule, cases: int) -> Verdict:
    low, high = estimate.interval(CONFIDENCE)
    more, why = _more(estimate, rule, cases) if kind == UNDECIDED else (None, "")
    return Verdict(
        kind, exp(-estimate.change), exp(-high) if high < inf else 0.0, exp(-low) if low > -inf else inf,
        estimate.rounds, more, why,
    )  # fmt: skip


def _more(estimate: Estimate, rule: Rule, cases: int) -> tuple[int | None, str]:
    """Rounds that would decide it, if the change and the noise stay as they are, and what stands in the
    way."""
    change = abs(estimate.change)
    to_differ, to_be_same = change - rule.none, rule.much - change
    if max(to_differ, to_be_same) <= 0:  # beyond the threshold, and within what drift may do
        return None, DRIFT
    if estimate.error == inf:
        return None, NOISE
    spread = estimate.error * sqrt(estimate.rounds)
    counts = [
        _enough(spread, distance, chance)
        for distance, chance in ((to_differ, rule.alpha / cases), (to_be_same, rule.missed))
        if distance > 0
    ]
    enough = min(counts)
    return (max(1, enough - estimate.rounds), NOISE) if enough < MOST_ROUNDS else (None, NOISE)


def _enough(spread: float, distance: float, chance: float) -> int:
    """The fewest rounds of this spread of which the distance is significant, as often as not."""
    low, high = 2, MOST_ROUNDS
    while low < high:
        middle = (low + high) // 2
        if point(chance, max(1, (1 - 2 * TRIMMED) * middle - 1)) * spread / sqrt(middle) <= distance:
            high = middle
        else:
            low = middle + 1
    return low
