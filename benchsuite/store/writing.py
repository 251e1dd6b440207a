"""From a result to the text of its file; suite.py has what that looks like."""

from __future__ import annotations

import datetime
import statistics
from collections.abc import Mapping
from functools import cache
from typing import Any

from benchsuite import records
from benchsuite.model import MBPS, BenchsuiteError, Case, CaseResult, RateUnit, Result, WorkerRun
from benchsuite.store.reading import FORMAT, PYPERF_FORMAT, decode

# What pyperf reads as a property of one benchmark, run or process: the environment has no say in it.
_RESERVED = {
    "name",
    "unit",
    "loops",
    "inner_loops",
    "duration",
    "tags",
    "calibrate_loops",
    "recalibrate_loops",
    "calibrate_warmups",
    "recalibrate_warmups",
    "mem_max_rss",
    "mem_peak_pagefile_usage",
    "command_max_rss",
}
_TAG, _NOTE, _COMMAND = "benchsuite_tag_", "benchsuite_note", "benchsuite_command"


def encode(result: Result) -> bytes:
    """The file's bytes. What load() would refuse may not replace anything: it is a defect, and better found
    while the journal still exists."""
    try:
        document = _document(result)
        text = in_lines(document)
        try:
            decode(document, "the result")
        except records.BadRecord:  # of what JSON makes sound, as a tuple
            decode(records.loads(text), "the result")
    except (ValueError, TypeError, ZeroDivisionError, OverflowError, RecursionError) as error:
        raise BenchsuiteError(
            f"the result cannot be saved, which is a defect of benchsuite: {error}"
        ) from error
    return text.encode("ascii")


def _document(result: Result) -> dict[str, Any]:
    cases: list[dict[str, Any]] = []
    benchmarks: list[dict[str, Any]] = []
    names: set[str] = set()
    said = Said(result)
    for case_result in result.cases:
        if case_result.measured:
            name = unique(case_result.name, names)
            cases.append({"benchmark": name, **said.of(case_result)})
            benchmarks.append(_benchmark(name, case_result))
        else:
            cases.append(_unmeasured(case_result) | said.of(case_result))
    ours = {
        "format": FORMAT,
        "profile": result.profile,
        "why": result.why,
        "complete": result.complete,
        "environment": result.environment,
        "cases": cases,
        **said.of_all(),
    }
    return {"version": PYPERF_FORMAT, "metadata": _flat(result), "benchsuite": ours, "benchmarks": benchmarks}


def in_lines(data: Mapping[str, Any]) -> str:
    """The text of a file: a line for each key and each benchmark, benchmarks last, so that a changed result
    is a readable diff."""
    rest = [f'"{key}":{records.dumps(value)},\n' for key, value in data.items() if key != "benchmarks"]
    lines = ",\n".join(records.dumps(benchmark) for benchmark in data["benchmarks"])
    return f'{{{"".join(rest)}"benchmarks":[\n{lines}\n]}}\n'


def _unmeasured(case_result: CaseResult) -> dict[str, Any]:
    failure = case_result.failure
    return {
        "case": case_result.case.to_dict(),
        "failure": failure and {"kind": failure.kind, "reason": failure.reason, "round": failure.round},
        "runs": [records.run_to(run) for run in case_result.runs],
    }


class Said:
    """What is said of a result and of its cases, without what is not: tags, a note, a command; and what of
    the environment cases have of their own, each such environment once."""

    def __init__(self, result: Result) -> None:
        self._result, self._tags = result, result.tags
        self._environments: dict[str, int] = {}  # as text: number
        self._texts: dict[int, str] = {}  # by id

    def of(self, case_result: CaseResult) -> dict[str, Any]:
        own = {key: tag for key, tag in case_result.tags.items() if key not in self._tags}
        found: dict[str, Any] = {"label": case_result.label, "tags": own}
        if case_result.environment:
            found["environment"] = self._number(case_result.environment)
        return {key: value for key, value in found.items() if value not in ("", {})}

    def _number(self, environment: dict[str, Any]) -> int:
        text = self._texts.get(id(environment)) or records.dumps(environment)
        self._texts[id(environment)] = text
        return self._environments.setdefault(text, len(self._environments))

    def of_all(self) -> dict[str, Any]:
        result = self._result
        found = {
            "tags": self._tags,
            "note": result.note,
            "command": result.command,
            "environments": [records.loads(text) for text in self._environments],
        }
        return {key: value for key, value in found.items() if value}


