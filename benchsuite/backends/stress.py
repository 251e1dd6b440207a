"""`benchsuite verify --stress`: a driver in real traffic. Many sessions, each with its own key, many requests
outstanding on each, sizes, places and operations mixed, sessions opened and closed beside busy ones, and
every byte of every request checked.

stress_tables.py makes the requests and what must become of them, by the reference; native/stress.c keeps the
driver busy with them, in an order that follows from the seed, as far as the timing of threads and driver lets
it.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable

from benchsuite.algorithms import Algorithm
from benchsuite.backends import memory
from benchsuite.backends.backend import Phase
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.findings import Stressed, StressLoad
from benchsuite.backends.session import ByDriver
from benchsuite.backends.stress_faults import tell
from benchsuite.backends.stress_tables import Tables
from benchsuite.native import ffi, lib, text_buffer, text_of

CHURN = 1000  # requests in a session's life, on average
STALL_NS = 5_000_000_000
MOST_FAULTS = 8  # told one by one
SLOT_OVERHEAD = 20 * 1024  # bytes of a request's memory beside four times its payload


def stress(
    backend: ByDriver, algorithm: Algorithm, load: StressLoad, sizes: Iterable[int], phase: Phase
) -> Stressed:
    """sizes: of a profile's requests, added to the mixture as far as they are not too large for it.
    MeasureError: "unsupported" when the backend has no such algorithm, or nothing that could be loaded;
    "unavailable" when the load cannot be had here."""
    phase("preparing the load")
    tables = Tables(backend, algorithm, load, sizes)
    needed = load.workers * load.sessions * load.q_len * (4 * tables.largest + SLOT_OVERHEAD)
    cure = "; fewer --workers, --sessions or a smaller --q-len"
    memory.check(needed, "unavailable", "under load: so many requests", cure)
    phase("under load")
    result, findings = ffi.new("bs_stress_result *"), ffi.new("bs_finding[]", MOST_FAULTS)
    evidence = ffi.new("bs_evidence *", {"findings": findings, "max_findings": MOST_FAULTS})
    text = text_buffer()
    c_load = {
        "workers": load.workers,
        "sessions": load.sessions,
        "q_len": load.q_len,
        "churn": CHURN,
        "time_ns": max(1, round(load.seconds * 1e9)),
        "stall_ns": STALL_NS,
        "seed": load.seed,
    }
    status = lib.bs_stress(
        backend.driver.name.encode(),
        tables.shown.c,
        len(tables.tables),
        ffi.new("bs_stress_load *", c_load),
        result,
        evidence,
        text,
        len(text),
    )
    if status == -errno.EINTR:
        raise KeyboardInterrupt
    if status:
        raise MeasureError("unavailable", f"under load: {text_of(text)}")
    told = [tell(findings[i], tables.tables) for i in range(min(evidence.faults, MOST_FAULTS))]
    return Stressed(
        requests=result.requests,
        bytes=result.bytes,
        forged=result.refused,
        busy=result.busy,
        sessions=result.sessions,
        high_water=result.high_water,
        seconds=result.wall_ns / 1e9,
        facts=dict(line.split(": ", 1) for line in text_of(text).splitlines() if ": " in line),
        faults=evidence.faults,
        kind=told[0].kind if told else "",
        told=[fault.sentence for fault in told],
    )
