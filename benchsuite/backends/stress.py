"""`benchsuite verify --stress`: a driver in real traffic. Many sessions, each with its own key, many requests
outstanding on each, sizes, places and operations mixed, sessions opened and closed beside busy ones, and
every byte of every request checked.

stress_tables.py makes the requests of one algorithm and what must become of them, by the reference;
stress_mixed.py puts several algorithms beside each other; stress_run.py loads the driver with them.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchsuite.algorithms import Algorithm
from benchsuite.backends.backend import Phase
from benchsuite.backends.findings import UNDER_LOAD, Stressed, StressLoad, excluded
from benchsuite.backends.sentences import in_words, involved, tell_all
from benchsuite.backends.session import ByDriver
from benchsuite.backends.stress_mixed import Mixed
from benchsuite.backends.stress_run import Watch, perform
from benchsuite.backends.stress_tables import Tables

MOST_TOLD = 8


def stress(
    backend: ByDriver,
    algorithms: Sequence[Algorithm],
    load: StressLoad,
    phase: Phase,
    watch: Watch | None = None,
    mixed: bool = False,
) -> Stressed:
    """One algorithm thoroughly, or several beside each other. MeasureError: "unsupported" when the backend
    has no such algorithm, or nothing that could be loaded; "unavailable" when the load cannot be had here."""
    phase("preparing the load")
    made = Mixed(backend, algorithms, load) if mixed else Tables(backend, algorithms[0], load)
    phase(UNDER_LOAD)
    ran = perform(backend, made.tables, load, watch, churn=made.churn)
    rate = in_words(ran.faults, ran.result.requests)
    told = tell_all(ran.findings, ran.samples, made.tables, MOST_TOLD, rate=rate)
    sizes, names = involved(ran.findings, made.tables)
    result = ran.result
    return Stressed(
        algorithms=[algorithm.name for algorithm in made.algorithms],
        requests=result.requests,
        bytes=result.bytes,
        refused=result.refused,
        busy=result.busy,
        sessions=result.sessions,
        high_water=result.high_water,
        drains=result.drains,
        rests=result.rests,
        longest=result.longest,
        resident=result.resident,
        seconds=result.wall_ns / 1e9,
        excluded=excluded(result.requests) if not ran.faults else 0,
        interrupted=ran.interrupted,
        left_out=made.left_out,
        facts=ran.facts,
        faults=ran.faults,
        kind=told[0].kind if told else "",
        told=[fault.sentence for fault in told],
        wrong_sizes=sizes,
        wrong_algorithms=names,
    )
