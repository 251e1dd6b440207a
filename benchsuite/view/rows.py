"""The cases of a result as rows: status, figures, and what makes them doubtful."""

from __future__ import annotations

from dataclasses import dataclass, replace

from benchsuite import stats
from benchsuite.facts import Fact
from benchsuite.kernel_cost import KernelCost, kernel_costs
from benchsuite.model import CaseResult, CouldNotMeasure, Result
from benchsuite.sheet.printable import clean
from benchsuite.stats import Summary

MEASURED, NOT_MEASURED = "measured", "not measured"
EMULATED = "the CPU is emulated (a lab without KVM): figures compare only with others of the same boot"


@dataclass(frozen=True, slots=True)
class Row:
    """A case as it is printed. `figures` is None where `status` is not "measured"; then `status`
    is the kind of failure ("not measured" for a case the run did not come to) and `reason` says why."""

    result: CaseResult
    status: str
    reason: str
    figures: Summary | None
    notes: list[str]
    confidence: str = ""  # how sure a simulated figure is; "" of one that was measured
    kernel_cost: KernelCost | None = None

    @property
    def simulated(self) -> bool:
        return bool(self.confidence)

    @property
    def remarks(self) -> list[str]:
        """Texts that become foot-notes: why there is no figure, and the notes."""
        return ([] if self.figures else [f"{self.status}: {self.reason}"]) + self.notes


def rows(result: Result) -> list[Row]:
    around = [EMULATED] if stats.emulated(result) else []
    listed = [_row(case, around) for case in result.cases]
    costs = kernel_costs((row.result, row.figures) for row in listed)
    return [_with_cost(row, cost) for row, cost in zip(listed, costs, strict=True)]


def _with_cost(row: Row, cost: KernelCost | None) -> Row:
    notes = [clean(cost.note)] if cost and cost.note else []
    return replace(row, kernel_cost=cost, notes=row.notes + notes)


def _row(case: CaseResult, around: list[str]) -> Row:
    chosen = [f"auto chose {clean(backend)}" for backend in stats.facts(case, Fact.CHOSEN)]
    notes, sure = around + chosen + [clean(text) for text in stats.notes(case)], stats.confidence(case)
    try:
        return Row(case, MEASURED, "", stats.summary(case), notes, sure)
    except CouldNotMeasure as error:
        status = clean(case.failure.kind) if case.failure else NOT_MEASURED
        return Row(case, status, clean(str(error)), None, notes, sure)


def without_common_notes(listed: list[Row]) -> tuple[list[Row], list[str]]:
    """The rows without the notes that all with a figure have, and those as sentences for below."""
    measured = [set(row.notes) for row in listed if row.figures]
    if len(measured) < 2:
        return listed, []
    common = set.intersection(*measured)
    kept = [replace(row, notes=[note for note in row.notes if note not in common]) for row in listed]
    ordered = [note for row in listed if row.figures for note in row.notes if note in common]
    return kept, [f"All rows: {note}." for note in dict.fromkeys(ordered)]
