"""The result file: a pyperf suite that carries more than pyperf knows.

    {"version": "1.0",
     "metadata": {...}                      the environment, as far as pyperf accepts it
     "benchsuite": {"format": 1, "profile", "why", "complete", "environment",
                    "cases": [{"benchmark": NAME} or {"case", "failure", "runs"}, ...]},
     "benchmarks": [{"metadata": {"name": NAME, "unit": "second", "benchsuite_backend": ...},
                     "benchsuite": {"case": {...}, "idle_runs": [[position, run], ...]},
                     "runs": [{"warmups": [[loops, seconds per request], ...],
                               "values": [seconds per request, ...],
                               "metadata": {...}, "benchsuite": {...}}, ...]}, ...]}

pyperf passes over every `benchsuite` key. "cases" has the order; only a measured case is a benchmark
(pyperf has no place for one without values, and the values of a failed case are no figure), so
pyperf itself refuses a file in which nothing was measured. An entry of "cases" has a "label" where the
user gave its backend one; then NAME has it in place of the backend, so that pyperf pairs what is called
alike. `idle_runs` are the runs of a measured case that brought no value. A pyperf run shows seconds per
request; what it is made of (requests, wall, CPU seconds, cycles, see records.py) is in its `benchsuite` key,
and load() wants both to agree."""

from __future__ import annotations

import datetime
import json
import math
import os
import re
import statistics
from pathlib import Path
from typing import Any

from benchsuite import files, records
from benchsuite.files import Expected
from benchsuite.model import MBPS, BenchsuiteError, Case, CaseResult, Result, WorkerRun
from benchsuite.records import BadRecord, a_list, an_object, get
from benchsuite.store.paths import journal_path

__all__ = ["FORMAT", "load", "rescue", "save"]

FORMAT = 1
PYPERF_FORMAT = "1.0"
_RESULT = Expected("a result", "name a result file", 200 * 10**6, name="result file")

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


def save(result: Result, path: str | os.PathLike[str]) -> None:
    """Writes the whole file or leaves the old one. Raises BenchsuiteError; the journal, if there is
    one, is left for another try."""
    data = _encode(result)
    try:
        files.replace(Path(path), data)
    except OSError as error:
        raise BenchsuiteError(
            f"{os.fspath(path)}: cannot be written ({error.strerror}). Make room or choose another with -o; "
            f"what was measured is kept in {journal_path(path)} as long as that file stands"
        ) from None


def rescue(result: Result) -> Path:
    """The last resort, when neither journal nor result file can be written: the complete result as a new
    file in the temporary directory. Raises BenchsuiteError if that is full too."""
    profile = re.sub(r"[^A-Za-z0-9._-]", "_", result.profile)[:60]
    try:
        return files.write_temporary(f"benchsuite-{profile}-", _encode(result))
    except OSError as error:
        raise BenchsuiteError(
            f"the result cannot be saved, not even in the temporary directory ({error.strerror}); "
            "make room there, or set TMPDIR"
        ) from None


def load(path: str | os.PathLike[str]) -> Result:
    """What save() was given. Raises BenchsuiteError for any other file, also for one that pyperf has
    rewritten: that has lost the CPU seconds and counters, and a figure without them is not made up."""
    name = os.fspath(path)
    text = _read(name)
    try:
        return _decode(records.loads(text), name)
    except json.JSONDecodeError as error:
        raise BenchsuiteError(_syntax(name, text, error)) from None
    except BadRecord as error:
        raise BenchsuiteError(f"{name}: no sound result: {error}") from None


# Writing


def _encode(result: Result) -> bytes:
    """The file's bytes. They are read back before they may replace anything: what load() would refuse is
    a defect, and better found while the journal still exists."""
    try:
        text = _text(result)
        _decode(records.loads(text), "the result")
    except (ValueError, TypeError, ZeroDivisionError, OverflowError, RecursionError) as error:
        raise BenchsuiteError(
            f"the result cannot be saved, which is a defect of benchsuite: {error}"
        ) from error
    return text.encode("ascii")


