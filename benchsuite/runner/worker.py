"""What runs inside a worker process: one job, read as JSON from standard input, answered in JSON lines.

Kept light: start-up is not measured but it is waited for.

    {"case": {...}, "measure": {...}, "round": r, "per_request": seconds or null}
        -> {"phase": "..."} as it goes on, {"expected": seconds} when it knows how long it will measure,
           then {"run": WorkerRun} or {"failure": [kind, reason]}
    {"describe": "backend"}
        -> {"version": "..."} or {"failure": [kind, reason]}
    {"verify": "backend", "algorithm": "name", "sizes": [...] or null}
        -> {"phase": "..."} as it goes on, then {"survey": Survey} or {"failure": [kind, reason]}
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
import time
from dataclasses import asdict
from typing import Any

from benchsuite.backends import Engine, MeasureError, open_case, version
from benchsuite.model import Case, Measure, Value, WorkerRun, from_dict
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

    def __init__(self, engine: Engine, case: Case, measure: Measure, round_number: int) -> None:
        self.engine, self.case, self.measure = engine, case, measure
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

    def perform(self, per_request: float | None) -> WorkerRun:
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
    tell(phase="opening")
    engine = open_case(case)
    tell(phase="verifying before timing")
    checked = engine.verify()
    tell(phase="timing")
    measurement = Measurement(engine, case, from_dict(Measure, job["measure"]), job["round"])
    run = measurement.perform(job["per_request"])
    run.counters, run.latency, run.facts = engine.counters(), engine.latency(), engine.facts()
    tell(phase="verifying after timing")
    checked += engine.verify_after()
    run.facts["verified"] = f"{checked} requests" if checked else "nothing to verify"
    engine.close()
    return {"run": asdict(run)}


def verify(job: dict[str, Any]) -> dict[str, Any]:
    from benchsuite.backends.survey import survey

    found = survey(job["verify"], job["algorithm"], job["sizes"], lambda phase: tell(phase=phase))
    return {"survey": asdict(found)}


def perform(job: dict[str, Any]) -> dict[str, Any]:
    if "describe" in job:
        return {"version": version(job["describe"])}
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
    try:
        answer = perform(job)
    except MeasureError as error:
        answer = {"failure": [error.kind, str(error)]}
    except MemoryError:
        answer = {"failure": ["error", "out of memory"]}
    tell(**answer)
    os._exit(0)  # the engine is closed and the answer out: taking the interpreter apart would take 10 ms
