"""Sweeps of simulated devices as results, for what is fitted to them. Nothing is started for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from simulated import ALGORITHM, run

from benchsuite.model import Case, CaseResult, Result, WorkerRun

SIZES = (64, 256, 1024, 4096, 16384)
DEPTHS = (1, 2, 4, 8, 16, 32, 64)


def swept(
    backend: str,
    sizes: Sequence[int] = SIZES,
    depths: Sequence[int] = DEPTHS,
    simulated: bool = True,
    changed: Callable[[Case, float], float] = lambda case, seconds: seconds,
    **changes: Any,
) -> Result:
    """changed: what becomes of a point's seconds."""
    cases = []
    for size, q_len in product(sizes, depths):
        case = Case(backend, **({"algorithm": ALGORITHM} | changes), request_size=size, q_len=q_len)
        keys = ("algorithm", "op", "request_size", "q_len", "batch", "cbimm", "workers", "in_place")
        found = run(backend, 400 + 60 * q_len, **{key: getattr(case, key) for key in keys})
        value = replace(found.value, wall=changed(case, found.value.wall))
        facts = {"version": "a test"}
        if not simulated:  # as if it came from a real device
            case = replace(case, backend="cryptodev:test")
        cases.append(CaseResult(case, [WorkerRun(0, values=[value], counters=found.counters, facts=facts)]))
    return Result("test", "A test.", {}, cases)
