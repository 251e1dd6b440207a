"""What a case cost beside its time: handing requests over, collecting them, energy."""

from __future__ import annotations

from benchsuite.facts import Collecting
from benchsuite.model import CaseResult


def submitting(result: CaseResult) -> float | None:
    """Fraction of the workers' time inside the driver's process, by the sampled calls, each as long as its
    bucket allows: at most 1.6% too much. None on the direct path, where there is nothing but that call, and
    where nobody timed it. An offer that the driver refused is not in it."""
    inside = 0.0
    for run in result.runs:
        buckets = run.latency.get("slat", {}).get("buckets", [])
        count = sum(number for _, number in buckets)
        if not count or run.counters.get("direct", 1):
            return None
        mean = sum(upper * number for upper, number in buckets) / count
        inside += mean / 1e9 * sum(value.requests for value in run.values)
    wall = sum(value.wall for value in result.values)
    return inside / wall / result.case.workers if wall else None


def joules(result: CaseResult) -> float | None:
    """Joules of a request, by the sensors that all worker processes of a case had; None where these do not
    tell."""
    told = [run.energy for run in result.runs if run.values]
    known = [each for each in told if each is not None and each.requests]
    if not known or len(known) < len(told) or len({each.of for each in known}) > 1:
        return None
    return sum(each.total for each in known) / sum(each.requests for each in known)


def joules_of(result: CaseResult) -> str:
    """The sensors in words; "" where no figure is from any."""
    return (
        next((run.energy.of for run in result.runs if run.energy), "") if joules(result) is not None else ""
    )


def polling(result: CaseResult) -> tuple[float | None, float | None]:
    """Fractions of the workers' time in which the driver's poll kept a CPU busy, and in which it slept in
    there, or had no CPU. None of a driver that completes every request at once."""
    wall, inside, cpu = (
        sum(run.counters.get(key, 0) for run in result.runs)
        for key in (Collecting.WORKER, Collecting.POLL, Collecting.POLL_CPU)
    )
    return (cpu / wall, max(0, inside - cpu) / wall) if wall else (None, None)
