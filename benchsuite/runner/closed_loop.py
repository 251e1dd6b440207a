"""Values of a closed loop: as many requests as last long enough, found by trying."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchsuite.backends import Engine, MeasureError
from benchsuite.model import Case, Measure, Value
from benchsuite.units import format_duration

PROBE_TIME = 0.001  # calibration begins with one request and grows until a run takes this long
MARGIN = 1.15  # aimed above min_time, so that a faster moment stays a whole value
LONGEST_STEP = 1.0  # seconds of a part at most
IN_PARTS = 0.1  # seconds from which on a value is made of parts, none longer than LONGEST_STEP
LUCK = 2  # times: how much faster than the value before a part is taken to go
MAX_REPEATS = 1000  # values that fell short of min_time, before giving up


def joined(parts: Sequence[Value]) -> Value:
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


def calibrate(engine: Engine, requests: int, long_enough: float, aside: list[Value]) -> float:
    """Seconds per request, roughly. aside: takes the values that this took."""
    while True:
        value = engine.run(requests)
        aside.append(value)
        if value.wall >= long_enough:
            return value.wall / requests
        requests *= 4


class ClosedLoop:
    """A case whose requests are dispatched when those before are done."""

    def __init__(self, engine: Engine, case: Case, measure: Measure, aside: list[Value]) -> None:
        """aside: takes the values that are none of the case's."""
        self.engine, self.case, self.measure, self.aside = engine, case, measure, aside
        self.facts: dict[str, str] = {}

    def prepare(self, per_request: float | None) -> float:
        """Seconds that a value will take. per_request: what an earlier process found."""
        q_len, long_enough = max(1, self.case.q_len), min(PROBE_TIME, self.measure.min_time)
        self._each = per_request or calibrate(self.engine, q_len, long_enough, self.aside)
        self.aim()
        return self._requests * self._each

    def aim(self) -> None:
        """The next value has as many requests as the last one said that it takes."""
        self._requests = self._requests_for(self._each)

    def _requests_for(self, per_request: float) -> int:
        return max(self.case.request_num, 1, int(self.measure.min_time * MARGIN / max(per_request, 1e-10)))

    def some(self, seconds: float) -> Value:
        """About so many seconds of it."""
        requests = max(1, int(seconds / max(self._each, 1e-10)))
        value = self.engine.run(requests)
        self._each = value.wall / requests
        return value

    def value(self) -> Value:
        """A value that lasted long enough. Shorter ones are put aside."""
        if self.measure.min_time >= IN_PARTS:
            return self._long_value()
        for _ in range(MAX_REPEATS):
            value = self.engine.run(self._requests)
            self._each = value.wall / self._requests
            if value.wall >= self.measure.min_time:
                return value
            self.aside.append(value)
            self._requests = max(self._requests + 1, self._requests_for(self._each))
        raise MeasureError("error", f"no value reached min_time ({format_duration(self.measure.min_time)})")

    def _long_value(self) -> Value:
        """A value in parts, so that it is as long as it should be though the machine becomes slower or faster
        meanwhile: for one of minutes nobody would begin again. A part that was fast by luck does not make
        the next one long."""
        each = self.measure.min_time * MARGIN / self._requests
        least = each / LUCK
        parts: list[Value] = []
        done, lasted = 0, 0.0
        while lasted < self.measure.min_time or done < self.case.request_num:
            left = max(self.measure.min_time - lasted, PROBE_TIME)
            seconds = min(left, LONGEST_STEP, self.measure.min_time / 4)
            some = max(1, int(seconds / max(each, least, 1e-10)))
            parts.append(self.engine.run(some))
            done, lasted, each = done + some, lasted + parts[-1].wall, parts[-1].wall / some
        self._each = lasted / done
        self.aim()
        return joined(parts)
