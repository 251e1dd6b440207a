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

A case of an open loop is asked twice: of its mean latency, and of its dropped share. It is slower where
either has risen; faster where one has fallen and the other has not risen, both by the smallest effect; below
the threshold where both are. Two claims of which one is enough have half each of what the case may err. A
share counts in points, for from none there is no ratio: see Rule.for_share().
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log1p, sqrt

from benchsuite.compare.evidence import TRIMMED, Dropped, Estimate, moderated
from benchsuite.compare.student_t import point

SLOWER, FASTER, SAME, UNDECIDED = "slower", "faster", "same", "undecided"
SLIGHTLY_SLOWER = "slower, below the threshold"
NOT_SLOWER = "not slower"  # by the threshold: a gate asks no more; it may be a little slower, or faster

COUNTS_AS = {"pass": 0, "fail": 1}  # exit statuses, where undecided is to count as something else

KINDS = (SLOWER, SLIGHTLY_SLOWER, UNDECIDED, SAME, NOT_SLOWER, FASTER)  # the worst first

CONFIDENCE = 0.95  # of the interval of a ratio
SMALLEST_SHARE = 0.001  # of what arrives: up to it more, or less, dropped is no difference
SHARE = 0.005  # a difference to be found; the loss that a partial drop rate usually allows
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

    def for_share(self, dropped: Dropped) -> tuple[float, float]:
        """The largest difference of dropped shares that counts as none, and one to be found: at least so many
        points, and of a large share as much as of time. A machine that is slower by the drift carries less
        by as much."""
        drift = self.drift * (1 - dropped.base)
        return (
            max(SMALLEST_SHARE, self.smallest * dropped.base) + drift,
            max(SHARE, self.threshold * dropped.base),
        )


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
    by_share: bool = False  # it rests on the dropped share, more than on the time


@dataclass(frozen=True, slots=True)
class Chances:
    """Chances of claims about one case if they are wrong: that it is slower, faster, by more than the
    smallest effect; below the threshold, above its opposite; beyond the threshold."""

    slower: float
    faster: float
    below: float
    above: float
    beyond: float


def chances(estimate: Estimate, rule: Rule) -> Chances:
    """Both questions of an open loop as one."""
    time = _of_one(estimate, rule.none, rule.much)
    if estimate.dropped is None:
        return time
    share = _of_dropped(estimate.dropped, rule)
    no_worse = (
        estimate.chance_below(rule.none),
        estimate.dropped.more.chance_below(rule.for_share(estimate.dropped)[0]),
    )
    return Chances(
        slower=_either(time.slower, share.slower),
        # Dropping more makes the rest quicker, and carrying more makes it slower: no gain by itself.
        faster=max(_either(time.faster, share.faster), *no_worse),
        below=max(time.below, share.below),
        above=max(time.above, share.above),
        beyond=_either(time.beyond, share.beyond),
    )


def _by_share(kind: str, estimate: Estimate, rule: Rule) -> bool:
    """Whether a verdict of this kind rests on the dropped share, more than on the time."""
    if estimate.dropped is None or kind not in (SLOWER, SLIGHTLY_SLOWER, FASTER):
        return False
    time, share = _of_one(estimate, rule.none, rule.much), _of_dropped(estimate.dropped, rule)
    return share.faster < time.faster if kind == FASTER else share.slower < time.slower


def _of_dropped(dropped: Dropped, rule: Rule) -> Chances:
    return _of_one(dropped.more, *rule.for_share(dropped))


def _either(*found: float) -> float:
    """The chance of a claim for which one of several is enough."""
    return min(1.0, len(found) * min(found))


def _of_one(estimate: Estimate, none: float, much: float) -> Chances:
    return Chances(
        estimate.chance_above(none),
        estimate.chance_below(-none),
        estimate.chance_below(much),
        estimate.chance_above(-much),
        estimate.chance_above(much),
    )


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
    asked = [chances(each, rule) for each, rule in pairs]
    slower = holm([each.slower for each in asked], rules[0].alpha)
    faster = holm([each.faster for each in asked], rules[0].alpha)
    verdicts = []
    for (each, rule), of, is_slower, is_faster in zip(pairs, asked, slower, faster, strict=True):
        found = kind(is_slower, is_faster, of.below <= rule.missed, of.above <= rule.missed, False)
        verdicts.append(verdict(found, each, rule, len(pairs)))
    return verdicts


def verdict(kind: str, estimate: Estimate, rule: Rule, cases: int) -> Verdict:
    low, high = estimate.interval(CONFIDENCE)
    more, why = _more_of_both(estimate, rule, cases) if kind == UNDECIDED else (None, "")
    return Verdict(
        kind,
        exp(-estimate.change),
        exp(-high) if high < inf else 0.0,
        exp(-low) if low > -inf else inf,
        estimate.rounds,
        rule.threshold,
        more,
        why,
        _by_share(kind, estimate, rule),
    )


def _more_of_both(estimate: Estimate, rule: Rule, cases: int) -> tuple[int | None, str]:
    """Rounds that would decide it, and what stands in the way, of the question that is the further from
    being decided."""
    time = estimate, rule.none, rule.much
    if estimate.dropped is None:
        return _more(*time, rule, cases)
    share = estimate.dropped.more, *rule.for_share(estimate.dropped)
    asked = max((time, share), key=_open_by)
    return _more(*asked, rule, 2 * cases)


def _open_by(asked: tuple[Estimate, float, float]) -> float:
    """The chance that stands against its being the same."""
    found = _of_one(*asked)
    return max(found.below, found.above)


def _more(estimate: Estimate, none: float, much: float, rule: Rule, cases: int) -> tuple[int | None, str]:
    """Rounds that would decide it, if the change and the noise stay as they are, and what stands in the
    way. cases: claims that are corrected for."""
    change = abs(estimate.change)
    to_differ, to_be_same = change - none, much - change
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
