"""series-csv: one row per interval of every time series, with the case's parameters beside it.

Times are seconds since the series began, by `clock`; `ramp` says whether an interval comes before the first
value. An empty cell is what the machine, or the backend, does not tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from benchsuite import stats
from benchsuite.model import Case, Result
from benchsuite.series import LISTS
from benchsuite.sheet import as_csv
from benchsuite.view.remarks import TagColumns

_CASE = [field.name for field in fields(Case)]
HEADER = ("name", *_CASE, "process", "interval", "ramp", *LISTS, "clock", "simulated", "confidence")


def render(result: Result) -> str:
    tags = TagColumns(result)
    return as_csv.write([[*HEADER, *tags.header], *_rows(result, tags)])


def _rows(result: Result, tags: TagColumns) -> Iterator[list[Any]]:
    for case_result in result.cases:
        case = case_result.case
        told = case.told()
        parameters = [case.name, *(told[key] for key in _CASE)]
        marks = [stats.simulated(case_result), stats.confidence(case_result), *tags.cells(case_result)]
        for run in case_result.runs:
            for number, row in enumerate(run.series.rows() if run.series is not None else ()):
                ramp = run.series is not None and run.series.is_ramp(number)
                clock = run.series.clock if run.series is not None else ""
                yield [*parameters, run.round, number, ramp, *row.values(), clock, *marks]
