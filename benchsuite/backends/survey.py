"""Everything `benchsuite verify` checks of one backend and one algorithm: the sheets of survey_plan.py,
sessions side by side, a loaded queue.

What the backend refuses beyond the algorithm itself (another length of AAD, a chain) is no fault; the survey
says so. The first fault ends it: FoundWrong, with what was found; or MeasureError.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Protocol

from benchsuite.algorithms import Algorithm
from benchsuite.backends.backend import Engine, Phase
from benchsuite.backends.check import Checked, FoundWrong, check
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.findings import Survey, Wanted
from benchsuite.backends.known_requests import Table
from benchsuite.backends.session import ByDriver, Params
from benchsuite.backends.survey_notes import Notes, sizes
from benchsuite.backends.survey_pace import Pace
from benchsuite.backends.survey_plan import Plan, Sheet
from benchsuite.backends.survey_sizes import SIZES, usable
from benchsuite.backends.survey_together import Together
from benchsuite.model import DECRYPT, Case
from benchsuite.native import lib

__all__ = ["SIZES", "DriverSurvey", "usable"]

LOADED_REQUESTS = 200  # at a time, then all come back
LOADED_TIMES = 25
LOADED_SECONDS = 0.1  # for more than the first time
LOADED_SIZE = 4096
MOST_DESCRIPTORS = 16  # that a driver may open once and keep
SEED = 11  # of places in memory


class Opening(ByDriver, Protocol):
    def __str__(self) -> str: ...
    def open_case(self, case: Case) -> Engine: ...


class DriverSurvey:
    """The survey of a driver of the native core."""

    def __init__(self, backend: Opening, algorithm: Algorithm, phase: Phase) -> None:
        self.backend, self.algorithm, self.phase, self.found = backend, algorithm, phase, Survey()
        self._notes = Notes()

    def perform(self, wanted: Wanted) -> Survey:
        for op in self.algorithm.ops:
            self._op(op, wanted)
        self.found.refused += self._notes.sentences()
        return self.found

    def _op(self, op: str, wanted: Wanted) -> None:
        sheets = list(Plan(self.algorithm, op, wanted).sheets())
        together, served, pace = Together(self.backend, self.algorithm, op), _Served(), Pace(sheets)
        with ExitStack() as stack:
            use_elder: Callable[[], None] = lambda: None  # noqa: E731 - there is none
            descriptors = 0
            for number, sheet in enumerate(sheets):
                asked = pace.thinned(sheet)
                if asked.known:
                    self.phase(f"verifying {op} of {asked.extent}")
                    self._sheet(asked, pace, served, must=number == 0)
                if number == 0:
                    use_elder, descriptors = together.elder(stack), _descriptors()
            self._if_served(op, "with several sessions at once", together.sessions)
            self._if_served(op, "with keys that are alike", together.similar)
            if op == self.algorithm.ops[0]:
                self._if_served(op, "with many sessions", together.many)
            if served.chained:
                self._if_served(op, "chained, two in turn", together.streams)
            usual = max(sheet.max_size for sheet in sheets if not sheet.beyond)
            for q_len, batch, size in ((8, 1, LOADED_SIZE), (128, 16, 64), (1, 0, 64)):
                load = partial(self._loaded, op, min(usual, size), q_len, batch)
                self._if_served(op, f"with a queue of {q_len}", load)
            use_elder()
            _check_descriptors(descriptors)
        self.found.requests += together.requests
        self.found.refused += served.notes(op) + pace.notes(op)

    def _if_served(self, op: str, what: str, perform: Callable[[], None]) -> None:
        self.phase(f"verifying {op} {what}")
        try:
            perform()
        except MeasureError as error:
            if error.kind != "unsupported":
                raise
            self._notes.refused(op, what, 0, str(error))

    # ---- a sheet ----

    def _sheet(self, sheet: Sheet, pace: Pace, served: _Served, must: bool) -> None:
        try:
            params = self._params(sheet)
            params.check()
            table = Table(params, sheet.reference, sheet.known)
            with pace.timing(sheet):
                checked = check(table, sheet.layouts, SEED)
        except MeasureError as error:
            if error.kind != "unsupported" or (must and not sheet.beyond):
                raise
            self._notes.refused(sheet.op, sheet.beyond or "again", sheet.value, str(error))
            return
        self.found.requests += checked.performed
        served.chained |= sheet.chained
        if reason := self._refused(sheet, checked, served):
            if must:
                raise MeasureError("unsupported", f"{self.algorithm.name} {sheet.op}: {reason}")
            self._notes.refused(sheet.op, sheet.beyond, sheet.value, reason)
        elif checked.faults:
            why = f" (the answer is published: {sheet.source})" if sheet.source else ""
            raise FoundWrong(checked, [table], sheet.layouts, why)
        elif sheet.source and sheet.op != DECRYPT:
            self.found.vectors += 1  # each counts once

    def _params(self, sheet: Sheet) -> Params:
        return Params(
            self.backend,
            self.algorithm,
            sheet.op,
            sheet.aad_size,
            sheet.max_size,
            sheet.chained,
            sheet.key,
            sheet.mac,
            iv_size=sheet.iv_size,
            tag_size=sheet.tag_size,
            piece=sheet.piece,
        )

    def _refused(self, sheet: Sheet, checked: Checked, served: _Served) -> str:
        """Why nothing can be said of the sheet, or of what it is asked beyond the algorithm itself; or ""."""
        if sheet.empty and checked.faults and all(_refuses_empty(sheet, one) for one in checked.findings):
            return _status(checked.findings[0].status)
        if not sheet.beyond:
            served.note(sheet, checked.refused)
        elif checked.refused and (sheet.chained or not checked.faults):
            return f"{len(checked.refused)} of {len(sheet.known)} requests are not served"
        whole = len(checked.refused) == len(sheet.known)
        return "no request is served" if whole else ""

    # ---- a loaded queue ----

    def _loaded(self, op: str, size: int, q_len: int, batch: int) -> None:
        """Many at once, through dispatch queue, return queue and callback thread; or one after another on the
        direct path. Now and then all come back: what a lost interrupt left behind is missed then."""
        case = Case(
            str(self.backend),
            self.algorithm.name,
            op,
            usable(self.algorithm, [max(size, self.algorithm.min_size)])[0],
            q_len=q_len,
            batch=batch,
            cbimm=int(q_len == 1),
            in_place=False,
            aad_size=self.algorithm.aad_size,
        )
        with closing(self.backend.open_case(case)) as engine:
            checked = engine.verify()
            until = time.monotonic() + LOADED_SECONDS
            for _ in range(LOADED_TIMES):
                engine.run(LOADED_REQUESTS)
                if time.monotonic() > until:
                    break
            self.found.requests += checked + engine.verify_after()


def _descriptors() -> int:
    """How many files this process has open."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def _check_descriptors(before: int) -> None:
    """MeasureError where sessions that are closed left files open."""
    left = _descriptors() - before
    if left > MOST_DESCRIPTORS:
        raise MeasureError("error", f"{left} files were left open by sessions that are closed")


class _Served:
    """Sizes that a driver serves, those that it says it does not, and whether it has chains."""

    def __init__(self) -> None:
        self.chained = False
        self._refused: set[int] = set()
        self._asked: set[int] = set()

    def note(self, sheet: Sheet, refused: list[int]) -> None:
        self._asked |= {len(one.source) for one in sheet.known if not one.status}
        self._refused |= {len(sheet.known[i].source) for i in refused}

    def notes(self, op: str) -> list[str]:
        if not self._refused:
            return []
        return [f"{op} of {sizes(self._refused, self._asked - self._refused)}: not served"]


def _refuses_empty(sheet: Sheet, finding: object) -> bool:
    """Whether it is about an empty text that was answered with an error."""
    known, status = sheet.known[finding.known], finding.status  # type: ignore[attr-defined]
    is_status = finding.kind == lib.BS_FOUND_STATUS  # type: ignore[attr-defined]
    return is_status and status < 0 and not known.source


def _status(status: int) -> str:
    return f"{errno.errorcode.get(-status, status)} ({os.strerror(-status)})"
