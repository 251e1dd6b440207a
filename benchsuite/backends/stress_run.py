"""One run of tables under load, by the native core: native/stress.c keeps a driver busy with them, in an
order that follows from the seed, as far as the timing of threads and driver lets it."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

from benchsuite.backends import memory
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.findings import SoFar, StressLoad
from benchsuite.backends.known_requests import Shown, Table
from benchsuite.backends.session import ByDriver, Params
from benchsuite.native import ffi, lib, text_buffer, text_of

REST_NS = 600_000_000
MOST_FAULTS = 64  # that end a run: enough to see what they have in common
MOST_SAMPLES = 400
LOOK_EVERY = 0.5  # seconds between two looks at how far it is

Watch = Callable[[SoFar], None]


@dataclass(slots=True)
class Ran:
    """What became of a run. result: bs_stress_result; findings: bs_finding, the first of `faults`; samples:
    bs_sample; facts: of the first session."""

    result: Any
    faults: int
    findings: list[Any]
    samples: list[Any]
    facts: dict[str, str]
    interrupted: bool
    _alive: Any  # what those lie in


def needed_memory(params: Params, load: StressLoad, sizes: Sequence[int]) -> int:
    """Bytes that requests of these sizes may come to need, in sessions of these params."""
    known = ffi.new("bs_known[]", [{"size": size, "aad_len": params.aad_size} for size in sizes])
    traffic = ffi.new("bs_traffic *", {"params": params.c, "known": known, "count": len(sizes)})
    return int(lib.bs_stress_memory(traffic, 1, _as_c(load)))


def perform(
    backend: ByDriver,
    tables: Sequence[Table],
    load: StressLoad,
    watch: Watch | None = None,
    *,
    churn: int = 1000,
    requests: int = 0,
    rest: bool = True,
) -> Ran:
    """watch: called now and then, from another thread, while requests come back. churn: requests in a
    session's life, on average. requests: after which it ends, if they are done before its time. MeasureError
    ("unavailable") when the load cannot be had here."""
    shown, text = Shown(tables), text_buffer()
    c_load = _as_c(load, churn=churn, requests=requests, rest=rest)
    needed = lib.bs_stress_memory(shown.c, len(tables), c_load)
    cure = "; fewer --workers, --sessions or a smaller --q-len"
    memory.check(needed, "unavailable", "under load: so many requests", cure)
    result, findings = ffi.new("bs_stress_result *"), ffi.new("bs_finding[]", MOST_FAULTS)
    samples = ffi.new("bs_sample[]", MOST_SAMPLES)
    evidence = ffi.new(
        "bs_evidence *",
        {"findings": findings, "max_findings": MOST_FAULTS, "samples": samples, "max_samples": MOST_SAMPLES},
    )
    with _Watching(watch, evidence):
        status = lib.bs_stress(
            backend.driver.name.encode(), shown.c, len(tables), c_load, result, evidence, text, len(text)
        )
    if status and status != -errno.EINTR:
        raise MeasureError("unavailable", f"under load: {text_of(text)}")
    return Ran(
        result=result,
        faults=evidence.faults,
        findings=[findings[i] for i in range(min(evidence.faults, MOST_FAULTS))],
        samples=[samples[i] for i in range(evidence.sample_count)],
        facts=dict(line.split(": ", 1) for line in text_of(text).splitlines() if ": " in line),
        interrupted=bool(status),
        _alive=(findings, samples),
    )


def _as_c(load: StressLoad, churn: int = 1, requests: int = 0, rest: bool = False) -> Any:
    return ffi.new(
        "bs_stress_load *",
        {
            "workers": load.workers,
            "sessions": load.sessions,
            "q_len": load.q_len,
            "churn": churn,
            "requests": requests,
            "time_ns": max(1, round(load.seconds * 1e9)),
            "stall_ns": round(load.patience * 1e9),
            "seed": load.seed,
            "rest_ns": REST_NS if rest else 0,
            "soak": load.soak,
        },
    )


class _Watching:
    """Looks at how far the run of this process is, as long as it lasts."""

    def __init__(self, watch: Watch | None, evidence: Any) -> None:
        self._watch, self._evidence, self._over = watch, evidence, Event()
        self._thread = Thread(target=self._look, daemon=True) if watch else None

    def __enter__(self) -> None:
        if self._thread:
            self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread:
            self._thread.join()

    def _look(self) -> None:
        assert self._watch
        before, so_far = 0, ffi.new("bs_stress_result *")
        while not self._over.wait(LOOK_EVERY):
            if lib.bs_stress_progress(so_far) and so_far.requests > before:  # else it stands still
                before = so_far.requests
                faults = self._evidence.faults
                self._watch(SoFar(before, so_far.sessions, faults, memory.resident()))
