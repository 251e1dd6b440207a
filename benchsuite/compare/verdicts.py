"""Verdicts: what may be said of each of many cases.

    shown of the change                                 verdict                       a gate
    above the smallest effect, not below the threshold  slower                        fails
    above the smallest effect, and below the threshold  slower, below the threshold   passes, with a warning
    below the threshold                                 not slower (by 5%, say)       passes, and stops there
    below the opposite of the smallest effect           faster                        passes
    below the threshold, and above its opposite         same                          does not ask for so much
    none of these                                       undecided

How often each is wrong, as far as the rounds of a case are independent and Student's t fits their trimmed
mean:

- *Above the smallest effect* is a claim about the whole list (Holm): the chance that any case of it, whose
  true change is not above the smallest effect, is called slower, with or without the rest, is at most
  alpha. So a gate fails no unchanged code more often. Faster likewise.
- *Below the threshold* is a claim about one case: a true change of the threshold or more passes by it with
  the chance `missed` at most. What is slower by just the threshold so fails but for `missed` and the chance
  that it is undecided when the time is over; both together are to be below 5%, by which `missed` was
  chosen.
- A true change between the two may fail or pass: it is slower, and whether it is shown to be below the
  threshold as well depends on the noise.

Holm's and the looks' corrections (sequential.py) hold whatever depends on what.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log1p, sqrt

from benchsuite.compare.evidence import TRIMMED, Estimate, moderated
from benchsuite.compare.student_t import point

SLOWER, FASTER, SAME, UNDECIDED = "slower", "faster", "same", "undecided"
SLIGHTLY_SLOWER = "slower, below the threshold"
NOT_SLOWER = "not slower"  # by the threshold: a gate asks no more; it may be a little slower, or faster

COUNTS_AS = {"pass": 0, "fail": 1}  # exit statuses, where undecided is to count as something else

KINDS = (SLOWER, SLIGHTLY_SLOWER, UNDECIDED, SAME, NOT_SLOWER, FASTER)  # the worst first

CONFIDENCE = 0.95  # of the interval of a ratio
NOISE, DRIFT = "noise", "drift"  # why undecided
MOST_ROUNDS = 10_000


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule that verdicts go by, in fractions of time: 0.05 is 5% more time."""

    threshold: float = 0.05  # a difference to be found
    smallest: float = 0.02  # the smallest effect of interest: up to it nothing is slower or faster
    alpha: float = 0.01
    missed: float = 0.02
    drift: float = 0.0  # by which the sides may differ only because they were not measured together

    @property
    def none(self) -> float:
        """The largest change that counts as no change."""
        return log1p(self.smallest) + log1p(self.drift)

    @property
    def much(self) -> float:
        return log1p(self.threshold)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a case. Ratios are of rates, the other side's to the base's: above 1 is faster. The
    interval has 95% confidence for this case by itself; (0, inf) where one round cannot have any."""

    kind: str
    ratio: float
    low: float
    high: float
    rounds: int
    threshold: float  # of the rule
    # Of undecided: about how many more rounds it would take; None: no number would do.
    more: int | None = None
    why: str = ""  # of undecided: NOISE or DRIFT


def holm(chances: Sequence[float], alpha: float) -> list[bool]:
    """Hypotheses that fall, by Holm: the family-wise error is at most alpha, whatever depends on what."""
    fallen = [False] * len(chances)
    for rank, index in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        if chances[index] > alpha / (len(chances) - rank):
            break
        fallen[index] = True
    return fallen


def kind(slower: bool, faster: bool, below: bool, above: bool, one_sided: bool) -> str:
    """The kind of verdict, from what was shown of a case: that it is slower or faster by more than the
    smallest effect, below the threshold, above its opposite."""
    if slower:
        return SLIGHTLY_SLOWER if below else SLOWER
    if faster:
        return FASTER
    if not below:
        return UNDECIDED
    return NOT_SLOWER if one_sided else SAME if above else UNDECIDED


def judge(estimates: Sequence[Estimate], rules: Sequence[Rule]) -> list[Verdict]:
    """Judge all that was measured, in one look. Rules may differ in drift only."""
    if not estimates:
        return []
    pairs = list(zip(moderated(estimates), rules, strict=True))
    slower = holm([each.chance_above(rule.none) for each, rule in pairs], rules[0].alpha)
    faster = holm([each.chance_below(-rule.none) for each, rule in pairs], rules[0].alpha)
    verdicts = []
    for (each, rule), is_slower, is_faster in zip(pairs, slower, faster, strict=True):
        below = each.chance_below(rule.much) <= rule.missed
        above = each.chance_above(-rule.much) <= rule.missed
        found = kind(is_slower, is_faster, below, above, False)
        verdicts.append(verdict(found, each, rule, len(pairs)))
    return verdicts


def verdict(kind: str, estimate: Estimate, rule: Rule, cases: int) -> Verdict:
    low, high = estimate.interval(CONFIDENCE)
    more, why = _more(estimate, rule, cases) if kind == UNDECIDED else (None, "")
    return Verdict(
        kind,
        exp(-estimate.change),
        exp(-high) if high < inf else 0.0,
        exp(-low) if low > -inf else inf,
        estimate.rounds,
        rule.threshold,
        more,
        why,
    )


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