def unique(name: str, taken: set[str]) -> str:
    """pyperf wants a printable name, and each only once."""
    name = _printable(name)
    number = 1
    while (unique := name if number == 1 else f"{name} #{number}") in taken:
        number += 1
    taken.add(unique)
    return unique


def _printable(text: str) -> str:
    if text.isprintable():
        return text.strip()
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text).strip()


def _flat(result: Result) -> dict[str, Any]:
    """What pyperf shows of the whole result."""
    return _metadata(result.environment | _said_flat(result))


def _said_flat(result: Result) -> dict[str, str]:
    said = {f"{_TAG}{key}": tag for key, tag in result.tags.items()}
    return said | {_NOTE: result.note, _COMMAND: result.command}


def flat_again(metadata: Mapping[str, Any], result: Result) -> dict[str, Any]:
    """The metadata of a file, with what is said of the result now."""
    kept = {key: value for key, value in metadata.items() if not key.startswith((_TAG, _NOTE, _COMMAND))}
    return kept | _metadata(_said_flat(result))


def _metadata(flat: dict[str, Any]) -> dict[str, Any]:
    """What pyperf accepts of it. The rest is in the benchsuite keys all the same."""
    found = {}
    for key, value in flat.items():
        if isinstance(value, str):
            value = value.strip() if value.isprintable() else _printable(value)
            if value and key not in _UNUSUAL:  # nearly every one
                found[key] = value
                continue
        if key not in _RESERVED and _fits(key, value):
            found[key] = value
    return found


_PARTICULAR = {"load_avg_1min", "uptime", "date", "boot_time"}  # to pyperf
_UNUSUAL = _RESERVED | _PARTICULAR


def _fits(key: str, value: Any) -> bool:
    text = isinstance(value, str) and value != ""
    if key not in _PARTICULAR:
        return text or isinstance(value, int | float)
    if key in ("load_avg_1min", "uptime"):
        return isinstance(value, int | float) and value >= 0
    return text and (key == "boot_time" or _is_local_date(value))


def _is_local_date(text: str) -> bool:
    try:
        return datetime.datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False


def _benchmark(name: str, case_result: CaseResult) -> dict[str, Any]:
    case = case_result.case.to_dict()
    metadata = {
        "name": name,
        "unit": "second",
        **_metadata({_ours(key): value for key, value in case.items()}),
    }
    unit = case_result.case.rate_unit
    idle = [[i, records.run_to(run)] for i, run in enumerate(case_result.runs) if not run.values]
    return {
        "metadata": metadata,
        "benchsuite": {"case": case, "idle_runs": idle},
        "runs": [_run(run, case_result.case, unit) for run in case_result.runs if run.values],
    }


@cache
def _ours(key: str) -> str:
    return f"benchsuite_{key}"


@cache
def _fact(key: str) -> str:
    """`version` of the facts is that of what was measured; benchsuite_version is our own."""
    return _ours("measured_version" if key == "version" else key)


def _run(run: WorkerRun, case: Case, unit: RateUnit) -> dict[str, Any]:
    metadata = _metadata({_fact(key): value for key, value in run.facts.items()})
    per_request = [value.per_request for value in run.values]
    busy = [value.cpu / value.wall for value in run.values if value.cpu is not None]
    metadata["loops"] = min(value.requests for value in run.values)
    metadata["benchsuite_round"] = run.round
    rate = "benchsuite_mbps" if unit is MBPS else "benchsuite_requests_per_second"
    metadata[rate] = round(case.rate_of(statistics.median(per_request)), 3)
    if busy:
        metadata["benchsuite_cpu_percent"] = round(100 * statistics.median(busy), 1)
    if run.ended > run.started:
        metadata["duration"] = run.ended - run.started
    if date := _date(run.started):
        metadata["date"] = date
    data = {"values": per_request, "metadata": metadata, "benchsuite": records.run_to(run)}
    if run.warmups:
        data["warmups"] = [[value.requests, value.per_request] for value in run.warmups]
    return data


def _date(epoch: float) -> str | None:
    try:
        return datetime.datetime.fromtimestamp(epoch).isoformat(sep=" ") if epoch else None
    except (ValueError, OverflowError, OSError):  # a clock that was never set
        return None
