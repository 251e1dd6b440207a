"""A case on a simulated device's virtual clock. Nothing is measured here: its Values hold virtual seconds,
and the CPU seconds a modelled host would spend.

The same case gives the same figures wherever and whenever it is simulated. There is no noise of a clock,
which is what several processes, several values and a least time of each are for: a case has one value. It is
simulated twice, for some rounds of its queue and for many more. What filling and emptying the queue takes is
in both, so the difference is a queue that stays full, and that is the value.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from benchsuite import sim
from benchsuite.backends.backend import Interval
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.native import STALL_NS, NativeEngine, Versioned
from benchsuite.facts import Fact
from benchsuite.model import Case, Measure, Value
from benchsuite.native import ffi, lib
from benchsuite.series import MOST_INTERVALS
from benchsuite.units import format_duration

MOST_REQUESTS = 100_000_000  # of a value: they take about half a minute
# Rounds of the queue, and requests, of a value. Where it does not repeat exactly, a part of a round is amiss.
ROUNDS, LEAST_REQUESTS = 100, 1000
FILLING = 8  # rounds beside those
BY_CHANCE = 100_000  # requests, where times or faults are drawn: the mean of so many is good to about 0.5%
LONGEST = 100_000.0  # virtual seconds of a value
PER_SECOND = 3e6  # simulated requests, at least
OPENING = 0.002  # seconds of a case beside its requests
MOST_LOGGED = 20_000_000  # requests, of a value or a ramp that a log is to show
LEAST_INTERVALS = 10
SLACK = 1.01  # the time a log takes is estimated, and one interval too many would make two of each one
_FAULTS = ("busy", "error", "wrong", "lost", "late", "duplicate", "reorder", "hang")


def requests_of(case: Case) -> int:
    """Requests of a value, by each worker; more where chance plays a part."""
    return max(LEAST_REQUESTS, ROUNDS * case.q_len, case.request_num)


def seconds(case: Case) -> float:
    """Estimated seconds to simulate the case."""
    requests = requests_of(case) + 2 * FILLING * case.q_len
    return OPENING + min(requests * case.workers, MOST_REQUESTS) / PER_SECOND


class OfDevice(Versioned, Protocol):
    setting: str


class SimulatedEngine(NativeEngine):
    """An engine that decides by itself how many requests a value has (SelfTimed in backend.py)."""

    def __init__(self, backend: OfDevice, case: Case) -> None:
        self._setting = backend.setting
        self._steady: dict[str, dict[str, Any]] | None = None  # latency
        if case.load.open_loop:
            raise MeasureError("unsupported", "the virtual clock has no open loop; clock=real has one")
        self._measure = Measure()
        self.log_interval = 0.0  # virtual seconds; longer than asked for where there would be too many
        self.ramp_log: list[Interval] = []
        self.value_log: list[Interval] = []
        super().__init__(backend, case)

    def _patience_ns(self) -> int:
        outstanding = self.case.q_len * self.case.workers
        size = self.case.request_size
        longest = sim.longest(self._setting, self.algorithm, self.case.op, size, outstanding)
        return max(STALL_NS, int(longest * 1e9))

    def prepare(self, _round: int, measure: Measure, _folder: Path | None) -> tuple[float, str]:
        self._measure = measure
        self._refuse_more_than(self.case.request_num, "request_num")
        self._refuse_more_than(requests_of(self.case), f"q_len {self.case.q_len}")
        return seconds(self.case), "simulating"

    def _refuse_more_than(self, requests: int, why: str) -> None:
        if requests * self.case.workers > MOST_REQUESTS:
            raise MeasureError(
                "unsupported",
                f"{why} means {requests * self.case.workers} simulated requests in a value, and "
                f"{MOST_REQUESTS} are the limit: ask for less",
            )

    def run(self, requests: int) -> Value:
        """0: the value of the case."""
        if requests:
            return self._run(requests)
        self.prepare(0, self._measure, None)
        chance = sim.by_chance(self._setting)
        hang = sim.hangs_after(self._setting)  # who asks for it wants to see it
        requests = max(
            requests_of(self.case), BY_CHANCE if chance else 0, hang + 1 if hang < MOST_REQUESTS else 0
        )
        self.forget_latency()
        short = self._run(FILLING * self.case.q_len)
        self._refuse_longer(requests, short.per_request)
        filling = self.latency()
        if self._measure.log_interval or self._measure.ramp:
            requests = self._begin_log(requests, short.per_request)
        self.forget_latency()
        if chance:  # runs that differ have nothing to be subtracted; and so many make up for it
            return self._logged(requests)
        long = self._logged(FILLING * self.case.q_len + requests)
        self._steady = {stage: _less(found, filling[stage]) for stage, found in self.latency().items()}
        return _difference(long, short)

    def _begin_log(self, requests: int, each: float) -> int:
        """Works for the time of the ramp; requests, of each worker, that the value is to have: so many at
        least. each: virtual seconds of a request."""
        how = self._measure
        at_once = self.case.workers * each
        most = MOST_LOGGED // self.case.workers
        shown = max(how.min_time, LEAST_INTERVALS * how.log_interval)
        requests = max(requests, min(most, int(shown / at_once)))
        logged = (FILLING * self.case.q_len + requests) * at_once
        self.log_interval = max(how.log_interval, (logged + how.ramp) / MOST_INTERVALS * SLACK)
        if how.ramp:
            if how.log_interval:
                self.log(self.log_interval)
            self._run(max(1, min(most, int(how.ramp / at_once))))
            self.ramp_log = self.take_log(last=True)
        return requests

    def _logged(self, requests: int) -> Value:
        if self._measure.log_interval:
            self.log(self.log_interval)
        value = self._run(requests)
        self.value_log = self.take_log(last=True)
        return value

    def _refuse_longer(self, requests: int, each: float) -> None:
        if requests * self.case.workers * each > LONGEST:
            raise MeasureError(
                "unsupported",
                f"{requests} requests of {format_duration(each)} are more virtual time than "
                f"{format_duration(LONGEST)}: ask for smaller ones, or of a faster device",
            )

    def _run(self, requests: int) -> Value:
        self._refuse_more_than(requests, "so long a run")
        value = super().run(requests)
        if not value.wall:
            raise MeasureError("unsupported", "requests take no time: every cost of the device is 0")
        return value

    def forget_latency(self) -> None:
        self._steady = None
        super().forget_latency()

    def latency(self) -> dict[str, dict[str, Any]]:
        return self._steady or super().latency()

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
            Fact.USED_UNITS: found["unit_ns"] / found["units"],
            Fact.USED_BUS: found["bus_ns"] / found["buses"],
            Fact.USED_SERIAL: found["serial_ns"],
            Fact.USED_HOST: host / found["cpus"],
        }
        return {
            **super().facts(),
            Fact.PATH: "virtual clock",
            Fact.DRIVER: "synchronous" if synchronous else "asynchronous",
            Fact.LATENCY_CLOCK: "virtual",
            Fact.ASSUMED: ", ".join(device.assumed) or "nothing",
            **{key: f"{busy / elapsed:.4f}" for key, busy in used.items()},
            Fact.INTERRUPTS: str(found["interrupts"]),
            Fact.DOORBELLS: str(found["doorbells"]),
            Fact.VERIFIED: "nothing to verify: the virtual clock touches no byte, clock=real computes all",
        }


def _difference(long: Value, short: Value) -> Value:
    def less(key: str) -> Any:
        return getattr(long, key) - getattr(short, key)

    return Value(less("requests"), less("wall"), max(0.0, less("user")), max(0.0, less("system")))


def _less(found: dict[str, Any], filling: dict[str, Any]) -> dict[str, Any]:
    """A latency histogram without what another one has."""
    counts = dict(filling["buckets"])
    left = [[upper, count - counts.get(upper, 0)] for upper, count in found["buckets"]]
    buckets = [[upper, count] for upper, count in left if count > 0]
    return {"max": min(found["max"], buckets[-1][0]) if buckets else found["max"], "buckets": buckets}
