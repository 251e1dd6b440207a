"""A case on a simulated device's virtual clock. Nothing is measured here: its Values hold virtual seconds,
and the CPU seconds a modelled host would spend."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

from benchsuite import sim
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.native import STALL_NS, NativeEngine
from benchsuite.model import Case, Measure, Value
from benchsuite.native import Driver, ffi, lib
from benchsuite.units import format_duration

MOST_REQUESTS = 100_000_000  # of a value: they take about half a minute
LEAST_REQUESTS, LEAST_ROUNDS = 10_000, 100  # of a value: filling and emptying the queue must not weigh in it
LONGEST = 100_000.0  # virtual seconds of a value
MARGIN = 1.01  # above min_time: there is no noise to allow for
_FAULTS = ("busy", "error", "wrong", "lost", "late", "duplicate", "reorder", "hang")


class SimulatedEngine(NativeEngine):
    """It decides by itself how many requests a value has (backends.SelfTimed)."""

    def __init__(self, driver: Driver, setting: str, case: Case) -> None:
        self._setting, self._requests, self._least_wall = setting, 0, 0.0
        super().__init__(driver, setting, case)

    def _patience_ns(self) -> int:
        outstanding = self.case.q_len * self.case.workers
        size = self.case.request_size
        longest = sim.longest(self._setting, self.algorithm, self.case.op, size, outstanding)
        return max(STALL_NS, int(longest * 1e9))

    def prepare(self, _round: int, measure: Measure, _folder: Path | None) -> tuple[float, str]:
        self._refuse_more_than(self.case.request_num, "request_num")
        begin = time.perf_counter()
        each, tried = self._steady_state()
        cost = (time.perf_counter() - begin) / tried
        for_time = math.ceil(measure.min_time * MARGIN / each / self.case.workers)
        self._refuse_more_than(for_time, f"min_time {format_duration(measure.min_time)}")
        least = max(LEAST_REQUESTS, LEAST_ROUNDS * self.case.q_len, self.case.request_num)
        self._requests, self._least_wall = max(least, for_time), measure.min_time
        if self._requests * self.case.workers * each > LONGEST:
            raise MeasureError(
                "unsupported",
                f"{self._requests} requests of {format_duration(each)} are more virtual time than "
                f"{format_duration(LONGEST)}: ask for smaller ones, or of a faster device",
            )
        self.forget_latency()
        return self._requests * self.case.workers * cost, "simulating"

    def _steady_state(self) -> tuple[float, int]:
        """Seconds per request when the queue is full, and how many requests were made to find out."""
        short, long = (self.run(rounds * self.case.q_len) for rounds in (8, 24))
        each = (long.wall - short.wall) / max(1, long.requests - short.requests)
        return each if each > 0 else long.per_request, short.requests + long.requests

    def _refuse_more_than(self, requests: int, why: str) -> None:
        if requests * self.case.workers > MOST_REQUESTS:
            raise MeasureError(
                "unsupported",
                f"{why} means {requests * self.case.workers} simulated requests in a value, and "
                f"{MOST_REQUESTS} are the limit: ask for less",
            )

    def run(self, requests: int) -> Value:
        """0: as many as prepare() has found, or more if chance has made them too short."""
        if requests:
            return self._run(requests)
        while (value := self._run(self._requests)).wall < self._least_wall:
            self._requests = math.ceil(self._requests * MARGIN * self._least_wall / value.wall)
        return value

    def _run(self, requests: int) -> Value:
        self._refuse_more_than(requests, "this")
        value = super().run(requests)
        if not value.wall:
            raise MeasureError("unsupported", "requests take no time: every cost of the device is 0")
        return value

    def simulation(self) -> dict[str, Any]:
        """bs_simulation as a dict; `faults` by name."""
        found = ffi.new("bs_simulation *")
        lib.bs_engine_simulation(self._engine, found)
        fields = [name for name, _ in ffi.typeof("bs_simulation").fields if name != "faults"]
        faults = dict(zip(_FAULTS, found.faults, strict=True))
        return {name: getattr(found, name) for name in fields} | {"faults": faults}

    def facts(self) -> dict[str, str]:
        found, device = self.simulation(), sim.load(sim.parse(self._setting).device)
        synchronous = device.value("completion", "mode") == "sync"
        elapsed = found["elapsed_ns"] or 1.0
        host = sum(found[f"{context}_ns"] for context in ("caller", "dispatcher", "callback", "interrupt"))
        used = {
            "units": found["unit_ns"] / found["units"], "bus": found["bus_ns"] / found["buses"],
            "serial": found["serial_ns"], "host": host / found["cpus"],
        }  # fmt: skip
        faults = ", ".join(f"{name} {count}" for name, count in found["faults"].items() if count)
        return {
            **super().facts(),
            "path": "virtual clock",
            "driver": "synchronous" if synchronous else "asynchronous",
            "latency_clock": "virtual",
            "assumed": ", ".join(device.assumed) or "nothing",
            **{f"used_{what}": f"{busy / elapsed:.4f}" for what, busy in used.items()},
            "interrupts": str(found["interrupts"]),
            "doorbells": str(found["doorbells"]),
            **({"faults": faults} if faults else {}),
            "verified": "nothing to verify: the virtual clock touches no byte, clock=real computes all",
        }
