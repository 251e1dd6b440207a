"""The dropped share of an open loop, on both sides: what found no place, of what arrived.

Mean latency is that of requests that were carried, so who drops more may be quicker for it. Hence a case of
an open loop is asked two questions, and a share that has risen beats a latency that has fallen. Rounds are
what may be counted: drops come in bursts, so those of one round are one figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, sqrt
from statistics import fmean, stdev

from benchsuite.compare.evidence import Dropped, Estimate, difference
from benchsuite.model import CaseResult

LEAST_ERROR = 1e-4  # of a share: no two rounds are truer than this, even where they agree


@dataclass(frozen=True, slots=True)
class _Count:
    offered: int
    dropped: int

    @property
    def share(self) -> float:
        return self.dropped / self.offered


def of_two(base: CaseResult, other: CaseResult, together: bool) -> Dropped | None:
    """The shares, and how much more Other drops than Base; None where there is no open loop on both sides.
    together: round by round."""
    ours, theirs = _per_round(base), _per_round(other)
    if not ours or not theirs:
        return None
    before, now = _total(ours), _total(theirs)
    both = sorted(ours.keys() & theirs.keys())
    if together and len(both) > 1:
        found = _mean([theirs[number].share - ours[number].share for number in both])
    else:
        found = difference(*(_mean([count.share for count in of.values()]) for of in (ours, theirs)))
    return Dropped(before.share, now.share, _not_truer(found, before, now))


def share(result: CaseResult) -> float | None:
    """Fraction of what arrived in all rounds that found no place; None of a closed loop."""
    counts = _per_round(result)
    return _total(counts).share if counts else None


def _per_round(result: CaseResult) -> dict[int, _Count]:
    found = {}
    for run in result.runs:
        if run.values and all(value.offered for value in run.values):
            found[run.round] = _Count(
                sum(value.offered for value in run.values), sum(value.dropped for value in run.values)
            )
    return found


def _total(counts: Mapping[int, _Count]) -> _Count:
    return _Count(
        sum(each.offered for each in counts.values()), sum(each.dropped for each in counts.values())
    )


def _mean(shares: list[float]) -> Estimate:
    """The plain mean: a round in which much was dropped must count, so nothing is trimmed."""
    if len(shares) < 2:
        return Estimate(shares[0], inf, 1.0, len(shares))
    error = stdev(shares) / sqrt(len(shares))
    return Estimate(fmean(shares), max(error, LEAST_ERROR), len(shares) - 1, len(shares))


def _not_truer(found: Estimate, base: _Count, other: _Count) -> Estimate:
    """The estimate with an error that is no smaller than that of so few requests, if each was dropped by
    itself: rounds may agree by chance. Where none was dropped there is no difference to be in error about."""
    if not base.dropped and not other.dropped:
        return Estimate(0.0, LEAST_ERROR, found.freedom, found.rounds)
    squares = 0.0
    for each in (base, other):
        likely = (each.dropped + 1) / (each.offered + 2)
        squares += likely * (1 - likely) / each.offered
    return Estimate(found.change, max(found.error, sqrt(squares)), found.freedom, found.rounds)