def _text(result: Result) -> str:
    """One benchmark per line, so that a changed result is a readable diff."""
    cases: list[dict[str, Any]] = []
    benchmarks: list[dict[str, Any]] = []
    names: set[str] = set()
    said = _Said(result)
    for case_result in result.cases:
        if case_result.measured:
            name = _unique(case_result.name, names)
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
    lines = ",\n".join(records.dumps(benchmark) for benchmark in benchmarks)
    return (
        f'{{"version":"{PYPERF_FORMAT}",\n"metadata":{records.dumps(_flat(result))},\n'
        f'"benchsuite":{records.dumps(ours)},\n"benchmarks":[\n{lines}\n]}}\n'
    )


def _unmeasured(case_result: CaseResult) -> dict[str, Any]:
    failure = case_result.failure
    return {
        "case": case_result.case.to_dict(),
        "failure": failure and {"kind": failure.kind, "reason": failure.reason, "round": failure.round},
        "runs": [records.run_to(run) for run in case_result.runs],
    }


class _Said:
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


def _unique(name: str, taken: set[str]) -> str:
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
    said = {f"tag_{key}": tag for key, tag in result.tags.items()}
    said |= {"note": result.note, "command": result.command}
    return _metadata(result.environment | {f"benchsuite_{key}": text for key, text in said.items()})


def _metadata(flat: dict[str, Any]) -> dict[str, Any]:
    """What pyperf accepts of it. The rest is in the benchsuite keys all the same."""
    printable = {key: _printable(value) if isinstance(value, str) else value for key, value in flat.items()}
    return {key: value for key, value in printable.items() if key not in _RESERVED and _fits(key, value)}


def _fits(key: str, value: Any) -> bool:
    number = isinstance(value, int | float)
    if key in ("load_avg_1min", "uptime"):
        return number and value >= 0
    text = isinstance(value, str) and value != ""
    if key == "date":
        return text and _is_local_date(value)
    return text if key == "boot_time" else text or number


def _is_local_date(text: str) -> bool:
    try:
        return datetime.datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False


def _benchmark(name: str, case_result: CaseResult) -> dict[str, Any]:
    case = case_result.case.to_dict()
    metadata = {"name": name, "unit": "second", **_metadata({f"benchsuite_{k}": v for k, v in case.items()})}
    idle = [[i, records.run_to(run)] for i, run in enumerate(case_result.runs) if not run.values]
    return {
        "metadata": metadata,
        "benchsuite": {"case": case, "idle_runs": idle},
        "runs": [_run(run, case_result.case) for run in case_result.runs if run.values],
    }


def _run(run: WorkerRun, case: Case) -> dict[str, Any]:
    """`version` of the facts is that of what was measured; benchsuite_version is our own."""
    facts = {("measured_version" if k == "version" else k): v for k, v in run.facts.items()}
    metadata = _metadata({f"benchsuite_{key}": value for key, value in facts.items()})
    per_request = [value.per_request for value in run.values]
    busy = [value.cpu / value.wall for value in run.values if value.cpu is not None]
    metadata["loops"] = min(value.requests for value in run.values)
    metadata["benchsuite_round"] = run.round
    rate = "benchsuite_mbps" if case.rate_unit is MBPS else "benchsuite_requests_per_second"
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


# Reading


def _read(name: str) -> str:
    data = files.read(name, _RESULT, hint=_journal_hint(name))
    if data.startswith(b"\x1f\x8b"):
        raise BenchsuiteError(f"{name}: is compressed; unpack it with gunzip first")
    if not data.strip():
        hint = _journal_hint(name)
        raise BenchsuiteError(f"{name}: is empty{hint and '; '}{hint}")
    return files.text(data, name, "JSON")


