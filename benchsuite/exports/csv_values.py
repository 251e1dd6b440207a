"""csv-values: RFC 4180, one row per value of every measured case, with the case's parameters beside it.

Seconds are those of all `requests` of the value, by `clock` (elapsed, user CPU, not known); an empty cell is
what nobody counted, and there is not. Of an open loop `latency_seconds` are those of all its requests, and a
request has no seconds of its own: what it waited is in them. A spreadsheet takes nothing in it for a formula.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from benchsuite import stats
from benchsuite.facts import Fact
from benchsuite.model import Case, Result, Value
from benchsuite.sheet import as_csv
from benchsuite.view.remarks import TagColumns

_CASE = [field.name for field in fields(Case)]
HEADER = (
    "name",
    *_CASE,
    "process",
    "value",
    "requests",
    "wall_seconds",
    "user_seconds",
    "system_seconds",
    "cycles",
    "timestamps_seconds",
    "offered",
    "dropped",
    "arriving_seconds",
    "latency_seconds",
    "carrying_seconds",
    "seconds_per_request",
    "clock",
    "simulated",
    "version",
    "cycles_source",
    "confidence",
)


def render(result: Result) -> str:
    tags = TagColumns(result)
    return as_csv.write([[*HEADER, *tags.header], *_rows(result, tags)])


def _rows(result: Result, tags: TagColumns) -> Iterator[list[Any]]:
    for case_result in result.cases:
        if not case_result.measured:
            continue
        case = case_result.case
        clock = stats.clock(case_result)
        told = case.told()
        parameters = [case.name, *(told[key] for key in _CASE)]
        for run in case_result.runs:
            for number, value in enumerate(run.values):
                yield [
                    *parameters,
                    run.round,
                    number,
                    value.requests,
                    value.wall,
                    value.user,
                    value.system,
                    value.cycles,
                    value.timestamps,
                    *_of_open_loop(value),
                    None if value.offered else value.per_request,
                    clock,
                    stats.simulated(case_result),
                    run.facts.get(Fact.VERSION, ""),
                    run.facts.get(Fact.CYCLES_SOURCE, ""),
                    stats.confidence(case_result),
                    *tags.cells(case_result),
                ]


def _of_open_loop(value: Value) -> tuple[float | None, ...]:
    if not value.offered:
        return (None,) * 5
    return value.offered, value.dropped, value.arriving, value.latency, value.carrying
