"""Cases as plain data, for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from benchsuite import stats
from benchsuite.view.rows import Row

PERCENTILES = ("p50", "p90", "p99", "p99_9", "max")


def record(row: Row) -> dict[str, Any]:
    """A row as plain data in base units, every key always there (None: no such figure)."""
    figures = row.figures
    plain = asdict(figures) if figures else {}
    stage_latency, counters = plain.get("latency", {}), plain.get("counters", {})
    return {
        "name": row.result.case.name,
        "parameters": row.result.case.to_dict(),
        "status": row.status,
        "reason": row.reason,
        "simulated": row.simulated,
        "clock": stats.clock(row.result),
        "backend": row.result.backend,
        "version": stats.facts(row.result, "version"),
        "chosen": stats.facts(row.result, "chosen"),
        "figures": {
            "processes": plain.get("processes"),
            "values": plain.get("values"),
            "seconds_per_request": plain.get("seconds"),
            "bits_per_second": plain.get("bits_per_second"),
            "requests_per_second": plain.get("requests_per_second"),
            "spread_fraction": plain.get("spread"),
            "process_spread_fraction": plain.get("process_spread"),
            "cpu_fraction": plain.get("cpu"),
            "cycles_per_request": plain.get("cycles_per_request"),
            "cycles_per_byte": plain.get("cycles_per_byte"),
            "cycles_source": plain.get("cycles_source"),
            "timestamps_fraction": plain.get("timestamps"),
            "crossing_seconds": row.kernel_cost.seconds if row.kernel_cost else None,
            "crossing_fraction": row.kernel_cost.fraction if row.kernel_cost else None,
            "requests": plain.get("requests"),
            "wall_seconds": plain.get("wall"),
        },
        "latency": {
            stage: {f"{key}_seconds": _seconds(stage_latency, stage, key) for key in PERCENTILES}
            for stage in stats.STAGES
        },
        "counters": {key: counters.get(key) for key in stats.COUNTERS},
        "notes": row.notes,
    }


def _seconds(latency: dict[str, dict[str, int]], stage: str, key: str) -> float | None:
    return latency[stage][key] / 1e9 if stage in latency else None
