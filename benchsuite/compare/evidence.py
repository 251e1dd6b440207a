"""How much slower one side is than the other, how sure that is, and how likely chance alone would do it.

A change is the difference of logarithms of times: above 0 is slower, log(1.05) is 5% more time. Rounds have
outliers, so the mean is trimmed, and its error comes from the winsorised variance (Yuen's test)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from math import inf, sqrt
from statistics import median

from benchsuite.compare.student_t import point, tail

TRIMMED = 0.1  # of the rounds, at either end
SMALL_SAMPLE = 0.4  # Yuen's t is too bold for few rounds; so corrected its chances hold down to 1e-4
BORROWED = 3.0  # degrees of freedom
FEWEST_LENDERS = 6  # cases
CERTAIN = 1000.0  # degrees of freedom
LEAST_ERROR = 0.0005  # no clock and no process is truer than this, even where all rounds agree by chance


@dataclass(frozen=True, slots=True)
class Estimate:
    """A change with its standard error (inf: not known), the error's degrees of freedom, and the rounds it
    rests on, of the side that has fewer. dropped: of an open loop, what its dropped share did."""

    change: float
    error: float
    freedom: float
    rounds: int
    dropped: Dropped | None = None

    def chance_above(self, bound: float) -> float:
        """The chance of a change as large as this, or larger, though the true one is `bound` or less."""
        return tail((self.change - bound) / self.error, self.freedom) if self.error < inf else 1.0

    def chance_below(self, bound: float) -> float:
        return tail((bound - self.change) / self.error, self.freedom) if self.error < inf else 1.0

    def interval(self, confidence: float) -> tuple[float, float]:
        if self.error == inf:
            return -inf, inf
        reach = point((1 - confidence) / 2, self.freedom) * self.error
        return self.change - reach, self.change + reach


@dataclass(frozen=True, slots=True)
class Dropped:
    """Dropped shares of both sides, and the difference (not of logarithms): above 0 is more dropped."""

    base: float
    other: float
    more: Estimate


def one(figures: Collection[float]) -> Estimate:
    """The trimmed mean of at least one figure."""
    ordered = sorted(figures)
    count, cut = len(ordered), int(TRIMMED * len(ordered))
    kept = ordered[cut : count - cut]
    middle = sum(kept) / len(kept)
    if len(kept) < 2:
        return Estimate(middle, inf, 1.0, count)
    pulled_in = [kept[0]] * cut + kept + [kept[-1]] * cut
    mean = sum(pulled_in) / count
    squares = sum((figure - mean) ** 2 for figure in pulled_in)
    freedom = len(kept) - 1
    error = sqrt(squares / freedom / len(kept)) * (1 + SMALL_SAMPLE / freedom if cut else 1)
    return Estimate(middle, max(error, LEAST_ERROR), freedom, count)


def exact(estimate: Estimate) -> Estimate:
    """The estimate of figures that would come again as they are: a simulation's."""
    return replace(estimate, error=LEAST_ERROR, freedom=CERTAIN)


def difference(base: Estimate, other: Estimate) -> Estimate:
    """The estimate of the change between two sides that were measured by themselves (Welch)."""
    change, rounds = other.change - base.change, min(base.rounds, other.rounds)
    squares = [base.error**2, other.error**2]
    if inf in squares:
        return Estimate(change, inf, 1.0, rounds)
    freedom = sum(squares) ** 2 / (squares[0] ** 2 / base.freedom + squares[1] ** 2 / other.freedom)
    return Estimate(change, sqrt(sum(squares)), freedom, rounds)


def moderated(estimates: Sequence[Estimate]) -> list[Estimate]:
    """The same estimates with errors that know of each other. Two or three rounds say little about their own
    spread; that of the other cases says what is usual here. So the usual spread counts as BORROWED more
    degrees of freedom of each case, as in empirical Bayes; where there are many rounds that is little."""
    known = [each for each in estimates if each.error < inf]
    if len(known) < FEWEST_LENDERS:
        return list(estimates)
    usual = median(each.error**2 * each.rounds for each in known)
    return [_borrowing(each, usual) if each.error < inf else each for each in estimates]


def _borrowing(estimate: Estimate, usual: float) -> Estimate:
    freedom = estimate.freedom + BORROWED
    own = estimate.error**2 * estimate.freedom
    error = sqrt((own + usual / estimate.rounds * BORROWED) / freedom)
    return replace(estimate, error=max(error, LEAST_ERROR), freedom=freedom)


def together(estimates: Sequence[Estimate]) -> Estimate:
    """The mean change of several cases; its error is that of their own noise."""
    count = len(estimates)
    change = sum(each.change for each in estimates) / count
    error = sqrt(sum(each.error**2 for each in estimates)) / count
    parts = sum(each.error**4 / each.freedom for each in estimates)
    freedom = sum(each.error**2 for each in estimates) ** 2 / parts if error < inf else 1.0
    return Estimate(change, error, freedom, min(each.rounds for each in estimates))
