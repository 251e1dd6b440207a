"""The time series of a case, gathered in its worker process while it is measured: from the engine what it
did in each interval, from the machine's sensors what they told meanwhile."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import replace
from typing import Any

from benchsuite.backends import Engine, Interval, Logging
from benchsuite.host.sensors import Reading, Sensors
from benchsuite.model import Measure
from benchsuite.runner.messages import Logged, Tell
from benchsuite.series import VIRTUAL, Series

QUICKEST = 0.1  # seconds between two looks at the sensors, whatever the interval is
MOST_READINGS = 1000  # kept for intervals that are not over
SHARE = 0.01  # of the time that looking may take
TELL_EVERY = 1.0  # seconds; what has been told is kept, should this process not live to its end

# Column of a series -> the field of a reading that it shows.
OF_MACHINE = {
    "machine_busy": "busy",
    "frequency_hz": "hertz",
    "temperature_celsius": "celsius",
    "throttle_events": "throttles",
    "slowed_steps": "slowed",
}
OF_ENGINE = ("requests_per_second", "p50_seconds", "p99_seconds", "user_cpus", "system_cpus")
NO_LOG = "this backend times itself, and says only what a whole value took"
NO_CPU = "this backend does not tell what CPU time an interval took"
NO_MACHINE = "simulated: there is no machine to be read"


class _Silent:
    """A log of an engine that keeps none: intervals pass, and nothing is known of them."""

    def log(self, interval: float) -> None:
        self._interval, self._began, self._over = interval, time.monotonic(), 0

    def take_log(self, last: bool) -> list[Interval]:
        passed = time.monotonic() - self._began
        whole = range(self._over, int(passed / self._interval))
        self._over = max(self._over, whole.stop)
        rows = [Interval(i * self._interval, self._interval, None) for i in whole]
        if last and (rest := passed - self._over * self._interval) > 0:
            rows.append(Interval(self._over * self._interval, rest, None))
        return rows


class Timeline:
    """begin(), values_begin() and end() are called while no request runs. With a ramp begin() is where that
    begins; without one it may be left out."""

    def __init__(self, engine: Engine, measure: Measure, tell: Tell, sensors: Sensors | None = None) -> None:
        self._log: Logging = engine if isinstance(engine, Logging) else _Silent()
        self._silent = isinstance(self._log, _Silent)
        self._interval, self._tell = measure.log_interval, tell
        self._sensors = sensors or Sensors()
        self._series = Series(measure.log_interval)
        self._news = Series(measure.log_interval)  # not told yet
        self._told_at = time.monotonic()
        self._readings: list[tuple[float, Reading]] = []
        self._zero = self._log_zero = 0.0  # when the series, and the engine's log, began
        self._lock, self._over = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._watch, name="timeline", daemon=True)

    def begin(self) -> None:
        self._sensors.read()
        self._zero = self._log_zero = time.monotonic()
        self._log.log(self._interval)
        self._thread.start()

    def values_begin(self) -> None:
        if not self._thread.is_alive():
            self.begin()
            return
        with self._lock:
            self._gather(last=True)
            self._log_zero = time.monotonic()
            self._series.ramp = self._news.ramp = self._log_zero - self._zero
            self._log.log(self._interval)

    def end(self) -> Series:
        self._over.set()
        self._thread.join()
        with self._lock:
            self._gather(last=True)
        self._series.untold = self._untold()
        return self._series

    def give_up(self) -> None:
        """Tells what is left of a case that fails, in the place of end()."""
        if self._thread.ident is not None:
            self.end()
            self._tell_news()

    def _watch(self) -> None:
        pace = max(self._interval, QUICKEST)
        while not self._over.wait(pace):
            with self._lock:
                began = time.monotonic()
                self._gather()
                pace = max(self._interval, QUICKEST, (time.monotonic() - began) / SHARE)
            if time.monotonic() >= self._told_at + TELL_EVERY:
                self._tell_news()

    def _gather(self, last: bool = False) -> None:
        self._readings.append((time.monotonic() - self._zero, self._sensors.read()))
        since, over = self._log_zero - self._zero, -1.0  # intervals end later
        for found in self._log.take_log(last):
            row = self._row(replace(found, begins=found.begins + since))
            self._series.add(row)
            self._news.add(row)
            over = row["begins"] + row["lasts"]
        kept = [reading for reading in self._readings if reading[0] > over] or self._readings[-1:]
        self._readings = kept[-MOST_READINGS:]

    def _row(self, found: Interval) -> dict[str, Any]:
        return _done(found) | {
            "begins": round(found.begins, 6),
            "lasts": round(found.lasts, 6) or found.lasts,
            **self._machine(found.begins, found.begins + found.lasts),
        }

    def _machine(self, begin: float, end: float) -> dict[str, Any]:
        """What was read in an interval; where it is shorter than the pace, what was read next."""
        inside = [reading for at, reading in self._readings if begin < at <= end]
        later = [reading for at, reading in self._readings if at > end]
        readings = inside or later[:1] or [reading for _, reading in self._readings[-1:]]

        def told(key: str) -> list[float]:
            return [figure for each in readings if (figure := getattr(each, key)) is not None]

        row = {column: _mean(told(key)) for column, key in OF_MACHINE.items()}
        throttles = told("throttles")
        row["throttle_events"] = (sum(throttles) if inside else 0) if throttles else None
        row["slowed_steps"] = max(told("slowed"), default=None)
        return row

    def _tell_news(self) -> None:
        with self._lock:
            news, self._told_at = self._news, time.monotonic()
            self._news = Series(self._interval, news.ramp)
        if not len(news):
            return
        with suppress(OSError):  # nobody listens any more: this process is about to be ended
            self._tell(Logged(news))

    def _untold(self) -> dict[str, str]:
        found = {column: self._sensors.untold.get(key, "") for column, key in OF_MACHINE.items()}
        why = NO_LOG if self._silent else NO_CPU
        found |= {column: "" if self._series.told(column) else why for column in OF_ENGINE}
        return {column: why for column, why in found.items() if why}


def _done(found: Interval) -> dict[str, Any]:
    """A row of a series: what an engine did in an interval."""

    def per_second(amount: float | None) -> float | None:
        return None if amount is None else short(amount / found.lasts)

    return {
        "begins": found.begins,
        "lasts": found.lasts,
        "requests_per_second": per_second(found.requests),
        "sampled": found.sampled,
        "p50_seconds": found.p50,
        "p99_seconds": found.p99,
        "user_cpus": per_second(found.user),
        "system_cpus": per_second(found.system),
    }


def _mean(figures: list[float]) -> float | None:
    return short(sum(figures) / len(figures)) if figures else None


def short(figure: float) -> float:
    """A figure with seven digits: a series has thousands."""
    return float(f"{figure:.7g}")


def of_simulation(interval: float, ramp: list[Interval], values: list[Interval]) -> Series:
    """The time series of what a virtual clock has logged, before the value and in it."""
    since = ramp[-1].begins + ramp[-1].lasts if ramp else 0.0
    series = Series(interval, since, VIRTUAL)
    for found in [*ramp, *(replace(each, begins=each.begins + since) for each in values)]:
        series.add(_done(found))
    series.untold = dict.fromkeys(OF_MACHINE, NO_MACHINE)
    series.untold |= {column: NO_CPU for column in OF_ENGINE if not series.told(column)}
    return series
