"""What the arrivals of an open loop tell of its figures: whether they were kept up with, and how much of the
latency is the generator's own."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from benchsuite.model import UNLIMITED, CaseResult, Value

OVERLOAD = 1.02  # times: the seconds in which requests were carried, to those in which they arrived
LATE, LATE_SHARE = 5e-6, 0.05  # seconds a generator may be late, or this share of the mean latency


def overloaded(values: Sequence[Value]) -> bool:
    """Whether half of the values at least took longer to carry their requests than these took to arrive. The
    machine that stands still once takes one of them longer, and is no rate that cannot be carried."""
    return median(value.carrying / value.arriving for value in values) > OVERLOAD


def carried_per_second(values: Sequence[Value]) -> float:
    """Requests that were done per second: as many as found a place where that was kept up with, however long
    the last of them took; else as many as can be."""
    seconds = (
        [value.carrying for value in values] if overloaded(values) else [value.arriving for value in values]
    )
    return sum(value.requests for value in values) / sum(seconds)


def late(result: CaseResult, mean: float) -> float | None:
    """Fraction of what arrived that the generator itself noticed late, by more than it may. mean: latency."""
    buckets = _lateness(result)
    limit = max(LATE, LATE_SHARE * mean)
    count = sum(number for _, number in buckets)
    return sum(number for seconds, number in buckets if seconds > limit) / count if count else None


def generators_own(result: CaseResult, offered_per_second: float) -> float:
    """Fraction of all latency that is the generator's own, roughly: what arrives while it is late waits for
    it, too, half as long on average; of a bounded queue no more than have a place in it."""
    case = result.case
    places = case.q_len + case.backlog if case.backlog != UNLIMITED else float("inf")
    waiting = 0.0
    for seconds, number in _lateness(result):
        behind = min(seconds * offered_per_second / case.workers, places)
        waiting += number * seconds * max(1, (1 + behind) / 2)
    return waiting / sum(value.latency for value in result.values)


def _lateness(result: CaseResult) -> list[tuple[float, int]]:
    """Seconds, and how many arrivals were noticed so late."""
    found = [run.latency["late"]["buckets"] for run in result.runs if "late" in run.latency]
    return [(upper / 1e9, number) for buckets in found for upper, number in buckets]
