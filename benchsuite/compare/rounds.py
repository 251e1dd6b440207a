"""What each round of a case is worth: one figure a round, because values of one process resemble each
other."""

from __future__ import annotations

from math import log

from benchsuite.facts import Fact
from benchsuite.model import CPU, CYCLES, WALL, CaseResult, CouldNotMeasure, Value

FASTEST = 4  # the mean of the fastest quarter of a round: others' work makes values slower, never faster

_NONE = {
    CPU: "there is no CPU time of every value",
    CYCLES: "there are no cycles of every value: this machine, or this backend, counts none",
}
NOT_CYCLES = "its cycles are ticks of a counter at constant rate, which is wall time: decide on cpu or wall"
_TICKS = ("tsc", "cntvct")  # sources of cycles that are none


def per_round(result: CaseResult, metric: str) -> dict[int, float]:
    """The natural logarithm, by round, of what a request took of `metric` (model.METRICS): seconds, or
    cycles. CouldNotMeasure, with the reason, where there is nothing."""
    if result.failure:
        raise CouldNotMeasure(result.failure.reason)
    if metric == CYCLES and any(run.facts.get(Fact.CYCLES_SOURCE) in _TICKS for run in result.runs):
        raise CouldNotMeasure(NOT_CYCLES)
    found = {}
    for run in result.runs:
        if run.values:
            found[run.round] = log(_fastest([_taken(value, metric) for value in run.values]))
    if not found:
        raise CouldNotMeasure("the run ended before this case was measured")
    return found


def _taken(value: Value, metric: str) -> float:
    taken = {WALL: value.wall, CPU: value.cpu, CYCLES: value.cycles}[metric]
    if not taken or value.requests < 1:
        raise CouldNotMeasure(_NONE.get(metric, "a value has no requests or took no time"))
    return taken / value.requests


def _fastest(taken: list[float]) -> float:
    some = sorted(taken)[: max(1, len(taken) // FASTEST)]
    return sum(some) / len(some)
