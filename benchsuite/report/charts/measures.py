"""The figures that are drawn, each with the band it lies in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

from benchsuite.facts import PERCENTILES
from benchsuite.model import LATENCY, MBPS, REQUESTS, Value, WorkerRun
from benchsuite.percentiles import latency as percentiles
from benchsuite.report.charts.entries import Entry


@dataclass(frozen=True, slots=True)
class Figure:
    """low <= middle <= high; all three the same where nothing is known of the noise."""

    middle: float
    low: float
    high: float


Measure = Callable[[Entry], Figure | None]


def rate(entry: Entry) -> Figure | None:
    """The rate in the case's unit, with Summary.interval as its band. None where there is no figure."""
    if not entry.figures:
        return None
    low, high = entry.figures.interval
    ends = sorted((entry.case.rate_of(high), entry.case.rate_of(low)))
    return _sound(entry.figures.rate, *ends)


def mbps(entry: Entry) -> Figure | None:
    """The rate of what has a size."""
    return rate(entry) if entry.case.rate_unit is MBPS else None


def operations(entry: Entry) -> Figure | None:
    """The rate of what has none."""
    return rate(entry) if entry.case.rate_unit is REQUESTS else None


def mean_latency(entry: Entry) -> Figure | None:
    """The mean latency of an open loop, in microseconds."""
    return rate(entry) if entry.case.rate_unit is LATENCY else None


def tail_latency(entry: Entry) -> Figure | None:
    """The p99 of an open loop, in microseconds. The band goes from the best worker process to the worst."""
    return _over_processes(entry, _p99)


def dropped(entry: Entry) -> Figure | None:
    """Per cent of the requests of an open loop that found no place, likewise."""
    return _over_processes(entry, _share_dropped)


def _over_processes(entry: Entry, of: Callable[[Sequence[WorkerRun]], float | None]) -> Figure | None:
    if not entry.figures or not entry.figures.open_loop:
        return None
    runs = [run for run in entry.row.result.runs if run.values]
    middle, each = of(runs), [of([run]) for run in runs]
    known = [figure for figure in each if figure is not None]
    return None if middle is None else Figure(middle, min(middle, *known), max(middle, *known))


def _p99(runs: Sequence[WorkerRun]) -> float | None:
    found = percentiles(run.latency["lat"] for run in runs if "lat" in run.latency)
    return found.p99 / 1000 if found and found.p99 else None


def _share_dropped(runs: Sequence[WorkerRun]) -> float:
    values = [value for run in runs for value in run.values]
    return 100 * sum(value.dropped for value in values) / sum(value.offered for value in values)


def cpu_per_gbit(entry: Entry) -> Figure | None:
    """Seconds of CPU that 10^9 bits of payload cost: all threads of the worker, user and system, over all
    values. The band goes from the cheapest worker process to the dearest."""
    if not entry.figures or not entry.case.request_size:
        return None
    runs = [run.values for run in entry.row.result.runs if run.values]
    per_run = [_cpu_per_gbit(values, entry.case.request_size) for values in runs]
    overall = _cpu_per_gbit([value for values in runs for value in values], entry.case.request_size)
    known = [figure for figure in per_run if figure is not None]
    if overall is None or len(known) < len(per_run):
        return None
    return _sound(overall, min(known), max(known))


def _cpu_per_gbit(values: list[Value], size: int) -> float | None:
    busy = [value.cpu for value in values if value.cpu is not None]
    gbits = sum(value.requests for value in values) * size * 8 / 1e9
    return sum(busy) / gbits if len(busy) == len(values) and gbits else None


def _sound(middle: float, low: float, high: float) -> Figure | None:
    """The figure, where it can stand on a logarithmic axis."""
    if not all(isfinite(figure) and figure > 0 for figure in (middle, low, high)):
        return None
    return Figure(middle, min(low, middle), max(high, middle))


PERCENTILE_NAMES = ("p50", "p90", "p99", "p99.9", "max")


def latency(entry: Entry) -> tuple[float, ...] | None:
    """Microseconds at PERCENTILES; None without samples."""
    found = entry.figures.latency.get("lat") if entry.figures else None
    if found is None:
        return None
    return tuple(getattr(found, key) / 1000 for key in PERCENTILES)
