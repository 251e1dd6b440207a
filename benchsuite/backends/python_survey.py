"""Everything `benchsuite verify` checks of the `python` backend and one algorithm: the sheets of
survey_plan.py, without what it does not have: buffers, queues, chains, pieces and cut tags."""

from __future__ import annotations

from benchsuite.algorithms import Algorithm
from benchsuite.backends.backend import Phase
from benchsuite.backends.buffers import differs
from benchsuite.backends.errors import MeasureError
from benchsuite.backends.findings import Survey, Wanted
from benchsuite.backends.known_requests import FORGED, Known
from benchsuite.backends.python_calls import Perform, performer
from benchsuite.backends.survey_notes import Notes
from benchsuite.backends.survey_plan import Plan, Sheet
from benchsuite.model import DECRYPT


class PythonSurvey:
    """The survey of the `python` backend."""

    def __init__(self, algorithm: Algorithm, phase: Phase) -> None:
        self.algorithm, self.phase, self.found = algorithm, phase, Survey()
        self._notes = Notes()

    def perform(self, wanted: Wanted) -> Survey:
        for op in self.algorithm.ops:
            self.phase(f"verifying {op}")
            for sheet in Plan(self.algorithm, op, wanted).sheets():
                if not (sheet.chained or sheet.piece or sheet.tag_size or sheet.most):
                    self._sheet(sheet)
        self.found.refused += self._notes.sentences()
        return self.found

    def _sheet(self, sheet: Sheet) -> None:
        perform = performer(self.algorithm, sheet.op, sheet.key, sheet.mac)
        for number, known in enumerate(sheet.known):
            refusal = self._answer(sheet, perform, known)
            if refusal is not None and known.status == 0:
                if number or not sheet.iv_size:
                    raise self._wrong("error", sheet, known, refusal) from None
                self._notes.refused(sheet.op, sheet.beyond, sheet.value, refusal)
                return
        self.found.vectors += bool(sheet.source) and sheet.op != DECRYPT  # each counts once

    def _answer(self, sheet: Sheet, perform: Perform, known: Known) -> str | None:
        """Checks the answer to one request. What it was refused with; None: it was answered."""
        source = known.source + known.tag if sheet.op == DECRYPT else known.source
        try:
            got = perform(known.iv, known.aad, source)
        except Exception as error:
            self.found.requests += 1
            return f"{type(error).__name__}: {error}"
        if known.status:
            forged = known.status == FORGED
            what = "a forgery was accepted," if forged else "it was accepted, and has to be refused:"
            raise self._wrong("wrong-bytes", sheet, known, f"{what} {known.note}")
        sealed = known.tag if self.algorithm.kind in ("digest", "hmac") else known.result + known.tag
        expected = known.result if sheet.op == DECRYPT else sealed
        if len(got) != len(expected):
            raise self._wrong("wrong-bytes", sheet, known, f"{len(got)} bytes, not {len(expected)}")
        if got != expected:
            raise self._wrong("wrong-bytes", sheet, known, differs(got, expected))
        self.found.requests += 1
        return None

    def _wrong(self, kind: str, sheet: Sheet, known: Known, what: str) -> MeasureError:
        where = sheet.source or f"{len(known.source)} bytes"
        return MeasureError(kind, f"{self.algorithm.name} {sheet.op}, {where}: {what}")
