"""Time series that are planted: what a machine without a fan would have told."""

from __future__ import annotations

import random
from collections.abc import Callable

from report_fixture import measured

from benchsuite.model import Case, CaseResult, Result
from benchsuite.series import Series

Of = Callable[[float], float | None]  # time in seconds -> a figure


def series(
    seconds: float,
    rate: Of,
    *,
    interval: float = 1.0,
    ramp: float = 0.0,
    noise: float = 0.01,
    seed: int = 1,
    **columns: Of,
) -> Series:
    """A series with an interval each `interval`; columns by the names of the lists. noise: of the rate, as a
    share of it."""
    draw, found = random.Random(seed), Series(interval, ramp)
    for number in range(round(seconds / interval)):
        at = number * interval
        told = rate(at)
        row = {key: of(at) for key, of in columns.items()}
        row |= {"begins": at, "lasts": interval, "sampled": 1000, "p50_seconds": 1e-6, "p99_seconds": 2e-6}
        row["requests_per_second"] = None if told is None else told * draw.gauss(1, noise)
        found.add(row)
    return found


def step(at: float, before: float, after: float) -> Of:
    return lambda time: before if time < at else after


def throttled(seconds: float = 300.0, at: float = 140.0, **how: float) -> Series:
    """A board whose CPU becomes warm and is slowed down."""
    return series(
        seconds,
        step(at, 650_000.0, 450_000.0),
        ramp=5.0,
        user_cpus=lambda time: 0.99,
        system_cpus=lambda time: 0.005,
        machine_busy=lambda time: 0.26,
        frequency_hz=step(at, 1.8e9, 1.2e9),
        temperature_celsius=lambda time: min(84.0, 45 + 0.3 * time),
        throttle_events=lambda time: None,
        slowed_steps=step(at, 0.0, 3.0),
        **how,  # type: ignore[arg-type]
    )


def steady(seconds: float = 60.0, **how: float) -> Series:
    return series(seconds, lambda time: 500_000.0, user_cpus=lambda time: 1.0, **how)  # type: ignore[arg-type]


def logged(*each: Series | None, case: Case | None = None, seconds: float = 2e-6) -> CaseResult:
    """A case with a worker process for each series."""
    result = measured(case or Case("software", "aes-128-gcm", aad_size=8), seconds, workers=len(each))
    for run, one in zip(result.runs, each, strict=True):
        run.series = one
    return result


def result(*cases: CaseResult) -> Result:
    return Result("course", "How does it go on?", {"cpu_model_name": "Example board"}, list(cases))
