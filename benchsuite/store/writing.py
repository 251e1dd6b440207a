"""From a result to the text of its file; suite.py has what that looks like."""

from __future__ import annotations

import datetime
import statistics
from collections.abc import Mapping
from typing import Any

from benchsuite import records
from benchsuite.model import BenchsuiteError, Case, CaseResult, Result, WorkerRun
from benchsuite.store.certain import is_certain
from benchsuite.store.metadata import CPU, RATE_IN, ROUND, Shared, flat, of_result, printable, split
from benchsuite.store.reading import FORMAT, PYPERF_FORMAT, decode


def encode(result: Result) -> bytes:
    """The file's bytes. What load() would refuse may not replace anything: it is a defect, and better found
    while the journal still exists."""
    try:
        document = _document(result)
        text = in_lines(document)
        if not is_certain(result):
            _try(document, text)
    except (ValueError, TypeError, ZeroDivisionError, OverflowError, RecursionError) as error:
        raise BenchsuiteError(
            f"the result cannot be saved, which is a defect of benchsuite: {error}"
        ) from error
    return text.encode("ascii")


def _try(document: dict[str, Any], text: str) -> None:
    """Reads it as load() will."""
    try:
        decode(document, "the result")
    except records.BadRecord:  # of what JSON makes sound, as a tuple
        decode(records.loads(text), "the result")


def _document(result: Result) -> dict[str, Any]:
    cases: list[dict[str, Any]] = []
    benchmarks: list[dict[str, Any]] = []
    names: set[str] = set()
    said, shared = Said(result), Shared.of(result)
    for case_result in result.cases:
        if case_result.measured:
            name = unique(case_result.name, names)
            cases.append({"benchmark": name, **said.of(case_result)})
            benchmarks.append(benchmark(name, case_result, shared))
        else:
            cases.append(_unmeasured(case_result) | said.of(case_result))
    ours = of_all(result, cases, said, shared)
    metadata = of_result(result, shared)
    return {"version": PYPERF_FORMAT, "metadata": metadata, "benchsuite": ours, "benchmarks": benchmarks}


def of_all(result: Result, cases: list[dict[str, Any]], said: Said, shared: Shared) -> dict[str, Any]:
    """What is ours at the level of the whole result. cases: their entries."""
    return {
        "format": FORMAT,
        "profile": result.profile,
        "why": result.why,
        "complete": result.complete,
        "environment": result.environment,
        "cases": cases,
        **said.of_all(),
        **shared.to_dict(),
    }


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
        **({"runs": [records.short_run_to(run) for run in case_result.runs]} if case_result.runs else {}),
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
    name = printable(name)
    number = 1
    while (unique := name if number == 1 else f"{name} #{number}") in taken:
        number += 1
    taken.add(unique)
    return unique


def benchmark(name: str, case_result: CaseResult, shared: Shared) -> dict[str, Any]:
    """A measured case: for pyperf, and beside it what pyperf cannot hold."""
    case = case_result.case
    metadata, exact = split(case.to_dict(), shared.case)
    idle = [[i, records.short_run_to(run)] for i, run in enumerate(case_result.runs) if not run.values]
    ours = {"case": exact, "idle_runs": idle}
    return {
        "metadata": {"name": name, "unit": "second", **metadata},
        **_under_our_key({key: value for key, value in ours.items() if value}),
        "runs": [_run(run, case, shared) for run in case_result.runs if run.values],
    }


def _under_our_key(said: dict[str, Any]) -> dict[str, Any]:
    return {"benchsuite": said} if said else {}


def _run(run: WorkerRun, case: Case, shared: Shared) -> dict[str, Any]:
    ours = records.short_run_to(run)
    metadata, exact = split(run.facts, shared.facts)
    del ours["round"]  # which is in the metadata, as its facts
    ours.pop("facts", None)
    if exact:
        ours["facts"] = exact
    per_request = [value.per_request for value in run.values]
    busy = [value.cpu / value.wall for value in run.values if value.cpu is not None]
    metadata["loops"] = min(value.requests for value in run.values)
    metadata[flat(ROUND)] = run.round
    metadata[flat(RATE_IN[case.rate_unit])] = round(case.rate_of(statistics.median(per_request)), 3)
    if busy:
        metadata[flat(CPU)] = round(100 * statistics.median(busy), 1)
    if run.ended > run.started:
        metadata["duration"] = run.ended - run.started
    if date := _date(run.started):
        metadata["date"] = date
    data = {"values": per_request, "metadata": metadata, "benchsuite": ours}
    if run.warmups:
        data["warmups"] = [[value.requests, value.per_request] for value in run.warmups]
    return data


def _date(epoch: float) -> str | None:
    try:
        return datetime.datetime.fromtimestamp(epoch).isoformat(sep=" ") if epoch else None
    except (ValueError, OverflowError, OSError):  # a clock that was never set
        return None
