"""Cases as plain data, for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from benchsuite import stats
from benchsuite.facts import COUNTERS, PERCENTILES, STAGES, Fact
from benchsuite.percentiles import Latency
from benchsuite.view.rows import Row

# What a figure is called, with its unit, and what in stats.Summary.
FIGURES = {
    "processes": "processes",
    "values": "values",
    "seconds_per_request": "seconds_of_closed_loop",
    "lat_mean_seconds": "latency_mean",
    "bits_per_second": "bits_per_second",
    "requests_per_second": "requests_per_second",
    "offered_per_second": "offered_per_second",
    "carried_per_second": "carried_per_second",
    "dropped_fraction": "dropped",
    "spread_fraction": "spread",
    "process_spread_fraction": "process_spread",
    "cpu_fraction": "cpu",
    "cycles_per_request": "cycles_per_request",
    "cycles_per_byte": "cycles_per_byte",
    Fact.CYCLES_SOURCE: Fact.CYCLES_SOURCE,
    "timestamps_fraction": "timestamps",
    "crossing_seconds": "",  # of benchsuite.kernel_cost
    "crossing_fraction": "",
    "requests": "requests",
    "wall_seconds": "wall",
    "submit_fraction": "submit",
    "poll_fraction": "poll",
    "poll_wait_fraction": "poll_wait",
    "joules_per_request": "joules",
}


def record(row: Row) -> dict[str, Any]:
    """A row as plain data in base units, every key always there (None: no such figure), but for `series`,
    which is where time series were kept: of each worker process, by its round."""
    figures, cost = row.figures, row.kernel_cost
    crossing = {"crossing_seconds": cost and cost.seconds, "crossing_fraction": cost and cost.fraction}
    told = {key: getattr(figures, name) for key, name in FIGURES.items() if name} if figures else {}
    latency, counters = (figures.latency, figures.counters) if figures else ({}, {})
    return {
        "name": row.result.case.name,
        "parameters": row.result.case.told(),
        "status": row.status,
        "reason": row.reason,
        "simulated": row.simulated,
        "confidence": row.confidence or None,
        "clock": stats.clock(row.result),
        "backend": row.result.backend,
        "version": stats.facts(row.result, Fact.VERSION),
        "chosen": stats.facts(row.result, Fact.CHOSEN),
        "figures": {key: told.get(key, crossing.get(key)) for key in FIGURES},
        "latency": {
            stage: {f"{key}_seconds": _seconds(latency, stage, key) for key in PERCENTILES}
            for stage in STAGES
        },
        "counters": {key: counters.get(key) for key in COUNTERS},
        "notes": row.notes,
        "tags": row.result.tags,
        **_series(row),
    }


def _series(row: Row) -> dict[str, Any]:
    kept = [{"process": run.round, **asdict(run.series)} for run in row.result.runs if run.series is not None]
    return {"series": kept} if kept else {}


def _seconds(latency: dict[str, Latency], stage: str, key: str) -> float | None:
    return getattr(latency[stage], key) / 1e9 if stage in latency else None
