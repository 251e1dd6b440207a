"""What the records of a journal add up to: how far its run came."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchsuite import records
from benchsuite.model import BenchsuiteError, Failure, WorkerRun
from benchsuite.records import BadRecord, an_object, get
from benchsuite.remarks import Remarks
from benchsuite.series import Series
from benchsuite.store.plans import plan_from, remarks_from

FORMAT = 1  # of a journal


class History:
    """The state that the records add up to."""

    def __init__(self, header: Any) -> None:
        header = an_object(header, "the header")
        self.plan = plan_from(get(header, "plan", "the header"), "plan")
        self.environment = an_object(get(header, "environment", "the header"), "environment")
        self.boot = records.text(get(header, "boot", "the header"), "boot")
        self.remarks = remarks_from(header, "the header")
        self.results = self.plan.results()
        self.remarks.tag(self.results)
        self.under_way: set[tuple[int, int]] = set()
        self.decided: dict[int, dict[str, str]] = {}

    def add(self, record: Any) -> None:
        record = an_object(record, "the record")
        if "start" in record:
            numbers = records.a_list(record["start"], "start")
            if len(numbers) != 2:
                raise BadRecord("start", "expected [case, round]")
            self.under_way.add((self._case(numbers[0]), records.whole(numbers[1], "start")))
        elif "series" in record:
            round = records.whole(get(record, "round", "the record"), "round")
            part = records.series_from(record["series"], "series")
            self._longer(self._case(record.get("case")), round, part)
        elif "run" in record:
            self._run(self._case(record.get("case")), records.run_from(record["run"], "run"))
        elif "fail" in record:
            case, failure = self._case(record.get("case")), records.failure_from(record["fail"], "fail")
            self.results[case].failure = failure
            self.under_way.discard((case, failure.round))
        elif "decided" in record:
            self.decided[self._case(record.get("case"))] = records.facts_from(record["decided"], "decided")
        elif "resume" in record:
            self.goes_on(records.text(record["resume"], "resume"))
            self.said(remarks_from(record, "resume"))
        elif "stop" in record:
            self.under_way.clear()
        else:
            raise BadRecord("the record", "is none of decided, start, series, run, fail, resume, stop")

    def _case(self, number: Any) -> int:
        if not self.results:
            raise BadRecord("case", "the plan has none")
        return records.whole(number, "case", high=len(self.results) - 1)

    def _longer(self, case: int, round: int, part: Series) -> None:
        """What a worker had noted when it, or the run, was ended."""
        runs = self.results[case].runs
        found = next((run for run in runs if run.round == round and run.cut_short), None)
        if found and found.series is not None:
            found.series.extend(part)
        elif not any(run.round == round for run in runs):
            runs.append(WorkerRun(round, series=part))

    def _run(self, case: int, run: WorkerRun) -> None:
        runs = self.results[case].runs
        runs[:] = [earlier for earlier in runs if earlier.round != run.round] + [run]
        self.under_way.discard((case, run.round))

    def said(self, again: Remarks) -> None:
        """Another attempt says this."""
        self.remarks = self.remarks.resumed(again)

    def goes_on(self, boot: str) -> None:
        """The process died or stopped, and in this boot of the machine another one goes on."""
        if self.boot and boot and boot != self.boot:  # "": a machine that does not say
            for case, round in sorted(self.under_way):
                reason = f"the machine went down during round {round} and has been booted since"
                if self.results[case].failure is None:
                    self.results[case].failure = Failure("machine-crash", reason, round)
        self.under_way.clear()
        self.boot = boot


def read(path: Path, fd: int) -> tuple[History, int, int]:
    """The history, the size of what is sound, and the number of bytes after that. Whatever stands in the
    last line is taken for a write that was cut short; damage before it is not passed over in silence."""
    with open(fd, "rb", closefd=False) as file:
        lines = file.readlines()
    history = _header(path, lines[0] if lines else b"")
    keep = len(lines[0])
    for number, line in enumerate(lines[1:], start=2):
        try:
            history.add(_parse(line))
        except BadRecord as error:
            if number < len(lines):
                raise BenchsuiteError(
                    f"{path}: line {number} of {len(lines)} is damaged ({error}). To go on with what stands "
                    f"before it: head -n {number - 1} {path} > rest && mv rest {path}"
                ) from None
            return history, keep, len(line)
        keep += len(line)
    return history, keep, 0


def _header(path: Path, line: bytes) -> History:
    try:
        header = _parse(line)
        number = records.whole(
            get(an_object(header, "line 1"), "benchsuite_journal", "line 1"), "line 1", low=1
        )
        if number > FORMAT:
            raise BenchsuiteError(
                f"{path}: written by a newer benchsuite (format {number}; this one reads {FORMAT}): upgrade"
            )
        return History(header)
    except BadRecord as error:
        what = (
            f"its header is damaged ({error})" if line.endswith(b"\n") else "it was cut short in its header"
        )
        raise BenchsuiteError(
            f"{path}: cannot be resumed: {what}; delete it and run without --resume"
        ) from None


def _parse(line: bytes) -> Any:
    if not line.endswith(b"\n"):
        raise BadRecord("the line", "has no end")
    try:
        return records.loads(line.decode("ascii"))
    except UnicodeDecodeError:
        raise BadRecord("the line", "is not ASCII") from None
    except json.JSONDecodeError as error:
        raise BadRecord("the line", f"is not JSON: {error.msg}") from None
