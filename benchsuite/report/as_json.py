"""json: the figures of each case as data, for programs. (The result file keeps every value.)

    {"benchsuite_report": 1, "profile", "why", "complete", "environment": {...},
     "cases": [{"name", "parameters": {...}, "status", "reason", "simulated", "clock": what its time is of,
                "backend": what was measured, "version": [...], "chosen": [what auto took], "figures": {...},
                "latency": {"slat"|"clat"|"lat": {"p50_seconds", ...}}, "counters": {...}, "notes": [...]}]}

`parameters` are the fields of model.Case, their backend by its label. `status` is "measured", "not measured"
or a key of model.FAILURES; `reason` is "" when measured. Units are in the names of `figures` and `latency`:
seconds, bits, and fractions of 1. Every key is always there; null is a figure there is not.
Keys are only added: one that is removed or means something else raises `benchsuite_report`.
"""

from __future__ import annotations

import json

from benchsuite.model import Result
from benchsuite.view.records import record
from benchsuite.view.rows import rows


def render(result: Result, *, width: int | None, hz: int) -> str:
    """ASCII only: everything else, and whatever a terminal would act on, is escaped."""
    report = {
        "benchsuite_report": 1,
        "profile": result.profile,
        "why": result.why,
        "complete": result.complete,
        "environment": result.environment,
        "cases": [record(row) for row in rows(result)],
    }
    return json.dumps(report, indent=2, allow_nan=False) + "\n"
