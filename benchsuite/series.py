"""A time series: what a worker process noted, interval by interval, while it measured a case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any

Real = float  # where a figure may be below 0

WALL, VIRTUAL = "wall", "virtual"  # clocks
MOST_INTERVALS = 10_000  # of a worker process: beyond that two are made one
ALMOST = 1.001  # what is as long as that, of an interval, is one


@dataclass(slots=True)
class Series:
    """Lists of one length, an entry for each interval, in the order of time; None is what the machine, or the
    backend, does not tell. Times are seconds since the series began, on `clock`: with the ramp, if there was
    one, else with the first value. A rate of requests comes from the whole interval, also from what lay
    between two values in it."""

    interval: float  # seconds; longer than was asked for where there would be too many
    ramp: float = 0.0  # seconds at the beginning that are no part of any value
    clock: str = WALL
    together: int = 1  # intervals, as asked for, that one is made of
    begins: list[float] = field(default_factory=list)
    lasts: list[float] = field(default_factory=list)  # seconds
    requests_per_second: list[float | None] = field(default_factory=list)
    sampled: list[int] = field(default_factory=list)  # requests whose latency was taken
    p50_seconds: list[float | None] = field(default_factory=list)
    p99_seconds: list[float | None] = field(default_factory=list)
    user_cpus: list[float | None] = field(default_factory=list)  # CPU seconds of the process per second
    system_cpus: list[float | None] = field(default_factory=list)
    machine_busy: list[float | None] = field(default_factory=list)  # share of all CPUs
    frequency_hz: list[float | None] = field(default_factory=list)  # of the CPUs that the process was on
    temperature_celsius: list[Real | None] = field(default_factory=list)  # of the hottest sensor of the CPU
    throttle_events: list[float | None] = field(default_factory=list)  # the CPU lowered its own frequency
    slowed_steps: list[float | None] = field(default_factory=list)  # by which the kernel or firmware slows it
    untold: dict[str, str] = field(default_factory=dict)  # column -> why it is nowhere told

    def __len__(self) -> int:
        return len(self.begins)

    def column(self, key: str) -> list[float | None]:
        found: list[float | None] = getattr(self, key)
        return found

    def is_ramp(self, index: int) -> bool:
        """Whether an interval, or more than half of it, lies before the first value."""
        return self.begins[index] + self.lasts[index] / 2 < self.ramp

    def told(self, key: str) -> bool:
        """Whether there is any figure of a column."""
        return any(figure is not None for figure in self.column(key))

    def rows(self) -> Iterator[dict[str, Any]]:
        """The intervals, one after the other, by the names of the lists."""
        for row in zip(*(getattr(self, key) for key in LISTS), strict=True):
            yield dict(zip(LISTS, row, strict=True))

    def add(self, row: dict[str, Any]) -> None:
        """Adds an interval. row: by the names of the lists; what is missing is not told."""
        row = {key: row.get(key, 0 if key == "sampled" else None) for key in LISTS}
        if self.together > 1 and self.lasts and self.lasts[-1] + row["lasts"] <= self.interval * ALMOST:
            row = _as_one({key: getattr(self, key).pop() for key in LISTS}, row)
        for key in LISTS:
            getattr(self, key).append(row[key])
        if len(self) > MOST_INTERVALS:
            self._halve()

    def extend(self, more: Series) -> None:
        """Adds what comes next of the same series."""
        self.ramp = max(self.ramp, more.ramp)
        for row in more.rows():
            self.add(row)

    def _halve(self) -> None:
        rows = list(self.rows())
        for key in LISTS:
            getattr(self, key).clear()
        self.interval *= 2
        self.together *= 2
        for row in rows:
            self.add(row)


LISTS = tuple(each.name for each in fields(Series) if str(each.type).startswith("list["))

# Of two intervals made one: the sum; of any other figure the mean, by how long they are.
_ADDED = {"lasts", "sampled", "throttle_events"}
_LATENCY = ("p50_seconds", "p99_seconds")


def _as_one(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Two intervals, one after the other, as one. Of latency it has the worse one's: nobody is told a p99
    that was not there."""
    row = {"begins": first["begins"]}
    for key in LISTS[1:]:
        a, b = first[key], second[key]
        if a is None or b is None:
            row[key] = b if a is None else a
        elif key in _ADDED:
            row[key] = a + b
        elif key in _LATENCY:
            row[key] = max(a, b)
        else:
            row[key] = (a * first["lasts"] + b * second["lasts"]) / (first["lasts"] + second["lasts"])
    return row
