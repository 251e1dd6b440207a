"""Results with a planted truth: figures that are what a model says, with noise from a fixed seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from benchsuite.model import Case, CaseResult, Failure, Result, Value, WorkerRun

SIZES = (16, 64, 256, 1024, 4096, 16384, 65536)
DEPTHS = (1, 2, 4, 8, 16, 32, 64, 128)


def planted(
    case: Case,
    seconds: float,
    *,
    noise: float = 0.01,
    seed: object = 0,
    values: int = 8,
    processes: int = 3,
    cpu: float = 1.0,
    latency: float = 0.0,
    **facts: str,
) -> CaseResult:
    """A case whose true time of a request is `seconds`, and whose values scatter around it by `noise`."""
    rng = random.Random(f"{seed} {case.name}")
    requests = max(1, round(0.025 / seconds))
    runs = []
    for number in range(processes):
        timed = []
        for _ in range(values):
            wall = requests * seconds * (1 + rng.gauss(0, noise))
            timed.append(Value(requests, wall, wall * cpu, 0.0))
        nanos = round(latency * 1e9)
        histogram = {"lat": {"max": nanos, "buckets": [[nanos, 100]]}} if latency else {}
        runs.append(WorkerRun(number, values=timed, latency=histogram, facts=dict(facts)))
    return CaseResult(case, runs)


def offered(
    case: Case,
    per_second: float,
    mean: float,
    *,
    p99: float = 0.0,
    dropped: float = 0.0,
    noise: float = 0.02,
    sampled: int = 5000,
    processes: int = 2,
) -> CaseResult:
    """An open loop at which so many requests arrive per second, with this mean latency, p99 and share that is
    dropped."""
    rng = random.Random(case.name)
    arrived = max(100, round(per_second / 10))
    lost, seconds = round(arrived * dropped), arrived / per_second
    done, nanos = arrived - lost, round((p99 or 3 * mean) * 1e9)
    runs = []
    for number in range(processes):
        waited = [done * mean * (1 + rng.gauss(0, noise)) for _ in range(8)]
        values = [
            Value(done, seconds, seconds / 2, 0.0, None, 0.0, arrived, lost, seconds, each, seconds)
            for each in waited
        ]
        histogram = {"lat": {"max": nanos, "buckets": [[nanos, sampled]]}}
        runs.append(WorkerRun(number, values=values, latency=histogram))
    return CaseResult(case, runs)


def result(cases: Iterable[CaseResult], **environment: Any) -> Result:
    return Result("mine", "A test.", {"benchsuite_cpus_usable": 64, **environment}, list(cases))


def over(
    key: str, places: Iterable[int], base: Case, time: Callable[[int], float], **how: Any
) -> list[CaseResult]:
    """Cases along a parameter, with the time that each of its values gives."""
    return [planted(replace(base, **{key: place}), time(place), **how) for place in places]


def failed(case: Case, kind: str = "unavailable", reason: str = "it is not there") -> CaseResult:
    return CaseResult(case, [], Failure(kind, reason))
