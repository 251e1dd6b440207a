"""A case being measured in this process: calibrated, warmed up, timed."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from benchsuite.backends import Engine, SelfTimed
from benchsuite.host.energy import Meter
from benchsuite.model import Case, Measure, WorkerRun
from benchsuite.runner.closed_loop import LONGEST_STEP, PROBE_TIME, ClosedLoop
from benchsuite.runner.messages import Progress, Tell

if TYPE_CHECKING:
    from pathlib import Path

    from benchsuite.runner.open_loop import OpenLoop
    from benchsuite.runner.timeline import Timeline

RAMP_STEPS = 20  # warm-ups that a ramp is made of


def busy_seconds() -> float:
    """CPU seconds all CPUs together have been busy since boot (resolution: one tick)."""
    try:
        with open("/proc/stat") as stat:  # noqa: PTH123 - pathlib costs start-up time
            fields = [int(word) for word in stat.readline().split()[1:9]]
    except (OSError, ValueError):
        return 0.0
    user, nice, system, _idle, _iowait, irq, softirq, _steal = fields
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def pace(
    engine: Engine, case: Case, measure: Measure, run: WorkerRun, capacity: float | None
) -> ClosedLoop | OpenLoop:
    """What takes values of a case."""
    if not case.load.open_loop:
        return ClosedLoop(engine, case, measure, run.warmups)
    from benchsuite.runner.open_loop import OpenLoop

    return OpenLoop(engine, case, measure, run.warmups, run.round, capacity)


class Measurement:
    """One case in this process."""

    def __init__(
        self,
        engine: Engine,
        case: Case,
        measure: Measure,
        round_number: int,
        tell: Tell,
        shared: Path | None = None,
        capacity: float | None = None,
    ) -> None:
        """capacity: of an open loop, as an earlier process found it."""
        self.engine, self.measure, self.tell, self.shared = engine, measure, tell, shared
        self.run = WorkerRun(round=round_number)
        self.pace = pace(engine, case, measure, self.run, capacity)
        self.timeline = self._timeline()

    def _timeline(self) -> Timeline | None:
        if not self.measure.log_interval:
            return None
        from benchsuite.runner.timeline import Timeline

        return Timeline(self.engine, self.measure, self.tell)

    def _ramp(self) -> None:
        """Works for the time of the ramp, in warm-ups."""
        end = time.monotonic() + self.measure.ramp
        while (left := end - time.monotonic()) > 0:
            seconds = min(left, max(self.measure.ramp / RAMP_STEPS, PROBE_TIME), LONGEST_STEP)
            self.run.warmups.append(self.pace.some(seconds))
        self.pace.aim()

    def perform(self, per_request: float | None) -> WorkerRun:
        try:
            if isinstance(self.engine, SelfTimed):
                self._self_timed(self.engine)
            else:
                self._timed(per_request)
        except BaseException:
            if self.timeline:
                self.timeline.give_up()
            raise
        return self.run

    def _self_timed(self, engine: SelfTimed) -> None:
        seconds, doing = engine.prepare(self.run.round, self.measure, self.shared)
        self.tell(Progress(doing, seconds * self.measure.values))
        if self.timeline:
            self.timeline.values_begin()
        self.run.started, busy = time.time(), busy_seconds()
        self.run.values = [self.engine.run(0) for _ in range(self.measure.values)]
        self.run.ended, self.run.machine_busy = time.time(), busy_seconds() - busy
        if self.timeline:
            self.run.series = self.timeline.end()

    def _timed(self, per_request: float | None) -> None:
        lasts, how = self.pace.prepare(per_request), self.measure
        self.tell(Progress(expected=how.ramp + lasts * (how.warmups + how.values)))
        if how.ramp:
            if self.timeline:
                self.timeline.begin()
            self._ramp()
        for _ in range(0 if how.ramp else how.warmups):
            self.run.warmups.append(self.pace.value())
            self.pace.aim()
        self.engine.forget_latency()
        if self.timeline:
            self.timeline.values_begin()
        self.run.started, busy = time.time(), busy_seconds()
        meter, before = Meter.of(), len(self.run.warmups)
        if meter:
            meter.begin()
        for _ in range(self.measure.values):
            self.run.values.append(self.pace.value())
            if meter:
                meter.look()
        if meter:
            performed = self.run.warmups[before:] + self.run.values
            self.run.energy = meter.end(sum(value.requests for value in performed))
        self.run.ended, self.run.machine_busy = time.time(), busy_seconds() - busy
        self.run.facts |= self.pace.facts
        if self.timeline:
            self.run.series = self.timeline.end()