def _journal_hint(name: str) -> str:
    if not journal_path(name).is_file():
        return ""
    return f"{journal_path(name)} is there: run again with --resume to finish it"


def _syntax(name: str, text: str, error: json.JSONDecodeError) -> str:
    byte = len(text[: error.pos].encode("utf-8"))
    whole = text.strip()
    if not whole.startswith("{") or (whole.endswith("}") and error.pos < len(text.rstrip())):
        return (
            f"{name}: no result of benchsuite: not JSON at byte {byte}: {error.msg}\n"
            "benchsuite import reads what other programs have printed"
        )
    hint = _journal_hint(name) or "if there is a RESULT.journal, run again with --resume"
    return f"{name}: cut short at byte {len(text.encode('utf-8'))} (it stops making sense at {byte}); {hint}"


def _decode(data: Any, name: str) -> Result:
    data = an_object(data, "the file")
    if "benchsuite" not in data:
        raise BenchsuiteError(_foreign(data, name))
    ours = an_object(data["benchsuite"], "benchsuite")
    number = records.whole(get(ours, "format", "benchsuite"), "benchsuite.format", low=1)
    if number > FORMAT:
        raise BenchsuiteError(
            f"{name}: written by a newer benchsuite (format {number}; this one reads {FORMAT}): upgrade"
        )
    where = "benchsuite"
    return Result(
        profile=records.text(get(ours, "profile", where), f"{where}.profile"),
        why=records.text(get(ours, "why", where), f"{where}.why"),
        environment=an_object(get(ours, "environment", where), f"{where}.environment"),
        cases=_Cases(ours, where).read(_benchmarks(data)),
        complete=records.flag(get(ours, "complete", where), f"{where}.complete"),
        note=records.text(ours.get("note", ""), f"{where}.note"),
        command=records.text(ours.get("command", ""), f"{where}.command"),
    )


def _foreign(data: dict[str, Any], name: str) -> str:
    if "benchmarks" not in data:
        return f"{name}: JSON, but no benchsuite result (it has neither benchmarks nor a benchsuite key)"
    benchmarks = data["benchmarks"]
    first = benchmarks[0] if isinstance(benchmarks, list) and benchmarks else None
    # pyperf moves what all benchmarks have in common to the suite.
    metadata = [place.get("metadata") for place in (data, first) if isinstance(place, dict)]
    if any(isinstance(flat, dict) and "benchsuite_backend" in flat for flat in metadata):
        return (
            f"{name}: rewritten by pyperf, which drops what benchsuite needs (CPU seconds, counters, "
            "failures); use the original file"
        )
    return f"{name}: a pyperf file, but not one of benchsuite (no benchsuite key); use python -m pyperf on it"


def _benchmarks(data: dict[str, Any]) -> dict[str, CaseResult]:
    """By name."""
    if data.get("version") != PYPERF_FORMAT:
        raise BadRecord("version", f"expected {PYPERF_FORMAT!r}, as pyperf writes since 1.0")
    found: dict[str, CaseResult] = {}
    for i, item in enumerate(a_list(get(data, "benchmarks", "the file"), "benchmarks")):
        where = f"benchmarks[{i}]"
        benchmark = an_object(item, where)
        metadata = an_object(get(benchmark, "metadata", where), f"{where}.metadata")
        name = records.text(get(metadata, "name", where), f"{where}.metadata.name")
        if name in found:
            raise BadRecord(f"{where}.metadata.name", f"a second benchmark of the name {records.show(name)}")
        found[name] = _case_result(benchmark, where)
    return found


