"""Results for the tests of compare, gate and their reports. Whatever looks random comes from a fixed seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from benchsuite.model import Case, CaseResult, Failure, Result, Value, WorkerRun

MACHINE = {
    "cpu_model_name": "Example CPU @ 2.80GHz",
    "benchsuite_architecture": "x86_64",
    "benchsuite_kernel_release": "6.1.0-28-amd64",
    "benchsuite_governor": "performance",
    "benchsuite_version": "1.0.0",
    "benchsuite_cpus_usable": 4,
    "benchsuite_load_before": 0.1,
    "benchsuite_load_after": 0.9,
    "date": "2026-11-02 10:20:30.123456",
}
LIBRARY = {"version": "OpenSSL 3.0.19 27 Jan 2026", "cycles_source": "perf"}


def run(number: int, seconds: float, facts: dict[str, str] | None = None, values: int = 4) -> WorkerRun:
    """Values of 2 ms, the slowest a third above `seconds` per request, which is what the fastest took."""
    requests = max(1, int(0.002 / seconds))
    timed = []
    for i in range(values):
        wall = requests * seconds * (1 + i / values / 2)
        timed.append(Value(requests, wall, wall * 0.9, wall * 0.05, int(wall * 2.8e9)))
    return WorkerRun(number, values=timed, facts={**LIBRARY, **(facts or {})}, started=1.0, ended=1.1)


def measured(case: Case, rounds: Sequence[float], **facts: str) -> CaseResult:
    """With a run for each of the rounds' seconds per request."""
    return CaseResult(case, [run(i, seconds, facts) for i, seconds in enumerate(rounds)])


def noisy(seconds: float, count: int = 12, spread: float = 0.01, seed: int = 1) -> list[float]:
    rng = random.Random(f"{seconds} {count} {seed}")
    return [seconds * (1 + rng.gauss(0, spread)) for _ in range(count)]


def result(*cases: CaseResult, profile: str = "p", complete: bool = True, **environment: Any) -> Result:
    return Result(profile, "A test.", {**MACHINE, **environment}, list(cases), complete)


def paired(
    pairs: Sequence[tuple[Case, float, float]],
    backends: tuple[str, str] = ("software", "software:/new.so"),
    rounds: int = 12,
    **environment: Any,
) -> Result:
    """A result as `--paired` leaves it: of each case the seconds of A and of B."""
    from dataclasses import replace

    cases = []
    for number, (case, a, b) in enumerate(pairs):
        common = noisy(1.0, rounds, 0.05, seed=number)  # what the machine did to both
        for side, backend, seconds in (("A", backends[0], a), ("B", backends[1], b)):
            own = noisy(seconds, rounds, 0.004, seed=number + 100 * (side == "B"))
            cases.append(
                measured(
                    replace(case, backend=backend),
                    [x * y for x, y in zip(common, own, strict=True)],
                    side=side,
                    benchsuite="1.0.0",
                    decide_on="wall",
                    priority="real-time",
                )
            )
    return result(*cases, **environment)


def failed(case: Case, kind: str = "crash", reason: str = "the worker crashed (SIGSEGV)") -> CaseResult:
    return CaseResult(case, [], Failure(kind, reason))


GCM = Case("software", "aes-128-gcm", aad_size=8)
CBC = Case("software", "aes-128-cbc")
SHA = Case("software", "sha256", "digest")
