"""From the text of a result file to the result, with everything that may be wrong with it said."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, TypeVar

from benchsuite import files, records
from benchsuite.collecting import without_collecting
from benchsuite.files import Expected
from benchsuite.model import BenchsuiteError, Case, CaseResult, Result, WorkerRun
from benchsuite.records import BadRecord, a_list, an_object, get
from benchsuite.store.metadata import OURS, ROUND, Shared, facts_in, flat
from benchsuite.store.paths import journal_path

T = TypeVar("T")
FORMAT = 2  # in 1, all of a case and of a run was said under our key once more
PYPERF_FORMAT = "1.0"
_RESULT = Expected("a result", "name a result file", 200 * 10**6, name="result file")


def sound(name: str, make: Callable[[dict[str, Any]], T]) -> T:
    """The data of a result file, made into something. BenchsuiteError for any other file."""
    text = _read(name)
    try:
        with without_collecting():
            return make(records.loads(text))
    except json.JSONDecodeError as error:
        raise BenchsuiteError(_syntax_error(name, text, error)) from None
    except BadRecord as error:
        raise BenchsuiteError(f"{name}: no sound result: {error}") from None


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


def _syntax_error(name: str, text: str, error: json.JSONDecodeError) -> str:
    byte = len(text[: error.pos].encode("utf-8"))
    whole = text.strip()
    if not whole.startswith("{") or (whole.endswith("}") and error.pos < len(text.rstrip())):
        return (
            f"{name}: no result of benchsuite: not JSON at byte {byte}: {error.msg}\n"
            "benchsuite import reads what other programs have printed"
        )
    hint = _journal_hint(name) or "if there is a RESULT.journal, run again with --resume"
    return f"{name}: cut short at byte {len(text.encode('utf-8'))} (it stops making sense at {byte}); {hint}"


def decode(data: Any, name: str) -> Result:
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
        cases=_Cases(ours, where).read(_Benchmarks(ours, where).read(data)),
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


class _Benchmarks:
    """Reads measured cases, with what they share."""

    def __init__(self, ours: dict[str, Any], where: str) -> None:
        self._in_metadata = ours["format"] > 1
        self._shared = Shared.read(ours.get("shared", {}), f"{where}.shared")

    def read(self, data: dict[str, Any]) -> dict[str, CaseResult]:
        """The measured cases by name."""
        if data.get("version") != PYPERF_FORMAT:
            raise BadRecord("version", f"expected {PYPERF_FORMAT!r}, as pyperf writes since 1.0")
        found: dict[str, CaseResult] = {}
        for i, item in enumerate(a_list(get(data, "benchmarks", "the file"), "benchmarks")):
            where = f"benchmarks[{i}]"
            benchmark = an_object(item, where)
            metadata = an_object(get(benchmark, "metadata", where), f"{where}.metadata")
            name = records.text(get(metadata, "name", where), f"{where}.metadata.name")
            if name in found:
                raise BadRecord(
                    f"{where}.metadata.name", f"a second benchmark of the name {records.show(name)}"
                )
            found[name] = self._case_result(benchmark, metadata, where)
        return found

    def _case_result(self, benchmark: dict[str, Any], metadata: dict[str, Any], where: str) -> CaseResult:
        runs = [
            self._run(an_object(item, f"{where}.runs[{i}]"), f"{where}.runs[{i}]")
            for i, item in enumerate(a_list(get(benchmark, "runs", where), f"{where}.runs"))
        ]
        if not runs:
            raise BadRecord(f"{where}.runs", "is empty")
        ours = an_object(benchmark.get("benchsuite", {}), f"{where}.benchsuite")
        idle_at = f"{where}.benchsuite.idle_runs"
        for item in a_list(ours.get("idle_runs", []), idle_at):
            if len(a_list(item, idle_at)) != 2:
                raise BadRecord(idle_at, "expected [position, run]")
            position = records.whole(item[0], idle_at, high=len(runs))
            runs.insert(position, records.run_from(item[1], idle_at))
        return CaseResult(self._case(metadata, ours, where), runs)

    def _case(self, metadata: dict[str, Any], ours: dict[str, Any], where: str) -> Case:
        told = self._shared.case
        if self._in_metadata:
            told = told | records.fields_from(Case, metadata, f"{where}.metadata", OURS)
        if "case" in ours:
            told = told | records.fields_from(Case, ours["case"], f"{where}.benchsuite.case")
        case: Case = records.record_of(Case, told, where)
        return case

    def _run(self, item: dict[str, Any], where: str) -> WorkerRun:
        at = f"{where}.benchsuite"
        record = an_object(get(item, "benchsuite", where), at)
        if self._in_metadata:
            metadata = an_object(get(item, "metadata", where), f"{where}.metadata")
            exact = an_object(record.get("facts", {}), f"{at}.facts")
            facts = self._shared.facts | facts_in(metadata) | exact
            record = record | {"round": get(metadata, flat(ROUND), f"{where}.metadata"), "facts": facts}
        run = records.run_from(record, at)
        _compare(a_list(get(item, "values", where), f"{where}.values"), run, where)
        return run


def _compare(shown: list[Any], run: WorkerRun, where: str) -> None:
    """BadRecord where pyperf would show other values than we have."""
    if not shown or len(shown) != len(run.values):
        raise BadRecord(f"{where}.values", f"{len(shown)} for pyperf, {len(run.values)} for benchsuite")
    for i, (number, value) in enumerate(zip(shown, run.values, strict=True)):
        if type(number) is float and number == value.per_request:  # nearly always
            continue
        seconds = records.seconds(number, f"{where}.values[{i}]")
        if not math.isclose(seconds, value.per_request, rel_tol=1e-12):
            raise BadRecord(
                f"{where}.values[{i}]", f"{number!r}, but wall / requests is {value.per_request!r}"
            )


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
    runs = a_list(entry.get("runs", []), f"{where}.runs")
    return CaseResult(
        case=records.case_from(get(entry, "case", where), f"{where}.case"),
        runs=[records.run_from(run, f"{where}.runs[{i}]") for i, run in enumerate(runs)],
        failure=None if failure is None else records.failure_from(failure, f"{where}.failure"),
    )
