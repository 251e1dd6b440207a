"""What each round of a case is worth: one figure a round, because values of one process resemble each
other."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from benchsuite.facts import Fact
from benchsuite.model import CPU, CYCLES, WALL, CaseResult, CouldNotMeasure, Value

FASTEST = 4  # the mean of the fastest quarter of a round: others' work makes values slower, never faster

_NONE = {
    CPU: "there is no CPU time of every value",
    CYCLES: "there are no cycles of every value: this machine, or this backend, counts none",
}
NOT_CYCLES = "its cycles are ticks of a counter at constant rate, which is wall time: decide on cpu or wall"
NO_CYCLES = "cycles of an open loop count the waiting for arrivals, too: decide on cpu or wall"
_ONLY_WAITED = "waiting for arrivals took all the CPU time that was counted: decide on wall"
_TICKS = ("tsc", "cntvct")  # sources of cycles that are none


def per_round(result: CaseResult, metric: str) -> dict[int, float]:
    """The natural logarithm, by round, of what a request took of `metric` (model.METRICS): seconds, or
    cycles; wall time of an open loop is its mean latency. CouldNotMeasure, with the reason, where there is
    nothing."""
    if result.failure:
        raise CouldNotMeasure(result.failure.reason)
    if metric == CYCLES and result.case.load.open_loop:
        raise CouldNotMeasure(NO_CYCLES)
    if metric == CYCLES and any(run.facts.get(Fact.CYCLES_SOURCE) in _TICKS for run in result.runs):
        raise CouldNotMeasure(NOT_CYCLES)
    found = {}
    for run in result.runs:
        if run.values:
            of_round = _cpu if metric == CPU and run.values[0].offered else _fastest_of
            found[run.round] = log(of_round(run.values, metric))
    if not found:
        raise CouldNotMeasure("the run ended before this case was measured")
    return found


def _fastest_of(values: Sequence[Value], metric: str) -> float:
    return _fastest([_taken(value, metric) for value in values])


def _cpu(values: Sequence[Value], metric: str) -> float:
    """CPU seconds of a request of an open loop, over all values: the waiting was taken out of each, and what
    is left of a short one may be nothing, so the smallest say little."""
    cpu = [value.cpu for value in values if value.cpu is not None]
    if len(cpu) < len(values):
        raise CouldNotMeasure(_NONE[metric])
    if not sum(cpu):
        raise CouldNotMeasure(_ONLY_WAITED)
    return sum(cpu) / sum(value.requests for value in values)


def _taken(value: Value, metric: str) -> float:
    wall = value.latency if value.offered else value.wall
    taken = {WALL: wall, CPU: value.cpu, CYCLES: value.cycles}[metric]
    if not taken or value.requests < 1:
        raise CouldNotMeasure(_NONE.get(metric, "a value has no requests or took no time"))
    return taken / value.requests


def _fastest(taken: list[float]) -> float:
    some = sorted(taken)[: max(1, len(taken) // FASTEST)]
    return sum(some) / len(some)
