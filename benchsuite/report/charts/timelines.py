"""Time series as charts: for each case strips of its rate, latency, CPU, frequency and temperature, one under
the other, on one time axis."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchsuite.confidence import simulated
from benchsuite.course import course
from benchsuite.model import REQUESTS, Case
from benchsuite.report.charts.entries import Data, Entry
from benchsuite.series import VIRTUAL, Series

MOST_POINTS = 240  # of a line: of more, several are drawn as one, with the least and the most of them
SCRAP = 0.1  # of an interval, shorter than which it is not drawn


@dataclass(frozen=True, slots=True)
class _Quantity:
    """What a strip shows beside the rate. keys: fields of Series, added up; scale: makes of the sum `unit`;
    missed: where it is nowhere told, that is said."""

    keys: tuple[str, ...]
    title: str
    unit: str
    scale: float = 1.0
    linear: bool = True
    missed: bool = False


_QUANTITIES = (
    _Quantity(("p99_seconds",), "p99", "µs", 1e6, linear=False),
    _Quantity(("user_cpus", "system_cpus"), "CPU of the process", "%", 100),
    _Quantity(("frequency_hz",), "frequency", "GHz", 1e-9, missed=True),
    _Quantity(("temperature_celsius",), "temperature", "°C", missed=True),
    _Quantity(("slowed_steps",), "slowed down", "steps"),
)


@dataclass(frozen=True, slots=True)
class Point:
    """at: seconds. low, high: the least and the most of what is drawn as one."""

    at: float
    middle: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Band:
    """A strip of a timeline. lines: of each worker process, in pieces where nothing was told in between."""

    title: str
    unit: str
    linear: bool
    lines: tuple[tuple[tuple[Point, ...], ...], ...]

    @property
    def name(self) -> str:
        return f"{self.title} ({self.unit})"

    @property
    def reach(self) -> list[float]:
        points = [point for line in self.lines for piece in line for point in piece]
        return [figure for point in points for figure in (point.low, point.high)]


@dataclass(frozen=True, slots=True)
class Timeline:
    """A case over time. ramp: seconds at the beginning that are no part of a value. changes: seconds at which
    a rate changed for good. untold: what this machine does not tell, and why."""

    title: str
    group: str
    entry: Entry
    bands: tuple[Band, ...]
    seconds: float
    ramp: float
    changes: tuple[float, ...]
    untold: tuple[tuple[str, str], ...]
    virtual: bool
    part: tuple[int, int] = (1, 1)

    @property
    def heading(self) -> str:
        return self.title

    @property
    def simulated(self) -> str:
        return simulated([self.entry.row.confidence])

    @property
    def x(self) -> str:
        return "virtual time (s)" if self.virtual else "time (s)"


def timelines(data: Data) -> list[Timeline]:
    """In the order of the cases; also of those that were cut short."""
    return [
        _timeline(data, entry, found)
        for entry in data.entries
        if (
            found := [
                run.series for run in entry.row.result.runs if run.series is not None and len(run.series)
            ]
        )
    ]


def _timeline(data: Data, entry: Entry, found: Sequence[Series]) -> Timeline:
    case = entry.case
    rates = tuple(_line(series, _rates(series, case)) for series in found)
    unit = REQUESTS if case.load.open_loop else case.rate_unit
    bands = [Band("rate", unit.name, True, rates), *(_band(each, found) for each in _QUANTITIES)]
    bands = [band for band in bands if band.reach]
    reasons = {key: why for series in found for key, why in series.untold.items()}
    untold = [
        (of.title, reasons.get(of.keys[0], ""))
        for of in _QUANTITIES
        if of.missed and not any(series.told(key) for series in found for key in of.keys)
    ]
    courses = [of for series in found if series.clock != VIRTUAL and (of := course(series))]
    return Timeline(
        f"{data.name(case)}: {entry.contender.label}",
        data.name(case, *(name for name in data.varying if name != "algorithm")),
        entry,
        tuple(bands),
        max(series.begins[-1] + series.lasts[-1] for series in found),
        max(series.ramp for series in found),
        tuple(of.change.at for of in courses if of.change),
        tuple(untold),
        found[0].clock == VIRTUAL,
    )


def _band(of: _Quantity, found: Sequence[Series]) -> Band:
    lines = tuple(_line(series, _sums(of, series)) for series in found)
    return Band(of.title, of.unit, of.linear, lines)


def _sums(of: _Quantity, series: Series) -> list[float | None]:
    rows = zip(*(series.column(key) for key in of.keys), strict=True)
    return [sum(figures) * of.scale if None not in figures else None for figures in rows]


def _rates(series: Series, case: Case) -> list[float | None]:
    """Rates in the unit of the case, of an open loop requests per second; 0 and None are what they are."""
    if case.load.open_loop:
        return list(series.requests_per_second)
    return [rate and case.rate_of(1 / rate) for rate in series.requests_per_second]


def _line(series: Series, figures: Sequence[float | None]) -> tuple[tuple[Point, ...], ...]:
    pieces: list[list[Point]] = [[]]
    for point in _points(series, figures):
        if point:
            pieces[-1].append(point)
        elif pieces[-1]:
            pieces.append([])
    return tuple(tuple(piece) for piece in pieces if piece)


def _points(series: Series, figures: Sequence[float | None]) -> Iterator[Point | None]:
    """None: nothing was told. A line goes through the middle of its intervals. What is left of one where the
    ramp ends, or the run, is not drawn: a rate over a few requests is a spike that nobody measured."""
    whole = [row for row, lasts in enumerate(series.lasts) if lasts >= SCRAP * series.interval]
    whole = whole or list(range(len(figures)))
    size = -(-len(whole) // MOST_POINTS)
    for first in range(0, len(whole), size):
        rows = whole[first : first + size]
        start = rows[0]
        told = [figure for row in rows if (figure := figures[row]) is not None]
        if not told:
            yield None
            continue
        last = rows[-1]
        at = (series.begins[start] + series.begins[last] + series.lasts[last]) / 2
        yield Point(at, statistics.median(told), min(told), max(told))
