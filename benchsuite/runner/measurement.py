"""A case being measured in this process: calibrated, warmed up, timed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from benchsuite.backends import Engine, MeasureError, SelfTimed
from benchsuite.host.energy import Meter
from benchsuite.model import Case, Measure, Value, WorkerRun
from benchsuite.runner.messages import Progress, Tell
from benchsuite.units import format_duration

if TYPE_CHECKING:
    from pathlib import Path

    from benchsuite.runner.timeline import Timeline

PROBE_TIME = 0.001  # calibration begins with one request and grows until a run takes this long
MARGIN = 1.15  # aimed above min_time, so that a faster moment stays a whole value
RAMP_STEPS, LONGEST_STEP = 20, 1.0  # warm-ups that a ramp is made of, and seconds of one at most
IN_PARTS = 0.1  # seconds from which on a value is made of parts, none longer than LONGEST_STEP
LUCK = 2  # times: how much faster than the value before a part is taken to go
MAX_REPEATS = 1000  # values that fell short of min_time, before giving up


def busy_seconds() -> float:
    """CPU seconds all CPUs together have been busy since boot (resolution: one tick)."""
    try:
        with open("/proc/stat") as stat:  # noqa: PTH123 - pathlib costs start-up time
            fields = [int(word) for word in stat.readline().split()[1:9]]
    except (OSError, ValueError):
        return 0.0
    user, nice, system, _idle, _iowait, irq, softirq, _steal = fields
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def _joined(parts: Sequence[Value]) -> Value:
    """One value of several, which came one after the other."""

    def total(told: Iterable[float | None]) -> float | None:
        figures = list(told)
        return None if None in figures else sum(figure for figure in figures if figure is not None)

    cycles = [part.cycles for part in parts if part.cycles is not None]
    return Value(
        sum(part.requests for part in parts),
        sum(part.wall for part in parts),
        total(part.user for part in parts),
        total(part.system for part in parts),
        sum(cycles) if len(cycles) == len(parts) else None,
        sum(part.timestamps for part in parts),
    )


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
    ) -> None:
        self.engine, self.case, self.measure, self.tell, self.shared = engine, case, measure, tell, shared
        self.run = WorkerRun(round=round_number)
        self.timeline = self._timeline()

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
        """A value that lasted long enough, and how many requests that takes. Shorter ones are warm-ups."""
        if self.measure.min_time >= IN_PARTS:
            return self._long_value(requests)
        for _ in range(MAX_REPEATS):
            value = self.engine.run(requests)
            if value.wall >= self.measure.min_time:
                return value, requests
            self.run.warmups.append(value)
            requests = max(requests + 1, self._requests_for(value.wall / requests))
        raise MeasureError("error", f"no value reached min_time ({format_duration(self.measure.min_time)})")

    def _long_value(self, requests: int) -> tuple[Value, int]:
        """A value in parts, so that it is as long as it should be though the machine becomes slower or faster
        meanwhile: for one of minutes nobody would begin again. A part that was fast by luck does not make
        the next one long. Also how many requests the next value would take."""
        each = self.measure.min_time * MARGIN / requests
        least = each / LUCK
        parts: list[Value] = []
        done, lasted = 0, 0.0
        while lasted < self.measure.min_time or done < self.case.request_num:
            left = max(self.measure.min_time - lasted, PROBE_TIME)
            seconds = min(left, LONGEST_STEP, self.measure.min_time / 4)
            some = max(1, int(seconds / max(each, least, 1e-10)))
            parts.append(self.engine.run(some))
            done, lasted, each = done + some, lasted + parts[-1].wall, parts[-1].wall / some
        return _joined(parts), self._requests_for(lasted / done)

    def _ramp(self, per_request: float) -> float:
        """Works for the time of the ramp, in warm-ups; seconds per request at its end."""
        end = time.monotonic() + self.measure.ramp
        while (left := end - time.monotonic()) > 0:
            seconds = min(left, max(self.measure.ramp / RAMP_STEPS, PROBE_TIME), LONGEST_STEP)
            requests = max(1, int(seconds / max(per_request, 1e-10)))
            value = self.engine.run(requests)
            self.run.warmups.append(value)
            per_request = value.wall / requests
        return per_request

    def _timeline(self) -> Timeline | None:
        if not self.measure.log_interval:
            return None
        from benchsuite.runner.timeline import Timeline

        return Timeline(self.engine, self.measure, self.tell)

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
        per_request = per_request or self._calibrate()
        requests, how = self._requests_for(per_request), self.measure
        self.tell(Progress(expected=how.ramp + requests * per_request * (how.warmups + how.values)))
        if how.ramp:
            if self.timeline:
                self.timeline.begin()
            requests = self._requests_for(self._ramp(per_request))
        for _ in range(0 if how.ramp else how.warmups):
            value, requests = self._value(requests)
            self.run.warmups.append(value)
            requests = self._requests_for(value.wall / requests)
        self.engine.forget_latency()
        if self.timeline:
            self.timeline.values_begin()
        self.run.started, busy = time.time(), busy_seconds()
        meter, before = Meter.of(), len(self.run.warmups)
        if meter:
            meter.begin()
        for _ in range(self.measure.values):
            value, requests = self._value(requests)
            self.run.values.append(value)
            if meter:
                meter.look()
        if meter:
            performed = self.run.warmups[before:] + self.run.values
            self.run.energy = meter.end(sum(value.requests for value in performed))
        self.run.ended, self.run.machine_busy = time.time(), busy_seconds() - busy
        if self.timeline:
            self.run.series = self.timeline.end()
