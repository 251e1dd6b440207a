"""A case opened on a driver of the native core."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import replace
from math import inf
from typing import Any, Protocol

from benchsuite import algorithms
from benchsuite.backends import verify
from benchsuite.backends.backend import Interval
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.session import SEED, ByDriver, Params, Session
from benchsuite.facts import Collecting, Fact
from benchsuite.model import BURST, CHAINED, CONSTANT, POISSON, Case, Value
from benchsuite.native import ffi, lib, text_buffer, text_of
from benchsuite.profile import burst_of

STALL_NS = 5_000_000_000
MAX_BUCKETS = 4096
MOST_TAKEN = 64  # intervals at a time

_THREADS = {
    "caller": lib.BS_CALLER,
    "dispatcher": lib.BS_DISPATCHER,
    "callback": lib.BS_CALLBACK,
    "completion": lib.BS_COMPLETION,
}
_ARRIVALS = {CONSTANT: lib.BS_CONSTANT, POISSON: lib.BS_POISSON, BURST: lib.BS_BURST}
_STAGES = {"slat": lib.BS_SLAT, "clat": lib.BS_CLAT, "lat": lib.BS_LAT}


class Versioned(ByDriver, Protocol):
    def version(self) -> str: ...


class NativeEngine:
    """An engine (see backend.py) with its sessions, ready to be verified and run."""

    def __init__(self, backend: Versioned, case: Case) -> None:
        self.case, self.driver = case, backend.driver
        self._by_clock = False  # requests arrive so
        self.algorithm = algorithms.find(case.algorithm)
        self.version = backend.version()
        self._params = [self._params_of(backend, worker) for worker in range(case.workers)]
        self._params[0].check()
        load = ffi.new(
            "bs_load *",
            {
                "request_size": case.request_size,
                "q_len": case.q_len,
                "batch": case.batch,
                "cbimm": case.cbimm,
                "workers": case.workers,
                "crypto_q_max": case.crypto_q_max,
                "in_place": case.in_place,
                "seed": SEED,
                "stall_ns": self._patience_ns(),
            },
        )
        text = text_buffer()
        params = ffi.new("bs_params[]", [each.c[0] for each in self._params])
        self._engine = lib.bs_engine_open(self.driver.name.encode(), params, load, text, len(text))
        if self._engine == ffi.NULL:
            raise MeasureError("unsupported", text_of(text))

    def _params_of(self, backend: Versioned, worker: int) -> Params:
        """Each worker has keys of its own: a driver that mixes them up is wrong, and to be seen to be."""
        case = self.case
        return Params(
            backend,
            self.algorithm,
            case.op,
            case.aad_size,
            case.request_size,
            case.iv == CHAINED,
            tag_size=case.tag_size or None,
            worker=worker,
        )

    def _patience_ns(self) -> int:
        """Nothing may stand still for longer."""
        return STALL_NS

    @property
    def _synchronous(self) -> bool:
        alone = lib.BS_FLAG_SYNC_ALONE if self.case.q_len == 1 else 0
        return bool(self.driver.flags & (lib.BS_FLAG_SYNC | alone))

    def verify(self) -> int:
        return verify.before(self)

    def verify_after(self) -> int:
        return verify.after(self)

    def session(self, worker: int) -> Session:
        return Session(self._params[worker], lib.bs_engine_session(self._engine, worker, 0))

    def run(self, requests: int) -> Value:
        """Performs at least `requests` requests, of all workers together. MeasureError for a failed or lost
        request; KeyboardInterrupt follows by itself when SIGINT ended it."""
        value = ffi.new("bs_value *")
        self._raise(lib.bs_engine_run(self._engine, requests, value))
        source = text_of(lib.bs_cycles_source(self._engine))
        plain = Value(
            requests=value.requests,
            wall=value.wall_ns / 1e9,
            user=value.user_ns / 1e9,
            system=value.system_ns / 1e9,
            cycles=None if source == "none" else value.cycles,
            timestamps=value.timestamp_ns / 1e9,
        )
        return self._of_open_loop(plain, value) if self._by_clock else plain

    def _of_open_loop(self, plain: Value, value: Any) -> Value:
        """The value, with what arrived. The CPU time that waiting for arrivals took is none of the work's;
        cycles cannot be told apart so."""
        if not value.requests:
            raise MeasureError("error", f"none of {value.offered} requests found a place: raise backlog")
        user, system = plain.user or 0.0, plain.system or 0.0
        waited = min(value.spun_ns / 1e9, user + system)
        return replace(
            plain,
            user=max(0.0, user - waited),
            system=system - max(0.0, waited - user),
            cycles=None,
            offered=value.offered,
            dropped=value.dropped,
            arriving=value.offered_ns / 1e9,
            latency=value.latency_ns / 1e9,
            carrying=value.carried_ns / 1e9,
        )

    def offer(self, rate: float, number: int) -> None:
        """Requests arrive from now on: see Offering."""
        pattern = self.case.arrival.partition(":")[0]
        offer = ffi.new(
            "bs_offer *",
            {
                "rate": rate,
                "arrival": _ARRIVALS[pattern],
                "burst": burst_of(self.case.arrival),
                "backlog": self.case.backlog,
                "seed": SEED + number,
            },
        )
        status = lib.bs_engine_offer(self._engine, offer)
        if status == -errno.ENOMEM:
            raise MeasureError(
                "unsupported",
                f"no memory for a backlog of {self.case.backlog} requests; give a smaller one, or unlimited",
            )
        if status:
            raise MeasureError(
                "error", f"no open loop at {rate:g} requests per second: {os.strerror(-status)}"
            )
        self._by_clock = rate < inf

    def _raise(self, status: int) -> None:
        if status == 0:
            return
        counters = self.counters()
        if status == -errno.EINTR:
            raise KeyboardInterrupt
        if status == -errno.ETIMEDOUT:
            what = f"{counters['lost']} of {counters['submitted']} requests never completed"
            if not counters["lost"]:
                what = "the driver was busy and took no more requests"
            raise MeasureError("lost", f"{what} (nothing moved for {self._patience_ns() / 1e9:g} s)")
        if status == -errno.EPROTO:
            what = f"{counters['twice']} completions came for requests that the driver did not have, or twice"
            if not counters["twice"]:
                what = f"{counters['reordered']} requests came back out of order, from a driver that keeps it"
            raise MeasureError("error", what)
        if status == -errno.EIO and counters["failed"]:
            first = -counters["first_error"]
            raise MeasureError(
                "error",
                f"{counters['failed']} of {counters['submitted']} requests failed; "
                f"the first with {errno.errorcode.get(first, first)} ({os.strerror(first)})",
            )
        raise MeasureError("error", os.strerror(-status))

    def last_round(self) -> None:
        """Performs one more request in every slot, all outstanding at once, for slots() to show."""
        self._raise(lib.bs_engine_last_round(self._engine))

    def slots(self) -> Iterator[tuple[int, int, Any, Any, int]]:
        """Yields (worker, slot, request, before, done): see bs_engine_slot."""
        before, done = ffi.new("bs_request *"), ffi.new("uint64_t *")
        for worker in range(self.case.workers):
            for slot in range(self.case.q_len):
                request = lib.bs_engine_slot(self._engine, worker, slot, before, done)
                yield worker, slot, request, before, done[0]

    def damaged_guards(self) -> tuple[int, Any]:
        """-> (how many slots, the first damage): see bs_engine_guards."""
        first = ffi.new("bs_finding *")
        return int(lib.bs_engine_guards(self._engine, first)), first

    def counters(self) -> dict[str, int]:
        c = ffi.new("bs_counters *")
        lib.bs_engine_counters(self._engine, c)
        own = {name: int(getattr(c, name)) for name, _ in ffi.typeof("bs_counters").fields}
        return own | self._collecting()

    def _collecting(self) -> dict[str, int]:
        """What collecting completions cost; {} where there is nothing to collect."""
        found = ffi.new("bs_collecting *")
        if lib.bs_engine_collecting(self._engine, found) < 0:
            return {}
        return {
            Collecting.WORKER: int(found.worker_ns),
            Collecting.POLL: int(found.poll_ns),
            Collecting.POLL_CPU: int(found.poll_cpu_ns),
        }

    def places(self) -> dict[int, dict[str, int]]:
        """By worker and thread the CPU where it is pinned; what is free is left out."""
        found: dict[int, dict[str, int]] = {}
        for worker in range(self.case.workers):
            for name, which in _THREADS.items():
                if (cpu := int(lib.bs_engine_cpu(self._engine, worker, which))) >= 0:
                    found.setdefault(worker, {})[name] = cpu
        return found

    def forget_latency(self) -> None:
        lib.bs_engine_forget_latency(self._engine)

    def log(self, interval: float) -> None:
        if status := lib.bs_engine_log(self._engine, round(interval * 1e9)):
            raise MeasureError("error", f"no log with intervals of {interval:g} s: {os.strerror(-status)}")

    def take_log(self, last: bool) -> list[Interval]:
        found = ffi.new("bs_interval[]", MOST_TAKEN)
        rows: list[Interval] = []
        while n := lib.bs_engine_log_take(self._engine, found, MOST_TAKEN, last):
            rows += [_interval(found[i]) for i in range(n)]
        return rows

    def latency(self) -> dict[str, dict[str, Any]]:
        upper, count = ffi.new("uint64_t[]", MAX_BUCKETS), ffi.new("uint64_t[]", MAX_BUCKETS)
        largest = ffi.new("uint64_t *")
        stages = {}
        late = {"late": lib.BS_LATE} if self._by_clock else {}
        for stage, which in (_STAGES | late).items():
            n = lib.bs_engine_latency(self._engine, which, upper, count, MAX_BUCKETS, largest)
            stages[stage] = {
                "max": int(largest[0]),
                "buckets": [[int(upper[i]), int(count[i])] for i in range(n)],
            }
        return stages

    def facts(self) -> dict[str, str]:
        return {
            Fact.VERSION: self.version,
            Fact.PATH: "direct" if self.counters()["direct"] else "queues and threads",
            Fact.DRIVER: "synchronous" if self._synchronous else "asynchronous",
            **self.session(0).facts(),
            Fact.CYCLES_SOURCE: text_of(lib.bs_cycles_source(self._engine)),
            Fact.LATENCY_CLOCK: text_of(lib.bs_clock_name()),
            Fact.COMPILER: text_of(lib.bs_compiler()),
        }

    def close(self) -> None:
        lib.bs_engine_close(self._engine)
        self._engine = ffi.NULL


def _interval(c: Any) -> Interval:
    """A bs_interval."""
    return Interval(
        begins=c.begin_ns / 1e9,
        lasts=c.lasts_ns / 1e9,
        requests=c.requests,
        sampled=c.sampled,
        p50=c.p50_ns / 1e9 if c.sampled else None,
        p99=c.p99_ns / 1e9 if c.sampled else None,
        user=c.user_ns / 1e9 if c.user_ns >= 0 else None,
        system=c.system_ns / 1e9 if c.system_ns >= 0 else None,
    )
