"""Backends side by side for programs: JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from typing import Any

from benchsuite import stats
from benchsuite.model import PARAMETERS, Case, Result
from benchsuite.report.delimited import cell as csv_cell
from benchsuite.view.by_backend import Cell, by_backend


def _record(cell: Cell) -> dict[str, Any]:
    figures = cell.row.figures
    low, high = stats.interval(cell.row.result) if figures else (None, None)
    return {
        "status": cell.row.status,
        "reason": cell.row.reason,
        "simulated": cell.row.simulated,
        "seconds_per_request": figures.seconds if figures else None,
        "low_seconds_per_request": low,
        "high_seconds_per_request": high,
        "bits_per_second": figures.bits_per_second if figures else None,
        "requests_per_second": figures.requests_per_second if figures else None,
        "ratio": cell.ratio,
        "crossing_seconds": cell.crossing,
        "clock": stats.clock(cell.row.result),
        "notes": cell.row.notes,
    }


def as_json(result: Result, *, width: int | None) -> str:
    """ASCII only. Keys are only added; `benchsuite_across` is raised when one means something else."""
    found = by_backend(result)
    report = {
        "benchsuite_across": 1,
        "profile": result.profile,
        "why": result.why,
        "complete": result.complete,
        "environment": result.environment,
        "base": found.base,
        "backends": found.backends,
        "lines": [
            {
                "parameters": _parameters(line.case, "backend"),
                "cells": {backend: _record(cell) for backend, cell in line.cells.items()},
            }
            for line in found.lines
        ],
        "crossovers": [
            {
                "base": meeting.base,
                "challenger": meeting.challenger,
                "parameters": _parameters(meeting.case, "backend", "request_size"),
                "simulated": meeting.simulated,
                "start_bytes": meeting.found.start,
                "interpolated_bytes": meeting.found.at,
                "spans": [asdict(span) for span in meeting.found.spans],
            }
            for meeting in found.meetings
        ],
    }
    return json.dumps(report, indent=2, allow_nan=False) + "\n"


def _parameters(case: Case, *without: str) -> dict[str, Any]:
    return {key: value for key, value in case.to_dict().items() if key not in without}


_COLUMNS = (
    "status",
    "reason",
    "seconds_per_request",
    "bits_per_second",
    "ratio",
    "crossing_seconds",
    "simulated",
    "requests_per_second",
    "clock",
)


def as_csv(result: Result, *, width: int | None) -> str:
    """One row per workload; the columns of a backend begin with its name and a blank. Lines end in CR LF."""
    found = by_backend(result)
    keys = [key for key in PARAMETERS if key != "backend"]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    header = [*keys, *(f"{backend} {column}" for backend in found.backends for column in _COLUMNS)]
    writer.writerow([csv_cell(item) for item in header])
    for line in found.lines:
        records = [
            _record(line.cells[backend]) if backend in line.cells else {} for backend in found.backends
        ]
        items = [getattr(line.case, key) for key in keys]
        items += [record.get(column) for record in records for column in _COLUMNS]
        writer.writerow([csv_cell(item) for item in items])
    return text.getvalue()
