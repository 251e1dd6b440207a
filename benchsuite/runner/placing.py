"""A worker process on the CPUs that the user chose: before its case is opened, and after."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from benchsuite.cpu_lists import written
from benchsuite.facts import Fact
from benchsuite.native import ffi, lib
from benchsuite.units import listed


def confine(cpus: Sequence[int]) -> None:
    """Keeps this process, and what it starts, on these CPUs, in their order; none: where it is."""
    if cpus:
        os.sched_setaffinity(0, cpus)
        lib.bs_choose_cpus(ffi.new("uint32_t[]", list(cpus)), len(cpus))


def settle(cpus: Sequence[int], engine: Any) -> dict[str, str]:
    """Facts of where everybody is, once a case is open. What has no threads of the core's stays on the first
    CPU from now on."""
    if not cpus:
        return {}
    from benchsuite.host import placement

    places: dict[int, dict[str, int]] = engine.places() if hasattr(engine, "places") else {}
    if not places:
        os.sched_setaffinity(0, {cpus[0]})
        places = {0: {"caller": cpus[0]}}
    facts = {Fact.CPUS: written(cpus), Fact.PLACEMENT: _said(places)}
    used = list(dict.fromkeys(cpu for threads in places.values() for cpu in threads.values()))
    if shared := placement.siblings(used):
        facts[Fact.SHARED_CORE] = "; ".join(map(written, shared))
    return facts


def move(cpus: Sequence[int], cpu: int) -> dict[str, str]:
    """Puts the only thread of a case on this one of the CPUs, now and whenever its engine runs; its facts."""
    confine([cpu])
    return {Fact.CPUS: written(cpus), Fact.PLACEMENT: _said({0: {"caller": cpu}})}


def _said(places: dict[int, dict[str, int]]) -> str:
    """`worker 0: caller and dispatcher on CPU 2, completion on CPU 3; worker 1: ...`"""
    lines = []
    for worker, threads in places.items():
        by_cpu: dict[int, list[str]] = {}
        for name, cpu in threads.items():
            by_cpu.setdefault(cpu, []).append(name)
        where = ", ".join(f"{listed(names, len(names))} on CPU {cpu}" for cpu, names in by_cpu.items())
        lines.append(f"worker {worker}: {where}")
    return "; ".join(lines)
