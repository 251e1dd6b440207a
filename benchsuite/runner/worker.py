"""What runs inside a worker process: one job, read as JSON from standard input, answered in JSON lines.

Kept light: start-up is not measured but it is waited for.

    {"case": {...}, "measure": {...}, "round": r, "per_request": seconds or null}
        -> {"phase": "..."} as it goes on, {"expected": seconds} when it knows how long it will measure,
           then {"run": WorkerRun} or {"failure": [kind, reason]}
       with "decided": facts of what `auto` has chosen for this case, if it is one of that backend,
       and "shared": a folder that all workers of a run have, if any of its cases has a use for it
    {"decide": [{case}, ...], "dead": {what an earlier process was asking when it died: reason}}
        -> {"phase": "..."} as it goes on, then {"decisions": [{facts} or [kind, reason], ...]}
    {"describe": "backend"}
        -> {"version": "..."} or {"failure": [kind, reason]}
    {"verify": "backend", "algorithm": "name", "sizes": [...] or null}
        -> {"phase": "..."} as it goes on, then {"survey": Survey} or {"failure": [kind, reason]}
    {"stress": "backend", "algorithm": "name", "load": {...}, "sizes": [...]}
        -> {"phase": "..."} as it goes on, then {"stressed": Stressed} or {"failure": [kind, reason]}
    {"serve": 1}
        -> see runner.serving
    {"alike": 1}, then lines {"case": {...}}
        -> for each of them {"run": WorkerRun} or {"failure": [kind, reason]}, see runner.alike
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from benchsuite import algorithms, backends
from benchsuite.backends import Engine, MeasureError, SelfTimed, open_case
from benchsuite.backends.findings import Load
from benchsuite.model import Case, Measure, Value, WorkerRun, from_dict, setting_of
from benchsuite.native import lib

PROBE_TIME = 0.001  # calibration begins with one request and grows until a run takes this long
MARGIN = 1.15  # aimed above min_time, so that a faster moment stays a whole value
MAX_REPEATS = 1000  # values that fell short of min_time, before giving up

_answers = sys.stdout


def busy_seconds() -> float:
    """CPU seconds all CPUs together have been busy since boot (resolution: one tick)."""
    try:
        with open("/proc/stat") as stat:  # noqa: PTH123 - pathlib costs start-up time
            fields = [int(word) for word in stat.readline().split()[1:9]]
    except (OSError, ValueError):
        return 0.0
    user, nice, system, _idle, _iowait, irq, softirq, _steal = fields
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


class Measurement:
    """One case in this process."""

    def __init__(
        self, engine: Engine, case: Case, measure: Measure, round_number: int, shared: Path | None = None
    ) -> None:
        self.engine, self.case, self.measure, self.shared = engine, case, measure, shared
        self.run = WorkerRun(round=round_number)

    def _requests_for(self, per_request: float) -> int:
        return max(self.case.request_num, 1, int(self.measure.min_time * MARGIN / max(per_request, 1e-10)))

    def _calibrate(self) -> float:
        """Seconds per request, roughly."""
        requests = max(1, self.case.q_len)
        while True:
            value = self.engine.run(requests)
            self.run.warmups.append(value)
            if value.wall >= min(PROBE_TIME, self.measure.min_time):
                return value.wall / requests
            requests *= 4

    def _value(self, requests: int) -> tuple[Value, int]:
        """A value that lasted long enough, and how many requests that took. Shorter ones are warm-ups."""
        for _ in range(MAX_REPEATS):
            value = self.engine.run(requests)
            if value.wall >= self.measure.min_time:
                return value, requests
            self.run.warmups.append(value)
            requests = max(requests + 1, self._requests_for(value.wall / requests))
        raise MeasureError("error", f"no value reached min_time ({self.measure.min_time:g} s)")

    def _self_timed(self, engine: SelfTimed) -> None:
        seconds, doing = engine.prepare(self.run.round, self.measure, self.shared)
        tell(phase=doing, expected=seconds * self.measure.values)
        self.run.started, busy = time.time(), busy_seconds()
        self.run.values = [self.engine.run(0) for _ in range(self.measure.values)]
        self.run.ended, self.run.machine_busy = time.time(), busy_seconds() - busy

    def perform(self, per_request: float | None) -> WorkerRun:
        if isinstance(self.engine, SelfTimed):
            self._self_timed(self.engine)
            return self.run
        per_request = per_request or self._calibrate()
        requests = self._requests_for(per_request)
        tell(expected=requests * per_request * (self.measure.warmups + self.measure.values))
        for _ in range(self.measure.warmups):
            value, requests = self._value(requests)
            self.run.warmups.append(value)
            requests = self._requests_for(value.wall / requests)
        self.engine.forget_latency()
        self.run.started, busy = time.time(), busy_seconds()
        for _ in range(self.measure.values):
            value, requests = self._value(requests)
            self.run.values.append(value)
        self.run.ended, self.run.machine_busy = time.time(), busy_seconds() - busy
        return self.run


def measure_case(job: dict[str, Any]) -> dict[str, Any]:
    case: Case = from_dict(Case, job["case"])
    decided: dict[str, str] = job.get("decided") or {}
    tell(phase="opening")
    engine = open_case(replace(case, backend=decided["chosen"]) if decided else case)
    tell(phase="verifying before timing")
    checked = engine.verify()
    tell(phase="timing")
    shared = Path(job["shared"]) if "shared" in job else None
    measurement = Measurement(engine, case, from_dict(Measure, job["measure"]), job["round"], shared)
    run = measurement.perform(job["per_request"])
    run.counters, run.latency, run.facts = engine.counters(), engine.latency(), engine.facts() | decided
    tell(phase="verifying after timing")
    checked += engine.verify_after()
    run.facts.setdefault("verified", f"{checked} requests" if checked else "nothing to verify")
    engine.close()
    return {"run": asdict(run)}


def _simulated(job: dict[str, Any]) -> dict[str, Any]:
    """A case of a deterministic backend: one value, and no byte to verify."""
    engine, run = open_case(from_dict(Case, job["case"])), WorkerRun(0, started=time.time())
    assert isinstance(engine, SelfTimed)
    try:
        engine.prepare(0, Measure(), None)
        run.values, run.ended = [engine.run(0)], time.time()
        run.counters, run.latency, run.facts = engine.counters(), engine.latency(), engine.facts()
    finally:
        engine.close()
    told = {field.name: getattr(run, field.name) for field in fields(run)}  # asdict would copy every bucket
    return {"run": told | {"values": [asdict(value) for value in run.values]}}


def alike() -> None:
    """Case by case, until standard input ends."""
    for line in sys.stdin:
        tell(**_answer(_simulated, json.loads(line)))


def _answer(work: Callable[[dict[str, Any]], dict[str, Any]], job: dict[str, Any]) -> dict[str, Any]:
    try:
        return work(job)
    except MeasureError as error:
        return {"failure": [error.kind, str(error)]}
    except MemoryError:
        return {"failure": ["error", "out of memory"]}


def verify(job: dict[str, Any]) -> dict[str, Any]:
    backend, algorithm = backends.of(job["verify"]), algorithms.find(job["algorithm"])
    return {"survey": asdict(backend.survey(algorithm, job["sizes"], lambda phase: tell(phase=phase)))}


def stress(job: dict[str, Any]) -> dict[str, Any]:
    backend, algorithm = backends.of(job["stress"]), algorithms.find(job["algorithm"])
    load: Load = from_dict(Load, job["load"])
    found = backend.stress(algorithm, load, job["sizes"], lambda phase: tell(phase=phase))
    return {"stressed": asdict(found)}


def decide(job: dict[str, Any]) -> dict[str, Any]:
    from benchsuite.backends import auto

    deciders: dict[str, auto.Decider] = {}  # by setting

    def one(case: Case) -> dict[str, str] | list[str]:
        try:
            setting = setting_of(case.backend)
            if setting not in deciders:
                deciders[setting] = auto.Decider(setting, lambda phase: tell(phase=phase), job["dead"])
            return deciders[setting].decide(case)
        except MeasureError as error:
            return [error.kind, str(error)]

    return {"decisions": [one(from_dict(Case, case)) for case in job["decide"]]}


def perform(job: dict[str, Any]) -> dict[str, Any]:
    if "describe" in job:
        return {"version": backends.of(job["describe"]).version()}
    if "decide" in job:
        return decide(job)
    if "stress" in job:
        return stress(job)
    return verify(job) if "verify" in job else measure_case(job)


def tell(**message: Any) -> None:
    _answers.write(json.dumps(message) + "\n")
    _answers.flush()


def main() -> None:
    global _answers
    lib.bs_end_with_parent()
    _answers = os.fdopen(os.dup(1), "w")  # what a library prints must not come between
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to decide on
    faulthandler.enable()
    job = json.loads(sys.stdin.readline())
    if "serve" in job:
        from benchsuite.runner.pair_server import serve

        serve(tell)
    elif "alike" in job:
        alike()
    else:
        tell(**_answer(perform, job))
    os._exit(0)  # the engine is closed and the answer out: taking the interpreter apart would take 10 ms