def _case_result(benchmark: dict[str, Any], where: str) -> CaseResult:
    ours = an_object(get(benchmark, "benchsuite", where), f"{where}.benchsuite")
    runs = []
    for i, item in enumerate(a_list(get(benchmark, "runs", where), f"{where}.runs")):
        runs.append(_run_from(an_object(item, f"{where}.runs[{i}]"), f"{where}.runs[{i}]"))
    if not runs:
        raise BadRecord(f"{where}.runs", "is empty")
    idle_at = f"{where}.benchsuite.idle_runs"
    for item in a_list(get(ours, "idle_runs", f"{where}.benchsuite"), idle_at):
        if len(a_list(item, idle_at)) != 2:
            raise BadRecord(idle_at, "expected [position, run]")
        position = records.whole(item[0], idle_at, high=len(runs))
        runs.insert(position, records.run_from(item[1], idle_at))
    case = records.case_from(get(ours, "case", f"{where}.benchsuite"), f"{where}.benchsuite.case")
    return CaseResult(case, runs)


def _run_from(item: dict[str, Any], where: str) -> WorkerRun:
    run = records.run_from(get(item, "benchsuite", where), f"{where}.benchsuite")
    shown = a_list(get(item, "values", where), f"{where}.values")
    if not shown or len(shown) != len(run.values):
        raise BadRecord(f"{where}.values", f"{len(shown)} for pyperf, {len(run.values)} for benchsuite")
    for i, (number, value) in enumerate(zip(shown, run.values, strict=True)):
        seconds = records.seconds(number, f"{where}.values[{i}]")
        if not math.isclose(seconds, value.per_request, rel_tol=1e-12):
            raise BadRecord(
                f"{where}.values[{i}]", f"{number!r}, but wall / requests is {value.per_request!r}"
            )
    return run


class _Cases:
    """The cases that are listed under the key of benchsuite, in their order."""

    def __init__(self, ours: dict[str, Any], where: str) -> None:
        self._items = a_list(get(ours, "cases", where), f"{where}.cases")
        self._tags = records.tags_from(ours.get("tags", {}), f"{where}.tags")
        listed = a_list(ours.get("environments", []), f"{where}.environments")
        self._environments = [an_object(each, f"{where}.environments[{i}]") for i, each in enumerate(listed)]
        self._where = f"{where}.cases"

    def read(self, benchmarks: dict[str, CaseResult]) -> list[CaseResult]:
        cases = []
        left = dict(benchmarks)
        for i, item in enumerate(self._items):
            where = f"{self._where}[{i}]"
            entry = an_object(item, where)
            cases.append(
                self._measured(entry, where, left) if "benchmark" in entry else _unmeasured_from(entry, where)
            )
            self._say(cases[-1], entry, where)
        if left:
            raise BadRecord(self._where, f"benchmark {records.show(next(iter(left)))} is not in it")
        return cases

    @staticmethod
    def _measured(entry: dict[str, Any], where: str, left: dict[str, CaseResult]) -> CaseResult:
        name = records.text(entry["benchmark"], f"{where}.benchmark")
        if name not in left:
            raise BadRecord(f"{where}.benchmark", f"there is no benchmark {records.show(name)}, or not twice")
        return left.pop(name)

    def _say(self, case: CaseResult, entry: dict[str, Any], where: str) -> None:
        """Gives a case what is said of it beside its figures."""
        case.label = records.text(entry.get("label", ""), f"{where}.label")
        case.tags = self._tags | records.tags_from(entry.get("tags", {}), f"{where}.tags")
        if "environment" in entry:
            most = len(self._environments) - 1
            number = records.whole(entry["environment"], f"{where}.environment")
            if number > most:
                raise BadRecord(f"{where}.environment", f"there is no environment {number}")
            case.environment = self._environments[number]


def _unmeasured_from(entry: dict[str, Any], where: str) -> CaseResult:
    failure = get(entry, "failure", where)
    runs = a_list(get(entry, "runs", where), f"{where}.runs")
    return CaseResult(
        case=records.case_from(get(entry, "case", where), f"{where}.case"),
        runs=[records.run_from(run, f"{where}.runs[{i}]") for i, run in enumerate(runs)],
        failure=None if failure is None else records.failure_from(failure, f"{where}.failure"),
    )
